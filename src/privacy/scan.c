/* What texts give away, whatever field they are in. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/url.h"
#include "base/url_secret.h"
#include "privacy/bytes.h"
#include "privacy/privacy.h"

enum { FIELD_SIZE = 160, SCAN_MAX = 1 << 20 };

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static void tell(const struct sb_privacy_sink *sink, enum sb_privacy_rule rule, const char *field,
                 const void *value, size_t len)
{
    char whole[FIELD_SIZE];
    if (sink->prefix != NULL) {
        snprintf(whole, sizeof(whole), "%s %s", sink->prefix, field);
        field = whole;
    }
    sink->found(sink->context, rule, field, value, len);
}

/* ---- UTF-16 ------------------------------------------------------------------------------ */

enum sb_privacy_wide sb_privacy_wide(const void *text, size_t len)
{
    const uint8_t *bytes = text;
    size_t zeros[2] = {0};
    if (len >= 4 && bytes[0] == 0xff && bytes[1] == 0xfe)
        return SB_PRIVACY_WIDE_LITTLE;
    if (len >= 4 && bytes[0] == 0xfe && bytes[1] == 0xff)
        return SB_PRIVACY_WIDE_BIG;
    if (len == 0 || memchr(bytes, 0, len) == NULL)
        return SB_PRIVACY_NARROW;
    while (len >= 2 && bytes[len - 1] == 0 && bytes[len - 2] == 0) /* filled up */
        len -= 2;
    for (size_t i = 0; i < len; i++)
        zeros[i % 2] += bytes[i] == 0;
    if (zeros[0] == zeros[1])
        return SB_PRIVACY_NARROW;
    bool big = zeros[0] > zeros[1];
    if (zeros[!big] < 3 || zeros[!big] < len / 4 || zeros[big] > len / 16)
        return SB_PRIVACY_NARROW;
    return big ? SB_PRIVACY_WIDE_BIG : SB_PRIVACY_WIDE_LITTLE;
}

void sb_privacy_narrow(struct sb_buf *out, const uint8_t *bytes, size_t len, bool big)
{
    for (size_t i = 0; i + 1 < len; i += 2) {
        uint16_t c = big ? sb_be16(bytes + i) : sb_le16(bytes + i);
        uint8_t utf8[3] = {(uint8_t)c};
        size_t n = 1;
        if (c == 0)
            break;
        if (i == 0 && c == 0xfeff) /* the mark */
            continue;
        if (c >= 0x800) {
            utf8[0] = (uint8_t)(0xe0 | c >> 12);
            utf8[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
            utf8[2] = (uint8_t)(0x80 | (c & 0x3f));
            n = 3;
        } else if (c >= 0x80) {
            utf8[0] = (uint8_t)(0xc0 | c >> 6);
            utf8[1] = (uint8_t)(0x80 | (c & 0x3f));
            n = 2;
        }
        if (sb_buf_append(out, utf8, n) < 0)
            return;
    }
}

/* ---- e-mail addresses -------------------------------------------------------------------- */

static bool is_local(char c)
{
    return is_alnum(c) || (c != 0 && strchr("._%+-", c) != NULL) || (unsigned char)c >= 0x80;
}

static bool is_domain(char c)
{
    return is_alnum(c) || c == '-' || (unsigned char)c >= 0x80;
}

/* The end of the domain that begins at `at`, if it is one with a dot and letters behind it; else
 * `at`. */
static size_t domain_end(const char *text, size_t len, size_t at)
{
    size_t end = at, label = at, good = at;
    while (end < len) {
        while (end < len && is_domain(text[end]))
            end++;
        size_t n = end - label;
        if (n == 0)
            break;
        if (label > at && n >= 2 && !isdigit((unsigned char)text[end - 1]))
            good = end;
        if (end == len || text[end] != '.')
            break;
        label = ++end;
    }
    return good;
}

/* "icon@2x.png": a size, not a host. */
static bool is_scale(const char *text, size_t len)
{
    size_t digits = 0;
    while (digits < len && isdigit((unsigned char)text[digits]))
        digits++;
    return digits > 0 && digits + 1 < len && text[digits] == 'x' && text[digits + 1] == '.';
}

/* "https://name:password@host": scan_urls tells of it, and does not show it. */
static bool is_in_url(const char *text, size_t at)
{
    while (at > 0 && strchr(" \t\r\n\"'<>/", text[at - 1]) == NULL)
        at--;
    return at >= 3 && strncmp(text + at - 3, "://", 3) == 0;
}

static void scan_emails(const struct sb_privacy_sink *sink, const char *field, const char *text,
                        size_t len)
{
    size_t from = 0;
    for (const char *at; (at = memchr(text + from, '@', len - from)) != NULL;) {
        size_t middle = (size_t)(at - text), begin = middle;
        while (begin > from && is_local(text[begin - 1]))
            begin--;
        size_t end = domain_end(text, len, middle + 1);
        if (begin < middle && end > middle + 1 && !is_scale(at + 1, len - middle - 1) &&
            !is_in_url(text, begin))
            tell(sink, SB_PRIVACY_EMAIL, field, text + begin, end - begin);
        from = end;
    }
}

/* ---- home folders ------------------------------------------------------------------------ */

static const struct {
    const char *text;
    bool drive; /* a drive's letter and a colon stand before it */
} homes[] = {
    {"/home/", false},
    {"/Users/", false},
    {"/Users/", true},
    {"\\Users\\", true},
    {"\\Documents and Settings\\", true},
};

static bool at_home(const char *text, size_t len, size_t at, size_t *name)
{
    if (len - at < 2 || strchr("hHuUdD", text[at + 1]) == NULL) /* most paths are others */
        return false;
    for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++) {
        size_t n = strlen(homes[i].text);
        if (len - at <= n || strncasecmp(text + at, homes[i].text, n) != 0)
            continue;
        /* A folder of a web site is called so, too: "https://example.org/home/news". */
        bool drive = at >= 2 && text[at - 1] == ':' && isalpha((unsigned char)text[at - 2]);
        bool start = at == 0 || !(is_alnum(text[at - 1]) || strchr("._-~)]}%", text[at - 1]));
        *name = at + n;
        if (homes[i].drive ? drive : start && text[at] != text[at + n])
            return is_alnum(text[*name]) || (unsigned char)text[*name] >= 0x80 ||
                   text[*name] == '_';
    }
    return false;
}

