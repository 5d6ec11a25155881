/* What travels to an offline key and back: every byte of the file counts, and only what belongs together is together. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/memory.h"
#include "chain/batch.h"
#include "chain/codec.h"
#include "tests/unit/chain_fixture.h"

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

static struct tx transfer(struct fixture *f, uint64_t nonce)
{
    struct tx tx = fixture_transfer(f, ALICE, BOB, 5 * nonce);
    tx.nonce = nonce;
    return tx;
}

static bool add(struct batch *b, const struct tx *tx, struct error *err)
{
    struct bytes one = {0};
    tx_signing_bytes(tx, &one);
    bool good = batch_add(b, one.data, one.n, err);
    bytes_free(&one);
    return good;
}

static struct batch make(struct fixture *f, int n)
{
    struct batch b = {0};
    for (int i = 0; i < n; i++) {
        struct tx tx = transfer(f, (uint64_t)i + 7);
        assert_true(add(&b, &tx, NULL));
    }
    return b;
}

/* With a hash that is right again: what is refused then is refused for its content. */
static void hash_again(struct bytes *b)
{
    struct hash h = hash_of(b->data, b->n - HASH_BYTES);
    memcpy(b->data + b->n - HASH_BYTES, h.byte, HASH_BYTES);
}

static void test_there_and_back(void **state)
{
    struct fixture *f = *state;
    for (int n = 1; n <= BATCH_MOST; n += 5) {
        struct batch b = make(f, n), got = {0};
        struct bytes prepared = {0}, again = {0}, done = {0};
        batch_encode(&b, &prepared);
        assert_true(batch_decode(&got, prepared.data, prepared.n, NULL));
        assert_int_equal(got.n, n);
        assert_false(got.is_signed);
        batch_encode(&got, &again);
        assert_int_equal(again.n, prepared.n);
        assert_memory_equal(again.data, prepared.data, again.n);

        struct error err;
        assert_false(batch_sign(&got, f->key[BOB], &err));
        assert_int_equal(err.kind, ERROR_KEY);
        assert_false(got.is_signed);
        assert_true(batch_sign(&got, f->key[ALICE], NULL));
        batch_encode(&got, &done);
        assert_true(batch_decode(&b, done.data, done.n, NULL));
        assert_true(b.is_signed);
        for (int i = 0; i < n; i++)
            assert_true(tx_check_signature(&b.tx[i], NULL));
        batch_free(&b);
        batch_free(&got);
        bytes_free(&prepared);
        bytes_free(&again);
        bytes_free(&done);
    }
}

static void test_every_bit_and_length(void **state)
{
    struct fixture *f = *state;
    struct batch b = make(f, 2), got = {0};
    struct bytes file = {0};
    struct error err;
    assert_true(batch_sign(&b, f->key[ALICE], NULL));
    batch_encode(&b, &file);
    for (size_t bit = 0; bit < 8 * file.n; bit++) {
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(batch_decode(&got, file.data, file.n, &err));
        assert_int_equal(err.kind, ERROR_CHAIN);
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t n = 0; n < file.n; n++) {
        uint8_t *exact = memory_copy(file.data, n ? n : 1); /* so that a read behind the end is seen */
        assert_false(batch_decode(&got, exact, n, NULL));
        free(exact);
    }
    bytes_put_u8(&file, 0);
    assert_false(batch_decode(&got, file.data, file.n, NULL));
    batch_free(&b);
    bytes_free(&file);
}

