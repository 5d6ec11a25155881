#include "data/set/follow.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/join.h"
#include "data/read/stamp.h"
#include "data/set/dataset_build.h"

#include <math.h>

/* What was published with a value and not yet seen, the oldest first. */
struct queue {
    int64_t *published_us;
    double *value;
    size_t first, n, capacity, time_capacity;
};

/* Values that are joined to the bars: those of another series, all known beforehand, or the base's own as they come. */
struct lane {
    const struct channel *channel; /* NULL: the classes of the past */
    const struct channel_series *series;
    size_t lookback, read, low; /* of the base: what it reads, as indices of the reads */
    double *own;                /* of another series: [rows] */
    size_t next;                /* of its rows */
    struct queue queue;         /* of the base, published late */
    int64_t last_us;
    double last; /* the newest that is published; NaN: none */
};

struct follow {
    const struct dataset *like;
    const struct dataset_asset *asset;
    struct channel_series *series;
    size_t series_n;
    size_t *read; /* [reads] columns of the base's frame */
    size_t reads, price, label;
    struct lane *lane; /* [planned], then that of the classes */
    size_t lanes;
    size_t keep;         /* rows that the families look back */
    size_t kept;         /* of them, how many there are */
    double **value;      /* [reads][keep + FOLLOW_ROWS] */
    int64_t *ended_us;   /* [keep + FOLLOW_ROWS] */
    double *own;         /* the same */
    int64_t closed_us;   /* of the last bar */
    bool begun;          /* has there been one? */
    uint32_t chain, run; /* of the last bar */
    bool gap;            /* was there one? */
    size_t *missing;     /* [channels] bars up to the last one without it */
    float *feature;
    struct follow_bars bars;
};

#define NO_READ SIZE_MAX

/* --- what is read ------------------------------------------------------------------------------------------------ */

static size_t add_read(struct follow *f, size_t column)
{
    for (size_t i = 0; i < f->reads; i++)
        if (f->read[i] == column)
            return i;
    f->read = memory_resize(f->read, f->reads + 1, sizeof *f->read);
    f->read[f->reads] = column;
    return f->reads++;
}

static void plan_lane(struct follow *f, struct lane *l, const struct channel *c)
{
    *l = (struct lane){.channel = c, .series = &f->series[c->series], .last = (double)NAN, .read = NO_READ};
    if (c->series > 0)
        return;
    l->lookback = c->spec.family ? (size_t)feature_lookback(&c->spec) : 0;
    if (!c->spec.family || c->spec.family->reads != FEATURE_TIME) {
        l->read = add_read(f, c->column);
        l->low = c->spec.family && c->spec.family->reads == FEATURE_HIGH_LOW ? add_read(f, c->low) : l->read;
    }
    f->keep = l->lookback > f->keep ? l->lookback : f->keep;
}

/* Of a series whose rows are all there. */
static bool fill_lane(struct lane *l, struct error *err)
{
    if (l->series->base)
        return true;
    l->own = memory_try(l->series->frame->rows, sizeof *l->own, "a channel", err);
    if (l->own)
        channel_own_of(l->own, l->channel, l->series, l->series->frame->rows);
    return l->own != NULL;
}

static bool plan_lanes(struct follow *f, int asset, struct error *err)
{
    const struct dataset *d = f->like;
    const struct channel *made = d->made + (size_t)asset * d->planned;
    bool past = d->channels > d->planned;
    f->lanes = d->planned + past;
    f->lane = NEW_ARRAY(struct lane, f->lanes);
    for (size_t c = 0; c < d->planned; c++) {
        plan_lane(f, &f->lane[c], &made[c]);
        if (!fill_lane(&f->lane[c], err))
            return false;
    }
    if (past)
        f->lane[d->planned] =
            (struct lane){.series = &f->series[0], .read = f->label, .low = f->label, .last = (double)NAN};
    return true;
}

static bool start_series(struct follow *f, int asset, const struct frame *const *frames, struct error *err)
{
    const struct task *task = &f->like->task;
    int base = task->asset[asset].base;
    bool priced = task->asset[asset].price[0] != '\0';
    f->series = NEW_ARRAY(struct channel_series, task->series_n);
    if (!channel_series_start(&f->series[f->series_n++], frames[base], &task->series[base], true, priced, err))
        return false;
    for (int i = 0; i < task->series_n; i++) {
        bool joins = i != base && (task->series[i].asset == asset || task->series[i].asset == TASK_SHARED);
        if (joins && !channel_series_start(&f->series[f->series_n++], frames[i], &task->series[i], false, priced, err))
            return false;
    }
    return true;
}

