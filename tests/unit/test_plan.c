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

#include "tests/unit/net_random.h"
#include "tests/unit/net_reference.h"

#include <math.h>
#include <sys/wait.h>
#include <unistd.h>

static struct arch *parse(const char *text)
{
    struct error err = {0};
    struct arch *a = arch_parse(text, strlen(text), "test", &err);
    if (!a)
        print_error("%s\n%s", err.text, text);
    assert_non_null(a);
    return a;
}

/* An architecture of one operator under test: x, what the operator needs, and a dense output. */
#define HEAD "morphsmith-arch 1\nx input time=6 channels=3\n"
#define DENSE HEAD "d dense in=x units=6\n"
#define TAIL "m meanpool in=n\ny dense in=m units=2\n"
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

/* A plan with its model and one batch of everything, drawn from a seed. */
struct batch {
    struct model *m;
    struct plan *p;
    int rows;
    size_t inputs, outputs; /* numbers of the rows */
    float *d, *gradient;
    const float *y;
};

static size_t numbers(struct arch_shape s)
{
    return (size_t)(s.time > 0 ? s.time : 1) * (size_t)s.channels;
}

static int input_of(const struct arch *a)
{
    int first = 0;
    while (a->node[first].inputs > 0)
        first++;
    return first;
}

static struct batch batch_new(const struct arch *a, int batch, int rows, bool whole, uint64_t seed)
{
    struct error err = {0};
    struct batch b = {.m = model_new(a, seed, &err), .rows = rows};
    struct random draw = random_start(seed, RANDOM_TEST, 1, 0);
    b.p = whole ? plan_new_whole(a, batch, true, NULL, &err) : plan_new(a, batch, true, NULL, &err);
    assert_non_null(b.m);
    assert_non_null(b.p);
    b.inputs = (size_t)rows * numbers(a->shape[input_of(a)]);
    b.outputs = (size_t)rows * numbers(a->shape[a->nodes - 1]);
    b.d = NEW_ARRAY(float, b.outputs);
    b.gradient = NEW_ARRAY(float, b.m->weights);
    for (size_t i = 0; i < b.m->weights; i++)
        b.m->weight[i] += 0.2f * random_unit_float(&draw) - 0.1f; /* biases too */
    for (size_t i = 0; i < b.inputs; i++)
        plan_input(b.p)[i] = 3.0f * random_unit_float(&draw) - 1.5f;
    for (size_t i = 0; i < b.outputs; i++)
        b.d[i] = 2.0f * random_unit_float(&draw) - 1.0f;
    return b;
}

static void batch_run(struct batch *b, const struct op_draw *draw)
{
    b->y = draw ? plan_forward_draw(b->p, b->m->weight, b->rows, *draw) : plan_forward(b->p, b->m->weight, b->rows);
    plan_backward(b->p, b->m->weight, b->d, b->gradient, b->rows);
}

static void batch_free(struct batch *b)
{
    plan_free(b->p);
    model_free(b->m);
    free(b->d);
    free(b->gradient);
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
    batch_free(&whole);
    batch_free(&cut);
}

static void operators_match_the_reference(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_N(cases); i++) {
        struct arch *a = parse(cases[i]);
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
        struct arch *a = parse(cases[i]);
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
        assert_true(plan_bytes(a, 3, false) < plan_bytes(a, 3, true));
        plan_free(t);
        plan_free(p);
        model_free(m);
        arch_free(a);
    }
}

/* --- exactness --------------------------------------------------------------------------------------------------- */

