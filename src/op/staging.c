#define _GNU_SOURCE /* renameat2, syncfs */
#include "op/staging.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"

static const char bag_folder[] = "bag";

static int path_error(struct sb_error *error, const char *verb, const char *directory,
                      const char *path)
{
    int reason = errno;
    struct sb_buf full = {0};
    int r = sb_buf_printf(&full, "%s/%s", directory, path);
    if (r == 0)
        sb_error_errno(error, reason, verb, (const char *)full.data);
    else
        sb_error_errno(error, reason, verb, directory);
    sb_buf_free(&full);
    /* Whatever it was, it is a failure to write, not something that was not found. */
    if (error != NULL && error->code != SEALBAG_ERR_EXISTS)
        error->code = SEALBAG_ERR_IO;
    return error != NULL ? error->code : SEALBAG_ERR_IO;
}

int sb_staging_open(struct sb_staging *staging, const char *directory, struct sb_error *error)
{
    *staging = (struct sb_staging){.dir_fd = -1, .fd = -1, .file = -1, .directory = directory};
    sb_tree_init(&staging->tree, -1);
    staging->dir_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (staging->dir_fd < 0)
        return sb_error_errno(error, errno, "use the folder", directory);
    char name[64];
    if (sb_temp_name(name, sizeof(name), ".sealbag-") < 0)
        return sb_error_set(error, SEALBAG_ERR_SYSTEM, "The system gives no random numbers.");
    if (mkdirat(staging->dir_fd, name, 0700) < 0)
        return sb_error_errno(error, errno, "write in the folder", directory);
    memcpy(staging->name, name, sizeof(name));
    int fd = openat(staging->dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && mkdirat(fd, bag_folder, 0777) == 0)
        staging->fd = openat(fd, bag_folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int r = staging->fd < 0 ? path_error(error, "write in", directory, name) : 0;
    if (fd >= 0)
        close(fd);
    sb_tree_init(&staging->tree, staging->fd);
    return r;
}

void sb_staging_restart(struct sb_staging *staging)
{
    sb_tree_close(&staging->tree);
    if (staging->file >= 0)
        close(staging->file);
    staging->file = -1;
    free(staging->top);
    staging->top = NULL;
    sb_inventory_free(&staging->saved);
    staging->documents = staging->bytes = 0;
    staging->collided = false;
    staging->filter = NULL;
    staging->judge = NULL;
}

int sb_staging_empty(struct sb_staging *staging, struct sb_error *error)
{
    sb_staging_restart(staging);
    return sb_tree_empty(staging->fd) < 0
               ? path_error(error, "remove what was written in", staging->directory, staging->name)
               : 0;
}

static int refuse_existing(struct sb_error *error, const char *directory, const char *name)
{
    char shown[600], where[700];
    return sb_error_set(error, SEALBAG_ERR_EXISTS,
                        "\"%s\" exists already in %s, and nothing is overwritten. Extract into "
                        "another folder with -C.",
                        sealbag_text_escape(shown, sizeof(shown), name),
                        sealbag_text_escape(where, sizeof(where), directory));
}

int sb_staging_check_free(const char *directory, const char *name, struct sb_error *error)
{
    struct stat status;
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return sb_error_errno(error, errno, "use the folder", directory);
    int there = sb_path_there(&status, fd, name);
    int r = there < 0   ? path_error(error, "examine", directory, name)
            : there > 0 ? refuse_existing(error, directory, name)
                        : 0;
    close(fd);
    return r;
}

static int begin(void *context, bool *want, const char *top, const char *path,
                 struct sb_error *error)
{
    struct sb_staging *staging = context;
    *want = staging->filter == NULL || staging->filter(staging->context, path);
    if (!*want)
        return 0;
    if (staging->top == NULL) {
        staging->top = strdup(top);
        if (staging->top == NULL)
            return sb_error_memory(error);
    }
    const char *name;
    int dir_fd = sb_tree_parent(&staging->tree, path, true, &name);
    if (dir_fd >= 0)
        staging->file =
            openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    staging->file_bytes = 0;
    if (staging->file >= 0)
        return 0;
    if (errno == EEXIST || errno == ENOTDIR || errno == EISDIR || errno == ELOOP) {
        /* The bundle has the path twice, or as a file and a folder: then the scan judges it. Or
         * this disk takes two different names for one (case, Unicode form, trailing dots). */
        *want = false;
        staging->collided = staging->judge == NULL;
        return 0;
    }
    return path_error(error, "write", staging->directory, path);
}

static int data(void *context, const void *bytes, size_t len, struct sb_error *error)
{
    struct sb_staging *staging = context;
    staging->file_bytes += len;
    if (sb_fd_write(staging->file, bytes, len) < 0)
        return sb_error_errno(error, errno, "write in the folder", staging->directory);
    return 0;
}

static int end(void *context, const char *path, bool lost, const uint8_t *digest,
               struct sb_error *error)
{
    struct sb_staging *staging = context;
    int file = staging->file;
    staging->file = -1;
    if (close(file) < 0)
        return path_error(error, "write", staging->directory, path);
    bool keep = !lost && (staging->judge == NULL || staging->judge(staging->context, path, digest));
    if (!keep) {
        const char *name;
        int dir_fd = sb_tree_parent(&staging->tree, path, false, &name);
        if (dir_fd < 0 || unlinkat(dir_fd, name, 0) < 0)
            return path_error(error, "remove", staging->directory, path);
        return 0;
    }
    if (staging->judge != NULL &&
        sb_inventory_add(&staging->saved, path, staging->file_bytes, 0, digest) < 0)
        return sb_error_memory(error);
    if (sb_part_of(path) == SB_PART_PAYLOAD) {
        staging->documents++;
        staging->bytes += staging->file_bytes;
    }
    return 0;
}

struct sb_sink sb_staging_sink(struct sb_staging *staging)
{
    return (struct sb_sink){
        .context = staging,
        .begin = begin,
        .data = data,
        .end = end,
        .needs_digest = staging->judge != NULL,
    };
}

int sb_staging_sync(const struct sb_staging *staging, struct sb_error *error)
{
    return syncfs(staging->fd) < 0 && errno != EINVAL
               ? sb_error_errno(error, errno, "store what was written in", staging->directory)
               : 0;
}

int sb_staging_publish(struct sb_staging *staging, const char *name, struct sb_error *error)
{
    /* Whoever chose it: it is one component, so that it lies in the destination. */
    if (sb_bag_name_bad(name, strlen(name)) != NULL)
        return sb_error_set(error, SEALBAG_ERR_DAMAGED,
                            "The bag has a name that cannot be used, so nothing was extracted.");
    if (staging->collided) {
        char shown[700];
        return sb_error_set(error, SEALBAG_ERR_IO,
                            "The disk of %s cannot hold two of the names apart, so nothing was "
                            "extracted. Extract to another disk, or take single documents.",
                            sealbag_text_escape(shown, sizeof(shown), staging->directory));
    }
    int r = sb_staging_sync(staging, error);
    if (r < 0)
        return r;
    struct sb_buf from = {0};
    if (sb_buf_printf(&from, "%s/%s", staging->name, bag_folder) < 0)
        return sb_error_memory(error);
    const char *from_path = (const char *)from.data;
    int result = renameat2(staging->dir_fd, from_path, staging->dir_fd, name, RENAME_NOREPLACE);
    /* A file system without RENAME_NOREPLACE: rename replaces nothing but an empty folder. */
    if (result < 0 && (errno == EINVAL || errno == ENOSYS)) {
        struct stat status;
        int there = sb_path_there(&status, staging->dir_fd, name);
        if (there > 0)
            errno = EEXIST;
        if (there == 0)
            result = renameat(staging->dir_fd, from_path, staging->dir_fd, name);
    }
    if (result < 0 && (errno == EEXIST || errno == ENOTEMPTY)) {
        r = refuse_existing(error, staging->directory, name);
    } else if (result < 0) {
        r = path_error(error, "publish", staging->directory, name);
    } else if (fsync(staging->dir_fd) < 0 && errno != EINVAL) {
        r = path_error(error, "store", staging->directory, name);
        /* What might not survive must not look finished: back into staging, which is removed. */
        renameat(staging->dir_fd, name, staging->dir_fd, from_path);
    }
    sb_buf_free(&from);
    return r;
}

int sb_staging_close(struct sb_staging *staging, int result, struct sb_error *error)
{
    int r = result;
    sb_staging_restart(staging);
    if (staging->fd >= 0)
        close(staging->fd);
    if (staging->name[0] != 0 && sb_tree_remove(staging->dir_fd, staging->name) < 0) {
        char shown[700];
        if (result >= 0)
            r = path_error(error, "remove the unfinished", staging->directory, staging->name);
        else
            sb_error_add(error, " What was begun is left in %s/%s and can be removed.",
                         sealbag_text_escape(shown, sizeof(shown), staging->directory),
                         staging->name);
    }
    if (staging->dir_fd >= 0)
        close(staging->dir_fd);
    *staging = (struct sb_staging){.dir_fd = -1, .fd = -1, .file = -1};
    return r;
}
