/* Raw deflate in memory: every level against zlib's own in both ways, stored blocks byte for byte,
 * outputs that are too small, and input that is no deflate stream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <zlib.h>

#include "container/deflate.h"
#include "unit/build.h"
#include "unit/few.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { MIB = 1 << 20 };

/* ---- zlib's side -------------------------------------------------------------------------- */

/* Inflates the one stream that `in` must be; the length of what came out, or SIZE_MAX. */
static size_t zlib_inflate(uint8_t *out, size_t cap, const uint8_t *in, size_t len)
{
    z_stream z = {.next_in = in, .avail_in = (uInt)len, .next_out = out, .avail_out = (uInt)cap};
    assert_int_equal(inflateInit2(&z, -15), Z_OK);
    int r = inflate(&z, Z_FINISH);
    size_t n = r == Z_STREAM_END && z.avail_in == 0 ? z.total_out : SIZE_MAX;
    inflateEnd(&z);
    return n;
}

static size_t zlib_deflate(uint8_t *out, size_t cap, int level, int strategy, const uint8_t *in,
                           size_t len)
{
    z_stream z = {.next_in = in, .avail_in = (uInt)len, .next_out = out, .avail_out = (uInt)cap};
    assert_int_equal(deflateInit2(&z, level, Z_DEFLATED, -15, 9, strategy), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t n = z.total_out;
    deflateEnd(&z);
    return n;
}

/* ---- inputs ------------------------------------------------------------------------------- */

static uint8_t *zeros(size_t len)
{
    uint8_t *bytes = calloc(1, len + 1);
    assert_non_null(bytes);
    return bytes;
}

static uint8_t *base64_like(size_t len)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t *bytes = noise(len);
    for (size_t i = 0; i < len; i++)
        bytes[i] = i % 77 == 76 ? '\n' : (uint8_t)alphabet[bytes[i] >> 2];
    return bytes;
}

static uint8_t *hex_like(size_t len)
{
    uint8_t *bytes = noise(len);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t) "0123456789abcdef"[bytes[i] >> 4];
    return bytes;
}

static uint8_t *(*const makers[])(size_t) = {noise, prose, zeros, base64_like, hex_like};

/* As in a zip: what deflate makes of text with much in it. */
static uint8_t *zip_like(size_t len)
{
    uint8_t *text = base64_like(2 * len), *bytes = malloc(2 * len + 1000);
    assert_non_null(bytes);
    assert_true(zlib_deflate(bytes, 2 * len + 1000, 9, Z_DEFAULT_STRATEGY, text, 2 * len) >= len);
    free(text);
    return bytes;
}

/* As in a JPEG: entropy-coded, and a zero stuffed behind each ff. */
static uint8_t *jpeg_like(size_t len)
{
    uint8_t *bytes = noise(len);
    for (size_t i = 0; i + 1 < len; i++) {
        if (bytes[i] == 0xff)
            bytes[i + 1] = 0;
    }
    return bytes;
}

/* ---- round trips -------------------------------------------------------------------------- */

static void ours_to_zlib(void **state)
{
    (void)state;
    static const size_t lengths[] = {1, 2, 511, 65535, 65536, 200000, MIB};
    uint8_t *out = malloc(2 * MIB), *back = malloc(MIB + 1);
    assert_non_null(out);
    assert_non_null(back);
    for (int level = SB_LEVEL_FAST; level <= SB_LEVEL_DEFLATE_MAX; level += (int)one_in(9)) {
        struct sb_deflater *deflater = sb_deflater_new(level);
        struct sb_inflater *inflater = sb_inflater_new();
        assert_non_null(deflater);
        assert_non_null(inflater);
        for (size_t i = 0; i < COUNT(lengths) * COUNT(makers); i++) {
            size_t len = lengths[i % COUNT(lengths)], n;
            if (len == MIB && level % 6 != 0) /* it takes zlib long */
                continue;
            uint8_t *bytes = makers[i / COUNT(lengths)](len);
            size_t size = sb_deflate(deflater, out, 2 * MIB, bytes, len);
            assert_true(size > 0);
            if (len >= 65535 && i >= COUNT(lengths)) /* not noise */
                assert_true(size < len * 4 / 5);
            assert_int_equal(zlib_inflate(back, MIB + 1, out, size), len);
            assert_memory_equal(back, bytes, len);
            memset(back, 0xee, len + 1);
            assert_int_equal(sb_inflate(inflater, back, len, &n, out, size), SB_INFLATED);
            assert_int_equal(n, len);
            assert_memory_equal(back, bytes, len);
            assert_int_equal(back[len], 0xee);
            /* the same bytes again */
            uint8_t *again = malloc(size + 1);
            assert_non_null(again);
            assert_int_equal(sb_deflate(deflater, again, size + 1, bytes, len), size);
            assert_memory_equal(again, out, size);
            free(again);
            free(bytes);
        }
        sb_inflater_free(inflater);
        sb_deflater_free(deflater);
    }
    free(out);
    free(back);
}

