/* What the process that reads a bundle says about it: told whole, and believed no further than it
 * can be checked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bag/profile.h"
#include "op/evidence.h"
#include "sign/sign.h"

#define FINGERPRINT "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const char seal_text[] =
    "Sealbag-Version: 1\n"
    "Bag-Name: bag\n"
    "Sealed: 2026-01-02T03:04:05Z\n"
    "Signer: " FINGERPRINT "\n"
    "Leaves: 2\n"
    "Root: 0000000000000000000000000000000000000000000000000000000000000000\n"
    "Cover: 0000000000000000000000000000000000000000000000000000000000000000\n";

/* Both ends of a pipe that is a file, so that nothing has to run at the same time. */
static FILE *pipe_file;

static struct sb_wire *wire_of(FILE *file)
{
    struct sb_wire *wire = calloc(1, sizeof(*wire));
    assert_non_null(wire);
    wire->fd = fileno(file);
    return wire;
}

static void rewind_file(void)
{
    assert_int_equal(lseek(fileno(pipe_file), 0, SEEK_SET), 0);
}

static int set_up(void **state)
{
    (void)state;
    pipe_file = tmpfile();
    return pipe_file != NULL && sb_sign_init(NULL) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return fclose(pipe_file);
}

/* ---- values ------------------------------------------------------------------------------ */

static void values(void **state)
{
    (void)state;
    enum { LARGE = 3 * SB_WIRE_SIZE + 5 };
    struct sb_arena arena = {0};
    struct sb_buf bytes = {0};
    char *large = malloc(LARGE + 1);
    assert_non_null(large);
    memset(large, 'x', LARGE);
    large[LARGE] = 0;
    struct sb_wire *out = wire_of(pipe_file);
    sb_wire_put_number(out, 0);
    sb_wire_put_number(out, UINT64_MAX);
    sb_wire_put_text(out, NULL);
    sb_wire_put_text(out, "");
    sb_wire_put_text(out, large);
    sb_wire_put_bytes(out, "a\0b", 3);
    sb_wire_put_bytes(out, NULL, 0);
    assert_true(sb_wire_flush(out));
    free(out);
    rewind_file();
    struct sb_wire *in = wire_of(pipe_file);
    assert_int_equal(sb_wire_get_number(in, 0), 0);
    assert_true(sb_wire_get_number(in, UINT64_MAX) == UINT64_MAX);
    assert_null(sb_wire_get_text(in, &arena, 10));
    assert_string_equal(sb_wire_get_text(in, &arena, 0), "");
    assert_string_equal(sb_wire_get_text(in, &arena, LARGE), large);
    sb_wire_get_bytes(&bytes, in, 3);
    assert_int_equal(bytes.len, 3);
    assert_memory_equal(bytes.data, "a\0b", 3);
    sb_wire_get_bytes(&bytes, in, 0);
    assert_int_equal(bytes.len, 3);
    assert_false(in->failed);
    /* the end */
    assert_int_equal(sb_wire_get_number(in, 9), 0);
    assert_true(in->failed);
    free(in);
    free(large);
    sb_buf_free(&bytes);
    sb_arena_free(&arena);
}

static void put_one(uint64_t number, const char *bytes, size_t len)
{
    rewind_file();
    assert_int_equal(ftruncate(fileno(pipe_file), 0), 0);
    struct sb_wire *out = wire_of(pipe_file);
    sb_wire_put_number(out, number);
    sb_wire_put(out, bytes, len);
    assert_true(sb_wire_flush(out));
    free(out);
    rewind_file();
}

/* After something malformed, nothing more is had. */
static void malformed(void **state)
{
    (void)state;
    struct sb_arena arena = {0};
    struct sb_buf bytes = {0};
    uint8_t two[2] = {1, 1};
    struct sb_wire *in;

    put_one(10, "", 0);
    in = wire_of(pipe_file);
    assert_int_equal(sb_wire_get_number(in, 9), 0);
    assert_true(in->failed);
    free(in);

    put_one(4, "abc", 3); /* 3 bytes and NULL's one */
    in = wire_of(pipe_file);
    assert_null(sb_wire_get_text(in, &arena, 2));
    assert_true(in->failed);
    free(in);

    put_one(4, "a\0c", 3);
    in = wire_of(pipe_file);
    assert_null(sb_wire_get_text(in, &arena, 3));
    assert_true(in->failed);
    sb_wire_get(in, two, 2);
    assert_int_equal(two[0] + two[1], 0);
    free(in);

    put_one(UINT64_MAX, "abc", 3);
    in = wire_of(pipe_file);
    sb_wire_get_bytes(&bytes, in, SIZE_MAX - 1);
    assert_true(in->failed);
    free(in);

    put_one(100, "abc", 3); /* it ends in the middle */
    in = wire_of(pipe_file);
    assert_null(sb_wire_get_text(in, &arena, 1000));
    assert_true(in->failed);
    free(in);
    sb_buf_free(&bytes);
    sb_arena_free(&arena);
}

