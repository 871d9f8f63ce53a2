/* Reading gzip strictly: members of sealbag's, any other conforming file, and every kind of damage.
 * (zstd: test_unpack_zst.c; what stands behind the frames: test_unpack_end.c.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "container/gz_codec.h"
#include "unit/few.h"
#include "unit/frames.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { MIB = SB_GZ_MEMBER_DATA };

/* ---- making files ------------------------------------------------------------------------- */

static void put_deflated(struct sb_buf *gz, const void *data, size_t len)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(sb_buf_reserve(gz, deflateBound(&z, len)), 0);
    z.next_in = data;
    z.avail_in = (uInt)len;
    z.next_out = gz->data + gz->len;
    z.avail_out = (uInt)(gz->cap - gz->len);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    gz->len += z.total_out;
    deflateEnd(&z);
}

static void put_trailer(struct sb_buf *gz, uint32_t crc, uint32_t len)
{
    uint8_t trailer[SB_GZ_TRAILER_SIZE];
    sb_store_u32le(trailer, crc);
    sb_store_u32le(trailer + 4, len);
    put(gz, trailer, sizeof(trailer));
}

/* A member as sealbag writes it; `extra` junk bytes between data and trailer, `lie` is added to the
 * length that it states. */
static void put_member_with(struct sb_buf *gz, const void *data, size_t len, size_t extra, int lie)
{
    size_t start = gz->len;
    put(gz, "\x1f\x8b\x08\x04\0\0\0\0\0\xff\x08\0SB\x04\0\0\0\0\0", SB_GZ_HEADER_SIZE);
    put_deflated(gz, data, len);
    put(gz, "junkjunkjunk", extra);
    put_trailer(gz, (uint32_t)crc32_z(0, data, len), (uint32_t)len);
    sb_store_u32le(gz->data + start + SB_GZ_FIXED_SIZE,
                   (uint32_t)(gz->len - start) + (uint32_t)lie);
}

static void put_member(struct sb_buf *gz, const void *data, size_t len)
{
    put_member_with(gz, data, len, 0, 0);
}

/* A member by another program, with the optional parts of its header that `flags` name. */
static void put_foreign(struct sb_buf *gz, unsigned flags, const void *data, size_t len)
{
    uint8_t header[10] = {0x1f, 0x8b, 8, (uint8_t)flags, 1, 2, 3, 4, 0, 3};
    size_t start = gz->len;
    put(gz, header, sizeof(header));
    if ((flags & 4) != 0)
        put(gz, "\x05\0ab\x01\0x", 7);
    if ((flags & 8) != 0)
        put(gz, "name.tar", 9);
    if ((flags & 16) != 0)
        put(gz, "a comment", 10);
    if ((flags & 2) != 0) {
        uint32_t crc = (uint32_t)crc32_z(0, gz->data + start, gz->len - start);
        uint8_t bytes[2] = {(uint8_t)crc, (uint8_t)(crc >> 8)};
        put(gz, bytes, 2);
    }
    put_deflated(gz, data, len);
    put_trailer(gz, (uint32_t)crc32_z(0, data, len), (uint32_t)len);
}

/* ---- reading them ------------------------------------------------------------------------- */

/* Reads all; returns the error's rule or "ok". A gap is written into the data as "<gap>". */
static const char *read_all(struct sb_buf *data, const uint8_t *gz, size_t len, bool salvage)
{
    struct unpacked out = unpack(gz, len, 1, salvage);
    put(data, out.data.data, out.data.len);
    sb_buf_free(&out.data);
    return out.rule;
}

static void expect(struct sb_buf *gz, const char *end, const void *data, size_t len)
{
    struct sb_buf found = {0};
    assert_int_equal(sb_buf_reserve(&found, 0), 0);
    assert_string_equal(read_all(&found, gz->data, gz->len, false), end);
    if (data != NULL) {
        assert_int_equal(found.len, len);
        assert_memory_equal(found.data, data, len);
    }
    sb_buf_free(&found);
    sb_buf_free(gz);
}

