#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/kernel/kernel.h"
#include "net/numeric.h"
#include "net/op.h"
#include "net/plan.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"

#include "tests/unit/net_batch.h"
#include "tests/unit/net_random.h"
#include "tests/unit/net_reference.h"

#include <math.h>
static const char *const cases[] = {
    HEAD "n dense in=x units=5\n" TAIL,
    HEAD "n dense in=x units=5 act=relu bias=0\n" TAIL,
    HEAD "n dense in=x units=19 act=gelu\n" TAIL,
    HEAD "n dense in=x units=33 act=silu\n" TAIL,
    HEAD "n dense in=x units=8 act=tanh\n" TAIL,
    HEAD "n dense in=x units=8 act=sigmoid\n" TAIL,
    HEAD "n conv in=x channels=7 kernel=1\n" TAIL,
    HEAD "n conv in=x channels=7 kernel=3 dilation=2 act=relu\n" TAIL,
    HEAD "n conv in=x channels=17 kernel=2 dilation=5 act=gelu bias=0\n" TAIL,
    HEAD "n conv in=x channels=4 kernel=9 dilation=3 act=tanh\n" TAIL,
    HEAD "n conv in=x channels=4 kernel=2 dilation=6 act=silu\n" TAIL,
    HEAD "n lstm in=x units=5\n" TAIL,
    HEAD "n lstm in=x units=16\n" TAIL,
    HEAD "d dense in=x units=6\nn lstm in=d units=3\n" TAIL,
    HEAD "d dense in=x units=6\nn act in=d kind=gelu\n" TAIL,
    HEAD "d dense in=x units=6\nn act in=d kind=relu\n" TAIL,
    HEAD "d dense in=x units=6\nn act in=d kind=silu\n" TAIL,
    HEAD "d dense in=x units=6\nn act in=d kind=none\n" TAIL,
    HEAD "d dense in=x units=6\ne conv in=x channels=6 kernel=2\nn add in=d,e,d\n" TAIL,
    HEAD "d conv in=x channels=6 kernel=2\nl last in=d\ny dense in=l units=1 act=sigmoid\n",
    HEAD "d conv in=x channels=6 kernel=2\nl flatten in=d\ny dense in=l units=1\n",
    HEAD "d conv in=x channels=6 kernel=2\nl flatten in=d\ny act in=l kind=tanh\n",
    HEAD "d conv in=x channels=6 kernel=2\ny flatten in=d\n",
    HEAD "d conv in=x channels=6 kernel=2\nf flatten in=d\nl last in=d\na dense in=f units=4\nb dense in=l units=4\n"
         "y add in=a,b\n",
    HEAD "y flatten in=x\n",
    DENSE "n dwconv in=d kernel=3\n" TAIL,
    DENSE "n dwconv in=d kernel=2 dilation=2 act=relu\n" TAIL,
    DENSE "n dwconv in=d kernel=4 dilation=3 act=gelu\n" TAIL,
    DENSE "n dwconv in=d kernel=2 dilation=9 act=tanh\n" TAIL,
    HEAD "n gru in=x units=5\n" TAIL,
    HEAD "n gru in=x units=16\n" TAIL,
    DENSE "n gru in=d units=3\n" TAIL,
    HEAD "n attention in=x heads=1 head=1\n" TAIL,
    DENSE "n attention in=d heads=2 head=3\n" TAIL,
    DENSE "n attention in=d heads=3 head=17 causal=0\n" TAIL,
    DENSE "n attention in=d heads=1 head=4 scale=2.5 causal=0\n" TAIL,
    "morphsmith-arch 1\nx input time=37 channels=3\nn attention in=x heads=2 head=5\n" TAIL,
    "morphsmith-arch 1\nx input time=37 channels=3\nn attention in=x heads=2 head=5 causal=0\n" TAIL,
    "morphsmith-arch 1\nx input time=150 channels=3\nn attention in=x heads=2 head=3\n" TAIL,
    "morphsmith-arch 1\nx input time=150 channels=3\nn attention in=x heads=2 head=3 causal=0\n" TAIL,
    "morphsmith-arch 1\nx input time=1 channels=3\nn attention in=x heads=2 head=5\n" TAIL,
    "morphsmith-arch 1\nx input time=66 channels=3\nn attention in=x heads=1 head=17\n" TAIL,
    /* attention read at its last step only, at some steps, and beside what reads it whole */
    DENSE "n attention in=d heads=2 head=3\nl last in=n\ny dense in=l units=2\n",
    DENSE "n attention in=d heads=2 head=3 causal=0\nl last in=n\ny dense in=l units=2\n",
    DENSE "n attention in=d heads=1 head=1\ns add in=n,d\nr layernorm in=s\nl last in=r\ny dense in=l units=2\n",
    "morphsmith-arch 1\nx input time=70 channels=3\nd dense in=x units=5\nn attention in=d heads=2 head=3\n"
    "c conv in=n channels=4 kernel=3 dilation=5\nl last in=c\ny dense in=l units=2\n",
    "morphsmith-arch 1\nx input time=70 channels=3\nd dense in=x units=5\nm attention in=d heads=2 head=3\n"
    "a add in=d,m\nn attention in=a heads=1 head=4 causal=0\ns add in=a,n\n"
    "c conv in=s channels=4 kernel=34 dilation=2\nl last in=c\ny dense in=l units=2\n",
    DENSE "m attention in=d heads=2 head=3\nn attention in=m heads=3 head=5 causal=0\nl last in=n\np meanpool in=m\n"
          "j concat in=l,p\ny dense in=j units=2\n",
    /* sums whose gradient is shared, and those where it cannot be */
    DENSE "a dense in=d units=6\nb dense in=d units=6\ns add in=a,b\nc dense in=d units=6\nn add in=s,c\n" TAIL,
    DENSE "s add in=d,d\na act in=s kind=tanh\nn add in=a,s\n" TAIL,
    DENSE "a dense in=d units=4\nf flatten in=a\nb conv in=d channels=4 kernel=2\ng flatten in=b\ny add in=f,g\n",
    DENSE "a dense in=d units=4\nf flatten in=a\nb conv in=d channels=4 kernel=2\ng flatten in=b\ns add in=f,g\n"
          "y dense in=s units=2\n",
    DENSE "a dense in=d units=4\nf flatten in=a\nb conv in=a channels=4 kernel=2\ng flatten in=b\ns add in=f,g\n"
          "y dense in=s units=2\n",
    DENSE "n layernorm in=d\n" TAIL,
    "morphsmith-arch 1\nx input time=3 channels=3\nd dense in=x units=53\nn layernorm in=d eps=0.01\n" TAIL,
    DENSE "n rmsnorm in=d\n" TAIL,
    "morphsmith-arch 1\nx input time=3 channels=3\nd dense in=x units=53\nn rmsnorm in=d divisor=20\n" TAIL,
    DENSE "n gate in=d kind=relu\n" TAIL,
    DENSE "n gate in=d kind=gelu\n" TAIL,
    DENSE "n gate in=d kind=tanh\n" TAIL,
    DENSE "n scale in=d init=-0.75\n" TAIL,
    DENSE "n dropout in=d rate=0.4\n" TAIL,
    DENSE "n dropout in=d rate=0\n" TAIL,
    DENSE "c dropout in=d rate=0.9\nl last in=c\nn dropout in=l rate=0.3\ny dense in=n units=1\n",
    DENSE "e conv in=x channels=6 kernel=2\nn multiply in=d,e\n" TAIL,
    DENSE "e conv in=x channels=6 kernel=2\nn multiply in=d,e,d\n" TAIL,
    DENSE "e conv in=x channels=6 kernel=2\nf gate in=d kind=silu\nn multiply in=e,d,f,f\n" TAIL,
    DENSE "e conv in=x channels=5 kernel=2\nn concat in=d,e\n" TAIL,
    DENSE "e conv in=x channels=5 kernel=2\nn concat in=d,e,d,x\n" TAIL,
    DENSE "a last in=d\nb maxpool in=d\nc meanpool in=d\nn concat in=a,b,c\ny dense in=n units=2\n",
    DENSE "m maxpool in=d\ny dense in=m units=2\n",
    DENSE "n timecode in=d\n" TAIL,
    "morphsmith-arch 1\nx input time=600 channels=1\nn timecode in=x\n" TAIL,
    /* read at the last step: a stack with skips, of which 26 of 4 x 64 steps are computed */
    "morphsmith-arch 1\nx input time=64 channels=3\n"
    "c1 conv in=x channels=5 kernel=3 act=relu\nr1 conv in=x channels=5 kernel=1\ns1 add in=c1,r1\n"
    "c2 conv in=s1 channels=5 kernel=3 dilation=2 act=gelu\ns2 add in=c2,s1\n"
    "c3 conv in=s2 channels=5 kernel=3 dilation=4 act=relu\ns3 add in=c3,s2\n"
    "c4 dwconv in=s3 kernel=3 dilation=8 act=silu\ns4 add in=c4,s3\nl last in=s4\ny dense in=l units=1\n",
    /* windows shorter than the reach; spacings without a common divisor; one reader that needs every step */
    "morphsmith-arch 1\nx input time=20 channels=3\nd dense in=x units=4\n"
    "c1 conv in=d channels=4 kernel=3 dilation=9\nc2 dwconv in=c1 kernel=2 dilation=6\n"
    "c3 conv in=c2 channels=3 kernel=2 dilation=4\nl last in=c3\ny dense in=l units=1\n",
    "morphsmith-arch 1\nx input time=20 channels=3\nd dense in=x units=4\nc1 conv in=d channels=4 kernel=3 dilation=2\n"
    "c2 conv in=c1 channels=4 kernel=2 dilation=3\nn rmsnorm in=c1\nk dropout in=n rate=0.5\nt timecode in=k\n"
    "e conv in=t channels=4 kernel=2 dilation=5\ng gate in=e kind=tanh\ns add in=g,c2\nl last in=s\n"
    "p meanpool in=c2\nj concat in=l,p\ny dense in=j units=1\n",
};

