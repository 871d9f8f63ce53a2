#define _GNU_SOURCE /* madvise */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int sb_buf_reserve(struct sb_buf *buf, size_t extra)
{
    if (extra >= SIZE_MAX / 2 - buf->len)
        return SEALBAG_ERR_MEMORY;
    size_t need = buf->len + extra + 1;
    if (need <= buf->cap)
        return 0;
    size_t cap = buf->cap + buf->cap / 2;
    if (cap < need)
        cap = need;
    if (cap < 64)
        cap = 64;
    uint8_t *data = realloc(buf->data, cap);
    if (data == NULL)
        return SEALBAG_ERR_MEMORY;
    buf->data = data;
    buf->cap = cap;
    buf->data[buf->len] = 0;
    return 0;
}

void sb_memory_expect(void *memory, size_t size)
{
#ifdef MADV_HUGEPAGE
    const size_t huge = (size_t)2 * 1024 * 1024; /* of x86-64 and most others */
    size_t before = (huge - (uintptr_t)memory % huge) % huge;
    if (size / 2 >= huge && size - before >= huge) /* it is advice: to fail does no harm */
        (void)madvise((uint8_t *)memory + before, (size - before) / huge * huge, MADV_HUGEPAGE);
#else
    (void)memory;
    (void)size;
#endif
}

int sb_buf_expect(struct sb_buf *buf, size_t extra)
{
    size_t cap = buf->cap;
    int r = sb_buf_reserve(buf, extra);
    if (r == 0 && buf->cap > cap)
        sb_memory_expect(buf->data, buf->cap);
    return r;
}

int sb_buf_append(struct sb_buf *buf, const void *bytes, size_t len)
{
    int r = sb_buf_reserve(buf, len);
    if (r < 0)
        return r;
    if (len > 0)
        memcpy(buf->data + buf->len, bytes, len);
    buf->len += len;
    buf->data[buf->len] = 0;
    return 0;
}

int sb_buf_puts(struct sb_buf *buf, const char *text)
{
    return sb_buf_append(buf, text, strlen(text));
}

int sb_buf_printf(struct sb_buf *buf, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int r = sb_buf_vprintf(buf, format, arguments);
    va_end(arguments);
    return r;
}

int sb_buf_vprintf(struct sb_buf *buf, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (n < 0 || sb_buf_reserve(buf, (size_t)n) < 0)
        return SEALBAG_ERR_MEMORY;
    vsnprintf((char *)buf->data + buf->len, (size_t)n + 1, format, arguments);
    buf->len += (size_t)n;
    return 0;
}

void sb_buf_free(struct sb_buf *buf)
{
    free(buf->data);
    *buf = (struct sb_buf){0};
}

struct sb_arena_block {
    struct sb_arena_block *next;
    size_t used, size;
    char bytes[];
};

enum { ARENA_BLOCK = 64 * 1024 };

char *sb_arena_copy(struct sb_arena *arena, const void *bytes, size_t len)
{
    struct sb_arena_block *block = arena->head;
    if (len >= SIZE_MAX / 2)
        return NULL;
    if (block == NULL || block->size - block->used < len + 1) {
        size_t size = len + 1 > ARENA_BLOCK ? len + 1 : ARENA_BLOCK;
        block = malloc(sizeof(*block) + size);
        if (block == NULL)
            return NULL;
        *block = (struct sb_arena_block){.next = arena->head, .size = size};
        arena->head = block;
    }
    char *copy = block->bytes + block->used;
    if (len > 0)
        memcpy(copy, bytes, len);
    copy[len] = 0;
    block->used += len + 1;
    return copy;
}

void sb_arena_free(struct sb_arena *arena)
{
    while (arena->head != NULL) {
        struct sb_arena_block *next = arena->head->next;
        free(arena->head);
        arena->head = next;
    }
}

void *sb_array_grow(void *array, size_t *cap, size_t count, size_t item_size)
{
    if (count < *cap)
        return array;
    size_t new_cap = *cap < 16 ? 16 : *cap + *cap / 2;
    if (new_cap < *cap || new_cap > SIZE_MAX / item_size)
        return NULL;
    void *moved = realloc(array, new_cap * item_size);
    if (moved != NULL)
        *cap = new_cap;
    return moved;
}
