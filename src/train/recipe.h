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
 * and, only where the products go through OpenBLAS for comparison, so that nobody else gets the same bits, a last line
 *
 *   kernels blas
 *
 * Lines end in one line feed, words stand one space apart. recipe_format and recipe_parse are inverse; any other
 * spelling is refused. */
#ifndef TRAIN_RECIPE_H
#define TRAIN_RECIPE_H

#include "base/error.h"
#include "base/hash.h"

#include <stdint.h>

#define RECIPE_EPOCHS_MAX 10000
#define RECIPE_BATCH_MAX 65536
#define RECIPE_STOP_PPM_MAX 500000

struct recipe {
    int epochs, batch;
    int patience;        /* epochs without a better stop loss before training ends; 0: never ends early */
    float learning_rate; /* above 0, at most 1 */
    char optimizer[16];  /* adam */
    uint32_t stop_ppm;   /* last share of the training part that early stopping reads; 0: none */
    uint64_t seed;
    bool blas;           /* not exact: never part of a claim */
};

void recipe_defaults(struct recipe *r); /* 30 epochs, batch 64, 0.001, adam, patience 5, 15 %, seed 1 */
bool recipe_check(const struct recipe *r, struct error *err); /* ERROR_USAGE naming the field and its range */
char *recipe_format(const struct recipe *r);                  /* free() */
/* ERROR_CHAIN where the recipe is not exact; `what` could not be claimed: "the task's recipe". */
bool recipe_exact(const struct recipe *r, const char *what, struct error *err);
bool recipe_parse(struct recipe *r, const char *text, struct error *err);

/* Names a training: hash over recipe text, architecture id, data set hash, numeric version and origin ("scratch", or a
 * parent's id and the morphisms). Equal ids give equal bits, so they are never trained twice. */
struct hash recipe_id(const struct recipe *r, struct hash arch, struct hash dataset, const char *origin);

#endif
