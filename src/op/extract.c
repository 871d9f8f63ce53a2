/* Extraction: judge first, write into a private folder while judging again, publish in one rename.
 */
#include "op/extract.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* ---- the documents that were asked for -------------------------------------------------- */

/* A document, or a folder of documents, with or without "data/" before it. */
static bool selects(const char *wanted, const char *path)
{
    if (strncmp(wanted, "data/", 5) != 0 && strcmp(wanted, "data") != 0 &&
        strncmp(path, "data/", 5) == 0)
        path += 5;
    size_t len = strlen(wanted);
    while (len > 0 && wanted[len - 1] == '/')
        len--;
    return strncmp(path, wanted, len) == 0 && (path[len] == 0 || path[len] == '/');
}

static bool wanted(const void *context, const char *path)
{
    const struct sealbag_extract_options *options = context;
    if (options->path_count == 0)
        return true;
    for (size_t i = 0; i < options->path_count; i++) {
        if (sb_part_of(path) == SB_PART_PAYLOAD && selects(options->paths[i], path))
            return true;
    }
    return false;
}

static int check_paths(const struct sealbag_verdict *verdict,
                       const struct sealbag_extract_options *options, struct sb_error *error)
{
    for (size_t i = 0; i < options->path_count; i++) {
        bool found = false;
        for (uint64_t k = 0; !found && k < verdict->documents; k++)
            found = selects(options->paths[i], verdict->document[k].path);
        if (!found) {
            char shown[1024];
            return sb_error_set(error, SEALBAG_ERR_USAGE,
                                "The bag holds no document \"%s\". See its documents with sealbag "
                                "list.",
                                sealbag_text_escape(shown, sizeof(shown), options->paths[i]));
        }
    }
    return 0;
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

/* Reads the bundle while writing it into the staging folder; the verdict is on what was written. */
static int unpack(struct sealbag_extracted *out, struct sealbag_verdict **verdict, int fd,
                  const struct sealbag_extract_options *options, struct sb_error *error)
{
    struct sb_staging staging;
    struct sb_judge judge;
    int r = sb_judge_init(&judge, error);
    if (r < 0) {
        sb_judge_free(&judge);
        return r;
    }
    r = sb_staging_open(&staging, options->directory, error);
    if (r == 0) {
        staging.filter = wanted;
        staging.context = options;
        struct sb_sink sink = sb_staging_sink(&staging);
        r = sb_judge_read(&judge, fd, &options->verify, &sink, false, error);
    }
    if (r == 0)
        r = sb_judge_verdict(verdict, &judge, &options->verify, error);
    if (r == 0 && sb_extract_acceptable((*verdict)->exit_code, options)) {
        r = check_paths(*verdict, options, error);
        if (r == 0)
            r = sb_extract_publish(out, &staging, (*verdict)->name, error);
    }
    sb_judge_free(&judge);
    return sb_staging_close(&staging, r, error);
}

static int extract(struct sealbag_extracted *out, struct sealbag_verdict **verdict, int fd,
                   const struct sealbag_extract_options *options, struct sb_error *error)
{
    off_t start = lseek(fd, 0, SEEK_CUR);
    if (start < 0 && options->salvage)
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "--salvage reads the bundle several times, so it needs a file and not "
                            "a pipe.");
    if (start >= 0) {
        int r = sealbag_bundle_verify(verdict, fd, &options->verify, error);
        if (r < 0)
            return r;
        bool acceptable = sb_extract_acceptable((*verdict)->exit_code, options);
        if (acceptable)
            r = check_paths(*verdict, options, error);
        if (acceptable && r == 0)
            r = sb_staging_check_free(options->directory, (*verdict)->name, error);
        if (r < 0 || (!acceptable && !(options->salvage && (*verdict)->exit_code == 1)))
            return r;
        if (lseek(fd, start, SEEK_SET) < 0)
            return sb_error_errno(error, errno, "go back in", "the input");
        if (!acceptable)
            return sb_extract_salvage(out, fd, start, options, error);
        sealbag_verdict_free(*verdict);
        *verdict = NULL;
    }
    return unpack(out, verdict, fd, options, error);
}

int sealbag_bundle_extract(struct sealbag_extracted *out, struct sealbag_verdict **verdict, int fd,
                           const struct sealbag_extract_options *options, struct sb_error *error)
{
    *out = (struct sealbag_extracted){0};
    *verdict = NULL;
    int r = sb_verify_options_check(&options->verify, error);
    if (r == 0 && options->salvage && options->path_count > 0)
        r = sb_error_set(error, SEALBAG_ERR_USAGE,
                         "--salvage saves all that it can; it takes no names of documents.");
    return r == 0 ? extract(out, verdict, fd, options, error) : r;
}
