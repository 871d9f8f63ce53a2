/* One gzip member at a time: its bytes, how it is measured, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <zlib.h>

#include "container/deflate.h"
#include "container/gz_codec.h"
#include "unit/build.h"
#include "unit/view.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { MIB = SB_GZ_MEMBER_DATA };

static const struct sb_codec *const gz = &sb_codec_gz;

static const uint8_t header[] = {0x1f, 0x8b, 0x08, 0x04, 0,   0,   0,    0,
                                 0x00, 0xff, 0x08, 0x00, 'S', 'B', 0x04, 0x00};

/* With 0x0102030405060708 for its value. */
static const uint8_t pointer[] = {0x1f, 0x8b, 0x08, 0x04, 0, 0, 0, 0, 0x00, 0xff, 0x10, 0x00, 'S',
                                  'B',  0x0c, 0x00, 38,   0, 0, 0, 8, 7,    6,    5,    4,    3,
                                  2,    1,    0x03, 0x00, 0, 0, 0, 0, 0,    0,    0,    0};

/* As any other program reads it. */
static void expect_gunzip(const struct frame *frame, const uint8_t *bytes, size_t len)
{
    uint8_t *out = malloc(len + 1);
    z_stream z = {.next_in = frame->bytes,
                  .avail_in = (uInt)frame->size,
                  .next_out = out,
                  .avail_out = (uInt)len + 1};
    assert_non_null(out);
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.avail_in, 0);
    assert_int_equal(z.total_out, len);
    assert_memory_equal(out, bytes, len);
    inflateEnd(&z);
    free(out);
}

/* ---- bytes -------------------------------------------------------------------------------- */

static void numbers(void **state)
{
    (void)state;
    uint8_t bytes[8];
    sb_store_u32le(bytes, 0x89abcdef);
    assert_memory_equal(bytes, "\xef\xcd\xab\x89", 4);
    assert_true(sb_load_u32le(bytes) == 0x89abcdef);
    sb_store_u64le(bytes, UINT64_C(0xfedcba9876543210));
    assert_memory_equal(bytes, "\x10\x32\x54\x76\x98\xba\xdc\xfe", 8);
    assert_true(sb_load_u64le(bytes) == UINT64_C(0xfedcba9876543210));
}

static void member_bytes(void **state)
{
    (void)state;
    for (int level = 0; level <= 9; level++) {
        struct frame frame = encode(gz, level, "hello\n", 6);
        assert_memory_equal(frame.bytes, header, sizeof(header));
        assert_true(sb_load_u32le(frame.bytes + 16) == frame.size);
        /* one block of fixed codes: level 1 and the others agree on so little */
        assert_memory_equal(frame.bytes + 20, "\xcb\x48\xcd\xc9\xc9\xe7\x02\x00", 8);
        assert_memory_equal(frame.bytes + 28, "\x20\x30\x3a\x36\x06\0\0\0", 8);
        assert_int_equal(frame.size, 36);
        free(frame.bytes);
    }
    assert_int_equal(gz->mark_size, sizeof(header));
    assert_memory_equal(gz->mark, header, sizeof(header));
}

static void pointer_bytes(void **state)
{
    (void)state;
    struct sb_buf out = {0};
    uint32_t sizes[2] = {100, 200};
    assert_int_equal(sb_buf_puts(&out, "before"), 0);
    assert_int_equal(gz->finish(&out, SB_NO_POINTER, sizes, 1), 0);
    assert_int_equal(out.len, 6);
    assert_int_equal(gz->finish(&out, UINT64_C(0x0102030405060708), sizes, 1), 0);
    assert_int_equal(out.len, 6 + SB_GZ_POINTER_SIZE);
    assert_memory_equal(out.data + 6, pointer, sizeof(pointer));
    assert_int_equal(sizeof(pointer), SB_GZ_POINTER_SIZE);
    const struct frame frame = {out.data + 6, SB_GZ_POINTER_SIZE};
    expect_gunzip(&frame, (const uint8_t *)"", 0);
    sb_buf_free(&out);
}

