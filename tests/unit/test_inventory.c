/* The inventory: order, finding, and what is wrong with a set of paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bag/inventory.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const uint8_t digest[SB_DIGEST_SIZE] = {7};

static void add(struct sb_inventory *inventory, const char *path)
{
    assert_int_equal(sb_inventory_add(inventory, path, 1, 0, digest), 0);
}

/* Checks the paths (one with a slash at its end is a folder) and expects exactly one finding for
 * each row, in any order. */
struct row {
    enum sb_rule rule;
    const char *path;
};

static bool found(const struct sb_findings *list, const struct row *row)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].rule, sb_rule_row(row->rule)->rule) == 0 &&
            strcmp(list->items[i].path, row->path) == 0)
            return true;
    }
    return false;
}

static void check(const char *const *paths, size_t count, const struct row *rows, size_t row_count)
{
    struct sb_inventory inventory = {0};
    struct sb_findings list = {0};
    for (size_t i = 0; i < count; i++) {
        char path[300];
        size_t len = strlen(paths[i]);
        memcpy(path, paths[i], len + 1);
        if (path[len - 1] == '/') {
            path[len - 1] = 0;
            assert_int_equal(sb_inventory_add_folder(&inventory, path), 0);
        } else {
            add(&inventory, path);
        }
    }
    sb_inventory_sort(&inventory);
    sb_inventory_check(&list, &inventory);
    for (size_t i = 0; i < row_count; i++) {
        if (!found(&list, &rows[i]))
            fail_msg("%s: %s was not found", paths[0], rows[i].path);
    }
    if (list.count != row_count)
        fail_msg("%s: %zu findings, not %zu", paths[0], list.count, row_count);
    sb_findings_free(&list);
    sb_inventory_free(&inventory);
}

#define CHECK(paths, rows) check(paths, COUNT(paths), rows, COUNT(rows))

static void parts(void **state)
{
    (void)state;
    assert_int_equal(sb_part_of("data/a"), SB_PART_PAYLOAD);
    assert_int_equal(sb_part_of("data/seal/a"), SB_PART_PAYLOAD);
    assert_int_equal(sb_part_of("seal/seal.txt"), SB_PART_SEAL);
    static const char *const tags[] = {"bagit.txt",   "data",   "database/a", "seal",
                                       "sealed/a",    "Data/a", "SEAL/a",     "a/data/b",
                                       "meta/seal/a", ""};
    for (size_t i = 0; i < COUNT(tags); i++)
        assert_int_equal(sb_part_of(tags[i]), SB_PART_TAG);
}

static void add_and_find(void **state)
{
    (void)state;
    struct sb_inventory inventory = {0};
    char path[32];
    uint8_t own[SB_DIGEST_SIZE] = {0};
    sb_inventory_sort(&inventory);
    assert_null(sb_inventory_find(&inventory, "a"));
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(path, sizeof(path), "%s%u", i % 3 == 0 ? "data/" : "", i * 7919 % 5000);
        own[0] = (uint8_t)(i * 7919 % 5000);
        assert_int_equal(sb_inventory_add(&inventory, path, i, i * 512, own), 0);
    }
    memset(path, 'x', sizeof(path)); /* the inventory has copies */
    sb_inventory_sort(&inventory);
    assert_int_equal(inventory.count, 5000);
    for (size_t i = 1; i < inventory.count; i++)
        assert_true(strcmp(inventory.files[i - 1].path, inventory.files[i].path) < 0);
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(path, sizeof(path), "%s%u", i % 3 == 0 ? "data/" : "", i * 7919 % 5000);
        const struct sb_file *file = sb_inventory_find(&inventory, path);
        assert_non_null(file);
        assert_true(file->size == i && file->at == i * 512);
        assert_int_equal(file->digest[0], (uint8_t)(i * 7919 % 5000));
        assert_int_equal(file->part, i % 3 == 0 ? SB_PART_PAYLOAD : SB_PART_TAG);
    }
    assert_null(sb_inventory_find(&inventory, ""));
    assert_null(sb_inventory_find(&inventory, "data"));
    assert_null(sb_inventory_find(&inventory, "data/"));
    assert_null(sb_inventory_find(&inventory, "zzz"));
    sb_inventory_free(&inventory);
    assert_int_equal(inventory.count, 0);
    assert_null(inventory.files);
}

/* A path that was lent is not copied. */
static void borrowed(void **state)
{
    (void)state;
    static const char *const paths[] = {"seal/seal.txt", "data/a", "bagit.txt"};
    struct sb_inventory inventory = {0};
    uint8_t own[SB_DIGEST_SIZE] = {0};
    for (size_t i = 0; i < COUNT(paths); i++) {
        own[0] = (uint8_t)i;
        assert_int_equal(
            sb_inventory_add_borrowed(&inventory, paths[i], 10 + i, UINT64_MAX - i, own), 0);
    }
    sb_inventory_sort(&inventory);
    assert_int_equal(inventory.count, COUNT(paths));
    for (size_t i = 0; i < COUNT(paths); i++) {
        const struct sb_file *file = sb_inventory_find(&inventory, paths[i]);
        assert_non_null(file);
        assert_ptr_equal(file->path, paths[i]);
        assert_true(file->size == 10 + i && file->at == UINT64_MAX - i);
        assert_int_equal(file->digest[0], i);
        assert_int_equal(file->part, sb_part_of(paths[i]));
    }
    assert_null(inventory.strings.head);
    sb_inventory_free(&inventory);
}

