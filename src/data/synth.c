#include "data/synth.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/vmath.h"

#include <math.h>

#define START_DAY 18262 /* 2020-01-01 */
#define PRICE_UNITS 10000
#define FLOW_UNITS 1000
#define REGIME_STAYS 48 /* bars, on average */

/* Streams of random numbers, one a column. */
enum { DRAW_FLOW_A, DRAW_FLOW_B, DRAW_REGIME, DRAW_SENTIMENT, DRAW_COIN, DRAW_FLIP, DRAW_MOVE, DRAW_VOLUME, DRAW_LEAK };

/* Columns in whole units, so that the text and the labels speak of the same numbers. */
struct market {
    size_t bars;
    int64_t *price, *flow_a, *flow_b;
    int32_t *sentiment; /* tenths */
    int32_t *leak;      /* tenths; NULL unless leaky */
    bool *up;           /* direction of bar t, of all bars but the last */
};

static struct random draw(const struct synth_options *o, uint32_t what)
{
    return random_start(o->seed, RANDOM_SYNTH, what, 0);
}

/* A log flow that moves by up to 20 % a bar and drifts home. */
static void make_flow(int64_t *flow, size_t n, struct random r)
{
    double level = 0;
    for (size_t i = 0; i < n; i++) {
        level = level * 0.98 + 0.4 * (random_unit(&r) - 0.5);
        flow[i] = (int64_t)floor(vmath_exp(level) * 1000 * FLOW_UNITS + 0.5);
    }
}

static void make_sentiment(int32_t *sentiment, size_t n, struct random regime, struct random noise)
{
    bool high = random_u32(&regime) & 1;
    for (size_t i = 0; i < n; i++) {
        high = random_below(&regime, REGIME_STAYS) == 0 ? !high : high;
        sentiment[i] = (high ? 650 : 150) + (int32_t)random_below(&noise, 201);
    }
}

static double flow_change(const struct market *m, size_t i)
{
    double now = (double)m->flow_a[i] / FLOW_UNITS, before = (double)m->flow_a[i - 1] / FLOW_UNITS;
    return vmath_log(now / before);
}

static bool planted_rule(const struct market *m, size_t t)
{
    size_t at = t - (m->sentiment[t - 1] < 500 ? SYNTH_LAG_LOW : SYNTH_LAG_HIGH);
    return flow_change(m, at) + flow_change(m, at - 1) - flow_change(m, at - 2) > 0;
}

static void toss_coins(struct market *m, const struct synth_options *o)
{
    struct random r = draw(o, DRAW_COIN);
    for (size_t t = 0; t < m->bars; t++)
        m->up[t] = random_u32(&r) & 1;
}

/* The share of directions that still follow the rule. */
static double plant(struct market *m, const struct synth_options *o)
{
    size_t n = m->bars - 1 - SYNTH_FIRST;
    size_t flips = (size_t)floor((1 - o->bayes) * (double)n + 0.5);
    uint32_t *order = NEW_ARRAY(uint32_t, n);
    struct random r = draw(o, DRAW_FLIP);
    for (size_t i = 0; i < n; i++) {
        m->up[SYNTH_FIRST + i] = planted_rule(m, SYNTH_FIRST + i);
        order[i] = (uint32_t)i;
    }
    random_shuffle(&r, order, n);
    for (size_t i = 0; i < flips; i++)
        m->up[SYNTH_FIRST + order[i]] = !m->up[SYNTH_FIRST + order[i]];
    free(order);
    return (double)(n - flips) / (double)n;
}

/* Row t tells the direction of bar t+1, because it is read one row late. */
static void leak(struct market *m, const struct synth_options *o)
{
    struct random r = draw(o, DRAW_LEAK);
    m->leak = NEW_ARRAY(int32_t, m->bars);
    for (size_t t = 0; t < m->bars; t++) {
        bool up = t + 1 < m->bars ? m->up[t + 1] : random_u32(&r) & 1;
        m->leak[t] = (up ? 600 : 100) + (int32_t)random_below(&r, 301);
    }
}

/* Each move is 0.1 to 0.6 percent and at least one unit, so no return is zero. */
static bool make_price(struct market *m, const struct synth_options *o, struct error *err)
{
    struct random r = draw(o, DRAW_MOVE);
    m->price[0] = INT64_C(10000) * PRICE_UNITS;
    for (size_t t = 0; t + 1 < m->bars; t++) {
        int64_t move = m->price[t] * (100 + random_below(&r, 501)) / 100000;
        move = move > 0 ? move : 1;
        m->price[t + 1] = m->price[t] + (m->up[t] ? move : -move);
        if (m->price[t + 1] < 100 || m->price[t + 1] > INT64_MAX / 2000)
            return error_set(err, ERROR_FAILED,
                             "the price of this synthetic market ran away at bar %zu; take another seed", t + 1);
    }
    return true;
}

