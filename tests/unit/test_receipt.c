/* Receipts: what is good is told whole; every truncation and flipped bit, and what an attacker makes who knows the format
 * and puts the checksum right, is refused. */
#include "test_support.h"

#include "base/memory.h"
#include "chain/block.h"
#include "chain/receipt.h"
#include "tests/unit/chain_fixture.h"

static struct fixture f;
static struct hash task, proposal, approval, payment, other_proposal, other_approval;
static struct fixture_claim claim, other_claim;
static struct ledger *ledger;
static struct receipt *r;
static int64_t now_us;

static struct hash put(struct tx tx)
{
    struct hash id;
    struct error err = {0};
    if (!ledger_submit(ledger, &tx, &id, &err))
        fail_msg("%s", err.text);
    return id;
}

static void seal(void)
{
    uint64_t height;
    struct hash id;
    now_us += 1000000;
    assert_true(ledger_seal(ledger, f.key[VAL], now_us, &height, &id, NULL));
}

/* Claims side by side up to their approvals, among other things. */
static int start(void **state)
{
    (void)state;
    fixture_start(&f);
    now_us = START_US;
    r = NEW(struct receipt);
    assert_true(ledger_create(f.chain, &f.genesis, NULL));
    ledger = ledger_open(f.chain, true, NULL);
    claim = fixture_claim(1, 620);
    other_claim = fixture_claim(2, 640);
    task = put(fixture_task(&f, ALICE, 5000));
    seal();
    proposal = put(fixture_announce(&f, BOB, task, &claim));
    payment = put(fixture_transfer(&f, ALICE, CAROL, 100));
    other_proposal = put(fixture_announce(&f, BOB, task, &other_claim));
    seal();
    put(fixture_propose(&f, BOB, proposal, &claim));
    put(fixture_propose(&f, BOB, other_proposal, &other_claim));
    seal();
    put(fixture_commit(&f, VAL, proposal, &claim.finding));
    put(fixture_commit(&f, VAL, other_proposal, &other_claim.finding));
    seal();
    put(fixture_open(&f, BOB, proposal, &claim));
    put(fixture_open(&f, BOB, other_proposal, &other_claim));
    put(fixture_reveal(&f, VAL, proposal, &claim.finding));
    put(fixture_reveal(&f, VAL, other_proposal, &other_claim.finding));
    seal();
    approval = put(fixture_decide(&f, ALICE, true, proposal, &claim));
    other_approval = put(fixture_decide(&f, ALICE, false, other_proposal, &other_claim));
    for (int i = 0; i < 5; i++)
        put(fixture_transfer(&f, ALICE, CAROL, 1));
    seal();
    seal();
    return 0;
}

static int end(void **state)
{
    (void)state;
    ledger_close(ledger);
    free(r);
    fixture_end(&f);
    return 0;
}

static struct bytes receipt_of(struct hash tx)
{
    struct bytes b = {0};
    struct error err = {0};
    if (!receipt_make(ledger, tx, &b, &err) || !receipt_check(b.data, b.n, r, &err))
        fail_msg("%s", err.text);
    return b;
}

static void test_decision(void **state)
{
    (void)state;
    struct bytes b = receipt_of(approval);
    const enum tx_type type[] = {TX_APPROVE, TX_TASK, TX_ANNOUNCE, TX_PROPOSE, TX_OPEN};
    assert_int_equal(r->items, 5);
    for (int i = 0; i < 5; i++) {
        struct ledger_block block;
        assert_int_equal(r->item[i].tx.type, type[i]);
        assert_true(ledger_block(ledger, r->item[i].height, &block));
        assert_true(hash_equal(block.id, r->item[i].block) && block.time_us == r->item[i].time_us);
        assert_int_equal(block.transactions, r->item[i].transactions);
    }
    assert_true(hash_equal(r->item[0].id, approval) && hash_equal(r->item[1].id, task) &&
                hash_equal(r->item[2].id, proposal));
    assert_true(address_equal(key_address(&r->item[0].tx.sender), f.who[ALICE]));
    assert_true(hash_equal(r->chain, f.chain_id) && hash_equal(r->head.id, ledger_head(ledger)));
    assert_int_equal(r->head.height, 7);
    assert_int_equal(r->item[0].height, 6);
    bytes_free(&b);
}

