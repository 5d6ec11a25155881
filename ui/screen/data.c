/* Data: the series there are, what the importer made of them, the task in force, and the values over time. */
#include "ui/screen/data.h"

#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"

#include <math.h>

const struct series_row *data_selected(const struct data_screen *s)
{
    return s->series_n > 0 ? &s->series[s->list.cursor] : NULL;
}

bool data_browsing(const struct data_screen *s)
{
    return s->mode == DATA_FILES;
}

static void *open_data(struct app *app)
{
    (void)app;
    struct data_screen *s = NEW(struct data_screen);
    s->cursor = (double)NAN;
    s->files.previewed = -1;
    return s;
}

static void forget(struct data_screen *s)
{
    series_list_free(s->series, s->series_n);
    s->series = NULL;
    s->series_n = 0;
    if (s->has_task)
        free(s->task.info);
    json_decref(s->task_info);
    s->task_info = NULL;
    s->has_task = false;
}

static void close_data(void *self)
{
    struct data_screen *s = self;
    forget(s);
    data_view_free(&s->view);
    data_files_free(&s->files);
    free(s);
}

/* --- loading --------------------------------------------------------------------------------------------------------- */

static int64_t time_in(const json_t *object, const char *key)
{
    return aid_time(json_string_value(json_object_get(object, key)));
}

static void load_task(struct data_screen *s, struct app *app)
{
    s->folds = 0;
    s->sealed_first = s->sealed_last = 0;
    s->has_task = tasks_active(app_workspace(app), &s->task, NULL);
    if (!s->has_task)
        return;
    s->task_info = json_loads(s->task.info, 0, NULL);
    const json_t *folds = json_object_get(s->task_info, "folds"), *sealed = json_object_get(s->task_info, "sealed");
    size_t i;
    const json_t *f;
    json_array_foreach(folds, i, f)
    {
        if (s->folds == DATA_FOLDS_SHOWN)
            break;
        s->fold[s->folds++] = (struct data_fold){json_integer_value(json_object_get(f, "train_samples")),
                                                 json_integer_value(json_object_get(f, "valid_samples")),
                                                 time_in(f, "train_last"), time_in(f, "valid_first"), time_in(f, "valid_last")};
    }
    if (json_integer_value(json_object_get(sealed, "bars")) > 0) {
        s->sealed_first = time_in(sealed, "first");
        s->sealed_last = time_in(sealed, "last");
    }
}

void data_reload(void *self, struct app *app)
{
    struct data_screen *s = self;
    char name[FRAME_NAME_MAX] = "";
    struct error err = {0};
    int64_t sealed = s->sealed_first;
    if (data_selected(s) != NULL)
        text_copy(name, sizeof name, data_selected(s)->name);
    forget(s);
    s->series_n = series_list(app_workspace(app), &s->series, &err);
    if (s->series_n < 0) {
        s->series_n = 0;
        app_error(app, &err);
    }
    for (int i = 0; i < s->series_n; i++)
        if (text_equal(s->series[i].name, name))
            s->list.cursor = i; /* stays where it was, though others came before it */
    table_move(&s->list, s->series_n, 0);
    load_task(s, app);
    if (s->sealed_first != sealed)
        data_view_free(&s->view); /* what may be kept has changed */
    data_view_load(s, app);
}

/* --- keys ------------------------------------------------------------------------------------------------------------ */

static bool not_browsing(void *self, struct app *app, char *why, size_t size)
{
    (void)app;
    text_copy(why, size, "choose a file first, or close the list of files with Esc");
    return !data_browsing(self);
}

static bool has_series(void *self, struct app *app, char *why, size_t size)
{
    struct data_screen *s = self;
    if (!not_browsing(self, app, why, size))
        return false;
    text_copy(why, size, "there are no series yet: a adds a file");
    return s->series_n > 0;
}

static bool has_task(void *self, struct app *app, char *why, size_t size)
{
    struct data_screen *s = self;
    if (!has_series(self, app, why, size))
        return false;
    text_copy(why, size, "there is no task yet: t sets one");
    return s->has_task;
}

static bool can_enter(void *self, struct app *app, char *why, size_t size)
{
    return data_browsing(self) || has_series(self, app, why, size);
}

static bool is_browsing(void *self, struct app *app, char *why, size_t size)
{
    (void)app;
    text_copy(why, size, "this is for the list of files: a opens it");
    return data_browsing(self);
}

static void press_enter(void *self, struct app *app)
{
    struct data_screen *s = self;
    if (s->mode == DATA_FILES)
        data_files_enter(s, app);
    else if (s->view.frame != NULL)
        s->mode = s->mode == DATA_SERIES ? DATA_COLUMNS : DATA_SERIES;
}

static void add(void *self, struct app *app)
{
    data_files_open(self, app);
}

static void options(void *self, struct app *app)
{
    data_files_options(self, app);
}

static void step_column(struct data_screen *s, int delta)
{
    if (s->view.frame == NULL)
        return;
    int n = (int)s->view.frame->columns;
    s->columns.cursor = (s->columns.cursor + delta + n) % n;
}

static void column_before(void *self, struct app *app)
{
    (void)app;
    step_column(self, -1);
}

static void column_after(void *self, struct app *app)
{
    (void)app;
    step_column(self, 1);
}

