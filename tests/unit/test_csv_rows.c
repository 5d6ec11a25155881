/* From rows to series: order, repetitions, contradictions, values that cannot be, long tables, files that belong
 * together. */
#include "test_support.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/read/append.h"
#include "data/read/csv.h"

#include <math.h>

#define DAY(y, m, d) (clock_days(y, m, d) * CLOCK_DAY_US)

static void read_as(const char *text, struct csv_report *r, const struct csv_options *options)
{
    struct error err = {0};
    if (!csv_read_text("x.csv", text, strlen(text), r, options, &err))
        fail_msg("refused: %s", err.text);
}

static void refused_as(const char *text, const struct csv_options *options, enum error_kind kind, const char *part)
{
    struct csv_report r;
    struct error err = {0};
    if (csv_read_text("x.csv", text, strlen(text), &r, options, &err))
        fail_msg("read, though it should be refused for '%s'", part);
    csv_report_free(&r);
    if (err.kind != kind || !strstr(err.text, part))
        fail_msg("'%s' does not say '%s'", err.text, part);
}

static bool warns(const struct csv_report *r, const char *part)
{
    for (size_t i = 0; i < r->warning_n; i++)
        if (strstr(r->warning[i], part))
            return true;
    return false;
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

static void which_of_two_rows_is_kept(void **state)
{
    static const char text[] = "date,v\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\n2020-01-04,4\n2020-01-02,22\n2020-01-05,5\n";
    struct csv_report r;
    struct csv_options first = {.keep_first = true};
    (void)state;
    read_as(text, &r, NULL);
    assert_true(r.series[0].frame->column[0].value[1] == 22);
    assert_int_equal(r.conflicts, 1);
    assert_int_equal(r.drop[0].line, 3);
    csv_report_free(&r);
    read_as(text, &r, &first);
    assert_true(r.series[0].frame->column[0].value[1] == 2);
    assert_int_equal(r.drop[0].line, 6);
    csv_report_free(&r);
}

static void gaps_are_counted_and_the_longest_named(void **state)
{
    struct text csv = {0};
    struct csv_report r;
    (void)state;
    text_put(&csv, "date,v\n");
    for (int day = 1; day <= 100; day++)
        if (day % 10 != 0 && day != 55 && day != 54) /* nine of two days, one of three */
            text_printf(&csv, "%d,%d\n", 1600041600 + 86400 * day, day);
    read_as(text_of(&csv), &r, NULL);
    assert_int_equal(r.gaps, 10);
    assert_int_equal(r.series[0].gap_n, CSV_GAPS_KEPT);
    assert_int_equal(r.series[0].gap[0].to_us - r.series[0].gap[0].from_us, 3 * CLOCK_DAY_US);
    assert_int_equal(r.series[0].gap[0].from_us, (1600041600 + INT64_C(86400) * 53) * CLOCK_SECOND_US);
    for (size_t i = 1; i < CSV_GAPS_KEPT; i++)
        assert_int_equal(r.series[0].gap[i].to_us - r.series[0].gap[i].from_us, 2 * CLOCK_DAY_US);
    csv_report_free(&r);
    text_free(&csv);
}

/* --- values that cannot be ---------------------------------------------------------------------------------------- */

static char *bars(const char *line_20)
{
    struct text csv = {0};
    text_put(&csv, "date,open,high,low,close,volume\n");
    for (int i = 2; i <= 60; i++) {
        if (i == 20)
            text_printf(&csv, "2020-01-%02d,%s\n", i - 1, line_20);
        else
            text_printf(&csv, "2020-%02d-%02d,%d,%d,%d,%d,%d\n", 1 + (i - 2) / 28, 1 + (i - 2) % 28, 100 + i % 3,
                        105 + i % 3, 95 + i % 3, 101 + i % 3, 1000 + i);
    }
    return csv.data;
}

static void expect_flag(const char *line_20, enum csv_flag_kind kind, const char *column)
{
    struct csv_report r;
    char *text = bars(line_20);
    read_as(text, &r, NULL);
    const struct csv_series *s = &r.series[0];
    for (int k = 0; k < CSV_FLAG_KINDS; k++)
        if (s->flag_count[k] != (k == (int)kind ? 1u : 0u))
            fail_msg("'%s': %zu flags of kind '%s'", line_20, s->flag_count[k], csv_flag_name((enum csv_flag_kind)k));
    if (kind < CSV_FLAG_KINDS) {
        assert_int_equal(s->flag_n, 1);
        assert_int_equal(s->flag[0].line, 20);
        assert_int_equal(s->flag[0].time_us, DAY(2020, 1, 19));
        assert_string_equal(s->frame->column[s->flag[0].column].name, column);
        assert_true(warns(&r, "line 20"));
    }
    csv_report_free(&r);
    free(text);
}

static void each_impossible_value_is_kept_and_flagged(void **state)
{
    (void)state;
    expect_flag("100,105,95,101,1000", CSV_FLAG_KINDS, "");
    expect_flag("100,105,95,101,-1", CSV_FLAG_NEGATIVE, "volume");
    expect_flag("100,105,0,101,1000", CSV_FLAG_ZERO, "low");
    expect_flag("100,94,95,101,1000", CSV_FLAG_CROSSED, "low");
    expect_flag("100,105,95,106,1000", CSV_FLAG_OUTSIDE, "close");
    expect_flag("94,105,95,101,1000", CSV_FLAG_OUTSIDE, "open");
    expect_flag("100,1050,95,101,1000", CSV_FLAG_SPIKE, "high");
    expect_flag("100,105,9.5,101,1000", CSV_FLAG_SPIKE, "low");
}

static void what_moves_or_jumps_for_good_is_no_spike(void **state)
{
    struct csv_report r;
    struct text csv = {0};
    (void)state;
    text_put(&csv, "date,price,holders\n");
    for (int i = 1; i <= 28; i++) /* a split, and a count that jumps and comes back */
        text_printf(&csv, "2020-01-%02d,%d,%d\n", i, i < 15 ? 1000 + i : 100 + i, i == 7 ? 9000 : 90);
    read_as(text_of(&csv), &r, NULL);
    assert_int_equal(r.series[0].flag_n, 0);
    csv_report_free(&r);
    text_free(&csv);
}

static void repeated_bars_and_a_last_one_cut_short(void **state)
{
    struct csv_report r;
    struct text csv = {0};
    (void)state;
    text_put(&csv, "time,open,high,low,close,volume\n");
    for (int i = 0; i < 200; i++)
        text_printf(&csv, "%d,%d,%d,%d,%d,%d\n", 1600000000 + 60 * i, 100 + (i >= 50 && i < 80 ? 50 : i), 400, 90,
                    110 + (i >= 50 && i < 80 ? 50 : i), i == 199 ? 3 : 1000);
    struct csv_options open = {.stamp = CSV_STAMP_OPEN};
    read_as(text_of(&csv), &r, &open);
    const struct csv_series *s = &r.series[0];
    assert_int_equal(s->flag_count[CSV_FLAG_REPEATED], 29);
    assert_int_equal(s->flag_count[CSV_FLAG_UNFINISHED], 1);
    assert_int_equal(s->flag_n, 2);
    assert_int_equal(s->flag[0].line, 53); /* the first row that repeats: i = 51 */
    assert_int_equal(s->flag[0].rows, 29);
    assert_int_equal(s->flag[1].line, 201);
    csv_report_free(&r);
    text_free(&csv);
}

/* Newest first, the day that the export was made on stands in the first line: it is the last bar all the same. */
static void the_first_line_of_a_newest_first_export_may_be_unfinished(void **state)
{
    struct csv_report r;
    (void)state;
    for (int volume = 300; volume <= 900; volume += 600) {
        struct text csv = {0};
        text_put(&csv, "time,close,volume\n");
        for (int i = 0; i < 60; i++)
            text_printf(&csv, "%d,%d,%d\n", 1600000000 - 60 * i, 100 + i % 7, i == 0 ? volume : 1000 + i);
        struct csv_options open = {.stamp = CSV_STAMP_OPEN};
        read_as(text_of(&csv), &r, &open);
        const struct csv_series *s = &r.series[0];
        assert_int_equal(s->flag_n, volume == 300);
        if (volume == 300) {
            assert_int_equal(s->flag[0].kind, CSV_FLAG_UNFINISHED);
            assert_int_equal(s->flag[0].line, 2);
            assert_true(s->flag[0].time_us == INT64_C(1600000000000000));
        }
        csv_report_free(&r);
        text_free(&csv);
    }
}

static void flags_are_counted_beyond_those_kept(void **state)
{
    struct csv_report r;
    struct text csv = {0};
    struct csv_options open = {.stamp = CSV_STAMP_OPEN};
    (void)state;
    text_put(&csv, "time,volume\n");
    for (int i = 0; i < 5000; i++)
        text_printf(&csv, "%d,%d\n", 1600000000 + 60 * i, -1 - i);
    read_as(text_of(&csv), &r, &open);
    assert_int_equal(r.series[0].flag_count[CSV_FLAG_NEGATIVE], 5000);
    assert_int_equal(r.series[0].flag_n, CSV_FLAGS_KEPT);
    csv_report_free(&r);
    text_free(&csv);
}

/* --- long tables -------------------------------------------------------------------------------------------------- */

/* Rows of three assets by day; `symbol` formats the index of one. */
static char *long_table(const char *header, const char *(*symbol)(int asset))
{
    struct text csv = {0};
    text_printf(&csv, "%s\n", header);
    for (int day = 1; day <= 28; day++)
        for (int asset = 0; asset < 3; asset++)
            if (!(asset == 2 && day == 9))
                text_printf(&csv, "2020-01-%02d,%s,%d,%d\n", day, symbol(asset), 100 * asset + day, day % 2);
    return csv.data;
}

static const char *as_text(int asset)
{
    static const char *const name[] = {"ETH", "BTC", "XRP"};
    return name[asset];
}

static const char *as_number(int asset)
{
    static const char *const name[] = {"14", "2", "7"};
    return name[asset];
}

static const char *as_pair(int asset)
{
    static const char *const name[] = {"binance,BTC", "kraken,BTC", "kraken,ETH"};
    return name[asset];
}

static void expect_series(const struct csv_report *r, size_t i, const char *symbol, size_t rows, double first)
{
    assert_string_equal(r->series[i].symbol, symbol);
    assert_int_equal(r->series[i].frame->rows, rows);
    assert_true(r->series[i].frame->column[0].value[0] == first);
    assert_int_equal(r->series[i].gaps, 28 - rows);
}

static void a_symbol_column_is_found(void **state)
{
    struct csv_report r;
    char *text = long_table("date,what,price,up", as_text);
    (void)state;
    read_as(text, &r, NULL);
    assert_string_equal(r.symbol_column, "what");
    assert_int_equal(r.series_n, 3);
    assert_int_equal(r.rows, 83);
    assert_int_equal(r.columns, 2);
    expect_series(&r, 0, "BTC", 28, 101);
    expect_series(&r, 1, "ETH", 28, 1);
    expect_series(&r, 2, "XRP", 27, 201);
    bool told = false;
    for (size_t i = 0; i < r.guess_n; i++)
        told = told || (text_equal(r.guess[i].option, "--symbol") && strstr(r.guess[i].evidence, "3 values"));
    assert_true(told);
    csv_report_free(&r);
    free(text);
}

static void numbers_name_assets_only_under_a_name_that_says_so(void **state)
{
    struct csv_report r;
    struct csv_options given = {.symbol = "mark"};
    char *text = long_table("date,asset_id,price,up", as_number);
    (void)state;
    read_as(text, &r, NULL);
    assert_int_equal(r.series_n, 3);
    expect_series(&r, 0, "2", 28, 101);
    expect_series(&r, 2, "14", 28, 1);
    csv_report_free(&r);
    free(text);
    text = long_table("date,mark,price,up", as_number);
    refused_as(text, NULL, ERROR_DATA, "--symbol");
    read_as(text, &r, &given);
    assert_int_equal(r.series_n, 3);
    csv_report_free(&r);
    free(text);
    refused_as("date,mark,v\n2019-01-01,1.5,1\n2019-01-02,2.5,2\n", &given, ERROR_DATA, "--symbol");
}

static void two_columns_name_assets_together(void **state)
{
    struct csv_report r;
    struct csv_options given = {.symbol = "venue+coin"}, none = {.symbol = "none"}, wrong = {.symbol = "nothing"};
    char *text = long_table("date,venue,coin,price,up", as_pair);
    (void)state;
    refused_as(text, NULL, ERROR_DATA, "--symbol");
    refused_as(text, &none, ERROR_DATA, "--symbol");
    refused_as(text, &wrong, ERROR_USAGE, "'nothing'");
    read_as(text, &r, &given);
    assert_int_equal(r.series_n, 3);
    expect_series(&r, 0, "binance-BTC", 28, 1);
    expect_series(&r, 2, "kraken-ETH", 27, 201);
    csv_report_free(&r);
    free(text);
}

/* Months and quarters by name are times; a text that is another one on every row names no asset. */
static void what_names_no_asset(void **state)
{
    static const char *const word[][4] = {
        {"January", "May", "Sept.", "Dec"}, {"Q01", "Q2", "q3", "Q04"}, {"Mon", "Tues", "Sunday", "fri"}};
    struct csv_report r;
    struct text csv = {0};
    (void)state;
    for (size_t k = 0; k < ARRAY_N(word); k++) {
        csv.n = 0;
        text_printf(&csv, "year,part,v\n");
        for (int i = 0; i < 40; i++)
            text_printf(&csv, "%d,%s,%d\n", 1990 + i / 4, word[k][i % 4], i);
        refused_as(text_of(&csv), NULL, ERROR_DATA, "rows have a time that another row has");
    }
    csv.n = 0;
    text_printf(&csv, "date,name,v\n");
    for (int i = 0; i < 40; i++)
        text_printf(&csv, "2020-01-%02d,person %d,%d\n", 1 + i / 4, i, i);
    refused_as(text_of(&csv), NULL, ERROR_DATA, "rows have a time that another row has");
    csv.n = 0;
    text_printf(&csv, "date,name,v\n");
    for (int i = 0; i < 40; i++)
        text_printf(&csv, "2020-01-%02d,%s,%d\n", 1 + i / 4, i % 4 ? word[0][i % 4] : "Jane", i);
    read_as(text_of(&csv), &r, NULL);
    assert_int_equal(r.series_n, 4);
    csv_report_free(&r);
    text_free(&csv);
}

static void one_symbol_names_the_asset_and_is_no_value(void **state)
{
    struct csv_report r;
    (void)state;
    read_as("date,symbol,price\n2020-01-01,BTC,1\n2020-01-02,BTC,2\n2020-01-03,BTC,3\n", &r, NULL);
    assert_int_equal(r.series_n, 1);
    assert_int_equal(r.columns, 1);
    assert_string_equal(r.series[0].symbol, "BTC");
    csv_report_free(&r);
}

static void rows_without_a_symbol_are_named(void **state)
{
    struct csv_report r;
    struct csv_options given = {.symbol = "what"};
    char *text = long_table("date,what,price,up", as_text);
    struct text more = {0};
    (void)state;
    text_printf(&more, "%s2020-01-03,,5,1\n", text);
    read_as(text_of(&more), &r, &given);
    assert_int_equal(r.rows, 83);
    assert_int_equal(r.dropped, 1);
    assert_int_equal(r.drop[0].line, 85);
    csv_report_free(&r);
    text_free(&more);
    free(text);
}

/* --- classes ------------------------------------------------------------------------------------------------------ */

static void texts_of_few_spellings_become_classes(void **state)
{
    static const char *const mood[] = {"Greed", "Fear", "", "Neutral"};
    struct csv_report r;
    struct text csv = {0};
    (void)state;
    text_put(&csv, "date,value,mood,note\n");
    for (int i = 1; i <= 28; i++)
        text_printf(&csv, "2020-01-%02d,%d,%s,note %d\n", i, i, mood[i % 4], i);
    read_as(text_of(&csv), &r, NULL);
    const struct frame *f = r.series[0].frame;
    assert_int_equal(f->columns, 2);
    assert_string_equal(f->column[1].name, "mood");
    assert_int_equal(f->column[1].labels, 3);
    assert_string_equal(f->column[1].label[0], "Fear");
    assert_string_equal(f->column[1].label[2], "Neutral");
    assert_true(f->column[1].value[0] == 0 && isnan(f->column[1].value[1]) && f->column[1].value[2] == 2);
    assert_true(warns(&r, "'note'"));
    csv_report_free(&r);
    text_free(&csv);
}

/* --- files that belong together ----------------------------------------------------------------------------------- */

static struct frame *part_of(const char *header, int from, int to, double value, double last)
{
    struct text csv = {0};
    struct csv_report r;
    text_printf(&csv, "%s\n", header);
    for (int i = from; i < to; i++)
        text_printf(&csv, "%d,%g,%d\n", 1600000000 + 3600 * i, i == to - 1 ? last : value + i, i);
    struct csv_options close = {.stamp = CSV_STAMP_CLOSE};
    struct frame *f = csv_import_text("part", text_of(&csv), csv.n, &r, &close, NULL);
    assert_non_null(f);
    csv_report_free(&r);
    text_free(&csv);
    return f;
}

static struct hash joined(struct csv_series *s, struct csv_report *r, const struct frame *const *frame, size_t n)
{
    static const char *const name[] = {"a", "b", "c"};
    struct append_part part[3];
    struct error err = {0};
    *s = (struct csv_series){0};
    *r = (struct csv_report){0};
    for (size_t i = 0; i < n; i++)
        part[i] = (struct append_part){.name = name[i], .frame = frame[i]};
    if (!append_join(s, r, part, n, false, &err))
        fail_msg("%s", err.text);
    struct hash h = frame_hash(s->frame);
    frame_free(s->frame);
    csv_report_free(r);
    return h;
}

static void the_order_of_parts_does_not_matter(void **state)
{
    struct csv_series s;
    struct csv_report r;
    struct frame *a = part_of("time,v,w", 0, 100, 0, 99), *b = part_of("time,v,w", 80, 200, 0, 199),
                 *c = part_of("time,v,w", 250, 300, 0, 299), *all = part_of("time,v,w", 0, 200, 0, 199);
    const struct frame *order[][3] = {{a, b, c}, {c, b, a}, {b, c, a}};
    (void)state;
    struct hash first = joined(&s, &r, order[0], 3);
    assert_int_equal(s.duplicates, 20);
    assert_int_equal(s.conflicts, 0);
    assert_int_equal(s.gaps, 1);
    for (size_t i = 1; i < 3; i++)
        assert_true(hash_equal(first, joined(&s, &r, order[i], 3)));
    const struct frame *two[] = {b, a};
    assert_true(hash_equal(frame_hash(all), joined(&s, &r, two, 2)));
    frame_free(a);
    frame_free(b);
    frame_free(c);
    frame_free(all);
}

/* The last bar of an export is often unfinished: the later file knows better. */
static void the_later_part_counts(void **state)
{
    struct append_part part[2];
    struct csv_series s = {0};
    struct csv_report r = {0};
    struct frame *old = part_of("time,v,w", 0, 100, 0, 12345), *new = part_of("time,v,w", 90, 200, 0, 199);
    (void)state;
    part[0] = (struct append_part){.name = "new", .frame = new};
    part[1] = (struct append_part){.name = "old", .frame = old};
    assert_true(append_join(&s, &r, part, 2, false, NULL));
    assert_int_equal(s.conflicts, 1);
    assert_int_equal(s.duplicates, 10);
    assert_true(s.frame->column[0].value[99] == 99);
    assert_true(warns(&r, "old and new differ in 'v'; the row of new is kept"));
    frame_free(s.frame);
    s = (struct csv_series){0};
    assert_true(append_join(&s, &r, part, 2, true, NULL));
    assert_true(s.frame->column[0].value[99] == 12345);
    frame_free(s.frame);
    csv_report_free(&r);
    frame_free(old);
    frame_free(new);
}

static void cannot_join(struct frame *a, struct frame *b, const char *part_of_text)
{
    struct append_part part[] = {{.name = "one", .frame = a}, {.name = "two", .frame = b}};
    struct csv_series s = {0};
    struct csv_report r = {0};
    struct error err = {0};
    assert_false(append_join(&s, &r, part, 2, false, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    if (!strstr(err.text, part_of_text))
        fail_msg("'%s' does not say '%s'", err.text, part_of_text);
    assert_null(s.frame);
    csv_report_free(&r);
    frame_free(a);
    frame_free(b);
}

static void parts_that_disagree_are_refused(void **state)
{
    (void)state;
    cannot_join(part_of("time,v,w", 0, 50, 0, 49), part_of("time,v,x", 50, 99, 0, 98), "column 'w' that two lacks");
    cannot_join(part_of("time,v,w", 0, 50, 0, 49), part_of("time,v,w", 20, 99, 7, 98), "differ");
    struct frame *f = part_of("time,v,w", 50, 99, 0, 98);
    for (size_t i = 0; i < f->rows; i++)
        f->time_us[i] = INT64_C(1700000000000000) + (int64_t)i * 60000000;
    frame_find_step(f);
    cannot_join(part_of("time,v,w", 0, 50, 0, 49), f, "step");
}

static void a_column_that_one_file_has_empty_is_filled_with_nothing(void **state)
{
    static const char empty[][FRAME_NAME_MAX] = {"w"};
    struct csv_series s = {0};
    struct csv_report r = {0};
    struct frame *a = part_of("time,v,w", 0, 50, 0, 49), *b = part_of("time,v,w", 50, 99, 0, 98);
    (void)state;
    b->columns = 1;
    struct append_part part[] = {{.name = "one", .frame = a},
                                 {.name = "two", .frame = b, .empty = empty, .empty_n = 1}};
    assert_true(append_join(&s, &r, part, 2, false, NULL));
    assert_int_equal(s.missing, 49);
    assert_true(isnan(s.frame->column[1].value[98]) && s.frame->column[1].value[49] == 49);
    assert_true(warns(&r, "'w' has no value in two"));
    frame_free(s.frame);
    csv_report_free(&r);
    frame_free(a);
    b->columns = 2;
    frame_free(b);
}

static void classes_are_joined_by_their_spelling(void **state)
{
    struct frame *f[2];
    static const char *const spelling[2][2] = {{"Fear", "Greed"}, {"Calm", "Greed"}};
    struct csv_series s = {0};
    struct csv_report r = {0};
    (void)state;
    for (int k = 0; k < 2; k++) {
        f[k] = part_of("time,v,w", 50 * k, 50 * k + 50, 0, 0);
        struct frame_column *c = &f[k]->column[1];
        c->labels = 2;
        c->label = memory_new(2, sizeof *c->label);
        for (int i = 0; i < 2; i++)
            text_copy(c->label[i], FRAME_LABEL_MAX, spelling[k][i]);
        for (size_t i = 0; i < 50; i++)
            c->value[i] = (double)(i % 2);
    }
    struct append_part part[] = {{.name = "one", .frame = f[0]}, {.name = "two", .frame = f[1]}};
    assert_true(append_join(&s, &r, part, 2, false, NULL));
    const struct frame_column *c = &s.frame->column[1];
    assert_int_equal(c->labels, 3);
    for (size_t i = 0; i < 100; i++)
        assert_string_equal(c->label[(size_t)c->value[i]], spelling[i / 50][i % 2]);
    frame_free(s.frame);
    csv_report_free(&r);
    frame_free(f[0]);
    frame_free(f[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(which_of_two_rows_is_kept),
        cmocka_unit_test(gaps_are_counted_and_the_longest_named),
        cmocka_unit_test(each_impossible_value_is_kept_and_flagged),
        cmocka_unit_test(what_moves_or_jumps_for_good_is_no_spike),
        cmocka_unit_test(repeated_bars_and_a_last_one_cut_short),
        cmocka_unit_test(the_first_line_of_a_newest_first_export_may_be_unfinished),
        cmocka_unit_test(flags_are_counted_beyond_those_kept),
        cmocka_unit_test(a_symbol_column_is_found),
        cmocka_unit_test(numbers_name_assets_only_under_a_name_that_says_so),
        cmocka_unit_test(two_columns_name_assets_together),
        cmocka_unit_test(what_names_no_asset),
        cmocka_unit_test(one_symbol_names_the_asset_and_is_no_value),
        cmocka_unit_test(rows_without_a_symbol_are_named),
        cmocka_unit_test(texts_of_few_spellings_become_classes),
        cmocka_unit_test(the_order_of_parts_does_not_matter),
        cmocka_unit_test(the_later_part_counts),
        cmocka_unit_test(parts_that_disagree_are_refused),
        cmocka_unit_test(a_column_that_one_file_has_empty_is_filled_with_nothing),
        cmocka_unit_test(classes_are_joined_by_their_spelling),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
