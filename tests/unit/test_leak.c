/* The leak detector: what looks ahead is found and named, what does not is left alone, and each check sees what it says
 * it sees. */
#include "test_support.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "base/vmath.h"
#include "train/leak_internal.h"

#include <math.h>

enum { BARS_MOST = 2000, CHANNELS_MOST = 64, LOOKBACK = 8 };

/* Noise in every channel, and coins as targets. */
struct made {
    struct leak_view v;
    float feature[BARS_MOST * CHANNELS_MOST], target[BARS_MOST];
    char channel[CHANNELS_MOST][FRAME_NAME_MAX];
    uint32_t bar[BARS_MOST];
    struct dataset_fold fold[4];
};

static struct made *make(size_t bars, size_t channels, int horizon, uint64_t seed)
{
    struct random r = random_start(seed, RANDOM_TEST, 20, 0);
    struct made *m = NEW(struct made);
    m->v = (struct leak_view){.feature = m->feature, .bars = bars, .channels = channels,
                              .channel = (const char(*)[FRAME_NAME_MAX])m->channel, .bar = m->bar, .target = m->target,
                              .fold = m->fold, .folds = 4, .lookback = LOOKBACK, .horizon = horizon, .seed = seed};
    for (size_t i = 0; i < bars * channels; i++)
        m->feature[i] = (float)random_normal(&r);
    for (size_t c = 0; c < channels; c++)
        snprintf(m->channel[c], sizeof m->channel[c], "noise c%zu", c);
    for (size_t t = LOOKBACK - 1; t + (size_t)horizon < bars; t++) {
        m->bar[m->v.samples] = (uint32_t)t;
        m->target[m->v.samples++] = (float)random_below(&r, 2);
    }
    for (size_t k = 0; k < 4; k++) {
        size_t block = m->v.samples / 5, valid = m->v.samples - (4 - k) * block, purge = LOOKBACK + (size_t)horizon;
        m->fold[k] = (struct dataset_fold){0, valid > purge ? valid - purge : 0, valid, valid + block};
    }
    return m;
}

static float *at(struct made *m, size_t bar, size_t channel)
{
    return &m->feature[bar * m->v.channels + channel];
}

static struct leak_report run(struct made *m)
{
    struct leak_report r;
    struct error err = {0};
    if (!leak_run(&r, &m->v, &err))
        fail_msg("%s", err.text);
    for (int i = 0; i < LEAK_FUTURE; i++)
        assert_true(r.line[i].ran && r.line[i].text[0]);
    return r;
}

static const struct leak_finding *find(const struct leak_report *r, enum leak_check check, const char *name)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->finding[i].check == check && strcmp(r->finding[i].name, name) == 0)
            return &r->finding[i];
    return NULL;
}

static void only(struct leak_report *r, enum leak_check check, const char *name)
{
    if (r->n != 1 || !find(r, check, name))
        fail_msg("%zu findings, the first: %s %s %s", r->n, r->n ? leak_check_name(r->finding[0].check) : "",
                 r->n ? r->finding[0].name : "", r->n ? r->finding[0].text : "");
    for (int i = 0; i < LEAK_FUTURE; i++)
        assert_int_equal(r->line[i].passed, i != (int)check);
    leak_report_free(r);
}

static void nothing(struct leak_report *r)
{
    if (r->n)
        fail_msg("%s: \"%s\" %s", leak_check_name(r->finding[0].check), r->finding[0].name, r->finding[0].text);
    leak_report_free(r);
}

/* --- scores ------------------------------------------------------------------------------------------------------ */

static void scores_by_definition(void **state)
{
    struct random r = random_start(1, RANDOM_TEST, 21, 0);
    (void)state;
    for (int round = 0; round < 200; round++) {
        enum { N = 40 };
        struct leak_pair pair[N], copy[N];
        double wins = 0, pairs = 0;
        for (int i = 0; i < N; i++)
            pair[i] = (struct leak_pair){random_below(&r, 12), random_below(&r, 3)};
        for (int i = 0; i < N; i++)
            for (int k = 0; k < N; k++)
                if (pair[i].target == 2 && pair[k].target != 2) {
                    wins += pair[i].value > pair[k].value ? 1 : pair[i].value < pair[k].value ? 0 : 0.5;
                    pairs++;
                }
        double rank_x[N], rank_y[N], xy = 0, xx = 0, yy = 0;
        for (int i = 0; i < N; i++) {
            rank_x[i] = rank_y[i] = 0;
            for (int k = 0; k < N; k++) {
                rank_x[i] += pair[k].value < pair[i].value ? 1 : pair[k].value > pair[i].value ? -1 : 0;
                rank_y[i] += pair[k].target < pair[i].target ? 1 : pair[k].target > pair[i].target ? -1 : 0;
            }
            xy += rank_x[i] * rank_y[i];
            xx += rank_x[i] * rank_x[i];
            yy += rank_y[i] * rank_y[i];
        }
        memcpy(copy, pair, sizeof pair);
        leak_sort(copy, N);
        if (pairs > 0)
            assert_true(fabs(leak_area(copy, N, 2) - wins / pairs) < 1e-12);
        assert_true(fabs(leak_rank(pair, N) - xy / sqrt(xx * yy)) < 1e-12);
    }
}

