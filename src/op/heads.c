#include "op/heads.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { PIECE = 256 };

/* So many files after each other, which share folders. */
struct piece {
    struct sb_task task;
    const struct sb_source *source;
    size_t from, to;
    uint8_t *kinds;
};

int sb_heads_open(struct sb_tree *tree, uint32_t *root, const struct sb_source *source,
                  const struct sb_source_file *file)
{
    const char *name;
    if (*root != file->root) {
        sb_tree_close(tree);
        sb_tree_init(tree, source->roots[file->root].fd);
        *root = file->root;
    }
    int dir_fd = sb_tree_parent(tree, sb_source_path(source, file), false, &name);
    if (dir_fd < 0)
        return -1;
    /* O_NONBLOCK: a FIFO that took the file's place must not hold up the run. */
    return openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static void run(struct sb_task *task)
{
    struct piece *piece = (struct piece *)task;
    struct sb_tree tree;
    uint32_t root = UINT32_MAX;
    sb_tree_init(&tree, -1);
    for (size_t i = piece->from; i < piece->to; i++) {
        const struct sb_source_file *file = &piece->source->files[i];
        uint8_t head[SB_PRIVACY_HEAD];
        piece->kinds[i] = SB_KIND_NONE;
        if (file->size == 0)
            continue;
        int fd = sb_heads_open(&tree, &root, piece->source, file);
        ssize_t n = fd >= 0 ? pread(fd, head, sizeof(head), 0) : -1;
        piece->kinds[i] = n < 0 ? SB_HEAD_NOT_OPENED : (uint8_t)sb_privacy_kind_of(head, (size_t)n);
        if (fd >= 0)
            close(fd);
    }
    sb_tree_close(&tree);
}

int sb_heads_read(uint8_t **out, const struct sb_source *source, struct sb_pool *pool,
                  struct sb_error *error)
{
    size_t count = source->count / PIECE + 1;
    struct piece *pieces = calloc(count, sizeof(*pieces));
    uint8_t *kinds = malloc(source->count + 1);
    *out = kinds;
    if (pieces == NULL || kinds == NULL) {
        free(pieces);
        return sb_error_memory(error);
    }
    for (size_t i = 0; i < count; i++) {
        size_t from = i * PIECE, left = source->count - from;
        pieces[i] = (struct piece){.task = {.run = run},
                                   .source = source,
                                   .from = from,
                                   .to = from + (left < PIECE ? left : PIECE),
                                   .kinds = kinds};
        sb_pool_start(pool, NULL, &pieces[i].task);
    }
    for (size_t i = 0; i < count; i++)
        sb_pool_wait(pool, &pieces[i].task);
    free(pieces);
    return 0;
}
