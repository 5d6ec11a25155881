#include "data/dataset.h"

#include "base/memory.h"
#include "data/channel.h"
#include "data/split.h"

#include <math.h>

#define BARS_LEAST 8

/* What dataset_build works on. Released by build_free whatever happened. */
struct build {
    struct dataset *d;
    struct channel_series *series;
    size_t series_n;
    const struct frame *base;
    size_t price, first; /* column, and the base row of bar 0 */
    size_t all;          /* bars with the sealed ones */
    struct channel_plan plan;
    bool *known;     /* [bars] every channel is known */
    uint32_t *chain; /* [bars] bars up to this one without a gap */
};

/* --- bars -------------------------------------------------------------------------------------------------------- */

static bool check_frames(struct build *b, const struct frame *const *frames, struct error *err)
{
    const struct task *task = &b->d->task;
    if (!task_check(task, err))
        return false;
    for (int i = 0; i < task->series_n; i++)
        if (!hash_equal(frame_hash(frames[i]), task->series[i].frame))
            return error_set(err, ERROR_DATA, "the frame of series '%s' is not the one the task names; import it again",
                             task->series[i].name);
    b->base = frames[0];
    int price = frame_find(b->base, task->price);
    if (price < 0)
        return error_set(err, ERROR_DATA, "series '%s' has no column '%s' to be the price", task->series[0].name,
                         task->price);
    b->price = (size_t)price;
    return true;
}

/* Bars run from the first to the last price; the last share of them is sealed. */
static bool find_bars(struct build *b, enum dataset_scope scope, struct error *err)
{
    const double *price = b->base->column[b->price].value;
    size_t end = b->base->rows;
    while (b->first < end && !(price[b->first] > 0))
        b->first++;
    while (end > b->first && !(price[end - 1] > 0))
        end--;
    struct dataset *d = b->d;
    b->all = end - b->first;
    d->sealed_bars = (size_t)(((uint64_t)b->all * d->task.holdout_ppm + 999999) / 1000000);
    d->visible_bars = b->all - d->sealed_bars;
    d->bars = scope == DATASET_SEARCH ? d->visible_bars : b->all;
    if (d->visible_bars < BARS_LEAST || b->all > UINT32_MAX)
        return error_set(err, ERROR_DATA,
                         "series '%s' has %zu bars with a positive '%s', %zu of them before the hold-out; at "
                         "least %d are needed",
                         d->task.series[0].name, b->all, d->task.price, d->visible_bars, BARS_LEAST);
    return true;
}

static bool start_series(struct build *b, const struct frame *const *frames, struct error *err)
{
    const struct task *task = &b->d->task;
    b->series_n = (size_t)task->series_n;
    b->series = NEW_ARRAY(struct channel_series, b->series_n);
    for (size_t i = 0; i < b->series_n; i++)
        if (!channel_series_start(&b->series[i], frames[i], &task->series[i], i == 0, true, err))
            return false;
    return true;
}

static bool fill_bars(struct build *b, struct error *err)
{
    struct dataset *d = b->d;
    const int64_t *close = b->series[0].ended_us + b->first;
    d->time_us = memory_try(d->bars, sizeof *d->time_us, "the bars", err);
    d->price = memory_try(d->bars, sizeof *d->price, "the bars", err);
    if (!d->time_us || !d->price)
        return false;
    memcpy(d->time_us, close, d->bars * sizeof *close);
    memcpy(d->price, b->base->column[b->price].value + b->first, d->bars * sizeof *d->price);
    if (d->sealed_bars > 0) {
        d->sealed_first_us = close[d->visible_bars];
        d->sealed_last_us = close[b->all - 1];
    }
    return true;
}

/* --- features ---------------------------------------------------------------------------------------------------- */

static void take_plan(struct build *b)
{
    struct dataset *d = b->d;
    d->channels = b->plan.n;
    d->channel = memory_new(d->channels, sizeof *d->channel);
    for (size_t c = 0; c < d->channels; c++)
        memcpy(d->channel[c], b->plan.channel[c].name, FRAME_NAME_MAX);
    d->note = b->plan.note;
    d->note_n = b->plan.note_n;
    b->plan.note = NULL;
}

