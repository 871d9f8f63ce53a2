#include "container/seek.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/rule.h"
#include "container/framing.h"
#include "container/tar_codec.h"
#include "container/tar_header.h"
#include "container/tar_parse.h"

enum {
    VIEW_MIN = 64,
    VIEW_MAX = 64 << 10,
    TICK_EVERY = 64,
    BLOCK = 512,
    LAST_MAX = 256 << 20, /* how long the last file of a plain tar may be */
};

struct sb_seeker {
    int fd;
    uint64_t start, end; /* of the bundle in the file */
    struct sealbag_limits limits;
    struct sb_framing framing;
    uint64_t *frames; /* where each begins, and where the last one ends */
    size_t count, cap;
    sealbag_progress_fn progress;
    void *progress_context;
    struct sealbag_progress now;

    /* the walk */
    uint64_t piece; /* where it is */
    uint8_t *view;  /* VIEW_MAX bytes: */
    uint64_t view_at;
    size_t view_len, view_want;
    unsigned reads;

    /* the frame that was decoded last */
    void *decoder;
    uint8_t *frame, *data;
    size_t held; /* its number, or SIZE_MAX */
    size_t data_len;
};

static int tick(struct sb_seeker *seeker, struct sb_error *error)
{
    if (seeker->progress == NULL || seeker->progress(seeker->progress_context, &seeker->now) == 0)
        return 0;
    return sb_error_set(error, SEALBAG_ERR_CANCELLED, "Stopped, as asked.");
}

