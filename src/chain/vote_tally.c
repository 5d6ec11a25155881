#include "chain/vote_tally.h"

#include "base/memory.h"

#include <string.h>

void vote_tally_start(struct vote_tally *t, const struct rotation *set)
{
    *t = (struct vote_tally){.set = *set, .total = rotation_power(set)};
}

void vote_tally_free(struct vote_tally *t)
{
    for (size_t i = 0; i < t->rounds; i++)
        free(t->round[i].vote);
    free(t->round);
    t->round = NULL;
    t->rounds = t->capacity = 0;
}

void vote_tally_copy(struct vote_tally *to, const struct vote_tally *from)
{
    *to = *from;
    to->capacity = from->rounds;
    to->round = from->rounds ? memory_copy(from->round, from->rounds * sizeof *from->round) : NULL;
    for (size_t i = 0; i < to->rounds; i++) {
        struct vote_tally_round *r = &to->round[i];
        r->capacity = r->n;
        r->vote = r->n ? memory_copy(r->vote, r->n * sizeof *r->vote) : NULL;
    }
}

/* Powers add up to at most 2^42. */
bool vote_tally_is_quorum(const struct vote_tally *t, uint64_t power)
{
    return t->half_is_enough ? 2 * power >= t->total : 3 * power > 2 * t->total;
}

bool vote_tally_is_third(const struct vote_tally *t, uint64_t power)
{
    return 3 * power > t->total;
}

/* Where it is, or where it belongs. */
static size_t place_of(const struct vote_tally *t, uint32_t round)
{
    size_t low = 0, high = t->rounds;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->round[middle].round < round)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct vote_tally_round *vote_tally_at(const struct vote_tally *t, uint32_t round)
{
    size_t at = place_of(t, round);
    return at < t->rounds && t->round[at].round == round ? &t->round[at] : NULL;
}

static struct vote_tally_round *round_of(struct vote_tally *t, uint32_t round)
{
    size_t at = place_of(t, round);
    if (at < t->rounds && t->round[at].round == round)
        return &t->round[at];
    t->round = memory_grow(t->round, &t->capacity, t->rounds + 1, sizeof *t->round);
    memmove(t->round + at + 1, t->round + at, (t->rounds - at) * sizeof *t->round);
    t->round[at] = (struct vote_tally_round){.round = round};
    t->rounds++;
    return &t->round[at];
}

static bool is_for(const struct vote_tally_vote *v, enum vote_step step, const struct hash *id)
{
    return v->vote.step == step && (!id || hash_equal(v->vote.block, *id));
}

/* Of a seat, and counted only once however often it votes there. */
static uint64_t power_in(const struct vote_tally *t, const struct vote_tally_round *r, enum vote_step step, const struct hash *id)
{
    uint64_t seats = 0, power = 0;
    for (size_t i = 0; r && i < r->n; i++)
        if (is_for(&r->vote[i], step, id) && !(seats >> r->vote[i].seat & 1)) {
            seats |= UINT64_C(1) << r->vote[i].seat;
            power += t->set.seat[r->vote[i].seat].power;
        }
    return power;
}

static void count_anew(const struct vote_tally *t, struct vote_tally_round *r, enum vote_step step, const struct hash *id)
{
    r->any[step] = power_in(t, r, step, NULL);
    if (!r->quorum[step] && id && vote_tally_is_quorum(t, power_in(t, r, step, id))) {
        r->quorum[step] = true;
        r->id[step] = *id;
    }
}

/* Those of the seat there: how many, one that conflicts with v, and whether v itself is among them. */
static size_t seen(const struct vote_tally_round *r, int seat, const struct vote *v, const struct vote **other, bool *known)
{
    size_t n = 0;
    for (size_t i = 0; r && i < r->n; i++) {
        const struct vote_tally_vote *t = &r->vote[i];
        if (t->seat != seat || t->vote.step != v->step)
            continue;
        n++;
        if (vote_conflict(&t->vote, v))
            *other = &t->vote;
        else
            *known = true;
    }
    return n;
}

bool vote_tally_put(struct vote_tally *t, int seat, const struct vote *v, const struct vote **other)
{
    const struct vote_tally_round *there = vote_tally_at(t, v->round);
    bool known = false;
    *other = NULL;
    ASSERT(seat >= 0 && seat < t->set.n);
    size_t n = seen(there, seat, v, other, &known);
    if (known || (n >= TALLY_KEPT && !vote_tally_is_third(t, power_in(t, there, v->step, &v->block))))
        return false;
    struct vote_tally_round *r = round_of(t, v->round);
    r->vote = memory_grow(r->vote, &r->capacity, r->n + 1, sizeof *r->vote);
    r->vote[r->n++] = (struct vote_tally_vote){seat, *v};
    count_anew(t, r, v->step, &v->block);
    if (t->reached[seat] <= v->round)
        t->reached[seat] = v->round + 1;
    bool known_again = false;
    seen(r, seat, v, other, &known_again); /* memory may have moved */
    return true;
}

uint32_t vote_tally_third_reached(const struct vote_tally *t)
{
    uint32_t best = 0;
    for (int i = 0; i < t->set.n; i++) {
        uint64_t power = 0;
        for (int k = 0; t->reached[i] > best && k < t->set.n; k++)
            power += t->reached[k] >= t->reached[i] ? t->set.seat[k].power : 0;
        if (vote_tally_is_third(t, power))
            best = t->reached[i];
    }
    return best;
}

static bool votes_in(const struct vote_tally_round *r, int seat)
{
    for (size_t i = 0; r && i < r->n; i++)
        if (r->vote[i].seat == seat)
            return true;
    return false;
}

bool vote_tally_has(const struct vote_tally *t, int seat, uint32_t round)
{
    return votes_in(vote_tally_at(t, round), seat);
}

bool vote_tally_crowds(const struct vote_tally *t, int seat, uint32_t round, size_t most, uint32_t *lowest)
{
    size_t n = 0;
    for (size_t at = t->rounds; at-- > 0 && t->round[at].round > round;)
        if (votes_in(&t->round[at], seat)) {
            n++;
            *lowest = t->round[at].round;
        }
    return n >= most;
}

void vote_tally_forget(struct vote_tally *t, int seat, uint32_t round)
{
    struct vote_tally_round *r = round_of(t, round);
    size_t kept = 0;
    for (size_t i = 0; i < r->n; i++)
        if (r->vote[i].seat != seat)
            r->vote[kept++] = r->vote[i];
    r->n = kept;
    for (int step = 0; step < TALLY_STEPS; step++)
        count_anew(t, r, (enum vote_step)step, NULL);
}

uint64_t vote_tally_power(const struct vote_tally *t, uint32_t round, enum vote_step step, const struct hash *id)
{
    return power_in(t, vote_tally_at(t, round), step, id);
}

bool vote_tally_has_quorum(const struct vote_tally *t, uint32_t round, enum vote_step step, struct hash id)
{
    const struct vote_tally_round *r = vote_tally_at(t, round);
    return r && r->quorum[step] && hash_equal(r->id[step], id);
}

const struct vote *vote_tally_vote(const struct vote_tally *t, uint32_t round, enum vote_step step, int seat, int n)
{
    const struct vote_tally_round *r = vote_tally_at(t, round);
    for (size_t i = 0; r && i < r->n; i++)
        if (r->vote[i].seat == seat && r->vote[i].vote.step == step && n-- == 0)
            return &r->vote[i].vote;
    return NULL;
}
