#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/model.h"

#include "base/memory.h"
#include "base/text.h"
#include "net/numeric.h"
#include "net/plan.h"

#include "tests/unit/net_random.h"

#include <math.h>

static const char text[] = "morphsmith-arch 1\nx input time=8 channels=6\nc conv in=x channels=40 kernel=3 act=relu\n"
                           "h lstm in=c units=16\nl last in=h\nd dense in=l units=30 act=tanh\ny dense in=d units=1\n";

static struct model *make(uint64_t seed)
{
    struct arch *a = arch_parse(text, sizeof text - 1, "test", NULL);
    struct model *m = model_new(a, seed, NULL);
    arch_free(a);
    assert_non_null(m);
    return m;
}

static void layout_follows_the_canonical_order(void **state)
{
    (void)state;
    struct arch *a = arch_parse(text, sizeof text - 1, "test", NULL), *b = net_shuffled(a, 3);
    struct layout *l = layout_new(a), *k = layout_new(b);
    assert_int_equal(l->tensors, k->tensors);
    assert_int_equal(l->weights, arch_parameters(a));
    size_t at = 0;
    for (int i = 0; i < l->tensors; i++) {
        assert_int_equal(l->tensor[i].offset, at);
        assert_int_equal(k->tensor[i].offset, at);
        assert_string_equal(l->tensor[i].shape.name, k->tensor[i].shape.name);
        assert_ptr_equal(a->node[l->tensor[i].node].op, b->node[k->tensor[i].node].op);
        assert_ptr_equal(layout_find(l, l->tensor[i].node, l->tensor[i].shape.name), &l->tensor[i]);
        at += (size_t)l->tensor[i].shape.rows * (size_t)l->tensor[i].shape.columns;
    }
    assert_null(layout_find(l, 0, "kernel"));
    const struct layout_tensor *recurrent = layout_find(l, arch_find(a, "h"), "recurrent");
    assert_int_equal(recurrent->shape.rows, 16);
    assert_int_equal(recurrent->shape.columns, 64);
    layout_free(l);
    layout_free(k);
    arch_free(a);
    arch_free(b);
}

static void equal_ids_start_with_equal_weights(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct arch *a = net_random_arch(seed), *b = net_shuffled(a, seed);
        struct model *m = model_new(a, seed, NULL), *n = model_new(b, seed, NULL), *o = model_new(a, seed + 1, NULL);
        assert_int_equal(m->weights, n->weights);
        assert_memory_equal(m->weight, n->weight, m->weights * sizeof(float));
        assert_true(hash_equal(model_hash(m), model_hash(n)));
        assert_false(hash_equal(model_hash(m), model_hash(o)));
        model_free(m);
        model_free(n);
        model_free(o);
        arch_free(a);
        arch_free(b);
    }
}

/* Bounds and spread of each rule; the forget gate's bias. */
static void weights_start_as_stated(void **state)
{
    (void)state;
    struct model *m = make(5);
    struct layout *l = layout_new(m->arch);
    for (int i = 0; i < l->tensors; i++) {
        const struct op_tensor *t = &l->tensor[i].shape;
        const float *w = m->weight + l->tensor[i].offset;
        size_t n = (size_t)t->rows * (size_t)t->columns;
        double variance = t->init == OP_INIT_HE ? 2.0 / t->rows : 2.0 / (t->rows + t->columns), sum = 0, square = 0;
        for (size_t k = 0; k < n; k++) {
            if (t->init == OP_INIT_ZERO || t->init == OP_INIT_FORGET)
                assert_true(w[k] == (t->init == OP_INIT_FORGET && k >= 16 && k < 32 ? 1.0f : 0.0f));
            else
                assert_true(fabs(w[k]) <= sqrt(3 * variance) * 1.000001);
            sum += w[k];
            square += (double)w[k] * w[k];
        }
        if (t->init != OP_INIT_HE && t->init != OP_INIT_GLOROT)
            continue;
        double got = square / (double)n - sum * sum / (double)n / (double)n;
        if (n > 500) /* the sample variance's own spread is below 6 % here */
            assert_true(fabs(got / variance - 1) < 0.2);
    }
    assert_int_equal(layout_find(l, arch_find(m->arch, "c"), "kernel")->shape.init, OP_INIT_HE);
    assert_int_equal(layout_find(l, arch_find(m->arch, "d"), "kernel")->shape.init, OP_INIT_GLOROT);
    layout_free(l);
    model_free(m);
}

