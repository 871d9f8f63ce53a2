/* What stands behind the frames of a file, frames that are not full, and reading with any number of
 * threads: the same bytes, the same errors, and no error before the good frames that precede it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "container/gz_codec.h"
#include "container/zst_codec.h"
#include "unit/few.h"
#include "unit/frames.h"
#include "unit/view.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { GZ, ZST };

static const struct sb_codec *const codecs[] = {&sb_codec_gz, &sb_codec_zst};
static const unsigned jobs[] = {1, 2, 5};

/* A file of frames that hold these texts. */
struct parts {
    size_t starts[8]; /* of the frames, then of the pointer, the table and the end */
    size_t count, pointer, table;
    uint32_t sizes[16];
    struct sb_buf bytes;
};

static struct parts make_parts(size_t c, const char *const *texts, size_t count, uint64_t pointer)
{
    struct parts parts = {.count = count};
    for (size_t i = 0; i < count; i++) {
        struct frame frame = encode(codecs[c], 0, texts[i], strlen(texts[i]));
        parts.starts[i] = parts.bytes.len;
        put(&parts.bytes, frame.bytes, frame.size);
        parts.sizes[2 * i] = (uint32_t)frame.size;
        parts.sizes[2 * i + 1] = (uint32_t)strlen(texts[i]);
        free(frame.bytes);
    }
    parts.starts[count] = parts.pointer = parts.table = parts.bytes.len;
    if (pointer != SB_NO_POINTER)
        parts.table += c == GZ ? SB_GZ_POINTER_SIZE : SB_ZST_POINTER_SIZE;
    assert_int_equal(codecs[c]->finish(&parts.bytes, pointer, parts.sizes, count), 0);
    return parts;
}

static const char *const one[] = {"the frame"};

static void expect(const struct sb_buf *file, const char *rule, const char *data)
{
    struct unpacked out = unpack(file->data, file->len, 2, false);
    assert_string_equal(out.rule, rule);
    if (data != NULL)
        assert_string_equal((const char *)out.data.data, data);
    sb_buf_free(&out.data);
}

/* ---- the pointer -------------------------------------------------------------------------- */

static void pointers(void **state)
{
    (void)state;
    static const uint64_t values[] = {SB_NO_POINTER, 1, 512, INT64_MAX, UINT64_MAX};
    for (size_t c = 0; c < COUNT(codecs); c++) {
        for (size_t i = 0; i < COUNT(values); i++) {
            struct parts parts = make_parts(c, one, 1, values[i]);
            for (size_t j = 0; j < COUNT(jobs); j++) {
                struct unpacked out = unpack(parts.bytes.data, parts.bytes.len, jobs[j], false);
                assert_string_equal(out.rule, "ok");
                assert_string_equal((const char *)out.data.data, "the frame");
                assert_true(out.could_point);
                assert_true(out.pointer == values[i]);
                sb_buf_free(&out.data);
            }
            sb_buf_free(&parts.bytes);
        }
    }
}

/* Files that have no place for a pointer: there is nothing to compare an index with. */
static void without_pointers(void **state)
{
    (void)state;
    struct parts parts = make_parts(ZST, one, 1, SB_NO_POINTER);
    static const uint8_t gz[] = {0x1f, 0x8b, 8,    0,   0,    0,    0,    0,    0, 3, 1, 1,
                                 0,    0xfe, 0xff, 'a', 0x43, 0xbe, 0xb7, 0xe8, 1, 0, 0, 0};
    static const uint8_t zst[] = {0x28, 0xb5, 0x2f, 0xfd, 0, 0x58, 9, 0, 0, 'a'};
    struct unpacked out[] = {
        unpack(parts.bytes.data, parts.table, 1, false),
        unpack(gz, sizeof(gz), 1, false),
        unpack(zst, sizeof(zst), 1, false),
    };
    for (size_t i = 0; i < COUNT(out); i++) {
        assert_string_equal(out[i].rule, "ok");
        assert_string_equal((const char *)out[i].data.data, i == 0 ? "the frame" : "a");
        assert_false(out[i].could_point);
        assert_true(out[i].pointer == SB_NO_POINTER);
        sb_buf_free(&out[i].data);
    }
    sb_buf_free(&parts.bytes);
}

