/* Files that are made ready in memory by one of several threads. */
#include <stdlib.h>

#include "container/deflate.h"
#include "op/bundle.h"

static size_t end_of(const struct sb_bundle_part *part)
{
    return part->count > 0 ? part->ends[part->count - 1] : 0;
}

static int sink_write(void *context, const void *bytes, size_t len, struct sb_error *error)
{
    struct sb_bundle_part *part = context;
    return sb_buf_append(&part->bytes, bytes, len) < 0 ? sb_error_memory(error) : 0;
}

static void sink_mark(void *context)
{
    (void)context; /* a file begins where the one before it ended */
}

static int sink_rewind(void *context, struct sb_error *error)
{
    struct sb_bundle_part *part = context;
    (void)error;
    part->bytes.len = end_of(part);
    return 0;
}

int sb_bundle_part_open(struct sb_bundle_part *part, const struct sb_bundle *bundle,
                        struct sb_error *error)
{
    const struct sb_tar_sink sink = {part, sink_write, sink_mark, sink_rewind};
    *part = (struct sb_bundle_part){.bundle = bundle};
    if (bundle->zip == NULL)
        return sb_tar_writer_new(&part->tar, &sink, bundle->options.mtime, error);
    part->deflater = sb_deflater_new(bundle->options.level);
    return part->deflater == NULL ? sb_error_memory(error) : 0;
}

void sb_bundle_part_empty(struct sb_bundle_part *part)
{
    part->bytes.len = 0;
    part->count = 0;
}

int sb_bundle_part_begin(struct sb_bundle_part *part, const char *path, uint64_t size,
                         struct sb_error *error)
{
    part->path = path;
    part->left = size;
    part->data.len = 0;
    return part->tar != NULL ? sb_tar_begin(part->tar, path, size, error) : 0;
}

int sb_bundle_part_data(struct sb_bundle_part *part, const void *bytes, size_t len,
                        struct sb_error *error)
{
    if (part->tar != NULL)
        return sb_tar_data(part->tar, bytes, len, error);
    if (len > part->left)
        return sb_error_set(error, SEALBAG_ERR_CHANGED, "A document is longer than announced.");
    part->left -= len;
    return sb_buf_append(&part->data, bytes, len) < 0 ? sb_error_memory(error) : 0;
}

static int end_file(struct sb_bundle_part *part, struct sb_error *error)
{
    if (part->tar != NULL)
        return sb_tar_end(part->tar, error);
    if (part->left > 0)
        return sb_error_set(error, SEALBAG_ERR_CHANGED, "A document is shorter than announced.");
    return sb_zip_make_small(&part->bytes, part->deflater, part->path, part->bundle->options.mtime,
                             part->data.data, part->data.len, error);
}

int sb_bundle_part_end(struct sb_bundle_part *part, struct sb_error *error)
{
    int r = end_file(part, error);
    if (r < 0)
        return r;
    size_t *ends = sb_array_grow(part->ends, &part->cap, part->count, sizeof(*ends));
    if (ends == NULL)
        return sb_error_memory(error);
    part->ends = ends;
    ends[part->count++] = part->bytes.len;
    return 0;
}

int sb_bundle_part_take_back(struct sb_bundle_part *part, struct sb_error *error)
{
    return part->tar != NULL ? sb_tar_take_back(part->tar, error) : 0;
}

int sb_bundle_take(struct sb_bundle *bundle, const struct sb_bundle_part *part, size_t number,
                   struct sb_error *error)
{
    size_t start = number > 0 ? part->ends[number - 1] : 0;
    const uint8_t *bytes = part->bytes.data + start;
    size_t len = part->ends[number] - start;
    return bundle->zip != NULL ? sb_zip_write_small(bundle->zip, bytes, len, error)
                               : sb_pack_write(bundle->packer, bytes, len, error);
}

void sb_bundle_part_close(struct sb_bundle_part *part)
{
    sb_tar_writer_free(part->tar);
    sb_deflater_free(part->deflater);
    sb_buf_free(&part->data);
    sb_buf_free(&part->bytes);
    free(part->ends);
    *part = (struct sb_bundle_part){0};
}
