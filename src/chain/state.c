#include "chain/state_part.h"
#include "chain/state_private.h"

#include "base/memory.h"

const char *proposal_state_name(enum proposal_state s)
{
    static const char *const name[] = {"announced", "claimed", "revealing", "accepted",
                                       "rejected",  "expired", "refuted"};
    ASSERT((size_t)s < ARRAY_N(name));
    return name[s];
}

bool proposal_closed(enum proposal_state s)
{
    return s >= PROPOSAL_ACCEPTED;
}

static void start_accounts(struct state *s, const struct genesis *g)
{
    for (int i = 0; i < g->holders; i++) {
        struct state_account *a = state_write_account(s, key_address(&g->holder[i].key));
        a->key = g->holder[i].key;
        a->balance = g->holder[i].balance;
        s->totals.balances += a->balance;
    }
    for (int i = 0; i < g->validators; i++) {
        struct address who = key_address(&g->validator[i].identity);
        struct state_account *a = state_write_account(s, who);
        a->key = g->validator[i].identity;
        a->validator = true;
        a->stake = g->validator[i].stake;
        s->totals.stakes += a->stake;
        state_seat_put(s, who, &g->validator[i].voting);
    }
}

struct state *state_new(const struct genesis *g, struct error *err)
{
    if (!genesis_check(g, err))
        return NULL;
    struct state *s = NEW(struct state);
    s->view = NEW(struct account_view);
    s->genesis = *g;
    s->chain = genesis_id(g);
    s->time_us = g->time_us;
    s->totals.supply = g->supply;
    start_accounts(s, g);
    state_rotation_start(s);
    state_mark(s, ENTRY_TOTALS, NULL, 0);
    state_hash_block(s, 0);
    return s;
}

static void *copy_array(const void *from, size_t n, size_t size)
{
    return n ? memory_copy(from, n * size) : NULL;
}

static void copy_positions(struct positions *to, const struct positions *from, size_t n)
{
    to->item = copy_array(from->item, n, sizeof *from->item);
    to->capacity = n;
}

static void copy_index(struct index *to, const struct index *from)
{
    *to = (struct index){0};
    index_copy(to, from);
}

#define COPY(array, count, room) (c->array = copy_array(s->array, s->count, sizeof *s->array), c->room = s->count)

struct state *state_copy(const struct state *s)
{
    struct state *c = memory_copy(s, sizeof *s);
    c->view = NEW(struct account_view);
    COPY(account, accounts, account_capacity);
    COPY(task, tasks, task_capacity);
    COPY(proposal, proposals, proposal_capacity);
    for (size_t i = 0; i < c->proposals; i++) {
        struct state_proposal *p = &c->proposal[i];
        p->attest = copy_array(p->attest, (size_t)p->attests, sizeof *p->attest);
        p->decision = copy_array(p->decision, (size_t)p->decisions, sizeof *p->decision);
    }
    COPY(accepted, accepteds, accepted_capacity);
    COPY(earning, earnings, earning_capacity);
    COPY(holdout, holdouts, holdout_capacity);
    COPY(unbonding, unbondings, unbonding_capacity);
    COPY(written, writtens, written_capacity);
    COPY(judged, judgeds, judged_capacity);
    copy_positions(&c->bucket, &s->bucket, s->bucket.capacity);
    copy_positions(&c->touched, &s->touched, s->touched.n);
    copy_index(&c->account_index, &s->account_index);
    copy_index(&c->task_index, &s->task_index);
    copy_index(&c->proposal_index, &s->proposal_index);
    copy_index(&c->accepted_index, &s->accepted_index);
    copy_index(&c->holdout_index, &s->holdout_index);
    state_parts_copy(c, s);
    return c;
}

void state_free(struct state *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->proposals; i++) {
        free(s->proposal[i].attest);
        free(s->proposal[i].decision);
    }
    state_parts_free(s);
    index_free(&s->account_index);
    index_free(&s->task_index);
    index_free(&s->proposal_index);
    index_free(&s->accepted_index);
    index_free(&s->holdout_index);
    free(s->view->item);
    free(s->view);
    free(s->account);
    free(s->task);
    free(s->proposal);
    free(s->bucket.item);
    free(s->accepted);
    free(s->earning);
    free(s->holdout);
    free(s->unbonding);
    free(s->written);
    free(s->touched.item);
    free(s->judged);
    free(s);
}

