#include "tests/unit/net_random.h"

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
};

static int pick(struct made *m, uint32_t n)
{
    return (int)random_below(&m->r, n);
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

static void add_node(struct made *m)
{
    int in = pick(m, (uint32_t)m->nodes), other, n = m->nodes, width = 1 + pick(m, 9);
    struct arch_shape s = m->shape[in];
    const char *act = kinds[pick(m, 6)];
    switch (pick(m, s.time > 0 ? 8 : 4)) {
    case 0:
        text_printf(&m->text, "v%d dense in=v%d units=%d act=%s bias=%d\n", n, in, width, act, pick(m, 2));
        put(m, in, (struct arch_shape){s.time, width});
        break;
    case 1:
        text_printf(&m->text, "v%d act in=v%d kind=%s\n", n, in, act);
        put(m, in, s);
        break;
    case 2:
    case 3:
        if ((other = same_shape(m, in)) < 0)
            break;
        m->read[other] = true;
        text_printf(&m->text, "v%d add in=v%d,v%d\n", n, in, other);
        put(m, in, s);
        break;
    case 4:
        text_printf(&m->text, "v%d conv in=v%d channels=%d kernel=%d dilation=%d act=%s bias=%d\n", n, in, width,
                    1 + pick(m, 4), 1 + pick(m, 4), act, pick(m, 2));
        put(m, in, (struct arch_shape){s.time, width});
        break;
    case 5:
        text_printf(&m->text, "v%d lstm in=v%d units=%d\n", n, in, width);
        put(m, in, (struct arch_shape){s.time, width});
        break;
    case 6:
        text_printf(&m->text, "v%d %s in=v%d\n", n, pick(m, 2) ? "last" : "meanpool", in);
        put(m, in, (struct arch_shape){0, s.channels});
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

struct arch *net_random_arch(uint64_t seed)
{
    struct made m = {.r = random_start(seed, RANDOM_TEST, 77, 0)};
    struct error err = {0};
    int nodes = 2 + pick(&m, 12), time = 1 + pick(&m, 9), channels = 1 + pick(&m, 6);
    text_printf(&m.text, "morphsmith-arch 1\nv0 input time=%d channels=%d\n", time, channels);
    put(&m, 0, (struct arch_shape){time, channels});
    for (int i = 0; i < nodes; i++)
        add_node(&m);
    join(&m);
    struct arch *a = arch_parse(text_of(&m.text), m.text.n, "random", &err);
    if (!a)
        fprintf(stderr, "%s\n%s", err.text, text_of(&m.text));
    ASSERT(a);
    text_free(&m.text);
    return a;
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
            const struct op_param *p = &node->op->param[j];
            if (p->kind == OP_ENUM)
                text_printf(&out, " %s=%s", p->name, p->names[(int)node->param[j]]);
            else
                text_printf(&out, " %s=%d", p->name, (int)node->param[j]);
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
