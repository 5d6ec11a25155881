/* Writes the seeds of the chain's fuzz targets below a folder: make tests/fuzz/make_chain_corpus, then run it with
 * tests/fuzz/corpus. They come from the chain of the tests of tampering. Every signature is one of fuzz_signature.c, which
 * this program is linked with, too. */
#include "tests/fuzz/fuzz_fill.h"
#include "tests/fuzz/make_many_corpus.h"
#include "tests/unit/tamper_chain.h"

#include "base/file.h"
#include "base/memory.h"
#include "chain/batch.h"
#include "chain/keyfile.h"
#include "chain/pool_file.h"
#include "chain/receipt.h"
#include "chain/state_save.h"

#include <stdio.h>
#include <stdlib.h>

static const char *root;

static void put(const char *corpus, const char *name, const void *data, size_t n)
{
    char folder[FILE_PATH_MAX], path[FILE_PATH_MAX];
    file_join(folder, sizeof folder, root, corpus);
    ASSERT(file_make_folder(folder, 0755, NULL));
    file_join(path, sizeof path, folder, name);
    ASSERT(file_write(path, data, n, 0644, NULL));
}

static void put_txs(const struct scroll *s)
{
    for (int i = 0; i < s->pages; i++)
        for (int k = 0; k < s->page[i].txs; k++) {
            const struct bytes *b = &s->page[i].tx[k];
            const char *name = tx_kind_of((enum tx_type)b->data[0])->name;
            char unsigned_name[64];
            struct bytes pool = {0};
            put("tx", name, b->data, b->n);
            snprintf(unsigned_name, sizeof unsigned_name, "%s-unsigned", name);
            put("tx", unsigned_name, b->data, b->n - KEY_SIGNATURE_BYTES);
            pool_file_encode(&pool, POOL_TRANSACTION, 5, b->data, b->n);
            put("pool", name, pool.data, pool.n);
            bytes_free(&pool);
        }
}

static void put_blocks(struct tamper *t, const char *name)
{
    struct bytes all = {0};
    ASSERT(file_read(t->path, 1 << 20, &all, NULL));
    put("blocks", name, all.data, all.n);
    for (size_t at = 0, height = 0; at < all.n; height++) {
        struct frame f;
        char frame[64];
        ASSERT(block_frame_header(all.data + at, &f, NULL));
        snprintf(frame, sizeof frame, "%s-%d", name, (int)height);
        put("block", frame, all.data + at, FRAME_HEADER_BYTES + f.payload_n);
        at += block_frame_bytes(&f);
    }
    char refit[64];
    snprintf(refit, sizeof refit, "%s-refit", name);
    all.data[0] = 'R';
    put("blocks", refit, all.data, all.n);
    snprintf(refit, sizeof refit, "%s-seal", name);
    all.data[0] = 'S';
    put("blocks", refit, all.data, all.n);
    bytes_free(&all);
}

/* The parties of this chain under their numbers in fuzz_rules. */
static void name_parties(const struct tamper *t, struct fill *f)
{
    static const int who[] = {VAL, ALICE, BOB, CAROL, DAVE, MALLORY};
    fill_start(f);
    f->chain = t->id;
    f->voting[0] = *key_public_of(t->key[VOTE]);
    for (size_t i = 0; i < ARRAY_N(who); i++) {
        f->key[i] = *key_public_of(t->key[who[i]]);
        f->who[i] = t->who[who[i]];
    }
}

static int party_of(const struct fill *f, const uint8_t *public_key)
{
    int i = 0;
    while (i < FILL_PARTIES - 1 && memcmp(f->key[i].byte, public_key, KEY_PUBLIC_BYTES) != 0)
        i++;
    return i;
}

