#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/vmath.h"
#include "tests/unit/ui_helper.h"
#include "ui/cell/axis.h"
#include "ui/cell/plot.h"

#include <float.h>
#include <math.h>

enum { POINTS = 200 };

static double train[POINTS], valid[POINTS], raw[POINTS], day[POINTS];
static struct plot_candle candle[POINTS];
static const double steps[] = {60, 130};

static void fill(void)
{
    unsigned state = 7;
    double price = 9000;
    for (int i = 0; i < POINTS; i++) {
        state = state * 1664525u + 1013904223u;
        double noise = (double)(state >> 8) / (1 << 24) - 0.5, next = price * (1 + 0.06 * noise);
        train[i] = 0.3 + 0.5 * vmath_exp(-i / 40.0);
        raw[i] = train[i] + 0.1 * noise;
        valid[i] = i >= 90 && i < 95 ? NAN : 0.42 + 0.4 * vmath_exp(-i / 30.0) + 0.0004 * i;
        day[i] = (double)((clock_days(2019, 10, 20) + i) * CLOCK_DAY_US);
        double high = (price > next ? price : next) * 1.01, low = (price < next ? price : next) * 0.99;
        candle[i] = (struct plot_candle){day[i], price, high, low, next};
        price = next;
    }
}

static const struct plot_series curves[] = {
    {"raw", STYLE_SERIES_1, NULL, raw, POINTS, true},
    {"train", STYLE_SERIES_1, NULL, train, POINTS, false},
    {"valid", STYLE_SERIES_2, NULL, valid, POINTS, false},
};

static struct plot curve_plot(void)
{
    struct plot p = plot_plain("Loss");
    p.y_label = "log loss";
    p.legend = true;
    p.tick = steps;
    p.ticks = 2;
    return p;
}

static void draw_four(struct grid *g, struct box b)
{
    struct plot lines = curve_plot(), candles = plot_plain("Price"), log = plot_plain("Rate"), bars = plot_plain("Residuals");
    struct box upper, lower, left, right;
    box_split_rows(b, b.rows / 2, &upper, &lower);
    box_split_columns(upper, upper.columns / 2, &left, &right);
    lines.cursor = 120;
    plot_lines(g, left, &lines, curves, 3);
    candles.x_kind = PLOT_X_TIME;
    candles.shade_from = day[160];
    candles.shade_to = day[POINTS - 1];
    plot_candles(g, right, &candles, candle, POINTS);
    box_split_columns(lower, lower.columns / 2, &left, &right);
    log.log_y = true;
    plot_lines(g, left, &log, (const struct plot_series[]){{"rate", STYLE_SERIES_3, day, train, POINTS, false}}, 1);
    plot_histogram(g, right, &bars, raw, POINTS, 16);
}

static const int sizes[][2] = {{60, 20}, {80, 24}, {132, 43}};

static void test_goldens(void **state)
{
    static const char *const sets[] = {"braille", "block", "ascii"};
    (void)state;
    for (size_t i = 0; i < ARRAY_N(sizes); i++) {
        for (int symbols = 0; symbols < 3; symbols++) {
            struct grid *g = grid_new(sizes[i][0], sizes[i][1], (enum symbols)symbols);
            char name[64];
            draw_four(g, grid_box(g));
            snprintf(name, sizeof name, "plot-%s-%dx%d", sets[symbols], sizes[i][0], sizes[i][1]);
            assert_true(golden_matches(g, name));
            grid_free(g);
        }
    }
}

static void test_sweep_stays_inside(void **state)
{
    (void)state;
    for (int columns = 1; columns <= 300; columns += 1 + columns / 9) {
        for (int rows = 1; rows <= 120; rows += 1 + rows / 7) {
            struct grid *g = grid_new(columns + 4, rows + 4, (enum symbols)((columns + rows) % 3));
            struct box b = {2, 2, columns, rows};
            draw_four(g, b);
            plot_spark(g, b, 0, 0, columns + 3, STYLE_TEXT, raw, POINTS);
            plot_bar(g, b, 0, 0, columns + 3, STYLE_TEXT, 0.7);
            assert_true(nothing_outside(g, b));
            grid_free(g);
        }
    }
}

