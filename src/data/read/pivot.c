#include "data/read/pivot.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/name.h"
#include "data/read/report.h"

#include <math.h>

#define NONE UINT32_MAX
#define SHARED_LEAST 10 /* one row in so many shares its time with another before a symbol is looked for */

/* One column's rows by symbol: code[row] is an index of word, or NONE. */
struct coded {
    uint32_t *code;
    char (*word)[FRAME_NAME_MAX];
    size_t n;
    bool failed; /* there is no memory for it, which err says; not: the column names nothing */
};

static bool make_codes(struct coded *out, size_t rows, struct error *err)
{
    out->code = memory_try(rows, sizeof *out->code, "the rows' symbols", err);
    out->failed = !out->code;
    return out->code != NULL;
}

static void coded_free(struct coded *c)
{
    free(c->code);
    free(c->word);
    *c = (struct coded){0};
}

/* --- symbols of one column ---------------------------------------------------------------------------------------- */

/* Two spellings that are one when cut to a name's length would put two assets into one series. */
static bool take_words(struct coded *out, const struct table *t, size_t column, struct error *err)
{
    struct table_words words;
    if (!table_read_words(t, column, PIVOT_SYMBOLS_MAX, &words))
        return false;
    bool ok = words.n > 0;
    for (size_t i = 0; i < words.n; i++)
        ok = ok && strlen(words.word[i]) < FRAME_NAME_MAX;
    ok = ok && make_codes(out, t->rows, err);
    if (ok) {
        out->n = words.n;
        out->word = memory_new(words.n, sizeof *out->word);
        for (size_t i = 0; i < words.n; i++)
            text_copy(out->word[i], FRAME_NAME_MAX, words.word[i]);
        for (size_t i = 0; i < t->rows; i++)
            out->code[i] = words.code[i] == TABLE_WORDLESS ? NONE : words.code[i];
    }
    table_words_free(&words);
    return ok;
}

