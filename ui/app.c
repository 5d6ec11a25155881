#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "store/workspace.h"
#include "ui/app_internal.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>

static const char setting_screen[] = "ui.screen";

const struct app_key app_keys[] = {
    {'?', "help", "What this screen is for and what its keys do."},
    {':', "commands", "Finds any screen or command by a few letters of its name."},
    {'e', "explain", "Explains the thing under the cursor with today's numbers."},
    {'/', "search", "Searches this screen; n and N go to the next and the one before."},
    {INPUT_TAB, "next screen", "Goes to the next screen, BTab to the one before, a digit to that one."},
    {CONTROL_C, "cancel", "Cancels the newest running job."},
    {'L', "lock", "Forgets the passphrases that were typed: the next signature asks again."},
    {'q', "leave", "Leaves the program; asks only while jobs run."},
};
const int app_keys_n = (int)ARRAY_N(app_keys);

static int find_screen(const struct app *app, const char *name)
{
    for (int i = 0; i < app->screens; i++)
        if (text_equal_nocase(app->screen[i].screen->name, name))
            return i;
    return -1;
}

static void open_screens(struct app *app)
{
    for (int i = 0; screen_table[i] != NULL && i < APP_SCREENS; i++) {
        struct app_screen *s = &app->screen[app->screens++];
        s->screen = screen_table[i];
        s->self = s->screen->open != NULL ? s->screen->open(app) : NULL;
    }
}

struct app *app_new(struct workspace *w, const struct app_options *options)
{
    struct app *app = NEW(struct app);
    app->workspace = w;
    app->options = *options;
    app->wake[0] = app->wake[1] = -1;
    app_unlock_start(app);
    if (w == NULL)
        return app;
    char last[64] = "";
    app->version = workspace_data_version(w);
    app->version_time = clock_seconds();
    open_screens(app);
    workspace_setting_get(w, setting_screen, last, sizeof last);
    if (app->screens > 0 && !(options->screen != NULL && app_show(app, options->screen)) && !app_show(app, last))
        app_show(app, app->screen[0].screen->name);
    return app;
}

static void save_state(struct app *app)
{
    const struct app_screen *s = app_current(app);
    char last[64] = "";
    if (s == NULL || app->options.read_only)
        return;
    workspace_setting_get(app->workspace, setting_screen, last, sizeof last);
    if (!text_equal(last, s->screen->name))
        workspace_setting_set(app->workspace, setting_screen, s->screen->name);
}

void app_free(struct app *app)
{
    if (app == NULL)
        return;
    save_state(app);
    while (app->dialog != NULL)
        dialog_close(app);
    app_job_free(app);
    app_task_free(app);
    for (int i = 0; i < app->screens; i++)
        if (app->screen[i].screen->close != NULL)
            app->screen[i].screen->close(app->screen[i].self);
    unlock_free(app->unlock);
    free(app->chosen);
    free(app);
}

struct workspace *app_workspace(struct app *app)
{
    return app->workspace;
}

bool app_read_only(const struct app *app)
{
    return app->options.read_only;
}

int app_threads(const struct app *app)
{
    return app->options.threads;
}

const char *app_chosen(const struct app *app)
{
    return app->chosen;
}

bool app_ended(const struct app *app)
{
    return app->ended;
}

const struct app_screen *app_current(const struct app *app)
{
    return app->screens > 0 ? &app->screen[app->current] : NULL;
}

/* Screens load when they are looked at, and again when the workspace has changed since. */
static void load_current(struct app *app)
{
    if (app->screens == 0)
        return;
    struct app_screen *s = &app->screen[app->current];
    if (s->loaded && s->version == app->version)
        return;
    s->loaded = true;
    s->version = app->version;
    if (s->screen->reload != NULL)
        s->screen->reload(s->self, app);
}

static void show_index(struct app *app, int i)
{
    app->current = i;
    load_current(app);
}

bool app_show(struct app *app, const char *screen)
{
    int i = find_screen(app, screen);
    if (i >= 0)
        show_index(app, i);
    return i >= 0;
}

void app_message(struct app *app, enum style style, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(app->message, sizeof app->message, format, list);
    va_end(list);
    app->message_style = style;
    app->answered = app->answering ? app->inputs : 0;
    app->answered_time = clock_seconds();
    if (style == STYLE_BAD)
        log_write(LOG_ERROR, "%s", app->message);
}

void app_error(struct app *app, const struct error *err)
{
    app_message(app, STYLE_BAD, "%s", err->text);
}

/* --- search ---------------------------------------------------------------------------------------------------- */

const char *app_search(const struct app *app)
{
    return app->search;
}