/* As many bytes as there are, up to len. */
static int read_at(struct sb_seeker *seeker, uint64_t at, uint8_t *out, size_t len, size_t *got,
                   struct sb_error *error)
{
    *got = 0;
    if (at >= seeker->end)
        return 0;
    if (len > seeker->end - at)
        len = (size_t)(seeker->end - at);
    while (*got < len) {
        ssize_t n = pread(seeker->fd, out + *got, len - *got, (off_t)(at + *got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == ESPIPE)
            return sb_rule_error(error, SB_RULE_UNSUPPORTED, "A pipe has no index.");
        if (n < 0)
            return sb_error_errno(error, errno, "read", "the input");
        if (n == 0)
            break;
        *got += (size_t)n;
    }
    seeker->now.bytes += *got;
    return 0;
}

/* Frames and blocks are far apart, so that little is read at each; but a hostile bundle may have
 * millions of empty ones side by side. */
static int move_view(struct sb_seeker *seeker, uint64_t at, struct sb_error *error)
{
    uint64_t view_end = seeker->view_at + seeker->view_len;
    bool near = at >= seeker->view_at && at < view_end + seeker->view_want;
    seeker->view_want = near ? 2 * seeker->view_want : VIEW_MIN;
    if (seeker->view_want > VIEW_MAX)
        seeker->view_want = VIEW_MAX;
    seeker->view_at = at;
    seeker->view_len = 0;
    int r = read_at(seeker, at, seeker->view, seeker->view_want, &seeker->view_len, error);
    if (r == 0 && ++seeker->reads % TICK_EVERY == 0)
        r = tick(seeker, error);
    return r;
}

static int look(void *context, uint64_t offset, size_t want, const uint8_t **bytes, size_t *len,
                struct sb_error *error)
{
    struct sb_seeker *seeker = context;
    uint64_t at = seeker->piece + offset, view_end = seeker->view_at + seeker->view_len;
    int r = 0;
    if (want > VIEW_MIN)
        want = VIEW_MIN;
    if (at < seeker->view_at || at > view_end || view_end - at < want)
        r = move_view(seeker, at, error);
    *bytes = seeker->view + (at - seeker->view_at);
    *len = seeker->view_len - (size_t)(at - seeker->view_at);
    return r;
}

static int add_place(struct sb_seeker *seeker, uint64_t at, struct sb_error *error)
{
    uint64_t *frames = sb_array_grow(seeker->frames, &seeker->cap, seeker->count, sizeof(*frames));
    if (frames == NULL)
        return sb_error_memory(error);
    seeker->frames = frames;
    frames[seeker->count++] = at;
    return 0;
}

/* From byte 0 to the pointer. What stands behind it (a table) must end where the file does. */
static int walk(struct sb_seeker *seeker, struct sb_error *error)
{
    const struct sb_view view = {.context = seeker, .look = look};
    uint64_t frames_end = seeker->start;
    for (;;) {
        enum sb_piece piece;
        uint64_t size;
        int r = sb_framing_next(&seeker->framing, &piece, &size, &view, error);
        if (r < 0)
            return r;
        if (piece == SB_PIECE_END)
            break;
        if (size > seeker->end - seeker->piece)
            return sb_rule_error(error, SB_RULE_CONTAINER_ORDER, "The bundle ends in the middle.");
        if (piece == SB_PIECE_FRAME) {
            r = add_place(seeker, seeker->piece, error);
            frames_end = seeker->piece + size;
            if (r < 0)
                return r;
        }
        seeker->piece += size;
    }
    if (seeker->framing.pointer == SB_NO_POINTER || seeker->count == 0)
        return sb_rule_error(error, SB_RULE_UNSUPPORTED, "The bundle has no index.");
    return add_place(seeker, frames_end, error);
}

/* ---- a plain tar --------------------------------------------------------------------------- */

static uint64_t blocks(uint64_t size)
{
    return (size + BLOCK - 1) / BLOCK * BLOCK;
}

/* Reads one block before `end`; false when there is none. */
static int read_block(struct sb_seeker *seeker, uint64_t at, uint8_t block[BLOCK],
                      struct sb_error *error)
{
    size_t got;
    int r = read_at(seeker, at, block, BLOCK, &got, error);
    return r < 0 ? r : got == BLOCK;
}

/* Whether a pax header with its data stands right before the header `at`; where. */
static int step_over_extended(struct sb_seeker *seeker, uint64_t *at, struct sb_error *error)
{
    uint8_t block[BLOCK];
    struct sb_tar_header header;
    uint64_t begin = *at;
    for (unsigned back = 2; back <= SB_TAR_EXTENDED_MAX / BLOCK + 1; back++) {
        if (begin - seeker->start < (uint64_t)back * BLOCK)
            return 0;
        int r = read_block(seeker, begin - (uint64_t)back * BLOCK, block, error);
        if (r < 0)
            return r;
        if (r > 0 && sb_tar_magic(block, BLOCK) && sb_tar_header_parse(&header, block, NULL) == 0) {
            if (header.type == 'x' && blocks(header.size) == (uint64_t)(back - 1) * BLOCK)
                *at = begin - (uint64_t)back * BLOCK;
            return 0;
        }
    }
    return 0;
}

/* The pointer of a plain tar is found: the last file ends where the two zero blocks begin with
 * which sealbag ends a tar. Whether it is the index, and a good one, is seen when it is read. */
static int find_last(struct sb_seeker *seeker, struct sb_error *error)
{
    uint8_t *bytes = seeker->frame;
    const uint64_t zeros = (uint64_t)2 * BLOCK;
    uint64_t end = seeker->end - seeker->start < 2 * zeros ? seeker->start : seeker->end - zeros;
    uint64_t at = end, least = end - seeker->start > LAST_MAX ? end - LAST_MAX : seeker->start;
    while (at > least) {
        uint64_t from = at - least < seeker->framing.codec->frame_max
                            ? least
                            : at - seeker->framing.codec->frame_max;
        size_t got;
        int r = read_at(seeker, from, bytes, (size_t)(at - from), &got, error);
        if (r == 0)
            r = tick(seeker, error);
        if (r < 0 || got < at - from)
            return r;
        for (size_t left = got; left >= BLOCK; left -= BLOCK) {
            const uint8_t *block = bytes + left - BLOCK;
            struct sb_tar_header header;
            at -= BLOCK;
            if (!sb_tar_magic(block, BLOCK) || sb_tar_header_parse(&header, block, NULL) < 0)
                continue;
            if (header.type != '0' || at + BLOCK + blocks(header.size) != end)
                return 0;
            r = step_over_extended(seeker, &at, error);
            seeker->framing.pointer = at - seeker->start;
            return r;
        }
    }
    return 0;
}

/* Every frame is as long as what it holds. */
static int divide(struct sb_seeker *seeker, struct sb_error *error)
{
    uint64_t size = seeker->end - seeker->start;
    int r = 0;
    if (size % BLOCK != 0)
        return sb_rule_error(error, SB_RULE_UNSUPPORTED, "The bundle has no index.");
    for (uint64_t at = 0; r == 0 && at < size; at += seeker->framing.codec->data_max)
        r = add_place(seeker, seeker->start + at, error);
    if (r == 0)
        r = add_place(seeker, seeker->end, error);
    if (r == 0)
        r = find_last(seeker, error);
    if (r == 0 && seeker->framing.pointer == SB_NO_POINTER)
        r = sb_rule_error(error, SB_RULE_UNSUPPORTED, "The bundle has no index.");
    return r;
}

/* ---- what it is ---------------------------------------------------------------------------- */

static int choose_codec(struct sb_seeker *seeker, struct sb_error *error)
{
    const uint8_t *bytes;
    size_t len, got;
    uint8_t block[BLOCK];
    int r = look(seeker, 0, 32, &bytes, &len, error);
    if (r < 0)
        return r;
    seeker->framing.codec = sb_framing_codec(bytes, len);
    r = read_at(seeker, seeker->start, block, BLOCK, &got, error);
    if (r < 0)
        return r;
    if (sb_tar_begins(block, got))
        seeker->framing.codec = &sb_codec_tar;
    else if (got == BLOCK && sb_tar_header_resembles(block))
        seeker->framing.codec = NULL; /* it is refused when it is read */
    if (seeker->framing.codec == NULL)
        return sb_rule_error(error, SB_RULE_UNSUPPORTED, "The bundle has no index.");
    return 0;
}

int sb_seeker_open(struct sb_seeker **out, int fd, const struct sb_seek_options *options,
                   struct sb_error *error)
{
    *out = NULL;
    struct sb_seeker *seeker = calloc(1, sizeof(*seeker));
    if (seeker == NULL)
        return sb_error_memory(error);
    seeker->fd = fd;
    seeker->start = options->start;
    seeker->end = options->start + options->size;
    seeker->limits = sb_limits_of(options->limits);
    seeker->progress = options->progress;
    seeker->progress_context = options->progress_context;
    seeker->held = SIZE_MAX;
    seeker->piece = seeker->view_at = seeker->start;
    seeker->view_want = VIEW_MIN;
    seeker->view = malloc(VIEW_MAX);
    if (seeker->view == NULL) {
        sb_seeker_close(seeker);
        return sb_error_memory(error);
    }
    /* The walk takes a few bytes here and there: reading ahead would read all. */
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
    int r = choose_codec(seeker, error);
    const struct sb_codec *codec = seeker->framing.codec;
    if (r == 0 && codec != NULL) {
        seeker->decoder = codec->decoder_new();
        seeker->frame = malloc(codec->frame_max);
        seeker->data = malloc(codec->data_max);
        if (seeker->decoder == NULL || seeker->frame == NULL || seeker->data == NULL)
            r = sb_error_memory(error);
    }
    if (r == 0)
        r = codec == &sb_codec_tar ? divide(seeker, error) : walk(seeker, error);
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_NORMAL);
    if (r < 0)
        sb_seeker_close(seeker);
    else
        *out = seeker;
    return r;
}

