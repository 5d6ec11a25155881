#include "tests/unit/net_reference_pass.h"

#include "net/op.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"

#include <math.h>

static const struct arch_node *node_of(const struct pass *p)
{
    return &p->r->arch->node[p->node];
}

static double real(const struct pass *p, const char *param)
{
    return node_of(p)->param[op_param_find(node_of(p)->op, param)];
}

static const double *weight_of(const struct pass *p, const char *name)
{
    return p->r->weight + pass_tensor(p, name);
}

static double *d_weight_of(const struct pass *p, const char *name)
{
    return p->r->d_weight + pass_tensor(p, name);
}

/* Offset of step t of sample b in a value of `width` channels. */
static size_t at(const struct pass *p, int b, int t, int width)
{
    return ((size_t)b * (size_t)p->time + (size_t)t) * (size_t)width;
}

static void dwconv(const struct pass *p)
{
    int taps = (int)real(p, "kernel"), dilation = (int)real(p, "dilation"), act = (int)real(p, "act"), n = p->in;
    const double *w = weight_of(p, "kernel"), *bias = weight_of(p, "bias");
    for (int b = 0; b < p->batch; b++)
        for (int t = 0; t < p->time; t++)
            for (int c = 0; c < n; c++) {
                double sum = bias[c];
                for (int q = 0; q < taps; q++)
                    if (t - (taps - 1 - q) * dilation >= 0)
                        sum += p->x[at(p, b, t - (taps - 1 - q) * dilation, n) + (size_t)c] * w[q * n + c];
                size_t y = at(p, b, t, n) + (size_t)c;
                if (!p->back) {
                    p->y[y] = pass_curve(p, act, sum);
                    continue;
                }
                double d = p->dy[y] * reference_slope(act, sum);
                d_weight_of(p, "bias")[c] += d;
                for (int q = 0; q < taps; q++)
                    if (t - (taps - 1 - q) * dilation >= 0) {
                        size_t x = at(p, b, t - (taps - 1 - q) * dilation, n) + (size_t)c;
                        d_weight_of(p, "kernel")[q * n + c] += d * p->x[x];
                        p->dx[x] += d * w[q * n + c];
                    }
            }
}

/* --- gru --------------------------------------------------------------------------------------------------------- */

/* The four sums of one unit at one step, of r, z, n and the past's part of n. */
static void gru_sums(const struct pass *p, int b, int t, int j, double sum[4])
{
    int u = p->out, three = 3 * u;
    const double *w = weight_of(p, "kernel"), *rec = weight_of(p, "recurrent"), *bias = weight_of(p, "bias");
    for (int g = 0; g < 3; g++) {
        sum[g] = bias[g * u + j];
        for (int k = 0; k < p->in; k++)
            sum[g] += p->x[at(p, b, t, p->in) + (size_t)k] * w[k * three + g * u + j];
    }
    sum[3] = weight_of(p, "recurrent_bias")[j];
    for (int k = 0; t > 0 && k < u; k++) {
        double h = p->y[at(p, b, t - 1, u) + (size_t)k];
        sum[0] += h * rec[k * three + j];
        sum[1] += h * rec[k * three + u + j];
        sum[3] += h * rec[k * three + 2 * u + j];
    }
}

static void gru_forward(const struct pass *p)
{
    for (int b = 0; b < p->batch; b++)
        for (int t = 0; t < p->time; t++)
            for (int j = 0; j < p->out; j++) {
                double s[4];
                gru_sums(p, b, t, j, s);
                double z = reference_sigmoid(s[1]), n = tanh(s[2] + reference_sigmoid(s[0]) * s[3]);
                double past = t > 0 ? p->y[at(p, b, t - 1, p->out) + (size_t)j] : 0;
                p->y[at(p, b, t, p->out) + (size_t)j] = (1 - z) * n + z * past;
            }
}

