/* Gated recurrent unit (Cho et al. 2014) in the form that applies the reset gate behind the recurrent product, as cuDNN
 * and PyTorch do; h starts at zero:
 *   a = b + x[t] W + h[t-1] R for the gates r and z;  p = b' + h[t-1] R_n;  r, z = sigmoid(a_r, a_z)
 *   n = tanh(b_n + x[t] W_n + r p);  h[t] = n + z (h[t-1] - n)
 * Threads split samples; each runs its samples through all steps. Sums of weights' gradients run over steps ascending,
 * within them over samples. */
#include "net/op/ops.h"

static const struct op_param params[] = {
    {.name = "units", .kind = OP_INT, .least = 1, .most = 16384, .required = true},
};

static bool shape(const struct arch_node *node, const struct arch_shape *in, struct arch_shape *out, struct error *err)
{
    int64_t units = op_int(node, "units");
    *out = (struct arch_shape){in->time, (int)units};
    return op_need_time(node, in, err) && op_check_value(in->time, units, err) &&
           op_check_tensor(in->channels, 3 * units, err) && op_check_tensor(units, 3 * units, err);
}

/* Gates side by side: r, z, n. */
static int tensors(const struct arch_node *node, const struct arch_shape *in, struct op_tensor out[OP_TENSORS_MAX])
{
    int units = op_int(node, "units");
    out[0] = op_tensor_of("kernel", in->channels, 3 * units, OP_INIT_GLOROT);
    out[1] = op_tensor_of("recurrent", units, 3 * units, OP_INIT_GLOROT);
    out[2] = op_tensor_of("bias", 1, 3 * units, OP_INIT_ZERO);
    out[3] = op_tensor_of("recurrent_bias", 1, units, OP_INIT_ZERO);
    return 4;
}

static int64_t macs(const struct arch_node *node, const struct arch_shape *in, struct arch_shape out)
{
    (void)node;
    return (int64_t)in->time * (in->channels + out.channels) * 3 * out.channels;
}

/* Time-major: gates [time, batch, 3 units], then p [time, batch, units]. */
static size_t keep(const struct op_site *site)
{
    return 4 * op_site_floats(site);
}

/* Backward: dz [time, batch, 4 units] of r, z, n and p, dh [batch, units], both matrices transposed. Forward without
 * keep: one step of gates and p. */
static size_t scratch(const struct op_site *site)
{
    size_t units = (size_t)site->out.channels, batch = (size_t)site->batch, in = (size_t)site->in->channels;
    if (!site->training)
        return 4 * batch * units;
    return 4 * op_site_floats(site) + batch * units + 3 * units * (in + units);
}

struct gru {
    const struct op_call *call;
    size_t batch, time, in, units;
    int piece;     /* samples of one task */
    size_t stride; /* 1 where every step's gates are kept, else 0 */
    float *gates, *past_n;
    float *dz, *dh, *kernel_turned, *recurrent_turned;
};

static struct gru gru_of(const struct op_call *call)
{
    struct gru g = {.call = call, .batch = (size_t)call->site.batch, .time = (size_t)call->site.in->time,
                    .in = (size_t)call->site.in->channels, .units = (size_t)call->site.out.channels};
    int threads = threads_n(call->pool);
    g.piece = (call->site.batch + threads - 1) / threads;
    g.stride = call->keep ? 1 : 0;
    g.gates = call->keep ? call->keep : call->scratch;
    g.past_n = g.gates + 3 * g.batch * g.units * (call->keep ? g.time : 1);
    g.dz = call->scratch;
    g.dh = g.dz + 4 * g.time * g.batch * g.units;
    g.kernel_turned = g.dh + g.batch * g.units;
    g.recurrent_turned = g.kernel_turned + 3 * g.units * g.in;
    return g;
}

static int gru_tasks(const struct gru *g)
{
    return ((int)g->batch + g->piece - 1) / g->piece;
}

static int gru_rows(const struct gru *g, int task)
{
    int left = (int)g->batch - task * g->piece;
    return left < g->piece ? left : g->piece;
}

