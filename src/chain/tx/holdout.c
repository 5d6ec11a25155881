#include "chain/tx/kind.h"

static void encode(const struct tx *tx, struct bytes *out)
{
    tx_holdout_encode(&tx->holdout, out);
}

void tx_holdout_encode(const struct tx_holdout *h, struct bytes *out)
{
    codec_put_hash(out, h->task);
    codec_put_hash(out, h->arch);
    codec_put_hash(out, h->weights);
    bytes_put_u32(out, h->correct);
    bytes_put_u32(out, h->total);
    codec_put_hash(out, h->evidence);
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    struct tx_holdout *h = &tx->holdout;
    h->task = codec_get_hash(r);
    h->arch = codec_get_hash(r);
    h->weights = codec_get_hash(r);
    h->correct = bytes_get_u32(r);
    h->total = bytes_get_u32(r);
    h->evidence = codec_get_hash(r);
}

static bool apply(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    const struct tx_holdout *h = &tx->holdout;
    struct address who = key_address(&tx->sender);
    (void)id;
    if (!state_task_find(s, h->task))
        return error_set(err, ERROR_CHAIN, "hold-out: its task is not on this chain");
    if (h->total == 0)
        return error_set(err, ERROR_CHAIN, "hold-out: there are no predictions");
    if (h->correct > h->total)
        return error_set(err, ERROR_CHAIN, "hold-out: %u correct of %u", h->correct, h->total);
    if (state_holdout_find(s, h->task, who))
        return error_set(err, ERROR_CHAIN, "hold-out: the sender has opened this task's already");
    state_add_holdout(s, h->task, who)->body = *h;
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    const struct tx_holdout *h = &tx->holdout;
    show_hash(out, "task", h->task);
    show_hash(out, "architecture", h->arch);
    show_hash(out, "weights", h->weights);
    show_count(out, "correct", h->correct);
    show_count(out, "of", h->total);
    show_hash(out, "evidence", h->evidence);
}

const struct tx_kind tx_kind_holdout = {
    TX_HOLDOUT, "holdout", "record what a network scores on a task's hold-out", encode, decode, apply, describe};
