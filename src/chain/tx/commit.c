#include "chain/tx/kind.h"

static void encode(const struct tx *tx, struct bytes *out)
{
    codec_put_hash(out, tx->commit.proposal);
    codec_put_hash(out, tx->commit.commitment);
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    tx->commit.proposal = codec_get_hash(r);
    tx->commit.commitment = codec_get_hash(r);
}

static bool apply(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    struct address who = key_address(&tx->sender);
    const struct state_proposal *p = proposal_in(s, tx->commit.proposal, PROPOSAL_CLAIMED, "commit", err);
    const struct state_account *a = state_account_find(s, who);
    (void)id;
    if (!p)
        return false;
    if (!a || !a->validator || a->stake == 0)
        return error_set(err, ERROR_CHAIN, "commit: the sender is no validator with a stake");
    if (address_equal(who, p->proposer) && !state_alone(s))
        return error_set(err, ERROR_CHAIN, "commit: nobody attests their own proposal");
    if (p->attests >= STATE_VALIDATORS_MAX) /* validators may have come and gone meanwhile */
        return error_set(err, ERROR_CHAIN, "commit: %d have committed, which is all that can", STATE_VALIDATORS_MAX);
    if (!state_may_commit(s, p, who))
        return error_set(err, ERROR_CHAIN, "commit: the sender has committed already");
    state_add_commit(s, &tx->commit, who);
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    show_hash(out, "proposal", tx->commit.proposal);
    show_hash(out, "commitment", tx->commit.commitment);
}

const struct tx_kind tx_kind_commit = {
    TX_COMMIT, "commit", "promise what a re-run of a claim came to", encode, decode, apply, describe};
