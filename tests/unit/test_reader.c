/* Reading a bundle: what is no bundle, hostile tars inside good gzip, two parsers that must agree,
 * salvage, and a caller who stops. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "container/reader.h"
#include "unit/frames.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { BLOCK = 512, MIB = 1 << 20 };

static struct sb_pool *pool;

/* ---- building ------------------------------------------------------------------------------ */

/* The tar, compressed as sealbag does it; the tar is freed. */
static FILE *pack(struct sb_buf *tar)
{
    FILE *file = packed(&sb_codec_gz, tar->data, tar->len, SB_NO_POINTER);
    sb_buf_free(tar);
    return file;
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Reads all; writes "path size\n" (a folder's size as "folder") and the data of each entry into the
 * log (may be NULL), and returns the broken rule, or "ok". Closes the file. */
static const char *read_all(struct sb_buf *log, FILE *file, bool salvage, bool with_data)
{
    struct sb_reader *reader;
    struct sb_reader_options options = {.pool = pool, .salvage = salvage};
    struct sb_error error = {0};
    struct sb_entry entry;
    int r = sb_reader_open(&reader, fileno(file), &options, &error);
    while (r == 0 && (r = sb_reader_next(reader, &entry, &error)) == 1) {
        const uint8_t *data;
        size_t n = 0;
        if (log != NULL && entry.folder)
            sb_buf_printf(log, "%s folder\n", entry.path);
        else if (log != NULL)
            sb_buf_printf(log, "%s %llu\n", entry.path, (unsigned long long)entry.size);
        r = 0;
        while (with_data && (r = sb_reader_data(reader, &data, &n, &error)) == 1) {
            if (log != NULL)
                put(log, data, n);
        }
        if (r == SEALBAG_ERR_DAMAGED && salvage) {
            sb_buf_puts(log, "<lost>");
            r = 0;
        }
    }
    sb_reader_close(reader);
    fclose(file);
    return r == 0 ? "ok" : error.rule;
}

static void expect(struct sb_buf *tar, const char *rule, const char *expected)
{
    struct sb_buf log = {0};
    assert_int_equal(sb_buf_reserve(&log, 0), 0);
    assert_string_equal(read_all(&log, pack(tar), false, true), rule);
    assert_string_equal((const char *)log.data, expected);
    sb_buf_free(&log);
}

/* ---- what is no bundle -------------------------------------------------------------------- */

static void magic(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *rule, *phrase;
    } rows[] = {
        {"", "container.empty", "empty"},
        {"PK\x03\x04rest of it", "container.unsupported",
         "A zip file can only be read from a file"},
        {"PK\x05\x06", "container.unsupported", "an empty zip"},
        {"%PDF-1.7", "container.unsupported", "a PDF"},
        {"<!DOCTYPE html>", "container.unsupported", "a web page"},
        {"<html>", "container.unsupported", "a web page"},
        {"BZh91AY", "container.unsupported", "bzip2"},
        {"\xfd"
         "7zXZ",
         "container.unsupported", "xz"},
        {"7z\xbc\xaf\x27\x1c", "container.unsupported", "7-Zip"},
        {"Rar!\x1a\x07", "container.unsupported", "RAR"},
        {"untrusted comment: x", "container.unsupported", "minisign"},
        {"just text", "container.unsupported", "not a .tar.gz, .tar.zst, .tar or .zip bundle"},
        {"\x1f", "container.unsupported", "not a .tar.gz, .tar.zst, .tar or .zip bundle"},
        {"\x28\xb5\x2f", "container.unsupported", "not a .tar.gz, .tar.zst, .tar or .zip bundle"},
        {"\x28\xb5\x2f\xfe....", "container.unsupported",
         "not a .tar.gz, .tar.zst, .tar or .zip bundle"},
        {"\x8b\x1f", "container.unsupported", "not a .tar.gz, .tar.zst, .tar or .zip bundle"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        FILE *file = file_of(rows[i].bytes, strlen(rows[i].bytes));
        struct sb_reader *reader;
        struct sb_reader_options options = {.pool = pool};
        struct sb_error error;
        assert_int_equal(sb_reader_open(&reader, fileno(file), &options, &error),
                         SEALBAG_ERR_UNSUPPORTED);
        assert_null(reader);
        assert_string_equal(error.rule, rows[i].rule);
        assert_non_null(strstr(error.message, rows[i].phrase));
        fclose(file);
    }
    sb_reader_close(NULL);
}

static void not_readable(void **state)
{
    (void)state;
    struct sb_reader *reader;
    struct sb_reader_options options = {.pool = pool};
    struct sb_error error;
    int folder = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(sb_reader_open(&reader, folder, &options, &error), SEALBAG_ERR_IO);
    assert_string_equal(error.rule, "io.failed");
    close(folder);
    assert_int_equal(sb_reader_open(&reader, -1, &options, &error), SEALBAG_ERR_IO);
}

static void gzip_of_something_else(void **state)
{
    (void)state;
    struct sb_buf data = {0};
    put(&data, "just text", 9);
    expect(&data, "tar.truncated", "");
    for (int i = 0; i < 100; i++)
        put(&data, "just text ", 10);
    expect(&data, "tar.header", "");
    put_zeros(&data, BLOCK);
    expect(&data, "tar.truncated", "");
    FILE *empty = tmpfile();
    assert_non_null(empty);
    static const uint8_t gz[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    assert_int_equal(sb_fd_write(fileno(empty), gz, sizeof(gz)), 0);
    assert_int_equal(lseek(fileno(empty), 0, SEEK_SET), 0);
    assert_string_equal(read_all(NULL, empty, false, true), "tar.truncated");
}

/* ---- entries ------------------------------------------------------------------------------- */

static void entries(void **state)
{
    (void)state;
    struct sb_buf tar = {0};
    put_entry(&tar, "bag/", '5', "");
    put_entry(&tar, "bag/a", '0', "hello\n");
    put_entry(&tar, "pax", 'x', "21 path=bag/d\xc3\xa9/data\n");
    put_entry(&tar, "bag/x", '0', "pax\n");
    put_entry(&tar, "bag/d\xc3\xa9", '0', "ustar\n");
    put_entry(&tar, "bag/f", '5', "");
    put_header(&tar, "././@LongLink", 'L', 10);
    put(&tar, "bag/l\xc3\xb6ng", 10);
    put_zeros(&tar, BLOCK - 10);
    put_entry(&tar, "bag/x", '0', "");
    put_zeros(&tar, (size_t)2 * BLOCK);
    expect(&tar, "ok",
           "bag folder\nbag/a 6\nhello\nbag/d\xc3\xa9/data 4\npax\nbag/d\xc3\xa9 6\nustar\n"
           "bag/f folder\nbag/l\xc3\xb6ng 0\n");
}

/* Data that the caller does not want is passed over. */
static void without_data(void **state)
{
    (void)state;
    struct sb_buf tar = {0}, log = {0};
    for (int i = 0; i < 300; i++) {
        char name[20];
        snprintf(name, sizeof(name), "bag/%d", i);
        put_header(&tar, name, '0', (uint64_t)i * 100);
        put_zeros(&tar, (size_t)(i * 100 + BLOCK - 1) / BLOCK * BLOCK);
        assert_int_equal(sb_buf_printf(&log, "%s %d\n", name, i * 100), 0);
    }
    put_zeros(&tar, (size_t)2 * BLOCK);
    struct sb_buf found = {0};
    assert_string_equal(read_all(&found, pack(&tar), false, false), "ok");
    assert_string_equal((const char *)found.data, (const char *)log.data);
    sb_buf_free(&found);
    sb_buf_free(&log);
}

static void unsafe_paths(void **state)
{
    (void)state;
    static const char *const paths[] = {"../a",         "/etc/passwd", "bag/../../a", "./a",  ".",
                                        "bag//a",       "bag\\a",      "C:\\a",       "\xff", "",
                                        "bag/\xc0\xaf", "bag/./a",     ".."};
    static const char *const folders[] = {"/", "./", "../", "bag//", "bag/../"};
    struct sb_buf tar = {0};
    for (size_t i = 0; i < COUNT(paths); i++) {
        put_entry(&tar, "bag/first", '0', "x");
        put_entry(&tar, paths[i], '0', "x");
        put_zeros(&tar, (size_t)2 * BLOCK);
        expect(&tar, "path.unsafe", "bag/first 1\nx");
    }
    for (size_t i = 0; i < COUNT(folders); i++) {
        put_entry(&tar, folders[i], '5', "");
        put_zeros(&tar, (size_t)2 * BLOCK);
        expect(&tar, "path.unsafe", "");
    }
}

/* What libarchive alone takes without a word: archives.md, "Attacks to refuse". */
static void attacks(void **state)
{
    (void)state;
    static const struct {
        char type;
        const char *name, *data, *rule;
    } rows[] = {
        {'1', "bag/hard", "", "tar.type"},
        {'2', "bag/soft", "data", "tar.type"},
        {'3', "bag/device", "", "tar.type"},
        {'6', "bag/fifo", "data", "tar.type"},
        {'5', "bag/folder/", "data", "tar.type"},
        {'Z', "bag/unknown", "data", "tar.type"},
        {'S', "bag/sparse", "data", "tar.type"},
        {'0', "bag/f/", "data", "tar.type"},
        {'g', "pax", "9 path=a\n", "tar.type"},
        {'x', "pax", "9 size=9\n", "tar.pax"},
        {'x', "pax", "8 path=\n", "tar.pax"},
        {'x', "pax", "22 GNU.sparse.major=1\n", "tar.pax"},
    };
    struct sb_buf tar = {0};
    for (size_t i = 0; i < COUNT(rows); i++) {
        put_entry(&tar, rows[i].name, rows[i].type, rows[i].data);
        put_entry(&tar, "bag/next", '0', "next");
        put_zeros(&tar, (size_t)2 * BLOCK);
        expect(&tar, rows[i].rule, "");
    }
}

static void ends(void **state)
{
    (void)state;
    struct sb_buf tar = {0};
    for (size_t zeros = 0; zeros < 2; zeros++) {
        put_entry(&tar, "bag/a", '0', "x");
        put_zeros(&tar, zeros * BLOCK);
        const char *rule = read_all(NULL, pack(&tar), false, true);
        assert_string_equal(rule, "tar.truncated");
    }
    for (size_t zeros = 1; zeros < 4; zeros++) {
        put_entry(&tar, "bag/a", '0', "x");
        put_zeros(&tar, zeros * BLOCK);
        put_entry(&tar, "bag/b", '0', "x");
        put_zeros(&tar, (size_t)2 * BLOCK);
        assert_string_equal(read_all(NULL, pack(&tar), false, true), "tar.trailing");
    }
    put_header(&tar, "bag/a", '0', 3 * (uint64_t)MIB); /* its data ends early */
    put_zeros(&tar, (size_t)2 * MIB);
    assert_string_equal(read_all(NULL, pack(&tar), false, true), "tar.truncated");
    /* zeros after the end, over several members: read to their end, and counted */
    put_entry(&tar, "bag/a", '0', "x");
    put_zeros(&tar, (size_t)2 * BLOCK + MIB);
    expect(&tar, "ok", "bag/a 1\nx");
    put_entry(&tar, "bag/a", '0', "x");
    put_zeros(&tar, (size_t)2 * BLOCK + MIB);
    put(&tar, "x", 1);
    assert_string_equal(read_all(NULL, pack(&tar), false, true), "tar.trailing");
}

/* ---- salvage ------------------------------------------------------------------------------- */

/* Three files of 1.5 MiB, compressed; the member that holds the tar's second MiB is damaged, with
 * the end of the first file and the beginning of the second. */
static void salvage(void **state)
{
    (void)state;
    struct sb_buf tar = {0}, log = {0};
    static const char *const names[] = {"bag/1", "bag/2", "bag/3"};
    for (size_t i = 0; i < 3; i++) {
        put_header(&tar, names[i], '0', (uint64_t)MIB * 3 / 2);
        for (size_t n = 0; n < MIB * 3 / 2 / BLOCK; n++) {
            char block[BLOCK];
            memset(block, (int)('a' + i), BLOCK);
            put(&tar, block, BLOCK);
        }
    }
    put_entry(&tar, "bag/last", '0', "the last");
    put_zeros(&tar, (size_t)2 * BLOCK);
    FILE *file = pack(&tar);
    uint8_t length[4], byte = 0;
    assert_int_equal(pread(fileno(file), length, 4, 16), 4);
    off_t second = length[0] | length[1] << 8 | length[2] << 16;
    assert_int_equal(pwrite(fileno(file), &byte, 1, second + 30), 1);
    assert_string_equal(read_all(&log, file, true, true), "ok");
    const char *text = (const char *)log.data;
    assert_memory_equal(text, "bag/1 1572864\naaaa", 18);
    assert_non_null(strstr(text, "a<lost>bag/3 1572864\nccc"));
    assert_null(strstr(text, "bag/2"));
    assert_non_null(strstr(text, "cbag/last 8\nthe last"));
    assert_int_equal(log.len, strlen("bag/1 1572864\n") + MIB - BLOCK + strlen("<lost>") +
                                  strlen("bag/3 1572864\n") + MIB * 3 / 2 +
                                  strlen("bag/last 8\nthe last"));
    sb_buf_free(&log);
}

/* Entries that are refused are passed over; what ends early is lost, what came before is not. */
static void salvage_refused(void **state)
{
    (void)state;
    struct sb_buf tar = {0}, log = {0};
    put_entry(&tar, "bag/a", '0', "first ");
    put_entry(&tar, "bag/link", '2', "");
    put_entry(&tar, "bag/b", '0', "second ");
    put_entry(&tar, "../c", '0', "third ");
    put_entry(&tar, "bag/d", '0', "fourth ");
    put_header(&tar, "bag/e", '0', 5000);
    put(&tar, "cut", 3);
    assert_string_equal(read_all(&log, pack(&tar), true, true), "ok");
    assert_string_equal((const char *)log.data, "bag/a 6\nfirst bag/b 7\nsecond bag/d 7\nfourth "
                                                "bag/e 5000\ncut<lost>");
    sb_buf_free(&log);
    put_entry(&tar, "bag/a", '0', "first ");
    put_entry(&tar, "bag/b", '0', "second ");
    put_zeros(&tar, (size_t)2 * BLOCK);
    assert_string_equal(read_all(&log, pack(&tar), true, false), "ok");
    assert_string_equal((const char *)log.data, "bag/a 6\nbag/b 7\n");
    sb_buf_free(&log);
}

/* ---- progress ------------------------------------------------------------------------------ */

static int count_calls(void *context, const struct sealbag_progress *now)
{
    int *calls = context;
    assert_true(now->bytes_total == 12345);
    (*calls)++;
    return *calls > 3 ? 1 : 0;
}

/* A caller who says stop is heard, wherever the reader is. */
static void cancelled(void **state)
{
    (void)state;
    struct sb_buf tar = {0};
    uint32_t random = 1;
    put_header(&tar, "bag/a", '0', 3 * (uint64_t)MIB);
    for (size_t i = 0; i < 3 * (size_t)MIB; i += 4) {
        random = random * 1664525 + 1013904223;
        put(&tar, &random, 4);
    }
    put_zeros(&tar, (size_t)2 * BLOCK);
    FILE *file = pack(&tar);
    int calls = 0, r;
    struct sb_reader *reader;
    struct sb_reader_options options = {
        .pool = pool, .size = 12345, .progress = count_calls, .progress_context = &calls};
    struct sb_error error;
    struct sb_entry entry;
    const uint8_t *data;
    size_t n;
    r = sb_reader_open(&reader, fileno(file), &options, &error);
    if (r == 0)
        r = sb_reader_next(reader, &entry, &error);
    while (r == 1)
        r = sb_reader_data(reader, &data, &n, &error);
    assert_int_equal(r, SEALBAG_ERR_CANCELLED);
    assert_int_equal(error.code, SEALBAG_ERR_CANCELLED);
    assert_int_equal(calls, 4);
    sb_reader_close(reader);
    fclose(file);
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
        cmocka_unit_test(magic),
        cmocka_unit_test(not_readable),
        cmocka_unit_test(gzip_of_something_else),
        cmocka_unit_test(entries),
        cmocka_unit_test(without_data),
        cmocka_unit_test(unsafe_paths),
        cmocka_unit_test(attacks),
        cmocka_unit_test(ends),
        cmocka_unit_test(salvage),
        cmocka_unit_test(salvage_refused),
        cmocka_unit_test(cancelled),
    };
    return cmocka_run_group_tests_name("reader", tests, set_up, tear_down);
}
