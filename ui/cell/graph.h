/* A directed acyclic graph as a table with lanes: one node a row in topological order, its edges as lanes at the left.
 * Works at 80 columns and in ASCII. Order and lanes are stable: nodes that a change leaves alone keep their lane. */
#ifndef UI_CELL_GRAPH_H
#define UI_CELL_GRAPH_H

#include "ui/cell/grid.h"

struct graph_node {
    const char *name;
    const int *input; /* indices of earlier nodes */
    int inputs;
    char mark;        /* ' ', '+', '-', '~' against the parent, '?' a suggestion */
};

struct graph_lanes; /* the computed lanes: one text of cells a row */
struct graph_lanes *graph_lanes_new(const struct graph_node *node, int nodes);
void graph_lanes_free(struct graph_lanes *l);
int graph_lanes_width(const struct graph_lanes *l); /* cells */
void graph_lanes_draw(const struct graph_lanes *l, struct grid *g, struct box b, int x, int y, int node, enum style style);

#endif
