#include "chain/tx/kind.h"

static void encode(const struct tx *tx, struct bytes *out)
{
    codec_put_hash(out, tx->propose.proposal);
    codec_put_hash(out, tx->propose.salt);
    tx_content_encode(&tx->propose, out);
}

void tx_content_encode(const struct tx_propose *p, struct bytes *out)
{
    codec_put_hash(out, p->parent);
    codec_put_hash(out, p->morphisms);
    codec_put_hash(out, p->arch);
    counts_encode(&p->counts, out);
    codec_put_hash(out, p->hidden_root);
    codec_put_hash(out, p->evidence);
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    struct tx_propose *p = &tx->propose;
    p->proposal = codec_get_hash(r);
    p->salt = codec_get_hash(r);
    p->parent = codec_get_hash(r);
    p->morphisms = codec_get_hash(r);
    p->arch = codec_get_hash(r);
    counts_decode(r, &p->counts);
    p->hidden_root = codec_get_hash(r);
    p->evidence = codec_get_hash(r);
}

bool counts_sane(const struct tx_counts *c, int folds, struct error *err)
{
    if (c->folds != folds)
        return error_set(err, ERROR_CHAIN, "proposal: it has %d folds, its task %d", c->folds, folds);
    for (int i = 0; i < c->folds; i++) {
        if (c->total[i] == 0)
            return error_set(err, ERROR_CHAIN, "proposal: fold %d has no predictions", i + 1);
        if (c->correct[i] > c->total[i])
            return error_set(err, ERROR_CHAIN, "proposal: fold %d has %u correct of %u", i + 1, c->correct[i],
                             c->total[i]);
    }
    return true;
}

const struct state_proposal *proposal_in(const struct state *s, struct hash id, enum proposal_state wanted,
                                         const char *what, struct error *err)
{
    const struct state_proposal *p = state_proposal_find(s, id);
    if (p && p->state == wanted)
        return p;
    if (p)
        error_set(err, ERROR_CHAIN, "%s: the proposal is %s, it would have to be %s", what,
                  proposal_state_name(p->state), proposal_state_name(wanted));
    else
        error_set(err, ERROR_CHAIN, "%s: there is no such proposal on this chain", what);
    return NULL;
}

static bool apply(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    const struct tx_propose *p = &tx->propose;
    const struct state_proposal *known = proposal_in(s, p->proposal, PROPOSAL_ANNOUNCED, "proposal", err);
    (void)id;
    if (!known)
        return false;
    if (!address_equal(known->proposer, key_address(&tx->sender)))
        return error_set(err, ERROR_CHAIN, "proposal: somebody else has announced it");
    if (!hash_is_zero(known->job))
        return error_set(err, ERROR_CHAIN, "proposal: it is a job that was taken, which a result follows");
    if (known->announced.height > state_height(s))
        return error_set(err, ERROR_CHAIN, "proposal: its announcement must be in an earlier block (seal one first)");
    if (!hash_equal(known->announce.commitment, tx_announce_commitment(p->salt, &tx->sender, p)))
        return error_set(err, ERROR_CHAIN, "proposal: it is not what was announced");
    if (!counts_sane(&p->counts, state_task_find(s, known->announce.task)->body.folds, err))
        return false;
    if (state_arch_taken(s, known->announce.task, p->arch, known->order))
        return error_set(err, ERROR_CHAIN,
                         "proposal: this architecture is claimed for this task by one that was announced earlier");
    state_claim_proposal(s, p->proposal, p);
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    const struct tx_propose *p = &tx->propose;
    show_hash(out, "proposal", p->proposal);
    show_hash(out, "salt", p->salt);
    show_hash_or(out, "grown from", p->parent, "nothing");
    show_hash_or(out, "morphisms", p->morphisms, "none");
    show_hash(out, "architecture", p->arch);
    show_counts(out, &p->counts);
    show_hash(out, "hidden root", p->hidden_root);
    show_hash(out, "evidence", p->evidence);
}

const struct tx_kind tx_kind_propose = {
    TX_PROPOSE, "propose", "claim a network's score, as announced", encode, decode, apply, describe};
