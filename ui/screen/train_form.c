/* The form of the training settings: one row a setting of train/recipe_setting.h, what was chosen or what it is by
 * itself; checked when it is given, kept in the workspace. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/train_state.h"

/* As people choose them, not as the text has them. */
static const char *const order[TRAIN_FORM_ROWS] = {
    "epochs",   "batch",   "lr",       "schedule",        "warmup",       "step-size", "gamma",       "min-lr",
    "optimizer", "momentum", "nesterov", "weight-decay",    "clip",         "loss",      "huber-delta", "label-smoothing",
    "class-weight", "patience", "min-delta", "head",        "keep-start",   "seed",      "kernels",
};

int train_form_setting(int row)
{
    int i = row >= 0 && row < TRAIN_FORM_ROWS ? recipe_setting_find(order[row]) : -1;
    ASSERT(i >= 0);
    return i;
}

static enum task_target target_of(const struct train_screen *s)
{
    return s->has_task ? s->task.task.target : TASK_DIRECTION;
}

void train_form_load(struct train_screen *s, struct workspace *w)
{
    settings_load(&s->form.settings, &s->recipe, w, target_of(s));
}

/* --- filling it in --------------------------------------------------------------------------------------------------- */

static void ask(struct train_screen *s, struct app *app, const char *preset);

static void take(struct train_screen *s, struct app *app, const char *value)
{
    int i = train_form_setting(s->form.list.cursor), wrong = -1;
    char was[RECIPE_VALUE_MAX];
    struct recipe r;
    struct error err = {0};
    recipe_defaults(&r);
    s->form.refusal[0] = '\0';
    if (value[0] != '\0' && !recipe_set(&r, &recipe_settings[i], value, &err)) {
        text_copy(s->form.refusal, sizeof s->form.refusal, err.text);
        app_message(app, STYLE_BAD, "%s", err.text);
        return;
    }
    text_copy(was, sizeof was, s->form.settings.chosen[i]);
    text_copy(s->form.settings.chosen[i], sizeof s->form.settings.chosen[i], value);
    if (!settings_choose(&s->form.settings, &r, target_of(s), &wrong, &err) && wrong == i) { /* not with what else is chosen, or not for this task */
        text_copy(s->form.settings.chosen[i], sizeof s->form.settings.chosen[i], was);
        text_copy(s->form.refusal, sizeof s->form.refusal, err.text);
        app_message(app, STYLE_BAD, "%s", err.text);
        return;
    }
    int dropped = settings_settle(&s->form.settings, &s->recipe, target_of(s));
    if (dropped >= 0)
        app_message(app, STYLE_WARN, "%s means nothing then: it is by itself again", recipe_settings[dropped].title);
    if (!app_read_only(app))
        settings_keep(&s->form.settings, app_workspace(app));
}

static void line_given(void *self, struct app *app, const char *text)
{
    take(self, app, text);
}

static void choice_given(void *self, struct app *app, const char *text)
{
    take(self, app, text_starts(text, "by itself") ? "" : text);
}

static void ask_choice(struct train_screen *s, struct app *app, const struct recipe_setting *r, const char *now)
{
    const char *choice[16] = {"by itself"};
    int n = 1, preset = 0;
    for (int i = 0; r->kind == RECIPE_SWITCH && i < 2; i++)
        choice[n++] = r->name_of[i];
    for (int i = 0; r->kind == RECIPE_NAME && r->choice(i) != NULL && n < (int)ARRAY_N(choice); i++)
        choice[n++] = r->choice(i);
    for (int i = 1; i < n; i++)
        preset = text_equal(choice[i], now) ? i : preset;
    app_ask_choice(app, r->title, choice, n, preset, choice_given, s);
}

static void ask(struct train_screen *s, struct app *app, const char *preset)
{
    const struct recipe_setting *r = &recipe_settings[train_form_setting(s->form.list.cursor)];
    char title[160], range[96];
    recipe_range(r, range, sizeof range);
    snprintf(title, sizeof title, "%s: %s (empty: by itself)", r->title, range);
    if (r->kind == RECIPE_SWITCH || r->kind == RECIPE_NAME)
        ask_choice(s, app, r, preset);
    else
        app_ask(app, title, preset, false, line_given, s);
}

void train_form_enter(void *self, struct app *app)
{
    struct train_screen *s = self;
    int i = train_form_setting(s->form.list.cursor);
    const struct recipe_setting *r = &recipe_settings[i];
    char now[RECIPE_VALUE_MAX];
    s->form.refusal[0] = '\0';
    if (!recipe_applies(&s->recipe, r)) {
        bool other = r->needs_value[0] == '!';
        app_message(app, STYLE_WARN, "%s means something only where %s is %s%s", r->title,
                    recipe_settings[recipe_setting_find(r->needs)].title, other ? "not " : "", r->needs_value + other);
        return;
    }
    recipe_get(&s->recipe, r, now);
    ask(s, app, now);
}

void train_form_reset(void *self, struct app *app)
{
    take(self, app, "");
}

void train_form_reset_all(void *self, struct app *app)
{
    struct train_screen *s = self;
    s->form.settings = (struct settings){.chosen = {""}};
    s->form.refusal[0] = '\0';
    settings_settle(&s->form.settings, &s->recipe, target_of(s));
    if (!app_read_only(app))
        settings_keep(&s->form.settings, app_workspace(app));
    app_message(app, STYLE_GOOD, "every setting is by itself again");
}

void train_form_open(void *self, struct app *app)
{
    struct train_screen *s = self;
    (void)app;
    s->form.open = true;
    s->form.refusal[0] = '\0';
}

void train_form_close(void *self, struct app *app)
{
    (void)app;
    ((struct train_screen *)self)->form.open = false;
}

static bool mouse(struct train_screen *s, struct app *app, const struct input_event *event)
{
    struct train_form *f = &s->form;
    struct table_source source = {s, TRAIN_FORM_ROWS, NULL};
    bool inside = event->x >= f->drawn.x && event->x < f->drawn.x + f->drawn.columns;
    int row = inside ? table_row_at(f->drawn, &source, &f->list, event->y - f->drawn.y) : -1;
    bool again = row >= 0 && row == f->list.cursor;
    f->list.cursor = row >= 0 ? row : f->list.cursor;
    if (again)
        train_form_enter(s, app);
    return row >= 0;
}

bool train_form_input(struct train_screen *s, struct app *app, const struct input_event *event)
{
    int delta;
    if (event->key == INPUT_MOUSE && event->wheel == 0)
        return mouse(s, app, event);
    if (!aid_move(event, 8, &delta))
        return false;
    table_move(&s->form.list, TRAIN_FORM_ROWS, delta);
    s->form.refusal[0] = '\0';
    return true;
}
