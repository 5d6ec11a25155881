/* Strategies on a benchmark table: what they have found after so many queries. Declared in bench.h. */
#include "action/bench.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/threads.h"
#include "search/search.h"
#include "search/table.h"
#include "work/json.h"

#include <math.h>
#include <pthread.h>

#define STRATEGIES_MAX 8
#define ALIKE 10 /* queries of a seed that are the same for all strategies */

static const int checkpoint[] = {10, 25, 50, 75, 100, 150, 200, 300};
#define CHECKPOINTS ((int)ARRAY_N(checkpoint))

struct race {
    const struct action_bench_search_options *options;
    const struct search_table *table;
    const struct strategy *strategy[STRATEGIES_MAX];
    int strategies, points; /* of the checkpoints, those within the queries */
    double *best;           /* [strategies, points, seeds]: test score of the best by validation */
    double *seconds;        /* [strategies, seeds] */
    const struct control *control;
    pthread_mutex_t lock; /* of what follows */
    int done;
    double started;
    bool cancelled;
    struct error error;
};

static double *best_at(const struct race *r, int strategy, int point)
{
    return r->best + ((size_t)strategy * (size_t)r->points + (size_t)point) * (size_t)r->options->seeds;
}

static bool was_cancelled(struct race *r)
{
    pthread_mutex_lock(&r->lock);
    r->cancelled = r->cancelled || r->error.kind != ERROR_NONE || control_cancelled(r->control);
    bool cancelled = r->cancelled;
    pthread_mutex_unlock(&r->lock);
    return cancelled;
}

static void report(struct race *r, int strategy, int seed)
{
    pthread_mutex_lock(&r->lock);
    int all = r->strategies * r->options->seeds;
    double spent = clock_seconds() - r->started;
    r->done++;
    control_event(r->control,
                  json_pack("{s:s, s:s, s:I, s:o, s:o, s:o}", "event", "seed", "strategy", r->strategy[strategy]->name,
                            "seed", (json_int_t)(r->options->seed + (uint64_t)seed), "best",
                            json_of_number(best_at(r, strategy, r->points - 1)[seed]), "progress",
                            json_of_number((double)r->done / all), "eta_seconds",
                            json_of_number(spent * (all - r->done) / r->done)));
    pthread_mutex_unlock(&r->lock);
}

static void keep_error(struct race *r, const struct error *err)
{
    pthread_mutex_lock(&r->lock);
    if (r->error.kind == ERROR_NONE)
        r->error = *err;
    pthread_mutex_unlock(&r->lock);
}

/* The search sees validation scores alone. */
static bool query(struct search *s, const struct search_table *t, int id, int *row, struct error *err)
{
    struct search_candidate c;
    if (!search_ask(s, &c, err))
        return false;
    *row = c.row;
    search_tell_row(s, id, c.row, &(struct search_told){.score = search_table_score(t, c.row)});
    search_candidate_free(&c);
    return true;
}

static bool run_seed(struct race *r, struct search *s, int strategy, int seed, struct error *err)
{
    int best = -1, point = 0;
    for (int i = 0; i < r->options->queries && !was_cancelled(r); i++) {
        int row;
        if (!query(s, r->table, i, &row, err))
            return false;
        if (best < 0 || search_table_score(r->table, row) > search_table_score(r->table, best))
            best = row;
        if (point < r->points && i + 1 == checkpoint[point])
            best_at(r, strategy, point++)[seed] = r->table->row[best].test;
    }
    return true;
}

static void work(void *context, int task)
{
    struct race *r = context;
    int strategy = task % r->strategies, seed = task / r->strategies;
    struct search_options o = {.strategy = r->strategy[strategy]->name,
                               .seed = r->options->seed + (uint64_t)seed,
                               .initial = ALIKE,
                               .acquire = r->options->acquire,
                               .table = r->table};
    struct error err = {0};
    double from = clock_seconds();
    if (was_cancelled(r))
        return;
    struct search *s = search_new(&o, &err);
    if (!s || !run_seed(r, s, strategy, seed, &err))
        keep_error(r, &err);
    else if (!was_cancelled(r))
        report(r, strategy, seed);
    r->seconds[strategy * r->options->seeds + seed] = clock_seconds() - from;
    search_free(s);
}

/* --- figures ------------------------------------------------------------------------------------------------------ */

struct average {
    double mean, error; /* standard error of the mean; NaN for one value */
};

static struct average average_of(const double *value, const double *less, int n)
{
    double sum = 0, square = 0;
    for (int i = 0; i < n; i++)
        sum += (value[i] - (less ? less[i] : 0)) / n;
    for (int i = 0; i < n; i++) {
        double off = value[i] - (less ? less[i] : 0) - sum;
        square += off * off;
    }
    return (struct average){sum, n > 1 ? sqrt(square / (n - 1.0) / n) : (double)NAN};
}

/* The 97.5 % point of Student's t with n degrees of freedom: Cornish and Fisher's expansion about the normal one
 * (Abramowitz and Stegun 26.7.5), exact values below where it is off by more than 1e-3. */
static double student(int n)
{
    static const double exact[] = {12.7062, 4.3027, 3.1824, 2.7764, 2.5706};
    const double x = 1.959963984540054;
    if (n <= (int)ARRAY_N(exact))
        return exact[n - 1];
    double x3 = x * x * x, x5 = x3 * x * x, x7 = x5 * x * x;
    return x + (x3 + x) / (4.0 * n) + (5 * x5 + 16 * x3 + 3 * x) / (96.0 * n * n) +
           (3 * x7 + 19 * x5 + 17 * x3 - 15 * x) / (384.0 * n * n * n);
}

