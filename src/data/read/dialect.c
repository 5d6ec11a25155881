#include "data/read/dialect.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/read/sample.h"

static const struct {
    char mark;
    const char *name;
} known[] = {{',', "comma"}, {';', "semicolon"}, {'\t', "tab"}, {'|', "bar"}, {' ', "space"}};

#define CANDIDATES 4 /* of known: blanks only when asked for */

static const char *name_of(char mark)
{
    for (size_t i = 0; i < ARRAY_N(known); i++)
        if (known[i].mark == mark)
            return known[i].name;
    return NULL;
}

static void set(struct dialect *d, char mark)
{
    const char *name = name_of(mark);
    d->form.delimiter = mark;
    d->form.blanks = mark == ' ';
    snprintf(d->name, sizeof d->name, name ? "%s" : "%s%c", name ? name : "", mark);
}

/* --- what is said ------------------------------------------------------------------------------------------------ */

static bool take_given(struct dialect *d, struct findings *found, const char *given, struct error *err)
{
    char mark = '\0';
    for (size_t i = 0; i < ARRAY_N(known); i++)
        if (text_equal_nocase(given, known[i].name))
            mark = known[i].mark;
    if (text_equal(given, "\\t"))
        mark = '\t';
    if (!mark && strlen(given) == 1)
        mark = *given;
    if (!mark || strchr("\"\r\n", mark) || (mark >= '0' && mark <= '9'))
        return error_set(err, ERROR_USAGE,
                         "--delimiter '%s' is not one character, nor comma, semicolon, tab, bar or space", given);
    set(d, mark);
    findings_guess(found, "delimiter", d->name, "--delimiter", "given with --delimiter");
    return true;
}

static size_t line_end(const struct encoding *text, size_t at)
{
    const char *newline = memchr(text->text + at, '\n', text->n - at);
    return newline ? (size_t)(newline - text->text) : text->n;
}

static void skip_line(struct dialect *d, const struct encoding *text)
{
    size_t end = line_end(text, d->at);
    d->at = end + (end < text->n);
    d->line++;
}

/* "sep=;" as Excel writes and reads it. */
static bool take_separator(struct dialect *d, struct findings *found, const struct encoding *text)
{
    const char *s = text->text + d->at;
    size_t n = line_end(text, d->at) - d->at;
    while (n > 0 && s[n - 1] == '\r')
        n--;
    if (n >= 2 && s[0] == '"' && s[n - 1] == '"') {
        s++;
        n -= 2;
    }
    if (n != 5 || memcmp(s, "sep=", 4) != 0)
        return false;
    set(d, s[4]);
    findings_guess(found, "delimiter", d->name, "--delimiter", "line %llu says '%.5s'", (unsigned long long)d->line + 1,
                   s);
    skip_line(d, text);
    return true;
}

/* --- what is guessed --------------------------------------------------------------------------------------------- */

struct candidate {
    size_t cells, agree, rows; /* the usual number of cells, and how many of the rows have it */
    double typed;              /* share of numbers, times and blanks among their cells */
    double score;
    uint64_t first, last; /* lines of the sample */
};

static bool holds_candidate(const struct record_cell *cell, char but)
{
    for (size_t i = 0; i < CANDIDATES; i++)
        if (known[i].mark != but && memchr(cell->text, known[i].mark, cell->n))
            return true;
    return false;
}

/* What a cell says for its delimiter: much if it is a number or a time, nothing if it seems to be several cells. */
static double weigh_cell(const struct record_cell *cell, bool quotes, char mark)
{
    switch (sample_kind(cell)) {
    case SAMPLE_NUMBER:
    case SAMPLE_TIME:
        return 1;
    case SAMPLE_EMPTY:
        return 0.75;
    default:
        return !quotes && holds_candidate(cell, mark) ? 0 : 0.5;
    }
}

