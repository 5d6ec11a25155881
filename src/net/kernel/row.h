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
                const int cut = VW > 1 && (n)-at < VW;                                                                 \
                const vt tail = v_tail(cut ? (int)((n)-at) : VW);                                                      \
                (void)tail;                                                                                            \
                body                                                                                                   \
            }                                                                                                          \
        }                                                                                                              \
    } while (0)

V_INLINE void sums_start(vf *sum, const size_t rows)
{
    UNROLL
    for (size_t v = 0; v < rows * SUMS; v++)
        sum[v] = v_set(0.0f);
}

/* --- normalisation ----------------------------------------------------------------------------------------------- */

/* Several rows side by side, so that the latency of one's sums is hidden behind the others. */
#define ROWS_AT_ONCE 8
#define CENTRED_AT_ONCE 4 /* each has LANES sums */

/* Mean, then the mean square around it: two passes lose no digits where the mean is large. */
V_INLINE void centred_stats(const struct norm *g, const float *x, float *stat, const size_t rows)
{
    vf sum[CENTRED_AT_ONCE * SUMS], mean[CENTRED_AT_ONCE];
    const size_t n = (size_t)g->columns;
    sums_start(sum, rows);
    STRIPES(n, UNROLL for (size_t r = 0; r < rows; r++) sum[r * SUMS + v] = v_add(sum[r * SUMS + v], LOAD(x + r * n)););
    for (size_t r = 0; r < rows; r++) {
        stat[2 * r] = v_total(sum + r * SUMS) / g->divisor;
        mean[r] = v_set(stat[2 * r]);
    }
    sums_start(sum, rows);
    STRIPES(
        n, UNROLL for (size_t r = 0; r < rows; r++) {
            vf d = v_sub(LOAD(x + r * n), mean[r]);
            if (cut)
                d = v_keep(d, tail);
            sum[r * SUMS + v] = v_fma(d, d, sum[r * SUMS + v]);
        });
    for (size_t r = 0; r < rows; r++)
        stat[2 * r + 1] = 1.0f / sqrtf(v_total(sum + r * SUMS) / g->divisor + g->eps);
}

V_INLINE void plain_stats(const struct norm *g, const float *x, float *stat, const size_t rows)
{
    float s[ROWS_AT_ONCE] = {0};
    size_t columns = (size_t)g->columns;
    for (size_t c = 0; c < columns; c++) {
        UNROLL
        for (size_t r = 0; r < rows; r++)
            s[r] = fmaf(x[r * columns + c], x[r * columns + c], s[r]);
    }
    for (size_t r = 0; r < rows; r++) {
        stat[2 * r] = 0.0f;
        stat[2 * r + 1] = 1.0f / sqrtf(s[r] / g->divisor + g->eps);
    }
}

V_INLINE void norm_rows(const struct norm *g, size_t row, const size_t rows, const bool centred)
{
    const size_t n = (size_t)g->columns;
    const float *x = g->x + row * n, *gain = g->gain, *bias = g->bias;
    float *y = g->y + row * n, *stat = g->stat + 2 * row;
    if (centred)
        centred_stats(g, x, stat, rows);
    else
        plain_stats(g, x, stat, rows);
    for (size_t r = 0; r < rows; r++, x += n, y += n) {
        const vf mean = v_set(stat[2 * r]), inverse = v_set(stat[2 * r + 1]);
        EACH(n, vf h = v_mul(v_sub(LOAD(x), mean), inverse); vf b = bias ? LOAD(bias) : v_set(0.0f);
             STORE(y, PLUS_ZERO(v_fma(h, LOAD(gain), b))););
    }
}

static void kernel_norm(const struct norm *g)
{
    const size_t rows = (size_t)g->rows;
    size_t row = 0;
    for (; g->centred && row + CENTRED_AT_ONCE <= rows; row += CENTRED_AT_ONCE)
        norm_rows(g, row, CENTRED_AT_ONCE, true);
    for (; !g->centred && row + ROWS_AT_ONCE <= rows; row += ROWS_AT_ONCE)
        norm_rows(g, row, ROWS_AT_ONCE, false);
    for (; row < rows; row++)
        if (g->centred)
            norm_rows(g, row, 1, true);
        else
            norm_rows(g, row, 1, false);
}

