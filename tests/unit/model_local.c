#include "tests/unit/model_local.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* --- names -------------------------------------------------------------------------------------------------------- */

struct hash model_id(int value)
{
    struct hash h = {{0}};
    if (value >= 0) {
        h.byte[0] = 'v';
        h.byte[1] = (uint8_t)value;
    }
    return h;
}

int model_value(struct hash id)
{
    return hash_is_zero(id) ? -1 : id.byte[1];
}

static struct key_public voting_of(int seat)
{
    struct key_public k = {{(uint8_t)(seat + 1)}};
    return k;
}

struct rotation model_set(void)
{
    struct rotation r = {.n = MODEL_SEATS};
    for (int i = 0; i < MODEL_SEATS; i++)
        r.seat[i] = (struct rotation_seat){voting_of(i), 1, 0};
    return r;
}

int model_proposer(int round)
{
    static int seat[MODEL_ROUNDS_MAX + 1], known;
    ASSERT(round <= MODEL_ROUNDS_MAX);
    if (known == 0)
        for (struct rotation set = model_set(); known <= MODEL_ROUNDS_MAX; known++)
            seat[known] = rotation_advance(&set);
    return seat[round];
}

int model_fresh(const struct model *m, int round, int nth)
{
    for (int i = 0; i < m->values; i++)
        if (m->made[i] == round && nth-- == 0)
            return i;
    return -1;
}

struct vote model_vote(enum vote_step step, int seat, int round, int valid, int value)
{
    return (struct vote){.step = step,
                         .height = 1,
                         .round = (uint32_t)round,
                         .valid = (uint32_t)valid,
                         .block = model_id(value),
                         .voting = voting_of(seat)};
}

/* --- local states ------------------------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t h)
{
    h ^= h >> 31;
    h *= UINT64_C(0x9e3779b97f4a7c15);
    h ^= h >> 29;
    h *= UINT64_C(0xbf58476d1ce4e5b9);
    return h ^ h >> 32;
}

static uint64_t local_hash(const struct local *s)
{
    const uint8_t *p = (const uint8_t *)s;
    uint64_t h = 1;
    for (size_t i = 0; i < sizeof *s; i++)
        h = mix(h + p[i] + 1);
    return h;
}

static void grow_locals(struct model *m)
{
    size_t slots = m->local_slots ? m->local_slots * 2 : 1024;
    free(m->local_slot);
    m->local_slot = NEW_ARRAY(uint32_t, slots);
    m->local_slots = slots;
    for (uint32_t i = 0; i < m->locals; i++) {
        size_t at = local_hash(&m->local[i]) & (slots - 1);
        while (m->local_slot[at])
            at = (at + 1) & (slots - 1);
        m->local_slot[at] = i + 1;
    }
}

uint32_t model_intern(struct model *m, const struct local *s)
{
    if (m->locals * 2 >= m->local_slots)
        grow_locals(m);
    size_t at = local_hash(s) & (m->local_slots - 1);
    for (; m->local_slot[at]; at = (at + 1) & (m->local_slots - 1))
        if (memcmp(&m->local[m->local_slot[at] - 1], s, sizeof *s) == 0)
            return m->local_slot[at] - 1;
    m->local = memory_grow(m->local, &m->local_capacity, m->locals + 1, sizeof *m->local);
    m->local[m->locals] = *s;
    m->local_slot[at] = (uint32_t)++m->locals;
    return (uint32_t)(m->locals - 1);
}

void model_start(struct model *m, int liar, int rounds)
{
    const struct local first = {.round = 0};
    *m = (struct model){.liar = liar, .rounds = rounds};
    for (int r = 0; r < rounds; r++)
        for (int n = 0; n < (model_proposer(r) == liar ? 2 : 1); n++) {
            ASSERT(m->values < MODEL_VALUES_MAX);
            m->made[m->values] = r;
            m->maker[m->values++] = model_proposer(r);
        }
    ASSERT(model_intern(m, &first) == 0);
}

void model_free(struct model *m)
{
    free(m->local);
    free(m->local_slot);
    free(m->entry);
    free(m->step);
}

/* --- the machine in a state --------------------------------------------------------------------------------------- */

