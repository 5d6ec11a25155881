#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/file.h"
#include "tests/unit/chain_fixture.h"

#include <sys/stat.h>
#include <unistd.h>

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

static void test_file(void **state)
{
    struct fixture *f = *state;
    struct error err;
    char path[FILE_PATH_MAX];
    struct key *k = key_new(f->folder, "me", "open sesame", 1, &err);
    assert_non_null(k);
    file_join(path, sizeof path, f->folder, "me.key");
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);

    struct key *again = key_open(f->folder, "me", "open sesame", &err);
    assert_non_null(again);
    assert_string_equal(key_name(again), "me");
    assert_memory_equal(key_public_of(k), key_public_of(again), sizeof(struct key_public));
    struct key_signature s;
    key_sign(again, "d", "x", 1, &s);
    assert_true(key_verify(key_public_of(k), "d", "x", 1, &s));
    key_free(again);

    assert_null(key_open(f->folder, "me", "open sesamE", &err));
    assert_int_equal(err.kind, ERROR_KEY);
    assert_non_null(strstr(err.text, "wrong passphrase or damaged key file"));
    assert_null(key_new(f->folder, "me", "other", 1, &err));
    assert_int_equal(err.kind, ERROR_FAILED);
    assert_null(key_new(f->folder, "empty", "", 1, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_null(key_new(f->folder, "../up", "x", 1, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_null(key_open(f->folder, "nobody", "x", &err));
    assert_int_equal(err.kind, ERROR_IO);

    chmod(path, 0640);
    assert_null(key_open(f->folder, "me", "open sesame", &err));
    assert_int_equal(err.kind, ERROR_KEY);
    chmod(path, 0600);
    key_free(k);
}

static void write_raw(const char *path, const struct bytes *b, size_t n)
{
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(b->data, 1, n, out), n);
    assert_int_equal(fclose(out), 0);
}

/* Every bit is covered by the authentication: magic, limits, name, keys, ciphertext. */
static void test_file_damage(void **state)
{
    struct fixture *f = *state;
    char path[FILE_PATH_MAX];
    struct bytes b = {0};
    key_free(key_new(f->folder, "k", "p", 1, NULL));
    file_join(path, sizeof path, f->folder, "k.key");
    assert_true(file_read(path, 4096, &b, NULL));
    const size_t mem = 8 + 4 + 4 + 1 + 32 + 8; /* the memory limit: bits 22 to 30 are good limits, but take long */
    for (size_t bit = 0; bit < 8 * b.n; bit++) {
        if (bit >= 8 * mem + 22 && bit <= 8 * mem + 30)
            continue;
        b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        write_raw(path, &b, b.n);
        assert_null(key_open(f->folder, "k", "p", NULL));
        b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t n = 0; n < b.n; n++) {
        write_raw(path, &b, n);
        assert_null(key_open(f->folder, "k", "p", NULL));
    }
    struct error err;
    b.data[mem + 4] = 16; /* 64 GiB */
    write_raw(path, &b, b.n);
    assert_null(key_open(f->folder, "k", "p", &err));
    assert_int_equal(err.kind, ERROR_KEY);
    assert_non_null(strstr(err.text, "passes"));
    b.data[mem + 4] = 0;
    write_raw(path, &b, b.n);
    struct key *k = key_open(f->folder, "k", "p", NULL);
    assert_non_null(k);
    key_free(k);
    bytes_free(&b);
}

static void test_strength(void **state)
{
    struct fixture *f = *state;
    char path[FILE_PATH_MAX];
    struct bytes b = {0};
    key_free(key_new(f->folder, "strong", "p", 0, NULL));
    file_join(path, sizeof path, f->folder, "strong.key");
    assert_true(file_read(path, 4096, &b, NULL));
    struct bytes_reader r = bytes_read(b.data, b.n);
    bytes_get(&r, 8 + 4 + 4 + 6 + 32);
    assert_int_equal(bytes_get_u64(&r), 3);
    assert_int_equal(bytes_get_u64(&r), 256 << 20);
    bytes_free(&b);
}

static void test_list(void **state)
{
    struct fixture *f = *state;
    struct key_info *list, info;
    char path[FILE_PATH_MAX];
    assert_int_equal(key_list("/nonexistent/folder", &list, NULL), 0);
    for (const char *const *n = (const char *const[]){"zoe", "ann", "mia", NULL}; *n; n++)
        key_free(key_new(f->folder, *n, "p", 1, NULL));
    file_join(path, sizeof path, f->folder, "notes.txt");
    assert_true(file_create(path, "x", 1, 0600, NULL));
    assert_int_equal(key_list(f->folder, &list, NULL), 3);
    assert_string_equal(list[0].name, "ann");
    assert_string_equal(list[1].name, "mia");
    assert_string_equal(list[2].name, "zoe");
    file_join(path, sizeof path, f->folder, "mia.key");
    assert_true(key_inspect(path, &info, NULL));
    assert_memory_equal(&info.public_key, &list[1].public_key, sizeof info.public_key);
    free(list);

    struct error err;
    file_join(path, sizeof path, f->folder, "bad.key");
    assert_true(file_create(path, "x", 1, 0600, NULL));
    assert_int_equal(key_list(f->folder, &list, &err), -1);
    assert_non_null(strstr(err.text, "bad.key"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_public_key_vector), TEST(test_sign), TEST(test_address),
                                       TEST(test_file),              TEST(test_file_damage), TEST(test_strength),
                                       TEST(test_list)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
