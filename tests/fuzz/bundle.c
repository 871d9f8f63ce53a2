#include "fuzz/bundle.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/text.h"
#include "fuzz/fuzz.h"
#include "fuzz/json.h"
#include "op/evidence.h"
#include "op/guard.h"

const uint8_t fuzz_key_id[8] = {0x45, 0xe7, 1, 2, 3, 4, 5, 6};

const uint8_t *fuzz_secret_key(void)
{
    static uint8_t sk[64];
    uint8_t seed[32], pk[32];
    if (sk[0] == 0) {
        REQUIRE(sb_sign_init(NULL) == 0);
        memset(seed, 0x11, sizeof(seed)); /* as make_corpus.py has it */
        REQUIRE(crypto_sign_seed_keypair(pk, sk, seed) == 0);
    }
    return sk;
}

const struct sealbag_verify_options *fuzz_options(void)
{
    static struct sealbag_trust trust;
    static struct sealbag_verify_options options;
    if (options.trust == NULL) {
        struct sb_buf text = {0};
        struct sb_identity signer;
        sb_identity_plain(&signer, fuzz_secret_key() + 32);
        REQUIRE(sb_truststore_append(&text, "maria", &signer, NULL) == 0);
        REQUIRE(sb_truststore_parse(&trust.store, text.data, text.len, "store", NULL) == 0);
        sb_buf_free(&text);
        options.trust = &trust;
        options.jobs = 1;
        options.no_sandbox = true;
    }
    return &options;
}

/* ---- one verdict ------------------------------------------------------------------------ */

static void check_documents(const struct sealbag_verdict *verdict)
{
    uint64_t bytes = 0;
    REQUIRE((verdict->document != NULL) == (verdict->intact == SEALBAG_INTACT));
    if (verdict->document == NULL) {
        REQUIRE(verdict->documents == 0 && verdict->bytes == 0 && verdict->name[0] == 0);
        REQUIRE(verdict->sealed_at[0] == 0 && verdict->supersedes[0] == 0);
        return;
    }
    for (uint64_t i = 0; i < verdict->documents; i++) {
        const char *path = verdict->document[i].path;
        REQUIRE(strncmp(path, "data/", 5) == 0 && sb_path_unsafe(path, strlen(path)) == NULL);
        REQUIRE(i == 0 || strcmp(verdict->document[i - 1].path, path) < 0);
        bytes += verdict->document[i].size;
    }
    REQUIRE(bytes == verdict->bytes);
    REQUIRE(sb_bag_name_bad(verdict->name, strlen(verdict->name)) == NULL);
}

/* *whole: the findings tell why the exit code is what it is. */
static void check_findings(bool *whole, const struct sealbag_verdict *verdict)
{
    int worst = 0;
    for (size_t i = 0; i < verdict->finding_count; i++) {
        const struct sealbag_finding *finding = &verdict->finding[i];
        REQUIRE(sb_rule_by_name(finding->rule) < SB_RULE_COUNT);
        REQUIRE(fuzz_harmless(finding->sentence, strlen(finding->sentence)));
        worst = sealbag_exit_worse(worst, finding->exit_code);
    }
    REQUIRE(sealbag_exit_worse(worst, verdict->exit_code) == verdict->exit_code);
    *whole = worst == verdict->exit_code || verdict->findings_omitted > 0;
}

static void check_signatures(const struct sealbag_verdict *verdict)
{
    size_t valid = 0, counter = 0;
    uint8_t digest[32];
    for (size_t i = 0; i < verdict->signature_count; i++) {
        const struct sealbag_signature *signature = &verdict->signature[i];
        const char *text = signature->fingerprint;
        REQUIRE(signature->kind != NULL);
        REQUIRE(text[0] == 0 || sb_fingerprint_parse(digest, text, strlen(text)));
        if (signature->state == SEALBAG_SIGNATURE_VALID)
            *(signature->seal ? &valid : &counter) += 1;
        else
            REQUIRE(signature->trusted_as == NULL);
    }
    /* One key may have signed in two ways. */
    REQUIRE(verdict->valid_seals <= valid && (valid == 0 || verdict->valid_seals > 0));
    REQUIRE(verdict->countersignatures <= counter);
    REQUIRE(verdict->trusted_seals <= verdict->valid_seals);
}

