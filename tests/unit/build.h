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
    assert_int_equal(sb_buf_append(tar, block, sizeof(block)), 0);
}

#endif
