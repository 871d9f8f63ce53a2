/* The table of rules, and lists of findings. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/rule.h"

static bool one_of(int value, const int *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (values[i] == value)
            return true;
    }
    return false;
}

/* "room.some-thing" */
static bool name_well_formed(const char *name)
{
    size_t dots = 0;
    for (const char *c = name; *c != 0; c++) {
        if (*c == '.')
            dots++;
        else if (!islower((unsigned char)*c) && *c != '-')
            return false;
    }
    return dots == 1 && name[0] != '.' && name[strlen(name) - 1] != '.';
}

static void table(void **state)
{
    (void)state;
    static const int exits[] = {0, 1, 3, 4, 5, 6};
    for (unsigned i = 0; i < SB_RULE_COUNT; i++) {
        const struct sb_rule_row *row = sb_rule_row((enum sb_rule)i);
        if (!name_well_formed(row->rule))
            fail_msg("%s", row->rule);
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(row->rule, sb_rule_row((enum sb_rule)j)->rule);
        assert_true(one_of(row->exit_code, exits, 6));
        /* an error decides the verdict, a warning or note does not */
        assert_int_equal(row->severity == SEALBAG_ERROR, row->exit_code != 0);
        assert_true(strlen(row->text) > 0);
        assert_true(islower((unsigned char)row->text[0]) || isupper((unsigned char)row->text[0]));
        assert_int_not_equal(row->text[strlen(row->text) - 1], '.');
        assert_non_null(row->reference);
        assert_int_equal(sb_rule_by_name(row->rule), i);
    }
    assert_int_equal(sb_rule_by_name(""), SB_RULE_COUNT);
    assert_int_equal(sb_rule_by_name("gzip.Check"), SB_RULE_COUNT);
    assert_int_equal(sb_rule_by_name("gzip.checks"), SB_RULE_COUNT);
}

static void errors(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SB_RULE_COUNT; i++) {
        enum sb_rule rule = (enum sb_rule)i;
        const struct sb_rule_row *row = sb_rule_row(rule);
        int expected = SEALBAG_ERR_UNSUPPORTED;
        if (row->exit_code == 1)
            expected = SEALBAG_ERR_DAMAGED;
        if (rule == SB_RULE_LIMIT)
            expected = SEALBAG_ERR_LIMIT;
        if (rule == SB_RULE_INPUT_FAILED)
            expected = SEALBAG_ERR_IO;
        struct sb_error error;
        memset(&error, 0x55, sizeof(error));
        assert_int_equal(sb_rule_error(&error, rule, "%d %s.", 5, "bytes"), expected);
        assert_int_equal(error.code, expected);
        assert_string_equal(error.rule, row->rule);
        assert_string_equal(error.message, "5 bytes.");
        assert_int_equal(sb_rule_error(NULL, rule, "x"), expected);
    }
    struct sb_error error;
    sb_rule_error(&error, SB_RULE_GZIP_CHECK, "%9000d", 1);
    assert_int_equal(strlen(error.message), sizeof(error.message) - 1);
}

static void findings(void **state)
{
    (void)state;
    struct sb_findings list = {0};
    char path[] = "data/a.txt";
    assert_int_equal(sb_findings_exit_code(&list), 0);
    assert_false(sb_findings_has(&list, SB_RULE_DIGEST));
    sb_findings_add(&list, SB_RULE_DIGEST, path, "%s is %d.", "It", 3);
    sb_findings_add(&list, SB_RULE_PATH_NOT_PORTABLE, NULL, "No path.");
    memset(path, 'x', sizeof(path) - 1); /* the list has a copy */
    assert_int_equal(list.count, 2);
    assert_string_equal(list.items[0].path, "data/a.txt");
    assert_string_equal(list.items[0].sentence, "It is 3.");
    assert_string_equal(list.items[0].rule, "manifest.digest-mismatch");
    assert_int_equal(list.items[0].severity, SEALBAG_ERROR);
    assert_int_equal(list.items[0].exit_code, 1);
    assert_null(list.items[1].path);
    assert_int_equal(list.items[1].severity, SEALBAG_WARNING);
    assert_int_equal(list.items[1].exit_code, 0);
    assert_true(sb_findings_has(&list, SB_RULE_DIGEST));
    assert_true(sb_findings_has(&list, SB_RULE_PATH_NOT_PORTABLE));
    assert_false(sb_findings_has(&list, SB_RULE_FILE_MISSING));
    assert_int_equal(sb_findings_exit_code(&list), 1);
    assert_false(list.overflow);
    sb_findings_free(&list);
    assert_null(list.items);
    assert_int_equal(list.count, 0);
    sb_findings_free(&list);
}