static void good(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "bagit.txt", "data/a",         "data/a-b", "data/a.txt",     "data/b/",      "data/b/c",
        "data/b/d/", "data/b/d/e",     "data/",    "data/dot.txt",   "data/b.",      "data/b-/x",
        "data/ab/c", "metadata/x.csv", "data/A",   "data/a\xcc\x81", "data/\xc3\xa1"};
    static const struct row rows[] = {{SB_RULE_PATH_NOT_PORTABLE, "data/b."}};
    CHECK(paths, rows);
    check(paths, 0, NULL, 0);
}

static void duplicates(void **state)
{
    (void)state;
    static const char *const paths[] = {"data/a", "data/b", "data/a", "data/c"};
    static const struct row rows[] = {{SB_RULE_PATH_DUPLICATE, "data/a"}};
    CHECK(paths, rows);
    static const char *const three[] = {"a", "a", "a"};
    static const struct row twice[] = {{SB_RULE_PATH_DUPLICATE, "a"},
                                       {SB_RULE_PATH_DUPLICATE, "a"}};
    CHECK(three, twice);
}

/* A file that is also a folder, with other names between the two in the order of bytes. */
static void collisions(void **state)
{
    (void)state;
    static const char *const direct[] = {"data/a", "data/a/b"};
    static const struct row direct_rows[] = {{SB_RULE_PATH_COLLISION, "data/a/b"}};
    CHECK(direct, direct_rows);
    static const char *const between[] = {"data/a", "data/a-", "data/a.b", "data/a/b/c/d",
                                          "data/a.b/c"};
    static const struct row between_rows[] = {{SB_RULE_PATH_COLLISION, "data/a/b/c/d"},
                                              {SB_RULE_PATH_COLLISION, "data/a.b/c"}};
    CHECK(between, between_rows);
    static const char *const top[] = {"data", "data/a", "data/b", "x"};
    static const struct row top_rows[] = {{SB_RULE_PATH_COLLISION, "data/a"}};
    CHECK(top, top_rows);
    static const char *const deep[] = {"a/b", "a/b/c/d/e", "a/c/d", "a/c/d/e"};
    static const struct row deep_rows[] = {{SB_RULE_PATH_COLLISION, "a/b/c/d/e"},
                                           {SB_RULE_PATH_COLLISION, "a/c/d/e"}};
    CHECK(deep, deep_rows);
}

static void folders(void **state)
{
    (void)state;
    static const char *const empty[] = {"data/a", "data/b/", "data/a-/", "data/"};
    static const struct row empty_rows[] = {{SB_RULE_FOLDER_EMPTY, "data/b"},
                                            {SB_RULE_FOLDER_EMPTY, "data/a-"}};
    CHECK(empty, empty_rows);
    static const char *const both[] = {"data/a", "data/a/"};
    static const struct row both_rows[] = {{SB_RULE_FOLDER_EMPTY, "data/a"},
                                           {SB_RULE_PATH_COLLISION, "data/a"}};
    CHECK(both, both_rows);
    static const char *const lone[] = {"a/"};
    static const struct row lone_rows[] = {{SB_RULE_FOLDER_EMPTY, "a"}};
    CHECK(lone, lone_rows);
    static const char *const near[] = {"data/bc", "data/b/"};
    static const struct row near_rows[] = {{SB_RULE_FOLDER_EMPTY, "data/b"}};
    CHECK(near, near_rows);
}

static void portability(void **state)
{
    (void)state;
    static const char *const paths[] = {"data/CON", "data/a:b", "data/ok", "data/nul.txt/x"};
    static const struct row rows[] = {{SB_RULE_PATH_NOT_PORTABLE, "data/CON"},
                                      {SB_RULE_PATH_NOT_PORTABLE, "data/a:b"},
                                      {SB_RULE_PATH_NOT_PORTABLE, "data/nul.txt/x"}};
    CHECK(paths, rows);
    struct sb_findings list = {0};
    struct sb_inventory inventory = {0};
    add(&inventory, "data/CON");
    sb_inventory_check(&list, &inventory);
    assert_int_equal(sb_findings_exit_code(&list), 0); /* only a warning */
    sb_findings_free(&list);
    sb_inventory_free(&inventory);
}

/* Paths as long as they may be. */
static void long_paths(void **state)
{
    (void)state;
    struct sb_inventory inventory = {0};
    struct sb_findings list = {0};
    char path[4001];
    for (size_t i = 0; i < 4000; i++)
        path[i] = i % 200 == 199 ? '/' : 'p';
    path[3999] = 'p';
    path[4000] = 0;
    add(&inventory, path);
    assert_int_equal(sb_inventory_add_folder(&inventory, path), 0);
    path[3799] = 0;
    add(&inventory, path);
    sb_inventory_sort(&inventory);
    sb_inventory_check(&list, &inventory);
    assert_int_equal(list.count, 3);
    assert_true(sb_findings_has(&list, SB_RULE_PATH_COLLISION));
    assert_true(sb_findings_has(&list, SB_RULE_FOLDER_EMPTY));
    sb_findings_free(&list);
    sb_inventory_free(&inventory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts),   cmocka_unit_test(add_and_find), cmocka_unit_test(borrowed),
        cmocka_unit_test(good),    cmocka_unit_test(duplicates),   cmocka_unit_test(collisions),
        cmocka_unit_test(folders), cmocka_unit_test(portability),  cmocka_unit_test(long_paths),
    };
    return cmocka_run_group_tests_name("inventory", tests, NULL, NULL);
}