static void zlib_to_ours(void **state)
{
    (void)state;
    static const int strategies[] = {Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE};
    static const size_t lengths[] = {0, 1, 511, 70000, MIB};
    uint8_t *out = malloc(2 * MIB), *back = malloc(MIB);
    struct sb_inflater *inflater = sb_inflater_new();
    assert_non_null(out);
    assert_non_null(back);
    for (int level = 0; level <= 9; level += 3) {
        for (size_t i = 0; i < COUNT(lengths) * COUNT(makers); i++) {
            size_t len = lengths[i % COUNT(lengths)];
            uint8_t *bytes = makers[i / COUNT(lengths)](len);
            for (size_t s = 0; s < COUNT(strategies); s++) {
                size_t n = 99, size = zlib_deflate(out, 2 * MIB, level, strategies[s], bytes, len);
                assert_int_equal(sb_inflate(inflater, back, MIB, &n, out, size), SB_INFLATED);
                assert_int_equal(n, len);
                if (len > 0)
                    assert_memory_equal(back, bytes, len);
            }
            free(bytes);
        }
    }
    sb_inflater_free(inflater);
    free(out);
    free(back);
}

/* What only other programs make: several blocks of all kinds, empty ones among them. */
static void mixed_blocks(void **state)
{
    (void)state;
    uint8_t out[5000], back[3000], *bytes = prose(3000);
    z_stream z = {.next_in = bytes, .next_out = out, .avail_out = sizeof(out)};
    struct sb_inflater *inflater = sb_inflater_new();
    size_t n;
    static const int flushes[] = {Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_PARTIAL_FLUSH, Z_BLOCK};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    for (int i = 0; i < 30; i++) {
        z.avail_in = 100;
        assert_int_equal(deflateParams(&z, i % 10, i % 2 == 0 ? Z_FIXED : Z_DEFAULT_STRATEGY),
                         Z_OK);
        deflate(&z, flushes[i % 4]);
        assert_int_equal(z.avail_in, 0);
    }
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(sb_inflate(inflater, back, sizeof(back), &n, out, z.total_out), SB_INFLATED);
    assert_int_equal(n, 3000);
    assert_memory_equal(back, bytes, 3000);
    deflateEnd(&z);
    sb_inflater_free(inflater);
    free(bytes);
}

/* ISA-L lets the address of its state matter, for about three beginnings in 8,192: so many of them
 * are tried. Each comes twice, so that it can be found again. */
static void where_a_deflater_lies_does_not_matter(void **state)
{
    (void)state;
    enum { LEN = 160, BEGINNINGS = 30000, BEGINNING = 6 };
    struct sb_deflater *deflaters[] = {sb_deflater_new(SB_LEVEL_FAST),
                                       sb_deflater_new(SB_LEVEL_FAST)};
    uint8_t outs[2][2 * LEN], *bytes = base64_like(LEN), *beginnings = base64_like(MIB);
    for (size_t i = 0; i < BEGINNINGS; i++) {
        size_t sizes[2];
        memcpy(bytes, beginnings + i * BEGINNING, BEGINNING);
        memcpy(bytes + LEN / 2, bytes, BEGINNING);
        for (int d = 0; d < 2; d++)
            sizes[d] = sb_deflate(deflaters[d], outs[d], sizeof(outs[d]), bytes, LEN);
        assert_int_equal(sizes[0], sizes[1]);
        assert_memory_equal(outs[0], outs[1], sizes[0]);
    }
    sb_deflater_free(deflaters[0]);
    sb_deflater_free(deflaters[1]);
    free(bytes);
    free(beginnings);
}

