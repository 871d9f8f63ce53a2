/* All files of a bag go into a new bundle: each is hashed while it is packed, and must be the one
 * that was judged. Small ones are made into entries by all threads, a batch at a time; large ones
 * are read and hashed here, while other threads compress what was read before. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "op/folder.h"
#include "op/repack.h"

enum {
    BATCH_FILES = 128,
    BATCH_BYTES = 1 << 20,
    SMALL_MAX = 512 << 10, /* a file that goes into a batch */
    READ_SIZE = 256 << 10,
};

struct packing;

/* Reads files: a thread that does has one of its own. */
struct copier {
    struct packing *packing;
    struct sb_bundle_part *part; /* that they go into; NULL: the bundle itself */
    struct sb_tree tree;
    struct sb_buf path; /* with the bag's name before it */
    struct sb_digest *digest;
    uint8_t *bytes; /* READ_SIZE of them */
    bool tells;     /* progress, after each piece */
};

struct batch {
    struct sb_task task;
    struct copier copier;
    struct sb_bundle_part part;
    size_t first, count; /* in the order */
    int result;
    struct sb_error error;
};

struct packing {
    struct sb_bundle *bundle;
    const struct sb_repack *repack;
    const struct sb_file **order;
    size_t file_count;
    struct copier copier;  /* of large files */
    struct batch *batches; /* a ring: batches[first..first+count) are in work */
    size_t batch_count, first, count;
    size_t next; /* file that is planned next */
    struct sealbag_progress now;
};

/* Shows progress, and asks whether to go on. */
static int show(const struct packing *packing, struct sb_error *error)
{
    const struct sealbag_verify_options *options = packing->repack->options.verify;
    if (options->progress == NULL ||
        options->progress(options->progress_context, &packing->now) == 0)
        return 0;
    return sb_error_set(error, SEALBAG_ERR_CANCELLED,
                        "Stopped, as asked. Nothing was left behind.");
}

/* ---- one file ------------------------------------------------------------------------------ */

/* In a bag that is a folder somebody has changed it; what was unpacked, nobody else can change. */
static int tell_changed(const struct copier *copier, const char *path, struct sb_error *error)
{
    char shown[700];
    sealbag_text_escape(shown, sizeof(shown), path);
    if (copier->packing->repack->guard.inspection.folder == NULL)
        return sb_error_set(error, SEALBAG_ERR_READER,
                            "%s was unpacked otherwise than it was judged. Do not use the bundle: "
                            "it may have been made to do that.",
                            shown);
    return sb_error_rule(error, SEALBAG_ERR_CHANGED, sb_rule_row(SB_RULE_FOLDER_CHANGED)->rule,
                         "%s is not as it was when the bag was judged: it was changed meanwhile. "
                         "Try again when no program writes there.",
                         shown);
}

/* It was there, and a regular file, when it was judged. */
static int tell_reason(const struct copier *copier, const char *path, int reason,
                       struct sb_error *error)
{
    bool gone = reason == ENOENT || reason == ENOTDIR || reason == ELOOP || reason == ENXIO ||
                reason == ENODEV;
    return gone ? tell_changed(copier, path, error) : sb_error_errno(error, reason, "read", path);
}

static int begin(struct copier *copier, const struct sb_file *file, struct sb_error *error)
{
    struct sb_bundle *bundle = copier->packing->bundle;
    copier->path.len = 0;
    if (sb_buf_printf(&copier->path, "%s/%s", bundle->options.name, file->path) < 0)
        return sb_error_memory(error);
    const char *path = (const char *)copier->path.data;
    return copier->part != NULL ? sb_bundle_part_begin(copier->part, path, file->size, error)
                                : sb_bundle_begin(bundle, path, file->size, error);
}

static int data(struct copier *copier, size_t len, struct sb_error *error)
{
    return copier->part != NULL
               ? sb_bundle_part_data(copier->part, copier->bytes, len, error)
               : sb_bundle_data(copier->packing->bundle, copier->bytes, len, error);
}

