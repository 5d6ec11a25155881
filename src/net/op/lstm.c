/* Long short-term memory (Hochreiter & Schmidhuber 1997, with forget gates: Gers et al. 2000), h and c start at zero:
 *   z = b + x[t] W + h[t-1] R;  i, f, o = sigmoid(z_i, z_f, z_o), g = tanh(z_g)
 *   c[t] = f c[t-1] + i g;  h[t] = o tanh(c[t])
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
           op_check_tensor(in->channels, 4 * units, err) && op_check_tensor(units, 4 * units, err);
}

static int tensors(const struct arch_node *node, const struct arch_shape *in, struct op_tensor out[OP_TENSORS_MAX])
{
    int units = op_int(node, "units");
    out[0] = op_tensor_of("kernel", in->channels, 4 * units, OP_INIT_GLOROT);
    out[1] = op_tensor_of("recurrent", units, 4 * units, OP_INIT_GLOROT);
    out[2] = op_tensor_of("bias", 1, 4 * units, OP_INIT_FORGET);
    return 3;
}

static int64_t macs(const struct arch_node *node, const struct arch_shape *in, struct arch_shape out)
{
    (void)node;
    return (int64_t)in->time * (in->channels + out.channels) * 4 * out.channels;
}

/* Time-major: gates [time, batch, 4 units], then c and tanh(c), [time, batch, units] each. */
static size_t keep(const struct op_site *site)
{
    return 6 * op_site_floats(site);
}

/* Backward: dz [time, batch, 4 units], dh and dc [batch, units], both matrices transposed. Forward without keep: one
 * step of gates, c and tanh(c). */
static size_t scratch(const struct op_site *site)
{
    size_t units = (size_t)site->out.channels, batch = (size_t)site->batch, in = (size_t)site->in->channels;
    if (!site->training)
        return 6 * batch * units;
    return 4 * op_site_floats(site) + 2 * batch * units + 4 * units * (in + units);
}

struct lstm {
    const struct op_call *call;
    size_t batch, time, in, units;
    int piece;           /* samples of one task */
    size_t stride;       /* steps of gates, c and tanh_c held: time when kept, else 0 */
    float *gates, *c, *tanh_c;
    float *dz, *dh, *dc, *kernel_turned, *recurrent_turned;
};

static struct lstm lstm_of(const struct op_call *call)
{
    struct lstm l = {.call = call, .batch = (size_t)call->site.batch, .time = (size_t)call->site.in->time,
                     .in = (size_t)call->site.in->channels, .units = (size_t)call->site.out.channels};
    size_t all = l.batch * l.units * (call->keep ? l.time : 1);
    int threads = threads_n(call->pool);
    l.piece = (call->site.batch + threads - 1) / threads;
    l.stride = call->keep ? 1 : 0;
    l.gates = call->keep ? call->keep : call->scratch;
    l.c = l.gates + 4 * all;
    l.tanh_c = l.c + all;
    l.dz = call->scratch;
    l.dh = l.dz + 4 * l.time * l.batch * l.units;
    l.dc = l.dh + l.batch * l.units;
    l.kernel_turned = l.dc + l.batch * l.units;
    l.recurrent_turned = l.kernel_turned + 4 * l.units * l.in;
    return l;
}

static int lstm_tasks(const struct lstm *l)
{
    return ((int)l->batch + l->piece - 1) / l->piece;
}

static int lstm_rows(const struct lstm *l, int task)
{
    int left = (int)l->batch - task * l->piece;
    return left < l->piece ? left : l->piece;
}

static void forward_piece(void *context, int task)
{
    const struct lstm *l = context;
    const struct op_call *call = l->call;
    size_t from = (size_t)task * (size_t)l->piece, four = 4 * l->units;
    int rows = lstm_rows(l, task), u = (int)l->units;
    for (size_t t = 0; t < l->time; t++) {
        size_t at = t * l->stride * l->batch + from, past = t > 0 ? (t - 1) * l->stride * l->batch + from : 0;
        float *h = call->output + (from * l->time + t) * l->units, *z = l->gates + at * four;
        ptrdiff_t h_row = (ptrdiff_t)(l->time * l->units);
        struct gemm in = {.a = call->input[0] + (from * l->time + t) * l->in, .a_row = (ptrdiff_t)(l->time * l->in),
                          .a_step = 1, .b = call->weight[0], .b_row = 4 * u, .c = z, .c_row = 4 * u,
                          .bias = call->weight[2], .m = rows, .n = 4 * u, .segments = 1, .depth = (int)l->in};
        call->kernel->gemm(&in);
        if (t > 0) {
            struct gemm back = {.a = h - l->units, .a_row = h_row, .a_step = 1, .b = call->weight[1], .b_row = 4 * u,
                                .c = z, .c_row = 4 * u, .m = rows, .n = 4 * u, .segments = 1, .depth = u,
                                .accumulate = true};
            call->kernel->gemm(&back);
        }
        struct lstm_cell cell = {.rows = rows, .units = u, .gates = z,
                                 .c_past = t > 0 ? l->c + past * l->units : NULL, .c = l->c + at * l->units,
                                 .tanh_c = l->tanh_c + at * l->units, .h = h, .h_row = h_row};
        call->kernel->lstm(&cell);
    }
}

