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
#define GOLDEN_CHAIN_ID "6cafdb88c37788770bc727c9cdbd90b29daaed4cc96564985f4eaefcd18176b6"
#define GOLDEN_SALT "6059e12c52a5b741d7403d4c44a521a9e0d462725465bc161d5fb51fa0ce0184"
#define GOLDEN_TX_ID "bc0bf1466524e0d359071192dc0f5fb849eea74f3753f119daa757a9ff2ce0ed"

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
    assert_string_equal(hex, GOLDEN_TX_ID);
}

/* The id leaves the signature out, the leaf does not. */
static void test_id(void **state)
{
    struct fixture *f = *state;
    struct tx tx = fixture_transfer(f, ALICE, BOB, 5);
    struct hash id = tx_id(&tx), leaf = tx_leaf(&tx);
    struct bytes b = {0}, unsigned_bytes = {0};
    tx_encode(&tx, &b);
    tx_signing_bytes(&tx, &unsigned_bytes);
    assert_int_equal(b.n, unsigned_bytes.n + KEY_SIGNATURE_BYTES);
    assert_true(hash_equal(id, hash_of(unsigned_bytes.data, unsigned_bytes.n)));
    assert_true(hash_equal(id, tx_id_of_bytes(b.data, b.n)));
    assert_true(hash_equal(leaf, hash_of(b.data, b.n)));
    tx.signature.byte[7] ^= 1;
    assert_true(hash_equal(id, tx_id(&tx)));
    assert_false(hash_equal(leaf, tx_leaf(&tx)));
    tx.nonce++;
    assert_false(hash_equal(id, tx_id(&tx)));
    bytes_free(&b);
    bytes_free(&unsigned_bytes);
}

#define BODY (2 + 32 + 32 + 8 + 8) /* where a body begins */

/* A u32 at this place of the body: `most` is taken if the bytes fit, one more never. */
static void expect_bound(const struct tx *tx, size_t at, uint32_t most)
{
    struct tx again;
    for (int over = 0; over < 2; over++) {
        struct bytes b = {0};
        uint32_t v = most + (uint32_t)over;
        tx_signing_bytes(tx, &b);
        for (int i = 0; i < 4; i++)
            b.data[BODY + at + (size_t)i] = (uint8_t)(v >> (8 * i));
        if (tx_decode_unsigned(b.data, b.n, &again, NULL) != (over == 0))
            fail_msg("kind %d at %zu: %u", (int)tx->type, at, v);
        bytes_free(&b);
    }
}

static void test_bounds(void **state)
{
    struct fixture *f = *state;
    struct tx tx = fixture_task(f, ALICE, 5), again; /* numeric "msn1": 8 bytes at 96 */
    tx.task.folds = TX_FOLDS_MAX;
    tx.task.reviewers = TX_REVIEWERS_MAX;
    expect_bound(&tx, 104, TX_FOLDS_MAX);
    expect_bound(&tx, 116, TX_PPM);
    expect_bound(&tx, 120, TX_PPM);
    expect_bound(&tx, 124, TX_PPM);
    expect_bound(&tx, 128, TX_REVIEWERS_MAX);
    expect_bound(&tx, 132 + 20 * TX_REVIEWERS_MAX, TX_REVIEWERS_MAX);
    struct fixture_claim c = fixture_claim(1, 500);
    c.content.counts.folds = c.finding.counts.folds = TX_FOLDS_MAX;
    tx = fixture_propose(f, ALICE, hash_of_text("p"), &c);
    expect_bound(&tx, 5 * 32, TX_FOLDS_MAX);
    tx = fixture_reveal(f, ALICE, hash_of_text("p"), &c.finding);
    expect_bound(&tx, 2 * 32, TX_FOLDS_MAX);
    tx = fixture_decide(f, ALICE, true, hash_of_text("p"), &c);
    memset(tx.decide.reason, 'x', sizeof tx.decide.reason - 1);
    expect_bound(&tx, 3 * 32, TX_REASON_MAX - 1);

    struct bytes b = {0};
    text_copy(tx.decide.reason, sizeof tx.decide.reason, "abc");
    tx_signing_bytes(&tx, &b);
    static const uint8_t bad[] = {0, 0x80, 0xff, 0xc0}; /* NUL, and no UTF-8 */
    for (size_t i = 0; i < sizeof bad; i++) {
        b.data[b.n - 2] = bad[i];
        assert_false(tx_decode_unsigned(b.data, b.n, &again, NULL));
    }
    bytes_clear(&b);
    tx = fixture_task(f, ALICE, 5);
    tx_signing_bytes(&tx, &b);
    static const uint8_t no_word[] = {0, ' ', 0x7f, 0x80, '\n'};
    for (size_t i = 0; i < sizeof no_word; i++) {
        b.data[BODY + 101] = no_word[i];
        assert_false(tx_decode_unsigned(b.data, b.n, &again, NULL));
    }
    bytes_free(&b);
}

