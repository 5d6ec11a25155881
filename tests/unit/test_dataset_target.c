/* Returns, classes and several assets: targets by their definition, nothing sealed is read, no fold sees another. */
#include "test_support.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "base/vmath.h"
#include "data/set/dataset.h"
#include "data/set/split.h"

#include <math.h>

#define HOUR (CLOCK_DAY_US / 24)
#define DAY CLOCK_DAY_US
#define FRAMES_MAX 5

enum { CLOSE, VOLUME, STATE, SIGNAL, COLUMNS };

/* Rows `step` apart from `start` on, some of them left out; STATE lasts a while, SIGNAL tells it. */
static struct frame *make_frame(size_t rows, int64_t start, int64_t step, bool holes, uint32_t seed)
{
    static const char *const name[COLUMNS] = {"close", "volume", "state", "signal"};
    struct random r = random_start(seed, RANDOM_TEST, 90, 0);
    struct frame *f = frame_new(rows, COLUMNS, NULL);
    int64_t time = start;
    double price = 100, now = 0;
    assert_non_null(f);
    for (int c = 0; c < COLUMNS; c++)
        text_copy(f->column[c].name, FRAME_NAME_MAX, name[c]);
    for (size_t i = 0; i < rows; i++, time += step) {
        if (holes && random_below(&r, 40) == 0)
            time += step * (int64_t)(1 + random_below(&r, 9));
        if (random_below(&r, 6) == 0)
            now = random_below(&r, 3) * 5.0 - 5.0;
        price *= 0.97 + 0.06 * random_unit(&r);
        f->time_us[i] = time;
        f->column[CLOSE].value[i] = price;
        f->column[VOLUME].value[i] = 10 + random_unit(&r);
        f->column[STATE].value[i] = now;
        f->column[SIGNAL].value[i] = now + random_unit(&r);
    }
    frame_find_step(f);
    return f;
}

