/* BagIt profiles: what an archive asks of the bags that it takes (the BagIt Profiles Specification,
 * up to version 1.4). */
#ifndef SB_BAG_PROFILE_H
#define SB_BAG_PROFILE_H

#include "bag/inventory.h"
#include "base/packing.h"

#define SB_PROFILE_LABEL "BagIt-Profile-Identifier"

/* A list of the profile; one that is not stated asks for nothing. */
struct sb_profile_list {
    const char **items;
    size_t count;
    bool stated;
};

/* What is asked of a label of bag-info.txt. */
struct sb_profile_label {
    const char *name;
    bool required, recommended, once;
    struct sb_profile_list values; /* none: any */
};

enum sb_profile_packing { SB_PACKING_OPTIONAL, SB_PACKING_REQUIRED, SB_PACKING_FORBIDDEN };

struct sealbag_profile {
    const char *identifier;
    struct sb_profile_label *labels;
    size_t label_count;
    struct sb_profile_list manifests_required, manifests_allowed;
    struct sb_profile_list tag_manifests_required, tag_manifests_allowed;
    struct sb_profile_list tag_files_required, tag_files_allowed;
    struct sb_profile_list payload_required, payload_allowed;
    struct sb_profile_list versions, packings;
    struct sb_profile_list not_judged; /* names that the specification does not know */
    bool fetch_forbidden, fetch_required, data_empty;
    enum sb_profile_packing packing;
    struct sb_arena strings;
};

/* Strict: UTF-8 JSON without names that occur twice, each of its type. PROFILE with a sentence that
 * names the file; or MEMORY. Free it in any case. */
int sb_profile_parse(struct sealbag_profile *out, const void *bytes, size_t len, const char *name,
                     struct sb_error *error);
void sb_profile_free(struct sealbag_profile *profile);

/* What a bag is like, or is going to be. */
struct sb_profile_bag {
    const char *version;              /* of BagIt */
    const struct sb_inventory *files; /* sorted */
    const void *info;                 /* the text of bag-info.txt, which was found good */
    size_t info_len;
    enum sb_packing packing;
};

/* Adds a finding for each thing in which the bag does not keep to the profile. 0 or MEMORY. */
int sb_profile_check(struct sb_findings *findings, const struct sealbag_profile *profile,
                     const struct sb_profile_bag *bag);

/* Whether a path fits a pattern, in which '*' stands for any bytes, '/' too, and '?' for one. Takes
 * no longer than the product of their lengths. */
bool sb_profile_fits(const char *pattern, const char *path);
bool sb_profile_fits_any(const struct sb_profile_list *patterns, const char *path);

#endif