/* ---- what is accepted --------------------------------------------------------------------- */

static void members(void **state)
{
    (void)state;
    struct sb_buf gz = {0};
    uint8_t *bytes = noise(2 * MIB + 3);
    put_member(&gz, bytes, MIB);
    put_member(&gz, bytes + MIB, MIB);
    put_member(&gz, bytes + 2 * (size_t)MIB, 3);
    expect(&gz, "ok", bytes, 2 * MIB + 3);
    put_member(&gz, "a", 1);
    put_member(&gz, "bc", 2);
    expect(&gz, "ok", "abc", 3);
    free(bytes);
}

static void foreign(void **state)
{
    (void)state;
    struct sb_buf gz = {0};
    for (unsigned flags = 0; flags < 32; flags++) {
        put_foreign(&gz, flags, "hello", 5);
        expect(&gz, "ok", "hello", 5);
        put_foreign(&gz, flags, "hello ", 6);
        put_foreign(&gz, 0, "", 0);
        put_foreign(&gz, 31 - flags, "world", 5);
        put_foreign(&gz, 0, "", 0);
        expect(&gz, "ok", "hello world", 11);
    }
    /* more than one piece of output, and of input */
    uint8_t *bytes = noise(3 * MIB + 17);
    put_foreign(&gz, 8, bytes, 3 * MIB + 17);
    expect(&gz, "ok", bytes, 3 * MIB + 17);
    memset(bytes, 'a', 2 * MIB);
    put_foreign(&gz, 8, bytes, 2 * MIB);
    expect(&gz, "ok", bytes, 2 * MIB);
    free(bytes);
}

/* ---- damage ------------------------------------------------------------------------------- */

static void bad_members(void **state)
{
    (void)state;
    struct sb_buf gz = {0};
    uint8_t *bytes = noise(MIB + 1);
    for (size_t at = 1; at <= 8; at++) { /* CRC and ISIZE */
        put_member(&gz, "abc", 3);
        gz.data[gz.len - at] ^= 1;
        expect(&gz, "gzip.check", NULL, 0);
    }
    put_member_with(&gz, "abc", 3, 1, 0);
    expect(&gz, "gzip.length", NULL, 0);
    put_member_with(&gz, "abc", 3, 0, 1);
    expect(&gz, "gzip.truncated", NULL, 0);
    put_member_with(&gz, "abc", 3, 0, -1);
    put_member(&gz, "abc", 3);
    expect(&gz, "gzip.data", NULL, 0);
    put_member_with(&gz, "abc", 3, 0, 1);
    put_member(&gz, "abc", 3);
    expect(&gz, "gzip.length", NULL, 0);
    put_member(&gz, "", 0);
    expect(&gz, "gzip.header", NULL, 0);
    put_member(&gz, bytes, MIB + 1);
    expect(&gz, "gzip.data", NULL, 0);
    static const uint32_t lengths[] = {0, 1, 27, 28, SB_GZ_MEMBER_MAX + 1, UINT32_MAX};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        put_member(&gz, bytes, 1000);
        sb_store_u32le(gz.data + SB_GZ_FIXED_SIZE, lengths[i]);
        expect(&gz, "gzip.header", NULL, 0);
    }
    put_member(&gz, "abc", 3);
    gz.data[SB_GZ_HEADER_SIZE] = 0x07; /* a block type that does not exist */
    expect(&gz, "gzip.data", NULL, 0);
    free(bytes);
}

static void after_members(void **state)
{
    (void)state;
    struct sb_buf gz = {0};
    put_member(&gz, "abc", 3);
    put(&gz, "\0", 1);
    expect(&gz, "gzip.trailing", "abc", 3);
    put_member(&gz, "abc", 3);
    put(&gz, "trailing garbage, longer than a header", 38);
    expect(&gz, "gzip.trailing", NULL, 0);
    put_member(&gz, "abc", 3);
    put_foreign(&gz, 0, "def", 3);
    expect(&gz, "gzip.mixed", "abc", 3);
    put_member(&gz, "abc", 3);
    put_foreign(&gz, 4, "def", 3);
    expect(&gz, "gzip.mixed", "abc", 3);
}

