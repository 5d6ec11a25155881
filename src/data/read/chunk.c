#include "data/read/chunk.h"

#include "base/memory.h"

#include <math.h>

/* A cell that is no plain number, noted until its row is known to be whole. */
struct note {
    uint32_t column;
    uint8_t kind;
};

struct reader {
    struct chunk *chunk;
    struct table *table;
    const char *missing; /* spellings that the user adds: every cell is compared then */
    struct note *note;   /* [columns] */
    size_t notes, row;   /* row: of the table */
    const char *p, *end; /* of the chunk */
    const char *last;    /* behind its last line end: scanning numbers wants one ahead */
    uint64_t line;
    size_t columns;
    char delimiter;
    struct record_reader cells; /* for records with quotes, or parted by blanks */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* --- cells ------------------------------------------------------------------------------------------------------- */

/* Anything but a plain number in its simplest form. */
static void take_odd(struct reader *r, size_t c, const char *text, size_t n)
{
    struct table_column *column = &r->table->column[c];
    uint8_t kind;
    if (column->time) {
        struct timestamp *time = &column->time[r->row];
        if (timestamp_scan_as(r->table->time_format, column->decimal, text, n, time))
            return;
        double none;
        *time = (struct timestamp){0};
        bool missing = number_parse(text, n, &none) == NUMBER_MISSING || number_is_extra_missing(text, n, r->missing);
        kind = missing ? NUMBER_MISSING : CHUNK_BAD_TIME;
    } else {
        double *value = &column->value[r->row];
        kind = (uint8_t)number_parse(text, n, value);
        if (kind != NUMBER_MISSING && number_is_extra_missing(text, n, r->missing)) {
            kind = NUMBER_MISSING;
            *value = (double)NAN;
        }
        struct timestamp time;
        if (kind == NUMBER_LOOKALIKE && timestamp_scan(text, n, &time) && time.kind == TIMESTAMP_DATE)
            kind = NUMBER_TEXT; /* another column of dates */
        if (kind == NUMBER_VALUE)
            return;
    }
    r->note[r->notes++] = (struct note){(uint32_t)c, kind};
}

static void drop_row(struct reader *r, enum chunk_why why, size_t cells)
{
    struct chunk *k = r->chunk;
    k->drop = memory_grow(k->drop, &k->drop_capacity, k->drops + 1, sizeof *k->drop);
    k->drop[k->drops++] = (struct chunk_drop){r->line + 1, (uint32_t)cells, why};
}

/* The row is whole: its notes count. Where all its cells are empty it is none. */
static void keep_row(struct reader *r, const char *at)
{
    struct chunk *k = r->chunk;
    uint32_t row = (uint32_t)k->rows;
    if (r->notes == r->columns) {
        size_t empty = 0;
        while (empty < r->notes && r->note[empty].kind == NUMBER_MISSING)
            empty++;
        if (empty == r->notes) {
            drop_row(r, CHUNK_EMPTY, 0);
            return;
        }
    }
    for (size_t i = 0; i < r->notes; i++) {
        struct chunk_tally *tally = &k->tally[r->note[i].column];
        uint8_t kind = r->note[i].kind;
        if (tally->count[kind]++ == 0)
            tally->first[kind] = row;
    }
    r->table->at[r->row] = (size_t)(at - r->table->text->text);
    r->table->line[r->row] = r->line + 1;
    r->row++;
    k->rows++;
}

/* --- rows without quotes ----------------------------------------------------------------------------------------- */

static const char *line_end(const char *p, const char *end)
{
    const char *newline = memchr(p, '\n', (size_t)(end - p));
    return newline ? newline : end;
}

/* Where the cell that begins at p ends. */
static const char *cell_end(const char *p, const char *end, char delimiter)
{
    while (p < end && *p != delimiter && *p != '\n')
        p++;
    return p;
}

static void take_slice(struct reader *r, size_t c, const char *from, const char *to)
{
    while (from < to && is_blank(*from))
        from++;
    while (from < to && is_blank(to[-1]))
        to--;
    take_odd(r, c, from, (size_t)(to - from));
}

/* Behind the last cell: nothing, a carriage return, or a delimiter with nothing behind it. NULL: another cell. */
static const char *close_row(const char *p, const char *end, char delimiter)
{
    if (p < end && *p == delimiter)
        p++;
    while (p < end && is_blank(*p) && *p != delimiter)
        p++;
    return p == end || *p == '\n' ? p : NULL;
}

/* Reads the cells of one row; returns its end, or NULL where it has another number of cells. */
static const char *take_cells(struct reader *r, const char *p)
{
    const char *end = r->end;
    char delimiter = r->delimiter;
    struct table_column *column = r->table->column;
    size_t columns = r->columns, row = r->row;
    for (size_t c = 0;; c++) {
        const char *behind = column[c].time || r->missing ? NULL : number_scan(p, &column[c].value[row]);
        if (!behind || (*behind != delimiter && *behind != '\n') || isinf(column[c].value[row])) {
            behind = cell_end(p, end, delimiter);
            take_slice(r, c, p, behind);
        }
        p = behind;
        if (c + 1 == columns)
            return close_row(p, end, delimiter);
        if (p == end || *p != delimiter)
            return NULL;
        p++;
    }
}

static size_t count_cells(const char *p, const char *end, char delimiter)
{
    size_t n = 1;
    for (; p < end; p++)
        n += *p == delimiter;
    return n;
}

static bool is_blank_line(const char *p, const char *end)
{
    while (p < end && is_blank(*p))
        p++;
    return p == end;
}

static bool repeats_header(const struct reader *r, const char *p, const char *end)
{
    const struct header *h = &r->table->header;
    size_t n = (size_t)(end - p);
    if (!h->raw || n < h->raw_n || memcmp(p, h->raw, h->raw_n) != 0)
        return false;
    return is_blank_line(p + h->raw_n, end);
}

/* What is no row: where files were put one behind the other their marks and headers stand in the middle. */
static void take_plain(struct reader *r)
{
    const char *p = r->p, *at = p;
    if (r->end - p >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
        p += 3;
    const struct header *h = &r->table->header;
    if (h->raw && p < r->end && *p == *h->raw) {
        const char *end = line_end(p, r->end);
        if (repeats_header(r, p, end)) {
            drop_row(r, CHUNK_REPEATED, 0);
            r->p = end;
            return;
        }
    }
    r->notes = 0;
    const char *end = take_cells(r, p);
    if (end) {
        keep_row(r, at);
    } else {
        end = line_end(p, r->end);
        if (p < end && *p == '#')
            drop_row(r, CHUNK_COMMENT, 0);
        else if (!is_blank_line(p, end))
            drop_row(r, CHUNK_RAGGED, count_cells(p, end, r->delimiter));
    }
    r->p = end;
}

/* --- rows with quotes, or parted by blanks ----------------------------------------------------------------------- */

static bool take_split(struct reader *r)
{
    struct record record;
    r->cells.at = (size_t)(r->p - r->cells.text);
    r->cells.line = r->line;
    enum record_status status = record_next(&r->cells, &record, &r->chunk->err);
    if (status != RECORD_READ)
        return false;
    const char *at = r->cells.text + record.at, *end = at + record.n_bytes;
    r->line = record.line - 1;
    r->notes = 0;
    bool fits = record.n == r->columns || (record.n == r->columns + 1 && record.cell[r->columns].n == 0);
    if (repeats_header(r, at, end))
        drop_row(r, CHUNK_REPEATED, 0);
    else if (!fits && *at == '#')
        drop_row(r, CHUNK_COMMENT, 0);
    else if (!fits)
        drop_row(r, CHUNK_RAGGED, record.n);
    for (size_t c = 0; fits && c < r->columns; c++)
        take_odd(r, c, record.cell[c].text, record.cell[c].n);
    if (fits && !repeats_header(r, at, end))
        keep_row(r, at);
    r->p = end;
    r->line = r->cells.line - 1; /* the caller counts the last line end */
    return true;
}

static bool take_row(struct reader *r, const char *chunk_end)
{
    const struct record_form *form = &r->table->dialect.form;
    if (form->blanks || r->p >= r->last ||
        (form->quotes && memchr(r->p, '"', (size_t)(line_end(r->p, chunk_end) - r->p))))
        return take_split(r);
    take_plain(r);
    return true;
}

void chunk_read(struct chunk *chunk, struct table *t)
{
    const char *text = t->text->text, *chunk_end = text + chunk->end;
    struct reader r = {.chunk = chunk,
                       .table = t,
                       .missing = t->missing,
                       .note = NEW_ARRAY(struct note, t->columns),
                       .row = chunk->slot,
                       .p = text + chunk->at,
                       .end = chunk_end,
                       .last = chunk_end,
                       .line = chunk->line,
                       .columns = t->columns,
                       .delimiter = t->dialect.form.delimiter,
                       .cells = {.text = text, .n = chunk->end, .form = t->dialect.form}};
    while (r.last > r.p && r.last[-1] != '\n')
        r.last--;
    chunk->tally = NEW_ARRAY(struct chunk_tally, t->columns);
    while (r.p < chunk_end) {
        if (*r.p != '\n' && !take_row(&r, chunk_end))
            break;
        r.line++;
        r.p += r.p < chunk_end;
    }
    ASSERT(chunk->rows <= chunk->most);
    record_close(&r.cells);
    free(r.note);
}

void chunk_free(struct chunk *chunk)
{
    free(chunk->tally);
    free(chunk->drop);
}
