/* BagIt manifests: RFC 8493, section 2.1.3, each rule and each refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bag/manifest.h"
#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define D1 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define D2 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define NO SB_RULE_COUNT

struct parsed {
    struct sb_manifest manifest;
    struct sb_findings findings;
};

static void parse_bytes(struct parsed *out, const char *bytes, size_t len)
{
    *out = (struct parsed){0};
    assert_int_equal(
        sb_manifest_parse(&out->manifest, &out->findings, "m.txt", (const uint8_t *)bytes, len), 0);
}

static void parse(struct parsed *out, const char *text)
{
    parse_bytes(out, text, strlen(text));
}

static void done(struct parsed *parsed)
{
    sb_manifest_free(&parsed->manifest);
    sb_findings_free(&parsed->findings);
}

static void expect_line(const struct parsed *parsed, const char *path, const char *hex)
{
    char found_hex[65];
    const struct sb_listed *line = sb_manifest_find(&parsed->manifest, path);
    if (line == NULL)
        fail_msg("\"%s\" is not listed", path);
    else
        assert_string_equal(sb_hex_encode(found_hex, line->digest, SB_DIGEST_SIZE), hex);
}

/* Parses `text`; expects `lines` lines and exactly one finding of `rule` (NO: none). */
static void expect(const char *text, size_t lines, enum sb_rule rule)
{
    struct parsed parsed;
    parse(&parsed, text);
    if (parsed.manifest.count != lines)
        fail_msg("\"%s\": %zu lines, not %zu", text, parsed.manifest.count, lines);
    if (parsed.findings.count != (rule == NO ? 0 : 1))
        fail_msg("\"%s\": %zu findings", text, parsed.findings.count);
    if (rule != NO)
        assert_string_equal(parsed.findings.items[0].rule, sb_rule_row(rule)->rule);
    done(&parsed);
}

/* ---- what is accepted ------------------------------------------------------------------ */

static void plain(void **state)
{
    (void)state;
    struct parsed parsed;
    parse(&parsed, D1 "  data/b.txt\n" D2 "  data/a b.txt\n" D1 "  data/\xc3\xa9\n");
    assert_int_equal(parsed.findings.count, 0);
    assert_int_equal(parsed.manifest.count, 3);
    assert_string_equal(parsed.manifest.lines[0].path, "data/a b.txt");
    assert_string_equal(parsed.manifest.lines[1].path, "data/b.txt");
    expect_line(&parsed, "data/a b.txt", D2);
    expect_line(&parsed, "data/b.txt", D1);
    expect_line(&parsed, "data/\xc3\xa9", D1);
    assert_null(sb_manifest_find(&parsed.manifest, "data/b.tx"));
    assert_null(sb_manifest_find(&parsed.manifest, ""));
    done(&parsed);
    assert_null(parsed.manifest.lines);
}

static void empty(void **state)
{
    (void)state;
    struct parsed parsed;
    parse_bytes(&parsed, NULL, 0);
    assert_int_equal(parsed.manifest.count, 0);
    assert_int_equal(parsed.findings.count, 0);
    assert_null(sb_manifest_find(&parsed.manifest, "a"));
    done(&parsed);
    expect("\n\r\n\r", 0, NO);
}

static void line_ends(void **state)
{
    (void)state;
    static const char *const ends[] = {"\n", "\r", "\r\n", "\n\n", "\r\r\n"};
    for (size_t i = 0; i < COUNT(ends); i++) {
        for (int last = 0; last < 2; last++) {
            char text[400];
            struct parsed parsed;
            snprintf(text, sizeof(text), D1 "  data/a%s" D2 "  data/b%s", ends[i],
                     last ? ends[i] : "");
            parse(&parsed, text);
            assert_int_equal(parsed.findings.count, 0);
            assert_int_equal(parsed.manifest.count, 2);
            expect_line(&parsed, "data/a", D1);
            expect_line(&parsed, "data/b", D2);
            done(&parsed);
        }
    }
}

static void separators(void **state)
{
    (void)state;
    static const char *const good[] = {" ", "  ", "\t", " \t", "\t\t  ", "      "};
    for (size_t i = 0; i < COUNT(good); i++) {
        char text[200];
        snprintf(text, sizeof(text), D1 "%sdata/a\n", good[i]);
        expect(text, 1, NO);
    }
    /* a space at the end belongs to the name */
    struct parsed parsed;
    parse(&parsed, D1 " data/a \n" D2 "\tdata/a\t");
    expect_line(&parsed, "data/a ", D1);
    expect_line(&parsed, "data/a\t", D2);
    done(&parsed);
}

static void upper_case(void **state)
{
    (void)state;
    struct parsed parsed;
    parse(&parsed, "BA7816BF8f01cfea414140DE5DAE2223B00361A396177A9CB410FF61F20015AD  data/a\n");
    assert_int_equal(parsed.findings.count, 0);
    expect_line(&parsed, "data/a", D2);
    done(&parsed);
}

