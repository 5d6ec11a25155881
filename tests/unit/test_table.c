/* Tables: where they begin, what their columns are called and hold, which rows are dropped, and what is a question. */
#include "test_support.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "data/read/table.h"

#include <math.h>

struct reading {
    struct encoding *text; /* the table borrows it, and a reading is returned by value */
    struct findings found;
    struct table table;
    struct error err;
};

static bool read_bytes(struct reading *r, const char *text, size_t n, const struct csv_options *options)
{
    static const struct csv_options none = {0};
    *r = (struct reading){.text = memory_new(1, sizeof *r->text)};
    return encoding_find(r->text, &r->found, text, n, NULL, &r->err) &&
           table_read(&r->table, &r->found, r->text, options ? options : &none, &r->err);
}

static void done(struct reading *r)
{
    table_free(&r->table);
    encoding_free(r->text);
    free(r->text);
    findings_free(&r->found);
}

static struct reading read_with(const char *text, const struct csv_options *options)
{
    struct reading r;
    if (!read_bytes(&r, text, strlen(text), options))
        fail_msg("refused: %s", r.err.text);
    return r;
}

static struct reading read_text(const char *text)
{
    return read_with(text, NULL);
}

static void refused_with(const char *text, const struct csv_options *options, const char *part)
{
    struct reading r;
    bool read = read_bytes(&r, text, strlen(text), options);
    for (size_t c = 0; read && c < r.table.columns; c++)
        read = table_check_column(&r.table, c, &r.err);
    if (read)
        fail_msg("read, though it should be refused for '%s'", part);
    if (!strstr(r.err.text, part))
        fail_msg("'%s' does not say '%s'", r.err.text, part);
    done(&r);
}

static void refused(const char *text, const char *part)
{
    refused_with(text, NULL, part);
}

/* names: separated by bars */
static void expect_names(const struct reading *r, const char *names)
{
    struct text got = {0};
    for (size_t c = 0; c < r->table.columns; c++)
        text_printf(&got, "%s%s", c ? "|" : "", r->table.column[c].name);
    assert_string_equal(text_of(&got), names);
    text_free(&got);
}

static void holds(const struct reading *r, size_t column, size_t row, double wanted)
{
    assert_true(column < r->table.columns && row < r->table.rows && r->table.column[column].value);
    double got = r->table.column[column].value[row];
    if (got != wanted && !(isnan(got) && isnan(wanted)))
        fail_msg("row %zu of '%s' is %.17g, not %.17g", row, r->table.column[column].name, got, wanted);
}

static void expect_guess(const struct reading *r, const char *what, const char *value, const char *evidence)
{
    for (size_t i = 0; i < r->found.guess_n; i++)
        if (text_equal(r->found.guess[i].what, what) && strstr(r->found.guess[i].value, value) &&
            strstr(r->found.guess[i].evidence, evidence))
            return;
    fail_msg("no guess of the %s says '%s' because of '%s'", what, value, evidence);
}

static void expect_drop(const struct reading *r, size_t i, uint64_t line, const char *why)
{
    assert_true(i < r->found.drop_n);
    assert_int_equal(r->found.drop[i].line, line);
    if (!strstr(r->found.drop[i].why, why))
        fail_msg("'%s' does not say '%s'", r->found.drop[i].why, why);
}

/* --- delimiters -------------------------------------------------------------------------------------------------- */

static void test_delimiters(void **state)
{
    static const struct {
        const char *text, *name;
        double value;
    } one[] = {
        {"date,v\n2019-01-01,1.5\n2019-01-02,2\n", "comma", 1.5},
        {"date;v\n2019-01-01;1,5\n2019-01-02;2,25\n", "semicolon", 1.5},
        {"date;v;w\n2019-01-01;1,5;2,5\n2019-01-02;2,25;3,5\n", "semicolon", 1.5},
        {"date\tv\n2019-01-01\t1.5\n2019-01-02\t2\n", "tab", 1.5},
        {"date|v\n2019-01-01|1.5\n2019-01-02|2\n", "bar", 1.5},
        {"sep=;\ndate;v\n2019-01-01;1.5\n", "semicolon", 1.5},
        {"\"sep=\t\"\ndate\tv\n2019-01-01\t1.5\n", "tab", 1.5},
        {"date,v,note\n2019-01-01,1.5,a;b;c\n2019-01-02,2,d;e;f\n", "comma", 1.5},
        {"date\tv\n2019-01-01\t\"1,500.5\"\n2019-01-02\t\"2,000.25\"\n", "tab", 1500.5},
        {"date,v,\n2019-01-01,1.5,\n2019-01-02,2,\n", "comma", 1.5},
        {"date,v\n2019-01-01,1.5,\n2019-01-02,2,\n", "comma", 1.5},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_N(one); i++) {
        struct reading r = read_text(one[i].text);
        assert_string_equal(r.table.dialect.name, one[i].name);
        assert_string_equal(r.table.column[1].name, "v");
        holds(&r, 1, 0, one[i].value);
        expect_guess(&r, "delimiter", one[i].name, "");
        assert_int_equal(r.found.drop_n, 0);
        done(&r);
    }
}

