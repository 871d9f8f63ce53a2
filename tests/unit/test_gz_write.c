/* Writing gzip members: sizes, form, what any other program reads, and taking back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "container/gz_member.h"
#include "container/gz_write.h"
#include "unit/build.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { MIB = SB_GZ_MEMBER_DATA };

/* A writer to a nameless file that can be taken back, or to one that is said to be a pipe. */
struct sink {
    FILE *file;
    struct sb_output output;
    struct sb_gz_writer *writer;
};

static void open_sink(struct sink *sink, bool seekable, int level)
{
    sink->file = tmpfile();
    assert_non_null(sink->file);
    sb_output_stream(&sink->output, fileno(sink->file));
    sink->output.seekable = seekable;
    assert_int_equal(sb_gz_writer_new(&sink->writer, &sink->output, level, NULL), 0);
}

static void put(struct sink *sink, const void *bytes, size_t len)
{
    assert_int_equal(sb_gz_write(sink->writer, bytes, len, NULL), 0);
}

/* Ends it and gives what was written. */
static void close_sink(struct sink *sink, struct sb_buf *out)
{
    assert_int_equal(sb_gz_finish(sink->writer, NULL), 0);
    sb_gz_writer_free(sink->writer);
    assert_int_equal(lseek(fileno(sink->file), 0, SEEK_SET), 0);
    *out = (struct sb_buf){0};
    assert_int_equal(sb_buf_reserve(out, sink->output.written), 0);
    out->len = sink->output.written;
    if (out->len > 0)
        assert_int_equal(read(fileno(sink->file), out->data, out->len), out->len);
    char more;
    assert_int_equal(read(fileno(sink->file), &more, 1), 0);
    fclose(sink->file);
}

/* Walks the members by their length subfield; inflates each with zlib's own gzip reader and checks
 * its size. The whole must be `expected`. */
static void expect_members(const struct sb_buf *gz, const uint8_t *expected, size_t len)
{
    static const uint8_t fixed[SB_GZ_FIXED_SIZE] = SB_GZ_FIXED_HEADER;
    uint8_t *out = malloc(MIB + 1);
    size_t at = 0, done = 0;
    assert_non_null(out);
    while (at < gz->len) {
        assert_true(gz->len - at > SB_GZ_HEADER_SIZE + SB_GZ_TRAILER_SIZE);
        assert_memory_equal(gz->data + at, fixed, sizeof(fixed));
        uint32_t size = sb_load_u32le(gz->data + at + SB_GZ_FIXED_SIZE);
        assert_true(size <= gz->len - at && size <= SB_GZ_MEMBER_MAX);
        z_stream z = {
            .next_in = gz->data + at, .avail_in = size, .next_out = out, .avail_out = MIB + 1};
        assert_int_equal(inflateInit2(&z, 31), Z_OK);
        assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
        assert_int_equal(z.avail_in, 0);
        size_t n = z.total_out, left = len - done;
        inflateEnd(&z);
        assert_int_equal(n, left < MIB ? left : MIB);
        assert_memory_equal(out, expected + done, n);
        done += n;
        at += size;
    }
    assert_int_equal(done, len);
    free(out);
}

static void sizes(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 100, MIB - 1, MIB, MIB + 1, 2 * MIB + 7};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        for (int random = 0; random < 2; random++) {
            struct sink sink;
            struct sb_buf gz;
            uint8_t *bytes = noise(lengths[i]);
            if (!random)
                memset(bytes, 'a', lengths[i]);
            open_sink(&sink, true, random ? 6 : 1);
            put(&sink, bytes, lengths[i]);
            close_sink(&sink, &gz);
            assert_int_equal(gz.len == 0, lengths[i] == 0);
            expect_members(&gz, bytes, lengths[i]);
            sb_buf_free(&gz);
            free(bytes);
        }
    }
}

/* How the bytes are cut into writes does not show in the output; every level is read back. */
static void pieces_and_levels(void **state)
{
    (void)state;
    enum { LEN = MIB + 12345 };
    uint8_t *bytes = noise(LEN);
    for (size_t i = 0; i < LEN; i++)
        bytes[i] &= 0x1f;
    for (int level = 1; level <= 9; level += 4) {
        struct sb_buf whole, pieces;
        struct sink sink;
        open_sink(&sink, true, level);
        put(&sink, bytes, LEN);
        close_sink(&sink, &whole);
        expect_members(&whole, bytes, LEN);
        open_sink(&sink, false, level);
        for (size_t at = 0, n = 1; at < LEN; at += n, n = n * 3 + 1) {
            if (n > LEN - at)
                n = LEN - at;
            put(&sink, bytes + at, n);
            put(&sink, NULL, 0);
        }
        close_sink(&sink, &pieces);
        assert_int_equal(whole.len, pieces.len);
        assert_memory_equal(whole.data, pieces.data, whole.len);
        sb_buf_free(&whole);
        sb_buf_free(&pieces);
    }
    free(bytes);
}

static void bad_level(void **state)
{
    (void)state;
    struct sb_output output;
    struct sb_gz_writer *writer;
    sb_output_stream(&output, -1);
    assert_true(sb_gz_writer_new(&writer, &output, 99, NULL) < 0);
    assert_null(writer);
    sb_gz_writer_free(NULL);
}

