#include "data/read/flags.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/feature.h"
#include "data/name.h"
#include "data/read/report.h"

#include <math.h>

#define SPIKE 8.0          /* ten times, less what the value itself may have moved meanwhile */
#define CALM 2.0           /* the neighbours of a spike differ by less */
#define RUN_LEAST 10       /* rows that repeat before it is told */
#define REPEAT_COLUMNS 3   /* columns that vary, below which a repetition says nothing */
#define UNFINISHED_BARS 20 /* whose least volume the last one is held against */

struct finder {
    struct csv_series *s;
    const struct frame *f;
    uint64_t (*line_of)(const void *context, size_t row);
    const void *context;
    size_t capacity, kept[CSV_FLAG_KINDS];
};

static void add(struct finder *find, enum csv_flag_kind kind, size_t column, size_t row, size_t rows)
{
    struct csv_series *s = find->s;
    s->flag_count[kind] += rows;
    if (find->kept[kind]++ >= CSV_FLAGS_KEPT)
        return;
    s->flag = memory_grow(s->flag, &find->capacity, s->flag_n + 1, sizeof *s->flag);
    s->flag[s->flag_n++] = (struct csv_flag){.time_us = find->f->time_us[row],
                                             .line = find->line_of(find->context, row),
                                             .rows = rows,
                                             .column = column,
                                             .kind = kind};
}

/* A price or a volume is known by its name: other columns may well be negative or jump tenfold. */
static bool is_price(const char *name)
{
    static const char *const word[] = {"open", "high", "low", "close", "price", "vwap", "priceusd"};
    static const char *const other[] = {"time", "change", "return", "pct", "percent", "diff", "interest", "volume"};
    return name_has_any(name, word, ARRAY_N(word)) && !name_has_any(name, other, ARRAY_N(other));
}

static bool is_volume(const char *name)
{
    static const char *const word[] = {"volume", "vol", "turnover", "trades", "amount"};
    static const char *const other[] = {"change", "delta", "net", "diff", "imbalance", "volatility"};
    return name_has_any(name, word, ARRAY_N(word)) && !name_has_any(name, other, ARRAY_N(other));
}

static void find_in_column(struct finder *find, size_t c)
{
    const struct frame_column *column = &find->f->column[c];
    const double *v = column->value;
    bool price = is_price(column->name), volume = is_volume(column->name);
    if (!price && !volume)
        return;
    for (size_t i = 0; i < find->f->rows; i++) {
        if (v[i] < 0)
            add(find, CSV_FLAG_NEGATIVE, c, i, 1);
        else if (price && v[i] == 0)
            add(find, CSV_FLAG_ZERO, c, i, 1);
    }
}

/* A value ten times its neighbours (or a tenth), which themselves are close: a slip of the decimal point. */
static void find_spikes(struct finder *find, size_t c)
{
    const double *v = find->f->column[c].value;
    if (!is_price(find->f->column[c].name))
        return;
    for (size_t i = 1; i + 1 < find->f->rows; i++) {
        double a = v[i - 1], b = v[i + 1];
        bool calm = a > 0 && b > 0 && v[i] > 0 && a < CALM * b && b < CALM * a;
        if (calm && ((v[i] > SPIKE * a && v[i] > SPIKE * b) || (v[i] * SPIKE < a && v[i] * SPIKE < b)))
            add(find, CSV_FLAG_SPIKE, c, i, 1);
    }
}

