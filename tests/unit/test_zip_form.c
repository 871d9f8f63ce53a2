/* The records of the zip files that sealbag writes: byte for byte, and with sizes, places and
 * numbers that need 64 bits, by our strict reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "container/codec.h"
#include "container/zip_form.h"
#include "container/zip_layout.h"
#include "unit/build.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define GIB          (UINT64_C(1) << 30)
#define MAX32        UINT64_C(0xffffffff)

enum { TIME = 1234567890 }; /* 2009-02-13T23:31:30Z: 3a4dbbef */

static struct sb_buf local_of(const char *path, uint64_t size,
                              const struct sb_zip_contents *contents)
{
    struct sb_buf local = {0};
    assert_int_equal(sb_zip_form_local(&local, path, size, TIME, NULL), 0);
    sb_zip_form_complete(local.data, contents);
    return local;
}

static void expect(const struct sb_buf *buf, const void *bytes, size_t len)
{
    assert_int_equal(buf->len, len);
    assert_memory_equal(buf->data, bytes, len);
}

/* APPNOTE 4.3.7, 4.3.12 and 4.3.16: a small file, with a name that needs its flag. */
static void plain(void **state)
{
    (void)state;
    static const uint8_t expected_local[] = {
        'P', 'K', 3, 4, 20, 0, 0, 8, 8, 0, 0xef, 0xbb, 0x4d, 0x3a, 4,   3,    2,
        1,   7,   0, 0, 0,  9, 0, 0, 0, 4, 0,    0,    0,    'a',  '/', 0xc3, 0xa9,
    };
    static const uint8_t expected_central[] = {
        'P', 'K', 1, 2, 20, 3, 20,   0,    0,    8,    8, 0, 0xef, 0xbb, 0x4d, 0x3a, 4,
        3,   2,   1, 7, 0,  0, 0,    9,    0,    0,    0, 4, 0,    0,    0,    0,    0,
        0,   0,   0, 0, 0,  0, 0xa4, 0x81, 0x40, 0xe2, 1, 0, 'a',  '/',  0xc3, 0xa9,
    };
    static const uint8_t expected_end[] = {'P', 'K', 5, 6, 0, 0,    0,    0, 1, 0, 1,
                                           0,   50,  0, 0, 0, 0x40, 0xe2, 1, 0, 0, 0};
    const struct sb_zip_contents contents = {true, 0x01020304, 7, 9};
    struct sb_buf local = local_of("a/\xc3\xa9", 9, &contents), central = {0}, end = {0};
    expect(&local, expected_local, sizeof(expected_local));
    assert_int_equal(sb_zip_form_length(local.data), local.len);
    assert_int_equal(sb_zip_form_packed(local.data), 7);
    assert_int_equal(sb_zip_form_central(&central, local.data, 123456), 0);
    expect(&central, expected_central, sizeof(expected_central));
    assert_int_equal(sb_zip_form_end(&end, 123456, central.len, 1), 0);
    expect(&end, expected_end, sizeof(expected_end));
    sb_buf_free(&local);
    sb_buf_free(&central);
    sb_buf_free(&end);
}

static void stored_and_ascii(void **state)
{
    (void)state;
    const struct sb_zip_contents contents = {false, 5, 9, 9};
    struct sb_buf local = local_of("a b", 9, &contents);
    assert_int_equal(local.data[6] | local.data[7], 0); /* flags */
    assert_int_equal(local.data[8] | local.data[9], 0); /* method */
    sb_buf_free(&local);
}

static void long_names(void **state)
{
    (void)state;
    struct sb_buf local = {0};
    struct sb_error error = {0};
    char *name = malloc(65537);
    assert_non_null(name);
    memset(name, 'n', 65536);
    name[65536] = 0;
    assert_int_equal(sb_zip_form_local(&local, name, 9, TIME, &error), SEALBAG_ERR_LIMIT);
    assert_non_null(strstr(error.message, ".tar.gz"));
    assert_int_equal(local.len, 0);
    assert_int_equal(sb_zip_form_local(&local, name + 1, 9, TIME, &error), 0);
    assert_int_equal(sb_zip_form_length(local.data), 30 + 65535);
    sb_buf_free(&local);
    free(name);
}

/* ---- by our reader -------------------------------------------------------------------------- */

/* Where an entry stands and what it holds; its data is not there. */
struct placed {
    uint64_t at, packed, size;
    bool deflated;
};

