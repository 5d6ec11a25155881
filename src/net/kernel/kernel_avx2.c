#define KERNEL_AVX2
#define KERNEL_STRUCT kernel_avx2
#define KERNEL_NAME "avx2"
#include "net/kernel/body.h"
