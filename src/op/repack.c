#define _GNU_SOURCE /* O_PATH */
#include "op/repack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bag/index.h"
#include "bag/taginfo.h"
#include "base/copy.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/text.h"
#include "op/folder.h"
#include "op/format.h"
#include "op/verify.h"

/* What eleven octal digits of a tar header can hold. */
static const int64_t mtime_max = INT64_C(8589934591);
/* 1980-01-01: what every container can tell. */
static const int64_t mtime_unknown = INT64_C(315532800);

static bool to_folder(const struct sb_repack *repack)
{
    return repack->packing == SB_PACKED_NOT;
}

static bool from_folder(const struct sb_repack *repack)
{
    return repack->guard.inspection.folder != NULL;
}

/* ---- where the output appears --------------------------------------------------------------- */

static int split_output(struct sb_repack *repack, struct sb_error *error)
{
    const char *output = repack->options.output;
    size_t len = strlen(output);
    while (to_folder(repack) && len > 1 && output[len - 1] == '/')
        len--;
    char *path = strndup(output, len);
    int r = path != NULL && sb_path_split(&repack->directory, &repack->name, path) == 0
                ? 0
                : sb_error_memory(error);
    free(path);
    return r;
}

static bool same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static int is_bag(const void *context, const struct stat *folder)
{
    return same(folder, context);
}

/* The bag stays as it is: it is not replaced by what is made of it, and nothing is put into it. */
static int check_place(const struct sb_repack *repack, int dir_fd, struct sb_error *error)
{
    const char *output = repack->options.output;
    struct stat bag, old;
    char shown[1024];
    sealbag_text_escape(shown, sizeof(shown), output);
    if (fstat(repack->guard.inspection.fd, &bag) < 0)
        return sb_error_errno(error, errno, "examine", "the bag");
    if (sb_path_there(&old, dir_fd, repack->name) > 0 && same(&old, &bag))
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "The output %s is the bag itself. Write it under another name.", shown);
    int within = from_folder(repack) ? sb_tree_within(dir_fd, is_bag, &bag) : 0;
    if (within < 0)
        return sb_error_errno(error, errno, "examine the folder of", output);
    return within == 0 ? 0
                       : sb_error_set(error, SEALBAG_ERR_USAGE,
                                      "The output %s would lie inside the bag. Write it somewhere "
                                      "else.",
                                      shown);
}

static int refuse_existing(const struct sb_repack *repack, struct sb_error *error)
{
    char shown[1024];
    return sb_error_set(error, SEALBAG_ERR_EXISTS,
                        "%s exists already, and a folder is never overwritten. Name another place.",
                        sealbag_text_escape(shown, sizeof(shown), repack->options.output));
}

/* It is known at once when it cannot be there. */
static int open_output(struct sb_repack *repack, struct sb_error *error)
{
    const struct sb_repack_options *options = &repack->options;
    struct stat status;
    int dir_fd = open(repack->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dir_fd < 0)
        return sb_error_errno(error, errno, "use the folder", repack->directory);
    int r = check_place(repack, dir_fd, error);
    if (r == 0 && to_folder(repack) && sb_path_there(&status, dir_fd, repack->name) > 0)
        r = refuse_existing(repack, error);
    close(dir_fd);
    if (r == 0 && !to_folder(repack))
        r = sb_output_open_forcible(&repack->output, options->output, options->force, 0666, error);
    /* A folder is packed from where it is. */
    if (r == 0 && !(from_folder(repack) && !to_folder(repack)))
        r = sb_staging_open(&repack->staging, repack->directory, error);
    if (r == 0 && repack->staging.fd >= 0)
        repack->guard.inspection.staging = &repack->staging;
    return r;
}

