/* One frame: tabs, the screen's body, key bar, status row, and the dialogs over them. */
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "store/workspace.h"
#include "ui/app_internal.h"
#include "ui/cell/plot.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

static int tabs_width(const struct app *app, bool names)
{
    int width = 0;
    for (int i = 0; i < app->screens; i++)
        width += names || i == app->current ? text_width(app->screen[i].screen->title) + 4 : 3;
    return width;
}

/* The current tab has brackets as well as its colour. Where the names do not fit, the others are numbers alone. */
static int draw_tabs(struct app *app, struct grid *g, struct box row)
{
    bool names = tabs_width(app, true) + 2 <= row.columns;
    int x = 0;
    for (int i = 0; i < app->screens; i++) {
        bool current = i == app->current;
        const char *title = names || current ? app->screen[i].screen->title : "";
        int from = x;
        grid_put(g, row, x, 0, STYLE_TITLE, current ? "[" : " ");
        x = grid_printf(g, row, x + 1, 0, current ? STYLE_TITLE : STYLE_KEY, "%d", i + 1);
        x = grid_put(g, row, title[0] != '\0' ? x + 1 : x, 0, current ? STYLE_TITLE : STYLE_DIM, title);
        grid_put(g, row, x++, 0, STYLE_TITLE, current ? "]" : " ");
        struct box tab = {row.x + from, row.y, x - from, 1};
        if (current)
            grid_restyle(g, tab, STYLE_SELECTED);
        app_hit_add(app, tab, '1' + i);
    }
    return x;
}

static void draw_head(struct app *app, struct grid *g, struct box row)
{
    int x = draw_tabs(app, g, row);
    char where[320] = "";
    struct box right = box_inset(row, x + 2, 0, 1, 0);
    if (app->workspace != NULL) {
        char whole[PATH_MAX];
        const char *folder = realpath(workspace_folder(app->workspace), whole); /* "." is no name */
        snprintf(where, sizeof where, "%s%.255s", app->options.read_only ? "read-only  " : "",
                 file_name(folder != NULL ? folder : workspace_folder(app->workspace)));
    }
    if (text_width(where) <= right.columns)
        grid_put_right(g, right, 0, app->options.read_only ? STYLE_WARN : STYLE_DIM, where);
    else if (app->options.read_only && right.columns >= 9)
        grid_put_right(g, right, 0, STYLE_WARN, "read-only");
}

static int draw_key(struct app *app, struct grid *g, struct box row, int x, int key, const char *label, bool enabled)
{
    char name[16];
    const char *shown = input_name(key, name);
    int width = text_width(shown) + 1 + text_width(label);
    if (x + width > row.columns)
        return -1;
    grid_put(g, row, x, 0, enabled ? STYLE_KEY : STYLE_DIM, shown);
    grid_put(g, row, x + text_width(shown) + 1, 0, enabled ? STYLE_TEXT : STYLE_DIM, label);
    app_hit_add(app, (struct box){row.x + x, row.y, width, 1}, key);
    return x + width + 2;
}

static int bar_width(const struct app_screen *s)
{
    char name[16];
    int width = 0;
    for (int i = 0; s != NULL && i < s->screen->keys; i++) {
        const struct screen_key *k = &s->screen->key[i];
        if (app_key_shown(s, k))
            width += text_width(input_name(k->key, name)) + text_width(k->label) + 3;
    }
    return width;
}

/* Where not all have room, those that work now have it. What works on this screen at the left; the way to the rest always at the right. */
static void draw_key_bar(struct app *app, struct grid *g, struct box row)
{
    static const struct {
        int key;
        const char *label;
    } always[] = {{'?', "help"}, {':', "commands"}, {'q', "leave"}};
    const struct app_screen *s = app_current(app);
    int fixed = row.columns >= 50 ? 28 : 7, x = 1;
    struct box left, right;
    char why[256];
    box_split_columns(row, -fixed, &left, &right);
    left.columns -= 2;
    bool all = x + bar_width(s) <= left.columns + 2;
    for (int i = 0; s != NULL && i < s->screen->keys && x >= 0; i++) {
        const struct screen_key *k = &s->screen->key[i];
        bool enabled = app_key_shown(s, k) && app_key_enabled(app, s, k, why, sizeof why);
        if (enabled || (all && app_key_shown(s, k)))
            x = draw_key(app, g, left, x, k->key, k->label, enabled);
    }
    for (size_t i = 0, at = 0; i < ARRAY_N(always) && (fixed > 7 || i == 0); i++) {
        int next = draw_key(app, g, right, (int)at, always[i].key, always[i].label, true);
        at = next > 0 ? (size_t)next : at;
    }
}

