#include "net/op/ops.h"

#include "base/text.h"

const struct op *const op_table[] = {
    &op_input,   &op_dense,  &op_conv,     &op_dwconv, &op_lstm,     &op_gru,     &op_attention, &op_layernorm,
    &op_rmsnorm, &op_act,    &op_gate,     &op_scale,  &op_dropout,  &op_add,     &op_multiply,  &op_concat,
    &op_flatten, &op_last,   &op_meanpool, &op_maxpool, &op_timecode, NULL,
};

const struct op *op_find(const char *name)
{
    for (int i = 0; op_table[i]; i++)
        if (text_equal(op_table[i]->name, name))
            return op_table[i];
    return NULL;
}

/* An operator mostly asks by the very texts of its table, and often: each run of a plan does. */
int op_param_find(const struct op *op, const char *name)
{
    for (int i = 0; i < op->params; i++)
        if (op->param[i].name == name)
            return i;
    for (int i = 0; i < op->params; i++)
        if (text_equal(op->param[i].name, name))
            return i;
    return -1;
}

static int param_index(const struct arch_node *node, const char *param)
{
    int i = op_param_find(node->op, param);
    ASSERT(i >= 0);
    return i;
}

int op_int(const struct arch_node *node, const char *param)
{
    return (int)node->param[param_index(node, param)];
}

const char *op_enum(const struct arch_node *node, const char *param)
{
    int i = param_index(node, param);
    ASSERT(node->op->param[i].kind == OP_ENUM);
    return node->op->param[i].names[(int)node->param[i]];
}

void op_set(struct arch_node *node, const char *param, double value)
{
    node->param[param_index(node, param)] = value;
}

void op_node(struct arch_node *node, const char *name, const char *op)
{
    memset(node, 0, sizeof *node);
    text_copy(node->name, sizeof node->name, name);
    node->op = op_find(op);
    ASSERT(node->op);
    for (int i = 0; i < node->op->params; i++) {
        const struct op_param *p = &node->op->param[i];
        node->param[i] = p->required ? p->least : p->preset;
    }
}
