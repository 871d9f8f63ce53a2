/* Writing zip files: what our strict reader finds in them is what was given, the bytes are the same
 * for every number of threads and every way to give a file, and outputs that fail. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "container/deflate.h"
#include "container/input.h"
#include "container/zip_reader.h"
#include "container/zip_write.h"
#include "unit/frames.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { MIB = SB_ZIP_BLOCK, TIME = 1234567890 };

/* A writer to a nameless file. */
struct zipped {
    FILE *file;
    struct sb_output output;
    struct sb_pool *pool;
    struct sb_zip_writer *writer;
};

static void open_zip(struct zipped *zip, int level, unsigned jobs)
{
    zip->file = tmpfile();
    assert_non_null(zip->file);
    sb_output_stream(&zip->output, fileno(zip->file));
    zip->output.seekable = true;
    zip->pool = new_pool(jobs);
    assert_int_equal(sb_zip_writer_new(&zip->writer, &zip->output, level, TIME, zip->pool, NULL),
                     0);
}

static struct sb_buf end_zip(struct zipped *zip)
{
    assert_int_equal(sb_zip_write_finish(zip->writer, NULL), 0);
    sb_zip_writer_free(zip->writer);
    sb_pool_free(zip->pool);
    struct sb_buf bytes = bytes_of(zip->file);
    assert_int_equal(bytes.len, zip->output.written);
    return bytes;
}

/* ---- files ---------------------------------------------------------------------------------- */

struct given {
    const char *path;
    uint8_t *bytes;
    size_t len;
};

/* Noise behind prose, or the other way round. */
static uint8_t *half(size_t len, bool noise_first)
{
    uint8_t *bytes = noise_first ? noise(len) : prose(len);
    uint8_t *other = noise_first ? prose(len) : noise(len);
    memcpy(bytes + len / 2, other + len / 2, len - len / 2);
    free(other);
    return bytes;
}

static size_t make_files(struct given files[20])
{
    static const size_t sizes[] = {0, 1, 7, 5000, MIB - 1, MIB, MIB + 1, 2 * MIB, 3 * MIB + 77};
    size_t count = 0;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        files[count++] = (struct given){"bag/data/t\xc3\xa4xt.txt", prose(sizes[i]), sizes[i]};
        files[count++] = (struct given){"bag/data/photo.jpg", noise(sizes[i]), sizes[i]};
    }
    files[count++] = (struct given){"bag/data/a", half(5 * MIB + 5, true), 5 * MIB + 5};
    files[count++] = (struct given){"bag/data/b", half(5 * MIB + 5, false), 5 * MIB + 5};
    return count;
}

static void free_files(struct given *files, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(files[i].bytes);
}

/* Gives a file in pieces of `step` bytes; `all` of it, or but a part. */
static void give(struct sb_zip_writer *writer, const struct given *file, size_t len, size_t step)
{
    assert_int_equal(sb_zip_write_begin(writer, file->path, file->len, NULL), 0);
    for (size_t at = 0; at < len; at += step)
        assert_int_equal(
            sb_zip_write_data(writer, file->bytes + at, step < len - at ? step : len - at, NULL),
            0);
}

static void add_small(struct sb_zip_writer *writer, int level, const struct given *file)
{
    struct sb_buf entry = {0};
    struct sb_deflater *deflater = sb_deflater_new(level);
    assert_int_equal(
        sb_zip_make_small(&entry, deflater, file->path, TIME, file->bytes, file->len, NULL), 0);
    assert_int_equal(sb_zip_write_small(writer, entry.data, entry.len, NULL), 0);
    sb_deflater_free(deflater);
    sb_buf_free(&entry);
}

/* All files, in one of the ways in which they can be given. */
static struct sb_buf zip_of(const struct given *files, size_t count, int level, unsigned jobs,
                            bool small, bool junk)
{
    struct zipped zip;
    open_zip(&zip, level, jobs);
    for (size_t i = 0; i < count; i++) {
        if (small && files[i].len <= MIB) {
            add_small(zip.writer, level, &files[i]);
            continue;
        }
        if (junk) {
            const struct given *other = &files[count - 1];
            give(zip.writer, other, i * MIB / 3 < other->len ? i * MIB / 3 : other->len, 300000);
            assert_int_equal(sb_zip_write_take_back(zip.writer, NULL), 0);
        }
        give(zip.writer, &files[i], files[i].len, jobs == 1 ? 262144 : 100001);
        assert_int_equal(sb_zip_write_end(zip.writer, NULL), 0);
    }
    return end_zip(&zip);
}

/* ---- reading -------------------------------------------------------------------------------- */

