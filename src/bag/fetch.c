#include "bag/fetch.h"

#include <stdlib.h>
#include <string.h>

#include "bag/lines.h"
#include "base/path.h"
#include "base/text.h"

enum { BAD_LINES_MAX = 1000 };

/* Takes a word and the blanks behind it off. */
static size_t take_word(const char **word, const char **line, size_t *len)
{
    size_t word_len = 0;
    *word = *line;
    while (word_len < *len && !sb_is_blank((*line)[word_len]))
        word_len++;
    size_t at = word_len;
    while (at < *len && sb_is_blank((*line)[at]))
        at++;
    *line += at;
    *len -= at;
    return word_len;
}

/* A scheme, a colon and something behind it (RFC 3986, section 3.1). */
static bool is_url(const char *text, size_t len)
{
    const char *colon = memchr(text, ':', len);
    if (colon == NULL || colon == text || colon + 1 == text + len)
        return false;
    for (const char *c = text; c < colon; c++) {
        bool letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');
        bool other = (*c >= '0' && *c <= '9') || *c == '+' || *c == '-' || *c == '.';
        if (!letter && (c == text || !other))
            return false;
    }
    return true;
}

static int add_path(struct sb_manifest *out, const struct sb_buf *path)
{
    struct sb_listed *lines = sb_array_grow(out->lines, &out->cap, out->count, sizeof(*lines));
    if (lines == NULL)
        return SEALBAG_ERR_MEMORY;
    out->lines = lines;
    const char *copy = sb_arena_copy(&out->strings, path->data, path->len);
    if (copy == NULL)
        return SEALBAG_ERR_MEMORY;
    lines[out->count++] = (struct sb_listed){.path = copy};
    return 0;
}

/* URL LENGTH PATH. *why: what is wrong with it. */
static int parse_line(struct sb_manifest *out, const char **why, const char *line, size_t len)
{
    const char *url, *length;
    struct sb_buf path = {0};
    uint64_t bytes;
    size_t url_len = take_word(&url, &line, &len);
    size_t length_len = take_word(&length, &line, &len);
    *why = NULL;
    if (!is_url(url, url_len) ||
        (!(length_len == 1 && *length == '-') && !sb_decimal_parse(&bytes, length, length_len)) ||
        len == 0) {
        *why = "is not a URL, a length or -, and a path";
        return 0;
    }
    int r = sb_buf_reserve(&path, 0);
    if (r == 0)
        r = out->old ? sb_buf_append(&path, line, len) : sb_path_decode(&path, line, len);
    if (r == 0 && sb_path_unsafe((const char *)path.data, path.len) != NULL)
        *why = "has a path that is unsafe to create";
    else if (r == 0 && sb_part_of((const char *)path.data) != SB_PART_PAYLOAD)
        *why = "names a file outside data/";
    else if (r == 0)
        r = add_path(out, &path);
    sb_buf_free(&path);
    return r;
}

static int by_path(const void *a, const void *b)
{
    const struct sb_listed *left = a, *right = b;
    return sb_path_compare(left->path, right->path);
}

int sb_fetch_parse(struct sb_manifest *out, struct sb_findings *findings, const uint8_t *bytes,
                   size_t len)
{
    static const char name[] = "fetch.txt";
    struct sb_lines lines = {.bytes = (const char *)bytes, .len = len};
    const char *line, *why;
    size_t line_len;
    while (out->bad_lines < BAD_LINES_MAX && sb_lines_next(&lines, &line, &line_len)) {
        if (line_len == 0)
            continue;
        if (parse_line(out, &why, line, line_len) < 0)
            return SEALBAG_ERR_MEMORY;
        if (why == NULL)
            continue;
        sb_findings_add(findings, SB_RULE_FETCH_LINE, name, "Line %zu of fetch.txt %s.",
                        lines.number, why);
        out->bad_lines++;
    }
    if (out->count > 0)
        qsort(out->lines, out->count, sizeof(*out->lines), by_path);
    for (size_t i = 1; i < out->count; i++) {
        if (strcmp(out->lines[i - 1].path, out->lines[i].path) == 0)
            sb_findings_add(findings, SB_RULE_FETCH_LINE, out->lines[i].path,
                            "fetch.txt names this document twice.");
    }
    return 0;
}
