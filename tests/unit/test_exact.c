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

#include <math.h>
#include <sys/wait.h>
#include <unistd.h>
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
        struct arch *a = net_parse(golden[g].text);
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
        struct arch *a = net_parse(text);
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
            struct arch *a = net_parse(golden[g].text);
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
static void widen_tensor(struct model *to, struct model *from, const char *name, const int head[2], bool rows,
                         bool zero)
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
    size_t inputs = 3 * net_numbers(m->arch->shape[0]);
    for (size_t i = 0; i < inputs; i++)
        plan_input(p)[i] = plan_input(q)[i] = random_unit_float(&draw) - 0.5f;
    const float *x = plan_forward(p, m->weight, 3), *y = plan_forward(q, n->weight, 3);
    assert_memory_equal(x, y, 3 * net_numbers(m->arch->shape[m->arch->nodes - 1]) * sizeof *x);
    plan_free(p);
    plan_free(q);
}

/* More heads, and wider ones: new keys and new rows of the output are zero, the scale is the old one. */
static void wider_attention_keeps_every_bit(void **state)
{
    (void)state;
    struct error err = {0};
    static const int head[2] = {3, 7};
    struct arch *a = net_parse(HEAD "n attention in=x heads=2 head=3\n" TAIL);
    char *scale = memory_format("morphsmith-arch 1\nx input time=6 channels=3\nn attention in=x heads=5 head=7 "
                                "scale=%.17g\n" TAIL,
                                a->node[1].param[3]);
    struct arch *b = net_parse(scale);
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
    struct arch *a = net_parse(DENSE "n act in=d kind=none\n" TAIL);
    static const char *const kinds[] = {"relu", "gelu", "silu", "tanh", "sigmoid"};
    for (size_t i = 0; i < ARRAY_N(kinds); i++) {
        char *text = memory_format(HEAD "d dense in=x units=6\nn gate in=d kind=%s\n" TAIL, kinds[i]);
        struct arch *b = net_parse(text);
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
        struct arch *a = net_parse(golden[g].text);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(self_test_passes),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(instruction_sets_change_no_bit),
        cmocka_unit_test(hashes_cover_every_operator),
        cmocka_unit_test(wider_attention_keeps_every_bit),
        cmocka_unit_test(closed_gate_keeps_every_bit),
        cmocka_unit_test(unknown_instruction_set_is_refused),
        cmocka_unit_test(negative_zero_is_never_stored),
        cmocka_unit_test(shuffled_text_trains_to_the_same_bits),
    };
    hash_start();
    numeric_start(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
