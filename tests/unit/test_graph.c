/* The layout of the graph, QR codes, and words for a shell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/graph.h"
#include "report/qr.h"
#include "report/shell.h"

enum { MANY = 5000 };
static char names[MANY][16];

static const char *name(unsigned i)
{
    snprintf(names[i], sizeof(names[i]), "data/%05u", i);
    return names[i];
}

static struct sealbag_relation cites(unsigned from, unsigned to)
{
    return (struct sealbag_relation){SEALBAG_RELATION_CITES, SEALBAG_TARGET_DOCUMENT, name(from),
                                     name(to)};
}

/* What holds of every layout. */
static void check(const struct sb_graph *graph)
{
    bool taken[SB_GRAPH_NODES * 2][SB_GRAPH_COLUMNS];
    memset(taken, 0, sizeof(taken));
    assert_true(graph->nodes <= SB_GRAPH_NODES && graph->links <= SB_GRAPH_LINKS);
    assert_true(graph->columns >= 1 && graph->columns <= SB_GRAPH_COLUMNS);
    for (unsigned i = 0; i < graph->nodes; i++) {
        const struct sb_graph_node *node = &graph->node[i];
        assert_true(node->row < graph->rows && node->column < graph->columns);
        assert_false(taken[node->row][node->column]);
        taken[node->row][node->column] = true;
    }
    for (unsigned i = 0; i < graph->links; i++) {
        const struct sb_graph_link *link = &graph->link[i];
        assert_true(link->from < graph->nodes && link->to < graph->nodes && link->from != link->to);
        unsigned from = graph->node[link->from].row, to = graph->node[link->to].row;
        assert_true(link->back || from < to);
        for (unsigned other = 0; other < i; other++)
            assert_false(graph->link[other].from == link->from &&
                         graph->link[other].to == link->to &&
                         graph->link[other].kind == link->kind);
    }
}

static void make(struct sb_graph *graph, const struct sealbag_relation *relation, size_t count)
{
    struct sb_graph again;
    assert_int_equal(sb_graph_make(graph, relation, count), 0);
    check(graph);
    assert_int_equal(sb_graph_make(&again, relation, count), 0);
    assert_int_equal(again.nodes, graph->nodes);
    assert_memory_equal(again.node, graph->node, sizeof(again.node));
}

/* The row of the node that is called so. */
static unsigned row_of(const struct sb_graph *graph, const char *text)
{
    for (unsigned i = 0; i < graph->nodes; i++) {
        if (strcmp(graph->node[i].name, text) == 0)
            return graph->node[i].row;
    }
    fail_msg("%s is not in it", text);
    return 0;
}

/* An article quotes a report that cites two notices. */
static void chain(void **state)
{
    (void)state;
    const struct sealbag_relation relations[] = {
        {SEALBAG_RELATION_QUOTES, SEALBAG_TARGET_DOCUMENT, "data/article", "data/report"},
        {SEALBAG_RELATION_CITES, SEALBAG_TARGET_DOCUMENT, "data/report", "data/notice-1"},
        {SEALBAG_RELATION_CITES, SEALBAG_TARGET_DOCUMENT, "data/report", "data/notice-2"},
        {SEALBAG_RELATION_CITES, SEALBAG_TARGET_DOCUMENT, "data/report", "data/notice-2"},
        {SEALBAG_RELATION_CITES, SEALBAG_TARGET_URL, "data/report", "data/notice-2"},
        {SEALBAG_RELATION_CITES, SEALBAG_TARGET_DOCUMENT, "data/report", "data/report"},
    };
    struct sb_graph graph;
    make(&graph, relations, 6);
    assert_int_equal(graph.nodes, 5);
    assert_int_equal(graph.links, 4);
    assert_int_equal(graph.nodes_left_out + graph.links_left_out, 0);
    assert_int_equal(row_of(&graph, "data/article"), 0);
    assert_int_equal(row_of(&graph, "data/report"), 1);
    assert_int_equal(row_of(&graph, "data/notice-1"), 2);
    assert_int_equal(graph.rows, 3);
    assert_int_equal(graph.columns, 3);
}

static void circle(void **state)
{
    (void)state;
    struct sealbag_relation relations[50];
    struct sb_graph graph;
    unsigned back = 0;
    for (unsigned i = 0; i < 50; i++)
        relations[i] = cites(i, (i + 1) % 50);
    make(&graph, relations, 50);
    for (unsigned i = 0; i < graph.links; i++)
        back += graph.link[i].back;
    assert_int_equal(back, 1);
    assert_int_equal(graph.rows, 50);
}

