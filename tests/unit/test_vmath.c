/* vmath against the long double libm, its special values, and a hash of its results that must be the same everywhere. */
#include "test_support.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "base/vmath.h"
#include "base/vmath_core.h"

#include <float.h>
#include <math.h>

struct function {
    const char *name;
    double (*own)(double x);   /* as chosen for this processor */
    double (*plain)(double x); /* without the instruction for fma */
    long double (*reference)(long double x);
    double from, to; /* where it is measured */
    double allowed;  /* ulp, as vmath.h promises */
};

static long double reference_sigmoid(long double x)
{
    return x < 0 ? expl(x) / (1 + expl(x)) : 1 / (1 + expl(-x));
}

/* x^2 as an exact pair: a rounding error of the square would be multiplied by its size. */
static long double reference_pdf(long double x)
{
    long double square = x * x, rest = fmal(x, x, -square);

    return expl(-square / 2) * (1 - rest / 2) * 0.398942280401432677939946059934381868L;
}

/* erfc at -x / sqrt(2), corrected by the derivative for the rounding of the quotient. */
static long double reference_cdf(long double x)
{
    long double h = -x * 0.707106781186547524400844362104849039L;
    long double square = x * x, square_rest = fmal(x, x, -square);
    long double own = h * h, own_rest = fmal(h, h, -own);
    long double rest = h == 0 ? 0 : ((square / 2 - own) + (square_rest / 2 - own_rest)) / (2 * h);

    return (erfcl(h) - rest * 1.12837916709551257389615890312154517L * expl(-own)) / 2;
}

#define BOTH(name) vmath_##name, vmath_plain_##name

static const struct function functions[] = {
    {"exp", BOTH(exp), expl, -708.39, 709.78, 0.65},
    {"exp subnormal", BOTH(exp), expl, -745.13, -708.39, 0.8},
    {"exp near 0", BOTH(exp), expl, -1, 1, 0.65},
    {"log", BOTH(log), logl, 0, DBL_MAX, 0.6},
    {"log near 1", BOTH(log), logl, 0.5, 2, 0.6},
    {"log1p", BOTH(log1p), log1pl, -1, DBL_MAX, 0.6},
    {"log1p near 0", BOTH(log1p), log1pl, -0.9, 2, 0.6},
    {"expm1", BOTH(expm1), expm1l, -60, 709.78, 1},
    {"expm1 near 0", BOTH(expm1), expm1l, -2, 2, 1},
    {"tanh", BOTH(tanh), tanhl, -25, 25, 0.8},
    {"tanh near 0", BOTH(tanh), tanhl, -1, 1, 0.8},
    {"sigmoid", BOTH(sigmoid), reference_sigmoid, -745, 745, 0.8},
    {"sigmoid near 0", BOTH(sigmoid), reference_sigmoid, -10, 10, 0.8},
    {"sin", BOTH(sin), sinl, -0x1p20, 0x1p20, 0.8},
    {"sin near 0", BOTH(sin), sinl, -7, 7, 0.8},
    {"cos", BOTH(cos), cosl, -0x1p20, 0x1p20, 0.8},
    {"cos near 0", BOTH(cos), cosl, -7, 7, 0.8},
    {"erf", BOTH(erf), erfl, -6.5, 6.5, 1},
    {"erfc", BOTH(erfc), erfcl, -6, 27.2, 1.2},
    {"erfc near 0", BOTH(erfc), erfcl, -1, 3, 1.2},
    {"normal_pdf", BOTH(normal_pdf), reference_pdf, -38.5, 38.5, 0.8},
    {"normal_cdf", BOTH(normal_cdf), reference_cdf, -38.4, 9, 1.6},
    {"normal_cdf near 0", BOTH(normal_cdf), reference_cdf, -3, 3, 1.6},
};

static double ulps(double y, long double expected)
{
    int exponent;

    frexp((double)expected, &exponent);
    if (exponent < -1021)
        exponent = -1021;
    return (double)(fabsl((long double)y - expected) / ldexpl(1, exponent - 53));
}

