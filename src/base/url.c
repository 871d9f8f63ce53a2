#include "base/url.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/url_secret.h"

/* A text that is given part by part. */
struct part {
    const char *text;
    size_t len;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 3986, section 2.3 */
static bool is_unreserved(char c)
{
    return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/* Section 2.2 */
static bool is_sub_delim(char c)
{
    return c != 0 && strchr("!$&'()*+,;=", c) != NULL;
}

void sb_url_findings_free(struct sb_url_findings *findings)
{
    free(findings->items);
    sb_arena_free(&findings->names);
    *findings = (struct sb_url_findings){0};
}

/* ---- the parts of a URL ----------------------------------------------------------------- */

struct url {
    struct part scheme;
    bool has_authority, has_user, has_query, has_fragment;
    struct part user;
    struct part host; /* with the port */
    struct part path, query;
};

/* Section 3.1: the length of the scheme, or 0. */
static size_t scheme_length(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && (is_letter(text[n]) ||
                       (n > 0 && text[n] != 0 && strchr("0123456789+-.", text[n]) != NULL)))
        n++;
    return n < len && text[n] == ':' ? n : 0;
}

bool sb_url_scheme_is(const char *text, size_t len, const char *scheme)
{
    size_t n = scheme_length(text, len);
    if (n == 0 || n != strlen(scheme))
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
        if (c != scheme[i])
            return false;
    }
    return true;
}

/* Where the first of these characters is, or the end. */
static size_t find_any(const char *text, size_t len, const char *characters)
{
    size_t n = 0;
    while (n < len && (text[n] == 0 || strchr(characters, text[n]) == NULL))
        n++;
    return n;
}

/* Appendix B. False when there is no scheme, or more than one "@" before the host. */
static bool split(struct url *url, const char *text, size_t len)
{
    *url = (struct url){.scheme = {text, scheme_length(text, len)}};
    if (url->scheme.len == 0)
        return false;
    size_t at = url->scheme.len + 1;
    if (len - at >= 2 && memcmp(text + at, "//", 2) == 0) {
        at += 2;
        size_t n = find_any(text + at, len - at, "/?#");
        const char *sign = memchr(text + at, '@', n);
        size_t user = sign != NULL ? (size_t)(sign - (text + at)) + 1 : 0;
        url->has_authority = true;
        url->has_user = sign != NULL;
        url->user = (struct part){text + at, user > 0 ? user - 1 : 0};
        url->host = (struct part){text + at + user, n - user};
        if (memchr(url->host.text, '@', url->host.len) != NULL)
            return false;
        at += n;
    }
    size_t n = find_any(text + at, len - at, "?#");
    url->path = (struct part){text + at, n};
    at += n;
    if (at < len && text[at] == '?') {
        at++;
        n = find_any(text + at, len - at, "#");
        url->has_query = true;
        url->query = (struct part){text + at, n};
        at += n;
    }
    /* What it holds does not matter, since it is cut. */
    url->has_fragment = at < len;
    return true;
}

/* "%" and two hex digits. */
static bool is_encoded(const char *text, size_t len)
{
    uint8_t byte;
    return len >= 3 && text[0] == '%' && sb_hex_decode(&byte, 1, text + 1, 2, true);
}

/* Section 3.2.2: IP-literal, without its brackets. */
static bool is_ip_literal(const char *text, size_t len)
{
    char copy[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (len > 0 && (text[0] == 'v' || text[0] == 'V')) {
        size_t at = 1;
        while (at < len && (is_digit(text[at]) || (is_letter(text[at]) && (text[at] | 32) <= 'f')))
            at++;
        size_t digits = at - 1;
        bool good = digits > 0 && at + 1 < len && text[at] == '.';
        for (at++; good && at < len; at++)
            good = is_unreserved(text[at]) || is_sub_delim(text[at]) || text[at] == ':';
        return good;
    }
    if (len >= sizeof(copy) || memchr(text, 0, len) != NULL)
        return false;
    memcpy(copy, text, len);
    copy[len] = 0;
    return inet_pton(AF_INET6, copy, &address) == 1;
}

static bool is_port(const char *text, size_t len)
{
    unsigned value = 0;
    if (len > 5)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!is_digit(text[i]))
            return false;
        value = value * 10 + (unsigned)(text[i] - '0');
    }
    return value <= 65535;
}

