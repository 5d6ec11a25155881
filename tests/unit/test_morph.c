/* Every morphism keeps every bit of the output; what it adds can learn; what was there stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "net/numeric.h"
#include "net/op.h"
#include "search/morph.h"

#include <math.h>

#define ROWS 24
#define CHAIN 50

static const char *const graphs[] = {
    "morphsmith-arch 1\nx input time=9 channels=3\nf flatten in=x\nd dense in=f units=5 act=relu\n"
    "e dense in=d units=4 act=tanh\ny dense in=e units=1\n",
    "morphsmith-arch 1\nx input time=12 channels=3\nc conv in=x channels=4 kernel=3 dilation=2 act=relu\n"
    "d conv in=c channels=4 kernel=2 act=gelu\ns add in=c,d\ng dense in=s units=3 act=silu\nf flatten in=g\n"
    "y dense in=f units=2\n",
    "morphsmith-arch 1\nx input time=7 channels=2\na lstm in=x units=3\nb lstm in=a units=4\np last in=b\n"
    "q meanpool in=a\nd dense in=p units=3 act=relu\ne dense in=q units=3 act=relu bias=0\ns add in=d,e\n"
    "y dense in=s units=1\n",
    "morphsmith-arch 1\nx input time=8 channels=3\nc conv in=x channels=3 kernel=1 act=none\nr act in=c kind=relu\n"
    "t act in=c kind=sigmoid\ns add in=x,t\nu add in=r,s\nv add in=r,u\np last in=v\nh dense in=p units=4 act=sigmoid\n"
    "y dense in=h units=1\n",
    "morphsmith-arch 1\nx input time=6 channels=2\nc conv in=x channels=3 kernel=2 act=relu\n"
    "d conv in=x channels=3 kernel=3 act=tanh\ne conv in=x channels=3 kernel=1 act=relu\ns add in=c,d,e\n"
    "p meanpool in=s\ny dense in=p units=1\n",
    "morphsmith-arch 1\nx input time=6 channels=3\nt timecode in=x\ne dense in=t units=4\nn rmsnorm in=e\n"
    "a attention in=n heads=2 head=3\nr add in=e,a\nm rmsnorm in=r\nf dense in=m units=5 act=gelu\n"
    "g dense in=f units=4\ns add in=r,g\nl last in=s\ny dense in=l units=2\n",
    "morphsmith-arch 1\nx input time=12 channels=3\nu gru in=x units=4\nc dwconv in=u kernel=3 dilation=4 act=silu\n"
    "d conv in=c channels=4 kernel=2 dilation=3\ng gate in=d kind=tanh\nh scale in=g init=0.5\ns add in=u,h\n"
    "p maxpool in=s\ny dense in=p units=1\n",
    "morphsmith-arch 1\nx input time=8 channels=2\nc conv in=x channels=3 kernel=3 act=relu\nd dense in=x units=3 act=tanh\n"
    "m multiply in=c,d\nk concat in=m,x\nq attention in=k heads=1 head=2 causal=0\nb layernorm in=q\no dropout in=b rate=0.2\n"
    "e dense in=o units=4 act=silu\nz rmsnorm in=e\np meanpool in=z\nf flatten in=e\nw dense in=f units=3\n"
    "v concat in=p,w\ny dense in=v units=1\n",
};

static struct arch *graph(const char *text)
{
    struct error err = {0};
    struct arch *a = arch_parse(text, strlen(text), "test", &err);
    if (!a)
        fail_msg("%s", err.text);
    return a;
}

static const struct arch_shape *input_shape(const struct arch *a)
{
    for (int i = 0; i < a->nodes; i++)
        if (a->node[i].inputs == 0)
            return &a->shape[i];
    fail_msg("no input");
    return NULL;
}

/* Weights none of which is zero; moments that tell which weight they belong to. */
static struct model *random_model(const struct arch *a, uint64_t seed)
{
    struct error err = {0};
    struct model *m = model_new(a, seed, &err);
    struct random r = random_start(seed, RANDOM_TEST, 1, 0);
    assert_non_null(m);
    assert_true(model_need_moments(m, 2, &err));
    m->blas = m->weights % 2; /* some of them */
    for (size_t i = 0; i < m->weights; i++) {
        m->weight[i] = (float)(0.4 * random_normal(&r)) + 0.001f;
        m->moment[0][i] = m->weight[i];
        m->moment[1][i] = 2 * m->weight[i];
    }
    m->step = 17;
    return m;
}

