/* Writing frames: sizes, form, the same bytes for every number of threads, what any other program
 * reads, and outputs that fail. (Taking back: test_rewind.c.) */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "container/gz_codec.h"
#include "container/zst_codec.h"
#include "unit/frames.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { MIB = SB_GZ_MEMBER_DATA };

static const struct sb_codec *const codecs[] = {&sb_codec_gz, &sb_codec_zst};

static struct sb_buf packed_bytes(const struct sb_codec *codec, int level, unsigned jobs,
                                  const void *bytes, size_t len)
{
    struct sink sink;
    open_sink(&sink, codec, level, jobs);
    fill_sink(&sink, bytes, len);
    assert_true(sb_pack_total(sink.packer) == len);
    return bytes_of(end_sink(&sink, SB_NO_POINTER));
}

static void expect_equal(const struct sb_buf *a, const struct sb_buf *b)
{
    assert_int_equal(a->len, b->len);
    if (a->len > 0)
        assert_memory_equal(a->data, b->data, a->len);
}

/* ---- other readers ------------------------------------------------------------------------ */

/* One gzip member, inflated with zlib's own gzip reader; its length is the one that it states. */
static size_t read_member(uint8_t *out, size_t *n, const uint8_t *at, size_t left)
{
    assert_true(left > SB_GZ_HEADER_SIZE + SB_GZ_TRAILER_SIZE);
    assert_memory_equal(at, "\x1f\x8b\x08\x04\0\0\0\0\0\xff\x08\0SB\x04", 16);
    uint32_t size = sb_load_u32le(at + SB_GZ_FIXED_SIZE);
    assert_true(size <= left && size <= SB_GZ_MEMBER_MAX);
    z_stream z = {.next_in = at, .avail_in = size, .next_out = out, .avail_out = MIB + 1};
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.avail_in, 0);
    *n = z.total_out;
    inflateEnd(&z);
    return size;
}

/* One zstd frame, decoded with zstd's own. */
static size_t read_frame(uint8_t *out, size_t *n, const uint8_t *at, size_t left)
{
    size_t size = ZSTD_findFrameCompressedSize(at, left);
    assert_false(ZSTD_isError(size));
    assert_true(at[4] == 0x24 || at[4] == 0x64 || at[4] == 0xa4);
    *n = ZSTD_decompress(out, SB_ZST_FRAME_DATA + 1, at, size);
    assert_false(ZSTD_isError(*n));
    return size;
}

/* Walks the frames; each must be full but the last. The whole must be `expected`. */
static void expect_frames(const struct sb_codec *codec, const struct sb_buf *file,
                          const uint8_t *expected, size_t len)
{
    bool zst = codec == &sb_codec_zst;
    size_t frames = (len + codec->data_max - 1) / codec->data_max;
    size_t at = 0, done = 0;
    size_t end = file->len - (zst ? 8 + 8 * frames + 9 : 0); /* the table has its own tests */
    uint8_t *out = malloc(codec->data_max + 1);
    assert_non_null(out);
    for (size_t i = 0; i < frames; i++) {
        size_t n, left = len - done;
        at += (zst ? read_frame : read_member)(out, &n, file->data + at, end - at);
        assert_int_equal(n, left < codec->data_max ? left : codec->data_max);
        assert_memory_equal(out, expected + done, n);
        done += n;
    }
    assert_int_equal(at, end);
    assert_int_equal(done, len);
    free(out);
}

/* As gunzip does it: member after member, as a stream in small pieces. */
static void expect_gunzip(const struct sb_buf *file, const uint8_t *expected, size_t len)
{
    enum { PIECE = 70001 };
    uint8_t *out = malloc(PIECE);
    size_t done = 0;
    z_stream z = {.next_in = file->data};
    assert_non_null(out);
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    for (const uint8_t *end = file->data + file->len; z.next_in < end;) {
        z.avail_in = end - z.next_in < PIECE / 3 ? (uInt)(end - z.next_in) : PIECE / 3;
        z.next_out = out;
        z.avail_out = PIECE;
        int r = inflate(&z, Z_NO_FLUSH);
        assert_true(r == Z_OK || r == Z_STREAM_END);
        size_t n = PIECE - z.avail_out;
        assert_true(n <= len - done);
        assert_memory_equal(out, expected + done, n);
        done += n;
        if (r == Z_STREAM_END)
            assert_int_equal(inflateReset(&z), Z_OK);
    }
    assert_int_equal(done, len);
    inflateEnd(&z);
    free(out);
}

