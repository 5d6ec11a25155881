/* The marked columns over time on one clock: candles or lines, the hold-out as a hatched block, gaps and flags in a row
 * below, and on the same axis the folds. */
#include "ui/screen/data.h"

#include "base/text.h"
#include "data/read/stamp.h"
#include "ui/cell/axis.h"
#include "ui/screen/aid.h"

#include <math.h>

static bool draws_candles(const struct data_screen *s, int lanes)
{
    if (!s->view.candles || s->lines || lanes > 1)
        return false;
    for (int i = 0; i < 4; i++)
        if (s->columns.cursor == s->view.bars[i])
            return true;
    return false;
}

/* Logarithmic by itself where a plain axis would show the largest values alone. */
static bool wants_log(const struct data_column *c)
{
    return c->least > 0 && c->most / c->least > 50;
}

/* --- curves ----------------------------------------------------------------------------------------------------------
 */

struct curve {
    struct data_lane lane;
    double *x, *y;
    size_t n;
    double least, most; /* within the span */
    double base;        /* the value that is 100; NaN: there is none */
    char name[240];
};

static const double *values_of(const struct data_lane *l)
{
    return l->view->frame->column[l->column].value;
}

static void find_range(struct curve *c, double from, double to)
{
    c->least = c->most = (double)NAN;
    for (size_t i = 0; i < c->n; i++) {
        if (c->x[i] < from || c->x[i] > to)
            continue;
        c->least = fmin(c->least, c->y[i]);
        c->most = fmax(c->most, c->y[i]);
    }
}

/* From where on all curves have values: there an index begins. */
static double common_start(const struct curve *c, int n, double from)
{
    double start = from;
    for (int k = 0; k < n; k++)
        for (size_t i = 0; i < c[k].n; i++)
            if (!isnan(c[k].y[i])) {
                start = fmax(start, c[k].x[i]);
                break;
            }
    return start;
}

static void find_base(struct curve *c, double start)
{
    c->base = (double)NAN;
    for (size_t i = 0; i < c->n; i++) {
        if (c->x[i] < start || isnan(c->y[i]))
            continue;
        c->base = c->y[i] > 0 ? c->y[i] : (double)NAN;
        return;
    }
}

/* Into the range of the first curve's axis, so that each fills the height. */
static double onto(const struct curve *c, const struct curve *first, bool log, double v)
{
    double whole = c->most - c->least, share = whole > 0 ? (v - c->least) / whole : 0.5;
    if (wants_log(&c->lane.view->column[c->lane.column]) && c->least > 0 && c->most > c->least)
        share = log10(v / c->least) / log10(c->most / c->least);
    if (log && first->least > 0)
        return first->least * pow(10, share * log10(first->most / first->least));
    return first->least + share * (first->most - first->least);
}

static void scale_curves(struct curve *c, int n, enum data_scale scale, bool log, double from)
{
    double start = scale == DATA_INDEX ? common_start(c, n, from) : from;
    for (int k = 0; k < n; k++) {
        if (scale == DATA_INDEX)
            find_base(&c[k], start);
        for (size_t i = 0; i < c[k].n && scale == DATA_INDEX; i++)
            c[k].y[i] = 100 * c[k].y[i] / c[k].base;
        for (size_t i = 0; i < c[k].n && scale == DATA_OWN && k > 0; i++)
            c[k].y[i] = onto(&c[k], &c[0], log, c[k].y[i]);
    }
}

/* --- what the head says ----------------------------------------------------------------------------------------------
 */

/* The newest row of a lane that stands at or before the cursor. */
static size_t row_before(const struct data_lane *l, double at)
{
    const struct data_view *v = l->view;
    if (v->shown == 0)
        return 0;
    size_t row = data_row_at(v, at - l->shift);
    return v->time[row] + l->shift > at && row > 0 ? row - 1 : row;
}

static bool known_by(const struct data_lane *l, double at)
{
    return l->view->shown > 0 && l->view->time[0] + l->shift <= at;
}

static void name_curve(const struct data_screen *s, struct curve *c, int n)
{
    const struct data_view *v = c->lane.view;
    char value[FRAME_LABEL_MAX] = "", least[40], most[40];
    const char *column = v->frame->column[c->lane.column].name;
    if (!isnan(s->cursor) && known_by(&c->lane, s->cursor)) {
        data_value_text(&v->frame->column[c->lane.column], values_of(&c->lane)[row_before(&c->lane, s->cursor)], value,
                        sizeof value);
    }
    axis_value(c->least, least, sizeof least);
    axis_value(c->most, most, sizeof most);
    if (n == 1)
        snprintf(c->name, sizeof c->name, "%.60s %s", column, value);
    else
        snprintf(c->name, sizeof c->name, "%.30s %.40s %s%s[%s..%s]%s", v->name, column, value,
                 value[0] != '\0' ? " " : "", least, most,
                 s->scale == DATA_INDEX && isnan(c->base) ? " no index: not above 0" : "");
}

