/* Identities at rest: made, opened, their passphrase changed, backed up, taken in; nothing that is there is replaced. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "chain/keystore.h"
#include "tests/unit/chain_fixture.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>

#define TRY KEY_TEST_STRENGTH

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

static const char *in_folder(const struct fixture *f, const char *name)
{
    static char path[4][FILE_PATH_MAX];
    static int turn;
    turn = (turn + 1) % 4;
    file_join(path[turn], sizeof path[turn], f->folder, name);
    return path[turn];
}

static struct bytes content(const char *path)
{
    struct bytes b = {0};
    assert_true(file_read(path, 1 << 20, &b, NULL));
    return b;
}

static bool same_content(const char *path, const struct bytes *before)
{
    struct bytes now = content(path);
    bool same = now.n == before->n && memcmp(now.data, before->data, now.n) == 0;
    bytes_free(&now);
    return same;
}

static struct key_public make(const struct fixture *f, const char *name, const char *passphrase)
{
    struct error err = {0};
    struct key *k = key_new(f->folder, name, passphrase, TRY, &err);
    if (!k)
        fail_msg("%s", err.text);
    struct key_public public_key = *key_public_of(k);
    key_free(k);
    return public_key;
}

static bool opens(const char *folder, const char *name, const char *passphrase, struct key_public *out)
{
    struct key *k = key_open(folder, name, passphrase, NULL);
    if (k && out)
        *out = *key_public_of(k);
    key_free(k);
    return k != NULL;
}

static void limits(const char *path, uint64_t *ops, uint64_t *mem)
{
    struct bytes b = content(path);
    struct bytes_reader r = bytes_read(b.data, b.n);
    char name[KEY_NAME_MAX];
    bytes_get(&r, 8 + 4);
    bytes_get_text(&r, name, sizeof name);
    bytes_get(&r, KEY_PUBLIC_BYTES);
    *ops = bytes_get_u64(&r);
    *mem = bytes_get_u64(&r);
    assert_false(r.failed);
    bytes_free(&b);
}

static void test_new_and_open(void **state)
{
    struct fixture *f = *state;
    struct error err;
    struct stat st;
    struct key *k = key_new(f->folder, "me", "open sesame", TRY, &err);
    assert_non_null(k);
    assert_int_equal(stat(in_folder(f, "me.key"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);

    struct key *again = key_open(f->folder, "me", "open sesame", &err);
    assert_non_null(again);
    assert_string_equal(key_name(again), "me");
    assert_memory_equal(key_public_of(k), key_public_of(again), sizeof(struct key_public));
    struct key_signature s;
    key_sign(again, "d", "x", 1, &s);
    assert_true(key_verify(key_public_of(k), "d", "x", 1, &s));
    key_free(again);
    key_free(k);

    assert_null(key_open(f->folder, "me", "open sesamE", &err));
    assert_int_equal(err.kind, ERROR_KEY);
    assert_non_null(strstr(err.text, "wrong passphrase or damaged key file"));
    assert_null(key_open(f->folder, "me", NULL, &err));
    assert_null(key_new(f->folder, "empty", "", TRY, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_null(key_new(f->folder, "../up", "x", TRY, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_null(key_open(f->folder, "../up", "x", &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_null(key_open(f->folder, "nobody", "x", &err));
    assert_int_equal(err.kind, ERROR_IO);
}

static void test_a_taken_name_is_untouched(void **state)
{
    struct fixture *f = *state;
    struct error err;
    make(f, "me", "p");
    struct bytes before = content(in_folder(f, "me.key"));
    assert_null(key_new(f->folder, "me", "other", TRY, &err));
    assert_int_equal(err.kind, ERROR_FAILED);
    assert_non_null(strstr(err.text, "never replaced"));
    assert_true(same_content(in_folder(f, "me.key"), &before));

    /* Damaged, empty, or a link that leads nowhere: the name is taken all the same. */
    assert_true(file_create(in_folder(f, "bad.key"), "x", 1, 0600, NULL));
    assert_null(key_new(f->folder, "bad", "p", TRY, &err));
    assert_int_equal(err.kind, ERROR_FAILED);
    assert_int_equal(symlink("/nowhere/at/all", in_folder(f, "link.key")), 0);
    assert_null(key_new(f->folder, "link", "p", TRY, &err));
    assert_int_equal(err.kind, ERROR_FAILED);
    assert_int_equal(file_size(in_folder(f, "bad.key")), 1);
    bytes_free(&before);
}

