/* Scoring: the cross-validation of one architecture. */
#include "action/train_internal.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/arches.h"
#include "store/checkpoints.h"
#include "store/tasks.h"
#include "train/crossval.h"
#include "train/room.h"
#include "work/json.h"
#include "work/trial.h"

#include <math.h>

enum { GENERATIONS = 1000 }; /* more than any chain has */

/* The same recipe gives the same bits: what was scored once is not trained again. */
static json_t *scored_before(struct workspace *w, const struct trial_row *t)
{
    struct trial_row known;
    json_t *result = NULL;
    if (runs_trial_done(w, t->recipe_id, &known)) {
        result = json_loads(known.result, 0, NULL);
        runs_trial_free(&known);
    }
    return result;
}

/* A new row, or that of an earlier attempt that did not come to its end, and the lock that says that it runs; -1 and
 * err. A new row is not seen before it is locked. */
static int begin_trial(struct workspace *w, struct trial_row *t, struct error *err)
{
    struct trial_row left;
    int lock = -1;
    t->attempts = 1;
    text_copy(t->state, sizeof t->state, "running");
    if (!workspace_begin(w, err))
        return -1;
    bool ok = true;
    if (runs_trial_left(w, t->recipe_id, &left)) {
        t->id = left.id;
        t->attempts = left.attempts + 1;
        runs_trial_free(&left);
        ok = runs_trial_save(w, t, err); /* what there is of its curve stands: it comes to the same values again */
    } else {
        ok = runs_trial_new(w, t, err);
    }
    if (ok)
        lock = checkpoints_lock(w, "trial", t->id, err);
    if (lock >= 0 && workspace_commit(w, err))
        return lock;
    workspace_rollback(w);
    checkpoints_unlock(w, "trial", t->id, lock);
    return -1;
}

/* An interrupted trial neither failed nor was it scored: it waits, and the next attempt goes on where it was. */
static void give_up(struct workspace *w, struct trial_row *t, const char *again, const struct error *why,
                    struct error *err)
{
    if (why->kind == ERROR_INTERRUPTED) {
        text_copy(t->state, sizeof t->state, "waiting");
        runs_trial_save(w, t, NULL);
        error_set(err, why->kind, "%s; what was trained is kept: `%.60s` with the same settings goes on",
                  why->text, again);
        return;
    }
    error_set(err, why->kind, "%s", why->text);
    json_t *result = json_pack("{s:o}", "error", json_of_text(why->text));
    text_copy(t->state, sizeof t->state, "failed");
    free(t->result);
    t->result = json_dumps(result, JSON_COMPACT);
    json_decref(result);
    runs_trial_save(w, t, NULL);
    if (why->kind == ERROR_FAILED)
        trial_forget(w, t); /* it would come to the same again */
}

struct relay {
    struct workspace *w;
    const struct control *control;
    struct trial_row *trial;
};

static void keep_event(void *context, json_t *event)
{
    struct relay *r = context;
    const char *kind = json_string_value(json_object_get(event, "event"));
    struct train_event e;
    if (kind && text_equal(kind, "epoch") && trial_epoch_parse(event, &e))
        runs_epoch_put(r->w, "trial", r->trial->id, &e, NULL);
    if (kind && (text_equal(kind, "paused") || text_equal(kind, "resumed"))) {
        text_copy(r->trial->state, sizeof r->trial->state, text_equal(kind, "paused") ? "paused" : "running");
        runs_trial_save(r->w, r->trial, NULL);
    }
    control_event(r->control, json_incref(event));
}

static bool relay_cancelled(void *context)
{
    return control_cancelled(((struct relay *)context)->control);
}

static bool relay_paused(void *context)
{
    return control_paused(((struct relay *)context)->control);
}

static json_t *run_trial(struct workspace *w, const struct job_input *in, struct trial_row *t, const char *again,
                         const struct control *control, struct error *err)
{
    struct relay relay = {w, control, t};
    struct control keeping = {&relay, keep_event, relay_cancelled, relay_paused};
    struct error why = {0};
    json_t *result = trial_run(w, in->data, t, in->pool, &keeping, &why);
    if (result && trial_finish(t, result, &why) && runs_trial_save(w, t, &why)) {
        trial_forget(w, t);
        return result;
    }
    json_decref(result);
    give_up(w, t, again, &why, err);
    return NULL;
}

json_t *score_arch(struct workspace *w, const struct job_input *in, const struct recipe *recipe,
                   const struct score_label *label, const struct control *control, struct error *err)
{
    struct trial_row t = {0};
    trial_prepare(&t, in->arch_id, in->data->hash, recipe, label->parent, label->steps);
    t.why = memory_text(label->why);
    text_copy(t.strategy, sizeof t.strategy, label->strategy);
    json_t *result = scored_before(w, &t);
    if (result)
        trial_forget(w, &t); /* killed between storing the result and this */
    bool fits = result || room_check(in->arch, recipe->batch, in->data->folds, 1, err);
    int lock = result || !fits ? -1 : begin_trial(w, &t, err);
    if (lock >= 0) {
        train_announce_plan(in, recipe, in->data->folds, control);
        result = run_trial(w, in, &t, label->again, control, err);
        checkpoints_unlock(w, "trial", t.id, lock);
    }
    runs_trial_free(&t);
    return result;
}

/* --- several seeds ------------------------------------------------------------------------------------------------ */

struct seeds_relay {
    const struct control *control;
    int seed, seeds;
};

