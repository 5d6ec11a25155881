#include "action/action.h"

#include "action/arch_cost.h"
#include "action/name.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/op.h"
#include "store/arches.h"
#include "store/models.h"
#include "store/tasks.h"
#include "work/json.h"

static bool task_shape(struct workspace *w, int *time, int *channels, int *outputs, struct error *err)
{
    struct task_row task;
    if (!tasks_active(w, &task, err))
        return false;
    json_t *info = json_loads(task.info, 0, NULL);
    *time = task.task.lookback;
    *channels = (int)json_integer_value(json_object_get(info, "channels"));
    *outputs = (int)json_integer_value(json_object_get(info, "outputs"));
    json_decref(info);
    free(task.info);
    return (*channels > 0 && *outputs > 0) || error_set(err, ERROR_FAILED, "the stored task is damaged: set it again");
}

static json_t *stored_json(const struct arch *a, struct hash id, const char *name)
{
    return json_pack("{s:o, s:o, s:I, s:I, s:i}", "arch", json_of_hash(id), "name", json_of_text(name), "parameters",
                     (json_int_t)arch_parameters(a), "macs", (json_int_t)arch_macs(a), "nodes", a->nodes);
}

static json_t *store(struct workspace *w, struct arch *a, const char *name, struct error *err)
{
    struct hash id;
    json_t *result = NULL;
    if (a && arches_put(w, a, name, NULL, NULL, &id, err)) {
        char hex[HASH_HEX];
        hash_hex(id, hex);
        workspace_setting_set(w, "selected", hex);
        result = stored_json(a, id, name);
    }
    arch_free(a);
    return result;
}

json_t *action_arch_new(struct workspace *w, const char *template_name, int width, int depth, struct error *err)
{
    int time, channels, outputs;
    if (!task_shape(w, &time, &channels, &outputs, err))
        return NULL;
    return store(w, arch_template(template_name, time, channels, outputs, width, depth, err), template_name, err);
}

json_t *action_arch_add(struct workspace *w, const char *path, struct error *err)
{
    struct bytes text = {0};
    if (file_size(path) > ARCH_TEXT_MAX) {
        error_set(err, ERROR_LIMIT,
                  "%s: %lld bytes are too many for an architecture: it has at most %d bytes and %d nodes", path,
                  (long long)file_size(path), ARCH_TEXT_MAX, ARCH_NODES_MAX);
        return NULL;
    }
    if (!file_read(path, ARCH_TEXT_MAX, &text, err))
        return NULL;
    char name[64];
    name_of_path(path, name, sizeof name);
    struct arch *a = arch_parse((const char *)text.data, text.n, path, err);
    bytes_free(&text);
    return store(w, a, name, err);
}

static json_t *node_json(const struct arch *a, int i)
{
    const struct arch_node *n = &a->node[i];
    struct arch_shape in[ARCH_INPUTS_MAX];
    json_t *inputs = json_array(), *params = json_object();
    for (int k = 0; k < n->inputs; k++) {
        in[k] = a->shape[n->input[k]];
        json_array_append_new(inputs, json_string(a->node[n->input[k]].name));
    }
    for (int k = 0; k < n->op->params; k++) {
        const struct op_param *p = &n->op->param[k];
        json_t *v = p->kind == OP_ENUM  ? json_of_text(op_enum(n, p->name))
                    : p->kind == OP_INT ? json_integer((json_int_t)n->param[k])
                                        : json_of_number(n->param[k]);
        json_object_set_new(params, p->name, v);
    }
    struct op_tensor tensor[OP_TENSORS_MAX];
    int tensors = n->op->tensors ? n->op->tensors(n, in, tensor) : 0;
    json_int_t parameters = 0;
    for (int k = 0; k < tensors; k++)
        parameters += (json_int_t)tensor[k].rows * tensor[k].columns;
    json_int_t macs = n->op->macs ? n->op->macs(n, in, a->shape[i]) : 0;
    return json_pack("{s:s, s:s, s:o, s:o, s:[i, i], s:I, s:I}", "name", n->name, "op", n->op->name, "in", inputs,
                     "params", params, "shape", a->shape[i].time, a->shape[i].channels, "parameters", parameters,
                     "macs", macs);
}

static void put_steps(struct workspace *w, json_t *out, const struct arch_row *row)
{
    char *steps = arches_steps(w, row, NULL);
    json_object_set_new(out, "morphism", json_of_text(steps ? steps : row->morphism));
    free(steps);
}

json_t *action_arch_show(struct workspace *w, const char *key, int batch, struct error *err)
{
    struct arch_row row;
    if (!arches_find(w, key, &row, err))
        return NULL;
    struct arch *a = arch_parse(row.text, strlen(row.text), row.name, err);
    json_t *result = NULL;
    if (a) {
        result = stored_json(a, row.id, row.name);
        char *canonical = arch_canonical_text(a);
        json_t *nodes = json_array();
        for (int i = 0; i < a->nodes; i++)
            json_array_append_new(nodes, node_json(a, i));
        json_object_set_new(result, "text", json_of_text(row.text));
        json_object_set_new(result, "canonical", json_of_text(canonical));
        json_object_set_new(result, "graph", nodes);
        if (!hash_is_zero(row.parent)) {
            json_object_set_new(result, "parent", json_of_hash(row.parent));
            put_steps(w, result, &row);
        }
        free(canonical);
        json_t *measured = arch_cost_known(w, row.id);
        arch_cost_put_plan(result, a, batch > 0 ? batch : ACTION_BATCH);
        arch_cost_put_measured(result, measured);
        json_decref(measured);
    }
    arch_free(a);
    free(row.text);
    return result;
}

