/* True signatures (every other target takes what begins with FUZZSIGN for one): of a transaction, a block's header or a
 * vote, whatever the bytes, all ways of checking agree; and what a key signed is good, but not with one bit changed. The
 * first byte chooses what the rest is; of what is signed here, the second names the bit that is changed. */
#include "fuzz.h"

#include "chain/block.h"
#include "chain/codec.h"
#include "chain/vote.h"

const char fuzz_corpus[] = "signed";

static void check_tx(const uint8_t *data, size_t n)
{
    struct tx tx;
    bool alone = tx_check_signature_alone(data, n);
    if (!tx_decode(data, n, &tx, NULL))
        return;
    ASSERT(alone == tx_check_signature(&tx, NULL) && alone == tx_check_signature_bytes(data, n, &tx, NULL));
}

static void check_block(const uint8_t *data, size_t n)
{
    struct block b = {.txs = 0};
    if (block_decode(data, n, &b, NULL))
        block_check_signature(data, &b, NULL);
    block_free(&b);
}

static void check_vote(const uint8_t *data, size_t n)
{
    struct vote v;
    if (vote_decode(data, n, &v, NULL))
        vote_check(&v, NULL);
}

/* Signed, then damaged: in the bytes, in the signature or in the key. */
static void sign(const uint8_t *data, size_t n)
{
    static struct key *key;
    struct bytes b = {0};
    struct key_signature s;
    if (!key)
        key = key_from_seed("fuzz", (const uint8_t[KEY_SEED_BYTES]){1});
    if (n < 2)
        return;
    unsigned at = data[0] | (unsigned)data[1] << 8;
    struct key_public pub = *key_public_of(key);
    key_sign(key, "morphsmith fuzz", data + 2, n - 2, &s);
    ASSERT(key_verify(&pub, "morphsmith fuzz", data + 2, n - 2, &s));
    ASSERT(!key_verify(&pub, "morphsmith fuz", data + 2, n - 2, &s));
    bytes_put(&b, data + 2, n - 2);
    codec_put_signature(&b, &s);
    codec_put_public(&b, &pub);
    b.data[at / 8 % b.n] ^= (uint8_t)(1 << at % 8);
    memcpy(s.byte, b.data + n - 2, sizeof s.byte);
    memcpy(pub.byte, b.data + n - 2 + sizeof s.byte, sizeof pub.byte);
    ASSERT(!key_verify(&pub, "morphsmith fuzz", b.data, n - 2, &s));
    bytes_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static void (*const what[])(const uint8_t *, size_t) = {check_tx, check_block, check_vote, sign};
    hash_start();
    if (n)
        what[data[0] & 3](data + 1, n - 1);
    return 0;
}
