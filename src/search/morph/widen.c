/* Widen: new units behind the old ones, with random incoming and zero outgoing weights. Old units read zero from new
 * ones, so every old value keeps its bits; the outgoing weights move in the first step, the incoming in the second.
 * What meets in a sum is widened together.
 *
 * A normalisation by the root mean square with its stored divisor keeps its bits only where new channels are zero:
 * there the incoming weights are zero and the outgoing ones random. */
#include "search/morph/width.h"

#include "base/memory.h"

static bool widen_applicable(const struct arch *a, int node, char *reason, size_t size)
{
    bool silent;
    return width_may_change(a, node, &silent, reason, size);
}

static bool widen_edit(struct morph_edit *e, int node, const int *setting, struct error *err)
{
    const struct arch *a = e->before;
    char reason[160];
    if (!width_may_change(a, node, &e->silent, reason, sizeof reason))
        return error_set(err, ERROR_USAGE, "%s cannot be widened: %s", a->node[node].name, reason);
    int width = a->shape[node].channels, half = width / 2 > 0 ? width / 2 : 1;
    return width_set(e, node, (int64_t)width + (setting[0] > 0 ? setting[0] : half), err);
}

static int widen_menu(const struct arch *a, int node, int out[MORPH_MENU_MAX][MORPH_SETTINGS_MAX])
{
    int width = a->shape[node].channels, used = 0;
    for (int quarters = 1; quarters <= 4; quarters *= 2) {
        int by = width * quarters / 4 > 0 ? width * quarters / 4 : 1;
        if (used == 0 || out[used - 1][0] != by)
            out[used++][0] = by;
    }
    return used;
}

const struct morph_kind morph_widen = {
    .name = "widen",
    .about = "adds units behind the old ones; what comes in is random, what goes out starts at zero",
    .why = "What reads the new units has weights of +0 for them, at the end of its sums. Each step of such a sum is "
           "fma(0, x, s) = s for every finite x, so each sum comes out with the same bits. The weights into the new "
           "units are random, so they can learn at once: the gradient of the zero weights is not zero. "
           "Where a norm reads them, it is the other way round: they start at zero, which adds nothing to its sum of "
           "squares, and are read with random weights.",
    .setting = {{"by", "units to add; 0: half of what there is", 0, 65536, 0, NULL}},
    .settings = 1,
    .applicable = widen_applicable,
    .edit = widen_edit,
    .menu = widen_menu,
};
