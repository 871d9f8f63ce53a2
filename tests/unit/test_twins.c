/* Paths that are the same on other systems. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bag/twins.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* How many findings there are, and the last one's path. */
static size_t check(const char *const *paths, size_t count, char last[200])
{
    static const uint8_t digest[SB_DIGEST_SIZE];
    struct sb_inventory files = {0};
    struct sb_findings findings = {0};
    for (size_t i = 0; i < count; i++)
        assert_int_equal(sb_inventory_add(&files, paths[i], 0, 0, digest), 0);
    sb_inventory_sort(&files);
    assert_int_equal(sb_twins_check(&findings, &files), 0);
    for (size_t i = 0; i < findings.count; i++)
        assert_string_equal(findings.items[i].rule, "path.twin");
    assert_int_equal(findings.exit_code, 0);
    size_t found = findings.count;
    snprintf(last, 200, "%s", found > 0 ? findings.items[found - 1].path : "");
    sb_findings_free(&findings);
    sb_inventory_free(&files);
    return found;
}

static void pairs(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool twins;
    } cases[] = {
        {"data/a", "data/A", true},
        {"data/A", "data/a/b", true},     /* a file and a folder */
        {"data/A/x", "data/a/y", true},   /* two folders */
        {"data/A/b/x", "data/a/c", true}, /* one of them with a folder in it */
        {"data/caf\xc3\xa9/x", "data/cafe\xcc\x81/y", true},
        {"Data/x", "data/y", true},
        {"data/A/x", "data/A/y", false},
        {"data/a/b/x", "data/A.b/x", false},
        {"data/a/x", "data/b/A", false},
        {"data/a", "data/b", false},
        {"data/a", "data/a/b", false},
        {"data/a.txt", "data/atxt", false},
        {"data/\xc3\xa9", "data/e\xcc\x81", true}, /* e acute: NFC, NFD */
        {"data/\xc3\x89", "data/e\xcc\x81", true}, /* and upper case */
        {"data/\xc3\xa9", "data/e", false},
        {"data/\xe2\x84\xab", "data/\xc3\xa5", true}, /* Angstrom sign, a with ring */
        {"data/stra\xc3\x9f"
         "e",
         "data/STRASSE", true},                   /* sharp s */
        {"data/\xcf\x83", "data/\xcf\x82", true}, /* sigma, final sigma */
        {"data/\xed\x95\x9c", "data/\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", true}, /* Hangul */
        {"data/\xef\xac\x81", "data/fi", true}, /* a ligature folds to letters */
        {"data/\xc2\xb2", "data/2", false},     /* superscript two does not */
        {"data/\xd0\xb0", "data/a", false},     /* Cyrillic a only looks alike */
    };
    char last[200];
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *const paths[] = {cases[i].a, cases[i].b};
        if (check(paths, 2, last) != cases[i].twins)
            fail_msg("case %zu", i);
    }
}

static void several(void **state)
{
    (void)state;
    static const char *const three[] = {"data/abc", "data/ABC", "data/Abc", "data/x", "bagit.txt"};
    static const char *const same[] = {"data/a", "data/a", "data/b"};
    char last[200];
    assert_int_equal(check(three, COUNT(three), last), 2);
    assert_string_equal(last, "data/abc");
    assert_int_equal(check(same, COUNT(same), last), 0);
    assert_int_equal(check(NULL, 0, last), 0);
    assert_int_equal(check(three, 1, last), 0);
}

/* Each folder once, however much is beneath it, and nothing beneath it for that reason alone. */
static void folders(void **state)
{
    (void)state;
    static const char *const names[] = {"data/A/s/1", "data/A/s/2", "data/a-b",  "data/a/s/3",
                                        "data/a/s/4", "data/b/C/x", "data/b/c/y"};
    static const char *const same[] = {"data/README/x", "data/readme/X"};
    static const char *const collision[] = {"data/a", "data/a/x"};
    char last[200];
    assert_int_equal(check(names, COUNT(names), last), 2);
    assert_string_equal(last, "data/b/c");
    assert_int_equal(check(names, 5, last), 1);
    assert_string_equal(last, "data/a");
    assert_int_equal(check(same, COUNT(same), last), 2); /* the files, too */
    assert_string_equal(last, "data/readme");
    assert_int_equal(check(collision, COUNT(collision), last), 0);
}

static void first_names(void **state)
{
    (void)state;
    static const char *const like[] = {"Seal/a",
                                       "SEAL",
                                       "\xc5\xbf"
                                       "eal/x",
                                       "se\xe2\x80\x8d"
                                       "al/b",
                                       "seal. ./x",
                                       "\xe2\x80\xaeseal"};
    static const char *const others[] = {"seal", "seal/a", "seals/a", "sea/l", "a/Seal", ".", ""};
    for (size_t i = 0; i < COUNT(like); i++)
        assert_true(sb_twins_first_like(like[i], "seal"));
    for (size_t i = 0; i < COUNT(others); i++)
        assert_false(sb_twins_first_like(others[i], "seal"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pairs), cmocka_unit_test(several),
                                       cmocka_unit_test(folders), cmocka_unit_test(first_names)};
    return cmocka_run_group_tests_name("twins", tests, NULL, NULL);
}