/* ---- evidence ---------------------------------------------------------------------------- */

struct told {
    struct sb_judge judge;
    bool failed;
    int result;
};

static void keep(struct sb_judge *judge, const char *path, const char *text)
{
    struct sb_kept *kept = sb_scan_keep(&judge->scan, path);
    assert_non_null(kept);
    assert_int_equal(sb_buf_puts(&kept->bytes, text), 0);
}

static void fill(struct sb_judge *judge, const char *top, const char *seal)
{
    static const uint8_t digest[SB_DIGEST_SIZE] = {1, 2, 3};
    assert_int_equal(sb_judge_init(judge, 1, NULL), 0);
    judge->scan.top = strdup(top);
    judge->scan.ended = true;
    judge->manifest_signed = true;
    judge->manifest_lines = 2;
    assert_int_equal(sb_inventory_add(&judge->scan.inventory, "data/a", 5, 512, digest), 0);
    assert_int_equal(sb_inventory_add(&judge->scan.inventory, "data/b", 6, 1536, digest), 0);
    assert_int_equal(sb_inventory_add(&judge->scan.inventory, SB_SEAL_TXT, 7, 9999, digest), 0);
    keep(judge, SB_SEAL_TXT, seal);
    keep(judge, "bag-info.txt", "Contact: none\n"); /* not for the other side */
}

/* Through the pipe and back. */
static void tell_of(struct told *told, struct sb_judge *judge, enum sealbag_depth depth)
{
    static const struct sealbag_profile profile;
    struct sb_inspection inspection = {.depth = depth,
                                       .profile = judge->profile != NULL ? &profile : NULL};
    rewind_file();
    assert_int_equal(ftruncate(fileno(pipe_file), 0), 0);
    struct sb_wire *out = wire_of(pipe_file);
    sb_evidence_put(out, &inspection, judge, SB_READ_ALL);
    assert_true(sb_wire_flush(out));
    free(out);
    sb_judge_free(judge);
    rewind_file();
    struct sb_wire *in = wire_of(pipe_file);
    assert_int_equal(sb_judge_init(&told->judge, 1, NULL), 0);
    told->result = sb_evidence_get(&inspection, &told->judge, SB_READ_ALL, in, NULL);
    told->failed = in->failed;
    free(in);
}

static void tell(struct told *told, struct sb_judge *judge)
{
    tell_of(told, judge, SEALBAG_WHOLE);
}

static void whole(void **state)
{
    (void)state;
    struct sb_judge judge;
    struct told told;
    fill(&judge, "bag", seal_text);
    sb_findings_add(&judge.findings, SB_RULE_PATH_NOT_PORTABLE, "data/\x1b[31m", "Look: %s", "a");
    sb_findings_see(&judge.findings, SB_RULE_SEAL_INDEX_HINT);
    judge.findings.omitted = 3;
    tell(&told, &judge);
    assert_int_equal(told.result, 0);
    assert_false(told.failed);
    assert_string_equal(told.judge.scan.top, "bag");
    assert_true(told.judge.scan.ended && told.judge.manifest_signed && told.judge.sealed);
    assert_int_equal(told.judge.manifest_lines, 2);
    assert_int_equal(told.judge.payload_files, 2);
    assert_int_equal(told.judge.payload_bytes, 11);
    assert_int_equal(told.judge.scan.inventory.count, 3);
    assert_string_equal(told.judge.scan.inventory.files[1].path, "data/b");
    assert_int_equal(told.judge.scan.inventory.files[1].at, 1536);
    assert_int_equal(told.judge.scan.inventory.files[1].digest[2], 3);
    assert_int_equal(told.judge.findings.count, 1);
    assert_string_equal(told.judge.findings.items[0].rule, "path.not-portable");
    assert_string_equal(told.judge.findings.items[0].path, "data/\x1b[31m");
    assert_string_equal(told.judge.findings.items[0].sentence, "Look: a");
    assert_int_equal(told.judge.findings.omitted, 3);
    assert_true(sb_findings_has(&told.judge.findings, SB_RULE_SEAL_INDEX_HINT));
    /* The seal is read here, and nothing else that is kept comes over. */
    assert_int_equal(told.judge.scan.kept_count, 1);
    assert_true(told.judge.seal_parsed);
    assert_string_equal(told.judge.seal.name, "bag");
    assert_int_equal(strlen(told.judge.seal_id), 64);
    sb_judge_free(&told.judge);
}