/* How many characters can stand in a host, or with ":" in what is before it (sections 3.2.1 and
 * 3.2.2). */
static size_t name_length(struct part part, bool colon)
{
    size_t n = 0;
    while (n < part.len) {
        if (is_encoded(part.text + n, part.len - n))
            n += 3;
        else if (is_unreserved(part.text[n]) || is_sub_delim(part.text[n]) ||
                 (colon && part.text[n] == ':'))
            n++;
        else
            break;
    }
    return n;
}

/* Section 3.2: the host, with a port. */
static bool is_host(struct part host)
{
    const char *text = host.text;
    size_t n = 0;
    if (host.len > 0 && text[0] == '[') {
        const char *end = memchr(text, ']', host.len);
        if (end == NULL || !is_ip_literal(text + 1, (size_t)(end - text) - 1))
            return false;
        n = (size_t)(end - text) + 1;
    } else {
        n = name_length(host, false);
    }
    return n == host.len || (text[n] == ':' && is_port(text + n + 1, host.len - n - 1));
}

/* Schemes whose addresses mean nothing without a host. */
static bool needs_host(const struct url *url)
{
    static const char *const schemes[] = {"ftp", "ftps", "http", "https", "sftp", "ws", "wss"};
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (sb_url_scheme_is(url->scheme.text, url->scheme.len + 1, schemes[i]))
            return true;
    }
    return false;
}

/* Appends a path or a query in the form of RFC 3986. 1, 0 when it holds what cannot be there, or
 * MEMORY. */
static int append_encoded(struct sb_buf *out, struct part part, bool query)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < part.len;) {
        const char *at = part.text + i;
        uint32_t code;
        size_t n = sb_utf8_decode(&code, at, part.len - i);
        if (is_encoded(at, part.len - i)) {
            n = 3;
            r = sb_buf_append(out, at, n);
        } else if (n == 1 && (is_unreserved(*at) || is_sub_delim(*at) || *at == ':' || *at == '@' ||
                              *at == '/' || (query && *at == '?'))) {
            r = sb_buf_append(out, at, n);
        } else if (n > 0 && (n > 1 ? !sb_code_hidden(code) && !sb_code_space(code)
                                   : *at != 0 && strchr("[]{}|^`", *at) != NULL)) {
            for (size_t j = 0; r == 0 && j < n; j++)
                r = sb_buf_printf(out, "%%%02X", (unsigned)(uint8_t)at[j]);
        } else {
            return 0;
        }
        i += n;
    }
    return r < 0 ? r : 1;
}

/* ---- what is found ---------------------------------------------------------------------- */

/* The name for people, or NULL. 0 or MEMORY. */
static int name_of(const char **out, struct sb_url_findings *findings, const char *name, size_t len)
{
    enum { NAME_SHOWN = 60 };
    struct sb_buf decoded = {0}, shown = {0};
    *out = NULL;
    int r = sb_url_decode(&decoded, name, len);
    if (r == 0 && decoded.len > 0 && decoded.len <= NAME_SHOWN &&
        !sb_url_looks_random((const char *)decoded.data, decoded.len)) {
        r = sb_url_tells((const char *)decoded.data, decoded.len);
        if (r == 0)
            r = sb_text_escape(&shown, (const char *)decoded.data, decoded.len);
        else if (r > 0)
            r = 0;
        if (r == 0 && shown.len > 0) {
            *out = sb_arena_copy(&findings->names, shown.data, shown.len);
            r = *out == NULL ? SEALBAG_ERR_MEMORY : 0;
        }
    }
    sb_buf_free(&decoded);
    sb_buf_free(&shown);
    return r;
}

