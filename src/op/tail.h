/* The end of a bundle that files are to be added to: everything from the frame on in which the
 * pointer says that index.tsv starts, and the index. The frames before it stay as they are. Of a
 * zip file, its central directory; all entries stay as they are. */
#ifndef SB_OP_TAIL_H
#define SB_OP_TAIL_H

#include "container/reader.h"
#include "op/wire.h"

struct sb_tail {
    enum sb_packing packing; /* a zip file, or one that is made of frames (sb_format_codec) */
    uint64_t pointer;        /* where in the tar index.tsv's first header starts */
    uint64_t kept;   /* bytes of the frames before the one that holds it, or of all entries */
    uint32_t *sizes; /* each frame's, all of them full of data; */
    size_t frames;
    struct sb_buf before; /* the tar from where they end to the pointer */
    struct sb_buf index;  /* what index.tsv says */
    uint64_t central;     /* bytes of the central directory, which follows what is kept, */
    uint64_t entries;     /* and how many it has */
};

/* Reads from the file `fd`. 1, 0 when it has no index that can be used, or a negative code. What
 * was in *tail is forgotten; free it in any case. */
int sb_tail_read(struct sb_tail *tail, int fd, const struct sb_reader_options *options,
                 struct sb_error *error);
void sb_tail_free(struct sb_tail *tail);

/* Through the pipe. What comes out has sizes within the limits, and nothing else is sure. */
void sb_tail_put(struct sb_wire *wire, const struct sb_tail *tail);
void sb_tail_get(struct sb_tail *tail, struct sb_wire *wire, const struct sealbag_limits *limits);

/* Whether all this fits together, and a bag of this name and a bundle of `size` bytes. */
bool sb_tail_plausible(const struct sb_tail *tail, const char *name, uint64_t size);

#endif
