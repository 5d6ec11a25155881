/* The product of its inputs, element by element, in their order. */
#include "net/op/ops.h"

static bool shape(const struct arch_node *node, const struct arch_shape *in, struct arch_shape *out, struct error *err)
{
    *out = in[0];
    return op_same_shapes(node, in, err);
}

static void forward_piece(const struct op_call *call, size_t at, size_t n)
{
    call->kernel->multiply(n, call->input[0] + at, call->input[1] + at, call->output + at);
    for (int i = 2; i < call->site.node->inputs; i++)
        call->kernel->multiply(n, call->output + at, call->input[i] + at, call->output + at);
}

static void forward(const struct op_call *call)
{
    op_split(call, op_site_floats(&call->site), 1, forward_piece);
}

/* d x[i] += dy times the others in their order, the last of them fused with the sum. */
static void backward_input(const struct op_call *call, int i, size_t at, size_t n)
{
    int inputs = call->site.node->inputs, last = i == inputs - 1 ? inputs - 2 : inputs - 1;
    float product[512];
    const float *d = call->d_output + at;
    for (int j = 0; j < last; j++)
        if (j != i) {
            call->kernel->multiply(n, d, call->input[j] + at, product);
            d = product;
        }
    call->kernel->multiply_add(n, d, call->input[last] + at, call->d_input[i] + at);
}

static void backward_piece(const struct op_call *call, size_t at, size_t n)
{
    for (size_t from = at; from < at + n; from += 512)
        for (int i = 0; i < call->site.node->inputs; i++)
            if (call->d_input[i])
                backward_input(call, i, from, at + n - from < 512 ? at + n - from : 512);
}

static void backward(const struct op_call *call)
{
    op_split(call, op_site_floats(&call->site), 1, backward_piece);
}

const struct op op_multiply = {
    .name = "multiply",
    .about = "the product of its inputs, value by value: lets one branch open and close another",
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
    .forward = forward,
    .backward = backward,
    .label = op_name_label,
};
