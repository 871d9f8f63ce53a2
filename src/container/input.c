#include "container/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rule.h"

enum { READ_SIZE = 256 * 1024 };

int sb_input_open(struct sb_input *input, int fd, uint64_t size, sealbag_progress_fn progress,
                  void *progress_context, struct sb_error *error)
{
    *input = (struct sb_input){
        .fd = fd,
        .cap = (size_t)2 * READ_SIZE,
        .now.bytes_total = size,
        .progress = progress,
        .progress_context = progress_context,
    };
    input->bytes = malloc(input->cap);
    return input->bytes != NULL ? 0 : sb_error_memory(error);
}

void sb_input_close(struct sb_input *input)
{
    free(input->bytes);
    input->bytes = NULL;
}

int sb_input_tick(struct sb_input *input, struct sb_error *error)
{
    if (input->progress == NULL || input->progress(input->progress_context, &input->now) == 0)
        return 0;
    return sb_error_set(error, SEALBAG_ERR_CANCELLED, "Stopped, as asked.");
}

/* Room for `want` bytes in one piece from start on. */
static int make_room(struct sb_input *input, size_t want)
{
    if (input->start > 0 && input->start + want + READ_SIZE > input->cap) {
        memmove(input->bytes, input->bytes + input->start, input->len);
        input->start = 0;
    }
    if (want + READ_SIZE <= input->cap)
        return 0;
    uint8_t *bytes = realloc(input->bytes, want + READ_SIZE);
    if (bytes == NULL)
        return SEALBAG_ERR_MEMORY;
    input->bytes = bytes;
    input->cap = want + READ_SIZE;
    return 0;
}

int sb_input_peek(struct sb_input *input, size_t want, const uint8_t **bytes, size_t *len,
                  struct sb_error *error)
{
    while (input->len < want && !input->ended) {
        if (make_room(input, want) < 0)
            return sb_error_memory(error);
        ssize_t n = read(input->fd, input->bytes + input->start + input->len, READ_SIZE);
        if (n < 0 && errno != EINTR) {
            char reason[128];
            if (errno == ENOMEM)
                return sb_error_memory(error);
            if (strerror_r(errno, reason, sizeof(reason)) != 0)
                reason[0] = 0;
            return sb_rule_error(error, SB_RULE_INPUT_FAILED,
                                 "The input cannot be read to its end: %s. Copy it to another disk "
                                 "and try again.",
                                 reason);
        }
        input->ended = n == 0;
        if (n > 0) {
            input->len += (size_t)n;
            input->now.bytes += (uint64_t)n;
        }
        /* Also after EINTR: a signal is how a person stops a run that waits for a pipe. */
        int r = sb_input_tick(input, error);
        if (r < 0)
            return r;
    }
    *bytes = input->bytes + input->start;
    *len = input->len;
    return 0;
}

void sb_input_take(struct sb_input *input, size_t len)
{
    input->start += len;
    input->len -= len;
    input->taken += len;
    if (input->len == 0)
        input->start = 0;
}