/* Rows of every sort: ordinary, large, small, all zero, all negative, some -0. */
static float *random_input(const struct arch *a, uint64_t seed)
{
    size_t n = (size_t)input_shape(a)->time * (size_t)input_shape(a)->channels;
    float *x = NEW_ARRAY(float, ROWS *n);
    struct random r = random_start(seed, RANDOM_TEST, 2, 0);
    static const double scale[] = {1, 1, 1000, 1e-6, 0, -1, 1e6};
    for (size_t row = 0; row < ROWS; row++)
        for (size_t i = 0; i < n; i++) {
            double s = scale[row % 7], v = random_normal(&r);
            x[row * n + i] = (float)(s < 0 ? -fabs(v) : s * v);
            if (row % 7 == 1 && i % 3 == 0)
                x[row * n + i] = -0.0f;
        }
    return x;
}

static void assert_exact(const struct model *a, const struct model *b, const char *what)
{
    struct error err = {0};
    double delta = -1;
    float *x = random_input(a->arch, 3);
    if (!morph_max_delta(&delta, a, b, x, ROWS, &err))
        fail_msg("%s: %s", what, err.text);
    if (!(delta <= 0))
        fail_msg("%s: outputs differ by %g", what, delta);
    free(x);
}

/* One step of gradient descent on half the squared distance to a target; leaves the gradient. */
static void train_step(struct model *m, float *gradient, float rate)
{
    struct error err = {0};
    struct plan *p = plan_new(m->arch, ROWS, true, NULL, &err);
    assert_non_null(p);
    size_t in = (size_t)ROWS * (size_t)input_shape(m->arch)->time * (size_t)input_shape(m->arch)->channels;
    struct random r = random_start(5, RANDOM_TEST, 3, 0);
    for (size_t i = 0; i < in; i++)
        plan_input(p)[i] = (float)random_normal(&r);
    const float *y = plan_forward(p, m->weight, ROWS);
    size_t out = (size_t)ROWS * (size_t)m->arch->shape[m->arch->nodes - 1].channels;
    float *d = NEW_ARRAY(float, out);
    for (size_t i = 0; i < out; i++)
        d[i] = (y[i] - (float)random_normal(&r)) / ROWS;
    plan_backward(p, m->weight, d, gradient, ROWS);
    double square = 1;
    for (size_t i = 0; i < m->weights; i++)
        square += (double)gradient[i] * (double)gradient[i];
    for (size_t i = 0; i < m->weights; i++)
        m->weight[i] -= rate * gradient[i] / (float)sqrt(square);
    free(d);
    plan_free(p);
}