static void bad_foreign(void **state)
{
    (void)state;
    struct sb_buf gz = {0};
    for (size_t at = 1; at <= 8; at++) {
        put_foreign(&gz, 8, "abc", 3);
        gz.data[gz.len - at] ^= 1;
        expect(&gz, "gzip.check", NULL, 0);
    }
    put_foreign(&gz, 0, "abc", 3);
    put_member(&gz, "def", 3);
    expect(&gz, "gzip.mixed", "abc", 3);
    put_foreign(&gz, 0, "abc", 3);
    put(&gz, "\0\0", 2);
    expect(&gz, "gzip.trailing", "abc", 3);
    put_foreign(&gz, 0, "abc", 3);
    put(&gz, "\x1f", 1);
    expect(&gz, "gzip.trailing", "abc", 3);
    for (unsigned flag = 32; flag < 256; flag *= 2) {
        put_foreign(&gz, flag, "abc", 3);
        expect(&gz, "gzip.header", NULL, 0);
    }
    put_foreign(&gz, 0, "abc", 3);
    gz.data[2] = 7;
    expect(&gz, "gzip.header", NULL, 0);
    put_foreign(&gz, 2, "abc", 3);
    gz.data[4] ^= 1; /* the time, which the header's CRC covers */
    expect(&gz, "gzip.check", NULL, 0);
    put_foreign(&gz, 0, "abc", 3);
    gz.data[10] = 0x07;
    expect(&gz, "gzip.data", NULL, 0);
    /* a name without an end */
    put_foreign(&gz, 8, "abc", 3);
    gz.len = 10;
    for (int i = 0; i < 30000; i++)
        put(&gz, "long name ", 10);
    expect(&gz, "gzip.header", NULL, 0);
}

/* Cut anywhere, neither kind is complete. */
static void truncation(void **state)
{
    (void)state;
    struct sb_buf gz = {0}, data = {0};
    uint8_t *bytes = noise(300);
    for (unsigned kind = 0; kind <= 32; kind++) {
        if (kind == 32)
            put_member(&gz, bytes, 300);
        else
            put_foreign(&gz, kind, bytes, 300);
        for (size_t len = 2; len < gz.len; len += one_in(5)) {
            const char *end = read_all(&data, gz.data, len, false);
            if (strcmp(end, "gzip.truncated") != 0)
                fail_msg("kind %u cut to %zu bytes: %s", kind, len, end);
        }
        assert_string_equal(read_all(&data, gz.data, 1, false), "container.unsupported");
        gz.len = 0;
    }
    sb_buf_free(&gz);
    sb_buf_free(&data);
    free(bytes);
}

/* No single flipped bit changes the data without being noticed. (One in the header may make the
 * member another program's, with the same data; deflate leaves some bits unused.) */
static void every_bit(void **state)
{
    (void)state;
    struct sb_buf gz = {0};
    uint8_t *bytes = noise(40);
    put_member(&gz, bytes, 40);
    for (size_t bit = 0; bit < gz.len * 8; bit += one_in(3)) {
        struct sb_buf data = {0};
        gz.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
        if (strcmp(read_all(&data, gz.data, gz.len, false), "ok") == 0) {
            assert_int_equal(data.len, 40);
            assert_memory_equal(data.data, bytes, 40);
        }
        gz.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
        sb_buf_free(&data);
    }
    sb_buf_free(&gz);
    free(bytes);
}

/* ---- salvage ------------------------------------------------------------------------------ */

