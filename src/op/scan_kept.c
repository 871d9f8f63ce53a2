/* The files that a scan keeps, and finding them by their paths: there can be thousands. */
#include <stdlib.h>
#include <string.h>

#include "bag/limits.h"
#include "bag/seal.h"
#include "op/scan.h"

/* The first place in by_path whose path is not less. */
static size_t lower_bound(const struct sb_scan *scan, const char *path)
{
    size_t low = 0, high = scan->kept_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(scan->kept[scan->kept_by_path[middle]].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct sb_kept *sb_scan_kept_file(const struct sb_scan *scan, const char *path)
{
    size_t at = lower_bound(scan, path);
    if (at == scan->kept_count)
        return NULL;
    const struct sb_kept *kept = &scan->kept[scan->kept_by_path[at]];
    return strcmp(kept->path, path) == 0 ? kept : NULL;
}

const struct sb_buf *sb_scan_kept(const struct sb_scan *scan, const char *path)
{
    const struct sb_kept *kept = sb_scan_kept_file(scan, path);
    return kept != NULL ? &kept->bytes : NULL;
}

bool sb_scan_may_keep(struct sb_scan *scan, const char *path, uint64_t size)
{
    if (sb_seal_custody_number(path) == 0)
        return scan->kept_count - scan->custody_count < SB_KEPT_COUNT_MAX;
    scan->custody_bytes += size;
    return ++scan->custody_count <= SB_CUSTODY_COUNT_MAX &&
           scan->custody_bytes <= SB_CUSTODY_BYTES_MAX;
}

struct sb_kept *sb_scan_keep(struct sb_scan *scan, const char *path)
{
    struct sb_kept *kept =
        sb_array_grow(scan->kept, &scan->kept_cap, scan->kept_count, sizeof(*kept));
    if (kept == NULL)
        return NULL;
    scan->kept = kept;
    size_t *by_path = sb_array_grow(scan->kept_by_path, &scan->kept_by_path_cap, scan->kept_count,
                                    sizeof(*by_path));
    if (by_path == NULL)
        return NULL;
    scan->kept_by_path = by_path;
    size_t at = lower_bound(scan, path);
    memmove(by_path + at + 1, by_path + at, (scan->kept_count - at) * sizeof(*by_path));
    by_path[at] = scan->kept_count;
    kept += scan->kept_count++;
    *kept = (struct sb_kept){.path = path, .number = SIZE_MAX};
    return kept;
}

void sb_scan_unkeep(struct sb_scan *scan)
{
    struct sb_kept *kept = &scan->kept[scan->kept_count - 1];
    size_t at = lower_bound(scan, kept->path);
    size_t after = scan->kept_count - at - 1;
    memmove(scan->kept_by_path + at, scan->kept_by_path + at + 1,
            after * sizeof(*scan->kept_by_path));
    sb_buf_free(&kept->bytes);
    scan->kept_count--;
    scan->custody_count -= sb_seal_custody_number(kept->path) > 0;
}

void sb_scan_kept_free(struct sb_scan *scan)
{
    for (size_t i = 0; i < scan->kept_count; i++)
        sb_buf_free(&scan->kept[i].bytes);
    free(scan->kept);
    free(scan->kept_by_path);
}
