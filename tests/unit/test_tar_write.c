/* Writing a tar and reading it back: names byte for byte, sizes, nothing about the maker, and
 * entries that are taken back. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "container/reader.h"
#include "container/tar_write.h"
#include "unit/frames.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { MIB = 1 << 20 };

static struct sb_pool *pool;

struct bundle {
    struct sink sink;
    FILE *file; /* once it is finished */
    struct sb_tar_writer *tar;
};

static int write_packer(void *context, const void *bytes, size_t len, struct sb_error *error)
{
    return sb_pack_write(context, bytes, len, error);
}

static int rewind_packer(void *context, struct sb_error *error)
{
    return sb_pack_rewind(context, error);
}

static void mark_packer(void *context)
{
    sb_pack_mark(context);
}

static void begin(struct bundle *bundle, bool seekable, int64_t mtime)
{
    open_sink(&bundle->sink, &sb_codec_gz, 1, 2);
    bundle->sink.output.seekable = seekable;
    const struct sb_tar_sink sink = {bundle->sink.packer, write_packer, mark_packer, rewind_packer};
    assert_int_equal(sb_tar_writer_new(&bundle->tar, &sink, mtime, NULL), 0);
}

static void finish(struct bundle *bundle)
{
    assert_int_equal(sb_tar_finish(bundle->tar, NULL), 0);
    sb_tar_writer_free(bundle->tar);
    bundle->file = end_sink(&bundle->sink, SB_NO_POINTER);
}

static void discard(struct bundle *bundle)
{
    sb_tar_writer_free(bundle->tar);
    free_sink(&bundle->sink);
}

static void add(struct bundle *bundle, const char *path, const void *bytes, size_t len)
{
    struct sb_error error = {0};
    if (sb_tar_add(bundle->tar, path, bytes, len, &error) != 0)
        fail_msg("%s: %s", path, error.message);
}

static struct sb_reader *open_reader(struct bundle *bundle)
{
    struct sb_reader *reader;
    struct sb_reader_options options = {.pool = pool};
    struct sb_error error = {0};
    if (sb_reader_open(&reader, fileno(bundle->file), &options, &error) != 0)
        fail_msg("%s", error.message);
    return reader;
}

static void expect_entry(struct sb_reader *reader, const char *path, const void *bytes, size_t len)
{
    struct sb_entry entry;
    struct sb_error error = {0};
    if (sb_reader_next(reader, &entry, &error) != 1)
        fail_msg("%s: %s", path, error.message);
    assert_string_equal(entry.path, path);
    assert_false(entry.folder);
    assert_true(entry.size == len);
    const uint8_t *data;
    size_t n, at = 0;
    int r;
    while ((r = sb_reader_data(reader, &data, &n, &error)) > 0) {
        assert_true(n <= len - at);
        if (n > 0)
            assert_memory_equal(data, (const char *)bytes + at, n);
        at += n;
    }
    assert_int_equal(r, 0);
    assert_int_equal(at, len);
}

static void expect_end(struct sb_reader *reader, struct bundle *bundle)
{
    struct sb_entry entry;
    struct sb_error error = {0};
    if (sb_reader_next(reader, &entry, &error) != 0)
        fail_msg("%s", error.message);
    sb_reader_close(reader);
    fclose(bundle->file);
}

/* ---- names ------------------------------------------------------------------------------- */

static void names(void **state)
{
    (void)state;
    /* NFC and NFD of one name, and what a locale, a shell or a tar could trip over */
    static const char *const paths[] = {
        "bag/d\xc3\xa9.txt",
        "bag/de\xcc\x81.txt",
        "bag/\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab",
        "bag/\xed\x95\x9c",
        "bag/\xf0\x9f\x98\x80",
        "bag/ leading and trailing ",
        "bag/a\nb",
        "bag/a\rb",
        "bag/a%0Ab",
        "bag/-rf",
        "bag/a=b",
        "bag/\033[31m",
        "bag/\xe2\x80\xae",
        "bag/path=x\n12 size=99",
        "x",
    };
    static const char *const locales[] = {"C", "C.UTF-8"};
    for (size_t l = 0; l < COUNT(locales); l++) {
        struct bundle bundle;
        assert_non_null(setlocale(LC_ALL, locales[l]));
        begin(&bundle, true, 1000);
        for (size_t i = 0; i < COUNT(paths); i++)
            add(&bundle, paths[i], paths[i], strlen(paths[i]));
        finish(&bundle);
        struct sb_reader *reader = open_reader(&bundle);
        for (size_t i = 0; i < COUNT(paths); i++)
            expect_entry(reader, paths[i], paths[i], strlen(paths[i]));
        expect_end(reader, &bundle);
    }
    setlocale(LC_ALL, "C");
}