/* Weights after 50 steps of plain descent; the batch's size varies, so that every tail of every tile is met. */
static struct hash train(const struct arch *a, struct threads *pool, int batch)
{
    struct error err = {0};
    struct model *m = model_new(a, 3, &err);
    struct plan *p = plan_new(a, batch, true, pool, &err);
    assert_non_null(p);
    float *gradient = NEW_ARRAY(float, m->weights), *mean = NEW_ARRAY(float, m->weights);
    float *square = NEW_ARRAY(float, m->weights), *d = NEW_ARRAY(float, batch * a->shape[a->nodes - 1].channels);
    struct random draw = random_start(5, RANDOM_TEST, 4, 0);
    struct adam set = {0.1f, 0.999f, 0.001f, 0.01f, 1.5f, 1e-8f, 1e-4f};
    for (int step = 0; step < 50; step++) {
        int rows = batch - step % 7 % batch;
        for (int i = 0; i < rows * a->shape[0].time * a->shape[0].channels; i++)
            plan_input(p)[i] = 4.0f * random_unit_float(&draw) - 2.0f;
        const float *y = plan_forward_draw(p, m->weight, rows, (struct op_draw){8, 2, (uint32_t)step});
        for (int i = 0; i < rows * a->shape[a->nodes - 1].channels; i++)
            d[i] = y[i] - (float)(i % 2);
        plan_backward(p, m->weight, d, gradient, rows);
        kernel_active()->adam(&set, m->weights, gradient, m->weight, mean, square);
    }
    struct hash h = model_hash(m);
    free(gradient);
    free(mean);
    free(square);
    free(d);
    plan_free(p);
    model_free(m);
    return h;
}

static const char big[] = "morphsmith-arch 1\n"
                          "x input time=19 channels=11\n"
                          "c1 conv in=x channels=37 kernel=3 act=relu\n"
                          "c2 conv in=c1 channels=37 kernel=3 dilation=4 act=gelu\n"
                          "s1 add in=c1,c2\n"
                          "h lstm in=s1 units=21\n"
                          "d dense in=s1 units=21 act=silu\n"
                          "s2 add in=h,d\n"
                          "a act in=s2 kind=tanh\n"
                          "m meanpool in=a\n"
                          "l last in=a\n"
                          "e dense in=m units=130 act=sigmoid\n"
                          "f dense in=l units=130\n"
                          "s3 add in=e,f\n"
                          "g flatten in=c2\n"
                          "i dense in=g units=130 act=relu bias=0\n"
                          "s4 add in=s3,i\n"
                          "y dense in=s4 units=3\n";

/* Every operator that `big` lacks, each wide enough to fill vectors and leave a tail. */
static const char others[] = "morphsmith-arch 1\n"
                             "x input time=21 channels=11\n"
                             "t timecode in=x\n"
                             "d dense in=t units=37\n"
                             "n1 layernorm in=d\n"
                             "a1 attention in=n1 heads=3 head=7\n"
                             "z1 scale in=a1 init=0.5\n"
                             "s1 add in=d,z1\n"
                             "n2 rmsnorm in=s1 divisor=30\n"
                             "a2 attention in=n2 heads=2 head=16 causal=0\n"
                             "p1 dropout in=a2 rate=0.2\n"
                             "s2 add in=s1,p1\n"
                             "g gru in=s2 units=19\n"
                             "w dwconv in=s2 kernel=3 dilation=2 act=gelu\n"
                             "e dense in=w units=19 act=sigmoid\n"
                             "m multiply in=g,e\n"
                             "k gate in=m kind=silu\n"
                             "q maxpool in=k\n"
                             "c1 conv in=k channels=23 kernel=3 dilation=2 act=relu\n"
                             "w2 dwconv in=c1 kernel=2 dilation=4\n"
                             "l last in=w2\n"
                             "j concat in=q,l\n"
                             "p2 dropout in=j rate=0.5\n"
                             "y dense in=p2 units=3\n";

/* The same on every machine, compiler, optimisation level, instruction set and number of threads. */
#define GOLDEN "ddf7897779d830e8eccb10c94a78e029e6b18c7dd869488a192d97d09c20b79f"

#define GOLDEN_OTHERS "c7a0bf8c72d791d4099590f7ea8c0040745fe1e4ccab9d39c024f5662622bccb"

static const struct {
    const char *text, *hash;
} golden[] = {{big, GOLDEN}, {others, GOLDEN_OTHERS}};

