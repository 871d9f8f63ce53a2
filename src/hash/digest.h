/* SHA-256 through libcrypto: it uses the processor's SHA instructions. */
#ifndef SB_HASH_DIGEST_H
#define SB_HASH_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { SB_SHA256_SIZE = 32 };

/* A context that is used again for each file: making one costs more than hashing a small file. */
struct sb_digest;

int sb_digest_new(struct sb_digest **out, struct sb_error *error);
void sb_digest_free(struct sb_digest *digest);

/* start, update..., finish; each 0 or SEALBAG_ERR_SYSTEM. */
int sb_digest_start(struct sb_digest *digest);
int sb_digest_update(struct sb_digest *digest, const void *bytes, size_t len);
int sb_digest_finish(uint8_t out[SB_SHA256_SIZE], struct sb_digest *digest);

/* All three at once. */
int sb_digest_bytes(uint8_t out[SB_SHA256_SIZE], struct sb_digest *digest, const void *bytes,
                    size_t len);

#endif
