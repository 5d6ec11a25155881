/* What pool/ holds about the next block besides transactions: votes and proposals. (The head's certificate, too, lies
 * there; the ledger keeps it.) Everything may come from anybody, so it is bounded before it is believed:
 *
 *   - of this chain and the next height only; what is for a later one is for later;
 *   - by a seat of the set, with a good signature; of each seat and step the MESSAGE_ROUNDS newest rounds, and in each
 *     those that the consensus machine takes (two, and further ones only for a block that many vote for);
 *   - proposals by whose turn it is, up to the round behind ours, and with the bytes of the block that they name; only
 *     those of the newest MESSAGE_PROPOSALS rounds are kept, and the block that we are bound to.
 *
 * Files are written without a sync: what a power cut takes comes again from the others, and what this key signed last
 * from its guard. One that is damaged is written anew when it comes again. */
#ifndef CHAIN_MESSAGE_POOL_H
#define CHAIN_MESSAGE_POOL_H

#include "chain/party.h"
#include "chain/vote.h"

#define MESSAGE_ROUNDS 32
#define MESSAGE_PROPOSALS 8

struct message { /* a vote, or a proposal's */
    struct hash name;
    struct vote vote;
    bool fed, met; /* for whoever goes through them */
};
struct message_pool {
    char folder[FILE_PATH_MAX]; /* of the chain */
    struct hash chain;
    uint64_t height; /* the next */
    uint32_t round;  /* ours */
    struct rotation set;
    struct hash bound[2]; /* blocks whose proposals stay; zeros: none */
    bool read_only;       /* nothing is written or removed */
    /* Set by the caller, or NULL: does whoever counts the votes take this one? What it does not is for later. */
    bool (*wanted)(void *context, const struct vote *v);
    /* Set by the caller, or NULL: told of each vote for a height that is over, before it is forgotten; its signature is
     * checked only if it says so. False: it had no time, the vote may come again. */
    bool (*over)(void *context, const struct vote *v, bool checked);
    void *context;
    struct message *message;
    size_t n, capacity;
    struct index index;
};

/* Zero-initialise; free with message_pool_free. Starts a height: all that is known of an earlier one is forgotten, and its
 * files are removed. What the folder holds of the new one is taken in. */
bool message_pool_start(struct message_pool *p, const char *folder, struct hash chain, uint64_t height,
                        const struct rotation *set, struct error *err);
void message_pool_free(struct message_pool *p);

/* Another's, of type POOL_VOTE or POOL_PROPOSAL. Taken ones are written to the folder; *added tells whether it was new. */
enum party_verdict message_pool_offer(struct message_pool *p, const struct party_file *f, bool *added,
                                      struct error *why);
/* Forgets one that nobody counts. */
void message_pool_drop(struct message_pool *p, size_t at);
bool message_pool_knows(const struct message_pool *p, struct hash name);

/* One's own, signed. */
bool message_pool_put_vote(struct message_pool *p, const struct vote *v, struct error *err);
bool message_pool_put_proposal(struct message_pool *p, const struct vote *v, const struct bytes *payload,
                               struct error *err);

/* The bytes of a proposed block, read and checked anew. False if there is no proposal of it, or its file is damaged. */
bool message_pool_payload(const struct message_pool *p, struct hash block, struct bytes *out, struct error *err);

/* Clears away what the bounds no longer allow: call when the round has grown. */
void message_pool_tidy(struct message_pool *p, uint32_t round, struct hash locked, struct hash valid);

#endif
