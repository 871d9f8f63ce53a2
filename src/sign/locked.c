#include "sign/locked.h"

#include <sodium.h>

void *sb_locked_new(size_t size)
{
    void *memory = sodium_malloc(size);
    if (memory != NULL)
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
