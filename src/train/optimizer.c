#include "train/optimizer.h"

#include "base/text.h"
#include "train/optim/kinds.h"
#include "train/schedule.h"

#include <math.h>

/* Elements worth a task: fewer cost less than waking a thread. Tasks are as many as threads, all alike, and begin at
 * whole cache lines. */
#define SHARE_LEAST 4096
#define LINE 16

struct step {
    const struct optimizer_kind *kind;
    struct optimizer_at at;
    struct model *m;
    float *gradient;
    size_t share;
};

const char *optimizer_name(int i)
{
    return optimizer_table[i] ? optimizer_table[i]->name : NULL;
}

static const struct optimizer_kind *kind_of(const struct recipe *r)
{
    int i = 0;

    while (optimizer_table[i] && !text_equal(optimizer_table[i]->name, r->optimizer))
        i++;
    ASSERT(optimizer_table[i]);
    return optimizer_table[i];
}

static void multiply(double *power, double by)
{
    *power *= by;
    if (*power < 0x1p-100)
        *power = 0.0;
}

bool optimizer_start(struct optimizer *o, struct model *m, const struct recipe *r, int64_t steps, struct error *err)
{
    *o = (struct optimizer){.kind = kind_of(r), .recipe = r, .steps = steps};
    if (!model_need_moments(m, o->kind->moments, err) || !clip_start(&o->clip, r->clip, m->weights, err))
        return false;
    optimizer_go_on(o, m, 0);
    return true;
}

void optimizer_go_on(struct optimizer *o, const struct model *m, int64_t done)
{
    o->done = done;
    o->power[0] = o->power[1] = 1.0;
    for (int64_t i = 0; i < m->step && (o->power[0] > 0.0 || o->power[1] > 0.0); i++) {
        multiply(&o->power[0], o->kind->beta[0]);
        multiply(&o->power[1], o->kind->beta[1]);
    }
}

void optimizer_end(struct optimizer *o)
{
    clip_end(&o->clip);
}

static void step_share(void *context, int task)
{
    const struct step *s = context;
    size_t first = (size_t)task * s->share;
    size_t left = s->m->weights - first;
    float *const moment[2] = {s->m->moment[0] + first, s->m->moment[1] ? s->m->moment[1] + first : NULL};

    s->kind->apply(&s->at, left < s->share ? left : s->share, s->gradient + first, s->m->weight + first, moment);
}

bool optimizer_step(struct optimizer *o, struct model *m, float *gradient, bool measure, struct threads *pool)
{
    if (!clip_gradient(&o->clip, gradient, m->weights, measure, pool))
        return false;
    o->rate = schedule_rate(o->recipe, o->done++, o->steps);
    multiply(&o->power[0], o->kind->beta[0]);
    multiply(&o->power[1], o->kind->beta[1]);
    struct step s = {
        .kind = o->kind,
        .at = {.recipe = o->recipe, .rate = o->rate, .power = {o->power[0], o->power[1]}},
        .m = m,
        .gradient = gradient,
    };
    size_t threads = (size_t)threads_n(pool);
    s.share = (m->weights + threads - 1) / threads;
    s.share = (s.share < SHARE_LEAST ? SHARE_LEAST : s.share + LINE - 1) / LINE * LINE;
    threads_run(pool, (int)((m->weights + s.share - 1) / s.share), step_share, &s);
    m->step++;
    return true;
}

bool optimizer_is_sane(struct optimizer *o, const struct model *m, struct threads *pool)
{
    double norm = o->clip.norm;
    bool sane = isfinite(clip_norm(&o->clip, m->weight, m->weights, pool));

    o->clip.norm = norm;
    return sane;
}
