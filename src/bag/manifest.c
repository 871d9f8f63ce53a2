#include "bag/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "bag/lines.h"
#include "base/path.h"
#include "base/text.h"

/* A file with so many malformed lines is no manifest; the rest of it is not looked at. */
enum { BAD_LINES_MAX = 1000 };
enum { HEX_SIZE = 2 * SB_DIGEST_SIZE };

void sb_manifest_free(struct sb_manifest *manifest)
{
    free(manifest->lines);
    sb_arena_free(&manifest->strings);
    *manifest = (struct sb_manifest){0};
}

static int add_line(struct sb_manifest *manifest, const uint8_t *digest, const struct sb_buf *path)
{
    const uint8_t *own = (const uint8_t *)sb_arena_copy(&manifest->strings, digest,
                                                        sb_algorithm_size(manifest->algorithm));
    struct sb_listed *lines =
        sb_array_grow(manifest->lines, &manifest->cap, manifest->count, sizeof(*lines));
    if (lines == NULL)
        return SEALBAG_ERR_MEMORY;
    manifest->lines = lines;
    const char *copy = sb_arena_copy(&manifest->strings, path->data, path->len);
    if (copy == NULL || own == NULL)
        return SEALBAG_ERR_MEMORY;
    lines[manifest->count++] = (struct sb_listed){.path = copy, .digest = own};
    return 0;
}

static int by_path(const void *a, const void *b)
{
    const struct sb_listed *left = a, *right = b;
    return sb_path_compare(left->path, right->path);
}

static void sort_and_check(struct sb_manifest *manifest, struct sb_findings *findings,
                           const char *name)
{
    if (manifest->count > 0)
        qsort(manifest->lines, manifest->count, sizeof(*manifest->lines), by_path);
    for (size_t i = 1; i < manifest->count; i++) {
        const struct sb_listed *before = &manifest->lines[i - 1], *line = &manifest->lines[i];
        if (strcmp(before->path, line->path) != 0)
            continue;
        bool same =
            memcmp(before->digest, line->digest, sb_algorithm_size(manifest->algorithm)) == 0;
        if (manifest->old && same)
            sb_findings_add(findings, SB_RULE_MANIFEST_REPEATED, line->path,
                            "%s lists this file twice, with the same digest.", name);
        else
            sb_findings_add(findings, SB_RULE_MANIFEST_TWICE, line->path,
                            "%s lists this file twice.", name);
    }
}

const struct sb_listed *sb_manifest_find(const struct sb_manifest *manifest, const char *path)
{
    const struct sb_listed key = {.path = path};
    if (manifest->count == 0)
        return NULL;
    return bsearch(&key, manifest->lines, manifest->count, sizeof(*manifest->lines), by_path);
}

bool sb_manifest_has_below(const struct sb_manifest *manifest, const char *folder)
{
    size_t low = 0, high = manifest->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sb_path_compare(manifest->lines[middle].path, folder) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < manifest->count && strncmp(manifest->lines[low].path, folder, strlen(folder)) == 0;
}

/* Splits off "*" and "./" before a path, which RFC 8493 has no place for but tools write. */
static void skip_style(const char **path, size_t *len, struct sb_findings *findings,
                       const char *name, size_t number)
{
    const char *before = *path;
    if (*len > 1 && **path == '*') {
        *path += 1;
        *len -= 1;
    }
    while (*len > 2 && (*path)[0] == '.' && (*path)[1] == '/') {
        *path += 2;
        *len -= 2;
    }
    if (*path != before)
        sb_findings_add(findings, SB_RULE_MANIFEST_STYLE, name,
                        "Line %zu of %s has \"*\" or \"./\" before its path.", number, name);
}

/* One line of a BagIt manifest; `path` is a scratch buffer. */
static int parse_line(struct sb_manifest *out, struct sb_findings *findings, const char *name,
                      size_t number, const char *line, size_t len, struct sb_buf *path)
{
    uint8_t digest[SB_HASH_SIZE_MAX];
    const char *why = NULL;
    size_t size = sb_algorithm_size(out->algorithm), hex = 2 * size;
    if (len < hex + 2 || !sb_hex_decode(digest, size, line, hex, true) || !sb_is_blank(line[hex])) {
        why = "is not a digest of the manifest's kind, white space and a path";
    } else {
        size_t at = hex;
        while (at < len && sb_is_blank(line[at]))
            at++;
        const char *text = line + at;
        size_t text_len = len - at;
        skip_style(&text, &text_len, findings, name, number);
        path->len = 0;
        if ((out->old ? sb_buf_append(path, text, text_len)
                      : sb_path_decode(path, text, text_len)) < 0)
            return SEALBAG_ERR_MEMORY;
        why = sb_path_unsafe((const char *)path->data, path->len);
        if (why == NULL)
            return add_line(out, digest, path);
        why = "has a path that is unsafe to create";
    }
    sb_findings_add(findings, SB_RULE_MANIFEST_LINE, name, "Line %zu of %s %s.", number, name, why);
    out->bad_lines++;
    return 0;
}

