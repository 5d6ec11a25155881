/* The state that the blocks lead to: accounts, stakes, tasks, proposals. All integers; supply is conserved:
 * balances + stakes + escrows + treasury + burnt = supply, checked in every block. Memory grows with accounts, tasks and open
 * proposals; of those that are closed (no rule looks at them again) at least the last STATE_CLOSED_KEPT are kept for
 * the screens.
 *
 * state_new is the state behind genesis (height 0). For each block: state_apply for its transactions in order, then
 * state_end_block. state_apply that refuses changes nothing. A state belongs to one thread at a time. */
#ifndef CHAIN_STATE_H
#define CHAIN_STATE_H

#include "chain/tx.h"

#define STATE_SUPPLY_MAX (UINT64_C(1) << 42)
#define STATE_TIME_MAX_US INT64_C(253402300799999999) /* the last microsecond of the year 9999 */
#define STATE_BASELINE_PPM 500000                     /* what every proposal of a task has to beat */
#define STATE_CLOSED_KEPT 4096

struct genesis {
    char name[32]; /* printable ASCII */
    int64_t time_us;
    uint64_t supply, min_fee; /* supply = sum of the holders' balances */
    uint32_t min_block_seconds, unbonding_blocks, expiry_blocks;
    struct {
        struct key_public key;
        uint64_t balance;
    } holder[64];
    int holders;
    struct key_public validator[64];
    int validators;
};
void genesis_encode(const struct genesis *g, struct bytes *out);
bool genesis_decode(const void *data, size_t n, struct genesis *out, struct error *err);
bool genesis_check(const struct genesis *g, struct error *err); /* what decoding would refuse */
struct hash genesis_id(const struct genesis *g);                /* the chain id */

enum proposal_state { PROPOSAL_OPEN, PROPOSAL_ACCEPTED, PROPOSAL_REJECTED, PROPOSAL_EXPIRED };
const char *proposal_state_name(enum proposal_state s);

struct state_account {
    struct address address;
    struct key_public key; /* zeros until the account has sent a transaction (holders, validators: from genesis) */
    uint64_t balance, stake, nonce;
    bool validator;
};
struct state_task {
    struct hash id; /* of its transaction */
    uint64_t height;
    struct tx_task body; /* with the default reviewer filled in */
    struct address owner;
    uint64_t pool_left;
    uint64_t best_correct, best_total; /* of the best accepted proposal; 0/0 if none */
};
struct state_decision {
    struct address who;
    uint64_t height;
    bool approve, self;
    struct hash rerun_root;
    char reason[TX_REASON_MAX];
};
struct state_proposal {
    struct hash id;
    uint64_t height;
    struct tx_propose body;
    struct address proposer;
    enum proposal_state state;
    struct state_decision *decision;
    int decisions;
    uint64_t reward; /* paid on acceptance */
};

struct state;
struct state *state_new(const struct genesis *g, struct error *err);
struct state *state_copy(const struct state *s);
void state_free(struct state *s);
bool state_apply(struct state *s, const struct tx *tx, struct error *err); /* signature already checked */
bool state_apply_hashed(struct state *s, const struct tx *tx, struct hash hash, struct error *err); /* hash known */
bool state_end_block(struct state *s, uint64_t height, struct error *err); /* releases, expiry, conservation */
struct hash state_hash(const struct state *s);                             /* behind the last ended block */
uint64_t state_height(const struct state *s);                              /* the last ended block's */
struct hash state_chain(const struct state *s);
bool state_alone(const struct state *s);                    /* the chain has one validator */
bool state_audit(const struct state *s, struct error *err); /* recounts every unit; end_block only keeps sums */

int state_accounts(const struct state *s, const struct state_account **out); /* sorted by address; borrowed */
int state_tasks(const struct state *s, const struct state_task **out);       /* in order of height */
int state_proposals(const struct state *s, const struct state_proposal **out);
const struct state_account *state_account_find(const struct state *s, struct address a);
const struct state_task *state_task_find(const struct state *s, struct hash id);
const struct state_proposal *state_proposal_find(const struct state *s, struct hash id);

/* The open proposal of an architecture for a task, or NULL. */
const struct state_proposal *state_proposal_open(const struct state *s, struct hash task, struct hash arch);

/* Whole parts per million of correct / total, rounded down; total > 0, both below 2^43. */
uint64_t state_score_ppm(uint64_t correct, uint64_t total);

/* What accepting a proposal with this score would pay now. */
uint64_t state_reward(const struct state_task *t, uint64_t score_ppm);
struct state_totals {
    uint64_t supply, balances, stakes, escrows, treasury, burnt;
} state_totals(const struct state *s);

#endif
