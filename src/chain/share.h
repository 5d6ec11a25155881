/* A part of an amount in proportion, rounded down: exact, without numbers of more than 64 bits. */
#ifndef CHAIN_SHARE_H
#define CHAIN_SHARE_H

#include <stdint.h>

/* amount * own / all, for own <= all, all > 0, and each of them at most 2^42. */
uint64_t share_of(uint64_t amount, uint64_t own, uint64_t all);

#endif
