/* Files of a bag that is a plain folder, copied after the bag was judged: each is hashed while it
 * is copied, and must be the one that was judged. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "op/folder.h"
#include "op/hasher.h"

enum { READ_SIZE = 128 << 10 };

struct copying {
    const struct sb_inventory *files;
    const struct sb_folder *folder;
    const struct sb_sink *sink;
    struct sb_tree tree;
    struct sb_hasher *hasher;
    uint8_t *bytes;
    bool *copied;        /* for each file: it was handed to the hasher */
    size_t hashed;       /* files before this one were reported by it */
    const char *changed; /* the first that is another one than was judged */
    struct sealbag_progress now;
    struct sb_error *error;
};

static int tell_changed(const struct copying *copying, const char *path)
{
    char shown[700];
    return sb_error_rule(copying->error, SEALBAG_ERR_CHANGED,
                         sb_rule_row(SB_RULE_FOLDER_CHANGED)->rule,
                         "%s was changed while it was copied, so nothing was extracted. Try again "
                         "when no program writes in the folder.",
                         sealbag_text_escape(shown, sizeof(shown), path));
}

/* It was there, and a regular file, when it was judged. */
static int tell_reason(const struct copying *copying, const char *path, int reason)
{
    bool gone = reason == ENOENT || reason == ENOTDIR || reason == ELOOP || reason == ENXIO ||
                reason == ENODEV;
    return gone ? tell_changed(copying, path)
                : sb_error_errno(copying->error, reason, "read", path);
}

/* A sb_hashed_fn. */
static void check_digest(void *context, const uint8_t sha256[SB_SHA256_SIZE])
{
    struct copying *copying = context;
    while (!copying->copied[copying->hashed])
        copying->hashed++;
    const struct sb_file *file = &copying->files->files[copying->hashed++];
    if (copying->changed == NULL && memcmp(file->digest, sha256, SB_DIGEST_SIZE) != 0)
        copying->changed = file->path;
}

static int tell_progress(struct copying *copying)
{
    const struct sb_reader_options *reading = copying->folder->reading;
    if (reading->progress == NULL ||
        reading->progress(reading->progress_context, &copying->now) == 0)
        return 0;
    return sb_error_set(copying->error, SEALBAG_ERR_CANCELLED, "Stopped, as asked.");
}

/* As many bytes as it had when it was judged. */
static int copy_bytes(struct copying *copying, const struct sb_file *file, int fd)
{
    const struct sb_sink *sink = copying->sink;
    int r = 0;
    for (uint64_t got = 0; r == 0 && got < file->size;) {
        uint64_t left = file->size - got;
        ssize_t n = sb_fd_read(fd, copying->bytes, left < READ_SIZE ? (size_t)left : READ_SIZE);
        if (n < 0)
            return tell_reason(copying, file->path, errno);
        if (n == 0)
            return tell_changed(copying, file->path);
        r = sb_hasher_update(copying->hasher, copying->bytes, (size_t)n, copying->error);
        if (r == 0)
            r = sink->data(sink->context, copying->bytes, (size_t)n, copying->error);
        got += (uint64_t)n;
        copying->now.bytes += (uint64_t)n;
        if (r == 0)
            r = tell_progress(copying);
    }
    return r;
}

static int copy_file(struct copying *copying, size_t number)
{
    const struct sb_file *file = &copying->files->files[number];
    const struct sb_sink *sink = copying->sink;
    struct stat status;
    int fd = sb_folder_open_file(&status, &copying->tree, file->path);
    if (fd < 0)
        return tell_reason(copying, file->path, errno);
    int r = (uint64_t)status.st_size == file->size ? copy_bytes(copying, file, fd)
                                                   : tell_changed(copying, file->path);
    close(fd);
    copying->copied[number] = true;
    if (r == 0)
        r = sb_hasher_finish(copying->hasher, copying->error);
    if (r == 0)
        r = sink->end(sink->context, file->path, false, NULL, copying->error);
    /* Soon, and not when all the rest was written, too. */
    return r == 0 && copying->changed != NULL ? tell_changed(copying, copying->changed) : r;
}

static int copy_all(struct copying *copying)
{
    const struct sb_sink *sink = copying->sink;
    int r = 0;
    for (size_t i = 0; r == 0 && i < copying->files->count; i++) {
        bool want;
        r = sink->begin(sink->context, &want, copying->folder->name, copying->files->files[i].path,
                        copying->error);
        if (r == 0 && want)
            r = copy_file(copying, i);
        copying->now.files++;
        if (r == 0)
            r = tell_progress(copying);
    }
    if (r == 0)
        r = sb_hasher_drain(copying->hasher, copying->error);
    return r == 0 && copying->changed != NULL ? tell_changed(copying, copying->changed) : r;
}

int sb_folder_copy(const struct sb_inventory *files, const struct sb_folder *folder,
                   const struct sb_sink *sink, struct sb_error *error)
{
    struct copying copying = {.files = files,
                              .folder = folder,
                              .sink = sink,
                              .now = {.files_total = files->count},
                              .error = error};
    sb_tree_init(&copying.tree, folder->fd);
    copying.bytes = malloc(READ_SIZE);
    copying.copied = calloc(files->count + 1, sizeof(*copying.copied));
    int r = copying.bytes != NULL && copying.copied != NULL ? 0 : sb_error_memory(error);
    if (r == 0)
        r = sb_hasher_new(&copying.hasher, folder->pool, check_digest, &copying, error);
    if (r == 0)
        r = copy_all(&copying);
    sb_hasher_free(copying.hasher);
    sb_tree_close(&copying.tree);
    free(copying.copied);
    free(copying.bytes);
    return r;
}
