#include "container/zst_codec.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/rule.h"
#include "container/codec.h"
#include "container/damage.h"
#include "container/deflate.h"

static const uint8_t magic[4] = {0x28, 0xb5, 0x2f, 0xfd};
static const uint8_t table_magic[4] = {0x5e, 0x2a, 0x4d, 0x18};
static const uint8_t pointer_form[12] = {0x5d, 0x2a, 0x4d, 0x18, 12, 0, 0, 0, 'S', 'B', 'I', 'X'};
/* A number of frames, no checksums, and the magic of the seekable format. */
static const uint8_t footer_form[5] = {0x00, 0xb1, 0xea, 0x92, 0x8f};

enum {
    HEADER_MAX = 9,
    BLOCK_HEADER = 3,
    CHECKSUM = 4,
    SKIPPABLE_HEADER = 8,
    FOOTER = 9,
};

static bool is_skippable(const uint8_t *bytes, size_t len)
{
    return len >= 4 && sb_load_u32le(bytes) >> 4 == ZSTD_MAGIC_SKIPPABLE_START >> 4;
}

bool sb_zst_is_pointer(const uint8_t *bytes, size_t len)
{
    return len >= sizeof(pointer_form) && memcmp(bytes, pointer_form, sizeof(pointer_form)) == 0;
}

bool sb_zst_may_begin(const uint8_t *bytes, size_t len)
{
    static const uint8_t skippable[] = {0x50, 0x2a, 0x4d, 0x18}; /* to 5f 2a 4d 18 */
    size_t n = len < sizeof(magic) ? len : sizeof(magic);
    return n > 0 && (memcmp(bytes, magic, n) == 0 ||
                     (bytes[0] >> 4 == 5 && memcmp(bytes + 1, skippable + 1, n - 1) == 0));
}

bool sb_zst_magic(const uint8_t *bytes, size_t len)
{
    return (len >= 4 && memcmp(bytes, magic, 4) == 0) || is_skippable(bytes, len);
}

/* The header's length, or 0 when it is not of our form (or not there whole). */
static size_t parse_header(uint64_t *content, const uint8_t *bytes, size_t len)
{
    if (len < 6 || memcmp(bytes, magic, sizeof(magic)) != 0)
        return 0;
    switch (bytes[4]) {
    case 0x24:
        *content = bytes[5];
        return 6;
    case 0x64:
        if (len < 7)
            return 0;
        *content = ((uint64_t)bytes[5] | (uint64_t)bytes[6] << 8) + 256;
        return 7;
    case 0xa4:
        if (len < 9)
            return 0;
        *content = sb_load_u32le(bytes + 5);
        return 9;
    default:
        return 0;
    }
}

static bool recognise(const uint8_t *bytes, size_t len)
{
    uint64_t content;
    return parse_header(&content, bytes, len) > 0 && content > 0 && content <= SB_ZST_FRAME_DATA;
}

/* The frame's length, from the headers of its blocks (RFC 8878, section 3.1.1.2). */
static int measure_frame(uint64_t *size, size_t header, const struct sb_view *view,
                         struct sb_error *error)
{
    uint64_t at = header;
    for (bool last = false; !last;) {
        const uint8_t *bytes;
        size_t len;
        int r = view->look(view->context, at, BLOCK_HEADER, &bytes, &len, error);
        if (r < 0)
            return r;
        if (len < BLOCK_HEADER)
            return sb_damage_truncated(error, SB_RULE_ZSTD_TRUNCATED);
        uint32_t block = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16;
        unsigned type = block >> 1 & 3;
        last = (block & 1) != 0;
        if (type == 3)
            return sb_damage_header(error, SB_RULE_ZSTD_HEADER, "zstd");
        at += BLOCK_HEADER + (type == 1 ? 1 : block >> 3); /* RLE: one byte that is repeated */
        if (at + CHECKSUM > sb_codec_zst.frame_max)
            return sb_damage_header(error, SB_RULE_ZSTD_HEADER, "zstd");
    }
    *size = at + CHECKSUM;
    return 0;
}

struct memory {
    const uint8_t *bytes;
    size_t len;
};

static int look_in_memory(void *context, uint64_t offset, size_t want, const uint8_t **bytes,
                          size_t *len, struct sb_error *error)
{
    const struct memory *memory = context;
    (void)want;
    (void)error;
    size_t before = offset < memory->len ? (size_t)offset : memory->len;
    *bytes = memory->bytes + before;
    *len = memory->len - before;
    return 0;
}