static void test_given_delimiter(void **state)
{
    struct csv_options space = {.delimiter = "space"}, colon = {.delimiter = ":"}, bad = {.delimiter = "ab"};
    struct reading r = read_with("  date   v\n 2019-01-01  1.5\n2019-01-02\t2\n", &space);
    (void)state;
    expect_names(&r, "date|v");
    holds(&r, 1, 1, 2);
    done(&r);
    r = read_with("date:v\n2019-01-01:1.5\n", &colon);
    holds(&r, 1, 0, 1.5);
    done(&r);
    refused_with("date,v\n2019-01-01,1\n", &bad, "--delimiter");
    refused("date v\n2019-01-01 1\n2019-01-02 2\n", "--delimiter space");
    refused("date\n2019-01-01\n2019-01-02\n", "one cell each");
}

/* --- where the table begins -------------------------------------------------------------------------------------- */

static void test_banners(void **state)
{
    struct reading r = read_text("Timestamps are UTC timezone,https://www.Example.com\nDate,Open,Close\n"
                                 "2019-01-01,1,2\n2019-01-02,3,4\n");
    (void)state;
    expect_names(&r, "Date|Open|Close");
    assert_non_null(strstr(r.table.header.banner, "Timestamps are UTC timezone"));
    assert_int_equal(r.table.header.skipped, 1);
    assert_int_equal(r.table.header_line, 2);
    assert_int_equal(r.table.line[0], 3);
    expect_guess(&r, "banner", "line 1", "UTC timezone");
    done(&r);
    r = read_text(
        "Timestamps are UTC,https://x.org\nDate,Close\n2019-01-01,1\n2019-01-02,3\n"); /* as wide as the table */
    expect_names(&r, "Date|Close");
    done(&r);
    r = read_text("Category: All\n\nWeek,bitcoin: (Worldwide)\n2019-01-06,1\n2019-01-13,2\n");
    expect_names(&r, "Week|bitcoin: (Worldwide)");
    assert_int_equal(r.table.line[1], 5);
    done(&r);
    r = read_text("Exported by x,,,\nDate,a,b,c\n2019-01-01,1,2,3\n2019-01-02,1,2,3\n");
    expect_names(&r, "Date|a|b|c");
    done(&r);
    r = read_text("# made by hand\n# time,a,b\n2019-01-01,1,2\n2019-01-02,1,2\n");
    expect_names(&r, "time|a|b");
    done(&r);
    r = read_text("# made by hand, twice\ntime,a,b\n2019-01-01,1,2\n# a note\n2019-01-02,1,2\n");
    expect_names(&r, "time|a|b");
    assert_int_equal(r.table.rows, 2);
    expect_drop(&r, 0, 4, "comment");
    done(&r);
    r = read_text(
        "NVIDIA Corp.,,,\nCurrency:,USD,,\n,,,\nDate,Open,Close,Volume\n2019-01-01,1,2,3\n2019-01-02,1,2,3\n");
    expect_names(&r, "Date|Open|Close|Volume");
    assert_int_equal(r.table.header_line, 4);
    done(&r);
    r = read_text("\"\";EUR.USD;FLAGS\n\"\";a long text;\nDecimals;4;\nComment;said, and \"done\";\n2019-01-01;1,1;\n"
                  "2019-01-02;.;no value\n2019-01-03;1,2;\n"); /* remarks below the names */
    expect_names(&r, "column_1|EUR.USD|FLAGS");
    assert_int_equal(r.table.rows, 3);
    done(&r);
    r = read_text(
        "\"a remark\"\n\" in \"quotes\", and more\"\n1958-03-29, 316.19\n1958-04-05, 317.31\n1958-04-12, 317.69\n");
    assert_true(r.table.header.positional);
    assert_int_equal(r.table.rows, 3);
    done(&r);
    r = read_text("date,v,w\n2019-01-01\n2019-01-02,1,2\n2019-01-03,1,2\n2019-01-04,1,2\n"); /* no header line */
    assert_int_equal(r.table.header.lines, 1);
    expect_drop(&r, 0, 2, "1 cell where");
    done(&r);
    r = read_text("date,a,b,c\nsoon,5,6,7\n2019-01-02,1,2,3\n2019-01-03,1,2,3\n"); /* nor is this one */
    assert_int_equal(r.table.header.lines, 1);
    assert_int_equal(r.table.column[0].bad_time.line, 2);
    done(&r);
    struct csv_options skip = {.skip = 2};
    r = read_with("x,y\n1,2\ndate,v\n2019-01-01,1\n", &skip);
    expect_names(&r, "date|v");
    assert_int_equal(r.table.header_line, 3);
    done(&r);
}

