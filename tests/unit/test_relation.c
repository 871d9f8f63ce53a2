/* Relations: what a cell can lead to, and circles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "record/relation.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ONES     "1111111111111111111111111111111111111111111111111111111111111111"
#define TWOS     "2222222222222222222222222222222222222222222222222222222222222222"
#define NOBODYS  "abababababababababababababababababababababababababababababababab"
#define NOBODYS2 "ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB"

static const uint8_t ones[SB_SHA256_SIZE] = {
    0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
    0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
};
static const uint8_t twos[SB_SHA256_SIZE] = {
    0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22,
    0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22,
};

/* Ascending by path. */
static const struct sb_relation_document documents[] = {
    {"data/a.txt", twos},
    {"data/a:b", NULL},
    {"data/data/a.txt", NULL},
    {"data/data/only.txt", NULL},
    {"data/https://example.org/a", NULL},
    {"data/letter copy.pdf", ones},
    {"data/letter.pdf", ones},
    {"data/objects/a.txt", NULL},
    {"data/objects/deep.txt", NULL},
    {"data/sub/c\nd.txt", NULL},
};

static struct sb_relations relations;

static int make_relations(void **state)
{
    (void)state;
    return sb_relations_init(&relations, documents, COUNT(documents));
}

static int free_relations(void **state)
{
    (void)state;
    sb_relations_free(&relations);
    return 0;
}

static const char *resolve(struct sealbag_relation *out, const char *from, const char *cell)
{
    static const struct sealbag_relation untouched = {.to = "untouched"};
    *out = untouched;
    const char *why = sb_relation_resolve(out, &relations, SEALBAG_RELATION_QUOTES, from, cell);
    if (why != NULL) {
        assert_string_equal(out->to, "untouched");
        return why;
    }
    assert_int_equal(out->kind, SEALBAG_RELATION_QUOTES);
    assert_string_equal(out->from, from);
    return NULL;
}

static void documents_by_path(void **state)
{
    (void)state;
    static const struct {
        const char *cell, *path;
    } rows[] = {
        {"data/a.txt", "data/a.txt"},
        {"letter.pdf", "data/letter.pdf"},
        {"data/letter.pdf", "data/letter.pdf"},
        {"objects/letter.pdf", "data/letter.pdf"},
        {"objects/deep.txt", "data/objects/deep.txt"},
        {"data/objects/a.txt", "data/objects/a.txt"},
        {"data/data/a.txt", "data/data/a.txt"},
        {"data/only.txt", "data/data/only.txt"},
        {"objects/data/only.txt", "data/data/only.txt"},
        {"objects/objects/deep.txt", "data/objects/deep.txt"},
        {"sub/c\nd.txt", "data/sub/c\nd.txt"},
        {"a:b", "data/a:b"},
        {"https://example.org/a", "data/https://example.org/a"},
    };
    struct sealbag_relation out;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (resolve(&out, "data/a.txt", rows[i].cell) != NULL)
            fail_msg("refused: %s", rows[i].cell);
        assert_int_equal(out.target, SEALBAG_TARGET_DOCUMENT);
        assert_string_equal(out.to, rows[i].path);
    }
}

static void documents_by_digest(void **state)
{
    (void)state;
    struct sealbag_relation out;
    assert_null(resolve(&out, "data/a.txt", "sha256:" ONES));
    assert_int_equal(out.target, SEALBAG_TARGET_DOCUMENT);
    assert_string_equal(out.to, "data/letter copy.pdf");
    /* Not itself when there is another one. */
    assert_null(resolve(&out, "data/letter copy.pdf", "sha256:" ONES));
    assert_string_equal(out.to, "data/letter.pdf");
    assert_null(resolve(&out, "data/letter.pdf", "sha256:" ONES));
    assert_string_equal(out.to, "data/letter copy.pdf");
    assert_null(resolve(&out, "data/a.txt", "sha256:" TWOS));
    assert_string_equal(out.to, "data/a.txt");
    assert_null(resolve(&out, "data/a.txt", "sha256:" NOBODYS));
    assert_int_equal(out.target, SEALBAG_TARGET_DIGEST);
    assert_string_equal(out.to, "sha256:" NOBODYS);
    assert_null(resolve(&out, "data/a.txt", "sha256:" NOBODYS2));
    assert_int_equal(out.target, SEALBAG_TARGET_DIGEST);
}

static void urls(void **state)
{
    (void)state;
    static const char *const good[] = {
        "https://example.org/a?b=c#d",
        "http://localhost",
        "urn:isbn:0451450523",
        "doi:10.1000/182",
        "ipfs://x",
        "https://example.org/\xc3\xa9",
        "HTTPS://EXAMPLE.ORG/{a|b}^",
        "a2+-.x:y",
    };
    struct sealbag_relation out;
    for (size_t i = 0; i < COUNT(good); i++) {
        if (resolve(&out, "data/a.txt", good[i]) != NULL)
            fail_msg("refused: %s", good[i]);
        assert_int_equal(out.target, SEALBAG_TARGET_URL);
        assert_string_equal(out.to, good[i]);
    }
}

