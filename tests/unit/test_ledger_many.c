#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "chain/block.h"
#include "chain/receipt.h"
#include "tests/unit/many_chain.h"

#include <dirent.h>
#include <string.h>

static struct fixture f;
static struct many_chain m;
static struct ledger *l;
static int64_t now_us;

static struct ledger *open_chain(bool writable)
{
    struct error err = {0};
    struct ledger *opened = ledger_open(f.chain, writable, &err);
    if (!opened)
        fail_msg("%s", err.text);
    return opened;
}

static int start(void **state)
{
    struct error err = {0};
    (void)state;
    fixture_start(&f);
    many_start(&m, &f);
    if (!ledger_create(f.chain, &f.genesis, &err))
        fail_msg("%s", err.text);
    l = open_chain(true);
    now_us = START_US;
    return 0;
}

static int end(void **state)
{
    (void)state;
    ledger_close(l);
    many_end(&m);
    fixture_end(&f);
    return 0;
}

static void says(const struct error *err, const char *words)
{
    if (!strstr(err->text, words))
        fail_msg("\"%s\" does not say \"%s\"", err->text, words);
}

/* Appends a block of this round. */
static void grow(uint32_t round)
{
    struct error err = {0};
    if (!many_append(&m, l, round, now_us += 1000000, MANY_ALL, NULL, NULL, &err))
        fail_msg("%s", err.text);
}

static void submit(struct tx tx)
{
    struct hash id;
    struct error err = {0};
    if (!ledger_submit(l, &tx, &id, &err))
        fail_msg("%s", err.text);
}

static int files_in_pool(void)
{
    char path[300];
    int n = 0;
    file_join(path, sizeof path, f.chain, "pool");
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *d; (d = readdir(dir)) != NULL;)
        n += d->d_name[0] != '.';
    closedir(dir);
    return n;
}

static void test_grow(void **state)
{
    struct error err = {0};
    struct ledger_verdict v;
    struct bytes tip = {0};
    struct certificate c;
    (void)state;
    assert_true(ledger_tip_certificate(l, &tip, NULL));
    assert_int_equal(tip.n, 0);
    for (uint32_t i = 0; i < 40; i++) {
        if (i % 3 == 0)
            submit(fixture_transfer(&f, ALICE, CAROL, 100 + i));
        grow(i % 4);
        assert_int_equal(ledger_height(l), i + 1);
        assert_int_equal(files_in_pool(), 1); /* the head's certificate */
        assert_true(ledger_tip_certificate(l, &tip, NULL));
        assert_true(certificate_decode(tip.data, tip.n, &c, NULL));
        assert_true(hash_equal(c.block, ledger_head(l)));
        if (i % 10 == 5) {
            struct hash head = ledger_head(l);
            ledger_close(l);
            l = open_chain(true);
            assert_true(hash_equal(head, ledger_head(l)));
        }
    }
    if (!ledger_verify(f.chain, &v, NULL, NULL, NULL, &err))
        fail_msg("%s", err.text);
    assert_int_equal(v.height, 40);
    assert_int_equal(v.final_height, 40);
    assert_int_equal(v.signatures, 14 + 40 + 3 * 39); /* transactions, proposers, precommits of 39 parents */
    char path[FILE_PATH_MAX], inside[FILE_PATH_MAX], hex[HASH_HEX];
    hash_hex(hash_of(tip.data, tip.n), hex);
    file_join(inside, sizeof inside, f.chain, "pool");
    file_join(path, sizeof path, inside, hex);
    assert_true(file_remove(path, NULL));
    assert_true(ledger_verify(f.chain, &v, NULL, NULL, NULL, &err));
    assert_int_equal(v.height, 40);
    assert_int_equal(v.final_height, 39);
    ledger_close(l);
    l = open_chain(true);
    assert_false(ledger_tip_certificate(l, &tip, &err));
    says(&err, "not here");
    bytes_free(&tip);
}

