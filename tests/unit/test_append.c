/* What is added to a bundle that exists: packing that goes on where another has stopped, the place
 * where it has to, and what may be said about that place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "container/seek.h"
#include "op/tail.h"
#include "unit/few.h"
#include "unit/frames.h"

static const struct sb_codec *const codecs[] = {&sb_codec_gz, &sb_codec_zst};

/* Some of it can be compressed, some cannot. */
static uint8_t *some_bytes(size_t len)
{
    uint8_t *bytes = malloc(len);
    uint32_t state = 7;
    assert_non_null(bytes);
    for (size_t i = 0; i < len; i++) {
        state = state * 1664525 + 1013904223;
        bytes[i] = i / 300000 % 2 == 0 ? (uint8_t)(state >> 24) : (uint8_t)(i / 1000);
    }
    return bytes;
}

static struct sb_seeker *seeker_of(FILE *file, size_t len)
{
    const struct sb_seek_options options = {.size = len};
    struct sb_seeker *seeker;
    assert_int_equal(sb_seeker_open(&seeker, fileno(file), &options, NULL), 0);
    return seeker;
}

/* Packs the bytes, and then again from the frame on that holds `from`, with the frames before it
 * copied. */
static void go_on(const struct sb_codec *codec, const uint8_t *bytes, size_t len, size_t from)
{
    struct sb_buf whole = bytes_of(packed(codec, bytes, len, 512));
    FILE *file = file_of(whole.data, whole.len);
    struct sb_seeker *seeker = seeker_of(file, whole.len);
    size_t frames = from / codec->data_max;
    uint32_t *sizes = calloc(frames + 1, sizeof(*sizes));
    assert_non_null(sizes);
    assert_ptr_equal(sb_seeker_codec(seeker), codec);
    assert_int_equal(sb_seeker_frames(seeker), (len + codec->data_max - 1) / codec->data_max);
    for (size_t i = 0; i < frames; i++)
        sizes[i] = (uint32_t)(sb_seeker_place(seeker, i + 1) - sb_seeker_place(seeker, i));
    size_t kept = (size_t)sb_seeker_place(seeker, frames);
    for (unsigned jobs = 1; jobs <= 3; jobs += 2) {
        struct sink sink;
        open_sink(&sink, codec, 0, jobs);
        assert_int_equal(sb_output_write(&sink.output, whole.data, kept, NULL), 0);
        assert_int_equal(sb_pack_resume(sink.packer, sizes, frames), 0);
        assert_true(sb_pack_total(sink.packer) == frames * (uint64_t)codec->data_max);
        fill_sink(&sink, bytes + frames * codec->data_max, from - frames * codec->data_max);
        assert_true(sb_pack_total(sink.packer) == from);
        /* What is taken back may be all that was given since. */
        sb_pack_mark(sink.packer);
        fill_sink(&sink, bytes, len < 2 * codec->data_max ? len : 2 * codec->data_max);
        assert_int_equal(sb_pack_rewind(sink.packer, NULL), 0);
        fill_sink(&sink, bytes + from, len - from);
        struct sb_buf again = bytes_of(end_sink(&sink, 512));
        assert_int_equal(again.len, whole.len);
        assert_memory_equal(again.data, whole.data, whole.len);
        sb_buf_free(&again);
    }
    free(sizes);
    sb_seeker_close(seeker);
    fclose(file);
    sb_buf_free(&whole);
}

static void packing_goes_on(void **state)
{
    (void)state;
    for (size_t c = 0; c < 2; c++) {
        size_t max = codecs[c]->data_max, len = 3 * max + 70000;
        uint8_t *bytes = some_bytes(len);
        const size_t places[] = {0,           512,     max - 512,   max,           max + 1,
                                 2 * max - 1, 2 * max, 3 * max - 1, 3 * max + 512, len};
        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i += one_in(3))
            go_on(codecs[c], bytes, len, places[i]);
        go_on(codecs[c], bytes, 3 * max, 3 * max - 512);
        free(bytes);
    }
}

/* ---- what is said about the place ---------------------------------------------------------- */

enum { MIB = 1 << 20 };

static const char index_text[] = "offset\tsize\tpath\n0\t54\tbagit.txt\n1024\t1100000\tdata/a\n";
enum { POINTER = 1024 + 512 + 1100288 };

/* One frame, and the beginning of the second. */
static struct sb_tail good_tail(void)
{
    struct sb_tail tail = {
        .packing = SB_PACKED_TAR_GZ, .pointer = POINTER, .kept = 5000, .frames = 1};
    tail.sizes = calloc(2, sizeof(*tail.sizes));
    assert_non_null(tail.sizes);
    tail.sizes[0] = 5000;
    assert_int_equal(sb_buf_reserve(&tail.before, POINTER - MIB), 0);
    memset(tail.before.data, 'x', POINTER - MIB);
    tail.before.len = POINTER - MIB;
    assert_int_equal(sb_buf_puts(&tail.index, index_text), 0);
    return tail;
}

