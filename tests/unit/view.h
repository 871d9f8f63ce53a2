/* Measuring pieces that lie in memory, for the tests of the codecs. Included after cmocka.h. */
#ifndef SB_TESTS_UNIT_VIEW_H
#define SB_TESTS_UNIT_VIEW_H

#include <stdlib.h>
#include <string.h>

#include "container/codec.h"

struct memory {
    const uint8_t *bytes;
    size_t len;
    uint8_t *copy; /* what is in view now: no more, so that a sanitizer sees who reads behind it */
    unsigned looks, fail_at; /* the look that fails, from 1 */
};

static inline int look_at_memory(void *context, uint64_t offset, size_t want, const uint8_t **bytes,
                                 size_t *len, struct sb_error *error)
{
    struct memory *memory = context;
    if (++memory->looks == memory->fail_at)
        return sb_error_set(error, SEALBAG_ERR_IO, "As asked.");
    size_t at = offset < memory->len ? (size_t)offset : memory->len;
    *len = memory->len - at < want ? memory->len - at : want;
    free(memory->copy);
    memory->copy = malloc(*len > 0 ? *len : 1);
    assert_non_null(memory->copy);
    memcpy(memory->copy, memory->bytes + at, *len);
    *bytes = memory->copy;
    return 0;
}

struct measured {
    int r;
    const char *rule; /* NULL without an error */
    enum sb_piece piece;
    uint64_t size, pointer;
};

static inline struct measured measure_failing(const struct sb_codec *codec, const void *bytes,
                                              size_t len, unsigned fail_at)
{
    struct memory memory = {.bytes = bytes, .len = len, .fail_at = fail_at};
    const struct sb_view view = {.context = &memory, .look = look_at_memory};
    struct measured out = {.rule = NULL};
    struct sb_error error = {0};
    out.r = codec->measure(&out.piece, &out.size, &out.pointer, &view, &error);
    if (out.r < 0) {
        assert_int_equal(error.code, out.r);
        assert_true(error.message[0] != 0);
        out.rule = error.rule;
    }
    free(memory.copy);
    return out;
}

/* Looks at the piece that begins there; what is behind `len` bytes is not there. */
static inline struct measured measure(const struct sb_codec *codec, const void *bytes, size_t len)
{
    return measure_failing(codec, bytes, len, 0);
}

/* It is not taken for anything; the rule that it breaks. */
static inline const char *measure_refused(const struct sb_codec *codec, const void *bytes,
                                          size_t len)
{
    struct measured out = measure(codec, bytes, len);
    assert_int_equal(out.r, SEALBAG_ERR_DAMAGED);
    return out.rule;
}

static inline void expect_piece(const struct sb_codec *codec, const void *bytes, size_t len,
                                enum sb_piece piece, size_t size)
{
    struct measured out = measure(codec, bytes, len);
    assert_int_equal(out.r, 0);
    assert_int_equal(out.piece, piece);
    assert_true(out.size == size);
}

struct frame {
    uint8_t *bytes; /* the caller frees them */
    size_t size;
};

static inline struct frame encode(const struct sb_codec *codec, int level, const void *data,
                                  size_t len)
{
    struct frame frame = {.bytes = malloc(codec->frame_max)};
    void *encoder = codec->encoder_new(level);
    assert_non_null(frame.bytes);
    assert_non_null(encoder);
    assert_int_equal(codec->encode(encoder, frame.bytes, &frame.size, data, len), 0);
    assert_true(frame.size > 0 && frame.size <= codec->frame_max);
    codec->encoder_free(encoder);
    return frame;
}

/* Decodes it; "ok", or the rule that it breaks. *data is data_max bytes. */
static inline const char *decode(const struct sb_codec *codec, uint8_t *data, size_t *len,
                                 const struct frame *frame, bool salvage)
{
    struct sb_error error = {0};
    void *decoder = codec->decoder_new();
    assert_non_null(decoder);
    int r = codec->decode(decoder, data, len, frame->bytes, frame->size, salvage, &error);
    codec->decoder_free(decoder);
    if (r == 0)
        return "ok";
    assert_int_equal(r, SEALBAG_ERR_DAMAGED);
    assert_int_equal(error.code, r);
    return error.rule;
}

/* Encodes, measures and decodes; the frame is the caller's. */
static inline struct frame round_trip(const struct sb_codec *codec, int level, const uint8_t *bytes,
                                      size_t len)
{
    struct frame frame = encode(codec, level, bytes, len);
    uint8_t *data = malloc(codec->data_max);
    size_t n = 0;
    assert_non_null(data);
    assert_true(codec->recognise(frame.bytes, frame.size));
    assert_true(frame.size > codec->mark_size);
    assert_memory_equal(frame.bytes, codec->mark, codec->mark_size);
    expect_piece(codec, frame.bytes, frame.size, SB_PIECE_FRAME, frame.size);
    for (int salvage = 0; salvage < 2; salvage++) {
        assert_string_equal(decode(codec, data, &n, &frame, salvage == 1), "ok");
        assert_int_equal(n, len);
        assert_memory_equal(data, bytes, len);
    }
    free(data);
    return frame;
}

#endif
