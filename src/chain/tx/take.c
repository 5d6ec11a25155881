#include "chain/state_job.h"
#include "chain/tx/kind.h"

static void encode(const struct tx *tx, struct bytes *out)
{
    codec_put_hash(out, tx->take.job);
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    tx->take.job = codec_get_hash(r);
}

/* The proposal that the result will be has its task and stake from the job, and nothing to open by a commitment. */
static bool apply(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    const struct state_job *j = state_job_find(s, tx->take.job);
    struct address who = key_address(&tx->sender);
    if (!j)
        return error_set(err, ERROR_CHAIN, "take: there is no such job on this chain");
    if (j->state != JOB_OPEN)
        return error_set(err, ERROR_CHAIN, "take: the job is %s, it would have to be open", job_state_name(j->state));
    if (address_equal(j->owner, who))
        return error_set(err, ERROR_CHAIN, "take: nobody takes their own job");
    if (!state_check_amount(s, tx, "take: the deposit", j->body.deposit, err))
        return false;
    state_debit(s, who, j->body.deposit, POT_STAKES);
    struct state_proposal *p = state_add_proposal(s, id);
    p->announce = (struct tx_announce){.task = j->body.task, .stake = j->body.deposit};
    p->proposer = who;
    p->job = j->id;
    state_take_job(s, j->id, id);
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    show_hash(out, "job", tx->take.job);
}

const struct tx_kind tx_kind_take = {
    TX_TAKE, "take", "take a job, with a deposit", encode, decode, apply, describe};
