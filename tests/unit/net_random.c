#include "tests/unit/net_random.h"

#include "net/arch_check.h"
#include "net/op.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"

static const char *const kinds[] = {"none", "relu", "gelu", "silu", "tanh", "sigmoid"};

struct made {
    struct text text;
    struct arch_shape shape[64];
    bool read[64];
    int nodes;
    struct random r;
    const uint8_t *data; /* decides instead of r, where it is given; zeros behind its end */
    size_t left;
};

static int pick(struct made *m, uint32_t n)
{
    if (!m->data)
        return (int)random_below(&m->r, n);
    if (m->left == 0)
        return 0;
    m->left--;
    return (int)(*m->data++ % n);
}

/* How wide a layer is. Bytes also choose widths around those of the vectors. */
static int pick_width(struct made *m)
{
    static const int wide[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33};
    return m->data ? wide[pick(m, ARRAY_N(wide))] : 1 + pick(m, 9);
}

/* A node with this shape other than `not`, or -1. */
static int same_shape(struct made *m, int not)
{
    int start = pick(m, (uint32_t)m->nodes);
    for (int i = 0; i < m->nodes; i++) {
        int at = (start + i) % m->nodes;
        if (at != not && m->shape[at].time == m->shape[not].time && m->shape[at].channels == m->shape[not].channels)
            return at;
    }
    return -1;
}

static void put(struct made *m, int in, struct arch_shape shape)
{
    m->read[in] = m->nodes > 0;
    m->shape[m->nodes++] = shape;
}

/* Another node of as many steps as `not`, or of none if it has none; -1 where there is none. */
static int same_time(struct made *m, int not)
{
    int start = pick(m, (uint32_t)m->nodes);
    for (int i = 0; i < m->nodes; i++) {
        int at = (start + i) % m->nodes;
        if (at != not && m->shape[at].time == m->shape[not].time)
            return at;
    }
    return -1;
}

/* Operators of one input that keep its shape. */
static void add_same(struct made *m, int in)
{
    struct arch_shape s = m->shape[in];
    const char *act = kinds[pick(m, 6)];
    int n = m->nodes, some = pick(m, 9), few = pick(m, 4), flag = pick(m, 2); /* arguments have no order of their own */
    switch (pick(m, s.time > 0 ? 8 : 6)) {
    case 0:
        text_printf(&m->text, "v%d act in=v%d kind=%s\n", n, in, act);
        break;
    case 1:
        text_printf(&m->text, "v%d gate in=v%d kind=%s\n", n, in, act);
        break;
    case 2:
        text_printf(&m->text, "v%d scale in=v%d init=0.%d\n", n, in, some);
        break;
    case 3:
        text_printf(&m->text, "v%d dropout in=v%d rate=0.%d\n", n, in, some);
        break;
    case 4:
        text_printf(&m->text, "v%d layernorm in=v%d eps=0.%d\n", n, in, 1 + some);
        break;
    case 5:
        text_printf(&m->text, "v%d rmsnorm in=v%d eps=0.%d divisor=%d\n", n, in, 1 + some, 2 * few);
        break;
    case 6:
        text_printf(&m->text, "v%d dwconv in=v%d kernel=%d dilation=%d act=%s\n", n, in, 1 + few, 1 + some % 4,
                    act);
        break;
    default:
        text_printf(&m->text, "v%d attention in=v%d heads=%d head=%d causal=%d\n", n, in, 1 + few % 3,
                    1 + some % 5, flag);
        break;
    }
    put(m, in, s);
}

static void add_several(struct made *m, int in)
{
    int other = same_shape(m, in), beside = same_time(m, in), n = m->nodes;
    struct arch_shape s = m->shape[in];
    if (pick(m, 3) == 0 && beside >= 0 && s.channels + m->shape[beside].channels < 300) {
        m->read[beside] = true;
        text_printf(&m->text, "v%d concat in=v%d,v%d\n", n, beside, in);
        put(m, in, (struct arch_shape){s.time, s.channels + m->shape[beside].channels});
    } else if (other >= 0) {
        bool thrice = pick(m, 4) == 0, sum = pick(m, 3) > 0;
        m->read[other] = true;
        text_printf(&m->text, "v%d %s in=v%d,v%d", n, sum ? "add" : "multiply", in, other);
        if (thrice)
            text_printf(&m->text, ",v%d", in);
        text_put(&m->text, "\n");
        put(m, in, s);
    }
}

