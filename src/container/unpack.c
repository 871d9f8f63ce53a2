#define _GNU_SOURCE /* memmem */
#include "container/unpack.h"

#include <stdlib.h>
#include <string.h>

#include "base/rule.h"
#include "container/damage.h"
#include "container/framing.h"
#include "container/stream.h"
#include "container/tar_codec.h"
#include "container/zst_codec.h"

/* A frame in work. */
struct slot {
    struct sb_task task;
    const struct sb_codec *codec;
    void *decoder;
    struct sb_buf frame;
    uint8_t *data; /* data_max bytes */
    size_t len;
    int result;
    struct sb_error error;
};

struct sb_unpacker {
    struct sb_input *input;
    struct sb_pool *pool;
    bool salvage;

    /* a file of frames */
    struct sb_framing framing; /* .codec NULL: it is a stream */
    struct slot *slots;        /* a ring: slots[first..first+count) are in work */
    size_t slot_count, first, count;
    bool given;       /* the first one's data is the caller's until the next call */
    bool short_frame; /* the frame that was given last was not full */
    bool uneven;      /* nor was one before it */
    bool all_read;    /* no more frames: the end, or `failure` */
    uint64_t damaged; /* pieces that looked like a frame and were none, when salvaging */
    int failure;
    struct sb_error failure_error;
    struct sb_frame_sizes sizes; /* to compare the table with */

    /* a stream */
    const struct sb_stream_kind *kind;
    void *stream;
    uint8_t *out;
};

enum { STREAM_OUT = 1 << 20, DAMAGED_FREE = 1000, DAMAGED_EACH = 16 << 10, TAR_NEAR = 64 << 10 };

/* ---- the beginning ---------------------------------------------------------------------- */

/* Whether there is a frame; if `doubt`, behind one whose header is damaged: in a file by another
 * program it is a part of some document. */
static bool holds_frame(const struct sb_codec *codec, const uint8_t *bytes, size_t len, bool doubt)
{
    const uint8_t *at = bytes, *end = bytes + len;
    while (at < end) {
        const uint8_t *found = memmem(at, (size_t)(end - at), codec->mark, codec->mark_size);
        if (found == NULL)
            return false;
        if (codec->recognise(found, (size_t)(end - found)))
            return !doubt || codec->resembles(bytes, (size_t)(found - bytes));
        at = found + 1;
    }
    return false;
}

/* Whether there is a header of a tar, where one can be. */
static bool holds_tar(const uint8_t *bytes, size_t len)
{
    for (size_t at = 0; at < len && at < TAR_NEAR; at += 512) {
        if (sb_tar_magic(bytes + at, len - at))
            return true;
    }
    return false;
}

static int choose(struct sb_unpacker *unpacker, struct sb_error *error)
{
    const uint8_t *bytes;
    size_t len;
    int r = sb_input_peek(unpacker->input, SB_TAR_MAGIC_SIZE, &bytes, &len, error);
    if (r < 0)
        return r;
    unpacker->framing.codec = sb_framing_codec(bytes, len);
    if (sb_gz_magic(bytes, len))
        unpacker->kind = &sb_stream_gz;
    else if (sb_zst_magic(bytes, len))
        unpacker->kind = &sb_stream_zst;
    else if (sb_tar_begins(bytes, len))
        unpacker->kind = &sb_stream_tar;
    if (unpacker->kind == &sb_stream_tar)
        return 0;
    if (unpacker->framing.codec != NULL || !unpacker->salvage)
        return 0;
    /* Perhaps only the first header is damaged: another one will be near. */
    r = sb_input_peek(unpacker->input, TAR_NEAR, &bytes, &len, error);
    if (r < 0)
        return r;
    if (unpacker->kind == NULL && holds_tar(bytes, len)) {
        unpacker->kind = &sb_stream_tar;
        return 0;
    }
    static const struct sb_codec *const codecs[] = {&sb_codec_gz, &sb_codec_zst};
    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
        r = sb_input_peek(unpacker->input, 2 * codecs[i]->frame_max, &bytes, &len, error);
        if (r < 0)
            return r;
        if (unpacker->framing.codec == NULL &&
            holds_frame(codecs[i], bytes, len, unpacker->kind != NULL))
            unpacker->framing.codec = codecs[i];
    }
    return 0;
}

