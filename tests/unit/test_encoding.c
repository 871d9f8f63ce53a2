/* The encodings of tag files: names, and from bytes to UTF-8. With a file as its argument it
 * decodes what is there instead: lines "NAME BYTES TEXT", both in hex, "-" for no text;
 * cli/encodings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bag/encoding.h"
#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static unsigned find(const char *name)
{
    return sb_encoding_find(name, strlen(name));
}

static void names(void **state)
{
    (void)state;
    static const struct {
        const char *name, *shown;
    } rows[] = {
        {"UTF-8", "UTF-8"},
        {"utf-8", "UTF-8"},
        {"Utf-8", "UTF-8"},
        {"US-ASCII", "US-ASCII"},
        {"iso-8859-1", "ISO-8859-1"},
        {"ISO_8859-1:1987", "ISO-8859-1"},
        {"cp1252", "windows-1252"},
        {"UTF-16", "UTF-16"},
        {"UTF-16LE", "UTF-16LE"},
        {"csUTF32", "UTF-32"},
        {"koi8-r", "KOI8-R"},
        {"SHIFT_JIS", "Shift_JIS"},
        {"korean", "windows-949"},
        {"hp-roman8", "hp-roman8"},
        {"", NULL},
        {"UTF", NULL},
        {"UTF-8 ", NULL},
        {"UTF-8 utf8", NULL},
        {" ", NULL},
        {"UTF-80", NULL},
        {"UTF-7", NULL},
        {"ISO-2022-CN-EXT", NULL},
        {"EBCDIC", NULL},
    };
    char shown[SB_ENCODING_NAME];
    for (size_t i = 0; i < COUNT(rows); i++) {
        unsigned encoding = find(rows[i].name);
        if ((encoding != SB_ENCODING_UNKNOWN) != (rows[i].shown != NULL))
            fail_msg("%s", rows[i].name);
        if (rows[i].shown != NULL)
            assert_string_equal(sb_encoding_name(shown, encoding), rows[i].shown);
    }
    assert_int_equal(find("UTF-8"), SB_UTF8);
    assert_int_equal(sb_encoding_find("UTF-8\0", 6), SB_ENCODING_UNKNOWN);
}

/* Every encoding is found by the name that is shown of it, and by no name of another. */
static void shown_names(void **state)
{
    (void)state;
    char shown[SB_ENCODING_NAME];
    unsigned count = 0;
    for (; sb_encoding_name(shown, count) != NULL; count++)
        assert_int_equal(find(shown), count);
    assert_true(count > 60);
    assert_true(count < SB_ENCODING_UNKNOWN);
    assert_null(sb_encoding_name(shown, SB_ENCODING_UNKNOWN));
}

#define BYTES(text) text, sizeof(text) - 1

