#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/file.h"
#include "tests/unit/chain_fixture.h"

#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>

static struct fixture f;

static int start(void **state)
{
    (void)state;
    fixture_start(&f);
    assert_true(ledger_create(f.chain, &f.genesis, NULL));
    return 0;
}

static int end(void **state)
{
    (void)state;
    fixture_end(&f);
    return 0;
}

static struct ledger *open_chain(bool writable)
{
    struct error err = {0};
    struct ledger *l = ledger_open(f.chain, writable, &err);
    if (!l)
        fail_msg("%s", err.text);
    return l;
}

static struct hash submit(struct ledger *l, const struct tx *tx)
{
    struct error err = {0};
    struct hash id;
    if (!ledger_submit(l, tx, &id, &err))
        fail_msg("%s", err.text);
    return id;
}

static void seal(struct ledger *l)
{
    struct error err = {0};
    uint64_t height;
    struct hash hash;
    if (!ledger_seal(l, f.key[VAL], START_US + 5, &height, &hash, &err))
        fail_msg("%s", err.text);
    assert_int_equal(height, ledger_height(l));
    assert_true(hash_equal(hash, ledger_head(l)));
}

static int pool_files(void)
{
    char path[FILE_PATH_MAX];
    int n = 0;
    file_join(path, sizeof path, f.chain, "pool");
    DIR *dir = opendir(path);
    for (struct dirent *d; (d = readdir(dir)) != NULL;)
        n += d->d_name[0] != '.';
    closedir(dir);
    return n;
}

static void test_create(void **state)
{
    (void)state;
    struct error err;
    assert_false(ledger_create(f.chain, &f.genesis, &err));
    assert_int_equal(err.kind, ERROR_FAILED);
    struct ledger *l = open_chain(true);
    assert_int_equal(ledger_height(l), 0);
    assert_true(hash_equal(ledger_id(l), f.chain_id));
    assert_string_equal(ledger_genesis(l)->name, "test");
    assert_null(ledger_open(f.folder, false, &err)); /* no chain there */
    assert_int_equal(err.kind, ERROR_CHAIN);
    ledger_close(l);
    f.genesis.validators = 2;
    f.genesis.validator[1].identity = f.genesis.validator[1].voting = *key_public_of(f.key[BOB]);
    f.genesis.validator[1].stake = 1;
    f.genesis.supply++;
    char other[200];
    file_join(other, sizeof other, f.folder, "other");
    assert_false(ledger_create(other, &f.genesis, &err));
    assert_non_null(strstr(err.text, "several need"));
}