static void flag_text(const struct data_view *v, double time, char *out, size_t size)
{
    for (size_t i = 0; i < v->flags; i++)
        if ((double)v->flag[i].time_us == time) {
            text_append(out, size, "  ! ");
            text_append(out, size, v->flag[i].what);
            return;
        }
}

/* The time under the cursor, the bar's values in full, and why it was flagged. */
static void cursor_text(const struct data_screen *s, bool candles, char *out, size_t size)
{
    const struct data_view *v = &s->view;
    out[0] = '\0';
    if (isnan(s->cursor) || v->shown == 0)
        return;
    size_t row = data_row_at(v, s->cursor);
    axis_time_value(v->time[row], out, (int)size);
    for (int i = 0; candles && i < 4; i++) {
        char value[40], part[48];
        axis_value(v->frame->column[v->bars[i]].value[row], value, sizeof value);
        snprintf(part, sizeof part, "  %c %s", "OHLC"[i], value);
        text_append(out, size, part);
    }
    flag_text(v, v->time[row], out, size);
}

static void title_of(const struct data_screen *s, const struct curve *c, int n, bool candles, bool log, char *out,
                     size_t size)
{
    static const char *const scales[] = {"each its own axis", "one axis", "index, 100 at the common start"};
    const struct data_column *d = &s->view.column[s->columns.cursor];
    char lag[AID_NUMBER];
    if (n > 1)
        snprintf(out, size, "%d columns, %s%s", n, scales[s->scale], log ? ", log scale" : "");
    else
        snprintf(out, size, "%.63s  %s %d/%zu%s%s", s->view.frame->column[s->columns.cursor].name,
                 feature_role_name(d->role), s->columns.cursor + 1, s->view.frame->columns, candles ? "  candles" : "",
                 log ? "  log scale" : "");
    if (s->as_known) {
        text_append(out, size, "  when known, lag ");
        text_append(out, size, s->view.lag_us > 0 ? aid_step(s->view.lag_us, lag) : "0");
    }
    (void)c;
}

/* --- marks -----------------------------------------------------------------------------------------------------------
 */

static int axis_cell(struct box b, double from, double to, double time)
{
    double x = (time - from) / (to - from) * (b.columns - 1);
    return x < 0 || x > b.columns - 1 ? -1 : (int)floor(x + 0.5);
}

static bool has_marks(const struct data_view *v, int column)
{
    return v->flags > 0 || v->holes > 0 || v->column[column].missing > 0;
}

/* Where rows are missing, hatched; where the column has no value, a dot; flagged rows an exclamation mark. */
static void draw_marks(struct grid *g, struct box row, struct box inner, double from, double to,
                       const struct data_lane *l)
{
    const struct data_view *v = l->view;
    const double *value = values_of(l);
    struct box b = {inner.x, row.y, inner.columns, 1};
    struct box margin = {row.x, row.y, inner.x - row.x > 1 ? inner.x - row.x - 1 : 0, 1};
    grid_put_right(g, margin, 0, STYLE_DIM, margin.columns >= 5 ? "marks" : "!");
    size_t first = v->shown > 0 ? data_row_at(v, from - l->shift) : 0, stride = 1;
    for (size_t i = first; i < v->shown && v->time[i] + l->shift <= to; i += stride) {
        double time = v->time[i] + l->shift, step = (double)v->frame->step_us;
        int x = axis_cell(b, from, to, time);
        if (isnan(value[i]) && !data_gone(v, i) && x >= 0)
            grid_code(g, b, x, 0, STYLE_DIM, 0x00b7);
        if (i == 0 || data_gone(v, i) || data_gone(v, i - 1) || v->time[i] - v->time[i - 1] <= 1.5 * step)
            continue;
        int left = axis_cell(b, from, to, fmax(v->time[i - 1] + l->shift + step, from)),
            right = axis_cell(b, from, to, time - step);
        for (int k = left < 0 ? 0 : left; right >= 0 && k <= right; k++)
            grid_code(g, b, k, 0, STYLE_WARN, 0x2592);
    }
    for (size_t i = 0; i < v->flags; i++) {
        int x = axis_cell(b, from, to, (double)v->flag[i].time_us + l->shift);
        if (x >= 0)
            grid_code(g, b, x, 0, STYLE_BAD, '!');
    }
}

/* The second curve's axis at the right, where each has its own. */
static void draw_right_axis(struct grid *g, struct box b, struct box inner, const struct curve *c)
{
    struct axis a;
    struct box margin = {inner.x + inner.columns + 1, inner.y, b.x + b.columns - inner.x - inner.columns - 1,
                         inner.rows};
    if (margin.columns < 6 || inner.rows < 4)
        return;
    bool log = wants_log(&c->lane.view->column[c->lane.column]) && c->least > 0;
    (log ? axis_log : axis_linear)(&a, c->least, c->most, inner.rows * 2 / 5 < 2 ? 2 : inner.rows * 2 / 5);
    for (int i = 0; i < a.ticks; i++) {
        double share = axis_share(c->least, c->most, log, a.at[i]);
        grid_put(g, margin, 0, (int)floor((1 - share) * (inner.rows - 1) + 0.5), STYLE_SERIES_2, a.label[i]);
    }
}

