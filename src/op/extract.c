/* Extraction: judge first, write into a private folder while judging again, publish in one rename.
 */
#include "op/extract.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bag/index.h"
#include "op/lookup.h"
#include "op/selection.h"
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

/* What is asked for, and where it is read from. */
struct extraction {
    const struct sealbag_extract_options *options;
    struct sb_selection selection;
    int fd;
    off_t start; /* of the bundle in it; -1: a pipe */
};

static bool wanted(const void *context, const char *path)
{
    const struct extraction *job = context;
    /* The index tells places in the bundle, and means nothing outside it. */
    if (job->options->path_count == 0)
        return strcmp(path, SB_INDEX_TSV) != 0;
    return sb_selection_has(&job->selection, path);
}

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

/* ---- all of it, or much ----------------------------------------------------------------- */

/* Reads the bundle while writing it into the staging folder; the verdict is on what was written. */
static int unpack(struct sealbag_extracted *out, struct sealbag_verdict **verdict,
                  const struct extraction *job, struct sb_error *error)
{
    const struct sealbag_extract_options *options = job->options;
    struct sb_staging staging;
    struct sb_judge judge;
    int r = sb_judge_init(&judge, options->verify.jobs, error);
    if (r < 0) {
        sb_judge_free(&judge);
        return r;
    }
    judge.scan.index.hint = options->path_count > 0;
    r = sb_staging_open(&staging, options->directory, error);
    if (r == 0) {
        staging.filter = wanted;
        staging.context = job;
        struct sb_sink sink = sb_staging_sink(&staging);
        r = sb_judge_read(&judge, job->fd, &options->verify, &sink, false, error);
    }
    bool acceptable =
        r == 0 && sb_extract_acceptable(sb_findings_exit_code(&judge.findings), options);
    if (acceptable)
        r = sb_selection_check(&job->selection, &judge.scan.inventory, error);
    int judged = r;
    if (r == 0 || acceptable)
        r = sb_judge_verdict(verdict, &judge, &options->verify, judged == 0 ? error : NULL);
    if (judged < 0)
        r = judged;
    if (r == 0 && acceptable)
        r = sb_extract_publish(out, &staging, (*verdict)->name, error);
    sb_judge_free(&judge);
    return sb_staging_close(&staging, r, error);
}

/* Judges all of it without writing anything. 1 when unpacking may begin. */
static int judge_first(struct sealbag_verdict **verdict, const struct extraction *job,
                       struct sb_error *error)
{
    const struct sealbag_extract_options *options = job->options;
    int r = sb_verify(verdict, job->fd, &options->verify, options->path_count > 0, error);
    if (r < 0)
        return r;
    if (!sb_extract_acceptable((*verdict)->exit_code, options))
        return 0;
    r = sb_staging_check_free(options->directory, (*verdict)->name, error);
    if (r == 0 && lseek(job->fd, job->start, SEEK_SET) < 0)
        r = sb_error_errno(error, errno, "go back in", "the input");
    return r < 0 ? r : 1;
}

static int extract_whole(struct sealbag_extracted *out, struct sealbag_verdict **verdict,
                         const struct extraction *job, struct sb_error *error)
{
    int r = job->start >= 0 ? judge_first(verdict, job, error) : 1;
    if (r == 0 && job->options->salvage && (*verdict)->exit_code == 1) {
        if (lseek(job->fd, job->start, SEEK_SET) < 0)
            return sb_error_errno(error, errno, "go back in", "the input");
        return sb_extract_salvage(out, job->fd, job->start, job->options, error);
    }
    if (r <= 0)
        return r;
    sealbag_verdict_free(*verdict);
    *verdict = NULL;
    return unpack(out, verdict, job, error);
}

/* ---- with the index --------------------------------------------------------------------- */

/* Whether so little is wanted that it is found sooner by the index. */
static bool is_small_part(const struct sb_inventory *files, const struct extraction *job)
{
    uint64_t all = 0, some = 0;
    for (size_t i = 0; i < files->count; i++) {
        all += files->files[i].size;
        if (wanted(job, files->files[i].path))
            some += files->files[i].size;
    }
    return job->options->path_count > 0 && some <= all / 2;
}

/* Reads the documents that were asked for, and no others. 1, or 0 when one of them is not there as
 * it was signed. */