static void train(struct model *m, int steps)
{
    float *g = NEW_ARRAY(float, m->weights);
    for (int i = 0; i < steps; i++)
        train_step(m, g, 0.05f);
    for (size_t i = 0; i < m->weights; i++)
        assert_true(isfinite(m->weight[i]));
    free(g);
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static size_t sorted_nonzero(const float *in, size_t n, float *out)
{
    size_t used = 0;
    for (size_t i = 0; i < n; i++)
        if (in[i] != 0)
            out[used++] = in[i];
    qsort(out, used, sizeof *out, compare_floats);
    return used;
}

/* The moments of the child are those of the parent, each beside the weight it belonged to, and zeros. */
static void assert_moments_carried(const struct model *parent, const struct model *child)
{
    float *a = NEW_ARRAY(float, parent->weights), *b = NEW_ARRAY(float, child->weights);
    assert_true(child->moment[0] && child->moment[1]);
    assert_true(child->blas == parent->blas);
    for (int k = 0; k < 2; k++) {
        size_t n = sorted_nonzero(parent->moment[k], parent->weights, a);
        assert_int_equal(n, sorted_nonzero(child->moment[k], child->weights, b));
        assert_memory_equal(a, b, n * sizeof *a);
    }
    for (size_t i = 0; i < child->weights; i++)
        if (child->moment[0][i] != 0) {
            assert_true(child->moment[0][i] == child->weight[i]);
            assert_true(child->moment[1][i] == 2 * child->weight[i]);
        }
    assert_int_equal(child->step, parent->step);
    free(a);
    free(b);
}

static void assert_nodes_kept(const struct arch *before, const struct arch *after)
{
    for (int i = 0; i < before->nodes; i++) {
        int at = arch_find(after, before->node[i].name);
        assert_true(at >= 0);
        assert_ptr_equal(after->node[at].op, before->node[i].op);
    }
    assert_string_equal(after->node[after->nodes - 1].name, before->node[before->nodes - 1].name);
}

/* Wherever entries are new (no old moment is zero, see random_model), some get a gradient in the first or second step.
 */
static void assert_new_entries_learn(const struct model *child, const char *what)
{
    struct model *m = model_copy(child, NULL);
    struct layout *l = layout_new(m->arch);
    float *g = NEW_ARRAY(float, m->weights);
    int *fresh = NEW_ARRAY(int, l->tensors), *moved = NEW_ARRAY(int, l->tensors), all = 0;
    for (int step = 0; step < 2; step++) {
        train_step(m, g, 0.05f);
        for (int t = 0; t < l->tensors; t++)
            for (size_t i = 0; i < (size_t)l->tensor[t].shape.rows * (size_t)l->tensor[t].shape.columns; i++) {
                size_t at = l->tensor[t].offset + i;
                fresh[t] += child->moment[0][at] == 0;
                moved[t] += child->moment[0][at] == 0 && g[at] != 0;
            }
    }
    for (int t = 0; t < l->tensors; t++) {
        all += fresh[t];
        if (fresh[t] > 0 && moved[t] == 0)
            fail_msg("%s: new entries of %s of %s get no gradient", what, l->tensor[t].shape.name,
                     m->arch->node[l->tensor[t].node].name);
    }
    assert_true(all > 0);
    free(fresh);
    free(moved);
    free(g);
    layout_free(l);
    model_free(m);
}

static void check_step(const struct model *m, const struct morph_step *step, const struct morph_option *announced)
{
    struct error err = {0};
    char what[MORPH_TEXT_MAX];
    morph_format(step, what);
    struct model *child = morph_apply(m, step, 11, &err);
    if (!child)
        fail_msg("%s", err.text);
    assert_exact(m, child, what);
    assert_moments_carried(m, child);
    assert_nodes_kept(m->arch, child->arch);
    assert_new_entries_learn(child, what);
    assert_true(child->weights > m->weights);
    struct arch *alone = morph_apply_arch(m->arch, step, &err);
    assert_non_null(alone);
    struct hash a = arch_id(alone), b = arch_id(child->arch);
    assert_true(hash_equal(a, b));
    if (announced) {
        assert_int_equal(announced->parameters, arch_parameters(child->arch));
        assert_int_equal(announced->macs, arch_macs(child->arch));
        assert_int_equal(announced->parameters, child->weights);
    }
    arch_free(alone);
    model_free(child);
}

/* What shrinks keeps no function: less is left, each of it with the moment that belongs to it, and it runs. */
static void check_shrinking(const struct model *m, const struct morph_step *step)
{
    struct error err = {0};
    char what[MORPH_TEXT_MAX];
    morph_format(step, what);
    struct model *child = morph_apply(m, step, 11, &err);
    if (!child)
        fail_msg("%s", err.text);
    assert_true(child->weights < m->weights || child->arch->nodes < m->arch->nodes);
    for (size_t i = 0; i < child->weights; i++) {
        assert_true(child->moment[0][i] == child->weight[i]);
        assert_true(child->moment[1][i] == 2 * child->weight[i]);
    }
    train(child, 2);
    model_free(child);
}

static int check_all_steps(const struct model *m, int *by_kind)
{
    struct morph_option *option;
    int n = morph_list(m->arch, &option), done = 0;
    for (int i = 0; i < n; i++) {
        const struct morph_option *o = &option[i];
        if (!o->applicable) {
            assert_true(o->reason[0] != '\0');
            assert_int_equal(o->parameters, arch_parameters(m->arch));
            continue;
        }
        bool shrinks = o->step.kind->shrinks;
        if (shrinks)
            check_shrinking(m, &o->step);
        else
            check_step(m, &o->step, o);
        int menu[MORPH_MENU_MAX][MORPH_SETTINGS_MAX] = {{0}};
        int choices = o->step.kind->menu(m->arch, arch_find(m->arch, o->step.node), menu);
        assert_in_range(choices, 1, MORPH_MENU_MAX);
        for (int c = 0; c < choices; c++) {
            struct morph_step step = o->step;
            memcpy(step.setting, menu[c], sizeof step.setting);
            struct arch *a = morph_apply_arch(m->arch, &step, NULL);
            if (a && shrinks)
                check_shrinking(m, &step);
            else if (a)
                check_step(m, &step, NULL);
            arch_free(a);
        }
        for (int k = 0; morph_table[k]; k++)
            by_kind[k] += morph_table[k] == o->step.kind;
        done++;
    }
    free(option);
    return done;
}

static void every_step_is_exact(void **state)
{
    int by_kind[16] = {0};
    (void)state;
    for (size_t g = 0; g < ARRAY_N(graphs); g++) {
        struct arch *a = graph(graphs[g]);
        struct model *m = random_model(a, g);
        assert_true(check_all_steps(m, by_kind) > 3);
        model_free(m);
        arch_free(a);
    }
    for (int k = 0; morph_table[k]; k++)
        assert_true(by_kind[k] > 0);
}

static void templates_are_exact(void **state)
{
    int by_kind[16] = {0};
    (void)state;
    for (int t = 0; arch_templates[t]; t++) {
        struct error err = {0};
        struct arch *a = arch_template(arch_templates[t], 16, 4, 1, 6, 2, &err);
        if (!a)
            fail_msg("%s", err.text);
        struct model *m = random_model(a, 41); /* where a value hardly varies, few rectified units may all be dead */
        assert_true(check_all_steps(m, by_kind) > 0);
        model_free(m);
        arch_free(a);
    }
}

/* A step that applies, with settings from its menu, drawn until there is one. */
static bool random_option(const struct arch *a, struct random *r, struct morph_step *out)
{
    int kinds = 0, menu[MORPH_MENU_MAX][MORPH_SETTINGS_MAX] = {{0}};
    while (morph_table[kinds])
        kinds++;
    for (int tries = 0; tries < 1000; tries++) {
        const struct morph_kind *kind = morph_table[random_below(r, (uint32_t)kinds)];
        int node = (int)random_below(r, (uint32_t)a->nodes);
        if (kind->shrinks || !kind->applicable(a, node, NULL, 0))
            continue;
        *out = morph_step_of(kind, a->node[node].name);
        int choices = kind->menu(a, node, menu);
        memcpy(out->setting, menu[random_below(r, (uint32_t)choices)], sizeof out->setting);
        struct arch *b = morph_apply_arch(a, out, NULL);
        bool fits = b && arch_parameters(b) < 20000;
        arch_free(b);
        if (fits)
            return true;
    }
    return false;
}

/* Long chains, with training between: the last is compared with the one before the training of five steps ago. */
static void chains_are_exact(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < ARRAY_N(graphs); seed++) {
        struct arch *a = graph(graphs[seed % ARRAY_N(graphs)]);
        struct model *root = model_new(a, seed, NULL), *m = model_copy(root, NULL);
        struct random r = random_start(seed, RANDOM_TEST, 9, 0);
        int steps = 0;
        for (struct morph_step step; steps < CHAIN && random_option(m->arch, &r, &step); steps++) {
            struct error err = {0};
            struct model *next = morph_apply(m, &step, seed, &err);
            if (!next)
                fail_msg("%s", err.text);
            model_free(m);
            m = next;
            char what[MORPH_TEXT_MAX];
            morph_format(&step, what);
            assert_exact(root, m, what);
            if (steps % 5 == 4) {
                train(m, 3);
                model_free(root);
                root = model_copy(m, NULL);
            }
        }
        assert_int_equal(steps, CHAIN);
        model_free(m);
        model_free(root);
        arch_free(a);
    }
}

