/* One zstd frame at a time: its bytes, how it is measured, what is refused; and what stands behind
 * the frames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <zstd.h>

#include "container/zst_codec.h"
#include "unit/build.h"
#include "unit/few.h"
#include "unit/view.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { MAX = SB_ZST_FRAME_DATA, MIB = 1 << 20, BLOCK_MAX = 128 << 10 };

static const struct sb_codec *const zst = &sb_codec_zst;

/* With 0x0102030405060708 for its value. */
static const uint8_t pointer[] = {0x5d, 0x2a, 0x4d, 0x18, 12, 0, 0, 0, 'S', 'B',
                                  'I',  'X',  8,    7,    6,  5, 4, 3, 2,   1};

/* As any other program reads it. */
static void expect_unzstd(const struct frame *frame, const uint8_t *bytes, size_t len)
{
    uint8_t *out = malloc(len + 1);
    assert_non_null(out);
    assert_true(ZSTD_getFrameContentSize(frame->bytes, frame->size) == len);
    assert_int_equal(ZSTD_findFrameCompressedSize(frame->bytes, frame->size), frame->size);
    assert_int_equal(ZSTD_decompress(out, len + 1, frame->bytes, frame->size), len);
    assert_memory_equal(out, bytes, len);
    free(out);
}

static size_t header_size(const struct frame *frame)
{
    return frame->bytes[4] == 0x24 ? 6 : frame->bytes[4] == 0x64 ? 7 : 9;
}

/* ---- bytes -------------------------------------------------------------------------------- */

static void frame_headers(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        const char *header;
        size_t size;
    } rows[] = {
        {1, "\x28\xb5\x2f\xfd\x24\x01", 6},
        {255, "\x28\xb5\x2f\xfd\x24\xff", 6},
        {256, "\x28\xb5\x2f\xfd\x64\0\0", 7},
        {65791, "\x28\xb5\x2f\xfd\x64\xff\xff", 7},
        {65792, "\x28\xb5\x2f\xfd\xa4\0\x01\x01\0", 9},
        {MAX - 1, "\x28\xb5\x2f\xfd\xa4\xff\xff\x3f\0", 9},
        {MAX, "\x28\xb5\x2f\xfd\xa4\0\0\x40\0", 9},
    };
    static const int levels[] = {0, 1, 19};
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (int random = 0; random < 2; random++) {
            uint8_t *bytes = random == 0 ? prose(rows[i].len) : noise(rows[i].len);
            for (size_t l = 0; l < (rows[i].len > MIB ? 2 : COUNT(levels)); l++) {
                struct frame frame = encode(zst, levels[l], bytes, rows[i].len);
                assert_memory_equal(frame.bytes, rows[i].header, rows[i].size);
                assert_true(zst->recognise(frame.bytes, frame.size));
                free(frame.bytes);
            }
            free(bytes);
        }
    }
    assert_int_equal(zst->mark_size, 4);
    assert_memory_equal(zst->mark, "\x28\xb5\x2f\xfd", 4);
}

