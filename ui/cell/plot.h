/* Plots in cells: lines in braille, blocks or ASCII; axes with labels; candles, bars, histograms. One raster (2 x 4
 * dots a cell) serves all symbol sets. Values are NaN where there is a gap. Many points per column are reduced by minimum and
 * maximum, so that no spike is lost. */
#ifndef UI_CELL_PLOT_H
#define UI_CELL_PLOT_H

#include "ui/cell/grid.h"

struct plot_series {
    const char *name;
    enum style style;
    const double *x; /* NULL: 0, 1, 2, ... */
    const double *y;
    size_t n;
    bool faint; /* drawn first, dim (the raw curve behind a smoothed one) */
};

enum plot_x {
    PLOT_X_NUMBER,
    PLOT_X_TIME,  /* microseconds, UTC */
    PLOT_X_WHOLE, /* counts: no ticks between them */
    PLOT_X_LOG10  /* x is the logarithm of what the axis says */
};

struct plot {
    const char *title, *y_label;
    enum plot_x x_kind;
    bool log_y, legend;
    double x_least, x_most, y_least, y_most; /* least == most: from the data */
    double cursor;     /* an x, drawn as a vertical line with the exact values named; NaN: none */
    const char *said;  /* what the head says at the cursor, in place of the values found among the points; NULL: those */
    const double *tick; /* x of vertical ticks (morphism steps, fold borders) */
    size_t ticks;
    double shade_from, shade_to; /* hatched block (sealed hold-out); NaN: none */
};

/* No limits, no cursor, no shade: set what differs. */
struct plot plot_plain(const char *title);

/* Lines and candles return the box within the axes, which spans x_least to x_most: for rows below that share the x axis. */
struct box plot_lines(struct grid *g, struct box b, const struct plot *p, const struct plot_series *series, int n);

struct plot_candle {
    double x, open, high, low, close;
};
struct box plot_candles(struct grid *g, struct box b, const struct plot *p, const struct plot_candle *candle, size_t n);
void plot_histogram(struct grid *g, struct box b, const struct plot *p, const double *value, size_t n, int bins);

/* One row of eighth-height blocks (or ASCII . : - = + * #) for a table cell. */
void plot_spark(struct grid *g, struct box b, int x, int y, int columns, enum style style, const double *value, size_t n);
/* A horizontal bar of a share in [0, 1] within `columns` cells. */
void plot_bar(struct grid *g, struct box b, int x, int y, int columns, enum style style, double share);

#endif
