#include "ui/screen/at_hand.h"

#include "base/memory.h"
#include "base/text.h"
#include "net/op.h"
#include "store/tasks.h"
#include "ui/screen/aid.h"

enum { SHORT_ID = 12 };

void at_hand_free(struct at_hand *h)
{
    arch_free(h->arch);
    free(h->row.text);
    h->arch = NULL;
    h->row = (struct arch_row){0};
    h->id[0] = '\0';
}

/* The newest architecture that was made, not suggested or trained by a search. */
static bool newest(struct workspace *w, char *key, size_t size)
{
    struct arch_row *rows;
    int n = arches_list(w, &rows, NULL);
    char hex[HASH_HEX];
    if (n > 0) {
        hash_hex(rows[n - 1].id, hex);
        text_copy(key, size, hex);
    }
    arches_list_free(rows, n > 0 ? n : 0);
    return n > 0;
}

bool at_hand_load(struct at_hand *h, struct app *app)
{
    struct workspace *w = app_workspace(app);
    char key[HASH_HEX] = "";
    struct error err = {0};
    h->task = tasks_exist(w);
    if (h->chosen[0] != '\0')
        text_copy(key, sizeof key, h->chosen);
    else if (!action_selected(w, key, sizeof key) && !newest(w, key, sizeof key))
        key[0] = '\0';
    if (key[0] != '\0' && text_equal(key, h->id))
        return false;
    bool had = h->arch != NULL;
    at_hand_free(h);
    if (key[0] == '\0' || !arches_find(w, key, &h->row, NULL))
        return had;
    h->arch = arch_parse(h->row.text, strlen(h->row.text), h->row.name, &err);
    if (h->arch == NULL)
        app_error(app, &err);
    else
        hash_hex(h->row.id, h->id);
    return true;
}

bool at_hand_exists(struct app *app)
{
    char key[HASH_HEX];
    return newest(app_workspace(app), key, sizeof key);
}

void at_hand_ask(struct app *app, const struct at_hand *h, app_answer *done, void *self)
{
    struct arch_row *rows;
    struct error err = {0};
    int n = arches_list(app_workspace(app), &rows, &err), preset = 0;
    if (n < 0) {
        app_error(app, &err);
        return;
    }
    char **line = NEW_ARRAY(char *, n);
    for (int i = 0; i < n; i++) { /* the newest first */
        const struct arch_row *r = &rows[n - 1 - i];
        char id[13], parameters[AID_NUMBER];
        hash_short(r->id, id);
        line[i] = memory_format("%s  %-20.40s %12s parameters", id, r->name, aid_count(r->parameters, parameters));
        preset = hash_equal(r->id, h->row.id) ? i : preset;
    }
    app_ask_choice(app, "Architectures", (const char *const *)line, n, preset, done, self);
    for (int i = 0; i < n; i++)
        free(line[i]);
    free(line);
    arches_list_free(rows, n);
}

bool at_hand_take(struct at_hand *h, struct app *app, const char *text)
{
    char key[HASH_HEX];
    struct arch_row row;
    struct error err = {0};
    snprintf(key, sizeof key, "%.*s", (int)strcspn(text, " "), text);
    if (!arches_find(app_workspace(app), key, &row, &err)) {
        app_error(app, &err);
        return false;
    }
    free(row.text);
    if (app_read_only(app)) {
        hash_hex(row.id, h->chosen);
        return true;
    }
    json_t *result = action_select(app_workspace(app), key, &err);
    if (result == NULL)
        app_error(app, &err);
    json_decref(result);
    return err.kind == ERROR_NONE;
}

void at_hand_ask_template(struct app *app, app_answer *done, void *self)
{
    int n = 0;
    while (arch_templates[n] != NULL)
        n++;
    app_ask_choice(app, "A new architecture for the task", arch_templates, n, 0, done, self);
}

bool at_hand_create(struct app *app, const char *template_name)
{
    struct error err = {0};
    char parameters[AID_NUMBER];
    json_t *result = action_arch_new(app_workspace(app), template_name, 0, 0, &err);
    if (result == NULL)
        app_error(app, &err);
    else
        app_message(app, STYLE_GOOD, "%s: %s parameters", template_name,
                    aid_count(json_integer_value(json_object_get(result, "parameters")), parameters));
    json_decref(result);
    return err.kind == ERROR_NONE;
}

struct at_hand_cost at_hand_cost(const struct arch *a, int node)
{
    const struct arch_node *n = &a->node[node];
    struct arch_shape in[ARCH_INPUTS_MAX];
    struct op_tensor tensor[OP_TENSORS_MAX];
    struct at_hand_cost cost = {0, 0};
    for (int k = 0; k < n->inputs; k++)
        in[k] = a->shape[n->input[k]];
    int tensors = n->op->tensors != NULL ? n->op->tensors(n, in, tensor) : 0;
    for (int k = 0; k < tensors; k++)
        cost.parameters += (int64_t)tensor[k].rows * tensor[k].columns;
    cost.macs = n->op->macs != NULL ? n->op->macs(n, in, a->shape[node]) : 0;
    return cost;
}

void at_hand_shape(const struct arch *a, int node, char *out, size_t size)
{
    struct arch_shape s = a->shape[node];
    if (s.time > 0)
        snprintf(out, size, "[%d, %d]", s.time, s.channels);
    else
        snprintf(out, size, "[%d]", s.channels);
}

void at_hand_draw_none(const struct at_hand *h, struct grid *g, struct box b)
{
    struct box in = box_inset(b, 2, 1, 2, 0);
    int y = 2;
    grid_put(g, in, 0, 0, STYLE_TITLE, "No architecture yet");
    if (!h->task) {
        y += grid_paragraph(g, in, y, STYLE_TEXT, "An architecture is made for a task: its first layer reads windows of the task's "
                                                  "channels. There is no task yet.");
        aid_hint(g, in, 2, y + 1, "1", "goes to Data: add files there, then set the task");
        return;
    }
    y += grid_paragraph(g, in, y, STYLE_TEXT, "Start with a small one; morphisms make it grow without changing what it computes.");
    aid_hint(g, in, 2, y + 1, "c", "makes one from a template: mlp, lstm, gru, tcn, transformer or hybrid");
    grid_paragraph(g, in, y + 3, STYLE_DIM, "From a shell: morphsmith arch new mlp, or morphsmith arch add FILE.");
}
