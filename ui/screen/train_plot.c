/* Curves of the Train screen: raw and smoothed, of one run or of several, the folds one behind the other. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/cell/plot.h"
#include "ui/screen/train_state.h"

#define SMOOTHING 0.6 /* weight of the past in the moving average */

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
    double average = 0, weight = 1;
    for (int i = 0; i < n; i++) {
        if (i > 0 && e[i].fold != e[i - 1].fold) {
            l.x[l.n] = l.raw[l.n] = l.smooth[l.n] = (double)NAN;
            l.n++;
            average = 0;
            weight = 1;
        }
        double v = shown_value(&e[i], m, training);
        if (isfinite(v)) {
            average = SMOOTHING * average + (1 - SMOOTHING) * v;
            weight *= SMOOTHING;
        }
        l.x[l.n] = s->fold >= 0 || r->curve.folds < 2 ? e[i].epoch : i + 1;
        l.raw[l.n] = v;
        l.smooth[l.n] = isfinite(v) ? average / (1 - weight) : (double)NAN;
        l.n++;
    }
    return l;
}

enum { LINES_MOST = TRAIN_MARKS + 2, SERIES_MOST = 2 * LINES_MOST + 1 };

struct picture {
    struct line line[LINES_MOST];
    char name[LINES_MOST][96];
    struct plot_series series[SERIES_MOST];
    int lines, n;
};

static void add_line(struct picture *p, const struct train_screen *s, struct line line, const char *name, enum style style)
{
    int i = p->lines++;
    p->line[i] = line;
    text_copy(p->name[i], sizeof p->name[i], name);
    struct plot_series series = {.name = p->name[i], .style = style, .x = line.x, .y = s->smooth ? line.smooth : line.raw, .n = line.n};
    p->series[p->n++] = series;
    if (!s->smooth)
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
    const struct train_run *run[TRAIN_MARKS], *at = train_at(s);
    struct picture picture = {.n = 0};
    const char *name;
    char label[48];
    double border[64], without = train_loss_without(s, &name), coin_x[2] = {1, 2}, coin_y[2] = {without, without};
    int runs = train_shown(s, run);
    struct plot p = plot_plain("");
    set_title(&p, m, s->marks > 0, main);
    for (int i = 0; i < runs; i++)
        add_run(&picture, s, run[i], m, s->marks > 0 ? train_mark_of(s, run[i]) : -1);
    if (runs == 1 && s->fold < 0) {
        p.tick = border;
        p.ticks = fold_borders(s, run[0], border, ARRAY_N(border));
    }
    size_t points = 0;
    for (int i = 0; i < picture.lines; i++)
        points = picture.line[i].n > points ? picture.line[i].n : points;
    if (points == 0) {
        grid_put(g, b, 0, 0, STYLE_TITLE, p.title);
        grid_put(g, b, 2, 2, STYLE_DIM, at != NULL && text_equal(at->state, "running") ? "the first epoch is on its way"
                                        : s->fold >= 0                               ? "this run has no such fold: f changes"
                                                                                     : "no curve was kept of this run");
    } else {
        if (m == TRAIN_LOSS && s->marks == 0 && main) {
            coin_x[1] = points < 10 ? 10 : (double)points;
            snprintf(label, sizeof label, "dim level: %s, %.4f", name, without);
            p.y_label = label;
            picture.series[picture.n++] = (struct plot_series){.name = name, .x = coin_x, .y = coin_y, .n = 2, .faint = true};
        }
        p.x_least = 1;
        p.x_most = points < 10 ? 10 : (double)points; /* whole epochs on the axis, and a curve that begins at the left */
        p.log_y = s->log && m != TRAIN_ACCURACY;
        p.cursor = main && at != NULL ? cursor_x(s, at) : (double)NAN;
        plot_lines(g, b, &p, picture.series, picture.n);
    }
    for (int i = 0; i < picture.lines; i++)
        line_free(&picture.line[i]);
}
