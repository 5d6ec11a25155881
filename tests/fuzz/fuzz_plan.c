/* A valid graph made of the bytes, planned and run: its values are those of the double reference; the plan that leaves out
 * what nobody reads, the inference plan and the slowest kernels give the same bits. */
#include "fuzz.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "net/kernel/kernel.h"
#include "net/numeric.h"
#include "net/plan.h"

#include "tests/unit/net_random.h"
#include "tests/unit/net_reference.h"

#include <math.h>

#define ROWS 3

const char fuzz_corpus[] = "plan";

static size_t numbers(struct arch_shape s)
{
    return ROWS * (size_t)(s.time > 0 ? s.time : 1) * (size_t)s.channels;
}

static void fill(float *x, size_t n, uint32_t use)
{
    struct random r = random_start(1, RANDOM_TEST, 20, use);
    for (size_t i = 0; i < n; i++)
        x[i] = 2.0f * random_unit_float(&r) - 1.0f;
}

struct result {
    float *output, *gradient;
};

static struct result run(const struct arch *a, const struct model *m, bool training, bool whole)
{
    struct plan *p = whole ? plan_new_whole(a, ROWS, training, NULL, NULL) : plan_new(a, ROWS, training, NULL, NULL);
    size_t outputs = numbers(a->shape[a->nodes - 1]);
    struct result r = {NEW_ARRAY(float, outputs), NEW_ARRAY(float, m->weights)};
    float *d = NEW_ARRAY(float, outputs);
    ASSERT(p);
    fill(plan_input(p), numbers(a->shape[0]), 0);
    fill(d, outputs, 1);
    memcpy(r.output, plan_forward(p, m->weight, ROWS), outputs * sizeof(float));
    if (training)
        plan_backward(p, m->weight, d, r.gradient, ROWS);
    free(d);
    plan_free(p);
    return r;
}

static void result_free(struct result *r)
{
    free(r->output);
    free(r->gradient);
}

static void must_equal(const struct arch *a, const struct model *m, const struct result *one, bool training, bool whole)
{
    struct result r = run(a, m, training, whole);
    ASSERT(memcmp(r.output, one->output, numbers(a->shape[a->nodes - 1]) * sizeof(float)) == 0);
    ASSERT(!training || memcmp(r.gradient, one->gradient, m->weights * sizeof(float)) == 0);
    result_free(&r);
}

/* The largest value anywhere: beyond some size, products of products leave single precision. */
static double largest(const struct reference *r)
{
    double most = 0;
    for (int i = 0; i < r->arch->nodes; i++)
        for (size_t k = 0; k < r->n[i]; k++)
            most = isfinite(r->value[i][k]) && fabs(r->value[i][k]) <= most ? most : fabs(r->value[i][k]);
    return most;
}

/* False where a value is so large that the rest need not hold. */
static bool must_be_close(const struct arch *a, const struct model *m, const struct result *one)
{
    struct reference *r = reference_new(a, ROWS);
    size_t inputs = numbers(a->shape[0]), outputs = numbers(a->shape[a->nodes - 1]);
    float *x = NEW_ARRAY(float, inputs);
    double *input = NEW_ARRAY(double, inputs);
    fill(x, inputs, 0);
    for (size_t i = 0; i < inputs; i++)
        input[i] = x[i];
    for (size_t i = 0; i < m->weights; i++)
        r->weight[i] = m->weight[i];
    const double *y = reference_forward(r, input);
    bool small = largest(r) < 100;
    for (size_t i = 0; small && i < outputs; i++)
        ASSERT(fabs(one->output[i] - y[i]) <= 1e-3 * (1 + fabs(y[i])));
    free(x);
    free(input);
    reference_free(r);
    return small;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    numeric_start(NULL);
    struct arch *a = net_arch_of_bytes(data, n);
    struct model *m = model_new(a, n > 0 ? data[n - 1] : 0, NULL);
    ASSERT(m);
    struct result one = run(a, m, true, true);
    if (must_be_close(a, m, &one)) {
        must_equal(a, m, &one, true, false);
        must_equal(a, m, &one, false, false);
        setenv("MORPHSMITH_ISA", "portable", 1);
        numeric_start(NULL);
        must_equal(a, m, &one, true, false);
        unsetenv("MORPHSMITH_ISA");
    }
    result_free(&one);
    model_free(m);
    arch_free(a);
    return 0;
}
