/* The graph as it is drawn: lanes, marks against the parent or for a suggestion, and what each node costs. */
#include "ui/screen/graph.h"

#include "base/memory.h"
#include "base/text.h"
#include "store/measures.h"
#include "ui/screen/aid.h"

void graph_picture_free(struct graph_picture *p)
{
    graph_lanes_free(p->lanes);
    free(p->mark);
    graph_costs_free(&p->cost);
    graph_costs_free(&p->cost_before);
    arch_free(p->before);
    *p = (struct graph_picture){0};
}

static void make_lanes(struct graph_picture *p)
{
    struct graph_node *node = NEW_ARRAY(struct graph_node, p->arch->nodes);
    for (int i = 0; i < p->arch->nodes; i++)
        node[i] = (struct graph_node){p->arch->node[i].name, p->arch->node[i].input, p->arch->node[i].inputs, p->mark[i]};
    p->lanes = graph_lanes_new(node, p->arch->nodes);
    free(node);
}

/* ghost: every difference is a question. */
static void mark_changes(struct graph_picture *p, struct app *app, const char *before, const char *after, bool ghost)
{
    json_t *diff = action_arch_diff(app_workspace(app), before, after, NULL);
    size_t i;
    const json_t *change;
    json_array_foreach(json_object_get(diff, "changes"), i, change)
    {
        const char *name = aid_text(change, "node");
        char mark = aid_text(change, "change")[0];
        int node = arch_find(p->arch, name);
        p->added += mark == '+';
        p->changed += mark == '~';
        p->gone += mark == '-';
        if (mark == '-') {
            text_append(p->gone_names, sizeof p->gone_names, p->gone_names[0] != '\0' ? ", " : "");
            text_append(p->gone_names, sizeof p->gone_names, name);
        } else if (node >= 0) {
            p->mark[node] = ghost ? '?' : mark;
        }
    }
    json_decref(diff);
}

static json_t *measured_of(struct app *app, struct hash arch)
{
    char *text = measures_get(app_workspace(app), arch);
    json_t *measured = text != NULL ? json_loads(text, 0, NULL) : NULL;
    free(text);
    return measured;
}

/* The one that the picture is compared with, and what it costs. */
static void load_before(struct graph_picture *p, struct app *app, int batch, const char *key)
{
    struct arch_row row;
    if (!arches_find(app_workspace(app), key, &row, NULL))
        return;
    p->before = arch_parse(row.text, strlen(row.text), row.name, NULL);
    free(row.text);
    if (p->before == NULL)
        return;
    json_t *measured = measured_of(app, row.id);
    graph_costs_make(&p->cost_before, p->before, batch, measured);
    json_decref(measured);
}

/* The best suggestion that grows the architecture at hand, else the best of all. */
static const json_t *choose_suggestion(const struct graph_screen *s)
{
    const json_t *list = json_object_get(s->suggested, "suggestions"), *one;
    size_t i;
    json_array_foreach(list, i, one)
        if (text_equal(aid_text(one, "parent"), s->hand.id))
            return one;
    return json_array_get(list, 0);
}

static void load_ghost(struct graph_screen *s)
{
    arch_free(s->ghost);
    s->ghost = NULL;
    s->ghost_of = s->ghosts ? choose_suggestion(s) : NULL;
    const char *text = aid_text(s->ghost_of, "text");
    if (text[0] != '\0')
        s->ghost = arch_parse(text, strlen(text), "suggestion", NULL);
}

void graph_picture_make(struct graph_screen *s, struct app *app, const char *at)
{
    struct graph_picture *p = &s->picture;
    char parent[HASH_HEX];
    graph_picture_free(p);
    load_ghost(s);
    p->arch = s->ghost != NULL ? s->ghost : s->hand.arch;
    if (p->arch == NULL)
        return;
    p->mark = memory_new((size_t)p->arch->nodes + 1, 1);
    memset(p->mark, ' ', (size_t)p->arch->nodes);
    if (s->ghost != NULL && aid_text(s->ghost_of, "parent")[0] != '\0') {
        mark_changes(p, app, aid_text(s->ghost_of, "parent"), aid_text(s->ghost_of, "arch"), true);
        load_before(p, app, s->batch, aid_text(s->ghost_of, "parent"));
    } else if (s->ghost == NULL && s->diff && !hash_is_zero(s->hand.row.parent)) {
        hash_hex(s->hand.row.parent, parent);
        mark_changes(p, app, parent, s->hand.id, false);
        load_before(p, app, s->batch, parent);
    }
    graph_costs_make(&p->cost, p->arch, s->batch, s->ghost == NULL ? s->measured : NULL);
    make_lanes(p);
    int node = at[0] != '\0' ? arch_find(p->arch, at) : -1;
    s->table.cursor = node >= 0 ? node : s->table.cursor;
    table_move(&s->table, p->arch->nodes, 0);
}