static void test_turns(void **state)
{
    struct error err = {0};
    struct bytes payload = {0}, none = {0}, tip = {0};
    struct hash id;
    uint64_t height;
    (void)state;
    grow(0);
    assert_true(ledger_tip_certificate(l, &tip, NULL));
    const struct rotation *set = state_rotation(ledger_state(l));
    int who = many_proposer(&m, set, 2);
    for (int i = 0; i < MANY_N; i++)
        assert_int_equal(ledger_make_block(l, m.voting[i], 2, now_us, &tip, NULL, &payload, &id, &err), i == who);
    assert_false(ledger_make_block(l, f.key[BOB], 2, now_us, &tip, NULL, &payload, &id, &err));
    says(&err, "no voting key");
    assert_false(ledger_make_block(l, m.voting[who], 2, now_us - 1, &tip, NULL, &payload, &id, &err));
    says(&err, "its time");
    assert_false(ledger_make_block(l, m.voting[who], 2, now_us, &none, NULL, &payload, &id, &err));
    says(&err, "certificate");
    many_certificate(&m, f.chain_id, 1, 0, ledger_head(l), 1u << MANY_VAL, &none); /* a half */
    assert_false(ledger_make_block(l, m.voting[who], 2, now_us, &none, NULL, &payload, &id, &err));
    says(&err, "not more than two thirds");
    assert_false(ledger_seal(l, m.voting[who], now_us, &height, &id, &err));
    says(&err, "vote on its blocks");
    bytes_free(&payload);
    bytes_free(&none);
    bytes_free(&tip);
}

/* Each of these certificates is not enough to append a good block; and nothing was written. */
static void test_certificates(void **state)
{
    struct error err = {0};
    struct bytes payload = {0}, c = {0}, tip = {0};
    struct hash id;
    (void)state;
    grow(0);
    assert_true(ledger_tip_certificate(l, &tip, NULL));
    int who = many_proposer(&m, state_rotation(ledger_state(l)), 3);
    assert_true(ledger_make_block(l, m.voting[who], 3, now_us, &tip, NULL, &payload, &id, &err));
#define REFUSED(words, ...)                                                                                            \
    do {                                                                                                               \
        many_certificate(&m, __VA_ARGS__, &c);                                                                         \
        error_clear(&err);                                                                                             \
        assert_false(ledger_append_block(l, payload.data, payload.n, &c, &err));                                       \
        says(&err, words);                                                                                             \
        assert_int_equal(ledger_height(l), 1);                                                                         \
        assert_int_equal(files_in_pool(), 1);                                                                          \
    } while (0)
    struct hash other = hash_of_text("other");
    REFUSED("two thirds", f.chain_id, 2, 3, id, 1u << MANY_BOB | 1u << MANY_ALICE);
    REFUSED("two thirds", f.chain_id, 2, 3, id, 1u << MANY_VAL);
    REFUSED("its signature", other, 2, 3, id, MANY_ALL);
    REFUSED("not for block 2", f.chain_id, 3, 3, id, MANY_ALL);
    REFUSED("not for block 2", f.chain_id, 2, 3, other, MANY_ALL);
    REFUSED("made in round 3", f.chain_id, 2, 2, id, MANY_ALL);
    assert_false(ledger_append_block(l, payload.data, payload.n, &tip, &err));
    bytes_clear(&c);
    assert_false(ledger_append_block(l, payload.data, payload.n, &c, &err));
    /* A later round's is good: the block was proposed again. */
    many_certificate(&m, f.chain_id, 2, 9, id, 1u << MANY_VAL | 1u << MANY_BOB, &c);
    assert_true(ledger_append_block(l, payload.data, payload.n, &c, &err));
    assert_int_equal(ledger_height(l), 2);
    assert_false(ledger_append_block(l, payload.data, payload.n, &c, &err)); /* not twice */
    grow(1);
    assert_true(ledger_verify(f.chain, &(struct ledger_verdict){0}, NULL, NULL, NULL, &err));
    bytes_free(&payload);
    bytes_free(&c);
    bytes_free(&tip);
}

/* A good block, changed in a field and signed again by who may propose it. */
static void changed(const struct bytes *payload, struct key *voting, void (*change)(struct block *b), const char *words)
{
    struct block b = {.txs = 0};
    struct bytes again = {0};
    struct hash id;
    struct error err = {0};
    assert_true(block_decode(payload->data, payload->n, &b, NULL));
    change(&b);
    block_encode(&again, &b, voting);
    assert_false(ledger_check_block(l, again.data, again.n, NULL, &id, &err));
    says(&err, words);
    block_free(&b);
    bytes_free(&again);
}

