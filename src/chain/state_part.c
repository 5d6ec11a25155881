#include "chain/state_part.h"

extern const struct state_part state_part_challenge, state_part_market, state_part_job, state_part_tournament,
    state_part_rotation;

/* The order of the steps at a block's end. Rotation is last: it takes the stakes as all the others leave them. */
const struct state_part *const state_parts[] = {
    &state_part_challenge,
    &state_part_market,
    &state_part_job,
    &state_part_tournament,
    &state_part_rotation,
    NULL,
};

void state_parts_copy(struct state *to, const struct state *from)
{
    for (size_t i = 0; state_parts[i]; i++)
        if (state_parts[i]->copy)
            state_parts[i]->copy(to, from);
}

void state_parts_free(struct state *s)
{
    for (size_t i = 0; state_parts[i]; i++)
        if (state_parts[i]->free)
            state_parts[i]->free(s);
}

static const struct state_part *part_of(enum entry_type type)
{
    for (size_t i = 0; state_parts[i]; i++)
        if (type >= state_parts[i]->first && type <= state_parts[i]->last)
            return state_parts[i];
    return NULL;
}

bool state_parts_put(const struct state *s, enum entry_type type, struct hash id, struct bytes *out)
{
    const struct state_part *part = part_of(type);
    ASSERT(part); /* whoever marks an entry has a family */
    return part->put(s, type, id, out);
}

void state_parts_pass(struct state *s, struct pass *p)
{
    for (size_t i = 0; state_parts[i]; i++)
        if (state_parts[i]->pass)
            state_parts[i]->pass(s, p);
}

bool state_parts_ready(struct state *s)
{
    bool good = true;
    for (size_t i = 0; good && state_parts[i]; i++)
        if (state_parts[i]->ready)
            good = state_parts[i]->ready(s);
    return good;
}

bool state_parts_begin_end(struct state *s, struct state_moment now, struct error *err)
{
    bool good = true;
    for (size_t i = 0; good && state_parts[i]; i++)
        if (state_parts[i]->begin_end)
            good = state_parts[i]->begin_end(s, now, err);
    return good;
}

bool state_parts_end_block(struct state *s, struct state_moment now, struct error *err)
{
    bool good = true;
    for (size_t i = 0; good && state_parts[i]; i++)
        if (state_parts[i]->end_block)
            good = state_parts[i]->end_block(s, now, err);
    return good;
}

void state_parts_audit(const struct state *s, struct state_totals *t)
{
    for (size_t i = 0; state_parts[i]; i++)
        if (state_parts[i]->audit)
            state_parts[i]->audit(s, t);
}
