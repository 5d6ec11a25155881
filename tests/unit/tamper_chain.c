#include "tamper_chain.h"

#include "chain/listing.h"

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

static bool believe(void *context, const struct state *s, const struct tx *tx, struct error *err)
{
    (void)context, (void)s, (void)tx, (void)err;
    return true;
}

static void seal(struct tamper *t, struct ledger *l)
{
    uint64_t height;
    struct hash id;
    struct error err;
    int64_t time_us = TAMPER_START_US + (int64_t)(ledger_height(l) + 1) * 5000000;
    struct ledger_witness anything = {.check = believe};
    if (!ledger_seal_witnessed(l, t->key[VOTE], time_us, &anything, &height, &id, &err)) {
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

static struct hash list(struct tamper *t, struct ledger *l)
{
    struct tx tx = tamper_tx(t, BOB, TX_LIST);
    tx.list = (struct tx_list){.object = named("object", 0),
                               .content = named("content", 0),
                               .commitment = listing_commitment(named("key", 0)),
                               .price = 200,
                               .deliver_blocks = 1,
                               .title = "model"};
    return submit(t, l, BOB, &tx);
}

/* Three blocks: two listings and a seal; a buy, a withdrawal and the outcome; the delivery and what was sealed. */
static void put_market(struct tamper *t, struct ledger *l)
{
    struct hash sold = list(t, l), withdrawn = list(t, l);
    struct tx tx = tamper_tx(t, BOB, TX_SEAL);
    tx.seal = (struct tx_seal){t->task, 1, 2, tx_seal_commitment(named("seal", 0), &tx.sender, t->task, 1, 2, 1)};
    struct hash sealed = submit(t, l, BOB, &tx);
    seal(t, l);
    tx = tamper_tx(t, ALICE, TX_BUY);
    tx.buy.listing = sold;
    submit(t, l, ALICE, &tx);
    tx = tamper_tx(t, BOB, TX_REFUND);
    tx.refund.of = withdrawn;
    submit(t, l, BOB, &tx);
    tx = tamper_tx(t, ALICE, TX_OUTCOME);
    tx.outcome = (struct tx_outcome){.task = t->task, .first = 1, .n = 2, .object = named("bars", 0), .up = 1};
    tx.outcome.until_us[0] = TAMPER_START_US + 1000;
    tx.outcome.until_us[1] = TAMPER_START_US + 2000;
    submit(t, l, ALICE, &tx);
    seal(t, l);
    tx = tamper_tx(t, BOB, TX_DELIVER);
    tx.deliver = (struct tx_deliver){sold, named("key", 0)};
    submit(t, l, BOB, &tx);
    tx = tamper_tx(t, BOB, TX_REVEAL_SEAL);
    tx.reveal_seal = (struct tx_reveal_seal){sealed, named("seal", 0), 1};
    submit(t, l, BOB, &tx);
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
    if (!small)
        put_market(t, l);
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
