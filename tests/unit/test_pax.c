/* The two kinds of extended header: pax records, and GNU long names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "container/tar_header.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* From the heap, so that a sanitizer sees a read beyond the bytes. */
static int parse_pax(struct sb_pax *out, uint8_t **copy, const char *bytes, size_t len)
{
    struct sb_error error = {0};
    *copy = malloc(len > 0 ? len : 1);
    assert_non_null(*copy);
    memcpy(*copy, bytes, len);
    memset(out, 0x55, sizeof(*out));
    int r = sb_pax_parse(out, *copy, len, &error);
    if (r < 0) {
        assert_int_equal(r, SEALBAG_ERR_DAMAGED);
        assert_string_equal(error.rule, "tar.pax");
    }
    return r;
}

static void pax_refused(const char *bytes, size_t len)
{
    struct sb_pax pax;
    uint8_t *copy;
    if (parse_pax(&pax, &copy, bytes, len) == 0)
        fail_msg("\"%s\" was taken", bytes);
    free(copy);
}

/* "<length> <text>\n", the length counting itself. */
static void record(char out[200], const char *text)
{
    size_t len = strlen(text) + 3;
    if (len >= 10)
        len++;
    if (len >= 100)
        len++;
    snprintf(out, 200, "%zu %s\n", len, text);
    assert_int_equal(strlen(out), len);
}

static void pax_good(void **state)
{
    (void)state;
    struct sb_pax pax;
    uint8_t *copy;
    char first[200], second[200], both[420];
    record(first, "path=d\xc3\xa9/a=b c");
    record(second, "size=8589934592");
    snprintf(both, sizeof(both), "%s%s", first, second);
    assert_int_equal(parse_pax(&pax, &copy, both, strlen(both)), 0);
    assert_int_equal(pax.path_len, strlen("d\xc3\xa9/a=b c"));
    assert_memory_equal(pax.path, "d\xc3\xa9/a=b c", pax.path_len);
    assert_true(pax.has_size);
    assert_true(pax.size == UINT64_C(8589934592));
    free(copy);

    record(first, "path=a\nb"); /* a line feed in a value is no end */
    assert_int_equal(parse_pax(&pax, &copy, first, strlen(first)), 0);
    assert_memory_equal(pax.path, "a\nb", 3);
    assert_false(pax.has_size);
    free(copy);
    assert_int_equal(parse_pax(&pax, &copy, "", 0), 0);
    assert_null(pax.path);
    assert_false(pax.has_size);
    free(copy);
}

static const char *const keys_passed[] = {"mtime",
                                          "atime",
                                          "ctime",
                                          "uid",
                                          "gid",
                                          "uname",
                                          "gname",
                                          "comment",
                                          "SCHILY.xattr.user.x",
                                          "SCHILY.acl.access",
                                          "LIBARCHIVE.xattr.x",
                                          "LIBARCHIVE.creationtime",
                                          "SCHILY.dev",
                                          "SCHILY.ino",
                                          "SCHILY.nlink",
                                          "SCHILY.fflags",
                                          "RHT.security.selinux"};
static const char *const keys_refused[] = {"linkpath",
                                           "hdrcharset",
                                           "charset",
                                           "GNU.sparse.map",
                                           "GNU.sparse.major",
                                           "GNU.sparse.name",
                                           "GNU.sparse.realsize",
                                           "SCHILY.realsize",
                                           "SCHILY.filetype",
                                           "Path",
                                           "PATH",
                                           "paths",
                                           "pat",
                                           "path ",
                                           " path",
                                           "mtime2",
                                           "mtim",
                                           "SUN.holesdata",
                                           "LIBARCHIVE.symlinktype",
                                           "VENDOR.x",
                                           "SCHILY.devmajor"};

static void pax_keys(void **state)
{
    (void)state;
    char text[200], longer[210];
    struct sb_pax pax;
    uint8_t *copy;
    for (size_t i = 0; i < COUNT(keys_passed); i++) {
        snprintf(longer, 150, "%s=1", keys_passed[i]);
        record(text, longer);
        if (parse_pax(&pax, &copy, text, strlen(text)) < 0)
            fail_msg("%s was refused", keys_passed[i]);
        assert_null(pax.path);
        free(copy);
    }
    for (size_t i = 0; i < COUNT(keys_refused); i++) {
        snprintf(longer, 150, "%s=1", keys_refused[i]);
        record(text, longer);
        pax_refused(text, strlen(text));
    }
    memset(longer, 'K', 150);
    memcpy(longer + 150, "=1", 3);
    record(text, longer);
    pax_refused(text, strlen(text));
}

/* Times and ids are not used, but must be what other programs can read. */
static void pax_unused_values(void **state)
{
    (void)state;
    static const char *const good[] = {
        "mtime=0", "mtime=1.5",     "mtime=-1.25", "atime=12345678901", "ctime=1.123456789123",
        "uid=0",   "gid=4294967294"};
    static const char *const bad[] = {"mtime=",     "mtime=x",   "mtime=.5",   "mtime=1,5",
                                      "mtime=1.5x", "mtime=+1",  "mtime=--1",  "mtime=-",
                                      "mtime= 1",   "ctime=1e5", "atime=1.-5", "uid=-1",
                                      "uid=",       "gid=1.0",   "gid=0x1"};
    char text[200];
    struct sb_pax pax;
    uint8_t *copy;
    for (size_t i = 0; i < COUNT(good); i++) {
        record(text, good[i]);
        if (parse_pax(&pax, &copy, text, strlen(text)) < 0)
            fail_msg("%s was refused", good[i]);
        free(copy);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        record(text, bad[i]);
        pax_refused(text, strlen(text));
    }
    record(text, "comm\x01"
                 "ent=1");
    pax_refused(text, strlen(text));
    record(text, "SCHILY.xattr.a\x7f=1");
    pax_refused(text, strlen(text));
}

