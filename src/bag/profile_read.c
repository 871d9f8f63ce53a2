/* The JSON of a BagIt profile. The one place that knows the library for it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "bag/profile.h"
#include "bag/taginfo.h"
#include "base/text.h"

enum { LABELS_MAX = 1000 };

/* A profile while it is read. */
struct reading {
    struct sealbag_profile *profile;
    const char *name; /* of the file, escaped */
    struct sb_error *error;
};

/* The rest of "The profile FILE ...". */
static int SB_PRINTF(2, 3) bad(const struct reading *reading, const char *format, ...)
{
    char why[900];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, sizeof(why), format, arguments);
    va_end(arguments);
    return sb_error_set(reading->error, SEALBAG_ERR_PROFILE,
                        "The BagIt profile %s %s. Ask for it again, or correct it.", reading->name,
                        why);
}

static const char *keep(const struct reading *reading, const char *text)
{
    return sb_arena_copy(&reading->profile->strings, text, strlen(text));
}

/* ---- values by their type ---------------------------------------------------------------- */

static int take_flag(bool *out, const struct reading *reading, const json_t *object,
                     const char *key)
{
    const json_t *value = json_object_get(object, key);
    char shown[200];
    if (value == NULL)
        return 0;
    if (!json_is_boolean(value))
        return bad(reading, "has something else than true or false for %s",
                   sealbag_text_escape(shown, sizeof(shown), key));
    *out = json_is_true(value);
    return 0;
}

static int take_list(struct sb_profile_list *out, const struct reading *reading,
                     const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    size_t count = json_array_size(value);
    char shown[200];
    if (value == NULL)
        return 0;
    sealbag_text_escape(shown, sizeof(shown), key);
    if (!json_is_array(value))
        return bad(reading, "has something else than a list for %s", shown);
    out->stated = true;
    out->items = calloc(count + 1, sizeof(*out->items));
    if (out->items == NULL)
        return sb_error_memory(reading->error);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(value, i);
        if (!json_is_string(item) || json_string_length(item) == 0)
            return bad(reading, "has something else than text in the list %s", shown);
        out->items[i] = keep(reading, json_string_value(item));
        if (out->items[i] == NULL)
            return sb_error_memory(reading->error);
        out->count++;
    }
    return 0;
}

/* A name of an object that is none of these; NULL: there is none. */
static const char *unknown_key(json_t *object, const char *const *known, const char *after)
{
    void *at = after != NULL ? json_object_iter_at(object, after) : NULL;
    at = after != NULL ? json_object_iter_next(object, at) : json_object_iter(object);
    for (; at != NULL; at = json_object_iter_next(object, at)) {
        const char *key = json_object_iter_key(at);
        size_t i = 0;
        while (known[i] != NULL && strcmp(known[i], key) != 0)
            i++;
        if (known[i] == NULL)
            return key;
    }
    return NULL;
}

/* ---- BagIt-Profile-Info ------------------------------------------------------------------ */

/* 1.0 to 1.4, with or without a third number. */
static bool is_known_version(const char *text)
{
    size_t len = strspn(text, "0123456789.");
    return strncmp(text, "1.", 2) == 0 && text[len] == 0 && text[2] >= '0' && text[2] <= '4' &&
           (text[3] == 0 || (text[3] == '.' && text[4] != 0 && strchr(text + 4, '.') == NULL));
}

static int take_info(const struct reading *reading, json_t *root)
{
    json_t *info = json_object_get(root, "BagIt-Profile-Info");
    const char *key;
    json_t *value;
    char shown[200];
    struct sb_buf line = {0};
    if (!json_is_object(info))
        return bad(reading, "has no BagIt-Profile-Info, with which a profile begins");
    json_object_foreach(info, key, value)
    {
        if (!json_is_string(value))
            return bad(reading, "has something else than text for %s in BagIt-Profile-Info",
                       sealbag_text_escape(shown, sizeof(shown), key));
    }
    const char *version = json_string_value(json_object_get(info, "BagIt-Profile-Version"));
    if (version != NULL && !is_known_version(version))
        return bad(reading,
                   "is written for version \"%s\" of the BagIt Profiles Specification, and this "
                   "version of sealbag knows 1.0 to 1.4",
                   sealbag_text_escape(shown, sizeof(shown), version));
    const char *identifier = json_string_value(json_object_get(info, SB_PROFILE_LABEL));
    if (identifier == NULL || identifier[0] == 0)
        return bad(reading, "does not say its %s", SB_PROFILE_LABEL);
    /* It becomes a line of bag-info.txt. */
    if (sb_buf_printf(&line, SB_PROFILE_LABEL ": %s", identifier) < 0)
        return sb_error_memory(reading->error);
    const char *why = sb_bag_info_label_bad((const char *)line.data);
    sb_buf_free(&line);
    if (why != NULL)
        return bad(reading, "has a %s that cannot be a line of bag-info.txt", SB_PROFILE_LABEL);
    reading->profile->identifier = keep(reading, identifier);
    return reading->profile->identifier == NULL ? sb_error_memory(reading->error) : 0;
}

/* ---- Bag-Info ---------------------------------------------------------------------------- */

