/* The state that the blocks lead to: accounts, stakes, tasks, proposals, hold-outs. All integers; supply is conserved:
 * balances + stakes + escrows + treasury + burnt = supply, checked in every block. Memory grows with accounts, tasks,
 * hold-outs, accepted architectures (40 bytes each) and open proposals; of the proposals that are closed at least the
 * last STATE_CLOSED_KEPT are kept for the screens.
 *
 * state_new is the state behind genesis (height 0). For each block: state_apply for its transactions in order, then
 * state_end_block, which alone knows the block's time: no rule of a transaction looks at it. state_apply that refuses
 * changes nothing. A block costs what its transactions and what falls due with it cost, never what is open. A state
 * belongs to one thread at a time. */
#ifndef CHAIN_STATE_H
#define CHAIN_STATE_H

#include "chain/rotation.h"
#include "chain/tx.h"

#define STATE_SUPPLY_MAX (UINT64_C(1) << 42)
#define STATE_TIME_MAX_US INT64_C(253402300799999999) /* the last microsecond of the year 9999 */
#define STATE_CLOSED_KEPT 4096
#define STATE_VALIDATORS_MAX 64
#define STATE_HOLDERS_MAX 64

struct genesis {
    char name[32]; /* printable ASCII */
    int64_t time_us;
    uint64_t supply, min_fee; /* supply = the holders' balances + the validators' stakes */
    uint32_t min_block_seconds;
    /* Windows: each ends when both its blocks and its seconds have passed. */
    uint32_t unbonding_blocks, unbonding_seconds, expiry_blocks, expiry_seconds;
    uint32_t commit_blocks, commit_seconds, reveal_blocks, reveal_seconds;
    uint32_t epoch_blocks;
    uint32_t missed_ppm; /* of the stake, for a commit without a reveal */
    uint32_t finder_ppm; /* of a refuted proposal's stake, to those who found it out */
    struct {
        struct key_public key;
        uint64_t balance;
    } holder[STATE_HOLDERS_MAX];
    int holders;
    struct {
        struct key_public identity, voting;
        uint64_t stake;
    } validator[STATE_VALIDATORS_MAX];
    int validators;

    /* A chain for many: with more than one validator it must be one, with one it may be (others can join). Else it is
     * closed: its one validator is its only one for good. What follows is only there, and else zero. */
    bool many;
    uint32_t evidence_blocks; /* so long a double signature is punished: fewer than unbonding_blocks */
    uint32_t double_ppm;      /* of the stake, for a double signature */
    uint32_t attest_ppm;      /* of a verified proposal's stake, to those who found the same */
    uint32_t dispute_blocks, dispute_seconds; /* window of a challenge */
    uint32_t deposit_ppm;     /* of the proposal's stake: a challenge's least deposit */
    uint64_t least_stake;     /* of who registers as validator */
};
void genesis_encode(const struct genesis *g, struct bytes *out);
bool genesis_decode(const void *data, size_t n, struct genesis *out, struct error *err);
bool genesis_check(const struct genesis *g, struct error *err); /* what decoding would refuse */
struct hash genesis_id(const struct genesis *g);                /* the chain id */

/* CLAIMED takes commits; REVEALING takes the opening, then reveals, and stays (verified) until approved. From ACCEPTED on
 * it is closed. */
enum proposal_state {
    PROPOSAL_ANNOUNCED,
    PROPOSAL_CLAIMED,
    PROPOSAL_REVEALING,
    PROPOSAL_ACCEPTED,
    PROPOSAL_REJECTED,
    PROPOSAL_EXPIRED,
    PROPOSAL_REFUTED
};
const char *proposal_state_name(enum proposal_state s);
bool proposal_closed(enum proposal_state s);

