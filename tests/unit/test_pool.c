/* The pool of threads: every task runs once, `then` in the order of its line, whatever the number
 * of threads. cmocka's assertions may only be used by the main thread: tasks leave notes. */
#define _GNU_SOURCE /* pthread_setattr_default_np */
#include <dirent.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/pool.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const unsigned jobs[] = {1, 2, 7};

static struct sb_pool *new_pool(unsigned count)
{
    struct sb_pool *pool;
    struct sb_error error;
    assert_int_equal(sb_pool_new(&pool, count, &error), 0);
    assert_non_null(pool);
    return pool;
}

/* What a line's tasks leave behind. */
struct log {
    struct sb_line line;
    unsigned *numbers; /* in the order of `then`, which alone writes here */
    size_t count;
    atomic_uint inside; /* how many are in a `then` of this line */
    atomic_bool broken;
};

struct job {
    struct sb_task task;
    struct log *log;
    unsigned number;
    unsigned ran; /* how often */
    long nap;     /* nanoseconds that it takes */
    pthread_t thread;
    sem_t *wait_for, *post; /* may be NULL */
    bool waited_in_vain;
};

/* A test that would hang fails instead. */
static bool take(sem_t *semaphore)
{
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 60;
    return sem_timedwait(semaphore, &end) == 0;
}

static void run(struct sb_task *task)
{
    struct job *job = (struct job *)task;
    job->thread = pthread_self();
    job->ran++;
    if (job->nap > 0)
        nanosleep(&(struct timespec){.tv_nsec = job->nap}, NULL);
    if (job->wait_for != NULL)
        job->waited_in_vain = !take(job->wait_for);
    if (job->post != NULL)
        sem_post(job->post);
}

static void then(struct sb_task *task)
{
    struct job *job = (struct job *)task;
    struct log *log = job->log;
    if (atomic_fetch_add(&log->inside, 1) != 0 || job->ran == 0)
        atomic_store(&log->broken, true);
    log->numbers[log->count++] = job->number;
    atomic_fetch_sub(&log->inside, 1);
}

static void open_log(struct log *log, size_t cap)
{
    *log = (struct log){.numbers = calloc(cap, sizeof(*log->numbers))};
    assert_non_null(log->numbers);
}

