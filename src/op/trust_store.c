#include "op/trust_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/rule.h"

/* Appends the file's text; false in *there when there is nothing of this name. */
static int read_file(struct sb_buf *text, bool *there, mode_t *mode, const char *path,
                     struct sb_error *error)
{
    struct stat status;
    mode_t own = 0;
    int r = sb_file_read(text, &own, path, SB_TRUST_FILE_MAX, error);
    *there = r == 0;
    *mode |= own;
    /* A link to nothing is something: that revocations are out of reach does not make keys good. */
    if (r == SEALBAG_ERR_NOT_FOUND && sb_path_there(&status, AT_FDCWD, path) == 0)
        r = 0;
    return r;
}

int sb_trust_files_read(struct sb_trust_files *files, const char *dir, struct sb_error *error)
{
    bool revoked_there;
    *files = (struct sb_trust_files){0};
    int r = sb_sign_init(error);
    if (r < 0)
        return r;
    if (sb_buf_printf(&files->signers_path, "%s/" SB_TRUST_SIGNERS, dir) < 0 ||
        sb_buf_printf(&files->revoked_path, "%s/" SB_TRUST_REVOKED, dir) < 0)
        return sb_error_memory(error);
    const char *signers = (const char *)files->signers_path.data;
    const char *revoked = (const char *)files->revoked_path.data;
    r = read_file(&files->signers_text, &files->signers_there, &files->mode, signers, error);
    if (r == 0)
        r = sb_truststore_parse(&files->trust.store, files->signers_text.data,
                                files->signers_text.len, signers, error);
    if (r == 0)
        r = read_file(&files->revoked_text, &revoked_there, &files->mode, revoked, error);
    if (r == 0)
        r = sb_revoked_parse(&files->trust.revoked, files->revoked_text.data,
                             files->revoked_text.len, revoked, error);
    files->signers_size = files->signers_text.len;
    files->revoked_size = files->revoked_text.len;
    return r;
}

void sb_trust_files_free(struct sb_trust_files *files)
{
    sb_buf_free(&files->signers_path);
    sb_buf_free(&files->revoked_path);
    sb_buf_free(&files->signers_text);
    sb_buf_free(&files->revoked_text);
    sb_truststore_free(&files->trust.store);
    sb_revoked_free(&files->trust.revoked);
}

/* ---- changing --------------------------------------------------------------------------- */

static int make_folder(const char *dir)
{
    if (mkdir(dir, 0700) == 0 || errno == EEXIST)
        return 0;
    if (errno != ENOENT)
        return -1;
    char *folder, *name;
    if (sb_path_split(&folder, &name, dir) < 0) {
        errno = ENOMEM;
        return -1;
    }
    int r = strcmp(folder, ".") != 0 ? make_folder(folder) : -1;
    free(folder);
    free(name);
    return r < 0 ? r : mkdir(dir, 0700);
}

int sb_trust_folder_make(const char *dir, struct sb_error *error)
{
    return make_folder(dir) < 0 ? sb_error_errno(error, errno, "make the folder", dir) : 0;
}

/* For a while, and not as long as somebody likes who may read the folder. */
static int lock(int fd)
{
    enum { ROUNDS = 600, ROUND_MS = 50 };
    const struct timespec pause = {.tv_nsec = ROUND_MS * 1000000L};
    int r = -1;
    errno = EWOULDBLOCK;
    for (int i = 0; i < ROUNDS && r < 0 && (errno == EWOULDBLOCK || errno == EINTR); i++) {
        if (i > 0)
            nanosleep(&pause, NULL);
        r = flock(fd, LOCK_EX | LOCK_NB);
    }
    return r;
}

int sb_trust_change_begin(struct sb_trust_change *change, const char *dir, bool create,
                          struct sb_error *error)
{
    *change = (struct sb_trust_change){.lock = -1};
    int r = create ? sb_trust_folder_make(dir, error) : 0;
    if (r < 0)
        return r;
    change->lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (change->lock < 0)
        return sb_error_errno(error, errno, "open the trust store", dir);
    if (lock(change->lock) < 0)
        return errno != EWOULDBLOCK
                   ? sb_error_errno(error, errno, "lock the trust store", dir)
                   : sb_error_set(error, SEALBAG_ERR_IO,
                                  "The trust store is being changed by another run, which does not "
                                  "end. End it, and try again.");
    r = sb_trust_files_read(&change->files, dir, error);
    if (r == 0 && !create && !change->files.signers_there)
        r = sb_error_errno(error, ENOENT, "read", (const char *)change->files.signers_path.data);
    return r;
}

