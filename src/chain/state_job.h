/* The compute market's part of the state: jobs, the pay in escrow until the result is verified or is not. A job that was
 * taken is worked on as a proposal (named by the take, its `job` says which), whose stake is the deposit and which needs
 * no approval; its end is the job's. Of those that are closed at least the newest STATE_CLOSED_KEPT are kept. */
#ifndef CHAIN_STATE_JOB_H
#define CHAIN_STATE_JOB_H

#include "chain/index.h"
#include "chain/state.h"

enum job_state { JOB_OPEN, JOB_TAKEN, JOB_PAID, JOB_RETURNED, JOB_WITHDRAWN };
const char *job_state_name(enum job_state s);
bool job_closed(enum job_state s);

struct state_job {
    struct hash id; /* of its transaction */
    uint64_t height;
    struct address owner;
    struct tx_job body;
    enum job_state state;
    struct hash proposal; /* of the take; zeros until then */
    uint64_t closed;      /* height; 0: not yet */
};

int state_jobs(const struct state *s, const struct state_job **out); /* in order of listing */
const struct state_job *state_job_find(const struct state *s, struct hash id);

/* --- changes; each has been checked --- */
struct state_job *state_add_job(struct state *s, struct hash id); /* open; valid until the next */
void state_take_job(struct state *s, struct hash job, struct hash proposal);
void state_withdraw_job(struct state *s, struct hash job);

/* Of state_close.c: a job's proposal has come to this end; its stake has been dealt with. */
void state_end_job(struct state *s, const struct state_proposal *p, enum proposal_state end);

/* --- inside --- */

/* Of a state that was read: has each job that is worked on its proposal? Then what falls due is noted. */
bool state_jobs_complete(struct state *s);


/* Taken and without a result: when both have come, the deposit is lost. A heap by `key`, the least first. */
struct job_due {
    uint64_t key; /* height, then microseconds */
    int64_t time_us;
    struct hash job;
};
struct job_heap {
    struct job_due *item;
    size_t n, capacity;
};
struct job_part {
    struct state_job *item;
    size_t n, capacity, open; /* open: not closed */
    struct index index;
    struct job_heap by_height, by_time; /* first the one, then the other */
    struct hash *taken;                 /* in this block */
    size_t takens, taken_capacity;
};

#endif
