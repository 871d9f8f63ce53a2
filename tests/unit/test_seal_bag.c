/* Sealing a bag of somebody else: what happens to it while it is asked about, and what comes out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bag/manifest.h"
#include "bag/seal.h"
#include "base/buf.h"
#include "op/seal_make.h"
#include "unit/sandbox.h"

struct place {
    char folder[64], bag[80], key[80];
    struct sealbag_key *keys[1];
};

static char *at(const struct place *place, const char *name)
{
    static char path[256];
    snprintf(path, sizeof(path), "%s/%s", place->bag, name);
    return path;
}

static void put(const struct place *place, const char *name, const char *text)
{
    FILE *file = fopen(at(place, name), "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static bool is_there(const struct place *place, const char *name)
{
    struct stat status;
    return lstat(at(place, name), &status) == 0;
}

static int make_place(void **state)
{
    static struct place place;
    strcpy(place.folder, "/tmp/sealbag-seal-XXXXXX");
    assert_non_null(mkdtemp(place.folder));
    snprintf(place.bag, sizeof(place.bag), "%s/bag", place.folder);
    snprintf(place.key, sizeof(place.key), "%s/key", place.folder);
    const struct sealbag_keygen_options keygen = {.file = place.key};
    assert_int_equal(sealbag_key_generate(NULL, &keygen, NULL), 0);
    assert_int_equal(sealbag_key_load(&place.keys[0], place.key, NULL, NULL, NULL), 0);
    assert_int_equal(mkdir(place.bag, 0755), 0);
    assert_int_equal(mkdir(at(&place, "data"), 0755), 0);
    put(&place, "bagit.txt", "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n");
    put(&place, "data/a", "");
    put(&place, "data/b%0A", "");
    put(&place, "manifest-md5.txt",
        "d41d8cd98f00b204e9800998ecf8427e  data/a\nd41d8cd98f00b204e9800998ecf8427e  data/b%0A\n");
    *state = &place;
    return 0;
}

static int remove_place(void **state)
{
    struct place *place = *state;
    char command[128];
    sealbag_key_free(place->keys[0]);
    snprintf(command, sizeof(command), "rm -rf %s", place->folder);
    return system(command);
}

static int seal(struct sealbag_sealed *out, struct place *place, sealbag_seal_fn confirm,
                struct sb_error *error)
{
    const struct sealbag_seal_options options = {
        .bag = place->bag,
        .keys = place->keys,
        .key_count = 1,
        .time = 1700000000,
        .verify = {.jobs = 2, .no_sandbox = without_sandbox()},
        .confirm = confirm,
        .confirm_context = place,
    };
    struct sealbag_verdict *verdict;
    *error = (struct sb_error){0};
    int r = sealbag_bag_seal(out, &verdict, &options, error);
    assert_true(verdict != NULL || r < 0);
    sealbag_verdict_free(verdict);
    return r;
}

/* ---- while it is asked --------------------------------------------------------------------- */

static int refuse(void *context, const struct sealbag_verdict *verdict)
{
    (void)context;
    assert_int_equal(verdict->exit_code, 4);
    assert_int_equal(verdict->documents, 2);
    return 1;
}

static int change_document(void *context, const struct sealbag_verdict *verdict)
{
    (void)verdict;
    put(context, "data/a", "changed");
    return 0;
}

static int add_tag(void *context, const struct sealbag_verdict *verdict)
{
    (void)verdict;
    put(context, "added", "x");
    return 0;
}

static int change_tag(void *context, const struct sealbag_verdict *verdict)
{
    (void)verdict;
    put(context, "bagit.txt", "BagIt-Version: 0.96\nTag-File-Character-Encoding: UTF-8\n");
    return 0;
}

static int add_manifest(void *context, const struct sealbag_verdict *verdict)
{
    (void)verdict;
    put(context, "manifest-sha256.txt", "");
    return 0;
}

static int seal_first(void *context, const struct sealbag_verdict *verdict)
{
    (void)verdict;
    assert_int_equal(mkdir(at(context, "seal"), 0755), 0);
    put(context, "seal/seal.txt", "somebody else's");
    return 0;
}

static int replace_bag(void *context, const struct sealbag_verdict *verdict)
{
    struct place *place = context;
    char other[80];
    (void)verdict;
    snprintf(other, sizeof(other), "%s/moved", place->folder);
    assert_int_equal(rename(place->bag, other), 0);
    assert_int_equal(mkdir(place->bag, 0755), 0);
    return 0;
}

