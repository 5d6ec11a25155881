/* The curves of net/kernel/curve.h over all floats: how far they are from the true values, whether they fall where they
 * should rise, and whether every kernel gives the same bits.
 *
 *   curves [STEP]    every STEP-th float of each sign, 1 (which takes minutes): every one
 *
 * True values come from double libm, whose errors are 2^-29 of a float's; where |x| is so small or so large that a
 * series or a limit is closer than that, from those, which are quicker. */
#include "base/memory.h"
#include "base/text.h"
#include "net/kernel/kernel.h"
#include "net/numeric.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define BLOCK 65536U
#define INFINITE 0x7f800000U /* the bits of +infinity */

/* Stated in curve.h. From `from` on the error is at most `ulps`; below, where the true value is next to nothing, at most
 * `rest` times the larger of 1 and |x|. Slopes: in units of 2^-23, for |x| up to 2^100. */
struct curve {
    const char *name;
    enum kernel_act kind;
    bool exp;
    double from, ulps, rest, slope;
    bool rises;
};

static const struct curve curves[] = {
    {"exp", ACT_NONE, true, -87.3, 2, 1.3e-38, 0, true},
    {"none", ACT_NONE, false, -INFINITY, 0, 0, 0, true},
    {"relu", ACT_RELU, false, -INFINITY, 0, 0, 0, true},
    {"sigmoid", ACT_SIGMOID, false, -87.3, 3, 1.3e-38, 1, false},
    {"tanh", ACT_TANH, false, -INFINITY, 2, 0, 2, false},
    {"silu", ACT_SILU, false, -87.3, 4, 1.3e-38, 2, false},
    {"gelu", ACT_GELU, false, -12.5, 6, 5e-35, 2, false},
};

/* --- true values ------------------------------------------------------------------------------------------------- */

struct truth {
    double value, slope;
};

#define ROOT_HALF 0.70710678118654752440
#define ROOT_TWO_PI 2.50662827463100050242

static struct truth near_zero(enum kernel_act kind, double x)
{
    double square = x * x;
    switch (kind) {
    case ACT_SIGMOID:
        return (struct truth){0.5 + x / 4, 0.25 - square / 16};
    case ACT_TANH:
        return (struct truth){x - x * square / 3, 1 - square};
    case ACT_SILU:
        return (struct truth){x / 2 + square / 4, 0.5 + x / 2};
    default:
        return (struct truth){x / 2 + square / ROOT_TWO_PI, 0.5 + 2 * x / ROOT_TWO_PI};
    }
}

static struct truth far_out(enum kernel_act kind, double x)
{
    bool up = x > 0;
    switch (kind) {
    case ACT_SIGMOID:
        return (struct truth){up ? 1 : 0, 0};
    case ACT_TANH:
        return (struct truth){up ? 1 : -1, 0};
    default:
        return (struct truth){up ? x : 0, up ? 1 : 0};
    }
}

static struct truth truth_of(const struct curve *c, double x)
{
    double s, e;
    if (c->exp)
        return (struct truth){x < -800 ? 0 : exp(x), 0};
    if (c->kind == ACT_NONE)
        return (struct truth){x, 1};
    if (c->kind == ACT_RELU)
        return (struct truth){x > 0 ? x : 0, x > 0 ? 1 : 0};
    if (fabs(x) < 0x1p-14)
        return near_zero(c->kind, x);
    if (fabs(x) > 750)
        return far_out(c->kind, x);
    switch (c->kind) {
    case ACT_SIGMOID:
        s = 1 / (1 + exp(-x));
        return (struct truth){s, s / (1 + exp(x))};
    case ACT_TANH:
        s = tanh(x);
        return (struct truth){s, 1 - s * s};
    case ACT_SILU:
        s = 1 / (1 + exp(-x));
        return (struct truth){x * s, s + x * s / (1 + exp(x))};
    default:
        e = erfc(-x * ROOT_HALF) / 2;
        return (struct truth){x * e, e + x * exp(-x * x / 2) / ROOT_TWO_PI};
    }
}

/* --- measuring --------------------------------------------------------------------------------------------------- */

struct worst {
    double ulps, at, rest, slope, slope_at;
    uint64_t tried, falls, wrong, differ;
};

/* Of a float as large as x, by the bits: frexp would take most of the time. */
static double ulp_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint64_t exponent = bits >> 52 & 2047, least = 1023 - 126;
    bits = ((exponent < least ? least : exponent) - 23) << 52;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static void measure(struct worst *w, const struct curve *c, double x, double y, double slope)
{
    struct truth t = truth_of(c, x);
    double error = fabs(y - t.value);
    bool ulps = x >= c->from;
    error /= ulps ? ulp_of(t.value) : fmax(1, fabs(x));
    if (!(error <= (ulps ? w->ulps : w->rest))) {
        *(ulps ? &w->ulps : &w->rest) = error;
        w->at = ulps ? x : w->at;
    }
    error = fabs(slope - t.slope) / FLT_EPSILON;
    if (!c->exp && fabs(x) <= 0x1p100 && !(error <= w->slope)) {
        w->slope = error;
        w->slope_at = x;
    }
}

