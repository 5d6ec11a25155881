/* What several operators share. */
#include "net/op/ops.h"

const char *const op_act_names[] = {"none", "relu", "gelu", "silu", "tanh", "sigmoid", NULL};

enum kernel_act op_act_kind(const struct arch_node *node, const char *param)
{
    int i = op_param_find(node->op, param);
    ASSERT(i >= 0);
    return (enum kernel_act)node->param[i];
}

enum op_init op_init_for(enum kernel_act act)
{
    return act == ACT_RELU || act == ACT_GELU || act == ACT_SILU ? OP_INIT_HE : OP_INIT_GLOROT;
}

int op_log2(int n)
{
    int log = 0;
    while (n > 1) {
        n >>= 1;
        log++;
    }
    return log;
}

double op_real(const struct arch_node *node, const char *param)
{
    int i = op_param_find(node->op, param);
    ASSERT(i >= 0);
    return node->param[i];
}

struct op_tensor op_tensor_of(const char *name, int64_t rows, int64_t columns, enum op_init init)
{
    return (struct op_tensor){.name = name, .rows = (int)rows, .columns = (int)columns, .init = init};
}

bool op_need_time(const struct arch_node *node, const struct arch_shape *in, struct error *err)
{
    if (in->time > 0)
        return true;
    return error_set(err, ERROR_DATA,
                     "%s needs an input with a time axis, but its input has only %d channels: put it before the node "
                     "that removes time",
                     node->op->name, in->channels);
}

bool op_same_shapes(const struct arch_node *node, const struct arch_shape *in, struct error *err)
{
    for (int i = 1; i < node->inputs; i++)
        if (in[i].time != in[0].time || in[i].channels != in[0].channels)
            return error_set(err, ERROR_DATA,
                             "%s needs inputs of one shape, but input 1 is [%d, %d] and input %d is [%d, %d] (time, "
                             "channels): put a dense or a conv of kernel 1 before one of them",
                             node->op->name, in[0].time, in[0].channels, i + 1, in[i].time, in[i].channels);
    return true;
}

bool op_check_value(int64_t time, int64_t channels, struct error *err)
{
    if (channels > 0 && channels <= OP_VALUE_MAX && (time < 1 ? 1 : time) <= OP_VALUE_MAX / channels)
        return true;
    return error_set(err, ERROR_DATA, "a value of %lld steps of %lld channels is too large: the limit is %d floats. Use fewer",
                     (long long)(time < 1 ? 1 : time), (long long)channels, OP_VALUE_MAX);
}

bool op_check_tensor(int64_t rows, int64_t columns, struct error *err)
{
    if (rows <= OP_TENSOR_MAX / columns)
        return true;
    return error_set(err, ERROR_DATA, "weights of %lld x %lld are too many: the limit is %d. Use fewer", (long long)rows,
                     (long long)columns, OP_TENSOR_MAX);
}

void op_transpose(const float *in, int rows, int columns, float *out)
{
    kernel_active()->turn(rows, columns, in, columns, out, rows);
}

size_t op_floats(struct arch_shape s)
{
    return (size_t)(s.time > 0 ? s.time : 1) * (size_t)s.channels;
}

int op_rows(struct arch_shape s, int batch)
{
    return s.time > 0 ? s.time * batch : batch;
}

size_t op_site_floats(const struct op_site *site)
{
    return op_floats(site->out) * (size_t)site->batch;
}

struct op_steps op_same_steps(const struct arch_node *node, struct op_steps out)
{
    (void)node;
    return out;
}