static bool close_to(double is, double should, double scale)
{
    return fabs(is - should) <= 2e-5 * (fabs(should) + scale);
}

static void compare_with_reference(const struct arch *a, const struct batch *b, const struct op_draw *draw)
{
    struct reference *r = reference_new(a, b->rows);
    double *input = NEW_ARRAY(double, b->inputs), *d_output = NEW_ARRAY(double, b->outputs);
    r->draw = draw;
    for (size_t i = 0; i < b->m->weights; i++)
        r->weight[i] = b->m->weight[i];
    for (size_t i = 0; i < b->inputs; i++)
        input[i] = plan_input(b->p)[i];
    for (size_t i = 0; i < b->outputs; i++)
        d_output[i] = b->d[i];
    reference_forward(r, input);
    for (int i = 0; i < a->nodes; i++)
        for (size_t k = 0; k < r->n[i]; k++)
            if (!close_to(plan_value(b->p, i, NULL)[k], r->value[i][k], 0.5))
                fail_msg("node %s value %zu: %.9g, reference %.9g", a->node[i].name, k, plan_value(b->p, i, NULL)[k],
                         r->value[i][k]);
    reference_backward(r, d_output);
    double most = 1;
    for (size_t i = 0; i < b->m->weights; i++)
        most = fabs(r->d_weight[i]) > most ? fabs(r->d_weight[i]) : most;
    for (size_t i = 0; i < b->m->weights; i++)
        if (!close_to(b->gradient[i], r->d_weight[i], most))
            fail_msg("gradient %zu: %.9g, reference %.9g", i, b->gradient[i], r->d_weight[i]);
    free(input);
    free(d_output);
    reference_free(r);
}