struct block {
    float x[BLOCK], y[BLOCK], slope[BLOCK], one[BLOCK];
};

static void run(const struct kernel *k, const struct curve *c, size_t n, struct block *b)
{
    if (c->exp) {
        k->exp(n, b->x, b->y);
        return;
    }
    k->act(c->kind, n, b->x, b->y);
    k->act_back(c->kind, n, b->x, b->y, b->one, b->slope, false);
}

/* The other kernels, on the same numbers; the portable one, which takes many times as long, on every 64th block. */
static uint64_t differing(const struct curve *c, size_t n, const struct block *b, struct block *other, uint64_t block)
{
    uint64_t found = 0;
    memcpy(other->x, b->x, n * sizeof *b->x);
    for (int i = 0; kernel_table[i]; i++) {
        if (!kernel_runs(kernel_table[i]) || kernel_table[i] == kernel_active() ||
            (text_equal(kernel_table[i]->name, "portable") && block % 64 != 0))
            continue;
        run(kernel_table[i], c, n, other);
        found += memcmp(other->y, b->y, n * sizeof *b->y) != 0 ||
                 (!c->exp && memcmp(other->slope, b->slope, n * sizeof *b->slope) != 0);
    }
    return found;
}

static float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* All finite numbers of one sign, away from zero. */
static void sweep(struct worst *w, const struct curve *c, bool negative, uint32_t step, struct block b[2])
{
    float last = 0;
    bool first = true;
    for (uint64_t bits = 0; bits < INFINITE; bits += (uint64_t)step * BLOCK) {
        size_t n = 0;
        for (uint64_t at = bits; n < BLOCK && at < INFINITE; at += step)
            b->x[n++] = float_of((uint32_t)at | (negative ? 0x80000000U : 0));
        run(kernel_active(), c, n, b);
        w->differ += differing(c, n, b, b + 1, bits / BLOCK / step);
        for (size_t i = 0; i < n; i++) {
            measure(w, c, (double)b->x[i], (double)b->y[i], (double)b->slope[i]);
            w->falls += !first && (negative ? b->y[i] > last : b->y[i] < last);
            w->wrong += !c->exp && b->y[i] == 0 && signbit(b->y[i]);
            last = b->y[i];
            first = false;
        }
        w->tried += n;
    }
}

/* No number stays none, but for relu; every kernel. */
static uint64_t numbers_from_none(const struct curve *c, uint32_t step, struct block *b)
{
    uint64_t wrong = 0;
    for (int i = 0; kernel_table[i]; i++)
        for (uint64_t bits = INFINITE + 1; kernel_runs(kernel_table[i]) && bits < 0x80000000U; bits += step * 4099ULL) {
            b->x[0] = float_of((uint32_t)bits);
            b->x[1] = float_of((uint32_t)bits | 0x80000000U);
            run(kernel_table[i], c, 2, b);
            for (int j = 0; j < 2; j++)
                wrong += c->kind == ACT_RELU ? b->y[j] != 0 : !isnan(b->y[j]);
        }
    return wrong;
}

static bool holds(const struct curve *c, uint32_t step, struct block b[2])
{
    struct worst w = {0};
    sweep(&w, c, true, step, b);
    if (!c->exp)
        sweep(&w, c, false, step, b);
    w.wrong += numbers_from_none(c, step, b);
    printf("# %-8s %10llu floats: %.3f ulp at %.9g; %.3g below; slope %.3f at %.9g; falls %llu times\n", c->name,
           (unsigned long long)w.tried, w.ulps, w.at, w.rest, w.slope, w.slope_at, (unsigned long long)w.falls);
    bool good = w.ulps <= c->ulps && w.rest <= c->rest && w.slope <= c->slope && w.wrong == 0 && w.differ == 0 &&
                !(c->rises && w.falls > 0);
    if (!good)
        printf("# stated: %g ulp, %g below, slope %g; %llu results are none that may be, %llu blocks differ between "
               "kernels\n",
               c->ulps, c->rest, c->slope, (unsigned long long)w.wrong, (unsigned long long)w.differ);
    return good;
}

int main(int n, char **argument)
{
    struct error err = {0};
    long step = n > 1 ? strtol(argument[1], NULL, 10) : 4093;
    struct block *b = NEW_ARRAY(struct block, 2);
    int failed = 0;
    if (step < 1 || !numeric_start(&err)) {
        fprintf(stderr, "curves: %s\n", step < 1 ? "usage: curves [STEP]" : err.text);
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < 2 * (size_t)BLOCK; i++)
        b[i / BLOCK].one[i % BLOCK] = 1.0F;
    printf("1..%d\n", (int)ARRAY_N(curves));
    for (size_t i = 0; i < ARRAY_N(curves); i++) {
        bool good = holds(&curves[i], (uint32_t)step, b);
        printf("%sok %d - %s\n", good ? "" : "not ", (int)i + 1, curves[i].name);
        failed += !good;
    }
    free(b);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
