/* The Search screen: suggestions, trials, the leaderboard, the family of architectures, accuracy against cost, the race
 * of the strategies, the chain behind a trial, and a search while it runs. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/search_act.h"

#include <math.h>

static void *open_search(struct app *app)
{
    (void)app;
    struct search_screen *s = NEW(struct search_screen);
    s->progress = s->eta = s->low = s->high = (double)NAN;
    s->best = s->race_cursor = -1;
    s->print.count = -1;
    s->at_once = 2500;
    return s;
}

static void close_search(void *self)
{
    struct search_screen *s = self;
    search_unload(s);
    search_free_chain(s);
    free(s->folded);
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
    struct search_screen *s = self;
    return s->form.open ? NULL : search_explain(s, app);
}

/* --- looking ----------------------------------------------------------------------------------------------------------- */

static void show_view(struct search_screen *s, struct app *app, int step)
{
    s->view = (enum search_view)(((int)s->view + SEARCH_VIEWS + step) % SEARCH_VIEWS);
    search_build_shown(s);
    search_keep_choices(s, app);
}

static void next_view(void *self, struct app *app)
{
    show_view(self, app, 1);
}

static void last_view(void *self, struct app *app)
{
    show_view(self, app, -1);
}

static void sort_given(void *self, struct app *app, const char *text)
{
    struct search_screen *s = self;
    for (int i = 0; i < SEARCH_SORTS; i++)
        if (text_equal(text, search_sort_name((enum search_sort)i)))
            s->sort = (enum search_sort)i;
    search_build_board(s);
    search_build_front(s);
    s->table[SEARCH_TRIALS] = (struct table_state){0, 0};
    search_keep_choices(s, app);
}

static void ask_sort(void *self, struct app *app)
{
    const char *name[SEARCH_SORTS];
    for (int i = 0; i < SEARCH_SORTS; i++)
        name[i] = search_sort_name((enum search_sort)i);
    app_ask_choice(app, "Trials by", name, SEARCH_SORTS, (int)((struct search_screen *)self)->sort, sort_given, self);
}

static const char all[] = "all trials";

static void filter_given(void *self, struct app *app, const char *text)
{
    struct search_screen *s = self;
    text_copy(s->filter, sizeof s->filter, text_equal(text, all) ? "" : text);
    search_build_board(s);
    search_build_front(s);
    s->table[SEARCH_TRIALS] = (struct table_state){0, 0};
    search_keep_choices(s, app);
}

static void ask_filter(void *self, struct app *app)
{
    struct search_screen *s = self;
    char name[24][SEARCH_FILTER];
    const char *choice[24] = {all};
    int n = search_filters(s, name, 24), now = 0;
    for (int i = 1; i < n; i++) {
        choice[i] = name[i];
        now = text_equal(name[i], s->filter) ? i : now;
    }
    app_ask_choice(app, "Only trials that are", choice, n, now, filter_given, self);
}

static void next_axis(void *self, struct app *app)
{
    struct search_screen *s = self;
    if (s->view == SEARCH_RACES) {
        s->by_seconds = !s->by_seconds;
        s->race_cursor = -1;
        search_build_race(s);
    } else {
        s->cost = (enum search_cost)((s->cost + 1) % SEARCH_COSTS);
        search_build_front(s);
        s->table[SEARCH_PARETO] = (struct table_state){0, 0};
    }
    search_keep_choices(s, app);
}

static void open_form(void *self, struct app *app)
{
    (void)app;
    search_form_open(&((struct search_screen *)self)->form);
}

static void close_form(void *self, struct app *app)
{
    (void)app;
    ((struct search_screen *)self)->form.open = false;
}

static void form_enter(void *self, struct app *app)
{
    search_form_enter(&((struct search_screen *)self)->form, app);
}

static void form_reset(void *self, struct app *app)
{
    search_form_reset(&((struct search_screen *)self)->form, app);
}

