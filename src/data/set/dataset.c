#include "data/set/dataset.h"

#include "base/file.h"
#include "base/memory.h"
#include "data/set/dataset_build.h"
#include "data/set/split.h"

#include <math.h>

/* --- the hash ---------------------------------------------------------------------------------------------------- */

static void put_float(struct bytes *b, float v)
{
    uint32_t bits = UINT32_C(0x7fc00000);
    if (!isnan(v))
        memcpy(&bits, &v, sizeof bits);
    bytes_put_u32(b, bits);
}

/* In pieces of one bar, so that the features are not copied whole. */
static void hash_bars(struct hash_stream *s, struct bytes *b, const struct dataset *d, size_t first, size_t n)
{
    for (size_t i = first; i < first + n; i++) {
        bytes_put_i64(b, d->time_us[i]);
        for (size_t c = 0; c < d->channels; c++)
            put_float(b, d->feature[i * d->channels + c]);
        hash_stream_put(s, b->data, b->n);
        bytes_clear(b);
    }
}

/* The bar's number among the visible ones, which is the same in both scopes. */
static size_t visible_bar(const struct dataset *d, size_t bar)
{
    size_t before = 0;
    int asset = dataset_asset_of(d, bar);
    for (int k = 0; k < asset; k++)
        before += d->asset[k].visible;
    return before + bar - d->asset[asset].first;
}

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
    for (int i = 0; i < d->classes; i++)
        bytes_put_text(&b, d->class_name[i]);
    for (int k = 0; k < d->task.assets; k++)
        hash_bars(s, &b, d, d->asset[k].first, d->asset[k].visible);
    for (size_t i = 0; i < d->visible_samples; i++) {
        bytes_put_u32(&b, (uint32_t)visible_bar(d, d->bar[i]));
        put_float(&b, d->target[i]);
    }
    hash_stream_put(s, b.data, b.n);
    bytes_free(&b);
    d->hash = hash_stream_end(s);
}

/* --- building ---------------------------------------------------------------------------------------------------- */

static void build_free(struct build *b)
{
    for (int k = 0; k < TASK_ASSETS_MAX; k++) {
        struct build_block *block = &b->block[k];
        for (size_t i = 0; i < block->series_n; i++)
            channel_series_free(&block->series[i]);
        free(block->series);
        channel_plan_free(&block->plan);
        free(block->channel);
    }
    free(b->known);
    free(b->chain);
}

struct dataset *dataset_build(const struct task *task, const struct frame *const *frames, enum dataset_scope scope,
                              struct error *err)
{
    struct dataset *d = NEW(struct dataset);
    struct build b = {.d = d, .frames = frames, .scope = scope};
    d->task = *task;
    bool ok = build_bars(&b, err) && build_classes(&b, err) && build_features(&b, err) && build_samples(&b, err);
    build_free(&b);
    if (!ok) {
        dataset_free(d);
        return NULL;
    }
    dataset_name(d);
    return d;
}

struct dataset *dataset_rebuild(const struct task *task, const struct frame *const *frames, const struct dataset *of,
                                bool features, struct error *err)
{
    struct dataset *d = NEW(struct dataset);
    struct build b = {.d = d, .frames = frames, .scope = DATASET_SEARCH, .span = of, .like = features ? of : NULL};
    d->task = *task;
    bool ok = build_bars(&b, err) && build_classes(&b, err) && build_features(&b, err) &&
              (features || build_samples(&b, err));
    build_free(&b);
    if (ok)
        return d;
    dataset_free(d);
    return NULL;
}

void dataset_free(struct dataset *d)
{
    if (!d)
        return;
    if (d->map) {
        file_unmap(d->map, d->map_n);
    } else {
        free(d->time_us);
        free(d->price);
        free(d->label);
        free(d->past_label);
        free(d->feature);
        free(d->bar);
        free(d->target);
    }
    free(d->class_name);
    free(d->channel);
    free(d->made);
    free(d->note);
    free(d);
}

/* --- what trainers ask ------------------------------------------------------------------------------------------- */

int dataset_outputs(const struct dataset *d)
{
    return d->task.target == TASK_CLASS ? d->classes : 1;
}