static void write_fails(void **state)
{
    (void)state;
    struct sb_output output;
    struct sb_gz_writer *writer;
    struct sb_error error;
    uint8_t *bytes = noise(MIB);
    sb_output_stream(&output, -1);
    assert_int_equal(sb_gz_writer_new(&writer, &output, 6, NULL), 0);
    assert_int_equal(sb_gz_write(writer, bytes, 5, &error), 0);
    assert_int_equal(sb_gz_write(writer, bytes, MIB, &error), SEALBAG_ERR_IO);
    sb_gz_writer_free(writer);
    assert_int_equal(sb_gz_writer_new(&writer, &output, 6, NULL), 0);
    assert_int_equal(sb_gz_write(writer, bytes, 5, &error), 0);
    assert_int_equal(sb_gz_finish(writer, &error), SEALBAG_ERR_IO);
    sb_gz_writer_free(writer);
    free(bytes);
}

/* ---- taking back ------------------------------------------------------------------------- */

/* Writes `before`, marks, writes `junk` and takes it back (`times` times), then writes `after`:
 * the output must be as if the junk had never been. */
static void take_back(const uint8_t *bytes, size_t before, size_t junk, size_t after, int times)
{
    struct sink sink;
    struct sb_buf with, without;
    open_sink(&sink, true, 1);
    put(&sink, bytes, before);
    sb_gz_mark(sink.writer);
    for (int i = 0; i < times; i++) {
        put(&sink, bytes + 77, junk + (size_t)i);
        assert_int_equal(sb_gz_rewind(sink.writer, NULL), 0);
    }
    put(&sink, bytes + before, after);
    close_sink(&sink, &with);
    open_sink(&sink, true, 1);
    put(&sink, bytes, before + after);
    close_sink(&sink, &without);
    assert_int_equal(with.len, without.len);
    if (with.len > 0)
        assert_memory_equal(with.data, without.data, with.len);
    sb_buf_free(&with);
    sb_buf_free(&without);
}

static void rewind_everywhere(void **state)
{
    (void)state;
    static const struct {
        size_t before, junk, after;
    } rows[] = {{0, 0, 0},       {0, 10, 0},         {0, 10, 20},          {10, 10, 20},
                {10, MIB, 20},   {10, MIB - 10, 20}, {10, 3 * MIB, 20},    {MIB, 10, 20},
                {MIB, MIB, MIB}, {MIB - 1, 1, 1},    {MIB - 1, 2, 2},      {MIB + 1, MIB, 5},
                {2 * MIB, 0, 1}, {0, MIB, MIB},      {5, MIB + 5, 2 * MIB}};
    uint8_t *bytes = noise(5 * MIB);
    size_t count = getenv("SEALBAG_TEST_FAST") != NULL ? 6 : COUNT(rows);
    for (size_t i = 0; i < count; i++) {
        take_back(bytes, rows[i].before, rows[i].junk, rows[i].after, 1);
        take_back(bytes, rows[i].before, rows[i].junk, rows[i].after, 2);
    }
    free(bytes);
}

/* A second mark replaces the first. */
static void marks(void **state)
{
    (void)state;
    struct sink sink;
    struct sb_buf gz;
    uint8_t *bytes = noise(3 * MIB);
    open_sink(&sink, true, 1);
    put(&sink, bytes, 100);
    sb_gz_mark(sink.writer);
    put(&sink, bytes + 100, MIB);
    sb_gz_mark(sink.writer);
    put(&sink, bytes, MIB + 300);
    assert_int_equal(sb_gz_rewind(sink.writer, NULL), 0);
    put(&sink, bytes + 100 + MIB, 50);
    close_sink(&sink, &gz);
    expect_members(&gz, bytes, MIB + 150);
    sb_buf_free(&gz);
    /* without a mark, everything */
    open_sink(&sink, true, 1);
    put(&sink, bytes, 2 * MIB + 5);
    assert_int_equal(sb_gz_rewind(sink.writer, NULL), 0);
    put(&sink, bytes, 5);
    close_sink(&sink, &gz);
    expect_members(&gz, bytes, 5);
    sb_buf_free(&gz);
    free(bytes);
}

/* What has left through a pipe stays; what has not can be taken back. */
static void rewind_on_a_stream(void **state)
{
    (void)state;
    struct sink sink;
    struct sb_buf gz;
    uint8_t *bytes = noise(2 * MIB);
    open_sink(&sink, false, 1);
    put(&sink, bytes, 10);
    sb_gz_mark(sink.writer);
    put(&sink, bytes, MIB - 11);
    assert_int_equal(sb_gz_rewind(sink.writer, NULL), 0);
    put(&sink, bytes + 10, 10);
    close_sink(&sink, &gz);
    expect_members(&gz, bytes, 20);
    sb_buf_free(&gz);
    open_sink(&sink, false, 1);
    put(&sink, bytes, 10);
    sb_gz_mark(sink.writer);
    put(&sink, bytes, MIB - 10);
    assert_int_equal(sb_gz_rewind(sink.writer, NULL), SEALBAG_ERR_UNSUPPORTED);
    sb_gz_writer_free(sink.writer);
    fclose(sink.file);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes),
        cmocka_unit_test(pieces_and_levels),
        cmocka_unit_test(bad_level),
        cmocka_unit_test(write_fails),
        cmocka_unit_test(rewind_everywhere),
        cmocka_unit_test(marks),
        cmocka_unit_test(rewind_on_a_stream),
    };
    return cmocka_run_group_tests_name("gz_write", tests, NULL, NULL);
}
