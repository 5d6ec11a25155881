#include "base/random.h"

#include "base/error.h"
#include "base/vmath.h"

#include <math.h>

/* Constants and round function: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. */
#define PHILOX_M0 UINT32_C(0xD2511F53)
#define PHILOX_M1 UINT32_C(0xCD9E8D57)
#define PHILOX_W0 UINT32_C(0x9E3779B9)
#define PHILOX_W1 UINT32_C(0xBB67AE85)
#define PHILOX_ROUNDS 10

void random_block(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4])
{
    uint32_t k0 = key[0], k1 = key[1];
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];

    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        uint64_t p0 = (uint64_t)PHILOX_M0 * c0;
        uint64_t p1 = (uint64_t)PHILOX_M1 * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += PHILOX_W0;
        k1 += PHILOX_W1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

struct random random_start(uint64_t seed, enum random_use use, uint32_t a, uint32_t b)
{
    return (struct random){.key = {(uint32_t)seed, (uint32_t)(seed >> 32)}, .counter = {0, (uint32_t)use, a, b}};
}

uint32_t random_u32(struct random *r)
{
    if (r->left == 0) {
        random_block(r->key, r->counter, r->block);
        r->counter[0]++;
        ASSERT(r->counter[0] != 0); /* 2^34 numbers: the stream would repeat */
        r->left = 4;
    }
    return r->block[4 - r->left--];
}

uint64_t random_u64(struct random *r)
{
    uint64_t low = random_u32(r);

    return low | (uint64_t)random_u32(r) << 32;
}

/* Lemire, "Fast random integer generation in an interval", 2019: multiply, and reject the few that would bias. */
uint32_t random_below(struct random *r, uint32_t n)
{
    ASSERT(n > 0);
    uint64_t product = (uint64_t)random_u32(r) * n;

    if ((uint32_t)product < n) {
        uint32_t least = (uint32_t)(0 - n) % n;
        while ((uint32_t)product < least)
            product = (uint64_t)random_u32(r) * n;
    }
    return (uint32_t)(product >> 32);
}

double random_unit(struct random *r)
{
    return (double)(random_u64(r) >> 11) * 0x1p-53;
}

float random_unit_float(struct random *r)
{
    return (float)(random_u32(r) >> 8) * 0x1p-24f;
}

double random_normal(struct random *r)
{
    double radius = sqrt(-2.0 * vmath_log(1.0 - random_unit(r)));

    return radius * vmath_cos(6.283185307179586 * random_unit(r));
}

void random_shuffle(struct random *r, uint32_t *items, size_t n)
{
    ASSERT(n <= UINT32_MAX);
    for (size_t left = n; left > 1; left--) {
        uint32_t at = random_below(r, (uint32_t)left);
        uint32_t kept = items[left - 1];
        items[left - 1] = items[at];
        items[at] = kept;
    }
}
