/* BagIt profiles: what is taken for one, and what of a bag is held against it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bag/profile.h"

#define INFO                                                                                       \
    "\"BagIt-Profile-Info\": {\"BagIt-Profile-Identifier\": \"https://example.org/p.json\","       \
    " \"BagIt-Profile-Version\": \"1.4\"}"
#define VERSIONS "\"Accept-BagIt-Version\": [\"1.0\"]"
/* A profile with these members, which begin with a comma. */
#define WITH(members) "{" INFO ", " VERSIONS members "}"

/* ---- what is a profile ------------------------------------------------------------------- */

static int parse(struct sealbag_profile *out, const char *text, size_t len, struct sb_error *error)
{
    /* A copy of exactly this size, so that a sanitizer sees what is read beyond it. */
    char *bytes = malloc(len > 0 ? len : 1);
    assert_non_null(bytes);
    memcpy(bytes, text, len);
    int r = sb_profile_parse(out, bytes, len, "p.json", error);
    free(bytes);
    return r;
}

static void expect_refused_bytes(const char *text, size_t len, const char *said)
{
    struct sealbag_profile profile;
    struct sb_error error = {0};
    int r = parse(&profile, text, len, &error);
    if (r != SEALBAG_ERR_PROFILE || strstr(error.message, said) == NULL)
        fail_msg("%s: %d, \"%s\", and not \"%s\"", text, r, error.message, said);
    assert_non_null(strstr(error.message, "p.json"));
    assert_string_equal(error.rule, "profile.refused");
    sb_profile_free(&profile);
}

static void expect_refused(const char *text, const char *said)
{
    expect_refused_bytes(text, strlen(text), said);
}

static void parse_good(struct sealbag_profile *out, const char *text)
{
    struct sb_error error = {0};
    if (parse(out, text, strlen(text), &error) != 0)
        fail_msg("%s: %s", text, error.message);
}

static void test_malformed(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        " ",
        "{",
        "{}}",
        "nonsense",
        "{\"a\": 1,}",
        "{'a': 1}",
        "{\"a\": 01}",
        "\"a\"",
        "{\"a\" 1}",
        "\xef\xbb\xbf{}",
        "{\"a\": \"\xff\"}",
        "{\"a\": \"\\u0000\"}",
        "{\"a\": \"\\ud800\"}",
        "{} // a comment",
        WITH("") "x",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        expect_refused(texts[i], "is not JSON as it must be");
    expect_refused_bytes("{}\0", 3, "is not JSON as it must be");
    expect_refused("[]", "is not a JSON object");
    /* Each beginning of one is none. */
    const char whole[] = WITH("");
    for (size_t len = 0; len + 1 < sizeof(whole) - 1; len++)
        expect_refused_bytes(whole, len, "is not JSON as it must be");
}

static void test_twice(void **state)
{
    (void)state;
    expect_refused(WITH(", \"Data-Empty\": true, \"Data-Empty\": false"), "not JSON as it must");
    expect_refused(WITH(", \"Bag-Info\": {\"A\": {}, \"A\": {}}"), "not JSON as it must");
    expect_refused(WITH(", \"Bag-Info\": {\"A\": {\"required\": true, \"required\": false}}"),
                   "not JSON as it must");
    expect_refused(WITH(", \"Bag-Info\": {\"Label\": {}, \"lABEL\": {}}"), "names the label");
    expect_refused(WITH(", \"a\": 1, \"\\u0061\": 2"), "not JSON as it must");
}

static void test_deep_and_large(void **state)
{
    (void)state;
    enum { DEEP = 100000 };
    char *text = calloc(1, SEALBAG_PROFILE_BYTES_MAX + 2);
    assert_non_null(text);
    memset(text, '[', DEEP);
    expect_refused_bytes(text, DEEP, "is not JSON as it must be");
    memset(text, ' ', SEALBAG_PROFILE_BYTES_MAX + 1);
    memcpy(text, WITH(""), strlen(WITH("")));
    expect_refused_bytes(text, SEALBAG_PROFILE_BYTES_MAX + 1, "is larger than 1 MiB");
    struct sealbag_profile profile;
    assert_int_equal(parse(&profile, text, SEALBAG_PROFILE_BYTES_MAX, NULL), 0);
    sb_profile_free(&profile);
    free(text);
}