static void assert_equal_models(const struct model *a, const struct model *b)
{
    char *x = arch_format(a->arch), *y = arch_format(b->arch);
    assert_string_equal(x, y);
    assert_int_equal(a->weights, b->weights);
    assert_memory_equal(a->weight, b->weight, a->weights * sizeof(float));
    assert_int_equal(model_moments(a), model_moments(b));
    for (int i = 0; i < model_moments(a); i++)
        assert_memory_equal(a->moment[i], b->moment[i], a->weights * sizeof(float));
    assert_int_equal(a->step, b->step);
    free(x);
    free(y);
}

static void files_read_back(void **state)
{
    (void)state;
    for (int moments = 0; moments < 3; moments++) {
        struct model *m = make(9);
        struct bytes b = {0};
        struct error err = {0};
        assert_true(model_need_moments(m, moments, &err));
        assert_int_equal(model_moments(m), moments);
        for (size_t i = 0; moments > 0 && i < m->weights; i++) {
            m->moment[0][i] = -(float)i;
            if (moments == 2)
                m->moment[1][i] = (float)i * 0.5f;
        }
        m->step = moments ? 1234567890123 : 0;
        model_encode(m, &b);
        struct model *n = model_decode(b.data, b.n, "m", &err), *o = model_copy(m, &err);
        if (!n)
            fail_msg("%s", err.text);
        assert_equal_models(m, n);
        assert_equal_models(m, o);
        model_free(m);
        model_free(n);
        model_free(o);
        bytes_free(&b);
    }
}

/* What a network says of a window, any. */
static float said(const struct model *m)
{
    float out = 7;
    struct error err = {0};
    struct plan *p = plan_new(m->arch, 1, false, NULL, &err);
    size_t n = (size_t)m->arch->shape[0].time * (size_t)m->arch->shape[0].channels;
    for (size_t i = 0; i < n; i++)
        plan_input(p)[i] = (float)i * 0.1f - 1.0f;
    out = *plan_forward(p, m->weight, 1);
    plan_free(p);
    return out;
}

static void a_zero_head_says_nothing(void **state)
{
    static const char *const more[] = {
        "x input time=3 channels=2\nd dense in=x units=1\ny meanpool in=d\n",
        ("x input time=3 channels=2\nf flatten in=x\na dense in=f units=1 act=tanh\nb dense in=f units=1\n"
         "s add in=a,b\ny dropout in=s rate=0.5\n"),
        "x input time=3 channels=2\nc conv in=x channels=1 kernel=2\np last in=c\ny act in=p kind=gelu\n",
    };
    (void)state;
    for (int i = 0; arch_templates[i]; i++) {
        struct arch *a = arch_template(arch_templates[i], 8, 4, 1, 8, 1, NULL);
        struct model *m = model_new(a, 3, NULL), *fresh = model_copy(m, NULL);
        model_zero_head(m);
        assert_true(said(m) == 0.0f && said(fresh) != 0.0f);
        model_free(m);
        model_free(fresh);
        arch_free(a);
    }
    for (size_t i = 0; i < ARRAY_N(more); i++) {
        char *whole = memory_format("morphsmith-arch 1\n%s", more[i]);
        struct error err = {0};
        struct arch *a = arch_parse(whole, strlen(whole), "head", &err);
        if (!a)
            fail_msg("%s", err.text);
        struct model *m = model_new(a, 3, NULL);
        model_zero_head(m);
        assert_true(said(m) == 0.0f);
        model_free(m);
        arch_free(a);
        free(whole);
    }
}

/* A relu at zero lets no gradient through, and a product of zeros none to either: these stay as they were drawn. */
static void heads_that_could_not_learn_from_zero_stay(void **state)
{
    static const char *const graph[] = {
        "morphsmith-arch 1\nx input time=3 channels=2\nf flatten in=x\ny dense in=f units=1 act=relu\n",
        ("morphsmith-arch 1\nx input time=3 channels=2\nf flatten in=x\na dense in=f units=1\nb dense in=f units=1\n"
         "y multiply in=a,b\n"),
        "morphsmith-arch 1\nx input time=3 channels=2\nf flatten in=x\na dense in=f units=1\ny act in=a kind=relu\n",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_N(graph); i++) {
        struct error err = {0};
        struct arch *a = arch_parse(graph[i], strlen(graph[i]), "head", &err);
        if (!a)
            fail_msg("%s", err.text);
        struct model *m = model_new(a, 3, NULL), *fresh = model_copy(m, NULL);
        model_zero_head(m);
        assert_memory_equal(m->weight, fresh->weight, m->weights * sizeof(float));
        model_free(m);
        model_free(fresh);
        arch_free(a);
    }
}

