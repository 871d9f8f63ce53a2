/* File times out of records: which are taken, and what they do to the files of a staging folder. */
#define _DEFAULT_SOURCE
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

#include "op/restore.h"

static char folder[] = "/tmp/sealbag-restore-XXXXXX";
static struct sb_staging staging;

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL && sb_staging_open(&staging, folder, NULL) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return sb_staging_close(&staging, 0, NULL) == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static void write_file(const char *path)
{
    struct sb_sink sink = sb_staging_sink(&staging);
    bool want = false;
    assert_int_equal(sink.begin(sink.context, &want, "bag", path, NULL), 0);
    assert_true(want);
    assert_int_equal(sink.end(sink.context, path, false, NULL, NULL), 0);
}

/* A table in the normal form; LF stands for its line ends. */
static void plan(struct sb_restore *restore, const char *text, const struct sb_selection *selection)
{
    struct sb_metadata table;
    struct sb_buf bytes = {0};
    for (; *text != 0; text++)
        assert_int_equal(
            sb_buf_append(&bytes, *text == '\n' ? "\r\n" : text, *text == '\n' ? 2 : 1), 0);
    assert_int_equal(sb_metadata_read(&table, bytes.data, bytes.len), 1);
    *restore = (struct sb_restore){0};
    assert_int_equal(sb_restore_plan(restore, &table, selection), 0);
    sb_metadata_free(&table);
    sb_buf_free(&bytes);
}

static void expect(const char *text, uint64_t stated, size_t count)
{
    struct sb_restore restore;
    plan(&restore, text, NULL);
    if (restore.stated != stated || restore.count != count)
        fail_msg("%s: %u stated, %zu taken", text, (unsigned)restore.stated, restore.count);
    sb_restore_free(&restore);
}

static void taken(void **state)
{
    (void)state;
    expect("filename,dc.title\ndata/a,A\n", 0, 0);
    expect("filename,sealbag.mtime\ndata/a,\n", 0, 0);
    expect("filename,sealbag.mtime\ndata/a,2009-02-13T23:31:30Z\n", 1, 1);
    expect("filename,x,sealbag.mtime\ndata/a,1,2009-02-13T23:31:30.5Z\ndata/b,,\n", 1, 1);
    expect("filename,sealbag.Mtime\ndata/a,2009-02-13T23:31:30Z\n", 0, 0);
    /* hostile */
    static const char *const bad[] = {
        "x",
        "0",
        "-1",
        "1e9",
        "2009-02-13",
        "2009-02-13T23:31:30",
        "2009-02-13T23:31:30+00:00",
        "2009-02-13T23:31:30.50Z",
        "2009-02-13T23:31:30.1234567891Z",
        "1969-12-31T23:59:59Z",
        "10000-01-01T00:00:00Z",
        "99999999999999999999-01-01T00:00:00Z",
        "-2009-02-13T23:31:30Z",
        "2009-13-45T99:99:99Z",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char text[200];
        snprintf(text, sizeof(text), "filename,sealbag.mtime\ndata/a,%s\n", bad[i]);
        expect(text, 1, 0);
    }
    /* Stated twice: which one would it be? */
    expect("filename,sealbag.mtime,sealbag.mtime\n"
           "data/a,2009-02-13T23:31:30Z,2010-02-13T23:31:30Z\n",
           1, 0);
}

static void of_a_selection(void **state)
{
    (void)state;
    static const char *const names[] = {"b"};
    struct sb_selection selection = {0};
    struct sb_restore restore;
    assert_int_equal(sb_selection_make(&selection, names, 1, NULL), 0);
    plan(&restore,
         "filename,sealbag.mtime\ndata/a,2009-02-13T23:31:30Z\ndata/b/c,2009-02-13T23:31:30Z\n",
         &selection);
    assert_int_equal(restore.stated, 1);
    assert_string_equal(restore.items[0].path, "data/b/c");
    sb_restore_free(&restore);
    sb_selection_free(&selection);
}

static void applied(void **state)
{
    (void)state;
    struct sb_restore restore;
    struct stat status, before, outside;
    char target[100];
    write_file("data/a");
    write_file("data/b/c");
    write_file("data/late");
    /* Somebody's file, which links out of the folder lead to. */
    snprintf(target, sizeof(target), "%s/outside", folder);
    FILE *file = fopen(target, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(stat(target, &before), 0);
    assert_int_equal(symlinkat(target, staging.fd, "data/link"), 0);
    assert_int_equal(linkat(AT_FDCWD, target, staging.fd, "data/hard", 0), 0);
    assert_int_equal(symlinkat(folder, staging.fd, "data/folder"), 0);
    assert_int_equal(mkfifoat(staging.fd, "data/pipe", 0600), 0);
    plan(&restore,
         "filename,sealbag.mtime\n"
         "data/a,2009-02-13T23:31:30.123456789Z\n"
         "data/b/c,1970-01-01T00:00:00Z\n"
         "data/b,2009-02-13T23:31:30Z\n"
         "data/folder/outside,2009-02-13T23:31:30Z\n"
         "data/gone,2009-02-13T23:31:30Z\n"
         "data/hard,2009-02-13T23:31:30Z\n"
         "data/late,9999-12-31T23:59:59.999999999Z\n"
         "data/link,2009-02-13T23:31:30Z\n"
         "data/pipe,2009-02-13T23:31:30Z\n",
         NULL);
    assert_int_equal(restore.count, 9);
    sb_restore_apply(&restore, &staging);
    assert_int_equal(fstatat(staging.fd, "data/a", &status, 0), 0);
    assert_true(status.st_mtim.tv_sec == 1234567890);
    assert_true(status.st_mtim.tv_nsec == 123456789 || status.st_mtim.tv_nsec % 1000 == 0);
    assert_int_equal(fstatat(staging.fd, "data/b/c", &status, 0), 0);
    assert_true(status.st_mtim.tv_sec == 0);
    /* Whether a disk can hold the year 9999 is its own affair, but then it is counted right. */
    assert_int_equal(fstatat(staging.fd, "data/late", &status, 0), 0);
    bool late = status.st_mtim.tv_sec == INT64_C(253402300799);
    assert_int_equal(restore.restored, late ? 3 : 2);
    assert_int_equal(stat(target, &outside), 0);
    assert_true(outside.st_mtim.tv_sec == before.st_mtim.tv_sec);
    assert_true(outside.st_mtim.tv_nsec == before.st_mtim.tv_nsec);
    assert_int_equal(unlink(target), 0);
    sb_restore_free(&restore);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taken),
        cmocka_unit_test(of_a_selection),
        cmocka_unit_test(applied),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
