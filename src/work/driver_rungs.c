/* How much of a trial is run. Rungs are numbers of folds, the first fold at first, each costing (in samples trained on)
 * at least twice what the one before did; the last is all of them. A trial climbs when it is in the best third of those
 * that came to its rung. Within a fold a training is cut where its best early-stopping loss is clearly behind the
 * others' median at the same epoch. Starting points run in full. When nothing else is left, the best of a strategy that ran
 * none of its own in full climbs all the same: what was stopped can be compared with nothing. */
#include "work/driver_internal.h"

#include "base/memory.h"
#include "base/text.h"
#include "work/json.h"

#include <math.h>

#define ETA 3          /* one in so many climbs */
#define RUNG_RATIO 2.0 /* least ratio of two rungs' costs */
#define CURVES_LEAST 6 /* below so many others nothing is cut */

/* --- the rungs ---------------------------------------------------------------------------------------------------- */

static int pick_rungs(int *rung, const double *cost, int folds)
{
    int n = 0;
    for (int k = 0; k < folds - 1 && n < RUNGS_MAX - 1; k++)
        if ((n == 0 || cost[k] >= RUNG_RATIO * cost[rung[n - 1] - 1]) && cost[k] * 1.5 <= cost[folds - 1])
            rung[n++] = k + 1;
    rung[n++] = folds;
    return n;
}

bool driver_rungs_open(struct driver *d, struct error *err)
{
    double cost[DATASET_FOLDS_MAX], sum = 0;
    int folds = (int)d->task.task.folds;
    if (!driver_time_open(d, err))
        return false;
    for (int k = 0; k < folds; k++)
        cost[k] = sum += d->samples[k];
    d->rung[0] = folds;
    d->rungs = d->options->halving ? pick_rungs(d->rung, cost, folds) : 1;
    return true;
}

double driver_fold_score(const json_t *result, int first, int n)
{
    const json_t *folds = json_object_get(result, "folds");
    const char *name = json_string_value(json_object_get(result, "score_name"));
    bool is_share = name && text_equal(name, task_score_name(TASK_DIRECTION));
    double correct = 0, total = 0, sum = 0;
    for (int k = first; k < first + n; k++) {
        const json_t *fold = json_array_get(folds, (size_t)k);
        correct += json_member_number(fold, "correct");
        total += json_member_number(fold, "total");
        sum += json_member_number(fold, "score");
    }
    return is_share ? correct / total : sum / n;
}

static double score_of(const json_t *result, int n)
{
    return driver_fold_score(result, 0, n);
}

/* --- curves that are behind --------------------------------------------------------------------------------------- */

struct curves {
    double *best; /* [n][epochs], of one fold: the best loss so far, which stays when a training has ended */
    int n, epochs;
    size_t capacity;
};

static void add_curve(struct curves *c, const struct train_event *e, int n, int fold)
{
    double best = INFINITY;
    int at = 0;
    c->best = memory_grow(c->best, &c->capacity, (size_t)(c->n + 1) * (size_t)c->epochs, sizeof *c->best);
    double *row = c->best + (size_t)c->n * (size_t)c->epochs;
    for (int i = 0; i < n; i++) {
        if (e[i].fold != fold || e[i].epoch > c->epochs)
            continue;
        for (; at < e[i].epoch - 1; at++)
            row[at] = best;
        best = e[i].valid_loss < best ? e[i].valid_loss : best;
        if (e[i].epoch > 0)
            row[at++] = best;
    }
    if (at == 0)
        return;
    for (; at < c->epochs; at++)
        row[at] = best;
    c->n++;
}

/* Clearly behind: by more than the distance between the quarters above the median. Not a number where too few were
 * there. */
static double limit_at(const struct curves *c, int epoch, double *sorted)
{
    int n = 0;
    for (int i = 0; i < c->n; i++) {
        double v = c->best[(size_t)i * (size_t)c->epochs + (size_t)epoch];
        int at = isfinite(v) ? n++ : -1;
        for (; at > 0 && sorted[at - 1] > v; at--)
            sorted[at] = sorted[at - 1];
        if (at >= 0)
            sorted[at] = v;
    }
    if (n < CURVES_LEAST)
        return (double)NAN;
    return sorted[n / 2] + (sorted[n * 3 / 4] - sorted[n / 4]);
}

static json_t *limits_of(const struct curves *c)
{
    double *sorted = NEW_ARRAY(double, c->n + 1);
    json_t *list = json_array();
    for (int e = 0; e < c->epochs; e++)
        json_array_append_new(list, json_of_number(limit_at(c, e, sorted)));
    free(sorted);
    return list;
}

static json_t *all_limits(struct driver *d, const char *strategy, int folds)
{
    const struct recipe *r = &d->options->recipe;
    struct curves c[DATASET_FOLDS_MAX] = {{0}};
    json_t *limits = json_array();
    for (int k = 0; k < folds; k++)
        c[k].epochs = r->epochs < PART_EPOCHS_MAX ? r->epochs : PART_EPOCHS_MAX;
    for (size_t i = 0; i < d->trials; i++) {
        struct train_event *e = NULL;
        if (!text_equal(d->trial[i].state, "done") || !driver_is_of(&d->trial[i], strategy))
            continue;
        int n = runs_epochs(d->w, "trial", d->trial[i].id, &e, NULL);
        for (int k = 0; k < folds; k++)
            add_curve(&c[k], e, n, k);
        free(e);
    }
    for (int k = 0; k < folds; k++) {
        json_array_append_new(limits, limits_of(&c[k]));
        free(c[k].best);
    }
    return limits;
}

