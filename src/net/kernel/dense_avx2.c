#define KERNEL_AVX2
#define DENSE_STRUCT dense_avx2
#define DENSE_NAME "avx2"
#include "net/kernel/dense_body.h"