/* The means of d = dy gain and of d h. */
V_INLINE void centred_dots(const struct norm_back *g, const float *x, const float *dy, const float *stat, float *mean,
                           float *slope, const size_t rows)
{
    vf sum[CENTRED_AT_ONCE * SUMS], dot[CENTRED_AT_ONCE * SUMS];
    const size_t n = (size_t)g->columns;
    sums_start(sum, rows);
    sums_start(dot, rows);
    STRIPES(
        n, const vf gain = LOAD(g->gain); UNROLL for (size_t r = 0; r < rows; r++) {
            vf d = v_mul(LOAD(dy + r * n), gain);
            vf h = v_mul(v_sub(LOAD(x + r * n), v_set(stat[2 * r])), v_set(stat[2 * r + 1]));
            if (cut)
                h = v_keep(h, tail);
            sum[r * SUMS + v] = v_add(sum[r * SUMS + v], d);
            dot[r * SUMS + v] = v_fma(d, h, dot[r * SUMS + v]);
        });
    for (size_t r = 0; r < rows; r++) {
        mean[r] = v_total(sum + r * SUMS) / g->divisor;
        slope[r] = v_total(dot + r * SUMS) / g->divisor;
    }
}

V_INLINE void plain_dots(const struct norm_back *g, const float *x, const float *dy, const float *stat, float *mean,
                         float *slope, const size_t rows)
{
    float s[ROWS_AT_ONCE] = {0};
    const size_t columns = (size_t)g->columns;
    for (size_t c = 0; c < columns; c++) {
        UNROLL
        for (size_t r = 0; r < rows; r++) {
            size_t at = r * columns + c;
            s[r] = fmaf(dy[at] * g->gain[c], x[at] * stat[2 * r + 1], s[r]);
        }
    }
    for (size_t r = 0; r < rows; r++) {
        mean[r] = 0.0f;
        slope[r] = s[r] / g->divisor;
    }
}

V_INLINE void norm_back_rows(const struct norm_back *g, size_t row, const size_t rows, const bool centred)
{
    const size_t n = (size_t)g->columns;
    const float *x = g->x + row * n, *dy = g->dy + row * n, *stat = g->stat + 2 * row, *gain = g->gain;
    float *dx = g->dx + row * n, mean[ROWS_AT_ONCE], slope[ROWS_AT_ONCE];
    const bool add = g->add;
    if (centred)
        centred_dots(g, x, dy, stat, mean, slope, rows);
    else
        plain_dots(g, x, dy, stat, mean, slope, rows);
    for (size_t r = 0; r < rows; r++, x += n, dy += n, dx += n) {
        const vf centre = v_set(stat[2 * r]), inverse = v_set(stat[2 * r + 1]);
        const vf shift = v_set(mean[r]), share = v_set(slope[r]);
        EACH(n, vf h = v_mul(v_sub(LOAD(x), centre), inverse); vf d = v_sub(v_mul(LOAD(dy), LOAD(gain)), shift);
             vf was = add ? LOAD(dx) : v_set(0.0f); STORE(dx, PLUS_ZERO(v_fma(v_fnma(h, share, d), inverse, was))););
    }
}

/* With h = (x - mean) inverse and d = dy gain: dx += inverse (d - mean(d) - h mean(d h)), the first mean only where
 * the value is centred (Ba et al. 2016; Zhang & Sennrich 2019). */
static void kernel_norm_back(const struct norm_back *g)
{
    const size_t rows = (size_t)g->rows;
    size_t row = 0;
    for (; g->centred && row + CENTRED_AT_ONCE <= rows; row += CENTRED_AT_ONCE)
        norm_back_rows(g, row, CENTRED_AT_ONCE, true);
    for (; !g->centred && row + ROWS_AT_ONCE <= rows; row += ROWS_AT_ONCE)
        norm_back_rows(g, row, ROWS_AT_ONCE, false);
    for (; row < rows; row++)
        if (g->centred)
            norm_back_rows(g, row, 1, true);
        else
            norm_back_rows(g, row, 1, false);
}

