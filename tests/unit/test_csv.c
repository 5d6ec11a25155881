/* The importer: what is read is read right, what is not understood is refused by name, and nothing crashes it. */
#include "test_support.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "data/name.h"
#include "data/read/csv.h"

#include <math.h>
#include <sys/stat.h>

#define BOM(text) ("\xef\xbb\xbf" text)
#define DAY(y, m, d) (clock_days(y, m, d) * CLOCK_DAY_US)

static struct frame *read_text(const char *text, struct csv_report *report, const struct csv_options *options)
{
    struct error err = {0};
    struct frame *f = csv_import_text("x.csv", text, strlen(text), report, options, &err);
    if (!f)
        fail_msg("refused: %s", err.text);
    return f;
}

static void done(struct frame *f, struct csv_report *report)
{
    frame_free(f);
    csv_report_free(report);
}

static void refused_bytes(const char *text, size_t n, const struct csv_options *options, const char *part)
{
    struct csv_report report;
    struct error err = {0};
    struct frame *f = csv_import_text("x.csv", text, n, &report, options, &err);
    if (f)
        fail_msg("read, though it should be refused for '%s'", part);
    csv_report_free(&report);
    assert_true(text_starts(err.text, "x.csv: "));
    if (err.kind != ERROR_DATA || !strstr(err.text, part))
        fail_msg("'%s' does not say '%s'", err.text, part);
}

static void refused(const char *text, const char *part)
{
    refused_bytes(text, strlen(text), NULL, part);
}

/* --- what is read ------------------------------------------------------------------------------------------------ */

static void test_plain(void **state)
{
    struct csv_report r;
    struct frame *f =
        read_text("date,level,note\n2019-01-01,1.5,a\n2019-01-02,,b\n2019-01-03,-2e-3,\"a,\"\"b\"\"\"\n", &r, NULL);
    (void)state;
    assert_int_equal(f->rows, 3);
    assert_int_equal(f->columns, 1);
    assert_string_equal(f->column[0].name, "level");
    assert_true(f->column[0].value[0] == 1.5 && isnan(f->column[0].value[1]) && f->column[0].value[2] == -2e-3);
    assert_int_equal(f->time_us[2], DAY(2019, 1, 3));
    assert_int_equal(r.stamp, CSV_STAMP_DATE);
    assert_int_equal(r.missing, 1);
    assert_int_equal(r.step_us, CLOCK_DAY_US);
    assert_false(r.reordered);
    assert_int_equal(r.warning_n, 1);
    assert_non_null(strstr(r.warning[0], "'note'"));
    done(f, &r);
}

/* The same table in other dress gives the same frame, bit for bit. */
static void test_dress(void **state)
{
    static const char *const same[] = {
        "date,v,w\n2019-01-01,1,2\n2019-01-02,3,4\n",
        "date,v,w\n2019-01-01,1,2\n2019-01-02,3,4",
        BOM("date,v,w\r\n2019-01-01,1,2\r\n2019-01-02,3,4\r\n"),
        "\n\"date\",\"v\",\"w\"\n\n\"2019-01-01\",\"1\",\"2\"\n  \n2019-01-02 , 3,4.0\n\n",
        "date,v,w\n2019-01-02,3,4\n2019-01-01,1,2\n",
        "date,v,w\n2019-01-02,3,4\n2019-01-01,1,2\n2019-01-02,3,4\n,,\n",
        "v,date,w\n1,1/1/2019,2\n3,1/2/2019,4\n",
    };
    struct csv_options options = {.date_order = CSV_ORDER_MDY};
    struct hash first = {{0}};
    (void)state;
    for (size_t i = 0; i < ARRAY_N(same); i++) {
        struct csv_report r;
        struct frame *f = read_text(same[i], &r, &options);
        if (i == 0)
            first = frame_hash(f);
        if (!hash_equal(first, frame_hash(f)))
            fail_msg("text %zu gives another frame", i);
        assert_int_equal(r.reordered, i == 4 || i == 5);
        assert_int_equal(r.duplicates, i == 5);
        assert_int_equal(r.dropped, i == 5);
        done(f, &r);
    }
}

static void test_names(void **state)
{
    (void)state;
    assert_true(name_has("UnixTimeStamp", "time") && name_has("Date(UTC)", "date") && name_has("open_time", "open"));
    assert_true(name_has("NVTAdj", "nvt") && name_has("ROI30d", "roi") && name_has("t", "t") &&
                name_has("CapMVRVCur", "mvrv"));
    assert_false(name_has("sentiment", "time") || name_has("count", "t") || name_has("updates", "date") ||
                 name_has("", "t"));
}

