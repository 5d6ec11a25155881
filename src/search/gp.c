#include "search/gp.h"

#include "base/memory.h"
#include "base/vmath.h"

#include <math.h>
#include <string.h>

#define LOG_2PI 1.8378770664093454836
#define L GP_LANES

static int panels_for(int n)
{
    return (n + L - 1) / L;
}

/* Where a panel's square on the diagonal begins: below it there is nothing. */
static double *corner(const struct gp_matrix *m, int p)
{
    return m->panel[p] + (ptrdiff_t)p * DENSE_SQUARE;
}

/* Zeros that begin at a line of the cache. A search's matrices count as small: there is no going on without them. */
static double *squares_new(int squares)
{
    struct error err = {0};
    double *p = memory_try((size_t)squares * DENSE_SQUARE, sizeof *p, "a covariance matrix", &err);
    ASSERT(p);
    return p;
}

void gp_matrix_start(struct gp_matrix *m, int n)
{
    *m = (struct gp_matrix){.n = n, .panels = panels_for(n)};
    m->panel = NEW_ARRAY(double *, m->panels);
    for (int p = 0; p < m->panels; p++)
        m->panel[p] = squares_new(p + 1);
}

void gp_matrix_end(struct gp_matrix *m)
{
    for (int p = 0; p < m->panels; p++)
        free(m->panel[p]);
    free(m->panel);
    *m = (struct gp_matrix){0};
}

/* --- factor ------------------------------------------------------------------------------------------------------ */

/* Columns from n on are those of the unit matrix. */
static void pad(struct gp_matrix *m, int n)
{
    if (m->panels == 0)
        return;
    int p = m->panels - 1;
    for (int l = n - p * L; l < L; l++) {
        for (int i = 0; i < (p + 1) * L; i++)
            m->panel[p][i * L + l] = 0;
        *gp_matrix_at(m, p * L + l, p * L + l) = 1;
    }
}

/* From left to right: a panel's part above the diagonal is solved with the panels before it. */
static bool factor_panel(struct gp *g, int p, const struct dense *d)
{
    double *v = g->factor.panel[p];
    for (int j = 0; j < p; j++) {
        double *c = v + (ptrdiff_t)j * DENSE_SQUARE;
        d->subtract(c, g->factor.panel[j], v, j * L);
        d->solve(c, corner(&g->factor, j), g->inverse + j * L);
    }
    d->subtract(corner(&g->factor, p), v, v, p * L);
    return d->factor(corner(&g->factor, p), g->inverse + p * L);
}

static bool factor_all(struct gp *g, const struct gp_matrix *k)
{
    const struct dense *d = dense_active();
    for (int p = 0; p < k->panels; p++)
        memcpy(g->factor.panel[p], k->panel[p], (size_t)(p + 1) * DENSE_SQUARE * sizeof(double));
    for (int i = 0; i < k->n; i++)
        *gp_matrix_at(&g->factor, i, i) += g->jitter;
    pad(&g->factor, k->n);
    for (int p = 0; p < k->panels; p++)
        if (!factor_panel(g, p, d))
            return false;
    return true;
}

/* U'^-1 b for one square on the diagonal. */
static void solve_square(const struct gp *g, int p, double *b)
{
    const double *u = corner(&g->factor, p), *inverse = g->inverse + p * L;
    for (int j = 0; j < L; j++) {
        b[j] *= inverse[j];
        for (int i = j + 1; i < L; i++)
            b[i] = fma(-u[j * L + i], b[j], b[i]);
    }
}

/* U'^-1 b in b's place, b padded with zeros. */
static void solve_lower(const struct gp *g, double *b, int panels)
{
    const struct dense *d = dense_active();
    for (int p = 0; p < panels; p++) {
        d->subtract_column(b + (ptrdiff_t)p * L, g->factor.panel[p], b, p * L);
        solve_square(g, p, b + (ptrdiff_t)p * L);
    }
}

