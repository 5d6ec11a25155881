/* The leaf hashes of a cross-validation's trainings as text, so that two runs of one claim can be compared fold by fold
 * and leaf by leaf:
 *
 *   morphsmith-leaves 1
 *   fold 1 interval 8 leaves 40
 *   64 hexadecimal digits, 40 lines of them, in the order of the training (train/trace.h)
 *   fold 2 ...
 *
 * Numbers are written without leading zeros, lines end with one line feed, nothing else stands anywhere: a list has one
 * spelling. Its root is that of train/crossval.h: the Merkle root over the folds' Merkle roots. */
#ifndef WORK_LEAVES_H
#define WORK_LEAVES_H

#include "train/crossval.h"

struct leaves_fold {
    int64_t interval;
    uint64_t n;
    struct hash *leaf; /* [n] */
};
struct leaves {
    int folds;
    struct leaves_fold fold[DATASET_FOLDS_MAX];
};

/* Of a cross-validation of which every fold ran; free(). */
char *leaves_format(const struct crossval *c);

/* ERROR_CHAIN with the line. What it says of lengths is believed only as far as there is text. leaves_free. */
bool leaves_parse(struct leaves *out, const char *text, size_t n, struct error *err);
void leaves_free(struct leaves *l);

struct hash leaves_root(const struct leaves *l);

/* The first place where two lists differ: fold and leaf count from 0. */
struct leaves_gap {
    int fold;
    uint64_t leaf;
    int64_t step;  /* of the training, whose state that leaf is; -1: the state it hands back */
    bool in_shape; /* the lists have other intervals, or other numbers of leaves, from this fold on */
};
/* false: they are the same. */
bool leaves_differ(const struct leaves *a, const struct leaves *b, struct leaves_gap *out);

#endif
