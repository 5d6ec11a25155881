#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "chain/certificate.h"
#include "tests/unit/chain_fixture.h"

#include <string.h>

static struct fixture f;

static int start(void **state)
{
    (void)state;
    fixture_start(&f);
    return 0;
}

static int end(void **state)
{
    (void)state;
    fixture_end(&f);
    return 0;
}

static struct vote vote_of(int who, enum vote_step step, uint32_t round, const char *block)
{
    struct vote v = {.chain = f.chain_id, .step = step, .height = 7, .round = round};
    if (block)
        v.block = hash_of_text(block);
    vote_sign(&v, f.key[who]);
    return v;
}

static void test_bytes(void **state)
{
    (void)state;
    struct vote v = vote_of(ALICE, VOTE_PROPOSAL, 3, "block");
    struct bytes b = {0};
    v.valid = 2;
    vote_encode(&v, &b);
    assert_int_equal(b.n, VOTE_BYTES);
    assert_memory_equal(b.data, f.chain_id.byte, 32);
    assert_memory_equal(b.data + 32, "\0\7\0\0\0\0\0\0\0\3\0\0\0\2\0\0\0", 17);
    assert_memory_equal(b.data + 49, v.block.byte, 32);
    assert_memory_equal(b.data + 81, key_public_of(f.key[ALICE])->byte, 32);
    assert_memory_equal(b.data + 113, v.signature.byte, 64);
    assert_true(hash_equal(vote_hash(&v), hash_of(b.data, b.n)));
    bytes_free(&b);
}

static bool decodes(struct vote v, struct vote *out)
{
    struct bytes b = {0}, again = {0};
    vote_encode(&v, &b);
    bool good = vote_decode(b.data, b.n, out, NULL);
    if (good) {
        vote_encode(out, &again);
        assert_memory_equal(b.data, again.data, b.n);
    }
    for (size_t n = 0; n < b.n; n++)
        assert_false(vote_decode(b.data, n, out, NULL));
    if (good)
        assert_true(vote_decode(b.data, b.n, out, NULL));
    bytes_put_u8(&b, 0);
    struct vote longer;
    assert_false(vote_decode(b.data, b.n, &longer, NULL));
    bytes_free(&b);
    bytes_free(&again);
    return good;
}

static void test_form(void **state)
{
    (void)state;
    struct vote v = vote_of(BOB, VOTE_PREVOTE, 0, NULL), got;
    assert_true(decodes(v, &got));
    assert_true(hash_is_zero(got.block) && got.step == VOTE_PREVOTE && vote_check(&got, NULL));
    v.valid = 1;
    assert_false(decodes(v, &got)); /* only proposals have one */
    v = vote_of(BOB, VOTE_PROPOSAL, 2, "x");
    assert_true(decodes(v, &got));
    v.valid = 2;
    assert_true(decodes(v, &got)); /* round 1 */
    v.valid = 3;
    assert_false(decodes(v, &got)); /* round 2 itself */
    v = vote_of(BOB, VOTE_PROPOSAL, 2, NULL);
    assert_false(decodes(v, &got));
    v = vote_of(BOB, VOTE_PRECOMMIT, ROTATION_ROUND_MOST, "x");
    assert_true(decodes(v, &got));
    v.round++;
    assert_false(decodes(v, &got));
    v.round = 0;
    v.height = 0;
    assert_false(decodes(v, &got));
    v.height = 1;
    v.step = (enum vote_step)3;
    assert_false(decodes(v, &got));
}

