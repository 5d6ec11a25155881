/* One Gaussian process of the surrogate. */
#include "search/surrogate_internal.h"

#include "base/memory.h"

void surrogate_model_end(struct surrogate_model *m)
{
    gp_end(&m->gp);
    kernel_end(&m->kernel);
    free(m->scaled);
    free(m->standing);
    m->scaled = m->standing = NULL;
}

static double noise_of(const struct surrogate *s, const struct surrogate_model *m, int i)
{
    return m->kernel.noise + surrogate_noise(s, i);
}

void surrogate_model_factor(const struct surrogate *s, struct surrogate_model *m)
{
    int n = s->fitted_on, dims = s->sizes;
    struct gp_matrix graph;
    double *x = NEW_ARRAY(double, n *dims), *y = NEW_ARRAY(double, n), *noise = NEW_ARRAY(double, n);
    gp_matrix_start(&graph, n);
    for (int i = 0; i < n; i++) {
        memcpy(x + i * dims, s->point[i].f.size, (size_t)dims * sizeof *x);
        y[i] = surrogate_standardised(s, s->point[i].score);
        noise[i] = surrogate_noise(s, i);
    }
    double *column = NEW_ARRAY(double, n *GP_LANES), *at[WL_DEPTHS] = {NULL};
    at[m->at.depth] = column;
    for (int j = 0; j < n; j++) {
        surrogate_graph_lane(s, at, 0, &s->point[j].f, j + 1);
        for (int i = 0; i <= j; i++)
            *gp_matrix_at(&graph, i, j) = column[i * GP_LANES];
    }
    struct kernel_data data = {.n = n, .dims = dims, .x = x, .y = y, .noise = noise, .graph = &graph};
    kernel_end(&m->kernel);
    kernel_start(&m->kernel, &data, m->at.theta);
    kernel_evidence(&data, m->at.theta, NULL, &m->gp, s->options.pool);
    gp_matrix_end(&graph);
    free(column);
    free(x);
    free(y);
    free(noise);
}

void surrogate_model_scale(const struct surrogate *s, struct surrogate_model *m)
{
    double *x = NEW_ARRAY(double, s->points * s->sizes);
    for (int i = 0; i < s->points; i++)
        memcpy(x + i * s->sizes, s->point[i].f.size, (size_t)s->sizes * sizeof *x);
    free(m->scaled);
    m->scaled = kernel_scaled(&m->kernel, x, s->points);
    free(x);
}

void surrogate_model_covariances(const struct surrogate *s, const struct surrogate_model *m, double *k,
                                 const struct surrogate_features *f, int count, const double *graph)
{
    int dims = s->sizes;
    double *at = NEW_ARRAY(double, GP_LANES *dims);
    for (int l = 0; l < count; l++)
        for (int d = 0; d < dims; d++)
            at[l * dims + d] = f[l].size[d] * m->kernel.scale[d];
    kernel_covariances(&m->kernel, k, m->scaled, m->gp.n, at, count, graph);
    free(at);
}

double *surrogate_model_column(const struct surrogate *s, const struct surrogate_model *m,
                               const struct surrogate_features *f)
{
    int room = (m->gp.n + GP_LANES) / GP_LANES * GP_LANES;
    double *k = NEW_ARRAY(double, room *GP_LANES), *graph[WL_DEPTHS] = {NULL};
    graph[m->at.depth] = NEW_ARRAY(double, room *GP_LANES);
    surrogate_graph_lane(s, graph, 0, f, m->gp.n);
    surrogate_model_covariances(s, m, k, f, 1, graph[m->at.depth]);
    for (int i = 0; i < m->gp.n; i++)
        k[i] = k[i * GP_LANES];
    free(graph[m->at.depth]);
    return k;
}

void surrogate_model_take_in(const struct surrogate *s, struct surrogate_model *m, int i, double y)
{
    double *k = surrogate_model_column(s, m, &s->point[i].f);
    ASSERT(m->gp.n == i);
    gp_append(&m->gp, k, m->kernel.variance + noise_of(s, m, i), y);
    free(k);
}

/* (K - noise) alpha = y - noise alpha. */
void surrogate_model_stand(const struct surrogate *s, struct surrogate_model *m)
{
    free(m->standing);
    m->standing = NEW_ARRAY(double, s->n);
    for (int i = 0; i < s->n; i++)
        m->standing[i] = m->gp.target[i] - (noise_of(s, m, i) + m->gp.jitter) * m->gp.alpha[i];
}
