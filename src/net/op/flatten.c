/* All time steps side by side: the same memory under another shape. */
#include "net/op/ops.h"

static bool shape(const struct arch_node *node, const struct arch_shape *in, struct arch_shape *out, struct error *err)
{
    *out = (struct arch_shape){0, in->time * in->channels};
    return op_need_time(node, in, err) && op_check_value(0, (int64_t)in->time * in->channels, err);
}

const struct op op_flatten = {
    .name = "flatten",
    .about = "all time steps side by side, as one long row",
    .inputs_least = 1,
    .inputs_most = 1,
    .width = OP_WIDTH_LAID,
    .alias = true,
    .shape = shape,
    .tensors = op_none_tensors,
    .macs = op_none_macs,
    .keep = op_none_size,
    .scratch = op_none_size,
    .forward = op_none_run,
    .backward = op_none_run,
    .label = op_name_label,
};