/* Nobody's bag is left with a seal that does not hold. */
static void changes(void **state)
{
    struct place *place = *state;
    static const struct {
        sealbag_seal_fn confirm;
        int code;
    } rows[] = {
        {refuse, SEALBAG_ERR_CANCELLED},     {change_document, SEALBAG_ERR_CHANGED},
        {add_tag, SEALBAG_ERR_CHANGED},      {change_tag, SEALBAG_ERR_CHANGED},
        {add_manifest, SEALBAG_ERR_CHANGED},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sealbag_sealed out;
        struct sb_error error;
        assert_int_equal(seal(&out, place, rows[i].confirm, &error), rows[i].code);
        assert_int_equal(error.code, rows[i].code);
        assert_true(error.message[0] != 0);
        assert_false(out.published);
        assert_false(is_there(place, "seal"));
        assert_false(is_there(place, "../.sealbag"));
        unlink(at(place, "added"));
        unlink(at(place, "manifest-sha256.txt"));
        put(place, "data/a", "");
        put(place, "bagit.txt", "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n");
    }
}

static void others_first(void **state)
{
    struct place *place = *state;
    struct sealbag_sealed out;
    struct sb_error error;
    assert_int_equal(seal(&out, place, seal_first, &error), SEALBAG_ERR_CHANGED);
    assert_false(out.published);
    assert_true(is_there(place, "seal/seal.txt"));
    assert_false(is_there(place, "seal/salt.txt"));
}

static void moved(void **state)
{
    struct place *place = *state;
    struct sealbag_sealed out;
    struct sb_error error;
    assert_int_equal(seal(&out, place, replace_bag, &error), SEALBAG_ERR_CHANGED);
    assert_false(is_there(place, "seal"));
    assert_false(is_there(place, "../moved/seal"));
}

static void sealed(void **state)
{
    struct place *place = *state;
    struct sealbag_sealed out;
    struct sb_error error;
    assert_int_equal(seal(&out, place, NULL, &error), 0);
    assert_true(out.published && out.manifest);
    assert_string_equal(out.name, "bag");
    assert_int_equal(out.documents, 2);
    assert_int_equal(out.covered, 2);
    assert_int_equal(out.unlisted, 2);
    assert_int_equal(strlen(out.seal_id), 64);
    assert_true(is_there(place, "seal/manifest-sha256.txt"));
    assert_int_equal(seal(&out, place, NULL, &error), SEALBAG_ERR_EXISTS);
}

/* ---- the texts ----------------------------------------------------------------------------- */

static const uint8_t digest[SB_DIGEST_SIZE] = {1, 2, 3};

