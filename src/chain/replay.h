/* Going through a chain from genesis: frames, blocks, signatures, rules, state hashes. Shared by opening and verifying.
 *
 * Blocks are taken in windows (chain/replay_window.h): while the signatures of one are checked by all threads, the one before it
 * is applied and the one behind it read by the thread that called. Rules are applied in the order of the file, so the first
 * breach there is the one reported. Memory is bounded by three windows and the state. Hooks are called by that thread alone. */
#ifndef CHAIN_REPLAY_H
#define CHAIN_REPLAY_H

#include "chain/ledger_index.h"
#include "chain/reader.h"

enum replay_result {
    REPLAY_OK,
    REPLAY_TAIL,  /* good up to `end`; what follows there is no whole frame */
    REPLAY_BREACH /* error_height and error_offset tell where */
};

struct replay {
    /* set by the caller */
    const char *path;
    const struct ledger_head *known; /* blocks that must be there, in any order */
    int knowns;
    const struct ledger_mark *from; /* NULL: from genesis; else behind this block, with `state` set to what it led to */
    int threads;   /* 0: as many as the machine has */
    void *context; /* of the hooks, each of which may be NULL */
    /* Before a transaction of a kind that hangs on facts outside of the state. */
    bool (*witness)(void *context, const struct state *s, const struct tx *tx, struct error *err);
    bool (*on_tx)(void *context, const struct state *s, const struct tx *tx, struct hash id, struct error *err);
    /* Behind a block that is good. */
    bool (*on_block)(void *context, const struct state *s, uint64_t offset, const struct block *b, struct error *err);
    void (*progress)(void *context, uint64_t done, uint64_t bytes);
    void *progress_context;

    /* results, good up to the breach */
    struct genesis genesis;
    struct state *state; /* the caller frees it; NULL if genesis was refused */
    struct hash head, frame; /* block id of the last good block; its frame's hash */
    uint64_t height, end; /* of the last good block; the byte behind it */
    int64_t time_us;
    uint32_t round; /* of the last good block, in its header */
    uint64_t blocks, transactions, signatures; /* blocks without genesis */
    uint64_t error_height, error_offset;
    unsigned missed; /* bit i: known[i] is what the breach is about: the chain does not contain it */
    bool good_behind; /* REPLAY_TAIL: a good block stands further on, at good_offset */
    uint64_t good_offset;
};

enum replay_result replay_run(struct replay *r, struct error *err);

/* One block behind r's results so far, which its window's tasks have been done for. */
struct replay_window;
struct slot;
bool replay_apply(struct replay *r, const struct replay_window *w, struct slot *s, struct error *err);

/* The rules that a block must keep besides those of its transactions; for sealing and voting, too. Behind this parent: */
struct replay_parent {
    const struct state *state;
    uint64_t height;
    uint32_t round;
    int64_t time_us;
    struct hash id;
};
/* All of the header and the certificate but what the threads of a replay check on their own: tx root, the proposer's
 * signature and those of the certificate. */
bool replay_header_sane(const struct replay_parent *p, const struct block *b, struct error *err);
bool replay_time_sane(const struct genesis *g, int64_t parent_us, int64_t time_us, struct error *err);

#endif
