#include "chain/consensus.h"

#include "base/memory.h"
#include "chain/consensus_private.h"

#include <string.h>

struct consensus *consensus_new(const struct consensus_config *config)
{
    const struct consensus_record *record = &config->record;
    struct consensus *c = NEW(struct consensus);
    c->config = *config;
    c->me = config->votes ? rotation_find(&config->set, &config->voting) : -1;
    vote_tally_start(&c->votes, &config->set);
    c->votes.half_is_enough = config->flaws.half_is_enough;
    c->turn = config->set;
    c->locked = record->locked;
    c->valid = record->valid;
    if (record->any) {
        c->round = record->round;
        c->step = record->step;
        c->proposed = true;
    }
    return c;
}

void consensus_free(struct consensus *c)
{
    if (!c)
        return;
    vote_tally_free(&c->votes);
    free(c->proposer);
    free(c->block);
    free(c->queue);
    free(c);
}

static void *copy_of(const void *source, size_t n, size_t size)
{
    return n ? memory_copy(source, n * size) : NULL;
}

struct consensus *consensus_copy(const struct consensus *from)
{
    struct consensus *c = memory_copy(from, sizeof *from);
    vote_tally_copy(&c->votes, &from->votes);
    c->proposer = copy_of(from->proposer, from->turns, sizeof *from->proposer);
    c->turn_capacity = from->turns;
    c->block = copy_of(from->block, from->blocks, sizeof *from->block);
    c->block_capacity = from->blocks;
    c->queue = copy_of(from->queue, from->queued, sizeof *from->queue);
    c->queue_capacity = from->queued;
    return c;
}

int consensus_proposer(struct consensus *c, uint32_t round)
{
    while (c->turns <= round) {
        c->proposer = memory_grow(c->proposer, &c->turn_capacity, c->turns + 1, sizeof *c->proposer);
        c->proposer[c->turns++] = (uint8_t)rotation_advance(&c->turn);
    }
    return c->proposer[round];
}

/* --- what comes in ------------------------------------------------------------------------------------------------ */

static void convict(struct consensus *c, int seat, const struct vote *a, const struct vote *b)
{
    struct bytes first = {0}, second = {0};
    if (c->convicted >> seat & 1)
        return;
    c->convicted |= UINT64_C(1) << seat;
    vote_encode(a, &first);
    vote_encode(b, &second);
    bool ordered = memcmp(first.data, second.data, VOTE_BYTES) < 0;
    struct consensus_action *e = consensus_add(c, CONSENSUS_EVIDENCE, a->step, a->round);
    e->a = ordered ? *a : *b;
    e->b = ordered ? *b : *a;
    bytes_free(&first);
    bytes_free(&second);
}

/* A proposal is its proposer's alone, and what it calls valid was so before. */
static bool in_place(struct consensus *c, const struct vote *v, int seat)
{
    if (v->step != VOTE_PROPOSAL)
        return v->valid == 0;
    return seat == consensus_proposer(c, v->round) && v->valid <= v->round && !hash_is_zero(v->block);
}

/* Rounds that nobody honest may be near to: a seat cannot fill the memory with them. */
static bool has_room(struct consensus *c, int seat, uint32_t round)
{
    uint32_t lowest = 0, near = vote_tally_third_reached(&c->votes);
    near = near > c->round + 1 ? near : c->round + 1;
    if (round <= near || vote_tally_has(&c->votes, seat, round) ||
        !vote_tally_crowds(&c->votes, seat, near, CONSENSUS_AHEAD, &lowest))
        return true;
    if (round < lowest)
        return false;
    vote_tally_forget(&c->votes, seat, lowest);
    return true;
}

