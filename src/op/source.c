#define _GNU_SOURCE /* O_PATH */
#include "op/source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"

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

static char *join(struct sb_source *out, const char *folder, const char *name)
{
    struct sb_buf path = {0};
    char *copy = NULL;
    if (sb_buf_printf(&path, "%s%s%s", folder, folder[0] != 0 ? "/" : "", name) == 0)
        copy = sb_arena_copy(&out->strings, path.data, path.len);
    sb_buf_free(&path);
    return copy;
}

static int omit(struct sb_source *out, const char *bag_path, const char *why)
{
    struct sb_omission *omissions =
        sb_array_grow(out->omissions, &out->omission_cap, out->omission_count, sizeof(*omissions));
    if (omissions == NULL)
        return SEALBAG_ERR_MEMORY;
    out->omissions = omissions;
    omissions[out->omission_count++] = (struct sb_omission){.bag_path = bag_path, .why = why};
    return 0;
}

static int add_file(struct sb_source *out, size_t root, const char *path, const char *bag_path,
                    uint64_t size)
{
    struct sb_source_file *files = sb_array_grow(out->files, &out->cap, out->count, sizeof(*files));
    if (files == NULL)
        return SEALBAG_ERR_MEMORY;
    out->files = files;
    files[out->count++] =
        (struct sb_source_file){.bag_path = bag_path, .path = path, .root = root, .size = size};
    out->bytes += size;
    return 0;
}

/* Why a path cannot stand in a bag, or NULL. The whole path of the tar counts. */
static const char *path_unsealable(const char *bag_name, const char *bag_path)
{
    struct sb_buf whole = {0};
    const char *bad = sb_path_unsafe(bag_path, strlen(bag_path));
    if (bad == NULL && sb_buf_printf(&whole, "%s/%s", bag_name, bag_path) == 0)
        bad = sb_path_unsafe((const char *)whole.data, whole.len);
    sb_buf_free(&whole);
    if (bad == NULL)
        return NULL;
    return strcmp(bad, "is not UTF-8") == 0 ? "its name is not UTF-8"
           : strcmp(bad, "holds a backslash") == 0
               ? "its name holds a backslash, which other systems take for a folder"
           : strstr(bad, "tag characters") != NULL
               ? "its name holds invisible tag characters, which other programs drop"
               : "its path is too long or too deep";
}

/* Why a thing in the source cannot be sealed, or NULL. */
static const char *unsealable(const struct sb_source *out, int dir_fd, const char *name,
                              const struct stat *status, const char *bag_path)
{
    switch (status->st_mode & S_IFMT) {
    case S_IFREG:
    case S_IFDIR:
        break;
    case S_IFLNK:
        return "a symbolic link";
    case S_IFSOCK:
        return "a socket";
    case S_IFIFO:
        return "a named pipe";
    default:
        return "a device";
    }
    const char *bad = path_unsealable(out->bag_name, bag_path);
    if (bad != NULL)
        return bad;
    int mode = S_ISDIR(status->st_mode) ? R_OK | X_OK : R_OK;
    return faccessat(dir_fd, name, mode, AT_EACCESS) == 0 ? NULL : "not readable";
}

static int walk_folder(struct sb_source *out, size_t root, int fd, const char *path,
                       const char *bag_path);

