/* The sum of its inputs, in their order. */
#include "net/op/ops.h"

static bool shape(const struct arch_node *node, const struct arch_shape *in, struct arch_shape *out, struct error *err)
{
    *out = in[0];
    return op_same_shapes(node, in, err);
}

static void forward_piece(const struct op_call *call, size_t at, size_t n)
{
    call->kernel->add(n, call->input[0] + at, call->input[1] + at, call->output + at);
    for (int i = 2; i < call->site.node->inputs; i++)
        call->kernel->add(n, call->output + at, call->input[i] + at, call->output + at);
}

static void forward(const struct op_call *call)
{
    op_split(call, op_site_floats(&call->site), 1, forward_piece);
}

static void backward_piece(const struct op_call *call, size_t at, size_t n)
{
    for (int i = 0; i < call->site.node->inputs; i++)
        if (call->d_input[i])
            op_give(call, i, at, n, call->d_output + at);
}

static void backward(const struct op_call *call)
{
    op_split(call, op_site_floats(&call->site), 1, backward_piece);
}

const struct op op_add = {
    .name = "add",
    .about = "the sum of its inputs: joins branches, and makes a block residual",
    .inputs_least = 2,
    .inputs_most = ARCH_INPUTS_MAX,
    .width = OP_WIDTH_PASSED,
    .commutes = true,
    .shape = shape,
    .tensors = op_none_tensors,
    .macs = op_none_macs,
    .keep = op_none_size,
    .scratch = op_none_size,
    .needs = op_same_steps,
    .passes = true,
    .starts = true,
    .forward = forward,
    .backward = backward,
    .label = op_name_label,
};
