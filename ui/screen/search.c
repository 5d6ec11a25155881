/* The Search screen: suggestions, trials, the leaderboard, the family of architectures, and a search while it runs. */
#include "action/action.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/search_state.h"
#include "ui/screen/settings.h"

#include <math.h>

enum { TRIALS_PRESET = 12, TRIALS_MOST = 1000000 };

static void *open_search(struct app *app)
{
    (void)app;
    struct search_screen *s = NEW(struct search_screen);
    s->progress = s->eta = s->low = s->high = (double)NAN;
    return s;
}

static void close_search(void *self)
{
    struct search_screen *s = self;
    search_unload(s);
    free(s);
}

static void reload(void *self, struct app *app)
{
    search_load(self, app);
}

static void draw(void *self, struct app *app, struct grid *g, struct box b)
{
    search_draw(self, app, g, b);
}

static char *explain(void *self, struct app *app)
{
    (void)app;
    return search_explain(self);
}

/* --- when a key may be used
 * ------------------------------------------------------------------------------------------- */

static bool has_task(void *self, struct app *app, char *why, size_t size)
{
    (void)app;
    text_copy(why, size, "there is no prediction task yet: set one on the Data screen (1)");
    return ((struct search_screen *)self)->has_task;
}

static bool may_suggest(void *self, struct app *app, char *why, size_t size)
{
    struct search_screen *s = self;
    if (!has_task(self, app, why, size))
        return false;
    text_copy(why, size,
              s->suggest_job != NULL ? "the surrogate is being fitted already"
                                     : "nothing was scored yet: r searches, c on Train scores one");
    return s->suggest_job == NULL && s->scored > 0;
}

static bool may_search(void *self, struct app *app, char *why, size_t size)
{
    struct search_screen *s = self;
    if (!has_task(self, app, why, size))
        return false;
    text_copy(why, size, "a search runs already: P pauses it, x cancels it");
    return s->search_job == NULL;
}

static bool may_resume(void *self, struct app *app, char *why, size_t size)
{
    struct search_screen *s = self;
    text_copy(why, size, s->search_job != NULL ? "the search is running" : "no search was interrupted");
    (void)app;
    return search_interrupted(s);
}

static bool is_searching(void *self, struct app *app, char *why, size_t size)
{
    (void)app;
    text_copy(why, size, "no search of this program is running; r starts one");
    return ((struct search_screen *)self)->search_job != NULL;
}

static struct job **any_job(struct search_screen *s)
{
    if (s->search_job != NULL)
        return &s->search_job;
    for (int i = 0; i < SEARCH_SCORINGS; i++)
        if (s->scoring[i] != NULL)
            return &s->scoring[i];
    return s->suggest_job != NULL ? &s->suggest_job : NULL;
}

static bool may_cancel(void *self, struct app *app, char *why, size_t size)
{
    (void)app;
    text_copy(why, size, "neither a search nor a scoring of this screen is running");
    return any_job(self) != NULL;
}

static bool has_row(void *self, struct app *app, char *why, size_t size)
{
    struct search_screen *s = self;
    (void)app;
    text_copy(why, size, "there is nothing under the cursor");
    return s->table[s->view].cursor < search_rows(s);
}

static bool on_suggestion(void *self, struct app *app, char *why, size_t size)
{
    struct search_screen *s = self;
    text_copy(why, size,
              s->view == SEARCH_SUGGESTIONS ? "there is no suggestion: s asks for some"
                                            : "this is for suggestions: v shows them");
    (void)app;
    return s->view == SEARCH_SUGGESTIONS && search_suggestion(s, s->table[s->view].cursor) != NULL;
}

static bool may_accept(void *self, struct app *app, char *why, size_t size)
{
    struct search_screen *s = self;
    if (!on_suggestion(self, app, why, size))
        return false;
    for (int i = 0; i < SEARCH_SCORINGS; i++)
        if (s->scoring[i] == NULL)
            return true;
    snprintf(why, size, "%d scorings run already: wait for one, or x cancels", SEARCH_SCORINGS);
    return false;
}

static bool on_trial(void *self, struct app *app, char *why, size_t size)
{
    struct search_screen *s = self;
    text_copy(why, size, "there is no trial under the cursor");
    (void)app;
    return search_trial_of_row(s, s->table[s->view].cursor) >= 0;
}

/* Enter selects for everyone; on a suggestion it also starts work. */
static bool may_take(void *self, struct app *app, char *why, size_t size)
{
    struct search_screen *s = self;
    return s->view == SEARCH_SUGGESTIONS ? may_accept(self, app, why, size) : has_row(self, app, why, size);
}

