/* How large the files that say what a bag is may be: they are held in memory by every reader, so
 * writers keep to the same numbers. */
#ifndef SB_BAG_LIMITS_H
#define SB_BAG_LIMITS_H

#include "base/limits.h"

/* How many bytes of the file at this path a reader keeps; 0: it only hashes the file. *name is the
 * limit that says so, or NULL when it is fixed. index.tsv is kept only by those who look things up
 * in it. */
uint64_t sb_kept_max(const char **name, const char *path, const struct sealbag_limits *limits);

/* How large index.tsv may be to be used. */
enum { SB_INDEX_MAX = 1 << 30 };

/* All files that are kept may together be SB_KEPT_FREE bytes long, and longer as the bundle is:
 * this part of the limit "ratio". The digests in them cannot be compressed, so no real bag comes
 * near; but a small bundle must not be able to fill the memory. */
enum { SB_KEPT_FREE = 16 << 20, SB_KEPT_PART = 2 };

/* How many such files there may be: two signatures for each signer, and the rest; */
enum { SB_KEPT_COUNT_MAX = 2100 };
/* and besides them two files for each custody event. Each event lists all signatures, so many large
 * ones are not allowed: this many bytes of all events and their signatures together. */
enum { SB_CUSTODY_COUNT_MAX = 2 * 9999, SB_CUSTODY_BYTES_MAX = 128 << 20 };

#endif
