/* Reading zstd strictly: frames of sealbag's, any other conforming file, damage, and salvage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <zstd.h>

#include "container/zst_codec.h"
#include "unit/few.h"
#include "unit/frames.h"
#include "unit/view.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { MAX = SB_ZST_FRAME_DATA, MIB = 1 << 20 };

/* ---- making files ------------------------------------------------------------------------- */

/* A frame as sealbag writes it. */
static void put_frame(struct sb_buf *zst, const void *data, size_t len)
{
    struct frame frame = encode(&sb_codec_zst, 0, data, len);
    put(zst, frame.bytes, frame.size);
    free(frame.bytes);
}

struct form {
    bool pledged, checksum; /* whether the frame states its size and has a checksum */
    int window_log;         /* 0: the library's choice */
};

/* A frame by another program. */
static void put_foreign(struct sb_buf *zst, struct form form, const void *data, size_t len)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_inBuffer in = {.src = data};
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, form.checksum);
    if (form.window_log != 0)
        ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, form.window_log);
    if (form.pledged)
        ZSTD_CCtx_setPledgedSrcSize(context, len);
    assert_int_equal(sb_buf_reserve(zst, ZSTD_compressBound(len) + 1000), 0);
    ZSTD_outBuffer out = {.dst = zst->data, .size = zst->cap, .pos = zst->len};
    size_t left;
    if (!form.pledged) { /* the library states the size when it is given all at once */
        in.size = len / 2;
        assert_int_equal(ZSTD_compressStream2(context, &out, &in, ZSTD_e_flush), 0);
    }
    in.size = len;
    do {
        left = ZSTD_compressStream2(context, &out, &in, ZSTD_e_end);
        assert_false(ZSTD_isError(left));
    } while (left > 0);
    zst->len = out.pos;
    ZSTD_freeCCtx(context);
}

static void put_skippable(struct sb_buf *zst, unsigned kind, const void *bytes, size_t len)
{
    uint8_t header[8];
    sb_store_u32le(header, 0x184d2a50 + kind);
    sb_store_u32le(header + 4, (uint32_t)len);
    put(zst, header, sizeof(header));
    put(zst, bytes, len);
}

/* ---- reading them ------------------------------------------------------------------------- */

static void expect(struct sb_buf *zst, const char *end, const void *data, size_t len)
{
    struct unpacked found = unpack(zst->data, zst->len, 2, false);
    assert_string_equal(found.rule, end);
    if (data != NULL) {
        assert_int_equal(found.data.len, len);
        if (len > 0)
            assert_memory_equal(found.data.data, data, len);
    }
    sb_buf_free(&found.data);
    sb_buf_free(zst);
}

/* ---- what is accepted --------------------------------------------------------------------- */

static void frames(void **state)
{
    (void)state;
    struct sb_buf zst = {0};
    uint8_t *bytes = noise(2 * MAX + 3);
    put_frame(&zst, bytes, MAX);
    put_frame(&zst, bytes + MAX, MAX);
    put_frame(&zst, bytes + 2 * (size_t)MAX, 3);
    expect(&zst, "ok", bytes, 2 * MAX + 3);
    put_frame(&zst, "a", 1); /* without a pointer they need not be full */
    put_frame(&zst, "bc", 2);
    expect(&zst, "ok", "abc", 3);
    zst = bytes_of(packed(&sb_codec_zst, bytes, MAX + 9, SB_NO_POINTER));
    expect(&zst, "ok", bytes, MAX + 9);
    zst = bytes_of(packed(&sb_codec_zst, bytes, MAX + 9, 512));
    expect(&zst, "ok", bytes, MAX + 9);
    free(bytes);
}

