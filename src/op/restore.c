#include "op/restore.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

static const char column_name[] = "sealbag.mtime";

static int add(struct sb_restore *out, const char *path, const char *cell)
{
    struct sb_restore_item item;
    if (!sb_instant_parse(&item.seconds, &item.nanoseconds, cell, strlen(cell)))
        return 0;
    struct sb_restore_item *items =
        sb_array_grow(out->items, &out->cap, out->count, sizeof(*items));
    item.path = sb_arena_copy(&out->strings, path, strlen(path));
    if (items != NULL)
        out->items = items;
    if (items == NULL || item.path == NULL)
        return SEALBAG_ERR_MEMORY;
    items[out->count++] = item;
    return 0;
}

int sb_restore_plan(struct sb_restore *out, const struct sb_metadata *table,
                    const struct sb_selection *selection)
{
    size_t column = sb_metadata_column(table, column_name, 0);
    if (column == SIZE_MAX)
        return 0;
    bool twice = sb_metadata_column(table, column_name, column + 1) != SIZE_MAX;
    int r = 0;
    for (size_t row = 0; r == 0 && row < table->row_count; row++) {
        const char *path = table->rows[row].path, *cell = sb_metadata_cell(table, row, column);
        if (cell == NULL || sb_metadata_is_folder(path) ||
            (selection != NULL && !sb_selection_has(selection, path)))
            continue;
        out->stated++;
        if (!twice)
            r = add(out, path, cell);
    }
    return r;
}

static bool is_time(const struct stat *status, const struct sb_restore_item *item)
{
    /* File systems have clocks of two seconds (FAT), or hold no time after 2038, and say nothing.
     */
    int64_t before = (int64_t)status->st_mtim.tv_sec - item->seconds;
    return before >= -2 && before <= 2;
}

static bool restore_one(struct sb_tree *tree, const struct sb_restore_item *item)
{
    const struct timespec times[2] = {
        {.tv_nsec = UTIME_OMIT},
        {.tv_sec = (time_t)item->seconds, .tv_nsec = (long)item->nanoseconds},
    };
    const char *name;
    struct stat status;
    int dir_fd = sb_tree_parent(tree, item->path, false, &name);
    int fd = dir_fd < 0
                 ? -1
                 : openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool done = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1 &&
                futimens(fd, times) == 0 && fstat(fd, &status) == 0 && is_time(&status, item);
    close(fd);
    return done;
}

void sb_restore_apply(struct sb_restore *restore, const struct sb_staging *staging)
{
    struct sb_tree tree;
    sb_tree_init(&tree, staging->fd);
    for (size_t i = 0; i < restore->count; i++)
        restore->restored += restore_one(&tree, &restore->items[i]);
    sb_tree_close(&tree);
}

void sb_restore_free(struct sb_restore *restore)
{
    free(restore->items);
    sb_arena_free(&restore->strings);
    *restore = (struct sb_restore){0};
}
