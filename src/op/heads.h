/* How each file of a source begins, which tells its kind: read by all threads. */
#ifndef SB_OP_HEADS_H
#define SB_OP_HEADS_H

#include "op/source.h"
#include "privacy/privacy.h"

enum { SB_HEAD_NOT_OPENED = SB_KIND_COUNT };

/* Opens one of the source's files through a tree of root *root, which is changed when it is another
 * one's. -1 with errno. It need not be a regular file any more. */
int sb_heads_open(struct sb_tree *tree, uint32_t *root, const struct sb_source *source,
                  const struct sb_source_file *file);

/* For each file an enum sb_privacy_kind or SB_HEAD_NOT_OPENED. *out is to be freed in any case. */
int sb_heads_read(uint8_t **out, const struct sb_source *source, struct sb_pool *pool,
                  struct sb_error *error);

#endif
