#include "search/near.h"

#include "base/memory.h"
#include "search/state.h"
#include "search/surrogate_internal.h"

static int nearest_first(const void *a, const void *b)
{
    const struct near_one *x = a, *y = b;
    if (x->k != y->k)
        return x->k > y->k ? -1 : 1;
    return x->observation - y->observation;
}

static double *covariances(const struct surrogate *s, const struct surrogate_features *f)
{
    int n = s->gp.n, room = (n + GP_LANES - 1) / GP_LANES * GP_LANES;
    double *graph = NEW_ARRAY(double, room *GP_LANES), *k = NEW_ARRAY(double, room *GP_LANES);
    double *at = NEW_ARRAY(double, GP_LANES *s->sizes);
    for (int d = 0; d < s->sizes; d++)
        at[d] = f->size[d] * s->kernel.scale[d];
    surrogate_graph_lane(s, graph, 0, f, n);
    kernel_covariances(&s->kernel, k, s->scaled, n, at, 1, graph);
    free(graph);
    free(at);
    return k;
}

bool near_start(struct near *out, const struct surrogate *s, const struct arch *a, int most)
{
    struct surrogate_features f;
    *out = (struct near){.observations = s->n};
    if (s->fitted_on == 0 || s->n == 0)
        return false;
    surrogate_features_of(&f, a);
    double *k = covariances(s, &f), variance = s->kernel.variance;
    out->one = NEW_ARRAY(struct near_one, s->gp.n);
    for (int i = 0; i < s->gp.n; i++) {
        double here = k[(ptrdiff_t)i * GP_LANES];
        out->sum += here * s->gp.alpha[i];
        if (i < s->n)
            out->one[out->n++] = (struct near_one){i, here / variance, s->gp.alpha[i] * variance};
    }
    qsort(out->one, (size_t)out->n, sizeof *out->one, nearest_first);
    out->n = out->n < most ? out->n : most;
    free(k);
    surrogate_features_end(&f);
    return true;
}

void near_end(struct near *n)
{
    free(n->one);
}

int near_trial(const struct search *s, int observation)
{
    for (int i = 0; i < s->told.n; i++)
        if (!s->told.item[i].failed && observation-- == 0)
            return s->told.item[i].id;
    return -1;
}
