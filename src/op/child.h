/* What a process that is forked to read hostile files does before it is locked in. */
#ifndef SB_OP_CHILD_H
#define SB_OP_CHILD_H

#include <stddef.h>

/* Closes all descriptors but the standard ones and those that are needed, and lets the standard
 * ones lead nowhere, unless they are needed. Sorts the list. */
void sb_child_let_go(int *needed, size_t count);

/* Signals from the terminal are for the parent, and a crash is a crash. */
void sb_child_ignore_signals(void);

#endif
