#include "op/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

/* What a folder holds. */
struct found {
    size_t name;     /* where it starts in names */
    const char *why; /* it cannot be sealed */
    bool folder;
    uint64_t size;
    int64_t changed;
};

/* One folder, while a thread lists it. */
struct listing {
    struct sb_task task;
    const struct sb_source *source;
    uint32_t root;
    uid_t user;
    size_t folder; /* its number */
    const char *bag_path;
    struct sb_buf whole; /* its path in the tar: "<bag name>/data/..." */
    struct sb_buf names; /* each with its NUL */
    struct found *found;
    size_t count, cap;
    const char *why; /* it could not be listed */
    int result;
    struct sb_error error;
};

struct folder {
    const char *bag_path;
    size_t above; /* the folder that it is in */
    bool used;    /* something is in it or beneath it */
};

struct walk {
    struct sb_source *out;
    struct sb_pool *pool;
    uint32_t root;
    struct folder *folders; /* all that were met; those from `next` on are still to be listed */
    size_t count, cap, next;
    struct listing *listings; /* a ring: listings[first..first+busy) are in work */
    size_t listing_count, first, busy;
    struct sb_error *error; /* that of a listing; whoever is short of memory says so at the end */
};

/* ---- one folder, on any thread ---------------------------------------------------------- */

/* Whether errno speaks of the thing itself: not for this user, no longer there, or replaced. All
 * else, such as too many open files, is trouble of the run or of the disk. */
static bool denied(int errnum)
{
    return errnum == EACCES || errnum == EPERM || errnum == ENOENT || errnum == ENOTDIR ||
           errnum == ELOOP;
}

/* `name` is in the folder; NULL: the folder itself. */
static int trouble(struct listing *listing, int errnum, const char *name)
{
    struct sb_buf path = {0};
    int r = sb_source_name_of(&path, listing->source, listing->root, listing->bag_path);
    if (r == 0 && name != NULL)
        r = sb_buf_printf(&path, "/%s", name);
    if (r == 0)
        r = sb_error_errno(&listing->error, errnum, "examine", (const char *)path.data);
    else
        sb_error_memory(&listing->error);
    sb_buf_free(&path);
    return r;
}

/* 1 or 0, or -1 with errno. What belongs to this user is judged by its mode, which spares a call
 * to the kernel. */
static int readable(uid_t user, int dir_fd, const char *name, const struct stat *status)
{
    bool folder = S_ISDIR(status->st_mode);
    mode_t needed = folder ? S_IRUSR | S_IXUSR : S_IRUSR;
    if (status->st_uid == user && (status->st_mode & needed) == needed)
        return 1;
    if (faccessat(dir_fd, name, folder ? R_OK | X_OK : R_OK, AT_EACCESS) == 0)
        return 1;
    return denied(errno) ? 0 : -1;
}

/* Why a path cannot stand in a bag, or NULL. The whole path of the tar counts. */
static const char *path_unsealable(const struct sb_buf *whole)
{
    const char *bad = sb_path_unsafe((const char *)whole->data, whole->len);
    if (bad == NULL)
        return NULL;
    return strcmp(bad, "is not UTF-8") == 0 ? "its name is not UTF-8"
           : strcmp(bad, "holds a backslash") == 0
               ? "its name holds a backslash, which other systems take for a folder"
           : strstr(bad, "tag characters") != NULL
               ? "its name holds invisible tag characters, which other programs drop"
               : "its path is too long or too deep";
}

/* Why a thing in the source cannot be sealed, or NULL; that it cannot be read is not asked. */
static const char *unsealable(const struct listing *listing, const struct stat *status)
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
    return path_unsealable(&listing->whole);
}

/* Examines what is called `name` in the folder; its path is in `whole`. */
int64_t sb_source_changed(const struct stat *status)
{
    return (int64_t)((uint64_t)status->st_ctim.tv_sec * 1000000000 +
                     (uint64_t)status->st_ctim.tv_nsec);
}

