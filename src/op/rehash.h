/* A second pass over a bundle whose manifests use other algorithms than SHA-256: which ones is
 * known only when everything was read. */
#ifndef SB_OP_REHASH_H
#define SB_OP_REHASH_H

#include "bag/inventory.h"
#include "container/reader.h"
#include "hash/digest.h"

/* The digests of all files, in the order of the inventory. Zero-initialise. */
struct sb_rehash {
    uint8_t *digests[SB_ALGORITHMS]; /* NULL: not made */
};

/* Room for the digests of so many files; `wanted` as below. */
int sb_rehash_reserve(struct sb_rehash *out, unsigned wanted, size_t files, struct sb_error *error);
/* `wanted`: a bit for each algorithm. Reads from `fd`, which stands at the beginning again. What is
 * read must be what was read before, of which the sorted inventory tells: else CHANGED. Free in any
 * case. */
int sb_rehash_read(struct sb_rehash *out, unsigned wanted, const struct sb_inventory *inventory,
                   int fd, const struct sb_reader_options *options, struct sb_error *error);
/* Of file `number`; NULL when it was not made. SHA-256 is the inventory's. */
const uint8_t *sb_rehash_digest(const struct sb_rehash *rehash, enum sb_algorithm algorithm,
                                const struct sb_inventory *inventory, size_t number);
void sb_rehash_free(struct sb_rehash *rehash);

#endif
