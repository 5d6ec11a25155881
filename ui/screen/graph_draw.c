/* Drawing of the Graph screen: totals above, the table with its lanes, and the node under the cursor beside or below. */
#include "ui/screen/graph.h"

#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"

#include <math.h>
#include <string.h>

enum { WIDE = 100, BELOW_ROWS = 6, LANES_MOST = 24, BAR_MOST = 12 };

/* --- the table ------------------------------------------------------------------------------------------------------- */

/* Columns by what they show; the costs stand at COST + kind. */
enum { LANES, NAME, OP, SHAPE, STEPS, SETTINGS, BAR, COST, COLUMNS_MOST = COST + GRAPH_KINDS };

struct table_view {
    const struct graph_picture *p;
    enum graph_kind kind;
    int what[COLUMNS_MOST], columns, bar;
    double longest; /* bar: that one fills its column */
    bool ascii;
    struct table_column column[COLUMNS_MOST];
};

/* A bar in [0, 1], as text: the table has no room for anything else. Something is never nothing. */
static void put_bar(char *out, size_t size, double share, int cells, bool ascii)
{
    int halves = (int)(share * 2 * cells + 0.5);
    halves = halves == 0 && share > 0 ? 1 : halves > 2 * cells ? 2 * cells : halves;
    out[0] = '\0';
    for (; halves > 0; halves -= 2)
        text_append(out, size, ascii ? "=" : halves == 1 ? "\u2596" : "\u2584");
}

static enum style mark_style(char mark)
{
    return mark == '+' ? STYLE_GOOD : mark == '~' ? STYLE_WARN : mark == '?' ? STYLE_DIM : STYLE_TEXT;
}

static void put_steps(const struct graph_picture *p, int row, char *out, size_t size)
{
    int held = p->cost.node[row].held.n, whole = p->arch->shape[row].time;
    if (whole > 0 && held < whole)
        snprintf(out, size, "%d of %d", held, whole);
}

static void cost_cell(const struct table_view *v, int row, enum graph_kind kind, char *out, size_t size,
                      enum style *style)
{
    graph_cost_text(&v->p->cost, row, kind, out, size);
    *style = kind == v->kind ? STYLE_TEXT : STYLE_DIM;
    if (kind == GRAPH_GRADIENT && graph_gradient_of(&v->p->cost, row) != GRADIENT_FINE) {
        text_append(out, size, "!");
        *style = STYLE_WARN;
    }
}

static void cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct table_view *v = context;
    const struct arch_node *n = &v->p->arch->node[row];
    *style = STYLE_DIM;
    switch (v->what[column]) {
    case LANES:
        break; /* drawn over it */
    case NAME:
        text_copy(out, size, n->name);
        *style = mark_style(v->p->mark[row]);
        break;
    case OP:
        text_copy(out, size, n->op->name);
        *style = STYLE_TEXT;
        break;
    case SHAPE:
        at_hand_shape(v->p->arch, row, out, size);
        break;
    case STEPS:
        put_steps(v->p, row, out, size);
        break;
    case SETTINGS:
        graph_node_settings(v->p->arch, row, true, out, size);
        break;
    case BAR:
        put_bar(out, size, graph_cost_bar(&v->p->cost, row, v->kind) / v->longest, v->bar, v->ascii);
        *style = (enum style)(STYLE_SERIES_1 + (int)v->kind);
        break;
    default:
        cost_cell(v, row, (enum graph_kind)(v->what[column] - COST), out, size, style);
        break;
    }
}

static void add_column(struct table_view *v, int what, struct table_column column)
{
    v->what[v->columns] = what;
    v->column[v->columns++] = column;
}

static double longest_bar(const struct graph_costs *c, enum graph_kind kind)
{
    double longest = 0;
    for (int i = 0; i < c->nodes; i++)
        longest = fmax(longest, graph_cost_bar(c, i, kind));
    return longest > 0 ? longest : 1;
}

/* At most 16, so that one long name leaves room for the rest. */
static int longest_name(const struct arch *a)
{
    int longest = 5;
    for (int i = 0; i < a->nodes; i++) {
        int n = (int)strlen(a->node[i].name);
        longest = n > longest ? n : longest;
    }
    return longest < 16 ? longest : 16;
}

