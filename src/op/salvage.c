/* Salvaging: the first pass finds the seal and the manifest behind the damage and demands that they
 * hold; the second writes the documents that are exactly the ones that were listed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "op/extract.h"

static const char *bag_name(const struct sb_judge *judge)
{
    return judge->sealed ? judge->seal.name : judge->scan.top;
}

/* Whether the manifest may be believed. */
static int check_authority(const struct sb_judge *judge,
                           const struct sealbag_extract_options *options, struct sb_error *error)
{
    if (judge->manifest.count == 0)
        return sb_error_set(error, SEALBAG_ERR_DAMAGED,
                            "Nothing can be saved: the manifest, which stands near the end of the "
                            "bundle, is lost. Ask for the bundle again.");
    if (judge->sealed && !judge->manifest_signed)
        return sb_error_set(error, SEALBAG_ERR_DAMAGED,
                            "Nothing can be saved: the seal or the manifest is damaged, so nothing "
                            "says what the documents should be. Ask for the bundle again.");
    if (!sb_extract_acceptable(judge->signature_code, options))
        return sb_error_set(error, SEALBAG_ERR_TRUST,
                            "Nothing was saved: the seal is not by a signer that you trust (see "
                            "above).");
    const char *name = bag_name(judge);
    const char *why = name == NULL ? "is missing" : sb_bag_name_bad(name, strlen(name));
    if (why != NULL)
        return sb_error_set(
            error, SEALBAG_ERR_DAMAGED,
            "Nothing can be saved: the bag's folder has a name that cannot be used (it %s).", why);
    return 0;
}

static const struct sb_listed *find_listed(const struct sb_judge *judge, const char *path)
{
    return sb_manifest_find(sb_part_of(path) == SB_PART_PAYLOAD ? &judge->manifest : &judge->cover,
                            path);
}

static bool belongs(const void *context, const char *path)
{
    char fp_name[33];
    if (sb_part_of(path) == SB_PART_SEAL)
        return sb_seal_kind_of(fp_name, path) != SB_SEAL_UNKNOWN;
    return find_listed(context, path) != NULL;
}

/* Exactly the file that the manifest or the cover lists; the seal's own files are what they are. */
static bool matches(const void *context, const char *path, const uint8_t *digest)
{
    const struct sb_listed *listed = find_listed(context, path);
    return sb_part_of(path) == SB_PART_SEAL ||
           (listed != NULL && memcmp(listed->digest, digest, SB_DIGEST_SIZE) == 0);
}

/* Whether one of the files with this path (damage can leave several) is the right one. */
static bool was_saved(const struct sb_judge *judge, const struct sb_inventory *read,
                      const char *path)
{
    const struct sb_file *file = sb_inventory_find(read, path);
    const struct sb_file *end = read->files + read->count;
    for (; file != NULL && file < end && strcmp(file->path, path) == 0; file++) {
        if (matches(judge, path, file->digest))
            return true;
    }
    return false;
}

static int list_lost(struct sealbag_extracted *out, const struct sb_judge *judge,
                     const struct sb_inventory *read)
{
    out->lost = calloc(judge->manifest.count + 1, sizeof(*out->lost));
    if (out->lost == NULL)
        return SEALBAG_ERR_MEMORY;
    for (size_t i = 0; i < judge->manifest.count; i++) {
        const char *path = judge->manifest.lines[i].path;
        if (was_saved(judge, read, path))
            continue;
        out->lost[out->lost_count] = strdup(path);
        if (out->lost[out->lost_count++] == NULL)
            return SEALBAG_ERR_MEMORY;
    }
    return 0;
}

static int write_matching(struct sealbag_extracted *out, struct sb_staging *staging, int fd,
                          const struct sb_judge *judge,
                          const struct sealbag_extract_options *options, struct sb_error *error)
{
    struct sb_scan again = {0};
    struct sb_findings ignored = {0};
    struct sb_reader_options reading = {
        .salvage = true,
        .progress = options->verify.progress,
        .progress_context = options->verify.progress_context,
    };
    staging->filter = belongs;
    staging->judge = matches;
    staging->context = judge;
    struct sb_sink sink = sb_staging_sink(staging);
    int r = sb_scan_read(&again, &ignored, fd, &reading, &sink, error);
    if (r == 0 && list_lost(out, judge, &again.inventory) < 0)
        r = sb_error_memory(error);
    sb_findings_free(&ignored);
    sb_scan_free(&again);
    return r;
}

static int save(struct sealbag_extracted *out, int fd, const struct sb_judge *judge,
                const struct sealbag_extract_options *options, struct sb_error *error)
{
    struct sb_staging staging;
    struct sb_buf name = {0};
    int r = sb_staging_open(&staging, options->directory, error);
    if (r == 0)
        r = write_matching(out, &staging, fd, judge, options, error);
    if (r == 0 && staging.documents == 0)
        r = sb_error_set(error, SEALBAG_ERR_DAMAGED,
                         "Nothing could be saved: no document is as it was sealed.");
    if (r == 0 && sb_buf_printf(&name, "%s.INCOMPLETE", bag_name(judge)) < 0)
        r = sb_error_memory(error);
    if (r == 0)
        r = sb_extract_publish(out, &staging, (const char *)name.data, error);
    sb_buf_free(&name);
    struct sb_error closing = {0};
    int closed = sb_staging_close(&staging, &closing);
    if (closed < 0 && r == 0 && error != NULL)
        *error = closing;
    return r < 0 ? r : closed;
}

int sb_extract_salvage(struct sealbag_extracted *out, int fd, off_t start,
                       const struct sealbag_extract_options *options, struct sb_error *error)
{
    struct sb_judge judge;
    int r = sb_judge_init(&judge, error);
    if (r == 0)
        r = sb_judge_read(&judge, fd, &options->verify, NULL, true, error);
    if (r == 0)
        r = check_authority(&judge, options, error);
    if (r == 0 && lseek(fd, start, SEEK_SET) < 0)
        r = sb_error_errno(error, errno, "go back in", "the input");
    if (r == 0)
        r = save(out, fd, &judge, options, error);
    sb_judge_free(&judge);
    return r;
}