void sb_seeker_close(struct sb_seeker *seeker)
{
    if (seeker == NULL)
        return;
    if (seeker->decoder != NULL && seeker->framing.codec != NULL)
        seeker->framing.codec->decoder_free(seeker->decoder);
    free(seeker->frame);
    free(seeker->data);
    free(seeker->frames);
    free(seeker->view);
    free(seeker);
}

uint64_t sb_seeker_size(const struct sb_seeker *seeker)
{
    return seeker->end - seeker->start;
}

const struct sealbag_limits *sb_seeker_limits(const struct sb_seeker *seeker)
{
    return &seeker->limits;
}

const struct sb_codec *sb_seeker_codec(const struct sb_seeker *seeker)
{
    return seeker->framing.codec;
}

size_t sb_seeker_frames(const struct sb_seeker *seeker)
{
    return seeker->count - 1;
}

uint64_t sb_seeker_place(const struct sb_seeker *seeker, size_t number)
{
    return seeker->frames[number] - seeker->start;
}

uint64_t sb_seeker_pointer(const struct sb_seeker *seeker)
{
    return seeker->framing.pointer;
}

static int bad_place(struct sb_error *error)
{
    return sb_rule_error(error, SB_RULE_CONTAINER_SHORT, "The bundle is damaged.");
}

static int load(struct sb_seeker *seeker, size_t number, struct sb_error *error)
{
    const struct sb_codec *codec = seeker->framing.codec;
    size_t size = (size_t)(seeker->frames[number + 1] - seeker->frames[number]);
    size_t got;
    seeker->held = SIZE_MAX;
    if (size > codec->frame_max)
        return bad_place(error);
    int r = read_at(seeker, seeker->frames[number], seeker->frame, size, &got, error);
    if (r == 0 && got < size)
        r = bad_place(error);
    if (r == 0)
        r = codec->decode(seeker->decoder, seeker->data, &seeker->data_len, seeker->frame, size,
                          false, error);
    if (r == 0)
        r = tick(seeker, error);
    /* Places in the tar are only places in frames when all but the last are full. */
    if (r == 0 && number + 2 < seeker->count && seeker->data_len != codec->data_max)
        r = bad_place(error);
    if (r == 0)
        seeker->held = number;
    return r;
}

int sb_seeker_read(struct sb_seeker *seeker, uint64_t at, const uint8_t **bytes, size_t *len,
                   struct sb_error *error)
{
    size_t data_max = seeker->framing.codec->data_max;
    uint64_t number = at / data_max;
    size_t within = (size_t)(at % data_max);
    if (number + 1 >= seeker->count)
        return 0;
    int r = seeker->held == number ? 0 : load(seeker, (size_t)number, error);
    if (r < 0)
        return r;
    if (within >= seeker->data_len)
        return 0;
    *bytes = seeker->data + within;
    *len = seeker->data_len - within;
    return 1;
}
