#define _GNU_SOURCE
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/access.h"
#include "base/text.h"

ssize_t sb_fd_read(int fd, void *bytes, size_t len)
{
    ssize_t n;
    do {
        n = read(fd, bytes, len);
    } while (n < 0 && errno == EINTR);
    return n;
}

int sb_path_there(struct stat *status, int dir_fd, const char *name)
{
    if (fstatat(dir_fd, name, status, AT_SYMLINK_NOFOLLOW) == 0)
        return 1;
    return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
}

int sb_fd_write(int fd, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

bool sb_fd_rest(uint64_t *start, uint64_t *size, int fd)
{
    struct stat status;
    off_t at = lseek(fd, 0, SEEK_CUR);
    if (at < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size <= at)
        return false;
    *start = (uint64_t)at;
    *size = (uint64_t)(status.st_size - at);
    return true;
}

int sb_file_take(struct sb_buf *out, int fd, const char *path, size_t max, struct sb_error *error)
{
    enum { STEP = 64 * 1024 };
    uint64_t start, size;
    size_t total = 0;
    if (sb_fd_rest(&start, &size, fd) && size <= max && sb_buf_expect(out, size + STEP) < 0)
        return sb_error_memory(error);
    for (;;) {
        if (sb_buf_reserve(out, STEP) < 0)
            return sb_error_memory(error);
        ssize_t n = sb_fd_read(fd, out->data + out->len, STEP);
        if (n < 0)
            return sb_error_errno(error, errno, "read", path);
        if (n == 0)
            return 0;
        total += (size_t)n;
        if (total > max) {
            char shown[1024];
            return sb_error_set(error, SEALBAG_ERR_LIMIT,
                                "%s is larger than the %zu bytes that such a file may have.",
                                sealbag_text_escape(shown, sizeof(shown), path), max);
        }
        out->len += (size_t)n;
        out->data[out->len] = 0;
    }
}

int sb_file_open(int *fd, mode_t *mode, const char *path, struct sb_error *error)
{
    char shown[1024];
    struct stat status;
    int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (opened < 0)
        return sb_error_errno(error, errno, "open", path);
    int r = 0;
    if (fstat(opened, &status) < 0)
        r = sb_error_errno(error, errno, "examine", path);
    else if (!S_ISREG(status.st_mode))
        r = sb_error_set(error, SEALBAG_ERR_IO, "%s is not a regular file.",
                         sealbag_text_escape(shown, sizeof(shown), path));
    if (r < 0) {
        close(opened);
        return r;
    }
    if (mode != NULL)
        *mode = status.st_mode & 07777;
    *fd = opened;
    return 0;
}

int sb_file_read(struct sb_buf *out, mode_t *mode, const char *path, size_t max,
                 struct sb_error *error)
{
    int fd = -1;
    int r = sb_file_open(&fd, mode, path, error);
    if (r < 0)
        return r;
    r = sb_file_take(out, fd, path, max, error);
    close(fd);
    return r;
}

int sb_path_split(char **folder, char **name, const char *path)
{
    const char *slash = strrchr(path, '/');
    *name = strdup(slash != NULL ? slash + 1 : path);
    if (slash == NULL)
        *folder = strdup(".");
    else
        *folder = strndup(path, slash == path ? 1 : (size_t)(slash - path));
    if (*name != NULL && *folder != NULL)
        return 0;
    free(*name);
    free(*folder);
    *name = *folder = NULL;
    return SEALBAG_ERR_MEMORY;
}

/* A folder on a file system that cannot sync folders (EINVAL) has nothing to be synced. */
static int sync_folder(int fd)
{
    return fsync(fd) == 0 || errno == EINVAL ? 0 : -1;
}

int sb_file_create(const char *path, mode_t mode, const void *bytes, size_t len,
                   struct sb_error *error)
{
    struct sb_output out;
    int r = sb_output_open(&out, path, false, mode, error);
    if (r < 0)
        return r;
    r = sb_output_write(&out, bytes, len, error);
    if (r < 0) {
        sb_output_abort(&out);
        return r;
    }
    return sb_output_commit(&out, false, error);
}

int sb_temp_name(char *name, size_t size, const char *prefix)
{
    uint8_t random[8];
    size_t len = strlen(prefix);
    if (len + 2 * sizeof(random) + 1 > size)
        return -1;
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return -1;
    memcpy(name, prefix, len);
    sb_hex_encode(name + len, random, sizeof(random));
    return 0;
}

/* File systems without O_TMPFILE say EOPNOTSUPP, EISDIR or ENOENT. */
static int open_temp(struct sb_output *out, mode_t mode)
{
    out->fd = openat(out->dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
    if (out->fd >= 0)
        return 0;
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL)
        return -1;
    char name[64];
    if (sb_temp_name(name, sizeof(name), ".sealbag-") < 0)
        return -1;
    out->fd = openat(out->dir_fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (out->fd < 0)
        return -1;
    out->temp_name = strdup(name);
    if (out->temp_name == NULL) {
        unlinkat(out->dir_fd, name, 0);
        errno = ENOMEM;
        return -1;
    }
    return 0;
}

static int refuse_existing(const char *path, bool forcible, struct sb_error *error)
{
    char shown[1024];
    return sb_error_set(error, SEALBAG_ERR_EXISTS,
                        "%s exists already, and nothing is overwritten. Choose another name%s.",
                        sealbag_text_escape(shown, sizeof(shown), path),
                        forcible ? ", or replace it with --force" : "");
}

static int refuse_odd(const char *path, struct sb_error *error)
{
    char shown[1024];
    return sb_error_set(error, SEALBAG_ERR_EXISTS,
                        "%s is there and is not a regular file, so it is never replaced. Choose "
                        "another name, or write to a pipe with -.",
                        sealbag_text_escape(shown, sizeof(shown), path));
}

static int open_output(struct sb_output *out, const char *path, bool force, bool forcible,
                       mode_t mode, struct sb_error *error)
{
    *out = (struct sb_output){.fd = -1, .dir_fd = -1, .seekable = true};
    char *folder = NULL;
    out->path = strdup(path);
    if (out->path == NULL || sb_path_split(&folder, &out->name, path) < 0) {
        sb_output_abort(out);
        return sb_error_memory(error);
    }
    int r = 0;
    struct stat status;
    int there = 0;
    out->dir_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (out->dir_fd < 0) {
        r = sb_error_errno(error, errno, "use the folder", folder);
    } else if ((there = sb_path_there(&status, out->dir_fd, out->name)) < 0) {
        r = sb_error_errno(error, errno, "examine", path);
    } else if (there > 0 && (!force || !S_ISREG(status.st_mode))) {
        r = S_ISREG(status.st_mode) ? refuse_existing(path, forcible, error)
                                    : refuse_odd(path, error);
    } else if (open_temp(out, mode) < 0) {
        r = sb_error_errno(error, errno, "write in the folder", folder);
    }
    free(folder);
    if (r < 0)
        sb_output_abort(out);
    return r;
}

int sb_output_open(struct sb_output *out, const char *path, bool force, mode_t mode,
                   struct sb_error *error)
{
    return open_output(out, path, force, false, mode, error);
}

int sb_output_open_forcible(struct sb_output *out, const char *path, bool force, mode_t mode,
                            struct sb_error *error)
{
    return open_output(out, path, force, true, mode, error);
}

void sb_output_stream(struct sb_output *out, int fd)
{
    *out = (struct sb_output){.fd = fd, .dir_fd = -1};
}

static const char *shown_path(const struct sb_output *out)
{
    return out->path != NULL ? out->path : "the output";
}

int sb_output_write(struct sb_output *out, const void *bytes, size_t len, struct sb_error *error)
{
    if (sb_fd_write(out->fd, bytes, len) < 0)
        return sb_error_errno(error, errno, "write", shown_path(out));
    out->written += len;
    return 0;
}

int sb_output_patch(struct sb_output *out, uint64_t offset, const void *bytes, size_t len,
                    struct sb_error *error)
{
    const uint8_t *at = bytes;
    if (!out->seekable)
        return sb_error_set(error, SEALBAG_ERR_UNSUPPORTED, "A pipe cannot be changed.");
    while (len > 0) {
        ssize_t n = pwrite(out->fd, at, len, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return sb_error_errno(error, n < 0 ? errno : EIO, "write", shown_path(out));
        at += n;
        offset += (uint64_t)n;
        len -= (size_t)n;
    }
    return 0;
}

int sb_output_truncate(struct sb_output *out, uint64_t offset, struct sb_error *error)
{
    if (!out->seekable)
        return sb_error_set(error, SEALBAG_ERR_UNSUPPORTED, "A pipe cannot be taken back.");
    if (ftruncate(out->fd, (off_t)offset) < 0 || lseek(out->fd, (off_t)offset, SEEK_SET) < 0)
        return sb_error_errno(error, errno, "shorten", shown_path(out));
    out->written = offset;
    return 0;
}

int sb_file_lock(int fd, const char *path, struct sb_error *error)
{
    int r;
    do {
        r = flock(fd, LOCK_EX | LOCK_NB);
    } while (r < 0 && errno == EINTR);
    if (r == 0 || errno != EWOULDBLOCK)
        return 0;
    char shown[1024];
    return sb_error_set(error, SEALBAG_ERR_CHANGED,
                        "%s is being added to by another run just now. Wait for it, and try again.",
                        sealbag_text_escape(shown, sizeof(shown), path));
}

/* Gives the nameless file a name; linkat through /proc needs no privilege. */
static int link_unnamed(struct sb_output *out, const char *name)
{
    char proc[64];
    snprintf(proc, sizeof(proc), "/proc/self/fd/%d", out->fd);
    return linkat(AT_FDCWD, proc, out->dir_fd, name, AT_SYMLINK_FOLLOW);
}

static int name_without_replacing(struct sb_output *out)
{
    if (out->temp_name == NULL)
        return link_unnamed(out, out->name);
    if (renameat2(out->dir_fd, out->temp_name, out->dir_fd, out->name, RENAME_NOREPLACE) < 0) {
        /* FAT and some network file systems have no RENAME_NOREPLACE, but some have links. */
        if (errno != EINVAL && errno != ENOSYS)
            return -1;
        if (linkat(out->dir_fd, out->temp_name, out->dir_fd, out->name, 0) == 0)
            return unlinkat(out->dir_fd, out->temp_name, 0);
        if (errno == EEXIST)
            return -1;
        struct stat status;
        int there = sb_path_there(&status, out->dir_fd, out->name);
        if (there > 0)
            errno = EEXIST;
        if (there != 0)
            return -1;
        return renameat(out->dir_fd, out->temp_name, out->dir_fd, out->name);
    }
    return 0;
}

/* Whether the name still leads to this very file. */
static bool is_still(const struct sb_output *out, const struct stat *old)
{
    struct stat status;
    return sb_path_there(&status, out->dir_fd, out->name) > 0 && status.st_dev == old->st_dev &&
           status.st_ino == old->st_ino && status.st_size == old->st_size &&
           status.st_mtim.tv_sec == old->st_mtim.tv_sec &&
           status.st_mtim.tv_nsec == old->st_mtim.tv_nsec;
}

/* `old` is NULL when it does not matter what is replaced. */
static int name_replacing(struct sb_output *out, const struct stat *old)
{
    if (out->temp_name == NULL) {
        char name[64];
        if (sb_temp_name(name, sizeof(name), ".sealbag-") < 0 || link_unnamed(out, name) < 0)
            return -1;
        out->temp_name = strdup(name);
        if (out->temp_name == NULL) {
            unlinkat(out->dir_fd, name, 0);
            errno = ENOMEM;
            return -1;
        }
    }
    if (old != NULL && !is_still(out, old)) {
        errno = ESTALE;
        return -1;
    }
    return renameat(out->dir_fd, out->temp_name, out->dir_fd, out->name);
}

static int not_named(const struct sb_output *out, bool over, int reason, struct sb_error *error)
{
    char shown[1024];
    if (over && reason == ESTALE)
        return sb_error_set(error, SEALBAG_ERR_CHANGED,
                            "%s was changed or replaced meanwhile, so it was left as it is now. "
                            "Look at it, and try again.",
                            sealbag_text_escape(shown, sizeof(shown), out->path));
    return reason == EEXIST ? refuse_existing(out->path, false, error)
                            : sb_error_errno(error, reason, "give its name to", out->path);
}

static int not_stored(const struct sb_output *out, int reason, struct sb_error *error)
{
    char shown[1024];
    return sb_error_set(error, SEALBAG_ERR_IO,
                        "%s is written and in its place, but perhaps not stored yet: after a power "
                        "cut the old one could be there again (%s). Look at the disk.",
                        sealbag_text_escape(shown, sizeof(shown), out->path), strerror(reason));
}

static int commit(struct sb_output *out, bool force, const struct stat *old, struct sb_error *error)
{
    if (out->path == NULL)
        return 0; /* a stream has no name to be given */
    /* A failed fsync is final: the kernel may have dropped the pages, a second one would lie. */
    int r = 0;
    if (fsync(out->fd) < 0) {
        r = sb_error_errno(error, errno, "store", out->path);
    } else if ((force ? name_replacing(out, old) : name_without_replacing(out)) < 0) {
        r = not_named(out, old != NULL, errno, error);
    } else {
        free(out->temp_name);
        out->temp_name = NULL;
        int fd = out->fd;
        out->fd = -1;
        if (close(fd) < 0 || sync_folder(out->dir_fd) < 0) {
            /* What was replaced cannot be brought back; the new file is complete, so it stays. */
            r = force ? not_stored(out, errno, error)
                      : sb_error_errno(error, errno, "store", out->path);
            if (!force)
                unlinkat(out->dir_fd, out->name, 0);
        }
    }
    sb_output_abort(out);
    return r;
}

int sb_output_commit(struct sb_output *out, bool force, struct sb_error *error)
{
    return commit(out, force, NULL, error);
}

int sb_output_commit_over(struct sb_output *out, int old_fd, const struct stat *old,
                          struct sb_error *error)
{
    if (old_fd >= 0)
        sb_access_take_over_notes(out->fd, old_fd);
    if (sb_access_take_over(out->fd, old_fd, old) == 0)
        return commit(out, true, old, error);
    int r = sb_error_errno(error, errno, "set the permissions of", out->path);
    sb_output_abort(out);
    return r;
}

void sb_output_abort(struct sb_output *out)
{
    if (out->temp_name != NULL)
        unlinkat(out->dir_fd, out->temp_name, 0);
    if (out->dir_fd >= 0) {
        if (out->fd >= 0)
            close(out->fd);
        close(out->dir_fd);
    }
    free(out->temp_name);
    free(out->name);
    free(out->path);
    *out = (struct sb_output){.fd = -1, .dir_fd = -1};
}
