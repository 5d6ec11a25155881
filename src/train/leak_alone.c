/* Every channel by itself. */
#include "base/memory.h"
#include "base/text.h"
#include "base/vmath.h"
#include "train/leak_internal.h"

#include <math.h>

struct alone {
    const struct leak_view *v;
    size_t stride, n;
    int lags;
    struct leak_pair *pair;
    double effective;
    double tests; /* channels, lags and classes: so many chances to be struck by accident */
};

struct best {
    double score, p;
    int lag, class;
};

/* The channel `back` bars before the last of each window (ahead of it where negative: only to be compared with). */
static size_t gather(struct alone *a, size_t channel, int back)
{
    const struct leak_view *v = a->v;
    size_t n = 0;
    for (size_t i = 0; i < v->samples; i += a->stride) {
        size_t bar = (size_t)((int64_t)v->bar[i] - back);
        if (bar < v->bars)
            a->pair[n++] = (struct leak_pair){(double)v->feature[bar * v->channels + channel], (double)v->target[i]};
    }
    return n;
}

/* Two-sided, of a score that is 0.5 +- sd by accident; corrected by Bonferroni. */
static double chance(const struct alone *a, double off, double sd)
{
    double p = sd > 0 ? vmath_erfc(off / sd / sqrt(2.0)) * a->tests : 1;
    return p < 1 ? p : 1;
}

/* Standard deviation of an area by accident (Mann-Whitney), with the share of positives among `effective` samples. */
static double area_sd(const struct alone *a, size_t n, double positives)
{
    double share = positives / (double)n, m = a->effective;
    double ups = m * share, downs = m * (1 - share);
    return ups >= 1 && downs >= 1 ? sqrt((m + 1) / (12 * ups * downs)) : 1;
}

static double count_of(const struct leak_pair *pair, size_t n, double class)
{
    double count = 0;
    for (size_t i = 0; i < n; i++)
        count += pair[i].target >= class && pair[i].target <= class;
    return count;
}

static void take(struct best *best, double score, double p, int lag, int class)
{
    if (score > best->score)
        *best = (struct best){score, p, lag, class};
}

/* Classes 1 .. k-1 of a direction, all of more than two. */
static void score_classes(struct alone *a, struct best *best, size_t n, int lag, int only)
{
    int classes = a->v->classes > 2 ? a->v->classes : 2;
    leak_sort(a->pair, n);
    for (int k = classes > 2 ? 0 : 1; k < classes; k++) {
        if (only >= 0 && k != only)
            continue;
        double area = leak_area(a->pair, n, k);
        if (isnan(area))
            continue;
        double off = fabs(area - 0.5);
        take(best, 0.5 + off, chance(a, off, area_sd(a, n, count_of(a->pair, n, k))), lag, k);
    }
}

static void score_lag(struct alone *a, struct best *best, size_t channel, int lag, int only)
{
    size_t n = gather(a, channel, lag);
    if (n < 8)
        return;
    if (!a->v->is_return) {
        score_classes(a, best, n, lag, only);
        return;
    }
    double rank = fabs(leak_rank(a->pair, n)), sd = a->effective > 2 ? 1 / sqrt(a->effective - 1) : 1;
    if (!isnan(rank))
        take(best, rank, chance(a, rank, sd), lag, 0);
}

static double level_of(const struct leak_view *v)
{
    if (v->is_return)
        return LEAK_RANK;
    return !v->classes ? LEAK_AUC : v->horizon == 0 ? LEAK_LABEL : LEAK_CLASS;
}

/* Does the channel tell the class of its own bar as well? Then it is a sensor of something that lasts. */
static bool tells_present(struct alone *a, size_t channel, const struct best *best)
{
    struct best present = {0};
    if (!a->v->classes || a->v->horizon == 0)
        return false;
    score_lag(a, &present, channel, best->lag - a->v->horizon, best->class);
    return present.score + LEAK_MARGIN >= best->score;
}

/* One a column, with its most telling channel. NULL: there is a better one already. */
static struct leak_finding *place_of(struct leak_report *out, const char *channel, double score)
{
    for (size_t i = 0; i < out->n; i++) {
        struct leak_finding *f = &out->finding[i];
        if (!leak_same_column(f->name, channel))
            continue;
        if (score <= f->score)
            return NULL;
        text_copy(f->name, sizeof f->name, channel);
        return f;
    }
    return leak_add(out, LEAK_ALONE, channel);
}

