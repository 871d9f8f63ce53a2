/* Taking back what was given to a packer: the output must be as if it had never been given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/few.h"
#include "unit/frames.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct sb_codec *const codecs[] = {&sb_codec_gz, &sb_codec_zst};

static void take_back(struct sink *sink, uint64_t total)
{
    assert_int_equal(sb_pack_rewind(sink->packer, NULL), 0);
    assert_true(sb_pack_total(sink->packer) == total);
}

/* Ends it; it must be as if these bytes alone had been given. */
static void expect(struct sink *sink, const struct sb_codec *codec, const uint8_t *bytes,
                   size_t len)
{
    struct sb_buf with = bytes_of(end_sink(sink, 512));
    struct sb_buf without = bytes_of(packed(codec, bytes, len, 512));
    assert_int_equal(with.len, without.len);
    assert_memory_equal(with.data, without.data, with.len);
    sb_buf_free(&with);
    sb_buf_free(&without);
}

/* Writes `before`, marks, writes `junk` and takes it back (`times` times), then writes `after`. */
static void junk_between(const struct sb_codec *codec, unsigned jobs, const uint8_t *bytes,
                         size_t before, size_t junk, size_t after, int times)
{
    struct sink sink;
    open_sink(&sink, codec, 0, jobs);
    fill_sink(&sink, bytes, before);
    sb_pack_mark(sink.packer);
    for (int i = 0; i < times; i++) {
        fill_sink(&sink, bytes + 77, junk + (size_t)i);
        assert_true(sb_pack_total(sink.packer) == before + junk + (size_t)i);
        take_back(&sink, before);
    }
    fill_sink(&sink, bytes + before, after);
    expect(&sink, codec, bytes, before + after);
}

/* Within a frame, at its edges, over several frames, and over more than can be in work. */
static void everywhere(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT(codecs); c++) {
        const size_t M = codecs[c]->data_max;
        const struct {
            size_t before, junk, after;
        } rows[] = {{0, 0, 0},     {0, 10, 0},          {0, 10, 20},     {10, 10, 20},
                    {10, M, 20},   {10, M - 10, 20},    {10, 3 * M, 20}, {M, 10, 20},
                    {M, M, M},     {M - 1, 1, 1},       {M - 1, 2, 2},   {M + 1, M, 5},
                    {2 * M, 0, 1}, {0, M, M},           {5, M + 5, 2},   {3 * M - 2, 2 * M + 1, 9},
                    {0, 5 * M, 3}, {M + 7, 4 * M, 4000}};
        uint8_t *bytes = noise(6 * M);
        size_t count = one_in(3) > 1 ? 6 : COUNT(rows);
        for (size_t i = 0; i < count; i++) {
            junk_between(codecs[c], 1, bytes, rows[i].before, rows[i].junk, rows[i].after, 1);
            junk_between(codecs[c], 1 + (unsigned)i % 3, bytes, rows[i].before, rows[i].junk,
                         rows[i].after, 2);
        }
        free(bytes);
    }
}

/* Marks and rewinds one after another, as create does when it meets documents that change. */
static void again_and_again(void **state)
{
    (void)state;
    for (unsigned jobs = 1; jobs <= 4; jobs += 3) {
        const size_t len = 20 * sb_codec_gz.data_max;
        uint8_t *bytes = noise(len);
        uint32_t random = 5;
        struct sink sink;
        size_t at = 0;
        open_sink(&sink, &sb_codec_gz, 0, jobs);
        for (int i = 0; i < 60; i++) {
            random = random * 1664525 + 1013904223;
            size_t n = (random >> 8) % 300000, junk = (random >> 4) % 1500000;
            sb_pack_mark(sink.packer);
            if (i % 3 != 0) {
                fill_sink(&sink, bytes + i, junk);
                take_back(&sink, at);
            }
            if (i % 5 == 0) /* twice, with nothing between */
                take_back(&sink, at);
            fill_sink(&sink, bytes + at, n);
            at += n;
            assert_true(at < len);
        }
        expect(&sink, &sb_codec_gz, bytes, at);
        free(bytes);
    }
}

