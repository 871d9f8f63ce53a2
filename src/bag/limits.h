/* How large the files that say what a bag is may be: they are held in memory by every reader, so
 * writers keep to the same numbers. */
#ifndef SB_BAG_LIMITS_H
#define SB_BAG_LIMITS_H

#include <stddef.h>

/* How many bytes of the file at this path a reader keeps; 0: it only hashes the file. */
size_t sb_kept_max(const char *path);

/* How many such files there may be: two signatures for each signer, and the rest. */
enum { SB_KEPT_COUNT_MAX = 2100 };

#endif