/* ---- measuring ---------------------------------------------------------------------------- */

/* The length is in the header: before that it is truncated, behind it nothing more is looked at. */
static void every_truncation(void **state)
{
    (void)state;
    uint8_t *bytes = prose(300);
    struct frame frame = encode(gz, 6, bytes, 300);
    expect_piece(gz, frame.bytes, 0, SB_PIECE_END, 0);
    for (size_t len = 1; len < SB_GZ_HEADER_SIZE; len++)
        assert_string_equal(measure_refused(gz, frame.bytes, len), "gzip.truncated");
    for (size_t len = SB_GZ_HEADER_SIZE; len <= frame.size; len++)
        expect_piece(gz, frame.bytes, len, SB_PIECE_FRAME, frame.size);
    for (size_t len = 1; len < SB_GZ_POINTER_SIZE; len++)
        assert_string_equal(measure_refused(gz, pointer, len), "gzip.truncated");
    struct measured out = measure(gz, pointer, sizeof(pointer));
    assert_int_equal(out.r, 0);
    assert_int_equal(out.piece, SB_PIECE_POINTER);
    assert_true(out.size == 38 && out.pointer == UINT64_C(0x0102030405060708));
    free(frame.bytes);
    free(bytes);
}

static void every_bit_of_the_pointer(void **state)
{
    (void)state;
    for (size_t at = 0; at < sizeof(pointer); at++) {
        for (unsigned mask = 1; mask < 256; mask++) {
            uint8_t changed[sizeof(pointer)];
            memcpy(changed, pointer, sizeof(pointer));
            changed[at] ^= (uint8_t)mask;
            if (at < 20 || at >= 28) {
                measure_refused(gz, changed, sizeof(changed));
                continue;
            }
            struct measured out = measure(gz, changed, sizeof(changed));
            assert_int_equal(out.r, 0);
            assert_true(out.pointer ==
                        (UINT64_C(0x0102030405060708) ^ (uint64_t)mask << 8 * (at - 20)));
        }
    }
    uint8_t zero[sizeof(pointer)];
    memcpy(zero, pointer, sizeof(pointer));
    memset(zero + 20, 0, 8);
    assert_string_equal(measure_refused(gz, zero, sizeof(zero)), "gzip.header");
}

/* A changed byte of the 16 that are always the same makes it no frame of ours any more. */
static void every_bit_of_the_header(void **state)
{
    (void)state;
    struct frame frame = encode(gz, 6, "hello\n", 6);
    for (size_t at = 0; at < sizeof(header); at++) {
        for (unsigned mask = 1; mask < 256; mask++) {
            frame.bytes[at] ^= (uint8_t)mask;
            const char *rule = measure_refused(gz, frame.bytes, frame.size);
            assert_string_equal(rule, at < 2 ? "gzip.trailing" : "gzip.mixed");
            assert_false(gz->recognise(frame.bytes, frame.size));
            assert_false(sb_gz_is_ours(frame.bytes, frame.size));
            frame.bytes[at] ^= (uint8_t)mask;
        }
    }
    free(frame.bytes);
}

static void lengths(void **state)
{
    (void)state;
    uint8_t bytes[40];
    memcpy(bytes, header, sizeof(header));
    static const uint32_t bad[] = {0, 1, 27, 28, SB_GZ_MEMBER_MAX + 1, UINT32_MAX};
    static const uint32_t good[] = {29, 30, 65536, SB_GZ_MEMBER_MAX};
    for (size_t i = 0; i < COUNT(bad); i++) {
        sb_store_u32le(bytes + 16, bad[i]);
        assert_string_equal(measure_refused(gz, bytes, sizeof(bytes)), "gzip.header");
    }
    for (size_t i = 0; i < COUNT(good); i++) {
        sb_store_u32le(bytes + 16, good[i]);
        expect_piece(gz, bytes, sizeof(bytes), SB_PIECE_FRAME, good[i]);
    }
}

