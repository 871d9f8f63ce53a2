/* A layout for what documents have to do with each other: rows of boxes, those above rest on those
 * below. It is the same on every machine, and its work and size are bounded whatever is stated. */
#ifndef SB_REPORT_GRAPH_H
#define SB_REPORT_GRAPH_H

#include <sealbag/sealbag.h>

/* More cannot be read on one page. */
enum { SB_GRAPH_NODES = 60, SB_GRAPH_LINKS = 240, SB_GRAPH_COLUMNS = 4 };

struct sb_graph_node {
    const char *name; /* borrowed from the relations */
    enum sealbag_target target;
    unsigned layer; /* each link that is no back link leads to a greater one */
    unsigned row, column;
};

struct sb_graph_link {
    unsigned from, to; /* nodes */
    enum sealbag_relation_kind kind;
    bool back; /* it closes a circle */
};

struct sb_graph {
    struct sb_graph_node node[SB_GRAPH_NODES];
    struct sb_graph_link link[SB_GRAPH_LINKS]; /* no two are the same, and none is a loop */
    unsigned nodes, links;
    unsigned rows, columns;
    size_t nodes_left_out, links_left_out; /* the most connected ones are in it */
};

/* 0 or SEALBAG_ERR_MEMORY. */
int sb_graph_make(struct sb_graph *out, const struct sealbag_relation *relation, size_t count);

#endif
