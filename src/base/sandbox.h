/* Locks a process in, before it reads what may be hostile: no new privileges, Landlock for files
 * and ports, and a short list of system calls (seccomp). There is no way back. */
#ifndef SB_BASE_SANDBOX_H
#define SB_BASE_SANDBOX_H

#include <stdbool.h>

#include "base/error.h"

/* What is left to the process. */
struct sb_confines {
    int writable;  /* a folder beneath which new files and folders may be made, written and removed,
                    * and nothing else; -1: none, and nothing can be opened */
    int spoken;    /* a descriptor that may be written to; */
    int silent[2]; /* those that are open and may not */
    bool reads;    /* silent[0] is a folder, beneath which all may be read */
    bool receives; /* open files come through silent[1], a socket */
};

/* What the kernel was able to do. */
struct sb_sandbox {
    bool files; /* Landlock: no file but those that are open, and what is beneath the folders */
    bool calls; /* seccomp: no call that reading a bundle does not need */
};

/* Call it while there is one thread only, and no descriptor from 3 on is open but those that are
 * named. What the kernel lacks is left out and told; SYSTEM when it refuses what it should be able
 * to do. */
int sb_sandbox_enter(struct sb_sandbox *got, const struct sb_confines *confines,
                     struct sb_error *error);

/* How the processes are locked in that a process starts, one after the other. */
struct sb_sandbox_plan {
    bool files;           /* as above */
    void *code;           /* the filter, as the kernel takes it */
    unsigned short count; /* of its instructions; 0: the kernel has no filters */
};

/* As sb_sandbox_enter, except that the process that calls it keeps its system calls, so that it can
 * start others; it must not read what may be hostile. The plan lasts as long as that process. */
int sb_sandbox_plan(struct sb_sandbox_plan *plan, const struct sb_confines *confines,
                    struct sb_error *error);
/* The rest, in a process that it has started: a single call. No signal is left to it, not even to
 * itself. */
int sb_sandbox_follow(struct sb_sandbox *got, const struct sb_sandbox_plan *plan,
                      struct sb_error *error);

#endif
