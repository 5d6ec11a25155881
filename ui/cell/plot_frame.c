#include "ui/cell/plot_frame.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>

enum { AXES_COLUMNS = 24, AXES_ROWS = 5 }; /* a smaller plot spends nothing on axes */

uint32_t plot_glyph(const struct grid *g, int i)
{
    static const uint32_t unicode[6] = {0x25cf, 0x25a0, 0x25b2, 0x25c6, 0x25cb, 0x25a1};
    static const char ascii[7] = "*#x+o@";
    return g->symbols == SYMBOLS_ASCII ? (uint32_t)ascii[i % 6] : unicode[i % 6];
}

static void settle(double *least, double *most, bool logarithmic)
{
    if (!isfinite(*least) || !isfinite(*most) || *most < *least || (logarithmic && *most <= 0)) {
        *least = logarithmic ? 1 : 0;
        *most = logarithmic ? 10 : 1;
    }
    if (logarithmic && *least <= 0)
        *least = *most * 1e-6;
    /* Within less than half of what doubles hold, so that no difference overflows. */
    *least = fmin(fmax(*least, -7e307), 7e307);
    *most = fmin(fmax(*most, -7e307), 7e307);
    double middle = *least + (*most - *least) / 2, wide = fmax(fabs(middle) * 1e-12, 1e-280);
    if (*most - *least < wide && logarithmic) {
        *least /= 2;
        *most *= 2;
    } else if (*most - *least < wide) {
        double half = fabs(middle) < 1e-270 ? 1 : fabs(middle) * 0.05;
        *least = middle - half;
        *most = middle + half;
    }
}

void plot_range_settle(struct plot_range *r, const struct plot *p)
{
    if (p->x_least < p->x_most) {
        r->x_least = p->x_least;
        r->x_most = p->x_most;
    }
    if (p->y_least < p->y_most) {
        r->y_least = p->y_least;
        r->y_most = p->y_most;
    }
    settle(&r->x_least, &r->x_most, false);
    settle(&r->y_least, &r->y_most, p->log_y);
}

/* By way of the raster's dots, so that a mark stands in the cell that its line runs through. */
double plot_frame_x(const struct plot_frame *f, double x)
{
    double dot = axis_share(f->range.x_least, f->range.x_most, false, x) * (2 * f->inner.columns - 1);
    return floor(floor(dot + 0.5) / 2);
}

double plot_frame_y(const struct plot_frame *f, double y)
{
    double dot = (1 - axis_share(f->range.y_least, f->range.y_most, f->log_y, y)) * (4 * f->inner.rows - 1);
    return floor(floor(dot + 0.5) / 4);
}

/* A cell index from a position that may be anything. */
static int cell_of(double position, int cells)
{
    if (!(position > -1) || !(position < cells))
        return -1;
    return (int)floor(position + 0.5);
}

/* Title at the left, legend flowing behind it; returns the rows used. */
static int draw_head(struct grid *g, struct box b, const struct plot *p, const struct plot_name *name, int names)
{
    int x = 0, y = 0, most = b.rows / 4 < 1 ? 1 : b.rows / 4;
    bool title = p->title != NULL && p->title[0] != '\0';
    if ((!title && names == 0) || b.rows < AXES_ROWS)
        return 0;
    if (title)
        x = grid_put(g, b, 0, 0, STYLE_TITLE, p->title) + 3;
    for (int i = 0; i < names; i++) {
        int width = text_width(name[i].text) + (name[i].glyph != 0 ? 2 : 0);
        if (x > 0 && x + width > b.columns) {
            if (y + 1 == most)
                break;
            x = 0;
            y++;
        }
        if (name[i].glyph != 0) {
            grid_code(g, b, x, y, name[i].style, name[i].glyph);
            x += 2;
        }
        x = grid_put(g, b, x, y, name[i].glyph != 0 ? STYLE_TEXT : STYLE_KEY, name[i].text) + 3;
    }
    return y + 1;
}

static void draw_y_axis(struct grid *g, struct box margin, const struct plot_frame *f, const struct axis *a)
{
    int line = margin.columns - 1;
    for (int y = 0; y < margin.rows; y++)
        grid_code(g, margin, line, y, STYLE_BORDER, 0x2502);
    for (int i = 0; i < a->ticks; i++) {
        int y = cell_of(plot_frame_y(f, a->at[i]), f->inner.rows);
        if (y < 0)
            continue;
        struct box row = {margin.x, margin.y + y, line - 1, 1};
        grid_put_right(g, row, 0, STYLE_DIM, a->label[i]);
        grid_code(g, margin, line, y, STYLE_BORDER, 0x2524);
    }
}

