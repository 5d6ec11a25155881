#include "store/holdouts.h"

#include "base/clock.h"
#include "store/sql.h"

/* Workspaces of before have no such tables. */
static bool need_tables(struct workspace *w, struct error *err)
{
    return sql_run(w, err,
                   "CREATE TABLE IF NOT EXISTS holdout (task TEXT PRIMARY KEY, trial INTEGER NOT NULL, plan TEXT NOT NULL, "
                   "result TEXT NOT NULL, opened_us INTEGER NOT NULL, ended_us INTEGER NOT NULL) WITHOUT ROWID",
                   "") &&
           sql_run(w, err,
                   "CREATE TABLE IF NOT EXISTS holdout_part (task TEXT NOT NULL, name TEXT NOT NULL, part TEXT NOT NULL, "
                   "PRIMARY KEY (task, name)) WITHOUT ROWID",
                   "");
}

static bool have_tables(struct workspace *w)
{
    sqlite3_stmt *s = sql_query(w, NULL, "SELECT 1 FROM sqlite_master WHERE name='holdout_part'", "");
    bool found = s && sql_next(s);
    sqlite3_finalize(s);
    return found;
}

bool holdouts_get(struct workspace *w, struct hash task, struct holdout_row *out, struct error *err)
{
    *out = (struct holdout_row){.task = task};
    if (!have_tables(w))
        return false;
    sqlite3_stmt *s =
        sql_query(w, err, "SELECT trial, plan, result, opened_us, ended_us FROM holdout WHERE task=?", "h", &task);
    bool found = s && sql_next(s);
    if (found) {
        out->trial = sqlite3_column_int64(s, 0);
        out->plan = sql_text_copy(s, 1);
        out->result = sql_text_copy(s, 2);
        out->opened_us = sqlite3_column_int64(s, 3);
        out->ended_us = sqlite3_column_int64(s, 4);
    }
    if (s && sql_end(w, s, err))
        return found;
    holdouts_free(out);
    return false;
}

void holdouts_free(struct holdout_row *h)
{
    free(h->plan);
    free(h->result);
    h->plan = h->result = NULL;
}

bool holdouts_begin(struct workspace *w, struct hash task, int64_t trial, const char *plan, struct error *err)
{
    return need_tables(w, err) &&
           sql_run(w, err, "INSERT INTO holdout (task, trial, plan, result, opened_us, ended_us) VALUES(?,?,?,'',?,0)",
                   "hisi", &task, trial, plan, clock_wall_us());
}

bool holdouts_end(struct workspace *w, struct hash task, const char *result, struct error *err)
{
    return sql_run(w, err, "UPDATE holdout SET result=?, ended_us=? WHERE task=?", "sih", result, clock_wall_us(), &task);
}

bool holdouts_part_put(struct workspace *w, struct hash task, const char *name, const char *part, struct error *err)
{
    return sql_run(w, err, "INSERT OR REPLACE INTO holdout_part VALUES(?,?,?)", "hss", &task, name, part);
}

char *holdouts_part(struct workspace *w, struct hash task, const char *name)
{
    sqlite3_stmt *s = sql_query(w, NULL, "SELECT part FROM holdout_part WHERE task=? AND name=?", "hs", &task, name);
    char *part = s && sql_next(s) ? sql_text_copy(s, 0) : NULL;
    sqlite3_finalize(s);
    return part;
}
