/* What extended attributes say of a document: which are taken, and what becomes of their values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "op/xattr.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char source[] = "user.xdg.origin.url";
static const char title[] = "user.dublincore.title";

/* One attribute: its column and value, "" when it was left out, NULL when it is none of those; and
 * how the rules of the notes begin. */
static void expect(const char *name, const char *value, size_t len, const char *column,
                   const char *cell, const char *rules)
{
    struct sb_known_values values = {0};
    struct sb_arena arena = {0};
    char told[200] = "";
    assert_int_equal(sb_xattr_take(&values, &arena, name, value, len), 0);
    assert_int_equal(values.count, column != NULL ? 1 : 0);
    if (column != NULL) {
        const struct sb_known_value *item = &values.items[0];
        const char *found = item->value != NULL ? item->value : "";
        assert_string_equal(sb_known_column(item->known), column);
        if (strcmp(found, cell) != 0)
            fail_msg("%s=%s: %s", name, value, found);
        for (unsigned i = 0; i < item->note_count; i++) {
            size_t used = strlen(told);
            assert_non_null(strstr(item->notes[i].sentence, name));
            snprintf(told + used, sizeof(told) - used, "%s%s", i > 0 ? "," : "",
                     item->notes[i].rule + strlen("metadata."));
        }
    }
    assert_string_equal(told, rules);
    sb_arena_free(&arena);
}

static void is(const char *name, const char *value, const char *column, const char *cell,
               const char *rules)
{
    expect(name, value, strlen(value), column, cell, rules);
}

static void columns(void **state)
{
    (void)state;
    is(title, "A report", "dc.title", "A report", "");
    is("user.dublincore.creator", "B", "dc.creator", "B", "");
    is("user.dublincore.publisher", "B", "dc.publisher", "B", "");
    is("user.dublincore.date", "2020", "dc.date", "2020", "");
    is("user.dublincore.language", "es", "dc.language", "es", "");
    is("user.dublincore.rights", "B", "dc.rights", "B", "");
    is("user.dublincore.description", "B", "dc.description", "B", "");
    is("user.dublincore.source", "B", "dc.source", "B", "");
    is(source, "https://example.org/a", "dc.source", "https://example.org/a", "");
    is("user.xdg.referrer.url", "https://example.org/", "premis.eventDetail",
       "referrer: https://example.org/", "");
}

static void others(void **state)
{
    (void)state;
    /* The program that wrote the file, not who published it. */
    is("user.xdg.publisher", "Firefox", NULL, NULL, "");
    is("user.xdg.comment", "B", NULL, NULL, "");
    is("user.dublincore.subject", "B", NULL, NULL, "");
    is("user.dublincore.TITLE", "B", NULL, NULL, "");
    is("user.dublincore.title2", "B", NULL, NULL, "");
    is("security.selinux", "B", NULL, NULL, "");
    is("", "B", NULL, NULL, "");
    is(title, "", NULL, NULL, "");
}

static void addresses(void **state)
{
    (void)state;
    is(source, "https://u:p@example.org/?a=1&token=2#f", "dc.source", "https://example.org/?a=1",
       "url-cut");
    is(source, "https://example.org/?d=1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms&key=2",
       "dc.source", "https://example.org/?d=1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms",
       "url-cut,url-doubtful");
    is(source, "https://example.org/a b", "dc.source", "", "left-out");
    is(source, "https://example.org/token=1", "dc.source", "", "left-out");
    is(source, "example.org", "dc.source", "", "left-out");
    is(source, "file:///home/mary/a", "dc.source", "", "left-out");
    is(source, "blob:https://example.org/6e8bc430", "dc.source", "", "left-out");
    is(source, "data:text/plain,a", "dc.source", "", "left-out");
    is(source, "about:blank", "dc.source", "", "left-out");
    is("user.dublincore.source", "https://u@example.org/", "dc.source", "https://example.org/",
       "url-cut");
    is("user.dublincore.description", "see https://u:p@example.org/", "dc.description", "",
       "left-out");
    is("user.dublincore.description", "see https://example.org/?token=1 there", "dc.description",
       "", "left-out");
    is("user.dublincore.description", "see https://example.org/a", "dc.description",
       "see https://example.org/a", "");
}

static void characters(void **state)
{
    (void)state;
    static const char *const bad[] = {"a\nb",    "a\tb",         "\x1b[31m", "a\x7f",       "\xff",
                                      "caf\xc3", "\xed\xa0\x80", "\xc2\x85", "a\r\n",       "=1+1",
                                      "+1",      "-1",           "@a",       "\xe2\x80\xa8"};
    for (size_t i = 0; i < COUNT(bad); i++)
        is(title, bad[i], "dc.title", "", "left-out");
    expect(title, "a\0b", 3, "dc.title", "", "left-out");
    expect(title, "a\0", 2, "dc.title", "", "left-out");
    is(title, "<script>", "dc.title", "<script>", "");
    /* Persian needs the zero-width non-joiner. */
    is(title, "\xd9\x85\xdb\x8c\xe2\x80\x8c", "dc.title", "\xd9\x85\xdb\x8c\xe2\x80\x8c", "");
}

/* The better attribute comes first; the other one only when that says nothing. */
static void two_of_a_kind(void **state)
{
    (void)state;
    struct sb_known_values values = {0};
    struct sb_arena arena = {0};
    static const char other[] = "user.dublincore.source";
    assert_int_equal(sb_xattr_take(&values, &arena, source, "https://a.example/", 18), 0);
    assert_int_equal(sb_xattr_take(&values, &arena, other, "B", 1), 0);
    assert_int_equal(values.count, 1);
    values.count = 0;
    assert_int_equal(sb_xattr_take(&values, &arena, source, "nothing", 7), 0);
    assert_int_equal(sb_xattr_take(&values, &arena, other, "B", 1), 0);
    assert_int_equal(values.count, 2);
    assert_null(values.items[0].value);
    assert_string_equal(values.items[1].value, "B");
    for (int i = 0; i < 2 * SB_KNOWN_VALUES_MAX; i++)
        assert_int_equal(sb_xattr_take(&values, &arena, title, "\n", 1), 0);
    assert_int_equal(values.count, SB_KNOWN_VALUES_MAX);
    sb_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns),    cmocka_unit_test(others),        cmocka_unit_test(addresses),
        cmocka_unit_test(characters), cmocka_unit_test(two_of_a_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
