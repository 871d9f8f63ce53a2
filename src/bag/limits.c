#include "bag/limits.h"

#include <string.h>

#include "bag/index.h"
#include "bag/seal.h"
#include "base/path.h"
#include "hash/digest.h"

enum {
    DECLARATION_MAX = 64 << 10,
    SEAL_MAX = 1 << 20,
    SIGNATURE_MAX = 16 << 10,
    CUSTODY_EVENT_MAX = 320 << 10, /* the longest that parses has some 262,000 bytes */
};

/* Of an algorithm that is known here. */
static bool is_manifest(const char *path, const char *prefix)
{
    size_t before = strlen(prefix), len = strlen(path);
    return strncmp(path, prefix, before) == 0 && len > before + 4 &&
           strcmp(path + len - 4, ".txt") == 0 &&
           sb_algorithm_find(path + before, len - before - 4) != SB_ALGORITHMS;
}

uint64_t sb_kept_max(const char **name, const char *path, const struct sealbag_limits *limits)
{
    static const char tags[] = "tag-bytes", manifest[] = "manifest-bytes";
    const struct {
        const char *path, *name;
        uint64_t max;
    } files[] = {
        {"bagit.txt", NULL, DECLARATION_MAX},
        {"bag-info.txt", tags, limits->tag_bytes},
        {"package-info.txt", tags, limits->tag_bytes},
        {SB_FETCH_TXT, manifest, limits->manifest_bytes},
        {SB_COVER_TXT, tags, limits->tag_bytes},
        {SB_SEAL_MANIFEST, manifest, limits->manifest_bytes},
        {SB_METADATA_CSV, "metadata-bytes", limits->metadata_bytes},
        {SB_SEAL_TXT, NULL, SEAL_MAX},
        {SB_SALT_TXT, NULL, SIGNATURE_MAX},
    };
    char fp_name[33];
    *name = NULL;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (strcmp(files[i].path, path) == 0) {
            *name = files[i].name;
            return files[i].max;
        }
    }
    if (is_manifest(path, "manifest-")) {
        *name = manifest;
        return limits->manifest_bytes;
    }
    if (is_manifest(path, "tagmanifest-")) {
        *name = tags;
        return limits->tag_bytes;
    }
    if (strncmp(path, "seal/", 5) != 0 || strcmp(path, SB_INDEX_TSV) == 0)
        return 0;
    switch (sb_seal_kind_of(fp_name, path)) {
    case SB_SEAL_CUSTODY_EVENT:
        return CUSTODY_EVENT_MAX;
    case SB_SEAL_MINISIGN:
    case SB_SEAL_SSHSIG:
    case SB_SEAL_CUSTODY_MINISIGN:
    case SB_SEAL_CUSTODY_SSHSIG:
        return SIGNATURE_MAX;
    case SB_SEAL_FIXED:
    case SB_SEAL_INDEX:
    case SB_SEAL_UNKNOWN:
    default:
        return 0;
    }
}
