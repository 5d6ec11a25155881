/* The index of blocks.msc: a chain that is opened with it is the same chain, and nothing that happens to it or to the file
 * behind its back does harm. */
#include "test_support.h"

#include "base/file.h"
#include "base/memory.h"
#include "store/chain_index.h"
#include "tests/unit/index_fixture.h"
#include "tests/unit/many_chain.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_index(void **state)
{
    (void)state;
    make_chain();
    check_indexed();
    struct ledger *l = ledger_open(f.chain, false, NULL);
    int64_t height = (int64_t)ledger_height(l);
    ledger_close(l);
    assert_int_equal(number("SELECT count(*) FROM block"), height + 1);
    assert_int_equal(number("SELECT count(*) FROM tx"), number("SELECT sum(transactions) FROM block"));
    assert_int_equal(number("SELECT size FROM about"), file_size(blocks));
    assert_true(number("SELECT count(*) FROM tx WHERE proposal != 0") > 20);
}

/* A state is not saved with every block: what came since is gone through, and what is behind it is not. */
static void test_behind(void **state)
{
    (void)state;
    make_chain();
    assert_int_equal(unlink(index_path), 0);
    ledger_close(open_indexed(false)); /* a state of the head */
    int64_t saved = number("SELECT max(height) FROM state");
    struct ledger *l = open_indexed(true);
    live(l, 10, 13);
    same_ledger(l);
    assert_int_equal(number("SELECT max(height) FROM state"), saved);
    assert_true((int64_t)ledger_height(l) > saved + 5);
    ledger_close(l);
    check_indexed();
    assert_int_equal(number("SELECT max(height) FROM state"), saved);
    /* the saved state is what is used: a lie in the place that only a replay from genesis would not ask */
    change("UPDATE block SET offset = 0 WHERE height = 1");
    l = open_indexed(false);
    struct ledger_block b;
    assert_false(ledger_block(l, 1, &b)); /* looked up, found out */
    assert_true(ledger_block(l, (uint64_t)saved + 1, &b));
    ledger_close(l);
}

static void damage(void (*how)(void))
{
    make_chain();
    how();
    check_indexed();
    check_indexed();
    struct ledger *l = open_indexed(true);
    submit(l, fixture_transfer(&f, ALICE, BOB, 1));
    seal(l);
    same_ledger(l);
    ledger_close(l);
    check_indexed();
}

static void write_index(const char *text, size_t n)
{
    FILE *out = fopen(index_path, "wb");
    assert_true(out && fwrite(text, 1, n, out) == n && fclose(out) == 0);
}

static void garbage(void)
{
    char text[20000];
    memset(text, 'x', sizeof text);
    write_index(text, sizeof text);
}

static void empty(void)
{
    write_index("", 0);
}

static void cut(void)
{
    assert_int_equal(truncate(index_path, file_size(index_path) / 3), 0);
}

static void zeros_inside(void)
{
    FILE *out = fopen(index_path, "r+b");
    static const char zeros[9000];
    assert_true(out && fseek(out, 4096, SEEK_SET) == 0 && fwrite(zeros, 1, sizeof zeros, out) == sizeof zeros);
    fclose(out);
}

static void version(void)
{
    change("UPDATE about SET version = 77");
}

static void no_table(void)
{
    change("DROP TABLE state");
}

static void wrong_state(void)
{
    change("UPDATE state SET data = zeroblob(1000)");
}

static void wrong_place(void)
{
    change("UPDATE state SET offset = offset + 1");
}

static void ahead(void)
{
    change("UPDATE state SET height = height + 1000");
}

static void folder(void)
{
    assert_int_equal(unlink(index_path), 0);
    assert_int_equal(mkdir(index_path, 0700), 0);
}

static void fifo(void)
{
    assert_int_equal(unlink(index_path), 0);
    assert_int_equal(mkfifo(index_path, 0600), 0);
}

static void other_database(void)
{
    assert_int_equal(unlink(index_path), 0);
    change("CREATE TABLE cats(name)");
}

#define DAMAGE(how)                                                                                                    \
    static void test_##how(void **state)                                                                               \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        damage(how);                                                                                                   \
    }
DAMAGE(garbage)
DAMAGE(empty)
DAMAGE(cut)
DAMAGE(zeros_inside)
DAMAGE(version)
DAMAGE(no_table)
DAMAGE(wrong_state)
DAMAGE(wrong_place)
DAMAGE(ahead)
DAMAGE(folder)
DAMAGE(fifo)
DAMAGE(other_database)

