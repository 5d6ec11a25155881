/* The baselines that are trained: models as a person makes them, each with a small grid of settings that are stated, run
 * through the same folds and the same number of epochs as everything else.
 *
 *   logistic     logistic (class: softmax, return: linear) regression on the last bar, with weight decay
 *   lstm         one LSTM, read at the last bar
 *   transformer  two blocks of a causal Transformer encoder, read at the last bar
 *   tcn          dilated causal convolutions with skips, as many as it takes to see the whole window
 *
 * The grid's first point of each family comes first, so that whoever has little time has each family once. */
#ifndef TRAIN_BASELINE_MODEL_H
#define TRAIN_BASELINE_MODEL_H

#include "net/arch.h"
#include "train/recipe.h"

#define BASELINE_MODELS 8
#define BASELINE_FAMILIES 4
#define BASELINE_QUICK_EPOCHS 10

struct baseline_model {
    const char *name, *family, *about;
    int width, depth; /* of the template; 0: as it is */
    float learning_rate, weight_decay;
    int warmup;
    bool decay_apart; /* AdamW instead of Adam */
};

extern const struct baseline_model baseline_models[BASELINE_MODELS];

/* For windows [time, channels]. */
struct arch *baseline_arch(const struct baseline_model *m, int time, int channels, int outputs, struct error *err);
/* The point's settings on top of those that all models share. */
void baseline_recipe(struct recipe *out, const struct baseline_model *m, const struct recipe *shared);

#endif
