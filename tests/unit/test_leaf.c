/* Leaves: the line that is hashed, its salt, and the root over leaves in any order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/text.h"
#include "hash/leaf.h"

static int set_up(void **state)
{
    struct sb_digest *digest;
    if (sodium_init() < 0 || sb_digest_new(&digest, NULL) < 0)
        return -1;
    *state = digest;
    return 0;
}

static int tear_down(void **state)
{
    sb_digest_free(*state);
    return 0;
}

static const struct {
    const char *path;
    uint64_t size;
    bool has_row;
} documents[] = {
    {"data/a.txt", 0, false},
    {"data/a.txt", 1, false},
    {"data/a.txt", 0, true},
    {"data/a%0Ab%25.txt", UINT64_MAX, true},
    {"data/\xc3\xa9 b.txt", 4294967296, false},
};

/* The line of docs/format.md, "The tree", put together by other means. */
static void leaf_line(void **state)
{
    uint8_t bag_salt[32], sha256[32], row[32];
    for (uint8_t i = 0; i < 32; i++) {
        bag_salt[i] = i;
        sha256[i] = (uint8_t)(0xff - i);
        row[i] = (uint8_t)(i * 3);
    }
    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
        const char *path = documents[i].path;
        uint8_t salt[32], hash[32];
        char line[1000] = "", salt_hex[65], sha256_hex[65], row_hex[65];
        crypto_generichash(salt, 32, (const uint8_t *)path, strlen(path), bag_salt, 32);
        sodium_bin2hex(salt_hex, 65, salt, 32);
        sodium_bin2hex(sha256_hex, 65, sha256, 32);
        sodium_bin2hex(row_hex, 65, row, 32);
        int n = snprintf(line + 1, sizeof(line) - 1, "%s %s %llu %s %s\n", salt_hex, sha256_hex,
                         (unsigned long long)documents[i].size,
                         documents[i].has_row ? row_hex : "-", path);
        crypto_hash_sha256(hash, (const uint8_t *)line, (size_t)n + 1);

        struct sb_leaf leaf;
        assert_int_equal(sb_leaf_make(&leaf, *state, bag_salt, path, sha256, documents[i].size,
                                      documents[i].has_row ? row : NULL, NULL),
                         0);
        assert_memory_equal(leaf.salt, salt, 32);
        assert_memory_equal(leaf.hash, hash, 32);
    }
}

/* A fixed answer, so that the form cannot drift together with this file. */
static void known(void **state)
{
    uint8_t bag_salt[32] = {0}, sha256[32] = {0};
    struct sb_leaf leaf;
    char hex[65];
    assert_int_equal(sb_leaf_make(&leaf, *state, bag_salt, "data/a", sha256, 7, NULL, NULL), 0);
    assert_string_equal(sb_hex_encode(hex, leaf.salt, 32),
                        "1475611c060ed794a430f2553b0aed30b9d42e4d99766a1d40e04de3eb41d582");
    assert_string_equal(sb_hex_encode(hex, leaf.hash, 32),
                        "cfa8cccc12ab3f1c8f9c3acd38dc8cd4d770f50f32fea2a43c124440cdca0dbe");
}

/* Each of the five values changes the leaf. */
static void everything_counts(void **state)
{
    uint8_t bag_salt[32] = {1}, sha256[32] = {2}, row[32] = {3};
    struct sb_leaf base, other;
    assert_int_equal(sb_leaf_make(&base, *state, bag_salt, "data/a", sha256, 7, row, NULL), 0);
    assert_int_equal(sb_leaf_make(&other, *state, bag_salt, "data/b", sha256, 7, row, NULL), 0);
    assert_memory_not_equal(base.hash, other.hash, 32);
    assert_memory_not_equal(base.salt, other.salt, 32);
    assert_int_equal(sb_leaf_make(&other, *state, bag_salt, "data/a", sha256, 8, row, NULL), 0);
    assert_memory_not_equal(base.hash, other.hash, 32);
    assert_memory_equal(base.salt, other.salt, 32);
    row[31] ^= 1;
    assert_int_equal(sb_leaf_make(&other, *state, bag_salt, "data/a", sha256, 7, row, NULL), 0);
    assert_memory_not_equal(base.hash, other.hash, 32);
    row[31] ^= 1;
    sha256[31] ^= 1;
    assert_int_equal(sb_leaf_make(&other, *state, bag_salt, "data/a", sha256, 7, row, NULL), 0);
    assert_memory_not_equal(base.hash, other.hash, 32);
    sha256[31] ^= 1;
    bag_salt[31] ^= 1;
    assert_int_equal(sb_leaf_make(&other, *state, bag_salt, "data/a", sha256, 7, row, NULL), 0);
    assert_memory_not_equal(base.hash, other.hash, 32);
    assert_memory_not_equal(base.salt, other.salt, 32);
}