static void find_bars(struct finder *find)
{
    int column[4] = {frame_find(find->f, "low"), frame_find(find->f, "high"), frame_find(find->f, "open"),
                     frame_find(find->f, "close")};
    if (column[0] < 0 || column[1] < 0)
        return;
    const double *low = find->f->column[column[0]].value, *high = find->f->column[column[1]].value;
    for (size_t i = 0; i < find->f->rows; i++) {
        if (low[i] > high[i])
            add(find, CSV_FLAG_CROSSED, (size_t)column[0], i, 1);
        for (int k = 2; k < 4; k++) {
            double v = column[k] >= 0 ? find->f->column[column[k]].value[i] : (double)NAN;
            if (low[i] <= high[i] && (v < low[i] || v > high[i]))
                add(find, CSV_FLAG_OUTSIDE, (size_t)column[k], i, 1);
        }
    }
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool varies(const struct frame_column *c, size_t rows)
{
    for (size_t i = 1; i < rows; i++)
        if (!same(c->value[i], c->value[0]))
            return true;
    return false;
}

static bool repeats(const struct frame *f, size_t row)
{
    for (size_t c = 0; c < f->columns; c++)
        if (!same(f->column[c].value[row], f->column[c].value[row - 1]))
            return false;
    return true;
}

/* Bars that repeat the one before, volume included. */
static void find_repeated(struct finder *find)
{
    const struct frame *f = find->f;
    size_t varying = 0, price = 0;
    bool any = false;
    for (size_t c = f->columns; c-- > 0;) {
        varying += varies(&f->column[c], f->rows);
        if (is_price(f->column[c].name)) {
            any = true;
            price = c;
        }
    }
    if (!any || varying < REPEAT_COLUMNS)
        return;
    for (size_t i = 1, run = 0; i <= f->rows; i++) {
        if (i < f->rows && repeats(f, i)) {
            run++;
            continue;
        }
        if (run >= RUN_LEAST)
            add(find, CSV_FLAG_REPEATED, price, i - run, run);
        run = 0;
    }
}

/* An export made in the middle of a bar ends with what had happened by then. */
static void find_unfinished(struct finder *find)
{
    const struct frame *f = find->f;
    for (size_t c = 0; c < f->columns && f->rows > UNFINISHED_BARS; c++) {
        const double *v = f->column[c].value;
        double least = (double)INFINITY;
        if (!is_volume(f->column[c].name))
            continue;
        for (size_t i = f->rows - 1 - UNFINISHED_BARS; i < f->rows - 1; i++)
            if (v[i] < least)
                least = v[i];
        if (least > 0 && isfinite(least) && v[f->rows - 1] < least / 2) {
            add(find, CSV_FLAG_UNFINISHED, c, f->rows - 1, 1);
            return;
        }
    }
}

static int compare_flags(const void *a, const void *b)
{
    const struct csv_flag *x = a, *y = b;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return (int)x->kind - (int)y->kind;
}

void flags_find(struct csv_series *s, uint64_t (*line_of)(const void *context, size_t row), const void *context)
{
    struct finder find = {s, s->frame, line_of, context, 0, {0}};
    for (size_t c = 0; c < s->frame->columns; c++) {
        find_in_column(&find, c);
        find_spikes(&find, c);
    }
    find_bars(&find);
    find_repeated(&find);
    find_unfinished(&find);
    if (s->flag_n > 0)
        qsort(s->flag, s->flag_n, sizeof *s->flag, compare_flags);
}

static const struct {
    const char *name, *text;
} kinds[] = {
#define CSV_FLAG_TEXT(kind, name, text) {name, text},
    CSV_FLAGS(CSV_FLAG_TEXT)
#undef CSV_FLAG_TEXT
};

const char *csv_flag_name(enum csv_flag_kind kind)
{
    return kinds[kind].name;
}

void flags_warn(struct csv_report *r, const struct csv_series *s)
{
    for (int kind = 0; kind < CSV_FLAG_KINDS; kind++) {
        char lines[128] = "", place[40];
        const struct csv_flag *first = NULL;
        size_t shown = 0;
        for (size_t i = 0; i < s->flag_n; i++) {
            const struct csv_flag *f = &s->flag[i];
            if (f->kind != (enum csv_flag_kind)kind || shown == 3)
                continue;
            first = first ? first : f;
            if (f->line)
                snprintf(place, sizeof place, "%llu", (unsigned long long)f->line);
            else
                clock_iso(f->time_us, place, sizeof place);
            text_append(lines, sizeof lines, shown++ ? ", " : f->line ? "line " : "");
            text_append(lines, sizeof lines, place);
        }
        if (!first)
            continue;
        report_warn(r, "%s%sin %zu row%s '%.40s' %s (%s%s)", s->symbol, s->symbol[0] ? ": " : "", s->flag_count[kind],
                    s->flag_count[kind] == 1 ? "" : "s", s->frame->column[first->column].name, kinds[kind].text, lines,
                    s->flag_count[kind] > shown ? ", ..." : "");
    }
}
