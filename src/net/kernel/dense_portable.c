#define KERNEL_PORTABLE
#define DENSE_STRUCT dense_portable
#define DENSE_NAME "portable"
#include "net/kernel/dense_body.h"