static void test_header_lines(void **state)
{
    struct reading r = read_text("time,temp,flow\ns,degC,m3/h\n2019-01-01 00:00:00,1,2\n2019-01-01 01:00:00,3,4\n");
    (void)state;
    expect_names(&r, "time|temp|flow");
    assert_string_equal(r.table.column[2].unit, "m3/h");
    assert_int_equal(r.table.header.lines, 2);
    assert_int_equal(r.table.rows, 2);
    done(&r);
    r = read_text(
        "Price,Close,High,Low\nTicker,BTC-USD,BTC-USD,BTC-USD\nDate,,,\n2019-01-01,1,2,3\n2019-01-02,1,2,3\n");
    expect_names(&r, "Date|Close|High|Low");
    assert_int_equal(r.table.header.lines, 3);
    done(&r);
    r = read_text(
        "Price,Close,Close,High,High\nTicker,BTC,ETH,BTC,ETH\nDate,,,,\n2019-01-01,1,2,3,4\n2019-01-02,1,2,3,4\n");
    expect_names(&r, "Date|Close BTC|Close ETH|High BTC|High ETH");
    done(&r);
    r = read_text(",BTC,,ETH,\nDate,Open,Close,Open,Close\n2019-01-01,1,2,3,4\n2019-01-02,1,2,3,4\n");
    expect_names(&r, "Date|BTC Open|BTC Close|ETH Open|ETH Close");
    done(&r);
    r = read_text("date,10,25,50\n2019-01-01,1,2,3\n2019-01-02,1,2,3\n"); /* numbers as names */
    expect_names(&r, "date|10|25|50");
    done(&r);
    r = read_text("\xd0\xb4\xd0\xb0\xd1\x82\xd0\xb0,\xe4\xbb\xb7\xe6\xa0\xbc\n2019-01-01,1\n");
    expect_names(&r, "\xd0\xb4\xd0\xb0\xd1\x82\xd0\xb0|\xe4\xbb\xb7\xe6\xa0\xbc");
    done(&r);
    struct csv_options two = {.header_lines = 2}, none = {.header_lines = CSV_NONE};
    r = read_with("date,v\n2018-12-31,7\n2019-01-01,1\n", &two);
    assert_int_equal(r.table.rows, 1);
    done(&r);
    r = read_with("2018-12-31,7\n2019-01-01,1\n", &none);
    assert_int_equal(r.table.rows, 2);
    done(&r);
    refused("date,v\n", "no rows");
}

static void test_names(void **state)
{
    struct text long_name = {0};
    struct reading r = read_text(",Break,break,Break,,x\n2019-01-01,1,2,3,4,5\n2019-01-02,1,2,3,4,5\n");
    (void)state;
    expect_names(&r, "column_1|Break|break_2|Break_3|column_5|x");
    assert_int_equal(r.found.warning_n, 2);
    assert_non_null(strstr(r.found.warning[0], "'break_2'"));
    done(&r);
    r = read_text("date,a,a_2,a\n2019-01-01,1,2,3\n");
    expect_names(&r, "date|a|a_2|a_3");
    done(&r);
    text_put(&long_name, "date,");
    for (int i = 0; i < 300; i++)
        text_put(&long_name, "\xc3\xa9");
    text_put(&long_name, "\n2019-01-01,1\n");
    r = read_text(text_of(&long_name));
    assert_int_equal(strlen(r.table.column[1].name), 62); /* whole characters */
    assert_non_null(strstr(r.found.warning[0], "cut"));
    done(&r);
    text_free(&long_name);
}