static void end_bytes(void **state)
{
    (void)state;
    static const uint8_t table[] = {0x5e, 0x2a, 0x4d, 0x18, 25, 0, 0, 0,    100,  0,    0,
                                    0,    0,    0,    0x40, 0,  9, 0, 0,    0,    1,    2,
                                    3,    4,    2,    0,    0,  0, 0, 0xb1, 0xea, 0x92, 0x8f};
    static const uint8_t empty[] = {0x5e, 0x2a, 0x4d, 0x18, 9,    0,    0,    0,   0,
                                    0,    0,    0,    0,    0xb1, 0xea, 0x92, 0x8f};
    uint32_t sizes[] = {100, MAX, 9, 0x04030201};
    struct sb_buf out = {0};
    assert_int_equal(sb_buf_puts(&out, "before"), 0);
    assert_int_equal(zst->finish(&out, UINT64_C(0x0102030405060708), sizes, 2), 0);
    assert_int_equal(out.len, 6 + sizeof(pointer) + sizeof(table));
    assert_int_equal(sizeof(pointer), SB_ZST_POINTER_SIZE);
    assert_memory_equal(out.data, "before", 6);
    assert_memory_equal(out.data + 6, pointer, sizeof(pointer));
    assert_memory_equal(out.data + 6 + sizeof(pointer), table, sizeof(table));
    /* any other program passes over both */
    uint8_t nothing;
    assert_int_equal(ZSTD_decompress(&nothing, 0, out.data + 6, out.len - 6), 0);
    out.len = 0;
    assert_int_equal(zst->finish(&out, SB_NO_POINTER, sizes, 2), 0);
    assert_int_equal(out.len, sizeof(table));
    assert_memory_equal(out.data, table, sizeof(table));
    out.len = 0;
    assert_int_equal(zst->finish(&out, SB_NO_POINTER, NULL, 0), 0);
    assert_int_equal(out.len, sizeof(empty));
    assert_memory_equal(out.data, empty, sizeof(empty));
    /* more than a table may hold; nobody looks at the sizes then */
    out.len = 0;
    assert_int_equal(zst->finish(&out, 512, NULL, SB_ZST_TABLE_MAX / 8), SEALBAG_ERR_LIMIT);
    assert_int_equal(out.len, 0);
    sb_buf_free(&out);
}

/* The largest table that is written can be measured. */
static void largest_table(void **state)
{
    (void)state;
    size_t frames = (SB_ZST_TABLE_MAX - 17) / 8;
    uint32_t *sizes = calloc(2 * frames, sizeof(*sizes));
    struct sb_buf out = {0};
    assert_non_null(sizes);
    assert_int_equal(zst->finish(&out, SB_NO_POINTER, sizes, frames), 0);
    assert_true(out.len <= SB_ZST_TABLE_MAX && out.len > SB_ZST_TABLE_MAX - 8);
    expect_piece(zst, out.data, out.len, SB_PIECE_TABLE, out.len);
    sb_buf_free(&out);
    free(sizes);
}

/* ---- measuring ---------------------------------------------------------------------------- */

/* Until the header of its last block is there, a frame is truncated. */
static void every_truncation(const uint8_t *bytes, size_t len)
{
    struct frame frame = encode(zst, 0, bytes, len);
    size_t at = header_size(&frame), blocks = 0;
    for (bool last = false; !last; blocks++) { /* RFC 8878, 3.1.1.2 */
        const uint8_t *block = frame.bytes + at;
        size_t size = ((size_t)block[0] | (size_t)block[1] << 8 | (size_t)block[2] << 16) >> 3;
        last = (block[0] & 1) == 1;
        if (last)
            break;
        at += 3 + ((block[0] >> 1 & 3) == 1 ? 1 : size);
    }
    assert_int_equal(blocks + 1, (len + BLOCK_MAX - 1) / BLOCK_MAX);
    expect_piece(zst, frame.bytes, 0, SB_PIECE_END, 0);
    for (size_t cut = 1; cut<frame.size; cut += cut> 300 && cut + 300 < frame.size ? 97 : 1) {
        if (cut < at + 3)
            assert_string_equal(measure_refused(zst, frame.bytes, cut), "zstd.truncated");
        else
            expect_piece(zst, frame.bytes, cut, SB_PIECE_FRAME, frame.size);
    }
    assert_string_equal(measure_refused(zst, frame.bytes, at + 2), "zstd.truncated");
    expect_piece(zst, frame.bytes, at + 3, SB_PIECE_FRAME, frame.size);
    expect_piece(zst, frame.bytes, frame.size, SB_PIECE_FRAME, frame.size);
    free(frame.bytes);
}

static void truncated_frames(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 200, 255, 256, 1000, BLOCK_MAX, BLOCK_MAX + 1, 400000};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        uint8_t *random = noise(sizes[i]), *text = prose(sizes[i]);
        every_truncation(random, sizes[i]);
        every_truncation(text, sizes[i]);
        memset(text, 0, sizes[i]); /* blocks that repeat one byte */
        every_truncation(text, sizes[i]);
        free(random);
        free(text);
    }
}

