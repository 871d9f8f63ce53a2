/* Paths: every refusal, how manifests spell them, bag names, and names that Windows cannot have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/path.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A path that holds a NUL has its length; else 0 stands for strlen. */
struct refusal {
    const char *path;
    size_t len;
    const char *phrase; /* a part of it */
};

static void expect_phrase(const char *why, const char *path, const char *phrase)
{
    if (why == NULL)
        fail_msg("\"%s\" was taken", path);
    else if (strstr(why, phrase) == NULL)
        fail_msg("\"%s\": %s", path, why);
}

static void safe(void **state)
{
    (void)state;
    static const char *const paths[] = {"a",
                                        "data/a.txt",
                                        "data/...",
                                        "...",
                                        "..a",
                                        "a..",
                                        "a../b",
                                        ".hidden/.x",
                                        " ",
                                        "a b/ c ",
                                        "-",
                                        "~",
                                        "C:",
                                        "CON",
                                        "a:b",
                                        "a\nb",
                                        "a\rb",
                                        "a\tb",
                                        "\033[2J",
                                        "%2e%2e",
                                        "d\xc3\xa9.txt",
                                        "de\xcc\x81.txt",
                                        "\xf0\x9f\x98\x80",
                                        "*",
                                        "a?b",
                                        "a.",
                                        "\xe2\x80\xae"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        if (sb_path_unsafe(paths[i], strlen(paths[i])) != NULL)
            fail_msg("\"%s\" was refused", paths[i]);
    }
}

static void unsafe(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        {"", 0, "is empty"},
        {"/", 0, "absolute"},
        {"/etc/passwd", 0, "absolute"},
        {"//a", 0, "absolute"},
        {"a//b", 0, "empty part"},
        {"a/", 0, "empty part"},
        {"a/b//", 0, "empty part"},
        {".", 0, "\"..\""},
        {"..", 0, "\"..\""},
        {"./a", 0, "\"..\""},
        {"../a", 0, "\"..\""},
        {"a/.", 0, "\"..\""},
        {"a/..", 0, "\"..\""},
        {"a/./b", 0, "\"..\""},
        {"a/../../b", 0, "\"..\""},
        {"a\\b", 0, "backslash"},
        {"a\xf3\xa0\x81\x81", 0, "tag characters"},
        {"\xc3\xa9/\xf3\xa0\x80\x80/b", 0, "tag characters"},
        {"..\\a", 0, "backslash"},
        {"C:\\a", 0, "backslash"},
        {"a\0b", 3, "NUL"},
        {"a\0", 2, "NUL"},
        {"\0", 1, "NUL"},
        {"d\xe9.txt", 0, "not UTF-8"},
        {"a/\xc0\xaf", 0, "not UTF-8"},
        {"a/\xc0\xae\xc0\xae/b", 0, "not UTF-8"},
        {"\xed\xa0\x80", 0, "not UTF-8"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t len = rows[i].len > 0 ? rows[i].len : strlen(rows[i].path);
        expect_phrase(sb_path_unsafe(rows[i].path, len), rows[i].path, rows[i].phrase);
    }
}

static void limits(void **state)
{
    (void)state;
    char path[SB_PATH_MAX + 10];
    memset(path, 'a', sizeof(path));
    assert_null(sb_path_unsafe(path, 255));
    expect_phrase(sb_path_unsafe(path, 256), "a{256}", "255 bytes");
    path[255] = '/';
    assert_null(sb_path_unsafe(path, 511));
    expect_phrase(sb_path_unsafe(path, 512), "a{255}/a{256}", "255 bytes");

    for (size_t i = 200; i < sizeof(path); i += 200)
        path[i] = '/';
    path[255] = 'a';
    path[SB_PATH_MAX] = 'a';
    path[SB_PATH_MAX - 200] = '/';
    assert_null(sb_path_unsafe(path, SB_PATH_MAX));
    expect_phrase(sb_path_unsafe(path, SB_PATH_MAX + 1), "4001 bytes", "4,000 bytes");

    for (size_t i = 0; i < sizeof(path); i++)
        path[i] = i % 2 == 0 ? 'a' : '/';
    assert_null(sb_path_unsafe(path, 2 * SB_PATH_DEPTH - 1));
    expect_phrase(sb_path_unsafe(path, 2 * SB_PATH_DEPTH + 1), "257 parts", "256 folders");
}

/* Only the bytes that are given are looked at. */
static void length_counts(void **state)
{
    (void)state;
    assert_null(sb_path_unsafe("a/..", 1));
    assert_null(sb_path_unsafe("a\\", 1));
    assert_null(sb_path_not_portable("a:", 1));
    assert_null(sb_bag_name_bad("a/b", 1));
}

/* ---- Windows --------------------------------------------------------------------------- */

static void portable(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "",    "a",         "data/a b.txt",    "CONS", "ACON", "COM0", "COM10", "COM",
        "LPT", ".con",      "a.con",           "CO",   "nul_", "x",    "%",     "a//b",
        "~",   "d\xc3\xa9", "\xf0\x9f\x98\x80"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        if (sb_path_not_portable(paths[i], strlen(paths[i])) != NULL)
            fail_msg("\"%s\" was refused", paths[i]);
    }
}

