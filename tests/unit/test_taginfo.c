/* bagit.txt and bag-info.txt: RFC 8493, sections 2.1.1 and 2.2.2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bag/taginfo.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ENCODING     "Tag-File-Character-Encoding: UTF-8"
#define NONE         SB_RULE_COUNT

/* ---- bagit.txt ------------------------------------------------------------------------- */

static void expect_bagit(const char *text, enum sb_rule rule)
{
    struct sb_findings findings = {0};
    struct sb_declaration said;
    sb_bagit_txt_check(&said, &findings, (const uint8_t *)text, strlen(text));
    if (findings.count != (rule == NONE ? 0 : 1))
        fail_msg("\"%s\": %zu findings", text, findings.count);
    if (rule != NONE) {
        assert_string_equal(findings.items[0].rule, sb_rule_row(rule)->rule);
        assert_string_equal(findings.items[0].path, "bagit.txt");
    }
    sb_findings_free(&findings);
}

static void bagit_good(void **state)
{
    (void)state;
    expect_bagit(SB_BAGIT_TXT, NONE);
    expect_bagit("BagIt-Version: 1.0\n" ENCODING, NONE);
    expect_bagit("BagIt-Version: 1.0\r\n" ENCODING "\r\n", NONE);
    expect_bagit("BagIt-Version: 1.0\r" ENCODING "\r", NONE);
    expect_bagit("BagIt-Version: 0.97\n" ENCODING "\n", NONE);
    expect_bagit("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-16\n", NONE);
    expect_bagit("BagIt-Version: 1.0\nTag-File-Character-Encoding: utf-8\n", NONE);
    expect_bagit("BagIt-Version: 0.93\r\nTag-File-Character-Encoding: ISO-8859-1\r\n", NONE);
}

static void bagit_malformed(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "\n",
        "BagIt-Version: 1.0\n",
        "BagIt-Version: 1.0",
        ENCODING "\nBagIt-Version: 1.0\n",
        "BagIt-Version: 1.0\n" ENCODING "\n\n",
        "BagIt-Version: 1.0\n" ENCODING "\nX: y\n",
        "\nBagIt-Version: 1.0\n" ENCODING "\n",
        "BagIt-Version: 1.0\n\n" ENCODING "\n",
        "\xef\xbb\xbf" SB_BAGIT_TXT,
        " BagIt-Version: 1.0\n" ENCODING "\n",
        "bagit-version: 1.0\n" ENCODING "\n",
        "BagIt-Version:1.0\n" ENCODING "\n",
        "BagIt-Version:  1.0\n" ENCODING "\n",
        "BagIt-Version: 1.0 \n" ENCODING "\n",
        "BagIt-Version: 1\n" ENCODING "\n",
        "BagIt-Version: 1.\n" ENCODING "\n",
        "BagIt-Version: .0\n" ENCODING "\n",
        "BagIt-Version: 1.0.0\n" ENCODING "\n",
        "BagIt-Version: 01.0\n" ENCODING "\n",
        "BagIt-Version: \n" ENCODING "\n",
        "BagIt-Version: x.y\n" ENCODING "\n",
        "BagIt-Version: 1.0\nTag-File-Character-Encoding:UTF-8\n",
        "BagIt-Version: 1.0\n\xef\xbb\xbf" ENCODING "\n",
    };
    for (size_t i = 0; i < COUNT(texts); i++)
        expect_bagit(texts[i], SB_RULE_DECLARATION);
    struct sb_findings findings = {0};
    struct sb_declaration said;
    sb_bagit_txt_check(&said, &findings, NULL, 0);
    static const char nul[] = "BagIt-Version: 1.0\0\n" ENCODING "\n";
    sb_bagit_txt_check(&said, &findings, (const uint8_t *)nul, sizeof(nul) - 1);
    assert_int_equal(findings.count, 2);
    sb_findings_free(&findings);
}

