/* Steps: applied and compared with the network before, undone, redone, and taken at random. */
#include "ui/screen/morph.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "store/tasks.h"
#include "ui/screen/aid.h"

/* Up to here a step is a matter of milliseconds; beyond it is a job. */
#define QUICK_VALUES 400000
#define QUICK_PARAMETERS 1000000
#define RUN_STEPS_MOST 200

bool morph_is_quick(const struct morph_screen *s, struct app *app)
{
    struct task_row task;
    if (s->hand.arch == NULL || !tasks_active(app_workspace(app), &task, NULL))
        return false;
    json_t *info = json_loads(task.info, 0, NULL);
    json_int_t values = json_integer_value(json_object_get(info, "bars")) * json_integer_value(json_object_get(info, "channels"));
    json_decref(info);
    free(task.info);
    return values <= QUICK_VALUES && s->hand.row.parameters <= QUICK_PARAMETERS;
}

static void note_step(struct morph_screen *s, const json_t *result)
{
    char id[13] = "", parameters[AID_NUMBER];
    text_copy(id, sizeof id, aid_text(result, "arch"));
    snprintf(s->last, sizeof s->last, "%s: max |delta| = %g over %lld window%s; now %s (%s), %s parameters",
             aid_text(result, "morphism"), json_number_value(json_object_get(result, "max_abs_delta")),
             (long long)json_integer_value(json_object_get(result, "compared_windows")),
             text_s(json_integer_value(json_object_get(result, "compared_windows"))), aid_text(result, "name"), id,
             aid_count(json_integer_value(json_object_get(result, "parameters")), parameters));
    s->last_style = STYLE_GOOD;
}

static void stepped(struct morph_screen *s, struct app *app, const json_t *result)
{
    note_step(s, result);
    s->redo_n = 0; /* another way was taken */
    at_hand_load(&s->hand, app);
    morph_load(s, app);
    app_message(app, s->last_style, "%s", s->last);
}

static void step_failed(struct morph_screen *s, struct app *app, const char *why)
{
    s->running = false;
    snprintf(s->last, sizeof s->last, "%.250s", why);
    s->last_style = STYLE_BAD;
    app_show_text(app, "The step was not taken", why);
}

/* Cuts "by=16 kernel=3" into its pieces, in place. */
static int cut_settings(char *text, const char *out[MORPH_SETTINGS_MAX])
{
    int n = 0;
    char *rest = text, *piece;
    while (n < MORPH_SETTINGS_MAX && (piece = text_next(&rest, ' ')) != NULL)
        if (piece[0] != '\0')
            out[n++] = piece;
    return n;
}

static bool apply_at_once(struct morph_screen *s, struct app *app, const struct morph_row *r, const char *const *setting, int n)
{
    struct error err = {0};
    json_t *result = action_morph(app_workspace(app), s->hand.id, r->kind->name, r->node, setting, n, &err);
    if (result != NULL)
        stepped(s, app, result);
    else
        step_failed(s, app, err.text);
    json_decref(result);
    return err.kind == ERROR_NONE;
}

static void apply_as_job(struct morph_screen *s, struct app *app, const struct morph_row *r, const char *const *setting, int n)
{
    const char *argument[8 + 2 * MORPH_SETTINGS_MAX] = {"morph", s->hand.id, r->kind->name, "--node", r->node};
    int at = 5;
    for (int k = 0; k < n; k++) {
        argument[at++] = "--set";
        argument[at++] = setting[k];
    }
    s->job = app_job(app, argument, NULL);
}

void morph_apply_selected(void *self, struct app *app)
{
    struct morph_screen *s = self;
    const struct morph_row row = *morph_selected(s); /* a copy: applying loads new rows */
    const char *setting[MORPH_SETTINGS_MAX];
    char *copy = memory_text(morph_setting_of(s, row.kind));
    int n = cut_settings(copy, setting);
    if (morph_is_quick(s, app))
        apply_at_once(s, app, &row, setting, n);
    else
        apply_as_job(s, app, &row, setting, n);
    free(copy);
}

