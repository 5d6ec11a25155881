/* The product of a single row with B, part of body.h: what a network does that answers for one sample. B is read once,
 * in the order in which it lies, so nothing is cut into blocks. The sums of as many vectors as there are registers run
 * side by side, each in its one chain: that hides the chains' latency, and reads whole cache lines of every row. */
#if defined(KERNEL_AVX512) || defined(KERNEL_NEON)
#define VECTOR_MOST 16
#elif defined(KERNEL_AVX2)
#define VECTOR_MOST 12
#else
#define VECTOR_MOST 8
#endif

V_INLINE void vector_panel(const struct gemm *g, int j, vt tail, const int vectors, const int masked)
{
    vf sum[VECTOR_MOST];
    const vf zero = v_set(0.0f);
    const float *start = g->accumulate ? g->c : g->bias, *row = g->b + j;
    UNROLL
    for (int v = 0; v < vectors; v++) {
        const int cut = masked && v == vectors - 1;
        sum[v] = !start ? zero : cut ? v_load_tail(start + j + v * VW, tail) : v_load(start + j + v * VW);
    }
    for (int s = 0; s < g->segments; s++) {
        const float *a = g->a + s * g->a_segment;
        for (int k = 0; k < g->depth; k++, a += g->a_step, row += g->b_row) {
            const vf x = v_set(*a);
            UNROLL
            for (int v = 0; v < vectors; v++) {
                const int cut = masked && v == vectors - 1;
                sum[v] = v_fma(x, cut ? v_load_tail(row + v * VW, tail) : v_load(row + v * VW), sum[v]);
            }
        }
    }
    UNROLL
    for (int v = 0; v < vectors; v++) {
        float *c = g->c + j + v * VW;
        vf x = v_add(sum[v], zero);
        if (g->relu)
            x = v_pick(v_gt(x, zero), x, zero);
        if (masked && v == vectors - 1)
            v_store_tail(c, tail, x);
        else
            v_store(c, x);
    }
}

#define VECTOR(vectors)                                                                                                \
    static void vector_##vectors(const struct gemm *g, int j, int lanes)                                               \
    {                                                                                                                  \
        if (VW > 1 && lanes < VW)                                                                                      \
            vector_panel(g, j, v_tail(lanes), vectors, 1);                                                             \
        else                                                                                                           \
            vector_panel(g, j, v_tail(VW), vectors, 0);                                                                \
    }
VECTOR(1)
VECTOR(2)
VECTOR(3)
VECTOR(4)
VECTOR(6)
VECTOR(8)
#if VECTOR_MOST >= 12
VECTOR(12)
#endif
#if VECTOR_MOST >= 16
VECTOR(16)
#endif

/* Wide panels first; the last one has the lanes that fill no vector. */
static void vector_product(const struct gemm *g)
{
    static const struct {
        int vectors;
        void (*run)(const struct gemm *g, int j, int lanes);
    } panel[] = {
#if VECTOR_MOST >= 16
        {16, vector_16},
#endif
#if VECTOR_MOST >= 12
        {12, vector_12},
#endif
        {8, vector_8}, {6, vector_6}, {4, vector_4}, {3, vector_3}, {2, vector_2}, {1, vector_1},
    };
    for (int j = 0, p = 0; j < g->n;) {
        int left = (g->n - j + VW - 1) / VW;
        while (panel[p].vectors > left)
            p++;
        int end = j + panel[p].vectors * VW;
        panel[p].run(g, j, end <= g->n ? VW : VW - (end - g->n));
        j = end;
    }
}
