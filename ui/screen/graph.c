/* Graph: the architecture at hand as a table with lanes, node by node, against its parent, and what is suggested. */
#include "ui/screen/graph.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/op.h"
#include "ui/screen/aid.h"

static void *open_graph(struct app *app)
{
    (void)app;
    struct graph_screen *s = NEW(struct graph_screen);
    s->diff = true;
    s->batch = ACTION_BATCH;
    s->kind = -1;
    return s;
}

static void close_graph(void *self)
{
    struct graph_screen *s = self;
    graph_picture_free(&s->picture);
    arch_free(s->ghost);
    json_decref(s->suggested);
    json_decref(s->measured);
    at_hand_free(&s->hand);
    free(s);
}

/* The cursor stays on its node: its name is kept before the graph it belongs to may go. */
static void refresh(struct graph_screen *s, struct app *app, bool force)
{
    char at[ARCH_NAME_MAX] = "";
    if (s->picture.arch != NULL && s->table.cursor < s->picture.arch->nodes)
        text_copy(at, sizeof at, s->picture.arch->node[s->table.cursor].name);
    bool other = at_hand_load(&s->hand, app);
    if (graph_measure_load(s, app) || other || force || s->picture.arch == NULL)
        graph_picture_make(s, app, at);
}

static void reload(void *self, struct app *app)
{
    refresh(self, app, false);
}

/* --- keys ------------------------------------------------------------------------------------------------------------ */

static bool has_graph(void *self, struct app *app, char *why, size_t size)
{
    struct graph_screen *s = self;
    (void)app;
    text_copy(why, size, s->hand.task ? "there is no architecture yet: c makes one" : "there is no task yet: set one on Data");
    return s->picture.arch != NULL;
}

static bool has_task(void *self, struct app *app, char *why, size_t size)
{
    struct graph_screen *s = self;
    (void)app;
    text_copy(why, size, "there is no task yet: an architecture is made for one; set it on Data");
    return s->hand.task;
}

static bool has_parent(void *self, struct app *app, char *why, size_t size)
{
    struct graph_screen *s = self;
    if (!has_graph(self, app, why, size))
        return false;
    text_copy(why, size, "this architecture has no parent to compare with: it was made from a template or a file");
    return !hash_is_zero(s->hand.row.parent);
}

static bool can_suggest(void *self, struct app *app, char *why, size_t size)
{
    struct graph_screen *s = self;
    if (!has_graph(self, app, why, size))
        return false;
    text_copy(why, size, "suggestions are being computed");
    if (s->job != NULL)
        return false;
    text_copy(why, size, "--read-only: suggestions are stored where they are made, so none can be asked for");
    return !app_read_only(app) || s->suggested != NULL;
}

static void chosen(void *self, struct app *app, const char *text)
{
    struct graph_screen *s = self;
    s->ghosts = false;
    if (!at_hand_take(&s->hand, app, text))
        return;
    refresh(s, app, true);
}

static void choose(void *self, struct app *app)
{
    at_hand_ask(app, &((struct graph_screen *)self)->hand, chosen, self);
}

static void template_given(void *self, struct app *app, const char *text)
{
    struct graph_screen *s = self;
    if (!at_hand_create(app, text))
        return;
    s->ghosts = false;
    refresh(s, app, true);
}

static void create(void *self, struct app *app)
{
    at_hand_ask_template(app, template_given, self);
}

static void toggle_diff(void *self, struct app *app)
{
    struct graph_screen *s = self;
    s->diff = !s->diff;
    s->ghosts = false;
    refresh(s, app, true);
}

static void ask_suggestions(void *self, struct app *app)
{
    struct graph_screen *s = self;
    s->job = app_job(app, (const char *[]){"suggest", "-n", "3", NULL}, NULL);
    if (s->job != NULL)
        app_message(app, STYLE_TEXT, "asking for suggestions");
}

