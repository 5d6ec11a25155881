/* The mean over time: steps added in ascending order, then one division. */
#include "net/op/ops.h"

static bool shape(const struct arch_node *node, const struct arch_shape *in, struct arch_shape *out, struct error *err)
{
    *out = (struct arch_shape){0, in->channels};
    return op_need_time(node, in, err);
}

static void forward(const struct op_call *call)
{
    size_t width = (size_t)call->site.out.channels, time = (size_t)call->site.in->time;
    for (size_t i = 0; i < (size_t)call->site.batch; i++)
        call->kernel->column_divide(time, width, call->input[0] + i * time * width, (float)time,
                                    call->output + i * width);
}

/* The gradient of one sample is divided once, into scratch, and added to every step. */
static size_t scratch(const struct op_site *site)
{
    return site->training ? (size_t)site->out.channels : 0;
}

static void backward(const struct op_call *call)
{
    size_t width = (size_t)call->site.out.channels, time = (size_t)call->site.in->time;
    if (!call->d_input[0])
        return;
    for (size_t i = 0; i < (size_t)call->site.batch; i++) {
        call->kernel->column_divide(1, width, call->d_output + i * width, (float)time, call->scratch);
        for (size_t t = 0; t < time; t++)
            op_give(call, 0, (i * time + t) * width, width, call->scratch);
    }
}

const struct op op_meanpool = {
    .name = "meanpool",
    .about = "the mean over all time steps",
    .inputs_least = 1,
    .inputs_most = 1,
    .width = OP_WIDTH_PASSED,
    .shape = shape,
    .tensors = op_none_tensors,
    .macs = op_none_macs,
    .keep = op_none_size,
    .scratch = scratch,
    .starts = true,
    .forward = forward,
    .backward = backward,
    .label = op_name_label,
};
