/* Signals, processors, and what the process itself gives away. */
#define _GNU_SOURCE /* sched_getaffinity */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/cli.h"

static const char ended[] =
    "sealbag: The run ended early within a library, most likely for want of memory. Nothing was "
    "judged. [memory.short]\n";

static const char aborted[] =
    "sealbag: The run was broken off, because something that must not fail did. Nothing was "
    "judged or made. [system.failed]\n";

static volatile sig_atomic_t stop_asked;

static void on_signal(int number)
{
    (void)number;
    stop_asked = 1;
}

bool sb_process_stopped(void)
{
    return stop_asked != 0;
}

unsigned sb_process_cores(void)
{
    cpu_set_t set;
    /* More processors than such a set has room for: then it fails, and one thread is used. */
    int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
    return count > 0 ? (unsigned)count : 1;
}

/* The leak checker of a sanitizer build has to trace the process. */
#if defined(__SANITIZE_ADDRESS__)
#define TRACEABLE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TRACEABLE 1
#endif
#endif
#ifndef TRACEABLE
#define TRACEABLE 0
#endif

static bool done;

/* A library that is short of memory may end the process by itself, with a code that here would mean
 * a forged bundle. */
static void end_as_not_judged(void)
{
    if (!done) {
        (void)!write(STDERR_FILENO, ended, sizeof(ended) - 1);
        _exit(EXIT_NOT_JUDGED);
    }
}

/* A library that was refused what it cannot do without, such as random numbers, aborts. */
static void on_abort(int number)
{
    (void)number;
    (void)!write(STDERR_FILENO, aborted, sizeof(aborted) - 1);
    _exit(EXIT_NOT_JUDGED);
}

void sb_process_done(void)
{
    done = true;
}

/* What is opened later must not get the numbers of the standard input and outputs. */
static void open_standard(void)
{
    int fd;
    do {
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO)
        close(fd);
}

void sb_process_prepare(void)
{
    open_standard();
    (void)atexit(end_as_not_judged);

    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    /* No SA_RESTART: a read that waits for a pipe must return. SA_RESETHAND: a second signal ends
     * the process at once. */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct sigaction before;
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
    struct sigaction abortion = {.sa_handler = on_abort};
    sigemptyset(&abortion.sa_mask);
    if (!TRACEABLE) /* a sanitizer's own end must be seen */
        sigaction(SIGABRT, &abortion, NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&ignore.sa_mask);
    /* Both then come as errors of write, and what was begun is cleaned up. */
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);

    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    if (!TRACEABLE)
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
