#include "train/leak.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/set/channel.h"
#include "train/leak_internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

const char *leak_check_name(enum leak_check check)
{
    static const char *const name[LEAK_CHECKS] = {"alone", "together", "shuffled", "twins", "future"};
    return name[check];
}

struct leak_view leak_view_of(const struct dataset *d)
{
    return (struct leak_view){.feature = d->feature,
                              .bars = d->bars,
                              .channels = d->channels,
                              .channel = (const char(*)[FRAME_NAME_MAX])d->channel,
                              .bar = d->bar,
                              .target = d->target,
                              .samples = d->visible_samples,
                              .fold = d->fold,
                              .folds = d->folds,
                              .lookback = d->task.lookback,
                              .horizon = d->task.horizon,
                              .classes = d->classes,
                              .is_return = d->task.target == TASK_RETURN,
                              .price = d->bars == d->visible_bars ? d->price : NULL, /* sealed prices are not read */
                              .time_us = d->time_us,
                              .made = d->made,
                              .planned = d->planned,
                              .price_name = d->task.target == TASK_CLASS ? NULL : d->task.asset[0].price,
                              .seed = d->task.seed};
}

bool leak_is_own(const struct leak_view *v, size_t channel)
{
    if (!v->made || channel >= v->planned || !v->made[channel].spec.family)
        return false;
    const struct channel *c = &v->made[channel];
    const char *column = strchr(v->channel[channel], ' ');
    if (c->spec.family->reads == FEATURE_TIME)
        return true;
    return c->series == 0 && c->at_close && column && v->price_name && text_equal(column + 1, v->price_name);
}

size_t leak_stride(const struct leak_view *v)
{
    return v->samples / LEAK_SAMPLES + 1;
}

struct leak_finding *leak_add(struct leak_report *r, enum leak_check check, const char *name)
{
    r->finding = memory_grow(r->finding, &r->capacity, r->n + 1, sizeof *r->finding);
    struct leak_finding *f = &r->finding[r->n++];
    *f = (struct leak_finding){.check = check, .p = (double)NAN};
    text_copy(f->name, sizeof f->name, name);
    return f;
}

void leak_say(struct leak_report *out, enum leak_check check, bool passed, double score, double level,
              const char *format, ...)
{
    struct leak_line *line = &out->line[check];
    va_list args;
    *line = (struct leak_line){.ran = true, .passed = passed, .score = score, .level = level};
    va_start(args, format);
    vsnprintf(line->text, sizeof line->text, format, args);
    va_end(args);
}

bool leak_same_column(const char *a, const char *b)
{
    const char *x = strchr(a, ' '), *y = strchr(b, ' ');
    return text_equal(x ? x : a, y ? y : b);
}

/* --- scores ------------------------------------------------------------------------------------------------------ */

static int by_value(const void *a, const void *b)
{
    double x = ((const struct leak_pair *)a)->value, y = ((const struct leak_pair *)b)->value;
    return (x > y) - (x < y);
}

void leak_sort(struct leak_pair *pair, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (isnan(pair[i].value))
            pair[i].value = -(double)INFINITY;
    qsort(pair, n, sizeof *pair, by_value);
}

/* Mann-Whitney, counted in halves. */
double leak_area(const struct leak_pair *sorted, size_t n, double positive)
{
    uint64_t ups = 0, twice = 0;
    for (size_t first = 0, end; first < n; first = end) {
        uint64_t here = 0;
        for (end = first; end < n && sorted[end].value <= sorted[first].value; end++)
            here += sorted[end].target >= positive && sorted[end].target <= positive;
        twice += here * (first + 1 + end);
        ups += here;
    }
    double pairs = (double)ups * (double)(n - ups);
    return pairs > 0 ? (double)(twice - ups * (ups + 1)) / 2 / pairs : (double)NAN;
}

/* Mid-ranks in place of the values of sorted pairs, less their mean. */
static double take_ranks(struct leak_pair *sorted, size_t n)
{
    double square = 0;
    for (size_t first = 0, end; first < n; first = end) {
        double value = sorted[first].value;
        for (end = first; end < n && sorted[end].value <= value; end++)
            ;
        double rank = (double)(first + end) / 2 - (double)n / 2;
        for (size_t i = first; i < end; i++) {
            sorted[i].value = rank;
            square += rank * rank;
        }
    }
    return square;
}

static void swap_sides(struct leak_pair *pair, size_t n)
{
    for (size_t i = 0; i < n; i++)
        pair[i] = (struct leak_pair){pair[i].target, pair[i].value};
}

double leak_rank(struct leak_pair *pair, size_t n)
{
    double sum = 0;
    leak_sort(pair, n);
    double x = take_ranks(pair, n);
    swap_sides(pair, n);
    leak_sort(pair, n);
    double y = take_ranks(pair, n);
    for (size_t i = 0; i < n; i++)
        sum += pair[i].value * pair[i].target;
    return x > 0 && y > 0 ? sum / (sqrt(x) * sqrt(y)) : (double)NAN;
}

/* Of a coin every other throw differs from the one before, so n throws have n/2 changes. */
double leak_effective(const struct leak_view *v, size_t stride)
{
    size_t n = 0, changes = 0;
    for (size_t i = 0; i < v->samples; i += stride, n++)
        changes += i > 0 && (v->target[i] > v->target[i - stride] || v->target[i] < v->target[i - stride]);
    double apart = (double)stride / (v->horizon > 1 ? v->horizon : 1);
    double effective = apart < 1 ? (double)n * apart : (double)n;
    if (!v->is_return && 2 * (double)changes < effective)
        effective = 2 * (double)changes;
    return effective;
}

/* --- running ------------------------------------------------------------------------------------------------------ */

bool leak_run(struct leak_report *out, const struct leak_view *v, struct error *err)
{
    *out = (struct leak_report){0};
    return leak_run_alone(out, v, err) && leak_run_fit(out, v, err) && leak_run_twins(out, v, err);
}

void leak_report_free(struct leak_report *r)
{
    free(r->finding);
    *r = (struct leak_report){0};
}
