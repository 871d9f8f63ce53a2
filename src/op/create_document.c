/* One document: the bytes that are hashed are the bytes that are archived. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "op/create_impl.h"
#include "privacy/privacy.h"

enum { ATTEMPTS = 3 };

static const char *shown_source(char *out, size_t size, const struct sb_create *create,
                                const struct sb_source_file *file)
{
    struct sb_buf path = {0};
    int r = sb_source_name_of(&path, &create->source, file->root, file->bag_path);
    sealbag_text_escape(out, size, r == 0 ? (const char *)path.data : "a document");
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

int sb_document_reader_open(struct sb_document_reader *reader, const struct sb_create *create,
                            struct sb_bag_writer *to, struct sb_error *error)
{
    reader->create = create;
    reader->to = to;
    reader->root = UINT32_MAX;
    sb_tree_init(&reader->tree, -1);
    reader->buffer = malloc(SB_COPY_SIZE);
    int r = reader->buffer != NULL ? sb_digest_new(&reader->digest, error) : sb_error_memory(error);
    return r == 0 && create->sha512 ? sb_digest_new_of(&reader->second, SB_SHA512, error) : r;
}

void sb_document_reader_close(struct sb_document_reader *reader)
{
    /* Zero: it was never opened. */
    if (reader->create != NULL)
        sb_tree_close(&reader->tree);
    sb_digest_free(reader->digest);
    sb_digest_free(reader->second);
    sb_buf_free(&reader->path);
    sb_arena_free(&reader->known);
    free(reader->buffer);
    *reader = (struct sb_document_reader){0};
}

static int tick(struct sb_document_reader *reader, uint64_t bytes, uint64_t back,
                struct sb_error *error)
{
    return reader->tick != NULL ? reader->tick(reader->tick_context, bytes, back, error) : 0;
}

/* Copies exactly `size` bytes to the bag and the digest; CHANGED when the file has fewer. More are
 * seen by the caller, from the size that the file then has; a file that claims to be empty is
 * tried, because those that the kernel makes up do so. */
static int copy(struct sb_document_reader *reader, int fd, uint64_t size,
                const struct sb_source_file *file, struct sb_error *error)
{
    uint64_t left = size;
    do {
        size_t want = left < SB_COPY_SIZE ? (size_t)left : SB_COPY_SIZE;
        ssize_t n = sb_fd_read(fd, reader->buffer, want > 0 ? want : 1);
        if (n < 0)
            return read_error(error, errno, reader->create, file);
        if ((uint64_t)n > left || (n == 0 && left > 0))
            return SEALBAG_ERR_CHANGED;
        if (n == 0)
            break;
        if (sb_digest_update(reader->digest, reader->buffer, (size_t)n) < 0 ||
            (reader->second != NULL &&
             sb_digest_update(reader->second, reader->buffer, (size_t)n) < 0))
            return sb_digest_failed(error);
        int r = sb_bag_writer_data(reader->to, reader->buffer, (size_t)n, error);
        if (r == 0)
            r = tick(reader, (uint64_t)n, 0, error);
        if (r < 0)
            return r;
        left -= (uint64_t)n;
    } while (left > 0);
    return 0;
}

static int take_back(struct sb_document_reader *reader, uint64_t read,
                     const struct sb_source_file *file, struct sb_error *error)
{
    int r = sb_bag_writer_take_back(reader->to, error);
    if (r == SEALBAG_ERR_UNSUPPORTED)
        return source_error(error, SEALBAG_ERR_CHANGED,
                            "changed while it was read, and what went through the pipe cannot be "
                            "taken back. Write to a file instead, or seal a copy",
                            reader->create, file);
    if (r == 0)
        r = tick(reader, 0, read, error);
    return r < 0 ? r : SEALBAG_ERR_CHANGED;
}

/* The privacy check saw another version of the file than this one. A file into which it would not
 * look does not matter: 0. */