static void report(struct alone *a, struct leak_report *out, size_t channel, const struct best *best)
{
    const struct leak_view *v = a->v;
    struct leak_finding *f = place_of(out, v->channel[channel], best->score);
    char at[48] = "";
    if (!f)
        return;
    f->score = best->score;
    f->level = level_of(v);
    f->p = best->p;
    f->lag = best->lag;
    if (best->lag > 0)
        snprintf(at, sizeof at, ", %d bar%s back", best->lag, best->lag > 1 ? "s" : "");
    snprintf(f->text, sizeof f->text, "alone%s it tells the target (%s %.3f, suspected from %.3g on)", at,
             v->is_return ? "rank correlation" : "area under the curve", best->score, f->level);
    snprintf(f->remedy, sizeof f->remedy,
             "it probably looks ahead: leave its column out with --columns, or give its series the --lag with which it "
             "is published");
}

/* A column that is found by its score already need not be found twice. */
static void report_ahead(struct leak_report *out, const char *channel, double share)
{
    for (size_t i = 0; i < out->n; i++)
        if (leak_same_column(out->finding[i].name, channel))
            return;
    struct leak_finding *f = leak_add(out, LEAK_ALONE, channel);
    f->score = share;
    f->level = LEAK_AHEAD_SHARE;
    snprintf(f->text, sizeof f->text,
             "it contains returns to come (the next %d explain %.3f of what the last %d leave of it, suspected from "
             "%.3g on)",
             LEAK_AHEAD_BARS, share, LEAK_AHEAD_BARS, LEAK_AHEAD_SHARE);
    snprintf(f->remedy, sizeof f->remedy,
             "it is probably a mean that is centred on its bar, or shifted: leave its column out with --columns");
}

/* Over the lags. */
static struct best best_of(struct alone *a, size_t channel)
{
    struct best best = {0};
    for (int lag = 0; lag < a->lags; lag++)
        score_lag(a, &best, channel, lag, -1);
    return best;
}

/* The best of the channels that cannot look ahead. */
static double score_of_own(struct alone *a)
{
    double score = 0;
    for (size_t c = 0; c < a->v->channels; c++) {
        double one = leak_is_own(a->v, c) ? best_of(a, c).score : 0;
        score = one > score ? one : score;
    }
    return score;
}

bool leak_run_alone(struct leak_report *out, const struct leak_view *v, struct error *err)
{
    int lags = v->lookback < LEAK_LAGS ? v->lookback : LEAK_LAGS;
    struct alone a = {.v = v, .stride = leak_stride(v), .lags = lags};
    struct leak_ahead ahead;
    double highest = 0, share = 0;
    const char *name = "";
    char news[96] = "";
    size_t found = out->n, others = 0;
    a.n = (v->samples + a.stride - 1) / a.stride;
    a.effective = leak_effective(v, a.stride);
    a.tests = (double)v->channels * lags * (v->classes > 2 ? v->classes : 1);
    a.pair = memory_try(a.n, sizeof *a.pair, "the leak detector", err);
    if (!a.pair || !leak_ahead_start(&ahead, v, err)) {
        free(a.pair);
        return false;
    }
    double own = score_of_own(&a);
    for (size_t c = 0; c < v->channels; c++) {
        if (leak_is_own(v, c))
            continue;
        struct best best = best_of(&a, c);
        others++;
        if (best.score >= level_of(v) && best.score > own + LEAK_MARGIN && best.p <= LEAK_P &&
            !tells_present(&a, c, &best))
            report(&a, out, c, &best);
        if (best.score > highest) {
            highest = best.score;
            name = v->channel[c];
        }
    }
    for (size_t c = 0; c < v->channels; c++) {
        double seen = leak_is_own(v, c) ? 0 : leak_ahead(&ahead, c);
        share = seen > share ? seen : share;
        if (seen >= LEAK_AHEAD_SHARE)
            report_ahead(out, v->channel[c], seen);
    }
    leak_ahead_end(&ahead);
    free(a.pair);
    if (others == 0) {
        leak_say(out, LEAK_ALONE, true, (double)NAN, level_of(v),
                 "no channel but the calendar and the price's own past, which cannot look ahead");
        return true;
    }
    if (highest >= level_of(v) && own + LEAK_MARGIN >= highest)
        text_copy(news, sizeof news, "; the price's own past or the calendar tell as much");
    else if (share > 0)
        snprintf(news, sizeof news, "; returns to come explain at most %.3f of one (from %.3g on)", share,
                 LEAK_AHEAD_SHARE);
    leak_say(out, LEAK_ALONE, out->n == found, highest, level_of(v),
             "%zu channels at %d lags each: the best alone, %s, has %s of %.3f (suspected from %.3g on)%s", others,
             lags, name, v->is_return ? "a rank correlation" : "an area under the curve", highest, level_of(v), news);
    return true;
}
