#include "train/spa.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/vmath.h"

#include <math.h>

/* Half-open range of cells. */
struct range {
    uint16_t first, end;
};

struct spa {
    size_t moments, cells, each; /* moments of a cell; the last may have fewer */
    int resamples;
    double threshold;     /* sqrt(2 log log moments) */
    struct range *range;  /* of all resamples, one behind the other */
    size_t *begin;        /* [resamples + 1] */
    size_t capacity;
    double *sum, *number; /* [cells + 1] room for one trial: gains and samples of the first i cells */
    double *all;          /* [cells + 1] samples of everything */
    double *all_drawn;    /* [resamples] samples of everything in a resample */
    double *mean;         /* [resamples] room for one trial */
    double *most;         /* [resamples] the largest statistic so far */
};

static void put_range(struct spa *s, size_t *n, size_t first, size_t end)
{
    s->range = memory_grow(s->range, &s->capacity, *n + 1, sizeof *s->range);
    s->range[(*n)++] = (struct range){(uint16_t)first, (uint16_t)end};
}

/* A block's length, geometric with mean `block`, by inversion. */
static size_t draw_length(struct random *random, double log_stay, size_t most)
{
    double length = 1.0 + floor(vmath_log(1.0 - random_unit(random)) / log_stay);

    return length < (double)most ? (size_t)length : most;
}

/* A block that runs over the end goes on at the beginning, as a range of its own. */
static void draw_resample(struct spa *s, size_t *n, double block, uint64_t seed, uint32_t number)
{
    struct random random = random_start(seed, RANDOM_BOOTSTRAP, number, 1);
    double log_stay = block > 1.0 ? vmath_log1p(-1.0 / block) : 0.0;

    for (size_t left = s->cells; left > 0;) {
        size_t first = random_below(&random, (uint32_t)s->cells);
        size_t length = block > 1.0 ? draw_length(&random, log_stay, left) : 1;
        size_t end = first + length;
        put_range(s, n, first, end < s->cells ? end : s->cells);
        if (end > s->cells)
            put_range(s, n, 0, end - s->cells);
        left -= length;
    }
}

static double drawn(const struct spa *s, const double *sum, int resample)
{
    double total = 0.0;

    for (size_t i = s->begin[resample]; i < s->begin[resample + 1]; i++)
        total += sum[s->range[i].end] - sum[s->range[i].first];
    return total;
}

/* Sums over the first 0, 1, ... cells. */
static void add_up(const struct spa *s, double *sum, const double *value)
{
    sum[0] = 0.0;
    for (size_t c = 0; c < s->cells; c++) {
        size_t end = (c + 1) * s->each < s->moments ? (c + 1) * s->each : s->moments;
        double total = 0.0;
        for (size_t i = c * s->each; i < end; i++)
            total += value[i];
        sum[c + 1] = sum[c] + total;
    }
}

struct spa *spa_new(const double *samples, size_t moments, double block, int resamples, uint64_t seed,
                    struct error *err)
{
    struct spa *s = NEW(struct spa);
    size_t n = 0;

    ASSERT(moments > 0 && block >= 1.0 && resamples > 0);
    *s = (struct spa){.moments = moments, .each = (moments + SPA_CELLS - 1) / SPA_CELLS, .resamples = resamples};
    s->cells = (moments + s->each - 1) / s->each;
    double twice = moments > 3 ? 2.0 * vmath_log(vmath_log((double)moments)) : 0.0;
    s->threshold = twice > 0.0 ? sqrt(twice) : 0.0;
    size_t need = s->cells + 1 > (size_t)resamples ? s->cells + 1 : (size_t)resamples;
    double **const room[] = {&s->sum, &s->number, &s->all, &s->all_drawn, &s->mean, &s->most};
    for (size_t i = 0; i < ARRAY_N(room); i++) {
        *room[i] = memory_try(need, sizeof(double), "the resampling", err);
        if (!*room[i]) {
            spa_free(s);
            return NULL;
        }
    }
    s->begin = NEW_ARRAY(size_t, resamples + 1);
    for (int b = 0; b < resamples; b++) {
        draw_resample(s, &n, block / (double)s->each, seed, (uint32_t)b);
        s->begin[b + 1] = n;
    }
    add_up(s, s->all, samples);
    for (int b = 0; b < resamples; b++)
        s->all_drawn[b] = drawn(s, s->all, b);
    return s;
}

void spa_free(struct spa *s)
{
    if (!s)
        return;
    free(s->range);
    free(s->begin);
    free(s->sum);
    free(s->number);
    free(s->all);
    free(s->all_drawn);
    free(s->mean);
    free(s->most);
    free(s);
}

static double deviation(const double *x, int n)
{
    double mean = 0.0, squares = 0.0;

    for (int i = 0; i < n; i++)
        mean += x[i];
    mean /= n;
    for (int i = 0; i < n; i++)
        squares += (x[i] - mean) * (x[i] - mean);
    return n > 1 ? sqrt(squares / (n - 1)) : 0.0;
}

/* A resample without any of the trial's own samples tells nothing of it: it stands at the mean. */
static void resample_means(struct spa *s, const double *samples, double mean)
{
    for (int b = 0; b < s->resamples; b++) {
        double number = samples ? drawn(s, s->number, b) : s->all_drawn[b];
        s->mean[b] = number > 0.0 ? drawn(s, s->sum, b) / number : mean;
    }
}

struct spa_trial spa_add(struct spa *s, const double *gain, const double *samples, double least_error)
{
    struct spa_trial out = {0};

    add_up(s, s->sum, gain);
    if (samples)
        add_up(s, s->number, samples);
    double number = (samples ? s->number : s->all)[s->cells];
    if (number <= 0.0)
        return out;
    out.mean = s->sum[s->cells] / number;
    resample_means(s, samples, out.mean);
    out.error = deviation(s->mean, s->resamples);
    bool still = !(out.error > 0.0);
    if (still)
        out.error = least_error;
    if (!(out.error > 0.0))
        return out;
    out.t = out.mean / out.error;
    double shift = out.t >= -s->threshold ? out.mean : 0.0;
    for (int b = 0; b < s->resamples && !still; b++) {
        double t = (s->mean[b] - shift) / out.error;
        s->most[b] = t > s->most[b] ? t : s->most[b];
    }
    return out;
}

double spa_p(const struct spa *s, double t)
{
    int reached = 0;

    for (int b = 0; b < s->resamples; b++)
        reached += s->most[b] >= t;
    return (1.0 + reached) / (1.0 + s->resamples);
}