/* Bits of the database flipped anywhere: the chain opens as it is. */
static void test_flips(void **state)
{
    (void)state;
    make_chain();
    struct bytes all = {0};
    struct random r = random_start(3, RANDOM_TEST, 0, 0);
    assert_true(file_read(index_path, 1 << 26, &all, NULL));
    struct ledger *plain = ledger_open(f.chain, false, NULL);
    for (int i = 0; i < 150; i++) {
        size_t at = i < 100 ? (size_t)i : random_below(&r, (uint32_t)all.n);
        all.data[at] ^= (uint8_t)(1u << random_below(&r, 8));
        write_index((const char *)all.data, all.n);
        struct ledger *l = open_indexed(false);
        same_state(ledger_state(l), ledger_state(plain));
        assert_int_equal(ledger_height(l), ledger_height(plain));
        ledger_close(l);
    }
    ledger_close(plain);
    bytes_free(&all);
}

/* The file says otherwise: a bit in a block that the saved state is far ahead of, a cut, another chain. */
static void test_file_changed(void **state)
{
    (void)state;
    make_chain();
    struct bytes all = {0};
    struct error err = {0};
    assert_true(file_read(blocks, 1 << 26, &all, NULL));
    all.data[700] ^= 1;
    FILE *out = fopen(blocks, "r+b");
    assert_true(out && fwrite(all.data, 1, all.n, out) == all.n && fclose(out) == 0);
    assert_null(chain_index_open(f.chain, false, true, &err));
    assert_int_equal(err.kind, ERROR_CHAIN);
    all.data[700] ^= 1;
    out = fopen(blocks, "r+b");
    assert_true(out && fwrite(all.data, 1, all.n, out) == all.n && fclose(out) == 0);
    check_indexed();
    assert_int_equal(truncate(blocks, (off_t)all.n - 1), 0);
    assert_null(chain_index_open(f.chain, false, true, &err));
    assert_int_equal(err.kind, ERROR_CHAIN);
    bytes_free(&all);
}

static void test_other_chain(void **state)
{
    (void)state;
    char kept[200];
    struct bytes db = {0};
    make_chain();
    assert_true(file_read(index_path, 1 << 26, &db, NULL));
    snprintf(kept, sizeof kept, "%s/first", f.folder);
    assert_int_equal(rename(f.chain, kept), 0);
    f.genesis.time_us++;
    fixture_genesis_changed(&f);
    memset(f.nonce, 0, sizeof f.nonce);
    make_chain();
    write_index((const char *)db.data, db.n);
    check_indexed();
    bytes_free(&db);
}

/* Nobody may write: it is read as it is, or done without. */
static void test_read_only(void **state)
{
    (void)state;
    make_chain();
    struct error err = {0};
    int64_t size = file_size(index_path);
    struct ledger *l = chain_index_open(f.chain, false, false, &err);
    assert_non_null(l);
    same_ledger(l);
    ledger_close(l);
    assert_int_equal(file_size(index_path), size);
    assert_int_equal(unlink(index_path), 0);
    l = chain_index_open(f.chain, false, false, &err);
    assert_non_null(l);
    same_ledger(l);
    ledger_close(l);
    assert_false(file_exists(index_path));
}

/* A writer that was stopped behind the block and before the index; the file of a transaction that a stopped writer left. */
static void test_not_told(void **state)
{
    (void)state;
    make_chain();
    struct ledger *l = ledger_open(f.chain, true, NULL);
    submit(l, fixture_transfer(&f, ALICE, BOB, 1));
    seal(l);
    ledger_close(l);
    check_indexed();
    char from[300], to[300], hex[HASH_HEX];
    l = open_indexed(true);
    struct hash id = submit(l, fixture_transfer(&f, ALICE, BOB, 2));
    hash_hex(id, hex);
    snprintf(from, sizeof from, "%s/pool/%s", f.chain, hex);
    snprintf(to, sizeof to, "%s/kept", f.folder);
    fixture_copy_file(from, to);
    seal(l);
    ledger_close(l);
    ledger_close(open_indexed(true));
    fixture_copy_file(to, from);
    l = open_indexed(true);
    assert_int_equal(ledger_pool_refused(l), 0);
    assert_false(file_exists(from));
    ledger_close(l);
}

/* Two at once: the one that reads goes on with what it saw. */
static void test_two(void **state)
{
    (void)state;
    make_chain();
    struct ledger *reader = open_indexed(false), *writer = open_indexed(true);
    uint64_t height = ledger_height(reader);
    submit(writer, fixture_transfer(&f, ALICE, BOB, 1));
    seal(writer);
    assert_int_equal(ledger_height(reader), height);
    struct ledger_block b;
    assert_true(ledger_block(reader, 1, &b) && ledger_block(reader, height, &b));
    same_ledger(writer);
    ledger_close(reader);
    ledger_close(writer);
    check_indexed();
}

#define MOMENTS 8

