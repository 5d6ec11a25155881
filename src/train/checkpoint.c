#include "train/checkpoint.h"

#include "base/memory.h"
#include "base/text.h"
#include "net/numeric.h"

#include <inttypes.h>
#include <math.h>

#define MAGIC "MSCHECK1"
#define HAS_BEST 1
#define ONE_MOMENT 2
#define WEIGHTS_MOST (UINT64_C(1) << 40) /* so that no product below overflows */

static void put_owner(struct bytes *b, const struct checkpoint_owner *o)
{
    bytes_put(b, MAGIC, 8);
    bytes_put_text(b, NUMERIC_VERSION);
    bytes_put(b, o->recipe_id.byte, HASH_BYTES);
    bytes_put(b, o->arch.byte, HASH_BYTES);
    bytes_put(b, o->dataset.byte, HASH_BYTES);
    bytes_put_text(b, o->recipe);
    bytes_put_text(b, o->origin);
    bytes_put_i64(b, o->run);
    bytes_put_u32(b, (uint32_t)o->fold);
}

static void put_counters(struct bytes *b, const struct checkpoint *c)
{
    bytes_put_u32(b, (uint32_t)c->epochs);
    bytes_put_u64(b, c->position);
    bytes_put_i64(b, c->steps);
    bytes_put_f64(b, c->sum.loss);
    bytes_put_u64(b, c->sum.correct);
    bytes_put_u32(b, (uint32_t)c->best_epoch);
    bytes_put_f64(b, c->train_loss);
    bytes_put_f64(b, c->valid_loss);
    bytes_put_f64(b, c->valid_accuracy);
    bytes_put_f64(b, c->seconds);
    bytes_put_i64(b, c->step);
    bytes_put_i64(b, c->best_step);
    bytes_put_u64(b, c->weights);
    bytes_put_u8(b, (uint8_t)((c->best[0] ? HAS_BEST : 0) + (c->state[2] ? 0 : ONE_MOMENT)));
    bytes_put_u64(b, c->leaves);
}

size_t checkpoint_encode(const struct checkpoint *c, struct bytes *head, struct hash *hash,
                         struct file_part part[CHECKPOINT_PARTS])
{
    size_t n = 0;

    /* The state is written as it lies: every machine we build for is little-endian. */
    ASSERT(*(const unsigned char *)&(uint16_t){1} == 1);
    bytes_clear(head);
    put_owner(head, &c->owner);
    put_counters(head, c);
    ASSERT(head->n <= CHECKPOINT_HEAD_MAX);
    part[n++] = (struct file_part){head->data, head->n};
    for (int i = 0; i < 3 && c->state[i]; i++)
        part[n++] = (struct file_part){c->state[i], c->weights * sizeof(float)};
    for (int i = 0; i < 3 && c->best[i]; i++)
        part[n++] = (struct file_part){c->best[i], c->weights * sizeof(float)};
    part[n++] = (struct file_part){c->leaf, c->leaves * HASH_BYTES};
    struct hash_stream *s = hash_stream_new();
    for (size_t i = 0; i < n; i++)
        hash_stream_put(s, part[i].data, part[i].n);
    *hash = hash_stream_end(s);
    part[n++] = (struct file_part){hash->byte, HASH_BYTES};
    return n;
}

static struct hash get_hash(struct bytes_reader *r)
{
    struct hash h = {{0}};
    const uint8_t *byte = bytes_get(r, HASH_BYTES);

    if (byte)
        memcpy(h.byte, byte, HASH_BYTES);
    return h;
}

static bool get_owner(struct checkpoint_owner *o, struct bytes_reader *r, const char *name, struct error *err)
{
    char version[64];
    const uint8_t *magic = bytes_get(r, 8);

    if (!magic || memcmp(magic, MAGIC, 8) != 0)
        return error_set(err, ERROR_DATA, "%s: this is no checkpoint: it does not begin with " MAGIC, name);
    bytes_get_text(r, version, sizeof version);
    if (!r->failed && !text_equal(version, NUMERIC_VERSION))
        return error_set(err, ERROR_DATA,
                         "%s: made with numeric version %.40s, this program's is " NUMERIC_VERSION
                         ": it cannot be gone on with to the same bits; train without --resume",
                         name, version);
    o->recipe_id = get_hash(r);
    o->arch = get_hash(r);
    o->dataset = get_hash(r);
    bytes_get_text(r, o->recipe, sizeof o->recipe);
    bytes_get_text(r, o->origin, sizeof o->origin);
    o->run = bytes_get_i64(r);
    uint32_t fold = bytes_get_u32(r);
    o->fold = fold <= INT16_MAX ? (int)fold : -1;
    return true;
}

