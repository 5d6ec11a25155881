/* Synthetic markets: the same bytes always, the promised accuracy exactly, nothing where nothing is promised. */
#include "test_support.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/vmath.h"
#include "data/set/dataset.h"
#include "data/synth.h"

#include <math.h>

static struct frame *make(const char *kind, uint64_t seed, int64_t bars, double bayes, double *best,
                          struct csv_report *r)
{
    struct text csv = {0};
    struct error err = {0};
    struct synth_options o = {kind, seed, bars, bayes};
    if (!synth_write(&csv, best, &o, &err))
        fail_msg("%s", err.text);
    struct frame *f = csv_import_text(kind, text_of(&csv), csv.n, r, NULL, &err);
    if (!f)
        fail_msg("%s", err.text);
    text_free(&csv);
    return f;
}

static const double *column(const struct frame *f, const char *name)
{
    int c = frame_find(f, name);
    assert_true(c >= 0);
    return f->column[c].value;
}

/* The rule as synth.h states it, computed from what was read back. */
static bool rule(const struct frame *f, size_t t)
{
    const double *flow = column(f, "synthetic_flow_a");
    size_t at = t - (column(f, "synthetic_sentiment")[t - 1] < 50 ? SYNTH_LAG_LOW : SYNTH_LAG_HIGH);
    return vmath_log(flow[at] / flow[at - 1]) + vmath_log(flow[at - 1] / flow[at - 2]) -
               vmath_log(flow[at - 2] / flow[at - 3]) >
           0;
}

static double rule_accuracy(const struct frame *f)
{
    const double *price = column(f, "synthetic_close");
    size_t right = 0, n = f->rows - 1 - SYNTH_FIRST;
    for (size_t t = SYNTH_FIRST; t + 1 < f->rows; t++)
        right += rule(f, t) == (price[t + 1] > price[t]);
    return (double)right / (double)n;
}

static void test_planted_accuracy_is_exact(void **state)
{
    static const double bayes[] = {0.51, 0.75, 0.94, 1};
    (void)state;
    for (size_t i = 0; i < ARRAY_N(bayes); i++) {
        struct csv_report r;
        double best;
        struct frame *f = make("planted", 10 + i, 4000, bayes[i], &best, &r);
        assert_true(rule_accuracy(f) == best);
        assert_true(fabs(best - bayes[i]) < 1.0 / 3000);
        assert_int_equal(r.rows, 4000);
        assert_int_equal(r.stamp, CSV_STAMP_CLOSE);
        assert_int_equal(r.missing + r.gaps + r.duplicates, 0);
        frame_free(f);
        csv_report_free(&r);
    }
}

/* Half of all bars go up, and neither the newest flows nor the last direction tell the next one. */
static void test_planted_is_hidden(void **state)
{
    struct csv_report r;
    double best;
    struct frame *f = make("planted", 5, 40000, 1, &best, &r);
    const double *price = column(f, "synthetic_close"), *flow = column(f, "synthetic_flow_a"),
                 *b = column(f, "synthetic_flow_b");
    double up = 0, last = 0, newest = 0, other = 0, n = 0;
    (void)state;
    for (size_t t = SYNTH_FIRST; t + 1 < f->rows; t++, n++) {
        bool rises = price[t + 1] > price[t];
        assert_true(price[t + 1] != price[t]);
        up += rises;
        last += rises == (price[t] > price[t - 1]);
        newest += rises == (flow[t - 1] > flow[t - 2]);
        other += rises == (b[t - 1] > b[t - 2]);
    }
    assert_true(fabs(up / n - 0.5) < 0.015 && fabs(last / n - 0.5) < 0.02);
    assert_true(fabs(newest / n - 0.5) < 0.015 && fabs(other / n - 0.5) < 0.015);
    frame_free(f);
    csv_report_free(&r);
}

static void test_noise(void **state)
{
    struct csv_report r;
    double best;
    struct frame *f = make("noise", 5, 40000, 0.9, &best, &r);
    (void)state;
    assert_true(best == 0.5);
    assert_true(fabs(rule_accuracy(f) - 0.5) < 0.015);
    frame_free(f);
    csv_report_free(&r);
}

static void test_leaky(void **state)
{
    struct csv_report r;
    double best;
    struct frame *f = make("leaky", 5, 1000, 0, &best, &r);
    const double *price = column(f, "synthetic_close"), *leak = column(f, "synthetic_leak_sentiment");
    (void)state;
    assert_true(best == 1);
    for (size_t t = 1; t + 1 < f->rows; t++)
        assert_int_equal(leak[t - 1] > 50, price[t + 1] > price[t]);
    frame_free(f);
    csv_report_free(&r);
}

