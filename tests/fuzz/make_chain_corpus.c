/* Writes the seeds of the chain's fuzz targets below a folder: make tests/fuzz/make_chain_corpus, then run it with
 * tests/fuzz/corpus. They come from the chain of the tests of tampering. */
#include "tests/unit/tamper_chain.h"

#include "base/file.h"
#include "base/memory.h"
#include "chain/keyfile.h"
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
            bytes_put(&pool, "MSCP\2\1\0\0\5\0\0\0\0\0\0\0", 16);
            bytes_put_blob(&pool, b->data, b->n);
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
    bytes_free(&all);
}

/* The same acts as a sequence for fuzz_rules: what a body names of this chain becomes a pattern. */
static void replace(uint8_t *body, size_t n, const void *what, size_t size, const uint8_t *by)
{
    for (size_t i = 0; i + size <= n; i++)
        if (memcmp(body + i, what, size) == 0) {
            memset(body + i, 0, size);
            memcpy(body + i, by, 4);
        }
}

static void put_rules(const struct tamper *t, const struct scroll *s, const char *name)
{
    struct bytes out = {0};
    struct hash id[64];
    int ids = 0;
    for (int i = 0; i < s->pages; i++) {
        for (int k = 0; k < s->page[i].txs; k++) {
            const struct bytes *b = &s->page[i].tx[k];
            size_t at = 2 + 32 + 32 + 8 + 8, n = b->n - at - KEY_SIGNATURE_BYTES;
            uint8_t *body = memory_copy(b->data + at, n);
            int sender = 0;
            for (int w = 0; w < TAMPER_KEYS; w++) {
                if (memcmp(b->data + 34, key_public_of(t->key[w])->byte, KEY_PUBLIC_BYTES) == 0)
                    sender = w == VAL ? 0 : (w + 1) % 4;
                replace(body, n, t->who[w].byte, sizeof t->who[w].byte,
                        (const uint8_t[]){0xee, 0xee, 0xaa, (uint8_t)(w == VAL ? 0 : (w + 1) % 4)});
            }
            for (int j = 0; j < ids; j++)
                replace(body, n, id[j].byte, HASH_BYTES, (const uint8_t[]){0xee, 0xee, 0xee, (uint8_t)j});
            id[ids++] = tx_id_of_bytes(b->data, b->n);
            bytes_put_u8(&out, (uint8_t)(b->data[0] | sender << 4 | 0x40));
            bytes_put_u16(&out, (uint16_t)n);
            bytes_put(&out, body, n);
            free(body);
        }
        bytes_put_u8(&out, 0); /* the block ends, five seconds after the one before */
        bytes_put_u8(&out, 5);
    }
    put("rules", name, out.data, out.n);
    bytes_free(&out);
}

static void put_state(void)
{
    struct genesis g = {.name = "fuzz", .supply = 1000000, .min_fee = 1, .expiry_blocks = 4, .commit_blocks = 1,
                        .reveal_blocks = 1, .epoch_blocks = 2, .holders = 1, .validators = 1};
    struct bytes b = {0};
    memset(g.holder[0].key.byte, 2, sizeof g.holder[0].key.byte);
    memset(g.validator[0].identity.byte, 1, sizeof g.validator[0].identity.byte);
    g.validator[0].voting = g.validator[0].identity;
    g.validator[0].stake = 100000;
    g.holder[0].balance = 900000;
    struct state *s = state_new(&g, NULL);
    struct tx tx = {.type = TX_TASK, .chain = genesis_id(&g), .sender = g.holder[0].key, .nonce = 1, .fee = 1};
    tx.task = (struct tx_task){.numeric = "msn1", .folds = 2, .pool = 1000, .full_pay_ppm = 1000, .approvals = 1};
    ASSERT(state_apply(s, &tx, NULL));
    struct hash task = tx_id(&tx);
    tx = (struct tx){.type = TX_ANNOUNCE, .chain = genesis_id(&g), .sender = g.holder[0].key, .nonce = 2, .fee = 1};
    tx.announce.task = task;
    tx.announce.stake = 100;
    ASSERT(state_apply(s, &tx, NULL) && state_end_block(s, 1, 1000000, NULL));
    state_save(s, &b);
    put("state", "announced", b.data, b.n - HASH_BYTES);
    state_free(s);
    bytes_free(&b);
}

static void put_key(void)
{
    struct keyfile f = {.ops = 3, .mem = 1 << 28};
    struct bytes b = {0};
    char address[KEY_ADDRESS_MAX];
    ASSERT(text_copy(f.info.name, sizeof f.info.name, "alice"));
    keyfile_bytes(&f, &b);
    put("key", "file", b.data, b.n);
    address_text((struct address){{1, 2, 3}}, address);
    put("key", "address", address, strlen(address));
    bytes_free(&b);
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
    if (small)
        put_receipts(&t, &s);
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
    put_state();
    put_key();
    put("leaves", "two-folds", leaves, sizeof leaves - 1);
    return 0;
}