static json_t *queries_json(const struct race *r)
{
    json_t *list = json_array();
    for (int i = 0; i < r->points; i++)
        json_array_append_new(list, json_integer(checkpoint[i]));
    return list;
}

static json_t *strategy_json(const struct race *r, int k)
{
    json_t *best = json_array(), *error = json_array();
    for (int i = 0; i < r->points; i++) {
        struct average a = average_of(best_at(r, k, i), NULL, r->options->seeds);
        json_array_append_new(best, json_of_number(a.mean));
        json_array_append_new(error, json_of_number(a.error));
    }
    struct average seconds = average_of(r->seconds + k * r->options->seeds, NULL, r->options->seeds);
    return json_pack("{s:s, s:o, s:o, s:o}", "strategy", r->strategy[k]->name, "best", best, "standard_error", error,
                     "seconds_a_seed", json_of_number(seconds.mean));
}

/* Positive: the first is ahead, whichever way the table goes. */
static json_t *pair_json(const struct race *r, int a, int b)
{
    json_t *difference = json_array(), *low = json_array(), *high = json_array();
    double sign = r->table->maximise ? 1 : -1, width = r->options->seeds > 1 ? student(r->options->seeds - 1) : 0;
    for (int i = 0; i < r->points; i++) {
        struct average d = average_of(best_at(r, a, i), best_at(r, b, i), r->options->seeds);
        json_array_append_new(difference, json_of_number(sign * d.mean));
        json_array_append_new(low, json_of_number(sign * d.mean - width * d.error));
        json_array_append_new(high, json_of_number(sign * d.mean + width * d.error));
    }
    return json_pack("{s:s, s:s, s:o, s:o, s:o}", "first", r->strategy[a]->name, "second", r->strategy[b]->name, "ahead",
                     difference, "low", low, "high", high);
}

static json_t *race_json(const struct race *r)
{
    const struct action_bench_search_options *o = r->options;
    json_t *strategies = json_array(), *pairs = json_array(), *first;
    for (int k = 0; k < r->strategies; k++)
        json_array_append_new(strategies, strategy_json(r, k));
    for (int a = 0; a < r->strategies; a++)
        for (int b = a + 1; b < r->strategies; b++)
            json_array_append_new(pairs, pair_json(r, a, b));
    first = json_array_get(strategies, 0);
    return json_pack("{s:o, s:i, s:s, s:i, s:I, s:o, s:O, s:O, s:o, s:o, s:o}", "table", json_of_text(o->table), "graphs",
                     r->table->rows, "better", r->table->maximise ? "higher" : "lower", "seeds", o->seeds, "seed",
                     (json_int_t)o->seed, "queries", queries_json(r), "best", json_object_get(first, "best"),
                     "standard_error", json_object_get(first, "standard_error"), "strategies", strategies, "paired",
                     pairs, "seconds", json_of_number(clock_seconds() - r->started));
}

/* --- what is asked for -------------------------------------------------------------------------------------------- */

static bool take_strategies(struct race *r, const char *list, struct error *err)
{
    char *text = memory_text(list), *rest = text, *name;
    bool ok = true;
    while (ok && (name = text_next(&rest, ','))) {
        const struct strategy *one = strategy_find(name, err);
        ok = one != NULL;
        for (int i = 0; ok && i < r->strategies; i++)
            ok = r->strategy[i] != one || error_set(err, ERROR_USAGE, "--strategy names %s twice", name);
        if (ok && r->strategies == STRATEGIES_MAX)
            ok = error_set(err, ERROR_USAGE, "--strategy takes at most %d strategies", STRATEGIES_MAX);
        if (ok)
            r->strategy[r->strategies++] = one;
    }
    free(text);
    return ok;
}

static bool prepare(struct race *r, struct error *err)
{
    const struct action_bench_search_options *o = r->options;
    if (r->table->rows < o->queries)
        return error_set(err, ERROR_USAGE, "--queries %d: the table has %d graphs, and none is queried twice", o->queries,
                         r->table->rows);
    while (r->points < CHECKPOINTS && checkpoint[r->points] <= o->queries)
        r->points++;
    ASSERT(r->points > 0);
    r->best = memory_try((size_t)r->strategies * (size_t)r->points * (size_t)o->seeds, sizeof *r->best, "the scores", err);
    r->seconds = memory_try((size_t)r->strategies * (size_t)o->seeds, sizeof *r->seconds, "the times", err);
    return r->best && r->seconds;
}

json_t *action_bench_search(const struct action_bench_search_options *o, const struct control *control, struct error *err)
{
    struct race r = {.options = o, .control = control, .started = clock_seconds()};
    json_t *out = NULL;
    if (o->queries < checkpoint[0]) {
        error_set(err, ERROR_USAGE, "--queries is at least %d: the first %d are the same for all strategies",
                  checkpoint[0], ALIKE);
        return NULL;
    }
    struct search_table *table = take_strategies(&r, o->strategies, err) ? search_table_read(o->table, err) : NULL;
    r.table = table;
    if (table && prepare(&r, err)) {
        struct threads *pool = threads_new(o->threads);
        pthread_mutex_init(&r.lock, NULL);
        threads_run(pool, r.strategies * o->seeds, work, &r);
        pthread_mutex_destroy(&r.lock);
        threads_free(pool);
        if (r.error.kind != ERROR_NONE)
            error_set(err, r.error.kind, "%s", r.error.text);
        else if (r.cancelled)
            error_set(err, ERROR_INTERRUPTED, "interrupted: %d of %d seeds were done", r.done,
                      r.strategies * o->seeds);
        else
            out = race_json(&r);
    }
    free(r.best);
    free(r.seconds);
    search_table_free(table);
    return out;
}
