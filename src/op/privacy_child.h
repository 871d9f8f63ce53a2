/* What happens on the other side of op/privacy_process: a process that starts others, and those,
 * which look into files. */
#ifndef SB_OP_PRIVACY_CHILD_H
#define SB_OP_PRIVACY_CHILD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What is said: first how it was locked in; then of each file findings, and the result. Before a
 * library gets bytes of a file, that is said, too. */
enum sb_privacy_message { SB_PRIVACY_FOUND = 1, SB_PRIVACY_RESULT, SB_PRIVACY_LIBRARY };
enum { SB_PRIVACY_LOCKED = 1, SB_PRIVACY_OPEN };

/* So many processes can be waiting for a file or be at one. */
enum { SB_PRIVACY_PROCESSES = 4 };

/* With a number and an open descriptor, or without (-1), through a socket. */
int sb_privacy_send(int to, uint64_t number, int fd);
/* 1 with a message, 0 at the end, or -1. *fd is -1 when there is none in it. */
int sb_privacy_receive(int from, uint64_t *number, int *fd);

/* The process that starts others. It never looks into a file, and nothing that one of the others
 * can say or do reaches it: it takes its orders from the parent alone, through the socket. An order
 * is how many of the oldest processes to end, and a socket for one to be started. */
_Noreturn void sb_privacy_child_serve(const char *const *names, size_t name_count, int orders,
                                      pid_t parent);

#endif