/* --- what is run, and goes on ------------------------------------------------------------------------------------- */

static void write_part(struct driver *d, struct trial_row *t, int folds)
{
    const struct driver_options *o = d->options;
    const struct trial_row *best = driver_best(d, t->strategy[0] ? t->strategy : NULL);
    struct part p = {.folds = folds,
                     .against = best ? best->id : 0,
                     .latency = (o->objectives & SEARCH_LATENCY) != 0 || o->max_latency_us > 0,
                     .max_latency_us = o->max_latency_us};
    if (o->halving && t->strategy[0] && o->recipe.stop_ppm > 0)
        p.limits = all_limits(d, t->strategy, folds);
    char *text = part_write(&p, t->result);
    free(t->result);
    t->result = text;
    part_free(&p);
}

void driver_rungs_start(struct driver *d, struct trial_row *t, bool whole)
{
    write_part(d, t, whole ? d->rung[d->rungs - 1] : d->rung[0]);
}

struct standing {
    struct trial_row *trial;
    double score;
    int folds; /* run */
    bool cut;
};

/* Of one strategy's trials that came to a rung, best first: starting points, those that climbed on and those that were
 * cut there among them. free() */
static struct standing *stand(struct driver *d, const struct lane *lane, int rung, int *n)
{
    struct standing *s = NEW_ARRAY(struct standing, d->trials + 1);
    *n = 0;
    for (size_t i = 0; i < d->trials; i++) {
        struct trial_row *t = &d->trial[i];
        if (text_equal(t->state, "failed") || !driver_is_of(t, lane->name))
            continue;
        json_t *j = json_loads(t->result, 0, NULL);
        int folds = (int)json_array_size(json_object_get(j, "folds"));
        if (folds >= d->rung[rung]) {
            struct standing one = {t, score_of(j, d->rung[rung]), folds, json_object_get(j, "cut") != NULL};
            int at = (*n)++;
            for (; at > 0 && s[at - 1].score < one.score; at--)
                s[at] = s[at - 1];
            s[at] = one;
        }
        json_decref(j);
    }
    return s;
}

/* Who stands on a rung still and is among the best in one of `of` there. */
static struct trial_row *climber(struct driver *d, const struct lane *lane, int rung, int of)
{
    struct trial_row *found = NULL;
    int n;
    struct standing *s = stand(d, lane, rung, &n);
    for (int i = 0; i < n / of && !found; i++)
        if (s[i].folds == d->rung[rung] && !s[i].cut && text_equal(s[i].trial->state, "done"))
            found = s[i].trial;
    free(s);
    return found;
}

static struct trial_row *climb(struct driver *d, struct trial_row *t, int rung)
{
    write_part(d, t, d->rung[rung + 1]);
    text_copy(t->state, sizeof t->state, "waiting");
    t->attempts = 0;
    return t;
}

struct trial_row *driver_rungs_promote(struct driver *d)
{
    for (int r = d->rungs - 2; r >= 0; r--)
        for (int i = 0; i < d->lanes; i++) {
            struct trial_row *t = climber(d, &d->lane[i], r, ETA);
            if (t)
                return climb(d, t, r);
        }
    return NULL;
}

/* Ran it one of its own in full, or is one on its way? */
static bool has_own(const struct driver *d, const struct lane *lane)
{
    for (size_t i = 0; i < d->trials; i++) {
        const struct trial_row *t = &d->trial[i];
        if (text_equal(t->strategy, lane->name) && (driver_full(t) || !driver_ended(t)))
            return true;
    }
    return false;
}

struct trial_row *driver_rungs_last(struct driver *d)
{
    for (int i = 0; i < d->lanes; i++)
        for (int r = d->rungs - 2; r >= 0 && !has_own(d, &d->lane[i]); r--) {
            struct trial_row *t = climber(d, &d->lane[i], r, 1);
            if (t)
                return climb(d, t, r);
        }
    return NULL;
}

/* Fold against fold with the trial that was the best when it began: what the folds differ in is the same for both. */
void driver_rungs_estimate(struct driver *d, const struct trial_row *t, json_t *result)
{
    struct part p = part_read(t->result);
    const struct trial_row *best = p.against ? driver_find(d, p.against) : NULL;
    int n = (int)json_array_size(json_object_get(result, "folds"));
    part_free(&p);
    if (!json_is_true(json_object_get(result, "partial")) || !best || !driver_full(best) || n < 1)
        return;
    json_t *other = json_loads(best->result, 0, NULL);
    double difference = score_of(result, n) - score_of(other, n);
    json_decref(other);
    if (isfinite(difference))
        json_object_set_new(result, "estimate",
                            json_pack("{s:f, s:I, s:f}", "score", best->score + difference, "against",
                                      (json_int_t)best->id, "difference", difference));
}

bool driver_rungs_seen(struct driver *d, const struct trial_row *t, const json_t *result)
{
    const json_t *folds = json_object_get(result, "folds");
    struct train_event *e = NULL;
    int n = runs_epochs(d->w, "trial", t->id, &e, NULL), expected = 0, seen = 0;
    for (size_t k = 0; k < json_array_size(folds); k++) {
        int epochs = (int)json_integer_value(json_object_get(json_array_get(folds, k), "epochs"));
        expected += epochs;
        for (int i = 0; i < n; i++)
            seen += e[i].fold == (int)k && e[i].epoch >= 1 && e[i].epoch <= epochs;
    }
    free(e);
    return seen == expected;
}
