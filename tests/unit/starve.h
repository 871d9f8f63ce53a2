/* Memory that runs out: these functions stand in front of the C library's. To be included by one
 * file of a program, after cmocka.h and with _GNU_SOURCE. */
#ifndef SB_TESTS_UNIT_STARVE_H
#define SB_TESTS_UNIT_STARVE_H

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sealbag/sealbag.h>

/* volatile: compilers know that malloc reads and writes nothing else */
static volatile struct {
    bool armed;
    unsigned after; /* so many requests are still granted, then none, or all but one */
    bool once;
    bool fired;
} memory;

static bool refuse(void)
{
    if (!memory.armed || (memory.once && memory.fired) || memory.after-- > 0)
        return false;
    memory.after = 0;
    memory.fired = true;
    errno = ENOMEM;
    return true;
}

/* A sanitizer has its own under these names. */
void *__interceptor_malloc(size_t size) __attribute__((weak));
void *__interceptor_calloc(size_t count, size_t size) __attribute__((weak));
void *__interceptor_realloc(void *old, size_t size) __attribute__((weak));

/* ISO C has no conversion from dlsym's result to a function. */
#define REAL(pointer, name)                                                                        \
    do {                                                                                           \
        void *found = dlsym(RTLD_NEXT, name);                                                      \
        memcpy(&(pointer), &found, sizeof(found));                                                 \
    } while (0)

void *malloc(size_t size)
{
    static void *(*real)(size_t);
    if (refuse())
        return NULL;
    if (__interceptor_malloc != NULL)
        return __interceptor_malloc(size);
    if (real == NULL)
        REAL(real, "malloc");
    return real(size);
}

void *calloc(size_t count, size_t size)
{
    static void *(*real)(size_t, size_t);
    if (refuse())
        return NULL;
    if (__interceptor_calloc != NULL)
        return __interceptor_calloc(count, size);
    if (real == NULL)
        REAL(real, "calloc");
    return real(count, size);
}

void *realloc(void *old, size_t size)
{
    static void *(*real)(void *, size_t);
    if (refuse())
        return NULL;
    if (__interceptor_realloc != NULL)
        return __interceptor_realloc(old, size);
    if (real == NULL)
        REAL(real, "realloc");
    return real(old, size);
}

/* Runs the job with ever more memory until it needs no more. */
__attribute__((unused)) static void starve(int (*job)(void))
{
    for (unsigned n = 0; n < 10000; n++) {
        memory.after = n;
        memory.fired = false;
        memory.armed = true;
        int r = job();
        memory.armed = false;
        if (!memory.fired) {
            assert_int_equal(r, 0);
            return;
        }
        if (r != SEALBAG_ERR_MEMORY)
            fail_msg("after %u requests: %d", n, r);
    }
    fail();
}

/* valgrind puts its own malloc before all others. */
static void needs_faults(void)
{
    memory.after = 0;
    memory.fired = false;
    memory.armed = true;
    void *volatile bytes = malloc(1);
    memory.armed = false;
    free(bytes);
    if (!memory.fired) {
        print_message("Memory cannot be made short here: skipped.\n");
        skip();
    }
}

#endif