static int check_options(struct sb_repack *repack, struct sb_error *error)
{
    const struct sb_repack_options *options = &repack->options;
    int r = sb_verify_options_check(options->verify, error);
    if (r == 0)
        r = sb_format_choose(&repack->packing, options->format, options->output, error);
    if (r == 0)
        r = sb_format_check_level(repack->packing, options->level, error);
    if (r == 0 && to_folder(repack) && options->force)
        r = sb_error_set(error, SEALBAG_ERR_USAGE,
                         "A folder is never replaced: leave --force out, and give a new name.");
    return r == 0 ? split_output(repack, error) : r;
}

/* ---- judging ------------------------------------------------------------------------------- */

static bool acceptable(const struct sb_repack *repack)
{
    int code = repack->guard.judge.findings.exit_code;
    return code == 0 || code == 3 || code == 4;
}

/* Of a bag that can be gone on with. */
static int check_bag(const struct sb_repack *repack, struct sb_error *error)
{
    const char *top = repack->guard.judge.scan.top;
    char shown[600], where[700];
    if (to_folder(repack) && strcmp(top, repack->name) != 0)
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "The bag is called \"%s\", and its folder is always called like it. "
                            "Name the output so.",
                            sealbag_text_escape(shown, sizeof(shown), top));
    if (repack->staging.collided)
        return sb_error_set(error, SEALBAG_ERR_IO,
                            "The disk of %s cannot hold two of the names apart, and what is in the "
                            "bag must be unpacked there. Write to another disk.",
                            sealbag_text_escape(where, sizeof(where), repack->directory));
    return 0;
}

/* *judged: what was read is the whole bag, so that there is a verdict. */
static int judge_archive(struct sb_repack *repack, bool *judged, struct sb_error *error)
{
    struct sb_guard *guard = &repack->guard;
    if (guard->inspection.start >= 0) {
        int r = sb_guard_ask(guard, SB_READ_LISTS, error);
        if (r == 0) {
            r = sb_guard_ask(guard, SB_READ_ALL, error);
            *judged = r > 0;
        }
        if (r < 0 || !acceptable(repack))
            return r < 0 ? r : 0;
        r = check_bag(repack, error);
        if (r < 0)
            return r;
    }
    *judged = false;
    int r = sb_guard_ask(guard, SB_WRITE_ALL, error);
    if (r < 0)
        return r;
    *judged = true;
    return acceptable(repack) ? check_bag(repack, error) : 0;
}

static int judge_folder(struct sb_repack *repack, bool *judged, struct sb_error *error)
{
    int r = sb_guard_ask(&repack->guard, SB_READ_ALL, error);
    *judged = r > 0;
    if (r < 0 || !acceptable(repack))
        return r < 0 ? r : 0;
    r = check_bag(repack, error);
    if (r == 0 && to_folder(repack))
        r = sb_guard_ask(&repack->guard, SB_WRITE_SELECTED, error);
    if (r < 0)
        return r;
    return check_bag(repack, error);
}

/* The verdict takes the inventory. */
static int copy_files(struct sb_repack *repack, struct sb_error *error)
{
    const struct sb_inventory *from = &repack->guard.judge.scan.inventory;
    int r = 0;
    for (size_t i = 0; r == 0 && i < from->count; i++) {
        const struct sb_file *file = &from->files[i];
        if (strcmp(file->path, SB_INDEX_TSV) != 0)
            r = sb_inventory_add(&repack->files, file->path, file->size, 0, file->digest);
    }
    return r < 0 ? sb_error_memory(error) : 0;
}

static int judge(struct sb_repack *repack, struct sb_error *error)
{
    struct sb_guard *guard = &repack->guard;
    bool judged = false;
    int r = sb_guard_open(guard, repack->options.verify, error);
    if (r == 0)
        r = from_folder(repack) ? judge_folder(repack, &judged, error)
                                : judge_archive(repack, &judged, error);
    /* From now on nobody is there who has read hostile bytes. */
    sb_guard_stop(guard);
    if (r == 0 && acceptable(repack))
        r = copy_files(repack, error);
    repack->ready = r == 0 && judged && acceptable(repack);
    if (judged) {
        int told = sb_guard_verdict(&repack->verdict, guard, r == 0 ? error : NULL);
        r = r == 0 ? told : r;
    }
    repack->ready &= r == 0;
    return r;
}

