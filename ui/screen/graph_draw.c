/* Drawing of the Graph screen: totals above, the table with its lanes, and the node under the cursor beside or below. */
#include "ui/screen/graph.h"

#include "base/memory.h"
#include "base/text.h"
#include "net/op.h"
#include "ui/screen/aid.h"

enum { WIDE = 100, BELOW_ROWS = 6, LANES_MOST = 24, BAR = 8, LABEL = 10 };

/* --- the table ------------------------------------------------------------------------------------------------------- */

enum { LANES, NAME, OP, SHAPE, SETTINGS, PARAMETERS, PARAMETERS_BAR, MACS, MACS_BAR };

/* short_form: without what the shape tells anyway. */
static void put_settings(const struct arch *a, int node, bool short_form, char *out, size_t size)
{
    const struct arch_node *n = &a->node[node];
    struct arch_shape shape = a->shape[node];
    out[0] = '\0';
    for (int k = 0; k < n->op->params; k++) {
        const struct op_param *p = &n->op->param[k];
        char one[64], number[32];
        text_of_double(n->param[k], number, sizeof number);
        bool plain = p->kind == OP_INT ? n->param[k] == 1 : n->param[k] == p->preset; /* which says nothing */
        bool told = n->param[k] == shape.channels || n->param[k] == shape.time;
        if (p->required ? short_form && told : plain)
            continue;
        snprintf(one, sizeof one, "%s%s=%s", out[0] != '\0' ? " " : "", p->name,
                 p->kind == OP_ENUM ? op_enum(n, p->name) : number);
        text_append(out, size, one);
    }
}

/* A bar of a share, as text: the table has no room for anything else. */
static void put_bar(char *out, size_t size, int64_t part, int64_t all)
{
    int halves = all > 0 ? (int)((double)part / (double)all * 2 * BAR + 0.5) : 0;
    out[0] = '\0';
    if (halves == 0 && part > 0)
        halves = 1;
    for (; halves > 0; halves -= 2)
        text_append(out, size, halves == 1 ? "\u2578" : "\u2501");
}

static enum style mark_style(char mark)
{
    return mark == '+' ? STYLE_GOOD : mark == '~' ? STYLE_WARN : mark == '?' ? STYLE_DIM : STYLE_TEXT;
}

static void cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct graph_picture *p = context;
    const struct arch_node *n = &p->arch->node[row];
    char number[AID_NUMBER];
    *style = STYLE_DIM;
    switch (column) {
    case LANES:
        break; /* drawn over it */
    case NAME:
        text_copy(out, size, n->name);
        *style = mark_style(p->mark[row]);
        break;
    case OP:
        text_copy(out, size, n->op->name);
        *style = STYLE_TEXT;
        break;
    case PARAMETERS:
        text_copy(out, size, p->cost[row].parameters > 0 ? aid_count(p->cost[row].parameters, number) : "");
        *style = STYLE_TEXT;
        break;
    case SETTINGS:
        put_settings(p->arch, row, true, out, size);
        break;
    case PARAMETERS_BAR:
        put_bar(out, size, p->cost[row].parameters, p->parameters);
        *style = STYLE_SERIES_1;
        break;
    case SHAPE:
        at_hand_shape(p->arch, row, out, size);
        break;
    case MACS:
        text_copy(out, size, p->cost[row].macs > 0 ? aid_count(p->cost[row].macs, number) : "");
        break;
    default:
        put_bar(out, size, p->cost[row].macs, p->macs);
        *style = STYLE_SERIES_2;
        break;
    }
}

static void draw_table(struct graph_screen *s, struct grid *g, struct box b)
{
    struct graph_picture *p = &s->picture;
    int lanes = graph_lanes_width(p->lanes), wide = b.columns < 70 ? 10 : 16;
    lanes = lanes > LANES_MOST ? LANES_MOST : lanes;
    const struct table_column column[] = {
        [LANES] = {"", lanes, lanes, false, 0},
        [NAME] = {"Node", 5, 16, false, 0},
        [OP] = {"Operator", 8, 12, false, 1},
        [PARAMETERS] = {"Parameters", 10, 12, true, 2},
        [SETTINGS] = {"Settings", wide, 30, false, 4},
        [PARAMETERS_BAR] = {"Share", BAR, BAR, false, 5},
        [SHAPE] = {"Shape", 8, 12, false, 3},
        [MACS] = {"Mult-adds", 10, 14, true, 6},
        [MACS_BAR] = {"Share", BAR, BAR, false, 7},
    };
    struct table_source source = {p, p->arch->nodes, cell};
    s->drawn = b;
    table_draw(g, b, column, (int)ARRAY_N(column), &source, &s->table, true);
    struct box left = {b.x, b.y + 1, b.columns < lanes + 3 ? b.columns : lanes + 3, b.rows - 1};
    for (int y = 0; y < left.rows && s->table.top + y < p->arch->nodes; y++) {
        int row = s->table.top + y;
        graph_lanes_draw(p->lanes, g, left, 2, y, row, row == s->table.cursor ? STYLE_SELECTED : STYLE_TEXT);
    }
}