/* A version that is not known cannot be judged; it is not damage. */
static void bagit_version(void **state)
{
    (void)state;
    static const char *const versions[] = {"0.92", "0.98", "0.99", "1.1", "2.0", "10.0", "1.00"};
    for (size_t i = 0; i < COUNT(versions); i++) {
        char text[100];
        snprintf(text, sizeof(text), "BagIt-Version: %s\n" ENCODING "\n", versions[i]);
        expect_bagit(text, i < 6 ? SB_RULE_VERSION : SB_RULE_DECLARATION);
    }
    struct sb_findings findings = {0};
    struct sb_declaration said;
    static const char both[] = "BagIt-Version: 2.0\nTag-File-Character-Encoding: UTF-8 \n";
    sb_bagit_txt_check(&said, &findings, (const uint8_t *)both, sizeof(both) - 1);
    assert_int_equal(findings.count, 2);
    assert_true(sb_findings_has(&findings, SB_RULE_ENCODING));
    assert_int_equal(sb_findings_exit_code(&findings), 5);
    sb_findings_free(&findings);
}

static void bagit_old(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool old;
    } rows[] = {
        {"BagIt-Version: 0.97\n" ENCODING "\n", true},
        {"BagIt-Version: 0.97\r\n" ENCODING "\r\n", true},
        {"BagIt-Version: 0.97\r" ENCODING, true},
        {"BagIt-Version: 0.93\n" ENCODING, true},
        {SB_BAGIT_TXT, false},
        {"BagIt-Version: 0.970\n" ENCODING, false},
        {"BagIt-Version: 0.97 \n" ENCODING, false},
        {" BagIt-Version: 0.97\n" ENCODING, false},
        {"", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sb_findings findings = {0};
        struct sb_declaration said;
        sb_bagit_txt_check(&said, &findings, (const uint8_t *)rows[i].text, strlen(rows[i].text));
        assert_int_equal(said.old, rows[i].old);
        assert_int_equal(said.encoding, SB_UTF8);
        sb_findings_free(&findings);
    }
}

/* Changed anywhere, the declaration is no longer accepted. */
static void bagit_every_byte(void **state)
{
    (void)state;
    enum { LEN = sizeof(SB_BAGIT_TXT) - 1 };
    char text[LEN + 1];
    for (size_t at = 0; at < LEN; at++) {
        for (unsigned value = 0; value < 256; value++) {
            struct sb_findings findings = {0};
            struct sb_declaration said;
            memcpy(text, SB_BAGIT_TXT, LEN);
            text[at] = (char)value;
            sb_bagit_txt_check(&said, &findings, (const uint8_t *)text, LEN);
            bool line_end = SB_BAGIT_TXT[at] == '\n' && value == '\r';
            /* "uTF-8" is another spelling of the same. */
            bool same = at >= 48 && at < 51 && value == (unsigned char)(SB_BAGIT_TXT[at] + 32);
            if ((findings.count == 0) != (text[at] == SB_BAGIT_TXT[at] || line_end || same))
                fail_msg("byte %zu as %02x", at, value);
            sb_findings_free(&findings);
        }
    }
}

/* ---- bag-info.txt ----------------------------------------------------------------------- */

static struct sb_oxum expect_info(const char *text, size_t count, enum sb_rule rule)
{
    struct sb_findings findings = {0};
    struct sb_oxum oxum;
    sb_bag_info_check(&oxum, &findings, "bag-info.txt", (const uint8_t *)text, strlen(text));
    if (findings.count != count)
        fail_msg("\"%s\": %zu findings, not %zu", text, findings.count, count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(findings.items[i].rule, sb_rule_row(rule)->rule);
        assert_string_equal(findings.items[i].path, "bag-info.txt");
    }
    sb_findings_free(&findings);
    return oxum;
}

static void info_good(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "\n",
        "A: b",
        "A: b\n",
        "A:\tb\r\nB: c\rC: d",
        "A: b: c\n",
        "A:\n",
        "A: \n",
        "A: b\n continued\n\tand again: x\nB: c\n",
        "A: b\nA: c\na: d\n",
        "\xc3\x84 b: \xe4\xb8\xad\n",
        "A: b\n\nB: c\n",
        "Long-Label With Spaces: x\n",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct sb_oxum oxum = expect_info(texts[i], 0, NONE);
        assert_false(oxum.stated);
    }
    struct sb_findings findings = {0};
    struct sb_oxum oxum;
    sb_bag_info_check(&oxum, &findings, "bag-info.txt", NULL, 0);
    assert_int_equal(findings.count, 0);
}

