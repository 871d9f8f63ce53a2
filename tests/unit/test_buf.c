/* Buffers, the arena, and arrays that grow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "base/buf.h"

static void append(void **state)
{
    (void)state;
    struct sb_buf buf = {0};
    assert_int_equal(sb_buf_append(&buf, NULL, 0), 0);
    assert_non_null(buf.data);
    assert_int_equal(buf.len, 0);
    assert_string_equal((const char *)buf.data, "");
    assert_int_equal(sb_buf_append(&buf, "a\0b", 3), 0);
    assert_int_equal(sb_buf_puts(&buf, "cd"), 0);
    assert_int_equal(buf.len, 5);
    assert_memory_equal(buf.data, "a\0bcd", 6);
    sb_buf_free(&buf);
    assert_null(buf.data);
    assert_int_equal(buf.len, 0);
    assert_int_equal(buf.cap, 0);
    sb_buf_free(&buf);
}

static void grow_byte_by_byte(void **state)
{
    (void)state;
    struct sb_buf buf = {0};
    size_t moves = 0;
    for (size_t i = 0; i < 100000; i++) {
        uint8_t byte = (uint8_t)(i * 7);
        size_t cap = buf.cap;
        assert_int_equal(sb_buf_append(&buf, &byte, 1), 0);
        assert_int_equal(buf.len, i + 1);
        assert_true(buf.cap > buf.len);
        assert_int_equal(buf.data[buf.len], 0);
        moves += buf.cap != cap;
    }
    for (size_t i = 0; i < 100000; i++)
        assert_int_equal(buf.data[i], (uint8_t)(i * 7));
    assert_true(moves < 40);
    sb_buf_free(&buf);
}

static void reserve(void **state)
{
    (void)state;
    struct sb_buf buf = {0};
    assert_int_equal(sb_buf_puts(&buf, "abc"), 0);
    assert_int_equal(sb_buf_reserve(&buf, 1000), 0);
    assert_true(buf.cap >= 1004);
    assert_int_equal(buf.len, 3);
    const uint8_t *before = buf.data;
    assert_int_equal(sb_buf_reserve(&buf, 1000), 0);
    assert_ptr_equal(buf.data, before);
    memset(buf.data + buf.len, 'x', 1000);
    sb_buf_free(&buf);
}

/* Sizes that cannot be: refused, and the buffer is as it was. */
static void too_large(void **state)
{
    (void)state;
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 4, SIZE_MAX / 2,
                                   SIZE_MAX / 2 - 3};
    struct sb_buf buf = {0};
    assert_int_equal(sb_buf_puts(&buf, "abc"), 0);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        assert_int_equal(sb_buf_reserve(&buf, sizes[i]), SEALBAG_ERR_MEMORY);
        assert_int_equal(sb_buf_append(&buf, "", sizes[i]), SEALBAG_ERR_MEMORY);
        assert_int_equal(buf.len, 3);
        assert_string_equal((const char *)buf.data, "abc");
    }
    sb_buf_free(&buf);
}

static void print(void **state)
{
    (void)state;
    struct sb_buf buf = {0};
    char expected[3002];
    assert_int_equal(sb_buf_printf(&buf, "%s-%d;", "x", 42), 0);
    assert_int_equal(sb_buf_printf(&buf, "%s", ""), 0);
    assert_string_equal((const char *)buf.data, "x-42;");
    assert_int_equal(buf.len, 5);
    assert_int_equal(sb_buf_printf(&buf, "%3000d", 7), 0);
    assert_int_equal(buf.len, 3005);
    snprintf(expected, sizeof(expected), "%3000d", 7);
    assert_string_equal((const char *)buf.data + 5, expected);
    /* what the locale cannot show */
    assert_int_equal(sb_buf_printf(&buf, "x%lc", (wint_t)0x4e2d), SEALBAG_ERR_MEMORY);
    assert_int_equal(buf.len, 3005);
    assert_int_equal(buf.data[3005], 0);
    sb_buf_free(&buf);
}

