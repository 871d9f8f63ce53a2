/* What counts as a signer: different keys, whatever form they take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "op/judge.h"

/* Two keys as they stand in a trust store: a plain one, and one of a security key. */
static void fill(struct sb_truststore *store, struct sealbag_signature signatures[2],
                 const uint8_t first[SB_PK_SIZE], const uint8_t second[SB_PK_SIZE])
{
    struct sb_identity plain, token;
    struct sb_buf text = {0};
    sb_identity_plain(&plain, first);
    sb_identity_plain(&token, second);
    strcpy(token.application, "ssh:");
    assert_int_equal(sb_truststore_append(&text, "maria", &plain, NULL), 0);
    assert_int_equal(sb_truststore_append(&text, "omar", &token, NULL), 0);
    assert_int_equal(sb_truststore_parse(store, text.data, text.len, "store", NULL), 0);
    sb_buf_free(&text);
    for (int i = 0; i < 2; i++) {
        signatures[i] = (struct sealbag_signature){
            .seal = true, .state = SEALBAG_SIGNATURE_VALID, .trust = SEALBAG_TRUST_TRUSTED};
        memcpy(signatures[i].key, i == 0 ? first : second, SB_PK_SIZE);
        sb_fingerprint_text(signatures[i].fingerprint, i == 0 ? &plain : &token);
    }
    assert_string_not_equal(signatures[0].fingerprint, signatures[1].fingerprint);
}

/* How many signers are found, and whether as many as asked for. */
static size_t count(bool *enough, const uint8_t first[SB_PK_SIZE], const uint8_t second[SB_PK_SIZE],
                    bool by_name)
{
    static const char *const names[] = {"maria", "omar"};
    struct sealbag_trust trust = {.writable_by_others = false};
    struct sealbag_signature signatures[2];
    fill(&trust.store, signatures, first, second);
    struct sb_judge judge = {.sealed = true, .signatures = {signatures, 2, 2}};
    const struct sealbag_verify_options options = {.trust = &trust,
                                                   .require = by_name ? 1 : 2,
                                                   .signers = names,
                                                   .signer_count = by_name ? 2 : 0,
                                                   .time = 1};
    assert_int_equal(sb_judge_trust(&judge, &options, NULL), 0);
    *enough = judge.findings.exit_code == 0;
    sb_findings_free(&judge.findings);
    sb_truststore_free(&trust.store);
    return judge.trusted_signers;
}

static void two_forms_of_a_key_are_one_signer(void **state)
{
    (void)state;
    const uint8_t one[SB_PK_SIZE] = {1}, other[SB_PK_SIZE] = {2};
    bool enough = true;
    assert_int_equal(count(&enough, one, other, false), 2);
    assert_true(enough);
    assert_int_equal(count(&enough, one, one, false), 1);
    assert_false(enough);
    assert_int_equal(count(&enough, one, other, true), 2);
    assert_true(enough);
    assert_int_equal(count(&enough, one, one, true), 1);
    assert_false(enough);
}

/* Whether there is a warning about a seal that states this time, judged at that one. */
static bool warned(int64_t sealed, int64_t judged, bool valid)
{
    const uint8_t one[SB_PK_SIZE] = {1}, other[SB_PK_SIZE] = {2};
    struct sealbag_trust trust = {.writable_by_others = false};
    struct sealbag_signature signatures[2];
    fill(&trust.store, signatures, one, other);
    for (int i = 0; !valid && i < 2; i++)
        signatures[i].state = SEALBAG_SIGNATURE_INVALID;
    struct sb_judge judge = {
        .sealed = true, .seal = {.sealed = sealed}, .signatures = {signatures, 2, 2}};
    const struct sealbag_verify_options options = {.trust = &trust, .time = judged};
    assert_int_equal(sb_judge_trust(&judge, &options, NULL), 0);
    assert_int_equal(judge.findings.exit_code, valid ? 0 : 3);
    bool found = sb_findings_has(&judge.findings, SB_RULE_TRUST_BEFORE_SEAL);
    sb_findings_free(&judge.findings);
    sb_truststore_free(&trust.store);
    return found;
}

static void a_time_before_the_seal_is_said(void **state)
{
    (void)state;
    assert_false(warned(1000, 1000, true));
    assert_true(warned(1000, 999, true));
    assert_false(warned(1000, 1001, true));
    assert_false(warned(1000, 0, true)); /* not known */
    assert_true(warned(INT64_C(253402300799), 1, true));
    assert_false(warned(1000, 999, false)); /* nobody's statement */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_forms_of_a_key_are_one_signer),
        cmocka_unit_test(a_time_before_the_seal_is_said),
    };
    return cmocka_run_group_tests_name("judge_trust", tests, NULL, NULL);
}