static struct consensus_mark mark_of(struct model_mark m)
{
    return m.next ? (struct consensus_mark){m.next, model_id(m.value)} : (struct consensus_mark){0, {{0}}};
}

static struct model_mark mark_from(const struct consensus_mark *m)
{
    return m->next ? (struct model_mark){(uint8_t)m->next, (uint8_t)model_value(m->id)} : (struct model_mark){0, 0};
}

static void feed(struct consensus *c, enum vote_step step, int seat, int round, unsigned bits)
{
    for (int value = -1; bits >> (value + 1); value++)
        if (bits >> (value + 1) & 1) {
            struct vote v = model_vote(step, seat, round, 0, value);
            consensus_vote(c, &v);
        }
}

static void feed_proposals(struct consensus *c, int seat, int round, unsigned bits)
{
    for (int i = 0; bits >> i; i++)
        if (bits >> i & 1) {
            struct vote v = model_vote(VOTE_PROPOSAL, seat, round, i % 4, i / 4);
            consensus_vote(c, &v);
        }
}

static int own_round(int seat, int rounds)
{
    for (int r = 0; r < rounds; r++)
        if (model_proposer(r) == seat)
            return r;
    return -1;
}

struct consensus *model_machine(const struct model *m, int seat, const struct local *s)
{
    struct consensus_config config = {.height = 1, .set = model_set(), .votes = true, .voting = voting_of(seat)};
    config.flaws = m->flaws;
    if (s->any || s->round > 0) {
        bool here = s->any && s->place_round == s->round;
        config.record.any = true;
        config.record.round = s->round;
        config.record.step = here ? (enum vote_step)s->place_step : VOTE_PROPOSAL;
    }
    config.record.locked = mark_of(s->locked);
    config.record.valid = mark_of(s->valid);
    struct consensus *c = consensus_new(&config);
    for (int r = 0; r < m->rounds; r++) {
        feed(c, VOTE_PREVOTE, seat, r, s->vote[0][r]);
        feed(c, VOTE_PRECOMMIT, seat, r, s->vote[1][r]);
    }
    if (s->proposals)
        feed_proposals(c, seat, own_round(seat, m->rounds), s->proposals);
    return c;
}

static struct guard_state guard_of(const struct local *s)
{
    struct guard_state g = {.any = s->any};
    if (s->any)
        g.last = model_vote((enum vote_step)s->place_step, 0, s->place_round, s->last_valid, s->last - 1);
    g.locked = mark_of(s->locked);
    g.valid = mark_of(s->kept);
    return g;
}

/* What the validator signs, if the guard lets it. */
static bool sign(struct model *m, struct local *s, const struct consensus_action *a, int value, int valid)
{
    struct guard_state g = guard_of(s);
    struct vote v = model_vote(a->step, 0, (int)a->round, valid, value);
    if (!m->no_guard && guard_ask(&g, &v, NULL) == GUARD_NO) {
        m->refusals++;
        return false;
    }
    guard_note(&g, &v, &a->record);
    s->any = 1;
    s->place_round = (uint8_t)a->round;
    s->place_step = (uint8_t)a->step;
    s->last = (uint8_t)(value + 1);
    s->last_valid = (uint8_t)valid;
    s->locked = mark_from(&g.locked);
    s->kept = mark_from(&g.valid);
    s->valid = mark_from(&a->record.valid);
    if (a->step == VOTE_PROPOSAL)
        s->proposals |= (uint32_t)(1u << (value * 4 + valid));
    else
        s->vote[a->step - 1][a->round] |= (uint8_t)(1u << (value + 1));
    return true;
}

bool model_act(struct model *m, const struct local *from, const struct consensus_action *a, struct local *to)
{
    *to = *from;
    if (a->act == CONSENSUS_DECIDE) {
        to->decided = (uint8_t)(model_value(a->id) + 1);
        return true;
    }
    to->round = (uint8_t)a->round;
    int value = a->act == CONSENSUS_PROPOSE && a->valid == 0 ? model_fresh(m, (int)a->round, 0) : model_value(a->id);
    return sign(m, to, a, value, (int)a->valid);
}

