#include "train/compare.h"

#include "base/memory.h"
#include "base/text.h"

/* The samples of `of` that `with` has too, in their order. */
static struct crossval *shared(const struct crossval *of, const struct crossval *with)
{
    struct crossval *c = NEW(struct crossval);
    size_t each = (size_t)of->outputs, k = 0;

    *c = (struct crossval){.kind = of->kind, .outputs = of->outputs};
    c->sample = NEW_ARRAY(uint32_t, of->n);
    c->prediction = NEW_ARRAY(float, of->n *each);
    c->target = NEW_ARRAY(float, of->n);
    c->reference = of->reference ? NEW_ARRAY(double, of->n) : NULL;
    for (size_t i = 0; i < of->n; i++) {
        while (k < with->n && with->sample[k] < of->sample[i])
            k++;
        if (k == with->n || with->sample[k] != of->sample[i])
            continue;
        memcpy(c->prediction + c->n * each, of->prediction + i * each, each * sizeof(float));
        c->sample[c->n] = of->sample[i];
        c->target[c->n] = of->target[i];
        if (c->reference)
            c->reference[c->n] = of->reference[i];
        c->n++;
    }
    struct metric_input in = crossval_scored(c);
    metric_score(&c->metric, &in);
    return c;
}

static void say(struct comparison *out, const char *name_a, const char *name_b, enum task_target kind)
{
    const struct metric_interval *d = &out->difference;
    bool tells = d->low > 0.0 || d->high < 0.0;
    double unit = kind == TASK_RETURN ? 1.0 : 100.0;
    const char *what = kind == TASK_RETURN ? "in R2" : kind == TASK_CLASS ? "points of balanced accuracy" : "points";
    char bars[32];

    text_of_count(out->n, bars, sizeof bars);
    snprintf(out->sentence, sizeof out->sentence, "%.48s %s %.48s: %.*f against %.*f, %+.*f %s [%+.*f, %+.*f] on %s bars.",
             name_a, tells ? d->low > 0.0 ? "is better than" : "is worse than" : "cannot be told from", name_b,
             kind == TASK_RETURN ? 4 : 2, unit * out->a, kind == TASK_RETURN ? 4 : 2, unit * out->b,
             kind == TASK_RETURN ? 4 : 2, unit * d->mean, what, kind == TASK_RETURN ? 4 : 2, unit * d->low,
             kind == TASK_RETURN ? 4 : 2, unit * d->high, bars);
}

bool compare_models(struct comparison *out, const struct crossval *a, const char *name_a, const struct crossval *b,
                    const char *name_b, const struct dataset *d, struct error *err)
{
    struct metric_moments at;

    *out = (struct comparison){0};
    if (a->kind != b->kind || a->outputs != b->outputs)
        return error_set(err, ERROR_DATA, "%s and %s have different targets", name_a, name_b);
    struct crossval *x = shared(a, b), *y = shared(b, a);
    bool ok = x->n > 0;
    if (ok) {
        struct metric_input in_x = crossval_scored(x), in_y = crossval_scored(y);
        crossval_moments(&at, x, d);
        out->n = x->n;
        out->a = metric_objective(&x->metric, x->kind);
        out->b = metric_objective(&y->metric, y->kind);
        metric_bootstrap_difference(&out->difference, &in_x, &in_y, &at, metric_block(at.n, d->task.horizon),
                                    d->task.seed);
        metric_moments_free(&at);
        say(out, name_a, name_b, a->kind);
    } else {
        error_set(err, ERROR_DATA, "%s and %s were scored on no common bars", name_a, name_b);
    }
    crossval_free(x);
    crossval_free(y);
    return ok;
}
