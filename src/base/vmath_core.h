/* What the files of vmath share. Everything is a fixed chain of IEEE-754 double operations in round-to-nearest.
 *
 * On x86-64 vmath_exp.c, vmath_trig.c and vmath_erf.c are compiled twice: for any processor, where fma() is a call of
 * libm, and with VMATH_FMA for those that have the instruction, about twice as fast. fma is exact by definition,
 * so both give the same bits; the golden test runs both. vmath.c chooses. */
#ifndef BASE_VMATH_CORE_H
#define BASE_VMATH_CORE_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef VMATH_FMA
#define VMATH(name) vmath_fma_##name
#else
#define VMATH(name) vmath_plain_##name
#endif

#define VMATH_FUNCTIONS(X)                                                                                             \
    X(exp) X(log) X(log1p) X(expm1) X(tanh) X(sigmoid) X(sin) X(cos) X(erf) X(erfc) X(normal_pdf) X(normal_cdf)

#define VMATH_DECLARE(name)                                                                                            \
    double vmath_plain_##name(double x);                                                                               \
    double vmath_fma_##name(double x);
VMATH_FUNCTIONS(VMATH_DECLARE)
#undef VMATH_DECLARE

/* ln 2 as a sum of two doubles. */
#define VMATH_LN2_HI 0x1.62e42fefa39efp-1
#define VMATH_LN2_LO 0x1.abc9e3b39803fp-56

/* The unevaluated sum of two doubles, |lo| being at most half an ulp of hi. */
struct vmath_pair {
    double hi, lo;
};

static inline uint64_t vmath_bits(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double vmath_of_bits(uint64_t bits)
{
    double x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

/* a + b without an error (Knuth's two-sum). */
static inline struct vmath_pair vmath_sum(double a, double b)
{
    double s = a + b;
    double v = s - a;

    return (struct vmath_pair){s, (a - (s - v)) + (b - v)};
}

/* The same in fewer operations, for |a| >= |b| (Dekker). */
static inline struct vmath_pair vmath_quick_sum(double a, double b)
{
    double s = a + b;

    return (struct vmath_pair){s, (a - s) + b};
}

static inline struct vmath_pair vmath_square(double x)
{
    double p = x * x;

    return (struct vmath_pair){p, fma(x, x, -p)};
}

/* The nearest integer, ties to even, for |x| < 2^51: above 1.5 * 2^52 a double has no fraction. */
static inline double vmath_nearest(double x)
{
    return (x + 0x1.8p52) - 0x1.8p52;
}

/* c[0] + c[1] x + ... + c[n-1] x^(n-1), Horner's way. */
static inline double vmath_polynomial(const double *c, int n, double x)
{
    double sum = c[n - 1];

    for (int i = n - 2; i >= 0; i--)
        sum = fma(sum, x, c[i]);
    return sum;
}

/* 2^k for -1022 <= k <= 1023. */
static inline double vmath_power_of_two(int k)
{
    return vmath_of_bits((uint64_t)(k + 1023) << 52);
}

/* y 2^k for y in [2^-100, 4), -1150 <= k <= 1024, rounded once. */
static inline double vmath_scale(double y, int k)
{
    if (k > 1000)
        return y * 0x1p1000 * vmath_power_of_two(k - 1000);
    if (k < -800)
        return y * vmath_power_of_two(k + 300) * 0x1p-300;
    return y * vmath_power_of_two(k);
}

/* exp(x + lo) = (1 + result) 2^*k for |x| < 1100 and |lo| small against x. */
struct vmath_pair VMATH(exp_reduce)(double x, double lo, int *k);

/* exp(x + lo) 2^-*k, which lies in [0.7, 1.42]: a pair good to some 2^-56. */
struct vmath_pair VMATH(exp_parts)(double x, double lo, int *k);

#endif
