/* Certified blocks that contradict ours: two thirds of the stake signed both. They are kept, shown and never taken over;
 * what was signed twice in them convicts its signers (chain/evidence.h).
 *
 * forks/HEIGHT-ID: "MSFORK01", the block's payload as a blob, its certificate as a blob. At most FORKS_MOST. */
#ifndef CHAIN_FORK_H
#define CHAIN_FORK_H

#include "base/file.h"
#include "chain/certificate.h"

#define FORKS_MOST 64

struct fork {
    uint64_t height;
    struct hash id;
    char file[FILE_PATH_MAX];
};

/* *added false: it was known, or there are too many. */
bool fork_keep(const char *folder, uint64_t height, const void *payload, size_t n, const struct certificate *c,
               struct fork *out, bool *added, struct error *err);
/* All that are kept, by height; free *out. What is not whole is left out. */
int fork_list(const char *folder, struct fork **out);

#endif
