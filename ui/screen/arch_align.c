#include "ui/screen/arch_align.h"

#include "base/memory.h"

#include <string.h>

/* How well two nodes fit one another; 0: not at all. */
static int fit(const struct arch *before, int i, const struct arch *after, int j)
{
    const struct arch_node *x = &before->node[i], *y = &after->node[j];
    if (x->op != y->op)
        return 0;
    bool same = memcmp(x->param, y->param, sizeof x->param) == 0;
    return 2 + 3 * same + (x->inputs == y->inputs);
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* best[i][j]: of the nodes from i and from j on. */
static void lay(const struct arch *before, const struct arch *after, int *best, int *was)
{
    int n = before->nodes, m = after->nodes, wide = m + 1;
    for (int i = n - 1; i >= 0; i--)
        for (int j = m - 1; j >= 0; j--) {
            int f = fit(before, i, after, j);
            int apart = larger(best[(i + 1) * wide + j], best[i * wide + j + 1]);
            best[i * wide + j] = f > 0 ? larger(apart, f + best[(i + 1) * wide + j + 1]) : apart;
        }
    for (int i = 0, j = 0; i < n && j < m;) {
        int f = fit(before, i, after, j), here = best[i * wide + j];
        if (f > 0 && here == f + best[(i + 1) * wide + j + 1])
            was[j++] = i++;
        else if (here == best[i * wide + j + 1])
            j++;
        else
            i++;
    }
}

int *arch_align(const struct arch *before, const struct arch *after)
{
    int *was = NEW_ARRAY(int, after->nodes + 1);
    for (int j = 0; j < after->nodes; j++)
        was[j] = -1;
    if (before->nodes > ARCH_ALIGN_MOST || after->nodes > ARCH_ALIGN_MOST) {
        for (int j = 0; j < after->nodes && j < before->nodes; j++)
            was[j] = fit(before, j, after, j) > 0 ? j : -1;
        return was;
    }
    int *best = NEW_ARRAY(int, (before->nodes + 1) * (after->nodes + 1));
    lay(before, after, best, was);
    free(best);
    return was;
}

bool arch_align_changed(const struct arch *before, const struct arch *after, const int *was, int i)
{
    const struct arch_node *y = &after->node[i], *x = &before->node[was[i]];
    if (x->inputs != y->inputs || memcmp(x->param, y->param, sizeof x->param) != 0)
        return true;
    for (int k = 0; k < y->inputs; k++)
        if (was[y->input[k]] != x->input[k])
            return true;
    return false;
}