static void what_is_ours(void **state)
{
    (void)state;
    assert_true(gz->recognise(header, sizeof(header)));
    assert_false(gz->recognise(header, sizeof(header) - 1));
    assert_false(gz->recognise(pointer, sizeof(pointer)));
    assert_true(sb_gz_is_ours(header, sizeof(header)));
    assert_false(sb_gz_is_ours(header, sizeof(header) - 1));
    assert_true(sb_gz_is_ours(pointer, sizeof(pointer)));
    assert_false(sb_gz_is_ours(pointer, 15));
    static const uint8_t foreign[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3,
                                      3,    0,    0, 0, 0, 0, 0, 0, 0, 0};
    assert_string_equal(measure_refused(gz, foreign, sizeof(foreign)), "gzip.mixed");
    assert_string_equal(measure_refused(gz, "\x1f\x8c", 2), "gzip.trailing");
    assert_string_equal(measure_refused(gz, "\0", 1), "gzip.trailing");
    assert_string_equal(measure_refused(gz, "not a member, and longer than one", 33),
                        "gzip.trailing");
}

/* An error of the view is passed on as it is. */
static void view_fails(void **state)
{
    (void)state;
    assert_int_equal(measure_failing(gz, header, sizeof(header), 1).r, SEALBAG_ERR_IO);
    assert_int_equal(measure_failing(gz, pointer, sizeof(pointer), 1).r, SEALBAG_ERR_IO);
    assert_int_equal(measure_failing(gz, pointer, sizeof(pointer), 2).r, SEALBAG_ERR_IO);
    assert_int_equal(measure_failing(gz, pointer, sizeof(pointer), 3).r, 0);
}

/* ---- data --------------------------------------------------------------------------------- */

static void round_trips(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 511, 4096, 100000, MIB};
    static uint8_t *(*const makers[])(size_t) = {noise, prose};
    for (int level = 0; level <= 9; level += 3) {
        for (size_t i = 0; i < COUNT(sizes) * COUNT(makers); i++) {
            size_t len = sizes[i / 2];
            uint8_t *bytes = makers[i % 2](len);
            struct frame frame = round_trip(gz, level, bytes, len);
            expect_gunzip(&frame, bytes, len);
            assert_true(frame.size <= 28 + sb_deflate_stored_size(len));
            if (i % 2 == 1 && len > 10000)
                assert_true(frame.size < len / 2);
            free(frame.bytes);
            free(bytes);
        }
    }
}

/* What does not compress is stored, in blocks that could not be shorter. */
static void random_is_stored(void **state)
{
    (void)state;
    static const size_t sizes[] = {4096, 65535, 65536, 300000, MIB};
    for (int level = 0; level <= 9; level += 9) {
        for (size_t i = 0; i < COUNT(sizes); i++) {
            uint8_t *bytes = noise(sizes[i]);
            struct frame frame = encode(gz, level, bytes, sizes[i]);
            size_t block = sizes[i] < 65535 ? sizes[i] : 65535;
            assert_int_equal(frame.size, 28 + sizes[i] + 5 * ((sizes[i] + 65534) / 65535));
            assert_int_equal(frame.bytes[20], sizes[i] <= 65535 ? 1 : 0);
            assert_memory_equal(frame.bytes + 25, bytes, block);
            free(frame.bytes);
            free(bytes);
        }
    }
}