/* Returns the number that the file gives, or -1 where that cannot be. */
static int get_epoch(struct bytes_reader *r)
{
    uint32_t v = bytes_get_u32(r);
    return v <= INT32_MAX ? (int)v : -1;
}

/* Returns what follows: HAS_BEST, ONE_MOMENT. */
static unsigned get_counters(struct checkpoint *c, struct bytes_reader *r)
{
    c->epochs = get_epoch(r);
    c->position = bytes_get_u64(r);
    c->steps = bytes_get_i64(r);
    c->sum.loss = bytes_get_f64(r);
    c->sum.correct = bytes_get_u64(r);
    c->best_epoch = get_epoch(r);
    c->train_loss = bytes_get_f64(r);
    c->valid_loss = bytes_get_f64(r);
    c->valid_accuracy = bytes_get_f64(r);
    c->seconds = bytes_get_f64(r);
    c->step = bytes_get_i64(r);
    c->best_step = bytes_get_i64(r);
    c->weights = bytes_get_u64(r);
    unsigned flags = bytes_get_u8(r);
    c->leaves = bytes_get_u64(r);
    r->failed |= flags > HAS_BEST + ONE_MOMENT;
    return flags;
}

static bool sane(const struct checkpoint *c)
{
    return c->owner.run >= 0 && c->owner.fold >= 0 && c->epochs >= 0 && c->best_epoch >= 0 &&
           c->best_epoch <= c->epochs && c->steps >= 0 && c->step >= c->steps && c->best_step >= 0 &&
           c->weights <= WEIGHTS_MOST && c->leaves <= WEIGHTS_MOST && c->sum.correct <= c->position &&
           isfinite(c->sum.loss) && isfinite(c->train_loss) && isfinite(c->valid_loss) && c->valid_accuracy >= 0 &&
           c->valid_accuracy <= 1 && isfinite(c->seconds) && c->seconds >= 0;
}

static bool get_head(struct checkpoint *c, struct bytes_reader *r, unsigned *flags, const char *name, struct error *err)
{
    *c = (struct checkpoint){0};
    if (!get_owner(&c->owner, r, name, err))
        return false;
    *flags = get_counters(c, r);
    if (r->failed)
        return error_set(err, ERROR_DATA,
                         "%s: the checkpoint is cut off or its head is damaged at byte %zu; train without "
                         "--resume",
                         name, r->at);
    return sane(c) ||
           error_set(err, ERROR_DATA, "%s: the checkpoint's counters cannot be; train without --resume", name);
}

bool checkpoint_decode_head(struct checkpoint *out, const void *data, size_t n, const char *name, struct error *err)
{
    struct bytes_reader r = bytes_read(data, n);
    unsigned flags;

    return get_head(out, &r, &flags, name, err);
}

static void get_arrays(struct checkpoint *c, struct bytes_reader *r, unsigned flags)
{
    int arrays = flags & ONE_MOMENT ? 2 : 3;

    for (int i = 0; i < arrays; i++)
        c->state[i] = bytes_get(r, c->weights * sizeof(float));
    for (int i = 0; i < arrays && flags & HAS_BEST; i++)
        c->best[i] = bytes_get(r, c->weights * sizeof(float));
    c->leaf = bytes_get(r, c->leaves * HASH_BYTES);
}

bool checkpoint_decode(struct checkpoint *out, const void *data, size_t n, const char *name, struct error *err)
{
    struct bytes_reader r = bytes_read(data, n < HASH_BYTES ? 0 : n - HASH_BYTES);
    unsigned flags;

    if (!get_head(out, &r, &flags, name, err))
        return false;
    get_arrays(out, &r, flags);
    if (!bytes_done(&r))
        return error_set(err, ERROR_DATA,
                         "%s: the checkpoint is %zu bytes long, which does not fit its %zu weights and %" PRIu64
                         " trace leaves: it was cut off or added to; train without --resume",
                         name, n, out->weights, out->leaves);
    struct hash is = hash_of(data, r.n);
    if (memcmp(is.byte, (const uint8_t *)data + r.n, HASH_BYTES) != 0)
        return error_set(err, ERROR_DATA,
                         "%s: the checkpoint is damaged: its last 32 bytes are not the hash of the others; train "
                         "without --resume",
                         name);
    return true;
}

bool checkpoint_belongs(const struct checkpoint_owner *c, const struct checkpoint_owner *to, const char *name,
                        struct error *err)
{
    const char *what = !hash_equal(c->dataset, to->dataset)       ? "is of another data set"
                       : !hash_equal(c->arch, to->arch)           ? "is of another architecture"
                       : !hash_equal(c->recipe_id, to->recipe_id) ? "is of another recipe"
                       : c->fold != to->fold                      ? "is of another fold"
                                                                  : NULL;
    return !what ||
           error_set(err, ERROR_DATA, "%s: the checkpoint %s than this training; train without --resume", name, what);
}
