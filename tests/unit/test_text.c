/* Text codecs: one spelling a value; what a terminal would obey is escaped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- hex ------------------------------------------------------------------------------- */

static void hex_every_byte(void **state)
{
    (void)state;
    uint8_t bytes[256], back[256];
    char hex[513], expected[3];
    for (unsigned i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
    assert_ptr_equal(sb_hex_encode(hex, bytes, 256), hex);
    assert_int_equal(strlen(hex), 512);
    for (unsigned i = 0; i < 256; i++) {
        snprintf(expected, sizeof(expected), "%02x", i);
        assert_memory_equal(hex + (size_t)2 * i, expected, 2);
    }
    assert_true(sb_hex_decode(back, 256, hex, 512, false));
    assert_memory_equal(back, bytes, 256);
    assert_string_equal(sb_hex_encode(hex, bytes, 0), "");
}

/* All 256 bytes in either place of a pair. */
static void hex_every_digit(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        bool lower = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        bool any = lower || (c >= 'A' && c <= 'F');
        char first[2] = {(char)c, '0'}, second[2] = {'0', (char)c};
        uint8_t out;
        assert_int_equal(sb_hex_decode(&out, 1, first, 2, false), lower);
        assert_int_equal(sb_hex_decode(&out, 1, second, 2, false), lower);
        assert_int_equal(sb_hex_decode(&out, 1, first, 2, true), any);
        assert_int_equal(sb_hex_decode(&out, 1, second, 2, true), any);
    }
}

static void hex_lengths(void **state)
{
    (void)state;
    uint8_t out[4] = {9, 9, 9, 9};
    assert_false(sb_hex_decode(out, 2, "0011", 3, false));
    assert_false(sb_hex_decode(out, 2, "001122", 5, false));
    assert_false(sb_hex_decode(out, 2, "001122", 6, false));
    assert_false(sb_hex_decode(out, 2, "", 0, false));
    assert_false(sb_hex_decode(out, SIZE_MAX, "", SIZE_MAX - 1, false));
    assert_true(sb_hex_decode(out, 0, "", 0, false));
    assert_true(sb_hex_decode(out, 2, "aBCd", 4, true));
    assert_int_equal(out[0], 0xab);
    assert_int_equal(out[1], 0xcd);
    assert_int_equal(out[2], 9);
}

/* ---- decimal --------------------------------------------------------------------------- */

static void decimal_good(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t value;
    } rows[] = {
        {"0", 0},
        {"7", 7},
        {"10", 10},
        {"4294967296", UINT64_C(4294967296)},
        {"9999999999999999999", UINT64_C(9999999999999999999)},
        {"18446744073709551609", UINT64_MAX - 6},
        {"18446744073709551615", UINT64_MAX},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t value = 1;
        assert_true(sb_decimal_parse(&value, rows[i].text, strlen(rows[i].text)));
        assert_true(value == rows[i].value);
    }
}

static void decimal_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "00",
                                        "01",
                                        "-1",
                                        "+1",
                                        " 1",
                                        "1 ",
                                        "1.0",
                                        "1a",
                                        "a",
                                        "/",
                                        ":",
                                        "0x1",
                                        "1,000",
                                        "18446744073709551616",
                                        "1_",
                                        "1\n2",
                                        "\xb2",
                                        "99999999999999999999",
                                        "118446744073709551615"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        uint64_t value = 42;
        assert_false(sb_decimal_parse(&value, texts[i], strlen(texts[i])));
        assert_true(value == 42);
    }
    uint64_t value;
    assert_false(sb_decimal_parse(&value, "1\0", 2));
    assert_true(sb_decimal_parse(&value, "123", 2));
    assert_true(value == 12);
}

/* ---- UTF-8 ----------------------------------------------------------------------------- */

/* The encoding as RFC 3629, section 3, draws it. */
static size_t encode(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 63));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 63));
        out[2] = (char)(0x80 | (code & 63));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 63));
    out[2] = (char)(0x80 | (code >> 6 & 63));
    out[3] = (char)(0x80 | (code & 63));
    return 4;
}

static void utf8_every_code_point(void **state)
{
    (void)state;
    for (uint32_t code = 0; code < 0x110000 + 0x400; code++) {
        char text[4];
        uint32_t found = 0xffffffff;
        size_t n = encode(text, code);
        bool good = code < 0x110000 && (code < 0xd800 || code > 0xdfff);
        if (sb_utf8_decode(&found, text, n) != (good ? n : 0) || (good && found != code) ||
            sb_utf8_valid(text, n) != good)
            fail_msg("U+%04X", (unsigned)code);
        if (n > 1 && sb_utf8_decode(&found, text, n - 1) != 0)
            fail_msg("U+%04X cut", (unsigned)code);
    }
}

