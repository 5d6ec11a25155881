/* What the program that proves exactness is made of: fixed networks, and whole claims from features to scores. */
#ifndef TESTS_EXACT_PROVE_H
#define TESTS_EXACT_PROVE_H

#include "base/hash.h"
#include "base/threads.h"
#include "train/loss.h"
#include "train/trainer.h"

struct network {
    const char *name, *arch; /* without the first line, which all share */
    enum task_target target;
    int outputs, batch, samples, epochs;
    float size; /* inputs lie within +-size */
    const char *optimizer, *settings; /* NULL: adam; lines of a recipe behind the usual ones, NULL: none */
};

extern const struct network networks[];
extern const int networks_n;

/* Puts numbers as their IEEE bits, little-endian, whatever the machine's order. */
void put_floats(struct hash_stream *s, const float *x, size_t n);
void put_double(struct hash_stream *s, double x);

/* A data set with every family of features, cross-validation and its scores: what a claim consists of. */
bool prove_claim(enum task_target target, struct hash *features, struct hash *scores, struct threads *pool,
                 struct error *err);

#endif
