/* Features: what each family computes, what columns are taken for, and that no family looks ahead. */
#include "test_support.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "base/vmath.h"
#include "data/feature.h"

#include <math.h>

#define ROWS_MOST 400

/* One row of the family of a list of one, such as "rsi:14". */
static double value_of(const char *features, const double *value, const double *low, size_t row, int output)
{
    struct feature_source s = {value, low, NULL, 50, 50};
    struct feature_list list;
    double out[ROWS_MOST];
    assert_true(feature_list_read(&list, features, NULL));
    assert_int_equal(list.n, 1);
    list.spec[0].family->fill(out, &s, row + 1, list.spec[0].parameter, output);
    return out[row];
}

static void test_values(void **state)
{
    const double v[] = {100, 110, 0, 0, -5, (double)NAN, 20}, low[] = {80, 110, 0, 1, 2, 3, 4};
    (void)state;
    assert_true(isnan(value_of("log_return", v, NULL, 0, 0)));
    assert_true(value_of("log_return", v, NULL, 1, 0) == vmath_log(110.0 / 100.0));
    assert_true(fabs(value_of("log_return", v, NULL, 1, 0) - 0.09531017980432486) < 1e-15);
    assert_true(isnan(value_of("log_return", v, NULL, 2, 0)));
    assert_true(value_of("range", v, low, 0, 0) == vmath_log(100.0 / 80.0));
    assert_true(value_of("range", v, low, 1, 0) == 0);
    assert_true(isnan(value_of("range", v, low, 2, 0)));
    assert_true(value_of("volume_change", v, NULL, 1, 0) == vmath_log(110.0 / 100.0));
    assert_true(value_of("onchain_change", v, NULL, 2, 0) == -2);
    assert_true(value_of("onchain_change", v, NULL, 3, 0) == 0);
    assert_true(value_of("onchain_change", v, NULL, 4, 0) == -2);
    assert_true(isnan(value_of("onchain_change", v, NULL, 5, 0)) && isnan(value_of("onchain_change", v, NULL, 6, 0)));
    assert_true(value_of("sentiment", v, NULL, 1, 0) == 60.0 / 50);
    assert_true(fabs(value_of("sentiment", v, NULL, 1, 1) - 0.2) < 1e-15);
    assert_true(isnan(value_of("sentiment", v, NULL, 0, 1)));
}

/* Both forms of a change agree where the values are close: the one replaces the other without a jump. */
static void test_forms_agree(void **state)
{
    const double v[] = {1000, 1001}, minus[] = {-1000, -1001};
    (void)state;
    assert_true(fabs(value_of("onchain_change", v, NULL, 1, 0) + value_of("onchain_change", minus, NULL, 1, 0)) < 1e-9);
}

/* Every family with small and with its usual numbers. */
static struct feature_list every_family(void)
{
    struct feature_list small, usual;
    struct error err = {0};
    char text[512] = "difference:2,ratio:2,volume_zscore:2,mean:2,std:2,momentum:2,rsi:2,macd:2:3:2", *names = text;
    assert_true(feature_list_read(&small, names, &err));
    for (int i = 0; i < feature_families_n; i++) {
        text_append(text, sizeof text, ",");
        text_append(text, sizeof text, feature_families[i]->name);
    }
    if (!feature_list_read(&usual, text, &err))
        fail_msg("%s", err.text);
    assert_int_equal(usual.n, feature_families_n + small.n);
    return usual;
}

static void random_rows(struct random *r, double *value, double *low, int64_t *end)
{
    for (size_t i = 0; i < ROWS_MOST; i++) {
        value[i] = 50 + 10 * random_normal(r);
        low[i] = 10 + random_unit(r);
        end[i] = (int64_t)i * 7 * 3600 * 1000000;
    }
}

/* Rows after the present one, and more than `lookback` before it, may hold anything; with a whole look-back of good
 * rows there is a value, and one missing row within it takes it away. */
