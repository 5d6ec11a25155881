#include "store/chain_index.h"

#include "base/log.h"
#include "base/memory.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#define INDEX_FILE "index.db"
#define INDEX_VERSION 1
#define INDEX_WAIT_MS 2000
#define INDEX_STEP 50000 /* a few seconds of going through a file */
#define STATE_MOST ((size_t)1 << 30)

struct chain_index {
    struct ledger_index functions;
    char path[FILE_PATH_MAX];
    sqlite3 *db; /* NULL: it is done without */
    bool read_only, telling;
    sqlite3_stmt *put_tx, *put_block; /* prepared while telling */
};

static const char schema[] = "CREATE TABLE about(version INTEGER NOT NULL, chain BLOB, device INTEGER, inode INTEGER,"
                             " size INTEGER, modified INTEGER, changed INTEGER);"
                             "CREATE TABLE block(height INTEGER PRIMARY KEY, offset INTEGER NOT NULL, bytes INTEGER NOT NULL,"
                             " id BLOB NOT NULL, time INTEGER NOT NULL, proposer BLOB NOT NULL, transactions INTEGER NOT NULL);"
                             "CREATE TABLE tx(id INTEGER NOT NULL, height INTEGER NOT NULL, position INTEGER NOT NULL,"
                             " kind INTEGER NOT NULL, sender INTEGER NOT NULL, proposal INTEGER NOT NULL);"
                             "CREATE TABLE state(height INTEGER PRIMARY KEY, offset INTEGER NOT NULL, end INTEGER NOT NULL,"
                             " time INTEGER NOT NULL, id BLOB NOT NULL, frame BLOB NOT NULL, data BLOB NOT NULL,"
                             " hash BLOB NOT NULL);";
static const char orders[] = "CREATE INDEX IF NOT EXISTS tx_id ON tx(id);"
                             "CREATE INDEX IF NOT EXISTS tx_sender ON tx(sender, height);"
                             "CREATE INDEX IF NOT EXISTS tx_height ON tx(height);"
                             "CREATE INDEX IF NOT EXISTS tx_proposal ON tx(proposal, height) WHERE proposal != 0;";
static const char no_orders[] = "DROP INDEX IF EXISTS tx_id; DROP INDEX IF EXISTS tx_sender;"
                                "DROP INDEX IF EXISTS tx_height; DROP INDEX IF EXISTS tx_proposal;";

/* --- statements --------------------------------------------------------------------------------------------------- */

/* The first eight bytes of an id: enough to look for it. */
static sqlite3_int64 short_of(const uint8_t *id)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v = v << 8 | id[i];
    sqlite3_int64 out;
    memcpy(&out, &v, sizeof out);
    return out;
}

