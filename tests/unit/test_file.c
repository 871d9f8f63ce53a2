/* Files: limits, what is not a regular file, and outputs that appear whole or not at all. */
#undef _FORTIFY_SOURCE /* its headers define openat themselves */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"

/* ---- faults: the library calls these instead of the C library's -------------------------- */

static struct {
    int no_tmpfile, no_noreplace, link, rename, sync, sync_after,
        random; /* errno values; 0: none */
} fault;

static int failed(int reason)
{
    if (reason == 0)
        return 0;
    errno = reason;
    return -1;
}

int openat(int at, const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    unsigned mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, unsigned) : 0;
    va_end(arguments);
    if ((flags & O_TMPFILE) == O_TMPFILE && failed(fault.no_tmpfile))
        return -1;
    return (int)syscall(SYS_openat, at, path, flags, mode);
}

int renameat2(int from, const char *old, int to, const char *new, unsigned flags)
{
    if (failed(flags != 0 ? fault.no_noreplace : 0))
        return -1;
    return (int)syscall(SYS_renameat2, from, old, to, new, flags);
}

int renameat(int from, const char *old, int to, const char *new)
{
    return failed(fault.rename) ? -1 : (int)syscall(SYS_renameat2, from, old, to, new, 0);
}

int linkat(int from, const char *old, int to, const char *new, int flags)
{
    return failed(fault.link) ? -1 : (int)syscall(SYS_linkat, from, old, to, new, flags);
}

int fsync(int fd)
{
    if (fault.sync_after-- <= 0 && failed(fault.sync))
        return -1;
    return (int)syscall(SYS_fsync, fd);
}

ssize_t getrandom(void *bytes, size_t len, unsigned flags)
{
    return failed(fault.random) ? -1 : (ssize_t)syscall(SYS_getrandom, bytes, len, flags);
}

/* ---- helpers --------------------------------------------------------------------------- */

static char folder[4096];

static const char *in(const char *name)
{
    static char path[2][4400];
    static int turn;
    turn ^= 1;
    snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
    return path[turn];
}

static int each_test(void **state)
{
    (void)state;
    const char *tmp = getenv("TMPDIR");
    fault = (__typeof__(fault)){0};
    snprintf(folder, sizeof(folder), "%s/sealbag-test-XXXXXX", tmp != NULL ? tmp : "/tmp");
    return mkdtemp(folder) != NULL ? 0 : -1;
}

/* The names in the folder, sorted, separated by spaces. */
static const char *listing(void)
{
    static char text[1000];
    struct dirent **names;
    int n = scandir(folder, &names, NULL, alphasort);
    assert_true(n >= 2);
    text[0] = 0;
    for (int i = 0; i < n; i++) {
        if (strcmp(names[i]->d_name, ".") != 0 && strcmp(names[i]->d_name, "..") != 0) {
            if (text[0] != 0)
                strcat(text, " ");
            strcat(text, names[i]->d_name);
        }
        free(names[i]);
    }
    free(names);
    return text;
}

static int clean_up(void **state)
{
    (void)state;
    DIR *open_folder = opendir(folder);
    const struct dirent *found;
    while (open_folder != NULL && (found = readdir(open_folder)) != NULL) {
        if (unlinkat(dirfd(open_folder), found->d_name, 0) < 0)
            unlinkat(dirfd(open_folder), found->d_name, AT_REMOVEDIR);
    }
    closedir(open_folder);
    return rmdir(folder);
}

