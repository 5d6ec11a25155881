#include "store/sql.h"

#include "base/memory.h"
#include "base/text.h"
#include "store/workspace_internal.h"

#include <math.h>
#include <stdarg.h>

sqlite3 *sql_of(struct workspace *w)
{
    return w->db;
}

void sql_wrote(struct workspace *w)
{
    w->own_writes++;
}

static void fail(struct workspace *w, struct error *err)
{
    int code = sqlite3_errcode(w->db);
    if (code == SQLITE_READONLY)
        error_set(err, ERROR_FAILED, "%s: the workspace is open read-only", w->folder);
    else if (code == SQLITE_FULL || code == SQLITE_IOERR)
        error_set(err, ERROR_IO, "%s/workspace.db: %s; free some space and try again", w->folder,
                  sqlite3_errmsg(w->db));
    else if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
        error_set(err, ERROR_IO, "%s/workspace.db: %s; restore it from a backup", w->folder, sqlite3_errmsg(w->db));
    else
        error_set(err, ERROR_IO, "%s/workspace.db: %s", w->folder, sqlite3_errmsg(w->db));
}

static void bind(sqlite3_stmt *s, const char *types, va_list values)
{
    for (int i = 0; types[i]; i++) {
        int at = i + 1;
        if (types[i] == 's') {
            sqlite3_bind_text(s, at, va_arg(values, const char *), -1, SQLITE_TRANSIENT);
        } else if (types[i] == 'i') {
            sqlite3_bind_int64(s, at, va_arg(values, int64_t));
        } else if (types[i] == 'd') {
            double v = va_arg(values, double);
            if (isnan(v))
                sqlite3_bind_null(s, at);
            else
                sqlite3_bind_double(s, at, v);
        } else {
            ASSERT(types[i] == 'h');
            const struct hash *h = va_arg(values, const struct hash *);
            char hex[HASH_HEX];
            if (h) {
                hash_hex(*h, hex);
                sqlite3_bind_text(s, at, hex, -1, SQLITE_TRANSIENT);
            }
        }
    }
}

static sqlite3_stmt *prepare(struct workspace *w, struct error *err, const char *sql, const char *types, va_list values)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(w->db, sql, -1, &s, NULL) != SQLITE_OK) {
        fail(w, err);
        return NULL;
    }
    ASSERT(sqlite3_bind_parameter_count(s) == (int)strlen(types));
    bind(s, types, values);
    return s;
}

bool sql_run(struct workspace *w, struct error *err, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    sqlite3_stmt *s = prepare(w, err, sql, types, values);
    va_end(values);
    if (!s)
        return false;
    int code = sqlite3_step(s);
    bool ok = code == SQLITE_DONE || code == SQLITE_ROW;
    if (!ok)
        fail(w, err);
    else
        sql_wrote(w);
    sqlite3_finalize(s);
    return ok;
}

sqlite3_stmt *sql_query(struct workspace *w, struct error *err, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    sqlite3_stmt *s = prepare(w, err, sql, types, values);
    va_end(values);
    return s;
}

bool sql_next(sqlite3_stmt *s)
{
    return sqlite3_step(s) == SQLITE_ROW;
}

bool sql_end(struct workspace *w, sqlite3_stmt *s, struct error *err)
{
    bool ok = sqlite3_finalize(s) == SQLITE_OK; /* the code of the last step */
    if (!ok)
        fail(w, err);
    return ok;
}

void sql_text(sqlite3_stmt *s, int column, char *out, size_t size)
{
    const char *text = (const char *)sqlite3_column_text(s, column);
    text_copy(out, size, text ? text : "");
}

char *sql_text_copy(sqlite3_stmt *s, int column)
{
    const char *text = (const char *)sqlite3_column_text(s, column);
    return memory_text(text ? text : "");
}

struct hash sql_hash(sqlite3_stmt *s, int column)
{
    struct hash h = {{0}};
    const char *text = (const char *)sqlite3_column_text(s, column);
    if (!text || !hash_from_hex(text, &h))
        return (struct hash){{0}};
    return h;
}

double sql_double(sqlite3_stmt *s, int column)
{
    return sqlite3_column_type(s, column) == SQLITE_NULL ? (double)NAN : sqlite3_column_double(s, column);
}