struct state_account {
    struct address address;
    struct key_public key; /* zeros until the account has sent a transaction (holders, validators: from genesis) */
    uint64_t balance, stake, nonce;
    bool validator, barred; /* barred: for good, after a double signature; then it is no validator */
    uint64_t unbonding; /* of state*.c: number of its newest unbonding, plus 1 */
};
struct state_validator { /* in order of their voting keys */
    struct address who;
    struct key_public voting;
    uint64_t power; /* the stake behind the last ended block */
};
struct state_voting { /* on chains for many, of each key that was ever a validator's */
    struct key_public voting;
    struct address who;
    uint64_t height;   /* of its registration; 0: genesis */
    uint64_t punished; /* no double signature up to this height is punished again */
};
struct state_task {
    struct hash id; /* of its transaction */
    uint64_t height;
    struct tx_task body; /* with the default reviewer filled in */
    struct address owner;
    uint64_t pool_left;
    uint64_t best_correct, best_total; /* of the best accepted proposal; 0/0 if none */
    uint64_t earned_ppm;               /* sum of the improvements accepted in this epoch, not yet paid */
    uint64_t epoch_pay;                /* of state_reward.c, while it pays */
};
struct state_moment { /* a block; height 0: not yet. time_us is known from the block's end on */
    uint64_t height;
    int64_t time_us;
};
struct state_attest {
    struct address who;
    uint64_t height, revealed; /* of the commit's block and the reveal's; revealed 0: not yet */
    bool self;                 /* by the proposer itself (alone) */
    struct hash commitment;
    struct tx_finding finding; /* once revealed */
};
struct state_decision {
    struct address who;
    uint64_t height;
    bool approve, self;
    struct hash rerun_root;
    char reason[TX_REASON_MAX];
};
struct state_link { /* of state_due.c: neighbours in a list of deadlines, by position plus 1 */
    int list, before, behind;
};
struct state_proposal {
    struct hash id;       /* of the announcement's transaction */
    uint64_t order;       /* announcements on this chain before it */
    struct address proposer;
    enum proposal_state state;
    struct state_moment announced, claimed, committed, opened; /* committed: the end of the commits */
    bool verified;        /* more than two thirds of the revealed stake found what was claimed */
    struct tx_announce announce;
    struct hash job;        /* whose result this is (state_job.h); zeros: a proposal of its own */
    struct tx_propose body; /* zeros until claimed */
    struct tx_open open;    /* zeros until opened */
    struct state_attest *attest;
    int attests;
    struct state_decision *decision;
    int decisions;
    uint64_t improvement_ppm; /* over what was best when it was accepted; 0 below the task's least */
    uint64_t reward;          /* paid at the end of the epoch in which it was accepted */

    /* of state*.c */
    struct state_link link[2]; /* expiry, window */
    int same;                  /* the next open claim in its bucket, plus 1 */
    bool touched, unpaid;
    int disputes, lost; /* challenges that are open; that were dismissed or lapsed */
    int challenge;      /* its newest one, by position plus 1 */
};
/* While a challenge is open its proposal is neither judged nor accepted, rejected or expired. */
enum challenge_state {
    CHALLENGE_OPEN,
    CHALLENGE_UPHELD,
    CHALLENGE_DISMISSED,
    CHALLENGE_LAPSED,  /* nobody decided in time: as dismissed */
    CHALLENGE_RETURNED /* another one was upheld */
};
const char *challenge_state_name(enum challenge_state s);
enum challenge_answer { CHALLENGE_UNANSWERED, CHALLENGE_ANSWERED, CHALLENGE_CONCEDED };
struct state_challenge {
    struct hash id; /* of its transaction */
    struct state_moment made;
    struct address who;
    struct tx_challenge body;
    enum challenge_state state;
    enum challenge_answer answered;
    struct hash answer, found; /* the accused's object; what the verdict says was found */
    uint64_t closed;           /* height at which it was decided */
    int before;                /* of state*.c: the one before it of the same proposal, by position plus 1 */
};
struct state_holdout {
    struct hash id; /* H(task, address) */
    uint64_t height;
    struct address who;
    struct tx_holdout body;
};

struct state;
struct state *state_new(const struct genesis *g, struct error *err);
struct state *state_copy(const struct state *s);
void state_free(struct state *s);
bool state_apply(struct state *s, const struct tx *tx, struct error *err); /* signature already checked */
bool state_apply_id(struct state *s, const struct tx *tx, struct hash id, struct error *err); /* its id known */
/* Of one that waits in a pool. A verdict costs its fee and does nothing else: of several that contradict each other, the first
 * need not be true, and must not keep the true one out. */