int dataset_asset_of(const struct dataset *d, size_t bar)
{
    int k = 0;
    while (k + 1 < d->task.assets && bar >= d->asset[k + 1].first)
        k++;
    return k;
}

/* Close of an asset's bar that may lie before its first or behind its last of `bars`. */
static int64_t close_at(const struct dataset *d, const struct dataset_asset *a, size_t bars, int64_t bar)
{
    if (bar < 0)
        return d->time_us[a->first] + bar * a->step_us;
    if (bar >= (int64_t)bars)
        return d->time_us[a->first + bars - 1] + (bar - (int64_t)bars + 1) * a->step_us;
    return d->time_us[a->first + (size_t)bar];
}

struct dataset_span dataset_span_of(const struct dataset *d, size_t sample)
{
    const struct dataset_asset *a = &d->asset[dataset_asset_of(d, d->bar[sample])];
    int64_t bar = (int64_t)(d->bar[sample] - a->first);
    size_t bars = sample < d->visible_samples ? a->visible : a->bars; /* visible folds must not know sealed closes */
    return (struct dataset_span){close_at(d, a, bars, bar - d->task.lookback - 1),
                                 close_at(d, a, bars, bar + d->task.horizon + d->task.embargo)};
}

bool dataset_early_stop(const struct dataset *d, size_t first, size_t end, double share, size_t *train_end,
                        size_t *stop_first)
{
    ASSERT(first <= end && end <= d->samples && share > 0 && share <= 0.5);
    size_t n = (size_t)ceil((double)(end - first) * share);
    if (n < 1 || n >= end - first)
        return false;
    *stop_first = split_moment(d, first, end - n);
    *train_end = split_purge(d, first, *stop_first, *stop_first, end);
    return *train_end > first;
}

/* Marks the bars that the windows of samples [first, end) cover. An asset's windows come in the order of its bars: what
 * one finds marked, an earlier one has marked back to its own beginning, which lies further back. */
static void mark_seen(const struct dataset *d, bool *seen, size_t first, size_t end)
{
    size_t lookback = (size_t)d->task.lookback;
    for (size_t i = first; i < end; i++) {
        size_t end_bar = (size_t)d->bar[i] + 1;
        for (size_t k = end_bar; k > end_bar - lookback && !seen[k - 1]; k--)
            seen[k - 1] = true;
    }
}

/* Two passes in the order of time: mean, then the root of the mean square distance from it. */
static struct dataset_scaling fit_scale(const struct dataset *d, const bool *seen, size_t channel)
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
    struct dataset_scaling s = {n ? sum / (double)n : 0, 1};
    for (size_t i = 0; i < d->bars; i++) {
        double v = (double)d->feature[i * d->channels + channel] - s.mean;
        if (seen[i] && !isnan(v))
            square += v * v;
    }
    double sd = n ? sqrt(square / (double)n) : 0;
    s.factor = sd > 0 ? 1 / sd : 1;
    return s;
}

bool dataset_scaling_fit(struct dataset_scaling *out, const struct dataset *d, size_t first, size_t end,
                         struct error *err)
{
    ASSERT(first <= end && end <= d->samples);
    if (first == end)
        return error_set(err, ERROR_DATA, "there are no samples to fit the scaling on");
    bool *seen = memory_try(d->bars, sizeof *seen, "the scaling", err);
    if (!seen)
        return false;
    mark_seen(d, seen, first, end);
    for (size_t c = 0; c < d->channels; c++)
        out[c] = fit_scale(d, seen, c);
    free(seen);
    return true;
}

bool dataset_scale(const struct dataset *d, float *scaled, size_t first, size_t end, struct error *err)
{
    struct dataset_scaling s[DATASET_CHANNELS_MAX];
    ASSERT(d->channels <= ARRAY_N(s));
    if (!dataset_scaling_fit(s, d, first, end, err))
        return false;
    for (size_t i = 0; i < d->bars; i++)
        for (size_t c = 0; c < d->channels; c++)
            scaled[i * d->channels + c] = dataset_scaled(s[c], d->feature[i * d->channels + c]);
    return true;
}
