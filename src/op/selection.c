#include "op/selection.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"

static int by_path(const void *a, const void *b)
{
    const struct sb_selected *left = a, *right = b;
    return sb_path_compare(left->path, right->path);
}

/* NULL when memory is short. */
static char *full_path(const char *name)
{
    bool has_data = strcmp(name, "data") == 0 || strncmp(name, "data/", 5) == 0;
    struct sb_buf path = {0};
    if (sb_buf_printf(&path, "%s%s", has_data ? "" : "data/", name) < 0) {
        sb_buf_free(&path);
        return NULL;
    }
    while (path.len > 0 && path.data[path.len - 1] == '/')
        path.data[--path.len] = 0;
    return (char *)path.data;
}

static bool only_slashes(const char *name)
{
    return name[strspn(name, "/")] == 0;
}

int sb_selection_make(struct sb_selection *out, const char *const *names, size_t count,
                      struct sb_error *error)
{
    out->items = calloc(count > 0 ? count : 1, sizeof(*out->items));
    if (out->items == NULL)
        return sb_error_memory(error);
    for (size_t i = 0; i < count; i++) {
        /* "" and "/" would become "data": all documents. Nothing is called so. */
        char *path = only_slashes(names[i]) ? strdup("") : full_path(names[i]);
        if (path == NULL)
            return sb_error_memory(error);
        out->items[out->count++] = (struct sb_selected){.path = path, .given = names[i]};
    }
    qsort(out->items, out->count, sizeof(*out->items), by_path);
    return 0;
}

void sb_selection_free(struct sb_selection *selection)
{
    for (size_t i = 0; i < selection->count; i++)
        free(selection->items[i].path);
    free(selection->items);
    *selection = (struct sb_selection){0};
}

struct part {
    const char *path;
    size_t len;
};

static int compare_part(const void *key, const void *item)
{
    const struct part *part = key;
    const char *path = ((const struct sb_selected *)item)->path;
    int order = strncmp(part->path, path, part->len);
    return order != 0 ? order : path[part->len] == 0 ? 0 : -1;
}

/* The first item that is the path, or from *len on a folder that it is in; NULL when there is none.
 * *len grows to the end of the part that was found. */
static struct sb_selected *find(const struct sb_selection *selection, const char *path, size_t *len)
{
    while (path[*len] != 0) {
        *len += 1 + strcspn(path + *len + 1, "/");
        const struct part part = {.path = path, .len = *len};
        struct sb_selected *item = bsearch(&part, selection->items, selection->count,
                                           sizeof(*selection->items), compare_part);
        if (item != NULL)
            return item;
    }
    return NULL;
}

bool sb_selection_has(const struct sb_selection *selection, const char *path)
{
    size_t len = 0;
    return sb_part_of(path) == SB_PART_PAYLOAD && find(selection, path, &len) != NULL;
}

/* The same name may have been given twice: then both stand side by side. */
static void mark(const struct sb_selection *selection, struct sb_selected *item)
{
    struct sb_selected *first = item, *last = item;
    while (first > selection->items && strcmp(first[-1].path, item->path) == 0)
        first--;
    while (last + 1 < selection->items + selection->count && strcmp(last[1].path, item->path) == 0)
        last++;
    for (; first <= last; first++)
        first->found = true;
}

int sb_selection_check(const struct sb_selection *selection, const struct sb_inventory *files,
                       struct sb_error *error)
{
    struct sb_selected *item;
    for (size_t i = 0; i < files->count; i++) {
        const struct sb_file *file = &files->files[i];
        size_t len = 0;
        while (file->part == SB_PART_PAYLOAD &&
               (item = find(selection, file->path, &len)) != NULL) {
            if (!item->found)
                mark(selection, item);
        }
    }
    for (size_t i = 0; i < selection->count; i++) {
        char shown[1024];
        if (!selection->items[i].found)
            return sb_error_set(
                error, SEALBAG_ERR_USAGE,
                "The bag holds no document \"%s\". See its documents with sealbag list.",
                sealbag_text_escape(shown, sizeof(shown), selection->items[i].given));
    }
    return 0;
}
