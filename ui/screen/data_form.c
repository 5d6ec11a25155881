#include "ui/screen/data_form.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/set/dataset.h"
#include "ui/screen/aid.h"
#include "ui/screen/data.h"
#include "ui/screen/data_form_fields.h"

enum { QUICK_VALUES = 50 * 1000 };

const struct data_form_field data_form_fields[DATA_FIELDS] = {
    [DATA_FIELD_ASSET] = {"asset", "asset",
                          "Whose bars set the clock and whose price is predicted; several, parted by commas, are "
                          "trained on together. What else belongs to an asset is joined to its bars."},
    [DATA_FIELD_PRICE] = {"price", "price", "The column that is predicted, where the name does not tell."},
    [DATA_FIELD_TARGET] =
        {"target", "target",
         "direction: up or down. return: the return itself. class:COLUMN: the label that a column holds."},
    [DATA_FIELD_HORIZON] = {"horizon", "horizon", "How many bars ahead. Default 1; 0: the class of the bar itself."},
    [DATA_FIELD_LOOKBACK] = {"lookback", "look-back", "From how many bars each prediction is made. Default 32."},
    [DATA_FIELD_FEATURES] = {"features", "features",
                             "Families of features, parted by commas: usual,rsi:14,macd. By itself the usual ones."},
    [DATA_FIELD_COLUMNS] = {"columns", "columns",
                            "Only these columns; -NAME leaves one out, NAME=ROLE says what it is. By itself all."},
    [DATA_FIELD_MISSING] =
        {"missing-inputs", "missing inputs",
         "Samples with a missing input are dropped, or the hole is filled with 0 and a channel says so."},
    [DATA_FIELD_FOLDS] =
        {"folds", "folds",
         "Walk-forward folds: each trains on the past and is judged on the block behind it. Default 5."},
    [DATA_FIELD_EMBARGO] =
        {"embargo", "embargo",
         "Bars between training and validation, beyond look-back and horizon, which are purged anyway. Default 0."},
    [DATA_FIELD_STRIDE] = {"stride", "stride",
                           "Every how many bars a sample is taken. Default 1; more makes long series quick."},
    [DATA_FIELD_HOLDOUT] = {"holdout", "hold-out",
                            "The last share of time, which stays sealed until it is opened once. Default 0.15."},
    [DATA_FIELD_SEED] = {"seed", "seed", "Of everything that is drawn at random. Default 1."},
    [DATA_FIELD_OPEN] = {"open-sealed", "open sealed",
                         "Show bars that an earlier task sealed: for good, and every later score says so."},
    [DATA_FIELD_ACCEPT] =
        {"accept-leak", "accepted leaks",
         "What the leak detector suspects and is to be used all the same. It is recorded with the task."},
};

void data_form_close(struct data_form *f)
{
    json_decref(f->info);
    f->info = NULL;
}

static void form_order(const struct data_form *f, bool dry, struct order *o)
{
    order_words(o, "task set");
    for (int i = 0; i < DATA_FIELDS; i++) {
        char *copy = memory_text(f->value[i]), *rest = copy, *part;
        if (i == DATA_FIELD_OPEN && text_equal(f->value[i], "yes"))
            order_put(o, "--open-sealed");
        if (i != DATA_FIELD_ACCEPT && i != DATA_FIELD_OPEN)
            order_option(o, data_form_fields[i].flag, f->value[i]);
        while (i == DATA_FIELD_ACCEPT && f->value[i][0] != '\0' && (part = text_next(&rest, '\n')) != NULL)
            order_option(o, data_form_fields[i].flag, part);
        free(copy);
    }
    if (dry)
        order_put(o, "--dry-run");
}

char *data_form_command(const struct data_form *f)
{
    struct order o = {0};
    form_order(f, false, &o);
    char *text = order_text(&o);
    order_free(&o);
    return text;
}

/* --- what it would be ------------------------------------------------------------------------------------------------
 */

static void take_info(struct data_form *f, json_t *info, const char *refusal)
{
    json_decref(f->info);
    f->info = info;
    text_copy(f->refusal, sizeof f->refusal, info != NULL ? "" : refusal);
    f->top = 0;
}

void data_form_check(struct data_screen *s, struct app *app)
{
    struct data_form *f = &s->form;
    struct order o = {0};
    struct error err = {0};
    if (order_about("task set", "dry-run") == NULL)
        return;
    if (f->job != NULL) {
        job_cancel(f->job);
        f->stale = true;
        return;
    }
    form_order(f, true, &o);
    if (data_values(s) > QUICK_VALUES)
        f->job = order_job(&o, app);
    else
        take_info(f, order_run(&o, app_workspace(app), &err), err.text);
    order_free(&o);
}

