/* Its inputs' channels side by side, in their order. */
#include "net/op/ops.h"

static bool shape(const struct arch_node *node, const struct arch_shape *in, struct arch_shape *out, struct error *err)
{
    int64_t channels = 0;
    for (int i = 0; i < node->inputs; i++) {
        if (in[i].time != in[0].time)
            return error_set(err, ERROR_DATA,
                             "concat needs inputs of as many steps, but input 1 is [%d, %d] and input %d is [%d, %d] "
                             "(time, channels): take the last step, or a mean, of both or of none",
                             in[0].time, in[0].channels, i + 1, in[i].time, in[i].channels);
        channels += in[i].channels;
    }
    if (!op_check_value(in[0].time, channels, err))
        return false;
    *out = (struct arch_shape){in[0].time, (int)channels};
    return true;
}

static void forward_rows(const struct op_call *call, size_t at, size_t rows)
{
    size_t width = (size_t)call->site.out.channels, from = 0;
    for (int i = 0; i < call->site.node->inputs; i++) {
        size_t n = (size_t)call->site.in[i].channels;
        for (size_t r = at; r < at + rows; r++)
            memcpy(call->output + r * width + from, call->input[i] + r * n, n * sizeof *call->output);
        from += n;
    }
}

static void forward(const struct op_call *call)
{
    op_split(call, (size_t)op_rows(call->site.out, call->site.batch), (size_t)call->site.out.channels, forward_rows);
}

static void backward_rows(const struct op_call *call, size_t at, size_t rows)
{
    size_t width = (size_t)call->site.out.channels, from = 0;
    for (int i = 0; i < call->site.node->inputs; i++) {
        size_t n = (size_t)call->site.in[i].channels;
        for (size_t r = at; call->d_input[i] && r < at + rows; r++)
            op_give(call, i, r * n, n, call->d_output + r * width + from);
        from += n;
    }
}

static void backward(const struct op_call *call)
{
    op_split(call, (size_t)op_rows(call->site.out, call->site.batch), (size_t)call->site.out.channels, backward_rows);
}

const struct op op_concat = {
    .name = "concat",
    .about = "the channels of its inputs side by side",
    .inputs_least = 2,
    .inputs_most = ARCH_INPUTS_MAX,
    .width = OP_WIDTH_LAID,
    .shape = shape,
    .tensors = op_none_tensors,
    .macs = op_none_macs,
    .keep = op_none_size,
    .scratch = op_none_size,
    .needs = op_same_steps,
    .starts = true,
    .forward = forward,
    .backward = backward,
    .label = op_name_label,
};
