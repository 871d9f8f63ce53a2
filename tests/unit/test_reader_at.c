/* Reading single entries from their place in the tar on, and the places that a reader tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "container/reader.h"
#include "unit/seeking.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { BLOCK = 512, MIB = 1 << 20 };

static const struct sb_codec *const codecs[] = {&sb_codec_gz, &sb_codec_zst};

/* ---- a tar -------------------------------------------------------------------------------- */

/* What must be found in it. */
struct expected {
    const char *path;
    bool folder;
    uint64_t size, at;
    char first; /* byte of its data */
};

enum { ENTRIES = 8 };

static void put_bytes(struct sb_buf *tar, char byte, size_t len)
{
    size_t start = tar->len;
    put_zeros(tar, (len + BLOCK - 1) / BLOCK * BLOCK);
    memset(tar->data + start, byte, len);
}

/* Entries with and without extended headers, small ones, and some that lie across frames: the fifth
 * begins with the second MiB. */
static struct sb_buf make_tar(struct expected *expected)
{
    struct sb_buf tar = {0};
    put_entry(&tar, "bag/", '5', "");
    expected[0] = (struct expected){"bag", true, 0, 0, 0};
    expected[1] = (struct expected){"bag/a", false, 5, tar.len, 'h'};
    put_entry(&tar, "bag/a", '0', "hello");
    expected[2] = (struct expected){"bag/d\xc3\xa9/data", false, 3, tar.len, 'p'};
    put_entry(&tar, "pax", 'x', "21 path=bag/d\xc3\xa9/data\n");
    put_entry(&tar, "bag/short", '0', "pax");
    uint64_t size = MIB - BLOCK - tar.len;
    expected[3] = (struct expected){"bag/b", false, size, tar.len, 'b'};
    put_header(&tar, "bag/b", '0', size);
    put_bytes(&tar, 'b', size);
    assert_int_equal(tar.len, MIB);
    expected[4] = (struct expected){"bag/l\xc3\xb6ng", false, 5 * MIB + 7, tar.len, 'l'};
    put_header(&tar, "././@LongLink", 'L', 10);
    put_data(&tar, "bag/l\xc3\xb6ng", 10);
    put_header(&tar, "bag/lo", '0', 5 * MIB + 7);
    put_bytes(&tar, 'l', 5 * MIB + 7);
    expected[5] = (struct expected){"bag/empty", false, 0, tar.len, 0};
    put_entry(&tar, "bag/empty", '0', "");
    expected[6] = (struct expected){"bag/folder", true, 0, tar.len, 0};
    put_entry(&tar, "bag/folder/", '5', "");
    expected[7] = (struct expected){"bag/folder/last", false, 4, tar.len, 'l'};
    put_entry(&tar, "bag/folder/last", '0', "last");
    put_zeros(&tar, (size_t)2 * BLOCK);
    return tar;
}

/* The next entry and its data. */
static void expect_entry(struct sb_reader *reader, const struct expected *expected, bool with_data)
{
    struct sb_entry entry;
    struct sb_error error = {0};
    if (sb_reader_next(reader, &entry, &error) != 1)
        fail_msg("%s: %s", expected->path, error.message);
    assert_string_equal(entry.path, expected->path);
    assert_int_equal(entry.folder, expected->folder);
    assert_true(entry.size == expected->size);
    assert_true(entry.at == expected->at);
    if (!with_data)
        return;
    const uint8_t *data;
    size_t n;
    uint64_t len = 0;
    int r;
    while ((r = sb_reader_data(reader, &data, &n, &error)) == 1) {
        if (n > 0)
            assert_int_equal(data[0], len == 0 ? expected->first : data[n - 1]);
        len += n;
    }
    assert_int_equal(r, 0);
    assert_true(len == expected->size);
}

static void expect_end(struct sb_reader *reader)
{
    struct sb_entry entry;
    struct sb_error error = {0};
    if (sb_reader_next(reader, &entry, &error) != 0)
        fail_msg("%s", error.message);
}

/* ---- places ------------------------------------------------------------------------------- */

/* A reader tells where each entry's first header starts, whatever else it does. */
static void told(void **state)
{
    (void)state;
    struct expected expected[ENTRIES];
    struct sb_buf tar = make_tar(expected);
    struct sb_pool *pool = new_pool(2);
    for (size_t i = 0; i < 8; i++) {
        bool with_data = i % 2 == 1;
        FILE *file = packed(codecs[i / 2 % 2], tar.data, tar.len, expected[7].at);
        struct sb_reader_options options = {.pool = pool, .salvage = i > 3};
        struct sb_reader *reader;
        uint64_t pointer;
        assert_int_equal(sb_reader_open(&reader, fileno(file), &options, NULL), 0);
        for (size_t e = 0; e < ENTRIES; e++)
            expect_entry(reader, &expected[e], with_data);
        expect_end(reader);
        if (!options.salvage) {
            assert_true(sb_reader_pointer(&pointer, reader));
            assert_true(pointer == expected[7].at);
        }
        sb_reader_close(reader);
        fclose(file);
    }
    sb_pool_free(pool);
    sb_buf_free(&tar);
}