int sb_repack_open(struct sb_repack *repack, const struct sb_repack_options *options,
                   struct sb_error *error)
{
    struct sb_inspection *inspection = &repack->guard.inspection;
    repack->options = *options;
    repack->output = (struct sb_output){.fd = -1, .dir_fd = -1};
    repack->staging = (struct sb_staging){.fd = -1, .dir_fd = -1, .file = -1};
    inspection->start = lseek(inspection->fd, 0, SEEK_CUR);
    /* All digests are needed here, and are held against the seal here. */
    inspection->provenance = true;
    int r = check_options(repack, error);
    if (r == 0)
        r = sb_inspection_look(inspection, error);
    if (r == 0)
        r = open_output(repack, error);
    return r == 0 ? judge(repack, error) : r;
}

/* ---- the time of the entries ---------------------------------------------------------------- */

static bool is_label(const struct sb_buf *label, const char *name)
{
    return label->len == strlen(name) &&
           strncasecmp((const char *)label->data, name, label->len) == 0;
}

/* The day that bag-info.txt states, if it is one. 0 or MEMORY. */
static int bagging_date(int64_t *out, struct sb_judge *judge)
{
    struct sb_buf text = {0}, label = {0}, value = {0};
    char time[32];
    int64_t found;
    int r = sb_judge_text(&text, judge, SB_RULE_INFO_LINE, "bag-info.txt");
    struct sb_bag_info info = {{.bytes = (const char *)text.data, .len = text.len}};
    while (r > 0) {
        label.len = value.len = 0;
        r = sb_bag_info_next(&info, &label, &value);
        if (r <= 0 || !is_label(&label, "Bagging-Date") || value.len != 10)
            continue;
        snprintf(time, sizeof(time), "%.10sT00:00:00Z", (const char *)value.data);
        if (sb_time_parse(&found, time, strlen(time), true) && found >= mtime_unknown)
            *out = found;
    }
    sb_buf_free(&text);
    sb_buf_free(&label);
    sb_buf_free(&value);
    return r;
}

static int entry_time(int64_t *out, struct sb_repack *repack, const struct sb_repack_more *more,
                      struct sb_error *error)
{
    struct sb_judge *judge = &repack->guard.judge;
    int r = 0;
    *out = mtime_unknown;
    if (more != NULL)
        *out = more->time;
    else if (judge->seal_parsed)
        *out = judge->seal.sealed;
    else
        r = bagging_date(out, judge);
    if (*out > mtime_max)
        *out = mtime_max;
    return r < 0 ? sb_error_memory(error) : 0;
}

/* ---- the new one ---------------------------------------------------------------------------- */

static int pack(struct sb_repack *repack, struct sb_pool *pool, const struct sb_repack_more *more,
                struct sb_error *error)
{
    struct sb_bundle bundle = {0};
    struct sb_bundle_options options = {
        .packing = repack->packing,
        .level = repack->options.level,
        .name = repack->guard.judge.scan.top,
        .indexed = repack->guard.judge.sealed || more != NULL,
        .output = &repack->output,
        .pool = pool,
    };
    int r = entry_time(&options.mtime, repack, more, error);
    if (r == 0)
        r = sb_bundle_open(&bundle, &options, error);
    if (r == 0)
        r = sb_repack_files(&bundle, repack, error);
    for (size_t i = 0; r == 0 && more != NULL && i < more->count; i++)
        r = sb_bundle_add(&bundle, more->additions[i].path, more->additions[i].bytes,
                          more->additions[i].len, error);
    if (r == 0)
        r = sb_bundle_finish(&bundle, error);
    if (r == 0)
        repack->beyond_ratio = sb_expands_too_far(
            sb_limits_of(NULL).ratio, sb_bundle_unpacked(&bundle), repack->output.written);
    sb_bundle_free(&bundle);
    return r;
}

