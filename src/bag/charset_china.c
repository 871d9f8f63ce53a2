/* GB 18030, and GBK and GB 2312, which have less of the same. */
#include <stdbool.h>

#include "bag/charset.h"
#include "bag/charset_china.h"

/* Users' own characters are in three blocks. 0: it is none of them. */
static uint32_t own(uint8_t lead, uint8_t second)
{
    if (lead >= 0xa1 && lead <= 0xa7 && second <= 0xa0)
        return 0xe4c6 + (lead - 0xa1u) * 96 + second - 0x40u - (second > 0x7f);
    if (lead >= 0xaa && lead <= 0xaf && second >= 0xa1)
        return 0xe000 + (lead - 0xaau) * 94 + second - 0xa1u;
    if (lead >= 0xf8 && second >= 0xa1)
        return 0xe234 + (lead - 0xf8u) * 94 + second - 0xa1u;
    return 0;
}

static size_t pair(uint32_t *code, const uint8_t *bytes, size_t len)
{
    uint8_t lead = bytes[0], second = len > 1 ? bytes[1] : 0;
    if (lead < 0x81 || lead == 0xff || second < 0x40 || second == 0x7f || second == 0xff)
        return 0;
    *code = gb18030[lead - 0x81][second - 0x40 - (second > 0x7f)];
    if (sb_charset_known(*code, 2) == 0)
        *code = own(lead, second);
    return sb_charset_known(*code, 2);
}

/* All the other characters of Unicode's first plane, in order, and all of the other planes. */
static size_t four_bytes(uint32_t *code, const uint8_t *bytes)
{
    enum { RUNS = sizeof(gb18030_runs) / sizeof(gb18030_runs[0]), PLANES = 0x10000 };
    if (bytes[0] < 0x81 || bytes[0] == 0xff || bytes[2] < 0x81 || bytes[2] == 0xff ||
        bytes[3] < 0x30 || bytes[3] > 0x39)
        return 0;
    uint32_t number = ((bytes[0] - 0x81u) * 10 + bytes[1] - 0x30u) * 1260 +
                      (bytes[2] - 0x81u) * 10 + bytes[3] - 0x30u;
    enum { FIRST = (0x90 - 0x81) * 12600 };
    if (number >= FIRST) {
        *code = PLANES + number - FIRST;
        return *code <= 0x10ffff ? 4 : 0;
    }
    if (number >= gb18030_runs[RUNS - 1].number)
        return 0;
    size_t low = 0, high = RUNS - 1;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (gb18030_runs[middle].number <= number)
            low = middle;
        else
            high = middle;
    }
    *code = gb18030_runs[low].code + number - gb18030_runs[low].number;
    if (*code == 0x1e3f) /* has two bytes since 2005, and changed places with this one */
        *code = 0xe7c7;
    return 4;
}

size_t sb_charset_gb18030(uint32_t *code, const uint8_t *bytes, size_t len)
{
    if (len >= 4 && bytes[1] >= 0x30 && bytes[1] <= 0x39)
        return four_bytes(code, bytes);
    return pair(code, bytes, len);
}

/* GB 18030 has put characters where GBK has none. */
static bool is_new(uint32_t code, unsigned both)
{
    return (code >= 0xe000 && code <= 0xf8ff) || both == 0xa2e3 || both == 0xa8bc ||
           both == 0xa8bf || (both >= 0xa989 && both <= 0xa995) || both >= 0xfe50;
}

size_t sb_charset_gbk(uint32_t *code, const uint8_t *bytes, size_t len)
{
    if (pair(code, bytes, len) == 0 || is_new(*code, bytes[0] * 256u + bytes[1]))
        return 0;
    return 2;
}

size_t sb_charset_gb2312(uint32_t *code, const uint8_t *bytes, size_t len)
{
    if (bytes[0] < 0xa1 || bytes[0] > 0xf7 || len < 2 || bytes[1] < 0xa1)
        return 0;
    unsigned both = bytes[0] * 256u + bytes[1];
    if ((both >= 0xa2a1 && both <= 0xa2aa) || (both >= 0xa6e0 && both <= 0xa6f5) ||
        (both >= 0xa8bb && both <= 0xa8c0))
        return 0;
    return sb_charset_gbk(code, bytes, len);
}
