#include "net/op/ops.h"

static const struct op_param params[] = {
    {.name = "kind", .kind = OP_ENUM, .least = 0, .most = ACT_N - 1, .required = true, .names = op_act_names},
};

static bool shape(const struct arch_node *node, const struct arch_shape *in, struct arch_shape *out, struct error *err)
{
    (void)node;
    *out = *in;
    return op_check_value(in->time, in->channels, err);
}

static void forward_piece(const struct op_call *call, size_t at, size_t n)
{
    call->kernel->act(op_act_kind(call->site.node, "kind"), n, call->input[0] + at, call->output + at);
}

static void forward(const struct op_call *call)
{
    op_split(call, op_site_floats(&call->site), 1, forward_piece);
}

static void backward_piece(const struct op_call *call, size_t at, size_t n)
{
    call->kernel->act_back(op_act_kind(call->site.node, "kind"), n, call->input[0] + at, call->output + at,
                           call->d_output + at, call->d_input[0] + at, !call->fresh[0]);
}

static void backward(const struct op_call *call)
{
    if (call->d_input[0])
        op_split(call, op_site_floats(&call->site), 1, backward_piece);
}

static void label(const struct arch_node *node, char *out, size_t size)
{
    snprintf(out, size, "act %s", op_enum(node, "kind"));
}

const struct op op_act = {
    .name = "act",
    .about = "a fixed curve applied to every value alone",
    .param = params,
    .params = 1,
    .inputs_least = 1,
    .inputs_most = 1,
    .width = OP_WIDTH_PASSED,
    .shape = shape,
    .tensors = op_none_tensors,
    .macs = op_none_macs,
    .keep = op_none_size,
    .scratch = op_none_size,
    .needs = op_same_steps,
    .starts = true,
    .forward = forward,
    .backward = backward,
    .label = label,
};
