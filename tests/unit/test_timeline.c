/* Which column is the time, what several of them say together, and which zone they are in. */
#include "test_support.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/read/timeline.h"
#include "data/time/timename.h"

struct case_read {
    struct encoding text;
    struct findings found;
    struct table table;
    struct timeline line;
    struct error err;
    bool ok;
};

static void read_case_bytes(struct case_read *c, const char *text, size_t n, const struct csv_options *options)
{
    static const struct csv_options none = {0};
    const struct csv_options *o = options ? options : &none;
    *c = (struct case_read){.ok = false};
    c->ok = encoding_find(&c->text, &c->found, text, n, NULL, &c->err) &&
            table_read(&c->table, &c->found, &c->text, o, &c->err) && timeline_find(&c->line, &c->table, o, &c->err);
}

static void read_case(struct case_read *c, const char *text, const struct csv_options *options)
{
    read_case_bytes(c, text, strlen(text), options);
}

static void free_case(struct case_read *c)
{
    timeline_free(&c->line);
    table_free(&c->table);
    findings_free(&c->found);
    encoding_free(&c->text);
}

/* The times of the first and the last row. */
static void expect(const char *text, const struct csv_options *options, const char *name, const char *first,
                   const char *last)
{
    struct case_read c;
    char iso[40];
    read_case(&c, text, options);
    if (!c.ok)
        fail_msg("%.40s: %s", text, c.err.text);
    assert_string_equal(c.line.name, name);
    assert_true(*c.line.evidence != '\0');
    clock_iso(c.line.us[0], iso, sizeof iso);
    assert_string_equal(iso, first);
    clock_iso(c.line.us[c.table.rows - 1], iso, sizeof iso);
    assert_string_equal(iso, last);
    free_case(&c);
}

static void refuse(const char *text, const struct csv_options *options, const char *part)
{
    struct case_read c;
    read_case(&c, text, options);
    if (c.ok)
        fail_msg("read as '%s' (%s), though it should be refused for '%s'", c.line.name, c.line.evidence, part);
    if (!strstr(c.err.text, part))
        fail_msg("'%s' does not say '%s'", c.err.text, part);
    free_case(&c);
}

/* --- one column -------------------------------------------------------------------------------------------------- */

static void test_one_column(void **state)
{
    (void)state;
    expect("date,v\n2019-01-01,1\n2019-01-02,2\n", NULL, "date", "2019-01-01T00:00:00Z", "2019-01-02T00:00:00Z");
    expect("v,w,Datum\n1,2,2019-01-01\n2,3,2019-01-02\n", NULL, "Datum", "2019-01-01T00:00:00Z",
           "2019-01-02T00:00:00Z");
    expect("v,日期\n1,2019年1月1日\n2,2019年1月2日\n", NULL, "日期", "2019-01-01T00:00:00Z", "2019-01-02T00:00:00Z");
    expect("id,volume,ts\n7,1500517590,1546300800\n9,1500517591,1546304400\n", NULL, "ts", "2019-01-01T00:00:00Z",
           "2019-01-01T01:00:00Z");
    expect("\"ts\",\"v\"\n\"1546300800000.0\",\"1\"\n\"1.5463044e12\",\"2\"\n", NULL, "ts", "2019-01-01T00:00:00Z",
           "2019-01-01T01:00:00Z");
}

static void test_no_column(void **state)
{
    (void)state;
    refuse("a,b\n1.5,2\n2.5,3\n", NULL, "no column holds times");
    refuse("date,v\nlate,1\nlater,2\n", NULL, "'date' holds 'late' on line 2");
    refuse("date,v\n2019-01-01,1\n2019-01-02,1\nsoon,2\n2019-01-04,1\n", NULL, "line 4: 'soon'");
    refuse("date,v\n2019-01-01,1\n,2\n2019-01-03,2\n", NULL, "line 3");
}

