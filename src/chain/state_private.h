/* Inside of the state, for state*.c only. */
#ifndef CHAIN_STATE_PRIVATE_H
#define CHAIN_STATE_PRIVATE_H

#include "chain/index.h"
#include "chain/state_edit.h"

enum entry_type { ENTRY_TOTALS, ENTRY_ACCOUNT, ENTRY_TASK, ENTRY_PROPOSAL, ENTRY_UNBONDING };
#define ENTRY_KEY_BYTES 33 /* the type, then the id, filled up with zeros */
struct entry_key {
    uint8_t byte[ENTRY_KEY_BYTES];
};

struct unbonding { /* in order of `due`; one for each (due, who) */
    uint64_t due, amount;
    struct address who;
};

/* The accounts in order of address, made when somebody asks. */
struct account_view {
    struct state_account *item;
    size_t capacity;
    bool fresh;
};

struct state {
    struct hash chain;
    uint64_t min_fee;
    uint32_t unbonding_blocks, expiry_blocks;
    int validators;

    uint64_t height;
    struct hash hash;
    struct state_totals totals;

    struct state_account *account; /* in order of appearance */
    size_t accounts, account_capacity;
    struct index account_index;
    struct account_view *view;

    struct state_task *task;
    size_t tasks, task_capacity;
    struct index task_index;

    struct state_proposal *proposal; /* in order of height */
    size_t proposals, proposal_capacity;
    struct index proposal_index;
    int *open; /* positions in proposal, ascending */
    size_t opens, open_capacity;

    struct unbonding *unbonding;
    size_t unbondings, unbonding_capacity;

    struct entry_key *written; /* in this block; a key may be there more than once */
    size_t writtens, written_capacity;
};

struct hash state_account_id(struct address a); /* for the index: the address and zeros */
void state_mark(struct state *s, enum entry_type type, const void *id, size_t n);
void state_mark_unbonding(struct state *s, const struct unbonding *u);

/* Hash of the block's written entries over the previous state hash; forgets what was written. */
void state_hash_block(struct state *s, uint64_t height);

void state_expire(struct state *s, uint64_t height);
void state_release(struct state *s, uint64_t height);
void state_forget_closed(struct state *s);

#endif
