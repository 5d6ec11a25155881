/* Features of bars as they come: bit for bit those of a data set, however the rows are cut. */
#include "tests/unit/test_support.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "data/set/dataset.h"
#include "data/set/follow.h"

#include <math.h>

#define HOUR_US (INT64_C(3600) * CLOCK_SECOND_US)

enum { ROWS = 700, DAYS = 40 };

struct set {
    struct task task;
    struct frame *frame[3];
    const struct frame *const *frames;
    struct dataset *data;
};

static double noise(struct random *r)
{
    return random_unit(r) - 0.5;
}

static struct frame *frame_of(size_t rows, const char *const *names, size_t columns, int64_t first_us, int64_t step_us)
{
    struct frame *f = frame_new(rows, columns, NULL);
    assert_non_null(f);
    for (size_t c = 0; c < columns; c++)
        text_copy(f->column[c].name, sizeof f->column[c].name, names[c]);
    for (size_t i = 0; i < rows; i++)
        f->time_us[i] = first_us + (int64_t)i * step_us;
    f->step_us = step_us;
    return f;
}

/* Hourly bars with a metric that is published late, holes, a gap and rows before the first price. */
static struct frame *market(struct random *r)
{
    static const char *const names[] = {"open", "high", "low", "close", "volume", "AdrActCnt", "state"};
    struct frame *f = frame_of(ROWS, names, 7, 0, HOUR_US);
    double p = 100;
    for (size_t i = 0; i < ROWS; i++) {
        double o = p;
        p *= 1 + 0.02 * noise(r);
        f->column[0].value[i] = o;
        f->column[1].value[i] = (o > p ? o : p) * 1.003;
        f->column[2].value[i] = (o < p ? o : p) * 0.998;
        f->column[3].value[i] = p;
        f->column[4].value[i] = 5 + 4 * noise(r);
        f->column[5].value[i] = 1000 + 300 * noise(r);
        f->column[6].value[i] = i < 3 ? (double)NAN : (double)(random_u32(r) % 3);
        if (i > 400)
            f->time_us[i] += 9 * HOUR_US;
        if (i == 77 || i == 300)
            f->column[5].value[i] = f->column[4].value[i] = (double)NAN;
        if (i < 2 || i == 500)
            for (size_t c = 0; c < 4; c++)
                f->column[c].value[i] = (double)NAN;
    }
    return f;
}

static struct frame *mood(struct random *r, size_t rows)
{
    static const char *const names[] = {"fear_greed"};
    struct frame *f = frame_of(rows, names, 1, -3 * CLOCK_DAY_US, CLOCK_DAY_US);
    for (size_t i = 0; i < rows; i++)
        f->column[0].value[i] = i % 9 == 4 ? (double)NAN : floor(50 + 80 * noise(r));
    return f;
}

static void set_new(struct set *s, const char *target, const char *features, enum task_missing missing)
{
    struct random r = random_start(5, RANDOM_LEAK, 0, 0);
    struct error err = {0};
    *s = (struct set){.frames = (const struct frame *const *)s->frame};
    task_defaults(&s->task);
    s->frame[0] = market(&r);
    s->frame[1] = mood(&r, DAYS);
    s->task.series_n = 2;
    s->task.assets = 1;
    s->task.series[0] = (struct task_series){.name = "m", .stamp = CSV_STAMP_OPEN, .frame = frame_hash(s->frame[0])};
    s->task.series[1] = (struct task_series){.name = "mood",
                                             .stamp = CSV_STAMP_DATE,
                                             .frame = frame_hash(s->frame[1]),
                                             .lag_us = 2 * HOUR_US,
                                             .asset = TASK_SHARED};
    s->task.asset[0] = (struct task_asset){.name = "m", .price = "close"};
    assert_true(task_set_target(&s->task, target, &err));
    s->task.lookback = 12;
    s->task.folds = 2;
    s->task.horizon = 2;
    s->task.missing = missing;
    text_copy(s->task.features, sizeof s->task.features, features);
    assert_true(task_settle(&s->task, &err));
    s->data = dataset_build(&s->task, s->frames, DATASET_OPENED, &err);
    if (!s->data)
        fail_msg("%s", err.text);
}

static void set_free(struct set *s)
{
    dataset_free(s->data);
    frame_free(s->frame[0]);
    frame_free(s->frame[1]);
    frame_free(s->frame[2]);
}

static void compare(const struct set *s, const struct follow_bars *b, size_t i, size_t bar)
{
    const struct dataset *d = s->data;
    assert_int_equal(b->close_us[i], d->time_us[bar]);
    for (size_t c = 0; c < d->channels; c++) {
        float x = b->feature[i * d->channels + c], y = d->feature[bar * d->channels + c];
        if (memcmp(&x, &y, sizeof x) != 0 && !(isnan(x) && isnan(y)))
            fail_msg("bar %zu, %s: %.9g and not %.9g", bar, d->channel[c], (double)x, (double)y);
    }
}

