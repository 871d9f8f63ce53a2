/* Compressed files by other programs, read from beginning to end: any conforming gzip (RFC 1952) or
 * zstd (RFC 8878) file, whatever it is made of. Every byte of it is accounted for. */
#ifndef SB_CONTAINER_STREAM_H
#define SB_CONTAINER_STREAM_H

#include "container/input.h"

struct sb_stream_kind {
    void *(*open)(void); /* NULL when memory is short */
    void (*close)(void *stream);
    /* 1 and 1 to cap bytes, 0 at the end of the input, or a negative code. */
    int (*read)(void *stream, struct sb_input *input, uint8_t *out, size_t cap, size_t *len,
                struct sb_error *error);
};

extern const struct sb_stream_kind sb_stream_gz;
extern const struct sb_stream_kind sb_stream_zst;
extern const struct sb_stream_kind sb_stream_tar; /* not compressed at all */

#endif