static void test_header_names(void **state)
{
    struct csv_report r;
    struct frame *f = read_text(",Break,break,Break,,x\n2019-01-01,1,2,3,4,5\n", &r, NULL);
    static const char *const name[] = {"Break", "break_2", "Break_3", "column_5", "x"};
    (void)state;
    assert_int_equal(f->columns, 5);
    for (size_t c = 0; c < 5; c++)
        assert_string_equal(f->column[c].name, name[c]);
    assert_string_equal(r.time_column, "column_1");
    done(f, &r);
}

static void test_duplicates(void **state)
{
    struct csv_report r;
    struct text csv = {0};
    (void)state;
    text_put(&csv, "date,a,b\n");
    for (int day = 1; day <= 28; day++)
        text_printf(&csv, "2019-01-%02d,%d,\n", day, day);
    text_put(&csv, "2019-01-05,55,\n2019-01-07,7,\n2019-01-05,56,1\n");
    struct frame *f = read_text(text_of(&csv), &r, NULL);
    assert_int_equal(f->rows, 28);
    assert_true(f->column[0].value[4] == 56 && f->column[1].value[4] == 1);
    assert_int_equal(r.duplicates, 3);
    assert_int_equal(r.drop_n, 3);
    assert_int_equal(r.drop[0].line, 6);
    assert_string_equal(r.drop[0].why, "same time as line 32, which is kept; 'a' differs");
    assert_int_equal(r.drop[1].line, 8);
    assert_string_equal(r.drop[1].why, "the same row as line 31");
    assert_int_equal(r.drop[2].line, 30);
    text_free(&csv);
    done(f, &r);
}

static void test_gaps(void **state)
{
    struct csv_report r;
    struct frame *f = read_text("date,a\n2019-01-01,1\n2019-01-02,1\n2019-01-03,1\n2019-01-07,1\n", &r, NULL);
    (void)state;
    assert_int_equal(r.gaps, 1);
    assert_int_equal(r.first_us, DAY(2019, 1, 1));
    assert_int_equal(r.last_us, DAY(2019, 1, 7));
    done(f, &r);
}

/* --- which column, which stamp ----------------------------------------------------------------------------------- */

static void test_time_columns(void **state)
{
    struct csv_report r;
    struct frame *f =
        read_text("open_time,v,close_time\n1735689600000,1,1735689899999\n1735689900000,2,1735690199999\n", &r, NULL);
    struct csv_options close = {.time_column = "close_time"};
    (void)state;
    assert_string_equal(r.time_column, "open_time");
    assert_int_equal(r.stamp, CSV_STAMP_OPEN);
    done(f, &r);
    f = read_text("open_time,v,close_time\n1735689600000,1,1735689899999\n1735689900000,2,1735690199999\n", &r, &close);
    assert_string_equal(r.time_column, "close_time");
    assert_int_equal(r.stamp, CSV_STAMP_CLOSE);
    done(f, &r);
    /* a volume that looks like seconds is no time */
    f = read_text("date,volume\n2019-01-01,1500517590\n2019-01-02,1500517591\n", &r, NULL);
    assert_true(f->columns == 1 && f->column[0].value[0] == 1500517590.0);
    done(f, &r);
    refused("a,b,v\n2019-01-01,2019-01-02,1\n2019-01-02,2019-01-04,1\n", "--time");
    refused("a,v\nlate 2019,1\n", "no column holds times");
    refused("date,v\n2019-01-01,1\nsoon,2\n", "line 3: 'soon'");
    refused("date,v\n2019-01-01,1\n,2\n", "line 3: ''");
}

static void expect_stamp(const char *text, enum csv_stamp stamp)
{
    struct csv_report r;
    struct frame *f = read_text(text, &r, NULL);
    assert_int_equal(r.stamp, stamp);
    done(f, &r);
}

static void test_stamps(void **state)
{
    (void)state;
    expect_stamp("time,v\n1546300800,1\n1546387200,2\n", CSV_STAMP_DATE);
    expect_stamp("time,open,high,low,close\n1546300800,1,1,1,1\n1546304400,1,1,1,1\n", CSV_STAMP_OPEN);
    expect_stamp("snapped_at,price\n2013-04-28 00:00:00 UTC,1\n2013-04-29 00:00:00 UTC,2\n", CSV_STAMP_CLOSE);
    expect_stamp("t,v\n2013-04-28T23:59:59.999Z,1\n2013-04-29T23:59:59.999Z,2\n", CSV_STAMP_CLOSE);
    expect_stamp("Month,v\n2013-04,1\n2013-05,2\n2013-06,2\n", CSV_STAMP_DATE);
    expect_stamp("d,v\n2013-04-30,1\n2013-05-31,2\n2013-06-30,2\n", CSV_STAMP_CLOSE);
    refused("time,v\n1546300800,1\n1546304400,1\n", "--stamp");
    refused("week,v\n2019-01-06,1\n2019-01-13,1\n", "--stamp");
    struct csv_options options = {.stamp = CSV_STAMP_CLOSE};
    struct csv_report r;
    struct frame *f = read_text("time,v\n1546300800,1\n1546304400,1\n", &r, &options);
    assert_int_equal(r.stamp, CSV_STAMP_CLOSE);
    done(f, &r);
}

