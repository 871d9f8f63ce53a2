#include "base/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static int remove_contents(int fd, int depth)
{
    DIR *folder = depth <= SB_PATH_DEPTH + 8 ? fdopendir(fd) : NULL;
    if (folder == NULL) {
        close(fd);
        return -1;
    }
    int result = 0;
    struct dirent *found;
    while ((found = readdir(folder)) != NULL) {
        const char *name = found->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        if (unlinkat(dirfd(folder), name, 0) == 0)
            continue;
        int inner = openat(dirfd(folder), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (inner < 0 || remove_contents(inner, depth + 1) < 0 ||
            unlinkat(dirfd(folder), name, AT_REMOVEDIR) < 0)
            result = -1;
    }
    closedir(folder);
    return result;
}

int sb_tree_remove(int dir_fd, const char *name)
{
    int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : -1;
    int result = remove_contents(fd, 0);
    if (unlinkat(dir_fd, name, AT_REMOVEDIR) < 0)
        result = -1;
    return result;
}
