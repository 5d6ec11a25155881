/* Whether it is true is a witness's matter (chain/ledger.h): each validator re-executes the place before it votes. */
#include "chain/state_challenge.h"
#include "chain/tx/kind.h"

static void encode(const struct tx *tx, struct bytes *out)
{
    codec_put_hash(out, tx->verdict.challenge);
    bytes_put_u8(out, tx->verdict.upheld);
    codec_put_hash(out, tx->verdict.found);
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    tx->verdict.challenge = codec_get_hash(r);
    tx->verdict.upheld = codec_get_bool(r);
    tx->verdict.found = codec_get_hash(r);
}

bool tx_verdict_check(const struct state *s, const struct tx *tx, struct error *err)
{
    return challenge_open(s, tx->verdict.challenge, "verdict", err) != NULL;
}

static bool apply(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    (void)id;
    if (!tx_verdict_check(s, tx, err))
        return false;
    state_rule_challenge(s, &tx->verdict);
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    const struct tx_verdict *v = &tx->verdict;
    show_hash(out, "challenge", v->challenge);
    show_text(out, "verdict", v->upheld ? "upheld: the claim is wrong there" : "dismissed: the claim stands there");
    show_hash_or(out, "found", v->found, "no leaf");
}

const struct tx_kind tx_kind_verdict = {
    TX_VERDICT, "verdict", "record what re-execution of a challenged place came to", encode, decode, apply, describe};
