#include "container/zip_write.h"

#include <stdlib.h>
#include <string.h>

#include "container/deflate.h"
#include "container/zip_form.h"

enum {
    ROOM = SB_ZIP_BLOCK + (1 << 17), /* for a small file with its header */
    PACKED_MAX = SB_ZIP_BLOCK + 5 * (SB_ZIP_BLOCK / 65535 + 1) + SB_DEFLATE_END_SIZE,
};

enum kind {
    EMPTY,
    BLOCK, /* of a file */
    SMALL, /* files that were made elsewhere */
};

/* A piece of the zip file in work. */
struct slot {
    struct sb_task task;
    struct sb_zip_writer *writer;
    struct sb_deflater *deflater;
    enum kind kind;
    uint8_t *data; /* ROOM bytes */
    size_t len;
    /* Of a block: */
    bool first, last;   /* of its file */
    bool stored;        /* it is the first one, and looks as if deflating would be in vain */
    struct sb_buf head; /* of the first one: the file's local header */
    uint32_t crc;
    uint8_t *packed; /* PACKED_MAX bytes */
    size_t packed_len;
    int result;
    struct sb_error error;
};

struct sb_zip_writer {
    struct sb_output *output;
    struct sb_pool *pool;
    int64_t time;
    struct sb_line line; /* in which pieces are written */
    struct slot *slots;
    size_t slot_count;
    struct slot *filling;
    uint64_t started; /* pieces that were given to the pool */
    uint64_t left;    /* bytes that the file still needs */
    bool in_vain;     /* its first block said so */

    /* Only used in the line, or when nothing is in it. */
    bool failed;
    struct sb_buf head; /* of the file that is being written */
    uint64_t head_at;
    struct sb_zip_contents now;
    struct sb_buf central;
    uint64_t count, total; /* of files, and their bytes */
};

/* ---- in the pool ------------------------------------------------------------------------ */

/* The length of what deflate makes of all of a file; 0 when storing it is as good. */
static size_t deflate_whole(struct sb_deflater *deflater, uint8_t *out, const uint8_t *bytes,
                            size_t len)
{
    return len == 0 || sb_looks_random(bytes, len) ? 0 : sb_deflate(deflater, out, len, bytes, len);
}

/* The same for a part of one. */
static size_t deflate_part(const struct slot *slot)
{
    size_t n = 0, most = slot->first ? slot->len - 1 : slot->len;
    if (!sb_looks_random(slot->data, slot->len))
        n = sb_deflate_part(slot->deflater, slot->packed, most, slot->data, slot->len);
    if (n > 0 || slot->first)
        return n;
    sb_deflate_store_part(slot->packed, slot->data, slot->len);
    return sb_deflate_stored_size(slot->len);
}

static void deflate_slot(struct sb_task *task)
{
    struct slot *slot = (struct slot *)task;
    if (slot->kind != BLOCK)
        return;
    slot->crc = sb_crc32(slot->data, slot->len);
    if (slot->stored)
        slot->packed_len = 0;
    else if (slot->first && slot->last)
        slot->packed_len = deflate_whole(slot->deflater, slot->packed, slot->data, slot->len);
    else
        slot->packed_len = deflate_part(slot);
    if (slot->last && !slot->first && slot->packed_len > 0) {
        memcpy(slot->packed + slot->packed_len, sb_deflate_end, SB_DEFLATE_END_SIZE);
        slot->packed_len += SB_DEFLATE_END_SIZE;
    }
}

/* ---- in the line ------------------------------------------------------------------------ */

static int list(struct sb_zip_writer *writer, const uint8_t *local, uint64_t at,
                struct sb_error *error)
{
    writer->count++;
    writer->total += sb_zip_form_size(local);
    return sb_zip_form_central(&writer->central, local, at) < 0 ? sb_error_memory(error) : 0;
}

/* Files that are complete, one behind the other. */
static int write_small(struct sb_zip_writer *writer, struct slot *slot)
{
    uint64_t at = writer->output->written;
    int r = 0;
    for (size_t done = 0; r == 0 && done < slot->len;) {
        const uint8_t *local = slot->data + done;
        r = list(writer, local, at + done, &slot->error);
        done += sb_zip_form_length(local) + (size_t)sb_zip_form_packed(local);
    }
    return r == 0 ? sb_output_write(writer->output, slot->data, slot->len, &slot->error) : r;
}

static void take_head(struct sb_zip_writer *writer, struct slot *slot)
{
    struct sb_buf used = writer->head;
    writer->head = slot->head;
    slot->head = used;
    writer->head_at = writer->output->written;
    writer->now = (struct sb_zip_contents){.deflated = slot->packed_len > 0};
}