/* Only those character sets by which a path's bytes are what they are. */
static void pax_charset(void **state)
{
    (void)state;
    static const char *const good[] = {"hdrcharset=BINARY", "hdrcharset=ISO-IR 10646 2000 UTF-8"};
    static const char *const bad[] = {"hdrcharset=",        "hdrcharset=binary",
                                      "hdrcharset=BINARY ", "hdrcharset=UTF-8",
                                      "hdrcharset=KOI8-R",  "hdrcharset=ISO-IR 10646 2000 UTF-9"};
    char text[200], path[200], both[400];
    struct sb_pax pax;
    uint8_t *copy;
    record(path, "path=a\xff");
    for (size_t i = 0; i < COUNT(good); i++) {
        record(text, good[i]);
        snprintf(both, sizeof(both), "%s%s", text, path);
        if (parse_pax(&pax, &copy, both, strlen(both)) < 0)
            fail_msg("%s was refused", good[i]);
        assert_int_equal(pax.path_len, 2);
        assert_memory_equal(pax.path, "a\xff", 2);
        free(copy);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        record(text, bad[i]);
        pax_refused(text, strlen(text));
    }
}

static void pax_values(void **state)
{
    (void)state;
    static const char *const refused[] = {"path=",
                                          "size=",
                                          "size=-1",
                                          "size=+1",
                                          "size=01",
                                          "size=1 ",
                                          "size=0x1",
                                          "size=9223372036854775808",
                                          "size=18446744073709551616",
                                          "size=1.5",
                                          "=x",
                                          "path",
                                          "="};
    char text[200];
    struct sb_pax pax;
    uint8_t *copy;
    for (size_t i = 0; i < COUNT(refused); i++) {
        record(text, refused[i]);
        pax_refused(text, strlen(text));
    }
    record(text, "size=9223372036854775807");
    assert_int_equal(parse_pax(&pax, &copy, text, strlen(text)), 0);
    assert_true(pax.size == INT64_MAX);
    free(copy);
    pax_refused("12 path=a\0b\n", 12);
    pax_refused("10 path=\0\n", 10);
    pax_refused("9 path=a\n9 path=a\n", 18);
    pax_refused("9 size=1\n9 size=1\n", 18);
}

static void pax_records(void **state)
{
    (void)state;
    static const char *const refused[] = {"0 path=a\n",
                                          "2 path=a\n",
                                          "9",
                                          "9 ",
                                          "9 path=a",
                                          "8 path=a\n",
                                          "11 path=a\n",
                                          "09 path=a\n",
                                          "+9 path=a\n",
                                          " 9 path=a\n",
                                          "-9 path=a\n",
                                          "9\tpath=a\n",
                                          "9path=a\n",
                                          "x path=a\n",
                                          "1 path=a\n",
                                          "2 path=a\n",
                                          "3 a\n",
                                          "99999999999999999999 a=b\n",
                                          "18446744073709551615 a=b\n",
                                          "9223372036854775807 a=b\n",
                                          "9 path=a\nx",
                                          "9 path=a\n\n",
                                          "9 path=ab\n",
                                          "9 path=ax",
                                          "\n",
                                          "9 path=a\n2 \n",
                                          "9 path=a\n0 path=b\n"};
    for (size_t i = 0; i < COUNT(refused); i++)
        pax_refused(refused[i], strlen(refused[i]));
    pax_refused("9 path=a\n\0", 10); /* filled up with a NUL */
    pax_refused("\0\0\0", 3);
}

static void long_names(void **state)
{
    (void)state;
    struct sb_pax pax;
    struct sb_error error;
    assert_int_equal(sb_longname_parse(&pax, (const uint8_t *)"a/b", 4, &error), 0);
    assert_int_equal(pax.path_len, 3);
    assert_memory_equal(pax.path, "a/b", 3);
    assert_false(pax.has_size);
    static const struct {
        const char *bytes;
        size_t len;
    } refused[] = {{"", 0}, {"", 1}, {"a", 1}, {"ab", 2}, {"a\0\0", 3}, {"a\0b", 3}, {"a\0b\0", 4}};
    for (size_t i = 0; i < COUNT(refused); i++) {
        assert_int_equal(
            sb_longname_parse(&pax, (const uint8_t *)refused[i].bytes, refused[i].len, &error),
            SEALBAG_ERR_DAMAGED);
        assert_string_equal(error.rule, "tar.pax");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pax_good),          cmocka_unit_test(pax_keys),
        cmocka_unit_test(pax_values),        cmocka_unit_test(pax_charset),
        cmocka_unit_test(pax_unused_values), cmocka_unit_test(pax_records),
        cmocka_unit_test(long_names),
    };
    return cmocka_run_group_tests_name("pax", tests, NULL, NULL);
}