/* A head is that of a chain without a gap, whose events hold as far as their keys are known. */
static void check_custody(const struct sealbag_verdict *verdict)
{
    bool head = verdict->custody_head[0] != 0;
    unsigned number = 0;
    for (size_t i = 0; i < verdict->custody_count; i++) {
        const struct sealbag_custody_event *event = &verdict->custody[i];
        REQUIRE(event->number > number && strlen(event->sha256) == 64);
        REQUIRE(event->state == SEALBAG_SIGNATURE_VALID || event->trusted_as == NULL);
        REQUIRE(!head || event->number == number + 1);
        REQUIRE(!head || event->state == SEALBAG_SIGNATURE_VALID ||
                event->state == SEALBAG_SIGNATURE_NOT_CHECKABLE);
        REQUIRE(!head || (event->event != NULL && event->by[0] != 0 && event->date[0] != 0));
        number = event->number;
    }
    REQUIRE(!head || (number > 0 && strcmp(verdict->custody[verdict->custody_count - 1].sha256,
                                           verdict->custody_head) == 0));
    REQUIRE(head || number == 0 || verdict->exit_code == 1 || verdict->exit_code == 5);
}

/* Every line of what people read. */
static void check_text(const struct sealbag_verdict *verdict)
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);
    REQUIRE(to != NULL && sealbag_verdict_print(to, "a label", verdict) == 0);
    REQUIRE(fclose(to) == 0 && len > 0 && text[len - 1] == '\n');
    for (size_t at = 0; at < len;) {
        size_t n = (size_t)((const char *)memchr(text + at, '\n', len - at) - (text + at));
        REQUIRE(fuzz_harmless(text + at, n));
        at += n + 1;
    }
    free(text);
}

static void check_json(const struct sealbag_verdict *verdict)
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);
    REQUIRE(to != NULL && sealbag_verdict_print_json(to, "\xff\n\"", verdict, true) == 0);
    REQUIRE(fclose(to) == 0 && fuzz_harmless(text, len));
    REQUIRE(fuzz_json_valid(text, len));
    free(text);
}

bool fuzz_check_printed(const struct sealbag_verdict *verdict)
{
    bool whole;
    check_findings(&whole, verdict);
    check_signatures(verdict);
    check_custody(verdict);
    check_text(verdict);
    check_json(verdict);
    return whole;
}

void fuzz_check_verdict(const struct sealbag_verdict *verdict)
{
    bool intact = verdict->intact == SEALBAG_INTACT;
    int64_t time;
    check_documents(verdict);
    REQUIRE(fuzz_check_printed(verdict));
    for (size_t i = 0; i < verdict->finding_count; i++)
        REQUIRE(verdict->finding[i].sentence[0] != 0);
    switch (verdict->exit_code) {
    case 0:
        REQUIRE(intact && verdict->sealed && verdict->trusted_seals >= verdict->required);
        REQUIRE(strlen(verdict->seal_id) == 64 && verdict->sealed_at[0] != 0);
        break;
    case 3:
        REQUIRE(intact && verdict->sealed);
        break;
    case 4:
        REQUIRE(intact && !verdict->sealed && verdict->seal_id[0] == 0);
        break;
    default:
        REQUIRE(verdict->exit_code == 1 || verdict->exit_code == 5);
    }
    if (verdict->sealed_at[0] != 0)
        REQUIRE(verdict->valid_seals > 0 &&
                sb_time_parse(&time, verdict->sealed_at, strlen(verdict->sealed_at), true));
}

/* ---- several ---------------------------------------------------------------------------- */

static bool has_rule(const struct sealbag_verdict *verdict, const char *rule)
{
    for (size_t i = 0; i < verdict->finding_count; i++) {
        if (strcmp(verdict->finding[i].rule, rule) == 0)
            return true;
    }
    return false;
}

