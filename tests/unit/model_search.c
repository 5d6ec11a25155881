#include "tests/unit/model_search.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define LOCAL_BITS 21
#define LOCAL_MASK ((UINT64_C(1) << LOCAL_BITS) - 1)
#define PROGRESS_ROUNDS 8

void model_search_start(struct model_search *s, int liar, int rounds, bool symmetry)
{
    int n = 0;
    *s = (struct model_search){.symmetry = symmetry};
    model_start(&s->m, liar, rounds);
    for (int i = 0; i < MODEL_SEATS; i++)
        if (i != liar)
            s->honest[n++] = i;
    s->twins = true;
    for (int r = 0; r < rounds; r++)
        if (model_proposer(r) == s->honest[1] || model_proposer(r) == s->honest[2])
            s->twins = false;
    s->pair[0] = -1;
    for (int r = 0; r < rounds; r++)
        if (model_proposer(r) == liar) {
            s->pair[0] = model_fresh(&s->m, r, 0);
            s->pair[1] = model_fresh(&s->m, r, 1);
        }
    s->slots = 1 << 16;
    s->slot = NEW_ARRAY(uint32_t, s->slots);
}

void model_search_free(struct model_search *s)
{
    model_free(&s->m);
    free(s->renamed);
    free(s->state);
    free(s->parent);
    free(s->slot);
}

/* --- equal forms -------------------------------------------------------------------------------------------------- */

static uint8_t other_name(const struct model_search *s, uint8_t value)
{
    return value == s->pair[0] ? (uint8_t)s->pair[1] : value == s->pair[1] ? (uint8_t)s->pair[0] : value;
}

/* Of bits where value v takes `width` from `first` + v * width on. */
static uint32_t rename_bits(const struct model_search *s, uint32_t bits, int first, int width)
{
    uint32_t mask = (1u << width) - 1, out = bits;
    int a = first + s->pair[0] * width, b = first + s->pair[1] * width;
    out &= ~(mask << a | mask << b);
    return out | (bits >> a & mask) << b | (bits >> b & mask) << a;
}

static void rename_mark(const struct model_search *s, struct model_mark *m)
{
    if (m->next)
        m->value = other_name(s, m->value);
}

static uint32_t rename_local(struct model_search *s, uint32_t id)
{
    if (id >= s->renamed_n) {
        size_t n = s->m.local_capacity > id ? s->m.local_capacity : id + 1;
        s->renamed = memory_resize(s->renamed, n, sizeof *s->renamed);
        memset(s->renamed + s->renamed_n, 0, (n - s->renamed_n) * sizeof *s->renamed);
        s->renamed_n = n;
    }
    if (s->renamed[id])
        return s->renamed[id] - 1;
    struct local l = s->m.local[id];
    rename_mark(s, &l.locked);
    rename_mark(s, &l.valid);
    rename_mark(s, &l.kept);
    if (l.any && l.last)
        l.last = (uint8_t)(other_name(s, (uint8_t)(l.last - 1)) + 1);
    if (l.decided)
        l.decided = (uint8_t)(other_name(s, (uint8_t)(l.decided - 1)) + 1);
    for (int step = 0; step < 2; step++)
        for (int r = 0; r < MODEL_ROUNDS_MAX; r++)
            l.vote[step][r] = (uint8_t)rename_bits(s, l.vote[step][r], 1, 1);
    l.proposals = rename_bits(s, l.proposals, 0, 4);
    uint32_t to = model_intern(&s->m, &l);
    s->renamed[id] = to + 1;
    return to;
}

static uint64_t pack(const struct model_search *s, uint32_t a, uint32_t b, uint32_t c)
{
    if (s->symmetry && s->twins && b > c) {
        uint32_t t = b;
        b = c;
        c = t;
    }
    return (uint64_t)a << 2 * LOCAL_BITS | (uint64_t)b << LOCAL_BITS | c;
}