/* Down the rows, the sums of one vector of columns in registers. */
static void kernel_norm_columns(const struct norm_columns *g)
{
    const size_t rows = (size_t)g->rows, stride = (size_t)g->stride;
    const float *x = g->x, *dy = g->dy;
    EACH(
        (size_t)g->columns, vf gain = LOAD(g->d_gain); vf bias = g->d_bias ? LOAD(g->d_bias) : v_set(0.0f);
        for (size_t r = 0; r < rows; r++) {
            vf d = LOAD(dy + r * stride);
            vf h = v_mul(v_sub(LOAD(x + r * stride), v_set(g->stat[2 * r])), v_set(g->stat[2 * r + 1]));
            gain = v_fma(d, h, gain);
            bias = v_add(bias, d);
        } STORE(g->d_gain, PLUS_ZERO(gain));
        if (g->d_bias) STORE(g->d_bias, PLUS_ZERO(bias)););
}

/* --- turning ----------------------------------------------------------------------------------------------------- */

#if VW == 1
#define TURN 4
V_INLINE void v_load_turned(const float *p, ptrdiff_t row, vf x[TURN * TURN])
{
    for (int i = 0; i < TURN * TURN; i++)
        x[i] = p[i % TURN * row + i / TURN];
}
#else
#define TURN VW
#endif

V_INLINE void turn_square(const float *in, ptrdiff_t in_row, float *out, ptrdiff_t out_row)
{
    vf x[TURN * TURN / VW];
    v_load_turned(in, in_row, x);
    UNROLL
    for (int c = 0; c < TURN; c++, out += out_row) {
        UNROLL
        for (int r = 0; r < TURN; r += VW)
            v_store(out + r, x[(c * TURN + r) / VW]);
    }
}

V_INLINE int at_most(int n, int most)
{
    return n < most ? n : most;
}

/* What there is of a square, through one filled up with zeros. */
V_INLINE void turn_part(const float *in, ptrdiff_t in_row, float *out, ptrdiff_t out_row, int rows, int columns)
{
    float square[TURN * TURN];
    vf x[TURN * TURN / VW];
    for (int r = 0; r < TURN; r++, in += in_row)
        for (int c = 0; c < TURN; c += VW) {
            const bool there = r < rows && c < columns;
            v_store(square + r * TURN + c, there ? v_load_tail(in + c, v_tail(at_most(columns - c, VW))) : v_set(0.0f));
        }
    v_load_turned(square, TURN, x);
    UNROLL
    for (int c = 0; c < TURN; c++, out += out_row) {
        UNROLL
        for (int r = 0; r < TURN; r += VW)
            if (c < columns && r < rows)
                v_store_tail(out + r, v_tail(at_most(rows - r, VW)), x[(c * TURN + r) / VW]);
    }
}

#if VW == 16
/* Half a square, as narrow heads of attention have it: eight rows, or eight columns. */
V_INLINE bool turn_half(const float *in, ptrdiff_t in_row, float *out, ptrdiff_t out_row, int rows, int columns)
{
    vf x[TURN];
    const vt eight = v_tail(8);
    if (rows == TURN && columns == 8) {
        v_load_turned_part(in, in_row, x, 4, 2);
        UNROLL
        for (int c = 0; c < 8; c++)
            v_store(out + c * out_row, x[c]);
        return true;
    }
    if (rows == 8 && columns == TURN) {
        v_load_turned_part(in, in_row, x, 2, 4);
        UNROLL
        for (int c = 0; c < TURN; c++)
            v_store_tail(out + c * out_row, eight, x[c]);
        return true;
    }
    return false;
}
#else
V_INLINE bool turn_half(const float *in, ptrdiff_t in_row, float *out, ptrdiff_t out_row, int rows, int columns)
{
    (void)in, (void)in_row, (void)out, (void)out_row, (void)rows, (void)columns;
    return false;
}
#endif

static void kernel_turn(int rows, int columns, const float *in, ptrdiff_t in_row, float *out, ptrdiff_t out_row)
{
    for (int i = 0; i < rows; i += TURN)
        for (int j = 0; j < columns; j += TURN) {
            const int high = at_most(rows - i, TURN), wide = at_most(columns - j, TURN);
            const float *from = in + i * in_row + j;
            float *to = out + j * out_row + i;
            if (high == TURN && wide == TURN)
                turn_square(from, in_row, to, out_row);
            else if (!turn_half(from, in_row, to, out_row, high, wide))
                turn_part(from, in_row, to, out_row, high, wide);
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
    ROUNDS(rows, vf s = v_mul(LOAD(x + r * row), scale);
           if (r >= all) s = v_pick(v_gt(counted, v_set((float)r)), s, none); most[l % 4] = v_max(s, most[l % 4]););
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
