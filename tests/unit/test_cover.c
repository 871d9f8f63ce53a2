/* The cover of a seal: the lines of sha256sum, in one spelling only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bag/manifest.h"
#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define D1 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define D2 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

/* True when the cover is good; what it says is then in *out. */
static bool parse(struct sb_manifest *out, const char *bytes, size_t len)
{
    struct sb_findings findings = {0};
    *out = (struct sb_manifest){0};
    assert_int_equal(sb_cover_parse(out, &findings, (const uint8_t *)bytes, len), 0);
    bool good = findings.count == 0;
    if (!good) {
        assert_int_equal(findings.count, 1);
        assert_string_equal(findings.items[0].rule, "seal.cover-line");
        sb_manifest_free(out);
    }
    sb_findings_free(&findings);
    return good;
}

static bool good(const char *text)
{
    struct sb_manifest manifest;
    bool is_good = parse(&manifest, text, strlen(text));
    sb_manifest_free(&manifest);
    return is_good;
}

static void accepted(void **state)
{
    (void)state;
    struct sb_manifest manifest;
    static const char text[] =
        D1 "  a b\n" D2 "  bagit.txt\n\\" D1 "  c\\nd\n\\" D2 "  e\\rf\n" D1 "  g%0Ah\n";
    static const char *const paths[] = {"a b", "bagit.txt", "c\nd", "e\rf", "g%0Ah"};
    assert_true(parse(&manifest, text, strlen(text)));
    assert_int_equal(manifest.count, COUNT(paths));
    for (size_t i = 0; i < COUNT(paths); i++) {
        char hex[65];
        assert_string_equal(manifest.lines[i].path, paths[i]);
        assert_ptr_equal(sb_manifest_find(&manifest, paths[i]), &manifest.lines[i]);
        sb_hex_encode(hex, manifest.lines[i].digest, SB_DIGEST_SIZE);
        assert_string_equal(hex, i % 2 == 0 ? D1 : D2);
    }
    sb_manifest_free(&manifest);
    assert_true(parse(&manifest, NULL, 0));
    assert_int_equal(manifest.count, 0);
}

static void refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "\n",
        "x\n",
        D1 "  a",              /* no last newline */
        D1 "  a\n\n",          /* an empty line */
        D1 "  a\r\n",          /* another line end, or a name that ends in CR unescaped */
        D1 "  a\r" D2 "  b\n", /* */
        D1 " a\n",             /* one space */
        D1 "\ta\n",
        D1 " *a\n",                /* binary mode */
        D1 "  ./a\n",              /* another spelling of a */
        D1 "  a\n" D1 "  a\n",     /* twice */
        D1 "  b\n" D1 "  a\n",     /* out of order */
        D1 "  ../a\n",             /* unsafe */
        D1 "  /a\n",               /* */
        D1 "  \n",                 /* no path */
        D1 "\n",                   /* */
        "\\" D1 "  a\n",           /* escaped without need */
        "\\" D1 "  a\\tb\n",       /* no such escape */
        "\\" D1 "  a\\\n",         /* half an escape */
        "\\" D1 "  a\\\\b\n",      /* a backslash, which is unsafe */
        D1 "  a\\nb\n",            /* an escape without its mark */
        "\\\\" D1 "  a\\nb\n",     /* two marks */
        "\xef\xbb\xbf" D1 "  a\n", /* a byte order mark */
        "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855  a\n",
        "SHA256 (a) = " D1 "\n",
        D1 "  \xe9\n",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        if (good(texts[i]))
            fail_msg("\"%s\" was taken", texts[i]);
    }
    static const char nul[] = D1 "  a\0b\n";
    struct sb_manifest manifest;
    assert_false(parse(&manifest, nul, sizeof(nul) - 1));
    assert_true(good(D1 "   a\n")); /* a file whose name begins with a space */
}