static void read_back(const struct placed *entries, size_t count)
{
    struct sb_buf central = {0}, locals = {0};
    struct sb_zip zip = {0};
    struct sb_error error = {0};
    size_t local_at[8];
    uint64_t end = 0;
    for (size_t i = 0; i < count; i++) {
        const struct placed *one = &entries[i];
        const struct sb_zip_contents contents = {one->deflated, (uint32_t)i, one->packed,
                                                 one->size};
        struct sb_buf local = local_of(i == 0 ? "first" : "other", one->size, &contents);
        assert_int_equal(sb_zip_form_packed(local.data), one->packed);
        assert_int_equal(sb_zip_form_central(&central, local.data, one->at), 0);
        local_at[i] = locals.len;
        put(&locals, local.data, local.len);
        end = one->at + local.len + one->packed;
        sb_buf_free(&local);
    }
    size_t central_len = central.len;
    assert_int_equal(sb_zip_form_end(&central, end, central_len, count), 0);
    int r = sb_zip_read_end(&zip, central.data, central.len, end + central.len, &error);
    if (r == 0)
        r = sb_zip_read_central(&zip, central.data, central_len, &error);
    if (r < 0)
        fail_msg("%s", error.message);
    assert_int_equal(zip.entry_count, count);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *local = locals.data + local_at[i];
        size_t size, after = 1;
        if (sb_zip_local_size(&size, &zip, i, local, &error) < 0 ||
            sb_zip_check_local(&after, &zip, i, local, size, &error) < 0)
            fail_msg("%s", error.message);
        assert_int_equal(after, 0);
        assert_true(zip.entries[i].at == entries[i].at);
        assert_true(zip.entries[i].size == entries[i].size);
        assert_true(zip.entries[i].packed == entries[i].packed);
        assert_int_equal(zip.entries[i].deflated, entries[i].deflated);
    }
    sb_zip_free(&zip);
    sb_buf_free(&central);
    sb_buf_free(&locals);
}

static void large(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {
        0,         1,         GIB,       4 * GIB - (4 << 20) - (1 << 20),
        MAX32 - 1, MAX32,     MAX32 + 1, 4 * GIB - (4 << 20),
        5 * GIB,   5000 * GIB};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        const uint64_t n = sizes[i];
        read_back(&(struct placed){0, n, n, false}, 1);
        read_back(&(struct placed){0, n / 1000, n, true}, 1);
        /* contents that became longer by deflating, as far as they may */
        read_back(&(struct placed){0, n + n / 65535 * 5 + 7, n, true}, 1);
        /* and a small one behind it, whose place needs 64 bits */
        const struct placed two[] = {
            {0, n, n, false}, {n + 30 + 5 + (n >= MAX32 - MAX32 / 1024 ? 20 : 0), 3, 9, true}};
        read_back(two, 2);
    }
}

/* A size that needs it has both of its sizes in the extra field, a place that needs it that place
 * alone (APPNOTE 4.5.3); who has no need of it shows no sign of it. */
static void only_when_needed(void **state)
{
    (void)state;
    static const struct {
        uint64_t size, at;
        size_t local_extra, central_extra;
    } rows[] = {
        {9, 9, 0, 0},          {9, MAX32 - 1, 0, 0},    {9, MAX32, 0, 12},
        {4290772990, 9, 0, 0}, {4290772992, 9, 20, 20}, {5 * GIB, 5 * GIB, 20, 28},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct sb_zip_contents contents = {false, 1, rows[i].size, rows[i].size};
        struct sb_buf local = local_of("n", rows[i].size, &contents), central = {0};
        assert_int_equal(sb_zip_form_central(&central, local.data, rows[i].at), 0);
        assert_int_equal(local.len, 30 + 1 + rows[i].local_extra);
        assert_int_equal(local.data[4], rows[i].local_extra > 0 ? 45 : 20);
        assert_int_equal(central.len, 46 + 1 + rows[i].central_extra);
        assert_int_equal(central.data[4], rows[i].central_extra > 0 ? 45 : 20);
        assert_int_equal(central.data[6], central.data[4]);
        sb_buf_free(&local);
        sb_buf_free(&central);
    }
}

/* The values at the end; 22 bytes, or 98 with the record of 64 bits and what leads to it. */
static void ends(void **state)
{
    (void)state;
    static const struct {
        uint64_t at, size, count;
        size_t len;
    } rows[] = {
        {0, 0, 0, 22},
        {100, 46, 1, 22},
        {100, 65534 * 46, 65534, 22},
        {100, 65535 * 46, 65535, 98},
        {MAX32 - 1, 46, 1, 22},
        {MAX32, 46, 1, 98},
        {9, MAX32 - 1, 70000, 98},
        {9, MAX32 + 1, 70000, 98},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sb_buf end = {0};
        struct sb_zip zip = {0};
        assert_int_equal(sb_zip_form_end(&end, rows[i].at, rows[i].size, rows[i].count), 0);
        assert_int_equal(end.len, rows[i].len);
        assert_int_equal(
            sb_zip_read_end(&zip, end.data, end.len, rows[i].at + rows[i].size + end.len, NULL), 0);
        assert_true(zip.central_at == rows[i].at && zip.central_size == rows[i].size);
        assert_true(zip.count == rows[i].count);
        sb_zip_free(&zip);
        sb_buf_free(&end);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain), cmocka_unit_test(stored_and_ascii), cmocka_unit_test(long_names),
        cmocka_unit_test(large), cmocka_unit_test(only_when_needed), cmocka_unit_test(ends),
    };
    return cmocka_run_group_tests_name("zip_form", tests, NULL, NULL);
}
