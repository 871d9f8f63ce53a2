/* Locks a process in, before it reads what may be hostile: no new privileges, Landlock for files
 * and ports, and a short list of system calls (seccomp). There is no way back. */
#ifndef SB_BASE_SANDBOX_H
#define SB_BASE_SANDBOX_H

#include <stdbool.h>

#include "base/error.h"

/* What the kernel was able to do. */
struct sb_sandbox {
    bool files; /* Landlock: no file but those that are open, and what is beneath `writable` */
    bool calls; /* seccomp: no call that reading a bundle does not need */
};

/* Call it while there is one thread only. `writable`: a folder beneath which files and folders may
 * be made, written and removed, and nothing else; -1: none, and nothing can be opened. What the
 * kernel lacks is left out and told; SYSTEM when it refuses what it should be able to do. */
int sb_sandbox_enter(struct sb_sandbox *got, int writable, struct sb_error *error);

#endif
