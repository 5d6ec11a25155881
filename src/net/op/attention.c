/* Multi-head attention over the steps (Vaswani et al. 2017), its projections included; the output is as wide as the
 * input:
 *   Q = x Wq + bq, K = x Wk, V = x Wv + bv, each `heads` heads of `head` channels side by side
 *   for each head: S = Q K' scale, P = softmax of every row of S, O = P V;  y = O Wo + bo
 * With causal=1 step t attends to the steps up to t. There is no bias of K: it would add one number to a whole row of
 * S, which softmax takes away again.
 *
 * All products are the product kernel's, each sum ascending; softmax sums over steps in lanes. Scores stand turned, as
 * S' [steps, queries]: then every product has queries or steps side by side in its vectors, however narrow a head is,
 * and softmax runs down the columns. Threads split heads and samples. Queries are taken in blocks; sums over queries go
 * on from block to block. The products of a causal block end with its last query's step: what lies behind a query's own
 * step is a probability of +0. Only the steps held of the output are queries. */
#include "net/op/ops.h"

#include <limits.h>
#include <math.h>

#define BLOCK 64        /* queries of a block */
#define BLOCK_CAUSAL 32 /* smaller, since the products of a block end with its last query's step */

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
    int64_t wide = (int64_t)op_int(node, "heads") * op_int(node, "head"), steps = (int64_t)in->time + out.time;
    return 2 * steps * in->channels * wide + 2 * (int64_t)in->time * out.time * wide;
}

/* Whatever is read of it hangs on all steps of the input. */
static struct op_steps needs(const struct arch_node *node, struct op_steps out)
{
    (void)node, (void)out;
    return (struct op_steps){INT_MAX, 1};
}

struct attention {
    const struct op_call *call;
    int batch, time, queries, every; /* steps of the input, and those held of the output */
    int in, heads, head, wide, causal;
    int tasks, piece; /* heads of samples that one task takes */
    float scale;
    size_t q_floats, k_floats;
    float *q, *k, *v, *o;
    float *p; /* [batch, heads, time, queries], or a block for each task where nothing is kept */
    float *x; /* the queries' steps of the input where not all are held */
    float *d_q, *d_k, *d_v, *d_o, *weight_turned;
    float *room; /* for each task */
};

/* What a task has for one block: matrices turned, so that queries or steps lie side by side. */
struct room {
    float *q; /* [head, queries of a block], and so is out */
    float *out;
    float *p, *d;     /* [time, queries of a block] */
    float *turned;    /* the same turned */
    float *d_k, *d_v; /* [head, time] */
};

static struct attention attention_of(const struct op_site *site, int threads)
{
    struct attention a = {.batch = site->batch,
                          .time = site->in->time,
                          .queries = site->out.time,
                          .every = site->out_every,
                          .in = site->in->channels,
                          .heads = op_int(site->node, "heads"),
                          .head = op_int(site->node, "head"),
                          .causal = op_int(site->node, "causal"),
                          .scale = (float)op_real(site->node, "scale")};
    int items = a.batch * a.heads;
    a.wide = a.heads * a.head;
    a.q_floats = (size_t)a.batch * (size_t)a.queries * (size_t)a.wide;
    a.k_floats = (size_t)a.batch * (size_t)a.time * (size_t)a.wide;
    a.piece = (items + threads - 1) / threads;
    a.tasks = (items + a.piece - 1) / a.piece;
    return a;
}

static bool holds_all(const struct attention *a)
{
    return a->queries == a->time;
}

static size_t pairs(const struct attention *a)
{
    return (size_t)a->time * (size_t)a->queries;
}

static int block_most(const struct attention *a)
{
    int most = a->causal ? BLOCK_CAUSAL : BLOCK;
    return a->queries < most ? a->queries : most;
}

static size_t room_floats(const struct attention *a)
{
    size_t head = (size_t)a->head, time = (size_t)a->time, block = (size_t)block_most(a);
    return 2 * head * block + 3 * time * block + 2 * head * time;
}

static struct room room_of(const struct attention *a, int task)
{
    size_t narrow = (size_t)a->head * (size_t)block_most(a), block = (size_t)a->time * (size_t)block_most(a);
    struct room r = {.q = a->room + (size_t)task * room_floats(a)};
    r.out = r.q + narrow;
    r.p = r.out + narrow;
    r.d = r.p + block;
    r.turned = r.d + block;
    r.d_k = r.turned + block;
    r.d_v = r.d_k + (size_t)a->head * (size_t)a->time;
    return r;
}

/* Q, K, V, O and P. */
static size_t keep(const struct op_site *site)
{
    struct attention a = attention_of(site, 1);
    return 2 * (a.q_floats + a.k_floats) + (size_t)a.batch * (size_t)a.heads * pairs(&a);
}

