/* Long short-term memory (Hochreiter & Schmidhuber 1997, with forget gates: Gers et al. 2000), h and c start at zero:
 *   z = b + x[t] W + h[t-1] R;  i, f, o = sigmoid(z_i, z_f, z_o), g = tanh(z_g)
 *   c[t] = f c[t-1] + i g;  h[t] = o tanh(c[t])
 * All steps are computed, those held of the output are written there.
 * Threads split samples; each runs its samples through all steps. Sums of weights' gradients run over steps ascending,
 * within them over samples. */
#include "net/op/ops.h"

#include <limits.h>

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

/* Time-major: gates [time, batch, 4 units], then c and tanh(c), [time, batch, units] each, then what the step's product
 * reads, x[t] and h[t-1] side by side, and a 1 behind them: [time, batch, in + units + 1]. With the 1 the gradients of
 * the bias are the last row of those of both matrices. */
static size_t keep(const struct op_site *site)
{
    size_t rows = (size_t)site->batch * (size_t)site->in->time, units = (size_t)site->out.channels;
    return rows * (6 * units + (size_t)site->in->channels + units + 1);
}

/* Backward: dh and dc [batch, units], both matrices transposed; dz takes the place of the gates. Forward without keep:
 * one step of what would be kept. */
static size_t scratch(const struct op_site *site)
{
    size_t units = (size_t)site->out.channels, batch = (size_t)site->batch, in = (size_t)site->in->channels;
    if (!site->training)
        return batch * (6 * units + in + units + 1);
    return 2 * batch * units + 4 * units * (in + units);
}

/* Whatever is read of it hangs on all steps of the input. */
static struct op_steps needs(const struct arch_node *node, struct op_steps out)
{
    (void)node, (void)out;
    return (struct op_steps){INT_MAX, 1};
}

