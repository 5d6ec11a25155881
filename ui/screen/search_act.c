#include "ui/screen/search_act.h"

#include "action/action.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/marks.h"

#include <math.h>

/* --- when a key may be used ------------------------------------------------------------------------------------------- */

static bool has_task(const struct search_screen *s, char *why, size_t size)
{
    text_copy(why, size, "there is no prediction task yet: set one on the Data screen (1)");
    return s->has_task;
}

bool search_may_suggest(void *self, struct app *app, char *why, size_t size)
{
    struct search_screen *s = self;
    (void)app;
    if (!has_task(s, why, size))
        return false;
    text_copy(why, size,
              s->suggest_job != NULL ? "the surrogate is being fitted already"
                                     : "nothing was scored yet: r searches, c on Train scores one");
    return s->suggest_job == NULL && s->scored > 0;
}

bool search_may_search(void *self, struct app *app, char *why, size_t size)
{
    struct search_screen *s = self;
    (void)app;
    if (!has_task(s, why, size))
        return false;
    text_copy(why, size, "a search runs already: P pauses it, x cancels it");
    return s->search_job == NULL;
}

bool search_may_resume(void *self, struct app *app, char *why, size_t size)
{
    struct search_screen *s = self;
    text_copy(why, size, s->search_job != NULL ? "the search is running" : "no search was interrupted");
    (void)app;
    return search_interrupted(s);
}

bool search_is_searching(void *self, struct app *app, char *why, size_t size)
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
    if (s->chain_job != NULL)
        return &s->chain_job;
    if (s->judge_job != NULL)
        return &s->judge_job;
    return s->suggest_job != NULL ? &s->suggest_job : NULL;
}

bool search_may_cancel(void *self, struct app *app, char *why, size_t size)
{
    (void)app;
    text_copy(why, size, "neither a search nor a scoring of this screen is running");
    return any_job(self) != NULL;
}

bool search_has_arch(void *self, struct app *app, char *why, size_t size)
{
    struct search_screen *s = self;
    struct hash id;
    (void)app;
    text_copy(why, size, "there is nothing under the cursor");
    return search_hash_of_row(s, s->table[s->view].cursor, &id);
}

bool search_on_suggestion(void *self, struct app *app, char *why, size_t size)
{
    struct search_screen *s = self;
    text_copy(why, size,
              s->view == SEARCH_SUGGESTIONS ? "there is no suggestion: s asks for some"
                                            : "this is for suggestions: v shows them");
    (void)app;
    return s->view == SEARCH_SUGGESTIONS && search_suggestion(s, s->table[s->view].cursor) != NULL;
}

/* A suggestion, or the candidate at the end of a chain. */
static bool on_candidate(const struct search_screen *s)
{
    int row = s->table[s->view].cursor;
    if (s->view == SEARCH_CHAIN)
        return row < s->chains && s->chain[row].trial == 0;
    return s->view == SEARCH_SUGGESTIONS && search_suggestion(s, row) != NULL;
}

bool search_may_accept(void *self, struct app *app, char *why, size_t size)
{
    struct search_screen *s = self;
    if (!on_candidate(s))
        return search_on_suggestion(self, app, why, size);
    for (int i = 0; i < SEARCH_SCORINGS; i++)
        if (s->scoring[i] == NULL)
            return true;
    snprintf(why, size, "%d scorings run already: wait for one, or x cancels", SEARCH_SCORINGS);
    return false;
}

/* Enter selects for everyone; on a suggestion it also starts work. */
bool search_may_take(void *self, struct app *app, char *why, size_t size)
{
    struct search_screen *s = self;
    return s->view == SEARCH_SUGGESTIONS ? search_may_accept(self, app, why, size) : search_has_arch(self, app, why, size);
}

bool search_may_pin(void *self, struct app *app, char *why, size_t size)
{
    struct search_screen *s = self;
    (void)app;
    text_copy(why, size, "there is no trial and no suggestion under the cursor");
    return on_candidate(s) || search_trial_of_row(s, s->table[s->view].cursor) >= 0;
}

bool search_may_chain(void *self, struct app *app, char *why, size_t size)
{
    struct search_screen *s = self;
    (void)app;
    text_copy(why, size,
              s->chain_job != NULL ? "the surrogate is being fitted already"
              : s->scored == 0     ? "nothing was scored yet: r searches, c on Train scores one"
                                   : "there is no trial under the cursor");
    return s->chain_job == NULL && s->scored > 0 &&
           (s->view == SEARCH_CHAIN ? s->chain_of != 0 : search_trial_of_row(s, s->table[s->view].cursor) >= 0);
}

