/* When the steps of a proposal's life were, and what runs out next. */
#include "action/chain_internal.h"

#include "work/json.h"

static json_t *moment_json(struct state_moment m)
{
    return m.height == 0 ? json_null() : json_pack("{s:I, s:o}", "height", (json_int_t)m.height, "time", json_of_time(m.time_us));
}

static json_t *due_json(const char *what, struct state_moment from, uint32_t blocks, uint32_t seconds)
{
    struct state_moment at = {from.height + blocks, from.time_us + (int64_t)seconds * 1000000};
    json_t *j = moment_json(at);
    json_object_set_new(j, "what", json_string(what));
    return j;
}

/* Windows end with the first block for which both their blocks and their seconds have passed (state_due.c). */
static json_t *next_due(const struct genesis *g, const struct state_proposal *p)
{
    if (p->state == PROPOSAL_ANNOUNCED)
        return due_json("it expires", p->announced, g->expiry_blocks, g->expiry_seconds);
    if (p->state == PROPOSAL_CLAIMED && p->attests > 0)
        return due_json("the commits close", p->claimed, g->commit_blocks, g->commit_seconds);
    if (p->state == PROPOSAL_REVEALING && p->opened.height == 0)
        return due_json("it is refuted if it is not opened", p->committed, g->reveal_blocks, g->reveal_seconds);
    if (p->state == PROPOSAL_REVEALING && !p->verified)
        return due_json("the reveals close", p->opened, g->reveal_blocks, g->reveal_seconds);
    return due_json("it expires", p->claimed, g->expiry_blocks, g->expiry_seconds);
}

void chain_put_life(json_t *proposal, const struct state *s, const struct state_proposal *p)
{
    json_t *due = proposal_closed(p->state) ? json_null() : next_due(state_genesis(s), p);
    json_object_set_new(proposal, "life",
                        json_pack("{s:o, s:o, s:o, s:o, s:o}", "announced", moment_json(p->announced), "claimed",
                                  moment_json(p->claimed), "committed", moment_json(p->committed), "opened",
                                  moment_json(p->opened), "due", due));
}
