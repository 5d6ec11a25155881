#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "chain/words.h"
#include "tests/unit/chain_fixture.h"

#include <ctype.h>

#define ROUNDS 300
/* Computed by a second program from morphsmith-chain(5) alone. */
#define GOLDEN_CHAIN_ID "37970ce86c4f953e6c7e05d100aa9557d916956b30bcbcd1719094361b5b9839"
#define GOLDEN_TX "182dd8da7447f37ff9893ad96761aba176aeed7fef1ec269623d6be9e714d24d"

static int start(void **state)
{
    static struct fixture f;
    fixture_start(&f);
    *state = &f;
    return 0;
}

static int end(void **state)
{
    fixture_end(*state);
    return 0;
}

static void test_round_trip(void **state)
{
    struct random r = random_start(1, RANDOM_TEST, 0, 0);
    (void)state;
    for (int k = 0; tx_table[k]; k++)
        for (int i = 0; i < ROUNDS; i++) {
            struct tx tx, again;
            struct bytes b = {0}, c = {0};
            fixture_random_tx(&r, tx_table[k], &tx);
            tx_encode(&tx, &b);
            assert_true(tx_decode(b.data, b.n, &again, NULL));
            assert_memory_equal(&tx, &again, sizeof tx);
            tx_encode(&again, &c);
            assert_int_equal(b.n, c.n);
            assert_memory_equal(b.data, c.data, b.n);
            /* Every shorter or longer spelling is refused. */
            for (size_t n = 0; n < b.n; n++)
                assert_false(tx_decode(b.data, n, &again, NULL));
            bytes_put_u8(&b, 0);
            assert_false(tx_decode(b.data, b.n, &again, NULL));
            bytes_free(&b);
            bytes_free(&c);
        }
}

/* Damaged bytes are refused, or are the one spelling of something else. */
static void test_mutations(void **state)
{
    struct random r = random_start(2, RANDOM_TEST, 0, 0);
    int accepted = 0, refused = 0;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct tx tx, again;
        struct bytes b = {0}, c = {0};
        fixture_random_tx(&r, tx_table[random_below(&r, TX_HOLDOUT)], &tx);
        tx_encode(&tx, &b);
        for (uint32_t k = 0, n = 1 + random_below(&r, 4); k < n; k++)
            b.data[random_below(&r, (uint32_t)b.n)] = (uint8_t)random_below(&r, 256);
        if (tx_decode(b.data, b.n, &again, NULL)) {
            tx_encode(&again, &c);
            assert_int_equal(b.n, c.n);
            assert_memory_equal(b.data, c.data, b.n);
            accepted++;
        } else {
            refused++;
        }
        bytes_free(&b);
        bytes_free(&c);
    }
    assert_true(accepted > 1000 && refused > 1000);
}