void graph_node_text(void *self, int row, char *out, size_t size)
{
    const struct arch_node *n = &((const struct graph_screen *)self)->picture.arch->node[row];
    char settings[128];
    put_settings(((const struct graph_screen *)self)->picture.arch, row, false, settings, sizeof settings);
    snprintf(out, size, "%s %s %s", n->name, n->op->name, settings);
}

/* --- one node -------------------------------------------------------------------------------------------------------- */

static void put_names(char *out, size_t size, const struct arch *a, const int *node, int n, const char *none)
{
    text_copy(out, size, n == 0 ? none : "");
    for (int k = 0; k < n; k++) {
        text_append(out, size, k > 0 ? ", " : "");
        text_append(out, size, a->node[node[k]].name);
    }
}

static void put_readers(char *out, size_t size, const struct arch *a, int node)
{
    int *reader = NEW_ARRAY(int, a->nodes), n = arch_readers(a, node, reader);
    put_names(out, size, a, reader, n, "nobody: it is the output");
    free(reader);
}

static void put_tensors(char *out, size_t size, const struct arch *a, int node)
{
    const struct arch_node *n = &a->node[node];
    struct arch_shape in[ARCH_INPUTS_MAX];
    struct op_tensor tensor[OP_TENSORS_MAX];
    for (int k = 0; k < n->inputs; k++)
        in[k] = a->shape[n->input[k]];
    int tensors = n->op->tensors != NULL ? n->op->tensors(n, in, tensor) : 0;
    text_copy(out, size, tensors == 0 ? "none" : "");
    for (int k = 0; k < tensors; k++) {
        char one[96];
        snprintf(one, sizeof one, "%s%s [%d, %d]", k > 0 ? ", " : "", tensor[k].name, tensor[k].rows, tensor[k].columns);
        text_append(out, size, one);
    }
}

static void put_cost(char *out, size_t size, int64_t part, int64_t all)
{
    char number[AID_NUMBER];
    snprintf(out, size, "%s, %.1f %% of the network's", aid_count(part, number),
             all > 0 ? 100.0 * (double)part / (double)all : 0.0);
}

static const char *mark_meaning(const struct graph_picture *p, int node)
{
    switch (p->mark[node]) {
    case '+':
        return "new: the parent does not have it";
    case '~':
        return "changed: other settings or inputs than in the parent";
    case '?':
        return "suggested: not built yet";
    default:
        return "";
    }
}

struct node_line {
    const char *label;
    char value[512];
};

static int node_lines(struct node_line line[10], const struct graph_picture *p, int node)
{
    const struct arch *a = p->arch;
    const struct arch_node *n = &a->node[node];
    int k = 0;
    line[k].label = "operator";
    snprintf(line[k++].value, sizeof line->value, "%s: %s", n->op->name, n->op->about);
    line[k].label = "settings";
    put_settings(a, node, false, line[k].value, sizeof line->value);
    k += line[k].value[0] != '\0';
    line[k].label = "reads";
    put_names(line[k++].value, sizeof line->value, a, n->input, n->inputs, "nothing: it is the input");
    line[k].label = "read by";
    put_readers(line[k++].value, sizeof line->value, a, node);
    line[k].label = "gives";
    at_hand_shape(a, node, line[k++].value, sizeof line->value);
    line[k].label = "weights";
    put_tensors(line[k++].value, sizeof line->value, a, node);
    line[k].label = "parameters";
    put_cost(line[k++].value, sizeof line->value, p->cost[node].parameters, p->parameters);
    line[k].label = "mult-adds";
    put_cost(line[k++].value, sizeof line->value, p->cost[node].macs, p->macs);
    line[k].label = "mark";
    text_copy(line[k].value, sizeof line->value, mark_meaning(p, node));
    return k + (line[k].value[0] != '\0');
}

void graph_put_node(struct text *out, const struct graph_picture *p, int node)
{
    struct node_line line[10];
    const struct arch_node *n = &p->arch->node[node];
    int lines = node_lines(line, p, node);
    for (int i = 0; i < lines; i++)
        text_printf(out, "%-11s %s\n", line[i].label, line[i].value);
    if (n->op->params > 0)
        text_put(out, "\nEvery setting, the presets too\n");
    for (int k = 0; k < n->op->params; k++) {
        const struct op_param *p_k = &n->op->param[k];
        char number[32];
        text_of_double(n->param[k], number, sizeof number);
        text_printf(out, "  %-12s %s\n", p_k->name, p_k->kind == OP_ENUM ? op_enum(n, p_k->name) : number);
    }
}