/* Values that break arithmetic: they must neither crash nor leave the box (and the sanitizers watch the casts). */
static void test_wild_values(void **state)
{
    static const double wild[] = {NAN, INFINITY, -INFINITY, DBL_MAX, -DBL_MAX, DBL_MIN, -0.0, 0, 1e-320, 1e300, -1, 5};
    (void)state;
    for (int from = 0; from < (int)ARRAY_N(wild); from++) {
        for (int n = 0; n <= (int)ARRAY_N(wild) - from; n++) {
            struct grid *g = grid_new(44, 16, SYMBOLS_BRAILLE);
            struct box b = {2, 2, 40, 12};
            struct plot p = plot_plain("wild");
            const struct plot_series s[] = {{"a", STYLE_SERIES_1, NULL, wild + from, (size_t)n, false},
                                            {"b", STYLE_SERIES_1, wild + from, wild, (size_t)n, false}};
            p.log_y = n % 2;
            p.cursor = n % 3 == 0 ? 1e308 : 2;
            p.x_kind = n % 5 == 0 ? PLOT_X_TIME : PLOT_X_NUMBER;
            plot_lines(g, b, &p, s, 2);
            plot_histogram(g, b, &p, wild + from, (size_t)n, n);
            const struct plot_candle c[] = {{wild[from], wild[n % 12], wild[(n + 1) % 12], -1, 5}, {1, 2, 3, 1, 2}};
            plot_candles(g, b, &p, c, 2);
            plot_spark(g, b, 0, 0, 20, STYLE_TEXT, wild + from, (size_t)n);
            assert_true(nothing_outside(g, b));
            grid_free(g);
        }
    }
}

/* One point among a hundred thousand is still seen: the curve reaches the top row in its column. */
static void test_spike_survives(void **state)
{
    enum { N = 100000 };
    (void)state;
    double *y = NEW_ARRAY(double, N);
    y[61803] = 1;
    struct grid *g = grid_new(60, 10, SYMBOLS_BRAILLE);
    struct plot p = plot_plain(NULL);
    const struct plot_series s = {"y", STYLE_SERIES_1, NULL, y, N, false};
    struct box in = plot_lines(g, grid_box(g), &p, &s, 1);
    int seen = 0;
    for (int x = 0; x < in.columns; x++)
        seen += g->cell[in.y * g->columns + in.x + x].style == STYLE_SERIES_1;
    assert_int_equal(seen, 1);
    grid_free(g);
    free(y);
}

/* Rows below that share the axis find x_least and x_most at the rims of the returned box. */
static void test_inner_box_spans_the_axis(void **state)
{
    (void)state;
    struct grid *g = grid_new(70, 12, SYMBOLS_BRAILLE);
    struct plot p = plot_plain(NULL);
    const struct plot_series s = {"y", STYLE_SERIES_2, NULL, train, POINTS, false};
    struct box in = plot_lines(g, grid_box(g), &p, &s, 1);
    assert_int_equal(in.x + in.columns, 70);
    assert_int_equal(g->cell[in.y * g->columns + in.x].style, STYLE_SERIES_2);
    assert_int_equal(g->cell[(in.y + in.rows - 1) * g->columns + in.x + in.columns - 1].style, STYLE_SERIES_2);
    grid_free(g);
}

static void test_gap_is_open_and_marked(void **state)
{
    (void)state;
    double y[40];
    for (int i = 0; i < 40; i++)
        y[i] = i >= 15 && i < 25 ? NAN : (double)(i % 3); /* never the bottom row alone */
    struct grid *g = grid_new(60, 10, SYMBOLS_BRAILLE);
    struct plot p = plot_plain(NULL);
    struct box in = plot_lines(g, grid_box(g), &p, &(struct plot_series){"y", STYLE_SERIES_1, NULL, y, 40, false}, 1);
    int middle = in.x + in.columns * 20 / 40, crosses = 0;
    for (int row = in.y; row < in.y + in.rows; row++) {
        assert_int_not_equal(g->cell[row * g->columns + middle].style, STYLE_SERIES_1);
        for (int x = in.x; x < in.x + in.columns; x++)
            crosses += g->cell[row * g->columns + x].code == 0x00d7;
    }
    assert_true(crosses >= 8);
    grid_free(g);
}

