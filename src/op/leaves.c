#include "op/leaves.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"

int sb_leaves_root(uint8_t root[SB_SHA256_SIZE], const struct sb_inventory *inventory,
                   struct sb_digest *digest, const uint8_t salt[SB_SALT_SIZE],
                   struct sb_error *error)
{
    struct sb_leaf *leaves = calloc(inventory->count + 1, sizeof(*leaves));
    struct sb_buf path = {0};
    size_t count = 0;
    int r = leaves != NULL ? 0 : sb_error_memory(error);
    for (size_t i = 0; r == 0 && i < inventory->count; i++) {
        const struct sb_file *file = &inventory->files[i];
        if (file->part != SB_PART_PAYLOAD)
            continue;
        path.len = 0;
        if (sb_path_encode(&path, file->path, strlen(file->path)) < 0)
            r = sb_error_memory(error);
        else
            r = sb_leaf_make(&leaves[count++], digest, salt, (const char *)path.data, file->digest,
                             file->size, NULL, error);
    }
    if (r == 0)
        r = sb_leaf_root(root, leaves, count, digest, error);
    sb_buf_free(&path);
    free(leaves);
    return r;
}
