#include "store/imports.h"

#include "base/clock.h"
#include "store/sql.h"

#include <string.h>

#define IMPORTS_KEPT 2000
#define IMPORT_BYTES_MOST (4 << 20)

char *imports_get(struct workspace *w, struct hash key)
{
    sqlite3_stmt *s = sql_query(w, NULL, "SELECT result FROM import WHERE key=?", "h", &key);
    char *result = s && sql_next(s) ? sql_text_copy(s, 0) : NULL;
    sqlite3_finalize(s);
    return result;
}

void imports_put(struct workspace *w, struct hash key, const char *result)
{
    if (workspace_read_only(w) || strlen(result) > IMPORT_BYTES_MOST)
        return;
    sql_run(w, NULL,
            "CREATE TABLE IF NOT EXISTS import (key TEXT PRIMARY KEY, result TEXT NOT NULL, used_us INTEGER NOT NULL) "
            "WITHOUT ROWID",
            "");
    sql_run(w, NULL, "INSERT OR REPLACE INTO import VALUES(?,?,?)", "hsi", &key, result, clock_wall_us());
    sql_run(w, NULL, "DELETE FROM import WHERE key NOT IN (SELECT key FROM import ORDER BY used_us DESC LIMIT ?)", "i",
            (int64_t)IMPORTS_KEPT);
}
