/* One document: the bytes that are hashed are the bytes that are archived. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "op/create_impl.h"

enum { ATTEMPTS = 3 };

static const char *shown_source(char *out, size_t size, const struct sb_create *create,
                                const struct sb_source_file *file)
{
    struct sb_buf path = {0};
    const struct sb_source_root *root = &create->source.roots[file->root];
    if (root->is_folder)
        sb_buf_printf(&path, "%s%s%s", root->shown,
                      root->shown[strlen(root->shown) - 1] == '/' ? "" : "/", file->path);
    else
        sb_buf_puts(&path, root->shown);
    sealbag_text_escape(out, size, path.data != NULL ? (const char *)path.data : "a document");
    sb_buf_free(&path);
    return out;
}

static int source_error(struct sb_error *error, int code, const char *what,
                        const struct sb_create *create, const struct sb_source_file *file)
{
    char shown[1024];
    return sb_error_set(error, code, "%s %s.", shown_source(shown, sizeof(shown), create, file),
                        what);
}

static int read_error(struct sb_error *error, int errnum, const struct sb_create *create,
                      const struct sb_source_file *file)
{
    char shown[1024], reason[128];
    if (strerror_r(errnum, reason, sizeof(reason)) != 0)
        reason[0] = 0;
    return sb_error_set(error, SEALBAG_ERR_SOURCE, "Cannot read %s: %s.",
                        shown_source(shown, sizeof(shown), create, file), reason);
}

static bool same_version(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int tick(struct sb_create *create, size_t bytes, struct sb_error *error)
{
    const struct sealbag_create_options *options = create->options;
    create->now.bytes += bytes;
    if (options->progress == NULL ||
        options->progress(options->progress_context, &create->now) == 0)
        return 0;
    return sb_error_set(error, SEALBAG_ERR_CANCELLED,
                        "Stopped, as asked. Nothing was left behind.");
}

/* Copies exactly `size` bytes to the tar and the digest; CHANGED when the file has fewer or more.
 */
static int copy(struct sb_create *create, int fd, uint64_t size, const struct sb_source_file *file,
                struct sb_error *error)
{
    uint64_t left = size;
    for (;;) {
        size_t want = left < SB_COPY_SIZE ? (size_t)left : SB_COPY_SIZE;
        ssize_t n = sb_fd_read(fd, create->buffer, want > 0 ? want : 1);
        if (n < 0)
            return read_error(error, errno, create, file);
        if ((uint64_t)n > left || (n == 0 && left > 0))
            return SEALBAG_ERR_CHANGED;
        if (n == 0)
            return 0;
        if (sb_digest_update(create->digest, create->buffer, (size_t)n) < 0)
            return sb_error_set(error, SEALBAG_ERR_SYSTEM, "Hashing failed.");
        int r = sb_tar_data(create->tar, create->buffer, (size_t)n, error);
        if (r == 0)
            r = tick(create, (size_t)n, error);
        if (r < 0)
            return r;
        left -= (uint64_t)n;
    }
}

/* One attempt on an open file. CHANGED, without a sentence, when it must be tried again. */
static int attempt(struct sb_create *create, int fd, const struct sb_source_file *file,
                   const char *tar_path, struct sb_error *error)
{
    struct stat before, after;
    uint8_t sha256[SB_DIGEST_SIZE];
    if (fstat(fd, &before) < 0)
        return read_error(error, errno, create, file);
    if (!S_ISREG(before.st_mode))
        return SEALBAG_ERR_CHANGED;
    uint64_t size = (uint64_t)before.st_size;
    uint64_t bytes_before = create->now.bytes;
    int r = sb_tar_begin(create->tar, tar_path, size, error);
    if (r < 0)
        return r;
    if (sb_digest_start(create->digest) < 0)
        return sb_error_set(error, SEALBAG_ERR_SYSTEM, "Hashing failed.");
    r = copy(create, fd, size, file, error);
    if (r == 0 && fstat(fd, &after) < 0)
        r = read_error(error, errno, create, file);
    if (r == 0 && !same_version(&before, &after))
        r = SEALBAG_ERR_CHANGED;
    if (r == SEALBAG_ERR_CHANGED) {
        create->now.bytes = bytes_before;
        int back = sb_tar_take_back(create->tar, error);
        if (back == SEALBAG_ERR_UNSUPPORTED)
            return source_error(error, SEALBAG_ERR_CHANGED,
                                "changed while it was read, and what went through the pipe cannot "
                                "be taken back. Write to a file instead, or seal a copy",
                                create, file);
        return back < 0 ? back : SEALBAG_ERR_CHANGED;
    }
    if (r == 0)
        r = sb_tar_end(create->tar, error);
    if (r == 0 && sb_digest_finish(sha256, create->digest) < 0)
        r = sb_error_set(error, SEALBAG_ERR_SYSTEM, "Hashing failed.");
    if (r == 0 && sb_inventory_add(&create->documents, file->bag_path, size, sha256) < 0)
        r = sb_error_memory(error);
    return r;
}

static int open_document(struct sb_tree *tree, const struct sb_source_file *file)
{
    const char *name;
    int dir_fd = sb_tree_parent(tree, file->path, false, &name);
    if (dir_fd < 0)
        return -1;
    /* O_NONBLOCK: a FIFO that took the file's place must not hold up the run. */
    return openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

int sb_create_document(struct sb_create *create, struct sb_tree *tree,
                       const struct sb_source_file *file, struct sb_error *error)
{
    struct sb_buf tar_path = {0};
    if (sb_buf_printf(&tar_path, "%s/%s", create->name, file->bag_path) < 0)
        return sb_error_memory(error);
    int r = SEALBAG_ERR_CHANGED;
    if (error != NULL)
        *error = (struct sb_error){0};
    for (int i = 0; i < ATTEMPTS && r == SEALBAG_ERR_CHANGED; i++) {
        int fd = open_document(tree, file);
        if (fd < 0) {
            r = read_error(error, errno, create, file);
            break;
        }
        r = attempt(create, fd, file, (const char *)tar_path.data, error);
        close(fd);
        if (error != NULL && error->code != 0)
            break;
    }
    sb_buf_free(&tar_path);
    if (r == SEALBAG_ERR_CHANGED && (error == NULL || error->code == 0))
        return source_error(error, SEALBAG_ERR_CHANGED,
                            "changed each time while it was read. Stop what writes to it, or seal "
                            "a copy",
                            create, file);
    if (r == 0) {
        create->now.files++;
        r = tick(create, 0, error);
    }
    return r;
}
