/* Media types by the first bytes of a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/media.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void expect(const char *bytes, size_t len, const char *type)
{
    const char *found = sb_media_type((const uint8_t *)bytes, len);
    if (type == NULL ? found != NULL : found == NULL || strcmp(found, type) != 0)
        fail_msg("%.20s: %s", bytes, found != NULL ? found : "-");
}

static void known(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *type;
    } rows[] = {
        {"\xff\xd8\xff\xe1", 4, "image/jpeg"},
        {"\x89PNG\r\n\x1a\n", 8, "image/png"},
        {"GIF89a", 6, "image/gif"},
        {"II*\0", 4, "image/tiff"},
        {"RIFF....WEBP", 12, "image/webp"},
        {"RIFF....WAVEfmt ", 16, "audio/vnd.wave"},
        {"\0\0\0\x18"
         "ftypheic",
         12, "image/heic"},
        {"\0\0\0\x18"
         "ftypisom",
         12, "video/mp4"},
        {"\0\0\0\x14"
         "ftypqt  ",
         12, "video/quicktime"},
        {"%PDF-1.7", 8, "application/pdf"},
        {"\x1f\x8b\x08\x04", 4, "application/gzip"},
        {"PK\3\4", 4, "application/zip"},
        {"PK\3\4..........................mimetypeapplication/vnd.oasis.opendocument.text", 77,
         "application/vnd.oasis.opendocument.text"},
        {"PK\3\4..........................word/document.xml", 47,
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
        {"PK\3\4..........................xl/workbook.xml", 45,
         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
        {"PK\3\4..........................ppt/slides", 40,
         "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
        {" \n<!DOCTYPE HTML>", 17, "text/html"},
        {"\xef\xbb\xbf<html>", 9, "text/html"},
        {"<?xml version=\"1.0\"?><svg/>", 27, "image/svg+xml"},
        {"<?xml version=\"1.0\"?><a/>", 25, "application/xml"},
        {"alpha\r\n\tb\xc3\xa9ta\n", 14, "text/plain"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        expect(rows[i].bytes, rows[i].len, rows[i].type);
}

static void unknown(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
    } rows[] = {
        {"", 0},      {"\0", 1},       {"a\0b", 3},    {"\x1b[31m", 5}, {"\xff\xfe", 2},
        {"RIFF", 4},  {"RIFF....", 8}, {"caf\xc3", 4}, {"\x89PNG", 4},  {"RIFF....ABCD", 12},
        {"a\x7f", 2},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        expect(rows[i].bytes, rows[i].len, NULL);
}

/* Only the beginning is read, in which a character can be cut off. */
static void cut_off(void **state)
{
    (void)state;
    char text[SB_MEDIA_BYTES + 1];
    memset(text, 'a', sizeof(text));
    memcpy(text + SB_MEDIA_BYTES - 1, "\xc3\xa9", 2);
    expect(text, sizeof(text), "text/plain");
    expect(text, SB_MEDIA_BYTES, "text/plain");
    text[SB_MEDIA_BYTES - 1] = (char)0xff;
    expect(text, SB_MEDIA_BYTES, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known),
        cmocka_unit_test(unknown),
        cmocka_unit_test(cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