static bool resembles(const uint8_t *bytes, size_t len)
{
    static const size_t headers[] = {6, 7, HEADER_MAX};
    struct memory memory = {bytes, len};
    const struct sb_view view = {.context = &memory, .look = look_in_memory};
    uint64_t size = 0;
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        if (measure_frame(&size, headers[i], &view, NULL) == 0 && size == len)
            return true;
    }
    return false;
}

static int measure_table(uint64_t *size, const struct sb_view *view, struct sb_error *error)
{
    const uint8_t *bytes;
    size_t len;
    int r = view->look(view->context, 0, SKIPPABLE_HEADER, &bytes, &len, error);
    if (r < 0)
        return r;
    if (len < SKIPPABLE_HEADER)
        return sb_damage_truncated(error, SB_RULE_ZSTD_TRUNCATED);
    *size = (uint64_t)SKIPPABLE_HEADER + sb_load_u32le(bytes + 4);
    return *size <= SB_ZST_TABLE_MAX ? 0 : sb_damage_header(error, SB_RULE_ZSTD_HEADER, "zstd");
}

static int measure(enum sb_piece *piece, uint64_t *size, uint64_t *pointer,
                   const struct sb_view *view, struct sb_error *error)
{
    const uint8_t *bytes;
    size_t len;
    uint64_t content;
    *piece = SB_PIECE_END;
    *size = 0;
    int r = view->look(view->context, 0, SB_ZST_POINTER_SIZE, &bytes, &len, error);
    if (r < 0 || len == 0)
        return r;
    if (sb_zst_is_pointer(bytes, len)) {
        if (len < SB_ZST_POINTER_SIZE)
            return sb_damage_truncated(error, SB_RULE_ZSTD_TRUNCATED);
        *piece = SB_PIECE_POINTER;
        *size = SB_ZST_POINTER_SIZE;
        *pointer = sb_load_u64le(bytes + sizeof(pointer_form));
        return *pointer != SB_NO_POINTER ? 0 : sb_damage_header(error, SB_RULE_ZSTD_HEADER, "zstd");
    }
    if (len >= sizeof(table_magic) && memcmp(bytes, table_magic, sizeof(table_magic)) == 0) {
        *piece = SB_PIECE_TABLE;
        return measure_table(size, view, error);
    }
    size_t n = len < sizeof(magic) ? len : sizeof(magic);
    if (memcmp(bytes, magic, n) != 0 && memcmp(bytes, pointer_form, n) != 0 &&
        memcmp(bytes, table_magic, n) != 0 && !is_skippable(bytes, len))
        return sb_damage_trailing(error, SB_RULE_ZSTD_TRAILING);
    size_t shown = len < sizeof(pointer_form) ? len : sizeof(pointer_form);
    if (len < HEADER_MAX || (len < SB_ZST_POINTER_SIZE && memcmp(bytes, pointer_form, shown) == 0))
        return sb_damage_truncated(error, SB_RULE_ZSTD_TRUNCATED);
    size_t header = parse_header(&content, bytes, len);
    if (header == 0 || content == 0 || content > SB_ZST_FRAME_DATA)
        return sb_rule_error(
            error, SB_RULE_ZSTD_MIXED,
            "The bundle holds a zstd frame of another kind than its first. Do not use it.");
    *piece = SB_PIECE_FRAME;
    return measure_frame(size, header, view, error);
}

/* ---- encoding --------------------------------------------------------------------------- */

struct encoder {
    ZSTD_CCtx *context;
    int level;
};

static void encoder_free(void *encoder)
{
    struct encoder *own = encoder;
    if (own != NULL)
        ZSTD_freeCCtx(own->context);
    free(own);
}

static void *encoder_new(int level)
{
    struct encoder *encoder = calloc(1, sizeof(*encoder));
    if (encoder == NULL)
        return NULL;
    encoder->level = level;
    encoder->context = ZSTD_createCCtx();
    if (encoder->context != NULL)
        return encoder;
    encoder_free(encoder);
    return NULL;
}

static bool set(ZSTD_CCtx *context, ZSTD_cParameter parameter, int value)
{
    return ZSTD_isError(ZSTD_CCtx_setParameter(context, parameter, value)) == 0;
}

/* The fast level is zstd's level 3, but with a window of the whole frame and without matches of
 * only five bytes: on documents it comes out as small, a little sooner. */
static bool set_fast(ZSTD_CCtx *context)
{
    return set(context, ZSTD_c_compressionLevel, 3) && set(context, ZSTD_c_windowLog, 22) &&
           set(context, ZSTD_c_strategy, ZSTD_dfast) && set(context, ZSTD_c_minMatch, 6) &&
           set(context, ZSTD_c_hashLog, 17) && set(context, ZSTD_c_chainLog, 16);
}

