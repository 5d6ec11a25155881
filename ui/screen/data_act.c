/* What the Data screen changes: imports a file, sets the task, exports the joined table. What is quick is done at once,
 * the rest as a job; either way the report, or the refusal, is shown in full. */
#include "store/series.h"
#include "ui/screen/data.h"

#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"

enum { QUICK_BYTES = 256 * 1024, QUICK_VALUES = 50 * 1000 };

/* --- importing ------------------------------------------------------------------------------------------------------- */

static void put_guesses(struct text *out, const json_t *guesses)
{
    size_t i;
    const json_t *g;
    json_array_foreach(guesses, i, g)
        text_printf(out, "%s: %s\n    %s\n", aid_text(g, "what"), aid_text(g, "value"), aid_text(g, "evidence"));
}

static void put_drops(struct text *out, const json_t *drops)
{
    size_t i;
    const json_t *d;
    json_array_foreach(drops, i, d)
        text_printf(out, "line %lld: %s\n", (long long)json_integer_value(json_object_get(d, "line")), aid_text(d, "why"));
}

static char *import_text(const json_t *file)
{
    struct text out = {0};
    char rows[AID_NUMBER];
    size_t i;
    const json_t *warning;
    text_printf(&out, "%s: %s rows of %zu columns, %.10s to %.10s\n\n", aid_text(file, "name"),
                aid_count(json_integer_value(json_object_get(file, "rows")), rows),
                json_array_size(json_object_get(file, "columns")), aid_text(file, "first"), aid_text(file, "last"));
    put_guesses(&out, json_object_get(file, "guesses"));
    text_printf(&out, "publication lag: %g s\n    %s\n", json_number_value(json_object_get(file, "lag_seconds")),
                aid_text(file, "lag_reason"));
    json_array_foreach(json_object_get(file, "warnings"), i, warning)
        text_printf(&out, "\nwarning: %s\n", json_is_string(warning) ? json_string_value(warning) : "");
    if (json_array_size(json_object_get(file, "dropped_rows")) > 0)
        text_put(&out, "\nDropped or replaced rows\n");
    put_drops(&out, json_object_get(file, "dropped_rows"));
    char *text = memory_text(text_of(&out));
    text_free(&out);
    return text;
}

static void imported(struct data_screen *s, struct app *app, const json_t *result)
{
    const json_t *file = json_array_get(json_object_get(result, "files"), 0);
    s->mode = DATA_SERIES;
    s->files.asset[0] = s->files.date_order[0] = s->files.stamp[0] = '\0';
    data_reload(s, app);
    for (int i = 0; i < s->series_n; i++)
        if (text_equal(s->series[i].name, aid_text(file, "name")))
            s->list.cursor = i;
    data_view_load(s, app);
    char *text = import_text(file);
    app_show_text(app, "Imported", text);
    free(text);
}

static void refused(struct app *app, const char *title, const char *why, const char *what_next)
{
    char *text = memory_format("%s\n\n%s", why, what_next);
    app_show_text(app, title, text);
    free(text);
}

static const char import_next[] = "Nothing was imported. Where the file leaves open what only you can know, o in the list of "
                                  "files says it: the asset, the order of dates, what a time means.";

static void import_at_once(struct data_screen *s, struct app *app, const char *path)
{
    struct error err = {0};
    const struct data_files *f = &s->files;
    struct action_data_options o = {.asset = f->asset[0] != '\0' ? f->asset : NULL,
                                    .date_order = f->date_order[0] != '\0' ? f->date_order : NULL,
                                    .stamp = f->stamp[0] != '\0' ? f->stamp : NULL};
    json_t *result = action_data_add(app_workspace(app), &path, 1, &o, &err);
    if (result != NULL)
        imported(s, app, result);
    else
        refused(app, "Not imported", err.text, import_next);
    json_decref(result);
}

