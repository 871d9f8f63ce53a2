/* The files that a scan keeps are found by their paths, in whatever order they came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "op/scan.h"

enum { COUNT = 500 };

static void any_order(void **state)
{
    (void)state;
    static char paths[COUNT][16];
    for (unsigned way = 0; way < 3; way++) {
        struct sb_scan scan = {0};
        for (unsigned i = 0; i < COUNT; i++) {
            unsigned number = way == 0 ? i : way == 1 ? COUNT - 1 - i : i * 7 % COUNT;
            snprintf(paths[i], sizeof(paths[i]), "%04u", number);
            assert_null(sb_scan_kept_file(&scan, paths[i]));
            struct sb_kept *kept = sb_scan_keep(&scan, paths[i]);
            assert_non_null(kept);
            assert_int_equal(sb_buf_puts(&kept->bytes, paths[i]), 0);
        }
        assert_int_equal(scan.kept_count, COUNT);
        for (unsigned i = 0; i < COUNT; i++) {
            const struct sb_buf *bytes = sb_scan_kept(&scan, paths[i]);
            assert_non_null(bytes);
            assert_string_equal((const char *)bytes->data, paths[i]);
            assert_ptr_equal(sb_scan_kept_file(&scan, paths[i]), &scan.kept[i]);
        }
        assert_null(sb_scan_kept(&scan, ""));
        assert_null(sb_scan_kept(&scan, "0000x"));
        assert_null(sb_scan_kept(&scan, "9999"));
        for (unsigned i = COUNT; i-- > 0;) {
            sb_scan_unkeep(&scan);
            assert_null(sb_scan_kept(&scan, paths[i]));
            assert_true(i == 0 || sb_scan_kept(&scan, paths[i - 1]) != NULL);
        }
        sb_scan_free(&scan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_order)};
    return cmocka_run_group_tests_name("scan_kept", tests, NULL, NULL);
}
