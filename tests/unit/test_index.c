/* index.tsv: one spelling, read back as it was written; everything else is no index. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bag/index.h"
#include "base/path.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void expect_line(struct sb_index_lines *lines, uint64_t offset, uint64_t size,
                        const char *path)
{
    struct sb_index_line line;
    assert_int_equal(sb_index_next(lines, &line), 1);
    assert_true(line.offset == offset);
    assert_true(line.size == size);
    assert_int_equal(line.path_len, strlen(path));
    assert_memory_equal(line.path, path, line.path_len);
}

static void expect_end(struct sb_index_lines *lines)
{
    struct sb_index_line line;
    assert_int_equal(sb_index_next(lines, &line), 0);
    assert_int_equal(sb_index_next(lines, &line), 0);
}

/* The lines behind a good first line, then the end ("ok") or something malformed. */
static void expect(const char *text, size_t len, int good, int end)
{
    struct sb_buf index = {0};
    struct sb_index_lines lines;
    struct sb_index_line line;
    assert_int_equal(sb_buf_puts(&index, SB_INDEX_HEADER), 0);
    assert_int_equal(sb_buf_append(&index, text, len), 0);
    assert_true(sb_index_open(&lines, index.data, index.len, "bag"));
    for (int i = 0; i < good; i++) {
        if (sb_index_next(&lines, &line) != 1)
            fail_msg("\"%s\": line %d is not taken", text, i + 2);
    }
    int r = sb_index_next(&lines, &line);
    if (r != end)
        fail_msg("\"%s\": %d behind line %d", text, r, good + 1);
    sb_buf_free(&index);
}

static void good(const char *text, int count)
{
    expect(text, strlen(text), count, 0);
}

static void bad(const char *text, int count)
{
    expect(text, strlen(text), count, -1);
}

/* ---- writing ------------------------------------------------------------------------------ */

static void written(void **state)
{
    (void)state;
    struct sb_buf out = {0};
    assert_int_equal(sb_buf_puts(&out, SB_INDEX_HEADER), 0);
    assert_int_equal(sb_index_append(&out, 0, 55, "bagit.txt"), 0);
    assert_int_equal(sb_index_append(&out, 1024, 0, "data/50% \xc3\xa9\ta\rb\nc"), 0);
    assert_int_equal(sb_index_append(&out, INT64_MAX / 512 * UINT64_C(512), INT64_MAX, "data/z"),
                     0);
    assert_string_equal((const char *)out.data,
                        "offset\tsize\tpath\n"
                        "0\t55\tbagit.txt\n"
                        "1024\t0\tdata/50%25 \xc3\xa9\ta%0Db%0Ac\n"
                        "9223372036854775296\t9223372036854775807\tdata/z\n");
    assert_string_equal(SB_INDEX_TSV, "seal/index.tsv");
    sb_buf_free(&out);
}

static void read_back(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "bagit.txt",     "data/100%",    "data/%41",          "data/%0A",     "data/a\tb",
        "data/\t",       "data/a\nb",    "data/a\rb",         "data/\r\n\t%", "data/ spaces ",
        "data/\xc3\xa9", "data/\033[1m", "data/0\t0\tdata/x", "\t",           "data/%%25%0D",
    };
    struct sb_buf out = {0}, name = {0}, encoded = {0};
    struct sb_index_lines lines;
    struct sb_index_line line;
    assert_int_equal(sb_buf_puts(&out, SB_INDEX_HEADER), 0);
    uint64_t at[COUNT(paths) + 1] = {0};
    for (size_t i = 0; i < COUNT(paths); i++) {
        assert_int_equal(sb_index_append(&out, at[i], i * 100, paths[i]), 0);
        at[i + 1] = at[i] + 512 + (i * 100 + 511) / 512 * 512;
    }
    assert_true(sb_index_open(&lines, out.data, out.len, "bag"));
    for (size_t i = 0; i < COUNT(paths); i++) {
        name.len = encoded.len = 0;
        assert_int_equal(sb_index_next(&lines, &line), 1);
        assert_true(line.offset == at[i] && line.size == i * 100);
        /* encoded as in manifests, and decoded it is the name again */
        assert_int_equal(sb_path_encode(&encoded, paths[i], strlen(paths[i])), 0);
        assert_int_equal(line.path_len, encoded.len);
        assert_memory_equal(line.path, encoded.data, encoded.len);
        assert_int_equal(sb_path_decode(&name, line.path, line.path_len), 0);
        assert_string_equal((const char *)name.data, paths[i]);
    }
    expect_end(&lines);
    sb_buf_free(&out);
    sb_buf_free(&name);
    sb_buf_free(&encoded);
}

