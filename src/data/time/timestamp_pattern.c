/* What --format names. Declared in timestamp.h. */
#include "base/memory.h"
#include "base/text.h"
#include "data/time/timestamp_cursor.h"

/* --- reading a format -------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum timestamp_format_kind kind;
    enum timestamp_unit unit;
    double per_second;
} known[] = {{"s", TIMESTAMP_FORMAT_EPOCH, TIMESTAMP_S, 0},
             {"ms", TIMESTAMP_FORMAT_EPOCH, TIMESTAMP_MS, 0},
             {"us", TIMESTAMP_FORMAT_EPOCH, TIMESTAMP_US, 0},
             {"ns", TIMESTAMP_FORMAT_EPOCH, TIMESTAMP_NS, 0},
             {"excel", TIMESTAMP_FORMAT_EXCEL, TIMESTAMP_S, 0},
             {"elapsed-s", TIMESTAMP_FORMAT_ELAPSED, TIMESTAMP_S, 1},
             {"elapsed-ms", TIMESTAMP_FORMAT_ELAPSED, TIMESTAMP_S, 1e3},
             {"elapsed-us", TIMESTAMP_FORMAT_ELAPSED, TIMESTAMP_S, 1e6},
             {"elapsed-ns", TIMESTAMP_FORMAT_ELAPSED, TIMESTAMP_S, 1e9},
             {"elapsed-min", TIMESTAMP_FORMAT_ELAPSED, TIMESTAMP_S, 1.0 / 60},
             {"elapsed-h", TIMESTAMP_FORMAT_ELAPSED, TIMESTAMP_S, 1.0 / 3600},
             {"elapsed-d", TIMESTAMP_FORMAT_ELAPSED, TIMESTAMP_S, 1.0 / 86400}};

static const char fields[] = "YMDhmsfAZE";

static bool is_field(char letter)
{
    return letter != '\0' && strchr(fields, letter) != NULL;
}

/* The next piece of a pattern: a field of `n` letters, or (field 0) one byte that stands for itself. */
struct piece {
    char field, literal;
    size_t n;
};

/* False at the end. An apostrophe opens or closes a stretch without fields; two stand for one. */
static bool next_piece(const char **p, bool *quoted, struct piece *out)
{
    while (**p == '\'' && (*p)[1] != '\'') {
        *quoted = !*quoted;
        (*p)++;
    }
    if (**p == '\0')
        return false;
    *out = (struct piece){.literal = **p, .n = 1};
    if (**p == '\'')
        (*p)++;
    else if (!*quoted && is_field(**p))
        for (out->field = **p; (*p)[out->n] == **p;)
            out->n++;
    *p += out->n;
    return true;
}

static bool check_piece(const struct piece *piece, unsigned *seen, struct error *err)
{
    static const size_t longest[] = {4, 3, 2, 2, 2, 2, 18, 1, 1, 3};
    size_t i = (size_t)(strchr(fields, piece->field) - fields);
    if (piece->n > longest[i] || (piece->field == 'Y' && piece->n != 2 && piece->n != 4))
        return error_set(err, ERROR_USAGE, "--format: '%c' cannot stand %zu times in a row (see morphsmith(1))",
                         piece->field, piece->n);
    if (*seen & 1u << i)
        return error_set(err, ERROR_USAGE, "--format: '%c' stands twice; put what is no field between apostrophes",
                         piece->field);
    *seen |= 1u << i;
    return true;
}

/* A year alone, with a month, or with month and day; an hour, or minutes and seconds. */
static bool check_pattern(const char *text, struct error *err)
{
    enum { YEAR = 1, MONTH = 2, DAY = 4, HOUR = 8, MINUTE = 16, SECOND = 32, FINE = 64, HALF = 128 };
    unsigned seen = 0;
    bool quoted = false;
    struct piece piece;
    for (const char *p = text; next_piece(&p, &quoted, &piece);)
        if (piece.field && !check_piece(&piece, &seen, err))
            return false;
    unsigned date = seen & (YEAR | MONTH | DAY);
    bool dated = date == YEAR || date == (YEAR | MONTH) || date == (YEAR | MONTH | DAY);
    bool clocked = (seen & HOUR) || ((seen & MINUTE) && (seen & SECOND));
    if (quoted || (date && !dated) || (!dated && !clocked) || ((seen & FINE) && !(seen & SECOND)) ||
        ((seen & (MINUTE | SECOND | HALF)) && !clocked) || ((seen & SECOND) && !(seen & MINUTE)))
        return error_set(
            err, ERROR_USAGE,
            "--format '%s' is neither s, ms, us, ns, excel, elapsed-s, elapsed-ms, elapsed-us, "
            "elapsed-ns, elapsed-min, elapsed-h, elapsed-d, sample:HZ nor a pattern with a year, month and "
            "day (YYYY-MM-DD) or a clock (hh:mm:ss)",
            text);
    return true;
}

static bool parse_samples(struct timestamp_format *out, const char *text, struct error *err)
{
    out->kind = TIMESTAMP_FORMAT_ELAPSED;
    if (text_parse_double(text, &out->per_second) && out->per_second >= 1e-6 && out->per_second <= 1e6)
        return true;
    return error_set(err, ERROR_USAGE, "--format sample:%s: say the samples of a second, 0.000001 to 1000000", text);
}

