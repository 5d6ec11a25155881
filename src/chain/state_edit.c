#include "chain/state_private.h"

#include "base/memory.h"
#include "chain/codec.h"

struct hash state_account_id(struct address a)
{
    struct hash id = {{0}};
    memcpy(id.byte, a.byte, sizeof a.byte);
    return id;
}

void state_mark(struct state *s, enum entry_type type, const void *id, size_t n)
{
    struct entry_key k = {{(uint8_t)type}};
    ASSERT(n < sizeof k.byte);
    if (n)
        memcpy(k.byte + 1, id, n);
    s->written = memory_grow(s->written, &s->written_capacity, s->writtens + 1, sizeof *s->written);
    s->written[s->writtens++] = k;
}

void state_mark_proposal(struct state *s, const struct state_proposal *p)
{
    state_mark(s, ENTRY_PROPOSAL, p->id.byte, sizeof p->id.byte);
}

void state_mark_task(struct state *s, const struct state_task *t)
{
    state_mark(s, ENTRY_TASK, t->id.byte, sizeof t->id.byte);
}

struct hash state_holdout_id(struct hash task, struct address who)
{
    struct bytes b = {0};
    codec_put_hash(&b, task);
    codec_put_address(&b, who);
    struct hash id = hash_of(b.data, b.n);
    bytes_free(&b);
    return id;
}

struct state_proposal *state_write_proposal(struct state *s, struct hash id)
{
    int at = index_find(&s->proposal_index, id);
    ASSERT(at >= 0);
    state_mark_proposal(s, &s->proposal[at]);
    return &s->proposal[at];
}

bool state_check_amount(const struct state *s, const struct tx *tx, const char *what, uint64_t amount,
                        struct error *err)
{
    const struct state_account *a = state_account_find(s, key_address(&tx->sender));
    uint64_t left = a && a->balance >= tx->fee ? a->balance - tx->fee : 0;
    if (amount == 0)
        return error_set(err, ERROR_CHAIN, "%s: the amount is 0", what);
    if (amount > left)
        return error_set(err, ERROR_CHAIN, "%s of %llu: the balance is %llu after the fee", what,
                         (unsigned long long)amount, (unsigned long long)left);
    return true;
}

struct state_account *state_write_account(struct state *s, struct address a)
{
    struct hash id = state_account_id(a);
    int at = index_find(&s->account_index, id);
    if (at < 0) {
        s->account = memory_grow(s->account, &s->account_capacity, s->accounts + 1, sizeof *s->account);
        at = (int)s->accounts++;
        s->account[at] = (struct state_account){.address = a};
        index_put(&s->account_index, id, at);
    }
    s->view->fresh = false;
    state_mark(s, ENTRY_ACCOUNT, a.byte, sizeof a.byte);
    return &s->account[at];
}

void state_move(struct state *s, struct address from, struct address to, uint64_t amount)
{
    struct state_account *a = state_write_account(s, from);
    ASSERT(a->balance >= amount);
    a->balance -= amount;
    state_write_account(s, to)->balance += amount;
}

static uint64_t *pot(struct state *s, enum state_pot p)
{
    if (p == POT_STAKES)
        return &s->totals.stakes;
    if (p == POT_ESCROWS)
        return &s->totals.escrows;
    state_mark(s, ENTRY_TOTALS, NULL, 0);
    return p == POT_TREASURY ? &s->totals.treasury : &s->totals.burnt;
}

void state_debit(struct state *s, struct address from, uint64_t amount, enum state_pot to)
{
    struct state_account *a = state_write_account(s, from);
    ASSERT(a->balance >= amount && s->totals.balances >= amount);
    a->balance -= amount;
    s->totals.balances -= amount;
    *pot(s, to) += amount;
}

void state_credit(struct state *s, struct address to, uint64_t amount, enum state_pot from)
{
    uint64_t *source = pot(s, from);
    ASSERT(*source >= amount);
    *source -= amount;
    s->totals.balances += amount;
    state_write_account(s, to)->balance += amount;
}

void state_burn(struct state *s, uint64_t amount, enum state_pot from)
{
    uint64_t *source = pot(s, from);
    ASSERT(*source >= amount);
    *source -= amount;
    *pot(s, POT_BURNT) += amount;
}

struct state_task *state_add_task(struct state *s, struct hash id)
{
    s->task = memory_grow(s->task, &s->task_capacity, s->tasks + 1, sizeof *s->task);
    index_put(&s->task_index, id, (int)s->tasks);
    struct state_task *t = &s->task[s->tasks++];
    memset(t, 0, sizeof *t);
    t->id = id;
    t->height = s->height + 1;
    state_mark(s, ENTRY_TASK, id.byte, sizeof id.byte);
    return t;
}

struct state_holdout *state_add_holdout(struct state *s, struct hash task, struct address who)
{
    struct hash id = state_holdout_id(task, who);
    s->holdout = memory_grow(s->holdout, &s->holdout_capacity, s->holdouts + 1, sizeof *s->holdout);
    index_put(&s->holdout_index, id, (int)s->holdouts);
    struct state_holdout *h = &s->holdout[s->holdouts++];
    *h = (struct state_holdout){.id = id, .height = s->height + 1, .who = who};
    state_mark(s, ENTRY_HOLDOUT, id.byte, sizeof id.byte);
    return h;
}
