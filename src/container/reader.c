#include "container/reader.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/path.h"
#include "base/rule.h"
#include "container/reader_impl.h"
#include "container/tar_codec.h"
#include "container/tar_header.h"
#include "container/zst_codec.h"

enum { SEEK_STEP = 16 * 1024 };

/* What people send instead of a bundle. */
static const struct {
    const char *magic;
    size_t len;
    const char *name;
} others[] = {
    {"PK\x05\x06", 4, "an empty zip file"},
    {"%PDF", 4, "a PDF"},
    {"<!DOCTYPE", 9, "a web page"},
    {"<!doctype", 9, "a web page"},
    {"<html", 5, "a web page"},
    {"<HTML", 5, "a web page"},
    {"BZh", 3, "compressed with bzip2"},
    {"\xfd"
     "7zXZ",
     5, "compressed with xz"},
    {"7z\xbc\xaf", 4, "a 7-Zip archive"},
    {"Rar!", 4, "a RAR archive"},
    {"untrusted comment:", 18, "a minisign key or signature"},
};

static int check_magic(struct sb_input *input, struct sb_error *error)
{
    const uint8_t *bytes;
    size_t len;
    int r = sb_input_peek(input, SB_TAR_MAGIC_SIZE, &bytes, &len, error);
    if (r < 0)
        return r;
    if (len == 0)
        return sb_rule_error(error, SB_RULE_INPUT_EMPTY,
                             "The input is empty. Ask for the bundle again.");
    if (sb_gz_magic(bytes, len) || sb_zst_magic(bytes, len) || sb_zip_magic(bytes, len) ||
        sb_tar_begins(bytes, len))
        return 0;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (len >= others[i].len && memcmp(bytes, others[i].magic, others[i].len) == 0)
            return sb_rule_error(
                error, SB_RULE_UNSUPPORTED,
                "The input is %s, not a .tar.gz, .tar.zst, .tar or .zip bundle. Ask "
                "for the bundle itself.",
                others[i].name);
    }
    r = sb_input_peek(input, SB_TAR_BLOCK, &bytes, &len, error);
    if (r == 0 && len >= SB_TAR_BLOCK)
        r = sb_tar_header_refuse_old(bytes, error);
    if (r < 0)
        return r;
    return sb_rule_error(error, SB_RULE_UNSUPPORTED,
                         "The input is not a .tar.gz, .tar.zst, .tar or .zip bundle. Check that it "
                         "is the right file.");
}

/* The first bytes of a packed file can be those of a tar as well, in which tar, which looks for
 * that first, finds other files; and bsdtar takes a zip file for an image of a disc if it can be
 * one, since nothing is said about an image's first 32 KiB (ECMA-119, 8.2.1). */
static int check_alone(struct sb_input *input, struct sb_error *error)
{
    static const uint8_t image[] = {'C', 'D', '0', '0', '1'};
    enum { IMAGE_AT = 32 * 1024 + 1 };
    const uint8_t *bytes;
    size_t len;
    int r = sb_input_peek(input, IMAGE_AT + sizeof(image), &bytes, &len, error);
    if (r < 0 || sb_tar_begins(bytes, len))
        return r;
    bool tar = len >= SB_TAR_BLOCK && sb_tar_header_resembles(bytes);
    bool disc = len >= IMAGE_AT + sizeof(image) && sb_zip_magic(bytes, len) &&
                memcmp(bytes + IMAGE_AT, image, sizeof(image)) == 0;
    if (!tar && !disc)
        return 0;
    return sb_rule_error(error, SB_RULE_TAR_DISAGREE,
                         "Two programs would read this bundle differently (it is two archives in "
                         "one), so it was made to mislead. Do not use it.");
}

/* Its list of entries is at its end. */
static int open_zip(struct sb_reader *reader, const struct sb_reader_options *options,
                    struct sb_error *error)
{
    off_t at = lseek(reader->input.fd, 0, SEEK_CUR);
    if (at < 0 || options->size == 0)
        return sb_rule_error(error, SB_RULE_UNSUPPORTED,
                             "A zip file can only be read from a file, since its list of entries "
                             "is at its end. Store it, and name the file.");
    const struct sb_zip_reading reading = {.fd = reader->input.fd,
                                           .start = (uint64_t)at - reader->input.len,
                                           .size = options->size,
                                           .limits = &reader->limits,
                                           .input = &reader->input,
                                           .salvage = options->salvage};
    reader->packing = SB_PACKED_ZIP;
    return sb_zip_reader_open(&reader->zip, &reading, error);
}