static void gru_unit_backward(const struct pass *p, int b, int t, int j, double dh, double *d_past)
{
    int u = p->out, three = 3 * u;
    double s[4], *dw = d_weight_of(p, "kernel"), *d_rec = d_weight_of(p, "recurrent");
    const double *w = weight_of(p, "kernel"), *rec = weight_of(p, "recurrent");
    gru_sums(p, b, t, j, s);
    double r = reference_sigmoid(s[0]), z = reference_sigmoid(s[1]), n = tanh(s[2] + r * s[3]);
    double past = t > 0 ? p->y[at(p, b, t - 1, u) + (size_t)j] : 0;
    double dn = dh * (1 - z) * (1 - n * n), dz = dh * (past - n) * z * (1 - z), dr = dn * s[3] * r * (1 - r);
    double d_in[3] = {dr, dz, dn}, d_back[3] = {dr, dz, dn * r};
    d_past[j] += dh * z;
    d_weight_of(p, "recurrent_bias")[j] += dn * r;
    for (int g = 0; g < 3; g++) {
        d_weight_of(p, "bias")[g * u + j] += d_in[g];
        for (int k = 0; k < p->in; k++) {
            size_t x = at(p, b, t, p->in) + (size_t)k;
            dw[k * three + g * u + j] += d_in[g] * p->x[x];
            p->dx[x] += d_in[g] * w[k * three + g * u + j];
        }
        for (int k = 0; t > 0 && k < u; k++) {
            d_rec[k * three + g * u + j] += d_back[g] * p->y[at(p, b, t - 1, u) + (size_t)k];
            d_past[k] += d_back[g] * rec[k * three + g * u + j];
        }
    }
}

static void gru_backward(const struct pass *p)
{
    double *dh = NEW_ARRAY(double, p->out), *d_past = NEW_ARRAY(double, p->out);
    for (int b = 0; b < p->batch; b++) {
        memset(dh, 0, (size_t)p->out * sizeof *dh);
        for (int t = p->time - 1; t >= 0; t--) {
            memset(d_past, 0, (size_t)p->out * sizeof *dh);
            for (int j = 0; j < p->out; j++)
                gru_unit_backward(p, b, t, j, dh[j] + p->dy[at(p, b, t, p->out) + (size_t)j], d_past);
            memcpy(dh, d_past, (size_t)p->out * sizeof *dh);
        }
    }
    free(dh);
    free(d_past);
}

/* --- attention --------------------------------------------------------------------------------------------------- */

/* One of Q, K, V of a sample: [time, wide]. Backward: from its gradient. */
static void projection(const struct pass *p, int b, const char *weight, const char *bias, int wide, double *value,
                       const double *d_value)
{
    for (int t = 0; t < p->time; t++)
        for (int j = 0; j < wide; j++) {
            double sum = bias ? weight_of(p, bias)[j] : 0, d = d_value ? d_value[t * wide + j] : 0;
            for (int c = 0; c < p->in; c++) {
                size_t x = at(p, b, t, p->in) + (size_t)c;
                sum += p->x[x] * weight_of(p, weight)[c * wide + j];
                if (d_value) {
                    d_weight_of(p, weight)[c * wide + j] += d * p->x[x];
                    p->dx[x] += d * weight_of(p, weight)[c * wide + j];
                }
            }
            if (value)
                value[t * wide + j] = sum;
            if (d_value && bias)
                d_weight_of(p, bias)[j] += d;
        }
}

struct heads {
    int head, wide, until; /* until: steps that this row attends to */
    double scale, *q, *k, *v, *dq, *dk, *dv;
};

