/* Rows and columns: a layer is one row, or several when it is wide; in it, each node comes near the
 * middle of those that it is linked to (the barycentre method). In whole numbers, so that it is the
 * same on every machine. */
#include <stdlib.h>

#include "report/graph_impl.h"

enum { SCALE = 256, SWEEPS = 4 };

struct spot {
    unsigned node;
    unsigned wish; /* the column, times SCALE */
};

static int compare(const void *a, const void *b)
{
    const struct spot *one = a, *other = b;
    if (one->wish != other->wish)
        return one->wish < other->wish ? -1 : 1;
    return one->node < other->node ? -1 : one->node > other->node;
}

/* The middle of the columns of what it is linked to, above it or on both sides. */
static unsigned wish_of(const struct sb_graph *graph, unsigned node, bool both)
{
    unsigned sum = 0, count = 0;
    for (unsigned i = 0; i < graph->links; i++) {
        const struct sb_graph_link *link = &graph->link[i];
        if (link->from != node && link->to != node)
            continue;
        const struct sb_graph_node *other =
            &graph->node[link->from == node ? link->to : link->from];
        if (both || other->layer < graph->node[node].layer) {
            sum += other->column * SCALE;
            count++;
        }
    }
    return count > 0 ? sum / count : (graph->columns - 1) * SCALE / 2;
}

/* A row from the left to the right: each in the column that it wishes, or the next free one, but so
 * that the rest of them have room. */
static void place_row(struct sb_graph *graph, const struct spot *spot, unsigned count, unsigned row)
{
    unsigned next = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned column = (spot[i].wish + SCALE / 2) / SCALE;
        unsigned last = graph->columns - (count - i);
        column = column < next ? next : column > last ? last : column;
        graph->node[spot[i].node].row = row;
        graph->node[spot[i].node].column = column;
        next = column + 1;
    }
}

/* Returns the row after it. */
static unsigned place_layer(struct sb_graph *graph, unsigned layer, unsigned row, bool both)
{
    struct spot spot[SB_GRAPH_NODES];
    unsigned count = 0;
    for (unsigned i = 0; i < graph->nodes; i++) {
        if (graph->node[i].layer == layer)
            spot[count++] = (struct spot){i, wish_of(graph, i, both)};
    }
    qsort(spot, count, sizeof(*spot), compare);
    for (unsigned at = 0; at < count; at += graph->columns) {
        unsigned n = count - at < graph->columns ? count - at : graph->columns;
        place_row(graph, spot + at, n, row++);
    }
    return row;
}

void sb_graph_place(struct sb_graph *graph)
{
    unsigned sizes[SB_GRAPH_NODES] = {0}, layers = 0;
    for (unsigned i = 0; i < graph->nodes; i++) {
        unsigned layer = graph->node[i].layer, size = ++sizes[layer];
        layers = layer >= layers ? layer + 1 : layers;
        graph->columns = size > graph->columns ? size : graph->columns;
    }
    if (graph->columns > SB_GRAPH_COLUMNS)
        graph->columns = SB_GRAPH_COLUMNS;
    for (unsigned sweep = 0; sweep < SWEEPS; sweep++) {
        graph->rows = 0;
        for (unsigned layer = 0; layer < layers; layer++)
            graph->rows = place_layer(graph, layer, graph->rows, sweep > 0);
    }
}
