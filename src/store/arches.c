#include "store/arches.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/sql.h"

#define COLUMNS "id, name, text, parent, morphism, parameters, macs, nodes, created_us"

bool arches_put(struct workspace *w, const struct arch *a, const char *name, const struct hash *parent,
                const char *morphism, struct hash *id, struct error *err)
{
    *id = arch_id(a);
    char shown[64];
    hash_short(*id, shown);
    if (name && name[0])
        text_copy(shown, sizeof shown, name);
    char *text = arch_format(a);
    bool ok = sql_run(w, err,
                      "INSERT INTO arch (" COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET "
                      "name=excluded.name, parent=excluded.parent, morphism=excluded.morphism, "
                      "created_us=excluded.created_us "
                      "WHERE arch.morphism='" ARCHES_BASELINE "' AND excluded.morphism IS NOT '" ARCHES_BASELINE "'",
                      "hsshsiiii", id, shown, text, parent, morphism, arch_parameters(a), arch_macs(a),
                      (int64_t)a->nodes, clock_wall_us());
    free(text);
    return ok;
}

static void read_row(sqlite3_stmt *s, struct arch_row *r)
{
    r->id = sql_hash(s, 0);
    sql_text(s, 1, r->name, sizeof r->name);
    r->text = sql_text_copy(s, 2);
    r->parent = sql_hash(s, 3);
    sql_text(s, 4, r->morphism, sizeof r->morphism);
    r->parameters = sqlite3_column_int64(s, 5);
    r->macs = sqlite3_column_int64(s, 6);
    r->nodes = sqlite3_column_int64(s, 7);
    r->created_us = sqlite3_column_int64(s, 8);
}

/* One row from a query that may give several; `several` says what to do then. */
static bool one_row(sqlite3_stmt *s, struct arch_row *out, const char *key, bool *found, struct error *err)
{
    *found = sql_next(s);
    if (*found) {
        read_row(s, out);
        if (sql_next(s)) {
            free(out->text);
            return error_set(err, ERROR_USAGE, "several architectures are meant by %s; give more digits of the id",
                             key);
        }
    }
    return true;
}

bool arches_find(struct workspace *w, const char *key, struct arch_row *out, struct error *err)
{
    bool found = false, ok = true;
    const char *const query[] = {
        "SELECT " COLUMNS " FROM arch WHERE name=? ORDER BY created_us DESC, id LIMIT 1", /* the newest of that name */
        "SELECT " COLUMNS " FROM arch WHERE id>=?1 AND id<?1||'g' LIMIT 2", /* that begin so: by the key, not by all rows */
    };
    /* No name is as long as a whole id: looking for one would read every row. */
    for (size_t i = strlen(key) + 1 == HASH_HEX; i < ARRAY_N(query) && ok && !found && key[0]; i++) {
        sqlite3_stmt *s = sql_query(w, err, query[i], "s", key);
        ok = s && one_row(s, out, key, &found, err);
        if (!sql_end(w, s, ok ? err : NULL) && ok) {
            if (found)
                free(out->text);
            ok = false;
        }
    }
    if (ok && !found)
        return error_set(err, ERROR_USAGE, "there is no architecture %s; `arch list` shows those there are", key);
    return ok;
}

bool arches_get(struct workspace *w, struct hash id, struct arch_row *out, struct error *err)
{
    char hex[HASH_HEX];
    hash_hex(id, hex);
    return arches_find(w, hex, out, err);
}

char *arches_steps(struct workspace *w, const struct arch_row *row, struct error *err)
{
    char *out = NULL;
    if (strlen(row->morphism) < sizeof row->morphism - 4) /* a cut lies between whole characters */
        return memory_text(row->morphism);
    sqlite3_stmt *s = sql_query(w, err, "SELECT morphism FROM arch WHERE id=?", "h", &row->id);
    if (!s)
        return NULL;
    if (sql_next(s))
        out = sql_text_copy(s, 0);
    if (sql_end(w, s, err) && out)
        return out;
    free(out);
    return NULL;
}

struct arch *arches_load(struct workspace *w, struct hash id, struct error *err)
{
    struct arch_row row;
    if (!arches_get(w, id, &row, err))
        return NULL;
    struct arch *a = arch_parse(row.text, strlen(row.text), row.name, err);
    free(row.text);
    return a;
}

int arches_list(struct workspace *w, struct arch_row **out, struct error *err)
{
    *out = NULL;
    sqlite3_stmt *s = sql_query(w, err, "SELECT " COLUMNS " FROM arch ORDER BY created_us, id", "");
    if (!s)
        return -1;
    size_t n = 0, capacity = 0;
    while (sql_next(s)) {
        *out = memory_grow(*out, &capacity, n + 1, sizeof **out);
        read_row(s, &(*out)[n++]);
    }
    if (sql_end(w, s, err))
        return (int)n;
    arches_list_free(*out, (int)n);
    *out = NULL;
    return -1;
}

void arches_list_free(struct arch_row *rows, int n)
{
    for (int i = 0; i < n; i++)
        free(rows[i].text);
    free(rows);
}
