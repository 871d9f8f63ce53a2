/* The custody chain is judged over what was kept of seal/: nothing else is needed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "op/judge.h"
#include "op/key.h"
#include "record/custody.h"

enum { MARIA, STRANGER, KEYS };

struct fixture {
    char dir[32];
    struct sealbag_key *keys[KEYS];
    struct sealbag_trust *trust; /* knows maria */
    char seal[600];
};

static void path_in(char out[64], const struct fixture *f, const char *name)
{
    snprintf(out, 64, "%s/%s", f->dir, name);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    static const char *const names[KEYS] = {"maria", "stranger"};
    char file[64], fingerprint[SEALBAG_FINGERPRINT_SIZE];
    bool added;
    if (f == NULL)
        return -1;
    *state = f;
    strcpy(f->dir, "/tmp/sealbag-test-XXXXXX");
    if (mkdtemp(f->dir) == NULL)
        return -1;
    for (int i = 0; i < KEYS; i++) {
        path_in(file, f, names[i]);
        const struct sealbag_keygen_options options = {.file = file};
        if (sealbag_key_generate(NULL, &options, NULL) < 0 ||
            sealbag_key_load(&f->keys[i], file, NULL, NULL, NULL) < 0)
            return -1;
    }
    path_in(file, f, "maria.pub");
    if (sealbag_trust_add(&added, fingerprint, f->dir, "maria", file, NULL) < 0 ||
        sealbag_trust_load(&f->trust, f->dir, false, NULL) < 0)
        return -1;
    snprintf(f->seal, sizeof(f->seal),
             "Sealbag-Version: 1\nBag-Name: bag\nSealed: 2026-01-02T03:04:05Z\nSigner: %s\n"
             "Leaves: 0\nRoot: %064d\nCover: %064d\n",
             fingerprint, 0, 0);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"maria", "maria.pub", "stranger", "stranger.pub",
                                        "allowed_signers"};
    char file[64];
    for (int i = 0; i < KEYS; i++)
        sealbag_key_free(f->keys[i]);
    sealbag_trust_free(f->trust);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        path_in(file, f, names[i]);
        unlink(file);
    }
    int r = rmdir(f->dir);
    free(f);
    return r;
}

/* ---- a bag with a chain ------------------------------------------------------------------ */

struct chain {
    const struct fixture *f;
    struct sb_judge judge;
    struct sb_custody_event event; /* what the next one says, if nothing is changed */
    char signatures[65];
    char paths[32][80];
    unsigned path_count;
};

static void hash(uint8_t out[SB_SHA256_SIZE], struct chain *chain, const struct sb_buf *bytes)
{
    assert_int_equal(sb_digest_bytes(out, chain->judge.digest, bytes->data, bytes->len), 0);
}

/* Takes the bytes over. */
static void keep(struct chain *chain, const char *path, struct sb_buf *bytes)
{
    char *own = chain->paths[chain->path_count++];
    snprintf(own, sizeof(chain->paths[0]), "%s", path);
    struct sb_kept *kept = sb_scan_keep(&chain->judge.scan, own);
    assert_non_null(kept);
    kept->bytes = *bytes;
    *bytes = (struct sb_buf){0};
}

static void start(struct chain *chain, const struct fixture *f)
{
    struct sb_buf text = {0}, signature = {0};
    struct sb_findings findings = {0};
    uint8_t digest[SB_SHA256_SIZE];
    *chain = (struct chain){.f = f};
    assert_int_equal(sb_judge_init(&chain->judge, 1, NULL), 0);
    assert_int_equal(sb_buf_puts(&text, f->seal), 0);
    assert_int_equal(sb_seal_parse(&chain->judge.seal, &findings, text.data, text.len), 0);
    assert_int_equal(findings.count, 0);
    chain->judge.seal_parsed = chain->judge.sealed = true;
    hash(chain->event.seal, chain, &text);
    sb_hex_encode(chain->judge.seal_id, chain->event.seal, SB_SHA256_SIZE);
    memcpy(chain->event.previous, chain->event.seal, SB_SHA256_SIZE);
    keep(chain, SB_SEAL_TXT, &text);
    assert_int_equal(sb_buf_puts(&signature, "any bytes"), 0);
    hash(digest, chain, &signature);
    keep(chain, "seal/0123456789abcdef0123456789abcdef.minisig", &signature);
    chain->event.signatures = sb_hex_encode(chain->signatures, digest, SB_SHA256_SIZE);
    chain->event.signature_count = 1;
    strcpy(chain->event.event, "transfer");
}