static void scan_homes(const struct sb_privacy_sink *sink, const char *field, const char *text,
                       size_t len)
{
    static const char *const nobody[] = {"Public", "Shared", "Default"};
    for (size_t at = 0; at < len; at++) {
        size_t name;
        if ((text[at] != '/' && text[at] != '\\') || !at_home(text, len, at, &name))
            continue;
        size_t end = name;
        while (end < len && strchr("/\\\"'<>|;,\r\n\t", text[end]) == NULL)
            end++;
        bool somebody = true;
        for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++)
            somebody &=
                end - name != strlen(nobody[i]) || strncmp(text + name, nobody[i], end - name) != 0;
        size_t begin = at >= 2 && text[at - 1] == ':' ? at - 2 : at;
        if (somebody)
            tell(sink, SB_PRIVACY_HOME_FOLDER, field, text + begin, end - begin);
        at = end;
    }
}

/* ---- addresses that give access ---------------------------------------------------------- */

/* Who looked often stands in an address as "maria%40example.org", also encoded once more. */
static void scan_encoded(const struct sb_privacy_sink *sink, const char *field, const char *url,
                         size_t len)
{
    enum { ROUNDS = 5 };
    struct sb_buf now = {0};
    int r = memchr(url, '%', len) != NULL ? sb_url_decode(&now, url, len) : -1;
    for (int i = 0; r == 0 && i < ROUNDS; i++) {
        struct sb_buf next = {0};
        if (memchr(now.data, '@', now.len) != NULL) {
            scan_emails(sink, field, (const char *)now.data, now.len);
            break;
        }
        r = sb_url_decode(&next, (const char *)now.data, now.len);
        bool same = next.len == now.len;
        sb_buf_free(&now);
        now = next;
        if (same)
            break;
    }
    sb_buf_free(&now);
}

/* How much of an address of which something is secret can be shown: up to its query, or its host's
 * end when the secret is in the path, or nothing when somebody's name stands before the host. */
static size_t shown_length(const char *text, size_t begin, size_t host, size_t end)
{
    size_t path = host;
    while (path < end && strchr("?#@/", text[path]) == NULL)
        path++;
    size_t shown = path;
    if (shown < end && text[shown] == '@')
        return host;
    while (shown < end && text[shown] != '?' && text[shown] != '#' && text[shown] != '@')
        shown++;
    return sb_url_tells(text + begin, shown - begin) == 0 ? shown : path;
}

static void scan_urls(const struct sb_privacy_sink *sink, const char *field, const char *text,
                      size_t len)
{
    size_t at = 0;
    while (at + 3 < len) {
        const char *mark = memchr(text + at, ':', len - at);
        if (mark == NULL)
            break;
        size_t colon = (size_t)(mark - text), begin = colon;
        if (colon + 3 > len || text[colon + 1] != '/' || text[colon + 2] != '/') {
            at = colon + 1;
            continue;
        }
        while (begin > at && (is_alnum(text[begin - 1]) || strchr("+-.", text[begin - 1])))
            begin--;
        size_t end = colon + 3;
        while (end < len && (unsigned char)text[end] > ' ' && text[end] != '"' &&
               text[end] != '<' && text[end] != '>')
            end++;
        if (sb_url_tells(text + begin, end - begin) == 1) {
            char value[200];
            size_t shown = shown_length(text, begin, colon + 3, end);
            int n = snprintf(value, sizeof(value), "%.*s...",
                             (int)(shown - begin < 150 ? shown - begin : 150), text + begin);
            tell(sink, SB_PRIVACY_URL_SECRET, field, value, n > 0 ? (size_t)n : 0);
        }
        scan_encoded(sink, field, text + begin, end - begin);
        at = end;
    }
}

