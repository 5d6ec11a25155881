/* Predictions of a trained model for a view. */
#include "train/predictor.h"
#include "train/trainer.h"
#include "train/window.h"

#define PREDICT_BATCH 256

bool train_predict(const struct model *m, float *out, const struct train_view *view, struct threads *pool,
                   struct error *err)
{
    struct train_view v = *view;
    size_t batch = v.n < PREDICT_BATCH ? v.n : PREDICT_BATCH;

    v.target = NULL;
    if (v.n == 0)
        return true;
    struct predictor *p = predictor_new(m, &v.goal, v.lookback, v.channels, (int)batch, pool, err);
    bool ok = p && window_check(&v, "samples", err) && predictor_run(p, out, v.feature, v.bar, v.n, err);
    predictor_free(p);
    return ok;
}