/* ---- reading ------------------------------------------------------------------------------ */

static void first_line(void **state)
{
    (void)state;
    struct sb_index_lines lines;
    static const char *const headers[] = {
        "",
        "\n",
        "offset\tsize\tpath",
        "offset\tsize\tpath\r\n",
        "offset size path\n",
        "Offset\tsize\tpath\n",
        "offset\tsize\tpath\t\n",
        "offset\tsize\n",
        "offset\tpath\tsize\n",
        " offset\tsize\tpath\n",
        "\xef\xbb\xbfoffset\tsize\tpath\n",
        "\noffset\tsize\tpath\n",
        "0\t55\tbagit.txt\n",
    };
    for (size_t i = 0; i < COUNT(headers); i++)
        assert_false(sb_index_open(&lines, (const uint8_t *)headers[i], strlen(headers[i]), "bag"));
    static const char header[] = SB_INDEX_HEADER;
    for (size_t len = 0; len < strlen(header); len++)
        assert_false(sb_index_open(&lines, (const uint8_t *)header, len, "bag"));
    assert_true(sb_index_open(&lines, (const uint8_t *)header, strlen(header), "bag"));
    expect_end(&lines);
}

static void good_lines(void **state)
{
    (void)state;
    static const char text[] = SB_INDEX_HEADER "0\t0\ta\n512\t1\tb\n1536\t512\tc c\n"
                                               "2560\t513\td\te\n4096\t7\tdata/%25\n";
    struct sb_index_lines lines;
    assert_true(sb_index_open(&lines, (const uint8_t *)text, strlen(text), "bag"));
    expect_line(&lines, 0, 0, "a");
    expect_line(&lines, 512, 1, "b");
    expect_line(&lines, 1536, 512, "c c");
    expect_line(&lines, 2560, 513, "d\te");
    expect_line(&lines, 4096, 7, "data/%25");
    expect_end(&lines);
    bad("1024\t0\ta\n", 0); /* the first is at 0 */
}

static void numbers(void **state)
{
    (void)state;
    static const char *const malformed[] = {"",
                                            "00",
                                            "01",
                                            "+1",
                                            "-1",
                                            " 1",
                                            "1 ",
                                            "0x0",
                                            "1e3",
                                            "1.0",
                                            "1,",
                                            "a",
                                            "1\r",
                                            "1\n",
                                            "\xd9\xa1",
                                            "9223372036854775808",
                                            "18446744073709551615",
                                            "18446744073709551616",
                                            "99999999999999999999999"};
    char text[100];
    for (size_t i = 0; i < COUNT(malformed); i++) {
        snprintf(text, sizeof(text), "0\t1\ta\n%s\t1\tb\n", malformed[i]);
        bad(text, 1);
        snprintf(text, sizeof(text), "0\t1\ta\n1024\t%s\tb\n", malformed[i]);
        bad(text, 1);
    }
    /* half of all numbers is enough for any tar */
    good("0\t4611686018427386880\ta\n", 1);
    bad("0\t4611686018427386880\ta\n4611686018427387392\t0\tb\n", 1);
    bad("0\t4611686018427387392\ta\n", 0);
    bad("0\t9223372036854775807\ta\n", 0);
    bad("9223372036854775296\t0\ta\n", 0);
}