static void percent(void **state)
{
    (void)state;
    struct parsed parsed;
    parse(&parsed, D1 "  data/a%250Ab.txt\n" D2 "  data/a%0Ab%0db.txt\n" D1 "  data/100%\n" D2
                      "  data/%2Fetc\n");
    assert_int_equal(parsed.findings.count, 0);
    expect_line(&parsed, "data/a%0Ab.txt", D1);
    expect_line(&parsed, "data/a\nb\rb.txt", D2);
    expect_line(&parsed, "data/100%", D1);
    expect_line(&parsed, "data/%2Fetc", D2);
    done(&parsed);
}

/* BagIt 0.97 encodes nothing, so there is nothing to decode. */
static void literal_percent(void **state)
{
    (void)state;
    static const char text[] =
        D1 "  data/a%250Ab\n" D2 "  data/a%0Ab\n" D1 "  data/a%25b\n" D1 "  data/a%b\n";
    struct parsed parsed = {.manifest.old = true};
    assert_int_equal(sb_manifest_parse(&parsed.manifest, &parsed.findings, "m.txt",
                                       (const uint8_t *)text, sizeof(text) - 1),
                     0);
    assert_int_equal(parsed.findings.count, 0);
    expect_line(&parsed, "data/a%250Ab", D1);
    expect_line(&parsed, "data/a%0Ab", D2);
    expect_line(&parsed, "data/a%25b", D1);
    done(&parsed);
}

static void styles(void **state)
{
    (void)state;
    static const char *const prefixes[] = {"*", "./", "././", "*./"};
    for (size_t i = 0; i < COUNT(prefixes); i++) {
        char text[200];
        struct parsed parsed;
        snprintf(text, sizeof(text), D1 " %sdata/a\n", prefixes[i]);
        expect(text, 1, SB_RULE_MANIFEST_STYLE);
        parse(&parsed, text);
        expect_line(&parsed, "data/a", D1);
        assert_int_equal(parsed.findings.items[0].severity, SEALBAG_WARNING);
        assert_int_equal(sb_findings_exit_code(&parsed.findings), 0);
        done(&parsed);
    }
    expect(D1 " data/*a\n", 1, NO);
    expect(D1 " data*\n", 1, NO);
    expect(D1 " .data\n", 1, NO);
}

/* ---- what is not ----------------------------------------------------------------------- */

static void twice(void **state)
{
    (void)state;
    expect(D1 "  data/a\n" D1 "  data/a\n", 2, SB_RULE_MANIFEST_TWICE);
    expect(D1 "  data/a\n" D2 "  data/b\n" D2 "  data/a\n", 3, SB_RULE_MANIFEST_TWICE);
    /* by what the path says, not by how it is spelled */
    expect(D1 "  data/a%25b\n" D1 "  data/a%b\n", 2, SB_RULE_MANIFEST_TWICE);
    expect(D1 "  data/a%0Ab\n" D1 "  data/a%0ab\n", 2, SB_RULE_MANIFEST_TWICE);
    expect(D1 "  data/a\n" D1 "  data/A\n", 2, NO);
    struct parsed parsed;
    parse(&parsed, D1 "  data/a\n" D1 "  ./data/a\n");
    assert_true(sb_findings_has(&parsed.findings, SB_RULE_MANIFEST_TWICE));
    assert_string_equal(parsed.findings.items[1].path, "data/a");
    assert_int_equal(sb_findings_exit_code(&parsed.findings), 1);
    done(&parsed);
}

static void malformed(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "x",
        " ",
        "# comment",
        (D1),
        D1 " ",
        D1 "\t",
        D1 "data/a",
        D1 "0 data/a",
        D1 ",data/a",
        " " D1 "  data/a",
        ("\xef\xbb\xbf" D1 "  data/a"),
        ("\\" D1 "  data/a"),
        "d41d8cd98f00b204e9800998ecf8427e  data/a",
        "g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  data/a",
        "SHA256 (data/a) = " D1,
    };
    for (size_t i = 0; i < COUNT(lines); i++) {
        char text[300];
        expect(lines[i], 0, SB_RULE_MANIFEST_LINE);
        /* the lines around it are still read */
        snprintf(text, sizeof(text), D1 "  data/x\n%s\n" D2 "  data/y\n", lines[i]);
        expect(text, 2, SB_RULE_MANIFEST_LINE);
    }
}

