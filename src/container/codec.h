/* A bundle is a series of frames, each of which can be read by itself: gzip members (RFC 1952) or
 * zstd frames (RFC 8878), in one exact form (format.md, The container). They tile the file from
 * byte 0, and every one but the last holds the same number of bytes of the tar, so that a place in
 * the tar tells its frame. Behind the frames may stand
 *
 *   a pointer   a member or skippable frame without data: where index.tsv's header is in the tar
 *   a table     zstd only: the seek table of zstd's seekable format
 *
 * A plain tar is handled as if it were such a file: its frames are what they hold.
 *
 * All this is bytes in, bytes out; who reads or writes them is elsewhere. */
#ifndef SB_CONTAINER_CODEC_H
#define SB_CONTAINER_CODEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/packing.h"

enum sb_piece {
    SB_PIECE_END, /* there are no more bytes */
    SB_PIECE_FRAME,
    SB_PIECE_POINTER,
    SB_PIECE_TABLE,
};

enum { SB_NO_POINTER = 0 }; /* index.tsv is never the first file */

/* How the beginning of a piece is looked at: makes at least `want` bytes from `offset` on (within
 * the piece) visible, or all there are. 0 or a negative code. */
struct sb_view {
    void *context;
    int (*look)(void *context, uint64_t offset, size_t want, const uint8_t **bytes, size_t *len,
                struct sb_error *error);
};

struct sb_codec {
    enum sb_packing packing;
    size_t data_max;  /* bytes of the tar in every frame but the last */
    size_t frame_max; /* no frame is longer */
    int level_max;    /* 0 is the fast level */
    /* The first bytes of every frame: what a search for one looks for. */
    const uint8_t *mark;
    size_t mark_size;

    /* Whether a file that begins with these bytes consists of such frames. */
    bool (*recognise)(const uint8_t *bytes, size_t len);
    /* Whether these bytes could be a frame with others behind it whose header is damaged. */
    bool (*resembles)(const uint8_t *bytes, size_t len);
    /* What the piece in view is, and how long. For a pointer, its value. */
    int (*measure)(enum sb_piece *piece, uint64_t *size, uint64_t *pointer,
                   const struct sb_view *view, struct sb_error *error);

    /* NULL when memory is short. One may be used by one thread at a time. */
    void *(*encoder_new)(int level);
    void (*encoder_free)(void *encoder);
    /* Makes a frame of at most frame_max bytes from 1 to data_max bytes. 0 or SYSTEM. */
    int (*encode)(void *encoder, uint8_t *frame, size_t *size, const uint8_t *data, size_t len);

    void *(*decoder_new)(void);
    void (*decoder_free)(void *decoder);
    /* The data of a frame that was measured; `data` holds data_max bytes. When salvaging, a wrong
     * checksum is not an error: each document's digest says what is wrong. */
    int (*decode)(void *decoder, uint8_t *data, size_t *len, const uint8_t *frame, size_t size,
                  bool salvage, struct sb_error *error);

    /* Appends what stands behind the frames; `sizes` are those of all frames, in pairs of frame and
     * data. 0, MEMORY, or LIMIT when a table cannot hold as many. */
    int (*finish)(struct sb_buf *out, uint64_t pointer, const uint32_t *sizes, size_t frames);
};

extern const struct sb_codec sb_codec_gz;
extern const struct sb_codec sb_codec_zst;
extern const struct sb_codec sb_codec_tar;

/* Little-endian numbers. */
static inline uint32_t sb_load_u32le(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint64_t sb_load_u64le(const uint8_t *at)
{
    return (uint64_t)sb_load_u32le(at) | (uint64_t)sb_load_u32le(at + 4) << 32;
}

static inline void sb_store_u32le(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
    at[2] = (uint8_t)(value >> 16);
    at[3] = (uint8_t)(value >> 24);
}

static inline void sb_store_u64le(uint8_t *at, uint64_t value)
{
    sb_store_u32le(at, (uint32_t)value);
    sb_store_u32le(at + 4, (uint32_t)(value >> 32));
}

#endif