/* An event by this key, signed for this role; the next one comes behind it. */
static void add(struct chain *chain, unsigned number, int key, enum sb_role role)
{
    const struct sealbag_key *signer = chain->f->keys[key];
    struct sb_buf text = {0}, signature = {0};
    char name[SB_FP_NAME_SIZE], path[80];
    sb_key_fingerprint(chain->event.by, signer);
    sb_key_name(name, signer);
    assert_int_equal(sb_custody_format(&text, &chain->event), 0);
    assert_int_equal(sb_key_sign(&signature, signer, role, &text, 1, "event", NULL), 0);
    hash(chain->event.previous, chain, &text);
    snprintf(path, sizeof(path), SB_CUSTODY_DIR "%04u-%s.txt", number, name);
    keep(chain, path, &text);
    snprintf(path, sizeof(path), SB_CUSTODY_DIR "%04u-%s.minisig", number, name);
    keep(chain, path, &signature);
}

static void judge(struct chain *chain, const char *head)
{
    const struct sealbag_verify_options options = {.trust = chain->f->trust, .custody = head};
    assert_int_equal(sb_judge_custody(&chain->judge, &options, NULL), 0);
}

/* Judges; exactly this rule (SB_RULE_COUNT: none) is found, and frees. */
static void expect(struct chain *chain, enum sb_rule rule)
{
    judge(chain, NULL);
    const struct sb_findings *findings = &chain->judge.findings;
    for (unsigned i = 0; i < SB_RULE_COUNT; i++) {
        if (findings->seen[i] != (i == (unsigned)rule))
            fail_msg("%s: %s", sb_rule_row((enum sb_rule)i)->rule,
                     findings->seen[i] ? "found" : "not found");
    }
    int code = rule == SB_RULE_COUNT ? 0 : sb_rule_row(rule)->exit_code;
    assert_int_equal(findings->exit_code, code);
    assert_int_equal(chain->judge.signature_code, 0);
    assert_true((chain->judge.custody_head[0] != 0) == (code == 0));
    sb_judge_free(&chain->judge);
}

/* ---- the tests --------------------------------------------------------------------------- */

static void good(void **state)
{
    struct chain chain;
    char head[65];
    start(&chain, *state);
    strcpy(chain.event.to, "omar");
    add(&chain, 1, MARIA, SB_ROLE_CUSTODY);
    chain.event.to[0] = 0;
    strcpy(chain.event.note, "as agreed");
    chain.event.date = 86400;
    add(&chain, 2, MARIA, SB_ROLE_CUSTODY);
    sb_hex_encode(head, chain.event.previous, SB_SHA256_SIZE);
    judge(&chain, head);
    assert_int_equal(chain.judge.findings.count, 0);
    assert_string_equal(chain.judge.custody_head, head);
    assert_int_equal(chain.judge.custody.count, 2);
    const struct sealbag_custody_event *events = chain.judge.custody.items;
    assert_int_equal(events[0].number, 1);
    assert_int_equal(events[0].state, SEALBAG_SIGNATURE_VALID);
    assert_string_equal(events[0].event, "transfer");
    assert_string_equal(events[0].to, "omar");
    assert_null(events[0].note);
    assert_string_equal(events[0].trusted_as, "maria");
    assert_string_equal(events[0].date, "1970-01-01T00:00:00Z");
    assert_string_equal(events[1].note, "as agreed");
    assert_null(events[1].to);
    assert_string_equal(events[1].sha256, head);
    sb_judge_free(&chain.judge);
}

static void none(void **state)
{
    struct chain chain;
    start(&chain, *state);
    judge(&chain, NULL);
    assert_int_equal(chain.judge.findings.count, 0);
    assert_int_equal(chain.judge.custody.count, 0);
    assert_string_equal(chain.judge.custody_head, "");
    sb_judge_free(&chain.judge);
}

static void heads(void **state)
{
    struct chain chain;
    for (int i = 0; i < 3; i++) {
        start(&chain, *state);
        if (i > 0)
            add(&chain, 1, MARIA, SB_ROLE_CUSTODY);
        char head[65] = "00000000000000000000000000000000";
        if (i == 2)
            sb_hex_encode(head, chain.event.seal, SB_SHA256_SIZE);
        judge(&chain, head);
        assert_true(sb_findings_has(&chain.judge.findings, SB_RULE_CUSTODY_HEAD));
        /* Salvaging does not pass over it. */
        assert_int_equal(chain.judge.signature_code, 1);
        assert_int_equal(chain.judge.findings.exit_code, 1);
        sb_judge_free(&chain.judge);
    }
}