static void test_layouts(void **state)
{
    struct reading r = read_text("1735689600000,10,12,9,11,5.5,1735689899999,60.5,7,2.5,30.1,0\n"
                                 "1735689900000,11,13,8,9,6.5,1735690199999,70.5,9,3.5,40.1,0\n");
    (void)state;
    expect_names(&r, "open_time|open|high|low|close|volume|close_time|quote_volume|trades|taker_buy_base|"
                     "taker_buy_quote|ignore");
    assert_true(r.table.header.positional);
    expect_guess(&r, "columns", "Binance", "'high' (column 3) is the largest");
    done(&r);
    r = read_text("1438905600,3.0,3.5,2.9,3.1,123.9,4\n1438992000,3.0,3.0,0.15,1.19,1942.8,20\n"
                  "1438992060,1.0,3.0,0.15,1.19,1942.8,20\n");
    expect_names(&r, "time|open|high|low|close|volume|trades");
    done(&r);
    struct text bars = {0}; /* a price that follows the others is no volume */
    for (int i = 0; i < 12; i++)
        text_printf(&bars, "2014-01-%02d,%d,%d,%d,%d,%d.5,%d\n", i + 1, 20 + i, 23 + i, 18 + i, 21 + i, 19 + i, 5000 - 90 * i);
    r = read_text(text_of(&bars));
    expect_names(&r, "time|open|high|low|close|adj close|volume");
    done(&r);
    text_free(&bars);
    r = read_text("1438905600000,3.0,3.1,3.5,2.9,123.9\n1438992000000,3.0,1.19,3.3,0.15,1942.8\n");
    expect_names(&r, "time|open|close|high|low|volume");
    done(&r);
    r = read_text("2013-01-01 00:00:00,24.29\n2013-01-02 00:00:00,23.1\n");
    expect_names(&r, "column_1|column_2");
    assert_true(r.table.column[0].kind == TABLE_TIMES);
    done(&r);
    r = read_text("1438905600,1,2,3,4,5,6\n1438992000,1,2,3,4,5,6\n"); /* nothing tells high from low */
    expect_names(&r, "column_1|column_2|column_3|column_4|column_5|column_6|column_7");
    assert_true(r.table.column[0].kind == TABLE_TIMES);
    done(&r);
}

/* What counts the rows may also be what counts the time, unless the time is named. */
static void test_index_columns(void **state)
{
    struct csv_options named = {.time_column = "date"};
    struct reading r = read_with(",date,v\n0,2019-01-01,1\n1,2019-01-02,2\n2,2019-01-03,3\n", &named);
    (void)state;
    assert_int_equal(r.table.column[0].kind, TABLE_INDEX);
    done(&r);
    r = read_with(",date,v\n5,2019-01-01,1\n1,2019-01-02,2\n2,2019-01-03,3\n", &named);
    assert_int_equal(r.table.column[0].kind, TABLE_NUMBERS);
    done(&r);
    /* R writes the rows' numbers and no name for them */
    r = read_with("\"date\",\"v\"\n\"1\",\"2019-01-01\",10\n\"2\",\"2019-01-02\",20\n\"3\",\"2019-01-03\",30\n",
                  &named);
    expect_names(&r, "column_1|date|v");
    assert_int_equal(r.table.column[0].kind, TABLE_INDEX);
    holds(&r, 2, 2, 30);
    done(&r);
    refused("date,v,w\n2019-01-01,1,2,3\n2019-01-02,1,2,3\n2019-01-03,1,2,3\n", "looks like the header");
    refused("Date,Price\nJan 05, 2018,7\nJan 06, 2018,8\nJan 07, 2018,9\n", "");
}

/* --- rows -------------------------------------------------------------------------------------------------------- */

static struct text rows_of(int n, int broken_every, const char *broken)
{
    struct text t = {0};
    text_put(&t, "date,a,b\n");
    for (int i = 1; i <= n; i++) {
        text_printf(&t, "2019-01-%02d %02d:00:00,%d,2\n", 1 + i / 24 % 28, i % 24, i);
        if (broken_every && i % broken_every == 0)
            text_put(&t, broken);
    }
    return t;
}

static void test_ragged(void **state)
{
    struct text t = rows_of(100, 40, "2019-02-01,9,9,9\n");
    struct reading r = read_text(text_of(&t));
    (void)state;
    assert_int_equal(r.table.rows, 100);
    assert_int_equal(r.table.ragged, 2);
    expect_drop(&r, 0, 42, "4 cells where the header has 3");
    expect_drop(&r, 1, 83, "4 cells");
    assert_int_equal(r.table.line[40], 43);
    holds(&r, 1, 40, 41);
    done(&r);
    text_free(&t);
    t = rows_of(100, 12, "2019-02-01,9\n");
    refused(text_of(&t), "8 of 108 rows have another number of cells than the table's 3 (line 14 has 2)");
    text_free(&t);
    t = rows_of(50, 25, ",,\n\n , ,\n");
    r = read_text(text_of(&t));
    assert_int_equal(r.found.drop_n, 4);
    expect_drop(&r, 0, 27, "every cell is empty");
    done(&r);
    text_free(&t);
    refused("date,v\n2019-01-01,1\n2019-01-02,1,5\n", "line 3 has 3");
    refused("2019-01-01,1\n2019-01-02,1,5\n2019-01-03,1,5\n", "line 1 has 2 cells");
}

