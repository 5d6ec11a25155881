/* The largest value of each channel over time; the gradient goes to the step where it first stands. */
#include "net/op/ops.h"

static bool shape(const struct arch_node *node, const struct arch_shape *in, struct arch_shape *out, struct error *err)
{
    *out = (struct arch_shape){0, in->channels};
    return op_need_time(node, in, err);
}

/* Which step each came from, as a whole number: below 2^24 a float holds it. */
static size_t size(const struct op_site *site)
{
    return op_site_floats(site);
}

static size_t scratch(const struct op_site *site)
{
    return site->training ? 0 : op_site_floats(site);
}

static void forward(const struct op_call *call)
{
    size_t width = (size_t)call->site.out.channels, time = (size_t)call->site.in->time;
    float *step = call->keep ? call->keep : call->scratch;
    for (size_t i = 0; i < (size_t)call->site.batch; i++)
        call->kernel->column_max(time, width, call->input[0] + i * time * width, call->output + i * width,
                                 step + i * width);
}

static void backward(const struct op_call *call)
{
    size_t width = (size_t)call->site.out.channels, time = (size_t)call->site.in->time;
    if (!call->d_input[0])
        return;
    for (size_t i = 0; i < (size_t)call->site.batch; i++)
        for (size_t c = 0; c < width; c++) {
            size_t step = (size_t)call->keep[i * width + c];
            float *to = call->d_input[0] + (i * time + step) * width + c;
            *to = *to + call->d_output[i * width + c] + 0.0f;
        }
}

const struct op op_maxpool = {
    .name = "maxpool",
    .about = "the largest value of each channel over all time steps",
    .inputs_least = 1,
    .inputs_most = 1,
    .width = OP_WIDTH_PASSED,
    .shape = shape,
    .tensors = op_none_tensors,
    .macs = op_none_macs,
    .keep = size,
    .scratch = scratch,
    .forward = forward,
    .backward = backward,
    .label = op_name_label,
};
