#include "ui/cell/raster.h"

#include "base/memory.h"

#include <math.h>

struct raster raster_new(int columns, int rows)
{
    struct raster r = {columns < 0 ? 0 : columns, rows < 0 ? 0 : rows, NULL, NULL};
    r.dots = NEW_ARRAY(uint8_t, (size_t)r.columns * (size_t)r.rows);
    r.style = NEW_ARRAY(uint8_t, (size_t)r.columns * (size_t)r.rows);
    return r;
}

void raster_free(struct raster *r)
{
    free(r->dots);
    free(r->style);
    *r = (struct raster){0};
}

void raster_dot(struct raster *r, int x, int y, enum style style)
{
    if (x < 0 || y < 0 || x >= 2 * r->columns || y >= 4 * r->rows)
        return;
    size_t i = (size_t)(y / 4) * (size_t)r->columns + (size_t)(x / 2);
    r->dots[i] = (uint8_t)(r->dots[i] | 1u << (x % 2 + 2 * (y % 4)));
    r->style[i] = (uint8_t)style;
}

/* Liang and Barsky: cuts the part of a line that p * t <= q allows out of [*t0, *t1]. */
static bool clip_edge(double p, double q, double *t0, double *t1)
{
    if (p == 0)
        return q >= 0;
    double t = q / p;
    if (p < 0)
        *t0 = t > *t0 ? t : *t0;
    else
        *t1 = t < *t1 ? t : *t1;
    return *t0 <= *t1;
}

void raster_line(struct raster *r, double x0, double y0, double x1, double y1, enum style style)
{
    double dx = x1 - x0, dy = y1 - y0, t0 = 0, t1 = 1;
    double right = 2 * r->columns - 1, bottom = 4 * r->rows - 1;
    if (!clip_edge(-dx, x0 + 0.49, &t0, &t1) || !clip_edge(dx, right + 0.49 - x0, &t0, &t1) ||
        !clip_edge(-dy, y0 + 0.49, &t0, &t1) || !clip_edge(dy, bottom + 0.49 - y0, &t0, &t1))
        return;
    double ax = x0 + t0 * dx, ay = y0 + t0 * dy, bx = x0 + t1 * dx, by = y0 + t1 * dy;
    double longest = fmax(fabs(bx - ax), fabs(by - ay));
    int steps = (int)ceil(longest);
    for (int i = 0; i <= steps; i++) {
        double t = steps > 0 ? (double)i / steps : 0;
        raster_dot(r, (int)floor(ax + t * (bx - ax) + 0.5), (int)floor(ay + t * (by - ay) + 0.5), style);
    }
}

/* Braille numbers its dots 1 2 3 7 down the left side and 4 5 6 8 down the right. */
static uint32_t braille_of(unsigned dots)
{
    static const uint8_t bit[8] = {0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80};
    uint32_t code = 0x2800;
    for (int i = 0; i < 8; i++)
        if (dots & 1u << i)
            code |= bit[i];
    return code;
}

static uint32_t block_of(unsigned dots)
{
    /* quarters: 1 upper left, 2 upper right, 4 lower left, 8 lower right */
    static const uint16_t code[16] = {' ',    0x2598, 0x259d, 0x2580, 0x2596, 0x258c, 0x259e, 0x259b,
                                      0x2597, 0x259a, 0x2590, 0x259c, 0x2584, 0x2599, 0x259f, 0x2588};
    unsigned quarters = 0;
    for (unsigned i = 0; i < 8; i++)
        if (dots & 1u << i)
            quarters |= 1u << (i % 2 + (i >= 4 ? 2u : 0u));
    return code[quarters];
}

static uint32_t ascii_of(unsigned dots)
{
    int first[2] = {-1, -1}, top = 4, bottom = -1;
    for (int i = 0; i < 8; i++) {
        if (!(dots & 1u << i))
            continue;
        int side = i % 2, y = i / 2;
        first[side] = first[side] < 0 ? y : first[side];
        top = y < top ? y : top;
        bottom = y > bottom ? y : bottom;
    }
    if (bottom - top >= 2 && first[0] >= 0 && first[1] >= 0 && first[0] != first[1])
        return first[0] > first[1] ? '/' : '\\';
    if (bottom - top >= 2)
        return '|';
    if (top == 0)
        return bottom == 0 ? '\'' : '"';
    return bottom == 3 && top == 3 ? '_' : bottom == 3 ? '.' : '-';
}

void raster_show(const struct raster *r, struct grid *g, struct box b, char mark)
{
    for (int y = 0; y < r->rows; y++) {
        for (int x = 0; x < r->columns; x++) {
            size_t i = (size_t)y * (size_t)r->columns + (size_t)x;
            unsigned dots = r->dots[i];
            if (dots == 0)
                continue;
            uint32_t code = g->symbols == SYMBOLS_BRAILLE ? braille_of(dots)
                            : g->symbols == SYMBOLS_BLOCK ? block_of(dots)
                            : mark != 0                   ? (uint32_t)mark
                                                          : ascii_of(dots);
            grid_code(g, b, x, y, (enum style)r->style[i], code);
        }
    }
}
