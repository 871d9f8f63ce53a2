/* The relations of a bag as a tree, and as a graph in Graphviz's language. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/report.h"
#include "report/show.h"

/* Deeper branches are shown as trees of their own, so that no line is longer than this asks for,
 * and a chain of a hundred thousand documents takes as many short lines. */
enum { DEPTH = 16 };

enum state { NOT_SEEN, WAITING, ON_BRANCH, SHOWN };

struct level {
    size_t node;
    size_t next; /* the relation that is shown next */
};

struct drawing {
    struct sb_shown shown;
    const struct sb_links *links;
    uint8_t *state;     /* of each node */
    size_t *waiting;    /* nodes whose trees are still to be shown, in their order */
    size_t first, last; /* waiting[first..last) */
    struct level branch[DEPTH];
};

static bool has_more(const struct sb_links *links, size_t node)
{
    return links->out_first[node] < links->out_first[node + 1];
}

/* ---- as text ---------------------------------------------------------------------------- */

/* The lines of the branch down to a node at this depth. */
static void draw_lines(struct drawing *drawing, size_t depth)
{
    const struct sb_links *links = drawing->links;
    for (size_t i = 0; i < depth; i++) {
        const struct level *level = &drawing->branch[i];
        bool ends = level->next == links->out_first[level->node + 1];
        fputs(i + 1 < depth ? (ends ? "   " : "|  ") : (ends ? "`- " : "|- "), drawing->shown.to);
    }
}

/* A relation of the lowest node of the branch. True when what it leads to is to be shown beneath.
 */
static bool draw_relation(struct drawing *drawing, const struct sealbag_relation *relation,
                          size_t node, size_t depth)
{
    FILE *to = drawing->shown.to;
    uint8_t *state = &drawing->state[node];
    draw_lines(drawing, depth);
    fprintf(to, "%s ", sb_link_text(relation->kind, false));
    sb_show_name(&drawing->shown, relation->to);
    if (relation->target == SEALBAG_TARGET_DIGEST)
        fputs(" (not in the bag)", to);
    bool more = has_more(drawing->links, node);
    if (more && *state == NOT_SEEN && depth == DEPTH) {
        *state = WAITING;
        drawing->waiting[drawing->last++] = node;
    }
    if (more && *state != NOT_SEEN)
        fputs(*state == ON_BRANCH ? " (a circle: this branch has come from there)"
              : *state == SHOWN   ? " (see above)"
                                  : " (see below)",
              to);
    fputc('\n', to);
    return more && *state == NOT_SEEN;
}

static void draw_tree(struct drawing *drawing, size_t root)
{
    const struct sb_links *links = drawing->links;
    size_t depth = 0;
    fputc('\n', drawing->shown.to);
    sb_show_name(&drawing->shown, links->node[root].text);
    fputc('\n', drawing->shown.to);
    drawing->branch[depth++] = (struct level){root, links->out_first[root]};
    drawing->state[root] = ON_BRANCH;
    while (depth > 0) {
        struct level *level = &drawing->branch[depth - 1];
        if (level->next == links->out_first[level->node + 1]) {
            drawing->state[level->node] = SHOWN;
            depth--;
            continue;
        }
        size_t i = links->out[level->next++], node = links->to[i];
        if (!draw_relation(drawing, &links->relation[i], node, depth))
            continue;
        drawing->state[node] = ON_BRANCH;
        drawing->branch[depth++] = (struct level){node, links->out_first[node]};
    }
}

/* A tree, and those that became too deep for it. */
static void draw_all(struct drawing *drawing, size_t root)
{
    draw_tree(drawing, root);
    while (drawing->first < drawing->last)
        draw_tree(drawing, drawing->waiting[drawing->first++]);
}

/* What nothing leads to comes first; then what only circles lead to. */
static void draw_everything(struct drawing *drawing)
{
    const struct sb_links *links = drawing->links;
    for (unsigned circles = 0; circles < 2; circles++) {
        for (size_t i = 0; i < links->documents; i++) {
            bool led_to = links->in_first[i] < links->in_first[i + 1];
            if (drawing->state[i] == NOT_SEEN && has_more(links, i) && (circles == 1 || !led_to))
                draw_all(drawing, i);
        }
    }
}

static void draw_chosen(struct drawing *drawing, const struct sealbag_verdict *verdict,
                        const char *const *paths, size_t path_count)
{
    const struct sb_links *links = drawing->links;
    for (size_t i = 0; i < path_count; i++) {
        const struct sealbag_document *document = sealbag_document_find(verdict, paths[i]);
        size_t node = document != NULL ? sb_links_find(links, document->path) : links->count;
        if (node < links->count && has_more(links, node)) {
            if (drawing->state[node] == NOT_SEEN)
                draw_all(drawing, node);
        } else if (document != NULL) {
            fputc('\n', drawing->shown.to);
            sb_show_name(&drawing->shown, document->path);
            fputs("\n(It is not stated to rest on anything.)\n", drawing->shown.to);
        }
    }
}

