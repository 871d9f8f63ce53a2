/* The encodings of East Asia: one character of two bytes or more at a time, or of one byte that is
 * not ASCII. Each takes the character that bytes[0..len) begin with, where bytes[0] is at least
 * 0x80: returns how many bytes it has and sets *code, or returns 0 when they begin with none. *code
 * is never ASCII. Nothing is read beyond len. */
#ifndef SB_BAG_CHARSET_H
#define SB_BAG_CHARSET_H

#include <stddef.h>
#include <stdint.h>
#include <uchar.h>

typedef size_t sb_charset_next(uint32_t *code, const uint8_t *bytes, size_t len);

/* Japan (charset_japan.c) */
size_t sb_charset_shift_jis(uint32_t *code, const uint8_t *bytes, size_t len);
size_t sb_charset_windows31j(uint32_t *code, const uint8_t *bytes, size_t len);
size_t sb_charset_euc_jp(uint32_t *code, const uint8_t *bytes, size_t len);

/* China, Taiwan and Hong Kong, Korea (charset_china.c, charset_taiwan.c, charset_korea.c) */
size_t sb_charset_gb18030(uint32_t *code, const uint8_t *bytes, size_t len);
size_t sb_charset_gbk(uint32_t *code, const uint8_t *bytes, size_t len);
size_t sb_charset_gb2312(uint32_t *code, const uint8_t *bytes, size_t len);
size_t sb_charset_big5(uint32_t *code, const uint8_t *bytes, size_t len);
size_t sb_charset_big5_hkscs(uint32_t *code, const uint8_t *bytes, size_t len);
size_t sb_charset_windows949(uint32_t *code, const uint8_t *bytes, size_t len);
size_t sb_charset_euc_kr(uint32_t *code, const uint8_t *bytes, size_t len);

/* What a table has where there is no character. */
static inline size_t sb_charset_known(uint32_t code, size_t len)
{
    return code != 0 && code != 0xfffd ? len : 0;
}

#endif
