/* Writes a stream as gzip members (gz_member.h). Output bytes depend on the input and the level
 * only. */
#ifndef SB_CONTAINER_GZ_WRITE_H
#define SB_CONTAINER_GZ_WRITE_H

#include "base/file.h"

struct sb_gz_writer;

/* `output` is borrowed and must outlive the writer. */
int sb_gz_writer_new(struct sb_gz_writer **out, struct sb_output *output, int level,
                     struct sb_error *error);
void sb_gz_writer_free(struct sb_gz_writer *writer);

int sb_gz_write(struct sb_gz_writer *writer, const void *bytes, size_t len, struct sb_error *error);
/* Writes the last member. */
int sb_gz_finish(struct sb_gz_writer *writer, struct sb_error *error);

/* Remembers this place; a later rewind takes back everything written since (once or more often).
 * UNSUPPORTED when some of it has left through a pipe. */
void sb_gz_mark(struct sb_gz_writer *writer);
int sb_gz_rewind(struct sb_gz_writer *writer, struct sb_error *error);

#endif