static void utf8_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"\x80",
                                        "\xbf",
                                        "\xc0\x80",
                                        "\xc1\xbf",
                                        "\xe0\x80\x80",
                                        "\xe0\x9f\xbf",
                                        "\xf0\x80\x80\x80",
                                        "\xf0\x8f\xbf\xbf",
                                        "\xed\xa0\x80",
                                        "\xed\xbf\xbf",
                                        "\xf4\x90\x80\x80",
                                        "\xf5\x80\x80\x80",
                                        "\xf8\x88\x80\x80\x80",
                                        "\xfc\x84\x80\x80\x80\x80",
                                        "\xfe",
                                        "\xff",
                                        "\xc3",
                                        "\xc3(",
                                        "\xe2\x82",
                                        "\xe2\x82(",
                                        "\xe2(\xac",
                                        "\xf0\x9f\x98",
                                        "\xf0\x9f\x98(",
                                        "\xf0\x9f(\x80",
                                        "\xf0(\x98\x80",
                                        "a\xc3\xa4\xc3",
                                        "a\xe9z",
                                        "\xed\xa0\xbd\xed\xb8\x80"};
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_false(sb_utf8_valid(texts[i], strlen(texts[i])));
    assert_true(sb_utf8_valid("", 0));
    assert_true(sb_utf8_valid("a\0b", 3));
    assert_true(sb_utf8_valid("\xef\xbf\xbf\xf4\x8f\xbf\xbf", 7));
}

/* ---- hidden code points ---------------------------------------------------------------- */

static void hidden(void **state)
{
    (void)state;
    static const uint32_t yes[] = {
        0,       0x07,    0x09,    0x0a,    0x0d,    0x1b,    0x1f,   0x7f,   0x80,    0x85,
        0x9b,    0x9f,    0xad,    0x34f,   0x61c,   0x115f,  0x1160, 0x17b4, 0x17b5,  0x180b,
        0x180e,  0x200b,  0x200c,  0x200d,  0x200e,  0x200f,  0x2028, 0x2029, 0x202a,  0x202b,
        0x202c,  0x202d,  0x202e,  0x2060,  0x2064,  0x2066,  0x2067, 0x2068, 0x2069,  0x206f,
        0x3164,  0xfe00,  0xfe0f,  0xfeff,  0xffa0,  0xfff0,  0xfff9, 0xfffb, 0x1bca0, 0x1bca3,
        0x1d173, 0x1d17a, 0xe0001, 0xe0020, 0xe007f, 0xe0100, 0xe01ef};
    static const uint32_t no[] = {
        ' ',    '!',    '~',     'a',     0xa0,    0xac,    0xae,   0xe4,   0x34e,  0x350,  0x61b,
        0x61d,  0x2010, 0x2027,  0x202f,  0x205f,  0x2070,  0x3163, 0x3165, 0xfdff, 0xfe10, 0xfefe,
        0xff00, 0xfffd, 0x1f600, 0x1d172, 0xdffff, 0xe1000, 0x4e2d, 0x5d0,  0x627};
    for (size_t i = 0; i < COUNT(yes); i++) {
        if (!sb_code_hidden(yes[i]))
            fail_msg("U+%04X is shown", (unsigned)yes[i]);
    }
    for (size_t i = 0; i < COUNT(no); i++) {
        if (sb_code_hidden(no[i]))
            fail_msg("U+%04X is hidden", (unsigned)no[i]);
    }
}

/* ---- sizes for people ------------------------------------------------------------------- */

