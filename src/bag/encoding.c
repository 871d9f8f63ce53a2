#include "bag/encoding.h"

#include <stdbool.h>
#include <string.h>

#include "bag/charset.h"
#include "bag/charset_bytes.h"
#include "base/text.h"

/* In which order the bytes of a number are. */
enum order {
    HIGH_FIRST,
    LOW_FIRST,
    MARKED, /* a byte order mark says it; without one, the high byte is first (RFC 2781) */
};

/* One of three kinds; UTF-8 is none of them. Below 0x80 the first two are ASCII. */
struct charset {
    const char *names; /* separated by spaces; the first is the one to show */
    /* Characters of two bytes or more. */
    sb_charset_next *next;
    /* Bytes: what the last `count` of the 256 are; those before them are Unicode's controls. */
    const char16_t *high;
    size_t count;
    /* Unicode's numbers, of so many bytes. */
    size_t width;
    enum order order;
};

static const char16_t nothing[129];

#define NEXT(names, next)                                                                          \
    {                                                                                              \
        names, next, NULL, 0, 0, 0                                                                 \
    }
#define BYTES(names, table)                                                                        \
    {                                                                                              \
        names, NULL, table, sizeof(table) / sizeof((table)[0]) - 1, 0, 0                           \
    }
#define UNITS(names, width, order)                                                                 \
    {                                                                                              \
        names, NULL, NULL, 0, width, order                                                         \
    }

