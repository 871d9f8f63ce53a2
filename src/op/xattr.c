#include "op/xattr.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/text.h"
#include "base/url.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Linux lets no value and no list of names be larger. */
enum { VALUE_MAX = 64 << 10 };

static const char rule_cut[] = "metadata.url-cut";
static const char rule_doubtful[] = "metadata.url-doubtful";
static const char rule_left_out[] = "metadata.left-out";

enum form { TEXT, ADDRESS, REFERRER };

static const struct {
    const char *name;
    enum sb_known known;
    enum form form;
} attributes[] = {
    {"user.dublincore.title", SB_KNOWN_TITLE, TEXT},
    {"user.dublincore.creator", SB_KNOWN_CREATOR, TEXT},
    {"user.dublincore.publisher", SB_KNOWN_PUBLISHER, TEXT},
    {"user.xdg.origin.url", SB_KNOWN_SOURCE, ADDRESS},
    {"user.dublincore.source", SB_KNOWN_SOURCE, TEXT},
    {"user.dublincore.date", SB_KNOWN_DATE, TEXT},
    {"user.xdg.referrer.url", SB_KNOWN_DETAIL, REFERRER},
    {"user.dublincore.language", SB_KNOWN_LANGUAGE, TEXT},
    {"user.dublincore.rights", SB_KNOWN_RIGHTS, TEXT},
    {"user.dublincore.description", SB_KNOWN_DESCRIPTION, TEXT},
};
static_assert(COUNT(attributes) <= SB_KNOWN_VALUES_MAX, "there is a place for each");

const char *sb_known_column(enum sb_known known)
{
#define COLUMN(name, column) column,
    static const char *const columns[] = {SB_KNOWN(COLUMN)};
#undef COLUMN
    return columns[known];
}

/* ---- notes ------------------------------------------------------------------------------ */

static int note(struct sb_known_value *out, struct sb_arena *arena, const char *rule, bool warning,
                const struct sb_buf *sentence)
{
    const char *copy = sb_arena_copy(arena, sentence->data, sentence->len);
    if (copy == NULL)
        return SEALBAG_ERR_MEMORY;
    out->notes[out->note_count++] = (struct sb_known_note){rule, warning, copy};
    return 0;
}

/* `why` completes "was left out: ...". */
static int leave_out(struct sb_known_value *out, struct sb_arena *arena, const char *name,
                     const char *why)
{
    struct sb_buf text = {0};
    out->value = NULL;
    int r = sb_buf_printf(&text, "%s was left out: %s.", name, why);
    if (r == 0)
        r = note(out, arena, rule_left_out, true, &text);
    sb_buf_free(&text);
    return r;
}

/* Appends how many parameters of this kind there are, and their names. */
static int append_parameters(struct sb_buf *text, const struct sb_url_findings *findings,
                             enum sb_url_kind kind)
{
    size_t count = 0, named = 0;
    for (size_t i = 0; i < findings->count; i++)
        count += findings->items[i].kind == kind;
    int r = count == 1 ? sb_buf_puts(text, "a parameter")
                       : sb_buf_printf(text, "%zu parameters", count);
    for (size_t i = 0; r == 0 && i < findings->count; i++) {
        const char *name = findings->items[i].name;
        if (findings->items[i].kind == kind && name != NULL)
            r = sb_buf_printf(text, "%s\"%s\"", named++ > 0 ? ", " : " (", name);
    }
    return r == 0 && named > 0 ? sb_buf_puts(text, ")") : r;
}

static bool has(const struct sb_url_findings *findings, enum sb_url_kind kind)
{
    for (size_t i = 0; i < findings->count; i++) {
        if (findings->items[i].kind == kind)
            return true;
    }
    return false;
}

