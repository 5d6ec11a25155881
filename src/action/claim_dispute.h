/* Disputes about claims: where a re-run and an opened claim part first, the state of the training before that, and what
 * doing that one place again comes to. All of it from objects alone; objects come from other people.
 *
 * A challenge says that the claim is false: that its counts, root or weights are not what training it gives. Whether that
 * is so hangs on the chain and on the task's own objects, never on what one of the two sides hands out, or to whom. What
 * they do hand out spares work:
 *   leaf    the claim's state before it, by one interval; else the fold from its beginning up to there
 *   counts  one leaf behind the last one: the claim's last state, by predicting
 * shows that a claim is false. Where it does not, or what it takes is not here, the whole claim is trained again, and that
 * decides: a place that is in order is no proof that the claim is. */
#ifndef ACTION_CLAIM_DISPUTE_H
#define ACTION_CLAIM_DISPUTE_H

#include "action/claim.h"
#include "train/retrace.h"

struct claim_place {
    uint32_t fold; /* as in struct tx_challenge */
    uint64_t leaf;
    struct hash found;
    bool stateful; /* a state before it spares whoever judges the training up to there */
    bool last;     /* of both lists: then only without early stopping */
};

/* The first place where one's own run parts from the opened claim. false: nowhere. why: in words. */
bool claim_dispute_find(const char *chain, const struct state_proposal *p, const struct claim_run *own,
                        struct claim_place *out, char *why, size_t size);

/* Puts the state that this claim's training has before a place into objects/; zeros where the place needs none, or where
 * it would be too large for an object. Trains up to there. */
bool claim_dispute_state(const struct claim_rerun *how, const struct state_task *task, const struct state_proposal *p,
                         const struct claim_place *place, struct hash *object, struct error *err);

struct claim_ruling {
    bool upheld;
    struct hash found; /* the leaf at the place, where it is another than the claim's and follows from the one before; else
                        * zeros */
    char why[256];
};
/* own: a run of this claim that this machine has made before, or NULL; made: the run, where the whole claim was trained for
 * this (no leaves: it was not); claim_run_free in every case. ERROR_CHAIN where an object of the task or the architecture
 * is missing. */
bool claim_dispute_rule(const struct claim_rerun *how, const struct state_task *task, const struct state_proposal *p,
                        const struct state_challenge *c, const struct claim_run *own, struct claim_run *made,
                        struct claim_ruling *out, struct error *err);
/* Does this verdict say what one's own ruling of the challenge does? Which leaf was found not everybody can tell. */
bool claim_ruling_bears_out(const struct claim_ruling *own, const struct tx_challenge *c, bool upheld, struct hash found);

/* The same for ledger_verify: context is a struct claim_rerun. */
bool claim_rerun_verdict(void *context, const struct state *s, const struct state_challenge *c, bool *upheld,
                         struct hash *found, struct error *err);

/* --- what is remembered of both (claim_kept.c), so that no two steps train the same twice --- */

bool claim_state_kept(struct workspace *w, const struct state_proposal *p, const struct claim_place *place,
                      struct hash *object);
bool claim_state_keep(struct workspace *w, const struct state_proposal *p, const struct claim_place *place,
                      struct hash object, struct error *err);
bool claim_ruling_kept(struct workspace *w, const struct state_challenge *c, struct claim_ruling *out);
bool claim_ruling_keep(struct workspace *w, const struct state_challenge *c, const struct claim_ruling *ruling,
                       struct error *err);

/* --- what claim_dispute.c and claim_ruling.c share --- */

/* One fold of a claim, ready to be trained in part. claim_fold_close in every case. */
struct claim_fold {
    struct dataset *data;
    struct arch *arch;
    struct retrace retrace;
    const struct claim_rerun *how;
};
bool claim_fold_open(struct claim_fold *f, const struct claim_rerun *how, const struct state_task *task,
                     const struct state_proposal *p, uint32_t fold, struct error *err);
void claim_fold_close(struct claim_fold *f);
bool claim_fold_go(const struct claim_fold *f, struct model *m, struct train_stretch *out, int64_t until,
                   struct error *err);

#endif