/* `name` may be NULL. */
static int find(struct sb_url_findings *findings, enum sb_url_kind kind, const char *name,
                size_t len)
{
    struct sb_url_finding *item;
    void *grown =
        sb_array_grow(findings->items, &findings->cap, findings->count, sizeof(*findings->items));
    if (grown == NULL)
        return SEALBAG_ERR_MEMORY;
    findings->items = grown;
    item = &findings->items[findings->count];
    *item = (struct sb_url_finding){.kind = kind};
    int r = name != NULL ? name_of(&item->name, findings, name, len) : 0;
    if (r == 0)
        findings->count++;
    return r;
}

/* ---- parameters ------------------------------------------------------------------------- */

/* A piece of a query or path: "name=value", or only one of the two. */
static struct part name_in(struct part piece)
{
    return (struct part){piece.text, find_any(piece.text, piece.len, "=")};
}

/* Whether the piece must be cut. 1, 0 or MEMORY. */
static int is_secret(struct part piece, bool password)
{
    struct part name = name_in(piece);
    int r = sb_url_secret_name(name.text, name.len);
    if (r == 0 && password)
        r = sb_url_is_account(name.text, name.len);
    return r == 0 ? sb_url_tells(piece.text, piece.len) : r;
}

/* A value without a name is not told. */
static int note(struct sb_url_findings *findings, enum sb_url_kind kind, struct part piece)
{
    struct part name = name_in(piece);
    return find(findings, kind, name.len < piece.len ? name.text : NULL, name.len);
}

static int note_doubt(struct sb_url_findings *findings, struct part piece)
{
    struct part name = name_in(piece), value = piece;
    struct sb_buf decoded = {0};
    if (name.len < piece.len)
        value = (struct part){piece.text + name.len + 1, piece.len - name.len - 1};
    int r = sb_url_decode(&decoded, value.text, value.len);
    if (r == 0 && sb_url_looks_random((const char *)decoded.data, decoded.len))
        r = note(findings, SB_URL_DOUBTFUL, piece);
    sb_buf_free(&decoded);
    return r;
}

/* Whether a password is among the parameters: then a name beside it is that of its account. */
static int has_password(struct part query)
{
    int r = 0;
    for (size_t at = 0; r == 0 && at < query.len;) {
        size_t n = find_any(query.text + at, query.len - at, "&;");
        struct part name = name_in((struct part){query.text + at, n});
        r = sb_url_is_password(name.text, name.len);
        at += n + 1;
    }
    return r;
}

/* Appends the pieces that are kept, each with the sign before it; `whole` is set when none was
 * cut. Both "&" and ";" separate, since servers take either. 0 or MEMORY. */
static int keep_parameters(struct sb_buf *out, bool *whole, struct sb_url_findings *findings,
                           struct part query)
{
    size_t begun = out->len;
    int password = has_password(query), r = password < 0 ? password : 0;
    *whole = true;
    for (size_t at = 0; r == 0 && at <= query.len;) {
        struct part piece = {query.text + at, find_any(query.text + at, query.len - at, "&;")};
        int cut = is_secret(piece, password > 0);
        if (cut < 0) {
            r = cut;
        } else if (cut > 0) {
            *whole = false;
            r = note(findings, SB_URL_PARAMETER, piece);
        } else {
            if (at > 0 && out->len > begun)
                r = sb_buf_append(out, query.text + at - 1, 1);
            if (r == 0)
                r = sb_buf_append(out, piece.text, piece.len);
            if (r == 0)
                r = note_doubt(findings, piece);
        }
        at += piece.len + 1;
    }
    return r;
}

/* Section 3.3: what follows ";" in a segment is often a session. 0 or MEMORY. */
static int keep_segments(struct sb_buf *out, struct sb_url_findings *findings, struct part path)
{
    int r = 0;
    for (size_t at = 0; r == 0 && at < path.len;) {
        struct part piece = {path.text + at, 1};
        piece.len += find_any(piece.text + 1, path.len - at - 1, "/;");
        struct part parameter = {piece.text + 1, piece.len - 1};
        int cut = piece.text[0] == ';' ? is_secret(parameter, false) : 0;
        if (cut < 0)
            r = cut;
        else if (cut > 0)
            r = note(findings, SB_URL_PARAMETER, parameter);
        else
            r = sb_buf_append(out, piece.text, piece.len);
        at += piece.len;
    }
    return r;
}

