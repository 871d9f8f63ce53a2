/* Manifests, in BagIt's form, with and without encoded paths, and the cover. */
#include <string.h>

#include "bag/manifest.h"
#include "base/path.h"
#include "fuzz/fuzz.h"

/* A cover ends at its first bad line, which may be one that is out of order. */
static void check_lines(const struct sb_manifest *manifest, bool sorted)
{
    for (size_t i = 0; i < manifest->count; i++) {
        const char *path = manifest->lines[i].path;
        REQUIRE(sb_path_unsafe(path, strlen(path)) == NULL);
        if (!sorted)
            continue;
        REQUIRE(i == 0 || sb_path_compare(manifest->lines[i - 1].path, path) <= 0);
        const struct sb_listed *found = sb_manifest_find(manifest, path);
        REQUIRE(found != NULL && strcmp(found->path, path) == 0);
    }
    REQUIRE(sb_manifest_find(manifest, "") == NULL);
}

static void expect_same(const struct sb_manifest *a, const struct sb_manifest *b)
{
    REQUIRE(a->count == b->count && b->bad_lines == 0);
    for (size_t i = 0; i < a->count; i++) {
        const struct sb_listed *one = &a->lines[i], *two = &b->lines[i];
        REQUIRE(strcmp(one->path, two->path) == 0);
        /* Paths that are there twice may change places. */
        bool twice = (i > 0 && strcmp(a->lines[i - 1].path, one->path) == 0) ||
                     (i + 1 < a->count && strcmp(a->lines[i + 1].path, one->path) == 0);
        REQUIRE(twice || memcmp(one->digest, two->digest, SB_DIGEST_SIZE) == 0);
    }
}

/* As a writer writes it; it is read back without a complaint. */
static void rewrite(const struct sb_manifest *manifest)
{
    struct sb_buf text = {0};
    struct sb_manifest again = {0};
    struct sb_findings findings = {0};
    bool twice = false, starred = false;
    for (size_t i = 0; i < manifest->count; i++) {
        const char *path = manifest->lines[i].path;
        twice |= i > 0 && strcmp(manifest->lines[i - 1].path, path) == 0;
        /* Such paths a BagIt manifest cannot list: RFC 8493 has no way to write them. */
        starred |= path[0] == '*' || path[0] == ' ' || path[0] == '\t';
        REQUIRE(sb_manifest_append(&text, manifest->lines[i].digest, path) == 0);
    }
    REQUIRE(sb_manifest_parse(&again, &findings, "again", text.data, text.len) == 0);
    if (!starred) {
        REQUIRE(findings.count == 0 || twice);
        expect_same(manifest, &again);
    }
    sb_manifest_free(&again);
    sb_findings_free(&findings);
    sb_buf_free(&text);
}

static void try_manifest(const uint8_t *bytes, size_t len, bool old)
{
    struct sb_manifest manifest = {.old = old};
    struct sb_findings findings = {0};
    REQUIRE(sb_manifest_parse(&manifest, &findings, "manifest", bytes, len) == 0);
    fuzz_check_findings(&findings);
    REQUIRE((manifest.bad_lines > 0) == sb_findings_has(&findings, SB_RULE_MANIFEST_LINE));
    check_lines(&manifest, true);
    rewrite(&manifest);
    sb_manifest_free(&manifest);
    sb_findings_free(&findings);
}

static void try_cover(const uint8_t *bytes, size_t len)
{
    struct sb_manifest cover = {0};
    struct sb_findings findings = {0};
    struct sb_buf text = {0};
    /* The manifest in seal/ has the same form, and another rule. */
    REQUIRE(sb_seal_manifest_parse(&cover, &findings, bytes, len) == 0);
    bool good = findings.count == 0;
    REQUIRE(good || sb_findings_has(&findings, SB_RULE_MANIFEST_LINE));
    sb_manifest_free(&cover);
    sb_findings_free(&findings);
    REQUIRE(sb_cover_parse(&cover, &findings, bytes, len) == 0);
    REQUIRE(good == (findings.count == 0));
    fuzz_check_findings(&findings);
    check_lines(&cover, findings.count == 0);
    if (findings.count == 0) {
        /* It has one spelling. */
        for (size_t i = 0; i < cover.count; i++)
            REQUIRE(sb_cover_append(&text, cover.lines[i].digest, cover.lines[i].path) == 0);
        REQUIRE(text.len == len && (len == 0 || memcmp(text.data, bytes, len) == 0));
    }
    sb_buf_free(&text);
    sb_manifest_free(&cover);
    sb_findings_free(&findings);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    try_manifest(bytes, len, false);
    try_manifest(bytes, len, true);
    try_cover(bytes, len);
    return 0;
}