static void many_findings(void **state)
{
    (void)state;
    struct sb_findings list = {0};
    char text[64];
    for (int i = 0; i < 20000; i++) {
        snprintf(text, sizeof(text), "data/%d", i);
        sb_findings_add(&list, SB_RULE_FILE_MISSING, text, "Number %d.", i);
    }
    assert_int_equal(list.count, 20000);
    for (int i = 0; i < 20000; i++) {
        snprintf(text, sizeof(text), "data/%d", i);
        assert_string_equal(list.items[i].path, text);
        snprintf(text, sizeof(text), "Number %d.", i);
        assert_string_equal(list.items[i].sentence, text);
    }
    sb_findings_add(&list, SB_RULE_FILE_MISSING, NULL, "%20000d", 1);
    assert_int_equal(strlen(list.items[20000].sentence), 8191);
    sb_findings_free(&list);
}

/* What a hostile bundle can give rise to is bounded; how bad it is, is still known. */
static void too_many_findings(void **state)
{
    (void)state;
    struct sb_findings list = {0};
    char text[8000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = 0;
    for (int i = 0; i < 20000; i++)
        sb_findings_add(&list, SB_RULE_PATH_NOT_PORTABLE, NULL, "%s", text);
    assert_true((list.count + 1) * 8200 >= SB_FINDINGS_MAX_BYTES);
    assert_true(list.count * 7900 < SB_FINDINGS_MAX_BYTES);
    assert_int_equal(list.count + list.omitted, 20000);
    size_t count = list.count;
    assert_int_equal(sb_findings_exit_code(&list), 0);
    assert_false(sb_findings_has(&list, SB_RULE_DIGEST));
    sb_findings_add(&list, SB_RULE_DIGEST, "data/a", "x");
    assert_int_equal(list.count, count);
    assert_true(sb_findings_has(&list, SB_RULE_DIGEST));
    assert_int_equal(sb_findings_exit_code(&list), 1);
    assert_false(list.overflow);
    sb_findings_free(&list);
    assert_int_equal(sb_findings_exit_code(&list), 0);
    assert_false(sb_findings_has(&list, SB_RULE_DIGEST));
}

static void from_errors(void **state)
{
    (void)state;
    struct sb_findings list = {0};
    struct sb_error error;
    sb_rule_error(&error, SB_RULE_TAR_PAX, "Sentence.");
    sb_findings_add_error(&list, &error);
    sb_error_set(&error, SEALBAG_ERR_SYSTEM, "Another.");
    sb_findings_add_error(&list, &error);
    error.rule = NULL;
    sb_findings_add_error(&list, &error);
    assert_int_equal(list.count, 3);
    assert_string_equal(list.items[0].rule, "tar.pax");
    assert_string_equal(list.items[0].sentence, "Sentence.");
    assert_null(list.items[0].path);
    assert_string_equal(list.items[1].rule, "io.failed");
    assert_string_equal(list.items[1].sentence, "Another.");
    assert_int_equal(list.items[1].exit_code, 5);
    assert_string_equal(list.items[2].rule, "io.failed");
    sb_findings_free(&list);
}

/* The order of docs/format.md, "The verdict": 1, 5, 6, 4, 3, 0. An unknown code is worst of all. */
static void exit_codes(void **state)
{
    (void)state;
    static const int order[] = {0, 3, 4, 6, 5, 1, 77};
    for (size_t i = 0; i < 7; i++) {
        for (size_t j = 0; j < 7; j++)
            assert_int_equal(sealbag_exit_worse(order[i], order[j]), order[i > j ? i : j]);
    }
    static const enum sb_rule rules[] = {SB_RULE_TRUST_UNKNOWN, SB_RULE_TRUST_TOO_FEW,
                                         SB_RULE_UNSIGNED,      SB_RULE_QUICK,
                                         SB_RULE_VERSION,       SB_RULE_DIGEST};
    for (size_t first = 0; first < 6; first++) {
        for (size_t second = 0; second < 6; second++) {
            struct sb_findings list = {0};
            sb_findings_add(&list, rules[first], NULL, "x");
            sb_findings_add(&list, rules[second], NULL, "x");
            assert_int_equal(sb_findings_exit_code(&list), order[first > second ? first : second]);
            sb_findings_free(&list);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(errors),
        cmocka_unit_test(findings),
        cmocka_unit_test(many_findings),
        cmocka_unit_test(too_many_findings),
        cmocka_unit_test(from_errors),
        cmocka_unit_test(exit_codes),
    };
    return cmocka_run_group_tests_name("rule", tests, NULL, NULL);
}
