#define _GNU_SOURCE /* memmem */
#include "container/gz_read.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/rule.h"
#include "container/gz_member.h"

enum kind { UNDECIDED, MEMBERS, FOREIGN };

struct sb_gz_reader {
    struct sb_input *input;
    bool salvage;
    enum kind kind;
    z_stream stream;
    bool stream_ready;
    uint8_t *out; /* SB_GZ_MEMBER_DATA bytes */
    /* the foreign member that is being inflated */
    bool in_member;
    uint32_t crc;
    uint32_t isize;
};

static const uint8_t fixed_header[SB_GZ_FIXED_SIZE] = SB_GZ_FIXED_HEADER;

void sb_gz_reader_free(struct sb_gz_reader *reader)
{
    if (reader == NULL)
        return;
    if (reader->stream_ready)
        inflateEnd(&reader->stream);
    free(reader->out);
    free(reader);
}

int sb_gz_reader_new(struct sb_gz_reader **out, struct sb_input *input, bool salvage,
                     struct sb_error *error)
{
    *out = NULL;
    struct sb_gz_reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL)
        return sb_error_memory(error);
    reader->input = input;
    reader->salvage = salvage;
    reader->out = malloc(SB_GZ_MEMBER_DATA);
    if (reader->out == NULL || inflateInit2(&reader->stream, -15) != Z_OK) {
        sb_gz_reader_free(reader);
        return sb_error_memory(error);
    }
    reader->stream_ready = true;
    *out = reader;
    return 0;
}

static int truncated(struct sb_error *error)
{
    return sb_rule_error(error, SB_RULE_GZIP_TRUNCATED,
                         "The bundle ends in the middle: its end is missing. Ask for it again.");
}

static int bad_header(struct sb_error *error)
{
    return sb_rule_error(error, SB_RULE_GZIP_HEADER,
                         "The bundle is damaged: a gzip header is malformed.");
}

static int bad_data(struct sb_error *error)
{
    return sb_rule_error(error, SB_RULE_GZIP_DATA,
                         "The bundle is damaged: compressed data is malformed.");
}

static int bad_check(struct sb_error *error)
{
    return sb_rule_error(error, SB_RULE_GZIP_CHECK,
                         "The bundle is damaged: its contents do not fit their checksum.");
}

static bool is_member(const uint8_t *bytes, size_t len)
{
    return len >= SB_GZ_FIXED_SIZE && memcmp(bytes, fixed_header, SB_GZ_FIXED_SIZE) == 0;
}

/* Inflates a whole member at bytes[0..size) into reader->out. */
static int inflate_member(struct sb_gz_reader *reader, const uint8_t *bytes, size_t size,
                          size_t *out_len, struct sb_error *error)
{
    const uint8_t *trailer = bytes + size - SB_GZ_TRAILER_SIZE;
    z_stream *z = &reader->stream;
    inflateReset(z);
    z->next_in = bytes + SB_GZ_HEADER_SIZE;
    z->avail_in = (uInt)(size - SB_GZ_HEADER_SIZE - SB_GZ_TRAILER_SIZE);
    z->next_out = reader->out;
    z->avail_out = SB_GZ_MEMBER_DATA;
    if (inflate(z, Z_FINISH) != Z_STREAM_END)
        return bad_data(error);
    if (z->avail_in != 0)
        return sb_rule_error(error, SB_RULE_GZIP_LENGTH,
                             "The bundle is damaged: a gzip member is longer than its data.");
    *out_len = SB_GZ_MEMBER_DATA - z->avail_out;
    if (*out_len == 0)
        return bad_header(error);
    if (sb_load_u32le(trailer + 4) != *out_len)
        return bad_check(error);
    /* Salvaging, a wrong CRC says only that some of it is wrong; each document's digest says which.
     */
    if (!reader->salvage && sb_load_u32le(trailer) != (uint32_t)crc32_z(0, reader->out, *out_len))
        return bad_check(error);
    return 0;
}