void morph_event(void *self, struct app *app, struct job *job, json_t *event)
{
    struct morph_screen *s = self;
    if (job == NULL || job != s->job)
        return;
    if (json_object_get(event, "max_abs_delta") != NULL) {
        stepped(s, app, event);
    } else if (text_equal(aid_text(event, "event"), "ended")) {
        s->job = NULL;
        if (text_equal(aid_text(event, "state"), "failed"))
            step_failed(s, app, aid_text(event, "message"));
        else
            app_message(app, s->last_style, "%s", s->last);
    }
}

/* --- back and forth -------------------------------------------------------------------------------------------------- */

static bool go_to(struct morph_screen *s, struct app *app, const char *id)
{
    struct error err = {0};
    json_t *result = action_select(app_workspace(app), id, &err);
    if (result == NULL)
        app_error(app, &err);
    json_decref(result);
    at_hand_load(&s->hand, app);
    morph_load(s, app);
    return err.kind == ERROR_NONE;
}

void morph_undo(void *self, struct app *app)
{
    struct morph_screen *s = self;
    char from[HASH_HEX], to[HASH_HEX];
    text_copy(from, sizeof from, s->hand.id);
    text_copy(to, sizeof to, s->chain[s->chain_n - 2].id);
    s->running = false;
    if (!go_to(s, app, to))
        return;
    if (s->redo_n == MORPH_CHAIN_MOST)
        memmove(s->redo[0], s->redo[1], sizeof s->redo[0] * (size_t)(--s->redo_n));
    text_copy(s->redo[s->redo_n++], HASH_HEX, from);
    app_message(app, STYLE_TEXT, "back at %s; r goes forth again", s->hand.row.name);
}

void morph_redo(void *self, struct app *app)
{
    struct morph_screen *s = self;
    char to[HASH_HEX];
    text_copy(to, sizeof to, s->redo[s->redo_n - 1]);
    if (!go_to(s, app, to))
        return;
    s->redo_n--;
    app_message(app, STYLE_TEXT, "at %s again", s->hand.row.name);
}

/* --- at random ------------------------------------------------------------------------------------------------------- */

void morph_run(void *self, struct app *app)
{
    struct morph_screen *s = self;
    s->running = !s->running;
    s->ran = 0;
    app_message(app, STYLE_TEXT, s->running ? "random steps until Esc" : "stopped");
}

/* One that applies and makes the network at most half as large again; chosen by the id, so that a run is the same
 * every time. */
static const struct morph_row *random_row(const struct morph_screen *s)
{
    uint64_t seed = 0;
    for (int i = 0; i < 8; i++)
        seed = seed << 8 | s->hand.row.id.byte[i];
    struct random r = random_start(seed, RANDOM_MORPH, s->ran, 0);
    const struct morph_row **fit = NEW_ARRAY(const struct morph_row *, s->rows + 1), *chosen = NULL;
    uint32_t n = 0;
    for (int i = 0; i < s->rows; i++)
        if (s->row[i].applicable && !s->row[i].kind->shrinks && s->row[i].parameters <= s->hand.row.parameters * 3 / 2)
            fit[n++] = &s->row[i];
    if (n > 0)
        chosen = fit[random_below(&r, n)];
    free(fit);
    return chosen;
}

bool morph_run_on(void *self, struct app *app)
{
    struct morph_screen *s = self;
    if (!s->running)
        return false;
    const struct morph_row *r = random_row(s);
    if (r == NULL || s->ran == RUN_STEPS_MOST || !morph_is_quick(s, app)) {
        s->running = false;
        app_message(app, STYLE_TEXT, "stopped after %u step%s: %s", s->ran, text_s(s->ran), r == NULL ? "none applies" : "that is enough");
        return true;
    }
    struct morph_row row = *r;
    if (apply_at_once(s, app, &row, NULL, 0))
        s->ran++;
    return true;
}