int sb_manifest_parse(struct sb_manifest *out, struct sb_findings *findings, const char *name,
                      const uint8_t *bytes, size_t len)
{
    struct sb_lines lines = {.bytes = (const char *)bytes, .len = len};
    struct sb_buf path = {0};
    int r = sb_buf_reserve(&path, 0);
    const char *line;
    size_t line_len;
    while (r == 0 && out->bad_lines < BAD_LINES_MAX && sb_lines_next(&lines, &line, &line_len)) {
        if (line_len > 0)
            r = parse_line(out, findings, name, lines.number, line, line_len, &path);
    }
    sb_buf_free(&path);
    if (r == 0)
        sort_and_check(out, findings, name);
    return r;
}

int sb_manifest_append(struct sb_buf *out, const uint8_t digest[SB_DIGEST_SIZE], const char *path)
{
    return sb_manifest_append_of(out, SB_SHA256, digest, path);
}

int sb_manifest_append_of(struct sb_buf *out, enum sb_algorithm algorithm, const uint8_t *digest,
                          const char *path)
{
    char hex[2 * SB_HASH_SIZE_MAX + 1];
    int r = sb_buf_puts(out, sb_hex_encode(hex, digest, sb_algorithm_size(algorithm)));
    if (r == 0)
        r = sb_buf_puts(out, "  ");
    if (r == 0)
        r = sb_path_encode(out, path, strlen(path));
    return r == 0 ? sb_buf_puts(out, "\n") : r;
}

int sb_cover_append(struct sb_buf *out, const uint8_t digest[SB_DIGEST_SIZE], const char *path)
{
    char hex[HEX_SIZE + 1];
    sb_hex_encode(hex, digest, SB_DIGEST_SIZE);
    int r = sb_buf_printf(out, "%s%s  ", strpbrk(path, "\\\n\r") != NULL ? "\\" : "", hex);
    for (const char *c = path; r == 0 && *c != 0; c++) {
        const char *code = *c == '\n' ? "\\n" : *c == '\r' ? "\\r" : *c == '\\' ? "\\\\" : NULL;
        r = code != NULL ? sb_buf_puts(out, code) : sb_buf_append(out, c, 1);
    }
    return r == 0 ? sb_buf_puts(out, "\n") : r;
}

static int unescape_cover(struct sb_buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == '\\' && i + 1 < len) {
            char next = text[++i];
            c = next == 'n' ? '\n' : next == 'r' ? '\r' : next;
        }
        int r = sb_buf_append(out, &c, 1);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Reads one line and demands that writing it again gives the same bytes: one spelling only. */
static int parse_cover_line(struct sb_manifest *out, const char *line, size_t len, bool *good)
{
    struct sb_buf path = {0}, again = {0};
    uint8_t digest[SB_DIGEST_SIZE];
    size_t start = len > 0 && line[0] == '\\' ? 1 : 0;
    *good = false;
    if (len < start + HEX_SIZE + 3 ||
        !sb_hex_decode(digest, SB_DIGEST_SIZE, line + start, HEX_SIZE, false))
        return 0;
    const char *text = line + start + HEX_SIZE + 2;
    size_t text_len = len - start - HEX_SIZE - 2;
    int r = sb_buf_reserve(&again, len + 1);
    if (r == 0)
        r = start > 0 ? unescape_cover(&path, text, text_len)
                      : sb_buf_append(&path, text, text_len);
    if (r == 0 && sb_path_unsafe((const char *)path.data, path.len) == NULL)
        r = sb_cover_append(&again, digest, (const char *)path.data);
    if (r == 0 && again.len == len + 1 && memcmp(again.data, line, len) == 0) {
        *good = out->count == 0 ||
                sb_path_compare(out->lines[out->count - 1].path, (const char *)path.data) < 0;
        if (*good)
            r = add_line(out, digest, &path);
    }
    sb_buf_free(&path);
    sb_buf_free(&again);
    return r;
}

static int parse_list(struct sb_manifest *out, struct sb_findings *findings, enum sb_rule rule,
                      const char *name, const uint8_t *bytes, size_t len)
{
    size_t number = 0;
    for (size_t at = 0; at < len;) {
        const uint8_t *end = memchr(bytes + at, '\n', len - at);
        number++;
        bool good = false;
        if (end != NULL) {
            size_t line_len = (size_t)(end - bytes) - at;
            int r = parse_cover_line(out, (const char *)bytes + at, line_len, &good);
            if (r < 0)
                return r;
            at += line_len + 1;
        }
        if (!good) {
            sb_findings_add(findings, rule, name, "Line %zu of %s is malformed or out of order.",
                            number, name);
            break;
        }
    }
    return 0;
}

int sb_cover_parse(struct sb_manifest *out, struct sb_findings *findings, const uint8_t *bytes,
                   size_t len)
{
    return parse_list(out, findings, SB_RULE_COVER_LINE, "seal/cover-sha256.txt", bytes, len);
}

int sb_seal_manifest_parse(struct sb_manifest *out, struct sb_findings *findings,
                           const uint8_t *bytes, size_t len)
{
    return parse_list(out, findings, SB_RULE_MANIFEST_LINE, "seal/manifest-sha256.txt", bytes, len);
}
