/* Causal convolution over time: y[t] = act(b + sum over taps q ascending, channels c ascending of
 * x[t - (kernel - 1 - q) dilation][c] W[q channels + c]), with zeros before the first step. Tap 0 is the oldest.
 *
 * Forward copies the input behind the padding's zeros once, so that every position is one plain sum; backward does the
 * same with the gradient and zeros behind the last step. Where a plan holds only some steps, the same sums run over
 * them: what is left out are products with a gradient that is zero. */
#include "net/op/ops.h"

static const struct op_param params[] = {
    {.name = "channels", .kind = OP_INT, .least = 1, .most = 65536, .required = true},
    {.name = "kernel", .kind = OP_INT, .least = 1, .most = 1024, .required = true},
    {.name = "dilation", .kind = OP_INT, .least = 1, .most = 65536, .preset = 1},
    {.name = "act", .kind = OP_ENUM, .least = 0, .most = ACT_N - 1, .names = op_act_names},
    {.name = "bias", .kind = OP_INT, .least = 0, .most = 1, .preset = 1},
};

/* Times count held steps. Taps that only ever read the zeros before the window are left out: adding zero times a weight
 * changes no bit. */
struct conv {
    int batch, in_time, time, in, out, kernel;
    int row;   /* held input steps from one output to the next */
    int tap;   /* and from one tap to the next */
    int dead;  /* leading taps that only ever see the padding */
    int taps;  /* kernel - dead */
    int pad;   /* steps of zeros that the others reach */
    int first; /* row of the padded input that the oldest tap of the oldest output reads */
    enum kernel_act act;
    bool bias;
};

static struct conv conv_of(const struct op_site *site)
{
    const struct arch_node *node = site->node;
    int dilation = op_int(node, "dilation"), reach = (site->whole - 1) / dilation;
    struct conv c = {.batch = site->batch, .in_time = site->in->time, .time = site->out.time, .in = site->in->channels,
                     .out = site->out.channels, .kernel = op_int(node, "kernel"),
                     .row = op_row_steps(site), .tap = dilation / site->in_every,
                     .act = op_act_kind(node, "act"), .bias = op_int(node, "bias") == 1};
    c.taps = reach + 1 < c.kernel ? reach + 1 : c.kernel; /* reach: the oldest tap that still meets a step */
    c.dead = c.kernel - c.taps;
    int needed = (c.time - 1) * c.row + (c.taps - 1) * c.tap + 1;
    c.pad = needed > c.in_time ? needed - c.in_time : 0;
    c.first = c.pad + c.in_time - needed;
    return c;
}

static bool conv_whole(const struct conv *c)
{
    return c->row == 1 && c->time == c->in_time;
}

static bool shape(const struct arch_node *node, const struct arch_shape *in, struct arch_shape *out, struct error *err)
{
    *out = (struct arch_shape){in->time, op_int(node, "channels")};
    return op_need_time(node, in, err) && op_check_value(out->time, out->channels, err) &&
           op_check_tensor((int64_t)in->channels * op_int(node, "kernel"), out->channels, err);
}

static int tensors(const struct arch_node *node, const struct arch_shape *in, struct op_tensor out[OP_TENSORS_MAX])
{
    int channels = op_int(node, "channels");
    out[0] = op_tensor_of("kernel", (int64_t)in->channels * op_int(node, "kernel"), channels,
                          op_init_for(op_act_kind(node, "act")));
    out[1] = op_tensor_of("bias", 1, channels, OP_INIT_ZERO);
    return 1 + op_int(node, "bias");
}

static int64_t macs(const struct arch_node *node, const struct arch_shape *in, struct arch_shape out)
{
    return (int64_t)op_floats(*in) * op_int(node, "kernel") * out.channels;
}

static size_t padded_floats(const struct conv *c)
{
    return c->pad == 0 ? 0 : (size_t)c->batch * (size_t)(c->in_time + c->pad) * (size_t)c->in;
}

/* What forward keeps: the padded input (backward sums over it again), and the value before gelu or silu. */
static size_t keep(const struct op_site *site)
{
    struct conv c = conv_of(site);
    return op_act_keep(c.act, op_site_floats(site)) + padded_floats(&c);
}

/* Backward: the gradient before the activation behind zeros, and the taps transposed. Forward: the padded input. */
static size_t scratch(const struct op_site *site)
{
    struct conv c = conv_of(site);
    size_t gradient = (size_t)c.batch * (size_t)(c.time + (conv_whole(&c) ? c.pad : 0)) * (size_t)c.out;
    size_t turned = (size_t)c.taps * (size_t)c.in * (size_t)c.out;
    return site->training ? gradient + turned : padded_floats(&c);
}

