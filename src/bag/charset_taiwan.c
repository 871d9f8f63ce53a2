/* Big5, as windows-950 has it, and with Hong Kong's supplement. */
#include "bag/charset_taiwan.h"
#include "bag/charset.h"
#include "bag/charset_hong_kong.h"

/* The column of a second byte; COLUMNS when it is none. */
enum { COLUMNS = 157 };
static size_t column_of(const uint8_t *bytes, size_t len)
{
    uint8_t second = len > 1 ? bytes[1] : 0;
    if (second >= 0x40 && second <= 0x7e)
        return second - 0x40u;
    return second >= 0xa1 && second <= 0xfe ? second - 0x62u : COLUMNS;
}

size_t sb_charset_big5(uint32_t *code, const uint8_t *bytes, size_t len)
{
    size_t column = column_of(bytes, len);
    if (bytes[0] < 0xa1 || bytes[0] > 0xf9 || column == COLUMNS)
        return 0;
    *code = big5[bytes[0] - 0xa1][column];
    return sb_charset_known(*code, 2);
}

size_t sb_charset_big5_hkscs(uint32_t *code, const uint8_t *bytes, size_t len)
{
    static const uint8_t runs[][2] = {{0x87, 0xa3}, {0xc6, 0xc8}, {0xf9, 0xfe}};
    size_t column = column_of(bytes, len), row = 0;
    for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]) && column < COLUMNS; i++) {
        if (bytes[0] >= runs[i][0] && bytes[0] <= runs[i][1]) {
            *code = hkscs[row + bytes[0] - runs[i][0]][column];
            return sb_charset_known(*code, 2);
        }
        row += runs[i][1] - runs[i][0] + 1u;
    }
    return sb_charset_big5(code, bytes, len);
}
