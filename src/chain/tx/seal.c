#include "chain/state_tournament.h"
#include "chain/tx/kind.h"

static void encode(const struct tx *tx, struct bytes *out)
{
    tx_seal_encode(&tx->seal, out);
}

void tx_seal_encode(const struct tx_seal *x, struct bytes *out)
{
    codec_put_hash(out, x->task);
    bytes_put_u32(out, x->first);
    bytes_put_u32(out, x->n);
    codec_put_hash(out, x->commitment);
}

/* Bars first to first + n - 1: at least 1, at most TX_BARS_MAX of them, numbers that fit. */
void bars_decode(struct bytes_reader *r, uint32_t *first, uint32_t *n)
{
    *first = bytes_get_u32(r);
    *n = codec_get_bounded(r, TX_BARS_MAX);
    if (*first < 1 || *n < 1 || *first > UINT32_MAX - TX_BARS_MAX)
        r->failed = true;
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    tx->seal.task = codec_get_hash(r);
    bars_decode(r, &tx->seal.first, &tx->seal.n);
    tx->seal.commitment = codec_get_hash(r);
}

static bool apply(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    const struct tx_seal *x = &tx->seal;
    struct address who = key_address(&tx->sender);
    const struct state_score *score = state_score_find(s, x->task, who);
    uint32_t end = state_outcome_end(s, x->task), last = x->first + x->n - 1;
    if (!state_task_find(s, x->task))
        return error_set(err, ERROR_CHAIN, "seal: its task is not on this chain");
    if (x->first <= end)
        return error_set(err, ERROR_CHAIN, "seal: the outcome of bar %u is known already, of all up to %u", x->first, end);
    if (last - end > STATE_SEAL_AHEAD)
        return error_set(err, ERROR_CHAIN, "seal: bar %u lies more than %d bars ahead", last, STATE_SEAL_AHEAD);
    if (score && x->first <= score->sealed_to)
        return error_set(err, ERROR_CHAIN, "seal: the sender has sealed the bars up to %u already", score->sealed_to);
    state_add_seal(s, id, x, who);
    return true;
}

void show_bars(struct text *out, uint32_t first, uint32_t n)
{
    char span[64];
    snprintf(span, sizeof span, "%u to %u behind the task's data", first, first + n - 1);
    show_text(out, "bars", span);
}

static void describe(const struct tx *tx, struct text *out)
{
    show_hash(out, "task", tx->seal.task);
    show_bars(out, tx->seal.first, tx->seal.n);
    show_hash(out, "commitment", tx->seal.commitment);
}

const struct tx_kind tx_kind_seal = {
    TX_SEAL, "seal", "seal predictions for bars that do not exist yet", encode, decode, apply, describe};