/* By their names in the registry of IANA, and a few that are written in their place. */
static const struct charset charsets[] = {
    {"UTF-8 utf8 csUTF8", NULL, NULL, 0, 0, 0}, /* SB_UTF8 */
    BYTES("US-ASCII ascii ANSI_X3.4-1968 ANSI_X3.4-1986 ISO_646.irv:1991 ISO646-US iso-ir-6 us "
          "IBM367 cp367 csASCII",
          nothing),
    {"ISO-8859-1 ISO_8859-1 ISO_8859-1:1987 latin1 l1 iso-ir-100 IBM819 CP819 csISOLatin1", NULL,
     nothing, 0, 0, 0},
    UNITS("UTF-16 utf16 csUTF16", 2, MARKED),
    UNITS("UTF-16BE csUTF16BE", 2, HIGH_FIRST),
    UNITS("UTF-16LE csUTF16LE", 2, LOW_FIRST),
    UNITS("UTF-32 utf32 csUTF32", 4, MARKED),
    UNITS("UTF-32BE csUTF32BE", 4, HIGH_FIRST),
    UNITS("UTF-32LE csUTF32LE", 4, LOW_FIRST),
    NEXT("Shift_JIS shift-jis sjis MS_Kanji csShiftJIS", sb_charset_shift_jis),
    NEXT("windows-31J cp932 ms932 windows-932 csWindows31J", sb_charset_windows31j),
    NEXT("EUC-JP eucjp Extended_UNIX_Code_Packed_Format_for_Japanese csEUCPkdFmtJapanese",
         sb_charset_euc_jp),
    NEXT("GB18030 csGB18030", sb_charset_gb18030),
    NEXT("GBK cp936 ms936 windows-936 csGBK", sb_charset_gbk),
    NEXT("GB2312 euc-cn csGB2312", sb_charset_gb2312),
    NEXT("Big5 cn-big5 cp950 ms950 windows-950 csBig5", sb_charset_big5),
    NEXT("Big5-HKSCS big5hkscs csBig5HKSCS", sb_charset_big5_hkscs),
    NEXT("EUC-KR euckr csEUCKR", sb_charset_euc_kr),
    NEXT("windows-949 cp949 ms949 uhc KS_C_5601-1987 KS_C_5601-1989 KSC_5601 korean iso-ir-149 "
         "csKSC56011987",
         sb_charset_windows949),
    BYTES("ISO-8859-2 ISO_8859-2 ISO_8859-2:1987 latin2 l2 iso-ir-101 csISOLatin2", iso8859_2),
    BYTES("ISO-8859-3 ISO_8859-3 ISO_8859-3:1988 latin3 l3 iso-ir-109 csISOLatin3", iso8859_3),
    BYTES("ISO-8859-4 ISO_8859-4 ISO_8859-4:1988 latin4 l4 iso-ir-110 csISOLatin4", iso8859_4),
    BYTES("ISO-8859-5 ISO_8859-5 ISO_8859-5:1988 cyrillic iso-ir-144 csISOLatinCyrillic",
          iso8859_5),
    BYTES("ISO-8859-6 ISO_8859-6 ISO_8859-6:1987 arabic ECMA-114 ASMO-708 iso-ir-127 "
          "csISOLatinArabic",
          iso8859_6),
    BYTES("ISO-8859-7 ISO_8859-7 ISO_8859-7:1987 greek greek8 ECMA-118 ELOT_928 iso-ir-126 "
          "csISOLatinGreek",
          iso8859_7),
    BYTES("ISO-8859-8 ISO_8859-8 ISO_8859-8:1988 hebrew iso-ir-138 csISOLatinHebrew", iso8859_8),
    BYTES("ISO-8859-9 ISO_8859-9 ISO_8859-9:1989 latin5 l5 iso-ir-148 csISOLatin5", iso8859_9),
    BYTES("ISO-8859-10 ISO_8859-10:1992 latin6 l6 iso-ir-157 csISOLatin6", iso8859_10),
    BYTES("ISO-8859-11", iso8859_11),
    BYTES("ISO-8859-13 csISO885913", iso8859_13),
    BYTES("ISO-8859-14 ISO_8859-14 ISO_8859-14:1998 latin8 l8 iso-celtic iso-ir-199 csISO885914",
          iso8859_14),
    BYTES("ISO-8859-15 ISO_8859-15 Latin-9 csISO885915", iso8859_15),
    BYTES("ISO-8859-16 ISO_8859-16 ISO_8859-16:2001 latin10 l10 iso-ir-226 csISO885916",
          iso8859_16),
    BYTES("TIS-620 csTIS620", tis_620),
    BYTES("windows-874 cp874 cswindows874", cp874),
    BYTES("windows-1250 cp1250 cswindows1250", cp1250),
    BYTES("windows-1251 cp1251 cswindows1251", cp1251),
    BYTES("windows-1252 cp1252 cswindows1252", cp1252),
    BYTES("windows-1253 cp1253 cswindows1253", cp1253),
    BYTES("windows-1254 cp1254 cswindows1254", cp1254),
    BYTES("windows-1255 cp1255 cswindows1255", cp1255),
    BYTES("windows-1256 cp1256 cswindows1256", cp1256),
    BYTES("windows-1257 cp1257 cswindows1257", cp1257),
    BYTES("windows-1258 cp1258 cswindows1258", cp1258),
    BYTES("KOI8-R csKOI8R", koi8_r),
    BYTES("KOI8-U csKOI8U", koi8_u),
    BYTES("KZ-1048 STRK1048-2002 RK1048 csKZ1048", kz1048),
    BYTES("PTCP154 csPTCP154 PT154 CP154 Cyrillic-Asian", ptcp154),
    BYTES("macintosh mac csMacintosh", mac_roman),
    BYTES("hp-roman8 roman8 r8 csHPRoman8", hp_roman8),
    BYTES("IBM437 cp437 437 csPC8CodePage437", cp437),
    BYTES("IBM775 cp775 775 csPC775Baltic", cp775),
    BYTES("IBM850 cp850 850 csPC850Multilingual", cp850),
    BYTES("IBM852 cp852 852 csPCp852", cp852),
    BYTES("IBM855 cp855 855 csIBM855", cp855),
    BYTES("IBM857 cp857 857 csIBM857", cp857),
    BYTES("IBM00858 CCSID00858 CP00858 PC-Multilingual-850+euro cp858 IBM858 csIBM00858", cp858),
    BYTES("IBM860 cp860 860 csIBM860", cp860),
    BYTES("IBM861 cp861 861 cp-is csIBM861", cp861),
    BYTES("IBM862 cp862 862 csPC862LatinHebrew", cp862),
    BYTES("IBM863 cp863 863 csIBM863", cp863),
    BYTES("IBM865 cp865 865 csIBM865", cp865),
    BYTES("IBM866 cp866 866 csIBM866", cp866),
    BYTES("IBM869 cp869 869 cp-gr csIBM869", cp869),
};

enum { COUNT = sizeof(charsets) / sizeof(charsets[0]) };

static bool has_name(const char *names, const char *name, size_t len)
{
    while (*names != 0) {
        size_t n = strcspn(names, " "), at = 0;
        while (at < n && at < len && sb_ascii_lower(names[at]) == sb_ascii_lower(name[at]))
            at++;
        if (at == n && at == len)
            return true;
        names += n + (names[n] == ' ');
    }
    return false;
}

