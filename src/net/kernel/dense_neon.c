/* Every aarch64 has it. */
#if defined(__aarch64__)
#define KERNEL_NEON
#define DENSE_STRUCT dense_neon
#define DENSE_NAME "neon"
#include "net/kernel/dense_body.h"
#else
extern const char dense_neon_is_absent;
#endif
