#include "tamper_chain.h"

#include "base/file.h"
#include "base/memory.h"

#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

/* --- the chain --- */

static void make_keys(struct tamper *t)
{
    static const char *const name[] = {"alice", "bob", "carol", "dave", "val", "vote", "mallory"};
    for (int i = 0; i < TAMPER_KEYS; i++) {
        uint8_t seed[KEY_SEED_BYTES] = {(uint8_t)(i + 1), 7};
        t->key[i] = key_from_seed(name[i], seed);
        t->who[i] = key_address(key_public_of(t->key[i]));
    }
}

static void make_genesis(struct tamper *t, const char *name)
{
    struct genesis *g = &t->genesis;
    *g = (struct genesis){.time_us = TAMPER_START_US,
                          .supply = 1000000,
                          .min_fee = 10,
                          .min_block_seconds = 1,
                          .unbonding_blocks = 2,
                          .expiry_blocks = 50,
                          .commit_blocks = 1,
                          .reveal_blocks = 1,
                          .epoch_blocks = 2,
                          .missed_ppm = 10000,
                          .finder_ppm = 500000,
                          .holders = 3,
                          .validators = 1};
    ASSERT(text_copy(g->name, sizeof g->name, name));
    static const uint64_t balance[] = {600000, 300000, 90000};
    static const int holder[] = {ALICE, BOB, VAL};
    for (int i = 0; i < 3; i++) {
        g->holder[i].key = *key_public_of(t->key[holder[i]]);
        g->holder[i].balance = balance[i];
    }
    g->validator[0].identity = *key_public_of(t->key[VAL]);
    g->validator[0].voting = *key_public_of(t->key[VOTE]);
    g->validator[0].stake = 10000;
    t->id = genesis_id(g);
}

struct tx tamper_tx(struct tamper *t, int who, enum tx_type type)
{
    struct tx tx;
    memset(&tx, 0, sizeof tx);
    tx.type = type;
    tx.chain = t->id;
    tx.sender = *key_public_of(t->key[who]);
    tx.nonce = ++t->nonce[who];
    tx.fee = 10;
    return tx;
}

static struct hash submit(struct tamper *t, struct ledger *l, int who, struct tx *tx)
{
    struct hash id;
    struct error err;
    tx_sign(tx, t->key[who]);
    if (!ledger_submit(l, tx, &id, &err)) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    return id;
}

static void seal(struct tamper *t, struct ledger *l)
{
    uint64_t height;
    struct hash id;
    struct error err;
    int64_t time_us = TAMPER_START_US + (int64_t)(ledger_height(l) + 1) * 5000000;
    if (!ledger_seal(l, t->key[VOTE], time_us, &height, &id, &err)) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
}

static struct hash named(const char *what, int number)
{
    char text[64];
    snprintf(text, sizeof text, "%s %d", what, number);
    return hash_of_text(text);
}

/* Block 1: a task, transfers, a stake. */
static void put_task(struct tamper *t, struct ledger *l, bool small)
{
    struct tx tx = tamper_tx(t, ALICE, TX_TASK);
    tx.task = (struct tx_task){.dataset = named("dataset", 1),
                               .text = named("task", 1),
                               .recipe = named("recipe", 1),
                               .numeric = "msn1",
                               .folds = 2,
                               .pool = 10000,
                               .min_improvement_ppm = 1000,
                               .full_pay_ppm = 50000,
                               .baseline_ppm = 500000,
                               .reviewer = {t->who[CAROL], t->who[small ? ALICE : DAVE]},
                               .reviewers = 2,
                               .approvals = small ? 2 : 1};
    t->task = submit(t, l, ALICE, &tx);
    for (int who = CAROL; who <= (small ? CAROL : DAVE); who++) {
        tx = tamper_tx(t, ALICE, TX_TRANSFER);
        tx.transfer.to = t->who[who];
        tx.transfer.amount = 200;
        submit(t, l, ALICE, &tx);
    }
    tx = tamper_tx(t, BOB, TX_STAKE);
    tx.stake.amount = 100;
    submit(t, l, BOB, &tx);
    seal(t, l);
}