/* "From NAME were cut: ..." */
static int note_cut(struct sb_known_value *out, struct sb_arena *arena, const char *name,
                    const struct sb_url_findings *findings)
{
    struct sb_buf text = {0};
    bool user = has(findings, SB_URL_USER), fragment = has(findings, SB_URL_FRAGMENT);
    bool parameter = has(findings, SB_URL_PARAMETER);
    if (!user && !fragment && !parameter)
        return 0;
    int r =
        sb_buf_printf(&text, "Cut from %s: %s%s%s%s", name, user ? "a user name or password" : "",
                      user && (fragment || parameter) ? ", " : "",
                      fragment ? "what followed \"#\"" : "", fragment && parameter ? ", " : "");
    if (r == 0 && parameter)
        r = append_parameters(&text, findings, SB_URL_PARAMETER);
    if (r == 0)
        r = sb_buf_puts(&text, ".");
    if (r == 0)
        r = note(out, arena, rule_cut, false, &text);
    sb_buf_free(&text);
    return r;
}

static int note_doubt(struct sb_known_value *out, struct sb_arena *arena, const char *name,
                      const struct sb_url_findings *findings)
{
    struct sb_buf text = {0};
    if (!has(findings, SB_URL_DOUBTFUL))
        return 0;
    int r = sb_buf_printf(&text, "Kept in %s, though it looks random: ", name);
    if (r == 0)
        r = append_parameters(&text, findings, SB_URL_DOUBTFUL);
    if (r == 0)
        r = sb_buf_puts(&text, ". Make sure that it lets nobody in.");
    if (r == 0)
        r = note(out, arena, rule_doubtful, true, &text);
    sb_buf_free(&text);
    return r;
}

/* ---- values ----------------------------------------------------------------------------- */

/* NULL, or why it cannot be a cell. */
static const char *why_not(const char *value, size_t len)
{
    for (size_t at = 0; at < len;) {
        uint32_t code;
        size_t n = sb_utf8_decode(&code, value + at, len - at);
        if (n == 0)
            return "it is not UTF-8";
        /* Others that are hidden have their use in some scripts, and are escaped when shown. */
        if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029)
            return "it holds control characters or several lines";
        at += n;
    }
    /* A spreadsheet would run it: whoever made the file chose the value. */
    if (strchr("=+-@", value[0]) != NULL)
        return "a spreadsheet would take it for a formula";
    return NULL;
}

/* What others can look up; "file:" tells the names of folders, "blob:" means nothing elsewhere. */
static bool is_of_the_net(const char *text, size_t len)
{
    static const char *const schemes[] = {"ftp",   "ftps", "gemini", "gopher", "http",
                                          "https", "ipfs", "ipns",   "magnet", "sftp"};
    for (size_t i = 0; i < COUNT(schemes); i++) {
        if (sb_url_scheme_is(text, len, schemes[i]))
            return true;
    }
    return false;
}

static int take_url(struct sb_known_value *out, struct sb_arena *arena, const char *name,
                    const char *value, size_t len, const char *before)
{
    struct sb_url_findings findings = {0};
    struct sb_buf text = {0};
    int r = sb_buf_puts(&text, before);
    if (r == 0)
        r = sb_url_clean(&text, &findings, value, len);
    if (r == SB_URL_GOOD) {
        out->value = sb_arena_copy(arena, text.data, text.len);
        r = out->value == NULL ? SEALBAG_ERR_MEMORY : note_cut(out, arena, name, &findings);
        if (r == 0)
            r = note_doubt(out, arena, name, &findings);
    } else if (r == SB_URL_MALFORMED) {
        r = leave_out(out, arena, name, "it is not a well-formed URL");
    } else if (r == SB_URL_TANGLED) {
        r = leave_out(out, arena, name,
                      "it holds a password or what gives access, which cannot be cut out of it");
    }
    sb_buf_free(&text);
    sb_url_findings_free(&findings);
    return r;
}

