/* The objects that the transactions of a chain and its pool refer to: those, and no others, are worth copying. Grows with
 * the blocks; 32 bytes an object. */
#ifndef CHAIN_WANTED_H
#define CHAIN_WANTED_H

#include "chain/index.h"
#include "chain/ledger.h"

struct wanted {
    struct hash *id;
    bool *names_more, *opened; /* opened: its text was read for further names */
    size_t n, id_capacity, names_capacity, opened_capacity;
    struct index index;
    uint64_t height; /* of the next block to be gone through */
};

/* Zero-initialise; free with wanted_free. Goes through the blocks that are new since the last call, the pool, and the
 * texts among the wanted that are in the ledger's folder by now. */
bool wanted_update(struct wanted *w, const struct ledger *l, const char *folder, struct error *err);
void wanted_free(struct wanted *w);
bool wanted_is(const struct wanted *w, struct hash id);

#endif
