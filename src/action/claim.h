/* Claims: what tasks and proposals refer to as objects of the chain, the evidence that a reviewer reads, and the re-run
 * from objects alone. Objects come from other people: whatever is read here is bounded and checked, and errors name the
 * object and what it stands for. */
#ifndef ACTION_CLAIM_H
#define ACTION_CLAIM_H

#include "chain/ledger.h"
#include "data/set/dataset.h"
#include "store/runs.h"
#include "work/control.h"
#include "work/leaves.h"

/* --- objects (claim_object.c) --- */

bool claim_put_text(const char *chain, const char *text, struct hash *id, struct error *err);
/* `what` it stands for goes into the error. UTF-8 without a zero byte, or ERROR_CHAIN. free() */
char *claim_object_text(const char *chain, struct hash id, const char *what, struct error *err);
/* Its text must be the canonical one, so that a network has one name. */
struct arch *claim_object_arch(const char *chain, struct hash id, const char *what, struct error *err);
/* A series of a task: the object of its frame. frame_free */
struct frame *claim_frame(const char *chain, const struct task_series *series, struct error *err);
/* The task's data set and recipe, checked against what its transaction states. */
struct dataset *claim_dataset(const char *chain, const struct tx_task *task, struct error *err);
bool claim_recipe(const char *chain, const struct tx_task *task, struct recipe *out, struct error *err);

/* --- tasks (claim_task.c) --- */

/* Puts what the workspace's task refers to (its text, recipe, every frame) into objects/, and fills the transaction with
 * what the data say. */
bool claim_publish_task(struct workspace *w, const char *chain, struct tx_task *out, const struct recipe *recipe,
                        struct error *err);
/* Share of the most frequent answer among the samples that the folds score, in whole parts per million, rounded down. */
uint32_t claim_baseline_ppm(const struct dataset *d);
/* Can this program re-run it? ERROR_CHAIN naming both numeric versions. */
bool claim_same_numeric(const struct tx_task *task, struct error *err);

/* --- what a run came to (claim_run.c) --- */

struct claim_run {
    struct tx_finding finding;
    char *leaves;    /* text (work/leaves.h) */
    int64_t time_us; /* when it was trained, by this machine's clock; 0: not known */
};
void claim_run_free(struct claim_run *r);
/* From scratch, with all checks of what it was given. Events say which fold and epoch, how far and how long yet. */
struct claim_training {
    const struct dataset *data;
    const struct arch *arch;
    const struct recipe *recipe;
    struct threads *pool;
    const struct control *control;
    const char *doing; /* "re-training" */
};
bool claim_train(const struct claim_training *t, struct claim_run *out, struct error *err);

/* Re-trains a proposal from the objects. Needs nothing but the chain's folder; refuses where this machine's numeric
 * self-test fails. */
struct claim_rerun {
    const char *chain;
    struct threads *pool;
    const struct control *control;
};
bool claim_rerun(const struct claim_rerun *how, const struct state_task *task, const struct state_proposal *p,
                 struct claim_run *out, struct error *err);
/* The same for ledger_verify: context is a struct claim_rerun. */
bool claim_rerun_finding(void *context, const struct state_task *task, const struct state_proposal *p,
                         struct tx_finding *found, struct error *err);
/* Where a run and an opened claim part, as a sentence: the first fold that counts otherwise, the first leaf of the opened
 * claim's list that is another. false: nowhere. */
bool claim_difference(const char *chain, const struct state_proposal *p, const struct claim_run *run, char *out,
                      size_t size);
/* The opened claim's leaves, whose root must be the one that was opened. leaves_free. */
bool claim_leaves(const char *chain, const struct tx_open *open, struct leaves *out, struct error *err);

/* --- what is remembered (claim_kept.c) --- */

/* What this workspace found when it re-ran a proposal, so that a draft and its signature, or a commit and its reveal, do
 * not train twice: reruns/KEY, where the key is over proposal, numeric version and all objects. What cannot be read is
 * not there. */
bool claim_run_kept(struct workspace *w, const struct state_task *task, const struct state_proposal *p,
                    struct claim_run *out);
bool claim_run_keep(struct workspace *w, const struct state_task *task, const struct state_proposal *p,
                    const struct claim_run *run, struct error *err);

/* Removes what is a month old and of no proposal whose end is to come, from reruns/ and claims/. */
void claim_forget(struct workspace *w, const struct state *s);

/* --- a claim of one's own (claim_make.c) --- */

struct claim {
    struct claim_run run;
    char *arch, *parent, *morphisms, *evidence; /* texts; parent and morphisms may be NULL */
};
void claim_free(struct claim *c);
/* From a finished trial; the leaves are those that its scoring kept, or are trained again. */
bool claim_make(struct workspace *w, struct claim *out, const struct state_task *task, const struct trial_row *trial,
                struct threads *pool, const struct control *control, struct error *err);
/* What a propose transaction says of it; salt opens the hidden root. */
void claim_content(const struct claim *c, struct hash salt, struct tx_propose *out);
bool claim_publish(const char *chain, const struct claim *c, struct error *err);
/* Between announcement and proposal the claim must stay what it was, while the evidence of newer trials changes:
 * claims/COMMITMENT in the workspace, not in the chain's folder, where others would read it too early. */
bool claim_keep(struct workspace *w, struct hash commitment, const struct claim *c, struct error *err);
bool claim_kept(struct workspace *w, struct hash commitment, struct claim *out);

/* --- evidence (claim_evidence.c) --- */

/* The lines that every evidence begins with: the claim itself. free() */
char *claim_lines(const struct state_task *task, const struct tx_propose *p);
/* p: the content without its evidence; result: of the trial (morphsmith(1), score). free() */
char *claim_evidence(const struct state_task *task, const struct tx_propose *p, const json_t *result,
                     const char *sentence, const char *recipe, const struct claim *c);
/* Is the evidence there, and does it begin with the claim's lines? ERROR_CHAIN if not: who reads it would approve
 * something else. *text (may be NULL) is freed by the caller. */
bool claim_evidence_check(const char *chain, const struct state_task *task, const struct tx_propose *p, char **text,
                          struct error *err);

/* --- where a network comes from (claim_lineage.c) --- */

/* The texts of the first ancestor that is known and of the morphisms from there, one a line; both NULL where there is
 * none, or where the steps are not all known. free() both. */
bool claim_lineage(struct workspace *w, struct hash arch, char **parent, char **morphisms, struct error *err);
/* Do the morphisms lead from the parent to the architecture? Steps that are too many, or unknown, are ERROR_CHAIN. True
 * where the proposal names neither. */
bool claim_lineage_check(const char *chain, const struct tx_propose *p, struct error *err);

#endif