static void draw_x_axis(struct grid *g, struct box b, const struct plot_frame *f, const struct axis *a, int line_y)
{
    struct box inner = f->inner;
    int left = inner.x - b.x, free_from = 0;
    grid_code(g, b, left - 1, line_y, STYLE_BORDER, 0x2514);
    for (int x = 0; x < inner.columns; x++)
        grid_code(g, b, left + x, line_y, STYLE_BORDER, 0x2500);
    for (int i = 0; i < a->ticks; i++) {
        int x = cell_of(plot_frame_x(f, a->at[i]), inner.columns), width = (int)strlen(a->label[i]);
        if (x < 0)
            continue;
        int from = left + x - width / 2;
        from = from + width > b.columns ? b.columns - width : from;
        from = from < 0 ? 0 : from;
        if (from < free_from || from + width > b.columns)
            continue;
        grid_code(g, b, left + x, line_y, STYLE_BORDER, 0x252c);
        grid_put(g, b, from, line_y + 1, STYLE_DIM, a->label[i]);
        free_from = from + width + 2;
    }
}

static void draw_shade(struct grid *g, const struct plot_frame *f, const struct plot *p)
{
    if (isnan(p->shade_from) || isnan(p->shade_to) || !(p->shade_from < p->shade_to))
        return;
    double from = plot_frame_x(f, fmax(p->shade_from, f->range.x_least));
    double to = plot_frame_x(f, fmin(p->shade_to, f->range.x_most));
    int left = cell_of(from, f->inner.columns), right = cell_of(to, f->inner.columns);
    if (left < 0 || right < left)
        return;
    struct box block = {f->inner.x + left, f->inner.y, right - left + 1, f->inner.rows};
    grid_fill(g, block, STYLE_SEALED, 0x2591);
    if (block.columns >= 10 && block.rows >= 3)
        grid_put(g, block, (block.columns - 8) / 2, block.rows / 2, STYLE_SEALED, " sealed ");
}

static void draw_uprights(struct grid *g, const struct plot_frame *f, const struct plot *p)
{
    for (size_t i = 0; i < p->ticks; i++) {
        int x = cell_of(plot_frame_x(f, p->tick[i]), f->inner.columns);
        for (int y = 0; x >= 0 && y < f->inner.rows; y++)
            grid_code(g, f->inner, x, y, STYLE_BORDER, 0x254e);
    }
    int x = isnan(p->cursor) ? -1 : cell_of(plot_frame_x(f, p->cursor), f->inner.columns);
    for (int y = 0; x >= 0 && y < f->inner.rows; y++)
        grid_code(g, f->inner, x, y, STYLE_KEY, 0x2502);
}

static void x_ticks(struct axis *a, const struct plot *p, const struct plot_range *r, int columns)
{
    int width = p->x_kind == PLOT_X_TIME ? 10 : 6;
    int most = columns / (width + 2) < 1 ? 1 : columns / (width + 2);
    if (p->x_kind == PLOT_X_TIME)
        axis_time(a, r->x_least, r->x_most, most);
    else if (p->x_kind == PLOT_X_WHOLE)
        axis_whole(a, r->x_least, r->x_most, most);
    else if (p->x_kind == PLOT_X_LOG10)
        axis_log10(a, r->x_least, r->x_most, most);
    else
        axis_linear(a, r->x_least, r->x_most, most);
}

struct plot_frame plot_frame_draw(struct grid *g, struct box b, const struct plot *p, struct plot_range range,
                                  const struct plot_name *name, int names)
{
    struct plot_frame f = {.range = range, .log_y = p->log_y};
    int head = draw_head(g, b, p, name, names);
    struct box rest = box_inset(b, 0, head, 0, 0);
    bool axes = rest.columns >= AXES_COLUMNS && rest.rows >= AXES_ROWS;
    struct axis x_axis, y_axis;
    int left = 0, above = 0;
    if (axes) {
        int most = rest.rows * 2 / 5 < 2 ? 2 : rest.rows * 2 / 5;
        (p->log_y ? axis_log : axis_linear)(&y_axis, range.y_least, range.y_most, most);
        left = axis_label_width(&y_axis) + 2;
        above = p->y_label != NULL && rest.rows >= AXES_ROWS + 3;
        f.inner = box_inset(rest, left, above, 0, 2);
        if (above)
            grid_put(g, rest, 0, 0, STYLE_DIM, p->y_label);
    } else {
        f.inner = rest;
    }
    draw_shade(g, &f, p);
    draw_uprights(g, &f, p);
    if (axes) {
        struct box margin = {rest.x, f.inner.y, left, f.inner.rows};
        x_ticks(&x_axis, p, &range, f.inner.columns);
        draw_y_axis(g, margin, &f, &y_axis);
        draw_x_axis(g, rest, &f, &x_axis, above + f.inner.rows);
    }
    return f;
}
