#include "action/predict_internal.h"

#include "action/import.h"
#include "base/clock.h"
#include "base/memory.h"
#include "store/arches.h"
#include "work/json.h"

struct prediction {
    struct workspace *w;
    const struct action_predict_options *options;
    struct predict_model model;
    struct predict_frames frames;
    struct threads *pool;
    struct csv_options csv;
    json_t *summary, *assets;
    int opened;
};

/* --- the seal
 * --------------------------------------------------------------------------------------------------------- */

/* Whoever looks at sealed bars leaves a note of it, before anything is shown. */
static bool open_spans(struct prediction *p, int asset, const struct seal_series *series, const struct seal_span *span,
                       int n, struct error *err)
{
    char lineage[FRAME_NAME_MAX];
    int base = p->model.data->task.asset[asset].base;
    if (workspace_read_only(p->w))
        return error_set(err, ERROR_USAGE, "--open-sealed leaves a note in the workspace, which is read-only");
    bool ok = seals_lineage(p->w, lineage, series, p->frames.task_frame[base], err) && workspace_begin(p->w, err);
    if (!ok)
        return false;
    for (int i = 0; ok && i < n; i++)
        ok = seals_open(p->w, lineage, span[i], SEAL_KIND_HOLDOUT, p->model.data->hash, err);
    if (ok && workspace_commit(p->w, err)) {
        p->opened += n;
        return true;
    }
    workspace_rollback(p->w);
    return false;
}

/* What is still sealed of an asset's bars, in closes; -1 on error. */
static int sealed_of(struct prediction *p, int asset, struct seal_span *span, struct error *err)
{
    struct seal_series series = tasks_seal_series(&p->model.data->task, asset);
    int n = seals_closed(p->w, &series, span, PREDICT_SPANS_MOST, err);
    if (n <= 0 || !p->options->open_sealed)
        return n;
    return open_spans(p, asset, &series, span, n, err) ? 0 : -1;
}

/* --- what is predicted
 * -------------------------------------------------------------------------------------------------- */

/* The row from which on `last` bars can be told. */
static size_t row_of_last(const struct predict_session *s)
{
    size_t rows = predict_history_rows(&s->history), row = rows, horizon = (size_t)s->head.task->horizon;
    for (int64_t left = s->options->last; row > 0 && left > 0; row--) {
        int64_t close_us = follow_close(s->follow, predict_history_time(&s->history, row - 1));
        left -= !predict_hides(s, close_us, row - 1 + horizon < rows);
    }
    return row;
}

static bool predict_history(struct predict_session *s, struct error *err)
{
    if (!predict_tell_rows(s, NULL, err))
        return false;
    size_t rows = predict_history_rows(&s->history), row = s->options->last > 0 ? row_of_last(s) : 0;
    if (row < rows) {
        int64_t close_us = follow_close(s->follow, predict_history_time(&s->history, row));
        predict_warm(s, predict_warm_from(s, row, close_us), row);
    }
    return predict_feed_history(s, row, rows, err) && predict_tell(s, err);
}

static json_t *lacking_json(const struct predict_session *s)
{
    return json_pack("{s:I, s:I, s:I}", "too_few_before", (json_int_t)s->lacking[FOLLOW_BEGIN], "behind_a_gap",
                     (json_int_t)s->lacking[FOLLOW_GAP], "input_missing", (json_int_t)s->lacking[FOLLOW_MISSING]);
}

static void sum_up(struct prediction *p, struct predict_session *s)
{
    json_t *j =
        json_pack("{s:o, s:I, s:o, s:o, s:o, s:I}", "asset", json_of_text(s->head.task->asset[s->head.asset].name),
                  "predictions", (json_int_t)s->told, "first", s->told ? json_of_time(s->first_us) : json_null(),
                  "last", s->told ? json_of_time(s->last_us) : json_null(), "without_prediction", lacking_json(s),
                  "sealed", (json_int_t)s->sealed_bars);
    if (s->newest)
        json_object_set(j, "newest", s->newest);
    json_object_set_new(j, "scores", predict_scores_json(&s->scores));
    json_array_append_new(p->assets, j);
}

