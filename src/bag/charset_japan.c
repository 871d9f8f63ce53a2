/* Shift_JIS, windows-31J and EUC-JP: three ways to write the 94 rows and 94 columns of JIS X 0208.
 */
#include "bag/charset_japan.h"
#include "bag/charset.h"

enum {
    COLUMNS = 94,
    NEC = 12, /* from 0: rows that only windows-31J has */
    MICROSOFT = 84,
    OWN = 94, /* its users' own characters */
    OWN_END = 114,
};

static size_t half_width(uint32_t *code, uint8_t byte, size_t len)
{
    *code = 0xff61 + byte - 0xa1u;
    return byte >= 0xa1 && byte <= 0xdf ? len : 0;
}

/* As the standard has it. For six characters windows-31J takes others that look like them. */
static size_t standard(uint32_t *code, size_t row, size_t column, size_t len)
{
    static const uint16_t others[][2] = {{0xff5e, 0x301c}, {0x2225, 0x2016}, {0xff0d, 0x2212},
                                         {0xffe0, 0xa2},   {0xffe1, 0xa3},   {0xffe2, 0xac}};
    if (row == NEC || row >= MICROSOFT)
        return 0;
    *code = jis[row][column];
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (*code == others[i][0])
            *code = others[i][1];
    }
    return sb_charset_known(*code, len);
}

/* Two rows have the same first byte. False when these are no two bytes. */
static int place(size_t *row, size_t *column, const uint8_t *bytes, size_t len)
{
    uint8_t lead = bytes[0], second = len > 1 ? bytes[1] : 0;
    if (lead < 0x81 || (lead > 0x9f && lead < 0xe0) || lead > 0xfc || second < 0x40 ||
        second == 0x7f || second > 0xfc)
        return 0;
    *column = second - 0x40u - (second > 0x7f);
    *row = 2 * (size_t)(lead - (lead < 0xa0 ? 0x81 : 0xc1)) + *column / COLUMNS;
    *column %= COLUMNS;
    return 1;
}

size_t sb_charset_shift_jis(uint32_t *code, const uint8_t *bytes, size_t len)
{
    size_t row, column;
    if (!place(&row, &column, bytes, len))
        return half_width(code, bytes[0], 1);
    return standard(code, row, column, 2);
}

size_t sb_charset_windows31j(uint32_t *code, const uint8_t *bytes, size_t len)
{
    size_t row, column;
    if (!place(&row, &column, bytes, len))
        return half_width(code, bytes[0], 1);
    *code = jis[row][column];
    if (row >= OWN && row < OWN_END)
        *code = (uint32_t)(0xe000 + (row - OWN) * COLUMNS + column);
    return sb_charset_known(*code, 2);
}

size_t sb_charset_euc_jp(uint32_t *code, const uint8_t *bytes, size_t len)
{
    if (bytes[0] == 0x8e)
        return len > 1 ? half_width(code, bytes[1], 2) : 0;
    size_t more = bytes[0] == 0x8f; /* JIS X 0212 */
    if (len < more + 2)
        return 0;
    uint8_t row = bytes[more], column = bytes[more + 1];
    if (row < 0xa1 || row == 0xff || column < 0xa1 || column == 0xff)
        return 0;
    if (more == 0)
        return standard(code, row - 0xa1u, column - 0xa1u, 2);
    *code = jis0212[row - 0xa1][column - 0xa1];
    return sb_charset_known(*code, 3);
}
