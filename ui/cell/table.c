#include "ui/cell/table.h"

#include "base/memory.h"
#include "base/text.h"

#include <limits.h>

enum { MARK = 2, GAP = 2, COLUMNS_MOST = 64, CELL_SIZE = 512 };

/* Drops columns, the highest priority number and of those the rightmost first, until the rest fits. */
static void choose_columns(const struct table_column *column, int columns, int room, int width[COLUMNS_MOST])
{
    int total = -GAP, left = columns;
    for (int i = 0; i < columns; i++) {
        width[i] = column[i].least > 0 ? column[i].least : 1;
        total += width[i] + GAP;
    }
    while (total > room && left > 1) {
        int drop = -1;
        for (int i = 0; i < columns; i++)
            if (width[i] > 0 && (drop < 0 || column[i].priority >= column[drop].priority))
                drop = i;
        total -= width[drop] + GAP;
        width[drop] = 0;
        left--;
    }
    for (int i = 0; i < columns && total > room; i++)
        if (width[i] > 0)
            width[i] = room > 0 ? room : 0; /* the last one left takes what there is */
}

/* Gives what is left to the columns that want more, the most important first. */
static void widen_columns(const struct table_column *column, int columns, int room, int width[COLUMNS_MOST])
{
    int spare = room + GAP;
    for (int i = 0; i < columns; i++)
        spare -= width[i] > 0 ? width[i] + GAP : 0;
    while (spare > 0) {
        int best = -1;
        for (int i = 0; i < columns; i++)
            if (width[i] > 0 && width[i] < column[i].most && (best < 0 || column[i].priority < column[best].priority))
                best = i;
        if (best < 0)
            return;
        int take = column[best].most - width[best];
        take = take < spare ? take : spare;
        width[best] += take;
        spare -= take;
    }
}

static void draw_cell(struct grid *g, struct box row, const struct table_column *column, int x, int width,
                      enum style style, const char *text)
{
    struct box cell = {row.x + x, row.y, width, 1};
    if (cell.x + cell.columns > row.x + row.columns)
        cell.columns = row.x + row.columns - cell.x;
    if (cell.columns < 1)
        return;
    if (column->right)
        grid_put_right(g, cell, 0, style, text);
    else
        grid_put(g, cell, 0, 0, style, text);
}

static void draw_row(struct grid *g, struct box row, const struct table_column *column, int columns,
                     const struct table_source *source, int index, const int width[COLUMNS_MOST])
{
    int x = MARK;
    for (int i = 0; i < columns; i++) {
        if (width[i] == 0)
            continue;
        char text[CELL_SIZE] = "";
        enum style style = STYLE_TEXT;
        source->cell(source->context, index, i, text, sizeof text, &style);
        draw_cell(g, row, &column[i], x, width[i], style, text);
        x += width[i] + GAP;
    }
}

static void draw_scroll_bar(struct grid *g, struct box bar, int rows, int top)
{
    if (rows <= bar.rows || bar.rows < 2)
        return;
    int size = (int)((int64_t)bar.rows * bar.rows / rows);
    size = size < 1 ? 1 : size;
    int at = (int)((int64_t)top * (bar.rows - size) / (rows - bar.rows));
    for (int y = 0; y < bar.rows; y++) {
        bool thumb = y >= at && y < at + size;
        grid_code(g, bar, 0, y, thumb ? STYLE_DIM : STYLE_BORDER, thumb ? 0x2588 : 0x2502);
    }
}

static void follow_cursor(struct table_state *state, int rows, int visible)
{
    table_move(state, rows, 0);
    if (state->cursor < state->top)
        state->top = state->cursor;
    if (state->cursor >= state->top + visible)
        state->top = state->cursor - visible + 1;
    int last_top = rows > visible ? rows - visible : 0;
    state->top = state->top > last_top ? last_top : state->top < 0 ? 0 : state->top;
}

void table_draw(struct grid *g, struct box b, const struct table_column *column, int columns,
                const struct table_source *source, struct table_state *state, bool focused)
{
    if (b.columns < 1 || b.rows < 1)
        return;
    columns = columns > COLUMNS_MOST ? COLUMNS_MOST : columns;
    struct box head, body;
    box_split_rows(b, b.rows > 1 ? 1 : 0, &head, &body);
    follow_cursor(state, source->rows, body.rows);
    bool bar = source->rows > body.rows && b.columns > 8;
    struct box rows = box_inset(body, 0, 0, bar ? 2 : 0, 0);
    int width[COLUMNS_MOST];
    choose_columns(column, columns, rows.columns - MARK, width);
    widen_columns(column, columns, rows.columns - MARK, width);
    head = box_inset(head, 0, 0, bar ? 2 : 0, 0);
    for (int i = 0, x = MARK; i < columns && head.rows > 0; i++) {
        if (width[i] == 0)
            continue;
        draw_cell(g, head, &column[i], x, width[i], STYLE_TITLE, column[i].title);
        x += width[i] + GAP;
    }
    for (int y = 0; y < body.rows && state->top + y < source->rows; y++) {
        struct box row = {rows.x, rows.y + y, rows.columns, 1};
        draw_row(g, row, column, columns, source, state->top + y, width);
        if (state->top + y != state->cursor)
            continue;
        grid_code(g, row, 0, 0, STYLE_KEY, 0x25b8);
        if (focused)
            grid_restyle(g, row, STYLE_SELECTED);
    }
    if (bar)
        draw_scroll_bar(g, (struct box){b.x + b.columns - 1, body.y, 1, body.rows}, source->rows, state->top);
}

void table_move(struct table_state *state, int rows, int delta)
{
    int64_t to = delta == INT_MIN ? 0 : delta == INT_MAX ? (int64_t)rows - 1 : (int64_t)state->cursor + delta;
    to = to > rows - 1 ? rows - 1 : to;
    state->cursor = to < 0 ? 0 : (int)to;
}

int table_row_at(struct box b, const struct table_source *source, const struct table_state *state, int y)
{
    int head = b.rows > 1 ? 1 : 0;
    int row = state->top + y - head;
    return y < head || y >= b.rows || row >= source->rows ? -1 : row;
}
