/* A custody event: one hand-over, copy, inspection or remark after a bag was sealed. Written and
 * read in exactly one form:
 *
 *   Custody-Version: 1                   so that it can never be taken for a seal.txt
 *   Event: <a word, such as transfer>
 *   By: SHA256:<fingerprint>             whose word it is; the same key signs it
 *   To: <a name>                         optional
 *   Date: <UTC, RFC 3339, whole seconds>
 *   Seal: <64 hex digits>                the bag's seal id
 *   Previous: <64 hex digits>            SHA-256 of the event before; of the first one, the seal id
 *   Note: <a line of text>               optional
 *   Signatures: <64 hex digits>[ <64 hex digits>]...
 *                                        SHA-256 of each signature then in seal/, ascending
 */
#ifndef SB_RECORD_CUSTODY_H
#define SB_RECORD_CUSTODY_H

#include <stdbool.h>

#include "base/buf.h"
#include "hash/digest.h"

enum {
    SB_CUSTODY_WORD_MAX = 32,
    SB_CUSTODY_TO_MAX = 255,
    SB_CUSTODY_NOTE_MAX = 1000,
    SB_CUSTODY_SIGNATURES_MAX = 4000,
};

struct sb_custody_event {
    char event[SB_CUSTODY_WORD_MAX + 1];
    char by[SEALBAG_FINGERPRINT_SIZE];
    char to[SB_CUSTODY_TO_MAX + 1]; /* "": not stated */
    int64_t date;
    uint8_t seal[SB_SHA256_SIZE], previous[SB_SHA256_SIZE];
    char note[SB_CUSTODY_NOTE_MAX + 1]; /* "": not stated */
    /* The hex digests with spaces between them: part of the parsed bytes, not NUL-terminated. */
    const char *signatures;
    size_t signature_count;
};

/* An error with the rule custody.syntax (DAMAGED) or custody.version (UNSUPPORTED); then *out is
 * zero. */
int sb_custody_parse(struct sb_custody_event *out, const uint8_t *bytes, size_t len,
                     struct sb_error *error);
/* Appends the event's text. What is not well-formed is written so, and would not parse. */
int sb_custody_format(struct sb_buf *out, const struct sb_custody_event *event);

/* The digest of one of the signatures, i < signature_count. */
void sb_custody_signature(uint8_t out[SB_SHA256_SIZE], const struct sb_custody_event *event,
                          size_t i);

/* What an event may be called, and what To and Note may hold: 1 to `max` bytes of UTF-8 without
 * hidden characters, with single plain spaces as the only white space, and none at either end. */
bool sb_custody_is_word(const char *text, size_t len);
bool sb_custody_is_line(const char *text, size_t len, size_t max);

#endif
