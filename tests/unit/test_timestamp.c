/* Times: every spelling that is read, every one that is refused, and what a whole column settles. */
#include "test_support.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "data/time/timestamp.h"
#include "data/time/timestamp_cursor.h"

#define ITEMS 400

static bool decide_as(struct timestamp_column *column, int64_t *us, const char *const *text, size_t n,
                      const struct timestamp_options *o, struct error *err)
{
    static struct timestamp item[ITEMS];
    uint64_t line[ITEMS];
    assert_true(n <= ITEMS);
    for (size_t i = 0; i < n; i++) {
        line[i] = i + 2;
        if (!timestamp_scan_as(o->format, '.', text[i], strlen(text[i]), &item[i]))
            fail_msg("'%s' is not read", text[i]);
    }
    return timestamp_decide(column, us, item, n, line, o, err);
}

static bool decide(struct timestamp_column *column, int64_t *us, const char *const *text, size_t n,
                   enum timestamp_order order, struct error *err)
{
    const struct timestamp_options o = {.order = order, .name = "date"};
    return decide_as(column, us, text, n, &o, err);
}

/* --- spellings --------------------------------------------------------------------------------------------------- */

struct spelling {
    const char *text, *iso;
};

static void expect_spellings(const struct spelling *good, size_t n, const struct timestamp_options *o)
{
    for (size_t i = 0; i < n; i++) {
        struct timestamp_column column;
        struct error err = {0};
        int64_t us = 0;
        char iso[40];
        if (!decide_as(&column, &us, &good[i].text, 1, o, &err))
            fail_msg("%s: %s", good[i].text, err.text);
        clock_iso(us, iso, sizeof iso);
        if (strcmp(iso, good[i].iso) != 0)
            fail_msg("%s is read as %s, not %s", good[i].text, iso, good[i].iso);
    }
}

