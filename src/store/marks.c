#include "store/marks.h"

#include "base/clock.h"
#include "base/memory.h"
#include "store/sql.h"

#define TABLE                                                                                                          \
    "CREATE TABLE IF NOT EXISTS mark (arch TEXT NOT NULL, mark TEXT NOT NULL, set_us INTEGER NOT NULL, "               \
    "PRIMARY KEY (arch, mark)) WITHOUT ROWID"

static bool has_table(struct workspace *w)
{
    sqlite3_stmt *s = sql_query(w, NULL, "SELECT 1 FROM sqlite_schema WHERE type='table' AND name='mark'", "");
    bool found = s != NULL && sql_next(s);
    sqlite3_finalize(s);
    return found;
}

bool marks_set(struct workspace *w, struct hash arch, const char *mark, bool on, struct error *err)
{
    if (!on)
        return !has_table(w) || sql_run(w, err, "DELETE FROM mark WHERE arch=? AND mark=?", "hs", &arch, mark);
    return sql_run(w, err, TABLE, "") && sql_run(w, err, "INSERT INTO mark VALUES(?,?,?) ON CONFLICT DO NOTHING", "hsi",
                                                 &arch, mark, clock_wall_us());
}

bool marks_has(struct workspace *w, struct hash arch, const char *mark)
{
    sqlite3_stmt *s =
        has_table(w) ? sql_query(w, NULL, "SELECT 1 FROM mark WHERE arch=? AND mark=?", "hs", &arch, mark) : NULL;
    bool found = s != NULL && sql_next(s);
    sqlite3_finalize(s);
    return found;
}

int marks_list(struct workspace *w, const char *mark, struct hash **out, struct error *err)
{
    size_t n = 0, capacity = 0;
    *out = NULL;
    if (!has_table(w))
        return 0;
    sqlite3_stmt *s = sql_query(w, err, "SELECT arch FROM mark WHERE mark=? ORDER BY set_us, arch", "s", mark);
    if (s == NULL)
        return -1;
    while (sql_next(s)) {
        *out = memory_grow(*out, &capacity, n + 1, sizeof **out);
        (*out)[n++] = sql_hash(s, 0);
    }
    if (sql_end(w, s, err))
        return (int)n;
    free(*out);
    *out = NULL;
    return -1;
}