/* A second mark replaces the first, wherever the first was. */
static void marks(void **state)
{
    (void)state;
    for (unsigned jobs = 1; jobs <= 3; jobs++) {
        for (size_t c = 0; c < COUNT(codecs); c++) {
            const size_t M = codecs[c]->data_max;
            uint8_t *bytes = noise(3 * M);
            struct sink sink;
            open_sink(&sink, codecs[c], 0, jobs);
            fill_sink(&sink, bytes, 100);
            sb_pack_mark(sink.packer);
            fill_sink(&sink, bytes + 100, M);
            sb_pack_mark(sink.packer);
            fill_sink(&sink, bytes, M + 300);
            take_back(&sink, 100 + M);
            fill_sink(&sink, bytes + 100 + M, 50);
            expect(&sink, codecs[c], bytes, M + 150);
            /* in the same frame, with nothing between, and at once after a rewind */
            open_sink(&sink, codecs[c], 0, jobs);
            fill_sink(&sink, bytes, 100);
            sb_pack_mark(sink.packer);
            fill_sink(&sink, bytes + 100, 100);
            sb_pack_mark(sink.packer);
            sb_pack_mark(sink.packer);
            fill_sink(&sink, bytes, 2 * M);
            take_back(&sink, 200);
            sb_pack_mark(sink.packer);
            fill_sink(&sink, bytes, M);
            take_back(&sink, 200);
            fill_sink(&sink, bytes + 200, M);
            sb_pack_mark(sink.packer);
            take_back(&sink, 200 + M);
            expect(&sink, codecs[c], bytes, 200 + M);
            /* without a mark, everything */
            open_sink(&sink, codecs[c], 0, jobs);
            fill_sink(&sink, bytes + 9, 2 * M + 5);
            take_back(&sink, 0);
            fill_sink(&sink, bytes, 5);
            expect(&sink, codecs[c], bytes, 5);
            free(bytes);
        }
    }
}

/* What has left through a pipe stays; what has not can be taken back. */
static void from_a_stream(void **state)
{
    (void)state;
    for (unsigned jobs = 1; jobs <= 3; jobs++) {
        for (size_t c = 0; c < COUNT(codecs); c++) {
            const size_t M = codecs[c]->data_max;
            uint8_t *bytes = noise(2 * M);
            struct sink sink;
            struct sb_error error = {0};
            open_sink(&sink, codecs[c], 0, jobs);
            sink.output.seekable = false; /* as a pipe */
            fill_sink(&sink, bytes, M);   /* it has left, but was there before the mark */
            sb_pack_mark(sink.packer);
            fill_sink(&sink, bytes, M - 1);
            take_back(&sink, M);
            fill_sink(&sink, bytes + M, 10);
            sb_pack_mark(sink.packer);
            fill_sink(&sink, bytes, M - 11);
            take_back(&sink, M + 10);
            fill_sink(&sink, bytes + M + 10, 10);
            expect(&sink, codecs[c], bytes, M + 20);
            open_sink(&sink, codecs[c], 0, jobs);
            sink.output.seekable = false; /* as a pipe */
            fill_sink(&sink, bytes, 10);
            sb_pack_mark(sink.packer);
            fill_sink(&sink, bytes, M - 10);
            assert_int_equal(sb_pack_rewind(sink.packer, &error), SEALBAG_ERR_UNSUPPORTED);
            assert_int_equal(error.code, SEALBAG_ERR_UNSUPPORTED);
            free_sink(&sink);
            free(bytes);
        }
    }
}

/* An error of the output that is still on its way comes out of the rewind. */
static void to_a_broken_output(void **state)
{
    (void)state;
    for (unsigned jobs = 1; jobs <= 3; jobs++) {
        uint8_t *bytes = noise(sb_codec_gz.data_max);
        struct sink sink;
        struct sb_error error = {0};
        open_sink(&sink, &sb_codec_gz, 0, jobs);
        sink.output.fd = -1;
        int r = sb_pack_write(sink.packer, bytes, sb_codec_gz.data_max, &error);
        if (r == 0)
            r = sb_pack_rewind(sink.packer, &error);
        assert_int_equal(r, SEALBAG_ERR_IO);
        assert_int_equal(error.code, SEALBAG_ERR_IO);
        free_sink(&sink);
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everywhere),
        cmocka_unit_test(again_and_again),
        cmocka_unit_test(marks),
        cmocka_unit_test(from_a_stream),
        cmocka_unit_test(to_a_broken_output),
    };
    return cmocka_run_group_tests_name("rewind", tests, NULL, NULL);
}
