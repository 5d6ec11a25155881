#include "store/datasets.h"

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/set/dataset_file.h"
#include "net/numeric.h"
#include "store/sql.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "datasets"
#define LOCK "lock"
#define SEARCHES_KEPT 4
#define NAME_MAX_BYTES (HASH_HEX + 32)

static void name_of(char out[NAME_MAX_BYTES], struct hash hash)
{
    char hex[HASH_HEX];
    hash_hex(hash, hex);
    snprintf(out, NAME_MAX_BYTES, "%s." NUMERIC_VERSION, hex);
}

static void path_of(const struct workspace *w, const char *name, char out[FILE_PATH_MAX])
{
    char folder[FILE_PATH_MAX];
    workspace_path(w, FOLDER, folder, sizeof folder);
    file_join(out, FILE_PATH_MAX, folder, name);
}

static bool known_print(struct workspace *w, const char *name, uint64_t *print)
{
    sqlite3_stmt *s = sql_query(w, NULL, "SELECT print FROM dataset WHERE name=?", "s", name);
    bool found = s && sql_next(s);
    if (found)
        *print = (uint64_t)sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return found;
}

struct dataset *datasets_get(struct workspace *w, const struct task *task, struct hash hash)
{
    char name[NAME_MAX_BYTES], path[FILE_PATH_MAX];
    struct dataset_identity is = {task, hash, NUMERIC_VERSION, 0};
    struct error why = {0};
    name_of(name, hash);
    path_of(w, name, path);
    if (!known_print(w, name, &is.print))
        return NULL;
    struct dataset *d = dataset_load(path, &is, &why);
    if (!d)
        log_write(LOG_WARNING, "%s", why.text);
    return d;
}

/* --- which are kept ----------------------------------------------------------------------------------------------- */

struct wanted {
    char name[1 + SEARCHES_KEPT][NAME_MAX_BYTES];
    int n;
};

/* False: nobody knows, so nothing is kept or removed. */
static bool list_wanted(struct workspace *w, struct wanted *out)
{
    sqlite3_stmt *s =
        sql_query(w, NULL,
                  "SELECT hash FROM (SELECT hash FROM task ORDER BY id DESC LIMIT 1) UNION "
                  "SELECT task FROM (SELECT task FROM search WHERE state='running' ORDER BY id DESC LIMIT ?)",
                  "i", (int64_t)SEARCHES_KEPT);
    out->n = 0;
    while (s && out->n < (int)ARRAY_N(out->name) && sql_next(s))
        name_of(out->name[out->n++], sql_hash(s, 0));
    return s && sql_end(w, s, NULL);
}

static bool is_wanted(const struct wanted *wanted, const char *name)
{
    for (int i = 0; i < wanted->n; i++)
        if (text_equal(wanted->name[i], name))
            return true;
    return false;
}

/* Ours begin with a hash and a dot: data sets, and what a process left that was killed while it wrote one. Who holds
 * the lock is the only one that writes. */
static bool is_ours(const char *name)
{
    char hex[HASH_HEX] = "";
    struct hash hash;
    if (strlen(name) < HASH_HEX || name[HASH_HEX - 1] != '.')
        return false;
    memcpy(hex, name, HASH_HEX - 1);
    return hash_from_hex(hex, &hash);
}

static void remove_unwanted(struct workspace *w, const struct wanted *wanted)
{
    char folder[FILE_PATH_MAX], path[FILE_PATH_MAX];
    workspace_path(w, FOLDER, folder, sizeof folder);
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
        if (!is_ours(e->d_name) || is_wanted(wanted, e->d_name))
            continue;
        path_of(w, e->d_name, path);
        if (unlink(path) == 0) /* need not be durable: it is found again */
            sql_run(w, NULL, "DELETE FROM dataset WHERE name=?", "s", e->d_name);
    }
    if (dir)
        closedir(dir);
}

/* --- keeping ------------------------------------------------------------------------------------------------------ */

/* Workspaces that older programs made lack the table. */
static bool keep_print(struct workspace *w, const char *name, uint64_t print, struct error *err)
{
    return sql_run(w, err,
                   "CREATE TABLE IF NOT EXISTS dataset (name TEXT PRIMARY KEY, print INTEGER NOT NULL) WITHOUT ROWID",
                   "") &&
           sql_run(w, err, "INSERT OR REPLACE INTO dataset VALUES(?,?)", "si", name, (int64_t)print);
}

/* Another process, or an earlier time, may have written it already. */
static bool is_there(struct workspace *w, const struct dataset *d)
{
    struct dataset *kept = datasets_get(w, &d->task, d->hash);
    dataset_free(kept);
    return kept != NULL;
}

static bool write_one(struct workspace *w, const struct dataset *d, const char *name, struct error *err)
{
    char path[FILE_PATH_MAX];
    uint64_t print;
    path_of(w, name, path);
    return dataset_save(d, path, NUMERIC_VERSION, &print, err) && keep_print(w, name, print, err);
}

static int take_lock(struct workspace *w, struct error *err)
{
    char folder[FILE_PATH_MAX], path[FILE_PATH_MAX];
    workspace_path(w, FOLDER, folder, sizeof folder);
    path_of(w, LOCK, path);
    return file_make_folder(folder, 0777, err) ? file_lock(path, false, err) : -1;
}

void datasets_keep(struct workspace *w, const struct dataset *d)
{
    char name[NAME_MAX_BYTES];
    struct wanted wanted;
    struct error why = {0};
    if (workspace_read_only(w) || d->map || d->visible_bars != d->bars)
        return;
    name_of(name, d->hash);
    int lock = take_lock(w, &why);
    if (lock >= 0 && list_wanted(w, &wanted)) {
        remove_unwanted(w, &wanted); /* first, for its room */
        if (is_wanted(&wanted, name) && !is_there(w, d))
            write_one(w, d, name, &why);
    }
    file_unlock(lock);
    if (why.kind)
        log_write(LOG_WARNING, "the built data set is not kept: %s", why.text);
}