static void test_repeated_headers(void **state)
{
    struct reading r = read_text("date,v\n2019-01-01,1\ndate,v\n2019-01-02,2\n\xef\xbb\xbf"
                                 "date,v\r\n2019-01-03,3\n\xef\xbb\xbf"
                                 "2019-01-04,4\n");
    (void)state;
    assert_int_equal(r.table.rows, 4);
    assert_int_equal(r.found.drop_n, 2);
    expect_drop(&r, 0, 3, "the header again");
    expect_drop(&r, 1, 5, "the header again");
    assert_int_equal(r.table.column[0].bad_time.line, 0);
    done(&r);
    r = read_text("\"date\",\"v\"\n\"2019-01-01\",\"1\"\n\"date\",\"v\"\n\"2019-01-02\",\"2\"\n");
    assert_int_equal(r.table.rows, 2);
    expect_drop(&r, 0, 3, "the header again");
    done(&r);
}

static void test_footers(void **state)
{
    struct text t = rows_of(3, 0, "");
    text_put(&t, "Total,6,6\nSource: somewhere; nobody is liable\n\n");
    struct reading r = read_text(text_of(&t));
    (void)state;
    assert_int_equal(r.table.rows, 3);
    assert_int_equal(r.table.ragged, 0);
    assert_int_equal(r.found.drop_n, 2);
    done(&r);
    text_free(&t);
    t = rows_of(3, 0, "");
    text_put(&t, "\n\nmean,6,6\n");
    r = read_text(text_of(&t));
    expect_drop(&r, 0, 7, "a footer: 'mean' is no time");
    done(&r);
    text_free(&t);
    r = read_text("date,v\n2019-01-01,1\n2019-01-02,2\nsoon,2\n"); /* a broken time is no footer */
    assert_int_equal(r.table.rows, 3);
    assert_int_equal(r.table.column[0].bad_time.line, 4);
    assert_string_equal(r.table.column[0].bad_time.text, "soon");
    done(&r);
}

/* --- numbers ----------------------------------------------------------------------------------------------------- */

static void test_marks(void **state)
{
    struct reading r = read_text("Date,Price,Vol.,Change\n2019-01-01,\"7,199.4\",1.31M,3.97%\n"
                                 "2019-01-02,\"924.7\",904.50K,-5.45%\n2019-01-03,\"8,000\",-,0.00%\n");
    (void)state;
    holds(&r, 1, 0, 7199.4);
    holds(&r, 1, 1, 924.7);
    holds(&r, 1, 2, 8000);
    holds(&r, 2, 0, 1310000);
    holds(&r, 2, 1, 904500);
    holds(&r, 2, 2, (double)NAN);
    holds(&r, 3, 1, -5.45);
    assert_int_equal(r.table.column[1].numbers, 3);
    expect_guess(&r, "numbers", "'Price': decimal point, thousands comma", "line 2: '7,199.4'");
    expect_guess(&r, "numbers", "percent as written", "3.97%");
    assert_int_equal(r.table.decimal, '.');
    assert_string_equal(r.table.thousands, "comma");
    done(&r);
    r = read_text("date;v;w\n2019-01-01;1.234,5;1.234\n2019-01-02;987,25;2.500\n"); /* w is settled by v */
    holds(&r, 1, 0, 1234.5);
    holds(&r, 2, 0, 1234);
    holds(&r, 2, 1, 2500);
    assert_int_equal(r.table.decimal, ',');
    expect_guess(&r, "numbers", "'w': decimal comma, thousands point", "other columns");
    done(&r);
    r = read_text("date;v;w\n2019-01-01;1,234;1.5\n2019-01-02;2,500;2.25\n"); /* v is settled by w, which is plain */
    holds(&r, 1, 0, 1234);
    holds(&r, 2, 1, 2.25);
    done(&r);
    r = read_text("date,v\n2019-01-01,1.234\n2019-01-02,2.500\n"); /* what every program writes */
    holds(&r, 1, 0, 1.234);
    done(&r);
    r = read_text("date;v\n2019-01-01;1 234\n2019-01-02;12 345 678\n2019-01-03;7\n");
    holds(&r, 1, 1, 12345678);
    done(&r);
    r = read_text("date,v\n2019-01-01,$5\n2019-01-02,(1.5)\n2019-01-03,7\n");
    holds(&r, 1, 1, -1.5);
    holds(&r, 1, 2, 7);
    done(&r);
    r = read_text("date,v\n2019-01-01,5K\n2019-01-02,950\n2019-01-03,1M\n");
    holds(&r, 1, 0, 5000);
    holds(&r, 1, 1, 950);
    holds(&r, 1, 2, 1000000);
    done(&r);
}