/* ---- the root -------------------------------------------------------------------------- */

enum { LEAVES = 23 };

static void make_leaves(struct sb_leaf *leaves, struct sb_digest *digest)
{
    uint8_t bag_salt[32] = {9}, sha256[32];
    for (unsigned i = 0; i < LEAVES; i++) {
        char path[32];
        snprintf(path, sizeof(path), "data/%u.txt", i);
        memset(sha256, (int)i, sizeof(sha256));
        assert_int_equal(sb_leaf_make(&leaves[i], digest, bag_salt, path, sha256, i, NULL, NULL),
                         0);
    }
}

/* Sorted by salt: the order in which documents come does not show. */
static void order_does_not_matter(void **state)
{
    struct sb_leaf leaves[LEAVES], shuffled[LEAVES];
    uint8_t root[32], other[32], expected[32];
    make_leaves(leaves, *state);
    for (unsigned step = 1; step < LEAVES; step++) {
        for (unsigned i = 0; i < LEAVES; i++)
            shuffled[i] = leaves[(i * step + step) % LEAVES];
        assert_int_equal(sb_leaf_root(other, shuffled, LEAVES, *state, NULL), 0);
        if (step == 1)
            memcpy(root, other, 32);
        assert_memory_equal(root, other, 32);
    }
    struct sb_merkle tree = {0};
    for (unsigned i = 0; i < LEAVES; i++) {
        if (i > 0)
            assert_true(memcmp(shuffled[i - 1].salt, shuffled[i].salt, 32) < 0);
        assert_int_equal(sb_merkle_add(&tree, *state, shuffled[i].hash), 0);
    }
    assert_int_equal(sb_merkle_root(expected, &tree, *state), 0);
    assert_memory_equal(root, expected, 32);
}

static void roots_differ(void **state)
{
    struct sb_leaf leaves[LEAVES];
    uint8_t root[32], other[32];
    make_leaves(leaves, *state);
    assert_int_equal(sb_leaf_root(root, leaves, LEAVES, *state, NULL), 0);
    assert_int_equal(sb_leaf_root(other, leaves, LEAVES - 1, *state, NULL), 0);
    assert_memory_not_equal(root, other, 32);
    leaves[3].hash[0] ^= 1;
    assert_int_equal(sb_leaf_root(other, leaves, LEAVES, *state, NULL), 0);
    assert_memory_not_equal(root, other, 32);
    assert_int_equal(sb_leaf_root(root, NULL, 0, *state, NULL), 0);
    assert_int_equal(sb_digest_bytes(other, *state, "", 0), 0);
    assert_memory_equal(root, other, 32);
}

static void new_salts(void **state)
{
    (void)state;
    uint8_t first[SB_SALT_SIZE] = {0}, second[SB_SALT_SIZE] = {0}, zero[SB_SALT_SIZE] = {0};
    sb_leaf_new_salt(first);
    sb_leaf_new_salt(second);
    assert_memory_not_equal(first, second, SB_SALT_SIZE);
    assert_memory_not_equal(first, zero, SB_SALT_SIZE);
    assert_memory_not_equal(first + SB_SALT_SIZE - 8, second + SB_SALT_SIZE - 8, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaf_line),         cmocka_unit_test(known),
        cmocka_unit_test(everything_counts), cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(roots_differ),      cmocka_unit_test(new_salts),
    };
    return cmocka_run_group_tests_name("leaf", tests, set_up, tear_down);
}
