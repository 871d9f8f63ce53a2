/* Folders reached without following a link, and removed without following one. */
#define _GNU_SOURCE /* DT_UNKNOWN, IFTODT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/path.h"
#include "base/tree.h"

static char folder[4096];
static int root;

static int each_test(void **state)
{
    (void)state;
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof(folder), "%s/sealbag-test-XXXXXX", tmp != NULL ? tmp : "/tmp");
    if (mkdtemp(folder) == NULL)
        return -1;
    root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return root >= 0 ? 0 : -1;
}

static int clean_up(void **state)
{
    (void)state;
    close(root);
    return rmdir(folder); /* each test removes what it made */
}

static void make_file(int at, const char *name)
{
    int fd = openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "x", 1), 1);
    close(fd);
}

static bool there(const char *path)
{
    struct stat status;
    return fstatat(root, path, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

static void same_folder(int fd, const char *path)
{
    struct stat a, b;
    assert_int_equal(fstat(fd, &a), 0);
    assert_int_equal(fstatat(root, path, &b, AT_SYMLINK_NOFOLLOW), 0);
    assert_true(a.st_ino == b.st_ino && a.st_dev == b.st_dev);
}

static void create(void **state)
{
    (void)state;
    struct sb_tree tree;
    const char *name;
    sb_tree_init(&tree, root);
    assert_int_equal(sb_tree_parent(&tree, "file", false, &name), root);
    assert_string_equal(name, "file");
    assert_int_equal(sb_tree_parent(&tree, "a/b/c/file", false, &name), -1);
    assert_int_equal(errno, ENOENT);
    assert_false(there("a"));
    int fd = sb_tree_parent(&tree, "a/b/c/file", true, &name);
    assert_true(fd >= 0);
    assert_string_equal(name, "file");
    same_folder(fd, "a/b/c");
    make_file(fd, name);
    assert_true(there("a/b/c/file"));

    /* the neighbour's folder is the one that is open; another, with a longer name, is not */
    assert_int_equal(sb_tree_parent(&tree, "a/b/c/other", false, &name), fd);
    assert_string_equal(name, "other");
    fd = sb_tree_parent(&tree, "a/b/cc/file", true, &name);
    same_folder(fd, "a/b/cc");
    fd = sb_tree_parent(&tree, "a/b/file", false, &name);
    same_folder(fd, "a/b");
    assert_int_equal(sb_tree_parent(&tree, "file2", true, &name), root);
    assert_int_equal(sb_tree_parent(&tree, "a/none/x", false, &name), -1);
    /* a failure is not remembered as an open folder */
    assert_int_equal(sb_tree_parent(&tree, "a/none/y", false, &name), -1);
    fd = sb_tree_parent(&tree, "a/none/y", true, &name);
    same_folder(fd, "a/none");
    sb_tree_close(&tree);
    assert_int_equal(tree.fd, -1);
    assert_null(tree.folder);
    sb_tree_close(&tree);
    assert_int_equal(fcntl(root, F_GETFD) < 0, 0); /* borrowed: still open */
    assert_int_equal(sb_tree_remove(root, "a"), 0);
    assert_false(there("a"));
}

/* Links are not followed, wherever in the path and wherever they lead. */
static void links(void **state)
{
    (void)state;
    static const char *const refused[] = {"in/file",    "a/in/file", "a/up/x",    "out/file",
                                          "dangling/x", "a/self/x",  "a/plain/x", "a/in/b/c"};
    struct sb_tree tree;
    const char *name;
    sb_tree_init(&tree, root);
    int fd = sb_tree_parent(&tree, "a/b/x", true, &name);
    assert_true(fd >= 0);
    make_file(fd, "file");
    assert_int_equal(symlinkat("a", root, "in"), 0);
    assert_int_equal(symlinkat("b", root, "a/in"), 0);
    assert_int_equal(symlinkat("..", root, "a/up"), 0);
    assert_int_equal(symlinkat("self", root, "a/self"), 0);
    assert_int_equal(symlinkat("/", root, "out"), 0);
    assert_int_equal(symlinkat("nowhere", root, "dangling"), 0);
    make_file(root, "a/plain");
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        for (int making = 0; making < 2; making++) {
            errno = 0;
            if (sb_tree_parent(&tree, refused[i], making, &name) >= 0)
                fail_msg("%s was followed", refused[i]);
            assert_true(errno == ELOOP || errno == ENOTDIR);
        }
    }
    assert_false(there("nowhere"));
    sb_tree_close(&tree);
    assert_int_equal(unlinkat(root, "in", 0), 0);
    assert_int_equal(unlinkat(root, "out", 0), 0);
    assert_int_equal(unlinkat(root, "dangling", 0), 0);
    assert_int_equal(sb_tree_remove(root, "a"), 0);
}

static void long_names(void **state)
{
    (void)state;
    struct sb_tree tree;
    const char *name;
    char path[600];
    sb_tree_init(&tree, root);
    memset(path, 'n', sizeof(path));
    memcpy(path + SB_NAME_MAX, "/x", 3);
    int fd = sb_tree_parent(&tree, path, true, &name);
    assert_true(fd >= 0);
    memset(path, 'n', sizeof(path));
    memcpy(path + SB_NAME_MAX + 1, "/x", 3);
    errno = 0;
    assert_int_equal(sb_tree_parent(&tree, path, true, &name), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    sb_tree_close(&tree);
    path[SB_NAME_MAX] = 0;
    assert_int_equal(sb_tree_remove(root, path), 0);
}

static void remove_all(void **state)
{
    (void)state;
    struct sb_tree tree;
    const char *name;
    static const char *const paths[] = {"a/file", "a/b/file", "a/b/.hidden/file", "a/c/d/e/f/file",
                                        "keep/file"};
    sb_tree_init(&tree, root);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        int fd = sb_tree_parent(&tree, paths[i], true, &name);
        assert_true(fd >= 0);
        make_file(fd, name);
    }
    sb_tree_close(&tree);
    assert_int_equal(symlinkat("../keep", root, "a/link"), 0);
    assert_int_equal(symlinkat("../../keep/file", root, "a/b/link"), 0);
    assert_int_equal(mkfifoat(root, "a/fifo", 0600), 0);
    assert_int_equal(mkdirat(root, "a/empty", 0700), 0);
    assert_int_equal(sb_tree_remove(root, "a"), 0);
    assert_false(there("a"));
    assert_true(there("keep/file"));

    assert_int_equal(sb_tree_remove(root, "none"), 0);
    make_file(root, "plain");
    assert_int_equal(sb_tree_remove(root, "plain"), -1);
    assert_true(there("plain"));
    assert_int_equal(symlinkat("keep", root, "link"), 0);
    assert_int_equal(sb_tree_remove(root, "link"), -1);
    assert_true(there("keep/file"));
    assert_int_equal(unlinkat(root, "plain", 0), 0);
    assert_int_equal(unlinkat(root, "link", 0), 0);
    assert_int_equal(sb_tree_remove(root, "keep"), 0);
}

/* Deeper than a bag may be, several times: all of it goes, with a stack that has an end, and
 * nothing is left open. */
static void remove_deep(void **state)
{
    (void)state;
    enum { DEPTH = 5 * SB_PATH_DEPTH };
    int fd = dup(root);
    assert_true(fd >= 0);
    int before = fd;
    for (int i = 0; i < DEPTH; i++) {
        assert_int_equal(mkdirat(fd, "d", 0700), 0);
        int inner = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(inner >= 0);
        close(fd);
        fd = inner;
    }
    close(fd);
    assert_int_equal(sb_tree_remove(root, "d"), 0);
    assert_false(there("d"));
    int after = dup(root); /* the lowest free number */
    close(after);
    assert_int_equal(after, before);
}

/* What cannot be removed is said: here, a folder that may not be written to (unless one is root).
 */
static void remove_refused(void **state)
{
    (void)state;
    if (geteuid() == 0) {
        print_message("Permissions do not bind root: skipped.\n");
        skip();
    }
    assert_int_equal(mkdirat(root, "a", 0700), 0);
    make_file(root, "a/file");
    assert_int_equal(fchmodat(root, "a", 0500, 0), 0);
    assert_int_equal(sb_tree_remove(root, "a"), -1);
    assert_true(there("a/file"));
    assert_int_equal(fchmodat(root, "a", 0700, 0), 0);
    assert_int_equal(sb_tree_remove(root, "a"), 0);
}

/* ---- listing, and looking up ---------------------------------------------------------------- */

struct names {
    size_t count, at_most;
    bool file, in, twice;
};

static int take_name(void *context, int fd, const char *name, unsigned char kind)
{
    struct names *names = context;
    struct stat status;
    assert_int_equal(fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW), 0);
    assert_true(kind == DT_UNKNOWN || kind == IFTODT(status.st_mode));
    names->twice |= names->file && strcmp(name, "file") == 0;
    names->file |= strcmp(name, "file") == 0;
    names->in |= strcmp(name, "in") == 0;
    return ++names->count == names->at_most ? 7 : 0;
}