static const struct {
    const char *encoding;
    const char *bytes;
    size_t len;
    const char *text; /* NULL: they are none of that encoding */
} rows[] = {
    {"utf-8", BYTES(""), ""},
    {"utf-8", BYTES("a\xc3\xa9\xf0\x9f\x98\x80"), "a\xc3\xa9\xf0\x9f\x98\x80"},
    {"utf-8", BYTES("\xef\xbb\xbf-"), NULL},
    {"utf-8", BYTES("a\xff"), NULL},
    {"utf-8", BYTES("\xc3"), NULL},
    {"us-ascii", BYTES("plain\n"), "plain\n"},
    {"us-ascii", BYTES("a\xe9"), NULL},
    {"iso-8859-1", BYTES("a\xe9\xff\x80"), "a\xc3\xa9\xc3\xbf\xc2\x80"},
    {"windows-1252", BYTES("\x80\xe9\x9f"), "\xe2\x82\xac\xc3\xa9\xc5\xb8"},
    {"windows-1252", BYTES("\x81"), NULL},
    {"windows-1252", BYTES("\x9d"), NULL},
    {"koi8-r", BYTES("\xce\xc5\xd4"), "нет"},
    {"iso-8859-7", BYTES("\xea\xe1\xdf \x85"), "καί \xc2\x85"},
    {"iso-8859-7", BYTES("\xae"), NULL},
    {"iso-8859-7", BYTES("\xff"), NULL},
    {"utf-16", BYTES("\xff\xfe-\0\xe9\0"), "-\xc3\xa9"},
    {"utf-16", BYTES("\xfe\xff\0-\0\xe9"), "-\xc3\xa9"},
    {"utf-16", BYTES("\0-\0\xe9"), "-\xc3\xa9"},
    {"utf-16", BYTES("\xff\xfe\x3d\xd8\x00\xde"), "\xf0\x9f\x98\x80"},
    {"utf-16", BYTES("\xff\xfe\x3d\xd8"), NULL},     /* half of a pair */
    {"utf-16", BYTES("\xff\xfe\x3d\xd8-\0"), NULL},  /* not followed by the other half */
    {"utf-16", BYTES("\xff\xfe\x00\xde"), NULL},     /* the other half alone */
    {"utf-16", BYTES("\xff\xfe-"), NULL},            /* half a unit */
    {"utf-16", BYTES("\xff\xfe\x3d\xd8\x00"), NULL}, /* a pair that is cut short */
    {"utf-16", BYTES("\xff"), NULL},
    {"utf-16", BYTES("\xff\xfe"), ""},
    {"utf-16", BYTES(""), ""},
    {"utf-16le", BYTES("-\0\xac\x20"), "-\xe2\x82\xac"},
    {"utf-16le", BYTES("\xff\xfe-\0"), "\xef\xbb\xbf-"}, /* no mark there, but a character */
    {"utf-16be", BYTES("\0-\x20\xac"), "-\xe2\x82\xac"},
    {"utf-32", BYTES("\xff\xfe\0\0\x00\xf6\x01\0"), "\xf0\x9f\x98\x80"},
    {"utf-32", BYTES("\0\0\xfe\xff\0\x01\xf6\x00"), "\xf0\x9f\x98\x80"},
    {"utf-32", BYTES("\0\0\0-"), "-"},
    {"utf-32", BYTES("\xff\xfe-\0"), NULL}, /* that is UTF-16 */
    {"utf-32", BYTES("\0\0\0"), NULL},
    {"utf-32be", BYTES("\0\x10\xff\xff"), "\xf4\x8f\xbf\xbf"},
    {"utf-32be", BYTES("\0\x11\0\0"), NULL},
    {"utf-32be", BYTES("\x80\0\0-"), NULL},
    {"utf-32be", BYTES("\0\0\xd8\0"), NULL},
    {"utf-32le", BYTES("\xff\xdf\0\0"), NULL},
    {"utf-32le", BYTES("-\0\0\0"), "-"},
    /* the second byte can be an ASCII letter, and is then none */
    {"shift_jis", BYTES("\x83\x5c/\xb1"), "ソ/ｱ"},
    {"shift_jis", BYTES("\x81\x60"), "〜"},
    {"windows-31j", BYTES("\x81\x60\x87\x40\xf0\x40"), "～①\xee\x80\x80"},
    {"shift_jis", BYTES("\x87\x40"), NULL},
    {"shift_jis", BYTES("\xf0\x40"), NULL},
    {"shift_jis", BYTES("\x83"), NULL},
    {"shift_jis", BYTES("\x83\n"), NULL},
    {"shift_jis", BYTES("\x80"), NULL},
    {"windows-31j", BYTES("\xa0"), NULL},
    {"windows-31j", BYTES("\xfd\x40"), NULL},
    {"euc-jp", BYTES("\xa5\xbd\x8e\xb1\x8f\xb0\xa1"), "ソｱ丂"},
    {"euc-jp", BYTES("\x8f\xb0"), NULL},
    {"euc-jp", BYTES("\x8e"), NULL},
    {"euc-jp", BYTES("\x8f\xff\xa1"), NULL},
    {"euc-jp", BYTES("\xa5\x5c"), NULL},
    {"gb2312", BYTES("\xd6\xd0"), "中"},
    {"gb2312", BYTES("\x81\x40"), NULL},
    {"gbk", BYTES("\x81\x40"), "丂"},
    {"gbk", BYTES("\x81\x30\x81\x30"), NULL},
    {"gb18030", BYTES("\x81\x30\x81\x30"), "\xc2\x80"},
    {"gb18030", BYTES("\x90\x30\x81\x30\xe3\x32\x9a\x35"), "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
    {"gb18030", BYTES("\xe3\x32\x9a\x36"), NULL}, /* beyond Unicode's end */
    {"gb18030", BYTES("\x84\x31\xa4\x39"), "\xef\xbf\xbf"},
    {"gb18030", BYTES("\x84\x31\xa5\x30"), NULL}, /* beyond the end of the first plane */
    {"gb18030", BYTES("\x81\x30\x81"), NULL},
    {"gb18030", BYTES("\x81\x30\x81\x3a"), NULL},
    {"gb18030", BYTES("\xa8\xbc\x81\x35\xf4\x37"), "ḿ\xee\x9f\x87"}, /* since 2005 */
    {"big5", BYTES("\xa4\xa4\xa5\x5c"), "中功"},
    {"big5", BYTES("\xa4"), NULL},
    {"big5", BYTES("\xa4\x80"), NULL},
    {"big5", BYTES("\xc6\xa1"), NULL},
    {"big5-hkscs", BYTES("\xa4\xa4\xc6\xa1\x87\x40"), "中①䏰"},
    {"big5-hkscs", BYTES("\x88\x62"), NULL},
    {"big5-hkscs", BYTES("\x86\x40"), NULL},
    {"euc-kr", BYTES("\xb0\xa1"), "가"},
    {"euc-kr", BYTES("\x81\x41"), NULL},
    {"windows-949", BYTES("\xb0\xa1\x81\x41\xc6\x52"), "가갂힣"},
    {"windows-949", BYTES("\xc6\x53"), NULL},
    {"windows-949", BYTES("\x81\x5b"), NULL},
};

static int decode_one(struct sb_buf *out, unsigned encoding, const char *bytes, size_t len)
{
    /* At the very end of what is allocated, for sanitizers to see who reads on. */
    uint8_t *copy = malloc(len + (len == 0));
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    int r = sb_encoding_decode(out, encoding, copy, len);
    free(copy);
    return r;
}

static void decode(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sb_buf out = {0};
        int r = decode_one(&out, find(rows[i].encoding), rows[i].bytes, rows[i].len);
        if (r != (rows[i].text != NULL))
            fail_msg("row %zu: %d", i, r);
        if (rows[i].text != NULL &&
            (out.len != strlen(rows[i].text) || memcmp(out.data, rows[i].text, out.len) != 0))
            fail_msg("row %zu: %s", i, (const char *)out.data);
        sb_buf_free(&out);
    }
    struct sb_buf out = {0};
    assert_int_equal(decode_one(&out, SB_ENCODING_UNKNOWN, "a", 1), 0);
    sb_buf_free(&out);
}

