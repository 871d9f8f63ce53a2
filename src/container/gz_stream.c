#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/rule.h"
#include "container/codec.h"
#include "container/damage.h"
#include "container/gz_codec.h"
#include "container/stream.h"

struct stream {
    z_stream z;
    bool in_member;
    uint32_t crc;
    uint32_t isize;
};

static void *open_stream(void)
{
    struct stream *stream = calloc(1, sizeof(*stream));
    if (stream != NULL && inflateInit2(&stream->z, -15) != Z_OK) {
        free(stream);
        return NULL;
    }
    return stream;
}

static void close_stream(void *stream)
{
    struct stream *own = stream;
    if (own != NULL)
        inflateEnd(&own->z);
    free(own);
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
static int parse_header(struct stream *stream, struct sb_input *input, struct sb_error *error)
{
    enum { FHCRC = 2, FEXTRA = 4, FNAME = 8, FCOMMENT = 16, RESERVED = 0xe0, HEADER_MAX = 200000 };
    const uint8_t *bytes;
    size_t len, at = 10;
    int r = sb_input_peek(input, HEADER_MAX, &bytes, &len, error);
    if (r < 0)
        return r;
    if (len > HEADER_MAX) /* the same header is judged alike, however it arrives */
        len = HEADER_MAX;
    if (len < 2 || bytes[0] != 0x1f || bytes[1] != 0x8b)
        return sb_damage_trailing(error, SB_RULE_GZIP_TRAILING);
    if (sb_gz_is_ours(bytes, len))
        return sb_rule_error(
            error, SB_RULE_GZIP_MIXED,
            "The bundle holds a gzip member of another kind than its first. Do not "
            "use it.");
    if (len < 10)
        return sb_damage_truncated(error, SB_RULE_GZIP_TRUNCATED);
    if (bytes[2] != 8 || (bytes[3] & RESERVED) != 0)
        return sb_damage_header(error, SB_RULE_GZIP_HEADER, "gzip");
    unsigned flags = bytes[3];
    if ((flags & FEXTRA) != 0) {
        if (len < at + 2)
            return sb_damage_truncated(error, SB_RULE_GZIP_TRUNCATED);
        at += 2 + ((size_t)bytes[at] | (size_t)bytes[at + 1] << 8);
    }
    if (((flags & FNAME) != 0 && skip_string(bytes, len, &at) < 0) ||
        ((flags & FCOMMENT) != 0 && skip_string(bytes, len, &at) < 0))
        return len < HEADER_MAX ? sb_damage_truncated(error, SB_RULE_GZIP_TRUNCATED)
                                : sb_damage_header(error, SB_RULE_GZIP_HEADER, "gzip");
    if ((flags & FHCRC) != 0) {
        if (len < at + 2)
            return sb_damage_truncated(error, SB_RULE_GZIP_TRUNCATED);
        uint32_t stored = (uint32_t)bytes[at] | (uint32_t)bytes[at + 1] << 8;
        if (stored != ((uint32_t)crc32_z(0, bytes, at) & 0xffff))
            return sb_damage_check(error, SB_RULE_GZIP_CHECK);
        at += 2;
    }
    if (at > len)
        return sb_damage_truncated(error, SB_RULE_GZIP_TRUNCATED);
    sb_input_take(input, at);
    inflateReset(&stream->z);
    stream->in_member = true;
    stream->crc = 0;
    stream->isize = 0;
    return 0;
}

static int finish_member(struct stream *stream, struct sb_input *input, struct sb_error *error)
{
    const uint8_t *bytes;
    size_t len;
    int r = sb_input_peek(input, SB_GZ_TRAILER_SIZE, &bytes, &len, error);
    if (r < 0)
        return r;
    if (len < SB_GZ_TRAILER_SIZE)
        return sb_damage_truncated(error, SB_RULE_GZIP_TRUNCATED);
    if (sb_load_u32le(bytes) != stream->crc || sb_load_u32le(bytes + 4) != stream->isize)
        return sb_damage_check(error, SB_RULE_GZIP_CHECK);
    sb_input_take(input, SB_GZ_TRAILER_SIZE);
    stream->in_member = false;
    return 0;
}

/* Inflates some bytes of the current member; *done at the end of its deflate data. */
static int inflate_some(struct stream *stream, struct sb_input *input, uint8_t *out, size_t cap,
                        size_t *out_len, bool *done, struct sb_error *error)
{
    const uint8_t *bytes;
    size_t len;
    int r = sb_input_peek(input, 1, &bytes, &len, error);
    if (r < 0)
        return r;
    if (len == 0)
        return sb_damage_truncated(error, SB_RULE_GZIP_TRUNCATED);
    z_stream *z = &stream->z;
    uInt given = len > SB_GZ_MEMBER_DATA ? SB_GZ_MEMBER_DATA : (uInt)len;
    z->next_in = bytes;
    z->avail_in = given;
    z->next_out = out;
    z->avail_out = (uInt)cap;
    int result = inflate(z, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR)
        return sb_error_memory(error);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        return sb_damage_data(error, SB_RULE_GZIP_DATA);
    sb_input_take(input, given - z->avail_in);
    *out_len = cap - z->avail_out;
    *done = result == Z_STREAM_END;
    stream->crc = (uint32_t)crc32_z(stream->crc, out, *out_len);
    stream->isize += (uint32_t)*out_len;
    return 0;
}

static int read_stream(void *stream, struct sb_input *input, uint8_t *out, size_t cap, size_t *len,
                       struct sb_error *error)
{
    struct stream *own = stream;
    *len = 0;
    while (*len == 0) {
        const uint8_t *bytes;
        size_t n;
        bool done = false;
        int r = 0;
        if (!own->in_member) {
            r = sb_input_peek(input, 1, &bytes, &n, error);
            if (r < 0 || n == 0)
                return r;
            r = parse_header(own, input, error);
        }
        if (r == 0)
            r = inflate_some(own, input, out, cap, len, &done, error);
        if (r == 0 && done)
            r = finish_member(own, input, error);
        if (r < 0)
            return r;
    }
    return 1;
}

const struct sb_stream_kind sb_stream_gz = {
    .open = open_stream,
    .close = close_stream,
    .read = read_stream,
};
