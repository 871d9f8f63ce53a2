/* A new seal/ in a bag that is a plain folder: it appears, or takes the old one's place, in one
 * step, and until then and after a failure the bag is as it was. */
#define _GNU_SOURCE /* mkdtemp, symlinkat */
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

#include "op/seal_folder.h"

static char above[4096], bag[4200];
static int bag_fd;

static int each_test(void **state)
{
    (void)state;
    char made[4096];
    const char *tmp = getenv("TMPDIR");
    snprintf(made, sizeof(made), "%s/sealbag-test-XXXXXX", tmp != NULL ? tmp : "/tmp");
    if (mkdtemp(made) == NULL || realpath(made, above) == NULL)
        return -1;
    snprintf(bag, sizeof(bag), "%s/bag", above);
    umask(022);
    bag_fd = mkdir(bag, 0755) == 0 ? open(bag, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    return bag_fd >= 0 ? 0 : -1;
}

static int count_name(void *context, int fd, const char *name, unsigned char kind)
{
    (void)fd;
    (void)name;
    (void)kind;
    ++*(int *)context;
    return 0;
}

static int things_in(const char *path)
{
    int count = 0, fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(sb_tree_list(fd, count_name, &count), 0);
    close(fd);
    return count;
}

/* Nothing of a run may be left beside the bag. */
static int clean_up(void **state)
{
    (void)state;
    int left = things_in(above);
    close(bag_fd);
    int fd = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = sb_tree_empty(fd);
    close(fd);
    return left == 1 && r == 0 ? rmdir(above) : -1;
}

static void make_file(const char *path, mode_t mode, const char *text)
{
    int fd = openat(bag_fd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static void make_old(void)
{
    assert_int_equal(mkdirat(bag_fd, "seal", 0750), 0);
    make_file("seal/seal.txt", 0640, "old seal\n");
    make_file("seal/salt.txt", 0600, "old salt\n");
}

static void is_file(const char *path, mode_t mode, const char *text)
{
    char bytes[100] = "";
    struct stat status;
    int fd = openat(bag_fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(read(fd, bytes, sizeof(bytes) - 1), (ssize_t)strlen(text));
    assert_string_equal(bytes, text);
    assert_int_equal(status.st_mode & 0777, mode);
    close(fd);
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(fstatat(bag_fd, path, &status, AT_SYMLINK_NOFOLLOW), 0);
    return status.st_mode & 0777;
}

static void is_old(void)
{
    is_file("seal/seal.txt", 0640, "old seal\n");
    is_file("seal/salt.txt", 0600, "old salt\n");
    assert_int_equal(mode_of("seal"), 0750);
    assert_int_equal(faccessat(bag_fd, "seal/new.txt", F_OK, 0), -1);
    assert_int_equal(faccessat(bag_fd, "seal/custody", F_OK, 0), -1);
}

static void add(struct sb_seal_folder *folder, const char *path, const char *text)
{
    assert_int_equal(sb_seal_folder_add(folder, path, text, strlen(text), NULL), 0);
}

static void build(struct sb_seal_folder *folder)
{
    assert_int_equal(sb_seal_folder_open(folder, bag_fd, bag, NULL), 0);
    add(folder, "seal/seal.txt", "new seal\n");
    add(folder, "seal/new.txt", "");
    add(folder, "seal/custody/0001-x.txt", "event\n");
}

static int close_folder(struct sb_seal_folder *folder, int result)
{
    struct sb_error error = {0};
    int r = sb_seal_folder_close(folder, result, &error);
    assert_string_equal(error.message, "");
    return r;
}

/* ---- what is there ------------------------------------------------------------------------- */

static void appears(void **state)
{
    (void)state;
    struct sb_seal_folder folder;
    build(&folder);
    assert_false(folder.replaces);
    assert_int_equal(things_in(bag), 0);
    assert_int_equal(sb_seal_folder_publish(&folder, NULL), 0);
    is_file("seal/seal.txt", 0644, "new seal\n");
    is_file("seal/custody/0001-x.txt", 0644, "event\n");
    assert_int_equal(mode_of("seal"), 0755);
    assert_int_equal(close_folder(&folder, 0), 0);
}

static void takes_its_place(void **state)
{
    (void)state;
    struct sb_seal_folder folder;
    make_old();
    build(&folder);
    assert_true(folder.replaces);
    is_old();
    assert_int_equal(sb_seal_folder_publish(&folder, NULL), 0);
    is_file("seal/seal.txt", 0640, "new seal\n");
    is_file("seal/new.txt", 0640, ""); /* as seal.txt */
    is_file("seal/custody/0001-x.txt", 0640, "event\n");
    assert_int_equal(mode_of("seal"), 0750);
    assert_int_equal(mode_of("seal/custody"), 0750);
    assert_int_equal(faccessat(bag_fd, "seal/salt.txt", F_OK, 0), -1);
    assert_int_equal(close_folder(&folder, 0), 0);
}

static void goes_back(void **state)
{
    (void)state;
    struct sb_seal_folder folder;
    make_old();
    build(&folder);
    assert_int_equal(sb_seal_folder_publish(&folder, NULL), 0);
    assert_int_equal(sb_seal_folder_revert(&folder, NULL), 0);
    is_old();
    assert_int_equal(close_folder(&folder, SEALBAG_ERR_CHANGED), SEALBAG_ERR_CHANGED);
    is_old();
}

static void goes_away_again(void **state)
{
    (void)state;
    struct sb_seal_folder folder;
    build(&folder);
    assert_int_equal(sb_seal_folder_publish(&folder, NULL), 0);
    assert_int_equal(sb_seal_folder_revert(&folder, NULL), 0);
    assert_int_equal(things_in(bag), 0);
    assert_int_equal(close_folder(&folder, SEALBAG_ERR_CHANGED), SEALBAG_ERR_CHANGED);
}

static void nothing_happens(void **state)
{
    (void)state;
    struct sb_seal_folder folder;
    make_old();
    build(&folder);
    assert_int_equal(close_folder(&folder, SEALBAG_ERR_IO), SEALBAG_ERR_IO);
    is_old();
}

/* ---- without an exchange ------------------------------------------------------------------- */

static void puts_one(void **state)
{
    (void)state;
    struct sb_seal_folder folder;
    make_old();
    build(&folder);
    assert_int_equal(sb_seal_folder_put(&folder, "seal/new.txt", NULL), 0);
    is_file("seal/new.txt", 0640, "");
    is_file("seal/seal.txt", 0640, "old seal\n");
    assert_int_equal(sb_seal_folder_put(&folder, "seal/custody", NULL), 0);
    is_file("seal/custody/0001-x.txt", 0640, "event\n");
    struct sb_error error = {0};
    assert_int_equal(sb_seal_folder_put(&folder, "seal/seal.txt", &error), SEALBAG_ERR_EXISTS);
    is_file("seal/seal.txt", 0640, "old seal\n");
    assert_int_equal(close_folder(&folder, 0), 0);
}

/* ---- looking at it ------------------------------------------------------------------------- */

static const struct sb_reader_options reading;

static void is_listed(const struct sb_seal_folder *folder, size_t files, const char *seal)
{
    struct sb_scan scan = {0};
    struct sb_findings findings = {0};
    assert_int_equal(sb_seal_folder_list(&scan, &findings, folder, &reading, NULL), 0);
    assert_int_equal(findings.count, 0);
    assert_int_equal(scan.inventory.count, files);
    const struct sb_buf *kept = sb_scan_kept(&scan, "seal/seal.txt");
    assert_non_null(kept);
    assert_int_equal(kept->len, strlen(seal));
    assert_memory_equal(kept->data, seal, kept->len);
    sb_findings_free(&findings);
    sb_scan_free(&scan);
}

static void listed(void **state)
{
    (void)state;
    struct sb_seal_folder folder;
    make_old();
    build(&folder);
    is_listed(&folder, 3, "new seal\n");
    assert_int_equal(sb_seal_folder_publish(&folder, NULL), 0);
    is_listed(&folder, 2, "old seal\n");
    assert_int_equal(close_folder(&folder, 0), 0);
}

/* ---- what is refused ----------------------------------------------------------------------- */

static void twice(void **state)
{
    (void)state;
    struct sb_seal_folder folder;
    struct sb_error error = {0};
    build(&folder);
    assert_int_equal(sb_seal_folder_add(&folder, "seal/seal.txt", "x", 1, &error),
                     SEALBAG_ERR_EXISTS);
    assert_non_null(strstr(error.message, "seal/seal.txt"));
    assert_int_equal(sb_seal_folder_publish(&folder, &error), SEALBAG_ERR_IO);
    assert_int_equal(things_in(bag), 0);
    assert_int_equal(close_folder(&folder, SEALBAG_ERR_EXISTS), SEALBAG_ERR_EXISTS);
}

static void one_came_meanwhile(void **state)
{
    (void)state;
    struct sb_seal_folder folder;
    struct sb_error error = {0};
    build(&folder);
    make_old();
    assert_int_equal(sb_seal_folder_publish(&folder, &error), SEALBAG_ERR_EXISTS);
    is_old();
    assert_int_equal(close_folder(&folder, SEALBAG_ERR_EXISTS), SEALBAG_ERR_EXISTS);
}

static void it_went_meanwhile(void **state)
{
    (void)state;
    struct sb_seal_folder folder;
    struct sb_error error = {0};
    make_old();
    build(&folder);
    assert_int_equal(sb_tree_remove(bag_fd, "seal"), 0);
    assert_true(sb_seal_folder_publish(&folder, &error) < 0);
    assert_int_equal(things_in(bag), 0);
    assert_int_equal(close_folder(&folder, error.code), error.code);
}

/* A link is not what is taken for the old one's files, nor is it written through. */
static void link_in_its_place(void **state)
{
    (void)state;
    struct sb_seal_folder folder;
    struct sb_error error = {0};
    make_old();
    assert_int_equal(renameat(bag_fd, "seal", bag_fd, "other"), 0);
    assert_int_equal(symlinkat("other", bag_fd, "seal"), 0);
    assert_int_equal(sb_seal_folder_open(&folder, bag_fd, bag, NULL), 0);
    assert_true(sb_seal_folder_add(&folder, "seal/seal.txt", "x", 1, &error) < 0);
    assert_int_equal(close_folder(&folder, error.code), error.code);
    is_file("other/seal.txt", 0640, "old seal\n");
}

static void not_that_bag(void **state)
{
    (void)state;
    struct sb_seal_folder folder;
    struct sb_error error = {0};
    int other = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(sb_seal_folder_open(&folder, other, bag, &error), SEALBAG_ERR_CHANGED);
    assert_int_equal(close_folder(&folder, error.code), error.code);
    assert_int_equal(sb_seal_folder_open(&folder, other, "/", &error), SEALBAG_ERR_UNSUPPORTED);
    assert_int_equal(close_folder(&folder, error.code), error.code);
    close(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, each_test, clean_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(appears),
        TEST(takes_its_place),
        TEST(goes_back),
        TEST(goes_away_again),
        TEST(nothing_happens),
        TEST(listed),
        TEST(twice),
        TEST(one_came_meanwhile),
        TEST(it_went_meanwhile),
        TEST(link_in_its_place),
        TEST(not_that_bag),
        TEST(puts_one),
    };
    return cmocka_run_group_tests_name("seal_folder", tests, NULL, NULL);
}
