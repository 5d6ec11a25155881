/* The consensus machine of the next height, fed from the pool and driven. */
#include "work/follow_internal.h"

#include "base/clock.h"
#include "base/memory.h"
#include "work/json.h"

#include <math.h>

#define AGAIN_SECONDS 5.0 /* until what was doubted is looked at again */
#define CLOCK_US ((int64_t)FOLLOW_CLOCK_SECONDS * CLOCK_SECOND_US)

static struct hash nil(void)
{
    return (struct hash){{0}};
}

static void say_block(struct hash id, char out[16])
{
    if (hash_is_zero(id))
        snprintf(out, 16, "none");
    else
        hash_short(id, out);
}

/* --- the height ------------------------------------------------------------------------------------------------------ */

void follow_forget(struct follow *f)
{
    consensus_free(f->machine);
    f->machine = NULL;
    f->blocks_n = 0;
    f->deciding = false;
    f->timers = 0;
}

static bool wanted(void *context, const struct vote *v)
{
    struct follow *f = context;
    return f->machine && consensus_vote(f->machine, v);
}

/* What the machine does not count of what lay in our folder goes. */
static void feed_pool(struct follow *f)
{
    for (size_t i = f->pool.n; i > 0; i--) {
        struct message *m = &f->pool.message[i - 1];
        if (!m->fed && !consensus_vote(f->machine, &m->vote))
            message_pool_drop(&f->pool, i - 1);
        else
            m->fed = true;
    }
}

static bool votes_now(const struct follow *f)
{
    const struct rotation *set = state_rotation(ledger_state(f->ledger));
    return f->guard && guard_votes(f->guard, f->pool.height) &&
           rotation_find(set, key_public_of(f->o->voting)) >= 0;
}

static void start_machine(struct follow *f)
{
    struct consensus_config *c = NEW(struct consensus_config);
    c->chain = f->chain;
    c->height = f->pool.height;
    c->set = f->pool.set;
    c->votes = votes_now(f);
    if (f->o->voting)
        c->voting = *key_public_of(f->o->voting);
    if (c->votes)
        guard_record(f->guard, f->pool.height, &c->record);
    consensus_free(f->machine);
    f->machine = consensus_new(c);
    for (size_t i = 0; i < f->pool.n; i++)
        f->pool.message[i].fed = false;
    free(c);
    feed_pool(f);
}

bool follow_height(struct follow *f, struct error *err)
{
    uint64_t next = ledger_height(f->ledger) + 1;
    if (f->machine && f->pool.height == next)
        return true;
    follow_forget(f);
    f->pool.wanted = NULL;
    f->pool.over = follow_past;
    f->past_left = FOLLOW_PAST_MOST;
    f->pool.context = f;
    if (f->pool.height != next &&
        !message_pool_start(&f->pool, f->o->chain, f->chain, next, state_rotation(ledger_state(f->ledger)), err))
        return false;
    f->pool.wanted = wanted;
    f->epoch++;
    follow_timers_load(f);
    start_machine(f);
    return true;
}

/* --- does anything wait? ---------------------------------------------------------------------------------------------- */

static bool is_witnessed(const struct follow *f, const struct tx *tx)
{
    return !f->o->witness || f->o->witness->check(f->o->witness->context, ledger_state(f->ledger), tx, NULL);
}

/* Something that a block would hold. What no witness bears out now may be borne out later: it is asked again now and then,
 * for that may take long. */
static bool pool_waits(struct follow *f)
{
    const struct tx *tx;
    int n = ledger_pool(f->ledger, &tx);
    bool asks = clock_boot_seconds() - f->witness_asked >= AGAIN_SECONDS || f->witness_asked_of != n;
    for (int i = 0; i < n; i++)
        if (!tx_witnessed(tx[i].type))
            return true;
    if (!asks)
        return false;
    for (int i = 0; i < n; i++)
        if (is_witnessed(f, &tx[i]))
            return true;
    f->witness_asked = clock_boot_seconds();
    f->witness_asked_of = n;
    return false;
}

static int64_t tip_time(const struct follow *f)
{
    return ledger_time(f->ledger);
}

/* The next block's least time has come by our clock; if the head is far ahead of it, our clock is wrong. */
static bool is_time(const struct follow *f)
{
    int64_t least = tip_time(f) + (int64_t)ledger_genesis(f->ledger)->min_block_seconds * CLOCK_SECOND_US;
    int64_t now = clock_wall_us();
    return now >= least || tip_time(f) > now + CLOCK_US;
}

