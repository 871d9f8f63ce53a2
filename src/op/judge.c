#include "op/judge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "op/folder.h"
#include "op/format.h"
#include "op/provenance.h"

int sb_judge_init(struct sb_judge *judge, unsigned jobs, struct sb_error *error)
{
    *judge = (struct sb_judge){0};
    int r = sb_sign_init(error);
    if (r == 0)
        r = sb_pool_new(&judge->pool, jobs, error);
    return r == 0 ? sb_digest_new(&judge->digest, error) : r;
}

void sb_judge_clear(struct sb_judge *judge)
{
    struct sb_pool *pool = judge->pool;
    struct sb_digest *digest = judge->digest;
    sb_scan_free(&judge->scan);
    sb_findings_free(&judge->findings);
    sb_manifest_free(&judge->manifest);
    sb_manifest_free(&judge->fetch);
    sb_manifest_free(&judge->cover);
    sb_rehash_free(&judge->rehash);
    sb_seal_free(&judge->seal);
    sb_metadata_free(&judge->metadata);
    free(judge->signatures.items);
    free(judge->custody.items);
    sb_arena_free(&judge->strings);
    *judge = (struct sb_judge){.pool = pool, .digest = digest};
}

void sb_judge_free(struct sb_judge *judge)
{
    sb_judge_clear(judge);
    sb_digest_free(judge->digest);
    sb_pool_free(judge->pool);
    *judge = (struct sb_judge){0};
}

void sb_judge_count(struct sb_judge *judge)
{
    for (size_t i = 0; i < judge->scan.inventory.count; i++) {
        const struct sb_file *file = &judge->scan.inventory.files[i];
        judge->sealed |= file->part == SB_PART_SEAL;
        if (file->part == SB_PART_PAYLOAD) {
            judge->payload_files++;
            judge->payload_bytes += file->size;
        }
    }
}

int sb_judge_content(struct sb_judge *judge, struct sb_error *error)
{
    sb_judge_count(judge);
    int r = sb_judge_bag(judge, error);
    if (r == 0 && judge->depth == SEALBAG_WHOLE)
        r = sb_judge_metadata(judge, error);
    if (r == 0)
        r = sb_judge_seal(judge, error);
    if (r == 0 && judge->to_seal)
        r = sb_judge_statements(judge, error);
    if (r == 0 && judge->profile != NULL)
        r = sb_judge_profile(judge, error);
    return r == 0 && judge->findings.overflow ? sb_error_memory(error) : r;
}

int sb_judge_read(struct sb_judge *judge, int fd, const struct sb_reader_options *options,
                  const struct sb_sink *sink, struct sb_error *error)
{
    uint64_t start;
    struct sb_reader_options reading = *options;
    reading.pool = judge->pool;
    judge->scan.quick = judge->depth != SEALBAG_WHOLE;
    if (!sb_fd_rest(&start, &reading.size, fd))
        reading.size = 0;
    int r = sb_scan_read(&judge->scan, &judge->findings, fd, &reading, sink, error);
    if (r == 0 && judge->named != NULL)
        sb_format_check_name(&judge->findings, judge->scan.packing, judge->named);
    unsigned others =
        r == 0 && judge->scan.ended && !judge->scan.quick ? sb_judge_algorithms(judge) : 0;
    if (others != 0 && reading.size > 0) {
        r = lseek(fd, (off_t)start, SEEK_SET) < 0
                ? sb_error_errno(error, errno, "go back in", "the input")
                : sb_rehash_read(&judge->rehash, others, &judge->scan.inventory, fd, &reading,
                                 error);
    }
    /* What could not be read as a bundle at all has no bag to judge. */
    return r == 0 && judge->scan.ended ? sb_judge_content(judge, error) : r;
}

int sb_judge_read_folder(struct sb_judge *judge, int fd, const char *name,
                         const struct sb_reader_options *options, struct sb_error *error)
{
    struct sb_folder folder = {.fd = fd, .name = name, .pool = judge->pool, .reading = options};
    judge->scan.quick = judge->depth != SEALBAG_WHOLE;
    judge->folder = true;
    int r = sb_folder_list(&judge->scan, &judge->findings, &folder, error);
    if (r == 0 && !folder.failed)
        r = sb_folder_hash(&judge->scan, &judge->rehash,
                           judge->scan.quick ? 0 : sb_judge_algorithms(judge), &judge->findings,
                           &folder, error);
    sb_folder_free(&folder);
    return r == 0 && judge->scan.ended ? sb_judge_content(judge, error) : r;
}

