/* The span of time that is shown: zooming, panning, the cursor; by keys and by the mouse. */
#include "ui/screen/data.h"

#include <math.h>

#define SPAN_STEPS_LEAST 8

/* All that the curves have between them. */
static void whole_span(const struct data_screen *s, double *from, double *to)
{
    struct data_lane lane[DATA_LANES_MOST];
    int n = data_lanes((struct data_screen *)s, lane);
    *from = s->view.first;
    *to = s->view.last;
    for (int i = 0; i < n; i++) {
        *from = fmin(*from, lane[i].view->first + lane[i].shift);
        *to = fmax(*to, lane[i].view->last + lane[i].shift);
    }
    *to = *from < *to ? *to : *from + 1;
}

void data_span(const struct data_screen *s, double *from, double *to)
{
    *from = s->from;
    *to = s->to;
    if (!(*from < *to))
        whole_span(s, from, to);
}

/* Keeps the span within what there is. */
static void set_span(struct data_screen *s, double from, double to)
{
    double least, most;
    whole_span(s, &least, &most);
    if (to - from >= most - least) {
        s->from = s->to = 0;
        return;
    }
    double shift = from < least ? least - from : to > most ? most - to : 0;
    s->from = from + shift;
    s->to = to + shift;
}

/* `about` keeps its place on the screen. */
static void zoom(struct data_screen *s, double factor, double about)
{
    double from, to, least = SPAN_STEPS_LEAST * (double)s->view.frame->step_us;
    data_span(s, &from, &to);
    double width = (to - from) * factor;
    width = width < least ? least : width;
    double middle = about >= from && about <= to ? about : (from + to) / 2;
    double share = (middle - from) / (to - from);
    set_span(s, middle - share * width, middle + (1 - share) * width);
}

/* By a cell or by a row, whichever is more, and always onto a row; the span follows when the cursor leaves it. */
static void move_cursor(struct data_screen *s, int direction)
{
    const struct data_view *v = &s->view;
    double from, to;
    data_span(s, &from, &to);
    if (v->shown == 0)
        return;
    bool fresh = isnan(s->cursor) || s->cursor < from || s->cursor > to;
    size_t was = data_row_at(v, fresh ? (from + to) / 2 : s->cursor);
    size_t row = fresh ? was : data_row_at(v, s->cursor + direction * (to - from) / 60);
    if (!fresh && row == was)
        row = direction > 0 ? (was + 1 < v->shown ? was + 1 : was) : (was > 0 ? was - 1 : 0);
    s->cursor = v->time[row];
    double out = s->cursor < from ? s->cursor - from : s->cursor > to ? s->cursor - to : 0;
    if (out != 0)
        set_span(s, from + out, to + out);
}

bool data_span_key(struct data_screen *s, int key)
{
    double from, to;
    if (s->view.frame == NULL)
        return false;
    data_span(s, &from, &to);
    switch (key) {
    case '+':
    case '=':
        zoom(s, 0.5, s->cursor);
        return true;
    case '-':
        zoom(s, 2, s->cursor);
        return true;
    case '0':
        s->from = s->to = 0;
        return true;
    case '<':
    case ',':
        set_span(s, from - (to - from) / 2, to - (to - from) / 2);
        return true;
    case '>':
    case '.':
        set_span(s, from + (to - from) / 2, to + (to - from) / 2);
        return true;
    case INPUT_LEFT:
    case 'h':
        move_cursor(s, -1);
        return true;
    case INPUT_RIGHT:
    case 'l':
        move_cursor(s, 1);
        return true;
    case INPUT_ESC:
        if (isnan(s->cursor))
            return false;
        s->cursor = (double)NAN;
        return true;
    default:
        return false;
    }
}

static bool inside(struct box b, int x, int y)
{
    return x >= b.x && x < b.x + b.columns && y >= b.y && y < b.y + b.rows;
}

/* The wheel zooms around the pointer, a click puts the cursor, dragging moves the span. */
bool data_span_mouse(struct data_screen *s, const struct input_event *event)
{
    double from, to;
    struct box b = s->plotted;
    bool drag = event->key == INPUT_DRAG;
    if (s->view.frame == NULL || s->view.shown == 0 || b.columns < 2 ||
        !inside(b, drag ? event->from_x : event->x, drag ? event->from_y : event->y))
        return false;
    data_span(s, &from, &to);
    double cell = (to - from) / (b.columns - 1), at = from + cell * (event->x - b.x);
    if (drag)
        set_span(s, from - cell * (event->x - event->from_x), to - cell * (event->x - event->from_x));
    else if (event->wheel != 0)
        zoom(s, event->wheel < 0 ? 0.7 : 1 / 0.7, at);
    else
        s->cursor = s->view.time[data_row_at(&s->view, at)];
    return true;
}