/* --- what keys do
 * ----------------------------------------------------------------------------------------------------- */

static bool select_arch(struct search_screen *s, struct app *app, const char *hex)
{
    struct error err = {0};
    json_t *result = action_select(app_workspace(app), hex, &err);
    if (result == NULL)
        app_error(app, &err);
    else
        text_copy(s->selected, sizeof s->selected, hex);
    json_decref(result);
    return result != NULL;
}

/* What is scored and searched is trained as the Train screen says. */
static void put_settings(struct settings_arguments *a, struct settings *settings, struct app *app)
{
    struct workspace *w = app_workspace(app);
    struct task_row task;
    struct recipe recipe;
    enum task_target target = TASK_DIRECTION;
    if (tasks_active(w, &task, NULL)) {
        target = task.task.target;
        free(task.info);
    }
    settings_load(settings, &recipe, w, target);
    settings_put(a, settings, true);
}

static void accept(void *self, struct app *app)
{
    struct search_screen *s = self;
    struct hash id;
    char hex[HASH_HEX], key[17];
    int slot = 0;
    if (!search_hash_of_row(s, s->table[s->view].cursor, &id))
        return;
    hash_hex(id, hex);
    snprintf(key, sizeof key, "%.16s", hex);
    while (slot < SEARCH_SCORINGS && s->scoring[slot] != NULL)
        slot++;
    if (slot == SEARCH_SCORINGS || !select_arch(s, app, hex))
        return;
    struct settings settings;
    struct settings_arguments a = {.argument = {"score", key}, .n = 2};
    put_settings(&a, &settings, app);
    s->scoring[slot] = app_job(app, a.argument, NULL);
    if (s->scoring[slot] != NULL)
        app_message(app, STYLE_GOOD, "%.8s is being scored; Graph, Morph and Train show it", hex);
}

static void take(void *self, struct app *app)
{
    struct search_screen *s = self;
    struct hash id;
    char hex[HASH_HEX], name[80];
    if (s->view == SEARCH_SUGGESTIONS) {
        accept(self, app);
        return;
    }
    if (!search_hash_of_row(s, s->table[s->view].cursor, &id))
        return;
    hash_hex(id, hex);
    if (select_arch(s, app, hex))
        app_message(app, STYLE_GOOD, "%s is at hand: Graph, Morph and Train show it", search_arch_name(s, id, name));
}

static void suggest(void *self, struct app *app)
{
    struct search_screen *s = self;
    s->suggest_job = app_job(app, (const char *const[]){"suggest", "-n", "8", NULL}, NULL);
    if (s->suggest_job != NULL)
        s->view = SEARCH_SUGGESTIONS;
}

static void dismiss(void *self, struct app *app)
{
    struct search_screen *s = self;
    int row = s->table[s->view].cursor;
    json_array_remove(json_object_get(s->suggest, "suggestions"), (size_t)row);
    search_keep_suggestions(s, app);
    table_move(&s->table[s->view], search_rows(s), 0);
    app_message(app, STYLE_DIM, "dismissed; s asks for suggestions again");
}

static void pin(void *self, struct app *app)
{
    struct search_screen *s = self;
    struct error err = {0};
    struct trial_row *t = &s->trial[search_trial_of_row(s, s->table[s->view].cursor)];
    json_t *result = action_trial_pin(app_workspace(app), t->id, !t->pinned, &err);
    if (result == NULL) {
        app_error(app, &err);
        return;
    }
    json_decref(result);
    t->pinned = !t->pinned;
    app_message(app, STYLE_GOOD, "trial %lld is %s", (long long)t->id, t->pinned ? "pinned (*)" : "no longer pinned");
}

static void begin(struct search_screen *s, struct app *app, const char *const *arguments)
{
    s->search_job = app_job(app, arguments, NULL);
    s->paused = false;
    s->progress = s->eta = (double)NAN;
    s->progress_text[0] = '\0';
    memset(s->running, 0, sizeof s->running);
    if (s->search_job != NULL)
        app_message(app, STYLE_GOOD, "the search has started; P pauses it, x cancels it");
}

