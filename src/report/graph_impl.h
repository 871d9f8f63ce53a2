/* Between graph.c and graph_place.c. */
#ifndef SB_REPORT_GRAPH_IMPL_H
#define SB_REPORT_GRAPH_IMPL_H

#include "report/graph.h"

/* Gives every node its row and column, by its layer and its links. */
void sb_graph_place(struct sb_graph *graph);

#endif
