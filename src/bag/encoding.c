#include "bag/encoding.h"

#include <string.h>

#include "base/text.h"

static const struct {
    const char *name;
    enum sb_encoding encoding;
} names[] = {
    {"utf-8", SB_UTF8},         {"utf8", SB_UTF8},
    {"us-ascii", SB_ASCII},     {"ascii", SB_ASCII},
    {"iso-8859-1", SB_LATIN1},  {"iso_8859-1", SB_LATIN1},
    {"latin1", SB_LATIN1},      {"windows-1252", SB_WINDOWS1252},
    {"cp1252", SB_WINDOWS1252}, {"utf-16", SB_UTF16},
    {"utf16", SB_UTF16},        {"utf-16be", SB_UTF16BE},
    {"utf-16le", SB_UTF16LE},
};

enum sb_encoding sb_encoding_find(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t at = 0;
        while (at < len && names[i].name[at] != 0 &&
               (name[at] >= 'A' && name[at] <= 'Z' ? name[at] - 'A' + 'a' : name[at]) ==
                   names[i].name[at])
            at++;
        if (at == len && names[i].name[at] == 0)
            return names[i].encoding;
    }
    return SB_ENCODINGS;
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

/* 0x80 to 0x9f; 0: there is none. */
static const uint16_t windows1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

static int decode_bytes(struct sb_buf *out, enum sb_encoding encoding, const uint8_t *bytes,
                        size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint32_t code = bytes[i];
        if (code >= 0x80 && encoding == SB_ASCII)
            return 0;
        if (code >= 0x80 && code < 0xa0 && encoding == SB_WINDOWS1252) {
            code = windows1252[code - 0x80];
            if (code == 0)
                return 0;
        }
        if (append_code(out, code) < 0)
            return SEALBAG_ERR_MEMORY;
    }
    return 1;
}

/* RFC 2781. A mark is taken off only where the encoding's name leaves the order open. */
static int decode_utf16(struct sb_buf *out, enum sb_encoding encoding, const uint8_t *bytes,
                        size_t len)
{
    size_t at = 0;
    bool little = encoding == SB_UTF16LE;
    if (encoding == SB_UTF16 && len >= 2 && (bytes[0] ^ bytes[1]) == 1 && bytes[0] >= 0xfe) {
        little = bytes[0] == 0xff;
        at = 2;
    }
    while (at + 1 < len) {
        uint32_t unit = little ? bytes[at] | (uint32_t)bytes[at + 1] << 8
                               : bytes[at + 1] | (uint32_t)bytes[at] << 8;
        at += 2;
        if (unit >= 0xdc00 && unit < 0xe000)
            return 0;
        if (unit >= 0xd800 && unit < 0xdc00) {
            if (at + 1 >= len)
                return 0;
            uint32_t low = little ? bytes[at] | (uint32_t)bytes[at + 1] << 8
                                  : bytes[at + 1] | (uint32_t)bytes[at] << 8;
            if (low < 0xdc00 || low > 0xdfff)
                return 0;
            at += 2;
            unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        }
        if (append_code(out, unit) < 0)
            return SEALBAG_ERR_MEMORY;
    }
    return at == len;
}

int sb_encoding_decode(struct sb_buf *out, enum sb_encoding encoding, const uint8_t *bytes,
                       size_t len)
{
    if (sb_buf_reserve(out, len) < 0)
        return SEALBAG_ERR_MEMORY;
    switch (encoding) {
    case SB_UTF8:
        if (!sb_utf8_valid((const char *)bytes, len) ||
            (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0))
            return 0;
        return sb_buf_append(out, bytes, len) < 0 ? SEALBAG_ERR_MEMORY : 1;
    case SB_ASCII:
    case SB_LATIN1:
    case SB_WINDOWS1252:
        return decode_bytes(out, encoding, bytes, len);
    case SB_UTF16:
    case SB_UTF16BE:
    case SB_UTF16LE:
        return decode_utf16(out, encoding, bytes, len);
    case SB_ENCODINGS:
    default:
        return 0;
    }
}
