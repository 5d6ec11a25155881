/* Root mean square normalisation (Zhang & Sennrich 2019): y = gain x / sqrt(sum of squares / divisor + eps) over the
 * channels of every step. The divisor is a stored number, first the count of channels, and the sum is one chain of
 * ascending channels: further channels of zeros change no bit of the others. */
#include "net/op/norm.h"

static const struct op_param params[] = {
    {.name = "eps", .kind = OP_REAL, .least = 1e-12, .most = 1, .preset = 1e-5},
    {.name = "divisor", .kind = OP_INT, .least = 0, .most = OP_VALUE_MAX},
};

static void settle(struct arch_node *node, const struct arch_shape *in)
{
    if (op_int(node, "divisor") == 0)
        op_set(node, "divisor", in->channels);
}

static int tensors(const struct arch_node *node, const struct arch_shape *in, struct op_tensor out[OP_TENSORS_MAX])
{
    (void)node;
    out[0] = op_tensor_of("gain", 1, in->channels, OP_INIT_ONE);
    return 1;
}

static void forward(const struct op_call *call)
{
    op_norm_forward(call, false, (float)op_int(call->site.node, "divisor"));
}

static void backward(const struct op_call *call)
{
    op_norm_backward(call, false, (float)op_int(call->site.node, "divisor"));
}

const struct op op_rmsnorm = {
    .name = "rmsnorm",
    .about = "brings the channels of every step to a root mean square of 1, then to a learned gain",
    .param = params,
    .params = 2,
    .inputs_least = 1,
    .inputs_most = 1,
    .width = OP_WIDTH_NORMED,
    .axes = {{OP_AXIS_PLAIN, OP_AXIS_CHANNEL}},
    .shape = op_norm_shape,
    .tensors = tensors,
    .macs = op_norm_macs,
    .keep = op_norm_keep,
    .scratch = op_norm_scratch,
    .needs = op_same_steps,
    .settle = settle,
    .starts = true,
    .forward = forward,
    .backward = backward,
    .label = op_name_label,
};
