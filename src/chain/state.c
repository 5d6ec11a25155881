#include "chain/state_private.h"

#include "base/memory.h"

const char *proposal_state_name(enum proposal_state s)
{
    static const char *const name[] = {"open", "accepted", "rejected", "expired"};
    ASSERT((size_t)s < ARRAY_N(name));
    return name[s];
}

struct state *state_new(const struct genesis *g, struct error *err)
{
    if (!genesis_check(g, err))
        return NULL;
    struct state *s = NEW(struct state);
    s->view = NEW(struct account_view);
    s->chain = genesis_id(g);
    s->min_fee = g->min_fee;
    s->unbonding_blocks = g->unbonding_blocks;
    s->expiry_blocks = g->expiry_blocks;
    s->validators = g->validators;
    s->totals.supply = s->totals.balances = g->supply;
    for (int i = 0; i < g->holders; i++) {
        struct state_account *a = state_write_account(s, key_address(&g->holder[i].key));
        a->key = g->holder[i].key;
        a->balance = g->holder[i].balance;
    }
    for (int i = 0; i < g->validators; i++) {
        struct state_account *a = state_write_account(s, key_address(&g->validator[i]));
        a->key = g->validator[i];
        a->validator = true;
    }
    state_mark(s, ENTRY_TOTALS, NULL, 0);
    state_hash_block(s, 0);
    return s;
}

static void *copy_array(const void *from, size_t n, size_t size)
{
    return n ? memory_copy(from, n * size) : NULL;
}

struct state *state_copy(const struct state *s)
{
    struct state *c = memory_copy(s, sizeof *s);
    c->view = NEW(struct account_view);
    c->account = copy_array(s->account, s->accounts, sizeof *s->account);
    c->task = copy_array(s->task, s->tasks, sizeof *s->task);
    c->proposal = copy_array(s->proposal, s->proposals, sizeof *s->proposal);
    for (size_t i = 0; i < c->proposals; i++)
        c->proposal[i].decision =
            copy_array(s->proposal[i].decision, (size_t)s->proposal[i].decisions, sizeof(struct state_decision));
    c->open = copy_array(s->open, s->opens, sizeof *s->open);
    c->unbonding = copy_array(s->unbonding, s->unbondings, sizeof *s->unbonding);
    c->written = copy_array(s->written, s->writtens, sizeof *s->written);
    c->account_capacity = s->accounts;
    c->task_capacity = s->tasks;
    c->proposal_capacity = s->proposals;
    c->open_capacity = s->opens;
    c->unbonding_capacity = s->unbondings;
    c->written_capacity = s->writtens;
    c->account_index = c->task_index = c->proposal_index = (struct index){0};
    index_copy(&c->account_index, &s->account_index);
    index_copy(&c->task_index, &s->task_index);
    index_copy(&c->proposal_index, &s->proposal_index);
    return c;
}

void state_free(struct state *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->proposals; i++)
        free(s->proposal[i].decision);
    index_free(&s->account_index);
    index_free(&s->task_index);
    index_free(&s->proposal_index);
    free(s->view->item);
    free(s->view);
    free(s->account);
    free(s->task);
    free(s->proposal);
    free(s->open);
    free(s->unbonding);
    free(s->written);
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
    if (tx->fee < s->min_fee)
        return error_set(err, ERROR_CHAIN, "transaction: its fee is %llu, the least is %llu",
                         (unsigned long long)tx->fee, (unsigned long long)s->min_fee);
    if (tx->fee > balance)
        return error_set(err, ERROR_CHAIN, "transaction: its fee is %llu, but the balance is %llu",
                         (unsigned long long)tx->fee, (unsigned long long)balance);
    return true;
}