/* Is the bar one that a sample ends at, its target aside? */
static bool whole(const struct dataset *d, size_t bar)
{
    size_t lookback = (size_t)d->task.lookback;
    if (bar + 1 < lookback)
        return false;
    for (size_t i = bar + 1 - lookback; i <= bar; i++) {
        if (i > bar + 1 - lookback && d->time_us[i] - d->time_us[i - 1] > DATASET_GAP_STEPS * d->asset[0].step_us)
            return false;
        if (d->task.target != TASK_CLASS && !(d->price[i] > 0))
            return false;
        for (size_t c = 0; c < d->channels; c++)
            if (isnan(d->feature[i * d->channels + c]))
                return false;
    }
    return true;
}

/* Takes all rows in pieces; the first `from` of them are not there. */
static void run(struct set *s, struct random *r, size_t from, size_t sure)
{
    struct error err = {0};
    struct follow *f = follow_new(s->data, 0, s->frames, &err);
    assert_non_null(f);
    size_t *column = NEW_ARRAY(size_t, follow_reads(f));
    assert_true(follow_columns(column, f, s->frame[0], "m", &err));
    size_t bar = 0, wholes = 0, before = 0; /* rows before the first bar of the data set */
    while (follow_close(f, s->frame[0]->time_us[before]) < s->data->time_us[0])
        before++;
    for (size_t at = from; at < ROWS;) {
        size_t end = at + 1 + random_u32(r) % 90;
        at += follow_take(f, s->frame[0], column, at, end < ROWS ? end : ROWS);
        const struct follow_bars *b = follow_bars(f);
        for (size_t i = 0; i < b->n; i++) {
            bar = b->first_row + i - before;
            if (bar >= s->data->bars || bar + before < from + sure)
                continue;
            compare(s, b, i, bar);
            assert_int_equal(b->lack[i] == FOLLOW_WHOLE, whole(s->data, bar));
            wholes += b->lack[i] == FOLLOW_WHOLE;
        }
    }
    assert_true(wholes > 100);
    free(column);
    follow_free(f);
}

#define RICH                                                                                                           \
    "log_return,range,volume_change,onchain_change,sentiment,mean:20,std:7,momentum:5,volume_zscore:9,ratio:30,rsi:"   \
    "14,macd:3:6:4,calendar"

static void any_cut_gives_the_same_bits(void **state)
{
    static const struct {
        const char *target, *features;
        enum task_missing missing;
    } each[] = {{"direction", RICH, TASK_MISSING_DROP},
                {"return", RICH, TASK_MISSING_MASK},
                {"direction", "usual", TASK_MISSING_DROP},
                {"class:state", "log_return,onchain_change,sentiment", TASK_MISSING_MASK}};
    (void)state;
    for (size_t k = 0; k < ARRAY_N(each); k++) {
        struct random r = random_start(k, RANDOM_LEAK, 1, 0);
        struct set s;
        set_new(&s, each[k].target, each[k].features, each[k].missing);
        for (int i = 0; i < 3; i++)
            run(&s, &r, 0, 0);
        set_free(&s);
    }
}

/* Rows that begin later give the same as soon as what is looked back at is there. */
static void the_past_that_is_needed_is_enough(void **state)
{
    struct random r = random_start(3, RANDOM_LEAK, 2, 0);
    struct set s;
    struct error err = {0};
    (void)state;
    set_new(&s, "direction", RICH, TASK_MISSING_DROP);
    struct follow *f = follow_new(s.data, 0, s.frames, &err);
    size_t rows = follow_rows_before(f) + (size_t)(follow_span_before(f) / HOUR_US);
    assert_true(rows < 120);
    follow_free(f);
    run(&s, &r, 150, rows);
    set_free(&s);
}

static void a_column_that_is_missing_is_named(void **state)
{
    static const char *const names[] = {"open", "high", "low", "close", "volume"};
    struct error err = {0};
    struct set s;
    size_t column[32];
    (void)state;
    set_new(&s, "direction", "usual", TASK_MISSING_DROP);
    struct follow *f = follow_new(s.data, 0, s.frames, &err);
    s.frame[2] = frame_of(3, names, 5, 0, HOUR_US);
    assert_false(follow_columns(column, f, s.frame[2], "new.csv", &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_non_null(strstr(err.text, "new.csv has no column 'AdrActCnt'"));
    assert_non_null(strstr(err.text, "it has: open, high, low, close, volume"));
    follow_free(f);
    set_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_cut_gives_the_same_bits),
        cmocka_unit_test(the_past_that_is_needed_is_enough),
        cmocka_unit_test(a_column_that_is_missing_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
