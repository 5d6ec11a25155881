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

/* Adds a model's k and k alpha at each point. */
static void add_terms(const struct surrogate *s, const struct surrogate_model *m, const struct surrogate_features *f,
                      double *k, double *term)
{
    double *here = surrogate_model_column(s, m, f);
    for (int i = 0; i < m->gp.n; i++) {
        k[i] += here[i] / m->kernel.variance / s->models;
        term[i] += here[i] * m->gp.alpha[i] / s->models;
    }
    free(here);
}

bool near_start(struct near *out, const struct surrogate *s, const struct arch *a, int most)
{
    struct surrogate_features f;
    *out = (struct near){.observations = s->n};
    if (s->fitted_on == 0 || s->n == 0)
        return false;
    surrogate_features_of(&f, a);
    double *k = NEW_ARRAY(double, s->points), *term = NEW_ARRAY(double, s->points);
    for (int i = 0; i < s->models; i++)
        add_terms(s, &s->model[i], &f, k, term);
    out->one = NEW_ARRAY(struct near_one, s->points);
    for (int i = 0; i < s->points; i++) {
        out->sum += term[i];
        if (i < s->n)
            out->one[out->n++] = (struct near_one){i, k[i], k[i] > 0 ? term[i] / k[i] : 0};
    }
    qsort(out->one, (size_t)out->n, sizeof *out->one, nearest_first);
    out->n = out->n < most ? out->n : most;
    free(k);
    free(term);
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
