/* What a search came to: the best, the evidence, every strategy's own best, the Pareto front. */
#include "work/driver_internal.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/arches.h"
#include "work/json.h"
#include "work/judge.h"

#include <math.h>

/* For who looks later: "ID SENTENCE" of the search that ended last. */
static void keep_sentence(struct driver *d, const char *sentence)
{
    char *text = memory_format("%lld %s", (long long)d->id, sentence);
    workspace_setting_set(d->w, "search.evidence", text);
    free(text);
}

static json_t *short_json(const struct trial_row *t)
{
    if (!t)
        return json_null();
    return json_pack("{s:I, s:o, s:o}", "trial", (json_int_t)t->id, "arch", json_of_hash(t->arch), "score",
                     json_of_number(t->score));
}

/* With the best score so far behind each of its trials, the starting points first. */
static json_t *lane_json(const struct driver *d, const struct lane *lane)
{
    json_t *so_far = json_array();
    double best = (double)NAN;
    int own = 0, stopped = 0, failed = 0;
    for (size_t i = 0; i < d->trials; i++) {
        const struct trial_row *t = &d->trial[i];
        if (!driver_is_of(t, lane->name))
            continue;
        if (driver_full(t) && !(best >= t->score))
            best = t->score;
        own += t->strategy[0] != 0;
        failed += text_equal(t->state, "failed") && !driver_timed_out(t);
        stopped += text_equal(t->state, "done") && !driver_full(t);
        json_array_append_new(so_far, json_of_number(best));
    }
    return json_pack("{s:s, s:i, s:i, s:i, s:o, s:o}", "strategy", lane->name, "trials", own, "failed", failed,
                     "stopped", stopped, "best", short_json(driver_best(d, lane->name)), "best_so_far", so_far);
}

static json_t *lanes_json(const struct driver *d)
{
    json_t *list = json_array();
    for (int i = 0; i < d->lanes; i++)
        json_array_append_new(list, lane_json(d, &d->lane[i]));
    return list;
}

/* --- the Pareto front --------------------------------------------------------------------------------------------- */

#define AIMS 4

struct point {
    const struct trial_row *trial;
    double aim[AIMS]; /* to be made small; 0 where it is no objective */
    int64_t parameters, macs;
};

static bool dominates(const struct point *a, const struct point *b)
{
    bool better = false;
    for (int i = 0; i < AIMS; i++) {
        if (a->aim[i] > b->aim[i])
            return false;
        better |= a->aim[i] < b->aim[i];
    }
    return better;
}

static bool point_of(const struct driver *d, struct point *p, const struct trial_row *t)
{
    unsigned wanted = d->options->objectives;
    double most = d->options->max_latency_us;
    struct arch_row row;
    bool measured = isfinite(t->latency_us) || !(wanted & SEARCH_LATENCY);
    if (!driver_full(t) || !measured || (most > 0 && !(t->latency_us <= most)) ||
        !arches_get(d->w, t->arch, &row, NULL))
        return false;
    free(row.text);
    *p = (struct point){t,
                        {-t->score, wanted & SEARCH_PARAMETERS ? (double)row.parameters : 0,
                         wanted & SEARCH_MACS ? (double)row.macs : 0, wanted & SEARCH_LATENCY ? t->latency_us : 0},
                        row.parameters,
                        row.macs};
    return true;
}

static json_t *front_json(const struct driver *d)
{
    struct point *p = NEW_ARRAY(struct point, d->trials + 1);
    json_t *list = json_array();
    int n = 0;
    for (size_t i = 0; i < d->trials; i++)
        n += point_of(d, &p[n], &d->trial[i]);
    for (int i = 0; i < n; i++) {
        bool on = true;
        for (int k = 0; k < n && on; k++)
            on = !dominates(&p[k], &p[i]);
        if (!on)
            continue;
        json_t *one = short_json(p[i].trial);
        json_object_set_new(one, "parameters", json_integer(p[i].parameters));
        json_object_set_new(one, "macs", json_integer(p[i].macs));
        json_object_set_new(one, "latency_us", json_of_number(p[i].trial->latency_us));
        json_array_append_new(list, one);
    }
    free(p);
    return list;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static void put_counts(const struct driver *d, json_t *result)
{
    int stopped = 0, failed = 0, timed_out = 0;
    double macs = 0;
    for (size_t i = 0; i < d->trials; i++) {
        const struct trial_row *t = &d->trial[i];
        double own = driver_number(t, "training_macs");
        bool out = driver_timed_out(t);
        timed_out += out;
        failed += !out && !text_equal(t->state, "done");
        stopped += text_equal(t->state, "done") && !driver_full(t);
        macs += isfinite(own) && !isfinite(driver_number(t, "taken_over")) ? own : 0;
    }
    json_object_set_new(result, "trials", json_integer((json_int_t)d->trials));
    json_object_set_new(result, "failed", json_integer(failed));
    json_object_set_new(result, "stopped", json_integer(stopped));
    json_object_set_new(result, "timed_out", json_integer(timed_out));
    json_object_set_new(result, "training_macs", json_of_number(macs));
    json_object_set_new(result, "max_macs", json_integer(d->cap > 0 ? d->cap : d->options->max_macs));
}

static json_t *nothing(struct driver *d, double seconds, struct error *err)
{
    bool any = false;
    for (size_t i = 0; i < d->trials; i++)
        any |= driver_full(&d->trial[i]);
    runs_search_end(d->w, d->id, "done", seconds, NULL);
    if (any)
        error_set(err, ERROR_FAILED, "no trial of %zu keeps the limit of %.1f us a prediction", d->trials,
                  d->options->max_latency_us);
    else if (driver_time_left(d) <= 0)
        error_set(err, ERROR_LIMIT, "no trial of %zu came to an end within %.0f s: give --time more, or --epochs less",
                  d->trials, d->options->seconds);
    else
        error_set(err, ERROR_FAILED, "no trial of %zu came to an end; the log says why", d->trials);
    return NULL;
}

json_t *driver_result(struct driver *d, struct error *err)
{
    double seconds = clock_seconds() - d->started;
    const struct trial_row *best = driver_best(d, NULL);
    if (!best)
        return nothing(d, seconds, err);
    json_t *result = NULL, *scored = json_loads(best->result, 0, NULL);
    struct dataset *data = tasks_dataset(d->w, &d->task, err);
    struct evidence e;
    if (data && judge_trial(d->w, scored, data, &e, err)) {
        keep_sentence(d, e.sentence);
        result = json_pack("{s:b, s:O, s:o, s:o, s:I, s:o}", "done", 1, "best", scored, "evidence", judge_json(&e),
                           "seconds", json_of_number(seconds), "search", (json_int_t)d->id, "strategies",
                           lanes_json(d));
        put_counts(d, result);
        json_object_set_new(result, "inherited", driver_inherited(d));
        if (d->options->objectives & ~(unsigned)SEARCH_SCORE)
            json_object_set_new(result, "front", front_json(d));
        if (!runs_search_end(d->w, d->id, "done", seconds, err)) { /* last: until then it can be resumed */
            json_decref(result);
            result = NULL;
        }
    }
    dataset_free(data);
    json_decref(scored);
    return result;
}
