#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "container/codec.h"
#include "container/zst_codec.h"
#include "fuzz/container.h"
#include "fuzz/fuzz.h"

/* ---- XXH64, as its specification describes it ------------------------------------------- */

static const uint64_t prime[] = {UINT64_C(11400714785074694791), UINT64_C(14029467366897019727),
                                 UINT64_C(1609587929392839161), UINT64_C(9650029242287828579),
                                 UINT64_C(2870177450012600261)};

static uint64_t rotate(uint64_t value, unsigned bits)
{
    return value << bits | value >> (64 - bits);
}

static uint64_t take_lane(uint64_t sum, uint64_t lane)
{
    return rotate(sum + lane * prime[1], 31) * prime[0];
}

static uint64_t take_stripes(const uint8_t *bytes, size_t len)
{
    uint64_t sum[4] = {prime[0] + prime[1], prime[1], 0, 0 - prime[0]};
    for (; len >= 32; len -= 32, bytes += 32) {
        for (size_t i = 0; i < 4; i++)
            sum[i] = take_lane(sum[i], sb_load_u64le(bytes + 8 * i));
    }
    uint64_t hash = rotate(sum[0], 1) + rotate(sum[1], 7) + rotate(sum[2], 12) + rotate(sum[3], 18);
    for (size_t i = 0; i < 4; i++)
        hash = (hash ^ take_lane(0, sum[i])) * prime[0] + prime[3];
    return hash;
}

static uint64_t xxh64(const uint8_t *bytes, size_t len)
{
    uint64_t hash = (len >= 32 ? take_stripes(bytes, len) : prime[4]) + len;
    const uint8_t *end = bytes + len;
    bytes += len / 32 * 32;
    for (; end - bytes >= 8; bytes += 8)
        hash = rotate(hash ^ take_lane(0, sb_load_u64le(bytes)), 27) * prime[0] + prime[3];
    if (end - bytes >= 4) {
        hash = rotate(hash ^ sb_load_u32le(bytes) * prime[0], 23) * prime[1] + prime[2];
        bytes += 4;
    }
    for (; bytes < end; bytes++)
        hash = rotate(hash ^ *bytes * prime[4], 11) * prime[0];
    hash = (hash ^ hash >> 33) * prime[1];
    hash = (hash ^ hash >> 29) * prime[2];
    return hash ^ hash >> 32;
}

/* ---- mending ---------------------------------------------------------------------------- */

enum { CHECKSUM_FLAG = 4 };

/* The data of a frame, whatever its checksum is; *data has room for FUZZ_DATA_MAX. False when the
 * frame is malformed. */
static bool decompress(struct sb_buf *data, const uint8_t *frame, size_t size)
{
    uint8_t *copy = malloc(size);
    REQUIRE(copy != NULL);
    memcpy(copy, frame, size);
    copy[4] &= (uint8_t)~CHECKSUM_FLAG;
    size_t n = ZSTD_decompress(data->data, data->cap, copy, size - 4);
    free(copy);
    data->len = ZSTD_isError(n) ? 0 : n;
    return !ZSTD_isError(n);
}

/* A table is made anew when there is one. */
static void put_table(struct sb_buf *out, const struct sb_buf *sizes)
{
    const uint32_t *pairs = (const uint32_t *)(const void *)sizes->data;
    REQUIRE(sb_codec_zst.finish(out, SB_NO_POINTER, pairs, sizes->len / 8) == 0);
}

void fuzz_mend_zst(struct sb_buf *out, const uint8_t *bytes, size_t len)
{
    struct sb_buf data = {0}, sizes = {0};
    bool ours = sb_codec_zst.recognise(bytes, len);
    REQUIRE(sb_buf_reserve(&data, SB_ZST_FRAME_DATA + 1) == 0);
    while (len >= 8) {
        size_t size = ZSTD_findFrameCompressedSize(bytes, len);
        if (ZSTD_isError(size))
            break;
        bool frame = sb_load_u32le(bytes) == 0xfd2fb528U;
        if (ours && sb_load_u32le(bytes) == 0x184d2a5eU)
            put_table(out, &sizes);
        else
            fuzz_append(out, bytes, size);
        if (frame && size > 9 && (bytes[4] & CHECKSUM_FLAG) != 0 &&
            decompress(&data, bytes, size)) {
            sb_store_u32le(out->data + out->len - 4, (uint32_t)xxh64(data.data, data.len));
            const uint32_t pair[2] = {(uint32_t)size, (uint32_t)data.len};
            fuzz_append(&sizes, pair, sizeof(pair));
        }
        bytes += size;
        len -= size;
    }
    fuzz_append(out, bytes, len);
    sb_buf_free(&data);
    sb_buf_free(&sizes);
}

bool fuzz_plain_zst(struct sb_buf *out, const uint8_t *bytes, size_t len)
{
    ZSTD_DCtx *context = ZSTD_createDCtx();
    size_t piece_size = ZSTD_DStreamOutSize(), left = 1;
    uint8_t *piece = malloc(piece_size);
    ZSTD_inBuffer in = {bytes, len, 0};
    REQUIRE(context != NULL && piece != NULL);
    for (bool more = true; more && out->len < FUZZ_DATA_MAX;) {
        ZSTD_outBuffer to = {piece, piece_size, 0};
        left = ZSTD_decompressStream(context, &to, &in);
        if (ZSTD_isError(left))
            break;
        fuzz_append(out, piece, to.pos);
        more = in.pos < in.size || to.pos == to.size;
    }
    ZSTD_freeDCtx(context);
    free(piece);
    return left == 0 && in.pos == in.size && out->len < FUZZ_DATA_MAX;
}
