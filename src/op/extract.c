/* Extraction: judge first, write into a private folder while judging again, publish in one rename.
 * What a folder holds is copied instead, and held against what was judged. */
#define _GNU_SOURCE /* O_PATH */
#include "op/extract.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "op/restore.h"
#include "op/verify.h"

void sealbag_extracted_free(struct sealbag_extracted *extracted)
{
    for (size_t i = 0; i < extracted->lost_count; i++)
        free(extracted->lost[i]);
    free(extracted->lost);
    extracted->lost = NULL;
    extracted->lost_count = 0;
}

bool sb_extract_acceptable(int exit_code, const struct sealbag_extract_options *options)
{
    return exit_code == 0 || (exit_code == 3 && options->accept_untrusted) ||
           (exit_code == 4 && options->accept_unsigned);
}

/* What is asked for, who reads it, and where it is built. */
struct extraction {
    const struct sealbag_extract_options *options;
    struct sb_selection selection;
    struct sb_staging staging;
    struct sb_error no_staging; /* why it could not be opened: told when it is needed */
    struct sb_guard guard;
    struct sb_restore restore; /* the times of what is published */
};

/* ---- publishing ------------------------------------------------------------------------- */

int sb_extract_publish(struct sealbag_extracted *out, struct sb_staging *staging, const char *name,
                       struct sb_error *error)
{
    int r = sb_staging_publish(staging, name, error);
    if (r < 0)
        return r;
    out->published = true;
    out->documents = staging->documents;
    out->bytes = staging->bytes;
    size_t len = strlen(staging->directory);
    bool slash = len > 0 && staging->directory[len - 1] == '/';
    int n = snprintf(out->folder, sizeof(out->folder), "%s%s%s", staging->directory,
                     slash ? "" : "/", name);
    if (n < 0 || (size_t)n >= sizeof(out->folder))
        memcpy(out->folder, name, strlen(name) + 1);
    return 0;
}

/* ---- judging ---------------------------------------------------------------------------- */

static bool acceptable(const struct extraction *job)
{
    return sb_extract_acceptable(job->guard.judge.findings.exit_code, job->options);
}

static int check_staging(const struct extraction *job, struct sb_error *error)
{
    if (job->no_staging.code < 0 && error != NULL)
        *error = job->no_staging;
    return job->no_staging.code;
}

/* Before anything is written: all that was asked for is there, and there is room for it. */
static int check_wanted(struct extraction *job, struct sb_error *error)
{
    const struct sb_scan *scan = &job->guard.judge.scan;
    int r = sb_selection_check(&job->selection, &scan->inventory, error);
    if (r == 0)
        r = sb_staging_check_free(job->options->directory, scan->top, error);
    return r == 0 ? check_staging(job, error) : r;
}

/* Whether so little is wanted that it is found sooner by the index. */
static bool is_small_part(const struct extraction *job)
{
    const struct sb_inventory *files = &job->guard.judge.scan.inventory;
    uint64_t all = 0, some = 0;
    for (size_t i = 0; i < files->count; i++) {
        all += files->files[i].size;
        if (sb_selection_has(&job->selection, files->files[i].path))
            some += files->files[i].size;
    }
    return job->options->path_count > 0 && some <= all / 2;
}

/* ---- times --------------------------------------------------------------------------------- */

/* As the records state them; before the verdict takes the records over. */
static int plan_times(struct extraction *job, struct sb_error *error)
{
    if (job->options->no_mtimes)
        return 0;
    int r =
        sb_restore_plan(&job->restore, &job->guard.judge.metadata, job->guard.inspection.selection);
    return r < 0 ? sb_error_memory(error) : 0;
}

/* When nobody can change anything any more. What nobody signed is not restored. */
static int publish(struct sealbag_extracted *out, const struct sealbag_verdict *verdict,
                   struct extraction *job, struct sb_error *error)
{
    struct sb_restore *restore = &job->restore;
    if (verdict->exit_code == 0 || verdict->exit_code == 3)
        sb_restore_apply(restore, &job->staging);
    out->mtimes = restore->restored;
    out->mtimes_left = restore->stated - restore->restored;
    return sb_extract_publish(out, &job->staging, verdict->name, error);
}

