/* A recipe: every training setting that bits depend on, and its canonical text:
 *
 *   morphsmith-recipe 1
 *   epochs 30
 *   batch 64
 *   learning_rate 0.001
 *   optimizer adam
 *   patience 5
 *   stop_ppm 150000
 *   seed 1
 *
 * Behind these stand, in the order of recipe_settings and each only where it differs from what recipe_defaults gives,
 * the settings that not every training needs ("weight_decay 0.01", "schedule cosine"). Lines end in one line feed, words
 * stand one space apart. recipe_format and recipe_parse are inverse; any other spelling is refused. */
#ifndef TRAIN_RECIPE_H
#define TRAIN_RECIPE_H

#include "base/error.h"
#include "base/hash.h"
#include "data/task.h"

#include <stddef.h>
#include <stdint.h>

#define RECIPE_EPOCHS_MAX 10000
#define RECIPE_BATCH_MAX 65536
#define RECIPE_STOP_PPM_MAX 500000

struct recipe {
    int epochs, batch;
    int patience;        /* epochs without a better stop loss before training ends; 0: never ends early */
    float learning_rate; /* above 0, at most 1 */
    char optimizer[16];  /* of train/optimizer.h */
    uint32_t stop_ppm;   /* last share of the training part that early stopping reads; 0: none */
    uint64_t seed;
    float momentum, weight_decay;
    bool nesterov;
    char schedule[16]; /* of train/schedule.h */
    int warmup;        /* steps */
    int step_size;     /* epochs; schedule step */
    float gamma;       /* schedule step */
    float min_rate;
    float clip;            /* most length of a gradient; 0: as long as it is */
    float label_smoothing; /* 0 to below 1 */
    bool balanced;         /* every class weighs as much in the training part */
    bool huber;            /* returns: Huber's loss instead of the square */
    float huber_delta;     /* in standard deviations of the returns trained on */
    float min_delta;       /* by so much a stop loss must be below the best to be better */
    bool zero_head;        /* fresh weights: see model_zero_head */
    bool keep_start;       /* the start counts as epoch 0, which early stopping may go back to */
    bool blas;             /* products go through OpenBLAS, for comparison: not exact, never part of a claim */
};

/* What a text that says nothing of a setting means, for ever: 30 epochs, batch 64, 0.001, adam, patience 5, 15 %, seed 1. */
void recipe_defaults(struct recipe *r);

/* As networks are trained in most papers: Adam at a constant rate. Returns begin at their mean and may stay there: a
 * network drawn at random is far worse than the mean, and noise teaches it nothing better. What manual models are
 * trained with, and where whoever names another optimizer starts from. */
void recipe_plain_for(struct recipe *r, enum task_target target);

/* What a training of this target starts from where nobody says otherwise: AdamW with strong decay (Loshchilov and Hutter
 * 2019) over one cycle of the rate (Smith 2018), from a last layer of zeros. Market series are short and noisy: on
 * planted markets this is right more often than the plain recipe at every size from 5,000 to 40,000 bars, in as many
 * seconds. A cycle is at its worst half-way, so patience is more than half of it. */
void recipe_defaults_for(struct recipe *r, enum task_target target);

/* What a network that begins with the weights it was grown from trains with: so many epochs, 0: a third of the recipe's,
 * at half of the rate. On planted markets a third brings it to the loss of the whole recipe from scratch. */
void recipe_grown(struct recipe *out, const struct recipe *r, int epochs);

/* ERROR_USAGE naming the setting and its range, or the one that it does not go with. */
bool recipe_check(const struct recipe *r, struct error *err);
/* ERROR_USAGE where a setting means nothing for the target. */
bool recipe_fits(const struct recipe *r, enum task_target target, struct error *err);

/* ERROR_CHAIN where the recipe is not exact; `what` could not be claimed: "the task's recipe". */
bool recipe_exact(const struct recipe *r, const char *what, struct error *err);

char *recipe_format(const struct recipe *r); /* free() */
bool recipe_parse(struct recipe *r, const char *text, struct error *err);

/* Names a training: hash over recipe text, architecture id, data set hash, numeric version and origin ("scratch", or a
 * parent's id and the morphisms). Equal ids give equal bits, so they are never trained twice. */
struct hash recipe_id(const struct recipe *r, struct hash arch, struct hash dataset, const char *origin);

#endif
