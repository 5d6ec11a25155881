/* The plots of the Search screen: how the search went, and accuracy against size. */
#include "base/memory.h"
#include "base/text.h"
#include "base/vmath.h"
#include "ui/cell/points.h"
#include "ui/screen/search_state.h"

#include <math.h>

struct history { /* in per cent, by number of the trial */
    double *x, *score, *low, *high, *best, *mean, *below, *above;
    size_t n;
    bool predicted;
};

static void history_free(struct history *h)
{
    free(h->x);
    free(h->score);
    free(h->low);
    free(h->high);
    free(h->best);
    free(h->mean);
    free(h->below);
    free(h->above);
}

static struct history history_of(const struct search_screen *s)
{
    struct history h = {0};
    double **column[] = {&h.x, &h.score, &h.low, &h.high, &h.best, &h.mean, &h.below, &h.above};
    for (size_t i = 0; i < ARRAY_N(column); i++)
        *column[i] = NEW_ARRAY(double, s->trials);
    double best = (double)NAN;
    for (int i = 0; i < s->trials; i++, h.n++) {
        const struct trial_row *t = &s->trial[i];
        bool done = text_equal(t->state, "done");
        best = done ? fmax(best, 100 * t->score) : best; /* fmax leaves out a NaN */
        h.x[h.n] = (double)t->id;
        h.score[h.n] = done ? 100 * t->score : (double)NAN;
        h.low[h.n] = done ? 100 * t->low : (double)NAN;
        h.high[h.n] = done ? 100 * t->high : (double)NAN;
        h.best[h.n] = best;
        h.mean[h.n] = 100 * t->predicted;
        h.below[h.n] = 100 * (t->predicted - t->predicted_sd);
        h.above[h.n] = 100 * (t->predicted + t->predicted_sd);
        h.predicted |= isfinite(t->predicted);
    }
    return h;
}

/* A running search gets room for the trials to come. */
static void room_ahead(const struct search_screen *s, struct plot *p)
{
    int64_t first = s->trial[0].id, last = s->trial[s->trials - 1].id, begun = 0;
    for (int i = 0; i < s->trials; i++)
        begun += s->has_last && s->trial[i].search == s->last.id;
    if (s->search_job != NULL && s->planned > begun)
        last += s->planned - begun;
    p->x_least = (double)first - 0.5;
    p->x_most = (double)(last > first + 9 ? last : first + 9) + 0.5;
}

void search_draw_progress(const struct search_screen *s, struct grid *g, struct box b)
{
    if (s->trials == 0 || b.rows < 3)
        return;
    struct plot p = plot_plain("Accuracy by trial, %");
    struct history h = history_of(s);
    int cursor = search_trial_of_row(s, s->table[s->view].cursor);
    room_ahead(s, &p);
    p.legend = true;
    if (cursor >= 0)
        p.cursor = (double)s->trial[cursor].id;
    const struct points_series series[] = {
        {.name = "best so far", .style = STYLE_SERIES_1, .x = h.x, .y = h.best, .n = h.n, .steps = true},
        {.name = "scored",
         .style = STYLE_SERIES_1,
         .x = h.x,
         .y = h.score,
         .low = h.low,
         .high = h.high,
         .n = h.n,
         .upright = STYLE_BORDER},
        {.name = "predicted",
         .style = STYLE_SERIES_2,
         .x = h.x,
         .y = h.mean,
         .low = h.below,
         .high = h.above,
         .n = h.n,
         .upright = STYLE_SERIES_2,
         .shift = -0.3},
    };
    plot_points(g, b, &p, series, h.predicted ? 3 : 2);
    history_free(&h);
}

static double log10_of(int64_t parameters)
{
    return vmath_log((double)(parameters > 0 ? parameters : 1)) / 2.302585092994045684;
}

void search_draw_pareto(const struct search_screen *s, struct grid *g, struct box b)
{
    if (s->scored == 0 || b.rows < 3)
        return;
    struct plot p = plot_plain("Accuracy, % over log10 parameters");
    double *x = NEW_ARRAY(double, s->scored), *y = NEW_ARRAY(double, s->scored), *front = NEW_ARRAY(double, s->scored);
    double *low = NEW_ARRAY(double, s->scored), *high = NEW_ARRAY(double, s->scored);
    size_t n = (size_t)s->scored;
    for (size_t i = 0; i < n; i++) {
        const struct trial_row *t = &s->trial[s->by_size[i]];
        x[i] = log10_of(search_parameters(s, t));
        y[i] = 100 * t->score;
        front[i] = s->front[i] ? y[i] : (double)NAN;
        low[i] = s->front[i] ? 100 * t->low : (double)NAN;
        high[i] = s->front[i] ? 100 * t->high : (double)NAN;
    }
    p.legend = true;
    int cursor = s->table[SEARCH_PARETO].cursor;
    if (cursor >= 0 && cursor < s->scored)
        p.cursor = x[cursor];
    p.x_least = x[0] - 0.1;
    p.x_most = x[n - 1] + 0.1;
    const struct points_series series[] = {
        {.name = "front", .style = STYLE_SERIES_3, .x = x, .y = front, .n = n, .steps = true},
        {.name = "trial", .style = STYLE_SERIES_1, .x = x, .y = y, .n = n},
        {.name = "on the front",
         .style = STYLE_SERIES_3,
         .x = x,
         .y = front,
         .low = low,
         .high = high,
         .n = n,
         .upright = STYLE_BORDER},
    };
    plot_points(g, b, &p, series, 3);
    free(x);
    free(y);
    free(front);
    free(low);
    free(high);
}