static void info_malformed(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "A", "no colon here\n", ": b\n", "A:b\n", ":\n", " folded\n", "\tfolded\n", "A: b\nB\n c\n",
    };
    for (size_t i = 0; i < COUNT(texts); i++)
        expect_info(texts[i], 1, SB_RULE_INFO_LINE);
    expect_info("A\nB: c\nC\n", 2, SB_RULE_INFO_LINE);
}

/* Something else altogether does not give rise to a finding for every line. */
static void info_junk(void **state)
{
    (void)state;
    struct sb_buf text = {0};
    for (int i = 0; i < 5000; i++)
        assert_int_equal(sb_buf_puts(&text, "junk\n"), 0);
    expect_info((const char *)text.data, 1000, SB_RULE_INFO_LINE);
    sb_buf_free(&text);
}

static void info_line_number(void **state)
{
    (void)state;
    struct sb_findings findings = {0};
    struct sb_oxum oxum;
    static const char text[] = "A: b\r\n c\r\n\r\nbad\r\n";
    sb_bag_info_check(&oxum, &findings, "bag-info.txt", (const uint8_t *)text, sizeof(text) - 1);
    assert_int_equal(findings.count, 1);
    assert_non_null(strstr(findings.items[0].sentence, "Line 4 "));
    sb_findings_free(&findings);
}

static void oxum_good(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes, files;
    } rows[] = {
        {"Payload-Oxum: 279164409832.1198\n", UINT64_C(279164409832), 1198},
        {"payload-oxum: 0.0", 0, 0},
        {"A: b\nPAYLOAD-OXUM:\t5.1\r\nB: c\n", 5, 1},
        {"Payload-Oxum: 18446744073709551615.18446744073709551615\n", UINT64_MAX, UINT64_MAX},
        {"Payload-Oxum-X: y\nPayload-Oxum: 5.1\n", 5, 1},
        {"Payload-Oxum :  5.1\n", 5, 1},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sb_oxum oxum = expect_info(rows[i].text, 0, NONE);
        assert_true(oxum.stated);
        assert_true(oxum.bytes == rows[i].bytes);
        assert_true(oxum.files == rows[i].files);
    }
}

static void oxum_malformed(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "Payload-Oxum:\n",
        "Payload-Oxum: \n",
        "Payload-Oxum: 5\n",
        "Payload-Oxum: 5.\n",
        "Payload-Oxum: .1\n",
        "Payload-Oxum: .\n",
        "Payload-Oxum: 5.1.2\n",
        "Payload-Oxum: 5,1\n",
        "Payload-Oxum: 5.1\n 2\n",
        "Payload-Oxum: 5.1 \n",
        "Payload-Oxum: 05.1\n",
        "Payload-Oxum: -5.1\n",
        "Payload-Oxum: 5.x\n",
        "Payload-Oxum: 18446744073709551616.1\n",
        "Payload-Oxum: 5.1\nPayload-Oxum: 5.1\n",
        "Payload-Oxum: 5.1\nA: b\npayload-oxum: 6.1\n",
    };
    for (size_t i = 0; i < COUNT(texts); i++)
        expect_info(texts[i], 1, SB_RULE_OXUM);
    /* the first one stays what is stated */
    struct sb_oxum oxum = expect_info("Payload-Oxum: 5.1\nPayload-Oxum: 6.2\n", 1, SB_RULE_OXUM);
    assert_true(oxum.stated);
}

/* ---- labels of a sender ------------------------------------------------------------------ */

static void expect_labels(const char *const *good, size_t good_count, const char *const (*bad)[2],
                          size_t bad_count)
{
    for (size_t i = 0; i < good_count; i++) {
        if (sb_bag_info_label_bad(good[i]) != NULL)
            fail_msg("\"%s\" was refused", good[i]);
        /* what is taken from a sender is what a reader takes */
        expect_info(good[i], 0, NONE);
    }
    for (size_t i = 0; i < bad_count; i++) {
        const char *why = sb_bag_info_label_bad(bad[i][0]);
        if (why == NULL || strstr(why, bad[i][1]) == NULL)
            fail_msg("\"%s\": %s", bad[i][0], why != NULL ? why : "was taken");
    }
}

