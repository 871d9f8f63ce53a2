#include "bag/inventory.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"

enum sb_part sb_part_of(const char *path)
{
    if (strncmp(path, "data/", 5) == 0)
        return SB_PART_PAYLOAD;
    return strncmp(path, "seal/", 5) == 0 ? SB_PART_SEAL : SB_PART_TAG;
}

int sb_inventory_add_borrowed(struct sb_inventory *inventory, const char *path, uint64_t size,
                              uint64_t at, const uint8_t digest[SB_DIGEST_SIZE])
{
    struct sb_file *files =
        sb_array_grow(inventory->files, &inventory->cap, inventory->count, sizeof(*files));
    if (files == NULL)
        return SEALBAG_ERR_MEMORY;
    inventory->files = files;
    struct sb_file *file = &files[inventory->count++];
    *file =
        (struct sb_file){.path = path, .size = size, .at = at, .part = (uint8_t)sb_part_of(path)};
    memcpy(file->digest, digest, SB_DIGEST_SIZE);
    return 0;
}

int sb_inventory_add(struct sb_inventory *inventory, const char *path, uint64_t size, uint64_t at,
                     const uint8_t digest[SB_DIGEST_SIZE])
{
    const char *copy = sb_arena_copy(&inventory->strings, path, strlen(path));
    return copy != NULL ? sb_inventory_add_borrowed(inventory, copy, size, at, digest)
                        : SEALBAG_ERR_MEMORY;
}

int sb_inventory_add_folder(struct sb_inventory *inventory, const char *path)
{
    const char **folders = sb_array_grow(inventory->folders, &inventory->folder_cap,
                                         inventory->folder_count, sizeof(*folders));
    if (folders == NULL)
        return SEALBAG_ERR_MEMORY;
    inventory->folders = folders;
    const char *copy = sb_arena_copy(&inventory->strings, path, strlen(path));
    if (copy == NULL)
        return SEALBAG_ERR_MEMORY;
    folders[inventory->folder_count++] = copy;
    return 0;
}

static int by_path(const void *a, const void *b)
{
    const struct sb_file *left = a, *right = b;
    return sb_path_compare(left->path, right->path);
}

void sb_inventory_sort(struct sb_inventory *inventory)
{
    size_t i = 1;
    while (i < inventory->count && by_path(&inventory->files[i - 1], &inventory->files[i]) <= 0)
        i++;
    if (i < inventory->count) /* mostly it is sorted */
        qsort(inventory->files, inventory->count, sizeof(*inventory->files), by_path);
}

/* The first file whose path is not less than `path`. */
static size_t lower_bound(const struct sb_inventory *inventory, const char *path)
{
    size_t low = 0, high = inventory->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sb_path_compare(inventory->files[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct sb_file *sb_inventory_find(const struct sb_inventory *inventory, const char *path)
{
    size_t at = lower_bound(inventory, path);
    if (at == inventory->count || strcmp(inventory->files[at].path, path) != 0)
        return NULL;
    return &inventory->files[at];
}

/* How many bytes two paths have in common at their beginnings. */
static size_t common_length(const char *a, const char *b)
{
    size_t n = 0;
    while (a[n] != 0 && a[n] == b[n])
        n++;
    return n;
}

/* Whether one of the folders that lead to `path` is itself a file. Those within the first `known`
 * bytes have been looked at. `scratch` holds SB_PATH_MAX. */
static bool file_above(const struct sb_inventory *inventory, const char *path, size_t known,
                       char *scratch)
{
    for (const char *slash = strchr(path + known, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        size_t len = (size_t)(slash - path);
        memcpy(scratch, path, len);
        scratch[len] = 0;
        if (sb_inventory_find(inventory, scratch) != NULL)
            return true;
    }
    return false;
}

static void check_files(struct sb_findings *findings, const struct sb_inventory *inventory)
{
    char scratch[SB_PATH_MAX + 1];
    for (size_t i = 0; i < inventory->count; i++) {
        const char *path = inventory->files[i].path;
        const char *before = i > 0 ? inventory->files[i - 1].path : "";
        if (strcmp(path, before) == 0)
            sb_findings_add(findings, SB_RULE_PATH_DUPLICATE, path, "The file is there twice.");
        /* Folders that it shares with its neighbour were looked at with that one, unless the
         * neighbour is one of them: then the slash lies behind what they have in common. */
        if (file_above(inventory, path, common_length(path, before), scratch))
            sb_findings_add(findings, SB_RULE_PATH_COLLISION, path,
                            "A folder of this path is also a file.");
        const char *why = sb_path_not_portable(path, strlen(path));
        if (why != NULL)
            sb_findings_add(findings, SB_RULE_PATH_NOT_PORTABLE, path,
                            "Windows cannot create this file: its name %s.", why);
    }
}

static void check_folder(struct sb_findings *findings, const struct sb_inventory *inventory,
                         const char *folder)
{
    char inside[SB_PATH_MAX + 2];
    size_t len = strlen(folder);
    memcpy(inside, folder, len);
    memcpy(inside + len, "/", 2);
    size_t at = lower_bound(inventory, inside);
    if (at == inventory->count || strncmp(inventory->files[at].path, inside, len + 1) != 0)
        sb_findings_add(findings, SB_RULE_FOLDER_EMPTY, folder,
                        "The folder holds no file; a bag cannot vouch for it.");
    if (sb_inventory_find(inventory, folder) != NULL)
        sb_findings_add(findings, SB_RULE_PATH_COLLISION, folder,
                        "There are a folder and a file with this path.");
}

void sb_inventory_check(struct sb_findings *findings, const struct sb_inventory *inventory)
{
    check_files(findings, inventory);
    for (size_t i = 0; i < inventory->folder_count; i++)
        check_folder(findings, inventory, inventory->folders[i]);
}

void sb_inventory_free(struct sb_inventory *inventory)
{
    free(inventory->files);
    free(inventory->folders);
    sb_arena_free(&inventory->strings);
    *inventory = (struct sb_inventory){0};
}
