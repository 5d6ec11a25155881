/* y = (1 - a) x + a f(x), computed as x + a (f(x) - x), with one learned number a, which starts at 0: then y has the
 * bits of x, and yet a gets a gradient. It is summed for each channel over samples and steps ascending, then over
 * channels ascending. */
#include "net/op/ops.h"

#define CHUNK 512

static const struct op_param params[] = {
    {.name = "kind", .kind = OP_ENUM, .least = 0, .most = ACT_N - 1, .required = true, .names = op_act_names},
};

static bool shape(const struct arch_node *node, const struct arch_shape *in, struct arch_shape *out, struct error *err)
{
    (void)node, (void)err;
    *out = *in;
    return true;
}

static int tensors(const struct arch_node *node, const struct arch_shape *in, struct op_tensor out[OP_TENSORS_MAX])
{
    (void)node, (void)in;
    out[0] = op_tensor_of("gate", 1, 1, OP_INIT_ZERO);
    return 1;
}

static int64_t macs(const struct arch_node *node, const struct arch_shape *in, struct arch_shape out)
{
    (void)node, (void)in;
    return (int64_t)op_floats(out);
}

/* Forward keeps f(x) - x; backward sums a channel each. */
static size_t keep(const struct op_site *site)
{
    return op_site_floats(site);
}

static size_t scratch(const struct op_site *site)
{
    return site->training ? (size_t)site->out.channels : op_site_floats(site);
}

static void forward_piece(const struct op_call *call, size_t at, size_t n)
{
    const struct kernel *k = call->kernel;
    float *difference = (call->keep ? call->keep : call->scratch) + at, *y = call->output + at;
    k->act(op_act_kind(call->site.node, "kind"), n, call->input[0] + at, difference);
    k->axpy(n, -1.0f, call->input[0] + at, difference);
    memcpy(y, call->input[0] + at, n * sizeof *y);
    k->axpy(n, call->weight[0][0], difference, y);
}

static void forward(const struct op_call *call)
{
    op_split(call, op_site_floats(&call->site), 1, forward_piece);
}

/* dx += a dy f'(x), then (1 - a) dy. */
static void backward_chunk(const struct op_call *call, size_t at, size_t n)
{
    const struct kernel *k = call->kernel;
    enum kernel_act kind = op_act_kind(call->site.node, "kind");
    float curve[CHUNK], d[CHUNK], a = call->weight[0][0];
    k->act(kind, n, call->input[0] + at, curve);
    k->times(n, a, call->d_output + at, d);
    k->act_back(kind, n, call->input[0] + at, curve, d, call->d_input[0] + at, true);
    k->axpy(n, 1.0f - a, call->d_output + at, call->d_input[0] + at);
}

static void backward_piece(const struct op_call *call, size_t at, size_t n)
{
    for (size_t from = at; from < at + n; from += CHUNK)
        backward_chunk(call, from, at + n - from < CHUNK ? at + n - from : CHUNK);
}

static void backward(const struct op_call *call)
{
    size_t width = (size_t)call->site.out.channels, rows = (size_t)op_rows(call->site.out, call->site.batch);
    memset(call->scratch, 0, width * sizeof *call->scratch);
    call->kernel->column_dot(rows, width, (ptrdiff_t)width, call->d_output, call->keep, call->scratch);
    for (size_t c = 0; c < width; c++)
        call->d_weight[0][0] = call->d_weight[0][0] + call->scratch[c] + 0.0f;
    if (call->d_input[0])
        op_split(call, op_site_floats(&call->site), 1, backward_piece);
}

static void label(const struct arch_node *node, char *out, size_t size)
{
    snprintf(out, size, "gate %s", op_enum(node, "kind"));
}

const struct op op_gate = {
    .name = "gate",
    .about = "a learned mixture of every value and a curve of it; it starts with the value alone",
    .param = params,
    .params = 1,
    .inputs_least = 1,
    .inputs_most = 1,
    .width = OP_WIDTH_PASSED,
    .shape = shape,
    .whole = true,
    .tensors = tensors,
    .macs = macs,
    .keep = keep,
    .scratch = scratch,
    .needs = op_same_steps,
    .forward = forward,
    .backward = backward,
    .label = label,
};
