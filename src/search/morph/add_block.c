/* Add a block: node + f(norm(node)), with a norm in front (pre-norm) and the last projection of f zero. That projection
 * moves in the first step, the rest in the second. */
#include "search/morph/kinds.h"

#include "base/text.h"

enum { KIND, WIDTH, HEADS, NORM };
enum { ATTENTION, LSTM, GRU, SEPARABLE, FEEDFORWARD };
enum { HEADS_PRESET = 2, KERNEL = 3 };

static const char *const kinds[] = {"attention", "lstm", "gru", "separable", "feedforward", NULL};
static const char *const norms[] = {"rmsnorm", "layernorm", "none", NULL};

static bool block_applicable(const struct arch *a, int node, char *reason, size_t size)
{
    const struct arch_node *n = &a->node[node];
    if (node == a->nodes - 1)
        return morph_refuse(reason, size, "%s is the output: nothing may follow it", n->name);
    if (text_equal(n->op->name, "flatten"))
        return morph_refuse(reason, size, "%s only lays out its input", n->name);
    return true;
}

/* Each puts its nodes at `at` on, reading `input`; returns the index of the last. */

static int put_attention(struct morph_edit *e, int at, int input, int channels, const int *setting)
{
    struct arch_node node = edit_unary(e, "attention", "a", input);
    int width = setting[WIDTH] > 0 ? setting[WIDTH] : channels, head = width / setting[HEADS];
    op_set(&node, "heads", setting[HEADS]);
    op_set(&node, "head", head > 0 ? head : 1);
    edit_insert(e, at, &node, CARRY_QUIET);
    return at;
}

static int put_projection(struct morph_edit *e, int at, int channels)
{
    struct arch_node project = edit_layer(e, at, channels, 1, 1, "none");
    edit_insert(e, at + 1, &project, CARRY_ZERO);
    return at + 1;
}

static int put_recurrent(struct morph_edit *e, int at, int input, int channels, const int *setting)
{
    struct arch_node node = edit_unary(e, kinds[setting[KIND]], "r", input);
    op_set(&node, "units", setting[WIDTH] > 0 ? setting[WIDTH] : channels);
    edit_insert(e, at, &node, CARRY_FRESH);
    return put_projection(e, at, channels);
}

static int put_separable(struct morph_edit *e, int at, int input, int channels)
{
    struct arch_node node = edit_unary(e, "dwconv", "c", input);
    op_set(&node, "kernel", KERNEL);
    edit_set_enum(&node, "act", "gelu");
    edit_insert(e, at, &node, CARRY_FRESH);
    return put_projection(e, at, channels);
}

static int put_feedforward(struct morph_edit *e, int at, int input, int channels, const int *setting)
{
    struct arch_node node = edit_layer(e, input, setting[WIDTH] > 0 ? setting[WIDTH] : 2 * channels, 1, 1, "gelu");
    edit_insert(e, at, &node, CARRY_FRESH);
    return put_projection(e, at, channels);
}

static int put_block(struct morph_edit *e, int at, int input, int channels, const int *setting)
{
    switch (setting[KIND]) {
    case ATTENTION:
        return put_attention(e, at, input, channels, setting);
    case LSTM:
    case GRU:
        return put_recurrent(e, at, input, channels, setting);
    case SEPARABLE:
        return put_separable(e, at, input, channels);
    default:
        return put_feedforward(e, at, input, channels, setting);
    }
}

static bool block_edit(struct morph_edit *e, int node, const int *setting, struct error *err)
{
    struct arch_shape shape = e->before->shape[node];
    const char *name = e->before->node[node].name, *norm = norms[setting[NORM]];
    if (shape.time == 0 && setting[KIND] != FEEDFORWARD)
        return error_set(err, ERROR_USAGE, "%s has no time axis for %s to run along: take kind=feedforward", name,
                         kinds[setting[KIND]]);
    int at = node + 1, input = node;
    if (!text_equal(norm, "none")) {
        struct arch_node before = edit_unary(e, norm, "n", node);
        edit_insert(e, at, &before, CARRY_FRESH);
        input = at++;
    }
    int last = put_block(e, at, input, shape.channels, setting);
    edit_sum(e, last + 1, node, last);
    edit_redirect(e, node, last + 1); /* behind the sum: the norm and the block keep reading the node */
    return true;
}

static int block_menu(const struct arch *a, int node, int out[MORPH_MENU_MAX][MORPH_SETTINGS_MAX])
{
    int used = 0;
    for (int kind = a->shape[node].time > 1 ? ATTENTION : FEEDFORWARD; kind <= FEEDFORWARD; kind++) {
        out[used][KIND] = kind;
        out[used][WIDTH] = 0;
        out[used][HEADS] = HEADS_PRESET;
        out[used++][NORM] = 0;
    }
    return used;
}

const struct morph_kind morph_add_block = {
    .name = "add_block",
    .about = "adds a block in pre-norm form, node + f(norm(node)), whose last projection starts at zero",
    .why = "The block reads the node through a norm of its own and ends in a projection whose weights and bias are "
           "+0, so what it adds is +0: x + 0 = x bit for bit. The projection learns with the first step of "
           "training, what lies before it with the second.",
    .setting = {{"kind", "attention, lstm, gru, separable (dwconv, then dense) or feedforward", 0, 4, FEEDFORWARD,
                 kinds},
                {"width", "channels inside the block; 0: the node's, in a feedforward twice as many", 0, 16384, 0,
                 NULL},
                {"heads", "of an attention", 1, 64, HEADS_PRESET, NULL},
                {"norm", "rmsnorm, layernorm (nothing before it can be widened later) or none", 0, 2, 0, norms}},
    .settings = 4,
    .applicable = block_applicable,
    .edit = block_edit,
    .menu = block_menu,
};