int app_search_row(struct app *app, int rows, int from, int step, void *self,
                   void (*text)(void *self, int row, char *out, size_t size))
{
    char row_text[4096];
    if (app->search[0] == '\0') {
        app_message(app, STYLE_WARN, "nothing to search for yet: press / first");
        return -1;
    }
    for (int i = 0; i < rows; i++) {
        int row = (int)((((int64_t)from + (int64_t)step * i) % rows + rows) % rows);
        row_text[0] = '\0';
        text(self, row, row_text, sizeof row_text);
        if (text_contains_nocase(row_text, app->search))
            return row;
    }
    app_message(app, STYLE_WARN, "\"%s\" is not here", app->search);
    return -1;
}

static void search_given(void *self, struct app *app, const char *text)
{
    (void)self;
    text_copy(app->search, sizeof app->search, text);
    if (text[0] != '\0')
        app_press(app, 'n');
}

/* --- keys ------------------------------------------------------------------------------------------------------ */

bool app_key_enabled(struct app *app, const struct app_screen *s, const struct screen_key *k, char *why, size_t size)
{
    if (k->writes && app->options.read_only) {
        snprintf(why, size, "%s is refused: the program was started with --read-only", k->label);
        return false;
    }
    text_copy(why, size, "");
    if (k->enabled == NULL || k->enabled(s->self, app, why, size))
        return true;
    if (why[0] == '\0')
        snprintf(why, size, "%s does not apply here", k->label);
    return false;
}

bool app_key_shown(const struct app_screen *s, const struct screen_key *k)
{
    return s->screen->shows == NULL || s->screen->shows(s->self, k);
}

static bool screen_key(struct app *app, int key)
{
    const struct app_screen *s = app_current(app);
    char why[256];
    for (int i = 0; s != NULL && i < s->screen->keys; i++) {
        const struct screen_key *k = &s->screen->key[i];
        if (k->key != key || !app_key_shown(s, k))
            continue;
        if (app_key_enabled(app, s, k, why, sizeof why))
            k->run(s->self, app);
        else
            app_message(app, STYLE_WARN, "%s", why);
        return true;
    }
    return false;
}

static void leave_answered(void *self, struct app *app, const char *text)
{
    (void)self;
    app->ended = text_equal(text, "cancel them and leave");
}

static void leave(struct app *app)
{
    static const char *const choices[] = {"stay", "cancel them and leave"};
    if (app->running == 0)
        app->ended = true;
    else
        app_ask_choice(app, app->running == 1 ? "A job is running" : "Jobs are running", choices, 2, 0, leave_answered,
                       NULL);
}

static void explain(struct app *app)
{
    const struct app_screen *s = app_current(app);
    char *text = s != NULL && s->screen->explain != NULL ? s->screen->explain(s->self, app) : NULL;
    if (text != NULL)
        app_show_text(app, "Explained", text);
    else
        app_message(app, STYLE_WARN, "there is nothing to explain here");
    free(text);
}

static void cancel(struct app *app)
{
    if (!app_job_cancel(app))
        app_message(app, STYLE_WARN, "no job runs; press q to leave");
}

static bool global_key(struct app *app, int key)
{
    if (key >= '1' && key <= '9' && key - '1' < app->screens)
        show_index(app, key - '1');
    else if (key == INPUT_TAB && app->screens > 0)
        show_index(app, (app->current + 1) % app->screens);
    else if (key == INPUT_BACK_TAB && app->screens > 0)
        show_index(app, (app->current + app->screens - 1) % app->screens);
    else if (key == ':')
        palette_open(app);
    else if (key == '?' || key == INPUT_F1)
        app_help(app);
    else if (key == 'e')
        explain(app);
    else if (key == '/')
        app_ask(app, "Search", app->search, false, search_given, NULL);
    else if (key == 'L')
        app_lock(app);
    else if (key == 'q')
        leave(app);
    else if (key == CONTROL_C)
        cancel(app);
    else
        return false;
    return true;
}

static void take_input(struct app *app, const struct input_event *event);

void app_press(struct app *app, int key)
{
    take_input(app, &(struct input_event){.key = key});
}

void app_guide(struct app *app, const struct app_guide *guide)
{
    app->guide = guide;
}

void app_hit_add(struct app *app, struct box b, int key)
{
    if (app->hits < APP_HITS)
        app->hit[app->hits++] = (struct app_hit){b, key};
}

static bool inside(struct box b, int x, int y)
{
    return x >= b.x && x < b.x + b.columns && y >= b.y && y < b.y + b.rows;
}

/* A press on a tab or a label of the key bar is the key it shows. */
static bool mouse_hit(struct app *app, const struct input_event *event)
{
    for (int i = 0; i < app->hits && event->wheel == 0; i++) {
        if (inside(app->hit[i].box, event->x, event->y)) {
            app_press(app, app->hit[i].key);
            return true;
        }
    }
    return false;
}