static size_t x_floats(const struct attention *a)
{
    return holds_all(a) ? 0 : (size_t)a->batch * (size_t)a->queries * (size_t)a->in;
}

/* As many tasks as there could be threads: a head of a sample each at the most. */
static size_t scratch(const struct op_site *site)
{
    struct attention a = attention_of(site, 1);
    size_t items = (size_t)a.batch * (size_t)a.heads, tasks = items < OP_THREADS_MOST ? items : OP_THREADS_MOST;
    size_t values = 2 * (a.q_floats + a.k_floats) + x_floats(&a) + tasks * room_floats(&a);
    return values + (site->training ? 4 * (size_t)a.in * (size_t)a.wide : 0);
}

static struct attention attention_start(const struct op_call *call)
{
    struct attention a = attention_of(&call->site, threads_n(call->pool));
    float *kept = call->keep ? call->keep : call->scratch;
    a.call = call;
    a.q = kept;
    a.k = a.q + a.q_floats;
    a.v = a.k + a.k_floats;
    a.o = a.v + a.k_floats;
    a.p = call->keep ? a.o + a.q_floats : NULL;
    a.d_q = call->scratch;
    a.d_k = a.d_q + a.q_floats;
    a.d_v = a.d_k + a.k_floats;
    a.d_o = a.d_v + a.k_floats;
    a.x = a.d_o + a.q_floats;
    a.weight_turned = a.x + x_floats(&a);
    a.room = a.weight_turned + (call->site.training ? 4 * (size_t)a.in * (size_t)a.wide : 0);
    return a;
}

/* A block of queries of one head: from `from` on, `n` of them, over the first `width` steps. */
struct block {
    int from, n, width;
    size_t first, queries, steps; /* where the head's channels begin: the sample's in Q, the block's in Q, and in K */
    float *p;
    ptrdiff_t p_row;
};

static struct block first_block(const struct attention *a, int item, const struct room *r)
{
    size_t sample = (size_t)(item / a->heads), channel = (size_t)(item % a->heads * a->head), wide = (size_t)a->wide;
    struct block b = {.first = sample * (size_t)a->queries * wide + channel,
                      .steps = sample * (size_t)a->time * wide + channel,
                      .p = a->p ? a->p + (size_t)item * pairs(a) : r->p,
                      .p_row = a->p ? a->queries : block_most(a)};
    return b;
}

/* The first step that query i does not see. */
static int seen(const struct attention *a, int i)
{
    return a->causal ? a->time - (a->queries - 1 - i) * a->every : a->time;
}

static bool next_block(const struct attention *a, struct block *b)
{
    b->p += a->p ? b->n : 0;
    b->from += b->n;
    int left = a->queries - b->from, most = block_most(a);
    if (left <= 0)
        return false;
    b->n = left < most ? left : most;
    b->width = seen(a, b->from + b->n - 1);
    b->queries = b->first + (size_t)b->from * (size_t)a->wide;
    return true;
}

/* Tasks take heads of samples. */
static void each_head(const struct attention *a, int task,
                      void (*run)(const struct attention *a, const struct room *r, struct block b))
{
    int items = a->batch * a->heads, until = (task + 1) * a->piece < items ? (task + 1) * a->piece : items;
    struct room r = room_of(a, task);
    for (int item = task * a->piece; item < until; item++)
        run(a, &r, first_block(a, item, &r));
}

/* C [m, n] = A B with A's rows `a_row` apart and its columns `a_step`. */
static void product(const struct attention *a, const float *left, ptrdiff_t row, ptrdiff_t step, const float *right,
                    ptrdiff_t right_row, float *c, ptrdiff_t c_row, int m, int n, int depth, bool accumulate)
{
    struct gemm g = {.a = left,
                     .a_row = row,
                     .a_step = step,
                     .b = right,
                     .b_row = right_row,
                     .c = c,
                     .c_row = c_row,
                     .m = m,
                     .n = n,
                     .segments = 1,
                     .depth = depth,
                     .accumulate = accumulate};
    a->call->kernel->gemm(&g);
}

/* The queries' steps of a value as wide as the input: out of all steps, or back there. */
static void copy_steps(const struct attention *a, const float *from, float *to, bool back)
{
    size_t in = (size_t)a->in;
    for (int s = 0; s < a->batch; s++)
        for (int i = 0; i < a->queries; i++) {
            size_t step = (size_t)s * (size_t)a->time + (size_t)(a->time - 1 - (a->queries - 1 - i) * a->every);
            size_t query = (size_t)s * (size_t)a->queries + (size_t)i;
            memcpy(to + (back ? step : query) * in, from + (back ? query : step) * in, in * sizeof *to);
        }
}

