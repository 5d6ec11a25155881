/* Carrying weights over: the new model is drawn afresh, then every entry that has an old one takes its value, and what
 * leads from a new channel to an old unit becomes zero. Channel maps (new channel -> old channel or -1) are followed
 * through the graph, so that one rule serves every morphism. */
#include "search/morph/edit.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"

struct channel_map {
    int *old; /* [n] */
    int n;
    int old_n; /* channels before */
};

/* What an axis of a tensor runs over. */
enum axis { AXIS_PLAIN, AXIS_INPUT, AXIS_TAPS, AXIS_OUTPUT, AXIS_GATES };

static const struct {
    const char *op, *tensor;
    enum axis rows, columns;
    int gates;
} axes[] = {
    {"dense", "kernel", AXIS_INPUT, AXIS_OUTPUT, 0}, {"dense", "bias", AXIS_PLAIN, AXIS_OUTPUT, 0},
    {"conv", "kernel", AXIS_TAPS, AXIS_OUTPUT, 0},   {"conv", "bias", AXIS_PLAIN, AXIS_OUTPUT, 0},
    {"lstm", "kernel", AXIS_INPUT, AXIS_GATES, 4},   {"lstm", "recurrent", AXIS_OUTPUT, AXIS_GATES, 4},
    {"lstm", "bias", AXIS_PLAIN, AXIS_GATES, 4},     {"gru", "kernel", AXIS_INPUT, AXIS_GATES, 3},
    {"gru", "recurrent", AXIS_OUTPUT, AXIS_GATES, 3}, {"gru", "bias", AXIS_PLAIN, AXIS_GATES, 3},
    {"gru", "recurrent_bias", AXIS_PLAIN, AXIS_OUTPUT, 0},
};

static struct channel_map map_new(int n, int old_n)
{
    struct channel_map map = {.old = NEW_ARRAY(int, n), .n = n, .old_n = old_n};
    for (int i = 0; i < n; i++)
        map.old[i] = i < old_n ? i : -1;
    return map;
}

/* `times` copies of a map side by side, the i-th for the old block first_old + i; blocks below zero are new. */
static struct channel_map map_repeat(struct channel_map one, int times, int old_times)
{
    struct channel_map map = map_new(one.n * times, 0);
    map.old_n = one.old_n * old_times;
    for (int t = 0; t < times; t++) {
        int block = t - (times - old_times);
        for (int c = 0; c < one.n; c++)
            map.old[t * one.n + c] = block < 0 || one.old[c] < 0 ? -1 : block * one.old_n + one.old[c];
    }
    return map;
}

static struct channel_map map_join(const struct arch_node *node, const struct channel_map *map)
{
    struct channel_map joined = {0};
    for (int k = 0; k < node->inputs; k++) {
        struct channel_map in = map[node->input[k]];
        joined.old = memory_resize(joined.old, (size_t)(joined.n + in.n), sizeof *joined.old);
        for (int c = 0; c < in.n; c++)
            joined.old[joined.n + c] = in.old[c] < 0 ? -1 : in.old[c] + joined.old_n;
        joined.n += in.n;
        joined.old_n += in.old_n;
    }
    return joined;
}

/* The input's channels, then those that the operator adds itself. */
static struct channel_map map_append(struct channel_map in, int n)
{
    struct channel_map map = map_new(n, n);
    memcpy(map.old, in.old, (size_t)in.n * sizeof *in.old);
    map.old_n = in.old_n + n - in.n;
    for (int c = in.n; c < n; c++)
        map.old[c] = in.old_n + c - in.n;
    return map;
}

/* A new node's channels are new, unless it hands on its input's (a sum, an identity layer). */
static struct channel_map node_map(const struct morph_edit *e, int i, const struct channel_map *map)
{
    const struct arch_node *node = &e->after->node[i];
    int from = e->rule[i].from, n = e->after->shape[i].channels;
    if (text_equal(node->op->name, "flatten")) {
        int time = e->after->shape[node->input[0]].time;
        return map_repeat(map[node->input[0]], time > 0 ? time : 1, time > 0 ? time : 1);
    }
    if (text_equal(node->op->name, "concat"))
        return map_join(node, map);
    if (edit_width_param(node) && !(from < 0 && e->rule[i].fill == CARRY_IDENTITY))
        return map_new(n, from < 0 ? 0 : e->before->shape[from].channels);
    struct channel_map in = map[node->input[0]];
    if (text_equal(node->op->name, "timecode"))
        return map_append(in, n);
    struct channel_map same = {.old = memory_copy(in.old, (size_t)in.n * sizeof *in.old), .n = in.n, .old_n = in.old_n};
    return same;
}

static struct channel_map *maps_new(const struct morph_edit *e)
{
    struct channel_map *map = NEW_ARRAY(struct channel_map, e->after->nodes);
    for (int i = 0; i < e->after->nodes; i++)
        map[i] = node_map(e, i, map);
    return map;
}