bool state_apply_hashed(struct state *s, const struct tx *tx, struct hash hash, struct error *err)
{
    const struct tx_kind *kind = tx_kind_of(tx->type);
    struct address who = key_address(&tx->sender);
    if (!kind)
        return error_set(err, ERROR_CHAIN, "transaction: kind %d is not known to this version", (int)tx->type);
    if (!common_sane(s, tx, state_account_find(s, who), err) || !kind->apply(s, tx, hash, err))
        return false;
    state_debit(s, who, tx->fee, POT_TREASURY);
    struct state_account *from = state_write_account(s, who);
    from->key = tx->sender;
    from->nonce = tx->nonce;
    return true;
}

bool state_apply(struct state *s, const struct tx *tx, struct error *err)
{
    if (!tx_kind_of(tx->type))
        return error_set(err, ERROR_CHAIN, "transaction: kind %d is not known to this version", (int)tx->type);
    return state_apply_hashed(s, tx, tx_hash(tx), err);
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

bool state_end_block(struct state *s, uint64_t height, struct error *err)
{
    ASSERT(height == s->height + 1);
    state_release(s, height);
    state_expire(s, height);
    if (!conserved(&s->totals, err))
        return false;
    state_hash_block(s, height);
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
    for (size_t i = 0; i < s->unbondings; i++)
        t.stakes += s->unbonding[i].amount;
    for (size_t i = 0; i < s->opens; i++)
        t.stakes += s->proposal[s->open[i]].body.stake;
    for (size_t i = 0; i < s->tasks; i++)
        t.escrows += s->task[i].pool_left;
    if (!conserved(&t, err))
        return false;
    if (t.balances != s->totals.balances || t.stakes != s->totals.stakes || t.escrows != s->totals.escrows)
        return error_set(err, ERROR_CHAIN, "supply: the running sums differ from the accounts");
    return true;
}

/* --- queries --- */

struct hash state_hash(const struct state *s)
{
    return s->hash;
}

uint64_t state_height(const struct state *s)
{
    return s->height;
}

struct hash state_chain(const struct state *s)
{
    return s->chain;
}

bool state_alone(const struct state *s)
{
    return s->validators == 1;
}

struct state_totals state_totals(const struct state *s)
{
    return s->totals;
}

static int account_compare(const void *a, const void *b)
{
    return memcmp(((const struct state_account *)a)->address.byte, ((const struct state_account *)b)->address.byte,
                  sizeof(struct address));
}

int state_accounts(const struct state *s, const struct state_account **out)
{
    struct account_view *v = s->view;
    if (!v->fresh && s->accounts) {
        v->item = memory_grow(v->item, &v->capacity, s->accounts, sizeof *v->item);
        memcpy(v->item, s->account, s->accounts * sizeof *v->item);
        qsort(v->item, s->accounts, sizeof *v->item, account_compare);
        v->fresh = true;
    }
    *out = v->item;
    return (int)s->accounts;
}

int state_tasks(const struct state *s, const struct state_task **out)
{
    *out = s->task;
    return (int)s->tasks;
}

int state_proposals(const struct state *s, const struct state_proposal **out)
{
    *out = s->proposal;
    return (int)s->proposals;
}

const struct state_account *state_account_find(const struct state *s, struct address a)
{
    int at = index_find(&s->account_index, state_account_id(a));
    return at < 0 ? NULL : &s->account[at];
}

const struct state_task *state_task_find(const struct state *s, struct hash id)
{
    int at = index_find(&s->task_index, id);
    return at < 0 ? NULL : &s->task[at];
}

const struct state_proposal *state_proposal_find(const struct state *s, struct hash id)
{
    int at = index_find(&s->proposal_index, id);
    return at < 0 ? NULL : &s->proposal[at];
}

const struct state_proposal *state_proposal_open(const struct state *s, struct hash task, struct hash arch)
{
    for (size_t i = 0; i < s->opens; i++) {
        const struct state_proposal *p = &s->proposal[s->open[i]];
        if (hash_equal(p->body.arch, arch) && hash_equal(p->body.task, task))
            return p;
    }
    return NULL;
}