static void expect_same_documents(const struct sealbag_verdict *a, const struct sealbag_verdict *b)
{
    REQUIRE(a->documents == b->documents && a->bytes == b->bytes);
    REQUIRE(strcmp(a->name, b->name) == 0 && strcmp(a->seal_id, b->seal_id) == 0);
    REQUIRE(strcmp(a->sealed_at, b->sealed_at) == 0);
    for (uint64_t i = 0; i < a->documents; i++) {
        const struct sealbag_document *one = &a->document[i], *two = &b->document[i];
        REQUIRE(strcmp(one->path, two->path) == 0 && one->size == two->size);
        REQUIRE(memcmp(one->sha256, two->sha256, 32) == 0);
    }
}

static void compare(const struct sealbag_verdict *all, const struct sealbag_verdict *list)
{
    REQUIRE(!all->partial);
    if (!list->partial) {
        /* Only the index is judged otherwise, since nothing was taken from it. */
        if (!has_rule(all, "seal.index-mismatch") && !has_rule(all, "container.pointer"))
            REQUIRE(list->exit_code == all->exit_code);
        if (all->intact == SEALBAG_INTACT)
            expect_same_documents(all, list);
        return;
    }
    REQUIRE(list->exit_code == 0 || list->exit_code == 3);
    REQUIRE(list->intact == SEALBAG_INTACT && list->sealed && list->documents_checked == 0);
    if (all->intact == SEALBAG_INTACT) {
        /* The lists alone say nothing else than the whole. */
        REQUIRE(all->exit_code == list->exit_code);
        expect_same_documents(all, list);
    }
}

static struct sealbag_verdict *verify(int fd, const struct sealbag_verify_options *options)
{
    struct sealbag_verdict *verdict = NULL;
    struct sb_error error = {0};
    REQUIRE(sealbag_bundle_verify(&verdict, fd, options, &error) == 0);
    fuzz_check_verdict(verdict);
    return verdict;
}

static struct sealbag_verdict *list(int fd, const struct sealbag_verify_options *options)
{
    struct sealbag_verdict *verdict = NULL;
    struct sb_error error = {0};
    REQUIRE(sealbag_bundle_list(&verdict, fd, options, &error) == 0);
    fuzz_check_verdict(verdict);
    return verdict;
}

/* Which cannot be read from a pipe, or salvaged. */
static bool is_zip(const uint8_t *bytes, size_t len)
{
    return len >= 4 && memcmp(bytes, "PK\x03\x04", 4) == 0;
}

/* A manifest that needs a second pass, which there is none of in a pipe. */
static bool is_left_out(const struct sealbag_verdict *verdict)
{
    for (size_t i = 0; i < verdict->finding_count; i++) {
        if (strcmp(verdict->finding[i].rule, "bag.not-judged") == 0)
            return true;
    }
    return false;
}

/* A zip file whose beginning is damaged: its end, which shows what it is, is not seen in a pipe. */
static bool is_headless(const struct sealbag_verdict *verdict)
{
    return verdict->finding_count > 0 && strncmp(verdict->finding[0].rule, "zip.", 4) == 0;
}

/* From a pipe it is the same bundle. */
static void verify_piped(const struct sealbag_verdict *all, const uint8_t *bytes, size_t len,
                         const struct sealbag_verify_options *options)
{
    int fd = fuzz_pipe(bytes, len);
    struct sealbag_verdict *piped = verify(fd, options);
    close(fd);
    if (is_zip(bytes, len))
        REQUIRE(piped->exit_code == 5);
    else if (is_headless(all))
        REQUIRE(piped->exit_code == 5 && all->exit_code == 1);
    else if (!is_left_out(piped))
        REQUIRE(piped->exit_code == all->exit_code && piped->finding_count == all->finding_count);
    else
        REQUIRE(all->exit_code != 0 || piped->exit_code == 0);
    if (!is_zip(bytes, len) && all->intact == SEALBAG_INTACT)
        expect_same_documents(all, piped);
    sealbag_verdict_free(piped);
}