struct lstm {
    const struct op_call *call;
    size_t batch, time, in, units;
    int piece;     /* samples of one task */
    size_t stride; /* 1 where every step is kept, else 0 */
    float *gates, *c, *tanh_c, *row;
    float *dh, *dc, *kernel_turned, *recurrent_turned;
    int columns; /* of the weights' gradients, of one task */
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
    l.row = l.tanh_c + all;
    l.dh = call->scratch;
    l.dc = l.dh + l.batch * l.units;
    l.kernel_turned = l.dc + l.batch * l.units;
    l.recurrent_turned = l.kernel_turned + 4 * l.units * l.in;
    l.columns = ((4 * call->site.out.channels + threads - 1) / threads + 15) / 16 * 16;
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

/* Both matrices lie one behind the other, and so are x[t] and h[t-1]: one product makes the whole sum, so that what it
 * stores is stored once. The first step's ends before the past. */
static void forward_sums(const struct lstm *l, size_t from, int rows, size_t t)
{
    const struct op_call *call = l->call;
    size_t at = t * l->stride * l->batch + from, width = l->in + l->units + 1;
    int four = 4 * (int)l->units;
    for (size_t i = 0; i < (size_t)rows; i++) {
        float *row = l->row + (at + i) * width;
        memcpy(row, call->input[0] + ((from + i) * l->time + t) * l->in, l->in * sizeof *row);
        row[width - 1] = 1.0f;
    }
    struct gemm g = {.a = l->row + at * width, .a_row = (ptrdiff_t)width, .a_step = 1, .b = call->weight[0],
                     .b_row = four, .c = l->gates + at * 4 * l->units, .c_row = four, .bias = call->weight[2],
                     .m = rows, .n = four, .segments = 1, .depth = (int)(t > 0 ? width - 1 : l->in)};
    call->kernel->gemm(&g);
}

/* The place of step t in the output or its gradient; held steps of a sample there, -1 if it is not held. */
static ptrdiff_t held_at(const struct lstm *l, size_t from, size_t t)
{
    size_t held = (size_t)l->call->site.out.time, age = l->time - 1 - t, every = (size_t)l->call->site.out_every;
    if (age % every != 0 || age / every >= held)
        return -1;
    return (ptrdiff_t)((from * held + held - 1 - age / every) * l->units);
}

static void forward_piece(void *context, int task)
{
    const struct lstm *l = context;
    size_t from = (size_t)task * (size_t)l->piece, units = l->units, width = l->in + units + 1;
    int rows = lstm_rows(l, task);
    for (size_t t = 0; t < l->time; t++) {
        size_t at = t * l->stride * l->batch + from, past = t > 0 ? (t - 1) * l->stride * l->batch + from : 0;
        ptrdiff_t output = held_at(l, from, t), row = (ptrdiff_t)((size_t)l->call->site.out.time * units);
        struct lstm_cell cell = {.rows = rows, .units = (int)units, .gates = l->gates + at * 4 * units,
                                 .c_past = t > 0 ? l->c + past * units : NULL, .c = l->c + at * units,
                                 .tanh_c = l->tanh_c + at * units, .copy_row = (ptrdiff_t)width};
        if (t + 1 < l->time) /* the last step is always held */
            cell.copy = l->row + (at + l->stride * l->batch) * width + l->in;
        cell.h = output < 0 ? cell.copy : l->call->output + output;
        cell.h_row = output < 0 ? cell.copy_row : row;
        forward_sums(l, from, rows, t);
        l->call->kernel->lstm(&cell);
    }
}

static void forward(const struct op_call *call)
{
    struct lstm l = lstm_of(call);
    ASSERT(call->weight[1] == call->weight[0] + 4 * l.units * l.in);
    threads_run(call->pool, lstm_tasks(&l), forward_piece, &l);
}

static void backward_step(const struct lstm *l, size_t from, int rows, size_t t)
{
    const struct op_call *call = l->call;
    size_t at = t * l->batch + from, four = 4 * l->units;
    int u = (int)l->units;
    ptrdiff_t output = held_at(l, from, t);
    float *dz = l->gates + at * four, *dh = l->dh + from * l->units;
    struct lstm_back cell = {.rows = rows, .units = u, .gates = dz,
                             .c_past = t > 0 ? l->c + (at - l->batch) * l->units : NULL,
                             .tanh_c = l->tanh_c + at * l->units, .dh = dh,
                             .d_output = output < 0 ? NULL : call->d_output + output,
                             .d_row = (ptrdiff_t)((size_t)call->site.out.time * l->units),
                             .dc = l->dc + from * l->units, .dz = dz};
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

/* A range of columns of all weights' gradients. They run over dz, larger than any cache near the core, some steps at a
 * time, so that it is fetched once for both matrices and the bias. The first step has no past: its sums end before. */
#define WEIGHT_ROWS 192

static void backward_weights(void *context, int task)
{
    const struct lstm *l = context;
    const struct op_call *call = l->call;
    size_t width = l->in + l->units + 1, four = 4 * l->units, steps = WEIGHT_ROWS / l->batch, take;
    int from = task * l->columns, left = (int)four - from, n = left < l->columns ? left : l->columns;
    for (size_t t = 0; t < l->time; t += take) {
        take = t == 0 || steps < 1 ? 1 : steps;
        take = take < l->time - t ? take : l->time - t;
        const float *dz = l->gates + t * l->batch * four + from;
        struct gemm g = {.a = l->row + t * l->batch * width, .a_row = 1, .a_step = (ptrdiff_t)width, .b = dz,
                         .b_row = (ptrdiff_t)four, .c = call->d_weight[0] + from, .c_row = (ptrdiff_t)four,
                         .m = (int)(t > 0 ? width : l->in), .n = n, .segments = 1, .depth = (int)(take * l->batch),
                         .accumulate = true};
        if (t == 0)
            call->kernel->column_sum(l->batch, (size_t)n, (ptrdiff_t)four, dz, call->d_weight[2] + from);
        call->kernel->gemm(&g);
    }
}

static void backward(const struct op_call *call)
{
    struct lstm l = lstm_of(call);
    ASSERT(call->d_weight[1] == call->d_weight[0] + 4 * l.units * l.in);
    ASSERT(call->d_weight[2] == call->d_weight[1] + 4 * l.units * l.units);
    int in = (int)l.in, u = (int)l.units;
    call->kernel->turn(u, 4 * u, call->weight[1], 4 * u, l.recurrent_turned, u);
    if (call->d_input[0])
        call->kernel->turn(in, 4 * u, call->weight[0], 4 * u, l.kernel_turned, in);
    threads_run(call->pool, lstm_tasks(&l), backward_piece, &l);
    threads_run(call->pool, (4 * (int)l.units + l.columns - 1) / l.columns, backward_weights, &l);
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
    .whole = true,
    .tensors = tensors,
    .macs = macs,
    .needs = needs,
    .keep = keep,
    .scratch = scratch,
    .forward = forward,
    .backward = backward,
    .label = label,
};