/* Every shortening and every changed byte is refused: by the hash, and where the hash is made right, by the rules. */
static void damaged_files_are_refused(void **state)
{
    (void)state;
    struct arch *a = arch_template("mlp", 2, 2, 1, 2, 1, NULL);
    struct model *m = model_new(a, 1, NULL);
    struct bytes b = {0};
    model_encode(m, &b);
    for (size_t n = 0; n < b.n; n++) {
        struct error err = {0};
        assert_null(model_decode(b.data, n, "m", &err));
        assert_int_equal(err.kind, ERROR_DATA);
    }
    for (size_t i = 0; i < b.n; i++) {
        b.data[i] ^= 0x10;
        assert_null(model_decode(b.data, b.n, "m", NULL));
        b.data[i] ^= 0x10;
    }
    size_t body = b.n - HASH_BYTES, floats = m->weights * sizeof(float);
    for (size_t i = 8; i < body - floats; i++) { /* flags, text, count: with a right hash */
        uint8_t was = b.data[i];
        b.data[i] = 0xff;
        struct hash h = hash_of(b.data, body);
        memcpy(b.data + body, h.byte, HASH_BYTES);
        struct error err = {0};
        assert_null(model_decode(b.data, b.n, "m", &err));
        assert_non_null(strstr(err.text, "m:"));
        b.data[i] = was;
    }
    bytes_put_u8(&b, 0); /* a longer file, with a right hash over all but its end */
    struct hash h = hash_of(b.data, b.n - HASH_BYTES);
    memcpy(b.data + b.n - HASH_BYTES, h.byte, HASH_BYTES);
    assert_null(model_decode(b.data, b.n, "m", NULL));
    bytes_free(&b);
    model_free(m);
    arch_free(a);
}

/* Weights that are not exact say so wherever they go, with moments and without. */
static void the_mark_of_other_kernels_stays(void **state)
{
    (void)state;
    static const char small[] = "morphsmith-arch 1\nx input time=3 channels=2\nf flatten in=x\ny dense in=f units=1\n";
    struct arch *a = arch_parse(small, sizeof small - 1, "m", NULL);
    for (int i = 0; i < 4; i++) {
        struct model *m = model_new(a, 1, NULL);
        struct bytes b = {0};
        m->blas = i % 2;
        assert_true(i < 2 || model_need_moments(m, 2, NULL));
        model_encode(m, &b);
        struct model *back = model_decode(b.data, b.n, "m", NULL), *copy = model_copy(m, NULL);
        assert_non_null(back);
        assert_int_equal(back->blas, i % 2);
        assert_int_equal(copy->blas, i % 2);
        assert_int_equal(back->moment[0] != NULL, i >= 2);
        assert_true(hash_equal(model_hash(back), model_hash(m)));
        bytes_free(&b);
        model_free(m);
        model_free(back);
        model_free(copy);
    }
    arch_free(a);
}

/* The file's bytes are a format: they do not change. */
static void known_file_stays(void **state)
{
    (void)state;
    struct model *m = make(1);
    struct bytes b = {0};
    char hex[HASH_HEX];
    model_encode(m, &b);
    hash_hex(hash_of(b.data, b.n), hex);
    assert_string_equal(hex, "dba9607823bb1c06b5fd54a3f84021bb4eae8cf570267c6a973c53d75d24b0b4");
    hash_hex(model_hash(m), hex);
    assert_string_equal(hex, "22086f62bbaeae1ca38fcf7543a37022090cefa4f59b5a6f7f1ea5b6d7a65666");
    bytes_free(&b);
    model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layout_follows_the_canonical_order),
        cmocka_unit_test(equal_ids_start_with_equal_weights),
        cmocka_unit_test(weights_start_as_stated),
        cmocka_unit_test(files_read_back),
        cmocka_unit_test(a_zero_head_says_nothing),
        cmocka_unit_test(heads_that_could_not_learn_from_zero_stay),
        cmocka_unit_test(damaged_files_are_refused),
        cmocka_unit_test(known_file_stays),
        cmocka_unit_test(the_mark_of_other_kernels_stays),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
