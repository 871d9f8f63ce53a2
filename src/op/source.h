/* What is to be sealed: the source material, walked once, before any of it is read. */
#ifndef SB_OP_SOURCE_H
#define SB_OP_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/pool.h"
#include "base/tree.h"

struct sb_source_file {
    const char *bag_path; /* "data/..."; its end is the path beneath its root */
    uint64_t size;        /* when it was walked: for progress and planning only */
    int64_t changed;      /* the same: sb_source_changed */
    uint32_t root;
};

struct sb_source_root {
    int fd; /* the folder, or the folder that holds the one file */
    bool is_folder;
    const char *shown; /* as the user named it */
    const char *name;  /* its last component */
    size_t prefix;     /* how much of a bag_path is not the path beneath it */
};

struct sb_omission {
    const char *bag_path;
    const char *why; /* static: "a symbolic link" */
};

/* Zero-initialise; free with sb_source_free. */
struct sb_source {
    const char *bag_name; /* borrowed */
    struct sb_source_root *roots;
    size_t root_count;
    struct sb_source_file *files; /* sorted by bag_path */
    size_t count, cap;
    struct sb_omission *omissions; /* likewise */
    size_t omission_count, omission_cap;
    uint64_t empty_folders;
    uint64_t bytes;
    struct sb_arena strings;
};

/* Walks the sources. One folder: its contents; else each under its own name. What cannot be sealed
 * in a bag called `bag_name` is an omission; nothing is judged here. USAGE when two sources have
 * the same name. */
int sb_source_walk(struct sb_source *out, const char *bag_name, const char *const *sources,
                   size_t count, struct sb_pool *pool, struct sb_error *error);
void sb_source_free(struct sb_source *source);

/* Appends the path of a file or folder of that root, as the user would name it. */
int sb_source_name_of(struct sb_buf *out, const struct sb_source *source, uint32_t root,
                      const char *bag_path);

/* Where the file is beneath its root. */
const char *sb_source_path(const struct sb_source *source, const struct sb_source_file *file);

/* The name of the folder or file that a path leads to, also for "." and "a/..": the caller frees
 * it. NULL with errno. */
char *sb_source_name(const char *path);

/* 1 when the folder is one of the sources or lies in one, 0 when not, -1 with errno. */
int sb_source_contains(const struct sb_source *source, int folder_fd);
/* The same for whether the file `name` in the folder is itself one of the sources. */
int sb_source_is(const struct sb_source *source, int folder_fd, const char *name);

/* When a file was changed last, as its file system says, whatever was done to its times: in
 * nanoseconds. */
int64_t sb_source_changed(const struct stat *status);

#endif