static void expect_data(struct sb_zip_reader *reader, const struct given *file)
{
    const uint8_t *bytes;
    struct sb_error error = {0};
    size_t n, got = 0;
    int r;
    while ((r = sb_zip_data(reader, &bytes, &n, &error)) > 0) {
        assert_true(n <= file->len - got);
        assert_memory_equal(bytes, file->bytes + got, n);
        got += n;
    }
    if (r < 0)
        fail_msg("%s", error.message);
    assert_int_equal(got, file->len);
}

static void expect_files(const struct sb_buf *bytes, const struct given *files, size_t count)
{
    FILE *file = file_of(bytes->data, bytes->len);
    struct sb_input input;
    struct sb_zip_reader *reader;
    struct sb_error error = {0};
    struct sb_tar_entry entry;
    const struct sealbag_limits limits = sb_limits_of(NULL);
    assert_int_equal(sb_input_open(&input, fileno(file), bytes->len, NULL, NULL, NULL), 0);
    const struct sb_zip_reading reading = {
        .fd = fileno(file), .size = bytes->len, .limits = &limits, .input = &input};
    if (sb_zip_reader_open(&reader, &reading, &error) < 0)
        fail_msg("%s", error.message);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(sb_zip_next(reader, &entry, &error), 1);
        assert_string_equal(entry.path, files[i].path);
        assert_false(entry.folder);
        assert_int_equal(entry.size, files[i].len);
        expect_data(reader, &files[i]);
    }
    assert_int_equal(sb_zip_next(reader, &entry, &error), 0);
    sb_zip_reader_close(reader);
    sb_input_close(&input);
    fclose(file);
}

static void expect_same(struct sb_buf one, const struct sb_buf *other)
{
    assert_int_equal(one.len, other->len);
    assert_memory_equal(one.data, other->data, one.len);
    sb_buf_free(&one);
}

/* ---- tests ---------------------------------------------------------------------------------- */

static void round_trips(void **state)
{
    (void)state;
    struct given files[20];
    size_t count = make_files(files);
    for (int level = SB_LEVEL_FAST; level <= 1; level++) {
        struct sb_buf bytes = zip_of(files, count, level, 1, false, false);
        expect_files(&bytes, files, count);
        expect_same(zip_of(files, count, level, 4, false, false), &bytes);
        expect_same(zip_of(files, count, level, 3, true, false), &bytes);
        if (level == SB_LEVEL_FAST) {
            expect_same(zip_of(files, count, level, 1, false, true), &bytes);
            expect_same(zip_of(files, count, level, 4, true, true), &bytes);
        }
        sb_buf_free(&bytes);
    }
    free_files(files, count);
}

/* How large a zip of one file is, beside its records. */
static size_t packed_size(uint8_t *bytes, size_t len)
{
    const struct given file = {"x", bytes, len};
    struct sb_buf zip = zip_of(&file, 1, SB_LEVEL_FAST, 1, false, false);
    size_t size = zip.len - 30 - 1 - 46 - 1 - 22;
    sb_buf_free(&zip);
    free(bytes);
    return size;
}

/* Stored, when the beginning does not compress; else what does not is in stored blocks. */
static void stored_or_deflated(void **state)
{
    (void)state;
    assert_int_equal(packed_size(noise(5000), 5000), 5000);
    assert_int_equal(packed_size(noise(3 * MIB), 3 * MIB), 3 * MIB);
    assert_int_equal(packed_size(half(4 * MIB, true), 4 * MIB), 4 * MIB);
    assert_true(packed_size(prose(3 * MIB), 3 * MIB) < 2 * MIB);
    size_t both = packed_size(half(4 * MIB, false), 4 * MIB);
    assert_true(both > 2 * MIB && both < 3 * MIB + MIB / 2);
}

static void empty(void **state)
{
    (void)state;
    struct sb_buf bytes = zip_of(NULL, 0, SB_LEVEL_FAST, 2, false, false);
    assert_int_equal(bytes.len, 22);
    expect_files(&bytes, NULL, 0);
    sb_buf_free(&bytes);
}

/* More than 65,535 files, in all ways. */
static void many(void **state)
{
    (void)state;
    enum { MANY = 66000 };
    static uint8_t byte[] = {'x'};
    struct given *files = calloc(MANY, sizeof(*files));
    assert_non_null(files);
    for (size_t i = 0; i < MANY; i++)
        files[i] = (struct given){i % 3 == 0 ? "a" : "bc", byte, i % 2};
    struct sb_buf bytes = zip_of(files, MANY, SB_LEVEL_FAST, 2, true, false);
    expect_files(&bytes, files, MANY);
    expect_same(zip_of(files, MANY, SB_LEVEL_FAST, 2, false, false), &bytes);
    sb_buf_free(&bytes);
    free(files);
}

