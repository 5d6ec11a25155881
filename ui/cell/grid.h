/* A grid of cells: what a screen draws into. It knows no terminal and no curses; ui/present shows it, `view` prints it.
 *
 * A cell holds one code point and a style, which is a role (what the text means), not a colour: ui/theme maps roles to
 * colours. A wide character takes two cells, the second holding code 0. Drawing is clipped to the box it is given;
 * nothing ever leaves it. */
#ifndef UI_CELL_GRID_H
#define UI_CELL_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum style {
    STYLE_TEXT,
    STYLE_DIM,
    STYLE_TITLE,
    STYLE_KEY,
    STYLE_SELECTED, /* the row or cell under the cursor: reverse video, also marked by a glyph */
    STYLE_BORDER,
    STYLE_GOOD,
    STYLE_BAD,
    STYLE_WARN,
    STYLE_SEALED,
    STYLE_SERIES_1,
    STYLE_SERIES_2,
    STYLE_SERIES_3,
    STYLE_SERIES_4,
    STYLE_SERIES_5,
    STYLE_SERIES_6,
    STYLE_N
};

enum symbols { SYMBOLS_BRAILLE, SYMBOLS_BLOCK, SYMBOLS_ASCII };

struct cell {
    uint32_t code;
    uint8_t style;
};

struct grid {
    int columns, rows;
    enum symbols symbols;
    struct cell *cell; /* [rows, columns] */
};

struct box {
    int x, y, columns, rows;
};

struct grid *grid_new(int columns, int rows, enum symbols symbols);
void grid_free(struct grid *g);
void grid_clear(struct grid *g);
struct box grid_box(const struct grid *g);

/* Text within the box's row y (relative to the box) from column x on; returns the column behind it. Text that does not
 * fit is cut and ends in an ellipsis (`~` in ASCII). Control characters are shown escaped. */
int grid_put(struct grid *g, struct box b, int x, int y, enum style style, const char *utf8);
int grid_printf(struct grid *g, struct box b, int x, int y, enum style style, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
void grid_put_right(struct grid *g, struct box b, int y, enum style style, const char *utf8); /* flush right */
void grid_code(struct grid *g, struct box b, int x, int y, enum style style, uint32_t code);
void grid_fill(struct grid *g, struct box b, enum style style, uint32_t code);
void grid_restyle(struct grid *g, struct box b, enum style style); /* keeps the characters */
/* Wraps at spaces; an indented line goes on below its last column (marked by two spaces), a line "key   value" (three)
 * one column in. Returns how many rows it takes, also where they do not fit; y may be negative (scrolled). */
int grid_paragraph(struct grid *g, struct box b, int y, enum style style, const char *utf8);

/* A frame with a title; returns the inner box (empty if there is no room). */
struct box grid_frame(struct grid *g, struct box b, enum style style, const char *title);
struct box box_inset(struct box b, int left, int top, int right, int bottom);
void box_split_columns(struct box b, int left_columns, struct box *left,
                       struct box *right); /* left_columns < 0: from the right */
void box_split_rows(struct box b, int top_rows, struct box *top, struct box *bottom);

/* The grid as text, one line a row, trailing spaces cut; free(). */
char *grid_text(const struct grid *g);

#endif
