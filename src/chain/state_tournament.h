/* The tournament's part of the state: sealed predictions, outcomes, scores. Bars of a task are numbered from 1, the first
 * one behind its data; outcomes follow each other without a gap.
 *
 * A seal is judged at the end of the block whose outcome covers its last bar: each bar counts that has a direction and
 * whose seal stood in an earlier block with a time before the bar's `until`. What counts is added to the score's total at
 * once, so that a prediction that is never shown was wrong; what was right is added when it is shown. Nobody seals a bar
 * twice. Outcomes and scores are kept, and seals until they are revealed or have lapsed, of those the newest. */
#ifndef CHAIN_STATE_TOURNAMENT_H
#define CHAIN_STATE_TOURNAMENT_H

#include "chain/index.h"
#include "chain/state.h"

#define STATE_SEAL_AHEAD 4096 /* bars behind the last outcome that can be sealed */

enum seal_state { SEAL_WAITING, SEAL_JUDGED, SEAL_REVEALED, SEAL_LAPSED };
const char *seal_state_name(enum seal_state s);

struct state_seal {
    struct hash id; /* of its transaction */
    struct address who;
    struct tx_seal body;
    struct state_moment sealed, judged; /* time_us is known from the block's end on */
    enum seal_state state;
    uint64_t counts;  /* bit i: bar first + i counts */
    uint64_t up;      /* once revealed */
    uint32_t correct; /* likewise, of what counts */
    uint64_t closed;  /* height; 0: neither revealed nor lapsed */
};
struct state_outcome {
    struct hash id; /* H(task, first) */
    uint64_t height;
    struct address who;
    struct tx_outcome body;
};
struct state_score { /* of an account in a task */
    struct hash id;  /* H("score", task, address) */
    struct hash task;
    struct address who;
    uint32_t sealed_to; /* the last bar that it has sealed */
    uint64_t total, correct, seals, revealed;
};

int state_seals(const struct state *s, const struct state_seal **out);       /* in order */
int state_outcomes(const struct state *s, const struct state_outcome **out); /* in order */
int state_scores(const struct state *s, const struct state_score **out);
const struct state_seal *state_seal_find(const struct state *s, struct hash id);
const struct state_score *state_score_find(const struct state *s, struct hash task, struct address who); /* or NULL */
uint32_t state_outcome_end(const struct state *s, struct hash task); /* the last bar whose outcome is known; 0: none */
const struct state_outcome *state_outcome_of(const struct state *s, struct hash task, uint32_t bar); /* or NULL */

/* --- changes; each has been checked --- */
void state_add_seal(struct state *s, struct hash id, const struct tx_seal *body, struct address who);
void state_add_outcome(struct state *s, const struct tx_outcome *body, struct address who);
void state_reveal_seal(struct state *s, const struct tx_reveal_seal *r);

/* --- inside --- */
struct seal_due { /* of a task: a heap by the last bar */
    uint32_t end;
    struct hash seal;
};
struct series { /* of a task */
    struct hash task;
    uint32_t end;
    int *outcome; /* positions, in order */
    size_t outcomes, outcome_capacity;
    struct seal_due *due;
    size_t dues, due_capacity;
    bool touched; /* an outcome in this block */
};
struct tournament_part {
    struct state_seal *seal;
    size_t seals, seal_capacity, open; /* open: neither revealed nor lapsed */
    struct index seal_index;
    struct state_outcome *outcome;
    size_t outcomes, outcome_capacity;
    struct index outcome_index;
    struct state_score *score;
    size_t scores, score_capacity;
    struct index score_index;
    struct series *series;
    size_t seriess, series_capacity;
    struct index series_index;
    struct hash *judged; /* in their order, from judged_first on: what can still be revealed */
    size_t judgeds, judged_capacity, judged_first;
};

#endif
