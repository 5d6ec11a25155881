/* The selected column over time, the hold-out as a hatched block, and below it, on the same axis, the folds. */
#include "ui/screen/data.h"

#include "base/text.h"
#include "data/stamp.h"
#include "ui/screen/aid.h"

#include <math.h>

/* Fold times are closes of bars, the axis has times as stamped: the difference, for the series shown. */
static double close_offset(const struct data_screen *s)
{
    const struct series_row *row = data_selected(s);
    return (double)stamp_period_end(row->stamp, 0, s->view.frame->step_us);
}

/* The rows within the span, and one on either side so that lines reach the border. */
static void rows_within(const struct data_view *v, double from, double to, size_t *first, size_t *n)
{
    size_t low = 0, high = v->shown;
    while (low < v->shown && v->time[low] < from)
        low++;
    while (high > low && v->time[high - 1] > to)
        high--;
    *first = low > 0 ? low - 1 : 0;
    *n = (high < v->shown ? high + 1 : v->shown) - *first;
}

static bool draws_candles(const struct data_screen *s)
{
    if (s->view.candle == NULL || s->lines)
        return false;
    for (int i = 0; i < 4; i++)
        if (s->columns.cursor == s->view.bars[i])
            return true;
    return false;
}

/* Logarithmic by itself where a plain axis would show the largest values alone. */
static bool draws_log(const struct data_screen *s)
{
    const struct data_column *c = &s->view.column[s->columns.cursor];
    return (c->least > 0 && c->most / c->least > 50) != s->other_scale;
}

static void title_of(const struct data_screen *s, bool candles, char *out, size_t size)
{
    const struct data_column *c = &s->view.column[s->columns.cursor];
    snprintf(out, size, "%s  %s %d/%zu%s%s", s->view.frame->column[s->columns.cursor].name, feature_role_name(c->role),
             s->columns.cursor + 1, s->view.frame->columns, candles ? "  candles" : "", draws_log(s) ? "  log scale" : "");
}

/* --- folds ----------------------------------------------------------------------------------------------------------- */

struct time_line {
    struct box box; /* the plot's inner box, one row or more below it */
    double from, to, offset;
};

static int cell_of(const struct time_line *l, int64_t close)
{
    double x = ((double)close - l->offset - l->from) / (l->to - l->from) * (l->box.columns - 1);
    return x < -1 ? -1 : x > l->box.columns ? l->box.columns : (int)floor(x + 0.5);
}

static void draw_stretch(struct grid *g, const struct time_line *l, int y, int from, int to, enum style style, uint32_t code)
{
    for (int x = from < 0 ? 0 : from; x <= to && x < l->box.columns; x++)
        grid_code(g, l->box, x, y, style, code);
}

static void draw_seal(struct grid *g, const struct time_line *l, const struct data_screen *s, int y)
{
    if (s->sealed_first != 0)
        draw_stretch(g, l, y, cell_of(l, s->sealed_first), cell_of(l, s->sealed_last), STYLE_SEALED, 0x2591);
}

/* When the first bar closes. */
static int64_t base_first(const struct data_screen *s)
{
    for (int i = 0; i < s->series_n; i++)
        if (text_equal(s->series[i].name, s->task.task.series[0].name))
            return stamp_period_end(s->series[i].stamp, s->series[i].first_us, s->series[i].step_us);
    return s->fold[0].train_last;
}

static void draw_fold(struct grid *g, const struct time_line *l, const struct data_screen *s, int k, int y)
{
    const struct data_fold *f = &s->fold[k];
    int train = cell_of(l, f->train_last), first = cell_of(l, f->valid_first), last = cell_of(l, f->valid_last);
    draw_stretch(g, l, y, cell_of(l, base_first(s)), train, STYLE_SERIES_1, 0x2501);
    draw_stretch(g, l, y, train + 1 < first ? train + 1 : first - 1, first - 1, STYLE_WARN, 0x00b7); /* a cell at least */
    draw_stretch(g, l, y, first, last, STYLE_SERIES_2, 0x2588);
    draw_seal(g, l, s, y);
}