static int take_label(struct sb_profile_label *out, const struct reading *reading, const char *name,
                      json_t *asked)
{
    static const char *const known[] = {"required",    "values",      "repeatable",
                                        "recommended", "description", NULL};
    char shown[200], key_shown[200];
    bool repeatable = true;
    sealbag_text_escape(shown, sizeof(shown), name);
    if (!json_is_object(asked))
        return bad(reading, "does not say in an object what is asked of the label %s", shown);
    /* One that is misspelt would ask for less than was meant. */
    const char *key = unknown_key(asked, known, NULL);
    if (key != NULL)
        return bad(reading, "asks for \"%s\" of the label %s, which is not known",
                   sealbag_text_escape(key_shown, sizeof(key_shown), key), shown);
    const json_t *description = json_object_get(asked, "description");
    if (description != NULL && !json_is_string(description))
        return bad(reading, "has something else than text as the description of %s", shown);
    int r = take_flag(&out->required, reading, asked, "required");
    if (r == 0)
        r = take_flag(&out->recommended, reading, asked, "recommended");
    if (r == 0)
        r = take_flag(&repeatable, reading, asked, "repeatable");
    if (r == 0)
        r = take_list(&out->values, reading, asked, "values");
    out->once = !repeatable;
    out->name = keep(reading, name);
    return r == 0 && out->name == NULL ? sb_error_memory(reading->error) : r;
}

static int take_labels(const struct reading *reading, json_t *root)
{
    struct sealbag_profile *profile = reading->profile;
    json_t *labels = json_object_get(root, "Bag-Info");
    const char *name;
    json_t *asked;
    char shown[200];
    if (labels == NULL)
        return 0;
    if (!json_is_object(labels))
        return bad(reading, "has something else than an object for Bag-Info");
    if (json_object_size(labels) > LABELS_MAX)
        return bad(reading, "names more than %d labels", LABELS_MAX);
    profile->labels = calloc(json_object_size(labels) + 1, sizeof(*profile->labels));
    if (profile->labels == NULL)
        return sb_error_memory(reading->error);
    json_object_foreach(labels, name, asked)
    {
        /* Labels are compared without their case (RFC 8493, section 2.2.2). */
        for (size_t i = 0; i < profile->label_count; i++) {
            const char *before = profile->labels[i].name;
            if (before != NULL && strcasecmp(before, name) == 0)
                return bad(reading, "names the label %s twice",
                           sealbag_text_escape(shown, sizeof(shown), name));
        }
        int r = take_label(&profile->labels[profile->label_count++], reading, name, asked);
        if (r < 0)
            return r;
    }
    return 0;
}

/* ---- the rest ---------------------------------------------------------------------------- */

static int take_packing(const struct reading *reading, const json_t *root)
{
    static const char *const words[] = {"optional", "required", "forbidden"};
    struct sealbag_profile *profile = reading->profile;
    const json_t *value = json_object_get(root, "Serialization");
    size_t i = 0;
    int r = take_list(&profile->packings, reading, root, "Accept-Serialization");
    if (r < 0 || value == NULL)
        return r;
    const char *word = json_is_string(value) ? json_string_value(value) : "";
    while (i < 3 && strcmp(words[i], word) != 0)
        i++;
    if (i == 3)
        return bad(reading, "has something else than forbidden, required or optional for "
                            "Serialization");
    profile->packing = (enum sb_profile_packing)i;
    if (profile->packing != SB_PACKING_FORBIDDEN && profile->packings.count == 0)
        return bad(reading, "allows packed bags, and does not say in Accept-Serialization in what");
    return 0;
}

static int take_lists(const struct reading *reading, json_t *root)
{
    static const char *const known[] = {"BagIt-Profile-Info",
                                        "Bag-Info",
                                        "Manifests-Required",
                                        "Manifests-Allowed",
                                        "Tag-Manifests-Required",
                                        "Tag-Manifests-Allowed",
                                        "Tag-Files-Required",
                                        "Tag-Files-Allowed",
                                        "Payload-Files-Required",
                                        "Payload-Files-Allowed",
                                        "Allow-Fetch.txt",
                                        "Fetch.txt-Required",
                                        "Data-Empty",
                                        "Serialization",
                                        "Accept-Serialization",
                                        "Accept-BagIt-Version",
                                        NULL};
    struct sealbag_profile *profile = reading->profile;
    struct sb_profile_list *const lists[] = {
        &profile->manifests_required,     &profile->manifests_allowed,
        &profile->tag_manifests_required, &profile->tag_manifests_allowed,
        &profile->tag_files_required,     &profile->tag_files_allowed,
        &profile->payload_required,       &profile->payload_allowed};
    struct sb_profile_list *left = &profile->not_judged;
    int r = take_list(&profile->versions, reading, root, "Accept-BagIt-Version");
    for (size_t i = 0; r == 0 && i < sizeof(lists) / sizeof(lists[0]); i++)
        r = take_list(lists[i], reading, root, known[2 + i]);
    if (r == 0 && profile->versions.count == 0)
        r = bad(reading, "names no version of BagIt in Accept-BagIt-Version");
    if (r < 0)
        return r;
    left->items = calloc(json_object_size(root) + 1, sizeof(*left->items));
    if (left->items == NULL)
        return sb_error_memory(reading->error);
    const char *key = NULL;
    while ((key = unknown_key(root, known, key)) != NULL) {
        left->items[left->count] = keep(reading, key);
        if (left->items[left->count] == NULL)
            return sb_error_memory(reading->error);
        left->count++;
    }
    return 0;
}

