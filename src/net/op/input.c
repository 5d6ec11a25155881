#include "net/op/ops.h"

static const struct op_param params[] = {
    {.name = "time", .kind = OP_INT, .least = 1, .most = 65536, .required = true},
    {.name = "channels", .kind = OP_INT, .least = 1, .most = 65536, .required = true},
};

static bool shape(const struct arch_node *node, const struct arch_shape *in, struct arch_shape *out, struct error *err)
{
    (void)in;
    *out = (struct arch_shape){op_int(node, "time"), op_int(node, "channels")};
    return op_check_value(out->time, out->channels, err);
}

/* In place: a -0 among the features becomes +0. */
static void forward(const struct op_call *call)
{
    size_t n = op_floats(call->site.out) * (size_t)call->site.batch;
    call->kernel->act(ACT_NONE, n, call->output, call->output);
}

const struct op op_input = {
    .name = "input",
    .about = "the window of features that the network sees: time steps of channels",
    .width = OP_WIDTH_OWN,
    .width_param = "channels",
    .param = params,
    .params = 2,
    .shape = shape,
    .tensors = op_none_tensors,
    .macs = op_none_macs,
    .keep = op_none_size,
    .scratch = op_none_size,
    .forward = forward,
    .backward = op_none_run,
    .label = op_name_label,
};