static void toggle_ghosts(void *self, struct app *app)
{
    struct graph_screen *s = self;
    if (s->suggested == NULL) {
        ask_suggestions(s, app);
        return;
    }
    s->ghosts = !s->ghosts;
    refresh(s, app, true);
}

/* --- along the edges ------------------------------------------------------------------------------------------------- */

static void go_to(struct graph_screen *s, const char *name)
{
    int node = s->picture.arch != NULL ? arch_find(s->picture.arch, name) : -1;
    if (node >= 0)
        s->table.cursor = node;
}

static void edge_given(void *self, struct app *app, const char *text)
{
    char name[ARCH_NAME_MAX];
    (void)app;
    snprintf(name, sizeof name, "%.*s", (int)(strcspn(text, " ") < sizeof name ? strcspn(text, " ") : sizeof name - 1), text);
    go_to(self, name);
}

/* Goes there; where there are several, asks. */
static void follow(struct graph_screen *s, struct app *app, const int *node, int n, const char *what)
{
    const struct arch *a = s->picture.arch;
    const char *here = a->node[s->table.cursor].name;
    if (n == 0) {
        app_message(app, STYLE_DIM, "%s has no %s", here, what);
    } else if (n == 1) {
        s->table.cursor = node[0];
    } else {
        char **line = NEW_ARRAY(char *, n), title[64];
        for (int k = 0; k < n; k++)
            line[k] = memory_format("%s  %s", a->node[node[k]].name, a->node[node[k]].op->name);
        snprintf(title, sizeof title, "%ss of %s", what, here);
        app_ask_choice(app, title, (const char *const *)line, n, 0, edge_given, s);
        for (int k = 0; k < n; k++)
            free(line[k]);
        free(line);
    }
}

static void to_input(void *self, struct app *app)
{
    struct graph_screen *s = self;
    const struct arch_node *n = &s->picture.arch->node[s->table.cursor];
    follow(s, app, n->input, n->inputs, "input");
}

static void to_reader(void *self, struct app *app)
{
    struct graph_screen *s = self;
    int *reader = NEW_ARRAY(int, s->picture.arch->nodes);
    follow(s, app, reader, arch_readers(s->picture.arch, s->table.cursor, reader), "reader");
    free(reader);
}

static void show_node(void *self, struct app *app)
{
    struct graph_screen *s = self;
    struct text out = {0};
    graph_node_put(&out, &s->picture, s->table.cursor);
    app_show_text(app, s->picture.arch->node[s->table.cursor].name, text_of(&out));
    text_free(&out);
}

/* --- exporting ------------------------------------------------------------------------------------------------------- */

static void export_to(struct graph_screen *s, struct app *app, const char *format, const char *path)
{
    struct error err = {0};
    if (path[0] == '\0')
        return;
    json_t *result = action_arch_export(app_workspace(app), s->hand.id, format, path, &err);
    if (result != NULL)
        app_message(app, STYLE_GOOD, "written: %s", path);
    else
        app_error(app, &err);
    json_decref(result);
}

static void text_path_given(void *self, struct app *app, const char *text)
{
    export_to(self, app, "text", text);
}

static void dot_path_given(void *self, struct app *app, const char *text)
{
    export_to(self, app, "dot", text);
}

static void format_given(void *self, struct app *app, const char *text)
{
    struct graph_screen *s = self;
    bool dot = text_starts(text, "dot");
    char path[96];
    snprintf(path, sizeof path, "%s.%s", s->hand.row.name, dot ? "dot" : "arch");
    app_ask(app, "Export to", path, false, dot ? dot_path_given : text_path_given, s);
}

static void export_graph(void *self, struct app *app)
{
    static const char *const formats[] = {"text, which `arch add` reads", "dot, for Graphviz"};
    app_ask_choice(app, "Export the architecture at hand as", formats, 2, 0, format_given, self);
}

