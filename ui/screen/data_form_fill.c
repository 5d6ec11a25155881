/* Filling in the form of a task: what is asked for each of its rows, and what is done with a suspicion of a leak. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/data.h"
#include "ui/screen/data_form_fields.h"

#include <strings.h>

static int field_at(const struct data_form *f)
{
    return f->list.cursor - 1; /* the first row sets it */
}

static void say(struct data_screen *s, struct app *app, const char *value)
{
    struct data_form *f = &s->form;
    int i = field_at(f);
    char was[DATA_FIELD_MAX];
    if (i < 0)
        return;
    text_copy(was, sizeof was, f->value[i]);
    if (!text_copy(f->value[i], DATA_FIELD_MAX, value)) {
        text_copy(f->value[i], DATA_FIELD_MAX, was);
        app_message(app, STYLE_WARN, "this is too long: nothing was changed");
        return;
    }
    if (i == DATA_FIELD_ASSET && !text_equal(was, value)) /* another price, other columns */
        f->value[DATA_FIELD_PRICE][0] = f->value[DATA_FIELD_TARGET][0] = f->value[DATA_FIELD_ACCEPT][0] = '\0';
    data_form_check(s, app);
}

static void line_given(void *self, struct app *app, const char *text)
{
    say(self, app, text);
}

static void ask_line(struct data_screen *s, struct app *app)
{
    struct data_form *f = &s->form;
    char title[96];
    snprintf(title, sizeof title, "%s (empty: by itself)", data_form_fields[field_at(f)].title);
    app_ask(app, title, f->value[field_at(f)], false, line_given, s);
}

static void choice_given(void *self, struct app *app, const char *text)
{
    struct data_screen *s = self;
    if (text_starts(text, "by itself"))
        say(s, app, "");
    else if (text_starts(text, "something else"))
        ask_line(s, app);
    else
        say(s, app, text);
}

/* Is it one of the assets listed, or is none? */
static bool of_asset(const char *list, const char *asset)
{
    size_t n = strlen(asset);
    for (const char *at = list; *at != '\0'; at += strcspn(at, ","), at += *at == ',')
        if (strncasecmp(at, asset, n) == 0 && (at[n] == ',' || at[n] == '\0'))
            return true;
    return list[0] == '\0';
}

/* Columns of all series of the asset; `before` stands before each. Freed by the caller, each. */
static int list_columns(const struct data_screen *s, const char *before, char *out[DATA_FORM_CHOICES], int n)
{
    for (int i = 0; i < s->series_n; i++) {
        json_t *report, *columns, *name;
        size_t k;
        if (!of_asset(s->form.value[DATA_FIELD_ASSET], s->series[i].asset))
            continue;
        report = json_loads(s->series[i].report, 0, NULL);
        columns = json_object_get(report, "columns");
        json_array_foreach(columns, k, name) if (n < DATA_FORM_CHOICES - 2 && json_is_string(name)) out[n++] =
            memory_format("%s%s", before, json_string_value(name));
        json_decref(report);
    }
    return n;
}

static void ask_choice(struct data_screen *s, struct app *app, int field)
{
    char *choice[DATA_FORM_CHOICES];
    int n = 0, preset = 0;
    if (field == DATA_FIELD_ASSET) {
        const char *asset[DATA_FORM_CHOICES];
        for (int i = 0, all = data_form_assets(s, asset, &preset); i < all; i++)
            choice[n++] = memory_text(asset[i]);
    } else if (field == DATA_FIELD_PRICE) {
        choice[n++] = memory_text("by itself, from the names");
        n = list_columns(s, "", choice, n);
    } else if (field == DATA_FIELD_OPEN) {
        choice[n++] = memory_text("by itself: they stay sealed");
        choice[n++] = memory_text("yes");
    } else if (field == DATA_FIELD_MISSING) {
        choice[n++] = memory_text("drop");
        choice[n++] = memory_text("mask");
    } else {
        choice[n++] = memory_text("direction");
        choice[n++] = memory_text("return");
        n = list_columns(s, "class:", choice, n);
    }
    if (field != DATA_FIELD_OPEN && field != DATA_FIELD_MISSING)
        choice[n++] = memory_text("something else: type it");
    for (int i = 0; i < n; i++)
        preset = text_equal(choice[i], s->form.value[field]) ? i : preset;
    app_ask_choice(app, data_form_fields[field].title, (const char *const *)choice, n, preset, choice_given, s);
    while (n > 0)
        free(choice[--n]);
}

