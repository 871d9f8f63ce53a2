/* The one order in which a bag is written anew: that in which create writes one, so that a bundle
 * that becomes a folder and a bundle again has the same bytes in its tar. */
#include <stdlib.h>
#include <string.h>

#include "bag/seal.h"
#include "base/path.h"
#include "base/text.h"
#include "op/repack.h"
#include "sign/sign.h"

enum { FP_BYTES = 16, FP_DIGITS = 2 * FP_BYTES };

/* Files that have a place of their own. */
static const struct {
    const char *path;
    unsigned place;
} places[] = {
    {"bagit.txt", 0},  {"bag-info.txt", 2}, {SB_METADATA_CSV, 3}, {"seal/manifest-sha256.txt", 7},
    {SB_COVER_TXT, 8}, {SB_SALT_TXT, 9},    {SB_SEAL_TXT, 10},
};
enum {
    PAYLOAD = 1,
    MANIFESTS = 4,
    TAG_MANIFESTS = 5,
    OTHER_TAGS = 6,
    SIGNATURES = 11,
    OTHERS = 12
};

static bool begins(const char *path, const char *with)
{
    return strncmp(path, with, strlen(with)) == 0;
}

static unsigned place_of(const struct sb_file *file)
{
    char fp_name[FP_DIGITS + 1];
    if (file->part == SB_PART_PAYLOAD)
        return PAYLOAD;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (strcmp(file->path, places[i].path) == 0)
            return places[i].place;
    }
    if (file->part == SB_PART_TAG)
        return begins(file->path, "manifest-")      ? MANIFESTS
               : begins(file->path, "tagmanifest-") ? TAG_MANIFESTS
                                                    : OTHER_TAGS;
    enum sb_seal_kind kind = sb_seal_kind_of(fp_name, file->path);
    return kind == SB_SEAL_MINISIGN || kind == SB_SEAL_SSHSIG ? SIGNATURES : OTHERS;
}

/* As create sorts the keys, by their fingerprints as people see them; the name of a signature has
 * half of one, which is enough. */
static void fingerprint_of(char out[SEALBAG_FINGERPRINT_SIZE], const char *path)
{
    char fp_name[FP_DIGITS + 1] = {0};
    uint8_t digest[SB_DIGEST_SIZE] = {0};
    sb_seal_kind_of(fp_name, path);
    if (!sb_hex_decode(digest, FP_BYTES, fp_name, FP_DIGITS, false))
        memset(digest, 0, sizeof(digest));
    sb_fingerprint_text_from_bytes(out, digest);
}

static int by_place(const void *a, const void *b)
{
    const struct sb_file *const *left = a, *const *right = b;
    unsigned one = place_of(*left), other = place_of(*right);
    int r = 0;
    if (one != other)
        return one < other ? -1 : 1;
    if (one == SIGNATURES) {
        char text[SEALBAG_FINGERPRINT_SIZE], other_text[SEALBAG_FINGERPRINT_SIZE];
        fingerprint_of(text, (*left)->path);
        fingerprint_of(other_text, (*right)->path);
        r = strcmp(text, other_text);
    }
    return r != 0 ? r : sb_path_compare((*left)->path, (*right)->path);
}

const struct sb_file **sb_repack_order(const struct sb_inventory *files)
{
    const struct sb_file **order = calloc(files->count + 1, sizeof(const struct sb_file *));
    for (size_t i = 0; order != NULL && i < files->count; i++)
        order[i] = &files->files[i];
    if (order != NULL)
        qsort(order, files->count, sizeof(const struct sb_file *), by_place);
    return order;
}
