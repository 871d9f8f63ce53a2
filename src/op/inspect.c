#include "op/inspect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bag/index.h"

bool sb_request_judges(enum sb_request request)
{
    return request != SB_WRITE_SELECTED && request != SB_WRITE_RUINS && request != SB_READ_TAIL;
}

static bool writes(enum sb_request request)
{
    return request == SB_WRITE_SELECTED || request == SB_WRITE_ALL || request == SB_WRITE_RUINS;
}

int sb_inspection_look(struct sb_inspection *inspection, struct sb_error *error)
{
    struct stat status;
    if (fstat(inspection->fd, &status) < 0 || !S_ISDIR(status.st_mode))
        return 0;
    return sb_folder_name(&inspection->folder, inspection->fd, error);
}

static int go_back(const struct sb_inspection *inspection, struct sb_error *error)
{
    if (inspection->folder == NULL && inspection->start >= 0 &&
        lseek(inspection->fd, inspection->start, SEEK_SET) < 0)
        return sb_error_errno(error, errno, "go back in", "the input");
    return 0;
}

static bool selected(const void *context, const char *path)
{
    const struct sb_inspection *inspection = context;
    /* The index tells places in the bundle, and means nothing outside it. */
    return inspection->selection != NULL ? sb_selection_has(inspection->selection, path)
                                         : strcmp(path, SB_INDEX_TSV) != 0;
}

/* What takes the documents that are selected. */
static struct sb_sink sink_of(struct sb_inspection *inspection, struct sb_staging *staging)
{
    staging->filter = selected;
    staging->context = inspection;
    return sb_staging_sink(staging);
}

/* `staging` may be NULL. */
static int read_all(struct sb_inspection *inspection, struct sb_judge *judge,
                    struct sb_staging *staging, struct sb_error *error)
{
    struct sb_sink sink = {0};
    if (staging != NULL)
        sink = sink_of(inspection, staging);
    judge->scan.index.hint = inspection->index_is_hint;
    return sb_judge_read(judge, inspection->fd, &inspection->reading,
                         staging != NULL ? &sink : NULL, error);
}

/* Reads the documents that were asked for, and no others. 1, or 0 when one of them is not there as
 * it was signed. */
static int write_selected(struct sb_inspection *inspection, struct sb_staging *staging,
                          const struct sb_judge *judge, struct sb_error *error)
{
    const struct sb_inventory *files = &judge->scan.inventory;
    struct sb_sink sink = sink_of(inspection, staging);
    int r = 1;
    for (size_t i = 0; r == 1 && i < files->count;) {
        /* Neighbours are read in one go. */
        size_t count = 0;
        while (i + count < files->count && selected(inspection, files->files[i + count].path))
            count++;
        if (count > 0)
            r = sb_lookup_read(&inspection->lookup, &files->files[i], count, &sink, error);
        i += count > 0 ? count : 1;
    }
    return r;
}

static int no_place(struct sb_error *error)
{
    return sb_error_set(error, SEALBAG_ERR_SYSTEM, "There is no place to write to.");
}

/* A folder has no index: it is judged whole, and then what is selected is copied. */
static int read_folder(struct sb_inspection *inspection, struct sb_judge *judge,
                       enum sb_request request, struct sb_error *error)
{
    const struct sb_folder folder = {.fd = inspection->fd,
                                     .name = inspection->folder,
                                     .pool = judge->pool,
                                     .reading = &inspection->reading};
    struct sb_staging *staging = inspection->staging;
    int r;
    if (request == SB_READ_LISTS)
        return 0;
    if (staging != NULL)
        sb_staging_restart(staging);
    else if (writes(request))
        return no_place(error);
    if (request == SB_WRITE_SELECTED) {
        struct sb_sink sink = sink_of(inspection, staging);
        r = sb_folder_copy(&judge->scan.inventory, &folder, &sink, error);
    } else if (request == SB_WRITE_RUINS) {
        r = sb_ruins_copy(inspection, judge, &folder, error);
    } else if (request == SB_READ_ALL || request == SB_READ_RUINS) {
        r = sb_judge_read_folder(judge, inspection->fd, inspection->folder, &inspection->reading,
                                 error);
    } else {
        r = sb_error_set(error, SEALBAG_ERR_UNSUPPORTED, "This cannot be done with a folder.");
    }
    return r < 0 ? r : 1;
}

int sb_inspect(struct sb_inspection *inspection, struct sb_judge *judge, enum sb_request request,
               struct sb_error *error)
{
    if (sb_request_judges(request)) {
        /* First, because what it holds may be large. */
        sb_lookup_close(&inspection->lookup);
        sb_judge_clear(judge);
        judge->depth = inspection->depth;
        judge->profile = inspection->profile;
        judge->named = inspection->named;
        judge->to_seal = inspection->to_seal;
    }
    if (inspection->folder != NULL)
        return read_folder(inspection, judge, request, error);
    int r = go_back(inspection, error);
    if (r < 0)
        return r;
    struct sb_staging *staging = inspection->staging;
    if (staging != NULL)
        sb_staging_restart(staging);
    else if (writes(request))
        return no_place(error);
    switch (request) {
    case SB_READ_LISTS:
        return sb_lookup_open(&inspection->lookup, judge, inspection->fd, &inspection->reading,
                              error);
    case SB_WRITE_SELECTED:
        return write_selected(inspection, staging, judge, error);
    case SB_READ_TAIL:
        return sb_tail_read(&inspection->tail, inspection->fd, &inspection->reading, error);
    case SB_READ_RUINS:
        r = sb_ruins_read(inspection, judge, error);
        break;
    case SB_WRITE_RUINS:
        r = sb_ruins_write(inspection, judge, error);
        break;
    case SB_READ_ALL:
    case SB_WRITE_ALL:
    default:
        r = read_all(inspection, judge, request == SB_WRITE_ALL ? staging : NULL, error);
    }
    return r < 0 ? r : 1;
}

void sb_inspection_forget(struct sb_inspection *inspection)
{
    for (size_t i = 0; i < inspection->lost_count; i++)
        free(inspection->lost[i]);
    free(inspection->lost);
    inspection->lost = NULL;
    inspection->lost_count = 0;
}

void sb_inspection_close(struct sb_inspection *inspection)
{
    sb_lookup_close(&inspection->lookup);
    sb_tail_free(&inspection->tail);
    sb_inspection_forget(inspection);
    free(inspection->folder);
    inspection->folder = NULL;
}
