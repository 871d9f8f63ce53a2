#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/rule.h"
#include "container/codec.h"
#include "container/damage.h"
#include "container/stream.h"
#include "container/zst_codec.h"

/* The most that a frame may ask for a window: what every decoder must support (RFC 8878, 3.1.1.1.2)
 * is 8 MiB, and zstd's own levels up to 22 ask for 128. */
enum { WINDOW_LOG_MAX = 27 };

struct stream {
    ZSTD_DCtx *context;
    bool in_frame;
    uint64_t skip; /* bytes of a skippable frame still to pass over */
};

static void close_stream(void *stream)
{
    struct stream *own = stream;
    if (own != NULL)
        ZSTD_freeDCtx(own->context);
    free(own);
}

static void *open_stream(void)
{
    struct stream *stream = calloc(1, sizeof(*stream));
    if (stream == NULL)
        return NULL;
    stream->context = ZSTD_createDCtx();
    if (stream->context != NULL && ZSTD_isError(ZSTD_DCtx_setParameter(
                                       stream->context, ZSTD_d_windowLogMax, WINDOW_LOG_MAX)) == 0)
        return stream;
    close_stream(stream);
    return NULL;
}

/* What follows a frame: another one, a skippable one (RFC 8878, section 3.1.2), or the end. 1 when
 * there is more. */
static int begin_frame(struct stream *stream, struct sb_input *input, struct sb_error *error)
{
    const uint8_t *bytes;
    size_t len;
    int r = sb_input_peek(input, SB_ZST_POINTER_SIZE, &bytes, &len, error);
    if (r < 0 || len == 0)
        return r;
    uint32_t magic = len >= 4 ? sb_load_u32le(bytes) : 0;
    if (!sb_zst_may_begin(bytes, len))
        return sb_damage_trailing(error, SB_RULE_ZSTD_TRAILING);
    if (len < 8)
        return sb_damage_truncated(error, SB_RULE_ZSTD_TRUNCATED);
    if (sb_zst_is_pointer(bytes, len))
        return sb_rule_error(
            error, SB_RULE_ZSTD_MIXED,
            "The bundle holds zstd frames of two kinds. It was altered: do not use it.");
    if (magic >> 4 == ZSTD_MAGIC_SKIPPABLE_START >> 4) {
        stream->skip = sb_load_u32le(bytes + 4);
        sb_input_take(input, 8);
        return 1;
    }
    if (magic != ZSTD_MAGICNUMBER)
        return sb_damage_trailing(error, SB_RULE_ZSTD_TRAILING);
    stream->in_frame = true;
    return 1;
}

static int pass_over(struct stream *stream, struct sb_input *input, struct sb_error *error)
{
    const uint8_t *bytes;
    size_t len;
    int r = sb_input_peek(input, 1, &bytes, &len, error);
    if (r < 0)
        return r;
    if (len == 0)
        return sb_damage_truncated(error, SB_RULE_ZSTD_TRUNCATED);
    size_t n = len < stream->skip ? len : (size_t)stream->skip;
    sb_input_take(input, n);
    stream->skip -= n;
    return 0;
}

static int library_error(size_t result, struct sb_error *error)
{
    switch (ZSTD_getErrorCode(result)) {
    case ZSTD_error_memory_allocation:
        return sb_error_memory(error);
    case ZSTD_error_checksum_wrong:
        return sb_damage_check(error, SB_RULE_ZSTD_CHECK);
    case ZSTD_error_frameParameter_windowTooLarge:
        return sb_rule_error(error, SB_RULE_LIMIT,
                             "The bundle asks for more than 128 MiB of memory to be read. Ask for "
                             "one that was compressed without --long or --ultra.");
    case ZSTD_error_prefix_unknown:
    case ZSTD_error_frameParameter_unsupported:
        return sb_damage_header(error, SB_RULE_ZSTD_HEADER, "zstd");
    default:
        return sb_damage_data(error, SB_RULE_ZSTD_DATA);
    }
}

static int decode_some(struct stream *stream, struct sb_input *input, void *out, size_t cap,
                       size_t *out_len, struct sb_error *error)
{
    const uint8_t *bytes;
    size_t len;
    int r = sb_input_peek(input, 1, &bytes, &len, error);
    if (r < 0)
        return r;
    ZSTD_inBuffer in = {.src = bytes, .size = len};
    ZSTD_outBuffer room = {.dst = out, .size = cap};
    size_t result = ZSTD_decompressStream(stream->context, &room, &in);
    if (ZSTD_isError(result) != 0)
        return library_error(result, error);
    sb_input_take(input, in.pos);
    *out_len = room.pos;
    stream->in_frame = result != 0;
    if (len == 0 && room.pos == 0 && stream->in_frame)
        return sb_damage_truncated(error, SB_RULE_ZSTD_TRUNCATED);
    return 0;
}

static int read_stream(void *stream, struct sb_input *input, uint8_t *out, size_t cap, size_t *len,
                       struct sb_error *error)
{
    struct stream *own = stream;
    *len = 0;
    while (*len == 0) {
        int r;
        if (own->skip > 0) {
            r = pass_over(own, input, error);
        } else if (own->in_frame) {
            r = decode_some(own, input, out, cap, len, error);
        } else {
            r = begin_frame(own, input, error);
            if (r == 0)
                return 0;
        }
        if (r < 0)
            return r;
    }
    return 1;
}

const struct sb_stream_kind sb_stream_zst = {
    .open = open_stream,
    .close = close_stream,
    .read = read_stream,
};
