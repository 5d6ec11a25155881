/* Functions whose sums run along a row: normalisation and softmax, part of body.h. Where a sum's axis cannot be widened
 * it runs in LANES side by side (simd.h); rmsnorm's runs in one chain of ascending channels, to which further channels
 * of zeros add nothing wherever they stand. */

#define SUMS (LANES / VW)

/* Runs `body` over n floats for sums in lanes: at, v the number of the running vector, cut and tail as in EACH. */
#define STRIPES(n, body)                                                                                               \
    do {                                                                                                               \
        for (size_t base = 0; base < (n); base += LANES) {                                                             \
            UNROLL                                                                                                     \
            for (size_t v = 0; v < SUMS; v++) {                                                                        \
                const size_t at = base + v * VW;                                                                       \
                if (at >= (n))                                                                                         \
                    break;                                                                                             \
                const int cut = VW > 1 && (n) - at < VW;                                                               \
                const vt tail = v_tail(cut ? (int)((n) - at) : VW);                                                    \
                (void)tail;                                                                                            \
                body                                                                                                   \
            }                                                                                                          \
        }                                                                                                              \
    } while (0)

V_INLINE void sums_start(vf *sum, float x)
{
    UNROLL
    for (int v = 0; v < SUMS; v++)
        sum[v] = v_set(x);
}

/* x in every lane that counts, +0 in the others: what is subtracted from a tail leaves the others +0. */
V_INLINE vf v_part(float x, int cut, vt tail)
{
    const float all[LANES] = {x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x};
    return cut ? v_load_tail(all, tail) : v_set(x);
}

/* --- normalisation ----------------------------------------------------------------------------------------------- */

/* Mean, then the mean square around it: two passes lose no digits where the mean is large. */
V_INLINE void centred_stat(const struct norm *g, const float *x, float *stat)
{
    vf sum[SUMS];
    size_t n = (size_t)g->columns;
    sums_start(sum, 0.0f);
    STRIPES(n, sum[v] = v_add(sum[v], LOAD(x)););
    stat[0] = v_total(sum) / g->divisor;
    sums_start(sum, 0.0f);
    STRIPES(n, vf d = v_sub(LOAD(x), v_part(stat[0], cut, tail)); sum[v] = v_fma(d, d, sum[v]););
    stat[1] = 1.0f / sqrtf(v_total(sum) / g->divisor + g->eps);
}

/* Chains of several rows side by side, so that one's latency is hidden behind the others. */
#define ROWS_AT_ONCE 8

V_INLINE void square_sums(const float *x, size_t columns, const int rows, float *sum)
{
    float s[ROWS_AT_ONCE] = {0};
    for (size_t c = 0; c < columns; c++) {
        UNROLL
        for (int r = 0; r < rows; r++)
            s[r] = fmaf(x[(size_t)r * columns + c], x[(size_t)r * columns + c], s[r]);
    }
    for (int r = 0; r < rows; r++)
        sum[r] = s[r];
}

static void plain_stats(const struct norm *g)
{
    size_t columns = (size_t)g->columns;
    for (int row = 0; row < g->rows;) {
        float sum[ROWS_AT_ONCE], *stat = g->stat + 2 * (size_t)row;
        const float *x = g->x + (size_t)row * columns;
        int rows = g->rows - row < ROWS_AT_ONCE ? 1 : ROWS_AT_ONCE;
        if (rows == ROWS_AT_ONCE)
            square_sums(x, columns, ROWS_AT_ONCE, sum);
        else
            square_sums(x, columns, 1, sum);
        for (int r = 0; r < rows; r++) {
            stat[2 * r] = 0.0f;
            stat[2 * r + 1] = 1.0f / sqrtf(sum[r] / g->divisor + g->eps);
        }
        row += rows;
    }
}