/* ---- writing ---------------------------------------------------------------------------- */

/* The bundle is read while it is written: the verdict is on what was written. */
static int write_all(struct sealbag_extracted *out, struct sealbag_verdict **verdict,
                     struct extraction *job, struct sb_error *error)
{
    bool can_write = job->guard.inspection.staging != NULL;
    int r = sb_guard_ask(&job->guard, can_write ? SB_WRITE_ALL : SB_READ_ALL, error);
    if (r < 0)
        return r;
    bool wanted = acceptable(job);
    int checked = wanted ? check_wanted(job, error) : 0;
    if (checked == 0 && wanted)
        checked = plan_times(job, error);
    r = sb_guard_verdict(verdict, &job->guard, checked == 0 ? error : NULL);
    if (checked < 0)
        r = checked;
    sb_guard_stop(&job->guard);
    if (r == 0 && wanted)
        r = publish(out, *verdict, job, error);
    return r;
}

/* 1: done; 0: the whole bundle must be read after all. */
static int write_part(struct sealbag_extracted *out, struct sealbag_verdict **verdict,
                      struct extraction *job, struct sb_error *error)
{
    int r = sb_guard_ask(&job->guard, SB_WRITE_SELECTED, error);
    if (r == 0)
        return sb_staging_empty(&job->staging, error);
    if (r < 0)
        return r;
    sb_guard_stop(&job->guard);
    r = plan_times(job, error);
    if (r == 0)
        r = sb_guard_partial_verdict(verdict, &job->guard, job->staging.documents, error);
    if (r == 0)
        r = publish(out, *verdict, job, error);
    return r < 0 ? r : 1;
}

/* What was judged is copied; what was changed since is an error. */
static int write_judged(struct sealbag_extracted *out, struct sealbag_verdict **verdict,
                        struct extraction *job, struct sb_error *error)
{
    int asked = sb_guard_ask(&job->guard, SB_WRITE_SELECTED, error);
    sb_guard_stop(&job->guard);
    int r = asked < 0 ? asked : plan_times(job, error);
    int told = sb_guard_verdict(verdict, &job->guard, r == 0 ? error : NULL);
    if (r == 0)
        r = told;
    return r == 0 ? publish(out, *verdict, job, error) : r;
}

/* ---- the order of things ---------------------------------------------------------------- */

/* With an index the seal is judged first by reading little. 1: done; 0: there is no index, or the
 * whole must be judged to say what is wrong. */
static int extract_indexed(struct sealbag_extracted *out, struct sealbag_verdict **verdict,
                           struct extraction *job, struct sb_error *error)
{
    int r = sb_guard_ask(&job->guard, SB_READ_LISTS, error);
    if (r <= 0)
        return r;
    bool part = is_small_part(job), write = acceptable(job);
    if (!write && !part)
        return 0;
    if (!write) {
        r = sb_guard_partial_verdict(verdict, &job->guard, 0, error);
        return r < 0 ? r : 1;
    }
    r = check_wanted(job, error);
    if (r < 0)
        return r;
    if (part)
        return write_part(out, verdict, job, error);
    r = write_all(out, verdict, job, error);
    return r < 0 ? r : 1;
}

/* Judges all of it without writing anything. 1 when writing may begin. */
static int judge_first(struct sealbag_verdict **verdict, struct extraction *job,
                       struct sb_error *error)
{
    int r = sb_guard_ask(&job->guard, SB_READ_ALL, error);
    if (r < 0)
        return r;
    if (acceptable(job)) {
        r = check_wanted(job, error);
        if (r == 0)
            return 1;
        /* The verdict is good, and something else is wrong: both are told. */
        int told = sb_guard_verdict(verdict, &job->guard, NULL);
        return told < 0 ? told : r;
    }
    return sb_guard_verdict(verdict, &job->guard, error);
}