static int divisor(int a, int b)
{
    while (b != 0) {
        int rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The ages of what is read are multiples of the common divisor of both spacings. */
struct op_steps op_tap_steps(int kernel, int dilation, struct op_steps out)
{
    int64_t reach = (int64_t)(out.n - 1) * out.every + (int64_t)(kernel - 1) * dilation;
    int every = divisor(kernel > 1 ? dilation : 0, out.n > 1 ? out.every : 0);
    every = every > 0 ? every : 1;
    return (struct op_steps){(int)(reach / every) + 1, every};
}

/* A single output has no next. */
int op_row_steps(const struct op_site *site)
{
    return site->out.time > 1 ? site->out_every / site->in_every : 1;
}

size_t op_none_size(const struct op_site *site)
{
    (void)site;
    return 0;
}

int op_none_tensors(const struct arch_node *node, const struct arch_shape *in, struct op_tensor out[OP_TENSORS_MAX])
{
    (void)node, (void)in, (void)out;
    return 0;
}

int64_t op_none_macs(const struct arch_node *node, const struct arch_shape *in, struct arch_shape out)
{
    (void)node, (void)in, (void)out;
    return 0;
}

void op_none_run(const struct op_call *call)
{
    (void)call;
}

void op_name_label(const struct arch_node *node, char *out, size_t size)
{
    snprintf(out, size, "%s", node->op->name);
}

struct split {
    const struct op_call *call;
    size_t n, piece;
    void (*run)(const struct op_call *call, size_t at, size_t count);
};

static void split_piece(void *context, int task)
{
    const struct split *s = context;
    size_t at = (size_t)task * s->piece;
    s->run(s->call, at, s->n - at < s->piece ? s->n - at : s->piece);
}

void op_split(const struct op_call *call, size_t n, size_t width,
              void (*run)(const struct op_call *call, size_t at, size_t count))
{
    struct split s = {call, n, width < OP_PIECE ? OP_PIECE / width : 1, run};
    threads_run(call->pool, (int)((n + s.piece - 1) / s.piece), split_piece, &s);
}

struct sums {
    const struct op_call *call;
    size_t rows, columns, stride, piece;
    const float *x;
    float *out;
};

static void sums_piece(void *context, int task)
{
    const struct sums *s = context;
    size_t at = (size_t)task * s->piece, left = s->columns - at;
    s->call->kernel->column_sum(s->rows, left < s->piece ? left : s->piece, (ptrdiff_t)s->stride, s->x + at,
                                s->out + at);
}

/* A piece is never narrower than a cache line, and one that is worth no thread is left whole. */
void op_column_sum(const struct op_call *call, size_t rows, size_t columns, size_t stride, const float *x, float *out)
{
    struct sums s = {call, rows, columns, stride, columns, x, out};
    size_t threads = (size_t)threads_n(call->pool);
    if (rows * columns >= OP_PIECE)
        s.piece = ((columns + threads - 1) / threads + 15) / 16 * 16;
    threads_run(call->pool, (int)((columns + s.piece - 1) / s.piece), sums_piece, &s);
}

void op_begin(const struct op_call *call, int tensor, size_t n)
{
    if (call->begins)
        memset(call->d_weight[tensor], 0, n * sizeof(float));
}

void op_give(const struct op_call *call, int input, size_t at, size_t n, const float *d)
{
    float *to = call->d_input[input] + at;
    if (call->fresh[input])
        call->kernel->act(ACT_NONE, n, d, to);
    else
        call->kernel->add(n, to, d, to);
}

static bool keeps_input(enum kernel_act act)
{
    return act == ACT_GELU || act == ACT_SILU;
}

size_t op_act_keep(enum kernel_act act, size_t n)
{
    return keeps_input(act) ? n : 0;
}

/* Elementwise work split over the pool in pieces of whole cache lines. */
struct act_work {
    const struct kernel *kernel;
    enum kernel_act act;
    size_t n, piece;
    const float *x, *y, *dy;
    float *out, *keep;
};

static void act_forward_piece(void *context, int task)
{
    const struct act_work *w = context;
    size_t at = (size_t)task * w->piece, n = w->n - at < w->piece ? w->n - at : w->piece;
    if (w->keep)
        memcpy(w->keep + at, w->out + at, n * sizeof *w->out);
    w->kernel->act(w->act, n, w->out + at, w->out + at);
}

static void act_back_piece(void *context, int task)
{
    const struct act_work *w = context;
    size_t at = (size_t)task * w->piece, n = w->n - at < w->piece ? w->n - at : w->piece;
    w->kernel->act_back(w->act, n, w->x ? w->x + at : NULL, w->y + at, w->dy + at, w->out + at, false);
}

static int pieces(size_t n)
{
    return (int)((n + OP_PIECE - 1) / OP_PIECE);
}

void op_act_apply(const struct op_call *call, enum kernel_act act, size_t n)
{
    struct act_work w = {.kernel = call->kernel, .act = act, .n = n, .piece = OP_PIECE, .out = call->output};
    if (act == ACT_NONE || act == ACT_RELU) /* the product's own last step */
        return;
    if (keeps_input(act))
        w.keep = call->keep;
    threads_run(call->pool, pieces(n), act_forward_piece, &w);
}

const float *op_act_gradient(const struct op_call *call, enum kernel_act act, size_t n, float *scratch)
{
    struct act_work w = {.kernel = call->kernel, .act = act, .n = n, .piece = OP_PIECE, .x = call->keep,
                         .y = call->output, .dy = call->d_output, .out = scratch};
    if (act == ACT_NONE)
        return call->d_output;
    if (!keeps_input(act))
        w.x = NULL;
    threads_run(call->pool, pieces(n), act_back_piece, &w);
    return scratch;
}