json_t *action_arch_list(struct workspace *w, struct error *err)
{
    struct arch_row *rows;
    int n = arches_list(w, &rows, err);
    if (n < 0)
        return NULL;
    json_t *list = json_array();
    for (int i = 0; i < n; i++) {
        json_t *j = json_pack("{s:o, s:o, s:I, s:I, s:I}", "arch", json_of_hash(rows[i].id), "name",
                              json_of_text(rows[i].name), "parameters", (json_int_t)rows[i].parameters, "macs",
                              (json_int_t)rows[i].macs, "nodes", (json_int_t)rows[i].nodes);
        if (!hash_is_zero(rows[i].parent)) {
            json_object_set_new(j, "parent", json_of_hash(rows[i].parent));
            put_steps(w, j, &rows[i]);
        }
        json_array_append_new(list, j);
    }
    arches_list_free(rows, n);
    return json_pack("{s:o}", "arches", list);
}

static struct arch *load_by_key(struct workspace *w, const char *key, struct error *err)
{
    struct arch_row row;
    if (!arches_find(w, key, &row, err))
        return NULL;
    struct arch *a = arch_parse(row.text, strlen(row.text), row.name, err);
    free(row.text);
    return a;
}

static bool same_node(const struct arch *a, int i, const struct arch *b, int j)
{
    const struct arch_node *x = &a->node[i], *y = &b->node[j];
    if (x->op != y->op || x->inputs != y->inputs || memcmp(x->param, y->param, sizeof x->param) != 0)
        return false;
    for (int k = 0; k < x->inputs; k++)
        if (!text_equal(a->node[x->input[k]].name, b->node[y->input[k]].name))
            return false;
    return true;
}

json_t *action_arch_changes(const struct arch *a, const struct arch *b)
{
    json_t *changes = json_array();
    for (int i = 0; i < a->nodes; i++)
        if (arch_find(b, a->node[i].name) < 0)
            json_array_append_new(changes, json_pack("{s:s, s:s}", "change", "-", "node", a->node[i].name));
    for (int j = 0; j < b->nodes; j++) {
        int i = arch_find(a, b->node[j].name);
        if (i < 0 || !same_node(a, i, b, j))
            json_array_append_new(changes,
                                  json_pack("{s:s, s:s}", "change", i < 0 ? "+" : "~", "node", b->node[j].name));
    }
    return changes;
}

json_t *action_arch_diff(struct workspace *w, const char *left, const char *right, struct error *err)
{
    struct arch *a = load_by_key(w, left, err), *b = a ? load_by_key(w, right, err) : NULL;
    json_t *result = NULL;
    if (b)
        result = json_pack("{s:o, s:o, s:I, s:I, s:o}", "a", json_of_hash(arch_id(a)), "b", json_of_hash(arch_id(b)),
                           "parameters", (json_int_t)(arch_parameters(b) - arch_parameters(a)), "macs",
                           (json_int_t)(arch_macs(b) - arch_macs(a)), "changes", action_arch_changes(a, b));
    arch_free(a);
    arch_free(b);
    return result;
}

static void write_dot(struct text *out, const struct arch *a)
{
    text_put(out, "digraph arch {\n  rankdir=TB;\n  node [shape=box, fontname=\"sans-serif\"];\n");
    for (int i = 0; i < a->nodes; i++) {
        char label[96];
        a->node[i].op->label(&a->node[i], label, sizeof label);
        text_printf(out, "  %s [label=\"%s\\n%s\\n", a->node[i].name, a->node[i].name, label);
        if (a->shape[i].time)
            text_printf(out, "[%d, %d]\"];\n", a->shape[i].time, a->shape[i].channels);
        else
            text_printf(out, "[%d]\"];\n", a->shape[i].channels);
        for (int k = 0; k < a->node[i].inputs; k++)
            text_printf(out, "  %s -> %s;\n", a->node[a->node[i].input[k]].name, a->node[i].name);
    }
    text_put(out, "}\n");
}

json_t *action_arch_export(struct workspace *w, const char *key, const char *format, const char *path,
                           struct error *err)
{
    struct arch *a = load_by_key(w, key, err);
    if (!a)
        return NULL;
    struct text out = {0};
    json_t *result = NULL;
    if (text_equal(format, "text")) {
        char *text = arch_format(a);
        text_put(&out, text);
        free(text);
    } else if (text_equal(format, "dot")) {
        write_dot(&out, a);
    } else {
        bool later = text_equal(format, "onnx") || text_equal(format, "svg");
        error_set(err, ERROR_USAGE,
                  later ? "--format %s is not in this version: text or dot" : "--format is text or dot, not %s",
                  format);
    }
    if (out.n && file_write(path, out.data, out.n, 0666, err))
        result = json_pack("{s:o, s:s}", "path", json_of_text(path), "format", format);
    text_free(&out);
    arch_free(a);
    return result;
}

json_t *action_select(struct workspace *w, const char *key, struct error *err)
{
    struct arch_row row;
    if (!arches_find(w, key, &row, err))
        return NULL;
    char hex[HASH_HEX];
    hash_hex(row.id, hex);
    workspace_setting_set(w, "selected", hex);
    json_t *result = json_pack("{s:s, s:o}", "arch", hex, "name", json_of_text(row.name));
    free(row.text);
    return result;
}

bool action_selected(struct workspace *w, char *key, size_t size)
{
    return workspace_setting_get(w, "selected", key, size);
}
