/* Layer normalisation (Ba, Kiros, Hinton 2016): y = gain (x - mean) / sqrt(variance + eps) + bias over the channels of
 * every step. Its sums run in lanes, since no wider input would leave its output as it is. */
#include "net/op/norm.h"

static const struct op_param params[] = {
    {.name = "eps", .kind = OP_REAL, .least = 1e-12, .most = 1, .preset = 1e-5},
};

static int tensors(const struct arch_node *node, const struct arch_shape *in, struct op_tensor out[OP_TENSORS_MAX])
{
    (void)node;
    out[0] = op_tensor_of("gain", 1, in->channels, OP_INIT_ONE);
    out[1] = op_tensor_of("bias", 1, in->channels, OP_INIT_ZERO);
    return 2;
}

static void forward(const struct op_call *call)
{
    op_norm_forward(call, true, (float)call->site.out.channels);
}

static void backward(const struct op_call *call)
{
    op_norm_backward(call, true, (float)call->site.out.channels);
}

const struct op op_layernorm = {
    .name = "layernorm",
    .about = "brings the channels of every step to mean 0 and spread 1, then to a learned gain and bias",
    .param = params,
    .params = 1,
    .inputs_least = 1,
    .inputs_most = 1,
    .width = OP_WIDTH_MIXED,
    .axes = {{OP_AXIS_PLAIN, OP_AXIS_CHANNEL}, {OP_AXIS_PLAIN, OP_AXIS_CHANNEL}},
    .shape = op_norm_shape,
    .tensors = tensors,
    .macs = op_norm_macs,
    .keep = op_norm_keep,
    .scratch = op_norm_scratch,
    .needs = op_same_steps,
    .starts = true,
    .forward = forward,
    .backward = backward,
    .label = op_name_label,
};
