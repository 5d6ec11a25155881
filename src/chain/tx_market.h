/* Bodies of the transactions of the marketplace, the compute market and the tournament (see chain/tx.h). */
#ifndef CHAIN_TX_MARKET_H
#define CHAIN_TX_MARKET_H

#include "base/hash.h"

#include <stddef.h>

#define TX_TITLE_MAX 128
#define TX_BARS_MAX 64 /* that one seal or outcome covers: a bit each in a u64 */

/* --- marketplace --- */
struct tx_list {
    struct hash object;     /* objects/: encrypted, see chain/listing.h */
    struct hash content;    /* of the plaintext */
    struct hash commitment; /* listing_commitment of the key */
    uint64_t price;
    uint32_t deliver_blocks, deliver_seconds; /* from the buy on; then the buyer may take the price back */
    char title[TX_TITLE_MAX];
};
struct tx_buy {
    struct hash listing; /* id of its transaction */
};
struct tx_deliver {
    struct hash listing;
    struct hash key; /* its 32 bytes */
};
struct tx_refund {
    struct hash of; /* a listing or a job */
};

/* --- compute market --- */
struct tx_job {
    struct hash task, arch;   /* arch: objects/, its canonical text */
    uint64_t pay, deposit;    /* what the result is worth; what whoever takes the job puts at stake */
    uint32_t blocks, seconds; /* from the take on, for the result */
};
struct tx_take {
    struct hash job;
};
/* its result: struct tx_result in chain/tx.h */

/* --- tournament: bars are numbered from 1, the first one behind the task's data --- */
struct tx_seal {
    struct hash task;
    uint32_t first, n;
    struct hash commitment; /* tx_seal_commitment */
};
struct tx_reveal_seal {
    struct hash seal, salt;
    uint64_t up; /* bit i: bar first + i goes up */
};
struct tx_outcome {
    struct hash task;
    uint32_t first, n;
    int64_t until_us[TX_BARS_MAX]; /* of each bar: a prediction counts that was in a block before then */
    struct hash object;            /* objects/: the bars, as a frame */
    uint64_t up, none;             /* none: bars without a direction, which count for nobody */
};

/* The bits of n bars. */
static inline uint64_t tx_bars_mask(uint32_t n)
{
    return n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

static inline uint32_t tx_bars_count(uint64_t bits)
{
    uint32_t n = 0;
    for (; bits; bits &= bits - 1)
        n++;
    return n;
}

#endif
