#include "store/workspace.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "src/store/schema.h" /* made from schema.sql in the build folder */
#include "store/migrate.h"
#include "store/sweep.h"
#include "store/workspace_internal.h"

#include <sys/stat.h>
#include <unistd.h>

#define DATABASE "workspace.db"
#define PARTIAL DATABASE ".partial"
#define APPLICATION_ID 0x4d534d57 /* "MSMW" */
#define BUSY_MS 10000

static const char *const subfolders[] = {"frames", "models", "chain"};

/* So that the path of every file in it fits, a temporary one too. */
static bool path_fits(const char *folder, struct error *err)
{
    return strlen(folder) + 2 * HASH_HEX < FILE_PATH_MAX ||
           error_set(err, ERROR_USAGE, "the path of the workspace is too long");
}

bool workspace_is(const char *folder)
{
    char path[FILE_PATH_MAX];
    if (!path_fits(folder, NULL))
        return false;
    file_join(path, sizeof path, folder, DATABASE);
    return file_exists(path);
}

static bool configure(sqlite3 *db, bool read_only)
{
    sqlite3_busy_timeout(db, BUSY_MS);
    if (read_only)
        return true;
    return sqlite3_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", NULL, NULL, NULL) == SQLITE_OK;
}

static bool write_schema(sqlite3 *db, struct error *err)
{
    char pragma[96];
    snprintf(pragma, sizeof pragma, "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT", APPLICATION_ID,
             MIGRATE_VERSION);
    if (sqlite3_exec(db, "PRAGMA synchronous=FULL; BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, schema_sql, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, pragma, NULL, NULL, NULL) != SQLITE_OK)
        return error_set(err, ERROR_FAILED, "cannot set up the workspace's tables: %s", sqlite3_errmsg(db));
    return true;
}

/* What a crash in an earlier attempt left; its journal too, which would be played into the new file. */
static bool remove_partial(const char *folder, struct error *err)
{
    static const char *const left[] = {PARTIAL, PARTIAL "-journal"};
    char path[FILE_PATH_MAX];
    for (size_t i = 0; i < ARRAY_N(left); i++) {
        file_join(path, sizeof path, folder, left[i]);
        if (file_exists(path) && !file_remove(path, err))
            return false;
    }
    return true;
}

static bool build_database(const char *partial, struct error *err)
{
    sqlite3 *db = NULL;
    bool ok = sqlite3_open(partial, &db) == SQLITE_OK;
    if (!ok)
        error_set(err, ERROR_IO, "%s: %s", partial, sqlite3_errmsg(db));
    ok = ok && write_schema(db, err);
    return sqlite3_close(db) == SQLITE_OK && ok;
}

bool workspace_create(const char *folder, struct error *err)
{
    char path[FILE_PATH_MAX], partial[FILE_PATH_MAX];
    if (!path_fits(folder, err))
        return false;
    if (workspace_is(folder))
        return error_set(err, ERROR_FAILED, "%s is a workspace already; use it with -w %s", folder, folder);
    if (!file_make_folder(folder, 0777, err))
        return false;
    for (size_t i = 0; i < ARRAY_N(subfolders); i++) {
        file_join(path, sizeof path, folder, subfolders[i]);
        if (!file_make_folder(path, 0777, err))
            return false;
    }
    /* Built under another name: a crash half-way leaves no half workspace. */
    file_join(partial, sizeof partial, folder, PARTIAL);
    file_join(path, sizeof path, folder, DATABASE);
    if (!remove_partial(folder, err) || !build_database(partial, err))
        return false;
    if (rename(partial, path) != 0)
        return error_set_errno(err, ERROR_IO, "cannot rename %s to %s", partial, path);
    return file_sync_folder(folder, err);
}

static bool check_schema(sqlite3 *db, const char *folder, bool read_only, struct error *err)
{
    int64_t application = migrate_number(db, "PRAGMA application_id");
    if (application < 0)
        return error_set(err, ERROR_IO, "%s/" DATABASE ": %s", folder, sqlite3_errmsg(db));
    if (application != APPLICATION_ID)
        return error_set(err, ERROR_FAILED, "%s/" DATABASE " is another program's file, no morphsmith workspace",
                         folder);
    return migrate_tables(db, folder, read_only, err);
}

static bool can_write(const char *folder)
{
    return access(folder, W_OK) == 0;
}

/* SQLite reads a database in WAL mode only where it may write beside it, unless told that nobody changes the file: true
 * of a folder that cannot be written, as far as its reader can know. One with a log left beside it needs that log. */
static bool open_database(sqlite3 **db, const char *path, bool read_only, bool frozen)
{
    char log[FILE_PATH_MAX + 8];
    int flags = (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX;
    snprintf(log, sizeof log, "%s-wal", path);
    if (!frozen || file_size(log) > 0)
        return sqlite3_open_v2(path, db, flags, NULL) == SQLITE_OK;
    struct text uri = {0};
    text_printf(&uri, "file:");
    for (const char *c = path; *c; c++)
        text_printf(&uri, strchr("?#%", *c) ? "%%%02x" : "%c", (unsigned)(unsigned char)*c);
    text_printf(&uri, "?immutable=1");
    bool ok = sqlite3_open_v2(text_of(&uri), db, flags | SQLITE_OPEN_URI, NULL) == SQLITE_OK;
    text_free(&uri);
    return ok;
}

struct workspace *workspace_open(const char *folder, bool read_only, struct error *err)
{
    if (!path_fits(folder, err))
        return NULL;
    if (!workspace_is(folder)) {
        error_set(err, ERROR_USAGE, "%s is no workspace: make one with `morphsmith init %s`, or name one with -w DIR",
                  folder, text_equal(folder, ".") ? "DIR" : folder);
        return NULL;
    }
    bool frozen = !can_write(folder);
    if (frozen && !read_only) {
        error_set(err, ERROR_IO, "the workspace %s cannot be written here: look at it with --read-only", folder);
        return NULL;
    }
    char path[FILE_PATH_MAX];
    file_join(path, sizeof path, folder, DATABASE);
    struct workspace *w = NEW(struct workspace);
    w->folder = memory_text(folder);
    w->read_only = read_only;
    if (!open_database(&w->db, path, read_only, frozen) || !configure(w->db, read_only)) {
        error_set(err, ERROR_FAILED, "%s: %s", path, sqlite3_errmsg(w->db));
    } else if (check_schema(w->db, folder, read_only, err)) {
        if (sqlite3_prepare_v3(w->db, "PRAGMA data_version", -1, SQLITE_PREPARE_PERSISTENT, &w->version, NULL) ==
            SQLITE_OK) {
            if (!read_only)
                sweep_workspace(w);
            return w;
        }
        error_set(err, ERROR_IO, "%s: %s", path, sqlite3_errmsg(w->db));
    }
    workspace_close(w);
    return NULL;
}

void workspace_close(struct workspace *w)
{
    if (!w)
        return;
    sqlite3_finalize(w->version);
    sqlite3_close(w->db);
    free(w->folder);
    free(w);
}

int workspace_hold(struct workspace *w, struct error *err)
{
    char path[FILE_PATH_MAX];
    workspace_path(w, WORKSPACE_FRAMES_LOCK, path, sizeof path);
    return file_hold(path, false, err);
}

void workspace_release(int held)
{
    file_unlock(held);
}

const char *workspace_folder(const struct workspace *w)
{
    return w->folder;
}

bool workspace_read_only(const struct workspace *w)
{
    return w->read_only;
}

void workspace_path(const struct workspace *w, const char *name, char *out, size_t size)
{
    file_join(out, size, w->folder, name);
}

uint32_t workspace_data_version(struct workspace *w)
{
    uint32_t others = 0;
    if (sqlite3_step(w->version) == SQLITE_ROW)
        others = (uint32_t)sqlite3_column_int64(w->version, 0);
    sqlite3_reset(w->version);
    return others + w->own_writes;
}

bool workspace_setting_get(struct workspace *w, const char *key, char *out, size_t size)
{
    sqlite3_stmt *s = sql_query(w, NULL, "SELECT value FROM setting WHERE key=?", "s", key);
    bool found = s && sql_next(s);
    if (found)
        sql_text(s, 0, out, size);
    sqlite3_finalize(s);
    return found;
}

void workspace_setting_set(struct workspace *w, const char *key, const char *value)
{
    if (!w->read_only)
        sql_run(w, NULL, "INSERT INTO setting VALUES(?,?) ON CONFLICT(key) DO UPDATE SET value=excluded.value", "ss",
                key, value);
}

void workspace_blob_path(const struct workspace *w, const char *subfolder, struct hash id, char *out, size_t size)
{
    char hex[HASH_HEX], folder[FILE_PATH_MAX];
    hash_hex(id, hex);
    file_join(folder, sizeof folder, w->folder, subfolder);
    file_join(out, size, folder, hex);
}

/* Putting the same bytes again mends a file that was damaged. */
static bool same_content(const char *path, struct hash id, size_t n)
{
    struct bytes there = {0};
    bool same = file_size(path) == (int64_t)n && file_read(path, n, &there, NULL) &&
                hash_equal(hash_of(there.data, there.n), id);
    bytes_free(&there);
    return same;
}

bool workspace_blob_put(struct workspace *w, const char *subfolder, const void *data, size_t n, struct hash *id,
                        struct error *err)
{
    char path[FILE_PATH_MAX];
    *id = hash_of(data, n);
    workspace_blob_path(w, subfolder, *id, path, sizeof path);
    return same_content(path, *id, n) || file_write(path, data, n, 0666, err);
}

bool workspace_blob_get(struct workspace *w, const char *subfolder, struct hash id, struct bytes *out,
                        struct error *err)
{
    char path[FILE_PATH_MAX];
    workspace_blob_path(w, subfolder, id, path, sizeof path);
    if (!file_read(path, (size_t)1 << 34, out, err))
        return false;
    const char *again = text_equal(subfolder, "models") ? "train it again: the same recipe gives the same bits"
                                                        : "add the data again";
    if (!hash_equal(hash_of(out->data, out->n), id))
        return error_set(err, ERROR_DATA, "%s: damaged: its content is not what it is named by; restore it from a backup or %s",
                         path, again);
    return true;
}

bool workspace_begin(struct workspace *w, struct error *err)
{
    return sql_run(w, err, "BEGIN IMMEDIATE", "");
}

bool workspace_commit(struct workspace *w, struct error *err)
{
    return sql_run(w, err, "COMMIT", "");
}

void workspace_rollback(struct workspace *w)
{
    sql_run(w, NULL, "ROLLBACK", "");
}
