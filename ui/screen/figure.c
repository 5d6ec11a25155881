#include "ui/screen/figure.h"

#include "base/clock.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>

void figure_count(int64_t n, char *out, size_t size)
{
    if (n >= 10000000)
        snprintf(out, size, "%.1fM", (double)n / 1e6);
    else if (n >= 1000000)
        snprintf(out, size, "%.2fM", (double)n / 1e6);
    else if (n >= 100000)
        snprintf(out, size, "%.0fk", (double)n / 1e3);
    else
        text_of_count(n < 0 ? 0 : (uint64_t)n, out, size);
}

void figure_percent(double share, char *out, size_t size)
{
    out[0] = '\0';
    if (isfinite(share))
        snprintf(out, size, "%.2f %%", 100 * share);
}

void figure_interval(double low, double high, char *out, size_t size)
{
    out[0] = '\0';
    if (isfinite(low) && isfinite(high))
        snprintf(out, size, "[%.1f, %.1f]", 100 * low, 100 * high);
}

void figure_number(double v, int digits, char *out, size_t size)
{
    out[0] = '\0';
    if (isfinite(v))
        snprintf(out, size, "%.*f", digits, v);
}

void figure_effect(const char *line, char *out, size_t size)
{
    const char *number = strrchr(line, ' ');
    double v;
    text_copy(out, size, line);
    if (number && text_parse_double(number + 1 + (number[1] == '+'), &v))
        snprintf(out, size, "%.*s %+.2g points", (int)(number - line), line, 100 * v);
}

void figure_span(double seconds, char *out, size_t size)
{
    out[0] = '\0';
    if (isfinite(seconds) && seconds >= 0)
        clock_span(seconds, out, size);
}

static int cell_on(double v, double least, double most, int cells)
{
    double share = most > least ? (v - least) / (most - least) : 0.5;
    int at = isfinite(share) ? (int)floor(share * (cells - 1) + 0.5) : -1;
    return at < 0 || at >= cells ? -1 : at;
}

static int cell_within(double v, double least, double most, int cells)
{
    return cell_on(fmin(fmax(v, least), most), least, most, cells);
}

void figure_interval_bar(double low, double mean, double high, double least, double most, int cells, char *out,
                         size_t size)
{
    out[0] = '\0';
    if (!isfinite(mean) || cells < 3)
        return;
    bool known = isfinite(low) && isfinite(high);
    int from = cell_within(known ? low : mean, least, most, cells),
        to = cell_within(known ? high : mean, least, most, cells);
    int at = cell_within(mean, least, most, cells), half = cell_on(0.5, least, most, cells);
    for (int i = 0; i < cells; i++) {
        const char *glyph = i == at              ? "●"
                            : i == from && known ? "├"
                            : i == to && known   ? "┤"
                            : i > from && i < to ? "─"
                            : i == half          ? "╎"
                                                 : " ";
        text_append(out, size, glyph);
    }
}