void sb_trust_change_end(struct sb_trust_change *change)
{
    if (change->lock >= 0)
        close(change->lock);
    sb_trust_files_free(&change->files);
}

/* The beginning of a text is what was read of its file. */
struct change_of {
    const struct sb_buf *path, *before;
    size_t size;
};

static int changed(const struct change_of *of, struct sb_error *error)
{
    char shown[1024];
    return sb_error_set(error, SEALBAG_ERR_CHANGED,
                        "%s was changed by somebody else meanwhile, so it was left as it is now. "
                        "Look at it, and try again.",
                        sealbag_text_escape(shown, sizeof(shown), (const char *)of->path->data));
}

/* *fd stays open, for the access that the new file takes over. */
static int check_file(int *fd, struct stat *status, const struct change_of *of, const char *path,
                      struct sb_error *error)
{
    struct sb_buf now = {0};
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*fd < 0 && errno == ENOENT)
        return of->size == 0 ? 0 : changed(of, error);
    if (*fd < 0 || fstat(*fd, status) < 0)
        return sb_error_errno(error, errno, "open", path);
    int r = sb_file_read(&now, NULL, path, SB_TRUST_FILE_MAX, error);
    if (r == 0 &&
        (now.len != of->size || (now.len > 0 && memcmp(now.data, of->before->data, now.len) != 0)))
        r = changed(of, error);
    sb_buf_free(&now);
    return r;
}

static int replace_file(const struct change_of *of, const struct sb_buf *text, const char *path,
                        struct sb_error *error)
{
    struct sb_output output;
    struct stat status = {0};
    int fd = -1;
    int r = check_file(&fd, &status, of, path, error);
    bool there = fd >= 0;
    if (r == 0)
        r = sb_output_open(&output, path, there, 0600, error);
    if (r == 0) {
        r = sb_output_write(&output, text->data, text->len, error);
        if (r < 0)
            sb_output_abort(&output);
        else
            r = there ? sb_output_commit_over(&output, fd, &status, error)
                      : sb_output_commit(&output, false, error);
    }
    if (fd >= 0)
        close(fd);
    return r;
}

static int write_file(const struct change_of *of, const struct sb_buf *text, struct sb_error *error)
{
    /* What could not be read again would keep keys from being revoked. */
    if (text->len > SB_TRUST_FILE_MAX)
        return sb_rule_error(error, SB_RULE_LIMIT,
                             "The trust store would become too large, so nothing was changed.");
    /* A store that is a link, as people keep their settings, stays one. */
    const char *path = (const char *)of->path->data;
    char *real = realpath(path, NULL);
    int r = replace_file(of, text, real != NULL ? real : path, error);
    free(real);
    return r;
}

int sb_trust_write_signers(const struct sb_trust_change *change, const struct sb_buf *text,
                           struct sb_error *error)
{
    const struct sb_trust_files *files = &change->files;
    const struct change_of of = {&files->signers_path, &files->signers_text, files->signers_size};
    return write_file(&of, text, error);
}

int sb_trust_write_revoked(const struct sb_trust_change *change, const struct sb_buf *text,
                           struct sb_error *error)
{
    const struct sb_trust_files *files = &change->files;
    const struct change_of of = {&files->revoked_path, &files->revoked_text, files->revoked_size};
    return write_file(&of, text, error);
}

/* ---- entries ---------------------------------------------------------------------------- */

const struct sb_trust_entry *sb_trust_entry_of(const struct sb_truststore *store, const char *name,
                                               const struct sb_identity *signer,
                                               const struct sb_validity *valid)
{
    const struct sb_trust_entry *entry, *found = NULL;
    for (size_t at = 0; (entry = sb_truststore_find(store, signer, &at)) != NULL;) {
        if (strcmp(entry->name, name) != 0)
            continue;
        if (sb_validity_same(&entry->valid, valid))
            return entry;
        found = entry;
    }
    return found;
}

bool sb_validity_same(const struct sb_validity *a, const struct sb_validity *b)
{
    return a->after == b->after && a->before == b->before && a->no_custody == b->no_custody;
}
