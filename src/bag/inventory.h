/* The files that were found in a bag: path, size, digest. */
#ifndef SB_BAG_INVENTORY_H
#define SB_BAG_INVENTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rule.h"

enum { SB_DIGEST_SIZE = 32 };

enum sb_part { SB_PART_TAG, SB_PART_PAYLOAD, SB_PART_SEAL };

struct sb_file {
    const char *path; /* in the bag, without its top-level folder */
    uint64_t size;
    uint64_t at;                    /* where its first header starts in the tar */
    uint8_t digest[SB_DIGEST_SIZE]; /* SHA-256 */
    uint8_t part;                   /* an enum sb_part */
};

/* Zero-initialise; free with sb_inventory_free. */
struct sb_inventory {
    struct sb_file *files;
    size_t count, cap;
    struct sb_arena strings;
    const char **folders; /* that had an entry of their own */
    size_t folder_count, folder_cap;
};

/* data/... is payload, seal/... the seal, everything else a tag file. */
enum sb_part sb_part_of(const char *path);

/* Copies the path. 0 or SEALBAG_ERR_MEMORY. */
int sb_inventory_add(struct sb_inventory *inventory, const char *path, uint64_t size, uint64_t at,
                     const uint8_t digest[SB_DIGEST_SIZE]);
/* The same without copying the path, which must live as long as the inventory. */
int sb_inventory_add_borrowed(struct sb_inventory *inventory, const char *path, uint64_t size,
                              uint64_t at, const uint8_t digest[SB_DIGEST_SIZE]);
int sb_inventory_add_folder(struct sb_inventory *inventory, const char *path);
/* By bytes of the path; needed before the three below. */
void sb_inventory_sort(struct sb_inventory *inventory);
const struct sb_file *sb_inventory_find(const struct sb_inventory *inventory, const char *path);
/* Findings: paths that occur twice, files that are also folders, folders without a file, names that
 * Windows cannot have. */
void sb_inventory_check(struct sb_findings *findings, const struct sb_inventory *inventory);
void sb_inventory_free(struct sb_inventory *inventory);

#endif
