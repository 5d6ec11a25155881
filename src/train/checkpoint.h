/* A checkpoint: the state of a training between two steps, from which it goes on to the same bits, and what it belongs
 * to. A file of (encoding of base/bytes.h; f64 are IEEE bits, little-endian, as are all floats):
 *
 *   "MSCHECK1"
 *   text numeric version, 32 bytes recipe id, 32 bytes architecture id, 32 bytes data set hash,
 *   text recipe (train/recipe.h), text origin ("scratch", a model's hash, or ""), i64 run, u32 fold
 *   u32 epochs done, u64 samples done of the epoch at hand, i64 steps, f64 sum of their losses, u64 right ones
 *   u32 best epoch, f64 its training loss, f64 its early-stopping loss, f64 its accuracy there
 *   f64 seconds, i64 steps behind the moments, i64 steps behind the best ones, u64 weights, u8 1: a best state follows
 *   (plus 2: there are no second moments), u64 trace leaves
 *   f32 weights, first moments, second moments; the same three of the best epoch; the leaves, 32 bytes each
 *   BLAKE2b-256 of all before
 *
 * The order of an epoch's samples is no part of it: it follows from seed and epoch. Neither are the curves, which are
 * kept where they are shown. A file that is cut, longer, or changed in any bit is refused, as is another numeric
 * version's. */
#ifndef TRAIN_CHECKPOINT_H
#define TRAIN_CHECKPOINT_H

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "train/loss.h"

#define CHECKPOINT_RECIPE_MAX 4096
#define CHECKPOINT_HEAD_MAX 8192 /* bytes in front of the floats, at most */
#define CHECKPOINT_PARTS 9

/* Whose state it is. Recipe id, architecture, data set and fold must be equal for a training to go on from it. */
struct checkpoint_owner {
    struct hash recipe_id, arch, dataset;
    char recipe[CHECKPOINT_RECIPE_MAX];
    char origin[HASH_HEX];
    int64_t run; /* the training's number, or the trial's */
    int fold;    /* 0: a training on all samples; k: the k-th fold of a cross-validation, counted from 1 */
};

/* Three arrays each: weights, first and second moments (NULL: the optimiser has none). Borrowed, and of any alignment.
 */
struct checkpoint {
    struct checkpoint_owner owner;
    int epochs;      /* done */
    size_t position; /* samples of the next epoch that are done */
    int64_t steps;
    struct loss_sum sum; /* over those samples */
    int best_epoch;
    double train_loss, valid_loss, valid_accuracy; /* of the best epoch */
    double seconds;
    int64_t step, best_step; /* behind the moments */
    size_t weights;
    const void *state[3], *best[3]; /* best[0] NULL: there is none */
    const void *leaf;               /* [leaves], HASH_BYTES each */
    uint64_t leaves;
};

/* The file's parts in their order, for file_write_parts; returns how many. head is cleared first; hash is the last
 * part.
 */
size_t checkpoint_encode(const struct checkpoint *c, struct bytes *head, struct hash *hash,
                         struct file_part part[CHECKPOINT_PARTS]);

/* `name` stands in messages. The arrays point into data. */
bool checkpoint_decode(struct checkpoint *out, const void *data, size_t n, const char *name, struct error *err);
/* What stands in front of the arrays, from a file's first CHECKPOINT_HEAD_MAX bytes (fewer if it has fewer): enough to
 * say what was interrupted where. The hash is not checked and the arrays are NULL. */
bool checkpoint_decode_head(struct checkpoint *out, const void *data, size_t n, const char *name, struct error *err);

/* ERROR_DATA that says what differs. */
bool checkpoint_belongs(const struct checkpoint_owner *c, const struct checkpoint_owner *to, const char *name,
                        struct error *err);

#endif
