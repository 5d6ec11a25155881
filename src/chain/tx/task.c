#include "chain/tx/kind.h"

static void encode(const struct tx *tx, struct bytes *out)
{
    tx_task_encode(&tx->task, out);
}

void tx_task_encode(const struct tx_task *t, struct bytes *out)
{
    ASSERT(t->reviewers >= 0 && t->reviewers <= TX_REVIEWERS_MAX && t->folds >= 0 && t->approvals >= 0);
    codec_put_hash(out, t->dataset);
    codec_put_hash(out, t->text);
    codec_put_hash(out, t->recipe);
    bytes_put_text(out, t->numeric);
    bytes_put_u32(out, (uint32_t)t->folds);
    bytes_put_u64(out, t->pool);
    bytes_put_u32(out, t->min_improvement_ppm);
    bytes_put_u32(out, t->full_pay_ppm);
    bytes_put_u32(out, t->baseline_ppm);
    bytes_put_u32(out, (uint32_t)t->reviewers);
    for (int i = 0; i < t->reviewers; i++)
        codec_put_address(out, t->reviewer[i]);
    bytes_put_u32(out, (uint32_t)t->approvals);
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    struct tx_task *t = &tx->task;
    t->dataset = codec_get_hash(r);
    t->text = codec_get_hash(r);
    t->recipe = codec_get_hash(r);
    codec_get_word(r, t->numeric, sizeof t->numeric);
    t->folds = (int)codec_get_bounded(r, TX_FOLDS_MAX);
    t->pool = bytes_get_u64(r);
    t->min_improvement_ppm = codec_get_bounded(r, TX_PPM);
    t->full_pay_ppm = codec_get_bounded(r, TX_PPM);
    t->baseline_ppm = codec_get_bounded(r, TX_PPM);
    t->reviewers = (int)codec_get_bounded(r, TX_REVIEWERS_MAX);
    for (int i = 0; i < t->reviewers; i++)
        t->reviewer[i] = codec_get_address(r);
    t->approvals = (int)codec_get_bounded(r, TX_REVIEWERS_MAX);
}

static bool reviewers_sane(const struct state *s, const struct tx_task *t, struct error *err)
{
    if (t->reviewers == 0) {
        if (!state_alone(s))
            return error_set(err, ERROR_CHAIN, "task: name its reviewers (only a chain with one validator has a default)");
        if (t->approvals > 1)
            return error_set(err, ERROR_CHAIN, "task: %d approvals are wanted, but its owner is the only reviewer",
                             t->approvals);
        return true;
    }
    if (t->approvals < 1 || t->approvals > t->reviewers)
        return error_set(err, ERROR_CHAIN, "task: %d approvals by %d reviewers", t->approvals, t->reviewers);
    for (int i = 0; i < t->reviewers; i++)
        for (int k = 0; k < i; k++)
            if (address_equal(t->reviewer[i], t->reviewer[k]))
                return error_set(err, ERROR_CHAIN, "task: reviewers %d and %d are the same", k + 1, i + 1);
    return true;
}

static bool apply(struct state *s, const struct tx *tx, struct hash hash, struct error *err)
{
    const struct tx_task *t = &tx->task;
    struct address owner = key_address(&tx->sender);
    if (t->folds < 1)
        return error_set(err, ERROR_CHAIN, "task: it needs at least one fold");
    if (t->numeric[0] == '\0')
        return error_set(err, ERROR_CHAIN, "task: the numeric version is missing");
    if (t->full_pay_ppm < 1)
        return error_set(err, ERROR_CHAIN, "task: full pay must be due at an improvement of at least 1 ppm");
    if (!reviewers_sane(s, t, err))
        return false;
    if (t->pool > 0 && !state_check_amount(s, tx, "task pool", t->pool, err))
        return false;
    state_debit(s, owner, t->pool, POT_ESCROWS);
    struct state_task *task = state_add_task(s, hash);
    task->body = *t;
    task->owner = owner;
    task->pool_left = t->pool;
    if (t->reviewers == 0) {
        task->body.reviewer[0] = owner;
        task->body.reviewers = 1;
        task->body.approvals = 1;
    }
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    const struct tx_task *t = &tx->task;
    show_hash(out, "data set", t->dataset);
    show_hash(out, "task text", t->text);
    show_hash(out, "recipe", t->recipe);
    show_text(out, "numeric version", t->numeric);
    show_count(out, "folds", (uint64_t)t->folds);
    show_amount(out, "reward pool", t->pool);
    show_count(out, "pays from, ppm", t->min_improvement_ppm);
    show_count(out, "full pay at, ppm", t->full_pay_ppm);
    show_count(out, "baseline, ppm", t->baseline_ppm);
    for (int i = 0; i < t->reviewers; i++)
        show_address(out, "reviewer", t->reviewer[i]);
    if (t->reviewers == 0)
        show_text(out, "reviewer", "the sender");
    show_count(out, "approvals needed", t->reviewers == 0 ? 1 : (uint64_t)t->approvals);
}

const struct tx_kind tx_kind_task = {TX_TASK, "task", "offer a reward for improving on a task",
                                     encode,  decode, apply,
                                     describe};
