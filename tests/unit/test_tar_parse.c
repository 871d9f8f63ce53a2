/* The strict tar parser: the same events however the bytes come, and every known attack refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rule.h"
#include "container/tar_parse.h"
#include "unit/build.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { BLOCK = SB_TAR_BLOCK };

/* ---- building ---------------------------------------------------------------------------- */

static void put_blocks(struct sb_buf *tar, unsigned count)
{
    static const uint8_t zeros[BLOCK];
    while (count-- > 0)
        put(tar, zeros, BLOCK);
}

static void put_pax(struct sb_buf *tar, const char *records)
{
    put_entry(tar, "pax", 'x', records);
}

static void put_long_name(struct sb_buf *tar, const char *name)
{
    put_header(tar, "././@LongLink", 'L', strlen(name) + 1);
    put_data(tar, name, strlen(name) + 1);
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Feeds the bytes in pieces of `piece` and writes down what comes: "F path size at\n" or "D ...",
 * data as it is, and at the end "= " and the broken rule, or "ok". */
static void events(struct sb_buf *log, const struct sb_buf *tar, size_t piece)
{
    struct sb_tar_parser parser = {0};
    struct sb_error error = {0};
    int r = 0;
    for (size_t at = 0; r == 0 && at < tar->len;) {
        size_t n = tar->len - at < piece ? tar->len - at : piece, used = 0;
        uint8_t *copy = malloc(n); /* so that a sanitizer sees a read beyond the piece */
        enum sb_tar_event event;
        assert_non_null(copy);
        memcpy(copy, tar->data + at, n);
        r = sb_tar_feed(&parser, copy, n, &used, &event, &error);
        assert_true(used >= 1 && used <= n);
        if (r == 0 && event == SB_TAR_ENTRY)
            sb_buf_printf(log, "%c %s %llu %llu\n", parser.entry.folder ? 'D' : 'F',
                          parser.entry.path, (unsigned long long)parser.entry.size,
                          (unsigned long long)parser.entry.header_at);
        if (r == 0 && event == SB_TAR_DATA)
            put(log, copy, used);
        free(copy);
        at += used;
    }
    if (r == 0)
        r = sb_tar_end_of_input(&parser, &error);
    assert_true(r == 0 || r == SEALBAG_ERR_DAMAGED);
    sb_buf_printf(log, "= %s", r == 0 ? "ok" : error.rule);
    sb_tar_parser_free(&parser);
}

static void expect(struct sb_buf *tar, const char *expected)
{
    static const size_t pieces[] = {SIZE_MAX, 1, 7, 511, 512, 513, 1000, 10240};
    for (size_t i = 0; i < COUNT(pieces); i++) {
        struct sb_buf log = {0};
        events(&log, tar, pieces[i]);
        assert_int_equal(strlen((const char *)log.data), log.len);
        assert_string_equal((const char *)log.data, expected);
        sb_buf_free(&log);
    }
    sb_buf_free(tar);
}

/* Only how it ends: "= tar.pax". */
static void expect_end(struct sb_buf *tar, const char *end)
{
    static const size_t pieces[] = {SIZE_MAX, 1, 512, 700};
    for (size_t i = 0; i < COUNT(pieces); i++) {
        struct sb_buf log = {0};
        events(&log, tar, pieces[i]);
        const char *found = (const char *)log.data + log.len - strlen(end);
        if (log.len < strlen(end) || strcmp(found, end) != 0)
            fail_msg("%s, not %s", (const char *)log.data, end);
        sb_buf_free(&log);
    }
    sb_buf_free(tar);
}

/* ---- what is accepted ------------------------------------------------------------------- */

static void plain(void **state)
{
    (void)state;
    struct sb_buf tar = {0};
    put_entry(&tar, "bag/", '5', "");
    put_entry(&tar, "bag/a", '0', "hello");
    put_entry(&tar, "bag/empty", '0', "");
    put_entry(&tar, "bag/old", 0, "x");
    put_blocks(&tar, 2);
    expect(&tar, "D bag/ 0 0\nF bag/a 5 512\nhelloF bag/empty 0 1536\nF bag/old 1 2048\nx= ok");
    put_blocks(&tar, 2);
    expect(&tar, "= ok");
}

static void block_sizes(void **state)
{
    (void)state;
    static const size_t sizes[] = {511, 512, 513, 1024, 5000};
    struct sb_buf tar = {0}, log = {0};
    uint64_t at = 0;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        char data[5001];
        memset(data, (int)('a' + i), sizes[i]);
        data[sizes[i]] = 0;
        put_entry(&tar, "f", '0', data);
        assert_int_equal(
            sb_buf_printf(&log, "F f %zu %llu\n%s", sizes[i], (unsigned long long)at, data), 0);
        at = tar.len;
    }
    put_blocks(&tar, 2);
    assert_int_equal(sb_buf_puts(&log, "= ok"), 0);
    expect(&tar, (const char *)log.data);
    sb_buf_free(&log);
}