static void test_lookback(void **state)
{
    struct random r = random_start(1, RANDOM_TEST, 5, 0);
    struct feature_list list = every_family();
    static double a[ROWS_MOST], b[ROWS_MOST], low_a[ROWS_MOST], low_b[ROWS_MOST], u[ROWS_MOST], v[ROWS_MOST];
    static int64_t end[ROWS_MOST];
    (void)state;
    for (int k = 0; k < list.n; k++) {
        const struct feature_spec *spec = &list.spec[k];
        size_t lookback = (size_t)feature_lookback(spec);
        random_rows(&r, a, low_a, end);
        struct feature_source x = {a, low_a, end, 50, 50}, y = {b, low_b, end, 50, 50};
        for (int output = 0; output < spec->family->outputs; output++) {
            bool level = strcmp(spec->family->output[output], "sentiment") == 0; /* its change is what looks back */
            spec->family->fill(u, &x, ROWS_MOST, spec->parameter, output);
            for (size_t row = 0; row < ROWS_MOST; row += 1 + random_below(&r, 17)) {
                for (size_t i = 0; i < ROWS_MOST; i++) {
                    bool seen = i <= row && i + lookback >= row;
                    b[i] = seen ? a[i] : -1e9;
                    low_b[i] = seen ? low_a[i] : (double)NAN;
                }
                spec->family->fill(v, &y, ROWS_MOST, spec->parameter, output);
                if (row >= lookback && (isnan(u[row]) || memcmp(&u[row], &v[row], sizeof *u) != 0))
                    fail_msg("%s output %d row %zu: %g %g", spec->family->name, output, row, u[row], v[row]);
                assert_true(row >= lookback || level || isnan(u[row]));
                if (row < lookback || spec->family->reads == FEATURE_TIME)
                    continue;
                b[row - lookback] = (double)NAN; /* its oldest row is read indeed */
                spec->family->fill(v, &y, row + 1, spec->parameter, output);
                assert_true(level || isnan(v[row]));
            }
        }
    }
}

/* Filling fewer rows, or rows that begin later, gives the same bits where both know a value. */
static void test_any_cut(void **state)
{
    struct random r = random_start(2, RANDOM_TEST, 5, 1);
    struct feature_list list = every_family();
    static double a[ROWS_MOST], low[ROWS_MOST], u[ROWS_MOST], v[ROWS_MOST];
    static int64_t end[ROWS_MOST];
    (void)state;
    for (int k = 0; k < list.n; k++) {
        const struct feature_spec *spec = &list.spec[k];
        random_rows(&r, a, low, end);
        for (int holes = 0; holes < 5; holes++)
            a[random_below(&r, ROWS_MOST)] = (double)NAN;
        for (int output = 0; output < spec->family->outputs; output++) {
            struct feature_source whole = {a, low, end, 50, 50};
            spec->family->fill(u, &whole, ROWS_MOST, spec->parameter, output);
            for (int round = 0; round < 20; round++) {
                size_t from = random_below(&r, 50), rows = random_below(&r, ROWS_MOST - 50);
                size_t past = (size_t)feature_lookback(spec);
                struct feature_source part = {a + from, low + from, end + from, 50, 50};
                spec->family->fill(v, &part, rows, spec->parameter, output);
                for (size_t i = past; i < rows; i++)
                    assert_true(isnan(v[i]) ? isnan(u[from + i]) : memcmp(&u[from + i], &v[i], sizeof *u) == 0);
            }
        }
    }
}

/* Against the textbooks' formulas, computed plainly. */
static void test_windows(void **state)
{
    const double p[] = {100, 110, 99, 105, 105, 120};
    (void)state;
    assert_true(fabs(value_of("mean:3", p, NULL, 3, 0) - log(105 / ((110.0 + 99 + 105) / 3))) < 1e-14);
    assert_true(isnan(value_of("mean:3", p, NULL, 1, 0)));
    assert_true(fabs(value_of("momentum:3", p, NULL, 3, 0) - log(1.05) / 3) < 1e-14);
    double r[] = {log(1.1), log(0.9)}, m = (r[0] + r[1]) / 2;
    assert_true(fabs(value_of("std:2", p, NULL, 2, 0) -
                     sqrt(((r[0] - m) * (r[0] - m) + (r[1] - m) * (r[1] - m)) / 2)) < 1e-14);
    assert_true(isnan(value_of("std:2", p, NULL, 1, 0)));
    assert_true(fabs(value_of("volume_zscore:2", p, NULL, 1, 0) - 1) < 1e-14);
    assert_true(value_of("volume_zscore:2", p, NULL, 4, 0) == 0); /* both the same: nothing unusual */
    assert_true(fabs(value_of("ratio:2", p, NULL, 2, 0) - log(99 / 104.5)) < 1e-14);
    assert_true(value_of("difference:2", p, NULL, 2, 0) == -1);
    assert_true(value_of("change", p, NULL, 2, 0) == -11);
    assert_true(value_of("level", p, NULL, 2, 0) == 99);
    assert_true(fabs(value_of("rsi:3", p, NULL, 3, 0) - (10.0 + 6 - 11) / (10 + 6 + 11)) < 1e-15);
    assert_true(value_of("rsi:4", p, NULL, 4, 0) == value_of("rsi:3", p, NULL, 3, 0)); /* an unchanged price adds none */
    assert_true(isnan(value_of("rsi:4", p, NULL, 3, 0)));
}