static void threads_change_no_bit(void **state)
{
    (void)state;
    char hex[HASH_HEX];
    static const int threads[] = {1, 2, 3, 4, 8};
    for (size_t g = 0; g < ARRAY_N(golden); g++) {
        struct arch *a = parse(golden[g].text);
        for (size_t i = 0; i < ARRAY_N(threads); i++) {
            struct threads *pool = threads_new(threads[i]);
            hash_hex(train(a, pool, 23), hex);
            assert_string_equal(hex, golden[g].hash);
            threads_free(pool);
        }
        arch_free(a);
    }
}

/* In a child, as a user would force it. */
static void train_with_kernel(const struct kernel *k, const char *text, const char *hash)
{
    int pipes[2], status;
    char hex[HASH_HEX] = "";
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        struct arch *a = parse(text);
        setenv("MORPHSMITH_ISA", k->name, 1);
        bool ok = numeric_start(NULL) && text_equal(numeric_isa(), k->name);
        hash_hex(train(a, NULL, 23), hex);
        arch_free(a);
        ok = ok && numeric_self_test(NULL) && write(pipes[1], hex, sizeof hex) == (ssize_t)sizeof hex;
        _exit(ok ? 0 : 1);
    }
    close(pipes[1]);
    assert_int_equal(read(pipes[0], hex, sizeof hex), (int)sizeof hex);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_string_equal(hex, hash);
    close(pipes[0]);
}

static void instruction_sets_change_no_bit(void **state)
{
    (void)state;
    int ran = 0;
    for (int i = 0; kernel_table[i]; i++)
        for (size_t g = 0; kernel_runs(kernel_table[i]) && g < ARRAY_N(golden); g++, ran++)
            train_with_kernel(kernel_table[i], golden[g].text, golden[g].hash);
    assert_true(ran >= 2);
}

/* No operator is left out of what the hashes prove. */
static void hashes_cover_every_operator(void **state)
{
    (void)state;
    for (int i = 0; op_table[i]; i++) {
        bool found = false;
        for (size_t g = 0; g < ARRAY_N(golden); g++) {
            struct arch *a = parse(golden[g].text);
            for (int k = 0; k < a->nodes; k++)
                found = found || a->node[k].op == op_table[i];
            arch_free(a);
        }
        if (!found)
            fail_msg("%s is in none", op_table[i]->name);
    }
}

/* --- what morphisms rely on -------------------------------------------------------------------------------------- */

static float *tensor(struct model *m, const struct layout *l, const char *name, struct op_tensor *shape)
{
    const struct layout_tensor *t = layout_find(l, arch_find(m->arch, "n"), name);
    assert_non_null(t);
    *shape = t->shape;
    return m->weight + t->offset;
}

/* From a tensor with `heads` heads of `head` along its columns (or rows) to a larger one, which keeps what it has. */
static void widen_tensor(struct model *to, struct model *from, const char *name, const int head[2], bool rows, bool zero)
{
    struct layout *lt = layout_new(to->arch), *lf = layout_new(from->arch);
    struct op_tensor wide, narrow;
    float *w = tensor(to, lt, name, &wide), *n = tensor(from, lf, name, &narrow);
    for (int r = 0; r < wide.rows; r++)
        for (int c = 0; c < wide.columns; c++) {
            int along = rows ? r : c, old = along / head[1] * head[0] + along % head[1];
            bool fresh = along % head[1] >= head[0] || old >= (rows ? narrow.rows : narrow.columns);
            if (!fresh)
                w[r * wide.columns + c] = n[(rows ? old : r) * narrow.columns + (rows ? c : old)];
            else if (zero)
                w[r * wide.columns + c] = 0;
        }
    layout_free(lt);
    layout_free(lf);
}

static void copy_rest(struct model *to, struct model *from)
{
    struct layout *lt = layout_new(to->arch), *lf = layout_new(from->arch);
    for (int i = 0; i < lt->tensors; i++)
        if (lt->tensor[i].shape.rows == lf->tensor[i].shape.rows &&
            lt->tensor[i].shape.columns == lf->tensor[i].shape.columns)
            memcpy(to->weight + lt->tensor[i].offset, from->weight + lf->tensor[i].offset,
                   (size_t)lt->tensor[i].shape.rows * (size_t)lt->tensor[i].shape.columns * sizeof(float));
    layout_free(lt);
    layout_free(lf);
}

