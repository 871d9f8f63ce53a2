/* Memory that runs out at the first, second, third... request, and a cryptographic library that
 * fails: each is said, nothing leaks, nothing is left behind. (The container:
 * test_faults_container.c.)
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <sodium.h>

#include "bag/manifest.h"
#include "bag/seal.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "base/tree.h"
#include "hash/leaf.h"
#include "unit/starve.h"

/* ---- faults: these stand in front of libcrypto's ------------------------------------------ */

static struct {
    unsigned fail_at, calls; /* the call that fails, from 1 */
} hashing;

static bool hash_fails(void)
{
    return ++hashing.calls == hashing.fail_at;
}

int EVP_DigestUpdate(EVP_MD_CTX *context, const void *bytes, size_t len)
{
    static int (*real)(EVP_MD_CTX *, const void *, size_t);
    if (real == NULL)
        REAL(real, "EVP_DigestUpdate");
    return hash_fails() ? 0 : real(context, bytes, len);
}

int EVP_DigestInit_ex2(EVP_MD_CTX *context, const EVP_MD *md, const OSSL_PARAM parameters[])
{
    static int (*real)(EVP_MD_CTX *, const EVP_MD *, const OSSL_PARAM *);
    if (real == NULL)
        REAL(real, "EVP_DigestInit_ex2");
    return hash_fails() ? 0 : real(context, md, parameters);
}

int EVP_DigestFinal_ex(EVP_MD_CTX *context, unsigned char *out, unsigned *len)
{
    static int (*real)(EVP_MD_CTX *, unsigned char *, unsigned *);
    if (real == NULL)
        REAL(real, "EVP_DigestFinal_ex");
    return hash_fails() ? 0 : real(context, out, len);
}

/* ---- running out of memory ---------------------------------------------------------------- */

static char folder[4096];

static const char *in(const char *name)
{
    static char path[4400];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static int texts(void)
{
    struct sb_buf buf = {0};
    char *parent = NULL, *name = NULL;
    char text[200];
    memset(text, '%', sizeof(text));
    int r = sb_buf_printf(&buf, "%s", "x");
    if (r == 0)
        r = sb_path_encode(&buf, text, sizeof(text));
    if (r == 0)
        r = sb_path_decode(&buf, text, sizeof(text));
    if (r == 0)
        r = sb_text_escape(&buf, "\033\033\033\033\033\033\033\033\033", 9);
    for (int i = 0; r == 0 && i < 30; i++)
        r = sb_text_escape(&buf, text, sizeof(text));
    if (r == 0)
        r = sb_path_split(&parent, &name, "a/b");
    free(parent);
    free(name);
    sb_buf_free(&buf);
    return r;
}

static int findings(void)
{
    struct sb_findings list = {0};
    for (int i = 0; i < 20; i++)
        sb_findings_add(&list, SB_RULE_DIGEST, i % 2 == 0 ? "data/a" : NULL, "x");
    int r = list.overflow ? SEALBAG_ERR_MEMORY : 0;
    sb_findings_free(&list);
    return r;
}

static int files(void)
{
    struct sb_buf buf = {0};
    struct sb_error error = {0};
    struct sb_output out;
    int r = sb_file_read(&buf, NULL, in("file"), 100, &error);
    if (r == 0)
        r = sb_file_create(in("new"), 0600, "x", 1, &error);
    if (r == 0)
        r = sb_output_open(&out, in("new"), true, 0600, &error);
    if (r == 0)
        r = sb_output_commit(&out, true, &error);
    if (r != 0 && error.code != r)
        r = -99;
    sb_buf_free(&buf);
    unlink(in("new"));
    return r;
}

static int trees(void)
{
    struct sb_tree tree;
    const char *name;
    int root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
    sb_tree_init(&tree, root);
    if (sb_tree_parent(&tree, "a/b/c", true, &name) < 0)
        r = errno == ENOMEM ? SEALBAG_ERR_MEMORY : -99;
    if (r == 0 && sb_tree_remove(root, "a") < 0)
        r = SEALBAG_ERR_MEMORY;
    sb_tree_close(&tree);
    close(root);
    return r;
}

static int inventories(void)
{
    struct sb_inventory inventory = {0};
    uint8_t digest[SB_DIGEST_SIZE] = {0};
    int r = 0;
    for (int i = 0; r == 0 && i < 20; i++)
        r = sb_inventory_add(&inventory, "a", 1, 0, digest);
    for (int i = 0; r == 0 && i < 20; i++)
        r = sb_inventory_add_folder(&inventory, "b");
    sb_inventory_free(&inventory);
    return r;
}

static int manifests(void)
{
    struct sb_buf text = {0}, cover = {0};
    struct sb_manifest manifest = {0}, covered = {0};
    struct sb_findings list = {0};
    uint8_t digest[SB_DIGEST_SIZE] = {0};
    int r = 0;
    for (char name[] = "data/a\n"; r == 0 && name[5] < 'u'; name[5]++) {
        r = sb_manifest_append(&text, digest, name);
        if (r == 0)
            r = sb_cover_append(&cover, digest, name);
    }
    if (r == 0)
        r = sb_manifest_parse(&manifest, &list, "m", text.data, text.len);
    if (r == 0)
        r = sb_cover_parse(&covered, &list, cover.data, cover.len);
    if (r == 0 && (manifest.count != 20 || covered.count != 20 || list.count != 0))
        r = -99;
    sb_findings_free(&list);
    sb_manifest_free(&manifest);
    sb_manifest_free(&covered);
    sb_buf_free(&text);
    sb_buf_free(&cover);
    return r;
}

static int seals(void)
{
    char signers[20][SEALBAG_FINGERPRINT_SIZE];
    struct sb_seal seal = {.name = "bag", .signers = signers, .signer_count = 20}, again = {0};
    struct sb_buf text = {0};
    struct sb_findings list = {0};
    for (int i = 0; i < 20; i++) {
        memcpy(signers[i], "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
               SEALBAG_FINGERPRINT_SIZE);
        signers[i][7] = (char)('A' + i);
    }
    int r = sb_seal_format(&text, &seal);
    if (r == 0)
        r = sb_seal_parse(&again, &list, text.data, text.len);
    if (r == 0 && again.signer_count != 20)
        r = -99;
    sb_seal_free(&again);
    sb_findings_free(&list);
    sb_buf_free(&text);
    return r;
}

static void out_of_memory(void **state)
{
    (void)state;
    static int (*const jobs[])(void) = {texts,       findings,  files, trees,
                                        inventories, manifests, seals};
    needs_faults();
    for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++)
        starve(jobs[i]);
}

