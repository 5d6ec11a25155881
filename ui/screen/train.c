/* The Train screen: trains the network at hand and shows the curves of every run, live. */
#include "action/action.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/models.h"
#include "ui/screen/aid.h"
#include "ui/screen/train_state.h"

#include <limits.h>

static void *open_train(struct app *app)
{
    (void)app;
    struct train_screen *s = NEW(struct train_screen);
    s->read.at_once = 2500;
    s->smooth = s->follow = true;
    s->fold = s->cursor = -1;
    recipe_defaults_for(&s->recipe, TASK_DIRECTION);
    return s;
}

static void close_train(void *self)
{
    predict_view_close(&((struct train_screen *)self)->predict);
    train_unload(self);
    free(self);
}

static void reload(void *self, struct app *app)
{
    train_load(self, app);
}

static void draw(void *self, struct app *app, struct grid *g, struct box b)
{
    struct train_screen *s = self;
    if (s->predict.open)
        predict_view_draw(&s->predict, g, b);
    else
        train_draw(s, app, g, b);
}

/* What the best cross-validation of the predicting network's architecture said; "" if there was none. */
static void scored_so_far(const struct train_screen *s, struct app *app, char *out, size_t size)
{
    struct model_row model;
    const struct train_run *best = NULL;
    out[0] = '\0';
    if (!models_find(app_workspace(app), s->predict.model, &model, NULL))
        return;
    free(model.result);
    for (int i = 0; i < s->runs; i++) {
        const struct train_run *r = &s->run[i];
        if (r->trial && hash_equal(r->arch, model.arch) && isfinite(r->score) && (best == NULL || r->score > best->score))
            best = r;
    }
    if (best != NULL)
        snprintf(out, size,
                 "Over the validation folds of trial %lld, which no training had seen, this architecture has a %s of %.4f "
                 "[%.4f, %.4f]: that is what to expect of new bars, at best.",
                 (long long)best->id, task_score_name(s->task.task.target), best->score, best->low, best->high);
}

static char *explain(void *self, struct app *app)
{
    struct train_screen *s = self;
    char validation[320];
    if (!s->predict.open)
        return train_explain(s, app);
    scored_so_far(s, app, validation, sizeof validation);
    return predict_view_explain(&s->predict, validation);
}

/* --- when a key may be used ----------------------------------------------------------------------------------------- */

static struct train_job *free_job(struct train_screen *s)
{
    for (int i = 0; i < TRAIN_JOBS; i++)
        if (s->job[i].job == NULL)
            return &s->job[i];
    return NULL;
}

static struct train_job *running_job(struct train_screen *s)
{
    for (int i = TRAIN_JOBS; i-- > 0;)
        if (s->job[i].job != NULL)
            return &s->job[i];
    return NULL;
}

static bool may_train(void *self, struct app *app, char *why, size_t size)
{
    struct train_screen *s = self;
    (void)app;
    text_copy(why, size,
              !s->has_task                   ? "there is no prediction task yet: set one on the Data screen (1)"
              : !s->has_selected             ? "no network is at hand: choose one on the Graph screen"
              : s->room.too_large[0] != '\0' ? s->room.too_large
                                             : "two jobs of this screen run already: wait for one, or x cancels");
    return s->has_task && s->has_selected && s->room.too_large[0] == '\0' && free_job(s) != NULL;
}

static bool may_cancel(void *self, struct app *app, char *why, size_t size)
{
    (void)app;
    text_copy(why, size, "no training of this screen is running");
    return running_job(self) != NULL;
}

static bool may_resume(void *self, struct app *app, char *why, size_t size)
{
    struct train_screen *s = self;
    (void)app;
    text_copy(why, size,
              train_kept(s) == NULL ? "no training on this task was interrupted"
                                    : "two jobs of this screen run already: wait for one, or x cancels");
    return train_kept(s) != NULL && free_job(s) != NULL;
}

static bool has_run(void *self, struct app *app, char *why, size_t size)
{
    (void)app;
    text_copy(why, size, "there is no run yet: t trains the network at hand");
    return train_at(self) != NULL;
}

static bool has_folds(void *self, struct app *app, char *why, size_t size)
{
    const struct train_run *r = train_at(self);
    (void)app;
    text_copy(why, size, "this run has no folds; those that c and the search make have");
    return r != NULL && r->curve.folds > 1;
}

