/* The graph of the relations as SVG. */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "report/graph.h"
#include "report/html.h"

/* In units of a pixel at 96 to the inch. */
enum { BOX = 170, HEIGHT = 46, GAP = 34, DROP = 58, MARGIN = 36 };
enum { NAME_CELLS = 18, WHERE_CELLS = 22 }; /* that fit in a box, in its two sizes of letters */
/* With more links their words would lie on each other; the legend has them in any case. */
enum { WORDS_MAX = 14 };

static int left_of(const struct sb_graph_node *node)
{
    return MARGIN + (int)node->column * (BOX + GAP);
}

static int top_of(const struct sb_graph_node *node)
{
    return MARGIN + (int)node->row * (HEIGHT + DROP);
}

/* ---- names in boxes ---- */

/* Where `cells` cells end in escaped text; characters from Hangul on are two wide. */
static size_t prefix(const char *text, size_t len, unsigned cells)
{
    size_t at = 0;
    while (at < len) {
        uint32_t code;
        size_t n = sb_utf8_decode(&code, text + at, len - at);
        unsigned width = n > 0 && code >= 0x1100 ? 2 : 1;
        if (width > cells)
            break;
        cells -= width;
        at += n > 0 ? n : 1;
    }
    return at;
}

/* A name that fits in a box: its beginning and its end. */
static void show_short(struct sb_page *page, const char *text, size_t len, unsigned cells)
{
    struct sb_buf shown = {0};
    enum { LOOK = 4000 };
    char end[64];
    if (sb_text_escape(&shown, text, len < LOOK ? len : LOOK) == 0 && shown.data != NULL) {
        size_t all = prefix((const char *)shown.data, shown.len, cells);
        if (all < shown.len) {
            size_t tail = shown.len - 8;
            while (tail < shown.len && (shown.data[tail] & 0xc0) == 0x80)
                tail++;
            snprintf(end, sizeof(end), "\xe2\x80\xa6%s", (const char *)shown.data + tail);
            shown.data[prefix((const char *)shown.data, shown.len, cells - 9)] = 0;
            sb_html_text(page, (const char *)shown.data);
            sb_html_text(page, end);
        } else {
            sb_html_text(page, (const char *)shown.data);
        }
    }
    sb_buf_free(&shown);
}

static void show_last(struct sb_page *page, const char *text, size_t len)
{
    sb_html_raw(page, "<text class=\"name\" x=\"10\" y=\"19\">");
    show_short(page, text, len, NAME_CELLS);
    sb_html_raw(page, "</text>");
}

static void show_where(struct sb_page *page, const char *text, size_t len)
{
    sb_html_raw(page, "<text class=\"where\" x=\"10\" y=\"36\">");
    show_short(page, text, len, WHERE_CELLS);
    sb_html_raw(page, "</text>");
}

/* The name's two lines: what is told apart by, and where it is. */
static void show_name(struct sb_page *page, const struct sb_graph_node *node)
{
    const char *name = node->name, *scheme = strstr(name, "://");
    if (node->target == SEALBAG_TARGET_URL && scheme != NULL &&
        strcspn(scheme + 3, "/?#") > 0) { /* "file:///..." has no host */
        const char *host = scheme + 3;
        size_t len = strcspn(host, "/?#");
        show_where(page, host + len, strlen(host + len));
        show_last(page, host, len);
    } else if (node->target == SEALBAG_TARGET_DOCUMENT) {
        const char *path = strncmp(name, "data/", 5) == 0 ? name + 5 : name;
        const char *slash = strrchr(path, '/');
        const char *last = slash != NULL ? slash + 1 : path;
        show_last(page, last, strlen(last));
        show_where(page, path, (size_t)(last - path));
    } else {
        show_last(page, name, strlen(name));
        const char *where = SB_TR(page, "not in the bag");
        show_where(page, where, strlen(where));
    }
}

/* An inner <svg> cuts off what is wider than it seemed. */
static void draw_box(struct sb_page *page, const struct sb_graph_node *node)
{
    fprintf(page->to, "<svg class=\"box t%u\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"><title>",
            (unsigned)node->target, left_of(node), top_of(node), BOX, HEIGHT);
    sb_html_brief(page, node->name);
    fprintf(page->to, "</title><rect x=\"1\" y=\"1\" width=\"%d\" height=\"%d\" rx=\"%d\"/>",
            BOX - 2, HEIGHT - 2, node->target == SEALBAG_TARGET_DOCUMENT ? 3 : 20);
    show_name(page, node);
    sb_html_raw(page, "</svg>\n");
}

/* ---- links ---- */

/* How far from the middle of a box a link meets it: those at one box lie beside each other, in the
 * order of the boxes at their other ends. */
static int shift_at(const struct sb_graph *graph, unsigned i, bool start)
{
    enum { STEP = 16, ROOM = BOX - 50 };
    const struct sb_graph_link *link = &graph->link[i];
    unsigned own = start ? link->from : link->to;
    unsigned column = graph->node[start ? link->to : link->from].column;
    int before = 0, all = 0;
    for (unsigned l = 0; l < graph->links; l++) {
        const struct sb_graph_link *other = &graph->link[l];
        if ((start ? other->from : other->to) != own)
            continue;
        unsigned there = graph->node[start ? other->to : other->from].column;
        before += there < column || (there == column && l < i);
        all++;
    }
    int width = (all - 1) * STEP < ROOM ? (all - 1) * STEP : ROOM;
    return all > 1 ? before * width / (all - 1) - width / 2 : 0;
}

