#include "op/append.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bag/index.h"
#include "bag/limits.h"
#include "base/copy.h"
#include "op/bundle.h"
#include "op/format.h"

/* What eleven octal digits of a tar header can hold. */
static const int64_t mtime_max = INT64_C(8589934591);

/* ---- the old bundle ------------------------------------------------------------------------ */

static int refuse_output(const struct sb_append *append, struct sb_error *error)
{
    char shown[1024];
    return sb_error_set(
        error, SEALBAG_ERR_USAGE,
        "%s is a folder, to which is added in place: leave --output out. To keep it "
        "as it is, copy it first.",
        sealbag_text_escape(shown, sizeof(shown), append->path));
}

static int open_bundle(struct sb_append *append, const char *path, const char *output,
                       struct sb_error *error)
{
    char shown[1024];
    append->path = realpath(path, NULL);
    if (append->path == NULL)
        return sb_error_errno(error, errno, "open", path);
    /* Never waits for a pipe. */
    append->fd = open(append->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
    if (append->fd < 0)
        return sb_error_errno(error, errno, "open", append->path);
    if (fstat(append->fd, &append->status) < 0)
        return sb_error_errno(error, errno, "examine", append->path);
    append->folder = S_ISDIR(append->status.st_mode);
    if (append->folder && output != NULL)
        return refuse_output(append, error);
    if (!append->folder && !S_ISREG(append->status.st_mode))
        return sb_error_set(error, SEALBAG_ERR_UNSUPPORTED,
                            "%s is neither a regular file nor a folder. To nothing else can "
                            "something be added.",
                            sealbag_text_escape(shown, sizeof(shown), append->path));
    return sb_file_lock(append->fd, append->path, error);
}

static bool is_unchanged(const struct sb_append *append)
{
    const struct stat *before = &append->status;
    struct stat now;
    return fstat(append->fd, &now) == 0 && now.st_size == before->st_size &&
           now.st_mtim.tv_sec == before->st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == before->st_mtim.tv_nsec &&
           now.st_ctim.tv_sec == before->st_ctim.tv_sec &&
           now.st_ctim.tv_nsec == before->st_ctim.tv_nsec;
}

static int changed(const struct sb_append *append, struct sb_error *error)
{
    char shown[1024];
    return sb_error_set(error, SEALBAG_ERR_CHANGED,
                        "%s was changed while it was read. Nothing was added to it. Try again.",
                        sealbag_text_escape(shown, sizeof(shown), append->path));
}

/* What is needed of it, as long as somebody is there who may read it. */
static int take_tail(struct sb_append *append, struct sb_error *error)
{
    struct sb_guard *guard = &append->guard;
    char shown[1024];
    sealbag_text_escape(shown, sizeof(shown), append->path);
    int r = sb_guard_ask(guard, SB_READ_TAIL, error);
    if (r == 0)
        return sb_error_set(
            error, SEALBAG_ERR_UNSUPPORTED,
            "%s was packed by another program, or has no index: nothing can be "
            "added to it. Make a .tar.gz of it first, with sealbag convert: its seal "
            "stays valid.",
            shown);
    if (r > 0 && !sb_tail_plausible(&guard->inspection.tail, guard->judge.scan.top,
                                    (uint64_t)append->status.st_size))
        return sb_error_set(error, SEALBAG_ERR_READER,
                            "What was read of %s contradicts itself. Do not use it.", shown);
    return r < 0 ? r : 0;
}

int sb_append_open(struct sb_append *append, const char *path, const char *output,
                   const struct sealbag_verify_options *options, struct sb_error *error)
{
    struct sb_guard *guard = &append->guard;
    append->fd = -1;
    int r = open_bundle(append, path, output, error);
    if (r < 0)
        return r;
    guard->inspection.fd = append->fd;
    /* Of a folder's seal all is needed here, and it is held against the documents here. */
    guard->inspection.unlisted = !append->folder;
    guard->inspection.provenance = append->folder;
    r = sb_inspection_look(&guard->inspection, error);
    if (r == 0)
        r = sb_guard_open(guard, options, error);
    if (r == 0)
        r = sb_guard_ask(guard, SB_READ_ALL, error);
    if (r > 0)
        r = sb_guard_verdict(&append->verdict, guard, error);
    bool usable = r == 0 && (append->verdict->exit_code == 0 || append->verdict->exit_code == 3);
    if (usable && !append->folder)
        r = take_tail(append, error);
    if (usable && r == 0 && !append->folder && output != NULL)
        r = sb_format_check_same(guard->inspection.tail.packing, output, error);
    /* From now on nobody is there who has read hostile bytes. */
    sb_guard_stop(guard);
    if (usable && r == 0 && !append->folder && !is_unchanged(append))
        r = changed(append, error);
    return r;
}

const struct sb_buf *sb_append_kept(const struct sb_append *append, const char *path)
{
    return sb_scan_kept(&append->guard.judge.scan, path);
}

const struct sb_buf *sb_append_seal(const struct sb_append *append)
{
    return append->guard.judge.seal_parsed ? sb_append_kept(append, SB_SEAL_TXT) : NULL;
}

void sb_append_close(struct sb_append *append)
{
    sealbag_verdict_free(append->verdict);
    sb_guard_close(&append->guard);
    if (append->fd >= 0 && append->path != NULL)
        close(append->fd);
    free(append->path);
    *append = (struct sb_append){.fd = -1};
}

/* ---- the new one --------------------------------------------------------------------------- */

struct making {
    const struct sb_append *append;
    struct sb_output output;
    struct sb_pool *pool;
    struct sb_bundle bundle;
};

/* The central directory of the old bundle, as bytes. */
static int read_central(struct sb_buf *out, const struct sb_append *append, struct sb_error *error)
{
    const struct sb_tail *tail = &append->guard.inspection.tail;
    if (tail->central > SIZE_MAX - 1 || sb_buf_reserve(out, (size_t)tail->central) < 0)
        return sb_error_memory(error);
    while (out->len < tail->central) {
        ssize_t n = pread(append->fd, out->data + out->len, (size_t)tail->central - out->len,
                          (off_t)(tail->kept + out->len));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return sb_error_errno(error, errno, "read", append->path);
        if (n == 0)
            return changed(append, error);
        out->len += (size_t)n;
    }
    return 0;
}

/* From the first frame on that is not as it was: the new files where index.tsv was, and then
 * index.tsv. */
static int write_tail(struct making *making, const struct sb_addition *additions, size_t count,
                      struct sb_error *error)
{
    const struct sb_tail *tail = &making->append->guard.inspection.tail;
    int64_t sealed = making->append->guard.judge.seal.sealed;
    struct sb_buf central = {0};
    const struct sb_bundle_resume resume = {tail->sizes,  tail->frames, &tail->before,
                                            &tail->index, &central,     tail->entries};
    int r = sb_pool_new(&making->pool, making->append->guard.options->jobs, error);
    const struct sb_bundle_options options = {
        .packing = tail->packing,
        .name = making->append->guard.judge.scan.top,
        .mtime = sealed < mtime_max ? sealed : mtime_max,
        .indexed = true,
        .output = &making->output,
        .pool = making->pool,
    };
    if (r == 0)
        r = sb_bundle_open(&making->bundle, &options, error);
    if (r == 0 && tail->packing == SB_PACKED_ZIP)
        r = read_central(&central, making->append, error);
    if (r == 0)
        r = sb_bundle_resume(&making->bundle, &resume, error);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = sb_bundle_add(&making->bundle, additions[i].path, additions[i].bytes, additions[i].len,
                          error);
    sb_buf_free(&central);
    return r == 0 ? sb_bundle_finish(&making->bundle, error) : r;
}

/* ---- looking at it before anybody else can ------------------------------------------------- */

static bool holds(const struct sb_scan *scan, const char *path, const uint8_t *bytes, size_t len)
{
    const struct sb_buf *kept = sb_scan_kept(scan, path);
    return kept != NULL && kept->len == len && (len == 0 || memcmp(kept->data, bytes, len) == 0);
}

/* Whoever read the end of the old bundle could have left some out. */
bool sb_append_holds(const struct sb_scan *scan, const struct sb_scan *old,
                     const struct sb_addition *additions, size_t count)
{
    for (size_t i = 0; i < old->kept_count; i++) {
        const struct sb_kept *kept = &old->kept[i];
        if (sb_part_of(kept->path) == SB_PART_SEAL && strcmp(kept->path, SB_INDEX_TSV) != 0 &&
            !holds(scan, kept->path, kept->bytes.data, kept->bytes.len))
            return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!holds(scan, additions[i].path, additions[i].bytes, additions[i].len))
            return false;
    }
    return true;
}

