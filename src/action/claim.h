/* Claims: the evidence behind a proposal, and its re-run from the chain's objects alone. */
#ifndef ACTION_CLAIM_H
#define ACTION_CLAIM_H

#include "chain/ledger.h"
#include "store/runs.h"
#include "work/control.h"

/* Puts what a task refers to (its text, recipe, every frame) into chain/objects. */
bool claim_publish_task(struct workspace *w, const char *chain, struct tx_task *out, const struct recipe *recipe,
                        struct error *err);

/* Fills a proposal's content and what is hidden in it from a finished trial, and publishes architecture and evidence. */
bool claim_fill(struct workspace *w, const char *chain, struct tx_propose *out, struct tx_finding *found,
                const struct trial_row *trial, const struct state_task *task, struct error *err);

/* Is the evidence there, and does it begin with the numbers that the proposal claims? ERROR_CHAIN if not: who reads it
 * would approve something else. */
bool claim_evidence_check(const char *chain, const struct state_task *task, const struct tx_propose *p,
                          struct error *err);

/* Re-trains a claim from the objects and fills what came out. Needs nothing but the chain's folder. */
struct claim_rerun {
    const char *chain;
    struct threads *pool;
    const struct control *control;
};
bool claim_rerun(void *context, const struct state_task *task, const struct state_proposal *proposal,
                 struct tx_finding *found, struct error *err);

#endif
