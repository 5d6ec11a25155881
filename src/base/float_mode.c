#include "base/float_mode.h"

#include <fenv.h>
#include <float.h>

/* The default environment of C: on x86 it clears the bits that flush results and operands (FTZ and DAZ of MXCSR) too,
 * on aarch64 that of FPCR (FZ). */
void float_mode_set(void)
{
    fesetenv(FE_DFL_ENV);
}

/* Denormals are neither flushed on the way out nor taken for zero on the way in, in float and in double. */
bool float_mode_exact(void)
{
    volatile float least = FLT_MIN, half = 0.5F, two = 2.0F;
    volatile float below = least * half, back = below * two;
    volatile double least_double = DBL_MIN, half_double = 0.5, two_double = 2.0;
    volatile double below_double = least_double * half_double, back_double = below_double * two_double;

    return fegetround() == FE_TONEAREST && below > 0.0F && back == least && below_double > 0.0 &&
           back_double == least_double;
}