static void draw_text(struct drawing *drawing, const char *label,
                      const struct sealbag_verdict *verdict, const char *const *paths,
                      size_t path_count)
{
    FILE *to = drawing->shown.to;
    sb_report_answers(to, label, verdict);
    fputc('\n', to);
    sb_show_worth(&drawing->shown, verdict);
    if (drawing->links->relation_count == 0)
        fputs("\nNo relations between documents are stated.\n", to);
    else if (path_count == 0)
        draw_everything(drawing);
    else
        draw_chosen(drawing, verdict, paths, path_count);
}

/* ---- for Graphviz ----------------------------------------------------------------------- */

/* A quoted string. In a label a backslash begins an escape, and an ampersand a character's name. */
static void put_string(struct sb_shown *shown, const char *text)
{
    shown->line.len = 0;
    if (sb_text_escape(&shown->line, text, strlen(text)) < 0) {
        shown->failed = SEALBAG_ERR_MEMORY;
        return;
    }
    fputc('"', shown->to);
    for (size_t i = 0; i < shown->line.len; i++) {
        uint8_t c = shown->line.data[i];
        if (c == '&') {
            fputs("&amp;", shown->to);
            continue;
        }
        if (c == '"' || c == '\\')
            fputc('\\', shown->to);
        fputc(c, shown->to);
    }
    fputc('"', shown->to);
}

/* Marks what the chosen documents, or all, lead to. */
static void mark(struct drawing *drawing, const struct sealbag_verdict *verdict,
                 const char *const *paths, size_t path_count)
{
    const struct sb_links *links = drawing->links;
    if (path_count == 0) {
        memset(drawing->state, SHOWN, links->count);
        return;
    }
    for (size_t i = 0; i < path_count; i++) {
        const struct sealbag_document *document = sealbag_document_find(verdict, paths[i]);
        size_t node = document != NULL ? sb_links_find(links, document->path) : links->count;
        if (node == links->count || drawing->state[node] == SHOWN)
            continue;
        drawing->state[node] = SHOWN;
        drawing->waiting[drawing->last++] = node;
    }
    while (drawing->first < drawing->last) {
        size_t node = drawing->waiting[drawing->first++];
        for (size_t i = links->out_first[node]; i < links->out_first[node + 1]; i++) {
            size_t to = links->to[links->out[i]];
            if (drawing->state[to] == SHOWN)
                continue;
            drawing->state[to] = SHOWN;
            drawing->waiting[drawing->last++] = to;
        }
    }
}

static void draw_dot(struct drawing *drawing, const char *label,
                     const struct sealbag_verdict *verdict, const char *const *paths,
                     size_t path_count)
{
    static const char *const shapes[] = {"box", "box, style=dashed", "ellipse"};
    FILE *to = drawing->shown.to;
    const struct sb_links *links = drawing->links;
    mark(drawing, verdict, paths, path_count);
    fprintf(to, "// The relations are %s.\ndigraph ", sb_show_stated(verdict));
    put_string(&drawing->shown, label);
    fprintf(to, " {\n  rankdir=LR;\n  label=\"Relations, %s\";\n", sb_show_stated(verdict));
    for (size_t i = 0; i < links->count; i++) {
        if (drawing->state[i] != SHOWN)
            continue;
        fprintf(to, "  n%zu [shape=%s, label=", i, shapes[links->node[i].target]);
        put_string(&drawing->shown, links->node[i].text);
        fputs("];\n", to);
    }
    for (size_t i = 0; i < links->relation_count; i++) {
        if (drawing->state[links->from[i]] == SHOWN)
            fprintf(to, "  n%zu -> n%zu [label=\"%s\"];\n", links->from[i], links->to[i],
                    sb_link_text(links->relation[i].kind, false));
    }
    fputs("}\n", to);
}

int sealbag_graph_print(FILE *to, enum sealbag_graph graph, const char *label,
                        const struct sealbag_verdict *verdict, const char *const *paths,
                        size_t path_count)
{
    struct sb_links links;
    if (sb_show_nothing(verdict))
        return 0;
    int r = sb_links_make(&links, verdict->provenance);
    struct drawing drawing = {
        .shown = {.to = to},
        .links = &links,
        .state = calloc(links.count + 1, 1),
        .waiting = calloc(links.count + 1, sizeof(size_t)),
    };
    if (r < 0 || drawing.state == NULL || drawing.waiting == NULL)
        drawing.shown.failed = SEALBAG_ERR_MEMORY;
    else if (graph == SEALBAG_GRAPH_DOT)
        draw_dot(&drawing, label, verdict, paths, path_count);
    else
        draw_text(&drawing, label, verdict, paths, path_count);
    free(drawing.state);
    free(drawing.waiting);
    sb_links_free(&links);
    return sb_shown_finish(&drawing.shown);
}
