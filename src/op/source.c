#define _GNU_SOURCE /* O_PATH */
#include "op/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "base/tree.h"
#include "op/walk.h"

char *sb_source_name(const char *path)
{
    char *real = realpath(path, NULL);
    if (real == NULL)
        return NULL;
    const char *slash = strrchr(real, '/');
    char *name = strdup(slash != NULL && slash[1] != 0 ? slash + 1 : "root");
    free(real);
    return name;
}

void sb_source_free(struct sb_source *source)
{
    for (size_t i = 0; i < source->root_count; i++)
        close(source->roots[i].fd);
    free(source->roots);
    free(source->files);
    free(source->omissions);
    sb_arena_free(&source->strings);
    *source = (struct sb_source){0};
}

const char *sb_source_path(const struct sb_source *source, const struct sb_source_file *file)
{
    return file->bag_path + source->roots[file->root].prefix;
}

int sb_source_name_of(struct sb_buf *out, const struct sb_source *source, uint32_t root,
                      const char *bag_path)
{
    const struct sb_source_root *from = &source->roots[root];
    int r = sb_buf_puts(out, from->shown);
    if (!from->is_folder || strlen(bag_path) < from->prefix)
        return r;
    if (r == 0 && from->shown[strlen(from->shown) - 1] != '/')
        r = sb_buf_append(out, "/", 1);
    return r == 0 ? sb_buf_puts(out, bag_path + from->prefix) : r;
}

static int refuse_link(const char *source, struct sb_error *error)
{
    char shown[1024];
    return sb_error_set(error, SEALBAG_ERR_SOURCE,
                        "%s is a symbolic link. Name the file or folder that it points to.",
                        sealbag_text_escape(shown, sizeof(shown), source));
}

/* lstat without the slashes at the end, which would make it follow a link. */
static int examine(struct stat *status, const char *source, struct sb_error *error)
{
    size_t len = strlen(source);
    while (len > 1 && source[len - 1] == '/')
        len--;
    char *bare = strndup(source, len);
    if (bare == NULL)
        return sb_error_memory(error);
    int r = lstat(bare, status);
    int reason = errno;
    free(bare);
    if (r < 0)
        return sb_error_errno(error, reason, "open", source);
    return S_ISLNK(status->st_mode) ? refuse_link(source, error) : 0;
}

/* Walks the root that was added last into data/, or its contents when it is a folder and alone. */
static int walk_root(struct sb_source *out, bool contents_only, struct sb_pool *pool,
                     struct sb_error *error)
{
    uint32_t index = (uint32_t)(out->root_count - 1);
    struct sb_source_root *root = &out->roots[index];
    bool named = !root->is_folder || !contents_only;
    struct sb_buf path = {0};
    char *bag_path = NULL;
    if (sb_buf_printf(&path, "data%s%s", named ? "/" : "", named ? root->name : "") == 0)
        bag_path = sb_arena_copy(&out->strings, path.data, path.len);
    sb_buf_free(&path);
    if (bag_path == NULL)
        return sb_error_memory(error);
    root->prefix = root->is_folder ? strlen(bag_path) + 1 : strlen("data/");
    return sb_walk(out, index, bag_path, pool, error);
}

/* The root that was added last must not have the name of an earlier one. */
static int refuse_twin(const struct sb_source *out, struct sb_error *error)
{
    const struct sb_source_root *last = &out->roots[out->root_count - 1];
    for (size_t i = 0; i + 1 < out->root_count; i++) {
        if (strcmp(out->roots[i].name, last->name) == 0) {
            char shown[1024];
            return sb_error_set(error, SEALBAG_ERR_USAGE,
                                "Two sources would both become \"%s\" in the bag. Rename one, or "
                                "seal them separately.",
                                sealbag_text_escape(shown, sizeof(shown), last->name));
        }
    }
    return 0;
}

static int add_root(struct sb_source *out, const char *source, bool contents_only,
                    struct sb_pool *pool, struct sb_error *error)
{
    struct stat status = {0};
    int r = examine(&status, source, error);
    if (r < 0)
        return r;
    char *name = sb_source_name(source);
    if (name == NULL)
        return sb_error_errno(error, errno, "open", source);
    char *folder = NULL, *last = NULL;
    bool is_folder = S_ISDIR(status.st_mode);
    if (!is_folder && sb_path_split(&folder, &last, source) < 0) {
        free(name);
        return sb_error_memory(error);
    }
    const char *own_name =
        sb_arena_copy(&out->strings, is_folder ? name : last, strlen(is_folder ? name : last));
    int flags = O_DIRECTORY | O_CLOEXEC | (is_folder ? O_RDONLY | O_NOFOLLOW : O_PATH);
    int fd = own_name != NULL ? open(is_folder ? source : folder, flags) : -1;
    if (own_name == NULL) {
        r = sb_error_memory(error);
    } else if (fd < 0) {
        r = sb_error_errno(error, errno, "open the source", source);
    } else {
        out->roots[out->root_count++] = (struct sb_source_root){
            .fd = fd, .is_folder = is_folder, .shown = source, .name = own_name};
        r = refuse_twin(out, error);
        if (r == 0)
            r = walk_root(out, contents_only, pool, error);
    }
    free(name);
    free(folder);
    free(last);
    return r;
}

static int by_bag_path(const void *a, const void *b)
{
    const struct sb_source_file *left = a, *right = b;
    return sb_path_compare(left->bag_path, right->bag_path);
}

static int omission_by_path(const void *a, const void *b)
{
    const struct sb_omission *left = a, *right = b;
    return sb_path_compare(left->bag_path, right->bag_path);
}

int sb_source_walk(struct sb_source *out, const char *bag_name, const char *const *sources,
                   size_t count, struct sb_pool *pool, struct sb_error *error)
{
    out->bag_name = bag_name;
    out->roots = calloc(count > 0 ? count : 1, sizeof(*out->roots));
    if (out->roots == NULL)
        return sb_error_memory(error);
    for (size_t i = 0; i < count; i++) {
        int r = add_root(out, sources[i], count == 1, pool, error);
        if (r < 0)
            return r;
    }
    if (out->count > 0)
        qsort(out->files, out->count, sizeof(*out->files), by_bag_path);
    if (out->omission_count > 0)
        qsort(out->omissions, out->omission_count, sizeof(*out->omissions), omission_by_path);
    return 0;
}

/* 1 when the folder is one of the sources, 0 when not, -1 with errno. */
static int is_root(const void *context, const struct stat *folder)
{
    const struct sb_source *source = context;
    for (size_t i = 0; i < source->root_count; i++) {
        struct stat root;
        if (!source->roots[i].is_folder)
            continue;
        if (fstat(source->roots[i].fd, &root) < 0)
            return -1;
        if (sb_tree_same(&root, folder))
            return 1;
    }
    return 0;
}

int sb_source_contains(const struct sb_source *source, int folder_fd)
{
    return sb_tree_within(folder_fd, is_root, source);
}

int sb_source_is(const struct sb_source *source, int folder_fd, const char *name)
{
    struct stat output, file;
    int there = sb_path_there(&output, folder_fd, name);
    for (size_t i = 0; there > 0 && i < source->root_count; i++) {
        const struct sb_source_root *root = &source->roots[i];
        int source_there = root->is_folder ? 0 : sb_path_there(&file, root->fd, root->name);
        if (source_there < 0)
            return -1;
        if (source_there > 0 && sb_tree_same(&file, &output))
            return 1;
    }
    return there < 0 ? -1 : 0;
}
