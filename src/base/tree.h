/* Files beneath one folder, reached without ever following a link: each component is opened by
 * itself with O_NOFOLLOW. The folder that was used last stays open, since neighbours share it. */
#ifndef SB_BASE_TREE_H
#define SB_BASE_TREE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/error.h"

struct sb_tree {
    int root; /* borrowed */
    int fd;   /* of `folder`; -1: none */
    char *folder;
};

void sb_tree_init(struct sb_tree *tree, int root);
void sb_tree_close(struct sb_tree *tree);

/* A descriptor of the folder that holds `path` (the tree's; valid until the next call) and the last
 * component of path. With `create`, missing folders are made. -1 with errno. */
int sb_tree_parent(struct sb_tree *tree, const char *path, bool create, const char **name);

/* Takes a name in the open folder; its kind is a DT_ of dirent.h. Not 0: enough. */
typedef int (*sb_tree_visit)(void *context, int fd, const char *name, unsigned char kind);
/* All names in the open folder but "." and "..", in the order that it has them. 0; what visit said
 * to end it; or -1 with errno. No memory is asked for. */
int sb_tree_list(int fd, sb_tree_visit visit, void *context);

/* Removes what is in the open folder. 0, or -1 when something is left. */
int sb_tree_empty(int fd);

/* Removes the folder `name` in dir_fd with all that is in it; links are removed, not followed.
 * 0, or -1 when something is left. */
int sb_tree_remove(int dir_fd, const char *name);

/* What `is` says first, of the folder or of one that it lies in: 1, or -1 with errno. 0 when it
 * says 0 of all; -1 also when one cannot be looked at. */
int sb_tree_within(int fd, int (*is)(const void *context, const struct stat *folder),
                   const void *context);
/* Whether both are of one file or folder. */
bool sb_tree_same(const struct stat *a, const struct stat *b);
/* Whether the open folder is this one, or lies in it: 1, 0, or -1 with errno. */
int sb_tree_is_within(int fd, const struct stat *folder);

#endif