/* --- jobs ----------------------------------------------------------------------------------------------------------- */

static void watch(struct train_screen *s, struct job *job, bool scoring)
{
    *free_job(s) = (struct train_job){.job = job, .scoring = scoring, .progress = (double)NAN, .eta = (double)NAN};
    s->result[0] = '\0';
    s->follow = true;
    s->marks = 0;
}

static void begin(struct train_screen *s, struct app *app, const char *command)
{
    char hex[HASH_HEX];
    bool scoring = text_equal(command, "score");
    struct settings_arguments a = {.argument = {command, hex}, .n = 2};
    hash_hex(s->selected.id, hex);
    hex[16] = '\0'; /* enough to tell any two apart, short enough for a title */
    settings_put(&a, &s->form.settings, scoring);
    struct job *job = app_job(app, a.argument, NULL);
    if (job == NULL)
        return;
    s->form.open = false;
    watch(s, job, scoring);
    app_message(app, STYLE_GOOD, "%s of %s has started; p pauses it, x cancels it", scoring ? "scoring" : "training",
                s->selected.name);
}

static void train(void *self, struct app *app)
{
    begin(self, app, "train");
}

static void score(void *self, struct app *app)
{
    begin(self, app, "score");
}

static void cancel(void *self, struct app *app)
{
    struct train_job *j = running_job(self);
    job_cancel(j->job);
    app_message(app, STYLE_WARN, "%s: cancelling; what was trained is kept: %s goes on", job_title(j->job),
                j->scoring ? "c" : "R");
}

/* The job says itself where it stands: that is shown, not what was asked for. */
static void pause_job(void *self, struct app *app)
{
    struct train_job *j = running_job(self);
    if (!job_write(j->job, j->paused ? "resume" : "pause"))
        app_message(app, STYLE_BAD, "%s takes no orders at the moment; try again", job_title(j->job));
    else
        app_message(app, STYLE_GOOD, j->paused ? "%s: goes on" : "%s: pauses behind this step; p goes on",
                    job_title(j->job));
}

/* Settings and all are those that it was begun with. */
static void resume(void *self, struct app *app)
{
    struct train_screen *s = self;
    const struct train_run *r = train_kept(s);
    char hex[HASH_HEX], number[24];
    hash_hex(r->arch, hex);
    hex[16] = '\0';
    snprintf(number, sizeof number, "%lld", (long long)r->id);
    struct job *job = app_job(app, (const char *const[]){"train", hex, "--resume", "--run", number, NULL}, NULL);
    if (job == NULL)
        return;
    app_message(app, STYLE_GOOD, "training %lld of %s goes on in epoch %d of %d", (long long)r->id, r->name, r->kept,
                r->epochs);
    watch(s, job, false);
}

/* --- predicting ----------------------------------------------------------------------------------------------------------- */

/* The model of the training under the cursor, else the newest of the network at hand. */
static bool model_to_ask(const struct train_screen *s, struct app *app, char id[HASH_HEX], char *name, size_t size)
{
    const struct train_run *r = train_at(s);
    struct model_row row;
    if (r != NULL && !r->trial && text_equal(r->state, "done") && !hash_is_zero(r->model)) {
        hash_hex(r->model, id);
        text_copy(name, size, r->name);
        return true;
    }
    if (!s->has_task || !s->has_selected || !models_newest(app_workspace(app), s->selected.id, s->task.hash, &row))
        return false;
    free(row.result);
    hash_hex(row.id, id);
    text_copy(name, size, s->selected.name);
    return true;
}

static bool may_predict(void *self, struct app *app, char *why, size_t size)
{
    char id[HASH_HEX], name[80];
    text_copy(why, size, "there is no trained model: t trains the network at hand; a scoring (c) keeps none");
    return model_to_ask(self, app, id, name, sizeof name);
}

static void predict(void *self, struct app *app)
{
    struct train_screen *s = self;
    char id[HASH_HEX], name[80];
    if (model_to_ask(s, app, id, name, sizeof name))
        predict_view_start(&s->predict, app, id, name, "");
}

static void predict_file(void *self, struct app *app)
{
    predict_files_open(&((struct train_screen *)self)->predict, app);
}

static void predict_workspace(void *self, struct app *app)
{
    struct predict_view *v = &((struct train_screen *)self)->predict;
    char id[HASH_HEX], name[80];
    text_copy(id, sizeof id, v->model);
    text_copy(name, sizeof name, v->name);
    predict_view_start(v, app, id, name, "");
}