static void sizes(void **state)
{
    (void)state;
    static const struct {
        uint64_t bytes;
        const char *text;
    } rows[] = {
        {0, "0 bytes"},
        {1, "1 byte"},
        {999, "999 bytes"},
        {1000, "1.0 kB"},
        {1049, "1.0 kB"},
        {3400000, "3.4 MB"},
        {999949, "999.9 kB"},
        {999950, "1.0 MB"},
        {UINT64_C(1000000000), "1.0 GB"},
        {UINT64_C(2500000000000), "2.5 TB"},
        {UINT64_C(7000000000000000), "7.0 PB"},
        {UINT64_MAX, "18.4 EB"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[SB_SIZE_TEXT];
        assert_ptr_equal(sb_text_size(text, rows[i].bytes), text);
        assert_string_equal(text, rows[i].text);
    }
}

/* ---- escaping -------------------------------------------------------------------------- */

static const struct {
    const char *text, *escaped;
} escapes[] = {
    {"", ""},
    {"plain text, 'quoted' \"twice\"", "plain text, 'quoted' \"twice\""},
    {"a\\b", "a\\\\b"},
    {"\033[31mred", "\\x1b[31mred"},
    {"a\nb\r\tc\x7f", "a\\x0ab\\x0d\\x09c\\x7f"},
    {"\xc2\x9b"
     "31m",
     "\\u{9b}31m"},
    {"J\xc3\xb6rg \xe4\xb8\xad \xf0\x9f\x98\x80", "J\xc3\xb6rg \xe4\xb8\xad \xf0\x9f\x98\x80"},
    {"a\xe2\x80\xae"
     "b",
     "a\\u{202e}b"},
    {"a\xe2\x80\x8b"
     "b",
     "a\\u{200b}b"},
    {"\xef\xbb\xbfx", "\\u{feff}x"},
    {"\xf3\xa0\x80\x81", "\\u{e0001}"},
    {"\xff\xfe", "\\xff\\xfe"},
    {"a\xc3", "a\\xc3"},
    {"\xc3(", "\\xc3("},
    {"\xe2\x82", "\\xe2\\x82"},
    {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
    {"\xc0\xaf", "\\xc0\\xaf"},
    {"\xc3\xc3\xb6", "\\xc3\xc3\xb6"},
};

static void escape_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(escapes); i++) {
        char out[64];
        struct sb_buf buf = {0};
        assert_ptr_equal(sealbag_text_escape(out, sizeof(out), escapes[i].text), out);
        assert_string_equal(out, escapes[i].escaped);
        assert_int_equal(sb_buf_puts(&buf, "> "), 0);
        assert_int_equal(sb_text_escape(&buf, escapes[i].text, strlen(escapes[i].text)), 0);
        assert_string_equal((const char *)buf.data + 2, escapes[i].escaped);
        sb_buf_free(&buf);
    }
    struct sb_buf buf = {0};
    assert_int_equal(sb_text_escape(&buf, "a\0b\xc3\xb6", 4), 0);
    assert_string_equal((const char *)buf.data, "a\\x00b\\xc3");
    sb_buf_free(&buf);
}

/* What is written for the whole is never cut inside an escape or a character. */
static void escape_cut(void **state)
{
    (void)state;
    static const char text[] = "a\xc3\xb6\x1b\\\xf0\x9f\x98\x80\xe2\x80\xae\xffz";
    static const char *const pieces[] = {
        "a", "\xc3\xb6", "\\x1b", "\\\\", "\xf0\x9f\x98\x80", "\\u{202e}", "\\xff", "z"};
    for (size_t size = 1; size < 40; size++) {
        char out[48], expected[48] = "";
        memset(out, 'X', sizeof(out));
        for (size_t i = 0; i < COUNT(pieces); i++) {
            if (strlen(expected) + strlen(pieces[i]) + 1 > size)
                break;
            strcat(expected, pieces[i]);
        }
        sealbag_text_escape(out, size, text);
        assert_string_equal(out, expected);
        for (size_t i = size; i < sizeof(out); i++)
            assert_int_equal(out[i], 'X');
    }
    char untouched = 'X';
    sealbag_text_escape(&untouched, 0, text);
    assert_int_equal(untouched, 'X');
}

/* Whatever the bytes, the result is UTF-8 and holds nothing that a terminal obeys. */
static void escape_random_bytes(void **state)
{
    (void)state;
    uint32_t random = 12345;
    for (int round = 0; round < 20000; round++) {
        char text[17] = "", out[200];
        for (size_t i = 0; i < 16; i++) {
            random = random * 1664525 + 1013904223;
            text[i] = (char)(random >> 24);
        }
        sealbag_text_escape(out, sizeof(out), text);
        size_t len = strlen(out);
        for (size_t at = 0; at < len;) {
            uint32_t code;
            size_t n = sb_utf8_decode(&code, out + at, len - at);
            assert_true(n > 0);
            assert_false(sb_code_hidden(code));
            at += n;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_every_byte),  cmocka_unit_test(hex_every_digit),
        cmocka_unit_test(hex_lengths),     cmocka_unit_test(decimal_good),
        cmocka_unit_test(decimal_refused), cmocka_unit_test(utf8_every_code_point),
        cmocka_unit_test(utf8_refused),    cmocka_unit_test(hidden),
        cmocka_unit_test(sizes),           cmocka_unit_test(escape_texts),
        cmocka_unit_test(escape_cut),      cmocka_unit_test(escape_random_bytes),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