/* The next member of a sealbag file: 1, 0 at the end. */
static int read_member(struct sb_gz_reader *reader, size_t *out_len, struct sb_error *error)
{
    const uint8_t *bytes;
    size_t len;
    int r = sb_input_peek(reader->input, SB_GZ_HEADER_SIZE, &bytes, &len, error);
    if (r < 0 || len == 0)
        return r;
    size_t fixed = len < SB_GZ_FIXED_SIZE ? len : SB_GZ_FIXED_SIZE;
    if (len < SB_GZ_HEADER_SIZE && memcmp(bytes, fixed_header, fixed) == 0)
        return truncated(error);
    if (!is_member(bytes, len)) {
        if (len >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b)
            return sb_rule_error(
                error, SB_RULE_GZIP_MIXED,
                "The bundle holds a gzip member of another kind than its first. Do "
                "not use it.");
        return sb_rule_error(error, SB_RULE_GZIP_TRAILING,
                             "There are bytes after the end of the bundle. Do not use it.");
    }
    size_t size = sb_load_u32le(bytes + SB_GZ_FIXED_SIZE);
    if (size <= SB_GZ_HEADER_SIZE + SB_GZ_TRAILER_SIZE || size > SB_GZ_MEMBER_MAX)
        return bad_header(error);
    r = sb_input_peek(reader->input, size, &bytes, &len, error);
    if (r < 0)
        return r;
    if (len < size)
        return truncated(error);
    r = inflate_member(reader, bytes, size, out_len, error);
    if (r < 0)
        return r;
    sb_input_take(reader->input, size);
    return 1;
}

/* After a damaged member: the next place that looks like a member's header. 1 found, 0 none. */
static int find_member(struct sb_gz_reader *reader, struct sb_error *error)
{
    for (;;) {
        const uint8_t *bytes;
        size_t len;
        sb_input_take(reader->input, 1);
        int r = sb_input_peek(reader->input, SB_GZ_MEMBER_MAX, &bytes, &len, error);
        if (r < 0)
            return r;
        const uint8_t *found = memmem(bytes, len, fixed_header, SB_GZ_FIXED_SIZE);
        if (found != NULL) {
            sb_input_take(reader->input, (size_t)(found - bytes));
            return 1;
        }
        if (len < SB_GZ_MEMBER_MAX) {
            sb_input_take(reader->input, len);
            return 0;
        }
        sb_input_take(reader->input, len - SB_GZ_FIXED_SIZE);
    }
}

static int read_members(struct sb_gz_reader *reader, size_t *len, bool *gap, struct sb_error *error)
{
    for (;;) {
        int r = read_member(reader, len, error);
        if (r >= 0 || !reader->salvage || r != SEALBAG_ERR_DAMAGED)
            return r;
        *gap = true;
        r = find_member(reader, error);
        if (r <= 0)
            return r;
    }
}

/* Bytes of a gzip header that end in a NUL (RFC 1952, 2.3: FNAME, FCOMMENT), at most 64 KiB. */
static int skip_string(const uint8_t *bytes, size_t len, size_t *at)
{
    const uint8_t *nul = *at < len ? memchr(bytes + *at, 0, len - *at) : NULL;
    if (nul == NULL)
        return -1;
    *at = (size_t)(nul - bytes) + 1;
    return 0;
}

/* A header by another program: RFC 1952, 2.3. */
static int parse_foreign_header(struct sb_gz_reader *reader, struct sb_error *error)
{
    enum { FHCRC = 2, FEXTRA = 4, FNAME = 8, FCOMMENT = 16, RESERVED = 0xe0, HEADER_MAX = 200000 };
    const uint8_t *bytes;
    size_t len, at = 10;
    int r = sb_input_peek(reader->input, HEADER_MAX, &bytes, &len, error);
    if (r < 0)
        return r;
    if (len < 2 || bytes[0] != 0x1f || bytes[1] != 0x8b)
        return sb_rule_error(error, SB_RULE_GZIP_TRAILING,
                             "There are bytes after the end of the bundle. Do not use it.");
    if (is_member(bytes, len))
        return sb_rule_error(
            error, SB_RULE_GZIP_MIXED,
            "The bundle holds a gzip member of another kind than its first. Do not "
            "use it.");
    if (len < 10)
        return truncated(error);
    if (bytes[2] != 8 || (bytes[3] & RESERVED) != 0)
        return bad_header(error);
    unsigned flags = bytes[3];
    if ((flags & FEXTRA) != 0) {
        if (len < at + 2)
            return truncated(error);
        at += 2 + ((size_t)bytes[at] | (size_t)bytes[at + 1] << 8);
    }
    if (((flags & FNAME) != 0 && skip_string(bytes, len, &at) < 0) ||
        ((flags & FCOMMENT) != 0 && skip_string(bytes, len, &at) < 0))
        return len < HEADER_MAX ? truncated(error) : bad_header(error);
    if ((flags & FHCRC) != 0) {
        if (len < at + 2)
            return truncated(error);
        uint32_t stored = (uint32_t)bytes[at] | (uint32_t)bytes[at + 1] << 8;
        if (stored != ((uint32_t)crc32_z(0, bytes, at) & 0xffff))
            return bad_check(error);
        at += 2;
    }
    if (at > len)
        return truncated(error);
    sb_input_take(reader->input, at);
    inflateReset(&reader->stream);
    reader->in_member = true;
    reader->crc = 0;
    reader->isize = 0;
    return 0;
}

