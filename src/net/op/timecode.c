/* Channels that tell a step's age: behind the input's channels stand, for the periods 8, 32, 128 and 512, the sine and
 * the cosine of the turns that the step lies back from the newest. Since it counts from the newest step and stands in
 * channels of its own, it is the same for a longer window and for a wider input, and a layer that reads it with weights
 * of zero does not see it (the sinusoids of Vaswani et al. 2017, beside the values and not in their sum). */
#include "net/op/ops.h"

#define CODES 8
#define TURN 512

/* sin(2 pi k / 512) for the first quarter of a turn, correctly rounded. */
static const float quarter[TURN / 4 + 1] = {
    0.0f, 0.012271538f, 0.024541229f, 0.036807224f, 0.049067676f, 0.061320737f, 0.07356457f, 0.08579731f, 0.09801714f,
    0.110222206f, 0.12241068f, 0.1345807f, 0.14673047f, 0.15885815f, 0.17096189f, 0.18303989f, 0.19509032f,
    0.20711137f, 0.21910124f, 0.2310581f, 0.24298018f, 0.25486565f, 0.26671275f, 0.2785197f, 0.29028466f, 0.30200595f,
    0.31368175f, 0.3253103f, 0.33688986f, 0.34841868f, 0.35989505f, 0.3713172f, 0.38268343f, 0.39399204f, 0.4052413f,
    0.41642955f, 0.42755508f, 0.43861625f, 0.44961134f, 0.46053872f, 0.47139674f, 0.48218378f, 0.4928982f,
    0.50353837f, 0.51410276f, 0.52458966f, 0.53499764f, 0.545325f, 0.55557024f, 0.5657318f, 0.57580817f, 0.58579785f,
    0.5956993f, 0.60551107f, 0.6152316f, 0.6248595f, 0.6343933f, 0.64383155f, 0.65317285f, 0.6624158f, 0.671559f,
    0.680601f, 0.68954057f, 0.69837624f, 0.70710677f, 0.71573085f, 0.7242471f, 0.7326543f, 0.7409511f, 0.7491364f,
    0.7572088f, 0.76516724f, 0.77301043f, 0.7807372f, 0.7883464f, 0.7958369f, 0.8032075f, 0.81045717f, 0.8175848f,
    0.8245893f, 0.8314696f, 0.8382247f, 0.8448536f, 0.8513552f, 0.8577286f, 0.86397284f, 0.87008697f, 0.8760701f,
    0.8819213f, 0.88763964f, 0.8932243f, 0.8986745f, 0.9039893f, 0.909168f, 0.9142098f, 0.9191139f, 0.9238795f,
    0.9285061f, 0.9329928f, 0.937339f, 0.94154406f, 0.9456073f, 0.94952816f, 0.953306f, 0.95694035f, 0.9604305f,
    0.96377605f, 0.96697646f, 0.97003126f, 0.97293997f, 0.9757021f, 0.9783174f, 0.98078525f, 0.9831055f, 0.98527765f,
    0.9873014f, 0.9891765f, 0.99090266f, 0.99247956f, 0.993907f, 0.9951847f, 0.9963126f, 0.99729043f, 0.9981181f,
    0.99879545f, 0.99932235f, 0.9996988f, 0.9999247f, 1.0f,
};

static float sine(int k)
{
    k %= TURN;
    int part = k / (TURN / 4), at = k % (TURN / 4);
    float size = quarter[part % 2 ? TURN / 4 - at : at];
    return part < 2 ? size : 0.0f - size;
}

static void code(int age, float out[CODES])
{
    for (int i = 0; i < CODES / 2; i++) {
        int k = age % TURN * (64 >> 2 * i);
        out[2 * i] = sine(k);
        out[2 * i + 1] = sine(k + TURN / 4);
    }
}

static bool shape(const struct arch_node *node, const struct arch_shape *in, struct arch_shape *out, struct error *err)
{
    *out = (struct arch_shape){in->time, in->channels + CODES};
    return op_need_time(node, in, err) && op_check_value(out->time, out->channels, err);
}

static void forward_rows(const struct op_call *call, size_t at, size_t rows)
{
    size_t in = (size_t)call->site.in->channels, time = (size_t)call->site.out.time;
    for (size_t r = at; r < at + rows; r++) {
        float *out = call->output + r * (in + CODES);
        memcpy(out, call->input[0] + r * in, in * sizeof *out);
        code((int)(time - 1 - r % time) * call->site.out_every, out + in);
    }
}

static void forward(const struct op_call *call)
{
    op_split(call, (size_t)op_rows(call->site.out, call->site.batch), (size_t)call->site.out.channels, forward_rows);
}

static void backward_rows(const struct op_call *call, size_t at, size_t rows)
{
    size_t in = (size_t)call->site.in->channels;
    for (size_t r = at; r < at + rows; r++)
        op_give(call, 0, r * in, in, call->d_output + r * (in + CODES));
}

static void backward(const struct op_call *call)
{
    if (call->d_input[0])
        op_split(call, (size_t)op_rows(call->site.out, call->site.batch), (size_t)call->site.out.channels,
                 backward_rows);
}

const struct op op_timecode = {
    .name = "timecode",
    .about = "adds 8 channels that tell how far back each step lies; attention cannot see that by itself",
    .inputs_least = 1,
    .inputs_most = 1,
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
