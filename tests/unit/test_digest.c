/* SHA-256: known answers, pieces, a context used again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/text.h"
#include "hash/digest.h"

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
    sb_digest_free(NULL);
    return 0;
}

static void expect(const uint8_t *found, const char *hex)
{
    char text[65];
    assert_string_equal(sb_hex_encode(text, found, SB_SHA256_SIZE), hex);
}

/* FIPS 180-4 examples, and NIST's of one block, two blocks and a million letters. */
static void known(void **state)
{
    static const struct {
        const char *text, *hex;
    } rows[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
         "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    };
    struct sb_digest *digest = *state;
    uint8_t out[SB_SHA256_SIZE];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(sb_digest_bytes(out, digest, rows[i].text, strlen(rows[i].text)), 0);
        expect(out, rows[i].hex);
    }
    char *letters = malloc(1000000);
    assert_non_null(letters);
    memset(letters, 'a', 1000000);
    assert_int_equal(sb_digest_bytes(out, digest, letters, 1000000), 0);
    expect(out, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(letters);
}

/* Every length around the block size, whole and in two pieces, against another library. */
static void pieces(void **state)
{
    struct sb_digest *digest = *state;
    uint8_t bytes[200], out[SB_SHA256_SIZE], other[crypto_hash_sha256_BYTES];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 31 + 1);
    for (size_t len = 0; len <= sizeof(bytes); len++) {
        crypto_hash_sha256(other, bytes, len);
        assert_int_equal(sb_digest_bytes(out, digest, bytes, len), 0);
        assert_memory_equal(out, other, sizeof(other));
        for (size_t cut = 0; cut <= len; cut += 13) {
            assert_int_equal(sb_digest_start(digest), 0);
            assert_int_equal(sb_digest_update(digest, bytes, cut), 0);
            assert_int_equal(sb_digest_update(digest, "", 0), 0);
            assert_int_equal(sb_digest_update(digest, bytes + cut, len - cut), 0);
            assert_int_equal(sb_digest_finish(out, digest), 0);
            assert_memory_equal(out, other, sizeof(other));
        }
    }
}

/* What was fed before a new start is forgotten. */
static void start_again(void **state)
{
    struct sb_digest *digest = *state;
    uint8_t out[SB_SHA256_SIZE];
    assert_int_equal(sb_digest_start(digest), 0);
    assert_int_equal(sb_digest_update(digest, "garbage", 7), 0);
    assert_int_equal(sb_digest_start(digest), 0);
    assert_int_equal(sb_digest_update(digest, "abc", 3), 0);
    assert_int_equal(sb_digest_finish(out, digest), 0);
    expect(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* A context that was never started has no result to give. */
static void not_started(void **state)
{
    (void)state;
    struct sb_digest *digest;
    uint8_t out[SB_SHA256_SIZE];
    assert_int_equal(sb_digest_new(&digest, NULL), 0);
    assert_int_equal(sb_digest_update(digest, "abc", 3), SEALBAG_ERR_SYSTEM);
    assert_int_equal(sb_digest_finish(out, digest), SEALBAG_ERR_SYSTEM);
    sb_digest_free(digest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known),
        cmocka_unit_test(pieces),
        cmocka_unit_test(start_again),
        cmocka_unit_test(not_started),
    };
    return cmocka_run_group_tests_name("digest", tests, set_up, tear_down);
}