/* The same acts as a sequence for fuzz_rules. */
static void put_rules(const struct tamper *t, const struct scroll *s, const char *name)
{
    const size_t body_at = 2 + 32 + 32 + 8 + 8;
    struct bytes out = {0};
    struct fill f;
    name_parties(t, &f);
    bytes_put_u8(&out, 0); /* a chain for one */
    for (int i = 0; i < s->pages; i++) {
        for (int k = 0; k < s->page[i].txs; k++) {
            const struct bytes *b = &s->page[i].tx[k];
            bytes_put_u8(&out, (uint8_t)(b->data[0] | 0x20));
            bytes_put_u8(&out, (uint8_t)party_of(&f, b->data + 34));
            fill_in(&f, b->data + body_at, b->n - body_at - KEY_SIGNATURE_BYTES, &out);
            bytes_put_u8(&out, FILL_END);
            fill_note(&f, tx_id_of_bytes(b->data, b->n));
        }
        bytes_put_u8(&out, 0); /* the block ends, five seconds after the one before */
        bytes_put_u8(&out, i % 3 == 2 ? 0xf0 : 5);
    }
    put("rules", name, out.data, out.n);
    bytes_free(&out);
}

static struct hash apply(struct state *s, const struct fill *f, int who, uint64_t nonce, struct tx *tx)
{
    tx->chain = state_chain(s);
    tx->sender = f->key[who];
    tx->nonce = nonce;
    tx->fee = 1;
    ASSERT(state_apply(s, tx, NULL));
    return tx_id(tx);
}

static void put_saved(const struct state *s, bool many, const char *name)
{
    const size_t head = 4 + 4 + HASH_BYTES;
    struct bytes b = {0};
    state_save(s, &b);
    b.data[head - 1] = many;
    put("state", name, b.data + head - 1, b.n - HASH_BYTES - head + 1);
    bytes_free(&b);
}

/* With something in each of its parts. */
static void put_state(bool many)
{
    struct fill f;
    struct genesis g;
    fill_start(&f);
    fill_genesis(&f, many, many ? 3 : 1, &g);
    struct state *s = state_new(&g, NULL);
    put_saved(s, many, many ? "many-first" : "closed-first");
    struct tx tx = {.type = TX_TASK, .task = {.numeric = "msn1", .folds = 2, .pool = 1000, .full_pay_ppm = 1000,
                                              .reviewers = 1, .approvals = 1}};
    tx.task.reviewer[0] = f.who[5];
    struct hash task = apply(s, &f, 5, 1, &tx);
    tx = (struct tx){.type = TX_ANNOUNCE, .announce = {.task = task, .stake = 100}};
    apply(s, &f, 4, 1, &tx);
    tx = (struct tx){.type = TX_LIST, .list = {.price = 7, .deliver_blocks = 1, .title = "net"}};
    struct hash listing = apply(s, &f, 3, 1, &tx);
    tx = (struct tx){.type = TX_BUY, .buy = {.listing = listing}};
    apply(s, &f, 4, 2, &tx);
    tx = (struct tx){.type = TX_SEAL, .seal = {.task = task, .first = 1, .n = 2}};
    apply(s, &f, 3, 2, &tx);
    tx = (struct tx){.type = TX_JOB, .job = {.task = task, .pay = 9, .deposit = 3, .blocks = 4}};
    if (many)
        apply(s, &f, 5, 2, &tx);
    tx = (struct tx){.type = TX_UNSTAKE, .stake = {.amount = 9}};
    apply(s, &f, 0, 1, &tx);
    ASSERT(state_end_block(s, 1, 1000000, NULL));
    put_saved(s, many, many ? "many" : "closed");
    state_free(s);
}

static void put_public(const struct key_info *info)
{
    struct text t = {0};
    key_public_text(info, &t);
    put("public", "alice", text_of(&t), t.n);
    text_free(&t);
}

/* One that asks for much, and one that a passphrase of "p" opens at once. */
static void put_key(void)
{
    struct keyfile f = {.ops = 3, .mem = 1 << 28};
    struct bytes b = {0};
    char address[KEY_ADDRESS_MAX + 1];
    uint8_t seed[KEY_SEED_BYTES] = {9};
    struct key *k = key_from_seed("alice", seed);
    f.info.public_key = *key_public_of(k);
    ASSERT(text_copy(f.info.name, sizeof f.info.name, "alice"));
    bytes_put_u8(&b, '0');
    keyfile_bytes(&f, &b);
    put("key", "file", b.data, b.n);
    f.ops = 1;
    f.mem = 8192;
    ASSERT(keyfile_seal(&f, seed, "p", NULL));
    bytes_clear(&b);
    bytes_put_u8(&b, '0');
    keyfile_bytes(&f, &b);
    put("key", "opens", b.data, b.n);
    address[0] = '4';
    address_text((struct address){{1, 2, 3}}, address + 1);
    put("key", "address", address, strlen(address));
    put_public(&f.info);
    key_free(k);
    bytes_free(&b);
}