static void truncated_end(void **state)
{
    (void)state;
    static const uint8_t table[] = {0x5e, 0x2a, 0x4d, 0x18, 9,    0,    0,    0,   0,
                                    0,    0,    0,    0,    0xb1, 0xea, 0x92, 0x8f};
    for (size_t len = 1; len < sizeof(pointer); len++)
        measure_refused(zst, pointer, len);
    for (size_t len = 12; len < sizeof(pointer); len++)
        assert_string_equal(measure_refused(zst, pointer, len), "zstd.truncated");
    struct measured out = measure(zst, pointer, sizeof(pointer));
    assert_int_equal(out.r, 0);
    assert_int_equal(out.piece, SB_PIECE_POINTER);
    assert_true(out.size == 20 && out.pointer == UINT64_C(0x0102030405060708));
    for (size_t len = 1; len < 8; len++)
        measure_refused(zst, table, len);
    for (size_t len = 4; len < 8; len++)
        assert_string_equal(measure_refused(zst, table, len), "zstd.truncated");
    for (size_t len = 8; len <= sizeof(table); len++)
        expect_piece(zst, table, len, SB_PIECE_TABLE, sizeof(table));
}

static void table_sizes(void **state)
{
    (void)state;
    uint8_t bytes[20] = {0x5e, 0x2a, 0x4d, 0x18};
    expect_piece(zst, bytes, sizeof(bytes), SB_PIECE_TABLE, 8);
    sb_store_u32le(bytes + 4, SB_ZST_TABLE_MAX - 8);
    expect_piece(zst, bytes, sizeof(bytes), SB_PIECE_TABLE, SB_ZST_TABLE_MAX);
    sb_store_u32le(bytes + 4, SB_ZST_TABLE_MAX - 7);
    assert_string_equal(measure_refused(zst, bytes, sizeof(bytes)), "zstd.header");
    sb_store_u32le(bytes + 4, UINT32_MAX);
    assert_string_equal(measure_refused(zst, bytes, sizeof(bytes)), "zstd.header");
}

static void every_bit_of_the_pointer(void **state)
{
    (void)state;
    for (size_t at = 0; at < sizeof(pointer); at++) {
        for (unsigned mask = 1; mask < 256; mask++) {
            uint8_t changed[sizeof(pointer)];
            memcpy(changed, pointer, sizeof(pointer));
            changed[at] ^= (uint8_t)mask;
            if (at == 0 && mask == (0x5d ^ 0x5e)) { /* a table, and not the right one */
                expect_piece(zst, changed, sizeof(changed), SB_PIECE_TABLE, 20);
                continue;
            }
            if (at < 12) {
                measure_refused(zst, changed, sizeof(changed));
                continue;
            }
            struct measured out = measure(zst, changed, sizeof(changed));
            assert_int_equal(out.r, 0);
            assert_true(out.pointer ==
                        (UINT64_C(0x0102030405060708) ^ (uint64_t)mask << 8 * (at - 12)));
        }
    }
    uint8_t zero[sizeof(pointer)];
    memcpy(zero, pointer, sizeof(pointer));
    memset(zero + 12, 0, 8);
    assert_string_equal(measure_refused(zst, zero, sizeof(zero)), "zstd.header");
}