static uint64_t canonical(struct model_search *s, const uint32_t state[MODEL_SEATS])
{
    uint32_t a = state[s->honest[0]], b = state[s->honest[1]], c = state[s->honest[2]];
    ASSERT(s->m.locals <= LOCAL_MASK);
    uint64_t plain = pack(s, a, b, c);
    if (!s->symmetry || s->pair[0] < 0)
        return plain;
    uint64_t renamed = pack(s, rename_local(s, a), rename_local(s, b), rename_local(s, c));
    return plain < renamed ? plain : renamed;
}

static void unpack(const struct model_search *s, uint64_t packed, uint32_t state[MODEL_SEATS])
{
    memset(state, 0, MODEL_SEATS * sizeof *state);
    for (int i = 2; i >= 0; i--, packed >>= LOCAL_BITS)
        state[s->honest[i]] = (uint32_t)(packed & LOCAL_MASK);
}

void model_search_state(const struct model_search *s, size_t at, uint32_t state[MODEL_SEATS])
{
    unpack(s, s->state[at], state);
}

/* --- the set of states -------------------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t h)
{
    h ^= h >> 33;
    h *= UINT64_C(0xff51afd7ed558ccd);
    h ^= h >> 33;
    h *= UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ h >> 33;
}

static size_t slot_of(const struct model_search *s, uint64_t packed)
{
    size_t at = mix(packed) & (s->slots - 1);
    while (s->slot[at] && s->state[s->slot[at] - 1] != packed)
        at = (at + 1) & (s->slots - 1);
    return at;
}

static void grow_slots(struct model_search *s)
{
    free(s->slot);
    s->slots *= 2;
    s->slot = NEW_ARRAY(uint32_t, s->slots);
    for (uint32_t i = 0; i < s->states; i++)
        s->slot[slot_of(s, s->state[i])] = i + 1;
}

static void put_state(struct model_search *s, uint64_t packed, uint32_t parent)
{
    size_t at = slot_of(s, packed);
    if (s->slot[at])
        return;
    if (s->states == s->capacity) {
        s->capacity = s->capacity ? s->capacity * 2 : 1 << 16;
        s->state = memory_resize(s->state, s->capacity, sizeof *s->state);
        s->parent = memory_resize(s->parent, s->capacity, sizeof *s->parent);
    }
    s->state[s->states] = packed;
    s->parent[s->states] = parent;
    s->slot[at] = (uint32_t)++s->states;
    if (s->states * 2 > s->slots)
        grow_slots(s);
}

bool model_search_has(struct model_search *s, const uint32_t state[MODEL_SEATS])
{
    return s->slot[slot_of(s, canonical(s, state))] != 0;
}

/* --- going on ----------------------------------------------------------------------------------------------------- */

struct going {
    struct model_search *s;
    uint32_t state[MODEL_SEATS], from;
};

static void take(void *context, int seat, const struct model_step *step)
{
    struct going *g = context;
    uint32_t was = g->state[seat];
    g->s->steps++;
    g->state[seat] = step->to;
    put_state(g->s, canonical(g->s, g->state), g->from);
    g->state[seat] = was;
}

int64_t model_search_run(struct model_search *s, bool (*bad)(struct model_search *s, const uint32_t state[MODEL_SEATS]))
{
    struct going g = {.s = s};
    put_state(s, canonical(s, g.state), 0);
    for (size_t at = 0; at < s->states && (s->limit == 0 || at < s->limit); at++) {
        model_search_state(s, at, g.state);
        if (bad(s, g.state))
            return (int64_t)at;
        g.from = (uint32_t)at;
        for (int i = 0; i < 3; i++)
            model_steps(&s->m, s->honest[i], g.state, take, &g);
        s->exhausted = at + 1 == s->states;
    }
    return -1;
}

/* --- safety ------------------------------------------------------------------------------------------------------- */