static void change_chain(struct block *b)
{
    b->chain.byte[0] ^= 1;
}
static void change_height(struct block *b)
{
    b->height++;
}
static void change_round(struct block *b)
{
    b->round++;
}
static void change_round_much(struct block *b)
{
    b->round = ROTATION_ROUND_MOST + 1;
}
static void change_parent(struct block *b)
{
    b->parent.byte[5] ^= 1;
}
static void change_time(struct block *b)
{
    b->time_us = START_US;
}
static void change_validators(struct block *b)
{
    b->validators.byte[5] ^= 1;
}
static void change_state(struct block *b)
{
    b->state.byte[5] ^= 1;
}
static void drop_certificate(struct block *b)
{
    b->certificate_n = 0;
}
static void drop_txs(struct block *b)
{
    b->txs--;
}
static struct bytes other_certificate;
static void put_certificate(struct block *b)
{
    b->certificate_data = other_certificate.data;
    b->certificate_n = other_certificate.n;
}

static void test_changes(void **state)
{
    struct error err = {0};
    struct bytes payload = {0}, tip = {0};
    struct hash id;
    (void)state;
    grow(0);
    grow(1);
    submit(fixture_transfer(&f, ALICE, CAROL, 5));
    assert_true(ledger_tip_certificate(l, &tip, NULL));
    int who = many_proposer(&m, state_rotation(ledger_state(l)), 0);
    int next = many_proposer(&m, state_rotation(ledger_state(l)), 1);
    assert_int_not_equal(who, next);
    assert_true(ledger_make_block(l, m.voting[who], 0, now_us, &tip, NULL, &payload, &id, &err));
    assert_true(ledger_check_block(l, payload.data, payload.n, NULL, &id, &err));
    struct key *k = m.voting[who];
    changed(&payload, k, change_chain, "another chain");
    changed(&payload, k, change_height, "says height 4");
    changed(&payload, k, change_round, "in round 1 it was not its proposer's turn");
    changed(&payload, m.voting[next], change_time, "its time");
    changed(&payload, k, change_round_much, "of round 10001");
    changed(&payload, k, change_parent, "another parent");
    changed(&payload, k, change_validators, "validators hash");
    changed(&payload, k, change_state, "state hash");
    changed(&payload, k, drop_certificate, "certificate: malformed");
    changed(&payload, k, drop_txs, "state hash");
    const struct {
        uint64_t height;
        uint32_t round;
        unsigned mask;
        const char *words;
    } other[] = {{2, 0, MANY_ALL, "made in round 1"},
                 {3, 1, MANY_ALL, "not for the block before"},
                 {2, 1, 1u << MANY_VAL, "two thirds"}};
    for (size_t i = 0; i < ARRAY_N(other); i++) {
        many_certificate(&m, f.chain_id, other[i].height, other[i].round, ledger_head(l), other[i].mask,
                         &other_certificate);
        changed(&payload, k, put_certificate, other[i].words);
    }
    many_certificate(&m, f.chain_id, 2, 1, hash_of_text("x"), MANY_ALL, &other_certificate);
    changed(&payload, k, put_certificate, "not for the block before");
    many_certificate(&m, hash_of_text("x"), 2, 1, ledger_head(l), MANY_ALL, &other_certificate);
    changed(&payload, k, put_certificate, "a signature of its certificate");
    for (size_t i = 0; i < payload.n; i += 7) { /* and unsigned changes */
        payload.data[i] ^= 1;
        assert_false(ledger_check_block(l, payload.data, payload.n, NULL, &id, NULL));
        payload.data[i] ^= 1;
    }
    assert_false(ledger_check_block(l, payload.data, payload.n - 1, NULL, &id, NULL));
    assert_int_equal(ledger_height(l), 2);
    bytes_free(&payload);
    bytes_free(&tip);
    bytes_free(&other_certificate);
}

/* Genesis needs no certificate, and takes none. */
static void test_first(void **state)
{
    struct error err = {0};
    struct bytes payload = {0}, none = {0}, c = {0};
    struct hash id;
    (void)state;
    int who = many_proposer(&m, state_rotation(ledger_state(l)), 0);
    many_certificate(&m, f.chain_id, 1, 0, f.chain_id, MANY_ALL, &c);
    assert_false(ledger_make_block(l, m.voting[who], 0, now_us, &c, NULL, &payload, &id, &err));
    says(&err, "genesis needs no certificate");
    assert_true(ledger_make_block(l, m.voting[who], 0, now_us, &none, NULL, &payload, &id, &err));
    bytes_clear(&other_certificate);
    bytes_put(&other_certificate, c.data, c.n);
    changed(&payload, m.voting[who], put_certificate, "genesis behind it needs none");
    bytes_free(&payload);
    bytes_free(&c);
    bytes_free(&other_certificate);
}