/* With and without a stated size, a checksum, and a window of its own; but not sealbag's form. */
static void foreign(void **state)
{
    (void)state;
    uint8_t *bytes = prose(3 * MIB + 17);
    for (unsigned i = 0; i < 12; i++) {
        struct form form = {i % 2 == 1, i / 2 % 2 == 1, i < 4 ? 0 : i < 8 ? 12 : 23};
        struct sb_buf zst = {0};
        put_foreign(&zst, form, bytes, 3 * MIB + 17);
        expect(&zst, "ok", bytes, 3 * MIB + 17);
        put_foreign(&zst, form, bytes, 2);
        expect(&zst, "ok", bytes, 2);
        if (form.pledged && form.checksum) /* the first frame would be of sealbag's form */
            continue;
        put_foreign(&zst, form, "hello ", 6);
        put_foreign(&zst, form, "", 0);
        put_foreign(&zst, (struct form){true, true, 0}, "wor", 3);
        put_frame(&zst, "ld", 2);
        put_foreign(&zst, (struct form){false, false, 0}, "", 0);
        expect(&zst, "ok", "hello world", 11);
    }
    free(bytes);
}

/* Of every kind, with anything in them, between the frames and behind them. */
static void skippable(void **state)
{
    (void)state;
    struct form form = {false, true, 0};
    uint8_t *bytes = noise(MIB);
    for (unsigned kind = 0; kind < 16; kind++) {
        struct sb_buf zst = {0}, inner = {0};
        put_foreign(&zst, form, "hello ", 6);
        put_skippable(&zst, kind, bytes, MIB);
        put_skippable(&zst, kind, NULL, 0);
        put_foreign(&inner, form, "not these", 9);
        put_foreign(&zst, form, "world", 5);
        put_skippable(&zst, 15 - kind, inner.data, inner.len);
        expect(&zst, "ok", "hello world", 11);
        sb_buf_free(&inner);
    }
    free(bytes);
}

/* More memory than anybody should be made to take, and the most that is taken. */
static void windows(void **state)
{
    (void)state;
    struct sb_buf zst = {0};
    uint8_t *bytes = prose(100000);
    put_foreign(&zst, (struct form){false, true, 27}, bytes, 100000);
    expect(&zst, "ok", bytes, 100000);
    put_foreign(&zst, (struct form){false, true, 28}, bytes, 100000);
    expect(&zst, "limit.reached", NULL, 0);
    free(bytes);
}

/* ---- damage ------------------------------------------------------------------------------- */

static void bad_frames(void **state)
{
    (void)state;
    struct sb_buf zst = {0};
    for (size_t at = 1; at <= 4; at++) {
        put_frame(&zst, "first", 5);
        put_frame(&zst, "abc", 3);
        zst.data[zst.len - at] ^= 1;
        expect(&zst, "zstd.check", "first", 5);
    }
    put_frame(&zst, "first", 5);
    put_frame(&zst, "abc", 3);
    zst.data[zst.len - 8] |= 6; /* its block: there is no type 3 */
    zst.data[zst.len - 10] |= 6;
    expect(&zst, "zstd.header", "first", 5);
    put_frame(&zst, "first", 5);
    put_frame(&zst, "abc", 3);
    zst.data[zst.len - 11]++; /* its content size */
    expect(&zst, "zstd.data", "first", 5);
    put_frame(&zst, "abc", 3);
    put_foreign(&zst, (struct form){false, true, 0}, "def", 3);
    expect(&zst, "zstd.mixed", "abc", 3);
    put_frame(&zst, "abc", 3);
    put_foreign(&zst, (struct form){true, false, 0}, "def", 3);
    expect(&zst, "zstd.mixed", "abc", 3);
    put_frame(&zst, "abc", 3);
    put(&zst, "\0", 1);
    expect(&zst, "zstd.trailing", "abc", 3);
    put_frame(&zst, "abc", 3);
    put(&zst, "trailing garbage, longer than a header", 38);
    expect(&zst, "zstd.trailing", "abc", 3);
}

