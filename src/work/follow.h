/* Following a chain for many: reading the folders of the others, keeping what counts, voting, proposing, appending what is
 * decided, publishing. One pass over all of it is a step; `chain follow` makes steps until it is told to end, `chain pull`
 * makes one that does not vote.
 *
 * The ledger is held only while a step runs, so that other commands can write between two of them. What is read from
 * others is bounded and checked (chain/party.h, chain/message_pool.h); what is wrong with it is counted and told, and is never
 * an error. Errors are: this folder, this disk, this key.
 *
 * Killed at any moment, the chain goes on: blocks are durable before they count, the guard before a signature leaves, and
 * everything else comes again from the others. */
#ifndef WORK_FOLLOW_H
#define WORK_FOLLOW_H

#include "chain/key.h"
#include "chain/ledger.h"
#include "work/control.h"

enum follow_part {
    FOLLOW_ALL,
    FOLLOW_PROPOSE, /* a block now, though nothing waits; no votes */
    FOLLOW_VOTE     /* no block */
};

struct follow_options {
    const char *chain;              /* its folder */
    const char *const *place;       /* others' folders, or folders of such */
    int places;
    const char *publish;            /* where a copy is kept for the others; NULL: they read `chain` itself */
    const struct key *voting;       /* NULL: only watches */
    const char *guard;              /* its guard's folder */
    const struct ledger_witness *witness;
    bool votes;                     /* false: pull alone */
    bool needs_parties;             /* no chain in any place is an error, not a problem that may pass */
    enum follow_part part;          /* of the machine's work */
    bool once;                      /* steps until nothing more happens, without waiting */
    double every;                   /* seconds between two looks at the others */
    double timeout;                 /* of round 0; 0: three times `every` */
    double idle;                    /* so long after a block an empty one is made for what waits for blocks alone */
    int64_t owner;                  /* a process: without it this ends, too; 0: nobody's */
    double seconds;                 /* 0: no end */
    uint64_t until_height;          /* 0: no end */
    uint64_t objects_most;          /* bytes in objects/; 0: FOLLOW_OBJECTS_MOST */
    int threads;

    void *context;
    /* The ledger, open for writing, and its closing. */
    struct ledger *(*open)(void *context, struct error *err);
    void (*close)(void *context, struct ledger *l);
    /* Once a step, with the ledger at rest: starts work beside this (attesting); may be NULL. Returns whether something of its is
     * still under way. */
    bool (*beside)(void *context, struct ledger *l);
};

#define FOLLOW_OBJECTS_MOST (UINT64_C(16) << 30)
#define FOLLOW_CLOCK_SECONDS 10 /* a block whose time is further ahead of our clock waits */

/* {"height", "head", "blocks", "transactions", "votes", "objects", "parties": [{"name", "folder", "height", "taken",
 * "refused", "why", "problem"}], "forks": [...], "stage", "absent": a place that holds nobody's chain, "interrupted": true where it
 * was told to end before that was due}. NULL and err on failure. Events: "block", "vote", "propose",
 * "stage" (what the chain waits for, when that has changed), "pull" (with "parties", when something was new), "fork", "evidence", "problem", each with "text". */
json_t *follow_run(const struct follow_options *o, const struct control *control, struct error *err);

/* The same, step by step: for benchmarks and for those who have a loop of their own. */
struct follow;
struct follow *follow_begin(const struct follow_options *o, const struct control *control, struct error *err); /* borrows o */
bool follow_step(struct follow *f, struct error *err);
uint64_t follow_height_of(const struct follow *f);
void follow_end(struct follow *f);

/* How long a step of this round may take, when one of round 0 may take `base`: without a bound short of a day, so that a
 * round comes in which the messages arrive, however slow the way is that they take. */
double follow_round_seconds(double base, uint32_t round);

/* The votes of the next height, as the folder has them: {"height", "round", "proposer", "step", "validators": [{"address",
 * "voting_key", "power", "turn", "prevote", "precommit"}], "power": {...}, "stage"}; voting: one's own, or NULL. */
json_t *follow_votes(const struct ledger *l, const char *chain, const struct key_public *voting, struct error *err);

#endif
