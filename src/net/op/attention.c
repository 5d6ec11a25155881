/* Multi-head attention over the steps (Vaswani et al. 2017), its projections included; the output is as wide as the
 * input:
 *   Q = x Wq + bq, K = x Wk, V = x Wv + bv, each `heads` heads of `head` channels side by side
 *   for each head: S = Q K' scale, P = softmax of every row of S, O = P V;  y = O Wo + bo
 * With causal=1 step t attends to the steps up to t. There is no bias of K: it would add one number to a whole row of
 * S, which softmax takes away again.
 *
 * All products are the product kernel's, each sum ascending; softmax sums over steps in lanes. Threads split samples.
 * Rows are taken in blocks; sums over rows go on from block to block. The products of a causal block end with its last
 * step: what lies behind a row's own step is a probability of +0. */
#include "net/op/ops.h"

#include <math.h>

#define BLOCK 64        /* rows of a block */
#define BLOCK_CAUSAL 16 /* smaller, since the products of a block end with its last row */

static const struct op_param params[] = {
    {.name = "heads", .kind = OP_INT, .least = 1, .most = 1024, .required = true},
    {.name = "head", .kind = OP_INT, .least = 1, .most = 4096, .required = true},
    {.name = "causal", .kind = OP_INT, .least = 0, .most = 1, .preset = 1},
    {.name = "scale", .kind = OP_REAL, .least = 0, .most = 1000},
};

enum { QUERY, KEY, VALUE, OUTPUT, QUERY_BIAS, VALUE_BIAS, OUTPUT_BIAS };

static void settle(struct arch_node *node, const struct arch_shape *in)
{
    (void)in;
    if (op_real(node, "scale") == 0)
        op_set(node, "scale", 1.0 / sqrt((double)op_int(node, "head")));
}

static bool shape(const struct arch_node *node, const struct arch_shape *in, struct arch_shape *out, struct error *err)
{
    int64_t wide = (int64_t)op_int(node, "heads") * op_int(node, "head");
    *out = *in;
    if (!op_need_time(node, in, err) || !op_check_value(in->time, wide, err) ||
        !op_check_tensor(in->channels, wide, err))
        return false;
    if ((int64_t)op_int(node, "heads") * in->time <= OP_VALUE_MAX / in->time)
        return true;
    return error_set(err, ERROR_DATA,
                     "%d heads over %d steps compare %lld pairs of steps: the limit is %d; take fewer heads or a "
                     "shorter window",
                     op_int(node, "heads"), in->time, (long long)op_int(node, "heads") * in->time * in->time,
                     OP_VALUE_MAX);
}

static int tensors(const struct arch_node *node, const struct arch_shape *in, struct op_tensor out[OP_TENSORS_MAX])
{
    int wide = op_int(node, "heads") * op_int(node, "head");
    out[QUERY] = op_tensor_of("query", in->channels, wide, OP_INIT_GLOROT);
    out[KEY] = op_tensor_of("key", in->channels, wide, OP_INIT_GLOROT);
    out[VALUE] = op_tensor_of("value", in->channels, wide, OP_INIT_GLOROT);
    out[OUTPUT] = op_tensor_of("output", wide, in->channels, OP_INIT_GLOROT);
    out[QUERY_BIAS] = op_tensor_of("query_bias", 1, wide, OP_INIT_ZERO);
    out[VALUE_BIAS] = op_tensor_of("value_bias", 1, wide, OP_INIT_ZERO);
    out[OUTPUT_BIAS] = op_tensor_of("output_bias", 1, in->channels, OP_INIT_ZERO);
    return 7;
}

/* Four projections, and two products over all pairs of steps. */
static int64_t macs(const struct arch_node *node, const struct arch_shape *in, struct arch_shape out)
{
    int64_t wide = (int64_t)op_int(node, "heads") * op_int(node, "head");
    (void)out;
    return 4 * (int64_t)in->time * in->channels * wide + 2 * (int64_t)in->time * in->time * wide;
}

struct attention {
    const struct op_call *call;
    int batch, time, in, heads, head, wide, causal;
    int tasks, piece; /* samples of one task */
    size_t values;    /* floats of Q, and of K, V, O */
    float scale;
    float *q, *k, *v, *o;
    float *p;      /* [batch, heads, time, time], or one block a task where nothing is kept */
    float *turned; /* [head, time] a task */
    /* backward */
    float *d_qkv, *d_o, *d_p, *weight_turned; /* [3][batch, time, wide], [batch, time, wide], a block a task */
};

