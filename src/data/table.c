#include "data/table.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/name.h"
#include "data/number.h"
#include "data/record.h"
#include "data/timename.h"

#include <math.h>

static void show(struct table_cell *cell, uint64_t line, const struct record_cell *r)
{
    if (cell->line)
        return;
    struct text shown = {0};
    text_escape(&shown, r->text, r->n < TABLE_SHOWN ? r->n : TABLE_SHOWN - 1);
    cell->line = line;
    text_copy(cell->text, sizeof cell->text, text_of(&shown));
    text_free(&shown);
}

/* --- the header -------------------------------------------------------------------------------------------------- */

static bool name_taken(const struct table *t, size_t columns, const char *name)
{
    for (size_t c = 0; c < columns; c++)
        if (text_equal_nocase(t->column[c].name, name))
            return true;
    return false;
}

/* Copies at most `most` bytes and cuts no UTF-8 sequence. */
static void cut_name(char *out, const char *in, size_t most)
{
    size_t n = strlen(in);
    if (n > most) {
        n = most;
        while (n > 0 && ((unsigned char)in[n] & 0xc0) == 0x80)
            n--;
    }
    memcpy(out, in, n);
    out[n] = '\0';
}

/* Names are unique ignoring case: the second "Break" is "Break 2". */
static void name_column(struct table *t, size_t c, const struct record_cell *cell)
{
    struct text clean = {0};
    text_escape(&clean, cell->text, cell->n);
    char base[FRAME_NAME_MAX], *name = t->column[c].name;
    cut_name(base, text_of(&clean), FRAME_NAME_MAX - 1);
    text_free(&clean);
    if (!*text_trim(base))
        snprintf(base, sizeof base, "column %zu", c + 1);
    text_copy(name, FRAME_NAME_MAX, text_trim(base));
    for (size_t k = 2; name_taken(t, c, name); k = k < 9 ? k + 1 : k + c) {
        char stem[FRAME_NAME_MAX - 24];
        cut_name(stem, text_trim(base), sizeof stem - 1);
        snprintf(name, FRAME_NAME_MAX, "%s %zu", stem, k);
    }
}

static bool take_header(struct table *t, const struct record *r, struct error *err)
{
    struct table_cell shown = {0};
    show(&shown, r->line, &r->cell[0]);
    if (r->n < 2)
        return error_set(err, ERROR_DATA,
                         "line %llu has a single cell, '%s': a banner line, or a table with one column; "
                         "the first line must be the header of a time and at least one value",
                         (unsigned long long)r->line, shown.text);
    if (r->n > FRAME_COLUMNS_MAX)
        return error_set(err, ERROR_DATA, "line %llu has %zu cells, more than %d; is it a header?",
                         (unsigned long long)r->line, r->n, FRAME_COLUMNS_MAX);
    for (size_t c = 0; c < r->n; c++) {
        struct timestamp time;
        double value;
        if (!timestamp_scan(r->cell[c].text, r->cell[c].n, &time) &&
            number_parse(r->cell[c].text, r->cell[c].n, &value) != NUMBER_VALUE)
            continue;
        shown = (struct table_cell){0};
        show(&shown, r->line, &r->cell[c]);
        return error_set(err, ERROR_DATA,
                         "line %llu holds data ('%s'), so the header is missing; put a line with the "
                         "columns' names first",
                         (unsigned long long)r->line, shown.text);
    }
    t->column = NEW_ARRAY(struct table_column, r->n);
    t->columns = r->n;
    t->header_line = r->line;
    for (size_t c = 0; c < r->n; c++)
        name_column(t, c, &r->cell[c]);
    return true;
}

/* --- rows -------------------------------------------------------------------------------------------------------- */

/* The first row says which columns may hold the time: dates wherever they stand, bare numbers only under a name that
 * speaks of time, because a volume can look like seconds. */
static void find_candidates(struct table *t, const struct record *r)
{
    size_t found = 0;
    for (size_t c = 0; c < t->columns && found < TABLE_TIMES_MAX; c++) {
        struct timestamp time;
        bool fits = timestamp_scan_as(t->time_format, '.', r->cell[c].text, r->cell[c].n, &time) &&
                    (time.kind != TIMESTAMP_NUMBER || c == 0 || timename_may_count(t->column[c].name));
        if (t->time_column)
            fits = text_equal(t->column[c].name, t->time_column);
        if (fits) {
            t->column[c].time = NEW_ARRAY(struct timestamp, 1);
            found++;
        }
    }
}

