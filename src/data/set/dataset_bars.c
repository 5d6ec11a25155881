/* The bars of a data set: where each asset's begin and end, where the hold-out begins, which classes there are. */
#include "data/set/dataset_build.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/threads.h"
#include "data/join.h"

#include <math.h>

#define BARS_LEAST 8
#define HASH_ALONE (1 << 18) /* values, below which no thread is started */
#define HASH_THREADS_MOST 8

static bool find_column(size_t *out, const struct build *b, int asset, const char *column, const char *what,
                        struct error *err)
{
    const struct task *task = &b->d->task;
    *out = CHANNEL_NO_COLUMN;
    if (!column[0])
        return true;
    int found = frame_find(b->block[asset].base, column);
    if (found < 0)
        return error_set(err, ERROR_DATA, "series '%s' has no column '%s' to be the %s",
                         task->series[task->asset[asset].base].name, column, what);
    *out = (size_t)found;
    return true;
}

struct hashing {
    const struct frame *const *frames;
    struct hash hash[TASK_SERIES_MAX];
};

static void hash_frame(void *context, int i)
{
    struct hashing *h = context;
    h->hash[i] = frame_hash(h->frames[i]);
}

/* Each by one thread, where there is enough to hash. */
static void hash_frames(struct hashing *h, const struct build *b)
{
    int n = b->d->task.series_n, most = threads_machine_n();
    size_t values = 0;
    h->frames = b->frames;
    for (int i = 0; i < n; i++)
        values += b->frames[i]->rows * (b->frames[i]->columns + 1);
    most = most < n ? most : n;
    struct threads *pool =
        values < HASH_ALONE ? NULL : threads_new(most < HASH_THREADS_MOST ? most : HASH_THREADS_MOST);
    threads_run(pool, n, hash_frame, h);
    threads_free(pool);
}

static bool check_frames(struct build *b, struct error *err)
{
    const struct task *task = &b->d->task;
    struct hashing hashes;
    if (!task_check(task, err))
        return false;
    hash_frames(&hashes, b);
    for (int i = 0; i < task->series_n; i++)
        if (!hash_equal(hashes.hash[i], task->series[i].frame))
            return error_set(err, ERROR_DATA, "the frame of series '%s' is not the one the task names; import it again",
                             task->series[i].name);
    for (int i = 0; i < task->assets; i++) {
        struct build_block *k = &b->block[i];
        k->base = b->frames[task->asset[i].base];
        if (!find_column(&k->price, b, i, task->asset[i].price, "price", err) ||
            !find_column(&k->label, b, i, task->label, "class", err))
            return false;
    }
    return true;
}

/* --- the series of an asset -------------------------------------------------------------------------------------- */

/* "onchain" of "btc_onchain" for the asset btc, so that it meets "eth_onchain". */
static const char *without_asset(const char *series, const char *asset)
{
    char head[FRAME_NAME_MAX];
    size_t n = strlen(asset);
    if (strlen(series) < n + 2 || !strchr("_-.", series[n]))
        return series;
    memcpy(head, series, n);
    head[n] = '\0';
    return text_equal_nocase(head, asset) ? series + n + 1 : series;
}

static bool start_series(struct build *b, int asset, struct error *err)
{
    const struct task *task = &b->d->task;
    struct build_block *k = &b->block[asset];
    int base = task->asset[asset].base;
    bool priced = k->price != CHANNEL_NO_COLUMN;
    k->series = NEW_ARRAY(struct channel_series, task->series_n);
    if (!channel_series_start(&k->series[k->series_n++], k->base, &task->series[base], true, priced, err))
        return false;
    for (int i = 0; i < task->series_n; i++) {
        bool joins = i != base && (task->series[i].asset == asset || task->series[i].asset == TASK_SHARED);
        if (!joins)
            continue;
        struct channel_series *s = &k->series[k->series_n++];
        if (!channel_series_start(s, b->frames[i], &task->series[i], false, priced, err))
            return false;
        if (task->assets > 1 && task->series[i].asset == asset)
            s->shown = without_asset(s->name, task->asset[asset].name);
    }
    return true;
}

/* --- bars -------------------------------------------------------------------------------------------------------- */

/* Has the row what the target is made of? */
static bool has_target(const struct build *b, const struct build_block *k, size_t row)
{
    if (b->d->task.target == TASK_CLASS)
        return !isnan(k->base->column[k->label].value[row]);
    return k->base->column[k->price].value[row] > 0;
}

static void find_bars(const struct build *b, struct build_block *k, int asset)
{
    size_t end = k->base->rows;
    while (k->row < end && !has_target(b, k, k->row))
        k->row++;
    while (!b->span && end > k->row && !has_target(b, k, end - 1))
        end--;
    k->all = end - k->row;
    if (b->span && k->all > b->span->asset[asset].visible)
        k->all = b->span->asset[asset].visible;
}

static const int64_t *closes(const struct build_block *k)
{
    return k->series[0].ended_us + k->row;
}

