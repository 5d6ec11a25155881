#include "store/series.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/sql.h"

#define COLUMNS                                                                                                        \
    "name, asset, path, frame, rows, columns, first_us, last_us, step_us, stamp, lag_us, lag_reason, report, added_us"

/* Workspaces that older programs made lack the table; then every opening hashes. */
static void keep_print(struct workspace *w, struct hash id, uint64_t print)
{
    if (workspace_read_only(w))
        return;
    sql_run(w, NULL, "CREATE TABLE IF NOT EXISTS frame (hash TEXT PRIMARY KEY, print INTEGER NOT NULL) WITHOUT ROWID",
            "");
    sql_run(w, NULL, "INSERT OR REPLACE INTO frame VALUES(?,?)", "hi", &id, (int64_t)print);
}

static bool known_print(struct workspace *w, struct hash id, uint64_t *print)
{
    sqlite3_stmt *s = sql_query(w, NULL, "SELECT print FROM frame WHERE hash=?", "h", &id);
    bool found = s && sql_next(s);
    if (found)
        *print = (uint64_t)sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return found;
}

bool series_put_frame(struct workspace *w, struct series_row *row, const struct frame *f, struct error *err)
{
    struct bytes bytes = {0};
    frame_encode(f, &bytes);
    bool ok = workspace_blob_put(w, "frames", bytes.data, bytes.n, &row->frame, err);
    if (!frame_print(bytes.data, bytes.n, &row->print))
        row->print = 0;
    bytes_free(&bytes);
    return ok;
}

bool series_put_row(struct workspace *w, const struct series_row *row, struct error *err)
{
    if (row->print)
        keep_print(w, row->frame, row->print);
    return sql_run(w, err, "INSERT OR REPLACE INTO series (" COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                   "ssshiiiiisissi", row->name, row->asset, row->path, &row->frame, row->rows, row->columns,
                   row->first_us, row->last_us, row->step_us, csv_stamp_name(row->stamp), row->lag_us, row->lag_reason,
                   row->report, row->added_us);
}

bool series_put(struct workspace *w, struct series_row *row, const struct frame *f, struct error *err)
{
    return series_put_frame(w, row, f, err) && series_put_row(w, row, err);
}

static void read_row(sqlite3_stmt *s, struct series_row *r)
{
    char stamp[16];
    sql_text(s, 0, r->name, sizeof r->name);
    sql_text(s, 1, r->asset, sizeof r->asset);
    sql_text(s, 2, r->path, sizeof r->path);
    r->frame = sql_hash(s, 3);
    r->print = 0;
    r->rows = sqlite3_column_int64(s, 4);
    r->columns = sqlite3_column_int64(s, 5);
    r->first_us = sqlite3_column_int64(s, 6);
    r->last_us = sqlite3_column_int64(s, 7);
    r->step_us = sqlite3_column_int64(s, 8);
    sql_text(s, 9, stamp, sizeof stamp);
    if (!csv_stamp_parse(stamp, &r->stamp))
        r->stamp = CSV_STAMP_OPEN;
    r->lag_us = sqlite3_column_int64(s, 10);
    sql_text(s, 11, r->lag_reason, sizeof r->lag_reason);
    r->report = sql_text_copy(s, 12);
    r->added_us = sqlite3_column_int64(s, 13);
}

int series_list(struct workspace *w, struct series_row **out, struct error *err)
{
    *out = NULL;
    sqlite3_stmt *s = sql_query(w, err, "SELECT " COLUMNS " FROM series ORDER BY name", "");
    if (!s)
        return -1;
    size_t n = 0, capacity = 0;
    while (sql_next(s)) {
        *out = memory_grow(*out, &capacity, n + 1, sizeof **out);
        read_row(s, &(*out)[n++]);
    }
    if (sql_end(w, s, err))
        return (int)n;
    series_list_free(*out, (int)n);
    *out = NULL;
    return -1;
}

void series_list_free(struct series_row *rows, int n)
{
    for (int i = 0; i < n; i++)
        free(rows[i].report);
    free(rows);
}

bool series_get(struct workspace *w, const char *name, struct series_row *out, struct error *err)
{
    sqlite3_stmt *s = sql_query(w, err, "SELECT " COLUMNS " FROM series WHERE name=?", "s", name);
    if (!s)
        return false;
    bool found = sql_next(s);
    if (found)
        read_row(s, out);
    if (!sql_end(w, s, err)) {
        if (found)
            free(out->report);
        return false;
    }
    return found || error_set(err, ERROR_USAGE, "there is no series named %s; `data list` shows those there are", name);
}

static bool is_frame_named(struct workspace *w, struct hash frame)
{
    char hex[HASH_HEX];
    hash_hex(frame, hex);
    sqlite3_stmt *s = sql_query(
        w, NULL, "SELECT 1 FROM series WHERE frame=? UNION ALL SELECT 1 FROM task WHERE instr(text, ?) LIMIT 1", "ss",
        hex, hex);
    bool named = !s || sql_next(s);
    sqlite3_finalize(s);
    return named;
}

bool series_remove(struct workspace *w, const struct series_row *row, struct error *err)
{
    char path[FILE_PATH_MAX];
    if (!sql_run(w, err, "DELETE FROM series WHERE name=?", "s", row->name))
        return false;
    if (is_frame_named(w, row->frame))
        return true;
    workspace_blob_path(w, "frames", row->frame, path, sizeof path);
    return file_size(path) < 0 || file_remove(path, err);
}

/* A mapped frame has passed its own checks. That it is the one its name says is told by the print that the workspace
 * keeps since it hashed the file, or by hashing it now. */
static bool is_named(struct workspace *w, struct frame *f, struct hash id)
{
    uint64_t print;
    if (f->map && known_print(w, id, &print))
        return f->print == print;
    frame_seal(f);
    if (!hash_equal(frame_hash(f), id))
        return false;
    if (f->map)
        keep_print(w, id, f->print);
    return true;
}

struct frame *series_frame(struct workspace *w, struct hash id, struct error *err)
{
    char path[FILE_PATH_MAX];
    struct error why = {0};
    workspace_blob_path(w, "frames", id, path, sizeof path);
    struct frame *f = frame_open(path, &why);
    if (f && is_named(w, f, id))
        return f;
    if (f || why.kind == ERROR_DATA)
        error_set(err, ERROR_DATA,
                  "%s: its content does not match its name; restore it from a backup or add the data again", path);
    else
        error_set(err, why.kind, "%s", why.text);
    frame_free(f);
    return NULL;
}
