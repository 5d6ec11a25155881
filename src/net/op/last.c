/* The last time step. */
#include "net/op/ops.h"

static bool shape(const struct arch_node *node, const struct arch_shape *in, struct arch_shape *out, struct error *err)
{
    *out = (struct arch_shape){0, in->channels};
    return op_need_time(node, in, err);
}

static void forward(const struct op_call *call)
{
    size_t width = (size_t)call->site.out.channels, sample = op_floats(*call->site.in);
    for (size_t i = 0; i < (size_t)call->site.batch; i++)
        memcpy(call->output + i * width, call->input[0] + (i + 1) * sample - width, width * sizeof *call->output);
}

static void backward(const struct op_call *call)
{
    size_t width = (size_t)call->site.out.channels, sample = op_floats(*call->site.in);
    if (!call->d_input[0])
        return;
    for (size_t i = 0; i < (size_t)call->site.batch; i++) {
        float *to = call->d_input[0] + (i + 1) * sample - width;
        call->kernel->add(width, to, call->d_output + i * width, to);
    }
}

static struct op_steps needs(const struct arch_node *node, struct op_steps out)
{
    (void)node, (void)out;
    return (struct op_steps){1, 1};
}

const struct op op_last = {
    .name = "last",
    .about = "keeps the newest time step and drops the others",
    .inputs_least = 1,
    .inputs_most = 1,
    .width = OP_WIDTH_PASSED,
    .shape = shape,
    .tensors = op_none_tensors,
    .macs = op_none_macs,
    .keep = op_none_size,
    .scratch = op_none_size,
    .needs = needs,
    .strides = true,
    .forward = forward,
    .backward = backward,
    .label = op_name_label,
};