static bool something_waits(struct follow *f)
{
    int64_t now = clock_wall_us();
    struct consensus_record mine = {.any = false};
    if (f->guard)
        guard_record(f->guard, f->pool.height, &mine);
    if (f->pool.n > 0 || mine.any)
        return true;
    if (!is_time(f))
        return false;
    if (pool_waits(f))
        return true;
    struct state_moment next = {.height = f->pool.height, .time_us = now > tip_time(f) ? now : tip_time(f)};
    return (double)(now - tip_time(f)) / 1e6 >= f->o->idle && state_waits(ledger_state(f->ledger), next);
}

/* --- proposed blocks --------------------------------------------------------------------------------------------------- */

struct doubting {
    const struct ledger_witness *witness;
    bool doubts;
    struct error why;
};

/* What the witness says is an opinion, not a rule: the block is checked to its end. */
static bool doubt(void *context, const struct state *s, const struct tx *tx, struct error *err)
{
    struct doubting *d = context;
    (void)err;
    if (!d->doubts && (!d->witness || !d->witness->check(d->witness->context, s, tx, &d->why)))
        d->doubts = true;
    return true;
}

static struct follow_block *find_block(struct follow *f, struct hash id)
{
    for (int i = 0; i < f->blocks_n; i++)
        if (hash_equal(f->block[i].id, id))
            return &f->block[i];
    if (f->blocks_n == FOLLOW_BLOCKS_MAX) {
        memmove(f->block, f->block + 1, (FOLLOW_BLOCKS_MAX - 1) * sizeof *f->block);
        f->blocks_n--;
    }
    struct follow_block *b = &f->block[f->blocks_n++];
    *b = (struct follow_block){.id = id};
    return b;
}

static enum consensus_opinion opinion_of(struct follow *f, const struct bytes *payload, struct follow_block *b)
{
    struct block block = {.txs = 0};
    struct error why;
    struct hash id;
    struct doubting d = {.witness = f->o->witness};
    struct ledger_witness doubter = {doubt, &d};
    uint32_t txs;
    error_clear(&why);
    error_clear(&d.why);
    if (payload->n < BLOCK_HEADER_BYTES || !block_decode_header(payload->data, BLOCK_HEADER_BYTES, &block, &txs)) {
        text_copy(b->why, sizeof b->why, "it is cut");
        return CONSENSUS_REFUSED;
    }
    b->made = block.round;
    int64_t ahead = block.time_us - clock_wall_us();
    b->again = clock_boot_seconds() + AGAIN_SECONDS;
    if (!ledger_check_block(f->ledger, payload->data, payload->n, &doubter, &id, &why)) {
        snprintf(b->why, sizeof b->why, "it breaks a rule: %.200s", why.text);
        return CONSENSUS_REFUSED;
    }
    if (ahead > CLOCK_US) {
        double until = (double)(ahead - CLOCK_US) / 1e6;
        b->again = clock_boot_seconds() + (until < AGAIN_SECONDS ? until : AGAIN_SECONDS);
        snprintf(b->why, sizeof b->why, "its time is %lld s ahead of this machine's clock: is the clock right?",
                 (long long)(ahead / CLOCK_SECOND_US));
        return CONSENSUS_DOUBTED;
    }
    if (d.doubts) {
        text_copy(b->why, sizeof b->why, d.why.text[0] ? d.why.text : "what it claims cannot be checked here");
        return CONSENSUS_DOUBTED;
    }
    b->why[0] = 0;
    return CONSENSUS_GOOD;
}

static void judge(struct follow *f, struct hash id)
{
    struct follow_block *b = find_block(f, id);
    struct bytes payload = {0};
    char before[sizeof b->why];
    if (b->judged && (b->opinion != CONSENSUS_DOUBTED || clock_boot_seconds() < b->again))
        return;
    if (message_pool_payload(&f->pool, id, &payload, NULL)) {
        text_copy(before, sizeof before, b->why);
        enum consensus_opinion o = opinion_of(f, &payload, b);
        if (!b->judged || o != b->opinion)
            consensus_block(f->machine, id, b->made, o);
        b->judged = true;
        b->opinion = o;
        if (b->why[0] && !text_equal(before, b->why)) {
            char name[16];
            say_block(id, name);
            text_copy(f->trouble, sizeof f->trouble, b->why);
            follow_event(f, "problem", json_pack("{s:o}", "block", json_of_hash(id)), "the proposed block %s: %s", name,
                         b->why);
        }
    }
    bytes_free(&payload);
}

static void judge_all(struct follow *f)
{
    for (size_t i = 0; i < f->pool.n; i++)
        if (f->pool.message[i].vote.step == VOTE_PROPOSAL)
            judge(f, f->pool.message[i].vote.block);
}

/* --- what the machine asks for ------------------------------------------------------------------------------------------ */

static struct vote new_vote(const struct follow *f, enum vote_step step, uint32_t round, uint32_t valid, struct hash id)
{
    return (struct vote){.chain = f->chain, .step = step, .height = f->pool.height, .round = round, .valid = valid,
                         .block = id};
}

