/* exp, log and what follows from them. */
#include "base/vmath_core.h"

#define ONE_OVER_LN2 0x1.71547652b82fep+0

/* (exp(r) - 1 - r) / r^2 by Taylor's series: for |r| <= ln 2 / 2 the first term left out is below 2^-61. */
static const double exp_series[] = {1.0 / 2,       1.0 / 6,        1.0 / 24,        1.0 / 120,
                                    1.0 / 720,     1.0 / 5040,     1.0 / 40320,     1.0 / 362880,
                                    1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800};

/* Reduction with a two-part ln 2 after Cody and Waite (1980). x - k LN2_HI is exact: both are multiples of 2^-54
 * unless k = 0, and the difference is below 1/2. */
struct vmath_pair VMATH(exp_reduce)(double x, double lo, int *k)
{
    double n = vmath_nearest(x * ONE_OVER_LN2);
    struct vmath_pair r = vmath_sum(fma(-n, VMATH_LN2_HI, x), fma(-n, VMATH_LN2_LO, lo));
    double q = vmath_polynomial(exp_series, sizeof exp_series / sizeof exp_series[0], r.hi);

    *k = (int)n;
    /* exp(hi + lo) - 1 = exp(hi) - 1 + lo exp(hi), where lo exp(hi) = lo + lo hi is precise enough. */
    return vmath_quick_sum(r.hi, fma(r.hi * r.hi, q, fma(r.lo, r.hi, r.lo)));
}

struct vmath_pair VMATH(exp_parts)(double x, double lo, int *k)
{
    struct vmath_pair t = VMATH(exp_reduce)(x, lo, k);
    struct vmath_pair y = vmath_quick_sum(1.0, t.hi);

    return vmath_quick_sum(y.hi, y.lo + t.lo);
}

double VMATH(exp)(double x)
{
    int k;

    if (x != x)
        return x;
    if (x > 710.0)
        return INFINITY;
    if (x < -746.0)
        return 0.0;
    struct vmath_pair y = VMATH(exp_parts)(x, 0.0, &k);
    return vmath_scale(y.hi, k);
}

/* exp(x) - 1 as a pair, for 2^-54 < |x| and -40 <= x <= 44. */
static struct vmath_pair expm1_pair(double x)
{
    int k;
    struct vmath_pair t = VMATH(exp_reduce)(x, 0.0, &k);
    double power = vmath_power_of_two(k);
    struct vmath_pair y = vmath_sum(power, power * t.hi);
    struct vmath_pair less = vmath_sum(y.hi, -1.0);

    return vmath_quick_sum(less.hi, fma(power, t.lo, y.lo + less.lo));
}

double VMATH(expm1)(double x)
{
    if (x != x || fabs(x) < 0x1p-54)
        return x;
    if (x > 44.0) /* 1 is below half an ulp of exp(x) */
        return VMATH(exp)(x);
    if (x < -40.0)
        return -1.0;
    return expm1_pair(x).hi;
}

/* 2 atanh(s) / s - 2 = s^2 (2/3 + 2/5 s^2 + ...): for s^2 < 0.0295 the first term left out is below 2^-63. */
static const double log_series[] = {2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11, 2.0 / 13,
                                    2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21, 2.0 / 23};

/* log((1 + f + lo) 2^k) for 1 + f in [sqrt(1/2), sqrt(2)]: log(1 + f) = 2 atanh(s), s = f / (2 + f), with the rounding
 * errors of the sum and of the quotient carried along. */
static double log_parts(double f, double lo, double k)
{
    struct vmath_pair d = vmath_quick_sum(2.0, f);
    double s = f / d.hi;
    double s_lo = (fma(-s, d.hi, f) + fma(-s, d.lo + lo, lo)) / d.hi;
    double z = s * s;
    double series = z * vmath_polynomial(log_series, sizeof log_series / sizeof log_series[0], z);
    double scale = k * VMATH_LN2_HI;
    double scale_lo = fma(k, VMATH_LN2_HI, -scale) + k * VMATH_LN2_LO;
    struct vmath_pair sum = vmath_sum(scale, 2.0 * s);

    return sum.hi + (sum.lo + (fma(s, series, 2.0 * s_lo) + scale_lo));
}

/* x = m 2^k with m in [sqrt(1/2), sqrt(2)), for a normal x > 0. */
static double log_split(double x, int *k)
{
    uint64_t bits = vmath_bits(x);
    uint64_t shifted = bits + (vmath_bits(1.0) - vmath_bits(0x1.6a09e667f3bcdp-1));

    *k = (int)(shifted >> 52) - 1023;
    return vmath_of_bits(bits - ((uint64_t)(int64_t)*k << 52));
}

double VMATH(log)(double x)
{
    int k, shift = 0;

    if (x == 0.0)
        return -INFINITY;
    if (x < 0.0)
        return NAN;
    if (!(x < INFINITY))
        return x;
    if (x < 0x1p-1022) {
        x *= 0x1p54;
        shift = 54;
    }
    double m = log_split(x, &k);
    return log_parts(m - 1.0, 0.0, (double)(k - shift));
}

double VMATH(log1p)(double x)
{
    int k;

    if (x != x || fabs(x) < 0x1p-54)
        return x;
    if (x <= -1.0)
        return x < -1.0 ? NAN : -INFINITY;
    if (x == INFINITY)
        return x;
    if (x > -0.29 && x < 0.41)
        return log_parts(x, 0.0, 0.0);
    struct vmath_pair u = vmath_sum(1.0, x);
    double m = log_split(u.hi, &k);
    double lo = k < 60 ? u.lo * vmath_power_of_two(-k) : 0.0;
    return log_parts(m - 1.0, lo, (double)k);
}

/* (exp(2x) - 1) / (exp(2x) + 1), the denominator's and the quotient's errors carried along. */
double VMATH(tanh)(double x)
{
    double a = fabs(x);

    if (x != x || a < 0x1p-28) /* x^3 / 3 is below half an ulp */
        return x;
    if (a > 22.0)
        return x < 0.0 ? -1.0 : 1.0;
    struct vmath_pair e = expm1_pair(2.0 * a);
    struct vmath_pair d = vmath_sum(2.0, e.hi);
    double q = e.hi / d.hi;
    double q_lo = (fma(-q, d.hi, e.hi) + fma(-q, d.lo + e.lo, e.lo)) / d.hi;
    double y = q + q_lo;
    return x < 0.0 ? -y : y;
}

/* 1 / (1 + exp(-x)), and for x < 0 exp(x) / (1 + exp(x)), so that nothing overflows and small results are precise. */
double VMATH(sigmoid)(double x)
{
    int k;

    if (x != x)
        return x;
    if (x > 40.0 || x < -40.0) /* 1 + exp(-|x|) is 1 */
        return x > 0.0 ? 1.0 : VMATH(exp)(x);
    struct vmath_pair e = VMATH(exp_parts)(-fabs(x), 0.0, &k);
    double power = vmath_power_of_two(k), e_hi = e.hi * power, e_lo = e.lo * power;
    struct vmath_pair d = vmath_quick_sum(1.0, e_hi);
    double top = x < 0.0 ? e_hi : 1.0, top_lo = x < 0.0 ? e_lo : 0.0;
    double q = top / d.hi;
    return q + (fma(-q, d.hi, top) + fma(-q, d.lo + e_lo, top_lo)) / d.hi;
}
