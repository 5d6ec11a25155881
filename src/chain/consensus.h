/* The consensus machine: what one party does with proposals, votes and timeouts of one height. Tendermint (Buchman,
 * Kwon, Milosevic, "The latest gossip on BFT consensus", arXiv 1807.04938, algorithm 1; "line N" in the sources is a
 * line of it).
 *
 * Pure: no files, no clock, no keys. The caller (the driver) feeds it what arrived and does what it asks for:
 *
 *     c = consensus_new(&config)        one for each height, with what the guard knows of that height
 *     consensus_vote, consensus_block   all that is there, in any order, as often as one likes; one's own last vote
 *                                       from the guard, too: it may never have been published
 *     consensus_start(c)                when something waits to be sealed, or others have begun
 *     loop: consensus_vote | consensus_block | consensus_timeout, after each: while (consensus_next(c, &action)) do it
 *
 * Actions come in an order that must be kept:
 *   SIGN     prevote or precommit of `id` (zeros: nil): guard_sign with action.record, publish, feed it back by
 *            consensus_vote. If the guard refuses, leave it: the machine goes on without that vote.
 *   PROPOSE  valid = 0: make a block; valid > 0: propose the block `id` again, which a quorum prevoted in round
 *            valid - 1. Store the block in the pool first, then guard_sign the proposal (with action.record), publish, feed
 *            back vote and block. It may take as long as it likes; once the machine has gone on, the guard refuses
 *            the late proposal.
 *   TIMER    call consensus_timeout(round, step) after the time for this step and round. Timers of earlier rounds or
 *            steps need not be stopped: they do nothing.
 *   DECIDE   `id` is final: consensus_certificate has its votes. Said once; behind it only EVIDENCE follows.
 *   EVIDENCE a double signature: a < b as bytes. Once for each seat.
 *
 * What is given: votes whose signature is good, of this chain and height (others are refused, not believed). A block
 * is told with an opinion:
 *   REFUSED  breaks a rule of the chain, which everyone finds alike: never voted for, never decided;
 *   DOUBTED  good by the rules, but not to be prevoted by this party now (its time is ahead of my clock; a verdict in
 *            it differs from my re-execution, or I lack what that needs). As one that has not come, until it is told
 *            GOOD, or more than two thirds have prevoted it: a quorum overrules the doubts of one, as replay trusts a
 *            certificate;
 *   GOOD     and it may be told better later, never worse.
 * A block counts only from the round on that its header names (`made`): its certificate would be refused in an
 * earlier one.
 *
 * A quorum is more than two thirds of the power of the set. Locked and valid value, the rounds and the last vote that
 * was signed survive a restart through config.record. What was received does not: feed the pool again. Progress needs
 * that parties hand on all they have, the votes of others too: what one honest party acted on, all must come to see.
 *
 * Bound: of each seat, step and round two different votes are kept, and further ones only for a block that more than
 * a third of the power votes for there (else a liar who gives each party other votes could hide a quorum from one of
 * them for good: so a pool must keep what consensus_vote took, and offer again what it refused); of rounds ahead of
 * all that more than a third of the power has reached, each seat's CONSENSUS_AHEAD newest. */
#ifndef CHAIN_CONSENSUS_H
#define CHAIN_CONSENSUS_H

#include "chain/rotation.h"
#include "chain/vote.h"

#define CONSENSUS_AHEAD 32

/* A block and the round in which a quorum prevoted it; next = round + 1, 0: none (and id zeros). */
struct consensus_mark {
    uint32_t next;
    struct hash id;
};

/* What survives a restart, and what the guard writes with every signature. */
struct consensus_record {
    bool any;                /* something was signed at this height: place and, if it is known, what */
    uint32_t round;
    enum vote_step step;
    struct consensus_mark locked, valid;
};