static void form_reset_all(void *self, struct app *app)
{
    search_form_reset_all(&((struct search_screen *)self)->form, app);
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

/* From the end the cursor goes back; past the last step it lets go again. */
static void move_cursor(struct search_screen *s, int step)
{
    int to = s->race_cursor < 0 ? (step < 0 ? s->race_xs - 1 : -1) : s->race_cursor + step;
    s->race_cursor = to >= s->race_xs ? -1 : to < 0 && s->race_cursor >= 0 ? 0 : to;
}

static bool input(void *self, struct app *app, const struct input_event *event)
{
    struct search_screen *s = self;
    int delta;
    if (s->form.open)
        return search_form_input(&s->form, app, event);
    if (event->key == 'n' || event->key == 'N') {
        find(s, app, event->key == 'n' ? 1 : -1);
        return true;
    }
    if (event->key == INPUT_LEFT || event->key == INPUT_RIGHT || event->key == 'h' || event->key == 'l') {
        int step = event->key == INPUT_LEFT || event->key == 'h' ? -1 : 1;
        if (s->view == SEARCH_RACES && s->race_xs > 0)
            move_cursor(s, step);
        else
            show_view(s, app, step);
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
    if (job == s->judge_job && !ended)
        search_judged(app, event);
    if (job == s->judge_job && ended)
        s->judge_job = NULL;
    if (job == s->chain_job && !ended)
        search_chain_event(s, event);
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
    if (job == s->chain_job)
        s->chain_job = NULL;
}

static const struct screen_key keys[] = {
    {'v', "view", "Shows the trials, the suggestions, the family tree, scores against cost, the race of the strategies, or "
                  "the chain behind a trial; so do Left and Right.", false, NULL, next_view},
    {INPUT_ENTER, "take", "Makes the architecture under the cursor the one at hand; a suggestion is also scored.", true,
     search_may_take, search_take},
    {'r', "search", "Opens the form that begins a search.", false, search_may_search, open_form},
    {'P', "pause", "Pauses the running search between trials, or lets it go on.", false, search_is_searching, search_pause},
    {'x', "cancel", "Cancels the running search or scoring; finished trials are kept.", false, search_may_cancel,
     search_cancel},
    {'R', "resume", "Goes on with the search that was interrupted.", true, search_may_resume, search_resume},
    {'s', "suggest", "Asks the surrogate for the eight candidates of the largest expected improvement.", true,
     search_may_suggest, search_ask_suggestions},
    {'o', "sort", "Puts the trials in another order.", false, NULL, ask_sort},
    {'f', "filter", "Shows some of the trials: of a strategy, pinned, stopped early, failed.", false, NULL, ask_filter},
    {'o', "axis", "Another cost against the score, or seconds in place of trials.", false, NULL, next_axis},
    {INPUT_SPACE, "fold", "Folds away what grew from the architecture under the cursor, or shows it again.", false,
     search_may_fold, search_fold},
    {'a', "accept", "Scores the suggestion under the cursor and makes it the one at hand.", true, search_may_accept,
     search_accept},
    {'d', "skip", "Never suggests the architecture under the cursor again.", true, search_on_suggestion, search_skip},
    {'p', "pin", "Pins the trial or suggestion under the cursor (*), or takes the pin off; a pinned suggestion stays on top.",
     true, search_may_pin, search_pin},
    {'c', "chain", "Shows the morphisms that led to the trial under the cursor, with the posterior at each step.", false,
     search_may_chain, search_chain},
    {'b', "baselines", "Scores the manual models on the same folds, and shows them all beside what was found: intervals, its lead over each, the evidence.", true, search_may_judge,
     search_baselines},
    {'C', "compare", "Compares the trial under the cursor with another on the same bars.", false, search_may_compare,
     search_compare},
    {'H', "hold-out", "Opens the sealed hold-out for the architecture under the cursor, once; or shows what came of it.", true,
     search_may_holdout, search_holdout},
    {'i', "graph", "Makes the architecture under the cursor the one at hand and goes to the Graph screen.", true,
     search_has_arch, search_graph},
    {'m', "morph", "Makes the architecture under the cursor the one at hand and goes to the Morph screen.", true,
     search_has_arch, search_morph},
    {'I', "inherited", "Measures how much training the inheritance of weights saved, by training again.", false,
     search_may_inherit, search_inherit},
    {'u', "unskip", "Lets the architecture that was skipped last be suggested again.", true, search_has_skipped,
     search_unskip},
    {'V', "last", "The view before this one.", false, NULL, last_view},
    /* in the form */
    {'r', "start", "Begins the search with these settings.", true, search_may_search, search_begin},
    {INPUT_ENTER, "change", "Asks for the setting at the cursor, or turns it over.", false, NULL, form_enter},
    {INPUT_SPACE, "turn", "The same.", false, NULL, form_enter},
    {'d', "default", "Lets the setting at the cursor be by itself again.", false, NULL, form_reset},
    {'D', "all", "Lets all settings be by themselves again.", false, NULL, form_reset_all},
    {INPUT_ESC, "back", "Goes back without a search.", false, NULL, close_form},
};
enum { FORM_KEYS = 6 };

/* The form's keys are the last ones of the table. Of the others those are named that mean something in the view. */
static bool shows(void *self, const struct screen_key *key)
{
    const struct search_screen *s = self;
    bool of_form = (size_t)(keys + ARRAY_N(keys) - key) <= FORM_KEYS;
    if (s->form.open || of_form)
        return s->form.open == of_form;
    if (key->run == ask_sort || key->run == ask_filter)
        return s->view == SEARCH_TRIALS;
    if (key->run == next_axis)
        return s->view == SEARCH_PARETO || s->view == SEARCH_RACES;
    if (key->run == search_fold)
        return s->view == SEARCH_FAMILY;
    if (key->run == search_skip || key->run == search_unskip)
        return s->view == SEARCH_SUGGESTIONS;
    if (key->run == search_accept)
        return s->view == SEARCH_SUGGESTIONS || s->view == SEARCH_CHAIN;
    return true;
}

const struct screen screen_search = {
    .name = "search",
    .title = "Search",
    .about = "Which network predicts this task best? Trials (walk-forward cross-validations) by score, what the surrogate "
             "suggests to try next, the family of architectures, scores against cost, the strategies raced side by side, and "
             "the chain of morphisms behind a trial. * is pinned, the filled diamond the architecture at hand, ~ the "
             "estimate of a trial that was stopped early. Intervals are 95 %: over the bars stand the ends of their scale, the dotted "
             "line in them is 50 %. Predictions are mean ± standard deviation of the surrogate, a Gaussian process fitted to the "
             "trials; EI is the improvement over the best that it expects, in points of the score. Fidelity: a part of the "
             "cross-validation, to stop early what is behind.",
    .key = keys,
    .keys = (int)ARRAY_N(keys),
    .open = open_search,
    .close = close_search,
    .reload = reload,
    .draw = draw,
    .input = input,
    .shows = shows,
    .event = on_event,
    .explain = explain,
};
