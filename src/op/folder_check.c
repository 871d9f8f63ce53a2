/* What is in a folder, seen by the process that asks. */
#include <string.h>

#include "op/folder.h"

static bool same_files(const struct sb_inventory *a, const struct sb_inventory *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++) {
        const struct sb_file *one = &a->files[i], *other = &b->files[i];
        same = strcmp(one->path, other->path) == 0 && one->size == other->size &&
               memcmp(one->digest, other->digest, SB_DIGEST_SIZE) == 0;
    }
    return same;
}

int sb_folder_check(bool *same, const struct sb_inventory *files, struct sb_folder *folder,
                    unsigned jobs, struct sb_error *error)
{
    struct sb_scan scan = {0};
    struct sb_rehash none = {0};
    struct sb_findings findings = {0};
    int r = sb_pool_new(&folder->pool, jobs, error);
    if (r == 0)
        r = sb_folder_list(&scan, &findings, folder, error);
    if (r == 0 && !folder->failed)
        r = sb_folder_hash(&scan, &none, 0, &findings, folder, error);
    *same =
        r == 0 && !folder->failed && findings.exit_code == 0 && same_files(&scan.inventory, files);
    sb_folder_free(folder);
    sb_pool_free(folder->pool);
    folder->pool = NULL;
    sb_rehash_free(&none);
    sb_findings_free(&findings);
    sb_scan_free(&scan);
    return r;
}