/* Rules left out, for the tests that must then fail. All false anywhere else. */
struct consensus_flaws {
    bool no_lock;        /* votes as if it were never locked */
    bool no_unlock;      /* once locked, it never votes for anything else */
    bool half_is_enough; /* a quorum is half of the power */
};

struct consensus_config {
    struct hash chain;
    uint64_t height;
    struct rotation set; /* behind the head: the validators of this height, and who proposes in which round */
    bool votes;          /* false: watches only; nothing to sign or to propose is asked for */
    struct key_public voting; /* mine, if votes; not in the set: watches only */
    struct consensus_record record; /* guard_record: zeros if nothing was signed at this height */
    struct consensus_flaws flaws;
};

enum consensus_opinion { CONSENSUS_REFUSED, CONSENSUS_DOUBTED, CONSENSUS_GOOD };

enum consensus_act { CONSENSUS_SIGN, CONSENSUS_PROPOSE, CONSENSUS_TIMER, CONSENSUS_DECIDE, CONSENSUS_EVIDENCE };

struct consensus_action {
    enum consensus_act act;
    enum vote_step step; /* SIGN: prevote or precommit; PROPOSE: proposal; TIMER: which */
    uint32_t round;      /* DECIDE: of the precommits */
    uint32_t valid;      /* PROPOSE: the round it was valid in + 1; 0: make a new block */
    struct hash id;      /* SIGN (zeros: nil), PROPOSE with valid, DECIDE */
    struct consensus_record record; /* SIGN, PROPOSE: locked and valid for guard_sign */
    struct vote a, b;    /* EVIDENCE */
};

struct consensus; /* opaque */

struct consensus *consensus_new(const struct consensus_config *config);
void consensus_free(struct consensus *c);
struct consensus *consensus_copy(const struct consensus *c);

/* False: not taken (of another chain, height or validator; known already; beyond the bound). Proposals, too. */
bool consensus_vote(struct consensus *c, const struct vote *v);

/* made: header.round. */
void consensus_block(struct consensus *c, struct hash id, uint32_t made, enum consensus_opinion opinion);

void consensus_start(struct consensus *c);
void consensus_timeout(struct consensus *c, uint32_t round, enum vote_step step);

/* The next thing to do; false: nothing for now. */
bool consensus_next(struct consensus *c, struct consensus_action *out);

/* --- what it looks like (for screens, `chain votes` and the pool) ----------------------------------------------- */

struct consensus_view {
    bool started, decided;
    uint64_t height;
    uint32_t round;
    enum vote_step step;      /* proposal: waits for one; prevote, precommit: has voted so, and waits for others */
    int me;                   /* my seat; -1: watches only */
    int proposer;             /* of this round: a seat */
    struct consensus_mark locked, valid;
    struct hash decision;     /* zeros unless decided */
    uint32_t decision_round;
    uint64_t total;           /* power of all seats */
};
void consensus_look(struct consensus *c, struct consensus_view *out);

/* Power that voted so in this round; id NULL: for anything, nil included. Proposals: the proposer's power or 0. */
uint64_t consensus_power(const struct consensus *c, uint32_t round, enum vote_step step, const struct hash *id);
bool consensus_is_quorum(const struct consensus *c, uint64_t power);
bool consensus_is_third(const struct consensus *c, uint64_t power); /* one of them is honest */

/* The n-th vote (from 0) of a seat there; NULL: it has fewer. Borrowed until the next call that changes c. */
const struct vote *consensus_vote_of(const struct consensus *c, uint32_t round, enum vote_step step, int seat, int n);

/* The highest round that a seat has voted or proposed in, + 1; 0: none. */
uint32_t consensus_reached(const struct consensus *c, int seat);

/* The precommits for `id` in that round, one a seat, in the set's order (ascending voting keys): at most
 * ROTATION_SEATS_MAX. Returns how many; a certificate if they are a quorum. */
int consensus_certificate(const struct consensus *c, uint32_t round, struct hash id, struct vote *out);

#endif
