/* Adds files to seal/ of a bag that is a plain folder: the new seal/ is written from the bytes that
 * were judged, looked at, and changes places with the old one, which is looked at, too. */
#include <string.h>

#include "bag/index.h"
#include "op/append.h"
#include "op/evidence.h"
#include "op/seal_folder.h"

static size_t seal_files(const struct sb_scan *scan)
{
    size_t count = 0;
    for (size_t i = 0; i < scan->kept_count; i++)
        count += sb_part_of(scan->kept[i].path) == SB_PART_SEAL &&
                 strcmp(scan->kept[i].path, SB_INDEX_TSV) != 0;
    return count;
}

/* All files but the index, which tells places in an archive. */
static size_t listed_files(const struct sb_scan *scan)
{
    return scan->inventory.count - (sb_inventory_find(&scan->inventory, SB_INDEX_TSV) != NULL);
}

static int write_files(struct sb_seal_folder *folder, const struct sb_scan *old,
                       const struct sb_addition *additions, size_t count, struct sb_error *error)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < old->kept_count; i++) {
        const struct sb_kept *kept = &old->kept[i];
        if (sb_part_of(kept->path) == SB_PART_SEAL && strcmp(kept->path, SB_INDEX_TSV) != 0)
            r = sb_seal_folder_add(folder, kept->path, kept->bytes.data, kept->bytes.len, error);
    }
    for (size_t i = 0; r == 0 && i < count; i++)
        r = sb_seal_folder_add(folder, additions[i].path, additions[i].bytes, additions[i].len,
                               error);
    return r;
}

/* Signatures and events, as whoever verifies the bag will judge them. The documents are those that
 * were judged: nothing of theirs is touched. */
static int judge_new(struct sb_judge *judge, const struct sb_append *append, struct sb_error *error)
{
    struct sealbag_verify_options options = *append->guard.options;
    options.seal = append->verdict->seal_id;
    options.custody = NULL; /* a new event is a new head */
    judge->sealed = true;
    int r = sb_evidence_read_seal(judge, error);
    if (r == 0)
        r = sb_judge_signatures(judge, &options, error);
    return r == 0 ? sb_judge_custody(judge, &options, error) : r;
}

static int look_at_new(const struct sb_seal_folder *folder, const struct sb_append *append,
                       const struct sb_addition *additions, size_t count, struct sb_error *error)
{
    struct sb_judge judge = {0};
    const struct sb_findings *findings = &judge.findings;
    const struct sb_scan *old = &append->guard.judge.scan;
    int r = sb_judge_init(&judge, 1, error);
    if (r == 0)
        r = sb_seal_folder_list(&judge.scan, &judge.findings, folder,
                                &append->guard.inspection.reading, error);
    bool same = r == 0 && findings->count == 0 &&
                listed_files(&judge.scan) == seal_files(old) + count &&
                sb_append_holds(&judge.scan, old, additions, count);
    if (same)
        r = judge_new(&judge, append, error);
    bool verifies = findings->exit_code == 0 || findings->exit_code == 3;
    if (r == 0 && (!same || !verifies))
        r = sb_error_set(error, SEALBAG_ERR_SYSTEM,
                         "The new bundle would not verify, so none was made. %s",
                         findings->count > 0 ? findings->items[0].sentence : "Please report this.");
    sb_judge_free(&judge);
    return r;
}

/* Somebody else may have added to it since it was judged, or taken something away. */
static int look_at_old(const struct sb_seal_folder *folder, const struct sb_append *append,
                       struct sb_error *error)
{
    struct sb_scan scan = {0};
    struct sb_findings findings = {0};
    const struct sb_scan *old = &append->guard.judge.scan;
    char shown[1024];
    int r = sb_seal_folder_list(&scan, &findings, folder, &append->guard.inspection.reading, error);
    if (r == 0 && (findings.exit_code != 0 || listed_files(&scan) != seal_files(old) ||
                   !sb_append_holds(&scan, old, NULL, 0)))
        r = sb_error_set(error, SEALBAG_ERR_CHANGED,
                         "The seal of %s was changed while it was added to, so it was left as it "
                         "is now. Look at it, and try again.",
                         sealbag_text_escape(shown, sizeof(shown), append->path));
    sb_findings_free(&findings);
    sb_scan_free(&scan);
    return r;
}

/* What has to get into the old seal if that cannot be exchanged: a file, or the folder of the first
 * event. NULL: it is more than one thing, between which the bag would be damaged. */
static const char *one_thing(const struct sb_append *append, const struct sb_addition *additions,
                             size_t count)
{
    static const char custody[] = SB_CUSTODY_DIR;
    for (size_t i = 0; i < count; i++) {
        if (strncmp(additions[i].path, custody, sizeof(custody) - 1) != 0)
            return count == 1 ? additions[i].path : NULL;
    }
    return append->verdict->custody_count == 0 ? "seal/custody" : NULL;
}

static int exchange(struct sb_seal_folder *folder, const struct sb_append *append,
                    const struct sb_addition *additions, size_t count, struct sb_error *error)
{
    const char *one = one_thing(append, additions, count);
    int r = sb_seal_folder_publish(folder, error);
    if (r == SEALBAG_ERR_UNSUPPORTED && one != NULL)
        return sb_seal_folder_put(folder, one, error);
    if (r < 0)
        return r;
    r = look_at_old(folder, append, error);
    int back = r < 0 ? sb_seal_folder_revert(folder, error) : 0;
    return back < 0 ? back : r;
}

int sb_append_to_folder(struct sb_append *append, const struct sb_addition *additions, size_t count,
                        struct sb_error *error)
{
    struct sb_seal_folder folder;
    int r = sb_seal_folder_open(&folder, append->fd, append->path, error);
    if (r == 0)
        r = write_files(&folder, &append->guard.judge.scan, additions, count, error);
    if (r == 0)
        r = look_at_new(&folder, append, additions, count, error);
    if (r == 0)
        r = exchange(&folder, append, additions, count, error);
    return sb_seal_folder_close(&folder, r, error);
}