static struct op_steps needs(const struct arch_node *node, struct op_steps out)
{
    return op_tap_steps(op_int(node, "kernel"), op_int(node, "dilation"), out);
}

/* A range of samples of [batch, time, width] copied to [batch, time + pad, width], zeros before or behind. */
struct pad_work {
    const float *in;
    float *out;
    size_t copy, zeros; /* floats of a sample */
    bool before;
};

static void pad_sample(void *context, int sample)
{
    const struct pad_work *w = context;
    float *out = w->out + (size_t)sample * (w->copy + w->zeros);
    memcpy(out + (w->before ? w->zeros : 0), w->in + (size_t)sample * w->copy, w->copy * sizeof *out);
    memset(out + (w->before ? 0 : w->copy), 0, w->zeros * sizeof *out);
}

/* The product of each sample: rows are steps, segments are taps. */
struct conv_work {
    const struct op_call *call;
    struct gemm g;
    ptrdiff_t a_sample, c_sample;
};

static void conv_sample(void *context, int sample)
{
    const struct conv_work *w = context;
    struct gemm g = w->g;
    g.a += sample * w->a_sample;
    g.c += sample * w->c_sample;
    w->call->kernel->gemm(&g);
}

/* One step a sample: the samples are the rows of one product. */
static void conv_samples(struct conv_work *w, int batch)
{
    if (w->g.m > 1) {
        threads_run(w->call->pool, batch, conv_sample, w);
        return;
    }
    w->g.m = batch;
    w->g.a_row = w->a_sample;
    w->g.c_row = w->c_sample;
    kernel_gemm(w->call->kernel, w->call->pool, &w->g);
}

static void forward(const struct op_call *call)
{
    struct conv c = conv_of(&call->site);
    size_t n = op_site_floats(&call->site);
    const float *x = call->input[0];
    if (c.pad > 0) {
        float *padded = call->keep ? call->keep + op_act_keep(c.act, n) : call->scratch;
        struct pad_work w = {x, padded, (size_t)c.in_time * (size_t)c.in, (size_t)c.pad * (size_t)c.in, true};
        bool small = (size_t)c.batch * w.copy < 2 * OP_PIECE;
        threads_run(small ? NULL : call->pool, c.batch, pad_sample, &w);
        x = padded;
    }
    struct conv_work w = {
        .call = call,
        .g = {.a = x + (ptrdiff_t)c.first * c.in, .a_row = (ptrdiff_t)c.row * c.in,
              .a_segment = (ptrdiff_t)c.tap * c.in, .a_step = 1,
              .b = call->weight[0] + (size_t)c.dead * (size_t)c.in * (size_t)c.out, .b_row = c.out, .c = call->output,
              .c_row = c.out, .bias = c.bias ? call->weight[1] : NULL, .m = c.time, .n = c.out, .segments = c.taps,
              .depth = c.in, .relu = c.act == ACT_RELU},
        .a_sample = (ptrdiff_t)(c.in_time + c.pad) * c.in,
        .c_sample = (ptrdiff_t)c.time * c.out};
    conv_samples(&w, c.batch);
    op_act_apply(call, c.act, n);
}

/* One tap's weights: rows are its channels, the sum runs over samples, then steps. */
static void backward_weights(const struct op_call *call, const struct conv *c, const float *x, const float *dz)
{
    op_begin(call, 0, (size_t)c->dead * (size_t)c->in * (size_t)c->out);
    for (int q = 0; q < c->taps; q++) {
        struct gemm g = {.a = x + (ptrdiff_t)(c->first + q * c->tap) * c->in, .a_row = 1,
                         .a_segment = (ptrdiff_t)(c->in_time + c->pad) * c->in, .a_step = (ptrdiff_t)c->row * c->in,
                         .b = dz, .b_row = c->out,
                         .c = call->d_weight[0] + (size_t)(c->dead + q) * (size_t)c->in * (size_t)c->out,
                         .c_row = c->out, .m = c->in, .n = c->out, .segments = c->batch, .depth = c->time,
                         .accumulate = !call->begins};
        kernel_gemm(call->kernel, call->pool, &g);
    }
    if (c->bias) {
        op_begin(call, 1, (size_t)c->out);
        op_column_sum(call, (size_t)c->batch * (size_t)c->time, (size_t)c->out, (size_t)c->out, dz, call->d_weight[1]);
    }
}

/* Every step held: dx[t] = sum over steps ahead p ascending, outputs ascending, of
 * dz[t + p dilation] W[tap kernel - 1 - p]. */
