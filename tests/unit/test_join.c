/* The as-of join, up to the channels: a bar sees what was published by its close and nothing else. */
#include "test_support.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "data/join.h"
#include "data/read/stamp.h"
#include "data/set/channel.h"

#include <math.h>

#define DAY CLOCK_DAY_US
#define HOUR (3600 * CLOCK_SECOND_US)

static void test_period_ends(void **state)
{
    (void)state;
    assert_int_equal(stamp_period_end(CSV_STAMP_OPEN, 10 * HOUR, HOUR), 11 * HOUR);
    assert_int_equal(stamp_period_end(CSV_STAMP_CLOSE, 10 * HOUR, HOUR), 10 * HOUR);
    assert_int_equal(stamp_period_end(CSV_STAMP_DATE, 3 * DAY, DAY), 4 * DAY);
    assert_int_equal(stamp_period_end(CSV_STAMP_DATE, 3 * DAY, 7 * DAY), 10 * DAY);
    assert_int_equal(stamp_period_end(CSV_STAMP_DATE, 3 * DAY, 0), 4 * DAY);
}

/* A weekly value dated on the Sunday its week begins is known a week later, and a lag comes on top. */
static void test_weekly_trap(void **state)
{
    struct frame *f = frame_new(2, 1, NULL);
    int64_t published[2];
    (void)state;
    f->time_us[0] = 0;
    f->time_us[1] = 7 * DAY;
    f->step_us = 7 * DAY;
    f->column[0].value[0] = 1;
    f->column[0].value[1] = 2;
    join_published(published, f, CSV_STAMP_DATE, DAY);
    assert_int_equal(published[0], 8 * DAY);
    const int64_t at[] = {
        8 * DAY - 1, 8 * DAY, 15 * DAY - 1, 15 * DAY, 15 * DAY + 4 * 7 * DAY, 15 * DAY + 4 * 7 * DAY + 1};
    const double wanted[] = {(double)NAN, 1, 1, 2, 2, (double)NAN};
    double out[6];
    join_as_of(out, at, 6, f->column[0].value, published, 2, join_stale(f));
    for (int i = 0; i < 6; i++)
        assert_true(isnan(wanted[i]) ? isnan(out[i]) : out[i] == wanted[i]);
    frame_free(f);
}

/* Against the definition, on random series with holes, lags and steps. */
static void test_against_definition(void **state)
{
    struct random r = random_start(3, RANDOM_TEST, 2, 0);
    (void)state;
    for (int round = 0; round < 300; round++) {
        enum { ROWS = 40, BARS = 60 };
        double value[ROWS], out[BARS];
        int64_t published[ROWS], at[BARS], stale = 1 + random_below(&r, 30);
        int64_t time = 0;
        for (int i = 0; i < ROWS; i++) {
            time += 1 + random_below(&r, 6);
            published[i] = time;
            value[i] = random_below(&r, 4) == 0 ? (double)NAN : random_unit(&r);
        }
        time = -5;
        for (int i = 0; i < BARS; i++) {
            time += 1 + random_below(&r, 5);
            at[i] = time;
        }
        join_as_of(out, at, BARS, value, published, ROWS, stale);
        for (int i = 0; i < BARS; i++) {
            double wanted = (double)NAN;
            for (int k = 0; k < ROWS; k++)
                if (published[k] <= at[i] && !isnan(value[k]))
                    wanted = at[i] - published[k] <= stale ? value[k] : (double)NAN;
            assert_true(isnan(wanted) ? isnan(out[i]) : out[i] == wanted);
        }
    }
}

/* Whatever is published after a bar's close may change at will: the bar does not move. */
static void test_nothing_from_the_future(void **state)
{
    struct random r = random_start(4, RANDOM_TEST, 3, 0);
    enum { ROWS = 50, BARS = 50 };
    double value[ROWS], before[BARS], after[BARS];
    int64_t published[ROWS], at[BARS];
    (void)state;
    for (int i = 0; i < ROWS; i++) {
        value[i] = random_unit(&r);
        published[i] = i * 24 + 24 + (int64_t)random_below(&r, 24);
        at[i] = i * 24 + (int64_t)random_below(&r, 24);
    }
    join_as_of(before, at, BARS, value, published, ROWS, 1000);
    for (int bar = 0; bar < BARS; bar++) {
        double other[ROWS];
        for (int i = 0; i < ROWS; i++)
            other[i] = published[i] > at[bar] ? -1 : value[i];
        join_as_of(after, at, BARS, other, published, ROWS, 1000);
        assert_memory_equal(before, after, (size_t)(bar + 1) * sizeof *before);
    }
}

/* --- the whole way: files to channels ----------------------------------------------------------------------------- */

enum { BARS = 60, ROWS_MOST = 300 };

/* A series of one column with a step, a stamp and a lag of its own, with holes and gaps. */
struct other {
    struct frame *frame;
    struct task_series of;
};

static struct other random_series(struct random *r, const char *column)
{
    static const int64_t step[] = {HOUR / 2, HOUR, 7 * HOUR, DAY, 3 * DAY};
    static const int64_t lag[] = {0, 1, HOUR, DAY, 2 * DAY};
    size_t rows = 20 + random_below(r, 100);
    struct other o = {.frame = frame_new(rows, 1, NULL)};
    int64_t t = -5 * DAY + (int64_t)random_below(r, 24) * HOUR;
    o.frame->step_us = step[random_below(r, ARRAY_N(step))];
    text_copy(o.frame->column[0].name, FRAME_NAME_MAX, column);
    for (size_t i = 0; i < rows; i++) {
        o.frame->time_us[i] = t;
        o.frame->column[0].value[i] = random_below(r, 6) ? 1 + random_unit(r) : (double)NAN;
        t += o.frame->step_us * (random_below(r, 8) ? 1 : 1 + random_below(r, 9));
    }
    o.of = (struct task_series){.name = "other",
                                .stamp = (enum csv_stamp)(CSV_STAMP_OPEN + random_below(r, 3)),
                                .lag_us = lag[random_below(r, ARRAY_N(lag))]};
    return o;
}

