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
 * then raw deflate data, CRC-32 and ISIZE. So members can be found without inflating them. */
#ifndef SB_CONTAINER_GZ_MEMBER_H
#define SB_CONTAINER_GZ_MEMBER_H

#include <stdint.h>

enum {
    SB_GZ_HEADER_SIZE = 20,
    SB_GZ_FIXED_SIZE = 16, /* the part of the header that is the same in every member */
    SB_GZ_TRAILER_SIZE = 8,
    SB_GZ_MEMBER_DATA = 1 << 20,
    SB_GZ_MEMBER_MAX = SB_GZ_MEMBER_DATA + (1 << 16),
};

#define SB_GZ_FIXED_HEADER                                                                         \
    {                                                                                              \
        0x1f, 0x8b, 0x08, 0x04, 0, 0, 0, 0, 0, 0xff, 0x08, 0x00, 'S', 'B', 0x04, 0x00              \
    }

static inline uint32_t sb_load_u32le(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline void sb_store_u32le(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
    at[2] = (uint8_t)(value >> 16);
    at[3] = (uint8_t)(value >> 24);
}

#endif
