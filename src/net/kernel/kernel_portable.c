#define KERNEL_PORTABLE
#define KERNEL_STRUCT kernel_portable
#define KERNEL_NAME "portable"
#include "net/kernel/body.h"
