/* SHA-256 through libcrypto: it uses the processor's SHA instructions. The others are for the
 * manifests of other people's bags (RFC 8493, section 2.4). */
#ifndef SB_HASH_DIGEST_H
#define SB_HASH_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { SB_SHA256_SIZE = 32, SB_HASH_SIZE_MAX = 64 };

/* As manifests call it, as libcrypto does, and how many bytes it gives. */
#define SB_ALGORITHM_TABLE(X)                                                                      \
    X(SHA256, "sha256", "SHA256", 32)                                                              \
    X(SHA512, "sha512", "SHA512", 64)                                                              \
    X(SHA384, "sha384", "SHA384", 48)                                                              \
    X(SHA224, "sha224", "SHA224", 28)                                                              \
    X(SHA1, "sha1", "SHA1", 20)                                                                    \
    X(MD5, "md5", "MD5", 16)

#define SB_ALGORITHM_ENUM(id, name, library, size) SB_##id,
enum sb_algorithm { SB_ALGORITHM_TABLE(SB_ALGORITHM_ENUM) SB_ALGORITHMS };
#undef SB_ALGORITHM_ENUM

const char *sb_algorithm_name(enum sb_algorithm algorithm);
size_t sb_algorithm_size(enum sb_algorithm algorithm);
/* By exactly this name (RFC 8493, section 2.4); SB_ALGORITHMS for none. */
enum sb_algorithm sb_algorithm_find(const char *name, size_t len);

/* A context that is used again for each file: making one costs more than hashing a small file. */
struct sb_digest;

int sb_digest_new(struct sb_digest **out, struct sb_error *error);
/* The same for another algorithm, which gives so many bytes. */
int sb_digest_new_of(struct sb_digest **out, enum sb_algorithm algorithm, struct sb_error *error);
void sb_digest_free(struct sb_digest *digest);

/* start, update..., finish; each 0 or SEALBAG_ERR_SYSTEM. */
int sb_digest_start(struct sb_digest *digest);
int sb_digest_update(struct sb_digest *digest, const void *bytes, size_t len);
int sb_digest_finish(uint8_t *out, struct sb_digest *digest);

/* All three at once. */
int sb_digest_bytes(uint8_t out[SB_SHA256_SIZE], struct sb_digest *digest, const void *bytes,
                    size_t len);

/* What people are told of such a code. Returns it. */
int sb_digest_failed(struct sb_error *error);

#endif