static int walk_one(struct sb_source *out, size_t root, int dir_fd, const char *name,
                    const char *path, const char *bag_path)
{
    struct stat status;
    char *own_path = join(out, path, name);
    char *own_bag_path = join(out, bag_path, name);
    if (own_path == NULL || own_bag_path == NULL)
        return SEALBAG_ERR_MEMORY;
    if (fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return omit(out, own_bag_path, "it disappeared or cannot be examined");
    const char *why = unsealable(out, dir_fd, name, &status, own_bag_path);
    if (why != NULL)
        return omit(out, own_bag_path, why);
    if (!S_ISDIR(status.st_mode))
        return add_file(out, root, own_path, own_bag_path, (uint64_t)status.st_size);
    int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return omit(out, own_bag_path, "not readable");
    return walk_folder(out, root, fd, own_path, own_bag_path);
}

/* Takes fd. */
static int walk_folder(struct sb_source *out, size_t root, int fd, const char *path,
                       const char *bag_path)
{
    DIR *folder = fdopendir(fd);
    if (folder == NULL) {
        close(fd);
        return omit(out, bag_path, "not readable");
    }
    size_t before = out->count + out->omission_count;
    int r = 0;
    errno = 0;
    struct dirent *found;
    while (r == 0 && (found = readdir(folder)) != NULL) {
        if (strcmp(found->d_name, ".") != 0 && strcmp(found->d_name, "..") != 0)
            r = walk_one(out, root, dirfd(folder), found->d_name, path, bag_path);
        errno = 0;
    }
    if (r == 0 && errno != 0)
        r = omit(out, bag_path, "its contents cannot be listed");
    closedir(folder);
    if (r == 0 && out->count + out->omission_count == before)
        out->empty_folders++;
    return r;
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
        return sb_error_errno(error, reason, "find the source", source);
    return S_ISLNK(status->st_mode) ? refuse_link(source, error) : 0;
}

/* Walks the root that was added last into data/, or its contents when it is a folder and alone. */
static int walk_root(struct sb_source *out, bool contents_only)
{
    size_t index = out->root_count - 1;
    const struct sb_source_root *root = &out->roots[index];
    if (!root->is_folder)
        return walk_one(out, index, root->fd, root->name, "", "data");
    const char *bag_path = contents_only ? "data" : join(out, "data", root->name);
    if (bag_path == NULL)
        return SEALBAG_ERR_MEMORY;
    int fd = openat(root->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? omit(out, bag_path, "not readable") : walk_folder(out, index, fd, "", bag_path);
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
                    struct sb_error *error)
{
    struct stat status = {0};
    int r = examine(&status, source, error);
    if (r < 0)
        return r;
    char *name = sb_source_name(source);
    if (name == NULL)
        return sb_error_errno(error, errno, "find the source", source);
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
        if (r == 0 && walk_root(out, contents_only) < 0)
            r = sb_error_memory(error);
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

int sb_source_walk(struct sb_source *out, const char *bag_name, const char *const *sources,
                   size_t count, struct sb_error *error)
{
    out->bag_name = bag_name;
    out->roots = calloc(count > 0 ? count : 1, sizeof(*out->roots));
    if (out->roots == NULL)
        return sb_error_memory(error);
    for (size_t i = 0; i < count; i++) {
        int r = add_root(out, sources[i], count == 1, error);
        if (r < 0)
            return r;
    }
    if (out->count > 0)
        qsort(out->files, out->count, sizeof(*out->files), by_bag_path);
    return 0;
}

bool sb_source_contains(const struct sb_source *source, int folder_fd)
{
    struct stat status, before = {0};
    int fd = openat(folder_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    bool found = false;
    while (fd >= 0 && !found && fstat(fd, &status) == 0 &&
           (status.st_dev != before.st_dev || status.st_ino != before.st_ino)) {
        for (size_t i = 0; i < source->root_count; i++) {
            struct stat root;
            if (source->roots[i].is_folder && fstat(source->roots[i].fd, &root) == 0 &&
                root.st_dev == status.st_dev && root.st_ino == status.st_ino)
                found = true;
        }
        before = status;
        int above = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        close(fd);
        fd = above;
    }
    if (fd >= 0)
        close(fd);
    return found;
}

bool sb_source_is(const struct sb_source *source, int folder_fd, const char *name)
{
    struct stat output, file;
    if (fstatat(folder_fd, name, &output, AT_SYMLINK_NOFOLLOW) < 0)
        return false;
    for (size_t i = 0; i < source->root_count; i++) {
        const struct sb_source_root *root = &source->roots[i];
        if (!root->is_folder && fstatat(root->fd, root->name, &file, AT_SYMLINK_NOFOLLOW) == 0 &&
            file.st_dev == output.st_dev && file.st_ino == output.st_ino)
            return true;
    }
    return false;
}
