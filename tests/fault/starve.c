/* Preloaded into a program, refuses memory: from the request whose number is in STARVE_AT on, or
 * that one alone with STARVE_ONCE. The file STARVE_FIRED is made when it does. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_ulong requests;
static unsigned long first; /* 0: none is refused */
static bool once;
static const char *fired;

/* dlsym itself may ask for memory before the real functions are known. */
static union {
    char bytes[16384];
    max_align_t align;
} spare;
static size_t spare_used;

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static void (*real_free)(void *);

static void find(void *pointer, const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(pointer, &found, sizeof(found));
}

__attribute__((constructor)) static void begin(void)
{
    find(&real_calloc, "calloc");
    find(&real_malloc, "malloc");
    find(&real_realloc, "realloc");
    find(&real_free, "free");
    const char *at = getenv("STARVE_AT");
    once = getenv("STARVE_ONCE") != NULL;
    fired = getenv("STARVE_FIRED");
    if (at != NULL)
        first = strtoul(at, NULL, 10);
}

static bool refuse(void)
{
    if (first == 0)
        return false;
    unsigned long number = atomic_fetch_add(&requests, 1) + 1;
    if (number < first || (once && number > first))
        return false;
    if (number == first && fired != NULL) {
        int fd = open(fired, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (fd >= 0)
            close(fd);
    }
    errno = ENOMEM;
    return true;
}

static void *from_spare(size_t size)
{
    size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    if (size > sizeof(spare.bytes) - spare_used)
        return NULL;
    void *bytes = spare.bytes + spare_used;
    spare_used += size;
    return bytes;
}

void *malloc(size_t size)
{
    if (real_malloc == NULL)
        return from_spare(size);
    return refuse() ? NULL : real_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    if (real_calloc == NULL)
        return from_spare(count * size);
    return refuse() ? NULL : real_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return refuse() ? NULL : real_realloc(old, size);
}

void free(void *bytes)
{
    const char *at = bytes;
    if (real_free != NULL && (at < spare.bytes || at >= spare.bytes + sizeof(spare.bytes)))
        real_free(bytes);
}