/* --- the plot --------------------------------------------------------------------------------------------------------
 */

static struct box draw_candles(struct grid *g, struct box b, struct plot *p, const struct data_lane *l, double from,
                               double to)
{
    struct plot_candle *candle;
    size_t n = data_lane_candles(l, from, to, &candle);
    struct box inner = plot_candles(g, b, p, candle, n);
    free(candle);
    return inner;
}

static struct box draw_curves(const struct data_screen *s, struct grid *g, struct box b, struct plot *p,
                              struct curve *c, int n)
{
    struct plot_series series[DATA_LANES_MOST];
    bool second = n > 1 && s->scale == DATA_OWN && b.columns >= 60;
    struct box left = {b.x, b.y, b.columns - (second ? 9 : 0), b.rows};
    for (int k = 0; k < n; k++)
        series[k] = (struct plot_series){
            .name = c[k].name, .style = STYLE_SERIES_1 + (enum style)k, .x = c[k].x, .y = c[k].y, .n = c[k].n};
    p->legend = n > 1 || !isnan(s->cursor);
    struct box inner = plot_lines(g, left, p, series, n);
    if (second && inner.columns > 0)
        draw_right_axis(g, b, inner, &c[1]);
    return inner;
}

static int make_curves(struct data_screen *s, struct curve *c, double from, double to)
{
    struct data_lane lane[DATA_LANES_MOST];
    int n = data_lanes(s, lane);
    for (int k = 0; k < n; k++) {
        c[k] = (struct curve){.lane = lane[k], .base = 1};
        c[k].n = data_lane_points(&lane[k], from, to, &c[k].x, &c[k].y);
        find_range(&c[k], from, to);
    }
    return n;
}

static bool draws_log(const struct data_screen *s, const struct curve *c, int n)
{
    bool log = wants_log(&s->view.column[s->columns.cursor]) != s->other_scale;
    for (int k = 0; k < n && s->scale == DATA_SHARED; k++)
        log &= c[k].least > 0;
    return log && (n == 1 || s->scale != DATA_INDEX || !s->other_scale);
}

static void set_plot(const struct data_screen *s, struct plot *p, double from, double to)
{
    double offset = data_axis_offset(&s->view, false);
    p->x_kind = PLOT_X_TIME;
    p->x_least = from;
    p->x_most = to;
    p->cursor = s->cursor >= from && s->cursor <= to ? s->cursor : (double)NAN;
    if (s->sealed_first == 0)
        return;
    p->shade_from = (double)s->sealed_first - offset;
    p->shade_to = (double)s->sealed_last - offset;
}

static void draw_below(struct data_screen *s, struct grid *g, struct box below, struct box inner, double from,
                       double to, bool marks)
{
    struct data_lane lane[DATA_LANES_MOST];
    struct box row, rest;
    if (inner.columns < 2 || below.rows < 1 || data_lanes(s, lane) < 1)
        return;
    box_split_rows(below, marks ? 1 : 0, &row, &rest);
    if (marks)
        draw_marks(g, row, inner, from, to, &lane[0]);
    if (rest.rows > 0)
        data_draw_folds(g, rest, inner, from, to, s);
}

static void draw_trouble(const struct data_screen *s, struct grid *g, struct box b)
{
    char rows[AID_NUMBER];
    const struct series_row *row = data_selected(s);
    if (s->view.loading)
        grid_printf(g, b, 0, 0, STYLE_DIM, "reading %s rows ...", aid_count(row->rows, rows));
    else
        grid_paragraph(g, b, 0, STYLE_BAD, s->view.trouble);
}

void data_draw_plot(struct data_screen *s, struct grid *g, struct box b)
{
    struct curve c[DATA_LANES_MOST];
    char title[200], said[320];
    struct box top, below, inner;
    double from, to;
    s->plotted = (struct box){0};
    if (s->view.frame == NULL) {
        draw_trouble(s, g, b);
        return;
    }
    data_span(s, &from, &to);
    int n = make_curves(s, c, from, to);
    bool candles = draws_candles(s, n), log = draws_log(s, c, n),
         marks = b.rows >= 8 && has_marks(&s->view, s->columns.cursor);
    scale_curves(c, n, n > 1 ? s->scale : DATA_SHARED, log, from);
    for (int k = 0; k < n; k++)
        name_curve(s, &c[k], n);
    title_of(s, c, n, candles, log, title, sizeof title);
    cursor_text(s, candles, said, sizeof said);
    struct plot p = plot_plain(title);
    p.log_y = log;
    p.said = said;
    set_plot(s, &p, from, to);
    box_split_rows(b, b.rows - data_fold_rows(s, b.rows) - (marks ? 1 : 0), &top, &below);
    inner = candles ? draw_candles(g, top, &p, &c[0].lane, from, to) : draw_curves(s, g, top, &p, c, n);
    draw_below(s, g, below, inner, from, to, marks);
    s->plotted = inner;
    for (int k = 0; k < n; k++) {
        free(c[k].x);
        free(c[k].y);
    }
}
