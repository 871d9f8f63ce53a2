/* Memory for secrets: locked, guarded, wiped when freed, and not there in a process that is forked,
 * such as the one that reads hostile bundles. Rooms that may not use libsodium
 * themselves use it through here. */
#ifndef SB_SIGN_LOCKED_H
#define SB_SIGN_LOCKED_H

#include <stddef.h>

/* NULL when it cannot be had. Zeroed. Free with sb_locked_free, which takes NULL. */
void *sb_locked_new(size_t size);
void sb_locked_free(void *memory);
/* Overwrites ordinary memory that held a secret; NULL is allowed. */
void sb_locked_wipe(void *memory, size_t size);

#endif
