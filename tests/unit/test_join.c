/* The as-of join and the folds: a bar sees what was published by its close, and training never touches validation. */
#include "test_support.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "data/join.h"
#include "data/split.h"
#include "data/stamp.h"

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

/* --- folds ------------------------------------------------------------------------------------------------------- */

static void test_folds_are_apart(void **state)
{
    struct random r = random_start(5, RANDOM_TEST, 4, 0);
    (void)state;
    for (int round = 0; round < 200; round++) {
        uint32_t bar[2000], at = 0;
        size_t lookback = 1 + random_below(&r, 40), horizon = 1 + random_below(&r, 5), embargo = random_below(&r, 10);
        int folds = 1 + (int)random_below(&r, 8);
        for (size_t i = 0; i < ARRAY_N(bar); i++) {
            at += 1 + random_below(&r, 3);
            bar[i] = at;
        }
        struct dataset_fold fold[DATASET_FOLDS_MAX];
        struct error err = {0};
        assert_true(split_folds(fold, folds, bar, ARRAY_N(bar), lookback + horizon + embargo, &err));
        for (int k = 0; k < folds; k++) {
            assert_int_equal(fold[k].valid_end - fold[k].valid_first, ARRAY_N(bar) / (size_t)(folds + 1));
            assert_int_equal(fold[k].valid_end, k + 1 < folds ? fold[k + 1].valid_first : ARRAY_N(bar));
            assert_int_equal(fold[k].train_first, 0);
            size_t last_read = bar[fold[k].train_end - 1] + horizon;     /* by training, as a target */
            size_t first_read = bar[fold[k].valid_first] - lookback + 1; /* by validation, as an input */
            assert_true(last_read + embargo < first_read);
            /* and nothing more is given up than must be */
            assert_true(bar[fold[k].train_end] + lookback + horizon + embargo >= bar[fold[k].valid_first]);
        }
    }
}

static void test_too_few_samples(void **state)
{
    uint32_t bar[60];
    struct dataset_fold fold[DATASET_FOLDS_MAX];
    struct error err = {0};
    (void)state;
    for (uint32_t i = 0; i < 60; i++)
        bar[i] = i;
    assert_true(split_folds(fold, 1, bar, 60, 10, &err));
    assert_int_equal(fold[0].train_end, 20);
    assert_false(split_folds(fold, 1, bar, 60, 15, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_false(split_folds(fold, 20, bar, 60, 1, &err));
    assert_false(split_folds(fold, 1, bar, 0, 1, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_period_ends),        cmocka_unit_test(test_weekly_trap),
        cmocka_unit_test(test_against_definition), cmocka_unit_test(test_nothing_from_the_future),
        cmocka_unit_test(test_folds_are_apart),    cmocka_unit_test(test_too_few_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