/* The set that voted on a block is the one before it took effect. */
static void test_set_changes(void **state)
{
    struct error err = {0};
    struct tx tx = fixture_tx(&f, BOB, TX_RETIRE);
    (void)state;
    grow(0);
    fixture_sign(&f, BOB, &tx);
    submit(tx);
    struct bytes payload = {0}, c = {0};
    assert_true(many_append(&m, l, 0, now_us, MANY_ALL, &payload, &c, &err)); /* bob still votes on this one */
    assert_int_equal(state_rotation(ledger_state(l))->n, 2);
    assert_int_equal(state_rotation_before(ledger_state(l))->n, 3);
    assert_false(many_append(&m, l, 0, now_us, MANY_ALL, NULL, NULL, &err));
    says(&err, "no validator at height 3");
    if (!many_append(&m, l, 0, now_us, 1u << MANY_VAL | 1u << MANY_ALICE, NULL, NULL, &err))
        fail_msg("%s", err.text);
    ledger_close(l);
    l = open_chain(true);
    assert_int_equal(ledger_height(l), 3);
    bytes_free(&payload);
    bytes_free(&c);
}

static void test_batch(void **state)
{
    enum { BLOCKS = 30 };
    struct error err = {0};
    struct bytes payload[BLOCKS] = {{0}}, certificate[BLOCKS] = {{0}};
    struct ledger_payload p[BLOCKS];
    int good;
    (void)state;
    for (int i = 0; i < BLOCKS; i++) {
        if (i % 4 == 1)
            submit(fixture_transfer(&f, BOB, CAROL, 3));
        assert_true(many_append(&m, l, (uint32_t)i % 3, now_us += 1000000, MANY_ALL, &payload[i], &certificate[i], &err));
        p[i] = (struct ledger_payload){payload[i].data, payload[i].n};
    }
    struct hash head = ledger_head(l), state_of_it = state_hash(ledger_state(l));
    ledger_close(l);
    fixture_remove(f.chain);
    assert_true(ledger_create(f.chain, &f.genesis, &err));
    l = open_chain(true);
    payload[20].data[payload[20].n - 1] ^= 1;
    assert_false(ledger_append_blocks(l, p, BLOCKS, &certificate[BLOCKS - 1], 2, &good, &err));
    assert_int_equal(good, 20);
    assert_int_equal(ledger_height(l), 0);
    assert_false(ledger_append_blocks(l, p, 20, &certificate[18], 2, &good, &err));
    assert_int_equal(good, 20);
    says(&err, "not for block 20");
    assert_true(ledger_append_blocks(l, p, 19, &certificate[18], 2, &good, &err));
    assert_int_equal(ledger_height(l), 19);
    payload[20].data[payload[20].n - 1] ^= 1;
    assert_true(ledger_append_blocks(l, p + 19, BLOCKS - 19, &certificate[BLOCKS - 1], 0, &good, &err));
    assert_true(hash_equal(head, ledger_head(l)));
    assert_true(hash_equal(state_of_it, state_hash(ledger_state(l))));
    assert_int_equal(files_in_pool(), 1);
    struct ledger_verdict v;
    assert_true(ledger_verify(f.chain, &v, NULL, NULL, NULL, &err));
    assert_int_equal(v.final_height, BLOCKS);
    struct tx got;
    assert_true(ledger_block_tx(l, 2, 0, &got, &err) && got.type == TX_TRANSFER);
    for (int i = 0; i < BLOCKS; i++) {
        bytes_free(&payload[i]);
        bytes_free(&certificate[i]);
    }
}