static void test_signature(void **state)
{
    struct fixture *f = *state;
    struct tx tx = fixture_transfer(f, ALICE, BOB, 5);
    struct bytes b = {0};
    assert_true(tx_check_signature(&tx, NULL));
    tx_encode(&tx, &b);
    int checked = 0;
    for (size_t bit = 0; bit < 8 * b.n; bit++) {
        struct tx again;
        b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (tx_decode(b.data, b.n, &again, NULL)) {
            assert_false(tx_check_signature(&again, NULL));
            assert_false(tx_check_signature_bytes(b.data, b.n, &again, NULL));
            checked++;
        }
        b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(checked > 1000);
    bytes_free(&b);
}

/* The bytes are a contract with every chain that exists: a change must be meant. */
static void test_bytes(void **state)
{
    struct fixture *f = *state;
    char hex[HASH_HEX];
    struct tx tx = fixture_transfer(f, ALICE, BOB, 5);
    struct bytes b = {0};
    tx_signing_bytes(&tx, &b);
    assert_int_equal(b.n, 2 + 32 + 32 + 8 + 8 + 20 + 8);
    assert_int_equal(b.data[0], 1);
    assert_int_equal(b.data[1], 0);
    assert_memory_equal(b.data + 2, f->chain_id.byte, 32);
    assert_memory_equal(b.data + 34, tx.sender.byte, 32);
    assert_memory_equal(b.data + 66, "\1\0\0\0\0\0\0\0\12\0\0\0\0\0\0\0", 16);
    assert_memory_equal(b.data + 82, f->who[BOB].byte, 20);
    assert_memory_equal(b.data + 102, "\5\0\0\0\0\0\0\0", 8);
    bytes_free(&b);
    hash_hex(f->chain_id, hex);
    assert_string_equal(hex, GOLDEN_CHAIN_ID);
    hash_hex(tx_id(&tx), hex);
    assert_string_equal(hex, GOLDEN_TX);
}

static void test_show(void **state)
{
    struct fixture *f = *state;
    struct fixture_claim c = fixture_claim(1, 500);
    struct tx tx = fixture_decide(f, ALICE, true, hash_of_text("p"), &c);
    char address[KEY_ADDRESS_MAX];
    struct bytes b = {0};
    struct text t = {0};
    text_copy(tx.decide.reason, sizeof tx.decide.reason, "ok\033[2J\nfee 0\xe2\x80\xae" "desrever");
    tx.fee = 1234567;
    tx_signing_bytes(&tx, &b);
    assert_true(tx_show(b.data, b.n, &t, NULL));
    address_text(f->who[ALICE], address);
    assert_non_null(strstr(text_of(&t), address));
    assert_non_null(strstr(text_of(&t), "1,234,567 units"));
    assert_non_null(strstr(text_of(&t), "not re-run"));
    assert_null(strchr(text_of(&t), '\033'));
    assert_null(strstr(text_of(&t), "\xe2\x80\xae"));
    assert_null(strstr(text_of(&t), "\nfee 0"));
    assert_non_null(strstr(text_of(&t), "desrever"));
    /* Only whole, unsigned bytes are shown. */
    assert_false(tx_show(b.data, b.n - 1, &t, NULL));
    bytes_put_u8(&b, 0);
    assert_false(tx_show(b.data, b.n, &t, NULL));
    bytes_free(&b);
    text_free(&t);
}

static void test_show_every_kind(void **state)
{
    struct random r = random_start(3, RANDOM_TEST, 0, 0);
    (void)state;
    for (int k = 0; tx_table[k]; k++)
        for (int i = 0; i < 50; i++) {
            struct tx tx;
            struct bytes b = {0};
            struct text t = {0};
            fixture_random_tx(&r, tx_table[k], &tx);
            tx_signing_bytes(&tx, &b);
            assert_true(tx_show(b.data, b.n, &t, NULL));
            assert_true(text_starts(text_of(&t), tx_table[k]->name));
            for (const char *p = text_of(&t); *p; p++)
                assert_true(*p == '\n' || (unsigned char)*p >= 0x20);
            bytes_free(&b);
            text_free(&t);
        }
}

static void test_confirm_word(void **state)
{
    char a[64], b[64];
    (void)state;
    tx_confirm_word("abc", 3, a, sizeof a);
    tx_confirm_word("abc", 3, b, sizeof b);
    assert_string_equal(a, b);
    assert_non_null(strchr(a, '-'));
    tx_confirm_word("abd", 3, b, sizeof b);
    assert_string_not_equal(a, b);
    for (int i = 0; i < WORDS_N; i++) {
        size_t n = strlen(words_list[i]);
        assert_true(n >= 3 && n <= 9);
        for (size_t k = 0; k < n; k++)
            assert_true(islower((unsigned char)words_list[i][k]));
        for (int k = 0; k < i; k++)
            assert_string_not_equal(words_list[i], words_list[k]);
    }
}

static void test_table(void **state)
{
    (void)state;
    for (int k = 0; tx_table[k]; k++)
        assert_ptr_equal(tx_kind_of(tx_table[k]->type), tx_table[k]);
    assert_null(tx_kind_of((enum tx_type)0));
    assert_null(tx_kind_of((enum tx_type)(TX_HOLDOUT + 1)));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_round_trip), TEST(test_mutations),       TEST(test_signature),
                                       TEST(test_bytes),      TEST(test_show),            TEST(test_show_every_kind),
                                       TEST(test_confirm_word), TEST(test_table)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