static void plausible(void **state)
{
    (void)state;
    struct sb_tail tail = good_tail();
    assert_true(sb_tail_plausible(&tail, "bag", 6000));
    assert_true(sb_tail_plausible(&tail, "bag", 5001));
    assert_false(sb_tail_plausible(&tail, "bag", 5000));
    assert_false(sb_tail_plausible(&tail, NULL, 6000));
    tail.sizes[0] = 4999;
    assert_false(sb_tail_plausible(&tail, "bag", 6000));
    tail.sizes[0] = 0;
    tail.kept = 0;
    assert_false(sb_tail_plausible(&tail, "bag", 6000));
    tail.kept = tail.sizes[0] = MIB + (1 << 16) + 1;
    assert_false(sb_tail_plausible(&tail, "bag", UINT64_MAX));
    tail.kept = tail.sizes[0] = MIB + (1 << 16);
    assert_true(sb_tail_plausible(&tail, "bag", UINT64_MAX));
    tail.before.len--;
    assert_false(sb_tail_plausible(&tail, "bag", UINT64_MAX));
    tail.before.len++;
    tail.packing = SB_PACKED_TAR_ZST; /* whose frames are larger */
    assert_false(sb_tail_plausible(&tail, "bag", UINT64_MAX));
    tail.packing = SB_PACKED_TAR_GZ;
    tail.pointer += 512; /* there is room for something else */
    tail.before.len += 512;
    assert_false(sb_tail_plausible(&tail, "bag", UINT64_MAX));
    tail.pointer -= 1024;
    tail.before.len -= 1024;
    assert_false(sb_tail_plausible(&tail, "bag", UINT64_MAX));
    tail.pointer += 512;
    tail.before.len += 512;
    assert_true(sb_tail_plausible(&tail, "bag", UINT64_MAX));
    tail.index.len--; /* without its last line feed */
    assert_false(sb_tail_plausible(&tail, "bag", UINT64_MAX));
    tail.index.len = 0;
    assert_false(sb_tail_plausible(&tail, "bag", UINT64_MAX));
    sb_tail_free(&tail);
    assert_false(sb_tail_plausible(&tail, "bag", 6000));
}

static struct sb_wire *wire_of(FILE *file)
{
    struct sb_wire *wire = calloc(1, sizeof(*wire));
    assert_non_null(wire);
    wire->fd = fileno(file);
    assert_int_equal(lseek(wire->fd, 0, SEEK_SET), 0);
    return wire;
}

/* Whether it comes out of the pipe, and then as it was. */
static const struct sb_tail zip_tail = {
    .packing = SB_PACKED_ZIP, .kept = 5000, .central = 900, .entries = 9};

static void what_zip_files_are_plausible(void **state)
{
    (void)state;
    struct sb_tail tail = zip_tail;
    assert_true(sb_tail_plausible(&tail, "bag", 5901));
    assert_false(sb_tail_plausible(&tail, "bag", 5900)); /* there is an end record */
    assert_false(sb_tail_plausible(&tail, "bag", 5000));
    assert_false(sb_tail_plausible(&tail, NULL, 6000));
    tail.central = UINT64_MAX - 100;
    assert_false(sb_tail_plausible(&tail, "bag", 6000));
    tail = zip_tail;
    tail.packing = SB_PACKED_TAR;
    assert_false(sb_tail_plausible(&tail, "bag", 6000));
}

static bool passes(const struct sb_tail *tail)
{
    const struct sealbag_limits limits = {
        .expanded = 1 << 24, .manifest_bytes = 1000, .entries = 10};
    struct sb_tail got = {0};
    FILE *file = tmpfile();
    assert_non_null(file);
    struct sb_wire *wire = wire_of(file);
    sb_tail_put(wire, tail);
    assert_true(sb_wire_flush(wire));
    free(wire);
    wire = wire_of(file);
    sb_tail_get(&got, wire, &limits);
    bool good = !wire->failed;
    if (good) {
        assert_int_equal(got.packing, tail->packing);
        assert_true(got.pointer == tail->pointer && got.kept == tail->kept);
        assert_true(got.central == tail->central && got.entries == tail->entries);
        assert_int_equal(got.frames, tail->frames);
        if (got.frames > 0)
            assert_memory_equal(got.sizes, tail->sizes, got.frames * sizeof(*got.sizes));
        assert_int_equal(got.before.len, tail->before.len);
        assert_int_equal(got.index.len, tail->index.len);
        if (got.index.len > 0)
            assert_memory_equal(got.index.data, tail->index.data, tail->index.len);
    } else {
        assert_int_equal(got.frames, 0);
        assert_null(got.sizes);
    }
    sb_tail_free(&got);
    free(wire);
    fclose(file);
    return good;
}

static void through_the_pipe(void **state)
{
    (void)state;
    struct sb_tail tail = good_tail();
    assert_true(passes(&tail));
    tail.frames = 2; /* more than belong to the pointer */
    assert_false(passes(&tail));
    tail.frames = 0;
    assert_false(passes(&tail));
    tail.frames = 1;
    tail.pointer = (1 << 24) + 512; /* beyond the limit */
    assert_false(passes(&tail));
    sb_tail_free(&tail);
    struct sb_tail zip = zip_tail;
    assert_true(passes(&zip));
    zip.central = 1001; /* beyond the limits */
    assert_false(passes(&zip));
    zip = zip_tail;
    zip.entries = 11;
    assert_false(passes(&zip));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packing_goes_on),
        cmocka_unit_test(plausible),
        cmocka_unit_test(what_zip_files_are_plausible),
        cmocka_unit_test(through_the_pipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
