/* The new container, or folder, with all files and what is to be added: made where nobody sees it
 * yet. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "bag/taginfo.h"
#include "base/limits.h"
#include "base/text.h"
#include "op/folder.h"
#include "op/repack.h"

/* What eleven octal digits of a tar header can hold. */
static const int64_t mtime_max = INT64_C(8589934591);
/* 1980-01-01: what every container can tell. */
static const int64_t mtime_unknown = INT64_C(315532800);

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
    int r = sb_repack_from_folder(repack)
                ? check_folder(&same, repack, repack->guard.inspection.fd, error)
                : 0;
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

int sb_repack_make(struct sb_repack *repack, const struct sb_repack_more *more,
                   struct sb_error *error)
{
    struct sb_pool *pool = NULL;
    int r = 0;
    if (sb_repack_to_folder(repack)) {
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