/* A number in front that counts rows, or holds ids, is no time beside a column that is. */
static void test_numbers_in_front(void **state)
{
    struct case_read c;
    (void)state;
    expect(",date,v\n0,2019-01-01,1\n1,2019-01-02,2\n", NULL, "date", "2019-01-01T00:00:00Z", "2019-01-02T00:00:00Z");
    read_case(&c, "trades,date,v\n1500000001,2019-01-01,1\n1400000002,2019-01-02,2\n", NULL);
    assert_true(c.ok);
    assert_null(c.table.column[0].time);
    assert_true(c.table.column[0].value[0] == 1500000001 && c.table.column[0].value[1] == 1400000002);
    free_case(&c);
}

static void expect_kind(const char *text, enum table_kind kind)
{
    struct case_read c;
    read_case(&c, text, NULL);
    if (!c.ok)
        fail_msg("%s", c.err.text);
    assert_int_equal(c.table.column[0].kind, kind);
    free_case(&c);
}

static void test_what_counts_rows(void **state)
{
    (void)state;
    expect_kind(",date,v\n0,2019-01-01,1\n1,2019-01-02,2\n2,2019-01-03,3\n", TABLE_INDEX);
    expect_kind(",date,v\n5,2019-01-01,1\n1,2019-01-02,2\n2,2019-01-03,3\n", TABLE_NUMBERS);
    expect_kind("\"date\",\"v\"\n\"1\",\"2019-01-01\",10\n\"2\",\"2019-01-02\",20\n\"3\",\"2019-01-03\",30\n",
                TABLE_INDEX);
}

/* What is missing stays missing in a column that was taken for a time first, by its name. */
static void test_missing_in_front(void **state)
{
    struct case_read c;
    (void)state;
    read_case(&c, "date,Min_T,v\n2019-01-01,4,1\n2019-01-02,NA,2\n2019-01-03,,3\n2019-01-04,7,4\n", NULL);
    assert_true(c.ok);
    assert_int_equal(c.table.column[1].missing, 2);
    assert_int_equal(c.table.column[1].texts, 0);
    free_case(&c);
}

/* --- several that say the same ----------------------------------------------------------------------------------- */

static void test_columns_that_agree(void **state)
{
    (void)state;
    expect("unix,date,v\n1546300800,2019-01-01 00:00:00,1\n1546304400,2019-01-01 01:00:00,2\n", NULL, "unix",
           "2019-01-01T00:00:00Z", "2019-01-01T01:00:00Z");
    expect("date,unix,v\n2019-01-01,1546300800,1\n2019-01-01,1546304400,2\n", NULL, "unix", "2019-01-01T00:00:00Z",
           "2019-01-01T01:00:00Z");
    expect("open_time,v,close_time\n1735689600000,1,1735689899999\n1735689900000,2,1735690199999\n", NULL, "open_time",
           "2025-01-01T00:00:00Z", "2025-01-01T00:05:00Z");
    expect("date_local,date_utc,v\n2019-06-01 02:00,2019-06-01 00:00,1\n2019-06-01 03:00,2019-06-01 01:00,1\n", NULL,
           "date_utc", "2019-06-01T00:00:00Z", "2019-06-01T01:00:00Z");
    expect("exported,date,v\n2020-01-01,2019-01-01,1\n2020-01-01,2019-01-02,2\n", NULL, "date", "2019-01-01T00:00:00Z",
           "2019-01-02T00:00:00Z");
    refuse("created,updated,v\n2019-01-01,2019-01-02,1\n2019-01-02,2019-01-04,1\n", NULL, "--time");
}

/* An order of day and month that the column leaves open is settled by a column that says the same. */
static void test_order_by_another_column(void **state)
{
    struct case_read c;
    (void)state;
    read_case(&c, "date,unix,v\n3/4/2019,1554249600,1\n4/4/2019,1554336000,2\n", NULL);
    assert_true(c.ok);
    assert_int_equal(c.line.us[0], clock_days(2019, 4, 3) * CLOCK_DAY_US);
    free_case(&c);
    refuse("date,v\n3/4/2019,1\n4/4/2019,2\n", NULL, "--date-order");
}

