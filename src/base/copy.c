#define _GNU_SOURCE /* copy_file_range */
#include "base/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* How much the kernel is asked for at once, so that a run can be stopped; and by hand. */
enum { KERNEL_STEP = 64 << 20, HAND_STEP = 256 << 10 };

struct copy {
    struct sb_output *out;
    int fd;
    uint64_t len;
    sealbag_progress_fn progress;
    void *progress_context;
};

static int tick(const struct copy *copy, struct sb_error *error)
{
    const struct sealbag_progress now = {.bytes = copy->out->written, .bytes_total = copy->len};
    if (copy->progress == NULL || copy->progress(copy->progress_context, &now) == 0)
        return 0;
    return sb_error_set(error, SEALBAG_ERR_CANCELLED, "Stopped, as asked.");
}

/* Without space or with a broken disk, another way of copying is no better. */
static bool is_final(int reason)
{
    return reason == ENOSPC || reason == EDQUOT || reason == EIO || reason == EFBIG ||
           reason == ENOMEM;
}

/* 1: all is there. 0: the rest is for another way. */
static int copy_in_kernel(struct copy *copy, struct sb_error *error)
{
    struct sb_output *out = copy->out;
    while (out->written < copy->len) {
        off_t from = (off_t)out->written, to = (off_t)out->written;
        uint64_t left = copy->len - out->written;
        size_t step = left < KERNEL_STEP ? (size_t)left : KERNEL_STEP;
        ssize_t n = copy_file_range(copy->fd, &from, out->fd, &to, step, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && is_final(errno))
            return sb_error_errno(error, errno, "write", out->path);
        if (n <= 0) /* some file systems say 0 for what they cannot copy so */
            return 0;
        out->written += (uint64_t)n;
        int r = tick(copy, error);
        if (r < 0)
            return r;
    }
    return 1;
}

static int copy_piece(struct copy *copy, uint8_t *buffer, struct sb_error *error)
{
    uint64_t left = copy->len - copy->out->written;
    size_t step = left < HAND_STEP ? (size_t)left : HAND_STEP;
    ssize_t n;
    do {
        n = pread(copy->fd, buffer, step, (off_t)copy->out->written);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return sb_error_errno(error, errno, "read", "the bundle");
    if (n == 0)
        return sb_error_set(error, SEALBAG_ERR_CHANGED,
                            "The bundle became shorter while it was copied.");
    int r = sb_output_write(copy->out, buffer, (size_t)n, error);
    return r == 0 ? tick(copy, error) : r;
}

static int copy_by_hand(struct copy *copy, struct sb_error *error)
{
    uint8_t *buffer = malloc(HAND_STEP);
    if (buffer == NULL)
        return sb_error_memory(error);
    int r = 0;
    while (r == 0 && copy->out->written < copy->len)
        r = copy_piece(copy, buffer, error);
    free(buffer);
    return r;
}

int sb_output_copy(struct sb_output *out, int fd, uint64_t len, sealbag_progress_fn progress,
                   void *progress_context, struct sb_error *error)
{
    struct copy copy = {out, fd, len, progress, progress_context};
    struct stat status;
    if (len == 0)
        return 0;
    if (ioctl(out->fd, FICLONE, fd) == 0) {
        if (fstat(out->fd, &status) < 0)
            return sb_error_errno(error, errno, "examine", out->path);
        if ((uint64_t)status.st_size < len)
            return sb_error_set(error, SEALBAG_ERR_CHANGED,
                                "The bundle became shorter while it was copied.");
        return sb_output_truncate(out, len, error);
    }
    int r = copy_in_kernel(&copy, error);
    if (r < 0)
        return r;
    if (lseek(out->fd, (off_t)out->written, SEEK_SET) < 0)
        return sb_error_errno(error, errno, "write", out->path);
    return r > 0 ? 0 : copy_by_hand(&copy, error);
}

int sb_output_reopen(const struct sb_output *out, struct sb_error *error)
{
    char proc[64];
    snprintf(proc, sizeof(proc), "/proc/self/fd/%d", out->fd);
    int fd = out->temp_name != NULL
                 ? openat(out->dir_fd, out->temp_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
                 : open(proc, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        sb_error_errno(error, errno, "look at", out->path);
    return fd;
}