static void assert_same_output(struct model *m, struct model *n)
{
    struct error err = {0};
    struct plan *p = plan_new(m->arch, 3, false, NULL, &err), *q = plan_new(n->arch, 3, false, NULL, &err);
    struct random draw = random_start(1, RANDOM_TEST, 5, 0);
    size_t inputs = 3 * numbers(m->arch->shape[0]);
    for (size_t i = 0; i < inputs; i++)
        plan_input(p)[i] = plan_input(q)[i] = random_unit_float(&draw) - 0.5f;
    const float *x = plan_forward(p, m->weight, 3), *y = plan_forward(q, n->weight, 3);
    assert_memory_equal(x, y, 3 * numbers(m->arch->shape[m->arch->nodes - 1]) * sizeof *x);
    plan_free(p);
    plan_free(q);
}

/* More heads, and wider ones: new keys and new rows of the output are zero, the scale is the old one. */
static void wider_attention_keeps_every_bit(void **state)
{
    (void)state;
    struct error err = {0};
    static const int head[2] = {3, 7};
    struct arch *a = parse(HEAD "n attention in=x heads=2 head=3\n" TAIL);
    char *scale = memory_format("morphsmith-arch 1\nx input time=6 channels=3\nn attention in=x heads=5 head=7 "
                                "scale=%.17g\n" TAIL,
                                a->node[1].param[3]);
    struct arch *b = parse(scale);
    struct model *m = model_new(a, 1, &err), *n = model_new(b, 2, &err);
    for (size_t i = 0; i < m->weights; i++)
        m->weight[i] += 0.1f;
    copy_rest(n, m);
    widen_tensor(n, m, "query", head, false, false);
    widen_tensor(n, m, "query_bias", head, false, false);
    widen_tensor(n, m, "key", head, false, true);
    widen_tensor(n, m, "value", head, false, false);
    widen_tensor(n, m, "value_bias", head, false, false);
    widen_tensor(n, m, "output", head, true, true);
    assert_same_output(m, n);
    model_free(m);
    model_free(n);
    arch_free(a);
    arch_free(b);
    free(scale);
}

/* A gate that nothing has opened yet, whatever its curve; and its number moves in the first step. */
static void closed_gate_keeps_every_bit(void **state)
{
    (void)state;
    struct error err = {0};
    struct arch *a = parse(DENSE "n act in=d kind=none\n" TAIL);
    static const char *const kinds[] = {"relu", "gelu", "silu", "tanh", "sigmoid"};
    for (size_t i = 0; i < ARRAY_N(kinds); i++) {
        char *text = memory_format(HEAD "d dense in=x units=6\nn gate in=d kind=%s\n" TAIL, kinds[i]);
        struct arch *b = parse(text);
        struct model *m = model_new(a, 1, &err), *n = model_new(b, 1, &err);
        struct layout *l = layout_new(b);
        const struct layout_tensor *gate = layout_find(l, arch_find(b, "n"), "gate");
        memcpy(n->weight, m->weight, gate->offset * sizeof(float));
        memcpy(n->weight + gate->offset + 1, m->weight + gate->offset, (m->weights - gate->offset) * sizeof(float));
        assert_same_output(m, n);
        struct batch g = batch_new(b, 4, 4, false, 3);
        g.m->weight[gate->offset] = 0;
        batch_run(&g, NULL);
        assert_true(g.gradient[gate->offset] != 0);
        batch_free(&g);
        layout_free(l);
        model_free(m);
        model_free(n);
        arch_free(b);
        free(text);
    }
    arch_free(a);
}

static void unknown_instruction_set_is_refused(void **state)
{
    (void)state;
    struct error err = {0};
    setenv("MORPHSMITH_ISA", "abacus", 1);
    assert_false(numeric_start(&err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.text, "abacus"));
    unsetenv("MORPHSMITH_ISA");
    assert_true(numeric_start(NULL));
}

static void self_test_passes(void **state)
{
    (void)state;
    struct error err = {0};
    if (!numeric_self_test(&err))
        fail_msg("%s", err.text);
}

