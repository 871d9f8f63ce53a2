/* What a minisign signature is for, as its trusted comment says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sign/keyfile.h"
#include "sign/locked.h"

static const uint8_t message[] = "Custody-Version: 1\n";

/* Signs with this role, which may hold more fields, and parses what comes out. */
static int sign_and_parse(struct sb_minisign_signature *out, struct sb_buf *text,
                          const struct sb_secret_key *key, const char *role)
{
    text->len = 0;
    assert_int_equal(
        sb_minisign_sign(text, &key->public, key->sk, role, message, sizeof(message), 1, "a", NULL),
        0);
    int r = sb_minisign_signature_parse(out, text->data, text->len, NULL);
    if (r == 0) {
        assert_true(out->has_key);
        assert_true(sb_minisign_signature_verify(out, key->public.pk, message, sizeof(message)));
    }
    return r;
}

static void roles(void **state)
{
    (void)state;
    struct sb_minisign_signature signature;
    struct sb_secret_key *key = NULL;
    struct sb_buf text = {0}, public_file = {0};
    char *secret_file = NULL;
    assert_int_equal(sb_sign_init(NULL), 0);
    assert_int_equal(sb_keyfile_generate(&key, &secret_file, &public_file, NULL, NULL, 0, NULL), 0);

    assert_int_equal(sign_and_parse(&signature, &text, key, NULL), 0);
    assert_null(signature.role);
    assert_null(strstr((const char *)text.data, "role:"));
    assert_true(sb_minisign_signature_is_for(&signature, NULL));
    assert_false(sb_minisign_signature_is_for(&signature, SB_MINISIGN_CUSTODY));

    assert_int_equal(sign_and_parse(&signature, &text, key, SB_MINISIGN_CUSTODY), 0);
    assert_non_null(strstr((const char *)text.data, "\tsealbag:1\trole:custody\tkey:RW"));
    assert_true(sb_minisign_signature_is_for(&signature, SB_MINISIGN_CUSTODY));
    assert_false(sb_minisign_signature_is_for(&signature, NULL));
    assert_false(sb_minisign_signature_is_for(&signature, "custod"));
    assert_false(sb_minisign_signature_is_for(&signature, "custody2"));

    assert_int_equal(sign_and_parse(&signature, &text, key, ""), 0);
    assert_false(sb_minisign_signature_is_for(&signature, NULL));
    assert_false(sb_minisign_signature_is_for(&signature, SB_MINISIGN_CUSTODY));

    static const char *const twice[] = {"custody\trole:custody", "custody\trole:", "\trole:a"};
    for (size_t i = 0; i < sizeof(twice) / sizeof(twice[0]); i++) {
        assert_int_equal(sign_and_parse(&signature, &text, key, twice[i]), SEALBAG_ERR_DAMAGED);
        assert_null(signature.role);
    }
    sb_buf_free(&text);
    sb_buf_free(&public_file);
    sb_locked_free(secret_file);
    sb_secret_key_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(roles)};
    return cmocka_run_group_tests_name("minisign_role", tests, NULL, NULL);
}
