/* A table: columns with widths and alignment, a cursor, scrolling. The caller gives cells on demand, so that a table of
 * any length costs what is visible. Columns that do not fit are dropped by priority, never squeezed into nonsense. */
#ifndef UI_CELL_TABLE_H
#define UI_CELL_TABLE_H

#include "ui/cell/grid.h"

struct table_column {
    const char *title;
    int least, most; /* width in cells */
    bool right;      /* flush right (numbers) */
    int priority;    /* 0 is dropped last */
};

struct table_state { /* kept by the screen between frames */
    int cursor, top;
};

struct table_source {
    void *context;
    int rows;
    /* Writes the text of a cell into out and may set the style. */
    void (*cell)(void *context, int row, int column, char *out, size_t size, enum style *style);
};

/* Draws header, rows and, on the right border, where one is. Moves state->top so that the cursor is visible. */
void table_draw(struct grid *g, struct box b, const struct table_column *column, int columns,
                const struct table_source *source, struct table_state *state, bool focused);
/* delta rows; INT_MIN/INT_MAX jump to the ends. */
void table_move(struct table_state *state, int rows, int delta);
/* The row at cell y of the box, for the mouse, or -1. */
int table_row_at(struct box b, const struct table_source *source, const struct table_state *state, int y);

#endif