/* --- returns to come --------------------------------------------------------------------------------------------- */

/* Prices that go their own way, and a mean of 2 * half + 1 of their logarithms in place of channel 2, as its change. */
static void put_prices(struct made *m, double *price, int64_t *time_us, int half, int shift)
{
    struct random r = random_start(7, RANDOM_TEST, 29, 0);
    double level = 4;
    for (size_t i = 0; i < m->v.bars; i++) {
        level += 0.02 * random_normal(&r);
        price[i] = vmath_exp(level);
        time_us[i] = (int64_t)i * 60;
    }
    for (size_t i = 0; i < m->v.bars; i++) {
        int64_t first = (int64_t)i - half + shift - 1, last = (int64_t)i + half + shift;
        bool fine = first >= 0 && last < (int64_t)m->v.bars;
        *at(m, i, 2) = fine ? (float)(vmath_log(price[last] / price[first]) / (2 * half + 1)) : NAN;
    }
    for (size_t i = 0; i < m->v.samples; i++)
        m->target[i] = price[m->bar[i] + 1] > price[m->bar[i]] ? 1 : 0;
    m->v.price = price;
    m->v.time_us = time_us;
}

static void a_centred_mean(void **state)
{
    static const struct {
        int half, shift;
        bool ahead;
    } mean[] = {{3, 0, true}, {12, 0, true}, {5, -2, true}, {3, -3, false}, {8, -8, false}};
    (void)state;
    for (size_t k = 0; k < ARRAY_N(mean); k++) {
        struct made *m = make(1500, 4, 1, 7);
        double *price = NEW_ARRAY(double, 1500);
        int64_t *time_us = NEW_ARRAY(int64_t, 1500);
        put_prices(m, price, time_us, mean[k].half, mean[k].shift);
        text_copy(m->channel[2], FRAME_NAME_MAX, "log_return mean");
        struct leak_report report = run(m);
        const struct leak_finding *f = find(&report, LEAK_ALONE, "log_return mean");
        if (mean[k].ahead) {
            assert_non_null(f);
            assert_non_null(strstr(f->text, "returns to come"));
            if (!(f->score > 0.99 && f->score <= 1))
                fail_msg("mean %zu: %.17g", k, f->score);
            only(&report, LEAK_ALONE, "log_return mean");
        } else {
            nothing(&report);
        }
        m->v.price = NULL; /* nothing else sees it */
        report = run(m);
        nothing(&report);
        free(price);
        free(time_us);
        free(m);
    }
}

/* --- alone ------------------------------------------------------------------------------------------------------- */

static void a_direction_that_is_known(void **state)
{
    (void)state;
    for (int back = 0; back < LOOKBACK; back += 3) {
        struct made *m = make(600, 6, 1, 2);
        struct random r = random_start(2, RANDOM_TEST, 22, 0);
        text_copy(m->channel[4], FRAME_NAME_MAX, "sentiment next");
        for (size_t i = 0; i < m->v.samples; i++) /* turned round, and not always right */
            *at(m, m->bar[i] - (size_t)back, 4) = -m->target[i] + 0.4f * (float)random_normal(&r);
        struct leak_report report = run(m);
        assert_int_equal(find(&report, LEAK_ALONE, "sentiment next")->lag, back);
        only(&report, LEAK_ALONE, "sentiment next");
        free(m);
    }
}

static void a_return_that_is_known(void **state)
{
    struct made *m = make(600, 6, 3, 3);
    struct random r = random_start(3, RANDOM_TEST, 22, 0);
    (void)state;
    m->v.is_return = true;
    for (size_t i = 0; i < m->v.samples; i++) {
        m->target[i] = (float)random_normal(&r);
        *at(m, m->bar[i], 2) = m->target[i] + 0.3f * (float)random_normal(&r);
    }
    struct leak_report report = run(m);
    only(&report, LEAK_ALONE, "noise c2");
    free(m);
}

