/* Reading a descriptor ahead, with the bytes in one piece: look at them, then take them. */
#ifndef SB_CONTAINER_INPUT_H
#define SB_CONTAINER_INPUT_H

#include "base/buf.h"

struct sb_input {
    int fd;
    uint8_t *bytes;
    size_t cap, start, len; /* bytes[start..start+len) are read and not yet taken */
    bool ended;
    uint64_t taken;
    struct sealbag_progress now;
    sealbag_progress_fn progress;
    void *progress_context;
};

/* The descriptor is borrowed. Zero size: it is not known (a pipe). */
int sb_input_open(struct sb_input *input, int fd, uint64_t size, sealbag_progress_fn progress,
                  void *progress_context, struct sb_error *error);
void sb_input_close(struct sb_input *input);

/* Makes at least `want` bytes visible at *bytes, or all there are: *len says how many. */
int sb_input_peek(struct sb_input *input, size_t want, const uint8_t **bytes, size_t *len,
                  struct sb_error *error);
void sb_input_take(struct sb_input *input, size_t len);
/* Shows progress without reading; CANCELLED when it is to stop. For work that a few bytes of input
 * can make long. */
int sb_input_tick(struct sb_input *input, struct sb_error *error);

#endif
