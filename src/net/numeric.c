/* The float environment and the golden self-test. */
#include "net/numeric.h"

#include "net/kernel/kernel.h"
#include "net/plan.h"

#include "base/float_mode.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"

/* BLAKE2b-256 of the weights after the steps below. It changes with NUMERIC_VERSION and never without. */
#define NUMERIC_GOLDEN "bf3a811ab3bf07373fe4920ce7d3f99c8a0ae60872ebb03d036373f2868dfc1c"

const char *numeric_isa(void)
{
    if (!kernel_active() && !kernel_choose(NULL))
        return "portable";
    return kernel_active()->name;
}

bool numeric_start(struct error *err)
{
    hash_start();
    float_mode_set();
    if (!float_mode_exact())
        return error_set(err, ERROR_FAILED,
                         "this machine flushes denormals or does not round to nearest, even when told not to: results "
                         "would not be exact");
    return kernel_choose(err);
}

/* Every operator. */
static const char self_test_arch[] = "morphsmith-arch 1\n"
                                     "x  input   time=7 channels=3\n"
                                     "c  conv    in=x  channels=9 kernel=3 dilation=2 act=gelu\n"
                                     "h  lstm    in=c  units=5\n"
                                     "r  dense   in=x  units=5 act=silu\n"
                                     "s  add     in=h,r\n"
                                     "t  act     in=s  kind=tanh\n"
                                     "e  timecode in=t\n"
                                     "f  layernorm in=e\n"
                                     "g  attention in=f heads=2 head=3\n"
                                     "i  scale   in=g  init=0.75\n"
                                     "j  rmsnorm in=i\n"
                                     "k  gru     in=j  units=5\n"
                                     "l  gate    in=k  kind=gelu\n"
                                     "n  multiply in=l,t\n"
                                     "o  dwconv  in=n  kernel=2 dilation=3 act=silu\n"
                                     "p  dropout in=o  rate=0.25\n"
                                     "m  meanpool in=p\n"
                                     "q  maxpool in=p\n"
                                     "u  last    in=o\n"
                                     "v  flatten in=h\n"
                                     "w  concat  in=m,q,u,v\n"
                                     "d  dense   in=w  units=17 act=relu\n"
                                     "y  dense   in=d  units=2 act=sigmoid\n";

#define SELF_TEST_BATCH 6
#define SELF_TEST_STEPS 12

/* Descends on the squared distance of the outputs from 1 and 0. */
static void self_train(struct plan *p, struct model *m, float *gradient)
{
    struct random r = random_start(1, RANDOM_TEST, 0, 0);
    float *input = plan_input(p), d[SELF_TEST_BATCH * 2];
    for (int step = 0; step < SELF_TEST_STEPS; step++) {
        for (int i = 0; i < SELF_TEST_BATCH * 7 * 3; i++)
            input[i] = 4.0f * random_unit_float(&r) - 2.0f;
        struct op_draw draw = {.seed = 1, .epoch = 3, .step = (uint32_t)step};
        const float *y = plan_forward_draw(p, m->weight, SELF_TEST_BATCH, draw);
        for (int i = 0; i < SELF_TEST_BATCH * 2; i++)
            d[i] = y[i] - (i % 2 ? 0.0f : 1.0f);
        plan_backward(p, m->weight, d, gradient, SELF_TEST_BATCH);
        kernel_active()->axpy(m->weights, -0.125f, gradient, m->weight);
    }
}

static bool self_hash(char hex[HASH_HEX], struct error *err)
{
    struct arch *a = arch_parse(self_test_arch, sizeof self_test_arch - 1, "self-test", err);
    struct model *m = a ? model_new(a, 7, err) : NULL;
    struct plan *p = m ? plan_new(a, SELF_TEST_BATCH, true, NULL, err) : NULL;
    if (p) {
        float *gradient = NEW_ARRAY(float, m->weights);
        self_train(p, m, gradient);
        hash_hex(model_hash(m), hex);
        free(gradient);
    }
    bool ok = p != NULL;
    plan_free(p);
    model_free(m);
    arch_free(a);
    return ok;
}

bool numeric_self_test(struct error *err)
{
    char hex[HASH_HEX];
    if (!numeric_start(err) || !self_hash(hex, err))
        return false;
    if (text_equal(hex, NUMERIC_GOLDEN))
        return true;
    return error_set(err, ERROR_FAILED,
                     "the self-test of the arithmetic (%s, kernels %s) gave %s and not %s: this build or "
                     "machine does not compute as others do, so it must not attest",
                     NUMERIC_VERSION, numeric_isa(), hex, NUMERIC_GOLDEN);
}
