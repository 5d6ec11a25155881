#include "store/models.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/sql.h"

#define COLUMNS "id, arch, task, file, recipe, parent, morphism, trace_root, result, created_us"

bool models_put_file(struct workspace *w, const struct model *m, struct hash *file, struct error *err)
{
    struct bytes bytes = {0};
    model_encode(m, &bytes);
    bool ok = workspace_blob_put(w, "models", bytes.data, bytes.n, file, err);
    bytes_free(&bytes);
    return ok;
}

struct model *models_load_file(struct workspace *w, struct hash file, struct error *err)
{
    struct bytes bytes = {0};
    struct model *m = NULL;
    char name[13];
    hash_short(file, name);
    if (workspace_blob_get(w, "models", file, &bytes, err))
        m = model_decode(bytes.data, bytes.n, name, err);
    bytes_free(&bytes);
    return m;
}

bool models_put(struct workspace *w, const struct model *m, struct model_row *row, struct error *err)
{
    row->id = model_hash(m);
    row->arch = arch_id(m->arch);
    row->blas = m->blas;
    if (!models_put_file(w, m, &row->file, err))
        return false;
    return sql_run(w, err, "INSERT OR REPLACE INTO model (" COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?,?)", "hhhhshshsi",
                   &row->id, &row->arch, &row->task, &row->file, row->recipe,
                   hash_is_zero(row->parent) ? NULL : &row->parent, row->morphism, &row->trace_root,
                   row->result ? row->result : m->blas ? "{" MODELS_BLAS "}" : "{}", clock_wall_us());
}

static void read_row(sqlite3_stmt *s, struct model_row *r)
{
    r->id = sql_hash(s, 0);
    r->arch = sql_hash(s, 1);
    r->task = sql_hash(s, 2);
    r->file = sql_hash(s, 3);
    sql_text(s, 4, r->recipe, sizeof r->recipe);
    r->parent = sql_hash(s, 5);
    sql_text(s, 6, r->morphism, sizeof r->morphism);
    r->trace_root = sql_hash(s, 7);
    r->result = sql_text_copy(s, 8);
    r->created_us = sqlite3_column_int64(s, 9);
    r->blas = strstr(r->result, MODELS_BLAS) != NULL;
}

bool models_find(struct workspace *w, const char *id, struct model_row *out, struct error *err)
{
    sqlite3_stmt *s =
        sql_query(w, err, "SELECT " COLUMNS " FROM model WHERE substr(id, 1, length(?1))=?1 LIMIT 2", "s", id);
    if (!s)
        return false;
    int found = 0;
    if (id[0] && sql_next(s)) {
        read_row(s, out);
        found = sql_next(s) ? 2 : 1;
    }
    bool ok = sql_end(w, s, err);
    if (ok && !found)
        error_set(err, ERROR_USAGE, "there is no model %s; `train` and `morph` make models", id);
    else if (ok && found > 1)
        error_set(err, ERROR_USAGE, "several models are meant by %s; give more digits of the hash", id);
    if (found && !(ok && found == 1))
        free(out->result);
    return ok && found == 1;
}

static bool take_first(sqlite3_stmt *s, struct model_row *out)
{
    bool found = s && sql_next(s);
    if (found)
        read_row(s, out);
    sqlite3_finalize(s);
    return found;
}

bool models_newest(struct workspace *w, struct hash arch, struct hash task, struct model_row *out)
{
    return take_first(sql_query(w, NULL,
                                "SELECT " COLUMNS " FROM model WHERE arch=? AND task=? "
                                "ORDER BY created_us DESC, id LIMIT 1",
                                "hh", &arch, &task),
                      out);
}

bool models_of_recipe(struct workspace *w, const char *recipe_id, struct model_row *out)
{
    return take_first(sql_query(w, NULL,
                                "SELECT " COLUMNS " FROM model WHERE recipe=? ORDER BY created_us DESC, id LIMIT 1",
                                "s", recipe_id),
                      out);
}

int models_list(struct workspace *w, struct model_row **out, struct error *err)
{
    *out = NULL;
    sqlite3_stmt *s = sql_query(w, err, "SELECT " COLUMNS " FROM model ORDER BY created_us DESC, id", "");
    if (!s)
        return -1;
    size_t n = 0, capacity = 0;
    while (sql_next(s)) {
        *out = memory_grow(*out, &capacity, n + 1, sizeof **out);
        read_row(s, &(*out)[n++]);
    }
    if (sql_end(w, s, err))
        return (int)n;
    models_list_free(*out, (int)n);
    *out = NULL;
    return -1;
}

void models_list_free(struct model_row *rows, int n)
{
    for (int i = 0; i < n; i++)
        free(rows[i].result);
    free(rows);
}
