/* hash: BLAKE2b-256 against published digests, Merkle roots against a tree built by hand. */
#include "test_support.h"

#include "base/hash.h"

static void assert_hex(struct hash h, const char *expected)
{
    char hex[HASH_HEX];

    hash_hex(h, hex);
    assert_string_equal(hex, expected);
}

/* python3: hashlib.blake2b(b"...", digest_size=32).hexdigest() */
static void test_digests(void **state)
{
    (void)state;
    assert_hex(hash_of("", 0), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    assert_hex(hash_of(NULL, 0), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    assert_hex(hash_of_text("abc"), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    char text[13];
    hash_short(hash_of_text("abc"), text);
    assert_string_equal(text, "bddd813c6342");
}

static void test_stream(void **state)
{
    char data[1000];

    (void)state;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)(i * 7);
    for (size_t step = 1; step < 400; step += 13) {
        struct hash_stream *s = hash_stream_new();
        for (size_t at = 0; at < sizeof data; at += step)
            hash_stream_put(s, data + at, sizeof data - at < step ? sizeof data - at : step);
        hash_stream_put(s, NULL, 0);
        assert_true(hash_equal(hash_stream_end(s), hash_of(data, sizeof data)));
    }
}

static void test_hex(void **state)
{
    static const char good[] = "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef";
    char bad[80];
    struct hash h = {{0}}, zero = {{0}};

    (void)state;
    assert_true(hash_is_zero(h));
    assert_true(hash_from_hex(good, &h));
    assert_false(hash_is_zero(h));
    assert_hex(h, good);
    assert_int_equal(h.byte[1], 0x11);
    for (size_t i = 0; i < 64; i++) {
        static const char wrong[] = {'A', 'g', ' ', '/', ':', '`', '\0', '\n'};
        for (size_t k = 0; k < sizeof wrong; k++) {
            snprintf(bad, sizeof bad, "%s", good);
            bad[i] = wrong[k];
            struct hash out = zero;
            assert_false(hash_from_hex(bad, &out));
            assert_true(hash_is_zero(out));
        }
    }
    snprintf(bad, sizeof bad, "%s0", good);
    assert_false(hash_from_hex(bad, &h));
    assert_false(hash_from_hex("", &h));
}

static void test_compare(void **state)
{
    struct hash a = {{1}}, b = {{1, 2}}, c = {{200}};

    (void)state;
    assert_true(hash_compare(&a, &b) < 0);
    assert_true(hash_compare(&c, &b) > 0);
    assert_int_equal(hash_compare(&a, &a), 0);
    assert_false(hash_equal(a, b));
}

static struct hash leaf_node(struct hash leaf)
{
    uint8_t text[33] = {0};

    memcpy(text + 1, leaf.byte, 32);
    return hash_of(text, sizeof text);
}

static struct hash inner(struct hash a, struct hash b)
{
    uint8_t text[65] = {1};

    memcpy(text + 1, a.byte, 32);
    memcpy(text + 33, b.byte, 32);
    return hash_of(text, sizeof text);
}

static void test_merkle(void **state)
{
    struct hash leaf[7], n[7];

    (void)state;
    for (size_t i = 0; i < 7; i++) {
        leaf[i] = hash_of(&i, 1);
        n[i] = leaf_node(leaf[i]);
    }
    struct hash four = inner(inner(n[0], n[1]), inner(n[2], n[3]));
    assert_true(hash_equal(hash_merkle_root(NULL, 0), hash_of("", 0)));
    assert_true(hash_equal(hash_merkle_root(leaf, 1), n[0]));
    assert_true(hash_equal(hash_merkle_root(leaf, 2), inner(n[0], n[1])));
    assert_true(hash_equal(hash_merkle_root(leaf, 3), inner(inner(n[0], n[1]), n[2])));
    assert_true(hash_equal(hash_merkle_root(leaf, 4), four));
    assert_true(hash_equal(hash_merkle_root(leaf, 5), inner(four, n[4])));
    assert_true(hash_equal(hash_merkle_root(leaf, 7), inner(four, inner(inner(n[4], n[5]), n[6]))));
}

/* The paths that RFC 6962, 2.1.3, works out for its tree of seven leaves d0 to d6. */
static void test_path_of_seven(void **state)
{
    struct hash leaf[7], n[7], path[HASH_PATH_MOST];

    (void)state;
    for (size_t i = 0; i < 7; i++) {
        leaf[i] = hash_of(&i, 1);
        n[i] = leaf_node(leaf[i]);
    }
    struct hash g = inner(n[0], n[1]), h = inner(n[2], n[3]), i = inner(n[4], n[5]), k = inner(g, h), l = inner(i, n[6]);
    assert_int_equal(hash_merkle_path(leaf, 7, 0, path), 3); /* [b, h, l] */
    assert_true(hash_equal(path[0], n[1]) && hash_equal(path[1], h) && hash_equal(path[2], l));
    assert_int_equal(hash_merkle_path(leaf, 7, 3, path), 3); /* [c, g, l] */
    assert_true(hash_equal(path[0], n[2]) && hash_equal(path[1], g) && hash_equal(path[2], l));
    assert_int_equal(hash_merkle_path(leaf, 7, 4, path), 3); /* [f, j, k] */
    assert_true(hash_equal(path[0], n[5]) && hash_equal(path[1], n[6]) && hash_equal(path[2], k));
    assert_int_equal(hash_merkle_path(leaf, 7, 6, path), 2); /* [i, k] */
    assert_true(hash_equal(path[0], i) && hash_equal(path[1], k));
}

/* Every leaf of every tree up to 70 is proven by its path, and by no other place, length, leaf, path or size of path. */
static void test_path(void **state)
{
    struct hash leaf[70], path[HASH_PATH_MOST + 1], root;

    (void)state;
    for (size_t i = 0; i < 70; i++)
        leaf[i] = hash_of(&i, 1);
    for (size_t n = 1; n <= 70; n++) {
        struct hash want = hash_merkle_root(leaf, n);
        for (size_t at = 0; at < n; at++) {
            size_t length = hash_merkle_path(leaf, n, at, path);
            assert_true(hash_merkle_climb(leaf[at], n, at, path, length, &root) && hash_equal(root, want));
            assert_false(hash_merkle_climb(leaf[at], n, n + at, path, length, &root));
            assert_false(length > 0 && hash_merkle_climb(leaf[at], n, at, path, length - 1, &root));
            path[length] = want;
            assert_false(hash_merkle_climb(leaf[at], n, at, path, length + 1, &root));
            for (size_t other = 0; other < n; other++) {
                bool climbs = hash_merkle_climb(leaf[at], n, other, path, length, &root);
                assert_true(other == at || !climbs || !hash_equal(root, want));
                climbs = hash_merkle_climb(leaf[other], n, at, path, length, &root);
                assert_true(other == at || !climbs || !hash_equal(root, want));
            }
            for (size_t i = 0; i < length; i++) {
                path[i].byte[at % 32] ^= 1;
                assert_true(hash_merkle_climb(leaf[at], n, at, path, length, &root) && !hash_equal(root, want));
                path[i].byte[at % 32] ^= 1;
            }
        }
    }
}

static int start(void **state)
{
    (void)state;
    hash_start();
    hash_start();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digests), cmocka_unit_test(test_stream), cmocka_unit_test(test_hex),
        cmocka_unit_test(test_compare), cmocka_unit_test(test_merkle),
        cmocka_unit_test(test_path_of_seven), cmocka_unit_test(test_path),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