static void kernel_norm(const struct norm *g)
{
    const vf zero = v_set(0.0f);
    size_t n = (size_t)g->columns;
    if (!g->centred)
        plain_stats(g);
    for (size_t row = 0; row < (size_t)g->rows; row++) {
        const float *x = g->x + row * n;
        float *y = g->y + row * n, *stat = g->stat + 2 * row;
        if (g->centred)
            centred_stat(g, x, stat);
        const vf mean = v_set(stat[0]), inverse = v_set(stat[1]);
        EACH(n, vf h = v_mul(v_sub(LOAD(x), mean), inverse); vf b = g->bias ? LOAD(g->bias) : zero;
             STORE(y, PLUS_ZERO(v_fma(h, LOAD(g->gain), b))););
    }
}

V_INLINE void centred_dots(const struct norm_back *g, const float *x, const float *dy, const float *stat, float *mean,
                           float *slope)
{
    vf sum[SUMS], dot[SUMS];
    size_t n = (size_t)g->columns;
    sums_start(sum, 0.0f);
    sums_start(dot, 0.0f);
    const vf inverse = v_set(stat[1]);
    STRIPES(n, vf d = v_mul(LOAD(dy), LOAD(g->gain)); vf h = v_mul(v_sub(LOAD(x), v_part(stat[0], cut, tail)), inverse);
            sum[v] = v_add(sum[v], d); dot[v] = v_fma(d, h, dot[v]););
    *mean = v_total(sum) / g->divisor;
    *slope = v_total(dot) / g->divisor;
}

V_INLINE void plain_dots(const float *x, const float *dy, const float *gain, const float *stat, size_t columns,
                         const int rows, float *dot)
{
    float s[ROWS_AT_ONCE] = {0};
    for (size_t c = 0; c < columns; c++) {
        UNROLL
        for (int r = 0; r < rows; r++) {
            size_t at = (size_t)r * columns + c;
            s[r] = fmaf(dy[at] * gain[c], x[at] * stat[2 * r + 1], s[r]);
        }
    }
    for (int r = 0; r < rows; r++)
        dot[r] = s[r];
}

/* With h = (x - mean) inverse and d = dy gain: dx += inverse (d - mean(d) - h mean(d h)), the first mean only where
 * the value is centred (Ba et al. 2016; Zhang & Sennrich 2019). */
static void kernel_norm_back(const struct norm_back *g)
{
    size_t n = (size_t)g->columns;
    const vf zero = v_set(0.0f);
    float dot[ROWS_AT_ONCE];
    for (size_t row = 0; row < (size_t)g->rows; row++) {
        const float *x = g->x + row * n, *dy = g->dy + row * n, *stat = g->stat + 2 * row;
        float *dx = g->dx + row * n, mean = 0.0f, slope;
        if (g->centred) {
            centred_dots(g, x, dy, stat, &mean, &slope);
        } else {
            size_t whole = (size_t)g->rows / ROWS_AT_ONCE * ROWS_AT_ONCE;
            if (row < whole && row % ROWS_AT_ONCE == 0)
                plain_dots(x, dy, g->gain, stat, n, ROWS_AT_ONCE, dot);
            else if (row >= whole)
                plain_dots(x, dy, g->gain, stat, n, 1, dot);
            slope = dot[row < whole ? row % ROWS_AT_ONCE : 0] / g->divisor;
        }
        const vf centre = v_set(stat[0]), inverse = v_set(stat[1]), shift = v_set(mean), share = v_set(slope);
        EACH(n, vf h = v_mul(v_sub(LOAD(x), centre), inverse); vf d = v_sub(v_mul(LOAD(dy), LOAD(g->gain)), shift);
             vf was = g->add ? LOAD(dx) : zero; STORE(dx, PLUS_ZERO(v_fma(v_fnma(h, share, d), inverse, was))););
    }
}

