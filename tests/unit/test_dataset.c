/* Data sets: sealed before anything is computed, nothing from the future, every sample whole, every choice noted. */
#include "test_support.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "base/vmath.h"
#include "data/set/channel.h"
#include "data/set/dataset.h"
#include "data/set/split.h"

#include <math.h>

#define DAY CLOCK_DAY_US

enum { CLOSE, HIGH, LOW, VOLUME, ADDRESSES, CONSTANT, LATE, COLUMNS };

/* Daily bars with an on-chain metric, a constant column and one that starts in the last third. */
static struct frame *make_base(size_t rows, uint64_t seed)
{
    static const char *const name[COLUMNS] = {"close", "high", "low", "volume", "AdrActCnt", "PriceBTC", "TxCnt"};
    struct random r = random_start(seed, RANDOM_TEST, 10, 0);
    struct frame *f = frame_new(rows, COLUMNS, NULL);
    double price = 100;
    assert_non_null(f);
    for (int c = 0; c < COLUMNS; c++)
        text_copy(f->column[c].name, FRAME_NAME_MAX, name[c]);
    for (size_t i = 0; i < rows; i++) {
        price *= 0.97 + 0.06 * random_unit(&r);
        f->time_us[i] = clock_days(2015, 1, 1) * DAY + (int64_t)i * DAY;
        f->column[CLOSE].value[i] = price;
        f->column[HIGH].value[i] = price * (1 + random_unit(&r) * 0.1);
        f->column[LOW].value[i] = price * (1 - random_unit(&r) * 0.1);
        f->column[VOLUME].value[i] = random_below(&r, 5) ? 10 + random_unit(&r) : 0;
        f->column[ADDRESSES].value[i] = 1000 + random_below(&r, 500);
        f->column[CONSTANT].value[i] = 1;
        f->column[LATE].value[i] = i < rows * 2 / 3 ? (double)NAN : 1 + random_unit(&r);
    }
    frame_find_step(f);
    return f;
}

/* A daily index from 0 to 100 that begins `skip` days after the base. */
static struct frame *make_mood(size_t rows, size_t skip, uint64_t seed)
{
    struct random r = random_start(seed, RANDOM_TEST, 11, 0);
    struct frame *f = frame_new(rows, 1, NULL);
    assert_non_null(f);
    text_copy(f->column[0].name, FRAME_NAME_MAX, "value");
    for (size_t i = 0; i < rows; i++) {
        f->time_us[i] = clock_days(2015, 1, 1) * DAY + (int64_t)(i + skip) * DAY;
        f->column[0].value[i] = random_below(&r, 10) ? random_below(&r, 101) : (double)NAN;
    }
    frame_find_step(f);
    return f;
}

static struct task make_task(const struct frame *const *frames, int n)
{
    static const char *const name[] = {"base", "mood"};
    struct task t;
    task_defaults(&t);
    t.series_n = n;
    t.lookback = 5;
    t.folds = 3;
    for (int i = 0; i < n; i++)
        t.series[i] = (struct task_series){.frame = frame_hash(frames[i]), .stamp = CSV_STAMP_DATE, .lag_us = i * DAY};
    for (int i = 0; i < n; i++)
        text_copy(t.series[i].name, FRAME_NAME_MAX, name[i]);
    for (int i = 1; i < n; i++)
        t.series[i].asset = TASK_SHARED;
    t.assets = 1;
    t.asset[0] = (struct task_asset){"base", "close", 0};
    return t;
}

static struct dataset *build(const struct task *t, const struct frame *const *frames, enum dataset_scope scope)
{
    struct error err = {0};
    struct dataset *d = dataset_build(t, frames, scope, &err);
    if (!d)
        fail_msg("%s", err.text);
    return d;
}

static size_t channel(const struct dataset *d, const char *name)
{
    for (size_t c = 0; c < d->channels; c++)
        if (strcmp(d->channel[c], name) == 0)
            return c;
    fail_msg("there is no channel '%s'", name);
    return 0;
}

static bool has_note(const struct dataset *d, const char *part)
{
    for (size_t i = 0; i < d->note_n; i++)
        if (strstr(d->note[i], part))
            return true;
    return false;
}

/* --- what the channels hold -------------------------------------------------------------------------------------- */

