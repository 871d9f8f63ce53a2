/* The lines of signed texts: "Label: value" and LF, in one spelling. */
#ifndef SB_BASE_LABEL_H
#define SB_BASE_LABEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Takes such a line off the front when it is there. The value is borrowed, not NUL-terminated. */
bool sb_label_take(const char **at, const char *end, const char *label, const char **value,
                   size_t *len);

/* The same for a SHA-256 digest in lower-case hex. */
bool sb_label_take_sha256(const char **at, const char *end, const char *label, uint8_t out[32]);

/* Whether it is a fingerprint: "SHA256:" and the base64 of 32 bytes without padding. */
bool sb_label_is_fingerprint(const char *value, size_t len);

#endif
