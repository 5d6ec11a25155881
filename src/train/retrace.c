#include "train/retrace.h"

#include "base/memory.h"
#include "net/plan.h"
#include "train/optimizer.h"

#include <inttypes.h>

#define MAGIC "morphsmith-state 1\n"
#define WEIGHTS_MOST (UINT64_C(1) << 40) /* so that no product below overflows */

/* --- states ------------------------------------------------------------------------------------------------------- */

bool retrace_state_encode(const struct model *m, struct bytes *out, struct error *err)
{
    int moments = model_moments(m);
    size_t floats = m->weights * (size_t)(1 + moments) * sizeof(float);
    uint8_t *room = memory_try(floats + 64, 1, "the state of a training", err);

    if (!room)
        return false;
    free(out->data);
    *out = (struct bytes){room, 0, floats + 64};
    bytes_put(out, MAGIC, strlen(MAGIC));
    bytes_put_u64(out, (uint64_t)m->step);
    bytes_put_u64(out, m->weights);
    bytes_put_u8(out, (uint8_t)moments);
    bytes_put(out, m->weight, m->weights * sizeof(float));
    for (int i = 0; i < moments; i++)
        bytes_put(out, m->moment[i], m->weights * sizeof(float));
    return true;
}

bool retrace_state_decode(struct retrace_state *out, const void *data, size_t n, struct error *err)
{
    struct bytes_reader r = bytes_read(data, n);
    const uint8_t *magic = bytes_get(&r, strlen(MAGIC));
    uint64_t steps = bytes_get_u64(&r), weights = bytes_get_u64(&r);

    *out = (struct retrace_state){.moments = bytes_get_u8(&r)};
    if (r.failed || memcmp(magic, MAGIC, strlen(MAGIC)) != 0)
        return error_set(err, ERROR_CHAIN, "the state does not begin with \"morphsmith-state 1\" and its numbers");
    if (steps > INT64_MAX || weights > WEIGHTS_MOST || out->moments > 2)
        return error_set(err, ERROR_CHAIN, "the state's numbers cannot be: %" PRIu64 " steps, %" PRIu64 " weights, %d moments",
                         steps, weights, out->moments);
    out->steps = (int64_t)steps;
    out->weights = (size_t)weights;
    for (int i = 0; i <= out->moments; i++)
        out->part[i] = bytes_get(&r, out->weights * sizeof(float));
    return bytes_done(&r) || error_set(err, ERROR_CHAIN, "the state is %zu bytes long, which does not fit its %zu weights",
                                       n, out->weights);
}

struct hash retrace_state_leaf(const struct retrace_state *s)
{
    uint8_t text[3 * HASH_BYTES + 8];

    for (int i = 0; i < 3; i++) {
        size_t n = i <= s->moments ? s->weights * sizeof(float) : 0;
        struct hash part = hash_of(n > 0 ? (const void *)s->part[i] : "", n);
        memcpy(text + i * HASH_BYTES, part.byte, HASH_BYTES);
    }
    for (int i = 0; i < 8; i++)
        text[3 * HASH_BYTES + i] = (uint8_t)((uint64_t)s->steps >> (8 * i));
    return hash_of(text, sizeof text);
}

/* --- a fold ------------------------------------------------------------------------------------------------------- */

static bool measure(struct retrace *r, struct error *err)
{
    struct optimizer o = {0};
    struct model *m = retrace_fresh(r, err);
    size_t batch = (size_t)r->recipe.batch;

    r->epoch = (int64_t)((r->views.train.n + batch - 1) / batch);
    r->steps = r->epoch * r->recipe.epochs;
    r->interval = trace_interval(arch_parameters(r->arch), plan_macs(r->arch), r->recipe.batch);
    r->back = r->views.stop.n > 0;
    bool ok = m && optimizer_start(&o, m, &r->recipe, r->steps, err);
    r->moments = ok ? model_moments(m) : 0;
    optimizer_end(&o);
    model_free(m);
    return ok;
}

bool retrace_start(struct retrace *r, const struct dataset *d, const struct arch *a, const struct recipe *recipe,
                   int fold, struct error *err)
{
    *r = (struct retrace){.d = d, .arch = a, .fold = fold, .recipe = *recipe};
    if (fold < 0 || fold >= d->folds)
        return error_set(err, ERROR_USAGE, "there is no fold %d: the data set has %d", fold + 1, d->folds);
    r->recipe.seed = crossval_seed(recipe->seed, fold);
    if (!recipe_check(recipe, err) || !crossval_views(&r->views, d, fold, &r->recipe, err))
        return false;
    return measure(r, err);
}

void retrace_end(struct retrace *r)
{
    free(r->views.scaled);
    *r = (struct retrace){0};
}

/* A training ends behind an epoch: behind the last one where patience cannot end it earlier. */
bool retrace_may_have(const struct retrace *r, uint64_t leaves)
{
    bool early = r->back && r->recipe.patience > 0;

    for (int64_t e = early ? 1 : r->recipe.epochs; e <= r->recipe.epochs; e++)
        if (leaves == (uint64_t)(e * r->epoch / r->interval) + 1)
            return true;
    return false;
}

bool retrace_fits(const struct retrace *r, const struct retrace_state *s)
{
    return s->steps >= 0 && s->steps <= r->steps && s->weights == (size_t)arch_parameters(r->arch) &&
           s->moments == r->moments;
}

struct model *retrace_fresh(const struct retrace *r, struct error *err)
{
    return crossval_fresh(r->arch, &r->recipe, err);
}

struct model *retrace_model(const struct retrace *r, const struct retrace_state *s, struct error *err)
{
    struct model *m = retrace_fits(r, s) ? retrace_fresh(r, err) : NULL;

    if (!m || !model_need_moments(m, s->moments, err)) {
        model_free(m);
        return NULL;
    }
    memcpy(m->weight, s->part[0], s->weights * sizeof(float));
    for (int i = 0; i < s->moments; i++)
        memcpy(m->moment[i], s->part[1 + i], s->weights * sizeof(float));
    m->step = s->steps;
    return m;
}

bool retrace_go(const struct retrace *r, struct model *m, struct train_stretch *out, int64_t until,
                struct threads *pool, const struct train_hooks *hooks, struct error *err)
{
    const struct train_view *stop = m->step == 0 ? &r->views.stop : NULL;

    return train_stretch(m, out, &r->views.train, stop, &r->recipe, m->step, until, r->fold, pool, hooks, err);
}

bool retrace_counts(const struct retrace *r, const struct model *m, uint64_t *correct, uint64_t *total,
                    struct threads *pool, struct error *err)
{
    const struct dataset_fold *f = &r->d->fold[r->fold];
    struct train_view view = r->views.train;
    size_t each = (size_t)dataset_outputs(r->d);

    view.bar = r->d->bar + f->valid_first;
    view.target = r->d->target + f->valid_first;
    view.n = f->valid_end - f->valid_first;
    *correct = 0;
    *total = view.n;
    float *prediction = memory_try(view.n * each, sizeof *prediction, "the predictions", err);
    bool ok = prediction && train_predict(m, prediction, &view, pool, err);
    for (size_t i = 0; ok && i < view.n; i++)
        *correct += loss_is_right(r->d->task.target, (int)each, prediction + i * each, view.target[i]);
    free(prediction);
    return ok;
}