static void labels(void **state)
{
    (void)state;
    static const char *const good[] = {
        "Source-Organization: X", "A: b", "A: b: c",    "A b: c d",
        "Contact: \xc3\xa9",      "A: -", "Omitted: b", "Payload-Oxums: 1"};
    static const char *const bad[][2] = {
        {"", "no colon"},
        {"A", "no colon"},
        {": b", "no colon"},
        {"A:b", "one space"},
        {"A:", "one space"},
        {"A: ", "one space"},
        {"A:\tb", "control"},
        {"A:  b", "spaces around"},
        {" A: b", "spaces around"},
        {"A : b", "spaces around"},
        {"A: b ", "spaces around"},
        {"A: b\nB: c", "line break"},
        {"A: b\rB: c", "line break"},
        {"A: \033[2J", "control"},
        {"A: \xe2\x80\xae", "invisible"},
        {"A\xe2\x80\x8b: b", "invisible"},
        {"A: \xff", "not UTF-8"},
        {"Payload-Oxum: 1.1", "sealbag writes itself"},
        {"payload-OXUM: 1.1", "sealbag writes itself"},
        {"Bagging-Date: x", "sealbag writes itself"},
        {"Bag-Software-Agent: x", "sealbag writes itself"},
        {"Omitted-File: x", "sealbag writes itself"},
    };
    expect_labels(good, COUNT(good), bad, COUNT(bad));
}

static void labels_reserved(void **state)
{
    (void)state;
    static const char *const good[] = {
        "Bag-Count: 1 of 1",  "Bag-Count: 89 of 145", "bag-count: 3 of ?", "Bag-Counts: x",
        "Bag-Size: 42600 MB", "Bag-Size: .043 TB",    "Bag-Size: 42.6gb",  "Bag-Size: 12 bytes"};
    static const char *const bad[][2] = {
        {"Bag-Count: 1", "two numbers"},
        {"Bag-Count: 0 of 2", "two numbers"},
        {"Bag-Count: 3 of 2", "two numbers"},
        {"Bag-Count: 1 of", "two numbers"},
        {"Bag-Count: 1  of 2", "two numbers"},
        {"Bag-Count: ? of 2", "two numbers"},
        {"Bag-Count: 1 of 2 of 3", "two numbers"},
        {"BAG-COUNT: one of two", "two numbers"},
        {"Bag-Size: 42", "a number and a unit"},
        {"Bag-Size: GB", "a number and a unit"},
        {"Bag-Size: . GB", "a number and a unit"},
        {"Bag-Size: 1. GB", "a number and a unit"},
        {"Bag-Size: 1  GB", "a number and a unit"},
        {"Bag-Size: -1 GB", "a number and a unit"},
        {"Bag-Size: 1 GB about", "a number and a unit"},
    };
    expect_labels(good, COUNT(good), bad, COUNT(bad));
}

