/* The product of struct gemm, part of body.h. A tile of ROWS x VECTORS running sums stays in registers while the sum
 * runs; each is one chain in ascending order. Tiles take `TILE_ROWS_n` rows where n vectors lie side by side: about as
 * many sums as there are registers, so that a chain's latency is hidden behind the others. */

#if defined(KERNEL_AVX512) || defined(KERNEL_NEON)
#define TILE_VECTORS 4
#define TILE_ROWS_1 16
#define TILE_ROWS_2 12
#define TILE_ROWS_3 8
#define TILE_ROWS_4 6
#elif defined(KERNEL_AVX2)
#define TILE_VECTORS 3
#define TILE_ROWS_1 8
#define TILE_ROWS_2 12
#define TILE_ROWS_3 4
#define TILE_ROWS_4 1
#else
#define TILE_VECTORS 4
#define TILE_ROWS_1 4
#define TILE_ROWS_2 2
#define TILE_ROWS_3 2
#define TILE_ROWS_4 2
#endif

#define BLOCK_ROWS 96 /* a multiple of every TILE_ROWS */
#define BLOCK_SUM 192

#define FETCH_ABOVE (1 << 12) /* floats of A: what is smaller was used a moment ago, or will be again */

/* Sums start at C, at the bias, or at +0. `masked`: only the first lanes of the last vector exist. */
V_INLINE void tile_start(const struct gemm *g, int i, int j, vt tail, vf *sum, const int rows, const int vectors,
                         const int masked)
{
    if (g->accumulate) {
        UNROLL
        for (int r = 0; r < rows; r++) {
            const float *c = g->c + (i + r) * g->c_row + j;
            UNROLL
            for (int v = 0; v < vectors; v++)
                sum[r * vectors + v] = masked && v == vectors - 1 ? v_load_tail(c + v * VW, tail) : v_load(c + v * VW);
        }
        return;
    }
    UNROLL
    for (int v = 0; v < vectors; v++) {
        vf start = v_set(0.0f);
        if (g->bias)
            start = masked && v == vectors - 1 ? v_load_tail(g->bias + j + v * VW, tail) : v_load(g->bias + j + v * VW);
        UNROLL
        for (int r = 0; r < rows; r++)
            sum[r * vectors + v] = start;
    }
}

V_INLINE void tile_finish(const struct gemm *g, int i, int j, vt tail, vf *sum, const int rows, const int vectors,
                          const int masked)
{
    const vf zero = v_set(0.0f);
    if (g->relu) {
        UNROLL
        for (int s = 0; s < rows * vectors; s++)
            sum[s] = v_pick(v_gt(sum[s], zero), sum[s], zero);
    }
    UNROLL
    for (int r = 0; r < rows; r++) {
        float *c = g->c + (i + r) * g->c_row + j;
        UNROLL
        for (int v = 0; v < vectors; v++) {
            vf x = v_add(sum[r * vectors + v], zero);
            if (masked && v == vectors - 1)
                v_store_tail(c + v * VW, tail, x);
            else
                v_store(c + v * VW, x);
        }
    }
}

/* `ahead`: while it sums, it fetches the rows of A that the next tile reads, a line now and then: where A is larger than
 * the caches near the core, tall and thin tiles of it are no pattern that a processor follows by itself. */
V_INLINE void tile(const struct gemm *g, int i, int j, vt tail, const int rows, const int vectors, const int masked,
                   const int ahead)
{
    vf sum[24], b[4];
    const float *row = g->b + j;
    const float *next = g->a + (i + rows) * g->a_row;
    const ptrdiff_t a_row = g->a_row, a_step = g->a_step, b_row = g->b_row;
    tile_start(g, i, j, tail, sum, rows, vectors, masked);
    for (int s = 0; s < g->segments; s++) {
        const float *a[8];
        UNROLL
        for (int r = 0; r < rows; r += 3)
            a[r / 3] = g->a + (i + r) * a_row + s * g->a_segment;
        for (int k = 0; k < g->depth; k++, row += b_row) {
            if (ahead) {
                __builtin_prefetch(next);
                next += rows;
            }
            UNROLL
            for (int v = 0; v < vectors; v++)
                b[v] = masked && v == vectors - 1 ? v_load_tail(row + v * VW, tail) : v_load(row + v * VW);
            UNROLL
            for (int r = 0; r < rows; r++) {
                vf x = v_set(a[r / 3][r % 3 * a_row]);
                UNROLL
                for (int v = 0; v < vectors; v++)
                    sum[r * vectors + v] = v_fma(x, b[v], sum[r * vectors + v]);
            }
            UNROLL
            for (int r = 0; r < rows; r += 3)
                a[r / 3] += a_step;
        }
    }
    tile_finish(g, i, j, tail, sum, rows, vectors, masked);
}

/* All rows of a panel of columns: full tiles, then ever smaller ones. A third of a tile has too few sums to hide their
 * latency: with the last full one it makes two of two thirds. */
