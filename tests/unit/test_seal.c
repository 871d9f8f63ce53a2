/* seal.txt, salt.txt and the names of signature files: one form, everything else refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bag/seal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ROOT  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define COVER "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define OLD   "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
#define FP1   "SHA256:1/abcdefghijklmnopqrstuvwx0123456789ABCDEFA"
#define FP2   "SHA256:2+abcdefghijklmnopqrstuvwx0123456789ABCDEFE"

enum { LINES = 9 };
static const char *const lines[LINES] = {
    "Sealbag-Version: 1",
    "Bag-Name: Report \xc3\xbc",
    "Sealed: 2026-11-25T09:12:42Z",
    "Signer: " FP1,
    "Signer: " FP2,
    "Leaves: 3",
    "Root: " ROOT,
    "Cover: " COVER,
    "Supersedes: " OLD,
};

/* The lines, with line `which` replaced by `text` (NULL: left out). */
static char *with(char out[1000], size_t which, const char *text)
{
    out[0] = 0;
    for (size_t i = 0; i < LINES; i++) {
        const char *line = i == which ? text : lines[i];
        if (line != NULL) {
            strcat(out, line);
            strcat(out, "\n");
        }
    }
    return out;
}

/* Parses; true when good. *version: whether it was refused for its version. */
static bool parse_bytes(struct sb_seal *out, const char *bytes, size_t len, bool *version)
{
    struct sb_findings findings = {0};
    memset(out, 0x55, sizeof(*out));
    assert_int_equal(sb_seal_parse(out, &findings, (const uint8_t *)bytes, len), 0);
    bool good = findings.count == 0;
    *version = false;
    if (!good) {
        assert_int_equal(findings.count, 1);
        assert_string_equal(findings.items[0].path, "seal/seal.txt");
        *version = sb_findings_has(&findings, SB_RULE_SEAL_VERSION);
        assert_true(*version || sb_findings_has(&findings, SB_RULE_SEAL_SYNTAX));
        assert_null(out->signers);
        assert_int_equal(out->signer_count, 0);
        assert_string_equal(out->name, "");
        assert_true(out->sealed == 0 && out->leaves == 0 && !out->supersedes_stated);
    }
    sb_findings_free(&findings);
    return good;
}

static bool parse(struct sb_seal *out, const char *text)
{
    bool version;
    return parse_bytes(out, text, strlen(text), &version);
}

static void expect_refused(const char *text)
{
    struct sb_seal seal;
    if (parse(&seal, text))
        fail_msg("taken:\n%s", text);
}

/* ---- round trip ------------------------------------------------------------------------ */

static void read_and_write(void **state)
{
    (void)state;
    char text[1000];
    struct sb_seal seal;
    struct sb_buf again = {0};
    assert_true(parse(&seal, with(text, LINES, NULL)));
    assert_string_equal(seal.name, "Report \xc3\xbc");
    assert_true(seal.sealed == 1795597962);
    assert_int_equal(seal.signer_count, 2);
    assert_string_equal(seal.signers[0], FP1);
    assert_string_equal(seal.signers[1], FP2);
    assert_true(seal.leaves == 3);
    assert_int_equal(seal.root[0], 0xe3);
    assert_int_equal(seal.root[31], 0x55);
    assert_int_equal(seal.cover[0], 0xba);
    assert_int_equal(seal.cover[31], 0xad);
    assert_true(seal.supersedes_stated);
    assert_int_equal(seal.supersedes[0], 0x5d);
    assert_int_equal(seal.supersedes[31], 0x28);
    assert_int_equal(sb_seal_format(&again, &seal), 0);
    assert_string_equal((const char *)again.data, text);
    sb_buf_free(&again);
    sb_seal_free(&seal);
    assert_null(seal.signers);

    assert_true(parse(&seal, with(text, LINES - 1, NULL)));
    assert_false(seal.supersedes_stated);
    assert_int_equal(sb_seal_format(&again, &seal), 0);
    assert_string_equal((const char *)again.data, text);
    sb_buf_free(&again);
    sb_seal_free(&seal);
}