/* ---- contradictions ---------------------------------------------------------------------- */

static int check_allowed(const struct reading *reading, const struct sb_profile_list *required,
                         const struct sb_profile_list *allowed, const char *what)
{
    char shown[200];
    for (size_t i = 0; i < required->count; i++) {
        size_t len = strlen(required->items[i]);
        /* Of a folder, nobody knows what will be in it. */
        if (required->items[i][len - 1] != '/' && !sb_profile_fits_any(allowed, required->items[i]))
            return bad(reading, "requires the %s %s, and does not allow it", what,
                       sealbag_text_escape(shown, sizeof(shown), required->items[i]));
    }
    return 0;
}

/* What brackets mean, the specification does not say clearly; nobody has been seen to use them. */
static int check_patterns(const struct reading *reading, const struct sb_profile_list *patterns)
{
    for (size_t i = 0; i < patterns->count; i++) {
        char shown[200];
        if (strpbrk(patterns->items[i], "[]\\") != NULL)
            return bad(reading, "has the pattern %s, and only * and ? are known in patterns",
                       sealbag_text_escape(shown, sizeof(shown), patterns->items[i]));
    }
    return 0;
}

static int check_whole(const struct reading *reading)
{
    const struct sealbag_profile *profile = reading->profile;
    if (profile->fetch_forbidden && profile->fetch_required)
        return bad(reading, "requires fetch.txt, and does not allow it");
    int r = check_patterns(reading, &profile->tag_files_allowed);
    if (r == 0)
        r = check_patterns(reading, &profile->payload_allowed);
    if (r == 0)
        r = check_allowed(reading, &profile->manifests_required, &profile->manifests_allowed,
                          "manifest");
    if (r == 0)
        r = check_allowed(reading, &profile->tag_manifests_required,
                          &profile->tag_manifests_allowed, "tag manifest");
    if (r == 0)
        r = check_allowed(reading, &profile->tag_files_required, &profile->tag_files_allowed,
                          "tag file");
    if (r == 0)
        r = check_allowed(reading, &profile->payload_required, &profile->payload_allowed,
                          "document");
    return r;
}

static int take_all(const struct reading *reading, json_t *root)
{
    struct sealbag_profile *profile = reading->profile;
    bool fetch_allowed = true;
    if (!json_is_object(root))
        return bad(reading, "is not a JSON object");
    int r = take_info(reading, root);
    if (r == 0)
        r = take_labels(reading, root);
    if (r == 0)
        r = take_lists(reading, root);
    if (r == 0)
        r = take_packing(reading, root);
    if (r == 0)
        r = take_flag(&fetch_allowed, reading, root, "Allow-Fetch.txt");
    if (r == 0)
        r = take_flag(&profile->fetch_required, reading, root, "Fetch.txt-Required");
    if (r == 0)
        r = take_flag(&profile->data_empty, reading, root, "Data-Empty");
    profile->fetch_forbidden = !fetch_allowed;
    return r == 0 ? check_whole(reading) : r;
}

int sb_profile_parse(struct sealbag_profile *out, const void *bytes, size_t len, const char *name,
                     struct sb_error *error)
{
    char shown[400], why[200];
    json_error_t wrong;
    *out = (struct sealbag_profile){0};
    const struct reading reading = {out, sealbag_text_escape(shown, sizeof(shown), name), error};
    if (len > SEALBAG_PROFILE_BYTES_MAX)
        return bad(&reading, "is larger than 1 MiB");
    json_t *root = json_loadb(len > 0 ? bytes : "", len, JSON_REJECT_DUPLICATES, &wrong);
    if (root == NULL) {
        if (json_error_code(&wrong) == json_error_out_of_memory)
            return sb_error_memory(error);
        return bad(&reading, "is not JSON as it must be (line %d: %s)", wrong.line,
                   sealbag_text_escape(why, sizeof(why), wrong.text));
    }
    int r = take_all(&reading, root);
    json_decref(root);
    return r;
}

void sb_profile_free(struct sealbag_profile *profile)
{
    struct sb_profile_list *const lists[] = {&profile->manifests_required,
                                             &profile->manifests_allowed,
                                             &profile->tag_manifests_required,
                                             &profile->tag_manifests_allowed,
                                             &profile->tag_files_required,
                                             &profile->tag_files_allowed,
                                             &profile->payload_required,
                                             &profile->payload_allowed,
                                             &profile->versions,
                                             &profile->packings,
                                             &profile->not_judged};
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        free(lists[i]->items);
    for (size_t i = 0; i < profile->label_count; i++)
        free(profile->labels[i].values.items);
    free(profile->labels);
    sb_arena_free(&profile->strings);
    *profile = (struct sealbag_profile){0};
}
