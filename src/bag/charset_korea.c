/* EUC-KR and windows-949, which adds all the other syllables to it. */
#include "bag/charset_korea.h"
#include "bag/charset.h"

enum {
    SYLLABLES = 0xac00,
    ROW = 15, /* from 0: where the syllables begin */
    COUNT = 25 * 94,
    OTHERS = 11172 - COUNT,
};

size_t sb_charset_euc_kr(uint32_t *code, const uint8_t *bytes, size_t len)
{
    uint8_t row = bytes[0], column = len > 1 ? bytes[1] : 0;
    if (row < 0xa1 || row == 0xff || column < 0xa1 || column == 0xff)
        return 0;
    *code = ksx1001[row - 0xa1][column - 0xa1];
    return sb_charset_known(*code, 2);
}

/* Syllable `number` of those that KS X 1001 does not have. Both are in Unicode's order, so it is
 * looked for how many of KS X 1001's come before it. */
static uint32_t other_syllable(size_t number)
{
    size_t low = 0, high = COUNT;
    while (low < high) {
        size_t middle = (low + high) / 2;
        size_t before = ksx1001[ROW + middle / 94][middle % 94] - (size_t)SYLLABLES - middle;
        if (before <= number)
            low = middle + 1;
        else
            high = middle;
    }
    return (uint32_t)(SYLLABLES + number + low);
}

size_t sb_charset_windows949(uint32_t *code, const uint8_t *bytes, size_t len)
{
    uint8_t lead = bytes[0], second = len > 1 ? bytes[1] : 0;
    size_t column;
    if (lead >= 0xa1 && second >= 0xa1)
        return sb_charset_euc_kr(code, bytes, len);
    if (second >= 'A' && second <= 'Z')
        column = second - (size_t)'A';
    else if (second >= 'a' && second <= 'z')
        column = second - (size_t)'a' + 26;
    else if (second >= 0x81 && second <= 0xfe)
        column = second - 0x81u + 52;
    else
        return 0;
    if (lead < 0x81 || lead == 0xff)
        return 0;
    /* Where KS X 1001 begins, its columns are left out. */
    size_t number = lead < 0xa1 ? (lead - 0x81u) * (size_t)178 + column
                                : (size_t)32 * 178 + (lead - 0xa1u) * (size_t)84 + column;
    if (number >= OTHERS)
        return 0;
    *code = other_syllable(number);
    return 2;
}