static struct attention attention_of(const struct op_site *site, int threads)
{
    struct attention a = {.batch = site->batch, .time = site->in->time, .in = site->in->channels,
                          .heads = op_int(site->node, "heads"), .head = op_int(site->node, "head"),
                          .causal = op_int(site->node, "causal"), .scale = (float)op_real(site->node, "scale")};
    a.wide = a.heads * a.head;
    a.values = (size_t)a.batch * (size_t)a.time * (size_t)a.wide;
    a.piece = (a.batch + threads - 1) / threads;
    a.tasks = (a.batch + a.piece - 1) / a.piece;
    return a;
}

static size_t square(const struct attention *a)
{
    return (size_t)a->time * (size_t)a->time;
}

static size_t block_floats(const struct attention *a)
{
    return (size_t)(a->time < BLOCK ? a->time : BLOCK) * (size_t)a->time;
}

static size_t turned_floats(const struct attention *a)
{
    return (size_t)a->time * (size_t)a->head;
}

/* Q, K, V, O and P. */
static size_t keep(const struct op_site *site)
{
    struct attention a = attention_of(site, 1);
    return 4 * a.values + (size_t)a.batch * (size_t)a.heads * square(&a);
}

/* As many tasks as there could be threads: a sample each at the most. */
static size_t scratch(const struct op_site *site)
{
    struct attention a = attention_of(site, 1);
    size_t tasks = (size_t)(a.batch < OP_THREADS_MOST ? a.batch : OP_THREADS_MOST);
    size_t each = tasks * (turned_floats(&a) + block_floats(&a));
    return each + 4 * a.values + (site->training ? 4 * (size_t)a.in * (size_t)a.wide : 0);
}

static struct attention attention_start(const struct op_call *call)
{
    int threads = threads_n(call->pool);
    struct attention a = attention_of(&call->site, threads);
    size_t tasks = (size_t)(a.batch < OP_THREADS_MOST ? a.batch : OP_THREADS_MOST);
    float *kept = call->keep ? call->keep : call->scratch + tasks * (turned_floats(&a) + block_floats(&a));
    a.call = call;
    a.q = kept;
    a.k = a.q + a.values;
    a.v = a.k + a.values;
    a.o = a.v + a.values;
    a.turned = call->scratch;
    a.d_p = a.turned + tasks * turned_floats(&a);
    a.p = call->keep ? a.o + a.values : a.d_p;
    a.d_qkv = a.d_p + tasks * block_floats(&a);
    a.d_o = a.d_qkv + 3 * a.values;
    a.weight_turned = a.d_o + a.values;
    return a;
}

/* [rows, columns] with rows `stride` apart to [columns, rows]. */
static void turn(const float *in, int stride, int rows, int columns, float *out)
{
    for (int i = 0; i < rows; i += 8)
        for (int c = 0; c < columns; c++)
            for (int r = i; r < i + 8 && r < rows; r++)
                out[(size_t)c * (size_t)rows + (size_t)r] = in[(size_t)r * (size_t)stride + (size_t)c];
}

/* A block of rows: from `row` on, `rows` of them, over the first `width` steps. */
struct block {
    int row, rows, width;
};

static bool next_block(const struct attention *a, struct block *b)
{
    b->row += b->rows;
    if (b->row >= a->time)
        return false;
    int most = a->causal ? BLOCK_CAUSAL : BLOCK, left = a->time - b->row;
    b->rows = left < most ? left : most;
    b->width = a->causal ? b->row + b->rows : a->time;
    return true;
}

/* --- forward ----------------------------------------------------------------------------------------------------- */

static void forward_block(const struct attention *a, const struct block *b, size_t at, const float *k_turned,
                          float *rows)
{
    const struct kernel *k = a->call->kernel;
    size_t from = at + (size_t)b->row * (size_t)a->wide;
    struct gemm scores = {.a = a->q + from, .a_row = a->wide, .a_step = 1, .b = k_turned, .b_row = a->time, .c = rows,
                          .c_row = a->time, .m = b->rows, .n = b->width, .segments = 1, .depth = a->head};
    struct softmax softmax = {.rows = b->rows, .columns = b->width, .first = a->causal ? b->row + 1 : b->width,
                              .step = 1, .stride = a->time, .scale = a->scale, .p = rows};
    struct gemm mix = {.a = rows, .a_row = a->time, .a_step = 1, .b = a->v + at, .b_row = a->wide, .c = a->o + from,
                       .c_row = a->wide, .m = b->rows, .n = a->head, .segments = 1, .depth = b->width};
    k->gemm(&scores);
    k->softmax(&softmax);
    k->gemm(&mix);
}

