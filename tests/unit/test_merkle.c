/* The tree of RFC 6962, section 2.1, against its own definition and public vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/file.h"
#include "base/text.h"
#include "hash/merkle.h"

enum { HASH = SB_SHA256_SIZE };

/* The leaves that RFC 6962's reference tests use. */
static const char *const reference[8] = {"",
                                         "00",
                                         "10",
                                         "2021",
                                         "3031",
                                         "40414243",
                                         "5051525354555657",
                                         "606162636465666768696a6b6c6d6e6f"};

static int set_up(void **state)
{
    struct sb_digest *digest;
    if (sb_digest_new(&digest, NULL) < 0)
        return -1;
    *state = digest;
    return 0;
}

static int tear_down(void **state)
{
    sb_digest_free(*state);
    return 0;
}

/* MTH of section 2.1 as it is written there, with libsodium's SHA-256. */
static void mth(uint8_t *out, const uint8_t (*leaves)[HASH], size_t n)
{
    if (n == 0) {
        crypto_hash_sha256(out, (const uint8_t *)"", 0);
        return;
    }
    if (n == 1) {
        memcpy(out, leaves[0], HASH);
        return;
    }
    size_t k = 1;
    while (k * 2 < n)
        k *= 2;
    uint8_t bytes[1 + 2 * HASH] = {0x01};
    mth(bytes + 1, leaves, k);
    mth(bytes + 1 + HASH, leaves + k, n - k);
    crypto_hash_sha256(out, bytes, sizeof(bytes));
}

static void leaf_hash(uint8_t *out, const uint8_t *data, size_t len)
{
    crypto_hash_sha256_state hash;
    crypto_hash_sha256_init(&hash);
    crypto_hash_sha256_update(&hash, (const uint8_t *)"\0", 1);
    crypto_hash_sha256_update(&hash, data, len);
    crypto_hash_sha256_final(&hash, out);
}

static void root_of(uint8_t *out, struct sb_digest *digest, const uint8_t (*leaves)[HASH],
                    size_t count)
{
    struct sb_merkle tree = {0};
    for (size_t i = 0; i < count; i++)
        assert_int_equal(sb_merkle_add(&tree, digest, leaves[i]), 0);
    assert_int_equal(tree.leaves, count);
    assert_int_equal(sb_merkle_root(out, &tree, digest), 0);
}

static void reference_leaves(uint8_t (*leaves)[HASH], struct sb_digest *digest)
{
    for (size_t i = 0; i < 8; i++) {
        uint8_t data[16], expected[HASH];
        size_t len = strlen(reference[i]) / 2;
        assert_true(sb_hex_decode(data, len, reference[i], 2 * len, false));
        assert_int_equal(sb_merkle_leaf(leaves[i], digest, data, len), 0);
        leaf_hash(expected, data, len);
        assert_memory_equal(leaves[i], expected, HASH);
    }
}