static bool grow(void **array, size_t n, size_t size, struct error *err)
{
    void *bigger = n < SIZE_MAX / size ? realloc(*array, n * size) : NULL;
    if (!bigger)
        return error_set(err, ERROR_MEMORY, "no memory for %zu rows", n);
    *array = bigger;
    return true;
}

static bool make_room(struct table *t, struct error *err)
{
    if (t->rows < t->capacity)
        return true;
    size_t n = t->capacity + t->capacity / 2 + 256;
    void *line = t->line;
    bool ok = grow(&line, n, sizeof *t->line, err);
    t->line = line;
    for (size_t c = 0; ok && c < t->columns; c++) {
        struct table_column *column = &t->column[c];
        void *array = column->time ? (void *)column->time : (void *)column->value;
        ok = grow(&array, n, column->time ? sizeof *column->time : sizeof *column->value, err);
        if (column->time)
            column->time = array;
        else
            column->value = array;
    }
    if (ok)
        t->capacity = n;
    return ok;
}

static void count_cell(struct table_column *column, enum number_kind kind, const struct record *r,
                       const struct record_cell *cell)
{
    if (kind == NUMBER_VALUE) {
        column->numbers++;
    } else if (kind == NUMBER_MISSING) {
        column->missing++;
    } else if (kind == NUMBER_LOOKALIKE) {
        column->lookalikes++;
        show(&column->lookalike, r->line, cell);
    } else {
        column->texts++;
        if (column->text.line && strncmp(column->text.text, cell->text, TABLE_SHOWN - 1) != 0)
            column->several_texts = true;
        show(&column->text, r->line, cell);
    }
}

static void take_time(struct table_column *column, const struct timestamp_format *format, size_t row,
                      const struct record *r, const struct record_cell *cell)
{
    if (timestamp_scan_as(format, '.', cell->text, cell->n, &column->time[row]))
        return;
    show(&column->bad_time, r->line, cell);
    double value;
    count_cell(column, number_parse(cell->text, cell->n, &value), r, cell);
}

static void take_value(struct table_column *column, size_t row, const struct record *r, const struct record_cell *cell)
{
    struct timestamp time;
    enum number_kind kind = number_parse(cell->text, cell->n, &column->value[row]);
    if (kind == NUMBER_LOOKALIKE && timestamp_scan(cell->text, cell->n, &time) && time.kind == TIMESTAMP_DATE)
        kind = NUMBER_TEXT; /* another column of dates */
    count_cell(column, kind, r, cell);
}

static bool is_blank_row(const struct record *r)
{
    for (size_t c = 0; c < r->n; c++)
        if (r->cell[c].n > 0)
            return false;
    return true;
}

static bool check_length(const struct table *t, const struct record *r, struct error *err)
{
    if (r->n == t->columns)
        return true;
    return error_set(err, ERROR_DATA, "line %llu has %zu cells where the header on line %llu has %zu%s",
                     (unsigned long long)r->line, r->n, (unsigned long long)t->header_line, t->columns,
                     t->rows == 0 ? "; if the first line is a banner, remove it, so that the header comes first"
                                  : "; repair or remove the line");
}

static bool take_record(void *context, const struct record *r, struct error *err)
{
    struct table *t = context;
    if (!t->column)
        return take_header(t, r, err);
    if (!check_length(t, r, err))
        return false;
    if (is_blank_row(r)) {
        t->blank = memory_grow(t->blank, &t->blank_capacity, t->blank_n + 1, sizeof *t->blank);
        t->blank[t->blank_n++] = r->line;
        return true;
    }
    if (t->rows == 0)
        find_candidates(t, r);
    if (!make_room(t, err))
        return false;
    for (size_t c = 0; c < t->columns; c++) {
        if (t->column[c].time)
            take_time(&t->column[c], t->time_format, t->rows, r, &r->cell[c]);
        else
            take_value(&t->column[c], t->rows, r, &r->cell[c]);
    }
    t->line[t->rows++] = r->line;
    return true;
}

bool table_read(struct table *t, const char *text, size_t n, struct error *err)
{
    if (!record_each(text, n, take_record, t, err))
        return false;
    if (!t->column)
        return error_set(err, ERROR_DATA, "the file has no line with text");
    if (t->rows == 0)
        return error_set(err, ERROR_DATA, "the file has a header (line %llu) and no rows",
                         (unsigned long long)t->header_line);
    return true;
}

void table_free(struct table *t)
{
    for (size_t c = 0; c < t->columns; c++) {
        free(t->column[c].value);
        free(t->column[c].time);
    }
    free(t->column);
    free(t->line);
    free(t->blank);
    free(t->banner);
    *t = (struct table){0};
}
