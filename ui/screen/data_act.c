/* What the Data screen changes besides importing and the task's form: exports, synthetic markets, removing and
 * renaming, the baselines. What is quick is done at once, the rest as a job; a refusal is shown in full. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/data.h"

enum { QUICK_VALUES = 50 * 1000 };

void data_refused(struct app *app, const char *title, const char *why, const char *what_next)
{
    char *text = memory_format("%s\n\n%s", why, what_next);
    app_show_text(app, title, text);
    free(text);
}

int64_t data_values(const struct data_screen *s)
{
    int64_t values = 0;
    for (int i = 0; i < s->series_n; i++)
        values += s->series[i].rows * s->series[i].columns;
    return values;
}

/* --- importing -------------------------------------------------------------------------------------------------------
 */

static void put_list(struct text *out, const json_t *rows)
{
    size_t i;
    const json_t *d;
    json_array_foreach(rows, i, d) text_printf(
        out, "line %lld: %s\n", (long long)json_integer_value(json_object_get(d, "line")), aid_text(d, "why"));
}

static void put_file(struct text *out, const json_t *file)
{
    char rows[AID_NUMBER];
    size_t i;
    const json_t *guess, *warning, *series = json_object_get(file, "series");
    text_printf(out, "%s: %s rows of %zu columns, %.10s to %.10s",
                aid_text(file, "name")[0] != '\0' ? aid_text(file, "name") : aid_text(file, "path"),
                aid_count(json_integer_value(json_object_get(file, "rows")), rows),
                json_array_size(json_object_get(file, "columns")), aid_text(file, "first"), aid_text(file, "last"));
    if (json_array_size(series) > 1)
        text_printf(out, "; %zu series", json_array_size(series));
    text_put(out, "\n\n");
    json_array_foreach(json_object_get(file, "guesses"), i, guess) text_printf(
        out, "%s: %s\n    %s\n", aid_text(guess, "what"), aid_text(guess, "value"), aid_text(guess, "evidence"));
    if (aid_text(file, "lag_reason")[0] != '\0')
        text_printf(out, "publication lag: %g s\n    %s\n", json_number_value(json_object_get(file, "lag_seconds")),
                    aid_text(file, "lag_reason"));
    json_array_foreach(json_object_get(file, "warnings"), i, warning)
        text_printf(out, "\nwarning: %s\n", json_is_string(warning) ? json_string_value(warning) : "");
    if (json_array_size(json_object_get(file, "dropped_rows")) > 0)
        text_put(out, "\nDropped or replaced rows\n");
    put_list(out, json_object_get(file, "dropped_rows"));
}

static const char *imported_name(const json_t *file)
{
    const char *name = aid_text(file, "name");
    return name[0] != '\0' ? name : aid_text(json_array_get(json_object_get(file, "series"), 0), "name");
}

void data_imported(struct data_screen *s, struct app *app, const json_t *result)
{
    struct text out = {0};
    size_t i;
    const json_t *file, *files = json_object_get(result, "files");
    s->mode = DATA_SERIES;
    memset(s->preview.option, 0, sizeof s->preview.option);
    s->preview.paths = 0;
    for (int k = 0; k < s->files.entries; k++)
        s->files.entry[k].picked = false;
    s->files.picked = 0;
    data_reload(s, app);
    const json_t *joined = json_array_get(json_object_get(result, "series"), 0);
    data_select(s, app, joined != NULL ? aid_text(joined, "name") : imported_name(json_array_get(files, 0)));
    json_array_foreach(files, i, file)
    {
        text_put(&out, i > 0 ? "\n" : "");
        put_file(&out, file);
    }
    app_show_text(app, "Imported", text_of(&out));
    text_free(&out);
}

void data_task_was_set(struct data_screen *s, struct app *app, const json_t *info)
{
    char samples[AID_NUMBER];
    s->mode = DATA_SERIES;
    data_reload(s, app);
    snprintf(s->done, sizeof s->done, "task set: %s samples of %lld channels",
             aid_count(json_integer_value(json_object_get(info, "samples")), samples),
             (long long)json_integer_value(json_object_get(info, "channels")));
    app_message(app, STYLE_GOOD, "%s", s->done);
}

/* --- orders that are quick or a job ----------------------------------------------------------------------------------
 */

/* Runs it here and returns the result, or as a job (kept in *job) and returns NULL; NULL with a message where it
 * failed. */
