/* Counter-based random numbers: Philox4x32-10 (Salmon et al., SC 2011). The stream is a pure function of its key and
 * position, so any part can be drawn by any thread in any order with the same result on every machine. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* What a stream is for: part of the counter, so that no two uses ever share numbers. Append only. */
enum random_use {
    RANDOM_WEIGHTS = 1,
    RANDOM_SHUFFLE,
    RANDOM_DROPOUT,
    RANDOM_MORPH,
    RANDOM_SEARCH,
    RANDOM_CANDIDATES,
    RANDOM_BOOTSTRAP,
    RANDOM_SYNTH,
    RANDOM_TEST,
    RANDOM_LEAK,
    RANDOM_SETTINGS
};

struct random {
    uint32_t key[2], counter[4]; /* counter = block, use, a, b */
    uint32_t block[4];
    int left; /* unused words of the block */
};

/* One block of Philox4x32-10. */
void random_block(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4]);

/* A stream for (seed, use, a, b): a and b are, say, epoch and step. */
struct random random_start(uint64_t seed, enum random_use use, uint32_t a, uint32_t b);

uint32_t random_u32(struct random *r);
uint64_t random_u64(struct random *r);
uint32_t random_below(struct random *r, uint32_t n); /* 0 .. n-1 without bias; n > 0 */
double random_unit(struct random *r);                /* [0, 1), 53 bits */
float random_unit_float(struct random *r);           /* [0, 1), 24 bits */
double random_normal(struct random *r);              /* Box-Muller through vmath: the same bits everywhere */
void random_shuffle(struct random *r, uint32_t *items, size_t n);

#endif