static void add_node(struct made *m)
{
    static const char *const pools[] = {"last", "meanpool", "maxpool"};
    int in = pick(m, (uint32_t)m->nodes), n = m->nodes, width = pick_width(m), kernel = 1 + pick(m, 4);
    int dilation = 1 + pick(m, 4), flag = pick(m, 2), which = pick(m, 3);
    struct arch_shape s = m->shape[in];
    const char *act = kinds[pick(m, 6)];
    switch (pick(m, s.time > 0 ? 11 : 4)) {
    case 0:
        text_printf(&m->text, "v%d dense in=v%d units=%d act=%s bias=%d\n", n, in, width, act, flag);
        put(m, in, (struct arch_shape){s.time, width});
        break;
    case 1:
        add_same(m, in);
        break;
    case 2:
    case 3:
        add_several(m, in);
        break;
    case 4:
    case 5:
        text_printf(&m->text, "v%d conv in=v%d channels=%d kernel=%d dilation=%d act=%s bias=%d\n", n, in, width,
                    kernel, dilation, act, flag);
        put(m, in, (struct arch_shape){s.time, width});
        break;
    case 6:
        text_printf(&m->text, "v%d %s in=v%d units=%d\n", n, flag ? "gru" : "lstm", in, width);
        put(m, in, (struct arch_shape){s.time, width});
        break;
    case 7:
        text_printf(&m->text, "v%d %s in=v%d\n", n, pools[which], in);
        put(m, in, (struct arch_shape){0, s.channels});
        break;
    case 8:
        text_printf(&m->text, "v%d timecode in=v%d\n", n, in);
        put(m, in, (struct arch_shape){s.time, s.channels + 8});
        break;
    case 9:
        add_same(m, in);
        break;
    default:
        text_printf(&m->text, "v%d flatten in=v%d\n", n, in);
        put(m, in, (struct arch_shape){0, s.time * s.channels});
        break;
    }
}

/* Every node that nobody reads is brought to one width and added into the output. */
static void join(struct made *m)
{
    char sum[16] = "";
    for (int i = 0; i < m->nodes; i++) {
        if (m->read[i])
            continue;
        bool time = m->shape[i].time > 0;
        if (time)
            text_printf(&m->text, "p%d %s in=v%d\n", i, i % 2 ? "last" : "meanpool", i);
        text_printf(&m->text, "e%d dense in=%s%d units=2 act=tanh\n", i, time ? "p" : "v", i);
        if (sum[0])
            text_printf(&m->text, "j%d add in=%s,e%d\n", i, sum, i);
        snprintf(sum, sizeof sum, "%s%d", sum[0] ? "j" : "e", i);
    }
}

static struct arch *make(struct made *m)
{
    struct error err = {0};
    int nodes = 2 + pick(m, 14), time = 1 + pick(m, 19), channels = 1 + pick(m, 6);
    text_printf(&m->text, "morphsmith-arch 1\nv0 input time=%d channels=%d\n", time, channels);
    put(m, 0, (struct arch_shape){time, channels});
    for (int i = 0; i < nodes; i++)
        add_node(m);
    join(m);
    struct arch *a = arch_parse(text_of(&m->text), m->text.n, "random", &err);
    if (!a)
        fprintf(stderr, "%s\n%s", err.text, text_of(&m->text));
    ASSERT(a);
    text_free(&m->text);
    return a;
}

struct arch *net_random_arch(uint64_t seed)
{
    struct made m = {.r = random_start(seed, RANDOM_TEST, 77, 0)};
    return make(&m);
}

struct arch *net_arch_of_bytes(const uint8_t *data, size_t n)
{
    struct made m = {.data = data, .left = n};
    return make(&m);
}

struct arch *net_shuffled(const struct arch *a, uint64_t seed)
{
    struct random r = random_start(seed, RANDOM_TEST, 78, 0);
    uint32_t *order = NEW_ARRAY(uint32_t, a->nodes), *name = NEW_ARRAY(uint32_t, a->nodes);
    struct text out = {0};
    struct error err = {0};
    for (int i = 0; i < a->nodes; i++)
        order[i] = name[i] = (uint32_t)i;
    random_shuffle(&r, order, (size_t)a->nodes);
    random_shuffle(&r, name, (size_t)a->nodes);
    text_put(&out, "# another spelling\n\n morphsmith-arch 1  # the same graph\n");
    for (int i = 0; i < a->nodes; i++) {
        const struct arch_node *node = &a->node[order[i]];
        int turn = node->op->commutes ? (int)random_below(&r, (uint32_t)node->inputs) : 0;
        text_printf(&out, "\tq%u   %s ", name[order[i]], node->op->name);
        for (int j = node->op->params; j-- > 0;) {
            char setting[96];
            arch_param_text(node, j, setting, sizeof setting);
            text_printf(&out, " %s", setting);
        }
        for (int j = 0; j < node->inputs; j++)
            text_printf(&out, "%sq%u", j ? "," : " in=", name[node->input[(j + turn) % node->inputs]]);
        text_put(&out, " # comment\r\n");
    }
    struct arch *b = arch_parse(text_of(&out), out.n, "shuffled", &err);
    if (!b)
        fprintf(stderr, "%s\n%s", err.text, text_of(&out));
    ASSERT(b);
    text_free(&out);
    free(order);
    free(name);
    return b;
}