static void places(void **state)
{
    (void)state;
    for (int offset = 1; offset < 512; offset++) {
        char text[40];
        snprintf(text, sizeof(text), "%d\t0\ta\n", offset);
        bad(text, 0);
    }
    /* nor may there be room between two files */
    bad("0\t1\ta\n1536\t1\tb\n", 1);
    bad("0\t1\ta\n7000064\t1\tb\n", 1);
    /* but for a pax header, where the path needs one: it is not ASCII, or it is long */
    good("0\t1\t\xc3\xa9\n2048\t1\tb\n", 2);
    bad("0\t1\t\xc3\xa9\n2560\t1\tb\n", 1);
    struct sb_index_lines lines;
    static const char pax[] = SB_INDEX_HEADER "0\t1\ta\n2048\t1\tb\n";
    assert_true(sb_index_open(&lines, (const uint8_t *)pax, strlen(pax), "b\xc3\xa9g"));
    expect_line(&lines, 0, 1, "a");
    expect_line(&lines, 2048, 1, "b");
    char text[400];
    for (int len = 95; len < 99; len++) {
        snprintf(text, sizeof(text), "0\t1\t%0*d\n2048\t1\tb\n", len, 0);
        expect(text, strlen(text), len > 96 ? 2 : 1, len > 96 ? 0 : -1);
    }
    bad("0\t1\ta\n0\t1\tb\n", 1);
    bad("0\t1\ta\n512\t1\tb\n", 1); /* in the first one's data */
    good("0\t1\ta\n1024\t1\tb\n", 2);
    good("0\t512\ta\n1024\t1\tb\n", 2);
    bad("0\t513\ta\n1024\t1\tb\n", 1);
    good("0\t513\ta\n1536\t1\tb\n", 2);
    good("0\t0\ta\n512\t1\tb\n", 2);
    bad("0\t600\ta\n512\t1\tb\n", 1); /* backwards */
    bad("0\t1\ta\n1025\t1\tb\n", 1);
    bad("0\t1\ta\n1024\t1\tb\n2048\t1\tc\n2560\t1\td\n", 3);
}

static void lines_of_another_form(void **state)
{
    (void)state;
    bad("\n", 0);
    bad("0\n", 0);
    bad("0\t1\n", 0);
    bad("0\t1\t\n", 0); /* an empty path */
    bad("\t\t\n", 0);
    bad("0 1 a\n", 0);
    bad("0\t1 a\n", 0);
    bad("0,1,a\n", 0);
    bad("\t0\t1\ta\n", 0);
    bad("0\t\t1\ta\n", 0);
    bad("0\t1\ta", 0); /* no LF at the end */
    bad("0\t1\ta\n1024\t1\tb", 1);
    bad("0\t1\ta\n\n", 1);
    bad("0\t1\ta\n\n1024\t1\tb\n", 1);
    bad("0\t1\ta\n1024\t1\n2048\t1\tb\n", 1);
    bad("0\t1\ta\noffset\tsize\tpath\n", 1);
    /* a number does not go on in the next line */
    bad("0\n0\t1\ta\n", 0);
    bad("0\t1\n0\ta\n", 0);
}

/* Cut anywhere but behind a line it is malformed, and the lines before are still given. */
static void every_truncation(void **state)
{
    (void)state;
    static const char text[] = "0\t55\tbagit.txt\n1024\t3\tdata/a\n2048\t0\tdata/b\n";
    for (size_t len = 0; len <= strlen(text); len++) {
        int count = 0;
        for (size_t i = 0; i < len; i++)
            count += text[i] == '\n';
        bool whole = len == 0 || text[len - 1] == '\n';
        /* in memory of its own, so that a sanitizer sees who reads behind it */
        expect(text, len, count, whole ? 0 : -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written),
        cmocka_unit_test(read_back),
        cmocka_unit_test(first_line),
        cmocka_unit_test(good_lines),
        cmocka_unit_test(numbers),
        cmocka_unit_test(places),
        cmocka_unit_test(lines_of_another_form),
        cmocka_unit_test(every_truncation),
    };
    return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