static void list(void **state)
{
    (void)state;
    enum { MANY = 400 }; /* more than one call gives */
    struct names names = {0};
    assert_int_equal(sb_tree_list(root, take_name, &names), 0);
    assert_int_equal(names.count, 0);
    make_file(root, "file");
    assert_int_equal(symlinkat("/", root, "in"), 0);
    assert_int_equal(mkdirat(root, "a", 0700), 0);
    for (int i = 0; i < MANY; i++) {
        char name[64];
        snprintf(name, sizeof(name), "a name that is somewhat longer %d", i);
        make_file(root, name);
    }
    assert_int_equal(sb_tree_list(root, take_name, &names), 0);
    assert_int_equal(names.count, MANY + 3);
    assert_true(names.file && names.in && !names.twice);
    names = (struct names){.at_most = 200};
    assert_int_equal(sb_tree_list(root, take_name, &names), 7);
    assert_int_equal(names.count, 200);
    /* from the first on again */
    names = (struct names){0};
    assert_int_equal(sb_tree_list(root, take_name, &names), 0);
    assert_int_equal(names.count, MANY + 3);
    int file = openat(root, "file", O_RDONLY | O_CLOEXEC);
    assert_int_equal(sb_tree_list(file, take_name, &names), -1);
    assert_int_equal(errno, ENOTDIR);
    close(file);
    assert_int_equal(sb_tree_empty(root), 0);
}