/* What is shown as the format has the parts in the order in which they are written. */
static void test_named_forms(void **state)
{
    static const char *const form[][2] = {{"Nov 25, 2019", "MMM D, YYYY"},
                                          {"25 Nov 2019", "D MMM YYYY"},
                                          {"25-Nov-19", "D MMM YY"},
                                          {"2019-Nov-25", "YYYY-MMM-D"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_N(form); i++) {
        struct timestamp_column column;
        struct error err = {0};
        int64_t us = 0;
        assert_true(decide(&column, &us, &form[i][0], 1, TIMESTAMP_GUESS, &err));
        assert_string_equal(column.format, form[i][1]);
    }
}

static void test_spellings(void **state)
{
    static const struct spelling good[] = {
        {"2019-10-20", "2019-10-20T00:00:00Z"},
        {" 2019-10-20 ", "2019-10-20T00:00:00Z"},
        {"2019-10", "2019-10-01T00:00:00Z"},
        {"2019/10/20", "2019-10-20T00:00:00Z"},
        {"2019/1/2", "2019-01-02T00:00:00Z"},
        {"2019-1-2", "2019-01-02T00:00:00Z"},
        {"2019.01.02", "2019-01-02T00:00:00Z"},
        {"2019.01.02 03:05", "2019-01-02T03:05:00Z"},
        {"2016-02-29", "2016-02-29T00:00:00Z"},
        {"1600-01-01", "1600-01-01T00:00:00Z"},
        {"9999-12-31", "9999-12-31T00:00:00Z"},
        {"2019-10-20T17:05", "2019-10-20T17:05:00Z"},
        {"2019-10-20t17:05z", "2019-10-20T17:05:00Z"},
        {"2019-10-20 17:05:06", "2019-10-20T17:05:06Z"},
        {"2019-10-20 7:05:06", "2019-10-20T07:05:06Z"},
        {"2019-10-20  17:05:06", "2019-10-20T17:05:06Z"},
        {"2019-10-20_17:05", "2019-10-20T17:05:00Z"},
        {"2019-10-20 17", "2019-10-20T17:00:00Z"},
        {"2019-10-20T17", "2019-10-20T17:00:00Z"},
        {"2019-10-20T170506", "2019-10-20T17:05:06Z"},
        {"2019-10-20T17:05:06,123", "2019-10-20T17:05:06.123000Z"},
        {"2019-10-20T24:00", "2019-10-21T00:00:00Z"},
        {"2019-12-31 24:00:00", "2020-01-01T00:00:00Z"},
        {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
        {"2013-04-28 00:00:00 UTC", "2013-04-28T00:00:00Z"},
        {"2013-04-28 00:00:00 +0000 UTC", "2013-04-28T00:00:00Z"},
        {"2013-04-28 02:00:00 +0200 CEST", "2013-04-28T00:00:00Z"},
        {"2013-04-28T02:00:00+02:00[Europe/Berlin]", "2013-04-28T00:00:00Z"},
        {"2025-03-31T23:59:59.999Z", "2025-03-31T23:59:59.999000Z"},
        {"2025-03-31T23:59:59.123456789Z", "2025-03-31T23:59:59.123456Z"},
        {"2025-03-31T23:59:59.1234567Z", "2025-03-31T23:59:59.123456Z"},
        {"2018-05-06T17:00-07:00", "2018-05-07T00:00:00Z"},
        {"2018-05-06T01:00+0530", "2018-05-05T19:30:00Z"},
        {"2018-05-06T01:00+02", "2018-05-05T23:00:00Z"},
        {"2018-05-06 01:00 GMT+0100", "2018-05-06T00:00:00Z"},
        {"2018-05-06 01:00 UTC-3", "2018-05-06T04:00:00Z"},
        {"2018-05-06 UTC", "2018-05-06T00:00:00Z"},
        {"2019-W01-1", "2018-12-31T00:00:00Z"},
        {"2020-W53", "2020-12-28T00:00:00Z"},
        {"2019W012", "2019-01-01T00:00:00Z"},
        {"2019-365", "2019-12-31T00:00:00Z"},
        {"2020-060", "2020-02-29T00:00:00Z"},
        {"2020-366", "2020-12-31T00:00:00Z"},
        {"2019Q4", "2019-10-01T00:00:00Z"},
        {"2019-Q1", "2019-01-01T00:00:00Z"},
        {"Q2 2019", "2019-04-01T00:00:00Z"},
        {"Q3/2019", "2019-07-01T00:00:00Z"},
        {"11/2019", "2019-11-01T00:00:00Z"},
        {"20190102", "2019-01-02T00:00:00Z"},
        {"20190102.0", "2019-01-02T00:00:00Z"},
        {"20190102T030405", "2019-01-02T03:04:05Z"},
        {"20190102T030405Z", "2019-01-02T03:04:05Z"},
        {"20190102T030405.25+0100", "2019-01-02T02:04:05.250000Z"},
        {"20190102 030405", "2019-01-02T03:04:05Z"},
        {"20190102 0305", "2019-01-02T03:05:00Z"},
        {"20190102 03:05", "2019-01-02T03:05:00Z"},
        {"201901020304", "2019-01-02T03:04:00Z"},
        {"20190102030405", "2019-01-02T03:04:05Z"},
        {"20190102030405678", "2019-01-02T03:04:05.678000Z"},
        {"2019", "2019-01-01T00:00:00Z"},
        {"201913", NULL},
    };
    const struct timestamp_options o = {.name = "date"};
    (void)state;
    expect_spellings(good, ARRAY_N(good) - 1, &o);
}

static void test_spellings_with_year_last(void **state)
{
    static const struct spelling good[] = {
        {"12/31/2018", "2018-12-31T00:00:00Z"},
        {"31/12/2018", "2018-12-31T00:00:00Z"},
        {"25.11.2019", "2019-11-25T00:00:00Z"},
        {"25-11-2019", "2019-11-25T00:00:00Z"},
        {"25. 11. 2019", "2019-11-25T00:00:00Z"},
        {"9/13/16", "2016-09-13T00:00:00Z"},
        {"9/13/69", "1969-09-13T00:00:00Z"},
        {"9/13/68", "2068-09-13T00:00:00Z"},
        {"9/13/2016 7:05", "2016-09-13T07:05:00Z"},
        {"9/13/2016 07:05", "2016-09-13T07:05:00Z"},
        {"9/13/2016 02:00 PM", "2016-09-13T14:00:00Z"},
        {"9/13/2016 2:00:00 PM", "2016-09-13T14:00:00Z"},
        {"9/13/2016, 2:00:00 pm", "2016-09-13T14:00:00Z"},
        {"9/13/2016 12:00 AM", "2016-09-13T00:00:00Z"},
        {"9/13/2016 12:30 p.m.", "2016-09-13T12:30:00Z"},
        {"9/13/2016 2PM", "2016-09-13T14:00:00Z"},
        {"9/13/2016 2:05PM", "2016-09-13T14:05:00Z"},
        {"25.11.2019 14.05", "2019-11-25T14:05:00Z"},
        {"25.11.2019 14.05.06", "2019-11-25T14:05:06Z"},
        {"25/11/2019 14h05", "2019-11-25T14:05:00Z"},
        {"25.11.2019 00:00:00.000 GMT+0100", "2019-11-24T23:00:00Z"},
        {"14:00 25/11/2019", "2019-11-25T14:00:00Z"},
        {"25 11 2019 14:05", "2019-11-25T14:05:00Z"},
        {"2019-10-17 01-AM", "2019-10-17T01:00:00Z"},
        {"2019-10-17 12-PM", "2019-10-17T12:00:00Z"},
        {"2019-10-17 12-AM", "2019-10-17T00:00:00Z"},
        {"2019-10-17 11 PM", "2019-10-17T23:00:00Z"},
    };
    const struct timestamp_options o = {.name = "date"};
    (void)state;
    expect_spellings(good, ARRAY_N(good), &o);
}

static void test_spellings_with_words(void **state)
{
    static const struct spelling good[] = {
        {"25-Nov-19", "2019-11-25T00:00:00Z"},
        {"25-Nov-2019", "2019-11-25T00:00:00Z"},
        {"25-NOV-2019", "2019-11-25T00:00:00Z"},
        {"25 Nov 2019", "2019-11-25T00:00:00Z"},
        {"25Nov2019", "2019-11-25T00:00:00Z"},
        {"25/Nov/2019:14:00:00 +0100", "2019-11-25T13:00:00Z"},
        {"Nov 25, 2019", "2019-11-25T00:00:00Z"},
        {"Nov 25 2019", "2019-11-25T00:00:00Z"},
        {"Nov. 25, 2019", "2019-11-25T00:00:00Z"},
        {"Nov 5, 2019, 2:00 PM", "2019-11-05T14:00:00Z"},
        {"Nov 5, 2019 at 2:00 PM", "2019-11-05T14:00:00Z"},
        {"November 25 2019", "2019-11-25T00:00:00Z"},
        {"November 25th, 2019", "2019-11-25T00:00:00Z"},
        {"25th of November 2019", "2019-11-25T00:00:00Z"},
        {"Sept 5, 2019", "2019-09-05T00:00:00Z"},
        {"Nov 2019", "2019-11-01T00:00:00Z"},
        {"November 2019", "2019-11-01T00:00:00Z"},
        {"Nov '19", "2019-11-01T00:00:00Z"},
        {"2019-Nov-25", "2019-11-25T00:00:00Z"},
        {"2019 Nov 25", "2019-11-25T00:00:00Z"},
        {"Mon Nov 25 2019", "2019-11-25T00:00:00Z"},
        {"Mon, 25 Nov 2019 14:00:00 GMT", "2019-11-25T14:00:00Z"},
        {"Mon, 25 Nov 2019 14:00:00 +0100", "2019-11-25T13:00:00Z"},
        {"Mon Nov 25 14:00:00 2019", "2019-11-25T14:00:00Z"},
        {"Mon Nov 25 14:00:00 UTC 2019", "2019-11-25T14:00:00Z"},
        {"Mon Nov 25 14:00:00 +0000 2019", "2019-11-25T14:00:00Z"},
        {"Mon Nov 25 2019 14:00:00 GMT+0100 (Central European Standard Time)", "2019-11-25T13:00:00Z"},
        {"Monday, November 25, 2019", "2019-11-25T00:00:00Z"},
        {"Wed 25/12/2019", "2019-12-25T00:00:00Z"},
        {"25. November 2019", "2019-11-25T00:00:00Z"},
        {"5. März 2019", "2019-03-05T00:00:00Z"},
        {"Mo 25. Nov. 2019", "2019-11-25T00:00:00Z"},
        {"5. Dez. 2019", "2019-12-05T00:00:00Z"},
        {"5. Okt 2019", "2019-10-05T00:00:00Z"},
        {"1er février 2019", "2019-02-01T00:00:00Z"},
        {"25 août 2019", "2019-08-25T00:00:00Z"},
        {"25 déc. 2019", "2019-12-25T00:00:00Z"},
        {"14 juil. 2019", "2019-07-14T00:00:00Z"},
        {"14 juin 2019", "2019-06-14T00:00:00Z"},
        {"mar. 26 nov. 2019", "2019-11-26T00:00:00Z"},
        {"25 de noviembre de 2019", "2019-11-25T00:00:00Z"},
        {"5 ene 2019", "2019-01-05T00:00:00Z"},
        {"05-ago-2019", "2019-08-05T00:00:00Z"},
        {"5 gennaio 2019", "2019-01-05T00:00:00Z"},
        {"5 mag 2019", "2019-05-05T00:00:00Z"},
        {"5 giu 2019", "2019-06-05T00:00:00Z"},
        {"5 lug 2019", "2019-07-05T00:00:00Z"},
        {"5 set 2019", "2019-09-05T00:00:00Z"},
        {"5 ott 2019", "2019-10-05T00:00:00Z"},
        {"25 de março de 2019", "2019-03-25T00:00:00Z"},
        {"5 fev 2019", "2019-02-05T00:00:00Z"},
        {"5 out 2019", "2019-10-05T00:00:00Z"},
        {"5 maart 2019", "2019-03-05T00:00:00Z"},
        {"5 mrt 2019", "2019-03-05T00:00:00Z"},
        {"5 mei 2019", "2019-05-05T00:00:00Z"},
        {"2019年11月25日", "2019-11-25T00:00:00Z"},
        {"2019年1月5日 14:05", "2019-01-05T14:05:00Z"},
        {"2019年1月5日14时05分06秒", "2019-01-05T14:05:06Z"},
        {"2019年1月5日14時05分", "2019-01-05T14:05:00Z"},
        {"2019年11月", "2019-11-01T00:00:00Z"},
        {"2019년 11월 25일", "2019-11-25T00:00:00Z"},
        {"2019년 11월 25일 오후 2:00:00", "2019-11-25T14:00:00Z"},
        {"2019. 11. 25.", "2019-11-25T00:00:00Z"},
        {"2019- 11- 25", "2019-11-25T00:00:00Z"},
        {"2019. 11. 25. 오전 2:00:00", "2019-11-25T02:00:00Z"},
    };
    const struct timestamp_options o = {.name = "date"};
    (void)state;
    expect_spellings(good, ARRAY_N(good), &o);
}

static void test_epochs(void **state)
{
    static const struct spelling good[] = {
        {"1325317920", "2011-12-31T07:52:00Z"},
        {"1325317920.5", "2011-12-31T07:52:00.500000Z"},
        {"1546300800.0", "2019-01-01T00:00:00Z"},
        {"1.5463008e9", "2019-01-01T00:00:00Z"},
        {"1.5463008E+09", "2019-01-01T00:00:00Z"},
        {"1.5463008e+12", "2019-01-01T00:00:00Z"},
        {"1546300800000.0", "2019-01-01T00:00:00Z"},
        {"1546300800.123456789", "2019-01-01T00:00:00.123456Z"},
        {"1735689600000", "2025-01-01T00:00:00Z"},
        {"1735689600000.25", "2025-01-01T00:00:00.000250Z"},
        {"1738368000000000", "2025-02-01T00:00:00Z"},
        {"1738368000000000123", "2025-02-01T00:00:00Z"},
        {"1738368000000000999.5", "2025-02-01T00:00:00Z"},
    };
    const struct timestamp_options o = {.name = "ts"};
    (void)state;
    expect_spellings(good, ARRAY_N(good), &o);
}

static void test_refused_spellings(void **state)
{
    static const char *const bad[] = {
        "",
        "   ",
        "-",
        "x",
        "NaN",
        "2019-10-20T",
        "2019-10-20T24:01",
        "2019-10-20T25:00",
        "2019-10-20T10:60",
        "2019-10-20x",
        "2019-10-20T10:00 XYZ",
        "2019-10-20T10:00:60",
        "2019-10-20T10:00:61",
        "2019-10-32",
        "2019-W54",
        "2019-W53",
        "2019-366",
        "2019Q5",
        "1/2/3/4",
        "1/2/123",
        "1/2",
        "Foo 25, 2019",
        "25 jui 2019",
        "13:00 PM",
        "2019-10-20 13:00 PM",
        "99999999999999999999",
        "1.2.3",
        "1e400",
        "1e",
        "2019-10-20T10:00+16:00",
        "2019-10-20T10:00:00.",
        "2019-10-20 10:00:00 [",
        "2019年",
        "12:3",
        "1:2:3",
        "12:34:56:78",
        "Tokyo",
        "May",
        "Monday",
        "5 apples",
        "0x1234",
        "--5",
        "1,546,300,800",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_N(bad); i++) {
        struct timestamp t;
        if (timestamp_scan(bad[i], strlen(bad[i]), &t))
            fail_msg("'%s' is read", bad[i]);
        assert_int_equal(t.kind, TIMESTAMP_NONE);
    }
}

/* --- columns ----------------------------------------------------------------------------------------------------- */

static void refused(const char *const *text, size_t n, enum timestamp_order order, const char *part)
{
    struct timestamp_column column;
    struct error err = {0};
    int64_t us[ITEMS];
    if (decide(&column, us, text, n, order, &err))
        fail_msg("'%s' and so on is accepted (%s, %s)", text[0], column.format, column.evidence);
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
    assert_string_equal(column.format, "M/D/YYYY");
    assert_true(decide(&column, us, dmy, 2, TIMESTAMP_GUESS, &err));
    assert_int_equal(us[0], clock_days(2018, 2, 1) * CLOCK_DAY_US);
    assert_int_equal(us[1], clock_days(2018, 2, 13) * CLOCK_DAY_US);
}

static void test_ambiguous_is_a_question(void **state)
{
    const char *const open[] = {"1/2/2018", "3/4/2018"}, *const both[] = {"13/2/2018", "2/13/2018"},
                      *const short_year[] = {"13/2/18", "14/2/18"}, *const marks[] = {"01/02/2018", "13-02-2018"},
                      *const never[] = {"1/2/2018", "31/2/2018"};
    struct timestamp_column column;
    struct error err = {0};
    int64_t us[2];
    (void)state;
    refused(open, 2, TIMESTAMP_GUESS, "--date-order dmy or mdy");
    refused(both, 2, TIMESTAMP_GUESS, "line 2: 13/2/2018");
    refused(both, 2, TIMESTAMP_GUESS, "line 3: 2/13/2018 can only be month/day");
    refused(short_year, 2, TIMESTAMP_GUESS, "--date-order dmy or ymd");
    refused(marks, 2, TIMESTAMP_GUESS, "two forms");
    refused(never, 2, TIMESTAMP_GUESS, "line 3: 31/2/2018 is no day");
    refused(both, 2, TIMESTAMP_MDY, "line 2");
    assert_true(decide(&column, us, open, 2, TIMESTAMP_DMY, &err));
    assert_int_equal(us[1], clock_days(2018, 4, 3) * CLOCK_DAY_US);
    assert_true(decide(&column, us, short_year, 2, TIMESTAMP_YMD, &err));
    assert_int_equal(us[0], clock_days(2013, 2, 18) * CLOCK_DAY_US);
}

/* Writes the i-th of n dates of a series into text[i]; the order that it is written in is `dmy`. */
static void write_dates(char text[][24], const char **at, size_t n, int months, bool dmy)
{
    for (size_t i = 0; i < n; i++) {
        int m = 9 + (int)i * months, year = 2013 + m / 12, month = m % 12 + 1;
        snprintf(text[i], 24, "%02d/%02d/%04d", dmy ? 1 : month, dmy ? month : 1, year);
        at[i] = text[i];
    }
}

static void test_steps_settle_the_order(void **state)
{
    static char text[40][24];
    const char *at[40];
    struct timestamp_column column;
    struct error err = {0};
    int64_t us[40];
    (void)state;
    for (int dmy = 0; dmy < 2; dmy++)
        for (int months = 1; months <= 3; months += 2) {
            write_dates(text, at, 13, months, dmy);
            assert_true(decide(&column, us, at, 13, TIMESTAMP_GUESS, &err));
            assert_int_equal(column.order, dmy ? TIMESTAMP_DMY : TIMESTAMP_MDY);
            assert_int_equal(us[0], clock_days(2013, 10, 1) * CLOCK_DAY_US);
            assert_non_null(strstr(column.evidence, "the 13 dates of lines 2 to 14"));
            refused(at, 12, TIMESTAMP_GUESS, "--date-order");
        }
    text[7][9] = '9'; /* one date out of step */
    refused(at, 13, TIMESTAMP_GUESS, "--date-order");
}

/* Yearly dates, and twelve first days, keep step under both orders; a day a month of intraday rows too. */
static void test_steps_that_settle_nothing(void **state)
{
    static char text[40][24];
    const char *at[40];
    (void)state;
    for (int i = 0; i < 20; i++) {
        snprintf(text[i], 24, "01/04/%04d", 1990 + i);
        at[i] = text[i];
    }
    refused(at, 20, TIMESTAMP_GUESS, "--date-order");
    for (int i = 0; i < 36; i++) {
        snprintf(text[i], 24, "01/%02d/2019 %02d:00", i / 3 + 1, i % 3 * 8);
        at[i] = text[i];
    }
    refused(at, 36, TIMESTAMP_GUESS, "--date-order");
}

static void test_short_years_settled_by_days(void **state)
{
    static char text[ITEMS][24];
    const char *at[ITEMS];
    struct timestamp_column column;
    struct error err = {0};
    int64_t us[ITEMS];
    int y, m, d;
    (void)state;
    for (int i = 0; i < 60; i++) {
        clock_civil(clock_days(2019, 11, 20) + i, &y, &m, &d);
        snprintf(text[i], 24, "%d.%d.%02d", d, m, y % 100);
        at[i] = text[i];
    }
    assert_true(decide(&column, us, at, 60, TIMESTAMP_GUESS, &err));
    assert_int_equal(column.order, TIMESTAMP_DMY);
    assert_int_equal(us[0], clock_days(2019, 11, 20) * CLOCK_DAY_US);
}

static void test_columns_are_uniform(void **state)
{
    const char *const forms[] = {"2018-01-01", "1/2/2018"}, *const zones[] = {"2018-01-01T00:00Z", "2018-01-01T01:00"},
                      *const months[] = {"2018-01", "2018-01-02"}, *const days[] = {"2018-02-28", "2018-02-29"},
                      *const early[] = {"1600-01-01", "1599-12-31"}, *const numbers[] = {"1546300800", "2019-01-02"},
                      *const words[] = {"2018-01-01 10:00 EST", "2018-01-02 10:00 EST"},
                      *const lone[] = {"Nov-19", "Dec-19"};
    (void)state;
    refused(forms, 2, TIMESTAMP_GUESS, "another form than line 2");
    refused(zones, 2, TIMESTAMP_GUESS, "names no zone, unlike line 2");
    refused(months, 2, TIMESTAMP_GUESS, "another form");
    refused(numbers, 2, TIMESTAMP_GUESS, "line 3");
    refused(days, 2, TIMESTAMP_GUESS, "line 3: there is no day 2018-02-29");
    refused(early, 2, TIMESTAMP_GUESS, "line 3: there is no day 1599-12-31");
    refused(words, 2, TIMESTAMP_GUESS, "--tz");
    refused(lone, 2, TIMESTAMP_GUESS, "--format MMM-YY");
}

/* pandas drops the clock of a whole column when all of it is midnight, and files of both kinds are appended. */
static void test_a_date_is_its_midnight(void **state)
{
    const char *const mixed[] = {"2018-01-01", "2018-01-01 12:00:00", "2018/01/02", "02 Jan 2018 12:00"};
    struct timestamp_column column;
    struct error err = {0};
    int64_t us[4];
    (void)state;
    assert_true(decide(&column, us, mixed, 4, TIMESTAMP_GUESS, &err));
    assert_true(column.has_clock);
    assert_false(column.has_zone);
    for (int i = 1; i < 4; i++)
        assert_int_equal(us[i] - us[i - 1], CLOCK_DAY_US / 2);
}

/* One file switched from milliseconds to seconds in mid-column: each row is read by its own size. */
static void test_epoch_units_mix(void **state)
{
    const char *const mixed[] = {"1735689600000", "1735693200", "1735696800000000"}, *const broken[] = {"1735689600",
                                                                                                        "1735693200",
                                                                                                        "0"};
    struct timestamp_column column;
    struct error err = {0};
    int64_t us[3];
    (void)state;
    assert_true(decide(&column, us, mixed, 3, TIMESTAMP_GUESS, &err));
    assert_int_equal(us[1] - us[0], 3600 * CLOCK_SECOND_US);
    assert_int_equal(us[2] - us[1], 3600 * CLOCK_SECOND_US);
    assert_int_equal(column.unit[TIMESTAMP_MS], 1);
    assert_true(column.has_zone && column.epoch);
    assert_string_equal(column.format, "epoch s and ms and us");
    assert_non_null(strstr(column.evidence, "1 row in s, 1 row in ms"));
    refused(broken, 3, TIMESTAMP_GUESS, "line 4: '0' is no epoch");
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
                {"4102444800000000000", -1},
                {"-1546300800", -1}};
    const struct timestamp_options o = {.name = "timestamp"};
    (void)state;
    for (size_t i = 0; i < ARRAY_N(edge); i++) {
        struct timestamp_column column;
        int64_t us;
        bool read = decide_as(&column, &us, &edge[i].text, 1, &o, NULL);
        int unit = 0;
        while (read && !column.unit[unit])
            unit++;
        assert_int_equal(read ? unit : -1, edge[i].unit);
    }
}

static void test_six_digits(void **state)
{
    const char *const months[] = {"201901", "201913"}, *const open[] = {"200102", "200103"},
                      *const fine[] = {"201931", "201901"};
    struct timestamp_column column;
    struct error err = {0};
    int64_t us[2];
    const char *const good[] = {"199001", "199002"};
    (void)state;
    refused(months, 2, TIMESTAMP_GUESS, "not known");
    refused(fine, 2, TIMESTAMP_GUESS, "not known");
    refused(open, 2, TIMESTAMP_GUESS, "--format YYYYMM, YYMMDD");
    assert_true(decide(&column, us, good, 2, TIMESTAMP_GUESS, &err));
    assert_int_equal(us[1], clock_days(1990, 2, 1) * CLOCK_DAY_US);
    assert_int_equal(column.layout, TIMESTAMP_MONTH);
}

/* --- formats that are said --------------------------------------------------------------------------------------- */

static void test_given_formats(void **state)
{
    static const struct {
        const char *format, *text, *iso;
    } good[] = {
        {"s", "0", "1970-01-01T00:00:00Z"},
        {"s", "-1", "1969-12-31T23:59:59Z"},
        {"ms", "-1", "1969-12-31T23:59:59.999000Z"},
        {"s", "1546300800", "2019-01-01T00:00:00Z"},
        {"us", "1546300800", "1970-01-01T00:25:46.300800Z"},
        {"ns", "-1", "1969-12-31T23:59:59.999999Z"},
        {"excel", "43101", "2018-01-01T00:00:00Z"},
        {"excel", "43101.25", "2018-01-01T06:00:00Z"},
        {"excel", "43101.041666666664", "2018-01-01T01:00:00Z"},
        {"excel", "61", "1900-03-01T00:00:00Z"},
        {"elapsed-s", "0.004", "1970-01-01T00:00:00.004000Z"},
        {"elapsed-ms", "4", "1970-01-01T00:00:00.004000Z"},
        {"elapsed-us", "4", "1970-01-01T00:00:00.000004Z"},
        {"elapsed-min", "1.5", "1970-01-01T00:01:30Z"},
        {"elapsed-h", "1.5", "1970-01-01T01:30:00Z"},
        {"elapsed-d", "0.5", "1970-01-01T12:00:00Z"},
        {"sample:360", "1", "1970-01-01T00:00:00.002778Z"},
        {"sample:360", "360", "1970-01-01T00:00:01Z"},
        {"DD.MM.YYYY hh:mm", "02.01.2019 03:04", "2019-01-02T03:04:00Z"},
        {"D/M/YY", "2/1/19", "2019-01-02T00:00:00Z"},
        {"YYMMDD", "190102", "2019-01-02T00:00:00Z"},
        {"DDMMYYYY", "02012019", "2019-01-02T00:00:00Z"},
        {"MMM-YY", "Nov-19", "2019-11-01T00:00:00Z"},
        {"YYYY-MM-DD'T'hh:mm:ss.fffZ", "2019-01-02T03:04:05.5+01:00", "2019-01-02T02:04:05.500000Z"},
        {"E, D MMM YYYY h:mm A", "Wed, 2 Jan 2019 3:04 PM", "2019-01-02T15:04:00Z"},
        {"'D'DD.MM.YYYY", "D02.01.2019", "2019-01-02T00:00:00Z"},
        {"hh:mm:ss", "01:30:00", "1970-01-01T01:30:00Z"},
        {"mm:ss", "01:30", "1970-01-01T00:01:30Z"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_N(good); i++) {
        struct timestamp_format format;
        struct error err = {0};
        const struct spelling one = {good[i].text, good[i].iso};
        const struct timestamp_options o = {.format = &format, .name = "date"};
        if (!timestamp_format_parse(&format, good[i].format, &err))
            fail_msg("%s", err.text);
        expect_spellings(&one, 1, &o);
    }
}

static void test_formats_that_do_not_fit(void **state)
{
    static const struct {
        const char *format, *text;
    } bad[] = {{"DD.MM.YYYY", "2.1.2019"},
               {"DD.MM.YYYY", "02.01.19"},
               {"DD.MM.YYYY", "02.01.2019 "
                              "x"},
               {"hh:mm", "24:60"},
               {"YYYY-MM-DD", "1546300800"},
               {"D MMM YYYY", "2 Foo 2019"},
               {"DD.MM.YYYY hh:mm", "02.01.2019 25:00"}};
    static const char *const unknown[] = {"seconds",  "DD.MM",         "YYY-MM-DD",   "hh:mm hh",
                                          "sample:0", "sample:x",      "YYYY-DD",     "'YYYY-MM-DD",
                                          "A",        "YYYY-MM-DD mm", "DDD.MM.YYYY", "YYYY-MM-DD hh:ss"};
    (void)state;
    for (size_t i = 0; i < ARRAY_N(bad); i++) {
        struct timestamp_format format;
        struct timestamp t;
        assert_true(timestamp_format_parse(&format, bad[i].format, NULL));
        if (timestamp_scan_as(&format, '.', bad[i].text, strlen(bad[i].text), &t))
            fail_msg("'%s' is read as %s", bad[i].text, bad[i].format);
    }
    for (size_t i = 0; i < ARRAY_N(unknown); i++) {
        struct timestamp_format format = {.kind = TIMESTAMP_FORMAT_EXCEL};
        struct error err = {0};
        if (timestamp_format_parse(&format, unknown[i], &err))
            fail_msg("--format %s is accepted", unknown[i]);
        assert_int_equal(format.kind, TIMESTAMP_FORMAT_GUESS);
        assert_int_equal(err.kind, ERROR_USAGE);
    }
}

/* --- numbers that count ------------------------------------------------------------------------------------------ */

static bool decide_named(struct timestamp_column *column, int64_t *us, const char *name, const char *const *text,
                         size_t n, struct error *err)
{
    const struct timestamp_options o = {.name = name};
    return decide_as(column, us, text, n, &o, err);
}

static void test_elapsed(void **state)
{
    const char *const s[] = {"0.000", "0.004", "0.008", "0.012"}, *const open[] = {"0", "1", "2", "3"},
                      *const fine[] = {"0", "0.0000001"}, *const clock[] = {"0:00.000", "0:00.004", "0:00.008"},
                      *const day[] = {"14:00", "14:01"}, *const long_clock[] = {"00:00:01.5", "00:00:02.0"};
    struct timestamp_column column;
    struct error err = {0};
    int64_t us[4];
    (void)state;
    assert_true(decide_named(&column, us, "time_s", s, 4, &err));
    assert_int_equal(us[3], 12000);
    assert_true(column.elapsed);
    assert_non_null(strstr(column.evidence, "no calendar date"));
    assert_true(decide_named(&column, us, "Time [ms]", open, 4, &err));
    assert_int_equal(us[3], 3000);
    assert_true(decide_named(&column, us, "elapsed (sec)", s, 4, &err));
    assert_false(decide_named(&column, us, "time", s, 4, &err));
    assert_non_null(strstr(err.text, "--format elapsed-s"));
    assert_false(decide_named(&column, us, "sample", open, 4, &err));
    assert_non_null(strstr(err.text, "sample:HZ"));
    assert_false(decide_named(&column, us, "time_s", fine, 2, &err));
    assert_non_null(strstr(err.text, "less than a microsecond"));
    assert_true(decide_named(&column, us, "time", clock, 3, &err));
    assert_int_equal(us[2], 8000);
    assert_true(column.elapsed);
    assert_true(decide_named(&column, us, "time", long_clock, 2, &err));
    assert_int_equal(us[1], 2000000);
    assert_false(decide_named(&column, us, "time", day, 2, &err));
    assert_non_null(strstr(err.text, "without a date"));
}

/* 360 samples a second: no two become one, and none is off by more than half a microsecond. */
static void test_samples_keep_apart(void **state)
{
    struct timestamp_format format;
    struct timestamp_column column;
    static struct timestamp item[20000];
    static int64_t us[20000];
    static uint64_t line[20000];
    const struct timestamp_options o = {.format = &format, .name = "index"};
    (void)state;
    assert_true(timestamp_format_parse(&format, "sample:360", NULL));
    for (int i = 0; i < 20000; i++)
        item[i] = (struct timestamp){.kind = TIMESTAMP_NUMBER, .value = i};
    assert_true(timestamp_decide(&column, us, item, 20000, line, &o, NULL));
    for (int64_t i = 0; i < 20000; i++) {
        int64_t twice_off = 2 * (us[i] * 360 - i * 1000000);
        assert_true(twice_off <= 360 && twice_off >= -360);
        assert_true(i == 0 || us[i] - us[i - 1] == 2777 || us[i] - us[i - 1] == 2778);
    }
}

static void test_spreadsheet_days(void **state)
{
    static char text[40][24];
    const char *at[40];
    struct timestamp_column column;
    struct error err = {0};
    int64_t us[40];
    (void)state;
    for (int i = 0; i < 40; i++) {
        snprintf(text[i], 24, "%d", 43101 + i + i / 5 * 2);
        at[i] = text[i];
    }
    assert_true(decide_named(&column, us, "Date", at, 40, &err));
    assert_int_equal(us[0], clock_days(2018, 1, 1) * CLOCK_DAY_US);
    assert_non_null(strstr(column.evidence, "1900 system"));
    assert_false(decide_named(&column, us, "Date", at, 12, &err));
    assert_non_null(strstr(err.text, "excel"));
    assert_false(decide_named(&column, us, "price", at, 40, &err));
    assert_true(decide_named(&column, us, "excel date", at, 1, &err));
}

/* --- there and back ---------------------------------------------------------------------------------------------- */

static const char *const month_word[] = {"January", "February", "March",     "April",   "May",      "June",
                                         "July",    "August",   "September", "October", "November", "December"};

/* Every second from 1970 on to 2099 in many spellings; the year-last ones are settled by two rows that cannot be
 * misread. */
static void test_random_instants_come_back(void **state)
{
    struct random r = random_start(20240229, RANDOM_TEST, 0, 0);
    (void)state;
    for (int round = 0; round < 4000; round++) {
        int64_t s = (int64_t)(random_u64(&r) % UINT64_C(4102444800));
        int y, m, d, h = (int)(s % 86400 / 3600), min = (int)(s % 3600 / 60), sec = (int)(s % 60);
        clock_civil(s / 86400, &y, &m, &d);
        char text[12][64];
        int n = 0;
        snprintf(text[n++], 64, "%04d-%02d-%02dT%02d:%02d:%02dZ", y, m, d, h, min, sec);
        snprintf(text[n++], 64, "%04d/%d/%d %d:%02d:%02d", y, m, d, h, min, sec);
        snprintf(text[n++], 64, "%04d%02d%02dT%02d%02d%02d", y, m, d, h, min, sec);
        snprintf(text[n++], 64, "%04d%02d%02d%02d%02d%02d", y, m, d, h, min, sec);
        snprintf(text[n++], 64, "%d-%.3s-%04d %02d:%02d:%02d", d, month_word[m - 1], y, h, min, sec);
        snprintf(text[n++], 64, "%s %d, %04d %d:%02d:%02d %s", month_word[m - 1], d, y, h % 12 ? h % 12 : 12, min, sec,
                 h < 12 ? "AM" : "PM");
        snprintf(text[n++], 64, "%04d年%d月%d日 %02d:%02d:%02d", y, m, d, h, min, sec);
        snprintf(text[n++], 64, "Mon, %d %.3s %04d %02d:%02d:%02d +0000", d, month_word[m - 1], y, h, min, sec);
        snprintf(text[n++], 64, "%02d.%02d.%04d %02d:%02d:%02d", d, m, y, h, min, sec);
        snprintf(text[n++], 64, "%d/%d/%04d %02d:%02d:%02d", m, d, y, h, min, sec);
        for (int k = 0; k < n; k++) {
            const char *at = text[k];
            struct timestamp_column column;
            struct error err = {0};
            int64_t us;
            enum timestamp_order order = k == 8 ? TIMESTAMP_DMY : TIMESTAMP_MDY;
            if (!decide(&column, &us, &at, 1, order, &err))
                fail_msg("%s: %s", at, err.text);
            if (us != s * CLOCK_SECOND_US)
                fail_msg("%s is read as %lld s", at, (long long)(us / CLOCK_SECOND_US));
        }
    }
}

/* The short way for the usual form says what the long way says, also of dates and clocks that are none. */
static void test_short_way(void **state)
{
    static const char *const tail[] = {"", "Z", ".5", ".123456789Z", ",5", " UTC", "+01:00", "x", "."};
    struct random r = random_start(20191020, RANDOM_TEST, 0, 0);
    (void)state;
    for (int round = 0; round < 20000; round++) {
        char text[64];
        struct timestamp a, b = {.kind = TIMESTAMP_DATE};
        int n = snprintf(text, sizeof text, "%04u-%02u-%02u", random_below(&r, 10000), random_below(&r, 15),
                         random_below(&r, 34));
        if (random_below(&r, 4))
            snprintf(text + n, sizeof text - (size_t)n, "%c%02u:%02u:%02u%s", "T _t"[random_below(&r, 4)],
                     random_below(&r, 26), random_below(&r, 62), random_below(&r, 62),
                     tail[random_below(&r, ARRAY_N(tail))]);
        struct timestamp_cursor c = {text, text + strlen(text)};
        bool long_way = timestamp_scan_date(c, &b);
        if (timestamp_scan(text, strlen(text), &a) != long_way)
            fail_msg("'%s' is read one way only", text);
        if (long_way && (a.value != b.value || a.flags != b.flags || a.zone != b.zone || a.kind != b.kind ||
                         a.layout != b.layout || a.mark != b.mark))
            fail_msg("'%s' is read in two ways", text);
    }
}

/* A number that is no time after all is the same double that strtod would read. */
static void test_numbers_stay_exact(void **state)
{
    static const struct {
        const char *text;
        double value;
    } known[] = {{"0.1", 0.1},
                 {"-12.75", -12.75},
                 {"43101.041666666664", 43101.041666666664},
                 {"9007199254740993", 9007199254740993.0},
                 {"0.30000000000000004", 0.30000000000000004},
                 {"1e3", 1000},
                 {"1.5e-3", 0.0015},
                 {"123456789012345678", 123456789012345678.0},
                 {"+7", 7}};
    (void)state;
    for (size_t i = 0; i < ARRAY_N(known); i++) {
        struct timestamp t;
        assert_true(timestamp_scan(known[i].text, strlen(known[i].text), &t));
        assert_int_equal(t.kind, TIMESTAMP_NUMBER);
        assert_true(timestamp_number(&t) == known[i].value);
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
        cmocka_unit_test(test_named_forms),
        cmocka_unit_test(test_spellings_with_year_last),
        cmocka_unit_test(test_spellings_with_words),
        cmocka_unit_test(test_epochs),
        cmocka_unit_test(test_refused_spellings),
        cmocka_unit_test(test_order_of_day_and_month),
        cmocka_unit_test(test_ambiguous_is_a_question),
        cmocka_unit_test(test_steps_settle_the_order),
        cmocka_unit_test(test_steps_that_settle_nothing),
        cmocka_unit_test(test_short_years_settled_by_days),
        cmocka_unit_test(test_columns_are_uniform),
        cmocka_unit_test(test_a_date_is_its_midnight),
        cmocka_unit_test(test_epoch_units_mix),
        cmocka_unit_test(test_epoch_bounds),
        cmocka_unit_test(test_six_digits),
        cmocka_unit_test(test_given_formats),
        cmocka_unit_test(test_formats_that_do_not_fit),
        cmocka_unit_test(test_elapsed),
        cmocka_unit_test(test_samples_keep_apart),
        cmocka_unit_test(test_spreadsheet_days),
        cmocka_unit_test(test_random_instants_come_back),
        cmocka_unit_test(test_short_way),
        cmocka_unit_test(test_numbers_stay_exact),
        cmocka_unit_test(test_months),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
