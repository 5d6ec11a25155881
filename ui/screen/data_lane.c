/* The curves of the plot: the column under the cursor and those that are marked, on one clock. */
#include "ui/screen/data.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/read/stamp.h"
#include "data/set/dataset.h"

#include <math.h>

double data_axis_offset(const struct data_view *v, bool as_known)
{
    double end = (double)stamp_period_end(v->stamp, 0, v->frame->step_us);
    return as_known ? end + (double)v->lag_us : end;
}

static bool same_column(const struct data_screen *s, const struct data_mark *m)
{
    return text_equal(m->view.name, s->view.name) && s->view.frame != NULL &&
           text_equal(m->column, s->view.frame->column[s->columns.cursor].name);
}

/* The axis has the times of the series under the cursor as they are stamped; others stand where their period ends on
 * that clock, or all where they are known. */
int data_lanes(struct data_screen *s, struct data_lane out[DATA_LANES_MOST])
{
    int n = 0;
    if (s->view.frame == NULL)
        return 0;
    double base = data_axis_offset(&s->view, false);
    out[n++] = (struct data_lane){&s->view, s->columns.cursor, data_axis_offset(&s->view, s->as_known) - base};
    for (int i = 0; i < s->marks && n < DATA_LANES_MOST; i++) {
        struct data_view *v = &s->mark[i]->view;
        int column = v->frame != NULL ? frame_find(v->frame, s->mark[i]->column) : -1;
        if (column >= 0 && !same_column(s, s->mark[i]))
            out[n++] = (struct data_lane){v, column, data_axis_offset(v, s->as_known) - base};
    }
    return n;
}

/* --- marks -----------------------------------------------------------------------------------------------------------
 */

static void drop_mark(struct data_screen *s, int at)
{
    data_view_free(&s->mark[at]->view);
    free(s->mark[at]);
    s->marks--;
    memmove(&s->mark[at], &s->mark[at + 1], (size_t)(s->marks - at) * sizeof s->mark[0]);
}

void data_marks_free(struct data_screen *s)
{
    while (s->marks > 0)
        drop_mark(s, s->marks - 1);
}

bool data_marked(const struct data_screen *s, const char *series, const char *column)
{
    for (int i = 0; i < s->marks; i++)
        if (text_equal(s->mark[i]->view.name, series) && (column == NULL || text_equal(s->mark[i]->column, column)))
            return true;
    return false;
}

static const struct series_row *find_row(const struct data_screen *s, const char *name)
{
    for (int i = 0; i < s->series_n; i++)
        if (text_equal(s->series[i].name, name))
            return &s->series[i];
    return NULL;
}

/* A mark keeps its column alone, as it was cut at the seal. */
static void copy_column(struct data_mark *m, const struct data_view *from, int column)
{
    const struct frame_column *c = &from->frame->column[column];
    const struct data_column *d = &from->column[column];
    struct data_view *v = &m->view;
    *v = (struct data_view){.id = from->id,
                            .stamp = from->stamp,
                            .lag_us = from->lag_us,
                            .shown = from->shown,
                            .first = from->first,
                            .last = from->last};
    text_copy(v->name, sizeof v->name, from->name);
    v->frame = frame_new(from->shown, 1, NULL);
    if (v->frame == NULL)
        return; /* it is not drawn */
    v->frame->step_us = from->frame->step_us;
    memcpy(v->frame->time_us, from->frame->time_us, from->shown * sizeof *v->frame->time_us);
    memcpy(v->frame->column[0].value, c->value, from->shown * sizeof(double));
    text_copy(v->frame->column[0].name, sizeof v->frame->column[0].name, c->name);
    if (c->labels > 0) {
        v->frame->column[0].label = memory_copy(c->label, c->labels * sizeof *c->label);
        v->frame->column[0].labels = c->labels;
    }
    v->gone = from->gone != NULL ? memory_copy(from->gone, from->shown * sizeof *from->gone) : NULL;
    v->time = memory_copy(from->time, from->shown * sizeof(double));
    v->column = memory_copy(d, sizeof *d);
    size_t blocks = (from->shown + DATA_BLOCK - 1) / DATA_BLOCK;
    v->column->low = d->low != NULL ? memory_copy(d->low, blocks * sizeof(double)) : NULL;
    v->column->high = d->high != NULL ? memory_copy(d->high, blocks * sizeof(double)) : NULL;
}

void data_mark_toggle(struct data_screen *s, struct app *app)
{
    const struct series_row *row = data_selected(s);
    if (row == NULL || s->view.frame == NULL)
        return;
    const char *column = s->view.frame->column[s->columns.cursor].name;
    for (int i = 0; i < s->marks; i++) {
        if (!text_equal(s->mark[i]->view.name, row->name) || !text_equal(s->mark[i]->column, column))
            continue;
        drop_mark(s, i);
        return;
    }
    if (s->marks == DATA_LANES_MOST - 1) {
        app_message(app, STYLE_WARN, "%d columns are marked already: take one away first", s->marks);
        return;
    }
    struct data_mark *m = NEW(struct data_mark);
    text_copy(m->column, sizeof m->column, column);
    copy_column(m, &s->view, s->columns.cursor);
    s->mark[s->marks++] = m;
}