/* The input at the queries' steps. */
static const float *queried(const struct attention *a)
{
    if (holds_all(a))
        return a->call->input[0];
    copy_steps(a, a->call->input[0], a->x, false);
    return a->x;
}

/* --- forward ----------------------------------------------------------------------------------------------------- */

/* S' = K Q', its columns through softmax, then O' = V' P'. */
static void forward_head(const struct attention *a, const struct room *r, struct block b)
{
    const struct kernel *k = a->call->kernel;
    while (next_block(a, &b)) {
        struct softmax softmax = {.rows = b.width,
                                  .columns = b.n,
                                  .first = seen(a, b.from),
                                  .step = a->every,
                                  .stride = b.p_row,
                                  .scale = a->scale,
                                  .p = b.p};
        k->turn(b.n, a->head, a->q + b.queries, a->wide, r->q, b.n);
        product(a, a->k + b.steps, a->wide, 1, r->q, b.n, b.p, b.p_row, b.width, b.n, a->head, false);
        k->softmax(&softmax);
        product(a, a->v + b.steps, 1, a->wide, b.p, b.p_row, r->out, b.n, a->head, b.n, b.width, false);
        k->turn(a->head, b.n, r->out, b.n, a->o + b.queries, a->wide);
    }
}

static void forward_piece(void *context, int task)
{
    each_head(context, task, forward_head);
}

static void project(const struct attention *a, const float *x, int weight, int bias, int steps, int in, int out,
                    float *y)
{
    const struct op_call *call = a->call;
    struct gemm g = {.a = x,
                     .a_row = in,
                     .a_step = 1,
                     .b = call->weight[weight],
                     .b_row = out,
                     .c = y,
                     .c_row = out,
                     .bias = bias < 0 ? NULL : call->weight[bias],
                     .m = a->batch * steps,
                     .n = out,
                     .segments = 1,
                     .depth = in};
    kernel_gemm(call->kernel, call->pool, &g);
}

static void forward(const struct op_call *call)
{
    struct attention a = attention_start(call);
    project(&a, queried(&a), QUERY, QUERY_BIAS, a.queries, a.in, a.wide, a.q);
    project(&a, call->input[0], KEY, -1, a.time, a.in, a.wide, a.k);
    project(&a, call->input[0], VALUE, VALUE_BIAS, a.time, a.in, a.wide, a.v);
    threads_run(call->pool, a.tasks, forward_piece, &a);
    project(&a, a.o, OUTPUT, OUTPUT_BIAS, a.queries, a.wide, a.in, call->output);
}

/* --- backward ---------------------------------------------------------------------------------------------------- */

/* dP' = V dO', dS' through the softmax, then dQ' = K' dS', and dK' += Q' dS, dV' += dO' P: sums over queries
 * ascending, from block to block. */
static void backward_block(const struct attention *a, const struct room *r, const struct block *b)
{
    const struct kernel *k = a->call->kernel;
    struct softmax softmax = {.rows = b->width,
                              .columns = b->n,
                              .stride = b->p_row,
                              .d_stride = b->n,
                              .scale = a->scale,
                              .p = b->p,
                              .d = r->d};
    k->turn(b->n, a->head, a->d_o + b->queries, a->wide, r->q, b->n);
    product(a, a->v + b->steps, a->wide, 1, r->q, b->n, r->d, b->n, b->width, b->n, a->head, false);
    k->softmax_back(&softmax);
    product(a, a->k + b->steps, 1, a->wide, r->d, b->n, r->out, b->n, a->head, b->n, b->width, false);
    k->turn(a->head, b->n, r->out, b->n, a->d_q + b->queries, a->wide);
    k->turn(b->width, b->n, r->d, b->n, r->turned, b->width);
    product(a, a->q + b->queries, 1, a->wide, r->turned, b->width, r->d_k, a->time, a->head, b->width, b->n, true);
    k->turn(b->width, b->n, b->p, b->p_row, r->turned, b->width);
    product(a, a->d_o + b->queries, 1, a->wide, r->turned, b->width, r->d_v, a->time, a->head, b->width, b->n, true);
}

static void backward_head(const struct attention *a, const struct room *r, struct block b)
{
    const struct kernel *k = a->call->kernel;
    memset(r->d_k, 0, 2 * (size_t)a->head * (size_t)a->time * sizeof *r->d_k); /* and d_v behind it */
    while (next_block(a, &b))
        backward_block(a, r, &b);
    k->turn(a->head, a->time, r->d_k, a->time, a->d_k + b.steps, a->wide);
    k->turn(a->head, a->time, r->d_v, a->time, a->d_v + b.steps, a->wide);
}