static int read_wanted(struct sb_staging *staging, struct sb_lookup *lookup,
                       const struct extraction *job, struct sb_error *error)
{
    const struct sb_inventory *files = &lookup->judge.scan.inventory;
    struct sb_sink sink = sb_staging_sink(staging);
    int r = 1;
    for (size_t i = 0; r == 1 && i < files->count;) {
        /* Neighbours are read in one go. */
        size_t count = 0;
        while (i + count < files->count && wanted(job, files->files[i + count].path))
            count++;
        if (count > 0)
            r = sb_lookup_read(lookup, &files->files[i], count, &sink, error);
        i += count > 0 ? count : 1;
    }
    return r;
}

static int done(int result)
{
    return result < 0 ? result : 1;
}

/* 1: done; 0: the whole bundle must be read after all. */
static int extract_part(struct sealbag_extracted *out, struct sealbag_verdict **verdict,
                        struct sb_lookup *lookup, const struct extraction *job,
                        struct sb_error *error)
{
    const struct sealbag_extract_options *options = job->options;
    struct sb_staging staging;
    if (!sb_extract_acceptable(lookup->judge.findings.exit_code, options))
        return done(sb_lookup_verdict(verdict, lookup, 0, &options->verify, error));
    int r = sb_selection_check(&job->selection, &lookup->judge.scan.inventory, error);
    if (r == 0)
        r = sb_staging_check_free(options->directory, lookup->judge.scan.top, error);
    if (r < 0)
        return r;
    r = sb_staging_open(&staging, options->directory, error);
    if (r == 0)
        r = read_wanted(&staging, lookup, job, error);
    if (r == 1) {
        r = sb_lookup_verdict(verdict, lookup, staging.documents, &options->verify, error);
        if (r == 0)
            r = sb_extract_publish(out, &staging, (*verdict)->name, error);
        r = done(r);
    }
    return sb_staging_close(&staging, r, error);
}

/* With an index the seal is judged first by reading little. 1: done; 0: there is no index, or the
 * whole must be judged to say what is wrong. */
static int extract_indexed(struct sealbag_extracted *out, struct sealbag_verdict **verdict,
                           const struct extraction *job, struct sb_error *error)
{
    const struct sealbag_extract_options *options = job->options;
    struct sb_lookup lookup = {0};
    const struct sb_inventory *files = &lookup.judge.scan.inventory;
    bool unpacks = false;
    int r = sb_lookup_open(&lookup, job->fd, &options->verify, error);
    if (r == 1 && is_small_part(files, job)) {
        r = extract_part(out, verdict, &lookup, job, error);
    } else if (r == 1) {
        unpacks = sb_extract_acceptable(lookup.judge.findings.exit_code, options);
        r = unpacks ? sb_selection_check(&job->selection, files, error) : 0;
        if (r == 0 && unpacks)
            r = sb_staging_check_free(options->directory, lookup.judge.scan.top, error);
    }
    sb_lookup_close(&lookup);
    return r == 0 && unpacks ? done(unpack(out, verdict, job, error)) : r;
}

static int extract(struct sealbag_extracted *out, struct sealbag_verdict **verdict,
                   const struct extraction *job, struct sb_error *error)
{
    if (job->start < 0 && job->options->salvage)
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "--salvage reads the bundle several times, so it needs a file and not "
                            "a pipe.");
    int r = 0;
    if (job->start >= 0 && !job->options->salvage)
        r = extract_indexed(out, verdict, job, error);
    if (r == 0)
        return extract_whole(out, verdict, job, error);
    return r < 0 ? r : 0;
}

int sealbag_bundle_extract(struct sealbag_extracted *out, struct sealbag_verdict **verdict, int fd,
                           const struct sealbag_extract_options *options, struct sb_error *error)
{
    struct extraction job = {.options = options, .fd = fd, .start = lseek(fd, 0, SEEK_CUR)};
    *out = (struct sealbag_extracted){0};
    *verdict = NULL;
    int r = sb_verify_options_check(&options->verify, error);
    if (r == 0 && options->salvage && options->path_count > 0)
        r = sb_error_set(error, SEALBAG_ERR_USAGE,
                         "--salvage saves all that it can; it takes no names of documents.");
    if (r == 0)
        r = sb_selection_make(&job.selection, options->paths, options->path_count, error);
    if (r == 0)
        r = extract(out, verdict, &job, error);
    sb_selection_free(&job.selection);
    return r;
}