/* Made of these files. */
static int make(struct sb_seal_files *out, const struct place *place, const char *const *paths,
                size_t count)
{
    struct sb_inventory files = {0};
    struct sb_metadata metadata = {0};
    const uint8_t salt[32] = {7};
    const struct sb_seal_options options = {
        .keys = place->keys, .key_count = 1, .salt = salt, .time = 1};
    struct sb_sealable bag = {
        .name = "b", .documents = &files, .tags = &files, .metadata = &metadata};
    for (size_t i = 0; i < count; i++)
        bag.listed |= strcmp(paths[i], "manifest-sha256.txt") == 0;
    assert_int_equal(sb_seal_options_check(&options, NULL), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(sb_inventory_add(&files, paths[i], 3, 0, digest), 0);
    sb_inventory_sort(&files);
    assert_int_equal(sb_digest_new(&bag.digest, NULL), 0);
    assert_int_equal(sb_pool_new(&bag.pool, 1, NULL), 0);
    int r = sb_seal_make(out, &bag, &options, NULL);
    sb_pool_free(bag.pool);
    sb_digest_free(bag.digest);
    sb_inventory_free(&files);
    return r;
}

static const struct sb_seal_file *find(const struct sb_seal_files *files, const char *path)
{
    for (size_t i = 0; i < files->count; i++) {
        if (strcmp(files->items[i].path, path) == 0)
            return &files->items[i];
    }
    return NULL;
}

/* The one that must be there. */
static const struct sb_buf *bytes_of(const struct sb_seal_files *files, const char *path)
{
    static const struct sb_buf none = {0};
    const struct sb_seal_file *file = find(files, path);
    if (file == NULL)
        fail_msg("There is no %s.", path);
    return file != NULL ? &file->bytes : &none;
}

static void check_cover(const struct sb_seal_files *files, size_t lines)
{
    struct sb_manifest cover = {0};
    struct sb_findings findings = {0};
    const struct sb_buf *text = bytes_of(files, SB_COVER_TXT);
    assert_int_equal(sb_cover_parse(&cover, &findings, text->data, text->len), 0);
    assert_int_equal(findings.count, 0);
    assert_int_equal(cover.count, lines);
    sb_manifest_free(&cover);
    sb_findings_free(&findings);
}

static void texts(void **state)
{
    struct place *place = *state;
    static const char *const own[] = {"bagit.txt", "manifest-sha256.txt", "data/x", "zzz\n"};
    static const char *const none[] = {"bagit.txt", "manifest-md5.txt", "data/x\ny", "data/a%",
                                       "seam",      "seals/x"};
    struct sb_seal_files files;
    struct sb_manifest manifest = {0};
    struct sb_findings findings = {0};
    assert_int_equal(make(&files, place, own, 4), 0);
    assert_null(find(&files, SB_SEAL_MANIFEST));
    assert_int_equal(files.count, 4);
    check_cover(&files, 3);
    sb_seal_files_free(&files);

    assert_int_equal(make(&files, place, none, 6), 0);
    assert_int_equal(files.count, 5);
    check_cover(&files, 5);
    const struct sb_buf *text = bytes_of(&files, SB_SEAL_MANIFEST);
    assert_int_equal(sb_seal_manifest_parse(&manifest, &findings, text->data, text->len), 0);
    assert_int_equal(findings.count, 0);
    assert_int_equal(manifest.count, 2);
    assert_non_null(sb_manifest_find(&manifest, "data/x\ny"));
    assert_non_null(sb_manifest_find(&manifest, "data/a%"));
    sb_manifest_free(&manifest);
    /* what is wrong with it is not said of the cover */
    assert_int_equal(sb_seal_manifest_parse(&manifest, &findings, (const uint8_t *)"x", 1), 0);
    assert_true(sb_findings_has(&findings, SB_RULE_MANIFEST_LINE));
    assert_false(sb_findings_has(&findings, SB_RULE_COVER_LINE));
    sb_manifest_free(&manifest);
    sb_findings_free(&findings);
    sb_seal_files_free(&files);
}

static void options(void **state)
{
    struct place *place = *state;
    struct sealbag_key *twice[] = {place->keys[0], place->keys[0]};
    static const char other[] = "SHA256:3aF4PI565I9LSw0nqwSp+cDZFLzzh/LJUzE5b9Kxisw";
    const char *cosigners[] = {other, other};
    const char *bad[] = {"SHA256:3aF4"};
    struct sealbag_key_info info;
    sealbag_key_describe(&info, NULL, place->keys[0]);
    const char *own[] = {info.fingerprint};
    const struct sb_seal_options rows[] = {
        {.keys = twice, .key_count = 2, .time = 1},
        {.keys = place->keys, .key_count = 1, .time = -1},
        {.keys = place->keys, .key_count = 1, .time = INT64_C(8589934592)},
        {.keys = place->keys, .key_count = 1, .supersedes = "00"},
        {.keys = place->keys, .key_count = 1, .cosigners = cosigners, .cosigner_count = 2},
        {.keys = place->keys, .key_count = 1, .cosigners = bad, .cosigner_count = 1},
        {.keys = place->keys, .key_count = 1, .cosigners = own, .cosigner_count = 1},
        {.keys = place->keys, .key_count = 1, .cosigners = cosigners, .cosigner_count = 1000},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sb_error error = {0};
        assert_int_equal(sb_seal_options_check(&rows[i], &error), SEALBAG_ERR_USAGE);
        assert_true(error.message[0] != 0);
    }
    const struct sb_seal_options good = {
        .keys = place->keys, .key_count = 1, .cosigners = cosigners, .cosigner_count = 1};
    assert_int_equal(sb_seal_options_check(&good, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(changes, make_place, remove_place),
        cmocka_unit_test_setup_teardown(others_first, make_place, remove_place),
        cmocka_unit_test_setup_teardown(moved, make_place, remove_place),
        cmocka_unit_test_setup_teardown(sealed, make_place, remove_place),
        cmocka_unit_test_setup_teardown(texts, make_place, remove_place),
        cmocka_unit_test_setup_teardown(options, make_place, remove_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
