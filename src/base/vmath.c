/* Which compilation of vmath is called. */
#include "base/vmath.h"

#include "base/vmath_core.h"

#include <stdatomic.h>

struct table {
#define ENTRY(name) double (*name)(double x);
    VMATH_FUNCTIONS(ENTRY)
#undef ENTRY
};

#define PLAIN(name) .name = vmath_plain_##name,
static const struct table plain = {VMATH_FUNCTIONS(PLAIN)};
#undef PLAIN

#if defined(__x86_64__)

#define FMA(name) .name = vmath_fma_##name,
static const struct table with_fma = {VMATH_FUNCTIONS(FMA)};
#undef FMA

/* Two threads that come first at once choose the same. */
static const struct table *choose(void)
{
    static const struct table *_Atomic chosen;
    const struct table *table = atomic_load_explicit(&chosen, memory_order_relaxed);

    if (!table) {
        table = __builtin_cpu_supports("fma") ? &with_fma : &plain;
        atomic_store_explicit(&chosen, table, memory_order_relaxed);
    }
    return table;
}

#else

static const struct table *choose(void)
{
    return &plain;
}

#endif

#define PUBLIC(name)                                                                                                   \
    double vmath_##name(double x)                                                                                      \
    {                                                                                                                  \
        return choose()->name(x);                                                                                      \
    }
VMATH_FUNCTIONS(PUBLIC)