/* Where a pointer is changed it is refused, unless it still is one (the value is for others to
 * judge). So is a seek table, whatever is changed in it. */
static void every_bit_of_the_end(void **state)
{
    (void)state;
    static const char *const texts[] = {"frames"};
    for (size_t c = 0; c < COUNT(codecs); c++) {
        struct parts parts = make_parts(c, texts, 1, 512);
        size_t value = parts.pointer + (c == GZ ? 20 : 12), good = 0;
        for (size_t at = parts.pointer; at < parts.bytes.len; at++) {
            for (unsigned mask = 1; mask <= 256; mask *= 2) {
                parts.bytes.data[at] ^= (uint8_t)(mask < 256 ? mask : 255);
                struct unpacked out = unpack(parts.bytes.data, parts.bytes.len, 1, false);
                uint64_t changed = sb_load_u64le(parts.bytes.data + value);
                if (strcmp(out.rule, "ok") == 0) {
                    assert_true(at >= value && at < value + 8);
                    assert_true(out.pointer == changed && changed != 512 && changed != 0);
                    good++;
                }
                assert_string_equal((const char *)out.data.data, "frames");
                sb_buf_free(&out.data);
                parts.bytes.data[at] ^= (uint8_t)(mask < 256 ? mask : 255);
            }
        }
        assert_int_equal(good, 8 * 9 - 1); /* all but zero */
        /* Nothing of it at all, or all of it; a pointer without a table is not enough. */
        size_t whole = parts.bytes.len;
        for (parts.bytes.len = parts.pointer + 1; parts.bytes.len < whole; parts.bytes.len++) {
            struct unpacked out = unpack(parts.bytes.data, parts.bytes.len, 1, false);
            assert_string_not_equal(out.rule, "ok");
            assert_string_equal((const char *)out.data.data, "frames");
            sb_buf_free(&out.data);
        }
        if (c == ZST) {
            parts.bytes.len = parts.table;
            expect(&parts.bytes, "zstd.truncated", "frames");
        }
        parts.bytes.len = parts.pointer;
        expect(&parts.bytes, "ok", "frames");
        sb_buf_free(&parts.bytes);
    }
}

/* ---- what is behind it -------------------------------------------------------------------- */

/* The bytes are refused there, for this reason (NULL: any). */
static void behind(size_t c, const struct parts *parts, const void *bytes, size_t len,
                   const char *rule)
{
    static size_t turn;
    struct sb_buf file = {0};
    put(&file, parts->bytes.data, parts->bytes.len);
    put(&file, bytes, len);
    struct unpacked out = unpack(file.data, file.len, jobs[turn++ % COUNT(jobs)], false);
    if (strcmp(out.rule, "ok") == 0 || (rule != NULL && strcmp(out.rule, rule) != 0))
        fail_msg("codec %zu: %zu bytes behind the end: %s", c, len, out.rule);
    assert_string_equal((const char *)out.data.data, "the frame");
    sb_buf_free(&out.data);
    sb_buf_free(&file);
}

static void nothing_follows(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) { /* a gzip pointer, a zstd table with and without a pointer */
        size_t c = i == 0 ? GZ : ZST;
        struct parts parts = make_parts(c, one, 1, i < 2 ? 512 : SB_NO_POINTER);
        struct parts pointed = make_parts(c, one, 1, 512), other = make_parts(1 - c, one, 1, 512);
        const struct sb_buf *whole = &pointed.bytes;
        for (size_t value = 0; value < 256; value += one_in(9)) {
            uint8_t byte = (uint8_t)value;
            behind(c, &parts, &byte, 1, NULL);
        }
        behind(c, &parts, whole->data, pointed.pointer, "container.order"); /* a frame */
        behind(c, &parts, whole->data, whole->len, "container.order");
        behind(c, &parts, whole->data + pointed.pointer, pointed.table - pointed.pointer,
               "container.order");
        if (c == ZST) {
            behind(c, &parts, whole->data + pointed.table, whole->len - pointed.table,
                   "container.order");
            behind(c, &parts, "\x50\x2a\x4d\x18\0\0\0\0", 8, NULL); /* to be skipped */
        } else {
            /* an empty member as gzip writes it */
            behind(c, &parts, "\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0", 20,
                   "gzip.mixed");
        }
        behind(c, &parts, other.bytes.data, other.bytes.len, NULL);
        behind(c, &parts, "bytes of no kind whatsoever", 27, NULL);
        sb_buf_free(&parts.bytes);
        sb_buf_free(&pointed.bytes);
        sb_buf_free(&other.bytes);
    }
}

