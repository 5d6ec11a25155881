/* All states that three honest validators and a liar can come to, breadth first, and what must hold in each.
 *
 * Two reductions, both by symmetry: the machine tells validators apart only by whose turn it is to propose (all have
 * the same power), so two honest ones who propose in no round of the bound may change places; and it compares blocks
 * for equality alone, so the two blocks that a lying proposer made may change names. Of states that differ only so,
 * one is gone on from. */
#ifndef TESTS_MODEL_SEARCH_H
#define TESTS_MODEL_SEARCH_H

#include "tests/unit/model_local.h"


struct model_search {
    struct model m;
    bool symmetry;
    int honest[3];
    bool twins;              /* honest[1] and honest[2] may change places */
    int pair[MODEL_SEATS];   /* values that may change names; -1 ends */
    uint32_t *renamed;       /* local state -> the same with the pair's names changed, + 1; 0: not known yet */
    size_t renamed_n;

    uint64_t *state; /* three local states, 21 bits each */
    uint32_t *parent;
    size_t states, capacity;
    uint32_t *slot;
    size_t slots;
    uint64_t steps;
    size_t limit; /* of states; 0: none */
    bool exhausted;
};

void model_search_start(struct model_search *s, int liar, int rounds, bool symmetry);
void model_search_free(struct model_search *s);

/* Goes through all states; stops at the first in which `bad` holds and returns its number, else -1. */
int64_t model_search_run(struct model_search *s,
                         bool (*bad)(struct model_search *s, const uint32_t state[MODEL_SEATS]));

/* Two certificates at one height can be made of what was signed, or two have decided differently. */
bool model_two_certificates(struct model_search *s, const uint32_t state[MODEL_SEATS]);

/* From here on the liar is silent, the honest ones hear each other, and timers end behind that: do they not all
 * decide on the same block within the next eight rounds? */
bool model_stuck(struct model_search *s, const uint32_t state[MODEL_SEATS]);

/* Is this state, in one of its equal forms, among those found? */
bool model_search_has(struct model_search *s, const uint32_t state[MODEL_SEATS]);

void model_search_state(const struct model_search *s, size_t at, uint32_t state[MODEL_SEATS]);

/* The run that led there, a line a step. */
void model_search_show(struct model_search *s, size_t at, struct text *out);

#endif