static void kernel_norm_columns(const struct norm_columns *g)
{
    size_t n = (size_t)g->columns, stride = (size_t)g->stride;
    for (size_t row = 0; row < (size_t)g->rows; row++) {
        const float *x = g->x + row * stride, *dy = g->dy + row * stride;
        const vf centre = v_set(g->stat[2 * row]), inverse = v_set(g->stat[2 * row + 1]);
        float *gain = g->d_gain, *bias = g->d_bias;
        EACH(n, vf d = LOAD(dy); vf h = v_mul(v_sub(LOAD(x), centre), inverse);
             STORE(gain, PLUS_ZERO(v_fma(d, h, LOAD(gain)))););
        if (bias)
            EACH(n, STORE(bias, PLUS_ZERO(v_add(LOAD(bias), LOAD(dy)))););
    }
}

/* --- turning ----------------------------------------------------------------------------------------------------- */

/* Squares of TURN x TURN through registers; what lies beyond the matrix is neither read nor written. */
#if VW == 1
#define TURN 8
V_INLINE void turn_square(const float *in, ptrdiff_t in_row, float *out, ptrdiff_t out_row, int rows, int columns)
{
    for (ptrdiff_t c = 0; c < columns; c++)
        for (ptrdiff_t r = 0; r < rows; r++)
            out[c * out_row + r] = in[r * in_row + c];
}
#else
#define TURN VW
V_INLINE void turn_square(const float *in, ptrdiff_t in_row, float *out, ptrdiff_t out_row, int rows, int columns)
{
    const vt row_tail = v_tail(rows), column_tail = v_tail(columns);
    vf x[VW];
    UNROLL
    for (int r = 0; r < VW; r++)
        x[r] = r >= rows ? v_set(0.0f) : columns < VW ? v_load_tail(in + r * in_row, column_tail) : v_load(in + r * in_row);
    v_turn(x);
    UNROLL
    for (int c = 0; c < VW; c++)
        if (c < columns && rows < VW)
            v_store_tail(out + c * out_row, row_tail, x[c]);
        else if (c < columns)
            v_store(out + c * out_row, x[c]);
}
#endif

static void kernel_turn(int rows, int columns, const float *in, ptrdiff_t in_row, float *out, ptrdiff_t out_row)
{
    for (int i = 0; i < rows; i += TURN)
        for (int j = 0; j < columns; j += TURN) {
            int high = rows - i, wide = columns - j;
            const float *from = in + i * in_row + j;
            float *to = out + j * out_row + i;
            if (high >= TURN && wide >= TURN)
                turn_square(from, in_row, to, out_row, TURN, TURN);
            else
                turn_square(from, in_row, to, out_row, high < TURN ? high : TURN, wide < TURN ? wide : TURN);
        }
}

/* --- softmax ----------------------------------------------------------------------------------------------------- */

/* Down columns, a vector of them at a time; their sums run in LANES side by side as along a row: sum l over the rows
 * l, l + LANES and so on, joined by the tree of v_total. */
V_INLINE vf sums_total(const vf *sum)
{
    vf s[LANES / 2];
    UNROLL
    for (int l = 0; l < 8; l++)
        s[l] = v_add(sum[l], sum[l + 8]);
    UNROLL
    for (int l = 0; l < 4; l++)
        s[l] = v_add(s[l], s[l + 4]);
    return v_add(v_add(s[0], s[2]), v_add(s[1], s[3]));
}

/* Runs `body` on every row r < rows: l is its lane. Whole rounds of lanes are unrolled, so that sums stay in registers
 * where there are enough of them. */
#define ROUNDS(rows, body)                                                                                             \
    do {                                                                                                               \
        size_t round = 0;                                                                                              \
        for (; round + LANES <= (rows); round += LANES) {                                                              \
            UNROLL                                                                                                     \
            for (size_t l = 0; l < LANES; l++) {                                                                       \
                const size_t r = round + l;                                                                            \
                body                                                                                                   \
            }                                                                                                          \
        }                                                                                                              \
        UNROLL                                                                                                         \
        for (size_t l = 0; l < LANES; l++) {                                                                           \
            const size_t r = round + l;                                                                                \
            if (r < (rows)) {                                                                                          \
                body                                                                                                   \
            }                                                                                                          \
        }                                                                                                              \
    } while (0)

