#include "container/gz_codec.h"

#include <string.h>

#include "base/rule.h"
#include "container/codec.h"
#include "container/damage.h"
#include "container/deflate.h"

static const uint8_t fixed_header[SB_GZ_FIXED_SIZE] = {
    0x1f, 0x8b, 0x08, 0x04, 0, 0, 0, 0, 0, 0xff, 0x08, 0x00, 'S', 'B', 0x04, 0x00,
};

/* All of the pointer but its value. */
static const uint8_t pointer_form[SB_GZ_POINTER_SIZE] = {
    0x1f, 0x8b, 0x08, 0x04, 0, 0, 0, 0, 0, 0xff, 0x10, 0x00, 'S', 'B', 0x0c,
    0x00, 38,   0,    0,    0, 0, 0, 0, 0, 0,    0,    0,    0,   3,   0,
};
enum { POINTER_AT = 20 };

static bool recognise(const uint8_t *bytes, size_t len)
{
    return len >= SB_GZ_FIXED_SIZE && memcmp(bytes, fixed_header, SB_GZ_FIXED_SIZE) == 0;
}

bool sb_gz_is_ours(const uint8_t *bytes, size_t len)
{
    return recognise(bytes, len) ||
           (len >= SB_GZ_FIXED_SIZE && memcmp(bytes, pointer_form, SB_GZ_FIXED_SIZE) == 0);
}

static bool resembles(const uint8_t *bytes, size_t len)
{
    return len > SB_GZ_HEADER_SIZE + SB_GZ_TRAILER_SIZE && len <= SB_GZ_MEMBER_MAX &&
           sb_load_u32le(bytes + len - 4) == SB_GZ_MEMBER_DATA;
}

static bool begins_alike(const uint8_t *bytes, size_t len, const uint8_t *form, size_t form_len)
{
    return memcmp(bytes, form, len < form_len ? len : form_len) == 0;
}

static int measure_pointer(uint64_t *size, uint64_t *pointer, const struct sb_view *view,
                           struct sb_error *error)
{
    const uint8_t *bytes;
    size_t len;
    int r = view->look(view->context, 0, SB_GZ_POINTER_SIZE, &bytes, &len, error);
    if (r < 0)
        return r;
    if (len < SB_GZ_POINTER_SIZE)
        return sb_damage_truncated(error, SB_RULE_GZIP_TRUNCATED);
    *pointer = sb_load_u64le(bytes + POINTER_AT);
    if (memcmp(bytes, pointer_form, POINTER_AT) != 0 ||
        memcmp(bytes + POINTER_AT + 8, pointer_form + POINTER_AT + 8,
               SB_GZ_POINTER_SIZE - POINTER_AT - 8) != 0 ||
        *pointer == SB_NO_POINTER)
        return sb_damage_header(error, SB_RULE_GZIP_HEADER, "gzip");
    *size = SB_GZ_POINTER_SIZE;
    return 0;
}

static int measure(enum sb_piece *piece, uint64_t *size, uint64_t *pointer,
                   const struct sb_view *view, struct sb_error *error)
{
    const uint8_t *bytes;
    size_t len;
    int r = view->look(view->context, 0, SB_GZ_HEADER_SIZE, &bytes, &len, error);
    if (r < 0)
        return r;
    *piece = SB_PIECE_END;
    *size = 0;
    if (len == 0)
        return 0;
    if (len < SB_GZ_HEADER_SIZE && (begins_alike(bytes, len, fixed_header, SB_GZ_FIXED_SIZE) ||
                                    begins_alike(bytes, len, pointer_form, POINTER_AT)))
        return sb_damage_truncated(error, SB_RULE_GZIP_TRUNCATED);
    if (len >= SB_GZ_HEADER_SIZE && memcmp(bytes, pointer_form, SB_GZ_FIXED_SIZE) == 0) {
        *piece = SB_PIECE_POINTER;
        return measure_pointer(size, pointer, view, error);
    }
    if (!recognise(bytes, len)) {
        if (len >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b)
            return sb_rule_error(
                error, SB_RULE_GZIP_MIXED,
                "The bundle holds a gzip member of another kind than its first. Do not use it.");
        return sb_damage_trailing(error, SB_RULE_GZIP_TRAILING);
    }
    *piece = SB_PIECE_FRAME;
    *size = sb_load_u32le(bytes + SB_GZ_FIXED_SIZE);
    if (*size <= SB_GZ_HEADER_SIZE + SB_GZ_TRAILER_SIZE || *size > SB_GZ_MEMBER_MAX)
        return sb_damage_header(error, SB_RULE_GZIP_HEADER, "gzip");
    return 0;
}