void data_import(struct data_screen *s, struct app *app, const char *path, int64_t bytes)
{
    const struct data_files *f = &s->files;
    const char *argument[16] = {"data", "add"};
    int n = 2;
    if (bytes <= QUICK_BYTES) {
        import_at_once(s, app, path);
        return;
    }
    argument[n++] = path;
    const char *const option[][2] = {{"--asset", f->asset}, {"--date-order", f->date_order}, {"--stamp", f->stamp}};
    for (size_t i = 0; i < ARRAY_N(option); i++) {
        if (option[i][1][0] == '\0')
            continue;
        argument[n++] = option[i][0];
        argument[n++] = option[i][1];
    }
    s->import = app_job(app, argument, NULL);
    if (s->import != NULL)
        app_message(app, STYLE_TEXT, "importing %s", file_name(path));
}

/* --- the task -------------------------------------------------------------------------------------------------------- */

static const char task_next[] = "The task was not set; the one before is still in force, if there was one.";

static void task_was_set(struct data_screen *s, struct app *app, const json_t *info)
{
    char samples[AID_NUMBER];
    data_reload(s, app);
    snprintf(s->done, sizeof s->done, "task set: %s samples of %lld channels",
             aid_count(json_integer_value(json_object_get(info, "samples")), samples),
             (long long)json_integer_value(json_object_get(info, "channels")));
    app_message(app, STYLE_GOOD, "%s", s->done);
}

static int64_t values_of(const struct data_screen *s)
{
    int64_t values = 0;
    for (int i = 0; i < s->series_n; i++)
        values += s->series[i].rows * s->series[i].columns;
    return values;
}

static void set_task(struct data_screen *s, struct app *app, int lookback)
{
    struct error err = {0};
    struct action_task_options o = {.asset = s->ask_asset, .horizon = s->ask_horizon, .lookback = lookback, .folds = -1,
                                    .embargo = -1, .stride = -1, .seed = -1, .holdout = -1};
    if (values_of(s) > QUICK_VALUES) {
        char ahead[16], back[16];
        snprintf(ahead, sizeof ahead, "%d", s->ask_horizon);
        snprintf(back, sizeof back, "%d", lookback);
        s->task_job = app_job(app, (const char *[]){"task", "set", "--asset", s->ask_asset, "--horizon", ahead, "--lookback",
                                                    back, NULL}, NULL);
        return;
    }
    json_t *info = action_task_set(app_workspace(app), &o, &err);
    if (info != NULL)
        task_was_set(s, app, info);
    else
        refused(app, "Task not set", err.text, task_next);
    json_decref(info);
}

static bool whole_number(struct app *app, const char *text, int most, int *out)
{
    int64_t v;
    if (!text_parse_int(text, 1, most, &v)) {
        app_message(app, STYLE_WARN, "\"%s\" is no whole number from 1 to %d: nothing was changed", text, most);
        return false;
    }
    *out = (int)v;
    return true;
}

static void lookback_given(void *self, struct app *app, const char *text)
{
    int lookback;
    if (whole_number(app, text, TASK_LOOKBACK_MAX, &lookback))
        set_task(self, app, lookback);
}

static void horizon_given(void *self, struct app *app, const char *text)
{
    struct data_screen *s = self;
    char preset[16];
    snprintf(preset, sizeof preset, "%d", s->has_task ? s->task.task.lookback : 32);
    if (whole_number(app, text, 1000000, &s->ask_horizon))
        app_ask(app, "Look-back: from how many bars", preset, false, lookback_given, s);
}

static void asset_given(void *self, struct app *app, const char *text)
{
    struct data_screen *s = self;
    char preset[16];
    text_copy(s->ask_asset, sizeof s->ask_asset, text);
    snprintf(preset, sizeof preset, "%d", s->has_task ? s->task.task.horizon : 1);
    app_ask(app, "Horizon: how many bars ahead", preset, false, horizon_given, s);
}

