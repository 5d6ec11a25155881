/* A chain's whole file: what verifying refuses does not open, and the other way round. The input is the file; where its
 * first byte is 'R' instead of the magic's first, its frames' hashes are made to fit; where it is 'S', all that one who
 * seals a block computes, too: heights, parents, roots, certificates' hashes, validators and states, so that what stands in
 * transactions is reached. */
#include "fuzz_folder.h"

#include "chain/block.h"
#include "chain/codec.h"
#include "chain/ledger.h"

const char fuzz_corpus[] = "blocks";

/* Places in a block's header, by the format's page. */
enum { AT_CHAIN = 0, AT_HEIGHT = 32, AT_PARENT = 52, AT_TX_ROOT = 116, AT_VALIDATORS = 148, AT_CERTIFICATE = 180,
       AT_STATE = 212 };

static void set_hash(uint8_t *at, struct hash h)
{
    memcpy(at, h.byte, sizeof h.byte);
}

struct sealer {
    struct state *s;
    struct genesis genesis;
    struct hash parent;
    int64_t time_us;
};

static void seal_genesis(struct sealer *x, const uint8_t *payload, size_t n)
{
    if (!x->s && genesis_decode(payload, n, &x->genesis, NULL))
        x->s = state_new(&x->genesis, NULL);
    if (x->s)
        x->parent = state_chain(x->s);
    x->time_us = x->genesis.time_us;
}

/* As far as the rules take its transactions; what they refuse stays, for the verifier to refuse. */
static void seal_block(struct sealer *x, uint8_t *payload, size_t n)
{
    static struct tx tx;
    struct block b = {.txs = 0};
    if (x->s && block_decode(payload, n, &b, NULL)) {
        set_hash(payload + AT_CHAIN, state_chain(x->s));
        for (int i = 0; i < 8; i++)
            payload[AT_HEIGHT + i] = (uint8_t)((state_height(x->s) + 1) >> 8 * i);
        set_hash(payload + AT_PARENT, x->parent);
        set_hash(payload + AT_VALIDATORS, state_validators_hash(x->s));
        set_hash(payload + AT_CERTIFICATE, block_certificate_hash(&b));
        for (size_t i = 0; i < b.txs; i++) {
            uint8_t *bytes = payload + (b.tx[i].data - payload);
            set_hash(bytes + 2, state_chain(x->s));
            if (tx_decode(bytes, b.tx[i].n, &tx, NULL))
                state_apply(x->s, &tx, NULL);
        }
        set_hash(payload + AT_TX_ROOT, block_tx_root(&b));
        if (b.time_us >= x->time_us && state_end_block(x->s, state_height(x->s) + 1, b.time_us, NULL))
            x->time_us = b.time_us;
        set_hash(payload + AT_STATE, state_hash(x->s));
        x->parent = block_id(payload);
    }
    block_free(&b);
}

static void make_fit(struct bytes *b, bool all)
{
    static struct sealer x;
    struct hash previous = {{0}};
    memset(&x, 0, sizeof x);
    for (size_t at = 0; at + FRAME_HEADER_BYTES <= b->n;) {
        struct frame f;
        uint8_t *payload = b->data + at + FRAME_HEADER_BYTES;
        if (!block_frame_header(b->data + at, &f, NULL) || block_frame_bytes(&f) > b->n - at)
            break;
        if (all && f.type == FRAME_GENESIS)
            seal_genesis(&x, payload, f.payload_n);
        if (all && f.type == FRAME_BLOCK)
            seal_block(&x, payload, f.payload_n);
        previous = block_frame_hash(&f, b->data + at, previous);
        at += block_frame_bytes(&f);
        memcpy(b->data + at - HASH_BYTES, previous.byte, HASH_BYTES);
    }
    state_free(x.s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct ledger_verdict v;
    struct bytes b = {0};
    struct error err = {0};
    hash_start();
    bytes_put(&b, data, n);
    if (n && (data[0] == 'R' || data[0] == 'S')) {
        b.data[0] = (uint8_t)FRAME_MAGIC[0];
        make_fit(&b, data[0] == 'S');
    }
    fuzz_put("blocks.msc", b.data, b.n);
    bool good = ledger_verify(fuzz_folder(), &v, NULL, NULL, NULL, &err);
    ASSERT(good == v.ok && (good || (err.kind == ERROR_CHAIN && v.error_offset <= n)));
    if (good || n % 4 == 0) { /* opening is verifying and more: of what is refused, some will do */
        struct ledger *l = ledger_open(fuzz_folder(), false, NULL);
        ASSERT(good == (l != NULL));
        ledger_close(l);
    }
    bytes_free(&b);
    return 0;
}