static void show(const struct arch *a)
{
    char *text = arch_format(a);
    print_error("%s", text);
    free(text);
}

/* A batch taken slice by slice gives the output and the gradients of the batch taken at once, bit by bit. */
static void compare_slices(const struct arch *a, const struct batch *whole, int batch, int samples, uint64_t seed,
                           const struct op_draw *draw)
{
    struct error err = {0};
    struct batch b = batch_new(a, batch, whole->rows, false, seed);
    struct plan *p = plan_new_sliced(a, batch, true, samples, NULL, &err);
    memcpy(plan_input(p), plan_input(b.p), b.inputs * sizeof(float));
    plan_free(b.p);
    b.p = p;
    for (int again = 0; again < 2; again++)
        batch_run(&b, draw);
    if (memcmp(whole->y, b.y, b.outputs * sizeof *b.y) != 0 ||
        memcmp(whole->gradient, b.gradient, b.m->weights * sizeof(float)) != 0) {
        show(a);
        fail_msg("slices of %d of %d samples differ", samples, whole->rows);
    }
    batch_free(&b);
}

/* Values of every node and gradients of every weight against the double reference; then the plan that leaves out what
 * nobody reads against the one that does not: every value it holds, the output and all gradients, bit by bit. */
static void compare(const struct arch *a, int batch, int rows, uint64_t seed, const struct op_draw *draw)
{
    struct batch whole = batch_new(a, batch, rows, true, seed), cut = batch_new(a, batch, rows, false, seed);
    batch_run(&whole, draw);
    batch_run(&cut, draw);
    assert_ptr_equal(whole.y, plan_value(whole.p, a->nodes - 1, NULL));
    compare_with_reference(a, &whole, draw);
    for (int i = 0; i < a->nodes; i++) {
        struct arch_shape all, held;
        const float *x = plan_value(whole.p, i, &all), *y = plan_value(cut.p, i, &held);
        struct op_steps s = plan_steps(cut.p, i);
        size_t width = (size_t)all.channels;
        assert_int_equal(held.time, s.n);
        for (int k = 0; k < rows * (s.n > 0 ? s.n : 1); k++) {
            int time = s.n > 0 ? s.n : 1, whole_time = s.n > 0 ? all.time : 1;
            int at = k / time * whole_time + whole_time - 1 - (time - 1 - k % time) * s.every;
            if (memcmp(x + (size_t)at * width, y + (size_t)k * width, width * sizeof *x) != 0) {
                show(a);
                fail_msg("node %s: row %d of those held differs", a->node[i].name, k);
            }
        }
    }
    assert_memory_equal(whole.y, cut.y, whole.outputs * sizeof *whole.y);
    for (size_t i = 0; i < whole.m->weights; i++)
        if (memcmp(&whole.gradient[i], &cut.gradient[i], sizeof(float)) != 0) {
            show(a);
            fail_msg("gradient %zu: %a, of the whole plan %a", i, cut.gradient[i], whole.gradient[i]);
        }
    for (int samples = 1; samples < batch; samples++)
        compare_slices(a, &whole, batch, samples, seed, draw);
    batch_free(&whole);
    batch_free(&cut);
}