static bool run(struct chain_index *x, const char *sql)
{
    return sqlite3_exec(x->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static sqlite3_stmt *prepare(struct chain_index *x, const char *sql)
{
    sqlite3_stmt *s = NULL;
    return x->db && sqlite3_prepare_v2(x->db, sql, -1, &s, NULL) == SQLITE_OK ? s : NULL;
}

static bool done(sqlite3_stmt *s)
{
    bool good = s && sqlite3_step(s) == SQLITE_DONE;
    sqlite3_finalize(s);
    return good;
}

static bool again(sqlite3_stmt *s)
{
    bool good = sqlite3_step(s) == SQLITE_DONE;
    return sqlite3_reset(s) == SQLITE_OK && good;
}

static void bind_hash(sqlite3_stmt *s, int at, const uint8_t *byte, size_t n)
{
    sqlite3_bind_blob(s, at, byte, (int)n, SQLITE_TRANSIENT);
}

static bool column_hash(sqlite3_stmt *s, int column, struct hash *out)
{
    const void *data = sqlite3_column_blob(s, column);
    if (!data || sqlite3_column_bytes(s, column) != HASH_BYTES)
        return false;
    memcpy(out->byte, data, HASH_BYTES);
    return true;
}

static uint64_t column_u64(sqlite3_stmt *s, int column)
{
    return (uint64_t)sqlite3_column_int64(s, column);
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static bool about_fits(struct chain_index *x, struct hash chain, const struct file_stamp *stamp)
{
    struct hash known;
    sqlite3_stmt *s = prepare(x, "SELECT chain, device, inode, size, modified, changed FROM about");
    bool good = s && sqlite3_step(s) == SQLITE_ROW && column_hash(s, 0, &known) && hash_equal(known, chain) &&
                column_u64(s, 1) == stamp->device && column_u64(s, 2) == stamp->inode &&
                sqlite3_column_int64(s, 3) == stamp->size && sqlite3_column_int64(s, 4) == stamp->modified_ns &&
                sqlite3_column_int64(s, 5) == stamp->changed_ns;
    sqlite3_finalize(s);
    return good;
}

static bool read_state(sqlite3_stmt *s, struct ledger_mark *mark, struct bytes *state)
{
    struct hash sum;
    *mark = (struct ledger_mark){.height = column_u64(s, 0), .offset = column_u64(s, 1), .end = column_u64(s, 2),
                                 .time_us = sqlite3_column_int64(s, 3)};
    const void *data = sqlite3_column_blob(s, 6);
    int n = sqlite3_column_bytes(s, 6);
    bool good = column_hash(s, 4, &mark->id) && column_hash(s, 5, &mark->frame) && column_hash(s, 7, &sum) && data && n > 0;
    if (!good || (size_t)n > STATE_MOST || !hash_equal(hash_of(data, (size_t)n), sum))
        return false;
    bytes_clear(state);
    bytes_put(state, data, (size_t)n);
    return true;
}

static bool newest(void *context, struct hash chain, const struct file_stamp *stamp, struct ledger_mark *mark,
                   struct bytes *state)
{
    struct chain_index *x = context;
    if (!x->db || !about_fits(x, chain, stamp))
        return false;
    sqlite3_stmt *s = prepare(x, "SELECT height, offset, end, time, id, frame, data, hash FROM state"
                                 " ORDER BY height DESC LIMIT 1");
    bool good = s && sqlite3_step(s) == SQLITE_ROW && read_state(s, mark, state);
    sqlite3_finalize(s);
    return good;
}

static bool offset_of(void *context, uint64_t height, uint64_t *offset)
{
    sqlite3_stmt *s = prepare(context, "SELECT offset FROM block WHERE height = ?");
    if (!s)
        return false;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)height);
    bool good = sqlite3_step(s) == SQLITE_ROW;
    if (good)
        *offset = column_u64(s, 0);
    sqlite3_finalize(s);
    return good;
}

static int find(void *context, struct hash id, struct ledger_place *out, int most)
{
    int n = 0;
    sqlite3_stmt *s = prepare(context, "SELECT height, position FROM tx WHERE id = ?");
    if (!s)
        return 0;
    sqlite3_bind_int64(s, 1, short_of(id.byte));
    while (n < most && sqlite3_step(s) == SQLITE_ROW)
        out[n++] = (struct ledger_place){column_u64(s, 0), (uint32_t)sqlite3_column_int64(s, 1)};
    sqlite3_finalize(s);
    return n;
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

/* Is it one of ours? A database that is damaged further inside fails when that is read: it is then done without. */
static bool version_fits(struct chain_index *x)
{
    sqlite3_stmt *s = prepare(x, "SELECT version, (SELECT count(*) FROM about) FROM about");
    bool good = s && sqlite3_step(s) == SQLITE_ROW && sqlite3_column_int(s, 0) == INDEX_VERSION &&
                sqlite3_column_int(s, 1) == 1;
    sqlite3_finalize(s);
    return good;
}

static void close_database(struct chain_index *x)
{
    sqlite3_close(x->db);
    x->db = NULL;
}

/* Opening a FIFO or a device in the place of the file could wait. */
static bool plain_or_none(const char *path)
{
    struct error err;
    struct bytes none = {0};
    error_clear(&err);
    bool good = !file_exists(path) || file_read(path, 0, &none, &err) || err.kind == ERROR_LIMIT;
    bytes_free(&none);
    return good;
}

static bool open_database(struct chain_index *x)
{
    int flags = x->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    if (!plain_or_none(x->path) ||
        sqlite3_open_v2(x->path, &x->db, flags | SQLITE_OPEN_PRIVATECACHE, NULL) != SQLITE_OK) {
        close_database(x);
        return false;
    }
    sqlite3_busy_timeout(x->db, INDEX_WAIT_MS);
    sqlite3_db_config(x->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    run(x, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;");
    return true;
}

static bool make_schema(struct chain_index *x)
{
    char about[100];
    snprintf(about, sizeof about, "INSERT INTO about(version) VALUES(%d); COMMIT", INDEX_VERSION);
    return run(x, "BEGIN IMMEDIATE") && run(x, schema) && run(x, about);
}

static void remove_files(struct chain_index *x)
{
    static const char *const end[] = {"", "-journal", "-wal", "-shm"};
    char path[FILE_PATH_MAX + 16];
    close_database(x);
    for (size_t i = 0; i < ARRAY_N(end); i++) {
        snprintf(path, sizeof path, "%s%s", x->path, end[i]);
        file_remove_unsynced(path, NULL);
    }
}

static void make_anew(struct chain_index *x)
{
    log_write(LOG_WARNING, "chain: %s is damaged or of another version, and is made anew", x->path);
    remove_files(x);
    if (!open_database(x) || !make_schema(x))
        close_database(x);
}

static bool is_damaged(const struct chain_index *x)
{
    int code = x->db ? sqlite3_errcode(x->db) : SQLITE_OK;
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

static void open_or_make(struct chain_index *x)
{
    if (open_database(x) && version_fits(x))
        return;
    if (x->db && sqlite3_errcode(x->db) == SQLITE_BUSY) { /* somebody is making it */
        close_database(x);
        return;
    }
    close_database(x);
    if (!x->read_only)
        make_anew(x);
}

/* --- telling ------------------------------------------------------------------------------------------------------ */

static void cancel(void *context)
{
    struct chain_index *x = context;
    sqlite3_finalize(x->put_tx);
    sqlite3_finalize(x->put_block);
    x->put_tx = x->put_block = NULL;
    bool damaged = is_damaged(x);
    if (x->telling)
        run(x, "ROLLBACK");
    x->telling = false;
    if (damaged)
        make_anew(x);
}

static bool forget_from(struct chain_index *x, uint64_t height)
{
    static const char *const sql[] = {"DELETE FROM tx WHERE height >= ?", "DELETE FROM block WHERE height >= ?",
                                      "DELETE FROM state WHERE height >= ?"};
    for (size_t i = 0; i < ARRAY_N(sql); i++) {
        sqlite3_stmt *s = prepare(x, sql[i]);
        if (s)
            sqlite3_bind_int64(s, 1, (sqlite3_int64)height);
        if (!done(s))
            return false;
    }
    return true;
}

static bool put_chain(struct chain_index *x, struct hash chain)
{
    sqlite3_stmt *s = prepare(x, "UPDATE about SET chain = ?, size = NULL");
    if (s)
        bind_hash(s, 1, chain.byte, sizeof chain.byte);
    return done(s);
}

static bool begin(void *context, struct hash chain, uint64_t height)
{
    struct chain_index *x = context;
    if (!x->db || x->read_only || x->telling || !run(x, "BEGIN IMMEDIATE"))
        return false;
    x->telling = true;
    bool good = height > 0 ? forget_from(x, height)
                           : run(x, no_orders) && run(x, "DELETE FROM tx; DELETE FROM block; DELETE FROM state;");
    x->put_tx = prepare(x, "INSERT INTO tx VALUES(?, ?, ?, ?, ?, ?)");
    x->put_block = prepare(x, "INSERT INTO block VALUES(?, ?, ?, ?, ?, ?, ?)");
    if (good && x->put_tx && x->put_block && put_chain(x, chain))
        return true;
    bool damaged = is_damaged(x);
    cancel(x);
    return damaged && height == 0 && x->db && !is_damaged(x) && begin(x, chain, 0); /* it is a new one now */
}

/* The proposal that a transaction is about; its own id if it announces one. */
static const uint8_t *proposal_of(const struct tx *tx, const struct hash *id)
{
    switch (tx->type) {
    case TX_ANNOUNCE:
        return id->byte;
    case TX_PROPOSE:
        return tx->propose.proposal.byte;
    case TX_COMMIT:
        return tx->commit.proposal.byte;
    case TX_REVEAL:
        return tx->reveal.proposal.byte;
    case TX_OPEN:
        return tx->open.proposal.byte;
    case TX_APPROVE:
    case TX_REJECT:
        return tx->decide.proposal.byte;
    default:
        return NULL;
    }
}

static bool put_tx(void *context, struct ledger_place place, struct hash id, const struct tx *tx)
{
    struct chain_index *x = context;
    const uint8_t *proposal = proposal_of(tx, &id);
    struct address sender = key_address(&tx->sender);
    sqlite3_bind_int64(x->put_tx, 1, short_of(id.byte));
    sqlite3_bind_int64(x->put_tx, 2, (sqlite3_int64)place.height);
    sqlite3_bind_int64(x->put_tx, 3, place.position);
    sqlite3_bind_int(x->put_tx, 4, (int)tx->type);
    sqlite3_bind_int64(x->put_tx, 5, short_of(sender.byte));
    sqlite3_bind_int64(x->put_tx, 6, proposal ? short_of(proposal) : 0);
    return again(x->put_tx);
}

static bool put_block(void *context, const struct ledger_block *b)
{
    struct chain_index *x = context;
    sqlite3_bind_int64(x->put_block, 1, (sqlite3_int64)b->height);
    sqlite3_bind_int64(x->put_block, 2, (sqlite3_int64)b->offset);
    sqlite3_bind_int64(x->put_block, 3, (sqlite3_int64)b->bytes);
    bind_hash(x->put_block, 4, b->id.byte, sizeof b->id.byte);
    sqlite3_bind_int64(x->put_block, 5, b->time_us);
    bind_hash(x->put_block, 6, b->proposer.byte, sizeof b->proposer.byte);
    sqlite3_bind_int(x->put_block, 7, b->transactions);
    return again(x->put_block);
}

static bool put_state(void *context, const struct ledger_mark *m, const struct bytes *state)
{
    struct chain_index *x = context;
    if (state->n > STATE_MOST)
        return true; /* the chain is opened from an older one, or from genesis */
    struct hash sum = hash_of(state->data, state->n);
    sqlite3_stmt *s = prepare(x, "INSERT OR REPLACE INTO state VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
    if (!s)
        return false;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)m->height);
    sqlite3_bind_int64(s, 2, (sqlite3_int64)m->offset);
    sqlite3_bind_int64(s, 3, (sqlite3_int64)m->end);
    sqlite3_bind_int64(s, 4, m->time_us);
    bind_hash(s, 5, m->id.byte, sizeof m->id.byte);
    bind_hash(s, 6, m->frame.byte, sizeof m->frame.byte);
    sqlite3_bind_blob64(s, 7, state->data, state->n, SQLITE_STATIC);
    bind_hash(s, 8, sum.byte, sizeof sum.byte);
    return done(s) && run(x, "DELETE FROM state WHERE height NOT IN (SELECT height FROM state ORDER BY height DESC LIMIT 2)");
}

static bool put_stamp(struct chain_index *x, const struct file_stamp *stamp)
{
    sqlite3_stmt *s = prepare(x, "UPDATE about SET device = ?, inode = ?, size = ?, modified = ?, changed = ?");
    if (s) {
        sqlite3_bind_int64(s, 1, (sqlite3_int64)stamp->device);
        sqlite3_bind_int64(s, 2, (sqlite3_int64)stamp->inode);
        sqlite3_bind_int64(s, 3, stamp->size);
        sqlite3_bind_int64(s, 4, stamp->modified_ns);
        sqlite3_bind_int64(s, 5, stamp->changed_ns);
    }
    return done(s);
}

/* Whoever else begins to tell between the two is let be: the ledger cancels, and does without. */
static bool keep_so_far(void *context, const struct file_stamp *stamp)
{
    struct chain_index *x = context;
    if (!put_stamp(x, stamp) || !run(x, "COMMIT"))
        return false;
    x->telling = run(x, "BEGIN IMMEDIATE");
    return x->telling;
}

static bool commit(void *context, const struct file_stamp *stamp)
{
    struct chain_index *x = context;
    if (!put_stamp(x, stamp) || !run(x, orders) || !run(x, "COMMIT"))
        return false; /* the ledger cancels */
    x->telling = false;
    cancel(x);
    return true;
}

static void close_index(void *context)
{
    struct chain_index *x = context;
    if (x->telling)
        cancel(x);
    sqlite3_close(x->db);
    free(x);
}

const struct ledger_index *chain_index_new(const char *folder, bool keep)
{
    struct chain_index *x = NEW(struct chain_index);
    x->functions = (struct ledger_index){.context = x, .newest = newest, .offset = offset_of, .find = find,
                                         .begin = begin, .put_tx = put_tx, .put_block = put_block,
                                         .put_state = put_state, .commit = commit, .keep = keep_so_far,
                                         .cancel = cancel, .close = close_index, .step = INDEX_STEP};
    file_join(x->path, sizeof x->path, folder, INDEX_FILE);
    x->read_only = !keep || access(folder, W_OK) != 0;
    if (file_is_folder(folder))
        open_or_make(x);
    return &x->functions;
}

struct ledger *chain_index_open(const char *folder, bool writable, bool keep, struct error *err)
{
    if (strlen(folder) + 128 > FILE_PATH_MAX)
        return ledger_open(folder, writable, err);
    return ledger_open_indexed(folder, writable, chain_index_new(folder, keep), err);
}