static size_t place_of(const double *value, size_t n, double v)
{
    size_t from = 0, to = n;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (value[middle] < v)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* Whole numbers that name something: an asset's number, a sensor's. */
static bool take_numbers(struct coded *out, const struct table *t, size_t column, struct error *err)
{
    const double *v = t->column[column].value;
    double *known = NEW_ARRAY(double, PIVOT_SYMBOLS_MAX);
    size_t n = 0;
    bool ok = v != NULL;
    for (size_t i = 0; ok && i < t->rows; i++) {
        ok = isnan(v[i]) || (v[i] == floor(v[i]) && fabs(v[i]) < 1e15);
        size_t at = ok && !isnan(v[i]) ? place_of(known, n, v[i]) : 0;
        if (!ok || isnan(v[i]) || (at < n && known[at] == v[i]))
            continue;
        ok = n < PIVOT_SYMBOLS_MAX;
        memmove(known + at + 1, known + at, (ok ? n - at : 0) * sizeof *known);
        known[at < PIVOT_SYMBOLS_MAX ? at : 0] = v[i];
        n++;
    }
    ok = ok && n > 0 && make_codes(out, t->rows, err);
    if (ok) {
        out->n = n;
        out->word = memory_new(n, sizeof *out->word);
        for (size_t i = 0; i < n; i++)
            snprintf(out->word[i], FRAME_NAME_MAX, "%.0f", known[i]);
        for (size_t i = 0; i < t->rows; i++)
            out->code[i] = isnan(v[i]) ? NONE : (uint32_t)place_of(known, n, v[i]);
    }
    free(known);
    return ok;
}

static bool take_column(struct coded *out, const struct table *t, size_t column, struct error *err)
{
    *out = (struct coded){0};
    enum table_kind kind = t->column[column].kind;
    return kind == TABLE_TEXTS     ? take_words(out, t, column, err)
           : kind == TABLE_NUMBERS ? take_numbers(out, t, column, err)
                                   : false;
}

/* --- rows by symbol ----------------------------------------------------------------------------------------------- */

/* Fills p->row and p->first from the codes of its rows. */
static bool sort_rows(struct pivot *p, const struct coded *c, struct error *err)
{
    p->row = memory_try(p->rows, sizeof *p->row, "the rows by symbol", err);
    if (!p->row)
        return false;
    size_t *at = NEW_ARRAY(size_t, c->n + 2);
    for (size_t i = 0; i < p->rows; i++)
        at[(c->code[i] == NONE ? c->n : c->code[i]) + 1]++;
    for (size_t k = 0; k <= c->n; k++)
        at[k + 1] += at[k];
    p->first = memory_copy(at, (c->n + 1) * sizeof *at);
    for (size_t i = 0; i < p->rows; i++)
        p->row[at[c->code[i] == NONE ? c->n : c->code[i]]++] = (uint32_t)i;
    free(at);
    return true;
}

static int compare_i64(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* How many of some rows have a time that another of them has. row NULL: rows 0 .. n - 1. */
static size_t shared_times(const int64_t *us, const uint32_t *row, size_t n, int64_t *room)
{
    bool rising = true, falling = true;
    size_t shared = 0;
    for (size_t i = 0; i < n; i++) {
        room[i] = us[row ? row[i] : i];
        rising = rising && (i == 0 || room[i] > room[i - 1]);
        falling = falling && (i == 0 || room[i] < room[i - 1]);
    }
    if (rising || falling)
        return 0;
    qsort(room, n, sizeof *room, compare_i64);
    for (size_t i = 0; i < n; i++)
        shared += (i > 0 && room[i] == room[i - 1]) || (i + 1 < n && room[i] == room[i + 1]);
    return shared;
}

static size_t shared_within(const struct pivot *p, size_t symbols, const int64_t *us, int64_t *room)
{
    size_t shared = 0;
    for (size_t k = 0; k < symbols; k++)
        shared += shared_times(us, p->row + p->first[k], p->first[k + 1] - p->first[k], room);
    return shared;
}

static void take_over(struct pivot *p, struct coded *c, const size_t *column, size_t columns)
{
    memcpy(p->column, column, columns * sizeof *column);
    p->columns = columns;
    p->symbol = c->word;
    p->symbols = c->n;
    c->word = NULL;
    if (p->symbols == 1) { /* the asset of the whole table */
        free(p->row);
        free(p->first);
        p->row = NULL;
        p->first = NULL;
    }
}

/* --- guessing ----------------------------------------------------------------------------------------------------- */

static bool names_symbols(const char *name)
{
    static const char *const word[] = {"symbol", "asset",  "ticker",  "coin",  "pair",    "currency", "instrument",
                                       "market", "stock",  "crypto",  "token", "product", "security", "code",
                                       "sensor", "device", "station", "id",    "entity",  "name",     "location"};
    return name_has_any(name, word, ARRAY_N(word));
}

/* "Jan", "Sept." and "January" of January, "Tue" of Tuesday. */
static bool shortens(const char *word, const char *whole)
{
    size_t n = 0;
    while (word[n] && word[n] != '.' && (word[n] | 0x20) == (whole[n] | 0x20))
        n++;
    return n >= 3 && (word[n] == '\0' || (word[n] == '.' && word[n + 1] == '\0'));
}

/* Months, weekdays and quarters by name belong to the time, whatever their column is called. */
static bool is_part_of_date(const char *word)
{
    static const char *const whole[] = {"january",  "february", "march",    "april",     "may",
                                        "june",     "july",     "august",   "september", "october",
                                        "november", "december", "monday",   "tuesday",   "wednesday",
                                        "thursday", "friday",   "saturday", "sunday"};
    static const char *const quarter[] = {"Q1", "Q2", "Q3", "Q4", "Q01", "Q02", "Q03", "Q04"};
    for (size_t i = 0; i < ARRAY_N(quarter); i++)
        if (text_equal_nocase(word, quarter[i]))
            return true;
    for (size_t i = 0; i < ARRAY_N(whole); i++)
        if (shortens(word, whole[i]))
            return true;
    return false;
}

static bool are_parts_of_dates(const struct coded *c)
{
    size_t i = 0;
    while (i < c->n && is_part_of_date(c->word[i]))
        i++;
    return i == c->n;
}

/* Numbers are symbols only under a name that says so: a trade's count may take few values as well. */
static bool may_name(const struct table *t, size_t c)
{
    return t->column[c].kind == TABLE_TEXTS || (t->column[c].kind == TABLE_NUMBERS && names_symbols(t->column[c].name));
}

struct best {
    size_t column, symbols, shared, all_shared; /* rows that share their time: within a symbol, and in all */
    bool named, found;
};

/* Fewer rows that share their time; then a name that speaks of symbols; then fewer of them. */
static bool is_better(const struct best *a, const struct best *b)
{
    if (a->shared != b->shared)
        return a->shared < b->shared;
    if (a->named != b->named)
        return a->named;
    return a->symbols < b->symbols;
}

/* False only without memory. */
static bool try_column(struct pivot *p, struct best *best, const struct table *t, size_t c, const int64_t *us,
                       int64_t *room, struct error *err)
{
    struct coded coded;
    struct pivot trial = {.rows = p->rows};
    if (!may_name(t, c))
        return true;
    if (!take_column(&coded, t, c, err))
        return !coded.failed;
    bool ok = true;
    bool candidate =
        coded.n > 1 && coded.n <= p->rows / 2 && !are_parts_of_dates(&coded); /* a series has rows, in the plural */
    if (candidate && (ok = sort_rows(&trial, &coded, err))) {
        struct best b = {c,   coded.n, shared_within(&trial, coded.n, us, room), 0, names_symbols(t->column[c].name),
                         true};
        if (trial.first[coded.n] == p->rows && is_better(&b, best)) /* every row names one */
            *best = b;
    }
    coded_free(&coded);
    free(trial.row);
    free(trial.first);
    return ok;
}

static void shown_words(char *out, size_t size, const struct coded *c)
{
    out[0] = 0;
    for (size_t i = 0; i < c->n && i < 3; i++) {
        text_append(out, size, i ? ", " : "");
        text_append(out, size, c->word[i]);
    }
    text_append(out, size, c->n > 3 ? ", ..." : "");
}

/* The usual table, for which no room need be made. */
static bool rises(const int64_t *us, size_t n)
{
    size_t i = 1;
    while (i < n && us[i] > us[i - 1])
        i++;
    return i >= n;
}

static bool find_best(struct best *best, struct pivot *p, const struct table *t, const int64_t *us, struct error *err)
{
    int64_t *room = memory_try(p->rows, sizeof *room, "the times of all rows", err);
    if (!room)
        return false;
    size_t shared = shared_times(us, NULL, p->rows, room);
    bool ok = true;
    *best = (struct best){.shared = shared};
    for (size_t c = 0; ok && shared > p->rows / SHARED_LEAST && c < t->columns; c++)
        if (shared > 2 || names_symbols(t->column[c].name)) /* two rows may be but a repetition */
            ok = try_column(p, best, t, c, us, room, err);
    free(room);
    best->found = best->found && best->shared <= shared / 20;
    best->all_shared = shared;
    return ok;
}

/* p->columns stays 0 where nothing is found. False only without memory. */
static bool guess(struct pivot *p, struct csv_report *report, const struct table *t, const int64_t *us,
                  struct error *err)
{
    struct best best;
    struct coded coded;
    if (rises(us, p->rows))
        return true;
    if (!find_best(&best, p, t, us, err))
        return false;
    if (!best.found)
        return true;
    if (!take_column(&coded, t, best.column, err))
        return !coded.failed;
    char words[96];
    shown_words(words, sizeof words, &coded);
    report_guess(report, "symbol", t->column[best.column].name, "--symbol",
                 "%zu values (%s); %zu of %zu rows share a time, %zu among those of one value", coded.n, words,
                 best.all_shared, p->rows, best.shared);
    bool ok = sort_rows(p, &coded, err);
    if (ok)
        take_over(p, &coded, &best.column, 1);
    coded_free(&coded);
    return ok;
}

/* A column that says the same on every row and is called a symbol. */
static bool guess_asset(struct pivot *p, struct csv_report *report, const struct table *t, struct error *err)
{
    static const char *const word[] = {"symbol", "ticker", "asset", "pair", "coin", "instrument"};
    for (size_t c = 0; c < t->columns && p->columns == 0; c++) {
        const struct table_column *column = &t->column[c];
        struct coded coded;
        if (column->kind != TABLE_TEXTS || column->several_texts || !name_has_any(column->name, word, ARRAY_N(word)))
            continue;
        if (!take_column(&coded, t, c, err)) {
            if (coded.failed)
                return false;
            continue;
        }
        if (coded.n == 1) {
            report_guess(report, "asset", coded.word[0], "--asset", "every row of '%s' says so", column->name);
            take_over(p, &coded, &c, 1);
        }
        coded_free(&coded);
    }
    return true;
}

/* --- what is given ------------------------------------------------------------------------------------------------ */

static size_t find_column(const struct table *t, const char *name, size_t n)
{
    int64_t number;
    char text[FRAME_NAME_MAX];
    if (n == 0 || n >= sizeof text)
        return t->columns;
    memcpy(text, name, n);
    text[n] = 0;
    if (text[0] == '#' && text_parse_int(text + 1, 1, (int64_t)t->columns, &number))
        return (size_t)number - 1;
    for (size_t c = 0; c < t->columns; c++)
        if (text_equal(t->column[c].name, text))
            return c;
    for (size_t c = 0; c < t->columns; c++)
        if (text_equal_nocase(t->column[c].name, text))
            return c;
    return t->columns;
}

static bool refuse_name(const struct table *t, const char *given, struct error *err)
{
    struct text names = {0};
    for (size_t c = 0; c < t->columns && names.n < 200; c++)
        if (t->column[c].kind == TABLE_TEXTS || t->column[c].kind == TABLE_NUMBERS)
            text_printf(&names, "%s%s", names.n ? ", " : "", t->column[c].name);
    error_set(err, ERROR_USAGE, "--symbol: there is no column '%s' (there are: %s)", given, text_of(&names));
    text_free(&names);
    return false;
}

static bool refuse_column(const struct table *t, size_t c, struct error *err)
{
    return error_set(
        err, ERROR_DATA,
        "--symbol: column '%s' does not name assets: it holds times, nothing, fractions, texts longer than %d "
        "bytes or more than %d different values",
        t->column[c].name, FRAME_NAME_MAX - 1, PIVOT_SYMBOLS_MAX);
}

/* The pairs that there are, in the order of both. */
static bool combine(struct coded *out, struct coded *a, struct coded *b, size_t rows, struct error *err)
{
    size_t all = a->n * b->n;
    uint32_t *index = NEW_ARRAY(uint32_t, all);
    *out = (struct coded){0};
    if (!make_codes(out, rows, err)) {
        free(index);
        return false;
    }
    for (size_t i = 0; i < rows; i++)
        if (a->code[i] != NONE && b->code[i] != NONE)
            index[a->code[i] * b->n + b->code[i]] = 1;
    for (size_t k = 0; k < all; k++)
        index[k] = index[k] ? (uint32_t)out->n++ : NONE;
    bool ok = out->n <= PIVOT_SYMBOLS_MAX ||
              error_set(err, ERROR_LIMIT, "--symbol: the two columns have %zu pairs, more than %d", out->n,
                        PIVOT_SYMBOLS_MAX);
    out->word = memory_new(ok ? out->n : 0, sizeof *out->word);
    for (size_t k = 0; ok && k < all; k++)
        if (index[k] != NONE)
            ok = snprintf(out->word[index[k]], FRAME_NAME_MAX, "%s-%s", a->word[k / b->n], b->word[k % b->n]) <
                     FRAME_NAME_MAX ||
                 error_set(err, ERROR_LIMIT, "--symbol: '%s-%s' is too long for a name", a->word[k / b->n],
                           b->word[k % b->n]);
    for (size_t i = 0; ok && i < rows; i++)
        out->code[i] = a->code[i] == NONE || b->code[i] == NONE ? NONE : index[a->code[i] * b->n + b->code[i]];
    free(index);
    return ok;
}

static bool take_given(struct pivot *p, struct csv_report *report, const struct table *t, const char *given,
                       struct error *err)
{
    size_t whole = find_column(t, given, strlen(given)), column[PIVOT_COLUMNS_MAX] = {whole, whole}, columns = 1;
    const char *plus = strchr(given, '+');
    if (whole == t->columns && plus) {
        column[0] = find_column(t, given, (size_t)(plus - given));
        column[1] = find_column(t, plus + 1, strlen(plus + 1));
        columns = 2;
    }
    if (column[0] == t->columns || column[1] == t->columns)
        return refuse_name(t, given, err);
    struct coded one[PIVOT_COLUMNS_MAX] = {{0}}, both = {0};
    bool ok = true;
    for (size_t i = 0; i < columns && ok; i++)
        ok = take_column(&one[i], t, column[i], err) || one[i].failed || refuse_column(t, column[i], err);
    for (size_t i = 0; i < columns; i++)
        ok = ok && !one[i].failed;
    if (ok && columns == 2)
        ok = combine(&both, &one[0], &one[1], p->rows, err);
    struct coded *chosen = columns == 2 ? &both : &one[0];
    ok = ok && sort_rows(p, chosen, err);
    if (ok) {
        report_guess(report, "symbol", given, "", "given with --symbol: %zu values", chosen->n);
        take_over(p, chosen, column, columns);
    }
    coded_free(&one[0]);
    coded_free(&one[1]);
    coded_free(&both);
    return ok;
}

bool pivot_find(struct pivot *p, struct csv_report *report, const struct table *t, const int64_t *us, const char *given,
                struct error *err)
{
    *p = (struct pivot){.rows = t->rows};
    if (given && text_equal_nocase(given, "none"))
        return true;
    if (given)
        return take_given(p, report, t, given, err);
    return guess(p, report, t, us, err) && (p->columns > 0 || guess_asset(p, report, t, err));
}

void pivot_free(struct pivot *p)
{
    free(p->symbol);
    free(p->row);
    free(p->first);
    *p = (struct pivot){0};
}