static void test_submit_and_seal(void **state)
{
    (void)state;
    struct error err;
    struct hash id, again;
    struct tx tx = fixture_transfer(&f, ALICE, CAROL, 500), got;
    const struct tx *pool;
    struct ledger *l = open_chain(true);
    assert_int_equal(ledger_next_nonce(l, f.who[ALICE]), 1);
    id = submit(l, &tx);
    assert_true(hash_equal(id, tx_id(&tx)));
    assert_int_equal(ledger_next_nonce(l, f.who[ALICE]), 2);
    assert_false(ledger_submit(l, &tx, &again, &err));
    assert_non_null(strstr(err.text, "already"));
    /* Carol spends what the pool gives her. */
    tx = fixture_transfer(&f, CAROL, BOB, 100);
    submit(l, &tx);
    tx = fixture_transfer(&f, CAROL, BOB, 400);
    assert_false(ledger_submit(l, &tx, &again, &err));
    tx = fixture_transfer(&f, ALICE, BOB, 1);
    tx.transfer.amount = 2;
    assert_false(ledger_submit(l, &tx, &again, &err));
    assert_non_null(strstr(err.text, "signature"));
    assert_int_equal(ledger_pool(l, &pool), 2);
    assert_true(hash_equal(tx_id(&pool[0]), id));
    assert_int_equal(pool_files(), 2);
    assert_null(state_account_find(ledger_state(l), f.who[CAROL]));

    seal(l);
    assert_int_equal(ledger_height(l), 1);
    assert_int_equal(ledger_pool(l, &pool), 0);
    assert_int_equal(pool_files(), 0);
    assert_int_equal(state_account_find(ledger_state(l), f.who[CAROL])->balance, 390);
    seal(l); /* the same time again: fine for a lone validator */
    uint64_t height;
    assert_false(ledger_seal(l, f.key[VAL], START_US + 4, &height, &again, &err));
    assert_false(ledger_seal(l, f.key[BOB], START_US + 9, &height, &again, &err));
    assert_int_equal(err.kind, ERROR_CHAIN);

    struct ledger_block b;
    assert_true(ledger_block(l, 0, &b) && b.time_us == START_US && b.offset == 0);
    assert_true(ledger_block(l, 1, &b));
    assert_int_equal(b.transactions, 2);
    assert_int_equal(b.time_us, START_US + 5);
    assert_memory_equal(&b.proposer, key_public_of(f.key[VAL]), sizeof b.proposer);
    assert_true(ledger_block(l, 2, &b) && hash_equal(b.id, ledger_head(l)));
    assert_false(ledger_block(l, 3, &b));
    assert_true(ledger_block_tx(l, 1, 0, &got, NULL));
    assert_true(hash_equal(tx_id(&got), id));
    assert_false(ledger_block_tx(l, 1, 2, &got, &err));
    assert_false(ledger_block_tx(l, 0, 0, &got, &err));

    struct hash head = ledger_head(l), state_before = state_hash(ledger_state(l));
    ledger_close(l);
    l = open_chain(false);
    assert_true(hash_equal(ledger_head(l), head));
    assert_true(hash_equal(state_hash(ledger_state(l)), state_before));
    assert_false(ledger_submit(l, &tx, &again, &err));
    assert_false(ledger_seal(l, f.key[VAL], START_US + 9, &height, &again, &err));
    ledger_close(l);
}

/* What the rules allow in this order only must come back in this order. */
static void test_pool_order(void **state)
{
    (void)state;
    struct ledger *l = open_chain(true);
    struct tx tx = fixture_task(&f, ALICE, 1000);
    struct hash task = submit(l, &tx), id[9];
    struct fixture_claim c = fixture_claim(7, 510);
    tx = fixture_announce(&f, BOB, task, &c);
    struct hash proposal = submit(l, &tx), again;
    struct error err;
    tx = fixture_propose(&f, BOB, proposal, &c);
    assert_false(ledger_submit(l, &tx, &again, &err));
    assert_non_null(strstr(err.text, "earlier block"));
    f.nonce[BOB]--;
    seal(l);
    tx = fixture_propose(&f, BOB, proposal, &c);
    id[0] = submit(l, &tx);
    tx = fixture_commit(&f, VAL, proposal, &c.finding); /* only behind the claim */
    id[1] = submit(l, &tx);
    for (int i = 2; i < 9; i += 2) { /* Carol has what Alice gives her, Bob what Carol does */
        tx = fixture_transfer(&f, ALICE, CAROL, 20);
        id[i] = submit(l, &tx);
        if (i == 8)
            break;
        tx = fixture_transfer(&f, CAROL, BOB, 10);
        id[i + 1] = submit(l, &tx);
    }
    ledger_close(l);
    l = open_chain(true);
    const struct tx *pool;
    assert_int_equal(ledger_pool(l, &pool), 9);
    for (int i = 0; i < 9; i++)
        assert_true(hash_equal(tx_id(&pool[i]), id[i]));
    assert_int_equal(ledger_pool_refused(l), 0);
    seal(l);
    assert_int_equal(state_proposal_find(ledger_state(l), proposal)->state, PROPOSAL_REVEALING);
    ledger_close(l);
    l = open_chain(false);
    assert_int_equal(ledger_height(l), 2);
    ledger_close(l);
}

/* A voting key of its own seals; the identity behind it does not. */
static void test_voting_key(void **state)
{
    (void)state;
    char other[200];
    uint64_t height;
    struct hash id;
    struct error err;
    file_join(other, sizeof other, f.folder, "other");
    f.genesis.validator[0].voting = *key_public_of(f.key[CAROL]);
    assert_true(ledger_create(other, &f.genesis, NULL));
    struct ledger *l = ledger_open(other, true, NULL);
    assert_non_null(l);
    assert_false(ledger_seal(l, f.key[VAL], START_US + 5, &height, &id, &err));
    assert_non_null(strstr(err.text, "no voting key"));
    assert_true(ledger_seal(l, f.key[CAROL], START_US + 5, &height, &id, NULL));
    ledger_close(l);
    l = ledger_open(other, false, NULL);
    assert_true(hash_equal(ledger_head(l), id));
    ledger_close(l);
}

