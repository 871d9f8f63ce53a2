/* Packing and unpacking, for the tests of the container. Included after cmocka.h. */
#ifndef SB_TESTS_UNIT_FRAMES_H
#define SB_TESTS_UNIT_FRAMES_H

#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/pool.h"
#include "container/codec.h"
#include "container/pack.h"
#include "container/unpack.h"
#include "unit/build.h"

static inline struct sb_pool *new_pool(unsigned jobs)
{
    struct sb_pool *pool;
    assert_int_equal(sb_pool_new(&pool, jobs, NULL), 0);
    return pool;
}

/* The bytes in a nameless file, from its beginning on. */
static inline FILE *file_of(const void *bytes, size_t len)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(sb_fd_write(fileno(file), bytes, len), 0);
    assert_int_equal(lseek(fileno(file), 0, SEEK_SET), 0);
    return file;
}

/* All that is in the file, which is closed. */
static inline struct sb_buf bytes_of(FILE *file)
{
    struct sb_buf out = {0};
    struct stat status;
    assert_int_equal(fstat(fileno(file), &status), 0);
    assert_int_equal(sb_buf_reserve(&out, (size_t)status.st_size), 0);
    out.len = (size_t)status.st_size;
    if (out.len > 0)
        assert_int_equal(pread(fileno(file), out.data, out.len, 0), out.len);
    fclose(file);
    return out;
}

/* A packer that writes to a nameless file. */
struct sink {
    FILE *file;
    struct sb_output output;
    struct sb_pool *pool;
    struct sb_packer *packer;
};

static inline void open_sink(struct sink *sink, const struct sb_codec *codec, int level,
                             unsigned jobs)
{
    sink->file = tmpfile();
    assert_non_null(sink->file);
    sb_output_stream(&sink->output, fileno(sink->file));
    sink->output.seekable = true;
    sink->pool = new_pool(jobs);
    assert_int_equal(sb_packer_new(&sink->packer, &sink->output, codec, level, sink->pool, NULL),
                     0);
}

static inline void fill_sink(struct sink *sink, const void *bytes, size_t len)
{
    assert_int_equal(sb_pack_write(sink->packer, bytes, len, NULL), 0);
}

/* Without ending it. */
static inline void free_sink(struct sink *sink)
{
    sb_packer_free(sink->packer);
    sb_pool_free(sink->pool);
    fclose(sink->file);
}

/* Ends it and gives the file, at its beginning. */
static inline FILE *end_sink(struct sink *sink, uint64_t pointer)
{
    struct stat status;
    assert_int_equal(sb_pack_finish(sink->packer, pointer, NULL), 0);
    assert_int_equal(fstat(fileno(sink->file), &status), 0);
    assert_true((uint64_t)status.st_size == sink->output.written);
    assert_int_equal(lseek(fileno(sink->file), 0, SEEK_SET), 0);
    sb_packer_free(sink->packer);
    sb_pool_free(sink->pool);
    return sink->file;
}

/* The bytes as a sealbag file in a nameless file. */
static inline FILE *packed(const struct sb_codec *codec, const void *bytes, size_t len,
                           uint64_t pointer)
{
    struct sink sink;
    open_sink(&sink, codec, 0, 1);
    fill_sink(&sink, bytes, len);
    return end_sink(&sink, pointer);
}

/* What came out of a file. */
struct unpacked {
    struct sb_buf data; /* a gap is in it as "<gap>" */
    const char *rule;   /* of the error at its end, or "ok" */
    bool could_point;
    uint64_t pointer;
};

static inline int unpack_all(struct unpacked *out, struct sb_unpacker *unpacker,
                             struct sb_error *error)
{
    int r;
    do {
        const uint8_t *bytes;
        size_t n = 0;
        bool gap;
        r = sb_unpack_next(unpacker, &bytes, &n, &gap, error);
        if (gap)
            assert_int_equal(sb_buf_append(&out->data, "<gap>", 5), 0);
        if (r > 0) {
            assert_true(n > 0 && n <= (size_t)4 << 20);
            assert_int_equal(sb_buf_append(&out->data, bytes, n), 0);
        }
    } while (r > 0);
    return r;
}

static inline struct unpacked unpack(const void *bytes, size_t len, unsigned jobs, bool salvage)
{
    FILE *file = file_of(bytes, len);
    struct sb_pool *pool = new_pool(jobs);
    struct sb_input input;
    struct sb_unpacker *unpacker;
    struct sb_error error = {0};
    struct unpacked out = {.rule = "ok"};
    assert_int_equal(sb_buf_reserve(&out.data, 0), 0);
    assert_int_equal(sb_input_open(&input, fileno(file), len, NULL, NULL, NULL), 0);
    int r = sb_unpacker_new(&unpacker, &input, pool, salvage, &error);
    if (r < 0) {
        assert_int_equal(r, SEALBAG_ERR_UNSUPPORTED);
        assert_null(unpacker);
    } else {
        r = unpack_all(&out, unpacker, &error);
        if (r == 0)
            assert_true(input.taken == len); /* every byte is accounted for */
        else
            assert_true(r == SEALBAG_ERR_DAMAGED || r == SEALBAG_ERR_LIMIT);
        out.could_point = sb_unpack_pointer(&out.pointer, unpacker);
    }
    if (r < 0) {
        assert_true(error.message[0] != 0);
        out.rule = error.rule;
    }
    sb_unpacker_free(unpacker);
    sb_input_close(&input);
    sb_pool_free(pool);
    fclose(file);
    return out;
}

#endif
