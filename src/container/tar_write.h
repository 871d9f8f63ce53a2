/* Writes the one tar form of format.md: pax, regular files only, nothing about the maker. */
#ifndef SB_CONTAINER_TAR_WRITE_H
#define SB_CONTAINER_TAR_WRITE_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct sb_tar_writer;

/* Where the tar goes: a packer, or memory. */
struct sb_tar_sink {
    void *context;
    int (*write)(void *context, const void *bytes, size_t len, struct sb_error *error);
    /* Remembers the place / takes back everything since. */
    void (*mark)(void *context);
    int (*rewind)(void *context, struct sb_error *error);
};

/* Every entry gets `mtime`. What the sink leads to is borrowed. */
int sb_tar_writer_new(struct sb_tar_writer **out, const struct sb_tar_sink *sink, int64_t mtime,
                      struct sb_error *error);
void sb_tar_writer_free(struct sb_tar_writer *writer);

/* One entry: begin, data until exactly `size` bytes, end. `path` is UTF-8. */
int sb_tar_begin(struct sb_tar_writer *writer, const char *path, uint64_t size,
                 struct sb_error *error);
int sb_tar_data(struct sb_tar_writer *writer, const void *bytes, size_t len,
                struct sb_error *error);
int sb_tar_end(struct sb_tar_writer *writer, struct sb_error *error);
/* Takes back the entry that was begun last, whole. UNSUPPORTED when it has left through a pipe. */
int sb_tar_take_back(struct sb_tar_writer *writer, struct sb_error *error);

/* All three for bytes in memory. */
int sb_tar_add(struct sb_tar_writer *writer, const char *path, const void *bytes, size_t len,
               struct sb_error *error);
/* The end blocks. */
int sb_tar_finish(struct sb_tar_writer *writer, struct sb_error *error);

#endif