static void one_signer_and_large_count(void **state)
{
    (void)state;
    char text[1000];
    struct sb_seal seal;
    assert_true(parse(&seal, with(text, 4, NULL)));
    assert_int_equal(seal.signer_count, 1);
    sb_seal_free(&seal);
    assert_true(parse(&seal, with(text, 5, "Leaves: 18446744073709551615")));
    assert_true(seal.leaves == UINT64_MAX);
    sb_seal_free(&seal);
    assert_true(parse(&seal, with(text, 5, "Leaves: 0")));
    assert_true(seal.leaves == 0);
    sb_seal_free(&seal);
}

/* ---- the lines ------------------------------------------------------------------------- */

/* Each line missing, twice, and in each other place. */
static void line_order(void **state)
{
    (void)state;
    char text[2000];
    for (size_t i = 0; i < LINES; i++) {
        if (i != 3 && i != 4 && i != 8)
            expect_refused(with(text, i, NULL));
        char doubled[400];
        snprintf(doubled, sizeof(doubled), "%s\n%s", lines[i], lines[i]);
        expect_refused(with(text, i, doubled));
        for (size_t j = i + 1; j < LINES; j++) {
            text[0] = 0;
            for (size_t k = 0; k < LINES; k++) {
                strcat(text, lines[k == i ? j : k == j ? i : k]);
                strcat(text, "\n");
            }
            expect_refused(text);
        }
        snprintf(doubled, sizeof(doubled), "%s\n", lines[i]);
        expect_refused(with(text, i, doubled)); /* an empty line after it */
        snprintf(doubled, sizeof(doubled), "%s\r", lines[i]);
        expect_refused(with(text, i, doubled));
        snprintf(doubled, sizeof(doubled), " %s", lines[i]);
        expect_refused(with(text, i, doubled));
        snprintf(doubled, sizeof(doubled), "%s ", lines[i]);
        expect_refused(with(text, i, doubled));
        snprintf(doubled, sizeof(doubled), "Extra: x\n%s", lines[i]);
        expect_refused(with(text, i, doubled));
    }
    /* neither signer */
    with(text, 4, NULL);
    char *signer = strstr(text, lines[3]), *leaves = strstr(text, lines[5]);
    memmove(signer, leaves, strlen(leaves) + 1);
    expect_refused(text);
}

static void ends(void **state)
{
    (void)state;
    char text[1000], longer[1001];
    struct sb_seal seal;
    bool version;
    for (int supersedes = 0; supersedes < 2; supersedes++) {
        with(text, supersedes ? LINES : LINES - 1, NULL);
        size_t len = strlen(text), without = strstr(text, "Supersedes") != NULL
                                                 ? (size_t)(strstr(text, "Supersedes") - text)
                                                 : len;
        for (size_t cut = 0; cut < len; cut++) {
            bool good = parse_bytes(&seal, text, cut, &version);
            if (good != (cut == without))
                fail_msg("cut at %zu", cut);
            sb_seal_free(&seal);
        }
        memcpy(longer, text, len);
        for (unsigned value = 0; value < 256; value++) {
            longer[len] = (char)value;
            assert_false(parse_bytes(&seal, longer, len + 1, &version));
        }
    }
}