static void nothing(void **state)
{
    (void)state;
    struct sb_graph graph;
    assert_int_equal(sb_graph_make(&graph, NULL, 0), 0);
    assert_int_equal(graph.nodes, 0);
}

/* The most connected part: a hub with all its neighbours, of which there are too many. */
static void hub(void **state)
{
    (void)state;
    static struct sealbag_relation relations[MANY - 2];
    struct sb_graph graph;
    for (unsigned i = 0; i + 2 < MANY; i++)
        relations[i] = i < 200 ? cites(MANY - 1, i) : cites(i, i + 1);
    make(&graph, relations, MANY - 2);
    assert_int_equal(graph.nodes, SB_GRAPH_NODES);
    assert_int_equal(graph.links, SB_GRAPH_NODES - 1);
    assert_int_equal(graph.nodes_left_out, MANY - SB_GRAPH_NODES);
    assert_int_equal(graph.links_left_out, MANY - 2 - graph.links);
    assert_int_equal(row_of(&graph, name(MANY - 1)), 0);
}

/* Everything with everything, in all ways. */
static void dense(void **state)
{
    (void)state;
    static struct sealbag_relation relations[MANY];
    struct sb_graph graph;
    uint32_t seed = 7;
    for (unsigned round = 0; round < 20; round++) {
        unsigned range = 2 + round * 8;
        for (unsigned i = 0; i < MANY; i++) {
            seed = seed * 1103515245 + 12345;
            unsigned from = (seed >> 16) % range;
            seed = seed * 1103515245 + 12345;
            relations[i] = cites(from, (seed >> 16) % range);
            relations[i].kind = (enum sealbag_relation_kind)((seed >> 8) % SEALBAG_RELATION_KINDS);
            relations[i].target = (enum sealbag_target)(i % 3);
        }
        make(&graph, relations, MANY);
        if (round > 3)
            assert_int_equal(graph.links, SB_GRAPH_LINKS);
    }
}

/* ---- QR codes ---- */

/* ISO/IEC 18004, 6.3.3: three corners have a pattern of 7 squares that is found by its rings. */
static void check_corner(const struct sb_qr *qr, unsigned left, unsigned top)
{
    for (unsigned y = 0; y < 7; y++) {
        for (unsigned x = 0; x < 7; x++) {
            bool outer = x == 0 || x == 6 || y == 0 || y == 6;
            bool inner = x >= 2 && x <= 4 && y >= 2 && y <= 4;
            assert_int_equal(qr->dark[(top + y) * qr->width + left + x], outer || inner);
        }
    }
}

static void qr_code(void **state)
{
    (void)state;
    struct sb_qr qr;
    char text[4000];
    memset(text, 'a', sizeof(text));
    text[64] = 0;
    assert_int_equal(sb_qr_make(&qr, text), 0);
    assert_int_equal(qr.width, 37); /* version 5: the smallest for 64 bytes at level M */
    check_corner(&qr, 0, 0);
    check_corner(&qr, qr.width - 7, 0);
    check_corner(&qr, 0, qr.width - 7);
    sb_qr_free(&qr);
    assert_null(qr.dark);
    text[64] = 'a';
    text[sizeof(text) - 1] = 0;
    assert_int_equal(sb_qr_make(&qr, text), SEALBAG_ERR_SYSTEM);
    sb_qr_free(&qr);
}

/* ---- words ---- */

static void quotes(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "''"},
        {"report.tar.gz", "'report.tar.gz'"},
        {"it's $HOME `x` \"y\" \\", "'it'\\''s $HOME `x` \"y\" \\'"},
        {"caf\xc3\xa9", "'caf\xc3\xa9'"},
        {"a\nb", "$'a\\012b'"},
        {"'\\\t", "$'\\'\\\\\\011'"},
        {"x\xe2\x80\xae"
         "9",
         "$'x\\342\\200\\2569'"},
        {"no\xc2\xa0"
         "break",
         "$'no\\302\\240break'"},
        {"\xff\xc3", "$'\\377\\303'"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sb_buf out = {0};
        assert_int_equal(sb_shell_quote(&out, cases[i][0]), 0);
        assert_string_equal((const char *)out.data, cases[i][1]);
        sb_buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain),  cmocka_unit_test(circle), cmocka_unit_test(nothing),
        cmocka_unit_test(hub),    cmocka_unit_test(dense),  cmocka_unit_test(qr_code),
        cmocka_unit_test(quotes),
    };
    return cmocka_run_group_tests_name("graph", tests, NULL, NULL);
}
