/* Writes a zip file in the form of zip_form.h. Files are deflated by the threads of a pool, large
 * ones in blocks that refer to nothing before them, and written in order. The bytes that come out
 * depend on the files, the time and the level only. */
#ifndef SB_CONTAINER_ZIP_WRITE_H
#define SB_CONTAINER_ZIP_WRITE_H

#include "base/file.h"
#include "base/pool.h"

enum { SB_ZIP_BLOCK = 1 << 20 };

struct sb_zip_writer;

/* `output`, which must be a file and not a pipe, and `pool` are borrowed and must outlive the
 * writer; nobody else may use the output meanwhile. Every file gets `time`. `level` is one of
 * deflate.h. */
int sb_zip_writer_new(struct sb_zip_writer **out, struct sb_output *output, int level, int64_t time,
                      struct sb_pool *pool, struct sb_error *error);
/* Waits for what is still being deflated. */
void sb_zip_writer_free(struct sb_zip_writer *writer);

/* Before anything is given to it: so many files are in the output already, one behind the other
 * from its beginning on, and `central` is their part of the central directory. 0 or MEMORY. */
int sb_zip_write_resume(struct sb_zip_writer *writer, const struct sb_buf *central, uint64_t count);

/* One file: begin, data until exactly `size` bytes, end. `path` is UTF-8. An error may come from
 * files that were given earlier. */
int sb_zip_write_begin(struct sb_zip_writer *writer, const char *path, uint64_t size,
                       struct sb_error *error);
int sb_zip_write_data(struct sb_zip_writer *writer, const void *bytes, size_t len,
                      struct sb_error *error);
int sb_zip_write_end(struct sb_zip_writer *writer, struct sb_error *error);
/* Takes back the file that was begun last, whole; it has not been ended. */
int sb_zip_write_take_back(struct sb_zip_writer *writer, struct sb_error *error);
/* All three for bytes in memory. */
int sb_zip_write_add(struct sb_zip_writer *writer, const char *path, const void *bytes, size_t len,
                     struct sb_error *error);

/* A file that sb_zip_make_small has made. */
int sb_zip_write_small(struct sb_zip_writer *writer, const void *entry, size_t len,
                       struct sb_error *error);

/* Writes the central directory. Returns when everything is written. */
int sb_zip_write_finish(struct sb_zip_writer *writer, struct sb_error *error);
/* After that: how many bytes the files have that were given to it. */
uint64_t sb_zip_write_total(const struct sb_zip_writer *writer);

struct sb_deflater;
/* Appends a file of at most SB_ZIP_BLOCK bytes, header and data, the same bytes as those of
 * sb_zip_write_add. Any thread may do so, with a deflater of its own. */
int sb_zip_make_small(struct sb_buf *out, struct sb_deflater *deflater, const char *path,
                      int64_t time, const void *bytes, size_t len, struct sb_error *error);

#endif
