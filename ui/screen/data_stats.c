#include "ui/screen/data_stats.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/read/stamp.h"
#include "data/set/dataset.h"
#include "ui/screen/data.h"

#include <math.h>

void data_stats_free(struct data_stats *s)
{
    free(s->tie);
    *s = (struct data_stats){.all = s->all};
}

/* --- one column ------------------------------------------------------------------------------------------------------
 */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Linear between the two nearest order statistics (Hyndman & Fan 1996, type 7). */
static double quantile_of(const double *sorted, size_t n, double share)
{
    double at = share * (double)(n - 1), low = floor(at);
    size_t i = (size_t)low;
    return i + 1 < n ? sorted[i] + (at - low) * (sorted[i + 1] - sorted[i]) : sorted[i];
}

static void count_bins(struct data_figures *f, const double *sorted)
{
    for (size_t i = 0; i < f->n; i++) {
        double share = f->most > f->least ? (sorted[i] - f->least) / (f->most - f->least) : 0.5;
        int bin = (int)(share * DATA_BINS);
        f->bin[bin < DATA_BINS ? bin : DATA_BINS - 1]++;
    }
}

void data_figures_of(struct data_figures *out, const double *value, size_t n)
{
    static const double share[5] = {0.05, 0.25, 0.5, 0.75, 0.95};
    double *sorted = NEW_ARRAY(double, n + 1), sum = 0, squares = 0;
    *out = (struct data_figures){.mean = (double)NAN, .sd = (double)NAN, .least = (double)NAN, .most = (double)NAN};
    for (size_t i = 0; i < n; i++)
        if (isfinite(value[i]))
            sorted[out->n++] = value[i];
    out->missing = n - out->n;
    if (out->n > 0) {
        qsort(sorted, out->n, sizeof *sorted, by_value);
        for (size_t i = 0; i < out->n; i++)
            sum += sorted[i];
        out->mean = sum / (double)out->n;
        for (size_t i = 0; i < out->n; i++)
            squares += (sorted[i] - out->mean) * (sorted[i] - out->mean);
        out->sd = out->n > 1 ? sqrt(squares / (double)(out->n - 1)) : (double)NAN;
        out->least = sorted[0];
        out->most = sorted[out->n - 1];
        for (int i = 0; i < 5; i++)
            out->quantile[i] = quantile_of(sorted, out->n, share[i]);
        count_bins(out, sorted);
    }
    free(sorted);
}

/* --- pairs -----------------------------------------------------------------------------------------------------------
 */

struct ranked {
    double value;
    size_t at;
};

static int by_rank(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

void data_ranks(double *rank, const double *value, size_t n)
{
    struct ranked *r = NEW_ARRAY(struct ranked, n + 1);
    for (size_t i = 0; i < n; i++)
        r[i] = (struct ranked){value[i], i};
    qsort(r, n, sizeof *r, by_rank);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && !(r[end].value > r[i].value);)
            end++;
        for (size_t k = i; k < end; k++)
            rank[r[k].at] = ((double)i + 1 + (double)end) / 2;
    }
    free(r);
}

double data_pearson(const double *x, const double *y, size_t n)
{
    double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        mx += x[i] / (double)n;
        my += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return n > 1 && xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : (double)NAN;
}

/* The area under the curve is the Mann-Whitney statistic: the mean rank of the ones, moved and scaled to [0, 1]. */
static double auc_of(const double *rank, const double *y, size_t n)
{
    double ones = 0, sum = 0;
    for (size_t i = 0; i < n; i++) {
        ones += y[i] > 0.5 ? 1 : 0;
        sum += y[i] > 0.5 ? rank[i] : 0;
    }
    double zeros = (double)n - ones;
    return ones > 0 && zeros > 0 ? (sum - ones * (ones + 1) / 2) / (ones * zeros) : (double)NAN;
}

void data_tie_of(struct data_tie *out, const double *x, const double *y, size_t n, bool direction)
{
    double *rx = NEW_ARRAY(double, n + 1), *ry = NEW_ARRAY(double, n + 1);
    data_ranks(rx, x, n);
    data_ranks(ry, y, n);
    out->n = n;
    out->pearson = data_pearson(x, y, n);
    out->spearman = data_pearson(rx, ry, n);
    out->auc = direction ? auc_of(rx, y, n) : (double)NAN;
    out->eta = (double)NAN;
    free(rx);
    free(ry);
}