static void not_portable(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        {"a<b", 0, "one of <"},        {"a>b", 0, "one of <"},
        {"a:b", 0, "one of <"},        {"a\"b", 0, "one of <"},
        {"a|b", 0, "one of <"},        {"a?b", 0, "one of <"},
        {"data/*/b", 0, "one of <"},   {"a\nb", 0, "control"},
        {"a\x1f", 0, "control"},       {"a\0b", 3, "control"},
        {"a.", 0, "dot or a space"},   {"a ", 0, "dot or a space"},
        {"a./b", 0, "dot or a space"}, {"data/a /b", 0, "dot or a space"},
        {"CON", 0, "device"},          {"con", 0, "device"},
        {"cOn.txt", 0, "device"},      {"nul.tar.gz", 0, "device"},
        {"data/prn", 0, "device"},     {"aux/b", 0, "device"},
        {"COM1", 0, "device"},         {"com9.log", 0, "device"},
        {"lpt1", 0, "device"},         {"LPT9", 0, "device"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t len = rows[i].len > 0 ? rows[i].len : strlen(rows[i].path);
        expect_phrase(sb_path_not_portable(rows[i].path, len), rows[i].path, rows[i].phrase);
    }
}

/* ---- Bag-Name -------------------------------------------------------------------------- */

static void bag_names(void **state)
{
    (void)state;
    static const char *const good[] = {"a", "report-2026", "A b", "Bericht \xc3\xbc", "a.b", "a."};
    static const struct refusal bad[] = {
        {"", 0, "is empty"},
        {"..", 0, "\"..\""},
        {"a/b", 0, "slash"},
        {"/a", 0, "absolute"},
        {"a\\b", 0, "backslash"},
        {"\xff", 0, "not UTF-8"},
        {".a", 0, "dot"},
        {"...", 0, "dot"},
        {"-rf", 0, "'-'"},
        {" a", 0, "space"},
        {"a ", 0, "space"},
        {" ", 0, "space"},
        {"a\nb", 0, "control"},
        {"a\x7f", 0, "control"},
        {"a\xc2\x85", 0, "control"},
        {"a\xe2\x80\xa8", 0, "control"},
        {"a\xe2\x80\xae", 0, "control"},
        {"a\0b", 3, "NUL"},
    };
    char name[256];
    for (size_t i = 0; i < COUNT(good); i++)
        assert_null(sb_bag_name_bad(good[i], strlen(good[i])));
    for (size_t i = 0; i < COUNT(bad); i++) {
        size_t len = bad[i].len > 0 ? bad[i].len : strlen(bad[i].path);
        expect_phrase(sb_bag_name_bad(bad[i].path, len), bad[i].path, bad[i].phrase);
    }
    memset(name, 'a', sizeof(name));
    assert_null(sb_bag_name_bad(name, 255));
    expect_phrase(sb_bag_name_bad(name, 256), "a{256}", "255 bytes");
}

/* ---- spelling in manifests ------------------------------------------------------------- */

static void encode_and_decode(void **state)
{
    (void)state;
    static const struct {
        const char *path, *text;
    } rows[] = {
        {"", ""},
        {"data/a b.txt", "data/a b.txt"},
        {"a\nb", "a%0Ab"},
        {"a\rb", "a%0Db"},
        {"a\r\n", "a%0D%0A"},
        {"100%", "100%25"},
        {"a%0Ab.txt", "a%250Ab.txt"},
        {"%25", "%2525"},
        {"%%", "%25%25"},
        {"\ta\\\xc3\xa9", "\ta\\\xc3\xa9"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sb_buf text = {0}, path = {0};
        assert_int_equal(sb_buf_reserve(&text, 0), 0);
        assert_int_equal(sb_buf_reserve(&path, 0), 0);
        assert_int_equal(sb_path_encode(&text, rows[i].path, strlen(rows[i].path)), 0);
        assert_string_equal((const char *)text.data, rows[i].text);
        assert_int_equal(sb_path_decode(&path, rows[i].text, strlen(rows[i].text)), 0);
        assert_string_equal((const char *)path.data, rows[i].path);
        sb_buf_free(&text);
        sb_buf_free(&path);
    }
}

/* Only three codes are decoded, in either case; all else stays. */
static void decode_only_three(void **state)
{
    (void)state;
    static const struct {
        const char *text, *path;
    } rows[] = {
        {"%0a%0d", "\n\r"}, {"%0A%0D", "\n\r"}, {"%2F", "%2F"}, {"%2e%2E/", "%2e%2E/"},
        {"%00", "%00"},     {"%", "%"},         {"%2", "%2"},   {"%0", "%0"},
        {"%%0A", "%\n"},    {"%250A", "%0A"},   {"%zz", "%zz"}, {"%0G", "%0G"},
        {"%5C", "%5C"},     {"a%0", "a%0"},     {"%0B", "%0B"}, {"%-1", "%-1"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sb_buf path = {0};
        assert_int_equal(sb_path_decode(&path, rows[i].text, strlen(rows[i].text)), 0);
        assert_string_equal((const char *)path.data, rows[i].path);
        sb_buf_free(&path);
    }
    struct sb_buf path = {0};
    assert_int_equal(sb_path_decode(&path, "%0A", 2), 0);
    assert_string_equal((const char *)path.data, "%0");
    sb_buf_free(&path);
}

static void order(void **state)
{
    (void)state;
    static const char *const sorted[] = {"A",  "a",  "a-b", "a.b",      "a/b",
                                         "a0", "ab", "b",   "\xc3\xa9", "\xf0\x9f\x98\x80"};
    for (size_t i = 0; i < COUNT(sorted); i++) {
        for (size_t j = 0; j < COUNT(sorted); j++) {
            int c = sb_path_compare(sorted[i], sorted[j]);
            assert_int_equal((c > 0) - (c < 0), (i > j) - (i < j));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(safe),
        cmocka_unit_test(unsafe),
        cmocka_unit_test(limits),
        cmocka_unit_test(length_counts),
        cmocka_unit_test(portable),
        cmocka_unit_test(not_portable),
        cmocka_unit_test(bag_names),
        cmocka_unit_test(encode_and_decode),
        cmocka_unit_test(decode_only_three),
        cmocka_unit_test(order),
    };
    return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