static void forward(const struct op_call *call)
{
    struct lstm l = lstm_of(call);
    threads_run(call->pool, lstm_tasks(&l), forward_piece, &l);
}

static void backward_step(const struct lstm *l, size_t from, int rows, size_t t)
{
    const struct op_call *call = l->call;
    size_t at = t * l->batch + from, four = 4 * l->units;
    int u = (int)l->units;
    float *dz = l->dz + at * four, *dh = l->dh + from * l->units;
    struct lstm_back cell = {.rows = rows, .units = u, .gates = l->gates + at * four,
                             .c_past = t > 0 ? l->c + (at - l->batch) * l->units : NULL,
                             .tanh_c = l->tanh_c + at * l->units, .dh = dh,
                             .d_output = call->d_output + (from * l->time + t) * l->units,
                             .d_row = (ptrdiff_t)(l->time * l->units), .dc = l->dc + from * l->units, .dz = dz};
    call->kernel->lstm_back(&cell);
    if (t > 0) {
        struct gemm back = {.a = dz, .a_row = 4 * u, .a_step = 1, .b = l->recurrent_turned, .b_row = u, .c = dh,
                            .c_row = u, .m = rows, .n = u, .segments = 1, .depth = 4 * u};
        call->kernel->gemm(&back);
    }
    if (call->d_input[0]) {
        struct gemm in = {.a = dz, .a_row = 4 * u, .a_step = 1, .b = l->kernel_turned, .b_row = (ptrdiff_t)l->in,
                          .c = call->d_input[0] + (from * l->time + t) * l->in,
                          .c_row = (ptrdiff_t)(l->time * l->in), .m = rows, .n = (int)l->in, .segments = 1,
                          .depth = 4 * u, .accumulate = true};
        call->kernel->gemm(&in);
    }
}

static void backward_piece(void *context, int task)
{
    const struct lstm *l = context;
    size_t from = (size_t)task * (size_t)l->piece;
    int rows = lstm_rows(l, task);
    memset(l->dh + from * l->units, 0, (size_t)rows * l->units * sizeof *l->dh);
    memset(l->dc + from * l->units, 0, (size_t)rows * l->units * sizeof *l->dc);
    for (size_t t = l->time; t-- > 0;)
        backward_step(l, from, rows, t);
}

static void backward_weights(const struct lstm *l)
{
    const struct op_call *call = l->call;
    int u = (int)l->units, time = (int)l->time;
    struct gemm in = {.a = call->input[0], .a_row = 1, .a_segment = (ptrdiff_t)l->in,
                      .a_step = (ptrdiff_t)(l->time * l->in), .b = l->dz, .b_row = 4 * u, .c = call->d_weight[0],
                      .c_row = 4 * u, .m = (int)l->in, .n = 4 * u, .segments = time, .depth = (int)l->batch,
                      .accumulate = true};
    struct gemm back = {.a = call->output, .a_row = 1, .a_segment = u, .a_step = (ptrdiff_t)(l->time * l->units),
                        .b = l->dz + 4 * l->batch * l->units, .b_row = 4 * u, .c = call->d_weight[1], .c_row = 4 * u,
                        .m = u, .n = 4 * u, .segments = time - 1, .depth = (int)l->batch, .accumulate = true};
    kernel_gemm(call->kernel, call->pool, &in);
    kernel_gemm(call->kernel, call->pool, &back);
    call->kernel->column_sum(l->time * l->batch, 4 * l->units, l->dz, call->d_weight[2]);
}

static void backward(const struct op_call *call)
{
    struct lstm l = lstm_of(call);
    op_transpose(call->weight[1], (int)l.units, 4 * (int)l.units, l.recurrent_turned);
    if (call->d_input[0])
        op_transpose(call->weight[0], (int)l.in, 4 * (int)l.units, l.kernel_turned);
    threads_run(call->pool, lstm_tasks(&l), backward_piece, &l);
    backward_weights(&l);
}

static void label(const struct arch_node *node, char *out, size_t size)
{
    snprintf(out, size, "lstm u%d", op_log2(op_int(node, "units")));
}

const struct op op_lstm = {
    .name = "lstm",
    .about = "reads the steps in order and carries a memory along, with gates that write, keep and show it",
    .param = params,
    .params = 1,
    .inputs_least = 1,
    .inputs_most = 1,
    .width = OP_WIDTH_OWN,
    .width_param = "units",
    .axes = {{OP_AXIS_INPUT, OP_AXIS_OUTPUT}, {OP_AXIS_OUTPUT, OP_AXIS_OUTPUT}, {OP_AXIS_PLAIN, OP_AXIS_OUTPUT}},
    .shape = shape,
    .tensors = tensors,
    .macs = macs,
    .keep = keep,
    .scratch = scratch,
    .forward = forward,
    .backward = backward,
    .label = label,
};