static size_t read_named(struct follow *f, const char *column)
{
    int found = column[0] ? frame_find(f->series[0].frame, column) : -1;
    return found < 0 ? NO_READ : add_read(f, (size_t)found);
}

static bool make_room(struct follow *f, struct error *err)
{
    size_t rows = f->keep + FOLLOW_ROWS;
    f->value = NEW_ARRAY(double *, f->reads);
    f->ended_us = memory_try(rows, sizeof *f->ended_us, "the bars", err);
    f->own = memory_try(rows, sizeof *f->own, "the bars", err);
    f->feature = memory_try(FOLLOW_ROWS * f->like->channels, sizeof *f->feature, "the bars", err);
    f->missing = NEW_ARRAY(size_t, f->like->channels);
    bool ok = f->ended_us && f->own && f->feature;
    for (size_t i = 0; i < f->reads && ok; i++)
        ok = (f->value[i] = memory_try(rows, sizeof **f->value, "the bars", err)) != NULL;
    f->bars.feature = f->feature;
    return ok;
}

struct follow *follow_new(const struct dataset *like, int asset, const struct frame *const *frames, struct error *err)
{
    struct follow *f = NEW(struct follow);
    f->like = like;
    f->asset = &like->asset[asset];
    bool ok = start_series(f, asset, frames, err);
    if (ok) {
        f->price = read_named(f, like->task.asset[asset].price);
        f->label = read_named(f, like->task.label);
    }
    if (ok && plan_lanes(f, asset, err) && make_room(f, err))
        return f;
    follow_free(f);
    return NULL;
}

void follow_free(struct follow *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->lanes; i++) {
        free(f->lane[i].own);
        free(f->lane[i].queue.published_us);
        free(f->lane[i].queue.value);
    }
    for (size_t i = 0; i < f->series_n; i++)
        channel_series_free(&f->series[i]);
    for (size_t i = 0; i < f->reads && f->value; i++)
        free(f->value[i]);
    free(f->lane);
    free(f->series);
    free(f->read);
    free(f->value);
    free(f->ended_us);
    free(f->own);
    free(f->feature);
    free(f->missing);
    free(f);
}

size_t follow_reads(const struct follow *f)
{
    return f->reads;
}

const char *follow_read(const struct follow *f, size_t i)
{
    return f->series[0].frame->column[f->read[i]].name;
}

bool follow_reads_texts(const struct follow *f, size_t i)
{
    return i == f->label && f->series[0].frame->column[f->read[i]].labels > 0;
}

static bool refuse_column(const struct follow *f, size_t i, const struct frame *rows, const char *name,
                          struct error *err)
{
    char has[256] = "";
    for (size_t c = 0; c < rows->columns; c++) {
        text_append(has, sizeof has, c ? ", " : "");
        text_append(has, sizeof has, rows->column[c].name);
    }
    return error_set(err, ERROR_DATA, "%s has no column '%s', which %s (it has: %s)", name, follow_read(f, i),
                     i == f->price   ? "is the price of the task"
                     : i == f->label ? "is the class of the task, whose past is a feature"
                                     : "the task's features are made from",
                     has);
}

bool follow_columns(size_t *column, const struct follow *f, const struct frame *rows, const char *name,
                    struct error *err)
{
    bool past = f->like->channels > f->like->planned;
    for (size_t i = 0; i < f->reads; i++) {
        int found = frame_find(rows, follow_read(f, i));
        column[i] = (size_t)found;
        if (found < 0 && i == f->label && !past)
            column[i] = SIZE_MAX;
        else if (found < 0)
            return refuse_column(f, i, rows, name, err);
        if (found >= 0 && i != f->label && rows->column[found].labels > 0)
            return error_set(err, ERROR_DATA, "%s: column '%s' holds texts, the task's features are made from numbers",
                             name, follow_read(f, i));
        bool texts = follow_reads_texts(f, i);
        if (found >= 0 && i == f->label && (rows->column[found].labels > 0) != texts)
            return error_set(err, ERROR_DATA, "%s: column '%s' holds %s, the classes of the task are %s", name,
                             follow_read(f, i), texts ? "numbers" : "texts", texts ? "names" : "numbers");
    }
    return true;
}

int64_t follow_close(const struct follow *f, int64_t time_us)
{
    return stamp_period_end(f->series[0].stamp, time_us, f->series[0].frame->step_us);
}