/* --- steps -------------------------------------------------------------------------------------------------------- */

struct search {
    struct model *m;
    int seat;
    uint32_t from;
    size_t first; /* steps found so far begin here */
};

static void add(struct search *q, struct local *to, const struct bundle *b)
{
    struct model *m = q->m;
    if (to->round >= m->rounds)
        to->round = (uint8_t)m->rounds;
    uint32_t id = model_intern(m, to);
    if (id == q->from)
        return;
    for (size_t i = q->first; i < m->steps; i++)
        if (m->step[i].to == id)
            return;
    m->step = memory_grow(m->step, &m->step_capacity, m->steps + 1, sizeof *m->step);
    m->step[m->steps++] = (struct model_step){id, *b};
}

/* The first thing that the machine does with what it was handed. A proposal may be left undone. */
static void outcome(struct search *q, struct consensus *c, const struct bundle *b)
{
    struct local from = q->m->local[q->from], to;
    struct consensus_action a;
    struct consensus_view view;
    q->m->runs++;
    while (consensus_next(c, &a)) {
        if (a.act == CONSENSUS_TIMER || a.act == CONSENSUS_EVIDENCE ||
            (a.act != CONSENSUS_DECIDE && (int)a.round >= q->m->rounds))
            continue;
        if (model_act(q->m, &from, &a, &to))
            add(q, &to, b);
        if (a.act != CONSENSUS_PROPOSE)
            return;
    }
    consensus_look(c, &view);
    to = from;
    to.round = (uint8_t)view.round;
    to.valid = mark_from(&view.valid);
    add(q, &to, b);
}

static void give_blocks(const struct model *m, struct consensus *c, int opinion)
{
    for (int i = 0; opinion >= 0 && i < m->values; i++)
        consensus_block(c, model_id(i), (uint32_t)m->made[i], opinion ? CONSENSUS_GOOD : CONSENSUS_DOUBTED);
}

static void try(struct search *q, const struct consensus *base, const struct bundle *b)
{
    struct consensus *c = consensus_copy(base);
    consensus_start(c);
    if (b->proposal >= 0)
        feed_proposals(c, model_proposer(b->proposal_round), b->proposal_round, 1u << (b->proposal * 4 + b->valid));
    give_blocks(q->m, c, b->blocks);
    if (b->timer >= 0)
        consensus_timeout(c, q->m->local[q->from].round, (enum vote_step)b->timer);
    outcome(q, c, b);
    consensus_free(c);
}

/* All proposals that may come: those that an honest one has signed (bits), any of the liar's. */
static void try_proposals(struct search *q, const struct consensus *base, struct bundle b, unsigned bits)
{
    int proposer = model_proposer(b.proposal_round);
    if (proposer == q->seat)
        return;
    if (proposer == q->m->liar)
        bits = (1u << 4 * q->m->values) - 1;
    for (int i = 0; bits >> i; i++) {
        b.proposal = (int8_t)(i / 4);
        b.valid = (int8_t)(i % 4);
        if (!(bits >> i & 1) || b.valid > b.proposal_round)
            continue;
        for (b.blocks = 0; b.blocks <= 1; b.blocks++)
            try(q, base, &b);
    }
}

static void try_view(struct search *q, const struct consensus *machine, struct bundle b, unsigned proposals)
{
    struct consensus *base = consensus_copy(machine);
    for (int seat = 0; b.round >= 0 && seat < MODEL_SEATS; seat++)
        feed(base, (enum vote_step)b.step, seat, b.round, b.votes[seat]);
    b.proposal = b.timer = -1;
    for (b.blocks = -1; b.blocks <= 1; b.blocks++)
        try(q, base, &b);
    b.blocks = -1;
    for (b.timer = b.round < 0 ? VOTE_PROPOSAL : VOTE_PREVOTE; b.timer <= VOTE_PRECOMMIT; b.timer++)
        try(q, base, &b);
    b.timer = -1;
    try_proposals(q, base, b, proposals);
    consensus_free(base);
}