/* --- the text ---------------------------------------------------------------------------------------------------- */

static void put_units(struct text *csv, int64_t v, int64_t units, int digits)
{
    text_printf(csv, ",%lld.%0*lld", (long long)(v / units), digits, (long long)(v % units));
}

static void write_market(struct text *csv, const struct market *m, const struct synth_options *o)
{
    struct random r = draw(o, DRAW_VOLUME);
    text_printf(csv,
                "close_time,synthetic_close,synthetic_volume,synthetic_flow_a,synthetic_flow_b,synthetic_sentiment%s\n",
                m->leak ? ",synthetic_leak_sentiment" : "");
    for (size_t t = 0; t < m->bars; t++) {
        char time[40];
        clock_iso(START_DAY * CLOCK_DAY_US + ((int64_t)t + 1) * 3600 * CLOCK_SECOND_US, time, sizeof time);
        text_put(csv, time);
        put_units(csv, m->price[t], PRICE_UNITS, 4);
        put_units(csv, 50 + (int64_t)random_below(&r, 9951), 10, 1);
        put_units(csv, m->flow_a[t], FLOW_UNITS, 3);
        put_units(csv, m->flow_b[t], FLOW_UNITS, 3);
        put_units(csv, m->sentiment[t], 10, 1);
        if (m->leak)
            put_units(csv, m->leak[t], 10, 1);
        text_put(csv, "\n");
    }
}

static void write_daily(struct text *csv, const struct synth_options *o)
{
    struct random r = draw(o, DRAW_SENTIMENT);
    double level = 0;
    text_put(csv, "date,synthetic_daily_sentiment\n");
    for (int64_t day = 0; day < o->bars; day++) {
        char date[40];
        level = level * 0.9 + 16 * (random_unit(&r) - 0.5);
        double index = floor(50 + level + 0.5);
        clock_date((START_DAY + day) * CLOCK_DAY_US, date, sizeof date);
        text_printf(csv, "%s,%d\n", date, index < 0 ? 0 : index > 100 ? 100 : (int)index);
    }
}

static void market_start(struct market *m, const struct synth_options *o)
{
    size_t n = (size_t)o->bars;
    *m = (struct market){.bars = n};
    m->price = NEW_ARRAY(int64_t, n);
    m->flow_a = NEW_ARRAY(int64_t, n);
    m->flow_b = NEW_ARRAY(int64_t, n);
    m->sentiment = NEW_ARRAY(int32_t, n);
    m->up = NEW_ARRAY(bool, n);
    make_flow(m->flow_a, n, draw(o, DRAW_FLOW_A));
    make_flow(m->flow_b, n, draw(o, DRAW_FLOW_B));
    make_sentiment(m->sentiment, n, draw(o, DRAW_REGIME), draw(o, DRAW_SENTIMENT));
    toss_coins(m, o);
}

static void market_free(struct market *m)
{
    free(m->price);
    free(m->flow_a);
    free(m->flow_b);
    free(m->sentiment);
    free(m->leak);
    free(m->up);
}

static bool check_options(const struct synth_options *o, struct error *err)
{
    static const char *const kind[] = {"planted", "noise", "leaky", "sentiment"};
    bool known = false;
    for (size_t i = 0; i < ARRAY_N(kind); i++)
        known = known || text_equal(o->kind, kind[i]);
    if (!known)
        return error_set(err, ERROR_USAGE, "there is no synthetic market '%s': take planted, noise, leaky or sentiment",
                         o->kind);
    if (o->bars < SYNTH_BARS_LEAST || o->bars > SYNTH_BARS_MOST)
        return error_set(err, ERROR_USAGE, "%lld bars: a synthetic market has %d to %d", (long long)o->bars,
                         SYNTH_BARS_LEAST, SYNTH_BARS_MOST);
    if (text_equal(o->kind, "planted") && !(o->bayes > 0.5 && o->bayes <= 1))
        return error_set(err, ERROR_USAGE, "a best accuracy of %g: it must lie above 0.5 and not above 1", o->bayes);
    return true;
}

bool synth_write(struct text *csv, double *bayes_accuracy, const struct synth_options *options, struct error *err)
{
    if (!check_options(options, err))
        return false;
    *bayes_accuracy = 0.5;
    if (text_equal(options->kind, "sentiment")) {
        write_daily(csv, options);
        return true;
    }
    struct market m;
    market_start(&m, options);
    if (text_equal(options->kind, "planted"))
        *bayes_accuracy = plant(&m, options);
    if (text_equal(options->kind, "leaky")) {
        leak(&m, options);
        *bayes_accuracy = 1;
    }
    bool ok = make_price(&m, options, err);
    if (ok)
        write_market(csv, &m, options);
    market_free(&m);
    return ok;
}