/* The same seal, with the new files, in a bundle whose lists are found and hold. The documents are
 * those that were read: the frames that hold them are copied, or come out of this process. */
static int look_at_new(const struct making *making, const struct sb_addition *additions,
                       size_t count, struct sb_error *error)
{
    const struct sb_append *append = making->append;
    struct sealbag_verify_options options = *append->guard.options;
    struct sb_guard guard = {.inspection = {.unlisted = true}};
    options.seal = append->verdict->seal_id;
    options.custody = NULL; /* a new event is a new head */
    int fd = sb_output_reopen(&making->output, error);
    if (fd < 0)
        return error != NULL ? error->code : SEALBAG_ERR_IO;
    guard.inspection.fd = fd;
    int r = sb_guard_open(&guard, &options, error);
    if (r == 0)
        r = sb_guard_ask(&guard, SB_READ_LISTS, error);
    if (r == 0) /* a bag in another order than sealbag's */
        r = sb_guard_ask(&guard, SB_READ_ALL, error);
    if (r > 0) {
        const struct sb_findings *findings = &guard.judge.findings;
        bool verifies = findings->exit_code == 0 || findings->exit_code == 3;
        r = 0;
        if (!verifies ||
            !sb_append_holds(&guard.judge.scan, &append->guard.judge.scan, additions, count))
            r = sb_error_set(error, SEALBAG_ERR_SYSTEM,
                             "The new bundle would not verify, so none was made. %s",
                             !verifies && findings->count > 0 ? findings->items[0].sentence
                                                              : "Please report this.");
    }
    sb_guard_close(&guard);
    close(fd);
    return r;
}

