#include "container/pack.h"

#include <stdlib.h>
#include <string.h>

#include "container/framing.h"

/* A frame in work. */
struct slot {
    struct sb_task task;
    struct sb_packer *packer;
    void *encoder;
    uint8_t *data; /* data_max bytes */
    size_t len;
    uint8_t *frame; /* frame_max bytes */
    size_t size;
    bool marked; /* the mark lies in it */
    int result;
    struct sb_error error;
};

struct sb_packer {
    struct sb_output *output;
    const struct sb_codec *codec;
    struct sb_pool *pool;
    struct sb_line line; /* in which frames are written */
    struct slot *slots;
    size_t slot_count;
    struct slot *filling;
    uint64_t started; /* frames that were given to the pool */

    /* Only used in the line, or when nothing is in it. */
    bool failed;
    struct sb_frame_sizes sizes;
    uint64_t mark_written; /* where the frame with the mark begins in the output */

    uint64_t mark;      /* in the input */
    uint8_t *mark_copy; /* what was in the frame before the mark, once the frame is on its way */
};

static uint64_t mark_frame(const struct sb_packer *packer)
{
    return packer->mark / packer->codec->data_max;
}

static size_t mark_len(const struct sb_packer *packer)
{
    return (size_t)(packer->mark % packer->codec->data_max);
}

/* ---- in the pool ------------------------------------------------------------------------ */

static void compress(struct sb_task *task)
{
    struct slot *slot = (struct slot *)task;
    const struct sb_codec *codec = slot->packer->codec;
    slot->result = codec->encode(slot->encoder, slot->frame, &slot->size, slot->data, slot->len);
    if (slot->result < 0)
        sb_error_set(&slot->error, slot->result, "The compression library failed.");
}

static void write_frame(struct sb_task *task)
{
    struct slot *slot = (struct slot *)task;
    struct sb_packer *packer = slot->packer;
    if (slot->result == 0 && !packer->failed) {
        if (slot->marked)
            packer->mark_written = packer->output->written;
        slot->result = sb_frame_sizes_add(&packer->sizes, slot->size, slot->len) < 0
                           ? sb_error_memory(&slot->error)
                           : sb_output_write(packer->output, slot->frame, slot->size, &slot->error);
    }
    /* After the first failure nothing more is written; it is reported by the slot that met it. */
    packer->failed |= slot->result < 0;
}

/* ---- the packer ------------------------------------------------------------------------- */

static int wait_for(struct sb_packer *packer, struct slot *slot, struct sb_error *error)
{
    sb_pool_wait(packer->pool, &slot->task);
    if (slot->result < 0 && error != NULL)
        *error = slot->error;
    return slot->result;
}

static int wait_for_all(struct sb_packer *packer, struct sb_error *error)
{
    int r = 0;
    for (size_t i = 0; i < packer->slot_count; i++) {
        struct slot *slot = &packer->slots[(packer->started + i) % packer->slot_count];
        int result = wait_for(packer, slot, r == 0 ? error : NULL);
        r = r < 0 ? r : result;
    }
    return r;
}

void sb_packer_free(struct sb_packer *packer)
{
    if (packer == NULL)
        return;
    for (size_t i = 0; packer->slots != NULL && i < packer->slot_count; i++) {
        struct slot *slot = &packer->slots[i];
        sb_pool_wait(packer->pool, &slot->task);
        packer->codec->encoder_free(slot->encoder);
        free(slot->data);
        free(slot->frame);
    }
    free(packer->slots);
    free(packer->sizes.items);
    free(packer->mark_copy);
    free(packer);
}

/* Enough that a thread always finds one that is full, and few enough for memory. */
static size_t slots_wanted(const struct sb_codec *codec, unsigned jobs)
{
    if (jobs <= 1)
        return 1;
    return codec->data_max > (1 << 20) ? (size_t)jobs + 2 : (size_t)2 * jobs + 2;
}

