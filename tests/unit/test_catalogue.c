/* The reader of gettext's catalogues, and the languages that are made of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rule.h"
#include "report/catalogues.h"
#include "report/language.h"

static void put_number(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

struct pair {
    const char *original, *there;
    uint32_t original_len, there_len;
};

#define TEXTS(a, b)                                                                                \
    {                                                                                              \
        (a), (b), sizeof(a) - 1, sizeof(b) - 1                                                     \
    }
#define HEADER(plural)                                                                             \
    "Content-Type: text/plain; charset=UTF-8\n"                                                    \
    "Plural-Forms: nplurals=2; plural=(" plural ");\n"

enum { SIZE = 2000 };

/* A catalogue of these texts; returns its length. */
static size_t make(uint8_t out[SIZE], const struct pair *pair, uint32_t count)
{
    uint32_t at = 28 + 16 * count;
    memset(out, 0, SIZE);
    put_number(out, 0x950412de);
    put_number(out + 8, count);
    put_number(out + 12, 28);
    put_number(out + 16, 28 + 8 * count);
    for (uint32_t i = 0; i < count; i++) {
        put_number(out + 28 + 8 * i, pair[i].original_len);
        put_number(out + 28 + 8 * i + 4, at);
        memcpy(out + at, pair[i].original, pair[i].original_len);
        at += pair[i].original_len + 1;
    }
    for (uint32_t i = 0; i < count; i++) {
        put_number(out + 28 + 8 * (count + i), pair[i].there_len);
        put_number(out + 28 + 8 * (count + i) + 4, at);
        memcpy(out + at, pair[i].there, pair[i].there_len);
        at += pair[i].there_len + 1;
    }
    return at;
}

static bool parses(const struct pair *pair, uint32_t count)
{
    uint8_t bytes[SIZE];
    struct sb_catalogue catalogue;
    return sb_catalogue_parse(&catalogue, bytes, make(bytes, pair, count));
}

static void finds(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        TEXTS("", HEADER("n != 1")),
        TEXTS("%s file\0%s files", "%s archivo\0%s archivos"),
        TEXTS("empty", ""),
        TEXTS("yes", "s\xc3\xad"),
    };
    uint8_t bytes[SIZE];
    struct sb_catalogue catalogue;
    assert_true(sb_catalogue_parse(&catalogue, bytes, make(bytes, pairs, 4)));
    assert_string_equal(sb_catalogue_find(&catalogue, "yes"), "s\xc3\xad");
    assert_string_equal(sb_catalogue_find(&catalogue, "no"), "no");
    assert_string_equal(sb_catalogue_find(&catalogue, "ye"), "ye");
    assert_string_equal(sb_catalogue_find(&catalogue, "zebra"), "zebra");
    assert_string_equal(sb_catalogue_find(&catalogue, "empty"), "empty");
    static const char *const many[] = {"%s archivos", "%s archivo", "%s archivos"};
    for (uint64_t n = 0; n < 3; n++)
        assert_string_equal(sb_catalogue_plural(&catalogue, "%s file", "%s files", n), many[n]);
    assert_string_equal(sb_catalogue_plural(&catalogue, "dog", "dogs", 1), "dog");
    assert_string_equal(sb_catalogue_plural(&catalogue, "dog", "dogs", 0), "dogs");
}

/* French has the singular for none, too. */
static void other_plural(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        TEXTS("", HEADER("n > 1")),
        TEXTS("file\0files", "fichier\0fichiers"),
    };
    uint8_t bytes[SIZE];
    struct sb_catalogue catalogue;
    assert_true(sb_catalogue_parse(&catalogue, bytes, make(bytes, pairs, 2)));
    static const char *const wanted[] = {"fichier", "fichier", "fichiers"};
    for (uint64_t n = 0; n < 3; n++)
        assert_string_equal(sb_catalogue_plural(&catalogue, "file", "files", n), wanted[n]);
}

static void refuses(void **state)
{
    (void)state;
    static const struct pair good[] = {TEXTS("", HEADER("n != 1")), TEXTS("a", "b")};
    static const struct pair rule[] = {TEXTS("", HEADER("n != 2")), TEXTS("a", "b")};
    static const struct pair charset[] = {TEXTS("",
                                                "Content-Type: text/plain; charset=ISO-8859-1\n"
                                                "Plural-Forms: nplurals=2; plural=(n != 1);\n")};
    static const struct pair headless[] = {TEXTS("a", "b")};
    static const struct pair order[] = {TEXTS("b", "1"), TEXTS("", HEADER("n != 1"))};
    static const struct pair twice[] = {TEXTS("", HEADER("n != 1")), TEXTS("a", "b"),
                                        TEXTS("a", "c")};
    static const struct pair forms[] = {TEXTS("", HEADER("n != 1")), TEXTS("a\0as", "b")};
    static const struct pair three[] = {TEXTS("", HEADER("n != 1")), TEXTS("a\0as", "b\0bs\0bss")};
    static const struct pair latin[] = {TEXTS("", HEADER("n != 1")), TEXTS("a", "\xe9")};
    assert_true(parses(good, 2));
    assert_false(parses(rule, 2));
    assert_false(parses(charset, 1));
    assert_false(parses(headless, 1));
    assert_false(parses(order, 2));
    assert_false(parses(twice, 3));
    assert_false(parses(forms, 2));
    assert_false(parses(three, 2));
    assert_false(parses(latin, 2));
}