bool model_two_certificates(struct model_search *s, const uint32_t state[MODEL_SEATS])
{
    unsigned certified = 0; /* values */
    for (int r = 0; r < s->m.rounds; r++)
        for (int v = 0; v < s->m.values; v++) {
            int signers = 1; /* the liar signs everything */
            for (int i = 0; i < 3; i++)
                signers += s->m.local[state[s->honest[i]]].vote[1][r] >> (v + 1) & 1;
            if (3 * signers > 2 * MODEL_SEATS)
                certified |= 1u << v;
        }
    for (int i = 0; i < 3; i++) {
        uint8_t decided = s->m.local[state[s->honest[i]]].decided;
        certified |= decided ? 1u << (decided - 1) : 0;
    }
    return (certified & (certified - 1)) != 0;
}

/* --- progress ----------------------------------------------------------------------------------------------------- */

struct party {
    int seat;
    struct consensus *c;
    bool timer[3];
    uint32_t timer_round[3];
    bool decided;
    struct hash decision;
};
struct fair {
    const struct model *m;
    struct party party[3];
};

static void tell_all(struct fair *f, const struct vote *v)
{
    for (int i = 0; i < 3; i++)
        consensus_vote(f->party[i].c, v);
}

/* Values of this run's own: behind those of the model. */
static void act(struct fair *f, struct party *p, const struct consensus_action *a)
{
    struct vote v = {.valid = 0};
    if (a->act == CONSENSUS_TIMER) {
        p->timer[a->step] = true;
        p->timer_round[a->step] = a->round;
    } else if (a->act == CONSENSUS_DECIDE) {
        p->decided = true;
        p->decision = a->id;
    } else if (a->act == CONSENSUS_SIGN) {
        v = model_vote(a->step, p->seat, (int)a->round, 0, model_value(a->id));
        tell_all(f, &v);
    } else if (a->act == CONSENSUS_PROPOSE) {
        int value = a->valid ? model_value(a->id) : 100 + (int)a->round;
        v = model_vote(VOTE_PROPOSAL, p->seat, (int)a->round, (int)a->valid, value);
        tell_all(f, &v);
        for (int i = 0; i < 3 && a->valid == 0; i++)
            consensus_block(f->party[i].c, v.block, a->round, CONSENSUS_GOOD);
    }
}

static void settle(struct fair *f)
{
    struct consensus_action a;
    for (bool moved = true; moved;) {
        moved = false;
        for (int i = 0; i < 3; i++)
            while (consensus_next(f->party[i].c, &a)) {
                act(f, &f->party[i], &a);
                moved = true;
            }
    }
}

static void tell_bits(struct fair *f, enum vote_step step, int seat, int round, unsigned bits)
{
    for (int value = -1; bits >> (value + 1); value++)
        if (bits >> (value + 1) & 1) {
            struct vote v = model_vote(step, seat, round, 0, value);
            tell_all(f, &v);
        }
}

/* What one honest party has, all get: its votes, the blocks, and the liar's votes without which it could not have
 * come to hold a block valid or final, or have left a round. */
static void tell_what_is_there(struct fair *f, const uint32_t state[MODEL_SEATS])
{
    const struct model *m = f->m;
    for (int i = 0; i < 3; i++)
        for (int v = 0; v < m->values; v++)
            consensus_block(f->party[i].c, model_id(v), (uint32_t)m->made[v], CONSENSUS_GOOD);
    for (int i = 0; i < 3; i++) {
        int seat = f->party[i].seat;
        const struct local *l = &m->local[state[seat]];
        for (int r = 0; r < m->rounds; r++) {
            tell_bits(f, VOTE_PREVOTE, seat, r, l->vote[0][r]);
            tell_bits(f, VOTE_PRECOMMIT, seat, r, l->vote[1][r]);
        }
        for (int b = 0; l->proposals >> b; b++)
            if (l->proposals >> b & 1) {
                struct vote v = model_vote(VOTE_PROPOSAL, seat, m->made[model_fresh(m, 0, 0)], b % 4, b / 4);
                for (int r = 0; r < m->rounds; r++)
                    if (model_proposer(r) == seat)
                        v.round = (uint32_t)r;
                tell_all(f, &v);
            }
        if (l->valid.next)
            tell_bits(f, VOTE_PREVOTE, m->liar, l->valid.next - 1, MODEL_BIT(l->valid.value));
        if (l->locked.next)
            tell_bits(f, VOTE_PREVOTE, m->liar, l->locked.next - 1, MODEL_BIT(l->locked.value));
        for (int r = 0; r < l->round; r++)
            tell_bits(f, VOTE_PRECOMMIT, m->liar, r, MODEL_NIL);
        for (int r = 0; l->decided && r < m->rounds; r++)
            tell_bits(f, VOTE_PRECOMMIT, m->liar, r, MODEL_BIT(l->decided - 1));
    }
}

