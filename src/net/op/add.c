/* The sum of its inputs, in their order. */
#include "net/op/ops.h"

static bool shape(const struct arch_node *node, const struct arch_shape *in, struct arch_shape *out, struct error *err)
{
    *out = in[0];
    for (int i = 1; i < node->inputs; i++)
        if (in[i].time != in[0].time || in[i].channels != in[0].channels)
            return error_set(err, ERROR_DATA,
                             "add needs inputs of one shape, but input 1 is [%d, %d] and input %d is [%d, %d] (time, "
                             "channels): put a dense or a conv of kernel 1 before one of them",
                             in[0].time, in[0].channels, i + 1, in[i].time, in[i].channels);
    return true;
}

static void forward(const struct op_call *call)
{
    size_t n = op_floats(call->out) * (size_t)call->batch;
    call->kernel->add(n, call->input[0], call->input[1], call->output);
    for (int i = 2; i < call->node->inputs; i++)
        call->kernel->add(n, call->output, call->input[i], call->output);
}

static void backward(const struct op_call *call)
{
    size_t n = op_floats(call->out) * (size_t)call->batch;
    for (int i = 0; i < call->node->inputs; i++)
        if (call->d_input[i])
            call->kernel->add(n, call->d_input[i], call->d_output, call->d_input[i]);
}

const struct op op_add = {
    .name = "add",
    .about = "the sum of its inputs: joins branches, and makes a block residual",
    .inputs_least = 2,
    .inputs_most = ARCH_INPUTS_MAX,
    .commutes = true,
    .shape = shape,
    .tensors = op_none_tensors,
    .macs = op_none_macs,
    .keep = op_none_size,
    .scratch = op_none_scratch,
    .forward = forward,
    .backward = backward,
    .label = op_name_label,
};
