/* Which nodes are drawn, and in which layer. Where in it: graph_place.c. */
#include "report/graph.h"

#include <stdlib.h>
#include <string.h>

#include "report/graph_impl.h"

struct name {
    const char *text;
    enum sealbag_target target;
};

struct choice {
    struct name *name; /* sorted, each once */
    size_t names;
    size_t *from, *to; /* of each relation, in the names */
    size_t *degree, *near;
    unsigned *drawn; /* of each name: its node plus one, or 0 */
    const struct sealbag_relation *relation;
    size_t count;
};

static int compare(const void *a, const void *b)
{
    const struct name *one = a, *other = b;
    if (one->target != other->target)
        return one->target < other->target ? -1 : 1;
    return strcmp(one->text, other->text);
}

static size_t place_of(const struct choice *choice, const char *text, enum sealbag_target target)
{
    const struct name key = {text, target};
    const struct name *found = bsearch(&key, choice->name, choice->names, sizeof(key), compare);
    return found != NULL ? (size_t)(found - choice->name) : 0;
}

static void choice_free(struct choice *choice)
{
    free(choice->name);
    free(choice->from);
    free(choice->to);
    free(choice->degree);
    free(choice->near);
    free(choice->drawn);
}

/* All names, each once. */
static bool collect(struct choice *choice)
{
    size_t count = choice->count;
    choice->name = calloc(count, 2 * sizeof(*choice->name));
    choice->from = calloc(count, sizeof(*choice->from));
    choice->to = calloc(count, sizeof(*choice->to));
    if (choice->name == NULL || choice->from == NULL || choice->to == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct sealbag_relation *relation = &choice->relation[i];
        choice->name[2 * i] = (struct name){relation->from, SEALBAG_TARGET_DOCUMENT};
        choice->name[2 * i + 1] = (struct name){relation->to, relation->target};
    }
    qsort(choice->name, 2 * count, sizeof(*choice->name), compare);
    for (size_t i = 0; i < 2 * count; i++) {
        if (i == 0 || compare(&choice->name[i], &choice->name[choice->names - 1]) != 0)
            choice->name[choice->names++] = choice->name[i];
    }
    choice->degree = calloc(choice->names, sizeof(*choice->degree));
    choice->near = calloc(choice->names, sizeof(*choice->near));
    choice->drawn = calloc(choice->names, sizeof(*choice->drawn));
    if (choice->degree == NULL || choice->near == NULL || choice->drawn == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct sealbag_relation *relation = &choice->relation[i];
        choice->from[i] = place_of(choice, relation->from, SEALBAG_TARGET_DOCUMENT);
        choice->to[i] = place_of(choice, relation->to, relation->target);
        choice->degree[choice->from[i]]++;
        choice->degree[choice->to[i]]++;
    }
    return true;
}

/* Takes the one with the most links to those that are taken, then the one with the most links. */
static void take_one(struct choice *choice)
{
    size_t best = choice->names;
    for (size_t i = 0; i < choice->names; i++) {
        if (choice->drawn[i] == 0 &&
            (best == choice->names || choice->near[i] > choice->near[best] ||
             (choice->near[i] == choice->near[best] && choice->degree[i] > choice->degree[best])))
            best = i;
    }
    choice->drawn[best] = 1;
    for (size_t i = 0; i < choice->count; i++) {
        if (choice->from[i] == best)
            choice->near[choice->to[i]]++;
        if (choice->to[i] == best)
            choice->near[choice->from[i]]++;
    }
}

static void choose_nodes(struct sb_graph *graph, struct choice *choice)
{
    if (choice->names > SB_GRAPH_NODES) {
        for (unsigned i = 0; i < SB_GRAPH_NODES; i++)
            take_one(choice);
        graph->nodes_left_out = choice->names - SB_GRAPH_NODES;
    }
    for (size_t i = 0; i < choice->names; i++) {
        if (choice->names > SB_GRAPH_NODES && choice->drawn[i] == 0)
            continue;
        graph->node[graph->nodes] =
            (struct sb_graph_node){.name = choice->name[i].text, .target = choice->name[i].target};
        choice->drawn[i] = ++graph->nodes;
    }
}

static void choose_links(struct sb_graph *graph, const struct choice *choice)
{
    uint8_t kinds[SB_GRAPH_NODES][SB_GRAPH_NODES];
    memset(kinds, 0, sizeof(kinds));
    for (size_t i = 0; i < choice->count; i++) {
        unsigned from = choice->drawn[choice->from[i]], to = choice->drawn[choice->to[i]];
        if (from == 0 || to == 0)
            graph->links_left_out++;
        else if (from != to)
            kinds[from - 1][to - 1] |= (uint8_t)(1U << choice->relation[i].kind);
    }
    for (unsigned from = 0; from < graph->nodes; from++) {
        for (unsigned at = 0; at < graph->nodes * SEALBAG_RELATION_KINDS; at++) {
            unsigned to = at / SEALBAG_RELATION_KINDS, kind = at % SEALBAG_RELATION_KINDS;
            if ((kinds[from][to] >> kind & 1) == 0)
                continue;
            if (graph->links == SB_GRAPH_LINKS)
                graph->links_left_out++;
            else
                graph->link[graph->links++] = (struct sb_graph_link){
                    .from = from, .to = to, .kind = (enum sealbag_relation_kind)kind};
        }
    }
}

/* ---- layers ---- */

/* The next in an order in which as few links as may be lead backwards: one that nothing of what is
 * left leads to; or, in a circle, the one with the most links out of it. */
static unsigned next_node(const struct sb_graph *graph, const unsigned *place)
{
    int in[SB_GRAPH_NODES] = {0}, out[SB_GRAPH_NODES] = {0};
    unsigned best = SB_GRAPH_NODES;
    for (unsigned i = 0; i < graph->links; i++) {
        const struct sb_graph_link *link = &graph->link[i];
        if (place[link->from] == 0 && place[link->to] == 0) {
            out[link->from]++;
            in[link->to]++;
        }
    }
    for (unsigned i = 0; i < graph->nodes; i++) {
        if (place[i] != 0)
            continue;
        if (in[i] == 0)
            return i;
        if (best == SB_GRAPH_NODES || out[i] - in[i] > out[best] - in[best])
            best = i;
    }
    return best;
}

static void make_layers(struct sb_graph *graph)
{
    unsigned place[SB_GRAPH_NODES] = {0}, order[SB_GRAPH_NODES] = {0};
    for (unsigned i = 0; i < graph->nodes; i++) {
        order[i] = next_node(graph, place);
        place[order[i]] = i + 1;
    }
    for (unsigned i = 0; i < graph->links; i++)
        graph->link[i].back = place[graph->link[i].from] > place[graph->link[i].to];
    for (unsigned i = 0; i < graph->nodes; i++) {
        for (unsigned l = 0; l < graph->links; l++) {
            const struct sb_graph_link *link = &graph->link[l];
            unsigned below = graph->node[link->from].layer + 1;
            if (!link->back && link->from == order[i] && graph->node[link->to].layer < below)
                graph->node[link->to].layer = below;
        }
    }
}

int sb_graph_make(struct sb_graph *out, const struct sealbag_relation *relation, size_t count)
{
    struct choice choice = {.relation = relation, .count = count};
    *out = (struct sb_graph){0};
    if (count == 0)
        return 0;
    bool enough = collect(&choice);
    if (enough) {
        choose_nodes(out, &choice);
        choose_links(out, &choice);
        make_layers(out);
        sb_graph_place(out);
    }
    choice_free(&choice);
    return enough ? 0 : SEALBAG_ERR_MEMORY;
}
