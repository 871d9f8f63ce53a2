/* A sealbag gzip file is a series of independent members (RFC 1952, section 2.2) that tile the file
 * from byte 0. Each holds at most 1 MiB of the tar and starts with these 20 bytes, no others:
 *
 *   1f 8b 08 04   magic, deflate, FLG = FEXTRA only
 *   00 00 00 00   MTIME: none
 *   00 ff         XFL 0, OS 255 (unknown)
 *   08 00         XLEN: exactly one subfield
 *   53 42 04 00   'S' 'B', 4 bytes
 *   u32le         the member's whole length, header and trailer included
 *
 * then raw deflate data, CRC-32 and ISIZE. So members can be found without inflating them.
 *
 * The pointer is a member without data, exactly these 38 bytes:
 *
 *   1f 8b 08 04  00 00 00 00  00 ff
 *   10 00         XLEN
 *   53 42 0c 00   'S' 'B', 12 bytes
 *   u32le         the member's whole length: 38
 *   u64le         where in the tar the header of index.tsv starts
 *   03 00         deflate data: nothing
 *   00 00 00 00  00 00 00 00 */
#ifndef SB_CONTAINER_GZ_CODEC_H
#define SB_CONTAINER_GZ_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SB_GZ_HEADER_SIZE = 20,
    SB_GZ_FIXED_SIZE = 16, /* the part of the header that is the same in every member */
    SB_GZ_TRAILER_SIZE = 8,
    SB_GZ_MEMBER_DATA = 1 << 20,
    SB_GZ_MEMBER_MAX = SB_GZ_MEMBER_DATA + (1 << 16),
    SB_GZ_POINTER_SIZE = 38,
};

/* Whether these bytes begin a member or a pointer of a sealbag file. */
bool sb_gz_is_ours(const uint8_t *bytes, size_t len);

#endif