bool state_apply_waiting(struct state *s, const struct tx *tx, struct hash id, struct error *err);
/* Releases, verdicts, expiry, rewards, conservation; time_us is the block's. */
bool state_end_block(struct state *s, uint64_t height, int64_t time_us, struct error *err);
struct hash state_hash(const struct state *s);                             /* behind the last ended block */
uint64_t state_height(const struct state *s);                              /* the last ended block's */
struct hash state_chain(const struct state *s);
const struct genesis *state_genesis(const struct state *s);
bool state_alone(const struct state *s);                    /* a closed chain: one validator for good */
bool state_audit(const struct state *s, struct error *err); /* recounts every unit; end_block only keeps sums */

/* What a header names: H over the voting keys and powers behind the last ended block. On chains for many a validator
 * without stake is not in the set. */
struct hash state_validators_hash(const struct state *s);
int state_validators(const struct state *s, const struct state_validator **out);
const struct state_validator *state_validator_find(const struct state *s, const struct key_public *voting);


/* Chains for many: whose turn it is behind the last ended block (empty on a closed chain), and whose a key is or was. */
const struct rotation *state_rotation(const struct state *s);
const struct rotation *state_rotation_before(const struct state *s); /* the set that votes on the last ended block */
const struct state_voting *state_voting_find(const struct state *s, const struct key_public *voting);

int state_accounts(const struct state *s, const struct state_account **out); /* sorted by address; borrowed */
int state_tasks(const struct state *s, const struct state_task **out);       /* in order of height */
int state_proposals(const struct state *s, const struct state_proposal **out); /* in order of announcement */
int state_holdouts(const struct state *s, const struct state_holdout **out);   /* in order of height */
const struct state_account *state_account_find(const struct state *s, struct address a);
const struct state_task *state_task_find(const struct state *s, struct hash id);
const struct state_proposal *state_proposal_find(const struct state *s, struct hash id);
const struct state_holdout *state_holdout_find(const struct state *s, struct hash task, struct address who);

/* The open claim of an architecture for a task that was announced first, or NULL. */
const struct state_proposal *state_proposal_open(const struct state *s, struct hash task, struct hash arch);

/* The proposals that the last ended block closed the reveals of: verified, refuted or without a majority. */
int state_judged(const struct state *s, const struct hash **out);

/* Does something wait for blocks alone (a window, an unbonding, an epoch's pay), so that even an empty one brings it nearer?
 * now: the height and time of the next block. */
bool state_waits(const struct state *s, struct state_moment now);

/* Challenges in the order in which they were made; closed ones are kept at least while their proposal is open. */
int state_challenges(const struct state *s, const struct state_challenge **out);
const struct state_challenge *state_challenge_find(const struct state *s, struct hash id);
const struct state_challenge *state_challenge_first(const struct state *s, const struct state_proposal *p); /* open; or NULL */
uint64_t state_challenge_least(const struct state *s, const struct state_proposal *p); /* deposit of the next one */
#define STATE_CHALLENGES_OPEN_MAX 8 /* of one proposal */

/* The challenges that verdicts of the last ended block decided. */
int state_ruled(const struct state *s, const struct hash **out);

/* What the claim and its opening come to, for comparing with a re-run's. */
struct tx_finding state_claim(const struct state_proposal *p);

/* May this account commit to the proposal (stake, not its own unless alone, not yet)? */
bool state_may_commit(const struct state *s, const struct state_proposal *p, struct address who);

/* Whose turn it is: the proposer, the validators who have not committed or not revealed, the reviewers who have not
 * decided on what is verified. out has room for STATE_VALIDATORS_MAX; returns how many. 0: closed, or a block's turn. */
int state_waiting(const struct state *s, const struct state_proposal *p, struct address *out);

/* Whole parts per million of correct / total, rounded down; total > 0, both below 2^43. */
uint64_t state_score_ppm(uint64_t correct, uint64_t total);

/* What the next accepted score has to beat: the larger one of the best accepted and the baseline. */
uint64_t state_to_beat(const struct state_task *t);

/* What accepting a score would count as over what the task has to beat: 0 below min_improvement_ppm. */
uint64_t state_improvement(const struct state_task *t, uint64_t score_ppm);

/* What the pool pays for improvements of this sum in one epoch. */
uint64_t state_epoch_pay(const struct state_task *t, uint64_t earned_ppm);
struct state_totals {
    uint64_t supply, balances, stakes, escrows, treasury, burnt;
} state_totals(const struct state *s);

#endif
