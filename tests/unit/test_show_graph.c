/* The relations of a bag as a tree and for Graphviz. */
#include "unit/shown.h"

static const char *trees(const char *text)
{
    const char *begin = strstr(text, "not that they are true.\n");
    assert_non_null(begin);
    return strchr(begin, '\n') + 1;
}

static void tree(void **state)
{
    (void)state;
    struct sealbag_verdict verdict = good();
    char *text = show(TREE, &verdict, NULL);
    assert_string_equal(trees(text),
                        "\n"
                        "data/article.txt\n"
                        "|- quotes data/report.txt\n"
                        "|  |- cites \"data/notice 1.txt\"\n"
                        "|  |- cites data/notice2.txt\n"
                        "|  |  `- cites data/report.txt (a circle: this branch has come from "
                        "there)\n"
                        "|  |- has as its primary source " HEX " (not in the bag)\n"
                        "|  `- is derived from " URL "\n"
                        "`- cites data/report.txt (see above)\n");
    free(text);
    text = show(TREE, &verdict, "notice2.txt");
    assert_string_equal(trees(text),
                        "\n"
                        "data/notice2.txt\n"
                        "`- cites data/report.txt\n"
                        "   |- cites \"data/notice 1.txt\"\n"
                        "   |- cites data/notice2.txt (a circle: this branch has come from there)\n"
                        "   |- has as its primary source " HEX " (not in the bag)\n"
                        "   `- is derived from " URL "\n");
    free(text);
    text = show(TREE, &verdict, "notice 1.txt");
    assert_string_equal(trees(text),
                        "\n\"data/notice 1.txt\"\n(It is not stated to rest on anything.)\n");
    free(text);
}

static void dot(void **state)
{
    (void)state;
    struct sealbag_verdict verdict = good();
    char *text = show(DOT, &verdict, "report.txt");
    assert_string_equal(text, "// The relations are as stated by the signer.\n"
                              "digraph \"a bag\" {\n"
                              "  rankdir=LR;\n"
                              "  label=\"Relations, as stated by the signer\";\n"
                              "  n1 [shape=box, label=\"data/notice 1.txt\"];\n"
                              "  n2 [shape=box, label=\"data/notice2.txt\"];\n"
                              "  n3 [shape=box, label=\"data/report.txt\"];\n"
                              "  n4 [shape=box, style=dashed, label=\"" HEX "\"];\n"
                              "  n5 [shape=ellipse, label=\"https://example.org/a?b&amp;amp;c\"];\n"
                              "  n3 -> n1 [label=\"cites\"];\n"
                              "  n3 -> n2 [label=\"cites\"];\n"
                              "  n3 -> n4 [label=\"has as its primary source\"];\n"
                              "  n3 -> n5 [label=\"is derived from\"];\n"
                              "  n2 -> n3 [label=\"cites\"];\n"
                              "}\n");
    free(text);
    static const struct sealbag_relation hostile = {SEALBAG_RELATION_CITES, D, "data/\"];\n}\\N",
                                                    "data/" BIDI};
    static const struct sealbag_provenance one = {.relation = &hostile, .relation_count = 1};
    verdict.provenance = &one;
    text = show(DOT, &verdict, NULL);
    assert_non_null(strstr(text, "label=\"data/\\\"];\\\\x0a}\\\\\\\\N\"];\n"));
    assert_non_null(strstr(text, "label=\"data/\\\\u{202e}\"];\n"));
    free(text);
    text = show(TREE, &verdict, NULL);
    assert_string_equal(trees(text), "\n\"data/\\\"];\\x0a}\\\\N\"\n`- cites data/\\u{202e}\n");
    free(text);
}

/* A verdict of a chain: each document is derived from the next, and the last, if `closed`, from the
 * first. */
static char *show_chain(enum how how, size_t length, bool closed)
{
    struct sb_arena strings = {0};
    struct sealbag_relation *relation = calloc(length, sizeof(*relation));
    const char **path = calloc(length, sizeof(*path));
    struct sealbag_provenance chain = {.relation = relation};
    struct sealbag_verdict verdict = good();
    char name[32];
    assert_true(relation != NULL && path != NULL);
    for (size_t i = 0; i < length; i++) {
        int n = snprintf(name, sizeof(name), "data/%06zu", i);
        path[i] = sb_arena_copy(&strings, name, (size_t)n);
        assert_non_null(path[i]);
    }
    for (size_t i = 0; i < length - !closed; i++)
        relation[chain.relation_count++] =
            (struct sealbag_relation){SEALBAG_RELATION_DERIVED, D, path[i], path[(i + 1) % length]};
    verdict.provenance = &chain;
    char *text = show(how, &verdict, NULL);
    free(path);
    free(relation);
    sb_arena_free(&strings);
    return text;
}

static void long_chains(void **state)
{
    (void)state;
    enum { LONG = 100000 };
    for (int closed = 0; closed < 2; closed++) {
        char *text = show_chain(TREE, LONG, closed == 1);
        assert_true(strlen(text) < (size_t)LONG * 100);
        size_t lines = 0; /* without strstr, which sanitizers let look at all that follows */
        for (const char *c = text; *c != 0; c++)
            lines += c[0] == '-' && strncmp(c, "- is derived", 12) == 0;
        assert_int_equal(lines, closed == 1 ? LONG : LONG - 1);
        assert_non_null(strstr(text, "is derived from data/000016 (see below)\n"));
        assert_non_null(strstr(text, "\n\ndata/000016\n`- is derived from data/000017\n"));
        assert_int_equal(strstr(text, "is derived from data/000000") != NULL, closed == 1);
        free(text);
        free(show_chain(DOT, LONG, closed == 1));
    }
    char *text = show_chain(TREE, 3, true);
    assert_string_equal(trees(text), "\n"
                                     "data/000000\n"
                                     "`- is derived from data/000001\n"
                                     "   `- is derived from data/000002\n"
                                     "      `- is derived from data/000000 (a circle: this branch "
                                     "has come from there)\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tree),
        cmocka_unit_test(dot),
        cmocka_unit_test(long_chains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