/* Bars of the asset that close before `us`. */
static size_t bars_before(const struct build_block *k, int64_t us)
{
    size_t low = 0, high = k->all;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (closes(k)[middle] < us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The moment at which the hold-out begins: the latest close such that at least `sealed` bars of all assets close then
 * or later. By bisection over the closes of each asset, as counting is monotone in the moment. */
static int64_t find_seal(const struct build *b, size_t sealed)
{
    int64_t best = INT64_MIN;
    for (int i = 0; i < b->d->task.assets; i++) {
        const struct build_block *k = &b->block[i];
        size_t low = 0, high = k->all; /* closes below `low` leave enough behind them */
        while (low < high) {
            size_t middle = low + (high - low) / 2, behind = 0;
            for (int a = 0; a < b->d->task.assets; a++)
                behind += b->block[a].all - bars_before(&b->block[a], closes(k)[middle]);
            if (behind >= sealed)
                low = middle + 1;
            else
                high = middle;
        }
        if (low > 0 && closes(k)[low - 1] > best)
            best = closes(k)[low - 1];
    }
    return best;
}

static bool check_visible(const struct build *b, int asset, struct error *err)
{
    const struct dataset *d = b->d;
    const struct task_asset *a = &d->task.asset[asset];
    bool is_class = d->task.target == TASK_CLASS;
    return d->asset[asset].visible >= BARS_LEAST ||
           error_set(err, ERROR_DATA,
                     "series '%s' has %zu bars with a %s '%s', %zu of them before the hold-out; at "
                     "least %d are needed",
                     d->task.series[a->base].name, b->block[asset].all, is_class ? "class in" : "positive",
                     is_class ? d->task.label : a->price, d->asset[asset].visible, BARS_LEAST);
}

static bool cut_bars(struct build *b, struct error *err)
{
    struct dataset *d = b->d;
    size_t all = 0;
    for (int i = 0; i < d->task.assets; i++) {
        find_bars(b, &b->block[i], i);
        all += b->block[i].all;
    }
    if (all > UINT32_MAX)
        return error_set(err, ERROR_LIMIT, "%zu bars are more than a task can have", all);
    size_t sealed = (size_t)(((uint64_t)all * d->task.holdout_ppm + 999999) / 1000000);
    int64_t seal_us = sealed > 0 ? find_seal(b, sealed) : INT64_MAX;
    for (int i = 0; i < d->task.assets; i++) {
        struct build_block *k = &b->block[i];
        size_t visible = bars_before(k, seal_us);
        d->asset[i] = (struct dataset_asset){.first = d->bars,
                                             .bars = b->scope == DATASET_SEARCH ? visible : k->all,
                                             .visible = visible,
                                             .step_us = k->base->step_us};
        d->bars += d->asset[i].bars;
        d->visible_bars += visible;
        d->sealed_bars += k->all - visible;
        if (!check_visible(b, i, err))
            return false;
    }
    return true;
}

static void note_seal(struct build *b)
{
    struct dataset *d = b->d;
    bool any = false;
    for (int i = 0; i < d->task.assets; i++) {
        const struct build_block *k = &b->block[i];
        size_t visible = d->asset[i].visible;
        if (visible == k->all)
            continue;
        if (!any || closes(k)[visible] < d->sealed_first_us)
            d->sealed_first_us = closes(k)[visible];
        if (!any || closes(k)[k->all - 1] > d->sealed_last_us)
            d->sealed_last_us = closes(k)[k->all - 1];
        any = true;
    }
}

static bool fill_bars(struct build *b, struct error *err)
{
    struct dataset *d = b->d;
    bool priced = true;
    for (int i = 0; i < d->task.assets; i++)
        priced = priced && b->block[i].price != CHANNEL_NO_COLUMN;
    d->time_us = memory_try(d->bars, sizeof *d->time_us, "the bars", err);
    d->price = priced ? memory_try(d->bars, sizeof *d->price, "the bars", err) : NULL;
    if (!d->time_us || (priced && !d->price))
        return false;
    for (int i = 0; i < d->task.assets; i++) {
        const struct build_block *k = &b->block[i];
        size_t first = d->asset[i].first, n = d->asset[i].bars;
        memcpy(d->time_us + first, closes(k), n * sizeof *d->time_us);
        if (priced)
            memcpy(d->price + first, k->base->column[k->price].value + k->row, n * sizeof *d->price);
    }
    note_seal(b);
    return true;
}

bool build_bars(struct build *b, struct error *err)
{
    if (!check_frames(b, err))
        return false;
    for (int i = 0; i < b->d->task.assets; i++)
        if (!start_series(b, i, err))
            return false;
    return cut_bars(b, err) && fill_bars(b, err);
}

/* --- classes ----------------------------------------------------------------------------------------------------- */

static bool refuse_label(const struct build *b, const struct build_block *k, size_t row, struct error *err)
{
    char time[40], value[40];
    clock_iso(k->base->time_us[row], time, sizeof time);
    text_of_double(k->base->column[k->label].value[row], value, sizeof value);
    return error_set(err, ERROR_DATA,
                     "column '%s' cannot be a class: it holds %s at %s, and classes are whole numbers or names",
                     b->d->task.label, value, time);
}

static const struct frame_column *label_of(const struct build_block *k)
{
    return &k->base->column[k->label];
}

/* Before, at or behind the class? Numbers by their value, names by their bytes. */
static int compare_class(const struct dataset *d, int class, const struct frame_column *label, double value)
{
    if (label->labels > 0)
        return strcmp(label->label[(size_t)value], d->class_name[class]);
    return (value > d->class_value[class]) - (value < d->class_value[class]);
}

/* Puts a class in its place; false where that is one too many. */
static bool add_class(struct dataset *d, const struct frame_column *label, double value)
{
    int at = 0;
    while (at < d->classes && compare_class(d, at, label, value) > 0)
        at++;
    if (at < d->classes && compare_class(d, at, label, value) == 0)
        return true;
    if (d->classes == DATASET_CLASSES_MAX)
        return false;
    size_t behind = (size_t)(d->classes - at);
    memmove(d->class_value + at + 1, d->class_value + at, behind * sizeof *d->class_value);
    memmove(d->class_name + at + 1, d->class_name + at, behind * sizeof *d->class_name);
    d->class_value[at] = value + 0.0; /* no negative zero */
    if (label->labels > 0)
        text_copy(d->class_name[at], FRAME_NAME_MAX, label->label[(size_t)value]);
    else
        text_of_double(d->class_value[at], d->class_name[at], FRAME_NAME_MAX);
    d->classes++;
    return true;
}

static bool collect_classes(struct build *b, int asset, struct error *err)
{
    const struct build_block *k = &b->block[asset];
    const struct frame_column *label = label_of(k);
    double last = (double)NAN;
    if ((label->labels > 0) != (label_of(&b->block[0])->labels > 0))
        return error_set(err, ERROR_DATA, "column '%s' holds names for one asset and numbers for another: %s and %s",
                         b->d->task.label, b->d->task.asset[0].name, b->d->task.asset[asset].name);
    for (size_t row = k->row; row < k->row + b->d->asset[asset].visible; row++) {
        double value = label->value[row];
        if (isnan(value) || value == last)
            continue;
        last = value;
        if (!(fabs(value) <= 0x1p53) || floor(value) != value)
            return refuse_label(b, k, row, err);
        if (!add_class(b->d, label, value))
            return error_set(err, ERROR_DATA,
                             "column '%s' has more than %d different values; a class is one of at most %d",
                             b->d->task.label, DATASET_CLASSES_MAX, DATASET_CLASSES_MAX);
    }
    return true;
}

double build_class_of(const struct dataset *d, const struct frame_column *label, double value)
{
    for (int i = 0; i < d->classes && !isnan(value); i++)
        if (compare_class(d, i, label, value) == 0)
            return i;
    return (double)NAN;
}

/* Of the rows up to each asset's last bar: as they are, and as they were published. */
static bool fill_labels(struct build *b, int asset, struct error *err)
{
    struct dataset *d = b->d;
    const struct build_block *k = &b->block[asset];
    const struct dataset_asset *a = &d->asset[asset];
    size_t rows = k->row + a->bars;
    double *index = memory_try(rows, sizeof *index, "the classes", err);
    double *joined = index ? memory_try(a->bars, sizeof *joined, "the classes", err) : NULL;
    for (size_t i = 0; joined && i < rows; i++)
        index[i] = build_class_of(d, label_of(k), label_of(k)->value[i]);
    if (joined) {
        join_as_of(joined, d->time_us + a->first, a->bars, index, k->series[0].published_us, rows,
                   k->series[0].stale_us);
        for (size_t i = 0; i < a->bars; i++) {
            d->label[a->first + i] = (float)index[k->row + i];
            d->past_label[a->first + i] = (float)joined[i];
        }
    }
    free(index);
    free(joined);
    return joined != NULL;
}

static void take_classes(struct dataset *d, const struct dataset *like)
{
    d->classes = like->classes;
    memcpy(d->class_value, like->class_value, sizeof d->class_value);
    memcpy(d->class_name, like->class_name, (size_t)like->classes * sizeof *like->class_name);
}

bool build_classes(struct build *b, struct error *err)
{
    struct dataset *d = b->d;
    if (d->task.target != TASK_CLASS)
        return true;
    d->class_name = memory_new(DATASET_CLASSES_MAX, sizeof *d->class_name);
    if (b->like)
        take_classes(d, b->like);
    for (int i = 0; i < d->task.assets && !b->like; i++)
        if (!collect_classes(b, i, err))
            return false;
    if (d->classes < 2)
        return error_set(err, ERROR_DATA,
                         "column '%s' has one value only before the hold-out: there is nothing to tell "
                         "apart",
                         d->task.label);
    d->label = memory_try(d->bars, sizeof *d->label, "the classes", err);
    d->past_label = memory_try(d->bars, sizeof *d->past_label, "the classes", err);
    if (!d->label || !d->past_label)
        return false;
    for (int i = 0; i < d->task.assets; i++)
        if (!fill_labels(b, i, err))
            return false;
    return true;
}