/* The value that a bar sees, by the definition: of the rows published at or before its close the newest that is not
 * empty, if that was not too long ago. */
static double seen_by_definition(const struct other *o, int64_t close, bool base)
{
    double value = (double)NAN;
    int64_t stale = o->frame->step_us * 4 > DAY ? o->frame->step_us * 4 : DAY, lag = o->of.lag_us, least;
    char reason[192];
    least = dataset_default_lag(o->frame, o->of.stamp, reason, sizeof reason);
    lag = base && least > lag ? least : lag;
    for (size_t i = 0; i < o->frame->rows; i++) {
        int64_t known = stamp_period_end(o->of.stamp, o->frame->time_us[i], o->frame->step_us) + lag;
        if (known <= close && !isnan(o->frame->column[0].value[i]))
            value = close - known <= stale ? o->frame->column[0].value[i] : (double)NAN;
    }
    return value;
}

static void test_channels_by_definition(void **state)
{
    struct random r = random_start(6, RANDOM_TEST, 5, 0);
    struct feature_list list;
    size_t seen = 0;
    (void)state;
    assert_true(feature_list_read(&list, "level", NULL));
    for (int round = 0; round < 400; round++) {
        bool base = random_below(&r, 2);
        struct other o = random_series(&r, "metric");
        struct channel_series s;
        struct channel c = {.spec = list.spec[0]};
        int64_t close[BARS];
        double out[BARS];
        assert_true(channel_series_start(&s, o.frame, &o.of, base, true, NULL));
        for (int i = 0; i < BARS; i++) /* some closes are to the microsecond those of a row's publication */
            close[i] = random_below(&r, 3) ? s.published_us[0] + i * 5 * HOUR
                                           : s.published_us[random_below(&r, (uint32_t)o.frame->rows)];
        for (int i = 1; i < BARS; i++)
            for (int k = i; k > 0 && close[k] < close[k - 1]; k--) {
                int64_t swap = close[k];
                close[k] = close[k - 1];
                close[k - 1] = swap;
            }
        assert_true(channel_values(out, &c, &s, close, BARS, NULL));
        for (int i = 0; i < BARS; i++) {
            double wanted = seen_by_definition(&o, close[i], base);
            assert_true(isnan(wanted) ? isnan(out[i]) : out[i] == wanted);
            seen += isnan(wanted) ? 0 : 1;
        }
        channel_series_free(&s);
        frame_free(o.frame);
    }
    assert_true(seen > 400 * BARS / 10);
}

/* A daily metric is not used on its own day, whatever the stamps of its file are, unless a person said so. */
static void test_not_on_its_own_day(void **state)
{
    (void)state;
    for (int stamp = CSV_STAMP_OPEN; stamp <= CSV_STAMP_DATE; stamp++) {
        struct frame *f = frame_new(10, 1, NULL);
        char reason[192];
        int64_t published[10];
        text_copy(f->column[0].name, FRAME_NAME_MAX, "TxCnt");
        for (int i = 0; i < 10; i++) {
            f->time_us[i] = (stamp == CSV_STAMP_CLOSE ? i + 1 : i) * DAY; /* each of day i */
            f->column[0].value[i] = i;
        }
        f->step_us = DAY;
        join_published(published, f, (enum csv_stamp)stamp, dataset_default_lag(f, (enum csv_stamp)stamp, reason, 192));
        for (int i = 0; i < 10; i++) {
            double out;
            int64_t own_close = (i + 1) * DAY;
            join_as_of(&out, &own_close, 1, f->column[0].value, published, 10, join_stale(f));
            assert_true(i == 0 ? isnan(out) : out == i - 1);
        }
        frame_free(f);
    }
}

static void test_months_end_with_the_calendar(void **state)
{
    int64_t usual[] = {28 * DAY, 30 * DAY, 31 * DAY};
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(stamp_period_end(CSV_STAMP_DATE, clock_days(2023, 2, 1) * DAY, usual[i]),
                         clock_days(2023, 3, 1) * DAY);
        assert_int_equal(stamp_period_end(CSV_STAMP_OPEN, clock_days(2023, 12, 1) * DAY, usual[i]),
                         clock_days(2024, 1, 1) * DAY);
        assert_int_equal(stamp_period_end(CSV_STAMP_OPEN, clock_days(2023, 5, 15) * DAY, usual[i]),
                         clock_days(2023, 6, 15) * DAY);
        assert_int_equal(stamp_period_end(CSV_STAMP_CLOSE, clock_days(2023, 5, 31) * DAY, usual[i]),
                         clock_days(2023, 5, 31) * DAY);
    }
    assert_int_equal(stamp_period_end(CSV_STAMP_OPEN, clock_days(1968, 10, 1) * DAY, 91 * DAY),
                     clock_days(1969, 1, 1) * DAY);
    assert_int_equal(stamp_period_end(CSV_STAMP_OPEN, clock_days(2024, 1, 1) * DAY, 365 * DAY),
                     clock_days(2025, 1, 1) * DAY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_period_ends),
        cmocka_unit_test(test_months_end_with_the_calendar),
        cmocka_unit_test(test_weekly_trap),
        cmocka_unit_test(test_against_definition),
        cmocka_unit_test(test_nothing_from_the_future),
        cmocka_unit_test(test_channels_by_definition),
        cmocka_unit_test(test_not_on_its_own_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
