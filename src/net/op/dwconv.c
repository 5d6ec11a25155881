/* Causal convolution of every channel alone: y[t][c] = act(b[c] + sum over taps q ascending of
 * x[t - (kernel - 1 - q) dilation][c] W[q][c]), over the taps whose step lies in the window. Tap 0 is the oldest. */
#include "net/op/ops.h"

static const struct op_param params[] = {
    {.name = "kernel", .kind = OP_INT, .least = 1, .most = 1024, .required = true},
    {.name = "dilation", .kind = OP_INT, .least = 1, .most = 65536, .preset = 1},
    {.name = "act", .kind = OP_ENUM, .least = 0, .most = ACT_N - 1, .names = op_act_names},
};

/* In held steps, as in conv. `last` is the row that the newest tap of output 0 reads. */
struct filter {
    const struct op_call *call;
    int in_time, time, channels, kernel, row, tap, last;
    const float *dz, *turned;
};

static struct filter filter_of(const struct op_call *call)
{
    const struct op_site *site = &call->site;
    struct filter f = {.call = call, .in_time = site->in->time, .time = site->out.time, .channels = site->in->channels,
                       .kernel = op_int(site->node, "kernel"), .row = op_row_steps(site),
                       .tap = op_int(site->node, "dilation") / site->in_every};
    f.last = f.in_time - 1 - (f.time - 1) * f.row;
    return f;
}

static bool shape(const struct arch_node *node, const struct arch_shape *in, struct arch_shape *out, struct error *err)
{
    *out = *in;
    return op_need_time(node, in, err);
}

static int tensors(const struct arch_node *node, const struct arch_shape *in, struct op_tensor out[OP_TENSORS_MAX])
{
    out[0] = op_tensor_of("kernel", op_int(node, "kernel"), in->channels, op_init_for(op_act_kind(node, "act")));
    out[1] = op_tensor_of("bias", 1, in->channels, OP_INIT_ZERO);
    return 2;
}

static int64_t macs(const struct arch_node *node, const struct arch_shape *in, struct arch_shape out)
{
    (void)in;
    return (int64_t)op_floats(out) * op_int(node, "kernel");
}

static size_t keep(const struct op_site *site)
{
    return op_act_keep(op_act_kind(site->node, "act"), op_site_floats(site));
}

/* Backward: the gradient before the activation, and the taps in reverse. */
static size_t scratch(const struct op_site *site)
{
    return site->training ? op_site_floats(site) : 0;
}

static struct op_steps needs(const struct arch_node *node, struct op_steps out)
{
    return op_tap_steps(op_int(node, "kernel"), op_int(node, "dilation"), out);
}

static void forward_sample(void *context, int sample)
{
    const struct filter *f = context;
    const struct op_call *call = f->call;
    size_t in = (size_t)f->in_time * (size_t)f->channels, out = (size_t)f->time * (size_t)f->channels;
    struct depthwise g = {.time = f->time, .x_time = f->in_time, .channels = f->channels, .taps = f->kernel,
                          .row = f->row, .shift = f->last - (f->kernel - 1) * f->tap, .tap = f->tap,
                          .x = call->input[0] + (size_t)sample * in, .w = call->weight[0], .bias = call->weight[1],
                          .w_row = f->channels, .y = call->output + (size_t)sample * out};
    call->kernel->depthwise(&g);
}

static void forward(const struct op_call *call)
{
    struct filter f = filter_of(call);
    enum kernel_act act = op_act_kind(call->site.node, "act");
    threads_run(call->pool, call->site.batch, forward_sample, &f);
    if (act == ACT_RELU)
        call->kernel->act(act, op_site_floats(&call->site), call->output, call->output);
    op_act_apply(call, act, op_site_floats(&call->site));
}

/* One tap: the outputs whose step it meets, one after the other. Samples ascending, within them steps. */
static void backward_weights(const struct filter *f)
{
    const struct op_call *call = f->call;
    size_t width = (size_t)f->channels;
    for (int q = 0; q < f->kernel; q++) {
        int first = f->last - (f->kernel - 1 - q) * f->tap, skip = first < 0 ? (-first + f->row - 1) / f->row : 0;
        for (int s = 0; s < call->site.batch && skip < f->time; s++) {
            size_t from = (size_t)s * (size_t)f->in_time + (size_t)(first + skip * f->row);
            const float *x = call->input[0] + from * width;
            const float *dz = f->dz + ((size_t)s * (size_t)f->time + (size_t)skip) * width;
            float *out = call->d_weight[0] + (size_t)q * width;
            if (f->row == 1)
                call->kernel->column_dot((size_t)(f->time - skip), width, f->channels, x, dz, out);
            else
                for (int t = skip; t < f->time; t++, x += (size_t)f->row * width, dz += width)
                    call->kernel->multiply_add(width, x, dz, out);
        }
    }
    op_column_sum(call, (size_t)call->site.batch * (size_t)f->time, width, width, f->dz, call->d_weight[1]);
}

/* dx[t] += sum over steps ahead p ascending of dz[t + p dilation] W[kernel - 1 - p]. Where some steps are held: tap by
 * tap, each adding to the steps that it reads. */
static void backward_sample(void *context, int sample)
{
    const struct filter *f = context;
    const struct op_call *call = f->call;
    size_t width = (size_t)f->channels;
    const float *dz = f->dz + (size_t)sample * (size_t)f->time * width;
    float *dx = call->d_input[0] + (size_t)sample * (size_t)f->in_time * width;
    const float *newest = call->weight[0] + (size_t)(f->kernel - 1) * width;
    if (f->row == 1) {
        struct depthwise g = {.time = f->in_time, .x_time = f->time, .channels = f->channels, .taps = f->kernel,
                              .row = 1, .shift = -f->last, .tap = f->tap, .x = dz, .w = newest, .w_row = -f->channels,
                              .y = dx, .accumulate = true};
        call->kernel->depthwise(&g);
        return;
    }
    for (int p = 0; p < f->kernel; p++)
        for (int t = 0; t < f->time; t++) {
            int to = f->last + t * f->row - p * f->tap;
            if (to >= 0)
                call->kernel->multiply_add(width, dz + (size_t)t * width, newest - (size_t)p * width,
                                           dx + (size_t)to * width);
        }
}

static void backward(const struct op_call *call)
{
    struct filter f = filter_of(call);
    f.dz = op_act_gradient(call, op_act_kind(call->site.node, "act"), op_site_floats(&call->site), call->scratch);
    backward_weights(&f);
    if (call->d_input[0])
        threads_run(call->pool, call->site.batch, backward_sample, &f);
}

static void label(const struct arch_node *node, char *out, size_t size)
{
    snprintf(out, size, "dwconv k%d d%d %s", op_int(node, "kernel"), op_int(node, "dilation"), op_enum(node, "act"));
}

const struct op op_dwconv = {
    .name = "dwconv",
    .about = "causal convolution of every channel alone: few weights, no mixing of channels",
    .param = params,
    .params = 3,
    .inputs_least = 1,
    .inputs_most = 1,
    .width = OP_WIDTH_PASSED,
    .axes = {{OP_AXIS_TAPS, OP_AXIS_CHANNEL}, {OP_AXIS_PLAIN, OP_AXIS_CHANNEL}},
    .shape = shape,
    .tensors = tensors,
    .macs = macs,
    .keep = keep,
    .scratch = scratch,
    .needs = needs,
    .strides = true,
    .forward = forward,
    .backward = backward,
    .label = label,
};