/* Proposal i's content, whose salt is named("announce", i). */
static struct tx_propose content(int i)
{
    struct tx_propose p = {.parent = named("parent", i),
                           .morphisms = named("morphisms", i),
                           .arch = named("arch", i),
                           .counts = {.folds = 2, .correct = {520 + (uint32_t)i, 530}, .total = {1000, 1000}},
                           .evidence = named("evidence", i)};
    p.hidden_root = tx_hidden_root(named("root", i), named("trace", i), named("weights", i));
    return p;
}

/* What the validator's own training comes to; of the third proposal, something else than was claimed. */
static struct tx_finding found(int i)
{
    struct tx_finding f = {.counts = content(i).counts, .trace_root = named("trace", i), .weights = named("weights", i)};
    if (i == 2)
        f.trace_root = named("another trace", i);
    return f;
}

static int proposer(int i)
{
    return i == 0 ? BOB : ALICE;
}

static void put_announcements(struct tamper *t, struct ledger *l, int n)
{
    for (int i = 0; i < n; i++) {
        struct tx tx = tamper_tx(t, proposer(i), TX_ANNOUNCE);
        struct tx_propose p = content(i);
        tx.announce.task = t->task;
        tx.announce.stake = 200;
        tx.announce.commitment = tx_announce_commitment(named("announce", i), &tx.sender, &p);
        t->proposal[i] = submit(t, l, proposer(i), &tx);
    }
    seal(t, l);
}

static void put_claims(struct tamper *t, struct ledger *l, int n)
{
    for (int i = 0; i < n; i++) {
        struct tx tx = tamper_tx(t, proposer(i), TX_PROPOSE);
        tx.propose = content(i);
        tx.propose.proposal = t->proposal[i];
        tx.propose.salt = named("announce", i);
        submit(t, l, proposer(i), &tx);
    }
    for (int i = 0; i < n; i++) {
        struct tx tx = tamper_tx(t, VAL, TX_COMMIT);
        struct tx_finding f = found(i);
        tx.commit.proposal = t->proposal[i];
        tx.commit.commitment = tx_attest_commitment(named("attest", i), &tx.sender, t->proposal[i], &f);
        submit(t, l, VAL, &tx);
    }
    seal(t, l);
}

static void put_openings(struct tamper *t, struct ledger *l, int n)
{
    for (int i = 0; i < n; i++) {
        struct tx tx = tamper_tx(t, proposer(i), TX_OPEN);
        tx.open = (struct tx_open){.proposal = t->proposal[i],
                                   .salt = named("root", i),
                                   .trace_root = named("trace", i),
                                   .weights = named("weights", i),
                                   .leaves = named("leaves", i)};
        submit(t, l, proposer(i), &tx);
    }
    for (int i = 0; i < n; i++) {
        struct tx tx = tamper_tx(t, VAL, TX_REVEAL);
        tx.reveal = (struct tx_reveal){.proposal = t->proposal[i], .salt = named("attest", i), .finding = found(i)};
        submit(t, l, VAL, &tx);
    }
    struct tx tx = tamper_tx(t, BOB, TX_UNSTAKE);
    tx.stake.amount = 40;
    submit(t, l, BOB, &tx);
    seal(t, l);
}

static void decide(struct tamper *t, struct ledger *l, int who, enum tx_type type, int i)
{
    struct tx tx = tamper_tx(t, who, type);
    tx.decide.proposal = t->proposal[i];
    tx.decide.shown = tx_shown(named("evidence", i), named("trace", i), named("weights", i), named("leaves", i));
    tx.decide.rerun_root = type == TX_APPROVE ? named("trace", i) : (struct hash){{0}};
    ASSERT(text_copy(tx.decide.reason, sizeof tx.decide.reason, type == TX_APPROVE ? "re-ran it" : "not on my data"));
    submit(t, l, who, &tx);
}

static void put_rest(struct tamper *t, struct ledger *l, bool small)
{
    decide(t, l, CAROL, TX_APPROVE, 0);
    decide(t, l, small ? ALICE : CAROL, TX_REJECT, small ? 0 : 1);
    seal(t, l);
    struct tx tx = tamper_tx(t, BOB, TX_HOLDOUT);
    tx.holdout = (struct tx_holdout){.task = t->task,
                                     .arch = named("arch", 0),
                                     .weights = named("weights", 0),
                                     .correct = 48,
                                     .total = 100,
                                     .evidence = named("hold-out", 0)};
    submit(t, l, BOB, &tx);
    seal(t, l);
    if (!small)
        seal(t, l);
}

