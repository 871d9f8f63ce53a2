/* Threads that run tasks, and lines in which the results of tasks are taken up in order.
 *
 * A task has two parts. `run` may run at any time and on any thread. `then`, if there is one, runs
 * after it and after the `then` of every task that was started earlier in the same line: so work
 * goes on in parallel and its results are, say, written in order, also on any thread.
 *
 * With one job there are no threads: everything runs within sb_pool_wait, on the caller's. */
#ifndef SB_BASE_POOL_H
#define SB_BASE_POOL_H

#include <stdbool.h>

#include "base/error.h"

struct sb_pool;
struct sb_line;

enum sb_task_state { SB_TASK_NEW, SB_TASK_QUEUED, SB_TASK_RUNNING, SB_TASK_RAN, SB_TASK_DONE };

/* Embed it as the first member of what the task works on. Zero-initialise; the caller owns it and
 * must wait for it before it is freed. A task that is done may be started again. */
struct sb_task {
    void (*run)(struct sb_task *task);
    void (*then)(struct sb_task *task); /* NULL: nothing */
    /* the pool's */
    enum sb_task_state state;
    struct sb_line *line;
    struct sb_task *next;         /* in the queue */
    struct sb_task *next_in_line; /* in the line */
};

/* The order in which `then` is called. Zero-initialise. */
struct sb_line {
    struct sb_task *first, *last;
    bool busy; /* a thread is in a `then` of this line */
};

/* The caller counts as one of `jobs`; 0 is 1. Threads that the system refuses are done without, and
 * so are those for which it allows too few open files.
 * Signals are left to the caller's threads. */
int sb_pool_new(struct sb_pool **out, unsigned jobs, struct sb_error *error);
/* Every task must have been waited for. NULL is allowed. */
void sb_pool_free(struct sb_pool *pool);
unsigned sb_pool_jobs(const struct sb_pool *pool);

/* Both from one thread only, the one that made the pool. `line` may be NULL when there is no
 * `then`. */
void sb_pool_start(struct sb_pool *pool, struct sb_line *line, struct sb_task *task);
/* Until the task is done. Runs it if no thread has begun with it, and other tasks meanwhile. A task
 * that was never started is done. What the task wrote can then be read. */
void sb_pool_wait(struct sb_pool *pool, struct sb_task *task);
/* Whether it is done, without waiting. */
bool sb_pool_done(struct sb_pool *pool, const struct sb_task *task);

#endif