/* Around every limit of ustar's name and prefix, up to the longest path of a bag. */
static void long_paths(void **state)
{
    (void)state;
    static const size_t lengths[] = {99, 100, 101, 154, 155, 156, 255, 256, 257, 512, 1000, 4000};
    struct bundle bundle;
    char path[4001];
    begin(&bundle, true, 1000);
    for (int round = 0; round < 2; round++) {
        struct sb_reader *reader = round == 1 ? open_reader(&bundle) : NULL;
        for (size_t i = 0; i < COUNT(lengths); i++) {
            for (size_t part = 50; part <= 255; part += 205) {
                for (size_t at = 0; at < lengths[i]; at++)
                    path[at] = at % part == part - 1 && at + 1 < lengths[i] ? '/' : 'p';
                path[lengths[i]] = 0;
                if (round == 0)
                    add(&bundle, path, "x", 1);
                else
                    expect_entry(reader, path, "x", 1);
            }
        }
        if (round == 0)
            finish(&bundle);
        else
            expect_end(reader, &bundle);
    }
}

/* ---- contents ---------------------------------------------------------------------------- */

static void contents(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 511, 512, 513, MIB - 1536, MIB, MIB + 1, 2 * MIB + 77};
    struct bundle bundle;
    uint8_t *bytes = noise(2 * MIB + 77);
    begin(&bundle, false, 1000);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        char path[32];
        snprintf(path, sizeof(path), "bag/%zu", i);
        assert_int_equal(sb_tar_begin(bundle.tar, path, sizes[i], NULL), 0);
        for (size_t at = 0, n = 1; at < sizes[i]; at += n, n = n * 5 + 1) {
            if (n > sizes[i] - at)
                n = sizes[i] - at;
            assert_int_equal(sb_tar_data(bundle.tar, bytes + at, n, NULL), 0);
        }
        assert_int_equal(sb_tar_end(bundle.tar, NULL), 0);
    }
    finish(&bundle);
    struct sb_reader *reader = open_reader(&bundle);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        char path[32];
        snprintf(path, sizeof(path), "bag/%zu", i);
        expect_entry(reader, path, bytes, sizes[i]);
    }
    expect_end(reader, &bundle);
    free(bytes);
}

static void no_entries(void **state)
{
    (void)state;
    struct bundle bundle;
    begin(&bundle, true, 0);
    finish(&bundle);
    expect_end(open_reader(&bundle), &bundle);
}

/* The header as POSIX defines it: fixed mode, no owner, no names, the one time. */
static void nothing_about_the_maker(void **state)
{
    (void)state;
    struct bundle bundle;
    begin(&bundle, true, 1234567890);
    add(&bundle, "bag/a", "x", 1);
    finish(&bundle);
    struct sb_buf file = bytes_of(bundle.file);
    struct unpacked out = unpack(file.data, file.len, 1, false);
    assert_string_equal(out.rule, "ok");
    const uint8_t *tar = out.data.data;
    assert_int_equal(out.data.len, 4 * 512); /* header, data, two zero blocks: no padding */
    assert_string_equal((const char *)tar, "bag/a");
    static const struct {
        size_t at;
        const char *octal;
    } numbers[] = {{100, "644"}, {108, "0"}, {116, "0"}, {124, "1"}, {136, "11145401322"}};
    for (size_t i = 0; i < COUNT(numbers); i++)
        assert_int_equal(strtoull((const char *)tar + numbers[i].at, NULL, 8),
                         strtoull(numbers[i].octal, NULL, 8));
    assert_int_equal(tar[156], '0');
    for (size_t i = 265; i < 329; i++) /* uname, gname */
        assert_int_equal(tar[i], 0);
    for (size_t i = 345; i < 512; i++)
        assert_int_equal(tar[i], 0);
    sb_buf_free(&out.data);
    sb_buf_free(&file);
}

/* ---- what the writer refuses ---------------------------------------------------------------- */

static void wrong_sizes(void **state)
{
    (void)state;
    struct bundle bundle;
    struct sb_error error;
    begin(&bundle, true, 1000);
    assert_int_equal(sb_tar_begin(bundle.tar, "bag/a", 3, &error), 0);
    assert_int_equal(sb_tar_data(bundle.tar, "abcd", 4, &error), SEALBAG_ERR_CHANGED);
    assert_int_equal(sb_tar_data(bundle.tar, "ab", 2, &error), 0);
    assert_int_equal(sb_tar_data(bundle.tar, "cd", 2, &error), SEALBAG_ERR_CHANGED);
    assert_int_equal(sb_tar_end(bundle.tar, &error), SEALBAG_ERR_CHANGED);
    assert_int_equal(sb_tar_data(bundle.tar, "c", 1, &error), 0);
    assert_int_equal(sb_tar_end(bundle.tar, &error), 0);
    assert_int_equal(sb_tar_begin(bundle.tar, "bag/b", UINT64_MAX, &error), SEALBAG_ERR_LIMIT);
    finish(&bundle);
    struct sb_reader *reader = open_reader(&bundle);
    expect_entry(reader, "bag/a", "abc", 3);
    expect_end(reader, &bundle);
}

/* The output's error comes through libarchive: from an entry or from the end, or, when it is still
 * on its way, from the packer's end. */
