#include "chain/state_tournament.h"
#include "chain/tx/kind.h"

static void encode(const struct tx *tx, struct bytes *out)
{
    codec_put_hash(out, tx->reveal_seal.seal);
    codec_put_hash(out, tx->reveal_seal.salt);
    bytes_put_u64(out, tx->reveal_seal.up);
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    tx->reveal_seal.seal = codec_get_hash(r);
    tx->reveal_seal.salt = codec_get_hash(r);
    tx->reveal_seal.up = bytes_get_u64(r);
}

static bool apply(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    const struct tx_reveal_seal *r = &tx->reveal_seal;
    const struct state_seal *seal = state_seal_find(s, r->seal);
    (void)id;
    if (!seal)
        return error_set(err, ERROR_CHAIN, "reveal-seal: there is no such seal on this chain");
    if (!address_equal(seal->who, key_address(&tx->sender)))
        return error_set(err, ERROR_CHAIN, "reveal-seal: somebody else has sealed this");
    if (seal->state == SEAL_WAITING)
        return error_set(err, ERROR_CHAIN, "reveal-seal: outcomes do not cover all of its bars yet, in an earlier block");
    if (seal->state != SEAL_JUDGED)
        return error_set(err, ERROR_CHAIN, "reveal-seal: the seal is %s", seal_state_name(seal->state));
    if (r->up & ~tx_bars_mask(seal->body.n))
        return error_set(err, ERROR_CHAIN, "reveal-seal: predictions for more bars than were sealed");
    if (!hash_equal(seal->body.commitment, tx_seal_commitment(r->salt, &tx->sender, seal->body.task, seal->body.first,
                                                              seal->body.n, r->up)))
        return error_set(err, ERROR_CHAIN, "reveal-seal: these are not the predictions that were sealed");
    state_reveal_seal(s, r);
    return true;
}

/* A character a bar, the first one first. Unused bits are refused where it is known how many are used. */
void show_bits(struct text *out, const char *name, uint64_t bits, uint32_t n)
{
    char mark[TX_BARS_MAX + 1] = "";
    for (uint32_t i = 0; i < n; i++)
        mark[i] = bits >> i & 1 ? '1' : '0';
    mark[n] = '\0';
    show_text(out, name, mark);
}

static void describe(const struct tx *tx, struct text *out)
{
    show_hash(out, "seal", tx->reveal_seal.seal);
    show_hash(out, "salt", tx->reveal_seal.salt);
    show_bits(out, "up, bar by bar", tx->reveal_seal.up, TX_BARS_MAX);
}

const struct tx_kind tx_kind_reveal_seal = {
    TX_REVEAL_SEAL, "reveal-seal", "show what was predicted", encode, decode, apply, describe};