/* RFC 8493, section 2.2.2: which labels a bag states once. */
static void labels_repeated(void **state)
{
    (void)state;
    static const struct {
        const char *labels[3];
        const char *twice;
    } rows[] = {
        {{"A: b", "A: b", "A: c"}, NULL},
        {{"Contact-Name: b", "Contact-Name: c", "Contact-Name: c"}, NULL},
        {{"Bag-Count: 1 of 2", "A: Bag-Count", "Bag-Counts: 1"}, NULL},
        {{"Bag-Count: 1 of 2", "A: b", "bag-count: 1 of 2"}, "Bag-Count"},
        {{"A: b", "Bag-Size: 1 GB", "Bag-Size: 2 GB"}, "Bag-Size"},
        {{"Bag-Group-Identifier: a", "Bag-Group-Identifier: b", "A: b"}, "Bag-Group-Identifier"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *twice = sb_bag_info_repeated(rows[i].labels, COUNT(rows[i].labels));
        if (rows[i].twice == NULL)
            assert_null(twice);
        else
            assert_string_equal(twice != NULL ? twice : "none", rows[i].twice);
    }
    assert_null(sb_bag_info_repeated(NULL, 0));
}

/* RFC 8493, section 2.2.2: what other tools write there. */
static void info_form(void **state)
{
    (void)state;
    static const char *const good[] = {
        "Bagging-Date: 2024-02-29\n", "bagging-date : 1999-12-31 \n",
        "Bag-Count: 3 of ?\n",        "Bag-Count:  89 of 145\t\r\n",
        "Bag-Size: large\n",          "A: Bagging-Date: x\n",
    };
    static const char *const bad[] = {
        "Bagging-Date: 2024-02-30\n",
        "Bagging-Date: 2024-02\n",
        "Bagging-Date:\n",
        "BAGGING-DATE: 29.02.2024\n",
        "Bagging-Date: 2024-02-29T\n",
        "Bag-Count: 3\n",
        "Bag-Count: 3 of 2\n",
        "bag-count: three of four\n",
        "Bag-Count: 1 of 2 bags\n",
        "Bag-Count: 1 of 2\nBag-Count: 1 of 100000000000000000000000000000000000000000000000000\n",
        "Bagging-Date: x\nBagging-Date: y\n", /* once is enough */
    };
    for (size_t i = 0; i < COUNT(good); i++)
        expect_info(good[i], 0, NONE);
    for (size_t i = 0; i < COUNT(bad); i++)
        expect_info(bad[i], 1, SB_RULE_INFO_FORM);
    expect_info("Bagging-Date: x\nBag-Count: y\n", 2, SB_RULE_INFO_FORM);
}

#define TEXT(text) text, sizeof(text) - 1

/* ---- labels of a bag --------------------------------------------------------------------- */

static void each_label(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        const char *told; /* label=value; for each */
    } files[] = {
        {TEXT(""), ""},
        {TEXT("A: b\n"), "A=b;"},
        {TEXT("A: b\r\nC: d: e"), "A=b;C=d: e;"},
        {TEXT("A:\nA :\tb \n"), "A=;A=b ;"},
        {TEXT("A: b\n  c\n\td\nE: f\n"), "A=b c d;E=f;"},
        {TEXT("A:\n b\n \n c\n"), "A=b c;"},
        {TEXT("A: b\n\n c\n\n\nD: e\n\n"), "A=b c;D=e;"},
        {TEXT("A: b\0c\nD\0: e\n"), "A=b\xef\xbf\xbd"
                                    "c;D\xef\xbf\xbd=e;"},
        {TEXT(" A: b\nno label\nC: d\n"), "C=d;"}, /* of a bag that was not good */
    };
    for (size_t i = 0; i < COUNT(files); i++) {
        struct sb_bag_info info = {{.bytes = files[i].text, .len = files[i].len}};
        struct sb_buf label = {0}, value = {0}, told = {0};
        int r;
        assert_int_equal(sb_buf_puts(&told, ""), 0);
        while ((r = sb_bag_info_next(&info, &label, &value)) == 1) {
            assert_int_equal(sb_buf_append(&told, label.data, label.len), 0);
            assert_int_equal(sb_buf_puts(&told, "="), 0);
            assert_int_equal(sb_buf_append(&told, value.data, value.len), 0);
            assert_int_equal(sb_buf_puts(&told, ";"), 0);
            label.len = value.len = 0;
        }
        assert_int_equal(r, 0);
        assert_string_equal((const char *)told.data, files[i].told);
        sb_buf_free(&label);
        sb_buf_free(&value);
        sb_buf_free(&told);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bagit_good),       cmocka_unit_test(bagit_malformed),
        cmocka_unit_test(bagit_version),    cmocka_unit_test(bagit_old),
        cmocka_unit_test(bagit_every_byte), cmocka_unit_test(info_good),
        cmocka_unit_test(info_malformed),   cmocka_unit_test(info_line_number),
        cmocka_unit_test(info_junk),        cmocka_unit_test(oxum_good),
        cmocka_unit_test(oxum_malformed),   cmocka_unit_test(labels),
        cmocka_unit_test(labels_reserved),  cmocka_unit_test(labels_repeated),
        cmocka_unit_test(info_form),        cmocka_unit_test(each_label),
    };
    return cmocka_run_group_tests_name("taginfo", tests, NULL, NULL);
}