static bool parse_format(struct timestamp_format *out, const char *text, struct error *err)
{
    *out = (struct timestamp_format){.kind = TIMESTAMP_FORMAT_GUESS};
    if (!text || !*text)
        return true;
    for (size_t i = 0; i < ARRAY_N(known); i++)
        if (text_equal(text, known[i].name)) {
            out->kind = known[i].kind;
            out->unit = known[i].unit;
            out->per_second = known[i].per_second;
            return true;
        }
    if (text_starts(text, "sample:"))
        return parse_samples(out, text + strlen("sample:"), err);
    out->kind = TIMESTAMP_FORMAT_PATTERN;
    if (!text_copy(out->pattern, sizeof out->pattern, text))
        return error_set(err, ERROR_USAGE, "--format: the pattern is longer than %zu bytes", sizeof out->pattern - 1);
    return check_pattern(text, err);
}

bool timestamp_format_parse(struct timestamp_format *out, const char *text, struct error *err)
{
    if (parse_format(out, text, err))
        return true;
    *out = (struct timestamp_format){.kind = TIMESTAMP_FORMAT_GUESS};
    return false;
}

/* --- applying it ------------------------------------------------------------------------------------------------- */

struct found {
    int year, month, day, hour, minute, second, half;
    int64_t fraction;
    bool dated, has_month, has_day, clocked;
};

static bool take_count(struct timestamp_cursor *c, const struct piece *piece, int *out)
{
    int n = cursor_digits(c);
    if (piece->n > 1)
        n = n < (int)piece->n ? 0 : (int)piece->n;
    else if (n > 2)
        n = 2;
    if (n == 0)
        return false;
    *out = cursor_number(c, n);
    return true;
}

static bool take_date_field(struct timestamp_cursor *c, const struct piece *piece, struct timestamp *out,
                            struct found *f)
{
    f->dated = true;
    if (piece->field == 'Y') {
        if (!take_count(c, piece, &f->year))
            return false;
        if (piece->n == 2) {
            f->year += f->year >= 69 ? 1900 : 2000;
            out->flags |= TIMESTAMP_TWO_DIGITS;
        }
        return true;
    }
    if (piece->field == 'D') {
        f->has_day = true;
        return take_count(c, piece, &f->day) && f->day <= 31;
    }
    f->has_month = true;
    if (piece->n < 3)
        return take_count(c, piece, &f->month) && f->month <= 31;
    f->month = timestamp_take_month(c);
    out->flags |= TIMESTAMP_NAMED;
    return f->month > 0;
}

static bool take_clock_field(struct timestamp_cursor *c, const struct piece *piece, struct found *f)
{
    f->clocked = true;
    switch (piece->field) {
    case 'h':
        return take_count(c, piece, &f->hour);
    case 'm':
        return take_count(c, piece, &f->minute) && f->minute < 60;
    case 's':
        return take_count(c, piece, &f->second) && f->second <= 60;
    case 'f':
        return timestamp_take_fraction(c, &f->fraction);
    default:
        f->half = timestamp_take_half(c);
        return f->half > 0;
    }
}

static bool take_piece(struct timestamp_cursor *c, const struct piece *piece, struct timestamp *out, struct found *f)
{
    if (!piece->field)
        return cursor_take(c, piece->literal);
    if (strchr("YMD", piece->field))
        return take_date_field(c, piece, out, f);
    if (piece->field == 'Z')
        return timestamp_take_zone_only(c, out);
    if (piece->field == 'E')
        return timestamp_take_weekday(c);
    return take_clock_field(c, piece, f);
}

static bool close_found(const struct found *f, struct timestamp *out)
{
    int hour = f->hour;
    if (f->half) {
        if (hour > 12)
            return false;
        hour = hour % 12 + (f->half == 2 ? 12 : 0);
        out->flags |= TIMESTAMP_TWELVE;
    }
    if (f->second == 60)
        out->flags |= TIMESTAMP_LEAP;
    int64_t clock = ((hour * INT64_C(60) + f->minute) * 60 + f->second) * CLOCK_SECOND_US + f->fraction;
    out->flags |= (uint16_t)(TIMESTAMP_PATTERN | (f->clocked ? TIMESTAMP_HAS_CLOCK : 0));
    out->kind = f->dated ? TIMESTAMP_DATE : TIMESTAMP_CLOCK;
    out->value = clock;
    if (!f->dated)
        return true;
    if (clock > CLOCK_DAY_US || (f->second == 60 && f->minute != 59))
        return false;
    out->layout = f->has_day ? TIMESTAMP_DAY : f->has_month ? TIMESTAMP_MONTH : TIMESTAMP_YEAR;
    timestamp_set_parts(out, f->year, f->month, f->day, clock);
    return true;
}

bool timestamp_scan_pattern(struct timestamp_cursor c, const char *pattern, struct timestamp *out)
{
    struct found f = {.month = 1, .day = 1};
    struct piece piece;
    bool quoted = false;
    for (const char *p = pattern; next_piece(&p, &quoted, &piece);)
        if (!take_piece(&c, &piece, out, &f))
            return false;
    return cursor_ended(&c) && close_found(&f, out);
}
