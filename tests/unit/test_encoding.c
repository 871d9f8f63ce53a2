/* The encodings of tag files: names, and from bytes to UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bag/encoding.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum sb_encoding encoding;
    } rows[] = {
        {"UTF-8", SB_UTF8},
        {"utf-8", SB_UTF8},
        {"Utf-8", SB_UTF8},
        {"US-ASCII", SB_ASCII},
        {"ISO-8859-1", SB_LATIN1},
        {"iso-8859-1", SB_LATIN1},
        {"windows-1252", SB_WINDOWS1252},
        {"UTF-16", SB_UTF16},
        {"UTF-16LE", SB_UTF16LE},
        {"UTF-16BE", SB_UTF16BE},
        {"", SB_ENCODINGS},
        {"UTF", SB_ENCODINGS},
        {"UTF-8 ", SB_ENCODINGS},
        {"UTF-80", SB_ENCODINGS},
        {"KOI8-R", SB_ENCODINGS},
        {"UTF-32", SB_ENCODINGS},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(sb_encoding_find(rows[i].name, strlen(rows[i].name)), rows[i].encoding);
}

#define BYTES(text) text, sizeof(text) - 1

static const struct {
    enum sb_encoding encoding;
    const char *bytes;
    size_t len;
    const char *text; /* NULL: they are none of that encoding */
} rows[] = {
    {SB_UTF8, BYTES(""), ""},
    {SB_UTF8, BYTES("a\xc3\xa9\xf0\x9f\x98\x80"), "a\xc3\xa9\xf0\x9f\x98\x80"},
    {SB_UTF8,
     BYTES("\xef\xbb\xbf"
           "a"),
     NULL},
    {SB_UTF8, BYTES("a\xff"), NULL},
    {SB_UTF8, BYTES("\xc3"), NULL},
    {SB_ASCII, BYTES("plain\n"), "plain\n"},
    {SB_ASCII, BYTES("a\xe9"), NULL},
    {SB_LATIN1, BYTES("a\xe9\xff\x80"), "a\xc3\xa9\xc3\xbf\xc2\x80"},
    {SB_WINDOWS1252, BYTES("\x80\xe9\x9f"), "\xe2\x82\xac\xc3\xa9\xc5\xb8"},
    {SB_WINDOWS1252, BYTES("\x81"), NULL},
    {SB_WINDOWS1252, BYTES("\x9d"), NULL},
    {SB_UTF16,
     BYTES("\xff\xfe"
           "a\0\xe9\0"),
     "a\xc3\xa9"},
    {SB_UTF16,
     BYTES("\xfe\xff\0"
           "a\0\xe9"),
     "a\xc3\xa9"},
    {SB_UTF16,
     BYTES("\0"
           "a\0\xe9"),
     "a\xc3\xa9"},
    {SB_UTF16, BYTES("\xff\xfe\x3d\xd8\x00\xde"), "\xf0\x9f\x98\x80"},
    {SB_UTF16, BYTES("\xff\xfe\x3d\xd8"), NULL}, /* half of a pair */
    {SB_UTF16,
     BYTES("\xff\xfe\x3d\xd8"
           "a\0"),
     NULL},                                      /* not followed by the other half */
    {SB_UTF16, BYTES("\xff\xfe\x00\xde"), NULL}, /* the other half alone */
    {SB_UTF16,
     BYTES("\xff\xfe"
           "a"),
     NULL}, /* half a unit */
    {SB_UTF16, BYTES("\xff\xfe"), ""},
    {SB_UTF16LE, BYTES("a\0\xac\x20"), "a\xe2\x82\xac"},
    {SB_UTF16LE,
     BYTES("\xff\xfe"
           "a\0"),
     "\xef\xbb\xbf"
     "a"}, /* no mark there, but a character */
    {SB_UTF16BE, BYTES("\0a\x20\xac"), "a\xe2\x82\xac"},
    {SB_ENCODINGS, BYTES("a"), NULL},
};

static void decode(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sb_buf out = {0};
        int r =
            sb_encoding_decode(&out, rows[i].encoding, (const uint8_t *)rows[i].bytes, rows[i].len);
        if (r != (rows[i].text != NULL))
            fail_msg("row %zu: %d", i, r);
        if (rows[i].text != NULL)
            assert_string_equal((const char *)out.data, rows[i].text);
        sb_buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(decode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