int sb_packer_new(struct sb_packer **out, struct sb_output *output, const struct sb_codec *codec,
                  int level, struct sb_pool *pool, struct sb_error *error)
{
    *out = NULL;
    struct sb_packer *packer = calloc(1, sizeof(*packer));
    if (packer == NULL)
        return sb_error_memory(error);
    packer->output = output;
    packer->codec = codec;
    packer->pool = pool;
    packer->slot_count = slots_wanted(codec, sb_pool_jobs(pool));
    packer->slots = calloc(packer->slot_count, sizeof(*packer->slots));
    packer->mark_copy = malloc(codec->data_max);
    bool good = packer->slots != NULL && packer->mark_copy != NULL;
    for (size_t i = 0; good && i < packer->slot_count; i++) {
        struct slot *slot = &packer->slots[i];
        slot->task.run = compress;
        slot->task.then = write_frame;
        slot->packer = packer;
        slot->encoder = codec->encoder_new(level);
        slot->data = malloc(codec->data_max);
        slot->frame = malloc(codec->frame_max);
        good = slot->encoder != NULL && slot->data != NULL && slot->frame != NULL;
    }
    if (!good) {
        sb_packer_free(packer);
        return sb_error_memory(error);
    }
    packer->filling = &packer->slots[0];
    *out = packer;
    return 0;
}

int sb_pack_resume(struct sb_packer *packer, const uint32_t *sizes, size_t frames)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < frames; i++)
        r = sb_frame_sizes_add(&packer->sizes, sizes[i], packer->codec->data_max);
    packer->started = frames;
    packer->filling = &packer->slots[frames % packer->slot_count];
    sb_pack_mark(packer);
    return r;
}

/* Gives the frame that was filled to the pool, and takes the next slot as soon as it is free. */
static int start(struct sb_packer *packer, struct sb_error *error)
{
    struct slot *slot = packer->filling;
    slot->marked = packer->started == mark_frame(packer);
    if (slot->marked)
        memcpy(packer->mark_copy, slot->data, mark_len(packer));
    slot->result = 0;
    sb_pool_start(packer->pool, &packer->line, &slot->task);
    packer->started++;
    packer->filling = &packer->slots[packer->started % packer->slot_count];
    int r = wait_for(packer, packer->filling, error);
    packer->filling->len = 0;
    return r;
}

int sb_pack_write(struct sb_packer *packer, const void *bytes, size_t len, struct sb_error *error)
{
    const uint8_t *at = bytes;
    while (len > 0) {
        struct slot *slot = packer->filling;
        size_t n = packer->codec->data_max - slot->len;
        if (n > len)
            n = len;
        memcpy(slot->data + slot->len, at, n);
        slot->len += n;
        at += n;
        len -= n;
        if (slot->len == packer->codec->data_max) {
            int r = start(packer, error);
            if (r < 0)
                return r;
        }
    }
    return 0;
}

int sb_pack_finish(struct sb_packer *packer, uint64_t pointer, struct sb_error *error)
{
    int r = packer->filling->len > 0 ? start(packer, error) : 0;
    if (r == 0)
        r = wait_for_all(packer, error);
    if (r == 0 && packer->failed) /* reported before */
        r = sb_error_set(error, SEALBAG_ERR_IO, "The output could not be written.");
    if (r < 0)
        return r;
    struct sb_buf end = {0};
    r = packer->codec->finish(&end, pointer, packer->sizes.items, packer->sizes.count / 2);
    if (r == 0)
        r = sb_output_write(packer->output, end.data, end.len, error);
    else
        sb_error_set(error, r,
                     r == SEALBAG_ERR_LIMIT
                         ? "The bundle is too large for this format. Make several."
                         : "There is not enough memory to end the bundle.");
    sb_buf_free(&end);
    return r;
}

uint64_t sb_pack_total(const struct sb_packer *packer)
{
    return packer->started * packer->codec->data_max + packer->filling->len;
}

void sb_pack_mark(struct sb_packer *packer)
{
    packer->mark = sb_pack_total(packer);
}

int sb_pack_rewind(struct sb_packer *packer, struct sb_error *error)
{
    uint64_t frame = mark_frame(packer);
    if (packer->started > frame) {
        int r = wait_for_all(packer, error);
        if (r == 0)
            r = sb_output_truncate(packer->output, packer->mark_written, error);
        if (r < 0)
            return r;
        packer->sizes.count = (size_t)(2 * frame);
        packer->started = frame;
        packer->filling = &packer->slots[frame % packer->slot_count];
        memcpy(packer->filling->data, packer->mark_copy, mark_len(packer));
    }
    packer->filling->len = mark_len(packer);
    return 0;
}