static void operators_match_the_reference(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_N(cases); i++) {
        struct arch *a = net_parse(cases[i]);
        struct op_draw draw = {99, 7, (uint32_t)i};
        compare(a, 5, 5, 11 + i, NULL);
        compare(a, 5, 3, 12 + i, &draw);
        compare(a, 1, 1, 13 + i, NULL);
        arch_free(a);
    }
}

/* The reference's own gradients against central differences, so that both cannot share one mistake. */
static void reference_matches_differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_N(cases); i++) {
        struct arch *a = net_parse(cases[i]);
        struct reference *r = reference_new(a, 2);
        struct random draw = random_start(i, RANDOM_TEST, 2, 0);
        int last = a->nodes - 1;
        double *input = NEW_ARRAY(double, r->n[0]), *d = NEW_ARRAY(double, r->n[last]);
        for (size_t k = 0; k < r->layout->weights; k++)
            r->weight[k] = random_unit(&draw) - 0.5;
        for (size_t k = 0; k < r->n[0]; k++)
            input[k] = random_unit(&draw) * 2 - 1;
        for (size_t k = 0; k < r->n[last]; k++)
            d[k] = random_unit(&draw) - 0.5;
        reference_forward(r, input);
        reference_backward(r, d);
        for (size_t k = 0; k < r->layout->weights; k++) {
            double was = r->weight[k], h = 1e-6, sum[2];
            for (int side = 0; side < 2; side++) {
                r->weight[k] = was + (side ? h : -h);
                const double *y = reference_forward(r, input);
                sum[side] = 0;
                for (size_t j = 0; j < r->n[last]; j++)
                    sum[side] += y[j] * d[j];
            }
            r->weight[k] = was;
            double slope = (sum[1] - sum[0]) / (2 * h);
            if (fabs(slope - r->d_weight[k]) > 1e-6 * (1 + fabs(slope)))
                fail_msg("case %zu weight %zu: %.9g, differences %.9g", i, k, r->d_weight[k], slope);
        }
        free(input);
        free(d);
        reference_free(r);
        arch_free(a);
    }
}