static void test_types(void **state)
{
    (void)state;
    static const char *const lists[] = {
        "Manifests-Required",     "Manifests-Allowed",     "Tag-Manifests-Required",
        "Tag-Manifests-Allowed",  "Tag-Files-Required",    "Tag-Files-Allowed",
        "Payload-Files-Required", "Payload-Files-Allowed", "Accept-Serialization"};
    static const char *const no_lists[] = {"\"a\"", "true",   "null",   "{}",       "1",
                                           "[1]",   "[\"\"]", "[null]", "[[\"a\"]]"};
    static const char *const flags[] = {"Allow-Fetch.txt", "Fetch.txt-Required", "Data-Empty"};
    static const char *const no_flags[] = {"\"true\"", "1", "null", "[]", "{}"};
    char text[1000];
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        for (size_t j = 0; j < sizeof(no_lists) / sizeof(no_lists[0]); j++) {
            snprintf(text, sizeof(text), WITH(", \"%s\": %s"), lists[i], no_lists[j]);
            expect_refused(text, lists[i]);
        }
    }
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        for (size_t j = 0; j < sizeof(no_flags) / sizeof(no_flags[0]); j++) {
            snprintf(text, sizeof(text), WITH(", \"%s\": %s"), flags[i], no_flags[j]);
            expect_refused(text, flags[i]);
        }
    }
    expect_refused(WITH(", \"Bag-Info\": []"), "Bag-Info");
    expect_refused(WITH(", \"Bag-Info\": {\"A\": true}"), "of the label A");
    expect_refused(WITH(", \"Bag-Info\": {\"A\": {\"required\": \"yes\"}}"), "required");
    expect_refused(WITH(", \"Bag-Info\": {\"A\": {\"repeatable\": 0}}"), "repeatable");
    expect_refused(WITH(", \"Bag-Info\": {\"A\": {\"values\": \"b\"}}"), "values");
    expect_refused(WITH(", \"Bag-Info\": {\"A\": {\"description\": 1}}"), "description");
    expect_refused(WITH(", \"Bag-Info\": {\"A\": {\"requried\": true}}"), "requried");
    expect_refused(WITH(", \"Serialization\": \"maybe\""), "Serialization");
    expect_refused(WITH(", \"Serialization\": true"), "Serialization");
    expect_refused("{\"BagIt-Profile-Info\": {}, " VERSIONS "}", "BagIt-Profile-Identifier");
    expect_refused("{\"BagIt-Profile-Info\": {\"Version\": 1}, " VERSIONS "}", "Version");
    expect_refused("{\"BagIt-Profile-Info\": {\"BagIt-Profile-Identifier\": \"a\\nb\"}, " VERSIONS
                   "}",
                   "cannot be a line");
    expect_refused("{" INFO "}", "Accept-BagIt-Version");
    expect_refused("{" INFO ", \"Accept-BagIt-Version\": []}", "Accept-BagIt-Version");
}

static void test_versions(void **state)
{
    (void)state;
    static const char *const good[] = {"1.0", "1.1.0", "1.2.0", "1.3", "1.3.0", "1.4", "1.4.12"};
    static const char *const later[] = {"",     "1",     "1.5",    "1.10", "2.0",
                                        "1.4.", "1.4.x", "1.4.0.", "0.9",  "1.4-beta"};
    char text[400];
    for (int known = 0; known < 2; known++) {
        size_t count = known ? sizeof(good) / sizeof(good[0]) : sizeof(later) / sizeof(later[0]);
        for (size_t i = 0; i < count; i++) {
            struct sealbag_profile profile;
            snprintf(text, sizeof(text),
                     "{\"BagIt-Profile-Info\": {\"BagIt-Profile-Identifier\": \"x\", "
                     "\"BagIt-Profile-Version\": \"%s\"}, " VERSIONS "}",
                     known ? good[i] : later[i]);
            if (!known) {
                expect_refused(text, "is written for version");
                continue;
            }
            parse_good(&profile, text);
            sb_profile_free(&profile);
        }
    }
}

static void test_contradictions(void **state)
{
    (void)state;
    expect_refused(WITH(", \"Allow-Fetch.txt\": false, \"Fetch.txt-Required\": true"), "fetch.txt");
    expect_refused(WITH(", \"Serialization\": \"required\""), "Accept-Serialization");
    expect_refused(WITH(", \"Manifests-Required\": [\"md5\"], \"Manifests-Allowed\": [\"sha1\"]"),
                   "requires the manifest md5");
    expect_refused(WITH(", \"Tag-Files-Required\": [\"a.txt\"], \"Tag-Files-Allowed\": [\"b*\"]"),
                   "requires the tag file a.txt");
    expect_refused(
        WITH(", \"Payload-Files-Required\": [\"data/a\"], \"Payload-Files-Allowed\": []"),
        "requires the document data/a");
    expect_refused(WITH(", \"Payload-Files-Allowed\": [\"data/[ab]\"]"), "the pattern");
}

static void test_unknown(void **state)
{
    (void)state;
    struct sealbag_profile profile;
    parse_good(&profile, WITH(", \"Other-Info\": [1], \"Data-Empty\": true, \"\\u001b[2J\": {}"));
    assert_int_equal(profile.not_judged.count, 2);
    assert_string_equal(profile.not_judged.items[0], "Other-Info");
    assert_true(profile.data_empty);
    sb_profile_free(&profile);
    parse_good(&profile, WITH(""));
    assert_int_equal(profile.not_judged.count, 0);
    assert_false(profile.manifests_allowed.stated);
    assert_int_equal(profile.packing, SB_PACKING_OPTIONAL);
    sb_profile_free(&profile);
}

