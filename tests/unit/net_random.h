/* Random valid graphs for property tests, and the same graph written otherwise. */
#ifndef TESTS_UNIT_NET_RANDOM_H
#define TESTS_UNIT_NET_RANDOM_H

#include "net/arch.h"

/* Every operator can occur; small shapes; a pure function of the seed. */
struct arch *net_random_arch(uint64_t seed);
struct arch *net_arch_of_bytes(const uint8_t *data, size_t n); /* the same, its choices made by bytes */

/* Other names, nodes in another order, arguments of commuting operators swapped. */
struct arch *net_shuffled(const struct arch *a, uint64_t seed);

#endif