/* Prices are known at their bar's close; a daily metric of the same file only a day later: never on its own day. */
static void test_metrics_are_late(void **state)
{
    struct frame *f = make_base(200, 1);
    const struct frame *frames[] = {f};
    struct task t = make_task(frames, 1);
    struct dataset *d = build(&t, frames, DATASET_SEARCH);
    size_t price = channel(d, "log_return close"), range = channel(d, "range"),
           adr = channel(d, "onchain_change AdrActCnt");
    const double *close = f->column[CLOSE].value, *count = f->column[ADDRESSES].value;
    (void)state;
    for (size_t i = 2; i < d->bars; i++) {
        assert_int_equal(d->time_us[i], f->time_us[i] + DAY);
        assert_true(d->feature[i * d->channels + price] == (float)vmath_log(close[i] / close[i - 1]));
        assert_true(d->feature[i * d->channels + range] ==
                    (float)vmath_log(f->column[HIGH].value[i] / f->column[LOW].value[i]));
        assert_true(d->feature[i * d->channels + adr] == (float)vmath_log(count[i - 1] / count[i - 2]));
    }
    assert_true(has_note(d, "base has metrics beside its price: they wait 86400 s, not the lag of 0 s"));
    dataset_free(d);
    t.series[0].lag_us = DAY;
    d = build(&t, frames, DATASET_SEARCH);
    assert_false(has_note(d, "they wait"));
    dataset_free(d);
    frame_free(f);
}

static void test_what_is_left_out(void **state)
{
    struct frame *f = make_base(300, 2);
    const struct frame *frames[] = {f};
    struct task t = make_task(frames, 1);
    struct dataset *d = build(&t, frames, DATASET_SEARCH);
    (void)state;
    assert_true(has_note(d, "log_return PriceBTC is left out: it is constant"));
    assert_true(has_note(d, "onchain_change TxCnt is left out: it is known at"));
    assert_int_equal(d->channels, 6);
    assert_string_equal(d->channel[0], "log_return close"); /* the price comes first */
    assert_int_equal(d->dropped_missing + d->samples, d->bars - 1 - 4);
    dataset_free(d);
    frame_free(f);
}

/* A series that begins late is filled with its neutral value and says where it speaks; no sample is lost to it. */
static void test_late_series_is_filled(void **state)
{
    struct frame *f = make_base(300, 3), *mood = make_mood(250, 150, 3);
    const struct frame *frames[] = {f, mood};
    struct task t = make_task(frames, 2), alone = make_task(frames, 1);
    struct dataset *d = build(&t, frames, DATASET_SEARCH), *a = build(&alone, frames, DATASET_SEARCH);
    size_t present = channel(d, "present mood"), level = channel(d, "sentiment mood.value");
    (void)state;
    assert_int_equal(d->samples, a->samples);
    assert_true(has_note(d, "sentiment mood.value is filled with 0"));
    size_t on = 0;
    for (size_t i = 0; i < d->bars; i++) {
        float p = d->feature[i * d->channels + present], v = d->feature[i * d->channels + level];
        assert_true(p == 0 || p == 1);
        assert_true(v == v && (p == 1 || v == 0));
        if (i < 151)
            assert_true(p == 0); /* row 150 is published a day after its day */
        on += p == 1;
    }
    assert_in_range(on, d->bars - 160, d->bars - 151);
    dataset_free(d);
    dataset_free(a);
    frame_free(f);
    frame_free(mood);
}

static void test_cap(void **state)
{
    struct frame *f = frame_new(200, 80, NULL);
    struct random r = random_start(1, RANDOM_TEST, 12, 0);
    (void)state;
    for (size_t i = 0; i < f->rows; i++) {
        f->time_us[i] = (int64_t)i * DAY;
        for (size_t c = 0; c < f->columns; c++)
            f->column[c].value[i] = 1 + random_unit(&r);
    }
    for (size_t c = 0; c < f->columns; c++)
        snprintf(f->column[c].name, FRAME_NAME_MAX, c == 79 ? "close" : "m%zu", c);
    frame_find_step(f);
    const struct frame *frames[] = {f};
    struct task t = make_task(frames, 1);
    struct dataset *d = build(&t, frames, DATASET_SEARCH);
    assert_int_equal(d->channels, DATASET_CHANNELS_KEPT);
    assert_string_equal(d->channel[0], "log_return close");
    assert_true(has_note(d, "16 more channels are left out"));
    dataset_free(d);
    frame_free(f);
}