/* From each place on, the reader gives what it gives from the beginning on, with the same places.
 */
static void from_each_place(void **state)
{
    (void)state;
    struct expected expected[ENTRIES];
    struct sb_buf tar = make_tar(expected);
    for (size_t c = 0; c < COUNT(codecs); c++) {
        struct sb_buf bytes = bytes_of(packed(codecs[c], tar.data, tar.len, 512));
        FILE *file = file_of(bytes.data, bytes.len);
        struct sb_seeker *seeker = open_seeker(file, 0, bytes.len);
        for (size_t from = ENTRIES; from-- > 0;) {
            struct sb_reader *reader;
            assert_int_equal(sb_reader_open_at(&reader, seeker, expected[from].at, NULL), 0);
            for (size_t e = from; e < ENTRIES; e++)
                expect_entry(reader, &expected[e], from % 2 == 0);
            expect_end(reader);
            sb_reader_close(reader);
            /* one alone, as an index is used */
            assert_int_equal(sb_reader_open_at(&reader, seeker, expected[from].at, NULL), 0);
            expect_entry(reader, &expected[from], true);
            sb_reader_close(reader);
        }
        sb_seeker_close(seeker);
        fclose(file);
        sb_buf_free(&bytes);
    }
    sb_buf_free(&tar);
}

/* ---- wrong places ------------------------------------------------------------------------- */

/* What a reader from this place on says, at once or with its first entry. */
static const char *try_at(struct sb_seeker *seeker, uint64_t at)
{
    struct sb_reader *reader;
    struct sb_entry entry;
    struct sb_error error = {0};
    int r = sb_reader_open_at(&reader, seeker, at, &error);
    if (r < 0)
        assert_null(reader);
    else
        r = sb_reader_next(reader, &entry, &error);
    if (r < 0)
        assert_int_equal(error.code, r);
    sb_reader_close(reader);
    return r < 0 ? error.rule : r == 0 ? "end" : "entry";
}

static void wrong_places(void **state)
{
    (void)state;
    struct expected expected[ENTRIES];
    struct sb_buf tar = make_tar(expected);
    struct sb_buf bytes = bytes_of(packed(&sb_codec_gz, tar.data, tar.len, 512));
    FILE *file = file_of(bytes.data, bytes.len);
    struct sb_seeker *seeker = open_seeker(file, 0, bytes.len);
    /* within data, in a header, no multiple of 512 */
    const uint64_t places[] = {expected[1].at + BLOCK, expected[3].at + BLOCK, expected[1].at + 1,
                               expected[1].at + 257,   expected[4].at - BLOCK, 5 * MIB};
    for (size_t i = 0; i < COUNT(places); i++)
        assert_string_equal(try_at(seeker, places[i]), "tar.header");
    /* the end blocks; only one of them; the end; behind it */
    assert_string_equal(try_at(seeker, tar.len - 2 * BLOCK), "end");
    assert_string_equal(try_at(seeker, tar.len - BLOCK), "tar.truncated");
    static const uint64_t behind[] = {0, 1, BLOCK, MIB, (uint64_t)1 << 62};
    for (size_t i = 0; i < COUNT(behind); i++)
        assert_string_equal(try_at(seeker, tar.len + behind[i]), "tar.truncated");
    assert_string_equal(try_at(seeker, UINT64_MAX), "tar.truncated");
    /* An extended header that was left out: a header like any other, of an entry with another name.
     */
    struct sb_reader *reader;
    const struct expected other = {"bag/short", false, 3, expected[2].at + 2 * BLOCK, 'p'};
    assert_int_equal(sb_reader_open_at(&reader, seeker, other.at, NULL), 0);
    expect_entry(reader, &other, true);
    expect_entry(reader, &expected[3], true);
    sb_reader_close(reader);
    sb_seeker_close(seeker);
    fclose(file);
    sb_buf_free(&bytes);
    sb_buf_free(&tar);
}

/* A document that holds a tar: a place in it looks like any other, but the tar does not end behind
 * the inner one. */
