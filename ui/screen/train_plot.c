/* Curves of the Train screen: raw and smoothed, of one run or of several, the folds one behind the other. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/cell/plot.h"
#include "ui/screen/train_state.h"

enum { WINDOWS = 200, DRAWN = 2000 };

/* Weight of the past in the moving average: over 2.5 epochs, and of long runs over so many that about WINDOWS of them
 * make the run. */
static double smoothing_of(int points)
{
    double length = (double)points / WINDOWS;
    return 1 - 1 / (length > 2.5 ? length : 2.5);
}

/* One curve with a gap (x and y NaN) between folds, so that they are not joined. */
struct line {
    double *x, *raw, *smooth;
    size_t n;
};

static void line_free(struct line *l)
{
    free(l->x);
    free(l->raw);
    free(l->smooth);
}

/* Zeros stand for what was not measured (a training without a validation slice). */
static double shown_value(const struct train_event *e, enum train_metric m, bool training)
{
    double v = train_value(e, m, training);
    bool unmeasured = (m == TRAIN_LOSS && !training && e->valid_loss <= 0) || (m == TRAIN_ACCURACY && e->valid_loss <= 0);
    return unmeasured ? (double)NAN : v;
}

/* The average starts at nothing and is corrected for that (Kingma and Ba 2015, section 3); it starts anew in each fold. */
static struct line line_of(const struct train_screen *s, const struct train_run *r, enum train_metric m, bool training)
{
    int n = 0;
    const struct train_event *e = train_points(s, r, &n);
    struct line l = {NEW_ARRAY(double, 2 * n + 1), NEW_ARRAY(double, 2 * n + 1), NEW_ARRAY(double, 2 * n + 1), 0};
    double average = 0, weight = 1, past = smoothing_of(n);
    for (int i = 0; i < n; i++) {
        if (i > 0 && e[i].fold != e[i - 1].fold) {
            l.x[l.n] = l.raw[l.n] = l.smooth[l.n] = (double)NAN;
            l.n++;
            average = 0;
            weight = 1;
        }
        double v = shown_value(&e[i], m, training);
        if (isfinite(v)) {
            average = past * average + (1 - past) * v;
            weight *= past;
        }
        l.x[l.n] = s->fold >= 0 || r->curve.folds < 2 ? e[i].epoch : i + 1;
        l.raw[l.n] = v;
        l.smooth[l.n] = isfinite(v) ? average / (1 - weight) : (double)NAN;
        l.n++;
    }
    return l;
}

/* The curves of a lineage one behind the other, each a gap from the next; `at` gets where one begins. A trial's folds
 * inherit one by one: shown is the fold that is chosen, or the first. */
static struct line lineage_line(const struct train_screen *s, const struct train_run *const *run, int runs, enum train_metric m,
                                bool training, double *at, size_t *borders)
{
    int fold = s->fold < 0 ? 0 : s->fold, points = 0;
    for (int k = 0; k < runs; k++)
        points += run[k]->curve.n + 1;
    struct line l = {NEW_ARRAY(double, points), NEW_ARRAY(double, points), NEW_ARRAY(double, points), 0};
    double epoch = 0, past = smoothing_of(points);
    *borders = 0;
    for (int k = 0; k < runs; k++) {
        double average = 0, weight = 1;
        if (k > 0)
            at[(*borders)++] = epoch + 0.5;
        for (int i = 0; i < run[k]->curve.n; i++) {
            const struct train_event *e = &run[k]->curve.event[i];
            if (e->fold != fold)
                continue;
            double v = shown_value(e, m, training);
            if (isfinite(v)) {
                average = past * average + (1 - past) * v;
                weight *= past;
            }
            l.x[l.n] = ++epoch;
            l.raw[l.n] = v;
            l.smooth[l.n++] = isfinite(v) ? average / (1 - weight) : (double)NAN;
        }
        l.x[l.n] = l.raw[l.n] = l.smooth[l.n] = (double)NAN;
        l.n++;
    }
    return l;
}

enum { LINES_MOST = TRAIN_MARKS + 2, SERIES_MOST = 2 * LINES_MOST + 1 };

struct picture {
    struct line line[LINES_MOST];
    char name[LINES_MOST][96];
    struct plot_series series[SERIES_MOST];
    int lines, n, points; /* points of the longest, before it was thinned */
};

/* Of a long smoothed curve every so many points say the same; gaps and the last point stay. */
static void thin(struct line *l)
{
    size_t every = l->n / DRAWN, n = 0;
    for (size_t i = 0; every > 1 && i < l->n; i++)
        if (i % every == 0 || i + 1 == l->n || !isfinite(l->x[i])) {
            l->x[n] = l->x[i];
            l->raw[n] = l->raw[i];
            l->smooth[n++] = l->smooth[i];
        }
    l->n = every > 1 ? n : l->n;
}

/* The raw curves of several long runs would be one grey band. */
static void add_line(struct picture *p, const struct train_screen *s, struct line line, const char *name, enum style style)
{
    int i = p->lines++;
    bool alone = s->marks < 2 || line.n < 2 * WINDOWS;
    p->points = (int)line.n > p->points ? (int)line.n : p->points;
    if (s->smooth && !alone)
        thin(&line);
    p->line[i] = line;
    text_copy(p->name[i], sizeof p->name[i], name);
    struct plot_series series = {.name = p->name[i], .style = style, .x = line.x, .y = s->smooth ? line.smooth : line.raw, .n = line.n};
    p->series[p->n++] = series;
    if (!s->smooth || !alone)
        return;
    series.y = line.raw;
    series.faint = true;
    p->series[p->n++] = series;
}