/* No changed bit gives other data without an error. */
static void every_bit_of_a_member(void **state)
{
    (void)state;
    uint8_t *bytes = prose(200), *data = malloc(MIB);
    struct frame frame = encode(gz, 6, bytes, 200);
    assert_non_null(data);
    for (size_t bit = 20 * 8; bit < 8 * frame.size; bit++) {
        size_t n = 0;
        frame.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        const char *rule = decode(gz, data, &n, &frame, false);
        if (strcmp(rule, "ok") == 0) { /* only where deflate leaves bits unused, at its end */
            assert_int_equal(bit / 8, frame.size - 9);
            assert_int_equal(n, 200);
            assert_memory_equal(data, bytes, 200);
        } else if (bit / 8 >= frame.size - 8) {
            assert_string_equal(rule, "gzip.check");
        }
        /* Salvaging, a wrong CRC is as good as a right one, but the length must be right. */
        rule = decode(gz, data, &n, &frame, true);
        if (bit / 8 >= frame.size - 8)
            assert_string_equal(rule, bit / 8 < frame.size - 4 ? "ok" : "gzip.check");
        frame.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    free(frame.bytes);
    free(data);
    free(bytes);
}

/* A member made of these deflate data, with the trailer for `bytes`. */
static struct frame member_of(const uint8_t *deflated, size_t size, const uint8_t *bytes,
                              size_t len)
{
    struct frame frame = {.bytes = malloc(28 + size), .size = 28 + size};
    assert_non_null(frame.bytes);
    memcpy(frame.bytes, header, sizeof(header));
    sb_store_u32le(frame.bytes + 16, (uint32_t)frame.size);
    memcpy(frame.bytes + 20, deflated, size);
    sb_store_u32le(frame.bytes + 20 + size, (uint32_t)crc32(0, bytes, (uInt)len));
    sb_store_u32le(frame.bytes + 24 + size, (uint32_t)len);
    return frame;
}

static void expect_rule(const char *rule, const uint8_t *deflated, size_t size,
                        const uint8_t *bytes, size_t len)
{
    uint8_t *data = malloc(MIB);
    size_t n;
    struct frame frame = member_of(deflated, size, bytes, len);
    assert_non_null(data);
    assert_string_equal(decode(gz, data, &n, &frame, false), rule);
    assert_string_equal(decode(gz, data, &n, &frame, true), rule);
    free(frame.bytes);
    free(data);
}

static void bad_data(void **state)
{
    (void)state;
    const uint8_t *hello = (const uint8_t *)"hello\n";
    static const uint8_t good[] = {0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xe7, 0x02, 0x00, 0x00, 0x00};
    expect_rule("ok", good, 8, hello, 6);
    expect_rule("gzip.length", good, 9, hello, 6);
    expect_rule("gzip.length", good, 10, hello, 6);
    expect_rule("gzip.data", good, 7, hello, 6);
    expect_rule("gzip.data", good, 1, hello, 6);
    expect_rule("gzip.check", good, 8, hello, 5);
    static const uint8_t nothing[] = {3, 0};
    expect_rule("gzip.header", nothing, 2, hello, 0);
    /* one byte more than a member may hold */
    uint8_t *bytes = noise(MIB + 1), *stored = malloc(sb_deflate_stored_size(MIB + 1));
    assert_non_null(stored);
    sb_deflate_store(stored, bytes, MIB);
    expect_rule("ok", stored, sb_deflate_stored_size(MIB), bytes, MIB);
    sb_deflate_store(stored, bytes, MIB + 1);
    expect_rule("gzip.data", stored, sb_deflate_stored_size(MIB + 1), bytes, MIB + 1);
    free(stored);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(member_bytes),
        cmocka_unit_test(pointer_bytes),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(every_bit_of_the_pointer),
        cmocka_unit_test(every_bit_of_the_header),
        cmocka_unit_test(lengths),
        cmocka_unit_test(what_is_ours),
        cmocka_unit_test(view_fails),
        cmocka_unit_test(round_trips),
        cmocka_unit_test(random_is_stored),
        cmocka_unit_test(every_bit_of_a_member),
        cmocka_unit_test(bad_data),
    };
    return cmocka_run_group_tests_name("gz_codec", tests, NULL, NULL);
}
