/* A page longer than its window: it is drawn once from top to bottom, then the part around its cursor is shown. The
 * cursor is a row; what stands there is known by the mark that was set before it, so that `e` can explain it.
 *
 * Order: page_new, the page_put functions, page_show, page_free. */
#ifndef UI_SCREEN_PAGE_H
#define UI_SCREEN_PAGE_H

#include "ui/cell/grid.h"
#include "ui/input.h"

enum { PAGE_MARKS = 24 };

struct page {
    struct grid *grid; /* grows with what is put */
    int y;             /* the next row */
    struct {
        int row, mark;
    } mark[PAGE_MARKS];
    int marks;
};

/* Kept by the screen between frames. rows and mark are of the last frame. */
struct page_view {
    int cursor, top, rows, page, mark;
    struct box drawn;
};

void page_new(struct page *p, int columns, enum symbols symbols);
void page_free(struct page *p);

/* What follows is about this. */
void page_mark(struct page *p, int mark);
/* A box of so many rows from the next row on, which is then behind it: for what draws itself. */
struct box page_take(struct page *p, int rows);
void page_gap(struct page *p); /* an empty row, unless it is the first or follows one */
void page_heading(struct page *p, const char *title, const char *note);
void page_text(struct page *p, enum style style, const char *text);
/* A dim label and its value from column `at` on, in one style; wraps below itself. */
void page_field(struct page *p, int at, const char *label, enum style style, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Shows it in a box; focused: with the cursor. Two pages side by side share a view: the first moves it. */
void page_show(const struct page *p, struct page_view *v, struct grid *g, struct box b, bool focused);
bool page_input(struct page_view *v, const struct input_event *event);

#endif