static void add_run(struct picture *p, const struct train_screen *s, const struct train_run *r, enum train_metric m, int mark)
{
    static const char *const one[TRAIN_METRICS] = {"validation", "validation", "gradient norm", "learning rate"};
    char name[96];
    if (mark < 0) {
        if (m == TRAIN_LOSS)
            add_line(p, s, line_of(s, r, m, true), "train", STYLE_SERIES_1);
        add_line(p, s, line_of(s, r, m, false), one[m], m == TRAIN_LOSS ? STYLE_SERIES_2 : STYLE_SERIES_1);
        return;
    }
    snprintf(name, sizeof name, "%d %s %lld %.40s", mark + 1, r->trial ? "trial" : "train", (long long)r->id, r->name);
    add_line(p, s, line_of(s, r, m, false), name, (enum style)(STYLE_SERIES_1 + mark));
}

static void add_lineage(struct picture *p, const struct train_screen *s, const struct train_run *const *run, int runs,
                        enum train_metric m, double *at, size_t *borders)
{
    static const char *const one[TRAIN_METRICS] = {"validation", "validation", "gradient norm", "learning rate"};
    if (m == TRAIN_LOSS)
        add_line(p, s, lineage_line(s, run, runs, m, true, at, borders), "train", STYLE_SERIES_1);
    add_line(p, s, lineage_line(s, run, runs, m, false, at, borders), one[m], m == TRAIN_LOSS ? STYLE_SERIES_2 : STYLE_SERIES_1);
}

/* "ticks: 5 by widen node=d1 by=16, 6 by ..." */
static void say_lineage(const struct train_screen *s, const struct train_run *const *run, int runs, char *out, size_t size)
{
    snprintf(out, size, "fold %d of trial %lld; weights inherited at the ticks:", s->fold < 0 ? 1 : s->fold + 1,
             (long long)run[0]->id);
    for (int k = 1; k < runs; k++) {
        char steps[64];
        text_copy(steps, sizeof steps, train_steps(s, run[k]));
        steps[strcspn(steps, "\n")] = '\0';
        size_t n = strlen(out);
        snprintf(out + n, size - n, "%s %lld %s", k > 1 ? "," : "", (long long)run[k]->id, steps);
    }
}

/* Where a fold ends and the next begins. */
static size_t fold_borders(const struct train_screen *s, const struct train_run *r, double *at, size_t most)
{
    int n = 0;
    size_t found = 0;
    const struct train_event *e = train_points(s, r, &n);
    for (int i = 1; i < n && found < most; i++)
        if (e[i].fold != e[i - 1].fold)
            at[found++] = i + 0.5;
    return found;
}

static void set_title(struct plot *p, enum train_metric m, bool several, bool main)
{
    static const char *const names[TRAIN_METRICS] = {"Loss", "Accuracy, %", "Gradient norm", "Learning rate"};
    p->title = several && m == TRAIN_LOSS ? "Validation loss" : names[m];
    p->legend = main;
}

static double cursor_x(const struct train_screen *s, const struct train_run *r)
{
    int n = 0;
    const struct train_event *e = train_points(s, r, &n);
    if (s->cursor < 0 || s->cursor >= n)
        return (double)NAN;
    return s->fold >= 0 || r->curve.folds < 2 ? e[s->cursor].epoch : s->cursor + 1;
}

void train_draw_curves(const struct train_screen *s, struct grid *g, struct box b, enum train_metric m, bool main)
{
    const struct train_run *run[TRAIN_MARKS], *at = train_at(s), *chain[TRAIN_LINEAGE];
    struct picture picture = {.n = 0};
    const char *name;
    char label[256];
    double border[64], without = train_loss_without(s, &name), coin_x[2] = {1, 2}, coin_y[2] = {without, without};
    int runs = train_shown(s, run), chained = s->marks == 0 ? train_lineage(s, chain) : 0;
    struct plot p = plot_plain("");
    set_title(&p, m, s->marks > 0, main);
    for (int i = 0; i < runs && chained < 2; i++)
        add_run(&picture, s, run[i], m, s->marks > 0 ? train_mark_of(s, run[i]) : -1);
    if (chained > 1) {
        p.tick = border;
        add_lineage(&picture, s, chain, chained, m, border, &p.ticks);
    } else if (runs == 1 && s->fold < 0) {
        p.tick = border;
        p.ticks = fold_borders(s, run[0], border, ARRAY_N(border));
    }
    size_t points = (size_t)picture.points;
    if (points == 0) {
        grid_put(g, b, 0, 0, STYLE_TITLE, p.title);
        grid_put(g, b, 2, 2, STYLE_DIM, at != NULL && text_equal(at->state, "running") ? "the first epoch is on its way"
                                        : s->fold >= 0                               ? "this run has no such fold: f changes"
                                                                                     : "no curve was kept of this run");
    } else {
        if (chained > 1 && main) {
            say_lineage(s, chain, chained, label, sizeof label);
            p.y_label = label;
        } else if (m == TRAIN_LOSS && s->marks == 0 && main) {
            coin_x[1] = points < 10 ? 10 : (double)points;
            snprintf(label, sizeof label, "dim level: %s, %.4f", name, without);
            p.y_label = label;
            picture.series[picture.n++] = (struct plot_series){.name = name, .x = coin_x, .y = coin_y, .n = 2, .faint = true};
        }
        p.x_least = 1;
        p.x_most = points < 10 ? 10 : (double)points; /* whole epochs on the axis, and a curve that begins at the left */
        p.log_y = s->log && m != TRAIN_ACCURACY;
        p.cursor = main && at != NULL && chained < 2 ? cursor_x(s, at) : (double)NAN;
        plot_lines(g, b, &p, picture.series, picture.n);
    }
    for (int i = 0; i < picture.lines; i++)
        line_free(&picture.line[i]);
}