static void fields(void **state)
{
    (void)state;
    static const struct {
        size_t line;
        const char *text;
    } rows[] = {
        {0, "Sealbag-Version: 01"},
        {0, "Sealbag-Version: x"},
        {0, "Sealbag-Version: "},
        {0, "Sealbag-Version:1"},
        {0, "sealbag-version: 1"},
        {1, "Bag-Name: "},
        {1, "Bag-Name: a/b"},
        {1, "Bag-Name: .."},
        {1, "Bag-Name: -a"},
        {1, "Bag-Name:  a"},
        {1, "Bag-Name: a\tb"},
        {1, "Bag-Name: a\xe2\x80\xae"},
        {1, "Bag-Name: \xff"},
        {2, "Sealed: 2026-11-25T09:12:42+00:00"},
        {2, "Sealed: 2026-11-25 09:12:42Z"},
        {2, "Sealed: 2026-13-25T09:12:42Z"},
        {2, "Sealed: 1969-12-31T23:59:59Z"},
        {2, "Sealed: now"},
        {3, "Signer: SHA256:1/abcdefghijklmnopqrstuvwx0123456789ABCDEF"},
        {3, "Signer: SHA256:1/abcdefghijklmnopqrstuvwx0123456789ABCDEFAA"},
        {3, "Signer: SHA256:1/abcdefghijklmnopqrstuvwx0123456789ABCDEFB"},
        {3, "Signer: SHA256:1/abcdefghijklmnopqrstuvwx0123456789ABCDEF="},
        {3, "Signer: SHA256:1_abcdefghijklmnopqrstuvwx0123456789ABCDEFA"},
        {3, "Signer: sha256:1/abcdefghijklmnopqrstuvwx0123456789ABCDEFA"},
        {3, "Signer: SHA512:1/abcdefghijklmnopqrstuvwx0123456789ABCDEFA"},
        {3, "Signer: "},
        {3, "Signer: " FP2},
        {5, "Leaves: "},
        {5, "Leaves: -1"},
        {5, "Leaves: 03"},
        {5, "Leaves: 18446744073709551616"},
        {6, "Root: e3b0"},
        {6, "Root: " ROOT "00"},
        {6, "Root: E3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {7, "Cover: g"
            "a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {7, "Cover: "},
        {8, "Supersedes: "},
        {8, "Supersedes: -"},
        {8, "Superseded: " OLD},
    };
    char text[1000], name[300] = "Bag-Name: ";
    for (size_t i = 0; i < COUNT(rows); i++)
        expect_refused(with(text, rows[i].line, rows[i].text));
    struct sb_seal seal;
    memset(name + 10, 'n', 255);
    assert_true(parse(&seal, with(text, 1, name)));
    assert_int_equal(strlen(seal.name), 255);
    sb_seal_free(&seal);
    memset(name + 10, 'n', 256);
    expect_refused(with(text, 1, name));
}

/* A seal of a later kind is not called damaged. */
static void versions(void **state)
{
    (void)state;
    static const char *const later[] = {"Sealbag-Version: 2\n", "Sealbag-Version: 0\n",
                                        "Sealbag-Version: 2\nWhatever comes then.",
                                        "Sealbag-Version: 18446744073709551615\n"};
    struct sb_seal seal;
    bool version;
    for (size_t i = 0; i < COUNT(later); i++) {
        assert_false(parse_bytes(&seal, later[i], strlen(later[i]), &version));
        assert_true(version);
    }
    assert_false(parse_bytes(&seal, "Sealbag-Version: 2", 18, &version));
    assert_false(version);
}

static void signer_limits(void **state)
{
    (void)state;
    for (unsigned count = SB_SIGNERS_MAX; count <= SB_SIGNERS_MAX + 1; count++) {
        struct sb_buf text = {0};
        struct sb_seal seal;
        assert_int_equal(sb_buf_printf(&text, "%s\n%s\n%s\n", lines[0], lines[1], lines[2]), 0);
        for (unsigned i = 0; i < count; i++)
            assert_int_equal(
                sb_buf_printf(&text, "Signer: SHA256:%04u%s\n", i, &FP1[strlen("SHA256:1/ab")]), 0);
        assert_int_equal(sb_buf_printf(&text, "%s\n%s\n%s\n", lines[5], lines[6], lines[7]), 0);
        assert_int_equal(parse(&seal, (const char *)text.data), count == SB_SIGNERS_MAX);
        assert_int_equal(seal.signer_count, count == SB_SIGNERS_MAX ? count : 0);
        sb_seal_free(&seal);
        sb_buf_free(&text);
    }
}

/* Any byte changed: refused, or the seal says something else; and only one text says the same. */
static void every_byte(void **state)
{
    (void)state;
    char text[1000], changed[1000];
    struct sb_seal base;
    assert_true(parse(&base, with(text, LINES, NULL)));
    size_t len = strlen(text);
    for (size_t at = 0; at < len; at++) {
        for (unsigned value = 0; value < 256; value++) {
            struct sb_seal seal;
            struct sb_buf again = {0};
            bool version;
            memcpy(changed, text, len);
            changed[at] = (char)value;
            if (changed[at] != text[at] && parse_bytes(&seal, changed, len, &version)) {
                assert_int_equal(sb_seal_format(&again, &seal), 0);
                assert_int_equal(again.len, len);
                assert_memory_equal(again.data, changed, len);
                sb_seal_free(&seal);
            }
            sb_buf_free(&again);
        }
    }
    sb_seal_free(&base);
}

/* ---- the other files of seal/ -------------------------------------------------------------- */

static void salt(void **state)
{
    (void)state;
    uint8_t out[32];
    static const char *const bad[] = {"",
                                      ROOT,
                                      ROOT "\r\n",
                                      ROOT "\n\n",
                                      ROOT " \n",
                                      " " ROOT "\n",
                                      "E3"
                                      "b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b"
                                      "7852b855\n"};
    assert_true(sb_salt_parse(out, (const uint8_t *)(ROOT "\n"), 65));
    assert_int_equal(out[0], 0xe3);
    assert_int_equal(out[31], 0x55);
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(sb_salt_parse(out, (const uint8_t *)bad[i], strlen(bad[i])));
    assert_false(sb_salt_parse(out, (const uint8_t *)(ROOT "\r"), 65));
}

struct kind_row {
    const char *path;
    enum sb_seal_kind kind;
};

static void check_kinds(const struct kind_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char name[33] = "untouched";
        if (sb_seal_kind_of(name, rows[i].path) != rows[i].kind)
            fail_msg("%s", rows[i].path);
        if (rows[i].kind >= SB_SEAL_MINISIGN && rows[i].kind != SB_SEAL_UNKNOWN)
            assert_string_equal(name, "0123456789abcdef0123456789abcdef");
    }
}

