/* The plots that draw whole cells: candles, histograms, sparks and bars. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/cell/plot.h"
#include "ui/cell/plot_frame.h"

#include <math.h>

static bool candle_shown(const struct plot *p, const struct plot_candle *c)
{
    return isfinite(c->x) && isfinite(c->open) && isfinite(c->high) && isfinite(c->low) && isfinite(c->close) &&
           (!p->log_y || c->low > 0) && !(p->x_least < p->x_most && (c->x < p->x_least || c->x > p->x_most));
}

static struct plot_range candle_range(const struct plot *p, const struct plot_candle *candle, size_t n)
{
    struct plot_range r = {INFINITY, -INFINITY, INFINITY, -INFINITY};
    for (size_t i = 0; i < n; i++) {
        if (!candle_shown(p, &candle[i]))
            continue;
        r.x_least = fmin(r.x_least, candle[i].x);
        r.x_most = fmax(r.x_most, candle[i].x);
        r.y_least = fmin(r.y_least, candle[i].low);
        r.y_most = fmax(r.y_most, candle[i].high);
    }
    plot_range_settle(&r, p);
    return r;
}

/* How much of one half cell (0 the upper, 1 the lower) lies within [top, bottom], in half cells from the top. */
static bool half_covered(int y, int half, double top, double bottom)
{
    double centre = 2 * y + half + 0.5;
    return centre > top - 0.5 && centre < bottom + 0.5;
}

/* A rising candle has a thin heavy body, a falling one a full block: told apart without colour. */
static uint32_t candle_code(bool rising, unsigned body, unsigned wick)
{
    static const uint32_t rise[4] = {0, 0x2579, 0x257b, 0x2503}, fall[4] = {0, 0x2580, 0x2584, 0x2588};
    static const uint32_t thin[4] = {0, 0x2575, 0x2577, 0x2502};
    if (body == 0)
        return thin[wick];
    if (rising && body == 1 && (wick & 2))
        return 0x257f;
    if (rising && body == 2 && (wick & 1))
        return 0x257d;
    return rising ? rise[body] : fall[body];
}

static uint32_t candle_ascii(bool rising, unsigned body)
{
    return body == 0 ? '|' : rising ? 'o' : '#';
}

static void draw_candle(struct grid *g, const struct plot_frame *f, int x, const struct plot_candle *c)
{
    bool rising = c->close >= c->open;
    double halves = 2 * f->inner.rows - 1, least = f->range.y_least, most = f->range.y_most;
    double high = (1 - axis_share(least, most, f->log_y, c->high)) * halves + 0.5;
    double low = (1 - axis_share(least, most, f->log_y, c->low)) * halves + 0.5;
    double top = (1 - axis_share(least, most, f->log_y, fmax(c->open, c->close))) * halves + 0.5;
    double bottom = (1 - axis_share(least, most, f->log_y, fmin(c->open, c->close))) * halves + 0.5;
    for (int y = 0; y < f->inner.rows; y++) {
        unsigned body = 0, wick = 0;
        for (int half = 0; half < 2; half++) {
            body |= half_covered(y, half, top, bottom) ? 1u << half : 0;
            wick |= half_covered(y, half, high, low) ? 1u << half : 0;
        }
        uint32_t code = body + wick == 0              ? 0
                        : g->symbols == SYMBOLS_ASCII ? candle_ascii(rising, body)
                                                      : candle_code(rising, body, wick);
        if (code != 0)
            grid_code(g, f->inner, x, y, rising ? STYLE_GOOD : STYLE_BAD, code);
    }
}

static int name_candle(struct plot_name out[2], const struct plot *p, const struct plot_candle *candle, size_t n)
{
    if (p->said != NULL) {
        text_copy(out[0].text, sizeof out[0].text, p->said);
        return p->said[0] != '\0' ? 1 : 0;
    }
    if (isnan(p->cursor) || n == 0)
        return 0;
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (fabs(candle[i].x - p->cursor) < fabs(candle[best].x - p->cursor))
            best = i;
    (p->x_kind == PLOT_X_TIME ? axis_time_value : axis_value)(candle[best].x, out[0].text, sizeof out[0].text);
    char value[4][40];
    const double v[4] = {candle[best].open, candle[best].high, candle[best].low, candle[best].close};
    for (int i = 0; i < 4; i++)
        axis_value(v[i], value[i], sizeof value[i]);
    snprintf(out[1].text, sizeof out[1].text, "O %.20s  H %.20s  L %.20s  C %.20s", value[0], value[1], value[2],
             value[3]);
    return 2;
}

struct box plot_candles(struct grid *g, struct box b, const struct plot *p, const struct plot_candle *candle, size_t n)
{
    struct plot_name names[2] = {{{0}, 0, 0}};
    int names_n = name_candle(names, p, candle, n);
    struct plot_frame f = plot_frame_draw(g, b, p, candle_range(p, candle, n), names, names_n);
    if (f.inner.columns < 1 || f.inner.rows < 1)
        return f.inner;
    struct plot_candle open = {0}; /* candles that share a column become one */
    int column = -1;
    for (size_t i = 0; i < n; i++) {
        if (!candle_shown(p, &candle[i]))
            continue;
        int x = (int)plot_frame_x(&f, candle[i].x);
        if (x != column && column >= 0)
            draw_candle(g, &f, column, &open);
        if (x != column) {
            open = candle[i];
        } else {
            open.high = fmax(open.high, candle[i].high);
            open.low = fmin(open.low, candle[i].low);
            open.close = candle[i].close;
        }
        column = x;
    }
    if (column >= 0)
        draw_candle(g, &f, column, &open);
    return f.inner;
}

