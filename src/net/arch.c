/* Rules of the graph, editing, totals. The text is in arch_text.c, the canonical form in canonical.c. */
#include "net/arch.h"

#include "net/arch_check.h"
#include "net/op.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>

void arch_free(struct arch *a)
{
    if (!a)
        return;
    free(a->node);
    free(a->shape);
    free(a);
}

struct arch *arch_copy(const struct arch *a)
{
    struct arch *b = NEW(struct arch);
    b->nodes = a->nodes;
    b->node = memory_copy(a->node, (size_t)a->nodes * sizeof *a->node);
    b->shape = memory_copy(a->shape, (size_t)a->nodes * sizeof *a->shape);
    return b;
}

int arch_find(const struct arch *a, const char *name)
{
    for (int i = 0; i < a->nodes; i++)
        if (text_equal(a->node[i].name, name))
            return i;
    return -1;
}

void arch_insert(struct arch *a, int at, const struct arch_node *node)
{
    ASSERT(at >= 0 && at <= a->nodes && a->nodes < ARCH_NODES_MAX);
    size_t n = (size_t)a->nodes + 1, tail = (size_t)(a->nodes - at);
    a->node = memory_resize(a->node, n, sizeof *a->node);
    a->shape = memory_resize(a->shape, n, sizeof *a->shape);
    memmove(a->node + at + 1, a->node + at, tail * sizeof *a->node);
    memmove(a->shape + at + 1, a->shape + at, tail * sizeof *a->shape);
    a->node[at] = *node;
    a->shape[at] = (struct arch_shape){0, 0};
    a->nodes++;
    for (int i = at + 1; i < a->nodes; i++)
        for (int j = 0; j < a->node[i].inputs; j++)
            if (a->node[i].input[j] >= at)
                a->node[i].input[j]++;
}

void arch_free_name(const struct arch *a, const char *stem, char out[ARCH_NAME_MAX])
{
    for (int i = 1;; i++) {
        snprintf(out, ARCH_NAME_MAX, "%.20s%d", stem, i);
        if (arch_find(a, out) < 0)
            return;
    }
}

int arch_readers(const struct arch *a, int node, int *out)
{
    int n = 0;
    for (int i = node + 1; i < a->nodes; i++)
        for (int j = 0; j < a->node[i].inputs; j++)
            if (a->node[i].input[j] == node) {
                if (out)
                    out[n] = i;
                n++;
                break;
            }
    return n;
}

/* --- rules ------------------------------------------------------------------------------------------------------- */

bool arch_name_ok(const char *name)
{
    size_t n = strlen(name);
    if (n == 0 || n >= ARCH_NAME_MAX)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = name[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9'))
            return false;
    }
    return true;
}

static bool check_arity(const struct arch_node *node, struct error *err)
{
    const struct op *op = node->op;
    if (node->inputs >= op->inputs_least && node->inputs <= op->inputs_most)
        return true;
    if (op->inputs_least == op->inputs_most)
        return error_set(err, ERROR_DATA, "%s takes %d input%s, not %d: correct in=", op->name, op->inputs_least,
                         op->inputs_least == 1 ? "" : "s", node->inputs);
    return error_set(err, ERROR_DATA, "%s takes %d to %d inputs, not %d: correct in=", op->name, op->inputs_least,
                     op->inputs_most, node->inputs);
}

bool arch_param_ok(const struct op_param *p, double v, struct error *err)
{
    char least[40], most[40], is[40];
    text_of_double(p->least, least, sizeof least);
    text_of_double(p->most, most, sizeof most);
    text_of_double(v, is, sizeof is);
    if (!(v >= p->least && v <= p->most))
        return error_set(err, ERROR_DATA, "%s=%s is out of range: it must lie between %s and %s", p->name, is, least,
                         most);
    if (p->kind != OP_REAL && v != floor(v))
        return error_set(err, ERROR_DATA, "%s=%s must be a whole number", p->name, is);
    return true;
}

static bool check_node(const struct arch *a, int i, struct error *err)
{
    const struct arch_node *node = &a->node[i];
    if (!arch_name_ok(node->name))
        return error_set(err, ERROR_DATA, "the name must be a letter or _, then at most 30 letters, digits or _");
    if (!check_arity(node, err))
        return false;
    for (int j = 0; j < node->inputs; j++)
        if (node->input[j] < 0 || node->input[j] >= i)
            return error_set(err, ERROR_DATA, "input %d does not stand before the node that reads it", j + 1);
    for (int j = 0; j < node->op->params; j++)
        if (!arch_param_ok(&node->op->param[j], node->param[j], err))
            return false;
    return true;
}

static bool check_shape(struct arch *a, int i, struct error *err)
{
    struct arch_node *node = &a->node[i];
    struct arch_shape in[ARCH_INPUTS_MAX];
    for (int j = 0; j < node->inputs; j++)
        in[j] = a->shape[node->input[j]];
    if (node->op->settle)
        node->op->settle(node, in);
    return node->op->shape(node, in, &a->shape[i], err);
}

