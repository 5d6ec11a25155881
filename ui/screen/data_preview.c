/* Before an import: a dry run over the whole file says what would be read and why; what it guessed can be said instead,
 * which runs it again; nothing is stored before that is asked for. */
#include "ui/screen/data.h"

#include "base/text.h"
#include "ui/screen/aid.h"

#include <limits.h>

void data_preview_free(struct data_preview *p)
{
    json_decref(p->result);
    p->result = NULL;
}

const json_t *data_preview_file(const struct data_preview *p)
{
    return json_array_get(json_object_get(p->result, "files"), (size_t)p->file);
}

void data_preview_order(const struct data_preview *p, bool dry, struct order *o)
{
    order_words(o, "data add");
    for (int i = 0; i < p->paths; i++)
        order_put(o, p->path[i]);
    for (int i = 0; i < DATA_OPTIONS; i++) {
        if (data_option_table[i].kind != DATA_OPTION_FLAG)
            order_option(o, data_option_table[i].flag, p->option[i]);
        else if (text_equal(p->option[i], "yes"))
            order_put(o, "--append");
    }
    if (dry)
        order_put(o, "--dry-run");
}

/* --- the list --------------------------------------------------------------------------------------------------------
 */

static const json_t *guesses_of(const struct data_preview *p)
{
    return json_object_get(data_preview_file(p), "guesses");
}

static int option_of(const json_t *guess)
{
    int by_flag = data_option_of_message(aid_text(guess, "option"));
    return by_flag >= 0 ? by_flag : data_option_of_guess(aid_text(guess, "what"));
}

static bool is_guessed(const struct data_preview *p, int option)
{
    size_t i;
    const json_t *guess;
    json_array_foreach(guesses_of(p), i, guess) if (option_of(guess) == option) return true;
    return false;
}

/* The first row imports; then come the guesses, then what else can be said. */
const json_t *data_preview_guess(const struct data_preview *p, int row)
{
    return row > 0 ? json_array_get(guesses_of(p), (size_t)(row - 1)) : NULL;
}

int data_preview_option(const struct data_preview *p, int row)
{
    const json_t *guess = data_preview_guess(p, row);
    int rest = row - 1 - (int)json_array_size(guesses_of(p));
    if (row < 1 || guess != NULL)
        return guess != NULL ? option_of(guess) : -1;
    for (int i = 0; i < DATA_OPTIONS; i++)
        if (data_option_offered(i) && !is_guessed(p, i) && rest-- == 0)
            return i;
    return -1;
}

int data_preview_rows(const struct data_preview *p)
{
    int n = 1 + (int)json_array_size(guesses_of(p));
    for (int i = 0; i < DATA_OPTIONS; i++)
        n += data_option_offered(i) && !is_guessed(p, i);
    return n;
}

void data_preview_go(struct data_preview *p, int option)
{
    for (int row = 1; row < data_preview_rows(p); row++)
        if (data_preview_option(p, row) == option)
            p->list.cursor = row;
}

/* --- the dry run -----------------------------------------------------------------------------------------------------
 */

static void cut_sealed(const struct data_screen *s, json_t *result)
{
    size_t i;
    json_t *file;
    json_array_foreach(json_object_get(result, "files"), i, file)
    {
        enum csv_stamp stamp = CSV_STAMP_OPEN;
        csv_stamp_parse(aid_text(file, "stamp"), &stamp);
        struct data_seal seal = {s->sealed_first != 0, {s->sealed_first}, {s->sealed_last}};
        data_report_cut(file, stamp, (int64_t)(json_number_value(json_object_get(file, "step_seconds")) * 1e6), &seal);
    }
}

static void accepted(struct data_screen *s, json_t *result)
{
    struct data_preview *p = &s->preview;
    cut_sealed(s, result);
    json_decref(p->result);
    p->result = result;
    p->refusal[0] = '\0';
    if (p->file >= (int)json_array_size(json_object_get(result, "files")))
        p->file = 0;
    table_move(&p->list, data_preview_rows(p), 0);
}

/* The cursor goes to the option that settles it, if the refusal names one. */
static void refused(struct data_preview *p, const char *why)
{
    json_decref(p->result);
    p->result = NULL;
    text_copy(p->refusal, sizeof p->refusal,
              why[0] != '\0' ? why : "the file was refused without a reason; see the log");
    p->list.cursor = 0;
    data_preview_go(p, data_option_of_message(why));
}

void data_preview_check(struct data_screen *s, struct app *app)
{
    struct data_preview *p = &s->preview;
    struct order o = {0};
    struct error err = {0};
    p->top = 0;
    if (p->job != NULL) { /* told something else by now: its result is not wanted, another follows it */
        job_cancel(p->job);
        p->stale = true;
        return;
    }
    data_preview_order(p, true, &o);
    if (p->bytes > DATA_QUICK_BYTES) {
        p->job_refusal[0] = '\0';
        p->job = order_job(&o, app);
        order_free(&o);
        return;
    }
    json_t *result = order_run(&o, app_workspace(app), &err);
    order_free(&o);
    if (result != NULL)
        accepted(s, result);
    else
        refused(p, err.text);
}

