#include "chain/tx/kind.h"

static void encode(const struct tx *tx, struct bytes *out)
{
    const struct tx_open *o = &tx->open;
    codec_put_hash(out, o->proposal);
    codec_put_hash(out, o->salt);
    codec_put_hash(out, o->trace_root);
    codec_put_hash(out, o->weights);
    codec_put_hash(out, o->leaves);
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    struct tx_open *o = &tx->open;
    o->proposal = codec_get_hash(r);
    o->salt = codec_get_hash(r);
    o->trace_root = codec_get_hash(r);
    o->weights = codec_get_hash(r);
    o->leaves = codec_get_hash(r);
}

static bool apply(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    const struct tx_open *o = &tx->open;
    const struct state_proposal *p = proposal_in(s, o->proposal, PROPOSAL_REVEALING, "opening", err);
    (void)id;
    if (!p)
        return false;
    if (!address_equal(p->proposer, key_address(&tx->sender)))
        return error_set(err, ERROR_CHAIN, "opening: only the proposer opens a claim");
    if (p->opened.height != 0)
        return error_set(err, ERROR_CHAIN, "opening: the claim is open already");
    if (!hash_equal(p->body.hidden_root, tx_hidden_root(o->salt, o->trace_root, o->weights)))
        return error_set(err, ERROR_CHAIN, "opening: trace root and weights are not those that were claimed");
    state_open_proposal(s, o);
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    const struct tx_open *o = &tx->open;
    show_hash(out, "proposal", o->proposal);
    show_hash(out, "salt", o->salt);
    show_hash(out, "trace root", o->trace_root);
    show_hash(out, "weights", o->weights);
    show_hash(out, "leaves", o->leaves);
}

const struct tx_kind tx_kind_open = {
    TX_OPEN, "open", "open the trace root and weights of a claim", encode, decode, apply, describe};
