/* The memory of this machine as it is at this moment: what programs could take without others being pushed out. It is
 * the least of what the system says is available, what the control groups that this process is in leave it, and what
 * its own limit of address space does. Linux; elsewhere all of the machine's memory counts as available. */
#ifndef BASE_MACHINE_H
#define BASE_MACHINE_H

#include <stddef.h>

struct machine_memory {
    size_t all, available; /* bytes; SIZE_MAX where it cannot be told */
};

struct machine_memory machine_memory(void);

/* The same from files below a folder that stands for /, for tests: proc/meminfo, proc/self/cgroup, sys/fs/cgroup. */
struct machine_memory machine_memory_below(const char *root);

#endif
