#include "store/migrate.h"

#define OLDEST 2

int64_t migrate_number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s = NULL;
    int64_t v = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
        v = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return v;
}

static int64_t version_of(sqlite3 *db)
{
    return migrate_number(db, "PRAGMA user_version");
}

/* To version n + OLDEST + 1, and what shows a database of the version before as one of that: temporary views, which
 * hide the tables of the same names and are this connection's alone. */
struct migration {
    const char *tables, *view;
};

static const struct migration migration[] = {
    {"ALTER TABLE trial ADD COLUMN strategy TEXT NOT NULL DEFAULT '';"
     "ALTER TABLE trial ADD COLUMN fidelity REAL NOT NULL DEFAULT 1;"
     "ALTER TABLE trial ADD COLUMN latency_us REAL;"
     "CREATE INDEX trial_brief ON trial"
     " (task, state, attempts, score, fidelity, pinned, seconds, created_us, strategy, latency_us);"
     "PRAGMA user_version=3",
     "CREATE TEMP VIEW trial AS SELECT *, '' AS strategy, 1.0 AS fidelity, NULL AS latency_us FROM main.trial"},
};
_Static_assert(sizeof migration / sizeof migration[0] == MIGRATE_VERSION - OLDEST, "one migration a version");

static bool run(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* The version is asked for again behind the lock: somebody else may have been first. */
static bool bring_up(sqlite3 *db, const char *folder, struct error *err)
{
    bool ok = run(db, "BEGIN IMMEDIATE");
    for (int64_t v = ok ? version_of(db) : MIGRATE_VERSION; ok && v < MIGRATE_VERSION; v++)
        ok = v >= OLDEST && run(db, migration[v - OLDEST].tables);
    if (ok && run(db, "COMMIT"))
        return true;
    error_set(err, ERROR_IO, "%s: its tables, of an older version, cannot be brought up to this one: %s", folder,
              sqlite3_errmsg(db));
    run(db, "ROLLBACK");
    return false;
}

static bool show(sqlite3 *db, int64_t version, struct error *err)
{
    for (int64_t v = version; v < MIGRATE_VERSION; v++)
        if (!run(db, migration[v - OLDEST].view))
            return error_set(err, ERROR_IO, "cannot read the tables of an older version: %s", sqlite3_errmsg(db));
    return true;
}

bool migrate_tables(sqlite3 *db, const char *folder, bool read_only, struct error *err)
{
    int64_t version = version_of(db);
    if (version == MIGRATE_VERSION)
        return true;
    if (version < OLDEST || version > MIGRATE_VERSION)
        return error_set(err, ERROR_FAILED, "%s was made by %s version (tables %lld, this program's are %d)", folder,
                         version > MIGRATE_VERSION ? "a later" : "too old a", (long long)version, MIGRATE_VERSION);
    return read_only ? run(db, "PRAGMA temp_store=MEMORY") && show(db, version, err) : bring_up(db, folder, err);
}