static void holds_one(const char *text, double wanted)
{
    struct reading r = read_text(text);
    holds(&r, 1, 0, wanted);
    done(&r);
}

static void test_marks_refused(void **state)
{
    struct csv_options comma = {.decimal = ","}, point = {.decimal = "."}, dots = {.thousands = "."},
                       bad = {.decimal = "x"};
    const char *open = "date;v\n2019-01-01;1,234\n2019-01-02;2,500\n";
    (void)state;
    /* thousands in a country of semicolons, or decimals: one value below 1, or one more digit, tells */
    refused("date;v;w\n2019-01-01;1.234;7.100\n2019-01-02;2.500;8\n", "'1.234' in column 'v' may have a decimal");
    holds_one("date;v;w\n2019-01-01;1.234;0.100\n2019-01-02;2.500;8\n", 1.234);
    holds_one("date;v;w\n2019-01-01;1.234;7.1\n2019-01-02;2.500;8\n", 1.234);
    holds_one("date,v,w\n2019-01-01,1.234,7.100\n2019-01-02,2.500,8\n", 1.234);
    refused(open, "line 2: '1,234' in column 'v' may have a decimal or a thousands mark");
    struct reading r = read_with(open, &comma);
    holds(&r, 1, 0, 1.234);
    done(&r);
    r = read_with(open, &point);
    holds(&r, 1, 0, 1234);
    done(&r);
    r = read_with("date;v\n2019-01-01;1.234\n2019-01-02;2.500\n", &dots);
    holds(&r, 1, 1, 2500);
    done(&r);
    refused_with("date;v\n2019-01-01;1.5\n", &comma, "'1.5' in column 'v' cannot be read with the --decimal");
    refused_with(open, &bad, "--decimal 'x'");
    refused("date;v\n2019-01-01;1,5\n2019-01-02;1.5\n",
            "mixes ways to write numbers: line 2 has '1,5' and line 3 '1.5'");
    refused("date;v\n2019-01-01;5%\n2019-01-02;0.1\n", "mixes units: line 2 has '5%' and line 3 '0.1'");
    refused("date;v\n2019-01-01;$5\n2019-01-02;\xe2\x82\xac"
            "6\n",
            "mixes units");
    refused("date,v\n2019-01-01,1\n2019-01-02,<1\n", "--missing '<1'");
    refused("date,v\n2019-01-01,1\n2019-01-02,halted\n2019-01-03,2\n", "line 3: 'halted' in column 'v'");
    refused("date,v\n2019-01-01,1\n2019-01-02,1.2.3\n2019-01-03,2\n", "looks like a number");
}

static void test_missing(void **state)
{
    struct csv_options extra = {.missing = "<1,-999"};
    struct reading r =
        read_with("date,v,w\n2019-01-01,<1,-999\n2019-01-02,2,\"3,5\"\n2019-01-03,-999,\"4,5\"\n", &extra);
    (void)state;
    holds(&r, 1, 0, (double)NAN);
    holds(&r, 1, 1, 2);
    holds(&r, 1, 2, (double)NAN);
    holds(&r, 2, 0, (double)NAN);
    holds(&r, 2, 1, 3.5);
    assert_int_equal(r.table.column[1].missing, 2);
    done(&r);
    r = read_text("date,v\n2019-01-01,1\n2019-01-02,inf\n2019-01-03,1e999\n2019-01-04,\n");
    assert_int_equal(r.table.column[1].infinite, 2);
    assert_int_equal(r.table.column[1].missing, 1);
    holds(&r, 1, 1, (double)NAN);
    holds(&r, 1, 2, (double)NAN);
    assert_non_null(strstr(r.found.warning[0], "2 cells are infinite"));
    assert_non_null(strstr(r.found.warning[0], "line 3"));
    done(&r);
}

