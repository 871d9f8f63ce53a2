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
#include "base/path.h"
#include "record/custody.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t kept_max(const char *path)
{
    const struct sealbag_limits limits = sb_limits_of(NULL);
    const char *name;
    return sb_kept_max(&name, path, &limits);
}

static void kept(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "bagit.txt",
        "bag-info.txt",
        "manifest-sha256.txt",
        "tagmanifest-sha256.txt",
        "manifest-md5.txt",
        "tagmanifest-sha512.txt",
        "fetch.txt",
        "package-info.txt",
        "seal/cover-sha256.txt",
        "seal/manifest-sha256.txt",
        "metadata/metadata.csv",
        "seal/seal.txt",
        "seal/salt.txt",
        "seal/0123456789abcdef0123456789abcdef.minisig",
        "seal/0123456789abcdef0123456789abcdef.sshsig",
        "seal/custody/0001-0123456789abcdef0123456789abcdef.txt",
        "seal/custody/0001-0123456789abcdef0123456789abcdef.minisig",
        "seal/custody/0001-0123456789abcdef0123456789abcdef.sshsig",
    };
    for (size_t i = 0; i < COUNT(paths); i++) {
        assert_true(kept_max(paths[i]) >= 1024);
        assert_true(kept_max(paths[i]) <= 1 << 30);
    }
    /* the longest seal that may be written can be read */
    assert_true(kept_max(SB_SEAL_TXT) >= (size_t)SB_SIGNERS_MAX * 60 + 1000);
    /* two signatures a signer, and the eight files above */
    assert_true(SB_KEPT_COUNT_MAX >= 2 * SB_SIGNERS_MAX + 8);
    assert_true(SB_CUSTODY_COUNT_MAX >= 2 * SB_CUSTODY_MAX);
    /* the longest custody event, and a thousand of them in a bag of a thousand signers */
    const size_t event = SB_CUSTODY_SIGNATURES_MAX * 65 + SB_CUSTODY_NOTE_MAX + SB_CUSTODY_TO_MAX;
    assert_true(kept_max(paths[COUNT(paths) - 3]) >= event + 1000);
    assert_true(SB_CUSTODY_BYTES_MAX >= 1000 * (1000 * 65 + 3000));
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
        "manifest-sha3256.txt",
        "manifest-SHA256.txt",
        "manifest-.txt",
        "manifest-md5.txt.bak",
        "data/manifest-md5.txt",
        "metadata/metadata.csv2",
        "metadata.csv",
        "metadata",
        "seal",
        "seal/",
        "seal/other.txt",
        SB_INDEX_TSV,
        "seal/0123456789abcdef0123456789abcdef.sig",
        "meta/0123456789abcdef0123456789abcdef.minisig",
        "0123456789abcdef0123456789abcdef.minisig",
    };
    for (size_t i = 0; i < COUNT(paths); i++)
        assert_int_equal(kept_max(paths[i]), 0);
}

/* Each by its name; a zero stands for the default. */
static void adjusted(void **state)
{
    (void)state;
    static const char *const names[] = {
#define NAME(field, name, value, text) name,
        SEALBAG_LIMITS(NAME)
#undef NAME
    };
    struct sealbag_limits limits = {0};
    for (size_t i = 0; i < COUNT(names); i++)
        assert_true(sealbag_limit_set(&limits, names[i], i + 1));
    assert_false(sealbag_limit_set(&limits, "time", 1));
    assert_false(sealbag_limit_set(&limits, "", 1));
    assert_int_equal(limits.expanded, 1);
    assert_int_equal(limits.ratio, 2);
    assert_int_equal(limits.entries, 3);
    assert_int_equal(limits.metadata_bytes, COUNT(names));
    limits.ratio = 0;
    limits.tag_bytes = UINT64_MAX;
    limits = sb_limits_of(&limits);
    assert_int_equal(limits.expanded, 1);
    assert_int_equal(limits.ratio, 500);
    assert_true(limits.tag_bytes == UINT64_MAX);

    const char *name;
    assert_int_equal(sb_kept_max(&name, "manifest-sha256.txt", &limits), COUNT(names) - 1);
    assert_string_equal(name, "manifest-bytes");
    assert_int_equal(sb_kept_max(&name, SB_SEAL_MANIFEST, &limits), COUNT(names) - 1);
    assert_string_equal(name, "manifest-bytes");
    assert_int_equal(sb_kept_max(&name, SB_METADATA_CSV, &limits), COUNT(names));
    assert_string_equal(name, "metadata-bytes");
    assert_true(sb_kept_max(&name, "bag-info.txt", &limits) == UINT64_MAX);
    assert_string_equal(name, "tag-bytes");
    sb_kept_max(&name, "bagit.txt", &limits);
    assert_null(name);
}

/* What a bag of a million documents, or a terabyte of films, needs. */
static void defaults(void **state)
{
    (void)state;
    const struct sealbag_limits limits = sb_limits_of(NULL);
    assert_true(limits.expanded >= UINT64_C(2000000000000));
    assert_true(limits.entries >= 2000000);
    assert_true(limits.manifest_bytes >= UINT64_C(1000000) * (66 + 500));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept),
        cmocka_unit_test(not_kept),
        cmocka_unit_test(adjusted),
        cmocka_unit_test(defaults),
    };
    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
