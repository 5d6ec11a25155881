/* Morph: the steps by which the architecture at hand can grow without changing what it computes, and how it came about. */
#include "ui/screen/morph.h"

#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"

const struct morph_row *morph_selected(const struct morph_screen *s)
{
    return s->shown_n > 0 ? &s->row[s->shown[s->table.cursor]] : NULL;
}

static int kind_index(const struct morph_kind *kind)
{
    int i = 0;
    while (morph_table[i] != NULL && morph_table[i] != kind)
        i++;
    return i < MORPH_KINDS_MOST ? i : MORPH_KINDS_MOST - 1;
}

const char *morph_setting_of(const struct morph_screen *s, const struct morph_kind *kind)
{
    return s->setting[kind_index(kind)];
}

static void *open_morph(struct app *app)
{
    (void)app;
    struct morph_screen *s = NEW(struct morph_screen);
    s->only_applicable = true;
    return s;
}

static void close_morph(void *self)
{
    struct morph_screen *s = self;
    morph_free(s);
    at_hand_free(&s->hand);
    free(s);
}

static void reload(void *self, struct app *app)
{
    struct morph_screen *s = self;
    if (at_hand_load(&s->hand, app) || s->row == NULL)
        morph_load(s, app);
}

/* --- keys ------------------------------------------------------------------------------------------------------------ */

static bool has_arch(void *self, struct app *app, char *why, size_t size)
{
    struct morph_screen *s = self;
    (void)app;
    text_copy(why, size, s->hand.task ? "there is no architecture yet: c makes one" : "there is no task yet: set one on Data");
    return s->hand.arch != NULL;
}

static bool has_task(void *self, struct app *app, char *why, size_t size)
{
    struct morph_screen *s = self;
    (void)app;
    text_copy(why, size, "there is no task yet: set one on Data");
    return s->hand.task;
}

static bool has_row(void *self, struct app *app, char *why, size_t size)
{
    if (!has_arch(self, app, why, size))
        return false;
    text_copy(why, size, "no morphism is listed");
    return morph_selected(self) != NULL;
}

static bool can_apply(void *self, struct app *app, char *why, size_t size)
{
    struct morph_screen *s = self;
    if (!has_row(self, app, why, size) || !has_task(self, app, why, size))
        return false;
    text_copy(why, size, "a step is being computed");
    if (s->job != NULL)
        return false;
    text_copy(why, size, s->preview.reason);
    return s->preview.after != NULL;
}

static bool can_undo(void *self, struct app *app, char *why, size_t size)
{
    struct morph_screen *s = self;
    if (!has_arch(self, app, why, size))
        return false;
    text_copy(why, size, "this architecture has no parent: nothing led to it");
    return s->chain_n > 1;
}

static bool can_redo(void *self, struct app *app, char *why, size_t size)
{
    struct morph_screen *s = self;
    (void)app;
    text_copy(why, size, "nothing was undone");
    return s->redo_n > 0;
}

static bool has_settings(void *self, struct app *app, char *why, size_t size)
{
    if (!has_row(self, app, why, size))
        return false;
    text_copy(why, size, "this morphism has no settings");
    return morph_selected(self)->kind->settings > 0;
}

static bool can_run(void *self, struct app *app, char *why, size_t size)
{
    struct morph_screen *s = self;
    if (!has_arch(self, app, why, size) || !has_task(self, app, why, size))
        return false;
    text_copy(why, size, "this task or network is too large to take a step every second");
    return s->running || morph_is_quick(s, app);
}

static void chosen(void *self, struct app *app, const char *text)
{
    struct morph_screen *s = self;
    if (!at_hand_take(&s->hand, app, text))
        return;
    s->redo_n = 0;
    at_hand_load(&s->hand, app);
    morph_load(s, app);
}

static void choose(void *self, struct app *app)
{
    at_hand_ask(app, &((struct morph_screen *)self)->hand, chosen, self);
}

static void template_given(void *self, struct app *app, const char *text)
{
    struct morph_screen *s = self;
    if (!at_hand_create(app, text))
        return;
    s->redo_n = 0;
    at_hand_load(&s->hand, app);
    morph_load(s, app);
}

static void create(void *self, struct app *app)
{
    at_hand_ask_template(app, template_given, self);
}

static void toggle_filter(void *self, struct app *app)
{
    struct morph_screen *s = self;
    (void)app;
    s->only_applicable = !s->only_applicable;
    morph_filter(s);
}

/* --- settings -------------------------------------------------------------------------------------------------------- */

