#include "ui/cell/plot.h"

#include "base/memory.h"
#include "base/text.h"
#include "ui/cell/plot_frame.h"
#include "ui/cell/raster.h"

#include <math.h>

enum { MARK_EVERY = 24 }; /* cells between the marks that tell series apart without colour */

struct plot plot_plain(const char *title)
{
    return (struct plot){.title = title, .cursor = NAN, .shade_from = NAN, .shade_to = NAN};
}

static double point_x(const struct plot_series *s, size_t i)
{
    return s->x != NULL ? s->x[i] : (double)i;
}

static bool is_shown(const struct plot *p, double y)
{
    return isfinite(y) && (!p->log_y || y > 0);
}

static void widen(double *least, double *most, double v)
{
    *least = v < *least ? v : *least;
    *most = v > *most ? v : *most;
}

static struct plot_range range_of(const struct plot *p, const struct plot_series *series, int n)
{
    struct plot_range r = {INFINITY, -INFINITY, INFINITY, -INFINITY};
    bool limited = p->x_least < p->x_most;
    for (int k = 0; k < n; k++) {
        for (size_t i = 0; i < series[k].n; i++) {
            double x = point_x(&series[k], i), y = series[k].y[i];
            if (!isfinite(x) || (limited && (x < p->x_least || x > p->x_most)))
                continue;
            widen(&r.x_least, &r.x_most, x);
            if (is_shown(p, y))
                widen(&r.y_least, &r.y_most, y);
        }
    }
    plot_range_settle(&r, p);
    return r;
}

/* The point nearest to x, or n if there is none. */
static size_t nearest(const struct plot_series *s, double x)
{
    size_t best = s->n;
    for (size_t i = 0; i < s->n; i++) {
        double d = fabs(point_x(s, i) - x);
        if (!isnan(d) && (best == s->n || d < fabs(point_x(s, best) - x)))
            best = i;
    }
    return best;
}

static int name_series(struct plot_name *out, const struct grid *g, const struct plot *p,
                       const struct plot_series *series, int n)
{
    bool cursor = !isnan(p->cursor) && p->said == NULL;
    int names = 0;
    if (p->said != NULL && p->said[0] != '\0')
        text_copy(out[names++].text, sizeof out->text, p->said);
    if (cursor) {
        char value[40];
        (p->x_kind == PLOT_X_TIME ? axis_time_value : axis_value)(p->cursor, value, sizeof value);
        snprintf(out[names++].text, sizeof out->text, p->x_kind == PLOT_X_TIME ? "%s" : "at %s", value);
    }
    for (int k = 0, glyph = 0; k < n && (cursor || p->legend); k++) {
        if (series[k].faint)
            continue;
        struct plot_name *name = &out[names++];
        name->style = series[k].style;
        name->glyph = plot_glyph(g, glyph++);
        text_copy(name->text, sizeof name->text, series[k].name != NULL ? series[k].name : "");
        size_t at = cursor ? nearest(&series[k], p->cursor) : series[k].n;
        if (at < series[k].n) {
            char value[40];
            axis_value(series[k].y[at], value, sizeof value);
            text_append(name->text, sizeof name->text, " ");
            text_append(name->text, sizeof name->text, value);
        }
    }
    return names;
}

/* One column of dots: what its points cover, where the line came in and where it leaves. */
struct column {
    int x;
    double least, most, last_x, last_y;
    bool any;
};

static void flush_column(struct raster *r, struct column *c, enum style style)
{
    if (c->any)
        raster_line(r, c->x, c->least, c->x, c->most, style);
}

/* Points that share a column of dots become one upright from their least to their most: a spike of one point among a
 * million stays visible, and the cost of drawing is that of the columns. */