/* Exactly the numbers 0, 1, 2... were logged, one at a time. */
static void close_log(struct log *log, size_t count)
{
    assert_false(atomic_load(&log->broken));
    assert_int_equal(log->count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(log->numbers[i], i);
    assert_null(log->line.first);
    assert_null(log->line.last);
    assert_false(log->line.busy);
    free(log->numbers);
}

/* ---- order -------------------------------------------------------------------------------- */

static void in_order(void **state)
{
    (void)state;
    enum { TASKS = 200 };
    for (size_t j = 0; j < COUNT(jobs); j++) {
        struct sb_pool *pool = new_pool(jobs[j]);
        struct job tasks[TASKS] = {0};
        struct log log;
        uint32_t random = 1;
        open_log(&log, TASKS);
        for (unsigned i = 0; i < TASKS; i++) {
            random = random * 1664525 + 1013904223;
            tasks[i] = (struct job){.task = {.run = run, .then = then}, .log = &log, .number = i};
            tasks[i].nap = random >> 12 & 0x3ffff; /* up to a quarter of a millisecond */
            sb_pool_start(pool, &log.line, &tasks[i].task);
        }
        /* The last one is done only when all before it are. */
        sb_pool_wait(pool, &tasks[TASKS - 1].task);
        for (unsigned i = 0; i < TASKS; i++) {
            assert_true(sb_pool_done(pool, &tasks[i].task));
            assert_int_equal(tasks[i].ran, 1);
        }
        close_log(&log, TASKS);
        sb_pool_free(pool);
    }
}

/* The first task runs until the last has run: `then` is still called for the first one first. */
static void ran_in_another_order(void **state)
{
    (void)state;
    enum { TASKS = 5 };
    for (unsigned j = 2; j <= 7; j += 5) {
        struct sb_pool *pool = new_pool(j);
        struct job tasks[TASKS] = {0};
        struct log log;
        sem_t last_ran;
        assert_int_equal(sem_init(&last_ran, 0, 0), 0);
        open_log(&log, TASKS);
        for (unsigned i = 0; i < TASKS; i++) {
            tasks[i] = (struct job){.task = {.run = run, .then = then}, .log = &log, .number = i};
            tasks[i].wait_for = i == 0 ? &last_ran : NULL;
            tasks[i].post = i == TASKS - 1 ? &last_ran : NULL;
            sb_pool_start(pool, &log.line, &tasks[i].task);
        }
        sb_pool_wait(pool, &tasks[0].task);
        assert_false(tasks[0].waited_in_vain);
        assert_int_equal(tasks[TASKS - 1].ran, 1);
        sb_pool_wait(pool, &tasks[TASKS - 1].task);
        close_log(&log, TASKS);
        assert_int_equal(sem_destroy(&last_ran), 0);
        sb_pool_free(pool);
    }
}

/* Lines do not wait for each other, and tasks without a line for none. */
static void several_lines(void **state)
{
    (void)state;
    enum { LINES = 4, TASKS = 100 };
    for (size_t j = 0; j < COUNT(jobs); j++) {
        struct sb_pool *pool = new_pool(jobs[j]);
        struct job tasks[TASKS][LINES + 1] = {0};
        struct log logs[LINES];
        for (size_t l = 0; l < LINES; l++)
            open_log(&logs[l], TASKS);
        for (unsigned i = 0; i < TASKS; i++) {
            for (unsigned l = 0; l <= LINES; l++) {
                struct job *job = &tasks[i][l];
                *job = (struct job){.task = {.run = run}, .number = i, .nap = (i + l) % 3 * 20000};
                job->log = l < LINES ? &logs[l] : NULL;
                job->task.then = l < LINES ? then : NULL;
                sb_pool_start(pool, l < LINES ? &logs[l].line : NULL, &job->task);
            }
        }
        for (unsigned i = TASKS; i-- > 0;) {
            for (unsigned l = 0; l <= LINES; l++) {
                sb_pool_wait(pool, &tasks[i][l].task);
                assert_int_equal(tasks[i][l].ran, 1);
            }
        }
        for (size_t l = 0; l < LINES; l++)
            close_log(&logs[l], TASKS);
        sb_pool_free(pool);
    }
}

static void one_line_is_held_up(void **state)
{
    (void)state;
    struct sb_pool *pool = new_pool(2);
    struct job held = {.task = {.run = run, .then = then}}, behind = held, other = held;
    struct log logs[2];
    sem_t go_on;
    assert_int_equal(sem_init(&go_on, 0, 0), 0);
    open_log(&logs[0], 2);
    open_log(&logs[1], 1);
    held.log = behind.log = &logs[0];
    other.log = &logs[1];
    held.wait_for = &go_on;
    behind.number = 1;
    sb_pool_start(pool, &logs[0].line, &held.task);
    sb_pool_start(pool, &logs[0].line, &behind.task);
    other.post = &go_on;
    sb_pool_start(pool, &logs[1].line, &other.task);
    sb_pool_wait(pool, &other.task);
    assert_int_equal(other.ran, 1);
    sb_pool_wait(pool, &behind.task);
    assert_false(held.waited_in_vain);
    close_log(&logs[0], 2);
    close_log(&logs[1], 1);
    assert_int_equal(sem_destroy(&go_on), 0);
    sb_pool_free(pool);
}

/* ---- again, and never --------------------------------------------------------------------- */

/* A ring of tasks that are started over and over, as the packer does. */
static void started_again(void **state)
{
    (void)state;
    enum { RING = 5, ROUNDS = 4000 };
    for (size_t j = 0; j < COUNT(jobs); j++) {
        struct sb_pool *pool = new_pool(jobs[j]);
        struct job ring[RING] = {0};
        struct log log;
        open_log(&log, ROUNDS);
        for (unsigned i = 0; i < ROUNDS; i++) {
            struct job *job = &ring[i % RING];
            sb_pool_wait(pool, &job->task);
            assert_int_equal(job->ran, i / RING);
            job->task.run = run;
            job->task.then = then;
            job->log = &log;
            job->number = i;
            sb_pool_start(pool, &log.line, &job->task);
        }
        for (unsigned i = 0; i < RING; i++)
            sb_pool_wait(pool, &ring[i].task);
        close_log(&log, ROUNDS);
        /* also without its `then`, and in another line */
        struct log next;
        open_log(&next, 1);
        ring[0].task.then = NULL;
        sb_pool_start(pool, NULL, &ring[0].task);
        sb_pool_wait(pool, &ring[0].task);
        assert_int_equal(ring[0].ran, ROUNDS / RING + 1);
        ring[0].task.then = then;
        ring[0].log = &next;
        ring[0].number = 0;
        sb_pool_start(pool, &next.line, &ring[0].task);
        sb_pool_wait(pool, &ring[0].task);
        close_log(&next, 1);
        sb_pool_free(pool);
    }
}

static void never_started(void **state)
{
    (void)state;
    for (size_t j = 0; j < COUNT(jobs); j++) {
        struct sb_pool *pool = new_pool(jobs[j]);
        struct job job = {.task = {.run = run}};
        assert_true(sb_pool_done(pool, &job.task));
        sb_pool_wait(pool, &job.task);
        assert_int_equal(job.ran, 0);
        sb_pool_free(pool);
    }
}

static void freed_while_idle(void **state)
{
    (void)state;
    sb_pool_free(NULL);
    for (size_t j = 0; j < COUNT(jobs); j++) {
        for (int i = 0; i < 50; i++) { /* at once: threads may not even have begun */
            struct sb_pool *pool = new_pool(jobs[j]);
            assert_int_equal(sb_pool_jobs(pool), jobs[j]);
            sb_pool_free(pool);
        }
        struct sb_pool *pool = new_pool(jobs[j]);
        struct job job = {.task = {.run = run}};
        sb_pool_start(pool, NULL, &job.task);
        sb_pool_wait(pool, &job.task);
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
        sb_pool_free(pool);
        assert_int_equal(job.ran, 1);
    }
    struct sb_pool *pool = new_pool(0);
    assert_int_equal(sb_pool_jobs(pool), 1);
    sb_pool_free(pool);
}

static void thousands(void **state)
{
    (void)state;
    enum { TASKS = 20000 };
    for (size_t j = 0; j < COUNT(jobs); j++) {
        struct sb_pool *pool = new_pool(jobs[j]);
        struct job *tasks = calloc(TASKS, sizeof(*tasks));
        struct log log;
        unsigned logged = 0;
        assert_non_null(tasks);
        open_log(&log, TASKS);
        for (unsigned i = 0; i < TASKS; i++) {
            bool in_line = i % 5 != 0;
            tasks[i] = (struct job){.task = {.run = run}, .log = &log};
            tasks[i].task.then = in_line ? then : NULL;
            tasks[i].number = in_line ? logged++ : 0;
            /* the line is not used without a `then` */
            sb_pool_start(pool, &log.line, &tasks[i].task);
        }
        for (unsigned i = 0; i < TASKS; i++) {
            sb_pool_wait(pool, &tasks[i].task);
            assert_int_equal(tasks[i].ran, 1);
        }
        close_log(&log, TASKS / 5 * 4);
        free(tasks);
        sb_pool_free(pool);
    }
}

/* ---- threads ------------------------------------------------------------------------------ */

/* With one job nothing happens before somebody waits, and then on that thread: what is waited for,
 * and nothing else first that may take long. */
static void one_job_is_the_caller(void **state)
{
    (void)state;
    struct sb_pool *pool = new_pool(1);
    struct job first = {.task = {.run = run}}, second = first, third = first;
    sb_pool_start(pool, NULL, &first.task);
    sb_pool_start(pool, NULL, &second.task);
    sb_pool_start(pool, NULL, &third.task);
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    assert_false(sb_pool_done(pool, &first.task));
    assert_int_equal(first.ran, 0);
    sb_pool_wait(pool, &second.task);
    assert_int_equal(second.ran, 1);
    assert_int_equal(first.ran + third.ran, 0);
    sb_pool_wait(pool, &third.task);
    assert_int_equal(first.ran, 0);
    sb_pool_start(pool, NULL, &second.task); /* the queue's end was taken out of it */
    sb_pool_wait(pool, &first.task);
    sb_pool_wait(pool, &second.task);
    assert_int_equal(first.ran, 1);
    assert_int_equal(second.ran, 2);
    assert_true(pthread_equal(first.thread, pthread_self()));
    assert_true(pthread_equal(second.thread, pthread_self()));
    sb_pool_free(pool);
}

struct masked {
    struct sb_task task;
    int blocked, unblocked;
};

static void look_at_signals(struct sb_task *task)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGALRM, SIGTSTP};
    struct masked *masked = (struct masked *)task;
    sigset_t set;
    pthread_sigmask(SIG_SETMASK, NULL, &set);
    for (size_t i = 0; i < COUNT(signals); i++) {
        masked->blocked += sigismember(&set, signals[i]) == 1;
        masked->unblocked += sigismember(&set, signals[i]) == 0;
    }
}

