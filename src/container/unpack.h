/* Reads compressed input strictly: a sealbag file's frames (codec.h) by all threads of a pool, any
 * other conforming gzip or zstd file, and a plain tar, as a stream. Every byte of the input is
 * accounted for. */
#ifndef SB_CONTAINER_UNPACK_H
#define SB_CONTAINER_UNPACK_H

#include "base/pool.h"
#include "container/codec.h"
#include "container/input.h"

struct sb_unpacker;

/* `input` and `pool` are borrowed. UNSUPPORTED when it is none of these. With `salvage` a
 * damaged frame of a sealbag file is a gap, not an error. */
int sb_unpacker_new(struct sb_unpacker **out, struct sb_input *input, struct sb_pool *pool,
                    bool salvage, struct sb_error *error);
/* Waits for what is still being decoded. */
void sb_unpacker_free(struct sb_unpacker *unpacker);

/* 1 and the next bytes (valid until the next call); 0 at the end; or a negative code. *gap, when
 * salvaging: bytes were lost before these; they began at a multiple of the codec's data_max. */
int sb_unpack_next(struct sb_unpacker *unpacker, const uint8_t **bytes, size_t *len, bool *gap,
                   struct sb_error *error);

/* After the end: whether the input is of the kind that has a pointer when it has an index.tsv, and
 * the one it had (SB_NO_POINTER: none). */
bool sb_unpack_pointer(uint64_t *pointer, const struct sb_unpacker *unpacker);

#endif
