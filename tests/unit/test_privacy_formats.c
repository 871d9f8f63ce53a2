/* The walkers through files: what they find, and that what is cut off anywhere is told and harms
 * nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "privacy/privacy.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

static void take(void *context, enum sb_privacy_rule rule, const char *field, const void *value,
                 size_t len)
{
    struct sb_buf *found = context;
    assert_int_equal(
        sb_buf_printf(found, "%d %s=%.*s\n", (int)rule, field, (int)len, (const char *)value), 0);
}

/* All that is found, a line each. `bytes` lie at the end of their memory, so that a step beyond is
 * seen by a sanitizer. */
static enum sb_privacy_result look(struct sb_buf *found, enum sb_privacy_kind kind,
                                   const uint8_t *bytes, size_t len)
{
    const struct sb_privacy_sink sink = {.found = take, .context = found};
    uint8_t *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    if (len > 0)
        memcpy(copy, bytes, len);
    enum sb_privacy_result r = sb_privacy_examine(&sink, kind, copy, len);
    free(copy);
    return r;
}

static void expect(const uint8_t *bytes, size_t len, enum sb_privacy_kind kind,
                   enum sb_privacy_result result, const char *wanted)
{
    struct sb_buf found = {0};
    assert_int_equal(sb_privacy_kind_of(bytes, len < SB_PRIVACY_HEAD ? len : SB_PRIVACY_HEAD),
                     kind);
    assert_int_equal(look(&found, kind, bytes, len), result);
    assert_string_equal(found.data != NULL ? (const char *)found.data : "", wanted);
    sb_buf_free(&found);
}

/* Cut off anywhere, it is either told, or so little is missing that nothing is. */
static void cut_anywhere(const uint8_t *bytes, size_t len, enum sb_privacy_kind kind, size_t most)
{
    size_t untold = 0;
    for (size_t n = 0; n < len; n++) {
        struct sb_buf found = {0};
        untold += look(&found, kind, bytes, n) == SB_PRIVACY_EXAMINED;
        sb_buf_free(&found);
    }
    if (untold > most)
        fail_msg("%zu cuts of %zu are not told", untold, len);
}

static void kinds(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        size_t len;
        enum sb_privacy_kind kind;
    } cases[] = {
        {"", 0, SB_KIND_NONE},
        {"\xff\xd8", 2, SB_KIND_NONE},
        {"\xff\xd8\xff", 3, SB_KIND_JPEG},
        {"plain text", 10, SB_KIND_NONE},
        {"%PDF-1.4", 8, SB_KIND_PDF},
        {"\xef\xbb\xbf\r\n%PDF-", 10, SB_KIND_PDF},
        {"x%PDF-", 6, SB_KIND_NONE},
        {"text moov", 9, SB_KIND_NONE},
        {"\0\0\0\x18"
         "ftypheic",
         12, SB_KIND_BMFF},
        {"\0\0\0\x18"
         "ftypcrx ",
         12, SB_KIND_NONE},
        {"the free text", 13, SB_KIND_NONE},
        {"\0\0\0\x20"
         "ftypheic",
         12, SB_KIND_BMFF},
        {"RIFF....WAVE", 12, SB_KIND_NONE},
        {"RIFF....WEBP", 12, SB_KIND_WEBP},
        {"PK\3\4", 4, SB_KIND_ZIP},
        {"PK\5\6", 4, SB_KIND_NONE},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(sb_privacy_kind_of((const uint8_t *)cases[i].head, cases[i].len),
                         cases[i].kind);
}

/* An artist, and a place in the south and west: most significant byte first. */
#define RATIONAL(a) "\0\0\0" a "\0\0\0\1"
static const char tiff[] = "MM\0*\0\0\0\10\0\2"
                           "\x01\x3b\0\2\0\0\0\6\0\0\0\x26"
                           "\x88\x25\0\4\0\0\0\1\0\0\0\x2c"
                           "\0\0\0\0"
                           "Maria\0"
                           "\0\4"
                           "\0\1\0\2\0\0\0\2S\0\0\0"
                           "\0\2\0\5\0\0\0\3\0\0\0\x62"
                           "\0\3\0\2\0\0\0\2W\0\0\0"
                           "\0\4\0\5\0\0\0\3\0\0\0\x7a"
                           "\0\0\0\0" RATIONAL("\1") RATIONAL("\x1e") RATIONAL("\0") RATIONAL("\2")
                               RATIONAL("\x2d") RATIONAL("\0");

