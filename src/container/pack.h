/* Writes a stream as frames (codec.h), compressed by the threads of a pool and written in order.
 * The bytes that come out depend on the input, the codec and the level only. */
#ifndef SB_CONTAINER_PACK_H
#define SB_CONTAINER_PACK_H

#include "base/file.h"
#include "base/pool.h"
#include "container/codec.h"

struct sb_packer;

/* `output` and `pool` are borrowed and must outlive the packer; nobody else may use the output
 * meanwhile. */
int sb_packer_new(struct sb_packer **out, struct sb_output *output, const struct sb_codec *codec,
                  int level, struct sb_pool *pool, struct sb_error *error);
/* Waits for what is still being compressed. */
void sb_packer_free(struct sb_packer *packer);

/* Before anything is given to it: these frames, all of them full, are in the output already. Their
 * sizes, copied, are what a table is made from. 0 or MEMORY. */
int sb_pack_resume(struct sb_packer *packer, const uint32_t *sizes, size_t frames);

/* An error may come from bytes that were given earlier. */
int sb_pack_write(struct sb_packer *packer, const void *bytes, size_t len, struct sb_error *error);
/* Writes the last frame, and behind it the pointer (SB_NO_POINTER: none) and the table. Returns
 * when everything is written. */
int sb_pack_finish(struct sb_packer *packer, uint64_t pointer, struct sb_error *error);
/* How many bytes it was given. */
uint64_t sb_pack_total(const struct sb_packer *packer);

/* Remembers this place; a later rewind takes back everything given since (once or more often).
 * UNSUPPORTED when some of it has left through a pipe. */
void sb_pack_mark(struct sb_packer *packer);
int sb_pack_rewind(struct sb_packer *packer, struct sb_error *error);

#endif