static void decode(struct sb_task *task)
{
    struct slot *slot = (struct slot *)task;
    slot->result = slot->codec->decode(slot->decoder, slot->data, &slot->len, slot->frame.data,
                                       slot->frame.len, false, &slot->error);
}

static int make_slots(struct sb_unpacker *unpacker)
{
    const struct sb_codec *codec = unpacker->framing.codec;
    unsigned jobs = sb_pool_jobs(unpacker->pool);
    unpacker->slot_count = jobs > 1 && !unpacker->salvage ? 2 * (size_t)jobs : 1;
    unpacker->slots = calloc(unpacker->slot_count, sizeof(*unpacker->slots));
    for (size_t i = 0; unpacker->slots != NULL && i < unpacker->slot_count; i++) {
        struct slot *slot = &unpacker->slots[i];
        slot->task.run = decode;
        slot->codec = codec;
        slot->decoder = codec->decoder_new();
        slot->data = malloc(codec->data_max);
        if (slot->decoder == NULL || slot->data == NULL)
            return SEALBAG_ERR_MEMORY;
    }
    return unpacker->slots != NULL ? 0 : SEALBAG_ERR_MEMORY;
}

static int make_stream(struct sb_unpacker *unpacker)
{
    unpacker->stream = unpacker->kind->open();
    unpacker->out = malloc(STREAM_OUT);
    return unpacker->stream != NULL && unpacker->out != NULL ? 0 : SEALBAG_ERR_MEMORY;
}

int sb_unpacker_new(struct sb_unpacker **out, struct sb_input *input, struct sb_pool *pool,
                    bool salvage, struct sb_error *error)
{
    *out = NULL;
    struct sb_unpacker *unpacker = calloc(1, sizeof(*unpacker));
    if (unpacker == NULL)
        return sb_error_memory(error);
    unpacker->input = input;
    unpacker->pool = pool;
    unpacker->salvage = salvage;
    int r = choose(unpacker, error);
    if (r == 0 && unpacker->framing.codec != NULL)
        r = make_slots(unpacker) < 0 ? sb_error_memory(error) : 0;
    else if (r == 0 && unpacker->kind != NULL)
        r = make_stream(unpacker) < 0 ? sb_error_memory(error) : 0;
    else if (r == 0)
        r = sb_rule_error(error, SB_RULE_UNSUPPORTED,
                          "The input is neither a tar nor compressed with gzip or zstd.");
    if (r < 0)
        sb_unpacker_free(unpacker);
    else
        *out = unpacker;
    return r;
}

void sb_unpacker_free(struct sb_unpacker *unpacker)
{
    if (unpacker == NULL)
        return;
    for (size_t i = 0; unpacker->slots != NULL && i < unpacker->slot_count; i++) {
        struct slot *slot = &unpacker->slots[i];
        sb_pool_wait(unpacker->pool, &slot->task);
        if (slot->decoder != NULL)
            slot->codec->decoder_free(slot->decoder);
        sb_buf_free(&slot->frame);
        free(slot->data);
    }
    free(unpacker->slots);
    free(unpacker->sizes.items);
    if (unpacker->stream != NULL)
        unpacker->kind->close(unpacker->stream);
    free(unpacker->out);
    free(unpacker);
}

/* ---- frames ----------------------------------------------------------------------------- */

static int look(void *context, uint64_t offset, size_t want, const uint8_t **bytes, size_t *len,
                struct sb_error *error)
{
    size_t n;
    int r = sb_input_peek(context, (size_t)offset + want, bytes, &n, error);
    if (r < 0)
        return r;
    size_t before = n < offset ? n : (size_t)offset;
    *bytes += before;
    *len = n - before;
    return 0;
}

static int ends_early(const struct sb_unpacker *unpacker, struct sb_error *error)
{
    return sb_damage_truncated(error, unpacker->framing.codec == &sb_codec_gz
                                          ? SB_RULE_GZIP_TRUNCATED
                                          : SB_RULE_ZSTD_TRUNCATED);
}