static void forward_piece(void *context, int task)
{
    const struct attention *a = context;
    int until = (task + 1) * a->piece < a->batch ? (task + 1) * a->piece : a->batch;
    float *turned = a->turned + (size_t)task * turned_floats(a);
    for (int s = task * a->piece; s < until; s++)
        for (int h = 0; h < a->heads; h++) {
            size_t at = (size_t)s * (size_t)a->time * (size_t)a->wide + (size_t)(h * a->head);
            bool kept = a->call->keep != NULL;
            float *p = a->p + (kept ? ((size_t)s * (size_t)a->heads + (size_t)h) * square(a)
                                    : (size_t)task * block_floats(a));
            struct block b = {0};
            turn(a->k + at, a->wide, a->time, a->head, turned);
            while (next_block(a, &b))
                forward_block(a, &b, at, turned, p + (kept ? (size_t)b.row * (size_t)a->time : 0));
        }
}

static void project(const struct attention *a, const float *x, int weight, int bias, int in, int out, float *y)
{
    const struct op_call *call = a->call;
    struct gemm g = {.a = x, .a_row = in, .a_step = 1, .b = call->weight[weight], .b_row = out, .c = y, .c_row = out,
                     .bias = bias < 0 ? NULL : call->weight[bias], .m = a->batch * a->time, .n = out, .segments = 1,
                     .depth = in};
    kernel_gemm(call->kernel, call->pool, &g);
}

static void forward(const struct op_call *call)
{
    struct attention a = attention_start(call);
    project(&a, call->input[0], QUERY, QUERY_BIAS, a.in, a.wide, a.q);
    project(&a, call->input[0], KEY, -1, a.in, a.wide, a.k);
    project(&a, call->input[0], VALUE, VALUE_BIAS, a.in, a.wide, a.v);
    threads_run(call->pool, a.tasks, forward_piece, &a);
    project(&a, a.o, OUTPUT, OUTPUT_BIAS, a.wide, a.in, call->output);
}

/* --- backward ---------------------------------------------------------------------------------------------------- */

/* dP = dO V', dS through the softmax, then dQ = dS K, and dK += dS' Q, dV += P' dO: sums over rows ascending, from
 * block to block. */
static void backward_block(const struct attention *a, const struct block *b, size_t at, const float *v_turned,
                           const float *p, float *d_p)
{
    const struct kernel *k = a->call->kernel;
    size_t from = at + (size_t)b->row * (size_t)a->wide;
    const float *rows = p + (size_t)b->row * (size_t)a->time;
    float *dq = a->d_qkv, *dk = dq + a->values, *dv = dk + a->values;
    struct gemm dp = {.a = a->d_o + from, .a_row = a->wide, .a_step = 1, .b = v_turned, .b_row = a->time, .c = d_p,
                      .c_row = a->time, .m = b->rows, .n = b->width, .segments = 1, .depth = a->head};
    struct softmax softmax = {.rows = b->rows, .columns = b->width, .stride = a->time, .d_stride = a->time,
                              .scale = a->scale, .p = a->p + (rows - a->p), .d = d_p};
    struct gemm query = {.a = d_p, .a_row = a->time, .a_step = 1, .b = a->k + at, .b_row = a->wide, .c = dq + from,
                         .c_row = a->wide, .m = b->rows, .n = a->head, .segments = 1, .depth = b->width};
    struct gemm key = {.a = d_p, .a_row = 1, .a_step = a->time, .b = a->q + from, .b_row = a->wide, .c = dk + at,
                       .c_row = a->wide, .m = b->width, .n = a->head, .segments = 1, .depth = b->rows,
                       .accumulate = true};
    struct gemm value = key;
    value.a = rows;
    value.b = a->d_o + from;
    value.c = dv + at;
    k->gemm(&dp);
    k->softmax_back(&softmax);
    k->gemm(&query);
    k->gemm(&key);
    k->gemm(&value);
}