static struct channel_map axis_map(const struct morph_edit *e, const struct channel_map *map, int node, enum axis axis,
                                   int gates, int size, int old_size)
{
    const struct arch_node *n = &e->after->node[node];
    switch (axis) {
    case AXIS_INPUT:
        return map_repeat(map[n->input[0]], 1, 1);
    case AXIS_TAPS:
        return map_repeat(map[n->input[0]], op_int(n, "kernel"),
                          op_int(&e->before->node[e->rule[node].from], "kernel"));
    case AXIS_OUTPUT:
        return map_repeat(map[node], 1, 1);
    case AXIS_GATES:
        return map_repeat(map[node], gates, gates);
    case AXIS_PLAIN:
        break;
    }
    return map_new(size, old_size);
}

static void carry_entries(float *to, const float *from, struct channel_map row, struct channel_map column, float absent)
{
    for (int r = 0; r < row.n; r++)
        for (int c = 0; c < column.n; c++) {
            float *entry = &to[(size_t)r * (size_t)column.n + (size_t)c];
            if (column.old[c] < 0)
                continue;
            *entry = row.old[r] < 0 ? absent : from[(size_t)row.old[r] * (size_t)column.old_n + (size_t)column.old[c]];
        }
}

static bool carry_old(struct model *out, const struct model *m, const struct morph_edit *e,
                      const struct channel_map *map, const struct layout_tensor *to, const struct layout_tensor *from,
                      struct error *err)
{
    const char *op = e->after->node[to->node].op->name;
    enum axis rows = AXIS_PLAIN, columns = AXIS_PLAIN;
    int gates = 0;
    for (size_t i = 0; i < ARRAY_N(axes); i++)
        if (text_equal(axes[i].op, op) && text_equal(axes[i].tensor, to->shape.name)) {
            rows = axes[i].rows;
            columns = axes[i].columns;
            gates = axes[i].gates;
        }
    struct channel_map row = axis_map(e, map, to->node, rows, gates, to->shape.rows, from->shape.rows);
    struct channel_map column = axis_map(e, map, to->node, columns, gates, to->shape.columns, from->shape.columns);
    bool fits = row.n == to->shape.rows && column.n == to->shape.columns && row.old_n == from->shape.rows &&
                column.old_n == from->shape.columns;
    if (fits) {
        carry_entries(out->weight + to->offset, m->weight + from->offset, row, column, 0);
        for (int k = 0; k < model_moments(m); k++)
            carry_entries(out->moment[k] + to->offset, m->moment[k] + from->offset, row, column, 0);
    }
    free(row.old);
    free(column.old);
    return fits || error_set(err, ERROR_FAILED, "the weights %s of %s (%s) cannot be carried over", to->shape.name,
                             e->after->node[to->node].name, op);
}

static void carry_new(float *weight, const struct morph_edit *e, const struct layout_tensor *to)
{
    enum carry_fill fill = e->rule[to->node].fill;
    float *w = weight + to->offset;
    if (fill == CARRY_FRESH)
        return;
    memset(w, 0, (size_t)to->shape.rows * (size_t)to->shape.columns * sizeof *w);
    if (fill == CARRY_IDENTITY && text_equal(to->shape.name, "kernel")) {
        int columns = to->shape.columns, present = to->shape.rows - columns; /* the last tap */
        for (int c = 0; c < columns; c++)
            w[(size_t)(present + c) * (size_t)columns + (size_t)c] = 1;
    }
}

/* Fresh entries come from a stream of their own for each parent, so that two steps with one seed draw apart. */
static uint64_t fresh_seed(const struct model *m, uint64_t seed)
{
    struct hash id = arch_id(m->arch);
    uint32_t word[2] = {0};
    for (int i = 0; i < 8; i++)
        word[i / 4] |= (uint32_t)id.byte[i] << (8 * (i % 4));
    struct random r = random_start(seed, RANDOM_MORPH, word[0], word[1]);
    return random_u64(&r);
}

static bool carry_tensors(struct model *out, const struct model *m, const struct morph_edit *e, struct error *err)
{
    struct layout *from = layout_new(e->before), *to = layout_new(e->after);
    struct channel_map *map = maps_new(e);
    bool ok = true;
    for (int i = 0; i < to->tensors && ok; i++) {
        const struct layout_tensor *t = &to->tensor[i];
        int old = e->rule[t->node].from;
        const struct layout_tensor *source = old < 0 ? NULL : layout_find(from, old, t->shape.name);
        if (old < 0)
            carry_new(out->weight, e, t);
        else
            ok = source ? carry_old(out, m, e, map, t, source, err)
                        : error_set(err, ERROR_FAILED, "%s has no weights %s to carry over",
                                    e->after->node[t->node].name, t->shape.name);
    }
    for (int i = 0; i < e->after->nodes; i++)
        free(map[i].old);
    free(map);
    layout_free(from);
    layout_free(to);
    return ok;
}

struct model *carry_model(const struct model *m, const struct morph_edit *e, uint64_t seed, struct error *err)
{
    struct model *out = model_new(e->after, fresh_seed(m, seed), err);
    if (out)
        out->blas = m->blas;
    if (!out)
        return NULL;
    if (!model_need_moments(out, model_moments(m), err) || !carry_tensors(out, m, e, err)) {
        model_free(out);
        return NULL;
    }
    out->step = m->step;
    return out;
}
