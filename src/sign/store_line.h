/* What the two files of a trust store share, private to their parsers: lines and their fields,
 * Ed25519 keys in them, dates, and refusals that say which line is wrong. */
#ifndef SB_SIGN_STORE_LINE_H
#define SB_SIGN_STORE_LINE_H

#include "sign/parse.h"

struct sb_store_place {
    char file[400]; /* escaped */
    size_t line;    /* from 1 */
    struct sb_error *error;
};

#define SB_STORE_CORRECT "Correct the line, or remove it."

/* SEALBAG_ERR_TRUST: "FILE, line N: <what><text><after>, so the whole file is refused. <advice>" */
int sb_store_refuse_text(const struct sb_store_place *place, const char *what, struct sb_span text,
                         const char *after, const char *advice);
int sb_store_refuse(const struct sb_store_place *place, const char *what, const char *advice);

/* Starts with the file's text, which may not begin with a byte order mark. */
int sb_store_start(struct sb_store_place *place, struct sb_span *text, const uint8_t *bytes,
                   size_t len, const char *file, struct sb_error *error);
/* Takes the next line without its end; false at the end. */
bool sb_store_next(struct sb_span *line, struct sb_span *text);
/* That it ends with LF and is UTF-8 without control characters. */
int sb_store_check_line(const struct sb_store_place *place, struct sb_span line);

/* Takes the spaces at the beginning. */
struct sb_span sb_store_take_spaces(struct sb_span *rest);
/* Takes what is before the next space; one between quotes does not count. */
struct sb_span sb_store_take_word(struct sb_span *rest);

/* The key in base64. An Ed25519 one, plain or FIDO, is read; another one must at least be of the
 * type that it says. */
int sb_store_read_key(struct sb_identity *signer, const struct sb_store_place *place,
                      struct sb_span type, struct sb_span base64);

/* What completes "the name X ", or NULL. */
const char *sb_store_name_bad(struct sb_span name);

#endif
