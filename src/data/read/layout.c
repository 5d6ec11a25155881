/* Names of columns that have no header, from what their values do. Declared in header.h. */
#include "base/memory.h"
#include "base/text.h"
#include "data/read/header.h"
#include "data/read/number.h"

#include <math.h>

/* The first rows as numbers: [rows][columns]. */
struct values {
    double *v;
    size_t rows, columns;
};

static double at(const struct values *t, size_t row, size_t column)
{
    return t->v[row * t->columns + column];
}

static void take_values(struct values *t, const struct header *h, const struct sample *s, size_t first)
{
    *t = (struct values){.v = NEW_ARRAY(double, (s->rows - first) * h->columns), .columns = h->columns};
    for (size_t i = first; i < s->rows; i++) {
        if (s->row[i].n < h->columns)
            continue;
        for (size_t c = 0; c < h->columns; c++)
            number_parse(s->row[i].cell[c].text, s->row[i].cell[c].n, &t->v[t->rows * h->columns + c]);
        t->rows++;
    }
}

/* Whether column a is at least column b on all rows, and more on one. */
static bool is_above(const struct values *t, size_t a, size_t b)
{
    bool more = false;
    for (size_t i = 0; i < t->rows; i++) {
        if (!(at(t, i, a) >= at(t, i, b)))
            return false;
        more = more || at(t, i, a) > at(t, i, b);
    }
    return more;
}

static bool is_bar(const struct values *t, size_t open, size_t high, size_t low, size_t close)
{
    return is_above(t, high, open) && is_above(t, high, close) && is_above(t, high, low) && is_above(t, open, low) &&
           is_above(t, close, low);
}

static bool is_whole(const struct values *t, size_t c)
{
    for (size_t i = 0; i < t->rows; i++)
        if (at(t, i, c) != floor(at(t, i, c)) || at(t, i, c) < 0)
            return false;
    return true;
}

static bool is_between(const struct values *t, size_t c, size_t low, size_t high)
{
    for (size_t i = 0; i < t->rows; i++)
        if (!(at(t, i, c) >= at(t, i, low) && at(t, i, c) <= at(t, i, high)))
            return false;
    return true;
}

/* Whether a column is a price as well, adjusted for dividends and splits: nearly the same part of another on
 * neighbouring rows, which no volume is. */
static bool follows(const struct values *t, size_t c, size_t price)
{
    for (size_t i = 1; i < t->rows; i++) {
        double before = at(t, i - 1, c) / at(t, i - 1, price), now = at(t, i, c) / at(t, i, price);
        if (!(before > 0 && now > 0.5 * before && now < 2 * before))
            return false;
    }
    return t->rows > 9; /* few rows may be alike by chance */
}

/* An instant from 1990 to 2100 in seconds, or a thousand, a million ... times that. */
static bool is_epoch(double v)
{
    for (double unit = 1; unit <= 1e9; unit *= 1000)
        if (v >= 631152000 * unit && v < 4102444800 * unit)
            return true;
    return false;
}

static bool is_time(const struct sample *s, size_t first, size_t columns, size_t c)
{
    for (size_t i = first; i < s->rows; i++) {
        double v;
        if (s->row[i].n < columns)
            continue;
        const struct record_cell *cell = &s->row[i].cell[c];
        enum sample_kind kind = sample_kind(cell);
        if (kind == SAMPLE_NUMBER && number_parse(cell->text, cell->n, &v) == NUMBER_VALUE && is_epoch(v))
            continue;
        if (kind != SAMPLE_TIME)
            return false;
    }
    return true;
}

static void name_columns(struct header *h, size_t from, const char *const *name, size_t n)
{
    for (size_t i = 0; i < n && from + i < h->columns; i++)
        text_copy(h->name[from + i], FRAME_NAME_MAX, name[i]);
}

/* What stands behind the four prices. */
static const char *name_rest(struct header *h, const struct values *t, const struct sample *s, size_t first,
                             size_t from, size_t low, size_t high)
{
    static const char *const binance[] = {"volume",         "close_time",      "quote_volume", "trades",
                                          "taker_buy_base", "taker_buy_quote", "ignore"};
    static const char *const kraken[] = {"volume", "trades"}, *const vwap[] = {"vwap", "volume", "trades"},
                             *const adjusted[] = {"adj close", "volume"};
    size_t rest = h->columns - from;
    if (rest == 7 && is_time(s, first, h->columns, from + 1) && is_above(t, from, from + 4) && is_whole(t, from + 3)) {
        name_columns(h, from, binance, 7);
        text_copy(h->name[0], FRAME_NAME_MAX, "open_time");
        return "Binance klines";
    }
    if (rest == 3 && is_between(t, from, low, high) && is_whole(t, from + 2)) {
        name_columns(h, from, vwap, 3);
        return "Kraken OHLC with vwap";
    }
    if (rest == 2 && is_whole(t, from + 1) && follows(t, from, low)) {
        name_columns(h, from, adjusted, 2);
        return "OHLC, adjusted close, volume";
    }
    if (rest == 2 && is_whole(t, from + 1)) {
        name_columns(h, from, kraken, 2);
        return "Kraken OHLCVT";
    }
    if (rest == 1) {
        name_columns(h, from, kraken, 1);
        return "OHLCV";
    }
    return rest == 0 ? "OHLC" : NULL;
}

bool header_layout(struct header *h, struct findings *found, const struct sample *s, size_t first)
{
    static const char *const ohlc[] = {"open", "high", "low", "close"}, *const ochl[] = {"open", "close", "high",
                                                                                         "low"};
    size_t times = 0;
    struct values t;
    while (times < 2 && times < h->columns && is_time(s, first, h->columns, times))
        times++;
    take_values(&t, h, s, first);
    const char *what = NULL;
    size_t p = times;
    for (size_t c = 0; c < h->columns; c++)
        h->unnamed[c] = true;
    if (times > 0 && h->columns >= times + 4 && t.rows > 1) {
        text_copy(h->name[0], FRAME_NAME_MAX, "time");
        bool high_second = is_bar(&t, p, p + 1, p + 2, p + 3), high_third = is_bar(&t, p, p + 2, p + 3, p + 1);
        if (high_second && !high_third)
            what = name_rest(h, &t, s, first, p + 4, p + 2, p + 1);
        else if (high_third && !high_second)
            what = name_rest(h, &t, s, first, p + 4, p + 3, p + 2);
        if (what)
            name_columns(h, p, high_second ? ohlc : ochl, 4);
        else
            memset(h->name, 0, h->columns * sizeof *h->name);
    }
    if (what)
        findings_guess(
            found, "columns", what, "--header",
            "there are no names; on each of the first %zu rows '%s' (column %zu) is the largest and '%s' the "
            "smallest of four prices",
            t.rows, "high", p + (strcmp(h->name[p + 1], "high") == 0 ? 2 : 3), "low");
    free(t.v);
    return what != NULL;
}