/* --- leaks -----------------------------------------------------------------------------------------------------------
 */

/* The feature that a refusal asks to accept: between quotes behind --accept-leak. */
bool data_form_leak(const struct data_form *f, char *out, size_t size)
{
    const char *at = strstr(f->refusal, "--accept-leak ");
    if (at == NULL)
        return false;
    at += strlen("--accept-leak ");
    char mark = *at == '"' || *at == '\'' ? *at++ : ' ';
    size_t n = strcspn(at, (char[]){mark, '\n', '\0'});
    if (n == 0 || n >= size)
        return false;
    memcpy(out, at, n);
    out[n] = '\0';
    return true;
}

static void add_item(struct data_form *f, enum data_field field, const char *before, const char *item, struct app *app)
{
    char *value = f->value[field], was[DATA_FIELD_MAX];
    text_copy(was, sizeof was, value);
    bool fits = (was[0] == '\0' || text_append(value, DATA_FIELD_MAX, field == DATA_FIELD_ACCEPT ? "\n" : ",")) &&
                text_append(value, DATA_FIELD_MAX, before) && text_append(value, DATA_FIELD_MAX, item);
    if (fits)
        return;
    text_copy(value, DATA_FIELD_MAX, was);
    app_message(app, STYLE_WARN, "there is no room for one more: nothing was changed");
}

static const char accept_word[] = "accept ", leave_word[] = "leave out ";

static void accept_given(void *self, struct app *app, const char *text)
{
    struct data_screen *s = self;
    if (text_starts(text, accept_word))
        add_item(&s->form, DATA_FIELD_ACCEPT, "", text + strlen(accept_word), app);
    else if (text_starts(text, leave_word))
        add_item(&s->form, DATA_FIELD_COLUMNS, "-", text + strlen(leave_word), app);
    else
        s->form.value[DATA_FIELD_ACCEPT][0] = '\0';
    data_form_check(s, app);
}

/* Its column is best left out; it can be used all the same, and that is kept on record. */
static void ask_accept(struct data_screen *s, struct app *app)
{
    char leak[FRAME_NAME_MAX * 2], accept[FRAME_NAME_MAX * 2 + 16], leave[FRAME_NAME_MAX * 2 + 16];
    const char *choice[3];
    int n = 0;
    bool found = data_form_leak(&s->form, leak, sizeof leak);
    const char *blank = found ? strchr(leak, ' ') : NULL;
    if (blank != NULL) {
        snprintf(leave, sizeof leave, "%s%s", leave_word, blank + 1);
        choice[n++] = leave;
    }
    if (found) {
        snprintf(accept, sizeof accept, "%s%s", accept_word, leak);
        choice[n++] = accept;
    }
    if (s->form.value[DATA_FIELD_ACCEPT][0] != '\0')
        choice[n++] = "none: accept no leak";
    if (n > 0)
        app_ask_choice(app, "A feature seems to look ahead", choice, n, 0, accept_given, s);
    else
        app_message(app, STYLE_TEXT, "the leak detector names nothing that is to be accepted");
}

void data_form_enter(struct data_screen *s, struct app *app)
{
    int field = field_at(&s->form);
    if (field < 0)
        data_form_set(s, app);
    else if (field == DATA_FIELD_ASSET || field == DATA_FIELD_PRICE || field == DATA_FIELD_TARGET ||
             field == DATA_FIELD_MISSING || field == DATA_FIELD_OPEN)
        ask_choice(s, app, field);
    else if (field == DATA_FIELD_ACCEPT)
        ask_accept(s, app);
    else
        ask_line(s, app);
}
