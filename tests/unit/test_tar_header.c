/* One tar header block. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "container/tar_header.h"
#include "unit/few.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { BLOCK = 512, SIZE = 124, CHECKSUM = 148, TYPE = 156, LINK = 157, MAGIC = 257, PREFIX = 345 };

/* POSIX.1-2017, pax, ustar interchange format: six octal digits, NUL, space. */
static void sum(uint8_t *block)
{
    unsigned total = 8 * ' ';
    char digits[8];
    for (size_t i = 0; i < BLOCK; i++)
        total += i >= CHECKSUM && i < CHECKSUM + 8 ? 0 : block[i];
    snprintf(digits, sizeof(digits), "%06o", total);
    memcpy(block + CHECKSUM, digits, 7);
    block[CHECKSUM + 7] = ' ';
}

static void make(uint8_t block[BLOCK], const char *name, char type, const char *size)
{
    memset(block, 0, BLOCK);
    memcpy(block, name, strnlen(name, 100));
    memcpy(block + 100, "0000644\0000000000\0000000000", 24);
    memcpy(block + SIZE, size, strnlen(size, 12));
    memcpy(block + 136, "00000000000", 12);
    block[TYPE] = (uint8_t)type;
    memcpy(block + MAGIC, "ustar\00000", 8);
    sum(block);
}

static void make_gnu(uint8_t block[BLOCK], const char *name, char type, const char *size)
{
    make(block, name, type, size);
    memcpy(block + MAGIC, "ustar  \0", 8);
    sum(block);
}

static void expect_good(const uint8_t *block, const char *path, char type, uint64_t size)
{
    struct sb_tar_header header;
    memset(&header, 0x55, sizeof(header));
    assert_int_equal(sb_tar_header_parse(&header, block, NULL), 0);
    assert_string_equal(header.path, path);
    assert_int_equal(header.type, type);
    assert_true(header.size == size);
}

static void expect_refused(const uint8_t *block, const char *rule)
{
    struct sb_tar_header header;
    struct sb_error error;
    assert_int_equal(sb_tar_header_parse(&header, block, &error), SEALBAG_ERR_DAMAGED);
    assert_string_equal(error.rule, rule);
}

/* ---- blocks ---------------------------------------------------------------------------- */

static void names(void **state)
{
    (void)state;
    uint8_t block[BLOCK];
    char name[101], prefix[156], both[300];
    make(block, "a/b.txt", '0', "00000000012");
    expect_good(block, "a/b.txt", '0', 10);
    make(block, "", '0', "0");
    expect_good(block, "", '0', 0);
    memset(name, 'n', 100);
    name[100] = 0;
    make(block, name, '5', "0");
    expect_good(block, name, '5', 0);
    memset(prefix, 'p', 155);
    prefix[155] = 0;
    memcpy(block + PREFIX, prefix, 155);
    sum(block);
    snprintf(both, sizeof(both), "%s/%s", prefix, name);
    expect_good(block, both, '5', 0);
}

static void types(void **state)
{
    (void)state;
    uint8_t block[BLOCK];
    for (unsigned type = 0; type < 256; type++) {
        bool good = type == 0 || (type != 0 && strchr("05x", (int)type) != NULL);
        make(block, "a", (char)type, "0");
        if (good)
            expect_good(block, "a", type == 0 ? '0' : (char)type, 0);
        else
            expect_refused(block, "tar.type");
        make_gnu(block, "a", (char)type, "0");
        if (good || type == 'L')
            expect_good(block, "a", type == 0 ? '0' : (char)type, 0);
        else
            expect_refused(block, "tar.type");
    }
    make(block, "a", '0', "0");
    block[LINK] = 'x';
    sum(block);
    expect_refused(block, "tar.type");
    block[TYPE] = '5';
    sum(block);
    expect_refused(block, "tar.type");
}

static void sizes(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        uint64_t size;
    } good[] = {
        {"00000000000", 0},
        {"0", 0},
        {"         17", 15},
        {"17 ", 15},
        {"17\0 \0", 15},
        {"77777777777", SB_TAR_USTAR_SIZE_MAX},
        {"777777777777", UINT64_C(0777777777777)},
        {"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", INT64_MAX},
        {"\x80\0\0\0\0\0\0\x02\0\0\0\0", UINT64_C(0x200000000)},
    };
    static const char bad[][13] = {
        "",
        "            ",
        "-1",
        "8",
        "1 7",
        "1x",
        "x1",
        "0x10",
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        "\x80\0\0\0\x80\0\0\0\0\0\0\0",
        "\x80\x01\0\0\0\0\0\0\0\0\0\0",
        "\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        "\x81\0\0\0\0\0\0\0\0\0\0\x01",
    };
    uint8_t block[BLOCK];
    for (size_t i = 0; i < COUNT(good); i++) {
        make(block, "a", '0', "");
        memcpy(block + SIZE, good[i].field,
               good[i].field[0] == '\x80' ? 12 : strlen(good[i].field));
        sum(block);
        expect_good(block, "a", '0', good[i].size);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        make(block, "a", '0', "");
        memcpy(block + SIZE, bad[i], 12);
        sum(block);
        expect_refused(block, "tar.header");
    }
}