/* A chain of the first format is refused with what to do, with and without its record. */
static void test_first_format(void **state)
{
    (void)state;
    static const char *const name[] = {"blocks.len", "blocks.msc"};
    for (int i = 0; i < 2; i++) {
        char path[FILE_PATH_MAX];
        struct bytes b = {0};
        struct error err;
        file_join(path, sizeof path, f.chain, name[i]);
        assert_true(file_read(path, 1 << 20, &b, NULL));
        b.data[4] = 1;
        assert_true(file_write(path, b.data, b.n, 0644, NULL));
        assert_null(ledger_open(f.chain, false, &err));
        assert_int_equal(err.kind, ERROR_CHAIN);
        assert_non_null(strstr(err.text, "first format"));
        assert_non_null(strstr(err.text, "chain init"));
        file_join(path, sizeof path, f.chain, name[0]);
        assert_int_equal(unlink(path) == 0, i == 0);
        bytes_free(&b);
    }
}

static void test_bad_pool_files(void **state)
{
    (void)state;
    char path[FILE_PATH_MAX], hex[HASH_HEX], inside[FILE_PATH_MAX];
    struct ledger *l = open_chain(true);
    struct tx tx = fixture_transfer(&f, ALICE, BOB, 5);
    struct hash id = submit(l, &tx);
    ledger_close(l);
    file_join(inside, sizeof inside, f.chain, "pool");
    hash_hex(id, hex);
    file_join(path, sizeof path, inside, hex);
    struct bytes good = {0};
    assert_true(file_read(path, 4096, &good, NULL));
    for (size_t at = 0; at < good.n; at++) {
        bool order = at >= 8 && at < 16; /* not covered: a place in line, nothing else */
        good.data[at] ^= 0x40;
        assert_true(file_write(path, good.data, good.n, 0644, NULL));
        good.data[at] ^= 0x40;
        l = open_chain(false);
        const struct tx *pool;
        assert_int_equal(ledger_pool(l, &pool), order);
        assert_int_equal(ledger_pool_refused(l), !order);
        ledger_close(l);
    }
    assert_true(file_write(path, good.data, good.n - 1, 0644, NULL));
    l = open_chain(true);
    assert_int_equal(ledger_pool_refused(l), 1);
    seal(l);
    ledger_close(l);
    assert_true(file_exists(path)); /* refused, not destroyed */
    bytes_free(&good);
}