/* The code point that fills `eighths` of a cell from below. */
static uint32_t eighth_block(const struct grid *g, int eighths)
{
    static const char ascii[10] = " .:-=+*##";
    if (eighths <= 0)
        return ' ';
    if (g->symbols == SYMBOLS_ASCII)
        return (uint32_t)ascii[eighths];
    if (g->symbols == SYMBOLS_BLOCK)
        return eighths < 3 ? '_' : eighths < 7 ? 0x2584 : 0x2588;
    return (uint32_t)(0x2580 + eighths);
}

static void draw_bar(struct grid *g, const struct plot_frame *f, int x, double height, enum style style)
{
    int eighths = (int)floor(height * 8 * f->inner.rows + 0.5);
    for (int y = f->inner.rows - 1; y >= 0 && eighths > 0; y--, eighths -= 8)
        grid_code(g, f->inner, x, y, style, eighth_block(g, eighths > 8 ? 8 : eighths));
}

static int count_bins(size_t *count, int bins, const struct plot_range *r, const double *value, size_t n)
{
    size_t most = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(value[i] >= r->x_least && value[i] <= r->x_most))
            continue;
        int bin = (int)((value[i] - r->x_least) / (r->x_most - r->x_least) * bins);
        bin = bin >= bins ? bins - 1 : bin;
        most = ++count[bin] > most ? count[bin] : most;
    }
    return (int)most;
}

void plot_histogram(struct grid *g, struct box b, const struct plot *p, const double *value, size_t n, int bins)
{
    struct plot_range r = {INFINITY, -INFINITY, 0, 1};
    struct plot linear = *p;
    linear.log_y = false;
    for (size_t i = 0; i < n; i++) {
        if (isfinite(value[i])) {
            r.x_least = fmin(r.x_least, value[i]);
            r.x_most = fmax(r.x_most, value[i]);
        }
    }
    plot_range_settle(&r, &linear);
    bins = bins > 0 ? bins : 20;
    bins = bins > 1024 ? 1024 : bins;
    size_t *count = NEW_ARRAY(size_t, bins);
    int most = count_bins(count, bins, &r, value, n);
    if (!(p->y_least < p->y_most)) {
        r.y_least = 0;
        r.y_most = most > 0 ? most : 1;
    }
    struct plot_frame f = plot_frame_draw(g, b, &linear, r, NULL, 0);
    for (int x = 0; x < f.inner.columns && f.inner.rows > 0; x++) {
        int bin = (int)((int64_t)x * bins / f.inner.columns);
        double height = ((double)count[bin] - r.y_least) / (r.y_most - r.y_least);
        draw_bar(g, &f, x, fmin(fmax(height, 0), 1), STYLE_SERIES_1);
    }
    free(count);
}

/* The value of [from, to) that is farthest from the mean: a spike is not averaged away. */
static double extreme_of(const double *value, size_t from, size_t to, double mean)
{
    double best = NAN;
    for (size_t i = from; i < to; i++)
        if (isfinite(value[i]) && (isnan(best) || fabs(value[i] - mean) > fabs(best - mean)))
            best = value[i];
    return best;
}

void plot_spark(struct grid *g, struct box b, int x, int y, int columns, enum style style, const double *value,
                size_t n)
{
    double least = INFINITY, most = -INFINITY, sum = 0;
    size_t finite = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(value[i]))
            continue;
        least = fmin(least, value[i]);
        most = fmax(most, value[i]);
        sum += value[i];
        finite++;
    }
    if (finite == 0)
        return;
    columns = (size_t)(columns < 0 ? 0 : columns) > n ? (int)n : columns;
    for (int i = 0; i < columns; i++) {
        size_t from = (size_t)i * n / (size_t)columns, to = ((size_t)i + 1) * n / (size_t)columns;
        double v = extreme_of(value, from, to, sum / (double)finite);
        double share = v / 2 - least / 2, whole = most / 2 - least / 2; /* halves: the whole range might overflow */
        if (isnan(v))
            continue;
        int eighths = whole > 0 ? 1 + (int)floor(fmin(share / whole, 1) * 7 + 0.5) : 4;
        grid_code(g, b, x + i, y, style, eighth_block(g, eighths));
    }
}

void plot_bar(struct grid *g, struct box b, int x, int y, int columns, enum style style, double share)
{
    if (isnan(share))
        return;
    bool ascii = g->symbols == SYMBOLS_ASCII;
    int halves = (int)floor(fmin(fmax(share, 0), 1) * 2 * columns + 0.5);
    for (int i = 0; i < columns; i++, halves -= 2) {
        if (halves >= 2)
            grid_code(g, b, x + i, y, style, ascii ? '=' : 0x2584);
        else if (halves == 1)
            grid_code(g, b, x + i, y, style, ascii ? '=' : 0x2596);
        else
            grid_code(g, b, x + i, y, STYLE_BORDER, ascii ? '-' : 0x2581);
    }
}