/* ---- the verdict ------------------------------------------------------------------------ */

/* The verdict and what it points to. The public part comes first. */
struct whole {
    struct sealbag_verdict verdict;
    struct sb_findings findings;
    struct sb_signature_list signatures;
    struct sb_custody_list custody;
    struct sb_arena strings;
    struct sb_inventory inventory;
    struct sealbag_document *documents;
    struct sb_provenance provenance;
};

void sealbag_verdict_free(struct sealbag_verdict *verdict)
{
    struct whole *whole = (struct whole *)verdict;
    if (whole == NULL)
        return;
    sb_findings_free(&whole->findings);
    free(whole->signatures.items);
    free(whole->custody.items);
    sb_arena_free(&whole->strings);
    sb_inventory_free(&whole->inventory);
    free(whole->documents);
    sb_provenance_free(&whole->provenance);
    free(whole);
}

/* Rules that say nothing against the content. */
static const enum sb_rule about_signature[] = {
    SB_RULE_SIGNATURE_BAD, SB_RULE_SIGNATURE_SYNTAX, SB_RULE_SIGNATURE_NAME,
    SB_RULE_SEAL_ID,       SB_RULE_CUSTODY_SYNTAX,   SB_RULE_CUSTODY_VERSION,
    SB_RULE_CUSTODY_ORDER, SB_RULE_CUSTODY_LINK,     SB_RULE_CUSTODY_FOREIGN,
    SB_RULE_CUSTODY_BAD,   SB_RULE_CUSTODY_GONE,     SB_RULE_CUSTODY_HEAD,
    SB_RULE_COUNT};
/* Rules by which something is missing rather than altered. */
static const enum sb_rule means_missing[] = {
    SB_RULE_FILE_MISSING,  SB_RULE_GZIP_TRUNCATED,  SB_RULE_ZSTD_TRUNCATED,
    SB_RULE_TAR_TRUNCATED, SB_RULE_SEAL_INCOMPLETE, SB_RULE_MANIFEST_MISSING,
    SB_RULE_COUNT};

static bool is_one_of(enum sb_rule rule, const enum sb_rule *rules)
{
    for (; *rules != SB_RULE_COUNT; rules++) {
        if (*rules == rule)
            return true;
    }
    return false;
}

static enum sealbag_intact intactness(const struct sb_findings *findings)
{
    enum sealbag_intact intact = SEALBAG_INTACT;
    if (sb_findings_has(findings, SB_RULE_NOT_A_BAG))
        return SEALBAG_NOT_A_BAG;
    for (unsigned i = 0; i < SB_RULE_COUNT; i++) {
        enum sb_rule rule = (enum sb_rule)i;
        int exit_code = sb_rule_row(rule)->exit_code;
        if (!sb_findings_has(findings, rule))
            continue;
        if (is_one_of(rule, about_signature) || sb_rule_of_profile(rule))
            continue;
        if (exit_code == 1) {
            if (!is_one_of(rule, means_missing))
                return SEALBAG_DAMAGED;
            intact = SEALBAG_INCOMPLETE;
        } else if ((exit_code == 5 || exit_code == 6) && intact == SEALBAG_INTACT) {
            intact = SEALBAG_NOT_JUDGED;
        }
    }
    return intact;
}

static int list_documents(struct whole *whole)
{
    if (whole->inventory.count == 0) /* only counted */
        return 0;
    struct sealbag_document *documents = calloc(whole->inventory.count + 1, sizeof(*documents));
    if (documents == NULL)
        return SEALBAG_ERR_MEMORY;
    size_t count = 0;
    for (size_t i = 0; i < whole->inventory.count; i++) {
        const struct sb_file *file = &whole->inventory.files[i];
        if (file->part != SB_PART_PAYLOAD)
            continue;
        documents[count].path = file->path;
        documents[count].size = file->size;
        memcpy(documents[count].sha256, file->digest, SB_DIGEST_SIZE);
        count++;
    }
    whole->documents = documents;
    whole->verdict.document = documents;
    return 0;
}