static int encode(void *encoder, uint8_t *frame, size_t *size, const uint8_t *data, size_t len)
{
    const struct encoder *own = encoder;
    ZSTD_CCtx *context = own->context;
    bool good = ZSTD_isError(ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters)) == 0 &&
                set(context, ZSTD_c_checksumFlag, 1);
    if (sb_looks_random(data, len)) /* the quickest: raw blocks come out */
        good = good && set(context, ZSTD_c_compressionLevel, ZSTD_minCLevel()) &&
               set(context, ZSTD_c_windowLog, 22);
    else if (own->level == SB_LEVEL_FAST)
        good = good && set_fast(context);
    else
        good = good && set(context, ZSTD_c_compressionLevel, own->level) &&
               set(context, ZSTD_c_windowLog, 22);
    *size = good ? ZSTD_compress2(context, frame, sb_codec_zst.frame_max, data, len) : 0;
    return good && ZSTD_isError(*size) == 0 ? 0 : SEALBAG_ERR_SYSTEM;
}

/* ---- decoding --------------------------------------------------------------------------- */

static void *decoder_new(void)
{
    return ZSTD_createDCtx();
}

static void decoder_free(void *decoder)
{
    ZSTD_freeDCtx(decoder);
}

static int decode(void *decoder, uint8_t *data, size_t *len, const uint8_t *frame, size_t size,
                  bool salvage, struct sb_error *error)
{
    uint64_t content;
    if (parse_header(&content, frame, size) == 0)
        return sb_damage_header(error, SB_RULE_ZSTD_HEADER, "zstd");
    /* zstd calls this one forceIgnoreChecksum in the part of its header that is not stable. */
    (void)ZSTD_DCtx_setParameter(decoder, ZSTD_d_experimentalParam3, salvage ? 1 : 0);
    size_t n = ZSTD_decompressDCtx(decoder, data, SB_ZST_FRAME_DATA, frame, size);
    if (ZSTD_isError(n) != 0 && ZSTD_getErrorCode(n) == ZSTD_error_checksum_wrong)
        return sb_damage_check(error, SB_RULE_ZSTD_CHECK);
    if (ZSTD_isError(n) != 0 && ZSTD_getErrorCode(n) == ZSTD_error_memory_allocation)
        return sb_error_memory(error);
    if (ZSTD_isError(n) != 0 || n != content)
        return sb_damage_data(error, SB_RULE_ZSTD_DATA);
    *len = n;
    return 0;
}

/* ---- what stands behind the frames ------------------------------------------------------ */

static int append_u32(struct sb_buf *out, uint32_t value)
{
    uint8_t bytes[4];
    sb_store_u32le(bytes, value);
    return sb_buf_append(out, bytes, sizeof(bytes));
}

static int finish(struct sb_buf *out, uint64_t pointer, const uint32_t *sizes, size_t frames)
{
    uint8_t value[8];
    int r = 0;
    if (frames > (SB_ZST_TABLE_MAX - SKIPPABLE_HEADER - FOOTER) / 8)
        return SEALBAG_ERR_LIMIT;
    if (pointer != SB_NO_POINTER) {
        sb_store_u64le(value, pointer);
        r = sb_buf_append(out, pointer_form, sizeof(pointer_form));
        if (r == 0)
            r = sb_buf_append(out, value, sizeof(value));
    }
    if (r == 0)
        r = sb_buf_append(out, table_magic, sizeof(table_magic));
    if (r == 0)
        r = append_u32(out, (uint32_t)(frames * 8 + FOOTER));
    for (size_t i = 0; r == 0 && i < 2 * frames; i++)
        r = append_u32(out, sizes[i]);
    if (r == 0)
        r = append_u32(out, (uint32_t)frames);
    return r == 0 ? sb_buf_append(out, footer_form, sizeof(footer_form)) : r;
}

/* The mark: the magic number. What follows it is checked when the frame is measured. */
const struct sb_codec sb_codec_zst = {
    .packing = SB_PACKED_TAR_ZST,
    .data_max = SB_ZST_FRAME_DATA,
    .frame_max = ZSTD_COMPRESSBOUND(SB_ZST_FRAME_DATA) + 1024,
    .level_max = SB_LEVEL_ZSTD_MAX,
    .mark = magic,
    .mark_size = sizeof(magic),
    .recognise = recognise,
    .resembles = resembles,
    .measure = measure,
    .encoder_new = encoder_new,
    .encoder_free = encoder_free,
    .encode = encode,
    .decoder_new = decoder_new,
    .decoder_free = decoder_free,
    .decode = decode,
    .finish = finish,
};
