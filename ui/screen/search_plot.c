/* The plots of the Search screen: how the search went, and accuracy against size. */
#include "base/memory.h"
#include "base/text.h"
#include "base/vmath.h"
#include "ui/cell/points.h"
#include "ui/screen/figure.h"
#include "ui/screen/search_state.h"

#include <math.h>

struct history { /* in per cent, by number of the trial */
    double *x, *score, *part, *low, *high, *best, *mean, *below, *above;
    size_t n;
    bool predicted, stopped;
};

static void history_free(struct history *h)
{
    free(h->x);
    free(h->score);
    free(h->part);
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
    double **column[] = {&h.x, &h.score, &h.part, &h.low, &h.high, &h.best, &h.mean, &h.below, &h.above};
    for (size_t i = 0; i < ARRAY_N(column); i++)
        *column[i] = NEW_ARRAY(double, s->trials);
    double best = (double)NAN;
    for (int i = 0; i < s->trials; i++, h.n++) {
        const struct trial_row *t = &s->trial[i];
        bool done = search_is_full(t) && !text_equal(t->strategy, RUNS_BASELINE); /* those would flatten the rest */
        best = done ? fmax(best, 100 * t->score) : best; /* fmax leaves out a NaN */
        h.x[h.n] = (double)t->id;
        h.score[h.n] = done ? 100 * t->score : (double)NAN;
        h.part[h.n] = search_is_done(t) && !search_is_full(t) ? 100 * t->score : (double)NAN;
        h.stopped |= isfinite(h.part[h.n]);
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
    char title[48];
    if (s->trials == 0 || b.rows < 3)
        return;
    snprintf(title, sizeof title, "%s by trial, %%", task_score_short(s->task.task.target));
    title[0] = (char)(title[0] >= 'a' && title[0] <= 'z' ? title[0] - 'a' + 'A' : title[0]);
    struct plot p = plot_plain(title);
    p.x_kind = PLOT_X_WHOLE;
    struct history h = history_of(s);
    int cursor = search_trial_of_row(s, s->table[s->view].cursor);
    room_ahead(s, &p);
    p.legend = true;
    if (cursor >= 0)
        p.cursor = (double)s->trial[cursor].id;
    struct points_series series[4] = {
        {.name = "best so far", .style = STYLE_SERIES_1, .x = h.x, .y = h.best, .n = h.n, .steps = true},
        {.name = "scored", .style = STYLE_SERIES_1, .x = h.x, .y = h.score, .low = h.low, .high = h.high, .n = h.n,
         .upright = STYLE_BORDER},
    };
    int n = 2;
    if (h.predicted)
        series[n++] = (struct points_series){.name = "predicted", .style = STYLE_SERIES_2, .x = h.x, .y = h.mean,
                                             .low = h.below, .high = h.above, .n = h.n, .upright = STYLE_SERIES_2,
                                             .shift = -0.3};
    if (h.stopped)
        series[n++] = (struct points_series){.name = "stopped early", .style = STYLE_DIM, .x = h.x, .y = h.part, .n = h.n};
    plot_points(g, b, &p, series, n);
    history_free(&h);
}

void search_say_cost(const struct search_screen *s, const struct trial_row *t, char *out, size_t size)
{
    double cost = search_cost_of(s, t, s->cost);
    if (s->cost == COST_LATENCY)
        snprintf(out, size, "%.1f us", cost);
    else if (isfinite(cost))
        figure_count((int64_t)cost, out, size);
    else
        text_copy(out, size, "?");
}

/* --- the front ------------------------------------------------------------------------------------------------------- */

static double log10_of(double v)
{
    return vmath_log(v > 1e-9 ? v : 1e-9) / 2.302585092994045684;
}

static void say_front(const struct search_screen *s, char *out, size_t size)
{
    int row = s->table[SEARCH_PARETO].cursor;
    if (row < 0 || row >= s->costed)
        return;
    const struct trial_row *t = &s->trial[s->by_cost[row]];
    char cost[32];
    search_say_cost(s, t, cost, sizeof cost);
    snprintf(out, size, "trial %lld: %.2f %%, %s", (long long)t->id, 100 * t->score, cost);
}

void search_draw_pareto(const struct search_screen *s, struct grid *g, struct box b)
{
    char title[64], said[160] = "";
    if (s->costed == 0 || b.rows < 3)
        return;
    size_t n = (size_t)s->costed;
    double *x = NEW_ARRAY(double, n), *y = NEW_ARRAY(double, n), *front = NEW_ARRAY(double, n), *low = NEW_ARRAY(double, n),
           *high = NEW_ARRAY(double, n);
    snprintf(title, sizeof title, "Score, %% over %s%s (log)", search_cost_name(s->cost), s->cost == COST_LATENCY ? ", us" : "");
    struct plot p = plot_plain(title);
    p.x_kind = PLOT_X_LOG10;
    for (size_t i = 0; i < n; i++) {
        const struct trial_row *t = &s->trial[s->by_cost[i]];
        x[i] = log10_of(search_cost_of(s, t, s->cost));
        y[i] = 100 * t->score;
        front[i] = s->front[i] ? y[i] : (double)NAN;
        low[i] = s->front[i] ? 100 * t->low : (double)NAN;
        high[i] = s->front[i] ? 100 * t->high : (double)NAN;
    }
    p.legend = true;
    int cursor = s->table[SEARCH_PARETO].cursor;
    if (cursor >= 0 && cursor < s->costed)
        p.cursor = x[cursor];
    say_front(s, said, sizeof said);
    p.said = said;
    p.x_least = x[0] - 0.1;
    p.x_most = x[n - 1] + 0.1;
    const struct points_series series[] = {
        {.name = "front", .style = STYLE_SERIES_3, .x = x, .y = front, .n = n, .steps = true},
        {.name = "trial", .style = STYLE_SERIES_1, .x = x, .y = y, .n = n},
        {.name = "on the front", .style = STYLE_SERIES_3, .x = x, .y = front, .low = low, .high = high, .n = n,
         .upright = STYLE_BORDER},
    };
    plot_points(g, b, &p, series, 3);
    free(x);
    free(y);
    free(front);
    free(low);
    free(high);
}

/* --- the race -------------------------------------------------------------------------------------------------------- */

/* "Best so far, % over trials, at 12: bayes leads by 0.42" */
static void say_race(const struct search_screen *s, double x, char *out, size_t size)
{
    int leader = search_race_leader(s, x), ended;
    double second = -INFINITY;
    text_copy(out, size, s->by_seconds ? "Best so far, % over seconds of training" : "Best so far, % over trials");
    if (s->race_cursor >= 0)
        snprintf(out + strlen(out), size - strlen(out), s->by_seconds ? ", at %.1f s" : ", at %.0f", x);
    for (int i = 0; i < s->racers && leader >= 0; i++) {
        double best = search_race_best(s, &s->racer[i], x, &ended);
        if (i != leader && best > second)
            second = best;
    }
    if (leader < 0 || !isfinite(second))
        return;
    double lead = search_race_best(s, &s->racer[leader], x, &ended) - second;
    snprintf(out + strlen(out), size - strlen(out), ": %s leads by %.2f", s->racer[leader].name, lead);
}

struct curve {
    double *x, *y;
    char name[48];
};

/* Steps: level up to each point, then upright. The last level goes on to `end`. */
static size_t step_curve(const struct search_screen *s, const struct search_racer *r, double end, struct curve *c)
{
    size_t n = 0;
    c->x = NEW_ARRAY(double, 2 * r->n + 1);
    c->y = NEW_ARRAY(double, 2 * r->n + 1);
    for (int i = 0; i < r->n; i++) {
        if (!isfinite(r->best[i]))
            continue;
        c->x[n] = search_race_x(s, r, i);
        c->y[n] = n > 0 ? c->y[n - 1] : r->best[i];
        n++;
        if (r->best[i] != c->y[n - 1]) {
            c->x[n] = c->x[n - 1];
            c->y[n] = r->best[i];
            n++;
        }
    }
    if (n > 0 && end > c->x[n - 1]) {
        c->x[n] = end;
        c->y[n] = c->y[n - 1];
        n++;
    }
    return n;
}

void search_draw_race(const struct search_screen *s, struct grid *g, struct box b)
{
    struct curve curve[SEARCH_RACERS];
    struct plot_series series[SEARCH_RACERS];
    char title[128] = "";
    int ended;
    if (s->racers == 0 || s->race_xs == 0 || b.rows < 3)
        return;
    double now = search_race_now(s), end = s->race_x[s->race_xs - 1];
    say_race(s, now, title, sizeof title);
    struct plot p = plot_plain(title);
    for (int i = 0; i < s->racers; i++) {
        const struct search_racer *r = &s->racer[i];
        double best = search_race_best(s, r, now, &ended);
        size_t n = step_curve(s, r, r->n > 0 ? search_race_x(s, r, r->n - 1) : 0, &curve[i]);
        snprintf(curve[i].name, sizeof curve[i].name, isfinite(best) ? "%s %.2f" : "%s -", r->name, best);
        series[i] = (struct plot_series){.name = curve[i].name, .style = (enum style)(STYLE_SERIES_1 + i % 6),
                                         .x = curve[i].x, .y = curve[i].y, .n = n};
    }
    p.said = ""; /* the names say the exact values */
    p.legend = true;
    p.cursor = s->race_cursor >= 0 ? now : (double)NAN;
    p.x_kind = s->by_seconds ? PLOT_X_NUMBER : PLOT_X_WHOLE;
    p.x_least = s->by_seconds ? 0 : 1;
    p.x_most = s->by_seconds ? end : fmax(end, 5);
    plot_lines(g, b, &p, series, s->racers);
    for (int i = 0; i < s->racers; i++) {
        free(curve[i].x);
        free(curve[i].y);
    }
}

/* --- the chain ------------------------------------------------------------------------------------------------------- */

/* What was done at each step, below its place on the axis, where there is room. */
static void label_steps(const struct search_screen *s, struct grid *g, struct box inner, struct box row)
{
    double each = (double)inner.columns / (s->chains + 0.2);
    if (each < 6 || row.rows < 1)
        return;
    for (int i = 0; i < s->chains; i++) {
        char name[200];
        text_copy(name, sizeof name, s->chain[i].trial == 0 ? "next?" : s->chain[i].step);
        name[strcspn(name, " ;")] = '\0';
        int at = inner.x - row.x + (int)((i + 0.3) / (s->chains - 0.4) * (inner.columns - 1) + 0.5);
        int room = (int)each - 1, width = text_width(name) < room ? text_width(name) : room;
        struct box cell = {row.x + at - width / 2, row.y, room, 1};
        if (cell.x < row.x)
            cell.x = row.x;
        if (cell.x + cell.columns > row.x + row.columns)
            cell.x = row.x + row.columns - width;
        cell.columns = width;
        grid_put(g, cell, 0, 0, STYLE_DIM, name);
    }
}

static void say_chain(const struct search_screen *s, char *out, size_t size)
{
    int row = s->table[SEARCH_CHAIN].cursor;
    if (row < 0 || row >= s->chains)
        return;
    const struct search_chain_row *r = &s->chain[row];
    snprintf(out, size, "step %d:", row);
    if (isfinite(r->score))
        snprintf(out + strlen(out), size - strlen(out), " observed %.2f %%", 100 * r->score);
    if (isfinite(r->mean))
        snprintf(out + strlen(out), size - strlen(out), "%s posterior %.2f ± %.2f %%", isfinite(r->score) ? "," : "",
                 100 * r->mean, 100 * r->sd);
}

void search_draw_chain(const struct search_screen *s, struct grid *g, struct box b)
{
    struct box plot = b, row = {0, 0, 0, 0};
    char said[160] = "";
    if (s->chains == 0 || b.rows < 3)
        return;
    size_t n = (size_t)s->chains;
    double *column[10];
    for (size_t i = 0; i < ARRAY_N(column); i++)
        column[i] = NEW_ARRAY(double, n);
    double *x = column[0];
    for (size_t i = 0; i < n; i++) {
        const struct search_chain_row *r = &s->chain[i];
        const double value[10] = {0,       r->mean, r->mean - r->sd, r->mean + r->sd, r->score, r->low, r->high, r->asked,
                                  r->asked - r->asked_sd, r->asked + r->asked_sd};
        for (size_t k = 1; k < ARRAY_N(column); k++)
            column[k][i] = 100 * value[k];
        x[i] = (double)i;
        if (!isfinite(r->score))
            column[5][i] = column[6][i] = (double)NAN;
    }
    if (b.rows >= 10)
        box_split_rows(b, -1, &plot, &row);
    struct plot p = plot_plain("Score along the chain, %");
    p.x_kind = PLOT_X_WHOLE;
    p.legend = true;
    p.x_least = -0.3;
    p.x_most = (double)n - 0.7;
    p.cursor = s->table[SEARCH_CHAIN].cursor < s->chains ? s->table[SEARCH_CHAIN].cursor : (double)NAN;
    say_chain(s, said, sizeof said);
    p.said = said;
    double shift = 0.012 * (double)n;
    const struct points_series series[] = {
        {.name = "observed, 95 %", .style = STYLE_SERIES_1, .x = x, .y = column[4], .low = column[5], .high = column[6], .n = n,
         .upright = STYLE_SERIES_1, .shift = shift},
        {.name = "posterior ± sd", .style = STYLE_SERIES_2, .x = x, .y = column[1], .low = column[2], .high = column[3], .n = n,
         .upright = STYLE_SERIES_2},
        {.name = "predicted before", .style = STYLE_SERIES_3, .x = x, .y = column[7], .low = column[8], .high = column[9], .n = n,
         .upright = STYLE_SERIES_3, .shift = -shift},
    };
    struct box inner = plot_points(g, plot, &p, series, 3);
    label_steps(s, g, inner, row);
    for (size_t i = 0; i < ARRAY_N(column); i++)
        free(column[i]);
}
