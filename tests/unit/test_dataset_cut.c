/* Files cut off early give the same bits, on random tables, features, targets and assets; and what does not is found. */
#include "test_support.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "data/set/dataset_cut.h"

#include <math.h>

#define DAY CLOCK_DAY_US
#define HOUR (3600 * CLOCK_SECOND_US)

static struct frame *table(struct random *r, const char *const *name, size_t columns, size_t rows, int64_t first_us,
                           int64_t step_us)
{
    struct frame *f = frame_new(rows, columns, NULL);
    int64_t t = first_us;
    double price = 100;
    for (size_t c = 0; c < columns; c++)
        text_copy(f->column[c].name, FRAME_NAME_MAX, name[c]);
    for (size_t i = 0; i < rows; i++) {
        f->time_us[i] = t;
        t += step_us * (random_below(r, 40) ? 1 : 2 + random_below(r, 4));
        price *= 0.97 + 0.0605 * random_unit(r);
        for (size_t c = 0; c < columns; c++) {
            double v = price * (1 + 0.05 * random_unit(r) + (c == 1 ? 0.05 : c == 2 ? -0.1 : 0));
            v = strcmp(name[c], "state") == 0  ? (double)((i / 5) % 3)
                : strcmp(name[c], "mood") == 0 ? (double)random_below(r, 101)
                                               : v;
            f->column[c].value[i] = c > 2 && random_below(r, 60) == 0 ? (double)NAN : v;
        }
    }
    frame_find_step(f);
    return f;
}

static const char *const base_name[] = {"close", "high", "low", "volume", "TxCnt", "odd", "state"};
static const char *const other_name[] = {"AdrActCnt", "mood"};
static const char *const features[] = {
    "usual", "usual,rsi:5,macd:2:4:3,calendar", "mean:7,std:7,momentum:3,volume_zscore:5,ratio:6,difference:2",
    "level,change,calendar", "log_return,range,sentiment,ratio"};

struct case_of {
    struct task task;
    struct frame *frame[4];
    int n;
};

static void put_series(struct case_of *c, const char *name, struct frame *f, struct random *r, int asset, bool daily)
{
    struct task_series *s = &c->task.series[c->n];
    c->frame[c->n++] = f;
    text_copy(s->name, sizeof s->name, name);
    *s = (struct task_series){.frame = frame_hash(f),
                              .stamp = daily ? CSV_STAMP_DATE : random_below(r, 2) ? CSV_STAMP_OPEN : CSV_STAMP_CLOSE,
                              .lag_us = (int64_t)random_below(r, 3) * DAY,
                              .asset = asset};
    text_copy(s->name, sizeof s->name, name);
    c->task.series_n = c->n;
}

static struct case_of *random_case(uint64_t seed)
{
    struct random r = random_start(seed, RANDOM_TEST, 30, 0);
    struct case_of *c = NEW(struct case_of);
    int assets = 1 + (int)random_below(&r, 2);
    bool daily = random_below(&r, 2);
    int64_t start = clock_days(2020, 1, 1) * DAY, step = daily ? DAY : HOUR;
    task_defaults(&c->task);
    c->task.assets = assets;
    for (int i = 0; i < assets; i++) {
        put_series(c, i ? "b" : "a", table(&r, base_name, 7, 300 + random_below(&r, 100), start + i * 20 * step, step), &r,
                   i, daily);
        c->task.asset[i].base = i;
        text_copy(c->task.asset[i].name, FRAME_NAME_MAX, i ? "b" : "a");
        text_copy(c->task.asset[i].price, FRAME_NAME_MAX, "close");
    }
    put_series(c, "chain", table(&r, other_name, 2, 60 + random_below(&r, 300), start - 5 * DAY, random_below(&r, 2) ? DAY : 6 * HOUR),
               &r, TASK_SHARED, false);
    static const char *const target[] = {"direction", "return", "class:state"};
    assert_true(task_set_target(&c->task, target[random_below(&r, 3)], NULL));
    c->task.lookback = 1 + (int)random_below(&r, 6);
    c->task.horizon = 1 + (int)random_below(&r, 3);
    c->task.folds = 2;
    c->task.seed = seed;
    c->task.missing = random_below(&r, 2) ? TASK_MISSING_MASK : TASK_MISSING_DROP;
    text_copy(c->task.features, sizeof c->task.features, features[random_below(&r, ARRAY_N(features))]);
    assert_true(task_settle(&c->task, NULL));
    return c;
}