static bool fill_features(struct build *b, struct error *err)
{
    struct dataset *d = b->d;
    if (!channel_plan_make(&b->plan, b->series, b->series_n, &d->task, b->price, CHANNEL_NO_COLUMN, d->time_us,
                           d->visible_bars, err))
        return false;
    take_plan(b);
    if (d->bars > SIZE_MAX / sizeof(float) / d->channels)
        return error_set(err, ERROR_MEMORY, "%zu bars of %zu channels are too many", d->bars, d->channels);
    d->feature = memory_try(d->bars * d->channels, sizeof *d->feature, "the features", err);
    double *value = memory_try(d->bars, sizeof *value, "a channel", err);
    bool ok = d->feature && value;
    for (size_t c = 0; ok && c < d->channels; c++) {
        ok = channel_values(value, &b->plan.channel[c], b->series, d->time_us, d->bars, err);
        for (size_t i = 0; ok && i < d->bars; i++)
            d->feature[i * d->channels + c] = (float)value[i];
    }
    free(value);
    return ok;
}

/* --- samples ----------------------------------------------------------------------------------------------------- */

static bool mark_bars(struct build *b, struct error *err)
{
    const struct dataset *d = b->d;
    int64_t limit = b->base->step_us * DATASET_GAP_STEPS;
    b->known = memory_try(d->bars, sizeof *b->known, "the samples", err);
    b->chain = memory_try(d->bars, sizeof *b->chain, "the samples", err);
    if (!b->known || !b->chain)
        return false;
    for (size_t i = 0; i < d->bars; i++) {
        bool follows = i > 0 && d->time_us[i] - d->time_us[i - 1] <= limit;
        b->chain[i] = follows ? b->chain[i - 1] + 1 : 1;
        b->known[i] = d->price[i] > 0;
        for (size_t c = 0; c < d->channels; c++)
            b->known[i] = b->known[i] && !isnan(d->feature[i * d->channels + c]);
    }
    return true;
}

/* Bars in a row up to each that are known, so that windows are checked in one step. */
static void take_sample(struct build *b, size_t i, size_t known_run)
{
    struct dataset *d = b->d;
    size_t horizon = (size_t)d->task.horizon, lookback = (size_t)d->task.lookback;
    double now = d->price[i], then = d->price[i + horizon];
    if (b->chain[i + horizon] < lookback + horizon) {
        d->dropped_gap++;
    } else if (known_run < lookback || !(then > 0)) {
        d->dropped_missing++;
    } else if (now == then) {
        d->dropped_zero++;
    } else {
        d->bar[d->samples] = (uint32_t)i;
        d->target[d->samples++] = then > now ? 1.0f : 0.0f;
    }
}

/* Samples whose last bar lies in [first, end) and whose target is read before `end`. */
static void take_samples(struct build *b, size_t first, size_t end)
{
    const struct task *task = &b->d->task;
    size_t lookback = (size_t)task->lookback, run = 0;
    for (size_t i = first > lookback ? first - lookback : 0; i + (size_t)task->horizon < end; i++) {
        run = b->known[i] ? run + 1 : 0;
        if (i >= first && i + 1 >= lookback && i % (size_t)task->stride == 0)
            take_sample(b, i, run);
    }
}

static bool fill_samples(struct build *b, struct error *err)
{
    struct dataset *d = b->d;
    d->bar = memory_try(d->bars, sizeof *d->bar, "the samples", err);
    d->target = memory_try(d->bars, sizeof *d->target, "the samples", err);
    if (!d->bar || !d->target || !mark_bars(b, err))
        return false;
    take_samples(b, 0, d->visible_bars);
    d->visible_samples = d->samples;
    if (d->bars > d->visible_bars)
        take_samples(b, d->visible_bars, d->bars);
    d->folds = d->task.folds;
    size_t purge = (size_t)d->task.lookback + (size_t)d->task.horizon + (size_t)d->task.embargo;
    if (split_folds(d->fold, d->folds, d->bar, d->visible_samples, purge, err))
        return true;
    return error_prefix(
        err,
        "of %zu bars before the hold-out %zu samples were dropped for missing inputs, %zu for gaps and %zu "
        "for a return of zero",
        d->visible_bars, d->dropped_missing, d->dropped_gap, d->dropped_zero);
}

/* --- the hash ---------------------------------------------------------------------------------------------------- */

static void put_float(struct bytes *b, float v)
{
    uint32_t bits = UINT32_C(0x7fc00000);
    if (!isnan(v))
        memcpy(&bits, &v, sizeof bits);
    bytes_put_u32(b, bits);
}