/* Nothing of it, each alone, all of it: returns how many there are. */
static int choices(unsigned bits, uint8_t out[MODEL_VALUES_MAX + 3])
{
    int n = 0;
    out[n++] = 0;
    for (int i = 0; bits >> i; i++)
        if (bits >> i & 1)
            out[n++] = (uint8_t)(1u << i);
    if (bits & (bits - 1))
        out[n++] = (uint8_t)bits;
    return n;
}

struct others {
    int seat[2];
    unsigned votes[2], proposals;
};

static void try_views(struct search *q, const struct consensus *machine, int round, int step, const struct others *o)
{
    struct model *m = q->m;
    uint8_t first[MODEL_VALUES_MAX + 3], second[MODEL_VALUES_MAX + 3], liar[MODEL_VALUES_MAX + 3];
    int a = choices(o->votes[0], first), b = choices(o->votes[1], second);
    int c = choices((2u << m->values) - 1, liar);
    int now = m->local[q->from].round;
    struct bundle view = {.round = (int8_t)round, .step = (int8_t)step};
    view.proposal_round = (int8_t)(round > now ? round : now);
    for (int i = 0; i < a * b * c; i++) {
        view.votes[o->seat[0]] = first[i % a];
        view.votes[o->seat[1]] = second[i / a % b];
        view.votes[m->liar] = liar[i / a / b];
        if (i > 0)
            try_view(q, machine, view, o->proposals);
    }
}

static void try_alone(struct search *q, const struct consensus *machine, unsigned proposals)
{
    struct local s = q->m->local[q->from];
    struct bundle b = {.round = -1, .proposal_round = (int8_t)s.round};
    try_view(q, machine, b, proposals);
    b = (struct bundle){.round = -1, .proposal = -1, .blocks = -1, .timer = -1, .restart = 1};
    if (q->m->no_guard) {
        s.any = s.place_round = s.place_step = s.last = s.last_valid = 0;
        s.locked = s.kept = (struct model_mark){0, 0};
    }
    s.round = s.any ? s.place_round : 0;
    s.valid = s.kept;
    add(q, &s, &b);
}

/* --- remembered by key -------------------------------------------------------------------------------------------- */

static struct model_entry *slot_of(struct model *m, uint64_t key)
{
    size_t at = mix(key) & (m->entry_slots - 1);
    while (m->entry[at].key && m->entry[at].key != key)
        at = (at + 1) & (m->entry_slots - 1);
    return &m->entry[at];
}

static void grow_entries(struct model *m)
{
    struct model_entry *old = m->entry;
    size_t slots = m->entry_slots;
    m->entry_slots = slots ? slots * 2 : 4096;
    m->entry = NEW_ARRAY(struct model_entry, m->entry_slots);
    for (size_t i = 0; i < slots; i++)
        if (old[i].key)
            *slot_of(m, old[i].key) = old[i];
    free(old);
}

/* round -1: without votes. */
static struct model_entry steps_of(struct model *m, int seat, uint32_t from, int round, int step,
                                   const struct others *o)
{
    uint64_t key = (uint64_t)from << 40 | (uint64_t)o->proposals << 20 | o->votes[0] << 14 | o->votes[1] << 8 |
                   (uint64_t)(round + 1) << 5 | (uint64_t)step << 3 | (uint64_t)seat << 1 | 1;
    if (m->entries * 2 >= m->entry_slots)
        grow_entries(m);
    struct model_entry *e = slot_of(m, key);
    if (e->key)
        return *e;
    struct search q = {m, seat, from, m->steps};
    struct consensus *machine = model_machine(m, seat, &m->local[from]);
    if (round < 0)
        try_alone(&q, machine, o->proposals);
    else
        try_views(&q, machine, round, step, o);
    consensus_free(machine);
    *e = (struct model_entry){key, (uint32_t)q.first, (uint32_t)(m->steps - q.first)};
    m->entries++;
    return *e;
}