/* The next piece, whole in the input's view: *piece and *size. */
static int view_piece(struct sb_unpacker *unpacker, enum sb_piece *piece, const uint8_t **bytes,
                      size_t *size, struct sb_error *error)
{
    const struct sb_view view = {.context = unpacker->input, .look = look};
    uint64_t measured;
    size_t len;
    int r = sb_framing_next(&unpacker->framing, piece, &measured, &view, error);
    if (r < 0)
        return r;
    *size = (size_t)measured;
    r = sb_input_peek(unpacker->input, *size, bytes, &len, error);
    return r == 0 && len < *size ? ends_early(unpacker, error) : r;
}

/* The next frame, in view; what stands behind the frames is taken. 1, or 0 at the end. */
static int next_frame(struct sb_unpacker *unpacker, const uint8_t **bytes, size_t *size,
                      struct sb_buf *table, struct sb_error *error)
{
    for (;;) {
        enum sb_piece piece;
        if (unpacker->salvage) { /* whatever the order: nothing but the documents counts now */
            unpacker->framing.pointer = SB_NO_POINTER;
            unpacker->framing.table = false;
        }
        int r = view_piece(unpacker, &piece, bytes, size, error);
        if (r < 0)
            return r;
        if (piece == SB_PIECE_FRAME || piece == SB_PIECE_END)
            return piece == SB_PIECE_FRAME;
        if (piece == SB_PIECE_TABLE && sb_buf_append(table, *bytes, *size) < 0)
            return sb_error_memory(error);
        sb_input_take(unpacker->input, *size);
    }
}

static int fill_slot(struct sb_unpacker *unpacker, struct slot *slot, struct sb_error *error)
{
    const uint8_t *bytes;
    size_t size;
    slot->frame.len = 0;
    int r = next_frame(unpacker, &bytes, &size, &slot->frame, error);
    if (r == 0)
        return 0;
    slot->frame.len = 0;
    if (r < 0)
        return r;
    if (sb_buf_append(&slot->frame, bytes, size) < 0)
        return sb_error_memory(error);
    sb_input_take(unpacker->input, size);
    return 1;
}

/* Keeps all slots in work. Trouble waits until what was before it has been given. */
static void fill(struct sb_unpacker *unpacker)
{
    while (!unpacker->all_read && unpacker->count < unpacker->slot_count) {
        struct slot *slot =
            &unpacker->slots[(unpacker->first + unpacker->count) % unpacker->slot_count];
        int r = fill_slot(unpacker, slot, &unpacker->failure_error);
        if (r > 0) {
            sb_pool_start(unpacker->pool, NULL, &slot->task);
            unpacker->count++;
        } else {
            unpacker->all_read = true;
            unpacker->failure = r;
        }
    }
}

/* All frames were given: what stood behind them must be exactly what belongs there. */
static int check_end(struct sb_unpacker *unpacker, struct sb_error *error)
{
    const struct sb_framing *framing = &unpacker->framing;
    /* The slot that was to take a frame when the end came. */
    const struct sb_buf *table = &unpacker->slots[unpacker->first].frame;
    struct sb_buf right = {0};
    if (framing->pointer != SB_NO_POINTER && unpacker->uneven)
        return sb_rule_error(error, SB_RULE_CONTAINER_SHORT,
                             "A frame in the middle of the bundle is not full, so places in it "
                             "cannot be told. Do not use it.");
    if (!framing->table)
        return 0;
    int r = framing->codec->finish(&right, SB_NO_POINTER, unpacker->sizes.items,
                                   unpacker->sizes.count / 2);
    if (r == SEALBAG_ERR_MEMORY)
        r = sb_error_memory(error);
    else if (r < 0 || right.len != table->len || memcmp(right.data, table->data, right.len) != 0)
        r = sb_rule_error(error, SB_RULE_ZSTD_TABLE,
                          "The bundle's seek table is wrong: other programs could be led to other "
                          "contents by it. Do not use this bundle.");
    sb_buf_free(&right);
    return r;
}

static int read_stream(struct sb_unpacker *unpacker, const uint8_t **bytes, size_t *len,
                       struct sb_error *error)
{
    *bytes = unpacker->out;
    return unpacker->kind->read(unpacker->stream, unpacker->input, unpacker->out, STREAM_OUT, len,
                                error);
}

