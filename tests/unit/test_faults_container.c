/* Memory that runs out at the first, second, third... request while bundles are written and read:
 * it is said, and nothing leaks. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "container/deflate.h"
#include "container/pack.h"
#include "container/reader.h"
#include "container/unpack.h"
#include "container/zip_write.h"
#include "unit/starve.h"

static int scratch; /* a nameless file */

static int empty_scratch(void)
{
    return ftruncate(scratch, 0) == 0 && lseek(scratch, 0, SEEK_SET) == 0 ? 0 : -99;
}

/* Writes some bytes as frames, then finds them at their place. */
static int pack_and_seek(int fd, const struct sb_codec *codec, struct sb_pool *pool)
{
    static const uint8_t zeros[1024];
    struct sb_output output;
    struct sb_packer *packer = NULL;
    struct sb_seeker *seeker = NULL;
    const uint8_t *bytes;
    size_t len;
    sb_output_stream(&output, fd);
    int r = sb_packer_new(&packer, &output, codec, 1, pool, NULL);
    if (r == 0)
        r = sb_pack_write(packer, zeros, sizeof(zeros), NULL);
    if (r == 0)
        r = sb_pack_finish(packer, 512, NULL);
    sb_packer_free(packer);
    const struct sb_seek_options options = {.size = output.written};
    if (r == 0)
        r = sb_seeker_open(&seeker, fd, &options, NULL);
    if (r == 0)
        r = sb_seeker_read(seeker, 1023, &bytes, &len, NULL) == 1 ? 0 : -99;
    sb_seeker_close(seeker);
    return r;
}

/* The same, and then it is read by the strict parser alone. */
static int container(const struct sb_codec *codec)
{
    struct sb_pool *pool = NULL;
    struct sb_reader *reader = NULL;
    struct sb_entry entry;
    int r = empty_scratch();
    if (r == 0)
        r = sb_pool_new(&pool, 1, NULL);
    if (r == 0)
        r = pack_and_seek(scratch, codec, pool);
    struct sb_reader_options options = {.pool = pool, .salvage = true};
    if (r == 0 && lseek(scratch, 0, SEEK_SET) == 0)
        r = sb_reader_open(&reader, scratch, &options, NULL);
    if (r == 0)
        r = sb_reader_next(reader, &entry, NULL);
    sb_reader_close(reader);
    sb_pool_free(pool);
    return r;
}

static int containers(void)
{
    return container(&sb_codec_gz);
}

/* While it compresses, zstd does not say why it failed. */
static int zst_containers(void)
{
    int r = container(&sb_codec_zst);
    return r == SEALBAG_ERR_SYSTEM ? SEALBAG_ERR_MEMORY : r;
}

/* A frame with a window and no size, which is decoded as a stream. */
static int zst_streams(void)
{
    static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0, 0x58, 0x19, 0, 0, 'a', 'b', 'c'};
    struct sb_input input = {0};
    struct sb_pool *pool = NULL;
    struct sb_unpacker *unpacker = NULL;
    const uint8_t *bytes;
    size_t len;
    bool gap;
    int r = empty_scratch();
    if (r == 0 &&
        (sb_fd_write(scratch, frame, sizeof(frame)) < 0 || lseek(scratch, 0, SEEK_SET) != 0))
        r = -99;
    if (r == 0)
        r = sb_pool_new(&pool, 1, NULL);
    if (r == 0)
        r = sb_input_open(&input, scratch, 0, NULL, NULL, NULL);
    if (r == 0)
        r = sb_unpacker_new(&unpacker, &input, pool, false, NULL);
    if (r == 0)
        r = sb_unpack_next(unpacker, &bytes, &len, &gap, NULL);
    if (r == 1)
        r = len == 3 && memcmp(bytes, "abc", 3) == 0 ? 0 : -99;
    sb_unpacker_free(unpacker);
    sb_input_close(&input);
    sb_pool_free(pool);
    return r;
}

/* A small file that was made elsewhere, and one in two blocks. */
static int write_zip(struct sb_zip_writer *writer, struct sb_deflater *deflater)
{
    static uint8_t zeros[SB_ZIP_BLOCK + 1];
    struct sb_buf entry = {0};
    int r = sb_zip_make_small(&entry, deflater, "small", 0, "abc", 3, NULL);
    if (r == 0)
        r = sb_zip_write_small(writer, entry.data, entry.len, NULL);
    if (r == 0)
        r = sb_zip_write_add(writer, "large", zeros, sizeof(zeros), NULL);
    sb_buf_free(&entry);
    return r == 0 ? sb_zip_write_finish(writer, NULL) : r;
}

/* Its entries, found anywhere. */
static int salvage_zip(struct sb_pool *pool, uint64_t size)
{
    const struct sb_reader_options options = {.pool = pool, .size = size, .salvage = true};
    struct sb_reader *reader = NULL;
    struct sb_entry entry;
    int r = lseek(scratch, 0, SEEK_SET) == 0 ? 0 : -99;
    if (r == 0)
        r = sb_reader_open(&reader, scratch, &options, NULL);
    for (int i = 0; r >= 0 && i < 3; i++) {
        r = sb_reader_next(reader, &entry, NULL);
        if (r >= 0 && r != (i < 2))
            r = -99;
    }
    sb_reader_close(reader);
    return r;
}

static int zips(void)
{
    struct sb_output output;
    struct sb_pool *pool = NULL;
    struct sb_zip_writer *writer = NULL;
    struct sb_deflater *deflater = NULL;
    int r = empty_scratch();
    sb_output_stream(&output, scratch);
    output.seekable = true;
    if (r == 0)
        r = sb_pool_new(&pool, 1, NULL);
    if (r == 0)
        r = sb_zip_writer_new(&writer, &output, SB_LEVEL_FAST, 0, pool, NULL);
    if (r == 0 && (deflater = sb_deflater_new(SB_LEVEL_FAST)) == NULL)
        r = SEALBAG_ERR_MEMORY;
    if (r == 0)
        r = write_zip(writer, deflater);
    sb_zip_writer_free(writer);
    sb_deflater_free(deflater);
    if (r == 0)
        r = salvage_zip(pool, output.written);
    sb_pool_free(pool);
    return r;
}

static void out_of_memory(void **state)
{
    (void)state;
    static int (*const jobs[])(void) = {containers, zst_containers, zst_streams, zips};
    needs_faults();
    for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++)
        starve(jobs[i]);
}

static int set_up(void **state)
{
    FILE *file = tmpfile();
    *state = file;
    if (file == NULL)
        return -1;
    scratch = fileno(file);
    return 0;
}

static int tear_down(void **state)
{
    return fclose(*state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(out_of_memory)};
    return cmocka_run_group_tests_name("faults_container", tests, set_up, tear_down);
}
