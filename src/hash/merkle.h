/* The root of a Merkle tree as RFC 6962, section 2.1, defines it, from leaves given in order. */
#ifndef SB_HASH_MERKLE_H
#define SB_HASH_MERKLE_H

#include "hash/digest.h"

/* Complete subtrees, the largest first: one for each bit of `leaves`. Zero-initialise; memory does
 * not grow with the tree. */
struct sb_merkle {
    uint64_t leaves;
    uint8_t subtree[64][SB_SHA256_SIZE];
};

/* leaf = SHA-256(00 | data). */
int sb_merkle_leaf(uint8_t out[SB_SHA256_SIZE], struct sb_digest *digest, const void *data,
                   size_t len);
int sb_merkle_add(struct sb_merkle *tree, struct sb_digest *digest,
                  const uint8_t leaf[SB_SHA256_SIZE]);
/* Of no leaves: SHA-256 of nothing. Leaves can still be added afterwards. */
int sb_merkle_root(uint8_t out[SB_SHA256_SIZE], const struct sb_merkle *tree,
                   struct sb_digest *digest);

#endif