static int compare_names(const void *a, const void *b)
{
    const struct arch_node *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

/* Sorting keeps 4096 names from 16 million comparisons. Of a pair, the later node is to blame. */
static int find_duplicate(const struct arch *a)
{
    const struct arch_node **sorted = NEW_ARRAY(const struct arch_node *, a->nodes);
    int found = -1;
    for (int i = 0; i < a->nodes; i++)
        sorted[i] = &a->node[i];
    qsort(sorted, (size_t)a->nodes, sizeof *sorted, compare_names);
    for (int i = 1; i < a->nodes; i++)
        if (text_equal(sorted[i - 1]->name, sorted[i]->name))
            found = (int)((sorted[i] > sorted[i - 1] ? sorted[i] : sorted[i - 1]) - a->node);
    free(sorted);
    return found;
}

/* Exactly one input node, and exactly one node without a reader: the last. */
static bool check_ends(const struct arch *a, int *blame, struct error *err)
{
    bool *read = NEW_ARRAY(bool, a->nodes);
    int inputs = 0, unread = -1;
    for (int i = 0; i < a->nodes; i++) {
        for (int j = 0; j < a->node[i].inputs; j++)
            read[a->node[i].input[j]] = true;
        if (a->node[i].op->inputs_most == 0 && ++inputs == 2)
            *blame = i;
    }
    for (int i = 0; i < a->nodes - 1 && unread < 0; i++)
        if (!read[i])
            unread = i;
    free(read);
    if (inputs != 1)
        return error_set(err, ERROR_DATA, "there must be exactly one input node, not %s",
                         inputs == 0 ? "none: add a line such as \"x input time=32 channels=8\"" : "a second one: read the first");
    if (unread < 0)
        return true;
    *blame = unread;
    return error_set(err, ERROR_DATA,
                     "nobody reads it, and nobody reads '%s': only the output may be unread. Remove it or read it",
                     a->node[a->nodes - 1].name);
}

static bool check_output(const struct arch *a, struct error *err)
{
    if (a->shape[a->nodes - 1].time == 0)
        return true;
    return error_set(err, ERROR_DATA,
                     "the output must have no time axis: put last, meanpool or flatten before it");
}

static bool check_total(const struct arch *a, struct error *err)
{
    if (arch_parameters(a) <= ARCH_WEIGHTS_MAX)
        return true;
    return error_set(err, ERROR_DATA, "%lld weights are too many: the limit is %d. Use fewer or narrower nodes",
                     (long long)arch_parameters(a), ARCH_WEIGHTS_MAX);
}

bool arch_check_blame(struct arch *a, int *blame, struct error *err)
{
    *blame = -1;
    if (a->nodes < 1 || a->nodes > ARCH_NODES_MAX)
        return error_set(err, ERROR_DATA, "an architecture has 1 to %d nodes, not %d", ARCH_NODES_MAX, a->nodes);
    for (int i = 0; i < a->nodes; i++)
        if (!check_node(a, i, err)) {
            *blame = i;
            return false;
        }
    if ((*blame = find_duplicate(a)) >= 0)
        return error_set(err, ERROR_DATA, "two nodes have this name: rename one");
    if (!check_ends(a, blame, err))
        return false;
    for (int i = 0; i < a->nodes; i++)
        if (!check_shape(a, i, err)) {
            *blame = i;
            return false;
        }
    *blame = a->nodes - 1;
    if (!check_output(a, err))
        return false;
    *blame = -1;
    return check_total(a, err);
}

bool arch_check(struct arch *a, struct error *err)
{
    int blame;
    if (arch_check_blame(a, &blame, err))
        return true;
    return blame < 0 ? false : error_prefix(err, "node '%s'", a->node[blame].name);
}

/* --- totals ------------------------------------------------------------------------------------------------------ */

int64_t arch_parameters(const struct arch *a)
{
    int64_t total = 0;
    for (int i = 0; i < a->nodes; i++) {
        const struct arch_node *node = &a->node[i];
        struct arch_shape in[ARCH_INPUTS_MAX];
        struct op_tensor tensor[OP_TENSORS_MAX];
        for (int j = 0; j < node->inputs; j++)
            in[j] = a->shape[node->input[j]];
        int n = node->op->tensors(node, in, tensor);
        for (int j = 0; j < n; j++)
            total += (int64_t)tensor[j].rows * tensor[j].columns;
    }
    return total;
}

int64_t arch_macs(const struct arch *a)
{
    int64_t total = 0;
    for (int i = 0; i < a->nodes; i++) {
        const struct arch_node *node = &a->node[i];
        struct arch_shape in[ARCH_INPUTS_MAX];
        for (int j = 0; j < node->inputs; j++)
            in[j] = a->shape[node->input[j]];
        total += node->op->macs(node, in, a->shape[i]);
    }
    return total;
}
