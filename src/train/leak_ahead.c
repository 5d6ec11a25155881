/* Does a channel contain the price's returns that come after its bar?
 *
 * A mean that is centred on its bar tells the direction of the next one only so well (an area of 0.66 for seven rows),
 * because the other bars it is made of are noise to that question. Against all of them together it is exact: of what
 * the past returns leave unexplained of it, the returns to come explain nearly everything. Nothing honest does that,
 * as returns to come are news. Both regressions are by least squares; the share is adjusted for the number of inputs
 * (Theil). */
#include "base/memory.h"
#include "base/vmath.h"
#include "train/leak_internal.h"

#include <math.h>

enum { INPUTS = 1 + 2 * LEAK_AHEAD_BARS, PAST = 1 + LEAK_AHEAD_BARS, WIDTH = INPUTS + 1 };

#define SAMPLES_AN_INPUT 10
#define NOTHING_LEFT 1e-6 /* of its variance: the past tells it already */

struct ahead {
    const struct leak_view *v;
    double *change; /* [bars] log return of the bar, NaN where there is none */
    double sum[WIDTH][WIDTH];
};

static void take_changes(struct ahead *a)
{
    const struct leak_view *v = a->v;
    for (size_t i = 0; i < v->bars; i++) {
        bool fine = i > 0 && v->price[i] > 0 && v->price[i - 1] > 0 && v->time_us[i] > v->time_us[i - 1];
        a->change[i] = fine ? vmath_log(v->price[i] / v->price[i - 1]) : (double)NAN;
    }
}

/* 1, the returns up to the bar, those behind it, and the channel. False where one of them is missing. */
static bool take_row(const struct ahead *a, double row[WIDTH], size_t bar, size_t channel)
{
    const struct leak_view *v = a->v;
    if (bar + 1 < LEAK_AHEAD_BARS || bar + LEAK_AHEAD_BARS >= v->bars)
        return false;
    row[0] = 1;
    for (size_t k = 0; k < LEAK_AHEAD_BARS; k++) {
        row[1 + k] = a->change[bar - k];
        row[PAST + k] = a->change[bar + 1 + k];
    }
    row[INPUTS] = (double)v->feature[bar * v->channels + channel];
    for (size_t k = 0; k < WIDTH; k++)
        if (!isfinite(row[k]))
            return false;
    return true;
}

static size_t gather(struct ahead *a, size_t channel)
{
    double row[WIDTH];
    size_t n = 0, stride = a->v->bars / LEAK_SAMPLES + 1;
    memset(a->sum, 0, sizeof a->sum);
    for (size_t bar = 0; bar < a->v->bars; bar += stride) {
        if (!take_row(a, row, bar, channel))
            continue;
        n++;
        for (size_t i = 0; i < WIDTH; i++)
            for (size_t k = i; k < WIDTH; k++)
                a->sum[i][k] += row[i] * row[k];
    }
    return n;
}

/* Gauss's elimination of one input: what is left in the last corner is the sum of squared residuals so far. An input
 * that those before it tell already (prices that never move) is passed over. */
static void eliminate(struct ahead *a, size_t i, double least)
{
    double pivot = a->sum[i][i];
    if (!(pivot > least))
        return;
    for (size_t j = i + 1; j < WIDTH; j++) {
        double factor = a->sum[i][j] / pivot;
        for (size_t k = j; k < WIDTH; k++)
            a->sum[j][k] -= factor * a->sum[i][k];
    }
}

static double eliminate_all(struct ahead *a, size_t from, size_t until, const double *square)
{
    for (size_t i = from; i < until; i++)
        eliminate(a, i, 1e-9 * square[i]);
    return a->sum[INPUTS][INPUTS];
}

double leak_ahead(const struct leak_ahead *l, size_t channel)
{
    struct ahead *a = l->work;
    if (!a)
        return (double)NAN;
    double square[WIDTH];
    size_t n = gather(a, channel);
    if (n < SAMPLES_AN_INPUT * INPUTS)
        return (double)NAN;
    for (size_t i = 0; i < WIDTH; i++)
        square[i] = a->sum[i][i];
    double about_mean = eliminate_all(a, 0, 1, square), past = eliminate_all(a, 1, PAST, square);
    double both = eliminate_all(a, PAST, INPUTS, square);
    if (!(past > NOTHING_LEFT * about_mean))
        return (double)NAN;
    both = both > 0 ? both : 0; /* below it by rounding */
    return 1 - both / (double)(n - INPUTS) / (past / (double)(n - PAST));
}

bool leak_ahead_start(struct leak_ahead *l, const struct leak_view *v, struct error *err)
{
    *l = (struct leak_ahead){0};
    if (!v->price || v->classes)
        return true;
    struct ahead *a = NEW(struct ahead);
    l->work = a;
    a->v = v;
    a->change = memory_try(v->bars, sizeof *a->change, "the leak detector", err);
    if (!a->change)
        return false;
    take_changes(a);
    return true;
}

void leak_ahead_end(struct leak_ahead *l)
{
    struct ahead *a = l->work;
    if (a)
        free(a->change);
    free(a);
    *l = (struct leak_ahead){0};
}