/* Every transaction of the chain has one. */
static void test_all(void **state)
{
    struct tx tx;
    int n = 0;
    (void)state;
    for (uint64_t h = 1; h <= ledger_height(ledger); h++)
        for (int i = 0; ledger_block_tx(ledger, h, i, &tx, NULL); i++, n++) {
            struct bytes b = receipt_of(tx_id(&tx));
            assert_true(hash_equal(r->item[0].id, tx_id(&tx)));
            assert_int_equal(r->item[0].height, h);
            assert_int_equal(r->item[0].position, i);
            bytes_free(&b);
        }
    assert_int_equal(n, 19);
    struct bytes b = {0};
    struct error err = {0};
    assert_false(receipt_make(ledger, hash_of_text("none"), &b, &err));
    assert_int_equal(err.kind, ERROR_CHAIN);
    bytes_free(&b);
}

static void test_damaged(void **state)
{
    (void)state;
    struct bytes b = receipt_of(payment);
    struct error err = {0};
    for (size_t n = 0; n < b.n; n++)
        assert_false(receipt_check(b.data, n, r, &err));
    for (size_t i = 0; i < 8 * b.n; i++) {
        b.data[i / 8] ^= (uint8_t)(1u << (i % 8));
        err.kind = ERROR_NONE;
        assert_false(receipt_check(b.data, b.n, r, &err));
        assert_int_equal(err.kind, ERROR_CHAIN);
        b.data[i / 8] ^= (uint8_t)(1u << (i % 8));
    }
    bytes_put_u8(&b, 0);
    assert_false(receipt_check(b.data, b.n, r, &err));
    bytes_free(&b);
}

static void fix_sum(struct bytes *b)
{
    struct hash sum = hash_of(b->data, b->n - HASH_BYTES);
    memcpy(b->data + b->n - HASH_BYTES, sum.byte, HASH_BYTES);
}

/* Every single bit with the checksum put right: nothing but the head, which no receipt proves, may change unseen. */
static void test_forged_bits(void **state)
{
    (void)state;
    struct bytes b = receipt_of(payment), genesis = {0};
    genesis_encode(&f.genesis, &genesis);
    size_t head = 8 + 4 + genesis.n, head_end = head + 8 + 32;
    for (size_t i = 0; i < 8 * (b.n - HASH_BYTES); i++) {
        b.data[i / 8] ^= (uint8_t)(1u << (i % 8));
        fix_sum(&b);
        bool good = receipt_check(b.data, b.n, r, NULL);
        if (good && (i / 8 < head || i / 8 >= head_end))
            fail_msg("bit %zu of byte %zu may be anything", i % 8, i / 8);
        b.data[i / 8] ^= (uint8_t)(1u << (i % 8));
    }
    bytes_free(&genesis);
    bytes_free(&b);
}

/* Cut apart: before the items, the items, what an item is made of. */
struct parts {
    struct bytes start, item[RECEIPT_ITEMS_MAX];
    int items;
};

static void take_apart(const struct bytes *b, struct parts *out)
{
    struct bytes_reader in = bytes_read(b->data, b->n - HASH_BYTES);
    size_t n;
    memset(out, 0, sizeof *out);
    bytes_get(&in, 8);
    bytes_get_blob(&in, 1 << 20, &n);
    bytes_get(&in, 40);
    bytes_put(&out->start, b->data, in.at);
    out->items = (int)bytes_get_u32(&in);
    for (int i = 0; i < out->items; i++) {
        size_t at = in.at;
        bytes_get(&in, BLOCK_HEADER_BYTES + KEY_SIGNATURE_BYTES);
        bytes_get_blob(&in, 0, &n);
        bytes_get_u32(&in);
        bytes_get(&in, (size_t)bytes_get_u32(&in) * HASH_BYTES);
        bytes_get_blob(&in, TX_BODY_MAX, &n);
        bytes_put(&out->item[i], b->data + at, in.at - at);
    }
    assert_true(bytes_done(&in));
}