/* What a stopped writer may leave: the index of one moment beside the chain of another. */
static void test_moments(void **state)
{
    static struct bytes chain[MOMENTS], length[MOMENTS], index[MOMENTS];
    char length_path[200];
    (void)state;
    file_join(length_path, sizeof length_path, f.chain, "blocks.len");
    make_chain();
    for (int i = 0; i < MOMENTS; i++) {
        struct ledger *l = open_indexed(true);
        submit(l, fixture_transfer(&f, ALICE, CAROL, 1));
        seal(l);
        ledger_close(l);
        assert_true(file_read(blocks, 1 << 26, &chain[i], NULL) && file_read(length_path, 1 << 10, &length[i], NULL) &&
                    file_read(index_path, 1 << 26, &index[i], NULL));
    }
    for (int i = 0; i < MOMENTS; i++)
        for (int k = 0; k < MOMENTS; k++) {
            assert_true(file_write(blocks, chain[i].data, chain[i].n, 0644, NULL));
            assert_true(file_write(length_path, length[i].data, length[i].n, 0644, NULL));
            write_index((const char *)index[k].data, index[k].n);
            struct ledger *l = open_indexed(true), *plain = ledger_open(f.chain, false, NULL);
            assert_true(plain && hash_equal(ledger_head(l), ledger_head(plain)));
            same_state(ledger_state(l), ledger_state(plain));
            ledger_close(plain);
            ledger_close(l);
        }
    for (int i = 0; i < MOMENTS; i++) {
        bytes_free(&chain[i]);
        bytes_free(&length[i]);
        bytes_free(&index[i]);
    }
}

/* --- a chain for many ----------------------------------------------------------------------------------------------- */

static void grow_many(const struct many_chain *m, struct ledger *l, uint32_t round, unsigned mask)
{
    struct error err = {0};
    if (!many_append(m, l, round, now_us += 1000000, mask, NULL, NULL, &err))
        fail_msg("%s", err.text);
}

/* Whose turn it is, who may vote and what is being disputed comes from the saved state: blocks go on from there as from
 * genesis, across a change of the set. */
static void test_many(void **state)
{
    struct many_chain m;
    struct error err = {0};
    struct bytes tip = {0}, again = {0};
    struct tx tx;
    (void)state;
    many_start(&m, &f);
    assert_true(ledger_create(f.chain, &f.genesis, &err));
    struct ledger *l = open_indexed(true);
    for (unsigned i = 0; i < 24; i++) {
        if (i % 2 == 0)
            submit(l, fixture_transfer(&f, ALICE, CAROL, 10 + i));
        if (i == 7) {
            tx = fixture_tx(&f, BOB, TX_RETIRE);
            fixture_sign(&f, BOB, &tx);
            submit(l, tx);
        }
        grow_many(&m, l, i % 3 && i <= 7 ? 1 : 0, i <= 7 ? MANY_ALL : 1u << MANY_VAL | 1u << MANY_ALICE);
        if (i % 5 != 4)
            continue;
        assert_true(ledger_tip_certificate(l, &tip, &err));
        ledger_close(l);
        assert_int_equal(unlink(index_path), 0);
        ledger_close(open_indexed(false)); /* saves the state of the head */
        assert_int_equal(number("SELECT max(height) FROM state"), i + 1);
        l = open_indexed(true); /* from that */
        assert_int_equal(ledger_height(l), i + 1);
        same_ledger(l);
        assert_true(ledger_tip_certificate(l, &again, &err));
        assert_int_equal(tip.n, again.n);
        assert_memory_equal(tip.data, again.data, tip.n);
    }
    struct hash head = ledger_head(l), whole = state_hash(ledger_state(l));
    assert_int_equal(ledger_final_height(l), 24);
    ledger_close(l);
    assert_int_equal(unlink(index_path), 0);
    struct ledger *plain = ledger_open(f.chain, false, &err); /* from genesis */
    assert_non_null(plain);
    assert_true(hash_equal(ledger_head(plain), head));
    assert_true(hash_equal(state_hash(ledger_state(plain)), whole));
    const struct rotation *set = state_rotation(ledger_state(plain));
    assert_int_equal(set->n, 2);
    ledger_close(plain);
    bytes_free(&tip);
    bytes_free(&again);
    many_end(&m);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_index), TEST(test_behind), TEST(test_garbage), TEST(test_empty), TEST(test_cut),
        TEST(test_zeros_inside), TEST(test_version), TEST(test_no_table), TEST(test_wrong_state),
        TEST(test_wrong_place), TEST(test_ahead), TEST(test_folder), TEST(test_fifo), TEST(test_other_database),
        TEST(test_flips), TEST(test_file_changed), TEST(test_other_chain), TEST(test_read_only), TEST(test_moments),
        TEST(test_not_told), TEST(test_two), TEST(test_many)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
