#include "chain/state_save.h"

#include "base/memory.h"
#include "chain/codec.h"
#include "chain/state_part.h"
#include "chain/state_private.h"

#define SAVE_MAGIC "MSCS"
#define SAVE_VERSION 2

static void pass_account(struct pass *p, struct state_account *a)
{
    pass_address(p, &a->address);
    pass_raw(p, a->key.byte, sizeof a->key.byte);
    pass_u64(p, &a->balance);
    pass_u64(p, &a->stake);
    pass_u64(p, &a->nonce);
    pass_bool(p, &a->validator);
    pass_bool(p, &a->barred);
    pass_u64(p, &a->unbonding);
}

static void pass_task(struct pass *p, struct state_task *t)
{
    pass_hash(p, &t->id);
    pass_u64(p, &t->height);
    PASS_BODY(p, TX_TASK, task, &t->body);
    pass_address(p, &t->owner);
    pass_u64(p, &t->pool_left);
    pass_u64(p, &t->best_correct);
    pass_u64(p, &t->best_total);
    pass_u64(p, &t->earned_ppm);
}

static void pass_attest(struct pass *p, struct state_attest *a)
{
    pass_address(p, &a->who);
    pass_u64(p, &a->height);
    pass_u64(p, &a->revealed);
    pass_bool(p, &a->self);
    pass_hash(p, &a->commitment);
    if (a->revealed)
        PASS_BODY(p, TX_REVEAL, reveal.finding, &a->finding);
}

static void pass_decision(struct pass *p, struct state_decision *d)
{
    pass_address(p, &d->who);
    pass_u64(p, &d->height);
    pass_bool(p, &d->approve);
    pass_bool(p, &d->self);
    pass_hash(p, &d->rerun_root);
    if (p->out)
        bytes_put_text(p->out, d->reason);
    else
        bytes_get_text(p->in, d->reason, sizeof d->reason);
}

static void pass_stage(struct pass *p, struct state_proposal *q)
{
    int state = (int)q->state;
    pass_int(p, &state, PROPOSAL_REFUTED);
    q->state = (enum proposal_state)state;
    pass_moment(p, &q->announced);
    pass_moment(p, &q->claimed);
    pass_moment(p, &q->committed);
    pass_moment(p, &q->opened);
    pass_bool(p, &q->verified);
    PASS_BODY(p, TX_ANNOUNCE, announce, &q->announce);
    pass_hash(p, &q->job);
    if (q->claimed.height)
        PASS_BODY(p, TX_PROPOSE, propose, &q->body);
    if (q->opened.height)
        PASS_BODY(p, TX_OPEN, open, &q->open);
}

static void pass_links(struct pass *p, struct state_proposal *q, size_t proposals)
{
    for (int k = 0; k < 2; k++) {
        pass_int(p, &q->link[k].list, DUE_LISTS);
        pass_int(p, &q->link[k].before, proposals);
        pass_int(p, &q->link[k].behind, proposals);
    }
}

static void pass_proposal(struct pass *p, struct state_proposal *q, size_t proposals)
{
    pass_hash(p, &q->id);
    pass_u64(p, &q->order);
    pass_address(p, &q->proposer);
    pass_stage(p, q);
    pass_u64(p, &q->improvement_ppm);
    pass_u64(p, &q->reward);
    pass_bool(p, &q->unpaid);
    pass_links(p, q, proposals);
    pass_int(p, &q->attests, STATE_VALIDATORS_MAX);
    if (!p->out && !(q->attest = pass_room(p, q->attests, sizeof *q->attest)))
        q->attests = 0;
    for (int i = 0; i < q->attests; i++)
        pass_attest(p, &q->attest[i]);
    pass_int(p, &q->decisions, TX_REVIEWERS_MAX);
    if (!p->out && !(q->decision = pass_room(p, q->decisions, sizeof *q->decision)))
        q->decisions = 0;
    for (int i = 0; i < q->decisions; i++)
        pass_decision(p, &q->decision[i]);
}