static void tar_in_a_document(void **state)
{
    (void)state;
    struct sb_buf inner = {0}, tar = {0};
    put_entry(&inner, "bag/hidden", '0', "hidden");
    put_zeros(&inner, (size_t)2 * BLOCK);
    put_header(&tar, "bag/inner.tar", '0', inner.len);
    put_data(&tar, inner.data, inner.len);
    put_entry(&tar, "bag/b", '0', "b");
    put_zeros(&tar, (size_t)2 * BLOCK);
    struct sb_buf bytes = bytes_of(packed(&sb_codec_zst, tar.data, tar.len, 512));
    FILE *file = file_of(bytes.data, bytes.len);
    struct sb_seeker *seeker = open_seeker(file, 0, bytes.len);
    assert_string_equal(try_at(seeker, 0), "entry");
    assert_string_equal(try_at(seeker, BLOCK), "tar.trailing");
    assert_string_equal(try_at(seeker, BLOCK + inner.len), "entry");
    sb_seeker_close(seeker);
    fclose(file);
    sb_buf_free(&bytes);
    sb_buf_free(&tar);
    sb_buf_free(&inner);
}

/* ---- damage and stopping ------------------------------------------------------------------ */

/* Opens a reader at the fifth entry, which lies across frames, and reads its data. */
static int read_fifth(struct sb_seeker *seeker, const struct expected *expected,
                      struct sb_error *error)
{
    struct sb_reader *reader;
    struct sb_entry entry;
    const uint8_t *data;
    size_t n;
    int r = sb_reader_open_at(&reader, seeker, expected[4].at, error);
    if (r == 0)
        r = sb_reader_next(reader, &entry, error);
    while (r == 1)
        r = sb_reader_data(reader, &data, &n, error);
    sb_reader_close(reader);
    return r;
}

static void damaged(void **state)
{
    (void)state;
    struct expected expected[ENTRIES];
    struct sb_buf tar = make_tar(expected);
    for (size_t c = 0; c < COUNT(codecs); c++) {
        struct sb_buf bytes = bytes_of(packed(codecs[c], tar.data, tar.len, 512));
        struct sb_error error = {0};
        FILE *file = file_of(bytes.data, bytes.len);
        struct sb_seeker *seeker = open_seeker(file, 0, bytes.len);
        assert_int_equal(read_fifth(seeker, expected, &error), 0);
        sb_seeker_close(seeker);
        /* the last byte of the last frame: of its length, or its checksum */
        size_t end = bytes.len - (c == 0 ? 38 : 20 + 8 + 2 * 8 + 9);
        uint8_t byte = bytes.data[end - 1] ^ 1;
        assert_int_equal(pwrite(fileno(file), &byte, 1, (off_t)end - 1), 1);
        seeker = open_seeker(file, 0, bytes.len);
        assert_int_equal(read_fifth(seeker, expected, &error), SEALBAG_ERR_DAMAGED);
        assert_int_equal(error.code, SEALBAG_ERR_DAMAGED);
        struct sb_reader *reader; /* what lies before it is still good */
        assert_int_equal(sb_reader_open_at(&reader, seeker, expected[1].at, NULL), 0);
        expect_entry(reader, &expected[1], true);
        sb_reader_close(reader);
        sb_seeker_close(seeker);
        fclose(file);
        sb_buf_free(&bytes);
    }
    sb_buf_free(&tar);
}

static int stop(void *context, const struct sealbag_progress *now)
{
    unsigned *calls = context;
    (void)now;
    return ++*calls == 3;
}

static void cancelled(void **state)
{
    (void)state;
    struct expected expected[ENTRIES];
    struct sb_buf tar = make_tar(expected);
    struct sb_buf bytes = bytes_of(packed(&sb_codec_gz, tar.data, tar.len, 512));
    FILE *file = file_of(bytes.data, bytes.len);
    unsigned calls = 0;
    struct sb_error error = {0};
    struct sb_seeker *seeker;
    const struct sb_seek_options options = {
        .size = bytes.len, .progress = stop, .progress_context = &calls};
    assert_int_equal(sb_seeker_open(&seeker, fileno(file), &options, &error), 0);
    assert_int_equal(read_fifth(seeker, expected, &error), SEALBAG_ERR_CANCELLED);
    assert_int_equal(error.code, SEALBAG_ERR_CANCELLED);
    assert_int_equal(calls, 3);
    assert_int_equal(read_fifth(seeker, expected, &error), 0); /* nobody stops it now */
    sb_seeker_close(seeker);
    fclose(file);
    sb_buf_free(&bytes);
    sb_buf_free(&tar);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(told),         cmocka_unit_test(from_each_place),
        cmocka_unit_test(wrong_places), cmocka_unit_test(tar_in_a_document),
        cmocka_unit_test(damaged),      cmocka_unit_test(cancelled),
    };
    return cmocka_run_group_tests_name("reader_at", tests, NULL, NULL);
}
