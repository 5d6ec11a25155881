/* What waits for blocks alone. A deadline needs blocks and time: while its time has not come, no block hurries it, so none
 * needs to be made; from then on each one brings it nearer. In each list what began first falls due first. */
#include "chain/state_part.h"

static bool list_waits(const struct state *s, enum due_list list, struct state_moment now)
{
    const struct genesis *g = &s->genesis;
    uint32_t seconds = list == DUE_ANNOUNCED || list == DUE_CLAIMED ? g->expiry_seconds
                       : list == DUE_COMMIT                         ? g->commit_seconds
                                                                    : g->reveal_seconds;
    if (!s->due[list].first)
        return false;
    struct state_moment from = state_due_begun(&s->proposal[s->due[list].first - 1], list);
    return state_moment_passed(from, 0, seconds, now);
}

bool state_waits(const struct state *s, struct state_moment now)
{
    if (s->earnings > 0)
        return true;
    if (s->unbonding_first < s->unbondings &&
        state_moment_passed(s->unbonding[s->unbonding_first].begun, 0, s->genesis.unbonding_seconds, now))
        return true;
    for (int list = 0; list < DUE_LISTS; list++)
        if (list_waits(s, (enum due_list)list, now))
            return true;
    for (size_t i = 0; state_parts[i]; i++)
        if (state_parts[i]->waits && state_parts[i]->waits(s, now))
            return true;
    return false;
}