size_t follow_rows_before(const struct follow *f)
{
    return f->keep + (size_t)f->like->task.lookback;
}

int64_t follow_span_before(const struct follow *f)
{
    int64_t span = 0;
    for (size_t i = 0; i < f->lanes; i++) {
        const struct lane *l = &f->lane[i];
        bool late = l->series->base && !(l->channel && l->channel->at_close);
        if (late && l->series->lag_us + l->series->stale_us > span)
            span = l->series->lag_us + l->series->stale_us;
    }
    return span;
}

size_t follow_missing(const struct follow *f, char *name, size_t size)
{
    size_t most = 0;
    text_copy(name, size, "");
    for (size_t c = 0; c < f->like->channels; c++)
        if (f->missing[c] > most) {
            most = f->missing[c];
            text_copy(name, size, f->like->channel[c]);
        }
    return most;
}

/* --- joining ----------------------------------------------------------------------------------------------------- */

static void queue_put(struct queue *q, int64_t published_us, double value)
{
    if (q->first > q->n && q->first + q->n == q->capacity) { /* so that a value is moved once, on the average */
        memmove(q->published_us, q->published_us + q->first, q->n * sizeof *q->published_us);
        memmove(q->value, q->value + q->first, q->n * sizeof *q->value);
        q->first = 0;
    }
    size_t end = q->first + q->n;
    q->published_us = memory_grow(q->published_us, &q->time_capacity, end + 1, sizeof *q->published_us);
    q->value = memory_grow(q->value, &q->capacity, end + 1, sizeof *q->value);
    q->published_us[end] = published_us;
    q->value[end] = value;
    q->n++;
}

/* What a bar that closes then sees of the base: see join_as_of. */
static double see_own(struct lane *l, int64_t close_us)
{
    struct queue *q = &l->queue;
    for (; q->n > 0 && q->published_us[q->first] <= close_us; q->first++, q->n--) {
        l->last = q->value[q->first];
        l->last_us = q->published_us[q->first];
    }
    return !isnan(l->last) && close_us - l->last_us <= l->series->stale_us ? l->last : (double)NAN;
}

static double see_other(struct lane *l, int64_t close_us)
{
    const struct channel_series *s = l->series;
    const int64_t *known = l->channel->at_close ? s->ended_us : s->published_us;
    int64_t stale_us = l->channel->at_close ? 0 : s->stale_us;
    for (; l->next < s->frame->rows && known[l->next] <= close_us; l->next++)
        if (isfinite(l->own[l->next])) {
            l->last = l->own[l->next];
            l->last_us = known[l->next];
        }
    return !isnan(l->last) && close_us - l->last_us <= stale_us ? l->last : (double)NAN;
}

/* --- the rows ---------------------------------------------------------------------------------------------------- */

/* Values of the lane on the rows that were just put behind those kept: into own[0 .. n - 1]. */
static const double *own_of(struct follow *f, const struct lane *l, size_t n)
{
    size_t back = l->lookback < f->kept ? l->lookback : f->kept, from = f->kept - back;
    if (!l->channel)
        return f->value[l->read] + f->kept;
    struct feature_source source = {
        .end_us = f->ended_us + from, .centre = l->channel->centre, .half = l->channel->half};
    if (l->read != NO_READ) {
        source.value = f->value[l->read] + from;
        source.low = f->value[l->low] + from;
    }
    channel_own(f->own, l->channel, &source, back + n);
    return f->own + back;
}

/* The lane at every row; stride: floats from one row to the next. */
static void fill_column(struct follow *f, struct lane *l, float *out, size_t n)
{
    const struct channel *c = l->channel;
    const double *own = l->series->base ? own_of(f, l, n) : NULL;
    size_t stride = f->like->channels;
    for (size_t i = 0; i < n; i++) {
        int64_t close_us = f->ended_us[f->kept + i];
        double v;
        if (!own) {
            v = see_other(l, close_us);
        } else if (c && c->at_close) {
            v = isfinite(own[i]) ? own[i] : (double)NAN;
        } else {
            if (isfinite(own[i]))
                queue_put(&l->queue, close_us + l->series->lag_us, own[i]);
            v = see_own(l, close_us);
        }
        out[i * stride] = (float)(c ? channel_joined(c, v) : v);
    }
}

