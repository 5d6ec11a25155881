/* The keys of the Data screen: which there are where, when they may be used, what they do. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/data.h"

/* --- may a key be used now? ------------------------------------------------------------------------------------------
 */

static bool has_series(void *self, struct app *app, char *why, size_t size)
{
    struct data_screen *s = self;
    (void)app;
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

static bool has_candles(void *self, struct app *app, char *why, size_t size)
{
    struct data_screen *s = self;
    if (!has_series(self, app, why, size))
        return false;
    text_copy(why, size, "this series has no columns open, high, low and close");
    return s->view.frame != NULL && s->view.candles;
}

static bool has_marks(void *self, struct app *app, char *why, size_t size)
{
    struct data_screen *s = self;
    (void)app;
    text_copy(why, size, "mark columns first: Space draws them together");
    return s->marks > 0;
}

static bool has_leak(void *self, struct app *app, char *why, size_t size)
{
    struct data_screen *s = self;
    (void)app;
    text_copy(why, size, "the leak detector found nothing that must be accepted");
    return strstr(s->form.refusal, "--accept-leak") != NULL;
}

/* --- what keys do ----------------------------------------------------------------------------------------------------
 */

static void press_enter(void *self, struct app *app)
{
    struct data_screen *s = self;
    if (s->mode == DATA_FILES)
        data_files_enter(s, app);
    else if (s->mode == DATA_PREVIEW)
        data_preview_enter(s, app);
    else if (s->mode == DATA_TASK)
        data_form_enter(s, app);
    else if (s->view.frame != NULL)
        s->mode = s->mode == DATA_SERIES ? DATA_COLUMNS : DATA_SERIES;
}

static void add(void *self, struct app *app)
{
    data_files_open(self, app);
}

static void set_task(void *self, struct app *app)
{
    data_form_open(self, app);
}

static void step_column(struct data_screen *s, struct app *app, int delta)
{
    if (s->view.frame == NULL)
        return;
    int n = (int)s->view.frame->columns;
    s->columns.cursor = (s->columns.cursor + delta + n) % n;
    data_stats_want(s, app);
}

static void column_before(void *self, struct app *app)
{
    step_column(self, app, -1);
}

static void column_after(void *self, struct app *app)
{
    step_column(self, app, 1);
}

static void toggle_pane(struct data_screen *s, struct app *app, enum data_pane pane)
{
    s->pane = s->pane == pane ? DATA_PLOT : pane;
    s->info_top = 0;
    data_stats_want(s, app);
}

static void toggle_info(void *self, struct app *app)
{
    toggle_pane(self, app, DATA_REPORT);
}

static void toggle_figures(void *self, struct app *app)
{
    toggle_pane(self, app, DATA_FIGURES);
}

static void toggle_scope(void *self, struct app *app)
{
    struct data_screen *s = self;
    s->stats.all = !s->stats.all;
    data_stats_want(s, app);
    app_message(app, s->stats.all ? STYLE_WARN : STYLE_TEXT, "%s",
                s->stats.all ? "of all bars before the hold-out: bars that the folds are judged on are among them"
                             : "of the training part of the first fold alone");
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

static void next_scale(void *self, struct app *app)
{
    struct data_screen *s = self;
    (void)app;
    s->scale = (s->scale + 1) % DATA_SCALES;
}

static void toggle_known(void *self, struct app *app)
{
    struct data_screen *s = self;
    s->as_known = !s->as_known;
    app_message(app, STYLE_TEXT, "%s",
                s->as_known ? "values stand where they are known: the end of their period and the publication lag"
                            : "values stand where their period does");
}

static void mark(void *self, struct app *app)
{
    data_mark_toggle(self, app);
}

static void unmark(void *self, struct app *app)
{
    (void)app;
    data_marks_free(self);
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

static void pick(void *self, struct app *app)
{
    data_files_pick(self, app);
}

static void filter(void *self, struct app *app)
{
    data_input(self, app, &(struct input_event){.key = '/'});
}

static void toggle_hidden(void *self, struct app *app)
{
    struct data_screen *s = self;
    data_files_toggle(s, app, &s->files.hidden, "hidden files");
}

static void toggle_all(void *self, struct app *app)
{
    struct data_screen *s = self;
    data_files_toggle(s, app, &s->files.all, "files of all kinds");
}

static void go_home(void *self, struct app *app)
{
    data_files_go(self, app, "~");
}

static void go_up(void *self, struct app *app)
{
    data_files_go(self, app, "..");
}

static void import(void *self, struct app *app)
{
    data_preview_import(self, app);
}

static void toggle_raw(void *self, struct app *app)
{
    struct data_screen *s = self;
    (void)app;
    s->preview.raw = !s->preview.raw;
}

static void say_nothing(void *self, struct app *app)
{
    data_preview_reset(self, app);
}

static void set_now(void *self, struct app *app)
{
    data_form_set(self, app);
}

static void accept_leak(void *self, struct app *app)
{
    struct data_screen *s = self;
    s->form.list.cursor = 1 + DATA_FIELD_ACCEPT;
    data_form_enter(s, app);
}

/* --- the keys --------------------------------------------------------------------------------------------------------
 */

#define KEYS(X)                                                                                                        \
    X(LOOK, INPUT_ENTER, "columns", "Goes into the columns of a series and back.", false, has_series, press_enter)     \
    X(LOOK, 'a', "add", "Adds CSV files: shows folders and files, and how each would be read.", true, NULL, add)       \
    X(LOOK, 't', "task", "What to predict, from what, and how it is judged; shows folds and leaks first.", true,       \
      has_series, set_task)                                                                                            \
    X(LOOK, 'i', "report", "What the importer decided about this file, why, and which rows it dropped.", false,        \
      has_series, toggle_info)                                                                                         \
    X(LOOK, 's', "statistics", "Histogram of the column, and how the features go with the target.", false, has_series, \
      toggle_figures)                                                                                                  \
    X(LOOK, INPUT_SPACE, "mark", "Marks the column: it is drawn with the others on one clock. Again takes it away.",   \
      false, has_series, mark)                                                                                         \
    X(LOOK, ']', "next column", "Plots the next column.", false, has_series, column_after)                             \
    X(LOOK, '[', "column before", "Plots the column before.", false, has_series, column_before)                        \
    X(LOOK, '+', "zoom in", "Halves the span of time shown, around the cursor.", false, has_series, zoom_in)           \
    X(LOOK, '-', "zoom out",                                                                                           \
      "Doubles the span. Left Right move the cursor, < > the span, 0 shows all; the wheel zooms, dragging pans.",      \
      false, has_series, zoom_out)                                                                                     \
    X(LOOK, 'c', "candles", "Candles or lines, where there are open, high, low and close.", false, has_candles,        \
      toggle_candles)                                                                                                  \
    X(LOOK, 'y', "log", "Logarithmic or plain values; by itself the one that shows more.", false, has_series,          \
      toggle_scale)                                                                                                    \
    X(LOOK, 'Y', "axes", "Of several columns: each its own axis, one axis, or an index of 100 where all have begun.",  \
      false, has_marks, next_scale)                                                                                    \
    X(LOOK, 'p', "when known",                                                                                         \
      "Draws values where they are published (period over, lag passed) instead of where they are stamped.", false,     \
      has_series, toggle_known)                                                                                        \
    X(LOOK, 'U', "unmark all", "Takes all marks away.", false, has_marks, unmark)                                      \
    X(LOOK, 'w', "whose bars",                                                                                         \
      "The statistics of the first fold's training part, or of all bars before the hold-out.", false, has_task,        \
      toggle_scope)                                                                                                    \
    X(LOOK, 'x', "export", "Writes the joined features of the task to a CSV file, without the sealed part.", false,    \
      has_task, data_ask_export)                                                                                       \
    X(LOOK, 'X', "export task", "Writes the task to a file, for another workspace.", false, has_task,                  \
      data_ask_task_export)                                                                                            \
    X(LOOK, 'T', "import task", "Sets the task that a file holds.", true, has_series, data_ask_task_import)            \
    X(LOOK, 'D', "remove series", "Takes a series out of the workspace.", true, has_series, data_ask_remove)           \
    X(LOOK, 'S', "synth", "Makes a synthetic market whose best possible accuracy is known.", true, NULL,               \
      data_ask_synth)                                                                                                  \
    X(LOOK, 'b', "baseline", "Scores plain models on the folds: what a network must beat.", false, has_task,           \
      data_baseline)                                                                                                   \
    X(FILES, INPUT_ENTER, "open", "Opens a folder; of a file, shows how it would be read.", false, NULL, press_enter)  \
    X(FILES, INPUT_SPACE, "mark", "Marks a file: all marked ones are imported together.", false, NULL, pick)           \
    X(FILES, '/', "filter", "Shows only names that hold what is typed.", false, NULL, filter)                          \
    X(FILES, '.', "hidden", "Hidden files and folders, shown or not.", false, NULL, toggle_hidden)                     \
    X(FILES, 'v', "all files", "Files of all kinds, or csv tsv txt dat alone.", false, NULL, toggle_all)               \
    X(FILES, '~', "home", "Goes to the home folder.", false, NULL, go_home)                                            \
    X(FILES, 'u', "up", "Goes to the folder above.", false, NULL, go_up)                                               \
    X(PREVIEW, INPUT_ENTER, "say", "Says what the row decides; on the first row, imports.", false, NULL, press_enter)  \
    X(PREVIEW, 'i', "import", "Imports as shown.", true, NULL, import)                                                 \
    X(PREVIEW, 'r', "raw", "The lines of the file as they are, or as they are read.", false, NULL, toggle_raw)         \
    X(PREVIEW, 'R', "read again", "Takes back all that was said and reads the file again.", false, NULL, say_nothing)  \
    X(TASK, INPUT_ENTER, "change", "Changes the row; on the first, sets the task.", true, NULL, press_enter)           \
    X(TASK, 's', "set", "Sets the task as shown.", true, NULL, set_now)                                                \
    X(TASK, 'A', "suspicion",                                                                                          \
      "Leaves out the column that the leak detector suspects, or goes on with it, which is recorded.", true, has_leak, \
      accept_leak)

enum where { LOOK, FILES, PREVIEW, TASK };

#define KEY(where, key, label, help, writes, enabled, run) {key, label, help, writes, enabled, run},
static const struct screen_key keys[] = {KEYS(KEY)};
#undef KEY
#define PLACE(where, key, label, help, writes, enabled, run) where,
static const enum where place[] = {KEYS(PLACE)};
#undef PLACE

static bool shows(void *self, const struct screen_key *key)
{
    static const enum where of_mode[] = {[DATA_SERIES] = LOOK,
                                         [DATA_COLUMNS] = LOOK,
                                         [DATA_FILES] = FILES,
                                         [DATA_PREVIEW] = PREVIEW,
                                         [DATA_TASK] = TASK};
    const struct data_screen *s = self;
    return place[key - keys] == of_mode[s->mode];
}

/* In the list of files / filters at once, and while the filter is typed all keys are its. */
static bool takes(void *self, int key)
{
    const struct data_screen *s = self;
    return s->mode == DATA_FILES && (s->files.filtering || key == '/');
}

const struct screen screen_data = {
    .name = "data",
    .title = "Data",
    .about = "The series of this workspace and the task in force: what was imported and how it was read, which samples "
             "and folds come of it, and the values over time. What is sealed is never drawn.",
    .key = keys,
    .keys = (int)ARRAY_N(keys),
    .open = data_open,
    .close = data_close,
    .reload = data_reload,
    .draw = data_draw,
    .input = data_input,
    .shows = shows,
    .takes = takes,
    .event = data_event,
    .explain = data_explain,
};