bool search_may_fold(void *self, struct app *app, char *why, size_t size)
{
    struct search_screen *s = self;
    int row = s->table[s->view].cursor;
    (void)app;
    text_copy(why, size, "nothing grew from this architecture");
    return s->view == SEARCH_FAMILY && row < s->families && s->family[row].parent;
}

bool search_has_skipped(void *self, struct app *app, char *why, size_t size)
{
    struct hash *id;
    int n = app_workspace(app) != NULL ? marks_list(app_workspace(app), MARKS_SKIP, &id, NULL) : 0;
    (void)self;
    text_copy(why, size, "nothing is skipped");
    if (n >= 0 && app_workspace(app) != NULL)
        free(id);
    return n > 0;
}

/* --- architectures ----------------------------------------------------------------------------------------------------- */

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

static bool select_here(struct search_screen *s, struct app *app, char hex[HASH_HEX])
{
    struct hash id;
    if (!search_hash_of_row(s, s->table[s->view].cursor, &id))
        return false;
    hash_hex(id, hex);
    return select_arch(s, app, hex);
}

/* Trained as the Train screen says, from its parent's weights, as the search would. */
void search_accept(void *self, struct app *app)
{
    struct search_screen *s = self;
    char hex[HASH_HEX], key[17];
    int slot = 0;
    while (slot < SEARCH_SCORINGS && s->scoring[slot] != NULL)
        slot++;
    if (slot == SEARCH_SCORINGS || !select_here(s, app, hex))
        return;
    snprintf(key, sizeof key, "%.16s", hex);
    struct settings_arguments a = {.argument = {"score", key, "--grow"}, .n = 3};
    settings_put(&a, &s->form.settings, true);
    s->scoring[slot] = app_job(app, a.argument, NULL);
    if (s->scoring[slot] != NULL)
        app_message(app, STYLE_GOOD, "%.8s is being scored; Graph, Morph and Train show it", hex);
}

void search_take(void *self, struct app *app)
{
    struct search_screen *s = self;
    struct hash id;
    char hex[HASH_HEX], name[80];
    if (s->view == SEARCH_SUGGESTIONS)
        search_accept(self, app);
    else if (select_here(s, app, hex) && hash_from_hex(hex, &id))
        app_message(app, STYLE_GOOD, "%s is at hand: Graph, Morph and Train show it", search_arch_name(s, id, name));
}

void search_graph(void *self, struct app *app)
{
    char hex[HASH_HEX];
    if (select_here(self, app, hex))
        app_show(app, "graph");
}

void search_morph(void *self, struct app *app)
{
    char hex[HASH_HEX];
    if (select_here(self, app, hex))
        app_show(app, "morph");
}

/* --- suggestions ------------------------------------------------------------------------------------------------------- */

void search_ask_suggestions(void *self, struct app *app)
{
    struct search_screen *s = self;
    s->suggest_job = app_job(app, (const char *const[]){"suggest", "-n", "8", NULL}, NULL);
    if (s->suggest_job == NULL)
        return;
    s->view = SEARCH_SUGGESTIONS;
    search_keep_choices(s, app);
}

static bool mark(struct app *app, const char *hex, const char *what, bool on)
{
    struct error err = {0};
    json_t *result = action_mark(app_workspace(app), hex, what, on, &err);
    if (result == NULL)
        app_error(app, &err);
    json_decref(result);
    return result != NULL;
}

void search_skip(void *self, struct app *app)
{
    struct search_screen *s = self;
    int row = s->table[s->view].cursor;
    const char *arch = json_string_value(json_object_get(search_suggestion(s, row), "arch"));
    if (arch == NULL || !mark(app, arch, MARKS_SKIP, true))
        return;
    app_message(app, STYLE_GOOD, "%.8s is skipped: it is never suggested again; u takes that back", arch);
    json_array_remove(json_object_get(s->suggest, "suggestions"), (size_t)row);
    search_keep_suggestions(s, app);
    table_move(&s->table[s->view], search_rows(s), 0);
}

void search_unskip(void *self, struct app *app)
{
    struct hash *id;
    char hex[HASH_HEX];
    int n = marks_list(app_workspace(app), MARKS_SKIP, &id, NULL);
    (void)self;
    if (n > 0) {
        hash_hex(id[n - 1], hex);
        if (mark(app, hex, MARKS_SKIP, false))
            app_message(app, STYLE_GOOD, "%.8s may be suggested again; %d more %s skipped", hex, n - 1, n == 2 ? "is" : "are");
    }
    if (n >= 0)
        free(id);
}