static bool screen_input(struct app *app, const struct input_event *event)
{
    const struct app_screen *s = app_current(app);
    return s != NULL && s->screen->input != NULL && s->screen->input(s->self, app, event);
}

void app_input(struct app *app, const struct input_event *event)
{
    const struct app_guide *guide = app->guide;
    if (event->key == INPUT_RESIZE || event->key == INPUT_NONE)
        return;
    if (guide == NULL || !guide->input(guide->self, app, event))
        take_input(app, event);
}

/* Ctrl-C always reaches the app. */
static bool taken_first(struct app *app, const struct input_event *event)
{
    const struct app_screen *s = app_current(app);
    return s != NULL && s->screen->takes != NULL && event->key != CONTROL_C && s->screen->takes(s->self, event->key) &&
           screen_input(app, event);
}

static void hand_on(struct app *app, const struct input_event *event)
{
    app->version_time = 0; /* what a key has changed is seen in the same frame */
    if (event->key == INPUT_DRAG) {
        if (app->dialog == NULL)
            screen_input(app, event);
        return;
    }
    if (event->key != INPUT_MOUSE)
        app->message[0] = '\0';
    if (app->dialog != NULL) {
        dialog_input(app, event);
        return;
    }
    if (event->key == INPUT_MOUSE) {
        if (!mouse_hit(app, event))
            screen_input(app, event);
        return;
    }
    if (taken_first(app, event) || app_start_key(app, event->key) || global_key(app, event->key) ||
        screen_key(app, event->key) || screen_input(app, event))
        return;
    char name[16];
    if (event->key == INPUT_ESC)
        app->search[0] = '\0';
    else
        app_message(app, STYLE_DIM, "%s does nothing here; ? lists the keys", input_name(event->key, name));
}

static void take_input(struct app *app, const struct input_event *event)
{
    bool outer = app->answering; /* a key may press others */
    unlock_touch(app->unlock);
    app->inputs++;
    app->answering = true;
    hand_on(app, event);
    app->answering = outer;
}

bool app_play(struct app *app, const char *keys, struct error *err)
{
    char *copy = memory_text(keys), *rest = copy, *name;
    bool fine = true;
    while (fine && (name = text_next(&rest, ' ')) != NULL) {
        int key = name[0] != '\0' ? input_parse(name) : INPUT_NONE;
        if (key != INPUT_NONE) {
            app_press(app, key);
            app_settle(app);
        } else if (name[0] != '\0')
            fine = error_set(err, ERROR_USAGE, "\"%s\" is no name of a key; names are like a, Enter, PgDn, C-c", name);
    }
    free(copy);
    return fine;
}

/* --- waiting --------------------------------------------------------------------------------------------------- */

static bool version_tick(struct app *app)
{
    double now = clock_seconds();
    if (app->workspace == NULL || now - app->version_time < 1)
        return false;
    uint32_t version = workspace_data_version(app->workspace);
    app->version_time = now;
    const struct app_screen *s = app_current(app);
    if (version == app->version)
        return s != NULL && s->screen->stale != NULL && s->screen->stale(s->self, app);
    app->version = version;
    app_unlock_changed(app);
    load_current(app);
    return true;
}

bool app_tick(struct app *app)
{
    bool changed = app_job_tick(app);
    changed |= app_task_tick(app);
    changed |= app_unlock_tick(app);
    if (changed)
        app->version_time = 0;
    changed |= version_tick(app);
    if (app->guide != NULL)
        changed |= app->guide->tick(app->guide->self, app);
    return changed || (app->running > 0 && clock_seconds() - app->draw_time >= 1);
}

int app_poll(struct app *app, struct pollfd *out, int most)
{
    int n = 0;
    if (app->task != NULL && most > 0)
        out[n++] = (struct pollfd){.fd = app->wake[0], .events = POLLIN};
    for (size_t i = 0; i < app->jobs && n < most; i++) {
        if (!app->job[i]->ended && job_descriptor(app->job[i]->job) >= 0)
            out[n++] = (struct pollfd){.fd = job_descriptor(app->job[i]->job), .events = POLLIN};
    }
    return n;
}

int app_wait_ms(const struct app *app)
{
    /* Between the end of a job's output and its own there is no descriptor to wait for. */
    for (size_t i = 0; i < app->jobs && app->running > 0; i++)
        if (!app->job[i]->ended && job_descriptor(app->job[i]->job) < 0)
            return 20;
    return app->workspace != NULL || app->running > 0 ? 1000 : -1;
}
