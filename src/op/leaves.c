#include "op/leaves.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"

enum { CHUNK = 4096 };

/* Some of the leaves, made by one thread. */
struct chunk {
    struct sb_task task;
    const struct sb_file *files;
    size_t count;
    struct sb_leaf *leaves;
    const uint8_t *salt;
    const struct sb_metadata *table;
    size_t place; /* in it: rows before are of files before */
    int result;
    struct sb_error error;
};

/* The digest of what the file's row says, if there is one. */
static int hash_row(struct sb_metadata_digest *row, struct chunk *chunk, const char *path,
                    struct sb_digest *digest, struct sb_metadata_scratch *scratch)
{
    const struct sb_metadata *table = chunk->table;
    row->any = false;
    while (chunk->place < table->by_path_count &&
           strcmp(table->by_path[chunk->place].path, path) < 0)
        chunk->place++;
    if (chunk->place == table->by_path_count ||
        strcmp(table->by_path[chunk->place].path, path) != 0)
        return 0;
    int r = sb_metadata_hash(row, table, table->by_path[chunk->place].row, digest, scratch);
    if (r == SEALBAG_ERR_SYSTEM)
        return sb_digest_failed(&chunk->error);
    return r < 0 ? sb_error_memory(&chunk->error) : 0;
}

static void make(struct sb_task *task)
{
    struct chunk *chunk = (struct chunk *)task;
    struct sb_digest *digest;
    struct sb_buf path = {0};
    struct sb_metadata_scratch scratch = {0};
    struct sb_metadata_digest row;
    int r = sb_digest_new(&digest, &chunk->error);
    if (r == 0)
        chunk->place = sb_metadata_place(chunk->table, chunk->files[0].path);
    for (size_t i = 0; r == 0 && i < chunk->count; i++) {
        const struct sb_file *file = &chunk->files[i];
        path.len = 0;
        r = hash_row(&row, chunk, file->path, digest, &scratch);
        if (r < 0)
            break;
        if (sb_path_encode(&path, file->path, strlen(file->path)) < 0)
            r = sb_error_memory(&chunk->error);
        else
            r = sb_leaf_make(&chunk->leaves[i], digest, chunk->salt, (const char *)path.data,
                             file->digest, file->size, row.any ? row.sha256 : NULL, &chunk->error);
    }
    sb_buf_free(&path);
    sb_metadata_scratch_free(&scratch);
    sb_digest_free(digest);
    chunk->result = r;
}

/* The payload's files stand together, since they are sorted. */
static const struct sb_file *payload(size_t *count, const struct sb_inventory *inventory)
{
    size_t first = 0;
    *count = 0;
    while (first < inventory->count && inventory->files[first].part != SB_PART_PAYLOAD)
        first++;
    while (first + *count < inventory->count &&
           inventory->files[first + *count].part == SB_PART_PAYLOAD)
        ++*count;
    return inventory->files + first;
}

static int make_all(struct sb_leaf *leaves, const struct sb_file *files, size_t count,
                    const struct sb_metadata *table, const uint8_t *salt, struct sb_pool *pool,
                    struct sb_error *error)
{
    size_t chunk_count = (count + CHUNK - 1) / CHUNK;
    struct chunk *chunks = calloc(chunk_count > 0 ? chunk_count : 1, sizeof(*chunks));
    if (chunks == NULL)
        return sb_error_memory(error);
    for (size_t i = 0; i < chunk_count; i++) {
        size_t first = i * CHUNK;
        chunks[i].task.run = make;
        chunks[i].files = files + first;
        chunks[i].leaves = leaves + first;
        chunks[i].count = count - first < CHUNK ? count - first : CHUNK;
        chunks[i].salt = salt;
        chunks[i].table = table;
        sb_pool_start(pool, NULL, &chunks[i].task);
    }
    int r = 0;
    for (size_t i = 0; i < chunk_count; i++) {
        sb_pool_wait(pool, &chunks[i].task);
        if (r == 0 && chunks[i].result < 0) {
            r = chunks[i].result;
            if (error != NULL)
                *error = chunks[i].error;
        }
    }
    free(chunks);
    return r;
}

int sb_leaves_root(uint8_t root[SB_SHA256_SIZE], const struct sb_inventory *inventory,
                   const struct sb_metadata *table, const uint8_t salt[SB_SALT_SIZE],
                   struct sb_pool *pool, struct sb_error *error)
{
    size_t count;
    const struct sb_file *files = payload(&count, inventory);
    struct sb_digest *digest = NULL;
    struct sb_leaf *leaves = malloc((count + 1) * sizeof(*leaves));
    int r = leaves != NULL ? sb_digest_new(&digest, error) : sb_error_memory(error);
    if (r == 0)
        r = make_all(leaves, files, count, table, salt, pool, error);
    if (r == 0)
        r = sb_leaf_root(root, leaves, count, digest, error);
    sb_digest_free(digest);
    free(leaves);
    return r;
}
