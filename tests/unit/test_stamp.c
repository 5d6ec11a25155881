/* What a row's time says about its period, and how the file tells. */
#include "test_support.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/read/stamp.h"
#include "data/read/timeline.h"

#define ROWS 40

struct series {
    struct frame *frame;
    struct timeline time;
};

static const char *const bars[] = {"Open", "High", "Low", "Close"}, *const value[] = {"load"};

static void make(struct series *s, const char *name, const char *const *column, size_t columns, int64_t first_us,
                 int64_t step_us, bool has_clock)
{
    s->frame = frame_new(ROWS, columns, NULL);
    s->time = (struct timeline){.format = {.has_clock = has_clock}};
    text_copy(s->time.name, sizeof s->time.name, name);
    for (size_t c = 0; c < columns; c++)
        text_copy(s->frame->column[c].name, sizeof s->frame->column[c].name, column[c]);
    for (int64_t i = 0; i < ROWS; i++)
        s->frame->time_us[i] = first_us + i * step_us;
    frame_find_step(s->frame);
}

/* Months from 2018-01 on: the first day, the last, the last weekday. */
static void make_months(struct series *s, char which)
{
    make(s, "date", value, 1, 0, CLOCK_DAY_US, false);
    for (int i = 0; i < ROWS; i++) {
        int64_t first = clock_days(2018 + i / 12, i % 12 + 1, 1),
                next = clock_days(2018 + (i + 1) / 12, (i + 1) % 12 + 1, 1);
        int64_t day = which == 'f' ? first : next - 1, weekday = ((day + 4) % 7 + 7) % 7;
        if (which == 'w')
            day -= weekday == 6 ? 1 : weekday == 0 ? 2 : 0;
        s->frame->time_us[i] = day * CLOCK_DAY_US;
    }
    frame_find_step(s->frame);
}

static void expect(struct series *s, const char *banner, enum csv_stamp wanted, const char *part)
{
    enum csv_stamp stamp = CSV_STAMP_GUESS;
    char evidence[192] = "";
    struct error err = {0};
    bool ok = stamp_guess(&stamp, evidence, sizeof evidence, s->frame, &s->time, banner, &err);
    if (wanted == CSV_STAMP_GUESS) {
        assert_false(ok);
        assert_int_equal(err.kind, ERROR_DATA);
        assert_non_null(strstr(err.text, "--stamp"));
    } else {
        if (!ok)
            fail_msg("%s", err.text);
        assert_int_equal(stamp, wanted);
        if (!strstr(evidence, part))
            fail_msg("'%s' does not say '%s'", evidence, part);
    }
    frame_free(s->frame);
}

static const int64_t hour = 3600 * CLOCK_SECOND_US;

static void test_names_tell(void **state)
{
    struct series s;
    (void)state;
    make(&s, "open_time", value, 1, 0, hour, true);
    expect(&s, NULL, CSV_STAMP_OPEN, "'open_time'");
    make(&s, "closeTime", value, 1, 0, hour, true);
    expect(&s, NULL, CSV_STAMP_CLOSE, "'closeTime'");
    make(&s, "snapped_at", value, 1, 0, CLOCK_DAY_US, true);
    expect(&s, NULL, CSV_STAMP_CLOSE, "'snapped_at'");
    make(&s, "interval_start", value, 1, 0, hour, true);
    expect(&s, NULL, CSV_STAMP_OPEN, "'interval_start'");
    make(&s, "period_end", value, 1, 0, hour, true);
    expect(&s, NULL, CSV_STAMP_CLOSE, "'period_end'");
    make(&s, "time", value, 1, 0, hour, true);
    s.time.stamp = CSV_STAMP_CLOSE;
    text_copy(s.time.stamp_evidence, sizeof s.time.stamp_evidence, "hours run from 1 to 24");
    expect(&s, NULL, CSV_STAMP_CLOSE, "1 to 24");
}

