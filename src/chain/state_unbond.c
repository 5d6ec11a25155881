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

/* The first from this height on. */
static size_t first_from(const struct state *s, uint64_t height)
{
    size_t low = s->unbonding_first, high = s->unbondings;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->unbonding[middle].begun.height < height)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct unbonding *state_unbonding_find(const struct state *s, uint64_t height, struct address who)
{
    const struct unbonding *u = newest(s, who);
    if (u && u->begun.height == height)
        return u;
    for (size_t i = first_from(s, height); u && i < s->unbondings && s->unbonding[i].begun.height == height; i++)
        if (address_equal(s->unbonding[i].who, who))
            return &s->unbonding[i];
    return NULL;
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

uint64_t state_cut_unbonding(struct state *s, struct address who, uint64_t from_height, uint32_t ppm)
{
    uint64_t lost = 0;
    for (size_t i = first_from(s, from_height); i < s->unbondings; i++) {
        struct unbonding *u = &s->unbonding[i];
        if (!address_equal(u->who, who))
            continue;
        uint64_t cut = u->amount * ppm / TX_PPM;
        u->amount -= cut;
        lost += cut;
        mark(s, u);
    }
    return lost;
}