/* Of all frame headers exactly three forms are ours. */
static void other_headers(void **state)
{
    (void)state;
    uint8_t bytes[32] = {0x28, 0xb5, 0x2f, 0xfd, 0, 9, 9, 9, 0, 1, 0, 0};
    for (unsigned descriptor = 0; descriptor < 256; descriptor++) {
        bytes[4] = (uint8_t)descriptor;
        bool ours = descriptor == 0x24 || descriptor == 0x64 || descriptor == 0xa4;
        bytes[8] = descriptor == 0x24 ? 9 : 0; /* in the content size, or in the first block's */
        assert_int_equal(zst->recognise(bytes, sizeof(bytes)), ours);
        if (!ours)
            assert_string_equal(measure_refused(zst, bytes, sizeof(bytes)), "zstd.mixed");
    }
    /* nothing, and more than a frame may hold */
    assert_false(zst->recognise((const uint8_t *)"\x28\xb5\x2f\xfd\x24\0\x01\0\0", 9));
    assert_string_equal(measure_refused(zst, "\x28\xb5\x2f\xfd\x24\0\x01\0\0\1\2\3\4", 13),
                        "zstd.mixed");
    assert_false(zst->recognise((const uint8_t *)"\x28\xb5\x2f\xfd\xa4\1\0\x40\0", 9));
    assert_string_equal(measure_refused(zst, "\x28\xb5\x2f\xfd\xa4\1\0\x40\0\1\2\3\4", 13),
                        "zstd.mixed");
    assert_true(zst->recognise((const uint8_t *)"\x28\xb5\x2f\xfd\xa4\0\0\x40\0", 9));
    for (size_t len = 0; len < 9; len++) /* not there whole */
        assert_false(zst->recognise((const uint8_t *)"\x28\xb5\x2f\xfd\xa4\1\0\0\0", len));
    assert_false(zst->recognise(pointer, sizeof(pointer)));
    assert_string_equal(measure_refused(zst, "\0", 1), "zstd.trailing");
    assert_string_equal(measure_refused(zst, "\x1f\x8b\x08\x04", 4), "zstd.trailing");
    assert_string_equal(measure_refused(zst, "\x29\xb5\x2f\xfd and so on", 14), "zstd.trailing");
}

/* A frame of one content byte made of these blocks, then zeros. */
static struct measured measure_blocks(const char *blocks, size_t len)
{
    uint8_t bytes[64] = {0x28, 0xb5, 0x2f, 0xfd, 0x24, 1};
    memcpy(bytes + 6, blocks, len);
    return measure(zst, bytes, sizeof(bytes));
}

static void block_headers(void **state)
{
    (void)state;
    /* last, raw, 5 bytes; last, one byte repeated; compressed 4 bytes, then last and empty */
    assert_true(measure_blocks("\x29\0\0", 3).size == 6 + 3 + 5 + 4);
    assert_true(measure_blocks("\xfb\xff\xff", 3).size == 6 + 3 + 1 + 4);
    assert_true(measure_blocks("\x24\0\0....\x01\0\0", 10).size == 6 + 3 + 4 + 3 + 4);
    /* reserved; alone and behind another */
    assert_string_equal(measure_blocks("\x0f\0\0", 3).rule, "zstd.header");
    assert_string_equal(measure_blocks("\x08\0\0.\x07\0\0", 7).rule, "zstd.header");
    /* longer than any frame */
    struct sb_buf long_frame = {0};
    assert_int_equal(sb_buf_append(&long_frame, "\x28\xb5\x2f\xfd\x24\x01", 6), 0);
    for (size_t i = 0; i <= zst->frame_max / 3; i++) /* empty blocks without end */
        assert_int_equal(sb_buf_append(&long_frame, "\0\0\0", 3), 0);
    assert_string_equal(measure_refused(zst, long_frame.data, long_frame.len), "zstd.header");
    sb_buf_free(&long_frame);
    assert_int_equal(measure_failing(zst, pointer, sizeof(pointer), 1).r, SEALBAG_ERR_IO);
    assert_int_equal(measure_failing(zst, "\x5e\x2a\x4d\x18\0\0\0\0", 8, 2).r, SEALBAG_ERR_IO);
    assert_int_equal(measure_failing(zst, "\x28\xb5\x2f\xfd\x24\x01\x09\0\0.1234", 14, 2).r,
                     SEALBAG_ERR_IO);
}

/* ---- data --------------------------------------------------------------------------------- */