static void nothing_known(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "https",
        "https:",
        "https://",
        "//example.org/a",
        "/data/a.txt",
        "C:\\letter.pdf",
        "c:letter.pdf",
        "2a:b",
        "ht tp://example.org",
        "https://example.org/a b",
        "https://example.org/\n",
        "https://example.org/\x1b[2J",
        "https://example.org/\xe2\x80\xae",
        "https://example.org/\xe2\x80\xa8",
        "https://example.org/\xc2\xa0",
        "https://example.org/\xff",
        "https://example.org/\"",
        "https://example.org/<",
        "https://example.org/a\\b",
        " https://example.org/x",
        "https://example.org/x ",
        "=cmd()",
        "data/",
        "data",
        "letter.PDF",
        "./a.txt",
        "data//a.txt",
        "data/sub",
        "../data/a.txt",
        "bag-info.txt",
        "sha256:",
        "sha256:1111",
        ("sha256:" ONES "1"),
        ("sha256:" ONES " "),
        "SHA256:" ONES,
        "sha256:g111111111111111111111111111111111111111111111111111111111111111",
        "data/a.txt; data/letter.pdf",
        "\xff",
    };
    struct sealbag_relation out;
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (resolve(&out, "data/a.txt", bad[i]) == NULL)
            fail_msg("not refused: %s", bad[i]);
    }
}

static void what_is_said(void **state)
{
    (void)state;
    struct sealbag_relation out;
    assert_non_null(strstr(resolve(&out, "data/a.txt", "nowhere.txt"), "no document of the bag"));
    assert_non_null(strstr(resolve(&out, "data/a.txt", "objects/a.txt"), "two documents"));
    assert_non_null(strstr(resolve(&out, "data/a.txt", "a.txt "), "white space"));
    assert_non_null(strstr(resolve(&out, "data/a.txt",
                                   "\xe3\x80\x80"
                                   "a.txt"),
                           "white space"));
    assert_non_null(strstr(resolve(&out, "data/a.txt", "sha256:12"), "64 hex digits"));
}

static void columns(void **state)
{
    (void)state;
    assert_int_equal(sb_relation_kind("dcterms.references"), SEALBAG_RELATION_CITES);
    assert_int_equal(sb_relation_kind("prov.wasQuotedFrom"), SEALBAG_RELATION_QUOTES);
    assert_int_equal(sb_relation_kind("prov.hadPrimarySource"), SEALBAG_RELATION_PRIMARY_SOURCE);
    assert_int_equal(sb_relation_kind("prov.wasDerivedFrom"), SEALBAG_RELATION_DERIVED);
    assert_int_equal(sb_relation_kind("prov.wasderivedfrom"), SEALBAG_RELATION_KINDS);
    assert_int_equal(sb_relation_kind("dc.title"), SEALBAG_RELATION_KINDS);
    assert_int_equal(sb_relation_kind(""), SEALBAG_RELATION_KINDS);
}

/* Each of many, and what lies between them, from wherever the last search ended. */
static void found_from_everywhere(void **state)
{
    enum { MANY = 65 };
    static char paths[MANY][16];
    struct sb_relation_document many[MANY];
    struct sb_relations all;
    char path[16];
    size_t at;
    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        snprintf(paths[i], sizeof(paths[i]), "data/%02zu", i);
        many[i] = (struct sb_relation_document){paths[i], NULL};
    }
    for (size_t count = 1; count <= MANY; count += count < 9 ? 1 : 28) {
        assert_int_equal(sb_relations_init(&all, many, count), 0);
        for (size_t i = 0; i < 2 * count + 1; i++) {
            bool there = i % 2 == 1;
            snprintf(path, sizeof(path), there ? "%02zu" : "%02zu-", i / 2 - !there);
            if (i == 0) /* before all */
                strcpy(path, "!");
            for (size_t near = 0; near <= count; near++) {
                all.near = near; /* also none: the documents may be fewer */
                assert_int_equal(sb_relations_find(&at, &all, path),
                                 there ? SB_RELATION_ONE : SB_RELATION_NONE);
                assert_true(!there || at == i / 2);
            }
        }
        sb_relations_free(&all);
    }
}

static void no_documents(void **state)
{
    (void)state;
    struct sb_relations none;
    const char **circle;
    size_t at, len;
    assert_int_equal(sb_relations_init(&none, NULL, 0), 0);
    assert_int_equal(sb_relations_find(&at, &none, "data/a.txt"), SB_RELATION_NONE);
    assert_int_equal(sb_relations_circle(&circle, &len, &none, NULL, 0), 0);
    assert_null(circle);
    sb_relations_free(&none);
}

/* ---- circles --------------------------------------------------------------------------- */

