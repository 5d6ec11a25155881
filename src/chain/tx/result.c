#include "chain/state_job.h"
#include "chain/tx/kind.h"

static void encode(const struct tx *tx, struct bytes *out)
{
    codec_put_hash(out, tx->result.proposal);
    counts_encode(&tx->result.counts, out);
    codec_put_hash(out, tx->result.hidden_root);
    codec_put_hash(out, tx->result.evidence);
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    tx->result.proposal = codec_get_hash(r);
    counts_decode(r, &tx->result.counts);
    tx->result.hidden_root = codec_get_hash(r);
    tx->result.evidence = codec_get_hash(r);
}

static bool apply(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    const struct tx_result *r = &tx->result;
    const struct state_proposal *p = proposal_in(s, r->proposal, PROPOSAL_ANNOUNCED, "result", err);
    (void)id;
    if (!p)
        return false;
    if (hash_is_zero(p->job))
        return error_set(err, ERROR_CHAIN, "result: this is no job that was taken, but a proposal");
    if (!address_equal(p->proposer, key_address(&tx->sender)))
        return error_set(err, ERROR_CHAIN, "result: somebody else has taken the job");
    if (!counts_sane(&r->counts, state_task_find(s, p->announce.task)->body.folds, err))
        return false;
    struct tx_propose content = {.proposal = r->proposal,
                                 .arch = state_job_find(s, p->job)->body.arch,
                                 .counts = r->counts,
                                 .hidden_root = r->hidden_root,
                                 .evidence = r->evidence};
    state_claim_proposal(s, r->proposal, &content);
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    const struct tx_result *r = &tx->result;
    show_hash(out, "taken as", r->proposal);
    show_counts(out, &r->counts);
    show_hash(out, "hidden root", r->hidden_root);
    show_hash(out, "evidence", r->evidence);
}

const struct tx_kind tx_kind_result = {
    TX_RESULT, "result", "claim what a job's training came to", encode, decode, apply, describe};
