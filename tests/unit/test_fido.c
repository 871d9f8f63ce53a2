/* SSHSIG signatures by FIDO keys, made by a token of software: what the token signs, what must be
 * in it, and what must not matter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "sign/sshkey.h"

static const uint8_t message[] = "the message";
enum { MESSAGE_LEN = sizeof(message) - 1 };

/* PROTOCOL.u2f, written down a second time. */
static void sign(struct sb_sshsig *out, const char *application, uint8_t flags, uint32_t counter)
{
    uint8_t seed[32] = {5}, sk[64], over[69];
    struct sb_buf text = {0};
    *out = (struct sb_sshsig){.flags = flags, .counter = counter, .sha512 = true};
    crypto_sign_seed_keypair(out->signer.pk, sk, seed);
    memcpy(out->signer.application, application, strlen(application));
    assert_int_equal(sb_sshsig_to_sign(&text, SB_SSH_NAMESPACE, message, MESSAGE_LEN), 0);
    crypto_hash_sha256(over, (const uint8_t *)application, strlen(application));
    over[32] = flags;
    over[33] = (uint8_t)(counter >> 24);
    over[34] = (uint8_t)(counter >> 16);
    over[35] = (uint8_t)(counter >> 8);
    over[36] = (uint8_t)counter;
    crypto_hash_sha256(over + 37, text.data, text.len);
    crypto_sign_detached(out->sig, NULL, over, sizeof(over), sk);
    sb_buf_free(&text);
}

static bool holds(const struct sb_sshsig *signature)
{
    return sb_sshsig_verify(signature, SB_SSH_NAMESPACE, message, MESSAGE_LEN);
}

static int parse(struct sb_sshsig *out, const struct sb_buf *text, struct sb_error *error)
{
    return sb_sshsig_parse(out, SB_SSH_NAMESPACE, text->data, text->len, error);
}