static int end(struct copier *copier, struct sb_error *error)
{
    return copier->part != NULL ? sb_bundle_part_end(copier->part, error)
                                : sb_bundle_end(copier->packing->bundle, error);
}

/* As many bytes as it had when it was judged. */
static int copy_bytes(struct copier *copier, const struct sb_file *file, int fd,
                      struct sb_error *error)
{
    struct packing *packing = copier->packing;
    int r = 0;
    for (uint64_t left = file->size; r == 0 && left > 0;) {
        ssize_t n = sb_fd_read(fd, copier->bytes, left < READ_SIZE ? (size_t)left : READ_SIZE);
        if (n < 0)
            return tell_reason(copier, file->path, errno, error);
        if (n == 0)
            return tell_changed(copier, file->path, error);
        if (sb_digest_update(copier->digest, copier->bytes, (size_t)n) < 0)
            return sb_digest_failed(error);
        r = data(copier, (size_t)n, error);
        left -= (uint64_t)n;
        if (r == 0 && copier->tells) {
            packing->now.bytes += (uint64_t)n;
            r = show(packing, error);
        }
    }
    return r;
}

static int copy_file(struct copier *copier, const struct sb_file *file, struct sb_error *error)
{
    uint8_t sha256[SB_SHA256_SIZE];
    struct stat status;
    int fd = sb_folder_open_file(&status, &copier->tree, file->path);
    if (fd < 0)
        return tell_reason(copier, file->path, errno, error);
    int r = (uint64_t)status.st_size == file->size ? 0 : tell_changed(copier, file->path, error);
    if (r == 0)
        r = begin(copier, file, error);
    if (r == 0 && sb_digest_start(copier->digest) < 0)
        r = sb_digest_failed(error);
    if (r == 0)
        r = copy_bytes(copier, file, fd, error);
    close(fd);
    if (r == 0)
        r = end(copier, error);
    if (r == 0 && sb_digest_finish(sha256, copier->digest) < 0)
        r = sb_digest_failed(error);
    if (r == 0 && memcmp(sha256, file->digest, sizeof(sha256)) != 0)
        r = tell_changed(copier, file->path, error);
    return r;
}

static int open_copier(struct copier *copier, struct packing *packing, struct sb_error *error)
{
    const struct sb_repack *repack = packing->repack;
    bool folder = repack->guard.inspection.folder != NULL;
    copier->packing = packing;
    sb_tree_init(&copier->tree, folder ? repack->guard.inspection.fd : repack->staging.fd);
    copier->bytes = malloc(READ_SIZE);
    return copier->bytes != NULL ? sb_digest_new(&copier->digest, error) : sb_error_memory(error);
}

static void close_copier(struct copier *copier)
{
    if (copier->packing != NULL)
        sb_tree_close(&copier->tree);
    sb_digest_free(copier->digest);
    sb_buf_free(&copier->path);
    free(copier->bytes);
}

/* ---- a batch, on any thread ---------------------------------------------------------------- */

static void read_batch(struct sb_task *task)
{
    struct batch *batch = (struct batch *)task;
    const struct packing *packing = batch->copier.packing;
    sb_bundle_part_empty(&batch->part);
    batch->result = 0;
    for (size_t i = 0; batch->result == 0 && i < batch->count; i++)
        batch->result = copy_file(&batch->copier, packing->order[batch->first + i], &batch->error);
}

static int open_batch(struct batch *batch, struct packing *packing, struct sb_error *error)
{
    batch->task.run = read_batch;
    batch->copier.part = &batch->part;
    int r = open_copier(&batch->copier, packing, error);
    return r == 0 ? sb_bundle_part_open(&batch->part, packing->bundle, error) : r;
}

static void close_batch(struct batch *batch, struct sb_pool *pool)
{
    sb_pool_wait(pool, &batch->task);
    close_copier(&batch->copier);
    sb_bundle_part_close(&batch->part);
}

