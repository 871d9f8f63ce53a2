#include "container/zip_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/limits.h"
#include "base/rule.h"
#include "container/input.h"
#include "container/zip_ruins.h"

enum {
    BLOCK = 256 << 10,
    TICK_EVERY = 256,
    SIGN_SIZE = 12,
    SALVAGE_WORK = 8 /* how often it may be read: what is damaged is read again, as its parts */
};

struct sb_zip_reader {
    struct sb_zip_reading from;
    struct sb_zip zip;
    size_t next; /* the number of the next entry */
    const struct sb_zip_entry *current;
    char *path;                        /* of it */
    uint64_t packed, size;             /* of its data, what was read and what was given so far */
    uint32_t crc;                      /* of the latter */
    uint8_t *in, *out;                 /* BLOCK bytes each */
    uint8_t seam[2 * (SIGN_SIZE - 1)]; /* the last bytes that were given, and the next */
    size_t seam_len;
    z_stream inflate; /* next_in points into `in` */
    bool inflating, deflate_ended;
    bool done; /* all that there is of the current entry was given */

    /* salvaging */
    uint64_t whole_at, whole_end; /* of the last entry that was whole */
    uint64_t work;                /* how many packed bytes were read */
};

int sb_zip_read(const struct sb_zip_reading *from, uint64_t at, uint8_t *out, size_t len,
                struct sb_error *error)
{
    for (size_t got = 0; got < len;) {
        ssize_t n = pread(from->fd, out + got, len - got, (off_t)(from->start + at + got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return sb_error_errno(error, errno, "read", "the bundle");
        if (n == 0)
            return sb_rule_error(error, SB_RULE_ZIP_MALFORMED,
                                 "The zip file became shorter while it was read.");
        got += (size_t)n;
    }
    return 0;
}

/* ---- its layout ------------------------------------------------------------------------ */

static int read_end(struct sb_zip_reader *reader, struct sb_error *error)
{
    uint64_t size = reader->from.size;
    size_t len = size < SB_ZIP_TAIL_MAX ? (size_t)size : SB_ZIP_TAIL_MAX;
    uint8_t *tail = malloc(len + 1);
    if (tail == NULL)
        return sb_error_memory(error);
    int r = sb_zip_read(&reader->from, size - len, tail, len, error);
    if (r == 0)
        r = sb_zip_read_end(&reader->zip, tail, len, size, error);
    free(tail);
    return r;
}

static int read_central(struct sb_zip_reader *reader, struct sb_error *error)
{
    const struct sealbag_limits *limits = reader->from.limits;
    uint64_t size = reader->zip.central_size;
    if (reader->zip.count > limits->entries)
        return sb_limit_reached(error, "entries", limits->entries,
                                "The zip file has more entries than it may");
    if (size > limits->manifest_bytes)
        return sb_limit_reached(error, "manifest-bytes", limits->manifest_bytes,
                                "The zip file's list of entries is larger than it may be");
    uint8_t *bytes = malloc((size_t)size + 1);
    if (bytes == NULL)
        return sb_error_memory(error);
    int r = sb_zip_read(&reader->from, reader->zip.central_at, bytes, (size_t)size, error);
    if (r == 0)
        r = sb_zip_read_central(&reader->zip, bytes, (size_t)size, error);
    free(bytes);
    return r;
}

static int check_local(struct sb_zip_reader *reader, size_t number, struct sb_error *error)
{
    struct sb_zip *zip = &reader->zip;
    const struct sb_zip_entry *entry = &zip->entries[number];
    uint8_t fixed[SB_ZIP_LOCAL_FIXED], behind[SB_ZIP_DESCRIPTOR_MAX];
    size_t size = sizeof(fixed), after = 0;
    int r = sb_zip_read(&reader->from, entry->at, fixed, sizeof(fixed), error);
    if (r == 0)
        r = sb_zip_local_size(&size, zip, number, fixed, error);
    if (r < 0)
        return r;
    uint8_t *bytes = malloc(size);
    if (bytes == NULL)
        return sb_error_memory(error);
    r = sb_zip_read(&reader->from, entry->at, bytes, size, error);
    if (r == 0)
        r = sb_zip_check_local(&after, zip, number, bytes, size, error);
    free(bytes);
    if (r == 0)
        r = sb_zip_read(&reader->from, entry->data_at + entry->packed, behind, after, error);
    return r == 0 ? sb_zip_check_after(zip, number, behind, after, error) : r;
}

static int read_layout(struct sb_zip_reader *reader, struct sb_error *error)
{
    int r = read_end(reader, error);
    if (r == 0)
        r = read_central(reader, error);
    for (size_t i = 0; r == 0 && i < reader->zip.entry_count; i++) {
        r = check_local(reader, i, error);
        if (r == 0 && i % TICK_EVERY == 0)
            r = sb_input_tick(reader->from.input, error);
    }
    return r;
}

/* ---- entries --------------------------------------------------------------------------- */

int sb_zip_reader_open(struct sb_zip_reader **out, const struct sb_zip_reading *reading,
                       struct sb_error *error)
{
    *out = NULL;
    struct sb_zip_reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL)
        return sb_error_memory(error);
    reader->from = *reading;
    reader->in = malloc(BLOCK);
    reader->out = malloc(BLOCK);
    reader->inflating = inflateInit2(&reader->inflate, -15) == Z_OK;
    int r = reader->in == NULL || reader->out == NULL || !reader->inflating ? sb_error_memory(error)
            : reading->salvage ? sb_zip_find(&reader->zip, reading, error)
                               : read_layout(reader, error);
    if (r < 0) {
        sb_zip_reader_close(reader);
        return r;
    }
    *out = reader;
    return 0;
}

void sb_zip_reader_close(struct sb_zip_reader *reader)
{
    if (reader == NULL)
        return;
    if (reader->inflating)
        inflateEnd(&reader->inflate);
    sb_zip_free(&reader->zip);
    free(reader->in);
    free(reader->out);
    free(reader->path);
    free(reader);
}

const struct sb_zip *sb_zip_reader_layout(const struct sb_zip_reader *reader)
{
    return &reader->zip;
}

static int by_place(const void *key, const void *item)
{
    const uint64_t *at = key;
    const struct sb_zip_entry *entry = item;
    return (*at > entry->at) - (*at < entry->at);
}

/* A folder has no contents, but deflate has two bytes for nothing; nobody else reads them, so it is
 * seen here that there is no more. */
static int check_folder(struct sb_zip_reader *reader, struct sb_error *error)
{
    const uint8_t *bytes;
    size_t len;
    return reader->current->folder ? sb_zip_data(reader, &bytes, &len, error) : 0;
}

bool sb_zip_go_to(struct sb_zip_reader *reader, uint64_t at)
{
    const struct sb_zip *zip = &reader->zip;
    const struct sb_zip_entry *found =
        bsearch(&at, zip->entries, zip->entry_count, sizeof(*found), by_place);
    if (found != NULL)
        reader->next = (size_t)(found - zip->entries);
    return found != NULL;
}

/* What lies within an entry that is whole is a part of it, such as an entry of a zip file that is a
 * document. The same place may have been described in two ways. */
static bool is_inside(const struct sb_zip_reader *reader, uint64_t at)
{
    return at > reader->whole_at && at < reader->whole_end;
}

int sb_zip_next(struct sb_zip_reader *reader, struct sb_tar_entry *entry, struct sb_error *error)
{
    while (reader->next < reader->zip.entry_count &&
           is_inside(reader, reader->zip.entries[reader->next].at))
        reader->next++;
    if (reader->next == reader->zip.entry_count)
        return 0;
    const struct sb_zip_entry *current = &reader->zip.entries[reader->next++];
    free(reader->path);
    reader->path = strdup(current->name);
    if (reader->path == NULL)
        return sb_error_memory(error);
    reader->current = current;
    reader->packed = reader->size = 0;
    reader->crc = 0;
    reader->seam_len = 0;
    reader->deflate_ended = reader->done = false;
    inflateReset(&reader->inflate);
    reader->inflate.avail_in = 0;
    *entry = (struct sb_tar_entry){.path = reader->path,
                                   .folder = current->folder,
                                   .size = current->size,
                                   .header_at = current->at};
    int r = check_folder(reader, error);
    return r < 0 ? r : 1;
}

static int damaged(const struct sb_zip_reader *reader, const char *what, struct sb_error *error)
{
    char shown[600];
    return sb_rule_error(error, SB_RULE_ZIP_DATA,
                         "\"%s\" in the zip file is damaged: its contents %s. Ask for it again.",
                         sealbag_text_escape(shown, sizeof(shown), reader->current->name), what);
}

/* The next packed bytes, in `in`; none at their end. */
static int read_packed(struct sb_zip_reader *reader, size_t *len, struct sb_error *error)
{
    const struct sb_zip_entry *current = reader->current;
    uint64_t left = current->packed - reader->packed;
    uint64_t at = current->data_at + reader->packed;
    *len = left < BLOCK ? (size_t)left : BLOCK;
    reader->from.input->now.bytes = at;
    int r = sb_input_tick(reader->from.input, error);
    if (r == 0)
        r = sb_zip_read(&reader->from, at, reader->in, *len, error);
    if (r < 0)
        return r;
    reader->packed += *len;
    reader->work += *len;
    return !reader->from.salvage || reader->work / SALVAGE_WORK <= reader->from.size + BLOCK
               ? 0
               : sb_rule_error(error, SB_RULE_LIMIT,
                               "The zip file holds too much that looks like a part of it and is "
                               "none. It was made to keep this machine busy.");
}

/* Up to BLOCK bytes, in `out`. None: the data has ended, and so has all that is packed. */
static int inflate_some(struct sb_zip_reader *reader, size_t *len, struct sb_error *error)
{
    z_stream *z = &reader->inflate;
    *len = 0;
    while (*len == 0 && !reader->deflate_ended) {
        size_t packed = z->avail_in;
        if (packed == 0) {
            int r = read_packed(reader, &packed, error);
            if (r < 0)
                return r;
            if (packed == 0)
                return damaged(reader, "are cut off", error);
            z->next_in = reader->in;
            z->avail_in = (uInt)packed;
        }
        z->next_out = reader->out;
        z->avail_out = BLOCK;
        int result = inflate(z, Z_NO_FLUSH);
        if (result == Z_MEM_ERROR)
            return sb_error_memory(error);
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
            return damaged(reader, "cannot be unpacked", error);
        *len = BLOCK - z->avail_out;
        reader->deflate_ended = result == Z_STREAM_END;
    }
    if (reader->deflate_ended && (z->avail_in != 0 || reader->packed != reader->current->packed))
        return damaged(reader, "end before the place that is made for them", error);
    return 0;
}

/* Whether a descriptor stands in these bytes, the first of which is number `at` of the entry, that
 * says that the entry ends before it. */
static bool ends_within(const uint8_t *bytes, size_t len, uint64_t at)
{
    static const uint8_t sign[] = {'P', 'K', 7, 8};
    for (size_t i = 0; i + SIGN_SIZE <= len; i++) {
        const uint8_t *found = memchr(bytes + i, sign[0], len - SIGN_SIZE + 1 - i);
        if (found == NULL)
            return false;
        i = (size_t)(found - bytes);
        uint32_t packed = found[8] | (uint32_t)found[9] << 8 | (uint32_t)found[10] << 16 |
                          (uint32_t)found[11] << 24;
        if (memcmp(found, sign, sizeof(sign)) == 0 && packed == (uint32_t)(at + i))
            return true;
    }
    return false;
}

/* Programs that read a zip file from a pipe look for the descriptor to find where a stored entry
 * ends, so none that fits may stand in its contents: they would see other entries there. */
static int check_stored(struct sb_zip_reader *reader, const uint8_t *bytes, size_t len,
                        struct sb_error *error)
{
    const size_t keep = SIGN_SIZE - 1;
    char shown[600];
    if (reader->current->deflated || !reader->current->streamed || reader->from.salvage)
        return 0;
    size_t more = len < keep ? len : keep;
    memcpy(reader->seam + reader->seam_len, bytes, more);
    bool found =
        ends_within(reader->seam, reader->seam_len + more, reader->size - reader->seam_len) ||
        ends_within(bytes, len, reader->size);
    size_t have = reader->seam_len + more;
    if (len >= keep)
        memcpy(reader->seam, bytes + len - keep, keep);
    else if (have > keep)
        memmove(reader->seam, reader->seam + have - keep, keep);
    reader->seam_len = have < keep ? have : keep;
    return !found ? 0
                  : sb_rule_error(error, SB_RULE_ZIP_MISMATCH,
                                  "\"%s\" in the zip file has something in its contents that looks "
                                  "like its end: programs would see different things in the zip "
                                  "file. Do not use it.",
                                  sealbag_text_escape(shown, sizeof(shown), reader->current->name));
}

/* All of the entry was given. */
static int end_entry(struct sb_zip_reader *reader, struct sb_error *error)
{
    const struct sb_zip_entry *current = reader->current;
    if (reader->size != current->size)
        return damaged(reader, "are shorter than it says", error);
    bool right = reader->crc == current->crc;
    if (right && reader->from.salvage) {
        reader->whole_at = current->at;
        reader->whole_end = current->data_at + current->packed;
    }
    return right || reader->from.salvage ? 0 : damaged(reader, "do not fit their CRC", error);
}

static int give_data(struct sb_zip_reader *reader, const uint8_t **bytes, size_t *len,
                     struct sb_error *error)
{
    const struct sb_zip_entry *current = reader->current;
    int r = current->deflated ? inflate_some(reader, len, error) : read_packed(reader, len, error);
    if (r < 0)
        return r;
    *bytes = current->deflated ? reader->out : reader->in;
    if (*len > current->size - reader->size)
        return damaged(reader, "are longer than it says", error);
    r = check_stored(reader, *bytes, *len, error);
    if (r < 0)
        return r;
    reader->size += *len;
    reader->crc = (uint32_t)crc32_z(reader->crc, *bytes, *len);
    return *len > 0 ? 1 : end_entry(reader, error);
}

int sb_zip_data(struct sb_zip_reader *reader, const uint8_t **bytes, size_t *len,
                struct sb_error *error)
{
    *len = 0;
    int r = reader->done || reader->current == NULL ? 0 : give_data(reader, bytes, len, error);
    reader->done |= r <= 0;
    return r;
}