static void test_guesses_have_evidence(void **state)
{
    struct csv_report r;
    struct frame *f = read_text("date,value\r\n2/13/2024,3\r\n2/14/2024,4\r\n", &r, NULL);
    bool order = false;
    (void)state;
    assert_true(r.guess_n >= 6);
    for (size_t i = 0; i < r.guess_n; i++) {
        assert_true(r.guess[i].what[0] && r.guess[i].value[0] && r.guess[i].evidence[0]);
        order =
            order || (strcmp(r.guess[i].value, "M/D/YYYY") == 0 && strstr(r.guess[i].evidence, "line 2: 2/13/2024"));
    }
    assert_true(order);
    done(f, &r);
}

/* --- what is refused --------------------------------------------------------------------------------------------- */

static void test_refused_forms(void **state)
{
    (void)state;
    refused("", "empty");
    refused("\n\n", "no line with text");
    refused("date,v\n", "no rows");
    refused("date,v\n2019-01-01,1\n2019-01-02,1,5\n", "line 3 has 3");
    refused("date,v\n2019-01-01,\"1\n2019-01-02,1\n", "line 2");
    refused("date,v\n2019-01-01,\"1\"5\n", "quote");
    refused("date,v\n2019-01-01,x\n2019-01-02,y\n", "no column but the time");
    refused("\x1f\x8b\x08", "gzip");
    refused_bytes("date,v\n2019-01-01,1\0\n", 21, NULL, "line 2");
}

static void test_refused_values(void **state)
{
    (void)state;
    refused("date,v\n2019-01-01,\"1,500\"\n2019-01-02,\"1,600\"\n", "line 2: '1,500' in column 'v'");
    refused("date,v\n2019-01-01,1\n2019-01-02,halted\n2019-01-03,2\n", "line 3: 'halted' in column 'v'");
    refused("date,v\n2019-01-01,1\n2019-01-02,<1\n", "line 3: '<1'");
    refused("date,v\n1/2/2019,1\n3/4/2019,1\n", "--date-order");
    refused("date,v\n2019-02-30,1\n", "2019-02-30");
    refused("date,mark,v\n2019-01-01,1.5,1\n2019-01-01,2.5,2\n2019-01-02,1.5,3\n2019-01-02,2.5,4\n2019-01-03,1.5,3\n"
            "2019-01-03,2.5,4\n",
            "--symbol");
    refused("date,mark,v\n2019-01-01,1.5,1\n2019-01-01,2.5,2\n", "--symbol");
    refused(
        "utc,v,w\n2019-11-03 00:00:00,1,1\n2019-11-03 01:00:00,2,1\n2019-11-03 01:00:00,3,1\n2019-11-03 02:00:00,4,1\n",
        "clocks go back");
}

static void test_refused_files(void **state)
{
    char path[4096];
    struct csv_report r;
    struct error err = {0};
    assert_null(csv_import(*state, &r, NULL, &err));
    assert_true(err.kind != ERROR_NONE && strstr(err.text, *state));
    csv_report_free(&r);
    snprintf(path, sizeof path, "%s/pipe", (const char *)*state);
    assert_int_equal(mkfifo(path, 0600), 0);
    err = (struct error){0};
    assert_null(csv_import(path, &r, NULL, &err));
    assert_true(err.kind != ERROR_NONE && strstr(err.text, "pipe"));
    csv_report_free(&r);
    snprintf(path, sizeof path, "%s/none", (const char *)*state);
    err = (struct error){0};
    assert_null(csv_import(path, &r, NULL, &err));
    assert_int_equal(err.kind, ERROR_IO);
    csv_report_free(&r);
}

