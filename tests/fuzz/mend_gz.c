#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "container/codec.h"
#include "container/deflate.h"
#include "container/gz_codec.h"
#include "fuzz/container.h"
#include "fuzz/fuzz.h"

enum { HEADER_MIN = 10, FHCRC = 2, FEXTRA = 4, FNAME = 8, FCOMMENT = 16 };

/* Where the deflate data of the member begins (RFC 1952, 2.3); 0 when it is none. */
static size_t header_size(const uint8_t *bytes, size_t len)
{
    size_t at = HEADER_MIN;
    if (len < HEADER_MIN || bytes[0] != 0x1f || bytes[1] != 0x8b)
        return 0;
    if ((bytes[3] & FEXTRA) != 0 && len >= at + 2)
        at += 2 + ((size_t)bytes[at] | (size_t)bytes[at + 1] << 8);
    for (unsigned flag = FNAME; flag <= FCOMMENT; flag *= 2) {
        const uint8_t *nul =
            (bytes[3] & flag) != 0 && at < len ? memchr(bytes + at, 0, len - at) : NULL;
        if (nul != NULL)
            at = (size_t)(nul - bytes) + 1;
    }
    at += (bytes[3] & FHCRC) != 0 ? 2 : 0;
    return at <= len ? at : 0;
}

/* Inflates what begins there; how many bytes it is, or 0 when it is malformed. */
static size_t inflate_one(struct sb_buf *data, const uint8_t *bytes, size_t len)
{
    z_stream z = {.next_in = bytes, .avail_in = (uInt)len};
    int r = Z_OK;
    data->len = 0;
    REQUIRE(inflateInit2(&z, -15) == Z_OK);
    while (r == Z_OK && data->len < FUZZ_DATA_MAX) {
        uint8_t piece[16384];
        z.next_out = piece;
        z.avail_out = sizeof(piece);
        r = inflate(&z, Z_NO_FLUSH);
        fuzz_append(data, piece, sizeof(piece) - z.avail_out);
    }
    inflateEnd(&z);
    return r == Z_STREAM_END ? len - z.avail_in : 0;
}

/* As sealbag inflates a member of its own: it takes what zlib refuses. */
static bool inflate_ours(struct sb_buf *data, const uint8_t *bytes, size_t len)
{
    struct sb_inflater *inflater = sb_inflater_new();
    size_t n = 0;
    REQUIRE(inflater != NULL && sb_buf_reserve(data, SB_GZ_MEMBER_DATA) == 0);
    enum sb_inflated result = sb_inflate(inflater, data->data, SB_GZ_MEMBER_DATA, &n, bytes, len);
    sb_inflater_free(inflater);
    data->len = n;
    return result == SB_INFLATED;
}

static void put_u32(struct sb_buf *out, uint32_t value)
{
    uint8_t bytes[4];
    sb_store_u32le(bytes, value);
    fuzz_append(out, bytes, sizeof(bytes));
}

static void put_member(struct sb_buf *out, const uint8_t *bytes, size_t header, size_t deflated,
                       const struct sb_buf *data)
{
    size_t start = out->len;
    fuzz_append(out, bytes, header + deflated);
    put_u32(out, sb_crc32(data->data, data->len));
    put_u32(out, (uint32_t)data->len);
    uint8_t *member = out->data + start;
    if (sb_gz_is_ours(member, out->len - start) && header == SB_GZ_HEADER_SIZE)
        sb_store_u32le(member + SB_GZ_FIXED_SIZE, (uint32_t)(out->len - start));
    if ((member[3] & FHCRC) != 0 && header >= HEADER_MIN + 2) {
        uint32_t crc = sb_crc32(member, header - 2);
        member[header - 2] = (uint8_t)crc;
        member[header - 1] = (uint8_t)(crc >> 8);
    }
}

void fuzz_mend_gz(struct sb_buf *out, const uint8_t *bytes, size_t len)
{
    struct sb_buf data = {0};
    REQUIRE(sb_buf_reserve(&data, 0) == 0);
    while (len > 0) {
        size_t header = header_size(bytes, len), taken = len;
        size_t deflated = header > 0 ? inflate_one(&data, bytes + header, len - header) : 0;
        if (deflated > 0) {
            put_member(out, bytes, header, deflated, &data);
            taken = header + deflated;
            taken += len - taken < SB_GZ_TRAILER_SIZE ? len - taken : SB_GZ_TRAILER_SIZE;
        } else if (header == SB_GZ_HEADER_SIZE) {
            /* The length that it states is the only hint at its end. */
            uint32_t size = sb_load_u32le(bytes + SB_GZ_FIXED_SIZE);
            const size_t least = SB_GZ_HEADER_SIZE + SB_GZ_TRAILER_SIZE;
            bool whole = size > least && size <= len;
            taken = whole ? size : len;
            if (whole && inflate_ours(&data, bytes + header, size - least))
                put_member(out, bytes, header, size - least, &data);
            else
                fuzz_append(out, bytes, taken);
        } else {
            fuzz_append(out, bytes, len);
        }
        bytes += taken;
        len -= taken;
    }
    sb_buf_free(&data);
}

bool fuzz_plain_gz(struct sb_buf *out, const uint8_t *bytes, size_t len)
{
    z_stream z = {.next_in = bytes, .avail_in = (uInt)len};
    int r = Z_OK;
    REQUIRE(inflateInit2(&z, 31) == Z_OK);
    while (r == Z_OK && out->len < FUZZ_DATA_MAX) {
        uint8_t piece[16384];
        z.next_out = piece;
        z.avail_out = sizeof(piece);
        r = inflate(&z, Z_NO_FLUSH);
        fuzz_append(out, piece, sizeof(piece) - z.avail_out);
        if (r == Z_STREAM_END && z.avail_in > 0)
            r = inflateReset(&z);
    }
    inflateEnd(&z);
    return r == Z_STREAM_END;
}
