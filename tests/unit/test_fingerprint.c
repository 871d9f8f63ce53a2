/* Fingerprints and base64: one spelling a value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "sign/sign.h"

/* The public key of RFC 8032, section 7.1, test 1; the rest as `ssh-keygen -l` shows it. */
static const char key_hex[] = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
static const char key_text[] = "SHA256:bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU8";
static const char digest_hex[] = "6db5e9b8a1bace1cdd9a7c6adb9e9396acc5073465d9fe8e3a0ef6d9c60d6d4f";

static void init_can_be_repeated(void **state)
{
    (void)state;
    assert_int_equal(sb_sign_init(NULL), 0);
    assert_int_equal(sb_sign_init(NULL), 0);
}

static void known_answer(void **state)
{
    (void)state;
    struct sb_identity key = {0};
    uint8_t digest[32], expected[32];
    char text[SEALBAG_FINGERPRINT_SIZE];
    char name[SB_FP_NAME_SIZE];
    assert_true(sb_hex_decode(key.pk, 32, key_hex, 64, false));
    assert_true(sb_hex_decode(expected, 32, digest_hex, 64, false));

    sb_fingerprint_bytes(digest, &key);
    assert_memory_equal(digest, expected, 32);
    sb_fingerprint_text(text, &key);
    assert_string_equal(text, key_text);
    sb_fingerprint_text_from_bytes(text, digest);
    assert_string_equal(text, key_text);
    sb_fingerprint_name(name, &key);
    assert_int_equal(strlen(name), 32);
    assert_memory_equal(name, digest_hex, 32);
    memset(digest, 0, sizeof(digest));
    assert_true(sb_fingerprint_parse(digest, key_text, sizeof(key_text) - 1));
    assert_memory_equal(digest, expected, 32);
}

static void parse_refuses_what_it_would_not_write(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "SHA256:",
        "bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU8",
        "sha256:bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU8",
        "SHA256 bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU8",
        "SHA256:bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU",
        "SHA256:bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU8=",
        "SHA256:bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU8 ",
        "SHA256:bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU9", /* unused bits */
        "SHA256:bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU=",
        "SHA256:bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNb_8",
        "SHA256: bXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU8",
        " SHA256:bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU",
    };
    uint8_t digest[32];
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(sb_fingerprint_parse(digest, bad[i], strlen(bad[i])));
}

static void parse_any_change_is_another_value_or_refused(void **state)
{
    (void)state;
    uint8_t expected[32], digest[32];
    char text[sizeof(key_text)];
    assert_true(sb_hex_decode(expected, 32, digest_hex, 64, false));
    for (size_t i = 0; i < sizeof(key_text) - 1; i++) {
        for (int c = 0; c < 256; c++) {
            memcpy(text, key_text, sizeof(text));
            text[i] = (char)c;
            if (memcmp(text, key_text, sizeof(text)) != 0 &&
                sb_fingerprint_parse(digest, text, sizeof(text) - 1)) {
                assert_true(c < 0x80);
                assert_memory_not_equal(digest, expected, 32);
            }
        }
    }
}

/* RFC 4648, section 10. */
static void base64_known_answers(void **state)
{
    (void)state;
    static const char *const plain[] = {"", "f", "fo", "foo", "foob", "fooba", "foobar"};
    static const char *const coded[] = {"",         "Zg==",     "Zm8=",    "Zm9v",
                                        "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
    for (size_t i = 0; i < 7; i++) {
        struct sb_buf buf = {0};
        uint8_t back[8];
        assert_int_equal(sb_buf_puts(&buf, "x"), 0);
        assert_int_equal(sb_base64_append(&buf, (const uint8_t *)plain[i], i), 0);
        assert_int_equal(buf.len, 1 + strlen(coded[i]));
        assert_string_equal((const char *)buf.data + 1, coded[i]);
        assert_true(sb_base64_decode(back, i, coded[i], strlen(coded[i])));
        assert_memory_equal(back, plain[i], i);
        assert_false(sb_base64_decode(back, i + 1, coded[i], strlen(coded[i])));
        if (i > 0)
            assert_false(sb_base64_decode(back, i - 1, coded[i], strlen(coded[i])));
        sb_buf_free(&buf);
    }
}

static void base64_is_canonical(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        const char *text;
    } bad[] = {
        {1, "Zh=="}, /* unused bits */
        {2, "Zm9="}, /* unused bits */
        {1, "Zg="},      {1, "Zg"},   {1, "Zg==="}, {1, "Z==="}, {2, "Zm8"},     {3, "Zm9v\n"},
        {3, "Zm 9"},     {3, " Zm9"}, {3, "Zm9-"},  {3, "Zm9_"}, {3, "Zm9\xc3"}, {3, "===="},
        {4, "Zg==Zg=="}, {2, "Zg=="}, {3, "Zm9="},  {1, "Zg=A"},
    };
    uint8_t out[8];
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(sb_base64_decode(out, bad[i].n, bad[i].text, strlen(bad[i].text)));
    assert_false(sb_base64_decode(out, 3, "Zm\0v", 4));
    assert_false(sb_base64_decode(out, SIZE_MAX, "", 0));
    struct sb_buf buf = {0};
    assert_int_equal(sb_base64_append(&buf, out, SIZE_MAX / 2), SEALBAG_ERR_MEMORY);
    assert_int_equal(buf.len, 0);
}

/* libsodium 1.0.18 alone would take 192: every byte from 0x80 on is a '/' to it. */
static void base64_has_64_characters(void **state)
{
    (void)state;
    for (size_t at = 0; at < 4; at++) {
        size_t taken = 0;
        for (int c = 0; c < 256; c++) {
            char text[4] = {'A', 'A', 'A', 'A'};
            uint8_t out[3];
            text[at] = (char)c;
            taken += sb_base64_decode(out, 3, text, 4);
        }
        assert_int_equal(taken, 64);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(init_can_be_repeated),
        cmocka_unit_test(known_answer),
        cmocka_unit_test(parse_refuses_what_it_would_not_write),
        cmocka_unit_test(parse_any_change_is_another_value_or_refused),
        cmocka_unit_test(base64_known_answers),
        cmocka_unit_test(base64_is_canonical),
        cmocka_unit_test(base64_has_64_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