static void extended(void **state)
{
    (void)state;
    struct sb_buf tar = {0};
    put_pax(&tar, "9 path=p\n13 mtime=1.5\n");
    put_entry(&tar, "hidden", '0', "abc");
    put_long_name(&tar, "long/name");
    put_entry(&tar, "hidden", '0', "def");
    put_pax(&tar, "11 path=d/\n");
    put_entry(&tar, "hidden", '5', "");
    put_pax(&tar, "13 mtime=1.5\n");
    put_entry(&tar, "own", '0', "");
    put_pax(&tar, "9 size=3\n");
    put_entry(&tar, "same", '0', "ghi");
    put_blocks(&tar, 2);
    expect(&tar, "F p 3 0\nabcF long/name 3 2048\ndefD d/ 0 4096\nF own 0 5632\n"
                 "F same 3 7168\nghi= ok");
}

/* What one header said does not stick to the next entry. */
static void extended_is_for_one_entry(void **state)
{
    (void)state;
    struct sb_buf tar = {0};
    put_pax(&tar, "9 path=p\n9 size=1\n");
    put_entry(&tar, "hidden", '0', "a");
    put_entry(&tar, "next", '0', "bc");
    put_blocks(&tar, 2);
    expect(&tar, "F p 1 0\naF next 2 2048\nbc= ok");
}

/* A size that ustar cannot hold comes from pax; the bytes then are missing here. */
static void huge_size(void **state)
{
    (void)state;
    struct sb_buf tar = {0};
    put_pax(&tar, "28 size=9223372036854775807\n");
    put_entry(&tar, "huge", '0', "");
    put(&tar, "xyz", 3);
    expect(&tar, "F huge 9223372036854775807 0\nxyz= tar.truncated");
}

static void padding(void **state)
{
    (void)state;
    struct sb_buf tar = {0};
    put_entry(&tar, "a", '0', "");
    put_blocks(&tar, 18);
    expect(&tar, "F a 0 0\n= ok");
    put_blocks(&tar, 2);
    put(&tar, "\0\0\0", 3); /* not even a whole block */
    expect(&tar, "= ok");
    put_blocks(&tar, 2 + SB_TAR_PADDING_MAX / BLOCK);
    expect_end(&tar, "= ok");
    put_blocks(&tar, 2 + SB_TAR_PADDING_MAX / BLOCK);
    put(&tar, "\0", 1);
    expect_end(&tar, "= tar.trailing");
}

/* ---- what is not ------------------------------------------------------------------------ */

static void types(void **state)
{
    (void)state;
    static const char refused[] = "12346789KSgXVDMNAZ\x01 ";
    struct sb_buf tar = {0};
    for (size_t i = 0; i < strlen(refused); i++) {
        put_entry(&tar, "a", refused[i], i % 2 == 0 ? "data" : "");
        put_blocks(&tar, 2);
        expect(&tar, "= tar.type");
    }
    put_entry(&tar, "folder/", '5', "data");
    put_blocks(&tar, 2);
    expect_end(&tar, "= tar.type");
    put_entry(&tar, "file/", '0', "");
    put_blocks(&tar, 2);
    expect_end(&tar, "= tar.type");
    put_pax(&tar, "13 path=file/\n");
    put_entry(&tar, "file", '0', "");
    put_blocks(&tar, 2);
    expect_end(&tar, "= tar.pax"); /* its length is wrong */
    put_pax(&tar, "14 path=file/\n");
    put_entry(&tar, "file", '0', "");
    put_blocks(&tar, 2);
    expect_end(&tar, "= tar.type");
}

