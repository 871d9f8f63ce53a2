#include "bag/limits.h"

#include <string.h>

#include "bag/index.h"
#include "bag/seal.h"

enum {
    DECLARATION_MAX = 64 << 10,
    INFO_MAX = 16 << 20,
    MANIFEST_MAX = 1 << 30,
    COVER_MAX = 64 << 20,
    SEAL_MAX = 1 << 20,
    SIGNATURE_MAX = 16 << 10,
};

size_t sb_kept_max(const char *path)
{
    static const struct {
        const char *path;
        size_t max;
    } files[] = {
        {"bagit.txt", DECLARATION_MAX},
        {"bag-info.txt", INFO_MAX},
        {"manifest-sha256.txt", MANIFEST_MAX},
        {"tagmanifest-sha256.txt", COVER_MAX},
        {SB_COVER_TXT, COVER_MAX},
        {SB_SEAL_TXT, SEAL_MAX},
        {SB_SALT_TXT, SIGNATURE_MAX},
    };
    char fp_name[33];
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (strcmp(files[i].path, path) == 0)
            return files[i].max;
    }
    if (strncmp(path, "seal/", 5) == 0 && strcmp(path, SB_INDEX_TSV) != 0 &&
        sb_seal_kind_of(fp_name, path) != SB_SEAL_UNKNOWN)
        return SIGNATURE_MAX;
    return 0;
}