static void kinds(void **state)
{
    (void)state;
    static const struct kind_row rows[] = {
        {"seal/seal.txt", SB_SEAL_FIXED},
        {"seal/salt.txt", SB_SEAL_FIXED},
        {"seal/cover-sha256.txt", SB_SEAL_FIXED},
        {"seal/manifest-sha256.txt", SB_SEAL_FIXED},
        {"seal/manifest-sha512.txt", SB_SEAL_UNKNOWN},
        {"seal/manifest-md5.txt", SB_SEAL_UNKNOWN},
        {"seal/tagmanifest-sha256.txt", SB_SEAL_UNKNOWN},
        {"seal/0123456789abcdef0123456789abcdef.minisig", SB_SEAL_MINISIGN},
        {"seal/0123456789abcdef0123456789abcdef.sshsig", SB_SEAL_SSHSIG},
        {"seal/0123456789abcdef0123456789abcdef", SB_SEAL_UNKNOWN},
        {"seal/0123456789abcdef0123456789abcdef.sig", SB_SEAL_UNKNOWN},
        {"seal/0123456789abcdef0123456789abcdef.minisig2", SB_SEAL_UNKNOWN},
        {"seal/0123456789abcdef0123456789abcdef.MINISIG", SB_SEAL_UNKNOWN},
        {"seal/0123456789abcdef0123456789abcdef0.minisig", SB_SEAL_UNKNOWN},
        {"seal/0123456789abcdef0123456789abcde.minisig", SB_SEAL_UNKNOWN},
        {"seal/0123456789ABCDEF0123456789ABCDEF.minisig", SB_SEAL_UNKNOWN},
        {"seal/g123456789abcdef0123456789abcdef.minisig", SB_SEAL_UNKNOWN},
        {"seal/x/0123456789abcdef0123456789abcdef.minisig", SB_SEAL_UNKNOWN},
        {"seal/seal.txt.minisig", SB_SEAL_UNKNOWN},
        {"seal/Seal.txt", SB_SEAL_UNKNOWN},
        {"seal/", SB_SEAL_UNKNOWN},
        {"seal/a", SB_SEAL_UNKNOWN},
        {"seal/0001-0123456789abcdef0123456789abcdef.txt", SB_SEAL_UNKNOWN},
        {"seal/0123456789abcdef0123456789abcdef.txt", SB_SEAL_UNKNOWN},
    };
    check_kinds(rows, COUNT(rows));
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(sb_seal_custody_number(rows[i].path), 0);
}

