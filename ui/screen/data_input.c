/* Keys and the mouse on the Data screen, as far as they move something. */
#include "ui/screen/aid.h"
#include "ui/screen/data.h"

static struct table_state *focused(struct data_screen *s, int *rows)
{
    bool columns = s->mode == DATA_COLUMNS && s->view.frame != NULL;
    *rows = columns ? (int)s->view.frame->columns : s->series_n;
    return columns ? &s->columns : &s->list;
}

static void moved(struct data_screen *s, struct app *app)
{
    data_view_load(s, app);
    data_stats_want(s, app);
}

static void find(struct data_screen *s, struct app *app, int step)
{
    int rows;
    struct table_state *state = focused(s, &rows);
    int row = rows > 0 ? app_search_row(app, rows, state->cursor + step, step, s,
                                        state == &s->list ? data_series_text : data_column_text)
                       : -1;
    if (row < 0)
        return;
    state->cursor = row;
    moved(s, app);
}

static bool click(struct data_screen *s, struct app *app, const struct input_event *event)
{
    int rows;
    struct table_state *state = focused(s, &rows);
    struct table_source source = {s, rows, NULL};
    int row =
        event->x < s->drawn.x + s->drawn.columns ? table_row_at(s->drawn, &source, state, event->y - s->drawn.y) : -1;
    if (row < 0)
        return false;
    state->cursor = row;
    moved(s, app);
    return true;
}

static bool leave(struct data_screen *s)
{
    if (s->mode == DATA_COLUMNS)
        s->mode = DATA_SERIES;
    else if (s->pane != DATA_PLOT)
        s->pane = DATA_PLOT;
    else
        return data_span_key(s, INPUT_ESC);
    return true;
}

/* What is read in the pane scrolls by pages; the list beside it by rows. */
static bool scroll(struct data_screen *s, int key)
{
    int delta = key == INPUT_PAGE_UP ? -8 : 8;
    if (s->pane == DATA_REPORT) {
        s->info_top += delta;
        s->info_top = s->info_top > s->info_most ? s->info_most : s->info_top < 0 ? 0 : s->info_top;
        return true;
    }
    if (s->pane != DATA_FIGURES)
        return false;
    s->stats.top += delta;
    s->stats.top = s->stats.top > s->stats.most ? s->stats.most : s->stats.top < 0 ? 0 : s->stats.top;
    return true;
}

static bool input_look(struct data_screen *s, struct app *app, const struct input_event *event)
{
    int delta, rows;
    if ((event->key == INPUT_MOUSE || event->key == INPUT_DRAG) && data_span_mouse(s, event))
        return true;
    if (event->key == INPUT_MOUSE && event->wheel == 0)
        return click(s, app, event);
    if (event->key == INPUT_ESC)
        return leave(s);
    if (event->key == 'n' || event->key == 'N') {
        find(s, app, event->key == 'n' ? 1 : -1);
        return true;
    }
    if (!aid_move(event, s->drawn.rows - 2, &delta))
        return data_span_key(s, event->key);
    if ((event->key == INPUT_PAGE_UP || event->key == INPUT_PAGE_DOWN) && scroll(s, event->key))
        return true;
    struct table_state *state = focused(s, &rows);
    table_move(state, rows, delta);
    moved(s, app);
    return true;
}

bool data_input(void *self, struct app *app, const struct input_event *event)
{
    struct data_screen *s = self;
    switch (s->mode) {
    case DATA_FILES:
        return data_files_input(s, app, event);
    case DATA_PREVIEW:
        return data_preview_input(s, app, event);
    case DATA_TASK:
        return data_form_input(s, app, event);
    default:
        return input_look(s, app, event);
    }
}
