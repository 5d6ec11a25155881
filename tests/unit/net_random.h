/* Random valid graphs for property tests, and the same graph written otherwise. */
#ifndef TESTS_UNIT_NET_RANDOM_H
#define TESTS_UNIT_NET_RANDOM_H

#include "net/arch.h"

/* Every operator can occur; small shapes; a pure function of the seed. */
struct arch *net_random_arch(uint64_t seed);

/* Other names, nodes in another order, arguments of commuting operators swapped. */
struct arch *net_shuffled(const struct arch *a, uint64_t seed);

#endif
