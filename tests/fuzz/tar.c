#include "fuzz/tar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container/deflate.h"
#include "container/tar_parse.h"
#include "fuzz/fuzz.h"

enum {
    NAME_SIZE = 100,
    SIZE_AT = 124,
    SIZE_DIGITS = 11,
    SUM_AT = 148,
    TYPE_AT = 156,
    MAGIC_AT = 257
};

/* ---- mending ---------------------------------------------------------------------------- */

static void mend_sum(uint8_t *block)
{
    unsigned sum = 0;
    char digits[8];
    memset(block + SUM_AT, ' ', 8);
    for (size_t i = 0; i < SB_TAR_BLOCK; i++)
        sum += block[i];
    snprintf(digits, sizeof(digits), "%06o", sum & 0777777);
    memcpy(block + SUM_AT, digits, 7);
}

/* The digits before the first space of each record, if there are as many as there must be. */
static void mend_pax(uint8_t *records, size_t len)
{
    for (size_t at = 0; at < len;) {
        const uint8_t *lf = memchr(records + at, '\n', len - at);
        if (lf == NULL)
            return;
        size_t record = (size_t)(lf - records) + 1 - at;
        size_t digits = 0;
        char right[24];
        while (digits < record && records[at + digits] >= '0' && records[at + digits] <= '9')
            digits++;
        int n = snprintf(right, sizeof(right), "%zu", record);
        if ((size_t)n == digits)
            memcpy(records + at, right, digits);
        at += record;
    }
}

static uint64_t size_of(const uint8_t *block)
{
    uint64_t size = 0;
    for (size_t i = 0; i < SIZE_DIGITS; i++) {
        uint8_t digit = block[SIZE_AT + i];
        if (digit < '0' || digit > '7')
            break;
        size = size * 8 + (digit - (uint64_t)'0');
    }
    return size;
}

static bool is_zero(const uint8_t *block)
{
    return block[0] == 0 && memcmp(block, block + 1, SB_TAR_BLOCK - 1) == 0;
}

void fuzz_mend_tar(uint8_t *tar, size_t len)
{
    for (size_t at = 0; len - at >= SB_TAR_BLOCK;) {
        uint8_t *block = tar + at;
        at += SB_TAR_BLOCK;
        if (is_zero(block))
            continue;
        mend_sum(block);
        uint64_t size = size_of(block);
        if (size > len - at)
            return;
        if (block[TYPE_AT] == 'x')
            mend_pax(tar + at, (size_t)size);
        uint64_t padded = (size + SB_TAR_BLOCK - 1) / SB_TAR_BLOCK * SB_TAR_BLOCK;
        if (padded > len - at)
            return;
        at += (size_t)padded;
    }
}

/* ---- reading ---------------------------------------------------------------------------- */

uint64_t fuzz_find_index(const uint8_t *tar, size_t len)
{
    static const char name[] = "/seal/index.tsv";
    struct sb_tar_parser parser = {0};
    uint64_t found = SB_NO_POINTER;
    size_t used;
    for (size_t at = 0; at < len; at += used) {
        enum sb_tar_event event;
        if (sb_tar_feed(&parser, tar + at, len - at, &used, &event, NULL) < 0)
            break;
        if (event != SB_TAR_ENTRY)
            continue;
        size_t n = strlen(parser.entry.path);
        if (n >= strlen(name) && strcmp(parser.entry.path + n - strlen(name), name) == 0)
            found = parser.entry.header_at;
    }
    sb_tar_parser_free(&parser);
    return found;
}

/* ---- writing ---------------------------------------------------------------------------- */

static void put_padded(struct sb_buf *tar, const void *bytes, size_t len)
{
    static const uint8_t zeros[SB_TAR_BLOCK];
    fuzz_append(tar, bytes, len);
    fuzz_append(tar, zeros, (SB_TAR_BLOCK - len % SB_TAR_BLOCK) % SB_TAR_BLOCK);
}

static void put_header(struct sb_buf *tar, const char *name, char type, size_t size)
{
    uint8_t block[SB_TAR_BLOCK] = {0};
    char digits[16];
    memcpy(block, name, strnlen(name, NAME_SIZE));
    memcpy(block + 100, "0000644", 8);
    snprintf(digits, sizeof(digits), "%011o", (unsigned)size);
    memcpy(block + SIZE_AT, digits, SIZE_DIGITS);
    block[TYPE_AT] = (uint8_t)type;
    memcpy(block + MAGIC_AT, "ustar\00000", 8);
    mend_sum(block);
    fuzz_append(tar, block, sizeof(block));
}

/* The record "<length> path=<path>\n", whose length has itself in it. */
static void put_pax_path(struct sb_buf *tar, const char *path)
{
    struct sb_buf record = {0};
    size_t length = strlen(path) + 8, before = 0;
    while (length != before) {
        before = length;
        length = (size_t)snprintf(NULL, 0, "%zu path=%s\n", before, path);
    }
    REQUIRE(sb_buf_printf(&record, "%zu path=%s\n", length, path) == 0);
    put_header(tar, "pax", 'x', record.len);
    put_padded(tar, record.data, record.len);
    sb_buf_free(&record);
}

void fuzz_put_entry(struct sb_buf *tar, const char *path, const void *bytes, size_t len)
{
    bool plain = strlen(path) <= NAME_SIZE;
    for (const char *c = path; *c != 0; c++)
        plain &= (unsigned char)*c < 0x80;
    if (!plain)
        put_pax_path(tar, path);
    put_header(tar, plain ? path : "x", '0', len);
    put_padded(tar, bytes, len);
}

void fuzz_end_tar(struct sb_buf *tar)
{
    static const uint8_t zeros[2 * SB_TAR_BLOCK];
    fuzz_append(tar, zeros, sizeof(zeros));
}

/* ---- packing ---------------------------------------------------------------------------- */

void fuzz_pack(struct sb_buf *out, const struct sb_codec *codec, const uint8_t *tar, size_t len,
               uint64_t pointer)
{
    uint8_t *frame = malloc(codec->frame_max);
    void *encoder = codec->encoder_new(SB_LEVEL_FAST);
    struct sb_buf sizes = {0};
    REQUIRE(frame != NULL && encoder != NULL);
    for (size_t at = 0; at < len; at += codec->data_max) {
        size_t n = len - at < codec->data_max ? len - at : codec->data_max, size;
        REQUIRE(codec->encode(encoder, frame, &size, tar + at, n) == 0);
        REQUIRE(size <= codec->frame_max);
        fuzz_append(out, frame, size);
        const uint32_t pair[2] = {(uint32_t)size, (uint32_t)n};
        fuzz_append(&sizes, pair, sizeof(pair));
    }
    const uint32_t *pairs = (const uint32_t *)(const void *)sizes.data;
    REQUIRE(codec->finish(out, pointer, pairs, sizes.len / 8) == 0);
    codec->encoder_free(encoder);
    sb_buf_free(&sizes);
    free(frame);
}

void fuzz_pack_foreign(struct sb_buf *out, const uint8_t *tar, size_t len)
{
    static const uint8_t header[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    size_t stored = sb_deflate_stored_size(len);
    uint8_t trailer[8];
    fuzz_append(out, header, sizeof(header));
    REQUIRE(sb_buf_reserve(out, stored) == 0);
    sb_deflate_store(out->data + out->len, tar, len);
    out->len += stored;
    sb_store_u32le(trailer, sb_crc32(tar, len));
    sb_store_u32le(trailer + 4, (uint32_t)len);
    fuzz_append(out, trailer, sizeof(trailer));
}