static void draw_node(const struct graph_picture *p, struct grid *g, struct box b, int node)
{
    struct node_line line[10];
    int lines = node_lines(line, p, node), y = 1;
    aid_heading(g, b, 0, p->arch->node[node].name, "");
    b.columns -= 1;
    for (int i = 0; i < lines && y < b.rows; i++)
        y += aid_field(g, b, y, LABEL + 2, line[i].label, "%s", line[i].value);
}

/* --- above ----------------------------------------------------------------------------------------------------------- */

static void draw_totals(const struct graph_screen *s, struct grid *g, struct box b)
{
    const struct graph_picture *p = &s->picture;
    char parameters[AID_NUMBER], macs[AID_NUMBER], memory[32], id[13];
    hash_short(s->hand.row.id, id);
    text_of_bytes(p->plan_bytes, memory, sizeof memory);
    int x = grid_put(g, b, 0, 0, STYLE_TITLE, s->ghost != NULL ? "suggestion" : s->hand.row.name);
    x = grid_printf(g, b, x + 2, 0, STYLE_TEXT, "%d nodes  %s parameters  %s mult-adds  %s at batch %d", p->arch->nodes,
                    aid_count(p->parameters, parameters), aid_count(p->macs, macs), memory, GRAPH_BATCH);
    if (s->ghost == NULL && x + 2 + text_width(id) <= b.columns)
        grid_put_right(g, b, 0, STYLE_DIM, id);
}

static void put_marks(const struct graph_picture *p, char *out, size_t size)
{
    snprintf(out, size, "%d new, %d changed%s%s", p->added, p->changed, p->gone > 0 ? ", gone: " : "", p->gone_names);
}

/* The steps of a suggestion stand one a line. */
static void put_steps(const char *steps, char *out, size_t size)
{
    char *copy = memory_text(steps), *rest = copy, *line;
    out[0] = '\0';
    while ((line = text_next(&rest, '\n')) != NULL) {
        text_append(out, size, out[0] != '\0' ? "; " : "");
        text_append(out, size, line);
    }
    free(copy);
}

static void draw_origin(const struct graph_screen *s, struct grid *g, struct box b)
{
    char marks[256], steps[512];
    put_marks(&s->picture, marks, sizeof marks);
    if (s->ghost != NULL) {
        const json_t *mean = json_object_get(s->ghost_of, "mean");
        int x = 0;
        put_steps(aid_text(s->ghost_of, "morphism"), steps, sizeof steps);
        if (json_is_number(mean))
            x = 2 + grid_printf(g, b, 0, 0, STYLE_GOOD, "predicted %.4f \u00b1 %.4f", json_number_value(mean),
                                json_number_value(json_object_get(s->ghost_of, "sd")));
        else
            x = 2 + grid_put(g, b, 0, 0, STYLE_WARN, "no prediction: too little is scored yet");
        bool here = text_equal(aid_text(s->ghost_of, "parent"), s->hand.id);
        grid_printf(g, b, x, 0, STYLE_DIM, "%s%s", here ? "" : "on another architecture: ", steps);
    } else if (hash_is_zero(s->hand.row.parent)) {
        grid_put(g, b, 0, 0, STYLE_DIM, "made from a template or a file");
    } else {
        put_steps(s->hand.row.morphism, steps, sizeof steps);
        grid_printf(g, b, 0, 0, STYLE_DIM, "by %s%s%s%s", steps, s->diff ? " (" : "", s->diff ? marks : "", s->diff ? ")" : "");
    }
}

void graph_draw(void *self, struct app *app, struct grid *g, struct box b)
{
    struct graph_screen *s = self;
    struct box head, rest, table, node;
    (void)app;
    if (s->picture.arch == NULL) {
        at_hand_draw_none(&s->hand, g, b);
        return;
    }
    box_split_rows(b, 2, &head, &rest);
    head = box_inset(head, 2, 0, 1, 0);
    draw_totals(s, g, head);
    draw_origin(s, g, box_inset(head, 0, 1, 0, 0));
    if (b.columns >= WIDE) {
        box_split_columns(rest, -(b.columns / 3 > 60 ? 60 : b.columns / 3), &table, &node);
        node = box_inset(node, 2, 0, 0, 0);
    } else if (rest.rows >= 3 * BELOW_ROWS) {
        box_split_rows(rest, -BELOW_ROWS, &table, &node);
        node = box_inset(node, 2, 0, 0, 0);
    } else {
        box_split_rows(rest, -3, &table, &node);
        node = box_inset(node, 2, 0, 0, 0);
    }
    draw_table(s, g, table);
    draw_node(&s->picture, g, node, s->table.cursor);
}