static int finish_foreign_member(struct sb_gz_reader *reader, struct sb_error *error)
{
    const uint8_t *bytes;
    size_t len;
    int r = sb_input_peek(reader->input, SB_GZ_TRAILER_SIZE, &bytes, &len, error);
    if (r < 0)
        return r;
    if (len < SB_GZ_TRAILER_SIZE)
        return truncated(error);
    if (sb_load_u32le(bytes) != reader->crc || sb_load_u32le(bytes + 4) != reader->isize)
        return bad_check(error);
    sb_input_take(reader->input, SB_GZ_TRAILER_SIZE);
    reader->in_member = false;
    return 0;
}

/* Inflates some bytes of the current member; *done at the end of its deflate data. */
static int inflate_some(struct sb_gz_reader *reader, size_t *out_len, bool *done,
                        struct sb_error *error)
{
    const uint8_t *bytes;
    size_t len;
    int r = sb_input_peek(reader->input, 1, &bytes, &len, error);
    if (r < 0)
        return r;
    if (len == 0)
        return truncated(error);
    z_stream *z = &reader->stream;
    uInt given = len > SB_GZ_MEMBER_DATA ? SB_GZ_MEMBER_DATA : (uInt)len;
    z->next_in = bytes;
    z->avail_in = given;
    z->next_out = reader->out;
    z->avail_out = SB_GZ_MEMBER_DATA;
    int result = inflate(z, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        return bad_data(error);
    sb_input_take(reader->input, given - z->avail_in);
    *out_len = SB_GZ_MEMBER_DATA - z->avail_out;
    *done = result == Z_STREAM_END;
    reader->crc = (uint32_t)crc32_z(reader->crc, reader->out, *out_len);
    reader->isize += (uint32_t)*out_len;
    return 0;
}

static int read_foreign(struct sb_gz_reader *reader, size_t *out_len, struct sb_error *error)
{
    *out_len = 0;
    while (*out_len == 0) {
        const uint8_t *bytes;
        size_t len;
        bool done = false;
        int r = 0;
        if (!reader->in_member) {
            r = sb_input_peek(reader->input, 1, &bytes, &len, error);
            if (r < 0 || len == 0)
                return r;
            r = parse_foreign_header(reader, error);
        }
        if (r == 0)
            r = inflate_some(reader, out_len, &done, error);
        if (r == 0 && done)
            r = finish_foreign_member(reader, error);
        if (r < 0)
            return r;
    }
    return 1;
}

int sb_gz_read(struct sb_gz_reader *reader, const uint8_t **bytes, size_t *len, bool *gap,
               struct sb_error *error)
{
    *gap = false;
    *bytes = reader->out;
    if (reader->kind == UNDECIDED) {
        const uint8_t *first;
        size_t n;
        int r = sb_input_peek(reader->input, SB_GZ_HEADER_SIZE, &first, &n, error);
        if (r < 0)
            return r;
        reader->kind = is_member(first, n) ? MEMBERS : FOREIGN;
        if (reader->salvage && reader->kind == FOREIGN) {
            /* Perhaps only the first header is damaged: another one will be near. */
            r = sb_input_peek(reader->input, (size_t)2 * SB_GZ_MEMBER_MAX, &first, &n, error);
            if (r < 0)
                return r;
            if (memmem(first, n, fixed_header, SB_GZ_FIXED_SIZE) != NULL)
                reader->kind = MEMBERS;
        }
    }
    return reader->kind == MEMBERS ? read_members(reader, len, gap, error)
                                   : read_foreign(reader, len, error);
}