static void random_graphs_match_the_reference(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 150; seed++) {
        struct arch *a = net_random_arch(seed);
        struct op_draw draw = {seed, 1, 2};
        compare(a, 4, 1 + (int)(seed % 4), seed, seed % 2 ? &draw : NULL);
        arch_free(a);
    }
}

/* An inference plan gives the same bits as a training plan, in less memory, which plan_bytes foretells. */
static void inference_equals_training(void **state)
{
    (void)state;
    struct error err = {0};
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct arch *a = net_random_arch(seed);
        struct model *m = model_new(a, seed, &err);
        struct plan *t = plan_new(a, 3, true, NULL, &err), *p = plan_new(a, 3, false, NULL, &err);
        struct random draw = random_start(seed, RANDOM_TEST, 3, 0);
        size_t n = 3 * (size_t)a->shape[0].time * (size_t)a->shape[0].channels;
        for (size_t i = 0; i < n; i++)
            plan_input(t)[i] = plan_input(p)[i] = 2.0f * random_unit_float(&draw) - 1.0f;
        const float *x = plan_forward(t, m->weight, 3), *y = plan_forward(p, m->weight, 3);
        assert_memory_equal(x, y, 3 * (size_t)a->shape[a->nodes - 1].channels * sizeof *x);
        struct plan *s = plan_new_sliced(a, 3, false, 1 + (int)(seed % 2), NULL, &err);
        memcpy(plan_input(s), plan_input(t), n * sizeof *x);
        assert_memory_equal(x, plan_forward(s, m->weight, 3), 3 * (size_t)a->shape[a->nodes - 1].channels * sizeof *x);
        plan_free(s);
        assert_true(plan_bytes(a, 3, false) < plan_bytes(a, 3, true));
        plan_free(t);
        plan_free(p);
        model_free(m);
        arch_free(a);
    }
}