/* As unzstd does it; it passes over skippable frames. */
static void expect_unzstd(const struct sb_buf *file, const uint8_t *expected, size_t len)
{
    enum { PIECE = 70001 };
    uint8_t *out = malloc(PIECE);
    size_t done = 0, r = 0;
    ZSTD_DCtx *context = ZSTD_createDCtx();
    ZSTD_inBuffer in = {.src = file->data, .size = file->len};
    ZSTD_outBuffer room = {.dst = out, .size = PIECE, .pos = PIECE};
    assert_non_null(out);
    /* A full buffer: there may be more that was decoded. */
    while (in.pos < in.size || room.pos == room.size) {
        room.pos = 0;
        r = ZSTD_decompressStream(context, &room, &in);
        assert_false(ZSTD_isError(r));
        assert_true(room.pos <= len - done);
        assert_memory_equal(out, expected + done, room.pos);
        done += room.pos;
        if (r == 0 && in.pos == in.size)
            break;
    }
    assert_int_equal(r, 0);
    assert_int_equal(done, len);
    ZSTD_freeDCtx(context);
    free(out);
}

/* ---- what is written ---------------------------------------------------------------------- */

static void sizes(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT(codecs); c++) {
        size_t max = codecs[c]->data_max;
        const size_t lengths[] = {0, 1, 100, max - 1, max, max + 1, 2 * max + 7};
        for (size_t i = 0; i < COUNT(lengths); i++) {
            for (unsigned random = 0; random < 2; random++) {
                uint8_t *bytes = noise(lengths[i]);
                if (!random)
                    memset(bytes, 'a', lengths[i]);
                struct sb_buf file =
                    packed_bytes(codecs[c], random ? 6 : 1, random + 1, bytes, lengths[i]);
                if (c == 0)
                    assert_int_equal(file.len == 0, lengths[i] == 0);
                expect_frames(codecs[c], &file, bytes, lengths[i]);
                sb_buf_free(&file);
                free(bytes);
            }
        }
    }
}

/* How the bytes are cut into writes does not show in the output; every level is read back. */
static void pieces_and_levels(void **state)
{
    (void)state;
    static const int levels[2][4] = {{0, 1, 5, 9}, {0, 1, 3, 12}};
    for (size_t c = 0; c < COUNT(codecs); c++) {
        size_t len = codecs[c]->data_max + 12345;
        uint8_t *bytes = noise(len);
        for (size_t i = 0; i < len; i++)
            bytes[i] &= 0x1f;
        for (size_t l = 0; l < 4; l++) {
            struct sb_buf whole = packed_bytes(codecs[c], levels[c][l], 1, bytes, len);
            struct sink sink;
            assert_true(whole.len < len * 7 / 10); /* 5 bits of 8 */
            expect_frames(codecs[c], &whole, bytes, len);
            open_sink(&sink, codecs[c], levels[c][l], 2);
            for (size_t at = 0, n = 1; at < len; at += n, n = n * 3 + 1) {
                if (n > len - at)
                    n = len - at;
                fill_sink(&sink, bytes + at, n);
                fill_sink(&sink, NULL, 0);
            }
            struct sb_buf pieces = bytes_of(end_sink(&sink, SB_NO_POINTER));
            expect_equal(&whole, &pieces);
            sb_buf_free(&whole);
            sb_buf_free(&pieces);
        }
        free(bytes);
    }
}

/* Frames of both kinds of content, which take differently long. */
static uint8_t *mixture(size_t len)
{
    uint8_t *bytes = prose(len), *random = noise(len);
    for (size_t at = 0, n = 300000; at < len; at += 2 * n)
        memcpy(bytes + at, random + at, len - at < n ? len - at : n);
    free(random);
    return bytes;
}

