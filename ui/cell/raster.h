/* Dots within a box of cells: 2 across and 4 down in each cell. One raster serves every set of symbols: braille shows
 * all dots, blocks show quarters, ASCII the character of the nearest shape. A cell has one style, that of its last dot.
 * Coordinates are dots from the top left; what lies outside is dropped. */
#ifndef UI_CELL_RASTER_H
#define UI_CELL_RASTER_H

#include "ui/cell/grid.h"

struct raster {
    int columns, rows; /* cells */
    uint8_t *dots;     /* [rows, columns]: bit x + 2 y of dot x, y */
    uint8_t *style;
};

struct raster raster_new(int columns, int rows);
void raster_free(struct raster *r);
void raster_dot(struct raster *r, int x, int y, enum style style);
void raster_line(struct raster *r, double x0, double y0, double x1, double y1, enum style style);

/* Draws the cells that have dots and leaves the others as they are. `mark` is the ASCII character of all of them, or 0
 * for one that follows the shape. */
void raster_show(const struct raster *r, struct grid *g, struct box b, char mark);

#endif