static int write_block(struct sb_zip_writer *writer, struct slot *slot)
{
    struct sb_output *output = writer->output;
    const struct sb_buf *head = &writer->head;
    struct sb_zip_contents *now = &writer->now;
    if (slot->first)
        take_head(writer, slot);
    const uint8_t *bytes = now->deflated ? slot->packed : slot->data;
    size_t len = now->deflated ? slot->packed_len : slot->len;
    now->crc = sb_crc32_join(now->crc, slot->crc, slot->len);
    now->size += slot->len;
    now->packed += len;
    if (slot->last)
        sb_zip_form_complete(head->data, now);
    int r = slot->first ? sb_output_write(output, head->data, head->len, &slot->error) : 0;
    if (r == 0)
        r = sb_output_write(output, bytes, len, &slot->error);
    if (r == 0 && slot->last && !slot->first)
        r = sb_output_patch(output, writer->head_at, head->data, head->len, &slot->error);
    return r == 0 && slot->last ? list(writer, head->data, writer->head_at, &slot->error) : r;
}

static void write_slot(struct sb_task *task)
{
    struct slot *slot = (struct slot *)task;
    struct sb_zip_writer *writer = slot->writer;
    if (!writer->failed)
        slot->result = slot->kind == BLOCK ? write_block(writer, slot) : write_small(writer, slot);
    /* After the first failure nothing more is written; it is reported by the slot that met it. */
    writer->failed |= slot->result < 0;
}

/* ---- the writer ------------------------------------------------------------------------- */

static int wait_for(struct sb_zip_writer *writer, struct slot *slot, struct sb_error *error)
{
    sb_pool_wait(writer->pool, &slot->task);
    if (slot->result < 0 && error != NULL)
        *error = slot->error;
    return slot->result;
}

static int wait_for_all(struct sb_zip_writer *writer, struct sb_error *error)
{
    int r = 0;
    for (size_t i = 0; i < writer->slot_count; i++) {
        struct slot *slot = &writer->slots[(writer->started + i) % writer->slot_count];
        int result = wait_for(writer, slot, r == 0 ? error : NULL);
        r = r < 0 ? r : result;
    }
    if (r == 0 && writer->failed) /* reported before */
        r = sb_error_set(error, SEALBAG_ERR_IO, "The output could not be written.");
    return r;
}

void sb_zip_writer_free(struct sb_zip_writer *writer)
{
    if (writer == NULL)
        return;
    for (size_t i = 0; writer->slots != NULL && i < writer->slot_count; i++) {
        struct slot *slot = &writer->slots[i];
        sb_pool_wait(writer->pool, &slot->task);
        sb_deflater_free(slot->deflater);
        sb_buf_free(&slot->head);
        free(slot->data);
        free(slot->packed);
    }
    free(writer->slots);
    sb_buf_free(&writer->head);
    sb_buf_free(&writer->central);
    free(writer);
}

int sb_zip_writer_new(struct sb_zip_writer **out, struct sb_output *output, int level, int64_t time,
                      struct sb_pool *pool, struct sb_error *error)
{
    unsigned jobs = sb_pool_jobs(pool);
    *out = NULL;
    /* The header of a large file is completed when its contents are known. */
    if (!output->seekable)
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "A zip file cannot go to a pipe. Name it with -o, or make a .tar.gz.");
    struct sb_zip_writer *writer = calloc(1, sizeof(*writer));
    if (writer == NULL)
        return sb_error_memory(error);
    writer->output = output;
    writer->pool = pool;
    writer->time = time;
    writer->slot_count = jobs > 1 ? (size_t)2 * jobs + 2 : 1;
    writer->slots = calloc(writer->slot_count, sizeof(*writer->slots));
    bool good = writer->slots != NULL;
    for (size_t i = 0; good && i < writer->slot_count; i++) {
        struct slot *slot = &writer->slots[i];
        slot->task.run = deflate_slot;
        slot->task.then = write_slot;
        slot->writer = writer;
        slot->deflater = sb_deflater_new(level);
        slot->data = malloc(ROOM);
        slot->packed = malloc(PACKED_MAX);
        good = slot->deflater != NULL && slot->data != NULL && slot->packed != NULL;
    }
    if (!good) {
        sb_zip_writer_free(writer);
        return sb_error_memory(error);
    }
    writer->filling = &writer->slots[0];
    *out = writer;
    return 0;
}

int sb_zip_write_resume(struct sb_zip_writer *writer, const struct sb_buf *central, uint64_t count)
{
    writer->count = count;
    return sb_buf_append(&writer->central, central->data, central->len);
}

static void clear(struct slot *slot)
{
    slot->kind = EMPTY;
    slot->len = slot->packed_len = 0;
    slot->first = slot->last = slot->stored = false;
}