static void extended_attacks(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"9 path=a\n", "9 path=b\n"}, {"9 path=a\n", NULL}, {NULL, "9 path=a\n"}, {NULL, NULL}};
    static const char *const records[] = {
        "9 size=2\n",              /* the header says 3 */
        "8 path=\n",               /* nothing */
        "9 path=a\n9 path=b\n",    /* twice */
        "22 GNU.sparse.major=1\n", /* a sparse map */
        "37 GNU.sparse.realsize=1099511627776\n",
        "14 linkpath=b\n",
        "20 hdrcharset=KOI8R\n",
        "9 size=9\n",
        "12 size=-99\n",
        "not a record\n",
    };
    struct sb_buf tar = {0};
    for (size_t i = 0; i < COUNT(pairs); i++) {
        for (int which = 0; which < 2; which++) {
            if (pairs[i][which] != NULL)
                put_pax(&tar, pairs[i][which]);
            else
                put_long_name(&tar, "c");
        }
        put_entry(&tar, "x", '0', "abc");
        put_blocks(&tar, 2);
        expect(&tar, "= tar.pax");
    }
    for (size_t i = 0; i < COUNT(records); i++) {
        put_pax(&tar, records[i]);
        put_entry(&tar, "x", '0', "abc");
        put_blocks(&tar, 2);
        expect(&tar, "= tar.pax");
    }
    put_entry(&tar, "pax", 'x', ""); /* empty */
    put_entry(&tar, "x", '0', "abc");
    expect(&tar, "= tar.pax");
    put_header(&tar, "pax", 'x', SB_TAR_EXTENDED_MAX + 1);
    expect(&tar, "= tar.pax");
    put_header(&tar, "pax", 'x', UINT64_C(077777777777));
    expect(&tar, "= tar.pax");
    put_pax(&tar, "9 path=a\n"); /* and nothing after it */
    put_blocks(&tar, 2);
    expect(&tar, "= tar.pax");
    put_header(&tar, "././@LongLink", 'L', 4);
    put_data(&tar, "a\0b", 4); /* a NUL inside */
    put_entry(&tar, "x", '0', "abc");
    expect(&tar, "= tar.pax");
    put_entry(&tar, "././@LongLink", 'L', "abcd"); /* no NUL */
    put_entry(&tar, "x", '0', "abc");
    expect(&tar, "= tar.pax");
}

/* The largest extended header that is taken. */
static void extended_limit(void **state)
{
    (void)state;
    struct sb_buf tar = {0}, records = {0};
    assert_int_equal(sb_buf_printf(&records, "%d comment=%0*d\n", SB_TAR_EXTENDED_MAX,
                                   SB_TAR_EXTENDED_MAX - 15, 0),
                     0);
    assert_int_equal(records.len, SB_TAR_EXTENDED_MAX);
    put_pax(&tar, (const char *)records.data);
    put_entry(&tar, "a", '0', "");
    put_blocks(&tar, 2);
    expect_end(&tar, "F a 0 0\n= ok");
    sb_buf_free(&records);
}

static void after_the_end(void **state)
{
    (void)state;
    struct sb_buf tar = {0};
    for (unsigned zeros = 1; zeros < 5; zeros++) {
        put_entry(&tar, "a", '0', "x");
        put_blocks(&tar, zeros);
        put_entry(&tar, "b", '0', "y");
        put_blocks(&tar, 2);
        expect(&tar, "F a 1 0\nx= tar.trailing");
        put_blocks(&tar, zeros);
        put(&tar, "junk", 4);
        expect_end(&tar, zeros == 1 ? "= tar.truncated" : "= tar.trailing");
    }
}

static void hidden_bytes(void **state)
{
    (void)state;
    for (size_t at = 3; at < BLOCK; at += 101) {
        struct sb_buf tar = {0};
        put_entry(&tar, "a", '0', "abc");
        put_blocks(&tar, 2);
        tar.data[BLOCK + at] = 'x';
        expect_end(&tar, "= tar.header");
    }
    struct sb_buf tar = {0};
    put_pax(&tar, "9 path=p\n");
    put_entry(&tar, "a", '0', "");
    put_blocks(&tar, 2);
    tar.data[2 * BLOCK - 1] = 'x';
    expect(&tar, "= tar.header");
}

static void not_a_header(void **state)
{
    (void)state;
    struct sb_buf tar = {0};
    char text[BLOCK + 1];
    memset(text, 'x', BLOCK);
    text[BLOCK] = 0;
    put(&tar, text, BLOCK);
    expect(&tar, "= tar.header");
    put_entry(&tar, "a", '0', "");
    tar.data[0] = 'b';
    put_blocks(&tar, 2);
    expect(&tar, "= tar.header");
}