/* The product of a row with a vector: eight sums over every eighth lane, joined in pairs. */
static double row_times(const double *row, const double *x)
{
    double sum[8];
    for (int l = 0; l < 8; l++)
        sum[l] = row[l] * x[l] + row[8 + l] * x[8 + l] + row[16 + l] * x[16 + l];
    return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

/* alpha = U^-1 solved, from the last panel to the first. */
static void solve_alpha(struct gp *g)
{
    memcpy(g->alpha, g->solved, (size_t)g->factor.panels * L * sizeof *g->alpha);
    for (int p = g->factor.panels - 1; p >= 0; p--) {
        double *x = g->alpha + (ptrdiff_t)p * L;
        const double *u = corner(&g->factor, p);
        for (int i = L - 1; i >= 0; i--) {
            for (int l = i + 1; l < L; l++)
                x[i] -= u[i * L + l] * x[l];
            x[i] *= g->inverse[p * L + i];
        }
        for (int i = 0; i < p * L; i++)
            g->alpha[i] -= row_times(g->factor.panel[p] + (ptrdiff_t)i * L, x);
    }
}

void gp_retarget(struct gp *g, const double *y)
{
    memcpy(g->target, y, (size_t)g->n * sizeof *y);
    memcpy(g->solved, g->target, (size_t)g->factor.panels * L * sizeof *y);
    solve_lower(g, g->solved, g->factor.panels);
    solve_alpha(g);
}

void gp_factor(struct gp *g, const struct gp_matrix *k, const double *y)
{
    double mean = 0;
    for (int i = 0; i < k->n; i++)
        mean += *gp_matrix_at(k, i, i) / k->n;
    if (g->factor.n != k->n) {
        gp_end(g);
        gp_matrix_start(&g->factor, k->n);
        size_t room = (size_t)k->panels * L;
        g->inverse = NEW_ARRAY(double, room);
        g->target = NEW_ARRAY(double, room);
        g->solved = NEW_ARRAY(double, room);
        g->alpha = NEW_ARRAY(double, room);
    }
    g->n = k->n;
    g->jitter = 0;
    while (!factor_all(g, k)) {
        g->jitter = g->jitter > 0 ? 10 * g->jitter : 1e-10 * mean;
        ASSERT(g->jitter > 0 && g->jitter < 1e6 * mean); /* K holds a NaN, or is no covariance */
    }
    gp_retarget(g, y);
}

void gp_end(struct gp *g)
{
    gp_matrix_end(&g->factor);
    free(g->inverse);
    free(g->target);
    free(g->solved);
    free(g->alpha);
    *g = (struct gp){0};
}

/* --- one more, or fewer ------------------------------------------------------------------------------------------- */

static double *grow(double *list, int from, int to)
{
    list = memory_resize(list, (size_t)to, sizeof *list);
    for (int i = from; i < to; i++)
        list[i] = 0;
    return list;
}

static void add_panel(struct gp *g)
{
    int p = g->factor.panels, from = p * L, to = from + L;
    g->factor.panel = memory_resize(g->factor.panel, (size_t)p + 1, sizeof *g->factor.panel);
    g->factor.panel[p] = squares_new(p + 1);
    g->factor.panels = p + 1;
    g->inverse = grow(g->inverse, from, to);
    g->target = grow(g->target, from, to);
    g->solved = grow(g->solved, from, to);
    g->alpha = grow(g->alpha, from, to);
    for (int i = from; i < to; i++)
        g->inverse[i] = 1;
    pad(&g->factor, from);
}

void gp_append(struct gp *g, const double *k, double variance, double y)
{
    int n = g->n;
    if (n == g->factor.panels * L)
        add_panel(g);
    int panels = g->factor.panels;
    double *u = NEW_ARRAY(double, panels *L), pivot = variance + g->jitter, least = 1e-12 * variance;
    memcpy(u, k, (size_t)n * sizeof *u);
    solve_lower(g, u, panels); /* the lanes beyond n stay zero */
    for (int i = 0; i < n; i++)
        pivot = fma(-u[i], u[i], pivot);
    u[n] = sqrt(pivot > least ? pivot : least);
    for (int i = 0; i <= n; i++)
        *gp_matrix_at(&g->factor, i, n) = u[i];
    g->inverse[n] = 1 / u[n];
    g->target[n] = y;
    for (int i = 0; i < n; i++)
        y = fma(-u[i], g->solved[i], y);
    g->solved[n] = y * g->inverse[n];
    g->n = g->factor.n = n + 1;
    solve_alpha(g);
    free(u);
}

void gp_truncate(struct gp *g, int n)
{
    ASSERT(n >= 0 && n <= g->n);
    while (g->factor.panels > panels_for(n))
        free(g->factor.panel[--g->factor.panels]);
    for (int i = n; i < g->factor.panels * L; i++) {
        g->inverse[i] = 1;
        g->target[i] = g->solved[i] = 0;
    }
    pad(&g->factor, n);
    g->n = g->factor.n = n;
    solve_alpha(g);
}

/* --- posterior ---------------------------------------------------------------------------------------------------- */

static void posterior_of(const struct gp *g, const double *k, double *mean, double *square)
{
    double *u = NEW_ARRAY(double, g->factor.panels *L);
    memcpy(u, k, (size_t)g->n * sizeof *u);
    solve_lower(g, u, g->factor.panels);
    for (int i = 0; i < g->n; i++) {
        *mean = fma(u[i], g->solved[i], *mean);
        *square = fma(u[i], u[i], *square);
    }
    free(u);
}

double gp_mean(const struct gp *g, const double *k)
{
    double sum[4] = {0};
    for (int i = 0; i < g->n; i++)
        sum[i % 4] += k[i] * g->alpha[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

double gp_variance(const struct gp *g, const double *k, double prior)
{
    double mean = 0, square = 0;
    posterior_of(g, k, &mean, &square);
    return prior > square ? prior - square : 0;
}

/* Panels of points that are solved side by side: each part of the factor serves all of them while it is near. */
#define GROUP 5

/* U'^-1 K* for a group of panels, each of factor.panels squares. */
static void solve_group(const struct gp *g, double *const *v, int group)
{
    const struct dense *d = dense_active();
    for (int j = 0; j < g->factor.panels; j++)
        for (int i = 0; i < group; i++) {
            double *c = v[i] + (ptrdiff_t)j * DENSE_SQUARE;
            d->subtract(c, g->factor.panel[j], v[i], j * L);
            d->solve(c, corner(&g->factor, j), g->inverse + (ptrdiff_t)j * L);
        }
}

static double *panel_of(const struct gp *g, const struct gp_query *q, int p)
{
    double *v = squares_new(g->factor.panels);
    q->fill(q->context, v, p * L, q->n - p * L < L ? q->n - p * L : L);
    for (int i = g->n * L; i < g->factor.panels * DENSE_SQUARE; i++)
        v[i] = 0; /* whatever stands there is nobody's covariance */
    return v;
}

struct posterior {
    const struct gp *g;
    const struct gp_query *q;
    double prior, *mean, *variance;
};

static void posterior_group(void *context, int task)
{
    const struct posterior *w = context;
    int first = task * GROUP, all = panels_for(w->q->n), group = all - first < GROUP ? all - first : GROUP;
    double *v[GROUP] = {NULL};
    for (int i = 0; i < group; i++)
        v[i] = panel_of(w->g, w->q, first + i);
    solve_group(w->g, v, group);
    for (int i = 0; i < group; i++) {
        double mean[L] = {0}, square[L] = {0};
        dense_active()->reduce(mean, square, v[i], w->g->solved, w->g->n);
        for (int l = 0, at = (first + i) * L; l < L && at < w->q->n; l++, at++) {
            w->mean[at] = mean[l];
            w->variance[at] = w->prior > square[l] ? w->prior - square[l] : 0;
        }
        free(v[i]);
    }
}

void gp_posterior(const struct gp *g, const struct gp_query *q, double prior, double *mean, double *variance,
                  struct threads *pool)
{
    struct posterior w = {.g = g, .q = q, .prior = prior, .mean = mean, .variance = variance};
    threads_run(pool, (panels_for(q->n) + GROUP - 1) / GROUP, posterior_group, &w);
}

void gp_posterior_joint(const struct gp *g, const struct gp_query *q, struct gp_matrix *prior, double *mean)
{
    int panels = panels_for(q->n), depth = g->factor.panels * L;
    double **v = NEW_ARRAY(double *, panels);
    ASSERT(prior->n == q->n);
    for (int p = 0; p < panels; p++) {
        double sum[L] = {0}, square[L] = {0};
        v[p] = panel_of(g, q, p);
        solve_group(g, &v[p], 1);
        dense_active()->reduce(sum, square, v[p], g->solved, g->n);
        for (int l = 0; l < L && p * L + l < q->n; l++)
            mean[p * L + l] = sum[l];
        for (int j = 0; j <= p; j++)
            dense_active()->subtract(prior->panel[p] + (ptrdiff_t)j * DENSE_SQUARE, v[j], v[p], depth);
    }
    for (int p = 0; p < panels; p++)
        free(v[p]);
    free(v);
}

/* --- inverse and evidence ----------------------------------------------------------------------------------------- */

struct inversion {
    const struct gp *g;
    double **w; /* W = U'^-1 in panels from the diagonal down: w[p] has the rows from p L on */
    struct gp_matrix *out;
};

static void invert_panel(void *context, int p)
{
    const struct inversion *v = context;
    const struct gp_matrix *f = &v->g->factor;
    const struct dense *d = dense_active();
    double *w = v->w[p];
    for (int l = 0; l < L; l++)
        w[l * L + l] = 1;
    for (int j = p; j < f->panels; j++) {
        double *c = w + (ptrdiff_t)(j - p) * DENSE_SQUARE;
        d->subtract(c, f->panel[j] + (ptrdiff_t)p * DENSE_SQUARE, w, (j - p) * L);
        d->solve(c, corner(f, j), v->g->inverse + (ptrdiff_t)j * L);
    }
}

/* K^-1 = W' W; W's rows above its own panel are zero. */
static void square_panel(void *context, int p)
{
    const struct inversion *v = context;
    int depth = (v->g->factor.panels - p) * L;
    double *out = v->out->panel[p];
    for (int j = 0; j <= p; j++)
        dense_active()->subtract(out + (ptrdiff_t)j * DENSE_SQUARE, v->w[j] + (ptrdiff_t)(p - j) * DENSE_SQUARE,
                                 v->w[p], depth);
    for (int i = 0; i < (p + 1) * DENSE_SQUARE; i++)
        out[i] = -out[i];
}

void gp_inverse(const struct gp *g, struct gp_matrix *out, struct threads *pool)
{
    int panels = g->factor.panels;
    struct inversion v = {.g = g, .w = NEW_ARRAY(double *, panels), .out = out};
    for (int p = 0; p < panels; p++)
        v.w[p] = squares_new(panels - p);
    threads_run(pool, panels, invert_panel, &v);
    threads_run(pool, panels, square_panel, &v);
    for (int p = 0; p < panels; p++)
        free(v.w[p]);
    free(v.w);
}

double gp_evidence(const struct gp *g)
{
    double log_root = 0, square = 0;
    for (int i = 0; i < g->n; i++) {
        log_root += vmath_log(*gp_matrix_at(&g->factor, i, i));
        square = fma(g->solved[i], g->solved[i], square);
    }
    return -0.5 * square - log_root - 0.5 * g->n * LOG_2PI;
}