static void pass_seats(struct pass *p, struct state_validator *v, int *n)
{
    pass_int(p, n, STATE_VALIDATORS_MAX);
    for (int i = 0; i < *n; i++) {
        pass_address(p, &v[i].who);
        pass_raw(p, v[i].voting.byte, sizeof v[i].voting.byte);
        pass_u64(p, &v[i].power);
    }
}

static void pass_accounts(struct pass *p, struct state *s)
{
    pass_seats(p, s->seat, &s->seats);
    pass_seats(p, s->validator, &s->validators);
    PASS_ARRAY(p, s, account, accounts, account_capacity);
    for (size_t i = 0; i < s->accounts; i++)
        pass_account(p, &s->account[i]);
    PASS_ARRAY(p, s, unbonding, unbondings, unbonding_capacity);
    for (size_t i = 0; i < s->unbondings; i++) {
        pass_moment(p, &s->unbonding[i].begun);
        pass_u64(p, &s->unbonding[i].amount);
        pass_address(p, &s->unbonding[i].who);
    }
    pass_u64(p, &s->unbondings_gone);
}

static void pass_proposals(struct pass *p, struct state *s)
{
    uint64_t opens = s->opens;
    PASS_ARRAY(p, s, proposal, proposals, proposal_capacity);
    for (size_t i = 0; i < s->proposals; i++)
        pass_proposal(p, &s->proposal[i], s->proposals);
    pass_u64(p, &opens);
    s->opens = (size_t)opens;
    pass_u64(p, &s->announcements);
    for (int i = 0; i < DUE_LISTS; i++) {
        pass_int(p, &s->due[i].first, s->proposals);
        pass_int(p, &s->due[i].last, s->proposals);
    }
    PASS_ARRAY(p, s, judged, judgeds, judged_capacity);
    for (size_t i = 0; i < s->judgeds; i++)
        pass_hash(p, &s->judged[i]);
}

static void pass_rest(struct pass *p, struct state *s)
{
    PASS_ARRAY(p, s, accepted, accepteds, accepted_capacity);
    for (size_t i = 0; i < s->accepteds; i++) {
        pass_hash(p, &s->accepted[i].id);
        pass_u64(p, &s->accepted[i].order);
    }
    PASS_ARRAY(p, s, earning, earnings, earning_capacity);
    for (size_t i = 0; i < s->earnings; i++) {
        pass_int(p, &s->earning[i].task, s->tasks ? s->tasks - 1 : 0);
        pass_hash(p, &s->earning[i].proposal);
    }
    PASS_ARRAY(p, s, holdout, holdouts, holdout_capacity);
    for (size_t i = 0; i < s->holdouts; i++) {
        pass_hash(p, &s->holdout[i].id);
        pass_u64(p, &s->holdout[i].height);
        pass_address(p, &s->holdout[i].who);
        PASS_BODY(p, TX_HOLDOUT, holdout, &s->holdout[i].body);
    }
}

static void pass_state(struct pass *p, struct state *s)
{
    pass_u64(p, &s->height);
    pass_i64(p, &s->time_us);
    pass_hash(p, &s->hash);
    pass_hash(p, &s->validators_hash);
    pass_u64(p, &s->totals.balances);
    pass_u64(p, &s->totals.stakes);
    pass_u64(p, &s->totals.escrows);
    pass_u64(p, &s->totals.treasury);
    pass_u64(p, &s->totals.burnt);
    pass_accounts(p, s);
    PASS_ARRAY(p, s, task, tasks, task_capacity);
    for (size_t i = 0; i < s->tasks; i++)
        pass_task(p, &s->task[i]);
    pass_proposals(p, s);
    pass_rest(p, s);
    state_parts_pass(s, p);
}

