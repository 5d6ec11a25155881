#include "tests/unit/net_reference_pass.h"

#include "net/op.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>

struct reference *reference_new(const struct arch *a, int batch)
{
    struct reference *r = NEW(struct reference);
    r->arch = a;
    r->layout = layout_new(a);
    r->batch = batch;
    r->n = NEW_ARRAY(size_t, a->nodes);
    r->value = NEW_ARRAY(double *, a->nodes);
    r->gradient = NEW_ARRAY(double *, a->nodes);
    r->gates = NEW_ARRAY(double *, a->nodes);
    r->c = NEW_ARRAY(double *, a->nodes);
    r->canonical = NEW_ARRAY(int, a->nodes);
    r->weight = NEW_ARRAY(double, r->layout->weights);
    r->d_weight = NEW_ARRAY(double, r->layout->weights);
    int *origin = NEW_ARRAY(int, a->nodes);
    arch_free(arch_canonical(a, origin));
    for (int i = 0; i < a->nodes; i++)
        r->canonical[origin[i]] = i;
    free(origin);
    for (int i = 0; i < a->nodes; i++) {
        int time = a->shape[i].time > 0 ? a->shape[i].time : 1;
        r->n[i] = (size_t)batch * (size_t)time * (size_t)a->shape[i].channels;
        r->value[i] = NEW_ARRAY(double, r->n[i]);
        r->gradient[i] = NEW_ARRAY(double, r->n[i]);
        r->gates[i] = NEW_ARRAY(double, 4 * r->n[i]);
        r->c[i] = NEW_ARRAY(double, r->n[i]);
    }
    return r;
}

void reference_free(struct reference *r)
{
    for (int i = 0; i < r->arch->nodes; i++) {
        free(r->value[i]);
        free(r->gradient[i]);
        free(r->gates[i]);
        free(r->c[i]);
    }
    layout_free(r->layout);
    free(r->n);
    free(r->canonical);
    free(r->value);
    free(r->gradient);
    free(r->gates);
    free(r->c);
    free(r->weight);
    free(r->d_weight);
    free(r);
}

