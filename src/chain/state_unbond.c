/* Stake on its way back to the balance. All of it waits equally long, so what was unstaked first returns first. */
#include "chain/state_private.h"

#include "base/memory.h"

static void mark(struct state *s, const struct unbonding *u)
{
    uint8_t id[8 + sizeof u->who.byte];
    for (int i = 0; i < 8; i++)
        id[i] = (uint8_t)(u->begun.height >> (8 * i));
    memcpy(id + 8, u->who.byte, sizeof u->who.byte);
    state_mark(s, ENTRY_UNBONDING, id, sizeof id);
}

/* The account's newest, or NULL. */
static struct unbonding *newest(const struct state *s, struct address who)
{
    const struct state_account *a = state_account_find(s, who);
    if (!a || a->unbonding == 0 || a->unbonding - 1 < s->unbondings_gone + s->unbonding_first)
        return NULL;
    return &s->unbonding[a->unbonding - 1 - s->unbondings_gone];
}

const struct unbonding *state_unbonding_find(const struct state *s, uint64_t height, struct address who)
{
    const struct unbonding *u = newest(s, who);
    return u && u->begun.height == height ? u : NULL;
}

void state_unbond(struct state *s, struct address who, uint64_t amount)
{
    uint64_t height = s->height + 1;
    struct unbonding *u = newest(s, who);
    if (!u || u->begun.height != height) {
        s->unbonding = memory_grow(s->unbonding, &s->unbonding_capacity, s->unbondings + 1, sizeof *s->unbonding);
        state_write_account(s, who)->unbonding = s->unbondings_gone + s->unbondings + 1;
        u = &s->unbonding[s->unbondings++];
        *u = (struct unbonding){.begun.height = height, .who = who};
    }
    u->amount += amount;
    mark(s, u);
}

/* What was released goes when it is the greater part, so that no block pays for all. */
static void drop_released(struct state *s)
{
    if (2 * s->unbonding_first <= s->unbondings)
        return;
    s->unbondings -= s->unbonding_first;
    s->unbondings_gone += s->unbonding_first;
    memmove(s->unbonding, s->unbonding + s->unbonding_first, s->unbondings * sizeof *s->unbonding);
    s->unbonding_first = 0;
}

void state_release(struct state *s, struct state_moment now)
{
    for (; s->unbonding_first < s->unbondings; s->unbonding_first++) {
        const struct unbonding u = s->unbonding[s->unbonding_first];
        if (!state_moment_passed(u.begun, s->genesis.unbonding_blocks, s->genesis.unbonding_seconds, now))
            break;
        mark(s, &u);
        state_credit(s, u.who, u.amount, POT_STAKES);
    }
    drop_released(s);
}
