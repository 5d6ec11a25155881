#include "search/acquire.h"

#include "base/vmath.h"

#include <math.h>

#define HALF_LOG_2PI 0.91893853320467274178

/* log(phi(z) + z Phi(z)). For z < -1, with a = -z, the two terms cancel: there it is log phi(a) + log(1 - a R(a)), R
 * being Mills' ratio, whose continued fraction R(a) = 1/(a + 1/(a + 2/(a + 3/(a + ...)))) = 1/(a + K) gives
 * 1 - a R(a) = K / (a + K) without a difference. The fewer terms, the larger a is: each count is enough for 1e-16 where
 * it begins (for 1e-14 at a = 1). */
static double log_improvement(double z)
{
    if (z >= -1)
        return vmath_log(vmath_normal_pdf(z) + z * vmath_normal_cdf(z));
    double a = -z, tail = a;
    for (int k = a < 2 ? 200 : a < 4 ? 112 : a < 8 ? 38 : 16; k >= 2; k--)
        tail = a + k / tail;
    double rest = 1 / tail;
    return -0.5 * a * a - HALF_LOG_2PI + vmath_log(rest / (a + rest));
}

double acquire_log_ei(double mean, double sd, double best)
{
    if (!(sd > 0))
        return mean > best ? vmath_log(mean - best) : -INFINITY;
    return vmath_log(sd) + log_improvement((mean - best) / sd);
}

double acquire_ei(double mean, double sd, double best)
{
    if (!(sd > 0))
        return mean > best ? mean - best : 0;
    return vmath_exp(acquire_log_ei(mean, sd, best));
}

double acquire_log_mean(const double *log_ei, int n)
{
    double most = log_ei[0], sum = 0;
    for (int i = 1; i < n; i++)
        most = log_ei[i] > most ? log_ei[i] : most;
    if (n == 1 || most == -INFINITY)
        return most;
    for (int i = 0; i < n; i++)
        sum += vmath_exp(log_ei[i] - most) / n;
    return most + vmath_log(sum);
}