static void draw_curve(struct raster *r, const struct plot_frame *f, const struct plot *p, const struct plot_series *s,
                       enum style style)
{
    struct column c = {0};
    double across = 2 * f->inner.columns - 1, down = 4 * f->inner.rows - 1;
    for (size_t i = 0; i < s->n; i++) {
        double x = axis_share(f->range.x_least, f->range.x_most, false, point_x(s, i)) * across;
        if (!is_shown(p, s->y[i]) || !(fabs(x) < 1e9)) {
            flush_column(r, &c, style);
            c.any = false;
            continue;
        }
        double y = (1 - axis_share(f->range.y_least, f->range.y_most, p->log_y, s->y[i])) * down;
        y = fmin(fmax(y, -1e9), 1e9);
        int column = (int)floor(x + 0.5);
        if (c.any && column == c.x) {
            widen(&c.least, &c.most, y);
        } else {
            flush_column(r, &c, style);
            if (c.any)
                raster_line(r, c.last_x, c.last_y, x, y, style);
            c = (struct column){column, y, y, x, y, true};
        }
        c.last_x = x;
        c.last_y = y;
    }
    flush_column(r, &c, style);
}

static void mark_point(struct grid *g, const struct plot_frame *f, const struct plot *p, const struct plot_series *s,
                       size_t i, uint32_t glyph)
{
    double x = plot_frame_x(f, point_x(s, i)), y = is_shown(p, s->y[i]) ? plot_frame_y(f, s->y[i]) : NAN;
    if (x > -0.5 && x < f->inner.columns && y > -0.5 && y < f->inner.rows)
        grid_code(g, f->inner, (int)floor(x + 0.5), (int)floor(y + 0.5), s->style, glyph);
}

/* A mark at the end of each curve and at every so many cells, staggered, so that curves can be followed in one colour. */
static void mark_curve(struct grid *g, const struct plot_frame *f, const struct plot *p, const struct plot_series *s,
                       int k, uint32_t glyph)
{
    int next = (k * 7) % MARK_EVERY;
    size_t last = s->n;
    for (size_t i = 0; i < s->n; i++) {
        double x = plot_frame_x(f, point_x(s, i));
        if (!is_shown(p, s->y[i]) || !(x < f->inner.columns))
            continue;
        last = i;
        if (x >= next) {
            mark_point(g, f, p, s, i, glyph);
            next = (int)x + MARK_EVERY;
        }
    }
    if (last < s->n)
        mark_point(g, f, p, s, last, glyph);
}

/* Gaps (NaN) are marked on the axis, so that a straight piece of line is not taken for data. */
static void mark_gaps(struct grid *g, const struct plot_frame *f, const struct plot *p, const struct plot_series *s)
{
    for (size_t i = 0; i < s->n; i++) {
        double x = plot_frame_x(f, point_x(s, i));
        if (!is_shown(p, s->y[i]) && x > -0.5 && x < f->inner.columns)
            grid_code(g, f->inner, (int)floor(x + 0.5), f->inner.rows - 1, STYLE_WARN, 0x00d7);
    }
}

struct box plot_lines(struct grid *g, struct box b, const struct plot *p, const struct plot_series *series, int n)
{
    struct plot_name *names = NEW_ARRAY(struct plot_name, n + 1);
    int names_n = name_series(names, g, p, series, n);
    struct plot_frame f = plot_frame_draw(g, b, p, range_of(p, series, n), names, names_n);
    free(names);
    if (f.inner.columns < 1 || f.inner.rows < 1)
        return f.inner;
    int plain = 0;
    for (int k = 0; k < n; k++)
        plain += !series[k].faint;
    for (int pass = 0; pass < 2; pass++) {
        for (int k = 0, glyph = 0; k < n; k++) {
            uint32_t mark = series[k].faint ? '.' : plot_glyph(g, glyph++);
            if (series[k].faint != (pass == 0))
                continue;
            struct raster r = raster_new(f.inner.columns, f.inner.rows);
            draw_curve(&r, &f, p, &series[k], series[k].faint ? STYLE_DIM : series[k].style);
            raster_show(&r, g, f.inner, series[k].faint || plain > 1 ? (char)(mark < 128 ? mark : '*') : '\0');
            raster_free(&r);
            mark_gaps(g, &f, p, &series[k]);
        }
    }
    for (int k = 0, glyph = 0; k < n; k++) {
        if (series[k].faint)
            continue;
        uint32_t mark = plot_glyph(g, glyph++);
        if (plain > 1)
            mark_curve(g, &f, p, &series[k], k, mark);
        size_t at = isnan(p->cursor) ? series[k].n : nearest(&series[k], p->cursor);
        if (at < series[k].n)
            mark_point(g, &f, p, &series[k], at, mark);
    }
    return f.inner;
}