/* --- no leakage -------------------------------------------------------------------------------------------------- */

/* Everything that is published after the last visible bar may be anything: the visible data set keeps every bit. */
static void test_sealed_values_do_not_matter(void **state)
{
    struct frame *f = make_base(400, 4), *g = make_base(400, 4), *mood = make_mood(400, 0, 4),
                 *other = make_mood(400, 0, 4);
    const struct frame *frames[] = {f, mood}, *spoilt[] = {g, other};
    struct task t = make_task(frames, 2);
    (void)state;
    for (size_t i = 340; i < 400; i++) { /* 15 % of 400 bars */
        for (int c = 0; c < COLUMNS; c++)
            g->column[c].value[i] = 1e6 + (double)i * (c + 1);
        other->column[0].value[i] = 1e9;
    }
    struct task u = make_task(spoilt, 2);
    struct dataset *a = build(&t, frames, DATASET_SEARCH), *b = build(&u, spoilt, DATASET_SEARCH);
    assert_int_equal(a->bars, 340);
    assert_int_equal(a->sealed_bars, 60);
    assert_int_equal(a->sealed_first_us, f->time_us[340] + DAY);
    assert_int_equal(a->sealed_last_us, f->time_us[399] + DAY);
    assert_int_equal(a->channels, b->channels);
    assert_memory_equal(a->channel, b->channel, a->channels * sizeof *a->channel);
    assert_memory_equal(a->feature, b->feature, a->bars * a->channels * sizeof(float));
    assert_memory_equal(a->price, b->price, a->bars * sizeof(double));
    assert_int_equal(a->samples, b->samples);
    assert_memory_equal(a->target, b->target, a->samples * sizeof(float));
    assert_memory_equal(a->fold, b->fold, sizeof a->fold);
    assert_true(a->bar[a->samples - 1] + (uint32_t)t.horizon < a->bars);
    dataset_free(a);
    dataset_free(b);
    frame_free(f);
    frame_free(g);
    frame_free(mood);
    frame_free(other);
}

/* At every bar: with all that is published later cut off or spoilt, each channel keeps its bits up to that bar. */
static void test_future_cut_off(void **state)
{
    struct frame *f = make_base(120, 5), *mood = make_mood(120, 0, 5);
    const struct frame *frames[] = {f, mood};
    struct task t = make_task(frames, 2);
    struct channel_series series[2];
    struct channel_plan plan;
    struct error err = {0};
    (void)state;
    for (int i = 0; i < 2; i++)
        assert_true(channel_series_start(&series[i], frames[i], &t.series[i], i == 0, true, &err));
    const int64_t *close = series[0].ended_us;
    assert_true(channel_plan_make(&plan, series, 2, &t, CLOSE, CHANNEL_NO_COLUMN, close, 120, &err));
    assert_true(plan.n >= 7);
    double *full = NEW_ARRAY(double, 120), *cut = NEW_ARRAY(double, 120), *saved = NEW_ARRAY(double, 120);
    for (size_t c = 0; c < plan.n; c++) {
        assert_true(channel_values(full, &plan.channel[c], series, close, 120, &err));
        for (size_t bars = 1; bars <= 120; bars++) {
            assert_true(channel_values(cut, &plan.channel[c], series, close, bars, &err));
            assert_memory_equal(full, cut, bars * sizeof *full);
        }
        /* spoil what is published after bar 60, and look at the bars up to it */
        const struct channel *ch = &plan.channel[c];
        const struct channel_series *s = &series[ch->series];
        double *column = s->frame->column[ch->column].value;
        const int64_t *known = ch->at_close ? s->ended_us : s->published_us;
        memcpy(saved, column, 120 * sizeof *saved);
        size_t spoilt = 0;
        for (size_t i = 0; i < 120; i++)
            if (known[i] > close[60]) {
                column[i] = 77 + (double)i;
                spoilt++;
            }
        assert_true(spoilt >= 59 && (ch->at_close || spoilt >= 60));
        assert_true(channel_values(cut, ch, series, close, 120, &err));
        assert_memory_equal(full, cut, 61 * sizeof *full);
        if (ch->spec.family)
            assert_memory_not_equal(full, cut, 120 * sizeof *full); /* the spoiling itself is seen later on */
        memcpy(column, saved, 120 * sizeof *saved);
    }
    free(full);
    free(cut);
    free(saved);
    channel_plan_free(&plan);
    channel_series_free(&series[0]);
    channel_series_free(&series[1]);
    frame_free(f);
    frame_free(mood);
}