static int put(struct sb_repack *repack, const struct sb_addition *addition, struct sb_error *error)
{
    const struct sb_sink sink = sb_staging_sink(&repack->staging);
    bool want;
    repack->staging.filter = NULL;
    int r = sink.begin(sink.context, &want, repack->name, addition->path, error);
    if (r == 0 && !want)
        r = sb_error_set(error, SEALBAG_ERR_EXISTS, "The bag has %s already. Nothing was made.",
                         addition->path);
    if (r == 0)
        r = sink.data(sink.context, addition->bytes, addition->len, error);
    return r == 0 ? sink.end(sink.context, addition->path, false, NULL, error) : r;
}

static int check_folder(bool *same, const struct sb_repack *repack, int fd, struct sb_error *error)
{
    struct sb_folder folder = {.fd = fd,
                               .name = repack->guard.judge.scan.top,
                               .reading = &repack->guard.inspection.reading};
    return sb_folder_check(same, &repack->files, &folder, repack->options.verify->jobs, error);
}

/* That what is sealed was seen here, as it is when files are packed: the old and the new folder. */
static int check_copied(const struct sb_repack *repack, struct sb_error *error)
{
    bool same = true;
    int r =
        from_folder(repack) ? check_folder(&same, repack, repack->guard.inspection.fd, error) : 0;
    if (r == 0 && !same)
        return sb_error_rule(error, SEALBAG_ERR_CHANGED, sb_rule_row(SB_RULE_FOLDER_CHANGED)->rule,
                             "The bag is not as it was when it was judged, so it was not sealed.");
    if (r == 0)
        r = check_folder(&same, repack, repack->staging.fd, error);
    return r < 0 || same ? r
                         : sb_error_set(error, SEALBAG_ERR_READER,
                                        "The bag was unpacked otherwise than it was judged. Do not "
                                        "use it: it may have been made to do that.");
}

static int make(struct sb_repack *repack, const struct sb_repack_more *more, struct sb_error *error)
{
    struct sb_pool *pool = NULL;
    int r = 0;
    if (to_folder(repack)) {
        r = more != NULL ? check_copied(repack, error) : 0;
        for (size_t i = 0; r == 0 && more != NULL && i < more->count; i++)
            r = put(repack, &more->additions[i], error);
        return r;
    }
    r = sb_pool_new(&pool, repack->options.verify->jobs, error);
    if (r == 0)
        r = pack(repack, pool, more, error);
    /* No thread may be left when the process is started that reads the new one: it would get the
     * locks that they hold. */
    sb_pool_free(pool);
    /* Before the new one is stored: or much of what was unpacked would go to the disk with it. */
    return r == 0 && repack->staging.fd >= 0 ? sb_staging_empty(&repack->staging, error) : r;
}

/* ---- looking at it before anybody else can --------------------------------------------------- */

/* Every file as it was judged, the additions, and nothing else but an index. */
static bool holds(const struct sb_judge *judge, const struct sb_repack *repack,
                  const struct sb_repack_more *more)
{
    const struct sb_inventory *files = &judge->scan.inventory;
    size_t added = more != NULL ? more->count : 0;
    size_t index = sb_inventory_find(files, SB_INDEX_TSV) != NULL;
    if (files->count != repack->files.count + added + index)
        return false;
    for (size_t i = 0; i < repack->files.count; i++) {
        const struct sb_file *old = &repack->files.files[i];
        const struct sb_file *now = sb_inventory_find(files, old->path);
        if (now == NULL || now->size != old->size ||
            memcmp(now->digest, old->digest, SB_DIGEST_SIZE) != 0)
            return false;
    }
    return sb_append_holds(&judge->scan, &repack->guard.judge.scan,
                           more != NULL ? more->additions : NULL, added);
}

