#include "chain/tx/kind.h"

#define CONSENT_DOMAIN "morphsmith validator"

static void encode(const struct tx *tx, struct bytes *out)
{
    codec_put_public(out, &tx->registration.voting);
    codec_put_signature(out, &tx->registration.consent);
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    tx->registration.voting = codec_get_public(r);
    tx->registration.consent = codec_get_signature(r);
}

static void consent_bytes(struct bytes *out, struct hash chain, const struct key_public *sender)
{
    codec_put_hash(out, chain);
    codec_put_public(out, sender);
}

void tx_register_consent(struct tx_register *r, struct hash chain, const struct key_public *sender,
                         const struct key *voting)
{
    struct bytes b = {0};
    consent_bytes(&b, chain, sender);
    r->voting = *key_public_of(voting);
    key_sign(voting, CONSENT_DOMAIN, b.data, b.n, &r->consent);
    bytes_free(&b);
}

bool tx_register_check(const struct tx_register *r, struct hash chain, const struct key_public *sender)
{
    struct bytes b = {0};
    consent_bytes(&b, chain, sender);
    bool good = key_verify(&r->voting, CONSENT_DOMAIN, b.data, b.n, &r->consent);
    bytes_free(&b);
    return good;
}

static bool account_sane(const struct state *s, const struct state_account *a, struct error *err)
{
    uint64_t staked = a ? a->stake : 0;
    const struct state_validator *seat;
    if (a && a->validator)
        return error_set(err, ERROR_CHAIN, "register: the sender is a validator already");
    if (a && a->barred)
        return error_set(err, ERROR_CHAIN, "register: the sender has signed twice and is barred for good");
    if (staked < state_genesis(s)->least_stake)
        return error_set(err, ERROR_CHAIN, "register: the sender has staked %llu, a validator needs %llu: stake first",
                         (unsigned long long)staked, (unsigned long long)state_genesis(s)->least_stake);
    if (state_seats(s, &seat) >= STATE_VALIDATORS_MAX)
        return error_set(err, ERROR_CHAIN, "register: there are %d validators already", STATE_VALIDATORS_MAX);
    return true;
}

static bool apply(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    const struct tx_register *r = &tx->registration;
    struct address who = key_address(&tx->sender), voting = key_address(&r->voting);
    (void)id;
    if (!kind_needs_many(s, "register", err) || !account_sane(s, state_account_find(s, who), err))
        return false;
    if (state_voting_find(s, &r->voting))
        return error_set(err, ERROR_CHAIN, "register: this voting key was a validator's already: make a new one");
    if (!address_equal(voting, who) && state_account_find(s, voting))
        return error_set(err, ERROR_CHAIN, "register: this voting key is the identity of another account");
    if (!tx_register_check(r, tx->chain, &tx->sender))
        return error_set(err, ERROR_CHAIN, "register: the voting key has not signed that it votes for the sender");
    state_register(s, who, &r->voting);
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    show_public(out, "voting key", &tx->registration.voting);
    show_signature(out, "its consent", &tx->registration.consent);
}

const struct tx_kind tx_kind_register = {
    TX_REGISTER, "register", "become a validator with a voting key", encode, decode, apply, describe};