static void unsafe(void **state)
{
    (void)state;
    static const char *const paths[] = {"/etc/passwd",
                                        "../a",
                                        "data/../a",
                                        "data//a",
                                        "data/",
                                        "data/./a",
                                        "data\\a",
                                        "C:\\a",
                                        ".",
                                        "..",
                                        "./",
                                        "data/\xe9",
                                        "*/etc/passwd",
                                        ".//etc/passwd",
                                        "data/a/%0A/../b",
                                        "./../a",
                                        "data/\xc0\xaf"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        char text[200];
        struct parsed parsed;
        snprintf(text, sizeof(text), D1 "  %s\n", paths[i]);
        parse(&parsed, text);
        if (!sb_findings_has(&parsed.findings, SB_RULE_MANIFEST_LINE) || parsed.manifest.count != 0)
            fail_msg("\"%s\" was taken", paths[i]);
        done(&parsed);
    }
    static const char nul[] = D1 "  data/a\0b\n";
    struct parsed parsed;
    parse_bytes(&parsed, nul, sizeof(nul) - 1);
    assert_true(sb_findings_has(&parsed.findings, SB_RULE_MANIFEST_LINE));
    assert_int_equal(parsed.manifest.count, 0);
    done(&parsed);
}

/* Every bad line is named by its number, not only the first. */
static void every_bad_line(void **state)
{
    (void)state;
    struct parsed parsed;
    parse(&parsed, "bad\r\n" D1 "  data/a\r\n\r\nworse\r" D1 "  ../b\n");
    assert_int_equal(parsed.findings.count, 3);
    static const char *const numbers[] = {"Line 1 of m.txt", "Line 4 of m.txt", "Line 5 of m.txt"};
    for (size_t i = 0; i < 3; i++) {
        assert_non_null(strstr(parsed.findings.items[i].sentence, numbers[i]));
        assert_string_equal(parsed.findings.items[i].path, "m.txt");
    }
    done(&parsed);
}

/* ---- writing --------------------------------------------------------------------------- */

static void write_and_read(void **state)
{
    (void)state;
    static const char *const paths[] = {"data/a",        "data/a%0Ab.txt", "data/a\nb",
                                        "data/\r\n",     "data/%",         "data/ a ",
                                        "data/\xc3\xa9", "data/*",         "data/\ta"};
    struct sb_buf text = {0};
    struct parsed parsed;
    uint8_t digest[SB_DIGEST_SIZE] = {0};
    for (size_t i = 0; i < COUNT(paths); i++) {
        digest[31] = (uint8_t)i;
        assert_int_equal(sb_manifest_append(&text, digest, paths[i]), 0);
    }
    parse_bytes(&parsed, (const char *)text.data, text.len);
    assert_int_equal(parsed.findings.count, 0);
    assert_int_equal(parsed.manifest.count, COUNT(paths));
    for (size_t i = 0; i < COUNT(paths); i++) {
        const struct sb_listed *line = sb_manifest_find(&parsed.manifest, paths[i]);
        assert_non_null(line);
        assert_int_equal(line->digest[31], i);
    }
    done(&parsed);
    sb_buf_free(&text);
    assert_true(sb_hex_decode(digest, SB_DIGEST_SIZE, D2, 64, false));
    assert_int_equal(sb_manifest_append(&text, digest, "data/a%0Ab.txt"), 0);
    assert_string_equal((const char *)text.data, D2 "  data/a%250Ab.txt\n");
    sb_buf_free(&text);
}

static void many_lines(void **state)
{
    (void)state;
    struct sb_buf text = {0};
    struct parsed parsed;
    for (unsigned i = 0; i < 20000; i++)
        assert_int_equal(sb_buf_printf(&text, D1 "  data/%u\n", i * 7919 % 20000), 0);
    parse_bytes(&parsed, (const char *)text.data, text.len);
    assert_int_equal(parsed.manifest.count, 20000);
    assert_int_equal(parsed.findings.count, 0);
    for (size_t i = 1; i < 20000; i++)
        assert_true(strcmp(parsed.manifest.lines[i - 1].path, parsed.manifest.lines[i].path) < 0);
    done(&parsed);
    sb_buf_free(&text);
}

/* Something that is no manifest at all does not give rise to a finding for every line. */
static void no_manifest(void **state)
{
    (void)state;
    struct sb_buf text = {0};
    struct parsed parsed;
    for (int i = 0; i < 5000; i++)
        assert_int_equal(sb_buf_puts(&text, "junk\n"), 0);
    parse_bytes(&parsed, (const char *)text.data, text.len);
    assert_int_equal(parsed.findings.count, 1000);
    assert_int_equal(parsed.manifest.bad_lines, 1000);
    done(&parsed);
    sb_buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),           cmocka_unit_test(empty),
        cmocka_unit_test(line_ends),       cmocka_unit_test(separators),
        cmocka_unit_test(upper_case),      cmocka_unit_test(percent),
        cmocka_unit_test(literal_percent), cmocka_unit_test(styles),
        cmocka_unit_test(twice),           cmocka_unit_test(malformed),
        cmocka_unit_test(unsafe),          cmocka_unit_test(every_bad_line),
        cmocka_unit_test(write_and_read),  cmocka_unit_test(many_lines),
        cmocka_unit_test(no_manifest),
    };
    return cmocka_run_group_tests_name("manifest", tests, NULL, NULL);
}