/* What is measured changes no bit; the norms are those of the gradients; costs count the steps held. */
static void measuring_is_only_looking(void **state)
{
    (void)state;
    struct arch *a = net_parse("morphsmith-arch 1\nx input time=64 channels=3\n"
                               "c conv in=x channels=5 kernel=3 dilation=2\n"
                               "d conv in=c channels=4 kernel=2 dilation=3 act=relu\nl last in=d\ny dense in=l units=2\n");
    struct batch plain = batch_new(a, 4, 4, false, 1), looked = batch_new(a, 4, 4, false, 1);
    plan_measure_start(looked.p);
    batch_run(&plain, NULL);
    batch_run(&looked, NULL);
    assert_memory_equal(plain.gradient, looked.gradient, plain.m->weights * sizeof(float));
    struct layout *l = layout_new(a);
    for (int i = 0; i < a->nodes; i++) {
        struct plan_share s = plan_share(looked.p, i);
        double square = 0;
        int tensors = 0;
        for (int t = 0; t < l->tensors; t++)
            if (l->tensor[t].node == i) {
                tensors++;
                for (int k = 0; k < l->tensor[t].shape.rows * l->tensor[t].shape.columns; k++)
                    square += pow(looked.gradient[l->tensor[t].offset + (size_t)k], 2);
            }
        assert_true(tensors ? fabs(s.weight_norm - sqrt(square)) < 1e-9 * sqrt(square) : isnan(s.weight_norm));
        assert_true(s.forward >= 0 && s.backward >= 0 && s.bytes >= 4 * net_numbers(a->shape[i]) / 64);
        assert_true(i == 0 ? isnan(s.gradient_norm) : s.gradient_norm > 0);
    }
    double d = 0;
    for (size_t i = 0; i < looked.outputs; i++)
        d += pow(looked.d[i], 2);
    assert_true(fabs(plan_share(looked.p, a->nodes - 1).gradient_norm - sqrt(d)) < 1e-9);
    /* d at 1 step, c at 2 of 64 */
    assert_int_equal(plan_share(looked.p, 2).macs, 5 * 2 * 4);
    assert_int_equal(plan_share(looked.p, 1).macs, 2 * 3 * 3 * 5);
    assert_int_equal(plan_macs(a), 5 * 2 * 4 + 2 * 3 * 3 * 5 + 4 * 2);
    assert_int_equal(arch_macs(a), 64 * (5 * 2 * 4 + 3 * 3 * 5) + 4 * 2);
    layout_free(l);
    batch_free(&plain);
    batch_free(&looked);
    arch_free(a);
}

/* The steps that the peers' temporal network needs: 15, 7, 3 and 1 of 64. */
static void stacks_hold_what_is_read(void **state)
{
    (void)state;
    struct error err = {0};
    struct arch *a = arch_template("tcn", 64, 16, 1, 32, 4, &err);
    struct plan *p = plan_new(a, 8, true, NULL, &err), *whole = plan_new_whole(a, 8, true, NULL, &err);
    static const struct {
        const char *node;
        int n, every;
    } held[] = {{"x", 64, 1}, {"c1", 15, 2}, {"r1", 15, 2}, {"s1", 15, 2}, {"c2", 7, 4}, {"s2", 7, 4},
                {"c3", 3, 8}, {"s3", 3, 8},  {"c4", 1, 1},  {"s4", 1, 1},  {"p", 0, 0},  {"y", 0, 0}};
    for (size_t i = 0; i < ARRAY_N(held); i++) {
        int node = arch_find(a, held[i].node);
        struct op_steps s = plan_steps(p, node), w = plan_steps(whole, node);
        assert_int_equal(s.n, held[i].n);
        assert_int_equal(w.n, held[i].n > 0 ? 64 : 0);
        if (s.n > 0)
            assert_int_equal(s.every, held[i].every);
    }
    assert_int_equal(plan_macs(a), 15 * 16 * 32 * 4 + (7 + 3 + 1) * 32 * 32 * 3 + 32);
    plan_free(p);
    plan_free(whole);
    arch_free(a);
}

static void bad_sizes_are_refused(void **state)
{
    (void)state;
    struct error err = {0};
    struct arch *a = net_parse(HEAD "f flatten in=x\ny dense in=f units=1\n");
    assert_null(plan_new(a, 0, true, NULL, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    error_clear(&err);
    assert_null(plan_new(a, INT32_MAX, true, NULL, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    arch_free(a);
    a = net_parse("morphsmith-arch 1\nx input time=4096 channels=4096\nf lstm in=x units=2048\nl last in=f\n"
              "y dense in=l units=1\n");
    error_clear(&err);
    assert_null(plan_new(a, 4096, true, NULL, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    arch_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_match_the_reference),
        cmocka_unit_test(reference_matches_differences),
        cmocka_unit_test(random_graphs_match_the_reference),
        cmocka_unit_test(inference_equals_training),
        cmocka_unit_test(measuring_is_only_looking),
        cmocka_unit_test(stacks_hold_what_is_read),
        cmocka_unit_test(bad_sizes_are_refused),
    };
    hash_start();
    numeric_start(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
