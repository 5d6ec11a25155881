/* The rows that the workspace has of a task's series: the frames that the task names, and what came behind them since.
 */
#include "action/predict_internal.h"

#include "base/clock.h"
#include "base/memory.h"
#include "store/series.h"
#include "work/json.h"

#include <math.h>

static size_t rows_until(const struct frame *f, int64_t time_us)
{
    size_t low = 0, high = f->rows;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (f->time_us[middle] <= time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int64_t last_of(const struct frame *f)
{
    return f->rows > 0 ? f->time_us[f->rows - 1] : INT64_MIN;
}

/* --- what came since ------------------------------------------------------------------------------------------------
 */

static void note(struct predict_frames *f, const char *name, const char *why)
{
    char *text = memory_format("series %s %s", name, why);
    json_array_append_new(f->notes, json_of_text(text));
    free(text);
}

/* The series as the workspace has it now, where it goes on behind the frame of the task. */
static bool open_now(struct predict_frames *f, struct workspace *w, int i, struct error *err)
{
    const struct task_series *s = &f->task->series[i];
    const struct frame *old = f->task_frame[i];
    struct series_row row;
    if (!series_get(w, s->name, &row, NULL)) /* it was removed: the task has what it rests on */
        return true;
    free(row.report);
    if (hash_equal(row.frame, s->frame) || row.last_us <= last_of(old))
        return true;
    if (row.stamp != s->stamp || (old->step_us > 0 && row.step_us != old->step_us)) {
        note(f, s->name, "has other bars in the workspace now than in the task: those that are newer are not used");
        return true;
    }
    f->now[i] = series_frame(w, row.frame, err);
    if (!f->now[i])
        return error_prefix(err, "series %s", s->name);
    f->since[i] = rows_until(f->now[i], last_of(old));
    return true;
}

/* The columns of the task's frame, with the newer rows behind. Texts are no features: they are left out. */
static bool join_frames(struct predict_frames *f, int i, struct error *err)
{
    const struct frame *old = f->task_frame[i], *now = f->now[i];
    size_t rows = old->rows, more = now->rows - f->since[i];
    struct frame *out = frame_new(rows + more, old->columns, err);
    if (!out)
        return false;
    f->joined[i] = out;
    out->step_us = old->step_us;
    memcpy(out->time_us, old->time_us, rows * sizeof *out->time_us);
    memcpy(out->time_us + rows, now->time_us + f->since[i], more * sizeof *out->time_us);
    for (size_t c = 0; c < old->columns; c++) {
        int in = frame_find(now, old->column[c].name);
        bool numbers = in >= 0 && now->column[in].labels == 0 && old->column[c].labels == 0;
        text_copy(out->column[c].name, sizeof out->column[c].name, old->column[c].name);
        memcpy(out->column[c].value, old->column[c].value, rows * sizeof *out->column[c].value);
        for (size_t k = 0; k < more; k++)
            out->column[c].value[rows + k] = numbers ? now->column[in].value[f->since[i] + k] : (double)NAN;
    }
    return true;
}

static bool is_base(const struct task *task, int series)
{
    int asset = task->series[series].asset;
    return asset != TASK_SHARED && task->asset[asset].base == series;
}

bool predict_frames_open(struct predict_frames *f, struct workspace *w, const struct task *task, struct error *err)
{
    *f = (struct predict_frames){.task = task, .notes = json_array()};
    if (!tasks_frames(w, task, f->task_frame, err))
        return false;
    for (int i = 0; i < task->series_n; i++) {
        if (!open_now(f, w, i, err) || (f->now[i] && !is_base(task, i) && !join_frames(f, i, err)))
            return false;
        f->all[i] = f->joined[i] ? f->joined[i] : f->task_frame[i];
    }
    return true;
}

void predict_frames_close(struct predict_frames *f)
{
    for (int i = 0; f->task && i < f->task->series_n; i++) {
        frame_free(f->task_frame[i]);
        frame_free(f->now[i]);
        frame_free(f->joined[i]);
    }
    json_decref(f->notes);
    *f = (struct predict_frames){0};
}

/* --- an asset's -----------------------------------------------------------------------------------------------------
 */

bool predict_history_of(struct predict_history *h, const struct predict_frames *f, int asset,
                        const struct follow *follow, struct error *err)
{
    int base = f->task->asset[asset].base;
    size_t n = follow_reads(follow);
    *h = (struct predict_history){.part = {f->task_frame[base], f->now[base]}, .first = {0, f->since[base]}};
    for (int k = 0; k < PREDICT_PARTS; k++) {
        h->column[k] = NEW_ARRAY(size_t, n);
        size_t rows = h->part[k] ? h->part[k]->rows - h->first[k] : 0;
        if (rows > 0 && !follow_columns(h->column[k], follow, h->part[k], f->task->series[base].name, err))
            return error_prefix(err, "the series in the workspace");
        h->begin[k + 1] = h->begin[k] + rows;
    }
    return true;
}

void predict_history_free(struct predict_history *h)
{
    for (int k = 0; k < PREDICT_PARTS; k++)
        free(h->column[k]);
    *h = (struct predict_history){0};
}

size_t predict_history_rows(const struct predict_history *h)
{
    return h->begin[PREDICT_PARTS];
}

size_t predict_history_part(const struct predict_history *h, size_t row, size_t *in_part)
{
    size_t k = 0;
    while (row >= h->begin[k + 1])
        k++;
    *in_part = row - h->begin[k] + h->first[k];
    return k;
}

int64_t predict_history_time(const struct predict_history *h, size_t row)
{
    size_t at, k = predict_history_part(h, row, &at);
    return h->part[k]->time_us[at];
}

size_t predict_history_at(const struct predict_history *h, int64_t time_us)
{
    size_t low = 0, high = predict_history_rows(h);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (predict_history_time(h, middle) < time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