/* A forger can make the hash right. */
static void test_a_right_hash_is_believed_nothing(void **state)
{
    struct fixture *f = *state;
    struct batch b = make(f, 2), got = {0};
    struct bytes file = {0};
    struct error err;
    assert_true(batch_sign(&b, f->key[ALICE], NULL));
    batch_encode(&b, &file);
    const size_t first = 8 + 1 + 4 + 4; /* where the first transaction begins */
    size_t refused = 0;
    for (size_t at = 8; at < file.n - HASH_BYTES; at++) {
        file.data[at] ^= 1;
        hash_again(&file);
        refused += !batch_decode(&got, file.data, file.n, &err);
        file.data[at] ^= 1;
    }
    assert_int_equal(refused, file.n - HASH_BYTES - 8);
    /* Prepared ones are not signed by anyone: there the content may change, and is then shown as it is. */
    bytes_clear(&file);
    b.is_signed = false;
    batch_encode(&b, &file);
    file.data[first + 2 + 32 + 32 + 8] ^= 1; /* the fee */
    hash_again(&file);
    assert_true(batch_decode(&got, file.data, file.n, NULL));
    assert_int_equal(got.tx[0].fee, b.tx[0].fee ^ 1);
    file.data[first + 2] ^= 1; /* one is of another chain then */
    hash_again(&file);
    assert_false(batch_decode(&got, file.data, file.n, &err));
    assert_non_null(strstr(err.text, "another chain"));
    batch_free(&b);
    batch_free(&got);
    bytes_free(&file);
}

static void test_only_what_belongs_together(void **state)
{
    struct fixture *f = *state;
    struct error err;
    struct batch b = make(f, 1);
    struct tx other = fixture_transfer(f, BOB, ALICE, 1), chain = transfer(f, 8), nonce = transfer(f, 9);
    other.nonce = 8;
    chain.chain.byte[0] ^= 1;
    assert_false(add(&b, &other, &err));
    assert_false(add(&b, &chain, &err));
    assert_false(add(&b, &nonce, &err));
    assert_int_equal(b.n, 1);
    for (int i = 1; i < BATCH_MOST; i++) {
        struct tx next = transfer(f, 7 + (uint64_t)i);
        assert_true(add(&b, &next, NULL));
    }
    struct tx last = transfer(f, 7 + BATCH_MOST);
    assert_false(add(&b, &last, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    batch_free(&b);
}

static void test_absurd_counts(void **state)
{
    struct fixture *f = *state;
    struct batch b = make(f, 1), got = {0};
    struct bytes file = {0};
    struct error err;
    static const uint32_t absurd[] = {0, BATCH_MOST + 1, 0xffffffff};
    batch_encode(&b, &file);
    for (size_t i = 0; i < ARRAY_N(absurd); i++) {
        struct bytes n = {0};
        bytes_put_u32(&n, absurd[i]);
        memcpy(file.data + 9, n.data, 4);
        bytes_free(&n);
        hash_again(&file);
        assert_false(batch_decode(&got, file.data, file.n, &err));
        assert_non_null(strstr(err.text, "transactions"));
    }
    batch_free(&b);
    bytes_free(&file);
}

/* One alone is hashed as itself, so that its hash is its id; several never have the bytes of one. */
static void test_what_the_word_covers(void **state)
{
    struct fixture *f = *state;
    struct batch b = make(f, 2);
    struct bytes one = {0}, alone = {0}, both = {0}, turned = {0};
    struct text shown = {0};
    tx_signing_bytes(&b.tx[0], &one);
    batch_bytes(b.tx, 1, &alone);
    assert_int_equal(one.n, alone.n);
    assert_memory_equal(one.data, alone.data, one.n);
    batch_bytes(b.tx, 2, &both);
    struct tx tx;
    assert_false(tx_decode_unsigned(both.data, both.n, &tx, NULL));
    struct tx swapped[2] = {b.tx[1], b.tx[0]};
    batch_bytes(swapped, 2, &turned);
    assert_false(hash_equal(hash_of(both.data, both.n), hash_of(turned.data, turned.n)));
    assert_true(batch_show(b.tx, 2, &shown, NULL));
    assert_non_null(strstr(text_of(&shown), "1 of 2 that are signed together"));
    assert_non_null(strstr(text_of(&shown), "35 units"));
    assert_non_null(strstr(text_of(&shown), "40 units"));
    text_free(&shown);
    bytes_free(&one);
    bytes_free(&alone);
    bytes_free(&both);
    bytes_free(&turned);
    batch_free(&b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_there_and_back),
                                       TEST(test_every_bit_and_length),
                                       TEST(test_a_right_hash_is_believed_nothing),
                                       TEST(test_only_what_belongs_together),
                                       TEST(test_absurd_counts),
                                       TEST(test_what_the_word_covers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