/* No thread may be left when the process is started that reads the new bundle: it would get the
 * locks that they hold. */
static void end_writing(struct making *making)
{
    sb_bundle_free(&making->bundle);
    sb_pool_free(making->pool);
    making->pool = NULL;
}

static int make(struct making *making, const struct sb_addition *additions, size_t count,
                const char *output, struct sb_error *error)
{
    const struct sb_append *append = making->append;
    const struct sealbag_verify_options *options = append->guard.options;
    bool over = output == NULL;
    int r = sb_output_open(&making->output, over ? append->path : output, over,
                           over ? 0600 : append->status.st_mode & 0777, error);
    if (r == 0)
        r = sb_output_copy(&making->output, append->fd, append->guard.inspection.tail.kept,
                           options->progress, options->progress_context, error);
    if (r == 0)
        r = write_tail(making, additions, count, error);
    end_writing(making);
    if (r == 0)
        r = look_at_new(making, additions, count, error);
    if (r == 0 && !is_unchanged(append))
        r = changed(append, error);
    return r;
}

int sb_append_publish(uint64_t *size, struct sb_append *append, const struct sb_addition *additions,
                      size_t count, const char *output, struct sb_error *error)
{
    struct making making = {.append = append, .output = {.fd = -1, .dir_fd = -1}};
    *size = 0;
    if (append->folder)
        return output == NULL ? sb_append_to_folder(append, additions, count, error)
                              : refuse_output(append, error);
    int r = make(&making, additions, count, output, error);
    *size = making.output.written;
    if (r == 0)
        r = output == NULL
                ? sb_output_commit_over(&making.output, append->fd, &append->status, error)
                : sb_output_commit(&making.output, false, error);
    sb_output_abort(&making.output);
    return r;
}
