/* Zip files: whatever is taken is read in the same way by libarchive, which shows that no other
 * archive lies hidden in it. */
#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "container/reader.h"
#include "fuzz/container.h"
#include "fuzz/fuzz.h"

/* What is found of it when it is damaged: whatever it is, all lies within it. */
static size_t salvage(const uint8_t *bytes, size_t len)
{
    struct sb_error error = {0};
    struct sb_reader *reader = NULL;
    struct sb_entry entry;
    const struct sb_reader_options options = {.pool = fuzz_pool(1), .size = len, .salvage = true};
    int r = sb_reader_open(&reader, fuzz_fd(0, bytes, len), &options, &error);
    size_t whole = 0;
    uint64_t last = 0;
    while (r >= 0 && (r = sb_reader_next(reader, &entry, &error)) > 0) {
        const uint8_t *data = NULL;
        size_t size = 0;
        uint64_t given = 0;
        REQUIRE(entry.at < len && entry.at >= last);
        last = entry.at;
        while ((r = sb_reader_data(reader, &data, &size, &error)) > 0) {
            REQUIRE(size > 0 && size <= entry.size - given);
            given += size;
        }
        whole += r == 0;
        if (r == SEALBAG_ERR_DAMAGED)
            r = 0;
    }
    if (r < 0)
        fuzz_check_error(&error, r);
    sb_reader_close(reader);
    return whole;
}

/* Everything that is in it, one after the other: name, NUL, content, NUL. */
static int read_ours(struct sb_buf *out, const uint8_t *bytes, size_t len, size_t *count)
{
    struct sb_error error = {0};
    struct sb_reader *reader = NULL;
    struct sb_entry entry;
    const struct sb_reader_options options = {.pool = fuzz_pool(1), .size = len};
    int r = sb_reader_open(&reader, fuzz_fd(0, bytes, len), &options, &error);
    uint64_t last = 0;
    *count = 0;
    while (r >= 0 && (r = sb_reader_next(reader, &entry, &error)) > 0) {
        const uint8_t *data = NULL;
        size_t size = 0;
        uint64_t given = 0;
        REQUIRE(*count == 0 || entry.at > last);
        REQUIRE(entry.at < len);
        last = entry.at;
        ++*count;
        fuzz_append(out, entry.path, strlen(entry.path) + 1);
        while ((r = sb_reader_data(reader, &data, &size, &error)) > 0) {
            REQUIRE(size > 0 && size <= entry.size - given);
            given += size;
            if (out->len < FUZZ_DATA_MAX)
                fuzz_append(out, data, size);
        }
        if (r == 0)
            REQUIRE(given == entry.size);
        fuzz_append(out, "", 1);
    }
    if (r < 0)
        fuzz_check_error(&error, r);
    sb_reader_close(reader);
    return r;
}

/* A folder's slash is not part of the path. */
static void append_name(struct sb_buf *out, const char *name)
{
    size_t len = strlen(name);
    fuzz_append(out, name, len > 0 && name[len - 1] == '/' ? len - 1 : len);
    fuzz_append(out, "", 1);
}

static int read_theirs(struct sb_buf *out, const uint8_t *bytes, size_t len, size_t *count)
{
    struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    REQUIRE(archive != NULL && archive_read_support_format_zip_seekable(archive) == ARCHIVE_OK);
    int r = archive_read_open_memory(archive, bytes, len);
    *count = 0;
    while (r == ARCHIVE_OK && (r = archive_read_next_header(archive, &entry)) >= ARCHIVE_WARN &&
           r != ARCHIVE_EOF) {
        const void *data;
        size_t size;
        la_int64_t offset;
        const char *name = archive_entry_pathname(entry);
        ++*count;
        /* In the C locale it has no name for what is not ASCII. */
        append_name(out, name != NULL ? name : "");
        while ((r = archive_read_data_block(archive, &data, &size, &offset)) == ARCHIVE_OK) {
            if (out->len < FUZZ_DATA_MAX)
                fuzz_append(out, data, size);
        }
        if (r == ARCHIVE_EOF)
            r = ARCHIVE_OK;
        fuzz_append(out, "", 1);
    }
    archive_read_free(archive);
    return r == ARCHIVE_EOF ? 0 : -1;
}

static bool is_ascii(const struct sb_buf *text)
{
    for (size_t i = 0; i < text->len; i++) {
        if (text->data[i] >= 0x80)
            return false;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct sb_buf ours = {0}, theirs = {0};
    size_t our_count, their_count;
    if (len < 4 || memcmp(bytes, "PK\x03\x04", 4) != 0)
        return 0;
    size_t salvaged = salvage(bytes, len);
    int r = read_ours(&ours, bytes, len, &our_count);
    REQUIRE(r < 0 || salvaged >= our_count);
    if (r == 0 && ours.len < FUZZ_DATA_MAX) {
        REQUIRE(read_theirs(&theirs, bytes, len, &their_count) == 0);
        REQUIRE(our_count == their_count);
        if (is_ascii(&ours))
            REQUIRE(ours.len == theirs.len && memcmp(ours.data, theirs.data, ours.len) == 0);
    }
    sb_buf_free(&ours);
    sb_buf_free(&theirs);
    return 0;
}
