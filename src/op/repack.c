#define _GNU_SOURCE /* O_PATH */
#include "op/repack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bag/index.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "base/tree.h"
#include "op/format.h"
#include "op/verify.h"

bool sb_repack_to_folder(const struct sb_repack *repack)
{
    return repack->packing == SB_PACKED_NOT;
}

bool sb_repack_from_folder(const struct sb_repack *repack)
{
    return repack->guard.inspection.folder != NULL;
}

/* ---- where the output appears --------------------------------------------------------------- */

static int split_output(struct sb_repack *repack, struct sb_error *error)
{
    const char *output = repack->options.output;
    size_t len = strlen(output);
    while (sb_repack_to_folder(repack) && len > 1 && output[len - 1] == '/')
        len--;
    char *path = strndup(output, len);
    int r = path != NULL && sb_path_split(&repack->directory, &repack->name, path) == 0
                ? 0
                : sb_error_memory(error);
    free(path);
    return r;
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
    if (sb_path_there(&old, dir_fd, repack->name) > 0 && sb_tree_same(&old, &bag))
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "The output %s is the bag itself. Write it under another name.", shown);
    int within = sb_repack_from_folder(repack) ? sb_tree_is_within(dir_fd, &bag) : 0;
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
    if (r == 0 && sb_repack_to_folder(repack) && sb_path_there(&status, dir_fd, repack->name) > 0)
        r = refuse_existing(repack, error);
    close(dir_fd);
    if (r == 0 && !sb_repack_to_folder(repack))
        r = sb_output_open_forcible(&repack->output, options->output, options->force, 0666, error);
    /* A folder is packed from where it is. */
    if (r == 0 && !(sb_repack_from_folder(repack) && !sb_repack_to_folder(repack)))
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
    if (r == 0 && sb_repack_to_folder(repack) && options->force)
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
    if (sb_repack_to_folder(repack) && strcmp(top, repack->name) != 0)
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
    if (r == 0 && sb_repack_to_folder(repack))
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
        r = sb_repack_from_folder(repack) ? judge_folder(repack, &judged, error)
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

/* ---- the new one ---------------------------------------------------------------------------- */

int sb_repack_publish(struct sb_repack *repack, const struct sb_repack_more *more,
                      struct sb_error *error)
{
    const struct sealbag_verdict *old = repack->verdict;
    if (!repack->ready || old == NULL)
        return sb_error_set(error, SEALBAG_ERR_USAGE, "The bag was not found good.");
    int r = sb_repack_make(repack, more, error);
    if (r == 0)
        r = sb_repack_look(repack, more, error);
    if (r < 0)
        return r;
    if (sb_repack_to_folder(repack)) {
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
