#define _GNU_SOURCE /* flistxattr */
#include "base/access.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

/* The access control list of the old file, whose mask are the group's bits of the mode; or none,
 * also when the folder would give one. */
static bool take_over_list(int fd, int old_fd)
{
    enum { LIST_MAX = 16 << 10 };
    static const char name[] = "system.posix_acl_access";
    char list[LIST_MAX];
    ssize_t size = old_fd >= 0 ? fgetxattr(old_fd, name, list, sizeof(list)) : 0;
    if (size > 0)
        return fsetxattr(fd, name, list, (size_t)size, 0) == 0;
    if (size < 0 && errno != ENODATA && errno != ENOTSUP)
        return false;
    return fremovexattr(fd, name) == 0 || errno == ENODATA || errno == ENOTSUP;
}

void sb_access_take_over_notes(int fd, int old_fd)
{
    enum { MOST = 64 << 10 }; /* of all names together, and of a value */
    static const char kind[] = "user.";
    char *names = malloc(2 * (size_t)MOST);
    ssize_t len = names != NULL ? flistxattr(old_fd, names, MOST) : 0;
    for (ssize_t at = 0; at < len; at += (ssize_t)strlen(names + at) + 1) {
        if (strncmp(names + at, kind, sizeof(kind) - 1) != 0)
            continue;
        ssize_t size = fgetxattr(old_fd, names + at, names + MOST, MOST);
        if (size >= 0)
            (void)fsetxattr(fd, names + at, names + MOST, (size_t)size, 0);
    }
    free(names);
}

int sb_access_take_over(int fd, int old_fd, const struct stat *old)
{
    mode_t mode = old->st_mode & 0777; /* never a set-user-id bit for another owner */
    struct stat own;
    if (fstat(fd, &own) < 0)
        return -1;
    bool same = own.st_uid == old->st_uid && own.st_gid == old->st_gid;
    /* Of a group that it cannot be given to, the members may do what all may. */
    if (!same && fchown(fd, old->st_uid, old->st_gid) < 0 && own.st_gid != old->st_gid &&
        fchown(fd, (uid_t)-1, old->st_gid) < 0)
        mode &= ~(mode_t)S_IRWXG | ((mode & S_IRWXO) << 3);
    if (!take_over_list(fd, old_fd))
        mode &= ~(mode_t)S_IRWXG;
    return fchmod(fd, mode);
}