/* Fields that are not used must still be what other programs can read. */
static void unused_numbers(void **state)
{
    (void)state;
    static const struct {
        size_t at, len;
    } fields[] = {{100, 8}, {108, 8}, {116, 8}, {136, 12}, {329, 8}, {337, 8}};
    static const char good[][13] = {"",
                                    "0000000",
                                    "17 ",
                                    " 17",
                                    "\x80\0\0\0\0\0\0\x01",
                                    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"};
    static const char bad[][13] = {"x", "8", "0x10", "-1", "1 2", "            ", "\x81"};
    uint8_t block[BLOCK];
    for (size_t i = 0; i < COUNT(fields); i++) {
        for (size_t j = 0; j < COUNT(good); j++) {
            make(block, "a", '0', "0");
            memcpy(block + fields[i].at, good[j], fields[i].len);
            sum(block);
            expect_good(block, "a", '0', 0);
        }
        for (size_t j = 0; j < COUNT(bad); j++) {
            make(block, "a", '0', "0");
            memcpy(block + fields[i].at, bad[j], fields[i].len);
            sum(block);
            expect_refused(block, "tar.header");
        }
    }
}

/* Where a header has nothing, it must hold nothing: GNU's after 345, ustar's after 500. */
static void hidden_bytes(void **state)
{
    (void)state;
    uint8_t block[BLOCK];
    for (size_t at = PREFIX; at < BLOCK; at++) {
        make_gnu(block, "a", '0', "0");
        block[at] = 'x';
        sum(block);
        expect_refused(block, "tar.header");
        make(block, "a", '0', "0");
        block[at] = 'x';
        sum(block);
        if (at >= 500)
            expect_refused(block, "tar.header");
        else
            expect_good(block, at == PREFIX ? "x/a" : "a", '0', 0);
    }
}

static void magic(void **state)
{
    (void)state;
    static const char bad[][9] = {
        "",          "ustar\00001", "ustar   ",     "ustar  0", "USTAR\00000",
        "ustar\0 0", "ustar\0\0\0", "tar\0\0\0\0\0"};
    uint8_t block[BLOCK];
    for (size_t i = 0; i < COUNT(bad); i++) {
        make(block, "a", '0', "0");
        memcpy(block + MAGIC, bad[i], 8);
        sum(block);
        expect_refused(block, "tar.header");
    }
}

/* Every byte counts in the checksum, and it is unsigned. */
static void checksum(void **state)
{
    (void)state;
    uint8_t block[BLOCK];
    make(block, "\xff\xfe\xfd", '0', "5");
    expect_good(block, "\xff\xfe\xfd", '0', 5);
    for (size_t i = 0; i < BLOCK; i++) {
        if (i >= CHECKSUM + 6 && i < CHECKSUM + 8)
            continue; /* NUL and space, which may be exchanged */
        block[i] ^= 1;
        expect_refused(block, "tar.header");
        block[i] ^= 1;
    }
    memset(block, 0, BLOCK);
    expect_refused(block, "tar.header");
    memset(block, 'x', BLOCK);
    expect_refused(block, "tar.header");
}

static void set_checksum(uint8_t *block, const void *bytes)
{
    memcpy(block + CHECKSUM, bytes, 8);
}

/* As other programs take it. */
static void resembling(void **state)
{
    (void)state;
    uint8_t block[BLOCK] = {0};
    assert_false(sb_tar_header_resembles(block));
    memset(block, ' ', CHECKSUM); /* no magic, as before POSIX; with the field's own: 156 of them */
    set_checksum(block, "011600\0 ");
    assert_true(sb_tar_header_resembles(block));
    block[0]++;
    assert_false(sb_tar_header_resembles(block));
    block[0]--;
    set_checksum(block, "\0 \t11600");
    assert_true(sb_tar_header_resembles(block));
    set_checksum(block, "11600xyz");
    assert_true(sb_tar_header_resembles(block));
    set_checksum(block, "\x80\0\0\0\0\0\x13\x80");
    assert_true(sb_tar_header_resembles(block));
    set_checksum(block, "+BOA\0\0\0\0");
    assert_true(sb_tar_header_resembles(block));
    set_checksum(block, "        ");
    assert_false(sb_tar_header_resembles(block));
    /* Bytes can be negative, and so can their sum. */
    memset(block, 0xff, CHECKSUM);
    set_checksum(block, "154\0    "); /* 256 - 148 */
    assert_true(sb_tar_header_resembles(block));
    memset(block, 0x80, CHECKSUM);
    set_checksum(block, "\xff\xff\xff\xff\xff\xff\xb7\x00"); /* 256 - 148 * 128 */
    assert_true(sb_tar_header_resembles(block));
    set_checksum(block, "-EkA\0\0\0\0");
    assert_true(sb_tar_header_resembles(block));
    /* Without the magic numbers must be numbers, and the type one that there is. */
    memset(block, ' ', CHECKSUM);
    set_checksum(block, "011600\0 ");
    block[124] = '!';
    block[0]--;
    assert_false(sb_tar_header_resembles(block));
    block[124] = ' ';
    block[0]++;
    block[156] = '!';
    set_checksum(block, "011641\0 ");
    assert_false(sb_tar_header_resembles(block));
    memcpy(block + 257, "ustar", 5);
    set_checksum(block, "012720\0 ");
    assert_true(sb_tar_header_resembles(block));
}

/* A good bundle is never refused because its compressed bytes happen to sum up to something. */
static void random_bytes(void **state)
{
    (void)state;
    unsigned blocks = one_in(2) > 1 ? 20000 : 200000;
    uint64_t random = 1;
    uint64_t block[BLOCK / 8];
    for (unsigned i = 0; i < blocks; i++) {
        for (size_t j = 0; j < BLOCK / 8; j++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            block[j] = random;
        }
        assert_false(sb_tar_header_resembles((const uint8_t *)block));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),          cmocka_unit_test(types),
        cmocka_unit_test(sizes),          cmocka_unit_test(magic),
        cmocka_unit_test(unused_numbers), cmocka_unit_test(hidden_bytes),
        cmocka_unit_test(checksum),       cmocka_unit_test(resembling),
        cmocka_unit_test(random_bytes),
    };
    return cmocka_run_group_tests_name("tar_header", tests, NULL, NULL);
}
