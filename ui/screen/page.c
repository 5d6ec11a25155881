#include "ui/screen/page.h"

#include "base/memory.h"
#include "ui/screen/aid.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

enum { MARGIN = 2, FIRST_ROWS = 96 };

void page_new(struct page *p, int columns, enum symbols symbols)
{
    *p = (struct page){.grid = grid_new(columns > MARGIN + 1 ? columns - MARGIN : 1, FIRST_ROWS, symbols)};
}

void page_free(struct page *p)
{
    grid_free(p->grid);
    p->grid = NULL;
}

void page_mark(struct page *p, int mark)
{
    if (p->marks == PAGE_MARKS)
        return;
    p->mark[p->marks].row = p->y;
    p->mark[p->marks++].mark = mark;
}

static void make_room(struct page *p, int rows)
{
    struct grid *old = p->grid;
    if (p->y + rows <= old->rows)
        return;
    p->grid = grid_new(old->columns, 2 * (p->y + rows), old->symbols);
    memcpy(p->grid->cell, old->cell, (size_t)old->rows * (size_t)old->columns * sizeof *old->cell);
    grid_free(old);
}

struct box page_take(struct page *p, int rows)
{
    make_room(p, rows);
    struct box b = {0, p->y, p->grid->columns, rows};
    p->y += rows;
    return b;
}

static bool is_empty_row(const struct grid *g, int y)
{
    for (int x = 0; x < g->columns; x++)
        if (g->cell[(size_t)y * (size_t)g->columns + (size_t)x].code != ' ')
            return false;
    return true;
}

void page_gap(struct page *p)
{
    if (p->y > 0 && !is_empty_row(p->grid, p->y - 1))
        page_take(p, 1);
}

void page_heading(struct page *p, const char *title, const char *note)
{
    page_gap(p);
    struct box row = page_take(p, 1);
    aid_heading(p->grid, row, 0, title, note);
}

static struct box rest_of(struct page *p, int left, const char *text)
{
    struct box measure = {0, 0, p->grid->columns - left, 0};
    int rows = measure.columns > 0 ? grid_paragraph(p->grid, measure, 0, STYLE_TEXT, text) : 0;
    return box_inset(page_take(p, rows > 0 ? rows : 1), left, 0, 0, 0);
}

void page_text(struct page *p, enum style style, const char *text)
{
    struct box b = rest_of(p, 0, text);
    grid_paragraph(p->grid, b, 0, style, text);
}

void page_field(struct page *p, int at, const char *label, enum style style, const char *format, ...)
{
    char value[4096];
    va_list list;
    va_start(list, format);
    vsnprintf(value, sizeof value, format, list);
    va_end(list);
    int y = p->y;
    struct box b = rest_of(p, at, value);
    grid_put(p->grid, (struct box){0, y, at > 1 ? at - 1 : 0, 1}, 0, 0, STYLE_DIM, label);
    grid_paragraph(p->grid, b, 0, style, value);
}

/* --- showing --------------------------------------------------------------------------------------------------------- */

static int within(int v, int least, int most)
{
    return v > most ? most < least ? least : most : v < least ? least : v;
}

static void copy_row(const struct page *p, struct grid *g, struct box b, int from, int to)
{
    for (int x = 0; x < p->grid->columns && x + MARGIN < b.columns; x++) {
        const struct cell *c = &p->grid->cell[(size_t)from * (size_t)p->grid->columns + (size_t)x];
        if (c->code != 0) /* the second half of a wide one comes with the first */
            grid_code(g, b, x + MARGIN, to, (enum style)c->style, c->code);
    }
}

/* Rows above and below that are not shown are told at the right border. */
static void show_more(const struct page *p, const struct page_view *v, struct grid *g, struct box b)
{
    char more[32];
    if (b.rows < 3 || b.columns < 24)
        return;
    if (v->top + b.rows < p->y) {
        snprintf(more, sizeof more, " %d more rows ", p->y - v->top - b.rows);
        grid_put_right(g, (struct box){b.x, b.y + b.rows - 1, b.columns, 1}, 0, STYLE_WARN, more);
    }
    if (v->top > 0) {
        snprintf(more, sizeof more, " %d above ", v->top);
        grid_put_right(g, (struct box){b.x, b.y, b.columns, 1}, 0, STYLE_WARN, more);
    }
}

void page_show(const struct page *p, struct page_view *v, struct grid *g, struct box b, bool focused)
{
    struct page_view own = *v;
    if (focused) {
        v->rows = p->y;
        v->page = b.rows;
        v->drawn = b;
        v->cursor = within(v->cursor, 0, p->y - 1);
        v->top = within(v->top, v->cursor - b.rows + 1, v->cursor);
        v->top = within(v->top, 0, p->y > b.rows ? p->y - b.rows : 0);
        v->mark = -1;
        for (int i = 0; i < p->marks && p->mark[i].row <= v->cursor; i++)
            v->mark = p->mark[i].mark;
    }
    own.top = within(v->top, 0, p->y > b.rows ? p->y - b.rows : 0);
    for (int y = 0; y < b.rows && own.top + y < p->y; y++)
        copy_row(p, g, b, own.top + y, y);
    if (focused && b.rows > 0)
        grid_code(g, b, 0, v->cursor - v->top, STYLE_KEY, 0x25b8);
    show_more(p, &own, g, b);
}

bool page_input(struct page_view *v, const struct input_event *event)
{
    int delta;
    if (event->key == INPUT_MOUSE && event->wheel == 0) {
        bool inside = event->y >= v->drawn.y && event->y < v->drawn.y + v->drawn.rows;
        if (inside)
            v->cursor = within(v->top + event->y - v->drawn.y, 0, v->rows - 1);
        return inside;
    }
    if (!aid_move(event, v->page - 2, &delta))
        return false;
    int64_t to = (int64_t)v->cursor + delta;
    v->cursor = delta == INT_MAX ? v->rows - 1 : delta == INT_MIN || to < 0 ? 0 : to >= v->rows ? v->rows - 1 : (int)to;
    return true;
}