static void every_number_of_threads(void **state)
{
    (void)state;
    static const unsigned jobs[] = {2, 7};
    for (size_t c = 0; c < COUNT(codecs); c++) {
        size_t len = 12 * (size_t)MIB + 4321;
        uint8_t *bytes = mixture(len);
        for (int level = 0; level < 2; level++) {
            struct sb_buf one = packed_bytes(codecs[c], level, 1, bytes, len);
            expect_frames(codecs[c], &one, bytes, len);
            if (c == 0)
                expect_gunzip(&one, bytes, len);
            else
                expect_unzstd(&one, bytes, len);
            for (size_t j = 0; j < COUNT(jobs); j++) {
                struct sb_buf more = packed_bytes(codecs[c], level, jobs[j], bytes, len);
                expect_equal(&one, &more);
                sb_buf_free(&more);
            }
            sb_buf_free(&one);
        }
        free(bytes);
    }
}

/* A pointer stands behind the last frame, and changes nothing before it. */
static void with_a_pointer(void **state)
{
    (void)state;
    static const size_t behind[2] = {0, 8 + 8 + 9}; /* the table of one frame */
    for (size_t c = 0; c < COUNT(codecs); c++) {
        struct sb_buf without = packed_bytes(codecs[c], 0, 1, "a tar", 5);
        struct sink sink;
        open_sink(&sink, codecs[c], 0, 1);
        fill_sink(&sink, "a tar", 5);
        struct sb_buf with = bytes_of(end_sink(&sink, UINT64_C(0x0102030405060708)));
        size_t size = c == 0 ? SB_GZ_POINTER_SIZE : SB_ZST_POINTER_SIZE;
        size_t frame = without.len - behind[c];
        assert_int_equal(with.len, without.len + size);
        assert_memory_equal(with.data, without.data, frame);
        assert_memory_equal(with.data + frame + (c == 0 ? 20 : 12), "\x08\7\6\5\4\3\2\1", 8);
        assert_memory_equal(with.data + frame + size, without.data + frame, behind[c]);
        if (c == 0)
            expect_gunzip(&with, (const uint8_t *)"a tar", 5);
        else
            expect_unzstd(&with, (const uint8_t *)"a tar", 5);
        sb_buf_free(&with);
        sb_buf_free(&without);
    }
}

/* ---- what fails --------------------------------------------------------------------------- */

static void bad_level(void **state)
{
    (void)state;
    struct sb_output output;
    struct sb_packer *packer;
    struct sb_pool *pool = new_pool(2);
    sb_output_stream(&output, -1);
    assert_true(sb_packer_new(&packer, &output, &sb_codec_gz, 99, pool, NULL) < 0);
    assert_null(packer);
    sb_packer_free(NULL);
    sb_pool_free(pool);
}

static void write_fails(void **state)
{
    (void)state;
    struct sb_output output;
    struct sb_packer *packer;
    struct sb_error error;
    struct sb_pool *pool = new_pool(1);
    uint8_t *bytes = noise(MIB);
    sb_output_stream(&output, -1);
    assert_int_equal(sb_packer_new(&packer, &output, &sb_codec_gz, 6, pool, NULL), 0);
    assert_int_equal(sb_pack_write(packer, bytes, 5, &error), 0);
    assert_int_equal(sb_pack_write(packer, bytes, MIB, &error), SEALBAG_ERR_IO);
    /* A part of the bundle is missing, also for who does not listen. */
    (void)sb_pack_write(packer, bytes, MIB, NULL);
    assert_true(sb_pack_finish(packer, SB_NO_POINTER, &error) < 0);
    sb_packer_free(packer);
    assert_int_equal(sb_packer_new(&packer, &output, &sb_codec_gz, 6, pool, NULL), 0);
    assert_int_equal(sb_pack_write(packer, bytes, 5, &error), 0);
    assert_int_equal(sb_pack_finish(packer, SB_NO_POINTER, &error), SEALBAG_ERR_IO);
    sb_packer_free(packer);
    sb_pool_free(pool);
    free(bytes);
}

/* Gives frame after frame to a disk that is full. The error comes before there are more frames than
 * can be in work, and finish says it at the latest. */