static int extract_whole(struct sealbag_extracted *out, struct sealbag_verdict **verdict,
                         struct extraction *job, struct sb_error *error)
{
    int r = job->guard.inspection.start >= 0 ? judge_first(verdict, job, error) : 1;
    if (r == 0 && job->options->salvage && (*verdict)->exit_code == 1) {
        r = check_staging(job, error);
        return r == 0 ? sb_extract_salvage(out, &job->guard, &job->staging, job->options, error)
                      : r;
    }
    if (r <= 0)
        return r;
    return job->guard.inspection.folder != NULL ? write_judged(out, verdict, job, error)
                                                : write_all(out, verdict, job, error);
}

static int extract(struct sealbag_extracted *out, struct sealbag_verdict **verdict,
                   struct extraction *job, struct sb_error *error)
{
    if (job->guard.inspection.start < 0 && job->options->salvage)
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "--salvage reads the bundle several times, so it needs a file and not "
                            "a pipe.");
    int r = sb_guard_open(&job->guard, &job->options->verify, error);
    if (r == 0 && job->guard.inspection.start >= 0 && !job->options->salvage)
        r = extract_indexed(out, verdict, job, error);
    if (r == 0)
        return extract_whole(out, verdict, job, error);
    return r < 0 ? r : 0;
}

/* A bag that is a folder has to stay as it is while it is judged. */
static int check_folder(struct extraction *job, struct sb_error *error)
{
    struct sb_inspection *inspection = &job->guard.inspection;
    const char *directory = job->options->directory;
    struct stat bag;
    char shown[700];
    int r = sb_inspection_look(inspection, error);
    if (r < 0 || inspection->folder == NULL)
        return r;
    int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return 0; /* which is told when it is needed */
    int within = fstat(inspection->fd, &bag) < 0 ? -1 : sb_tree_is_within(fd, &bag);
    int reason = errno;
    close(fd);
    if (within < 0)
        return sb_error_errno(error, reason, "examine the folder", directory);
    if (within == 0)
        return 0;
    return sb_error_set(error, SEALBAG_ERR_USAGE,
                        "%s lies in the bag itself, which must not be changed. Extract into "
                        "another folder with -C.",
                        sealbag_text_escape(shown, sizeof(shown), directory));
}

/* The process that reads may write into the staging folder and nowhere else, so that has to be
 * there before it starts. */
static void open_staging(struct extraction *job)
{
    if (sb_staging_open(&job->staging, job->options->directory, &job->no_staging) == 0)
        job->guard.inspection.staging = &job->staging;
}

int sealbag_bundle_extract(struct sealbag_extracted *out, struct sealbag_verdict **verdict, int fd,
                           const struct sealbag_extract_options *options, struct sb_error *error)
{
    struct extraction job = {.options = options};
    struct sb_inspection *inspection = &job.guard.inspection;
    *out = (struct sealbag_extracted){0};
    *verdict = NULL;
    inspection->fd = fd;
    inspection->start = lseek(fd, 0, SEEK_CUR);
    inspection->index_is_hint = options->path_count > 0;
    inspection->selection = options->path_count > 0 ? &job.selection : NULL;
    inspection->provenance = !options->no_mtimes;
    int r = sb_verify_options_check(&options->verify, error);
    if (r == 0 && options->salvage && options->path_count > 0)
        r = sb_error_set(error, SEALBAG_ERR_USAGE,
                         "--salvage saves all that it can; it takes no names of documents.");
    if (r == 0)
        r = sb_selection_make(&job.selection, options->paths, options->path_count, error);
    if (r == 0)
        r = check_folder(&job, error);
    if (r == 0) {
        open_staging(&job);
        r = extract(out, verdict, &job, error);
        sb_guard_stop(&job.guard);
        r = sb_staging_close(&job.staging, r, error);
    }
    sb_guard_close(&job.guard);
    sb_selection_free(&job.selection);
    sb_restore_free(&job.restore);
    return r;
}
