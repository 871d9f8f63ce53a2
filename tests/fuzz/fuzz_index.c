/* index.tsv. */
#include <string.h>

#include "bag/index.h"
#include "base/path.h"
#include "fuzz/fuzz.h"

enum { BLOCK = 512 };

/* The same lines as a writer writes them; false when a path cannot be a path. */
static bool rewrite(struct sb_buf *out, struct sb_index_lines *lines)
{
    struct sb_index_line line;
    struct sb_buf path = {0};
    bool good = true;
    REQUIRE(sb_buf_puts(out, SB_INDEX_HEADER) == 0 && sb_buf_reserve(&path, 0) == 0);
    while (good && sb_index_next(lines, &line) > 0) {
        path.len = 0;
        REQUIRE(sb_path_decode(&path, line.path, line.path_len) == 0);
        good = memchr(path.data, 0, path.len) == NULL;
        REQUIRE(!good ||
                sb_index_append(out, line.offset, line.size, (const char *)path.data) == 0);
    }
    sb_buf_free(&path);
    return good;
}

static void expect_same(struct sb_index_lines *a, struct sb_index_lines *b)
{
    struct sb_index_line one, two;
    struct sb_buf path = {0}, other = {0};
    while (sb_index_next(a, &one) > 0) {
        REQUIRE(sb_index_next(b, &two) > 0);
        REQUIRE(one.offset == two.offset && one.size == two.size);
        path.len = other.len = 0;
        REQUIRE(sb_path_decode(&path, one.path, one.path_len) == 0);
        REQUIRE(sb_path_decode(&other, two.path, two.path_len) == 0);
        REQUIRE(path.len == other.len && memcmp(path.data, other.data, path.len) == 0);
    }
    REQUIRE(sb_index_next(b, &two) == 0);
    sb_buf_free(&path);
    sb_buf_free(&other);
}

/* The files stand one behind the other, without room between them. */
static void check(struct sb_index_lines lines, const uint8_t *bytes, size_t len)
{
    struct sb_index_line line;
    uint64_t least = 0, most = 0;
    int r;
    while ((r = sb_index_next(&lines, &line)) > 0) {
        REQUIRE(line.offset % BLOCK == 0 && line.offset >= least && line.offset <= most);
        REQUIRE(line.size <= INT64_MAX / 2 && line.offset <= INT64_MAX / 2);
        REQUIRE(line.path_len > 0 && (const uint8_t *)line.path >= bytes &&
                (const uint8_t *)line.path + line.path_len < bytes + len);
        least = line.offset + BLOCK + (line.size + BLOCK - 1) / BLOCK * BLOCK;
        most = least + 2 * (uint64_t)BLOCK + line.path_len + 255 + 1 + 64;
    }
    REQUIRE(r == 0 || r == -1);
    if (r == 0)
        REQUIRE(lines.at == lines.end);
}

static void try(const uint8_t *bytes, size_t len, const char *name)
{
    struct sb_index_lines lines, again;
    struct sb_buf text = {0};
    if (!sb_index_open(&lines, bytes, len, name)) {
        REQUIRE(len < strlen(SB_INDEX_HEADER) ||
                memcmp(bytes, SB_INDEX_HEADER, strlen(SB_INDEX_HEADER)) != 0);
        return;
    }
    check(lines, bytes, len);
    struct sb_index_lines copy = lines;
    if (rewrite(&text, &copy)) {
        REQUIRE(sb_index_open(&again, text.data, text.len, name));
        expect_same(&lines, &again);
    }
    sb_buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct sb_buf text = {0};
    try(bytes, len, "bag");
    try(bytes, len, "b\xc3\xbcndel");
    /* With the right first line, too. */
    REQUIRE(sb_buf_puts(&text, SB_INDEX_HEADER) == 0);
    fuzz_append(&text, bytes, len);
    try(text.data, text.len, "bag");
    sb_buf_free(&text);
    return 0;
}
