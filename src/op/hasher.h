/* Hashes files on other threads, in the order in which their bytes come. Small files are hashed by
 * all threads at once, a large one as the one stream that it is. */
#ifndef SB_OP_HASHER_H
#define SB_OP_HASHER_H

#include "base/pool.h"
#include "hash/digest.h"

struct sb_hasher;

/* Called from within sb_hasher_finish, _update and _drain, on the caller's thread, for each file in
 * the order of the files. */
typedef void (*sb_hashed_fn)(void *context, const uint8_t sha256[SB_SHA256_SIZE]);

int sb_hasher_new(struct sb_hasher **out, struct sb_pool *pool, sb_hashed_fn done, void *context,
                  struct sb_error *error);
/* Waits for what is still being hashed. NULL is allowed. */
void sb_hasher_free(struct sb_hasher *hasher);

/* A file's bytes, which are copied, and its end. */
int sb_hasher_update(struct sb_hasher *hasher, const void *bytes, size_t len,
                     struct sb_error *error);
int sb_hasher_finish(struct sb_hasher *hasher, struct sb_error *error);
/* Until all files that were finished have been reported. */
int sb_hasher_drain(struct sb_hasher *hasher, struct sb_error *error);

#endif