static void job_ended(struct data_screen *s, struct app *app, const json_t *event)
{
    struct data_form *f = &s->form;
    f->job = NULL;
    if (f->stale) {
        f->stale = false;
        if (s->mode == DATA_TASK)
            data_form_check(s, app);
        return;
    }
    if (text_equal(aid_text(event, "state"), "failed"))
        take_info(f, NULL, aid_text(event, "message"));
    else if (text_equal(aid_text(event, "state"), "cancelled"))
        take_info(f, NULL, "It was not worked out: the job was cancelled.");
    if (s->mode == DATA_TASK)
        app_message(app, f->info != NULL ? STYLE_GOOD : STYLE_WARN,
                    f->info != NULL ? "worked out; nothing is set yet" : "this cannot be set");
}

bool data_form_event(struct data_screen *s, struct app *app, struct job *job, const json_t *event)
{
    struct data_form *f = &s->form;
    if (job != f->job)
        return false;
    if (text_equal(aid_text(event, "event"), "ended"))
        job_ended(s, app, event);
    else if (json_object_get(event, "samples") != NULL && !f->stale)
        take_info(f, json_incref((json_t *)event), "");
    return true;
}

/* --- opening ---------------------------------------------------------------------------------------------------------
 */

/* By the names of its columns alone, which the report has: no series is read for it. */
static bool has_price(const struct series_row *row)
{
    json_t *report = json_loads(row->report, 0, NULL), *columns = json_object_get(report, "columns"), *name;
    size_t n = json_array_size(columns), i;
    struct frame f = {.rows = 2, .columns = n, .column = NEW_ARRAY(struct frame_column, n + 1)};
    double varies[2] = {1, 2};
    char evidence[256];
    json_array_foreach(columns, i, name)
    {
        text_copy(f.column[i].name, sizeof f.column[i].name, json_is_string(name) ? json_string_value(name) : "");
        f.column[i].value = varies;
    }
    bool found = n > 0 && dataset_guess_price(&f, evidence, sizeof evidence) >= 0;
    free(f.column);
    json_decref(report);
    return found;
}

/* Those that have a price first, then the others (a table with classes needs none). Returns how many; *preset is the
 * asset of the cursor's series if it has a price, else the first. */
int data_form_assets(const struct data_screen *s, const char *out[DATA_FORM_CHOICES], int *preset)
{
    const struct series_row *here = data_selected(s);
    int n = 0;
    *preset = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < s->series_n && n < DATA_FORM_CHOICES - 2; i++) {
            bool known = pass == 0 && !has_price(&s->series[i]);
            for (int k = 0; k < n; k++)
                known = known || text_equal_nocase(out[k], s->series[i].asset);
            if (!known)
                out[n++] = s->series[i].asset;
        }
        for (int k = 0; k < n && pass == 0 && here != NULL; k++)
            if (text_equal_nocase(out[k], here->asset))
                *preset = k;
    }
    return n;
}

/* What is as it would be by itself is not said. */
static void put_number(char *out, int64_t v, int64_t plain)
{
    if (v != plain)
        snprintf(out, DATA_FIELD_MAX, "%lld", (long long)v);
}

static void put_columns(char *out, const struct task *t)
{
    for (int i = 0; i < t->column_n; i++) {
        const struct task_column *c = &t->column[i];
        bool role = c->use == TASK_USE_ROLE;
        char item[2 * FRAME_NAME_MAX + 32];
        snprintf(item, sizeof item, "%s%s%s.%s%s%s", i > 0 ? "," : "", c->use == TASK_USE_NONE ? "-" : "", c->series,
                 c->name, role ? "=" : "", role ? feature_role_name(c->role) : "");
        text_append(out, DATA_FIELD_MAX, item);
    }
}

static void put_target(char *out, const struct task *t)
{
    if (t->target == TASK_RETURN)
        text_copy(out, DATA_FIELD_MAX, "return");
    else if (t->target == TASK_CLASS)
        snprintf(out, DATA_FIELD_MAX, "class:%s", t->label);
}