static void write_fails(void **state)
{
    (void)state;
    struct bundle bundle;
    struct sb_error error = {0};
    uint8_t *bytes = noise(7 * (size_t)MIB);
    begin(&bundle, true, 1000);
    bundle.sink.output.fd = -1;
    assert_int_equal(sb_tar_add(bundle.tar, "bag/a", bytes, 7 * (size_t)MIB, &error),
                     SEALBAG_ERR_IO);
    assert_int_equal(error.code, SEALBAG_ERR_IO);
    discard(&bundle);
    /* the end blocks fill the first frame, and one thread has nothing on its way */
    open_sink(&bundle.sink, &sb_codec_gz, 1, 1);
    const struct sb_tar_sink sink = {bundle.sink.packer, write_packer, mark_packer, rewind_packer};
    assert_int_equal(sb_tar_writer_new(&bundle.tar, &sink, 1000, NULL), 0);
    add(&bundle, "bag/a", bytes, MIB - 1024);
    bundle.sink.output.fd = -1;
    assert_int_equal(sb_tar_finish(bundle.tar, &error), SEALBAG_ERR_IO);
    sb_tar_writer_free(NULL);
    discard(&bundle);
    begin(&bundle, true, 1000);
    add(&bundle, "bag/a", "x", 1);
    bundle.sink.output.fd = -1;
    assert_int_equal(sb_tar_finish(bundle.tar, &error), 0);
    assert_int_equal(sb_pack_finish(bundle.sink.packer, SB_NO_POINTER, &error), SEALBAG_ERR_IO);
    discard(&bundle);
    free(bytes);
}

/* ---- taking back -------------------------------------------------------------------------- */

/* An entry of `size` bytes is begun, filled with `given` of them, and taken back. */
static void take_back(const uint8_t *bytes, size_t first, size_t size, size_t given, bool ended)
{
    struct bundle bundle;
    begin(&bundle, true, 1000);
    add(&bundle, "bag/first", bytes, first);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(sb_tar_begin(bundle.tar, "bag/unwanted", size, NULL), 0);
        if (given > 0)
            assert_int_equal(sb_tar_data(bundle.tar, bytes, given, NULL), 0);
        if (ended)
            assert_int_equal(sb_tar_end(bundle.tar, NULL), 0);
        assert_int_equal(sb_tar_take_back(bundle.tar, NULL), 0);
    }
    add(&bundle, "bag/last", bytes + 5, 700);
    finish(&bundle);
    struct sb_reader *reader = open_reader(&bundle);
    expect_entry(reader, "bag/first", bytes, first);
    expect_entry(reader, "bag/last", bytes + 5, 700);
    expect_end(reader, &bundle);
}

static void taking_back(void **state)
{
    (void)state;
    uint8_t *bytes = noise(2 * MIB);
    take_back(bytes, 10, 0, 0, true);
    take_back(bytes, 10, 0, 0, false);
    take_back(bytes, 10, 1000, 0, false);
    take_back(bytes, 10, 1000, 999, false);
    take_back(bytes, 10, 1000, 1000, true);
    take_back(bytes, MIB - 1536, 1000, 10, false);
    take_back(bytes, MIB - 512, 1000, 10, false);
    take_back(bytes, 10, 3 * MIB, 2 * MIB, false);
    take_back(bytes, 0, 2 * MIB, 2 * MIB, true);
    free(bytes);
}

/* Out of a pipe only what has not left yet. */
static void taking_back_from_a_stream(void **state)
{
    (void)state;
    struct bundle bundle;
    uint8_t *bytes = noise(2 * MIB);
    begin(&bundle, false, 1000);
    /* the rest of the entry is not written, not even as zeros */
    assert_int_equal(sb_tar_begin(bundle.tar, "bag/a", 3 * MIB, NULL), 0);
    assert_int_equal(sb_tar_data(bundle.tar, bytes, 10, NULL), 0);
    assert_int_equal(sb_tar_take_back(bundle.tar, NULL), 0);
    assert_int_equal(sb_tar_begin(bundle.tar, "bag/b", 3 * MIB, NULL), 0);
    assert_int_equal(sb_tar_data(bundle.tar, bytes, 2 * MIB, NULL), 0);
    assert_int_equal(sb_tar_take_back(bundle.tar, NULL), SEALBAG_ERR_UNSUPPORTED);
    discard(&bundle);
    free(bytes);
}

static int set_up(void **state)
{
    (void)state;
    pool = new_pool(2);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sb_pool_free(pool);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(long_paths),
        cmocka_unit_test(contents),
        cmocka_unit_test(no_entries),
        cmocka_unit_test(nothing_about_the_maker),
        cmocka_unit_test(wrong_sizes),
        cmocka_unit_test(write_fails),
        cmocka_unit_test(taking_back),
        cmocka_unit_test(taking_back_from_a_stream),
    };
    return cmocka_run_group_tests_name("tar_write", tests, set_up, tear_down);
}