/* What is found behind damage. When nothing is damaged, it is all there. */
static void salvage(const struct sealbag_verdict *all, int fd,
                    const struct sealbag_verify_options *options)
{
    struct sb_guard guard = {.inspection = {.fd = fd, .start = 0}};
    struct sb_error error = {0};
    REQUIRE(sb_guard_open(&guard, options, &error) == 0);
    int r = sb_guard_ask(&guard, SB_READ_RUINS, &error);
    if (r < 0)
        fuzz_check_error(&error, r);
    else
        fuzz_check_findings(&guard.judge.findings);
    if (all->exit_code == 0 || all->exit_code == 3) {
        REQUIRE(r > 0 && guard.judge.manifest_signed);
        REQUIRE(guard.judge.manifest_lines >= all->documents);
        REQUIRE(strcmp(guard.judge.seal_id, all->seal_id) == 0);
    }
    sb_guard_close(&guard);
}

/* Through the pipe that stands between the process that reads and the one that judges, the verdict
 * is the same. */
static void verify_sent(const struct sealbag_verdict *all, int fd,
                        const struct sealbag_verify_options *options)
{
    struct sb_inspection here = {.fd = fd, .start = 0}, there = {.fd = -1};
    struct sb_judge sender, receiver;
    struct sb_wire *wire = calloc(1, sizeof(*wire));
    struct sealbag_verdict *sent = NULL;
    REQUIRE(wire != NULL);
    REQUIRE(sb_judge_init(&sender, 1, NULL) == 0 && sb_judge_init(&receiver, 1, NULL) == 0);
    REQUIRE(sb_inspect(&here, &sender, SB_READ_ALL, NULL) == 1);
    wire->fd = fuzz_fd(1, "", 0);
    sb_evidence_put(wire, &here, &sender, SB_READ_ALL);
    REQUIRE(sb_wire_flush(wire) && lseek(wire->fd, 0, SEEK_SET) == 0);
    REQUIRE(sb_evidence_get(&there, &receiver, SB_READ_ALL, wire, NULL) == 0 && !wire->failed);
    if (receiver.scan.ended)
        REQUIRE(sb_judge_signatures(&receiver, options, NULL) == 0 &&
                sb_judge_custody(&receiver, options, NULL) == 0);
    REQUIRE(sb_judge_verdict(&sent, &receiver, options, NULL) == 0);
    /* The warning that nothing was locked in is not there. */
    REQUIRE(sent->finding_count + 1 == all->finding_count);
    for (size_t i = 0; i < sent->finding_count; i++) {
        REQUIRE(strcmp(sent->finding[i].rule, all->finding[i].rule) == 0);
        REQUIRE(strcmp(sent->finding[i].sentence, all->finding[i].sentence) == 0);
    }
    REQUIRE(sent->exit_code == all->exit_code && sent->intact == all->intact);
    REQUIRE(strcmp(sent->custody_head, all->custody_head) == 0);
    REQUIRE(sent->valid_seals == all->valid_seals && sent->trusted_seals == all->trusted_seals);
    if (all->intact == SEALBAG_INTACT)
        expect_same_documents(all, sent);
    sealbag_verdict_free(sent);
    sb_inspection_close(&here);
    sb_judge_free(&sender);
    sb_judge_free(&receiver);
    free(wire);
}

int fuzz_judge(const uint8_t *bytes, size_t len, const struct sealbag_verify_options *options)
{
    int fd = fuzz_fd(0, bytes, len);
    struct sealbag_verdict *all = verify(fd, options);
    REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
    struct sealbag_verdict *some = list(fd, options);
    compare(all, some);
    REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
    if (!is_zip(bytes, len))
        salvage(all, fd, options);
    if (fuzz_hash(bytes, len) % 2 == 0)
        verify_sent(all, fd, options);
    if (len <= FUZZ_PIPE_MAX && fuzz_hash(bytes, len) % 8 == 0)
        verify_piped(all, bytes, len, options);
    int code = all->exit_code;
    sealbag_verdict_free(all);
    sealbag_verdict_free(some);
    return code;
}
