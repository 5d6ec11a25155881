/* The marketplace: listings, escrow, the encrypted object and what a witness makes of a delivery. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "chain/listing.h"
#include "chain/state_market.h"
#include "chain/state_save.h"
#include "tests/unit/state_fixture.h"

static const struct hash secret = {{7, 1, 2}}, nonce = {{9, 8, 7}};

static struct tx listing(int who, uint64_t price)
{
    struct tx tx = fixture_tx(&f, who, TX_LIST);
    tx.list.price = price;
    tx.list.commitment = listing_commitment(secret);
    tx.list.deliver_blocks = 2;
    tx.list.deliver_seconds = 3;
    snprintf(tx.list.title, sizeof tx.list.title, "a model");
    return tx;
}

static struct tx buying(int who, struct hash id)
{
    struct tx tx = fixture_tx(&f, who, TX_BUY);
    tx.buy.listing = id;
    return tx;
}

static struct tx delivering(int who, struct hash id, struct hash key)
{
    struct tx tx = fixture_tx(&f, who, TX_DELIVER);
    tx.deliver = (struct tx_deliver){id, key};
    return tx;
}

static struct tx refunding(int who, struct hash id)
{
    struct tx tx = fixture_tx(&f, who, TX_REFUND);
    tx.refund.of = id;
    return tx;
}

static enum listing_state state_of_listing(struct hash id)
{
    return state_listing_find(s, id)->state;
}

static void test_sale(void **state)
{
    (void)state;
    refuse(ALICE, listing(ALICE, 0), "price");
    refuse(ALICE, listing(ALICE, STATE_SUPPLY_MAX + 1), "price");
    struct hash id = apply_now(listing(ALICE, 500));
    refuse(ALICE, buying(ALICE, id), "nobody buys");
    refuse(ALICE, delivering(ALICE, id, secret), "is open");
    refuse(CAROL, buying(CAROL, id), "fee");
    seal();
    uint64_t alice = balance(ALICE), bob = balance(BOB);
    apply_now(buying(BOB, id));
    assert_int_equal(balance(BOB), bob - 510);
    assert_int_equal(state_totals(s).escrows, 500);
    refuse(VAL, buying(VAL, id), "is bought");
    refuse(VAL, delivering(VAL, id, secret), "only the seller");
    refuse(ALICE, delivering(ALICE, id, nonce), "not the key");
    seal();
    apply_now(delivering(ALICE, id, secret));
    assert_int_equal(balance(ALICE), alice + 490);
    assert_int_equal(state_totals(s).escrows, 0);
    assert_int_equal(state_of_listing(id), LISTING_DELIVERED);
    assert_true(hash_equal(state_listing_find(s, id)->key, secret));
    refuse(ALICE, delivering(ALICE, id, secret), "is delivered");
    refuse(BOB, refunding(BOB, id), "is delivered already");
    seal();
}

/* Bought in block 2, two blocks and three seconds: the earliest refund stands in block 4 if block 3's time is late enough. */
static void test_refund(void **state)
{
    (void)state;
    struct hash id = apply_now(listing(ALICE, 500)), early = apply_now(listing(ALICE, 600));
    seal();
    refuse(BOB, refunding(BOB, id), "neither sells nor has bought");
    apply_now(buying(BOB, id));
    apply_now(buying(BOB, early));
    refuse(BOB, refunding(BOB, id), "still has time");
    refuse(ALICE, refunding(ALICE, id), "not withdraw");
    seal();
    assert_false(state_listing_late(s, state_listing_find(s, id)));
    seal_after(2);
    refuse(BOB, refunding(BOB, id), "still has time"); /* three blocks, two seconds */
    seal_after(1);
    assert_true(state_listing_late(s, state_listing_find(s, id)));
    refuse(VAL, refunding(VAL, id), "neither sells");
    uint64_t bob = balance(BOB);
    apply_now(refunding(BOB, id));
    assert_int_equal(balance(BOB), bob + 490);
    apply_now(delivering(ALICE, early, secret)); /* late, but nobody has taken the price back */
    assert_int_equal(state_totals(s).escrows, 0);
    seal();
    assert_int_equal(state_of_listing(id), LISTING_REFUNDED);
    refuse(ALICE, delivering(ALICE, id, secret), "is refunded");
    refuse(BOB, refunding(BOB, nonce), "no such listing and no such job");
}