static const struct screen_key keys[] = {
    {'A', "choose", "Lists the architectures and makes one the architecture at hand.", false, has_graph, choose},
    {'c', "create", "Makes a new architecture for the task from a template: mlp, lstm, gru, tcn, transformer or hybrid.", true, has_task, create},
    {'m', "measure", "Runs some training steps of this architecture: share of time of each node, gradient norms, time of an epoch.", false, graph_measure_can, graph_measure_start},
    {'v', "cost", "Shows another cost beside the nodes: time, multiply-adds, parameters, memory or gradient.", false, has_graph, graph_measure_kind},
    {INPUT_LEFT, "input", "Goes to what this node reads.", false, has_graph, to_input},
    {INPUT_RIGHT, "reader", "Goes to what reads this node.", false, has_graph, to_reader},
    {'d', "diff", "Marks what is new (+), changed (~) and gone (-) against the parent.", false, has_parent, toggle_diff},
    {'s', "suggestion", "Shows the best suggestion as ghost nodes (?), with its predicted score.", false, can_suggest, toggle_ghosts},
    {'S', "ask again", "Asks for suggestions anew: what was scored since counts too.", true, can_suggest, ask_suggestions},
    {INPUT_ENTER, "node", "Shows all that is known of this node.", false, has_graph, show_node},
    {'b', "batch", "Sets the samples a step that memory is told for, and that m measures with.", false, has_graph, graph_measure_batch},
    {'x', "export", "Writes the architecture as text or as a dot graph.", false, has_graph, export_graph},
};

/* --- input and events ------------------------------------------------------------------------------------------------ */

static void find(struct graph_screen *s, struct app *app, int step)
{
    int row = app_search_row(app, s->picture.arch->nodes, s->table.cursor + step, step, s, graph_node_text);
    s->table.cursor = row >= 0 ? row : s->table.cursor;
}

static bool click(struct graph_screen *s, const struct input_event *event)
{
    struct table_source source = {s, s->picture.arch->nodes, NULL};
    int row = table_row_at(s->drawn, &source, &s->table, event->y - s->drawn.y);
    if (row >= 0 && event->x < s->drawn.x + s->drawn.columns)
        s->table.cursor = row;
    return true;
}

static bool input(void *self, struct app *app, const struct input_event *event)
{
    struct graph_screen *s = self;
    int delta;
    if (s->picture.arch == NULL)
        return false;
    if (event->key == INPUT_MOUSE && event->wheel == 0)
        return click(s, event);
    if (event->key == 'h' || event->key == 'l') {
        (event->key == 'h' ? to_input : to_reader)(s, app);
        return true;
    }
    if (event->key == 'n' || event->key == 'N') {
        find(s, app, event->key == 'n' ? 1 : -1);
        return true;
    }
    if (event->key == INPUT_ESC && s->ghosts) {
        toggle_ghosts(s, app);
        return true;
    }
    if (!aid_move(event, s->drawn.rows - 2, &delta))
        return false;
    table_move(&s->table, s->picture.arch->nodes, delta);
    return true;
}

static void event(void *self, struct app *app, struct job *job, json_t *event)
{
    struct graph_screen *s = self;
    bool ours = s->job != NULL && job == s->job;
    if (graph_measure_event(s, job, event))
        refresh(s, app, true);
    if (json_is_array(json_object_get(event, "suggestions"))) {
        json_decref(s->suggested);
        s->suggested = json_incref(event);
        s->ghosts = s->ghosts || ours;
        refresh(s, app, true);
    }
    if (ours && text_equal(aid_text(event, "event"), "ended"))
        s->job = NULL;
}

const struct screen screen_graph = {
    .name = "graph",
    .title = "Graph",
    .about = "The architecture at hand, one node a row in the order of computation, with lanes for what flows where: what "
             "each node does, its shape and what it costs, by its plan and as measured; what a morphism changed, and what the search would change next.",
    .key = keys,
    .keys = (int)ARRAY_N(keys),
    .open = open_graph,
    .close = close_graph,
    .reload = reload,
    .draw = graph_draw,
    .input = input,
    .event = event,
    .explain = graph_explain,
};