static void weigh(struct candidate *c, const struct dialect *d, const struct encoding *text, char mark)
{
    struct record_form form = {.delimiter = mark, .blanks = mark == ' ', .quotes = text->quotes};
    struct sample s;
    double sum = 0;
    size_t cells = 0;
    *c = (struct candidate){0};
    sample_take(&s, text->text, text->n, d->at, d->line, &form);
    c->rows = s.rows;
    c->cells = sample_usual_cells(&s, 0, &c->agree);
    if (s.rows > 0) {
        c->first = s.row[0].line;
        c->last = s.row[s.rows - 1].line;
    }
    for (size_t i = 0; i < s.rows; i++) {
        if (s.row[i].n != c->cells)
            continue;
        for (size_t k = 0; k < s.row[i].n; k++)
            sum += weigh_cell(&s.row[i].cell[k], s.row[i].quotes, mark);
        cells += s.row[i].n;
    }
    c->typed = cells ? sum / (double)cells : 0;
    c->score = c->cells < 2 ? 0 : (double)c->agree / (double)c->rows * c->typed;
    sample_free(&s);
}

static bool refuse_all(const struct dialect *d, const struct encoding *text, const struct candidate *comma,
                       struct error *err)
{
    struct candidate blanks;
    struct sample s;
    struct record_form form = {.delimiter = ',', .quotes = text->quotes};
    sample_take(&s, text->text, text->n, d->at, d->line, &form);
    struct error broken = s.broken;
    sample_free(&s);
    if (broken.kind != ERROR_NONE)
        return error_set(err, broken.kind, "%s", broken.text);
    if (comma->rows == 0)
        return error_set(err, ERROR_DATA, "the file has no line with text");
    weigh(&blanks, d, text, ' ');
    if (blanks.score > 0.5)
        return error_set(err, ERROR_DATA,
                         "no comma, semicolon, tab or bar parts the lines, but blanks part %zu of %zu into %zu cells; "
                         "if that is meant, give --delimiter space",
                         blanks.agree, blanks.rows, blanks.cells);
    return error_set(
        err, ERROR_DATA,
        "lines %llu to %llu hold one cell each: no comma, semicolon, tab or bar parts them; a table needs a "
        "time and at least one value (name another character with --delimiter)",
        (unsigned long long)comma->first, (unsigned long long)comma->last);
}

static bool guess(struct dialect *d, struct findings *found, const struct encoding *text, struct error *err)
{
    struct candidate c[CANDIDATES];
    size_t best = 0, next = 1;
    for (size_t i = 0; i < CANDIDATES; i++)
        weigh(&c[i], d, text, known[i].mark);
    for (size_t i = 1; i < CANDIDATES; i++)
        best = c[i].score > c[best].score ? i : best;
    next = best == 0;
    for (size_t i = 0; i < CANDIDATES; i++)
        next = i != best && c[i].score > c[next].score ? i : next;
    if (c[best].score <= 0)
        return refuse_all(d, text, &c[0], err);
    if (c[next].score > 0.97 * c[best].score)
        return error_set(err, ERROR_DATA,
                         "%s parts the lines into %zu cells and %s into %zu, and both look like a table; say which "
                         "with --delimiter",
                         known[best].name, c[best].cells, known[next].name, c[next].cells);
    set(d, known[best].mark);
    findings_guess(found, "delimiter", d->name, "--delimiter",
                   "%zu of the %zu records on lines %llu to %llu have %zu cells, %.0f %% of them numbers, times or "
                   "empty",
                   c[best].agree, c[best].rows, (unsigned long long)c[best].first, (unsigned long long)c[best].last,
                   c[best].cells, 100 * c[best].typed);
    return true;
}

bool dialect_find(struct dialect *d, struct findings *found, const struct encoding *text,
                  const struct csv_options *options, struct error *err)
{
    *d = (struct dialect){.form.quotes = text->quotes};
    bool said = take_separator(d, found, text);
    for (int i = 0; i < options->skip; i++)
        skip_line(d, text);
    if (options->skip > 0)
        findings_guess(found, "skipped lines", "", "--skip", "given with --skip: %d", options->skip);
    if (options->delimiter)
        return take_given(d, found, options->delimiter, err);
    return said || guess(d, found, text, err);
}
