/* The numeric version: changes whenever any bit of any result of features, training or scoring can change. Part of
 * every claim. Appears as text, e.g. "msn3". */
#ifndef NET_NUMERIC_H
#define NET_NUMERIC_H

#include "base/error.h"

#define NUMERIC_VERSION "msn3"

/* Which kernels run here: "avx512", "avx2", "neon" or "portable". MORPHSMITH_ISA forces one (ERROR_USAGE if unknown or
 * not available). */
const char *numeric_isa(void);
/* Chooses the kernels, and sets and checks the float environment of the calling thread (base/float_mode.h). */
bool numeric_start(struct error *err);

/* Trains a tiny fixed network and compares one golden hash. On false this machine must not attest. */
bool numeric_self_test(struct error *err);

#endif
