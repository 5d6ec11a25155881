/* Dialogs: a stack of small windows over the screen. The top one has the keys. */
#include "base/secret.h"
#include "base/text.h"
#include "ui/app_internal.h"

#include <limits.h>

void dialog_free(struct dialog *d)
{
    form_clear(&d->form);
    for (int i = 0; i < d->choices; i++)
        free(d->choice[i]);
    free(d->choice);
    free(d->title);
    free(d->body);
    free(d->word);
    if (d->in_secret)
        secret_free(d);
    else
        free(d);
}

void dialog_open(struct app *app, struct dialog *d)
{
    d->below = app->dialog;
    app->dialog = d;
}

void dialog_close(struct app *app)
{
    struct dialog *d = app->dialog;
    app->dialog = d->below;
    dialog_free(d);
}

static struct dialog *dialog_new(enum dialog_kind kind, bool secret, const char *title, app_answer *done, void *self)
{
    struct dialog *d = secret ? secret_new(sizeof *d, NULL) : NEW(struct dialog);
    ASSERT(d);
    d->in_secret = secret;
    d->kind = kind;
    d->title = memory_text(title);
    d->done = done;
    d->self = self;
    return d;
}

void app_ask(struct app *app, const char *title, const char *preset, bool secret, app_answer *done, void *self)
{
    struct dialog *d = dialog_new(DIALOG_LINE, secret, title, done, self);
    form_set(&d->form, preset != NULL ? preset : "");
    d->form.secret = secret;
    dialog_open(app, d);
}

void app_ask_choice(struct app *app, const char *title, const char *const *choices, int n, int preset, app_answer *done,
                    void *self)
{
    struct dialog *d = dialog_new(DIALOG_CHOICE, false, title, done, self);
    d->choice = NEW_ARRAY(char *, n);
    d->choices = d->listed = n;
    for (int i = 0; i < n; i++)
        d->choice[i] = memory_text(choices[i]);
    d->list.cursor = preset;
    dialog_open(app, d);
}

void app_ask_word(struct app *app, const char *title, const char *body, const char *word, app_answer *done, void *self)
{
    struct dialog *d = dialog_new(DIALOG_WORD, false, title, done, self);
    d->body = memory_text(body);
    d->word = memory_text(word);
    dialog_open(app, d);
}

void app_show_text(struct app *app, const char *title, const char *body)
{
    struct dialog *d = dialog_new(DIALOG_TEXT, false, title, NULL, NULL);
    d->body = memory_text(body);
    dialog_open(app, d);
}

/* --- keys ------------------------------------------------------------------------------------------------------ */

/* Closes the top dialog and hands its answer on. `answer` is a copy: the dialog is gone when `done` runs. */
static void accept(struct app *app, const char *text)
{
    bool secret = app->dialog->in_secret;
    char plain[FORM_MAX], *answer = secret ? secret_new(FORM_MAX, NULL) : plain;
    app_answer *done = app->dialog->done;
    void *self = app->dialog->self;
    ASSERT(answer);
    text_copy(answer, FORM_MAX, text);
    dialog_close(app);
    if (done != NULL)
        done(self, app, answer);
    if (secret)
        secret_free(answer);
}

static int page_of(const struct dialog *d)
{
    return d->rows.rows > 2 ? d->rows.rows - 1 : 1;
}

static bool scroll_key(struct dialog *d, int key, bool letters)
{
    int page = page_of(d), to = d->scroll;
    if (key == INPUT_UP || (letters && key == 'k'))
        to--;
    else if (key == INPUT_DOWN || (letters && key == 'j'))
        to++;
    else if (key == INPUT_PAGE_UP)
        to -= page;
    else if (key == INPUT_PAGE_DOWN || (letters && key == ' '))
        to += page;
    else if (letters && (key == 'g' || key == INPUT_HOME))
        to = 0;
    else if (letters && (key == 'G' || key == INPUT_END))
        to = d->scroll_most;
    else
        return false;
    d->scroll = to > d->scroll_most ? d->scroll_most : to < 0 ? 0 : to;
    d->ended = d->ended || (d->readable && d->scroll == d->scroll_most);
    return true;
}

static void choice_key(struct app *app, struct dialog *d, int key)
{
    int delta = key == INPUT_UP || key == 'k'     ? -1
                : key == INPUT_DOWN || key == 'j' ? 1
                : key == INPUT_PAGE_UP            ? -page_of(d)
                : key == INPUT_PAGE_DOWN          ? page_of(d)
                : key == INPUT_HOME || key == 'g' ? INT_MIN
                : key == INPUT_END || key == 'G'  ? INT_MAX
                                                  : 0;
    if (key == INPUT_ENTER && d->choices > 0)
        accept(app, d->choice[d->list.cursor]);
    else if (delta != 0)
        table_move(&d->list, d->choices, delta);
}

