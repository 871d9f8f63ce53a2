#include "op/profile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bag/index.h"
#include "base/path.h"
#include "base/text.h"
#include "container/zst_codec.h"
#include "op/key.h"
#include "op/problems.h"

int sealbag_profile_parse(struct sealbag_profile **out, const void *bytes, size_t len,
                          const char *name, struct sb_error *error)
{
    *out = NULL;
    struct sealbag_profile *profile = malloc(sizeof(*profile));
    if (profile == NULL)
        return sb_error_memory(error);
    int r = sb_profile_parse(profile, bytes, len, name, error);
    if (r < 0)
        sealbag_profile_free(profile);
    else
        *out = profile;
    return r;
}

const char *sealbag_profile_not_judged(const struct sealbag_profile *profile, size_t number)
{
    return number < profile->not_judged.count ? profile->not_judged.items[number] : NULL;
}

void sealbag_profile_free(struct sealbag_profile *profile)
{
    if (profile != NULL)
        sb_profile_free(profile);
    free(profile);
}

/* ---- create ------------------------------------------------------------------------------ */

int sb_create_name_profile(struct sb_buf *text, const struct sealbag_create_options *options)
{
    const size_t len = strlen(SB_PROFILE_LABEL);
    if (options->profile == NULL)
        return 0;
    const char *identifier = options->profile->identifier;
    for (size_t i = 0; i < options->info_count; i++) {
        const char *info = options->info[i];
        if (strncasecmp(info, SB_PROFILE_LABEL ": ", len + 2) == 0 &&
            strcmp(info + len + 2, identifier) == 0)
            return 0;
    }
    return sb_buf_printf(text, SB_PROFILE_LABEL ": %s\n", identifier);
}

/* The files that the bag will have. Paths are borrowed or static. */
static int list_files(struct sb_inventory *files, const struct sb_create *create)
{
    static const uint8_t none[SB_DIGEST_SIZE];
    static const char *const tags[] = {"bagit.txt", "bag-info.txt", "manifest-sha256.txt",
                                       "tagmanifest-sha256.txt"};
    static const char *const more[] = {"manifest-sha512.txt", "tagmanifest-sha512.txt"};
    static const char *const seal[] = {SB_SEAL_TXT, SB_SALT_TXT, SB_COVER_TXT};
    const struct sealbag_create_options *options = create->options;
    int r = 0;
    for (size_t i = 0; r == 0 && i < sizeof(tags) / sizeof(tags[0]); i++)
        r = sb_inventory_add_borrowed(files, tags[i], 1, 0, none);
    for (size_t i = 0; r == 0 && create->sha512 && i < sizeof(more) / sizeof(more[0]); i++)
        r = sb_inventory_add_borrowed(files, more[i], 1, 0, none);
    for (size_t i = 0; r == 0 && i < create->source.count; i++)
        r = sb_inventory_add_borrowed(files, create->source.files[i].bag_path,
                                      create->source.files[i].size, 0, none);
    if (r == 0 && (options->metadata != NULL || options->recording != NULL))
        r = sb_inventory_add_borrowed(files, SB_METADATA_CSV, 1, 0, none);
    for (size_t i = 0; r == 0 && options->key_count > 0 && i < 3; i++)
        r = sb_inventory_add_borrowed(files, seal[i], 1, 0, none);
    for (size_t i = 0; r == 0 && i < options->key_count; i++) {
        char name[SB_FP_NAME_SIZE], path[64];
        sb_key_name(name, options->keys[i]);
        snprintf(path, sizeof(path), "seal/%s.%s", name, sb_key_kind(options->keys[i]));
        r = sb_inventory_add(files, path, 1, 0, none);
    }
    if (r == 0 && options->key_count > 0 && !sb_create_is_folder(create))
        r = sb_inventory_add_borrowed(files, SB_INDEX_TSV, 1, 0, none);
    sb_inventory_sort(files);
    return r;
}

/* The labels that bag-info.txt will have; of those that are not known yet, the names. */
static int list_labels(struct sb_buf *text, const struct sb_create *create)
{
    const struct sealbag_create_options *options = create->options;
    char time[SB_TIME_SIZE];
    int r = 0;
    for (size_t i = 0; r == 0 && i < options->info_count; i++)
        r = sb_buf_printf(text, "%s\n", options->info[i]);
    if (r == 0)
        r = sb_create_name_profile(text, options);
    for (size_t i = 0; r == 0 && i < create->source.omission_count; i++)
        r = sb_buf_puts(text, "Omitted-File: x\n");
    return r == 0 ? sb_buf_printf(text,
                                  "Bagging-Date: %.10s\nPayload-Oxum: %" PRIu64
                                  ".%zu\nBag-Software-Agent: sealbag " SEALBAG_VERSION "\n",
                                  sb_time_format(time, options->time), create->source.bytes,
                                  create->source.count)
                  : r;
}

static int refuse(struct sealbag_problems *problems, const struct sb_findings *findings,
                  struct sb_error *error)
{
    size_t count = 0;
    sealbag_problems_free(problems); /* what was left out is no problem now */
    for (size_t i = 0; i < findings->count; i++) {
        const struct sealbag_finding *finding = &findings->items[i];
        if (finding->severity != SEALBAG_ERROR)
            continue;
        if (sb_problems_add(problems, finding->severity, sb_error_rule_of(SEALBAG_ERR_PROFILE),
                            finding->path, "%s", finding->sentence) < 0)
            return sb_error_memory(error);
        count++;
    }
    return sb_error_set(error, SEALBAG_ERR_PROFILE,
                        "The bag would not keep to the profile in %zu %s, so none was made. Give "
                        "labels with --info, and see the profile for the rest.",
                        count, count == 1 ? "thing" : "things");
}

int sb_create_check_profile(struct sb_create *create, struct sealbag_problems *problems,
                            struct sb_error *error)
{
    const struct sealbag_profile *profile = create->options->profile;
    struct sb_findings findings = {0};
    struct sb_inventory files = {0};
    struct sb_buf labels = {0};
    if (profile == NULL)
        return 0;
    int r = list_files(&files, create);
    if (r == 0)
        r = list_labels(&labels, create);
    const struct sb_profile_bag bag = {
        .version = "1.0",
        .files = &files,
        .info = labels.data,
        .info_len = labels.len,
        .packing = create->packing,
    };
    if (r == 0)
        r = sb_profile_check(&findings, profile, &bag);
    if (r < 0)
        r = sb_error_memory(error);
    else if (findings.exit_code != 0)
        r = refuse(problems, &findings, error);
    sb_findings_free(&findings);
    sb_inventory_free(&files);
    sb_buf_free(&labels);
    return r;
}
