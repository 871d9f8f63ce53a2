/* The leaves of a seal's tree: one line a document, salted so that a leaf that is shown tells
 * nothing about the others, and sorted by salt so that its position tells nothing either. */
#ifndef SB_HASH_LEAF_H
#define SB_HASH_LEAF_H

#include "hash/merkle.h"

enum { SB_SALT_SIZE = 32 };

struct sb_leaf {
    uint8_t salt[SB_SALT_SIZE];
    uint8_t hash[SB_SHA256_SIZE];
};

/* salt = BLAKE2b-256 of the encoded path, keyed with the bag's salt; hash = the RFC 6962 leaf of
 *   <salt hex> <sha256 hex> <size> <row> <path>\n
 * with `path` as the manifest encodes it; `row` is NULL for "-", no provenance record. */
int sb_leaf_make(struct sb_leaf *out, struct sb_digest *digest,
                 const uint8_t bag_salt[SB_SALT_SIZE], const char *encoded_path,
                 const uint8_t sha256[SB_SHA256_SIZE], uint64_t size, const uint8_t *row,
                 struct sb_error *error);

/* A fresh random salt; sb_sign_init must have succeeded. */
void sb_leaf_new_salt(uint8_t out[SB_SALT_SIZE]);

/* Sorts the leaves by salt and gives the root. */
int sb_leaf_root(uint8_t out[SB_SHA256_SIZE], struct sb_leaf *leaves, size_t count,
                 struct sb_digest *digest, struct sb_error *error);

#endif
