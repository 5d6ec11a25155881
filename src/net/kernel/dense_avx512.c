#define KERNEL_AVX512
#define DENSE_STRUCT dense_avx512
#define DENSE_NAME "avx512"
#include "net/kernel/dense_body.h"