/* All folds in one row: their validation blocks, numbered. */
static void draw_folds_short(struct grid *g, const struct time_line *l, const struct data_screen *s)
{
    draw_stretch(g, l, 0, cell_of(l, base_first(s)), cell_of(l, s->fold[0].train_last),
                 STYLE_SERIES_1, 0x2501);
    draw_stretch(g, l, 0, cell_of(l, s->fold[0].train_last) + 1, cell_of(l, s->fold[0].valid_first) - 1, STYLE_WARN, 0x00b7);
    for (int k = 0; k < s->folds; k++) {
        int first = cell_of(l, s->fold[k].valid_first), last = cell_of(l, s->fold[k].valid_last);
        draw_stretch(g, l, 0, first, last, k % 2 == 0 ? STYLE_SERIES_2 : STYLE_SERIES_3, 0x2588);
        if (first >= 0 && first < l->box.columns)
            grid_printf(g, l->box, first, 0, STYLE_SELECTED, "%d", k + 1);
    }
    draw_seal(g, l, s, 0);
}

static void draw_fold_legend(struct grid *g, struct box b, const struct data_screen *s)
{
    static const struct {
        uint32_t code;
        enum style style;
        const char *name;
    } entry[] = {{0x2501, STYLE_SERIES_1, "train"}, {0x00b7, STYLE_WARN, "purged"}, {0x2588, STYLE_SERIES_2, "validate"},
                 {0x2591, STYLE_SEALED, "sealed"}};
    int x = 0;
    for (int i = 0; i < (s->sealed_first != 0 ? 4 : 3); i++) {
        if (x + 4 + text_width(entry[i].name) > b.columns)
            return;
        grid_code(g, b, x, 0, entry[i].style, entry[i].code);
        grid_code(g, b, x + 1, 0, entry[i].style, entry[i].code);
        x = grid_put(g, b, x + 3, 0, STYLE_DIM, entry[i].name) + 2;
    }
}

static bool in_task(const struct data_screen *s)
{
    for (int i = 0; i < s->task.task.series_n; i++)
        if (text_equal(s->task.task.series[i].name, data_selected(s)->name))
            return true;
    return false;
}

/* Rows that the folds take below a plot of this height: none, one for all, or one each and a legend. */
static int fold_rows(const struct data_screen *s, int rows)
{
    if (s->folds == 0 || rows < 8 || !in_task(s))
        return 0;
    return s->folds + 1 <= rows / 3 ? s->folds + 1 : 1;
}

static void draw_folds(struct grid *g, struct box below, struct box inner, double from, double to, const struct data_screen *s)
{
    struct time_line l = {{inner.x, below.y, inner.columns, below.rows}, from, to, close_offset(s)};
    struct box margin = {below.x, below.y, inner.x - below.x > 1 ? inner.x - below.x - 1 : 0, below.rows};
    if (below.rows == 1) {
        grid_put_right(g, margin, 0, STYLE_DIM, "folds");
        draw_folds_short(g, &l, s);
        return;
    }
    for (int k = 0; k < s->folds; k++) {
        char label[24];
        snprintf(label, sizeof label, margin.columns >= 6 ? "fold %d" : "%d", k + 1);
        grid_put_right(g, margin, k, STYLE_DIM, label);
        draw_fold(g, &l, s, k, k);
    }
    draw_fold_legend(g, (struct box){inner.x, below.y + s->folds, inner.columns, 1}, s);
}

/* --- the plot -------------------------------------------------------------------------------------------------------- */

void data_draw_plot(struct data_screen *s, struct grid *g, struct box b)
{
    const struct data_view *v = &s->view;
    if (v->frame == NULL) {
        grid_paragraph(g, b, 0, STYLE_BAD, v->trouble);
        return;
    }
    double from, to;
    size_t first, n;
    char title[160];
    struct box top, below, inner;
    bool candles = draws_candles(s);
    data_span(s, &from, &to);
    rows_within(v, from, to, &first, &n);
    title_of(s, candles, title, sizeof title);
    struct plot p = plot_plain(title);
    p.x_kind = PLOT_X_TIME;
    p.log_y = draws_log(s);
    p.x_least = from;
    p.x_most = to;
    p.cursor = s->cursor >= from && s->cursor <= to ? s->cursor : (double)NAN;
    if (s->sealed_first != 0) {
        p.shade_from = (double)s->sealed_first - close_offset(s);
        p.shade_to = (double)s->sealed_last - close_offset(s);
    }
    box_split_rows(b, b.rows - fold_rows(s, b.rows), &top, &below);
    if (candles) {
        inner = plot_candles(g, top, &p, v->candle + first, n);
    } else {
        struct plot_series line = {.name = v->frame->column[s->columns.cursor].name, .style = STYLE_SERIES_1,
                                   .x = v->time + first, .y = v->frame->column[s->columns.cursor].value + first, .n = n};
        inner = plot_lines(g, top, &p, &line, 1);
    }
    if (below.rows > 0 && inner.columns > 1)
        draw_folds(g, below, inner, from, to, s);
}