/* Weights of -0, features of -0, zero gradients: no value and no gradient may be -0. */
static void negative_zero_is_never_stored(void **state)
{
    (void)state;
    struct error err = {0};
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct arch *a = net_random_arch(seed);
        struct model *m = model_new(a, seed, &err);
        struct plan *p = plan_new(a, 2, true, NULL, &err);
        float *gradient = NEW_ARRAY(float, m->weights), *d = NEW_ARRAY(float, 2 * a->shape[a->nodes - 1].channels);
        for (size_t i = 0; i < m->weights; i++)
            if ((i + seed) % 3)
                m->weight[i] = seed % 2 ? -0.0f : -1e-30f;
        for (int i = 0; i < 2 * a->shape[0].time * a->shape[0].channels; i++)
            plan_input(p)[i] = i % 2 ? -0.0f : 1e-30f;
        for (int i = 0; i < 2 * a->shape[a->nodes - 1].channels; i++)
            d[i] = i % 2 ? -0.0f : -1e-30f;
        plan_forward(p, m->weight, 2);
        plan_backward(p, m->weight, d, gradient, 2);
        for (int i = 0; i < a->nodes; i++) {
            struct arch_shape s;
            const float *value = plan_value(p, i, &s);
            for (int k = 0; k < 2 * (s.time > 0 ? s.time : 1) * s.channels; k++)
                if (value[k] == 0.0f && signbit(value[k]))
                    fail_msg("seed %d: node %s holds -0", (int)seed, a->node[i].op->name);
        }
        for (size_t i = 0; i < m->weights; i++)
            assert_false(gradient[i] == 0.0f && signbit(gradient[i]));
        free(gradient);
        free(d);
        plan_free(p);
        model_free(m);
        arch_free(a);
    }
}

/* Equal ids mean equal bits: the same graph written in another order, with other names. */
static void shuffled_text_trains_to_the_same_bits(void **state)
{
    (void)state;
    for (size_t g = 0; g < ARRAY_N(golden); g++) {
        struct arch *a = parse(golden[g].text);
        struct hash x = train(a, NULL, 5);
        for (uint64_t seed = 0; seed < 4; seed++) {
            struct arch *b = net_shuffled(a, seed);
            struct hash y = train(b, NULL, 5);
            assert_memory_equal(x.byte, y.byte, HASH_BYTES);
            arch_free(b);
        }
        arch_free(a);
    }
}

/* What is measured changes no bit; the norms are those of the gradients; costs count the steps held. */
static void measuring_is_only_looking(void **state)
{
    (void)state;
    struct arch *a = parse("morphsmith-arch 1\nx input time=64 channels=3\nc conv in=x channels=5 kernel=3 dilation=2\n"
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
        assert_true(s.forward >= 0 && s.backward >= 0 && s.bytes >= 4 * numbers(a->shape[i]) / 64);
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
        struct op_steps s = plan_steps(p, arch_find(a, held[i].node)), w = plan_steps(whole, arch_find(a, held[i].node));
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
    struct arch *a = parse(HEAD "f flatten in=x\ny dense in=f units=1\n");
    assert_null(plan_new(a, 0, true, NULL, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    error_clear(&err);
    assert_null(plan_new(a, INT32_MAX, true, NULL, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    arch_free(a);
    a = parse("morphsmith-arch 1\nx input time=4096 channels=4096\nf lstm in=x units=2048\nl last in=f\n"
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
        cmocka_unit_test(self_test_passes),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(instruction_sets_change_no_bit),
        cmocka_unit_test(hashes_cover_every_operator),
        cmocka_unit_test(wider_attention_keeps_every_bit),
        cmocka_unit_test(closed_gate_keeps_every_bit),
        cmocka_unit_test(unknown_instruction_set_is_refused),
        cmocka_unit_test(negative_zero_is_never_stored),
        cmocka_unit_test(shuffled_text_trains_to_the_same_bits),
        cmocka_unit_test(measuring_is_only_looking),
        cmocka_unit_test(stacks_hold_what_is_read),
        cmocka_unit_test(bad_sizes_are_refused),
    };
    hash_start();
    numeric_start(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
