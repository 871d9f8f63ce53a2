/* Shared by url.c and url_secret.c only. */
#ifndef SB_BASE_URL_SECRET_H
#define SB_BASE_URL_SECRET_H

#include "base/url.h"

/* Percent-decodes once; a "%" that encodes nothing stands for itself. */
int sb_url_decode(struct sb_buf *out, const char *text, size_t len);

/* Whether a parameter of this name is a password; whether it is what belongs to one. 1, 0, or
 * MEMORY. */
int sb_url_is_password(const char *name, size_t len);
int sb_url_is_account(const char *name, size_t len);

/* Whether a decoded value is long, without words, and made of what tokens are made of. */
bool sb_url_looks_random(const char *text, size_t len);

#endif
