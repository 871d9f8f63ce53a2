#define _GNU_SOURCE /* close_range */
#include "op/child.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

static int compare_fds(const void *a, const void *b)
{
    const int *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static void close_all(unsigned first, unsigned last)
{
    enum { LAST = 65535 }; /* where the kernel is older than close_range */
    if (first > last || close_range(first, last, 0) == 0)
        return;
    for (unsigned fd = first; fd <= last && fd <= LAST; fd++)
        close((int)fd);
}

/* All but the standard ones and those that are needed. */
static void close_others(int *needed, size_t count)
{
    unsigned next = 3;
    qsort(needed, count, sizeof(*needed), compare_fds);
    for (size_t i = 0; i < count; i++) {
        if (needed[i] < (int)next)
            continue;
        close_all(next, (unsigned)needed[i] - 1);
        next = (unsigned)needed[i] + 1;
    }
    close_all(next, ~0U);
}

/* A sanitizer's last words should be heard. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OUTPUT_COUNT 2
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(undefined_behavior_sanitizer)
#define OUTPUT_COUNT 2
#endif
#endif
#ifndef OUTPUT_COUNT
#define OUTPUT_COUNT 3
#endif

void sb_child_let_go(int *needed, size_t count)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd < OUTPUT_COUNT; fd++) {
        bool keep = false;
        for (size_t i = 0; i < count; i++)
            keep |= needed[i] == fd;
        if (!keep && (null < 0 || dup2(null, fd) < 0))
            close(fd); /* where there is no /dev/null */
    }
    close_others(needed, count);
}

void sb_child_ignore_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    struct sigaction action = {.sa_handler = SIG_IGN};
    sigemptyset(&action.sa_mask);
    /* When it aborts, that is a crash, whatever the caller makes of it in its own process. */
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigemptyset(&standard.sa_mask);
    sigaction(SIGABRT, &standard, NULL);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaction(numbers[i], &action, NULL);
}
