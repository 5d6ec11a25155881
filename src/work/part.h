/* The part of its cross-validation that a trial is to run, decided when the trial is stored or promoted and kept in its
 * row's result until it ends, so that an interrupted search comes to the same:
 *
 *   {"part":{"folds":1,"against":3,"limits":[[null,0.69,...],...],"latency":true,"max_latency_us":500}}
 *
 * A training whose best early-stopping loss behind epoch e of fold k is above limits[k][e - 1] is cut there. */
#ifndef WORK_PART_H
#define WORK_PART_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define PART_EPOCHS_MAX 200 /* behind those no training is cut */

struct part {
    int folds;             /* 0: all */
    int64_t against;       /* the trial that what is stopped is compared with; 0: none */
    json_t *limits;        /* owned; may be NULL */
    bool latency;          /* measure it */
    double max_latency_us; /* 0: none; what predicts slower is not trained */
};

/* A whole cross-validation where the text says nothing of a part. part_free. */
struct part part_read(const char *result);
void part_free(struct part *p);

/* Puts it into a result, in the place of one that is there. free() */
char *part_write(const struct part *p, const char *result);

bool part_is_enough(const struct part *p, int fold, int epochs, double best_loss);

#endif