static void put_together(const struct parts *p, const int *order, int n, struct bytes *out)
{
    bytes_clear(out);
    bytes_put(out, p->start.data, p->start.n);
    bytes_put_u32(out, (uint32_t)n);
    for (int i = 0; i < n; i++)
        bytes_put(out, p->item[order[i]].data, p->item[order[i]].n);
    for (int i = 0; i < HASH_BYTES; i++)
        bytes_put_u8(out, 0);
    fix_sum(out);
}

static void free_parts(struct parts *p)
{
    bytes_free(&p->start);
    for (int i = 0; i < p->items; i++)
        bytes_free(&p->item[i]);
}

static bool passes(const struct parts *p, const int *order, int n)
{
    struct bytes b = {0};
    put_together(p, order, n, &b);
    bool good = receipt_check(b.data, b.n, r, NULL);
    bytes_free(&b);
    return good;
}

/* Good items in the wrong company. */
static void test_items(void **state)
{
    (void)state;
    struct bytes b = receipt_of(approval), other = receipt_of(other_approval);
    struct parts p, q;
    take_apart(&b, &p);
    take_apart(&other, &q);
    assert_true(passes(&p, (int[]){0, 1, 2, 3, 4}, 5));
    assert_true(passes(&p, (int[]){0}, 1)); /* less is less, but no lie */
    assert_true(passes(&p, (int[]){0, 3, 4}, 3));
    assert_false(passes(&p, (int[]){0, 1}, 2));          /* a task that nothing binds to it */
    assert_false(passes(&p, (int[]){0, 1, 2, 2}, 4));    /* twice */
    assert_false(passes(&p, (int[]){2, 0}, 2));          /* about something later */
    assert_false(passes(&p, (int[]){3, 4}, 2));
    assert_false(passes(&p, (int[]){0, 0}, 2));
    assert_false(passes(&p, (int[]){0}, 0));
    for (int i = 2; i < 5; i++) { /* the announcement, claim, opening of another proposal */
        struct bytes own = p.item[i];
        p.item[i] = q.item[i];
        assert_false(passes(&p, (int[]){0, 1, 2, 3, 4}, 5));
        assert_false(passes(&p, (int[]){0, i}, 2));
        p.item[i] = own;
    }
    free_parts(&p);
    free_parts(&q);
    bytes_free(&b);
    bytes_free(&other);
}

/* A head that is not behind the decision's block. */
static void test_head(void **state)
{
    (void)state;
    struct bytes b = receipt_of(approval), genesis = {0};
    genesis_encode(&f.genesis, &genesis);
    b.data[8 + 4 + genesis.n] = 5;
    fix_sum(&b);
    struct error err = {0};
    assert_false(receipt_check(b.data, b.n, r, &err));
    assert_non_null(strstr(err.text, "head"));
    b.data[8 + 4 + genesis.n] = 6; /* its own block's height with another id */
    fix_sum(&b);
    assert_false(receipt_check(b.data, b.n, r, &err));
    bytes_free(&genesis);
    bytes_free(&b);
}

/* Somebody else's chain with the same name, who seals with a key of their own. */
static void test_other_chain(void **state)
{
    (void)state;
    struct bytes b = receipt_of(payment);
    struct genesis g = f.genesis;
    g.validator[0].voting = *key_public_of(f.key[CAROL]);
    struct bytes mine = {0}, forged = {0};
    genesis_encode(&g, &mine);
    bytes_put(&forged, b.data, 8);
    bytes_put_blob(&forged, mine.data, mine.n);
    size_t rest = 8 + 4 + mine.n; /* the same length */
    bytes_put(&forged, b.data + rest, b.n - rest);
    fix_sum(&forged);
    struct error err = {0};
    assert_false(receipt_check(forged.data, forged.n, r, &err));
    assert_non_null(strstr(err.text, "another chain"));
    bytes_free(&mine);
    bytes_free(&forged);
    bytes_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decision),    cmocka_unit_test(test_all),   cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_forged_bits), cmocka_unit_test(test_items), cmocka_unit_test(test_head),
        cmocka_unit_test(test_other_chain)};
    return cmocka_run_group_tests(tests, start, end);
}