static void fill_from_task(struct data_form *f, const struct task *t)
{
    struct task plain;
    task_defaults(&plain);
    for (int i = 0; i < t->assets; i++) {
        text_append(f->value[DATA_FIELD_ASSET], DATA_FIELD_MAX, i > 0 ? "," : "");
        text_append(f->value[DATA_FIELD_ASSET], DATA_FIELD_MAX, t->asset[i].name);
    }
    put_target(f->value[DATA_FIELD_TARGET], t);
    put_number(f->value[DATA_FIELD_HORIZON], t->horizon, plain.horizon);
    put_number(f->value[DATA_FIELD_LOOKBACK], t->lookback, plain.lookback);
    put_number(f->value[DATA_FIELD_FOLDS], t->folds, plain.folds);
    put_number(f->value[DATA_FIELD_EMBARGO], t->embargo, plain.embargo);
    put_number(f->value[DATA_FIELD_STRIDE], t->stride, plain.stride);
    put_number(f->value[DATA_FIELD_SEED], (int64_t)t->seed, (int64_t)plain.seed);
    put_columns(f->value[DATA_FIELD_COLUMNS], t);
    if (t->holdout_ppm != plain.holdout_ppm)
        snprintf(f->value[DATA_FIELD_HOLDOUT], DATA_FIELD_MAX, "%g", (double)t->holdout_ppm / 1e6);
    if (!text_equal(t->features, plain.features) && !text_equal(t->features, FEATURE_USUAL_PLAIN))
        text_copy(f->value[DATA_FIELD_FEATURES], DATA_FIELD_MAX, t->features);
    if (t->missing == TASK_MISSING_MASK)
        text_copy(f->value[DATA_FIELD_MISSING], DATA_FIELD_MAX, "mask");
    for (int i = 0; i < t->accept_leak_n; i++) {
        text_append(f->value[DATA_FIELD_ACCEPT], DATA_FIELD_MAX, i > 0 ? "\n" : "");
        text_append(f->value[DATA_FIELD_ACCEPT], DATA_FIELD_MAX, t->accept_leak[i]);
    }
}

void data_form_open(struct data_screen *s, struct app *app)
{
    struct data_form *f = &s->form;
    const char *asset[DATA_FORM_CHOICES];
    int preset;
    memset(f->value, 0, sizeof f->value);
    f->list = (struct table_state){0};
    take_info(f, NULL, "");
    if (s->has_task)
        fill_from_task(f, &s->task.task);
    else if (data_form_assets(s, asset, &preset) > 0)
        text_copy(f->value[DATA_FIELD_ASSET], DATA_FIELD_MAX, asset[preset]);
    s->mode = DATA_TASK;
    data_form_check(s, app);
}

/* --- setting ---------------------------------------------------------------------------------------------------------
 */

static const char next[] = "The task was not set; the one before is still in force, if there was one.";

void data_form_set(struct data_screen *s, struct app *app)
{
    struct data_form *f = &s->form;
    struct order o = {0};
    struct error err = {0};
    if (f->job != NULL || s->task_job != NULL) {
        app_message(app, STYLE_WARN,
                    f->job != NULL ? "it is being worked out: wait, or C-c cancels" : "a task is being set");
        return;
    }
    form_order(f, false, &o);
    if (data_values(s) > QUICK_VALUES) {
        s->task_job = order_job(&o, app);
    } else {
        json_t *info = order_run(&o, app_workspace(app), &err);
        if (info != NULL)
            data_task_was_set(s, app, info);
        else
            data_refused(app, "Task not set", err.text, next);
        json_decref(info);
    }
    order_free(&o);
}

/* --- input -----------------------------------------------------------------------------------------------------------
 */

static bool mouse(struct data_screen *s, struct app *app, const struct input_event *event)
{
    struct data_form *f = &s->form;
    struct table_source source = {s, DATA_FIELDS + 1, NULL};
    if (event->x < f->drawn.x || event->x >= f->drawn.x + f->drawn.columns)
        return false;
    int row = table_row_at(f->drawn, &source, &f->list, event->y - f->drawn.y);
    if (row >= 0 && row == f->list.cursor)
        data_form_enter(s, app);
    f->list.cursor = row >= 0 ? row : f->list.cursor;
    return row >= 0;
}

bool data_form_input(struct data_screen *s, struct app *app, const struct input_event *event)
{
    struct data_form *f = &s->form;
    int delta;
    if (event->key == INPUT_ESC) {
        s->mode = DATA_SERIES;
        if (f->job != NULL)
            job_cancel(f->job);
        return true;
    }
    if (event->key == INPUT_MOUSE && event->wheel == 0)
        return mouse(s, app, event);
    if (!aid_move(event, 8, &delta))
        return false;
    if (event->key == INPUT_PAGE_UP || event->key == INPUT_PAGE_DOWN) {
        f->top += delta;
        f->top = f->top > f->most ? f->most : f->top < 0 ? 0 : f->top;
        return true;
    }
    table_move(&f->list, DATA_FIELDS + 1, delta);
    return true;
}
