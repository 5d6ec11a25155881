/* A task's text: one spelling, read back to the same task, every other spelling refused. */
#include "test_support.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "data/task.h"

static struct task sample(void)
{
    struct task t;
    task_defaults(&t);
    t.series_n = 2;
    t.series[0] = (struct task_series){"btc", hash_of_text("a"), CSV_STAMP_DATE, 0, 0};
    t.series[1] = (struct task_series){"fear_greed", hash_of_text("b"), CSV_STAMP_CLOSE, 86400000000, TASK_SHARED};
    t.assets = 1;
    t.asset[0] = (struct task_asset){"btc", "USD (PM)", 0};
    return t;
}

static void test_text(void **state)
{
    struct task t = sample(), again;
    struct error err = {0};
    char *text = task_format(&t), a[HASH_HEX], b[HASH_HEX], wanted[1024];
    (void)state;
    hash_hex(t.series[0].frame, a);
    hash_hex(t.series[1].frame, b);
    snprintf(wanted, sizeof wanted,
             "morphsmith-task 1\nseries btc frame=%s stamp=date lag_us=0 asset=btc\nseries fear_greed frame=%s stamp=close "
             "lag_us=86400000000 asset=*\nasset btc base=btc price=USD (PM)\ntarget direction\nhorizon 1\nlookback 32\n"
             "features log_return,range,volume_change,onchain_change,sentiment\ncolumns all\nmissing drop\nfolds 5\nembargo 0\nstride 1\n"
             "holdout_ppm 150000\nseed 1\n",
             a, b);
    assert_string_equal(text, wanted);
    if (!task_parse(&again, text, &err))
        fail_msg("%s", err.text);
    assert_true(hash_equal(task_text_hash(&t), task_text_hash(&again)));
    assert_int_equal(again.series[1].lag_us, 86400000000);
    assert_string_equal(again.asset[0].price, "USD (PM)");
    free(text);
}

/* A changed byte is refused or gives the task that has exactly this text. */
static void test_other_spellings(void **state)
{
    struct task t = sample(), again;
    struct random r = random_start(1, RANDOM_TEST, 6, 0);
    char *text = task_format(&t);
    size_t n = strlen(text), read = 0;
    (void)state;
    for (size_t i = 0; i < n; i++) {
        char saved = text[i];
        for (int k = 0; k < 6; k++) {
            text[i] = (char)(k < 3 ? " \n0"[k] : (char)(1 + random_below(&r, 126)));
            struct error err = {0};
            if (task_parse(&again, text, &err)) {
                char *back = task_format(&again);
                assert_string_equal(back, text);
                free(back);
                read++;
            } else {
                assert_int_equal(err.kind, ERROR_DATA);
            }
        }
        text[i] = saved;
        text[i] = '\0';
        assert_false(task_parse(&again, text, NULL));
        text[i] = saved;
    }
    assert_true(read > 0);
    free(text);
}