static void setting_given(void *self, struct app *app, const char *text)
{
    struct morph_screen *s = self;
    const struct morph_row *r = morph_selected(s);
    struct morph_step step;
    struct error err = {0};
    if (r == NULL)
        return;
    char *whole = memory_format("%s node=%s%s%s", r->kind->name, r->node, text[0] != '\0' ? " " : "", text);
    bool fine = strlen(text) < sizeof s->setting[0] && morph_parse(&step, whole, &err);
    if (fine)
        text_copy(s->setting[kind_index(r->kind)], sizeof s->setting[0], text);
    else
        app_message(app, STYLE_WARN, "%s", err.kind != ERROR_NONE ? err.text : "this is too long");
    free(whole);
    morph_look(s);
}

static void ask_setting(void *self, struct app *app)
{
    struct morph_screen *s = self;
    const struct morph_row *r = morph_selected(s);
    char title[256], one[96], preset[128];
    snprintf(title, sizeof title, "%s:", r->kind->name);
    text_copy(preset, sizeof preset, morph_setting_of(s, r->kind));
    for (int k = 0; k < r->kind->settings; k++) {
        const struct morph_setting *m = &r->kind->setting[k];
        char value[32];
        morph_setting_text(m, m->preset, value, sizeof value);
        if (m->names)
            snprintf(one, sizeof one, " %s=%s|%s|..", m->name, m->names[0], m->names[1]);
        else
            snprintf(one, sizeof one, " %s=%d..%d", m->name, m->least, m->most);
        text_append(title, sizeof title, one);
        snprintf(one, sizeof one, "%s%s=%s", k > 0 ? " " : "", m->name, value);
        if (morph_setting_of(s, r->kind)[0] == '\0')
            text_append(preset, sizeof preset, one);
    }
    app_ask(app, title, preset, false, setting_given, s);
}

static const struct screen_key keys[] = {
    {INPUT_ENTER, "apply", "Applies the step and compares old and new network on real windows, bit by bit.", true, can_apply,
     morph_apply_selected},
    {'u', "undo", "Goes back to the parent.", true, can_undo, morph_undo},
    {'r', "redo", "Goes forth to what was undone.", true, can_redo, morph_redo},
    {'o', "settings", "Sets by how much: units to add, the kernel, which node to join.", false, has_settings, ask_setting},
    {'f', "filter", "Shows only what applies, or all with the reason why not.", false, has_arch, toggle_filter},
    {'a', "auto-run", "Takes a random step that applies, and another, until Esc.", true, can_run, morph_run},
    {'A', "choose", "Lists the architectures and makes one the architecture at hand.", false, has_arch, choose},
    {'c', "create", "Makes a new architecture for the task from a template.", true, has_task, create},
};

/* --- input ----------------------------------------------------------------------------------------------------------- */

static void find(struct morph_screen *s, struct app *app, int step)
{
    int row = app_search_row(app, s->shown_n, s->table.cursor + step, step, s, morph_row_text);
    s->table.cursor = row >= 0 ? row : s->table.cursor;
    morph_look(s);
}

static bool click(struct morph_screen *s, const struct input_event *event)
{
    struct table_source source = {s, s->shown_n, NULL};
    int row = table_row_at(s->drawn, &source, &s->table, event->y - s->drawn.y);
    if (row >= 0 && event->x < s->drawn.x + s->drawn.columns)
        s->table.cursor = row;
    morph_look(s);
    return true;
}

static bool input(void *self, struct app *app, const struct input_event *event)
{
    struct morph_screen *s = self;
    int delta;
    if (event->key == INPUT_ESC && s->running) {
        s->running = false;
        app_message(app, STYLE_TEXT, "stopped after %u step%s; u undoes %s", s->ran, text_s(s->ran),
                    s->ran == 1 ? "it" : "them one by one");
        return true;
    }
    if (s->shown_n == 0)
        return false;
    if (event->key == INPUT_MOUSE && event->wheel == 0)
        return click(s, event);
    if (event->key == 'n' || event->key == 'N') {
        find(s, app, event->key == 'n' ? 1 : -1);
        return true;
    }
    if (!aid_move(event, s->drawn.rows - 2, &delta))
        return false;
    table_move(&s->table, s->shown_n, delta);
    morph_look(s);
    return true;
}

const struct screen screen_morph = {
    .name = "morph",
    .title = "Morph",
    .about = "Morphisms make a network larger and leave what it computes the same to the bit, so that nothing it has learned is "
             "lost. This lists those that apply to the architecture at hand, what each would cost, and the steps so far.",
    .key = keys,
    .keys = (int)ARRAY_N(keys),
    .open = open_morph,
    .close = close_morph,
    .reload = reload,
    .stale = morph_run_on,
    .draw = morph_draw,
    .input = input,
    .event = morph_event,
    .explain = morph_explain,
};
