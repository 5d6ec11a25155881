/* Inside of the state, for state*.c only. Positions in the arrays are kept plus 1 where 0 has to mean none. */
#ifndef CHAIN_STATE_PRIVATE_H
#define CHAIN_STATE_PRIVATE_H

#include "chain/index.h"
#include "chain/state_challenge.h"
#include "chain/state_edit.h"
#include "chain/state_job.h"
#include "chain/state_market.h"
#include "chain/state_rotation.h"
#include "chain/state_tournament.h"

enum entry_type {
    ENTRY_TOTALS,
    ENTRY_ACCOUNT,
    ENTRY_TASK,
    ENTRY_PROPOSAL,
    ENTRY_UNBONDING,
    ENTRY_HOLDOUT, /* 5: from here on the entries of state_part.h's families */
    ENTRY_ROTATION,
    ENTRY_VOTING,
    ENTRY_CHALLENGE,
    ENTRY_LISTING,
    ENTRY_JOB,
    ENTRY_SEAL,
    ENTRY_OUTCOME,
    ENTRY_SCORE
};
#define ENTRY_KEY_BYTES 33 /* the type, then the id, filled up with zeros */
struct entry_key {
    uint8_t byte[ENTRY_KEY_BYTES];
};

struct unbonding { /* one for each (block of the unstaking, who), in that order */
    struct state_moment begun;
    uint64_t amount;
    struct address who;
};

/* Deadlines. All of one list wait equally long, so the order in which they entered it is the order in which they fall
 * due, by height and by time. A proposal is in at most one list of each link. */
enum due_list {
    DUE_ANNOUNCED, /* link 0: expiry */
    DUE_CLAIMED,
    DUE_COMMIT, /* link 1: windows */
    DUE_OPEN,
    DUE_REVEAL,
    DUE_LISTS
};
struct due_ends {
    int first, last; /* plus 1 */
};

struct accepted { /* the first announced of the accepted proposals of a task and an architecture; kept for good */
    struct hash id; /* state_arch_id */
    uint64_t order;
};

struct earning { /* accepted in this epoch, to be paid at its end */
    int task;
    struct hash proposal;
};

/* The accounts in order of address, made when somebody asks. */
struct account_view {
    struct state_account *item;
    size_t capacity;
    bool fresh;
};

struct positions { /* a growing list */
    int *item;
    size_t n, capacity;
};

struct state {
    struct genesis genesis;
    struct hash chain;

    uint64_t height;
    int64_t time_us; /* of the last ended block */
    struct hash hash, validators_hash;
    struct state_totals totals;

    struct state_validator seat[STATE_VALIDATORS_MAX]; /* accounts marked as validators, by voting key; no powers */
    int seats;
    struct state_validator validator[STATE_VALIDATORS_MAX]; /* the set behind the last ended block */
    int validators;
    struct rotation_part rotation;
    struct challenge_part challenges;
    struct market_part market;
    struct job_part jobs;
    struct tournament_part tournament;

    struct state_account *account; /* in order of appearance */
    size_t accounts, account_capacity;
    struct index account_index;
    struct account_view *view;

    struct state_task *task;
    size_t tasks, task_capacity;
    struct index task_index;

    struct state_proposal *proposal; /* in order of announcement */
    size_t proposals, proposal_capacity, opens; /* opens: those that are not closed */
    uint64_t announcements;          /* ever */
    struct index proposal_index;
    struct due_ends due[DUE_LISTS];
    struct positions bucket;         /* open claims by task and architecture: heads of chains of `same`; n: how many */

    struct accepted *accepted;
    size_t accepteds, accepted_capacity;
    struct index accepted_index;

    struct earning *earning;
    size_t earnings, earning_capacity;

    struct state_holdout *holdout;
    size_t holdouts, holdout_capacity;
    struct index holdout_index;

    struct unbonding *unbonding; /* from unbonding_first on */
    size_t unbondings, unbonding_capacity, unbonding_first;
    uint64_t unbondings_gone; /* released and no longer in the array; the number of unbonding[0] */

    /* of this block */
    struct entry_key *written; /* a key may be there more than once */
    size_t writtens, written_capacity;
    struct positions touched; /* proposals that got an announcement, a claim, a commit, an opening or a reveal */
    struct hash *judged;
    size_t judgeds, judged_capacity;
};

struct hash state_account_id(struct address a); /* for the index: the address and zeros */
struct hash state_holdout_id(struct hash task, struct address who);
struct hash state_arch_id(struct hash task, struct hash arch);
void state_mark(struct state *s, enum entry_type type, const void *id, size_t n);
void state_mark_proposal(struct state *s, const struct state_proposal *p);
void state_mark_task(struct state *s, const struct state_task *t);
void state_positions_put(struct positions *list, int position);
struct state_proposal *state_write_proposal(struct state *s, struct hash id); /* marked; it must be there */
bool state_moment_passed(struct state_moment from, uint32_t blocks, uint32_t seconds, struct state_moment now);

/* state_life.c: it is looked at when the block ends */
void state_touch(struct state *s, struct state_proposal *p);

/* state_unbond.c */
const struct unbonding *state_unbonding_find(const struct state *s, uint64_t height, struct address who);
void state_release(struct state *s, struct state_moment now);
/* Takes ppm (rounded down) of each amount of this account that began to unbond at this height or behind it; the sum. */
uint64_t state_cut_unbonding(struct state *s, struct address who, uint64_t from_height, uint32_t ppm);

/* state_due.c */
void state_due_enter(struct state *s, struct state_proposal *p, enum due_list list);
void state_due_leave(struct state *s, struct state_proposal *p, enum due_list list); /* if it is there */
struct state_moment state_due_begun(const struct state_proposal *p, enum due_list list);
bool state_due_passed(const struct state *s, const struct state_proposal *p, enum due_list list,
                      struct state_moment now);
/* Takes what is due out of the list and puts it into `out`. */
void state_due_take(struct state *s, enum due_list list, struct state_moment now, struct positions *out);

/* state_arch.c: the open claims and the accepted ones by task and architecture */
void state_arch_enter(struct state *s, struct state_proposal *p);
void state_arch_leave(struct state *s, struct state_proposal *p);
void state_arch_accept(struct state *s, const struct state_proposal *p);

/* state_window.c: the end of a block, in this order */
void state_stamp(struct state *s, struct state_moment now);
void state_close_commits(struct state *s, struct state_moment now);
void state_close_reveals(struct state *s, struct state_moment now);
void state_expire(struct state *s, struct state_moment now);

/* state_verdict.c */
void state_judge(struct state *s, struct state_proposal *p);
void state_overturn(struct state *s, struct state_proposal *p, struct address by); /* a challenge to it was upheld */

/* state_reward.c */
void state_accept_if_due(struct state *s, struct state_proposal *p); /* verified and approved */
void state_pay_epoch(struct state *s, uint64_t height);

/* state_close.c: the stake has been dealt with */
void state_close(struct state *s, struct state_proposal *p, enum proposal_state end);
void state_return_stake(struct state *s, struct state_proposal *p, enum proposal_state end); /* and close */
void state_forget_closed(struct state *s);

/* Hash of the block's written entries over the previous state hash, and of the validators; forgets what was written. */
void state_hash_block(struct state *s, uint64_t height);
void state_rebuild_buckets(struct state *s);
void state_arch_rebuild(struct state *s); /* with as many buckets as the open claims need */

#endif
