/* The floating-point environment that exact results need: round to nearest, and denormals kept. What flushing them to
 * zero means differs between processors, and a library built for speed may switch it on for the thread that loads it.
 * Each thread has its own environment: whoever computes what is hashed sets it first. */
#ifndef BASE_FLOAT_MODE_H
#define BASE_FLOAT_MODE_H

#include <stdbool.h>

void float_mode_set(void);   /* of the calling thread */
bool float_mode_exact(void); /* found by computing: true where the calling thread's environment is as said above */

#endif