static void round_trips(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 511, 100000, MIB, MAX};
    static const int levels[] = {0, 1, 9, 19};
    static uint8_t *(*const makers[])(size_t) = {noise, prose};
    size_t level_count = one_in(2) > 1 ? 2 : COUNT(levels);
    for (size_t i = 0; i < COUNT(sizes) * COUNT(makers); i++) {
        size_t len = sizes[i / 2];
        uint8_t *bytes = makers[i % 2](len);
        for (size_t l = 0; l < level_count; l++) {
            if (levels[l] == 19 && len == MAX) /* it takes long */
                continue;
            struct frame frame = round_trip(zst, levels[l], bytes, len);
            expect_unzstd(&frame, bytes, len);
            if (i % 2 == 1 && len > 10000)
                assert_true(frame.size < len / 2);
            free(frame.bytes);
        }
        free(bytes);
    }
}

/* What does not compress is stored: raw blocks of 128 KiB. */
static void random_is_stored(void **state)
{
    (void)state;
    static const size_t sizes[] = {4096, BLOCK_MAX, 300000, MAX};
    for (int level = 0; level <= 19; level += 19) {
        for (size_t i = 0; i < COUNT(sizes); i++) {
            uint8_t *bytes = noise(sizes[i]);
            struct frame frame = encode(zst, level, bytes, sizes[i]);
            size_t blocks = (sizes[i] + BLOCK_MAX - 1) / BLOCK_MAX, header = header_size(&frame);
            size_t block = sizes[i] < BLOCK_MAX ? sizes[i] : BLOCK_MAX;
            assert_int_equal(frame.size, header + 3 * blocks + sizes[i] + 4);
            assert_memory_equal(frame.bytes + header + 3, bytes, block);
            free(frame.bytes);
            free(bytes);
        }
    }
}

/* No changed bit gives other data without an error. */
static void every_bit_of_a_frame(void **state)
{
    (void)state;
    uint8_t *bytes = prose(400), *data = malloc(MAX);
    struct frame frame = encode(zst, 0, bytes, 400);
    size_t n = 0, checked = 0;
    assert_non_null(data);
    for (size_t bit = 0; bit < 8 * frame.size; bit++) {
        frame.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        struct measured out = measure(zst, frame.bytes, frame.size);
        if (out.r == 0 && out.size == frame.size) {
            const char *rule = decode(zst, data, &n, &frame, false);
            if (strcmp(rule, "ok") == 0) {
                assert_int_equal(n, 400);
                assert_memory_equal(data, bytes, 400);
            }
            if (bit / 8 >= frame.size - 4) {
                assert_string_equal(rule, "zstd.check");
                assert_string_equal(decode(zst, data, &n, &frame, true), "ok");
                assert_memory_equal(data, bytes, 400);
                checked++;
            }
        }
        frame.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    assert_int_equal(checked, 32);
    free(frame.bytes);
    free(data);
    free(bytes);
}

/* The data must be as long as the header says. */
static void wrong_content_sizes(void **state)
{
    (void)state;
    uint8_t *bytes = prose(1000), *data = malloc(MAX);
    struct frame frame = encode(zst, 0, bytes, 1000);
    size_t n;
    assert_non_null(data);
    for (uint32_t size = 256; size < 1300; size++) {
        frame.bytes[5] = (uint8_t)(size - 256);
        frame.bytes[6] = (uint8_t)((size - 256) >> 8);
        const char *rule = decode(zst, data, &n, &frame, true);
        assert_string_equal(rule, size == 1000 ? "ok" : "zstd.data");
    }
    frame.bytes[4] = 0x25; /* not one of ours: nobody measured it */
    assert_string_equal(decode(zst, data, &n, &frame, false), "zstd.header");
    free(frame.bytes);
    free(data);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frame_headers),
        cmocka_unit_test(end_bytes),
        cmocka_unit_test(largest_table),
        cmocka_unit_test(truncated_frames),
        cmocka_unit_test(truncated_end),
        cmocka_unit_test(table_sizes),
        cmocka_unit_test(every_bit_of_the_pointer),
        cmocka_unit_test(other_headers),
        cmocka_unit_test(block_headers),
        cmocka_unit_test(round_trips),
        cmocka_unit_test(random_is_stored),
        cmocka_unit_test(every_bit_of_a_frame),
        cmocka_unit_test(wrong_content_sizes),
    };
    return cmocka_run_group_tests_name("zst_codec", tests, NULL, NULL);
}
