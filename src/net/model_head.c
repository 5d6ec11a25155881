/* A start that says nothing: the last layers at zero. */
#include "base/memory.h"
#include "base/text.h"
#include "net/model.h"

/* Zero stays zero behind it, and its derivative there is not (relu's is). */
static bool act_lets_through(const struct arch_node *node, const char *param)
{
    const char *act = op_enum(node, param);

    return !text_equal(act, "relu") && !text_equal(act, "sigmoid");
}

static bool is_one_of(const struct arch_node *node, const char *const *name)
{
    while (*name && !text_equal(node->op->name, *name))
        name++;
    return *name != NULL;
}

static bool lets_through(const struct arch_node *node)
{
    static const char *const plain[] = {"last", "meanpool", "maxpool", "flatten", "dropout", "add", "concat", NULL};

    return is_one_of(node, plain) || (text_equal(node->op->name, "act") && act_lets_through(node, "kind"));
}

static bool can_be_zero(const struct arch_node *node)
{
    static const char *const linear[] = {"dense", "conv", "dwconv", NULL};

    return is_one_of(node, linear) && act_lets_through(node, "act");
}

static void zero_kernel(struct model *m, const struct layout *l, int node)
{
    const struct layout_tensor *t = layout_find(l, node, "kernel");

    ASSERT(t);
    memset(m->weight + t->offset, 0, (size_t)t->shape.rows * (size_t)t->shape.columns * sizeof *m->weight);
}

void model_zero_head(struct model *m)
{
    const struct arch *a = m->arch;
    struct layout *l = layout_new(a);
    bool *head = NEW_ARRAY(bool, a->nodes);

    head[a->nodes - 1] = true;
    for (int i = a->nodes; i-- > 0;) {
        const struct arch_node *node = &a->node[i];
        if (head[i] && can_be_zero(node))
            zero_kernel(m, l, i);
        for (int k = 0; head[i] && lets_through(node) && k < node->inputs; k++)
            head[node->input[k]] = true;
    }
    free(head);
    layout_free(l);
}