static void trials_given(void *self, struct app *app, const char *text)
{
    int64_t n;
    char number[24];
    if (!text_parse_int(text, 1, TRIALS_MOST, &n)) {
        app_message(app, STYLE_BAD, "\"%s\" is no number of trials from 1 to %d", text, TRIALS_MOST);
        return;
    }
    snprintf(number, sizeof number, "%lld", (long long)n);
    char fixed[8] = ""; /* kept by who wants the same proposals every time, as the tour does */
    workspace_setting_get(app_workspace(app), "search.deterministic", fixed, sizeof fixed);
    struct settings settings;
    struct settings_arguments a = {.argument = {"search", "--trials", number, "--workers", "2"}, .n = 5};
    put_settings(&a, &settings, app);
    if (text_equal(fixed, "1"))
        a.argument[a.n++] = "--deterministic";
    a.argument[a.n] = NULL;
    begin(self, app, a.argument);
}

static void start(void *self, struct app *app)
{
    char preset[16];
    snprintf(preset, sizeof preset, "%d", TRIALS_PRESET);
    app_ask(app, "Search: trials in all", preset, false, trials_given, self);
}

static void resume(void *self, struct app *app)
{
    begin(self, app, (const char *const[]){"search", "--resume", "--workers", "2", NULL});
}

static void resume_answered(void *self, struct app *app, const char *text)
{
    if (text_starts(text, "resume"))
        resume(self, app);
}

/* A search that says it runs may be another program's: two would train the same trials. */
static void ask_resume(void *self, struct app *app)
{
    static const char *const choices[] = {"leave it alone", "resume it: the program that ran it has ended"};
    struct search_screen *s = self;
    if (text_equal(s->last.state, "running"))
        app_ask_choice(app, "This search may be running elsewhere", choices, 2, 0, resume_answered, self);
    else
        resume(self, app);
}

static void pause_search(void *self, struct app *app)
{
    struct search_screen *s = self;
    if (!job_write(s->search_job, s->paused ? "resume" : "pause")) {
        app_message(app, STYLE_BAD, "the search takes no orders at the moment; try again");
        return;
    }
    s->paused = !s->paused;
    app_message(app, STYLE_GOOD,
                s->paused ? "trials in flight come to their end, then the search waits; P goes on"
                          : "the search goes on");
}

static void cancel(void *self, struct app *app)
{
    struct job **job = any_job(self);
    job_cancel(*job);
    app_message(app, STYLE_WARN, "%s: cancelling; what has finished is kept", job_title(*job));
}

static void next_view(void *self, struct app *app)
{
    struct search_screen *s = self;
    (void)app;
    s->view = (enum search_view)((s->view + 1) % SEARCH_VIEWS);
}

/* --- moving
 * ------------------------------------------------------------------------------------------------------------ */

static void find(struct search_screen *s, struct app *app, int step)
{
    struct table_state *t = &s->table[s->view];
    int rows = search_rows(s),
        row = rows > 0 ? app_search_row(app, rows, t->cursor + step, step, s, search_row_text) : -1;
    if (row >= 0)
        t->cursor = row;
}

static bool mouse(struct search_screen *s, const struct input_event *event)
{
    struct table_state *t = &s->table[s->view];
    struct table_source source = {s, search_rows(s), NULL};
    bool inside = event->x >= s->rows.x && event->x < s->rows.x + s->rows.columns;
    int row = inside ? table_row_at(s->rows, &source, t, event->y - s->rows.y) : -1;
    if (row >= 0)
        t->cursor = row;
    return true;
}

static bool input(void *self, struct app *app, const struct input_event *event)
{
    struct search_screen *s = self;
    int delta;
    if (event->key == 'n' || event->key == 'N') {
        find(s, app, event->key == 'n' ? 1 : -1);
        return true;
    }
    if (event->key == INPUT_LEFT || event->key == INPUT_RIGHT || event->key == 'h' || event->key == 'l') {
        bool back = event->key == INPUT_LEFT || event->key == 'h';
        s->view = (enum search_view)((s->view + (back ? SEARCH_VIEWS - 1 : 1)) % SEARCH_VIEWS);
        return true;
    }
    if (!aid_move(event, s->rows.rows - 2, &delta))
        return event->key == INPUT_MOUSE && mouse(s, event);
    table_move(&s->table[s->view], search_rows(s), delta);
    return true;
}

/* --- events of jobs
 * ------------------------------------------------------------------------------------------------------ */

/* How far a trial in flight is; a slot is given up when its trial ends. */
static void note_running(struct search_screen *s, int64_t trial, double share)
{
    int slot = -1;
    for (int i = 0; i < SEARCH_RUNNING; i++)
        if (s->running[i].trial == trial || (s->running[i].trial == 0 && slot < 0))
            slot = i;
    if (slot >= 0) {
        s->running[slot].trial = isfinite(share) ? trial : 0;
        s->running[slot].share = share;
    }
}

