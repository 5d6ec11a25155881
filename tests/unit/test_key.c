#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

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

/* RFC 8032, section 7.1, TEST 1. */
static void test_public_key_vector(void **state)
{
    struct hash seed, pub, got;
    (void)state;
    assert_true(hash_from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", &seed));
    assert_true(hash_from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", &pub));
    struct key *k = key_from_seed("v", seed.byte);
    memcpy(got.byte, key_public_of(k)->byte, sizeof got.byte);
    assert_true(hash_equal(got, pub));
    key_free(k);
}

static void test_sign(void **state)
{
    struct fixture *f = *state;
    struct key_signature s, wrong;
    uint8_t data[3000];
    memset(data, 7, sizeof data);
    const struct key_public *alice = key_public_of(f->key[ALICE]);
    for (size_t n = 0; n <= sizeof data; n += 1000) {
        key_sign(f->key[ALICE], "domain", data, n, &s);
        assert_true(key_verify(alice, "domain", data, n, &s));
        assert_false(key_verify(alice, "domaim", data, n, &s));
        assert_false(key_verify(key_public_of(f->key[BOB]), "domain", data, n, &s));
        wrong = s;
        wrong.byte[n % 64] ^= 1;
        assert_false(key_verify(alice, "domain", data, n, &wrong));
    }
    assert_false(key_verify(alice, "domain", data, sizeof data - 1, &s));
    /* The 0x00 keeps "a" || "bc" and "ab" || "c" apart. */
    key_sign(f->key[ALICE], "a", "bc", 2, &s);
    assert_false(key_verify(alice, "ab", "c", 1, &s));
}

static void test_address(void **state)
{
    struct fixture *f = *state;
    char text[KEY_ADDRESS_MAX], bad[KEY_ADDRESS_MAX];
    struct address a;
    address_text(f->who[ALICE], text);
    assert_int_equal(strlen(text), 51);
    assert_true(address_parse(text, &a, NULL));
    assert_true(address_equal(a, f->who[ALICE]));
    assert_false(address_equal(a, f->who[BOB]));
    for (size_t i = 0; text[i]; i++)
        for (const char *c = "0123456789abcdefgAms"; *c; c++) {
            text_copy(bad, sizeof bad, text);
            bad[i] = *c;
            assert_int_equal(address_parse(bad, &a, NULL), *c == text[i]);
        }
    struct error err;
    text_copy(bad, sizeof bad, text);
    bad[50] = '\0';
    assert_false(address_parse(bad, &a, &err));
    assert_int_equal(err.kind, ERROR_KEY);
    assert_false(address_parse("", &a, NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_public_key_vector), TEST(test_sign), TEST(test_address)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