static void case_free(struct case_of *c)
{
    for (int i = 0; i < c->n; i++)
        frame_free(c->frame[i]);
    free(c);
}

static const struct frame *const *frames_of(const struct case_of *c)
{
    return (const struct frame *const *)c->frame;
}

static struct dataset *build(const struct case_of *c)
{
    struct error err = {0};
    struct dataset *d = dataset_build(&c->task, frames_of(c), DATASET_SEARCH, &err);
    if (!d)
        fail_msg("%s", err.text);
    return d;
}

static struct dataset_cut check(const struct dataset *d, const struct case_of *c)
{
    struct dataset_cut cut;
    struct error err = {0};
    if (!dataset_cut_check(&cut, d, frames_of(c), 6, &err))
        fail_msg("%s", err.text);
    return cut;
}

static void test_random_tables(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 150; seed++) {
        struct case_of *c = random_case(seed);
        struct dataset *d = build(c);
        struct dataset_cut cut = check(d, c);
        if (cut.differs)
            fail_msg("seed %d: %s %s", (int)seed, cut.channel, cut.text);
        assert_int_equal(cut.cuts, 7);
        assert_true(cut.compared > d->visible_bars);
        dataset_free(d);
        case_free(c);
    }
}

/* A feature with a bit that the files do not give, wherever it stands, is found and named. */
static void test_a_foreign_bit(void **state)
{
    struct random r = random_start(1, RANDOM_TEST, 31, 0);
    (void)state;
    for (uint64_t seed = 0; seed < 30; seed++) {
        struct case_of *c = random_case(seed);
        struct dataset *d = build(c);
        size_t bar = d->asset[0].first + random_below(&r, (uint32_t)d->asset[0].visible);
        size_t channel = random_below(&r, (uint32_t)d->channels);
        d->feature[bar * d->channels + channel] = nextafterf(d->feature[bar * d->channels + channel], 1e30f);
        if (d->feature[bar * d->channels + channel] == d->feature[bar * d->channels + channel]) {
            struct dataset_cut cut = check(d, c);
            assert_true(cut.differs);
            assert_string_equal(cut.channel, d->channel[channel]);
            assert_true(cut.bar_us == d->time_us[bar]);
        }
        dataset_free(d);
        case_free(c);
    }
}

/* A data set that was built from later values: its price column was smoothed with the bar to come. */
static void test_a_look_ahead(void **state)
{
    struct case_of *c = random_case(3);
    (void)state;
    text_copy(c->task.features, sizeof c->task.features, "log_return");
    struct dataset *d = build(c);
    for (size_t i = d->asset[0].first; i + 1 < d->asset[0].first + d->asset[0].visible; i++)
        d->feature[i * d->channels] = d->feature[(i + 1) * d->channels];
    struct dataset_cut cut = check(d, c);
    assert_true(cut.differs);
    assert_string_equal(cut.channel, d->channel[0]);
    dataset_free(d);
    case_free(c);
}

/* Which channels there are is checked too: one that only the sealed rows would bring in. */
static void test_a_choice_by_the_future(void **state)
{
    struct case_of *c = random_case(4);
    (void)state;
    struct dataset *d = build(c);
    text_copy(d->channel[d->channels - 1], FRAME_NAME_MAX, "another");
    struct dataset_cut cut = check(d, c);
    assert_true(cut.differs && cut.channel[0] == '\0');
    dataset_free(d);
    case_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_tables),
        cmocka_unit_test(test_a_foreign_bit),
        cmocka_unit_test(test_a_look_ahead),
        cmocka_unit_test(test_a_choice_by_the_future),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