/* Only what has changed, or must be cut anew, is read again. */
void data_marks_reload(struct data_screen *s, struct app *app, bool other_seal)
{
    for (int i = s->marks - 1; i >= 0; i--) {
        struct data_mark *m = s->mark[i];
        const struct series_row *row = find_row(s, m->view.name);
        struct data_view whole = {0};
        if (row == NULL) {
            drop_mark(s, i);
            continue;
        }
        if (hash_equal(row->frame, m->view.id) && !other_seal)
            continue;
        struct data_seal seal = data_seal_of(s, app, row);
        data_view_read(&whole, row, app_workspace(app), &seal);
        int column = whole.frame != NULL ? frame_find(whole.frame, m->column) : -1;
        data_view_free(&m->view);
        if (column >= 0)
            copy_column(m, &whole, column);
        else
            drop_mark(s, i);
        data_view_free(&whole);
    }
}

/* --- points ----------------------------------------------------------------------------------------------------------
 */

/* The first row at or behind a time. */
static size_t first_from(const struct data_view *v, double time)
{
    size_t low = 0, high = v->shown;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (v->time[middle] < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The rows within the span, and one on either side so that lines reach the border. */
static void rows_within(const struct data_lane *l, double from, double to, size_t *first, size_t *end)
{
    const struct data_view *v = l->view;
    *first = first_from(v, from - l->shift);
    *end = first_from(v, to - l->shift);
    *first -= *first > 0 ? 1 : 0;
    *end += *end < v->shown ? 1 : 0;
    *end += *end < v->shown ? 1 : 0;
}

static bool is_long(const struct data_lane *l, size_t first, size_t end)
{
    return l->view->column[l->column].low != NULL && end - first > 256 * (size_t)DATA_BLOCK;
}

static size_t block_points(const struct data_lane *l, size_t first, size_t end, double *x, double *y)
{
    const struct data_column *c = &l->view->column[l->column];
    size_t n = 0;
    for (size_t b = first / DATA_BLOCK; b * DATA_BLOCK < end; b++) {
        size_t last = (b + 1) * DATA_BLOCK - 1;
        double at = l->view->time[b * DATA_BLOCK] + l->shift;
        x[n] = at;
        y[n++] = c->low[b];
        x[n] = (at + l->view->time[last < l->view->shown ? last : l->view->shown - 1] + l->shift) / 2;
        y[n++] = c->high[b];
    }
    return n;
}

/* Across more than so many steps no sample is taken either: the line breaks. */
size_t data_lane_points(const struct data_lane *l, double from, double to, double **x, double **y)
{
    const struct data_view *v = l->view;
    const double *value = v->frame->column[l->column].value;
    size_t first, end, n = 0;
    rows_within(l, from, to, &first, &end);
    bool blocks = is_long(l, first, end);
    size_t room = blocks ? 2 * ((end - first) / DATA_BLOCK + 3) : 2 * (end - first) + 2;
    *x = NEW_ARRAY(double, room);
    *y = NEW_ARRAY(double, room);
    if (blocks)
        return block_points(l, first, end, *x, *y);
    double hole = (double)v->frame->step_us * (DATASET_GAP_STEPS + 0.5);
    for (size_t i = first; i < end; i++) {
        if (i > first && hole > 0 && v->time[i] - v->time[i - 1] > hole) {
            (*x)[n] = (v->time[i] + v->time[i - 1]) / 2 + l->shift;
            (*y)[n++] = (double)NAN;
        }
        (*x)[n] = v->time[i] + l->shift;
        (*y)[n++] = value[i];
    }
    return n;
}

static struct plot_candle candle_of(const struct data_lane *l, size_t first, size_t end)
{
    const struct data_view *v = l->view;
    const double *open = v->frame->column[v->bars[0]].value, *high = v->frame->column[v->bars[1]].value;
    const double *low = v->frame->column[v->bars[2]].value, *close = v->frame->column[v->bars[3]].value;
    struct plot_candle c = {v->time[first] + l->shift, open[first], high[first], low[first], close[first]};
    for (size_t i = first + 1; i < end; i++) {
        c.open = isnan(c.open) ? open[i] : c.open;
        c.high = fmax(c.high, high[i]);
        c.low = fmin(c.low, low[i]);
        c.close = isnan(close[i]) ? c.close : close[i];
    }
    return c;
}

/* Of a block its open, close and extremes: those of the blocks' high and low are known, the rest are two rows. */
static struct plot_candle block_candle(const struct data_lane *l, size_t block)
{
    const struct data_view *v = l->view;
    size_t first = block * DATA_BLOCK, last = first + DATA_BLOCK - 1;
    last = last < v->shown ? last : v->shown - 1;
    struct plot_candle c = {v->time[first] + l->shift, v->frame->column[v->bars[0]].value[first],
                            v->column[v->bars[1]].high[block], v->column[v->bars[2]].low[block],
                            v->frame->column[v->bars[3]].value[last]};
    return isnan(c.open) || isnan(c.close) ? candle_of(l, first, last + 1) : c;
}

size_t data_lane_candles(const struct data_lane *l, double from, double to, struct plot_candle **out)
{
    size_t first, end, n = 0;
    rows_within(l, from, to, &first, &end);
    bool blocks = is_long(l, first, end);
    *out = NEW_ARRAY(struct plot_candle, blocks ? (end - first) / DATA_BLOCK + 3 : end - first + 1);
    if (blocks)
        for (size_t b = first / DATA_BLOCK; b * DATA_BLOCK < end; b++)
            (*out)[n++] = block_candle(l, b);
    else
        for (size_t i = first; i < end; i++)
            (*out)[n++] = candle_of(l, i, i + 1);
    return n;
}
