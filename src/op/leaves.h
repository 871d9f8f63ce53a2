/* From a list of documents to the root of a seal's tree. */
#ifndef SB_OP_LEAVES_H
#define SB_OP_LEAVES_H

#include "bag/inventory.h"
#include "base/pool.h"
#include "hash/leaf.h"
#include "record/metadata.h"

/* The root over all payload files of the inventory, which is sorted, and their rows in the table,
 * which is sorted too. */
int sb_leaves_root(uint8_t root[SB_SHA256_SIZE], const struct sb_inventory *inventory,
                   const struct sb_metadata *table, const uint8_t salt[SB_SALT_SIZE],
                   struct sb_pool *pool, struct sb_error *error);

#endif