static double plain_average(const double *value, size_t at, int n)
{
    double sum = 0, weights = 0;
    for (int k = 0; k < 4 * n; k++) {
        double w = pow(1 - 2.0 / (n + 1), k);
        sum += w * value[at - (size_t)k];
        weights += w;
    }
    return sum / weights;
}

static void test_macd(void **state)
{
    struct random r = random_start(3, RANDOM_TEST, 5, 2);
    double price[60], ln[60], line[60];
    (void)state;
    for (int i = 0; i < 60; i++) {
        price[i] = 100 * exp(random_normal(&r) / 10);
        ln[i] = log(price[i]);
    }
    for (size_t i = 23; i < 60; i++)
        line[i] = plain_average(ln, i, 3) - plain_average(ln, i, 6);
    for (size_t i = 38; i < 60; i++) {
        assert_true(fabs(value_of("macd:3:6:4", price, NULL, i, 0) - line[i]) < 1e-13);
        assert_true(fabs(value_of("macd:3:6:4", price, NULL, i, 1) - (line[i] - plain_average(line, i, 4))) < 1e-13);
    }
    assert_true(isnan(value_of("macd:3:6:4", price, NULL, 37, 0)));
}

/* 2024-02-29 was a Thursday and the end of a month; its daily bar closes at midnight of March. */
static void test_calendar(void **state)
{
    int64_t end[] = {clock_days(2024, 3, 1) * CLOCK_DAY_US, clock_days(2024, 3, 1) * CLOCK_DAY_US + 21600000000,
                     -CLOCK_DAY_US};
    double out[3];
    (void)state;
    struct feature_source s = {.end_us = end};
    struct feature_list list;
    assert_true(feature_list_read(&list, "calendar", NULL));
    const double two_pi = 8 * atan(1);
    const double wanted[9][3] = {
        [1] = {1, 0, 1},
        [2] = {sin(two_pi * 3 / 7), sin(two_pi * 4 / 7), sin(two_pi * 1 / 7)}, /* 1969-12-30 was a Tuesday */
        [4] = {sin(two_pi * 28 / 29), 0, sin(two_pi * 29 / 31)},
        [7] = {cos(two_pi * 59 / 366), cos(two_pi * 60 / 366), cos(two_pi * 363 / 365)},
        [8] = {1, 0, 0},
    };
    for (int output = 1; output < 9; output += output == 2 ? 2 : output == 4 ? 3 : 1) {
        list.spec[0].family->fill(out, &s, 3, list.spec[0].parameter, output);
        for (int i = 0; i < 3; i++)
            if (fabs(out[i] - wanted[output][i]) > 1e-9)
                fail_msg("%s of %d: %g, not %g", list.spec[0].family->output[output], i, out[i], wanted[output][i]);
    }
}

/* The bits of every family on a small table: the same whatever compiler, optimisation and machine. */
static void test_golden_bits(void **state)
{
    struct random r = random_start(4, RANDOM_TEST, 5, 3);
    struct feature_list list = every_family();
    static double a[ROWS_MOST], low[ROWS_MOST], out[ROWS_MOST];
    static int64_t end[ROWS_MOST];
    struct bytes bytes = {0};
    char hex[HASH_HEX];
    (void)state;
    random_rows(&r, a, low, end);
    struct feature_source s = {a, low, end, 50, 50};
    for (int k = 0; k < list.n; k++)
        for (int output = 0; output < list.spec[k].family->outputs; output++) {
            list.spec[k].family->fill(out, &s, ROWS_MOST, list.spec[k].parameter, output);
            for (size_t i = 0; i < ROWS_MOST; i++)
                bytes_put_f64(&bytes, isnan(out[i]) ? 0 : out[i]);
        }
    hash_hex(hash_of(bytes.data, bytes.n), hex);
    bytes_free(&bytes);
    assert_string_equal(hex, "23466c6453313a9199aeb58f98bd9153eff70032acb29d4ba4fd2b92e22070e0");
}

/* --- lists ------------------------------------------------------------------------------------------------------- */

static void read_as(const char *text, const char *canonical)
{
    struct feature_list list;
    struct error err = {0};
    char out[FEATURE_LIST_MAX];
    if (!feature_list_read(&list, text, &err))
        fail_msg("%s", err.text);
    assert_true(feature_list_format(&list, out, sizeof out));
    assert_string_equal(out, canonical);
}

