/* sin and cos. */
#include "base/vmath_core.h"

#define TWO_OVER_PI 0x1.45f306dc9c883p-1
#define TRIG_MOST 0x1p20

/* pi / 2 in parts of 33 bits, so that a part times a quadrant's number of 20 bits is exact; the last has 53. */
static const double half_pi[] = {0x1.921fb544p+0, 0x1.0b4611a6p-34, 0x1.3198a2ep-69, 0x1.b839a252049c1p-104};

/* (sin(r) - r) / r^3 and (cos(r) - 1 + r^2/2) / r^4 by Taylor's series in r^2: for |r| <= pi / 4 the first terms left
 * out are below 2^-63. */
static const double sin_series[] = {
    -1.0 / 6,           1.0 / 120,         -1.0 / 5040, 1.0 / 362880, -1.0 / 39916800, 1.0 / 6227020800,
    -1.0 / 1307674368e3, 1.0 / 355687428096e3};
static const double cos_series[] = {1.0 / 24,       -1.0 / 720,       1.0 / 40320,       -1.0 / 3628800,
                                    1.0 / 479001600, -1.0 / 87178291200, 1.0 / 20922789888e3, -1.0 / 6402373705728e3};

/* r = x - n pi/2 to some 100 bits after the point (Cody and Waite, 1980): the doubles nearest to multiples of pi/2 come
 * as close as 2^-55 for |x| < 2^20. Returns n mod 4. */
static unsigned reduce(double x, struct vmath_pair *r)
{
    double n = vmath_nearest(x * TWO_OVER_PI);
    struct vmath_pair a = vmath_sum(fma(-n, half_pi[0], x), -n * half_pi[1]);
    struct vmath_pair b = vmath_sum(a.hi, -n * half_pi[2]);

    *r = vmath_sum(b.hi, (a.lo + b.lo) - n * half_pi[3]);
    return (unsigned)(int)n & 3;
}

static double sin_kernel(struct vmath_pair r)
{
    double z = r.hi * r.hi;
    double series = vmath_polynomial(sin_series, sizeof sin_series / sizeof sin_series[0], z);

    /* sin(hi + lo) = sin(hi) + lo cos(hi) */
    return r.hi + fma(r.hi * z, series, fma(-0.5 * z, r.lo, r.lo));
}

static double cos_kernel(struct vmath_pair r)
{
    double z = r.hi * r.hi, half = 0.5 * z;
    double series = vmath_polynomial(cos_series, sizeof cos_series / sizeof cos_series[0], z);
    struct vmath_pair y = vmath_quick_sum(1.0, -half);

    /* z's rounding error counts too: half = z / 2 + fma(hi, hi, -z) / 2. cos(hi + lo) = cos(hi) - lo sin(hi) */
    double lo = fma(-0.5, fma(r.hi, r.hi, -z), -r.hi * r.lo);
    return y.hi + (y.lo + fma(z * z, series, lo));
}

static double quadrant(double x, unsigned first)
{
    struct vmath_pair r;

    if (!(fabs(x) < TRIG_MOST))
        return NAN;
    unsigned n = (reduce(x, &r) + first) & 3;
    double y = n & 1 ? cos_kernel(r) : sin_kernel(r);
    return n & 2 ? -y : y;
}

double VMATH(sin)(double x)
{
    return fabs(x) < 0x1p-27 ? x : quadrant(x, 0);
}

double VMATH(cos)(double x)
{
    return quadrant(x, 1);
}