static bool done_soon(struct sb_pool *pool, const struct sb_task *task)
{
    for (int i = 0; i < 60000; i++) {
        if (sb_pool_done(pool, task))
            return true;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return false;
}

/* With more, the threads work while nobody waits; no signal reaches them, and the caller's mask
 * stays. */
static void threads_work_by_themselves(void **state)
{
    (void)state;
    sigset_t before, after;
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    assert_int_equal(sigismember(&before, SIGINT), 0);
    struct sb_pool *pool = new_pool(2);
    struct job job = {.task = {.run = run, .then = then}};
    struct masked masked = {.task = {.run = look_at_signals}};
    struct log log;
    open_log(&log, 1);
    job.log = &log;
    sb_pool_start(pool, &log.line, &job.task);
    sb_pool_start(pool, NULL, &masked.task);
    assert_true(done_soon(pool, &job.task));
    assert_true(done_soon(pool, &masked.task));
    assert_false(pthread_equal(job.thread, pthread_self()));
    assert_int_equal(masked.blocked, 6);
    assert_int_equal(masked.unblocked, 0);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    for (int signal = 1; signal < SIGRTMAX; signal++)
        assert_int_equal(sigismember(&before, signal), sigismember(&after, signal));
    close_log(&log, 1);
    sb_pool_free(pool);
}

static unsigned count_threads(void)
{
    DIR *folder = opendir("/proc/self/task");
    unsigned count = 0;
    assert_non_null(folder);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

/* The system refuses every thread (a stack as large as all addresses): the caller does it all. */
static void no_threads(void **state)
{
    (void)state;
    pthread_attr_t usual, huge;
    assert_int_equal(pthread_getattr_default_np(&usual), 0);
    assert_int_equal(pthread_attr_init(&huge), 0);
    assert_int_equal(pthread_attr_setstacksize(&huge, SIZE_MAX / 2 / 65536 * 65536), 0);
    assert_int_equal(pthread_setattr_default_np(&huge), 0);
    unsigned threads = count_threads();
    struct sb_pool *pool = new_pool(7);
    assert_int_equal(pthread_setattr_default_np(&usual), 0);
    assert_int_equal(count_threads(), threads);
    struct job tasks[20] = {0};
    struct log log;
    open_log(&log, COUNT(tasks));
    for (unsigned i = 0; i < COUNT(tasks); i++) {
        tasks[i] = (struct job){.task = {.run = run, .then = then}, .log = &log, .number = i};
        sb_pool_start(pool, &log.line, &tasks[i].task);
    }
    for (unsigned i = 0; i < COUNT(tasks); i++) {
        sb_pool_wait(pool, &tasks[i].task);
        assert_true(pthread_equal(tasks[i].thread, pthread_self()));
    }
    close_log(&log, COUNT(tasks));
    sb_pool_free(pool);
    pthread_attr_destroy(&huge);
    pthread_attr_destroy(&usual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order),
        cmocka_unit_test(ran_in_another_order),
        cmocka_unit_test(several_lines),
        cmocka_unit_test(one_line_is_held_up),
        cmocka_unit_test(started_again),
        cmocka_unit_test(never_started),
        cmocka_unit_test(freed_while_idle),
        cmocka_unit_test(thousands),
        cmocka_unit_test(one_job_is_the_caller),
        cmocka_unit_test(threads_work_by_themselves),
        cmocka_unit_test(no_threads),
    };
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