static void test_strength(void **state)
{
    struct fixture *f = *state;
    uint64_t ops, mem;
    key_free(key_new(f->folder, "strong", "p", 0, NULL));
    limits(in_folder(f, "strong.key"), &ops, &mem);
    assert_int_equal(ops, 3);
    assert_int_equal(mem, 256 << 20);
    /* Never weaker than it was, whatever is asked for. */
    assert_true(key_passwd(f->folder, "strong", "p", "q", TRY, NULL));
    limits(in_folder(f, "strong.key"), &ops, &mem);
    assert_int_equal(ops, 3);
    assert_int_equal(mem, 256 << 20);
    /* And raised where it was weaker. */
    make(f, "weak", "p");
    assert_true(key_passwd(f->folder, "weak", "p", "q", 0, NULL));
    limits(in_folder(f, "weak.key"), &ops, &mem);
    assert_int_equal(ops, 3);
    assert_int_equal(mem, 256 << 20);
    assert_true(opens(f->folder, "weak", "q", NULL));
}

static void test_passwd(void **state)
{
    struct fixture *f = *state;
    struct error err;
    struct stat st;
    struct key_public was = make(f, "me", "old one"), is;
    struct bytes before = content(in_folder(f, "me.key"));
    assert_false(key_passwd(f->folder, "me", "not it", "new one", TRY, &err));
    assert_int_equal(err.kind, ERROR_KEY);
    assert_false(key_passwd(f->folder, "me", "old one", "", TRY, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_false(key_passwd(f->folder, "you", "old one", "new one", TRY, &err));
    assert_int_equal(err.kind, ERROR_IO);
    assert_true(same_content(in_folder(f, "me.key"), &before));

    assert_true(key_passwd(f->folder, "me", "old one", "new one", TRY, NULL));
    assert_false(opens(f->folder, "me", "old one", NULL));
    assert_true(opens(f->folder, "me", "new one", &is));
    assert_memory_equal(&was, &is, sizeof was);
    assert_int_equal(stat(in_folder(f, "me.key"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    /* Salt and nonce are new even for the same passphrase; all before them stays. */
    assert_true(key_passwd(f->folder, "me", "new one", "old one", TRY, NULL));
    struct bytes after = content(in_folder(f, "me.key"));
    const size_t salt = 8 + 4 + 4 + 2 + 32 + 8 + 8;
    assert_int_equal(after.n, before.n);
    assert_memory_equal(before.data, after.data, salt);
    assert_memory_not_equal(before.data + salt, after.data + salt, 16);
    assert_memory_not_equal(before.data + salt + 16, after.data + salt + 16, 24);
    bytes_free(&before);
    bytes_free(&after);
}

/* What a killed process left opens with a passphrase that was given up; what somebody is writing is left alone. */
static void test_left_over_copies_go(void **state)
{
    struct fixture *f = *state;
    make(f, "me", "old");
    fixture_copy_file(in_folder(f, "me.key"), in_folder(f, "me.key.tmp.7"));
    fixture_copy_file(in_folder(f, "me.key"), in_folder(f, "me.key.tmp.8"));
    fixture_copy_file(in_folder(f, "me.key"), in_folder(f, "mem.key.tmp.9"));
    int fd = open(in_folder(f, "me.key.tmp.8"), O_RDONLY);
    assert_true(fd >= 0 && flock(fd, LOCK_EX) == 0);
    assert_true(key_passwd(f->folder, "me", "old", "new", TRY, NULL));
    assert_false(file_exists(in_folder(f, "me.key.tmp.7")));
    assert_true(file_exists(in_folder(f, "me.key.tmp.8")));
    assert_true(file_exists(in_folder(f, "mem.key.tmp.9")));
    close(fd);
}

static void test_backup(void **state)
{
    struct fixture *f = *state;
    struct error err;
    struct stat st;
    char where[FILE_PATH_MAX];
    make(f, "me", "p");
    struct bytes key = content(in_folder(f, "me.key"));
    assert_true(key_backup(f->folder, "me", in_folder(f, "safe"), where, sizeof where, NULL));
    assert_string_equal(where, in_folder(f, "safe"));
    assert_true(same_content(where, &key));
    assert_int_equal(stat(where, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);

    assert_true(file_create(in_folder(f, "there"), "dear", 4, 0644, NULL));
    assert_false(key_backup(f->folder, "me", in_folder(f, "there"), where, sizeof where, &err));
    assert_int_equal(err.kind, ERROR_FAILED);
    assert_int_equal(file_size(in_folder(f, "there")), 4);
    assert_int_equal(mkdir(in_folder(f, "stick"), 0700), 0);
    assert_true(key_backup(f->folder, "me", in_folder(f, "stick"), where, sizeof where, NULL));
    assert_string_equal(where, in_folder(f, "stick/me.key"));
    assert_true(same_content(where, &key));
    assert_false(key_backup(f->folder, "me", in_folder(f, "stick"), where, sizeof where, &err));
    assert_int_equal(err.kind, ERROR_FAILED);

    /* A damaged key is no backup. */
    assert_true(file_create(in_folder(f, "bad.key"), key.data, key.n - 1, 0600, NULL));
    assert_false(key_backup(f->folder, "bad", in_folder(f, "safe2"), where, sizeof where, &err));
    assert_int_equal(err.kind, ERROR_KEY);
    assert_false(file_exists(in_folder(f, "safe2")));
    bytes_free(&key);
}

static void test_import(void **state)
{
    struct fixture *f = *state;
    struct error err;
    struct key_info info;
    struct key_public was = make(f, "me", "p"), is;
    char where[FILE_PATH_MAX];
    assert_int_equal(mkdir(in_folder(f, "new"), 0700), 0);
    char folder[FILE_PATH_MAX];
    text_copy(folder, sizeof folder, in_folder(f, "new"));
    assert_true(key_backup(f->folder, "me", in_folder(f, "safe"), where, sizeof where, NULL));

    assert_false(key_import(folder, where, NULL, "q", TRY, &info, &err));
    assert_int_equal(err.kind, ERROR_KEY);
    assert_false(file_exists(in_folder(f, "new/me.key")));
    assert_false(key_import(folder, where, "No Name", "p", TRY, &info, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_false(key_import(folder, in_folder(f, "none"), NULL, "p", TRY, &info, &err));
    assert_int_equal(err.kind, ERROR_IO);

    chmod(where, 0644); /* a stick knows no permissions */
    assert_true(key_import(folder, where, NULL, "p", TRY, &info, &err));
    assert_string_equal(info.name, "me");
    struct bytes backup = content(where);
    assert_true(same_content(in_folder(f, "new/me.key"), &backup));
    assert_true(opens(folder, "me", "p", &is));
    assert_memory_equal(&was, &is, sizeof was);

    /* Neither over itself nor under a second name. */
    assert_false(key_import(folder, where, NULL, "p", TRY, &info, &err));
    assert_int_equal(err.kind, ERROR_FAILED);
    assert_false(key_import(folder, where, "twin", "p", TRY, &info, &err));
    assert_int_equal(err.kind, ERROR_FAILED);
    assert_non_null(strstr(err.text, "here already, as 'me'"));
    assert_true(same_content(in_folder(f, "new/me.key"), &backup));

    /* What its owner says of it holds until it comes in again. */
    assert_false(file_exists(in_folder(f, "new/me.guard/born")));
    assert_true(key_never_voted(folder, "me", &was, NULL));
    assert_true(file_exists(in_folder(f, "new/me.guard/born")));
    assert_int_equal(unlink(in_folder(f, "new/me.key")), 0);
    assert_true(key_import(folder, where, NULL, "p", TRY, &info, &err));
    assert_false(file_exists(in_folder(f, "new/me.guard/born")));

    assert_int_equal(unlink(in_folder(f, "new/me.key")), 0);
    assert_true(key_import(folder, where, "twin", "p", TRY, &info, &err));
    assert_string_equal(info.name, "twin");
    assert_true(opens(folder, "twin", "p", &is));
    assert_memory_equal(&was, &is, sizeof was);
    bytes_free(&backup);
}

static void test_import_strengthens(void **state)
{
    struct fixture *f = *state;
    struct key_info info;
    uint64_t ops, mem;
    char where[FILE_PATH_MAX];
    make(f, "me", "p");
    assert_true(key_backup(f->folder, "me", in_folder(f, "safe"), where, sizeof where, NULL));
    assert_int_equal(unlink(in_folder(f, "me.key")), 0);
    assert_true(key_import(f->folder, where, NULL, "p", 0, &info, NULL));
    limits(in_folder(f, "me.key"), &ops, &mem);
    assert_int_equal(ops, 3);
    assert_int_equal(mem, 256 << 20);
    assert_true(opens(f->folder, "me", "p", NULL));
}

/* The header is authenticated, but its public key is only true if the seed makes it. */
static void test_a_key_that_is_not_its_own(void **state)
{
    struct fixture *f = *state;
    struct error err;
    make(f, "a", "p");
    make(f, "b", "p");
    struct bytes a = content(in_folder(f, "a.key")), b = content(in_folder(f, "b.key"));
    memcpy(a.data + 8 + 4 + 4 + 1, b.data + 8 + 4 + 4 + 1, KEY_PUBLIC_BYTES);
    assert_true(file_write(in_folder(f, "a.key"), a.data, a.n, 0600, NULL));
    assert_null(key_open(f->folder, "a", "p", &err));
    assert_int_equal(err.kind, ERROR_KEY);
    /* A file under another's name is not taken for it. */
    assert_true(file_write(in_folder(f, "a.key"), b.data, b.n, 0600, NULL));
    assert_null(key_open(f->folder, "a", "p", &err));
    assert_non_null(strstr(err.text, "holds the identity 'b'"));
    assert_false(key_passwd(f->folder, "a", "p", "q", TRY, &err));
    bytes_free(&a);
    bytes_free(&b);
}

static void test_public_part(void **state)
{
    struct fixture *f = *state;
    struct error err;
    struct key_info info = {.name = "ada", .public_key = *key_public_of(f->key[ALICE])}, got, *list;
    struct text text = {0};
    key_public_text(&info, &text);
    assert_true(file_create(in_folder(f, "card"), text_of(&text), text.n, 0644, NULL));
    assert_true(key_is_public_file(in_folder(f, "card")));
    assert_true(key_public_read(in_folder(f, "card"), &got, NULL));
    assert_string_equal(got.name, "ada");
    assert_memory_equal(&got.public_key, &info.public_key, sizeof got.public_key);

    assert_true(key_public_import(f->folder, in_folder(f, "card"), NULL, &got, NULL));
    assert_int_equal(key_list(f->folder, &list, NULL), 1);
    assert_string_equal(list[0].name, "ada");
    assert_true(list[0].public_only);
    assert_string_equal(list[0].problem, "");
    free(list);
    assert_false(key_public_import(f->folder, in_folder(f, "card"), NULL, &got, &err));
    assert_int_equal(err.kind, ERROR_FAILED);
    assert_true(key_public_import(f->folder, in_folder(f, "card"), "countess", &got, NULL));
    assert_null(key_open(f->folder, "ada", "p", &err));

    /* The two kinds share their names: neither hides the other. */
    assert_null(key_new(f->folder, "ada", "p", TRY, &err));
    assert_int_equal(err.kind, ERROR_FAILED);
    make(f, "me", "p");
    assert_false(key_public_import(f->folder, in_folder(f, "card"), "me", &got, &err));
    assert_int_equal(err.kind, ERROR_FAILED);

    /* Each changed character is seen: the address is a check over the key. */
    for (size_t i = 0; i < text.n; i++) {
        char was = text.data[i];
        text.data[i] = was == '1' ? '2' : '1';
        assert_true(file_write(in_folder(f, "card"), text.data, text.n, 0644, NULL));
        bool name = i >= 25 && i < 28; /* another name is just another name */
        assert_int_equal(key_public_read(in_folder(f, "card"), &got, NULL), name);
        text.data[i] = was;
    }
    for (size_t n = 0; n < text.n; n++) {
        assert_true(file_write(in_folder(f, "card"), text.data, n, 0644, NULL));
        assert_false(key_public_read(in_folder(f, "card"), &got, NULL));
    }
    text_put(&text, "\n");
    assert_true(file_write(in_folder(f, "card"), text.data, text.n, 0644, NULL));
    assert_false(key_public_read(in_folder(f, "card"), &got, NULL));
    text_free(&text);
}

/* Known first by its public part; then its key comes home. */
static void test_the_key_joins_its_public_part(void **state)
{
    struct fixture *f = *state;
    struct key_info info, *list;
    char where[FILE_PATH_MAX], folder[FILE_PATH_MAX];
    struct text text = {0};
    assert_int_equal(mkdir(in_folder(f, "other"), 0700), 0);
    text_copy(folder, sizeof folder, in_folder(f, "other"));
    info = (struct key_info){.name = "me", .public_key = make(f, "me", "p")};
    key_public_text(&info, &text);
    assert_true(file_create(in_folder(f, "card"), text_of(&text), text.n, 0644, NULL));
    assert_true(key_public_import(folder, in_folder(f, "card"), NULL, &info, NULL));
    assert_true(key_backup(f->folder, "me", in_folder(f, "safe"), where, sizeof where, NULL));
    assert_true(key_import(folder, where, NULL, "p", TRY, &info, NULL));
    assert_int_equal(key_list(folder, &list, NULL), 1);
    assert_false(list[0].public_only);
    free(list);
    text_free(&text);
}

static void test_weak_passphrases(void **state)
{
    (void)state;
    static const char *const weak[] = {"x",          "short",       "ninechars",    "aaaaaaaaaaaa", "0123456789",
                                       "zyxwvutsrqponm", "password123!", "Passphrase", "secretary1"};
    static const char *const fine[] = {"correct staple", "mv8#kd0-plqz", "über den Fluss", "secretarybird"};
    char why[200];
    for (size_t i = 0; i < ARRAY_N(weak); i++)
        assert_true(key_passphrase_weak(weak[i], "secretary1", why, sizeof why));
    for (size_t i = 0; i < ARRAY_N(fine); i++)
        assert_false(key_passphrase_weak(fine[i], "me", why, sizeof why));
    assert_true(key_passphrase_weak("ünümünümü", "me", why, sizeof why)); /* characters, not bytes */
    assert_non_null(strstr(why, "(9 characters)"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_new_and_open),
                                       TEST(test_a_taken_name_is_untouched),
                                       TEST(test_strength),
                                       TEST(test_passwd),
                                       TEST(test_left_over_copies_go),
                                       TEST(test_backup),
                                       TEST(test_import),
                                       TEST(test_import_strengthens),
                                       TEST(test_a_key_that_is_not_its_own),
                                       TEST(test_public_part),
                                       TEST(test_the_key_joins_its_public_part),
                                       TEST(test_weak_passphrases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
