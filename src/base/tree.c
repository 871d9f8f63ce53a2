#define _GNU_SOURCE /* getdents64 */
#include "base/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"

void sb_tree_init(struct sb_tree *tree, int root)
{
    *tree = (struct sb_tree){.root = root, .fd = -1};
}

void sb_tree_close(struct sb_tree *tree)
{
    if (tree->fd >= 0)
        close(tree->fd);
    free(tree->folder);
    sb_tree_init(tree, tree->root);
}

static int open_folder(int at, const char *name, bool create)
{
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(at, name, flags);
    if (fd >= 0 || !create || errno != ENOENT)
        return fd;
    if (mkdirat(at, name, 0777) < 0 && errno != EEXIST)
        return -1;
    return openat(at, name, flags);
}

/* Opens folder[0..len) beneath root, component by component. */
static int walk(int root, const char *folder, size_t len, bool create)
{
    int fd = root;
    for (size_t at = 0; at < len;) {
        const char *slash = memchr(folder + at, '/', len - at);
        size_t n = slash != NULL ? (size_t)(slash - folder) - at : len - at;
        char name[SB_NAME_MAX + 1];
        int next = -1;
        if (n > SB_NAME_MAX) {
            errno = ENAMETOOLONG;
        } else {
            memcpy(name, folder + at, n);
            name[n] = 0;
            next = open_folder(fd, name, create);
        }
        int reason = errno;
        if (fd != root)
            close(fd);
        if (next < 0) {
            errno = reason;
            return -1;
        }
        fd = next;
        at += n + 1;
    }
    return fd;
}

int sb_tree_parent(struct sb_tree *tree, const char *path, bool create, const char **name)
{
    const char *slash = strrchr(path, '/');
    *name = slash != NULL ? slash + 1 : path;
    if (slash == NULL)
        return tree->root;
    size_t len = (size_t)(slash - path);
    if (tree->fd >= 0 && strlen(tree->folder) == len && memcmp(tree->folder, path, len) == 0)
        return tree->fd;
    sb_tree_close(tree);
    tree->folder = strndup(path, len);
    if (tree->folder == NULL) {
        errno = ENOMEM;
        return -1;
    }
    tree->fd = walk(tree->root, path, len, create);
    return tree->fd;
}

int sb_tree_list(int fd, sb_tree_visit visit, void *context)
{
    union {
        char bytes[4096];
        struct dirent64 align;
    } list;
    ssize_t len;
    if (lseek(fd, 0, SEEK_SET) < 0)
        return -1;
    while ((len = getdents64(fd, list.bytes, sizeof(list.bytes))) > 0) {
        for (ssize_t at = 0; at < len;) {
            uint16_t step;
            const char *entry = list.bytes + at;
            const char *name = entry + offsetof(struct dirent64, d_name);
            memcpy(&step, entry + offsetof(struct dirent64, d_reclen), sizeof(step));
            at += step;
            if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
                continue;
            int r =
                visit(context, fd, name, (unsigned char)entry[offsetof(struct dirent64, d_type)]);
            if (r != 0)
                return r;
        }
    }
    return len < 0 ? -1 : 0;
}

/* ---- removing ---------------------------------------------------------------------------- */

/* A removal under way, */
struct removal {
    int top;         /* the folder that is emptied */
    unsigned rounds; /* through a folder, all together: somebody may be adding to it */
};
/* and one round of it through a folder. */
struct removal_round {
    struct removal *removal;
    int depth;
    size_t removed, left;
};

static int remove_contents(struct removal *removal, int fd, int depth);

/* The folder is too deep to go into: it becomes one of the top folder's, and is met there. */
static int lift(const struct removal *removal, int fd, const char *name)
{
    char fresh[64];
    return sb_temp_name(fresh, sizeof(fresh), ".sealbag-") < 0
               ? -1
               : renameat(fd, name, removal->top, fresh);
}

static int remove_entry(struct removal *removal, int fd, const char *name, int depth)
{
    if (unlinkat(fd, name, 0) == 0 || unlinkat(fd, name, AT_REMOVEDIR) == 0)
        return 0;
    if (depth > SB_PATH_DEPTH + 8)
        return lift(removal, fd, name);
    int inner = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (inner < 0)
        return -1;
    int r = remove_contents(removal, inner, depth + 1);
    close(inner);
    return unlinkat(fd, name, AT_REMOVEDIR) < 0 ? -1 : r;
}

static int visit_to_remove(void *context, int fd, const char *name, unsigned char kind)
{
    struct removal_round *turn = context;
    (void)kind;
    if (remove_entry(turn->removal, fd, name, turn->depth) < 0)
        turn->left++;
    else
        turn->removed++;
    return 0;
}

/* Without asking for memory, which may be what was short. Removing may move what is listed next, so
 * the folder is gone through until nothing more can be removed. */
static int remove_contents(struct removal *removal, int fd, int depth)
{
    enum { ROUNDS_MAX = 10000000 };
    struct removal_round turn;
    int r;
    do {
        turn = (struct removal_round){.removal = removal, .depth = depth};
        if (removal->rounds++ > ROUNDS_MAX)
            return -1;
        r = sb_tree_list(fd, visit_to_remove, &turn);
    } while (r == 0 && turn.removed > 0);
    return r == 0 && turn.left == 0 ? 0 : -1;
}

int sb_tree_empty(int fd)
{
    struct removal removal = {.top = fd};
    return remove_contents(&removal, fd, 0);
}

int sb_tree_remove(int dir_fd, const char *name)
{
    int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : -1;
    int result = sb_tree_empty(fd);
    close(fd);
    if (unlinkat(dir_fd, name, AT_REMOVEDIR) < 0)
        result = -1;
    return result;
}

int sb_tree_within(int fd, int (*is)(const void *context, const struct stat *folder),
                   const void *context)
{
    struct stat status, before = {0};
    int at = openat(fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int found = 0;
    while (at >= 0) {
        found = fstat(at, &status) < 0 ? -1 : is(context, &status);
        if (found != 0 || sb_tree_same(&status, &before))
            break; /* or the top */
        before = status;
        int above = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        int reason = errno;
        close(at);
        errno = reason;
        at = above;
    }
    if (at < 0)
        return -1;
    int reason = errno;
    close(at);
    errno = reason;
    return found;
}

bool sb_tree_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static int is_that(const void *context, const struct stat *folder)
{
    return sb_tree_same(context, folder);
}

int sb_tree_is_within(int fd, const struct stat *folder)
{
    return sb_tree_within(fd, is_that, folder);
}
