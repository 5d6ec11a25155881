#include "chain/tx/kind.h"

static void put_vote(const struct vote *v, struct bytes *out)
{
    struct bytes one = {0};
    vote_encode(v, &one);
    bytes_put_blob(out, one.data, one.n);
    bytes_free(&one);
}

static void encode(const struct tx *tx, struct bytes *out)
{
    put_vote(&tx->evidence.a, out);
    put_vote(&tx->evidence.b, out);
}

static void get_vote(struct bytes_reader *r, struct vote *v)
{
    size_t n;
    const uint8_t *data = bytes_get_blob(r, VOTE_BYTES, &n);
    if (!data || !vote_decode(data, n, v, NULL))
        r->failed = true;
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    get_vote(r, &tx->evidence.a);
    get_vote(r, &tx->evidence.b);
}

/* So that two votes make one piece of evidence, not two. */
static bool in_order(const struct vote *a, const struct vote *b)
{
    struct bytes x = {0}, y = {0};
    vote_encode(a, &x);
    vote_encode(b, &y);
    bool good = memcmp(x.data, y.data, VOTE_BYTES) < 0;
    bytes_free(&x);
    bytes_free(&y);
    return good;
}

static bool votes_sane(const struct tx *tx, struct error *err)
{
    const struct vote *a = &tx->evidence.a, *b = &tx->evidence.b;
    if (!hash_equal(a->chain, tx->chain))
        return error_set(err, ERROR_CHAIN, "evidence: the votes are of another chain");
    if (!vote_conflict(a, b))
        return error_set(err, ERROR_CHAIN, "evidence: the votes do not contradict each other: they must be of one key, "
                                           "step, height and round, and differ");
    if (!in_order(a, b))
        return error_set(err, ERROR_CHAIN, "evidence: the vote with the lower bytes comes first");
    return vote_check(a, err) && vote_check(b, err);
}

/* Not too old, and not punished already. */
static bool still_due(const struct state *s, const struct vote *v, struct error *err)
{
    const struct state_voting *k = state_voting_find(s, &v->voting);
    uint64_t here = state_height(s) + 1;
    if (!k)
        return error_set(err, ERROR_CHAIN, "evidence: the votes' key was never a validator's");
    if (v->height > here)
        return error_set(err, ERROR_CHAIN, "evidence: the votes are for height %llu, which the chain has not reached",
                         (unsigned long long)v->height);
    if (here - v->height > state_genesis(s)->evidence_blocks)
        return error_set(err, ERROR_CHAIN, "evidence: the votes are %llu blocks old, %u are the most",
                         (unsigned long long)(here - v->height), state_genesis(s)->evidence_blocks);
    if (state_account_find(s, k->who)->barred)
        return error_set(err, ERROR_CHAIN, "evidence: this validator has been barred already");
    if (v->height <= k->punished)
        return error_set(err, ERROR_CHAIN, "evidence: this validator has been punished for height %llu already",
                         (unsigned long long)k->punished);
    return true;
}

static bool apply(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    const struct vote *v = &tx->evidence.a;
    (void)id;
    if (!kind_needs_many(s, "evidence", err) || !votes_sane(tx, err) || !still_due(s, v, err))
        return false;
    state_punish_double(s, &v->voting, v->height, key_address(&tx->sender));
    return true;
}

static void describe_vote(const struct vote *v, struct text *out)
{
    show_text(out, "signed as a", vote_step_name(v->step));
    show_hash(out, "chain", v->chain);
    show_count(out, "height", v->height);
    show_count(out, "round", v->round);
    show_count(out, "valid round + 1", v->valid);
    show_hash_or(out, "for the block", v->block, "none");
    show_public(out, "voting key", &v->voting);
    show_signature(out, "signature", &v->signature);
}

static void describe(const struct tx *tx, struct text *out)
{
    describe_vote(&tx->evidence.a, out);
    describe_vote(&tx->evidence.b, out);
}

const struct tx_kind tx_kind_evidence = {
    TX_EVIDENCE, "evidence", "prove that a validator has signed twice", encode, decode, apply, describe};