static void bad_levels(void **state)
{
    (void)state;
    assert_null(sb_deflater_new(-2));
    assert_null(sb_deflater_new(SB_LEVEL_DEFLATE_MAX + 1));
    sb_deflater_free(NULL);
    sb_inflater_free(NULL);
}

/* ---- stored blocks ------------------------------------------------------------------------ */

static void stored(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 65534, 65535, 65536, 2 * 65535, 2 * 65535 + 1, MIB};
    struct sb_inflater *inflater = sb_inflater_new();
    uint8_t *back = malloc(MIB + 1);
    assert_non_null(back);
    for (size_t i = 0; i < COUNT(lengths); i++) {
        size_t len = lengths[i], size = sb_deflate_stored_size(len), at = 0, n;
        uint8_t *bytes = noise(len), *out = malloc(size + 1);
        assert_non_null(out);
        assert_int_equal(size, len + 5 * (len == 0 ? 1 : (len + 65534) / 65535));
        out[size] = 0xee;
        sb_deflate_store(out, bytes, len);
        assert_int_equal(out[size], 0xee);
        /* RFC 1951, 3.2.4: BFINAL and BTYPE, LEN, NLEN, the bytes */
        for (size_t done = 0; done < len || at == 0;) {
            size_t block = len - done < 65535 ? len - done : 65535;
            assert_int_equal(out[at], done + block == len ? 1 : 0);
            assert_int_equal(out[at + 1] | out[at + 2] << 8, block);
            assert_int_equal(out[at + 3] | out[at + 4] << 8, block ^ 0xffff);
            if (block > 0)
                assert_memory_equal(out + at + 5, bytes + done, block);
            at += 5 + block;
            done += block;
        }
        assert_int_equal(at, size);
        assert_int_equal(zlib_inflate(back, MIB + 1, out, size), len);
        assert_int_equal(sb_inflate(inflater, back, MIB, &n, out, size), SB_INFLATED);
        assert_int_equal(n, len);
        if (len > 0)
            assert_memory_equal(back, bytes, len);
        free(out);
        free(bytes);
    }
    sb_inflater_free(inflater);
    free(back);
}

/* ---- sizes that do not fit ---------------------------------------------------------------- */

/* With less room than the stream needs there is none, and nothing is written behind the room. */
static void too_small(void **state)
{
    (void)state;
    static const size_t lengths[] = {1, 600, 20000};
    uint8_t *out = malloc(MIB), *room = malloc(MIB);
    assert_non_null(out);
    assert_non_null(room);
    for (int level = SB_LEVEL_FAST; level <= SB_LEVEL_DEFLATE_MAX; level += 3) {
        struct sb_deflater *deflater = sb_deflater_new(level);
        for (size_t i = 0; i < COUNT(lengths) * COUNT(makers); i++) {
            size_t len = lengths[i % COUNT(lengths)];
            uint8_t *bytes = makers[i / COUNT(lengths)](len);
            size_t size = sb_deflate(deflater, out, MIB, bytes, len);
            assert_true(size > 0);
            size_t step = size > 300 ? size / 30 : 1;
            for (size_t cap = 0; cap < size; cap += cap + step + 20 < size ? step : 1) {
                memset(room + cap, 0xee, 16);
                assert_int_equal(sb_deflate(deflater, room, cap, bytes, len), 0);
                for (size_t j = 0; j < 16; j++)
                    assert_int_equal(room[cap + j], 0xee);
            }
            /* and after all that, the right bytes (zlib wants a byte more to end in) */
            size_t exact = sb_deflate(deflater, room, size, bytes, len);
            assert_true(exact == size || exact == 0);
            assert_int_equal(sb_deflate(deflater, room, size + 1, bytes, len), size);
            assert_memory_equal(room, out, size);
            free(bytes);
        }
        sb_deflater_free(deflater);
    }
    free(out);
    free(room);
}