/* In memory of exactly that size, so that a sanitizer sees a read beyond it. */
static bool parses_alone(const uint8_t *bytes, size_t len)
{
    struct sb_catalogue catalogue;
    uint8_t *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    bool good = sb_catalogue_parse(&catalogue, copy, len);
    free(copy);
    return good;
}

static void damaged(void **state)
{
    (void)state;
    static const struct pair pairs[] = {TEXTS("", HEADER("n != 1")), TEXTS("a\0as", "b\0bs"),
                                        TEXTS("c", "d")};
    uint8_t bytes[SIZE];
    size_t len = make(bytes, pairs, 3);
    for (size_t n = 0; n < len; n++)
        assert_false(parses_alone(bytes, n));
    for (size_t at = 0; at < 28 + 6 * 8; at++) {
        uint8_t old = bytes[at];
        for (unsigned value = 0; value < 256; value++) {
            bytes[at] = (uint8_t)value;
            /* Another place can be that of another text. */
            bool good = parses_alone(bytes, len);
            if (value != old && at < 8)
                assert_false(good);
        }
        bytes[at] = old;
    }
}

/* ---- languages ---- */

static void languages(void **state)
{
    (void)state;
    struct sb_language language;
    assert_true(sb_language_open(&language, NULL));
    assert_string_equal(language.name, "en");
    assert_string_equal(sb_tr(&language, "Findings"), "Findings");
    assert_true(sb_language_open(&language, "es"));
    assert_string_equal(language.name, "es");
    assert_string_equal(sb_tr(&language, "Findings"), "Hallazgos");
    static const char *const unknown[] = {"", "e", "EN", "xx", "es_AR", "../es"};
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        assert_false(sb_language_open(&language, unknown[i]));
    assert_true(parses_alone(sb_catalogue_es, sb_catalogue_es_size));
}

/* What findings mean is said in every language. */
static void rules(void **state)
{
    (void)state;
    struct sb_language language;
    assert_true(sb_language_open(&language, "es"));
    for (unsigned i = 0; i < SB_RULE_COUNT; i++) {
        const char *text = sb_rule_row((enum sb_rule)i)->text;
        if (strcmp(sb_tr(&language, text), text) == 0)
            fail_msg("\"%s\" is not translated in po/es.po", text);
    }
}

static void numbers(void **state)
{
    (void)state;
    struct sb_language en, es;
    char text[SB_NUMBER_TEXT];
    assert_true(sb_language_open(&en, "en") && sb_language_open(&es, "es"));
    assert_string_equal(sb_language_number(text, &en, 0), "0");
    assert_string_equal(sb_language_number(text, &en, 9999), "9999");
    assert_string_equal(sb_language_number(text, &en, 10000), "10,000");
    assert_string_equal(sb_language_number(text, &en, 123456), "123,456");
    assert_string_equal(sb_language_number(text, &en, UINT64_MAX), "18,446,744,073,709,551,615");
    assert_string_equal(sb_language_number(text, &es, UINT64_MAX), "18\xc2\xa0"
                                                                   "446\xc2\xa0"
                                                                   "744\xc2\xa0"
                                                                   "073\xc2\xa0"
                                                                   "709\xc2\xa0"
                                                                   "551\xc2\xa0"
                                                                   "615");
    assert_string_equal(sb_language_size(text, &en, 1), "1 byte");
    assert_string_equal(sb_language_size(text, &es, 999), "999 bytes");
    assert_string_equal(sb_language_size(text, &en, 1234567), "1.2\xc2\xa0MB");
    assert_string_equal(sb_language_size(text, &es, 1234567), "1,2\xc2\xa0MB");
    assert_string_equal(sb_language_size(text, &es, UINT64_MAX), "18,4\xc2\xa0"
                                                                 "EB");
}

static void dates(void **state)
{
    (void)state;
    struct sb_language en, es;
    char text[SB_DATE_TEXT];
    assert_true(sb_language_open(&en, "en") && sb_language_open(&es, "es"));
    assert_string_equal(sb_language_date(text, &en, "2026-11-05T14:01:48Z"),
                        "5 November 2026, 14:01:48 UTC");
    assert_string_equal(sb_language_date(text, &es, "2026-01-31T00:00:00Z"),
                        "31 de enero de 2026, 00:00:00 UTC");
    assert_string_equal(sb_language_date(text, &en, "2026-13-05T14:01:48Z"),
                        "2026-13-05T14:01:48Z");
    assert_string_equal(sb_language_date(text, &en, ""), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds),   cmocka_unit_test(other_plural), cmocka_unit_test(refuses),
        cmocka_unit_test(damaged), cmocka_unit_test(languages),    cmocka_unit_test(rules),
        cmocka_unit_test(numbers), cmocka_unit_test(dates),
    };
    return cmocka_run_group_tests_name("catalogue", tests, NULL, NULL);
}
