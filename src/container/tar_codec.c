/* A plain tar, in pieces that are what they hold: so that it can be written, and places in it
 * found, like what is compressed. There is nothing to tell a frame by, and no pointer. */
#include <stdlib.h>
#include <string.h>

#include "container/codec.h"
#include "container/stream.h"
#include "container/tar_codec.h"
#include "container/zst_codec.h"

enum { TAR_FRAME = 1 << 20, MAGIC_AT = 257, READ_SIZE = 256 * 1024 };

static const uint8_t magic[] = {'u', 's', 't', 'a', 'r'};

bool sb_tar_magic(const uint8_t *bytes, size_t len)
{
    return len >= SB_TAR_MAGIC_SIZE && memcmp(bytes + MAGIC_AT, magic, sizeof(magic)) == 0;
}

bool sb_gz_magic(const uint8_t *bytes, size_t len)
{
    return len >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

bool sb_zip_magic(const uint8_t *bytes, size_t len)
{
    return len >= 4 && memcmp(bytes, "PK\x03\x04", 4) == 0;
}

bool sb_tar_begins(const uint8_t *bytes, size_t len)
{
    return sb_tar_magic(bytes, len) && !sb_gz_magic(bytes, len) && !sb_zst_magic(bytes, len) &&
           !sb_zip_magic(bytes, len);
}

static bool resembles(const uint8_t *bytes, size_t len)
{
    (void)bytes;
    (void)len;
    return false;
}

/* Whoever measures such a file does it by its size. */
static int measure(enum sb_piece *piece, uint64_t *size, uint64_t *pointer,
                   const struct sb_view *view, struct sb_error *error)
{
    (void)view;
    *piece = SB_PIECE_END;
    *size = 0;
    *pointer = SB_NO_POINTER;
    return sb_error_set(error, SEALBAG_ERR_SYSTEM, "A tar has no frames.");
}

/* Nothing is kept between two frames; but NULL would mean that memory is short. */
static void *codec_new(void)
{
    return malloc(1);
}

static void *encoder_new(int level)
{
    (void)level;
    return codec_new();
}

static int encode(void *encoder, uint8_t *frame, size_t *size, const uint8_t *data, size_t len)
{
    (void)encoder;
    memcpy(frame, data, len);
    *size = len;
    return 0;
}

static int decode(void *decoder, uint8_t *data, size_t *len, const uint8_t *frame, size_t size,
                  bool salvage, struct sb_error *error)
{
    (void)decoder;
    (void)salvage;
    (void)error;
    memcpy(data, frame, size);
    *len = size;
    return 0;
}

static int finish(struct sb_buf *out, uint64_t pointer, const uint32_t *sizes, size_t frames)
{
    (void)out;
    (void)pointer;
    (void)sizes;
    (void)frames;
    return 0;
}

const struct sb_codec sb_codec_tar = {
    .packing = SB_PACKED_TAR,
    .data_max = TAR_FRAME,
    .frame_max = TAR_FRAME,
    .level_max = 0,
    .mark = magic,
    .mark_size = sizeof(magic),
    .recognise = sb_tar_magic,
    .resembles = resembles,
    .measure = measure,
    .encoder_new = encoder_new,
    .encoder_free = free,
    .encode = encode,
    .decoder_new = codec_new,
    .decoder_free = free,
    .decode = decode,
    .finish = finish,
};

/* ---- from beginning to end ----------------------------------------------------------------- */

static int read_stream(void *stream, struct sb_input *input, uint8_t *out, size_t cap, size_t *len,
                       struct sb_error *error)
{
    const uint8_t *bytes;
    (void)stream;
    int r = sb_input_peek(input, cap < READ_SIZE ? cap : READ_SIZE, &bytes, len, error);
    if (r < 0)
        return r;
    if (*len > cap)
        *len = cap;
    memcpy(out, bytes, *len);
    sb_input_take(input, *len);
    return *len > 0;
}

const struct sb_stream_kind sb_stream_tar = {
    .open = codec_new,
    .close = free,
    .read = read_stream,
};