/* What the last certificate proves of a stray one's block is nothing. */
static void test_strays(void **state)
{
    char path[400], hex[HASH_HEX];
    struct bytes c = {0}, tip = {0}, file = {0};
    (void)state;
    grow(0);
    grow(0);
    many_certificate(&m, f.chain_id, 1, 0, hash_of_text("x"), MANY_ALL, &c); /* an older height's: cleared away */
    for (int i = 0; i < 2; i++) {
        if (i == 1)
            many_certificate(&m, f.chain_id, 2, 0, hash_of_text("x"), MANY_ALL, &c);
        bytes_clear(&file);
        bytes_put(&file, "MSCP\2\4\0\0\0\0\0\0\0\0\0\0", 16);
        bytes_put_blob(&file, c.data, c.n);
        hash_hex(hash_of(c.data, c.n), hex);
        snprintf(path, sizeof path, "%s/pool/%s", f.chain, hex);
        assert_true(file_create(path, file.data, file.n, 0644, NULL));
    }
    snprintf(path, sizeof path, "%s/pool/%064d", f.chain, 0);
    assert_true(file_create(path, "MSCP\2\2\0\0\0\0\0\0\0\0\0\0\1\0\0\0v", 21, 0644, NULL)); /* a vote, as far as we care */
    assert_int_equal(files_in_pool(), 4);
    ledger_close(l);
    l = open_chain(true);
    assert_int_equal(ledger_pool_refused(l), 0);
    assert_int_equal(files_in_pool(), 3);
    assert_true(ledger_tip_certificate(l, &tip, NULL));
    grow(0);
    ledger_close(l);
    l = open_chain(true);
    assert_int_equal(files_in_pool(), 2);
    bytes_free(&c);
    bytes_free(&tip);
    bytes_free(&file);
}

static void test_closed(void **state)
{
    struct error err = {0};
    struct bytes b = {0};
    struct hash id;
    (void)state;
    ledger_close(l);
    fixture_remove(f.chain);
    many_end(&m);
    fixture_end(&f);
    fixture_start(&f);
    many_start(&m, &f);
    f.genesis.validators = 1;
    f.genesis.many = false;
    f.genesis.supply = SUPPLY;
    f.genesis.evidence_blocks = f.genesis.double_ppm = f.genesis.attest_ppm = 0;
    f.genesis.dispute_blocks = f.genesis.deposit_ppm = 0;
    f.genesis.least_stake = 0;
    assert_true(ledger_create(f.chain, &f.genesis, &err));
    l = open_chain(true);
    assert_false(ledger_tip_certificate(l, &b, &err));
    says(&err, "closed");
    assert_false(ledger_make_block(l, m.voting[0], 0, now_us, &b, NULL, &b, &id, &err));
    says(&err, "closed");
    assert_false(ledger_check_block(l, "x", 1, NULL, &id, &err));
    says(&err, "closed");
    assert_false(ledger_append_block(l, "x", 1, &b, &err));
    says(&err, "closed");
    uint64_t height;
    assert_true(ledger_seal(l, m.voting[0], now_us, &height, &id, &err));
    struct ledger_verdict v;
    assert_true(ledger_verify(f.chain, &v, NULL, NULL, NULL, &err));
    assert_int_equal(v.final_height, 1);
}

/* --- witnesses ------------------------------------------------------------------------------------------------------ */

static int asked;
static bool answer;
static bool witness(void *context, const struct state *s, const struct tx *tx, struct error *err)
{
    (void)context, (void)s;
    assert_int_equal(tx->type, TX_DELIVER);
    asked++;
    return answer || error_set(err, ERROR_CHAIN, "I do not see it");
}

static void list_and_buy(struct hash *listing, struct hash *key)
{
    struct tx tx = fixture_tx(&f, ALICE, TX_LIST);
    struct bytes b = {0};
    *key = hash_of_text("a key");
    bytes_put(&b, "morphsmith listing", sizeof "morphsmith listing");
    bytes_put(&b, key->byte, sizeof key->byte);
    tx.list = (struct tx_list){.price = 50, .deliver_blocks = 5, .commitment = hash_of(b.data, b.n), .title = "a model"};
    fixture_sign(&f, ALICE, &tx);
    *listing = tx_id(&tx);
    submit(tx);
    tx = fixture_tx(&f, BOB, TX_BUY);
    tx.buy.listing = *listing;
    fixture_sign(&f, BOB, &tx);
    submit(tx);
    bytes_free(&b);
}