/* What holds for every kind. */
static bool common_sane(const struct state *s, const struct tx *tx, const struct state_account *from,
                        struct error *err)
{
    uint64_t nonce = from ? from->nonce : 0, balance = from ? from->balance : 0;
    if (!hash_equal(tx->chain, s->chain))
        return error_set(err, ERROR_CHAIN, "transaction: it was signed for another chain");
    if (tx->nonce != nonce + 1)
        return error_set(err, ERROR_CHAIN, "transaction: its nonce is %llu, the account's next is %llu",
                         (unsigned long long)tx->nonce, (unsigned long long)nonce + 1);
    if (tx->fee < s->genesis.min_fee)
        return error_set(err, ERROR_CHAIN, "transaction: its fee is %llu, the least is %llu",
                         (unsigned long long)tx->fee, (unsigned long long)s->genesis.min_fee);
    if (tx->fee > balance)
        return error_set(err, ERROR_CHAIN, "transaction: its fee is %llu, but the balance is %llu",
                         (unsigned long long)tx->fee, (unsigned long long)balance);
    return true;
}

static bool apply_as(struct state *s, const struct tx *tx, struct hash id, bool waiting, struct error *err)
{
    const struct tx_kind *kind = tx_kind_of(tx->type);
    struct address who = key_address(&tx->sender);
    if (!kind)
        return error_set(err, ERROR_CHAIN, "transaction: kind %d is not known to this version", (int)tx->type);
    if (!common_sane(s, tx, state_account_find(s, who), err))
        return false;
    bool shown = waiting && tx->type == TX_VERDICT;
    if (!(shown ? tx_verdict_check(s, tx, err) : kind->apply(s, tx, id, err)))
        return false;
    state_debit(s, who, tx->fee, POT_TREASURY);
    struct state_account *from = state_write_account(s, who);
    from->key = tx->sender;
    from->nonce = tx->nonce;
    return true;
}

bool state_apply_id(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    return apply_as(s, tx, id, false, err);
}

bool state_apply_waiting(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    return apply_as(s, tx, id, true, err);
}

bool state_apply(struct state *s, const struct tx *tx, struct error *err)
{
    if (!tx_kind_of(tx->type))
        return error_set(err, ERROR_CHAIN, "transaction: kind %d is not known to this version", (int)tx->type);
    return state_apply_id(s, tx, tx_id(tx), err);
}

static bool conserved(const struct state_totals *t, struct error *err)
{
    if (t->balances + t->stakes + t->escrows + t->treasury + t->burnt == t->supply)
        return true;
    return error_set(err, ERROR_CHAIN, "supply: balances %llu + stakes %llu + escrows %llu + treasury %llu + burnt %llu "
                                       "are not %llu",
                     (unsigned long long)t->balances, (unsigned long long)t->stakes, (unsigned long long)t->escrows,
                     (unsigned long long)t->treasury, (unsigned long long)t->burnt, (unsigned long long)t->supply);
}

bool state_end_block(struct state *s, uint64_t height, int64_t time_us, struct error *err)
{
    struct state_moment now = {height, time_us};
    ASSERT(height == s->height + 1 && time_us >= s->time_us);
    state_stamp(s, now);
    state_release(s, now);
    if (!state_parts_begin_end(s, now, err))
        return false;
    state_close_commits(s, now);
    state_close_reveals(s, now);
    state_expire(s, now);
    state_pay_epoch(s, height);
    if (!state_parts_end_block(s, now, err))
        return false;
    if (!conserved(&s->totals, err))
        return false;
    state_hash_block(s, height);
    s->time_us = time_us;
    state_forget_closed(s);
    CHECK(state_audit(s, NULL));
    return true;
}

bool state_audit(const struct state *s, struct error *err)
{
    struct state_totals t = {.supply = s->totals.supply, .treasury = s->totals.treasury, .burnt = s->totals.burnt};
    for (size_t i = 0; i < s->accounts; i++) {
        t.balances += s->account[i].balance;
        t.stakes += s->account[i].stake;
    }
    for (size_t i = s->unbonding_first; i < s->unbondings; i++)
        t.stakes += s->unbonding[i].amount;
    for (size_t i = 0; i < s->proposals; i++)
        t.stakes += proposal_closed(s->proposal[i].state) ? 0 : s->proposal[i].announce.stake;
    for (size_t i = 0; i < s->tasks; i++)
        t.escrows += s->task[i].pool_left;
    state_parts_audit(s, &t);
    if (!conserved(&t, err))
        return false;
    if (t.balances != s->totals.balances || t.stakes != s->totals.stakes || t.escrows != s->totals.escrows)
        return error_set(err, ERROR_CHAIN, "supply: the running sums differ from the accounts");
    return true;
}
