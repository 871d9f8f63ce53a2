#define _GNU_SOURCE /* memmem */
/* A BagIt profile, and a bag that is held against it: the input is the profile, or the profile, a
 * line of dashes and bag-info.txt. */
#include <string.h>

#include "bag/profile.h"
#include "bag/taginfo.h"
#include "fuzz/fuzz.h"

/* What is told of it never has what a terminal would obey. */
static void check_bag(const struct sealbag_profile *profile, const uint8_t *info, size_t len,
                      const char *const *paths, enum sb_packing packing)
{
    static const uint8_t none[SB_DIGEST_SIZE];
    struct sb_findings findings = {0};
    struct sb_inventory files = {0};
    for (; *paths != NULL; paths++)
        REQUIRE(sb_inventory_add(&files, *paths, 1, 0, none) == 0);
    sb_inventory_sort(&files);
    const struct sb_profile_bag bag = {"1.0", &files, info, len, packing};
    REQUIRE(sb_profile_check(&findings, profile, &bag) == 0);
    fuzz_check_findings(&findings);
    REQUIRE(sb_findings_content_code(&findings) == 0);
    sb_findings_free(&findings);
    sb_inventory_free(&files);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const char *const small[] = {"bag-info.txt", "bagit.txt", NULL};
    static const char *const large[] = {
        "about.txt", "bag-info.txt",     "bagit.txt",     "data/a/b.pdf",           "data/c",
        "fetch.txt", "manifest-md5.txt", "seal/seal.txt", "tagmanifest-sha256.txt", NULL};
    static const char mark[] = "\n----\n";
    const uint8_t *dashes = len > 0 ? memmem(bytes, len, mark, strlen(mark)) : NULL;
    size_t json_len = dashes != NULL ? (size_t)(dashes - bytes) : len;
    const uint8_t *info = dashes != NULL ? dashes + strlen(mark) : bytes;
    size_t info_len = dashes != NULL ? len - json_len - strlen(mark) : 0;
    struct sealbag_profile profile;
    struct sb_error error = {0};
    int r = sb_profile_parse(&profile, bytes, json_len, "p.json", &error);
    REQUIRE(r == 0 || r == SEALBAG_ERR_PROFILE);
    if (r < 0) {
        REQUIRE(fuzz_harmless(error.message, strlen(error.message)));
    } else {
        struct sb_findings findings = {0};
        struct sb_oxum oxum;
        REQUIRE(profile.identifier != NULL && profile.versions.count > 0);
        sb_bag_info_check(&oxum, &findings, "bag-info.txt", info, info_len);
        if (findings.count > 0)
            info_len = 0;
        sb_findings_free(&findings);
        check_bag(&profile, info, info_len, small, SB_PACKED_NOT);
        check_bag(&profile, info, info_len, large, SB_PACKED_ZIP);
    }
    sb_profile_free(&profile);
    return 0;
}
