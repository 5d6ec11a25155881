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

void *data_open(struct app *app)
{
    (void)app;
    struct data_screen *s = NEW(struct data_screen);
    s->cursor = (double)NAN;
    return s;
}

static void forget(struct data_screen *s)
{
    series_list_free(s->series, s->series_n);
    s->series = NULL;
    s->series_n = 0;
    if (s->has_task)
        free(s->task.info);
    s->task.info = NULL;
    json_decref(s->task_info);
    s->task_info = NULL;
    s->has_task = false;
}

void data_close(void *self)
{
    struct data_screen *s = self;
    forget(s);
    data_view_free(&s->view);
    data_marks_free(s);
    data_stats_free(&s->stats);
    data_files_free(&s->files);
    data_preview_free(&s->preview);
    data_form_close(&s->form);
    free(s);
}

/* --- loading ---------------------------------------------------------------------------------------------------------
 */

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
        s->fold[s->folds++] =
            (struct data_fold){json_integer_value(json_object_get(f, "train_samples")),
                               json_integer_value(json_object_get(f, "valid_samples")), time_in(f, "train_last"),
                               time_in(f, "valid_first"), time_in(f, "valid_last")};
    }
    if (json_integer_value(json_object_get(sealed, "bars")) > 0) {
        s->sealed_first = time_in(sealed, "first");
        s->sealed_last = time_in(sealed, "last");
    }
}

static void load_series(struct data_screen *s, struct app *app)
{
    char name[FRAME_NAME_MAX] = "";
    struct error err = {0};
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
}

void data_reload(void *self, struct app *app)
{
    struct data_screen *s = self;
    int64_t first = s->sealed_first, last = s->sealed_last;
    bool had_task = s->has_task;
    load_series(s, app);
    load_task(s, app);
    bool other_seal = s->sealed_first != first || s->sealed_last != last;
    if (other_seal && s->view.frame != NULL) { /* what may be kept has changed; the place on the screen has not */
        text_copy(s->want_column, sizeof s->want_column, s->view.frame->column[s->columns.cursor].name);
        data_view_free(&s->view);
    }
    if (other_seal || s->has_task != had_task)
        s->stats.has_figures = s->stats.has_ties = false;
    data_view_load(s, app);
    data_marks_reload(s, app, other_seal);
    data_stats_want(s, app);
}

void data_select(struct data_screen *s, struct app *app, const char *series)
{
    for (int i = 0; i < s->series_n; i++)
        if (text_equal(s->series[i].name, series))
            s->list.cursor = i;
    data_view_load(s, app);
    data_stats_want(s, app);
}
