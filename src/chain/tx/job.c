#include "chain/state_job.h"
#include "chain/tx/kind.h"

static void encode(const struct tx *tx, struct bytes *out)
{
    tx_job_encode(&tx->job, out);
}

void tx_job_encode(const struct tx_job *j, struct bytes *out)
{
    codec_put_hash(out, j->task);
    codec_put_hash(out, j->arch);
    bytes_put_u64(out, j->pay);
    bytes_put_u64(out, j->deposit);
    bytes_put_u32(out, j->blocks);
    bytes_put_u32(out, j->seconds);
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    struct tx_job *j = &tx->job;
    j->task = codec_get_hash(r);
    j->arch = codec_get_hash(r);
    j->pay = bytes_get_u64(r);
    j->deposit = bytes_get_u64(r);
    j->blocks = bytes_get_u32(r);
    j->seconds = bytes_get_u32(r);
}

static bool apply(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    const struct tx_job *j = &tx->job;
    struct address who = key_address(&tx->sender);
    if (state_alone(s))
        return error_set(err, ERROR_CHAIN, "job: this is a closed chain for one: nobody else could take it");
    if (!state_task_find(s, j->task))
        return error_set(err, ERROR_CHAIN, "job: its task is not on this chain");
    if (j->deposit < 1 || j->deposit > STATE_SUPPLY_MAX)
        return error_set(err, ERROR_CHAIN, "job: a deposit is 1 to 2^42 units");
    if (j->blocks < 1)
        return error_set(err, ERROR_CHAIN, "job: whoever takes it has at least one block for the result");
    if (!state_check_amount(s, tx, "job's pay", j->pay, err))
        return false;
    state_debit(s, who, j->pay, POT_ESCROWS);
    struct state_job *job = state_add_job(s, id);
    job->owner = who;
    job->body = *j;
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    const struct tx_job *j = &tx->job;
    show_hash(out, "task", j->task);
    show_hash(out, "architecture", j->arch);
    show_amount(out, "pay", j->pay);
    show_amount(out, "deposit wanted", j->deposit);
    show_count(out, "time, blocks", j->blocks);
    show_count(out, "time, seconds", j->seconds);
}

const struct tx_kind tx_kind_job = {
    TX_JOB, "job", "pay for training an architecture on a task", encode, decode, apply, describe};