static void inflates_to_more(void **state)
{
    (void)state;
    static const size_t lengths[] = {1, 2, 300, 70000, MIB};
    struct sb_inflater *inflater = sb_inflater_new();
    uint8_t *out = malloc(2 * MIB), *back = malloc(MIB + 16);
    assert_non_null(out);
    assert_non_null(back);
    for (size_t i = 0; i < COUNT(lengths) * COUNT(makers); i++) {
        size_t len = lengths[i % COUNT(lengths)], n;
        uint8_t *bytes = makers[i / COUNT(lengths)](len);
        size_t size = zlib_deflate(out, 2 * MIB, 6, Z_DEFAULT_STRATEGY, bytes, len);
        const size_t caps[] = {0, len / 2, len - 1};
        for (size_t c = 0; c < COUNT(caps); c++) {
            memset(back + caps[c], 0xee, 16);
            assert_int_equal(sb_inflate(inflater, back, caps[c], &n, out, size),
                             SB_INFLATE_MALFORMED);
            for (size_t j = 0; j < 16; j++)
                assert_int_equal(back[caps[c] + j], 0xee);
        }
        assert_int_equal(sb_inflate(inflater, back, len, &n, out, size), SB_INFLATED);
        free(bytes);
    }
    sb_inflater_free(inflater);
    free(out);
    free(back);
}

/* ---- input that is not one stream --------------------------------------------------------- */

static void leftover(void **state)
{
    (void)state;
    struct sb_inflater *inflater = sb_inflater_new();
    uint8_t out[3000], back[1000];
    for (size_t i = 0; i < COUNT(makers); i++) {
        uint8_t *bytes = makers[i](1000);
        for (int level = 0; level <= 9; level += 3) {
            size_t size = zlib_deflate(out, 2000, level, Z_DEFAULT_STRATEGY, bytes, 1000);
            for (size_t more = 0; more <= 40; more++) {
                size_t n = 0;
                memset(out + size, more % 2 == 0 ? 0 : 0xff, more);
                assert_int_equal(sb_inflate(inflater, back, 1000, &n, out, size + more),
                                 more == 0 ? SB_INFLATED : SB_INFLATE_LEFTOVER);
                assert_int_equal(n, 1000);
                assert_memory_equal(back, bytes, 1000);
            }
        }
        free(bytes);
    }
    sb_inflater_free(inflater);
}

/* Cut anywhere it is malformed. The input lies at the end of its own block of memory, so that a
 * sanitizer sees what reads behind it. */
static void truncated(void **state)
{
    (void)state;
    struct sb_inflater *inflater = sb_inflater_new();
    uint8_t out[3000], back[1000];
    for (size_t i = 0; i < COUNT(makers); i++) {
        uint8_t *bytes = makers[i](1000);
        for (int level = 0; level <= 9; level += 3) {
            size_t size = zlib_deflate(out, sizeof(out), level, Z_DEFAULT_STRATEGY, bytes, 1000);
            for (size_t len = 0; len < size; len++) {
                size_t n = 0;
                uint8_t *cut = malloc(len > 0 ? len : 1);
                assert_non_null(cut);
                memcpy(cut, out, len);
                assert_int_equal(sb_inflate(inflater, back, sizeof(back), &n, cut, len),
                                 SB_INFLATE_MALFORMED);
                free(cut);
            }
        }
        free(bytes);
    }
    sb_inflater_free(inflater);
}

/* Every bit flipped: it is judged as zlib judges it, and nothing is written behind the room. */
static void flipped(void **state)
{
    (void)state;
    struct sb_inflater *inflater = sb_inflater_new();
    uint8_t out[3000], back[1000 + 8], by_zlib[1000];
    size_t good = 0, bad = 0;
    for (size_t i = 0; i < COUNT(makers); i++) {
        uint8_t *bytes = makers[i](700);
        for (int level = 0; level <= 9; level += 3) {
            size_t size = zlib_deflate(out, sizeof(out), level, Z_DEFAULT_STRATEGY, bytes, 700);
            for (size_t bit = 0; bit < 8 * size; bit++) {
                size_t n = 0;
                out[bit / 8] ^= (uint8_t)(1U << bit % 8);
                memset(back + 1000, 0xee, 8);
                enum sb_inflated result = sb_inflate(inflater, back, 1000, &n, out, size);
                size_t expected = zlib_inflate(by_zlib, 1000, out, size);
                assert_int_equal(result == SB_INFLATED, expected != SIZE_MAX);
                if (result == SB_INFLATED) {
                    assert_int_equal(n, expected);
                    assert_memory_equal(back, by_zlib, n);
                    good++;
                } else {
                    bad++;
                }
                for (size_t j = 0; j < 8; j++)
                    assert_int_equal(back[1000 + j], 0xee);
                out[bit / 8] ^= (uint8_t)(1U << bit % 8);
            }
        }
        free(bytes);
    }
    assert_true(good > 1000 && bad > 1000); /* deflate has no checksum of its own */
    sb_inflater_free(inflater);
}