/* The first bytes are no bundle's; whether the last ones are a zip file's. */
static bool is_headless_zip(const struct sb_reader *reader, const struct sb_reader_options *options)
{
    off_t at = lseek(reader->input.fd, 0, SEEK_CUR);
    size_t len = options->size < SB_ZIP_TAIL_MAX ? (size_t)options->size : SB_ZIP_TAIL_MAX;
    if (at < 0 || len == 0)
        return false;
    off_t start = at - (off_t)reader->input.len;
    uint8_t *tail = malloc(len), record[SB_ZIP_RECORD_SIZE];
    uint64_t list;
    bool is =
        tail != NULL &&
        pread(reader->input.fd, tail, len, start + (off_t)(options->size - len)) == (ssize_t)len &&
        sb_zip_is_headless(&list, tail, len, options->size) &&
        pread(reader->input.fd, record, sizeof(record), start + (off_t)list) == sizeof(record) &&
        sb_zip_lists_first(record);
    free(tail);
    return is;
}

/* What is given first shows which it is. */
static int open_packed(struct sb_reader *reader, const struct sb_reader_options *options,
                       struct sb_error *error)
{
    const uint8_t *bytes;
    size_t len;
    int r = sb_input_peek(&reader->input, SB_TAR_MAGIC_SIZE, &bytes, &len, error);
    if (r < 0)
        return r;
    reader->packing = sb_zip_magic(bytes, len)    ? SB_PACKED_ZIP
                      : sb_zst_magic(bytes, len)  ? SB_PACKED_TAR_ZST
                      : sb_tar_begins(bytes, len) ? SB_PACKED_TAR
                                                  : SB_PACKED_TAR_GZ;
    if (reader->packing == SB_PACKED_ZIP)
        return open_zip(reader, options, error);
    r = sb_unpacker_new(&reader->unpacker, &reader->input, options->pool, options->salvage, error);
    return r == 0 && !options->salvage ? sb_second_open(reader, error) : r;
}

/* The first bytes may be what is damaged. */
static int open_any(struct sb_reader *reader, const struct sb_reader_options *options,
                    struct sb_error *error)
{
    struct sb_error ignored;
    int r = check_magic(&reader->input, error);
    if (r == 0 && !options->salvage)
        r = check_alone(&reader->input, error);
    if (r == 0)
        return open_packed(reader, options, error);
    if (r == SEALBAG_ERR_UNSUPPORTED && is_headless_zip(reader, options))
        return open_zip(reader, options, error);
    if (r == SEALBAG_ERR_UNSUPPORTED && options->salvage &&
        sb_unpacker_new(&reader->unpacker, &reader->input, options->pool, true, &ignored) == 0)
        return 0;
    return r;
}

int sb_reader_open(struct sb_reader **out, int fd, const struct sb_reader_options *options,
                   struct sb_error *error)
{
    *out = NULL;
    struct sb_reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL)
        return sb_error_memory(error);
    reader->salvage = options->salvage;
    reader->limits = sb_limits_of(options->limits);
    int r = sb_input_open(&reader->input, fd, options->size, options->progress,
                          options->progress_context, error);
    if (r == 0)
        r = open_any(reader, options, error);
    if (r < 0) {
        sb_reader_close(reader);
        return r;
    }
    *out = reader;
    return 0;
}

enum sb_packing sb_reader_packing(const struct sb_reader *reader)
{
    return reader->packing;
}

int sb_reader_open_at(struct sb_reader **out, struct sb_seeker *seeker, uint64_t at,
                      struct sb_error *error)
{
    *out = NULL;
    struct sb_reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL)
        return sb_error_memory(error);
    reader->seeker = seeker;
    reader->base = reader->next = at;
    reader->limits = *sb_seeker_limits(seeker);
    int r = sb_second_open(reader, error);
    if (r < 0) {
        sb_reader_close(reader);
        return r;
    }
    *out = reader;
    return 0;
}

/* The whole input counts when its size is known: what is stored densely may come later. */
static uint64_t input_size(const struct sb_reader *reader)
{
    uint64_t size = reader->input.now.bytes_total, read = sb_reader_input_bytes(reader);
    return size > read ? size : read;
}

