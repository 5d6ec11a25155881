/* y = s x with one learned number s, which starts at `init`. The gradient of s is summed for each channel over samples
 * and steps ascending, then over channels ascending: channels of zeros add nothing. */
#include "net/op/ops.h"

static const struct op_param params[] = {
    {.name = "init", .kind = OP_REAL, .least = -1000, .most = 1000, .required = true},
};

static bool shape(const struct arch_node *node, const struct arch_shape *in, struct arch_shape *out, struct error *err)
{
    (void)node, (void)err;
    *out = *in;
    return true;
}

static int tensors(const struct arch_node *node, const struct arch_shape *in, struct op_tensor out[OP_TENSORS_MAX])
{
    (void)in;
    out[0] = op_tensor_of("scale", 1, 1, OP_INIT_VALUE);
    out[0].value = (float)op_real(node, "init") + 0.0f;
    return 1;
}

static int64_t macs(const struct arch_node *node, const struct arch_shape *in, struct arch_shape out)
{
    (void)node, (void)in;
    return (int64_t)op_floats(out);
}

static size_t scratch(const struct op_site *site)
{
    return site->training ? (size_t)site->out.channels : 0;
}

static void forward_piece(const struct op_call *call, size_t at, size_t n)
{
    call->kernel->times(n, call->weight[0][0], call->input[0] + at, call->output + at);
}

static void forward(const struct op_call *call)
{
    op_split(call, op_site_floats(&call->site), 1, forward_piece);
}

static void backward_piece(const struct op_call *call, size_t at, size_t n)
{
    void (*run)(size_t, float, const float *, float *) = call->fresh[0] ? call->kernel->times : call->kernel->axpy;
    run(n, call->weight[0][0], call->d_output + at, call->d_input[0] + at);
}

static void backward(const struct op_call *call)
{
    size_t width = (size_t)call->site.out.channels, rows = (size_t)op_rows(call->site.out, call->site.batch);
    memset(call->scratch, 0, width * sizeof *call->scratch);
    call->kernel->column_dot(rows, width, (ptrdiff_t)width, call->d_output, call->input[0], call->scratch);
    for (size_t c = 0; c < width; c++)
        call->d_weight[0][0] = call->d_weight[0][0] + call->scratch[c] + 0.0f;
    if (call->d_input[0])
        op_split(call, op_site_floats(&call->site), 1, backward_piece);
}

const struct op op_scale = {
    .name = "scale",
    .about = "everything times one learned number; a branch that starts at 0 fades in",
    .param = params,
    .params = 1,
    .inputs_least = 1,
    .inputs_most = 1,
    .width = OP_WIDTH_PASSED,
    .shape = shape,
    .whole = true,
    .tensors = tensors,
    .macs = macs,
    .keep = op_none_size,
    .scratch = scratch,
    .needs = op_same_steps,
    .starts = true,
    .forward = forward,
    .backward = backward,
    .label = op_name_label,
};
