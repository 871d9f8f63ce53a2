/* ssh-agent's protocol: the requests byte for byte, and answers that are cut, too long or of
 * another kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sign/agent.h"

static const struct sb_identity plain = {.pk = {1, 2, 3}};
static const struct sb_identity token = {.pk = {1, 2, 3}, .application = "ssh:"};

static void put_u32(struct sb_buf *out, size_t value)
{
    const uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                              (uint8_t)value};
    assert_int_equal(sb_buf_append(out, bytes, 4), 0);
}

static void put_string(struct sb_buf *out, const void *bytes, size_t len)
{
    put_u32(out, len);
    assert_int_equal(sb_buf_append(out, bytes, len), 0);
}

static void put_text(struct sb_buf *out, const char *text)
{
    put_string(out, text, strlen(text));
}

static void put_key(struct sb_buf *out, const struct sb_identity *identity, const char *comment)
{
    struct sb_buf blob = {0};
    bool fido = identity->application[0] != 0;
    put_text(&blob, fido ? "sk-ssh-ed25519@openssh.com" : "ssh-ed25519");
    put_string(&blob, identity->pk, 32);
    if (fido)
        put_text(&blob, identity->application);
    put_string(out, blob.data, blob.len);
    put_text(out, comment);
    sb_buf_free(&blob);
}

static void requests(void **state)
{
    (void)state;
    struct sb_buf out = {0}, expected = {0}, blob = {0};
    assert_int_equal(sb_agent_ask_keys(&out), 0);
    assert_int_equal(out.len, 5);
    assert_memory_equal(out.data, "\0\0\0\1\x0b", 5);
    out.len = 0;
    assert_int_equal(sb_agent_ask_signature(&out, &plain, (const uint8_t *)"data", 4), 0);
    put_u32(&expected, 1 + 4 + 51 + 4 + 4 + 4);
    assert_int_equal(sb_buf_append(&expected, "\x0d", 1), 0);
    put_text(&blob, "ssh-ed25519");
    put_string(&blob, plain.pk, 32);
    put_string(&expected, blob.data, blob.len);
    put_text(&expected, "data");
    put_u32(&expected, 0);
    assert_int_equal(out.len, expected.len);
    assert_memory_equal(out.data, expected.data, out.len);
    sb_buf_free(&out);
    sb_buf_free(&expected);
    sb_buf_free(&blob);
}

/* Cut off anywhere, or with anything after it, it is refused. */
static void a_list(void **state)
{
    (void)state;
    struct sb_buf answer = {0};
    struct sb_agent_keys keys;
    struct sb_error error;
    char comment[600];
    memset(comment, 'c', sizeof(comment) - 1);
    comment[sizeof(comment) - 1] = 0;
    assert_int_equal(sb_buf_append(&answer, "\x0c", 1), 0);
    put_u32(&answer, 4);
    put_key(&answer, &plain, "a plain key");
    put_text(&answer, "ssh-rsa and more"); /* a blob that is not looked into */
    put_text(&answer, "another");
    put_key(&answer, &token, "");
    put_key(&answer, &plain, comment);
    assert_int_equal(sb_agent_read_keys(&keys, answer.data, answer.len, NULL), 0);
    assert_int_equal(keys.count, 3);
    assert_int_equal(keys.others, 1);
    assert_true(sb_identity_equal(&keys.items[0].identity, &plain));
    assert_string_equal(keys.items[0].comment, "a plain key");
    assert_true(sb_identity_equal(&keys.items[1].identity, &token));
    assert_string_equal(keys.items[1].comment, "");
    assert_int_equal(strlen(keys.items[2].comment), SB_AGENT_COMMENT_SIZE - 1);
    sb_agent_keys_free(&keys);
    for (size_t n = 0; n < answer.len; n++) {
        assert_int_equal(sb_agent_read_keys(&keys, answer.data, n, &error), SEALBAG_ERR_AGENT);
        assert_null(keys.items);
    }
    assert_int_equal(sb_buf_append(&answer, "", 1), 0);
    assert_int_equal(sb_agent_read_keys(&keys, answer.data, answer.len, &error), SEALBAG_ERR_AGENT);
    assert_non_null(strstr(error.message, "goes on after its end"));
    sb_buf_free(&answer);
}

