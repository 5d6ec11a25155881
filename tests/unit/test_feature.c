/* Features: what each family computes, what columns are taken for, and that no family looks ahead. */
#include "test_support.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/vmath.h"
#include "data/feature.h"

#include <math.h>

static double value_of(const char *family, const double *value, const double *low, size_t row, int output)
{
    struct feature_source s = {value, low, 50, 50};
    const struct feature_family *f = feature_find(family);
    assert_non_null(f);
    return f->value(&s, row, output);
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

/* Rows after the present one, and more than `lookback` before it, may hold anything. */
static void test_lookback(void **state)
{
    struct random r = random_start(1, RANDOM_TEST, 5, 0);
    enum { ROWS = 12 };
    (void)state;
    for (int f = 0; f < feature_families_n; f++)
        for (size_t row = 0; row < ROWS; row++)
            for (int output = 0; output < feature_families[f].outputs; output++) {
                double a[ROWS], b[ROWS], low_a[ROWS], low_b[ROWS];
                for (size_t i = 0; i < ROWS; i++) {
                    bool seen = i <= row && i + (size_t)feature_families[f].lookback >= row;
                    a[i] = 50 + random_unit(&r);
                    low_a[i] = 40 + random_unit(&r);
                    b[i] = seen ? a[i] : -1e9;
                    low_b[i] = seen ? low_a[i] : (double)NAN;
                }
                struct feature_source x = {a, low_a, 50, 50}, y = {b, low_b, 50, 50};
                double u = feature_families[f].value(&x, row, output), v = feature_families[f].value(&y, row, output);
                assert_true(isnan(u) ? isnan(v) : u == v);
                assert_true(row < (size_t)feature_families[f].lookback || !isnan(u));
            }
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
        cmocka_unit_test(test_values), cmocka_unit_test(test_forms_agree), cmocka_unit_test(test_lookback),
        cmocka_unit_test(test_roles),  cmocka_unit_test(test_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