static void make(const char *name, const char *text)
{
    int fd = open(in(name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void expect_file(const char *name, const char *text)
{
    struct sb_buf buf = {0};
    assert_int_equal(sb_file_read(&buf, NULL, in(name), 100000, NULL), 0);
    assert_string_equal((const char *)buf.data, text);
    sb_buf_free(&buf);
}

/* ---- reading --------------------------------------------------------------------------- */

static void read_limits(void **state)
{
    (void)state;
    struct sb_buf buf = {0};
    struct sb_error error;
    mode_t mode = 0;
    make("f", "0123456789");
    assert_int_equal(chmod(in("f"), 0640), 0);
    assert_int_equal(sb_buf_puts(&buf, "> "), 0);
    assert_int_equal(sb_file_read(&buf, &mode, in("f"), 10, &error), 0);
    assert_string_equal((const char *)buf.data, "> 0123456789");
    assert_int_equal(mode, 0640);
    assert_int_equal(sb_file_read(&buf, NULL, in("f"), 9, &error), SEALBAG_ERR_LIMIT);
    assert_non_null(strstr(error.message, "larger than the 9 bytes"));
    sb_buf_free(&buf);
    make("empty", "");
    assert_int_equal(sb_file_read(&buf, NULL, in("empty"), 0, &error), 0);
    assert_int_equal(buf.len, 0);
    sb_buf_free(&buf);
}

static void read_large(void **state)
{
    (void)state;
    struct sb_buf buf = {0};
    enum { SIZE = 70001 };
    char *text = malloc(SIZE + 1);
    assert_non_null(text);
    for (size_t i = 0; i < SIZE; i++)
        text[i] = (char)('a' + i % 23);
    text[SIZE] = 0;
    make("f", text);
    assert_int_equal(sb_file_read(&buf, NULL, in("f"), SIZE, NULL), 0);
    assert_int_equal(buf.len, SIZE);
    assert_string_equal((const char *)buf.data, text);
    sb_buf_free(&buf);
    free(text);
}

/* alarm() would end this program if the FIFO blocked it. */
static void read_not_regular(void **state)
{
    (void)state;
    struct sb_buf buf = {0};
    struct sb_error error;
    assert_int_equal(mkfifo(in("fifo\033"), 0600), 0);
    alarm(20);
    assert_int_equal(sb_file_read(&buf, NULL, in("fifo\033"), 100, &error), SEALBAG_ERR_IO);
    alarm(0);
    assert_non_null(strstr(error.message, "fifo\\x1b is not a regular file"));
    assert_int_equal(sb_file_read(&buf, NULL, folder, 100, &error), SEALBAG_ERR_IO);
    assert_int_equal(sb_file_read(&buf, NULL, "/dev/zero", 100, &error), SEALBAG_ERR_IO);
    assert_int_equal(sb_file_read(&buf, NULL, in("none"), 100, &error), SEALBAG_ERR_NOT_FOUND);
    assert_int_equal(sb_file_read(&buf, NULL, in("fifo\033/x"), 9, &error), SEALBAG_ERR_NOT_FOUND);
    assert_null(buf.data);
}

/* ---- writing to a descriptor ------------------------------------------------------------- */

static void write_failures(void **state)
{
    (void)state;
    int ends[2];
    char byte;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(sb_fd_write(ends[1], "abc", 3), 0);
    assert_int_equal(sb_fd_write(ends[1], "", 0), 0);
    assert_int_equal(sb_fd_read(ends[0], &byte, 1), 1);
    assert_int_equal(byte, 'a');
    close(ends[0]);
    signal(SIGPIPE, SIG_IGN);
    errno = 0;
    assert_int_equal(sb_fd_write(ends[1], "abc", 3), -1);
    assert_int_equal(errno, EPIPE);
    close(ends[1]);
    assert_int_equal(sb_fd_write(-1, "abc", 3), -1);
    assert_int_equal(sb_fd_read(-1, &byte, 1), -1);
}

static void stream(void **state)
{
    (void)state;
    struct sb_output out;
    struct sb_error error;
    int ends[2];
    char text[7] = "";
    assert_int_equal(pipe(ends), 0);
    sb_output_stream(&out, ends[1]);
    assert_int_equal(sb_output_write(&out, "abc", 3, &error), 0);
    assert_int_equal(sb_output_write(&out, "def", 3, &error), 0);
    assert_true(out.written == 6);
    assert_int_equal(sb_output_truncate(&out, 3, &error), SEALBAG_ERR_UNSUPPORTED);
    assert_int_equal(sb_output_commit(&out, false, &error), 0);
    sb_output_abort(&out);
    assert_int_equal(write(ends[1], "", 0), 0); /* the caller's: still open */
    assert_int_equal(read(ends[0], text, 6), 6);
    assert_string_equal(text, "abcdef");
    close(ends[0]);
    close(ends[1]);

    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    if (full >= 0) {
        sb_output_stream(&out, full);
        assert_int_equal(sb_output_write(&out, "abc", 3, &error), SEALBAG_ERR_IO);
        assert_non_null(strstr(error.message, "the output"));
        assert_non_null(strstr(error.message, "Make room"));
        assert_true(out.written == 0);
        sb_output_abort(&out);
        close(full);
    }
}

/* ---- small things ---------------------------------------------------------------------- */

static void split(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"a", ".", "a"},         {"./a", ".", "a"}, {"/a", "/", "a"},    {"x/y/a", "x/y", "a"},
        {"/x/y/a", "/x/y", "a"}, {"a/", "a", ""},   {"../a", "..", "a"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *parent, *name;
        assert_int_equal(sb_path_split(&parent, &name, rows[i][0]), 0);
        assert_string_equal(parent, rows[i][1]);
        assert_string_equal(name, rows[i][2]);
        free(parent);
        free(name);
    }
}

static void temp_names(void **state)
{
    (void)state;
    char first[20], second[20];
    assert_int_equal(sb_temp_name(first, 20, "abc"), 0);
    assert_int_equal(sb_temp_name(second, 20, "abc"), 0);
    assert_int_equal(strlen(first), 19);
    assert_int_equal(strspn(first + 3, "0123456789abcdef"), 16);
    assert_memory_equal(first, "abc", 3);
    assert_string_not_equal(first, second);
    assert_int_equal(sb_temp_name(first, 19, "abc"), -1);
    fault.random = EIO;
    assert_int_equal(sb_temp_name(first, 20, "abc"), -1);
}

static void create(void **state)
{
    (void)state;
    struct sb_error error;
    struct stat status;
    mode_t mask = umask(0);
    assert_int_equal(sb_file_create(in("key"), 0600, "secret", 6, &error), 0);
    umask(mask);
    assert_int_equal(stat(in("key"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    expect_file("key", "secret");
    assert_int_equal(sb_file_create(in("key"), 0600, "other", 5, &error), SEALBAG_ERR_EXISTS);
    expect_file("key", "secret");
    assert_int_equal(symlink("nowhere", in("link")), 0);
    assert_int_equal(sb_file_create(in("link"), 0600, "x", 1, &error), SEALBAG_ERR_EXISTS);
    assert_int_equal(sb_file_create(in("none/x"), 0600, "x", 1, &error), SEALBAG_ERR_NOT_FOUND);
    assert_int_equal(sb_file_create(in("key/x"), 0600, "x", 1, &error), SEALBAG_ERR_NOT_FOUND);
    assert_string_equal(listing(), "key link");
}

/* ---- outputs --------------------------------------------------------------------------- */

static void open_output(struct sb_output *out, const char *name, bool force, const char *text)
{
    struct sb_error error;
    assert_int_equal(sb_output_open(out, in(name), force, 0644, &error), 0);
    assert_int_equal(sb_output_write(out, text, strlen(text), &error), 0);
    assert_true(out->written == strlen(text));
}

/* Each way a file system can be: nameless files or not, renames that do not replace or not. */
static void set_kind(int kind)
{
    static const int errors[] = {0, EOPNOTSUPP, EISDIR, ENOENT, EINVAL, EOPNOTSUPP, EOPNOTSUPP};
    fault = (__typeof__(fault)){.no_tmpfile = errors[kind]};
    if (kind >= 5)
        fault.no_noreplace = kind == 5 ? EINVAL : ENOSYS;
    if (kind == 6)
        fault.link = EPERM;
}

enum { KINDS = 7 };

static void commit_and_abort(void **state)
{
    (void)state;
    struct sb_output out;
    struct sb_error error;
    for (int kind = 0; kind < KINDS; kind++) {
        set_kind(kind);
        open_output(&out, "out", false, "all of it");
        assert_null(strstr(listing(), "out"));
        assert_int_equal(out.temp_name != NULL, kind > 0);
        sb_output_abort(&out);
        sb_output_abort(&out);
        assert_string_equal(listing(), "");
        open_output(&out, "out", false, "all of it");
        assert_int_equal(sb_output_commit(&out, false, &error), 0);
        assert_string_equal(listing(), "out");
        expect_file("out", "all of it");
        assert_int_equal(out.fd, -1);
        assert_int_equal(out.dir_fd, -1);
        sb_output_abort(&out);
        assert_string_equal(listing(), "out");
        assert_int_equal(unlink(in("out")), 0);
    }
}

/* The name is taken while the output is being written. */
static void raced(void **state)
{
    (void)state;
    struct sb_output out;
    struct sb_error error;
    for (int kind = 0; kind < KINDS; kind++) {
        set_kind(kind);
        open_output(&out, "out", false, "mine");
        make("out", "theirs");
        assert_int_equal(sb_output_commit(&out, false, &error), SEALBAG_ERR_EXISTS);
        assert_string_equal(listing(), "out");
        expect_file("out", "theirs");
        open_output(&out, "out", true, "mine");
        assert_int_equal(sb_output_commit(&out, true, &error), 0);
        assert_string_equal(listing(), "out");
        expect_file("out", "mine");
        assert_int_equal(unlink(in("out")), 0);
    }
}

static void existing(void **state)
{
    (void)state;
    struct sb_output out;
    struct sb_error error;
    make("file", "old");
    assert_int_equal(symlink("file", in("link")), 0);
    assert_int_equal(mkdir(in("sub"), 0700), 0);
    assert_int_equal(sb_output_open(&out, in("file"), false, 0644, &error), SEALBAG_ERR_EXISTS);
    assert_int_equal(out.fd, -1);
    sb_output_abort(&out);
    assert_int_equal(sb_output_open(&out, in("link"), false, 0644, &error), SEALBAG_ERR_EXISTS);
    assert_int_equal(sb_output_open(&out, in("link"), true, 0644, &error), SEALBAG_ERR_EXISTS);
    assert_int_equal(sb_output_open(&out, in("sub"), true, 0644, &error), SEALBAG_ERR_EXISTS);
    assert_int_equal(sb_output_open(&out, in("no/x"), true, 0644, &error), SEALBAG_ERR_NOT_FOUND);
    open_output(&out, "file", true, "new");
    sb_output_abort(&out);
    expect_file("file", "old");
    open_output(&out, "file", true, "new");
    assert_int_equal(sb_output_commit(&out, true, &error), 0);
    expect_file("file", "new");
    assert_string_equal(listing(), "file link sub");
}

static void truncate_output(void **state)
{
    (void)state;
    struct sb_output out;
    struct sb_error error;
    open_output(&out, "out", false, "0123456789");
    assert_int_equal(sb_output_truncate(&out, 4, &error), 0);
    assert_true(out.written == 4);
    assert_int_equal(sb_output_write(&out, "xy", 2, &error), 0);
    assert_true(out.written == 6);
    assert_int_equal(sb_output_commit(&out, false, &error), 0);
    expect_file("out", "0123xy");
    out = (struct sb_output){.fd = -1, .dir_fd = -1, .seekable = true};
    assert_int_equal(sb_output_truncate(&out, 0, &error), SEALBAG_ERR_IO);
}

/* Whatever fails, nothing is left, and what was there before still is. */
static void faults(void **state)
{
    (void)state;
    struct sb_output out;
    struct sb_error error;
    make("old", "old");
    for (int which = 0; which < 8; which++) {
        bool force = which == 3 || which == 4 || which == 5;
        open_output(&out, force ? "old" : "out", force, "new");
        if (which == 0 || which == 3)
            fault.sync = EIO;
        else if (which == 1 || which == 4)
            fault.link = EIO;
        else if (which == 5)
            fault.rename = EIO;
        else if (which == 2) {
            fault.sync = EIO;
            fault.sync_after = 1; /* the folder's */
        } else if (which == 6) {
            close(out.fd);
        } else {
            fault.sync = EINVAL; /* a file system that cannot sync folders */
            fault.sync_after = 1;
        }
        assert_int_equal(sb_output_commit(&out, force, &error), which == 7 ? 0 : SEALBAG_ERR_IO);
        assert_string_equal(listing(), which == 7 ? "old out" : "old");
        expect_file("old", "old");
        fault = (__typeof__(fault)){0};
    }
    /* what was replaced cannot be brought back: then the new one stays, whole */
    open_output(&out, "old", true, "new");
    fault.sync = EIO;
    fault.sync_after = 1;
    assert_int_equal(sb_output_commit(&out, true, &error), SEALBAG_ERR_IO);
    expect_file("old", "new");
    assert_string_equal(listing(), "old out");
    fault = (__typeof__(fault)){.no_tmpfile = EACCES};
    assert_int_equal(sb_output_open(&out, in("x"), false, 0644, &error), SEALBAG_ERR_IO);
    fault.no_tmpfile = EISDIR;
    fault.random = EIO;
    assert_int_equal(sb_output_open(&out, in("x"), false, 0644, &error), SEALBAG_ERR_IO);
    fault = (__typeof__(fault)){.no_tmpfile = EISDIR, .no_noreplace = EIO};
    open_output(&out, "x", false, "new");
    assert_int_equal(sb_output_commit(&out, false, &error), SEALBAG_ERR_IO);
    assert_string_equal(listing(), "old out");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, each_test, clean_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(read_limits),      TEST(read_large), TEST(read_not_regular), TEST(write_failures),
        TEST(stream),           TEST(split),      TEST(temp_names),       TEST(create),
        TEST(commit_and_abort), TEST(raced),      TEST(existing),         TEST(truncate_output),
        TEST(faults),
    };
    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