static void backward_piece(void *context, int task)
{
    const struct attention *a = context;
    int until = (task + 1) * a->piece < a->batch ? (task + 1) * a->piece : a->batch;
    float *turned = a->turned + (size_t)task * turned_floats(a), *d_p = a->d_p + (size_t)task * block_floats(a);
    size_t sample = (size_t)a->time * (size_t)a->wide;
    for (int s = task * a->piece; s < until; s++) {
        memset(a->d_qkv + a->values + (size_t)s * sample, 0, sample * sizeof *d_p);
        memset(a->d_qkv + 2 * a->values + (size_t)s * sample, 0, sample * sizeof *d_p);
        for (int h = 0; h < a->heads; h++) {
            size_t at = (size_t)s * sample + (size_t)(h * a->head);
            const float *p = a->p + ((size_t)s * (size_t)a->heads + (size_t)h) * square(a);
            struct block b = {0};
            turn(a->v + at, a->wide, a->time, a->head, turned);
            while (next_block(a, &b))
                backward_block(a, &b, at, turned, p, d_p);
        }
    }
}

/* dW += x' d, and db. */
static void backward_projection(const struct attention *a, const float *x, const float *d, int weight, int bias, int in,
                                int out)
{
    const struct op_call *call = a->call;
    int rows = a->batch * a->time;
    struct gemm g = {.a = x, .a_row = 1, .a_step = in, .b = d, .b_row = out, .c = call->d_weight[weight], .c_row = out,
                     .m = in, .n = out, .segments = 1, .depth = rows, .accumulate = true};
    kernel_gemm(call->kernel, call->pool, &g);
    if (bias >= 0)
        op_column_sum(call, (size_t)rows, (size_t)out, (size_t)out, d, call->d_weight[bias]);
}

/* dx += dQ Wq' + dK Wk' + dV Wv', one sum in this order. */
static void backward_input(const struct attention *a)
{
    const struct op_call *call = a->call;
    size_t matrix = (size_t)a->in * (size_t)a->wide;
    for (int i = QUERY; i <= VALUE; i++)
        op_transpose(call->weight[i], a->in, a->wide, a->weight_turned + (size_t)i * matrix);
    struct gemm g = {.a = a->d_qkv, .a_row = a->wide, .a_segment = (ptrdiff_t)a->values, .a_step = 1,
                     .b = a->weight_turned, .b_row = a->in, .c = call->d_input[0], .c_row = a->in,
                     .m = a->batch * a->time, .n = a->in, .segments = 3, .depth = a->wide, .accumulate = true};
    kernel_gemm(call->kernel, call->pool, &g);
}

static void backward(const struct op_call *call)
{
    struct attention a = attention_start(call);
    op_transpose(call->weight[OUTPUT], a.wide, a.in, a.weight_turned);
    struct gemm g = {.a = call->d_output, .a_row = a.in, .a_step = 1, .b = a.weight_turned, .b_row = a.wide, .c = a.d_o,
                     .c_row = a.wide, .m = a.batch * a.time, .n = a.wide, .segments = 1, .depth = a.in};
    kernel_gemm(call->kernel, call->pool, &g);
    backward_projection(&a, a.o, call->d_output, OUTPUT, OUTPUT_BIAS, a.wide, a.in);
    threads_run(call->pool, a.tasks, backward_piece, &a);
    backward_projection(&a, call->input[0], a.d_qkv, QUERY, QUERY_BIAS, a.in, a.wide);
    backward_projection(&a, call->input[0], a.d_qkv + a.values, KEY, -1, a.in, a.wide);
    backward_projection(&a, call->input[0], a.d_qkv + 2 * a.values, VALUE, VALUE_BIAS, a.in, a.wide);
    if (call->d_input[0])
        backward_input(&a);
}

static void label(const struct arch_node *node, char *out, size_t size)
{
    snprintf(out, size, "attention h%d w%d%s", op_int(node, "heads"), op_log2(op_int(node, "head")),
             op_int(node, "causal") ? " causal" : "");
}

const struct op op_attention = {
    .name = "attention",
    .about = "every step looks at the others and takes up a mixture of those that fit it",
    .param = params,
    .params = 4,
    .inputs_least = 1,
    .inputs_most = 1,
    .width = OP_WIDTH_PASSED,
    .axes = {{OP_AXIS_INPUT, OP_AXIS_HEADS}, {OP_AXIS_INPUT, OP_AXIS_KEYS}, {OP_AXIS_INPUT, OP_AXIS_HEADS},
             {OP_AXIS_HEADS, OP_AXIS_OUTPUT}, {OP_AXIS_PLAIN, OP_AXIS_HEADS}, {OP_AXIS_PLAIN, OP_AXIS_HEADS},
             {OP_AXIS_PLAIN, OP_AXIS_OUTPUT}},
    .shape = shape,
    .tensors = tensors,
    .macs = macs,
    .keep = keep,
    .scratch = scratch,
    .settle = settle,
    .forward = forward,
    .backward = backward,
    .label = label,
};