/* Opening adds bars and samples behind and changes nothing before; the hash is that of the visible part. */
static void test_opening(void **state)
{
    struct frame *f = make_base(400, 6);
    const struct frame *frames[] = {f};
    f->column[CONSTANT].value[370] = 2; /* that it varies behind the seal must not bring it in */
    struct task t = make_task(frames, 1);
    t.horizon = 3;
    struct dataset *a = build(&t, frames, DATASET_SEARCH), *b = build(&t, frames, DATASET_OPENED);
    (void)state;
    assert_true(hash_equal(a->hash, b->hash));
    assert_int_equal(b->bars, 400);
    assert_int_equal(b->visible_samples, a->samples);
    assert_int_equal(a->visible_samples, a->samples);
    assert_memory_equal(a->feature, b->feature, a->bars * a->channels * sizeof(float));
    assert_memory_equal(a->bar, b->bar, a->samples * sizeof *a->bar);
    assert_memory_equal(a->target, b->target, a->samples * sizeof(float));
    assert_int_equal(a->bar[a->samples - 1], 340 - 1 - 3);
    assert_int_equal(b->bar[b->visible_samples], 340);
    assert_int_equal(b->bar[b->samples - 1], 400 - 1 - 3);
    assert_memory_equal(a->fold, b->fold, sizeof a->fold);
    dataset_free(a);
    dataset_free(b);
    frame_free(f);
}

