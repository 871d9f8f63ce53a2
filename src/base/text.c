#include "base/text.h"

#include <stdio.h>
#include <string.h>

char *sb_hex_encode(char *out, const uint8_t *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * n] = 0;
    return out;
}

/* A digit's value plus one; UPPER is added for a capital letter. */
enum { UPPER = 32 };
static const uint8_t hex_values[256] = {
    ['0'] = 1,          ['1'] = 2,          ['2'] = 3,          ['3'] = 4,
    ['4'] = 5,          ['5'] = 6,          ['6'] = 7,          ['7'] = 8,
    ['8'] = 9,          ['9'] = 10,         ['a'] = 11,         ['b'] = 12,
    ['c'] = 13,         ['d'] = 14,         ['e'] = 15,         ['f'] = 16,
    ['A'] = UPPER + 11, ['B'] = UPPER + 12, ['C'] = UPPER + 13, ['D'] = UPPER + 14,
    ['E'] = UPPER + 15, ['F'] = UPPER + 16,
};

bool sb_hex_decode(uint8_t *out, size_t n, const char *hex, size_t len, bool any_case)
{
    const unsigned most = any_case ? UPPER + 16 : 16;
    if (n > SIZE_MAX / 2 || len != 2 * n)
        return false;
    for (size_t i = 0; i < n; i++) {
        unsigned high = hex_values[(uint8_t)hex[2 * i]];
        unsigned low = hex_values[(uint8_t)hex[2 * i + 1]];
        if (high == 0 || low == 0 || high > most || low > most)
            return false;
        high = (high % UPPER) - 1;
        low = (low % UPPER) - 1;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

size_t sb_decimal_format(char *out, uint64_t value)
{
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    for (size_t i = 0; i < count; i++)
        out[i] = digits[count - 1 - i];
    return count;
}

bool sb_decimal_parse(uint64_t *out, const char *text, size_t len)
{
    if (len == 0 || len > 20 || (len > 1 && text[0] == '0'))
        return false;
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

/* RFC 3629, section 4: the ranges of the second byte exclude overlong forms and surrogates. */
size_t sb_utf8_decode(uint32_t *code, const char *text, size_t len)
{
    const uint8_t *s = (const uint8_t *)text;
    if (s[0] < 0x80) {
        *code = s[0];
        return 1;
    }
    size_t need = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || len < need)
        return 0;
    uint8_t low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
    uint8_t high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
    if (s[1] < low || s[1] > high)
        return 0;
    uint32_t value = s[0] & (0x7fU >> need);
    for (size_t i = 1; i < need; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (s[i] & 0x3fU);
    }
    *code = value;
    return need;
}

/* How many of the first bytes are ASCII, eight at a time. */
static size_t skip_ascii(const char *text, size_t len)
{
    size_t at = 0;
    uint64_t eight;
    for (; len - at >= sizeof(eight); at += sizeof(eight)) {
        memcpy(&eight, text + at, sizeof(eight));
        if ((eight & UINT64_C(0x8080808080808080)) != 0)
            break;
    }
    return at;
}

bool sb_utf8_valid(const char *text, size_t len)
{
    uint32_t code;
    for (size_t at = 0; at < len;) {
        at += skip_ascii(text + at, len - at);
        if (at == len)
            break;
        size_t n = sb_utf8_decode(&code, text + at, len - at);
        if (n == 0)
            return false;
        at += n;
    }
    return true;
}

bool sb_code_space(uint32_t code)
{
    return code == ' ' || (code >= '\t' && code <= '\r') || code == 0x85 || code == 0xa0 ||
           code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
           code == 0x2029 || code == 0x202f || code == 0x205f || code == 0x2800 || code == 0x3000;
}

bool sb_code_hidden(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x034f, 0x034f},
        {0x061c, 0x061c},   {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180b, 0x180f},
        {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},   {0x3164, 0x3164},
        {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},
        {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
    };
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    }
    return false;
}

char *sb_text_size(char out[SB_SIZE_TEXT], uint64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    double value = (double)bytes / 1000;
    size_t unit = 0;
    if (bytes < 1000) {
        snprintf(out, SB_SIZE_TEXT, "%u %s", (unsigned)bytes, bytes == 1 ? "byte" : "bytes");
        return out;
    }
    /* 999.95 would be printed as 1000.0 */
    for (; value >= 999.95 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
        value /= 1000;
    snprintf(out, SB_SIZE_TEXT, "%.1f %s", value, units[unit]);
    return out;
}

/* Writes the escaped form of the first character; returns how many bytes it stood for. */
static size_t escape_one(char out[16], const char *text, size_t len)
{
    uint32_t code;
    size_t n = sb_utf8_decode(&code, text, len);
    if (n == 0 || (code < 0x80 && sb_code_hidden(code))) {
        snprintf(out, 16, "\\x%02x", (unsigned)(unsigned char)text[0]);
        return 1;
    }
    if (sb_code_hidden(code)) {
        snprintf(out, 16, "\\u{%x}", (unsigned)code);
    } else if (code == '\\') {
        memcpy(out, "\\\\", 3);
    } else {
        memcpy(out, text, n);
        out[n] = 0;
    }
    return n;
}

int sb_text_escape(struct sb_buf *out, const char *text, size_t len)
{
    char piece[16];
    for (size_t at = 0; at < len;) {
        at += escape_one(piece, text + at, len - at);
        int r = sb_buf_puts(out, piece);
        if (r < 0)
            return r;
    }
    return 0;
}

const char *sealbag_text_escape(char *out, size_t size, const char *text)
{
    size_t used = 0;
    size_t len = strlen(text);
    char piece[16];
    for (size_t at = 0; at < len;) {
        at += escape_one(piece, text + at, len - at);
        size_t n = strlen(piece);
        if (used + n + 1 > size)
            break;
        memcpy(out + used, piece, n);
        used += n;
    }
    if (size > 0)
        out[used] = 0;
    return out;
}