/* What can be seen here to be wrong ends the reading. */
static void lies(void **state)
{
    (void)state;
    struct sb_judge judge;
    struct told told;
    fill(&judge, "another", seal_text);
    tell(&told, &judge);
    assert_true(told.failed); /* the seal names another bag, and nothing is said to be wrong */
    sb_judge_free(&told.judge);

    fill(&judge, "another", seal_text);
    sb_findings_add(&judge.findings, SB_RULE_SEAL_NAME, NULL, "It has another name.");
    tell(&told, &judge);
    assert_false(told.failed);
    assert_int_equal(told.judge.findings.exit_code, 1);
    sb_judge_free(&told.judge);

    fill(&judge, "bag", seal_text);
    judge.scan.inventory.count = 1; /* a document too few */
    tell(&told, &judge);
    assert_true(told.failed);
    sb_judge_free(&told.judge);

    fill(&judge, "bag", seal_text); /* two seals: which would be signed? */
    judge.scan.kept[1].path = SB_SEAL_TXT;
    tell(&told, &judge);
    assert_true(told.failed);
    sb_judge_free(&told.judge);

    fill(&judge, "bag", "Sealbag-Version: 1\n");
    tell(&told, &judge);
    assert_true(told.failed); /* a seal that is none, and nothing is said to be wrong */
    sb_judge_free(&told.judge);

    fill(&judge, "bag", seal_text); /* not read to its end */
    judge.scan.ended = false;
    tell(&told, &judge);
    assert_true(told.failed);
    sb_judge_free(&told.judge);

    fill(&judge, "bag", "Sealbag-Version: 1\n");
    sb_findings_add(&judge.findings, SB_RULE_SEAL_SYNTAX, NULL, "No seal.");
    tell(&told, &judge);
    assert_false(told.failed);
    assert_false(told.judge.seal_parsed); /* so nothing is signed */
    sb_judge_free(&told.judge);

    fill(&judge, "bag", seal_text);
    sb_findings_add(&judge.findings, SB_RULE_PATH_NOT_PORTABLE, NULL, "\x1b[2J\xe2\x80\xae\xff!");
    tell(&told, &judge);
    assert_false(told.failed);
    assert_string_equal(told.judge.findings.items[0].sentence, "?[2J?"
                                                               "?"
                                                               "?"
                                                               "?!");
    sb_judge_free(&told.judge);
}

/* Of what was not looked at, nothing is said that could be wrong; all else must fit. */
static void quick_checks(void **state)
{
    (void)state;
    struct sb_judge judge;
    struct told told;
    for (enum sealbag_depth depth = SEALBAG_COMPLETENESS; depth <= SEALBAG_FAST; depth++) {
        fill(&judge, "bag", "Sealbag-Version: 1\n"); /* a seal that is none */
        tell_of(&told, &judge, depth);
        assert_false(told.failed);
        sb_judge_free(&told.judge);

        fill(&judge, "..", seal_text);
        tell_of(&told, &judge, depth);
        assert_true(told.failed);
        sb_judge_free(&told.judge);

        fill(&judge, "bag", seal_text);
        judge.scan.ended = false;
        tell_of(&told, &judge, depth);
        assert_true(told.failed);
        sb_judge_free(&told.judge);

        fill(&judge, "bag", seal_text); /* which is for this side to say */
        sb_findings_add(&judge.findings, SB_RULE_QUICK, NULL, "A quick check.");
        tell_of(&told, &judge, depth);
        assert_true(told.failed);
        sb_judge_free(&told.judge);
    }
}

/* That a bag does not keep to a profile is no reason to believe more of it. */
static void profiles(void **state)
{
    (void)state;
    static const struct sealbag_profile profile;
    static const char *const tops[] = {"bag", "another"};
    for (int asked = 0; asked < 2; asked++) {
        for (int other = 0; other < 2; other++) {
            struct sb_judge judge;
            struct told told;
            fill(&judge, tops[other], seal_text);
            judge.profile = asked ? &profile : NULL;
            sb_findings_add(&judge.findings, SB_RULE_PROFILE_DATA, NULL, "Not as asked.");
            assert_int_equal(judge.findings.exit_code, 1);
            tell(&told, &judge);
            assert_int_equal(told.failed, !asked || other);
            sb_judge_free(&told.judge);
        }
    }
}