static json_t *run(struct data_screen *s, struct app *app, struct order *o, bool quick, struct job **job,
                   const char *title)
{
    struct error err = {0};
    json_t *result = NULL;
    if (!quick) {
        *job = order_job(o, app);
    } else {
        result = order_run(o, app_workspace(app), &err);
        if (result == NULL)
            data_refused(app, title, err.text, "Nothing was changed.");
    }
    order_free(o);
    (void)s;
    return result;
}

static void exported(struct data_screen *s, struct app *app, const json_t *result)
{
    snprintf(s->done, sizeof s->done, "%.200s: %lld row%s, %lld column%s; %lld sealed row%s left out",
             aid_text(result, "path"), (long long)json_integer_value(json_object_get(result, "rows")), text_s(json_integer_value(json_object_get(result, "rows"))),
             (long long)json_integer_value(json_object_get(result, "columns")),
             text_s(json_integer_value(json_object_get(result, "columns"))),
             (long long)json_integer_value(json_object_get(result, "sealed_rows_left_out")),
             text_s(json_integer_value(json_object_get(result, "sealed_rows_left_out"))));
    app_message(app, STYLE_GOOD, "%s", s->done);
}

static void path_given(void *self, struct app *app, const char *text)
{
    struct data_screen *s = self;
    struct order o = {0};
    if (text[0] == '\0')
        return;
    order_words(&o, "data export");
    order_put(&o, text);
    json_t *result = run(s, app, &o, data_values(s) <= QUICK_VALUES, &s->export, "Not exported");
    if (result != NULL)
        exported(s, app, result);
    json_decref(result);
}

void data_ask_export(void *self, struct app *app)
{
    struct data_screen *s = self;
    char preset[FRAME_NAME_MAX + 16];
    snprintf(preset, sizeof preset, "%s-joined.csv", s->task.task.asset[0].name);
    app_ask(app, "Export the joined table to", preset, false, path_given, s);
}

static void task_path(struct data_screen *s, struct app *app, const char *words, const char *path, const char *title)
{
    struct order o = {0};
    if (path[0] == '\0')
        return;
    order_words(&o, words);
    order_put(&o, path);
    json_t *result = run(s, app, &o, true, &s->other, title);
    if (result != NULL && text_equal(words, "task export"))
        app_message(app, STYLE_GOOD, "the task is in %s", path);
    else if (result != NULL)
        data_task_was_set(s, app, result);
    json_decref(result);
}

static void task_export_given(void *self, struct app *app, const char *text)
{
    task_path(self, app, "task export", text, "Not exported");
}

static void task_import_given(void *self, struct app *app, const char *text)
{
    task_path(self, app, "task import", text, "Not imported");
}

void data_ask_task_export(void *self, struct app *app)
{
    app_ask(app, "Write the task (without the data) to", "task.txt", false, task_export_given, self);
}

void data_ask_task_import(void *self, struct app *app)
{
    app_ask(app, "Take the task from the file", "task.txt", false, task_import_given, self);
}

/* --- a synthetic market ----------------------------------------------------------------------------------------------
 */

static void synth_path_given(void *self, struct app *app, const char *text)
{
    struct data_screen *s = self;
    struct order o = {0};
    char path[FILE_PATH_MAX];
    if (text[0] == '\0')
        return;
    text_copy(path, sizeof path, text);
    order_words(&o, "synth");
    order_put(&o, s->ask[0]);
    order_put(&o, text);
    order_option(&o, "bars", s->ask[1]);
    json_t *result = run(s, app, &o, true, &s->other, "Not made");
    if (result == NULL)
        return;
    const char *const one[] = {path};
    data_preview_open(s, app, one, 1, file_size(path));
    app_message(app, STYLE_GOOD, "%s is made; the best possible accuracy on it is %.4f. Enter imports it",
                file_name(path), json_number_value(json_object_get(result, "bayes_accuracy")));
    json_decref(result);
}

static void synth_bars_given(void *self, struct app *app, const char *text)
{
    struct data_screen *s = self;
    char preset[64];
    int64_t bars;
    if (!text_parse_int(text, 64, 500000, &bars)) {
        app_message(app, STYLE_WARN, "\"%s\" is no whole number from 64 to 500000: nothing was made", text);
        return;
    }
    text_copy(s->ask[1], sizeof s->ask[1], text);
    snprintf(preset, sizeof preset, "synthetic_%.20s.csv", s->ask[0]);
    app_ask(app, "Write it to the file", preset, false, synth_path_given, s);
}

static void synth_kind_given(void *self, struct app *app, const char *text)
{
    struct data_screen *s = self;
    snprintf(s->ask[0], sizeof s->ask[0], "%.*s", (int)strcspn(text, ":"), text);
    app_ask(app, "How many bars", "4000", false, synth_bars_given, s);
}