static void backward_piece(void *context, int task)
{
    each_head(context, task, backward_head);
}

/* dW += x' d, and db. */
static void backward_projection(const struct attention *a, const float *x, const float *d, int weight, int bias,
                                int steps, int in, int out)
{
    const struct op_call *call = a->call;
    int rows = a->batch * steps;
    struct gemm g = {.a = x,
                     .a_row = 1,
                     .a_step = in,
                     .b = d,
                     .b_row = out,
                     .c = call->d_weight[weight],
                     .c_row = out,
                     .m = in,
                     .n = out,
                     .segments = 1,
                     .depth = rows,
                     .accumulate = !call->begins};
    kernel_gemm(call->kernel, call->pool, &g);
    if (bias >= 0) {
        op_begin(call, bias, (size_t)out);
        op_column_sum(call, (size_t)rows, (size_t)out, (size_t)out, d, call->d_weight[bias]);
    }
}

/* dx += dQ Wq' + dK Wk' + dV Wv', one sum in this order. Where few steps are queried, only these have a first part. */
static void backward_input(const struct attention *a)
{
    const struct op_call *call = a->call;
    size_t matrix = (size_t)a->in * (size_t)a->wide;
    bool all = holds_all(a), fresh = call->fresh[0];
    for (int i = QUERY; i <= VALUE; i++)
        op_transpose(call->weight[i], a->in, a->wide, a->weight_turned + (size_t)i * matrix);
    struct gemm g = {.a = a->d_q,
                     .a_row = a->wide,
                     .a_segment = (ptrdiff_t)a->q_floats,
                     .a_step = 1,
                     .b = a->weight_turned,
                     .b_row = a->in,
                     .c = call->d_input[0],
                     .c_row = a->in,
                     .m = a->batch * a->time,
                     .n = a->in,
                     .segments = 3,
                     .depth = a->wide,
                     .accumulate = !fresh};
    if (!all) {
        struct gemm query = g;
        if (fresh)
            memset(g.c, 0, (size_t)g.m * (size_t)a->in * sizeof *g.c);
        copy_steps(a, g.c, a->x, false);
        query.c = a->x;
        query.m = a->batch * a->queries;
        query.segments = 1;
        query.accumulate = true;
        kernel_gemm(call->kernel, call->pool, &query);
        copy_steps(a, a->x, g.c, true);
        g.a = a->d_k;
        g.a_segment = (ptrdiff_t)a->k_floats;
        g.b += matrix;
        g.segments = 2;
        g.accumulate = true;
    }
    kernel_gemm(call->kernel, call->pool, &g);
}

static void backward(const struct op_call *call)
{
    struct attention a = attention_start(call);
    op_transpose(call->weight[OUTPUT], a.wide, a.in, a.weight_turned);
    struct gemm g = {.a = call->d_output,
                     .a_row = a.in,
                     .a_step = 1,
                     .b = a.weight_turned,
                     .b_row = a.wide,
                     .c = a.d_o,
                     .c_row = a.wide,
                     .m = a.batch * a.queries,
                     .n = a.wide,
                     .segments = 1,
                     .depth = a.in};
    kernel_gemm(call->kernel, call->pool, &g);
    backward_projection(&a, a.o, call->d_output, OUTPUT, OUTPUT_BIAS, a.queries, a.wide, a.in);
    threads_run(call->pool, a.tasks, backward_piece, &a);
    backward_projection(&a, queried(&a), a.d_q, QUERY, QUERY_BIAS, a.queries, a.in, a.wide);
    backward_projection(&a, call->input[0], a.d_k, KEY, -1, a.time, a.in, a.wide);
    backward_projection(&a, call->input[0], a.d_v, VALUE, VALUE_BIAS, a.time, a.in, a.wide);
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
    .axes = {{OP_AXIS_INPUT, OP_AXIS_HEADS},
             {OP_AXIS_INPUT, OP_AXIS_KEYS},
             {OP_AXIS_INPUT, OP_AXIS_HEADS},
             {OP_AXIS_HEADS, OP_AXIS_OUTPUT},
             {OP_AXIS_PLAIN, OP_AXIS_HEADS},
             {OP_AXIS_PLAIN, OP_AXIS_HEADS},
             {OP_AXIS_PLAIN, OP_AXIS_OUTPUT}},
    .shape = shape,
    .tensors = tensors,
    .macs = macs,
    .needs = needs,
    .keep = keep,
    .scratch = scratch,
    .settle = settle,
    .starts = true,
    .begins = true,
    .forward = forward,
    .backward = backward,
    .label = label,
};