static void word_key(struct app *app, struct dialog *d, int key)
{
    if (scroll_key(d, key, false) || key != INPUT_ENTER) {
        form_key(&d->form, key);
        return;
    }
    if (d->readable && !d->ended)
        app_message(app, STYLE_WARN, "there is more below: PgDn; what is signed must be shown to its end first");
    else if (text_equal(d->form.text, d->word) && d->readable)
        accept(app, d->word);
    else if (d->form.n > 0 && d->readable)
        app_message(app, STYLE_WARN, "that is not the word; Esc leaves and changes nothing");
}

static void text_key(struct app *app, struct dialog *d, int key)
{
    if (key == 'q' || key == INPUT_ENTER || key == '?' || key == INPUT_F1)
        dialog_close(app);
    else
        scroll_key(d, key, true);
}

static void dialog_mouse(struct app *app, struct dialog *d, const struct input_event *event)
{
    if (event->wheel != 0 && (d->kind == DIALOG_TEXT || d->kind == DIALOG_WORD)) {
        for (int i = 0; i < 3; i++)
            scroll_key(d, event->wheel < 0 ? INPUT_UP : INPUT_DOWN, false);
        return;
    }
    int rows = d->listed;
    if (d->kind != DIALOG_CHOICE && d->kind != DIALOG_PALETTE)
        return;
    if (event->wheel != 0) {
        table_move(&d->list, rows, event->wheel);
        return;
    }
    int row = d->list.top + event->y - d->rows.y;
    if (event->y < d->rows.y || event->y >= d->rows.y + d->rows.rows || row >= rows)
        return;
    if (event->x < d->rows.x || event->x >= d->rows.x + d->rows.columns)
        return;
    bool again = d->list.cursor == row; /* a second click takes it */
    d->list.cursor = row;
    if (again)
        app_press(app, INPUT_ENTER);
}

void dialog_input(struct app *app, const struct input_event *event)
{
    struct dialog *d = app->dialog;
    if (event->key == INPUT_MOUSE) {
        dialog_mouse(app, d, event);
        return;
    }
    if (event->key == INPUT_ESC || event->key == CONTROL_C) {
        dialog_close(app);
        return;
    }
    switch (d->kind) {
    case DIALOG_LINE:
        if (event->key == INPUT_ENTER)
            accept(app, d->form.text);
        else
            form_key(&d->form, event->key);
        return;
    case DIALOG_CHOICE:
        choice_key(app, d, event->key);
        return;
    case DIALOG_WORD:
        word_key(app, d, event->key);
        return;
    case DIALOG_TEXT:
        text_key(app, d, event->key);
        return;
    case DIALOG_PALETTE:
        palette_input(app, d, event->key);
        return;
    }
}

/* --- drawing --------------------------------------------------------------------------------------------------- */

static struct box centred(struct box b, int columns, int rows)
{
    columns = columns > b.columns ? b.columns : columns;
    rows = rows > b.rows ? b.rows : rows;
    return (struct box){b.x + (b.columns - columns) / 2, b.y + (b.rows - rows) / 2, columns, rows};
}

static struct box open_window(struct grid *g, struct box b, const char *title)
{
    grid_fill(g, b, STYLE_TEXT, ' ');
    struct box inner = grid_frame(g, b, STYLE_BORDER, title);
    return box_inset(inner, 1, 0, 1, 0);
}

/* A hint in the lower border. */
static void draw_hint(struct grid *g, struct box window, const char *hint)
{
    int width = text_width(hint) + 2;
    if (width + 4 > window.columns)
        return;
    struct box row = {window.x + window.columns - width - 2, window.y + window.rows - 1, width, 1};
    grid_fill(g, row, STYLE_DIM, ' ');
    grid_put(g, row, 1, 0, STYLE_DIM, hint);
}

/* The body within b, and how far it can be scrolled. */
static void draw_body(struct grid *g, struct box b, struct dialog *d)
{
    int rows = grid_paragraph(g, (struct box){b.x, b.y, b.columns, 0}, 0, STYLE_TEXT, d->body);
    d->rows = b;
    d->scroll_most = rows > b.rows ? rows - b.rows : 0;
    d->scroll = d->scroll > d->scroll_most ? d->scroll_most : d->scroll;
    d->readable = b.rows > 0 && b.columns > 0;
    d->ended = d->ended || (d->readable && d->scroll == d->scroll_most);
    grid_paragraph(g, b, -d->scroll, STYLE_TEXT, d->body);
}

static void draw_line(struct grid *g, struct dialog *d)
{
    struct box window = centred(grid_box(g), 64, 3), in = open_window(g, window, d->title);
    form_draw(g, in, 0, 0, in.columns, &d->form, true);
    draw_hint(g, window, "Enter accepts  Esc cancels");
}