static void test_booleans(void **state)
{
    struct reading r = read_text("date,v\n2019-01-01,True\n2019-01-02,False\n2019-01-03,\n");
    (void)state;
    holds(&r, 1, 0, 1);
    holds(&r, 1, 1, 0);
    holds(&r, 1, 2, (double)NAN);
    expect_guess(&r, "booleans", "'v'", "all 2 cells");
    done(&r);
    refused("date,v\n2019-01-01,True\n2019-01-02,5\n", "mixes true and false");
}

static void test_words(void **state)
{
    struct reading r =
        read_text("date,class,id\n2019-01-01,N,a1\n2019-01-02,V,\"b,2\"\n2019-01-03,,c3\n2019-01-04,L,d4\n");
    struct table_words w;
    (void)state;
    assert_int_equal(r.table.column[1].kind, TABLE_TEXTS);
    assert_int_equal(r.table.column[1].words.n, 3);
    assert_string_equal(r.table.column[1].words.word[0], "L");
    assert_string_equal(r.table.column[1].words.word[1], "N");
    assert_int_equal(r.table.column[1].words.code[0], 1);
    assert_int_equal(r.table.column[1].words.code[1], 2);
    assert_int_equal(r.table.column[1].words.code[2], TABLE_WORDLESS);
    assert_int_equal(r.table.column[1].words.code[3], 0);
    assert_true(table_read_words(&r.table, 2, 4, &w));
    assert_string_equal(w.word[1], "b,2");
    table_words_free(&w);
    assert_false(table_read_words(&r.table, 2, 3, &w));
    assert_null(w.code);
    done(&r);
    r = read_text("date,frame,v\n2019-01-01,5m,1\n2019-01-02,5m,1\n"); /* minutes, or millions? */
    assert_int_equal(r.table.column[1].kind, TABLE_TEXTS);
    done(&r);
    r = read_text("date,ip,v\n2019-01-01,1.2.3.4,1\n2019-01-02,1.2.3.5,1\n");
    assert_int_equal(r.table.column[1].kind, TABLE_TEXTS);
    done(&r);
}

/* --- properties -------------------------------------------------------------------------------------------------- */

struct dialect_of_test {
    char delimiter, decimal, group;
    bool quoted, crlf, trailing;
};

static void put_number(struct text *t, double v, const struct dialect_of_test *d)
{
    char plain[64], out[128];
    size_t n = 0;
    snprintf(plain, sizeof plain, "%.2f", fabs(v));
    size_t whole = strcspn(plain, ".");
    if (v < 0)
        out[n++] = '-';
    for (size_t p = 0; plain[p]; p++) {
        if (d->group && p > 0 && p < whole && (whole - p) % 3 == 0)
            out[n++] = d->group;
        out[n++] = plain[p] == '.' ? d->decimal : plain[p];
    }
    bool quote = d->quoted || memchr(out, d->delimiter, n);
    text_put(t, quote ? "\"" : "");
    text_put_n(t, out, n);
    text_put(t, quote ? "\"" : "");
}

/* Random tables in random dialects are read back with the same numbers, for one thread as for several. */
static void test_random_tables(void **state)
{
    static const struct dialect_of_test form[] = {
        {',', '.', '\0', false, false, false}, {',', '.', ',', true, true, false},
        {';', ',', '.', false, false, true},   {';', ',', ' ', false, true, false},
        {'\t', '.', '\'', false, false, true}, {'\t', ',', '\0', true, false, false},
        {'|', '.', ',', false, true, true},    {';', ',', '\0', true, true, true}};
    struct random rnd = random_start(15, RANDOM_TEST, 0, 0);
    (void)state;
    for (int i = 0; i < 400; i++) {
        const struct dialect_of_test *d = &form[i % (int)ARRAY_N(form)];
        size_t rows = 20 + random_below(&rnd, 60), columns = 1 + random_below(&rnd, 5);
        double *value = NEW_ARRAY(double, rows *columns);
        struct text t = {0};
        const char *end = d->crlf ? "\r\n" : "\n";
        text_put(&t, "date");
        for (size_t c = 0; c < columns; c++)
            text_printf(&t, "%cv%zu", d->delimiter, c);
        text_put(&t, end);
        for (size_t k = 0; k < rows; k++) {
            text_printf(&t, "2019-%02zu-%02zu", 1 + k / 28, 1 + k % 28);
            for (size_t c = 0; c < columns; c++) {
                double v = ((double)random_below(&rnd, 2000000000) - 1e9) / 100;
                text_put_n(&t, &d->delimiter, 1);
                value[k * columns + c] = random_below(&rnd, 20) ? v : (double)NAN;
                if (!isnan(value[k * columns + c]))
                    put_number(&t, v, d);
            }
            if (d->trailing)
                text_put_n(&t, &d->delimiter, 1);
            text_put(&t, end);
        }
        struct reading r = read_text(text_of(&t));
        assert_int_equal(r.table.rows, rows);
        assert_int_equal(r.table.columns, columns + 1);
        for (size_t c = 0; c < columns; c++)
            for (size_t k = 0; k < rows; k++) {
                char rounded[64];
                double v = value[k * columns + c];
                snprintf(rounded, sizeof rounded, "%.2f", v);
                holds(&r, c + 1, k, isnan(v) ? v : strtod(rounded, NULL));
            }
        done(&r);
        text_free(&t);
        free(value);
    }
}