/* All timers that were asked for end; those of rounds that are over do nothing. */
static void end_timers(struct fair *f)
{
    for (int i = 0; i < 3; i++) {
        struct party *p = &f->party[i];
        bool timer[3];
        uint32_t round[3];
        memcpy(timer, p->timer, sizeof timer);
        memcpy(round, p->timer_round, sizeof round);
        memset(p->timer, 0, sizeof p->timer);
        for (int step = 0; step < 3; step++)
            if (timer[step])
                consensus_timeout(p->c, round[step], (enum vote_step)step);
    }
}

static bool all_agree(const struct fair *f)
{
    for (int i = 0; i < 3; i++)
        if (!f->party[i].decided || !hash_equal(f->party[i].decision, f->party[0].decision))
            return false;
    return true;
}

bool model_stuck(struct model_search *s, const uint32_t state[MODEL_SEATS])
{
    struct fair f = {.m = &s->m};
    bool good = false;
    for (int i = 0; i < 3; i++) {
        f.party[i].seat = s->honest[i];
        f.party[i].c = model_machine(&s->m, s->honest[i], &s->m.local[state[s->honest[i]]]);
    }
    tell_what_is_there(&f, state);
    for (int i = 0; i < 3; i++)
        consensus_start(f.party[i].c);
    for (int turn = 0; turn < 4 * PROGRESS_ROUNDS && !good; turn++) {
        settle(&f);
        good = all_agree(&f);
        end_timers(&f);
    }
    for (int i = 0; i < 3; i++)
        consensus_free(f.party[i].c);
    return !good;
}

/* --- showing a run ------------------------------------------------------------------------------------------------ */

struct finding {
    struct model_search *s;
    uint32_t state[MODEL_SEATS];
    uint64_t wanted;
    bool found;
    int seat;
    struct model_step step;
};

static void find(void *context, int seat, const struct model_step *step)
{
    struct finding *f = context;
    uint32_t was = f->state[seat];
    f->state[seat] = step->to;
    if (!f->found && canonical(f->s, f->state) == f->wanted) {
        f->found = true;
        f->seat = seat;
        f->step = *step;
    }
    f->state[seat] = was;
}

static void show_step(struct model_search *s, uint64_t from, uint64_t to, struct text *out)
{
    struct finding f = {.s = s, .wanted = to};
    unpack(s, from, f.state);
    for (int i = 0; i < 3; i++)
        model_steps(&s->m, s->honest[i], f.state, find, &f);
    ASSERT(f.found);
    text_put(out, "  ");
    model_show_bundle(&s->m, f.seat, &f.step.bundle, out);
    model_show_change(&s->m.local[f.state[f.seat]], &s->m.local[f.step.to], out);
    text_put(out, "\n");
}

void model_search_show(struct model_search *s, size_t at, struct text *out)
{
    size_t path[200], n = 0;
    for (; at && n < ARRAY_N(path); at = s->parent[at])
        path[n++] = at;
    ASSERT(!s->symmetry && n < ARRAY_N(path)); /* with symmetry the names would change on the way */
    while (n-- > 0)
        show_step(s, s->state[s->parent[path[n]]], s->state[path[n]], out);
}
