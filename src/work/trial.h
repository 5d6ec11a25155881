/* A trial: one cross-validation of one architecture, from scratch or grown from another trial's weights, fold by fold
 * (fold k starts from the parent's fold-k weights, so nothing leaks between folds). */
#ifndef WORK_TRIAL_H
#define WORK_TRIAL_H

#include "store/runs.h"
#include "train/crossval.h"
#include "work/control.h"

/* Fills a new trial's recipe, recipe id and architecture. parent NULL: from scratch. The caller sets search and the
 * rest. */
void trial_prepare(struct trial_row *t, struct hash arch, struct hash dataset, const struct recipe *recipe,
                   const struct trial_row *parent, const char *steps);

/* Runs it, or the part of it that its row says (work/part.h), from what is kept of its folds (work/keeper.h), and keeps it when it is cancelled: epochs go to control as
 * {"event":"epoch", ...}. Stores the folds' weights and the out-of-fold predictions,
 * and returns the result (morphsmith(1), score), or NULL and err. */
json_t *trial_run(struct workspace *w, const struct dataset *d, const struct trial_row *t, struct threads *pool,
                  const struct control *control, struct error *err);

/* The parent's fold models with the trial's morphisms applied, into start[folds]; on failure some may be there too:
 * model_free all. */
bool trial_grow_folds(struct workspace *w, const struct trial_row *t, struct model **start, int folds,
                      struct error *err);

/* Its result, or its failure, is stored: nothing of it need be gone on with. */
void trial_forget(struct workspace *w, const struct trial_row *t);

/* Takes score, interval, noise and hashes from a result into the row, and keeps the result's text. Of one that is
 * "partial" the score is the "estimate" in it, where there is one, the noise is larger, and there is no interval. */
bool trial_finish(struct trial_row *t, json_t *result, struct error *err);

/* Stores predictions; *file names them. */
bool trial_keep_predictions(struct workspace *w, const struct crossval *c, struct hash *file, struct error *err);

/* A model with a trial's morphisms applied, one a line; takes m, which may be NULL. */
struct model *trial_grow(struct model *m, const char *steps, uint64_t seed, struct error *err);

/* The stored out-of-fold predictions of a result, enough for evidence_of. crossval_free. */
struct crossval *trial_out_of_fold(struct workspace *w, const json_t *result, struct error *err);

/* What trainings will take, as an event said before they begin: {"event":"plan","bytes","batch","macs","weights_bytes",
 * "at_once","text"}. See train/room.h. */
json_t *trial_plan_json(const struct arch *a, int batch, int models, int at_once);

/* One epoch as an event and back. */
json_t *trial_epoch_json(const char *kind, int64_t run, const struct train_event *e);
bool trial_epoch_parse(const json_t *event, struct train_event *out);
json_t *trial_interval_json(double mean, double low, double high);
/* `score` is what a search maximises, with `score_name`; r2, mae, pearson and spearman are there for returns. */
json_t *trial_metric_json(const struct metric *m, const struct metric_interval *right,
                          const struct metric_interval *objective, enum task_target target);

#endif
