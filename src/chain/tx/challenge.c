#include "chain/state_challenge.h"
#include "chain/tx/kind.h"

void tx_challenge_encode(const struct tx_challenge *c, struct bytes *out)
{
    codec_put_hash(out, c->proposal);
    bytes_put_u32(out, c->fold);
    bytes_put_u64(out, c->leaf);
    codec_put_hash(out, c->found);
    codec_put_hash(out, c->state);
    bytes_put_u64(out, c->deposit);
}

static void encode(const struct tx *tx, struct bytes *out)
{
    tx_challenge_encode(&tx->challenge, out);
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    struct tx_challenge *c = &tx->challenge;
    c->proposal = codec_get_hash(r);
    c->fold = bytes_get_u32(r);
    c->leaf = bytes_get_u64(r);
    c->found = codec_get_hash(r);
    c->state = codec_get_hash(r);
    c->deposit = bytes_get_u64(r);
}

/* fold 0, leaf 0: the whole claim, of which nothing else can be said. */
static bool place_sane(const struct state *s, const struct state_proposal *p, const struct tx_challenge *c,
                       struct error *err)
{
    uint32_t folds = (uint32_t)state_task_find(s, p->announce.task)->body.folds;
    if (c->fold > folds || (c->fold == 0) != (c->leaf == 0))
        return error_set(err, ERROR_CHAIN, "challenge: there is no leaf %llu of fold %u; the task has %u folds",
                         (unsigned long long)c->leaf, c->fold, folds);
    return c->fold > 0 || (hash_is_zero(c->found) && hash_is_zero(c->state)) ||
           error_set(err, ERROR_CHAIN, "challenge: of a whole claim there is neither leaf nor state to name");
}

static bool deposit_sane(const struct state *s, const struct state_proposal *p, const struct tx *tx, struct error *err)
{
    uint64_t least = state_challenge_least(s, p), deposit = tx->challenge.deposit;
    if (deposit < least)
        return error_set(err, ERROR_CHAIN, "challenge: its deposit is %llu, the least is %llu",
                         (unsigned long long)deposit, (unsigned long long)least);
    return state_check_amount(s, tx, "challenge: a deposit", deposit, err);
}

static bool apply(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    const struct tx_challenge *c = &tx->challenge;
    struct address who = key_address(&tx->sender);
    if (state_alone(s))
        return error_set(err, ERROR_CHAIN, "challenge: a closed chain has one validator and no disputes");
    const struct state_proposal *p = proposal_in(s, c->proposal, PROPOSAL_REVEALING, "challenge", err);
    if (!p)
        return false;
    if (p->opened.height == 0)
        return error_set(err, ERROR_CHAIN, "challenge: the proposer has not opened the claim yet");
    if (address_equal(who, p->proposer))
        return error_set(err, ERROR_CHAIN, "challenge: nobody challenges their own proposal");
    if (p->disputes >= STATE_CHALLENGES_OPEN_MAX)
        return error_set(err, ERROR_CHAIN, "challenge: %d challenges to this proposal are open, which is the most",
                         p->disputes);
    if (!place_sane(s, p, c, err) || !deposit_sane(s, p, tx, err))
        return false;
    state_add_challenge(s, id, who, c);
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    const struct tx_challenge *c = &tx->challenge;
    show_hash(out, "proposal", c->proposal);
    if (c->fold == 0) {
        show_text(out, "place", "the claim as a whole");
    } else {
        show_count(out, "fold", c->fold);
        show_count(out, "leaf", c->leaf);
        show_hash_or(out, "found", c->found, "no leaf");
        show_hash_or(out, "state before", c->state, "none given");
    }
    show_amount(out, "deposit", c->deposit);
}

const struct tx_kind tx_kind_challenge = {
    TX_CHALLENGE, "challenge", "dispute a claim at one place, with a deposit", encode, decode, apply, describe};