static bool sign(struct follow *f, const struct consensus_action *a, struct error *err)
{
    struct vote v = new_vote(f, a->step, a->round, 0, a->id);
    struct error why;
    char name[16];
    error_clear(&why);
    if (!guard_sign(f->guard, f->o->voting, &v, &a->record, &why)) {
        if (why.kind == ERROR_IO)
            return error_set(err, why.kind, "%s", why.text);
        follow_event(f, "problem", NULL, "not signed: %s", why.text);
        return true;
    }
    if (!message_pool_put_vote(&f->pool, &v, err))
        return false;
    f->changed = true;
    f->votes++;
    consensus_vote(f->machine, &v);
    say_block(a->id, name);
    follow_event(f, "vote",
                 json_pack("{s:I, s:i, s:s, s:o}", "height", (json_int_t)v.height, "round", (int)v.round, "step",
                           vote_step_name(v.step), "block", hash_is_zero(v.block) ? json_null() : json_of_hash(v.block)),
                 "height %llu, round %u: %s for %s", (unsigned long long)v.height, v.round, vote_step_name(v.step), name);
    return true;
}

static bool make_block(struct follow *f, uint32_t round, struct bytes *payload, struct hash *id, struct error *err)
{
    struct bytes certificate = {0};
    int64_t now = clock_wall_us();
    int64_t least = tip_time(f) + (int64_t)ledger_genesis(f->ledger)->min_block_seconds * CLOCK_SECOND_US;
    bool good = ledger_tip_certificate(f->ledger, &certificate, err) &&
                ledger_make_block(f->ledger, f->o->voting, round, now > least ? now : least, &certificate, f->o->witness,
                                  payload, id, err);
    bytes_free(&certificate);
    return good;
}

static bool propose(struct follow *f, const struct consensus_action *a, struct error *err)
{
    struct bytes payload = {0};
    struct hash id = a->id;
    struct error why;
    char name[16];
    error_clear(&why);
    bool good = a->valid ? message_pool_payload(&f->pool, id, &payload, &why) : make_block(f, a->round, &payload, &id, &why);
    struct vote v = new_vote(f, VOTE_PROPOSAL, a->round, a->valid, id);
    bool signed_it = good && guard_sign(f->guard, f->o->voting, &v, &a->record, &why);
    if (!signed_it) {
        bytes_free(&payload);
        if (why.kind == ERROR_IO)
            return error_set(err, why.kind, "%s", why.text);
        follow_event(f, "problem", NULL, "no block was proposed: %s", why.text);
        return true;
    }
    good = message_pool_put_proposal(&f->pool, &v, &payload, err);
    bytes_free(&payload);
    if (!good)
        return false;
    f->changed = true;
    f->proposed = id;
    consensus_vote(f->machine, &v);
    judge(f, id);
    say_block(id, name);
    follow_event(f, "propose",
                 json_pack("{s:I, s:i, s:o}", "height", (json_int_t)v.height, "round", (int)v.round, "block",
                           json_of_hash(id)),
                 "height %llu, round %u: proposed block %s", (unsigned long long)v.height, v.round, name);
    return true;
}

static bool append(struct follow *f, const struct bytes *payload, const struct certificate *c, bool *grown,
                   struct error *err)
{
    struct bytes encoded = {0};
    struct error why;
    error_clear(&why);
    certificate_encode(c, &encoded);
    bool good = ledger_append_block(f->ledger, payload->data, payload->n, &encoded, &why);
    bytes_free(&encoded);
    if (!good && why.kind != ERROR_CHAIN)
        return error_set(err, why.kind, "%s", why.text);
    if (!good) {
        follow_event(f, "problem", NULL, "block %llu has its votes, but is not good: %s", (unsigned long long)c->height,
                     why.text);
        return true;
    }
    *grown = f->changed = true;
    f->blocks++;
    f->stage[0] = f->trouble[0] = 0;
    struct ledger_block b = {.height = 0};
    ledger_block(f->ledger, c->height, &b);
    char name[16];
    say_block(c->block, name);
    follow_event(f, "block",
                 json_pack("{s:I, s:o, s:i, s:i, s:i}", "height", (json_int_t)c->height, "block", json_of_hash(c->block),
                           "round", (int)c->round, "transactions", b.transactions, "signers", c->n),
                 "block %llu %s is final: %d transaction%s, %d signature%s, round %u", (unsigned long long)c->height, name,
                 b.transactions, text_s(b.transactions), c->n, text_s(c->n), c->round);
    return true;
}