static void reference_roots(void **state)
{
    uint8_t leaves[8][HASH], root[HASH], expected[HASH];
    char hex[65];
    reference_leaves(leaves, *state);
    for (size_t n = 0; n <= 8; n++) {
        root_of(root, *state, (const uint8_t(*)[HASH])leaves, n);
        mth(expected, (const uint8_t(*)[HASH])leaves, n);
        assert_memory_equal(root, expected, HASH);
        sb_hex_encode(hex, root, HASH);
        if (n == 0)
            assert_string_equal(hex,
                                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        if (n == 1)
            assert_string_equal(hex,
                                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        if (n == 8)
            assert_string_equal(hex,
                                "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
    }
}

/* Every size up to 300, and that a root can be taken on the way without disturbing the tree. */
static void many_sizes(void **state)
{
    static uint8_t leaves[300][HASH];
    struct sb_merkle tree = {0};
    for (size_t n = 1; n <= 300; n++) {
        uint8_t data[2] = {(uint8_t)n, (uint8_t)(n >> 8)}, root[HASH], expected[HASH];
        assert_int_equal(sb_merkle_leaf(leaves[n - 1], *state, data, 2), 0);
        assert_int_equal(sb_merkle_add(&tree, *state, leaves[n - 1]), 0);
        assert_int_equal(sb_merkle_root(root, &tree, *state), 0);
        mth(expected, (const uint8_t(*)[HASH])leaves, n);
        assert_memory_equal(root, expected, HASH);
    }
}

/* Order, number and every bit of the leaves count; two leaves are not one of their node. */
static void everything_counts(void **state)
{
    uint8_t leaves[8][HASH], changed[8][HASH], root[HASH], other[HASH];
    reference_leaves(leaves, *state);
    for (size_t n = 1; n <= 8; n++) {
        root_of(root, *state, (const uint8_t(*)[HASH])leaves, n);
        for (size_t i = 0; i < n; i++) {
            memcpy(changed, leaves, sizeof(leaves));
            changed[i][i] ^= 0x80;
            root_of(other, *state, (const uint8_t(*)[HASH])changed, n);
            assert_memory_not_equal(root, other, HASH);
            memcpy(changed, leaves, sizeof(leaves));
            memcpy(changed[i], leaves[(i + 1) % n], HASH);
            memcpy(changed[(i + 1) % n], leaves[i], HASH);
            root_of(other, *state, (const uint8_t(*)[HASH])changed, n);
            if (n > 1)
                assert_memory_not_equal(root, other, HASH);
        }
        root_of(other, *state, (const uint8_t(*)[HASH])leaves, n - 1);
        assert_memory_not_equal(root, other, HASH);
    }
    root_of(root, *state, (const uint8_t(*)[HASH])leaves, 2);
    uint8_t pair[2 * HASH], as_leaf[HASH];
    memcpy(pair, leaves, 2 * HASH);
    assert_int_equal(sb_merkle_leaf(as_leaf, *state, pair, sizeof(pair)), 0);
    assert_memory_not_equal(root, as_leaf, HASH);
}

/* ---- public vectors --------------------------------------------------------------------- */

/* The value of "key" in a small JSON object: digits, or what stands between quotes. */
static bool json_value(char *out, size_t size, const char *json, const char *key)
{
    char quoted[40];
    snprintf(quoted, sizeof(quoted), "\"%s\": ", key);
    const char *at = strstr(json, quoted);
    if (at == NULL)
        return false;
    at += strlen(quoted);
    at += *at == '"';
    size_t len = strcspn(at, "\",\n");
    if (len >= size)
        return false;
    memcpy(out, at, len);
    out[len] = 0;
    return true;
}

/* The roots of the public inclusion vectors are those of the first treeSize reference leaves. */
static void public_vectors(void **state)
{
    const char *folder = getenv("SEALBAG_TEST_DATA");
    size_t checked = 0;
    uint8_t leaves[8][HASH];
    reference_leaves(leaves, *state);
    for (int i = 0; folder != NULL && i < 5; i++) {
        char path[4096], size[16], text[64];
        struct sb_buf json = {0};
        uint8_t root[HASH], expected[HASH];
        snprintf(path, sizeof(path), "%s/rfc6962/testdata/inclusion/%d/happy-path.json", folder, i);
        if (sb_file_read(&json, NULL, path, 65536, NULL) == 0) {
            size_t len = 0;
            assert_true(json_value(size, sizeof(size), (const char *)json.data, "treeSize"));
            assert_true(json_value(text, sizeof(text), (const char *)json.data, "root"));
            assert_int_equal(sodium_base642bin(expected, HASH, text, strlen(text), NULL, &len, NULL,
                                               sodium_base64_VARIANT_ORIGINAL),
                             0);
            size_t count = (size_t)strtoul(size, NULL, 10);
            if (count >= 1 && count <= 8 && len == HASH) {
                root_of(root, *state, (const uint8_t(*)[HASH])leaves, count);
                assert_memory_equal(root, expected, HASH);
                checked++;
            }
        }
        sb_buf_free(&json);
    }
    if (checked == 0) {
        print_message("SEALBAG_TEST_DATA has no RFC 6962 vectors: skipped.\n");
        skip();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_roots),
        cmocka_unit_test(many_sizes),
        cmocka_unit_test(everything_counts),
        cmocka_unit_test(public_vectors),
    };
    return cmocka_run_group_tests_name("merkle", tests, set_up, tear_down);
}
