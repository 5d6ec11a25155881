/* More heads for an attention, or wider ones. The rows of the output projection that read new channels are zero, so
 * that the mixture is what it was; where a head grows, the keys' new channels are zero, so that its scores are too, and
 * its stored scale stays. The outgoing weights, and the keys, move in the first step. */
#include "search/morph/kinds.h"

#include "base/text.h"

static bool is_attention(const struct arch *a, int node, const char *param, char *reason, size_t size)
{
    const struct arch_node *n = &a->node[node];
    if (!text_equal(n->op->name, "attention"))
        return morph_refuse(reason, size, "%s is no attention: it has no heads", n->name);
    if (op_int(n, param) >= edit_most(n, param))
        return morph_refuse(reason, size, "%s has the largest %s there is, %d", n->name, param, op_int(n, param));
    return true;
}

static bool add_applicable(const struct arch *a, int node, char *reason, size_t size)
{
    return is_attention(a, node, "heads", reason, size);
}

static bool widen_applicable(const struct arch *a, int node, char *reason, size_t size)
{
    return is_attention(a, node, "head", reason, size);
}

static bool grow(struct morph_edit *e, int node, const char *param, int by, struct error *err)
{
    const struct arch_node *n = &e->before->node[node];
    int more = op_int(n, param) + (by > 0 ? by : op_int(n, param));
    if (more > edit_most(n, param))
        return error_set(err, ERROR_LIMIT, "%s cannot have %s=%d: the limit is %d", n->name, param, more,
                         edit_most(n, param));
    op_set(&e->after->node[node], param, more);
    return true;
}

static bool add_edit(struct morph_edit *e, int node, const int *setting, struct error *err)
{
    return grow(e, node, "heads", setting[0], err);
}

static bool widen_edit(struct morph_edit *e, int node, const int *setting, struct error *err)
{
    return grow(e, node, "head", setting[0], err);
}

static int add_menu(const struct arch *a, int node, int out[MORPH_MENU_MAX][MORPH_SETTINGS_MAX])
{
    int heads = op_int(&a->node[node], "heads");
    out[0][0] = 1;
    out[1][0] = heads;
    return heads > 1 ? 2 : 1;
}

static int widen_menu(const struct arch *a, int node, int out[MORPH_MENU_MAX][MORPH_SETTINGS_MAX])
{
    int head = op_int(&a->node[node], "head");
    out[0][0] = head / 2 > 0 ? head / 2 : 1;
    out[1][0] = head;
    return head > 1 ? 2 : 1;
}

const struct morph_kind morph_add_head = {
    .name = "add_head",
    .about = "adds heads to an attention; the output projection reads them with weights of zero at first",
    .why = "A new head mixes the values in its own way, and the output projection reads it with weights of +0 "
           "behind the old heads: each adds fma(0, x, s) = s. These weights learn with the first step of training, "
           "the head itself with the second.",
    .setting = {{"by", "heads to add; 0: as many as there are", 0, 1023, 1, NULL}},
    .settings = 1,
    .applicable = add_applicable,
    .edit = add_edit,
    .menu = add_menu,
};

const struct morph_kind morph_widen_head = {
    .name = "widen_head",
    .about = "widens every head of an attention; new keys are zero at first and the scale stays, so that scores do too",
    .why = "The keys' new channels are +0, so every score gets terms of fma(q, 0, s) = s, and the scale is a stored "
           "number that stays: the attention looks where it looked. The new values are read with weights of +0. "
           "Keys' channels and those weights learn with the first steps of training.",
    .setting = {{"by", "channels to add to each head; 0: as many as it has", 0, 4095, 0, NULL}},
    .settings = 1,
    .applicable = widen_applicable,
    .edit = widen_edit,
    .menu = widen_menu,
};