static void backward_whole(const struct op_call *call, const struct conv *c, const float *dz, const float *turned)
{
    if (c->pad > 0) {
        /* Spread in place, the last sample first: its new room is never before its old. */
        for (int i = c->batch - 1; i >= 0; i--) {
            size_t copy = (size_t)c->time * (size_t)c->out, zeros = (size_t)c->pad * (size_t)c->out;
            float *to = call->scratch + (size_t)i * (copy + zeros);
            memmove(to, dz + (size_t)i * copy, copy * sizeof *to);
            memset(to + copy, 0, zeros * sizeof *to);
        }
        dz = call->scratch;
    }
    struct conv_work w = {
        .call = call,
        .g = {.a = dz, .a_row = c->out, .a_segment = (ptrdiff_t)c->tap * c->out, .a_step = 1, .b = turned,
              .b_row = c->in, .c = call->d_input[0], .c_row = c->in, .m = c->time, .n = c->in, .segments = c->taps,
              .depth = c->out, .accumulate = !call->fresh[0]},
        .a_sample = (ptrdiff_t)(c->time + c->pad) * c->out,
        .c_sample = (ptrdiff_t)c->time * c->in};
    conv_samples(&w, c->batch);
}

/* Some steps held: the same sums, a tap after the other, each adding to the steps that it reads. */
static void backward_some(const struct op_call *call, const struct conv *c, const float *dz, const float *turned)
{
    if (call->fresh[0])
        memset(call->d_input[0], 0,
               (size_t)c->batch * (size_t)c->in_time * (size_t)c->in * sizeof *call->d_input[0]);
    for (int p = 0; p < c->taps; p++) {
        int newest = c->in_time - 1 - p * c->tap, rows = newest < 0 ? 0 : newest / c->row + 1;
        rows = rows < c->time ? rows : c->time;
        if (rows == 0)
            break;
        int from = c->time - rows, to = newest - (rows - 1) * c->row;
        struct conv_work w = {
            .call = call,
            .g = {.a = dz + (ptrdiff_t)from * c->out, .a_row = c->out, .a_step = 1,
                  .b = turned + (size_t)p * (size_t)c->in * (size_t)c->out, .b_row = c->in,
                  .c = call->d_input[0] + (ptrdiff_t)to * c->in, .c_row = (ptrdiff_t)c->row * c->in, .m = rows,
                  .n = c->in, .segments = 1, .depth = c->out, .accumulate = true},
            .a_sample = (ptrdiff_t)c->time * c->out,
            .c_sample = (ptrdiff_t)c->in_time * c->in};
        conv_samples(&w, c->batch);
    }
}

static void backward(const struct op_call *call)
{
    struct conv c = conv_of(&call->site);
    size_t n = op_site_floats(&call->site), tap = (size_t)c.in * (size_t)c.out;
    const float *x = c.pad > 0 ? call->keep + op_act_keep(c.act, n) : call->input[0];
    const float *dz = op_act_gradient(call, c.act, n, call->scratch);
    backward_weights(call, &c, x, dz);
    if (!call->d_input[0])
        return;
    float *turned = call->scratch + (size_t)c.batch * (size_t)(c.time + (conv_whole(&c) ? c.pad : 0)) * (size_t)c.out;
    for (int p = 0; p < c.taps; p++)
        call->kernel->turn(c.in, c.out, call->weight[0] + (size_t)(c.kernel - 1 - p) * tap, c.out,
                           turned + (size_t)p * tap, c.in);
    if (conv_whole(&c))
        backward_whole(call, &c, dz, turned);
    else
        backward_some(call, &c, dz, turned);
}

static void label(const struct arch_node *node, char *out, size_t size)
{
    snprintf(out, size, "conv k%d d%d %s c%d", op_int(node, "kernel"), op_int(node, "dilation"), op_enum(node, "act"),
             op_log2(op_int(node, "channels")));
}

const struct op op_conv = {
    .name = "conv",
    .about = "causal convolution: every step is a weighted sum of itself and of steps before it",
    .param = params,
    .params = 5,
    .inputs_least = 1,
    .inputs_most = 1,
    .width = OP_WIDTH_OWN,
    .width_param = "channels",
    .axes = {{OP_AXIS_READS, OP_AXIS_OUTPUT}, {OP_AXIS_PLAIN, OP_AXIS_OUTPUT}},
    .shape = shape,
    .tensors = tensors,
    .macs = macs,
    .keep = keep,
    .scratch = scratch,
    .needs = needs,
    .strides = true,
    .starts = true,
    .begins = true,
    .forward = forward,
    .backward = backward,
    .label = label,
};
