#include "train/optimizer.h"

#include "net/kernel/kernel.h"

#include <math.h>

#define BETA1 0.9
#define BETA2 0.999
#define EPSILON 1e-8F

/* Elements of one task: large enough that waking a thread costs less than the work. */
#define SHARE 32768

struct step {
    struct adam set;
    struct model *m;
    const float *gradient;
};

static void multiply(double *power, double by)
{
    *power *= by;
    if (*power < 0x1p-100)
        *power = 0.0;
}

void optimizer_start(struct optimizer *o, const struct model *m, const struct recipe *r)
{
    ASSERT(m->moment[0] && m->moment[1]);
    *o = (struct optimizer){.learning_rate = r->learning_rate, .power = {1.0, 1.0}};
    for (int64_t i = 0; i < m->step && (o->power[0] > 0.0 || o->power[1] > 0.0); i++) {
        multiply(&o->power[0], BETA1);
        multiply(&o->power[1], BETA2);
    }
}

static void step_share(void *context, int task)
{
    const struct step *s = context;
    size_t first = (size_t)task * SHARE;
    size_t left = s->m->weights - first;

    kernel_active()->adam(&s->set, left < SHARE ? left : SHARE, s->gradient + first, s->m->weight + first,
                          s->m->moment[0] + first, s->m->moment[1] + first);
}

void optimizer_step(struct optimizer *o, struct model *m, const float *gradient, struct threads *pool)
{
    multiply(&o->power[0], BETA1);
    multiply(&o->power[1], BETA2);
    struct step s = {
        .set = {.beta1_rest = (float)(1.0 - BETA1),
                .beta2 = (float)BETA2,
                .beta2_rest = (float)(1.0 - BETA2),
                .rate = (float)((double)o->learning_rate / (1.0 - o->power[0])),
                .root = (float)(1.0 / sqrt(1.0 - o->power[1])),
                .epsilon = EPSILON},
        .m = m,
        .gradient = gradient,
    };
    threads_run(pool, (int)((m->weights + SHARE - 1) / SHARE), step_share, &s);
    m->step++;
}
