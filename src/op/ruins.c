/* What is still there of a damaged bundle: one pass finds the folder of the seal, one the seal and
 * the manifest behind the damage; then the documents that are exactly the ones that were listed are
 * written. Of a folder all is read at once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "op/inspect.h"

const char *sb_ruins_name(const struct sb_judge *judge)
{
    return judge->sealed ? judge->seal.name : judge->scan.top;
}

static const struct sb_listed *find_listed(const struct sb_judge *judge, const char *path)
{
    return sb_manifest_find(sb_part_of(path) == SB_PART_PAYLOAD ? &judge->manifest : &judge->cover,
                            path);
}

static bool belongs(const void *context, const char *path)
{
    const struct sb_judge *judge = context;
    return sb_part_of(path) == SB_PART_SEAL ? sb_scan_kept_file(&judge->scan, path) != NULL
                                            : find_listed(judge, path) != NULL;
}

/* Exactly the file that the manifest or the cover lists, or the seal's file that was judged. */
static bool matches(const void *context, const char *path, const uint8_t *digest)
{
    const struct sb_judge *judge = context;
    if (sb_part_of(path) == SB_PART_SEAL) {
        const struct sb_kept *kept = sb_scan_kept_file(&judge->scan, path);
        return kept != NULL && memcmp(kept->digest, digest, SB_DIGEST_SIZE) == 0;
    }
    const struct sb_listed *listed = find_listed(judge, path);
    return listed != NULL && memcmp(listed->digest, digest, SB_DIGEST_SIZE) == 0;
}

static int list_lost(struct sb_inspection *inspection, const struct sb_judge *judge,
                     struct sb_inventory *saved)
{
    sb_inventory_sort(saved);
    inspection->lost = calloc(judge->manifest.count + 1, sizeof(*inspection->lost));
    if (inspection->lost == NULL)
        return SEALBAG_ERR_MEMORY;
    for (size_t i = 0; i < judge->manifest.count; i++) {
        const char *path = judge->manifest.lines[i].path;
        if (sb_inventory_find(saved, path) != NULL)
            continue;
        char *copy = strdup(path);
        if (copy == NULL)
            return SEALBAG_ERR_MEMORY;
        inspection->lost[inspection->lost_count++] = copy;
    }
    return 0;
}

/* Each of the passes shows progress, and can be stopped. */
static struct sb_reader_options reading(const struct sb_inspection *inspection,
                                        const struct sb_judge *judge)
{
    struct sb_reader_options options = inspection->reading;
    uint64_t start;
    options.pool = judge->pool;
    options.salvage = true;
    if (!sb_fd_rest(&start, &options.size, inspection->fd))
        options.size = 0;
    return options;
}

int sb_ruins_write(struct sb_inspection *inspection, struct sb_judge *judge, struct sb_error *error)
{
    struct sb_scan again = {0};
    struct sb_findings ignored = {0};
    struct sb_staging *staging = inspection->staging;
    const struct sb_reader_options options = reading(inspection, judge);
    const char *name = sb_ruins_name(judge);
    again.top = strdup(name != NULL ? name : "");
    if (again.top == NULL)
        return sb_error_memory(error);
    staging->filter = belongs;
    staging->judge = matches;
    staging->context = judge;
    struct sb_sink sink = sb_staging_sink(staging);
    int r = sb_scan_read(&again, &ignored, inspection->fd, &options, &sink, error);
    if (r == 0 && list_lost(inspection, judge, &staging->saved) < 0)
        r = sb_error_memory(error);
    sb_findings_free(&ignored);
    sb_scan_free(&again);
    return r;
}

/* The folder that holds seal/seal.txt. Behind damage, headers inside a document that is itself a
 * tar can be met first, so the first entry's folder may be a wrong one. */
static int find_top(char **top, int fd, const struct sb_reader_options *options,
                    struct sb_error *error)
{
    static const char seal_txt[] = "/" SB_SEAL_TXT;
    struct sb_reader *reader;
    struct sb_entry entry;
    *top = NULL;
    int r = sb_reader_open(&reader, fd, options, error);
    if (r < 0)
        return r;
    while ((r = sb_reader_next(reader, &entry, error)) > 0) {
        const char *slash = strchr(entry.path, '/');
        if (slash == NULL || entry.folder || strcmp(slash, seal_txt) != 0)
            continue;
        free(*top);
        *top = strndup(entry.path, (size_t)(slash - entry.path));
        if (*top == NULL) {
            r = sb_error_memory(error);
            break;
        }
    }
    sb_reader_close(reader);
    return r;
}

int sb_ruins_read(struct sb_inspection *inspection, struct sb_judge *judge, struct sb_error *error)
{
    const struct sb_reader_options options = reading(inspection, judge);
    int r = find_top(&judge->scan.top, inspection->fd, &options, error);
    if (r == 0 && lseek(inspection->fd, inspection->start, SEEK_SET) < 0)
        r = sb_error_errno(error, errno, "go back in", "the input");
    if (r == 0)
        r = sb_scan_read(&judge->scan, &judge->findings, inspection->fd, &options, NULL, error);
    return r == 0 ? sb_judge_content(judge, error) : r;
}

/* ---- a plain folder ------------------------------------------------------------------------ */

static bool is_saved(const void *context, const char *path)
{
    return sb_inventory_find(context, path) != NULL;
}

/* The folder was hashed just now: what matches is copied, and must still be that. */
int sb_ruins_copy(struct sb_inspection *inspection, const struct sb_judge *judge,
                  const struct sb_folder *folder, struct sb_error *error)
{
    struct sb_inventory saved = {0};
    struct sb_staging *staging = inspection->staging;
    int r = 0;
    for (size_t i = 0; r == 0 && i < judge->scan.inventory.count; i++) {
        const struct sb_file *file = &judge->scan.inventory.files[i];
        if (matches(judge, file->path, file->digest))
            r = sb_inventory_add_borrowed(&saved, file->path, file->size, 0, file->digest);
    }
    sb_inventory_sort(&saved);
    staging->filter = is_saved;
    staging->context = &saved;
    struct sb_sink sink = sb_staging_sink(staging);
    if (r < 0 || list_lost(inspection, judge, &saved) < 0)
        r = sb_error_memory(error);
    else
        r = sb_folder_copy(&judge->scan.inventory, folder, &sink, error);
    staging->filter = NULL;
    sb_inventory_free(&saved);
    return r;
}