/* Where the entries of a zip file end, and the bytes of its central directory. */
static uint64_t split(struct sb_buf *central, const struct sb_buf *bytes)
{
    struct sb_zip zip = {0};
    assert_int_equal(sb_zip_read_end(&zip, bytes->data, bytes->len, bytes->len, NULL), 0);
    uint64_t at = zip.central_at;
    put(central, bytes->data + at, (size_t)zip.central_size);
    sb_zip_free(&zip);
    return at;
}

/* As if all files had been given to one writer. */
static void goes_on(void **state)
{
    (void)state;
    struct given files[20];
    size_t count = make_files(files) - 12;
    for (size_t first = 0; first <= count; first += count / 2) {
        struct sb_buf all = zip_of(files, count, SB_LEVEL_FAST, 1, false, false), central = {0};
        struct sb_buf some = zip_of(files, first, SB_LEVEL_FAST, 1, false, false);
        struct zipped zip;
        open_zip(&zip, SB_LEVEL_FAST, 2);
        uint64_t at = split(&central, &some);
        assert_int_equal(sb_output_write(&zip.output, some.data, (size_t)at, NULL), 0);
        assert_int_equal(sb_zip_write_resume(zip.writer, &central, first), 0);
        for (size_t i = first; i < count; i++)
            assert_int_equal(
                sb_zip_write_add(zip.writer, files[i].path, files[i].bytes, files[i].len, NULL), 0);
        expect_same(end_zip(&zip), &all);
        sb_buf_free(&all);
        sb_buf_free(&some);
        sb_buf_free(&central);
    }
    free_files(files, count + 12);
}

static void wrong_sizes(void **state)
{
    (void)state;
    struct zipped zip;
    struct sb_error error = {0};
    open_zip(&zip, SB_LEVEL_FAST, 1);
    assert_int_equal(sb_zip_write_begin(zip.writer, "a", 3, NULL), 0);
    assert_int_equal(sb_zip_write_data(zip.writer, "1234", 4, &error), SEALBAG_ERR_CHANGED);
    assert_int_equal(sb_zip_write_data(zip.writer, "12", 2, &error), 0);
    assert_int_equal(sb_zip_write_end(zip.writer, &error), SEALBAG_ERR_CHANGED);
    assert_int_equal(sb_zip_write_take_back(zip.writer, NULL), 0);
    const struct given file = {"a", (uint8_t[]){'1', '2'}, 2};
    assert_int_equal(sb_zip_write_add(zip.writer, file.path, file.bytes, file.len, NULL), 0);
    struct sb_buf bytes = end_zip(&zip);
    expect_files(&bytes, &file, 1);
    sb_buf_free(&bytes);
}

static void pipes(void **state)
{
    (void)state;
    struct sb_output output;
    struct sb_error error = {0};
    struct sb_zip_writer *writer;
    struct sb_pool *pool = new_pool(1);
    sb_output_stream(&output, 1);
    assert_int_equal(sb_zip_writer_new(&writer, &output, 0, TIME, pool, &error), SEALBAG_ERR_USAGE);
    assert_null(writer);
    assert_non_null(strstr(error.message, "pipe"));
    assert_int_equal(sb_output_patch(&output, 0, "x", 1, &error), SEALBAG_ERR_UNSUPPORTED);
    sb_pool_free(pool);
}

/* The error comes from some later call, at the end at the latest, once and with its sentence. */
static void full_disk(void **state)
{
    (void)state;
    uint8_t *bytes = noise(3 * MIB);
    for (unsigned jobs = 1; jobs <= 4; jobs += 3) {
        struct sb_output output;
        struct sb_error error = {0};
        struct sb_zip_writer *writer;
        struct sb_pool *pool = new_pool(jobs);
        int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        sb_output_stream(&output, fd);
        output.seekable = true;
        assert_int_equal(sb_zip_writer_new(&writer, &output, 0, TIME, pool, &error), 0);
        int r = sb_zip_write_add(writer, "a", bytes, 3 * MIB, &error);
        if (r == 0)
            r = sb_zip_write_finish(writer, &error);
        assert_int_equal(r, SEALBAG_ERR_IO);
        assert_non_null(strstr(error.message, "No space left"));
        sb_zip_writer_free(writer);
        sb_pool_free(pool);
        close(fd);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips), cmocka_unit_test(stored_or_deflated),
        cmocka_unit_test(empty),       cmocka_unit_test(many),
        cmocka_unit_test(wrong_sizes), cmocka_unit_test(pipes),
        cmocka_unit_test(full_disk),   cmocka_unit_test(goes_on),
    };
    return cmocka_run_group_tests_name("zip_write", tests, NULL, NULL);
}