/* A state that lasts: a sensor that shows it is honest, a column that shows the one to come is not. */
static void classes_that_last(void **state)
{
    (void)state;
    for (int looks_ahead = 0; looks_ahead < 2; looks_ahead++) {
        struct made *m = make(1500, 4, 5, 4);
        struct random r = random_start(4, RANDOM_TEST, 23, 0);
        float class[BARS_MOST];
        for (size_t t = 0; t < 1500; t++)
            class[t] = t == 0 || random_below(&r, 60) == 0 ? (float)random_below(&r, 3) : class[t - 1];
        m->v.classes = 3;
        for (size_t i = 0; i < m->v.samples; i++)
            m->target[i] = class[m->bar[i] + 5];
        for (size_t t = 0; t < 1500; t++) {
            size_t of = looks_ahead && t + 5 < 1500 ? t + 5 : t;
            *at(m, t, 1) = class[of] == 1 ? 5 + (float)random_unit(&r) : (float)random_unit(&r);
        }
        struct leak_report report = run(m);
        if (looks_ahead)
            only(&report, LEAK_ALONE, "noise c1");
        else
            nothing(&report);
        free(m);
    }
}

/* Of few samples much looks good by accident: nothing is suspected of noise, whatever is predicted. */
static void noise_is_not_suspected(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 120; seed++) {
        struct random r = random_start(seed, RANDOM_TEST, 24, 0);
        struct made *m = make(50 + random_below(&r, 300), 1 + random_below(&r, 40), 1 + (int)random_below(&r, 10), seed);
        m->v.is_return = seed % 3 == 1;
        m->v.classes = seed % 3 == 2 ? 4 : 0;
        for (size_t i = 0; i < m->v.samples && seed % 3; i++)
            m->target[i] = seed % 3 == 1 ? (float)random_normal(&r) : (float)random_below(&r, 4);
        struct leak_report report = run(m);
        nothing(&report);
        free(m);
    }
}

/* --- together, shuffled, twins ------------------------------------------------------------------------------------ */

/* Neither of two columns tells the target, their difference does: prices of this bar and the next, say. */
static void a_future_in_two_columns(void **state)
{
    struct made *m = make(1200, 5, 1, 5);
    struct random r = random_start(5, RANDOM_TEST, 25, 0);
    (void)state;
    for (size_t i = 0; i < m->v.samples; i++) {
        float common = 5 * (float)random_normal(&r);
        *at(m, m->bar[i], 0) = common;
        *at(m, m->bar[i], 1) = common + m->target[i];
    }
    struct leak_report report = run(m);
    only(&report, LEAK_TOGETHER, "together");
    free(m);
}

/* Folds whose training part has the validation in it. */
static void folds_that_overlap(void **state)
{
    (void)state;
    for (int overlap = 0; overlap < 2; overlap++) {
        struct made *m = make(400, 60, 1, 6);
        for (int k = 0; k < 4 && overlap; k++)
            m->fold[k].train_end = m->fold[k].valid_end;
        struct leak_report report = run(m);
        if (overlap)
            assert_non_null(find(&report, LEAK_SHUFFLED, "shuffled"));
        else
            assert_int_equal(report.n, 0);
        leak_report_free(&report);
        free(m);
    }
}

/* Sixty bars pasted a second time under later dates. Ten are too few to tell from chance; a line that never moves
 * repeats itself by nature. */
static void rows_pasted_twice(void **state)
{
    (void)state;
    for (size_t rows = 10; rows <= 60; rows += 50)
        for (int flat = 0; flat < 2; flat++) {
            struct made *m = make(900, 3, 1, 7);
            for (size_t i = 0; i < rows; i++)
                for (size_t c = 0; c < 3; c++) {
                    if (flat)
                        *at(m, 100 + i, c) = 1;
                    *at(m, 700 + i, c) = *at(m, 100 + i, c);
                }
            for (size_t i = 0; i < rows; i++)
                m->target[700 + i - LOOKBACK + 1] = m->target[100 + i - LOOKBACK + 1];
            struct leak_report report = run(m);
            if (rows == 60 && !flat) {
                assert_true(find(&report, LEAK_TWINS, "twins")->score > 0.05);
                only(&report, LEAK_TWINS, "twins");
            } else {
                nothing(&report);
            }
            free(m);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_by_definition),   cmocka_unit_test(a_direction_that_is_known),
        cmocka_unit_test(a_return_that_is_known), cmocka_unit_test(classes_that_last),
        cmocka_unit_test(noise_is_not_suspected), cmocka_unit_test(a_future_in_two_columns),
        cmocka_unit_test(a_centred_mean),         cmocka_unit_test(folds_that_overlap),     cmocka_unit_test(rows_pasted_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