/* Nothing to say is an answer only where the bars are sealed. */
static bool refuse_none(const struct predict_session *s, struct error *err)
{
    const size_t *n = s->lacking;
    if (s->told > 0 || s->sealed_bars > 0 || s->live)
        return true;
    if (n[FOLLOW_MISSING] > 0) {
        char channel[FRAME_NAME_MAX];
        size_t last = follow_missing(s->follow, channel, sizeof channel);
        return error_set(err, ERROR_DATA,
                         "%zu bars have no prediction as an input is missing: '%s' is not known at the newest %zu of "
                         "them; `data add` newer rows of its series, or check the file's column",
                         n[FOLLOW_MISSING], channel, last);
    }
    return error_set(
        err, ERROR_DATA,
        "no bar has a prediction: %d bars without a gap are needed for a window, and up to %zu before them "
        "for its features; %zu are there%s",
        s->head.task->lookback, follow_rows_before(s->follow) - (size_t)s->head.task->lookback,
        n[FOLLOW_BEGIN] + n[FOLLOW_GAP], s->options->file ? " (do they continue those of the workspace?)" : "");
}

static bool predict_asset(struct prediction *p, int asset, struct error *err)
{
    const struct action_predict_options *o = p->options;
    struct seal_span sealed[PREDICT_SPANS_MOST];
    int n = sealed_of(p, asset, sealed, err);
    if (n < 0)
        return false;
    struct predict_session *s = NEW(struct predict_session);
    bool ok = predict_session_open(s, &p->model, &p->frames, asset, sealed, n, p->pool, o, err);
    if (ok && !o->file)
        ok = predict_history(s, err);
    else if (ok)
        ok = (o->follow || text_equal(o->file, "-") ? predict_stream : predict_file)(s, &p->csv, p->summary, err);
    ok = ok && refuse_none(s, err);
    if (ok)
        sum_up(p, s);
    predict_session_close(s);
    free(s);
    return ok;
}

/* -1: all; -2 and err: there is none, or it must be said which. */
static int find_asset(const struct task *task, const struct action_predict_options *o, struct error *err)
{
    char names[256];
    for (int i = 0; o->asset && i < task->assets; i++)
        if (text_equal_nocase(task->asset[i].name, o->asset))
            return i;
    if (!o->asset && (task->assets == 1 || !o->file))
        return task->assets == 1 ? 0 : -1;
    task_asset_names(task, names, sizeof names);
    if (o->asset)
        error_set(err, ERROR_USAGE, "--asset: the task has no asset %s, it has %s", o->asset, names);
    else
        error_set(err, ERROR_USAGE, "the task has several assets (%s): say whose bars these are with --asset", names);
    return -2;
}

static bool predict_all(struct prediction *p, struct error *err)
{
    const struct task *task = &p->model.data->task;
    int asset = find_asset(task, p->options, err);
    if (asset >= -1 && asset != -1)
        return predict_asset(p, asset, err);
    for (int i = 0; asset == -1 && i < task->assets; i++)
        if (!predict_asset(p, i, err))
            return error_prefix(err, "asset %s", task->asset[i].name);
    return asset == -1;
}

static json_t *summary_of(struct prediction *p, double seconds)
{
    const struct predict_model *m = &p->model;
    char about[256];
    json_t *stored = json_loads(m->row.result, 0, NULL);
    task_describe(&m->data->task, about, sizeof about);
    json_t *j = json_pack(
        "{s:b, s:o, s:o, s:o, s:o, s:i, s:i, s:I, s:o, s:O, s:O, s:i}", "done", true, "model", json_of_hash(m->row.id),
        "arch", json_of_hash(m->row.arch), "task", json_of_hash(m->data->hash), "about", json_of_text(about), "horizon",
        m->data->task.horizon, "lookback", m->data->task.lookback, "step_us", (json_int_t)m->data->asset[0].step_us,
        "seconds", json_of_number(seconds), "assets", p->assets, "notes", p->frames.notes, "opened", p->opened);
    json_object_update(j, p->summary);
    const json_t *valid = json_object_get(stored, "valid");
    if (valid)
        json_object_set(j, "valid", (json_t *)valid);
    json_decref(stored);
    return j;
}

json_t *action_predict(struct workspace *w, const char *model, const struct action_predict_options *options,
                       struct error *err)
{
    struct prediction p = {.w = w, .options = options, .summary = json_object(), .assets = json_array()};
    double began = clock_seconds();
    int64_t lag_us;
    json_t *result = NULL;
    if (options->file && !options->data.threads)
        p.csv.threads = options->threads;
    if (import_options(&p.csv, &lag_us, &options->data, err) && predict_model_open(&p.model, w, model, err) &&
        predict_frames_open(&p.frames, w, &p.model.data->task, err)) {
        p.pool = threads_new(options->threads > 0 ? options->threads : 1);
        if (predict_all(&p, err))
            result = summary_of(&p, clock_seconds() - began);
        threads_free(p.pool);
    }
    predict_frames_close(&p.frames);
    predict_model_close(&p.model);
    json_decref(p.summary);
    json_decref(p.assets);
    return result;
}
