/* A valid graph made of the bytes, planned and run forward and backward: its values and gradients are those of the
 * double reference, with dropout and without; the plan that leaves out what nobody reads, the inference plan and every
 * other instruction set give the same bits. */
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

#define BATCH 3

const char fuzz_corpus[] = "plan";

/* What is run: the first byte says how many samples of the batch, and whether values are dropped. */
struct subject {
    struct arch *arch;
    struct model *model;
    int rows;
    bool drops;
    struct op_draw draw;
    size_t inputs, outputs; /* numbers of the rows */
};

struct result {
    float *output, *gradient;
};

static size_t numbers(struct arch_shape s)
{
    return (size_t)(s.time > 0 ? s.time : 1) * (size_t)s.channels;
}

static void fill(float *x, size_t n, uint32_t use)
{
    struct random r = random_start(1, RANDOM_TEST, 20, use);
    for (size_t i = 0; i < n; i++)
        x[i] = 2.0f * random_unit_float(&r) - 1.0f;
}

static struct subject subject_of(const uint8_t *data, size_t n)
{
    uint8_t first = n > 0 ? data[0] : 0;
    struct subject s = {.arch = net_arch_of_bytes(data + (n > 0), n - (n > 0)), .rows = 1 + first % BATCH,
                        .drops = first / BATCH % 2, .draw = {first, 2, 3}};
    s.model = model_new(s.arch, first, NULL);
    ASSERT(s.model);
    s.inputs = (size_t)s.rows * numbers(s.arch->shape[0]);
    s.outputs = (size_t)s.rows * numbers(s.arch->shape[s.arch->nodes - 1]);
    return s;
}

static struct result run(const struct subject *s, bool training, bool whole)
{
    struct plan *p = whole ? plan_new_whole(s->arch, BATCH, training, NULL, NULL)
                           : plan_new(s->arch, BATCH, training, NULL, NULL);
    struct result r = {NEW_ARRAY(float, s->outputs), NEW_ARRAY(float, s->model->weights)};
    float *d = NEW_ARRAY(float, s->outputs);
    ASSERT(p);
    fill(plan_input(p), s->inputs, 0);
    fill(d, s->outputs, 1);
    const float *y = s->drops && training ? plan_forward_draw(p, s->model->weight, s->rows, s->draw)
                                          : plan_forward(p, s->model->weight, s->rows);
    memcpy(r.output, y, s->outputs * sizeof(float));
    if (training)
        plan_backward(p, s->model->weight, d, r.gradient, s->rows);
    free(d);
    plan_free(p);
    return r;
}

static void result_free(struct result *r)
{
    free(r->output);
    free(r->gradient);
}

static void must_equal(const struct subject *s, const struct result *one, bool training, bool whole)
{
    struct result r = run(s, training, whole);
    ASSERT(memcmp(r.output, one->output, s->outputs * sizeof(float)) == 0);
    ASSERT(!training || memcmp(r.gradient, one->gradient, s->model->weights * sizeof(float)) == 0);
    result_free(&r);
}

/* The largest number anywhere: beyond some size, products of products leave single precision. */
static double largest(const struct reference *r, double *const *part)
{
    double most = 0;
    for (int i = 0; i < r->arch->nodes; i++)
        for (size_t k = 0; k < r->n[i]; k++)
            most = isfinite(part[i][k]) && fabs(part[i][k]) <= most ? most : fabs(part[i][k]);
    return most;
}

static double *doubles(size_t n, uint32_t use)
{
    float *x = NEW_ARRAY(float, n);
    double *out = NEW_ARRAY(double, n);
    fill(x, n, use);
    for (size_t i = 0; i < n; i++)
        out[i] = x[i];
    free(x);
    return out;
}

/* Gradients are compared where no number is so near to a kink that a float may see it on the other side. */
static void gradients_must_be_close(const struct subject *s, struct reference *r, const struct result *one)
{
    double *d = doubles(s->outputs, 1);
    reference_backward(r, d);
    double most = largest(r, r->gradient);
    for (size_t i = 0; i < s->model->weights; i++)
        most = fabs(r->d_weight[i]) > most ? fabs(r->d_weight[i]) : most;
    for (size_t i = 0; most < 1e4 && i < s->model->weights; i++)
        ASSERT(fabs(one->gradient[i] - r->d_weight[i]) <= 1e-4 * (1 + most));
    free(d);
}

/* False where a value is so large that the rest need not hold. */
static bool must_be_close(const struct subject *s, const struct result *one)
{
    struct reference *r = reference_new(s->arch, s->rows);
    double *input = doubles(s->inputs, 0);
    for (size_t i = 0; i < s->model->weights; i++)
        r->weight[i] = s->model->weight[i];
    r->draw = s->drops ? &s->draw : NULL;
    const double *y = reference_forward(r, input);
    double most = largest(r, r->value);
    for (size_t i = 0; most < 100 && i < s->outputs; i++)
        ASSERT(fabs(one->output[i] - y[i]) <= 1e-3 * (1 + fabs(y[i])));
    if (most < 100 && r->margin > 1e-5 * (1 + most))
        gradients_must_be_close(s, r, one);
    free(input);
    reference_free(r);
    return most < 100;
}

static void every_path_must_equal(const struct subject *s, const struct result *one)
{
    for (int i = 0; kernel_table[i]; i++) {
        if (!kernel_runs(kernel_table[i]))
            continue;
        setenv("MORPHSMITH_ISA", kernel_table[i]->name, 1);
        numeric_start(NULL);
        must_equal(s, one, true, false);
    }
    unsetenv("MORPHSMITH_ISA");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    numeric_start(NULL);
    struct subject s = subject_of(data, n);
    struct result one = run(&s, true, true);
    if (must_be_close(&s, &one)) {
        every_path_must_equal(&s, &one);
        if (!s.drops)
            must_equal(&s, &one, false, false);
    }
    result_free(&one);
    model_free(s.model);
    arch_free(s.arch);
    return 0;
}