/* Every single new unit: its outgoing weights are zero and move first, its incoming ones are random and move next. */
static void new_units_learn(void **state)
{
    (void)state;
    struct arch *a =
        graph("morphsmith-arch 1\nx input time=4 channels=2\nf flatten in=x\nd dense in=f units=3 act=tanh\n"
              "y dense in=d units=2\n");
    struct model *m = random_model(a, 1);
    struct morph_step step;
    assert_true(morph_parse(&step, "widen node=d by=2", NULL));
    struct model *child = morph_apply(m, &step, 1, NULL);
    assert_non_null(child);
    struct layout *l = layout_new(child->arch);
    const struct layout_tensor *in = layout_find(l, arch_find(child->arch, "d"), "kernel");
    const struct layout_tensor *out = layout_find(l, arch_find(child->arch, "y"), "kernel");
    float *g = NEW_ARRAY(float, child->weights);
    assert_int_equal(in->shape.columns, 5);
    assert_int_equal(out->shape.rows, 5);
    train_step(child, g, 0);
    for (size_t i = 3 * 2; i < 5 * 2; i++) {
        assert_true(child->weight[out->offset + i] == 0);
        assert_true(g[out->offset + i] != 0);
    }
    train_step(child, g, 0.1f);
    train_step(child, g, 0.1f);
    for (size_t r = 0; r < 8; r++)
        for (size_t c = 3; c < 5; c++) {
            assert_true(child->weight[in->offset + r * 5 + c] != 0);
            assert_true(g[in->offset + r * 5 + c] != 0);
        }
    free(g);
    layout_free(l);
    model_free(child);
    model_free(m);
    arch_free(a);
}

