/* Carrying weights over: the new model is drawn afresh, then every entry that has an old one takes its value, and what
 * must not be seen becomes zero. What each axis of a tensor runs over is the operator's to say (op.h). */
#include "search/morph/channels.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"

/* An old entry keeps its value. A new column is drawn afresh, unless it must be silent; an old one reads nothing of a
 * new row, unless what stands there is silent. */
static void carry_entries(float *to, const float *from, struct channel_map row, struct channel_map column, bool mute)
{
    for (int r = 0; r < row.n; r++)
        for (int c = 0; c < column.n; c++) {
            float *entry = &to[(size_t)r * (size_t)column.n + (size_t)c];
            int old_row = row.old[r], old_column = column.old[c];
            if (old_row >= 0 && old_column >= 0)
                *entry = from[(size_t)old_row * (size_t)column.old_n + (size_t)old_column];
            else if ((old_column >= 0 && old_row == CHANNEL_NEW) || (old_column == CHANNEL_SILENT && mute))
                *entry = 0;
        }
}

static void carry_moments(float *to, const float *from, struct channel_map row, struct channel_map column)
{
    for (int r = 0; r < row.n; r++)
        for (int c = 0; c < column.n; c++)
            if (row.old[r] >= 0 && column.old[c] >= 0)
                to[(size_t)r * (size_t)column.n + (size_t)c] =
                    from[(size_t)row.old[r] * (size_t)column.old_n + (size_t)column.old[c]];
}

static bool carry_old(struct model *out, const struct model *m, const struct morph_edit *e,
                      const struct channel_map *map, const struct layout_tensor *to, const struct layout_tensor *from,
                      struct error *err)
{
    const struct op *op = e->after->node[to->node].op;
    struct op_axes axes = op->axes[to->tensor];
    struct channel_map row = channels_axis(e, map, to->node, axes.row, to->shape.rows, from->shape.rows);
    struct channel_map column = channels_axis(e, map, to->node, axes.column, to->shape.columns, from->shape.columns);
    bool fits = row.n == to->shape.rows && column.n == to->shape.columns && row.old_n == from->shape.rows &&
                column.old_n == from->shape.columns;
    if (fits) {
        carry_entries(out->weight + to->offset, m->weight + from->offset, row, column, axes.column != OP_AXIS_CHANNEL);
        for (int k = 0; k < model_moments(m); k++)
            carry_moments(out->moment[k] + to->offset, m->moment[k] + from->offset, row, column);
    }
    free(row.old);
    free(column.old);
    return fits || error_set(err, ERROR_FAILED, "the weights %s of %s (%s) cannot be carried over", to->shape.name,
                             e->after->node[to->node].name, op->name);
}

static void carry_new(float *weight, const struct morph_edit *e, const struct layout_tensor *to)
{
    enum carry_fill fill = e->rule[to->node].fill;
    float *w = weight + to->offset;
    if (fill == CARRY_FRESH ||
        (fill == CARRY_QUIET && e->after->node[to->node].op->axes[to->tensor].column != OP_AXIS_OUTPUT))
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
    struct channel_map *map = channels_new(e);
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
    channels_free(map, e->after->nodes);
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
