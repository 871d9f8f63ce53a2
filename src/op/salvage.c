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
    const struct sb_judge *judge = context;
    return sb_part_of(path) == SB_PART_SEAL ? sb_scan_kept_file(&judge->scan, path) != NULL
                                            : find_listed(judge, path) != NULL;
}

/* Exactly the file that the manifest or the cover lists, or the seal's file that was judged. */
static bool matches(const void *context, const char *path, const uint8_t *digest)
{
    const struct sb_judge *judge = context;
    if (sb_part_of(path) == SB_PART_SEAL) {
        const struct sb_kept *kept = sb_scan_kept_file(&judge->scan, path);
        return kept != NULL && memcmp(kept->digest, digest, SB_DIGEST_SIZE) == 0;
    }
    const struct sb_listed *listed = find_listed(judge, path);
    return listed != NULL && memcmp(listed->digest, digest, SB_DIGEST_SIZE) == 0;
}

static int list_lost(struct sealbag_extracted *out, const struct sb_judge *judge,
                     struct sb_inventory *saved)
{
    sb_inventory_sort(saved);
    out->lost = calloc(judge->manifest.count + 1, sizeof(*out->lost));
    if (out->lost == NULL)
        return SEALBAG_ERR_MEMORY;
    for (size_t i = 0; i < judge->manifest.count; i++) {
        const char *path = judge->manifest.lines[i].path;
        if (sb_inventory_find(saved, path) != NULL)
            continue;
        out->lost[out->lost_count] = strdup(path);
        if (out->lost[out->lost_count++] == NULL)
            return SEALBAG_ERR_MEMORY;
    }
    return 0;
}

/* Each of the passes shows progress, and can be stopped. */
static struct sb_reader_options salvage_reading(const struct sealbag_extract_options *options,
                                                struct sb_pool *pool)
{
    return (struct sb_reader_options){
        .pool = pool,
        .salvage = true,
        .progress = options->verify.progress,
        .progress_context = options->verify.progress_context,
    };
}

static int write_matching(struct sealbag_extracted *out, struct sb_staging *staging, int fd,
                          const struct sb_judge *judge, const struct sb_reader_options *reading,
                          struct sb_error *error)
{
    struct sb_scan again = {0};
    struct sb_findings ignored = {0};
    again.top = strdup(bag_name(judge));
    if (again.top == NULL)
        return sb_error_memory(error);
    staging->filter = belongs;
    staging->judge = matches;
    staging->context = judge;
    struct sb_sink sink = sb_staging_sink(staging);
    int r = sb_scan_read(&again, &ignored, fd, reading, &sink, error);
    if (r == 0 && list_lost(out, judge, &staging->saved) < 0)
        r = sb_error_memory(error);
    sb_findings_free(&ignored);
    sb_scan_free(&again);
    return r;
}

static int save(struct sealbag_extracted *out, int fd, const struct sb_judge *judge,
                const struct sealbag_extract_options *options,
                const struct sb_reader_options *reading, struct sb_error *error)
{
    struct sb_staging staging;
    struct sb_buf name = {0};
    int r = sb_staging_open(&staging, options->directory, error);
    if (r == 0)
        r = write_matching(out, &staging, fd, judge, reading, error);
    if (r == 0 && staging.documents == 0)
        r = sb_error_set(error, SEALBAG_ERR_DAMAGED,
                         "Nothing could be saved: no document is as it was sealed.");
    if (r == 0 && sb_buf_printf(&name, "%s.INCOMPLETE", bag_name(judge)) < 0)
        r = sb_error_memory(error);
    if (r == 0)
        r = sb_extract_publish(out, &staging, (const char *)name.data, error);
    sb_buf_free(&name);
    return sb_staging_close(&staging, r, error);
}

/* The folder that holds seal/seal.txt. Behind damage, headers inside a document that is itself a
 * tar can be met first, so the first entry's folder may be a wrong one. */
static int find_top(char **top, int fd, const struct sb_reader_options *reading,
                    struct sb_error *error)
{
    static const char seal_txt[] = "/" SB_SEAL_TXT;
    struct sb_reader *reader;
    struct sb_entry entry;
    *top = NULL;
    int r = sb_reader_open(&reader, fd, reading, error);
    if (r < 0)
        return r;
    while ((r = sb_reader_next(reader, &entry, error)) > 0) {
        const char *slash = strchr(entry.path, '/');
        if (slash == NULL || entry.folder || strcmp(slash, seal_txt) != 0)
            continue;
        free(*top);
        *top = strndup(entry.path, (size_t)(slash - entry.path));
        if (*top == NULL) {
            r = sb_error_memory(error);
            break;
        }
    }
    sb_reader_close(reader);
    return r;
}

static int go_back(int fd, off_t start, struct sb_error *error)
{
    if (lseek(fd, start, SEEK_SET) < 0)
        return sb_error_errno(error, errno, "go back in", "the input");
    return 0;
}

int sb_extract_salvage(struct sealbag_extracted *out, int fd, off_t start,
                       const struct sealbag_extract_options *options, struct sb_error *error)
{
    struct sb_judge judge;
    int r = sb_judge_init(&judge, 1, error);
    const struct sb_reader_options reading = salvage_reading(options, judge.pool);
    if (r == 0)
        r = find_top(&judge.scan.top, fd, &reading, error);
    if (r == 0)
        r = go_back(fd, start, error);
    if (r == 0)
        r = sb_judge_read(&judge, fd, &options->verify, NULL, true, error);
    if (r == 0)
        r = check_authority(&judge, options, error);
    if (r == 0)
        r = go_back(fd, start, error);
    if (r == 0)
        r = save(out, fd, &judge, options, &reading, error);
    sb_judge_free(&judge);
    return r;
}