void data_ask_synth(void *self, struct app *app)
{
    static const char *const kinds[] = {"planted: a pattern to be found, accuracy up to 94 %",
                                        "noise: nothing to be found", "leaky: one column looks ahead"};
    app_ask_choice(app, "A made-up market", kinds, 3, 0, synth_kind_given, self);
}

/* --- series ----------------------------------------------------------------------------------------------------------
 */

static void removed(void *self, struct app *app, const char *text)
{
    struct data_screen *s = self;
    struct order o = {0};
    if (!text_starts(text, "remove"))
        return;
    order_words(&o, "data remove");
    order_put(&o, s->ask[0]);
    json_t *result = run(s, app, &o, true, &s->other, "Not removed");
    if (result != NULL) {
        data_reload(s, app);
        app_message(app, STYLE_GOOD, "%s is removed; the file it came from is untouched", s->ask[0]);
    }
    json_decref(result);
}

void data_ask_remove(void *self, struct app *app)
{
    struct data_screen *s = self;
    char line[FRAME_NAME_MAX + 64];
    const char *choice[2] = {"keep it", line};
    text_copy(s->ask[0], sizeof s->ask[0], data_selected(s)->name);
    snprintf(line, sizeof line, "remove %.63s", s->ask[0]);
    app_ask_choice(app, "Take this series out of the workspace?", choice, 2, 0, removed, s);
}

void data_baseline(void *self, struct app *app)
{
    struct data_screen *s = self;
    s->other = app_job(app, (const char *[]){"baseline", "--kept", NULL}, NULL); /* to train them is for the Search screen */
}

/* --- jobs ------------------------------------------------------------------------------------------------------------
 */

static void put_baselines(struct text *out, const json_t *list)
{
    size_t i;
    const json_t *b;
    text_printf(out, "%-24s %9s  %s\n", "model", "accuracy", "95 % interval");
    json_array_foreach(list, i, b)
    {
        const json_t *a = json_object_get(b, "directional_accuracy");
        text_printf(out, "%-24s %8.2f%%  %.2f .. %.2f\n", aid_text(b, "name"),
                    100 * json_number_value(json_object_get(a, "mean")),
                    100 * json_number_value(json_object_get(a, "low")),
                    100 * json_number_value(json_object_get(a, "high")));
    }
}

static void show_baselines(struct app *app, const json_t *list)
{
    struct text out = {0};
    text_put(&out, "What plain models reach on the folds of this task: a network must beat them.\n\n");
    put_baselines(&out, list);
    app_show_text(app, "Baselines", text_of(&out));
    text_free(&out);
}

static const char import_next[] = "Nothing was imported.";
static const char task_next[] = "The task was not set; the one before is still in force, if there was one.";

static void job_ended(struct data_screen *s, struct app *app, struct job *job, const json_t *event)
{
    bool failed = text_equal(aid_text(event, "state"), "failed");
    if (job == s->import && failed)
        data_refused(app, "Not imported", aid_text(event, "message"), import_next);
    if (job == s->task_job && failed)
        data_refused(app, "Task not set", aid_text(event, "message"), task_next);
    if ((job == s->task_job || job == s->export) &&
        text_equal(aid_text(event, "state"), "done")) /* says more than "done" */
        app_message(app, STYLE_GOOD, "%s", s->done);
    s->import = job == s->import ? NULL : s->import;
    s->task_job = job == s->task_job ? NULL : s->task_job;
    s->export = job == s->export ? NULL : s->export;
    s->other = job == s->other ? NULL : s->other;
}

void data_event(void *self, struct app *app, struct job *job, json_t *event)
{
    struct data_screen *s = self;
    if (job == NULL || data_preview_event(s, app, job, event) || data_form_event(s, app, job, event))
        return;
    if (job != s->import && job != s->task_job && job != s->export && job != s->other)
        return;
    if (text_equal(aid_text(event, "event"), "ended"))
        job_ended(s, app, job, event);
    else if (job == s->import && json_object_get(event, "files") != NULL)
        data_imported(s, app, event);
    else if (job == s->task_job && json_object_get(event, "samples") != NULL)
        data_task_was_set(s, app, event);
    else if (job == s->export && json_object_get(event, "sealed_rows_left_out") != NULL)
        exported(s, app, event);
    else if (job == s->other && json_object_get(event, "baselines") != NULL)
        show_baselines(app, json_object_get(event, "baselines"));
}