static void exif(void **state)
{
    (void)state;
    char wanted[200];
    snprintf(wanted, sizeof(wanted),
             "%d EXIF Artist=Maria\n%d EXIF GPS position=-1.50000, -2.75000\n", SB_PRIVACY_PERSON,
             SB_PRIVACY_LOCATION);
    expect(BYTES(tiff), SB_KIND_TIFF, SB_PRIVACY_EXAMINED, wanted);
    /* Only the end of the last directory and of what it points to. */
    cut_anywhere(BYTES(tiff), SB_KIND_TIFF, 0);
    /* A directory that is its own successor, and one that two point to. */
    expect(BYTES("II*\0\10\0\0\0\1\0\x69\x87\4\0\1\0\0\0\10\0\0\0\10\0\0\0"), SB_KIND_TIFF,
           SB_PRIVACY_EXAMINED, "");
    expect(BYTES("II*\0\10\0\0\0\xff\xff"), SB_KIND_TIFF, SB_PRIVACY_MALFORMED, "");
    expect(BYTES("II*\0\xff\xff\xff\xff"), SB_KIND_TIFF, SB_PRIVACY_MALFORMED, "");
    expect(BYTES("II*\0\0\0\0\0"), SB_KIND_TIFF, SB_PRIVACY_EXAMINED, "");
    /* A count that makes a size beyond 32 bits. */
    expect(BYTES("II*\0\10\0\0\0\1\0\x3b\1\5\0\xff\xff\xff\xff\10\0\0\0\0\0\0\0"), SB_KIND_TIFF,
           SB_PRIVACY_MALFORMED, "");
}

static void jpeg(void **state)
{
    (void)state;
    char wanted[100];
    snprintf(wanted, sizeof(wanted), "%d JPEG comment=a@example.org\n", SB_PRIVACY_EMAIL);
    expect(BYTES("\xff\xd8\xff\xfe\0\x0f"
                 "a@example.org"
                 "\xff\xda\0\2"),
           SB_KIND_JPEG, SB_PRIVACY_EXAMINED, wanted);
    cut_anywhere(BYTES("\xff\xd8\xff\xfe\0\x0f"
                       "a@example.org"
                       "\xff\xda"),
                 SB_KIND_JPEG, 0);
    expect(BYTES("\xff\xd8\xff\xe1\0\1"), SB_KIND_JPEG, SB_PRIVACY_MALFORMED, "");
    expect(BYTES("\xff\xd8\xff\xff\xff\xff\xd9"), SB_KIND_JPEG, SB_PRIVACY_EXAMINED, "");
    snprintf(wanted, sizeof(wanted), "%d IPTC By-line=Maria\n", SB_PRIVACY_PERSON);
    expect(BYTES("\xff\xd8\xff\xed\0\x26Photoshop 3.0\0"
                 "8BIM\4\4\0\0\0\0\0\x0a"
                 "\x1c\2\x50\0\5"
                 "Maria"
                 "\xff\xd9"),
           SB_KIND_JPEG, SB_PRIVACY_EXAMINED, wanted);
}