static void bad_foreign(void **state)
{
    (void)state;
    struct sb_buf zst = {0};
    const struct form form = {false, true, 0};
    for (size_t at = 1; at <= 4; at++) {
        put_foreign(&zst, form, "abc", 3);
        zst.data[zst.len - at] ^= 1;
        expect(&zst, "zstd.check", NULL, 0);
    }
    put_foreign(&zst, form, "abc", 3);
    put(&zst, "\0\0\0\0\0\0\0\0", 8);
    expect(&zst, "zstd.trailing", "abc", 3);
    put_foreign(&zst, form, "abc", 3);
    put(&zst, "\x1f\x8b\x08\0\0\0\0\0\0\0", 10);
    expect(&zst, "zstd.trailing", "abc", 3);
    put_foreign(&zst, form, "abc", 3);
    put(&zst, "\x27\xb5\x2f\xfd\x04\x58\x19\0\0abc", 12); /* an old version's magic */
    expect(&zst, "zstd.trailing", "abc", 3);
    put_foreign(&zst, form, "abc", 3);
    zst.data[4] |= 8; /* reserved */
    expect(&zst, "zstd.header", NULL, 0);
    put_foreign(&zst, form, "abc", 3);
    zst.data[6] |= 6; /* a block of type 3 */
    expect(&zst, "zstd.data", NULL, 0);
    put(&zst, "\x28\xb5\x2f\xfd\x01\x58\x07\x19\0\0abc", 13); /* dictionary 7 */
    expect(&zst, "zstd.data", NULL, 0);
}

/* Cut anywhere, neither kind is complete. */
static void truncation(void **state)
{
    (void)state;
    uint8_t *bytes = prose(700);
    for (unsigned kind = 0; kind < 5; kind++) {
        struct sb_buf zst = {0};
        if (kind == 4)
            put_frame(&zst, bytes, 700);
        else
            put_foreign(&zst, (struct form){kind % 2 == 1, kind > 1, 0}, bytes, 700);
        size_t first = zst.len;
        if (kind < 3) /* in the other two it would be a frame of another kind */
            put_skippable(&zst, 3, bytes, 99);
        for (size_t len = 4; len < zst.len; len += one_in(7)) {
            struct unpacked out = unpack(zst.data, len, 1, false);
            const char *end = len == first ? "ok" : "zstd.truncated";
            if (strcmp(out.rule, end) != 0)
                fail_msg("kind %u cut to %zu bytes: %s", kind, len, out.rule);
            sb_buf_free(&out.data);
        }
        sb_buf_free(&zst);
    }
    free(bytes);
}

/* No single flipped bit changes the data without being noticed: a frame of sealbag's form may
 * become one of another kind, with the same data. */