/* Nobody sealed it, so nothing else tells that it must have a file. */
static void bag_of_nothing(void **state)
{
    (void)state;
    struct sb_judge judge;
    struct told told;
    assert_int_equal(sb_judge_init(&judge, 1, NULL), 0);
    judge.scan.top = strdup("bag");
    judge.scan.ended = true;
    tell(&told, &judge);
    assert_true(told.failed);
    sb_judge_free(&told.judge);
}

/* A bag that nobody sealed, of this name and with this document: whether it is taken. */
static bool taken(const char *top, const char *path, enum sb_rule rule)
{
    static const uint8_t digest[SB_DIGEST_SIZE];
    struct sb_judge judge;
    struct told told;
    assert_int_equal(sb_judge_init(&judge, 1, NULL), 0);
    judge.scan.top = strdup(top);
    judge.scan.ended = true;
    assert_int_equal(sb_inventory_add(&judge.scan.inventory, path, 5, 512, digest), 0);
    sb_findings_add(&judge.findings, rule, NULL, "Something.");
    tell(&told, &judge);
    sb_judge_free(&told.judge);
    return !told.failed;
}

/* What is created here under a name from there, and what only this side may say. */
static void names_and_rules(void **state)
{
    (void)state;
    const enum sb_rule harmless = SB_RULE_PATH_NOT_PORTABLE;
    static const enum sb_rule ours[] = {
        SB_RULE_UNCONFINED,     SB_RULE_PARTLY_READ,       SB_RULE_UNSIGNED,
        SB_RULE_SEAL_ID,        SB_RULE_SIGNATURE_BAD,     SB_RULE_SIGNATURE_SYNTAX,
        SB_RULE_SIGNATURE_NAME, SB_RULE_SIGNATURE_KEYLESS, SB_RULE_SIGNER_MISSING,
        SB_RULE_TRUST_UNKNOWN,  SB_RULE_TRUST_TOO_FEW,     SB_RULE_TRUST_SIGNER,
        SB_RULE_QUICK,
    };
    static const char *const tops[] = {"", ".", "..", "/tmp/x", "a/b", "../x", "-x", ".x"};
    static const char *const paths[] = {"data/../x", "/etc/passwd", "data//x", "data/a\\b", ""};
    assert_true(taken("bag", "data/a", harmless));
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        assert_false(taken("bag", "data/a", ours[i]));
    for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]); i++)
        assert_false(taken(tops[i], "data/a", harmless));
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        assert_false(taken("bag", paths[i], harmless));
}

static void errors(void **state)
{
    (void)state;
    struct sb_error error = {0}, told = {0};
    sb_rule_error(&error, SB_RULE_LIMIT, "Too much.\x1b");
    rewind_file();
    assert_int_equal(ftruncate(fileno(pipe_file), 0), 0);
    struct sb_wire *out = wire_of(pipe_file);
    sb_evidence_put_error(out, &error);
    sb_error_set(&error, SEALBAG_ERR_IO, "A disk.");
    sb_evidence_put_error(out, &error);
    error.code = SEALBAG_ERR_USAGE; /* not for the other side to say */
    sb_evidence_put_error(out, &error);
    assert_true(sb_wire_flush(out));
    free(out);
    rewind_file();
    struct sb_wire *in = wire_of(pipe_file);
    sb_evidence_get_error(&told, in);
    assert_int_equal(told.code, SEALBAG_ERR_LIMIT);
    assert_string_equal(told.rule, "limit.reached");
    assert_string_equal(told.message, "Too much.?");
    sb_evidence_get_error(&told, in);
    assert_int_equal(told.code, SEALBAG_ERR_IO);
    assert_string_equal(told.rule, "io.failed");
    assert_false(in->failed);
    sb_evidence_get_error(&told, in);
    assert_true(in->failed);
    free(in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),          cmocka_unit_test(malformed),
        cmocka_unit_test(whole),           cmocka_unit_test(lies),
        cmocka_unit_test(profiles),        cmocka_unit_test(bag_of_nothing),
        cmocka_unit_test(names_and_rules), cmocka_unit_test(errors),
        cmocka_unit_test(quick_checks),
    };
    return cmocka_run_group_tests_name("evidence", tests, set_up, tear_down);
}