/* What a norm reads grows by channels of zeros: silent where they are made, seen where they are read. */
static void normed_width_grows_silently(void **state)
{
    (void)state;
    struct arch *a = graph(graphs[5]);
    struct model *m = random_model(a, 1);
    struct morph_step step;
    assert_true(morph_parse(&step, "widen node=e by=2", NULL));
    struct model *child = morph_apply(m, &step, 1, NULL);
    assert_non_null(child);
    struct layout *l = layout_new(child->arch);
    const struct layout_tensor *made = layout_find(l, arch_find(child->arch, "e"), "kernel");
    const struct layout_tensor *read = layout_find(l, arch_find(child->arch, "y"), "kernel");
    const struct layout_tensor *gain = layout_find(l, arch_find(child->arch, "n"), "gain");
    for (int r = 0; r < made->shape.rows; r++)
        for (int c = 4; c < 6; c++)
            assert_true(child->weight[made->offset + (size_t)(r * 6 + c)] == 0);
    for (int i = 4 * 2; i < 6 * 2; i++)
        assert_true(child->weight[read->offset + (size_t)i] != 0);
    for (int c = 4; c < 6; c++)
        assert_true(child->weight[gain->offset + (size_t)c] == 1);
    assert_int_equal(op_int(&child->arch->node[arch_find(child->arch, "n")], "divisor"), 4);
    layout_free(l);
    model_free(child);
    model_free(m);
    arch_free(a);
}

static void seeds_draw_apart(void **state)
{
    (void)state;
    struct arch *a = graph(graphs[0]);
    struct model *m = random_model(a, 1);
    struct morph_step step;
    assert_true(morph_parse(&step, "widen node=d", NULL));
    struct model *one = morph_apply(m, &step, 1, NULL), *again = morph_apply(m, &step, 1, NULL);
    struct model *two = morph_apply(m, &step, 2, NULL);
    assert_memory_equal(one->weight, again->weight, one->weights * sizeof(float));
    assert_memory_not_equal(one->weight, two->weight, one->weights * sizeof(float));
    model_free(one);
    model_free(again);
    model_free(two);
    model_free(m);
    arch_free(a);
}

