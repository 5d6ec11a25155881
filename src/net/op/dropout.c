/* Dropout (Srivastava et al. 2014): in training each value becomes 0 with probability `rate`, the others are divided by
 * 1 - rate; elsewhere it hands its input on.
 *
 * The rate counts in steps of 2^-16. Value i of a sample's [time, channels] in sample s of the batch takes the 16-bit
 * half h = s (time channels) + i of the stream of (seed, step, epoch and node): block h / 8 of Philox4x32-10, word
 * h % 8 / 2, the lower half first; it is dropped if that is below the rate. The counter is (block, RANDOM_DROPOUT,
 * step, epoch 2^12 + node), node being the canonical index. So what is dropped hangs neither on threads nor on which
 * steps a plan holds. */
#include "net/op/ops.h"

#include "base/random.h"

#define HALVES 8

static const struct op_param params[] = {
    {.name = "rate", .kind = OP_REAL, .least = 0, .most = 0.95, .required = true},
};

static bool shape(const struct arch_node *node, const struct arch_shape *in, struct arch_shape *out, struct error *err)
{
    (void)node, (void)err;
    *out = *in;
    return true;
}

/* The factor of each value: 0 or 1 / (1 - rate). */
static size_t keep(const struct op_site *site)
{
    return op_site_floats(site);
}

struct dice {
    struct random stream; /* its key and counter are used, block by block */
    uint32_t below;
    float factor;
    uint32_t held, half[HALVES]; /* of block `held` - 1; 0: none yet */
};

static struct dice dice_of(const struct op_call *call)
{
    const struct op_draw *draw = call->draw;
    struct dice d = {.below = (uint32_t)(op_real(call->site.node, "rate") * 65536.0 + 0.5)};
    d.stream = random_start(draw->seed, RANDOM_DROPOUT, draw->step, draw->epoch << 12 | (uint32_t)call->site.index);
    d.factor = 65536.0f / (float)(65536 - d.below);
    return d;
}

static bool dropped(struct dice *d, size_t i)
{
    uint32_t block = (uint32_t)(i / HALVES);
    if (d->held != block + 1) {
        uint32_t word[4], counter[4] = {block, d->stream.counter[1], d->stream.counter[2], d->stream.counter[3]};
        random_block(d->stream.key, counter, word);
        for (int h = 0; h < HALVES; h++)
            d->half[h] = word[h / 2] >> 16 * (h % 2) & 0xffff;
        d->held = block + 1;
    }
    return d->half[i % HALVES] < d->below;
}

/* One row: a step of a sample. Where only some steps are held, its number among all counts. */
static void draw_row(const struct op_call *call, struct dice *d, size_t row)
{
    const struct op_site *site = &call->site;
    size_t width = (size_t)site->out.channels, time = site->out.time > 0 ? (size_t)site->out.time : 1;
    size_t age = (time - 1 - row % time) * (size_t)site->out_every;
    size_t whole = site->out.time > 0 ? (size_t)site->whole : 1;
    size_t first = ((row / time + (size_t)call->first) * whole + whole - 1 - age) * width;
    for (size_t c = 0; c < width; c++)
        call->keep[row * width + c] = dropped(d, first + c) ? 0.0f : d->factor;
}

static void forward_rows(const struct op_call *call, size_t at, size_t rows)
{
    size_t width = (size_t)call->site.out.channels;
    if (!call->draw || !call->keep) {
        memcpy(call->output + at * width, call->input[0] + at * width, rows * width * sizeof *call->output);
        return;
    }
    struct dice d = dice_of(call);
    for (size_t row = at; row < at + rows; row++)
        draw_row(call, &d, row);
    call->kernel->multiply(rows * width, call->input[0] + at * width, call->keep + at * width,
                           call->output + at * width);
}

static void forward(const struct op_call *call)
{
    op_split(call, (size_t)op_rows(call->site.out, call->site.batch), (size_t)call->site.out.channels, forward_rows);
}

static void backward_piece(const struct op_call *call, size_t at, size_t n)
{
    float *dx = call->d_input[0] + at;
    if (!call->draw)
        op_give(call, 0, at, n, call->d_output + at);
    else if (call->fresh[0])
        call->kernel->multiply(n, call->d_output + at, call->keep + at, dx);
    else
        call->kernel->multiply_add(n, call->d_output + at, call->keep + at, dx);
}

static void backward(const struct op_call *call)
{
    if (call->d_input[0])
        op_split(call, op_site_floats(&call->site), 1, backward_piece);
}

/* In tenths: a slightly other rate is no other graph. */
static void label(const struct arch_node *node, char *out, size_t size)
{
    snprintf(out, size, "dropout p%d", (int)(op_real(node, "rate") * 10.0 + 0.5));
}

const struct op op_dropout = {
    .name = "dropout",
    .about = "in training drops values by chance, so that none is relied on alone; hands all on when scoring",
    .param = params,
    .params = 1,
    .inputs_least = 1,
    .inputs_most = 1,
    .width = OP_WIDTH_PASSED,
    .shape = shape,
    .tensors = op_none_tensors,
    .macs = op_none_macs,
    .keep = keep,
    .scratch = op_none_size,
    .needs = op_same_steps,
    .starts = true,
    .forward = forward,
    .backward = backward,
    .label = label,
};