static void no_list(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *says;
    } cases[] = {
        {"", 0, "no list of keys"},
        {"\5", 1, "refuses to list"},
        {"\5\0", 2, "no list of keys"},
        {"\x0e\0\0\0\0", 5, "no list of keys"},
        {"\x0c\0\0\x08\1", 5, "no list of keys"}, /* more than an agent has */
        {"\x0c\xff\xff\xff\xff", 5, "no list of keys"},
        {"\x0c\0\0\0\1\xff\xff\xff\xff", 9, "ends too early"},
    };
    struct sb_agent_keys keys;
    struct sb_error error;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(
            sb_agent_read_keys(&keys, (const uint8_t *)cases[i].bytes, cases[i].len, &error),
            SEALBAG_ERR_AGENT);
        if (strstr(error.message, cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, error.message);
    }
    assert_int_equal(sb_agent_read_keys(&keys, (const uint8_t *)"\x0c\0\0\0\0", 5, NULL), 0);
    assert_int_equal(keys.count, 0);
    sb_agent_keys_free(&keys);
}

static void put_answer(struct sb_buf *out, bool fido)
{
    struct sb_buf blob = {0};
    uint8_t sig[64];
    memset(sig, 7, sizeof(sig));
    put_text(&blob, fido ? "sk-ssh-ed25519@openssh.com" : "ssh-ed25519");
    put_string(&blob, sig, sizeof(sig));
    if (fido)
        assert_int_equal(sb_buf_append(&blob, "\5\0\0\1\2", 5), 0);
    out->len = 0;
    assert_int_equal(sb_buf_append(out, "\x0e", 1), 0);
    put_string(out, blob.data, blob.len);
    sb_buf_free(&blob);
}

static void a_signature(void **state)
{
    (void)state;
    struct sb_buf answer = {0};
    bool refused;
    for (int fido = 0; fido < 2; fido++) {
        struct sb_sshsig sig = {.signer = fido ? token : plain};
        struct sb_sshsig other = {.signer = fido ? plain : token};
        put_answer(&answer, fido != 0);
        assert_int_equal(sb_agent_read_signature(&sig, &refused, answer.data, answer.len, NULL), 0);
        assert_false(refused);
        assert_int_equal(sig.sig[63], 7);
        assert_int_equal(sig.flags, fido ? 5 : 0);
        assert_int_equal(sig.counter, fido ? 0x0102 : 0);
        assert_int_equal(sb_agent_read_signature(&other, &refused, answer.data, answer.len, NULL),
                         SEALBAG_ERR_AGENT);
        for (size_t n = 0; n < answer.len; n++)
            assert_int_equal(sb_agent_read_signature(&sig, &refused, answer.data, n, NULL),
                             SEALBAG_ERR_AGENT);
        assert_int_equal(sb_buf_append(&answer, "", 1), 0);
        assert_int_equal(sb_agent_read_signature(&sig, &refused, answer.data, answer.len, NULL),
                         SEALBAG_ERR_AGENT);
        assert_false(refused);
    }
    sb_buf_free(&answer);
}

static void a_refusal(void **state)
{
    (void)state;
    struct sb_sshsig sig = {.signer = token};
    bool refused = false;
    assert_int_equal(sb_agent_read_signature(&sig, &refused, (const uint8_t *)"\5", 1, NULL),
                     SEALBAG_ERR_AGENT);
    assert_true(refused);
    assert_int_equal(sb_agent_read_signature(&sig, &refused, (const uint8_t *)"\5x", 2, NULL),
                     SEALBAG_ERR_AGENT);
    assert_false(refused);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests),    cmocka_unit_test(a_list),    cmocka_unit_test(no_list),
        cmocka_unit_test(a_signature), cmocka_unit_test(a_refusal),
    };
    return sb_sign_init(NULL) < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
