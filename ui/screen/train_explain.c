/* The Train screen's `e`: what the numbers of the run under the cursor mean. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/train_state.h"

#include <jansson.h>

static double member(const json_t *j, const char *key)
{
    const json_t *v = json_object_get(j, key);
    return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

static void say_what_loss_is(struct text *out, const struct train_screen *s, double without)
{
    switch (s->task.task.target) {
    case TASK_DIRECTION:
        text_put(out, "LOSS is binary cross-entropy: the mean of -log p, p being the probability that was given to the direction that "
                      "came. A coin (p = 1/2 always) has ln 2 = 0.69315; 0 is perfect.\n");
        break;
    case TASK_RETURN:
        text_put(out, "LOSS is the mean squared error in units of the training part's variance. Its mean return, always predicted, "
                      "has 1 there; 0 is perfect.\n");
        break;
    case TASK_CLASS:
        text_printf(out, "LOSS is softmax cross-entropy: the mean of -log p, p being the probability that was given to the class that "
                         "came. Chance (p = 1/%d always) has %.5f; 0 is perfect.\n", s->outputs, without);
        break;
    }
}

static void say_loss(struct text *out, const struct train_screen *s, const struct train_run *r)
{
    const char *name;
    double without = train_loss_without(s, &name);
    bool is_direction = s->task.task.target == TASK_DIRECTION;
    say_what_loss_is(out, s, without);
    if (r->curve.n == 0)
        return;
    const struct train_event *last = &r->curve.event[r->curve.n - 1];
    text_printf(out, "  latest epoch (%d): %.5f on the training bars, %.5f on the validation slice", last->epoch, last->train_loss,
                last->valid_loss);
    if (last->valid_loss > last->train_loss)
        text_printf(out, "; the gap of %.5f is what it learned by heart", last->valid_loss - last->train_loss);
    text_put(out, ".\n");
    if (r->curve.best < 0)
        return;
    const struct train_event *best = &r->curve.event[r->curve.best];
    text_printf(out, "  least validation loss: %.5f in epoch %d, %.5f %s %s, with %.2f %% %sright. These are the "
                     "weights that are kept: later epochs that do no better are thrown away (early stopping).\n",
                best->valid_loss, best->epoch, fabs(without - best->valid_loss),
                best->valid_loss < without ? "better than" : "worse than", name, 100 * best->valid_accuracy,
                is_direction ? "of directions " : "");
}

static void say_auc(struct text *out, const struct train_screen *s, const json_t *result)
{
    if (s->task.task.target == TASK_CLASS)
        text_put(out, "\nAUC is the mean over the classes of the chance that a bar of the class was given a higher probability of it "
                      "than a bar of another: 0.5 is chance, 1 is perfect; no threshold is involved.\n");
    else if (s->task.task.target == TASK_RETURN)
        text_put(out, "\nAUC is the chance that a bar that went up was given a higher return than a bar that did not: 0.5 is a coin, "
                      "1 is perfect; no threshold is involved.\n");
    else
        text_put(out, "\nAUC is the chance that a bar that went up was given a higher probability than a bar that went down: 0.5 is a coin, 1 "
                  "is perfect; no threshold is involved.\n");
    if (isfinite(member(result, "auc")))
        text_printf(out, "  here: %.4f over %.0f out-of-fold bars, with %.4f of them right.\n", member(result, "auc"),
                    member(result, "total"), member(result, "correct") / member(result, "total"));
}

static void say_folds(struct text *out, const struct train_screen *s, const struct train_run *r, const json_t *result)
{
    const json_t *folds = json_object_get(result, "folds");
    text_printf(out, "\nA FOLD is a stretch of time that is only predicted: the network is trained on what lies before it, with the bars at the "
                     "border purged (a target looks %d bar%s ahead) and an embargo. Walking forward through %d folds gives predictions "
                     "that no training has seen.\n", s->task.task.horizon, s->task.task.horizon == 1 ? "" : "s", s->task.task.folds);
    if (!r->trial)
        text_put(out, "  A single training (t) has no folds: it sees every bar before the hold-out but for a purged last slice, which tells it "
                      "when to stop. Its accuracy there is no evidence of skill; c scores it over folds.\n");
    for (size_t k = 0; k < json_array_size(folds); k++) {
        const json_t *f = json_array_get(folds, k);
        text_printf(out, "  fold %zu: %.0f of %.0f right (%.2f %%), log loss %.5f, best epoch %.0f\n", k + 1, member(f, "correct"),
                    member(f, "total"), 100 * member(f, "directional_accuracy"), member(f, "log_loss"), member(f, "best_epoch"));
    }
}

static void say_proof(struct text *out, const struct train_screen *s, const struct train_run *r)
{
    char hex[HASH_HEX];
    if (r->blas)
        text_put(out, "\nKERNELS BLAS: these weights, or those they grew from, were trained through OpenBLAS. Its sums run in an order "
                      "that hangs on the machine, so that nobody else gets the same digits as below: they are good for a comparison of "
                      "speed, not for a claim. Set kernels to exact (o) and train again.\n");
    text_put(out, "\nThe TRACE ROOT is the top of a Merkle tree over the whole state of the training (weights, both moments of the optimiser, "
                  "step) at regular steps. Training is exact arithmetic in a fixed order: whoever repeats it with the same data, network "
                  "and recipe gets the same 64 digits on any machine and with any number of threads; whoever changed a single bit "
                  "anywhere does not, and the tree shows at which step the two part. It proves that these weights came from this "
                  "training. It does not prove that they predict well.\n");
    if (hash_is_zero(s->proof.trace_root)) {
        text_put(out, "  This run has none yet: it gets one when it ends well.\n");
        return;
    }
    hash_hex(s->proof.trace_root, hex);
    text_printf(out, "  trace root  %s\n", hex);
    hash_hex(s->proof.weights, hex);
    text_printf(out, "  weights     %s\n", hex);
}

/* A trial's result is read when it is asked for: one row, by its number. */
char *train_explain(struct train_screen *s, struct app *app)
{
    const struct train_run *r = train_at(s);
    struct text out = {0};
    struct trial_row trial;
    json_t *result = NULL;
    if (r == NULL)
        return NULL;
    if (r->trial && runs_trial_get(app_workspace(app), r->id, &trial, NULL)) {
        result = json_loads(trial.result, 0, NULL);
        runs_trial_free(&trial);
    }
    text_printf(&out, "%s %lld of %s: %s\n\n", r->trial ? "Trial" : "Training", (long long)r->id, r->name, r->state);
    say_loss(&out, s, r);
    say_auc(&out, s, result);
    say_folds(&out, s, r, result);
    say_proof(&out, s, r);
    text_put(&out, "\nGradient norm: the length of the last batch's gradient in each epoch. Falling with the loss it converges; growing it "
                   "diverges: try a smaller learning rate (o).\n");
    json_decref(result);
    return out.data;
}
