/* The values of one series: loaded, cut at the seal, and the span of time that is shown of them. */
#include "ui/screen/data.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/dataset.h"
#include "data/stamp.h"

#include <math.h>

#define SPAN_STEPS_LEAST 8

void data_view_free(struct data_view *v)
{
    frame_free(v->frame);
    free(v->column);
    free(v->time);
    free(v->candle);
    json_decref(v->report);
    *v = (struct data_view){0};
}

/* Takes the rows out whose period ends within the hold-out, so that no later change of the screen can show them. Where
 * rows follow, one without values stays between, which breaks the line. */
static void cut(struct data_view *v, const struct data_screen *s, enum csv_stamp stamp)
{
    struct frame *f = v->frame;
    size_t first = 0, end;
    v->gap = f->rows;
    while (first < f->rows && stamp_period_end(stamp, f->time_us[first], f->step_us) < s->sealed_first)
        first++;
    for (end = first; end < f->rows && stamp_period_end(stamp, f->time_us[end], f->step_us) <= s->sealed_last;)
        end++;
    if (s->sealed_first == 0 || first == end)
        return;
    size_t behind = f->rows - end, to = first + (behind > 0 ? 1 : 0);
    v->gap = first;
    memmove(f->time_us + to, f->time_us + end, behind * sizeof *f->time_us);
    for (size_t c = 0; c < f->columns; c++) {
        f->column[c].value[first] = (double)NAN;
        memmove(f->column[c].value + to, f->column[c].value + end, behind * sizeof(double));
    }
    f->rows = to + behind;
}

static void describe_columns(struct data_view *v)
{
    v->column = NEW_ARRAY(struct data_column, v->frame->columns);
    for (size_t c = 0; c < v->frame->columns; c++) {
        const double *value = v->frame->column[c].value;
        struct data_column *d = &v->column[c];
        d->role = feature_role_of(v->frame->column[c].name, value, v->shown);
        d->last = d->least = d->most = (double)NAN;
        for (size_t i = 0; i < v->shown; i++) {
            d->missing += isnan(value[i]) && i != v->gap ? 1 : 0;
            d->last = isnan(value[i]) ? d->last : value[i];
            d->least = fmin(d->least, value[i]);
            d->most = fmax(d->most, value[i]);
        }
    }
}

static void take_candles(struct data_view *v)
{
    static const char *const names[4] = {"open", "high", "low", "close"};
    for (int i = 0; i < 4; i++)
        if ((v->bars[i] = frame_find(v->frame, names[i])) < 0)
            return;
    v->candle = NEW_ARRAY(struct plot_candle, v->shown);
    for (size_t i = 0; i < v->shown; i++)
        v->candle[i] = (struct plot_candle){v->time[i], v->frame->column[v->bars[0]].value[i],
                                            v->frame->column[v->bars[1]].value[i], v->frame->column[v->bars[2]].value[i],
                                            v->frame->column[v->bars[3]].value[i]};
}

/* The price, if there is one; else the first column. */
static int first_column(const struct frame *f)
{
    char evidence[256];
    int price = dataset_guess_price(f, evidence, sizeof evidence);
    return price >= 0 ? price : 0;
}

void data_view_load(struct data_screen *s, struct app *app)
{
    const struct series_row *row = data_selected(s);
    struct data_view *v = &s->view;
    struct error err = {0};
    if (row == NULL) {
        data_view_free(v);
        return;
    }
    if (hash_equal(v->id, row->frame) && (v->frame != NULL || v->trouble[0] != '\0'))
        return;
    bool other = !hash_equal(v->id, row->frame);
    data_view_free(v);
    v->id = row->frame;
    v->report = json_loads(row->report, 0, NULL);
    v->frame = series_frame(app_workspace(app), row->frame, &err);
    if (v->frame == NULL || v->frame->columns == 0 || v->frame->rows == 0) {
        text_copy(v->trouble, sizeof v->trouble, v->frame == NULL ? err.text : "this series has no values");
        frame_free(v->frame);
        v->frame = NULL;
        return;
    }
    v->first = (double)v->frame->time_us[0];
    v->last = (double)v->frame->time_us[v->frame->rows - 1];
    cut(v, s, row->stamp);
    v->shown = v->frame->rows;
    v->time = NEW_ARRAY(double, v->shown);
    for (size_t i = 0; i < v->shown; i++)
        v->time[i] = (double)v->frame->time_us[i];
    describe_columns(v);
    take_candles(v);
    if (!other)
        return;
    s->columns = (struct table_state){first_column(v->frame), 0};
    s->from = s->to = 0;
    s->cursor = (double)NAN;
    s->info_top = 0;
}