/* ---- all that Python knows ---------------------------------------------------------------- */

/* Prints what is otherwise; returns how many these are. */
static int decode_line(const char *line)
{
    char name[40], bytes_hex[64], text_hex[64], got[64] = "-";
    uint8_t bytes[32];
    if (sscanf(line, "%39s %63s %63s", name, bytes_hex, text_hex) != 3 ||
        !sb_hex_decode(bytes, strlen(bytes_hex) / 2, bytes_hex, strlen(bytes_hex), false)) {
        printf("malformed: %s", line);
        return 1;
    }
    struct sb_buf out = {0};
    int r = decode_one(&out, find(name), (const char *)bytes, strlen(bytes_hex) / 2);
    if (r == 1 && out.len < sizeof(got) / 2)
        sb_hex_encode(got, out.data, out.len);
    sb_buf_free(&out);
    if (strcmp(got, text_hex) == 0)
        return 0;
    printf("%s %s is %s and not %s\n", name, bytes_hex, got, text_hex);
    return 1;
}

static int decode_file(const char *path)
{
    char line[256];
    int lines = 0, wrong = 0;
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 1;
    for (; fgets(line, sizeof(line), file) != NULL; lines++)
        wrong += decode_line(line);
    fclose(file);
    printf("%d of %d lines\n", lines - wrong, lines);
    return lines == 0 || wrong > 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(shown_names),
        cmocka_unit_test(decode),
    };
    if (argc > 1)
        return decode_file(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
