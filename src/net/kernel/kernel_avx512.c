#define KERNEL_AVX512
#define KERNEL_STRUCT kernel_avx512
#define KERNEL_NAME "avx512"
#include "net/kernel/body.h"
