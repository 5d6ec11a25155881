#include "tests/unit/index_fixture.h"

#include "test_support.h"

#include "base/file.h"
#include "chain/state_save.h"
#include "store/chain_index.h"

#include <sqlite3.h>

struct fixture f;
char blocks[200], index_path[200];
int64_t now_us;

struct ledger *open_indexed(bool writable)
{
    struct error err = {0};
    struct ledger *l = chain_index_open(f.chain, writable, true, &err);
    if (!l)
        fail_msg("%s", err.text);
    return l;
}

struct hash seal(struct ledger *l)
{
    uint64_t height;
    struct hash id;
    struct error err = {0};
    now_us += 1000000;
    if (!ledger_seal(l, f.key[VAL], now_us, &height, &id, &err))
        fail_msg("%s", err.text);
    return id;
}

struct hash submit(struct ledger *l, struct tx tx)
{
    struct hash id;
    struct error err = {0};
    if (!ledger_submit(l, &tx, &id, &err))
        fail_msg("%s", err.text);
    return id;
}

void live(struct ledger *l, unsigned from, unsigned to)
{
    struct hash task = submit(l, fixture_task(&f, ALICE, 5000));
    seal(l);
    for (unsigned arch = from; arch < to; arch++) {
        struct fixture_claim c = fixture_claim(arch, 600 + arch);
        struct hash p = submit(l, fixture_announce(&f, BOB, task, &c));
        submit(l, fixture_transfer(&f, ALICE, CAROL, 50 + arch));
        seal(l);
        submit(l, fixture_propose(&f, BOB, p, &c));
        seal(l);
        if (arch % 3 == 0)
            continue; /* stays claimed until it expires */
        submit(l, fixture_commit(&f, VAL, p, &c.finding));
        seal(l);
        submit(l, fixture_open(&f, BOB, p, &c));
        submit(l, fixture_reveal(&f, VAL, p, &c.finding));
        seal(l);
        submit(l, fixture_decide(&f, ALICE, arch % 2, p, &c));
        seal(l);
    }
    submit(l, fixture_holdout(&f, ALICE, task));
    struct tx tx = fixture_tx(&f, VAL, TX_UNSTAKE);
    tx.stake.amount = 7;
    fixture_sign(&f, VAL, &tx);
    submit(l, tx);
    seal(l);
}

void make_chain(void)
{
    assert_true(ledger_create(f.chain, &f.genesis, NULL));
    struct ledger *l = open_indexed(true);
    live(l, 1, 8);
    ledger_close(l);
}

void same_state(const struct state *a, const struct state *b)
{
    struct bytes x = {0}, y = {0};
    state_save(a, &x);
    state_save(b, &y);
    assert_int_equal(x.n, y.n);
    assert_memory_equal(x.data, y.data, x.n);
    bytes_free(&x);
    bytes_free(&y);
}

int64_t number(const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *s;
    assert_int_equal(sqlite3_open_v2(index_path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    sqlite3_close(db);
    return n;
}

void change(const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(index_path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

void same_ledger(struct ledger *a)
{
    struct error err = {0};
    struct ledger *b = ledger_open(f.chain, false, &err);
    if (!b)
        fail_msg("%s", err.text);
    assert_int_equal(ledger_height(a), ledger_height(b));
    assert_true(hash_equal(ledger_head(a), ledger_head(b)) && hash_equal(ledger_id(a), ledger_id(b)));
    same_state(ledger_state(a), ledger_state(b));
    for (uint64_t h = 0; h <= ledger_height(a); h++) {
        struct ledger_block x, y;
        assert_true(ledger_block(a, h, &x) && ledger_block(b, h, &y));
        assert_true(hash_equal(x.id, y.id) && x.offset == y.offset && x.bytes == y.bytes && x.time_us == y.time_us);
        assert_int_equal(x.transactions, y.transactions);
        for (int i = 0; i < x.transactions; i++) {
            struct tx tx;
            uint64_t height;
            int at;
            assert_true(ledger_block_tx(a, h, i, &tx, &err));
            assert_true(ledger_find_tx(a, tx_id(&tx), &height, &at, &err));
            assert_true(height == h && at == i);
            assert_true(ledger_find_tx(b, tx_id(&tx), &height, &at, &err));
            assert_true(height == h && at == i);
        }
    }
    uint64_t height;
    int at;
    assert_false(ledger_find_tx(a, hash_of_text("no such"), &height, &at, &err));
    assert_int_equal(err.kind, ERROR_CHAIN);
    ledger_close(b);
}

void check_indexed(void)
{
    struct ledger *l = open_indexed(false);
    same_ledger(l);
    ledger_close(l);
}

int start(void **state)
{
    (void)state;
    fixture_start(&f);
    now_us = START_US;
    file_join(blocks, sizeof blocks, f.chain, "blocks.msc");
    file_join(index_path, sizeof index_path, f.chain, "index.db");
    return 0;
}

int end(void **state)
{
    (void)state;
    fixture_end(&f);
    return 0;
}