static void refused(const struct task *t, const char *part)
{
    struct error err = {0};
    assert_false(task_check(t, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    if (!strstr(err.text, part))
        fail_msg("'%s' does not say '%s'", err.text, part);
}

static void test_ranges(void **state)
{
    struct task t = sample();
    (void)state;
    assert_true(task_check(&t, NULL));
#define WRONG(field, value, part)                                                                                      \
    t = sample();                                                                                                      \
    t.field = value;                                                                                                   \
    refused(&t, part)
    WRONG(series_n, 0, "number of series");
    WRONG(assets, 0, "belongs to asset 1 of 0");
    WRONG(assets, TASK_ASSETS_MAX + 1, "number of assets");
    WRONG(asset[0].base, 1, "base series of asset 'btc'");
    WRONG(asset[0].base, 2, "base series of asset 'btc'");
    WRONG(series[1].asset, 1, "belongs to asset 2 of 1");
    WRONG(series[0].asset, TASK_SHARED, "base series of asset 'btc'");
    WRONG(target, TASK_CLASS, "class column");
    WRONG(series_n, TASK_SERIES_MAX + 1, "number of series");
    WRONG(horizon, 0, "--target class:COLUMN");
    WRONG(horizon, -1, "horizon");
    WRONG(lookback, TASK_LOOKBACK_MAX + 1, "lookback");
    WRONG(folds, 0, "folds");
    WRONG(folds, 33, "folds");
    WRONG(embargo, -1, "embargo");
    WRONG(stride, 0, "stride");
    WRONG(holdout_ppm, 500001, "holdout_ppm");
    WRONG(series[1].lag_us, -1, "lag_us");
    WRONG(series[0].stamp, CSV_STAMP_GUESS, "stamp");
#undef WRONG
#define WRONG_TEXT(field, value, part)                                                                                 \
    t = sample();                                                                                                      \
    text_copy(t.field, sizeof t.field, value);                                                                         \
    refused(&t, part)
    WRONG_TEXT(series[1].name, "btc", "two series");
    WRONG_TEXT(series[1].name, "b c", "name of a series");
    WRONG_TEXT(asset[0].name, "", "asset");
    WRONG_TEXT(asset[0].price, "a\nb", "price");
    WRONG_TEXT(asset[0].price, " a", "price");
    WRONG_TEXT(asset[0].price, "\xff", "price");
    WRONG_TEXT(features, "", "features");
    WRONG_TEXT(features, "range,log_return", "order");
    WRONG_TEXT(features, "range,range", "once");
    WRONG_TEXT(features, "range,", "no family");
    WRONG_TEXT(features, "rsi", "rsi:14");
    WRONG_TEXT(features, "usual", "range");
    WRONG_TEXT(features, "oracle", "oracle");
#undef WRONG_TEXT
}

/* Every target, many assets, bases anywhere among the series: read back to the same text. */
static void test_targets_and_assets(void **state)
{
    static const char *const target[] = {"direction", "return", "class:beat kind"};
    (void)state;
    for (int k = 0; k < 3; k++) {
        struct task t = sample(), again;
        struct error err = {0};
        char line[100];
        assert_true(task_set_target(&t, target[k], &err));
        t.series_n = 4;
        t.assets = 3;
        t.horizon = k == 2 ? 0 : 3;
        t.series[2] = (struct task_series){"eth", hash_of_text("c"), CSV_STAMP_OPEN, 0, 1};
        t.series[3] = (struct task_series){"sol", hash_of_text("d"), CSV_STAMP_OPEN, 0, 2};
        t.series[1].asset = 1;
        t.asset[1] = (struct task_asset){"eth", "close", 2};
        t.asset[2] = (struct task_asset){"sol", "", 3};
        if (k < 2) {
            refused(&t, "asset 'sol' needs a price column");
            text_copy(t.asset[2].price, FRAME_NAME_MAX, "p");
        }
        char *text = task_format(&t), *back;
        snprintf(line, sizeof line, "\nasset eth base=eth price=close\nasset sol base=sol%s\ntarget %s\n",
                 k < 2 ? " price=p" : "", target[k]);
        assert_non_null(strstr(text, line));
        if (!task_parse(&again, text, &err))
            fail_msg("%s", err.text);
        back = task_format(&again);
        assert_string_equal(text, back);
        assert_int_equal(again.asset[2].base, 3);
        assert_int_equal(again.series[1].asset, 1);
        assert_int_equal(again.target, k);
        task_target_text(&again, line, sizeof line);
        assert_string_equal(line, target[k]);
        task_asset_names(&again, line, sizeof line);
        assert_string_equal(line, "btc, eth, sol");
        free(text);
        free(back);
        t.asset[2].base = 1; /* of another asset */
        refused(&t, "base series of asset 'sol'");
        t.asset[2].base = 3;
        text_copy(t.asset[2].name, FRAME_NAME_MAX, "btc");
        refused(&t, "named twice");
        text_copy(t.asset[2].name, FRAME_NAME_MAX, "*");
        refused(&t, "stands for all");
    }
    struct task t;
    struct error err = {0};
    assert_false(task_set_target(&t, "class:", &err));
    assert_false(task_set_target(&t, "Return", &err));
    assert_int_equal(err.kind, ERROR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_text), cmocka_unit_test(test_other_spellings),
                                       cmocka_unit_test(test_ranges), cmocka_unit_test(test_targets_and_assets)};
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
