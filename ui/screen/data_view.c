/* The values of one series: loaded, cut at the seal, described. A long one is read on a thread of its own. */
#include "ui/screen/data.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/read/stamp.h"
#include "data/set/dataset.h"
#include "store/seals.h"
#include "ui/cell/axis.h"
#include "ui/screen/aid.h"

#include <math.h>

void data_view_free(struct data_view *v)
{
    for (size_t c = 0; v->column != NULL && v->frame != NULL && c < v->frame->columns; c++) {
        free(v->column[c].low);
        free(v->column[c].high);
    }
    frame_free(v->frame);
    free(v->column);
    free(v->time);
    free(v->flag);
    free(v->gone);
    json_decref(v->report);
    *v = (struct data_view){0};
}

bool data_seal_holds(const struct data_seal *seal, int64_t close_us)
{
    for (int k = 0; k < seal->n; k++)
        if (close_us >= seal->first[k] && close_us <= seal->last[k])
            return true;
    return false;
}

struct data_seal data_seal_of(const struct data_screen *s, struct app *app, const struct series_row *row)
{
    struct data_seal out = {0};
    struct seal_series series = {.frame = row->frame};
    struct seal_span span[DATA_SEALS_MOST - 1];
    struct error err = {0};
    text_copy(series.asset, sizeof series.asset, row->asset);
    text_copy(series.series, sizeof series.series, row->name);
    int n = seals_closed(app_workspace(app), &series, span, DATA_SEALS_MOST - 1, &err);
    if (n < 0)
        app_error(app, &err);
    for (int k = 0; k < n; k++) {
        out.first[out.n] = span[k].after_us + 1;
        out.last[out.n++] = span[k].last_us;
    }
    if (s->sealed_first != 0) {
        out.first[out.n] = s->sealed_first;
        out.last[out.n++] = s->sealed_last;
    }
    return out;
}

/* A frame of its own without the rows that are `hidden`; each run of them leaves one row without values. What was read
 * is a mapped file that cannot be written to. */
static struct frame *without(const struct frame *f, const bool *hidden, bool *gone, size_t rows, struct error *err)
{
    struct frame *out = frame_new(rows, f->columns, err);
    if (out == NULL)
        return NULL;
    out->step_us = f->step_us;
    for (size_t c = 0; c < f->columns; c++) {
        const struct frame_column *from = &f->column[c];
        struct frame_column *to = &out->column[c];
        text_copy(to->name, sizeof to->name, from->name);
        if (from->labels > 0) {
            to->label = memory_copy(from->label, from->labels * sizeof *from->label);
            to->labels = from->labels;
        }
        for (size_t i = 0, n = 0; i < f->rows && n < rows; i++) {
            if (hidden[i] && i > 0 && hidden[i - 1])
                continue;
            out->time_us[n] = f->time_us[i];
            gone[n] = hidden[i];
            to->value[n++] = hidden[i] ? (double)NAN : from->value[i];
        }
    }
    return out;
}

/* Takes the rows out whose period ends in sealed time, so that no later change of the screen can show them. Where rows
 * follow, one without values stays between, which breaks the line. */
static bool cut(struct data_view *v, const struct data_seal *seal, struct error *err)
{
    struct frame *f = v->frame;
    bool *hidden = NEW_ARRAY(bool, f->rows + 1);
    size_t last = 0, kept = 0,
           before = 0; /* rows up to the last that may be seen; those and the stand-ins among them */
    for (size_t i = 0; i < f->rows; i++) {
        hidden[i] = data_seal_holds(seal, stamp_period_end(v->stamp, f->time_us[i], f->step_us));
        before += hidden[i] && (i == 0 || !hidden[i - 1]) ? 1 : hidden[i] ? 0 : 1;
        last = hidden[i] ? last : i + 1;
        kept = hidden[i] ? kept : before;
    }
    f->rows = last;
    if (kept < last || (last > 0 && memchr(hidden, true, last) != NULL)) {
        v->gone = NEW_ARRAY(bool, kept + 1);
        v->frame = without(f, hidden, v->gone, kept, err);
        frame_free(f);
    }
    free(hidden);
    return v->frame != NULL;
}