/* --- parts ------------------------------------------------------------------------------------------------------- */

static void test_date_and_clock(void **state)
{
    const struct csv_options asked = {.time_column = "a+b"};
    (void)state;
    expect("<DATE>,<TIME>,<CLOSE>\n2019.01.02,03:05,1\n2019.01.02,03:10,2\n", NULL, "<DATE>+<TIME>",
           "2019-01-02T03:05:00Z", "2019-01-02T03:10:00Z");
    expect("Date;Time;v\n10/03/2004;18.00.00;1\n13/03/2004;00.00.00;2\n", NULL, "Date+Time", "2004-03-10T18:00:00Z",
           "2004-03-13T00:00:00Z");
    expect("Date;v\n10.03.98;1\n13.03.98;2\n", NULL, "Date", "1998-03-10T00:00:00Z", "1998-03-13T00:00:00Z");
    expect("Date,Time,v\n20190102,0305,1\n20190102,1310,2\n", NULL, "Date+Time", "2019-01-02T03:05:00Z",
           "2019-01-02T13:10:00Z");
    expect("Date,Time,v\n20190102,305,1\n20190102,1310,2\n", NULL, "Date+Time", "2019-01-02T03:05:00Z",
           "2019-01-02T13:10:00Z");
    expect("Date,Time,v\n20190102,30500,1\n20190102,131059,2\n", NULL, "Date+Time", "2019-01-02T03:05:00Z",
           "2019-01-02T13:10:59Z");
    expect("Date,Time,v\n25/11/2019,02:00 PM,1\n25/11/2019,03:00 PM,2\n", NULL, "Date+Time", "2019-11-25T14:00:00Z",
           "2019-11-25T15:00:00Z");
    expect("date,hour,v\n2019-01-02,0,1\n2019-01-02,1,2\n", NULL, "date+hour", "2019-01-02T00:00:00Z",
           "2019-01-02T01:00:00Z");
    expect("a,x,b\n2019-01-02,1,03:05\n2019-01-02,2,03:10\n", &asked, "a+b", "2019-01-02T03:05:00Z",
           "2019-01-02T03:10:00Z");
    refuse("time,v\n14:00,1\n15:00,2\n", NULL, "without a date");
}

static void test_hours_that_end(void **state)
{
    struct case_read c;
    struct text text = {0};
    (void)state;
    text_put(&text, "date,hour,load\n");
    for (int h = 1; h <= 24; h++)
        text_printf(&text, "2019-01-02,%d,5\n", h);
    read_case(&c, text_of(&text), NULL);
    assert_true(c.ok);
    assert_int_equal(c.line.us[23], clock_days(2019, 1, 3) * CLOCK_DAY_US);
    assert_int_equal(c.line.stamp, CSV_STAMP_CLOSE);
    free_case(&c);
    text_free(&text);
}

static void test_year_month_day(void **state)
{
    (void)state;
    expect("year,month,day,v\n2019,1,2,5\n2019,1,3,6\n", NULL, "year+month+day", "2019-01-02T00:00:00Z",
           "2019-01-03T00:00:00Z");
    expect("Year,Month,Day,Hour,v\n2019,1,2,0,5\n2019,1,2,1,6\n", NULL, "Year+Month+Day+Hour", "2019-01-02T00:00:00Z",
           "2019-01-02T01:00:00Z");
    expect("year,month,v\n2019,1,5\n2019,2,6\n", NULL, "year+month", "2019-01-01T00:00:00Z", "2019-02-01T00:00:00Z");
    expect("year,v\n2018,5\n2019,6\n", NULL, "year", "2018-01-01T00:00:00Z", "2019-01-01T00:00:00Z");
    refuse("year,month,day,v\n2019,2,28,5\n2019,2,29,6\n", NULL, "line 3: there is no day 2019-02-29");
}

/* --- logs -------------------------------------------------------------------------------------------------------- */