static void group_widens_together(void **state)
{
    (void)state;
    struct arch *a = graph(graphs[1]);
    struct morph_step step;
    assert_true(morph_parse(&step, "widen node=d by=3", NULL));
    struct arch *b = morph_apply_arch(a, &step, NULL);
    assert_non_null(b);
    assert_int_equal(b->shape[arch_find(b, "c")].channels, 7);
    assert_int_equal(b->shape[arch_find(b, "d")].channels, 7);
    assert_int_equal(b->shape[arch_find(b, "s")].channels, 7);
    assert_int_equal(b->shape[arch_find(b, "g")].channels, 3);
    arch_free(a);
    arch_free(b);
}

static void refusals_say_why(void **state)
{
    static const struct {
        int graph;
        const char *step, *says;
    } row[] = {
        {0, "widen node=y", "output"},
        {0, "widen node=x", "input"},
        {0, "widen node=f", "no width of its own"},
        {0, "widen node=nobody", "no node \"nobody\""},
        {0, "widen node=d by=65536", "limit"},
        {0, "insert node=e", "can be negative"},
        {0, "deepen node=y", "output"},
        {0, "deepen node=f", "lays out"},
        {0, "add_skip node=x", "no node before x"},
        {0, "add_skip node=f", "without a time axis"},
        {0, "add_skip node=e back=3", "only 2 nodes"},
        {0, "lengthen node=d", "no conv"},
        {1, "lengthen node=c by=8", "start of the window"},
        {1, "deepen node=c kernel=5 dilation=3", "beyond the 12 steps"},
        {3, "widen node=c", "tied to the input x"},
        {0, "undilate node=d", "no dilation"},
        {1, "undilate node=d", "leaves no steps out"},
        {1, "undilate node=c to=2", "smaller divisor"},
        {0, "activate node=y", "output"},
        {0, "activate node=d kind=relu", "never negative"},
        {6, "activate node=g", "a gate already"},
        {0, "add_block node=d kind=lstm", "take kind=feedforward"},
        {0, "add_block node=f", "lays out"},
        {1, "add_concat node=c", "channel by channel"},
        {0, "add_concat node=d back=9", "only 1 node before"},
        {0, "add_pool node=d", "none of last"},
        {2, "add_pool node=p kind=last", "a last already"},
        {0, "add_head node=d", "no attention"},
        {5, "add_head node=a by=1023", "limit"},
        {5, "widen_head node=a by=4095", "limit"},
        {7, "widen node=m", "no width of its own"},
        {7, "widen node=c", "computes over all channels"},
        {0, "narrow node=d by=5", "only 5"},
        {0, "narrow node=y", "output"},
        {0, "remove node=x", "the input"},
        {0, "remove node=d", "another shape"},
        {6, "remove node=s keep=3", "one of its own shape"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_N(row); i++) {
        struct arch *a = graph(graphs[row[i].graph]);
        struct error err = {0};
        struct morph_step step;
        assert_true(morph_parse(&step, row[i].step, &err));
        assert_null(morph_apply_arch(a, &step, &err));
        if (!strstr(err.text, row[i].says))
            fail_msg("%s: \"%s\" does not say \"%s\"", row[i].step, err.text, row[i].says);
        char reason[128] = "";
        assert_false(morph_applicable(a, &step, reason, sizeof reason));
        assert_true(strstr(err.text, reason) != NULL);
        arch_free(a);
    }
}

/* A sum of three is added up in the order of the terms' hashes: some step must turn it around, and be refused. */
static void long_sums_keep_their_order(void **state)
{
    (void)state;
    struct arch *a = graph(graphs[4]);
    struct morph_option *option;
    int n = morph_list(a, &option), refused = 0, granted = 0;
    for (int i = 0; i < n; i++) {
        refused += strstr(option[i].reason, "adds up more than two") != NULL;
        granted += option[i].applicable;
    }
    assert_true(refused > 0);
    assert_true(granted > 0);
    free(option);
    arch_free(a);
}

/* A graph of thousands of nodes is listed without trying every step. */
static void large_graphs_are_listed(void **state)
{
    (void)state;
    struct text t = {0};
    text_put(&t, "morphsmith-arch 1\nx input time=2 channels=1\nf flatten in=x\nd0 dense in=f units=1\n");
    for (int i = 1; i < 4000; i++)
        text_printf(&t, "d%d dense in=d%d units=1\n", i, i - 1);
    text_put(&t, "y dense in=d3999 units=1\n");
    struct arch *a = graph(text_of(&t));
    struct morph_option *option;
    int n = morph_list(a, &option), fit = 0, kinds = 0;
    while (morph_table[kinds])
        kinds++;
    assert_int_equal(n, kinds * a->nodes);
    for (int i = 0; i < n; i++) {
        fit += option[i].applicable;
        assert_int_equal(option[i].parameters, MORPH_UNKNOWN);
        assert_true(option[i].applicable || option[i].reason[0]);
    }
    assert_true(fit > a->nodes);
    free(option);
    arch_free(a);
    text_free(&t);
}

static void delta_sees_bits(void **state)
{
    (void)state;
    struct arch *a = graph(graphs[0]);
    struct model *m = random_model(a, 1), *other = model_copy(m, NULL);
    float *x = random_input(a, 4);
    double delta = -1;
    assert_true(morph_max_delta(&delta, m, other, x, ROWS, NULL));
    assert_true(delta == 0);
    other->weight[other->weights - 1] += 0.25f;
    other->weight[0] += 0.25f;
    assert_true(morph_max_delta(&delta, m, other, x, ROWS, NULL));
    assert_true(delta > 0 && isfinite(delta));
    for (size_t i = 0; i < other->weights; i++)
        other->weight[i] = NAN;
    assert_true(morph_max_delta(&delta, m, other, x, ROWS, NULL));
    assert_true(isinf(delta));
    struct arch *b = graph(graphs[1]);
    struct model *stranger = random_model(b, 1);
    struct error err = {0};
    assert_false(morph_max_delta(&delta, m, stranger, x, ROWS, &err));
    assert_true(err.text[0] != '\0');
    free(x);
    model_free(m);
    model_free(other);
    model_free(stranger);
    arch_free(a);
    arch_free(b);
}

static void steps_parse_and_format(void **state)
{
    static const char *const good[] = {"widen node=c1 by=16",     "widen node=c1", "deepen node=a kernel=5 width=7",
                                       "add_skip node=z9 back=3", "insert node=q", "lengthen node=c by=2",
                                       "activate node=q kind=tanh", "add_block node=q kind=lstm heads=3 norm=none"};
    static const char *const bad[][2] = {
        {"", "first word"},
        {"shrink node=a", "no morphism \"shrink\""},
        {"widen", "say which node"},
        {"widen by=3", "say which node"},
        {"widen node=a node=b", "twice"},
        {"widen node=a by=-1", "from 0 to 65536"},
        {"widen node=a by=x", "whole number"},
        {"widen node=a kernel=3", "no setting \"kernel\""},
        {"activate node=a kind=7", "one of relu, gelu"},
        {"widen node=a by", "no NAME=VALUE"},
        {"widen node=abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", "at most 31"},
    };
    struct morph_step step;
    struct error err;
    (void)state;
    for (size_t i = 0; i < ARRAY_N(good); i++) {
        char text[MORPH_TEXT_MAX];
        assert_true(morph_parse(&step, good[i], NULL));
        morph_format(&step, text);
        assert_string_equal(text, good[i]);
    }
    for (size_t i = 0; i < ARRAY_N(bad); i++) {
        err = (struct error){0};
        assert_false(morph_parse(&step, bad[i][0], &err));
        if (!strstr(err.text, bad[i][1]))
            fail_msg("%s: \"%s\" does not say \"%s\"", bad[i][0], err.text, bad[i][1]);
    }
}

static int start(void **state)
{
    (void)state;
    hash_start();
    return numeric_start(NULL) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_parse_and_format),
        cmocka_unit_test(refusals_say_why),
        cmocka_unit_test(group_widens_together),
        cmocka_unit_test(every_step_is_exact),
        cmocka_unit_test(templates_are_exact),
        cmocka_unit_test(chains_are_exact),
        cmocka_unit_test(new_units_learn),
        cmocka_unit_test(normed_width_grows_silently),
        cmocka_unit_test(seeds_draw_apart),
        cmocka_unit_test(long_sums_keep_their_order),
        cmocka_unit_test(large_graphs_are_listed),
        cmocka_unit_test(delta_sees_bits),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