/* Blocks of rows, for drawing many: fmin and fmax leave NaN out. */
static void make_blocks(struct data_column *d, const double *value, size_t rows)
{
    size_t blocks = (rows + DATA_BLOCK - 1) / DATA_BLOCK;
    if (rows < 256 * (size_t)DATA_BLOCK)
        return;
    d->low = NEW_ARRAY(double, blocks);
    d->high = NEW_ARRAY(double, blocks);
    for (size_t b = 0; b < blocks; b++) {
        size_t end = (b + 1) * DATA_BLOCK < rows ? (b + 1) * DATA_BLOCK : rows;
        d->low[b] = d->high[b] = (double)NAN;
        for (size_t i = b * DATA_BLOCK; i < end; i++) {
            d->low[b] = fmin(d->low[b], value[i]);
            d->high[b] = fmax(d->high[b], value[i]);
        }
    }
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
            d->missing += isnan(value[i]) && !data_gone(v, i) ? 1 : 0;
            d->last = isnan(value[i]) ? d->last : value[i];
            d->least = fmin(d->least, value[i]);
            d->most = fmax(d->most, value[i]);
        }
        make_blocks(d, value, v->shown);
    }
}

static void find_candles(struct data_view *v)
{
    static const char *const names[4] = {"open", "high", "low", "close"};
    v->candles = true;
    for (int i = 0; i < 4; i++) {
        v->bars[i] = frame_find(v->frame, names[i]);
        v->candles &= v->bars[i] >= 0;
    }
}

/* What was flagged in sealed time is taken out of a report: it says something of the values there. */
void data_report_cut(json_t *report, enum csv_stamp stamp, int64_t step_us, const struct data_seal *seal)
{
    json_t *flags = json_object_get(report, "flags");
    for (size_t i = json_array_size(flags); i-- > 0;)
        if (data_seal_holds(seal,
                            stamp_period_end(stamp, aid_time(aid_text(json_array_get(flags, i), "time")), step_us)))
            json_array_remove(flags, i);
}

static void take_flags(struct data_view *v)
{
    const json_t *flags = json_object_get(v->report, "flags"), *flag;
    size_t i;
    v->flag = NEW_ARRAY(struct data_flag, json_array_size(flags) + 1);
    json_array_foreach(flags, i, flag)
    {
        struct data_flag *to = &v->flag[v->flags++];
        int64_t rows = json_integer_value(json_object_get(flag, "rows"));
        to->time_us = aid_time(aid_text(flag, "time"));
        snprintf(to->what, sizeof to->what, "%.60s: %.60s", aid_text(flag, "column"), aid_text(flag, "what"));
        if (rows > 1)
            snprintf(to->what + strlen(to->what), sizeof to->what - strlen(to->what), ", %lld rows from here",
                     (long long)rows);
    }
}

static void count_holes(struct data_view *v)
{
    for (size_t i = 1; i < v->shown; i++)
        v->holes += !data_gone(v, i) && !data_gone(v, i - 1) && v->frame->step_us > 0 &&
                            v->frame->time_us[i] - v->frame->time_us[i - 1] > v->frame->step_us + v->frame->step_us / 2
                        ? 1
                        : 0;
}

void data_view_read(struct data_view *v, const struct series_row *row, struct workspace *w,
                    const struct data_seal *seal)
{
    struct error err = {0};
    v->id = row->frame;
    v->stamp = row->stamp;
    v->lag_us = row->lag_us;
    text_copy(v->name, sizeof v->name, row->name);
    v->report = json_loads(row->report, 0, NULL);
    v->frame = series_frame(w, row->frame, &err);
    if (v->frame == NULL || v->frame->columns == 0 || v->frame->rows == 0) {
        text_copy(v->trouble, sizeof v->trouble, v->frame == NULL ? err.text : "this series has no values");
        frame_free(v->frame);
        v->frame = NULL;
        return;
    }
    v->first = (double)v->frame->time_us[0];
    v->last = (double)v->frame->time_us[v->frame->rows - 1];
    if (!cut(v, seal, &err)) {
        text_copy(v->trouble, sizeof v->trouble, err.text);
        return;
    }
    v->shown = v->frame->rows;
    v->time = NEW_ARRAY(double, v->shown);
    for (size_t i = 0; i < v->shown; i++)
        v->time[i] = (double)v->frame->time_us[i];
    describe_columns(v);
    find_candles(v);
    data_report_cut(v->report, v->stamp, v->frame->step_us, seal);
    take_flags(v);
    count_holes(v);
}

