#include "store/measures.h"

#include "base/clock.h"
#include "store/sql.h"

#define MEASURES_KEPT 500

char *measures_get(struct workspace *w, struct hash arch)
{
    sqlite3_stmt *s = sql_query(w, NULL, "SELECT result FROM measure WHERE arch=?", "h", &arch);
    char *result = s && sql_next(s) ? sql_text_copy(s, 0) : NULL;
    sqlite3_finalize(s);
    return result;
}

void measures_put(struct workspace *w, struct hash arch, const char *result)
{
    if (workspace_read_only(w))
        return;
    sql_run(w, NULL,
            "CREATE TABLE IF NOT EXISTS measure (arch TEXT PRIMARY KEY, result TEXT NOT NULL, taken_us INTEGER NOT NULL) "
            "WITHOUT ROWID",
            "");
    sql_run(w, NULL, "INSERT OR REPLACE INTO measure VALUES(?,?,?)", "hsi", &arch, result, clock_wall_us());
    sql_run(w, NULL, "DELETE FROM measure WHERE arch NOT IN (SELECT arch FROM measure ORDER BY taken_us DESC LIMIT ?)",
            "i", (int64_t)MEASURES_KEPT);
}