static void relay_seed(void *context, json_t *event)
{
    const struct seeds_relay *r = context;
    const json_t *share = json_object_get(event, "progress");
    const char *text = json_string_value(json_object_get(event, "text"));
    if (json_is_number(share) && text) {
        char *more = memory_format("seed %d of %d, %s", r->seed + 1, r->seeds, text);
        json_object_set_new(event, "progress", json_real((r->seed + json_number_value(share)) / r->seeds));
        json_object_set_new(event, "text", json_of_text(more));
        free(more);
    }
    control_event(r->control, json_incref(event));
}

static bool seed_cancelled(void *context)
{
    return control_cancelled(((const struct seeds_relay *)context)->control);
}

static bool seed_paused(void *context)
{
    return control_paused(((const struct seeds_relay *)context)->control);
}

/* {"n", "mean", "sd", "low", "high", "scores"}: how much the score hangs on the seed. */
static json_t *spread_json(json_t *scores)
{
    size_t n = json_array_size(scores);
    double mean = 0, squares = 0, low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        double v = json_number_value(json_array_get(scores, i));
        mean += v / (double)n;
        low = v < low ? v : low;
        high = v > high ? v : high;
    }
    for (size_t i = 0; i < n; i++) {
        double off = json_number_value(json_array_get(scores, i)) - mean;
        squares += off * off;
    }
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o}", "n", (json_int_t)n, "mean", json_of_number(mean), "sd",
                     json_of_number(n > 1 ? sqrt(squares / (double)(n - 1)) : 0), "low", json_of_number(low), "high",
                     json_of_number(high), "scores", scores);
}

/* The first seed's result, with the spread over all of them; each is a trial of its own. */
static json_t *score_seeds(struct workspace *w, const struct job_input *in, const struct action_train_options *options,
                           const struct score_label *label, const struct control *control, struct error *err)
{
    struct seeds_relay relay = {control, 0, options->seeds};
    struct control numbered = {&relay, relay_seed, seed_cancelled, seed_paused};
    struct recipe recipe = options->recipe;
    json_t *first = NULL, *scores = json_array();
    for (; relay.seed < relay.seeds; relay.seed++, recipe.seed++) {
        json_t *one = score_arch(w, in, &recipe, label, &numbered, err);
        if (!one) {
            json_decref(first);
            json_decref(scores);
            return NULL;
        }
        json_array_append_new(scores, json_of_number(json_member_number(json_object_get(one, "score"), "mean")));
        first = first ? (json_decref(one), first) : one;
    }
    json_object_set_new(first, "seeds", spread_json(scores));
    return first;
}

/* --- grown ---------------------------------------------------------------------------------------------------------- */

/* One generation up: to *id comes its parent, and before *steps what made it. false where it has none, or with err. */
static bool step_up(struct workspace *w, struct hash *id, char **steps, struct error *err)
{
    struct arch_row row;
    if (!arches_get(w, *id, &row, err))
        return false;
    free(row.text);
    char *made = hash_is_zero(row.parent) ? NULL : arches_steps(w, &row, err);
    bool grew = made && made[0];
    if (grew) {
        char *all = *steps ? memory_format("%s\n%s", made, *steps) : memory_text(made);
        free(*steps);
        *steps = all;
        *id = row.parent;
    }
    free(made);
    return grew;
}

/* The nearest ancestor that was scored in full, and all morphisms that lead from there: a search grows its candidates so
 * as well. ERROR_USAGE where there is none; free *steps and the trial. */
static bool ancestor_of(struct workspace *w, const struct job_input *in, struct trial_row *out, char **steps,
                        struct error *err)
{
    struct hash id = in->arch_id;
    struct error why = {0};
    *steps = NULL;
    for (int i = 0; i < GENERATIONS && step_up(w, &id, steps, &why); i++)
        if (runs_trial_of_arch(w, in->data->hash, id, NULL, out))
            return true;
    free(*steps);
    *steps = NULL;
    if (why.text[0])
        return error_set(err, why.kind, "%s", why.text);
    return error_set(err, ERROR_USAGE,
                     "nothing that this architecture grew from was scored on this task: without --grow it is scored "
                     "from scratch");
}

static json_t *score_grown(struct workspace *w, const struct job_input *in, const struct recipe *recipe, const char *again,
                           const struct control *control, struct error *err)
{
    struct trial_row parent;
    struct recipe grown;
    char *steps;
    if (!ancestor_of(w, in, &parent, &steps, err))
        return NULL;
    recipe_grown(&grown, recipe, 0);
    char *why = memory_format("scored by hand, grown from trial %lld", (long long)parent.id);
    struct score_label label = {why, "", again, &parent, steps};
    json_t *result = score_arch(w, in, &grown, &label, control, err);
    runs_trial_free(&parent);
    free(steps);
    free(why);
    return result;
}

json_t *action_score(struct workspace *w, const char *key, const struct action_train_options *options,
                     const struct control *control, struct error *err)
{
    struct job_input in;
    json_t *result = NULL;
    if (!recipe_check(&options->recipe, err) || !recipe_exact(&options->recipe, "a score", err))
        return NULL;
    if (train_input_open(&in, w, key, options->threads, err)) {
        char *again = memory_format("score %.40s%s", key, options->grow ? " --grow" : "");
        struct score_label label = {"scored by hand", "", again, NULL, ""};
        if (options->grow)
            result = score_grown(w, &in, &options->recipe, again, control, err);
        else if (options->seeds > 1)
            result = score_seeds(w, &in, options, &label, control, err);
        else
            result = score_arch(w, &in, &options->recipe, &label, control, err);
        free(again);
    }
    train_input_close(&in);
    return result;
}