static void fill_disk(const struct sb_codec *codec, unsigned jobs, size_t frames)
{
    struct sb_output output;
    struct sb_packer *packer;
    struct sb_error error = {0};
    struct sb_pool *pool = new_pool(jobs);
    uint8_t *bytes = noise(codec->data_max);
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC), r = 0;
    assert_true(fd >= 0);
    sb_output_stream(&output, fd);
    assert_int_equal(sb_packer_new(&packer, &output, codec, 0, pool, NULL), 0);
    size_t given = 0;
    for (; r == 0 && given < frames; given++)
        r = sb_pack_write(packer, bytes, codec->data_max, &error);
    if (r == 0)
        r = sb_pack_finish(packer, 512, &error);
    assert_true(given <= 2 * (size_t)jobs + 2);
    assert_int_equal(r, SEALBAG_ERR_IO);
    assert_int_equal(error.code, SEALBAG_ERR_IO);
    assert_non_null(strstr(error.message, "No space left"));
    assert_true(output.written == 0);
    sb_packer_free(packer);
    sb_pool_free(pool);
    close(fd);
    free(bytes);
}

static void full_disk(void **state)
{
    (void)state;
    for (unsigned jobs = 1; jobs <= 4; jobs += 3) {
        fill_disk(&sb_codec_gz, jobs, 1);
        fill_disk(&sb_codec_gz, jobs, 3);
        fill_disk(&sb_codec_gz, jobs, 1000);
        fill_disk(&sb_codec_zst, jobs, 1);
        fill_disk(&sb_codec_zst, jobs, 1000);
    }
}

/* A codec whose frames are their data, and which fails on what begins with F. */
static void *encoder_new(int level)
{
    static char encoder;
    (void)level;
    return &encoder;
}

static void encoder_free(void *encoder)
{
    (void)encoder;
}

static int encode(void *encoder, uint8_t *frame, size_t *size, const uint8_t *data, size_t len)
{
    (void)encoder;
    memcpy(frame, data, len);
    *size = len;
    return data[0] == 'F' ? SEALBAG_ERR_SYSTEM : 0;
}

/* Whatever is in work already, nothing is written behind a frame that failed, and the error is
 * said.
 */
static void compression_fails(void **state)
{
    (void)state;
    static const struct sb_codec codec = {.data_max = 4,
                                          .frame_max = 4,
                                          .encoder_new = encoder_new,
                                          .encoder_free = encoder_free,
                                          .encode = encode};
    for (unsigned jobs = 1; jobs <= 7; jobs += 3) {
        for (size_t failing = 0; failing < 20; failing++) {
            char text[80];
            struct sink sink;
            struct sb_error error = {0};
            for (size_t i = 0; i < sizeof(text); i++)
                text[i] = i == 4 * failing ? 'F' : (char)('a' + i % 26);
            open_sink(&sink, &codec, 0, jobs);
            int r = sb_pack_write(sink.packer, text, sizeof(text), &error);
            if (r == 0)
                r = sb_pack_finish(sink.packer, SB_NO_POINTER, &error);
            assert_int_equal(r, SEALBAG_ERR_SYSTEM);
            assert_int_equal(error.code, SEALBAG_ERR_SYSTEM);
            sb_packer_free(sink.packer); /* nothing is in work any more */
            sink.packer = NULL;
            assert_true(sink.output.written == 4 * failing);
            char found[80];
            assert_int_equal(pread(fileno(sink.file), found, sizeof(found), 0), 4 * failing);
            assert_memory_equal(found, text, 4 * failing);
            free_sink(&sink);
        }
    }
}

/* A packer may be freed at any time, whatever is still in work. */
static void freed_early(void **state)
{
    (void)state;
    uint8_t *bytes = prose(5 * (size_t)MIB);
    for (size_t c = 0; c < COUNT(codecs); c++) {
        struct sink sink;
        open_sink(&sink, codecs[c], 9, 3);
        fill_sink(&sink, bytes, 5 * (size_t)MIB);
        sb_packer_free(sink.packer);
        /* Nothing runs any more: what was written stays so. */
        assert_true(sink.output.written > 0);
        sb_pool_free(sink.pool);
        fclose(sink.file);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes),
        cmocka_unit_test(pieces_and_levels),
        cmocka_unit_test(every_number_of_threads),
        cmocka_unit_test(with_a_pointer),
        cmocka_unit_test(bad_level),
        cmocka_unit_test(write_fails),
        cmocka_unit_test(full_disk),
        cmocka_unit_test(compression_fails),
        cmocka_unit_test(freed_early),
    };
    return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
