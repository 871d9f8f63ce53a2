/* Text codecs: hex, decimal, UTF-8, RFC 3339 times, and escaping for terminals. All strict: one
 * spelling a value, nothing trailing. */
#ifndef SB_BASE_TEXT_H
#define SB_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Of an ASCII capital its small letter; any other byte as it is. */
static inline char sb_ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Lower-case hex of n bytes and a NUL into out[0..2n]. Returns out. */
char *sb_hex_encode(char *out, const uint8_t *bytes, size_t n);

/* Exactly 2n hex digits to n bytes. Upper case only if `any_case`. False when malformed. */
bool sb_hex_decode(uint8_t *out, size_t n, const char *hex, size_t len, bool any_case);

/* Writes the digits of a number, without a NUL; at most 20. Returns how many. */
size_t sb_decimal_format(char *out, uint64_t value);

/* A decimal without sign, leading zeros or anything else. False when malformed or too large. */
bool sb_decimal_parse(uint64_t *out, const char *text, size_t len);

/* Whether the bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). */
bool sb_utf8_valid(const char *text, size_t len);

/* Decodes one code point of text[0..len), len > 0: returns its length in bytes and sets *code, or
 * returns 0 when the bytes are malformed. */
size_t sb_utf8_decode(uint32_t *code, const char *text, size_t len);

/* Code points that a terminal or reader would obey rather than show: C0, DEL, C1, bidirectional and
 * zero-width controls, line and paragraph separators, tags, variation selectors' supplements. */
bool sb_code_hidden(uint32_t code);
/* Unicode's White_Space, and the blank Braille pattern. */
bool sb_code_space(uint32_t code);

/* Appends text[0..len) escaped for a terminal; 0 or SEALBAG_ERR_MEMORY. */
int sb_text_escape(struct sb_buf *out, const char *text, size_t len);

enum { SB_SIZE_TEXT = 32 };

/* A number of bytes for people: "14 bytes", "3.4 MB". Returns out. */
char *sb_text_size(char out[SB_SIZE_TEXT], uint64_t bytes);

enum { SB_TIME_SIZE = 21 };

/* "2026-11-25T09:12:42Z" for seconds since 1970 (years 1970 to 9999). Returns out. */
char *sb_time_format(char out[SB_TIME_SIZE], int64_t seconds);
/* As MS-DOS writes it, the date in the upper half: to two seconds, from 1980 to 2107; what lies
 * before or behind becomes the first or the last of them. */
uint32_t sb_time_dos(int64_t seconds);

/* RFC 3339 date-time in whole seconds, "Z" or a numeric offset. With `utc_only` exactly the form
 * that sb_time_format writes. False when malformed or outside 1970 to 9999. */
bool sb_time_parse(int64_t *seconds, const char *text, size_t len, bool utc_only);

enum { SB_INSTANT_SIZE = SB_TIME_SIZE + 10 };

/* The same in nanoseconds, in the one form that has no zero at its end: "2026-11-25T09:12:42Z",
 * "2026-11-25T09:12:42.05Z". Returns out. */
char *sb_instant_format(char out[SB_INSTANT_SIZE], int64_t seconds, uint32_t nanoseconds);

/* Exactly that form. False when malformed or outside 1970 to 9999. */
bool sb_instant_parse(int64_t *seconds, uint32_t *nanoseconds, const char *text, size_t len);

/* Whether it is a date as people state one (W3C's note "Date and Time Formats"): YYYY, YYYY-MM,
 * YYYY-MM-DD, or this and Thh:mm, Thh:mm:ss or Thh:mm:ss.s with Z, +hh:mm or -hh:mm. It exists, and
 * its year is not 0000. */
bool sb_date_valid(const char *text, size_t len);

#endif
