/* Deepen: a residual branch x + P f(x) behind a node, with P and its bias zero. P's gradient is f(x) times the
 * gradient of the output, so P moves in the first step and f in the second. */
#include "search/morph/kinds.h"

#include "base/text.h"

enum { KERNEL, WIDTH, DILATION };

static bool deepen_applicable(const struct arch *a, int node, char *reason, size_t size)
{
    if (node == a->nodes - 1)
        return morph_refuse(reason, size, "%s is the output: nothing may follow it", a->node[node].name);
    if (text_equal(a->node[node].op->name, "flatten"))
        return morph_refuse(reason, size, "%s only lays out its input: deepen %s or what reads %s", a->node[node].name,
                            a->node[a->node[node].input[0]].name, a->node[node].name);
    return true;
}

static bool deepen_edit(struct morph_edit *e, int node, const int *setting, struct error *err)
{
    const struct arch_node *at = &e->before->node[node];
    struct arch_shape shape = e->before->shape[node];
    int kernel = shape.time > 0 ? setting[KERNEL] : 1;
    int width = setting[WIDTH] > 0 ? setting[WIDTH] : shape.channels;
    if (kernel > 1 && (int64_t)setting[DILATION] * (kernel - 1) >= shape.time)
        return error_set(err, ERROR_USAGE,
                         "a kernel of %d steps at dilation %d looks back beyond the %d steps of %s: "
                         "take a smaller kernel or dilation",
                         kernel, setting[DILATION], shape.time, at->name);
    struct arch_node branch = edit_layer(e, node, width, kernel, setting[DILATION], "gelu");
    edit_insert(e, node + 1, &branch, CARRY_FRESH);
    struct arch_node project = edit_layer(e, node + 1, shape.channels, 1, 1, "none");
    edit_insert(e, node + 2, &project, CARRY_ZERO);
    edit_sum(e, node + 3, node, node + 2);
    edit_redirect(e, node, node + 3);
    return true;
}

static int deepen_menu(const struct arch *a, int node, int out[MORPH_MENU_MAX][MORPH_SETTINGS_MAX])
{
    static const int flat[][3] = {{3, 0, 1}}; /* the kernel, at its preset, is not used */
    static const int timed[][3] = {{3, 0, 1}, {3, 0, 2}, {3, 0, 4}, {1, 0, 1}};
    bool has_time = a->shape[node].time > 0;
    int n = has_time ? 4 : 1, used = 0;
    for (int i = 0; i < n; i++) {
        const int *from = has_time ? timed[i] : flat[i];
        for (int half = 0; half <= (a->shape[node].channels >= 4); half++, used++) {
            out[used][KERNEL] = from[KERNEL];
            out[used][WIDTH] = half ? a->shape[node].channels / 2 : 0;
            out[used][DILATION] = from[DILATION];
        }
    }
    return used;
}

const struct morph_kind morph_deepen = {
    .name = "deepen",
    .about = "adds a residual branch x + P f(x) behind a node; P starts at zero, so that the sum is x to the bit",
    .why = "The branch ends in a projection P whose weights and bias are +0, so it gives +0 for every x, and x + 0 "
           "= x bit for bit (no -0 is ever stored). P's gradient is not zero, so the branch begins to count with "
           "the first step of training.",
    .setting = {{"kernel", "steps the branch looks at on a time axis; 1: a dense layer", 1, 64, 3, NULL},
                {"width", "channels inside the branch; 0: as many as the node has", 0, 65536, 0, NULL},
                {"dilation", "distance between the kernel's steps", 1, 1024, 1, NULL}},
    .settings = 3,
    .applicable = deepen_applicable,
    .edit = deepen_edit,
    .menu = deepen_menu,
};