static int check_expansion(struct sb_reader *reader, size_t len, struct sb_error *error)
{
    const struct sealbag_limits *limits = &reader->limits;
    reader->expanded += len;
    if (reader->expanded > limits->expanded)
        return sb_limit_reached(error, "expanded", limits->expanded,
                                "The bundle expands to more bytes than it may");
    if (sb_expands_too_far(limits->ratio, reader->expanded, input_size(reader)))
        return sb_limit_reached(error, "ratio", limits->ratio,
                                "The bundle expands to too many times its size");
    return 1;
}

static int pull(struct sb_reader *reader, const uint8_t **bytes, size_t *len, bool *gap,
                struct sb_error *error)
{
    if (reader->unpacker != NULL)
        return sb_unpack_next(reader->unpacker, bytes, len, gap, error);
    *gap = false;
    int r = sb_seeker_read(reader->seeker, reader->next, bytes, len, error);
    /* Not much more than is asked for: the parsers look at all that they are given. */
    if (r > 0 && *len > SEEK_STEP)
        *len = SEEK_STEP;
    if (r > 0)
        reader->next += *len;
    return r;
}

int sb_reader_pull(struct sb_reader *reader, const uint8_t **bytes, size_t *len, bool *gap,
                   struct sb_error *error)
{
    int r = pull(reader, bytes, len, gap, error);
    return r > 0 ? check_expansion(reader, *len, error) : r;
}

const struct sealbag_limits *sb_reader_limits(const struct sb_reader *reader)
{
    return &reader->limits;
}

bool sb_reader_pointer(uint64_t *pointer, const struct sb_reader *reader)
{
    return reader->unpacker != NULL && sb_unpack_pointer(pointer, reader->unpacker);
}

const struct sb_zip *sb_reader_zip(const struct sb_reader *reader)
{
    return reader->zip != NULL ? sb_zip_reader_layout(reader->zip) : NULL;
}

void sb_reader_close(struct sb_reader *reader)
{
    if (reader == NULL)
        return;
    sb_second_close(reader);
    sb_zip_reader_close(reader->zip);
    sb_unpacker_free(reader->unpacker);
    sb_input_close(&reader->input);
    sb_tar_parser_free(&reader->parser);
    free(reader->path);
    free(reader);
}

/* Gives the entry to the caller: path checked, a folder's slash cut. */
static int give_entry(struct sb_reader *reader, struct sb_entry *entry,
                      const struct sb_tar_entry *found, struct sb_error *error)
{
    free(reader->path);
    reader->path = strdup(found->path);
    if (reader->path == NULL)
        return sb_error_memory(error);
    size_t len = strlen(reader->path);
    if (found->folder && len > 0 && reader->path[len - 1] == '/')
        reader->path[--len] = 0;
    const char *why = sb_path_unsafe(reader->path, len);
    if (why != NULL) {
        char shown[600];
        return sb_rule_error(error, SB_RULE_PATH_UNSAFE,
                             "\"%s\" is not a safe path: its name %s. Do not use this bundle.",
                             sealbag_text_escape(shown, sizeof(shown), reader->path), why);
    }
    *entry = (struct sb_entry){
        .path = reader->path,
        .folder = found->folder,
        .size = found->size,
        .at = reader->base + found->header_at,
    };
    reader->input.now.files++;
    return 1;
}

static int zip_data(struct sb_reader *reader, const uint8_t **bytes, size_t *len,
                    struct sb_error *error)
{
    int r = sb_zip_data(reader->zip, bytes, len, error);
    return r > 0 ? check_expansion(reader, *len, error) : r;
}

/* More tar bytes for the strict parser alone. 1, or 0 at the end. */
static int refill(struct sb_reader *reader, struct sb_error *error)
{
    bool gap;
    int r = sb_reader_pull(reader, &reader->bytes, &reader->len, &gap, error);
    if (gap) {
        sb_tar_resync(&reader->parser, true);
        reader->lost = true;
    }
    return r;
}