/* ---- the arena ------------------------------------------------------------------------- */

static void arena_strings_stay(void **state)
{
    (void)state;
    enum { STRINGS = 30000 };
    struct sb_arena arena = {0};
    char **copies = calloc(STRINGS, sizeof(*copies));
    char text[32];
    assert_non_null(copies);
    for (int i = 0; i < STRINGS; i++) {
        int n = snprintf(text, sizeof(text), "string %d", i);
        copies[i] = sb_arena_copy(&arena, text, (size_t)n);
        assert_non_null(copies[i]);
        assert_ptr_not_equal(copies[i], text);
    }
    for (int i = 0; i < STRINGS; i++) {
        snprintf(text, sizeof(text), "string %d", i);
        assert_string_equal(copies[i], text);
    }
    free(copies);
    sb_arena_free(&arena);
    assert_null(arena.head);
    sb_arena_free(&arena);
}

/* Around the size of a block, from 64 KiB on each has one of its own. */
static void arena_sizes(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 65534, 65535, 65536, 65537, 200000, 0, 1};
    struct sb_arena arena = {0};
    char *copies[9];
    char *text = malloc(200000);
    assert_non_null(text);
    for (size_t i = 0; i < 9; i++) {
        memset(text, (int)('a' + i), sizes[i]);
        copies[i] = sb_arena_copy(&arena, text, sizes[i]);
        assert_non_null(copies[i]);
    }
    for (size_t i = 0; i < 9; i++) {
        memset(text, (int)('a' + i), sizes[i]);
        assert_memory_equal(copies[i], text, sizes[i]);
        assert_int_equal(copies[i][sizes[i]], 0);
    }
    assert_null(sb_arena_copy(&arena, text, SIZE_MAX / 2));
    assert_null(sb_arena_copy(&arena, text, SIZE_MAX));
    char *empty = sb_arena_copy(&arena, NULL, 0);
    assert_string_equal(empty, "");
    free(text);
    sb_arena_free(&arena);
}

/* ---- arrays ---------------------------------------------------------------------------- */

static void array_grows(void **state)
{
    (void)state;
    uint32_t *items = NULL;
    size_t cap = 0, moves = 0;
    for (uint32_t i = 0; i < 50000; i++) {
        size_t before = cap;
        uint32_t *grown = sb_array_grow(items, &cap, i, sizeof(*items));
        assert_non_null(grown);
        assert_true(cap > i);
        if (before > i) {
            assert_ptr_equal(grown, items);
            assert_int_equal(cap, before);
        }
        moves += cap != before;
        items = grown;
        items[i] = i;
    }
    for (uint32_t i = 0; i < 50000; i++)
        assert_int_equal(items[i], i);
    assert_true(moves < 30);
    free(items);
}

static void array_too_large(void **state)
{
    (void)state;
    static const size_t caps[] = {SIZE_MAX / 16, SIZE_MAX / 20, SIZE_MAX / 8 + 1};
    char *items = malloc(16);
    assert_non_null(items);
    memset(items, 'x', 16);
    for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
        size_t cap = caps[i];
        assert_null(sb_array_grow(items, &cap, caps[i], 16));
        assert_int_equal(cap, caps[i]);
    }
    size_t cap = 0;
    assert_null(sb_array_grow(items, &cap, 0, SIZE_MAX / 15));
    assert_int_equal(cap, 0);
    assert_memory_equal(items, "xxxxxxxxxxxxxxxx", 16);
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(append),          cmocka_unit_test(grow_byte_by_byte),
        cmocka_unit_test(reserve),         cmocka_unit_test(too_large),
        cmocka_unit_test(print),           cmocka_unit_test(arena_strings_stay),
        cmocka_unit_test(arena_sizes),     cmocka_unit_test(array_grows),
        cmocka_unit_test(array_too_large),
    };
    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