bool consensus_vote(struct consensus *c, const struct vote *v)
{
    const struct vote *other = NULL;
    int seat = rotation_find(&c->config.set, &v->voting);
    if (seat < 0 || v->height != c->config.height || !hash_equal(v->chain, c->config.chain) ||
        v->round > ROTATION_ROUND_MOST || !in_place(c, v, seat) || !has_room(c, seat, v->round))
        return false;
    bool taken = vote_tally_put(&c->votes, seat, v, &other);
    if (other)
        convict(c, seat, other, v);
    if (taken)
        consensus_apply(c);
    return taken;
}

const struct consensus_block *consensus_find(const struct consensus *c, struct hash id)
{
    for (size_t i = 0; i < c->blocks; i++)
        if (hash_equal(c->block[i].id, id))
            return &c->block[i];
    return NULL;
}

void consensus_block(struct consensus *c, struct hash id, uint32_t made, enum consensus_opinion opinion)
{
    const struct consensus_block *known = consensus_find(c, id);
    if (known && known->opinion >= opinion)
        return;
    size_t at = known ? (size_t)(known - c->block) : c->blocks++;
    c->block = memory_grow(c->block, &c->block_capacity, c->blocks, sizeof *c->block);
    c->block[at] = (struct consensus_block){id, made, opinion};
    consensus_apply(c);
}

void consensus_start(struct consensus *c)
{
    if (c->started)
        return;
    c->started = true;
    if (c->decided) /* by those who began before: there is nothing to time or to propose any more */
        return;
    consensus_resume(c);
    consensus_apply(c);
}

/* --- what comes out ----------------------------------------------------------------------------------------------- */

struct consensus_action *consensus_add(struct consensus *c, enum consensus_act act, enum vote_step step, uint32_t round)
{
    c->queue = memory_grow(c->queue, &c->queue_capacity, c->queued + 1, sizeof *c->queue);
    struct consensus_action *a = &c->queue[c->queued++];
    *a = (struct consensus_action){.act = act, .step = step, .round = round};
    a->record = (struct consensus_record){true, round, step, c->locked, c->valid};
    return a;
}

bool consensus_next(struct consensus *c, struct consensus_action *out)
{
    if (c->taken == c->queued) {
        c->taken = c->queued = 0;
        return false;
    }
    *out = c->queue[c->taken++];
    return true;
}

/* --- looking ------------------------------------------------------------------------------------------------------ */

void consensus_look(struct consensus *c, struct consensus_view *out)
{
    *out = (struct consensus_view){.started = c->started,
                                   .decided = c->decided,
                                   .height = c->config.height,
                                   .round = c->round,
                                   .step = c->step,
                                   .me = c->me,
                                   .proposer = consensus_proposer(c, c->round),
                                   .locked = c->locked,
                                   .valid = c->valid,
                                   .decision = c->decision,
                                   .decision_round = c->decision_round,
                                   .total = c->votes.total};
}

uint64_t consensus_power(const struct consensus *c, uint32_t round, enum vote_step step, const struct hash *id)
{
    return vote_tally_power(&c->votes, round, step, id);
}

bool consensus_is_quorum(const struct consensus *c, uint64_t power)
{
    return vote_tally_is_quorum(&c->votes, power);
}

bool consensus_is_third(const struct consensus *c, uint64_t power)
{
    return vote_tally_is_third(&c->votes, power);
}

const struct vote *consensus_vote_of(const struct consensus *c, uint32_t round, enum vote_step step, int seat, int n)
{
    return vote_tally_vote(&c->votes, round, step, seat, n);
}

uint32_t consensus_reached(const struct consensus *c, int seat)
{
    return seat >= 0 && seat < c->config.set.n ? c->votes.reached[seat] : 0;
}

int consensus_certificate(const struct consensus *c, uint32_t round, struct hash id, struct vote *out)
{
    int n = 0;
    for (int seat = 0; seat < c->config.set.n; seat++) {
        const struct vote *v = NULL;
        for (int i = 0; (v = vote_tally_vote(&c->votes, round, VOTE_PRECOMMIT, seat, i)) && !hash_equal(v->block, id);)
            i++;
        if (v)
            out[n++] = *v;
    }
    return n;
}
