/* Oscillators of a price. The textbooks define them by recursion from the first row of the file; here each row looks
 * at a fixed number of rows, so that a file that begins later or ends earlier gives the same bits.
 *
 *   rsi:N       Cutler's relative strength index: with U and D the sums of the last N rises and falls of the price,
 *               (U - D) / (U + D), which is RSI / 50 - 1; 0 where the price stood still. (Wilder's smooths U and D
 *               recursively.)
 *   macd:F:S:G  Appel's moving average convergence/divergence on the log of the price, so that it has no currency:
 *               EMA_F - EMA_S, and that less its own EMA_G. An EMA of span n weighs the row k back by (1 - 2/(n+1))^k,
 *               over TAIL n rows (what is cut off weighs e^-8, 0.03 %), divided by the sum of its weights. */
#include "base/memory.h"
#include "base/vmath.h"
#include "data/feature/families.h"

#include <math.h>

#define TAIL 4
#define SPAN_MOST 500

static void fill_rsi(double *out, const struct feature_source *s, size_t rows, const int *parameter, int output)
{
    size_t n = (size_t)parameter[0];
    (void)output;
    for (size_t i = 0; i < rows; i++) {
        double up = 0, down = 0;
        out[i] = (double)NAN;
        if (i < n)
            continue;
        for (size_t k = i - n + 1; k <= i; k++) {
            double step = s->value[k] - s->value[k - 1];
            up += step < 0 ? 0 : step; /* a missing price goes into the sum */
            down += step < 0 ? -step : 0;
        }
        if (!isnan(up))
            out[i] = up + down > 0 ? (up - down) / (up + down) : 0;
    }
}

static void weights_of(double *weight, size_t n)
{
    double keep = 1 - 2 / ((double)n + 1), w = 1, sum = 0;
    for (size_t k = TAIL * n; k-- > 0; w *= keep) { /* weight[0] is the oldest row's */
        weight[k] = w;
        sum += w;
    }
    for (size_t k = 0; k < TAIL * n; k++)
        weight[k] /= sum;
}

/* The average that ends at value[0]; the TAIL n - 1 values before it must be there. */
static double average(const double *value, const double *weight, size_t n)
{
    const double *oldest = value - (TAIL * n - 1);
    double sum = 0;
    for (size_t k = 0; k < TAIL * n; k++)
        sum = fma(weight[k], oldest[k], sum);
    return sum;
}

static int macd_lookback(const int *p)
{
    return TAIL * p[1] - 1 + TAIL * p[2] - 1;
}

static bool macd_fits(const int *p)
{
    return p[0] < p[1];
}

static void fill_macd(double *out, const struct feature_source *s, size_t rows, const int *parameter, int output)
{
    double fast[TAIL * SPAN_MOST], slow[TAIL * SPAN_MOST], signal[TAIL * SPAN_MOST];
    size_t f = (size_t)parameter[0], n = (size_t)parameter[1], g = (size_t)parameter[2];
    size_t first = TAIL * n - 1, whole = (size_t)macd_lookback(parameter);
    double *price = memory_new(rows, sizeof *price), *line = memory_new(rows, sizeof *line);
    weights_of(fast, f);
    weights_of(slow, n);
    weights_of(signal, g);
    for (size_t i = 0; i < rows; i++) {
        price[i] = s->value[i] > 0 ? vmath_log(s->value[i]) : (double)NAN;
        line[i] = i >= first ? average(price + i, fast, f) - average(price + i, slow, n) : (double)NAN;
        out[i] = (double)NAN;
        if (i >= whole) /* both outputs alike: where one is known the other is */
            out[i] = output == 0 ? line[i] + 0 * average(line + i, signal, g) : line[i] - average(line + i, signal, g);
    }
    free(price);
    free(line);
}

const struct feature_family family_rsi = {.name = "rsi",
                                          .about = "relative strength of a price's last N steps, from -1 to 1",
                                          .roles = ROLE(FEATURE_PRICE),
                                          .parameters = 1,
                                          .parameter = {{"N", 14, 2, 1000}},
                                          .outputs = 1,
                                          .output = {"rsi"},
                                          .lookback = lookback_first,
                                          .fill = fill_rsi};

const struct feature_family family_macd = {
    .name = "macd",
    .about = "fast less slow moving average of a price's log, and that less its own moving average",
    .roles = ROLE(FEATURE_PRICE),
    .parameters = 3,
    .parameter = {{"FAST", 12, 2, SPAN_MOST}, {"SLOW", 26, 3, SPAN_MOST}, {"SIGNAL", 9, 2, SPAN_MOST}},
    .outputs = 2,
    .output = {"macd", "macd_signal"},
    .lookback = macd_lookback,
    .fits = macd_fits,
    .fill = fill_macd};
