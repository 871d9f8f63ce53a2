#include "op/bundle.h"

#include <stdlib.h>

#include "bag/index.h"
#include "bag/limits.h"
#include "op/format.h"

/* ---- a tar, which goes into the packer ----------------------------------------------------- */

static int sink_write(void *context, const void *bytes, size_t len, struct sb_error *error)
{
    return sb_pack_write(context, bytes, len, error);
}

static void sink_mark(void *context)
{
    sb_pack_mark(context);
}

static int sink_rewind(void *context, struct sb_error *error)
{
    return sb_pack_rewind(context, error);
}

static int open_tar(struct sb_bundle *bundle, struct sb_error *error)
{
    const struct sb_bundle_options *options = &bundle->options;
    int r = sb_packer_new(&bundle->packer, options->output, sb_format_codec(options->packing),
                          options->level, options->pool, error);
    if (r < 0)
        return r;
    const struct sb_tar_sink sink = {bundle->packer, sink_write, sink_mark, sink_rewind};
    r = sb_tar_writer_new(&bundle->tar, &sink, options->mtime, error);
    if (r == 0 && options->indexed && sb_buf_puts(&bundle->index, SB_INDEX_HEADER) < 0)
        r = sb_error_memory(error);
    return r;
}

/* ---- the bundle ---------------------------------------------------------------------------- */

int sb_bundle_open(struct sb_bundle *bundle, const struct sb_bundle_options *options,
                   struct sb_error *error)
{
    bundle->options = *options;
    if (options->packing != SB_PACKED_ZIP)
        return open_tar(bundle, error);
    bundle->options.indexed = false;
    return sb_zip_writer_new(&bundle->zip, options->output, options->level, options->mtime,
                             options->pool, error);
}

int sb_bundle_resume(struct sb_bundle *bundle, const struct sb_bundle_resume *resume,
                     struct sb_error *error)
{
    if (bundle->zip != NULL)
        return sb_zip_write_resume(bundle->zip, resume->central, resume->entries) < 0
                   ? sb_error_memory(error)
                   : 0;
    bundle->index.len = 0;
    if (sb_pack_resume(bundle->packer, resume->sizes, resume->frames) < 0 ||
        sb_buf_append(&bundle->index, resume->index->data, resume->index->len) < 0)
        return sb_error_memory(error);
    return sb_pack_write(bundle->packer, resume->before->data, resume->before->len, error);
}

int sb_bundle_begin(struct sb_bundle *bundle, const char *path, uint64_t size,
                    struct sb_error *error)
{
    return bundle->zip != NULL ? sb_zip_write_begin(bundle->zip, path, size, error)
                               : sb_tar_begin(bundle->tar, path, size, error);
}

int sb_bundle_data(struct sb_bundle *bundle, const void *bytes, size_t len, struct sb_error *error)
{
    return bundle->zip != NULL ? sb_zip_write_data(bundle->zip, bytes, len, error)
                               : sb_tar_data(bundle->tar, bytes, len, error);
}

int sb_bundle_end(struct sb_bundle *bundle, struct sb_error *error)
{
    return bundle->zip != NULL ? sb_zip_write_end(bundle->zip, error)
                               : sb_tar_end(bundle->tar, error);
}

int sb_bundle_take_back(struct sb_bundle *bundle, struct sb_error *error)
{
    return bundle->zip != NULL ? sb_zip_write_take_back(bundle->zip, error)
                               : sb_tar_take_back(bundle->tar, error);
}

uint64_t sb_bundle_place(const struct sb_bundle *bundle)
{
    return bundle->zip != NULL ? 0 : sb_pack_total(bundle->packer);
}

int sb_bundle_note(struct sb_bundle *bundle, const char *path, uint64_t size, uint64_t at,
                   struct sb_error *error)
{
    if (!bundle->options.indexed)
        return 0;
    return sb_index_append(&bundle->index, at, size, path) < 0 ? sb_error_memory(error) : 0;
}

static int add(struct sb_bundle *bundle, const char *path, const void *bytes, size_t len,
               struct sb_error *error)
{
    struct sb_buf whole = {0};
    int r = sb_buf_printf(&whole, "%s/%s", bundle->options.name, path) < 0 ? sb_error_memory(error)
            : bundle->zip != NULL
                ? sb_zip_write_add(bundle->zip, (const char *)whole.data, bytes, len, error)
                : sb_tar_add(bundle->tar, (const char *)whole.data, bytes, len, error);
    sb_buf_free(&whole);
    return r;
}

int sb_bundle_add(struct sb_bundle *bundle, const char *path, const void *bytes, size_t len,
                  struct sb_error *error)
{
    uint64_t at = sb_bundle_place(bundle);
    int r = add(bundle, path, bytes, len, error);
    return r == 0 ? sb_bundle_note(bundle, path, len, at, error) : r;
}

int sb_bundle_finish(struct sb_bundle *bundle, struct sb_error *error)
{
    uint64_t pointer = SB_NO_POINTER;
    int r = 0;
    if (bundle->zip != NULL)
        return sb_zip_write_finish(bundle->zip, error);
    if (bundle->options.indexed) {
        pointer = sb_bundle_place(bundle);
        r = bundle->index.len > SB_INDEX_MAX
                ? sb_error_set(error, SEALBAG_ERR_LIMIT,
                               "The index of the bundle would be too large. Make several bags.")
                : add(bundle, SB_INDEX_TSV, bundle->index.data, bundle->index.len, error);
    }
    if (r == 0)
        r = sb_tar_finish(bundle->tar, error);
    return r == 0 ? sb_pack_finish(bundle->packer, pointer, error) : r;
}

uint64_t sb_bundle_unpacked(const struct sb_bundle *bundle)
{
    return bundle->zip != NULL ? sb_zip_write_total(bundle->zip) : sb_pack_total(bundle->packer);
}

void sb_bundle_free(struct sb_bundle *bundle)
{
    sb_zip_writer_free(bundle->zip);
    sb_tar_writer_free(bundle->tar);
    sb_packer_free(bundle->packer);
    sb_buf_free(&bundle->index);
    *bundle = (struct sb_bundle){0};
}