unsigned sb_encoding_find(const char *name, size_t len)
{
    for (unsigned i = 0; i < COUNT; i++) {
        if (has_name(charsets[i].names, name, len))
            return i;
    }
    return SB_ENCODING_UNKNOWN;
}

const char *sb_encoding_name(char out[SB_ENCODING_NAME], unsigned encoding)
{
    if (encoding >= COUNT)
        return NULL;
    size_t n = strcspn(charsets[encoding].names, " ");
    n = n < SB_ENCODING_NAME ? n : SB_ENCODING_NAME - 1;
    memcpy(out, charsets[encoding].names, n);
    out[n] = 0;
    return out;
}

static int append_code(struct sb_buf *out, uint32_t code)
{
    uint8_t bytes[4];
    size_t len;
    if (code < 0x80) {
        bytes[0] = (uint8_t)code;
        len = 1;
    } else if (code < 0x800) {
        bytes[0] = (uint8_t)(0xc0 | code >> 6);
        len = 2;
    } else if (code < 0x10000) {
        bytes[0] = (uint8_t)(0xe0 | code >> 12);
        len = 3;
    } else {
        bytes[0] = (uint8_t)(0xf0 | code >> 18);
        len = 4;
    }
    for (size_t i = 1; i < len; i++)
        bytes[i] = (uint8_t)(0x80 | (code >> (6 * (len - 1 - i)) & 0x3f));
    return sb_buf_append(out, bytes, len);
}

static size_t next_byte(uint32_t *code, const struct charset *charset, uint8_t byte)
{
    size_t first = 0x100 - charset->count;
    *code = byte < first ? byte : charset->high[byte - first];
    return sb_charset_known(*code, 1);
}

static int decode_bytes(struct sb_buf *out, const struct charset *charset, const uint8_t *bytes,
                        size_t len)
{
    for (size_t at = 0; at < len;) {
        uint32_t code;
        size_t n = 0;
        while (at + n < len && bytes[at + n] < 0x80)
            n++;
        if (n > 0 && sb_buf_append(out, bytes + at, n) < 0)
            return SEALBAG_ERR_MEMORY;
        at += n;
        if (at == len)
            break;
        n = charset->next != NULL ? charset->next(&code, bytes + at, len - at)
                                  : next_byte(&code, charset, bytes[at]);
        if (n == 0)
            return 0;
        if (append_code(out, code) < 0)
            return SEALBAG_ERR_MEMORY;
        at += n;
    }
    return 1;
}

static uint32_t unit_at(const uint8_t *bytes, size_t width, bool low_first)
{
    uint32_t unit = 0;
    for (size_t i = 0; i < width; i++)
        unit = unit << 8 | bytes[low_first ? width - 1 - i : i];
    return unit;
}

/* Surrogates are no characters, and Unicode ends at U+10FFFF. */
static int decode_units(struct sb_buf *out, size_t width, enum order order, const uint8_t *bytes,
                        size_t len)
{
    size_t at = 0;
    bool low_first = order == LOW_FIRST;
    /* A mark is taken off only where the encoding's name leaves the order open. */
    if (order == MARKED && len >= width) {
        low_first = unit_at(bytes, width, true) == 0xfeff;
        at = low_first || unit_at(bytes, width, false) == 0xfeff ? width : 0;
    }
    for (; len - at >= width; at += width) {
        uint32_t code = unit_at(bytes + at, width, low_first);
        if (width == 2 && code >= 0xd800 && code < 0xdc00 && len - at >= 4) {
            uint32_t low = unit_at(bytes + at + 2, width, low_first);
            if (low < 0xdc00 || low > 0xdfff)
                return 0;
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            at += 2;
        }
        if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
            return 0;
        if (append_code(out, code) < 0)
            return SEALBAG_ERR_MEMORY;
    }
    return at == len;
}

int sb_encoding_decode(struct sb_buf *out, unsigned encoding, const uint8_t *bytes, size_t len)
{
    if (encoding >= COUNT)
        return 0;
    const struct charset *charset = &charsets[encoding];
    if (sb_buf_reserve(out, len) < 0)
        return SEALBAG_ERR_MEMORY;
    if (charset->width > 0)
        return decode_units(out, charset->width, charset->order, bytes, len);
    if (encoding != SB_UTF8)
        return decode_bytes(out, charset, bytes, len);
    if (!sb_utf8_valid((const char *)bytes, len) ||
        (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0))
        return 0;
    return sb_buf_append(out, bytes, len) < 0 ? SEALBAG_ERR_MEMORY : 1;
}
