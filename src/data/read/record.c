#include "data/read/record.h"

#include "base/memory.h"

#include <csv.h>

/* libcsv calls back cell by cell; cells are gathered by offset, because the buffer moves while it grows. */
struct record_split {
    struct csv_parser parser;
    char *buffer;
    size_t used, buffer_capacity;
    size_t *end; /* of each cell in the buffer */
    size_t cells, end_capacity;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_blank_text(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is_blank(text[i]))
            return false;
    return true;
}

/* --- where a record ends ----------------------------------------------------------------------------------------- */

static bool refuse_length(uint64_t line, struct error *err)
{
    return error_set(err, ERROR_DATA,
                     "the record that begins on line %llu is longer than %u bytes: is a quote not closed?",
                     (unsigned long long)line, RECORD_BYTES_MAX);
}

static bool refuse_quote(uint64_t line, const char *what, struct error *err)
{
    return error_set(err, ERROR_DATA, "line %llu: %s; put quotes around whole cells and double those inside",
                     (unsigned long long)line, what);
}

#define UNCLOSED SIZE_MAX

/* Behind the quote that closes the cell whose opening quote stands at `at`. */
static size_t close_quote(const char *text, size_t n, size_t at)
{
    const char *end = text + n, *p = text + at + 1;
    while (p < end && (p = memchr(p, '"', (size_t)(end - p)))) {
        if (p + 1 == end || p[1] != '"')
            return (size_t)(p - text) + 1;
        p += 2;
    }
    return UNCLOSED;
}