static bool has_price(struct app *app, const struct series_row *row)
{
    char evidence[256];
    struct frame *f = series_frame(app_workspace(app), row->frame, NULL);
    bool found = f != NULL && dataset_guess_price(f, evidence, sizeof evidence) >= 0;
    frame_free(f);
    return found;
}

/* Only assets that have a price are asked about, unless none has: then the refusal says what is missing. */
void data_ask_task(void *self, struct app *app)
{
    struct data_screen *s = self;
    const char **asset = NEW_ARRAY(const char *, s->series_n);
    int n = 0, preset = 0, priced = 0;
    bool *price = NEW_ARRAY(bool, s->series_n);
    for (int i = 0; i < s->series_n; i++)
        priced += price[i] = has_price(app, &s->series[i]);
    for (int i = 0; i < s->series_n; i++) {
        bool known = priced > 0 && !price[i];
        for (int k = 0; k < n; k++)
            known = known || text_equal_nocase(asset[k], s->series[i].asset);
        if (i == s->list.cursor && !known)
            preset = n;
        if (!known)
            asset[n++] = s->series[i].asset;
    }
    app_ask_choice(app, "Whose price is to be predicted", asset, n, preset, asset_given, s);
    free(price);
    free(asset);
}

/* --- exporting ------------------------------------------------------------------------------------------------------- */

static void exported(struct data_screen *s, struct app *app, const json_t *result)
{
    snprintf(s->done, sizeof s->done, "%.200s: %lld rows, %lld columns; %lld sealed rows left out", aid_text(result, "path"),
             (long long)json_integer_value(json_object_get(result, "rows")),
             (long long)json_integer_value(json_object_get(result, "columns")),
             (long long)json_integer_value(json_object_get(result, "sealed_rows_left_out")));
    app_message(app, STYLE_GOOD, "%s", s->done);
}

static void path_given(void *self, struct app *app, const char *text)
{
    struct data_screen *s = self;
    struct error err = {0};
    if (text[0] == '\0')
        return;
    if (values_of(s) > QUICK_VALUES) {
        s->export = app_job(app, (const char *[]){"data", "export", text, NULL}, NULL);
        return;
    }
    json_t *result = action_data_export(app_workspace(app), text, &err);
    if (result != NULL)
        exported(s, app, result);
    else
        app_error(app, &err);
    json_decref(result);
}

void data_ask_export(void *self, struct app *app)
{
    struct data_screen *s = self;
    char preset[FRAME_NAME_MAX + 16];
    snprintf(preset, sizeof preset, "%s-joined.csv", s->task.task.asset[0].name);
    app_ask(app, "Export the joined table to", preset, false, path_given, s);
}

/* --- jobs ------------------------------------------------------------------------------------------------------------ */

static void job_ended(struct data_screen *s, struct app *app, struct job *job, const json_t *event)
{
    bool failed = text_equal(aid_text(event, "state"), "failed");
    if (job == s->import && failed)
        refused(app, "Not imported", aid_text(event, "message"), import_next);
    if (job == s->task_job && failed)
        refused(app, "Task not set", aid_text(event, "message"), task_next);
    if (job != s->import && text_equal(aid_text(event, "state"), "done")) /* says more than "done" */
        app_message(app, STYLE_GOOD, "%s", s->done);
    s->import = job == s->import ? NULL : s->import;
    s->task_job = job == s->task_job ? NULL : s->task_job;
    s->export = job == s->export ? NULL : s->export;
}

void data_event(void *self, struct app *app, struct job *job, json_t *event)
{
    struct data_screen *s = self;
    if (job == NULL || (job != s->import && job != s->task_job && job != s->export))
        return;
    if (text_equal(aid_text(event, "event"), "ended"))
        job_ended(s, app, job, event);
    else if (job == s->import && json_object_get(event, "files") != NULL)
        imported(s, app, event);
    else if (job == s->task_job && json_object_get(event, "samples") != NULL)
        task_was_set(s, app, event);
    else if (job == s->export && json_object_get(event, "sealed_rows_left_out") != NULL)
        exported(s, app, event);
}