void tamper_start(struct tamper *t, const char *name, bool small)
{
    const char *tmp = getenv("TMPDIR");
    char file[128];
    struct error err;
    int proposals = small ? 1 : 3;
    memset(t, 0, sizeof *t);
    hash_start();
    snprintf(t->folder, sizeof t->folder, "%s/mstamper-XXXXXX", tmp && strlen(tmp) < 40 ? tmp : "/tmp");
    ASSERT(mkdtemp(t->folder));
    snprintf(t->chain, sizeof t->chain, "%s/chain", t->folder);
    snprintf(t->path, sizeof t->path, "%s/blocks.msc", t->chain);
    make_keys(t);
    make_genesis(t, name);
    if (!ledger_create(t->chain, &t->genesis, &err)) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    struct ledger *l = ledger_open(t->chain, true, &err);
    ASSERT(l);
    put_task(t, l, small);
    put_announcements(t, l, proposals);
    put_claims(t, l, proposals);
    put_openings(t, l, proposals);
    put_rest(t, l, small);
    ledger_close(l);
    snprintf(file, sizeof file, "%s/blocks.len", t->chain);
    ASSERT(unlink(file) == 0);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

void tamper_end(struct tamper *t)
{
    for (int i = 0; i < TAMPER_KEYS; i++)
        key_free(t->key[i]);
    ASSERT(nftw(t->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

/* --- taking apart and together --- */

static void page_read(struct page *p, struct bytes_reader *r)
{
    size_t n;
    memcpy(p->header, bytes_get(r, sizeof p->header), sizeof p->header);
    memcpy(p->signature, bytes_get(r, sizeof p->signature), sizeof p->signature);
    const uint8_t *data = bytes_get_blob(r, 1 << 20, &n);
    bytes_put(&p->certificate, data, n);
    for (p->txs = 0; r->at < r->n; p->txs++) {
        ASSERT(p->txs < PAGE_TXS);
        data = bytes_get_blob(r, 1 << 20, &n);
        ASSERT(!r->failed);
        bytes_put(&p->tx[p->txs], data, n);
    }
}

void scroll_read(struct scroll *s, const char *path)
{
    struct bytes all = {0};
    ASSERT(file_read(path, 1 << 24, &all, NULL));
    memset(s, 0, sizeof *s);
    for (size_t at = 0, height = 0; at < all.n; height++) {
        struct frame f;
        ASSERT(block_frame_header(all.data + at, &f, NULL) && f.height == height);
        const uint8_t *payload = all.data + at + FRAME_HEADER_BYTES;
        struct bytes_reader r = bytes_read(payload, f.payload_n);
        if (height == 0)
            bytes_put(&s->genesis, payload, f.payload_n);
        else
            page_read(&s->page[s->pages++], &r);
        at += block_frame_bytes(&f);
    }
    bytes_free(&all);
}

static void again(struct bytes *to, const struct bytes *from)
{
    bytes_clear(to);
    bytes_put(to, from->data, from->n);
}

void scroll_copy(struct scroll *to, const struct scroll *from)
{
    again(&to->genesis, &from->genesis);
    to->pages = from->pages;
    for (int i = 0; i < from->pages; i++) {
        struct page *p = &to->page[i];
        const struct page *q = &from->page[i];
        memcpy(p->header, q->header, sizeof p->header);
        memcpy(p->signature, q->signature, sizeof p->signature);
        again(&p->certificate, &q->certificate);
        p->txs = q->txs;
        for (int k = 0; k < q->txs; k++)
            again(&p->tx[k], &q->tx[k]);
    }
}

void scroll_free(struct scroll *s)
{
    bytes_free(&s->genesis);
    for (int i = 0; i < SCROLL_PAGES; i++) {
        bytes_free(&s->page[i].certificate);
        for (int k = 0; k < PAGE_TXS; k++)
            bytes_free(&s->page[i].tx[k]);
    }
}

static void page_write(const struct page *p, struct bytes *out)
{
    bytes_put(out, p->header, sizeof p->header);
    bytes_put(out, p->signature, sizeof p->signature);
    bytes_put_blob(out, p->certificate.data, p->certificate.n);
    for (int i = 0; i < p->txs; i++)
        bytes_put_blob(out, p->tx[i].data, p->tx[i].n);
}

void scroll_write(struct scroll *s, const char *path)
{
    struct bytes all = {0}, payload = {0};
    struct hash previous = {{0}};
    for (int height = 0; height <= s->pages; height++) {
        bytes_clear(&payload);
        if (height == 0)
            bytes_put(&payload, s->genesis.data, s->genesis.n);
        else
            page_write(&s->page[height - 1], &payload);
        struct frame f = {.type = height ? FRAME_BLOCK : FRAME_GENESIS, .height = (uint64_t)height,
                          .payload_n = (uint32_t)payload.n};
        s->offset[height] = all.n;
        previous = block_frame_encode(&all, &f, payload.data, previous);
    }
    s->offset[s->pages + 1] = all.n;
    FILE *out = fopen(path, "wb");
    ASSERT(out && fwrite(all.data, 1, all.n, out) == all.n && fclose(out) == 0);
    bytes_free(&all);
    bytes_free(&payload);
}

static void set_hash(struct page *p, int at, struct hash h)
{
    memcpy(p->header + at, h.byte, sizeof h.byte);
}

static void page_roots(struct page *p)
{
    struct hash leaf[PAGE_TXS];
    for (int i = 0; i < p->txs; i++)
        leaf[i] = hash_of(p->tx[i].data, p->tx[i].n);
    set_hash(p, AT_TX_ROOT, hash_merkle_root(leaf, (size_t)p->txs));
    set_hash(p, AT_CERTIFICATE, hash_of(p->certificate.data, p->certificate.n));
    for (int i = 0; i < 4; i++)
        p->header[AT_TRANSACTIONS + i] = (uint8_t)((uint32_t)p->txs >> (8 * i));
}

static struct hash page_id(const struct page *p)
{
    struct bytes b = {0};
    bytes_put(&b, "morphsmith header", sizeof "morphsmith header");
    bytes_put(&b, p->header, sizeof p->header);
    struct hash id = hash_of(b.data, b.n);
    bytes_free(&b);
    return id;
}

void scroll_reseal(struct scroll *s, int height, bool roots, const struct key *by)
{
    for (int i = height - 1; i < s->pages; i++) {
        struct page *p = &s->page[i];
        if (i > 0)
            set_hash(p, AT_PARENT, page_id(&s->page[i - 1]));
        else
            memcpy(p->header + AT_PARENT, p->header + AT_CHAIN, HASH_BYTES);
        if (roots)
            page_roots(p);
        if (!by)
            continue;
        struct key_signature signature;
        memcpy(p->header + AT_PROPOSER, key_public_of(by)->byte, KEY_PUBLIC_BYTES);
        key_sign(by, "morphsmith block", p->header, sizeof p->header, &signature);
        memcpy(p->signature, signature.byte, sizeof p->signature);
    }
}

void scroll_find(const struct scroll *s, enum tx_type type, int *height, int *at)
{
    for (int i = 0; i < s->pages; i++)
        for (int k = 0; k < s->page[i].txs; k++)
            if (s->page[i].tx[k].data[0] == (uint8_t)type) {
                *height = i + 1;
                *at = k;
                return;
            }
    abort(); /* the chain has all kinds */
}

void page_put(struct page *p, int at, const struct tx *tx)
{
    bytes_clear(&p->tx[at]);
    tx_encode(tx, &p->tx[at]);
}

void page_drop(struct page *p, int at)
{
    struct bytes dropped = p->tx[at];
    p->txs--;
    memmove(&p->tx[at], &p->tx[at + 1], (size_t)(p->txs - at) * sizeof p->tx[0]);
    p->tx[p->txs] = dropped; /* its memory */
}

void page_insert(struct page *p, int at, const struct bytes *tx)
{
    ASSERT(p->txs < PAGE_TXS);
    struct bytes spare = p->tx[p->txs];
    memmove(&p->tx[at + 1], &p->tx[at], (size_t)(p->txs - at) * sizeof p->tx[0]);
    p->tx[at] = spare;
    again(&p->tx[at], tx);
    p->txs++;
}