/* Two transactions, prepared and signed, as files and as what stands before the hash. */
static void put_batches(const struct tamper *t)
{
    for (int is_signed = 0; is_signed < 2; is_signed++) {
        struct batch b = {0};
        struct bytes out = {0};
        char name[64];
        for (uint64_t nonce = 1; nonce <= 2; nonce++) {
            struct bytes one = {0};
            struct tx tx = {.type = TX_TRANSFER, .chain = t->id, .sender = *key_public_of(t->key[ALICE]), .nonce = nonce,
                            .fee = 10, .transfer = {.to = t->who[BOB], .amount = 5}};
            tx_signing_bytes(&tx, &one);
            ASSERT(batch_add(&b, one.data, one.n, NULL));
            bytes_free(&one);
        }
        if (is_signed)
            ASSERT(batch_sign(&b, t->key[ALICE], NULL));
        bytes_put_u8(&out, '0');
        struct bytes file = {0};
        batch_encode(&b, &file);
        bytes_put(&out, file.data, file.n);
        snprintf(name, sizeof name, "%s-file", is_signed ? "signed" : "prepared");
        put("batch", name, out.data, out.n);
        out.data[0] = '1';
        put("batch", is_signed ? "signed" : "prepared", out.data, out.n - HASH_BYTES);
        batch_free(&b);
        bytes_free(&out);
        bytes_free(&file);
    }
}

static void put_receipts(struct tamper *t, const struct scroll *s)
{
    static const enum tx_type of[] = {TX_TRANSFER, TX_APPROVE, TX_HOLDOUT};
    struct ledger *l = ledger_open(t->chain, false, NULL);
    ASSERT(l);
    for (size_t i = 0; i < ARRAY_N(of); i++) {
        struct bytes b = {0};
        int height, at;
        scroll_find(s, of[i], &height, &at);
        const struct bytes *tx = &s->page[height - 1].tx[at];
        ASSERT(receipt_make(l, tx_id_of_bytes(tx->data, tx->n), &b, NULL));
        put("receipt", tx_kind_of(of[i])->name, b.data, b.n - HASH_BYTES);
        bytes_free(&b);
    }
    ledger_close(l);
}

static void put_many_genesis(void)
{
    struct fill f;
    struct genesis g;
    struct bytes b = {0};
    fill_start(&f);
    fill_genesis(&f, true, 3, &g);
    genesis_encode(&g, &b);
    put("genesis", "many", b.data, b.n);
    bytes_free(&b);
}

static void put_chain(bool small, const char *name)
{
    static struct tamper t;
    static struct scroll s;
    struct bytes genesis = {0};
    tamper_start(&t, name, small);
    scroll_read(&s, t.path);
    put_blocks(&t, name);
    put_rules(&t, &s, name);
    put_txs(&s);
    if (small) {
        put_receipts(&t, &s);
        put_batches(&t);
    }
    genesis_encode(&t.genesis, &genesis);
    put("genesis", name, genesis.data, genesis.n);
    bytes_free(&genesis);
    scroll_free(&s);
    tamper_end(&t);
}

int main(int argc, char **argv)
{
    static const char leaves[] =
        "morphsmith-leaves 1\nfold 1 interval 8 leaves 2\n"
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
        "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
        "fold 2 interval 4 leaves 1\n"
        "2123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n";
    ASSERT(argc == 2);
    root = argv[1];
    hash_start();
    put_chain(true, "small");
    put_chain(false, "whole");
    put_state(false);
    put_state(true);
    put_key();
    put_many_genesis();
    make_many_corpus(put);
    put("listing", "object", "\3\0MSLISTED012345678901234567890123 and some bytes of a cipher", 58);
    put("leaves", "two-folds", leaves, sizeof leaves - 1);
    return 0;
}
