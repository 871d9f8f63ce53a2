/* Big5, with the few characters that windows-950 adds to it. */
#include "bag/charset_taiwan.h"
#include "bag/charset.h"

size_t sb_charset_big5(uint32_t *code, const uint8_t *bytes, size_t len)
{
    uint8_t lead = bytes[0], second = len > 1 ? bytes[1] : 0;
    if (lead < 0xa1 || lead > 0xf9 || second < 0x40 || (second > 0x7e && second < 0xa1) ||
        second == 0xff)
        return 0;
    *code = big5[lead - 0xa1][second - (second < 0xa1 ? 0x40 : 0x62)];
    return sb_charset_known(*code, 2);
}