/* The cost that was chosen stands with its bar where the others are; it goes last when there is no room. */
static void choose_columns(struct table_view *v, const struct graph_screen *s, int room, int lanes)
{
    static const int priority[GRAPH_KINDS] = {7, 8, 6, 9, 10};
    static const int least[GRAPH_KINDS] = {6, 9, 10, 9, 8}, most[GRAPH_KINDS] = {7, 12, 12, 10, 9};
    int settings = room < 70 ? 10 : room < 130 ? 16 : 22;
    *v = (struct table_view){.p = &s->picture, .kind = graph_kind_now(s)};
    v->longest = longest_bar(&s->picture.cost, v->kind);
    v->bar = room < 60 ? 6 : room < 90 ? 8 : BAR_MOST;
    add_column(v, LANES, (struct table_column){"", lanes, lanes, false, 0});
    add_column(v, NAME, (struct table_column){"Node", 5, longest_name(s->picture.arch), false, 0});
    add_column(v, OP, (struct table_column){"Operator", 9, 9, false, 1});
    add_column(v, SHAPE, (struct table_column){"Shape", 8, 12, false, 3});
    if (s->picture.cost.plan_macs < s->picture.cost.macs)
        add_column(v, STEPS, (struct table_column){"Steps", 8, 11, false, 5});
    add_column(v, SETTINGS, (struct table_column){"Settings", settings, 30, false, 4});
    for (int i = 0; i < GRAPH_KINDS; i++) {
        bool chosen = i == (int)v->kind;
        if (!chosen && graph_kind_measured((enum graph_kind)i) && !s->picture.cost.measured)
            continue;
        add_column(v, COST + i, (struct table_column){graph_kind_title[i], least[i], most[i], true,
                                                      chosen ? 1 : priority[i]});
        if (chosen)
            add_column(v, BAR, (struct table_column){"", v->bar, v->bar, false, 2});
    }
}

static void draw_table(struct graph_screen *s, struct grid *g, struct box b)
{
    struct graph_picture *p = &s->picture;
    struct table_view v;
    int lanes = graph_lanes_width(p->lanes);
    lanes = lanes > LANES_MOST ? LANES_MOST : lanes;
    choose_columns(&v, s, b.columns, lanes);
    v.ascii = g->symbols == SYMBOLS_ASCII;
    struct table_source source = {&v, p->arch->nodes, cell};
    s->drawn = b;
    table_draw(g, b, v.column, v.columns, &source, &s->table, true);
    struct box left = {b.x, b.y + 1, b.columns < lanes + 3 ? b.columns : lanes + 3, b.rows - 1};
    for (int y = 0; y < left.rows && s->table.top + y < p->arch->nodes; y++) {
        int row = s->table.top + y;
        graph_lanes_draw(p->lanes, g, left, 2, y, row, row == s->table.cursor ? STYLE_SELECTED : STYLE_TEXT);
    }
}

void graph_node_text(void *self, int row, char *out, size_t size)
{
    const struct arch *a = ((const struct graph_screen *)self)->picture.arch;
    char settings[128];
    graph_node_settings(a, row, false, settings, sizeof settings);
    snprintf(out, size, "%s %s %s", a->node[row].name, a->node[row].op->name, settings);
}

/* --- all of it ------------------------------------------------------------------------------------------------------- */

void graph_draw(void *self, struct app *app, struct grid *g, struct box b)
{
    struct graph_screen *s = self;
    struct box table, node;
    (void)app;
    if (s->picture.arch == NULL) {
        at_hand_draw_none(&s->hand, g, b);
        return;
    }
    struct box rest = box_inset(b, 0, graph_head_draw(s, g, box_inset(b, 2, 0, 1, 0)), 0, 0);
    if (b.columns >= WIDE)
        box_split_columns(rest, -(b.columns / 3 > 64 ? 64 : b.columns / 3), &table, &node);
    else
        box_split_rows(rest, rest.rows >= 3 * BELOW_ROWS ? -BELOW_ROWS : -3, &table, &node);
    draw_table(s, g, table);
    graph_node_draw(&s->picture, g, box_inset(node, 2, 0, 0, 0), s->table.cursor);
}