/* A channel for every class but the first: was it the last one published? */
static void spread_classes(struct follow *f, size_t n)
{
    const struct dataset *d = f->like;
    for (size_t i = 0; i < n; i++) {
        float *row = f->feature + i * d->channels + d->planned, past = row[0];
        for (size_t c = 0; c + d->planned < d->channels; c++)
            row[c] = isnan(past) ? NAN : (size_t)past == c + 1 ? 1 : 0;
    }
}

static void copy_rows(struct follow *f, const struct frame *rows, const size_t *column, size_t first, size_t n)
{
    for (size_t i = 0; i < f->reads; i++) {
        double *to = f->value[i] + f->kept;
        const struct frame_column *from = column[i] == SIZE_MAX ? NULL : &rows->column[column[i]];
        for (size_t k = 0; k < n; k++)
            to[k] = !from           ? (double)NAN
                    : i == f->label ? build_class_of(f->like, from, from->value[first + k])
                                    : from->value[first + k];
    }
    for (size_t k = 0; k < n; k++)
        f->ended_us[f->kept + k] = follow_close(f, rows->time_us[first + k]);
}

static void drop_rows(struct follow *f, size_t n)
{
    size_t all = f->kept + n, drop = all > f->keep ? all - f->keep : 0;
    f->kept = all - drop;
    memmove(f->ended_us, f->ended_us + drop, f->kept * sizeof *f->ended_us);
    for (size_t i = 0; i < f->reads; i++)
        memmove(f->value[i], f->value[i] + drop, f->kept * sizeof **f->value);
}

/* --- the bars ---------------------------------------------------------------------------------------------------- */

static bool has_target(const struct follow *f, size_t row)
{
    bool is_class = f->like->task.target == TASK_CLASS;
    double v = f->value[is_class ? f->label : f->price][f->kept + row];
    return is_class ? !isnan(v) : v > 0;
}

/* An asset's bars begin with the first row that has what its target is made of. */
static size_t find_begin(struct follow *f, size_t n)
{
    size_t row = 0;
    while (!f->begun && row < n && !has_target(f, row))
        row++;
    f->begun = f->begun || row < n;
    return row;
}

static bool is_known(struct follow *f, size_t row)
{
    const float *feature = f->feature + row * f->like->channels;
    bool known = f->like->task.target == TASK_CLASS || f->value[f->price][f->kept + row] > 0;
    for (size_t c = 0; c < f->like->channels; c++) {
        f->missing[c] = isnan(feature[c]) ? f->missing[c] + 1 : 0;
        known = known && f->missing[c] == 0;
    }
    return known;
}

static void count_bar(struct follow *f, size_t row, size_t bar)
{
    struct follow_bars *b = &f->bars;
    int64_t close_us = f->ended_us[f->kept + row];
    uint32_t lookback = (uint32_t)f->like->task.lookback;
    bool first = f->chain == 0, gap = !first && close_us - f->closed_us > f->asset->step_us * DATASET_GAP_STEPS;
    f->gap = f->gap || gap;
    f->chain = gap ? 1 : f->chain < UINT32_MAX ? f->chain + 1 : f->chain;
    f->run = is_known(f, row) ? f->run < UINT32_MAX ? f->run + 1 : f->run : 0;
    f->closed_us = close_us;
    b->close_us[bar] = close_us;
    b->price[bar] = f->price == NO_READ ? (double)NAN : f->value[f->price][f->kept + row];
    b->label[bar] = f->label == NO_READ ? NAN : (float)f->value[f->label][f->kept + row];
    b->chain[bar] = f->chain;
    b->lack[bar] = f->chain < lookback ? f->gap ? FOLLOW_GAP : FOLLOW_BEGIN
                   : f->run < lookback ? FOLLOW_MISSING
                                       : FOLLOW_WHOLE;
}

size_t follow_take(struct follow *f, const struct frame *rows, const size_t *column, size_t first, size_t end)
{
    size_t n = end - first < FOLLOW_ROWS ? end - first : FOLLOW_ROWS;
    copy_rows(f, rows, column, first, n);
    for (size_t i = 0; i < f->lanes; i++)
        fill_column(f, &f->lane[i], f->feature + i, n);
    if (f->like->channels > f->like->planned)
        spread_classes(f, n);
    size_t begin = find_begin(f, n);
    for (size_t i = begin; i < n; i++)
        count_bar(f, i, i - begin);
    f->bars.n = n - begin;
    f->bars.first_row = first + begin;
    f->bars.feature = f->feature + begin * f->like->channels;
    drop_rows(f, n);
    return n;
}

const struct follow_bars *follow_bars(const struct follow *f)
{
    return &f->bars;
}
