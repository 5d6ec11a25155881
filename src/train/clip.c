#include "train/clip.h"

#include "base/memory.h"
#include "net/kernel/kernel.h"

#include <math.h>

static size_t pieces_of(size_t n)
{
    return (n + CLIP_PIECE - 1) / CLIP_PIECE;
}

bool clip_start(struct clip *c, float most, size_t n, struct error *err)
{
    *c = (struct clip){.most = most};
    c->piece = memory_try(pieces_of(n) + 1, sizeof *c->piece, "the length of the gradient", err);
    return c->piece != NULL;
}

void clip_end(struct clip *c)
{
    free(c->piece);
    c->piece = NULL;
}

struct sum {
    double *piece;
    const float *x;
    size_t n;
};

static void sum_piece(void *context, int task)
{
    const struct sum *s = context;
    size_t first = (size_t)task * CLIP_PIECE, left = s->n - first, n = left < CLIP_PIECE ? left : CLIP_PIECE, i = 0;
    const float *x = s->x + first;
    double lane[CLIP_LANES] = {0};

    for (; i + CLIP_LANES <= n; i += CLIP_LANES)
        for (size_t l = 0; l < CLIP_LANES; l++)
            lane[l] += (double)x[i + l] * (double)x[i + l];
    for (size_t l = 0; i + l < n; l++)
        lane[l] += (double)x[i + l] * (double)x[i + l];
    for (size_t half = CLIP_LANES / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++)
            lane[l] += lane[l + half];
    s->piece[task] = lane[0];
}

double clip_norm(struct clip *c, const float *x, size_t n, struct threads *pool)
{
    struct sum s = {c->piece, x, n};
    double sum = 0.0;

    threads_run(pool, (int)pieces_of(n), sum_piece, &s);
    for (size_t i = 0; i < pieces_of(n); i++)
        sum += c->piece[i];
    c->norm = sqrt(sum);
    return c->norm;
}

struct scale {
    float *x;
    size_t n;
    float by;
};

static void scale_piece(void *context, int task)
{
    const struct scale *s = context;
    size_t first = (size_t)task * CLIP_PIECE, left = s->n - first;

    kernel_active()->times(left < CLIP_PIECE ? left : CLIP_PIECE, s->by, s->x + first, s->x + first);
}

bool clip_gradient(struct clip *c, float *gradient, size_t n, bool measure, struct threads *pool)
{
    bool clips = c->most > 0.0F;

    if (!clips && !measure)
        return true;
    if (!isfinite(clip_norm(c, gradient, n, pool)))
        return false;
    if (!clips || c->norm <= (double)c->most)
        return true;
    struct scale s = {gradient, n, (float)((double)c->most / c->norm)};
    threads_run(pool, (int)pieces_of(n), scale_piece, &s);
    return true;
}