static bool has_predictions(void *self, struct app *app, char *why, size_t size)
{
    const struct predict_view *v = &((struct train_screen *)self)->predict;
    (void)app;
    text_copy(why, size, v->job != NULL ? "the model is being asked: wait a moment" : "there is nothing to save");
    return v->job == NULL && v->rows > 0;
}

static void predict_save(void *self, struct app *app)
{
    predict_view_save(&((struct train_screen *)self)->predict, app);
}

static void predict_leave(void *self, struct app *app)
{
    (void)app;
    ((struct train_screen *)self)->predict.open = false;
}

/* --- looking -------------------------------------------------------------------------------------------------------------- */

static bool has_parent(void *self, struct app *app, char *why, size_t size)
{
    const struct train_run *r = train_at(self);
    (void)app;
    text_copy(why, size, "this run started from fresh weights: it inherited none");
    return r != NULL && r->parent != 0;
}

static void lineage(void *self, struct app *app)
{
    struct train_screen *s = self;
    s->lineage = !s->lineage;
    s->marks = 0;
    s->cursor = -1;
    train_load_curves(s, app_workspace(app));
    app_message(app, STYLE_DIM, s->lineage ? "the runs that its weights come from stand in front; i takes them away"
                                           : "the run under the cursor alone");
}

static void next_metric(void *self, struct app *app)
{
    struct train_screen *s = self;
    (void)app;
    s->metric = (enum train_metric)((s->metric + 1) % TRAIN_METRICS);
}

static void toggle_smooth(void *self, struct app *app)
{
    (void)app;
    ((struct train_screen *)self)->smooth = !((struct train_screen *)self)->smooth;
}

static void toggle_log(void *self, struct app *app)
{
    struct train_screen *s = self;
    s->log = !s->log;
    if (s->log && s->metric == TRAIN_ACCURACY)
        app_message(app, STYLE_DIM, "accuracy is always shown on a linear scale");
}

static void next_fold(void *self, struct app *app)
{
    struct train_screen *s = self;
    (void)app;
    s->fold = s->fold + 1 < train_at(s)->curve.folds ? s->fold + 1 : -1;
    s->cursor = -1;
}

static void mark(void *self, struct app *app)
{
    struct train_screen *s = self;
    const struct train_run *r = train_at(s);
    int at = train_mark_of(s, r);
    if (at >= 0) {
        memmove(&s->mark[at], &s->mark[at + 1], (size_t)(s->marks - at - 1) * sizeof *s->mark);
        s->marks--;
    } else if (s->marks == TRAIN_MARKS) {
        app_message(app, STYLE_WARN, "%d runs can be drawn at once; Space on a marked one takes its mark off",
                    TRAIN_MARKS);
        return;
    } else {
        s->mark[s->marks++] = (struct train_mark){r->trial, r->id};
    }
    s->follow = false;
    table_move(&s->table, s->runs, 1);
    train_load_curves(s, app_workspace(app));
}

static void take(void *self, struct app *app)
{
    struct train_screen *s = self;
    struct error err = {0};
    char hex[HASH_HEX];
    hash_hex(train_at(s)->arch, hex);
    json_t *result = action_select(app_workspace(app), hex, &err);
    if (result == NULL)
        app_error(app, &err);
    else
        app_message(app, STYLE_GOOD, "%s is at hand: t trains it, Graph and Morph show it", train_at(s)->name);
    json_decref(result);
}

static void follow(void *self, struct app *app)
{
    struct train_screen *s = self;
    s->follow = !s->follow;
    if (s->follow)
        train_load(s, app);
}

static void moved(struct train_screen *s, struct app *app, int to)
{
    if (to != s->table.cursor)
        s->cursor = -1;
    s->table.cursor = to;
    s->follow = false;
    train_load_curves(s, app_workspace(app));
}

static void row_text(void *self, int row, char *out, size_t size)
{
    const struct train_run *r = &((struct train_screen *)self)->run[row];
    snprintf(out, size, "%s %lld %s %s", r->trial ? "trial" : "train", (long long)r->id, r->name, r->state);
}