static int read_frames(struct sb_unpacker *unpacker, const uint8_t **bytes, size_t *len,
                       struct sb_error *error)
{
    if (unpacker->given) {
        unpacker->first = (unpacker->first + 1) % unpacker->slot_count;
        unpacker->count--;
        unpacker->given = false;
    }
    fill(unpacker);
    if (unpacker->count == 0) {
        if (unpacker->failure < 0 && error != NULL)
            *error = unpacker->failure_error;
        return unpacker->failure < 0 ? unpacker->failure : check_end(unpacker, error);
    }
    struct slot *slot = &unpacker->slots[unpacker->first];
    sb_pool_wait(unpacker->pool, &slot->task);
    if (slot->result < 0) {
        if (error != NULL)
            *error = slot->error;
        return slot->result;
    }
    unpacker->uneven |= unpacker->short_frame;
    unpacker->short_frame = slot->len < slot->codec->data_max;
    if (sb_frame_sizes_add(&unpacker->sizes, slot->frame.len, slot->len) < 0)
        return sb_error_memory(error);
    unpacker->given = true;
    *bytes = slot->data;
    *len = slot->len;
    return 1;
}

/* ---- salvaging -------------------------------------------------------------------------- */

/* The next frame, decoded: 1, or 0 at the end. */
static int salvage_frame(struct sb_unpacker *unpacker, struct slot *slot, struct sb_error *error)
{
    const uint8_t *bytes;
    size_t size;
    struct sb_buf table = {0};
    int r = next_frame(unpacker, &bytes, &size, &table, error);
    sb_buf_free(&table);
    if (r <= 0)
        return r;
    r = slot->codec->decode(slot->decoder, slot->data, &slot->len, bytes, size, true, error);
    if (r < 0)
        return r;
    sb_input_take(unpacker->input, size);
    return 1;
}

/* After a damaged frame: the next place that looks like the beginning of one. 1 found, 0 none. */
static int find_frame(struct sb_unpacker *unpacker, struct sb_error *error)
{
    const struct sb_codec *codec = unpacker->framing.codec;
    for (;;) {
        const uint8_t *bytes;
        size_t len;
        sb_input_take(unpacker->input, 1);
        int r = sb_input_peek(unpacker->input, codec->frame_max, &bytes, &len, error);
        if (r < 0)
            return r;
        const uint8_t *found = memmem(bytes, len, codec->mark, codec->mark_size);
        if (found != NULL) {
            sb_input_take(unpacker->input, (size_t)(found - bytes));
            return 1;
        }
        if (len < codec->frame_max) {
            sb_input_take(unpacker->input, len);
            return 0;
        }
        sb_input_take(unpacker->input, len - codec->mark_size);
    }
}

static int salvage_frames(struct sb_unpacker *unpacker, const uint8_t **bytes, size_t *len,
                          bool *gap, struct sb_error *error)
{
    struct slot *slot = &unpacker->slots[0];
    for (;;) {
        int r = salvage_frame(unpacker, slot, error);
        if (r != SEALBAG_ERR_DAMAGED) {
            *bytes = slot->data;
            *len = slot->len;
            return r;
        }
        *gap = true;
        /* A damaged bundle has some such pieces; a file that is made of them keeps a reader busy.
         */
        if (++unpacker->damaged > DAMAGED_FREE + unpacker->input->taken / DAMAGED_EACH)
            return sb_rule_error(
                error, SB_RULE_LIMIT,
                "The bundle holds too many pieces that look like a part of one and "
                "are none. It was made to keep this machine busy.");
        r = find_frame(unpacker, error);
        if (r <= 0)
            return r;
    }
}

/* ---- all of it -------------------------------------------------------------------------- */

int sb_unpack_next(struct sb_unpacker *unpacker, const uint8_t **bytes, size_t *len, bool *gap,
                   struct sb_error *error)
{
    *gap = false;
    int r = sb_input_tick(unpacker->input, error);
    if (r < 0)
        return r;
    if (unpacker->framing.codec == NULL)
        return read_stream(unpacker, bytes, len, error);
    return unpacker->salvage ? salvage_frames(unpacker, bytes, len, gap, error)
                             : read_frames(unpacker, bytes, len, error);
}

bool sb_unpack_pointer(uint64_t *pointer, const struct sb_unpacker *unpacker)
{
    const struct sb_framing *framing = &unpacker->framing;
    *pointer = framing->pointer;
    /* Small files by other programs can look like ours in zstd, but have no table. */
    return framing->codec == &sb_codec_gz || framing->table;
}
