#include "chain/tx/kind.h"

static void encode(const struct tx *tx, struct bytes *out)
{
    tx_announce_encode(&tx->announce, out);
}

void tx_announce_encode(const struct tx_announce *a, struct bytes *out)
{
    codec_put_hash(out, a->task);
    bytes_put_u64(out, a->stake);
    codec_put_hash(out, a->commitment);
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    tx->announce.task = codec_get_hash(r);
    tx->announce.stake = bytes_get_u64(r);
    tx->announce.commitment = codec_get_hash(r);
}

static bool apply(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    const struct tx_announce *a = &tx->announce;
    struct address who = key_address(&tx->sender);
    if (!state_task_find(s, a->task))
        return error_set(err, ERROR_CHAIN, "announcement: its task is not on this chain");
    if (!state_check_amount(s, tx, "announcement's stake", a->stake, err))
        return false;
    state_debit(s, who, a->stake, POT_STAKES);
    struct state_proposal *p = state_add_proposal(s, id);
    p->announce = *a;
    p->proposer = who;
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    show_hash(out, "task", tx->announce.task);
    show_amount(out, "stake", tx->announce.stake);
    show_hash(out, "commitment", tx->announce.commitment);
}

const struct tx_kind tx_kind_announce = {
    TX_ANNOUNCE, "announce", "stake tokens on a claim that is still hidden", encode, decode, apply, describe};
