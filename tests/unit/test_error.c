/* The caller's error: code, rule and sentence. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"

struct row {
    int code;
    const char *rule, *text;
};

#define ROW(name, value, rule, text) {SEALBAG_ERR_##name, rule, text},
static const struct row rows[] = {SEALBAG_ERRORS(ROW)};
#define COUNT (sizeof(rows) / sizeof(rows[0]))

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(rows[i].code < 0);
        assert_string_equal(sealbag_error_text(rows[i].code), rows[i].text);
        assert_true(strlen(rows[i].rule) > 0);
        assert_true(strlen(rows[i].text) > 0);
        for (size_t j = 0; j < i; j++) {
            assert_int_not_equal(rows[i].code, rows[j].code);
            assert_string_not_equal(rows[i].rule, rows[j].rule);
        }
    }
    assert_string_equal(sealbag_error_text(0), "there is no error");
    assert_string_equal(sealbag_error_text(1), "an unknown error");
    assert_string_equal(sealbag_error_text(-999), "an unknown error");
}

static void set(void **state)
{
    (void)state;
    struct sb_error error;
    for (size_t i = 0; i < COUNT; i++) {
        memset(&error, 0x55, sizeof(error));
        assert_int_equal(sb_error_set(&error, rows[i].code, "%s %d.", "Number", 7), rows[i].code);
        assert_int_equal(error.code, rows[i].code);
        assert_string_equal(error.rule, rows[i].rule);
        assert_string_equal(error.message, "Number 7.");
        assert_int_equal(sb_error_set(NULL, rows[i].code, "x"), rows[i].code);
    }
    assert_int_equal(sb_error_set(&error, -999, "x"), -999);
    assert_string_equal(error.rule, "error");
}

static void own_rule(void **state)
{
    (void)state;
    struct sb_error error;
    assert_int_equal(sb_error_rule(&error, SEALBAG_ERR_DAMAGED, "gzip.crc", "%c", 'x'),
                     SEALBAG_ERR_DAMAGED);
    assert_string_equal(error.rule, "gzip.crc");
    assert_string_equal(error.message, "x");
    assert_int_equal(sb_error_rule(NULL, SEALBAG_ERR_IO, "r", "x"), SEALBAG_ERR_IO);
}

static void long_sentence(void **state)
{
    (void)state;
    struct sb_error error;
    sb_error_set(&error, SEALBAG_ERR_IO, "%5000d", 1);
    assert_int_equal(strlen(error.message), sizeof(error.message) - 1);
}

static void from_errno(void **state)
{
    (void)state;
    static const struct {
        int number, code;
        const char *advice; /* the end of the sentence */
    } cases[] = {
        {ENOENT, SEALBAG_ERR_NOT_FOUND, ": No such file or directory. Check the name."},
        {ENOTDIR, SEALBAG_ERR_NOT_FOUND, ": Not a directory."},
        {EEXIST, SEALBAG_ERR_EXISTS, ": File exists."},
        {ENOMEM, SEALBAG_ERR_MEMORY, ": Cannot allocate memory."},
        {EACCES, SEALBAG_ERR_IO, ": Permission denied. Check who may use it."},
        {EPERM, SEALBAG_ERR_IO, ": Operation not permitted. Check who may use it."},
        {ENOSPC, SEALBAG_ERR_IO, ": No space left on device. Make room, then try again."},
        {EROFS, SEALBAG_ERR_IO, ". Write to another disk, or make this one writable."},
        {EDQUOT, SEALBAG_ERR_IO, ". Make room, then try again."},
        {EIO, SEALBAG_ERR_IO, ": Input/output error."},
        {99999, SEALBAG_ERR_IO, "99999."},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sb_error error;
        assert_int_equal(sb_error_errno(&error, cases[i].number, "open", "a.txt"), cases[i].code);
        assert_int_equal(error.code, cases[i].code);
        assert_memory_equal(error.message, "Cannot open a.txt: ", 19);
        size_t len = strlen(error.message), n = strlen(cases[i].advice);
        assert_true(len > n);
        assert_string_equal(error.message + len - n, cases[i].advice);
        assert_int_equal(sb_error_errno(NULL, cases[i].number, "open", "a.txt"), cases[i].code);
    }
}

/* A path from outside cannot steer the terminal, nor make the sentence lose its end. */
static void hostile_path(void **state)
{
    (void)state;
    struct sb_error error;
    char path[4001];
    sb_error_errno(&error, EIO, "read", "a\033[2J\xe2\x80\xae\xff");
    assert_non_null(strstr(error.message, "a\\x1b[2J\\u{202e}\\xff: "));
    memset(path, '\033', sizeof(path) - 1);
    path[sizeof(path) - 1] = 0;
    sb_error_errno(&error, ENOENT, "read", path);
    assert_non_null(strstr(error.message, "\\x1b: No such file or directory. Check the name."));
}

static void memory(void **state)
{
    (void)state;
    struct sb_error error;
    assert_int_equal(sb_error_memory(&error), SEALBAG_ERR_MEMORY);
    assert_int_equal(error.code, SEALBAG_ERR_MEMORY);
    assert_string_equal(error.rule, "memory.short");
    assert_true(strlen(error.message) > 20);
    assert_int_equal(sb_error_memory(NULL), SEALBAG_ERR_MEMORY);
}

/* The version that the header states is the one of the library. */
static void version(void **state)
{
    (void)state;
    assert_string_equal(sealbag_version_string(), SEALBAG_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),      cmocka_unit_test(set),
        cmocka_unit_test(own_rule),   cmocka_unit_test(long_sentence),
        cmocka_unit_test(from_errno), cmocka_unit_test(hostile_path),
        cmocka_unit_test(memory),     cmocka_unit_test(version),
    };
    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