/* --- of the series under the cursor ----------------------------------------------------------------------------------
 */

/* The price, if there is one; else the first column. */
static int first_column(const struct frame *f)
{
    char evidence[256];
    int price = dataset_guess_price(f, evidence, sizeof evidence);
    return price >= 0 ? price : 0;
}

/* What is shown of a series that was not shown before: all of it, its price. */
static void begin(struct data_screen *s)
{
    int wanted = s->want_column[0] != '\0' ? frame_find(s->view.frame, s->want_column) : -1;
    s->want_column[0] = '\0';
    s->columns = (struct table_state){wanted >= 0 ? wanted : first_column(s->view.frame), 0};
    s->from = s->to = 0;
    s->cursor = (double)NAN;
    s->info_top = 0;
}

struct loading {
    struct data_screen *screen;
    struct workspace *workspace;
    struct series_row row;
    struct data_seal seal;
    int64_t sealed_first, sealed_last; /* of the task that was in force then */
    bool other;                        /* another series than before */
    struct data_view view;
};

static void run(void *context)
{
    struct loading *l = context;
    data_view_read(&l->view, &l->row, l->workspace, &l->seal);
}

/* Taken over only where it is still what the cursor stands on, cut as it must be now. */
static void loaded(void *context, struct app *app)
{
    struct loading *l = context;
    struct data_screen *s = l->screen;
    if (app != NULL && s->view.loading && hash_equal(s->view.id, l->row.frame) && s->sealed_first == l->sealed_first &&
        s->sealed_last == l->sealed_last) {
        data_view_free(&s->view);
        s->view = l->view;
        if (l->other && s->view.frame != NULL)
            begin(s);
        data_stats_want(s, app);
    } else {
        data_view_free(&l->view);
    }
    free(l->row.report);
    free(l);
}

static void start_loading(struct data_screen *s, struct app *app, const struct series_row *row, bool other)
{
    struct loading *l = NEW(struct loading);
    *l = (struct loading){.screen = s,
                          .workspace = app_workspace(app),
                          .row = *row,
                          .seal = data_seal_of(s, app, row),
                          .sealed_first = s->sealed_first,
                          .sealed_last = s->sealed_last,
                          .other = other};
    l->row.report = memory_text(row->report);
    s->view.loading = true;
    s->view.id = row->frame;
    text_copy(s->view.name, sizeof s->view.name, row->name);
    app_task(app, run, loaded, l);
}

void data_view_load(struct data_screen *s, struct app *app)
{
    const struct series_row *row = data_selected(s);
    struct data_view *v = &s->view;
    if (row == NULL) {
        data_view_free(v);
        return;
    }
    bool same = hash_equal(v->id, row->frame) && text_equal(v->name, row->name);
    if (same && (v->frame != NULL || v->trouble[0] != '\0' || v->loading))
        return;
    data_view_free(v);
    if (row->rows * row->columns > DATA_QUICK_VALUES) {
        start_loading(s, app, row, !same);
        return;
    }
    struct data_seal seal = data_seal_of(s, app, row);
    data_view_read(v, row, app_workspace(app), &seal);
    if (!same && v->frame != NULL)
        begin(s);
}

size_t data_row_at(const struct data_view *v, double time)
{
    size_t low = 0, high = v->shown > 0 ? v->shown - 1 : 0;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (v->time[middle] < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && time - v->time[low - 1] < v->time[low] - time ? low - 1 : low;
}

void data_value_text(const struct frame_column *c, double v, char *out, size_t size)
{
    if (isnan(v))
        text_copy(out, size, "missing");
    else if (c->labels > 0 && v >= 0 && v < (double)c->labels)
        text_copy(out, size, c->label[(size_t)v]);
    else
        axis_value(v, out, (int)size);
}