static void draw_choice(struct grid *g, struct dialog *d)
{
    int widest = text_width(d->title) + 6;
    for (int i = 0; i < d->choices; i++)
        widest = text_width(d->choice[i]) > widest ? text_width(d->choice[i]) : widest;
    struct box window = centred(grid_box(g), widest + 8 < 36 ? 36 : widest + 8, d->choices + 2);
    struct box in = open_window(g, window, d->title);
    d->rows = in;
    table_move(&d->list, d->choices, 0);
    if (d->list.cursor < d->list.top || d->list.cursor >= d->list.top + in.rows)
        d->list.top = d->list.cursor < d->list.top ? d->list.cursor : d->list.cursor - in.rows + 1;
    for (int y = 0; y < in.rows && d->list.top + y < d->choices; y++) {
        bool chosen = d->list.top + y == d->list.cursor;
        grid_put(g, in, 2, y, STYLE_TEXT, d->choice[d->list.top + y]);
        if (chosen) {
            grid_code(g, in, 0, y, STYLE_KEY, 0x25b8);
            grid_restyle(g, (struct box){in.x, in.y + y, in.columns, 1}, STYLE_SELECTED);
        }
    }
    draw_hint(g, window, "Enter takes  Esc cancels");
}

static void draw_word(struct grid *g, struct dialog *d)
{
    struct box whole = grid_box(g);
    int columns = whole.columns - 4 > 100 ? 100 : whole.columns - 4;
    int rows = grid_paragraph(g, (struct box){0, 0, columns - 4, 0}, 0, STYLE_TEXT, d->body);
    struct box window = centred(whole, columns, rows + 5 < whole.rows - 2 ? rows + 5 : whole.rows - 2);
    struct box in = open_window(g, window, d->title), body, foot;
    box_split_rows(in, -3, &body, &foot);
    draw_body(g, body, d);
    bool more = d->scroll < d->scroll_most;
    if (d->scroll_most > 0)
        grid_put(g, foot, 0, 0, more ? STYLE_WARN : STYLE_DIM,
                 more ? "more below: Down, PgDn" : "this is the end; Up, PgUp go back");
    int x = grid_put(g, foot, 0, 1, STYLE_TEXT, "Type ");
    x = grid_put(g, foot, x, 1, STYLE_KEY, d->word);
    grid_put(g, foot, x, 1, STYLE_TEXT, " to go on:");
    form_draw(g, foot, 0, 2, foot.columns, &d->form, true);
    draw_hint(g, window, "Enter alone does nothing  Esc leaves");
}

static void draw_text(struct grid *g, struct dialog *d)
{
    struct box whole = grid_box(g);
    int columns = whole.columns - 4 > 96 ? 96 : whole.columns - 4;
    int rows = grid_paragraph(g, (struct box){0, 0, columns - 4, 0}, 0, STYLE_TEXT, d->body);
    struct box window = centred(whole, columns, rows + 2 < whole.rows - 2 ? rows + 2 : whole.rows - 2);
    struct box in = open_window(g, window, d->title);
    char hint[64];
    draw_body(g, in, d);
    if (d->scroll_most > 0)
        snprintf(hint, sizeof hint, "row %d of %d  Esc closes", d->scroll + in.rows, d->scroll_most + in.rows);
    else
        text_copy(hint, sizeof hint, "Esc closes");
    draw_hint(g, window, hint);
}

static void draw_palette(struct app *app, struct dialog *d, struct grid *g)
{
    struct box whole = grid_box(g);
    struct box window = centred(whole, 84, whole.rows - 6 > 20 ? 20 : whole.rows - 2);
    struct box in = open_window(g, window, d->title);
    palette_draw(app, d, g, in);
    draw_hint(g, window, "Enter runs  Esc closes");
}

void dialog_draw(struct app *app, struct dialog *d, struct grid *g)
{
    if (d->below != NULL)
        dialog_draw(app, d->below, g);
    grid_restyle(g, grid_box(g), STYLE_DIM);
    switch (d->kind) {
    case DIALOG_LINE:
        draw_line(g, d);
        return;
    case DIALOG_CHOICE:
        draw_choice(g, d);
        return;
    case DIALOG_WORD:
        draw_word(g, d);
        return;
    case DIALOG_TEXT:
        draw_text(g, d);
        return;
    case DIALOG_PALETTE:
        draw_palette(app, d, g);
        return;
    }
}

const char *app_asked_word(const struct app *app)
{
    return app->dialog != NULL && app->dialog->kind == DIALOG_WORD ? app->dialog->word : NULL;
}

bool app_asks_secret(const struct app *app)
{
    return app->dialog != NULL && app->dialog->kind == DIALOG_LINE && app->dialog->form.secret;
}