/* Noise is hardly ever deflate, and never a reason to crash; one inflater for all of it. */
static void not_deflate(void **state)
{
    (void)state;
    struct sb_inflater *inflater = sb_inflater_new();
    uint8_t back[4096], by_zlib[4096], *bytes = noise(50000);
    size_t n;
    for (size_t at = 0; at + 600 < 50000; at += 7) {
        enum sb_inflated result = sb_inflate(inflater, back, sizeof(back), &n, bytes + at, 600);
        bool good = zlib_inflate(by_zlib, sizeof(by_zlib), bytes + at, 600) != SIZE_MAX;
        assert_int_equal(result == SB_INFLATED, good);
    }
    static const uint8_t nothing[] = {3, 0};
    assert_int_equal(sb_inflate(inflater, back, sizeof(back), &n, nothing, 2), SB_INFLATED);
    assert_int_equal(n, 0);
    sb_inflater_free(inflater);
    free(bytes);
}

/* ---- what compressing would not shorten --------------------------------------------------- */

static void looks_random(void **state)
{
    (void)state;
    enum { LEN = 300000 };
    static const size_t lengths[] = {4096, 4097, 65536, LEN};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        size_t len = lengths[i];
        static uint8_t *(*const random_makers[])(size_t) = {noise, zip_like, jpeg_like};
        for (size_t m = 0; m < COUNT(random_makers); m++) {
            uint8_t *bytes = random_makers[m](len);
            assert_true(sb_looks_random(bytes, len));
            free(bytes);
        }
        for (size_t m = 1; m < COUNT(makers); m++) {
            uint8_t *bytes = makers[m](len);
            assert_false(sb_looks_random(bytes, len));
            free(bytes);
        }
    }
    uint8_t *bytes = noise(LEN), *text = prose(8192);
    assert_false(sb_looks_random(bytes, 0)); /* too little to tell */
    assert_false(sb_looks_random(bytes, 4095));
    for (size_t i = 0; i < LEN; i++)
        bytes[i] &= 0x7f; /* seven of eight bits */
    assert_false(sb_looks_random(bytes, LEN));
    free(bytes);
    /* one place among those that are looked at is enough, wherever it is */
    for (size_t at = 0; at + 4096 <= LEN; at += 65536) {
        bytes = noise(LEN);
        memcpy(bytes + at, text, 4096);
        assert_false(sb_looks_random(bytes, LEN));
        free(bytes);
    }
    free(text);
}

static void checksum(void **state)
{
    (void)state;
    assert_int_equal(sb_crc32(NULL, 0), 0);
    assert_true(sb_crc32((const uint8_t *)"123456789", 9) == 0xcbf43926);
    uint8_t *bytes = noise(70000);
    for (size_t len = 1; len < 70000; len += 1 + len / 2) {
        for (size_t at = 0; at < 9; at++)
            assert_true(sb_crc32(bytes + at, len) == crc32(0, bytes + at, (uInt)len));
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ours_to_zlib), cmocka_unit_test(zlib_to_ours),
        cmocka_unit_test(mixed_blocks), cmocka_unit_test(where_a_deflater_lies_does_not_matter),
        cmocka_unit_test(bad_levels),   cmocka_unit_test(stored),
        cmocka_unit_test(too_small),    cmocka_unit_test(inflates_to_more),
        cmocka_unit_test(leftover),     cmocka_unit_test(truncated),
        cmocka_unit_test(flipped),      cmocka_unit_test(not_deflate),
        cmocka_unit_test(looks_random), cmocka_unit_test(checksum),
    };
    return cmocka_run_group_tests_name("deflate", tests, NULL, NULL);
}
