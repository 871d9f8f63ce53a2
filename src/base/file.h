/* Files: whole reads with a limit, complete writes, and an output that appears only when it is
 * complete. */
#ifndef SB_BASE_FILE_H
#define SB_BASE_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/buf.h"

/* Opens a regular file to read all of it; never blocks on a FIFO. *fd is the caller's to close.
 * `mode` (may be NULL) receives its permission bits. */
int sb_file_open(int *fd, mode_t *mode, const char *path, struct sb_error *error);
/* Reads what is left of it, at most `max` bytes, appending to out. LIMIT when it is more. */
int sb_file_take(struct sb_buf *out, int fd, const char *path, size_t max, struct sb_error *error);
/* Both. */
int sb_file_read(struct sb_buf *out, mode_t *mode, const char *path, size_t max,
                 struct sb_error *error);

/* Whether there is anything called so: 1, 0, or -1 with errno when that cannot be told. A link is
 * something. */
int sb_path_there(struct stat *status, int dir_fd, const char *name);

/* write(2) until all is written; EINTR is tried again. 0 or -1 with errno. */
int sb_fd_write(int fd, const void *bytes, size_t len);

/* read(2) once; EINTR is tried again. */
ssize_t sb_fd_read(int fd, void *bytes, size_t len);

/* Where a regular file is being read, and how much of it is left, if anything is. False for all
 * else, such as a pipe. */
bool sb_fd_rest(uint64_t *start, uint64_t *size, int fd);

/* Creates `path` exclusively with `mode`, writes and syncs it and its folder. On failure nothing
 * of ours is left. */
int sb_file_create(const char *path, mode_t mode, const void *bytes, size_t len,
                   struct sb_error *error);

/* Keeps others who do the same from adding to what is open (a file or a folder), until it is
 * closed: CHANGED when somebody is at it. Where nobody can, nobody is kept from it. */
int sb_file_lock(int fd, const char *path, struct sb_error *error);

/* Splits a path into the folder that holds it and its last component, both copied; the caller
 * frees both. 0 or SEALBAG_ERR_MEMORY. */
int sb_path_split(char **folder, char **name, const char *path);

/* An output file that has no name (O_TMPFILE), or a temporary one where the file system cannot do
 * that, until it is committed. */
struct sb_output {
    int fd;
    int dir_fd;      /* the folder that will hold it; -1: fd is the caller's, a stream */
    char *path;      /* for messages */
    char *name;      /* in dir_fd; NULL for a stream */
    char *temp_name; /* NULL when it has none */
    uint64_t written;
    bool seekable;
};

/* Starts an output at `path`; refuses an existing one unless `force`. */
int sb_output_open(struct sb_output *out, const char *path, bool force, mode_t mode,
                   struct sb_error *error);
/* The same for a command that has --force, which the refusal then names. */
int sb_output_open_forcible(struct sb_output *out, const char *path, bool force, mode_t mode,
                            struct sb_error *error);
/* Writes to a descriptor of the caller's, which stays open. */
void sb_output_stream(struct sb_output *out, int fd);
int sb_output_write(struct sb_output *out, const void *bytes, size_t len, struct sb_error *error);
/* Other bytes in the place of some that were written; UNSUPPORTED for a stream. */
int sb_output_patch(struct sb_output *out, uint64_t offset, const void *bytes, size_t len,
                    struct sb_error *error);
/* Takes back what was written after `offset`; UNSUPPORTED for a stream. */
int sb_output_truncate(struct sb_output *out, uint64_t offset, struct sb_error *error);
/* Syncs and gives it its name in one step, without replacing unless `force`. The output is closed
 * in any case; on failure nothing is left. */
int sb_output_commit(struct sb_output *out, bool force, struct sb_error *error);
/* The same, in the place of the file that `old` was told of (fstat), and only if nothing else has
 * taken that place: CHANGED. Mode, owner and the user's attributes become those of the old file, as
 * far as may be; who could not use that one cannot use this one. */
int sb_output_commit_over(struct sb_output *out, int old_fd, const struct stat *old,
                          struct sb_error *error);
/* Removes what was written; allowed after a failed open or commit. */
void sb_output_abort(struct sb_output *out);

/* Fills name with `prefix` and 16 random hex digits (getrandom). */
int sb_temp_name(char *name, size_t size, const char *prefix);

#endif