static void unknown_and_not_checkable(void **state)
{
    struct chain chain;
    start(&chain, *state);
    add(&chain, 1, STRANGER, SB_ROLE_CUSTODY);
    expect(&chain, SB_RULE_CUSTODY_UNKNOWN);

    start(&chain, *state);
    add(&chain, 1, STRANGER, SB_ROLE_CUSTODY);
    struct sb_kept *kept = &chain.judge.scan.kept[chain.judge.scan.kept_count - 1];
    char *field = strstr((char *)kept->bytes.data, "\tkey:");
    assert_non_null(field);
    memcpy(field, "\tkez:", 5); /* nobody can tell that it does not hold */
    expect(&chain, SB_RULE_CUSTODY_KEYLESS);
}

static void order(void **state)
{
    struct chain chain;
    start(&chain, *state);
    add(&chain, 2, MARIA, SB_ROLE_CUSTODY);
    expect(&chain, SB_RULE_CUSTODY_ORDER);

    start(&chain, *state);
    add(&chain, 1, MARIA, SB_ROLE_CUSTODY);
    add(&chain, SB_CUSTODY_MAX, MARIA, SB_ROLE_CUSTODY);
    expect(&chain, SB_RULE_CUSTODY_ORDER);

    start(&chain, *state); /* its signature */
    add(&chain, 1, MARIA, SB_ROLE_CUSTODY);
    sb_scan_unkeep(&chain.judge.scan);
    chain.judge.scan.custody_count = 1;
    expect(&chain, SB_RULE_CUSTODY_ORDER);
}

static void content(void **state)
{
    struct chain chain;
    start(&chain, *state);
    chain.event.seal[0] ^= 1;
    add(&chain, 1, MARIA, SB_ROLE_CUSTODY);
    expect(&chain, SB_RULE_CUSTODY_FOREIGN);

    start(&chain, *state);
    add(&chain, 1, MARIA, SB_ROLE_CUSTODY);
    chain.event.previous[31] ^= 1;
    add(&chain, 2, MARIA, SB_ROLE_CUSTODY);
    expect(&chain, SB_RULE_CUSTODY_LINK);

    start(&chain, *state);
    chain.signatures[63] = chain.signatures[63] == '0' ? '1' : '0';
    add(&chain, 1, MARIA, SB_ROLE_CUSTODY);
    expect(&chain, SB_RULE_CUSTODY_GONE);

    start(&chain, *state);
    strcpy(chain.event.event, "Transfer");
    add(&chain, 1, MARIA, SB_ROLE_CUSTODY);
    expect(&chain, SB_RULE_CUSTODY_SYNTAX);
}

static void signatures(void **state)
{
    struct chain chain;
    start(&chain, *state);
    add(&chain, 1, MARIA, SB_ROLE_SEAL);
    expect(&chain, SB_RULE_CUSTODY_SYNTAX);

    start(&chain, *state); /* one letter of the last event */
    add(&chain, 1, MARIA, SB_ROLE_CUSTODY);
    struct sb_kept *kept = &chain.judge.scan.kept[chain.judge.scan.kept_count - 2];
    char *word = strstr((char *)kept->bytes.data, "transfer");
    assert_non_null(word);
    word[0] = 'u';
    expect(&chain, SB_RULE_CUSTODY_BAD);
}

/* Without a seal.txt that can be read there is nothing that events could be about. */
static void no_seal(void **state)
{
    struct chain chain;
    start(&chain, *state);
    add(&chain, 2, MARIA, SB_ROLE_SEAL);
    chain.judge.seal_parsed = false;
    judge(&chain, NULL);
    assert_int_equal(chain.judge.findings.count, 0);
    assert_int_equal(chain.judge.custody.count, 0);
    sb_judge_free(&chain.judge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good),       cmocka_unit_test(none),
        cmocka_unit_test(heads),      cmocka_unit_test(unknown_and_not_checkable),
        cmocka_unit_test(order),      cmocka_unit_test(content),
        cmocka_unit_test(signatures), cmocka_unit_test(no_seal),
    };
    return cmocka_run_group_tests_name("judge_custody", tests, set_up, tear_down);
}