/* The line that is bad is named; what stands before it was read. */
static void names_the_line(void **state)
{
    (void)state;
    struct sb_manifest manifest = {0};
    struct sb_findings findings = {0};
    static const char text[] = D1 "  a\n" D1 "  b\nbad\n" D1 "  c\n";
    assert_int_equal(sb_cover_parse(&manifest, &findings, (const uint8_t *)text, sizeof(text) - 1),
                     0);
    assert_int_equal(findings.count, 1);
    assert_non_null(strstr(findings.items[0].sentence, "Line 3 "));
    assert_string_equal(findings.items[0].path, "seal/cover-sha256.txt");
    assert_int_equal(manifest.count, 2);
    sb_findings_free(&findings);
    sb_manifest_free(&manifest);
}

static void write_and_read(void **state)
{
    (void)state;
    static const char *const paths[] = {" a", "%0A", "*", "a\nb", "a\r", "b", "\xc3\xa9"};
    struct sb_buf text = {0};
    struct sb_manifest manifest;
    uint8_t digest[SB_DIGEST_SIZE] = {0};
    for (size_t i = 0; i < COUNT(paths); i++) {
        digest[0] = (uint8_t)i;
        assert_int_equal(sb_cover_append(&text, digest, paths[i]), 0);
    }
    assert_true(parse(&manifest, (const char *)text.data, text.len));
    assert_int_equal(manifest.count, COUNT(paths));
    for (size_t i = 0; i < COUNT(paths); i++) {
        assert_string_equal(manifest.lines[i].path, paths[i]);
        assert_int_equal(manifest.lines[i].digest[0], i);
    }
    sb_manifest_free(&manifest);
    sb_buf_free(&text);
    assert_true(sb_hex_decode(digest, SB_DIGEST_SIZE, D1, 64, false));
    assert_int_equal(sb_cover_append(&text, digest, "a\\b\nc\rd"), 0);
    assert_string_equal((const char *)text.data, "\\" D1 "  a\\\\b\\nc\\rd\n");
    sb_buf_free(&text);
}

static bool same(const struct sb_manifest *a, const struct sb_manifest *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->lines[i].path, b->lines[i].path) != 0 ||
            memcmp(a->lines[i].digest, b->lines[i].digest, SB_DIGEST_SIZE) != 0)
            return false;
    }
    return true;
}

static void expect_not_same(const struct sb_manifest *base, const char *bytes, size_t len,
                            const char *how, size_t at)
{
    struct sb_manifest other;
    if (parse(&other, bytes, len) && same(base, &other))
        fail_msg("%s at %zu: the same cover in another spelling", how, at);
    sb_manifest_free(&other);
}

/* No byte can be changed, put in, left out or cut off so that the cover still says the same. */
static void one_spelling(void **state)
{
    (void)state;
    static const char text[] = D1 "  a%\n\\" D2 "  b\\nc\n" D1 "  d/e\n";
    enum { LEN = sizeof(text) - 1 };
    static const char inserted[] = "\n\r \t\\*./0a\xef";
    char changed[LEN + 1];
    struct sb_manifest base;
    assert_true(parse(&base, text, LEN));
    for (size_t at = 0; at < LEN; at++) {
        memcpy(changed, text, LEN);
        for (unsigned value = 0; value < 256; value++) {
            changed[at] = (char)value;
            if (changed[at] != text[at])
                expect_not_same(&base, changed, LEN, "changed", at);
        }
        memcpy(changed, text, at);
        memcpy(changed + at, text + at + 1, LEN - at - 1);
        expect_not_same(&base, changed, LEN - 1, "left out", at);
        expect_not_same(&base, text, at, "cut", at);
        for (size_t i = 0; i < sizeof(inserted); i++) { /* with its NUL */
            memcpy(changed, text, at);
            changed[at] = inserted[i];
            memcpy(changed + at + 1, text + at, LEN - at);
            expect_not_same(&base, changed, LEN + 1, "put in", at);
        }
    }
    memcpy(changed, text, LEN);
    for (unsigned value = 0; value < 256; value++) {
        changed[LEN] = (char)value;
        expect_not_same(&base, changed, LEN + 1, "appended", LEN);
    }
    sb_manifest_free(&base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepted),       cmocka_unit_test(refused),
        cmocka_unit_test(names_the_line), cmocka_unit_test(write_and_read),
        cmocka_unit_test(one_spelling),
    };
    return cmocka_run_group_tests_name("cover", tests, NULL, NULL);
}
