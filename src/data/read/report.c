#include "data/read/report.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdarg.h>

void report_guess(struct csv_report *r, const char *what, const char *value, const char *option, const char *format,
                  ...)
{
    va_list args;
    r->guess = memory_resize(r->guess, r->guess_n + 1, sizeof *r->guess);
    struct csv_guess *g = &r->guess[r->guess_n++];
    text_copy(g->what, sizeof g->what, what);
    text_copy(g->value, sizeof g->value, value);
    text_copy(g->option, sizeof g->option, option);
    va_start(args, format);
    vsnprintf(g->evidence, sizeof g->evidence, format, args);
    va_end(args);
}

void report_warn(struct csv_report *r, const char *format, ...)
{
    va_list args;
    r->warning = memory_resize(r->warning, r->warning_n + 1, sizeof *r->warning);
    va_start(args, format);
    vsnprintf(r->warning[r->warning_n++], sizeof r->warning[0], format, args);
    va_end(args);
}

void report_drop(struct csv_report *r, uint64_t line, const char *why)
{
    if ((r->drop_n & (r->drop_n + 1)) == 0) /* room is 2^k - 1 */
        r->drop = memory_resize(r->drop, 2 * r->drop_n + 1, sizeof *r->drop);
    struct csv_drop *d = &r->drop[r->drop_n++];
    d->line = line;
    text_copy(d->why, sizeof d->why, why);
}

static int compare_drops(const void *a, const void *b)
{
    uint64_t x = ((const struct csv_drop *)a)->line, y = ((const struct csv_drop *)b)->line;
    return (x > y) - (x < y);
}

void report_sort_drops(struct csv_report *r)
{
    if (r->drop_n > 0)
        qsort(r->drop, r->drop_n, sizeof *r->drop, compare_drops);
}

void report_empty(struct csv_report *r, const char *column)
{
    r->empty = memory_resize(r->empty, r->empty_n + 1, sizeof *r->empty);
    text_copy(r->empty[r->empty_n++], FRAME_NAME_MAX, column);
}

void csv_asked_option(const struct error *err, char *out, size_t size)
{
    const char *at = strstr(err->text, "--");
    size_t n = at ? strspn(at, "-abcdefghijklmnopqrstuvwxyz") : 0;
    out[0] = 0;
    if (n > 2 && n < size) {
        memcpy(out, at, n);
        out[n] = 0;
    }
}

void csv_report_free(struct csv_report *r)
{
    for (size_t i = 0; i < r->series_n; i++) {
        frame_free(r->series[i].frame);
        free(r->series[i].flag);
    }
    free(r->series);
    free(r->empty);
    free(r->guess);
    free(r->drop);
    free(r->warning);
    *r = (struct csv_report){0};
}
