#include "train/schedule.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/vmath.h"

#define PI 0x1.921fb54442d18p+1
#define CYCLE_RISE 0.3
#define CYCLE_START 25.0

struct schedule {
    const char *name;
    /* at: the share of the steps behind the warm-up that is done, 0 to below 1; epoch: those done in all */
    double (*rate)(const struct recipe *r, double at, int64_t epoch);
};

/* From a to b along half a cosine, as at goes from 0 to 1. */
static double glide(double a, double b, double at)
{
    return b + (a - b) * (1.0 + vmath_cos(PI * at)) / 2.0;
}

static double constant(const struct recipe *r, double at, int64_t epoch)
{
    (void)at;
    (void)epoch;
    return (double)r->learning_rate;
}

static double linear(const struct recipe *r, double at, int64_t epoch)
{
    (void)epoch;
    return (double)r->learning_rate + ((double)r->min_rate - (double)r->learning_rate) * at;
}

static double cosine(const struct recipe *r, double at, int64_t epoch)
{
    (void)epoch;
    return glide((double)r->learning_rate, (double)r->min_rate, at);
}

static double step(const struct recipe *r, double at, int64_t epoch)
{
    double rate = (double)r->learning_rate;

    (void)at;
    for (int64_t i = epoch / r->step_size; i > 0 && rate > (double)r->min_rate; i--)
        rate *= (double)r->gamma;
    return rate > (double)r->min_rate ? rate : (double)r->min_rate;
}

static double onecycle(const struct recipe *r, double at, int64_t epoch)
{
    double most = (double)r->learning_rate;

    (void)epoch;
    return at < CYCLE_RISE ? glide(most / CYCLE_START, most, at / CYCLE_RISE)
                           : glide(most, (double)r->min_rate, (at - CYCLE_RISE) / (1.0 - CYCLE_RISE));
}

static const struct schedule table[] = {
    {"constant", constant}, {"cosine", cosine}, {"linear", linear}, {"step", step}, {"onecycle", onecycle},
};

const char *schedule_name(int i)
{
    return i >= 0 && i < (int)ARRAY_N(table) ? table[i].name : NULL;
}

double schedule_rate(const struct recipe *r, int64_t s, int64_t steps)
{
    const struct schedule *found = NULL;
    int64_t warmup = r->warmup, of_epoch = steps / r->epochs;

    ASSERT(s >= 0 && s < steps);
    if (s < warmup)
        return (double)r->learning_rate * (double)(s + 1) / (double)warmup;
    for (size_t i = 0; i < ARRAY_N(table); i++)
        if (text_equal(table[i].name, r->schedule))
            found = &table[i];
    ASSERT(found);
    return found->rate(r, (double)(s - warmup) / (double)(steps - warmup), of_epoch > 0 ? s / of_epoch : 0);
}