static int check_seen(struct sb_document_reader *reader, int fd, const struct stat *now,
                      const struct sb_source_file *file, struct sb_error *error)
{
    const struct sealbag_create_options *options = reader->create->options;
    uint8_t head[SB_PRIVACY_HEAD];
    if (options->privacy == NULL || options->privacy_accept ||
        ((uint64_t)now->st_size == file->size && sb_source_changed(now) == file->changed))
        return 0;
    ssize_t n = pread(fd, head, sizeof(head), 0);
    if (n < 0)
        return read_error(error, errno, reader->create, file);
    if (sb_privacy_kind_of(head, (size_t)n) == SB_KIND_NONE)
        return 0;
    return source_error(
        error, SEALBAG_ERR_CHANGED,
        "changed after the privacy check looked into it, so nothing was sealed. Stop "
        "what writes to it, or seal a copy",
        reader->create, file);
}

/* One attempt on an open file. CHANGED, without a sentence, when it must be tried again. */
static int attempt(struct sb_document *out, struct sb_document_reader *reader, int fd,
                   const struct sb_source_file *file, uint64_t most, struct sb_error *error)
{
    struct stat before, after;
    if (fstat(fd, &before) < 0)
        return read_error(error, errno, reader->create, file);
    if (!S_ISREG(before.st_mode))
        return SEALBAG_ERR_CHANGED;
    int r = check_seen(reader, fd, &before, file, error);
    if (r < 0)
        return r;
    out->size = (uint64_t)before.st_size;
    out->too_large = out->size > most;
    if (out->too_large)
        return 0;
    const struct sealbag_recording *recording = reader->create->options->recording;
    out->mtime = before.st_mtim;
    if (recording != NULL && recording->xattrs &&
        sb_xattr_read(&out->known, &reader->known, fd) < 0)
        return sb_error_memory(error);
    r = sb_bag_writer_begin(reader->to, (const char *)reader->path.data, out->size, error);
    if (r < 0)
        return r;
    if (sb_digest_start(reader->digest) < 0 ||
        (reader->second != NULL && sb_digest_start(reader->second) < 0))
        return sb_digest_failed(error);
    r = copy(reader, fd, out->size, file, error);
    if (r == 0 && fstat(fd, &after) < 0)
        r = read_error(error, errno, reader->create, file);
    if (r == 0 && !same_version(&before, &after))
        r = SEALBAG_ERR_CHANGED;
    if (r == SEALBAG_ERR_CHANGED)
        return take_back(reader, out->size, file, error);
    if (r == 0)
        r = sb_bag_writer_end(reader->to, error);
    if (r == 0 && (sb_digest_finish(out->sha256, reader->digest) < 0 ||
                   (reader->second != NULL && sb_digest_finish(out->sha512, reader->second) < 0)))
        r = sb_digest_failed(error);
    return r;
}

int sb_document_open(struct sb_document_reader *reader, const struct sb_source_file *file)
{
    const struct sb_source *source = &reader->create->source;
    const char *name;
    if (reader->root != file->root) {
        sb_tree_close(&reader->tree);
        sb_tree_init(&reader->tree, source->roots[file->root].fd);
        reader->root = file->root;
    }
    int dir_fd = sb_tree_parent(&reader->tree, sb_source_path(source, file), false, &name);
    if (dir_fd < 0)
        return -1;
    /* O_NONBLOCK: a FIFO that took the file's place must not hold up the run. */
    return openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

int sb_document_read(struct sb_document *out, struct sb_document_reader *reader,
                     const struct sb_source_file *file, uint64_t most, struct sb_error *error)
{
    struct sb_error own = {0};
    reader->path.len = 0;
    if (sb_buf_puts(&reader->path, reader->create->name) < 0 ||
        sb_buf_append(&reader->path, "/", 1) < 0 || sb_buf_puts(&reader->path, file->bag_path) < 0)
        return sb_error_memory(error);
    int r = SEALBAG_ERR_CHANGED;
    for (int i = 0; i < ATTEMPTS && r == SEALBAG_ERR_CHANGED && own.code == 0; i++) {
        int fd = sb_document_open(reader, file);
        if (fd < 0) {
            r = read_error(&own, errno, reader->create, file);
            break;
        }
        r = attempt(out, reader, fd, file, most, &own);
        close(fd);
    }
    if (r == SEALBAG_ERR_CHANGED && own.code == 0)
        source_error(&own, SEALBAG_ERR_CHANGED,
                     "changed each time while it was read. Stop what writes to it, or seal a copy",
                     reader->create, file);
    if (r < 0 && error != NULL)
        *error = own;
    return r;
}
