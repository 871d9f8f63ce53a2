#define _GNU_SOURCE /* DT_*, IFTODT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bag/index.h"
#include "bag/limits.h"
#include "base/file.h"
#include "base/path.h"
#include "base/tree.h"
#include "op/folder.h"

/* ---- what both parts use ----------------------------------------------------------------- */

int sb_folder_name(char **name, int fd, struct sb_error *error)
{
    char own[64], found[4 * 4096];
    struct stat open_one, named;
    snprintf(own, sizeof(own), "/proc/self/fd/%d", fd);
    ssize_t len = readlink(own, found, sizeof(found) - 1);
    if (len < 0)
        return sb_error_errno(error, errno, "find out the name of", "the folder");
    found[len] = 0;
    if (fstat(fd, &open_one) < 0 || stat(found, &named) < 0 || !sb_tree_same(&open_one, &named))
        return sb_error_set(error, SEALBAG_ERR_NOT_FOUND,
                            "The folder was moved or deleted meanwhile. Check its name.");
    const char *slash = strrchr(found, '/');
    *name = strdup(slash != NULL ? slash + 1 : found);
    return *name != NULL ? 0 : sb_error_memory(error);
}

int sb_folder_open_file(struct stat *status, struct sb_tree *tree, const char *path)
{
    const char *name;
    int above = sb_tree_parent(tree, path, false, &name);
    /* What has become a named pipe must not be waited for. */
    int fd = above >= 0 ? openat(above, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
    if (fd < 0)
        return -1;
    if (fstat(fd, status) == 0 && S_ISREG(status->st_mode))
        return fd;
    close(fd);
    errno = ENOENT;
    return -1;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool sb_folder_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           same_time(&a->st_mtim, &b->st_mtim) && same_time(&a->st_ctim, &b->st_ctim);
}

bool sb_folder_unchanged(int fd, const struct stat *before)
{
    struct stat now;
    return fstat(fd, &now) == 0 && sb_folder_same(&now, before);
}

void sb_folder_tell(struct sb_findings *findings, struct sb_folder *folder, const char *path,
                    int reason)
{
    const char *shown = path[0] != 0 ? path : NULL;
    folder->failed = true;
    /* It was there, and of this kind, when it was listed. */
    if (reason == 0 || reason == ENOENT || reason == ENOTDIR || reason == ELOOP ||
        reason == ENXIO || reason == ENODEV)
        sb_findings_add(findings, SB_RULE_FOLDER_CHANGED, shown,
                        "This was changed while it was read. Verify the folder again when no "
                        "program writes in it.");
    else
        sb_findings_add(findings, SB_RULE_INPUT_FAILED, shown,
                        "This cannot be read: %s. The bag cannot be judged without it.",
                        strerror(reason));
}

void sb_folder_free(struct sb_folder *folder)
{
    free(folder->parts);
    folder->parts = NULL;
    folder->count = folder->cap = 0;
}

/* ---- listing ----------------------------------------------------------------------------- */

struct listing {
    struct sb_scan *scan;
    struct sb_findings *findings;
    struct sb_folder *folder;
    struct sb_tree tree;
    size_t part;         /* the number of the folder that is listed */
    struct sb_buf names; /* each with its NUL */
    const char **sorted;
    size_t count;
    struct sb_buf path; /* with the bag's name */
    struct sb_error *error;
};

static int add_part(struct listing *listing, const char *path)
{
    struct sb_folder *folder = listing->folder;
    struct sb_folder_part *parts =
        sb_array_grow(folder->parts, &folder->cap, folder->count, sizeof(*parts));
    const char *copy = sb_arena_copy(&listing->scan->inventory.strings, path, strlen(path));
    if (parts != NULL)
        folder->parts = parts;
    if (parts == NULL || copy == NULL)
        return sb_error_memory(listing->error);
    parts[folder->count++] = (struct sb_folder_part){.path = copy, .above = listing->part};
    return 0;
}

static void mark_used(struct listing *listing)
{
    struct sb_folder_part *parts = listing->folder->parts;
    for (size_t i = listing->part; !parts[i].used; i = parts[i].above)
        parts[i].used = true;
}

static const char *special_kind(unsigned char type)
{
    return type == DT_LNK    ? "a symbolic link"
           : type == DT_FIFO ? "a named pipe"
           : type == DT_SOCK ? "a socket"
                             : "a device";
}

/* Most file systems tell the kind of a thing along with its name. DT_UNKNOWN with errno. */
static unsigned char kind_of(int fd, const char *name, unsigned char type)
{
    struct stat status;
    if (type != DT_UNKNOWN)
        return type;
    return fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0
               ? (unsigned char)IFTODT(status.st_mode)
               : DT_UNKNOWN;
}

/* Takes up what stands at `whole`, which begins with the bag's name. */
static int take_entry(struct listing *listing, int fd, const char *name, unsigned char type)
{
    static const uint8_t none[SB_DIGEST_SIZE];
    const char *whole = (const char *)listing->path.data;
    const char *path = whole + strlen(listing->folder->name) + 1;
    int r = sb_scan_check_limits(listing->scan, whole, &listing->folder->limits, UINT64_MAX,
                                 listing->error);
    if (r < 0)
        return r;
    const char *unsafe = sb_path_unsafe(whole, listing->path.len);
    type = kind_of(fd, name, type);
    if (type == DT_DIR && unsafe == NULL)
        return add_part(listing, path);
    mark_used(listing);
    if (unsafe != NULL)
        sb_findings_add(listing->findings, SB_RULE_PATH_UNSAFE, path,
                        "This is not a safe path: its name %s.", unsafe);
    else if (type == DT_UNKNOWN)
        sb_folder_tell(listing->findings, listing->folder, path, errno);
    else if (type != DT_REG)
        sb_findings_add(listing->findings, SB_RULE_FOLDER_SPECIAL, path,
                        "This is %s. A bag holds files and folders only; it was not followed and "
                        "not opened.",
                        special_kind(type));
    else if (sb_inventory_add(&listing->scan->inventory, path, 0, 0, none) < 0)
        return sb_error_memory(listing->error);
    return 0;
}

static int by_name(const void *a, const void *b)
{
    const char *const *left = a, *const *right = b;
    return strcmp(*left, *right);
}

/* A sb_tree_visit: takes up a name behind a byte that tells its kind. 1: memory is short. */
static int take_name(void *context, int fd, const char *name, unsigned char kind)
{
    struct listing *listing = context;
    (void)fd;
    if (sb_buf_append(&listing->names, &kind, 1) < 0 ||
        sb_buf_append(&listing->names, name, strlen(name) + 1) < 0)
        return 1;
    listing->count++;
    return 0;
}

/* In the order of their names, so that every file system leads to the same findings. */
static int sort_names(struct listing *listing)
{
    const char **sorted = realloc(listing->sorted, (listing->count + 1) * sizeof(*sorted));
    if (sorted == NULL)
        return sb_error_memory(listing->error);
    listing->sorted = sorted;
    const char *name = (const char *)listing->names.data;
    for (size_t i = 0; i < listing->count; i++) {
        sorted[i] = name + 1;
        name += strlen(name + 1) + 2;
    }
    qsort(sorted, listing->count, sizeof(*sorted), by_name);
    return 0;
}

/* Its descriptor, which is the tree's. -1 with errno. */
static int open_part(struct listing *listing)
{
    struct sb_folder_part *part = &listing->folder->parts[listing->part];
    struct sb_buf inside = {0};
    const char *name;
    int r = sb_buf_printf(&inside, "%s%s.", part->path, part->path[0] != 0 ? "/" : "");
    int fd = r == 0 ? sb_tree_parent(&listing->tree, (const char *)inside.data, false, &name) : -1;
    int reason = r < 0 ? ENOMEM : errno;
    sb_buf_free(&inside);
    if (fd >= 0 && fstat(fd, &part->before) < 0)
        return -1;
    errno = reason;
    return fd;
}

static int list_part(struct listing *listing)
{
    const char *path = listing->folder->parts[listing->part].path;
    int fd = open_part(listing);
    listing->names.len = listing->count = 0;
    int r = fd < 0 ? -1 : sb_tree_list(fd, take_name, listing);
    if (r > 0 || (r < 0 && errno == ENOMEM))
        return sb_error_memory(listing->error);
    if (r < 0) {
        int reason = errno;
        mark_used(listing);
        sb_folder_tell(listing->findings, listing->folder, path, reason);
        return 0;
    }
    r = sort_names(listing);
    listing->path.len = 0;
    if (r == 0 && sb_buf_printf(&listing->path, "%s/%s%s", listing->folder->name, path,
                                path[0] != 0 ? "/" : "") < 0)
        return sb_error_memory(listing->error);
    size_t len = listing->path.len;
    for (size_t i = 0; r == 0 && i < listing->count; i++) {
        const char *name = listing->sorted[i];
        listing->path.len = len;
        r = sb_buf_puts(&listing->path, name) < 0
                ? sb_error_memory(listing->error)
                : take_entry(listing, fd, name, (unsigned char)name[-1]);
    }
    return r;
}

/* BagIt cannot tell of them. That of the payload is there also when there are no documents. */
static void tell_empty(const struct listing *listing)
{
    for (size_t i = 1; i < listing->folder->count; i++) {
        const struct sb_folder_part *part = &listing->folder->parts[i];
        if (!part->used && strcmp(part->path, "data") != 0)
            sb_findings_add(listing->findings, SB_RULE_FOLDER_HOLLOW, part->path,
                            "The folder holds no file; a bag cannot vouch for it.");
    }
}

/* ---- what is kept ------------------------------------------------------------------------ */

/* Reads it whole. 0, errno, or a negative code. */
static int keep_bytes(struct listing *listing, struct sb_kept *kept, int fd, uint64_t size)
{
    while (kept->bytes.len < size) {
        uint8_t bytes[16384];
        uint64_t left = size - kept->bytes.len;
        ssize_t n = sb_fd_read(fd, bytes, left < sizeof(bytes) ? (size_t)left : sizeof(bytes));
        if (n <= 0)
            return n < 0 ? errno : ENOENT;
        if (sb_buf_append(&kept->bytes, bytes, (size_t)n) < 0)
            return sb_error_memory(listing->error);
    }
    return 0;
}

static int keep_file(struct listing *listing, size_t number)
{
    struct sb_file *file = &listing->scan->inventory.files[number];
    const char *limit;
    struct stat status;
    struct sb_kept *kept;
    if (sb_kept_max(&limit, file->path, &listing->folder->limits) == 0)
        return 0;
    int fd = sb_folder_open_file(&status, &listing->tree, file->path);
    if (fd < 0) {
        sb_folder_tell(listing->findings, listing->folder, file->path, errno);
        return 0;
    }
    file->size = (uint64_t)status.st_size;
    const struct sealbag_limits *limits = &listing->folder->limits;
    uint64_t bundle = (uint64_t)status.st_blocks * 512;
    int r = sb_scan_make_room(&kept, listing->scan, file->path, file->size, limits, bundle,
                              listing->error);
    if (r == 0)
        r = keep_bytes(listing, kept, fd, file->size);
    if (r == 0)
        r = sb_scan_check_kept(kept, limits, bundle, listing->error);
    if (r == 0 && !sb_folder_unchanged(fd, &status))
        r = ENOENT;
    close(fd);
    if (r > 0)
        sb_folder_tell(listing->findings, listing->folder, file->path, r);
    if (r == 0)
        kept->number = number;
    return r < 0 ? r : 0;
}

int sb_folder_list(struct sb_scan *scan, struct sb_findings *findings, struct sb_folder *folder,
                   struct sb_error *error)
{
    struct sb_error own = {0};
    struct listing listing = {.scan = scan, .findings = findings, .folder = folder, .error = &own};
    sb_tree_init(&listing.tree, folder->fd);
    folder->limits = sb_limits_of(folder->reading->limits);
    scan->top = strdup(folder->name);
    int r = scan->top != NULL ? add_part(&listing, "") : sb_error_memory(&own);
    for (; r == 0 && listing.part < folder->count; listing.part++)
        r = list_part(&listing);
    if (r == 0) {
        tell_empty(&listing);
        sb_inventory_sort(&scan->inventory);
    }
    for (size_t i = 0; r == 0 && i < scan->inventory.count; i++)
        r = keep_file(&listing, i);
    sb_tree_close(&listing.tree);
    sb_buf_free(&listing.names);
    sb_buf_free(&listing.path);
    free(listing.sorted);
    if (r < 0 && sb_scan_about_bundle(&own)) {
        folder->failed = true;
        sb_findings_add_error(findings, &own);
        r = 0;
    }
    if (r < 0 && error != NULL)
        *error = own;
    return r;
}