/* ---- the seek table ----------------------------------------------------------------------- */

/* A file of the frames, with this behind them. */
static void with_end(const struct parts *parts, const struct sb_buf *end, const char *rule)
{
    struct sb_buf file = {0};
    put(&file, parts->bytes.data, parts->pointer);
    put(&file, end->data, end->len);
    expect(&file, rule, "one two three ");
    sb_buf_free(&file);
}

static void wrong_tables(void **state)
{
    (void)state;
    static const char *const texts[] = {"one ", "two ", "three "};
    struct parts parts = make_parts(ZST, texts, 3, SB_NO_POINTER);
    struct sb_buf end = {0};
    uint32_t sizes[8];
    const struct sb_codec *zst = codecs[ZST];
    with_end(&parts, &end, "ok"); /* none */
    assert_int_equal(zst->finish(&end, SB_NO_POINTER, parts.sizes, 3), 0);
    with_end(&parts, &end, "ok");
    for (size_t count = 0; count <= 4; count++) {
        end.len = 0;
        memcpy(sizes, parts.sizes, sizeof(sizes));
        assert_int_equal(zst->finish(&end, SB_NO_POINTER, sizes, count), 0);
        with_end(&parts, &end, count == 3 ? "ok" : "zstd.seek-table");
    }
    for (size_t i = 0; i < 6; i++) {
        end.len = 0;
        memcpy(sizes, parts.sizes, sizeof(sizes));
        sizes[i]++;
        assert_int_equal(zst->finish(&end, SB_NO_POINTER, sizes, 3), 0);
        with_end(&parts, &end, "zstd.seek-table");
    }
    /* two of them, and the pointer in the wrong place */
    end.len = 0;
    assert_int_equal(zst->finish(&end, SB_NO_POINTER, parts.sizes, 3), 0);
    assert_int_equal(zst->finish(&end, SB_NO_POINTER, parts.sizes, 3), 0);
    with_end(&parts, &end, "container.order");
    end.len /= 2;
    put(&end, "\x5d\x2a\x4d\x18\x0c\0\0\0SBIX\0\2\0\0\0\0\0\0", 20);
    with_end(&parts, &end, "container.order");
    sb_buf_free(&end);
    sb_buf_free(&parts.bytes);
}

/* ---- frames that are not full ------------------------------------------------------------- */

static void short_frames(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT(codecs); c++) {
        const size_t M = codecs[c]->data_max;
        const size_t rows[][3] = {{M, M, M}, {M, M, 1}, {M, M - 1, M}, {1, M, M}, {M - 1, 1, 1}};
        uint8_t *bytes = noise(M);
        for (size_t i = 0; i < COUNT(rows) * 2; i += one_in(3)) {
            const size_t *lengths = rows[i / 2];
            bool full = lengths[0] == M && lengths[1] == M, pointed = i % 2 == 0;
            struct sb_buf file = {0};
            uint32_t sizes[6];
            for (size_t f = 0; f < 3; f++) {
                struct frame frame = encode(codecs[c], 0, bytes, lengths[f]);
                put(&file, frame.bytes, frame.size);
                sizes[2 * f] = (uint32_t)frame.size;
                sizes[2 * f + 1] = (uint32_t)lengths[f];
                free(frame.bytes);
            }
            assert_int_equal(codecs[c]->finish(&file, pointed ? 512 : SB_NO_POINTER, sizes, 3), 0);
            for (size_t j = 0; j < COUNT(jobs); j++) {
                struct unpacked out = unpack(file.data, file.len, jobs[j], false);
                assert_string_equal(out.rule, full || !pointed ? "ok" : "container.short-frame");
                assert_int_equal(out.data.len, lengths[0] + lengths[1] + lengths[2]);
                sb_buf_free(&out.data);
            }
            sb_buf_free(&file);
        }
        free(bytes);
    }
}

