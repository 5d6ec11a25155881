#include "chain/tx/kind.h"

void decide_encode(const struct tx *tx, struct bytes *out)
{
    codec_put_hash(out, tx->decide.proposal);
    codec_put_hash(out, tx->decide.shown);
    codec_put_hash(out, tx->decide.rerun_root);
    bytes_put_text(out, tx->decide.reason);
}

void decide_decode(struct bytes_reader *r, struct tx *tx)
{
    tx->decide.proposal = codec_get_hash(r);
    tx->decide.shown = codec_get_hash(r);
    tx->decide.rerun_root = codec_get_hash(r);
    codec_get_utf8(r, tx->decide.reason, sizeof tx->decide.reason);
}

static bool listed(const struct tx_task *task, struct address who)
{
    for (int i = 0; i < task->reviewers; i++)
        if (address_equal(task->reviewer[i], who))
            return true;
    return false;
}

static bool may_decide(const struct state *s, const struct state_proposal *p, const struct tx_decide *d,
                       struct address who, struct error *err)
{
    const struct state_task *task = state_task_find(s, p->announce.task);
    struct hash shown = tx_shown(p->body.evidence, p->open.trace_root, p->open.weights, p->open.leaves);
    ASSERT(task);
    if (!listed(&task->body, who))
        return error_set(err, ERROR_CHAIN, "decision: the sender is no reviewer of this task");
    if (address_equal(who, p->proposer) && !state_alone(s))
        return error_set(err, ERROR_CHAIN, "decision: nobody decides on their own proposal");
    if (!hash_equal(d->shown, shown))
        return error_set(err, ERROR_CHAIN, "decision: what was shown to the reviewer is not what the proposal has");
    for (int i = 0; i < p->decisions; i++)
        if (address_equal(p->decision[i].who, who))
            return error_set(err, ERROR_CHAIN, "decision: this reviewer has decided already");
    return true;
}

bool decide_apply(struct state *s, const struct tx *tx, bool approve, struct error *err)
{
    const struct tx_decide *d = &tx->decide;
    struct address who = key_address(&tx->sender);
    const struct state_proposal *p = proposal_in(s, d->proposal, PROPOSAL_REVEALING, "decision", err);
    if (!p)
        return false;
    if (!hash_is_zero(p->job))
        return error_set(err, ERROR_CHAIN, "decision: this is a job's result: being verified is all that it needs");
    if (p->opened.height == 0)
        return error_set(err, ERROR_CHAIN, "decision: the proposer has not opened the claim yet");
    if (!p->verified && !state_alone(s)) /* or a friend's rejection would save the stake of a false claim */
        return error_set(err, ERROR_CHAIN, "decision: the validators have not verified the claim yet");
    if (!may_decide(s, p, d, who, err))
        return false;
    if (!approve && p->disputes > 0)
        return error_set(err, ERROR_CHAIN, "decision: a challenge to this proposal is open, and nobody ends it before");
    struct state_decision decision = {.who = who,
                                      .height = state_height(s) + 1,
                                      .approve = approve,
                                      .self = address_equal(who, p->proposer),
                                      .rerun_root = d->rerun_root};
    text_copy(decision.reason, sizeof decision.reason, d->reason);
    state_add_decision(s, d->proposal, &decision);
    return true;
}

void decide_describe(const struct tx *tx, struct text *out)
{
    show_hash(out, "proposal", tx->decide.proposal);
    show_hash(out, "shown", tx->decide.shown);
    show_hash_or(out, "own re-run", tx->decide.rerun_root, "not re-run");
    show_text(out, "reason", tx->decide.reason);
}
