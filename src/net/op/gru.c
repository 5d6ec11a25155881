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

/* Time-major: gates [time, batch, 3 units], then p [time, batch, units], then what the step's products read, x[t] and
 * h[t-1] side by side: [time, batch, in + units]. */
static size_t keep(const struct op_site *site)
{
    size_t rows = (size_t)site->batch * (size_t)site->in->time;
    return 4 * op_site_floats(site) + rows * (size_t)(site->in->channels + site->out.channels);
}

/* Backward: dz [time, batch, 4 units] of r, z, n and p, dh [batch, units], both matrices transposed. Forward without
 * keep: one step of what would be kept. */
static size_t scratch(const struct op_site *site)
{
    size_t units = (size_t)site->out.channels, batch = (size_t)site->batch, in = (size_t)site->in->channels;
    if (!site->training)
        return batch * (4 * units + in + units);
    return 4 * op_site_floats(site) + batch * units + 3 * units * (in + units);
}

struct gru {
    const struct op_call *call;
    size_t batch, time, in, units;
    int piece;     /* samples of one task */
    size_t stride; /* 1 where every step's gates are kept, else 0 */
    float *gates, *past_n, *row;
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
    g.row = g.past_n + g.batch * g.units * (call->keep ? g.time : 1);
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

/* The sums of one step. Both matrices lie one behind the other, and so are x[t] and h[t-1]: those of r and z are one
 * product, which ends before the past in the first step. The past's part of n stands apart. */
static void forward_sums(const struct gru *g, size_t from, int rows, size_t t)
{
    const struct op_call *call = g->call;
    size_t at = t * g->stride * g->batch + from, width = g->in + g->units;
    int u = (int)g->units;
    float *gates = g->gates + at * 3 * g->units, *row = g->row + at * width;
    for (size_t i = 0; i < (size_t)rows; i++)
        memcpy(row + i * width, call->input[0] + ((from + i) * g->time + t) * g->in, g->in * sizeof *row);
    struct gemm both = {.a = row, .a_row = (ptrdiff_t)width, .a_step = 1, .b = call->weight[0], .b_row = 3 * u,
                        .c = gates, .c_row = 3 * u, .bias = call->weight[2], .m = rows, .n = 2 * u, .segments = 1,
                        .depth = (int)(t > 0 ? width : g->in)};
    struct gemm fresh = {.a = row, .a_row = (ptrdiff_t)width, .a_step = 1, .b = call->weight[0] + 2 * u,
                         .b_row = 3 * u, .c = gates + 2 * u, .c_row = 3 * u, .bias = call->weight[2] + 2 * u,
                         .m = rows, .n = u, .segments = 1, .depth = (int)g->in};
    struct gemm past = {.a = row + g->in, .a_row = (ptrdiff_t)width, .a_step = 1, .b = call->weight[1] + 2 * u,
                        .b_row = 3 * u, .c = g->past_n + at * g->units, .c_row = u, .bias = call->weight[3],
                        .m = rows, .n = u, .segments = 1, .depth = t > 0 ? u : 0};
    call->kernel->gemm(&both);
    call->kernel->gemm(&fresh);
    call->kernel->gemm(&past);
}

static void forward_piece(void *context, int task)
{
    const struct gru *g = context;
    size_t from = (size_t)task * (size_t)g->piece, width = g->in + g->units;
    int rows = gru_rows(g, task);
    for (size_t t = 0; t < g->time; t++) {
        size_t at = t * g->stride * g->batch + from;
        float *h = g->call->output + (from * g->time + t) * g->units;
        struct gru_cell cell = {.rows = rows, .units = (int)g->units, .gates = g->gates + at * 3 * g->units,
                                .past_n = g->past_n + at * g->units, .h_past = t > 0 ? h - g->units : NULL, .h = h,
                                .h_row = (ptrdiff_t)(g->time * g->units), .copy_row = (ptrdiff_t)width};
        if (t + 1 < g->time)
            cell.copy = g->row + (at + g->stride * g->batch) * width + g->in;
        forward_sums(g, from, rows, t);
        g->call->kernel->gru(&cell);
    }
}

static void forward(const struct op_call *call)
{
    struct gru g = gru_of(call);
    ASSERT(call->weight[1] == call->weight[0] + 3 * g.units * g.in);
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

/* The weights' gradients that one of dz's four parts makes, r, z, n and p: of both matrices for r and z, of the input's
 * for n, of the past's for p. Some steps at a time, so that dz is fetched once; the first has no past. */
#define WEIGHT_ROWS 192

static void backward_weights(void *context, int part)
{
    const struct gru *g = context;
    const struct op_call *call = g->call;
    size_t width = g->in + g->units, four = 4 * g->units, column = (size_t)(part < 3 ? part : 2) * g->units, take;
    size_t steps = WEIGHT_ROWS / g->batch > 0 ? WEIGHT_ROWS / g->batch : 1;
    float *bias = part < 3 ? call->d_weight[2] + column : call->d_weight[3];
    for (size_t t = 0; t < g->time; t += take) {
        take = t == 0 ? 1 : steps < g->time - t ? steps : g->time - t;
        const float *dz = g->dz + t * g->batch * four + (size_t)part * g->units;
        struct gemm w = {.a = g->row + t * g->batch * width + (part < 3 ? 0 : g->in), .a_row = 1,
                         .a_step = (ptrdiff_t)width, .b = dz, .b_row = (ptrdiff_t)four,
                         .c = call->d_weight[part < 3 ? 0 : 1] + column, .c_row = 3 * (ptrdiff_t)g->units,
                         .m = (int)(part == 3 ? g->units : part == 2 || t == 0 ? g->in : width), .n = (int)g->units,
                         .segments = 1, .depth = (int)(take * g->batch), .accumulate = true};
        call->kernel->column_sum(take * g->batch, g->units, (ptrdiff_t)four, dz, bias);
        if (part < 3 || t > 0)
            call->kernel->gemm(&w);
    }
}

static void backward(const struct op_call *call)
{
    struct gru g = gru_of(call);
    ASSERT(call->d_weight[1] == call->d_weight[0] + 3 * g.units * g.in);
    int in = (int)g.in, u = (int)g.units;
    call->kernel->turn(u, 3 * u, call->weight[1], 3 * u, g.recurrent_turned, u);
    if (call->d_input[0])
        call->kernel->turn(in, 3 * u, call->weight[0], 3 * u, g.kernel_turned, in);
    threads_run(call->pool, gru_tasks(&g), backward_piece, &g);
    threads_run(call->pool, 4, backward_weights, &g);
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