static double dot(const double *a, const double *b, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static void probabilities(const struct heads *h, int t, int from, double *row)
{
    double total = 0;
    for (int j = 0; j < h->until; j++)
        total += row[j] = exp(h->scale * dot(h->q + t * h->wide + from, h->k + j * h->wide + from, h->head));
    for (int j = 0; j < h->until; j++)
        row[j] /= total;
}

/* Row t of one head. out [head], or backward from d_out [head]. */
static void attend(const struct heads *h, int t, int from, double *row, double *out, const double *d_out)
{
    double mean = 0;
    probabilities(h, t, from, row);
    for (int j = 0; j < h->until; j++) {
        const double *v = h->v + j * h->wide + from;
        for (int c = 0; c < h->head && out; c++)
            out[c] += row[j] * v[c];
        mean += d_out ? row[j] * dot(d_out, v, h->head) : 0;
    }
    for (int j = 0; j < h->until && d_out; j++) {
        double ds = row[j] * (dot(d_out, h->v + j * h->wide + from, h->head) - mean) * h->scale;
        for (int c = 0; c < h->head; c++) {
            h->dq[t * h->wide + from + c] += ds * h->k[j * h->wide + from + c];
            h->dk[j * h->wide + from + c] += ds * h->q[t * h->wide + from + c];
            h->dv[j * h->wide + from + c] += row[j] * d_out[c];
        }
    }
}

static void attention_sample(const struct pass *p, struct heads *h, int b, double *row, double *o, double *d_o)
{
    bool causal = (int)real(p, "causal") == 1;
    const double *wo = weight_of(p, "output");
    for (int t = 0; t < p->time; t++) {
        h->until = causal ? t + 1 : p->time;
        memset(o, 0, (size_t)h->wide * sizeof *o);
        memset(d_o, 0, (size_t)h->wide * sizeof *o);
        for (int from = 0; from < h->wide; from += h->head)
            attend(h, t, from, row, o + from, NULL);
        for (int c = 0; c < p->in; c++) {
            size_t y = at(p, b, t, p->in) + (size_t)c;
            double sum = weight_of(p, "output_bias")[c];
            for (int j = 0; j < h->wide; j++) {
                sum += o[j] * wo[j * p->in + c];
                if (p->back) {
                    d_weight_of(p, "output")[j * p->in + c] += o[j] * p->dy[y];
                    d_o[j] += p->dy[y] * wo[j * p->in + c];
                }
            }
            if (p->back)
                d_weight_of(p, "output_bias")[c] += p->dy[y];
            else
                p->y[y] = sum;
        }
        for (int from = 0; from < h->wide && p->back; from += h->head)
            attend(h, t, from, row, NULL, d_o + from);
    }
}

static void attention(const struct pass *p)
{
    int head = (int)real(p, "head"), wide = head * (int)real(p, "heads");
    size_t n = (size_t)p->time * (size_t)wide;
    double *all = NEW_ARRAY(double, 6 * n), *row = NEW_ARRAY(double, p->time), *o = NEW_ARRAY(double, 2 * wide);
    struct heads h = {.head = head, .wide = wide, .scale = real(p, "scale"), .q = all, .k = all + n, .v = all + 2 * n,
                      .dq = all + 3 * n, .dk = all + 4 * n, .dv = all + 5 * n};
    for (int b = 0; b < p->batch; b++) {
        memset(all + 3 * n, 0, 3 * n * sizeof *all);
        projection(p, b, "query", "query_bias", wide, h.q, NULL);
        projection(p, b, "key", NULL, wide, h.k, NULL);
        projection(p, b, "value", "value_bias", wide, h.v, NULL);
        attention_sample(p, &h, b, row, o, o + wide);
        if (!p->back)
            continue;
        projection(p, b, "query", "query_bias", wide, NULL, h.dq);
        projection(p, b, "key", NULL, wide, NULL, h.dk);
        projection(p, b, "value", "value_bias", wide, NULL, h.dv);
    }
    free(all);
    free(row);
    free(o);
}

/* --- the others -------------------------------------------------------------------------------------------------- */

/* y[i] = gain[i] (x[i] - mean) / root; derivatives by the quotient rule, element by element. */
static void norm(const struct pass *p, bool centred)
{
    int n = p->in;
    const double *gain = weight_of(p, "gain");
    double divisor = centred ? n : real(p, "divisor");
    for (int row = 0; row < p->batch * p->time; row++) {
        const double *x = p->x + (size_t)row * (size_t)n;
        double mean = 0, square = 0, sum = 0, slope = 0;
        for (int i = 0; i < n; i++)
            mean += centred ? x[i] / n : 0;
        for (int i = 0; i < n; i++)
            square += (x[i] - mean) * (x[i] - mean) / divisor;
        double root = sqrt(square + real(p, "eps"));
        for (int i = 0; i < n && !p->back; i++)
            p->y[(size_t)row * (size_t)n + (size_t)i] =
                gain[i] * (x[i] - mean) / root + (centred ? weight_of(p, "bias")[i] : 0);
        if (!p->back)
            continue;
        const double *dy = p->dy + (size_t)row * (size_t)n;
        for (int i = 0; i < n; i++) {
            sum += dy[i] * gain[i];
            slope += dy[i] * gain[i] * (x[i] - mean);
            d_weight_of(p, "gain")[i] += dy[i] * (x[i] - mean) / root;
            if (centred)
                d_weight_of(p, "bias")[i] += dy[i];
        }
        for (int i = 0; i < n; i++)
            p->dx[(size_t)row * (size_t)n + (size_t)i] += (dy[i] * gain[i] - (centred ? sum / n : 0)) / root -
                                                          slope * (x[i] - mean) / (divisor * root * root * root);
    }
}

static void gate(const struct pass *p)
{
    int kind = (int)real(p, "kind");
    double a = weight_of(p, "gate")[0];
    for (size_t i = 0; i < p->r->n[p->node]; i++) {
        double f = pass_curve(p, kind, p->x[i]);
        if (!p->back) {
            p->y[i] = (1 - a) * p->x[i] + a * f;
            continue;
        }
        d_weight_of(p, "gate")[0] += p->dy[i] * (f - p->x[i]);
        p->dx[i] += p->dy[i] * (1 - a + a * reference_slope(kind, p->x[i]));
    }
}

static void scale(const struct pass *p)
{
    double s = weight_of(p, "scale")[0];
    for (size_t i = 0; i < p->r->n[p->node]; i++) {
        if (p->back) {
            d_weight_of(p, "scale")[0] += p->dy[i] * p->x[i];
            p->dx[i] += p->dy[i] * s;
        } else {
            p->y[i] = p->x[i] * s;
        }
    }
}

/* One half of each word after the other, the lower first: the stream as it comes. */
static void dropout(const struct pass *p)
{
    const struct op_draw *draw = p->r->draw;
    struct random stream = {0};
    uint32_t word = 0, below = (uint32_t)lround(real(p, "rate") * 65536);
    if (draw)
        stream = random_start(draw->seed, RANDOM_DROPOUT, draw->step,
                              draw->epoch * 4096 + (uint32_t)p->r->canonical[p->node]);
    for (size_t i = 0; i < p->r->n[p->node]; i++) {
        if (draw && i % 2 == 0)
            word = random_u32(&stream);
        double factor = !draw ? 1 : (i % 2 ? word >> 16 : word & 0xffff) < below ? 0 : 65536.0 / (65536 - below);
        if (p->back)
            p->dx[i] += p->dy[i] * factor;
        else
            p->y[i] = p->x[i] * factor;
    }
}

static void multiply(const struct pass *p)
{
    const struct arch_node *node = node_of(p);
    for (size_t i = 0; i < p->r->n[p->node]; i++) {
        double all = 1;
        for (int j = 0; j < node->inputs; j++) {
            double others = p->back ? p->dy[i] : 0;
            for (int k = 0; k < node->inputs; k++)
                others *= k == j ? 1 : p->r->value[node->input[k]][i];
            all *= p->r->value[node->input[j]][i];
            if (p->back)
                p->r->gradient[node->input[j]][i] += others;
        }
        if (!p->back)
            p->y[i] = all;
    }
}

static void concat(const struct pass *p)
{
    const struct arch_node *node = node_of(p);
    for (int row = 0; row < p->batch * p->time; row++)
        for (int j = 0, c = 0; j < node->inputs; j++)
            for (int k = 0; k < p->r->arch->shape[node->input[j]].channels; k++, c++) {
                size_t y = (size_t)(row * p->out + c);
                size_t x = (size_t)(row * p->r->arch->shape[node->input[j]].channels + k);
                if (p->back)
                    p->r->gradient[node->input[j]][x] += p->dy[y];
                else
                    p->y[y] = p->r->value[node->input[j]][x];
            }
}

static void maxpool(const struct pass *p)
{
    for (int b = 0; b < p->batch; b++)
        for (int c = 0; c < p->in; c++) {
            size_t most = at(p, b, 0, p->in) + (size_t)c;
            for (int t = 1; t < p->time; t++)
                if (p->x[at(p, b, t, p->in) + (size_t)c] > p->x[most])
                    most = at(p, b, t, p->in) + (size_t)c;
            for (int t = 0; t < p->time && !p->back; t++)
                pass_margin(p, p->x[most] - p->x[at(p, b, t, p->in) + (size_t)c]);
            if (p->back)
                p->dx[most] += p->dy[b * p->in + c];
            else
                p->y[b * p->in + c] = p->x[most];
        }
}

static void timecode(const struct pass *p)
{
    static const double period[] = {8, 32, 128, 512};
    for (int b = 0; b < p->batch; b++)
        for (int t = 0; t < p->time; t++)
            for (int c = 0; c < p->out; c++) {
                double turn = c < p->in ? 0 : 2 * acos(-1.0) * (p->time - 1 - t) / period[(c - p->in) / 2];
                size_t x = at(p, b, t, p->in) + (size_t)c, y = at(p, b, t, p->out) + (size_t)c;
                if (p->back && c < p->in)
                    p->dx[x] += p->dy[y];
                else if (!p->back)
                    p->y[y] = c < p->in ? p->x[x] : (c - p->in) % 2 ? cos(turn) : sin(turn);
            }
}

bool pass_more(const struct pass *p, const char *op)
{
    static const struct {
        const char *op;
        void (*run)(const struct pass *p);
    } table[] = {{"dwconv", dwconv}, {"attention", attention}, {"gate", gate},       {"scale", scale},
                 {"dropout", dropout}, {"multiply", multiply}, {"concat", concat}, {"maxpool", maxpool},
                 {"timecode", timecode}};
    for (size_t i = 0; i < ARRAY_N(table); i++)
        if (text_equal(table[i].op, op)) {
            table[i].run(p);
            return true;
        }
    if (text_equal(op, "gru") && p->back)
        gru_backward(p);
    else if (text_equal(op, "gru"))
        gru_forward(p);
    else if (text_equal(op, "layernorm") || text_equal(op, "rmsnorm"))
        norm(p, text_equal(op, "layernorm"));
    else
        return false;
    return true;
}