/* ---- a library that fails ----------------------------------------------------------------- */

/* Each call of the digest fails once; the result is an error, never a wrong hash. */
static void hash_failures(void **state)
{
    (void)state;
    uint8_t salt[32] = {0}, sha256[32] = {0}, root[32];
    struct sb_digest *digest;
    struct sb_leaf leaves[3];
    struct sb_error error;
    assert_int_equal(sb_digest_new(&digest, NULL), 0);
    hashing.fail_at = 0;
    hashing.calls = 0;
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(sb_leaf_make(&leaves[i], digest, salt, "a", sha256, i, NULL, NULL), 0);
    assert_int_equal(hashing.calls, 3 * 4);
    for (hashing.fail_at = 1; hashing.fail_at <= 4; hashing.fail_at++) {
        hashing.calls = 0;
        assert_int_equal(sb_leaf_make(&leaves[0], digest, salt, "a", sha256, 0, NULL, &error),
                         SEALBAG_ERR_SYSTEM);
    }
    hashing.fail_at = hashing.calls = 0;
    assert_int_equal(sb_leaf_root(root, leaves, 3, digest, NULL), 0);
    unsigned calls = hashing.calls;
    assert_int_equal(calls, 2 * 3);
    for (hashing.fail_at = 1; hashing.fail_at <= calls; hashing.fail_at++) {
        hashing.calls = 0;
        assert_int_equal(sb_leaf_root(root, leaves, 3, digest, &error), SEALBAG_ERR_SYSTEM);
    }
    hashing.fail_at = 0;
    sb_digest_free(digest);
}

static void no_digest(void **state)
{
    (void)state;
    needs_faults();
    for (unsigned n = 0;; n++) {
        struct sb_digest *digest;
        struct sb_error error;
        memory.after = n;
        memory.fired = false;
        memory.armed = true;
        int r = sb_digest_new(&digest, &error);
        memory.armed = false;
        if (r == 0) { /* libcrypto may do without some of what it asks for */
            sb_digest_free(digest);
        } else {
            assert_true(r == SEALBAG_ERR_MEMORY || r == SEALBAG_ERR_SYSTEM);
            assert_null(digest);
        }
        if (!memory.fired)
            break;
    }
}

static int set_up(void **state)
{
    (void)state;
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof(folder), "%s/sealbag-test-XXXXXX", tmp != NULL ? tmp : "/tmp");
    if (sodium_init() < 0 || mkdtemp(folder) == NULL)
        return -1;
    return sb_file_create(in("file"), 0600, "x", 1, NULL);
}

/* Fails when a job left anything of its own. */
static int tear_down(void **state)
{
    (void)state;
    unlink(in("file"));
    int root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    sb_tree_remove(root, "a");
    close(root);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(out_of_memory),
        cmocka_unit_test(hash_failures),
        cmocka_unit_test(no_digest),
    };
    return cmocka_run_group_tests_name("faults", tests, set_up, tear_down);
}
