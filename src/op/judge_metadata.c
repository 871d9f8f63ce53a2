/* metadata.csv: whether its rows are records, of which the leaves of a seal tell. */
#include <string.h>

#include "op/judge.h"

/* Every row is about a document, or a folder that holds one, even if those were lost. Both sides
 * are sorted. */
static bool has_documents(const struct sb_metadata *table, const struct sb_judge *judge)
{
    const struct sb_inventory *files = &judge->scan.inventory;
    size_t at = 0;
    for (size_t i = 0; i < table->by_path_count; i++) {
        const char *path = table->by_path[i].path;
        while (at < files->count && strcmp(files->files[at].path, path) < 0)
            at++;
        bool folder = sb_metadata_is_folder(path);
        bool there =
            at < files->count && (folder ? strncmp(files->files[at].path, path, strlen(path))
                                         : strcmp(files->files[at].path, path)) == 0;
        if (!there && !(folder ? sb_manifest_has_below(&judge->manifest, path)
                               : sb_manifest_find(&judge->manifest, path) != NULL))
            return false;
    }
    return true;
}

int sb_judge_read_metadata(struct sb_judge *judge, struct sb_error *error)
{
    const struct sb_buf *bytes = sb_scan_kept(&judge->scan, SB_METADATA_CSV);
    if (bytes == NULL)
        return 0;
    int r = sb_metadata_read(&judge->metadata, bytes->data, bytes->len);
    if (r < 0)
        return sb_error_memory(error);
    judge->metadata_foreign = r == 0 || !has_documents(&judge->metadata, judge);
    if (judge->metadata_foreign)
        sb_metadata_free(&judge->metadata);
    return 0;
}

int sb_judge_metadata(struct sb_judge *judge, struct sb_error *error)
{
    int r = sb_judge_read_metadata(judge, error);
    if (r == 0 && judge->metadata_foreign)
        sb_findings_add(&judge->findings, SB_RULE_METADATA_FOREIGN, SB_METADATA_CSV,
                        "This file is not in the form in which sealbag keeps provenance records. "
                        "It is a file of the bag like any other, and nothing of it is shown.");
    return r;
}
