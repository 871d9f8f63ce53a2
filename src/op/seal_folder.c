#define _GNU_SOURCE /* renameat2 */
#include "op/seal_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bag/seal.h"
#include "base/access.h"
#include "base/file.h"
#include "base/tree.h"

static const char seal_name[] = "seal";

static int moved(const struct sb_seal_folder *folder, struct sb_error *error)
{
    char shown[1024];
    return sb_error_set(error, SEALBAG_ERR_CHANGED,
                        "%s was moved or replaced meanwhile. Nothing was added to it. Look for it, "
                        "and try again.",
                        sealbag_text_escape(shown, sizeof(shown), folder->path));
}

/* Whether the folder in which it is to be built holds this very bag. */
static bool is_above(const struct sb_seal_folder *folder)
{
    struct stat named, bag;
    return fstatat(folder->staging.dir_fd, folder->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           fstat(folder->bag, &bag) == 0 && sb_tree_same(&named, &bag);
}

int sb_seal_folder_open(struct sb_seal_folder *folder, int bag, const char *path,
                        struct sb_error *error)
{
    const char *slash = strrchr(path, '/');
    *folder = (struct sb_seal_folder){
        .bag = bag, .path = path, .staging = {.dir_fd = -1, .fd = -1, .file = -1}};
    sb_tree_init(&folder->old, bag);
    if (slash == NULL || slash[1] == 0)
        return sb_error_set(error, SEALBAG_ERR_UNSUPPORTED,
                            "The bag is the top of a disk, beside which nothing can be built. Copy "
                            "it into a folder.");
    folder->name = slash + 1;
    folder->above = strndup(path, slash > path ? (size_t)(slash - path) : 1);
    if (folder->above == NULL)
        return sb_error_memory(error);
    int r = sb_staging_open(&folder->staging, folder->above, error);
    if (r == 0 && !is_above(folder))
        r = moved(folder, error);
    struct stat status;
    int there = r == 0 ? sb_path_there(&status, bag, seal_name) : 0;
    if (there < 0)
        r = sb_error_errno(error, errno, "examine seal/ in", path);
    folder->replaces = there > 0;
    return r;
}

/* ---- building ---------------------------------------------------------------------------- */

/* Who could not use the old file cannot use this one; a file that is new is like seal.txt. */
static int take_over_file(struct sb_seal_folder *folder, const char *path)
{
    struct stat status;
    int old = sb_folder_open_file(&status, &folder->old, path);
    if (old >= 0)
        sb_access_take_over_notes(folder->staging.file, old);
    else
        old = sb_folder_open_file(&status, &folder->old, SB_SEAL_TXT);
    int r = old >= 0 ? sb_access_take_over(folder->staging.file, old, &status) : -1;
    int reason = errno;
    if (old >= 0)
        close(old);
    errno = reason;
    return r;
}

int sb_seal_folder_add(struct sb_seal_folder *folder, const char *path, const void *bytes,
                       size_t len, struct sb_error *error)
{
    const struct sb_sink sink = sb_staging_sink(&folder->staging);
    char shown[600];
    bool want;
    int r = sink.begin(sink.context, &want, folder->name, path, error);
    if (r == 0 && !want)
        r = sb_error_set(error, SEALBAG_ERR_EXISTS, "The seal has %s already. Nothing was added.",
                         sealbag_text_escape(shown, sizeof(shown), path));
    if (r == 0)
        r = sink.data(sink.context, bytes, len, error);
    if (r == 0 && folder->replaces && take_over_file(folder, path) < 0)
        r = sb_error_errno(error, errno, "set the permissions of a new seal for", folder->path);
    return r == 0 ? sink.end(sink.context, path, false, NULL, error) : r;
}

/* Of a folder of the new seal. `like`: the old one; it is not there when there were no such files.
 */
static int take_over_folder(struct sb_seal_folder *folder, const char *path, const char *like)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    struct stat status;
    int fd = openat(folder->staging.fd, path, flags);
    if (fd < 0)
        return errno == ENOENT ? 0 : -1;
    int old = openat(folder->bag, like, flags);
    int r = old >= 0 && fstat(old, &status) == 0 ? sb_access_take_over(fd, old, &status) : -1;
    int reason = errno;
    if (old >= 0)
        close(old);
    close(fd);
    errno = reason;
    return r;
}

static int take_over_folders(struct sb_seal_folder *folder)
{
    struct stat status;
    static const char custody[] = "seal/custody";
    int there = fstatat(folder->bag, custody, &status, AT_SYMLINK_NOFOLLOW);
    return take_over_folder(folder, custody, there == 0 ? custody : seal_name) < 0
               ? -1
               : take_over_folder(folder, seal_name, seal_name);
}

int sb_seal_folder_list(struct sb_scan *scan, struct sb_findings *findings,
                        const struct sb_seal_folder *folder,
                        const struct sb_reader_options *reading, struct sb_error *error)
{
    struct sb_folder list = {.fd = folder->staging.fd, .name = folder->name, .reading = reading};
    int r = sb_folder_list(scan, findings, &list, error);
    sb_folder_free(&list);
    return r;
}

/* ---- publishing -------------------------------------------------------------------------- */

