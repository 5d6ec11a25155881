/* A state as bytes: what is read back is the same state and goes on as it would have; damage is refused. */
#include "test_support.h"

#include "chain/state_save.h"
#include "tests/unit/index_fixture.h"

static void test_state(void **state)
{
    (void)state;
    make_chain();
    struct ledger *l = ledger_open(f.chain, true, NULL);
    struct bytes saved = {0};
    struct error err = {0};
    assert_non_null(l);
    state_save(ledger_state(l), &saved);
    struct state *loaded = state_load(saved.data, saved.n, &f.genesis, &err);
    if (!loaded)
        fail_msg("%s", err.text);
    same_state(ledger_state(l), loaded);
    assert_true(hash_equal(state_hash(loaded), state_hash(ledger_state(l))));
    /* What is claimed, in deadlines and on its way back goes on as before. */
    for (int i = 0; i < 20; i++) {
        struct tx tx = fixture_transfer(&f, ALICE, BOB, 5);
        submit(l, tx);
        seal(l);
        assert_true(state_apply(loaded, &tx, &err));
        assert_true(state_end_block(loaded, ledger_height(l), now_us, &err));
        assert_true(hash_equal(state_hash(loaded), state_hash(ledger_state(l))));
    }
    same_state(ledger_state(l), loaded);
    state_free(loaded);
    ledger_close(l);
    bytes_free(&saved);
}

static void test_state_damaged(void **state)
{
    (void)state;
    make_chain();
    struct ledger *l = ledger_open(f.chain, false, NULL);
    struct bytes saved = {0};
    state_save(ledger_state(l), &saved);
    for (size_t n = 0; n < saved.n; n += 13)
        assert_null(state_load(saved.data, n, &f.genesis, NULL));
    for (size_t i = 0; i < saved.n; i += 7) {
        saved.data[i] ^= (uint8_t)(1u << (i % 8));
        assert_null(state_load(saved.data, saved.n, &f.genesis, NULL));
        saved.data[i] ^= (uint8_t)(1u << (i % 8));
    }
    /* With a checksum that fits, too: every count and position is bounded. */
    for (size_t i = 0; i + HASH_BYTES < saved.n; i++) {
        struct bytes bad = {0};
        bytes_put(&bad, saved.data, saved.n - HASH_BYTES);
        bad.data[i] ^= 0x80;
        struct hash sum = hash_of(bad.data, bad.n);
        bytes_put(&bad, sum.byte, HASH_BYTES);
        state_free(state_load(bad.data, bad.n, &f.genesis, NULL));
        bytes_free(&bad);
    }
    struct genesis other = f.genesis;
    other.time_us++;
    struct error err = {0};
    assert_null(state_load(saved.data, saved.n, &other, &err));
    assert_int_equal(err.kind, ERROR_CHAIN);
    ledger_close(l);
    bytes_free(&saved);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_state), TEST(test_state_damaged)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