/* ---- all of it -------------------------------------------------------------------------- */

static bool is_well_formed(const struct url *url)
{
    if (url->has_authority ? !is_host(url->host) : needs_host(url))
        return false;
    if (name_length(url->user, true) != url->user.len)
        return false;
    return !needs_host(url) || (url->host.len > 0 && url->host.text[0] != ':');
}

static int append_all(struct sb_buf *out, const struct url *url, const struct sb_buf *path,
                      const struct sb_buf *query)
{
    int r = sb_buf_append(out, url->scheme.text, url->scheme.len + 1);
    if (r == 0 && url->has_authority)
        r = sb_buf_puts(out, "//");
    if (r == 0)
        r = sb_buf_append(out, url->host.text, url->host.len);
    if (r == 0)
        r = sb_buf_append(out, path->data, path->len);
    if (r == 0 && query != NULL)
        r = sb_buf_puts(out, "?");
    if (r == 0 && query != NULL)
        r = sb_buf_append(out, query->data, query->len);
    return r;
}

/* The buffers are the caller's to free: encoded path and query, and what is kept of them. */
static int clean(struct sb_buf *out, struct sb_url_findings *findings, const struct url *url,
                 struct sb_buf encoded[2], struct sb_buf kept[2])
{
    int good = append_encoded(&encoded[0], url->path, false);
    if (good == 1)
        good = append_encoded(&encoded[1], url->query, true);
    if (good <= 0)
        return good < 0 ? good : SB_URL_MALFORMED;
    const struct part path = {(const char *)encoded[0].data, encoded[0].len};
    const struct part query = {(const char *)encoded[1].data, encoded[1].len};
    bool whole = true;
    int r = url->has_user ? find(findings, SB_URL_USER, NULL, 0) : 0;
    if (r == 0)
        r = keep_segments(&kept[0], findings, path);
    /* What was cut must not make a host of the path. */
    if (r == 0 && !url->has_authority && kept[0].len >= 2 && memcmp(kept[0].data, "//", 2) == 0)
        return SB_URL_TANGLED;
    if (r == 0 && url->has_query)
        r = keep_parameters(&kept[1], &whole, findings, query);
    if (r == 0 && url->has_fragment)
        r = find(findings, SB_URL_FRAGMENT, NULL, 0);
    bool ask = url->has_query && (whole || kept[1].len > 0);
    size_t begun = out->len;
    if (r == 0)
        r = append_all(out, url, &kept[0], ask ? &kept[1] : NULL);
    /* In the host, in the path, or in both together. */
    if (r == 0)
        r = sb_url_tells((const char *)out->data + begun, out->len - begun);
    return r > 0 ? (int)SB_URL_TANGLED : r;
}

int sb_url_clean(struct sb_buf *out, struct sb_url_findings *findings, const char *text, size_t len)
{
    struct url url;
    struct sb_buf encoded[2] = {{0}}, kept[2] = {{0}};
    size_t begun = out->len;
    if (len > SB_URL_MAX || !split(&url, text, len) || !is_well_formed(&url))
        return SB_URL_MALFORMED;
    int r = 0;
    for (int i = 0; r == 0 && i < 2; i++) {
        r = sb_buf_reserve(&encoded[i], 0);
        if (r == 0)
            r = sb_buf_reserve(&kept[i], 0);
    }
    if (r == 0)
        r = clean(out, findings, &url, encoded, kept);
    for (int i = 0; i < 2; i++) {
        sb_buf_free(&encoded[i]);
        sb_buf_free(&kept[i]);
    }
    if (r != SB_URL_GOOD && out->data != NULL) {
        out->len = begun;
        out->data[begun] = 0;
    }
    return r;
}