double data_eta(const double *x, const double *y, size_t n, int classes)
{
    double sum[DATASET_CLASSES_MAX] = {0}, count[DATASET_CLASSES_MAX] = {0}, mean = 0, between = 0, all = 0;
    for (size_t i = 0; i < n; i++) {
        int k = (int)y[i];
        if (k < 0 || k >= classes || k >= DATASET_CLASSES_MAX)
            return (double)NAN;
        sum[k] += x[i];
        count[k]++;
        mean += x[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++)
        all += (x[i] - mean) * (x[i] - mean);
    for (int k = 0; k < classes && k < DATASET_CLASSES_MAX; k++)
        between += count[k] > 0 ? count[k] * (sum[k] / count[k] - mean) * (sum[k] / count[k] - mean) : 0;
    return all > 0 ? sqrt(between / all) : (double)NAN;
}

static double strength(const struct data_tie *t)
{
    double v = isnan(t->eta) ? t->spearman : t->eta;
    return isnan(v) ? 0 : fabs(v);
}

static int by_strength(const void *a, const void *b)
{
    double x = strength(a), y = strength(b);
    return x != y ? (x < y) - (x > y)
                  : strcmp(((const struct data_tie *)a)->feature, ((const struct data_tie *)b)->feature);
}

/* --- off the drawing path --------------------------------------------------------------------------------------------
 */

struct work {
    struct data_screen *screen;
    struct workspace *workspace;
    bool all;
    double *value; /* of the column; NULL: its figures are there */
    size_t rows;
    struct hash frame;
    int column;
    struct data_figures figures;
    bool ties_wanted;
    struct task_row task;
    struct data_stats out; /* the ties alone */
};

static void tie_channel(struct data_stats *out, const struct dataset *d, size_t channel, size_t end, double *x,
                        double *y)
{
    size_t n = 0;
    struct data_tie *t = &out->tie[out->ties++];
    for (size_t i = 0; i < end; i += out->every) {
        float v = d->feature[(size_t)d->bar[i] * d->channels + channel];
        if (isnan(v) || isnan(d->target[i]))
            continue;
        x[n] = (double)v;
        y[n++] = (double)d->target[i];
    }
    text_copy(t->feature, sizeof t->feature, d->channel[channel]);
    data_tie_of(t, x, y, n, d->task.target == TASK_DIRECTION || d->classes == 2);
    if (d->classes > 2)
        t->eta = data_eta(x, y, n, d->classes);
}

static void compute_ties(struct work *w)
{
    struct error err = {0};
    struct dataset *d = tasks_dataset(w->workspace, &w->task, &err);
    double from = clock_seconds();
    if (d == NULL) {
        text_copy(w->out.trouble, sizeof w->out.trouble, err.text);
        return;
    }
    size_t end = w->all || d->folds == 0 ? d->samples : d->fold[0].train_end;
    w->out.every = end / DATA_SAMPLES_MOST + 1;
    w->out.samples = end;
    w->out.classes = d->classes;
    w->out.tie = NEW_ARRAY(struct data_tie, d->channels + 1);
    double *x = NEW_ARRAY(double, end + 1), *y = NEW_ARRAY(double, end + 1);
    for (size_t c = 0; c < d->channels; c++)
        tie_channel(&w->out, d, c, end, x, y);
    qsort(w->out.tie, (size_t)w->out.ties, sizeof *w->out.tie, by_strength);
    w->out.seconds = clock_seconds() - from;
    free(x);
    free(y);
    dataset_free(d);
}

static void run(void *context)
{
    struct work *w = context;
    if (w->value != NULL)
        data_figures_of(&w->figures, w->value, w->rows);
    if (w->ties_wanted)
        compute_ties(w);
}

static void take_ties(struct data_stats *s, struct work *w)
{
    free(s->tie);
    s->tie = w->out.tie;
    s->ties = w->out.ties;
    s->samples = w->out.samples;
    s->every = w->out.every;
    s->classes = w->out.classes;
    s->seconds = w->out.seconds;
    text_copy(s->trouble, sizeof s->trouble, w->out.trouble);
    s->task = w->task.hash;
    s->ties_all = w->all;
    s->has_ties = true;
    w->out.tie = NULL;
}

static void finished(void *context, struct app *app)
{
    struct work *w = context;
    struct data_stats *s = &w->screen->stats;
    if (app != NULL) {
        s->computing = false;
        if (w->value != NULL) {
            s->figures = w->figures;
            s->frame = w->frame;
            s->column = w->column;
            s->figures_all = w->all;
            s->has_figures = true;
        }
        if (w->ties_wanted)
            take_ties(s, w);
        data_stats_want(w->screen, app); /* the cursor may have moved on */
    }
    free(w->out.tie);
    free(w->value);
    free(w);
}

bool data_shows_figures(const struct data_screen *s)
{
    return s->pane == DATA_FIGURES || (s->roomy && (s->mode == DATA_SERIES || s->mode == DATA_COLUMNS));
}

/* Rows that the figures are of: those whose period ends by the first fold's last training sample, or all shown. */
static size_t rows_of(const struct data_screen *s)
{
    const struct data_view *v = &s->view;
    size_t rows = v->shown;
    if (s->stats.all || !s->has_task || s->folds == 0)
        return rows;
    while (rows > 0 &&
           stamp_period_end(v->stamp, v->frame->time_us[rows - 1], v->frame->step_us) > s->fold[0].train_last)
        rows--;
    return rows;
}

void data_stats_want(struct data_screen *s, struct app *app)
{
    struct data_stats *t = &s->stats;
    const struct data_view *v = &s->view;
    if (!data_shows_figures(s) || t->computing || v->frame == NULL)
        return;
    bool figures =
        !t->has_figures || t->column != s->columns.cursor || !hash_equal(t->frame, v->id) || t->figures_all != t->all;
    bool ties = s->has_task && (!t->has_ties || !hash_equal(t->task, s->task.hash) || t->ties_all != t->all);
    if (!figures && !ties)
        return;
    struct work *w = NEW(struct work);
    *w = (struct work){.screen = s,
                       .workspace = app_workspace(app),
                       .all = t->all,
                       .frame = v->id,
                       .column = s->columns.cursor,
                       .ties_wanted = ties,
                       .task = s->task};
    if (figures) {
        w->rows = rows_of(s);
        const double *value = v->frame->column[s->columns.cursor].value;
        size_t rows = w->rows;
        w->value = NEW_ARRAY(double, rows + 1);
        w->rows = 0;
        for (size_t i = 0; i < rows; i++) /* a row that stands for what is sealed is no missing value */
            if (!data_gone(v, i))
                w->value[w->rows++] = value[i];
    }
    t->computing = true;
    app_task(app, run, finished, w);
}
