/* Scores often rise with size, and every morphism that widens can double a network: a search that nothing holds spends
 * its budget on a few that are a thousand times the first. */
#include "work/driver_internal.h"

#include "store/arches.h"

#include <math.h>

#define GROWTH 16      /* times the largest starting point */
#define SMALL 2000000  /* so many are allowed whatever the starting point */
#define TRIALS_AT_LEAST 40 /* that time or multiply-adds should have room for */

struct start {
    double macs;                 /* of the largest */
    double seconds, trained, sum; /* of those in full: what they took, and their multiply-adds */
};

static struct start starts_of(const struct driver *d)
{
    struct start s = {0, 0, 0, 0};
    for (size_t i = 0; i < d->trials; i++) {
        const struct trial_row *t = &d->trial[i];
        struct arch_row row;
        if (t->strategy[0] || !arches_get(d->w, t->arch, &row, NULL))
            continue;
        double macs = (double)row.macs, trained = driver_number(t, "training_macs");
        free(row.text);
        s.macs = macs > s.macs ? macs : s.macs;
        if (!driver_full(t) || !isfinite(t->seconds) || !isfinite(trained))
            continue;
        s.seconds += t->seconds;
        s.trained += trained;
        s.sum += macs;
    }
    return s;
}

int64_t driver_cap(const struct driver *d)
{
    const struct driver_options *o = d->options;
    if (o->max_macs > 0)
        return d->fitting > 0 && d->fitting < o->max_macs ? d->fitting : o->max_macs;
    struct start s = starts_of(d);
    double cap = fmax(GROWTH * s.macs, SMALL);
    if (o->macs > 0 && s.trained > 0)
        cap = fmin(cap, o->macs / TRIALS_AT_LEAST * s.sum / s.trained);
    if (o->seconds > 0 && s.seconds > 0)
        cap = fmin(cap, o->seconds * o->workers / TRIALS_AT_LEAST * s.sum / s.seconds);
    cap = fmin(fmax(cap, 2 * s.macs), 9e18); /* else nothing could grow */
    return d->fitting > 0 && (double)d->fitting < cap ? d->fitting : (int64_t)cap;
}
