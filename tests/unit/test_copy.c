/* A file whose beginning is another file's, which then takes that file's place. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/copy.h"
#include "sign/locked.h"
#include "sign/sign.h"

enum { SIZE = 700001 };

static char folder[] = "/tmp/sealbag-copy-XXXXXX";
static char old_path[64], other_path[64];

static uint8_t byte_at(size_t i)
{
    return (uint8_t)(i * 7 + i / 251);
}

static void make_old(void)
{
    uint8_t *bytes = malloc(SIZE);
    assert_non_null(bytes);
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = byte_at(i);
    unlink(old_path);
    assert_int_equal(sb_file_create(old_path, 0640, bytes, SIZE, NULL), 0);
    free(bytes);
}

static int set_up(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL || sb_sign_init(NULL) < 0)
        return -1;
    snprintf(old_path, sizeof(old_path), "%s/old", folder);
    snprintf(other_path, sizeof(other_path), "%s/other", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(old_path);
    unlink(other_path);
    return rmdir(folder);
}

static int count_calls(void *context, const struct sealbag_progress *now)
{
    assert_true(now->bytes <= now->bytes_total);
    ++*(unsigned *)context;
    return 0;
}

static int stop(void *context, const struct sealbag_progress *now)
{
    (void)context;
    (void)now;
    return 1;
}

/* An output in the place of the old file, and the old file, open. */
static int begin(struct sb_output *out, struct stat *status)
{
    int fd = open(old_path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, status), 0);
    assert_int_equal(sb_output_open(out, old_path, true, 0600, NULL), 0);
    return fd;
}

static void expect_begins(const char *path, size_t len, const char *rest)
{
    struct sb_buf bytes = {0};
    assert_int_equal(sb_file_read(&bytes, NULL, path, 2 * SIZE, NULL), 0);
    assert_int_equal(bytes.len, len + strlen(rest));
    for (size_t i = 0; i < len; i++)
        assert_int_equal(bytes.data[i], byte_at(i));
    assert_memory_equal(bytes.data + len, rest, strlen(rest));
    sb_buf_free(&bytes);
}

static void copies(void **state)
{
    (void)state;
    const size_t lengths[] = {0, 1, 4096, 262144, 262145, SIZE - 1, SIZE};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct sb_output out;
        struct stat status, now;
        unsigned calls = 0;
        char begins[16];
        make_old();
        assert_int_equal(chmod(old_path, 0604), 0);
        int fd = begin(&out, &status);
        assert_int_equal(sb_output_copy(&out, fd, lengths[i], count_calls, &calls, NULL), 0);
        assert_true(out.written == lengths[i]);
        assert_int_equal(sb_output_write(&out, "end", 3, NULL), 0);
        int again = sb_output_reopen(&out, NULL);
        assert_true(again >= 0);
        assert_int_equal(fcntl(again, F_GETFL) & O_ACCMODE, O_RDONLY);
        assert_int_equal(read(again, begins, sizeof(begins)), lengths[i] + 3 < sizeof(begins)
                                                                  ? (int)lengths[i] + 3
                                                                  : (int)sizeof(begins));
        close(again);
        assert_int_equal(sb_output_commit_over(&out, -1, &status, NULL), 0);
        assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
        close(fd);
        expect_begins(old_path, lengths[i], "end");
        assert_int_equal(stat(old_path, &now), 0);
        assert_int_equal(now.st_mode & 07777, 0604);
        assert_true(now.st_uid == status.st_uid && now.st_gid == status.st_gid);
    }
}

static void too_short(void **state)
{
    (void)state;
    struct sb_output out;
    struct stat status;
    struct sb_error error;
    make_old();
    int fd = begin(&out, &status);
    assert_int_equal(sb_output_copy(&out, fd, SIZE + 1, NULL, NULL, &error), SEALBAG_ERR_CHANGED);
    assert_true(error.message[0] != 0);
    sb_output_abort(&out);
    close(fd);
    expect_begins(old_path, SIZE, "");
}

static void stopped(void **state)
{
    (void)state;
    struct sb_output out;
    struct stat status;
    make_old();
    int fd = begin(&out, &status);
    int r = sb_output_copy(&out, fd, SIZE, stop, NULL, NULL);
    assert_true(r == SEALBAG_ERR_CANCELLED || r == 0); /* blocks are shared in one step */
    sb_output_abort(&out);
    close(fd);
    expect_begins(old_path, SIZE, "");
}

/* Somebody else was quicker: what is there then stays. */
static void not_over_another(void **state)
{
    (void)state;
    enum { REPLACED, REMOVED, WRITTEN, WAYS };
    for (int way = 0; way < WAYS; way++) {
        struct sb_output out;
        struct stat status;
        struct sb_error error;
        make_old();
        int fd = begin(&out, &status);
        assert_int_equal(sb_output_copy(&out, fd, SIZE, NULL, NULL, NULL), 0);
        if (way == REPLACED) {
            assert_int_equal(sb_file_create(other_path, 0600, "other", 5, NULL), 0);
            assert_int_equal(rename(other_path, old_path), 0);
        } else if (way == REMOVED) {
            assert_int_equal(unlink(old_path), 0);
        } else {
            int writing = open(old_path, O_WRONLY | O_APPEND | O_CLOEXEC);
            assert_int_equal(write(writing, "more", 4), 4);
            close(writing);
        }
        assert_int_equal(sb_output_commit_over(&out, -1, &status, &error), SEALBAG_ERR_CHANGED);
        close(fd);
        if (way == REPLACED) {
            struct sb_buf bytes = {0};
            assert_int_equal(sb_file_read(&bytes, NULL, old_path, 10, NULL), 0);
            assert_int_equal(bytes.len, 5);
            sb_buf_free(&bytes);
        } else if (way == REMOVED) {
            assert_int_equal(access(old_path, F_OK), -1);
        } else {
            expect_begins(old_path, SIZE, "more");
        }
    }
}

/* A process that is forked has no secrets: it is the one that reads hostile bundles. */
static void no_secrets_in_children(void **state)
{
    (void)state;
    const size_t sizes[] = {32, 4096, 5000};
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint8_t *secret = sb_locked_new(sizes[i]);
        assert_non_null(secret);
        memset(secret, 7, sizes[i]);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            int found = 0;
            for (size_t at = 0; at < sizes[i]; at++) {
                uint8_t *start = secret + at - (uintptr_t)(secret + at) % page;
                found += msync(start, page, MS_ASYNC) == 0;
            }
            _exit(found > 0 ? 1 : 0);
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_int_equal(secret[sizes[i] - 1], 7);
        sb_locked_free(secret);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies),
        cmocka_unit_test(too_short),
        cmocka_unit_test(stopped),
        cmocka_unit_test(not_over_another),
        cmocka_unit_test(no_secrets_in_children),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
