/* Documents asked for by name: whole names only, folders with all that is in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "op/selection.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const paths[] = {
    "bagit.txt", "data/a",     "data/a-b",    "data/a.txt", "data/a/b",
    "data/a0",   "data/b/c/d", "data/data/a", "data/z",     "seal/seal.txt",
};

/* Which of the paths are selected, as a digit each. */
static void expect_of(const char *const *names, size_t count, const char *selected)
{
    struct sb_selection selection = {0};
    char found[COUNT(paths) + 1];
    size_t n = 0;
    assert_int_equal(sb_selection_make(&selection, names, count, NULL), 0);
    for (size_t i = 0; i < COUNT(paths); i++) {
        if (sb_selection_has(&selection, paths[i]))
            found[n++] = (char)('0' + i);
    }
    found[n] = 0;
    if (strcmp(found, selected) != 0)
        fail_msg("\"%s\"...: %s instead of %s", names[0], found, selected);
    sb_selection_free(&selection);
}

static void expect(const char *name, const char *selected)
{
    expect_of(&name, 1, selected);
}

static void names(void **state)
{
    (void)state;
    expect("data", "12345678");
    expect("data/", "12345678");
    expect("data//", "12345678");
    expect("a", "14");
    expect("a/", "14");
    expect("data/a", "14");
    expect("data/a///", "14");
    expect("a/b", "4");
    expect("a-", "");
    expect("a.", "");
    expect("a0", "5");
    expect("b", "6");
    expect("b/c", "6");
    expect("b/c/d", "6");
    expect("b/c/d/e", "");
    expect("data/data", "7");
    expect("data/data/a", "7");
    expect("z", "8");
    expect("", "");
    expect("/", "");
    expect("/a", "");
    expect("bagit.txt", "");
    expect("seal/seal.txt", "");
    expect("seal", "");
    expect("DATA", "");
}

static void several(void **state)
{
    (void)state;
    const char *const many[] = {"z", "a", "data/b/", "a/b", "a", "nothing", "a"};
    expect_of(many, COUNT(many), "1468");
}

static void check_of(const char *const *names, size_t count, const char *missing)
{
    struct sb_selection selection = {0};
    struct sb_inventory files = {0};
    struct sb_error error = {0};
    static const uint8_t digest[SB_DIGEST_SIZE];
    assert_int_equal(sb_selection_make(&selection, names, count, NULL), 0);
    for (size_t i = 0; i < COUNT(paths); i++)
        assert_int_equal(sb_inventory_add(&files, paths[i], 1, 0, digest), 0);
    int r = sb_selection_check(&selection, &files, &error);
    assert_int_equal(r, missing != NULL ? SEALBAG_ERR_USAGE : 0);
    if (missing != NULL && strstr(error.message, missing) == NULL)
        fail_msg("it says: %s", error.message);
    sb_inventory_free(&files);
    sb_selection_free(&selection);
}

/* Each name must lead to a document, also one that is within another or is there twice. */
static void all_found(void **state)
{
    (void)state;
    const char *const good[] = {"z", "a/b", "a/", "data", "a", "data/a", "b/c", "data/data/a"};
    const char *const bad[] = {"z", "a/b", "data", "a/c"};
    const char *const tag[] = {"data", "bagit.txt"};
    const char *const empty[] = {"a", ""};
    check_of(good, COUNT(good), NULL);
    check_of(good, 0, NULL);
    check_of(bad, COUNT(bad), "\"a/c\"");
    check_of(tag, COUNT(tag), "\"bagit.txt\"");
    check_of(empty, COUNT(empty), "\"\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(several),
        cmocka_unit_test(all_found),
    };
    return cmocka_run_group_tests_name("selection", tests, NULL, NULL);
}