/* A text may be a URL, or hold one. */
static int take_text(struct sb_known_value *out, struct sb_arena *arena, const char *name,
                     const char *value, size_t len)
{
    if (is_of_the_net(value, len) && memchr(value, ' ', len) == NULL)
        return take_url(out, arena, name, value, len, "");
    int r = sb_url_tells(value, len);
    if (r > 0)
        return leave_out(out, arena, name, "it holds a password or what gives access");
    out->value = r == 0 ? sb_arena_copy(arena, value, len) : NULL;
    return out->value == NULL ? SEALBAG_ERR_MEMORY : 0;
}

/* Whether a better attribute gave it already. */
static bool is_known(const struct sb_known_values *values, enum sb_known known)
{
    for (unsigned i = 0; i < values->count; i++) {
        if (values->items[i].known == known && values->items[i].value != NULL)
            return true;
    }
    return false;
}

static int take(struct sb_known_values *out, struct sb_arena *arena, size_t which,
                const char *value, size_t len)
{
    const char *name = attributes[which].name;
    const char *why = len > 0 ? why_not(value, len) : NULL;
    enum form form = attributes[which].form;
    if (len == 0 || is_known(out, attributes[which].known) || out->count == SB_KNOWN_VALUES_MAX)
        return 0;
    struct sb_known_value *item = &out->items[out->count++];
    *item = (struct sb_known_value){.known = attributes[which].known};
    if (why != NULL)
        return leave_out(item, arena, name, why);
    if (form == TEXT)
        return take_text(item, arena, name, value, len);
    if (!is_of_the_net(value, len))
        return leave_out(item, arena, name, "it is not an address that others can look up");
    return take_url(item, arena, name, value, len, form == REFERRER ? "referrer: " : "");
}

int sb_xattr_take(struct sb_known_values *out, struct sb_arena *arena, const char *name,
                  const char *value, size_t len)
{
    for (size_t i = 0; i < COUNT(attributes); i++) {
        if (strcmp(attributes[i].name, name) == 0)
            return take(out, arena, i, value, len);
    }
    return 0;
}

/* ---- the file --------------------------------------------------------------------------- */

static bool lists(const char *names, size_t len, const char *name)
{
    for (size_t at = 0; at < len; at += strnlen(names + at, len - at) + 1) {
        if (strncmp(names + at, name, len - at) == 0)
            return true;
    }
    return false;
}

static int read_failed(struct sb_known_values *out, struct sb_arena *arena, size_t which)
{
    struct sb_known_value *item = &out->items[out->count++];
    *item = (struct sb_known_value){.known = attributes[which].known};
    return leave_out(item, arena, attributes[which].name, "it cannot be read");
}

static int read_listed(struct sb_known_values *out, struct sb_arena *arena, int fd,
                       const char *names, size_t len, char *value)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < COUNT(attributes); i++) {
        if (!lists(names, len, attributes[i].name))
            continue;
        ssize_t n = fgetxattr(fd, attributes[i].name, value, VALUE_MAX);
        if (n >= 0)
            r = take(out, arena, i, value, (size_t)n);
        else if (errno != ENODATA)
            r = read_failed(out, arena, i);
    }
    return r;
}

int sb_xattr_read(struct sb_known_values *out, struct sb_arena *arena, int fd)
{
    char first[1024];
    struct sb_buf names = {0}, value = {0};
    ssize_t n = flistxattr(fd, first, sizeof(first));
    *out = (struct sb_known_values){0};
    if (n == 0 || (n < 0 && errno != ERANGE))
        return 0;
    int r = sb_buf_reserve(&value, VALUE_MAX);
    if (n < 0) {
        if (r == 0)
            r = sb_buf_reserve(&names, VALUE_MAX);
        n = r == 0 ? flistxattr(fd, (char *)names.data, VALUE_MAX) : 0;
    }
    if (r == 0 && n > 0)
        r = read_listed(out, arena, fd, names.data != NULL ? (const char *)names.data : first,
                        (size_t)n, (char *)value.data);
    sb_buf_free(&names);
    sb_buf_free(&value);
    return r;
}