static void toggle_info(void *self, struct app *app)
{
    struct data_screen *s = self;
    (void)app;
    s->info = !s->info;
    s->info_top = 0;
}

static bool has_candles(void *self, struct app *app, char *why, size_t size)
{
    struct data_screen *s = self;
    if (!has_series(self, app, why, size))
        return false;
    text_copy(why, size, "this series has no columns open, high, low and close");
    return s->view.candle != NULL;
}

static void toggle_candles(void *self, struct app *app)
{
    struct data_screen *s = self;
    (void)app;
    s->lines = !s->lines;
}

static void toggle_scale(void *self, struct app *app)
{
    struct data_screen *s = self;
    (void)app;
    s->other_scale = !s->other_scale;
}

static void zoom_in(void *self, struct app *app)
{
    (void)app;
    data_span_key(self, '+');
}

static void zoom_out(void *self, struct app *app)
{
    (void)app;
    data_span_key(self, '-');
}

static const struct screen_key keys[] = {
    {INPUT_ENTER, "open", "Goes into the columns of a series and back; in the list of files, opens or imports.", false, can_enter,
     press_enter},
    {'a', "add", "Adds a CSV file: shows folders and files, and the first lines of each.", true, not_browsing, add},
    {'t', "task", "Says what to predict: the asset, how far ahead, and from how many bars.", true, has_series, data_ask_task},
    {'i', "report", "What the importer decided about this file, why, and which rows it dropped.", false, has_series, toggle_info},
    {']', "next column", "Plots the next column.", false, has_series, column_after},
    {'[', "column before", "Plots the column before.", false, has_series, column_before},
    {'+', "zoom in", "Halves the span of time shown, around the cursor.", false, has_series, zoom_in},
    {'-', "zoom out", "Doubles the span of time shown. Left and Right move the cursor, < and > the span.", false, has_series,
     zoom_out},
    {'c', "candles", "Candles or lines, where there are open, high, low and close.", false, has_candles, toggle_candles},
    {'y', "scale", "Logarithmic or plain values; by itself the one that shows more.", false, has_series, toggle_scale},
    {'x', "export", "Writes the joined features of the task to a CSV file, without the sealed part.", false, has_task,
     data_ask_export},
    {'o', "options", "What the next import is told instead of guessing: asset, order of dates, meaning of times.", true,
     is_browsing, options},
};

/* --- input ----------------------------------------------------------------------------------------------------------- */

static struct table_state *focused(struct data_screen *s, int *rows)
{
    bool columns = s->mode == DATA_COLUMNS && s->view.frame != NULL;
    *rows = columns ? (int)s->view.frame->columns : s->series_n;
    return columns ? &s->columns : &s->list;
}

static void find(struct data_screen *s, struct app *app, int step)
{
    int rows;
    struct table_state *state = focused(s, &rows);
    int row = app_search_row(app, rows, state->cursor + step, step, s, state == &s->list ? data_series_text : data_column_text);
    if (row < 0)
        return;
    state->cursor = row;
    data_view_load(s, app);
}

static bool click(struct data_screen *s, struct app *app, const struct input_event *event)
{
    int rows;
    struct table_state *state = focused(s, &rows);
    struct table_source source = {s, rows, NULL};
    int row = event->x < s->drawn.x + s->drawn.columns ? table_row_at(s->drawn, &source, state, event->y - s->drawn.y) : -1;
    if (row < 0)
        return false;
    state->cursor = row;
    data_view_load(s, app);
    return true;
}

static bool input(void *self, struct app *app, const struct input_event *event)
{
    struct data_screen *s = self;
    int delta, rows;
    if (s->mode == DATA_FILES)
        return data_files_input(s, app, event);
    if (event->key == INPUT_MOUSE && event->wheel == 0)
        return click(s, app, event);
    if (event->key == 'n' || event->key == 'N') {
        find(s, app, event->key == 'n' ? 1 : -1);
        return true;
    }
    if (event->key == INPUT_ESC && (s->mode == DATA_COLUMNS || s->info)) {
        if (s->mode == DATA_COLUMNS)
            s->mode = DATA_SERIES;
        else
            s->info = false;
        return true;
    }
    bool page = event->key == INPUT_PAGE_UP || event->key == INPUT_PAGE_DOWN;
    if (!aid_move(event, s->drawn.rows - 2, &delta))
        return data_span_key(s, event->key);
    if (s->info && page) { /* the report is the longer of the two */
        int to = s->info_top + (event->key == INPUT_PAGE_UP ? -8 : 8);
        s->info_top = to > s->info_most ? s->info_most : to < 0 ? 0 : to;
        return true;
    }
    struct table_state *state = focused(s, &rows);
    table_move(state, rows, delta);
    data_view_load(s, app);
    return true;
}

const struct screen screen_data = {
    .name = "data",
    .title = "Data",
    .about = "The series of this workspace and the task in force: what was imported and how it was read, which samples "
             "and folds come of it, and the values over time. What is sealed is never drawn.",
    .key = keys,
    .keys = (int)ARRAY_N(keys),
    .open = open_data,
    .close = close_data,
    .reload = data_reload,
    .draw = data_draw,
    .input = input,
    .event = data_event,
    .explain = data_explain,
};