/* How many rows each of the columns from `at` on counts: a whole number below 2^24, which a float holds. */
V_INLINE vf counted_rows(const struct softmax *g, size_t at)
{
    float n[VW];
    for (int i = 0; i < VW; i++) {
        int64_t rows = g->first + ((int64_t)at + i) * g->step;
        n[i] = (float)(rows < g->rows ? rows : g->rows);
    }
    return v_load(n);
}

/* Rows that all columns from `at` on count. */
V_INLINE size_t counted_by_all(const struct softmax *g, size_t at)
{
    int64_t rows = g->first + (int64_t)at * g->step;
    return (size_t)(rows < g->rows ? rows : g->rows);
}

/* The columns of one vector: p = exp(s scale - most) / total, in place; what is masked becomes +0, and so does what is
 * below 2^-60: no sum could tell, and products with it would be denormal numbers, which slow a step many times over. */
V_INLINE void softmax_columns(const struct softmax *g, size_t at, const int cut, vt tail)
{
    const vf scale = v_set(g->scale), least = v_set(0x1p-60f), zero = v_set(0.0f), none = v_set(-INFINITY);
    const vf counted = counted_rows(g, at);
    const size_t rows = (size_t)g->rows, row = (size_t)g->stride, all = counted_by_all(g, at);
    float *x = g->p;
    vf most[4] = {none, none, none, none}, sum[LANES];
    UNROLL
    for (int l = 0; l < LANES; l++)
        sum[l] = zero;
    ROUNDS(rows, vf s = v_mul(LOAD(x + r * row), scale); if (r >= all) s = v_pick(v_gt(counted, v_set((float)r)), s, none);
           most[l % 4] = v_max(s, most[l % 4]););
    const vf top = v_max(v_max(most[0], most[1]), v_max(most[2], most[3]));
    ROUNDS(rows, vf e = curve_exp(v_sub(v_mul(LOAD(x + r * row), scale), top));
           if (r >= all) e = v_pick(v_gt(counted, v_set((float)r)), e, zero); STORE(x + r * row, e);
           sum[l] = v_add(sum[l], e););
    const vf inverse = v_div(v_set(1.0f), sums_total(sum));
    for (size_t r = 0; r < rows; r++) {
        vf p = v_mul(LOAD(x + r * row), inverse); /* never -0 */
        STORE(x + r * row, v_pick(v_gt(least, p), zero, p));
    }
}

static void kernel_softmax(const struct softmax *g)
{
    EACH((size_t)g->columns, softmax_columns(g, at, cut, tail););
}

/* ds = scale p (dp - sum of p dp), in the place of dp. Where p is masked it is +0, and so is ds. */
V_INLINE void softmax_back_columns(const struct softmax *g, size_t at, const int cut, vt tail)
{
    const vf scale = v_set(g->scale);
    const size_t rows = (size_t)g->rows, p_row = (size_t)g->stride, d_row = (size_t)g->d_stride;
    const float *p = g->p;
    float *d = g->d;
    vf sum[LANES];
    UNROLL
    for (int l = 0; l < LANES; l++)
        sum[l] = v_set(0.0f);
    ROUNDS(rows, sum[l] = v_fma(LOAD(p + r * p_row), LOAD(d + r * d_row), sum[l]););
    const vf total = sums_total(sum);
    for (size_t r = 0; r < rows; r++) {
        vf s = v_mul(LOAD(p + r * p_row), v_sub(LOAD(d + r * d_row), total));
        STORE(d + r * d_row, PLUS_ZERO(v_mul(s, scale)));
    }
}

static void kernel_softmax_back(const struct softmax *g)
{
    EACH((size_t)g->columns, softmax_back_columns(g, at, cut, tail););
}
