/* index.tsv, while a bundle is read from beginning to end: the scan makes the index that this tar
 * must have, and the one in the tar must be equal to it. */
#include <string.h>

#include "bag/index.h"
#include "op/scan.h"

void sb_scan_index_free(struct sb_scan_index *index)
{
    sb_digest_free(index->digest);
    sb_buf_free(&index->line);
    *index = (struct sb_scan_index){0};
}

static int begin(struct sb_scan_index *index, struct sb_error *error)
{
    int r = sb_digest_new(&index->digest, error);
    if (r == 0 && (sb_digest_start(index->digest) < 0 ||
                   sb_digest_update(index->digest, SB_INDEX_HEADER, strlen(SB_INDEX_HEADER)) < 0))
        r = sb_digest_failed(error);
    return r;
}

/* Takes up the file that was read. */
int sb_scan_index_file(struct sb_scan_index *index, const char *path, const struct sb_entry *entry,
                       size_t number, struct sb_error *error)
{
    index->last = false;
    if (index->found)
        return 0;
    int r = index->digest == NULL ? begin(index, error) : 0;
    if (r < 0)
        return r;
    if (strcmp(path, SB_INDEX_TSV) == 0) {
        index->found = index->last = true;
        index->at = entry->at;
        index->number = number;
        return sb_digest_finish(index->expected, index->digest) < 0 ? sb_digest_failed(error) : 0;
    }
    index->line.len = 0;
    if (sb_index_append(&index->line, entry->at, entry->size, path) < 0)
        return sb_error_memory(error);
    return sb_digest_update(index->digest, index->line.data, index->line.len) < 0
               ? sb_digest_failed(error)
               : 0;
}

/* Before the inventory is sorted. */
void sb_scan_index_judge(struct sb_findings *findings, const struct sb_scan *scan)
{
    const struct sb_scan_index *index = &scan->index;
    uint64_t right = index->found ? index->at : SB_NO_POINTER;
    bool equal = !index->found || memcmp(scan->inventory.files[index->number].digest,
                                         index->expected, SB_SHA256_SIZE) == 0;
    /* A plain tar has no pointer, and is as sealbag writes it when the index is right. */
    bool fits = scan->packing == SB_PACKED_TAR && equal && index->last;
    bool wrong =
        index->could_point && (index->pointer != right || !equal || (index->found && !index->last));
    if (wrong && index->hint)
        sb_findings_add(findings, SB_RULE_SEAL_INDEX_HINT, SB_INDEX_TSV,
                        "The index of this bundle is wrong. Nothing was taken from it: the whole "
                        "bundle was read instead.");
    else if (wrong && index->pointer != right)
        sb_findings_add(findings, SB_RULE_CONTAINER_POINTER, SB_INDEX_TSV,
                        "The end of the bundle, which tells where the index is, is missing or "
                        "wrong: it was cut off or altered after it was made.");
    else if (wrong)
        sb_findings_add(findings, SB_RULE_SEAL_INDEX, SB_INDEX_TSV,
                        "The index is not the one that this bundle must have: it was altered after "
                        "it was made.");
    else if (index->found && !index->could_point && !fits)
        sb_findings_add(findings, SB_RULE_NOT_JUDGED, SB_INDEX_TSV,
                        "The index tells places in the bundle that the bag was sealed in. This is "
                        "another one, so it was not judged. Nothing depends on it.");
}