static void test_cursor_names_exact_values(void **state)
{
    (void)state;
    struct grid *g = grid_new(100, 20, SYMBOLS_ASCII);
    struct plot p = curve_plot();
    const double y[] = {1, 2, 0.123456};
    p.cursor = 2;
    plot_lines(g, grid_box(g), &p, &(struct plot_series){"loss", STYLE_SERIES_1, NULL, y, 3, false}, 1);
    char *text = grid_text(g);
    assert_non_null(strstr(text, "at 2"));
    assert_non_null(strstr(text, "loss 0.123456"));
    free(text);
    grid_free(g);
}

static void check_axis(const struct axis *a, const char *const *labels)
{
    int n = 0;
    for (; labels[n] != NULL; n++) {
        assert_true(n < a->ticks);
        assert_string_equal(a->label[n], labels[n]);
        assert_true(a->at[n] >= a->least && a->at[n] <= a->most);
    }
    assert_int_equal(a->ticks, n);
}

static void test_ticks(void **state)
{
    struct axis a;
    (void)state;
    axis_linear(&a, 0, 1, 5);
    check_axis(&a, (const char *const[]){"0.0", "0.2", "0.4", "0.6", "0.8", "1.0", NULL});
    axis_linear(&a, -3, 12, 3);
    check_axis(&a, (const char *const[]){"0", "5", "10", NULL});
    axis_linear(&a, 0, 4e6, 4);
    check_axis(&a, (const char *const[]){"0", "1e6", "2e6", "3e6", "4e6", NULL});
    axis_linear(&a, 0.1, 0.1, 4);
    assert_int_equal(a.ticks, 0);
    axis_linear(&a, NAN, 1, 4);
    assert_int_equal(a.ticks, 0);
    axis_log(&a, 1e-4, 10, 8);
    check_axis(&a, (const char *const[]){"0.0001", "0.001", "0.01", "0.1", "1", "10", NULL});
    axis_log(&a, 1e-9, 1e-6, 4);
    check_axis(&a, (const char *const[]){"1e-9", "1e-8", "1e-7", "1e-6", NULL});
    axis_log(&a, 1e-300, 1e300, 5);
    assert_true(a.ticks >= 2 && a.ticks <= 5);
}

static void test_ticks_of_counts(void **state)
{
    struct axis a;
    (void)state;
    axis_whole(&a, -0.3, 2.3, 20);
    check_axis(&a, (const char *const[]){"0", "1", "2", NULL});
    axis_whole(&a, -0.3, 1.3, 20);
    check_axis(&a, (const char *const[]){"0", "1", NULL});
    axis_whole(&a, 0.5, 40.5, 5);
    check_axis(&a, (const char *const[]){"10", "20", "30", "40", NULL});
    axis_whole(&a, 0.2, 0.6, 9);
    assert_int_equal(a.ticks, 0);
    axis_whole(&a, NAN, 1, 4);
    assert_int_equal(a.ticks, 0);
}

static void test_ticks_of_logarithms(void **state)
{
    struct axis a;
    (void)state;
    axis_log10(&a, 3.99, 5.01, 9);
    check_axis(&a, (const char *const[]){"10k", "20k", "50k", "100k", NULL});
    assert_true(fabs(a.at[1] - 4.30103) < 1e-5);
    axis_log10(&a, 4.2, 4.7, 4); /* 15,849 to 50,119 */
    check_axis(&a, (const char *const[]){"20k", "30k", "40k", "50k", NULL});
    axis_log10(&a, 2.9, 3.35, 3);
    check_axis(&a, (const char *const[]){"1000", "1500", "2000", NULL});
    axis_log10(&a, 5.9, 9.1, 6);
    check_axis(&a, (const char *const[]){"1M", "10M", "100M", "1G", NULL});
    axis_log10(&a, -400, 400, 4);
    assert_int_equal(a.ticks, 0);
}

static double at_time(int year, int month, int d, int hour, int minute)
{
    return (double)(clock_days(year, month, d) * CLOCK_DAY_US + (hour * 60 + minute) * 60 * CLOCK_SECOND_US);
}

