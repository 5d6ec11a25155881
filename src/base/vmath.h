/* Exact math: the same bits on every machine, compiler and optimisation level.
 *
 * Each function is a fixed chain of IEEE-754 double operations with explicit fused multiply-adds, in round-to-nearest.
 * libm's own functions differ between machines and are not used for anything that is hashed. sqrt and division are
 * IEEE's. The float versions that the kernels use live in net/kernel.
 *
 * The numbers behind the functions are the largest errors in ulp that tests/unit/test_vmath.c met in 20 million samples
 * a function against long double libm (x86-64, glibc 2.36). Where a result is subnormal, it is rounded twice: up to
 * 0.77 ulp. NaN gives NaN; the odd functions keep the sign of zero. */
#ifndef BASE_VMATH_H
#define BASE_VMATH_H

double vmath_exp(double x);        /* 0.63; +inf above 709.78, subnormals below -708.4, 0 below -745.14 */
double vmath_log(double x);        /* 0.55; -inf at 0, NaN below */
double vmath_log1p(double x);      /* 0.57; -inf at -1, NaN below */
double vmath_expm1(double x);      /* 0.92 */
double vmath_tanh(double x);       /* 0.78 */
double vmath_sigmoid(double x);    /* 0.61 */
double vmath_sin(double x);        /* 0.75; |x| < 2^20, else NaN */
double vmath_cos(double x);        /* 0.75; |x| < 2^20, else NaN */
double vmath_erf(double x);        /* 0.91 */
double vmath_erfc(double x);       /* 1.09, down to the smallest normal result */
double vmath_normal_pdf(double x); /* 0.77 */
double vmath_normal_cdf(double x); /* 1.54, down to the smallest normal result */

#endif
