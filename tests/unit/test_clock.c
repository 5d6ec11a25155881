/* clock: the calendar day by day, texts of times and spans, and the frozen clock. */
#include "test_support.h"

#include "base/clock.h"
#include "base/memory.h"

#include <math.h>

/* Counts the days of 1600 years one by one: the closed formulas must agree on each. */
static void test_calendar(void **state)
{
    int64_t days = clock_days(1200, 1, 1);

    (void)state;
    for (int year = 1200; year < 2800; year++) {
        for (int month = 1; month <= 12; month++) {
            for (int day = 1; clock_date_valid(year, month, day); day++, days++) {
                int y, m, d;
                clock_civil(days, &y, &m, &d);
                if (clock_days(year, month, day) != days || y != year || m != month || d != day)
                    fail_msg("%d-%d-%d", year, month, day);
            }
        }
    }
    assert_int_equal(days - clock_days(1200, 1, 1), 4 * 146097);
    assert_int_equal(clock_days(1970, 1, 1), 0);
    assert_int_equal(clock_days(2000, 3, 1), 11017);
    assert_int_equal(clock_days(1969, 12, 31), -1);
    assert_int_equal(clock_days(1, 1, 1), -719162);
}

static void test_valid(void **state)
{
    (void)state;
    assert_true(clock_date_valid(2000, 2, 29) && clock_date_valid(2024, 2, 29));
    assert_false(clock_date_valid(1900, 2, 29) || clock_date_valid(2023, 2, 29) || clock_date_valid(2024, 2, 30));
    assert_false(clock_date_valid(2024, 0, 1) || clock_date_valid(2024, 13, 1) || clock_date_valid(2024, 1, 0));
    assert_false(clock_date_valid(2024, 4, 31) || clock_date_valid(2024, -1, 5) || clock_date_valid(2024, 1, -1));
}

static void assert_iso(int64_t time_us, const char *expected)
{
    char out[40];

    clock_iso(time_us, out, sizeof out);
    assert_string_equal(out, expected);
}

static void test_iso(void **state)
{
    char out[40];

    (void)state;
    assert_iso(0, "1970-01-01T00:00:00Z");
    assert_iso(1571529600 * CLOCK_SECOND_US, "2019-10-20T00:00:00Z");
    assert_iso(1571529600 * CLOCK_SECOND_US + 1, "2019-10-20T00:00:00.000001Z");
    assert_iso(-1, "1969-12-31T23:59:59.999999Z");
    assert_iso(951868799 * CLOCK_SECOND_US, "2000-02-29T23:59:59Z");
    assert_iso(INT64_MAX, "294247-01-10T04:00:54.775807Z");
    assert_iso(INT64_MIN, "-290308-12-21T19:59:05.224192Z");
    clock_date(-CLOCK_DAY_US - 1, out, sizeof out);
    assert_string_equal(out, "1969-12-30");
}

static void test_span(void **state)
{
    static const struct {
        double seconds;
        const char *expected;
    } cases[] = {{0, "0 ms"},
                 {0.25, "250 ms"},
                 {0.9996, "1.0 s"},
                 {12.34, "12.3 s"},
                 {59.94, "59.9 s"},
                 {59.96, "1 min 00 s"},
                 {303, "5 min 03 s"},
                 {3599.6, "1 h 00 min"},
                 {3900, "1 h 05 min"},
                 {86399.9, "1 d 00 h"},
                 {200000, "2 d 07 h"},
                 {-2, "-2.0 s"},
                 {-1e-9, "0 ms"},
                 {NAN, "?"},
                 {INFINITY, "?"}};
    char out[40];

    (void)state;
    for (size_t i = 0; i < ARRAY_N(cases); i++) {
        clock_span(cases[i].seconds, out, sizeof out);
        assert_string_equal(out, cases[i].expected);
    }
}

static void test_frozen(void **state)
{
    (void)state;
    setenv("MORPHSMITH_CLOCK", "1000000000", 1);
    assert_true(clock_wall_us() == 1000000000 * CLOCK_SECOND_US);
    setenv("MORPHSMITH_CLOCK", "-5", 1);
    assert_true(clock_wall_us() == -5 * CLOCK_SECOND_US);
    unsetenv("MORPHSMITH_CLOCK");
    int64_t now = (int64_t)time(NULL);
    int64_t seen = clock_wall_us() / CLOCK_SECOND_US;
    assert_true(seen >= now && seen <= now + 5);
    double before = clock_seconds(), after = clock_seconds();
    assert_true(after >= before && before > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calendar), cmocka_unit_test(test_valid),  cmocka_unit_test(test_iso),
        cmocka_unit_test(test_span),     cmocka_unit_test(test_frozen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
