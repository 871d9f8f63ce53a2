/* Growing byte buffers, and an arena for many small strings that live equally long. */
#ifndef SB_BASE_BUF_H
#define SB_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Zero-initialise; free with sb_buf_free. `data` has a NUL after `len` bytes once it is not NULL.
 */
struct sb_buf {
    uint8_t *data;
    size_t len, cap;
};

/* Each returns 0 or SEALBAG_ERR_MEMORY and then leaves the buffer as it was. */
int sb_buf_reserve(struct sb_buf *buf, size_t extra);
/* The same for a text of a known length that will be written whole, so that it need not grow. */
int sb_buf_expect(struct sb_buf *buf, size_t extra);
int sb_buf_append(struct sb_buf *buf, const void *bytes, size_t len);
int sb_buf_puts(struct sb_buf *buf, const char *text);
int sb_buf_printf(struct sb_buf *buf, const char *format, ...) SB_PRINTF(2, 3);
int sb_buf_vprintf(struct sb_buf *buf, const char *format, va_list arguments) SB_PRINTF(2, 0);
void sb_buf_free(struct sb_buf *buf);

/* Strings are given out from blocks and freed all at once. Zero-initialise. */
struct sb_arena {
    struct sb_arena_block *head;
};

/* A NUL-terminated copy of len bytes, or NULL when memory is short. */
char *sb_arena_copy(struct sb_arena *arena, const void *bytes, size_t len);
void sb_arena_free(struct sb_arena *arena);

/* Memory that is new and will be written whole. Where there is much of it, the system may give it
 * in huge pages: to give it page by page takes longer than to write it, on virtual machines by far.
 * What is allocated sparsely must not be given here, since all of it would be taken. */
void sb_memory_expect(void *memory, size_t size);

/* realloc of count items for a growing array: enlarges *cap by half when it is full; checks the
 * multiplication. Returns the array, maybe moved, or NULL (then the old one is still valid). */
void *sb_array_grow(void *array, size_t *cap, size_t count, size_t item_size);

#endif
