/* All documents, in the order of the bag. Small ones are opened, read, hashed and made into
 * entries by all threads, a batch at a time; large ones are read and hashed here, while other
 * threads compress what was read before. */
#include <stdlib.h>

#include "op/create_impl.h"

enum {
    BATCH_FILES = 128,
    BATCH_BYTES = 1 << 20,
    SMALL_MAX = 512 << 10, /* a document that goes into a batch */
    /* The same for a folder, in whose batches no bytes are held; larger ones can be stopped at any
     * time. */
    SMALL_IN_FOLDER = 64 << 20,
};

struct batch {
    struct sb_task task;
    struct sb_create *create;
    struct sb_document_reader reader;
    struct sb_bag_writer writer;
    struct sb_bundle_part part; /* of the bundle; not used for a folder */
    size_t first, count;        /* files of the source */
    struct sb_document documents[BATCH_FILES];
    int result;
    struct sb_error error;
};

struct work {
    struct sb_create *create;
    struct sb_document_reader reader; /* of large documents */
    struct batch *batches;            /* a ring: batches[first..first+count) are in work */
    size_t batch_count, first, count;
    size_t next; /* file that is planned next */
};

/* Shows progress, and asks whether to go on. */
static int show(struct sb_create *create, struct sb_error *error)
{
    const struct sealbag_create_options *options = create->options;
    if (options->progress == NULL ||
        options->progress(options->progress_context, &create->now) == 0)
        return 0;
    return sb_error_set(error, SEALBAG_ERR_CANCELLED,
                        "Stopped, as asked. Nothing was left behind.");
}

static int tick(void *context, uint64_t bytes, uint64_t back, struct sb_error *error)
{
    struct sb_create *create = context;
    create->now.bytes += bytes - back;
    return show(create, error);
}

/* ---- a batch ---------------------------------------------------------------------------- */

static uint64_t small_max(const struct sb_create *create)
{
    return sb_create_is_folder(create) ? SMALL_IN_FOLDER : SMALL_MAX;
}

static void read_batch(struct sb_task *task)
{
    struct batch *batch = (struct batch *)task;
    sb_bundle_part_empty(&batch->part);
    batch->result = 0;
    sb_arena_free(&batch->reader.known);
    for (size_t i = 0; batch->result == 0 && i < batch->count; i++)
        batch->result = sb_document_read(&batch->documents[i], &batch->reader,
                                         &batch->create->source.files[batch->first + i],
                                         small_max(batch->create), &batch->error);
}

static int open_batch(struct batch *batch, struct sb_create *create, struct sb_error *error)
{
    bool folder = sb_create_is_folder(create);
    batch->task.run = read_batch;
    batch->create = create;
    int r = folder ? 0 : sb_bundle_part_open(&batch->part, &create->bundle, error);
    sb_bag_writer_open(&batch->writer, create, NULL, folder ? NULL : &batch->part);
    return r == 0 ? sb_document_reader_open(&batch->reader, create, &batch->writer, error) : r;
}

static void close_batch(struct batch *batch)
{
    if (batch->create != NULL)
        sb_pool_wait(batch->create->pool, &batch->task);
    sb_document_reader_close(&batch->reader);
    sb_bag_writer_close(&batch->writer);
    sb_bundle_part_close(&batch->part);
}

/* ---- in order --------------------------------------------------------------------------- */

/* A document has been written: it goes into the manifest and the index. */
static int note(struct sb_create *create, const struct sb_source_file *file,
                const struct sb_document *document, uint64_t at, struct sb_error *error)
{
    create->now.files++;
    if (sb_inventory_add_borrowed(&create->documents, file->bag_path, document->size, at,
                                  document->sha256) < 0)
        return sb_error_memory(error);
    int r = sb_create_note_second(create, document, error);
    if (r == 0)
        r = sb_create_note_known(create, file, document, error);
    if (r < 0 || sb_create_is_folder(create))
        return r;
    return sb_bundle_note(&create->bundle, file->bag_path, document->size, at, error);
}

static int write_large(struct work *work, const struct sb_source_file *file, struct sb_error *error)
{
    struct sb_document document;
    uint64_t at = sb_create_place(work->create);
    int r = sb_document_read(&document, &work->reader, file, INT64_MAX, error);
    if (r == 0)
        r = note(work->create, file, &document, at, error);
    sb_arena_free(&work->reader.known);
    return r == 0 ? show(work->create, error) : r;
}

/* Takes the oldest batch into the bundle. */
static int write_batch(struct work *work, struct sb_error *error)
{
    struct sb_create *create = work->create;
    struct batch *batch = &work->batches[work->first];
    sb_pool_wait(create->pool, &batch->task);
    if (batch->result < 0) {
        if (error != NULL)
            *error = batch->error;
        return batch->result;
    }
    size_t taken = 0;
    int r = 0;
    for (size_t i = 0; r == 0 && i < batch->count; i++) {
        const struct sb_document *document = &batch->documents[i];
        const struct sb_source_file *file = &create->source.files[batch->first + i];
        uint64_t at = sb_create_place(create);
        if (document->too_large) { /* it has grown since the walk */
            r = write_large(work, file, error);
            continue;
        }
        if (!sb_create_is_folder(create))
            r = sb_bundle_take(&create->bundle, &batch->part, taken++, error);
        if (r == 0)
            r = note(create, file, document, at, error);
        create->now.bytes += document->size;
    }
    work->first = work->first + 1 < work->batch_count ? work->first + 1 : 0;
    work->count--;
    return r == 0 ? show(create, error) : r;
}

/* Starts batches for the small documents that come next. */
static void plan(struct work *work)
{
    const struct sb_source *source = &work->create->source;
    uint64_t most = small_max(work->create);
    while (work->count < work->batch_count && work->next < source->count &&
           source->files[work->next].size <= most) {
        struct batch *batch = &work->batches[(work->first + work->count) % work->batch_count];
        uint64_t bytes = 0;
        batch->first = work->next;
        batch->count = 0;
        while (batch->count < BATCH_FILES && work->next < source->count &&
               source->files[work->next].size <= most && bytes < BATCH_BYTES) {
            bytes += source->files[work->next].size;
            batch->count++;
            work->next++;
        }
        sb_pool_start(work->create->pool, NULL, &batch->task);
        work->count++;
    }
}

static int write_all(struct work *work, struct sb_error *error)
{
    const struct sb_source *source = &work->create->source;
    int r = 0;
    while (r == 0 && (work->next < source->count || work->count > 0)) {
        plan(work);
        r = work->count > 0 ? write_batch(work, error)
                            : write_large(work, &source->files[work->next++], error);
    }
    return r;
}

int sb_create_documents(struct sb_create *create, struct sb_error *error)
{
    struct work work = {.create = create};
    unsigned jobs = sb_pool_jobs(create->pool);
    work.reader.tick = tick;
    work.reader.tick_context = create;
    work.batch_count = jobs > 1 ? (size_t)jobs + 2 : 1;
    work.batches = calloc(work.batch_count, sizeof(*work.batches));
    if (work.batches == NULL)
        return sb_error_memory(error);
    int r = sb_document_reader_open(&work.reader, create, &create->writer, error);
    for (size_t i = 0; r == 0 && i < work.batch_count; i++)
        r = open_batch(&work.batches[i], create, error);
    if (r == 0)
        r = write_all(&work, error);
    for (size_t i = 0; i < work.batch_count; i++)
        close_batch(&work.batches[i]);
    free(work.batches);
    sb_document_reader_close(&work.reader);
    return r;
}