#define PANEL(vectors, most, masked)                                                                                   \
    static void panel_##vectors##_##masked(const struct gemm *g, int j, vt tail, bool ahead)                           \
    {                                                                                                                  \
        int i = 0;                                                                                                     \
        for (; i + most <= g->m && (most < 6 || g->m - i != most + most / 3); i += most)                               \
            if (ahead)                                                                                                 \
                tile(g, i, j, tail, most, vectors, masked, 1);                                                         \
            else                                                                                                       \
                tile(g, i, j, tail, most, vectors, masked, 0);                                                         \
        for (; most > 8 && i + 8 <= g->m; i += 8)                                                                      \
            tile(g, i, j, tail, most > 8 ? 8 : 1, vectors, masked, 0);                                                 \
        for (; most > 4 && i + 4 <= g->m; i += 4)                                                                      \
            tile(g, i, j, tail, most > 4 ? 4 : 1, vectors, masked, 0);                                                 \
        for (; most > 2 && i + 2 <= g->m; i += 2)                                                                      \
            tile(g, i, j, tail, most > 2 ? 2 : 1, vectors, masked, 0);                                                 \
        for (; i < g->m; i++)                                                                                          \
            tile(g, i, j, tail, 1, vectors, masked, 0);                                                                \
    }
PANEL(1, TILE_ROWS_1, 0)
PANEL(2, TILE_ROWS_2, 0)
PANEL(3, TILE_ROWS_3, 0)
#if TILE_VECTORS == 4
PANEL(4, TILE_ROWS_4, 0)
#endif
#if VW > 1
PANEL(1, TILE_ROWS_1, 1)
PANEL(2, TILE_ROWS_2, 1)
PANEL(3, TILE_ROWS_3, 1)
#if TILE_VECTORS == 4
PANEL(4, TILE_ROWS_4, 1)
#endif
#endif

/* How many of the vectors left the next panel takes: wide ones, but no thin rest. */
static int panel_width(int left)
{
    if (left <= TILE_VECTORS)
        return left;
#if TILE_VECTORS == 4
    return left == 5 || left == 6 || left == 9 ? 3 : 4;
#else
    return left % 3 == 0 || left == 5 ? 3 : 2;
#endif
}

static void product_block(const struct gemm *g, bool ahead)
{
    static void (*const panel[][4])(const struct gemm *, int, vt, bool) = {
        {panel_1_0, panel_2_0, panel_3_0,
#if TILE_VECTORS == 4
         panel_4_0
#endif
        },
#if VW > 1
        {panel_1_1, panel_2_1, panel_3_1,
#if TILE_VECTORS == 4
         panel_4_1
#endif
        },
#endif
    };
    for (int j = 0; j < g->n;) {
        int left = g->n - j, width = panel_width((left + VW - 1) / VW), lanes = left - (width - 1) * VW;
        int masked = lanes < VW;
        panel[masked][width - 1](g, j, v_tail(masked ? lanes : VW), ahead && j == 0);
        j += width * VW;
    }
}

/* Blocks of rows keep A's part in the second-level cache while the panels pass over it. */
static void product_rows(const struct gemm *g)
{
    struct gemm part = *g;
    bool ahead = g->a_step == 1 && (ptrdiff_t)g->m * g->depth * g->segments > FETCH_ABOVE;
    for (int i = 0; i < g->m; i += BLOCK_ROWS) {
        part.m = g->m - i < BLOCK_ROWS ? g->m - i : BLOCK_ROWS;
        part.a = g->a + i * g->a_row;
        part.c = g->c + i * g->c_row;
        product_block(&part, ahead);
    }
}

/* Long sums run in pieces whose panel of B stays in the first-level cache. A piece starts from what the last one left
 * in C, so the chain is the same (a -0 met on the way becomes +0, which no later sum can tell). Segments that lie one
 * behind the other are one. */
static void kernel_product(const struct gemm *g)
{
    struct gemm part = *g;
    if (g->segments > 1 && g->a_segment == g->depth * g->a_step) {
        part.depth *= g->segments;
        part.segments = 1;
        kernel_product(&part);
        return;
    }
    bool whole = g->segments > 1 && g->depth <= BLOCK_SUM;
    int total = whole ? g->segments : g->depth, most = whole ? BLOCK_SUM / (g->depth > 0 ? g->depth : 1) : BLOCK_SUM;
    int pieces = (total + most - 1) / most, piece = pieces > 0 ? (total + pieces - 1) / pieces : 0;
    for (int s = 0; s < (whole ? 1 : g->segments); s++)
        for (int k = 0; k < total; k += piece) {
            int take = total - k < piece ? total - k : piece;
            part.segments = whole ? take : 1;
            part.depth = whole ? g->depth : take;
            part.a = g->a + (whole ? k : s) * g->a_segment + (whole ? 0 : k * g->a_step);
            part.b = g->b + ((ptrdiff_t)s * g->depth + (whole ? (ptrdiff_t)k * g->depth : k)) * g->b_row;
            part.accumulate = g->accumulate || s > 0 || k > 0;
            part.relu = g->relu && (whole || s == g->segments - 1) && k + take == total;
            product_rows(&part);
        }
    if (g->segments * total == 0)
        product_rows(g);
}