/* "train fold 3 of 5 ━━━━━───── 43 % 1 min +1", right-aligned in the row; returns the columns left of it. */
static int draw_job(struct app *app, struct grid *g, struct box row)
{
    const struct app_job *j = app_job_newest(app);
    char text[240], tail[96] = "", span[32];
    if (j == NULL)
        return row.columns;
    snprintf(text, sizeof text, "%s%s%s", job_title(j->job), j->text[0] != '\0' ? "  " : "", j->text);
    if (!isnan(j->progress))
        snprintf(tail, sizeof tail, "%3.0f%%", 100 * fmin(fmax(j->progress, 0), 1));
    clock_span(isnan(j->eta) ? job_seconds(j->job) : j->eta, span, sizeof span);
    text_append(tail, sizeof tail, "  ");
    text_append(tail, sizeof tail, span);
    text_append(tail, sizeof tail, isnan(j->eta) ? "" : " left");
    if (app->running > 1) {
        char more[32];
        snprintf(more, sizeof more, "  +%zu", app->running - 1);
        text_append(tail, sizeof tail, more);
    }
    bool bar = !isnan(j->progress) && row.columns >= 60;
    int room = row.columns * 2 / 3, need = text_width(tail) + (bar ? 13 : 2);
    int width = text_width(text) + need < room ? text_width(text) + need : room;
    struct box at = {row.x + row.columns - width, row.y, width, 1};
    struct box name = {at.x, at.y, width - need, 1};
    grid_put(g, name, 0, 0, STYLE_TEXT, text);
    if (bar)
        plot_bar(g, at, width - need + 1, 0, 10, STYLE_SERIES_1, j->progress);
    grid_put_right(g, at, 0, STYLE_DIM, tail);
    return row.columns - width - 2;
}

static void draw_status(struct app *app, struct grid *g, struct box row)
{
    struct box inner = box_inset(row, 1, 0, 1, 0);
    inner.columns = app_unlock_draw(app, g, inner);
    /* A message is more urgent than progress: where both do not fit, it has the row. */
    bool crowded = app->message[0] != '\0' && text_width(app->message) > inner.columns / 3 && app->running > 0;
    int columns = crowded ? inner.columns : draw_job(app, g, inner);
    grid_put(g, (struct box){inner.x, inner.y, columns < 0 ? 0 : columns, 1}, 0, 0, app->message_style, app->message);
}

static void draw_too_small(struct grid *g)
{
    struct box b = grid_box(g);
    char text[96];
    snprintf(text, sizeof text, "This window is %dx%d; %dx%d is enough to work in.", g->columns, g->rows,
             APP_FULL_COLUMNS, APP_FULL_ROWS);
    grid_paragraph(g, b, 0, STYLE_WARN, text);
}

static void draw_app(struct app *app, struct grid *g)
{
    struct box whole = grid_box(g), head, rest, body, foot;
    bool tiny = g->columns < APP_LEAST_COLUMNS || g->rows < APP_LEAST_ROWS, full = g->rows >= APP_FULL_ROWS - 6;
    app->hits = 0;
    for (struct dialog *d = app->dialog; d != NULL; d = d->below)
        d->readable = false;
    if (tiny) {
        draw_too_small(g);
        return;
    }
    box_split_rows(whole, 1, &head, &rest);
    box_split_rows(rest, full ? -2 : -1, &body, &foot);
    draw_head(app, g, head);
    const struct app_screen *s = app_current(app);
    if (s != NULL)
        s->screen->draw(s->self, app, g, body);
    else
        app_start_draw(g, body);
    if (full)
        draw_key_bar(app, g, (struct box){foot.x, foot.y, foot.columns, 1});
    draw_status(app, g, (struct box){foot.x, foot.y + foot.rows - 1, foot.columns, 1});
    if (app->dialog == NULL)
        return;
    app->hits = 0;
    dialog_draw(app, app->dialog, g);
    /* What was wrong with an answer is said where it can be seen. */
    draw_status(app, g, (struct box){foot.x, foot.y + foot.rows - 1, foot.columns, 1});
}

void app_draw(struct app *app, struct grid *g)
{
    const struct app_guide *guide = app->guide;
    int rows = guide != NULL && g->rows >= APP_LEAST_ROWS + guide->rows ? guide->rows : 0;
    grid_clear(g);
    app->draw_time = clock_seconds();
    app->unlocked = unlock_left(app->unlock);
    g->rows -= rows; /* the rows below are the guide's: the app draws as on a smaller screen */
    draw_app(app, g);
    g->rows += rows;
    if (rows > 0)
        guide->draw(guide->self, app, g, (struct box){0, g->rows - rows, g->columns, rows});
}
