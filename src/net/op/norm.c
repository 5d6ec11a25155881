#include "net/op/norm.h"

bool op_norm_shape(const struct arch_node *node, const struct arch_shape *in, struct arch_shape *out, struct error *err)
{
    (void)node, (void)err;
    *out = *in;
    return true;
}

/* A sum of squares and a factor. */
int64_t op_norm_macs(const struct arch_node *node, const struct arch_shape *in, struct arch_shape out)
{
    (void)node, (void)in;
    return 2 * (int64_t)op_floats(out);
}

size_t op_norm_keep(const struct op_site *site)
{
    return 2 * (size_t)op_rows(site->out, site->batch);
}

size_t op_norm_scratch(const struct op_site *site)
{
    return site->training ? 0 : op_norm_keep(site);
}

/* Rows are split over the pool; `width` floats each. */
struct norm_work {
    const struct op_call *call;
    struct norm forward;
    struct norm_back back;
    struct norm_columns columns;
    int piece;
};

static int pieces(const struct op_call *call, struct norm_work *w)
{
    int rows = op_rows(call->site.out, call->site.batch), width = call->site.out.channels;
    w->call = call;
    w->piece = OP_PIECE / (width < OP_PIECE ? width : OP_PIECE) / 8 * 8; /* whole groups of rows in the kernel */
    w->piece = w->piece < 8 ? 8 : w->piece;
    return (rows + w->piece - 1) / w->piece;
}

static void forward_piece(void *context, int task)
{
    const struct norm_work *w = context;
    struct norm g = w->forward;
    ptrdiff_t at = (ptrdiff_t)task * w->piece;
    g.rows = g.rows - (int)at < w->piece ? g.rows - (int)at : w->piece;
    g.x += at * g.columns;
    g.y += at * g.columns;
    g.stat += 2 * at;
    w->call->kernel->norm(&g);
}

void op_norm_forward(const struct op_call *call, bool centred, float divisor)
{
    struct norm_work w = {0};
    int n = pieces(call, &w);
    w.forward = (struct norm){.rows = op_rows(call->site.out, call->site.batch), .columns = call->site.out.channels,
                              .centred = centred, .divisor = divisor, .eps = (float)op_real(call->site.node, "eps"),
                              .x = call->input[0], .gain = call->weight[0], .bias = centred ? call->weight[1] : NULL,
                              .y = call->output, .stat = call->keep ? call->keep : call->scratch};
    threads_run(call->pool, n, forward_piece, &w);
}

static void back_piece(void *context, int task)
{
    const struct norm_work *w = context;
    struct norm_back g = w->back;
    ptrdiff_t at = (ptrdiff_t)task * w->piece;
    g.rows = g.rows - (int)at < w->piece ? g.rows - (int)at : w->piece;
    g.x += at * g.columns;
    g.dy += at * g.columns;
    g.dx += at * g.columns;
    g.stat += 2 * at;
    w->call->kernel->norm_back(&g);
}

#define COLUMNS 32 /* of a task: sums over rows are not split */

static void columns_piece(void *context, int task)
{
    const struct norm_work *w = context;
    struct norm_columns g = w->columns;
    int at = task * COLUMNS;
    g.columns = g.columns - at < COLUMNS ? g.columns - at : COLUMNS;
    g.x += at;
    g.dy += at;
    g.d_gain += at;
    g.d_bias = g.d_bias ? g.d_bias + at : NULL;
    w->call->kernel->norm_columns(&g);
}

void op_norm_backward(const struct op_call *call, bool centred, float divisor)
{
    struct norm_work w = {0};
    int n = pieces(call, &w), rows = op_rows(call->site.out, call->site.batch), width = call->site.out.channels;
    w.columns = (struct norm_columns){.rows = rows, .columns = width, .stride = width, .x = call->input[0],
                                      .stat = call->keep, .dy = call->d_output, .d_gain = call->d_weight[0],
                                      .d_bias = centred ? call->d_weight[1] : NULL};
    threads_run(call->pool, (width + COLUMNS - 1) / COLUMNS, columns_piece, &w);
    if (!call->d_input[0])
        return;
    w.back = (struct norm_back){.rows = rows, .columns = width, .centred = centred, .divisor = divisor,
                                .x = call->input[0], .gain = call->weight[0], .stat = call->keep,
                                .dy = call->d_output, .dx = call->d_input[0], .add = !call->fresh[0]};
    threads_run(call->pool, n, back_piece, &w);
}