/* The commitments cover each part, and none is another's. */
static void test_promises(void **state)
{
    struct fixture *f = *state;
    struct fixture_claim c = fixture_claim(1, 500);
    const struct key_public *alice = key_public_of(f->key[ALICE]), *bob = key_public_of(f->key[BOB]);
    struct hash salt = hash_of_text("salt"), other = hash_of_text("other"), seen[32];
    size_t n = 0;
    struct tx_propose p = c.content;
    seen[n++] = tx_announce_commitment(salt, alice, &p);
    seen[n++] = tx_announce_commitment(other, alice, &p);
    seen[n++] = tx_announce_commitment(salt, bob, &p);
    struct hash *part[] = {&p.parent, &p.morphisms, &p.arch, &p.hidden_root, &p.evidence};
    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        p = c.content;
        *part[i] = other;
        seen[n++] = tx_announce_commitment(salt, alice, &p);
    }
    p = c.content;
    p.counts.total[1]++;
    seen[n++] = tx_announce_commitment(salt, alice, &p);
    p = c.content;
    p.proposal = other; /* not part of the content */
    p.salt = other;
    assert_true(hash_equal(seen[0], tx_announce_commitment(salt, alice, &p)));
    seen[n++] = tx_hidden_root(salt, c.finding.trace_root, c.finding.weights);
    seen[n++] = tx_hidden_root(salt, c.finding.weights, c.finding.trace_root);
    seen[n++] = tx_hidden_root(other, c.finding.trace_root, c.finding.weights);
    seen[n++] = tx_attest_commitment(salt, alice, other, &c.finding);
    seen[n++] = tx_attest_commitment(other, alice, other, &c.finding);
    seen[n++] = tx_attest_commitment(salt, bob, other, &c.finding);
    seen[n++] = tx_attest_commitment(salt, alice, salt, &c.finding);
    c.finding.counts.correct[0]++;
    seen[n++] = tx_attest_commitment(salt, alice, other, &c.finding);
    seen[n++] = tx_shown(salt, other, salt, salt);
    seen[n++] = tx_shown(other, salt, salt, salt);
    seen[n++] = tx_shown(salt, salt, other, salt);
    seen[n++] = tx_shown(salt, salt, salt, other);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            assert_false(hash_equal(seen[i], seen[k]));
}

static void test_salt(void **state)
{
    struct fixture *f = *state;
    struct hash a = key_salt(f->key[ALICE], "attest", "x", 1);
    assert_true(hash_equal(a, key_salt(f->key[ALICE], "attest", "x", 1)));
    assert_false(hash_equal(a, key_salt(f->key[BOB], "attest", "x", 1)));
    assert_false(hash_equal(a, key_salt(f->key[ALICE], "root", "x", 1)));
    assert_false(hash_equal(a, key_salt(f->key[ALICE], "attest", "y", 1)));
    assert_false(hash_equal(a, key_salt(f->key[ALICE], "attest", "", 0)));
    char hex[HASH_HEX];
    hash_hex(a, hex);
    assert_string_equal(hex, GOLDEN_SALT);
}

/* Every field of every kind stands there whole: no two transactions look the same, whatever field they differ in. */
static void test_show_all(void **state)
{
    struct random r = random_start(9, RANDOM_TEST, 0, 0);
    (void)state;
    for (int k = 0; tx_table[k]; k++)
        for (int i = 0; i < 20; i++) {
            struct tx tx, other;
            struct bytes b = {0}, c = {0};
            struct text shown = {0}, again = {0};
            fixture_random_tx(&r, tx_table[k], &tx);
            tx_signing_bytes(&tx, &b);
            assert_true(tx_show(b.data, b.n, &shown, NULL));
            for (size_t at = 0; at < b.n; at += 1 + (size_t)random_below(&r, 6)) {
                b.data[at] ^= (uint8_t)(1 << random_below(&r, 8));
                bool good = tx_decode_unsigned(b.data, b.n, &other, NULL);
                text_free(&again);
                if (good && tx_show(b.data, b.n, &again, NULL) && text_equal(text_of(&again), text_of(&shown)))
                    fail_msg("%s: byte %zu is not seen", tx_table[k]->name, at);
                bytes_clear(&b);
                tx_signing_bytes(&tx, &b);
            }
            text_free(&shown);
            text_free(&again);
            bytes_free(&b);
            bytes_free(&c);
        }
}

/* A reason as long and as wide as can be stays within lines that no screen cuts, and looks like no other field. */
static void test_show_wide(void **state)
{
    struct fixture *f = *state;
    struct fixture_claim c = fixture_claim(1, 500);
    static const char *const piece[] = {"x", "\xe4\xb8\x96", "\xcc\x81", "fee               0 units  ", "\\"};
    for (size_t i = 0; i < sizeof piece / sizeof *piece; i++) {
        struct tx tx = fixture_decide(f, ALICE, false, hash_of_text("p"), &c);
        struct bytes b = {0};
        struct text t = {0};
        tx.decide.reason[0] = '\0';
        while (strlen(tx.decide.reason) + strlen(piece[i]) < sizeof tx.decide.reason)
            text_append(tx.decide.reason, sizeof tx.decide.reason, piece[i]);
        tx_signing_bytes(&tx, &b);
        assert_true(tx_show(b.data, b.n, &t, NULL));
        int fees = 0;
        char *copy = strdup(text_of(&t)), *rest = copy, *line;
        while ((line = text_next(&rest, '\n'))) {
            if (text_width(line) > 18 + 64)
                fail_msg("%d columns: %s", text_width(line), line);
            fees += text_starts(line, "fee");
        }
        assert_int_equal(fees, 1);
        free(copy);
        text_free(&t);
        bytes_free(&b);
    }
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
    assert_null(tx_kind_of((enum tx_type)(TX_OUTCOME + 1)));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_round_trip), TEST(test_mutations),       TEST(test_signature),
                                       TEST(test_bytes), TEST(test_id), TEST(test_bounds), TEST(test_promises),
                                       TEST(test_salt), TEST(test_show_all), TEST(test_show_wide), TEST(test_show),            TEST(test_show_every_kind),
                                       TEST(test_confirm_word), TEST(test_table)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