static int examine(struct listing *listing, int dir_fd, const char *name)
{
    struct stat status;
    struct found *found =
        sb_array_grow(listing->found, &listing->cap, listing->count, sizeof(*found));
    if (found == NULL)
        return sb_error_memory(&listing->error);
    listing->found = found;
    found = &listing->found[listing->count];
    *found = (struct found){.name = listing->names.len};
    if (sb_buf_append(&listing->names, name, strlen(name) + 1) < 0)
        return sb_error_memory(&listing->error);
    listing->count++;
    if (fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
        found->why = "it disappeared or cannot be examined";
        return denied(errno) ? 0 : trouble(listing, errno, name);
    }
    found->why = unsealable(listing, &status);
    found->folder = S_ISDIR(status.st_mode);
    found->size = (uint64_t)status.st_size;
    found->changed = sb_source_changed(&status);
    if (found->why != NULL)
        return 0;
    int allowed = readable(listing->user, dir_fd, name, &status);
    if (allowed == 0)
        found->why = "not readable";
    return allowed < 0 ? trouble(listing, errno, name) : 0;
}

static int examine_entry(struct listing *listing, int dir_fd, const char *name)
{
    size_t before = listing->whole.len;
    if (sb_buf_append(&listing->whole, "/", 1) < 0 || sb_buf_puts(&listing->whole, name) < 0)
        return sb_error_memory(&listing->error);
    int r = examine(listing, dir_fd, name);
    listing->whole.len = before;
    return r;
}