static void *encoder_new(int level)
{
    return sb_deflater_new(level);
}

static void encoder_free(void *encoder)
{
    sb_deflater_free(encoder);
}

static int encode(void *encoder, uint8_t *frame, size_t *size, const uint8_t *data, size_t len)
{
    size_t stored = sb_deflate_stored_size(len);
    size_t n = 0;
    if (!sb_looks_random(data, len))
        n = sb_deflate(encoder, frame + SB_GZ_HEADER_SIZE, stored, data, len);
    if (n == 0) {
        sb_deflate_store(frame + SB_GZ_HEADER_SIZE, data, len);
        n = stored;
    }
    *size = SB_GZ_HEADER_SIZE + n + SB_GZ_TRAILER_SIZE;
    memcpy(frame, fixed_header, sizeof(fixed_header));
    sb_store_u32le(frame + SB_GZ_FIXED_SIZE, (uint32_t)*size);
    uint8_t *trailer = frame + SB_GZ_HEADER_SIZE + n;
    sb_store_u32le(trailer, sb_crc32(data, len));
    sb_store_u32le(trailer + 4, (uint32_t)len);
    return 0;
}

static void *decoder_new(void)
{
    return sb_inflater_new();
}

static void decoder_free(void *decoder)
{
    sb_inflater_free(decoder);
}

static int decode(void *decoder, uint8_t *data, size_t *len, const uint8_t *frame, size_t size,
                  bool salvage, struct sb_error *error)
{
    const uint8_t *trailer = frame + size - SB_GZ_TRAILER_SIZE;
    enum sb_inflated result =
        sb_inflate(decoder, data, SB_GZ_MEMBER_DATA, len, frame + SB_GZ_HEADER_SIZE,
                   size - SB_GZ_HEADER_SIZE - SB_GZ_TRAILER_SIZE);
    if (result == SB_INFLATE_MALFORMED)
        return sb_damage_data(error, SB_RULE_GZIP_DATA);
    if (result == SB_INFLATE_LEFTOVER)
        return sb_rule_error(error, SB_RULE_GZIP_LENGTH,
                             "The bundle is damaged: a gzip member is longer than its data.");
    if (*len == 0)
        return sb_damage_header(error, SB_RULE_GZIP_HEADER, "gzip");
    if (sb_load_u32le(trailer + 4) != *len)
        return sb_damage_check(error, SB_RULE_GZIP_CHECK);
    if (!salvage && sb_load_u32le(trailer) != sb_crc32(data, *len))
        return sb_damage_check(error, SB_RULE_GZIP_CHECK);
    return 0;
}

static int finish(struct sb_buf *out, uint64_t pointer, const uint32_t *sizes, size_t frames)
{
    (void)sizes;
    (void)frames;
    if (pointer == SB_NO_POINTER)
        return 0;
    uint8_t member[SB_GZ_POINTER_SIZE];
    memcpy(member, pointer_form, sizeof(member));
    sb_store_u64le(member + POINTER_AT, pointer);
    return sb_buf_append(out, member, sizeof(member));
}

const struct sb_codec sb_codec_gz = {
    .packing = SB_PACKED_TAR_GZ,
    .data_max = SB_GZ_MEMBER_DATA,
    .frame_max = SB_GZ_MEMBER_MAX,
    .level_max = SB_LEVEL_DEFLATE_MAX,
    .mark = fixed_header,
    .mark_size = SB_GZ_FIXED_SIZE,
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