/* What the rule needs is in the windows of the data set, one bar late as the lag of metrics wants it. */
static void test_the_window_holds_the_rule(void **state)
{
    struct csv_report r;
    double best;
    struct error err = {0};
    struct frame *f = make("planted", 3, 600, 0.9, &best, &r);
    const struct frame *frames[] = {f};
    struct task task;
    (void)state;
    task_defaults(&task);
    task.series_n = 1;
    task.lookback = 16;
    task.series[0] = (struct task_series){"synthetic", frame_hash(f), r.stamp, 0, 0};
    task.assets = 1;
    task.asset[0] = (struct task_asset){"synthetic", "synthetic_close", 0};
    struct dataset *d = dataset_build(&task, frames, DATASET_SEARCH, &err);
    if (!d)
        fail_msg("%s", err.text);
    size_t flow = d->channels, mood = d->channels;
    for (size_t c = 0; c < d->channels; c++) {
        flow = strcmp(d->channel[c], "onchain_change synthetic_flow_a") == 0 ? c : flow;
        mood = strcmp(d->channel[c], "sentiment synthetic_sentiment") == 0 ? c : mood;
    }
    assert_true(flow < d->channels && mood < d->channels);
    size_t right = 0;
    for (size_t i = 0; i < d->samples; i++) {
        size_t t = d->bar[i];
#define CHANGE(lag) (double)d->feature[(t + 1 - (lag)) * d->channels + flow] /* c[t - lag] is seen at bar t - lag + 1  \
                                                                              */
        size_t lag = d->feature[t * d->channels + mood] < 0 ? SYNTH_LAG_LOW : SYNTH_LAG_HIGH;
        bool up = CHANGE(lag) + CHANGE(lag + 1) - CHANGE(lag + 2) > 0;
#undef CHANGE
        assert_int_equal(up, rule(f, t));
        right += up == (d->target[i] > 0.5f);
    }
    assert_true((double)right / (double)d->samples > 0.85);
    dataset_free(d);
    frame_free(f);
    csv_report_free(&r);
}

static void test_bytes_are_fixed(void **state)
{
    static const struct {
        struct synth_options o;
        const char *file;
    } sample[] = {{{"planted", 7, 3000, 0.94}, "synthetic_market.csv"},
                  {{"sentiment", 7, 140, 1}, "synthetic_sentiment.csv"}};
    const char *folder = getenv("srcdir");
    (void)state;
    for (size_t i = 0; i < ARRAY_N(sample); i++) {
        char path[4096];
        struct bytes wanted = {0};
        struct text csv = {0};
        struct error err = {0};
        double best;
        assert_true(synth_write(&csv, &best, &sample[i].o, &err));
        snprintf(path, sizeof path, "%s/samples/%s", folder ? folder : ".", sample[i].file);
        if (!file_read(path, 1 << 20, &wanted, &err))
            fail_msg("%s", err.text);
        assert_int_equal(wanted.n, csv.n);
        assert_memory_equal(wanted.data, csv.data, csv.n);
        bytes_free(&wanted);
        text_free(&csv);
    }
}

static void test_seeds_and_names(void **state)
{
    struct text a = {0}, b = {0}, c = {0};
    struct error err = {0};
    double best;
    struct synth_options o = {"noise", 1, 64, 1};
    (void)state;
    assert_true(synth_write(&a, &best, &o, &err) && synth_write(&b, &best, &o, &err));
    o.seed = 2;
    assert_true(synth_write(&c, &best, &o, &err));
    assert_string_equal(text_of(&a), text_of(&b));
    assert_string_not_equal(text_of(&a), text_of(&c));
    assert_true(text_starts(text_of(&a), "close_time,synthetic_close,synthetic_volume,"));
    text_free(&a);
    text_free(&b);
    text_free(&c);
}

static void test_refusals(void **state)
{
    static const struct synth_options bad[] = {{"magic", 1, 100, 0.9},
                                               {"planted", 1, 100, 0.5},
                                               {"planted", 1, 100, 1.1},
                                               {"planted", 1, 63, 0.9},
                                               {"noise", 1, SYNTH_BARS_MOST + 1, 0.9}};
    (void)state;
    for (size_t i = 0; i < ARRAY_N(bad); i++) {
        struct text csv = {0};
        struct error err = {0};
        double best;
        assert_false(synth_write(&csv, &best, &bad[i], &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_int_equal(csv.n, 0);
        text_free(&csv);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_planted_accuracy_is_exact),
        cmocka_unit_test(test_planted_is_hidden),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_leaky),
        cmocka_unit_test(test_the_window_holds_the_rule),
        cmocka_unit_test(test_bytes_are_fixed),
        cmocka_unit_test(test_seeds_and_names),
        cmocka_unit_test(test_refusals),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