/* Half of the samples lie evenly in the interval, half evenly in the exponents on either side of zero. */
static double sample(const struct function *f, struct random *r)
{
    double x = f->from + (f->to - f->from) * random_unit(r);

    if (random_u32(r) & 1)
        return x;
    double most = x < 0 ? -f->from : f->to;
    double shift = f->to > 1e6 && f->from >= -1 && x > 0 ? 2044 : 40;
    double y = ldexp(most, -(int)(shift * random_unit(r))) * (1 - random_unit(r) / 2);
    y = x < 0 ? -y : y;
    return y >= f->from && y <= f->to ? y : x;
}

static double worst(const struct function *f, uint32_t index, int64_t samples, double *at)
{
    struct random r = random_start(1, RANDOM_TEST, index, 0);
    double most = 0;

    for (int64_t i = 0; i < samples; i++) {
        double x = sample(f, &r);
        double error = ulps(f->own(x), f->reference((long double)x));
        if (!(error <= most)) {
            most = error;
            *at = x;
        }
    }
    return most;
}

/* MORPHSMITH_SAMPLES asks for more than the usual number. */
static void test_errors(void **state)
{
    (void)state;
    const char *wanted = getenv("MORPHSMITH_SAMPLES");
    int64_t samples = 20000;
    int failed = 0;

#if LDBL_MANT_DIG < 64
    skip(); /* nothing here is more precise than a double */
#endif
    assert_true(!wanted || text_parse_int(wanted, 1, INT64_MAX, &samples));
    for (uint32_t i = 0; i < ARRAY_N(functions); i++) {
        double at = 0, error = worst(&functions[i], i, samples, &at);
        print_message("%-18s %.4f ulp at %.17g\n", functions[i].name, error, at);
        failed += !(error <= functions[i].allowed);
    }
    assert_int_equal(failed, 0);
}

static void assert_is(double y, double expected)
{
    uint64_t a, b;

    memcpy(&a, &y, sizeof a);
    memcpy(&b, &expected, sizeof b);
    if (a != b)
        print_error("%a in place of %a\n", y, expected);
    assert_true(a == b);
}

static void test_exp_ends(void **state)
{
    (void)state;
    assert_is(vmath_exp(0.0), 1.0);
    assert_is(vmath_exp(-0.0), 1.0);
    assert_is(vmath_exp(709.782712893384), 0x1.fffffffffff2ap+1023);
    assert_is(vmath_exp(709.7827128933841), INFINITY);
    assert_is(vmath_exp(1e300), INFINITY);
    assert_is(vmath_exp(INFINITY), INFINITY);
    assert_is(vmath_exp(-INFINITY), 0.0);
    assert_is(vmath_exp(-745.13), 0x1p-1074);
    assert_is(vmath_exp(-745.14), 0.0);
    assert_is(vmath_exp(-1e300), 0.0);
    assert_true(isnan(vmath_exp(NAN)));
    assert_is(vmath_expm1(-0.0), -0.0);
    assert_is(vmath_expm1(0x1p-1074), 0x1p-1074);
    assert_is(vmath_expm1(-INFINITY), -1.0);
    assert_is(vmath_expm1(-50.0), -1.0);
    assert_is(vmath_expm1(INFINITY), INFINITY);
    assert_true(isnan(vmath_expm1(NAN)));
}

static void test_log_ends(void **state)
{
    (void)state;
    assert_is(vmath_log(1.0), 0.0);
    assert_is(vmath_log(0.0), -INFINITY);
    assert_is(vmath_log(-0.0), -INFINITY);
    assert_is(vmath_log(INFINITY), INFINITY);
    assert_true(isnan(vmath_log(-1.0)));
    assert_true(isnan(vmath_log(-INFINITY)));
    assert_true(isnan(vmath_log(NAN)));
    assert_is(vmath_log(0x1p-1074), -0x1.74385446d71c3p+9);
    assert_is(vmath_log(DBL_MAX), 0x1.62e42fefa39efp+9);
    assert_is(vmath_log1p(-0.0), -0.0);
    assert_is(vmath_log1p(0x1p-1074), 0x1p-1074);
    assert_is(vmath_log1p(-1.0), -INFINITY);
    assert_is(vmath_log1p(INFINITY), INFINITY);
    assert_is(vmath_log1p(DBL_MAX), 0x1.62e42fefa39efp+9);
    assert_true(isnan(vmath_log1p(-1.5)));
    assert_true(isnan(vmath_log1p(-INFINITY)));
    assert_true(isnan(vmath_log1p(NAN)));
}

