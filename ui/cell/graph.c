/* Lanes, from the first node down:
 *
 *     ●      input        a lane is one tensor: it starts at the node that makes it and ends at its last reader
 *     ├─●    conv         a reader that is not the last gets a lane of its own
 *     │ ●    relu
 *     ●─╯    add          the last reader of several stands on the leftmost of the lanes that end at it
 *     ●      output
 */
#include "ui/cell/graph.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>

enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8 };

struct lane_cell {
    uint8_t lines; /* UP | DOWN | LEFT | RIGHT */
    bool node;
    uint16_t lane; /* for the colour: the lane that the line belongs to */
};

struct lane_row {
    struct lane_cell *cell;
    int n;
    char mark;
};

struct graph_lanes {
    struct lane_row *row;
    int rows, width;
};

/* A node that nobody reads keeps its lane empty for one row: a node right below it would look like its reader. */
enum { LANE_FREE = -1, LANE_RESTS = -2 };

#define LANES_KEPT 256u /* more than any screen shows: what lies further right is left out */

struct lanes_in_use {
    int *source; /* [capacity] the node whose tensor the lane carries, or one of the above */
    size_t n, capacity;
};

static int lane_of(const struct lanes_in_use *u, int node)
{
    for (size_t i = 0; i < u->n; i++)
        if (u->source[i] == node)
            return (int)i;
    return -1;
}

static int free_lane(struct lanes_in_use *u)
{
    int lane = lane_of(u, LANE_FREE);
    if (lane >= 0)
        return lane;
    u->source = memory_grow(u->source, &u->capacity, u->n + 1, sizeof *u->source);
    u->source[u->n] = LANE_FREE;
    return (int)u->n++;
}

/* The last node that reads each node's tensor, or -1. */
static int *last_readers(const struct graph_node *node, int nodes)
{
    int *last = NEW_ARRAY(int, nodes);
    for (int i = 0; i < nodes; i++)
        last[i] = -1;
    for (int i = 0; i < nodes; i++) {
        for (int k = 0; k < node[i].inputs; k++) {
            ASSERT(node[i].input[k] >= 0 && node[i].input[k] < i);
            last[node[i].input[k]] = i;
        }
    }
    return last;
}

static int place_node(struct lanes_in_use *u, const struct graph_node *node, int i, const int *last)
{
    int lane = -1;
    for (int k = 0; k < node->inputs; k++) {
        int from = lane_of(u, node->input[k]);
        if (last[node->input[k]] == i && (lane < 0 || from < lane))
            lane = from;
    }
    return lane >= 0 ? lane : free_lane(u);
}

static void draw_level(struct lane_row *row, int from, int to)
{
    int left = from < to ? from : to, right = from < to ? to : from;
    for (int x = 2 * left; x <= 2 * right && x < row->n; x++) {
        struct lane_cell *c = &row->cell[x];
        bool lane_passes = x % 2 == 0 && x != 2 * from && x != 2 * to && (c->lines & (UP | DOWN)) == (UP | DOWN);
        if (lane_passes && !(c->lines & (LEFT | RIGHT)) && !c->node)
            continue; /* a lane that has nothing to do with this node passes over the line */
        if (x > 2 * left)
            c->lines |= LEFT;
        if (x < 2 * right)
            c->lines |= RIGHT;
        if (x % 2 == 1)
            c->lane = (uint16_t)from;
    }
}

/* An input's lane is joined from its cell to the node's; the nearer ones first, so that they are junctions on the way
 * of the farther. */
static void join_inputs(struct lane_row *row, const struct lanes_in_use *before, const struct graph_node *node, int at)
{
    int *from = NEW_ARRAY(int, node->inputs + 1), n = 0;
    for (int k = 0; k < node->inputs; k++) {
        int lane = lane_of(before, node->input[k]), i = n;
        if (lane < 0 || lane == at)
            continue;
        for (; i > 0 && abs(from[i - 1] - at) > abs(lane - at); i--)
            from[i] = from[i - 1];
        from[i] = lane;
        n++;
    }
    for (int i = 0; i < n; i++)
        draw_level(row, from[i], at);
    free(from);
}