static void every_bit(void **state)
{
    (void)state;
    uint8_t *bytes = prose(300);
    for (int kind = 0; kind < 2; kind++) {
        struct sb_buf zst = {0};
        size_t same = 0;
        if (kind == 0)
            put_frame(&zst, bytes, 300);
        else
            put_foreign(&zst, (struct form){false, true, 0}, bytes, 300);
        for (size_t bit = 0; bit < zst.len * 8; bit += one_in(7)) {
            zst.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
            struct unpacked out = unpack(zst.data, zst.len, 1, false);
            if (strcmp(out.rule, "ok") == 0 && out.data.len > 0) {
                assert_int_equal(out.data.len, 300);
                assert_memory_equal(out.data.data, bytes, 300);
                same++;
            } else if (strcmp(out.rule, "ok") == 0) {
                assert_true(bit < 32); /* a magic of something to be skipped */
            }
            sb_buf_free(&out.data);
            zst.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
        assert_true(same < zst.len * 8 / 20); /* bits that the format leaves unused, the window */
        sb_buf_free(&zst);
    }
    free(bytes);
}

/* ---- salvage ------------------------------------------------------------------------------ */

/* Five frames, of which `bad` is damaged in some way: the others are read. */
static void salvage_one(unsigned bad, int way)
{
    static const char *const texts[5] = {"first ", "second ", "third ", "fourth ", "fifth "};
    struct sb_buf zst = {0}, expected = {0};
    size_t starts[6];
    for (unsigned i = 0; i < 5; i++) {
        starts[i] = zst.len;
        put_frame(&zst, texts[i], strlen(texts[i]));
        /* A wrong checksum alone loses nothing: digests will say what is wrong. */
        if (i != bad || way == 0)
            put(&expected, texts[i], strlen(texts[i]));
        else
            put(&expected, "<gap>", 5);
    }
    starts[5] = zst.len;
    uint8_t *frame = zst.data + starts[bad];
    if (way == 0)
        zst.data[starts[bad + 1] - 1] ^= 1;
    else if (way == 1)
        frame[5] ^= 0x40; /* the length of its data */
    else if (way == 2)
        frame[6] ^= 0x40; /* the length of its block */
    else if (way == 3)
        memset(frame, 'x', starts[bad + 1] - starts[bad]);
    else if (way == 4)
        frame[6] |= 6; /* the kind of its block */
    else if (way == 5)
        frame[4] ^= 1; /* the form of its header, behind a good magic number */
    else {             /* some of it is missing */
        memmove(frame + 8, zst.data + starts[bad + 1], zst.len - starts[bad + 1]);
        zst.len -= starts[bad + 1] - starts[bad] - 8;
    }
    struct unpacked out = unpack(zst.data, zst.len, 2, true);
    assert_string_equal(out.rule, "ok");
    assert_string_equal((const char *)out.data.data, (const char *)expected.data);
    sb_buf_free(&zst);
    sb_buf_free(&out.data);
    sb_buf_free(&expected);
}

static void salvage(void **state)
{
    (void)state;
    for (unsigned bad = 0; bad < 5; bad++) {
        for (int way = 0; way < 7; way++)
            salvage_one(bad, way);
    }
}

/* A gap that is longer than what is looked at in one piece, and the end cut off; what stands behind
 * the frames is passed over. */
static void salvage_large(void **state)
{
    (void)state;
    struct sb_buf zst = {0};
    uint8_t *bytes = noise(9 * MIB);
    struct sb_buf tail = bytes_of(packed(&sb_codec_zst, NULL, 0, 512));
    put_frame(&zst, "first ", 6);
    put(&zst, bytes, 9 * (size_t)MIB);
    put_frame(&zst, "last", 4);
    put(&zst, tail.data, tail.len);
    struct unpacked out = unpack(zst.data, zst.len, 1, true);
    assert_string_equal(out.rule, "ok");
    assert_string_equal((const char *)out.data.data, "first <gap>last");
    sb_buf_free(&out.data);
    zst.len -= tail.len + 6;
    out = unpack(zst.data, zst.len, 1, true);
    assert_string_equal(out.rule, "ok");
    assert_string_equal((const char *)out.data.data, "first <gap>");
    sb_buf_free(&out.data);
    sb_buf_free(&zst);
    sb_buf_free(&tail);
    free(bytes);
}

/* Where the next frame lies does not matter: also across the pieces that are looked at. These end
 * where a read of 256 KiB does, once there is enough for a frame. */
static void salvage_offsets(void **state)
{
    (void)state;
    enum { READ = 256 << 10 };
    const size_t piece = (sb_codec_zst.frame_max / READ + 1) * READ;
    uint8_t *bytes = noise(piece + 64);
    struct sb_buf zst = {0};
    for (size_t shift = 0; shift < 24; shift++) {
        put_frame(&zst, "a", 1);
        put(&zst, bytes, piece - 12 + shift - zst.len);
        put_frame(&zst, "b", 1);
        struct unpacked out = unpack(zst.data, zst.len, 1, true);
        assert_string_equal(out.rule, "ok");
        assert_string_equal((const char *)out.data.data, "a<gap>b");
        sb_buf_free(&out.data);
        zst.len = 0;
    }
    sb_buf_free(&zst);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames),          cmocka_unit_test(foreign),
        cmocka_unit_test(skippable),       cmocka_unit_test(windows),
        cmocka_unit_test(bad_frames),      cmocka_unit_test(bad_foreign),
        cmocka_unit_test(truncation),      cmocka_unit_test(every_bit),
        cmocka_unit_test(salvage),         cmocka_unit_test(salvage_large),
        cmocka_unit_test(salvage_offsets),
    };
    return cmocka_run_group_tests_name("unpack_zst", tests, NULL, NULL);
}
