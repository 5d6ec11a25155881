#include "chain/state_private.h"

#include "base/memory.h"

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

void state_mark_unbonding(struct state *s, const struct unbonding *u)
{
    uint8_t id[8 + sizeof u->who.byte];
    for (int i = 0; i < 8; i++)
        id[i] = (uint8_t)(u->due >> (8 * i));
    memcpy(id + 8, u->who.byte, sizeof u->who.byte);
    state_mark(s, ENTRY_UNBONDING, id, sizeof id);
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
    return &s->totals.treasury;
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

void state_unbond(struct state *s, struct address who, uint64_t amount)
{
    struct unbonding u = {.due = s->height + 1 + s->unbonding_blocks, .amount = amount, .who = who};
    state_mark_unbonding(s, &u);
    for (size_t i = s->unbondings; i > 0 && s->unbonding[i - 1].due == u.due; i--)
        if (address_equal(s->unbonding[i - 1].who, who)) {
            s->unbonding[i - 1].amount += amount;
            return;
        }
    s->unbonding = memory_grow(s->unbonding, &s->unbonding_capacity, s->unbondings + 1, sizeof *s->unbonding);
    s->unbonding[s->unbondings++] = u;
}

void state_release(struct state *s, uint64_t height)
{
    size_t n = 0;
    for (; n < s->unbondings && s->unbonding[n].due <= height; n++) {
        state_mark_unbonding(s, &s->unbonding[n]);
        state_credit(s, s->unbonding[n].who, s->unbonding[n].amount, POT_STAKES);
    }
    if (n == 0)
        return;
    s->unbondings -= n;
    memmove(s->unbonding, s->unbonding + n, s->unbondings * sizeof *s->unbonding);
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

struct state_proposal *state_add_proposal(struct state *s, struct hash id)
{
    s->proposal = memory_grow(s->proposal, &s->proposal_capacity, s->proposals + 1, sizeof *s->proposal);
    s->open = memory_grow(s->open, &s->open_capacity, s->opens + 1, sizeof *s->open);
    index_put(&s->proposal_index, id, (int)s->proposals);
    s->open[s->opens++] = (int)s->proposals;
    struct state_proposal *p = &s->proposal[s->proposals++];
    memset(p, 0, sizeof *p);
    p->id = id;
    p->height = s->height + 1;
    state_mark(s, ENTRY_PROPOSAL, id.byte, sizeof id.byte);
    return p;
}