static void find(struct train_screen *s, struct app *app, int step)
{
    int row = s->runs > 0 ? app_search_row(app, s->runs, s->table.cursor + step, step, s, row_text) : -1;
    if (row >= 0)
        moved(s, app, row);
}

/* From the latest point the cursor goes back in time; past the last point it lets go again. */
static void move_cursor(struct train_screen *s, int step)
{
    int n = 0;
    if (train_at(s) != NULL)
        train_points(s, train_at(s), &n);
    int to = s->cursor < 0 ? (step < 0 ? n - 1 : -1) : s->cursor + step;
    s->cursor = to >= n ? -1 : to < 0 && s->cursor >= 0 ? 0 : to;
}

static bool mouse(struct train_screen *s, struct app *app, const struct input_event *event)
{
    struct table_source source = {s, s->runs, NULL};
    bool inside = event->x >= s->rows.x && event->x < s->rows.x + s->rows.columns;
    int row = inside ? table_row_at(s->rows, &source, &s->table, event->y - s->rows.y) : -1;
    if (row >= 0)
        moved(s, app, row);
    return true;
}

static bool input(void *self, struct app *app, const struct input_event *event)
{
    struct train_screen *s = self;
    int delta;
    if (s->form.open)
        return train_form_input(s, app, event);
    if (s->predict.open)
        return predict_view_input(&s->predict, app, event);
    if (event->key == 'n' || event->key == 'N') {
        find(s, app, event->key == 'n' ? 1 : -1);
        return true;
    }
    if (event->key == INPUT_LEFT || event->key == INPUT_RIGHT) {
        move_cursor(s, event->key == INPUT_LEFT ? -1 : 1);
        return true;
    }
    if (aid_move(event, s->rows.rows - 2, &delta)) {
        struct table_state to = s->table;
        table_move(&to, s->runs, delta);
        moved(s, app, to.cursor);
        return true;
    }
    return event->key == INPUT_MOUSE && mouse(s, app, event);
}

/* --- events of jobs ------------------------------------------------------------------------------------------------- */

