#include "store/tasks.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/datasets.h"
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

/* --- the data set ------------------------------------------------------------------------------------------------ */

bool tasks_frames(struct workspace *w, const struct task *task, struct frame *frame[TASK_SERIES_MAX], struct error *err)
{
    memset(frame, 0, TASK_SERIES_MAX * sizeof(struct frame *));
    for (int i = 0; i < task->series_n; i++) {
        frame[i] = series_frame(w, task->series[i].frame, err);
        if (!frame[i])
            return error_prefix(err, "series %s", task->series[i].name);
    }
    return true;
}

void tasks_frames_free(const struct task *task, struct frame *frame[TASK_SERIES_MAX])
{
    for (int i = 0; i < task->series_n; i++)
        frame_free(frame[i]);
}

struct seal_series tasks_seal_series(const struct task *task, int asset)
{
    const struct task_asset *a = &task->asset[asset];
    struct seal_series s = {.frame = task->series[a->base].frame};
    text_copy(s.asset, sizeof s.asset, a->name);
    text_copy(s.series, sizeof s.series, task->series[a->base].name);
    text_copy(s.value, sizeof s.value, a->price[0] ? a->price : task->label);
    return s;
}

struct seal_span tasks_visible_span(const struct dataset *d, int asset)
{
    const struct dataset_asset *a = &d->asset[asset];
    return (struct seal_span){d->time_us[a->first] - 1, d->time_us[a->first + a->visible - 1]};
}

struct seal_span tasks_sealed_span(const struct dataset *d, int asset)
{
    int64_t last = tasks_visible_span(d, asset).last_us;
    return (struct seal_span){last, d->sealed_bars > 0 && d->sealed_last_us > last ? d->sealed_last_us : last};
}

static struct dataset *count_openings(struct workspace *w, struct dataset *d, struct error *err)
{
    if (d && (d->opened = seals_opened(w, d->hash, err)) >= 0)
        return d;
    dataset_free(d);
    return NULL;
}

struct dataset *tasks_build(struct workspace *w, const struct task *task, struct error *err)
{
    struct frame *frame[TASK_SERIES_MAX];
    struct dataset *d = NULL;
    if (tasks_frames(w, task, frame, err))
        d = dataset_build(task, (const struct frame *const *)frame, DATASET_SEARCH, err);
    tasks_frames_free(task, frame);
    return count_openings(w, d, err);
}

struct dataset *tasks_dataset(struct workspace *w, const struct task_row *row, struct error *err)
{
    struct dataset *d = datasets_get(w, &row->task, row->hash);
    if (d)
        return count_openings(w, d, err);
    d = tasks_build(w, &row->task, err);
    if (d && !hash_equal(d->hash, row->hash)) {
        error_set(err, ERROR_DATA,
                  "the task's data set does not come out as it was (its hash differs): set the task again");
        dataset_free(d);
        return NULL;
    }
    if (d)
        datasets_keep(w, d);
    return d;
}
