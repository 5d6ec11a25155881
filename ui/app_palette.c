/* The palette: every screen and every command by a few letters of its name. */
#include "base/text.h"
#include "ui/app_internal.h"

#include <limits.h>

struct entry {
    int screen; /* -1: a key of the app itself */
    int key;    /* index into the screen's keys, or -1 for going there */
};

/* How well a word of the query fits a text: at the start of it, at the start of one of its words, anywhere in order. */
static int word_score(const char *text, const char *word, size_t n)
{
    for (const char *s = text; *s != '\0'; s++) {
        bool start = s == text || s[-1] == ' ' || s[-1] == '-' || s[-1] == ':';
        if (start && strncasecmp(s, word, n) == 0)
            return s == text ? 6 : 4;
    }
    size_t found = 0;
    for (const char *s = text; *s != '\0' && found < n; s++)
        found += strncasecmp(s, word + found, 1) == 0;
    return found == n ? 1 : 0;
}

enum { WEAK = 1, PLAIN = 10 };

/* 0 if a word of the query fits nowhere; WEAK if one fits only as letters in order, which is worth showing where
 * nothing fits better. The name counts more than what the command does. */
static int score(const char *query, const char *name, const char *help)
{
    int sum = PLAIN;
    bool weak = false;
    if (query[0] != '\0' && text_equal_nocase(query, name))
        return 1000;
    for (const char *s = query; *s != '\0';) {
        size_t n = strcspn(s, " ");
        int in_name = n > 0 ? word_score(name, s, n) : 1, in_help = n > 0 ? word_score(help, s, n) : 1;
        if (in_name == 0 && in_help < 4)
            return 0;
        weak |= in_name < 4 && in_help < 4 && n > 0;
        sum += in_name * 4 + (in_help >= 4 ? 2 : 0);
        s += n + (s[n] == ' ');
    }
    return weak ? WEAK : sum;
}

static void describe(const struct app *app, struct entry e, char *name, size_t size, const char **help, int *key)
{
    if (e.screen < 0) {
        text_copy(name, size, app_keys[e.key].label);
        *help = app_keys[e.key].help;
        *key = app_keys[e.key].key;
        return;
    }
    const struct screen *s = app->screen[e.screen].screen;
    if (e.key < 0) {
        text_copy(name, size, s->name);
        *help = s->about != NULL ? s->about : s->title;
        *key = '1' + e.screen;
        return;
    }
    snprintf(name, size, "%s: %s", s->name, s->key[e.key].label);
    *help = s->key[e.key].help;
    *key = s->key[e.key].key;
}

enum { ENTRIES_MOST = 512 };

/* All entries that fit the query, the best first; of equals the earlier. */
static int find(const struct app *app, const char *query, struct entry out[ENTRIES_MOST])
{
    int scores[ENTRIES_MOST], n = 0;
    for (int screen = app->screens; screen-- > -1;) { /* from behind: the insertion below puts later equals first */
        int last = screen < 0 ? app_keys_n - 1 : app->screen[screen].screen->keys - 1;
        for (int key = last; key >= (screen < 0 ? 0 : -1) && n < ENTRIES_MOST; key--) {
            struct entry e = {screen, key};
            if (screen >= 0 && key >= 0 && !app_key_shown(&app->screen[screen], &app->screen[screen].screen->key[key]))
                continue;
            char name[96];
            const char *help;
            int code;
            describe(app, e, name, sizeof name, &help, &code);
            int fit = score(query, name, help);
            if (screen < 0 && fit > WEAK)
                fit = fit * 4 / 5; /* the app's own keys after those of the screens */
            int at = n;
            for (; fit > 0 && at > 0 && scores[at - 1] <= fit; at--) {
                out[at] = out[at - 1];
                scores[at] = scores[at - 1];
            }
            if (fit > 0) {
                out[at] = e;
                scores[at] = fit;
                n++;
            }
        }
    }
    while (n > 0 && scores[0] > WEAK && scores[n - 1] == WEAK)
        n--;
    return n;
}

void palette_open(struct app *app)
{
    struct dialog *d = NEW(struct dialog);
    d->kind = DIALOG_PALETTE;
    d->title = memory_text("Go to or do");
    dialog_open(app, d);
}

static void run(struct app *app, struct entry e)
{
    const struct app_screen *s = e.screen >= 0 ? &app->screen[e.screen] : NULL;
    dialog_close(app);
    if (s == NULL) {
        app_press(app, app_keys[e.key].key);
        return;
    }
    app_show(app, s->screen->name);
    if (e.key >= 0)
        app_press(app, s->screen->key[e.key].key);
}

void palette_input(struct app *app, struct dialog *d, int key)
{
    struct entry found[ENTRIES_MOST];
    int n = find(app, d->form.text, found);
    if (key == INPUT_UP || key == INPUT_DOWN)
        table_move(&d->list, n, key == INPUT_UP ? -1 : 1);
    else if (key == INPUT_PAGE_UP || key == INPUT_PAGE_DOWN)
        table_move(&d->list, n, key == INPUT_PAGE_UP ? -8 : 8);
    else if (key == INPUT_ENTER && d->list.cursor < n)
        run(app, found[d->list.cursor]);
    else if (key == INPUT_BACKSPACE && d->form.n == 0)
        dialog_close(app);
    else if (form_key(&d->form, key))
        d->list.cursor = d->list.top = 0;
}

struct shown {
    const struct app *app;
    const struct entry *entry;
};

static void cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct shown *shown = context;
    char name[96], key_name[16];
    const char *help;
    int key;
    describe(shown->app, shown->entry[row], name, sizeof name, &help, &key);
    if (column == 0)
        text_copy(out, size, name);
    else if (column == 1)
        text_copy(out, size, input_name(key, key_name));
    else
        text_copy(out, size, help);
    *style = column == 0 ? STYLE_TEXT : column == 1 ? STYLE_KEY : STYLE_DIM;
}

void palette_draw(struct app *app, struct dialog *d, struct grid *g, struct box b)
{
    static const struct table_column columns[] = {{"", 18, 24, false, 0}, {"", 5, 9, false, 1}, {"", 20, 80, false, 2}};
    struct entry found[ENTRIES_MOST];
    struct shown shown = {app, found};
    struct table_source source = {&shown, find(app, d->form.text, found), cell};
    struct box head, list;
    box_split_rows(b, 1, &head, &list);
    grid_put(g, head, 0, 0, STYLE_KEY, ":");
    form_draw(g, head, 2, 0, head.columns - 2, &d->form, true);
    d->listed = source.rows;
    d->rows = box_inset(list, 0, 1, 0, 0);
    table_draw(g, list, columns, 3, &source, &d->list, true);
    if (source.rows == 0)
        grid_put(g, list, 2, 1, STYLE_DIM, "nothing is called that");
}