static int rename_new(int from, int to, const char *name)
{
    if (renameat2(from, name, to, name, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    /* A file system without RENAME_NOREPLACE: of a folder, rename replaces nothing but an empty
     * one. */
    struct stat status;
    int there = sb_path_there(&status, to, name);
    if (there > 0)
        errno = EEXIST;
    return there == 0 ? renameat(from, name, to, name) : -1;
}

static int exchange(const struct sb_seal_folder *folder)
{
    return renameat2(folder->staging.fd, seal_name, folder->bag, seal_name, RENAME_EXCHANGE);
}

static int put_back(const struct sb_seal_folder *folder)
{
    return folder->replaces ? exchange(folder)
                            : renameat(folder->bag, seal_name, folder->staging.fd, seal_name);
}

static int not_published(const struct sb_seal_folder *folder, int reason, struct sb_error *error)
{
    char shown[1024];
    sealbag_text_escape(shown, sizeof(shown), folder->path);
    if (reason == EEXIST || reason == ENOTEMPTY)
        return sb_error_set(error, SEALBAG_ERR_EXISTS,
                            "%s has got a seal meanwhile, which was left as it is.", shown);
    if (reason == ENOENT)
        return moved(folder, error);
    if (reason == EXDEV)
        return sb_error_set(error, SEALBAG_ERR_UNSUPPORTED,
                            "What is in %s cannot be exchanged for what was built beside it: the "
                            "bag is the top of a disk, or from the image of a container. Nothing "
                            "was added. Copy it into a new folder, and do it there.",
                            shown);
    if (folder->replaces && (reason == EINVAL || reason == ENOSYS || reason == EOPNOTSUPP))
        return sb_error_set(error, SEALBAG_ERR_UNSUPPORTED,
                            "The disk of %s cannot exchange two folders in one step, without which "
                            "the seal could be lost halfway. Nothing was added. Copy the bag to "
                            "another disk, and do it there.",
                            shown);
    return sb_error_errno(error, reason, "put the new seal into", folder->path);
}

static int sync_folder(int fd)
{
    return fsync(fd) < 0 && errno != EINVAL ? -1 : 0;
}

int sb_seal_folder_publish(struct sb_seal_folder *folder, struct sb_error *error)
{
    if (folder->staging.collided)
        return sb_error_set(error, SEALBAG_ERR_IO,
                            "The disk cannot hold two of the seal's names apart. Nothing was "
                            "added.");
    if (folder->replaces && take_over_folders(folder) < 0)
        return sb_error_errno(error, errno, "set the permissions of a new seal for", folder->path);
    int r = sb_staging_sync(&folder->staging, error);
    if (r < 0)
        return r;
    if ((folder->replaces ? exchange(folder)
                          : rename_new(folder->staging.fd, folder->bag, seal_name)) < 0)
        return not_published(folder, errno, error);
    folder->published = true;
    if (sync_folder(folder->bag) == 0)
        return 0;
    /* What might not survive must not look finished. */
    r = sb_error_errno(error, errno, "store", folder->path);
    int back = sb_seal_folder_revert(folder, error);
    return back < 0 ? back : r;
}

/* Moves what is called so from one folder into another, and stores that. 0, or errno. */
static int put(int from, int to, const char *name)
{
    if (rename_new(from, to, name) < 0)
        return errno;
    if (sync_folder(to) == 0)
        return 0;
    int reason = errno;
    (void)!renameat(to, name, from, name);
    return reason;
}

int sb_seal_folder_put(struct sb_seal_folder *folder, const char *path, struct sb_error *error)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    const char *name = path + sizeof(seal_name); /* behind "seal/" */
    int from = openat(folder->staging.fd, seal_name, flags);
    int to = from >= 0 ? openat(folder->bag, seal_name, flags) : -1;
    int reason = to >= 0 ? put(from, to, name) : errno;
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    folder->published = reason == 0;
    return reason == 0 ? 0 : not_published(folder, reason, error);
}

int sb_seal_folder_revert(struct sb_seal_folder *folder, struct sb_error *error)
{
    struct sb_staging *staging = &folder->staging;
    char shown[1024], where[1024];
    if (put_back(folder) == 0) {
        folder->published = false;
        return 0;
    }
    sealbag_text_escape(shown, sizeof(shown), folder->path);
    sealbag_text_escape(where, sizeof(where), folder->above);
    int r =
        sb_error_set(error, SEALBAG_ERR_IO,
                     "The new seal is in %s, but it is not sure that it should be, and it could "
                     "not be taken back (%s). The old one is in %s/%s.",
                     shown, strerror(errno), where, staging->name);
    staging->name[0] = 0; /* which leaves it there */
    return r;
}

int sb_seal_folder_close(struct sb_seal_folder *folder, int result, struct sb_error *error)
{
    char name[sizeof(folder->staging.name)], shown[1024];
    memcpy(name, folder->staging.name, sizeof(name));
    sb_tree_close(&folder->old);
    int r = sb_staging_close(&folder->staging, result, error);
    if (r < 0 && result >= 0 && folder->published)
        r = sb_error_set(error, SEALBAG_ERR_IO,
                         folder->replaces
                             ? "The new seal is in its place. The old one is left in %s/%s and can "
                               "be removed."
                             : "The seal is in its place. A folder is left, %s/%s, and can be "
                               "removed.",
                         sealbag_text_escape(shown, sizeof(shown), folder->above), name);
    free(folder->above);
    *folder = (struct sb_seal_folder){.bag = -1, .staging = {.dir_fd = -1, .fd = -1, .file = -1}};
    return r;
}