/* Five members, of which `bad` is damaged in some way: the others are read. */
static void salvage_one(unsigned bad, int way)
{
    static const char *const texts[5] = {"first ", "second ", "third ", "fourth ", "fifth "};
    struct sb_buf gz = {0}, data = {0}, expected = {0};
    size_t starts[6];
    for (unsigned i = 0; i < 5; i++) {
        starts[i] = gz.len;
        put_member(&gz, texts[i], strlen(texts[i]));
        /* A wrong CRC alone loses nothing: digests will say what is wrong. */
        if (i != bad || way == 4)
            put(&expected, texts[i], strlen(texts[i]));
        else
            put(&expected, "<gap>", 5);
    }
    starts[5] = gz.len;
    if (way == 0)
        gz.data[starts[bad + 1] - 4] ^= 1; /* its inflated length */
    else if (way == 4)
        gz.data[starts[bad + 1] - 5] ^= 1; /* its CRC */
    else if (way == 1)
        gz.data[starts[bad] + SB_GZ_FIXED_SIZE] ^= 0x40; /* its length */
    else if (way == 2)
        memset(gz.data + starts[bad], 'x', starts[bad + 1] - starts[bad]);
    else { /* some of it is missing */
        memmove(gz.data + starts[bad] + 22, gz.data + starts[bad + 1], gz.len - starts[bad + 1]);
        gz.len -= starts[bad + 1] - starts[bad] - 22;
    }
    assert_string_equal(read_all(&data, gz.data, gz.len, true), "ok");
    assert_int_equal(data.len, expected.len);
    assert_memory_equal(data.data, expected.data, data.len);
    sb_buf_free(&gz);
    sb_buf_free(&data);
    sb_buf_free(&expected);
}

static void salvage(void **state)
{
    (void)state;
    for (unsigned bad = 0; bad < 5; bad++) {
        for (int way = 0; way < 5; way++)
            salvage_one(bad, way);
    }
}

/* A gap that is longer than what is looked at in one piece. */
static void salvage_large(void **state)
{
    (void)state;
    struct sb_buf gz = {0}, data = {0};
    uint8_t *bytes = noise(3 * MIB);
    put_member(&gz, "first ", 6);
    put(&gz, bytes, 3 * MIB);
    put_member(&gz, "last", 4);
    assert_string_equal(read_all(&data, gz.data, gz.len, true), "ok");
    assert_int_equal(data.len, 15);
    assert_memory_equal(data.data, "first <gap>last", 15);
    sb_buf_free(&data);
    gz.len -= 30; /* the last one, too */
    assert_string_equal(read_all(&data, gz.data, gz.len, true), "ok");
    assert_int_equal(data.len, 11);
    assert_memory_equal(data.data, "first <gap>", 11);
    sb_buf_free(&data);
    sb_buf_free(&gz);
    free(bytes);
}

/* Where the next header lies does not matter: also across the pieces that are looked at. These end
 * where a read of 256 KiB does, once there is enough for a member. */
static void salvage_offsets(void **state)
{
    (void)state;
    enum { READ = 256 << 10, PIECE = (SB_GZ_MEMBER_MAX / READ + 1) * READ };
    struct sb_buf gz = {0}, data = {0};
    uint8_t *bytes = noise(PIECE + 64);
    for (size_t shift = 0; shift < 40; shift++) {
        put_member(&gz, "a", 1);
        put(&gz, bytes, PIECE - 20 + shift - gz.len);
        put_member(&gz, "b", 1);
        assert_string_equal(read_all(&data, gz.data, gz.len, true), "ok");
        assert_int_equal(data.len, 7);
        assert_memory_equal(data.data, "a<gap>b", 7);
        gz.len = data.len = 0;
    }
    sb_buf_free(&gz);
    sb_buf_free(&data);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members),       cmocka_unit_test(foreign),
        cmocka_unit_test(bad_members),   cmocka_unit_test(after_members),
        cmocka_unit_test(bad_foreign),   cmocka_unit_test(truncation),
        cmocka_unit_test(every_bit),     cmocka_unit_test(salvage),
        cmocka_unit_test(salvage_large), cmocka_unit_test(salvage_offsets),
    };
    return cmocka_run_group_tests_name("unpack", tests, NULL, NULL);
}
