/* A tally: what is kept of a trial's out-of-fold predictions to judge it beside others: which of its samples were right
 * (one bit each), or, for returns, by how much its squared error lies below that of the training part's mean (one float
 * each). A few kilobytes where the predictions are hundreds.
 *
 * As bytes (base/bytes.h): "MSTALLY1", u32 target, u32 ranges, for each the first sample and how many follow it (u32
 * each, ascending), then the bits, the first of a byte lowest, the last byte's rest 0, or the floats (bits as u32). */
#ifndef TRAIN_TALLY_H
#define TRAIN_TALLY_H

#include "base/bytes.h"
#include "data/set/dataset.h"

struct crossval;

struct tally_range {
    uint32_t first, n;
};

struct tally {
    enum task_target kind;
    size_t ranges, n;          /* samples of all ranges */
    struct tally_range *range; /* [ranges], ascending and apart */
    uint8_t *hit;              /* [(n + 7) / 8]; NULL for returns */
    float *gain;               /* [n]; NULL but for returns */
};

void tally_of(struct tally *out, const struct crossval *c);
void tally_free(struct tally *t);

/* 1 or 0; the gain of a return. */
double tally_value(const struct tally *t, size_t i);

void tally_encode(struct bytes *out, const struct tally *t);
/* false: these are no tally's bytes; *out is then empty. */
bool tally_decode(struct tally *out, const void *data, size_t n);

#endif