/* Takes fd. */
static int list_folder(struct listing *listing, int fd)
{
    DIR *folder = fdopendir(fd);
    if (folder == NULL) {
        int reason = errno;
        close(fd);
        return trouble(listing, reason, NULL);
    }
    int r = 0;
    errno = 0;
    struct dirent *entry;
    while (r == 0 && (entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            r = examine_entry(listing, dirfd(folder), entry->d_name);
        errno = 0;
    }
    if (r == 0 && errno != 0)
        r = trouble(listing, errno, NULL);
    closedir(folder);
    return r;
}

/* -1 with errno. */
static int open_folder(const struct listing *listing)
{
    const struct sb_source_root *root = &listing->source->roots[listing->root];
    struct sb_tree tree;
    const char *name;
    int fd = -1;
    sb_tree_init(&tree, root->fd);
    if (strlen(listing->bag_path) < root->prefix) {
        fd = openat(root->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* the root itself */
    } else {
        int above = sb_tree_parent(&tree, listing->bag_path + root->prefix, false, &name);
        if (above >= 0)
            fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    int reason = errno;
    sb_tree_close(&tree);
    errno = reason;
    return fd;
}

static void list(struct sb_task *task)
{
    struct listing *listing = (struct listing *)task;
    listing->whole.len = 0;
    listing->result = 0;
    if (sb_buf_printf(&listing->whole, "%s/%s", listing->source->bag_name, listing->bag_path) < 0) {
        listing->result = sb_error_memory(&listing->error);
        return;
    }
    int fd = open_folder(listing);
    if (fd >= 0)
        listing->result = list_folder(listing, fd);
    else if (denied(errno))
        listing->why = "not readable";
    else
        listing->result = trouble(listing, errno, NULL);
}

/* ---- all of them ------------------------------------------------------------------------ */

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

static int add_file(struct sb_source *out, uint32_t root, const char *bag_path,
                    const struct found *found)
{
    struct sb_source_file *files = sb_array_grow(out->files, &out->cap, out->count, sizeof(*files));
    if (files == NULL)
        return SEALBAG_ERR_MEMORY;
    out->files = files;
    files[out->count++] = (struct sb_source_file){
        .bag_path = bag_path, .size = found->size, .changed = found->changed, .root = root};
    out->bytes += found->size;
    return 0;
}

static int add_folder(struct walk *walk, const char *bag_path, size_t above)
{
    struct folder *folders =
        sb_array_grow(walk->folders, &walk->cap, walk->count, sizeof(*folders));
    if (folders == NULL)
        return SEALBAG_ERR_MEMORY;
    walk->folders = folders;
    folders[walk->count++] = (struct folder){.bag_path = bag_path, .above = above};
    return 0;
}

static void mark_used(struct walk *walk, size_t folder)
{
    while (!walk->folders[folder].used) {
        walk->folders[folder].used = true;
        folder = walk->folders[folder].above;
    }
}

static int take_found(struct walk *walk, const struct listing *listing, const struct found *found)
{
    const char *name = (const char *)listing->names.data + found->name;
    struct sb_buf path = {0};
    char *copy = NULL;
    if (sb_buf_puts(&path, listing->bag_path) == 0 && sb_buf_append(&path, "/", 1) == 0 &&
        sb_buf_puts(&path, name) == 0)
        copy = sb_arena_copy(&walk->out->strings, path.data, path.len);
    sb_buf_free(&path);
    if (copy == NULL)
        return SEALBAG_ERR_MEMORY;
    if (found->why == NULL && found->folder)
        return add_folder(walk, copy, listing->folder);
    mark_used(walk, listing->folder);
    return found->why != NULL ? omit(walk->out, copy, found->why)
                              : add_file(walk->out, walk->root, copy, found);
}

/* Takes up the oldest listing. */
static int finish_listing(struct walk *walk)
{
    struct listing *listing = &walk->listings[walk->first];
    sb_pool_wait(walk->pool, &listing->task);
    int r = listing->result;
    if (r < 0 && walk->error != NULL)
        *walk->error = listing->error;
    for (size_t i = 0; r == 0 && i < listing->count; i++)
        r = take_found(walk, listing, &listing->found[i]);
    if (r == 0 && listing->why != NULL) {
        mark_used(walk, listing->folder);
        r = omit(walk->out, listing->bag_path, listing->why);
    }
    walk->first = (walk->first + 1) % walk->listing_count;
    walk->busy--;
    return r;
}

static void start_listing(struct walk *walk)
{
    struct listing *listing = &walk->listings[(walk->first + walk->busy) % walk->listing_count];
    listing->folder = walk->next++;
    listing->bag_path = walk->folders[listing->folder].bag_path;
    listing->names.len = 0;
    listing->count = 0;
    listing->why = NULL;
    sb_pool_start(walk->pool, NULL, &listing->task);
    walk->busy++;
}

static int open_listings(struct walk *walk)
{
    walk->listing_count = 2 * (size_t)sb_pool_jobs(walk->pool);
    walk->listings = calloc(walk->listing_count, sizeof(*walk->listings));
    if (walk->listings == NULL)
        return SEALBAG_ERR_MEMORY;
    for (size_t i = 0; i < walk->listing_count; i++) {
        walk->listings[i].task.run = list;
        walk->listings[i].source = walk->out;
        walk->listings[i].root = walk->root;
        walk->listings[i].user = geteuid();
    }
    return 0;
}

static void close_listings(struct walk *walk)
{
    for (size_t i = 0; walk->listings != NULL && i < walk->listing_count; i++) {
        struct listing *listing = &walk->listings[i];
        sb_pool_wait(walk->pool, &listing->task);
        sb_buf_free(&listing->whole);
        sb_buf_free(&listing->names);
        free(listing->found);
    }
    free(walk->listings);
}

static int walk_folders(struct walk *walk, const char *bag_path)
{
    int r = open_listings(walk);
    if (r == 0)
        r = add_folder(walk, bag_path, 0);
    while (r == 0 && (walk->next < walk->count || walk->busy > 0)) {
        while (walk->next < walk->count && walk->busy < walk->listing_count)
            start_listing(walk);
        r = finish_listing(walk);
    }
    close_listings(walk);
    for (size_t i = 0; r == 0 && i < walk->count; i++)
        walk->out->empty_folders += !walk->folders[i].used;
    free(walk->folders);
    return r;
}

/* The root that is one file. */
static int walk_file(struct walk *walk, const char *bag_path)
{
    const struct sb_source_root *root = &walk->out->roots[walk->root];
    struct listing listing = {
        .user = geteuid(), .source = walk->out, .root = walk->root, .bag_path = bag_path};
    int r = sb_buf_printf(&listing.whole, "%s/%s", walk->out->bag_name, bag_path);
    if (r == 0)
        r = examine(&listing, root->fd, root->name);
    if (r < 0 && walk->error != NULL)
        *walk->error = listing.error;
    if (r == 0) {
        const struct found *found = &listing.found[0];
        const char *why = found->folder ? "it became a folder" : found->why;
        r = why != NULL ? omit(walk->out, bag_path, why)
                        : add_file(walk->out, walk->root, bag_path, found);
    }
    sb_buf_free(&listing.whole);
    sb_buf_free(&listing.names);
    free(listing.found);
    return r;
}

int sb_walk(struct sb_source *out, uint32_t root, const char *bag_path, struct sb_pool *pool,
            struct sb_error *error)
{
    struct walk walk = {.out = out, .pool = pool, .root = root, .error = error};
    int r = out->roots[root].is_folder ? walk_folders(&walk, bag_path) : walk_file(&walk, bag_path);
    return r == SEALBAG_ERR_MEMORY ? sb_error_memory(error) : r;
}
