#include "chain/share.h"

#include "base/error.h"

#define HALF_BITS 21

/* By long division with two digits of 21 bits: amount = high * 2^21 + low. */
uint64_t share_of(uint64_t amount, uint64_t own, uint64_t all)
{
    ASSERT(all > 0 && own <= all && all <= UINT64_C(1) << 42 && amount <= UINT64_C(1) << 42);
    uint64_t high = (amount >> HALF_BITS) * own, low = (amount & ((UINT64_C(1) << HALF_BITS) - 1)) * own;
    return (high / all << HALF_BITS) + ((high % all << HALF_BITS) + low) / all;
}