/* ---- patterns ---------------------------------------------------------------------------- */

static void test_patterns(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *path;
        bool fits;
    } cases[] = {
        {"", "", true},
        {"", "a", false},
        {"a", "", false},
        {"*", "", true},
        {"*", "a/b", true},
        {"a*", "a", true},
        {"a*c", "abcbc", true},
        {"a*c", "abcb", false},
        {"*a*b*", "xaxbx", true},
        {"*a*b*", "xbxa", false},
        {"?", "a", true},
        {"?", "", false},
        {"?", "ab", false},
        {"a?c", "abc", true},
        {"data/*.pdf", "data/x/y.pdf", true},
        {"data/*", "data/", true},
        {"data/*", "datax", false},
        {"**", "ab", true},
        {"*b", "abb", true},
        {"A", "a", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (sb_profile_fits(cases[i].pattern, cases[i].path) != cases[i].fits)
            fail_msg("%s, %s", cases[i].pattern, cases[i].path);
    }
    /* Would take for ever if each star were tried with each. */
    char path[4001];
    memset(path, 'a', 4000);
    path[4000] = 0;
    assert_false(sb_profile_fits("*a*a*a*a*a*a*a*a*a*a*a*a*b", path));
}

/* ---- bags -------------------------------------------------------------------------------- */

static void check(struct sb_findings *findings, const char *text, const char *info,
                  const char *const *paths, enum sb_packing packing)
{
    static const uint8_t none[SB_DIGEST_SIZE];
    struct sealbag_profile profile;
    struct sb_inventory files = {0};
    parse_good(&profile, text);
    for (; *paths != NULL; paths++)
        assert_int_equal(sb_inventory_add(&files, *paths, 1, 0, none), 0);
    sb_inventory_sort(&files);
    const struct sb_profile_bag bag = {"1.0", &files, info, strlen(info), packing};
    assert_int_equal(sb_profile_check(findings, &profile, &bag), 0);
    sb_inventory_free(&files);
    sb_profile_free(&profile);
}

#define NAMED "BagIt-Profile-Identifier: https://example.org/p.json\n"

/* Exactly this rule, or none when it is SB_RULE_COUNT. */
static void expect_rule(enum sb_rule rule, const char *text, const char *info)
{
    static const char *const paths[] = {"bag-info.txt", "bagit.txt",        "data/a",
                                        "data/b/c",     "manifest-md5.txt", "manifest-sha512.txt",
                                        "notes.txt",    "seal/seal.txt",    NULL};
    struct sb_findings findings = {0};
    check(&findings, text, info, paths, SB_PACKED_TAR_GZ);
    for (size_t i = 0; i < findings.count; i++) {
        if (rule == SB_RULE_COUNT || strcmp(findings.items[i].rule, sb_rule_row(rule)->rule) != 0)
            fail_msg("%s: %s [%s]", text, findings.items[i].sentence, findings.items[i].rule);
    }
    assert_int_equal(findings.count > 0, rule != SB_RULE_COUNT);
    /* None of it says anything against the content. */
    assert_int_equal(sb_findings_content_code(&findings), 0);
    sb_findings_free(&findings);
}