/* Pinned ones stay on top, in the order in which they were pinned. */
static void pin_suggestion(struct search_screen *s, struct app *app)
{
    int row = s->table[s->view].cursor;
    json_t *list = json_object_get(s->suggest, "suggestions"), *j = json_array_get(list, (size_t)row);
    char hex[HASH_HEX] = "";
    bool on = !json_is_true(json_object_get(j, "pinned"));
    text_copy(hex, sizeof hex, json_string_value(json_object_get(j, "arch")));
    if (!mark(app, hex, MARKS_PIN, on))
        return;
    json_object_set_new(j, "pinned", json_boolean(on));
    json_incref(j);
    json_array_remove(list, (size_t)row);
    size_t to = 0;
    while (json_is_true(json_object_get(json_array_get(list, to), "pinned")))
        to++;
    json_array_insert_new(list, to, j);
    s->table[s->view].cursor = (int)to;
    search_keep_suggestions(s, app);
    app_message(app, STYLE_GOOD, on ? "%.8s is pinned (*): it stays on top until it was tried" : "%.8s is no longer pinned", hex);
}

static void pin_trial(struct search_screen *s, struct app *app)
{
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

void search_pin(void *self, struct app *app)
{
    struct search_screen *s = self;
    if (s->view == SEARCH_SUGGESTIONS)
        pin_suggestion(s, app);
    else if (search_trial_of_row(s, s->table[s->view].cursor) >= 0)
        pin_trial(s, app);
    else
        mark(app, s->chain[s->table[s->view].cursor].arch, MARKS_PIN, true);
}

void search_fold(void *self, struct app *app)
{
    struct search_screen *s = self;
    (void)app;
    search_fold_family(s, s->arch[s->family[s->table[s->view].cursor].arch].id);
    table_move(&s->table[s->view], search_rows(s), 0);
}

void search_chain(void *self, struct app *app)
{
    struct search_screen *s = self;
    int row = search_trial_of_row(s, s->table[s->view].cursor);
    int64_t trial = s->view == SEARCH_CHAIN || row < 0 ? s->chain_of : s->trial[row].id;
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)trial);
    search_chain_show(s, trial);
    s->view = SEARCH_CHAIN;
    s->table[SEARCH_CHAIN] = (struct table_state){s->chains > 0 ? s->chains - 1 : 0, 0};
    s->chain_job = app_job(app, (const char *const[]){"suggest", "--chain", number, NULL}, NULL);
}

/* --- the search -------------------------------------------------------------------------------------------------------- */

static void begin(struct search_screen *s, struct app *app, const char *const *arguments, const char *said)
{
    s->search_job = app_job(app, arguments, NULL);
    s->paused = false;
    s->progress = s->eta = (double)NAN;
    s->progress_text[0] = '\0';
    memset(s->running, 0, sizeof s->running);
    if (s->search_job != NULL)
        app_message(app, STYLE_GOOD, "%s; P pauses it, x cancels it", said);
}

void search_begin(void *self, struct app *app)
{
    struct search_screen *s = self;
    struct settings_arguments a;
    if (!search_form_arguments(&s->form, &a)) {
        app_message(app, STYLE_BAD, "%s", s->form.refusal);
        return;
    }
    s->form.open = false;
    begin(s, app, a.argument, "the search has started");
}

static void resume(struct search_screen *s, struct app *app)
{
    struct settings_arguments a, all;
    int n = 2;
    a = (struct settings_arguments){.argument = {"search", "--resume"}};
    bool known = search_form_arguments(&s->form, &all);
    for (int i = 1; known && i + 1 < all.n; i++)
        if (text_equal(all.argument[i], "--workers")) {
            a.argument[n++] = all.argument[i];
            a.argument[n++] = all.argument[i + 1];
        }
    begin(s, app, a.argument, "the search goes on");
}

static void resume_answered(void *self, struct app *app, const char *text)
{
    if (text_starts(text, "resume"))
        resume(self, app);
}

/* A search that says it runs may be another program's: two would train the same trials. */
void search_resume(void *self, struct app *app)
{
    static const char *const choices[] = {"leave it alone", "resume it: the program that ran it has ended"};
    struct search_screen *s = self;
    if (text_equal(s->last.state, "running"))
        app_ask_choice(app, "This search may be running elsewhere", choices, 2, 0, resume_answered, self);
    else
        resume(self, app);
}

void search_pause(void *self, struct app *app)
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

void search_cancel(void *self, struct app *app)
{
    struct job **job = any_job(self);
    job_cancel(*job);
    app_message(app, STYLE_WARN, "%s: cancelling; what has finished is kept", job_title(*job));
}
