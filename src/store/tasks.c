#include "store/tasks.h"

#include "base/clock.h"
#include "base/memory.h"
#include "store/series.h"
#include "store/sql.h"

bool tasks_put(struct workspace *w, const struct task *task, struct hash dataset, const char *info, struct error *err)
{
    char *text = task_format(task);
    bool ok = sql_run(w, err, "INSERT INTO task (hash, text, info, created_us) VALUES(?,?,?,?)", "hssi", &dataset, text,
                      info, clock_wall_us());
    free(text);
    return ok;
}

bool tasks_exist(struct workspace *w)
{
    sqlite3_stmt *s = sql_query(w, NULL, "SELECT 1 FROM task LIMIT 1", "");
    bool found = s && sql_next(s);
    sqlite3_finalize(s);
    return found;
}

#define COLUMNS "id, hash, text, info, created_us"

/* Takes the first row and ends the query; `none` is the error where there is no row. */
static bool take_task(struct workspace *w, sqlite3_stmt *s, struct task_row *out, const char *none, struct error *err)
{
    *out = (struct task_row){0};
    bool found = s && sql_next(s);
    char *text = NULL;
    if (found) {
        out->id = sqlite3_column_int64(s, 0);
        out->hash = sql_hash(s, 1);
        text = sql_text_copy(s, 2);
        out->info = sql_text_copy(s, 3);
        out->created_us = sqlite3_column_int64(s, 4);
    }
    bool ok = s && sql_end(w, s, err);
    if (ok && !found)
        ok = error_set(err, ERROR_USAGE, "%s", none);
    else if (ok)
        ok = task_parse(&out->task, text, err);
    free(text);
    if (!ok) {
        free(out->info);
        out->info = NULL;
    }
    return ok;
}

bool tasks_active(struct workspace *w, struct task_row *out, struct error *err)
{
    return take_task(w, sql_query(w, err, "SELECT " COLUMNS " FROM task ORDER BY id DESC LIMIT 1", ""), out,
                     "no task is set yet: `task set --asset A` says what to predict", err);
}

bool tasks_find(struct workspace *w, struct hash dataset, struct task_row *out, struct error *err)
{
    return take_task(
        w, sql_query(w, err, "SELECT " COLUMNS " FROM task WHERE hash=? ORDER BY id DESC LIMIT 1", "h", &dataset), out,
        "the task that this belongs to is not in the workspace", err);
}

struct dataset *tasks_build(struct workspace *w, const struct task *task, struct error *err)
{
    struct frame *frame[TASK_SERIES_MAX] = {0};
    struct dataset *d = NULL;
    bool ok = true;
    for (int i = 0; i < task->series_n && ok; i++) {
        frame[i] = series_frame(w, task->series[i].frame, err);
        ok = frame[i] != NULL || error_prefix(err, "series %s", task->series[i].name);
    }
    if (ok)
        d = dataset_build(task, (const struct frame *const *)frame, DATASET_SEARCH, err);
    for (int i = 0; i < task->series_n; i++)
        frame_free(frame[i]);
    return d;
}

struct dataset *tasks_dataset(struct workspace *w, const struct task_row *row, struct error *err)
{
    struct dataset *d = tasks_build(w, &row->task, err);
    if (d && !hash_equal(d->hash, row->hash)) {
        error_set(err, ERROR_DATA,
                  "the task's data set does not come out as it was (its hash differs): set the task again");
        dataset_free(d);
        return NULL;
    }
    return d;
}