static void test_bags(void **state)
{
    (void)state;
    const enum sb_rule none = SB_RULE_COUNT;
    expect_rule(none, WITH(""), NAMED);
    expect_rule(SB_RULE_PROFILE_IDENTIFIER, WITH(""), "A: b\n");
    expect_rule(none, WITH(""), "bagit-profile-identifier: x\n" NAMED);
    expect_rule(none, WITH(", \"Bag-Info\": {\"A\": {\"required\": true}}"), NAMED "a: b\n");
    expect_rule(SB_RULE_PROFILE_LABEL, WITH(", \"Bag-Info\": {\"A\": {\"required\": true}}"),
                NAMED);
    expect_rule(SB_RULE_PROFILE_RECOMMENDED,
                WITH(", \"Bag-Info\": {\"A\": {\"recommended\": true}}"), NAMED);
    expect_rule(none, WITH(", \"Bag-Info\": {\"A\": {\"values\": [\"b c\"]}}"), NAMED "A: b\n c\n");
    expect_rule(none, WITH(", \"Bag-Info\": {\"A\": {\"values\": []}}"), NAMED "A: b\n");
    expect_rule(SB_RULE_PROFILE_VALUE, WITH(", \"Bag-Info\": {\"A\": {\"values\": [\"b\"]}}"),
                NAMED "A: b\nA: B\n");
    expect_rule(none, WITH(", \"Bag-Info\": {\"A\": {}}"), NAMED "A: b\nA: b\n");
    expect_rule(SB_RULE_PROFILE_REPEATED, WITH(", \"Bag-Info\": {\"A\": {\"repeatable\": false}}"),
                NAMED "A: b\na: b\n");
    expect_rule(none, WITH(", \"Manifests-Required\": [\"MD5\", \"SHA-512\"]"), NAMED);
    expect_rule(SB_RULE_PROFILE_MANIFEST, WITH(", \"Manifests-Required\": [\"sha51\"]"), NAMED);
    expect_rule(SB_RULE_PROFILE_MANIFEST, WITH(", \"Manifests-Allowed\": [\"md5\"]"), NAMED);
    expect_rule(none, WITH(", \"Manifests-Allowed\": [\"*\"]"), NAMED);
    expect_rule(SB_RULE_PROFILE_MANIFEST, WITH(", \"Tag-Manifests-Required\": [\"md5\"]"), NAMED);
    expect_rule(none, WITH(", \"Tag-Files-Allowed\": [\"seal/*\", \"notes.txt\"]"), NAMED);
    expect_rule(SB_RULE_PROFILE_TAG_FILE, WITH(", \"Tag-Files-Allowed\": [\"notes.txt\"]"), NAMED);
    expect_rule(SB_RULE_PROFILE_TAG_FILE, WITH(", \"Tag-Files-Required\": [\"note.txt\"]"), NAMED);
    expect_rule(none, WITH(", \"Payload-Files-Required\": [\"data/b/\", \"data/a\"]"), NAMED);
    expect_rule(SB_RULE_PROFILE_PAYLOAD, WITH(", \"Payload-Files-Required\": [\"data/a/\"]"),
                NAMED);
    expect_rule(SB_RULE_PROFILE_PAYLOAD, WITH(", \"Payload-Files-Allowed\": [\"data/?\"]"), NAMED);
    expect_rule(SB_RULE_PROFILE_FETCH, WITH(", \"Fetch.txt-Required\": true"), NAMED);
    expect_rule(SB_RULE_PROFILE_DATA, WITH(", \"Data-Empty\": true"), NAMED);
    expect_rule(SB_RULE_PROFILE_PACKING, WITH(", \"Serialization\": \"forbidden\""), NAMED);
    expect_rule(SB_RULE_PROFILE_VERSION, "{" INFO ", \"Accept-BagIt-Version\": [\"0.97\"]}", NAMED);
    expect_rule(SB_RULE_PROFILE_NOT_JUDGED, WITH(", \"Others\": 1"), NAMED);
}

static void test_packings(void **state)
{
    (void)state;
    static const char *const paths[] = {"bagit.txt", NULL};
    static const struct {
        enum sb_packing packing;
        const char *types;
        bool good;
    } cases[] = {
        {SB_PACKED_NOT, "\"application/zip\"", false},
        {SB_PACKED_ZIP, "\"application/zip\"", true},
        {SB_PACKED_TAR, "\"application/zip\", \"application/x-tar\"", true},
        {SB_PACKED_TAR_GZ, "\"application/tar\"", false},
        {SB_PACKED_TAR_GZ, "\"Application/X-Gzip\"", true},
        {SB_PACKED_TAR_ZST, "\"application/zstd\"", true},
        {SB_PACKED_ZIP, "\"application/gzip\"", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sb_findings findings = {0};
        char text[600];
        snprintf(text, sizeof(text),
                 WITH(", \"Serialization\": \"required\", \"Accept-Serialization\": [%s]"),
                 cases[i].types);
        check(&findings, text, NAMED, paths, cases[i].packing);
        assert_int_equal(sb_findings_has(&findings, SB_RULE_PROFILE_PACKING), !cases[i].good);
        assert_int_equal(findings.count, !cases[i].good);
        sb_findings_free(&findings);
    }
}

/* What comes from the bag and from the profile is shown harmless. */
static void test_escaped(void **state)
{
    (void)state;
    static const char *const paths[] = {"bagit.txt", NULL};
    struct sb_findings findings = {0};
    check(&findings, WITH(", \"Bag-Info\": {\"A\": {\"values\": [\"\\u001b[2J\"]}}"),
          NAMED "A: \x1b]0;x\n", paths, SB_PACKED_NOT);
    assert_int_equal(findings.count, 1);
    assert_null(strchr(findings.items[0].sentence, '\x1b'));
    sb_findings_free(&findings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_malformed),      cmocka_unit_test(test_twice),
        cmocka_unit_test(test_deep_and_large), cmocka_unit_test(test_types),
        cmocka_unit_test(test_versions),       cmocka_unit_test(test_contradictions),
        cmocka_unit_test(test_unknown),        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_bags),           cmocka_unit_test(test_packings),
        cmocka_unit_test(test_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