static void test_witness(void **state)
{
    struct error err = {0};
    struct hash listing, key, id;
    struct bytes tip = {0}, with = {0}, without = {0}, c = {0};
    const struct ledger_witness w = {.check = witness};
    (void)state;
    list_and_buy(&listing, &key);
    grow(0);
    struct tx tx = fixture_tx(&f, ALICE, TX_DELIVER);
    tx.deliver.listing = listing;
    tx.deliver.key = key;
    fixture_sign(&f, ALICE, &tx);
    submit(tx);
    submit(fixture_transfer(&f, ALICE, BOB, 1)); /* falls with it: its nonce is the next */
    submit(fixture_transfer(&f, BOB, ALICE, 1));
    assert_true(ledger_tip_certificate(l, &tip, NULL));
    int who = many_proposer(&m, state_rotation(ledger_state(l)), 0);
    assert_true(ledger_make_block(l, m.voting[who], 0, now_us, &tip, NULL, &without, &id, &err));
    asked = 0;
    answer = false;
    assert_true(ledger_make_block(l, m.voting[who], 0, now_us, &tip, &w, &with, &id, &err));
    assert_int_equal(asked, 1);
    assert_int_equal(with.n, without.n);
    assert_memory_equal(with.data, without.data, with.n);
    answer = true;
    assert_true(ledger_make_block(l, m.voting[who], 0, now_us, &tip, &w, &with, &id, &err));
    assert_int_equal(asked, 2);
    assert_true(with.n > without.n);
    assert_true(ledger_check_block(l, with.data, with.n, &w, &id, &err));
    assert_int_equal(asked, 3);
    assert_false(ledger_check_block(l, with.data, with.n, NULL, &id, &err));
    says(&err, "nothing here can bear out a deliver");
    answer = false;
    assert_false(ledger_check_block(l, with.data, with.n, &w, &id, &err));
    says(&err, "I do not see it");
    assert_true(ledger_check_block(l, without.data, without.n, NULL, &id, &err));
    many_certificate(&m, f.chain_id, 2, 0, id, MANY_ALL, &c);
    assert_false(ledger_append_block(l, with.data, with.n, &c, &err)); /* the certificate is the other's */
    id = block_id(with.data);
    many_certificate(&m, f.chain_id, 2, 0, id, MANY_ALL, &c);
    assert_true(ledger_append_block(l, with.data, with.n, &c, &err)); /* two thirds have borne it out */
    const struct tx *pool;
    assert_int_equal(ledger_pool(l, &pool), 0);
    bytes_free(&tip);
    bytes_free(&with);
    bytes_free(&without);
    bytes_free(&c);
}

static bool believe(void *context, const struct state *s, const struct tx *tx, struct error *err)
{
    (void)context, (void)s, (void)tx, (void)err;
    return true;
}

static struct hash send(struct tx tx)
{
    submit(tx);
    return tx_id(&tx);
}

/* A claim of bob's to which a challenge of carol's is open. */
static struct hash open_challenge(const struct fixture_claim *c, struct hash *proposal)
{
    struct tx tx = fixture_task(&f, ALICE, 100);
    tx.task.reviewers = tx.task.approvals = 1;
    tx.task.reviewer[0] = f.who[ALICE];
    fixture_sign(&f, ALICE, &tx);
    struct hash task = send(tx);
    submit(fixture_transfer(&f, ALICE, CAROL, 5000));
    grow(0);
    *proposal = send(fixture_announce(&f, BOB, task, c));
    grow(0);
    submit(fixture_propose(&f, BOB, *proposal, c));
    submit(fixture_commit(&f, VAL, *proposal, &c->finding));
    submit(fixture_commit(&f, ALICE, *proposal, &c->finding));
    grow(0);
    submit(fixture_open(&f, BOB, *proposal, c));
    grow(0);
    struct hash challenge = send(fixture_challenge(&f, CAROL, *proposal, 0, 0, 1000));
    grow(0);
    return challenge;
}

/* What stands behind a verdict in the pool was tried as if nothing had been decided yet; no proposer stumbles over it. */
static void test_what_a_verdict_overtakes(void **state)
{
    struct error err = {0};
    struct bytes tip = {0}, with = {0}, certificate = {0};
    struct fixture_claim c = fixture_claim(1, 550);
    struct hash proposal, id, challenge = open_challenge(&c, &proposal);
    const struct ledger_witness w = {.check = believe};
    const struct tx *pool;
    (void)state;
    submit(fixture_verdict(&f, CAROL, challenge, true));
    submit(fixture_reveal(&f, VAL, proposal, &c.finding));
    submit(fixture_transfer(&f, BOB, ALICE, 1));
    assert_true(ledger_tip_certificate(l, &tip, NULL));
    int who = many_proposer(&m, state_rotation(ledger_state(l)), 0);
    if (!ledger_make_block(l, m.voting[who], 0, now_us += 1000000, &tip, &w, &with, &id, &err))
        fail_msg("%s", err.text);
    many_certificate(&m, f.chain_id, ledger_height(l) + 1, 0, id, MANY_ALL, &certificate);
    if (!ledger_append_block(l, with.data, with.n, &certificate, &err))
        fail_msg("%s", err.text);
    assert_int_equal(state_proposal_find(ledger_state(l), proposal)->state, PROPOSAL_REFUTED);
    assert_int_equal(ledger_pool(l, &pool), 0);
    bytes_free(&tip);
    bytes_free(&with);
    bytes_free(&certificate);
}

