/* `data add`: files are read, all of them, before anything is stored; then all is stored in one transaction. */
#include "action/import.h"

#include "action/name.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/set/dataset.h"
#include "work/json.h"

static void unit_free(struct import_unit *u)
{
    for (int i = 0; u->report && i < u->n; i++)
        csv_report_free(&u->report[i]);
    csv_report_free(&u->joined);
    for (size_t i = 0; i < u->series_n; i++)
        free(u->row[i].report);
    free(u->report);
    free(u->row);
    free(u->frame);
    free(u->lag);
    json_decref(u->files);
    json_decref(u->series);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

#define TELL_SECONDS 0.2

bool import_tell(void *context, uint64_t done, uint64_t all)
{
    struct import_progress *p = context;
    double now = clock_seconds();
    if (control_cancelled(p->control))
        return false;
    if (!p->control || p->all == 0 || now - p->told < TELL_SECONDS)
        return true;
    p->told = now;
    (void)all;
    double share = (double)(p->before + done) / (double)p->all;
    char bytes[32], whole[32], *text;
    text_of_bytes(p->before + done, bytes, sizeof bytes);
    text_of_bytes(p->all, whole, sizeof whole);
    text = memory_format("%s: %s of %s", file_name(p->path), bytes, whole);
    control_event(p->control,
                  json_pack("{s:s, s:o, s:o, s:o, s:I}", "event", "progress", "progress", json_of_number(share),
                            "eta_seconds", json_of_number(share > 0 ? (now - p->began) * (1 - share) / share : 0),
                            "text", json_of_text(text), "bytes", (json_int_t)(p->before + done)));
    free(text);
    return true;
}

bool import_read(struct import *im, const char *path, struct csv_report *report, const struct csv_options *options,
                 struct error *err)
{
    struct csv_options o = *options;
    int64_t size = file_size(path);
    o.progress = import_tell;
    o.progress_context = &im->progress;
    im->progress.path = path;
    if (!import_tell(&im->progress, 0, 0))
        return error_set(err, ERROR_INTERRUPTED, "interrupted");
    bool ok = csv_read(path, report, &o, err);
    im->progress.before += size > 0 ? (uint64_t)size : 0;
    return ok;
}

static void start_progress(struct import *im, const char *const *path, int n)
{
    im->progress = (struct import_progress){.control = im->options->control, .began = clock_seconds()};
    im->progress.told = im->progress.began; /* what takes no time needs no progress */
    for (int i = 0; i < n; i++) {
        int64_t size = file_size(path[i]);
        im->progress.all += size > 0 ? (uint64_t)size : 0;
    }
}

/* --- naming ------------------------------------------------------------------------------------------------------ */

static bool name_series(struct series_row *row, const struct import *im, const struct import_unit *u,
                        const struct csv_report *r, const struct csv_series *s, struct error *err)
{
    const char *asset = im->options->asset;
    if (r->series_n > 1 || s->symbol[0]) {
        if (asset && r->series_n > 1)
            return error_set(err, ERROR_USAGE, "--asset: %s holds %zu assets, named by its column '%s'", u->path[0],
                             r->series_n, r->symbol_column);
        char *text = memory_format("%s-%s", row->name, s->symbol);
        if (r->series_n > 1)
            name_of_text(text, row->name, sizeof row->name);
        free(text);
        name_of_text(s->symbol, row->asset, sizeof row->asset);
        return !asset || name_take(row->asset, sizeof row->asset, asset, "--asset", err);
    }
    return name_take(row->asset, sizeof row->asset, asset ? asset : row->name, "--asset", err);
}

#define PATHS_CUT ", ..."

/* Is a path one of a list's, "A, B"? */
static bool lists_path(const char *list, const char *path)
{
    size_t n = strlen(path);
    for (const char *at = list; (at = strstr(at, path)) != NULL; at++)
        if ((at == list || (at >= list + 2 && memcmp(at - 2, ", ", 2) == 0)) && (!at[n] || text_starts(at + n, ", ")))
            return true;
    return false;
}

/* Whole paths, as many as there is room for: what was stored before, then what was added. */
static void join_paths(char *out, size_t size, const struct import_unit *u, const char *before)
{
    text_copy(out, size, before ? before : "");
    for (int i = 0; i < u->n && !lists_path(out, "..."); i++) {
        bool fits = strlen(out) + strlen(u->path[i]) + strlen(", " PATHS_CUT) < size;
        if (lists_path(out, u->path[i]))
            continue;
        text_append(out, size, out[0] ? (fits ? ", " : PATHS_CUT) : "");
        text_append(out, size, fits || !out[0] ? u->path[i] : "");
    }
}

/* Given, or as it was before more was appended, or what such a series needs. */
static void settle_lag(struct series_row *row, const struct import *im, const struct import_lag *lag,
                       const struct frame *f, bool elapsed)
{
    row->lag_us = im->lag_us;
    if (im->lag_us >= 0) {
        text_copy(row->lag_reason, sizeof row->lag_reason, "given by --lag");
    } else if (lag && lag->kept) {
        row->lag_us = lag->us;
        text_copy(row->lag_reason, sizeof row->lag_reason, lag->reason);
    } else if (elapsed && row->stamp == CSV_STAMP_CLOSE) {
        row->lag_us = 0;
        text_copy(row->lag_reason, sizeof row->lag_reason, "samples of a log are known when they are taken");
    } else {
        row->lag_us = dataset_default_lag(f, row->stamp, row->lag_reason, sizeof row->lag_reason);
    }
}

static bool fill_row(struct series_row *row, const struct import *im, const struct import_unit *u,
                     const struct csv_report *r, const struct csv_series *s, struct error *err)
{
    const struct frame *f = s->frame;
    if (!name_series(row, im, u, r, s, err))
        return false;
    const struct import_lag *lag = u->lag ? &u->lag[s - r->series] : NULL;
    join_paths(row->path, sizeof row->path, u, lag && lag->kept ? lag->path : NULL);
    row->rows = (int64_t)f->rows;
    row->columns = (int64_t)f->columns;
    row->first_us = f->time_us[0];
    row->last_us = f->time_us[f->rows - 1];
    row->step_us = f->step_us;
    row->stamp = r->stamp;
    row->added_us = clock_wall_us();
    settle_lag(row, im, lag, f, r->elapsed);
    return true;
}

/* --- a unit ------------------------------------------------------------------------------------------------------- */

/* What `data show` tells later: what is known of the files, with what is this series' own in its place. */
static char *stored_report(const json_t *about, const json_t *own, bool alone)
{
    json_t *report = json_copy((json_t *)about);
    json_object_update(report, (json_t *)own);
    if (!alone)
        json_object_del(report, "dropped_rows"); /* of all symbols together */
    char *text = json_dumps(report, JSON_COMPACT | JSON_PRESERVE_ORDER);
    json_decref(report);
    return text;
}

bool import_series(struct import_unit *u, const struct import *im, const struct csv_report *r, const char *name,
                   const json_t *about, struct error *err)
{
    u->series = json_array();
    u->row = NEW_ARRAY(struct series_row, r->series_n);
    u->frame = NEW_ARRAY(struct frame *, r->series_n);
    for (size_t i = 0; i < r->series_n; i++) {
        struct series_row *row = &u->row[u->series_n++];
        text_copy(row->name, sizeof row->name, name);
        u->frame[i] = r->series[i].frame;
        if (!fill_row(row, im, u, r, &r->series[i], err))
            return false;
        json_t *own = import_series_json(&r->series[i], row);
        if (im->options->dry_run)
            json_object_set_new(own, "preview", import_preview_json(im->w, u->frame[i], row));
        row->report = stored_report(about, own, r->series_n == 1);
        json_array_append_new(u->series, own);
    }
    return true;
}

static bool read_alone(struct import_unit *u, struct import *im, struct error *err)
{
    char name[FRAME_NAME_MAX];
    if (!im->options->dry_run && import_key(u, im) && import_recall(u, im->w))
        return true;
    u->report = NEW_ARRAY(struct csv_report, 1);
    if (!import_read(im, u->path[0], &u->report[0], &im->csv, err))
        return false;
    json_t *file = import_report_json(u->path[0], &u->report[0]);
    u->files = json_array();
    json_array_append_new(u->files, file);
    name_of_path(u->path[0], name, sizeof name);
    if (!import_series(u, im, &u->report[0], name, file, err))
        return false;
    if (u->series_n == 1)
        json_object_update(file, json_array_get(u->series, 0));
    json_object_set(file, "series", u->series);
    return true;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

/* Of two files that would be the same series one would vanish unseen. */
static bool one_name_each(const struct import *im, int last, struct error *err)
{
    for (int i = 0; i < last; i++)
        for (size_t a = 0; a < im->unit[i].series_n; a++)
            for (size_t b = 0; b < im->unit[last].series_n; b++)
                if (text_equal(im->unit[i].row[a].name, im->unit[last].row[b].name))
                    return error_set(err, ERROR_USAGE,
                                     "%s and %s would both be series %s: rename one, or join them with --append",
                                     im->unit[i].path[0], im->unit[last].path[0], im->unit[i].row[a].name);
    return true;
}

static bool read_all(struct import *im, struct error *err)
{
    for (int i = 0; i < im->units; i++)
        if (!(im->options->append ? import_append : read_alone)(&im->unit[i], im, err) || !one_name_each(im, i, err))
            return false;
    return true;
}

static bool go_on(const struct import *im, struct error *err)
{
    return !control_cancelled(im->options->control) || error_set(err, ERROR_INTERRUPTED, "interrupted");
}

/* The large files first, which nothing names yet; then all rows at once. */
static bool store_frames(struct import *im, struct error *err)
{
    for (int i = 0; i < im->units; i++) {
        struct import_unit *u = &im->unit[i];
        for (size_t k = 0; k < u->series_n && !u->cached; k++)
            if (!go_on(im, err) || !series_put_frame(im->w, &u->row[k], u->frame[k], err))
                return false;
    }
    return true;
}

static bool store_all(struct import *im, struct error *err)
{
    if (!store_frames(im, err) || !workspace_begin(im->w, err))
        return false;
    bool ok = true;
    for (int i = 0; i < im->units; i++) {
        struct import_unit *u = &im->unit[i];
        for (size_t k = 0; k < u->series_n && ok; k++)
            ok = series_put_row(im->w, &u->row[k], err);
        if (ok)
            import_keep(u, im->w);
    }
    ok = ok && workspace_commit(im->w, err);
    if (!ok)
        workspace_rollback(im->w);
    return ok;
}

static json_t *result_json(const struct import *im)
{
    json_t *files = json_array(), *series = json_array(), *warnings = json_array();
    for (int i = 0; i < im->units; i++) {
        const struct import_unit *u = &im->unit[i];
        json_array_extend(files, u->files);
        json_array_extend(series, u->series);
        for (size_t k = 0; k < u->joined.warning_n; k++)
            json_array_append_new(warnings, json_of_text(u->joined.warning[k]));
    }
    return json_pack("{s:o, s:o, s:o, s:b, s:b}", "files", files, "series", series, "warnings", warnings, "append",
                     im->options->append, "dry_run", im->options->dry_run);
}

json_t *action_data_add(struct workspace *w, const char *const *path, int n, const struct action_data_options *options,
                        struct error *err)
{
    struct import im = {.w = w, .options = options};
    if (!import_options(&im.csv, &im.lag_us, options, err))
        return NULL;
    start_progress(&im, path, n);
    im.units = options->append ? 1 : n;
    im.unit = NEW_ARRAY(struct import_unit, im.units);
    for (int i = 0; i < im.units; i++)
        im.unit[i] = (struct import_unit){.path = path + i, .n = options->append ? n : 1};
    json_t *result = NULL;
    int held = options->dry_run ? -1 : workspace_hold(w, err);
    if ((options->dry_run || held >= 0) && read_all(&im, err) && (options->dry_run || store_all(&im, err)))
        result = result_json(&im);
    workspace_release(held);
    for (int i = 0; i < im.units; i++)
        unit_free(&im.unit[i]);
    free(im.unit);
    return result;
}