/* ---- names ------------------------------------------------------------------------------- */

static bool part_of_word(const char *text, size_t len, size_t at)
{
    return at < len && (is_alnum(text[at]) || (unsigned char)text[at] >= 0x80);
}

static bool holds_name(const char *text, size_t len, const char *name)
{
    size_t n = strlen(name);
    char lower = (char)tolower((unsigned char)name[0]),
         upper = (char)toupper((unsigned char)name[0]);
    for (size_t at = 0; n > 0 && n <= len && at <= len - n; at++) {
        if ((text[at] == lower || text[at] == upper) && strncasecmp(text + at, name, n) == 0 &&
            !part_of_word(text, len, at + n) && (at == 0 || !part_of_word(text, len, at - 1)))
            return true;
    }
    return false;
}

static void scan_names(const struct sb_privacy_sink *sink, const char *field, const char *text,
                       size_t len)
{
    for (size_t i = 0; i < sink->name_count; i++) {
        if (holds_name(text, len, sink->names[i])) {
            tell(sink, SB_PRIVACY_USER_NAME, field, text, len);
            return;
        }
    }
}

/* ---- all --------------------------------------------------------------------------------- */

static void scan_text(const struct sb_privacy_sink *sink, const char *field, const char *text,
                      size_t len)
{
    scan_emails(sink, field, text, len);
    scan_homes(sink, field, text, len);
    scan_urls(sink, field, text, len);
    scan_names(sink, field, text, len);
}

/* An address has a "/" in it. What begins with 0xFF or 0xFE may be UTF-16. */
bool sb_privacy_may_tell(const char *text)
{
    static const bool telling[256] = {
        [0] = true, ['@'] = true, ['/'] = true, ['\\'] = true, [0xfe] = true, [0xff] = true};
    while (!telling[(uint8_t)*text])
        text++;
    return *text != 0;
}

/* What follows a zero is in the file as well. */
void sb_privacy_scan(const struct sb_privacy_sink *sink, const char *field, const char *text,
                     size_t len)
{
    len = len < SCAN_MAX ? len : SCAN_MAX;
    enum sb_privacy_wide wide = sb_privacy_wide(text, len);
    if (wide != SB_PRIVACY_NARROW) {
        struct sb_buf narrow = {0};
        sb_privacy_narrow(&narrow, (const uint8_t *)text, len, wide == SB_PRIVACY_WIDE_BIG);
        if (narrow.len > 0)
            scan_text(sink, field, (const char *)narrow.data, narrow.len);
        sb_buf_free(&narrow);
        return;
    }
    for (size_t at = 0; at < len;) {
        size_t n = strnlen(text + at, len - at);
        if (n > 0)
            scan_text(sink, field, text + at, n);
        at += n + 1;
    }
}

void sb_privacy_scan_name(const struct sb_privacy_sink *sink, const char *name)
{
    static const char field[] = "the name of the file";
    size_t len = strlen(name);
    scan_emails(sink, field, name, len);
    scan_names(sink, field, name, len);
}

/* False when it says nothing. */
static bool tell_value(const struct sb_privacy_sink *sink, enum sb_privacy_rule rule,
                       const char *field, const char *text, size_t len)
{
    bool blank = true, zero = true;
    while (len > 0 && (unsigned char)text[len - 1] <= ' ')
        len--;
    for (size_t i = 0; i < len; i++) {
        blank &= (unsigned char)text[i] <= ' ';
        zero &= text[i] == '0' || text[i] == ' ';
    }
    /* Cameras without a number say 0. */
    if (blank || (zero && rule == SB_PRIVACY_SERIAL_NUMBER))
        return false;
    tell(sink, rule, field, text, len);
    return true;
}

void sb_privacy_value(const struct sb_privacy_sink *sink, enum sb_privacy_rule rule,
                      const char *field, const void *value, size_t len)
{
    const char *text = value;
    enum sb_privacy_wide wide = sb_privacy_wide(text, len);
    if (wide != SB_PRIVACY_NARROW) {
        struct sb_buf narrow = {0};
        sb_privacy_narrow(&narrow, value, len, wide == SB_PRIVACY_WIDE_BIG);
        if (narrow.len > 0)
            tell_value(sink, rule, field, (const char *)narrow.data, narrow.len);
        sb_buf_free(&narrow);
        return;
    }
    for (size_t at = 0; at < len;) {
        size_t n = strnlen(text + at, len - at);
        if (tell_value(sink, rule, field, text + at, n))
            return;
        at += n + 1;
    }
}
