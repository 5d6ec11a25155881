/* Exact math: the same bits on every machine, compiler and optimisation level.
 *
 * Each function is a fixed chain of IEEE-754 double operations with explicit fused multiply-adds. Errors, measured in
 * the tests against long double libm over dense samples, stay below 2 ulp unless said otherwise. libm's own functions
 * differ between machines and are not used for anything that is hashed. sqrt and division are IEEE's.
 * The float versions that the kernels use live in net/kernel. */
#ifndef BASE_VMATH_H
#define BASE_VMATH_H

double vmath_exp(double x);     /* +inf above 709.78, subnormals rounded, 0 below -745.2; NaN gives NaN */
double vmath_log(double x);     /* -inf at 0, NaN below */
double vmath_log1p(double x);
double vmath_expm1(double x);
double vmath_tanh(double x);
double vmath_sigmoid(double x);
double vmath_sin(double x);     /* |x| < 2^20 */
double vmath_cos(double x);
double vmath_erf(double x);
double vmath_erfc(double x);    /* relative error below 8 ulp down to 1e-300 */
double vmath_normal_pdf(double x);
double vmath_normal_cdf(double x);

#endif