static double number(const json_t *j, const char *key)
{
    const json_t *v = json_object_get(j, key);
    return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

/* A scoring names no time left: it is what its share so far took. */
static void note_progress(struct train_job *j, const json_t *event)
{
    const char *text = json_string_value(json_object_get(event, "text"));
    if (text != NULL)
        text_copy(j->text, sizeof j->text, text);
    j->progress = number(event, "progress");
    j->eta = number(event, "eta_seconds");
    if (isnan(j->eta) && j->progress > 0)
        j->eta = job_seconds(j->job) * (1 - j->progress) / j->progress;
}

static void note_pause(struct train_job *j, const json_t *event, bool paused)
{
    const char *text = json_string_value(json_object_get(event, "text"));
    if (text != NULL)
        text_copy(j->text, sizeof j->text, text);
    j->paused = paused;
}

static void note_result(struct train_screen *s, const json_t *event)
{
    const json_t *score = json_object_get(event, "directional_accuracy"), *valid = json_object_get(event, "valid");
    const char *weights = json_string_value(json_object_get(event, "weights_hash"));
    const char *root = json_string_value(json_object_get(event, "trace_root"));
    if (weights == NULL || root == NULL)
        return;
    if (json_is_object(valid))
        snprintf(s->result, sizeof s->result,
                 "Trained: best epoch %.0f, %.2f %% of %.0f validation bars right, log loss %.4f. "
                 "Weights %.12s, trace root %.12s.",
                 number(event, "best_epoch"), 100 * number(valid, "directional_accuracy"), number(valid, "samples"),
                 number(valid, "log_loss"), weights, root);
    else
        snprintf(s->result, sizeof s->result,
                 "Scored: %.2f %% [%.1f, %.1f] of %.0f out-of-fold bars right, AUC %.3f. "
                 "Weights %.12s, trace root %.12s.",
                 100 * number(score, "mean"), 100 * number(score, "low"), 100 * number(score, "high"),
                 number(event, "total"), number(event, "auc"), weights, root);
}

static void on_event(void *self, struct app *app, struct job *job, json_t *event)
{
    struct train_screen *s = self;
    const char *kind = json_string_value(json_object_get(event, "event"));
    predict_view_event(&s->predict, app, job, event);
    for (int i = 0; i < TRAIN_JOBS; i++) {
        if (s->job[i].job != job)
            continue;
        if (kind == NULL)
            note_result(s, event);
        else if (text_equal(kind, "epoch"))
            note_progress(&s->job[i], event);
        else if (text_equal(kind, "paused") || text_equal(kind, "resumed"))
            note_pause(&s->job[i], event, text_equal(kind, "paused"));
        else if (text_equal(kind, "ended"))
            s->job[i] = (struct train_job){.job = NULL};
    }
}

static const struct screen_key keys[] = {
    {'t', "train", "Trains the network at hand on everything before the hold-out.", true, may_train, train},
    {'c', "score", "Scores it by walk-forward cross-validation, from scratch.", true, may_train, score},
    {'o', "options", "The settings of the next training: optimizer, learning rate, schedule and all else.", false, NULL,
     train_form_open},
    {'p', "pause", "Pauses the newest training or scoring of this screen, or lets it go on.", false, may_cancel,
     pause_job},
    {'x', "cancel", "Cancels it; what was trained is kept and can be gone on with.", false, may_cancel, cancel},
    {'R', "resume", "Goes on with an interrupted training: that under the cursor, or the newest.", true, may_resume, resume},
    {'P', "predict", "Asks the trained model about the newest bars, and the next one.", false, may_predict, predict},
    {'m', "metric", "Shows loss, accuracy, gradient norm or learning rate.", false, NULL, next_metric},
    {INPUT_SPACE, "mark", "Marks the run, to draw up to six over one another; or takes the mark off.", false, has_run,
     mark},
    {'f', "fold", "Shows all folds one behind the other, or one of them.", false, has_folds, next_fold},
    {'i', "inherit", "Puts the runs that its weights come from in front, with a tick at each morphism.", false, has_parent,
     lineage},
    {'s', "smooth", "A moving average over the raw curve, or the raw curve alone.", false, NULL, toggle_smooth},
    {'l', "log", "A logarithmic scale, or a linear one.", false, NULL, toggle_log},
    {INPUT_ENTER, "take", "Makes the network of this run the one at hand.", true, has_run, take},
    {'w', "follow", "Keeps the newest running run in sight, or holds still.", false, NULL, follow},
    /* in the predictions */
    {'f', "file", "Takes new bars from a CSV file, which is not stored.", false, NULL, predict_file},
    {'b', "workspace", "Shows the bars that the workspace has.", false, NULL, predict_workspace},
    {'s', "save", "Saves the predictions of all bars as CSV.", false, has_predictions, predict_save},
    {'P', "back", "Goes back to the runs; so does Esc.", false, NULL, predict_leave},
    /* in the form of the settings */
    {'t', "train", "Trains the network at hand with these settings.", true, may_train, train},
    {'c', "score", "Scores it by walk-forward cross-validation with these settings, from scratch.", true, may_train,
     score},
    {INPUT_ENTER, "change", "Asks for the setting at the cursor.", true, NULL, train_form_enter},
    {'d', "default", "Lets the setting at the cursor be by itself again.", true, NULL, train_form_reset},
    {'D', "all", "Lets all settings be by themselves again.", true, NULL, train_form_reset_all},
    {INPUT_ESC, "back", "Goes back to the runs and their curves.", false, NULL, train_form_close},
};
enum { FORM_KEYS = 6, PREDICT_KEYS = 4 };

/* The keys of the predictions and of the form are the last ones of the table; while a file is chosen there are none. */
static bool shows(void *self, const struct screen_key *key)
{
    const struct train_screen *s = self;
    size_t left = (size_t)(keys + ARRAY_N(keys) - key);
    bool of_form = left <= FORM_KEYS, of_predictions = !of_form && left <= FORM_KEYS + PREDICT_KEYS;
    if (s->form.open)
        return of_form;
    return s->predict.open ? of_predictions && !s->predict.choosing : !of_form && !of_predictions;
}

const struct screen screen_train = {
    .name = "train",
    .title = "Train",
    .about =
        "Trains the network at hand and shows what is learned while it is learned: every run with its curves, raw and "
        "smoothed. Up and Down choose a run, Left and Right move along its curve and name the exact values. A "
        "training is the same to the bit on every machine; its trace root proves it.",
    .key = keys,
    .keys = (int)ARRAY_N(keys),
    .open = open_train,
    .close = close_train,
    .reload = reload,
    .draw = draw,
    .input = input,
    .shows = shows,
    .event = on_event,
    .explain = explain,
};
