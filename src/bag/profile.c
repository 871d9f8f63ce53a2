/* Whether a bag keeps to a BagIt profile. */
#include "bag/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bag/taginfo.h"

#define PAYLOAD_MANIFEST "manifest-"
#define TAG_MANIFEST     "tagmanifest-"

/* Everything that is compared. */
struct check {
    struct sb_findings *findings;
    const struct sealbag_profile *profile;
    const struct sb_profile_bag *bag;
};

/* ---- patterns ---------------------------------------------------------------------------- */

bool sb_profile_fits(const char *pattern, const char *path)
{
    /* Where to go on when what follows the last '*' does not fit: it takes one byte more. */
    const char *star = NULL, *retry = NULL;
    while (*path != 0) {
        if (*pattern == '*') {
            star = pattern++;
            retry = path;
        } else if (*pattern == '?' || *pattern == *path) {
            pattern++;
            path++;
        } else if (star != NULL) {
            pattern = star + 1;
            path = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == 0;
}

bool sb_profile_fits_any(const struct sb_profile_list *patterns, const char *path)
{
    if (!patterns->stated)
        return true;
    for (size_t i = 0; i < patterns->count; i++) {
        if (sb_profile_fits(patterns->items[i], path))
            return true;
    }
    return false;
}

/* A list for people, as far as it fits. */
static const char *show_list(char *out, size_t size, const struct sb_profile_list *list)
{
    struct sb_buf text = {0};
    int r = 0;
    for (size_t i = 0; r == 0 && i < list->count && text.len < size; i++)
        r = sb_buf_printf(&text, "%s%s", i > 0 ? ", " : "", list->items[i]);
    sealbag_text_escape(out, size, r == 0 && text.len > 0 ? (const char *)text.data : "none");
    sb_buf_free(&text);
    return out;
}

/* ---- labels ------------------------------------------------------------------------------ */

static void check_value(const struct check *check, const struct sb_profile_label *asked,
                        const char *value)
{
    char name[200], shown[400], values[400];
    for (size_t i = 0; i < asked->values.count; i++) {
        if (strcmp(asked->values.items[i], value) == 0)
            return;
    }
    if (asked->values.count > 0)
        sb_findings_add(check->findings, SB_RULE_PROFILE_VALUE, "bag-info.txt",
                        "The label %s has the value \"%s\", and the profile allows only: %s.",
                        sealbag_text_escape(name, sizeof(name), asked->name),
                        sealbag_text_escape(shown, sizeof(shown), value),
                        show_list(values, sizeof(values), &asked->values));
}

static void check_counts(const struct check *check, const size_t *counts, bool named)
{
    char shown[400];
    for (size_t i = 0; i < check->profile->label_count; i++) {
        const struct sb_profile_label *asked = &check->profile->labels[i];
        sealbag_text_escape(shown, sizeof(shown), asked->name);
        if (counts[i] == 0 && asked->required)
            sb_findings_add(check->findings, SB_RULE_PROFILE_LABEL, "bag-info.txt",
                            "The label %s is missing. The profile requires it.", shown);
        else if (counts[i] == 0 && asked->recommended)
            sb_findings_add(check->findings, SB_RULE_PROFILE_RECOMMENDED, "bag-info.txt",
                            "The label %s is missing. The profile recommends it.", shown);
        if (counts[i] > 1 && asked->once)
            sb_findings_add(check->findings, SB_RULE_PROFILE_REPEATED, "bag-info.txt",
                            "The label %s is there %zu times. The profile allows it once.", shown,
                            counts[i]);
    }
    if (!named)
        sb_findings_add(check->findings, SB_RULE_PROFILE_IDENTIFIER, "bag-info.txt",
                        "The bag does not say that it keeps to this profile: there is no label "
                        "%s: %s.",
                        SB_PROFILE_LABEL,
                        sealbag_text_escape(shown, sizeof(shown), check->profile->identifier));
}

static int check_labels(const struct check *check)
{
    const struct sealbag_profile *profile = check->profile;
    struct sb_bag_info info = {{.bytes = check->bag->info, .len = check->bag->info_len}};
    struct sb_buf label = {0}, value = {0};
    bool named = false;
    size_t *counts = calloc(profile->label_count + 1, sizeof(*counts));
    int r = counts == NULL ? SEALBAG_ERR_MEMORY : 0;
    while (r == 0) {
        label.len = value.len = 0;
        r = sb_bag_info_next(&info, &label, &value);
        if (r <= 0)
            break;
        r = sb_buf_puts(&label, "") < 0 || sb_buf_puts(&value, "") < 0 ? SEALBAG_ERR_MEMORY : 0;
        const char *name = (const char *)label.data, *text = (const char *)value.data;
        for (size_t i = 0; r == 0 && i < profile->label_count; i++) {
            if (strcasecmp(profile->labels[i].name, name) != 0)
                continue;
            counts[i]++;
            check_value(check, &profile->labels[i], text);
        }
        named |= r == 0 && strcasecmp(name, SB_PROFILE_LABEL) == 0 &&
                 strcmp(text, profile->identifier) == 0;
    }
    if (r == 0)
        check_counts(check, counts, named);
    free(counts);
    sb_buf_free(&label);
    sb_buf_free(&value);
    return r;
}

/* ---- files ------------------------------------------------------------------------------- */

/* The algorithm in the name of a manifest; false: it is none. */
static bool algorithm_of(char out[64], const char *path, const char *prefix)
{
    size_t len = strlen(path), n = strlen(prefix);
    if (len <= n + 4 || len - n - 4 >= 64 || strncmp(path, prefix, n) != 0 ||
        strcmp(path + len - 4, ".txt") != 0 || strchr(path, '/') != NULL)
        return false;
    memcpy(out, path + n, len - n - 4);
    out[len - n - 4] = 0;
    return true;
}

/* "sha256" and "SHA-256" are the same. */
static bool same_algorithm(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (*a == '-')
            a++;
        while (*b == '-')
            b++;
        if (*a == 0 || strncasecmp(a, b, 1) != 0)
            return *a == *b;
    }
}

static bool has_algorithm(const struct sb_profile_list *list, const char *algorithm)
{
    for (size_t i = 0; i < list->count; i++) {
        if (same_algorithm(list->items[i], algorithm) || strcmp(list->items[i], "*") == 0)
            return true;
    }
    return !list->stated;
}

static void check_manifests(const struct check *check, const char *prefix,
                            const struct sb_profile_list *required,
                            const struct sb_profile_list *allowed)
{
    const struct sb_inventory *files = check->bag->files;
    char algorithm[64], shown[300], list[400];
    const char *what = strcmp(prefix, TAG_MANIFEST) == 0 ? "tag manifest" : "manifest";
    for (size_t i = 0; i < required->count; i++) {
        bool there = false;
        for (size_t j = 0; j < files->count; j++)
            there |= algorithm_of(algorithm, files->files[j].path, prefix) &&
                     same_algorithm(required->items[i], algorithm);
        if (!there)
            sb_findings_add(check->findings, SB_RULE_PROFILE_MANIFEST, NULL,
                            "There is no %s with %s. The profile requires one.", what,
                            sealbag_text_escape(shown, sizeof(shown), required->items[i]));
    }
    for (size_t j = 0; j < files->count; j++) {
        const char *path = files->files[j].path;
        if (algorithm_of(algorithm, path, prefix) && !has_algorithm(allowed, algorithm))
            sb_findings_add(check->findings, SB_RULE_PROFILE_MANIFEST, path,
                            "The profile does not allow this %s, but only: %s.", what,
                            show_list(list, sizeof(list), allowed));
    }
}

/* What every bag may have, whatever the profile says of tag files. */
static bool is_of_bagit(const char *path)
{
    char algorithm[64];
    return strcmp(path, "bagit.txt") == 0 || strcmp(path, "bag-info.txt") == 0 ||
           strcmp(path, "fetch.txt") == 0 || algorithm_of(algorithm, path, PAYLOAD_MANIFEST) ||
           algorithm_of(algorithm, path, TAG_MANIFEST);
}

/* A file, or a folder when it ends in a slash. */
static bool is_there(const struct sb_inventory *files, const char *path)
{
    size_t len = strlen(path);
    if (path[len - 1] != '/')
        return sb_inventory_find(files, path) != NULL;
    for (size_t i = 0; i < files->count; i++) {
        if (strncmp(files->files[i].path, path, len) == 0)
            return true;
    }
    return false;
}

static void check_files(const struct check *check, bool payload,
                        const struct sb_profile_list *required,
                        const struct sb_profile_list *allowed)
{
    const struct sb_inventory *files = check->bag->files;
    enum sb_rule rule = payload ? SB_RULE_PROFILE_PAYLOAD : SB_RULE_PROFILE_TAG_FILE;
    char list[400];
    for (size_t i = 0; i < required->count; i++) {
        if (!is_there(files, required->items[i]))
            sb_findings_add(check->findings, rule, required->items[i],
                            "The profile requires this %s, and it is not there.",
                            payload ? "document" : "tag file");
    }
    for (size_t i = 0; allowed->stated && i < files->count; i++) {
        const struct sb_file *file = &files->files[i];
        if ((file->part == SB_PART_PAYLOAD) == payload && !is_of_bagit(file->path) &&
            !sb_profile_fits_any(allowed, file->path))
            sb_findings_add(check->findings, rule, file->path,
                            "The profile does not allow this %s, but only: %s.",
                            payload                      ? "document"
                            : file->part == SB_PART_SEAL ? "file of the seal"
                                                         : "tag file",
                            show_list(list, sizeof(list), allowed));
    }
}

static void check_fetch(const struct check *check)
{
    bool there = sb_inventory_find(check->bag->files, "fetch.txt") != NULL;
    if (there && check->profile->fetch_forbidden)
        sb_findings_add(check->findings, SB_RULE_PROFILE_FETCH, "fetch.txt",
                        "The profile does not allow fetch.txt.");
    if (!there && check->profile->fetch_required)
        sb_findings_add(check->findings, SB_RULE_PROFILE_FETCH, NULL,
                        "There is no fetch.txt. The profile requires it.");
}

/* None, or one that is empty, since many programs cannot keep an empty folder. */
static void check_data(const struct check *check)
{
    size_t count = 0;
    uint64_t bytes = 0;
    if (!check->profile->data_empty)
        return;
    for (size_t i = 0; i < check->bag->files->count; i++) {
        const struct sb_file *file = &check->bag->files->files[i];
        if (file->part != SB_PART_PAYLOAD)
            continue;
        count++;
        bytes |= file->size;
    }
    if (count > 1 || bytes > 0)
        sb_findings_add(check->findings, SB_RULE_PROFILE_DATA, NULL,
                        "The bag holds documents. The profile allows none, or one that is empty.");
}

/* ---- the whole --------------------------------------------------------------------------- */

/* The media types by which profiles call it. */
static bool is_called(enum sb_packing packing, const char *type)
{
    static const char *const names[][10] = {
        [SB_PACKED_NOT] = {NULL},
        [SB_PACKED_TAR] = {"application/tar", "application/x-tar", NULL},
        [SB_PACKED_TAR_GZ] = {"application/gzip", "application/x-gzip", "application/tar+gzip",
                              "application/x-tar+gzip", "application/x-tgz", "application/x-gtar",
                              "application/x-compressed-tar", NULL},
        [SB_PACKED_TAR_ZST] = {"application/zstd", "application/x-zstd", "application/tar+zstd",
                               "application/x-tar+zstd", "application/x-zstd-compressed-tar", NULL},
        [SB_PACKED_ZIP] = {"application/zip", "application/x-zip", "application/x-zip-compressed",
                           NULL},
    };
    for (size_t i = 0; names[packing][i] != NULL; i++) {
        if (strcasecmp(names[packing][i], type) == 0)
            return true;
    }
    return false;
}

static void check_packing(const struct check *check)
{
    const struct sealbag_profile *profile = check->profile;
    static const char *const words[] = {"a folder", "a tar file", "a .tar.gz file",
                                        "a .tar.zst file", "a zip file"};
    enum sb_packing packing = check->bag->packing;
    char list[400];
    if (packing == SB_PACKED_NOT) {
        if (profile->packing == SB_PACKING_REQUIRED)
            sb_findings_add(check->findings, SB_RULE_PROFILE_PACKING, NULL,
                            "The bag is a folder, and the profile wants it packed: %s.",
                            show_list(list, sizeof(list), &profile->packings));
        return;
    }
    if (profile->packing == SB_PACKING_FORBIDDEN) {
        sb_findings_add(check->findings, SB_RULE_PROFILE_PACKING, NULL,
                        "The bag is packed, as %s, and the profile wants a folder.",
                        words[packing]);
        return;
    }
    for (size_t i = 0; i < profile->packings.count; i++) {
        if (is_called(packing, profile->packings.items[i]))
            return;
    }
    if (profile->packings.stated)
        sb_findings_add(check->findings, SB_RULE_PROFILE_PACKING, NULL,
                        "The bag is %s, and the profile accepts only: %s.", words[packing],
                        show_list(list, sizeof(list), &profile->packings));
}

static void check_version(const struct check *check)
{
    const struct sb_profile_list *versions = &check->profile->versions;
    char list[400];
    for (size_t i = 0; i < versions->count; i++) {
        if (strcmp(versions->items[i], check->bag->version) == 0)
            return;
    }
    sb_findings_add(check->findings, SB_RULE_PROFILE_VERSION, "bagit.txt",
                    "The bag is of version %s of BagIt, and the profile accepts only: %s.",
                    check->bag->version, show_list(list, sizeof(list), versions));
}

int sb_profile_check(struct sb_findings *findings, const struct sealbag_profile *profile,
                     const struct sb_profile_bag *bag)
{
    const struct check check = {findings, profile, bag};
    char shown[200];
    check_version(&check);
    check_packing(&check);
    if (check_labels(&check) < 0)
        return SEALBAG_ERR_MEMORY;
    check_manifests(&check, PAYLOAD_MANIFEST, &profile->manifests_required,
                    &profile->manifests_allowed);
    check_manifests(&check, TAG_MANIFEST, &profile->tag_manifests_required,
                    &profile->tag_manifests_allowed);
    check_files(&check, false, &profile->tag_files_required, &profile->tag_files_allowed);
    check_files(&check, true, &profile->payload_required, &profile->payload_allowed);
    check_fetch(&check);
    check_data(&check);
    for (size_t i = 0; i < profile->not_judged.count; i++)
        sb_findings_add(findings, SB_RULE_PROFILE_NOT_JUDGED, NULL,
                        "What the profile says under \"%s\" is no part of the BagIt Profiles "
                        "Specification, and was not judged.",
                        sealbag_text_escape(shown, sizeof(shown), profile->not_judged.items[i]));
    return findings->overflow ? SEALBAG_ERR_MEMORY : 0;
}