/* Every bit counts. */
static void test_signature(void **state)
{
    (void)state;
    struct vote v = vote_of(CAROL, VOTE_PROPOSAL, 5, "block"), got;
    struct bytes b = {0};
    int looked_at = 0;
    assert_true(vote_check(&v, NULL));
    vote_encode(&v, &b);
    for (size_t bit = 0; bit < 8 * b.n; bit++) {
        b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (vote_decode(b.data, b.n, &got, NULL)) {
            assert_false(vote_check(&got, NULL));
            looked_at++;
        }
        b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(looked_at > 1000);
    bytes_free(&b);
}

static void test_conflict(void **state)
{
    (void)state;
    struct vote a = vote_of(ALICE, VOTE_PREVOTE, 1, "x"), b;
    assert_false(vote_conflict(&a, &a));
    b = vote_of(ALICE, VOTE_PREVOTE, 1, "y");
    assert_true(vote_conflict(&a, &b) && vote_conflict(&b, &a));
    b = vote_of(ALICE, VOTE_PREVOTE, 1, NULL);
    assert_true(vote_conflict(&a, &b));
    b = vote_of(ALICE, VOTE_PREVOTE, 2, "y");
    assert_false(vote_conflict(&a, &b));
    b = vote_of(ALICE, VOTE_PRECOMMIT, 1, "y");
    assert_false(vote_conflict(&a, &b));
    b = vote_of(BOB, VOTE_PREVOTE, 1, "y");
    assert_false(vote_conflict(&a, &b));
    b = vote_of(ALICE, VOTE_PREVOTE, 1, "y");
    b.height++;
    assert_false(vote_conflict(&a, &b));
    b.height--;
    b.chain.byte[0] ^= 1;
    assert_false(vote_conflict(&a, &b));
    b = a;
    b.signature.byte[0] ^= 1;
    assert_false(vote_conflict(&a, &b)); /* the content counts */
    a = vote_of(ALICE, VOTE_PROPOSAL, 1, "x");
    b = a;
    b.valid = 1;
    assert_true(vote_conflict(&a, &b));
}

static struct rotation set_of(const uint64_t power[WHO_N])
{
    struct rotation r = {.n = 0};
    for (int i = 0; i < WHO_N; i++) {
        int at = r.n++;
        for (; at > 0 && memcmp(r.seat[at - 1].voting.byte, key_public_of(f.key[i])->byte, 32) > 0; at--)
            r.seat[at] = r.seat[at - 1];
        r.seat[at] = (struct rotation_seat){.voting = *key_public_of(f.key[i]), .power = power[i]};
    }
    return r;
}

static void all_votes(struct vote v[WHO_N])
{
    for (int i = 0; i < WHO_N; i++)
        v[i] = vote_of(i, VOTE_PRECOMMIT, 2, "b");
}

static void expect_refused(const struct certificate *c, struct hash chain, const struct rotation *set, const char *words)
{
    struct error err = {0};
    assert_false(certificate_check(c, chain, set, &err));
    if (!strstr(err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
}

static void test_certificate(void **state)
{
    (void)state;
    struct rotation set = set_of((const uint64_t[]){1, 1, 1, 1});
    struct vote v[WHO_N + 2];
    struct certificate c, got;
    struct bytes b = {0}, again = {0};
    struct hash block = hash_of_text("b");
    all_votes(v);
    assert_true(certificate_build(&c, &set, 7, 2, block, v, WHO_N));
    assert_int_equal(c.n, 4);
    assert_true(certificate_check(&c, f.chain_id, &set, NULL));
    certificate_encode(&c, &b);
    assert_int_equal(b.n, 8 + 4 + 32 + 4 + 4 * 96);
    assert_true(certificate_decode(b.data, b.n, &got, NULL));
    certificate_encode(&got, &again);
    assert_memory_equal(b.data, again.data, b.n);
    for (size_t n = 0; n < b.n; n++)
        assert_false(certificate_decode(b.data, n, &got, NULL));
    for (size_t bit = 0; bit < 8 * b.n; bit++) {
        b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(certificate_decode(b.data, b.n, &got, NULL) && certificate_check(&got, f.chain_id, &set, NULL));
        b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    bytes_put_u8(&b, 0);
    assert_false(certificate_decode(b.data, b.n, &got, NULL));
    bytes_free(&b);
    bytes_free(&again);
    struct hash other = hash_of_text("another chain");
    expect_refused(&c, other, &set, "signature");
    got = c;
    got.round++;
    expect_refused(&got, f.chain_id, &set, "signature");
}

/* What is not a precommit for just this is passed over; and exactly two thirds are too few. */
static void test_power(void **state)
{
    (void)state;
    struct rotation set = set_of((const uint64_t[]){1, 1, 1, 3});
    struct vote v[WHO_N + 1];
    struct certificate c;
    struct hash block = hash_of_text("b");
    all_votes(v);
    assert_true(certificate_build(&c, &set, 7, 2, block, v, WHO_N));
    v[0].round = 1;
    assert_true(certificate_build(&c, &set, 7, 2, block, v, WHO_N));
    assert_int_equal(c.n, 3);
    v[1] = vote_of(BOB, VOTE_PREVOTE, 2, "b");
    assert_false(certificate_build(&c, &set, 7, 2, block, v, WHO_N)); /* 4 of 6 */
    assert_int_equal(c.n, 2);
    expect_refused(&c, f.chain_id, &set, "not more than two thirds");
    v[WHO_N] = vote_of(BOB, VOTE_PRECOMMIT, 2, "b"); /* behind its prevote */
    assert_true(certificate_build(&c, &set, 7, 2, block, v, WHO_N + 1));
    assert_true(certificate_check(&c, f.chain_id, &set, NULL));
    assert_false(certificate_build(&c, &set, 7, 2, hash_of_text("c"), v, WHO_N + 1));
    assert_int_equal(c.n, 0);
    assert_false(certificate_build(&c, &set, 8, 2, block, v, WHO_N + 1));
    set = set_of((const uint64_t[]){UINT64_C(1) << 40, 1, 1, UINT64_C(1) << 41});
    all_votes(v);
    assert_true(certificate_build(&c, &set, 7, 2, block, v, WHO_N));
    v[VAL].height = 8;
    assert_false(certificate_build(&c, &set, 7, 2, block, v, WHO_N));
}

static void test_strangers(void **state)
{
    (void)state;
    struct rotation set = set_of((const uint64_t[]){5, 5, 5, 5}), three = set;
    struct vote v[WHO_N];
    struct certificate c, got;
    struct bytes b = {0};
    all_votes(v);
    assert_true(certificate_build(&c, &set, 7, 2, hash_of_text("b"), v, WHO_N));
    three.n = 3;
    expect_refused(&c, f.chain_id, &three, "no validator");
    struct certificate twice = c;
    twice.signer[1] = twice.signer[0];
    certificate_encode(&twice, &b);
    assert_false(certificate_decode(b.data, b.n, &got, NULL));
    bytes_clear(&b);
    twice = c;
    twice.signer[1] = c.signer[2];
    twice.signer[2] = c.signer[1];
    certificate_encode(&twice, &b);
    assert_false(certificate_decode(b.data, b.n, &got, NULL));
    bytes_free(&b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_bytes),       TEST(test_form),  TEST(test_signature), TEST(test_conflict),
                                       TEST(test_certificate), TEST(test_power), TEST(test_strangers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