/* The finding that led to the exit code. */
static const char *reason(const struct sb_findings *findings)
{
    size_t i = 0;
    while (i < findings->count && findings->items[i].exit_code != findings->exit_code)
        i++;
    return i < findings->count ? findings->items[i].sentence : "Please report this.";
}

/* `code`: the old one's. */
static int judge_new(const struct sb_repack *repack, struct sb_guard *guard, int code,
                     const struct sb_repack_more *more, struct sb_error *error)
{
    const struct sb_findings *findings = &guard->judge.findings;
    int r = 0;
    /* The documents are those that were judged, as this process has seen while it packed them; what
     * is in a folder, it has not seen. */
    if (guard->options->seal != NULL && !to_folder(repack))
        r = sb_guard_ask(guard, SB_READ_LISTS, error);
    if (r == 0)
        r = sb_guard_ask(guard, SB_READ_ALL, error);
    if (r < 0)
        return r;
    bool verifies = more != NULL ? findings->exit_code == 0 || findings->exit_code == 3
                                 : findings->exit_code == code;
    if (verifies && holds(&guard->judge, repack, more))
        return 0;
    return sb_error_set(error, SEALBAG_ERR_SYSTEM,
                        "The new bag would not verify, so none was made. %s",
                        verifies ? "Please report this." : reason(findings));
}

static int look_at_new(const struct sb_repack *repack, const struct sealbag_verdict *old,
                       const struct sb_repack_more *more, struct sb_error *error)
{
    struct sealbag_verify_options options = *repack->options.verify;
    struct sb_guard guard = {.inspection = {.provenance = true}};
    struct sb_inspection *inspection = &guard.inspection;
    const char *seal = more != NULL && more->seal != NULL ? more->seal : old->seal_id;
    options.seal = seal[0] != 0 ? seal : NULL;
    if (to_folder(repack)) {
        inspection->fd = openat(repack->staging.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        inspection->start = -1;
        inspection->folder = strdup(repack->name);
        if (inspection->fd < 0)
            sb_error_errno(error, errno, "look at", repack->options.output);
    } else {
        inspection->fd = sb_output_reopen(&repack->output, error);
    }
    int fd = inspection->fd;
    int r = fd < 0 ? SEALBAG_ERR_IO : 0;
    if (r == 0 && to_folder(repack) && inspection->folder == NULL)
        r = sb_error_memory(error);
    if (r == 0)
        r = sb_guard_open(&guard, &options, error);
    if (r == 0)
        r = judge_new(repack, &guard, old->exit_code, more, error);
    sb_guard_close(&guard);
    if (fd >= 0)
        close(fd);
    return r;
}

int sb_repack_publish(struct sb_repack *repack, const struct sb_repack_more *more,
                      struct sb_error *error)
{
    const struct sealbag_verdict *old = repack->verdict;
    if (!repack->ready || old == NULL)
        return sb_error_set(error, SEALBAG_ERR_USAGE, "The bag was not found good.");
    int r = make(repack, more, error);
    if (r == 0)
        r = look_at_new(repack, old, more, error);
    if (r < 0)
        return r;
    if (to_folder(repack)) {
        r = sb_staging_publish(&repack->staging, repack->name, error);
        return r == SEALBAG_ERR_EXISTS ? refuse_existing(repack, error) : r;
    }
    repack->written = repack->output.written;
    return sb_output_commit(&repack->output, repack->options.force, error);
}

int sb_repack_close(struct sb_repack *repack, int result, struct sb_error *error)
{
    sb_guard_close(&repack->guard);
    sb_output_abort(&repack->output);
    int r = sb_staging_close(&repack->staging, result, error);
    sealbag_verdict_free(repack->verdict);
    sb_inventory_free(&repack->files);
    free(repack->directory);
    free(repack->name);
    return r;
}
