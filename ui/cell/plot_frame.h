/* What all plots share: title, axes, grid, shade, ticks and cursor around an inner box. Private to the plots. */
#ifndef UI_CELL_PLOT_FRAME_H
#define UI_CELL_PLOT_FRAME_H

#include "ui/cell/axis.h"
#include "ui/cell/plot.h"

struct plot_range {
    double x_least, x_most, y_least, y_most;
};

struct plot_frame {
    struct box inner; /* where the data go; may be empty */
    struct plot_range range;
    bool log_y;
};

struct plot_name { /* one entry of the legend */
    char text[160];
    enum style style;
    uint32_t glyph;
};

/* Widens a range that is empty or not finite, so that it can be divided by. */
void plot_range_settle(struct plot_range *r, const struct plot *p);
struct plot_frame plot_frame_draw(struct grid *g, struct box b, const struct plot *p, struct plot_range range,
                                  const struct plot_name *name, int names);
/* The cell, counted from the inner box's top left: a whole number that may lie outside, or NaN. */
double plot_frame_x(const struct plot_frame *f, double x);
double plot_frame_y(const struct plot_frame *f, double y);
uint32_t plot_glyph(const struct grid *g, int i); /* tells series apart without colour */

#endif
