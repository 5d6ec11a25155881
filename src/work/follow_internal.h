/* Inside of following, for follow*.c only. */
#ifndef WORK_FOLLOW_INTERNAL_H
#define WORK_FOLLOW_INTERNAL_H

#include "chain/certificate.h"
#include "chain/block.h"
#include "chain/consensus.h"
#include "chain/extend.h"
#include "chain/guard.h"
#include "chain/message_pool.h"
#include "chain/party.h"
#include "chain/vote_past.h"
#include "chain/wanted.h"
#include "work/follow.h"

#define FOLLOW_TIMERS_MAX 64
#define FOLLOW_BLOCKS_MAX 64
#define FOLLOW_PAST_MOST 256 /* votes for heights that are over, looked at in one pass */

struct follow_timer {
    uint32_t round;
    enum vote_step step;
    double started; /* clock_boot_seconds */
    bool done;
};

/* A proposed block, and what we think of it. */
struct follow_block {
    struct hash id;
    uint32_t made;
    bool judged;
    enum consensus_opinion opinion;
    double again; /* when a doubted one is looked at once more */
    char why[256];
};

struct follow_tx {
    struct tx tx;
    struct hash id;
    uint64_t order;
    bool done;
};

struct follow {
    const struct follow_options *o;
    const struct control *control;
    struct ledger *ledger;
    bool resting, busy; /* busy: it was told that another process holds the ledger */
    struct hash chain;

    struct party_list parties;
    double parties_looked;
    struct wanted wanted;
    uint64_t objects_bytes;
    bool objects_full;

    /* of the next height */
    struct message_pool pool;
    struct consensus *machine;
    struct guard *guard;
    struct hash proposed; /* by us; zeros: nothing */
    struct follow_timer timer[FOLLOW_TIMERS_MAX];
    int timers;
    bool timers_changed;
    struct follow_block block[FOLLOW_BLOCKS_MAX];
    int blocks_n;
    bool deciding;
    struct hash decision;
    uint32_t decision_round;

    struct certificate *heard; /* the newest in the others' pools, not checked; with their names, and whose they are */
    struct hash *heard_name;
    const struct party **heard_from;
    int heard_n;
    struct follow_tx *incoming;
    size_t incoming_n, incoming_capacity;
    uint64_t epoch;
    struct party *reading;

    struct vote_past past; /* votes for heights that are over */
    int past_left;         /* so many may still be looked at in this pass */

    double witness_asked; /* of the pool, in vain; */
    int witness_asked_of; /* when it had so many */

    bool changed;     /* something to publish */
    bool interrupted; /* before it had done what it was to do */
    uint64_t blocks, transactions, votes, objects;
    char stage[640], trouble[512];
    char absent[1024]; /* a place where nobody's chain is, for people; */
    int absent_place;  /* that one, from 1 */
};

void follow_event(struct follow *f, const char *kind, json_t *more, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* --- follow_gather.c: from the others --- */
bool follow_find(struct follow *f, struct error *err);
bool follow_gather(struct follow *f, struct error *err);        /* pools */
bool follow_extend(struct follow *f, bool *grown, struct error *err); /* blocks */
bool follow_objects(struct follow *f, struct error *err);

/* --- follow_vote.c: the machine --- */
bool follow_height(struct follow *f, struct error *err); /* starts the next height, if it is another than before */
bool follow_drive(struct follow *f, bool *grown, struct error *err);
double follow_next_timer(const struct follow *f); /* seconds until one is due; INFINITY */
void follow_forget(struct follow *f);

/* --- follow_past.c: who signed twice, at heights that are over --- */
bool follow_past(void *context, const struct vote *v, bool checked); /* for message_pool: context is a struct follow */
void follow_convict(struct follow *f, const struct vote *a, const struct vote *b);

/* --- follow_timer.c --- */
void follow_timers_load(struct follow *f);
void follow_timers_save(struct follow *f);
void follow_timer_start(struct follow *f, uint32_t round, enum vote_step step);
double follow_timer_left(const struct follow *f, const struct follow_timer *t);

/* --- follow_view.c: for people --- */
json_t *follow_view(const struct ledger *l, struct consensus *c, const char *trouble);
json_t *follow_parties(const struct follow *f);

#endif
