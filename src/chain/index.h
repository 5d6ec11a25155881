/* From 32-byte ids to positions in an array: open addressing, no removal (rebuild instead). The ids are hashes or
 * addresses, so their first bytes are as good as any hash of them. Zero-initialise; free with index_free. */
#ifndef CHAIN_INDEX_H
#define CHAIN_INDEX_H

#include "base/hash.h"

struct index_slot {
    struct hash id;
    int position; /* plus 1; 0: free */
};
struct index {
    struct index_slot *slot;
    size_t capacity, n; /* capacity is a power of two, at most half full */
};

void index_free(struct index *x);
void index_clear(struct index *x);
void index_put(struct index *x, struct hash id, int position); /* the id must be new */
int index_find(const struct index *x, struct hash id);         /* -1 if it is not there */
void index_copy(struct index *to, const struct index *from);   /* `to` must be empty or zero */

#endif