/* Gives the piece that was filled to the pool, and takes the next slot as soon as it is free. */
static int start(struct sb_zip_writer *writer, struct sb_error *error)
{
    struct slot *slot = writer->filling;
    if (slot->first && !slot->last)
        writer->in_vain = sb_looks_random(slot->data, slot->len);
    slot->stored = writer->in_vain && !(slot->first && slot->last);
    slot->result = 0;
    sb_pool_start(writer->pool, &writer->line, &slot->task);
    writer->started++;
    writer->filling = &writer->slots[writer->started % writer->slot_count];
    int r = wait_for(writer, writer->filling, error);
    clear(writer->filling);
    return r;
}

int sb_zip_write_begin(struct sb_zip_writer *writer, const char *path, uint64_t size,
                       struct sb_error *error)
{
    int r = writer->filling->kind == EMPTY ? 0 : start(writer, error);
    if (r < 0)
        return r;
    struct slot *slot = writer->filling;
    slot->head.len = 0;
    slot->kind = BLOCK;
    slot->first = true;
    writer->left = size;
    writer->in_vain = false;
    return sb_zip_form_local(&slot->head, path, size, writer->time, error);
}

int sb_zip_write_data(struct sb_zip_writer *writer, const void *bytes, size_t len,
                      struct sb_error *error)
{
    const uint8_t *at = bytes;
    if (len > writer->left)
        return sb_error_set(error, SEALBAG_ERR_CHANGED, "A document is longer than announced.");
    writer->left -= len;
    while (len > 0) {
        /* The last block waits for the end: until then the file can be taken back. */
        int r = writer->filling->len == SB_ZIP_BLOCK ? start(writer, error) : 0;
        if (r < 0)
            return r;
        struct slot *slot = writer->filling;
        slot->kind = BLOCK;
        size_t n = SB_ZIP_BLOCK - slot->len;
        if (n > len)
            n = len;
        memcpy(slot->data + slot->len, at, n);
        slot->len += n;
        at += n;
        len -= n;
    }
    return 0;
}

int sb_zip_write_end(struct sb_zip_writer *writer, struct sb_error *error)
{
    if (writer->left > 0)
        return sb_error_set(error, SEALBAG_ERR_CHANGED, "A document is shorter than announced.");
    writer->filling->last = true;
    return start(writer, error);
}

int sb_zip_write_take_back(struct sb_zip_writer *writer, struct sb_error *error)
{
    bool begun = !writer->filling->first;
    clear(writer->filling);
    writer->left = 0;
    int r = begun ? wait_for_all(writer, error) : 0;
    return r == 0 && begun ? sb_output_truncate(writer->output, writer->head_at, error) : r;
}

int sb_zip_write_add(struct sb_zip_writer *writer, const char *path, const void *bytes, size_t len,
                     struct sb_error *error)
{
    int r = sb_zip_write_begin(writer, path, len, error);
    if (r == 0)
        r = sb_zip_write_data(writer, bytes, len, error);
    return r == 0 ? sb_zip_write_end(writer, error) : r;
}

int sb_zip_write_small(struct sb_zip_writer *writer, const void *entry, size_t len,
                       struct sb_error *error)
{
    int r = len > ROOM - writer->filling->len ? start(writer, error) : 0;
    if (r < 0)
        return r;
    struct slot *slot = writer->filling;
    slot->kind = SMALL;
    memcpy(slot->data + slot->len, entry, len);
    slot->len += len;
    return 0;
}

int sb_zip_write_finish(struct sb_zip_writer *writer, struct sb_error *error)
{
    int r = writer->filling->kind == EMPTY ? 0 : start(writer, error);
    if (r == 0)
        r = wait_for_all(writer, error);
    uint64_t at = writer->output->written, size = writer->central.len;
    if (r == 0 && sb_zip_form_end(&writer->central, at, size, writer->count) < 0)
        r = sb_error_memory(error);
    return r == 0
               ? sb_output_write(writer->output, writer->central.data, writer->central.len, error)
               : r;
}

uint64_t sb_zip_write_total(const struct sb_zip_writer *writer)
{
    return writer->total;
}

/* ---- small files ------------------------------------------------------------------------ */

int sb_zip_make_small(struct sb_buf *out, struct sb_deflater *deflater, const char *path,
                      int64_t time, const void *bytes, size_t len, struct sb_error *error)
{
    size_t begin = out->len;
    int r = sb_zip_form_local(out, path, len, time, error);
    if (r == 0 && sb_buf_reserve(out, len) < 0)
        r = sb_error_memory(error);
    if (r < 0) {
        out->len = begin;
        return r;
    }
    uint8_t *to = out->data + out->len;
    size_t packed = deflate_whole(deflater, to, bytes, len);
    struct sb_zip_contents contents = {packed > 0, sb_crc32(bytes, len), packed > 0 ? packed : len,
                                       len};
    if (packed == 0 && len > 0)
        memcpy(to, bytes, len);
    out->len += (size_t)contents.packed;
    sb_zip_form_complete(out->data + begin, &contents);
    return 0;
}
