/* The objects that a transaction names, for whoever copies them from folder to folder. */
#ifndef CHAIN_TX_OBJECTS_H
#define CHAIN_TX_OBJECTS_H

#include "chain/tx.h"

#define TX_OBJECTS_MOST 8
struct tx_object {
    struct hash id;
    bool names_more; /* a text in which further objects are named, by 64 hexadecimal digits */
};

/* Returns how many; none of them zeros. */
int tx_objects(const struct tx *tx, struct tx_object out[TX_OBJECTS_MOST]);

#endif
