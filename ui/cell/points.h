/* A plot of points: marks with uprights for their intervals, and lines of steps (a best so far, a front). For what is
 * not a curve: each mark is its own, and a joining line would say what is not there. */
#ifndef UI_CELL_POINTS_H
#define UI_CELL_POINTS_H

#include "ui/cell/plot.h"

struct points_series {
    const char *name;
    enum style style;
    const double *x, *y;
    const double *low, *high; /* NULL: no uprights; NaN: none for this point */
    size_t n;
    enum style upright; /* how the uprights look */
    bool steps;         /* joined by steps (level, then upright), without marks */
    bool faint;         /* marks are small dots; not in the legend */
    double shift;       /* drawn so far to the right of x: two series at the same x side by side */
};

/* p->cursor names the points exactly at that x in the head and marks them. Series in front are given last. Returns the
 * box within the axes. */
struct box plot_points(struct grid *g, struct box b, const struct plot *p, const struct points_series *series, int n);

#endif