static int is_root(const void *context, const struct stat *at)
{
    const struct stat *wanted = context;
    return at->st_dev == wanted->st_dev && at->st_ino == wanted->st_ino;
}

static int is_none(const void *context, const struct stat *at)
{
    (void)context;
    (void)at;
    return 0;
}

static int fails(const void *context, const struct stat *at)
{
    (void)context;
    (void)at;
    errno = EXDEV;
    return -1;
}

static void within(void **state)
{
    (void)state;
    struct sb_tree tree;
    const char *name;
    struct stat top, side;
    sb_tree_init(&tree, root);
    assert_int_equal(mkdirat(root, "side", 0700), 0);
    int fd = sb_tree_parent(&tree, "a/b/c/x", true, &name);
    assert_int_equal(fstat(root, &top), 0);
    assert_int_equal(fstatat(root, "side", &side, 0), 0);
    assert_int_equal(sb_tree_within(fd, is_root, &top), 1);
    assert_int_equal(sb_tree_within(root, is_root, &top), 1);
    assert_int_equal(sb_tree_within(fd, is_root, &side), 0);
    assert_int_equal(sb_tree_within(fd, is_none, NULL), 0);
    assert_int_equal(sb_tree_within(fd, fails, NULL), -1);
    assert_int_equal(errno, EXDEV);
    assert_int_equal(sb_tree_within(-1, is_none, NULL), -1);
    assert_int_equal(errno, EBADF);
    sb_tree_close(&tree);
    assert_int_equal(sb_tree_empty(root), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, each_test, clean_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(create),      TEST(links),          TEST(long_names), TEST(remove_all),
        TEST(remove_deep), TEST(remove_refused), TEST(list),       TEST(within),
    };
    return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
