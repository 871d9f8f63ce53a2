#include "base/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

struct sb_pool {
    unsigned jobs;
    pthread_mutex_t lock;
    pthread_cond_t work; /* for the threads: there is a task, or the end has come */
    pthread_cond_t done; /* for the caller: a task was queued or is done */
    struct sb_task *first, *last;
    bool ending;
    unsigned thread_count;
    pthread_t threads[];
};

/* Under the lock. */
static struct sb_task *take(struct sb_pool *pool)
{
    struct sb_task *task = pool->first;
    if (task == NULL)
        return NULL;
    pool->first = task->next;
    if (pool->first == NULL)
        pool->last = NULL;
    task->state = SB_TASK_RUNNING;
    return task;
}

/* Under the lock. The task itself when it is still queued, since others may take long; else the
 * next one. */
static struct sb_task *take_for(struct sb_pool *pool, struct sb_task *task)
{
    struct sb_task *before = pool->first;
    if (task->state != SB_TASK_QUEUED || before == task)
        return take(pool);
    while (before->next != task)
        before = before->next;
    before->next = task->next;
    if (pool->last == task)
        pool->last = before;
    task->state = SB_TASK_RUNNING;
    return task;
}

/* Under the lock: calls each `then` whose turn has come. Another thread that is in this line will
 * look again when it is through with its own. */
static void advance(struct sb_pool *pool, struct sb_line *line)
{
    while (!line->busy && line->first != NULL && line->first->state == SB_TASK_RAN) {
        struct sb_task *task = line->first;
        line->busy = true;
        pthread_mutex_unlock(&pool->lock);
        task->then(task);
        pthread_mutex_lock(&pool->lock);
        line->busy = false;
        line->first = task->next_in_line;
        if (line->first == NULL)
            line->last = NULL;
        task->state = SB_TASK_DONE;
        pthread_cond_signal(&pool->done);
    }
}

/* Under the lock, which is released while the task runs. */
static void run(struct sb_pool *pool, struct sb_task *task)
{
    struct sb_line *line = task->line;
    pthread_mutex_unlock(&pool->lock);
    task->run(task);
    pthread_mutex_lock(&pool->lock);
    if (line == NULL) {
        task->state = SB_TASK_DONE;
        pthread_cond_signal(&pool->done);
    } else {
        task->state = SB_TASK_RAN;
        advance(pool, line);
    }
}

static void *work(void *argument)
{
    struct sb_pool *pool = argument;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        struct sb_task *task = take(pool);
        if (task != NULL)
            run(pool, task);
        else if (pool->ending)
            break;
        else
            pthread_cond_wait(&pool->work, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static void start_threads(struct sb_pool *pool)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (pool->thread_count + 1 < pool->jobs &&
           pthread_create(&pool->threads[pool->thread_count], NULL, work, pool) == 0)
        pool->thread_count++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* What runs in a thread has a few files open at a time. */
static unsigned fit(unsigned jobs)
{
    enum { FILES_EACH = 4, FILES_BESIDE = 16 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
        return jobs;
    rlim_t most = limit.rlim_cur > FILES_BESIDE ? (limit.rlim_cur - FILES_BESIDE) / FILES_EACH : 0;
    if (most < jobs)
        jobs = (unsigned)most;
    return jobs > 0 ? jobs : 1;
}

int sb_pool_new(struct sb_pool **out, unsigned jobs, struct sb_error *error)
{
    jobs = fit(jobs);
    struct sb_pool *pool = calloc(1, sizeof(*pool) + jobs * sizeof(pool->threads[0]));
    *out = pool;
    if (pool == NULL)
        return sb_error_memory(error);
    pool->jobs = jobs;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->done, NULL);
    start_threads(pool);
    return 0;
}

void sb_pool_free(struct sb_pool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->ending = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->thread_count; i++)
        pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

unsigned sb_pool_jobs(const struct sb_pool *pool)
{
    return pool->jobs;
}

void sb_pool_start(struct sb_pool *pool, struct sb_line *line, struct sb_task *task)
{
    pthread_mutex_lock(&pool->lock);
    task->line = task->then != NULL ? line : NULL;
    task->next = task->next_in_line = NULL;
    task->state = SB_TASK_QUEUED;
    if (pool->last != NULL)
        pool->last->next = task;
    else
        pool->first = task;
    pool->last = task;
    if (task->line != NULL) {
        if (line->last != NULL)
            line->last->next_in_line = task;
        else
            line->first = task;
        line->last = task;
    }
    pthread_cond_signal(&pool->work);
    pthread_mutex_unlock(&pool->lock);
}

void sb_pool_wait(struct sb_pool *pool, struct sb_task *task)
{
    pthread_mutex_lock(&pool->lock);
    while (task->state != SB_TASK_DONE && task->state != SB_TASK_NEW) {
        struct sb_task *next = take_for(pool, task);
        if (next != NULL)
            run(pool, next);
        else
            pthread_cond_wait(&pool->done, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
}

bool sb_pool_done(struct sb_pool *pool, const struct sb_task *task)
{
    pthread_mutex_lock(&pool->lock);
    bool done = task->state == SB_TASK_DONE || task->state == SB_TASK_NEW;
    pthread_mutex_unlock(&pool->lock);
    return done;
}
