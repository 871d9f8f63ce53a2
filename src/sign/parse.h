/* What the parsers of this room share, private to it: lines, SSH's length-prefixed strings, and the
 * OpenSSH blob of an Ed25519 key, plain or FIDO. */
#ifndef SB_SIGN_PARSE_H
#define SB_SIGN_PARSE_H

#include "sign/sign.h"

/* What stock minisign reads: fgets into 1024 and 8192 bytes, less the prefix and the line end. */
enum { SB_UNTRUSTED_MAX = 1003, SB_TRUSTED_MAX = 8173 };

#define SB_UNTRUSTED_PREFIX "untrusted comment: "
#define SB_TRUSTED_PREFIX   "trusted comment: "

/* Part of the parsed bytes; borrowed, not NUL-terminated. */
struct sb_span {
    const char *at;
    size_t len;
};

/* All lines end with LF or all with CRLF; only the last one may have no end. */
struct sb_sign_lines {
    const char *at;
    size_t left;
    size_t number; /* of the line that was taken last, from 1 */
    int ends;      /* length of the line end that the first line had; 0 before */
};

/* These return NULL, or a static phrase that completes "line <number> ...". */
const char *sb_sign_lines_start(struct sb_sign_lines *lines, const uint8_t *bytes, size_t len);
const char *sb_sign_lines_next(struct sb_span *line, struct sb_sign_lines *lines);
/* A line of the prefix and a comment of at most `max` bytes without control characters but TAB. */
const char *sb_sign_lines_comment(struct sb_span *text, struct sb_sign_lines *lines,
                                  const char *prefix, size_t max);
/* A line that is the base64 of n bytes. */
const char *sb_sign_lines_base64(uint8_t *out, size_t n, struct sb_sign_lines *lines);
/* That nothing follows. */
const char *sb_sign_lines_end(struct sb_sign_lines *lines);

/* Joins the base64 between "-----BEGIN <what>-----" and "-----END <what>-----", which are all that
 * there is, into out, which has room for len bytes; lines of 1 to 76 characters. NULL, or a static
 * phrase, "it ...", "its ...". */
const char *sb_sign_armor(char *out, size_t *out_len, const char *what, const uint8_t *bytes,
                          size_t len);

/* Whether there is a control character (C0, DEL, C1) in it; TAB counts unless `tab_allowed`. */
bool sb_span_has_control(struct sb_span span, bool tab_allowed);
bool sb_span_is(struct sb_span span, const char *text);
bool sb_span_starts(struct sb_span span, const char *prefix);
/* Takes what is before the separator off *rest, and the separator; the last part has none. */
struct sb_span sb_span_take(struct sb_span *rest, char separator);
/* Its first bytes escaped for a message; a longer one ends in "...". Returns out. */
enum { SB_SHOWN_SIZE = 320 };
const char *sb_span_show(char out[SB_SHOWN_SIZE], struct sb_span span);

/* How many bytes base64 text with padding stands for; false when it cannot be one. */
bool sb_base64_size(size_t *n, const char *text, size_t len);

/* RFC 4251, section 5: u32 big-endian; string = u32 length | bytes. False at the end. */
struct sb_wire {
    const uint8_t *at;
    size_t left;
};
bool sb_wire_u32(uint32_t *value, struct sb_wire *wire);
bool sb_wire_string(struct sb_span *string, struct sb_wire *wire);

/* Writes a string and returns where it ends; bytes may be NULL when len is 0. */
uint8_t *sb_ssh_string_write(uint8_t *to, const void *bytes, uint32_t len);

/* The types of key that sign seals. */
#define SB_SSH_PLAIN "ssh-ed25519"
#define SB_SSH_FIDO  "sk-ssh-ed25519@openssh.com"

/* The public key blob: RFC 8709, section 4, or, of a FIDO key, PROTOCOL.u2f. An application is 1 to
 * 128 bytes without control characters. Writing returns the length. */
size_t sb_ssh_blob_write(uint8_t out[SB_SSH_BLOB_MAX], const struct sb_identity *identity);
bool sb_ssh_blob_read(struct sb_identity *out, const void *blob, size_t len);
/* The same from base64. */
bool sb_ssh_blob_decode(struct sb_identity *out, struct sb_span base64);

#endif