/* ---- threads ------------------------------------------------------------------------------ */

/* What one thread makes of it, all make of it. */
static void same_for_all(const struct sb_buf *file, const char *rule, const uint8_t *data,
                         size_t len)
{
    for (size_t j = 0; j < COUNT(jobs); j++) {
        struct unpacked out = unpack(file->data, file->len, jobs[j], false);
        if (strcmp(out.rule, rule) != 0 || out.data.len != len)
            fail_msg("%u threads: %s after %zu bytes, not %s after %zu", jobs[j], out.rule,
                     out.data.len, rule, len);
        if (len > 0)
            assert_memory_equal(out.data.data, data, len);
        sb_buf_free(&out.data);
    }
}

/* Twelve frames, of which each in turn is damaged so that its data, its header or its end is wrong:
 * all frames before it are given, and nothing else. */
static void errors_in_order(void **state)
{
    (void)state;
    enum { FRAMES = 12, LEN = 9000 };
    for (size_t c = 0; c < COUNT(codecs); c++) {
        uint8_t *bytes = prose((size_t)FRAMES * LEN);
        struct sb_buf file = {0};
        size_t starts[FRAMES + 1] = {0};
        for (size_t f = 0; f < FRAMES; f++) {
            struct frame frame = encode(codecs[c], 0, bytes + f * LEN, LEN);
            put(&file, frame.bytes, frame.size);
            starts[f + 1] = file.len;
            free(frame.bytes);
        }
        same_for_all(&file, "ok", bytes, (size_t)FRAMES * LEN);
        for (size_t f = 0; f < FRAMES; f++) {
            uint8_t *check = file.data + starts[f + 1] - (c == GZ ? 5 : 1);
            *check ^= 0x10;
            same_for_all(&file, c == GZ ? "gzip.check" : "zstd.check", bytes, f * LEN);
            if (f + 1 < FRAMES) { /* a second error does not come before the first */
                uint8_t *next = file.data + starts[f + 1];
                *next ^= 0x10;
                same_for_all(&file, c == GZ ? "gzip.check" : "zstd.check", bytes, f * LEN);
                *next ^= 0x10;
            }
            *check ^= 0x10;
            uint8_t *header = file.data + starts[f];
            if (f > 0) { /* the first one's says what the file is */
                *header ^= 0x10;
                same_for_all(&file, c == GZ ? "gzip.trailing" : "zstd.trailing", bytes, f * LEN);
                *header ^= 0x10;
            }
            struct sb_buf cut = {.data = file.data, .len = starts[f + 1] - 1};
            same_for_all(&cut, c == GZ ? "gzip.truncated" : "zstd.truncated", bytes, f * LEN);
        }
        sb_buf_free(&file);
        free(bytes);
    }
}

/* Full frames, more than can be in work at once. */
static void large(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT(codecs); c++) {
        size_t len = (c == GZ ? 15 : 5) * codecs[c]->data_max + 4567;
        uint8_t *bytes = prose(len);
        struct sb_buf file = bytes_of(packed(codecs[c], bytes, len, 512));
        same_for_all(&file, "ok", bytes, len);
        sb_buf_free(&file);
        free(bytes);
    }
}

/* An unpacker may be freed at any time, whatever is still in work. */
static void freed_early(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT(codecs); c++) {
        size_t len = 4 * codecs[c]->data_max;
        uint8_t *bytes = prose(len);
        for (int reads = 0; reads < 3; reads++) {
            FILE *file = packed(codecs[c], bytes, len, 512);
            struct sb_pool *pool = new_pool(3);
            struct sb_input input;
            struct sb_unpacker *unpacker;
            const uint8_t *piece;
            size_t n;
            bool gap;
            assert_int_equal(sb_input_open(&input, fileno(file), 0, NULL, NULL, NULL), 0);
            assert_int_equal(sb_unpacker_new(&unpacker, &input, pool, false, NULL), 0);
            for (int i = 0; i < reads; i++) {
                assert_int_equal(sb_unpack_next(unpacker, &piece, &n, &gap, NULL), 1);
                assert_int_equal(n, codecs[c]->data_max);
                assert_memory_equal(piece, bytes + (size_t)i * n, n);
            }
            sb_unpacker_free(unpacker);
            sb_input_close(&input);
            sb_pool_free(pool);
            fclose(file);
        }
        free(bytes);
    }
    sb_unpacker_free(NULL);
}