static void expect_same(const struct reading *a, const struct reading *b)
{
    assert_int_equal(a->table.rows, b->table.rows);
    assert_int_equal(a->found.drop_n, b->found.drop_n);
    assert_int_equal(a->found.guess_n, b->found.guess_n);
    for (size_t i = 0; i < a->found.drop_n; i++) {
        assert_int_equal(a->found.drop[i].line, b->found.drop[i].line);
        assert_string_equal(a->found.drop[i].why, b->found.drop[i].why);
    }
    for (size_t i = 0; i < a->found.guess_n; i++)
        assert_memory_equal(&a->found.guess[i], &b->found.guess[i], sizeof a->found.guess[i]);
    assert_memory_equal(a->table.line, b->table.line, a->table.rows * sizeof *a->table.line);
    for (size_t c = 0; c < a->table.columns; c++)
        if (a->table.column[c].value)
            assert_memory_equal(a->table.column[c].value, b->table.column[c].value, a->table.rows * sizeof(double));
}

/* Many chunks, with everything odd in them, by one thread and by four; and with quotes, where records are walked. */
static void test_threads(void **state)
{
    struct csv_options four = {.threads = 4};
    (void)state;
    for (int quoted = 0; quoted < 2; quoted++) {
        struct text t = {0};
        text_put(&t, "date,a,b,c,d\n");
        for (int i = 0; i < 120000; i++) {
            text_printf(&t, "%d-01-01 00:00:00,%d.5,%d%%,%s,x%d\n", 1950 + i % 100, i, i % 7, i % 11 ? "1.5K" : "",
                        i % 5);
            if (i % 1000 == 500)
                text_put(&t, i % 3000 == 500 ? "date,a,b,c,d\n" : "1,2,3\n");
            if (quoted && i % 77 == 0)
                text_put(&t, "2001-01-01 00:00:00,1,1%,\"7\",\"x,\n1\"\n");
        }
        assert_true(t.n > (size_t)3 << 20);
        struct reading one = read_text(text_of(&t)), many = read_with(text_of(&t), &four);
        expect_same(&one, &many);
        assert_int_equal(one.found.drop_n, 120);
        assert_int_equal(one.table.rows, 120000 + (quoted ? 1559 : 0));
        holds(&one, 1, 119999 + (quoted ? 1559u : 0u), 119999.5);
        done(&one);
        done(&many);
        text_free(&t);
    }
}

static void test_wide(void **state)
{
    struct text t = {0};
    (void)state;
    text_put(&t, "date");
    for (int i = 0; i < 4000; i++)
        text_printf(&t, ",v%d", i);
    for (int row = 0; row < 3; row++) {
        text_printf(&t, "\n2019-01-0%d", row + 1);
        for (int i = 0; i < 4000; i++)
            text_printf(&t, ",%d", i + row);
    }
    struct reading r = read_text(text_of(&t));
    assert_int_equal(r.table.columns, 4001);
    holds(&r, 4000, 2, 4001);
    done(&r);
    text_free(&t);
    text_put(&t, "date");
    for (int i = 0; i < 100000; i++)
        text_printf(&t, ",v%d", i);
    text_put(&t, "\n");
    refused(text_of(&t), "more than");
    text_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delimiters),
        cmocka_unit_test(test_given_delimiter),
        cmocka_unit_test(test_banners),
        cmocka_unit_test(test_header_lines),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_layouts),
        cmocka_unit_test(test_index_columns),
        cmocka_unit_test(test_ragged),
        cmocka_unit_test(test_repeated_headers),
        cmocka_unit_test(test_footers),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_marks_refused),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_booleans),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_random_tables),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_wide),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
