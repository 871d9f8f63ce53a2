/* URLs (RFC 3986), and what must not go along with one when it is handed on: a password, what
 * gives access, who it was that looked. */
#ifndef SB_BASE_URL_H
#define SB_BASE_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum sb_url_kind {
    SB_URL_USER,      /* what stands before the host: a user name, perhaps a password. Cut */
    SB_URL_FRAGMENT,  /* what follows "#", which a server never sees. Cut */
    SB_URL_PARAMETER, /* it gives access, or tells who looked, by its name or its value. Cut */
    SB_URL_DOUBTFUL,  /* a parameter with a long value that looks random. Kept: it is as often what
                       * the address points to as what opens it */
};

struct sb_url_finding {
    enum sb_url_kind kind;
    /* Of a parameter: decoded, escaped for a terminal, never its value; NULL when what stands in
     * the place of a name might be the secret itself. */
    const char *name;
};

/* In the order of the URL. Zero-initialise; free with sb_url_findings_free. */
struct sb_url_findings {
    struct sb_url_finding *items;
    size_t count, cap;
    struct sb_arena names;
};
void sb_url_findings_free(struct sb_url_findings *findings);

enum sb_url_result {
    SB_URL_GOOD,
    SB_URL_MALFORMED, /* it is no URL of RFC 3986 */
    SB_URL_TANGLED,   /* a secret is in its path, or in an address within it: nothing can be cut
                       * there without making it another one */
};

enum { SB_URL_MAX = 64 << 10 };

/* Appends the URL without what is to be cut, and adds what was found to `findings`. A URL has a
 * scheme; a relative one is malformed. What browsers leave unencoded in a path or query, such as
 * "|" and letters beyond ASCII, is percent-encoded (RFC 3987, section 3.1), so that the result is
 * in the form of RFC 3986. Appends nothing unless the result is GOOD. A negative code: MEMORY, and
 * then the findings may be incomplete. */
int sb_url_clean(struct sb_buf *out, struct sb_url_findings *findings, const char *text,
                 size_t len);

/* Whether a text, also percent-encoded, holds an address with a user name or with a parameter that
 * sb_url_clean would cut, or a secret that is known by its form. 1, 0, or MEMORY. */
int sb_url_tells(const char *text, size_t len);

/* Whether a parameter of this name gives access or tells who looked. `name` is as it stands in the
 * URL, encoded or not. 1, 0, or MEMORY. */
int sb_url_secret_name(const char *name, size_t len);

/* Whether it begins as a URL of that scheme does; the scheme without its colon, lower case. */
bool sb_url_scheme_is(const char *text, size_t len, const char *scheme);

#endif