static void what_was_touched_holds(void **state)
{
    (void)state;
    static const struct {
        const char *application;
        uint8_t flags;
        uint32_t counter;
    } cases[] = {
        {"ssh:", 0x01, 1},
        {"ssh:desk 2", 0x05, 0x01020304},
        {"ssh:", 0xff, UINT32_MAX},
        {"x", 0x81, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sb_sshsig made, read;
        struct sb_buf text = {0};
        sign(&made, cases[i].application, cases[i].flags, cases[i].counter);
        assert_true(holds(&made));
        assert_int_equal(sb_sshsig_format(&text, &made, SB_SSH_NAMESPACE), 0);
        assert_int_equal(parse(&read, &text, NULL), 0);
        assert_true(sb_identity_equal(&read.signer, &made.signer));
        assert_int_equal(read.flags, cases[i].flags);
        assert_int_equal(read.counter, cases[i].counter);
        assert_true(holds(&read));
        assert_false(sb_sshsig_verify(&read, "custody@sealbag", message, MESSAGE_LEN));
        assert_false(sb_sshsig_verify(&read, SB_SSH_NAMESPACE, message, MESSAGE_LEN - 1));
        sb_buf_free(&text);
    }
}

/* Also a signature that is right otherwise. */
static void what_was_not_touched_does_not(void **state)
{
    (void)state;
    static const uint8_t flags[] = {0x00, 0x04, 0xfe};
    for (size_t i = 0; i < sizeof(flags); i++) {
        struct sb_sshsig made, read;
        struct sb_buf text = {0};
        struct sb_error error = {0};
        sign(&made, "ssh:", flags[i], 1);
        assert_false(holds(&made));
        assert_int_equal(sb_sshsig_format(&text, &made, SB_SSH_NAMESPACE), 0);
        assert_int_equal(parse(&read, &text, &error), SEALBAG_ERR_DAMAGED);
        assert_non_null(strstr(error.message, "not touched"));
        sb_buf_free(&text);
    }
}

static void everything_in_it_is_signed(void **state)
{
    (void)state;
    struct sb_sshsig made, changed;
    sign(&made, "ssh:", 0x01, 7);
    changed = made;
    changed.flags = 0x05;
    assert_false(holds(&changed));
    changed = made;
    changed.counter = 8;
    assert_false(holds(&changed));
    changed = made;
    changed.signer.application[0] = 'S';
    assert_false(holds(&changed));
    changed = made;
    memset(changed.signer.application, 0, sizeof(changed.signer.application));
    assert_false(holds(&changed)); /* nor is it a plain key's */
    changed = made;
    changed.sha512 = false;
    assert_false(holds(&changed));
}

static void a_plain_signature_is_not_a_tokens(void **state)
{
    (void)state;
    uint8_t seed[32] = {5}, sk[64];
    struct sb_sshsig sig = {.sha512 = true, .flags = 1};
    struct sb_buf text = {0};
    crypto_sign_seed_keypair(sig.signer.pk, sk, seed);
    assert_int_equal(sb_sshsig_to_sign(&text, SB_SSH_NAMESPACE, message, MESSAGE_LEN), 0);
    crypto_sign_detached(sig.sig, NULL, text.data, text.len, sk);
    assert_true(holds(&sig));
    memcpy(sig.signer.application, "ssh:", 4);
    assert_false(holds(&sig));
    sb_buf_free(&text);
}

/* Any bit changed, and any end cut off. */
static void flipped_and_truncated(void **state)
{
    (void)state;
    struct sb_sshsig made, read;
    struct sb_buf text = {0};
    sign(&made, "ssh:", 0x01, 7);
    assert_int_equal(sb_sshsig_format(&text, &made, SB_SSH_NAMESPACE), 0);
    for (size_t n = 0; n < text.len - 1; n++)
        assert_int_equal(sb_sshsig_parse(&read, SB_SSH_NAMESPACE, text.data, n, NULL),
                         SEALBAG_ERR_DAMAGED);
    for (size_t i = 0; i < text.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            text.data[i] ^= (uint8_t)(1U << bit);
            if (parse(&read, &text, NULL) == 0 && holds(&read))
                fail_msg("bit %u of byte %zu does not matter", bit, i);
            text.data[i] ^= (uint8_t)(1U << bit);
        }
    }
    assert_int_equal(parse(&read, &text, NULL), 0);
    assert_true(holds(&read));
    sb_buf_free(&text);
}

/* The blob alone, as an agent answers with it. */
static void blobs(void **state)
{
    (void)state;
    static const uint8_t plain[] = "\0\0\0\x0bssh-ed25519\0\0\0\x40";
    static const uint8_t fido[] = "\0\0\0\x1ask-ssh-ed25519@openssh.com\0\0\0\x40";
    uint8_t bytes[128];
    struct sb_sshsig sig = {.sha512 = true};
    const size_t plain_len = sizeof(plain) - 1 + 64, fido_len = sizeof(fido) - 1 + 64 + 5;
    memset(bytes, 1, sizeof(bytes));
    memcpy(bytes, plain, sizeof(plain) - 1);
    for (size_t n = 0; n <= sizeof(bytes); n++)
        assert_int_equal(sb_sshsig_read_blob(&sig, bytes, n), n == plain_len);
    memcpy(sig.signer.application, "ssh:", 4);
    assert_false(sb_sshsig_read_blob(&sig, bytes, plain_len));
    memcpy(bytes, fido, sizeof(fido) - 1);
    for (size_t n = 0; n <= sizeof(bytes); n++)
        assert_int_equal(sb_sshsig_read_blob(&sig, bytes, n), n == fido_len);
    assert_int_equal(sig.flags, 1);
    assert_int_equal(sig.counter, 0x01010101);
    sig.signer.application[0] = 0;
    assert_false(sb_sshsig_read_blob(&sig, bytes, fido_len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_touched_holds),
        cmocka_unit_test(what_was_not_touched_does_not),
        cmocka_unit_test(everything_in_it_is_signed),
        cmocka_unit_test(a_plain_signature_is_not_a_tokens),
        cmocka_unit_test(flipped_and_truncated),
        cmocka_unit_test(blobs),
    };
    return sb_sign_init(NULL) < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
