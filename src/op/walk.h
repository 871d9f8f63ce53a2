/* Lists what is beneath a source's roots, many folders at a time. */
#ifndef SB_OP_WALK_H
#define SB_OP_WALK_H

#include "base/pool.h"
#include "op/source.h"

/* Adds what is beneath root `root` to the source, in no order: a folder's contents, or the one
 * file. `bag_path` is the folder's or file's own. What the user may not read, or what is gone, is
 * an omission; all other failures, such as too many open files, are errors: a folder that can be
 * read must never be left out. */
int sb_walk(struct sb_source *out, uint32_t root, const char *bag_path, struct sb_pool *pool,
            struct sb_error *error);

#endif
