#include "chain/tx/kind.h"

static void encode(const struct tx *tx, struct bytes *out)
{
    tx_propose_encode(&tx->propose, out);
}

void tx_propose_encode(const struct tx_propose *p, struct bytes *out)
{
    ASSERT(p->folds >= 0 && p->folds <= TX_FOLDS_MAX);
    codec_put_hash(out, p->task);
    codec_put_hash(out, p->arch);
    bytes_put_u64(out, p->stake);
    bytes_put_u32(out, (uint32_t)p->folds);
    for (int i = 0; i < p->folds; i++) {
        bytes_put_u32(out, p->correct[i]);
        bytes_put_u32(out, p->total[i]);
    }
    codec_put_hash(out, p->trace_root);
    codec_put_hash(out, p->weights);
    codec_put_hash(out, p->evidence);
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    struct tx_propose *p = &tx->propose;
    p->task = codec_get_hash(r);
    p->arch = codec_get_hash(r);
    p->stake = bytes_get_u64(r);
    p->folds = (int)codec_get_bounded(r, TX_FOLDS_MAX);
    for (int i = 0; i < p->folds; i++) {
        p->correct[i] = bytes_get_u32(r);
        p->total[i] = bytes_get_u32(r);
    }
    p->trace_root = codec_get_hash(r);
    p->weights = codec_get_hash(r);
    p->evidence = codec_get_hash(r);
}

static bool counts_sane(const struct tx_propose *p, const struct state_task *task, struct error *err)
{
    if (p->folds != task->body.folds)
        return error_set(err, ERROR_CHAIN, "proposal: it has %d folds, its task %d", p->folds, task->body.folds);
    for (int i = 0; i < p->folds; i++) {
        if (p->total[i] == 0)
            return error_set(err, ERROR_CHAIN, "proposal: fold %d has no predictions", i + 1);
        if (p->correct[i] > p->total[i])
            return error_set(err, ERROR_CHAIN, "proposal: fold %d has %u correct of %u", i + 1, p->correct[i],
                             p->total[i]);
    }
    return true;
}

static bool apply(struct state *s, const struct tx *tx, struct hash hash, struct error *err)
{
    const struct tx_propose *p = &tx->propose;
    const struct state_task *task = state_task_find(s, p->task);
    if (!task)
        return error_set(err, ERROR_CHAIN, "proposal: its task is not on this chain");
    if (!counts_sane(p, task, err))
        return false;
    if (state_proposal_open(s, p->task, p->arch))
        return error_set(err, ERROR_CHAIN, "proposal: this architecture has an open proposal for this task already");
    if (!state_check_amount(s, tx, "proposal's stake", p->stake, err))
        return false;
    struct address who = key_address(&tx->sender);
    state_debit(s, who, p->stake, POT_STAKES);
    struct state_proposal *proposal = state_add_proposal(s, hash);
    proposal->body = *p;
    proposal->proposer = who;
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    const struct tx_propose *p = &tx->propose;
    uint64_t correct = 0, total = 0;
    show_hash(out, "task", p->task);
    show_hash(out, "architecture", p->arch);
    show_amount(out, "stake", p->stake);
    for (int i = 0; i < p->folds; i++) {
        char name[32], value[64];
        snprintf(name, sizeof name, "fold %d", i + 1);
        snprintf(value, sizeof value, "%u correct of %u", p->correct[i], p->total[i]);
        show_text(out, name, value);
        correct += p->correct[i];
        total += p->total[i];
    }
    show_count(out, "correct", correct);
    show_count(out, "of", total);
    show_hash(out, "trace root", p->trace_root);
    show_hash(out, "weights", p->weights);
    show_hash(out, "evidence", p->evidence);
}

const struct tx_kind tx_kind_propose = {TX_PROPOSE, "propose", "stake tokens on a network's score",
                                        encode,     decode,    apply,
                                        describe};