static void png(void **state)
{
    (void)state;
    char wanted[100];
    snprintf(wanted, sizeof(wanted), "%d PNG Author=Maria\n", SB_PRIVACY_PERSON);
#define HEAD "\x89PNG\r\n\x1a\n"
#define END  "\0\0\0\0IEND\0\0\0\0"
    expect(BYTES(HEAD "\0\0\0\x0ctEXtAuthor\0Maria\0\0\0\0" END), SB_KIND_PNG, SB_PRIVACY_EXAMINED,
           wanted);
    expect(BYTES(HEAD "\0\0\0\x10iTXtAuthor\0\0\0\0\0Maria\0\0\0\0" END), SB_KIND_PNG,
           SB_PRIVACY_EXAMINED, wanted);
    cut_anywhere(BYTES(HEAD "\0\0\0\x10iTXtAuthor\0\0\0\0\0Maria\0\0\0\0" END), SB_KIND_PNG, 0);
    /* ImageMagick's profiles: in either case, with JPEG's mark or without, and XMP in one */
    snprintf(wanted, sizeof(wanted), "%d EXIF Artist=Maria\n", SB_PRIVACY_PERSON);
#define EXIF_HEX                                                                                   \
    "49492A0008000000"                                                                             \
    "0100"                                                                                         \
    "3b01"                                                                                         \
    "0200"                                                                                         \
    "06000000"                                                                                     \
    "1a000000"                                                                                     \
    "00000000"                                                                                     \
    "4d6172696100"
    expect(BYTES(HEAD "\0\0\0\x65tEXtRaw profile type exif\0\nexif\n      32\n" EXIF_HEX
                      "\0\0\0\0" END),
           SB_KIND_PNG, SB_PRIVACY_EXAMINED, wanted);
    expect(BYTES(HEAD "\0\0\0\x71tEXtRaw profile type APP1\0\nexif\n      38\n457869660000" EXIF_HEX
                      "\0\0\0\0" END),
           SB_KIND_PNG, SB_PRIVACY_EXAMINED, wanted);
    expect(BYTES(HEAD "\0\0\0\x30tEXtRaw profile type exif\0\nexif\n      6\n457869660000"
                      "\0\0\0\0" END),
           SB_KIND_PNG, SB_PRIVACY_MALFORMED, "");
    expect(BYTES(HEAD "\0\0\0\6tEXtAuthor\0\0\0\0" END), SB_KIND_PNG, SB_PRIVACY_MALFORMED, "");
    expect(BYTES(HEAD "\0\0\0\1iTXtA\0\0\0\0" END), SB_KIND_PNG, SB_PRIVACY_MALFORMED, "");
    expect(BYTES(HEAD "\0\0\0\7zTXtAuthor\0\0\0\0\0" END), SB_KIND_PNG, SB_PRIVACY_MALFORMED, "");
    expect(BYTES(HEAD "\xff\xff\xff\xfftEXt\0\0\0\0"), SB_KIND_PNG, SB_PRIVACY_MALFORMED, "");
}

static void film(void **state)
{
    (void)state;
    char wanted[100];
    snprintf(wanted, sizeof(wanted), "%d MP4 location (xyz)=+1+2/\n", SB_PRIVACY_LOCATION);
    static const char xyz[] = "\0\0\0\x10"
                              "ftypisom\0\0\0\0"
                              "\0\0\0\x21moov\0\0\0\x19udta"
                              "\0\0\0\x11\xa9xyz\0\5\0\0+1+2/";
    expect(BYTES(xyz), SB_KIND_BMFF, SB_PRIVACY_EXAMINED, wanted);
    cut_anywhere(BYTES(xyz), SB_KIND_BMFF, 2); /* at the start, and between the boxes */
    expect(BYTES("\0\0\0\x07"
                 "ftypisom"),
           SB_KIND_BMFF, SB_PRIVACY_MALFORMED, "");
    expect(BYTES("\0\0\0\1"
                 "ftyp\xff\xff\xff\xff\xff\xff\xff\xff"),
           SB_KIND_BMFF, SB_PRIVACY_MALFORMED, "");
    expect(BYTES("\0\0\0\0"
                 "ftypisom"),
           SB_KIND_BMFF, SB_PRIVACY_EXAMINED, "");
}

/* EXIF in HEIC: in a piece of the file, of which "iloc" tells the place (0x61) and the length. */
static const char heic_file[] =
    "\0\0\0\x0c"
    "ftypheic"
    "\0\0\0\x4dmeta\0\0\0\0"
    "\0\0\0\x23iinf\0\0\0\0\0\1"
    "\0\0\0\x15infe\2\0\0\0\0\7\0\0Exif\0"
    "\0\0\0\x1eiloc\0\0\0\0\x44\0\0\1\0\7\0\0\0\1\0\0\0\x61\0\0\0\x24"
    "\0\0\0\x2cmdat\0\0\0\0II*\0\10\0\0\0\1\0\x3b\1\2\0\6\0\0\0\x1a\0\0\0\0\0\0\0Maria\0";