void state_save(const struct state *s, struct bytes *out)
{
    struct state copy = *s; /* writing changes nothing, but reading is the same function */
    struct pass p = {.out = out};
    size_t start = out->n;
    ASSERT(s->writtens == 0 && s->touched.n == 0);
    if (s->unbonding_first)
        copy.unbonding += s->unbonding_first; /* what was released is in no rule's way */
    copy.unbondings -= s->unbonding_first;
    copy.unbondings_gone += s->unbonding_first;
    bytes_put(out, SAVE_MAGIC, strlen(SAVE_MAGIC));
    bytes_put_u32(out, SAVE_VERSION);
    codec_put_hash(out, s->chain);
    pass_state(&p, &copy);
    codec_put_hash(out, hash_of(out->data + start, out->n - start));
}

/* --- loading ------------------------------------------------------------------------------------------------------ */

static bool put_new(struct index *x, struct hash id, size_t position)
{
    if (index_find(x, id) >= 0)
        return false;
    index_put(x, id, (int)position);
    return true;
}

static bool index_all(struct state *s)
{
    bool good = true;
    for (size_t i = 0; i < s->accounts; i++)
        good = good && put_new(&s->account_index, state_account_id(s->account[i].address), i);
    for (size_t i = 0; i < s->tasks; i++)
        good = good && put_new(&s->task_index, s->task[i].id, i);
    for (size_t i = 0; i < s->proposals; i++)
        good = good && put_new(&s->proposal_index, s->proposal[i].id, i);
    for (size_t i = 0; i < s->accepteds; i++)
        good = good && put_new(&s->accepted_index, s->accepted[i].id, i);
    for (size_t i = 0; i < s->holdouts; i++)
        good = good && put_new(&s->holdout_index, s->holdout[i].id, i);
    return good;
}

/* The validators' accounts are looked up without asking whether they are there. */
static bool complete(struct state *s)
{
    for (int i = 0; i < s->seats; i++)
        if (!state_account_find(s, s->seat[i].who))
            return false;
    for (int i = 0; i < s->validators; i++)
        if (!state_account_find(s, s->validator[i].who))
            return false;
    for (size_t i = 0; i < s->proposals; i++)
        if (!state_task_find(s, s->proposal[i].announce.task))
            return false;
    return state_jobs_complete(s);
}

/* Nothing of genesis' own state stays: the accounts and totals are the saved ones. */
static struct state *bare(const struct genesis *g, struct error *err)
{
    struct state *s = state_new(g, err);
    if (!s)
        return NULL;
    free(s->account);
    s->account = NULL;
    s->accounts = s->account_capacity = 0;
    index_clear(&s->account_index);
    s->totals = (struct state_totals){.supply = g->supply};
    s->seats = s->validators = 0;
    state_parts_free(s);
    return s;
}

static bool head_fits(struct bytes_reader *r, const void *data, size_t n, struct hash chain)
{
    const uint8_t *all = data;
    if (n < strlen(SAVE_MAGIC) + 4 + 2 * HASH_BYTES)
        return false;
    struct hash sum = hash_of(all, n - HASH_BYTES);
    const uint8_t *magic = bytes_get(r, strlen(SAVE_MAGIC));
    return memcmp(all + n - HASH_BYTES, sum.byte, HASH_BYTES) == 0 && memcmp(magic, SAVE_MAGIC, 4) == 0 &&
           bytes_get_u32(r) == SAVE_VERSION && hash_equal(codec_get_hash(r), chain);
}

struct state *state_load(const void *data, size_t n, const struct genesis *g, struct error *err)
{
    struct bytes_reader r = bytes_read(data, n > HASH_BYTES ? n - HASH_BYTES : 0);
    struct pass p = {.in = &r};
    struct state *s = bare(g, err);
    if (!s)
        return NULL;
    bool good = head_fits(&r, data, n, s->chain);
    if (good)
        pass_state(&p, s);
    good = good && bytes_done(&r) && index_all(s) && complete(s) && state_parts_ready(s);
    if (!good)
        error_set(err, ERROR_CHAIN, "the saved state is damaged, or of another chain or version");
    if (good && state_audit(s, err)) {
        state_arch_rebuild(s);
        return s;
    }
    state_free(s);
    return NULL;
}