/* Cut anywhere, the tar is not complete. */
static void truncation(void **state)
{
    (void)state;
    struct sb_buf tar = {0};
    put_pax(&tar, "9 path=p\n");
    put_entry(&tar, "a", '0', "hello");
    put_long_name(&tar, "n");
    put_entry(&tar, "b/", '5', "");
    put_blocks(&tar, 2);
    for (size_t len = 0; len <= tar.len; len++) {
        struct sb_buf cut = {.data = tar.data, .len = len}, log = {0};
        events(&log, &cut, SIZE_MAX);
        const char *end = strrchr((const char *)log.data, '=');
        assert_string_equal(end, len == tar.len ? "= ok" : "= tar.truncated");
        sb_buf_free(&log);
    }
    sb_buf_free(&tar);
}

/* ---- going on after a gap ------------------------------------------------------------------ */

static void resync(void **state)
{
    (void)state;
    struct sb_buf tar = {0};
    struct sb_tar_parser parser = {0};
    char garbage[3 * BLOCK];
    char seen[100] = "";
    memset(garbage, 'g', sizeof(garbage));
    put_header(&tar, "lost", '0', 5000); /* then a gap: its data is not there */
    size_t gap = tar.len;
    put(&tar, garbage, sizeof(garbage));
    put_blocks(&tar, 1); /* zero blocks are no end here: they may be data */
    put_pax(&tar, "9 path=p\n");
    put_entry(&tar, "found", '0', "abc");
    put_entry(&tar, "more", '0', "");
    put_blocks(&tar, 2);
    for (size_t at = 0; at < tar.len;) {
        size_t used;
        enum sb_tar_event event;
        if (at == gap)
            sb_tar_resync(&parser, true);
        size_t n = at < gap ? gap - at : tar.len - at;
        assert_int_equal(sb_tar_feed(&parser, tar.data + at, n, &used, &event, NULL), 0);
        if (event == SB_TAR_ENTRY) {
            strcat(seen, parser.entry.path);
            strcat(seen, " ");
        }
        at += used;
    }
    assert_string_equal(seen, "lost p more ");
    assert_int_equal(sb_tar_end_of_input(&parser, NULL), 0);
    sb_tar_parser_free(&parser);
    sb_buf_free(&tar);
}

/* In the middle of an extended header, and after an error. */
static void resync_forgets(void **state)
{
    (void)state;
    struct sb_buf tar = {0};
    struct sb_tar_parser parser = {0};
    size_t used;
    enum sb_tar_event event;
    put_pax(&tar, "9 path=p\n");
    assert_int_equal(sb_tar_feed(&parser, tar.data, BLOCK, &used, &event, NULL), 0);
    assert_int_equal(sb_tar_feed(&parser, tar.data + BLOCK, 5, &used, &event, NULL), 0);
    sb_tar_resync(&parser, true);
    tar.len = 0;
    put_header(&tar, "own", '0', 0);
    assert_int_equal(sb_tar_feed(&parser, tar.data, BLOCK, &used, &event, NULL), 0);
    assert_int_equal(event, SB_TAR_ENTRY);
    assert_string_equal(parser.entry.path, "own");
    tar.len = 0;
    put_header(&tar, "link", '2', 0);
    put_header(&tar, "next", '0', 0);
    assert_int_equal(sb_tar_feed(&parser, tar.data, BLOCK, &used, &event, NULL),
                     SEALBAG_ERR_DAMAGED);
    sb_tar_resync(&parser, true);
    assert_int_equal(sb_tar_feed(&parser, tar.data + BLOCK, BLOCK, &used, &event, NULL), 0);
    assert_int_equal(event, SB_TAR_ENTRY);
    assert_string_equal(parser.entry.path, "next");
    sb_tar_parser_free(&parser);
    sb_buf_free(&tar);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),          cmocka_unit_test(block_sizes),
        cmocka_unit_test(extended),       cmocka_unit_test(extended_is_for_one_entry),
        cmocka_unit_test(huge_size),      cmocka_unit_test(padding),
        cmocka_unit_test(types),          cmocka_unit_test(extended_attacks),
        cmocka_unit_test(extended_limit), cmocka_unit_test(after_the_end),
        cmocka_unit_test(hidden_bytes),   cmocka_unit_test(not_a_header),
        cmocka_unit_test(truncation),     cmocka_unit_test(resync),
        cmocka_unit_test(resync_forgets),
    };
    return cmocka_run_group_tests_name("tar_parse", tests, NULL, NULL);
}
