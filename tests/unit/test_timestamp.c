/* Times: every spelling that is read, every one that is refused, and the order of day and month over a column. */
#include "test_support.h"

#include "base/clock.h"
#include "base/memory.h"
#include "data/timestamp.h"

static bool decide(struct timestamp_column *column, int64_t *us, const char *const *text, size_t n,
                   enum timestamp_order order, struct error *err)
{
    struct timestamp item[8];
    uint64_t line[8];
    assert_true(n <= 8);
    for (size_t i = 0; i < n; i++) {
        line[i] = i + 2;
        if (!timestamp_scan(text[i], strlen(text[i]), &item[i]))
            fail_msg("'%s' is not read", text[i]);
    }
    return timestamp_decide(column, us, item, n, line, order, err);
}

static void test_spellings(void **state)
{
    static const struct {
        const char *text, *iso;
    } good[] = {
        {"2019-10-20", "2019-10-20T00:00:00Z"},
        {"2019-10", "2019-10-01T00:00:00Z"},
        {"2019/10/20", "2019-10-20T00:00:00Z"},
        {"2019/1/2", "2019-01-02T00:00:00Z"},
        {"2016-02-29", "2016-02-29T00:00:00Z"},
        {"2019-10-20T17:05", "2019-10-20T17:05:00Z"},
        {"2019-10-20 17:05:06", "2019-10-20T17:05:06Z"},
        {"2013-04-28 00:00:00 UTC", "2013-04-28T00:00:00Z"},
        {"2025-03-31T23:59:59.999Z", "2025-03-31T23:59:59.999000Z"},
        {"2025-03-31T23:59:59.123456789Z", "2025-03-31T23:59:59.123456Z"},
        {"2018-05-06T17:00-07:00", "2018-05-07T00:00:00Z"},
        {"2018-05-06T01:00+0530", "2018-05-05T19:30:00Z"},
        {"2018-05-06T01:00+02", "2018-05-05T23:00:00Z"},
        {"12/31/2018", "2018-12-31T00:00:00Z"},
        {"31/12/2018", "2018-12-31T00:00:00Z"},
        {"9/13/16", "2016-09-13T00:00:00Z"},
        {"9/13/69", "1969-09-13T00:00:00Z"},
        {"9/13/2016 7:05", NULL},
        {"9/13/2016 07:05", "2016-09-13T07:05:00Z"},
        {"1325317920", "2011-12-31T07:52:00Z"},
        {"1325317920.5", "2011-12-31T07:52:00.500000Z"},
        {"1735689600000", "2025-01-01T00:00:00Z"},
        {"1735689600000.25", "2025-01-01T00:00:00.000250Z"},
        {"1738368000000000", "2025-02-01T00:00:00Z"},
        {"1738368000000000123", "2025-02-01T00:00:00Z"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_N(good); i++) {
        struct timestamp_column column;
        struct error err = {0};
        struct timestamp t;
        int64_t us = 0;
        char iso[40];
        assert_int_equal(timestamp_scan(good[i].text, strlen(good[i].text), &t), good[i].iso != NULL);
        if (!good[i].iso)
            continue;
        if (!decide(&column, &us, &good[i].text, 1, TIMESTAMP_GUESS, &err))
            fail_msg("%s: %s", good[i].text, err.text);
        clock_iso(us, iso, sizeof iso);
        assert_string_equal(iso, good[i].iso);
    }
}

static void test_refused_spellings(void **state)
{
    static const char *const bad[] = {
        "",
        "2019",
        "2019-1-2",
        "2019-10-20T",
        "2019-10-20T24:00",
        "2019-10-20T10:60",
        "20191020",
        "2019-10-20x",
        "Nov 25, 2019",
        "2019-06-04 01-AM",
        "2019-10-20T10:00 EST",
        "2019-10-20T10:00:60",
        "10-20-2019",
        "1/2/3/4",
        "1/2/123",
        "-1325317920",
        "1.325e9",
        "12345",
        "99999999999999999999",
        "2019-10-20T10:00+15:00",
        "2019-10-20T10:00:00.",
        "2019-10-20T10:00:00.1234567890",
        " 2019-10-20",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_N(bad); i++) {
        struct timestamp t;
        if (timestamp_scan(bad[i], strlen(bad[i]), &t))
            fail_msg("'%s' is read", bad[i]);
    }
}

static void refused(const char *const *text, size_t n, enum timestamp_order order, const char *part)
{
    struct timestamp_column column;
    struct error err = {0};
    int64_t us[8];
    assert_false(decide(&column, us, text, n, order, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    if (!strstr(err.text, part))
        fail_msg("'%s' does not say '%s'", err.text, part);
}

static void test_order_of_day_and_month(void **state)
{
    const char *const mdy[] = {"1/2/2018", "1/13/2018"}, *const dmy[] = {"1/2/2018", "13/2/2018"};
    struct timestamp_column column;
    struct error err = {0};
    int64_t us[2];
    (void)state;
    assert_true(decide(&column, us, mdy, 2, TIMESTAMP_GUESS, &err));
    assert_int_equal(us[0], clock_days(2018, 1, 2) * CLOCK_DAY_US);
    assert_int_equal(column.order, TIMESTAMP_MDY);
    assert_non_null(strstr(column.evidence, "line 3: 1/13/2018"));
    assert_true(decide(&column, us, dmy, 2, TIMESTAMP_GUESS, &err));
    assert_int_equal(us[0], clock_days(2018, 2, 1) * CLOCK_DAY_US);
    assert_int_equal(us[1], clock_days(2018, 2, 13) * CLOCK_DAY_US);
}

static void test_ambiguous_is_a_question(void **state)
{
    const char *const open[] = {"1/2/2018", "3/4/2018"}, *const both[] = {"13/2/2018", "2/13/2018"},
                      *const short_year[] = {"13/2/18", "14/2/18"};
    struct timestamp_column column;
    struct error err = {0};
    int64_t us[2];
    (void)state;
    refused(open, 2, TIMESTAMP_GUESS, "--date-order");
    refused(both, 2, TIMESTAMP_GUESS, "mixes both orders");
    refused(short_year, 2, TIMESTAMP_GUESS, "--date-order");
    refused(both, 2, TIMESTAMP_MDY, "line 2");
    assert_true(decide(&column, us, open, 2, TIMESTAMP_DMY, &err));
    assert_int_equal(us[1], clock_days(2018, 4, 3) * CLOCK_DAY_US);
    assert_true(decide(&column, us, short_year, 2, TIMESTAMP_YMD, &err));
    assert_int_equal(us[0], clock_days(2013, 2, 18) * CLOCK_DAY_US);
}

static void test_columns_are_uniform(void **state)
{
    const char *const forms[] = {"2018-01-01", "1/2/2018"}, *const zones[] = {"2018-01-01T00:00Z", "2018-01-01T01:00"},
                      *const clocks[] = {"2018-01-01T00:00", "2018-01-02"}, *const months[] = {"2018-01", "2018-01-02"},
                      *const days[] = {"2018-02-28", "2018-02-29"}, *const late[] = {"2199-12-31", "2200-01-01"},
                      *const early[] = {"1900-01-01", "1899-12-31"};
    (void)state;
    refused(forms, 2, TIMESTAMP_GUESS, "another form");
    refused(zones, 2, TIMESTAMP_GUESS, "zone");
    refused(clocks, 2, TIMESTAMP_GUESS, "clock");
    refused(months, 2, TIMESTAMP_GUESS, "another form");
    refused(days, 2, TIMESTAMP_GUESS, "line 3: there is no day 2018-02-29");
    refused(late, 2, TIMESTAMP_GUESS, "line 3: there is no day 2200-01-01");
    refused(early, 2, TIMESTAMP_GUESS, "line 3: there is no day 1899-12-31");
}

/* One file switched from milliseconds to seconds in mid-column: each row is read by its own size. */
static void test_epoch_units_mix(void **state)
{
    const char *const mixed[] = {"1735689600000", "1735693200", "1735696800000000"};
    struct timestamp_column column;
    struct error err = {0};
    int64_t us[3];
    (void)state;
    assert_true(decide(&column, us, mixed, 3, TIMESTAMP_GUESS, &err));
    assert_int_equal(us[1] - us[0], 3600 * CLOCK_SECOND_US);
    assert_int_equal(us[2] - us[1], 3600 * CLOCK_SECOND_US);
    assert_int_equal(column.unit[TIMESTAMP_MS], 1);
    assert_string_equal(column.format, "epoch s and ms and us");
}

/* No instant between 1990 and 2100 has two readings: the bounds of neighbouring units do not meet. */
static void test_epoch_bounds(void **state)
{
    static const struct {
        const char *text;
        int unit;
    } edge[] = {{"631151999", -1},
                {"631152000", TIMESTAMP_S},
                {"4102444799", TIMESTAMP_S},
                {"4102444800", -1},
                {"631151999999", -1},
                {"631152000000", TIMESTAMP_MS},
                {"4102444799999", TIMESTAMP_MS},
                {"4102444800000", -1},
                {"631152000000000", TIMESTAMP_US},
                {"4102444799999999", TIMESTAMP_US},
                {"631152000000000000", TIMESTAMP_NS},
                {"4102444799999999999", TIMESTAMP_NS},
                {"4102444800000000000", -1}};
    (void)state;
    for (size_t i = 0; i < ARRAY_N(edge); i++) {
        struct timestamp t;
        bool read = timestamp_scan(edge[i].text, strlen(edge[i].text), &t);
        assert_int_equal(read ? t.unit : -1, edge[i].unit);
    }
}

static void test_months(void **state)
{
    int64_t day = CLOCK_DAY_US;
    (void)state;
    assert_true(timestamp_is_month_end(clock_days(2016, 2, 29) * day));
    assert_false(timestamp_is_month_end(clock_days(2016, 2, 28) * day));
    assert_true(timestamp_is_month_start(clock_days(1969, 12, 1) * day));
    assert_true(timestamp_is_midnight(0));
    assert_false(timestamp_is_midnight(1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spellings),
        cmocka_unit_test(test_refused_spellings),
        cmocka_unit_test(test_order_of_day_and_month),
        cmocka_unit_test(test_ambiguous_is_a_question),
        cmocka_unit_test(test_columns_are_uniform),
        cmocka_unit_test(test_epoch_units_mix),
        cmocka_unit_test(test_epoch_bounds),
        cmocka_unit_test(test_months),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