static void lay_row(struct lane_row *row, struct lanes_in_use *u, const struct graph_node *node, int i, const int *last)
{
    int at = place_node(u, node, i, last);
    row->n = 2 * (int)(u->n < LANES_KEPT ? u->n : LANES_KEPT) - 1;
    row->cell = NEW_ARRAY(struct lane_cell, row->n);
    row->mark = node->mark;
    for (size_t lane = 0; 2 * (int)lane < row->n; lane++) {
        struct lane_cell *c = &row->cell[2 * lane];
        c->lane = (uint16_t)lane;
        if (u->source[lane] >= 0)
            c->lines = (uint8_t)(UP | (last[u->source[lane]] != i ? DOWN : 0));
    }
    if (2 * at < row->n)
        row->cell[2 * at].node = true;
    join_inputs(row, u, node, at);
    for (size_t lane = 0; lane < u->n; lane++)
        if (u->source[lane] < 0 || last[u->source[lane]] == i)
            u->source[lane] = LANE_FREE;
    u->source[at] = last[i] >= 0 ? i : LANE_RESTS;
    while (row->n > 1 && row->cell[row->n - 1].lines == 0 && !row->cell[row->n - 1].node)
        row->n--;
}

struct graph_lanes *graph_lanes_new(const struct graph_node *node, int nodes)
{
    struct graph_lanes *l = NEW(struct graph_lanes);
    struct lanes_in_use u = {0};
    int *last = last_readers(node, nodes);
    l->rows = nodes;
    l->row = NEW_ARRAY(struct lane_row, nodes);
    for (int i = 0; i < nodes; i++) {
        lay_row(&l->row[i], &u, &node[i], i, last);
        l->width = l->row[i].n > l->width ? l->row[i].n : l->width;
    }
    free(last);
    free(u.source);
    return l;
}

void graph_lanes_free(struct graph_lanes *l)
{
    if (l == NULL)
        return;
    for (int i = 0; i < l->rows; i++)
        free(l->row[i].cell);
    free(l->row);
    free(l);
}

int graph_lanes_width(const struct graph_lanes *l)
{
    return l->width;
}

static uint32_t line_code(unsigned lines)
{
    static const uint16_t code[16] = {' ',    0x2575, 0x2577, 0x2502, 0x2574, 0x256f, 0x256e, 0x2524,
                                      0x2576, 0x2570, 0x256d, 0x251c, 0x2500, 0x2534, 0x252c, 0x253c};
    return code[lines & 15];
}

static enum style mark_style(char mark, enum style plain)
{
    switch (mark) {
    case '+':
        return STYLE_GOOD;
    case '-':
        return STYLE_BAD;
    case '~':
        return STYLE_WARN;
    case '?':
        return STYLE_DIM;
    default:
        return plain;
    }
}

void graph_lanes_draw(const struct graph_lanes *l, struct grid *g, struct box b, int x, int y, int node,
                      enum style style)
{
    if (node < 0 || node >= l->rows)
        return;
    const struct lane_row *row = &l->row[node];
    for (int i = 0; i < row->n; i++) {
        const struct lane_cell *c = &row->cell[i];
        if (c->node) {
            bool marked = row->mark != ' ' && row->mark != '\0';
            grid_code(g, b, x + i, y, style == STYLE_SELECTED ? style : mark_style(row->mark, style),
                      marked ? (uint32_t)row->mark : 0x25cf);
        } else if (c->lines != 0) {
            enum style lane = (enum style)(STYLE_SERIES_1 + c->lane % 6);
            grid_code(g, b, x + i, y, style == STYLE_SELECTED ? style : lane, line_code(c->lines));
        }
    }
}
