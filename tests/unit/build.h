/* What several unit tests build their inputs from. Included after cmocka.h. */
#ifndef SB_TESTS_UNIT_BUILD_H
#define SB_TESTS_UNIT_BUILD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* Bytes that do not compress, the same each time; the caller frees them. */
static inline uint8_t *noise(size_t len)
{
    uint8_t *bytes = malloc(len > 0 ? len : 1);
    uint32_t random = 1;
    assert_non_null(bytes);
    for (size_t i = 0; i < len; i++) {
        random = random * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(random >> 24);
    }
    return bytes;
}

/* Bytes that compress to about a third, the same each time; the caller frees them. */
static inline uint8_t *prose(size_t len)
{
    static const char *const words[] = {
        "notice ", "of ",       "the ", "board,\n", "signed ", "by ", "seven ", "members ",
        "and ",    "received ", "on ",  "a ",       "Monday ", "in ", "June.",  "\t"};
    uint8_t *bytes = malloc(len > 0 ? len : 1);
    uint32_t random = 7;
    assert_non_null(bytes);
    for (size_t at = 0; at < len;) {
        random = random * 1664525 + 1013904223;
        const char *word = words[random >> 28];
        char number[16];
        if (random >> 24 == 0x55) /* now and then something that was not there before */
            word = (snprintf(number, sizeof(number), "%u ", random), number);
        size_t n = strlen(word);
        if (n > len - at)
            n = len - at;
        memcpy(bytes + at, word, n);
        at += n;
    }
    return bytes;
}

static inline void put(struct sb_buf *buf, const void *bytes, size_t len)
{
    assert_int_equal(sb_buf_append(buf, bytes, len), 0);
}

static inline void put_zeros(struct sb_buf *buf, size_t len)
{
    assert_int_equal(sb_buf_reserve(buf, len), 0);
    memset(buf->data + buf->len, 0, len);
    buf->len += len;
}

/* A ustar header, or a GNU one for type L. */
static inline void put_header(struct sb_buf *tar, const char *name, char type, uint64_t size)
{
    uint8_t block[512] = {0};
    char digits[24];
    unsigned sum = 0;
    memcpy(block, name, strnlen(name, 100));
    memcpy(block + 100, "0000644", 8);
    snprintf(digits, sizeof(digits), "%011llo", (unsigned long long)size);
    memcpy(block + 124, digits, 12);
    memset(block + 148, ' ', 8);
    block[156] = (uint8_t)type;
    memcpy(block + 257, type == 'L' ? "ustar  \0" : "ustar\00000", 8);
    for (size_t i = 0; i < sizeof(block); i++)
        sum += block[i];
    snprintf(digits, sizeof(digits), "%06o", sum);
    memcpy(block + 148, digits, 7);
    put(tar, block, sizeof(block));
}

/* Data of an entry, filled up to whole blocks. */
static inline void put_data(struct sb_buf *tar, const void *bytes, size_t len)
{
    put(tar, bytes, len);
    put_zeros(tar, (512 - len % 512) % 512);
}

static inline void put_entry(struct sb_buf *tar, const char *name, char type, const char *data)
{
    put_header(tar, name, type, strlen(data));
    put_data(tar, data, strlen(data));
}

#endif
