#include "chain/state_challenge.h"
#include "chain/tx/kind.h"

static void encode(const struct tx *tx, struct bytes *out)
{
    codec_put_hash(out, tx->respond.challenge);
    bytes_put_u8(out, tx->respond.concede);
    codec_put_hash(out, tx->respond.object);
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    tx->respond.challenge = codec_get_hash(r);
    tx->respond.concede = codec_get_bool(r);
    tx->respond.object = codec_get_hash(r);
}

const struct state_challenge *challenge_open(const struct state *s, struct hash id, const char *what, struct error *err)
{
    const struct state_challenge *c = state_challenge_find(s, id);
    if (c && c->state == CHALLENGE_OPEN)
        return c;
    if (c)
        error_set(err, ERROR_CHAIN, "%s: the challenge is %s", what, challenge_state_name(c->state));
    else
        error_set(err, ERROR_CHAIN, "%s: there is no such challenge on this chain", what);
    return NULL;
}

/* Who concedes to a later challenge could choose who is paid. */
static bool may_concede(const struct state *s, const struct state_proposal *p, const struct state_challenge *c,
                        const struct tx_respond *r, struct error *err)
{
    if (!hash_is_zero(r->object))
        return error_set(err, ERROR_CHAIN, "response: who concedes gives no state");
    return state_challenge_first(s, p) == c ||
           error_set(err, ERROR_CHAIN, "response: an earlier challenge to this proposal is open: concede that one");
}

static bool apply(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    const struct tx_respond *r = &tx->respond;
    const struct state_challenge *c = challenge_open(s, r->challenge, "response", err);
    (void)id;
    if (!c)
        return false;
    const struct state_proposal *p = state_proposal_find(s, c->body.proposal);
    if (!address_equal(p->proposer, key_address(&tx->sender)))
        return error_set(err, ERROR_CHAIN, "response: only the proposer answers");
    if (c->answered != CHALLENGE_UNANSWERED)
        return error_set(err, ERROR_CHAIN, "response: this challenge is answered already");
    if (r->concede && !may_concede(s, p, c, r, err))
        return false;
    state_answer_challenge(s, c->id, r);
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    const struct tx_respond *r = &tx->respond;
    show_hash(out, "challenge", r->challenge);
    show_text(out, "answer", r->concede ? "the claim is conceded to be wrong" : "the claim stands");
    show_hash_or(out, "own state before", r->object, "none given");
}

const struct tx_kind tx_kind_respond = {
    TX_RESPOND, "respond", "answer a challenge to one's claim, or concede", encode, decode, apply, describe};