static void test_hash_names_the_data(void **state)
{
    struct frame *f = make_base(300, 7);
    const struct frame *frames[] = {f};
    struct task t = make_task(frames, 1);
    struct dataset *a = build(&t, frames, DATASET_SEARCH), *b = build(&t, frames, DATASET_SEARCH);
    struct error err = {0};
    (void)state;
    assert_true(hash_equal(a->hash, b->hash));
    dataset_free(b);
    t.seed++;
    b = build(&t, frames, DATASET_SEARCH);
    assert_false(hash_equal(a->hash, b->hash));
    dataset_free(a);
    dataset_free(b);
    f->column[CLOSE].value[10] += 1e-9;
    assert_null(dataset_build(&t, frames, DATASET_SEARCH, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_non_null(strstr(err.text, "'base'"));
    frame_free(f);
}

/* --- samples ----------------------------------------------------------------------------------------------------- */

static void test_targets(void **state)
{
    struct frame *f = make_base(300, 8);
    const struct frame *frames[] = {f};
    f->column[CLOSE].value[100] = f->column[CLOSE].value[98]; /* no direction over two bars */
    struct task t = make_task(frames, 1);
    t.horizon = 2;
    struct dataset *d = build(&t, frames, DATASET_SEARCH);
    (void)state;
    assert_int_equal(d->dropped_zero, 1);
    for (size_t i = 0; i < d->samples; i++) {
        size_t bar = d->bar[i];
        assert_true(bar != 98);
        assert_true(i == 0 || bar > d->bar[i - 1]);
        assert_true(d->target[i] == (d->price[bar + 2] > d->price[bar] ? 1.0f : 0.0f));
        for (size_t k = (bar + 1 - 5) * d->channels; k < (bar + 1) * d->channels; k++)
            assert_true(d->feature[k] == d->feature[k]);
    }
    dataset_free(d);
    frame_free(f);
}

/* A bar without a price is in no window and is no target, even where no feature reads the price. */
static void test_holes_in_the_price(void **state)
{
    struct frame *f = make_base(300, 14);
    const struct frame *frames[] = {f};
    f->column[CLOSE].value[150] = (double)NAN;
    struct task t = make_task(frames, 1);
    text_copy(t.features, sizeof t.features, "volume_change");
    struct dataset *d = build(&t, frames, DATASET_SEARCH);
    (void)state;
    assert_int_equal(d->dropped_missing, 1 + 6); /* the first bar has no change; 150 as target and in five windows */
    for (size_t i = 0; i < d->samples; i++)
        assert_true(d->bar[i] < 149 || d->bar[i] > 154);
    dataset_free(d);
    frame_free(f);
}

/* No window and no target crosses ten missing days; three are a long week-end. */
static void test_gaps(void **state)
{
    for (int64_t days = 3; days <= 10; days += 7) {
        struct frame *f = make_base(300, 9);
        for (size_t i = 150; i < f->rows; i++)
            f->time_us[i] += days * DAY;
        const struct frame *frames[] = {f};
        struct task t = make_task(frames, 1);
        t.features[0] = '\0';
        text_copy(t.features, sizeof t.features, "log_return");
        struct dataset *d = build(&t, frames, DATASET_SEARCH);
        (void)state;
        assert_int_equal(d->dropped_gap, days == 3 ? 0 : 5);
        for (size_t i = 0; i < d->samples; i++)
            assert_true(days == 3 || d->bar[i] + 1 < 150 || d->bar[i] >= 154);
        dataset_free(d);
        frame_free(f);
    }
}

static void test_stride(void **state)
{
    struct frame *f = make_base(400, 10);
    const struct frame *frames[] = {f};
    struct task t = make_task(frames, 1);
    t.stride = 3;
    struct dataset *d = build(&t, frames, DATASET_SEARCH);
    (void)state;
    for (size_t i = 0; i < d->samples; i++)
        assert_int_equal(d->bar[i] % 3, 0);
    assert_in_range(d->samples, 105, 113);
    dataset_free(d);
    frame_free(f);
}

static void test_too_little(void **state)
{
    struct frame *f = make_base(60, 11);
    const struct frame *frames[] = {f};
    struct task t = make_task(frames, 1);
    struct error err = {0};
    (void)state;
    t.lookback = 40;
    assert_null(dataset_build(&t, frames, DATASET_SEARCH, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    text_copy(t.asset[0].price, sizeof t.asset[0].price, "nothing");
    err = (struct error){0};
    assert_null(dataset_build(&t, frames, DATASET_SEARCH, &err));
    assert_non_null(strstr(err.text, "'nothing'"));
    t = make_task(frames, 1);
    t.folds = 0;
    assert_null(dataset_build(&t, frames, DATASET_SEARCH, &err));
    frame_free(f);
}

/* --- folds ------------------------------------------------------------------------------------------------------- */

/* No bar is read on both sides of a fold, as input or as target, and the embargo lies between. */
static void test_folds_are_purged(void **state)
{
    struct frame *f = make_base(400, 18);
    const struct frame *frames[] = {f};
    struct task t = make_task(frames, 1);
    (void)state;
    t.lookback = 7;
    t.horizon = 3;
    t.embargo = 4;
    struct dataset *d = build(&t, frames, DATASET_SEARCH);
    assert_int_equal(d->folds, 3);
    for (int k = 0; k < d->folds; k++) {
        const struct dataset_fold *fold = &d->fold[k];
        uint32_t last_target = d->bar[fold->train_end - 1] + 3, first_input = d->bar[fold->valid_first] - 6;
        assert_int_equal(fold->train_first, 0);
        assert_true(last_target + 4 < first_input);
        assert_true(d->bar[fold->train_end] + 3 + 4 + 1 >= first_input); /* nor is more left out than that */
        assert_int_equal(fold->valid_end, k + 1 < d->folds ? d->fold[k + 1].valid_first : d->visible_samples);
    }
    dataset_free(d);
    frame_free(f);
}

static void test_purge_counts_bars(void **state)
{
    uint32_t bar[] = {10, 11, 12, 20, 21, 30};
    int64_t time[40];
    struct dataset d = {.bars = 40, .visible_bars = 40, .samples = 6, .visible_samples = 6, .bar = bar, .time_us = time};
    (void)state;
    for (int i = 0; i < 40; i++)
        time[i] = i * DAY;
    d.task.assets = d.task.lookback = d.task.horizon = 1;
    d.asset[0] = (struct dataset_asset){.bars = 40, .visible = 40, .step_us = DAY};
#define PURGED(first, purge) (d.task.embargo = (purge)-2, split_purge(&d, first, 5, 5, 6))
    assert_int_equal(PURGED(0, 8), 5); /* 22 to 29 lie between */
    assert_int_equal(PURGED(0, 9), 4);
    assert_int_equal(PURGED(0, 10), 3);
    assert_int_equal(PURGED(0, 17), 3);
    assert_int_equal(PURGED(0, 18), 2);
    assert_int_equal(PURGED(1, 100), 1);
#undef PURGED
}

/* --- early stopping and scaling ---------------------------------------------------------------------------------- */

static void test_early_stop(void **state)
{
    struct frame *f = make_base(400, 12);
    const struct frame *frames[] = {f};
    struct task t = make_task(frames, 1);
    t.embargo = 2;
    struct dataset *d = build(&t, frames, DATASET_SEARCH);
    size_t train_end = 0, stop = 0, end = d->fold[2].train_end;
    (void)state;
    assert_true(dataset_early_stop(d, 0, end, 0.2, &train_end, &stop));
    assert_int_equal(end - stop, (size_t)ceil((double)end * 0.2));
    assert_true(d->bar[train_end - 1] + (uint32_t)(t.horizon + t.embargo) < d->bar[stop] + 1 - (uint32_t)t.lookback);
    assert_true(d->bar[train_end] + (uint32_t)(t.horizon + t.embargo) >= d->bar[stop] - (uint32_t)t.lookback);
    assert_false(dataset_early_stop(d, 0, 1, 0.5, &train_end, &stop));
    assert_false(dataset_early_stop(d, 0, 8, 0.5, &train_end, &stop));
    dataset_free(d);
    frame_free(f);
}

static void test_scaling(void **state)
{
    struct frame *f = make_base(400, 13);
    const struct frame *frames[] = {f};
    struct task t = make_task(frames, 1);
    struct dataset *d = build(&t, frames, DATASET_SEARCH);
    size_t values = d->bars * d->channels, end = d->fold[0].train_end, last = d->bar[end - 1];
    float *a = NEW_ARRAY(float, values), *b = NEW_ARRAY(float, values);
    struct error err = {0};
    (void)state;
    assert_true(dataset_scale(d, a, 0, end, &err));
    for (size_t c = 0; c < d->channels; c++) {
        double sum = 0, square = 0, n = 0;
        for (size_t i = d->bar[0] + 1 - 5; i <= last; i++, n++) {
            sum += (double)a[i * d->channels + c];
            square += (double)a[i * d->channels + c] * (double)a[i * d->channels + c];
        }
        assert_true(fabs(sum / n) < 1e-6 && fabs(square / n - 1) < 1e-5);
    }
    /* what lies behind the fitted samples does not move the scale */
    for (size_t i = (last + 1) * d->channels; i < values; i++)
        d->feature[i] = d->feature[i] * 1000 + 5;
    assert_true(dataset_scale(d, b, 0, end, &err));
    assert_memory_equal(a, b, (last + 1) * d->channels * sizeof *a);
    /* a channel that stands still while fitting is only centred */
    for (size_t i = 0; i < d->bars; i++)
        d->feature[i * d->channels] = i <= last ? 3 : 5;
    assert_true(dataset_scale(d, b, 0, end, &err));
    assert_true(b[last * d->channels] == 0 && b[(last + 1) * d->channels] == 2);
    assert_false(dataset_scale(d, b, 3, 3, &err));
    free(a);
    free(b);
    dataset_free(d);
    frame_free(f);
}

/* --- guesses ----------------------------------------------------------------------------------------------------- */

static void guess(const char *const *name, int n, int wanted)
{
    struct frame *f = frame_new(3, (size_t)n, NULL);
    char evidence[200];
    for (int c = 0; c < n; c++) {
        text_copy(f->column[c].name, FRAME_NAME_MAX, name[c]);
        for (int i = 0; i < 3; i++)
            f->column[c].value[i] = strcmp(name[c], "PriceBTC") == 0 ? 1 : i + 1;
    }
    assert_int_equal(dataset_guess_price(f, evidence, sizeof evidence), wanted);
    assert_true(evidence[0]);
    frame_free(f);
}

static void test_guess_price(void **state)
{
    (void)state;
    guess((const char *const[]){"Open", "Close", "Adj Close"}, 3, 1);
    guess((const char *const[]){"PriceBTC", "PriceUSD", "AdrActCnt"}, 3, 1);
    guess((const char *const[]){"market_cap", "price", "total_volume"}, 3, 1);
    guess((const char *const[]){"synthetic_volume", "synthetic_close"}, 2, 1);
    guess((const char *const[]){"PriceBTC", "x"}, 2, -1);
    guess((const char *const[]){"btc_close", "eth_close"}, 2, -1);
    guess((const char *const[]){"value"}, 1, -1);
}

static int64_t lag_of(const char *column, int64_t step, enum csv_stamp stamp)
{
    struct frame *f = frame_new(3, 1, NULL);
    char reason[200];
    text_copy(f->column[0].name, FRAME_NAME_MAX, column);
    for (int i = 0; i < 3; i++) {
        f->time_us[i] = i * step;
        f->column[0].value[i] = i * 1000;
    }
    frame_find_step(f);
    int64_t lag = dataset_default_lag(f, stamp, reason, sizeof reason);
    assert_true(reason[0]);
    frame_free(f);
    return lag;
}

static void test_default_lags(void **state)
{
    (void)state;
    assert_int_equal(lag_of("close", DAY, CSV_STAMP_DATE), 0);
    assert_int_equal(lag_of("volume", DAY / 24, CSV_STAMP_OPEN), 0);
    assert_int_equal(lag_of("TxCnt", DAY, CSV_STAMP_DATE), DAY);
    assert_int_equal(lag_of("TxCnt", 7 * DAY, CSV_STAMP_DATE), DAY);
    assert_int_equal(lag_of("TxCnt", DAY / 24, CSV_STAMP_CLOSE), DAY / 24);
    assert_int_equal(lag_of("close", 31 * DAY, CSV_STAMP_CLOSE), DAY);
}

/* --- real files -------------------------------------------------------------------------------------------------- */

static void test_real_pair(void **state)
{
    static const char *const file[] = {"coinmetrics-2019/btc.csv", "fear-greed/fear_greed_index.csv"};
    struct frame *f[2];
    struct task t;
    (void)state;
    for (int i = 0; i < 2; i++) {
        char path[4096];
        struct csv_report r;
        struct error err = {0};
        snprintf(path, sizeof path, "%s/%s", getenv("MORPHSMITH_TEST_DATA"), file[i]);
        f[i] = csv_import(path, &r, NULL, &err);
        if (!f[i])
            fail_msg("%s", err.text);
        csv_report_free(&r);
    }
    const struct frame *frames[] = {f[0], f[1]};
    t = make_task(frames, 2);
    t.lookback = 32;
    t.folds = 5;
    text_copy(t.asset[0].price, sizeof t.asset[0].price, "PriceUSD");
    struct dataset *d = build(&t, frames, DATASET_SEARCH);
    char first[40];
    clock_date(d->time_us[0], first, sizeof first);
    assert_string_equal(first, "2010-07-19"); /* the close of 2010-07-18, the first day with a price */
    assert_int_equal(d->bars + d->sealed_bars, 3382);
    assert_true(d->samples > 2500);
    assert_true(has_note(d, "log_return PriceBTC is left out: it is constant"));
    assert_true(channel(d, "present mood") < d->channels);
    dataset_free(d);
    frame_free(f[0]);
    frame_free(f[1]);
}

int main(void)
{
    struct CMUnitTest tests[26] = {
        cmocka_unit_test(test_metrics_are_late),
        cmocka_unit_test(test_what_is_left_out),
        cmocka_unit_test(test_late_series_is_filled),
        cmocka_unit_test(test_cap),
        cmocka_unit_test(test_sealed_values_do_not_matter),
        cmocka_unit_test(test_future_cut_off),
        cmocka_unit_test(test_opening),
        cmocka_unit_test(test_hash_names_the_data),
        cmocka_unit_test(test_targets),
        cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_stride),
        cmocka_unit_test(test_too_little),
        cmocka_unit_test(test_folds_are_purged),
        cmocka_unit_test(test_purge_counts_bars),
        cmocka_unit_test(test_early_stop),
        cmocka_unit_test(test_scaling),
        cmocka_unit_test(test_guess_price),
        cmocka_unit_test(test_default_lags),
        cmocka_unit_test(test_holes_in_the_price),
    };
    size_t n = 19;
    if (getenv("MORPHSMITH_TEST_DATA"))
        tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_real_pair);
    hash_start();
    return _cmocka_run_group_tests("dataset", tests, n, NULL, NULL);
}
