#include "data/read/column.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/read/marks.h"

#include <math.h>

/* --- kinds ------------------------------------------------------------------------------------------------------- */

static bool is_unnamed(const struct table_column *c)
{
    return c->unnamed || text_starts(c->name, "Unnamed: ");
}

/* What exporters put in front of their rows: 0, 1, 2 ... or 1, 2, 3 ... */
static bool counts_up(const struct table *t, size_t c)
{
    const double *v = t->column[c].value;
    if (c != 0 || t->columns < 3 || t->rows < 2 || !is_unnamed(&t->column[c]) || t->column[c].numbers < t->rows)
        return false;
    if (v[0] != 0 && v[0] != 1)
        return false;
    for (size_t i = 1; i < t->rows; i++)
        if (v[i] != v[0] + (double)i)
            return false;
    return true;
}

static enum table_kind kind_of(const struct table *t, size_t c)
{
    const struct table_column *column = &t->column[c];
    size_t numbers = column->numbers + column->dressed + column->infinite + column->booleans;
    if (column->time)
        return TABLE_TIMES;
    if (column->missing == t->rows)
        return TABLE_EMPTY;
    if (column->texts > numbers + column->lookalikes || numbers == 0)
        return TABLE_TEXTS;
    return counts_up(t, c) ? TABLE_INDEX : TABLE_NUMBERS;
}

static void keep_words(struct table *t, size_t c)
{
    struct table_column *column = &t->column[c];
    bool few = table_read_words(t, c, TABLE_WORDS_MAX, &column->words);
    column->several_texts = !few || column->words.n > 1;
    if (few && column->words.n < 2)
        table_words_free(&column->words);
    free(column->value);
    column->value = NULL;
}

/* --- booleans ---------------------------------------------------------------------------------------------------- */

struct booleans {
    struct table *table;
    size_t column;
};

static void read_boolean(void *context, size_t row, const struct record_cell *cell, size_t n)
{
    const struct booleans *b = context;
    double *value = &b->table->column[b->column].value[row], none;
    enum number_kind kind = number_parse(cell[b->column].text, cell[b->column].n, &none);
    (void)n;
    if (kind == NUMBER_TRUE || kind == NUMBER_FALSE)
        *value = kind == NUMBER_TRUE;
}

static void read_booleans(struct table *t, struct findings *found, size_t c)
{
    struct table_column *column = &t->column[c];
    struct booleans b = {t, c};
    char value[96];
    if (column->booleans + column->missing < t->rows)
        return;
    table_visit(t, 0, t->rows, read_boolean, &b);
    column->numbers = column->booleans;
    column->booleans = 0;
    snprintf(value, sizeof value, "'%.40s': true is 1, false is 0", column->name);
    findings_guess(found, "booleans", value, "", "all %zu cells that are not missing are true or false",
                   column->numbers);
}

/* --- the whole --------------------------------------------------------------------------------------------------- */

static void warn_of_endless(const struct table *t, struct findings *found)
{
    for (size_t c = 0; c < t->columns; c++) {
        const struct table_column *column = &t->column[c];
        if (column->kind == TABLE_NUMBERS && column->infinite > 0)
            findings_warn(found,
                          "column '%s': %zu cells are infinite or beyond the range of a double and count as "
                          "missing (line %llu: '%s')",
                          column->name, column->infinite, (unsigned long long)column->endless.line,
                          column->endless.text);
    }
}

bool column_settle(struct table *t, struct findings *found, struct threads *pool, const struct csv_options *options,
                   struct error *err)
{
    for (size_t c = 0; c < t->columns; c++) {
        struct table_column *column = &t->column[c];
        column->kind = kind_of(t, c);
        if (column->kind == TABLE_TEXTS)
            keep_words(t, c);
        else if (column->kind == TABLE_NUMBERS && column->booleans > 0)
            read_booleans(t, found, c);
    }
    if (!marks_settle(t, found, pool, options, err))
        return false;
    warn_of_endless(t, found);
    return true;
}

bool table_check_column(const struct table *t, size_t c, struct error *err)
{
    const struct table_column *column = &t->column[c];
    if (column->kind != TABLE_NUMBERS)
        return true;
    if (column->lookalikes > 0)
        return error_set(
            err, ERROR_DATA,
            "line %llu: '%s' in column '%s' looks like a number and is none (%zu such cells among %zu "
            "numbers); say --missing '%s' if it stands for a missing value, or repair or remove the column",
            (unsigned long long)column->lookalike.line, column->lookalike.text, column->name, column->lookalikes,
            column->numbers, column->lookalike.text);
    if (column->texts > 0)
        return error_set(
            err, ERROR_DATA,
            "line %llu: '%s' in column '%s' is neither a number nor a known spelling of missing, while %zu "
            "other cells are numbers; say --missing '%s' if it stands for a missing value, or repair or "
            "remove the column",
            (unsigned long long)column->text.line, column->text.text, column->name, column->numbers, column->text.text);
    if (column->booleans > 0)
        return error_set(err, ERROR_DATA,
                         "column '%s' mixes true and false with %zu numbers; write 1 and 0, or remove the column",
                         column->name, column->numbers);
    return true;
}
