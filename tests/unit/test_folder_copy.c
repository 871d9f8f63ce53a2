/* Files of a folder that was judged are copied only as they were judged. */
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

#include "op/folder.h"
#include "unit/build.h"

static int root;
static struct sb_pool *pool;
static struct sb_digest *digest;
static struct sb_inventory files;
static char folder[4096];

static int each_test(void **state)
{
    (void)state;
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof(folder), "%s/sealbag-test-XXXXXX", tmp != NULL ? tmp : "/tmp");
    if (mkdtemp(folder) == NULL)
        return -1;
    root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return root >= 0 && sb_digest_new(&digest, NULL) == 0 ? sb_pool_new(&pool, 3, NULL) : -1;
}

static int clean_up(void **state)
{
    (void)state;
    sb_inventory_free(&files);
    sb_digest_free(digest);
    sb_pool_free(pool);
    int r = sb_tree_empty(root);
    close(root);
    return r == 0 ? rmdir(folder) : -1;
}

static void write_file(const char *path, const void *bytes, size_t len)
{
    struct sb_tree tree;
    const char *name;
    sb_tree_init(&tree, root);
    int at = sb_tree_parent(&tree, path, true, &name);
    int fd = openat(at, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    close(fd);
    sb_tree_close(&tree);
}

/* A file that is as it was judged. */
static void judged(const char *path, const void *bytes, size_t len)
{
    uint8_t sha256[SB_SHA256_SIZE];
    write_file(path, bytes, len);
    assert_int_equal(sb_digest_bytes(sha256, digest, bytes, len), 0);
    assert_int_equal(sb_inventory_add(&files, path, len, 0, sha256), 0);
}

static void make_bag(void)
{
    judged("bagit.txt", "bagit", 5);
    judged("data/a", "the first", 9);
    judged("data/b/c", "", 0);
    judged("data/d", "the last", 8);
    sb_inventory_sort(&files);
}

/* ---- what takes it ------------------------------------------------------------------------- */

struct taking {
    const char *only; /* NULL: everything */
    size_t begun, ended;
    struct sb_buf bytes; /* one file after the other, each with its path before */
    int result;          /* of end */
};

static int begin(void *context, bool *want, const char *top, const char *path,
                 struct sb_error *error)
{
    struct taking *taking = context;
    (void)error;
    assert_string_equal(top, "bag");
    *want = taking->only == NULL || strcmp(taking->only, path) == 0;
    taking->begun += *want;
    return *want ? sb_buf_printf(&taking->bytes, "[%s]", path) : 0;
}

static int data(void *context, const void *bytes, size_t len, struct sb_error *error)
{
    struct taking *taking = context;
    (void)error;
    return sb_buf_append(&taking->bytes, bytes, len);
}

static int end(void *context, const char *path, bool lost, const uint8_t *sha256,
               struct sb_error *error)
{
    struct taking *taking = context;
    (void)path;
    (void)error;
    assert_false(lost);
    assert_null(sha256);
    taking->ended++;
    return taking->result;
}

static int tick(void *context, const struct sealbag_progress *now)
{
    uint64_t *left = context;
    assert_true(now->files <= now->files_total);
    return (*left)-- == 0;
}

static int copy(struct taking *taking, uint64_t *ticks, struct sb_error *error)
{
    const struct sb_sink sink = {.context = taking, .begin = begin, .data = data, .end = end};
    const struct sb_reader_options reading = {.progress = ticks != NULL ? tick : NULL,
                                              .progress_context = ticks};
    const struct sb_folder from = {.fd = root, .name = "bag", .pool = pool, .reading = &reading};
    return sb_folder_copy(&files, &from, &sink, error);
}

static void free_taking(struct taking *taking)
{
    sb_buf_free(&taking->bytes);
    *taking = (struct taking){0};
}

/* ---- */

static void all(void **state)
{
    (void)state;
    struct taking taking = {0};
    make_bag();
    assert_int_equal(copy(&taking, NULL, NULL), 0);
    assert_int_equal(sb_buf_append(&taking.bytes, "", 1), 0);
    assert_string_equal((const char *)taking.bytes.data,
                        "[bagit.txt]bagit[data/a]the first[data/b/c][data/d]the last");
    assert_int_equal(taking.ended, 4);
    free_taking(&taking);
    taking.only = "data/d";
    assert_int_equal(copy(&taking, NULL, NULL), 0);
    assert_int_equal(taking.ended, 1);
    free_taking(&taking);
    taking.only = "";
    assert_int_equal(copy(&taking, NULL, NULL), 0);
    assert_int_equal(taking.begun, 0);
    free_taking(&taking);
}

/* More files than are hashed together, and larger ones. */
static void many(void **state)
{
    (void)state;
    enum { MANY = 700, LARGE = 1 << 20 };
    struct taking taking = {0};
    uint8_t *bytes = noise(LARGE);
    for (int i = 0; i < MANY; i++) {
        char path[32];
        snprintf(path, sizeof(path), "data/%04d", i);
        judged(path, bytes + i, i % 97 == 0 ? LARGE - (size_t)i : (size_t)i);
    }
    sb_inventory_sort(&files);
    assert_int_equal(copy(&taking, NULL, NULL), 0);
    assert_int_equal(taking.ended, MANY);
    free_taking(&taking);
    /* One of them, in the middle of it. */
    bytes[5] ^= 1;
    write_file("data/0388", bytes, LARGE - 388);
    struct sb_error error = {0};
    assert_int_equal(copy(&taking, NULL, &error), SEALBAG_ERR_CHANGED);
    assert_non_null(strstr(error.message, "data/0388"));
    assert_string_equal(error.rule, "folder.changed");
    free_taking(&taking);
    free(bytes);
}

static void refused(const char *path)
{
    struct taking taking = {0};
    struct sb_error error = {0};
    assert_int_equal(copy(&taking, NULL, &error), SEALBAG_ERR_CHANGED);
    assert_non_null(strstr(error.message, path));
    free_taking(&taking);
    /* Who wants another file is not concerned. */
    taking.only = "data/a";
    assert_int_equal(copy(&taking, NULL, NULL), 0);
    free_taking(&taking);
}

static void changed(void **state)
{
    (void)state;
    make_bag();
    write_file("data/d", "the lasT", 8);
    refused("data/d");
    write_file("data/d", "the last one", 12);
    refused("data/d");
    write_file("data/d", "the las", 7);
    refused("data/d");
    assert_int_equal(unlinkat(root, "data/d", 0), 0);
    refused("data/d");
    write_file("other", "the last", 8);
    assert_int_equal(symlinkat("../other", root, "data/d"), 0);
    refused("data/d");
    assert_int_equal(unlinkat(root, "data/d", 0), 0);
    assert_int_equal(mkfifoat(root, "data/d", 0600), 0);
    refused("data/d");
    assert_int_equal(unlinkat(root, "data/d", 0), 0);
    assert_int_equal(mkdirat(root, "data/d", 0700), 0);
    refused("data/d");
    assert_int_equal(unlinkat(root, "data/d", AT_REMOVEDIR), 0);
    write_file("data/d", "the last", 8);
    assert_int_equal(renameat(root, "data/b", root, "b"), 0);
    assert_int_equal(symlinkat("../b", root, "data/b"), 0);
    refused("data/b/c");
}

/* What the sink says ends it, and so does whoever watches. */
static void ended(void **state)
{
    (void)state;
    struct taking taking = {.result = SEALBAG_ERR_IO};
    make_bag();
    assert_int_equal(copy(&taking, NULL, NULL), SEALBAG_ERR_IO);
    assert_int_equal(taking.ended, 1);
    free_taking(&taking);
    uint64_t ticks = 3;
    struct sb_error error = {0};
    assert_int_equal(copy(&taking, &ticks, &error), SEALBAG_ERR_CANCELLED);
    assert_true(taking.ended < 4);
    free_taking(&taking);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, each_test, clean_up)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(all), TEST(many), TEST(changed), TEST(ended)};
    return cmocka_run_group_tests_name("folder_copy", tests, NULL, NULL);
}
