/* Narrow: the newest units of a node and of what is tied to it go, or the newest heads of an attention. The function
 * changes. */
#include "search/morph/width.h"

#include "base/text.h"

static const char *heads_param(const struct arch_node *n)
{
    return text_equal(n->op->name, "attention") ? "heads" : NULL;
}

static int size_of(const struct arch *a, int node)
{
    const char *heads = heads_param(&a->node[node]);
    return heads ? op_int(&a->node[node], heads) : a->shape[node].channels;
}

static bool narrow_applicable(const struct arch *a, int node, char *reason, size_t size)
{
    bool silent;
    if (!heads_param(&a->node[node]) && !width_may_change(a, node, &silent, NULL, 0) && !silent)
        return width_may_change(a, node, &silent, reason, size);
    if (size_of(a, node) < 2)
        return morph_refuse(reason, size, "%s has a single %s left", a->node[node].name,
                            heads_param(&a->node[node]) ? "head" : "unit");
    return true;
}

static bool narrow_edit(struct morph_edit *e, int node, const int *setting, struct error *err)
{
    int size = size_of(e->before, node), left = size - (setting[0] > 0 ? setting[0] : (size + 1) / 2);
    const char *heads = heads_param(&e->before->node[node]);
    if (left < 1)
        return error_set(err, ERROR_USAGE, "by=%d: %s has only %d", setting[0], e->before->node[node].name, size);
    if (!heads)
        return width_set(e, node, left, err);
    op_set(&e->after->node[node], heads, left);
    return true;
}

static int narrow_menu(const struct arch *a, int node, int out[MORPH_MENU_MAX][MORPH_SETTINGS_MAX])
{
    int size = size_of(a, node);
    out[0][0] = size / 2;
    out[1][0] = size / 4;
    return size / 4 > 0 ? 2 : 1;
}

const struct morph_kind morph_narrow = {
    .name = "narrow",
    .about = "takes the newest units, or heads, away: the function changes",
    .why = "The newest units, or heads, are cut off with all that leads to them and from them; the others keep "
           "their weights. What the network says changes: max |delta| shows by how much.",
    .shrinks = true,
    .setting = {{"by", "units or heads to take away; 0: half of them", 0, 65536, 0, NULL}},
    .settings = 1,
    .applicable = narrow_applicable,
    .edit = narrow_edit,
    .menu = narrow_menu,
};