/* The sums of one step: the past's part of r and z goes on in their chains, that of n apart. */
static void step_sums(const struct gru *g, const float *x, const float *past, float *gates, float *past_n, int rows)
{
    const struct op_call *call = g->call;
    int u = (int)g->units;
    ptrdiff_t h_row = (ptrdiff_t)(g->time * g->units);
    struct gemm in = {.a = x, .a_row = (ptrdiff_t)(g->time * g->in), .a_step = 1, .b = call->weight[0], .b_row = 3 * u,
                      .c = gates, .c_row = 3 * u, .bias = call->weight[2], .m = rows, .n = 3 * u, .segments = 1,
                      .depth = (int)g->in};
    struct gemm back = {.a = past, .a_row = h_row, .a_step = 1, .b = call->weight[1], .b_row = 3 * u, .c = gates,
                        .c_row = 3 * u, .m = rows, .n = 2 * u, .segments = 1, .depth = u, .accumulate = true};
    /* without a past a sum of nothing, which reads nothing */
    struct gemm fresh = {.a = past ? past : x, .a_row = h_row, .a_step = 1, .b = call->weight[1] + 2 * u, .b_row = 3 * u,
                         .c = past_n, .c_row = u, .bias = call->weight[3], .m = rows, .n = u, .segments = 1,
                         .depth = past ? u : 0};
    call->kernel->gemm(&in);
    if (past)
        call->kernel->gemm(&back);
    call->kernel->gemm(&fresh);
}

static void forward_piece(void *context, int task)
{
    const struct gru *g = context;
    const struct op_call *call = g->call;
    size_t from = (size_t)task * (size_t)g->piece;
    int rows = gru_rows(g, task);
    for (size_t t = 0; t < g->time; t++) {
        size_t at = t * g->stride * g->batch + from;
        float *h = call->output + (from * g->time + t) * g->units;
        const float *past = t > 0 ? h - g->units : NULL;
        struct gru_cell cell = {.rows = rows, .units = (int)g->units, .gates = g->gates + at * 3 * g->units,
                                .past_n = g->past_n + at * g->units, .h_past = past, .h = h,
                                .h_row = (ptrdiff_t)(g->time * g->units)};
        step_sums(g, call->input[0] + (from * g->time + t) * g->in, past, cell.gates, g->past_n + at * g->units, rows);
        call->kernel->gru(&cell);
    }
}

static void forward(const struct op_call *call)
{
    struct gru g = gru_of(call);
    threads_run(call->pool, gru_tasks(&g), forward_piece, &g);
}

static void backward_step(const struct gru *g, size_t from, int rows, size_t t)
{
    const struct op_call *call = g->call;
    size_t at = t * g->batch + from, output = (from * g->time + t) * g->units;
    int u = (int)g->units;
    float *dz = g->dz + at * 4 * g->units, *dh = g->dh + from * g->units;
    struct gru_back cell = {.rows = rows, .units = u, .gates = g->gates + at * 3 * g->units,
                            .past_n = g->past_n + at * g->units,
                            .h_past = t > 0 ? call->output + output - g->units : NULL,
                            .h_row = (ptrdiff_t)(g->time * g->units), .d_output = call->d_output + output, .dh = dh,
                            .dz = dz};
    call->kernel->gru_back(&cell);
    struct gemm gates = {.a = dz, .a_row = 4 * u, .a_step = 1, .b = g->recurrent_turned, .b_row = u, .c = dh,
                         .c_row = u, .m = rows, .n = u, .segments = 1, .depth = 2 * u, .accumulate = true};
    struct gemm fresh = gates;
    fresh.a = dz + 3 * u;
    fresh.b = g->recurrent_turned + 2 * g->units * g->units;
    fresh.depth = u;
    if (t > 0) {
        call->kernel->gemm(&gates);
        call->kernel->gemm(&fresh);
    }
    if (call->d_input[0]) {
        struct gemm in = {.a = dz, .a_row = 4 * u, .a_step = 1, .b = g->kernel_turned, .b_row = (ptrdiff_t)g->in,
                          .c = call->d_input[0] + (from * g->time + t) * g->in,
                          .c_row = (ptrdiff_t)(g->time * g->in), .m = rows, .n = (int)g->in, .segments = 1,
                          .depth = 3 * u, .accumulate = true};
        call->kernel->gemm(&in);
    }
}

