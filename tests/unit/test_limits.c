/* How large the files may be that a reader holds in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "bag/index.h"
#include "bag/limits.h"
#include "bag/seal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void kept(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "bagit.txt",
        "bag-info.txt",
        "manifest-sha256.txt",
        "tagmanifest-sha256.txt",
        "seal/cover-sha256.txt",
        "seal/seal.txt",
        "seal/salt.txt",
        "seal/0123456789abcdef0123456789abcdef.minisig",
        "seal/0123456789abcdef0123456789abcdef.sshsig",
    };
    for (size_t i = 0; i < COUNT(paths); i++) {
        assert_true(sb_kept_max(paths[i]) >= 1024);
        assert_true(sb_kept_max(paths[i]) <= 1 << 30);
    }
    /* the longest seal that may be written can be read */
    assert_true(sb_kept_max(SB_SEAL_TXT) >= (size_t)SB_SIGNERS_MAX * 60 + 1000);
    /* two signatures a signer, and the seven files above */
    assert_true(SB_KEPT_COUNT_MAX >= 2 * SB_SIGNERS_MAX + 7);
}

/* Everything else is only hashed, however large it is. */
static void not_kept(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "",
        "data/a",
        "data/bagit.txt",
        "data/seal/seal.txt",
        "Bagit.txt",
        "bagit.txt2",
        "manifest-md5.txt",
        "metadata/metadata.csv",
        "seal",
        "seal/",
        "seal/other.txt",
        SB_INDEX_TSV,
        "seal/0123456789abcdef0123456789abcdef.sig",
        "meta/0123456789abcdef0123456789abcdef.minisig",
        "0123456789abcdef0123456789abcdef.minisig",
    };
    for (size_t i = 0; i < COUNT(paths); i++)
        assert_int_equal(sb_kept_max(paths[i]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kept), cmocka_unit_test(not_kept)};
    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