static void note_progress(struct search_screen *s, const json_t *event, bool search)
{
    const char *kind = json_string_value(json_object_get(event, "event"));
    const json_t *share = json_object_get(event, search ? "trial_progress" : "progress");
    const json_t *eta = json_object_get(event, "eta_seconds"), *progress = json_object_get(event, "progress");
    if (kind != NULL && text_equal(kind, "epoch"))
        note_running(s, json_integer_value(json_object_get(event, "run")), json_number_value(share));
    if (kind != NULL && text_equal(kind, "trial") &&
        !text_equal(json_string_value(json_object_get(event, "state")), "running"))
        note_running(s, json_integer_value(json_object_get(event, "trial")), (double)NAN);
    if (!search)
        return;
    const char *text = json_string_value(json_object_get(event, "text"));
    s->progress = json_is_number(progress) ? json_number_value(progress) : s->progress;
    s->eta = json_is_number(eta) ? json_number_value(eta) : s->eta;
    if (text != NULL)
        text_copy(s->progress_text, sizeof s->progress_text, text);
}

/* The texts of the candidates are in the workspace already; without them the suggestions are small enough to be kept.
 */
static void on_suggest(struct search_screen *s, struct app *app, json_t *event)
{
    json_t *list = json_object_get(event, "suggestions");
    if (!json_is_array(list))
        return;
    for (size_t i = 0; i < json_array_size(list); i++)
        json_object_del(json_array_get(list, i), "text");
    json_decref(s->suggest);
    s->suggest = json_incref(event);
    s->table[SEARCH_SUGGESTIONS] = (struct table_state){0, 0};
    search_keep_suggestions(s, app);
}

static void on_event(void *self, struct app *app, struct job *job, json_t *event)
{
    struct search_screen *s = self;
    const char *kind = json_string_value(json_object_get(event, "event"));
    bool ended = kind != NULL && text_equal(kind, "ended");
    if (job == s->search_job && !ended)
        note_progress(s, event, true);
    if (job == s->suggest_job && !ended)
        on_suggest(s, app, event);
    for (int i = 0; i < SEARCH_SCORINGS; i++) {
        if (job == s->scoring[i] && !ended)
            note_progress(s, event, false);
        if (job == s->scoring[i] && ended)
            s->scoring[i] = NULL;
    }
    if (!ended)
        return;
    if (job == s->search_job) {
        s->search_job = NULL;
        memset(s->running, 0, sizeof s->running);
    }
    if (job == s->suggest_job)
        s->suggest_job = NULL;
}

static const struct screen_key keys[] = {
    {'v', "view", "Shows the trials, the suggestions, the family tree, or accuracy against size; so do Left and Right.",
     false, NULL, next_view},
    {INPUT_ENTER, "take", "Makes the architecture under the cursor the one at hand; a suggestion is also scored.", true,
     may_take, take},
    {'r', "search", "Searches on its own: asks how many trials.", true, may_search, start},
    {'s', "suggest", "Asks the surrogate for the eight candidates of the largest expected improvement.", true,
     may_suggest, suggest},
    {'P', "pause", "Pauses the running search between trials, or lets it go on.", false, is_searching, pause_search},
    {'x', "cancel", "Cancels the running search or scoring; finished trials are kept.", false, may_cancel, cancel},
    {'R', "resume", "Goes on with the search that was interrupted.", true, may_resume, ask_resume},
    {'p', "pin", "Pins the trial under the cursor (*), or takes the pin off.", true, on_trial, pin},
    {'d', "dismiss", "Takes the suggestion under the cursor off the list.", true, on_suggestion, dismiss},
    {'a', "accept", "Scores the suggestion under the cursor and makes it the one at hand.", true, may_accept, accept},
};

const struct screen screen_search = {
    .name = "search",
    .title = "Search",
    .about = "Which network predicts this task best? Trials (walk-forward cross-validations) by accuracy, what the "
             "surrogate suggests to try next, the family of architectures, and accuracy against size. * is a pinned "
             "trial, the filled diamond the architecture at hand. Intervals are 95 %; the mark in them is 50 %.",
    .key = keys,
    .keys = (int)ARRAY_N(keys),
    .open = open_search,
    .close = close_search,
    .reload = reload,
    .draw = draw,
    .input = input,
    .event = on_event,
    .explain = explain,
};
