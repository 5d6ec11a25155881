/* Saying what the importer would guess: a choice, a column or a line of text, asked for by the row under the cursor. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/data.h"

enum { CHOICES_MOST = 64 };

static void say(struct data_screen *s, struct app *app, int option, const char *value)
{
    struct data_preview *p = &s->preview;
    int was = data_preview_option(p, p->list.cursor);
    if (!text_copy(p->option[option], sizeof p->option[option], value)) {
        p->option[option][0] = '\0';
        app_message(app, STYLE_WARN, "this is too long for a value: nothing was changed");
        return;
    }
    data_preview_check(s, app);
    if (p->refusal[0] == '\0' && was >= 0)
        data_preview_go(p, was);
}

static int asked_option(const struct data_screen *s)
{
    return data_preview_option(&s->preview, s->preview.list.cursor);
}

static void line_given(void *self, struct app *app, const char *text)
{
    struct data_screen *s = self;
    if (asked_option(s) >= 0)
        say(s, app, asked_option(s), text);
}

static void ask_line(struct data_screen *s, struct app *app)
{
    int option = asked_option(s);
    char title[200];
    snprintf(title, sizeof title, "%s (empty: as the file says)", data_option_table[option].title);
    app_ask(app, title, s->preview.option[option], false, line_given, s);
}

/* "dmy: the day first" means dmy. */
static void choice_given(void *self, struct app *app, const char *text)
{
    struct data_screen *s = self;
    char value[DATA_OPTION_MAX];
    if (asked_option(s) < 0)
        return;
    if (text_starts(text, "as the file says")) {
        say(s, app, asked_option(s), "");
        return;
    }
    if (text_starts(text, "something else")) {
        ask_line(s, app);
        return;
    }
    text_copy(value, sizeof value, text);
    char *colon = strstr(value[0] == ':' ? value + 1 : value, ": ");
    if (colon != NULL && data_option_table[asked_option(s)].kind == DATA_OPTION_CHOICE)
        *colon = '\0';
    say(s, app, asked_option(s), value);
}

/* The cells of the header, as they are written: what a column is called by. */
static int header_cells(struct data_screen *s, char *copy, const char **out)
{
    struct data_preview *p = &s->preview;
    const json_t *file = data_preview_file(p);
    int64_t skipped = json_integer_value(json_object_get(file, "skipped_lines"));
    char *rest = copy, *line = NULL, mark = ',';
    size_t most = 0;
    int n = 0;
    for (int64_t i = 0; i <= skipped && rest != NULL; i++)
        line = text_next(&rest, '\n');
    for (const char *c = ",;\t|"; line != NULL && *c != '\0'; c++) {
        size_t count = 0;
        for (const char *at = line; *at != '\0'; at++)
            count += *at == *c;
        mark = count > most ? *c : mark;
        most = count > most ? count : most;
    }
    for (char *cell; line != NULL && n < CHOICES_MOST - 3 && (cell = text_next(&line, mark)) != NULL;) {
        cell = text_trim(cell);
        size_t length = strlen(cell);
        if (length >= 2 && cell[0] == '"' && cell[length - 1] == '"') {
            cell[length - 1] = '\0';
            cell++;
        }
        if (cell[0] != '\0')
            out[n++] = cell;
    }
    return n;
}

static void ask_column(struct data_screen *s, struct app *app)
{
    struct data_preview *p = &s->preview;
    const char *choice[CHOICES_MOST];
    char *copy = memory_text(data_folder_raw(&s->files, p->path[p->file < p->paths ? p->file : 0]));
    int n = 1 + header_cells(s, copy, choice + 1), preset = 0, option = asked_option(s);
    choice[0] = "as the file says";
    if (text_equal(data_option_table[option].flag, "symbol"))
        choice[n++] = "none";
    choice[n++] = "something else: type it";
    for (int i = 1; i < n; i++)
        preset = text_equal(choice[i], p->option[option]) ? i : preset;
    app_ask_choice(app, data_option_table[option].title, choice, n, preset, choice_given, s);
    free(copy);
}

static void ask_choice(struct data_screen *s, struct app *app)
{
    int option = asked_option(s), n = 1, preset = 0;
    const char *choice[CHOICES_MOST] = {"as the file says"};
    const struct data_option *o = &data_option_table[option];
    for (; n < 11 && o->choice[n - 1] != NULL; n++) {
        choice[n] = o->choice[n - 1];
        if (s->preview.option[option][0] != '\0' && text_starts(choice[n], s->preview.option[option]))
            preset = n;
    }
    preset = preset == 0 && s->preview.refusal[0] != '\0' ? 1 : preset; /* an answer is what is wanted */
    if (o->kind == DATA_OPTION_CHOICE)
        choice[n++] = "something else: type it";
    app_ask_choice(app, o->title, choice, n, preset, choice_given, s);
}

void data_preview_enter(struct data_screen *s, struct app *app)
{
    struct data_preview *p = &s->preview;
    int option = asked_option(s);
    if (p->list.cursor == 0)
        data_preview_import(s, app);
    else if (option < 0)
        app_message(app, STYLE_WARN, "nothing overrides this: it is what the file holds");
    else if (data_option_table[option].kind == DATA_OPTION_LINE)
        ask_line(s, app);
    else if (data_option_table[option].kind == DATA_OPTION_COLUMN)
        ask_column(s, app);
    else
        ask_choice(s, app);
}

void data_preview_reset(struct data_screen *s, struct app *app)
{
    memset(s->preview.option, 0, sizeof s->preview.option);
    data_preview_check(s, app);
}
