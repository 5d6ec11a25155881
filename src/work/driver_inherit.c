/* What inheritance saved, by estimate: what each grown trial that was run in full took to come to its best epoch,
 * against what it would have taken had it needed as many epochs as the starting points did in the same fold. Both in
 * multiply-adds, so that larger networks weigh more. Whether it would have come as far from scratch is not asked: that
 * is measured by inherit.h. */
#include "work/driver_internal.h"

#include "base/text.h"
#include "store/arches.h"
#include "work/json.h"

#include <math.h>

struct epochs {
    double sum[DATASET_FOLDS_MAX];
    int n;
};

static void add_start(struct epochs *e, const struct trial_row *t)
{
    json_t *j = json_loads(t->result, 0, NULL);
    const json_t *folds = json_object_get(j, "folds");
    for (size_t k = 0; k < json_array_size(folds) && k < DATASET_FOLDS_MAX; k++)
        e->sum[k] += json_member_number(json_array_get(folds, k), "best_epoch");
    e->n++;
    json_decref(j);
}

struct saving {
    double took, scratch, epochs, scratch_epochs; /* the epochs are sums over folds */
    int trials, folds;
};

static void add_grown(struct saving *s, const struct epochs *e, const struct trial_row *t, double macs)
{
    json_t *j = json_loads(t->result, 0, NULL);
    const json_t *folds = json_object_get(j, "folds");
    for (size_t k = 0; k < json_array_size(folds) && k < DATASET_FOLDS_MAX; k++) {
        const json_t *fold = json_array_get(folds, k);
        double epochs = json_member_number(fold, "epochs"), best = json_member_number(fold, "best_epoch");
        double steps = epochs > 0 ? json_member_number(fold, "steps") / epochs : 0;
        s->took += macs * steps * best;
        s->scratch += macs * steps * e->sum[k] / e->n;
        s->epochs += best;
        s->scratch_epochs += e->sum[k] / e->n;
        s->folds++;
    }
    s->trials++;
    json_decref(j);
}

json_t *driver_inherited(const struct driver *d)
{
    struct epochs starts = {{0}, 0};
    struct saving s = {0};
    for (size_t i = 0; i < d->trials; i++)
        if (driver_full(&d->trial[i]) && !d->trial[i].strategy[0])
            add_start(&starts, &d->trial[i]);
    for (size_t i = 0; i < d->trials && starts.n > 0; i++) {
        struct arch_row row;
        const struct trial_row *t = &d->trial[i];
        if (!driver_full(t) || !t->parent || !arches_get(d->w, t->arch, &row, NULL))
            continue;
        free(row.text);
        add_grown(&s, &starts, t, (double)row.macs);
    }
    if (s.folds == 0 || !(s.scratch > 0))
        return json_null();
    return json_pack("{s:s, s:i, s:o, s:o, s:o}", "kind", "estimate", "trials", s.trials, "epochs_to_best",
                     json_of_number(s.epochs / s.folds), "starting_points_epochs_to_best",
                     json_of_number(s.scratch_epochs / s.folds), "saved", json_of_number(1 - s.took / s.scratch));
}