/* `assets` frames with a price, then shared ones. */
static struct task make_task(const struct frame *const *frames, int assets, int n, const char *target)
{
    static const char *const name[FRAMES_MAX] = {"a", "b", "c", "d", "e"};
    struct task t;
    task_defaults(&t);
    t.lookback = 4;
    t.folds = 3;
    t.series_n = n;
    t.assets = assets;
    assert_true(task_set_target(&t, target, NULL));
    text_copy(t.features, sizeof t.features, "usual");
    for (int i = 0; i < n; i++) {
        t.series[i] = (struct task_series){
            .frame = frame_hash(frames[i]), .stamp = CSV_STAMP_OPEN, .asset = i < assets ? i : TASK_SHARED};
        text_copy(t.series[i].name, FRAME_NAME_MAX, name[i]);
    }
    for (int i = 0; i < assets; i++) {
        t.asset[i] = (struct task_asset){.base = i};
        text_copy(t.asset[i].name, FRAME_NAME_MAX, name[i]);
        if (t.target != TASK_CLASS)
            text_copy(t.asset[i].price, FRAME_NAME_MAX, "close");
    }
    assert_true(task_settle(&t, NULL));
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

static void refused(const struct task *t, const struct frame *f, const char *part)
{
    const struct frame *frames[] = {f};
    struct error err = {0};
    struct task named = *t;
    named.series[0].frame = frame_hash(f);
    assert_null(dataset_build(&named, frames, DATASET_SEARCH, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    if (!strstr(err.text, part))
        fail_msg("'%s' does not say '%s'", err.text, part);
}

static int channel(const struct dataset *d, const char *name)
{
    for (size_t c = 0; c < d->channels; c++)
        if (strcmp(d->channel[c], name) == 0)
            return (int)c;
    return -1;
}

static bool reads_column(const struct dataset *d, const char *column)
{
    for (size_t c = 0; c < d->channels; c++) {
        size_t n = strlen(d->channel[c]), m = strlen(column);
        if (n > m && strcmp(d->channel[c] + n - m, column) == 0)
            return true;
    }
    return false;
}

static bool has_note(const struct dataset *d, const char *part)
{
    for (size_t i = 0; i < d->note_n; i++)
        if (strstr(d->note[i], part))
            return true;
    return false;
}

/* --- targets ----------------------------------------------------------------------------------------------------- */

static void test_returns(void **state)
{
    struct frame *f = make_frame(300, 0, DAY, false, 1);
    const struct frame *frames[] = {f};
    double *close = f->column[CLOSE].value;
    close[100] = close[98]; /* a return of zero is one, too */
    close[150] = -1;
    struct task t = make_task(frames, 1, 1, "return");
    t.horizon = 2;
    struct dataset *d = build(&t, frames, DATASET_SEARCH);
    size_t zeros = 0;
    (void)state;
    assert_int_equal(dataset_outputs(d), 1);
    assert_int_equal(d->dropped_zero, 0);
    for (size_t i = 0; i < d->samples; i++) {
        size_t bar = d->bar[i];
        assert_true(bar != 148 && (bar < 150 || bar > 153)); /* no window and no target holds the missing price */
        assert_true(d->target[i] == (float)vmath_log(close[bar + 2] / close[bar]));
        zeros += d->target[i] == 0;
    }
    assert_int_equal(zeros, 1);
    dataset_free(d);
    frame_free(f);
}

/* Labels of the bar itself: no input knows them, and the classes are those that may be seen. */
static void test_labels_of_the_bar_itself(void **state)
{
    struct frame *f = make_frame(300, 0, DAY, false, 2);
    const struct frame *frames[] = {f};
    double *label = f->column[STATE].value;
    label[20] = (double)NAN;
    label[290] = 77; /* sealed: not a class */
    struct task t = make_task(frames, 1, 1, "class:state");
    t.horizon = 0;
    struct dataset *d = build(&t, frames, DATASET_SEARCH), *opened = build(&t, frames, DATASET_OPENED);
    (void)state;
    assert_int_equal(d->classes, 3);
    assert_int_equal(dataset_outputs(d), 3);
    assert_string_equal(d->class_name[0], "-5");
    assert_string_equal(d->class_name[1], "0");
    assert_string_equal(d->class_name[2], "5");
    assert_null(d->price);
    assert_false(reads_column(d, "state") || channel(d, "label 0") >= 0);
    assert_true(reads_column(d, "signal"));
    size_t seen = 0;
    for (size_t i = 0; i < opened->samples; i++) {
        assert_true(opened->bar[i] != 20 && opened->bar[i] != 290);
        assert_true(d->class_value[(int)opened->target[i]] == label[opened->bar[i]]);
        seen += opened->bar[i] == 21;
    }
    assert_int_equal(seen, 1); /* a missing label costs its own sample alone */
    assert_int_equal(d->bar[d->samples - 1], d->bars - 1);
    assert_true(hash_equal(d->hash, opened->hash));
    assert_false(has_note(d, "late"));
    dataset_free(d);
    dataset_free(opened);
    t.series[0].lag_us = DAY; /* then not even the bar's own row tells it, which must be said */
    d = build(&t, frames, DATASET_SEARCH);
    assert_true(has_note(d, "--lag 0"));
    dataset_free(d);
    t.horizon = 1;
    d = build(&t, frames, DATASET_SEARCH);
    assert_false(has_note(d, "--lag 0"));
    dataset_free(d);
    frame_free(f);
}

/* Of a bar ahead: what was published of the label is an input, and no more. */
static void test_labels_of_a_bar_ahead(void **state)
{
    for (int64_t lag = 0; lag <= 2; lag++) {
        struct frame *f = make_frame(300, 0, DAY, false, 3);
        const struct frame *frames[] = {f};
        const double *label = f->column[STATE].value;
        struct task t = make_task(frames, 1, 1, "class:state");
        t.horizon = 2;
        t.series[0].lag_us = lag * DAY;
        struct dataset *d = build(&t, frames, DATASET_SEARCH);
        int middle = channel(d, "label 0"), top = channel(d, "label 5");
        assert_true(middle >= 0 && top >= 0 && channel(d, "label -5") < 0);
        assert_false(reads_column(d, "state"));
        for (size_t i = (size_t)lag; i < d->bars; i++) {
            double known = label[i - (size_t)lag];
            assert_true(d->feature[i * d->channels + (size_t)middle] == (known == 0 ? 1 : 0));
            assert_true(d->feature[i * d->channels + (size_t)top] == (known == 5 ? 1 : 0));
            assert_true(d->class_value[(int)d->past_label[i]] == known);
        }
        for (size_t i = 0; i < d->samples; i++)
            assert_true(d->class_value[(int)d->target[i]] == label[d->bar[i] + 2]);
        assert_int_equal(d->bar[d->samples - 1], d->bars - 3);
        dataset_free(d);
        frame_free(f);
    }
    (void)state;
}

/* Names are classes in the order of their bytes, whatever numbers stand for them in one file or another. */
static void test_named_classes(void **state)
{
    static const char *const spelling[2][3] = {{"early", "normal", "wide"}, {"normal", "wide", "zero"}};
    struct frame *f[2] = {make_frame(300, 0, DAY, false, 4), make_frame(300, 0, DAY, false, 5)};
    (void)state;
    for (int k = 0; k < 2; k++) {
        struct frame_column *c = &f[k]->column[STATE];
        for (size_t i = 0; i < 300; i++)
            c->value[i] = (c->value[i] + 5) / 5;
        c->label = memory_new(3, sizeof *c->label);
        c->labels = 3;
        for (int i = 0; i < 3; i++)
            text_copy(c->label[i], FRAME_LABEL_MAX, spelling[k][i]);
    }
    const struct frame *frames[] = {f[0], f[1]};
    struct task t = make_task(frames, 2, 2, "class:state");
    t.horizon = 0;
    struct dataset *d = build(&t, frames, DATASET_SEARCH);
    assert_int_equal(d->classes, 4);
    assert_string_equal(d->class_name[0], "early");
    assert_string_equal(d->class_name[3], "zero");
    for (size_t i = 0; i < d->samples; i++) {
        int k = dataset_asset_of(d, d->bar[i]);
        const struct frame_column *c = &f[k]->column[STATE];
        assert_string_equal(d->class_name[(int)d->target[i]], c->label[(int)c->value[d->bar[i] - d->asset[k].first]]);
    }
    dataset_free(d);
    free(f[1]->column[STATE].label);
    f[1]->column[STATE].label = NULL;
    f[1]->column[STATE].labels = 0;
    struct error err = {0};
    t.series[1].frame = frame_hash(f[1]);
    assert_null(dataset_build(&t, frames, DATASET_SEARCH, &err));
    assert_non_null(strstr(err.text, "names for one asset and numbers for another"));
    frame_free(f[0]);
    frame_free(f[1]);
}

static void test_what_is_no_class(void **state)
{
    struct frame *f = make_frame(300, 0, DAY, false, 6);
    const struct frame *frames[] = {f};
    struct task t = make_task(frames, 1, 1, "class:state");
    double *label = f->column[STATE].value;
    (void)state;
    label[50] = 0.5;
    refused(&t, f, "holds 0.5 at 1970-02-20");
    label[50] = INFINITY;
    refused(&t, f, "cannot be a class");
    for (int i = 0; i < 300; i++)
        label[i] = i % 65;
    refused(&t, f, "more than 64 different values");
    for (int i = 0; i < 300; i++)
        label[i] = i < 280 ? 3 : 4; /* the second one is sealed */
    refused(&t, f, "one value only");
    text_copy(t.label, sizeof t.label, "nothing");
    refused(&t, f, "no column 'nothing' to be the class");
    frame_free(f);
}

/* Whatever stands behind the seal, the visible data set keeps every bit: of prices, labels and all assets. */
static void test_sealed_values_do_not_matter(void **state)
{
    static const char *const target[] = {"direction", "return", "class:state"};
    (void)state;
    for (int k = 0; k < 3; k++) {
        struct frame *f[4] = {make_frame(300, 0, DAY, true, 7), make_frame(200, 120 * DAY, DAY, true, 8),
                              make_frame(300, 0, DAY, true, 7), make_frame(200, 120 * DAY, DAY, true, 8)};
        const struct frame *frames[] = {f[0], f[1]}, *spoilt[] = {f[2], f[3]};
        struct task t = make_task(frames, 2, 2, target[k]);
        struct dataset *a = build(&t, frames, DATASET_SEARCH);
        size_t changed = 0;
        for (int i = 2; i < 4; i++)
            for (size_t row = 0; row < f[i]->rows; row++)
                if (f[i]->time_us[row] + DAY >= a->sealed_first_us)
                    for (int c = 0; c < COLUMNS; c++, changed++)
                        f[i]->column[c].value[row] = c == STATE ? 60 : 1e6 + (double)row * (c + 1);
        assert_true(changed >= 4 * a->sealed_bars && a->sealed_bars > 50);
        struct task u = make_task(spoilt, 2, 2, target[k]);
        struct dataset *b = build(&u, spoilt, DATASET_SEARCH);
        assert_int_equal(a->bars, b->bars);
        assert_int_equal(a->channels, b->channels);
        assert_int_equal(a->classes, b->classes);
        assert_memory_equal(a->feature, b->feature, a->bars * a->channels * sizeof(float));
        assert_int_equal(a->samples, b->samples);
        assert_memory_equal(a->bar, b->bar, a->samples * sizeof *a->bar);
        assert_memory_equal(a->target, b->target, a->samples * sizeof *a->target);
        assert_memory_equal(a->fold, b->fold, sizeof a->fold);
        dataset_free(a);
        dataset_free(b);
        for (int i = 0; i < 4; i++)
            frame_free(f[i]);
    }
}

/* --- several assets ---------------------------------------------------------------------------------------------- */

/* Each asset's bars carry what it would have alone; samples stand in the order of time. */
static void test_assets_side_by_side(void **state)
{
    struct frame *f[3] = {make_frame(400, 0, DAY, true, 9), make_frame(250, 170 * DAY, DAY, true, 10),
                          make_frame(400, 0, DAY, false, 11)};
    const struct frame *frames[] = {f[0], f[1], f[2]};
    text_copy(f[2]->column[CLOSE].name, FRAME_NAME_MAX, "mood_a");
    struct task t = make_task(frames, 2, 3, "direction");
    struct dataset *d = build(&t, frames, DATASET_SEARCH), *opened = build(&t, frames, DATASET_OPENED);
    (void)state;
    assert_int_equal(d->asset[1].first, d->asset[0].bars);
    assert_int_equal(d->bars, d->asset[0].bars + d->asset[1].bars);
    assert_int_equal(opened->bars, d->bars + d->sealed_bars);
    assert_true(hash_equal(d->hash, opened->hash));
    int price = channel(d, "log_return close");
    assert_true(price >= 0);
    size_t sealed = 0;
    for (int k = 0; k < 2; k++) {
        const struct dataset_asset *a = &opened->asset[k];
        const double *close = f[k]->column[CLOSE].value;
        for (size_t i = 0; i < a->bars; i++) {
            int64_t time = opened->time_us[a->first + i];
            assert_int_equal(time, f[k]->time_us[i] + DAY);
            assert_int_equal(i < a->visible, time < d->sealed_first_us); /* one moment seals all */
            sealed += i >= a->visible;
            if (i > 0)
                assert_true(opened->feature[(a->first + i) * d->channels + (size_t)price] ==
                            (float)vmath_log(close[i] / close[i - 1]));
        }
    }
    assert_int_equal(sealed, d->sealed_bars);
    assert_in_range(sealed, (400 + 250) * 15 / 100, (400 + 250) * 15 / 100 + 2);
    for (size_t i = 1; i < d->samples; i++) {
        int64_t before = d->time_us[d->bar[i - 1]], now = d->time_us[d->bar[i]];
        assert_true(before < now || (before == now && d->bar[i - 1] < d->bar[i]));
    }
    for (size_t i = 0; i < d->samples; i++) {
        size_t bar = d->bar[i], k = (size_t)dataset_asset_of(d, bar);
        assert_true(bar + 1 - 4 >= d->asset[k].first && bar + 1 < d->asset[k].first + d->asset[k].bars);
        assert_true(d->target[i] == (d->price[bar + 1] > d->price[bar] ? 1.0f : 0.0f));
    }
    dataset_free(d);
    dataset_free(opened);
    for (int i = 0; i < 3; i++)
        frame_free(f[i]);
}

/* A channel that one asset lacks is left out for all, by name; one that is filled for one is filled for all. */
static void test_one_list_of_channels(void **state)
{
    struct frame *f[3] = {make_frame(400, 0, DAY, false, 12), make_frame(160, 240 * DAY, DAY, false, 13),
                          make_frame(200, 200 * DAY, DAY, false, 14)};
    const struct frame *frames[] = {f[0], f[1], f[2]};
    text_copy(f[0]->column[SIGNAL].name, FRAME_NAME_MAX, "AdrActCnt");
    for (int c = 0; c < COLUMNS; c++) {
        char name[8];
        snprintf(name, sizeof name, "m%d", c);
        text_copy(f[2]->column[c].name, FRAME_NAME_MAX, name);
    }
    struct task t = make_task(frames, 2, 3, "direction");
    struct dataset *d = build(&t, frames, DATASET_SEARCH);
    (void)state;
    assert_false(reads_column(d, "AdrActCnt") || reads_column(d, "signal"));
    assert_true(has_note(d, "AdrActCnt is left out: asset b lacks it"));
    assert_true(has_note(d, "signal is left out: asset a lacks it"));
    int present = channel(d, "present c"), shared = channel(d, "onchain_change c.m1");
    assert_true(present >= 0 && shared > present);
    for (int k = 0; k < 2; k++) {
        size_t on = 0;
        for (size_t i = d->asset[k].first; i < d->asset[k].first + d->asset[k].bars; i++) {
            float p = d->feature[i * d->channels + (size_t)present], v = d->feature[i * d->channels + (size_t)shared];
            assert_true((p == 0 || p == 1) && v == v && (p == 1 || v == 0));
            on += p == 1;
        }
        if (k == 0)
            assert_true(on > 0 && on < d->asset[0].bars); /* the series begins late for the one and is there for the other */
        else
            assert_int_equal(on, d->asset[1].bars);
    }
    dataset_free(d);
    for (int i = 0; i < 3; i++)
        frame_free(f[i]);
}

static void test_an_asset_behind_the_seal(void **state)
{
    struct frame *f[2] = {make_frame(400, 0, DAY, false, 15), make_frame(30, 390 * DAY, DAY, false, 16)};
    const struct frame *frames[] = {f[0], f[1]};
    struct task t = make_task(frames, 2, 2, "direction");
    struct error err = {0};
    (void)state;
    assert_null(dataset_build(&t, frames, DATASET_SEARCH, &err));
    assert_non_null(strstr(err.text, "series 'b' has 30 bars with a positive 'close', 0 of them before the hold-out"));
    frame_free(f[0]);
    frame_free(f[1]);
}

/* --- folds, by brute force --------------------------------------------------------------------------------------- */

#define SLOT (8 * HOUR)
#define SLOTS 4096

/* Marks the stretches of time that the bars which a sample reads lie in: its window, the bar before it, its target. */
static void mark(const struct dataset *d, bool *slot, size_t first, size_t end, int embargo)
{
    for (size_t i = first; i < end; i++) {
        const struct dataset_asset *a = &d->asset[dataset_asset_of(d, d->bar[i])];
        int64_t bar = (int64_t)(d->bar[i] - a->first), from = bar - d->task.lookback, to = bar + d->task.horizon + embargo;
        for (int64_t k = from < 0 ? 0 : from; k <= to && k < (int64_t)a->bars; k++) {
            int64_t close = d->time_us[a->first + (size_t)k];
            for (int64_t t = close - a->step_us; t < close; t += SLOT) {
                assert_in_range(t / SLOT, 0, SLOTS - 1);
                slot[t / SLOT] = true;
            }
        }
    }
}

static bool meet(const struct dataset *d, size_t a, size_t a_end, size_t b, size_t b_end, int embargo)
{
    bool one[SLOTS] = {0}, other[SLOTS] = {0}, both = false;
    mark(d, one, a, a_end, embargo);
    mark(d, other, b, b_end, 0);
    for (int i = 0; i < SLOTS; i++)
        both = both || (one[i] && other[i]);
    return both;
}

static void check_folds(const struct dataset *d)
{
    for (int k = 0; k < d->folds; k++) {
        const struct dataset_fold *f = &d->fold[k];
        size_t train_end, stop;
        assert_true(f->train_first == 0 && f->train_end > 0 && f->train_end <= f->valid_first);
        assert_true(f->valid_first < f->valid_end && f->valid_end <= d->visible_samples);
        assert_false(meet(d, 0, f->train_end, f->valid_first, f->valid_end, d->task.embargo));
        assert_true(f->train_end == f->valid_first ||
                    dataset_span_of(d, f->train_end).until_us > dataset_span_of(d, f->valid_first).from_us ||
                    d->task.assets > 1);
        if (k > 0)
            assert_int_equal(d->fold[k - 1].valid_end, f->valid_first);
        assert_true(d->time_us[d->bar[f->valid_first - 1]] < d->time_us[d->bar[f->valid_first]]);
        if (!dataset_early_stop(d, 0, f->train_end, 0.2, &train_end, &stop))
            continue;
        assert_true(train_end > 0 && train_end <= stop && stop < f->train_end);
        assert_false(meet(d, 0, train_end, stop, f->train_end, d->task.embargo));
    }
    assert_int_equal(d->fold[d->folds - 1].valid_end, d->visible_samples);
}

/* Windows and targets of random tasks: several assets that begin and end apart, of days and of eight hours, with holes. */
static void test_no_bar_is_read_by_both_sides(void **state)
{
    static const char *const target[] = {"direction", "return", "class:state"};
    int built = 0, pooled = 0;
    (void)state;
    for (uint32_t seed = 0; seed < 120; seed++) {
        struct random r = random_start(seed, RANDOM_TEST, 91, 0);
        int assets = 1 + (int)random_below(&r, 3);
        struct frame *f[3];
        for (int i = 0; i < assets; i++) {
            bool fine = random_below(&r, 3) == 0;
            f[i] = make_frame(150 + random_below(&r, 250), random_below(&r, 150) * DAY, fine ? SLOT : DAY,
                              random_below(&r, 2), seed * 8 + (uint32_t)i);
        }
        struct task t = make_task((const struct frame *const *)f, assets, assets, target[random_below(&r, 3)]);
        t.lookback = 1 + (int)random_below(&r, 12);
        t.horizon = (int)random_below(&r, 6) + (t.target != TASK_CLASS);
        t.embargo = (int)random_below(&r, 5);
        t.stride = 1 + (int)random_below(&r, 3);
        t.folds = 1 + (int)random_below(&r, 4);
        struct error err = {0};
        struct dataset *d = dataset_build(&t, (const struct frame *const *)f, DATASET_SEARCH, &err);
        if (d) {
            check_folds(d);
            built++;
            pooled += assets > 1;
        } else {
            assert_int_equal(err.kind, ERROR_DATA); /* too little is left, or an asset lies behind the seal */
        }
        dataset_free(d);
        for (int i = 0; i < assets; i++)
            frame_free(f[i]);
    }
    assert_true(built > 70 && pooled > 35);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_returns),
        cmocka_unit_test(test_labels_of_the_bar_itself),
        cmocka_unit_test(test_labels_of_a_bar_ahead),
        cmocka_unit_test(test_named_classes),
        cmocka_unit_test(test_what_is_no_class),
        cmocka_unit_test(test_sealed_values_do_not_matter),
        cmocka_unit_test(test_assets_side_by_side),
        cmocka_unit_test(test_one_list_of_channels),
        cmocka_unit_test(test_an_asset_behind_the_seal),
        cmocka_unit_test(test_no_bar_is_read_by_both_sides),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