/* In pieces of one bar, so that the features are not copied whole. */
void dataset_name(struct dataset *d)
{
    struct hash_stream *s = hash_stream_new();
    struct bytes b = {0};
    char *task = task_format(&d->task);
    bytes_put_text(&b, "morphsmith-dataset 1");
    bytes_put_text(&b, task);
    free(task);
    bytes_put_u64(&b, d->visible_bars);
    bytes_put_u64(&b, d->channels);
    bytes_put_u64(&b, d->visible_samples);
    for (size_t c = 0; c < d->channels; c++)
        bytes_put_text(&b, d->channel[c]);
    for (size_t i = 0; i < d->visible_bars; i++) {
        bytes_put_i64(&b, d->time_us[i]);
        for (size_t c = 0; c < d->channels; c++)
            put_float(&b, d->feature[i * d->channels + c]);
        hash_stream_put(s, b.data, b.n);
        bytes_clear(&b);
    }
    for (size_t i = 0; i < d->visible_samples; i++) {
        bytes_put_u32(&b, d->bar[i]);
        put_float(&b, d->target[i]);
    }
    hash_stream_put(s, b.data, b.n);
    bytes_free(&b);
    d->hash = hash_stream_end(s);
}

/* --- building ---------------------------------------------------------------------------------------------------- */

static void build_free(struct build *b)
{
    for (size_t i = 0; b->series && i < b->series_n; i++)
        channel_series_free(&b->series[i]);
    free(b->series);
    channel_plan_free(&b->plan);
    free(b->known);
    free(b->chain);
}

struct dataset *dataset_build(const struct task *task, const struct frame *const *frames, enum dataset_scope scope,
                              struct error *err)
{
    struct dataset *d = NEW(struct dataset);
    struct build b = {.d = d};
    d->task = *task;
    bool ok = check_frames(&b, frames, err) && find_bars(&b, scope, err) && start_series(&b, frames, err) &&
              fill_bars(&b, err) && fill_features(&b, err) && fill_samples(&b, err);
    build_free(&b);
    if (!ok) {
        dataset_free(d);
        return NULL;
    }
    dataset_name(d);
    return d;
}

void dataset_free(struct dataset *d)
{
    if (!d)
        return;
    free(d->time_us);
    free(d->price);
    free(d->feature);
    free(d->channel);
    free(d->bar);
    free(d->target);
    free(d->note);
    free(d);
}

/* --- what trainers ask ------------------------------------------------------------------------------------------- */

bool dataset_early_stop(const struct dataset *d, size_t first, size_t end, double share, size_t *train_end,
                        size_t *stop_first)
{
    ASSERT(first <= end && end <= d->samples && share > 0 && share <= 0.5);
    size_t n = (size_t)ceil((double)(end - first) * share);
    if (n < 1 || n >= end - first)
        return false;
    *stop_first = end - n;
    size_t purge = (size_t)d->task.lookback + (size_t)d->task.horizon + (size_t)d->task.embargo;
    *train_end = split_purge(d->bar, first, *stop_first, *stop_first, purge);
    return *train_end > first;
}

/* Marks the bars that the windows of samples [first, end) cover. */
static void mark_seen(const struct dataset *d, bool *seen, size_t first, size_t end)
{
    size_t lookback = (size_t)d->task.lookback, next = 0;
    for (size_t i = first; i < end; i++) {
        size_t bar = d->bar[i], from = bar + 1 - lookback;
        for (size_t k = from > next ? from : next; k <= bar; k++)
            seen[k] = true;
        next = bar + 1;
    }
}

struct scale {
    double mean, factor;
};

/* Two passes in the order of time: mean, then the root of the mean square distance from it. */
static struct scale fit_scale(const struct dataset *d, const bool *seen, size_t channel)
{
    double sum = 0, square = 0;
    size_t n = 0;
    for (size_t i = 0; i < d->bars; i++) {
        double v = (double)d->feature[i * d->channels + channel];
        if (!seen[i] || isnan(v))
            continue;
        sum += v;
        n++;
    }
    struct scale s = {n ? sum / (double)n : 0, 1};
    for (size_t i = 0; i < d->bars; i++) {
        double v = (double)d->feature[i * d->channels + channel] - s.mean;
        if (seen[i] && !isnan(v))
            square += v * v;
    }
    double sd = n ? sqrt(square / (double)n) : 0;
    s.factor = sd > 0 ? 1 / sd : 1;
    return s;
}

bool dataset_scale(const struct dataset *d, float *scaled, size_t first, size_t end, struct error *err)
{
    ASSERT(first <= end && end <= d->samples);
    if (first == end)
        return error_set(err, ERROR_DATA, "there are no samples to fit the scaling on");
    bool *seen = memory_try(d->bars, sizeof *seen, "the scaling", err);
    if (!seen)
        return false;
    mark_seen(d, seen, first, end);
    for (size_t c = 0; c < d->channels; c++) {
        struct scale s = fit_scale(d, seen, c);
        for (size_t i = 0; i < d->bars; i++) {
            size_t at = i * d->channels + c;
            scaled[at] = (float)(((double)d->feature[at] - s.mean) * s.factor);
        }
    }
    free(seen);
    return true;
}
