/* The network of a proposal, drawn against its parent: a row a node, with its edges as lanes and what has come, gone or
 * changed. The texts come from the chain's objects, so that it can be seen where the network was never heard of. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/cell/graph.h"
#include "ui/screen/aid.h"
#include "ui/screen/arch_align.h"
#include "ui/screen/at_hand.h"
#include "ui/screen/chain_state.h"
#include "ui/screen/graph.h"

enum { LANES_MOST = 16, NAME = 14, OP = 11, SHAPE = 12, PARAMETERS = 10, NODES_MOST = 400 };

static struct arch *parse(const json_t *p, const char *key)
{
    const char *text = aid_text(p, key);
    return text[0] != '\0' ? arch_parse(text, strlen(text), "network", NULL) : NULL;
}

static enum style mark_style(char mark)
{
    return mark == '+' ? STYLE_GOOD : mark == '~' ? STYLE_WARN : mark == '-' ? STYLE_BAD : STYLE_TEXT;
}

static struct graph_lanes *lanes_of(const struct arch *a, const char *mark)
{
    struct graph_node *node = NEW_ARRAY(struct graph_node, a->nodes);
    for (int i = 0; i < a->nodes; i++)
        node[i] = (struct graph_node){a->node[i].name, a->node[i].input, a->node[i].inputs, mark[i]};
    struct graph_lanes *l = graph_lanes_new(node, a->nodes);
    free(node);
    return l;
}

static void put_before(struct page *p, struct box row, int x, const struct arch *before, int i)
{
    char shape[48], settings[128];
    at_hand_shape(before, i, shape, sizeof shape);
    graph_node_settings(before, i, true, settings, sizeof settings);
    grid_printf(p->grid, row, x, 0, STYLE_DIM, "was %s %s %s", before->node[i].op->name, shape, settings);
}

/* was: what it was before, drawn where it has changed. */
static void put_node(struct page *p, const struct arch *a, int i, char mark, const struct graph_lanes *l, int lanes,
                     const struct arch *before, int was)
{
    char shape[48], settings[128], count[AID_NUMBER];
    struct box row = page_take(p, 1);
    struct grid *g = p->grid;
    bool wide = row.columns >= lanes + NAME + OP + SHAPE + PARAMETERS + 16;
    int x = lanes + 1;
    graph_lanes_draw(l, g, (struct box){row.x, row.y, lanes < row.columns ? lanes : row.columns, 1}, 0, 0, i, STYLE_TEXT);
    grid_put(g, (struct box){row.x, row.y, x + NAME - 1 < row.columns ? x + NAME - 1 : row.columns, 1}, x, 0, mark_style(mark),
             a->node[i].name);
    x += NAME;
    grid_put(g, row, x, 0, STYLE_TEXT, a->node[i].op->name);
    x += OP;
    at_hand_shape(a, i, shape, sizeof shape);
    grid_put(g, row, x, 0, STYLE_DIM, shape);
    x += SHAPE;
    struct at_hand_cost cost = at_hand_cost(a, i);
    if (wide && cost.parameters > 0)
        grid_put_right(g, (struct box){row.x, row.y, x + PARAMETERS - 2, 1}, 0, STYLE_DIM, aid_count(cost.parameters, count));
    x += wide ? PARAMETERS : 0;
    graph_node_settings(a, i, true, settings, sizeof settings);
    x = grid_put(g, row, x, 0, STYLE_DIM, settings) + 2;
    if (mark == '~' && wide)
        put_before(p, row, x, before, was);
}

/* Those that nothing was laid beside. */
static void put_gone(struct page *p, const struct arch *before, const struct arch *a, const int *was, int lanes)
{
    for (int i = 0; i < before->nodes; i++) {
        bool stayed = false;
        for (int k = 0; k < a->nodes && !stayed; k++)
            stayed = was[k] == i;
        if (stayed)
            continue;
        char shape[48];
        at_hand_shape(before, i, shape, sizeof shape);
        grid_printf(p->grid, page_take(p, 1), lanes > 0 ? lanes - 1 : 0, 0, STYLE_BAD, "- %s  %s %s", before->node[i].name,
                    before->node[i].op->name, shape);
    }
}

static void put_nodes(struct page *p, const struct arch *a, const struct arch *before)
{
    char *mark = memory_new((size_t)a->nodes + 1, 1);
    int *was = before != NULL ? arch_align(before, a) : NULL;
    for (int i = 0; i < a->nodes; i++)
        mark[i] = was == NULL ? ' ' : was[i] < 0 ? '+' : arch_align_changed(before, a, was, i) ? '~' : ' ';
    struct graph_lanes *l = lanes_of(a, mark);
    int lanes = graph_lanes_width(l) > LANES_MOST ? LANES_MOST : graph_lanes_width(l);
    for (int i = 0; i < a->nodes && i < NODES_MOST; i++)
        put_node(p, a, i, mark[i], l, lanes, before, was != NULL ? was[i] : -1);
    if (a->nodes > NODES_MOST)
        page_field(p, 0, "", STYLE_DIM, "... and %d more nodes", a->nodes - NODES_MOST);
    if (before != NULL)
        put_gone(p, before, a, was, lanes);
    graph_lanes_free(l);
    free(was);
    free(mark);
}

static void put_total(struct page *p, const struct arch *a, const struct arch *before)
{
    char now[AID_NUMBER], more[AID_NUMBER], macs[AID_NUMBER];
    if (before != NULL)
        page_field(p, 12, "in all", STYLE_TEXT, "%s parameters (%s), %s multiply-adds", aid_count(arch_parameters(a), now),
                   aid_delta(arch_parameters(a) - arch_parameters(before), more), aid_count(arch_macs(a), macs));
    else
        page_field(p, 12, "in all", STYLE_TEXT, "%s parameters, %s multiply-adds", aid_count(arch_parameters(a), now),
                   aid_count(arch_macs(a), macs));
}

void chain_put_network(struct page *p, const json_t *proposal)
{
    struct arch *a = parse(proposal, "arch_text"), *before = parse(proposal, "parent_text");
    const char *steps = aid_text(proposal, "morphisms");
    page_heading(p, "Network", before != NULL ? "against its parent: + new, ~ changed, - gone" : "from nothing: it names no parent");
    if (a == NULL) {
        page_field(p, 12, "id", STYLE_TEXT, "%s", aid_text(proposal, "arch"));
        page_text(p, STYLE_WARN, "Its text is not among the chain's objects here, or it cannot be read: nobody can re-run it.");
    } else {
        page_field(p, 12, "id", STYLE_TEXT, "%s", aid_text(proposal, "arch"));
        if (before != NULL)
            page_field(p, 12, "parent", STYLE_TEXT, "%s", aid_text(proposal, "parent"));
        put_total(p, a, before);
        put_nodes(p, a, before);
    }
    if (steps[0] != '\0') {
        page_heading(p, "Steps from the parent", "each keeps the function");
        page_text(p, STYLE_TEXT, steps);
    }
    arch_free(a);
    arch_free(before);
}
