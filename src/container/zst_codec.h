/* A sealbag zstd file is a series of independent frames (RFC 8878, section 3.1.1) that tile the
 * file from byte 0. Each holds at most 4 MiB of the tar and starts with
 *
 *   28 b5 2f fd      magic
 *   24, 64 or a4     content size in 1, 2 or 4 bytes, single segment, checksum, no dictionary
 *   content size     (in 2 bytes: less 256)
 *
 * then blocks, and a checksum. Behind the frames stand two skippable frames (section 3.1.2). The
 * pointer, exactly 20 bytes:
 *
 *   5d 2a 4d 18  0c 00 00 00  "SBIX"
 *   u64le            where in the tar the header of index.tsv starts
 *
 * and the seek table of zstd's seekable format (contrib/seekable_format in the zstd sources),
 * without checksums:
 *
 *   5e 2a 4d 18  u32le length of the rest
 *   for each frame: u32le its length, u32le the length of its data
 *   u32le number of frames  00  b1 ea 92 8f */
#ifndef SB_CONTAINER_ZST_CODEC_H
#define SB_CONTAINER_ZST_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SB_ZST_FRAME_DATA = 4 << 20,
    SB_ZST_POINTER_SIZE = 20,
    SB_ZST_TABLE_MAX = 64 << 20,
};

enum { SB_LEVEL_ZSTD_MAX = 19 };

/* Whether these bytes begin a pointer, which has no place in other programs' files. */
bool sb_zst_is_pointer(const uint8_t *bytes, size_t len);

/* Whether these bytes begin a zstd file of any program: a frame, or a skippable one. */
bool sb_zst_magic(const uint8_t *bytes, size_t len);
/* The same when there may be fewer than four of them: then as far as they go. */
bool sb_zst_may_begin(const uint8_t *bytes, size_t len);

#endif
