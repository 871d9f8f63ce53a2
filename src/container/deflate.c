#include "container/deflate.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#ifdef SEALBAG_ISAL
#include <isa-l.h>

/* ISA-L only reads its input, but does not say so. */
static uint8_t *not_const(const uint8_t *bytes)
{
    union {
        const uint8_t *from;
        uint8_t *to;
    } pointer = {.from = bytes};
    return pointer.to;
}
#endif

/* ---- storing ---------------------------------------------------------------------------- */

enum { STORED_MAX = 65535, STORED_HEADER = 5 };

size_t sb_deflate_stored_size(size_t len)
{
    size_t blocks = len > 0 ? (len + STORED_MAX - 1) / STORED_MAX : 1;
    return len + blocks * STORED_HEADER;
}

static void store(uint8_t *out, const uint8_t *in, size_t len, bool more)
{
    do {
        size_t n = len < STORED_MAX ? len : STORED_MAX;
        out[0] = n == len && !more; /* BFINAL, BTYPE 00 */
        out[1] = (uint8_t)n;
        out[2] = (uint8_t)(n >> 8);
        out[3] = (uint8_t)~n;
        out[4] = (uint8_t)(~n >> 8);
        memcpy(out + STORED_HEADER, in, n);
        out += STORED_HEADER + n;
        in += n;
        len -= n;
    } while (len > 0);
}

void sb_deflate_store(uint8_t *out, const uint8_t *in, size_t len)
{
    store(out, in, len, false);
}

void sb_deflate_store_part(uint8_t *out, const uint8_t *in, size_t len)
{
    store(out, in, len, true);
}

/* Samples 4 KiB of every 64. Of bytes that are all equally likely, the sum of the squared counts is
 * n * n / 256 + n; compressed photographs, recordings and archives come close, and hardly anything
 * else does. At the limit here, Huffman codes could gain about one percent. */
bool sb_looks_random(const uint8_t *bytes, size_t len)
{
    enum { SAMPLE = 4096, STEP = 65536 };
    if (len < SAMPLE)
        return false;
    for (size_t at = 0; at + SAMPLE <= len; at += STEP) {
        /* Four tables, so that equal neighbours do not wait for each other. */
        uint16_t counts[4][256] = {{0}};
        for (size_t i = 0; i < SAMPLE; i += 4) {
            counts[0][bytes[at + i]]++;
            counts[1][bytes[at + i + 1]]++;
            counts[2][bytes[at + i + 2]]++;
            counts[3][bytes[at + i + 3]]++;
        }
        uint64_t sum = 0;
        for (size_t i = 0; i < 256; i++) {
            uint64_t n = (uint64_t)counts[0][i] + counts[1][i] + counts[2][i] + counts[3][i];
            sum += n * n;
        }
        if (sum > (uint64_t)SAMPLE * SAMPLE / 2048 * 9 + SAMPLE)
            return false;
    }
    return true;
}

/* ---- deflating -------------------------------------------------------------------------- */

struct sb_deflater {
    int level;
    z_stream z;
    bool z_ready;
#ifdef SEALBAG_ISAL
    struct isal_zstream isal;
    uint8_t *level_buf;
#endif
};

/* Level 2: the best ratio among those whose output does not depend on the processor. */
enum { ISAL_LEVEL = 2 };