/* No empty blocks are made for a window that is longer than any of the chain's own. */
static void test_long_windows_wait_for_nobody(void **state)
{
    (void)state;
    struct state_moment later = {0, START_US + 900000000};
    for (uint32_t more = 0; more < 2; more++) {
        fresh();
        struct tx offer = listing(ALICE, 100);
        offer.list.deliver_blocks = f.genesis.expiry_blocks + more;
        apply_now(buying(BOB, apply(&offer)));
        seal();
        later.height = height + 1;
        assert_int_equal(state_waits(s, later), more == 0);
    }
}

static void test_withdraw(void **state)
{
    (void)state;
    struct hash id = apply_now(listing(ALICE, 500));
    refuse(BOB, refunding(BOB, id), "neither sells");
    apply_now(refunding(ALICE, id));
    assert_int_equal(state_of_listing(id), LISTING_WITHDRAWN);
    refuse(BOB, buying(BOB, id), "is withdrawn");
    seal();
}

/* Closed listings are forgotten in batches, which no rule notices; open ones never are. */
static void test_forgetting(void **state)
{
    (void)state;
    f.genesis.min_fee = 0;
    fresh();
    struct hash kept = apply_now(listing(ALICE, 500)), first = {{0}}, last = first;
    for (int i = 0; i < 3 * STATE_CLOSED_KEPT; i++) {
        struct tx tx = listing(ALICE, 1);
        tx.fee = 0;
        last = apply(&tx);
        if (i == 0)
            first = last;
        tx = refunding(ALICE, last);
        tx.fee = 0;
        apply(&tx);
        if (i % 512 == 511)
            seal();
    }
    seal();
    seal();
    const struct state_listing *item;
    int n = state_listings(s, &item);
    assert_in_range(n, STATE_CLOSED_KEPT, 2 * STATE_CLOSED_KEPT + 2);
    assert_non_null(state_listing_find(s, kept));
    assert_non_null(state_listing_find(s, last));
    assert_null(state_listing_find(s, first));
    refuse(BOB, buying(BOB, first), "no such listing");
    apply_now(buying(BOB, kept));
    seal();
}

static struct state *saved_and_loaded(void)
{
    struct bytes b = {0};
    struct error err = {0};
    state_save(s, &b);
    struct state *again = state_load(b.data, b.n, &f.genesis, &err);
    if (!again)
        fail_msg("%s", err.text);
    bytes_free(&b);
    return again;
}

static void test_saved(void **state)
{
    (void)state;
    struct hash open = apply_now(listing(ALICE, 500)), bought = apply_now(listing(ALICE, 600));
    apply_now(buying(BOB, bought));
    seal();
    struct state *again = saved_and_loaded();
    assert_int_equal(state_listing_find(again, open)->state, LISTING_OPEN);
    struct tx tx = delivering(ALICE, bought, secret);
    assert_true(state_apply(s, &tx, NULL) && state_apply(again, &tx, NULL));
    assert_true(state_end_block(s, 2, START_US + 9000000, NULL) && state_end_block(again, 2, START_US + 9000000, NULL));
    assert_true(hash_equal(state_hash(s), state_hash(again)));
    state_free(again);
}

/* --- the object --------------------------------------------------------------------------------------------------- */