void data_preview_open(struct data_screen *s, struct app *app, const char *const *path, int n, int64_t bytes)
{
    struct data_preview *p = &s->preview;
    n = n > DATA_PATHS_MOST ? DATA_PATHS_MOST : n;
    bool same = p->paths == n;
    for (int i = 0; i < n; i++)
        same = same && text_equal(p->path[i], path[i]);
    if (!same) /* what one file was told is not meant for the next */
        memset(p->option, 0, sizeof p->option);
    for (int i = 0; i < n; i++)
        text_copy(p->path[i], sizeof p->path[i], path[i]);
    p->paths = n;
    p->bytes = bytes;
    p->file = p->columns_from = 0;
    p->list = (struct table_state){0};
    p->refusal[0] = '\0';
    json_decref(p->result);
    p->result = NULL;
    s->mode = DATA_PREVIEW;
    data_preview_check(s, app);
}

static void job_ended(struct data_screen *s, struct app *app, const json_t *event)
{
    struct data_preview *p = &s->preview;
    p->job = NULL;
    if (p->stale) {
        p->stale = false;
        if (s->mode == DATA_PREVIEW)
            data_preview_check(s, app);
        return;
    }
    if (text_equal(aid_text(event, "state"), "failed"))
        refused(p, aid_text(event, "message"));
    else if (text_equal(aid_text(event, "state"), "cancelled"))
        refused(p, "The dry run was cancelled. R runs it again.");
    else if (p->result == NULL)
        refused(p, "The file was read, but its report is too long to show here; `data add --dry-run` prints it.");
    if (s->mode == DATA_PREVIEW && p->result != NULL)
        app_message(app, STYLE_GOOD, "read as a dry run: nothing is stored yet");
    else if (s->mode == DATA_PREVIEW)
        app_message(app, STYLE_WARN, "not read: nothing is stored");
}

bool data_preview_event(struct data_screen *s, struct app *app, struct job *job, const json_t *event)
{
    struct data_preview *p = &s->preview;
    if (job != p->job)
        return false;
    if (text_equal(aid_text(event, "event"), "ended"))
        job_ended(s, app, event);
    else if (json_object_get(event, "files") != NULL && !p->stale)
        accepted(s, json_incref((json_t *)event));
    return true;
}

/* --- importing -------------------------------------------------------------------------------------------------------
 */

static const char next[] =
    "Nothing was imported. Where the file leaves open what only you can know, Enter on a row of the list "
    "says it.";

void data_preview_import(struct data_screen *s, struct app *app)
{
    struct data_preview *p = &s->preview;
    struct order o = {0};
    struct error err = {0};
    if (p->job != NULL || s->import != NULL) {
        app_message(app, STYLE_WARN,
                    p->job != NULL ? "the dry run goes on: wait for it, or C-c cancels it" : "an import is running");
        return;
    }
    if (p->result == NULL) {
        data_refused(app, "Not imported", p->refusal, next);
        return;
    }
    data_preview_order(p, false, &o);
    if (p->bytes > DATA_QUICK_BYTES) {
        s->import = order_job(&o, app);
        if (s->import != NULL)
            app_message(app, STYLE_TEXT, "importing %s", file_name(p->path[0]));
    } else {
        json_t *result = order_run(&o, app_workspace(app), &err);
        if (result != NULL)
            data_imported(s, app, result);
        else
            data_refused(app, "Not imported", err.text, next);
        json_decref(result);
    }
    order_free(&o);
}

/* --- input -----------------------------------------------------------------------------------------------------------
 */

static void step_file(struct data_preview *p, int delta)
{
    int n = (int)json_array_size(json_object_get(p->result, "files"));
    if (n > 1)
        p->file = (p->file + delta + n) % n;
}

static bool mouse(struct data_screen *s, struct app *app, const struct input_event *event)
{
    struct data_preview *p = &s->preview;
    struct table_source source = {s, data_preview_rows(p), NULL};
    struct box b = p->drawn;
    if (event->x < b.x || event->x >= b.x + b.columns)
        return false;
    int row = table_row_at(b, &source, &p->list, event->y - b.y);
    if (row < 0)
        return false;
    if (row == p->list.cursor)
        data_preview_enter(s, app);
    p->list.cursor = row;
    return true;
}

bool data_preview_input(struct data_screen *s, struct app *app, const struct input_event *event)
{
    struct data_preview *p = &s->preview;
    int delta;
    bool page = event->key == INPUT_PAGE_UP || event->key == INPUT_PAGE_DOWN;
    if (event->key == INPUT_ESC) {
        s->mode = DATA_FILES;
        if (p->job != NULL)
            job_cancel(p->job);
        return true;
    }
    if (event->key == INPUT_MOUSE && event->wheel == 0)
        return mouse(s, app, event);
    if (event->key == '[' || event->key == ']') {
        step_file(p, event->key == ']' ? 1 : -1);
        return true;
    }
    if (event->key == INPUT_LEFT || event->key == 'h' || event->key == INPUT_RIGHT || event->key == 'l') {
        p->columns_from += event->key == INPUT_LEFT || event->key == 'h' ? -1 : 1;
        p->columns_from = p->columns_from < 0 ? 0 : p->columns_from;
        return true;
    }
    if (!aid_move(event, 8, &delta))
        return false;
    if (page) { /* what is beside the list is the longer of the two */
        p->top += delta;
        p->top = p->top > p->most ? p->most : p->top < 0 ? 0 : p->top;
        return true;
    }
    table_move(&p->list, data_preview_rows(p), delta);
    return true;
}