struct sb_deflater *sb_deflater_new(int level)
{
    struct sb_deflater *deflater = calloc(1, sizeof(*deflater));
    if (deflater == NULL)
        return NULL;
    deflater->level = level;
#ifdef SEALBAG_ISAL
    if (level == SB_LEVEL_FAST) {
        deflater->level_buf = malloc(ISAL_DEF_LVL2_DEFAULT);
        if (deflater->level_buf != NULL)
            return deflater;
        free(deflater);
        return NULL;
    }
#endif
    int zlib_level = level == SB_LEVEL_FAST ? 1 : level;
    if (deflateInit2(&deflater->z, zlib_level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(deflater);
        return NULL;
    }
    deflater->z_ready = true;
    return deflater;
}

void sb_deflater_free(struct sb_deflater *deflater)
{
    if (deflater == NULL)
        return;
    if (deflater->z_ready)
        deflateEnd(&deflater->z);
#ifdef SEALBAG_ISAL
    free(deflater->level_buf);
#endif
    free(deflater);
}

#ifdef SEALBAG_ISAL
/* ISA-L puts bits of the stream's own address into its table of what was seen, in the place of the
 * third position (igzip_icf_body_h1_gr_bt.asm, .write_first_byte, up to 2.32 at least): about once
 * in some thousand runs a match near the beginning is found or not. Another function of it, which
 * does not, takes so few bytes; they are flushed, so that they come first. */
enum { ISAL_FIRST = 16 };

static size_t deflate_isal(struct sb_deflater *deflater, uint8_t *out, size_t cap,
                           const uint8_t *in, size_t len, bool more)
{
    struct isal_zstream *z = &deflater->isal;
    isal_deflate_init(z);
    z->level = ISAL_LEVEL;
    z->level_buf = deflater->level_buf;
    z->level_buf_size = ISAL_DEF_LVL2_DEFAULT;
    z->gzip_flag = IGZIP_DEFLATE;
    z->next_in = not_const(in);
    z->next_out = out;
    z->avail_out = (uint32_t)cap;
    if (len > ISAL_FIRST) {
        z->avail_in = ISAL_FIRST;
        z->flush = SYNC_FLUSH;
        if (isal_deflate(z) != COMP_OK || z->avail_in > 0)
            return 0;
        len -= ISAL_FIRST;
    }
    z->avail_in = (uint32_t)len;
    z->flush = more ? SYNC_FLUSH : NO_FLUSH;
    z->end_of_stream = !more;
    if (isal_deflate(z) != COMP_OK ||
        (more ? z->avail_in > 0 || z->avail_out == 0 : z->internal_state.state != ZSTATE_END))
        return 0;
    return z->total_out;
}
#endif

static size_t deflate_piece(struct sb_deflater *deflater, uint8_t *out, size_t cap,
                            const uint8_t *in, size_t len, bool more)
{
#ifdef SEALBAG_ISAL
    if (deflater->level == SB_LEVEL_FAST)
        return deflate_isal(deflater, out, cap, in, len, more);
#endif
    z_stream *z = &deflater->z;
    z->next_in = in;
    z->avail_in = (uInt)len;
    z->next_out = out;
    z->avail_out = (uInt)cap;
    if (deflateReset(z) != Z_OK)
        return 0;
    int result = deflate(z, more ? Z_SYNC_FLUSH : Z_FINISH);
    /* A flush is complete when room is left. */
    if (more ? result != Z_OK || z->avail_in > 0 || z->avail_out == 0 : result != Z_STREAM_END)
        return 0;
    return z->total_out;
}

size_t sb_deflate(struct sb_deflater *deflater, uint8_t *out, size_t cap, const uint8_t *in,
                  size_t len)
{
    return deflate_piece(deflater, out, cap, in, len, false);
}

size_t sb_deflate_part(struct sb_deflater *deflater, uint8_t *out, size_t cap, const uint8_t *in,
                       size_t len)
{
    return deflate_piece(deflater, out, cap, in, len, true);
}

/* RFC 1951, 3.2.6: BFINAL, BTYPE 01, the end of the block. */
const uint8_t sb_deflate_end[SB_DEFLATE_END_SIZE] = {3, 0};

/* ---- inflating -------------------------------------------------------------------------- */

struct sb_inflater {
#ifdef SEALBAG_ISAL
    struct inflate_state isal;
#else
    z_stream z;
#endif
};

struct sb_inflater *sb_inflater_new(void)
{
    struct sb_inflater *inflater = calloc(1, sizeof(*inflater));
#ifndef SEALBAG_ISAL
    if (inflater != NULL && inflateInit2(&inflater->z, -15) != Z_OK) {
        free(inflater);
        return NULL;
    }
#endif
    return inflater;
}

void sb_inflater_free(struct sb_inflater *inflater)
{
#ifndef SEALBAG_ISAL
    if (inflater != NULL)
        inflateEnd(&inflater->z);
#endif
    free(inflater);
}

#ifdef SEALBAG_ISAL
enum sb_inflated sb_inflate(struct sb_inflater *inflater, uint8_t *out, size_t cap, size_t *out_len,
                            const uint8_t *in, size_t len)
{
    struct inflate_state *z = &inflater->isal;
    isal_inflate_init(z);
    z->crc_flag = ISAL_DEFLATE;
    z->next_in = not_const(in);
    z->avail_in = (uint32_t)len;
    z->next_out = out;
    z->avail_out = (uint32_t)cap;
    if (isal_inflate_stateless(z) != ISAL_DECOMP_OK || z->block_state != ISAL_BLOCK_FINISH)
        return SB_INFLATE_MALFORMED;
    *out_len = cap - z->avail_out;
    return z->avail_in == 0 ? SB_INFLATED : SB_INFLATE_LEFTOVER;
}

uint32_t sb_crc32(const uint8_t *bytes, size_t len)
{
    return crc32_gzip_refl(0, bytes, len);
}
#else
enum sb_inflated sb_inflate(struct sb_inflater *inflater, uint8_t *out, size_t cap, size_t *out_len,
                            const uint8_t *in, size_t len)
{
    z_stream *z = &inflater->z;
    z->next_in = in;
    z->avail_in = (uInt)len;
    z->next_out = out;
    z->avail_out = (uInt)cap;
    if (inflateReset(z) != Z_OK || inflate(z, Z_FINISH) != Z_STREAM_END)
        return SB_INFLATE_MALFORMED;
    *out_len = cap - z->avail_out;
    return z->avail_in == 0 ? SB_INFLATED : SB_INFLATE_LEFTOVER;
}

uint32_t sb_crc32(const uint8_t *bytes, size_t len)
{
    return (uint32_t)crc32_z(0, bytes, len);
}
#endif

uint32_t sb_crc32_join(uint32_t before, uint32_t after, uint64_t len)
{
    return (uint32_t)crc32_combine(before, after, (z_off_t)len);
}