/* A receipt proves its block by the votes of the set that the header names. */
static void test_receipts(void **state)
{
    struct error err = {0};
    struct bytes first = {0}, second = {0}, none = {0};
    struct receipt *r = NEW(struct receipt);
    struct hash id[2];
    struct tx tx = fixture_transfer(&f, ALICE, CAROL, 100);
    (void)state;
    assert_true(ledger_submit(l, &tx, &id[0], NULL));
    grow(2);
    tx = fixture_tx(&f, BOB, TX_RETIRE);
    fixture_sign(&f, BOB, &tx);
    submit(tx);
    tx = fixture_transfer(&f, ALICE, CAROL, 70);
    assert_true(ledger_submit(l, &tx, &id[1], NULL));
    grow(0);
    for (int i = 0; i < 3; i++)
        if (!many_append(&m, l, 0, now_us += 1000000, 1u << MANY_VAL | 1u << MANY_ALICE, NULL, NULL, &err))
            fail_msg("%s", err.text);
    assert_true(receipt_make(l, id[0], &first, &err));
    if (!receipt_check(first.data, first.n, r, &err))
        fail_msg("%s", err.text);
    assert_int_equal(r->item[0].height, 1);
    assert_int_equal(r->item[0].signers, 3);
    assert_int_equal(r->item[0].seats, 3);
    assert_int_equal(r->item[0].power, 200000);
    assert_true(receipt_make(l, id[1], &second, &err)); /* its set is of the past */
    assert_true(receipt_check(second.data, second.n, r, &err));
    assert_int_equal(r->item[0].signed_power, 200000);
    assert_int_equal(r->item[0].set.n, 3);
    for (int i = 0; i < 3; i++)
        assert_true(r->item[0].signed_by[i]);
    for (size_t bit = 0; bit < 8 * first.n; bit += 5) {
        first.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        struct hash sum = hash_of(first.data, first.n - HASH_BYTES);
        if (bit / 8 < first.n - HASH_BYTES)
            memcpy(first.data + first.n - HASH_BYTES, sum.byte, HASH_BYTES);
        bool good = receipt_check(first.data, first.n, r, &err);
        size_t head = 8 + 4 + 100; /* in genesis: another chain; the head's height and id are not proven */
        assert_false(good && bit / 8 < head);
        if (good)
            assert_true(r->head.height != 5 || !hash_equal(r->head.id, ledger_head(l)));
        first.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    tx = fixture_transfer(&f, ALICE, CAROL, 7);
    assert_true(ledger_submit(l, &tx, &id[0], NULL));
    assert_true(many_append(&m, l, 0, now_us += 1000000, 1u << MANY_VAL | 1u << MANY_ALICE, NULL, NULL, &err));
    assert_true(receipt_make(l, id[0], &none, &err)); /* the head's, by what pool/ has */
    assert_true(receipt_check(none.data, none.n, r, &err));
    assert_int_equal(r->item[0].seats, 2);
    struct certificate made;
    for (uint64_t h = 0; h <= ledger_height(l); h++) {
        struct ledger_block at;
        assert_true(ledger_block(l, h, &at));
        assert_int_equal(at.round, h == 1 ? 2 : 0);
        assert_true(ledger_certificate(l, h, &none, &err));
        assert_int_equal(none.n > 0, h > 0);
        if (h == 0)
            continue;
        assert_true(certificate_decode(none.data, none.n, &made, &err));
        assert_true(made.height == h && hash_equal(made.block, at.id));
        assert_int_equal(made.n, h <= 2 ? 3 : 2);
    }
    bytes_free(&first);
    bytes_free(&second);
    bytes_free(&none);
    free(r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_grow),        TEST(test_turns), TEST(test_certificates),
                                       TEST(test_changes),     TEST(test_first), TEST(test_set_changes),
                                       TEST(test_batch),       TEST(test_strays), TEST(test_closed),
                                       TEST(test_witness),     TEST(test_receipts),
                                       TEST(test_what_a_verdict_overtakes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