double reference_sigmoid(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

double reference_curve(int kind, double x)
{
    switch (kind) {
    case 1:
        return x > 0 ? x : 0;
    case 2:
        return x * 0.5 * erfc(-x / sqrt(2.0));
    case 3:
        return x * reference_sigmoid(x);
    case 4:
        return tanh(x);
    case 5:
        return reference_sigmoid(x);
    default:
        return x;
    }
}

double reference_slope(int kind, double x)
{
    double s = reference_sigmoid(x), t = tanh(x);
    switch (kind) {
    case 1:
        return x > 0 ? 1 : 0;
    case 2:
        return 0.5 * erfc(-x / sqrt(2.0)) + x * exp(-x * x / 2) / sqrt(2 * acos(-1.0));
    case 3:
        return s + x * s * (1 - s);
    case 4:
        return 1 - t * t;
    case 5:
        return s * (1 - s);
    default:
        return 1;
    }
}

void pass_margin(const struct pass *p, double distance)
{
    if (distance != 0 && fabs(distance) < p->r->margin)
        p->r->margin = fabs(distance);
}

double pass_curve(const struct pass *p, int act, double x)
{
    if (act == 1)
        pass_margin(p, x);
    return reference_curve(act, x);
}

size_t pass_tensor(const struct pass *p, const char *name)
{
    const struct layout_tensor *t = layout_find(p->r->layout, p->node, name);
    return t ? t->offset : SIZE_MAX;
}

/* Dense is a convolution of one tap. */
static void conv(const struct pass *p, int taps, int dilation, int act, bool bias)
{
    const double *w = p->r->weight + pass_tensor(p, "kernel");
    double *dw = p->r->d_weight + pass_tensor(p, "kernel");
    size_t at_bias = bias ? pass_tensor(p, "bias") : 0;
    for (int b = 0; b < p->batch; b++)
        for (int t = 0; t < p->time; t++)
            for (int o = 0; o < p->out; o++) {
                double sum = bias ? p->r->weight[at_bias + (size_t)o] : 0;
                size_t y = ((size_t)b * (size_t)p->time + (size_t)t) * (size_t)p->out + (size_t)o;
                for (int pass = 0; pass <= (p->back ? 1 : 0); pass++) {
                    double d = pass ? p->dy[y] * reference_slope(act, sum) : 0;
                    double again = sum;
                    for (int q = 0; q < taps; q++)
                        for (int c = 0; c < p->in; c++) {
                            int from = t - (taps - 1 - q) * dilation;
                            size_t k = (size_t)(q * p->in + c) * (size_t)p->out + (size_t)o;
                            if (from < 0)
                                continue;
                            size_t i = ((size_t)b * (size_t)p->time + (size_t)from) * (size_t)p->in + (size_t)c;
                            if (pass == 0)
                                again += p->x[i] * w[k];
                            else {
                                dw[k] += d * p->x[i];
                                p->dx[i] += d * w[k];
                            }
                        }
                    if (pass == 0)
                        sum = again;
                    else if (bias)
                        p->r->d_weight[at_bias + (size_t)o] += d;
                }
                if (!p->back)
                    p->y[y] = pass_curve(p, act, sum);
            }
}

static void lstm_forward(const struct pass *p)
{
    int u = p->out, four = 4 * u;
    const double *w = p->r->weight + pass_tensor(p, "kernel"), *rec = p->r->weight + pass_tensor(p, "recurrent");
    const double *bias = p->r->weight + pass_tensor(p, "bias");
    for (int b = 0; b < p->batch; b++)
        for (int t = 0; t < p->time; t++) {
            size_t row = (size_t)b * (size_t)p->time + (size_t)t;
            double *gate = p->r->gates[p->node] + row * (size_t)four, *c = p->r->c[p->node] + row * (size_t)u;
            double *h = p->y + row * (size_t)u;
            for (int j = 0; j < four; j++) {
                double z = bias[j];
                for (int k = 0; k < p->in; k++)
                    z += p->x[row * (size_t)p->in + (size_t)k] * w[k * four + j];
                for (int k = 0; t > 0 && k < u; k++)
                    z += h[k - u] * rec[k * four + j];
                gate[j] = j / u == 2 ? tanh(z) : reference_sigmoid(z);
            }
            for (int j = 0; j < u; j++) {
                c[j] = gate[u + j] * (t > 0 ? c[j - u] : 0) + gate[j] * gate[2 * u + j];
                h[j] = gate[3 * u + j] * tanh(c[j]);
            }
        }
}

static void lstm_backward(const struct pass *p)
{
    int u = p->out, four = 4 * u;
    const double *w = p->r->weight + pass_tensor(p, "kernel"), *rec = p->r->weight + pass_tensor(p, "recurrent");
    double *dw = p->r->d_weight + pass_tensor(p, "kernel"), *d_rec = p->r->d_weight + pass_tensor(p, "recurrent");
    double *d_bias = p->r->d_weight + pass_tensor(p, "bias");
    double *dh = NEW_ARRAY(double, u), *dc = NEW_ARRAY(double, u), *dz = NEW_ARRAY(double, four);
    for (int b = 0; b < p->batch; b++) {
        memset(dh, 0, (size_t)u * sizeof *dh);
        memset(dc, 0, (size_t)u * sizeof *dc);
        for (int t = p->time - 1; t >= 0; t--) {
            size_t row = (size_t)b * (size_t)p->time + (size_t)t;
            const double *g = p->r->gates[p->node] + row * (size_t)four, *c = p->r->c[p->node] + row * (size_t)u;
            const double *h = p->y + row * (size_t)u, *x = p->x + row * (size_t)p->in;
            for (int j = 0; j < u; j++) {
                double i = g[j], f = g[u + j], a = g[2 * u + j], o = g[3 * u + j], tc = tanh(c[j]);
                double d = p->dy[row * (size_t)u + (size_t)j] + dh[j], d_c = dc[j] + d * o * (1 - tc * tc);
                dz[j] = d_c * a * i * (1 - i);
                dz[u + j] = d_c * (t > 0 ? c[j - u] : 0) * f * (1 - f);
                dz[2 * u + j] = d_c * i * (1 - a * a);
                dz[3 * u + j] = d * tc * o * (1 - o);
                dc[j] = d_c * f;
                dh[j] = 0;
            }
            for (int j = 0; j < four; j++) {
                d_bias[j] += dz[j];
                for (int k = 0; k < p->in; k++) {
                    dw[k * four + j] += x[k] * dz[j];
                    p->dx[row * (size_t)p->in + (size_t)k] += dz[j] * w[k * four + j];
                }
                for (int k = 0; t > 0 && k < u; k++) {
                    d_rec[k * four + j] += h[k - u] * dz[j];
                    dh[k] += dz[j] * rec[k * four + j];
                }
            }
        }
    }
    free(dh);
    free(dc);
    free(dz);
}

/* Operators without weights: y[j] = sum over i of x[i] m(i, j), with m 0, 1 or 1 / time; act and flatten apart. */
static void pool(const struct pass *p, bool last)
{
    for (int b = 0; b < p->batch; b++)
        for (int c = 0; c < p->in; c++)
            for (int t = last ? p->time - 1 : 0; t < p->time; t++) {
                size_t y = (size_t)b * (size_t)p->in + (size_t)c;
                size_t x = ((size_t)b * (size_t)p->time + (size_t)t) * (size_t)p->in + (size_t)c;
                double share = last ? 1 : 1.0 / p->time;
                if (p->back)
                    p->dx[x] += p->dy[y] * share;
                else
                    p->y[y] = (last || t == 0 ? 0 : p->y[y]) + p->x[x] * share;
            }
}

static void each(const struct pass *p, int kind)
{
    size_t n = p->r->n[p->node];
    for (size_t i = 0; i < n; i++) {
        if (p->back)
            p->dx[i] += p->dy[i] * reference_slope(kind, p->x[i]);
        else
            p->y[i] = pass_curve(p, kind, p->x[i]);
    }
}

static void add(struct reference *r, int i, bool back)
{
    for (int j = 0; j < r->arch->node[i].inputs; j++) {
        int in = r->arch->node[i].input[j];
        for (size_t k = 0; k < r->n[i]; k++) {
            if (back)
                r->gradient[in][k] += r->gradient[i][k];
            else
                r->value[i][k] = (j ? r->value[i][k] : 0) + r->value[in][k];
        }
    }
}

static void run(struct reference *r, int i, bool back)
{
    const struct arch_node *node = &r->arch->node[i];
    const char *op = node->op->name;
    if (text_equal(op, "input"))
        return;
    int in = node->input[0];
    struct arch_shape from = r->arch->shape[in];
    struct pass p = {r, i, r->batch, from.time > 0 ? from.time : 1, from.channels, r->arch->shape[i].channels,
                     r->value[in], r->gradient[in], r->value[i], r->gradient[i], back};
    if (text_equal(op, "dense"))
        conv(&p, 1, 1, (int)node->param[op_param_find(node->op, "act")], op_int(node, "bias"));
    else if (text_equal(op, "conv"))
        conv(&p, op_int(node, "kernel"), op_int(node, "dilation"), (int)node->param[op_param_find(node->op, "act")],
             op_int(node, "bias"));
    else if (text_equal(op, "lstm") && back)
        lstm_backward(&p);
    else if (text_equal(op, "lstm"))
        lstm_forward(&p);
    else if (text_equal(op, "last") || text_equal(op, "meanpool"))
        pool(&p, text_equal(op, "last"));
    else if (text_equal(op, "act"))
        each(&p, (int)node->param[0]);
    else if (text_equal(op, "flatten"))
        each(&p, 0);
    else if (text_equal(op, "add"))
        add(r, i, back);
    else if (!pass_more(&p, op))
        assert_failed(__FILE__, __LINE__, op); /* a new operator needs its reference here */
}

const double *reference_forward(struct reference *r, const double *input)
{
    r->margin = (double)INFINITY;
    for (int i = 0; i < r->arch->nodes; i++) {
        if (r->arch->node[i].inputs == 0)
            memcpy(r->value[i], input, r->n[i] * sizeof *input);
        run(r, i, false);
    }
    return r->value[r->arch->nodes - 1];
}

void reference_backward(struct reference *r, const double *d_output)
{
    int last = r->arch->nodes - 1;
    memset(r->d_weight, 0, r->layout->weights * sizeof *r->d_weight);
    for (int i = 0; i <= last; i++)
        memset(r->gradient[i], 0, r->n[i] * sizeof(double));
    memcpy(r->gradient[last], d_output, r->n[last] * sizeof *d_output);
    for (int i = last; i >= 0; i--)
        run(r, i, true);
}