static void test_time_ticks(void **state)
{
    struct axis a;
    (void)state;
    axis_time(&a, at_time(2019, 1, 15, 0, 0), at_time(2021, 2, 1, 0, 0), 9);
    check_axis(&a, (const char *const[]){"2019-04", "2019-07", "2019-10", "2020-01", "2020-04", "2020-07", "2020-10",
                                         "2021-01", NULL});
    axis_time(&a, at_time(2019, 12, 30, 20, 0), at_time(2020, 1, 2, 1, 0), 4);
    check_axis(&a, (const char *const[]){"2019-12-31", "2020-01-01", "01-02", NULL});
    axis_time(&a, at_time(2020, 2, 28, 22, 0), at_time(2020, 2, 29, 3, 30), 6);
    check_axis(&a, (const char *const[]){"2020-02-28", "23:00", "02-29", "01:00", "02:00", "03:00", NULL});
    axis_time(&a, at_time(1931, 6, 1, 0, 0), at_time(1969, 12, 31, 0, 0), 4);
    check_axis(&a, (const char *const[]){"1940", "1950", "1960", NULL});
    axis_time(&a, -1e300, 1e300, 4);
    assert_int_equal(a.ticks, 0);
}

static char *spark(enum symbols symbols, const double *v, size_t n, int columns)
{
    struct grid *g = grid_new(12, 1, symbols);
    plot_spark(g, grid_box(g), 0, 0, columns, STYLE_TEXT, v, n);
    char *text = grid_text(g);
    grid_free(g);
    return text;
}

static void check_spark(enum symbols symbols, const double *v, size_t n, int columns, const char *expected)
{
    char *text = spark(symbols, v, n, columns);
    assert_string_equal(text, expected);
    free(text);
}

static void test_spark(void **state)
{
    const double ramp[] = {0, 1, 2, 3, 4, 5, 6, 7}, gap[] = {1, NAN, 2}, flat[] = {3, 3}, none[] = {NAN};
    const double spike[] = {0, 0, 0, 9, 0, 0, 0, 0};
    (void)state;
    check_spark(SYMBOLS_BRAILLE, ramp, 8, 12, "▁▂▃▄▅▆▇█\n");
    check_spark(SYMBOLS_ASCII, ramp, 8, 12, ".:-=+*##\n");
    check_spark(SYMBOLS_BRAILLE, gap, 3, 12, "▁ █\n");
    check_spark(SYMBOLS_BRAILLE, flat, 2, 12, "▄▄\n");
    check_spark(SYMBOLS_BRAILLE, none, 1, 12, "\n");
    check_spark(SYMBOLS_BRAILLE, spike, 8, 2, "█▁\n");
}

static void test_bar(void **state)
{
    static const struct {
        double share;
        const char *text;
    } cases[] = {{0, "----------\n"}, {0.5, "=====-----\n"}, {1, "==========\n"}, {7, "==========\n"}, {-1, "----------\n"}, {NAN, "\n"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_N(cases); i++) {
        struct grid *g = grid_new(10, 1, SYMBOLS_ASCII);
        plot_bar(g, grid_box(g), 0, 0, 10, STYLE_TEXT, cases[i].share);
        char *text = grid_text(g);
        assert_string_equal(text, cases[i].text);
        free(text);
        grid_free(g);
    }
}

/* The heights of the bars are the counts: the fullest bin reaches the top, an empty one has nothing. */
static void test_histogram_counts(void **state)
{
    const double v[] = {0, 0.1, 0.2, 0.3, 3.9, 4};
    (void)state;
    struct grid *g = grid_new(4, 3, SYMBOLS_ASCII);
    struct plot p = plot_plain(NULL);
    plot_histogram(g, grid_box(g), &p, v, 6, 4);
    char *text = grid_text(g);
    assert_string_equal(text, "#\n#  =\n#  #\n");
    free(text);
    grid_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_goldens),
        cmocka_unit_test(test_sweep_stays_inside),
        cmocka_unit_test(test_wild_values),
        cmocka_unit_test(test_spike_survives),
        cmocka_unit_test(test_inner_box_spans_the_axis),
        cmocka_unit_test(test_gap_is_open_and_marked),
        cmocka_unit_test(test_cursor_names_exact_values),
        cmocka_unit_test(test_ticks),
        cmocka_unit_test(test_ticks_of_counts),
        cmocka_unit_test(test_ticks_of_logarithms),
        cmocka_unit_test(test_time_ticks),
        cmocka_unit_test(test_spark),
        cmocka_unit_test(test_bar),
        cmocka_unit_test(test_histogram_counts),
    };
    fill();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
