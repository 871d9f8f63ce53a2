#define _GNU_SOURCE /* madvise */
#include "sign/locked.h"

#include <sodium.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* The pages of this memory, and of nothing else: libsodium has put guards around them. */
static int keep_from_children(void *memory, size_t size)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t offset = (uintptr_t)memory % page;
    size_t length = (offset + size + page - 1) / page * page;
    return madvise((uint8_t *)memory - offset, length, MADV_DONTFORK);
}

void *sb_locked_new(size_t size)
{
    void *memory = sodium_malloc(size);
    if (memory == NULL)
        return NULL;
    if (keep_from_children(memory, size) < 0) {
        sodium_free(memory);
        return NULL;
    }
    sodium_memzero(memory, size);
    return memory;
}

void sb_locked_free(void *memory)
{
    if (memory != NULL)
        sodium_free(memory);
}

void sb_locked_wipe(void *memory, size_t size)
{
    if (memory != NULL)
        sodium_memzero(memory, size);
}