static uint64_t count_lines(const char *text, size_t n)
{
    uint64_t lines = 0;
    for (const char *p = text, *end = text + n; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
        lines++;
    return lines;
}

/* Walks over the cells of a record with quotes. */
static bool walk(const char *text, size_t n, const struct record_form *form, size_t *length, uint64_t line,
                 struct error *err)
{
    bool begin = true;
    for (size_t i = 0; i < n; i++) {
        bool parts = text[i] == form->delimiter || (form->blanks && text[i] == '\t');
        if (text[i] == '\n') {
            *length = i;
            return true;
        }
        if (begin && text[i] == '"') {
            uint64_t opened = line + count_lines(text, i);
            size_t end = close_quote(text, n, i);
            if (end == UNCLOSED)
                return n > RECORD_BYTES_MAX ? refuse_length(line, err)
                                            : refuse_quote(opened, "a quote is opened and never closed", err);
            while (end < n && is_blank(text[end]) && text[end] != form->delimiter)
                end++;
            if (end < n && text[end] != form->delimiter && text[end] != '\n' && !form->blanks)
                return refuse_quote(opened, "text stands behind a closing quote", err);
            i = end - 1;
            begin = false;
            continue;
        }
        begin = parts || (begin && is_blank(text[i]));
    }
    *length = n;
    return true;
}

enum record_status record_length(const char *text, size_t n, const struct record_form *form, size_t *length,
                                 uint64_t *lines, uint64_t line, struct error *err)
{
    size_t most = n <= RECORD_BYTES_MAX ? n : RECORD_BYTES_MAX + 1;
    const char *newline = memchr(text, '\n', most);
    *lines = 0;
    *length = newline ? (size_t)(newline - text) : most;
    if (form->quotes && memchr(text, '"', *length)) {
        if (!walk(text, most, form, length, line, err))
            return RECORD_BAD;
        *lines = count_lines(text, *length);
    }
    if (*length > RECORD_BYTES_MAX) {
        refuse_length(line, err);
        return RECORD_BAD;
    }
    return RECORD_READ;
}

/* --- cells ------------------------------------------------------------------------------------------------------- */

static void trim(struct record_cell *cell)
{
    while (cell->n > 0 && is_blank(cell->text[0])) {
        cell->text++;
        cell->n--;
    }
    while (cell->n > 0 && is_blank(cell->text[cell->n - 1]))
        cell->n--;
}

static bool add_cell(struct record_reader *r, size_t *n, const char *from, size_t length)
{
    if (*n == RECORD_CELLS_MAX)
        return false;
    r->cell = memory_grow(r->cell, &r->capacity, *n + 1, sizeof *r->cell);
    r->cell[*n] = (struct record_cell){from, length};
    trim(&r->cell[(*n)++]);
    return true;
}

static bool split_plain(struct record_reader *r, size_t *n, const char *text, size_t length)
{
    const char *from = text, *end = text + length;
    for (const char *p = text; p < end; p++) {
        if (*p != r->form.delimiter)
            continue;
        if (!add_cell(r, n, from, (size_t)(p - from)))
            return false;
        from = p + 1;
    }
    return add_cell(r, n, from, (size_t)(end - from));
}

static bool split_blanks(struct record_reader *r, size_t *n, const char *text, size_t length)
{
    for (size_t i = 0; i < length;) {
        if (is_blank(text[i])) {
            i++;
            continue;
        }
        bool quoted = text[i] == '"';
        size_t from = i + quoted;
        i = quoted ? close_quote(text, length, i) : i;
        i = i == UNCLOSED ? length : i;
        while (i < length && !is_blank(text[i]))
            i++;
        size_t end = quoted && i > from && text[i - 1] == '"' ? i - 1 : i;
        if (!add_cell(r, n, text + from, end - from))
            return false;
    }
    return true;
}

static void take_cell(void *data, size_t n, void *context)
{
    struct record_split *s = context;
    if (s->cells > RECORD_CELLS_MAX)
        return;
    s->end = memory_grow(s->end, &s->end_capacity, s->cells + 1, sizeof *s->end);
    s->buffer = memory_grow(s->buffer, &s->buffer_capacity, s->used + n + 1, 1);
    if (n > 0)
        memcpy(s->buffer + s->used, data, n);
    s->used += n;
    s->end[s->cells++] = s->used;
}

static void end_record(int terminator, void *context)
{
    (void)terminator;
    (void)context;
}

static struct record_split *splitter(struct record_reader *r, struct error *err)
{
    if (!r->split) {
        r->split = NEW(struct record_split);
        if (csv_init(&r->split->parser, 0) != 0) {
            free(r->split);
            r->split = NULL;
            error_set(err, ERROR_MEMORY, "no memory for the CSV splitter");
            return NULL;
        }
        csv_set_delim(&r->split->parser, (unsigned char)r->form.delimiter);
    }
    r->split->cells = r->split->used = 0;
    return r->split;
}

static bool split_quoted(struct record_reader *r, size_t *n, const char *text, size_t length, struct error *err)
{
    struct record_split *s = splitter(r, err);
    if (!s)
        return false;
    if (csv_parse(&s->parser, text, length, take_cell, end_record, s) != length ||
        csv_fini(&s->parser, take_cell, end_record, s) != 0)
        return error_set(err, ERROR_MEMORY, "line %llu cannot be split: %s", (unsigned long long)r->line + 1,
                         csv_strerror(csv_error(&s->parser)));
    if (s->cells > RECORD_CELLS_MAX)
        return false;
    for (size_t i = 0, from = 0; i < s->cells; from = s->end[i++])
        if (!add_cell(r, n, s->buffer + from, s->end[i] - from))
            return false;
    return true;
}

static bool split(struct record_reader *r, size_t *n, const char *text, size_t length, struct error *err)
{
    *n = 0;
    while (length > 0 && text[length - 1] == '\r')
        length--;
    if (r->form.blanks)
        return split_blanks(r, n, text, length);
    if (r->form.quotes && memchr(text, '"', length))
        return split_quoted(r, n, text, length, err);
    return split_plain(r, n, text, length);
}

enum record_status record_next(struct record_reader *r, struct record *out, struct error *err)
{
    while (r->at < r->n) {
        const char *text = r->text + r->at;
        size_t length = 0, n = 0;
        uint64_t lines, line = r->line + 1;
        if (record_length(text, r->n - r->at, &r->form, &length, &lines, line, err) != RECORD_READ)
            return RECORD_BAD;
        bool blank = is_blank_text(text, length);
        if (!blank && !split(r, &n, text, length, err)) {
            if (err && err->kind == ERROR_MEMORY)
                return RECORD_BAD;
            error_set(err, ERROR_DATA, "line %llu has more than %d cells; is it a table?", (unsigned long long)line,
                      RECORD_CELLS_MAX - 1);
            return RECORD_BAD;
        }
        *out = (struct record){line, r->at, length, r->cell, n};
        r->at += length + (r->at + length < r->n);
        r->line += lines + 1;
        if (!blank)
            return RECORD_READ;
    }
    return RECORD_END;
}

void record_close(struct record_reader *r)
{
    if (r->split) {
        csv_free(&r->split->parser);
        free(r->split->buffer);
        free(r->split->end);
    }
    free(r->split);
    free(r->cell);
    *r = (struct record_reader){0};
}