static void test_elapsed_logs(void **state)
{
    const struct csv_options rate = {.format = "sample:360"};
    struct case_read c;
    (void)state;
    expect("time_s,ecg\n0.000,1\n0.004,2\n0.008,3\n", NULL, "time_s", "1970-01-01T00:00:00Z",
           "1970-01-01T00:00:00.008000Z");
    expect("'Elapsed time','MLII'\n'0:00.000',1\n'0:00.004',2\n", NULL, "'Elapsed time'", "1970-01-01T00:00:00Z",
           "1970-01-01T00:00:00.004000Z");
    expect("Zeit [s];Wert\n0,000;1\n0,004;2\n10,500;2\n", NULL, "Zeit [s]", "1970-01-01T00:00:00Z",
           "1970-01-01T00:00:10.500000Z");
    expect("sample,ecg\n0,1\n1,2\n2,3\n", &rate, "sample", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.005556Z");
    refuse("time,ecg\n0.000,1\n0.004,2\n0.008,3\n", NULL, "--format elapsed-s");
    read_case(&c, "time_ms,ecg\n0,1\n4,2\n8,3\n", NULL);
    assert_true(c.ok && c.line.format.elapsed && c.line.stamp == CSV_STAMP_CLOSE);
    assert_non_null(strstr(c.line.format.evidence, "no calendar date"));
    free_case(&c);
}

/* --- zones ------------------------------------------------------------------------------------------------------- */

static void test_zones_that_are_said(void **state)
{
    const struct csv_options rome = {.zone = "Europe/Rome"}, west = {.zone = "-05:00"}, utc = {.zone = "UTC"};
    (void)state;
    expect("time,v\n2019-06-01 02:00,1\n2019-06-01 03:00,2\n", &rome, "time", "2019-06-01T00:00:00Z",
           "2019-06-01T01:00:00Z");
    expect("time,v\n2019-06-01 02:00,1\n2019-06-01 03:00,2\n", &west, "time", "2019-06-01T07:00:00Z",
           "2019-06-01T08:00:00Z");
    expect("Open time (GMT+8),v\n2019-06-01 08:00,1\n2019-06-01 09:00,2\n", NULL, "Open time (GMT+8)",
           "2019-06-01T00:00:00Z", "2019-06-01T01:00:00Z");
    expect("time,v\n2019-06-01T17:00-07:00,1\n2019-06-02T17:00-07:00,2\n", NULL, "time", "2019-06-02T00:00:00Z",
           "2019-06-03T00:00:00Z");
    expect("date,v\n2019-06-01,1\n2019-06-02,2\n", &rome, "date", "2019-05-31T22:00:00Z", "2019-06-01T22:00:00Z");
    expect("ts,v\n1546300800,1\n1546304400,2\n", &utc, "ts", "2019-01-01T00:00:00Z", "2019-01-01T01:00:00Z");
    refuse("ts,v\n1546300800,1\n1546304400,2\n", &rome, "--tz Europe/Rome cannot be meant");
    refuse("time,v\n2019-06-01 02:00Z,1\n2019-06-01 03:00Z,2\n", &rome, "every cell names its zone");
    refuse("time,v\n2019-06-01 02:00,1\n", &(struct csv_options){.zone = "Mars/Olympus"}, "there is no zone");
    refuse("Local time,v\n2019-06-01 02:00,1\n2019-06-01 03:00,1\n", NULL, "--tz");
    refuse("time EST,v\n2019-06-01 02:00,1\n2019-06-01 03:00,1\n", NULL, "the column's name says EST");
}

/* The name of a place in the header, and zones in a column of their own. */
static void test_zones_beside_the_time(void **state)
{
    (void)state;
    expect("Time (America/New_York),v\n2019-01-01 00:00,1\n2019-01-01 01:00,2\n", NULL, "Time (America/New_York)",
           "2019-01-01T05:00:00Z", "2019-01-01T06:00:00Z");
    refuse("Time (Europe/Atlantis),v\n2019-01-01 00:00,1\n2019-01-01 01:00,2\n", NULL, "Europe/Atlantis");
    expect("time BTC/USD,v\n2019-01-01 00:00,1\n2019-01-01 01:00,2\n", NULL, "time BTC/USD", "2019-01-01T00:00:00Z",
           "2019-01-01T01:00:00Z");
    expect("time,timezone,v\n2019-06-01 02:00,Europe/Rome,1\n2019-06-01 03:00,Europe/Rome,2\n", NULL, "time",
           "2019-06-01T00:00:00Z", "2019-06-01T01:00:00Z");
    expect("time,tz,v\n2019-06-01 02:00,UTC,1\n2019-06-01 03:00,UTC,2\n", NULL, "time", "2019-06-01T02:00:00Z",
           "2019-06-01T03:00:00Z");
    expect("time,zone,v\n2019-06-01 02:00,north,1\n2019-06-01 03:00,south,2\n", NULL, "time", "2019-06-01T02:00:00Z",
           "2019-06-01T03:00:00Z");
    refuse("time,tz_cd,v\n2019-06-01 02:00,EDT,1\n2019-06-01 03:00,EDT,2\n", NULL, "'tz_cd' says EDT");
    refuse("time,tz_cd,v\n2019-06-01 02:00,UTC,1\n2019-06-01 03:00,CET,2\n", NULL, "'tz_cd' says CET");
}

static void test_words_are_read_by_their_zone(void **state)
{
    const struct csv_options york = {.zone = "America/New_York"}, rome = {.zone = "Europe/Rome"};
    static const char text[] = "time,v\n2019-11-03 01:00 EDT,1\n2019-11-03 01:00 EST,2\n";
    (void)state;
    expect(text, &york, "time", "2019-11-03T05:00:00Z", "2019-11-03T06:00:00Z");
    refuse(text, &rome, "do not show 'EDT'");
    refuse(text, NULL, "--tz");
}

static void test_local_times_are_a_question(void **state)
{
    struct text text = {0};
    struct case_read c;
    (void)state;
    text_put(&text, "utc,v\n");
    for (int64_t h = 0; h < 24 * 240; h++) {
        char iso[40];
        int64_t local = clock_days(2019, 3, 20) * 24 + h, summer = clock_days(2019, 3, 31) * 24 + 1,
                winter = clock_days(2019, 10, 27) * 24 + 1;
        clock_iso((local + 1 + (local >= summer && local < winter)) * 3600 * CLOCK_SECOND_US, iso, sizeof iso);
        iso[10] = ' ';
        text_printf(&text, "%.16s,%d\n", iso, (int)h);
    }
    refuse(text_of(&text), NULL, "Europe/Berlin");
    refuse(text_of(&text), NULL, "though UTC is said of it");
    read_case(&c, text_of(&text), &(struct csv_options){.zone = "Europe/Berlin"});
    assert_true(c.ok);
    for (size_t i = 1; i < c.table.rows; i++)
        assert_int_equal(c.line.us[i] - c.line.us[i - 1], 3600 * CLOCK_SECOND_US);
    assert_int_equal(c.line.note_n, 1);
    assert_non_null(strstr(c.line.note[0], "CEST, then CET"));
    free_case(&c);
    text_free(&text);
}

static void test_names(void **state)
{
    static const struct {
        const char *name;
        enum timename_part part;
        enum timename_unit unit;
    } known[] = {{"date", TIMENAME_DATE, TIMENAME_NO_UNIT},     {"Time [ms]", TIMENAME_CLOCK, TIMENAME_MS},
                 {"timestamp_us", TIMENAME_ANY, TIMENAME_US},   {"sentiment", TIMENAME_NONE, TIMENAME_NO_UNIT},
                 {"Uhrzeit", TIMENAME_CLOCK, TIMENAME_NO_UNIT}, {"fecha_hora", TIMENAME_ANY, TIMENAME_NO_UNIT},
                 {"elapsed (s)", TIMENAME_ANY, TIMENAME_S},     {"volume", TIMENAME_NONE, TIMENAME_NO_UNIT},
                 {"日付", TIMENAME_DATE, TIMENAME_NO_UNIT},     {"time (µs)", TIMENAME_CLOCK, TIMENAME_US},
                 {"DateTime", TIMENAME_ANY, TIMENAME_NO_UNIT},  {"hour", TIMENAME_HOUR, TIMENAME_HOURS}};
    struct timename t;
    (void)state;
    for (size_t i = 0; i < ARRAY_N(known); i++) {
        timename_read(&t, known[i].name);
        if (t.part != known[i].part || t.unit != known[i].unit)
            fail_msg("%s: part %d, unit %d", known[i].name, t.part, t.unit);
    }
    timename_read(&t, "Open time (UTC+05:30)");
    assert_true(t.has_zone && t.open);
    assert_int_equal(t.zone_minutes, 330);
    timename_read(&t, "Timestamps are UTC timezone");
    assert_true(t.has_zone && t.zone_minutes == 0);
    timename_read(&t, "est_revenue");
    assert_true(!t.has_zone && !*t.zone_word);
}

/* --- real files -------------------------------------------------------------------------------------------------- */

static const struct {
    const char *path, *name, *first, *last;
} real[] = {
#include "time_real.inc"
};

static void expect_span(const struct case_read *c, const char *path, const char *first, const char *last)
{
    int64_t low = INT64_MAX, high = INT64_MIN;
    char from[40], to[40];
    for (size_t i = 0; i < c->table.rows; i++) {
        low = c->line.us[i] < low ? c->line.us[i] : low;
        high = c->line.us[i] > high ? c->line.us[i] : high;
    }
    clock_iso(low, from, sizeof from);
    clock_iso(high, to, sizeof to);
    if (strcmp(from, first) != 0 || strcmp(to, last) != 0)
        fail_msg("%s: %s .. %s, not %s .. %s", path, from, to, first, last);
}

/* The time of every file is found without an option, and says what the manifest says. */
static void test_real_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_N(real); i++) {
        struct bytes file = {0};
        struct error err = {0};
        struct case_read c;
        char path[FILE_PATH_MAX];
        file_join(path, sizeof path, getenv("MORPHSMITH_TEST_DATA"), real[i].path);
        if (!file_read(path, (size_t)1 << 28, &file, &err))
            fail_msg("%s", err.text);
        read_case_bytes(&c, (const char *)file.data, file.n, NULL);
        if (!c.ok)
            fail_msg("%s: %s", real[i].path, c.err.text);
        if (*real[i].name && strcmp(c.line.name, real[i].name) != 0)
            fail_msg("%s: the time is '%s', not '%s'", real[i].path, c.line.name, real[i].name);
        expect_span(&c, real[i].path, real[i].first, real[i].last);
        free_case(&c);
        bytes_free(&file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_column),
        cmocka_unit_test(test_no_column),
        cmocka_unit_test(test_numbers_in_front),
        cmocka_unit_test(test_what_counts_rows),
        cmocka_unit_test(test_missing_in_front),
        cmocka_unit_test(test_columns_that_agree),
        cmocka_unit_test(test_order_by_another_column),
        cmocka_unit_test(test_date_and_clock),
        cmocka_unit_test(test_hours_that_end),
        cmocka_unit_test(test_year_month_day),
        cmocka_unit_test(test_elapsed_logs),
        cmocka_unit_test(test_zones_that_are_said),
        cmocka_unit_test(test_zones_beside_the_time),
        cmocka_unit_test(test_words_are_read_by_their_zone),
        cmocka_unit_test(test_local_times_are_a_question),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_real_files), /* last: left out without the folder */
    };
    size_t n = ARRAY_N(tests) - (getenv("MORPHSMITH_TEST_DATA") ? 0 : 1);
    return _cmocka_run_group_tests("timeline", tests, n, NULL, NULL);
}