/* ---- in order ------------------------------------------------------------------------------ */

/* A file has been written. */
static int note(struct packing *packing, const struct sb_file *file, uint64_t at,
                struct sb_error *error)
{
    packing->now.files++;
    return sb_bundle_note(packing->bundle, file->path, file->size, at, error);
}

static int write_large(struct packing *packing, const struct sb_file *file, struct sb_error *error)
{
    uint64_t at = sb_bundle_place(packing->bundle);
    int r = copy_file(&packing->copier, file, error);
    return r == 0 ? note(packing, file, at, error) : r;
}

/* Takes the oldest batch into the bundle. */
static int write_batch(struct packing *packing, struct sb_error *error)
{
    struct batch *batch = &packing->batches[packing->first];
    sb_pool_wait(packing->bundle->options.pool, &batch->task);
    if (batch->result < 0 && error != NULL)
        *error = batch->error;
    int r = batch->result;
    for (size_t i = 0; r == 0 && i < batch->count; i++) {
        const struct sb_file *file = packing->order[batch->first + i];
        uint64_t at = sb_bundle_place(packing->bundle);
        r = sb_bundle_take(packing->bundle, &batch->part, i, error);
        if (r == 0)
            r = note(packing, file, at, error);
        packing->now.bytes += file->size;
    }
    packing->first = packing->first + 1 < packing->batch_count ? packing->first + 1 : 0;
    packing->count--;
    return r == 0 ? show(packing, error) : r;
}

/* Starts batches for the small files that come next. */
static void plan(struct packing *packing)
{
    while (packing->count < packing->batch_count && packing->next < packing->file_count &&
           packing->order[packing->next]->size <= SMALL_MAX) {
        struct batch *batch =
            &packing->batches[(packing->first + packing->count) % packing->batch_count];
        uint64_t bytes = 0;
        batch->first = packing->next;
        batch->count = 0;
        while (batch->count < BATCH_FILES && packing->next < packing->file_count &&
               packing->order[packing->next]->size <= SMALL_MAX && bytes < BATCH_BYTES) {
            bytes += packing->order[packing->next]->size;
            batch->count++;
            packing->next++;
        }
        sb_pool_start(packing->bundle->options.pool, NULL, &batch->task);
        packing->count++;
    }
}

static int write_all(struct packing *packing, struct sb_error *error)
{
    int r = 0;
    while (r == 0 && (packing->next < packing->file_count || packing->count > 0)) {
        plan(packing);
        r = packing->count > 0 ? write_batch(packing, error)
                               : write_large(packing, packing->order[packing->next++], error);
    }
    return r;
}

int sb_repack_files(struct sb_bundle *bundle, const struct sb_repack *repack,
                    struct sb_error *error)
{
    struct sb_pool *pool = bundle->options.pool;
    unsigned jobs = sb_pool_jobs(pool);
    struct packing packing = {
        .bundle = bundle,
        .repack = repack,
        .order = sb_repack_order(&repack->files),
        .file_count = repack->files.count,
        .copier = {.tells = true},
        .batch_count = jobs > 1 ? (size_t)jobs + 2 : 1,
        .now = {.files_total = repack->files.count},
    };
    for (size_t i = 0; i < repack->files.count; i++)
        packing.now.bytes_total += repack->files.files[i].size;
    packing.batches = calloc(packing.batch_count, sizeof(*packing.batches));
    int r = packing.order == NULL || packing.batches == NULL ? sb_error_memory(error) : 0;
    if (r == 0)
        r = open_copier(&packing.copier, &packing, error);
    for (size_t i = 0; r == 0 && i < packing.batch_count; i++)
        r = open_batch(&packing.batches[i], &packing, error);
    if (r == 0)
        r = write_all(&packing, error);
    for (size_t i = 0; packing.batches != NULL && i < packing.batch_count; i++)
        close_batch(&packing.batches[i], pool);
    close_copier(&packing.copier);
    free(packing.batches);
    free(packing.order);
    return r;
}
