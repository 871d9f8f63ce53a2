/* Values through a pipe between the process that reads a bundle and the one that judges it. What
 * comes out of it is not to be trusted: everything has a limit, and whatever is malformed ends the
 * reading for good. */
#ifndef SB_OP_WIRE_H
#define SB_OP_WIRE_H

#include <stdbool.h>

#include "base/buf.h"

enum { SB_WIRE_SIZE = 32 << 10 };

/* One direction. Zero-initialise but for fd. */
struct sb_wire {
    int fd;
    bool failed;    /* closed, or malformed: nothing more can be had or put */
    bool no_memory; /* why it failed: on this side */
    /* Called before each read, until it says true; false ends the reading. NULL: just read. */
    bool (*wait)(void *context);
    void *context;
    size_t at, len;
    uint8_t bytes[SB_WIRE_SIZE];
};

/* After a failure these do nothing, so that only the end need be looked at. */
void sb_wire_put(struct sb_wire *wire, const void *bytes, size_t len);
void sb_wire_put_number(struct sb_wire *wire, uint64_t value);
/* With its length; NULL is a value of its own. */
void sb_wire_put_text(struct sb_wire *wire, const char *text);
void sb_wire_put_bytes(struct sb_wire *wire, const void *bytes, size_t len);
/* Sends what is still in the buffer. False when it failed, now or before. */
bool sb_wire_flush(struct sb_wire *wire);

/* After a failure: zeros, 0, NULL. */
void sb_wire_get(struct sb_wire *wire, void *bytes, size_t len);
/* More than `max` is malformed. */
uint64_t sb_wire_get_number(struct sb_wire *wire, uint64_t max);
/* A copy in the arena, or NULL. A NUL within is malformed. When memory is short, that fails, too.
 */
const char *sb_wire_get_text(struct sb_wire *wire, struct sb_arena *arena, size_t max);
/* Appends to out. */
void sb_wire_get_bytes(struct sb_buf *out, struct sb_wire *wire, size_t max);

#endif