static void test_file_and_its_limit(void **state)
{
    char path[4096];
    struct csv_report r;
    struct error err = {0};
    struct csv_options options = {.most_bytes = 10};
    snprintf(path, sizeof path, "%s/x.csv", (const char *)*state);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs("date,v\n2019-01-01,1\n", f) >= 0);
    assert_int_equal(fclose(f), 0);
    struct frame *frame = csv_import(path, &r, NULL, &err);
    assert_non_null(frame);
    done(frame, &r);
    assert_null(csv_import(path, &r, &options, &err));
    csv_report_free(&r);
}

/* A record that never ends must not eat the memory. */
static void test_endless_record(void **state)
{
    struct text csv = {0};
    (void)state;
    text_put(&csv, "date,v\n2019-01-01,\"");
    for (int i = 0; i < 200000; i++)
        text_put(&csv, "2019-01\n");
    refused(text_of(&csv), "line 2");
    text_free(&csv);
    text_put(&csv, "date");
    for (int i = 0; i < 5000; i++)
        text_put(&csv, ",v");
    refused(text_of(&csv), "more than");
    text_free(&csv);
}

/* --- mutations --------------------------------------------------------------------------------------------------- */

static const char *const seeds[] = {
    "date,PriceUSD,AdrActCnt\n2010-01-01,1.5,100\n2010-01-02,1.6,\n2010-01-03,1.7,120\n",
    BOM("Date,Value,Class\r\n2/11/2025,47,\"Neutral\"\r\n2/10/2025,43,\"Fe\"\"ar\"\r\n"),
    "open_time,open,high,low,close\n1735689600000,1,2,0.5,1.5\n1735689900000,1,2,0.5,1.5\n",
    "time,v\n2019-01-01T00:00:00.5+02:00,1e-5\n2019-01-02T00:00:00.5+02:00,-\n",
};

static void mutate(struct random *r, char *text, size_t *n, size_t capacity)
{
    static const char mark[] = ",,\"\"\n\r;-:/.TZ0129eE+ \t\xff\xef";
    for (uint32_t k = 1 + random_below(r, 4); k > 0 && *n > 0; k--) {
        size_t at = random_below(r, (uint32_t)*n);
        uint32_t what = random_below(r, 4), length = 1 + random_below(r, 12);
        if (what == 0) {
            text[at] = (char)random_below(r, 256);
        } else if (what == 1) {
            text[at] = mark[random_below(r, sizeof mark)];
        } else if (what == 2) {
            size_t cut = length < *n - at ? length : *n - at;
            memmove(text + at, text + at + cut, *n - at - cut);
            *n -= cut;
        } else if (*n + length < capacity && at + length <= *n) {
            memmove(text + at + length, text + at, *n - at); /* say a piece twice */
            *n += length;
        }
    }
}

static void check_accepted(const struct frame *f, const struct csv_report *r)
{
    assert_true(f->rows > 0 && f->rows == r->rows && f->columns == r->columns && f->columns > 0);
    assert_true(r->stamp != CSV_STAMP_GUESS);
    for (size_t i = 1; i < f->rows; i++)
        assert_true(f->time_us[i] > f->time_us[i - 1]);
    for (size_t c = 0; c < f->columns; c++) {
        assert_true(f->column[c].name[0]);
        for (size_t i = 0; i < f->rows; i++)
            assert_true(isinf(f->column[c].value[i]) == 0);
    }
}

static void test_mutations(void **state)
{
    struct random r = random_start(1, RANDOM_TEST, 1, 0);
    size_t read = 0;
    (void)state;
    for (int i = 0; i < 6000; i++) {
        char text[512];
        const char *seed = seeds[random_below(&r, ARRAY_N(seeds))];
        size_t n = strlen(seed);
        struct csv_report report;
        struct error err = {0};
        memcpy(text, seed, n);
        mutate(&r, text, &n, sizeof text);
        char *exact = memory_copy(text, n ? n : 1); /* reading one byte too many is seen by the sanitizer */
        struct frame *f = csv_import_text("x", exact, n, &report, NULL, &err);
        if (f)
            check_accepted(f, &report);
        else
            assert_true(err.kind == ERROR_DATA && strlen(err.text) > 8);
        read += f != NULL;
        frame_free(f);
        csv_report_free(&report);
        free(exact);
    }
    assert_in_range(read, 200, 5800); /* both sides are exercised */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_dress),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_header_names),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_time_columns),
        cmocka_unit_test(test_stamps),
        cmocka_unit_test(test_guesses_have_evidence),
        cmocka_unit_test(test_refused_forms),
        cmocka_unit_test(test_refused_values),
        cmocka_unit_test(test_endless_record),
        cmocka_unit_test(test_mutations),
        cmocka_unit_test_setup_teardown(test_refused_files, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(test_file_and_its_limit, test_folder_new, test_folder_free),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
