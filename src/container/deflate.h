/* Raw deflate (RFC 1951) of whole pieces in memory, and the CRC-32 of gzip. The fast level is done
 * by ISA-L where it was built in, all others by zlib; both inflate what either wrote. */
#ifndef SB_CONTAINER_DEFLATE_H
#define SB_CONTAINER_DEFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SB_LEVEL_FAST = 0, SB_LEVEL_DEFLATE_MAX = 9 };

struct sb_deflater;
/* Level: SB_LEVEL_FAST, or zlib's 1 to 9. NULL when memory is short. */
struct sb_deflater *sb_deflater_new(int level);
void sb_deflater_free(struct sb_deflater *deflater);
/* The length of the deflate stream, or 0 when it would not fit into cap. The same bytes on every
 * processor. */
size_t sb_deflate(struct sb_deflater *deflater, uint8_t *out, size_t cap, const uint8_t *in,
                  size_t len);
/* The same as a part of a stream in which more follows: it ends on the edge of a byte (as zlib's
 * Z_SYNC_FLUSH does), and refers to nothing before it. */
size_t sb_deflate_part(struct sb_deflater *deflater, uint8_t *out, size_t cap, const uint8_t *in,
                       size_t len);
/* What ends a stream of parts: a last block with nothing in it. */
enum { SB_DEFLATE_END_SIZE = 2 };
extern const uint8_t sb_deflate_end[SB_DEFLATE_END_SIZE];

/* Stored blocks (RFC 1951, 3.2.4): exactly sb_deflate_stored_size bytes. */
size_t sb_deflate_stored_size(size_t len);
void sb_deflate_store(uint8_t *out, const uint8_t *in, size_t len);
/* The same as a part of a stream in which more follows. */
void sb_deflate_store_part(uint8_t *out, const uint8_t *in, size_t len);

/* Whether compressing would be in vain: looks at a sixteenth of the bytes. */
bool sb_looks_random(const uint8_t *bytes, size_t len);

enum sb_inflated {
    SB_INFLATED,
    SB_INFLATE_MALFORMED, /* or more than cap bytes */
    SB_INFLATE_LEFTOVER,  /* the stream ends before the input does */
};

struct sb_inflater;
struct sb_inflater *sb_inflater_new(void);
void sb_inflater_free(struct sb_inflater *inflater);
/* Inflates the one stream that in[0..len) must be. */
enum sb_inflated sb_inflate(struct sb_inflater *inflater, uint8_t *out, size_t cap, size_t *out_len,
                            const uint8_t *in, size_t len);

uint32_t sb_crc32(const uint8_t *bytes, size_t len);
/* Of bytes of which the first have the CRC `before`, and the last `len` have `after`. */
uint32_t sb_crc32_join(uint32_t before, uint32_t after, uint64_t len);

#endif