static void test_lock(void **state)
{
    (void)state;
    struct ledger *l = open_chain(true);
    pid_t child = fork();
    if (child == 0) {
        struct error err = {0};
        struct ledger *other = ledger_open(f.chain, true, &err);
        struct ledger *reader = ledger_open(f.chain, false, NULL);
        bool good = !other && err.kind == ERROR_FAILED && reader;
        ledger_close(reader);
        ledger_close(l); /* closing a copied descriptor does not unlock it for the parent */
        _exit(good ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ledger_close(l);
    ledger_close(open_chain(true));
}

static void test_objects(void **state)
{
    (void)state;
    struct hash id;
    struct bytes b = {0};
    struct error err;
    char hex[HASH_HEX], inside[FILE_PATH_MAX], path[FILE_PATH_MAX];
    assert_true(ledger_object_put(f.chain, "evidence", 8, &id, NULL));
    assert_true(hash_equal(id, hash_of("evidence", 8)));
    assert_true(ledger_object_put(f.chain, "evidence", 8, &id, NULL));
    assert_true(ledger_object_get(f.chain, id, &b, NULL));
    assert_int_equal(b.n, 8);
    assert_memory_equal(b.data, "evidence", 8);
    hash_hex(id, hex);
    file_join(inside, sizeof inside, f.chain, "objects");
    file_join(path, sizeof path, inside, hex);
    assert_true(file_write(path, "evidencf", 8, 0644, NULL));
    assert_false(ledger_object_get(f.chain, id, &b, &err));
    assert_int_equal(err.kind, ERROR_CHAIN);
    assert_true(ledger_object_put(f.chain, "evidence", 8, &id, NULL)); /* mends it */
    assert_true(ledger_object_get(f.chain, id, &b, NULL));
    assert_true(ledger_object_put(f.chain, NULL, 0, &id, NULL));
    assert_true(ledger_object_get(f.chain, id, &b, NULL));
    assert_int_equal(b.n, 0);
    assert_false(ledger_object_get(f.chain, hash_of_text("none"), &b, &err));
    assert_int_equal(err.kind, ERROR_IO);
    bytes_free(&b);
}

/* --- what an interrupted append leaves ------------------------------------------------------------------------- */

static char blocks[200], length[200];
static struct bytes before, after, recorded;

static void write_blocks(const void *data, size_t n)
{
    FILE *out = fopen(blocks, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(data, 1, n, out), n);
    assert_int_equal(fclose(out), 0);
}

/* One block, then a second one that blocks.len does not know of. */
static void prepare_tail(void)
{
    struct ledger *l = open_chain(true);
    struct tx tx = fixture_transfer(&f, ALICE, BOB, 5);
    memset(&before, 0, sizeof before);
    memset(&after, 0, sizeof after);
    memset(&recorded, 0, sizeof recorded);
    file_join(blocks, sizeof blocks, f.chain, "blocks.msc");
    file_join(length, sizeof length, f.chain, "blocks.len");
    submit(l, &tx);
    seal(l);
    assert_true(file_read(blocks, 1 << 20, &before, NULL));
    assert_true(file_read(length, 1 << 20, &recorded, NULL));
    tx = fixture_transfer(&f, ALICE, BOB, 6);
    submit(l, &tx);
    seal(l);
    ledger_close(l);
    assert_true(file_read(blocks, 1 << 20, &after, NULL));
    assert_true(file_write(length, recorded.data, recorded.n, 0644, NULL));
}

static void free_tail(void)
{
    bytes_free(&before);
    bytes_free(&after);
    bytes_free(&recorded);
}

static void remove_saved(void)
{
    char path[200], name[64];
    for (int i = 1; i < 5; i++) {
        snprintf(name, sizeof name, "blocks.torn-%zu-%d", before.n, i);
        file_join(path, sizeof path, f.chain, name);
        unlink(path);
    }
}

/* The file `all` (which starts with `before`) is opened by a reader and by a writer, who cuts it. */
static void expect_cut(const struct bytes *all)
{
    struct bytes now = {0};
    char path[200], name[64];
    write_blocks(all->data, all->n);
    struct ledger *l = open_chain(false);
    assert_int_equal(ledger_height(l), 1);
    ledger_close(l);
    assert_int_equal(file_size(blocks), all->n);
    l = open_chain(true);
    assert_int_equal(ledger_height(l), 1);
    ledger_close(l);
    assert_true(file_read(blocks, 1 << 20, &now, NULL));
    assert_int_equal(now.n, before.n);
    assert_memory_equal(now.data, before.data, before.n);
    snprintf(name, sizeof name, "blocks.torn-%zu-1", before.n);
    file_join(path, sizeof path, f.chain, name);
    assert_true(file_read(path, 1 << 20, &now, NULL));
    assert_int_equal(now.n, all->n - before.n);
    assert_memory_equal(now.data, all->data + before.n, now.n);
    bytes_free(&now);
    remove_saved();
}

static void test_torn_tail(void **state)
{
    (void)state;
    prepare_tail();
    struct bytes all = {0};
    /* Every torn length near both ends; each costs some syncs. Verification tries them all. */
    for (size_t n = before.n + 1; n < after.n; n += n < before.n + 30 || n + 10 > after.n ? 1 : 13) {
        bytes_clear(&all);
        bytes_put(&all, after.data, n);
        expect_cut(&all);
    }
    struct random r = random_start(5, RANDOM_TEST, 0, 0);
    for (int i = 0; i < 30; i++) { /* blocks of the disk that came as zeros or as rubbish */
        bytes_clear(&all);
        bytes_put(&all, after.data, after.n);
        uint32_t tail = (uint32_t)(after.n - before.n), from = random_below(&r, tail);
        uint32_t n = 1 + random_below(&r, tail - from);
        for (uint32_t k = 0; k < n; k++)
            all.data[before.n + from + k] = i % 2 ? (uint8_t)random_below(&r, 256) : 0;
        if (memcmp(all.data, after.data, after.n) != 0)
            expect_cut(&all);
    }
    bytes_free(&all);
    free_tail();
}

static void test_unrecorded_block(void **state)
{
    (void)state;
    prepare_tail();
    struct bytes now = {0};
    write_blocks(after.data, after.n);
    struct ledger *l = open_chain(true);
    assert_int_equal(ledger_height(l), 2);
    ledger_close(l);
    assert_true(file_read(length, 4096, &now, NULL));
    assert_memory_not_equal(now.data, recorded.data, recorded.n); /* recorded now */
    write_blocks(after.data, after.n - 1);
    assert_null(ledger_open(f.chain, true, NULL));
    bytes_free(&now);
    free_tail();
}

/* A bad frame before a good one is damage, not an interrupted append; nothing is cut. */
static void test_good_behind_bad(void **state)
{
    (void)state;
    prepare_tail();
    struct bytes all = {0};
    struct error err;
    bytes_put(&all, before.data, before.n);
    bytes_put(&all, after.data + before.n, after.n - before.n - 1);
    bytes_put(&all, after.data + before.n, after.n - before.n);
    write_blocks(all.data, all.n);
    assert_null(ledger_open(f.chain, true, &err));
    assert_int_equal(err.kind, ERROR_CHAIN);
    char offset[32];
    snprintf(offset, sizeof offset, "block 2 at byte %zu", before.n);
    assert_non_null(strstr(err.text, offset));
    assert_non_null(strstr(err.text, "further on"));
    assert_int_equal(file_size(blocks), all.n);
    bytes_free(&all);
    free_tail();
}

static void test_without_record(void **state)
{
    (void)state;
    prepare_tail();
    struct error err;
    assert_int_equal(unlink(length), 0);
    write_blocks(after.data, after.n - 1);
    assert_null(ledger_open(f.chain, true, &err));
    assert_non_null(strstr(err.text, "blocks.len"));
    write_blocks(after.data, after.n);
    struct ledger *l = open_chain(true);
    assert_int_equal(ledger_height(l), 2);
    ledger_close(l);
    assert_true(file_exists(length));
    /* A damaged record is found, whatever bit it is. */
    struct bytes b = {0};
    assert_true(file_read(length, 4096, &b, NULL));
    for (size_t bit = 0; bit < 8 * b.n; bit++) {
        b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_true(file_write(length, b.data, b.n, 0644, NULL));
        assert_null(ledger_open(f.chain, false, NULL));
        b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    bytes_free(&b);
    free_tail();
}

/* A writer stopped between its block and the removal of the pool's files. */
static void test_sealed_pool_file(void **state)
{
    (void)state;
    char inside[FILE_PATH_MAX], path[FILE_PATH_MAX], saved[FILE_PATH_MAX], hex[HASH_HEX];
    struct ledger *l = open_chain(true);
    struct tx tx = fixture_transfer(&f, ALICE, BOB, 5);
    hash_hex(submit(l, &tx), hex);
    file_join(inside, sizeof inside, f.chain, "pool");
    file_join(path, sizeof path, inside, hex);
    file_join(saved, sizeof saved, f.folder, "saved");
    fixture_copy_file(path, saved);
    seal(l);
    ledger_close(l);
    fixture_copy_file(saved, path);
    const struct tx *pool;
    l = open_chain(false);
    assert_int_equal(ledger_pool(l, &pool), 0);
    assert_int_equal(ledger_pool_refused(l), 0);
    ledger_close(l);
    assert_true(file_exists(path));
    ledger_close(open_chain(true));
    assert_false(file_exists(path));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_create),         TEST(test_submit_and_seal),  TEST(test_pool_order), TEST(test_voting_key), TEST(test_first_format),     TEST(test_bad_pool_files),
        TEST(test_lock),           TEST(test_objects),          TEST(test_torn_tail),       TEST(test_unrecorded_block),
        TEST(test_good_behind_bad), TEST(test_without_record),  TEST(test_sealed_pool_file)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