/* Salvaging, nothing but the documents counts: also frames behind what must be the end are read. */
static void salvage_behind_the_end(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT(codecs); c++) {
        struct parts parts = make_parts(c, one, 1, 512);
        size_t len = parts.bytes.len;
        for (int i = 0; i < 2; i++) {
            struct sb_buf again = {0};
            put(&again, parts.bytes.data, len);
            put(&parts.bytes, again.data, len);
            sb_buf_free(&again);
        }
        struct unpacked out = unpack(parts.bytes.data, parts.bytes.len, 1, true);
        assert_string_equal(out.rule, "ok");
        assert_string_equal((const char *)out.data.data, "the framethe framethe frame");
        sb_buf_free(&out.data);
        sb_buf_free(&parts.bytes);
    }
}

struct stopper {
    unsigned calls, stop_at;
};

static int stop(void *context, const struct sealbag_progress *now)
{
    struct stopper *stopper = context;
    (void)now;
    return ++stopper->calls == stopper->stop_at;
}

/* Reads all of the file; the code at the end. What was given must be the beginning of the data. */
static int read_until_stopped(FILE *file, unsigned count, struct stopper *stopper,
                              const uint8_t *data)
{
    struct sb_pool *pool = new_pool(count);
    struct sb_input input;
    struct sb_unpacker *unpacker;
    struct sb_error error = {0};
    struct unpacked out = {.rule = NULL};
    assert_int_equal(lseek(fileno(file), 0, SEEK_SET), 0);
    assert_int_equal(sb_input_open(&input, fileno(file), 0, stop, stopper, NULL), 0);
    int r = sb_unpacker_new(&unpacker, &input, pool, false, &error);
    if (r == 0)
        r = unpack_all(&out, unpacker, &error);
    if (out.data.len > 0)
        assert_memory_equal(out.data.data, data, out.data.len);
    if (r < 0)
        assert_int_equal(error.code, r);
    sb_unpacker_free(unpacker);
    sb_input_close(&input);
    sb_pool_free(pool);
    sb_buf_free(&out.data);
    return r;
}

/* A caller who says stop is heard, wherever the unpacker is and however far it has read ahead. */
static void cancelled(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT(codecs); c++) {
        size_t len = 6 * codecs[c]->data_max;
        uint8_t *bytes = noise(len);
        FILE *file = packed(codecs[c], bytes, len, 512);
        for (size_t j = 0; j < COUNT(jobs); j++) {
            struct stopper all = {.stop_at = 0};
            assert_int_equal(read_until_stopped(file, jobs[j], &all, bytes), 0);
            assert_true(all.calls > 20);
            unsigned step = all.calls / (one_in(3) == 1 ? 9 : 3);
            for (unsigned at = 1; at <= all.calls; at += step) {
                struct stopper stopper = {.stop_at = at};
                assert_int_equal(read_until_stopped(file, jobs[j], &stopper, bytes),
                                 SEALBAG_ERR_CANCELLED);
            }
        }
        fclose(file);
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pointers),
        cmocka_unit_test(without_pointers),
        cmocka_unit_test(every_bit_of_the_end),
        cmocka_unit_test(nothing_follows),
        cmocka_unit_test(wrong_tables),
        cmocka_unit_test(short_frames),
        cmocka_unit_test(errors_in_order),
        cmocka_unit_test(large),
        cmocka_unit_test(freed_early),
        cmocka_unit_test(salvage_behind_the_end),
        cmocka_unit_test(cancelled),
    };
    return cmocka_run_group_tests_name("unpack_end", tests, NULL, NULL);
}
