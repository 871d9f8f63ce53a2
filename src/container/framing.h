/* What may follow what in a sealbag file: frames, then perhaps a pointer, then perhaps a table,
 * then the end. Shared by those who read it from beginning to end and those who only walk through
 * it. */
#ifndef SB_CONTAINER_FRAMING_H
#define SB_CONTAINER_FRAMING_H

#include "container/codec.h"

/* The codec of a file that begins with these bytes, or NULL. */
const struct sb_codec *sb_framing_codec(const uint8_t *bytes, size_t len);

/* The sizes of frames and of their data, in pairs: what a table is made from. Zero-initialise;
 * free `items`. */
struct sb_frame_sizes {
    uint32_t *items;
    size_t count, cap;
};

/* 0 or MEMORY. */
int sb_frame_sizes_add(struct sb_frame_sizes *sizes, size_t frame, size_t data);

/* Zero-initialise but for `codec`. */
struct sb_framing {
    const struct sb_codec *codec;
    uint64_t pointer; /* SB_NO_POINTER: none so far */
    bool table;       /* it was met */
};

/* Measures the piece in view and demands that it may stand there. */
int sb_framing_next(struct sb_framing *framing, enum sb_piece *piece, uint64_t *size,
                    const struct sb_view *view, struct sb_error *error);

#endif
