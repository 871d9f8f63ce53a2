/* The order in which a bag is written anew is that in which create writes one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "op/repack.h"

#define A "00000000000000000000000000000000" /* AAAA... in base64 */
#define B "fbf00000000000000000000000000000" /* +/AA... */
#define C "68000000000000000000000000000000" /* aAAA... */
#define D "d0000000000000000000000000000000" /* 0AAA... */

/* In their order. */
static const char *const paths[] = {
    "bagit.txt",
    "data/Z",
    "data/a",
    "data/a/b",
    "data/bag-info.txt",
    "data/\303\274",
    "bag-info.txt",
    "metadata/metadata.csv",
    "manifest-md5.txt",
    "manifest-sha256.txt",
    "manifest-sha512.txt",
    "tagmanifest-md5.txt",
    "tagmanifest-sha256.txt",
    "aptrust-info.txt",
    "fetch.txt",
    "manifests/manifest-sha256.txt",
    "metadata/other.csv",
    "seal/manifest-sha256.txt",
    "seal/cover-sha256.txt",
    "seal/salt.txt",
    "seal/seal.txt",
    "seal/" B ".minisig",
    "seal/" B ".sshsig",
    "seal/" D ".sshsig",
    "seal/" A ".minisig",
    "seal/" C ".minisig",
    "seal/custody/0001-" C ".txt",
    "seal/custody/0001-" C ".txt.minisig",
    "seal/custody/0002-" A ".txt",
    "seal/timestamps/" A ".tsr",
};
enum { COUNT = sizeof(paths) / sizeof(paths[0]) };

static void check_order(size_t start, size_t step)
{
    static const uint8_t digest[SB_DIGEST_SIZE];
    struct sb_inventory files = {0};
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(sb_inventory_add(&files, paths[(start + i * step) % COUNT], i, 0, digest),
                         0);
    const struct sb_file **order = sb_repack_order(&files);
    assert_non_null(order);
    for (size_t i = 0; i < COUNT; i++)
        assert_string_equal(order[i]->path, paths[i]);
    free(order);
    sb_inventory_free(&files);
}

static void comes_out_of_any_order(void **state)
{
    (void)state;
    assert_int_not_equal(COUNT % 7, 0); /* else not all of them would be met */
    for (size_t start = 0; start < COUNT; start++) {
        check_order(start, 1);
        check_order(start, 7);
    }
}

static void nothing_is_an_order_too(void **state)
{
    struct sb_inventory files = {0};
    (void)state;
    const struct sb_file **order = sb_repack_order(&files);
    assert_non_null(order);
    free(order);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_out_of_any_order),
        cmocka_unit_test(nothing_is_an_order_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