/* From the lower side of a box to the upper side of one below it; past other rows between the
 * columns. */
static void draw_link(struct sb_page *page, const struct sb_graph *graph, unsigned i)
{
    const struct sb_graph_link *link = &graph->link[i];
    const struct sb_graph_node *from = &graph->node[link->from], *to = &graph->node[link->to];
    bool up = to->row < from->row;
    int x1 = left_of(from) + BOX / 2 + shift_at(graph, i, true);
    int x2 = left_of(to) + BOX / 2 + shift_at(graph, i, false);
    int y1 = top_of(from) + (up ? 0 : HEIGHT), y2 = top_of(to) + (up ? HEIGHT : 0);
    int bend = up ? -DROP / 2 : DROP / 2;
    unsigned rows = up ? from->row - to->row : to->row - from->row;
    fprintf(page->to, "<g class=\"k%u\"><title>", (unsigned)link->kind);
    sb_html_brief(page, from->name);
    sb_html_raw(page, " ");
    sb_html_text(page, sb_html_relation(page, link->kind));
    sb_html_raw(page, " ");
    sb_html_brief(page, to->name);
    fprintf(page->to, "</title><path class=\"link\" marker-end=\"url(#arrow)\" d=\"M%d %d", x1, y1);
    if (rows <= 1) {
        fprintf(page->to, "C%d %d %d %d %d %d\"/>", x1, y1 + bend, x2, y2 - bend, x2, y2);
    } else {
        bool right = to->column >= from->column && to->column + 1 < graph->columns;
        int x = left_of(to) + (right ? BOX + GAP / 2 : -GAP / 2) + (int)(i % 5) * 5 - 10;
        fprintf(page->to, "C%d %d %d %d %d %dL%d %dC%d %d %d %d %d %d\"/>", x1, y1 + bend, x,
                y1 + bend, x, y1 + 2 * bend, x, y2 - 2 * bend, x, y2 - bend, x2, y2 - bend, x2, y2);
        x1 = x2 = x;
    }
    if (graph->links <= WORDS_MAX) {
        fprintf(page->to, "<text class=\"word\" x=\"%d\" y=\"%d\">", (x1 + x2) / 2,
                (y1 + y2) / 2 + 4);
        sb_html_text(page, sb_html_relation(page, link->kind));
        sb_html_raw(page, "</text>");
    }
    sb_html_raw(page, "</g>\n");
}

static void draw_legend(struct sb_page *page, const struct sb_graph *graph)
{
    bool there[SEALBAG_RELATION_KINDS] = {false};
    for (unsigned i = 0; i < graph->links; i++)
        there[graph->link[i].kind] = true;
    sb_html_raw(page, "<ul class=\"legend\">\n");
    for (unsigned kind = 0; kind < SEALBAG_RELATION_KINDS; kind++) {
        if (!there[kind])
            continue;
        fprintf(page->to,
                "<li><svg class=\"k%u\" viewBox=\"0 0 44 10\" aria-hidden=\"true\"><path "
                "class=\"link\" marker-end=\"url(#arrow)\" d=\"M1 5H38\"/></svg> ",
                kind);
        sb_html_text(page, sb_html_relation(page, (enum sealbag_relation_kind)kind));
        sb_html_raw(page, "</li>\n");
    }
    sb_html_raw(page, "</ul>\n");
}

static void draw(struct sb_page *page, const struct sb_graph *graph)
{
    unsigned width = 2 * MARGIN + graph->columns * (BOX + GAP) - GAP;
    unsigned height = 2 * MARGIN + graph->rows * (HEIGHT + DROP) - DROP;
    fprintf(page->to,
            "<svg class=\"graph\" role=\"img\" viewBox=\"0 0 %u %u\" style=\"max-width:%upx\">"
            "<title>",
            width, height, width);
    sb_html_text(page, SB_TR(page, "Which document rests on which. The list below says the same in "
                                   "words."));
    sb_html_raw(page,
                "</title>\n<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" "
                "refY=\"4\" markerWidth=\"9\" markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" "
                "orient=\"auto\">"
                "<path d=\"M0 0L8 4L0 8z\"/></marker></defs>\n");
    for (unsigned i = 0; i < graph->links; i++)
        draw_link(page, graph, i);
    for (unsigned i = 0; i < graph->nodes; i++)
        draw_box(page, &graph->node[i]);
    sb_html_raw(page, "</svg>\n");
}

int sb_html_graph(struct sb_page *page)
{
    const struct sealbag_provenance *provenance = page->verdict->provenance;
    struct sb_graph graph;
    char nodes[SB_NUMBER_TEXT], links[SB_NUMBER_TEXT];
    int r = sb_graph_make(&graph, provenance->relation, provenance->relation_count);
    if (r < 0)
        return r;
    sb_html_raw(page, "<div class=\"drawing\">\n");
    draw(page, &graph);
    draw_legend(page, &graph);
    sb_html_raw(page, "</div>\n");
    if (graph.nodes_left_out > 0 || graph.links_left_out > 0) {
        sb_html_paragraph(
            page,
            SB_TR(page, "Only the most connected part is drawn. Left out of the drawing: %s "
                        "documents or addresses, and %s relations."),
            sb_language_number(nodes, &page->language, graph.nodes_left_out),
            sb_language_number(links, &page->language, graph.links_left_out));
    }
    return 0;
}
