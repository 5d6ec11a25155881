/* A window of a chain's blocks: read one after the other, then checked by all threads at once as far as no state is needed
 * (form, signatures, roots, ids). What was found bad is only noted: the rules are applied in the order of the file, and the
 * first breach there is the one that counts.
 *
 * Order: replay_window_fill, then replay_window_check for each of replay_window_tasks tasks, by any threads; then the slots are read.
 * A job holds no decoded transaction, so that a window of a block full of small ones stays small. */
#ifndef CHAIN_REPLAY_WINDOW_H
#define CHAIN_REPLAY_WINDOW_H

#include "chain/reader.h"

#define WINDOW_BLOCKS 128

struct slot {
    struct bytes data;
    struct frame frame;
    struct block block;
    struct hash hash; /* of the frame */
    uint64_t offset;
    size_t first; /* of its jobs */
    bool formed, signature_good, root_good;
    bool certificate_good; /* it is well formed, and every signature in it is good for what it says */
};

/* One transaction: its id, and whether its signature is good. */
struct job {
    struct block_tx bytes;
    struct hash id;
    bool good;
};

struct replay_window {
    struct slot slot[WINDOW_BLOCKS];
    int slots, used; /* now, and ever */
    struct job *job;
    size_t jobs, job_capacity;
};

struct replay_window *replay_window_new(void);
void replay_window_free(struct replay_window *w);

/* Reads the next blocks. Anything but READER_FRAME: the last thing met behind the slots. */
enum reader_result replay_window_fill(struct replay_window *w, struct reader *in, struct error *err);

/* A block that is in no file yet, as the frame that it would be at this offset behind the frame of that hash. */
void replay_window_put(struct replay_window *w, uint64_t height, uint64_t offset, const void *payload, size_t n,
                       struct hash previous);

int replay_window_tasks(const struct replay_window *w);
void replay_window_check(void *window, int task);

#endif