/* --- the span -------------------------------------------------------------------------------------------------------- */

static void whole_span(const struct data_screen *s, double *from, double *to)
{
    *from = s->view.first;
    *to = s->view.first < s->view.last ? s->view.last : s->view.first + 1;
}

void data_span(const struct data_screen *s, double *from, double *to)
{
    *from = s->from;
    *to = s->to;
    if (!(*from < *to))
        whole_span(s, from, to);
}

/* Keeps the span within what there is. */
static void set_span(struct data_screen *s, double from, double to)
{
    double least, most;
    whole_span(s, &least, &most);
    if (to - from >= most - least) {
        s->from = s->to = 0;
        return;
    }
    double shift = from < least ? least - from : to > most ? most - to : 0;
    s->from = from + shift;
    s->to = to + shift;
}

static void zoom(struct data_screen *s, double factor)
{
    double from, to, least = SPAN_STEPS_LEAST * (double)s->view.frame->step_us;
    data_span(s, &from, &to);
    double width = (to - from) * factor;
    width = width < least ? least : width;
    double middle = s->cursor >= from && s->cursor <= to ? s->cursor : (from + to) / 2;
    double share = (middle - from) / (to - from); /* the cursor stays in its place on the screen */
    set_span(s, middle - share * width, middle + (1 - share) * width);
}

/* The row nearest to a time. */
static size_t row_at(const struct data_view *v, double time)
{
    size_t low = 0, high = v->shown - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (v->time[middle] < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && time - v->time[low - 1] < v->time[low] - time ? low - 1 : low;
}

/* By a cell or by a row, whichever is more, and always onto a row; the span follows when the cursor leaves it. */
static void move_cursor(struct data_screen *s, int direction)
{
    const struct data_view *v = &s->view;
    double from, to;
    data_span(s, &from, &to);
    if (v->shown == 0)
        return;
    bool fresh = isnan(s->cursor) || s->cursor < from || s->cursor > to;
    size_t was = row_at(v, fresh ? (from + to) / 2 : s->cursor);
    size_t row = fresh ? was : row_at(v, s->cursor + direction * (to - from) / 60);
    if (!fresh && row == was)
        row = direction > 0 ? (was + 1 < v->shown ? was + 1 : was) : (was > 0 ? was - 1 : 0);
    s->cursor = v->time[row];
    double out = s->cursor < from ? s->cursor - from : s->cursor > to ? s->cursor - to : 0;
    if (out != 0)
        set_span(s, from + out, to + out);
}

bool data_span_key(struct data_screen *s, int key)
{
    double from, to;
    if (s->view.frame == NULL)
        return false;
    data_span(s, &from, &to);
    switch (key) {
    case '+':
    case '=':
        zoom(s, 0.5);
        return true;
    case '-':
        zoom(s, 2);
        return true;
    case '<':
    case ',':
        set_span(s, from - (to - from) / 2, to - (to - from) / 2);
        return true;
    case '>':
    case '.':
        set_span(s, from + (to - from) / 2, to + (to - from) / 2);
        return true;
    case INPUT_LEFT:
    case 'h':
        move_cursor(s, -1);
        return true;
    case INPUT_RIGHT:
    case 'l':
        move_cursor(s, 1);
        return true;
    case INPUT_ESC:
        if (isnan(s->cursor))
            return false;
        s->cursor = (double)NAN;
        return true;
    default:
        return false;
    }
}