void model_steps(struct model *m, int seat, const uint32_t state[MODEL_SEATS],
                 void (*take)(void *context, int seat, const struct model_step *step), void *context)
{
    struct local s = m->local[state[seat]];
    struct others o = {.proposals = 0};
    int n = 0;
    if (s.decided || s.round >= m->rounds)
        return;
    for (int i = 0; i < MODEL_SEATS; i++)
        if (i != seat && i != m->liar)
            o.seat[n++] = i;
    for (int round = -1; round < m->rounds; round++)
        for (int step = VOTE_PREVOTE; step <= (round < 0 ? VOTE_PREVOTE : VOTE_PRECOMMIT); step++) {
            int proposer = model_proposer(round > s.round ? round : s.round);
            o.proposals = proposer == seat || proposer == m->liar ? 0 : m->local[state[proposer]].proposals;
            for (int i = 0; i < 2; i++)
                o.votes[i] = round < 0 ? 0 : m->local[state[o.seat[i]]].vote[step - 1][round];
            struct model_entry e = steps_of(m, seat, state[seat], round, step, &o);
            for (uint32_t i = 0; i < e.n; i++) {
                struct model_step found = m->step[e.first + i];
                take(context, seat, &found);
            }
        }
}

/* --- in words ----------------------------------------------------------------------------------------------------- */

static void show_value(struct text *out, int value)
{
    if (value < 0)
        text_put(out, "nil");
    else
        text_printf(out, "%c", 'A' + value);
}

static void show_bits(struct text *out, unsigned bits)
{
    bool first = true;
    for (int i = 0; bits >> i; i++)
        if (bits >> i & 1) {
            text_put(out, first ? "" : "+");
            show_value(out, i - 1);
            first = false;
        }
}

void model_show_bundle(const struct model *m, int seat, const struct bundle *b, struct text *out)
{
    static const char *const timer[] = {"proposal", "prevotes", "precommits"};
    text_printf(out, "validator %d", seat);
    if (b->restart)
        text_put(out, " starts again");
    if (b->proposal >= 0) {
        text_printf(out, ", told %s's proposal in round %d of ",
                    model_proposer(b->proposal_round) == m->liar ? "the liar" : "the proposer", b->proposal_round);
        show_value(out, b->proposal);
        if (b->valid)
            text_printf(out, " (valid in round %d)", b->valid - 1);
    }
    if (b->round >= 0) {
        text_printf(out, ", told %ss of round %d:", vote_step_name((enum vote_step)b->step), b->round);
        for (int i = 0; i < MODEL_SEATS; i++)
            if (b->votes[i]) {
                text_printf(out, i == m->liar ? " liar=" : " %d=", i);
                show_bits(out, b->votes[i]);
            }
    }
    if (b->timer >= 0)
        text_printf(out, ", waits no longer for %s", timer[b->timer]);
}

static void show_votes(const struct local *from, const struct local *to, int step, struct text *out)
{
    for (int r = 0; r < MODEL_ROUNDS_MAX; r++) {
        unsigned now = to->vote[step][r] & ~(unsigned)from->vote[step][r];
        if (now) {
            text_printf(out, "; signs %s of ", step ? "precommit" : "prevote");
            show_bits(out, now);
            text_printf(out, " in round %d", r);
        }
    }
}

void model_show_change(const struct local *from, const struct local *to, struct text *out)
{
    if (to->round != from->round)
        text_printf(out, "; begins round %d", to->round);
    for (int i = 0; i < 4 * MODEL_VALUES_MAX; i++)
        if (to->proposals >> i & 1 && !(from->proposals >> i & 1)) {
            text_put(out, "; proposes ");
            show_value(out, i / 4);
            if (i % 4)
                text_printf(out, " (valid in round %d)", i % 4 - 1);
        }
    show_votes(from, to, 0, out);
    show_votes(from, to, 1, out);
    if (to->locked.next != from->locked.next && to->locked.next) {
        text_put(out, ", locked on ");
        show_value(out, to->locked.value);
    }
    if (to->decided != from->decided) {
        text_put(out, "; DECIDES ");
        show_value(out, to->decided - 1);
    }
}
