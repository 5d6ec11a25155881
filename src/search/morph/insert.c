/* Insert: a layer behind a node, initialised as the identity. Its rectifier changes nothing where no value is negative;
 * elsewhere a rectifier would, and a layer without one adds nothing that training could not reach before. */
#include "search/morph/kinds.h"

#include "base/text.h"

static bool insert_applicable(const struct arch *a, int node, char *reason, size_t size)
{
    const char *name = a->node[node].name;
    if (node == a->nodes - 1)
        return morph_refuse(reason, size, "%s is the output: nothing may follow it", name);
    if (text_equal(a->node[node].op->name, "flatten"))
        return morph_refuse(reason, size, "%s only lays out its input", name);
    if (!edit_not_negative(a, node))
        return morph_refuse(reason, size,
                            "%s can be negative, which the new layer's relu would cut off: deepen it instead", name);
    return true;
}

static bool insert_edit(struct morph_edit *e, int node, const int *setting, struct error *err)
{
    struct arch_shape shape = e->before->shape[node];
    int kernel = shape.time > 0 ? setting[0] : 1;
    if (kernel > 1 && kernel > shape.time)
        return error_set(err, ERROR_USAGE, "a kernel of %d steps is longer than the %d steps of %s", kernel, shape.time,
                         e->before->node[node].name);
    struct arch_node layer = edit_layer(e, node, shape.channels, kernel, 1, "relu");
    edit_insert(e, node + 1, &layer, CARRY_IDENTITY);
    edit_redirect(e, node, node + 1);
    return true;
}

static int insert_menu(const struct arch *a, int node, int out[MORPH_MENU_MAX][MORPH_SETTINGS_MAX])
{
    out[0][0] = 1;
    out[1][0] = 3;
    return a->shape[node].time >= 3 ? 2 : 1;
}

const struct morph_kind morph_insert = {
    .name = "insert",
    .about = "puts a layer with relu behind a node that is never negative; it starts as the identity",
    .why = "The layer starts with the identity as its kernel at the present step and zeros elsewhere, and a bias of "
           "0. Each output is fma(1, x, 0) and terms of +0: x itself. The relu behind it leaves x as it is because "
           "x is never negative here.",
    .setting = {{"kernel", "steps the layer looks at on a time axis; 1: a dense layer", 1, 64, 1, NULL}},
    .settings = 1,
    .applicable = insert_applicable,
    .edit = insert_edit,
    .menu = insert_menu,
};