static void backward_piece(void *context, int task)
{
    const struct gru *g = context;
    size_t from = (size_t)task * (size_t)g->piece;
    int rows = gru_rows(g, task);
    memset(g->dh + from * g->units, 0, (size_t)rows * g->units * sizeof *g->dh);
    for (size_t t = g->time; t-- > 0;)
        backward_step(g, from, rows, t);
}

/* A part of the recurrent matrix's gradient: `n` columns from `to` on, gradients from column `from` on. */
static void backward_recurrent(const struct gru *g, int to, int from, int n)
{
    const struct op_call *call = g->call;
    int u = (int)g->units;
    struct gemm back = {.a = call->output, .a_row = 1, .a_segment = u, .a_step = (ptrdiff_t)(g->time * g->units),
                        .b = g->dz + 4 * g->batch * g->units + from, .b_row = 4 * u, .c = call->d_weight[1] + to,
                        .c_row = 3 * u, .m = u, .n = n, .segments = (int)g->time - 1, .depth = (int)g->batch,
                        .accumulate = true};
    kernel_gemm(call->kernel, call->pool, &back);
}

/* Columns of dz summed over all rows, ascending, from column `from` on. */
static void backward_bias(const struct gru *g, size_t from, size_t n, float *out)
{
    size_t rows = g->time * g->batch, stride = 4 * g->units;
    for (size_t r = 0; r < rows; r++)
        g->call->kernel->add(n, out, g->dz + r * stride + from, out);
}

static void backward_weights(const struct gru *g)
{
    const struct op_call *call = g->call;
    int u = (int)g->units;
    struct gemm in = {.a = call->input[0], .a_row = 1, .a_segment = (ptrdiff_t)g->in,
                      .a_step = (ptrdiff_t)(g->time * g->in), .b = g->dz, .b_row = 4 * u, .c = call->d_weight[0],
                      .c_row = 3 * u, .m = (int)g->in, .n = 3 * u, .segments = (int)g->time, .depth = (int)g->batch,
                      .accumulate = true};
    kernel_gemm(call->kernel, call->pool, &in);
    backward_recurrent(g, 0, 0, 2 * u);
    backward_recurrent(g, 2 * u, 3 * u, u);
    backward_bias(g, 0, 3 * g->units, call->d_weight[2]);
    backward_bias(g, 3 * g->units, g->units, call->d_weight[3]);
}

static void backward(const struct op_call *call)
{
    struct gru g = gru_of(call);
    op_transpose(call->weight[1], (int)g.units, 3 * (int)g.units, g.recurrent_turned);
    if (call->d_input[0])
        op_transpose(call->weight[0], (int)g.in, 3 * (int)g.units, g.kernel_turned);
    threads_run(call->pool, gru_tasks(&g), backward_piece, &g);
    backward_weights(&g);
}

static void label(const struct arch_node *node, char *out, size_t size)
{
    snprintf(out, size, "gru u%d", op_log2(op_int(node, "units")));
}

const struct op op_gru = {
    .name = "gru",
    .about = "reads the steps in order and carries a memory along; like lstm with one gate and a quarter fewer weights",
    .param = params,
    .params = 1,
    .inputs_least = 1,
    .inputs_most = 1,
    .width = OP_WIDTH_OWN,
    .width_param = "units",
    .axes = {{OP_AXIS_INPUT, OP_AXIS_OUTPUT}, {OP_AXIS_OUTPUT, OP_AXIS_OUTPUT}, {OP_AXIS_PLAIN, OP_AXIS_OUTPUT},
             {OP_AXIS_PLAIN, OP_AXIS_OUTPUT}},
    .shape = shape,
    .whole = true,
    .tensors = tensors,
    .macs = macs,
    .keep = keep,
    .scratch = scratch,
    .forward = forward,
    .backward = backward,
    .label = label,
};