static void test_object(void **state)
{
    (void)state;
    struct bytes object = {0}, plain = {0}, again = {0};
    struct error err = {0};
    struct hash content = hash_of("secret text", 11), other = content;
    other.byte[3] ^= 1;
    assert_true(listing_seal(secret, nonce, "secret text", 11, &object, NULL));
    assert_int_equal(object.n, 11 + LISTING_OVERHEAD);
    assert_true(listing_open(secret, content, object.data, object.n, &plain, NULL));
    assert_int_equal(plain.n, 11);
    assert_memory_equal(plain.data, "secret text", 11);
    assert_true(listing_seal(secret, nonce, "secret text", 11, &again, NULL));
    assert_memory_equal(object.data, again.data, object.n);
    assert_false(listing_open(nonce, content, object.data, object.n, &plain, &err));
    assert_non_null(strstr(err.text, "does not open with this key"));
    assert_int_equal(plain.n, 0);
    assert_false(listing_open(secret, other, object.data, object.n, &plain, &err));
    assert_non_null(strstr(err.text, "something else"));
    assert_int_equal(plain.n, 0);
    for (size_t bit = 0; bit < 8 * object.n; bit++) {
        object.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(listing_open(secret, content, object.data, object.n, &plain, NULL));
        object.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t n = 0; n < object.n; n++)
        assert_false(listing_open(secret, content, object.data, n, &plain, NULL));
    assert_false(listing_seal(secret, nonce, "x", LISTING_MOST + 1, &again, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    bytes_free(&object);
    bytes_free(&plain);
    bytes_free(&again);
}

static void test_empty_object(void **state)
{
    (void)state;
    struct bytes object = {0}, plain = {0};
    assert_true(listing_seal(secret, nonce, "", 0, &object, NULL));
    assert_true(listing_open(secret, hash_of("", 0), object.data, object.n, &plain, NULL));
    assert_int_equal(plain.n, 0);
    bytes_free(&object);
    bytes_free(&plain);
}

/* The witness refuses what the state cannot see: no object, another one, one that opens to something else. */
static void test_witness(void **state)
{
    (void)state;
    struct bytes object = {0};
    struct error err = {0};
    struct hash id, wrong;
    assert_true(listing_seal(secret, nonce, "a model", 7, &object, NULL));
    struct tx tx = listing(ALICE, 500), lie = listing(ALICE, 500), gone = listing(ALICE, 500);
    assert_true(ledger_create(f.chain, &f.genesis, NULL));
    assert_true(ledger_object_put(f.chain, object.data, object.n, &tx.list.object, NULL));
    tx.list.content = hash_of("a model", 7);
    lie.list.object = tx.list.object;
    lie.list.content = hash_of("a better one", 12);
    gone.list.content = tx.list.content;
    gone.list.object = nonce;
    id = apply(&tx);
    struct hash lies = apply(&lie), absent = apply(&gone);
    apply_now(buying(BOB, id));
    struct tx good = delivering(ALICE, id, secret), bad = delivering(ALICE, lies, secret), none = delivering(ALICE, absent, secret);
    assert_true(listing_witness(f.chain, s, &good, &err));
    assert_false(listing_witness(f.chain, s, &bad, &err));
    assert_non_null(strstr(err.text, "something else"));
    assert_false(listing_witness(f.chain, s, &none, &err));
    assert_int_equal(err.kind, ERROR_CHAIN);
    assert_non_null(strstr(err.text, "from whoever has it"));
    good.deliver.key = nonce;
    assert_false(listing_witness(f.chain, s, &good, &err));
    good.deliver.listing = nonce;
    assert_false(listing_witness(f.chain, s, &good, &err));
    assert_true(ledger_object_put(f.chain, "MSLISTED, but no such thing at all, only a text", 47, &wrong, NULL));
    assert_true(tx_witnessed(TX_DELIVER));
    assert_false(tx_witnessed(TX_BUY));
    bytes_free(&object);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rules_start, rules_end)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_sale),  TEST(test_refund), TEST(test_withdraw),     TEST(test_forgetting),
                                       TEST(test_saved), TEST(test_object), TEST(test_empty_object), TEST(test_witness),
                                       TEST(test_long_windows_wait_for_nobody)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
