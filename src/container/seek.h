/* Single places of the tar in a sealbag file, without reading what lies before them. The frames are
 * found by walking from the first one to the last, header by header, and nowhere else: what only
 * looks like a frame, within another one or within a document, is never taken for one. */
#ifndef SB_CONTAINER_SEEK_H
#define SB_CONTAINER_SEEK_H

#include "container/codec.h"

struct sb_seeker;

struct sb_seek_options {
    uint64_t start, size;                /* the bundle in the file */
    const struct sealbag_limits *limits; /* NULL: the defaults */
    sealbag_progress_fn progress;
    void *progress_context;
};

/* The descriptor is borrowed; its position does not change. UNSUPPORTED when the file has no
 * pointer, is by another program, or cannot be read at any place; DAMAGED when the walk fails. */
int sb_seeker_open(struct sb_seeker **out, int fd, const struct sb_seek_options *options,
                   struct sb_error *error);
void sb_seeker_close(struct sb_seeker *seeker);

/* Of the bundle, in bytes. */
uint64_t sb_seeker_size(const struct sb_seeker *seeker);

const struct sealbag_limits *sb_seeker_limits(const struct sb_seeker *seeker);

/* What its frames are, and how many. */
const struct sb_codec *sb_seeker_codec(const struct sb_seeker *seeker);
size_t sb_seeker_frames(const struct sb_seeker *seeker);

/* Where frame `number` begins in the bundle; for their count, where the last one ends. */
uint64_t sb_seeker_place(const struct sb_seeker *seeker, size_t number);

/* Where in the tar the pointer says that index.tsv starts. Believe nothing of it. */
uint64_t sb_seeker_pointer(const struct sb_seeker *seeker);

/* 1 and the tar's bytes from `at` on to the end of a frame (valid until the next call), 0 when `at`
 * is the tar's end or behind it, or an error. */
int sb_seeker_read(struct sb_seeker *seeker, uint64_t at, const uint8_t **bytes, size_t *len,
                   struct sb_error *error);

#endif