static void list_refused(const char *text, enum error_kind kind, const char *part)
{
    struct feature_list list;
    struct error err = {0};
    assert_false(feature_list_read(&list, text, &err));
    assert_int_equal(err.kind, kind);
    if (!strstr(err.text, part))
        fail_msg("'%s' does not say '%s'", err.text, part);
}

static void test_lists(void **state)
{
    struct text many = {0};
    (void)state;
    read_as("rsi", "rsi:14");
    read_as("macd, rsi:7 ,log_return", "log_return,rsi:7,macd:12:26:9");
    read_as("mean:50,mean,mean:20", "mean:20,mean:50");
    read_as("macd:5:9", "macd:5:9:9");
    read_as("usual,std", FEATURE_USUAL ",std:20");
    list_refused("oracle", ERROR_USAGE, "macd:FAST:SLOW:SIGNAL");
    list_refused("", ERROR_USAGE, "''");
    list_refused("range,", ERROR_USAGE, "''");
    list_refused("rsi:1", ERROR_USAGE, "from 2 to 1000");
    list_refused("rsi:x", ERROR_USAGE, "'x'");
    list_refused("rsi:14:2", ERROR_USAGE, "too many");
    list_refused("range:2", ERROR_USAGE, "no number");
    list_refused("macd:26:12", ERROR_USAGE, "FAST must be less");
    for (int i = 2; i < 40; i++)
        text_printf(&many, "%smean:%d", i > 2 ? "," : "", i);
    list_refused(text_of(&many), ERROR_LIMIT, "32");
    text_free(&many);
}

static void test_roles(void **state)
{
    static const double index[] = {20, 55, 80}, share[] = {0.2, -0.5, 0.7}, big[] = {2000, 30, 5.5};
    static const struct {
        const char *name;
        const double *value;
        enum feature_role role;
    } column[] = {
        {"close", big, FEATURE_PRICE},
        {"PriceUSD", big, FEATURE_PRICE},
        {"btc_open", big, FEATURE_PRICE},
        {"Adj Close", big, FEATURE_PRICE},
        {"synthetic_close", big, FEATURE_PRICE},
        {"open_interest", big, FEATURE_ONCHAIN},
        {"realized_price", big, FEATURE_ONCHAIN},
        {"Volume_(BTC)", big, FEATURE_VOLUME},
        {"turnover", big, FEATURE_VOLUME},
        {"synthetic_volume", big, FEATURE_VOLUME},
        {"AdrActCnt", big, FEATURE_ONCHAIN},
        {"NVTAdj", big, FEATURE_ONCHAIN},
        {"CapMVRVCur", big, FEATURE_ONCHAIN},
        {"FeeMeanUSD", big, FEATURE_ONCHAIN},
        {"hash_rate_mean", big, FEATURE_ONCHAIN},
        {"synthetic_flow_a", big, FEATURE_ONCHAIN},
        {"value", index, FEATURE_SENTIMENT},
        {"value", big, FEATURE_OTHER},
        {"value", share, FEATURE_OTHER},
        {"compound", share, FEATURE_SENTIMENT},
        {"compound_weighted", big, FEATURE_OTHER},
        {"fng_value", index, FEATURE_SENTIMENT},
        {"synthetic_sentiment", index, FEATURE_SENTIMENT},
        {"dollar_value", big, FEATURE_OTHER},
        {"cpi", big, FEATURE_OTHER},
        {"count", big, FEATURE_OTHER},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_N(column); i++)
        if (feature_role_of(column[i].name, column[i].value, 3) != column[i].role)
            fail_msg("'%s' is taken for %s", column[i].name,
                     feature_role_name(feature_role_of(column[i].name, column[i].value, 3)));
}

static void test_levels(void **state)
{
    static const double index[] = {20, (double)NAN, 80}, share[] = {-0.5, 0.7, 0}, unit[] = {0, 1, 0.5},
                        big[] = {0, 101, 1};
    double centre, half;
    (void)state;
    assert_true(feature_level(index, 3, &centre, &half) && centre == 50 && half == 50);
    assert_true(feature_level(share, 3, &centre, &half) && centre == 0 && half == 1);
    assert_true(feature_level(unit, 3, &centre, &half) && centre == 0.5 && half == 0.5);
    assert_false(feature_level(big, 3, &centre, &half));
    assert_true(centre == 0 && half == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),  cmocka_unit_test(test_forms_agree), cmocka_unit_test(test_lookback),
        cmocka_unit_test(test_any_cut), cmocka_unit_test(test_windows),     cmocka_unit_test(test_macd),
        cmocka_unit_test(test_calendar), cmocka_unit_test(test_golden_bits), cmocka_unit_test(test_lists),
        cmocka_unit_test(test_roles),   cmocka_unit_test(test_levels),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