static struct sealbag_relation made_from(enum sealbag_relation_kind kind, size_t from, size_t to)
{
    return (struct sealbag_relation){.kind = kind,
                                     .target = SEALBAG_TARGET_DOCUMENT,
                                     .from = relations.document[from].path,
                                     .to = relations.document[to].path};
}

static void expect_circle(const struct sealbag_relation *relation, size_t count,
                          const size_t *expected, size_t expected_len)
{
    const char **circle;
    size_t len;
    assert_int_equal(sb_relations_circle(&circle, &len, &relations, relation, count), 0);
    assert_int_equal(len, expected_len);
    assert_true((circle != NULL) == (expected_len > 0));
    for (size_t i = 0; i < len; i++)
        assert_string_equal(circle[i], relations.document[expected[i]].path);
    free(circle);
}

static void small_circles(void **state)
{
    (void)state;
    const enum sealbag_relation_kind C = SEALBAG_RELATION_CITES, Q = SEALBAG_RELATION_QUOTES,
                                     P = SEALBAG_RELATION_PRIMARY_SOURCE,
                                     D = SEALBAG_RELATION_DERIVED;
    /* 3 -> 1 -> 4 -> 2 -> 1, and 0 -> 3 beside it. */
    struct sealbag_relation list[] = {made_from(D, 0, 3), made_from(D, 3, 1), made_from(Q, 1, 4),
                                      made_from(P, 4, 2), made_from(D, 2, 1)};
    expect_circle(list, COUNT(list), (size_t[]){1, 4, 2}, 3);
    expect_circle(list, 4, NULL, 0);
    for (size_t i = 2; i < COUNT(list); i++) { /* citations can go round */
        enum sealbag_relation_kind kind = list[i].kind;
        list[i].kind = C;
        expect_circle(list, COUNT(list), NULL, 0);
        list[i].kind = kind;
    }
    struct sealbag_relation itself[] = {made_from(C, 5, 5), made_from(D, 5, 5)};
    expect_circle(itself, 1, NULL, 0);
    expect_circle(itself, 2, (size_t[]){5}, 1);
    itself[1].target = SEALBAG_TARGET_URL; /* whatever it is called */
    expect_circle(itself, 2, NULL, 0);
    /* Two ways to the same place are no circle. */
    struct sealbag_relation twice[] = {made_from(D, 0, 1), made_from(D, 0, 2), made_from(D, 1, 3),
                                       made_from(D, 2, 3), made_from(D, 0, 3), made_from(D, 0, 3)};
    expect_circle(twice, COUNT(twice), NULL, 0);
}

/* So many that recursion would end the stack, and squares of it the patience. */
static void long_chain(void **state)
{
    (void)state;
    enum { LONG = 100000 };
    struct sb_arena strings = {0};
    struct sb_relation_document *document = calloc(LONG, sizeof(*document));
    struct sealbag_relation *list = calloc(2 * LONG, sizeof(*list));
    struct sb_relations all;
    const char **circle;
    size_t len, count = 0;
    assert_true(document != NULL && list != NULL);
    for (size_t i = 0; i < LONG; i++) {
        char path[32];
        int n = snprintf(path, sizeof(path), "data/%06zu.txt", i);
        document[i].path = sb_arena_copy(&strings, path, (size_t)n);
        assert_non_null(document[i].path);
    }
    assert_int_equal(sb_relations_init(&all, document, LONG), 0);
    for (size_t i = 0; i + 1 < LONG; i++) { /* each from the next, and from the last */
        for (size_t k = 0; k < 2; k++)
            list[count++] = (struct sealbag_relation){
                .kind = SEALBAG_RELATION_DERIVED,
                .target = SEALBAG_TARGET_DOCUMENT,
                .from = document[i].path,
                .to = document[k == 0 ? i + 1 : LONG - 1].path,
            };
    }
    assert_int_equal(sb_relations_circle(&circle, &len, &all, list, count), 0);
    assert_null(circle);
    list[count] = list[count - 1];
    list[count].from = document[LONG - 1].path;
    list[count].to = document[0].path;
    assert_int_equal(sb_relations_circle(&circle, &len, &all, list, count + 1), 0);
    assert_int_equal(len, LONG);
    assert_string_equal(circle[LONG - 1], document[LONG - 1].path);
    free(circle);
    sb_relations_free(&all);
    free(list);
    free(document);
    sb_arena_free(&strings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_by_path),
        cmocka_unit_test(documents_by_digest),
        cmocka_unit_test(urls),
        cmocka_unit_test(nothing_known),
        cmocka_unit_test(what_is_said),
        cmocka_unit_test(columns),
        cmocka_unit_test(found_from_everywhere),
        cmocka_unit_test(no_documents),
        cmocka_unit_test(small_circles),
        cmocka_unit_test(long_chain),
    };
    return cmocka_run_group_tests(tests, make_relations, free_relations);
}