/* Salvaging: the next event of the strict parser. 1, 0 at the end of the input, or an error. */
static int salvage_step(struct sb_reader *reader, enum sb_tar_event *event, struct sb_error *error)
{
    if (reader->len == 0) {
        int r = refill(reader, error);
        *event = SB_TAR_MORE;
        if (r == SEALBAG_ERR_DAMAGED)
            return 0; /* nothing more can be read */
        return r;
    }
    size_t used;
    reader->data = reader->bytes;
    int r = sb_tar_feed(&reader->parser, reader->bytes, reader->len, &used, event, error);
    if (r == SEALBAG_ERR_DAMAGED) {
        sb_tar_resync(&reader->parser, false);
        *event = SB_TAR_MORE;
        r = 0;
    }
    if (r < 0)
        return r;
    reader->data_len = used;
    reader->bytes += used;
    reader->len -= used;
    return 1;
}

static int salvage_next(struct sb_reader *reader, struct sb_entry *entry, struct sb_error *error)
{
    enum sb_tar_event event;
    for (;;) {
        int r = salvage_step(reader, &event, error);
        if (r <= 0)
            return r;
        if (event != SB_TAR_ENTRY)
            continue;
        const struct sb_tar_entry *found = &reader->parser.entry;
        reader->lost = false;
        reader->left = found->size;
        r = give_entry(reader, entry, found, error);
        if (r != SEALBAG_ERR_DAMAGED)
            return r;
    }
}

static int salvage_data(struct sb_reader *reader, const uint8_t **bytes, size_t *len,
                        struct sb_error *error)
{
    enum sb_tar_event event = SB_TAR_MORE;
    while (reader->left > 0) {
        int r = salvage_step(reader, &event, error);
        if (r < 0)
            return r;
        if (r == 0 || reader->lost || event == SB_TAR_ENTRY) {
            reader->left = 0;
            return sb_rule_error(error, SB_RULE_TAR_TRUNCATED, "The rest of this file is lost.");
        }
        if (event == SB_TAR_DATA) {
            *bytes = reader->data;
            *len = reader->data_len;
            reader->left -= reader->data_len;
            return 1;
        }
    }
    return 0;
}

/* Salvaging a zip file. Whether the last entry was whole shows where the next one may be. */
static int salvage_zip(struct sb_reader *reader, struct sb_entry *entry, struct sb_error *error)
{
    const uint8_t *bytes;
    size_t len;
    for (;;) {
        int r;
        struct sb_tar_entry found;
        while ((r = zip_data(reader, &bytes, &len, error)) > 0)
            ;
        if (r == 0 || r == SEALBAG_ERR_DAMAGED)
            r = sb_zip_next(reader->zip, &found, error);
        if (r <= 0)
            return r;
        r = give_entry(reader, entry, &found, error);
        if (r != SEALBAG_ERR_DAMAGED)
            return r;
    }
}

bool sb_reader_go_to(struct sb_reader *reader, uint64_t at)
{
    return reader->zip != NULL && sb_zip_go_to(reader->zip, at);
}

int sb_reader_next(struct sb_reader *reader, struct sb_entry *entry, struct sb_error *error)
{
    if (reader->salvage)
        return reader->zip != NULL ? salvage_zip(reader, entry, error)
                                   : salvage_next(reader, entry, error);
    struct sb_tar_entry agreed;
    int r = reader->zip != NULL ? sb_zip_next(reader->zip, &agreed, error)
                                : sb_second_next(reader, &agreed, error);
    if (r <= 0)
        return r;
    reader->left = agreed.size;
    return give_entry(reader, entry, &agreed, error);
}

int sb_reader_data(struct sb_reader *reader, const uint8_t **bytes, size_t *len,
                   struct sb_error *error)
{
    if (reader->zip != NULL)
        return zip_data(reader, bytes, len, error);
    return reader->salvage ? salvage_data(reader, bytes, len, error)
                           : sb_second_data(reader, bytes, len, error);
}

int sb_reader_skip(struct sb_reader *reader, struct sb_error *error)
{
    const uint8_t *bytes;
    size_t len;
    int r = 0;
    if (reader->zip == NULL) {
        while ((r = sb_reader_data(reader, &bytes, &len, error)) > 0)
            ;
    }
    return r;
}

uint64_t sb_reader_input_bytes(const struct sb_reader *reader)
{
    /* Of a zip file all has been looked at before there is a first entry. */
    if (reader->zip != NULL)
        return reader->input.now.bytes_total;
    return reader->seeker != NULL ? sb_seeker_size(reader->seeker)
                                  : reader->input.taken + reader->input.len;
}