static void test_days(void **state)
{
    struct series s;
    (void)state;
    make(&s, "date", value, 1, clock_days(2019, 1, 1) * CLOCK_DAY_US, CLOCK_DAY_US, false);
    expect(&s, NULL, CSV_STAMP_DATE, "whole day");
    make(&s, "time", value, 1, clock_days(2019, 1, 1) * CLOCK_DAY_US, CLOCK_DAY_US, true);
    expect(&s, NULL, CSV_STAMP_DATE, "whole day");
    make(&s, "time", value, 1, clock_days(2019, 1, 2) * CLOCK_DAY_US - 1000, CLOCK_DAY_US, true);
    expect(&s, NULL, CSV_STAMP_CLOSE, "last minute");
    make(&s, "date", value, 1, clock_days(2019, 1, 1) * CLOCK_DAY_US + 5 * hour, CLOCK_DAY_US, false);
    expect(&s, NULL, CSV_STAMP_DATE, "whole day"); /* days of New York */
    make(&s, "time", bars, 4, 17 * hour, CLOCK_DAY_US, true);
    expect(&s, NULL, CSV_STAMP_GUESS, "");
}

static void test_within_the_day(void **state)
{
    struct series s;
    (void)state;
    make(&s, "time", bars, 4, 0, hour, true);
    expect(&s, NULL, CSV_STAMP_OPEN, "opening");
    make(&s, "time", value, 1, 0, hour, true);
    expect(&s, NULL, CSV_STAMP_GUESS, "");
}

static void test_longer_periods(void **state)
{
    static const struct {
        enum timestamp_layout layout;
        const char *part;
    } named[] = {{TIMESTAMP_MONTH, "a month"},
                 {TIMESTAMP_QUARTER, "a quarter"},
                 {TIMESTAMP_YEAR, "a year"},
                 {TIMESTAMP_WEEK, "a week"}};
    int64_t sunday = clock_days(2019, 1, 6) * CLOCK_DAY_US;
    struct series s;
    (void)state;
    make_months(&s, 'f');
    expect(&s, NULL, CSV_STAMP_DATE, "first of a month");
    make_months(&s, 'l');
    expect(&s, NULL, CSV_STAMP_CLOSE, "last of a month");
    make_months(&s, 'w');
    expect(&s, NULL, CSV_STAMP_CLOSE, "last weekday");
    make(&s, "Week", value, 1, sunday, 7 * CLOCK_DAY_US, false);
    expect(&s, NULL, CSV_STAMP_GUESS, "");
    make(&s, "Week", value, 1, sunday, 7 * CLOCK_DAY_US, false);
    expect(&s, "Category: All categories", CSV_STAMP_DATE, "Google Trends");
    make(&s, "day", value, 1, sunday, 7 * CLOCK_DAY_US, false);
    expect(&s, "Category: All categories", CSV_STAMP_GUESS, "");
    for (size_t i = 0; i < ARRAY_N(named); i++) {
        make(&s, "x", value, 1, sunday, 7 * CLOCK_DAY_US, false);
        s.time.format.layout = named[i].layout;
        expect(&s, NULL, CSV_STAMP_DATE, named[i].part);
    }
}

static void test_period_ends(void **state)
{
    (void)state;
    assert_int_equal(stamp_period_end(CSV_STAMP_OPEN, 100, 7), 107);
    assert_int_equal(stamp_period_end(CSV_STAMP_CLOSE, 100, 7), 100);
    assert_int_equal(stamp_period_end(CSV_STAMP_DATE, 0, hour), CLOCK_DAY_US);
    assert_int_equal(stamp_period_end(CSV_STAMP_DATE, 0, 7 * CLOCK_DAY_US), 7 * CLOCK_DAY_US);
}

static void test_names_of_stamps(void **state)
{
    enum csv_stamp stamp = CSV_STAMP_GUESS;
    (void)state;
    assert_true(csv_stamp_parse("close", &stamp));
    assert_int_equal(stamp, CSV_STAMP_CLOSE);
    assert_string_equal(csv_stamp_name(CSV_STAMP_DATE), "date");
    assert_false(csv_stamp_parse("late", &stamp));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_tell),     cmocka_unit_test(test_days),
        cmocka_unit_test(test_within_the_day), cmocka_unit_test(test_longer_periods),
        cmocka_unit_test(test_period_ends),    cmocka_unit_test(test_names_of_stamps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