static void heic(void **state)
{
    (void)state;
    struct sb_buf found = {0};
    char wanted[100];
    snprintf(wanted, sizeof(wanted), "%d EXIF Artist=Maria\n", SB_PRIVACY_PERSON);
    expect(BYTES(heic_file), SB_KIND_BMFF, SB_PRIVACY_EXAMINED, wanted);
    cut_anywhere(BYTES(heic_file), SB_KIND_BMFF, 2); /* nothing, and the first box alone */
    uint8_t bytes[sizeof(heic_file) - 1];
    for (size_t n = 0; n < sizeof(bytes); n++) {
        memcpy(bytes, heic_file, sizeof(bytes));
        bytes[n] ^= 0xff;
        look(&found, SB_KIND_BMFF, bytes, sizeof(bytes));
        found.len = 0;
    }
    sb_buf_free(&found);
}

static void xml(void **state)
{
    (void)state;
    static const struct {
        enum sb_privacy_xml kind;
        const char *text, *found;
        enum sb_privacy_result result;
    } cases[] = {
        {SB_XML_XMP, "<a><creator>M</creator></a>", "XMP creator=M", SB_PRIVACY_EXAMINED},
        {SB_XML_XMP, "<a xmlns:d='u' d:creator='M'/>", "XMP creator=M", SB_PRIVACY_EXAMINED},
        {SB_XML_XMP, "<a><creator><b>M</b></creator></a>", "XMP creator=M", SB_PRIVACY_EXAMINED},
        {SB_XML_XMP, "<a><creator> </creator></a>", "", SB_PRIVACY_EXAMINED},
        {SB_XML_XMP, "<a><tool>a@example.org</tool></a>", "XMP tool=a@example.org",
         SB_PRIVACY_EXAMINED},
        {SB_XML_TEXT, "<a><t>a@example.org</t></a>", "", SB_PRIVACY_EXAMINED},
        {SB_XML_TEXT, "<a author='M'/>", "comment or change author=M", SB_PRIVACY_EXAMINED},
        {SB_XML_TEXT, "<cmAuthor name='M'/>", "comment or change name=M", SB_PRIVACY_EXAMINED},
        {SB_XML_PROPERTIES, "<a><Company>C</Company></a>", "property Company=C",
         SB_PRIVACY_EXAMINED},
        {SB_XML_XMP, "<a><creator>M</creator>", "XMP creator=M", SB_PRIVACY_MALFORMED},
        {SB_XML_XMP, "<!DOCTYPE a><a/>", "", SB_PRIVACY_MALFORMED},
        {SB_XML_XMP, "<!DOCTYPE a [<!ENTITY b 'x'>]><a>&b;</a>", "", SB_PRIVACY_MALFORMED},
        {SB_XML_XMP, "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "", SB_PRIVACY_MALFORMED},
        {SB_XML_XMP, "", "", SB_PRIVACY_MALFORMED},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sb_buf found = {0};
        const struct sb_privacy_sink sink = {.found = take, .context = &found};
        enum sb_privacy_result r = sb_privacy_xml(
            &sink, cases[i].kind, (const uint8_t *)cases[i].text, strlen(cases[i].text));
        const char *text = found.data != NULL ? (const char *)found.data : "";
        const char *space = strchr(text, ' ');
        size_t n = strlen(cases[i].found);
        if (r != cases[i].result ||
            (n == 0 ? found.len > 0 : space == NULL || strncmp(space + 1, cases[i].found, n) != 0))
            fail_msg("%s: %d, %s", cases[i].text, (int)r, text);
        sb_buf_free(&found);
    }
}

static void webp(void **state)
{
    (void)state;
    struct sb_buf file = {0};
    char wanted[200];
    assert_int_equal(sb_buf_append(&file, "RIFF\0\0\0\0WEBPEXIF\x92\0\0\0", 20), 0);
    file.data[16] = (uint8_t)(sizeof(tiff) - 1);
    assert_int_equal(sb_buf_append(&file, tiff, sizeof(tiff) - 1), 0);
    snprintf(wanted, sizeof(wanted),
             "%d EXIF Artist=Maria\n%d EXIF GPS position=-1.50000, -2.75000\n", SB_PRIVACY_PERSON,
             SB_PRIVACY_LOCATION);
    expect(file.data, file.len, SB_KIND_WEBP, SB_PRIVACY_EXAMINED, wanted);
    cut_anywhere(file.data, file.len, SB_KIND_WEBP, 1); /* with no chunk at all */
    sb_buf_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds), cmocka_unit_test(exif), cmocka_unit_test(jpeg),
        cmocka_unit_test(png),   cmocka_unit_test(film), cmocka_unit_test(heic),
        cmocka_unit_test(xml),   cmocka_unit_test(webp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
