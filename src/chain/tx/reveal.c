#include "chain/tx/kind.h"

static void encode(const struct tx *tx, struct bytes *out)
{
    codec_put_hash(out, tx->reveal.proposal);
    codec_put_hash(out, tx->reveal.salt);
    tx_finding_encode(&tx->reveal.finding, out);
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    struct tx_finding *f = &tx->reveal.finding;
    tx->reveal.proposal = codec_get_hash(r);
    tx->reveal.salt = codec_get_hash(r);
    counts_decode(r, &f->counts);
    f->trace_root = codec_get_hash(r);
    f->weights = codec_get_hash(r);
}

static const struct state_attest *commit_of(const struct state_proposal *p, struct address who)
{
    for (int i = 0; i < p->attests; i++)
        if (address_equal(p->attest[i].who, who))
            return &p->attest[i];
    return NULL;
}

static bool apply(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    const struct tx_reveal *r = &tx->reveal;
    struct address who = key_address(&tx->sender);
    const struct state_proposal *p = proposal_in(s, r->proposal, PROPOSAL_REVEALING, "reveal", err);
    (void)id;
    if (!p)
        return false;
    if (p->opened.height == 0)
        return error_set(err, ERROR_CHAIN, "reveal: the proposer has not opened the claim yet");
    if (p->verified)
        return error_set(err, ERROR_CHAIN, "reveal: the reveals of this proposal are closed");
    const struct state_attest *a = commit_of(p, who);
    if (!a)
        return error_set(err, ERROR_CHAIN, "reveal: the sender has not committed");
    if (a->revealed)
        return error_set(err, ERROR_CHAIN, "reveal: the sender has revealed already");
    if (!hash_equal(a->commitment, tx_attest_commitment(r->salt, &tx->sender, r->proposal, &r->finding)))
        return error_set(err, ERROR_CHAIN, "reveal: it is not what the sender committed to");
    state_add_reveal(s, r, who);
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    const struct tx_reveal *r = &tx->reveal;
    show_hash(out, "proposal", r->proposal);
    show_hash(out, "salt", r->salt);
    show_counts(out, &r->finding.counts);
    show_hash(out, "trace root", r->finding.trace_root);
    show_hash(out, "weights", r->finding.weights);
}

const struct tx_kind tx_kind_reveal = {
    TX_REVEAL, "reveal", "show what a re-run of a claim came to", encode, decode, apply, describe};