static void custody_kinds(void **state)
{
    (void)state;
    static const struct kind_row rows[] = {
        {"seal/custody/0001-0123456789abcdef0123456789abcdef.txt", SB_SEAL_CUSTODY_EVENT},
        {"seal/custody/9999-0123456789abcdef0123456789abcdef.minisig", SB_SEAL_CUSTODY_MINISIGN},
        {"seal/custody/0010-0123456789abcdef0123456789abcdef.sshsig", SB_SEAL_CUSTODY_SSHSIG},
        {"seal/custody/0000-0123456789abcdef0123456789abcdef.txt", SB_SEAL_UNKNOWN},
        {"seal/custody/1-0123456789abcdef0123456789abcdef.txt", SB_SEAL_UNKNOWN},
        {"seal/custody/00001-0123456789abcdef0123456789abcdef.txt", SB_SEAL_UNKNOWN},
        {"seal/custody/10000-0123456789abcdef0123456789abcdef.txt", SB_SEAL_UNKNOWN},
        {"seal/custody/+001-0123456789abcdef0123456789abcdef.txt", SB_SEAL_UNKNOWN},
        {"seal/custody/0001_0123456789abcdef0123456789abcdef.txt", SB_SEAL_UNKNOWN},
        {"seal/custody/0001-0123456789abcdef0123456789abcde.txt", SB_SEAL_UNKNOWN},
        {"seal/custody/0001-0123456789ABCDEF0123456789ABCDEF.txt", SB_SEAL_UNKNOWN},
        {"seal/custody/0001-0123456789abcdef0123456789abcdef.txt2", SB_SEAL_UNKNOWN},
        {"seal/custody/0001-0123456789abcdef0123456789abcdef", SB_SEAL_UNKNOWN},
        {"seal/custody/0001-", SB_SEAL_UNKNOWN},
        {"seal/custody/0001", SB_SEAL_UNKNOWN},
        {"seal/custody/", SB_SEAL_UNKNOWN},
        {"seal/custody/0123456789abcdef0123456789abcdef.minisig", SB_SEAL_UNKNOWN},
        {"seal/custody/x/0001-0123456789abcdef0123456789abcdef.txt", SB_SEAL_UNKNOWN},
    };
    check_kinds(rows, COUNT(rows));
    assert_int_equal(sb_seal_custody_number(rows[0].path), 1);
    assert_int_equal(sb_seal_custody_number(rows[1].path), SB_CUSTODY_MAX);
    assert_int_equal(sb_seal_custody_number(rows[2].path), 10);
    for (size_t i = 3; i < 8; i++)
        assert_int_equal(sb_seal_custody_number(rows[i].path), 0);
    assert_int_equal(sb_seal_custody_number("seal/custody/001"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_and_write), cmocka_unit_test(one_signer_and_large_count),
        cmocka_unit_test(line_order),     cmocka_unit_test(ends),
        cmocka_unit_test(fields),         cmocka_unit_test(versions),
        cmocka_unit_test(signer_limits),  cmocka_unit_test(every_byte),
        cmocka_unit_test(salt),           cmocka_unit_test(kinds),
        cmocka_unit_test(custody_kinds),
    };
    return cmocka_run_group_tests_name("seal", tests, NULL, NULL);
}
