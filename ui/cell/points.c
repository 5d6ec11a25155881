#include "ui/cell/points.h"

#include "base/memory.h"
#include "base/text.h"
#include "ui/cell/axis.h"
#include "ui/cell/plot_frame.h"
#include "ui/cell/raster.h"

#include <math.h>

static void widen(double *least, double *most, double v)
{
    if (!isfinite(v))
        return;
    *least = v < *least ? v : *least;
    *most = v > *most ? v : *most;
}

static struct plot_range range_of(const struct plot *p, const struct points_series *series, int n)
{
    struct plot_range r = {INFINITY, -INFINITY, INFINITY, -INFINITY};
    for (int k = 0; k < n; k++) {
        const struct points_series *s = &series[k];
        for (size_t i = 0; i < s->n; i++) {
            widen(&r.x_least, &r.x_most, s->x[i]);
            widen(&r.y_least, &r.y_most, s->y[i]);
            widen(&r.y_least, &r.y_most, s->low != NULL ? s->low[i] : NAN);
            widen(&r.y_least, &r.y_most, s->high != NULL ? s->high[i] : NAN);
        }
    }
    double room = (r.y_most - r.y_least) * 0.04; /* marks at the rim are cut in half otherwise */
    if (isfinite(room) && room > 0) {
        r.y_least -= room;
        r.y_most += room;
    }
    plot_range_settle(&r, p);
    return r;
}

/* The point at x: of steps the last one at or before it, of marks the one exactly there; n if there is none. */
static size_t at_cursor(const struct points_series *s, double x)
{
    size_t best = s->n;
    for (size_t i = 0; i < s->n; i++) {
        bool fits = s->steps ? s->x[i] <= x : fabs(s->x[i] - x) < 1e-9;
        if (fits && isfinite(s->y[i]))
            best = i;
    }
    return best;
}

static int name_series(struct plot_name *out, const struct grid *g, const struct plot *p,
                       const struct points_series *series, int n)
{
    int names = 0;
    bool cursor = !isnan(p->cursor) && p->said == NULL;
    if (p->said != NULL && p->said[0] != '\0')
        text_copy(out[names++].text, sizeof out->text, p->said);
    for (int k = 0, glyph = 0; k < n && (cursor || p->legend); k++) {
        const struct points_series *s = &series[k];
        if (s->faint)
            continue;
        struct plot_name *name = &out[names++];
        name->style = s->style;
        name->glyph = s->steps ? 0x2500 : plot_glyph(g, glyph);
        glyph += !s->steps;
        text_copy(name->text, sizeof name->text, s->name != NULL ? s->name : "");
        size_t at = cursor ? at_cursor(s, p->cursor) : s->n;
        if (at < s->n) {
            char value[40];
            snprintf(value, sizeof value, " %.4g", s->y[at]);
            text_append(name->text, sizeof name->text, value);
        }
    }
    return names;
}

/* In dots of the raster. */
static double dot_x(const struct plot_frame *f, double x)
{
    return axis_share(f->range.x_least, f->range.x_most, false, x) * (2 * f->inner.columns - 1);
}

static double dot_y(const struct plot_frame *f, double y)
{
    return (1 - axis_share(f->range.y_least, f->range.y_most, f->log_y, y)) * (4 * f->inner.rows - 1);
}

/* None where they would fill the plot. */
static void draw_uprights(struct raster *r, const struct plot_frame *f, const struct points_series *s)
{
    if (s->n > (size_t)f->inner.columns)
        return;
    for (size_t i = 0; s->low != NULL && s->high != NULL && i < s->n; i++)
        if (isfinite(s->low[i]) && isfinite(s->high[i]) && isfinite(s->x[i]))
            raster_line(r, floor(dot_x(f, s->x[i] + s->shift) + 0.5), dot_y(f, s->high[i]),
                        floor(dot_x(f, s->x[i] + s->shift) + 0.5), dot_y(f, s->low[i]), s->upright);
}

/* The last level goes on to the right rim: the best so far is still the best. */
static void draw_steps(struct raster *r, const struct plot_frame *f, const struct points_series *s)
{
    double x = NAN, y = NAN;
    for (size_t i = 0; i < s->n; i++) {
        if (!isfinite(s->x[i]) || !isfinite(s->y[i]))
            continue;
        double to_x = dot_x(f, s->x[i]), to_y = dot_y(f, s->y[i]);
        if (isfinite(x)) {
            raster_line(r, x, y, to_x, y, s->style);
            raster_line(r, to_x, y, to_x, to_y, s->style);
        }
        x = to_x;
        y = to_y;
    }
    if (isfinite(x))
        raster_line(r, x, y, 2 * f->inner.columns - 1, y, s->style);
}

static void draw_marks(struct grid *g, const struct plot_frame *f, const struct plot *p, const struct points_series *s,
                       uint32_t glyph)
{
    for (size_t i = 0; i < s->n; i++) {
        double x = plot_frame_x(f, s->x[i] + s->shift), y = plot_frame_y(f, s->y[i]);
        if (!(x > -0.5) || !(x < f->inner.columns - 0.5) || !(y > -0.5) || !(y < f->inner.rows - 0.5))
            continue;
        bool chosen = !isnan(p->cursor) && fabs(s->x[i] - p->cursor) < 1e-9;
        enum style style = chosen ? STYLE_KEY : s->faint ? STYLE_DIM : s->style;
        grid_code(g, f->inner, (int)floor(x + 0.5), (int)floor(y + 0.5), style, s->faint ? 0x00b7 : glyph);
    }
}

struct box plot_points(struct grid *g, struct box b, const struct plot *p, const struct points_series *series, int n)
{
    struct plot_name *names = NEW_ARRAY(struct plot_name, n + 2);
    int names_n = name_series(names, g, p, series, n);
    struct plot_frame f = plot_frame_draw(g, b, p, range_of(p, series, n), names, names_n);
    free(names);
    if (f.inner.columns < 1 || f.inner.rows < 1)
        return f.inner;
    for (int steps = 0; steps < 2; steps++) { /* steps over uprights, marks over both */
        for (int k = 0; k < n; k++) {
            struct raster r = raster_new(f.inner.columns, f.inner.rows);
            if (series[k].steps && steps)
                draw_steps(&r, &f, &series[k]);
            else if (!series[k].steps && !steps)
                draw_uprights(&r, &f, &series[k]);
            raster_show(&r, g, f.inner, '\0');
            raster_free(&r);
        }
    }
    for (int k = 0, glyph = 0; k < n; k++) {
        if (series[k].steps)
            continue;
        uint32_t mark = series[k].faint ? '.' : plot_glyph(g, glyph++);
        draw_marks(g, &f, p, &series[k], mark);
    }
    return f.inner;
}