static void test_other_ends(void **state)
{
    static double (*const odd[])(double x) = {vmath_tanh, vmath_sin, vmath_erf, vmath_expm1, vmath_log1p};

    (void)state;
    for (size_t i = 0; i < ARRAY_N(odd); i++) {
        assert_is(odd[i](0.0), 0.0);
        assert_is(odd[i](-0.0), -0.0);
    }
    for (size_t i = 0; i < ARRAY_N(functions); i++)
        assert_true(isnan(functions[i].own(NAN)));
    assert_is(vmath_tanh(INFINITY), 1.0);
    assert_is(vmath_tanh(-INFINITY), -1.0);
    assert_is(vmath_sigmoid(INFINITY), 1.0);
    assert_is(vmath_sigmoid(-INFINITY), 0.0);
    assert_is(vmath_sigmoid(0.0), 0.5);
    assert_is(vmath_cos(0.0), 1.0);
    assert_is(vmath_sin(0x1p-1074), 0x1p-1074);
    assert_true(isnan(vmath_sin(0x1p20)));
    assert_true(isnan(vmath_cos(-0x1p20)));
    assert_true(isnan(vmath_sin(INFINITY)));
    assert_is(vmath_erf(INFINITY), 1.0);
    assert_is(vmath_erf(-INFINITY), -1.0);
    assert_is(vmath_erfc(INFINITY), 0.0);
    assert_is(vmath_erfc(-INFINITY), 2.0);
    assert_is(vmath_erfc(0.0), 1.0);
    assert_is(vmath_normal_pdf(INFINITY), 0.0);
    assert_is(vmath_normal_pdf(0.0), 0x1.9884533d43651p-2);
    assert_is(vmath_normal_cdf(0.0), 0.5);
    assert_is(vmath_normal_cdf(INFINITY), 1.0);
    assert_is(vmath_normal_cdf(-INFINITY), 0.0);
}

/* sin at the double below 2^20 that is nearest to a multiple of pi / 2 leaves no digit to a sloppy reduction. */
static void test_hard_reduction(void **state)
{
    (void)state;
    assert_true(ulps(vmath_sin(0x1.921fb54442d18p+1), 0x1.1a62633145c07p-53L) <= 0.51);
    assert_true(ulps(vmath_cos(0x1.921fb54442d18p+0), 0x1.1a62633145c07p-54L) <= 0.51);
    for (int k = 1; k < 660000; k += 7) {
        double x = k * 0x1.921fb54442d18p+0;
        if (k % 2)
            assert_true(ulps(vmath_cos(x), cosl((long double)x)) <= 0.8);
        else
            assert_true(ulps(vmath_sin(x), sinl((long double)x)) <= 0.8);
    }
}

static void put_results(struct bytes *out, bool plain)
{
    for (uint32_t i = 0; i < ARRAY_N(functions); i++) {
        const struct function *f = &functions[i];
        double (*call)(double x) = plain ? f->plain : f->own;
        struct random r = random_start(2, RANDOM_TEST, i, 0);
        for (int n = 0; n < 5000; n++) {
            double x = f->from + (f->to - f->from) * random_unit(&r);
            bytes_put_f64(out, call(x));
            bytes_put_f64(out, call(x * 0x1p-7));
        }
    }
    struct random r = random_start(3, RANDOM_TEST, 0, 0);
    for (int n = 0; n < 5000; n++)
        bytes_put_f64(out, random_normal(&r));
}

/* The same bits from every compiler, at every optimisation level, on every machine, with and without the instruction. */
static void test_golden(void **state)
{
    (void)state;
    hash_start();
    for (int plain = 0; plain <= 1; plain++) {
        struct bytes out = {0};
        char hex[HASH_HEX];
        put_results(&out, plain);
        hash_hex(hash_of(out.data, out.n), hex);
        bytes_free(&out);
        assert_string_equal(hex, "cb4373c61dbab962b43c08cfcdaa01e63127528f33bcd0648677574a9ec932cd");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors),     cmocka_unit_test(test_exp_ends),       cmocka_unit_test(test_log_ends),
        cmocka_unit_test(test_other_ends), cmocka_unit_test(test_hard_reduction), cmocka_unit_test(test_golden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
