/* Every aarch64 has NEON with fused multiply-add: no flags, no question at run time. */
#if defined(__aarch64__)
#define KERNEL_NEON
#define KERNEL_STRUCT kernel_neon
#define KERNEL_NAME "neon"
#include "net/kernel/body.h"
#else
extern const char kernel_neon_is_absent;
#endif