/* Once the block is here. Else another's file will bring it. */
static bool append_decided(struct follow *f, bool *grown, struct error *err)
{
    struct vote votes[ROTATION_SEATS_MAX];
    struct bytes payload = {0};
    struct certificate *c = NEW(struct certificate);
    int n = consensus_certificate(f->machine, f->decision_round, f->decision, votes);
    bool good = true;
    if (certificate_build(c, &f->pool.set, f->pool.height, f->decision_round, f->decision, votes, (size_t)n) &&
        message_pool_payload(&f->pool, f->decision, &payload, NULL))
        good = append(f, &payload, c, grown, err);
    free(c);
    bytes_free(&payload);
    return good;
}

/* The others have decided: their certificate and a block that was proposed to us, too, are all it takes. */
static bool append_heard(struct follow *f, bool *grown, struct error *err)
{
    struct bytes payload = {0};
    bool good = true;
    for (int i = 0; good && !*grown && i < f->heard_n; i++) {
        const struct certificate c = f->heard[i];
        if (c.height == f->pool.height && message_pool_payload(&f->pool, c.block, &payload, NULL) &&
            certificate_check(&c, f->chain, &f->pool.set, NULL))
            good = append(f, &payload, &c, grown, err);
    }
    bytes_free(&payload);
    return good;
}

static bool act(struct follow *f, const struct consensus_action *a, struct error *err)
{
    switch (a->act) {
    case CONSENSUS_SIGN:
        return f->o->part == FOLLOW_PROPOSE || sign(f, a, err);
    case CONSENSUS_PROPOSE:
        return f->o->part == FOLLOW_VOTE || propose(f, a, err);
    case CONSENSUS_TIMER:
        follow_timer_start(f, a->round, a->step);
        return true;
    case CONSENSUS_DECIDE:
        f->deciding = true;
        f->decision = a->id;
        f->decision_round = a->round;
        return true;
    case CONSENSUS_EVIDENCE:
        follow_convict(f, &a->a, &a->b);
        return true;
    }
    return true;
}

static bool act_all(struct follow *f, bool *did, struct error *err)
{
    struct consensus_action *a = NEW(struct consensus_action);
    bool good = true;
    while (good && consensus_next(f->machine, a)) {
        *did = true;
        good = act(f, a, err);
    }
    free(a);
    return good;
}

/* --- time ------------------------------------------------------------------------------------------------------------- */

static bool fire_timers(struct follow *f)
{
    bool fired = false;
    for (int i = 0; i < f->timers; i++) {
        struct follow_timer *t = &f->timer[i];
        if (t->done || follow_timer_left(f, t) > 0)
            continue;
        t->done = fired = true;
        consensus_timeout(f->machine, t->round, t->step);
    }
    return fired;
}

double follow_next_timer(const struct follow *f)
{
    double next = INFINITY;
    for (int i = 0; i < f->timers; i++) {
        double left = follow_timer_left(f, &f->timer[i]);
        if (!f->timer[i].done && left < next)
            next = left;
    }
    return next;
}

/* --- somebody with our key --------------------------------------------------------------------------------------------- */

static bool meet_own(struct follow *f, bool *stale, struct error *err)
{
    *stale = false;
    for (size_t i = 0; f->guard && i < f->pool.n; i++) {
        const struct vote *v = &f->pool.message[i].vote;
        if (f->pool.message[i].met ||
            memcmp(&v->voting, key_public_of(f->o->voting), sizeof v->voting) != 0)
            continue;
        f->pool.message[i].met = true;
        bool one = false;
        if (!guard_meet(f->guard, v, &one, err))
            return false;
        *stale |= one;
    }
    return true;
}

static bool look_out(struct follow *f, struct error *err)
{
    bool stale;
    if (!meet_own(f, &stale, err))
        return false;
    if (!stale)
        return true;
    follow_event(f, "problem", NULL,
                 "there are votes of this voting key that were not signed here: another machine votes with it, or its guard "
                 "was set back. It does not vote before the next certificate; end one of the two");
    start_machine(f);
    return true;
}

/* --- all of it --------------------------------------------------------------------------------------------------------- */

static void tidy(struct follow *f)
{
    struct consensus_view v;
    consensus_look(f->machine, &v);
    if (v.round != f->pool.round) {
        message_pool_tidy(&f->pool, v.round, v.locked.next ? v.locked.id : nil(), v.valid.next ? v.valid.id : nil());
        f->epoch++;
    }
}

bool follow_drive(struct follow *f, bool *grown, struct error *err)
{
    struct consensus_view v;
    bool did = true;
    if (!look_out(f, err) || !append_heard(f, grown, err))
        return false;
    if (*grown)
        return true;
    consensus_look(f->machine, &v);
    if (!v.started && (f->o->part == FOLLOW_PROPOSE || something_waits(f)))
        consensus_start(f->machine);
    while (did) {
        did = false;
        judge_all(f);
        if (!act_all(f, &did, err))
            return false;
        if (!f->deciding && fire_timers(f))
            did = true;
    }
    tidy(f);
    return !f->deciding || append_decided(f, grown, err);
}