/* What may only be said of a bag that is intact, and by its seal only when it holds. */
static int tell_facts(struct whole *whole, struct sb_judge *judge, bool provenance)
{
    struct sealbag_verdict *verdict = &whole->verdict;
    const char *name = judge->scan.top;
    if (name != NULL && strlen(name) < sizeof(verdict->name))
        memcpy(verdict->name, name, strlen(name) + 1);
    verdict->documents = verdict->documents_checked = judge->payload_files;
    verdict->bytes = judge->payload_bytes;
    if (judge->seal_parsed && judge->valid_seals > 0) {
        sb_time_format(verdict->sealed_at, judge->seal.sealed);
        if (judge->seal.supersedes_stated)
            sb_hex_encode(verdict->supersedes, judge->seal.supersedes, SB_DIGEST_SIZE);
    }
    int r = list_documents(whole);
    if (r < 0 || !provenance)
        return r;
    verdict->provenance = &whole->provenance.told;
    return sb_provenance_make(&whole->provenance, judge, whole->documents,
                              whole->documents != NULL ? verdict->documents : 0);
}

/* A quick check has looked at no seal, and tells no more than what it has counted. */
static void tell_depth(struct sealbag_verdict *verdict, const struct sb_judge *judge,
                       const struct sealbag_verify_options *options)
{
    verdict->depth = options->depth;
    if (verdict->exit_code == 6) {
        verdict->documents = judge->payload_files;
        verdict->bytes = judge->payload_bytes;
    }
    if (options->depth != SEALBAG_WHOLE)
        return;
    if (options->time > 0)
        sb_time_format(verdict->judged_at, options->time);
    memcpy(verdict->seal_id, judge->seal_id, sizeof(verdict->seal_id));
}

int sb_judge_verdict(struct sealbag_verdict **out, struct sb_judge *judge,
                     const struct sealbag_verify_options *options, struct sb_error *error)
{
    *out = NULL;
    /* Whatever led here: nobody is told that a bag is good which nobody whom he trusts has sealed.
     */
    size_t required = options->require > 0 ? options->require : 1;
    if (judge->findings.exit_code == 0 &&
        (!judge->sealed || !judge->seal_parsed || judge->valid_seals == 0 ||
         judge->trusted_signers < required))
        return sb_error_set(error, SEALBAG_ERR_READER,
                            "What was read of the bundle contradicts itself. Do not use it.");
    struct whole *whole = calloc(1, sizeof(*whole));
    if (whole == NULL)
        return sb_error_memory(error);
    struct sealbag_verdict *verdict = &whole->verdict;
    verdict->exit_code = sb_findings_exit_code(&judge->findings);
    verdict->intact = intactness(&judge->findings);
    verdict->sealed = judge->sealed;
    verdict->valid_seals = judge->valid_seals;
    verdict->trusted_seals = judge->trusted_seals;
    verdict->countersignatures = judge->countersignatures;
    verdict->required = required;
    verdict->trusted_signers = judge->trusted_signers;
    verdict->countersignatures_count = options->count_countersignatures;
    tell_depth(verdict, judge, options);

    whole->findings = judge->findings;
    judge->findings = (struct sb_findings){0};
    whole->signatures = judge->signatures;
    judge->signatures = (struct sb_signature_list){0};
    whole->custody = judge->custody;
    judge->custody = (struct sb_custody_list){0};
    whole->strings = judge->strings;
    judge->strings = (struct sb_arena){0};
    whole->inventory = judge->scan.inventory;
    judge->scan.inventory = (struct sb_inventory){0};
    verdict->finding = whole->findings.items;
    verdict->finding_count = whole->findings.count;
    verdict->findings_omitted = whole->findings.omitted;
    verdict->signature = whole->signatures.items;
    verdict->signature_count = whole->signatures.count;
    verdict->custody = whole->custody.items;
    verdict->custody_count = whole->custody.count;
    memcpy(verdict->custody_head, judge->custody_head, sizeof(verdict->custody_head));
    if (verdict->intact == SEALBAG_INTACT && tell_facts(whole, judge, options->provenance) < 0) {
        sealbag_verdict_free(verdict);
        return sb_error_memory(error);
    }
    *out = verdict;
    return 0;
}

int sb_judge_partial_verdict(struct sealbag_verdict **out, struct sb_judge *judge,
                             uint64_t documents, const struct sealbag_verify_options *options,
                             struct sb_error *error)
{
    sb_findings_add(&judge->findings, SB_RULE_PARTLY_READ, NULL,
                    "Only the signed lists and %" PRIu64 " of %" PRIu64
                    " documents were read and checked, the rest was not read. sealbag verify "
                    "reads all.",
                    documents, judge->payload_files);
    if (judge->findings.overflow)
        return sb_error_memory(error);
    int r = sb_judge_verdict(out, judge, options, error);
    if (r == 0 && *out != NULL) {
        (*out)->partial = true;
        (*out)->documents_checked = documents;
    }
    return r;
}
