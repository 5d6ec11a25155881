/* y = act(x W + b), on every time step where there is a time axis. */
#include "net/op/ops.h"

static const struct op_param params[] = {
    {.name = "units", .kind = OP_INT, .least = 1, .most = 65536, .required = true},
    {.name = "act", .kind = OP_ENUM, .least = 0, .most = ACT_N - 1, .names = op_act_names},
    {.name = "bias", .kind = OP_INT, .least = 0, .most = 1, .preset = 1},
};

static bool shape(const struct arch_node *node, const struct arch_shape *in, struct arch_shape *out, struct error *err)
{
    *out = (struct arch_shape){in->time, op_int(node, "units")};
    return op_check_value(out->time, out->channels, err) && op_check_tensor(in->channels, out->channels, err);
}

static int tensors(const struct arch_node *node, const struct arch_shape *in, struct op_tensor out[OP_TENSORS_MAX])
{
    int units = op_int(node, "units");
    out[0] = op_tensor_of("kernel", in->channels, units, op_init_for(op_act_kind(node, "act")));
    out[1] = op_tensor_of("bias", 1, units, OP_INIT_ZERO);
    return 1 + op_int(node, "bias");
}

static int64_t macs(const struct arch_node *node, const struct arch_shape *in, struct arch_shape out)
{
    (void)node;
    return (int64_t)op_floats(*in) * out.channels;
}

static size_t keep(const struct op_site *site)
{
    return op_act_keep(op_act_kind(site->node, "act"), op_site_floats(site));
}

/* Backward: the gradient before the activation, and the kernel transposed. */
static size_t scratch(const struct op_site *site)
{
    if (!site->training)
        return 0;
    size_t pre = op_act_kind(site->node, "act") == ACT_NONE ? 0 : op_site_floats(site);
    return pre + (size_t)site->in->channels * (size_t)site->out.channels;
}

static void forward(const struct op_call *call)
{
    int rows = op_rows(call->site.out, call->site.batch), in = call->site.in->channels, out = call->site.out.channels;
    enum kernel_act act = op_act_kind(call->site.node, "act");
    struct gemm g = {.a = call->input[0], .a_row = in, .a_step = 1, .b = call->weight[0], .b_row = out,
                     .c = call->output, .c_row = out, .bias = op_int(call->site.node, "bias") ? call->weight[1] : NULL,
                     .m = rows, .n = out, .segments = 1, .depth = in, .relu = act == ACT_RELU};
    kernel_gemm(call->kernel, call->pool, &g);
    op_act_apply(call, act, (size_t)rows * (size_t)out);
}

static void backward(const struct op_call *call)
{
    int rows = op_rows(call->site.out, call->site.batch), in = call->site.in->channels, out = call->site.out.channels;
    size_t n = (size_t)rows * (size_t)out;
    enum kernel_act act = op_act_kind(call->site.node, "act");
    const float *dz = op_act_gradient(call, act, n, call->scratch);
    struct gemm dw = {.a = call->input[0], .a_row = 1, .a_step = in, .b = dz, .b_row = out, .c = call->d_weight[0],
                      .c_row = out, .m = in, .n = out, .segments = 1, .depth = rows, .accumulate = !call->begins};
    kernel_gemm(call->kernel, call->pool, &dw);
    if (op_int(call->site.node, "bias")) {
        op_begin(call, 1, (size_t)out);
        op_column_sum(call, (size_t)rows, (size_t)out, (size_t)out, dz, call->d_weight[1]);
    }
    if (!call->d_input[0])
        return;
    float *turned = call->scratch + (act == ACT_NONE ? 0 : n);
    call->kernel->turn(in, out, call->weight[0], out, turned, in);
    struct gemm dx = {.a = dz, .a_row = out, .a_step = 1, .b = turned, .b_row = in, .c = call->d_input[0], .c_row = in,
                      .m = rows, .n = in, .segments = 1, .depth = out,
                      .accumulate = !call->fresh[0]};
    kernel_gemm(call->kernel, call->pool, &dx);
}

static void label(const struct arch_node *node, char *out, size_t size)
{
    snprintf(out, size, "dense %s u%d", op_enum(node, "act"), op_log2(op_int(node, "units")));
}

const struct op op_dense = {
    .name = "dense",
    .about = "every output is a weighted sum of all inputs (on a time axis: of its own step)",
    .param = params,
    .params = 3,
    .inputs_least = 1,
    .inputs_most = 1,
    .width = OP_WIDTH_OWN,
    .width_param = "units",
    .axes = {{OP_AXIS_INPUT, OP_AXIS_OUTPUT}, {OP_AXIS_PLAIN, OP_AXIS_OUTPUT}},
    .shape = shape,
    .tensors = tensors,
    .macs = macs,
    .keep = keep,
    .scratch = scratch,
    .needs = op_same_steps,
    .starts = true,
    .begins = true,
    .forward = forward,
    .backward = backward,
    .label = label,
};
